//! One rule each, told from the phone's side. Times are seconds since the
//! daemon started; a story begins at 5, with four phones that hold what is
//! wanted.

mod calls;
mod changes;
mod crashes;
mod files;
mod orders;
mod refusals;
mod task;

use std::time::Duration;

use super::sim::Sim;
use super::site::Deed;

/// A login by an application: no page to wait for.
fn login(who: usize, on: usize) -> Deed {
    Deed::Login {
        who,
        on,
        over: false,
    }
}

fn logout(on: usize) -> Deed {
    Deed::Logout { on, over: false }
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Somebody does something over an application, or on the admin port.
fn does(sim: &mut Sim, deed: Deed) {
    sim.does(deed, Duration::ZERO);
}

/// Whether a phone is right, with nothing left to do.
fn at_rest(sim: &Sim, on: usize) -> bool {
    sim.is_right(on) && sim.row(on).is_none()
}
