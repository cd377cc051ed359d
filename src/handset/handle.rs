//! The phone in one's hand.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::browser::{BrowseError, Browser};
use super::display::MainScreen;
use super::event::{ButtonSeen, HandsetEvent, Orders, Pushed, Traffic};
use super::fault::Fault;
use super::file::BootFile;
use super::firmware::{LoadPart, NotWhole};
use super::hook::Pause;
use super::life;
use super::page::Page;
use super::phone::Phone;
use super::profile::{Pace, Profile, Servers};
use super::seen::{Shared, Standing};
use super::{firmware, web};

/// The plug was pulled before it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the phone was switched off")]
pub struct Gone;

/// A running phone. Copies are the same phone; it is switched off with the
/// last of them.
#[derive(Clone)]
pub struct Handset {
    inner: Arc<Inner>,
}

struct Inner {
    phone: Phone,
    browser: tokio::sync::Mutex<Browser>,
    off_hook: watch::Sender<bool>,
    life: Mutex<Option<JoinHandle<()>>>,
    power: CancellationToken,
    _off_when_dropped: DropGuard,
}

impl fmt::Debug for Handset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handset")
            .field("name", &self.device_name())
            .finish_non_exhaustive()
    }
}

impl Handset {
    /// Plugs a phone in: it begins to boot. Must be called inside a tokio runtime.
    pub fn spawn(profile: Profile, servers: Servers, pace: Pace) -> Self {
        Self::start(profile, servers, pace, None)
    }

    /// As [`spawn`](Self::spawn), standing still at every
    /// [`HookPoint`](super::HookPoint) until its [`Pause`] is dropped. When the
    /// receiver is dropped the phone runs on freely.
    pub fn spawn_paused(
        profile: Profile,
        servers: Servers,
        pace: Pace,
    ) -> (Self, mpsc::Receiver<Pause>) {
        let (hooks, pauses) = mpsc::channel(1);
        (Self::start(profile, servers, pace, Some(hooks)), pauses)
    }

    fn start(
        profile: Profile,
        servers: Servers,
        pace: Pace,
        hooks: Option<mpsc::Sender<Pause>>,
    ) -> Self {
        let phone = Phone {
            profile: Arc::new(profile),
            servers,
            pace,
            shared: Arc::new(Shared::new(hooks)),
        };
        let power = CancellationToken::new();
        let (off_hook, hook_switch) = watch::channel(false);
        let life = tokio::spawn({
            let phone = phone.clone();
            let power = power.clone();
            async move {
                let shared = phone.shared.clone();
                tokio::select! {
                    biased;
                    () = power.cancelled() => {}
                    () = life::live(phone, hook_switch) => {}
                }
                shared.power_off();
            }
        });
        Self {
            inner: Arc::new(Inner {
                phone,
                browser: tokio::sync::Mutex::default(),
                off_hook,
                life: Mutex::new(Some(life)),
                _off_when_dropped: power.clone().drop_guard(),
                power,
            }),
        }
    }

    fn shared(&self) -> &Shared {
        &self.inner.phone.shared
    }

    /// Which phone it is.
    pub fn profile(&self) -> &Profile {
        &self.inner.phone.profile
    }

    /// `SEP` and its hardware address.
    pub fn device_name(&self) -> String {
        self.profile().device_name()
    }

    /// What happens from now on. Who is behind by thousands of events loses the
    /// oldest.
    pub fn events(&self) -> broadcast::Receiver<HandsetEvent> {
        self.shared().events()
    }

    /// Holds the phone at every point from now on; see
    /// [`spawn_paused`](Self::spawn_paused).
    pub fn pause(&self) -> mpsc::Receiver<Pause> {
        let (hooks, pauses) = mpsc::channel(1);
        self.shared().set_hooks(hooks);
        pauses
    }

    /// Until the phone is in service; how many registrations there were.
    pub async fn wait_registered(&self) -> Result<u32, Gone> {
        self.wait_registrations(1).await
    }

    /// Until the phone is in service and has been so `count` times.
    pub async fn wait_registrations(&self, count: u32) -> Result<u32, Gone> {
        let mut standing = self.shared().standing();
        let reached =
            |standing: &Standing| standing.gone || (standing.registered && standing.count >= count);
        match standing.wait_for(reached).await {
            Ok(standing) if !standing.gone => Ok(standing.count),
            _ => Err(Gone),
        }
    }

    /// Whether it is in service.
    pub fn is_registered(&self) -> bool {
        self.shared().standing().borrow().registered
    }

    /// How often it came into service.
    pub fn registrations_count(&self) -> u32 {
        self.shared().standing().borrow().count
    }

    /// Orders that came so far.
    pub fn orders_received(&self) -> Orders {
        self.shared().orders()
    }

