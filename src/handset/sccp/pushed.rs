//! What a server pushes to the display, and what the phone answers.

use super::session::Session;
use crate::handset::event::{HandsetEvent, Pushed};
use crate::handset::fault::{Fault, PageFault};
use crate::handset::life::Ending;
use crate::handset::phone::Phone;
use crate::handset::uri::InternalUri;
use crate::phonexml::{Object, Strictness, parse};
use crate::sccp::wire::{Opaque, PhoneMessage, Sequence, UserData};

/// The most that a phone puts together of several parts, bytes.
const MOST: usize = 16 * 1024;

/// The answer of a phone that shows the object.
const SHOWN: &str = "<CiscoIPPhoneResponse><ResponseItem Status=\"0\" Data=\"Success\" \
                     URL=\"\"/></CiscoIPPhoneResponse>";

/// The answer of a phone that cannot read it (error 1, *error parsing*).
const UNREADABLE: &str = "<CiscoIPPhoneError Number=\"1\"/>";

impl Session<'_> {
    /// Joins the parts, shows the object, and answers under the same numbers.
    pub(super) async fn take_push(&mut self, data: UserData) -> Result<(), Ending> {
        if data.sequence == Sequence::FIRST {
            self.pushed.clear();
        }
        if self.pushed.len() + data.data.0.len() <= MOST {
            self.pushed.extend_from_slice(&data.data.0);
        }
        if data.sequence != Sequence::LAST {
            return Ok(());
        }
        let whole = std::mem::take(&mut self.pushed);
        let shared = &self.phone.shared;
        let profile = &self.phone.profile;
        let parser = Strictness::of(profile.model.number, &profile.load);
        let answer = match parse(&whole, parser) {
            Ok(object) => {
                shared.set_pushed(seen(&object));
                obey(self.phone, &object);
                SHOWN
            }
            Err(fault) => {
                let url = "(pushed)".to_owned();
                let fault = PageFault::Xml(fault);
                shared.fault(Fault::Page { url, fault });
                UNREADABLE
            }
        };
        let answer = UserData {
            data: Opaque::from(answer),
            ..data
        };
        self.link
            .send(&PhoneMessage::DeviceToUserDataResponse(answer))
            .await
    }
}

/// Orders that need no page.
fn obey(phone: &Phone, object: &Object) {
    let Object::Execute(execute) = object else {
        return;
    };
    for item in execute.items() {
        match InternalUri::read(item.url.as_str()) {
            InternalUri::ClearCallHistory => phone.shared.tell(HandsetEvent::CallHistoryCleared),
            InternalUri::CloseServices => phone.shared.close_window(),
            _ => {}
        }
    }
}

fn seen(object: &Object) -> Pushed {
    let title = object.frame().map(|frame| frame.title.as_str());
    let text = match object {
        Object::Text(text) => text.text.as_str(),
        _ => "",
    };
    Pushed {
        object: object.name(),
        title: title.unwrap_or_default().to_owned(),
        text: text.to_owned(),
    }
}
