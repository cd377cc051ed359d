//! Starting the daemon: everything is made here once and handed on.

mod bind;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::config::Config;
use super::handles;
use super::listen::{self, PortError};
use super::observed::ObservedProtocol;
use super::run_file::RunFile;
use super::signing;
use crate::directory::{self, Argon2Hasher, LdapServer, UserDirectory};
use crate::http;
use crate::http::execute::{PhoneBrowser, PushKeys};
use crate::http::services::LoginService;
use crate::journal::{FileJournal, JournalSettings, ReadFiles};
use crate::mobility::{self, Mobility};
use crate::model::Timestamp;
use crate::ports::{
    Clock, Deliveries, Directory, FileService, FileSource, Hasher, Journal, Presence, Sightings,
    Store,
};
use crate::provision::{self, AdvertisedPorts, PhoneConfigs, Resolver, ResolverParts};
use crate::reconcile::{self, Reconciler};
use crate::registry::Registry;
use crate::store::crash::crash_point;
use crate::store::{OpenError, SqliteStore};
use crate::{site, tftp};

/// What a daemon is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The configuration.
    pub config: Config,
    /// The data folder.
    pub data: PathBuf,
    /// The text of a site file that fills an empty store, and its name for
    /// messages.
    pub site: Option<(String, String)>,
}

/// Why the daemon did not start: one sentence each.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// A port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The site file.
    #[error("{file}: {what}")]
    Site {
        /// Which file.
        file: String,
        /// What is wrong, with line and column.
        what: String,
    },
    /// `phone-configs`.
    #[error("the phone configurations cannot be used: {0}")]
    PhoneConfigs(String),
    /// The system.
    #[error("{0}")]
    System(String),
}

/// A daemon that runs.
pub struct Running {
    /// Where it listens, by the names of `[listen]`.
    pub listen: Map<String, Value>,
    /// The admin API's base URL and token.
    pub run_file: RunFile,
    /// The store, for what runs in the same process (demo, tests).
    pub store: Arc<dyn Store>,
    /// Who is registered, likewise.
    pub registry: Arc<Registry>,
    data: PathBuf,
    cancel: CancellationToken,
    tasks: TaskTracker,
    journal: Arc<FileJournal>,
}

impl Running {
    /// Where a port listens, by its name in `[listen]`.
    pub fn address(&self, port: &str) -> Option<SocketAddr> {
        let value = self.listen.get(port)?;
        let text = value
            .as_str()
            .or_else(|| value.get(0).and_then(Value::as_str))?;
        text.parse().ok()
    }

    /// Stops it: no new connections, answers finish, the store is closed.
    pub async fn stop(self) {
        self.cancel.cancel();
        self.tasks.close();
        // Servers give connections a few seconds of their own.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(6), self.tasks.wait()).await;
        let journal = Arc::clone(&self.journal);
        let _ = tokio::task::spawn_blocking(move || journal.flush()).await;
        RunFile::remove(&self.data);
    }
}

