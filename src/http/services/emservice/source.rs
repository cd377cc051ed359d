//! Which address counts when requests are judged by where they come from: that
//! of the phone or browser which asked the application. An application with
//! proxy rights says it (`remoteIPAddr`) and is believed; anybody else, and an
//! application that does not say it, is taken for the peer of his own
//! connection.

use super::Caller;
use crate::emapi::{Envelope, Operation, Origin};
use crate::http::services::request::Asked;
use crate::http::services::trust::Claim;
use crate::model::DeviceName;

/// The claim of a request about `devices`.
pub(super) fn claim<'a>(
    asked: &Asked,
    caller: &Caller,
    origin: Origin,
    devices: &'a [DeviceName],
) -> Claim<'a> {
    let said = origin.remote_ip.filter(|_| caller.is_proxy());
    let own_proxy = asked.came_through_proxy();
    Claim {
        address: said.unwrap_or_else(|| asked.ends.peer.ip()),
        // The application says so, or its own request shows it and counts.
        through_proxy: origin.via_header == Some(true) || (own_proxy && said.is_none()),
        devices,
    }
}

/// The phones that a request is about.
pub(super) fn devices(envelope: &Envelope) -> Vec<DeviceName> {
    let names: &[String] = match &envelope.operation {
        Operation::Login { device, .. } | Operation::Logout { device } => {
            std::slice::from_ref(device)
        }
        Operation::DeviceUserQuery { devices } => devices,
        _ => &[],
    };
    names
        .iter()
        .filter_map(|name| DeviceName::new(name).ok())
        .collect()
}
