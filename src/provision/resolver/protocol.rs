//! What a request shows of the load that a phone runs, and the files by which a
//! 7940 or 7960 picks its protocol.

use super::super::firmware::Whole;
use super::super::names::FileName;
use super::super::statics::off_the_async_threads;
use super::{Resolver, Unable, lock};
use crate::model::{DeviceName, Dialect, LoadName, Protocol};
use crate::ports::{FileAnswer, FileRequest, FileService};

impl Resolver {
    /// Whether the boot file of a phone is `SIP<MAC>.cnf`. The first of the two
    /// that a 7940 or 7960 finds picks its protocol: the other is not found.
    pub(super) fn reads_text(&self, device: &DeviceName) -> bool {
        let world = self.parts.store.world();
        let Some(phone) = world.phone(device) else {
            return false;
        };
        let model = self.parts.catalogue.model(phone.served_model());
        model
            .and_then(|model| model.facts(phone.protocol_or(model.first_protocol())))
            .is_some_and(|facts| facts.dialect.is_text())
    }

    pub(super) fn sip_text_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        device: &DeviceName,
    ) -> FileAnswer {
        if self.reads_text(device) {
            return self.boot_file(request, name, device);
        }
        if let Some(answer) = self.newcomers_text(request, device) {
            return answer;
        }
        let answer = self.static_file(name);
        if !self.is_configured(device) {
            return answer;
        }
        if matches!(answer, FileAnswer::NotFound) && self.was_told_to_go_on(device) {
            return self.text_on_trial(request, device);
        }
        let is_of_sip = !self.took_its_file(request, device);
        if is_of_sip && self.protocol_seen(device, Protocol::Sip) && self.may_read_text(device) {
            return match answer {
                FileAnswer::NotFound => {
                    self.unable(request, device, &Unable::OtherProtocol(Protocol::Sip))
                }
                own => own,
            };
        }
        if matches!(answer, FileAnswer::NotFound) {
            self.note(
                device,
                format!(
                    "asked for {}, the boot file of a SIP load, and is served over SCCP",
                    name.as_str()
                ),
            );
        }
        answer
    }

    /// Whether this phone found no XML file a moment ago, because of
    /// [`Self::is_texts_turn`].
    fn was_told_to_go_on(&self, device: &DeviceName) -> bool {
        let now = self.parts.clock.monotonic();
        self.has_an_open_load(device) && lock(&self.first_files).is_told_to_go_on(device, now)
    }

    /// Whether a phone is a model whose SIP loads read lines of text.
    fn may_read_text(&self, device: &DeviceName) -> bool {
        let world = self.parts.store.world();
        world.phone(device).is_some_and(|phone| {
            let model = self.parts.catalogue.model(phone.served_model());
            let facts = model.and_then(|model| model.facts(Protocol::Sip));
            facts.is_some_and(|facts| facts.dialect.is_text())
        })
    }

    /// Whether a phone is a 7940 or 7960 of which nothing tells its load: it was
    /// configured without a protocol, never registered, and is told no load.
    fn has_an_open_load(&self, device: &DeviceName) -> bool {
        let is_open = {
            let world = self.parts.store.world();
            world.phone(device).is_some_and(|phone| {
                let said = phone.protocol.or(phone.observed_protocol);
                let wanted = || world.wanted(&self.parts.catalogue, phone.id);
                said.is_none() && wanted().is_some_and(|wanted| wanted.file.load.is_none())
            })
        };
        let is_away = || self.parts.presence.registration(device).is_none();
        is_open && is_away() && self.may_read_text(device)
    }

    /// Whether such a phone is to find no XML file this time: with a SIP load the
    /// first file that it finds may be of no use to it, and then it boots again
    /// and asks for the same.
    ///
    /// Loads of both protocols ask on for `SIP<MAC>.cnf` then: that they do shows
    /// nothing, and nothing is stored.
    pub(super) fn is_texts_turn(&self, request: &FileRequest, device: &DeviceName) -> bool {
        if request.service != FileService::Tftp || !self.has_an_open_load(device) {
            return false;
        }
        let now = self.parts.clock.monotonic();
        lock(&self.first_files).is_texts_turn(device, now)
    }

    /// A 7905 or 7912 with an SCCP load asks for its profile behind the file that
    /// it boots from; one with a SIP load for nothing else. Whether it is that,
    /// and is served over SCCP until now.
    pub(super) fn shows_sip_by_its_profile(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        dialect: Dialect,
    ) -> bool {
        let shows = dialect == Dialect::SipProfile
            && self.reads_profile(device, Some(Protocol::Sip))
            && self.may_be_it(request, device)
            && !self.took_its_file(request, device);
        if shows {
            self.protocol_seen(device, Protocol::Sip);
        }
        shows
    }

    /// The SIP loads of 7905 and 7912 ask for no XML file. Whether one that is
    /// served over SIP until now asks for it.
    pub(super) fn shows_sccp_by_its_file(
        &self,
        request: &FileRequest,
        device: &DeviceName,
    ) -> bool {
        let shows = request.service == FileService::Tftp
            && self.reads_profile(device, None)
            && self.may_be_it(request, device);
        if shows {
            self.protocol_seen(device, Protocol::Sccp);
        }
        shows
    }

    /// Whether who asks may be the phone: while that is registered, from its own
    /// address alone.
    fn may_be_it(&self, request: &FileRequest, device: &DeviceName) -> bool {
        let address = request.peer.ip().to_canonical();
        let registered = self.parts.presence.registration(device);
        registered.is_none_or(|phone| phone.peer.ip().to_canonical() == address)
    }

    /// Whether the boot file of a phone is `ld<mac>` or `gk<mac>` with a load of
    /// this protocol, or `None`: of the one that it is served over.
    fn reads_profile(&self, device: &DeviceName, protocol: Option<Protocol>) -> bool {
        let world = self.parts.store.world();
        let Some(phone) = world.phone(device) else {
            return false;
        };
        let model = self.parts.catalogue.model(phone.served_model());
        model
            .and_then(|model| {
                let served = || phone.protocol_or(model.first_protocol());
                model.facts(protocol.unwrap_or_else(served))
            })
            .is_some_and(|facts| facts.dialect == Dialect::SipProfile)
    }

    /// An operator's `OS79XX.TXT`, while the load that it names is there: else
    /// old phones ask for that without end. What stands around the name is left
    /// out: such phones ask for a file with a blank in its name (CSCdv19260).
    pub(super) fn old_image(&self, name: &FileName) -> FileAnswer {
        let answer = self.static_file(name);
        let FileAnswer::Found { body, ticket } = answer else {
            return answer;
        };
        let image = String::from_utf8_lossy(&body).trim().to_owned();
        let staged = LoadName::new(&image).is_ok_and(|load| {
            off_the_async_threads(|| self.static_files().whole(&load)) == Whole::Yes
        });
        if !staged {
            let image: String = image.chars().take(64).collect();
            tracing::debug!(
                image,
                "OS79XX.TXT is not served: the image that it names is not in the folder"
            );
            return FileAnswer::NotFound;
        }
        FileAnswer::Found {
            body: bytes::Bytes::from(image),
            ticket,
        }
    }

    pub(super) fn locale_archive(
        &self,
        request: &FileRequest,
        name: &FileName,
        load: Protocol,
    ) -> FileAnswer {
        let now = self.parts.clock.monotonic();
        let address = request.peer.ip().to_canonical();
        let device = lock(&self.fetchers).booting(address, now).cloned();
        if let Some(device) = device {
            if self.takes(&device) {
                lock(&self.first_files).shown(&device, load, now);
            }
            self.protocol_seen(&device, load);
        }
        self.static_file(name)
    }

    /// Whether this phone got its file at this address a moment ago.
    pub(super) fn took_its_file(&self, request: &FileRequest, device: &DeviceName) -> bool {
        let now = self.parts.clock.monotonic();
        let address = request.peer.ip().to_canonical();
        lock(&self.fetchers).took_xml(address, device, now)
    }

    /// Passes on that a phone runs a load of `protocol`, when that is not what
    /// it is served over and its model has such loads.
    ///
    /// Where the file picks the protocol of the phone, a word of anybody who
    /// asks for a file would take the other one away from it: there the operator
    /// must have left the protocol open, and the phone not be registered.
    ///
    /// Whether it was passed on: it is served so from its next question on.
    fn protocol_seen(&self, device: &DeviceName, protocol: Protocol) -> bool {
        let differs = {
            let world = self.parts.store.world();
            world.phone(device).is_some_and(|phone| {
                let model = self.parts.catalogue.model(phone.served_model());
                let facts = model.and_then(|model| model.facts(protocol).zip(Some(model)));
                facts.is_some_and(|(facts, model)| {
                    let open = phone.protocol.is_none()
                        && self.parts.presence.registration(device).is_none();
                    phone.protocol_or(model.first_protocol()) != protocol
                        && (open || !facts.dialect.is_text())
                })
            })
        };
        if let Some(listeners) = self.listeners.get().filter(|_| differs) {
            listeners.protocol.seen(device, protocol);
            return true;
        }
        false
    }
}