/// Starts the daemon: it runs when this returns.
///
/// # Errors
/// [`StartError`], one sentence with the remedy.
pub async fn start(options: Options, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let Options { config, data, site } = options;
    let node = config.node.clone().unwrap_or_else(|| "node-1".to_owned());
    let configs = PhoneConfigs::load(config.files.phone_configs.as_deref())
        .map_err(|error| StartError::PhoneConfigs(error.to_string()))?;
    for replaced in &configs.replaced {
        tracing::error!(
            file = replaced.file,
            why = replaced.why,
            "the embedded file is used instead"
        );
    }
    let catalogue = Arc::clone(&configs.catalogue);
    let wording = Arc::clone(&configs.wording);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&data, &node, Arc::clone(&clock))?);
    let hasher: Arc<dyn Hasher> = Arc::new(Argon2Hasher::new());
    fill(&store, &hasher, &catalogue, &clock, site).await?;
    directory::date_pins(&*store, &*clock)
        .await
        .map_err(|error| StartError::System(error.to_string()))?;
    let phones = store.world().phones.len();
    if let Some(sentence) = handles::too_few(handles::raise(), phones) {
        tracing::warn!("{sentence}");
    }

    let journal = {
        let (file, catalogue, clock) = (
            data.join("journal.db"),
            Arc::clone(&catalogue),
            Arc::clone(&clock),
        );
        only_for_its_owner(&file);
        Arc::new(FileJournal::open(
            &file,
            JournalSettings::default(),
            catalogue,
            clock,
        ))
    };
    let registry = Arc::new(Registry::default());
    let push_keys = PushKeys::new(Arc::clone(&clock));
    let browser = PhoneBrowser::new(push_keys.clone(), config.push.phone_port);
    let (reconciler, news) = Reconciler::new(
        Arc::clone(&store),
        Arc::clone(&registry),
        Arc::clone(&catalogue),
        Arc::clone(&journal) as Arc<dyn Journal>,
        Arc::clone(&clock),
        Arc::new(browser.clone()),
        &node,
        reconcile::Settings::default(),
        Box::new(|| crash_point("after-notification")),
    );
    let sightings: Arc<dyn Sightings> = Arc::new(news.clone());
    let resolver = Arc::new(Resolver::new(ResolverParts {
        store: Arc::clone(&store),
        catalogue: Arc::clone(&catalogue),
        renderer: Arc::clone(&configs.renderer),
        static_folder: config.files.folder.clone(),
        journal: Arc::clone(&journal) as Arc<dyn Journal>,
        clock: Arc::clone(&clock),
        presence: Arc::clone(&registry) as Arc<dyn Presence>,
        settings: provision::Settings {
            advertised_address: config.listen.advertised_address.map(|a| a.to_string()),
            restrict_files: config.files.restrict_files,
            wlan: config.wlan.clone(),
            ..provision::Settings::default()
        },
    }));
    let seen = ObservedProtocol::new(
        Arc::clone(&store),
        Arc::clone(&journal) as Arc<dyn Journal>,
        Arc::clone(&clock),
    );
    resolver.attach(Arc::clone(&sightings), Arc::new(seen));
    let directory_server = config
        .ldap
        .as_ref()
        .map(|ldap| LdapServer::new(ldap, Arc::clone(&clock)))
        .transpose()
        .map_err(StartError::System)?;
    let directory: Arc<dyn Directory> = Arc::new(
        UserDirectory::new(
            Arc::clone(&store),
            Arc::clone(&hasher),
            Arc::clone(&clock),
            config.directory,
            directory_server,
        )
        .map_err(StartError::System)?,
    );
    let mobility = Mobility::new(
        Arc::clone(&store),
        Arc::clone(&clock),
        Arc::clone(&journal) as Arc<dyn Journal>,
        Arc::clone(&catalogue),
    );

    let login_service = LoginService::new(config.login_service.settings(), Arc::clone(&clock));

    let encryption = signing::open(&config, &data, &resolver, &clock)?;
    let house = House {
        config,
        encryption,
        store: Arc::clone(&store),
        catalogue,
        wording,
        registry: Arc::clone(&registry),
        sightings,
        journal: Arc::clone(&journal),
        up_since: clock.now(),
        clock,
        resolver,
        directory,
        hasher,
        mobility,
        login_service,
        news,
        push_keys,
        browser,
    };
    let cancel = CancellationToken::new();
    let tasks = TaskTracker::new();
    let (listen, run_file) = house.open(&data, &cancel, &tasks)?;
    tasks.spawn(reconciler.run(cancel.clone()));
    tasks.spawn(house.expiry(cancel.clone()));
    tasks.spawn(house.refused(cancel.clone()));
    Ok(Running {
        listen,
        run_file,
        store,
        registry,
        data,
        cancel,
        tasks,
        journal,
    })
}

/// Fills an empty store from the site file; on a filled one the file is not
/// even looked at.
async fn fill(
    store: &Arc<dyn Store>,
    hasher: &Arc<dyn Hasher>,
    catalogue: &Arc<crate::model::Catalogue>,
    clock: &Arc<dyn Clock>,
    site: Option<(String, String)>,
) -> Result<(), StartError> {
    let Some((file, text)) = site else {
        return Ok(());
    };
    let empty = site::is_empty(&store.world());
    if !empty {
        tracing::info!(
            file,
            "the store is filled already; --site is ignored (use `embody apply`)"
        );
        return Ok(());
    }
    let (hasher, catalogue) = (Arc::clone(hasher), Arc::clone(catalogue));
    site::apply(
        &**store,
        hasher,
        catalogue,
        &**clock,
        &text,
        &site::Options::default(),
    )
    .await
    .map(|_| ())
    .map_err(|error| StartError::Site {
        file,
        what: error.to_string(),
    })
}

