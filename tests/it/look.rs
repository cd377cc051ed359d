//! Looking at a phone through its own web server: told from the operator's
//! side, with virtual phones that have one, and with a phone that lies.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use embody::handset::{Handset, HandsetEvent, Kind, Pace, Profile, Servers};
use serde_json::json;

use crate::support::daemon::{free_port, sample_site};
use crate::support::phones::{PATIENCE, mac, plug_in, registered, servers, until};
use crate::support::{Daemon, Site};

/// The port that web servers of phones have in these stories: free at every
/// address when it was chosen, and each phone has an address of its own.
fn web_port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| free_port(Ipv4Addr::UNSPECIFIED.into()))
}

fn daemon(parameters: &str) -> Daemon {
    let site = sample_site().replacen("[parameters]", &format!("[parameters]\n{parameters}"), 1);
    assert!(site.contains(parameters));
    let config = format!("[push]\nphone_port = {}\n", web_port());
    Daemon::start_with(Site::Text(site), &config, &[])
}

/// A phone in service whose web server is on.
async fn phone(daemon: &Daemon, kind: Kind) -> Handset {
    let phone = plug_in(daemon, kind);
    phone.serve_web(web_port()).await.unwrap();
    registered(&phone, 1).await;
    phone
}

fn refused(daemon: &Daemon, arguments: &[&str]) -> String {
    let output = daemon.command(arguments);
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_both_pages_of_a_phone() {
    let daemon = daemon("");
    let phone = phone(&daemon, Kind::Cisco7961).await;
    let device = phone.device_name();
    let text = daemon.says(&["look", &device]);
    for line in [
        format!("{device} at 127.2."),
        "\nDevice\n".to_owned(),
        format!("  HostName        {device}\n"),
        "  modelNumber     CP-7961G\n".to_owned(),
        "\nNetwork\n".to_owned(),
        "TFTPServer1   127.0.0.1".to_owned(),
        "CallManager1  127.0.0.1".to_owned(),
    ] {
        assert!(text.contains(&line), "{line:?} is missing:\n{text}");
    }
    assert!(
        !text.contains("addonModule1"),
        "empty lines are left out: {text}"
    );
    assert!(!text.contains("warning"), "{text}");
    // The same as JSON.
    let (status, seen) = daemon.admin().get(&format!("/phones/{device}/look"));
    assert_eq!(status, 200, "{seen}");
    assert_eq!(
        seen["information"][1],
        json!({"name": "HostName", "value": device})
    );
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_pressed_with_a_password_that_the_phone_asks_about() {
    let daemon = daemon("");
    let phone = phone(&daemon, Kind::Cisco7961).await;
    let device = phone.device_name();
    let file = phone.boot_file().unwrap();
    assert!(file.authentication_url.is_some(), "it asks before it obeys");
    let mut events = phone.events();
    let said = daemon.says(&["look", &device, "--key", "services"]);
    assert_eq!(said, format!("pressed Services on {device}\n"));
    let page = async {
        loop {
            if let Ok(HandsetEvent::Page { title, .. }) = events.recv().await {
                return title;
            }
        }
    };
    let title = tokio::time::timeout(PATIENCE, page).await.unwrap();
    assert!(!title.is_empty());
    let menu = phone.page().await.unwrap();
    assert!(
        menu.items
            .iter()
            .any(|item| item.contains("Extension Mobility")),
        "{menu:?}"
    );
    // It is written down who did that.
    let audit = daemon.says(&["audit"]);
    assert!(
        audit.contains(&format!("pressed Services on {device}")),
        "{audit}"
    );
    let odd = refused(&daemon, &["look", &device, "--key", "Dial:911"]);
    assert!(odd.contains("no phone has such a key"), "{odd}");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_of_each_generation_goes_to_a_file() {
    let daemon = daemon("");
    for (kind, form, begins) in [
        (
            Kind::Cisco7960,
            "a CiscoIPPhoneImage object",
            &b"<CiscoIPPhoneImage>"[..],
        ),
        (Kind::Cisco8841, "a BMP picture", b"BM"),
    ] {
        let phone = phone(&daemon, kind).await;
        let device = phone.device_name();
        let file = daemon.folder.path().join(&device);
        let path = file.to_str().unwrap();
        let said = daemon.says(&["look", &device, "--screenshot", path]);
        let picture = std::fs::read(&file).unwrap();
        assert!(picture.starts_with(begins), "{kind:?}");
        assert!(said.starts_with(&format!("{path}: {form}")), "{said}");
        assert!(
            said.ends_with(&format!("{} bytes\n", picture.len())),
            "{said}"
        );
        let audit = daemon.says(&["audit"]);
        assert!(
            audit.contains(&format!("looked at the display of {device}")),
            "{audit}"
        );
        phone.power_off().await;
    }
}

/// 6.14: nobody is asked who is not registered, and no address but that of the
/// registration.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_away_or_has_no_web_server_is_said_to_be_so() {
    let daemon = daemon("");
    let lobby = "SEP001122334455";
    let away = refused(&daemon, &["look", lobby]);
    assert!(away.contains("is not registered now"), "{away}");
    let unknown = refused(&daemon, &["look", "SEP00AA00AA00AA"]);
    assert!(
        unknown.contains("no phone SEP00AA00AA00AA is configured"),
        "{unknown}"
    );
    // This one has none.
    let phone = plug_in(&daemon, Kind::Cisco7960);
    registered(&phone, 1).await;
    let silent = refused(&daemon, &["look", lobby]);
    assert!(silent.contains("is webAccess on?"), "{silent}");
    phone.power_off().await;
}

/// A web server that answers every question with one page.
fn web(at: SocketAddr, kind: &'static str, body: &'static [u8]) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind(at).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            // HTTP/1.0 without a length, as the oldest loads answer.
            let answer = format!("HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.write_all(body);
        }
    });
    asked
}

