//! A site, its store in memory, a clock that is moved by hand, and what people
//! do and see there.

use std::sync::Arc;
use std::time::Duration;

use embody::directory::Argon2Hasher;
use embody::mobility::expiry::Expirer;
use embody::mobility::{
    Channel, Elsewhere, LoginCommand, LogoutCommand, Mobility, Occupied, Refusal, Requested,
    SignedIn, SignedOut, Who,
};
use embody::model::{
    ButtonKind, Catalogue, DeviceName, Origin, Plan, ProfileName, Timestamp, UserId, Wanted,
};
use embody::ports::{BoxFuture, Clock, NoJournal, Presence, Registration, Store};
use embody::provision::PhoneConfigs;
use embody::site::{ApplyError, ApplyPlan, Options, apply};
use embody::store::MemoryStore;
use tokio::sync::watch;

/// A 7961 without a line of its own.
pub const DESK: &str = "SEP001122334461";
/// Another 7961.
pub const OTHER: &str = "SEP001122334462";
/// A 7960 with a line of its own.
pub const LOBBY: &str = "SEP001122334460";
/// An 8841.
pub const LAB: &str = "SEP001122338841";

const OBJECTS: &str = r#"
[[device_pool]]
name = "Default"
time_zone = "Europe/Berlin"
user_locale = "English_United_States"

[[phone]]
name = "SEP001122334461"
model = "7961"
protocol = "sccp"
extension_mobility = true

[[phone]]
name = "SEP001122334462"
model = "7961"
protocol = "sccp"
extension_mobility = true

[[phone]]
name = "SEP001122334460"
model = "7960"
protocol = "sccp"
extension_mobility = true
line = [{ number = "1001", label = "Lobby" }]
speed_dial = [{ number = "1999", label = "Porter" }]
service = [{ name = "News" }]

[[phone]]
name = "SEP001122338841"
model = "8841"
extension_mobility = true

[[phone]]
name = "SEP0011223344FF"
model = "7961"
protocol = "sccp"
description = "without Extension Mobility"
line = [{ number = "1002" }]

[[profile]]
name = "alice"
model = "7961"
line = [
    { number = "2001", label = "Alice", display_name = "Alice Adler" },
    { number = "2101", ring = "silent" },
]
speed_dial = [{ number = "3001", label = "Bob" }]
service = [{ name = "News", parameters = { topic = "tea" } }]

[[profile]]
name = "alice-quiet"
model = "7961"
line = [{ number = "2001" }]

[[profile]]
name = "bob"
model = "7961"
line = [{ number = "2002" }]

[[profile]]
name = "lounge"
model = "7961"
line = [{ number = "1100", label = "Lounge" }]

[[profile_default]]
model = "7960"
softkey_template = "Default"
service = [{ name = "News", parameters = { topic = "weather" } }, { name = "Clock" }]

[[service]]
name = "News"
url = "http://news.example.com/list"

[[service]]
name = "Clock"
url = "http://clock.example.com/"

[[user]]
id = "alice"
pin = "58213"
profiles = ["alice", "alice-quiet"]

[[user]]
id = "bob"
pin = "31415"
profiles = ["bob"]

[[user]]
id = "nobody"
pin = "27182"

[[application_user]]
id = "emapp"
password = "scheduling"
proxy_rights = true
"#;

/// A clock that is moved by hand. It starts on 2 March 2026, 12:00 in Berlin.
pub struct HandClock(watch::Sender<Duration>);

impl HandClock {
    const START: Timestamp = Timestamp(1_772_449_200_000);
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Self::START.plus(*self.0.borrow())
    }

    fn monotonic(&self) -> Duration {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Duration) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            let _ = time.wait_for(|time| *time >= at).await;
        })
    }
}

struct NobodyThere;

impl Presence for NobodyThere {
    fn registration(&self, _: &DeviceName) -> Option<Registration> {
        None
    }

    fn last_use(&self, _: &DeviceName) -> Option<Timestamp> {
        None
    }
}

/// The site.
pub struct House {
    store: Arc<MemoryStore>,
    clock: Arc<HandClock>,
    catalogue: Arc<Catalogue>,
    mobility: Mobility,
    expirer: tokio::sync::Mutex<Expirer>,
}

impl House {
    /// The site with all parameters at their defaults.
    pub async fn open() -> Self {
        let catalogue = PhoneConfigs::load(None).unwrap().catalogue;
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(HandClock(watch::Sender::new(Duration::ZERO)));
        let mobility = Mobility::new(
            store.clone(),
            clock.clone(),
            Arc::new(NoJournal),
            catalogue.clone(),
        );
        let house = Self {
            store,
            clock,
            catalogue,
            expirer: tokio::sync::Mutex::new(Expirer::new(mobility.clone(), Arc::new(NobodyThere))),
            mobility,
        };
        house.parameters("").await;
        house
    }

