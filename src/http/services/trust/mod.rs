//! Whether a request came from where logins may come from (Cisco's service
//! parameters *Validate IP Address*, *Trusted List of IPs* and *Allow Proxy*).
//! The login service asks it for programs, the login application for phones;
//! which address counts they know. Beyond that a phone may be asked back
//! whether it is the one that a request names (`verify_phone`).

mod caller;
mod names;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Parts;
use super::request::Asked;
use crate::emapi::Code;
use crate::model::{DeviceName, Parameters, VerifyPhone};
use crate::ports::{Clock, Event, EventKind};
use caller::{Callers, Told};
use names::Names;

pub use names::Resolve;

/// How long after our start a phone may take to come back: until then, where a
/// phone is that was here before is not known.
const SETTLING: Duration = Duration::from_secs(180);

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    /// Where the phone or browser is that asks.
    pub(super) address: IpAddr,
    /// Whether it came through an HTTP proxy.
    pub(super) through_proxy: bool,
    /// The phones that the request is about.
    pub(super) devices: &'a [DeviceName],
}

/// Why a request is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Distrust {
    /// 28, 29 or 30.
    pub(super) code: Code,
    /// For the operator.
    pub(super) why: String,
}

/// Judges requests by where they come from.
pub(super) struct Trust {
    names: Names,
    callers: Callers,
    clock: Arc<dyn Clock>,
    /// When we began (monotonic).
    began: Duration,
}

