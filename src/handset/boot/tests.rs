#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use super::*;
use crate::handset::testing::{ok, phone, sccp_file, sip_file, tftp, web};
use crate::handset::{Kind, Mac, Model, Profile, Servers};

const OWN: &str = "SEP000000000001.cnf.xml";

fn files(list: &[(&str, &str)]) -> HashMap<String, Vec<u8>> {
    list.iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

#[tokio::test]
async fn an_8841_asks_http_first_and_tftp_for_what_is_not_there() {
    let file = sip_file("10.0.0.1", 5060);
    let requests = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (kept, body) = (requests.clone(), file.clone());
    let http = web(move |request| {
        kept.lock().unwrap().push(request.to_owned());
        if request.starts_with(&format!("GET /{OWN} ")) {
            return ok("*/*", &body);
        }
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()
    })
    .await;
    let mut servers = Servers::new(tftp(files(&[("dialplan.xml", "<oops/>")])).await);
    servers.config_http = Some(http);
    let phone = phone(Kind::Cisco8841, servers);
    let mut events = phone.shared.events();
    boot(&phone).await.unwrap();
    let requests = requests.lock().unwrap().clone();
    assert_eq!(
        requests[0],
        format!("GET /CTLSEP000000000001.tlv HTTP/1.1\r\nHost:{http}\r\n\r\n")
    );
    let mut fetched = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let HandsetEvent::FileFetched { name, service, .. } = event {
            fetched.push((name, service));
        }
    }
    let of = |name: &str| -> Vec<FileService> {
        let asked = fetched.iter().filter(|(asked, _)| asked == name);
        asked.map(|(_, service)| *service).collect()
    };
    assert_eq!(of(OWN), [FileService::Http]);
    assert_eq!(
        of("CTLSEP000000000001.tlv"),
        [FileService::Http, FileService::Tftp]
    );
    assert_eq!(of("softkeys.xml"), [FileService::Http, FileService::Tftp]);
    let reason = "<oops> is not what it should be".to_owned();
    let name = "dialplan.xml".to_owned();
    assert_eq!(phone.shared.faults(), [Fault::File { name, reason }]);
}

#[tokio::test]
async fn without_its_own_file_a_phone_takes_the_default_one() {
    let default = "<Default><callManagerGroup><members><member priority=\"0\"><callManager>\
        <ports><ethernetPhonePort>2000</ethernetPhonePort></ports>\
        <processNodeName>10.0.0.9</processNodeName></callManager></member></members>\
        </callManagerGroup></Default>";
    let server = tftp(files(&[("XMLDefault.cnf.xml", default)])).await;
    let phone = phone(Kind::Cisco7960, Servers::new(server));
    let file = boot(&phone).await.unwrap();
    assert_eq!(file.managers[0].host, "10.0.0.9");
    assert_eq!(phone.shared.faults(), []);
}

#[tokio::test]
async fn no_file_and_a_broken_file_are_faults() {
    let empty = phone(Kind::Cisco7961, Servers::new(tftp(files(&[])).await));
    let fault = boot(&empty).await.unwrap_err();
    assert_eq!(fault, Fault::NoFile("SEP000000000001".to_owned()));
    let broken = sccp_file("10.0.0.1", 2000).replace("</device>", "");
    let server = tftp(files(&[(OWN, &broken)])).await;
    let phone = phone(Kind::Cisco7961, Servers::new(server));
    assert!(matches!(boot(&phone).await, Err(Fault::File { .. })));
}

#[tokio::test]
async fn another_load_would_be_downloaded() {
    let file =
        sccp_file("10.0.0.1", 2000).replace("<loadInformation>", "<loadInformation>SCCP41.8-5-4S");
    let server = tftp(files(&[(OWN, &file), ("CTLSEP000000000001.tlv", "x")])).await;
    let phone = phone(Kind::Cisco7961, Servers::new(server));
    boot(&phone).await.unwrap();
    let faults = phone.shared.faults();
    assert!(matches!(faults[0], Fault::TrustList(_)));
    assert!(matches!(faults[1], Fault::WouldDownload { .. }));
}

#[tokio::test]
async fn told_to_look_a_phone_compares_stamps() {
    let file = sccp_file("10.0.0.1", 2000);
    let server = tftp(files(&[(OWN, &file)])).await;
    let phone = phone(Kind::Cisco7961, Servers::new(server));
    let mut held = boot(&phone).await.unwrap().as_ref().clone();
    assert!(!has_changed(&phone, &held).await);
    held.version_stamp = "stamp-0".to_owned();
    assert!(has_changed(&phone, &held).await);
}

