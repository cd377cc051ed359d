//! The boot file of a phone: as it was made before, or made now; with its load
//! only while that can be fetched whole, and with its secrets only where they
//! may go.

use std::net::{IpAddr, SocketAddr};

use super::super::deliveries::OnItsWay;
use super::super::firmware::Whole;
use super::super::names::FileName;
use super::super::recent::{BootFile, Reach};
use super::super::render::RenderError;
use super::super::statics::off_the_async_threads;
use super::{MOST_TOLD, Resolver, Unable, lock};
use crate::model::{Basis, DeviceName, Dialect, LoadName, Protocol, Wanted};
use crate::ports::{FileAnswer, FileRequest};

struct Made {
    file: BootFile,
    /// Where the phone is registered from, when that is another address.
    elsewhere: Option<IpAddr>,
}

impl Resolver {
    fn basis(&self, device: &DeviceName) -> Result<Basis, Unable> {
        if self.ports.get().is_none() {
            return Err(Unable::Starting);
        }
        let world = self.parts.store.world();
        let phone = world.phone(device).ok_or(Unable::Unknown)?;
        Ok(world.basis(phone.id))
    }

    /// What is wanted, and what that rests on: both of one moment.
    fn wanted(&self, device: &DeviceName) -> Result<(Wanted, Basis), Unable> {
        let world = self.parts.store.world();
        let phone = world.phone(device).ok_or(Unable::Unknown)?;
        let wanted = world
            .wanted(&self.parts.catalogue, phone.id)
            .ok_or_else(|| Unable::NoModel(phone.served_model().clone()))?;
        Ok((wanted, world.basis(phone.id)))
    }

    fn make_boot_file(&self, request: &FileRequest, device: &DeviceName) -> Result<Made, Unable> {
        let basis = self.basis(device)?;
        let reach = self.reach(request);
        let kept = reach
            .as_ref()
            .ok()
            .and_then(|reach| lock(&self.recent).find(device, reach, basis))
            .filter(|file| self.tells_the_load_rightly(device, file));
        if let Some(file) = kept {
            let elsewhere = self.elsewhere(request, device, file.has_secret)?;
            return Ok(Made { file, elsewhere });
        }
        let (wanted, basis) = self.wanted(device)?;
        let has_secret = wanted.file.sip_secret.is_some();
        let elsewhere = self.elsewhere(request, device, has_secret)?;
        let file = self.written(device, &wanted, basis, reach?)?;
        Ok(Made { file, elsewhere })
    }

    /// The file as it was written before, if nothing in it has changed.
    fn written(
        &self,
        device: &DeviceName,
        wanted: &Wanted,
        basis: Basis,
        reach: Reach,
    ) -> Result<BootFile, RenderError> {
        let stamp = wanted.stamps.file;
        let same = lock(&self.recent).renew(device, &reach, stamp, basis);
        if let Some(file) = same.filter(|file| self.tells_the_load_rightly(device, file)) {
            return Ok(file);
        }
        let mut told = std::borrow::Cow::Borrowed(wanted);
        let load = wanted.file.load.as_ref().map(|load| {
            let is_whole = self.load_is_whole(device, load);
            if !is_whole {
                told.to_mut().file.load = None;
            }
            (load.clone(), is_whole)
        });
        let body = self
            .parts
            .renderer
            .boot_file(&told, &self.context(&reach))?;
        let file = BootFile {
            load,
            basis,
            stamp,
            has_secret: wanted.file.sip_secret.is_some(),
            body,
        };
        lock(&self.recent).keep(device, reach, file.clone());
        Ok(file)
    }

    /// Whether a file that was made before tells its load if and only if that
    /// can be fetched now.
    fn tells_the_load_rightly(&self, device: &DeviceName, file: &BootFile) -> bool {
        let load = file.load.as_ref();
        load.is_none_or(|(load, told)| self.load_is_whole(device, load) == *told)
    }

    /// Whether a phone may be told its load; told once when it may not: it
    /// would ask for what is missing over and over.
    fn load_is_whole(&self, device: &DeviceName, load: &LoadName) -> bool {
        let whole = off_the_async_threads(|| self.static_files().whole(load));
        if whole == Whole::Yes {
            return true;
        }
        let mut told = lock(&self.told);
        let key = (device.clone(), load.clone());
        if told.len() < MOST_TOLD && told.insert(key) {
            drop(told);
            let text = format!(
                "load {load} {whole}; the phone keeps the load it runs. Stage it (embody stage), \
                 then restart the phone"
            );
            self.note(device, text);
        }
        false
    }

    /// Where the phone is registered from, when the file holds a secret and
    /// that is another address than the one that asks.
    fn elsewhere(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        has_secret: bool,
    ) -> Result<Option<IpAddr>, Unable> {
        if !has_secret {
            return Ok(None);
        }
        match self.registered_elsewhere(device, request.peer) {
            Some(address) if self.parts.settings.restrict_files => Err(Unable::Elsewhere(address)),
            elsewhere => Ok(elsewhere),
        }
    }

    fn registered_elsewhere(&self, device: &DeviceName, peer: SocketAddr) -> Option<IpAddr> {
        let registered = self.parts.presence.registration(device)?;
        let address = registered.peer.ip().to_canonical();
        (address != peer.ip().to_canonical()).then_some(address)
    }