impl Trust {
    /// Host names are looked up as the system does.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_resolver(clock, names::system())
    }

    /// The same with another way to look up host names.
    pub(super) fn with_resolver(clock: Arc<dyn Clock>, resolve: Resolve) -> Self {
        Self {
            names: Names::new(resolve, Arc::clone(&clock)),
            callers: Callers::new(Arc::clone(&clock)),
            began: clock.monotonic(),
            clock,
        }
    }

    /// Judges a request; anything goes while addresses are not validated. Host
    /// names are asked last, and only about what nothing else decides.
    ///
    /// # Errors
    ///
    /// Why it is not trusted.
    pub(super) async fn judge(
        &self,
        parts: &Parts,
        parameters: &Parameters,
        claim: Claim<'_>,
    ) -> Result<(), Distrust> {
        if !parameters.validate_ip_address {
            return Ok(());
        }
        let address = claim.address.to_canonical();
        if claim.through_proxy && !parameters.allow_proxy {
            return Err(Distrust {
                code: Code::ProxyNotAllowed,
                why: format!("{address} asked through an HTTP proxy, and allow_proxy is false"),
            });
        }
        let (trusted, hosts) = read_list(&parameters.trusted_list_of_ips);
        let own = |device: &DeviceName| {
            let there = parts.presence.registration(device);
            there.is_some_and(|there| there.peer.ip().to_canonical() == address)
        };
        if trusted.contains(&address)
            || claim.devices.iter().any(own)
            || !parts.presence.at(address).is_empty()
            || (!hosts.is_empty() && self.names.include(&hosts, address).await)
        {
            return Ok(());
        }
        Err(self.unknown(parts, address, claim.devices))
    }

    /// Judges whether the phone at `address` is `device`, which it says it is,
    /// by asking it; everybody is while phones are not verified. Who asks from
    /// a trusted address is a program that acts for phones.
    ///
    /// A phone is asked only where it is registered from, so a request from
    /// elsewhere is refused without a question.
    ///
    /// # Errors
    ///
    /// Why it is not trusted.
    pub(super) async fn verify(
        &self,
        parts: &Parts,
        parameters: &Parameters,
        device: &DeviceName,
        address: IpAddr,
    ) -> Result<(), Distrust> {
        if parameters.verify_phone == VerifyPhone::Off {
            return Ok(());
        }
        let address = address.to_canonical();
        let (trusted, hosts) = read_list(&parameters.trusted_list_of_ips);
        if trusted.contains(&address)
            || (!hosts.is_empty() && self.names.include(&hosts, address).await)
        {
            return Ok(());
        }
        let untrusted = |why: String| Distrust {
            code: Code::UntrustedIp,
            why,
        };
        let Some(there) = parts.presence.registration(device) else {
            return Err(self.unknown(parts, address, std::slice::from_ref(device)));
        };
        let home = there.peer.ip().to_canonical();
        if home != address {
            return Err(untrusted(format!(
                "{device} is registered from {home}, and the request came from {address}: \
                 verify_phone lets in only the phone itself"
            )));
        }
        let (told, asked_now) = self.callers.ask(&parts.identify, &there).await;
        match told {
            Told::Itself => Ok(()),
            Told::Other(other) => Err(untrusted(format!(
                "the phone at {address} says that it is {other}, and the request names {device}"
            ))),
            Told::Silent(why) if parameters.verify_phone == VerifyPhone::Always => {
                Err(untrusted(format!(
                    "{device} could not be asked who it is ({why}), and verify_phone is \
                     \"always\": switch its web server on (webAccess), or say \
                     \"when-it-answers\""
                )))
            }
            Told::Silent(why) => {
                if asked_now {
                    let text = format!(
                        "let in from {address} although it could not be asked who it is: {why}"
                    );
                    parts.journal.record(Event {
                        at: parts.mobility.now(),
                        device: Some(device.clone()),
                        kind: EventKind::Note { text },
                    });
                }
                Ok(())
            }
        }
    }

    /// Judges a request that a phone of this name is said to have sent, both
    /// ways.
    ///
    /// # Errors
    ///
    /// Why it is not trusted.
    pub(super) async fn phone(
        &self,
        parts: &Parts,
        parameters: &Parameters,
        asked: &Asked,
        device: &DeviceName,
    ) -> Result<(), Distrust> {
        let claim = Claim {
            address: asked.ends.peer.ip(),
            through_proxy: asked.came_through_proxy(),
            devices: std::slice::from_ref(device),
        };
        self.judge(parts, parameters, claim).await?;
        self.verify(parts, parameters, device, claim.address).await
    }

    /// The address is nobody's, or that is not known yet.
    fn unknown(&self, parts: &Parts, address: IpAddr, devices: &[DeviceName]) -> Distrust {
        let up = self.clock.monotonic().saturating_sub(self.began);
        let awaited = devices.iter().find(|device| may_come_back(parts, device));
        match awaited.filter(|_| up < SETTLING) {
            Some(device) => Distrust {
                code: Code::RegistrationUnknown,
                why: format!(
                    "{device} has not registered again since the start, so whether {address} is \
                     its address is not known yet"
                ),
            },
            None => Distrust {
                code: Code::UntrustedIp,
                why: format!(
                    "no registered phone has the address {address}, and trusted_list_of_ips has \
                     it not"
                ),
            },
        }
    }
}

/// Whether a phone has been here, and is not now.
fn may_come_back(parts: &Parts, device: &DeviceName) -> bool {
    let was_here = {
        let world = parts.mobility.store().world();
        let phone = world.phone(device);
        phone.is_some_and(|phone| world.held.contains_key(&phone.id))
    };
    was_here && parts.presence.registration(device).is_none()
}

/// The addresses and the host names in the trusted list.
fn read_list(list: &str) -> (Vec<IpAddr>, Vec<String>) {
    let mut addresses = Vec::new();
    let mut hosts = Vec::new();
    for entry in list.split(';').map(str::trim) {
        let bare = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']'));
        match bare.unwrap_or(entry).parse::<IpAddr>() {
            Ok(address) => addresses.push(address.to_canonical()),
            Err(_) if entry.is_empty() => {}
            Err(_) => hosts.push(entry.to_ascii_lowercase()),
        }
    }
    hosts.sort();
    hosts.dedup();
    (addresses, hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_addresses_and_names() {
        let (addresses, hosts) = read_list(
            " 192.0.2.1 ;app.example.com;; [2001:db8::1];::ffff:192.0.2.2;App.Example.com",
        );
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.1", "2001:db8::1", "192.0.2.2"]);
        assert_eq!(hosts, ["app.example.com"]);
        assert_eq!(read_list(""), (Vec::new(), Vec::new()));
    }
}
