//! The one resolver behind TFTP and HTTP.
//!
//! *Not found* comes at once, and only for what does not exist. What exists
//! and cannot be made now is *busy*: a wrong *not found* of its boot file
//! brings up the previous user's lines from the flash of a phone.
//!
//! [`boot`] makes boot files, [`newcomer`] those of phones that nobody
//! configured, [`signed`] answers for signed ones, [`protocol`]
//! knows what a request shows of the phone.

mod boot;
mod newcomer;
mod protocol;
mod signed;

use std::collections::HashSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use super::deliveries::{Delivered, Fetchers, OnItsWay, Tickets};
use super::firmware::Whole;
use super::names::{Artefact, FileName};
use super::newcomers::FirstFiles;
use super::recent::{Reach, RecentFiles};
use super::render::{RenderContext, RenderError, Renderer};
use super::settings::Settings;
use super::statics::{StaticAnswer, StaticFiles};
use super::trust::Signing;
use super::view::AdvertisedPorts;
use crate::model::{Catalogue, DeviceName, LoadName, ModelName, Protocol, Stamp};
use crate::ports::{
    Clock, Deliveries, Delivery, Event, EventKind, FileAnswer, FileRequest, FileSource, Journal,
    Presence, Sightings, StagedLoads, Store,
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
    first_files: Mutex<FirstFiles>,
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
    #[error(
        "busy: it runs a load of {0} and is served over the other protocol; it is given its file when it asks again"
    )]
    OtherProtocol(Protocol),
    #[error("refused: the phone is registered from {0}")]
    Elsewhere(IpAddr),
}

impl Unable {
    fn answer(&self) -> FileAnswer {
        match self {
            Self::Unknown => FileAnswer::NotFound,
            Self::Elsewhere(_) => FileAnswer::Refused("the file of a phone at another address"),
            Self::Starting
            | Self::NoModel(_)
            | Self::NoAddress
            | Self::Render(_)
            | Self::OtherProtocol(_) => FileAnswer::Busy,
        }
    }
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
            first_files: Mutex::default(),
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
            now: self.parts.clock.now(),
        }
    }

    /// The static files as they were looked through last.
    pub fn static_files(&self) -> Arc<StaticFiles> {
        Arc::clone(&self.statics.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What phones read that are not configured, or all alike.
    fn common_file(
        &self,
        request: &FileRequest,
        make: impl Fn(Option<&str>, &RenderContext<'_>) -> Result<bytes::Bytes, RenderError>,
    ) -> FileAnswer {
        let made = self.reach(request).and_then(|reach| {
            let parameters = self.parts.store.world().parameters.clone();
            let host = parameters.services_host.as_deref();
            Ok(make(host, &self.context(&reach))?)
        });
        match made {
            Ok(body) => {
                self.record_file(request, None, "sent".to_owned(), None);
                found(body)
            }
            Err(why) => {
                self.record_file(request, None, why.to_string(), None);
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

    fn is_configured(&self, device: &DeviceName) -> bool {
        self.ports.get().is_some() && self.parts.store.world().phone(device).is_some()
    }

    fn note(&self, device: &DeviceName, text: String) {
        self.record(Some(device), EventKind::Note { text });
    }

    /// Writes an answer down, under the name that was asked for: of a signed
    /// file that is not the one that the answer is made from.
    fn record_file(
        &self,
        request: &FileRequest,
        device: Option<&DeviceName>,
        outcome: String,
        stamp: Option<Stamp>,
    ) {
        let asked = FileName::parse(&request.name, request.service);
        let kind = EventKind::File {
            name: asked.as_ref().map_or("", FileName::as_str).to_owned(),
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
                self.record_file(request, Some(&device), outcome, None);
                FileAnswer::NotFound
            }
            Artefact::BootFile(device) if self.is_texts_turn(request, &device) => {
                let outcome = "not found: it never registered with it, and may have a SIP load";
                self.record_file(request, Some(&device), outcome.to_owned(), None);
                FileAnswer::NotFound
            }
            Artefact::BootFile(device) => {
                let answer = self.boot_file(request, &name, &device);
                if let FileAnswer::Found { .. } = answer {
                    let now = self.parts.clock.monotonic();
                    let address = request.peer.ip().to_canonical();
                    lock(&self.fetchers).note_xml(address, device, now);
                }
                answer
            }
            Artefact::SignedBootFile(device) => self.signed_file(request, &name, &device),
            Artefact::XmlDefault => self.common_file(request, |host, ctx| {
                self.parts
                    .renderer
                    .xml_default(&self.parts.catalogue, host, ctx)
            }),
            // An operator's own, else ours.
            Artefact::SipTextDefault => match self.static_file(&name) {
                FileAnswer::NotFound => self.common_file(request, |host, ctx| {
                    self.parts
                        .renderer
                        .sip_default(&self.parts.catalogue, host, ctx)
                }),
                answer => answer,
            },
            // Nobody ever published these forms: an operator's own, made by
            // the tool of its series, is the better one.
            Artefact::CompiledFile(device, dialect) => match self.static_file(&name) {
                FileAnswer::NotFound => self.compiled_file(request, &device, dialect),
                answer => {
                    if self.is_configured(&device) && matches!(answer, FileAnswer::Found { .. }) {
                        let own = name.as_str();
                        self.note(
                            &device,
                            format!("was given {own} of the folder of static files"),
                        );
                    }
                    answer
                }
            },
            Artefact::LegacyDefault => match self.static_file(&name) {
                FileAnswer::NotFound => self.common_file(request, |host, ctx| {
                    self.parts
                        .renderer
                        .legacy_default(&self.parts.catalogue, host, ctx)
                }),
                answer => answer,
            },
            // An operator's own, else what the configuration says; phones go on
            // without.
            Artefact::WlanDefault => match (self.static_file(&name), &self.parts.settings.wlan) {
                (FileAnswer::NotFound, Some(wlan)) => {
                    self.common_file(request, |_, _| self.parts.renderer.wlan_default(wlan))
                }
                (answer, _) => answer,
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
        let is_ours = self.is_configured(&device);
        lock(&self.delivered).note(device.clone(), delivery, is_ours);
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