    pub(super) fn boot_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        device: &DeviceName,
    ) -> FileAnswer {
        if self.shows_sccp_by_its_file(request, device) {
            return self.unable(request, device, &Unable::OtherProtocol(Protocol::Sccp));
        }
        match self.make_boot_file(request, device) {
            Err(Unable::Unknown) if self.takes(device) => self.newcomers_file(request, device),
            // Not the name of a desk phone: an operator's own file may have it.
            Err(Unable::Unknown) if device.mac().is_none() => self.static_file(name),
            made => self.answer(request, device, made),
        }
    }

    /// `SEP<MAC>.cnf`, `ata<mac>`, `ld<mac>` or `gk<mac>`, for a device that
    /// reads this form; the first also for a 7940 or 7960 with an SCCP load, for
    /// those of before the XML files ask for it. These are small and seldom asked
    /// for: they are not kept.
    pub(super) fn compiled_file(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        dialect: Dialect,
    ) -> FileAnswer {
        match self.make_compiled_file(request, device, dialect) {
            Err(Unable::Unknown) if dialect == Dialect::SipProfile => {
                self.newcomers_profile(request, device)
            }
            Ok(None) if self.shows_sip_by_its_profile(request, device, dialect) => {
                self.unable(request, device, &Unable::OtherProtocol(Protocol::Sip))
            }
            // An SCCP load asks for it behind its own file, and goes on without.
            Ok(Some(_))
                if dialect == Dialect::SipProfile && self.took_its_file(request, device) =>
            {
                FileAnswer::NotFound
            }
            Ok(None) | Err(Unable::Unknown) => FileAnswer::NotFound,
            Ok(Some(made)) => self.answer(request, device, Ok(made)),
            Err(why) => self.unable(request, device, &why),
        }
    }

    /// `None`: it reads files of another form.
    fn make_compiled_file(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        dialect: Dialect,
    ) -> Result<Option<Made>, Unable> {
        let reach = self.reach(request);
        if let Err(Unable::Starting) = reach {
            return Err(Unable::Starting);
        }
        let (wanted, basis) = self.wanted(device)?;
        let before_xml =
            dialect == Dialect::SccpLegacy && wanted.file.dialect == Dialect::SccpShort;
        if wanted.file.dialect != dialect && !before_xml {
            return Ok(None);
        }
        let has_secret = dialect == Dialect::SipProfile && wanted.file.sip_secret.is_some();
        let elsewhere = self.elsewhere(request, device, has_secret)?;
        let body = self
            .parts
            .renderer
            .compiled_file(&wanted, dialect, &self.context(&reach?))?;
        let file = without_load(&wanted, basis, has_secret, body);
        Ok(Some(Made { file, elsewhere }))
    }

    /// `SIP<MAC>.cnf` for a phone of which nothing shows that it has a SIP load.
    /// When it registers with it, that does.
    pub(super) fn text_on_trial(&self, request: &FileRequest, device: &DeviceName) -> FileAnswer {
        let made = self.make_text_on_trial(request, device);
        self.answer(request, device, made)
    }

    fn make_text_on_trial(
        &self,
        request: &FileRequest,
        device: &DeviceName,
    ) -> Result<Made, Unable> {
        let reach = self.reach(request)?;
        let (wanted, basis) = {
            let world = self.parts.store.world();
            let mut phone = world.phone(device).ok_or(Unable::Unknown)?.as_ref().clone();
            phone.protocol = Some(Protocol::Sip);
            let session = world.sessions.get(&phone.id);
            let (wanted, _) = world
                .wanted_with(&self.parts.catalogue, &phone, session)
                .ok_or_else(|| Unable::NoModel(phone.served_model().clone()))?;
            (wanted, world.basis(phone.id))
        };
        let has_secret = wanted.file.sip_secret.is_some();
        let elsewhere = self.elsewhere(request, device, has_secret)?;
        let ctx = self.context(&reach);
        let body = self.parts.renderer.boot_file(&wanted, &ctx)?;
        let file = without_load(&wanted, basis, has_secret, body);
        Ok(Made { file, elsewhere })
    }

    /// Sends a boot file, and writes it down.
    fn answer(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        made: Result<Made, Unable>,
    ) -> FileAnswer {
        match made {
            Ok(made) => {
                let outcome = made.elsewhere.map_or_else(
                    || "sent".to_owned(),
                    |address| format!("sent, with secrets; the phone is registered from {address}"),
                );
                let BootFile {
                    basis, stamp, body, ..
                } = made.file;
                self.record_file(request, Some(device), outcome, Some(stamp));
                let now = self.parts.clock.monotonic();
                let address = request.peer.ip().to_canonical();
                lock(&self.fetchers).note(address, device.clone(), now);
                let ticket = lock(&self.tickets).issue(OnItsWay {
                    device: device.clone(),
                    file: stamp,
                    basis,
                });
                FileAnswer::Found { body, ticket }
            }
            Err(why) => self.unable(request, device, &why),
        }
    }

    /// Writes down why there is no boot file.
    pub(super) fn unable(
        &self,
        request: &FileRequest,
        device: &DeviceName,
        why: &Unable,
    ) -> FileAnswer {
        self.record_file(request, Some(device), why.to_string(), None);
        why.answer()
    }
}

/// A file that tells no load.
fn without_load(wanted: &Wanted, basis: Basis, has_secret: bool, body: bytes::Bytes) -> BootFile {
    BootFile {
        load: None,
        basis,
        stamp: wanted.stamps.file,
        has_secret,
        body,
    }
}
