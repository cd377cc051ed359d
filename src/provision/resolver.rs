//! The one resolver behind TFTP and HTTP.
//!
//! *Not found* comes at once, and only for what does not exist. What exists
//! and cannot be made now is *busy*: a wrong *not found* of its boot file
//! brings up the previous user's lines from the flash of a phone.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use super::deliveries::{Delivered, Fetchers, OnItsWay, Tickets};
use super::firmware::Whole;
use super::names::{Artefact, FileName};
use super::recent::{BootFile, Reach, RecentFiles};
use super::render::{RenderContext, RenderError, Renderer};
use super::settings::Settings;
use super::statics::{StaticAnswer, StaticFiles, off_the_async_threads};
use super::trust::{Asked, SealError, Signing, asked};
use super::view::AdvertisedPorts;
use crate::model::{Basis, Catalogue, DeviceName, LoadName, ModelName, Protocol, Stamp, Wanted};
use crate::ports::{
    Clock, Deliveries, Delivery, Event, EventKind, FileAnswer, FileRequest, FileService,
    FileSource, Journal, Presence, Sightings, StagedLoads, Store,
};

/// Told which protocol a phone's load speaks, when its requests show another
/// one than it is served over. Called on the path of a request: must return at
/// once.
pub trait ProtocolSeen: Send + Sync + 'static {
    /// `device` showed that it runs a load of `protocol`.
    fn seen(&self, device: &DeviceName, protocol: Protocol);
}

/// What a [`Resolver`] is put together from.
pub struct ResolverParts {
    /// What is stored.
    pub store: Arc<dyn Store>,
    /// The phone models.
    pub catalogue: Arc<Catalogue>,
    /// Makes the files.
    pub renderer: Arc<Renderer>,
    /// The folder of static files, if there is one.
    pub static_folder: Option<PathBuf>,
    /// Where it is written down.
    pub journal: Arc<dyn Journal>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who is registered.
    pub presence: Arc<dyn Presence>,
    /// What the operator decides.
    pub settings: Settings,
}

struct Listeners {
    sightings: Arc<dyn Sightings>,
    protocol: Arc<dyn ProtocolSeen>,
}

/// File names to bytes.
pub struct Resolver {
    parts: ResolverParts,
    ports: OnceLock<AdvertisedPorts>,
    listeners: OnceLock<Listeners>,
    signing: OnceLock<Signing>,
    statics: RwLock<Arc<StaticFiles>>,
    tickets: Mutex<Tickets>,
    delivered: Mutex<Delivered>,
    fetchers: Mutex<Fetchers>,
    recent: Mutex<RecentFiles>,
    /// Which phone was not told which load.
    told: Mutex<HashSet<(DeviceName, LoadName)>>,
}

/// Phones and loads remembered in [`Resolver::told`], at most.
const MOST_TOLD: usize = 20_000;

/// Why a generated file was not sent.
#[derive(Debug, thiserror::Error)]
enum Unable {
    #[error("not found: no phone of this name is configured")]
    Unknown,
    #[error("busy: still starting")]
    Starting,
    #[error("busy: model {0} is not in the catalogue")]
    NoModel(ModelName),
    #[error("busy: no address of ours can be told to this phone; set advertised_address")]
    NoAddress,
    #[error("busy: {0}")]
    Render(#[from] RenderError),
    #[error("refused: the phone is registered from {0}")]
    Elsewhere(IpAddr),
}

impl Unable {
    fn answer(&self) -> FileAnswer {
        match self {
            Self::Unknown => FileAnswer::NotFound,
            Self::Elsewhere(_) => FileAnswer::Refused("the file of a phone at another address"),
            Self::Starting | Self::NoModel(_) | Self::NoAddress | Self::Render(_) => {
                FileAnswer::Busy
            }
        }
    }
}

struct Made {
    file: BootFile,
    /// Where the phone is registered from, when that is another address.
    elsewhere: Option<IpAddr>,
}

impl Resolver {
    /// A resolver that serves static files, and is *busy* for all others until
    /// [`Resolver::open`].
    pub fn new(parts: ResolverParts) -> Self {
        let resolver = Self {
            parts,
            ports: OnceLock::new(),
            listeners: OnceLock::new(),
            signing: OnceLock::new(),
            statics: RwLock::default(),
            tickets: Mutex::default(),
            delivered: Mutex::default(),
            fetchers: Mutex::default(),
            recent: Mutex::default(),
            told: Mutex::default(),
        };
        resolver.rescan();
        resolver
    }

