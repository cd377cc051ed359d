//! Trust lists and signed files, from the key to the octets.
#![allow(clippy::unwrap_used)]

mod folder;
mod layout;
mod signing;

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::*;
use crate::model::Timestamp;
use crate::ports::{BoxFuture, Clock};

/// 2026-11-22 12:00:00 UTC.
pub(super) const NOON: i64 = 1_795_348_800;

pub(super) fn owner() -> Owner {
    Owner {
        name: "site".to_owned(),
        unit: "Phones".to_owned(),
        organization: "Example".to_owned(),
    }
}

/// A data folder with a site key. Keys take their time, so that all tests share
/// one, each in a folder of its own.
pub(super) fn data() -> tempfile::TempDir {
    static MADE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let data = tempfile::tempdir().unwrap();
        let folder = TrustFolder::of(data.path());
        folder.create(&owner(), Timestamp(NOON * 1_000)).unwrap();
        data
    });
    let data = tempfile::tempdir().unwrap();
    let to = TrustFolder::of(data.path());
    std::fs::create_dir(to.path()).unwrap();
    for file in std::fs::read_dir(TrustFolder::of(MADE.path()).path()).unwrap() {
        let file = file.unwrap();
        // Keeps who may read it.
        std::fs::copy(file.path(), to.path().join(file.file_name())).unwrap();
    }
    data
}

/// Wall time that is set by hand, in seconds since 1970.
pub(super) struct Wall(AtomicI64);

impl Wall {
    pub(super) fn new() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self(AtomicI64::new(NOON)))
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed) * 1_000)
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep_until(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

pub(super) fn open(
    data: &Path,
    settings: SigningSettings,
    clock: &std::sync::Arc<Wall>,
) -> Signing {
    let folder = TrustFolder::of(data);
    let site = folder.load().unwrap();
    Signing::open(site, &folder, settings, clock.clone()).unwrap()
}