const TEXT: &str = "proxy_register: 1\nproxy1_address: \"10.0.0.1\"\nline1_name: \"2001\"\n";
const SYNC: &str = "<SYNCINFO><IMAGE VERSION=\"P003\" SYNC=\"7\"/><IMAGE VERSION=\"*\" SYNC=\"1\"/>\
    </SYNCINFO>";

/// What was asked for, and whether it was there.
fn asked(events: &mut tokio::sync::broadcast::Receiver<HandsetEvent>) -> Vec<String> {
    let mut asked = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let HandsetEvent::FileFetched { name, outcome, .. } = event {
            let there = matches!(outcome, FileOutcome::Found { .. });
            asked.push(format!("{name}{}", if there { " +" } else { "" }));
        }
    }
    asked
}

#[tokio::test]
async fn a_7960_takes_the_first_file_that_it_finds() {
    let list = [("SIP000000000001.cnf", TEXT), ("SIPDefault.cnf", "sync: 0")];
    let server = tftp(files(&list)).await;
    let text = phone(Kind::Cisco7960Sip, Servers::new(server));
    let mut events = text.shared.events();
    assert_eq!(boot(&text).await.unwrap().sip.as_ref().unwrap().sync, "0");
    let all = [
        "CTLSEP000000000001.tlv",
        OWN,
        "SIP000000000001.cnf +",
        "SIPDefault.cnf +",
        "RINGLIST.DAT",
    ];
    assert_eq!(asked(&mut events), all);

    // As a Skinny load it must not find that file.
    let skinny = phone(Kind::Cisco7960, Servers::new(server));
    let fault = boot(&skinny).await.unwrap_err();
    assert_eq!(fault, Fault::OtherLoad("SIP000000000001.cnf".to_owned()));
}

#[tokio::test]
async fn an_old_7960_looks_first_which_image_it_is_to_run() {
    let common = "proxy_register: 1\nline1_name: \"common\"";
    let list = [
        ("OS79XX.TXT", "P0S3-08-2-00"),
        ("SIPDefault.cnf", common),
        ("SIP000000000001.cnf", TEXT),
    ];
    let server = tftp(files(&list)).await;
    let mut phone = phone(Kind::Cisco7960Sip, Servers::new(server));
    let profile = Profile::with_load("7960", "P0S3-06-3-00", Mac([0, 0, 0, 0, 0, 1])).unwrap();
    phone.profile = Arc::new(profile);
    let mut events = phone.shared.events();
    let file = boot(&phone).await.unwrap();
    assert_eq!(file.sip.as_ref().unwrap().lines[0].name, "2001");
    let all = [
        "OS79XX.TXT +",
        "SIPDefault.cnf +",
        "SIP000000000001.cnf +",
        "RINGLIST.DAT",
    ];
    assert_eq!(asked(&mut events), all);
    let faults = phone.shared.faults();
    assert!(
        matches!(faults[0], Fault::WouldDownload { .. }),
        "{faults:?}"
    );
}

#[tokio::test]
async fn a_7905_goes_on_from_a_profile_that_is_not_there() {
    let file = sccp_file("10.0.0.1", 2000);
    let model = Model::find("7905").unwrap();
    let (load, _) = model.loads().next().unwrap();
    let mac = Mac([0, 0, 0, 0, 0, 0xAB]);
    for (common, asks) in [
        (
            "ld0000000000ab",
            ["ld0000000000ab +", "German_Germany/7905-dictionary.xml"],
        ),
        ("lddefault.cfg", ["ld0000000000ab", "lddefault.cfg +"]),
    ] {
        let list = [("SEP0000000000ab.cnf.xml", file.as_str()), (common, "#txt")];
        let mut phone = phone(Kind::Cisco7960, Servers::new(tftp(files(&list)).await));
        phone.profile = Arc::new(Profile::with_load("7905", load, mac).unwrap());
        let mut events = phone.shared.events();
        boot(&phone).await.unwrap();
        let asked = asked(&mut events);
        assert_eq!(asked[0], "SEP0000000000ab.cnf.xml +");
        assert_eq!(asked[1..3], asks);
    }
}

#[tokio::test]
async fn told_to_check_a_text_load_compares_the_word_for_it() {
    let server = tftp(files(&[("syncinfo.xml", SYNC)])).await;
    let told = phone(Kind::Cisco7960Sip, Servers::new(server));
    assert!(is_out_of_sync(&told, "0").await);
    assert!(!is_out_of_sync(&told, "1").await);
    let gone = phone(Kind::Cisco7960Sip, Servers::new(tftp(files(&[])).await));
    assert!(!is_out_of_sync(&gone, "0").await);
}
