//! Families without pages: the first generation and analogue adapters, most of
//! which boot from a compiled file, and 6901 and 6911. An operator signs people
//! in at them. And those that ask for a compiled file which is not made: they
//! are told so at once.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use embody::handset::{Handset, Mac, Model, Pace, Profile, Servers};

use super::key;
use crate::support::phones::{is_right, registered, until};
use crate::support::relay::{Relay, Trouble};
use crate::support::tools::curl;
use crate::support::{Daemon, Site};

/// What each asks for; `+` are there.
fn order(model: &str) -> &'static [&'static str] {
    match model {
        "ATA186" => &["+ata{m}", "+ATA{M}.cnf.xml"],
        "ATA187" => &["+ATA{M}.cnf.xml", "+dialplan.xml", "+softkeys.xml"],
        "6901" | "6911" => &[
            "CTLSEP{M}.tlv",
            "ITLSEP{M}.tlv",
            "ITLFile.tlv",
            "+SEP{M}.cnf.xml",
            "/rtl-sccp.jar",
            "/g3-tones.xml",
        ],
        _ => &["+SEP{M}.cnf"],
    }
}

fn profiles() -> Vec<Profile> {
    let loads = Model::all().flat_map(|model| model.loads().map(|(load, _)| (model.number, load)));
    (1..)
        .zip(loads)
        .filter_map(|(number, (model, load))| {
            let mac = Mac([0x00, 0x1A, 0xAB, 0xCD, 0xEE, number]);
            Profile::with_load(model, load, mac)
        })
        .filter(|profile| !profile.family.pages)
        .collect()
}

fn site(profiles: &[Profile]) -> Site {
    let mut text = "version = 1\n".to_owned();
    for (number, profile) in (1..).zip(profiles) {
        let (model, name) = (profile.model.number, profile.device_name());
        write!(
            text,
            "[[phone]]\nname = \"{name}\"\nmodel = \"{model}\"\nextension_mobility = true\n\
             line = [{{ number = \"{}\", label = \"Desk\" }}]\n\
             [[profile]]\nname = \"p{number}\"\nmodel = \"{model}\"\n\
             line = [{{ number = \"{}\", label = \"Hers\" }}]\n\
             [[user]]\nid = \"u{number}\"\nprofiles = [\"p{number}\"]\n",
            1000 + number,
            2000 + number,
        )
        .unwrap();
    }
    Site::Text(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_boots_in_its_order_and_becomes_who_is_signed_in() {
    let profiles = profiles();
    let models: Vec<&str> = profiles.iter().map(|it| it.model.number).collect();
    assert_eq!(
        models,
        ["7910", "7935", "7936", "ATA186", "ATA187", "6901", "6911"]
    );
    let daemon = Daemon::start(site(&profiles));
    for (number, profile) in (1..).zip(profiles) {
        let relay = Relay::start(&daemon, Trouble::default()).await;
        let servers = Servers {
            tftp: relay.tftp,
            config_http: Some(relay.http),
            bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, number))),
        };
        let (model, device) = (profile.model.number, profile.device_name());
        let mac = profile.mac;
        let phone = Handset::spawn(profile, servers, Pace::default());
        registered(&phone, 1).await;
        let wire = super::on_the_wire(super::Over::Tftp, order(model), mac, "");
        assert_eq!(relay.asked(), wire, "{model}");
        key(&phone, 1000 + u16::from(number), "Desk").await;
        until("right", || is_right(&daemon, &device)).await;

        let before = phone.registrations_count();
        daemon.says(&["login", &format!("u{number}"), &device]);
        registered(&phone, before + 1).await;
        key(&phone, 2000 + u16::from(number), "Hers").await;
        until("right", || is_right(&daemon, &device)).await;

        let before = phone.registrations_count();
        daemon.says(&["logout", &device]);
        registered(&phone, before + 1).await;
        key(&phone, 1000 + u16::from(number), "Desk").await;
        until("right", || is_right(&daemon, &device)).await;
        assert!(phone.faults().is_empty(), "{model}: {:?}", phone.faults());
        let why = daemon.says(&["why", &device]);
        assert!(!why.contains("compiled"), "{model}: {why}");
        phone.power_off().await;
    }
}

/// Asks over TFTP from an address of its own; the answer's first octets.
fn asked(daemon: &Daemon, from: u8, name: &str) -> Vec<u8> {
    let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 6, from], 0))).unwrap();
    // An end for what hangs; nothing is measured by it.
    let patience = Some(Duration::from_secs(40));
    socket.set_read_timeout(patience).unwrap();
    let request = [b"\0\x01", name.as_bytes(), b"\0octet\0"].concat();
    socket.send_to(&request, daemon.ports.tftp).unwrap();
    let mut answer = [0; 600];
    let (length, _) = socket.recv_from(&mut answer).unwrap();
    answer[..length].to_vec()
}

/// An unknown phone of the first generation goes on to the default.
#[test]
fn who_is_not_configured_finds_a_default() {
    let daemon = Daemon::start(Site::Text("version = 1\n".to_owned()));
    assert_eq!(asked(&daemon, 1, "SEP001AABCDEF01.cnf")[..4], [0, 5, 0, 1]);
    for name in ["SEPDefault.cnf", "SEPDEFAULT.cnf"] {
        let answer = asked(&daemon, 2, name);
        assert_eq!(answer[..4], [0, 3, 0, 1]);
        assert!(
            answer[4..].starts_with(b"\x01\x01\0\x01\x02\x7f\0\0\x01\x01\x03"),
            "{answer:?}"
        );
    }
}

/// Phones that are configured as something else, or run a load whose file is
/// not made.
const OTHERS: [(&str, &str, &str); 2] = [
    ("7961", "SEP001AABCDEF01", "SEP001AABCDEF01.cnf"),
    ("7960", "ATA001AABCDEF04", "ata001aabcdef04"),
];

#[test]
fn who_asks_for_one_that_is_not_there_is_told_so_at_once_and_so_is_the_operator() {
    let mut site = "version = 1\n".to_owned();
    for (number, (model, name, _)) in (1..).zip(OTHERS) {
        write!(
            site,
            "[[phone]]\nname = \"{name}\"\nmodel = \"{model}\"\n\
             line = [{{ number = \"100{number}\" }}]\n"
        )
        .unwrap();
    }
    let daemon = Daemon::start(Site::Text(site));
    for (number, (model, device, name)) in (1..).zip(OTHERS) {
        assert_eq!(
            asked(&daemon, number, name)[..4],
            [0, 5, 0, 1],
            "{model}: {name}"
        );
        let url = format!("http://{}/{name}", daemon.ports.config_http);
        let status = curl(&["-o", "/dev/null", "-w", "%{http_code}", &url]);
        assert_eq!(status, "404", "{model}: {name}");
        let output = daemon.command(&["why", device]);
        let why = String::from_utf8(output.stdout).unwrap();
        for words in ["a file that is compiled", name, "static files"] {
            assert!(why.contains(words), "{model}: no {words:?} in {why}");
        }
        assert!(!why.contains("never heard"), "{model}: {why}");
        assert!(!why.contains("nothing was ever heard"), "{model}: {why}");
    }
}
