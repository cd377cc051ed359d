//! The directory server: a few connections, a time limit, a circuit breaker.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_rustls::rustls::pki_types::ServerName;

use super::super::remote::{Answer, Outage, Proof, Question, Remote};
use super::breaker::Breaker;
use super::connection::{Broken, Connection, Tls, shortened};
use super::settings::{LdapSettings, SearchScope, Security, Service};
use super::wire::{Entry, Outcome, Search};
use super::{stored, tls};
use crate::model::{Password, UserId};
use crate::ports::{BoxFuture, Clock, DirectoryHealth};

/// So many questions may wait for a connection; one more is refused at once.
const WAITING: usize = 256;
/// A connection that was idle so long may have been forgotten on the way.
const OLDEST_IDLE: Duration = Duration::from_secs(60);
/// Entries that are asked for: a second one says that the id is ambiguous.
const ENTRIES: u32 = 2;

/// A directory server, asked over LDAP. Making one asks nobody: a server that
/// is away does not keep the daemon from starting.
pub struct LdapServer {
    settings: LdapSettings,
    clock: Arc<dyn Clock>,
    tls: Option<Tls>,
    service: Option<(String, Password)>,
    turns: Semaphore,
    places: Semaphore,
    idle: Mutex<Vec<(Duration, Connection)>>,
    breaker: Mutex<Breaker>,
}

/// What the directory knows of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// His id, as the directory writes it.
    pub id: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Locale or language.
    pub locale: Option<String>,
    /// Extension.
    pub extension: Option<String>,
}

/// Why a directory could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookFault {
    /// It does not answer, from here and now.
    #[error("{0}")]
    Unreachable(String),
    /// It answers, and something in `[ldap]` is wrong.
    #[error("{0}")]
    Refused(String),
}

/// Why a connection gave no answer.
enum Fault {
    /// It is of no more use; another one might be.
    Broken(Broken),
    /// There is none, or it is silent.
    Unreachable(Outage),
    /// The server answered, and its answer is of no use.
    Useless(Outage),
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<Fault> for Outage {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Broken(broken) => Self(broken.to_string()),
            Fault::Unreachable(outage) | Fault::Useless(outage) => outage,
        }
    }
}

impl From<Fault> for LookFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Useless(outage) => Self::Refused(outage.0),
            other => Self::Unreachable(Outage::from(other).0),
        }
    }
}

/// One entry of those found.
enum Found {
    One(Entry),
    None,
    Several,
}

impl LdapServer {
    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// A sentence.
    pub fn new(settings: &LdapSettings, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let tls = match settings.security {
            Security::None => None,
            security => Some(Tls {
                config: tls::config(settings.trust())?,
                name: server_name(&settings.url.host)?,
                start: security == Security::StartTls,
            }),
        };
        Ok(Self {
            service: service(&settings.service)?,
            tls,
            turns: Semaphore::new(settings.connections),
            places: Semaphore::new(settings.connections.saturating_add(WAITING)),
            idle: Mutex::default(),
            breaker: Mutex::default(),
            settings: settings.clone(),
            clock,
        })
    }

    /// Looks for people, for whoever checks a configuration: of each id those
    /// who are found, at most two. Over one connection of its own; each step
    /// may take as long as a check may.
    ///
    /// # Errors
    /// Why the directory cannot be looked at.
    pub async fn survey(&self, ids: &[UserId]) -> Result<Vec<Vec<Person>>, LookFault> {
        let mut connection = self
            .in_time(async {
                let mut connection = self.connect().await?;
                self.be_service(&mut connection).await?;
                Ok(connection)
            })
            .await?;
        let names = self.settings.attributes.of_person();
        let mut people = Vec::new();
        for id in ids {
            let search = self.search(id, &names);
            let look = async { Ok(connection.search(search.ask()).await?) };
            let (entries, done) = self.in_time(look).await?;
            if !matches!(done.code, 0 | SIZE_LIMIT) {
                return Err(LookFault::Refused(self.search_failed(&done).0));
            }
            people.push(entries.iter().map(|entry| self.person(entry)).collect());
        }
        connection.close().await;
        Ok(people)
    }

