//! The file of a phone that nobody configured, where the site lets phones
//! register by themselves. Nothing is known of it but its name: it is served a
//! file that every load reads, with one line that bears its name, and registers
//! with that. Only then is it known what it is, and stored; nothing is stored
//! here, or whoever asks for files could fill the site with phones.

use super::super::deliveries::OnItsWay;
use super::super::newcomers::FirstFile;
use super::{Resolver, Unable, lock};
use crate::model::{
    Basis, DeviceName, Dialect, Features, LogoutProfile, ObjectId, Phone, Protocol, SipSecret,
    VendorConfig, Wanted,
};
use crate::ports::{FileAnswer, FileRequest, FileService};

/// What such a phone is sent.
#[derive(Clone, Copy)]
enum Form {
    /// XML that every load reads, for one of this protocol.
    Xml(Protocol),
    /// The form that its load alone reads.
    Own(Dialect),
}

/// No stored object has it.
const NOBODY: ObjectId = ObjectId(0);

impl Resolver {
    /// Whether a phone that is not configured may register by itself.
    pub(super) fn takes(&self, device: &DeviceName) -> bool {
        let world = self.parts.store.world();
        world.phone(device).is_none() && world.takes_newcomer(device)
    }

    /// `SEP<MAC>.cnf.xml` of a phone that nobody configured.
    pub(super) fn newcomers_file(&self, request: &FileRequest, device: &DeviceName) -> FileAnswer {
        match self.first_file(request, device) {
            FirstFile::Xml(protocol) => self.answer_newcomer(request, device, Form::Xml(protocol)),
            FirstFile::Text => {
                let outcome = "not found: it may be a 7940 or 7960 with a SIP load";
                self.record_file(request, Some(device), outcome.to_owned(), None);
                FileAnswer::NotFound
            }
        }
    }

    /// `SIP<MAC>.cnf` of such a phone; nothing when it is not for it.
    pub(super) fn newcomers_text(
        &self,
        request: &FileRequest,
        device: &DeviceName,
    ) -> Option<FileAnswer> {
        let now = self.parts.clock.monotonic();
        let reads_text = self.takes(device) && lock(&self.first_files).reads_text(device, now);
        reads_text.then(|| self.answer_newcomer(request, device, Form::Own(Dialect::SipText)))
    }

    /// `ld<mac>` or `gk<mac>` of a phone that nobody configured, unless it asked
    /// for it behind an XML file, as SCCP loads do.
    pub(super) fn newcomers_profile(
        &self,
        request: &FileRequest,
        device: &DeviceName,
    ) -> FileAnswer {
        if self.takes(device) && !self.took_its_file(request, device) {
            return self.answer_newcomer(request, device, Form::Own(Dialect::SipProfile));
        }
        FileAnswer::NotFound
    }

    fn answer_newcomer(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        form: Form,
    ) -> FileAnswer {
        let dialect = match form {
            Form::Xml(_) => Dialect::SipLong,
            Form::Own(dialect) => dialect,
        };
        let made = self.stand_in(device, dialect).and_then(|(wanted, basis)| {
            let reach = self.reach(request)?;
            let ctx = self.context(&reach);
            let renderer = &self.parts.renderer;
            let body = match form {
                Form::Own(dialect) if dialect.is_compiled() => {
                    renderer.compiled_file(&wanted, dialect, &ctx)?
                }
                Form::Own(_) => renderer.boot_file(&wanted, &ctx)?,
                Form::Xml(protocol) => renderer.newcomer(&wanted, protocol, &ctx)?,
            };
            Ok((body, wanted.stamps.file, basis))
        });
        match made {
            Ok((body, file, basis)) => {
                let outcome = "sent to a phone that is not configured; it may register by itself";
                self.record_file(request, Some(device), outcome.to_owned(), Some(file));
                let now = self.parts.clock.monotonic();
                let address = request.peer.ip().to_canonical();
                lock(&self.fetchers).note(address, device.clone(), now);
                let ticket = lock(&self.tickets).issue(OnItsWay {
                    device: device.clone(),
                    file,
                    basis,
                });
                FileAnswer::Found { body, ticket }
            }
            Err(why) => {
                self.record_file(request, Some(device), why.to_string(), None);
                why.answer()
            }
        }
    }

    /// Which file it gets. Who asks over HTTP has no load that reads lines of
    /// text, and most have SIP loads alone.
    fn first_file(&self, request: &FileRequest, device: &DeviceName) -> FirstFile {
        let over_tftp = request.service == FileService::Tftp;
        let guess = if over_tftp {
            let world = self.parts.store.world();
            world.parameters.auto_registration.phone_protocol
        } else {
            Protocol::Sip
        };
        let now = self.parts.clock.monotonic();
        lock(&self.first_files).next(device, guess, over_tftp, now)
    }

    /// What is wanted on a phone of which only the name is known.
    fn stand_in(&self, device: &DeviceName, dialect: Dialect) -> Result<(Wanted, Basis), Unable> {
        let model = self
            .parts
            .catalogue
            .stand_in(dialect)
            .ok_or(Unable::Unknown)?;
        let world = self.parts.store.world();
        let phone = Phone {
            id: NOBODY,
            name: device.clone(),
            model: model.name.clone(),
            protocol: Some(Protocol::Sip),
            observed_protocol: None,
            observed_model: None,
            extension_mobility: false,
            logout_profile: LogoutProfile::UseCurrentSettings,
            locale: None,
            device_pool: world.parameters.auto_registration.device_pool.clone(),
            owner: None,
            description: String::new(),
            load: None,
            features: Features::default(),
            confirm_logout: None,
            vendor_config: VendorConfig::default(),
            lines: Vec::new(),
            speed_dials: Vec::new(),
            services: Vec::new(),
            sip_secret: SipSecret::new(""),
            auto_registered: None,
        };
        let (mut wanted, _) = world
            .wanted_with(&self.parts.catalogue, &phone, None)
            .ok_or_else(|| Unable::NoModel(model.name.clone()))?;
        // The load of a pool is for phones of the stand-in's model.
        wanted.file.load = None;
        Ok((wanted, world.basis(NOBODY)))
    }
}
