//! A 7960 that is configured without a protocol: the first file that it finds
//! picks that, and with the other load it is of no use to it.

use std::net::{IpAddr, Ipv4Addr};

use embody::handset::{Handset, Mac, Pace, Profile, Servers};

use super::key;
use crate::support::phones::{is_right, registered, until};
use crate::support::{Daemon, Site};

#[tokio::test(flavor = "multi_thread")]
async fn with_either_load_it_comes_up() {
    for (number, load) in [(1, "P0S3-8-12-00"), (2, "P00308010200")] {
        let mac = Mac([0x00, 0x1A, 0xAB, 0xCD, 0xE2, number]);
        let device = format!("SEP{mac}");
        let daemon = Daemon::start(Site::Text(format!(
            "version = 1\n[[phone]]\nname = \"{device}\"\nmodel = \"7960\"\n\
             line = [{{ number = \"1001\", label = \"Desk\" }}]\n"
        )));
        let servers = Servers {
            tftp: daemon.ports.tftp,
            config_http: None,
            bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 8, 16 + number))),
        };
        let profile = Profile::with_load("7960", load, mac).unwrap();
        let phone = Handset::spawn(profile, servers, Pace::default());
        registered(&phone, 1).await;
        key(&phone, 1001, "Desk").await;
        until("right", || is_right(&daemon, &device)).await;
        phone.power_off().await;
    }
}