    /// What went wrong so far, oldest first.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared().faults()
    }

    /// How many things went wrong so far.
    pub fn fault_count(&self) -> usize {
        self.shared().fault_count()
    }

    /// Messages so far.
    pub fn traffic(&self) -> Traffic {
        self.shared().counters.traffic()
    }

    /// The file that the phone holds.
    pub fn boot_file(&self) -> Option<Arc<BootFile>> {
        self.shared().file()
    }

    /// The keys beside the display.
    pub fn buttons(&self) -> Vec<ButtonSeen> {
        self.shared().buttons()
    }

    /// The line at the foot of the display, as an English phone shows it.
    pub fn prompt(&self) -> String {
        self.shared().prompt()
    }

    /// The passing notice on the display.
    pub fn notice(&self) -> String {
        self.shared().notice()
    }

    /// What was pushed to the display since the registration began; Skinny
    /// phones only.
    pub fn pushed(&self) -> Option<Pushed> {
        self.shared().pushed()
    }

    /// The message lamp; `None` when it was not set since the registration
    /// began.
    pub fn message_lamp(&self) -> Option<bool> {
        self.shared().message_lamp()
    }

    /// What stands on the display while nobody has pressed anything.
    pub fn main_screen(&self) -> MainScreen {
        let shared = self.shared();
        let notice = shared.notice();
        MainScreen {
            model: self.profile().model,
            clock: shared.clock(),
            date_template: shared
                .file()
                .map(|file| file.date_template.clone())
                .unwrap_or_default(),
            buttons: shared.buttons(),
            prompt: if notice.is_empty() {
                shared.prompt()
            } else {
                notice
            },
            soft_keys: shared.soft_keys(),
            message_lamp: shared.message_lamp() == Some(true),
        }
    }

    /// Lifts the handset or puts it back. While it is lifted orders wait.
    pub fn set_off_hook(&self, lifted: bool) {
        self.inner.off_hook.send_if_modified(|now| {
            let changed = *now != lifted;
            *now = lifted;
            changed
        });
    }

    /// Presses the Services key; the page that comes.
    pub async fn press_services(&self) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.press_services(&self.inner.phone).await
    }

    /// The page on the display; `None` when the window is closed.
    pub async fn page(&self) -> Option<Page> {
        self.inner.browser.lock().await.page(&self.inner.phone)
    }

    /// Chooses the item of that name (in any case) and follows it.
    pub async fn choose(&self, item: &str) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.choose(&self.inner.phone, item).await
    }

    /// Presses the digits of the item with that number, from 1, and follows it.
    pub async fn choose_number(&self, number: usize) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.choose_number(&self.inner.phone, number).await
    }

    /// Types into fields of the form, by the names that they are sent under or
    /// that stand before them.
    pub async fn fill(&self, values: &[(&str, &str)]) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.fill(&self.inner.phone, values)
    }

    /// Presses the soft key of that name (in any case); the page that comes,
    /// `None` when the window closed.
    pub async fn soft_key(&self, name: &str) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.soft_key(&self.inner.phone, name).await
    }

    /// Loads the page of a URL as if a key led there.
    pub async fn open(&self, url: &str) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.open(&self.inner.phone, url).await
    }

    /// Loads what the page's `Refresh` header names, without its wait.
    pub async fn follow_refresh(&self) -> Result<Option<Page>, BrowseError> {
        let mut browser = self.inner.browser.lock().await;
        browser.next(&self.inner.phone).await
    }

    /// Fetches a file of any kind, where and how the phone fetches those of its
    /// boot; 64 MiB at most, which is more than any firmware. What comes is not
    /// used.
    ///
    /// # Errors
    /// What came of it, when it did not come whole.
    pub async fn download(&self, name: &str) -> Result<Vec<u8>, NotWhole> {
        firmware::file(&self.inner.phone, name).await
    }

    /// Fetches a load by its name: its list (`.loads`), and the files that it
    /// lists, in that order. The phone goes on with the load that it runs.
    ///
    /// # Errors
    /// The first file that did not come whole.
    pub async fn download_load(&self, load: &str) -> Result<Vec<LoadPart>, NotWhole> {
        firmware::load(&self.inner.phone, load).await
    }

    /// Switches the phone's own web server on, at its own address: its pages of
    /// device and network, the picture of its display, and pushes. Port 0 is
    /// any free one.
    ///
    /// # Errors
    /// When the system does not give the port.
    pub async fn serve_web(&self, port: u16) -> io::Result<SocketAddr> {
        let tftp = self.inner.phone.servers.tftp.ip();
        let usual = if tftp.is_loopback() {
            tftp
        } else if tftp.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        let own = self.inner.phone.servers.bind.unwrap_or(usual);
        let listener = TcpListener::bind((own, port)).await?;
        let at = listener.local_addr()?;
        // Its own web server must not keep a phone alive that nobody holds.
        let held = Arc::downgrade(&self.inner);
        let press = move |url: String| {
            if let Some(inner) = held.upgrade() {
                tokio::spawn(async move {
                    let mut browser = inner.browser.lock().await;
                    // What the page was like stands on the display.
                    let _ = browser.pushed(&inner.phone, &url).await;
                });
            }
        };
        let (phone, power) = (self.inner.phone.clone(), self.inner.power.clone());
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = power.cancelled() => {}
                () = web::serve(listener, phone, Arc::new(press)) => {}
            }
        });
        Ok(at)
    }

    /// Breaks the connection that carries the registration, as a cable pulled
    /// from a switch on the way: the phone notices, and comes back by itself.
    pub fn cut_connection(&self) {
        self.shared().cut();
    }

    /// Pulls the plug: connections break off without a word.
    pub async fn power_off(&self) {
        self.inner.power.cancel();
        let life = self
            .inner
            .life
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(life) = life {
            let _ = life.await;
        }
    }
}