/// Everything that the servers are made from.
struct House {
    config: Config,
    /// Of the HTTPS port for configuration, when there is one.
    encryption: Option<http::server::Encryption>,
    store: Arc<dyn Store>,
    catalogue: Arc<crate::model::Catalogue>,
    wording: Arc<provision::Wording>,
    registry: Arc<Registry>,
    sightings: Arc<dyn Sightings>,
    journal: Arc<FileJournal>,
    clock: Arc<dyn Clock>,
    resolver: Arc<Resolver>,
    directory: Arc<dyn Directory>,
    hasher: Arc<dyn Hasher>,
    mobility: Mobility,
    login_service: LoginService,
    news: reconcile::ReconcilerHandle,
    push_keys: PushKeys,
    up_since: Timestamp,
    browser: PhoneBrowser,
}

impl House {
    /// The files as phones ask for them: what they ask tells something.
    fn files(&self) -> Arc<dyn FileSource> {
        Arc::new(ReadFiles::new(
            Arc::clone(&self.resolver) as Arc<dyn FileSource>,
            Arc::clone(&self.journal) as Arc<dyn Journal>,
            Arc::clone(&self.clock),
        ))
    }

    fn expiry(&self, cancel: CancellationToken) -> impl Future<Output = ()> + use<> {
        let mobility = self.mobility.clone();
        let presence = Arc::clone(&self.registry) as Arc<dyn Presence>;
        async move { mobility::expiry::run_expiry(mobility, presence, cancel).await }
    }

    fn refused(&self, cancel: CancellationToken) -> impl Future<Output = ()> + use<> {
        mobility::refused::run_refused(self.mobility.clone(), cancel)
    }

    /// Binds every port, then serves them all: a port that is refused stops
    /// the start before any phone was answered.
    fn open(
        &self,
        data: &Path,
        cancel: &CancellationToken,
        tasks: &TaskTracker,
    ) -> Result<(Map<String, Value>, RunFile), StartError> {
        let mut listen = Map::new();
        let ports = &self.config.listen;
        let address = ports.address;

        let tftp = self.bind_tftp()?;
        let config_http = match ports.config_http.socket(address) {
            Some(at) => Some(listen::tcp("the configuration port", "config_http", at)?),
            None => None,
        };
        let config_https = match (ports.config_https.socket(address), &self.encryption) {
            (Some(at), Some(encryption)) => {
                let listener = listen::tcp("the encrypted configuration port", "config_https", at)?;
                Some((listener, encryption.clone()))
            }
            _ => None,
        };
        let mut services = Vec::new();
        for port in &ports.services_http.0 {
            if let Some(at) = port.socket(address) {
                services.push(listen::tcp("the services port", "services_http", at)?);
            }
        }
        let sccp = self.bind_sccp()?;
        let sip = self.bind_sip()?;
        let admin = match ports.admin_http.socket(ports.admin_address) {
            Some(at) => Some(listen::tcp("the admin port", "admin_http", at)?),
            None => None,
        };

        let told = |value: std::io::Result<SocketAddr>| value.ok();
        let tftp_at = tftp.as_ref().map(tftp::server::Server::local_addr);
        let config_at = config_http.as_ref().and_then(|l| told(l.local_addr()));
        let encrypted_at = config_https
            .as_ref()
            .and_then(|(l, _)| told(l.local_addr()));
        let services_at: Vec<SocketAddr> = services
            .iter()
            .filter_map(|l| told(l.local_addr()))
            .collect();
        let sccp_at = sccp.as_ref().and_then(|s| told(s.local_addr()));
        let sip_at = sip.as_ref().and_then(|s| told(s.local_addr()));
        let admin_at = admin.as_ref().and_then(|l| told(l.local_addr()));
        for (name, at) in [
            ("tftp", tftp_at),
            ("config_http", config_at),
            ("config_https", encrypted_at),
            ("sccp", sccp_at),
            ("sip", sip_at),
            ("admin_http", admin_at),
        ] {
            if let Some(at) = at {
                listen.insert(name.to_owned(), json!(at.to_string()));
            }
        }
        let services_told: Vec<String> = services_at.iter().map(ToString::to_string).collect();
        listen.insert("services_http".to_owned(), json!(services_told));
        self.resolver.open(AdvertisedPorts {
            services_http: services_at.first().map(SocketAddr::port),
            sccp: sccp_at.map(|at| at.port()),
            sip: sip_at.map(|at| at.port()),
        });

        let token: Arc<str> = token()?.into();
        let ready = Arc::new(AtomicBool::new(false));
        if let Some(server) = tftp {
            tasks.spawn(server.run(cancel.clone()));
        }
        if let Some(listener) = config_http {
            tasks.spawn(http::server::serve(
                listener,
                http::files::router(self.files(), FileService::Http),
                Arc::clone(&self.clock),
                http::server::Limits::default(),
                cancel.clone(),
            ));
        }
        if let Some((listener, encryption)) = config_https {
            tasks.spawn(http::server::serve_encrypted(
                listener,
                encryption,
                http::files::router(self.files(), FileService::Https),
                Arc::clone(&self.clock),
                http::server::Limits::default(),
                cancel.clone(),
            ));
        }
        for listener in services {
            let router = http::services::router(self.services_parts());
            tasks.spawn(http::server::serve(
                listener,
                router,
                Arc::clone(&self.clock),
                http::server::Limits::default(),
                cancel.clone(),
            ));
        }
        if let Some(server) = sccp {
            tasks.spawn(server.run(cancel.clone()));
        }
        if let Some(server) = sip {
            tasks.spawn(server.run(cancel.clone()));
        }
        if let Some(listener) = admin {
            let parts = self.admin_parts(&token, &ready, &listen, cancel);
            let router = http::admin::router(parts);
            tasks.spawn(http::server::serve(
                listener,
                router,
                Arc::clone(&self.clock),
                http::server::Limits {
                    // Who reads events stays for days; what is not read is
                    // ended by the stall.
                    life: None,
                    ..http::server::Limits::default()
                },
                cancel.clone(),
            ));
        }
        let run_file = RunFile {
            token: token.to_string(),
            admin: admin_at.map(|at| format!("http://{at}")),
            listen: Value::Object(listen.clone()),
            pid: std::process::id(),
        };
        run_file.write(data).map_err(|error| {
            StartError::System(format!(
                "{} cannot be written: {error}",
                RunFile::path(data).display()
            ))
        })?;
        ready.store(true, Ordering::Release);
        Ok((listen, run_file))
    }

