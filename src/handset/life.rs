//! The life of a phone: boot, register, and again whenever that ends.

use std::sync::Arc;

use tokio::sync::watch;

use super::cause::Cause;
use super::event::{HandsetEvent, Order};
use super::fault::Fault;
use super::file::BootFile;
use super::phone::Phone;
use super::profile::Protocol;
use super::{boot, sccp, sip};

/// How a registration came to its end.
#[derive(Debug)]
pub(super) enum Ending {
    /// The phone obeys, and has unregistered.
    Ordered(Order),
    /// Something went wrong.
    Lost(Cause, Fault),
}

/// Real seconds from the plug, or from a reset, to the first request.
const SECONDS_TO_BOOT: u64 = 45;
/// Real seconds from a restart to the first request.
const SECONDS_TO_RESTART: u64 = 6;

/// Runs until the plug is pulled, which drops this future.
pub(super) async fn live(phone: Phone, mut off_hook: watch::Receiver<bool>) {
    let mut cause = Cause::PowerUp;
    // What the phone keeps in flash.
    let mut held: Option<Arc<BootFile>> = None;
    loop {
        if must_read(&phone, cause) || held.is_none() {
            phone.take_time(seconds_to_boot(cause)).await;
            match boot::boot(&phone).await {
                Ok(file) => {
                    held = Some(file);
                    tokio::time::sleep(phone.pace.settle).await;
                }
                Err(fault) => phone.shared.fault(fault),
            }
        }
        let Some(file) = &held else {
            phone.back_off().await;
            continue;
        };
        phone.shared.begin_registration();
        let registration = async {
            match phone.profile.kind.protocol() {
                Protocol::Sccp => sccp::live(&phone, file, cause, &mut off_hook).await,
                Protocol::Sip => sip::live(&phone, file, cause, &mut off_hook).await,
            }
        };
        let ending = tokio::select! {
            biased;
            () = phone.shared.is_cut() => None,
            ending = registration => Some(ending),
        };
        phone.shared.out_of_service();
        cause = match ending {
            // Nobody's fault.
            None => {
                phone.back_off().await;
                Cause::TcpClosed
            }
            Some(Ending::Ordered(order)) => Cause::Ordered(order),
            Some(Ending::Lost(cause, fault)) => {
                if cause == Cause::Rejected {
                    let text = match &fault {
                        Fault::Rejected(text) => text.clone(),
                        other => other.to_string(),
                    };
                    phone.shared.tell(HandsetEvent::Rejected(text));
                }
                phone.shared.fault(fault);
                phone.back_off().await;
                cause
            }
        };
    }
}

/// Tells that the phone goes down, and closes its window.
pub(super) fn go_down(phone: &Phone, order: Order) {
    phone.shared.close_window();
    phone.shared.tell(match order {
        Order::Restart => HandsetEvent::Restarting,
        Order::Reset => HandsetEvent::Resetting,
    });
}

fn must_read(phone: &Phone, cause: Cause) -> bool {
    match cause {
        Cause::PowerUp | Cause::Rejected | Cause::Ordered(Order::Reset) => true,
        Cause::Ordered(Order::Restart) => phone.profile.rereads_on_restart,
        // A broken connection alone is opened again with the file at hand.
        Cause::TcpClosed
        | Cause::TcpTimeout
        | Cause::KeepaliveTimeout
        | Cause::RegistrationTimeout => false,
    }
}

const fn seconds_to_boot(cause: Cause) -> u64 {
    match cause {
        Cause::PowerUp | Cause::Ordered(Order::Reset) => SECONDS_TO_BOOT,
        _ => SECONDS_TO_RESTART,
    }
}