    /// Sets service parameters, all others to their defaults.
    pub async fn parameters(&self, parameters: &str) {
        self.site(parameters, "", "").await.unwrap();
    }

    /// Applies the site with `parameters`, `from` in it replaced by `to`.
    pub async fn site(
        &self,
        parameters: &str,
        from: &str,
        to: &str,
    ) -> Result<ApplyPlan, ApplyError> {
        let objects = if from.is_empty() {
            OBJECTS.to_owned()
        } else {
            assert!(OBJECTS.contains(from), "{from}");
            OBJECTS.replacen(from, to, 1)
        };
        let text = format!("version = 1\n[parameters]\n{parameters}\n{objects}");
        apply(
            &*self.store,
            Arc::new(Argon2Hasher::with_cost(8, 1).unwrap()),
            self.catalogue.clone(),
            &*self.clock,
            &text,
            &Options {
                force: true,
                prune: true,
                ..Options::default()
            },
        )
        .await
    }
}

/// What people do.
impl House {
    fn command(user: &str, phone: &str) -> LoginCommand {
        LoginCommand {
            device: device(phone),
            user: Who::Name(UserId::new(user).unwrap()),
            checked_version: None,
            profile: None,
            any_profile: false,
            duration: Requested::Default,
            occupied: Occupied::Refuse,
            elsewhere: Elsewhere::ByBehavior,
            origin: Origin::Phone,
            channel: Channel::Elsewhere,
        }
    }

    /// A user signs in at a phone.
    pub async fn sign_in(&self, user: &str, phone: &str) -> Result<SignedIn, Refusal> {
        self.mobility.login(Self::command(user, phone)).await
    }

    /// The same, for so long.
    pub async fn sign_in_for(
        &self,
        user: &str,
        phone: &str,
        duration: Requested,
    ) -> Result<SignedIn, Refusal> {
        let mut command = Self::command(user, phone);
        command.duration = duration;
        self.mobility.login(command).await
    }

    /// The same, with this profile.
    pub async fn sign_in_with(
        &self,
        user: &str,
        phone: &str,
        profile: &str,
    ) -> Result<SignedIn, Refusal> {
        let mut command = Self::command(user, phone);
        command.profile = Some(ProfileName::new(profile).unwrap());
        self.mobility.login(command).await
    }

    /// Whoever is signed in at a phone signs out.
    pub async fn sign_out(&self, phone: &str) -> Result<SignedOut, Refusal> {
        let command = LogoutCommand {
            device: device(phone),
            origin: Origin::Phone,
            channel: Channel::Elsewhere,
        };
        self.mobility.logout(command).await
    }

    /// Time passes, and logins that ran out end.
    pub async fn pass(&self, length: Duration) {
        self.clock.0.send_modify(|time| *time += length);
        self.expirer.lock().await.round().await;
    }
}

/// What is seen.
impl House {
    /// Who is signed in at a phone.
    pub fn user_on(&self, phone: &str) -> Option<String> {
        let world = self.store.world();
        let session = world.sessions.get(&world.phone(&device(phone))?.id)?;
        Some(world.users.get(&session.user)?.user_id.to_string())
    }

    /// What a phone shall hold.
    pub fn wanted(&self, phone: &str) -> Wanted {
        let world = self.store.world();
        let id = world.phone(&device(phone)).unwrap().id;
        world.wanted(&self.catalogue, id).unwrap()
    }

    /// The labels of its keys, lines in brackets.
    pub fn keys(&self, phone: &str) -> Vec<String> {
        let wanted = self.wanted(phone);
        let label = |kind: &ButtonKind| match kind {
            ButtonKind::Line { label, .. } => format!("[{label}]"),
            ButtonKind::SpeedDial { label, .. } => label.clone(),
        };
        wanted
            .buttons()
            .iter()
            .map(|key| label(&key.kind))
            .collect()
    }

    /// The URLs of its services.
    pub fn services(&self, phone: &str) -> Vec<String> {
        let menu = self.wanted(phone).menu;
        menu.into_iter().map(|entry| entry.url).collect()
    }

    /// What was set going on a phone.
    pub fn plan(&self, phone: &str) -> Option<Plan> {
        let world = self.store.world();
        let id = world.phone(&device(phone)).unwrap().id;
        world.pending.get(&id).map(|row| row.plan)
    }
}

/// A device name.
pub fn device(name: &str) -> DeviceName {
    DeviceName::new(name).unwrap()
}