    fn person(&self, entry: &Entry) -> Person {
        let attributes = &self.settings.attributes;
        let optional = |name: Option<&String>| entry.text(name?);
        Person {
            id: entry.text(&attributes.id).unwrap_or_default(),
            first_name: entry.text(&attributes.first_name),
            last_name: entry.text(&attributes.last_name),
            locale: optional(attributes.locale.as_ref()),
            extension: optional(attributes.extension.as_ref()),
        }
    }

    async fn answer(&self, question: &Question) -> Result<Answer, Outage> {
        if let Some(why) = self.breaker().refuses(self.clock.monotonic()) {
            return Err(Outage(why));
        }
        let _place = self
            .places
            .try_acquire()
            .map_err(|_| Outage("too many checks wait for it".to_owned()))?;
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| Outage("it has stopped".to_owned()))?;
        // Those before may have found that it is away.
        let take = self.settings.timeout;
        if let Some(why) = self.breaker().refuses_now(self.clock.monotonic(), take) {
            return Err(Outage(why));
        }
        let answer = self
            .in_time(self.converse(question))
            .await
            .map_err(Outage::from);
        match &answer {
            Ok(_) => {
                if self.breaker().answered() {
                    tracing::info!(url = %self.settings.url, "the directory answers again");
                }
            }
            Err(outage) => self.is_away(outage),
        }
        answer
    }

    fn is_away(&self, outage: &Outage) {
        self.idle().clear();
        let (now, wall) = (self.clock.monotonic(), self.clock.now());
        if self.breaker().failed(now, wall, &outage.0) {
            tracing::warn!(
                url = %self.settings.url,
                why = %outage,
                "the directory cannot be asked; it is tried again by itself"
            );
        }
    }

    /// What takes longer than it may is an outage.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let deadline = self.clock.monotonic().saturating_add(self.settings.timeout);
        tokio::select! {
            biased;
            done = work => done,
            () = self.clock.sleep_until(deadline) => Err(Fault::Unreachable(Outage(format!(
                "{} did not answer within {} s",
                self.settings.url,
                self.settings.timeout.as_secs()
            )))),
        }
    }

    async fn converse(&self, question: &Question) -> Result<Answer, Fault> {
        if let Some(mut idle) = self.take_idle() {
            match self.exchange(&mut idle, question).await {
                Ok(answer) => {
                    self.keep(idle);
                    return Ok(answer);
                }
                // The server may close what is idle: once more on a fresh one.
                Err(Fault::Broken(_)) => {}
                Err(useless) => return Err(useless),
            }
        }
        let mut fresh = self.connect().await?;
        let answer = self.exchange(&mut fresh, question).await?;
        self.keep(fresh);
        Ok(answer)
    }

    async fn connect(&self) -> Result<Connection, Fault> {
        let url = &self.settings.url;
        Connection::open(&url.host, url.port, self.tls.as_ref())
            .await
            .map_err(|broken| {
                Fault::Unreachable(Outage(format!("{url} cannot be reached: {broken}")))
            })
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        question: &Question,
    ) -> Result<Answer, Fault> {
        self.be_service(connection).await?;
        let entry = match self.find(connection, question).await? {
            Found::One(entry) => entry,
            Found::None => return Ok(Answer::NoEntry),
            Found::Several => return Ok(Answer::SeveralEntries),
        };
        match &question.proof {
            Proof::Nothing => Ok(Answer::Wrong),
            Proof::Pin(pin) => Ok(self.compare_pin(&entry, pin.expose())),
            // Either would bind as nobody in particular, and succeed (RFC 4513
            // 5.1.2).
            Proof::Password(password) if password.is_empty() || entry.dn.is_empty() => {
                Ok(Answer::Wrong)
            }
            Proof::Password(password) => {
                let bound = connection.bind(&entry.dn, password.expose()).await?;
                self.judge_bind(&bound)
            }
        }
    }

    /// Looks for entries as Embody, not as the last user who was checked.
    async fn be_service(&self, connection: &mut Connection) -> Result<(), Fault> {
        if connection.as_service {
            return Ok(());
        }
        let (dn, password) = match &self.service {
            Some((dn, password)) => (dn.as_str(), password.expose()),
            None => ("", ""),
        };
        let bound = connection.bind(dn, password).await?;
        if bound.code != 0 {
            return Err(Fault::Useless(Outage(format!(
                "{} refuses [ldap] bind_dn {dn:?}: {}",
                self.settings.url,
                shortened(&bound)
            ))));
        }
        connection.as_service = true;
        Ok(())
    }

    async fn find(&self, connection: &mut Connection, question: &Question) -> Result<Found, Fault> {
        let attributes = &self.settings.attributes;
        let names = attributes.of_check();
        let search = self.search(&question.id, &names);
        let (mut entries, done) = connection.search(search.ask()).await?;
        match (done.code, entries.len()) {
            // At its limit a server may send fewer than there are.
            (0, 2..) | (SIZE_LIMIT, _) => Ok(Found::Several),
            (0, 0) => Ok(Found::None),
            (0, _) => {
                let is_his = |entry: &Entry| {
                    let mut ids = entry.values(&attributes.id);
                    ids.any(|id| is_id(id, question.id.as_str(), question.exact_case))
                };
                Ok(entries.pop().filter(is_his).map_or(Found::None, Found::One))
            }
            _ => Err(Fault::Useless(self.search_failed(&done))),
        }
    }

    fn search<'a>(&'a self, id: &UserId, attributes: &'a [&'a str]) -> Asked<'a> {
        Asked {
            settings: &self.settings,
            filter: self.settings.filter.encode(id.as_str()),
            attributes,
        }
    }

    fn search_failed(&self, done: &Outcome) -> Outage {
        let LdapSettings { url, base, .. } = &self.settings;
        let said = shortened(done);
        Outage(match done.code {
            NO_SUCH_OBJECT => format!("{url} has no entry [ldap] base {base:?}: {said}"),
            REFERRAL => format!(
                "{url} refers to another server, and referrals are not followed: correct [ldap] \
                 url or base ({said})"
            ),
            _ => format!("{url} could not search: {said}"),
        })
    }

    fn compare_pin(&self, entry: &Entry, offered: &str) -> Answer {
        let Some(name) = &self.settings.attributes.pin else {
            return Answer::NoPin;
        };
        let mut values = entry.values(name);
        let (Some(stored), None) = (values.next(), values.next()) else {
            return Answer::NoPin;
        };
        match stored::matches(stored, offered) {
            Some(true) => Answer::Right,
            Some(false) => Answer::Wrong,
            None => Answer::NoPin,
        }
    }

    fn judge_bind(&self, bound: &Outcome) -> Result<Answer, Fault> {
        match bound.code {
            0 => Ok(Answer::Right),
            INVALID_CREDENTIALS => {
                Ok(said_by_active_directory(&bound.text).map_or(Answer::Wrong, Answer::Refused))
            }
            // No password, none that may be used, or too many wrong ones.
            CONSTRAINT_VIOLATION
            | NO_SUCH_OBJECT
            | INAPPROPRIATE_AUTHENTICATION
            | INSUFFICIENT_ACCESS
            | UNWILLING => Ok(Answer::Refused("it may not be used there")),
            _ => Err(Fault::Useless(Outage(format!(
                "{} could not check a password: {}",
                self.settings.url,
                shortened(bound)
            )))),
        }
    }

    fn take_idle(&self) -> Option<Connection> {
        let now = self.clock.monotonic();
        let mut idle = self.idle();
        idle.retain(|(since, _)| now.saturating_sub(*since) < OLDEST_IDLE);
        idle.pop().map(|(_, connection)| connection)
    }

    fn keep(&self, connection: Connection) {
        let now = self.clock.monotonic();
        let mut idle = self.idle();
        if idle.len() < self.settings.connections {
            idle.push((now, connection));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Duration, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remote for LdapServer {
    fn keeps_pins(&self) -> bool {
        self.settings.attributes.pin.is_some()
    }

    fn remembers(&self) -> Duration {
        self.settings.remember
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answer, Outage>> {
        Box::pin(async move { self.answer(&question).await })
    }

    fn health(&self) -> DirectoryHealth {
        DirectoryHealth {
            url: self.settings.url.to_string(),
            outage: self.breaker().outage().cloned(),
        }
    }
}

impl fmt::Debug for LdapServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdapServer")
            .field("url", &self.settings.url)
            .finish_non_exhaustive()
    }
}

// Result codes (RFC 4511 4.1.9).
const SIZE_LIMIT: u32 = 4;
const REFERRAL: u32 = 10;
const CONSTRAINT_VIOLATION: u32 = 19;
const NO_SUCH_OBJECT: u32 = 32;
const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
const INVALID_CREDENTIALS: u32 = 49;
const INSUFFICIENT_ACCESS: u32 = 50;
const UNWILLING: u32 = 53;

/// A search with the filter that it owns.
struct Asked<'a> {
    settings: &'a LdapSettings,
    filter: Vec<u8>,
    attributes: &'a [&'a str],
}