    fn services_parts(&self) -> http::services::Parts {
        http::services::Parts {
            mobility: self.mobility.clone(),
            directory: Arc::clone(&self.directory),
            presence: Arc::clone(&self.registry) as Arc<dyn Presence>,
            reconcile: self.news.clone(),
            journal: Arc::clone(&self.journal) as Arc<dyn Journal>,
            advertised: self.config.listen.advertised_address,
            login_service: self.login_service.clone(),
            wording: Arc::clone(&self.wording),
            after_answer: Arc::new(|| crash_point("after-answer")),
            push_keys: self.push_keys.clone(),
            identify: self.browser.asks_identity(),
        }
    }

    fn admin_parts(
        &self,
        token: &Arc<str>,
        ready: &Arc<AtomicBool>,
        listen: &Map<String, Value>,
        cancel: &CancellationToken,
    ) -> http::admin::Parts {
        let journal = Arc::clone(&self.journal);
        http::admin::Parts {
            mobility: self.mobility.clone(),
            registry: Arc::clone(&self.registry),
            timelines: Arc::clone(self.journal.memory()),
            journal: Arc::clone(&self.journal) as Arc<dyn Journal>,
            deliveries: Arc::clone(&self.resolver) as Arc<dyn Deliveries>,
            files: Arc::clone(&self.resolver),
            directory: Arc::clone(&self.directory),
            hasher: Arc::clone(&self.hasher),
            clock: Arc::clone(&self.clock),
            token: Arc::clone(token),
            ready: Arc::clone(ready),
            listen: Value::Object(listen.clone()),
            closing: cancel.clone(),
            advertised: self.config.listen.advertised_address,
            up_since: self.up_since,
            browser: self.browser.clone(),
            journal_stats: Arc::new(move || journal.stats()),
        }
    }
}

/// A fresh bearer token, 256 bits in hex.
fn token() -> Result<String, StartError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| StartError::System(format!("the system has no randomness: {error}")))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Makes a file that holds who did what before the database does, which would
/// make it readable for everybody. It matters only if the folder is opened
/// later; that it cannot be made is told by who opens it.
fn only_for_its_owner(file: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let _ = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(file);
}
