//! What a REGISTER says about who sent it.
//!
//! The number is no identity: the same one may be on many phones. A phone
//! names itself in up to four places; they are read in the order of trust, and
//! places that say different things are refused. The domain in Request-URI,
//! From and To is not looked at.

use crate::model::DeviceName;
use crate::sip::wire::{CiscoAlarm, Contact, Headers, Mac, Uri, mac_in_call_id};

/// Two places of one REGISTER name different phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it names two different phones")]
pub struct Contradiction;

/// Who a REGISTER says it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Device names: the parameter of the Contact, then `Name=` in Reason.
    named: Vec<DeviceName>,
    /// Desk phones by the MAC address in `+sip.instance`.
    instances: Vec<DeviceName>,
    /// Hints that count only when they lead to a phone that there is.
    hints: Vec<DeviceName>,
    /// The line: the user part of To.
    line: Option<String>,
}

impl Claims {
    /// Reads all places.
    pub(super) fn of(headers: &Headers, contacts: &[Contact], alarm: Option<&CiscoAlarm>) -> Self {
        let mut claims = Self::default();
        for contact in contacts {
            let name = contact.device_name();
            add(
                &mut claims.named,
                name.and_then(|name| DeviceName::new(name).ok()),
            );
            let mac = contact.instance().and_then(|instance| instance.mac());
            add(&mut claims.instances, mac.map(desk_phone));
        }
        let name = alarm.and_then(|alarm| alarm.name.as_deref());
        add(
            &mut claims.named,
            name.and_then(|name| DeviceName::new(name).ok()),
        );
        let mac = headers.call_id().ok().and_then(mac_in_call_id);
        add(&mut claims.hints, mac.map(desk_phone));
        let user = headers.to().ok().and_then(|to| match to.uri {
            Uri::Sip(uri) => uri.user_text(),
            Uri::Other { .. } => None,
        });
        // A line without a number goes by the name of its phone.
        let by_name = user
            .as_deref()
            .and_then(|user| DeviceName::new(user).ok())
            .filter(|name| name.mac().is_some());
        add(&mut claims.hints, by_name);
        claims.line = user;
        claims
    }

    /// The phone that it names.
    ///
    /// # Errors
    /// [`Contradiction`] when it names several.
    pub fn device(&self) -> Result<Option<&DeviceName>, Contradiction> {
        match self.named.first().or(self.instances.first()) {
            Some(device) if self.agree_with(device) => Ok(Some(device)),
            Some(_) => Err(Contradiction),
            None => Ok(None),
        }
    }

    /// Whether nothing that it says speaks against this phone. The MAC address
    /// of an instance says nothing about names that hold none, such as those
    /// of soft phones.
    pub fn agree_with(&self, device: &DeviceName) -> bool {
        self.named.iter().all(|name| name == device)
            && (device.mac().is_none() || self.instances.iter().all(|name| name == device))
    }

    /// Phones that it may be, should they be configured.
    pub fn hints(&self) -> &[DeviceName] {
        &self.hints
    }

    /// The line that it registers.
    pub fn line(&self) -> Option<&str> {
        self.line.as_deref()
    }
}

fn add(to: &mut Vec<DeviceName>, name: Option<DeviceName>) {
    to.extend(name);
    to.dedup();
}

/// The name of a desk phone with this MAC address.
fn desk_phone(mac: Mac) -> DeviceName {
    DeviceName::from_mac(mac.0)
}