impl Asked<'_> {
    fn ask(&self) -> Search<'_> {
        Search {
            base: &self.settings.base,
            scope: match self.settings.scope {
                SearchScope::OneLevel => 1,
                SearchScope::Subtree => 2,
            },
            size_limit: ENTRIES,
            // At most 30.
            time_limit: u32::try_from(self.settings.timeout.as_secs()).unwrap_or(1),
            filter: &self.filter,
            attributes: self.attributes,
        }
    }
}

/// Whether an entry's id is the one that was looked for. A directory compares
/// without case, and some without accents: a letter more or less is another
/// person here.
fn is_id(value: &[u8], wanted: &str, exact_case: bool) -> bool {
    let Ok(value) = std::str::from_utf8(value) else {
        return false;
    };
    value == wanted || (!exact_case && value.to_lowercase() == wanted.to_lowercase())
}

/// What Active Directory says beside *invalid credentials*.
fn said_by_active_directory(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once("data ")?;
    let code: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    match code.as_str() {
        "530" => Some("not at this time of day"),
        "531" => Some("not from this computer"),
        "532" => Some("the password has expired"),
        "533" => Some("the account is disabled"),
        "701" => Some("the account has expired"),
        "773" => Some("the password must be changed first"),
        "775" => Some("the account is locked"),
        _ => None,
    }
}

fn server_name(host: &str) -> Result<ServerName<'static>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(ServerName::from(address));
    }
    ServerName::try_from(host.to_owned())
        .map_err(|_| format!("[ldap] url: no certificate can name the host {host:?}"))
}

fn service(service: &Service) -> Result<Option<(String, Password)>, String> {
    match service {
        Service::Anonymous => Ok(None),
        Service::Password(dn, password) => Ok(Some((dn.clone(), password.clone()))),
        Service::File(dn, file) => {
            let name = file.display();
            let text = std::fs::read_to_string(file).map_err(|error| {
                format!("[ldap] bind_password_file: {name} cannot be read: {error}")
            })?;
            let password = Password::new(text.trim_end_matches(['\r', '\n']));
            drop(zeroize::Zeroizing::new(text));
            if password.is_empty() {
                return Err(format!("[ldap] bind_password_file: {name} is empty"));
            }
            Ok(Some((dn.clone(), password)))
        }
    }
}
