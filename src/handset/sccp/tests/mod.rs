//! A phone against a call manager.

#![allow(clippy::unwrap_used)]

mod in_service;
mod manager;
mod registering;

use std::collections::HashMap;
use std::time::Duration;

use crate::handset::testing::{mac, pace, sccp_file, tftp};
use crate::handset::{Fault, Handset, HandsetEvent, Kind, Profile, Servers};
use manager::Manager;

/// A phone of that kind whose file names this call manager.
async fn plug_in(profile: Profile, manager: &Manager) -> Handset {
    let servers = servers(&profile, manager).await;
    Handset::spawn(profile, servers, pace())
}

async fn servers(profile: &Profile, manager: &Manager) -> Servers {
    let address = manager.listen().await;
    let file = sccp_file("127.0.0.1", address.port());
    let name = format!("{}.cnf.xml", profile.device_name());
    Servers::new(tftp(HashMap::from([(name, file.into_bytes())])).await)
}

fn profile(kind: Kind) -> Profile {
    Profile::new(kind, mac(1))
}

async fn first_fault(handset: &Handset) -> Fault {
    let mut events = handset.events();
    if let Some(fault) = handset.faults().first() {
        return fault.clone();
    }
    loop {
        let event = tokio::time::timeout(Duration::from_secs(60), events.recv()).await;
        if let HandsetEvent::Fault(fault) = event.unwrap().unwrap() {
            return fault;
        }
    }
}
