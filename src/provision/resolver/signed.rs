//! Trust lists and the signed forms of files, and phones that ask for them
//! where nothing is signed.

use super::super::names::{Artefact, FileName};
use super::super::statics::off_the_async_threads;
use super::super::trust::{Asked, SealError, asked};
use super::{Resolver, found};
use crate::model::DeviceName;
use crate::ports::{FileAnswer, FileRequest, FileService};

impl Resolver {
    /// A trust list, or the signed form of a file; nothing when the name asks
    /// for neither, or nothing is signed here.
    pub(super) fn signed(
        &self,
        request: &FileRequest,
        name: &FileName,
        unsigned: &dyn Fn(FileName) -> FileAnswer,
    ) -> Option<FileAnswer> {
        let signing = self.signing.get()?;
        let plain = match asked(name.as_str()) {
            Asked::Plain => return None,
            Asked::TrustList(device) => {
                let device = device.filter(|device| self.is_configured(device));
                self.record_file(request, device.as_ref(), "sent".to_owned(), None);
                return Some(found(signing.trust_list()));
            }
            Asked::Signed(plain) => FileName::parse(plain.as_bytes(), FileService::Tftp).ok()?,
        };
        if request.service == FileService::Https
            && matches!(plain.artefact(), Artefact::BootFile(_))
        {
            return Some(unsigned(plain));
        }
        // What somebody signed already is whole as it is; but never in place of
        // what is made here: it may be left over from another call manager.
        if plain.artefact().may_be_static() {
            match self.static_file(name) {
                FileAnswer::NotFound => {}
                answer => return Some(answer),
            }
        }
        let (body, ticket) = match unsigned(plain) {
            FileAnswer::Found { body, ticket } => (body, ticket),
            answer => return Some(answer),
        };
        let sealed = off_the_async_threads(|| signing.signed(name.as_str(), &body));
        Some(match sealed {
            Ok(body) => FileAnswer::Found { body, ticket },
            Err(SealError::TooLong) => FileAnswer::NotFound,
            Err(SealError::Busy) => FileAnswer::Busy,
            Err(error) => {
                tracing::error!(name = name.as_str(), %error, "a file cannot be signed");
                FileAnswer::Busy
            }
        })
    }

    /// A phone that holds a trust list takes no unsigned file: the operator
    /// has to erase it at the phone.
    pub(super) fn signed_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        device: &DeviceName,
    ) -> FileAnswer {
        let answer = self.static_file(name);
        if matches!(answer, FileAnswer::NotFound) && self.is_configured(device) {
            self.note(
                device,
                format!(
                    "asked {} for a signed file: it trusts another call manager; \
                     erase its security settings (ITL, CTL) at the phone",
                    request.peer.ip()
                ),
            );
        }
        answer
    }
}