const OTHER: &[u8] = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><DeviceInformation>\
    <MACAddress>0011223344FF</MACAddress><HostName>SEP0011223344FF</HostName>\
    </DeviceInformation>";

/// The phone at the address is another one than it says by its name: a
/// registration can be claimed by whoever knows the name.
#[tokio::test(flavor = "multi_thread")]
async fn who_claims_to_be_another_phone_does_not_get_its_login_page() {
    let daemon = daemon("verify_phone = \"always\"");
    let phone = plug_in(&daemon, Kind::Cisco7961);
    let address = phone.profile().device_name();
    registered(&phone, 1).await;
    let at = daemon.admin().get(&format!("/phones/{address}")).1["status"]["peer"]
        .as_str()
        .map(|peer| peer.parse::<SocketAddr>().unwrap())
        .unwrap();
    let asked = web(SocketAddr::new(at.ip(), web_port()), "text/xml", OTHER);
    phone.press_services().await.unwrap();
    let page = phone.choose("Extension Mobility").await.unwrap().unwrap();
    assert!(page.text.contains("(28)"), "{page:?}");
    phone.press_services().await.unwrap();
    phone.choose("Extension Mobility").await.unwrap().unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1, "once a registration");
    let told = daemon.says(&["look", &address]);
    assert!(
        told.contains("is that of SEP0011223344FF, not of"),
        "{told}"
    );
    let audit = daemon.says(&["audit"]);
    assert!(audit.contains("says that it is SEP0011223344FF"), "{audit}");
    // A page is no picture.
    let file = daemon.folder.path().join("picture");
    let path = file.to_str().unwrap();
    let odd = refused(&daemon, &["look", &address, "--screenshot", path]);
    assert!(odd.contains("and is not"), "{odd}");
    assert!(!file.exists());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_proves_its_name_signs_in_as_ever() {
    let daemon = daemon("verify_phone = \"always\"");
    let phone = Handset::spawn(
        Profile::new(Kind::Cisco7960, mac(Kind::Cisco7960)),
        Servers { ..servers(&daemon) },
        Pace::default(),
    );
    phone.serve_web(web_port()).await.unwrap();
    registered(&phone, 1).await;
    phone.press_services().await.unwrap();
    phone.choose("Extension Mobility").await.unwrap().unwrap();
    phone
        .fill(&[("userid", "2002"), ("seq", "31415")])
        .await
        .unwrap();
    let page = phone.soft_key("Submit").await.unwrap().unwrap();
    assert!(page.text.contains("Login Successful"), "{page:?}");
    registered(&phone, 2).await;
    until("Bob's key", || {
        phone
            .buttons()
            .first()
            .is_some_and(|key| key.label == "Bob")
    })
    .await;
    phone.power_off().await;
}
