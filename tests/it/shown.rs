//! Every page that a phone is shown, drawn as that phone shows it, beside the
//! drawings in `tests/data/pages/`, which a person has read.
//!
//! A file is what one phone shows in one language on one way through the
//! pages, in order. When a page changes on purpose,
//!
//! ```text
//! EMBODY_BLESS=1 cargo test --test it shown
//! ```
//!
//! writes the files anew (and fails, so that no run passes that way): read the
//! difference, and run without it. What is different each time is made the same
//! before: the time and the date.

mod album;
mod gallery;
mod site;
mod walk;
mod ways;

use std::path::Path;

use embody::provision::PhoneConfigs;

use crate::support::Daemon;
use album::Album;
use walk::Walk;

/// Where the drawings are.
fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pages"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_shown_as_it_was_read() {
    let mut album = Album::default();
    let wording = PhoneConfigs::load(None).unwrap().wording;
    for (name, drawings) in gallery::drawings(&wording).await {
        album.put(&name, drawings);
    }
    for way in ways::ALL {
        let daemon = Daemon::start(site::site(way.parameters));
        let one_at_a_time = tokio::sync::Mutex::new(());
        let walks = site::phones()
            .filter(|phone| (way.who)(*phone))
            .map(|phone| {
                let (daemon, turn) = (&daemon, &one_at_a_time);
                async move {
                    let mut walk = Walk::begin(daemon, phone, turn).await;
                    (way.go)(&mut walk).await;
                    walk.finish().await
                }
            });
        let walks: Vec<_> = walks.collect();
        for (name, drawings) in album::all(walks).await.into_iter().flatten() {
            album.put(&name, drawings);
        }
    }
    album.compare(folder());
}
