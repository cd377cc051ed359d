//! The host names in the trusted list, and the addresses that they stand for
//! now.
//!
//! Nothing here is asked unless addresses are validated and the list names
//! hosts. Look-ups run on threads of their own, a few at a time, all together
//! within a few seconds; one who asks waits for those who asked before.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::ports::{BoxFuture, Clock};

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(60);

/// How long a failure counts.
const FAILED: Duration = Duration::from_secs(15);

/// How long the last answer is gone by when names cannot be looked up.
const STALE: Duration = Duration::from_secs(600);

/// How long look-ups may take, all together.
const PATIENCE: Duration = Duration::from_secs(3);

/// Look-ups at one time.
const AT_A_TIME: usize = 4;

/// Addresses of one name that are looked at.
const ADDRESSES: usize = 64;

/// Looks up the addresses of a host name.
pub type Resolve = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Looks names up as the system does.
pub(super) fn system() -> Resolve {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|at| at.ip().to_canonical()).collect())
        })
    })
}

/// What is known of a name.
#[derive(Clone, Debug, Default)]
struct Known {
    addresses: Vec<IpAddr>,
    /// When they were learnt (monotonic); `None`: never.
    learnt: Option<Duration>,
    /// When they were asked for last.
    asked: Duration,
    failed: bool,
}

impl Known {
    fn is_fresh(&self, now: Duration) -> bool {
        let counts = if self.failed { FAILED } else { FRESH };
        now.saturating_sub(self.asked) < counts
    }

    fn is_at(&self, address: IpAddr, now: Duration) -> bool {
        let learnt = self.learnt.map(|learnt| now.saturating_sub(learnt) < STALE);
        learnt == Some(true) && self.addresses.contains(&address)
    }
}

/// The names and what is known of them.
pub(super) struct Names {
    known: Mutex<HashMap<String, Known>>,
    asking: tokio::sync::Mutex<()>,
    turns: Arc<Semaphore>,
    resolve: Resolve,
    clock: Arc<dyn Clock>,
}

impl Names {
    pub(super) fn new(resolve: Resolve, clock: Arc<dyn Clock>) -> Self {
        Self {
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            resolve,
            clock,
        }
    }

    /// Whether one of these names stands for this address. What is known of
    /// other names is forgotten.
    pub(super) async fn include(&self, names: &[String], address: IpAddr) -> bool {
        if self.stale_of(names).is_empty() {
            return self.know(address);
        }
        let _one = self.asking.lock().await;
        let stale = self.stale_of(names);
        if !stale.is_empty() {
            self.look_up(stale).await;
        }
        self.know(address)
    }

    fn know(&self, address: IpAddr) -> bool {
        let now = self.clock.monotonic();
        self.known().values().any(|known| known.is_at(address, now))
    }

    fn stale_of(&self, names: &[String]) -> Vec<String> {
        let now = self.clock.monotonic();
        let mut known = self.known();
        known.retain(|name, _| names.contains(name));
        let fresh = |name: &String| known.get(name).is_some_and(|known| known.is_fresh(now));
        names.iter().filter(|name| !fresh(name)).cloned().collect()
    }

