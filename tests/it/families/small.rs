//! 7905 and 7912: their SIP loads read nothing but a profile that is compiled,
//! and what they ask for first shows which load they run.

use std::net::{IpAddr, Ipv4Addr};

use embody::handset::{Handset, Mac, Pace, Profile, Servers};

use super::key;
use crate::support::phones::{is_right, registered, until};
use crate::support::{Daemon, Site};

fn plug_in(daemon: &Daemon, model: &str, protocol: &str, mac: Mac) -> Handset {
    let servers = Servers {
        tftp: daemon.ports.tftp,
        config_http: None,
        bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 8, mac.0[5]))),
    };
    let profile = Profile::find(model, Some(protocol), mac).unwrap();
    // A phone repeats what is not answered; a real one after seconds.
    Handset::spawn(profile, servers, Pace::default())
}

fn site(model: &str, mac: Mac, more: &str) -> Site {
    Site::Text(format!(
        "version = 1\n[[phone]]\nname = \"SEP{mac}\"\nmodel = \"{model}\"\n{more}\
         line = [{{ number = \"1001\", label = \"Desk\" }}]\n\
         [[profile]]\nname = \"p\"\nmodel = \"{model}\"\n\
         line = [{{ number = \"2001\", label = \"Zoë\" }}]\n\
         [[user]]\nid = \"zoe\"\nprofiles = [\"p\"]\n"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_load_it_runs_it_comes_up_and_is_served_as_what_it_is() {
    for (number, model, configured, load) in [
        (1, "7905", "", "sip"),
        (2, "7912", "protocol = \"sccp\"\n", "sip"),
        (3, "7912", "", "sccp"),
        (4, "7905", "protocol = \"sip\"\n", "sccp"),
    ] {
        let mac = Mac([0x00, 0x1A, 0xAB, 0xCD, 0xE0, number]);
        let daemon = Daemon::start(site(
            model,
            mac,
            &format!("extension_mobility = true\n{configured}"),
        ));
        let device = format!("SEP{mac}");
        let phone = plug_in(&daemon, model, load, mac);
        registered(&phone, 1).await;
        until("right", || is_right(&daemon, &device)).await;
        key(&phone, 1001, "Desk").await;
        let timeline = daemon.says(&["why", &device]);
        let spoken = format!("registered over {}", load.to_uppercase());
        assert!(timeline.contains(&spoken), "{model}: {timeline}");
        let before = phone.registrations_count();
        daemon.says(&["login", "zoe", &device]);
        registered(&phone, before + 1).await;
        let label = if load == "sip" { "Zoe" } else { "Zoë" };
        key(&phone, 2001, label).await;
        until("right", || is_right(&daemon, &device)).await;
        phone.power_off().await;
    }
}

/// The credentials are in the profile, under the name of the phone.
#[tokio::test(flavor = "multi_thread")]
async fn it_proves_the_secret_of_its_profile() {
    let mac = Mac([0x00, 0x1A, 0xAB, 0xCD, 0xE1, 0x01]);
    let site = site("7912", mac, "protocol = \"sip\"\n");
    let daemon = Daemon::start_with(site, "[sip]\ndigest = true\n", &[]);
    let phone = plug_in(&daemon, "7912", "sip", mac);
    registered(&phone, 1).await;
    let device = format!("SEP{mac}");
    until("right", || is_right(&daemon, &device)).await;
    let why = daemon.says(&["why", &device]);
    assert!(why.contains("right"), "{why}");
    phone.power_off().await;
}