    /// Says who listens to what files tell. The first call counts.
    pub fn attach(&self, sightings: Arc<dyn Sightings>, protocol: Arc<dyn ProtocolSeen>) {
        let _ = self.listeners.set(Listeners {
            sightings,
            protocol,
        });
    }

    /// Trust lists and signed files are answered from now on. The first call
    /// counts.
    pub fn sign_with(&self, signing: Signing) {
        let _ = self.signing.set(signing);
    }

    /// Store, site and every port are up: files may be made. The first call
    /// counts.
    pub fn open(&self, ports: AdvertisedPorts) {
        let _ = self.ports.set(ports);
    }

    /// Indexes the static folder anew and says how many files it holds. Reads
    /// the disk: not on an async thread.
    pub fn rescan(&self) -> usize {
        let files = match self.parts.static_folder.as_deref().map(StaticFiles::scan) {
            None => StaticFiles::none(),
            Some(Ok(files)) => files,
            Some(Err(error)) => {
                let folder = self.parts.static_folder.as_deref().map(Path::display);
                tracing::warn!(
                    folder = folder.map(tracing::field::display),
                    %error,
                    "static files: the folder cannot be read, none are served"
                );
                StaticFiles::none()
            }
        };
        let count = files.len();
        *self.statics.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
        // What is missing still is worth telling once more.
        lock(&self.told).clear();
        count
    }

    /// How the phone that asks reaches us.
    fn reach(&self, request: &FileRequest) -> Result<Reach, Unable> {
        let ports = *self.ports.get().ok_or(Unable::Starting)?;
        let host = self
            .parts
            .settings
            .host_for(request.peer, request.local)
            .ok_or(Unable::NoAddress)?;
        Ok(Reach { host, ports })
    }

    fn context<'a>(&'a self, reach: &'a Reach) -> RenderContext<'a> {
        RenderContext {
            host: &reach.host,
            ports: reach.ports,
            host_time_zone: &self.parts.settings.host_time_zone,
        }
    }

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