    async fn look_up(&self, names: Vec<String>) {
        let asked = self.clock.monotonic();
        let mut looking = JoinSet::new();
        for name in names.clone() {
            let (turns, resolve) = (Arc::clone(&self.turns), Arc::clone(&self.resolve));
            looking.spawn(async move {
                let _turn = turns.acquire_owned().await.ok()?;
                let found = resolve(name.clone()).await.ok()?;
                Some((name, found))
            });
        }
        let mut found = HashMap::new();
        let mut patience = self.clock.sleep_until(asked + PATIENCE);
        loop {
            tokio::select! {
                one = looking.join_next() => match one {
                    None => break,
                    Some(one) => found.extend(one.ok().flatten()),
                },
                () = patience.as_mut() => break,
            }
        }
        let mut known = self.known();
        for name in names {
            let addresses = found.remove(&name);
            if addresses.is_none() {
                tracing::warn!(name, "a name in trusted_list_of_ips cannot be looked up");
            }
            let entry = known.entry(name).or_default();
            entry.asked = asked;
            entry.failed = addresses.is_none();
            if let Some(mut addresses) = addresses {
                addresses.truncate(ADDRESSES);
                entry.addresses = addresses;
                entry.learnt = Some(asked);
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::http::server::tests::clock::Hand;

    /// A name server that can be moved and stopped.
    #[derive(Default)]
    struct Server {
        asked: AtomicUsize,
        host: Mutex<Option<IpAddr>>,
        mute: Mutex<bool>,
    }

    struct House {
        clock: Arc<Hand>,
        server: Arc<Server>,
        names: Names,
    }

    fn house() -> House {
        let (clock, server) = (Arc::new(Hand::new()), Arc::new(Server::default()));
        let answers = Arc::clone(&server);
        let resolve: Resolve = Arc::new(move |_name| {
            let server = Arc::clone(&answers);
            Box::pin(async move {
                server.asked.fetch_add(1, Ordering::Relaxed);
                if *server.mute.lock().unwrap() {
                    std::future::pending::<()>().await;
                }
                let host = *server.host.lock().unwrap();
                host.map(|host| vec![host])
                    .ok_or_else(|| io::ErrorKind::NotFound.into())
            })
        });
        let names = Names::new(resolve, clock.clone());
        House {
            clock,
            server,
            names,
        }
    }

    impl House {
        async fn include(&self, address: &str) -> bool {
            let names = ["app.example.com".to_owned()];
            self.names.include(&names, address.parse().unwrap()).await
        }

        fn asked(&self) -> usize {
            self.server.asked.load(Ordering::Relaxed)
        }

        fn host_is(&self, address: Option<&str>) {
            *self.server.host.lock().unwrap() = address.map(|text| text.parse().unwrap());
        }
    }

    #[tokio::test]
    async fn an_answer_counts_for_a_minute() {
        let house = house();
        house.host_is(Some("192.0.2.1"));
        assert!(house.include("192.0.2.1").await);
        house.host_is(Some("192.0.2.2"));
        house.clock.advance(Duration::from_secs(59));
        assert!(!house.include("192.0.2.2").await);
        assert_eq!(house.asked(), 1);
        house.clock.advance(Duration::from_secs(1));
        assert!(house.include("192.0.2.2").await);
        assert!(!house.include("192.0.2.1").await);
        assert_eq!(house.asked(), 2);
    }

    #[tokio::test]
    async fn while_names_cannot_be_looked_up_the_last_answer_is_gone_by() {
        let house = house();
        house.host_is(Some("192.0.2.1"));
        assert!(house.include("192.0.2.1").await);
        house.host_is(None);
        house.clock.advance(Duration::from_secs(599));
        assert!(house.include("192.0.2.1").await, "ten minutes");
        house.clock.advance(Duration::from_secs(1));
        assert!(!house.include("192.0.2.1").await, "not longer");
        let asked = house.asked();
        house.clock.advance(Duration::from_secs(14));
        let _ = house.include("192.0.2.1").await;
        assert_eq!(house.asked(), asked + 1, "a failure counts for 15 s");
    }

    #[tokio::test]
    async fn a_silent_name_server_is_waited_for_three_seconds_by_all_together() {
        let house = Arc::new(house());
        *house.server.mute.lock().unwrap() = true;
        let asking: Vec<_> = (0..5)
            .map(|_| {
                let house = Arc::clone(&house);
                tokio::spawn(async move { house.include("192.0.2.1").await })
            })
            .collect();
        house.clock.slept(1).await;
        house.clock.advance(PATIENCE);
        for one in asking {
            assert!(!one.await.unwrap());
        }
        assert_eq!(house.asked(), 1);
    }

    #[tokio::test]
    async fn what_left_the_list_is_forgotten() {
        let house = house();
        house.host_is(Some("192.0.2.1"));
        let address = "192.0.2.1".parse().unwrap();
        for name in ["a", "b", "c"] {
            assert!(house.names.include(&[name.to_owned()], address).await);
            assert_eq!(house.names.known().len(), 1);
        }
    }
}