    /// The static files as they were looked through last.
    pub fn static_files(&self) -> Arc<StaticFiles> {
        Arc::clone(&self.statics.read().unwrap_or_else(PoisonError::into_inner))
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

    fn boot_file(&self, request: &FileRequest, name: &FileName, device: &DeviceName) -> FileAnswer {
        match self.make_boot_file(request, device) {
            Ok(made) => {
                let outcome = made.elsewhere.map_or_else(
                    || "sent".to_owned(),
                    |address| format!("sent, with secrets; the phone is registered from {address}"),
                );
                let BootFile {
                    basis, stamp, body, ..
                } = made.file;
                self.record_file(request, name, Some(device), outcome, Some(stamp));
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
            // Not the name of a desk phone: an operator's own file may have it.
            Err(Unable::Unknown) if device.mac().is_none() => self.static_file(name),
            Err(why) => {
                self.record_file(request, name, Some(device), why.to_string(), None);
                why.answer()
            }
        }
    }

    /// What phones read that are not configured, or all alike.
    fn common_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        make: impl Fn(Option<&str>, &RenderContext<'_>) -> Result<bytes::Bytes, RenderError>,
    ) -> FileAnswer {
        let made = self.reach(request).and_then(|reach| {
            let parameters = self.parts.store.world().parameters.clone();
            let host = parameters.services_host.as_deref();
            Ok(make(host, &self.context(&reach))?)
        });
        match made {
            Ok(body) => {
                self.record_file(request, name, None, "sent".to_owned(), None);
                found(body)
            }
            Err(why) => {
                self.record_file(request, name, None, why.to_string(), None);
                why.answer()
            }
        }
    }

    fn static_file(&self, name: &FileName) -> FileAnswer {
        match self.static_files().read(name.as_str()) {
            StaticAnswer::Found(body) => found(body),
            StaticAnswer::Missing => FileAnswer::NotFound,
            StaticAnswer::Failed(why) => {
                tracing::error!(name = name.as_str(), why, "a static file cannot be read");
                FileAnswer::Busy
            }
        }
    }

    /// A trust list, or the signed form of a file; nothing when the name asks
    /// for neither, or nothing is signed here.
    fn signed(
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
                self.record_file(request, name, device.as_ref(), "sent".to_owned(), None);
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
    fn signed_file(
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

    /// Whether the boot file of a phone is `SIP<MAC>.cnf`. The first of the two
    /// that a 7940 or 7960 finds picks its protocol: the other is not found.
    fn reads_text(&self, device: &DeviceName) -> bool {
        let world = self.parts.store.world();
        let Some(phone) = world.phone(device) else {
            return false;
        };
        let model = self.parts.catalogue.model(phone.served_model());
        model
            .and_then(|model| model.facts(phone.protocol_or(model.first_protocol())))
            .is_some_and(|facts| facts.dialect.is_text())
    }

    fn sip_text_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        device: &DeviceName,
    ) -> FileAnswer {
        if self.reads_text(device) {
            return self.boot_file(request, name, device);
        }
        let answer = self.static_file(name);
        if self.is_configured(device) {
            if !self.took_its_file(request, device) {
                self.protocol_seen(device, Protocol::Sip);
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
        }
        answer
    }

    /// An operator's `OS79XX.TXT`, while the load that it names is there: else
    /// old phones ask for that without end. What stands around the name is left
    /// out: such phones ask for a file with a blank in its name (CSCdv19260).
    fn old_image(&self, name: &FileName) -> FileAnswer {
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

    fn locale_archive(&self, request: &FileRequest, name: &FileName, load: Protocol) -> FileAnswer {
        let now = self.parts.clock.monotonic();
        let address = request.peer.ip().to_canonical();
        let device = lock(&self.fetchers).booting(address, now).cloned();
        if let Some(device) = device {
            self.protocol_seen(&device, load);
        }
        self.static_file(name)
    }

    /// Whether this phone got its file at this address a moment ago.
    fn took_its_file(&self, request: &FileRequest, device: &DeviceName) -> bool {
        let now = self.parts.clock.monotonic();
        let address = request.peer.ip().to_canonical();
        lock(&self.fetchers).booting(address, now) == Some(device)
    }

    /// Passes on that a phone runs a load of `protocol`, when that is not what
    /// it is served over and its model has such loads.
    ///
    /// Where the file picks the protocol of the phone, a word of anybody who
    /// asks for a file would take the other one away from it: there the operator
    /// must have left the protocol open, and the phone not be registered.
    fn protocol_seen(&self, device: &DeviceName, protocol: Protocol) {
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
        }
    }

    fn is_configured(&self, device: &DeviceName) -> bool {
        self.ports.get().is_some() && self.parts.store.world().phone(device).is_some()
    }

    fn note(&self, device: &DeviceName, text: String) {
        self.record(Some(device), EventKind::Note { text });
    }

    fn record_file(
        &self,
        request: &FileRequest,
        name: &FileName,
        device: Option<&DeviceName>,
        outcome: String,
        stamp: Option<Stamp>,
    ) {
        let kind = EventKind::File {
            name: name.as_str().to_owned(),
            service: request.service.into(),
            peer: request.peer,
            outcome,
            stamp,
        };
        self.record(device, kind);
    }

    fn record(&self, device: Option<&DeviceName>, kind: EventKind) {
        self.parts.journal.record(Event {
            at: self.parts.clock.now(),
            device: device.cloned(),
            kind,
        });
    }
}

/// Makes a 7940 or 7960 boot each time it is told to look: for every image
/// (`*`) another `SYNC` than the `sync: 0` of its configuration. There is no
/// other way to have it read that again (Cisco 7940G and 7960G Administrator
/// Guide, "Rebooting the Phone Remotely").
const SYNC_INFO: &[u8] = b"<SYNCINFO>\n<IMAGE VERSION=\"*\" SYNC=\"1\"/>\n</SYNCINFO>\n";

impl FileSource for Resolver {
    fn fetch(&self, request: &FileRequest) -> FileAnswer {
        let name = match FileName::parse(&request.name, request.service) {
            Ok(name) => name,
            Err(why) => {
                tracing::debug!(peer = %request.peer, service = ?request.service, why, "refused");
                return FileAnswer::Refused(why);
            }
        };
        let unsigned = |name: FileName| match name.artefact() {
            Artefact::BootFile(device) if self.reads_text(&device) => {
                let outcome = "not found: its boot file is that of a SIP load".to_owned();
                self.record_file(request, &name, Some(&device), outcome, None);
                FileAnswer::NotFound
            }
            Artefact::BootFile(device) => self.boot_file(request, &name, &device),
            Artefact::SignedBootFile(device) => self.signed_file(request, &name, &device),
            Artefact::XmlDefault => self.common_file(request, &name, |host, ctx| {
                self.parts
                    .renderer
                    .xml_default(&self.parts.catalogue, host, ctx)
            }),
            // An operator's own, else ours.
            Artefact::SipTextDefault => match self.static_file(&name) {
                FileAnswer::NotFound => self.common_file(request, &name, |host, ctx| {
                    self.parts
                        .renderer
                        .sip_default(&self.parts.catalogue, host, ctx)
                }),
                answer => answer,
            },
            Artefact::OldImage => self.old_image(&name),
            Artefact::DialPlan => found(self.parts.renderer.dialplan()),
            Artefact::SoftKeys => found(self.parts.renderer.softkeys()),
            Artefact::FeaturePolicy => found(self.parts.renderer.feature_policy()),
            // An operator's own set, else the keys that every phone may take:
            // without the file a phone falls back to keys of its firmware.
            Artefact::NamedSoftKeys => match self.static_file(&name) {
                FileAnswer::NotFound => found(self.parts.renderer.softkeys()),
                answer => answer,
            },
            // Likewise an operator's own.
            Artefact::SyncInfo => match self.static_file(&name) {
                FileAnswer::NotFound => found(bytes::Bytes::from_static(SYNC_INFO)),
                answer => answer,
            },
            Artefact::SipTextFile(device) => self.sip_text_file(request, &name, &device),
            Artefact::LocaleArchive(load) => self.locale_archive(request, &name, load),
            Artefact::Other => self.static_file(&name),
        };
        let signed = self.signed(request, &name, &unsigned);
        let answer = signed.unwrap_or_else(|| unsigned(name.clone()));
        tracing::debug!(
            name = name.as_str(),
            peer = %request.peer,
            service = ?request.service,
            answer = match &answer {
                FileAnswer::Found { .. } => "found",
                FileAnswer::NotFound => "not found",
                FileAnswer::Refused(_) => "refused",
                FileAnswer::Busy => "busy",
            },
            "file"
        );
        answer
    }

    fn delivered(&self, request: &FileRequest, ticket: u64) {
        let on_its_way = lock(&self.tickets).redeem(ticket);
        let Some(OnItsWay {
            device,
            file,
            basis,
        }) = on_its_way
        else {
            return;
        };
        let peer = request.peer.ip().to_canonical();
        let delivery = Delivery {
            peer,
            file,
            at: self.parts.clock.now(),
        };
        lock(&self.delivered).note(device.clone(), delivery);
        let kind = EventKind::FileDelivered {
            peer: request.peer,
            stamp: file,
        };
        self.record(Some(&device), kind);
        let registered = self.parts.presence.registration(&device);
        // A phone that is away has no address of its own: whoever took its file
        // may be it. To be mistaken costs nothing, for unknown is no reason to
        // act. While it is registered, a fetch from elsewhere is another's.
        let may_be_it = registered.is_none_or(|phone| phone.peer.ip().to_canonical() == peer);
        if let Some(listeners) = self.listeners.get().filter(|_| may_be_it) {
            listeners.sightings.file_taken(&device, file, basis);
        }
    }
}

impl Deliveries for Resolver {
    fn last(&self, device: &DeviceName) -> Option<Delivery> {
        lock(&self.delivered).last(device)
    }
}

impl StagedLoads for Resolver {
    fn is_whole(&self, load: &LoadName) -> bool {
        self.static_files().whole(load) == Whole::Yes
    }
}

/// A file that nobody asks about again. Never an empty one: an empty file
/// leaves old phones without any.
fn found(body: bytes::Bytes) -> FileAnswer {
    if body.is_empty() {
        return FileAnswer::NotFound;
    }
    FileAnswer::Found {
        body,
        ticket: Tickets::NONE,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
