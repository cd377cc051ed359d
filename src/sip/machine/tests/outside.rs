//! What others read in what we send. Run with
//! `cargo test --lib sip::machine::tests::outside -- --ignored`; needs
//! Wireshark's `tshark`.

use std::process::Command;

use super::*;
use crate::model::OrderKind;

/// A capture file of datagrams from us, each one message (libpcap format,
/// link type 101, raw IP).
fn capture(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(101_u32.to_le_bytes());
    for message in messages {
        let udp = u16::try_from(message.len() + 8).unwrap();
        let ip = udp + 20;
        file.extend([0; 8]);
        file.extend(u32::from(ip).to_le_bytes());
        file.extend(u32::from(ip).to_le_bytes());
        file.extend([0x45, 0]);
        file.extend(ip.to_be_bytes());
        file.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 200, 192, 0, 2, 104]);
        file.extend([0x13, 0xc4, 0x13, 0xc4]);
        file.extend(udp.to_be_bytes());
        file.extend([0, 0]);
        file.extend(message);
    }
    file
}

#[test]
#[ignore = "needs tshark"]
fn wireshark_reads_what_we_send() {
    let mut desk = Desk::with(Settings {
        digest: Some(Digest {
            realm: "embody".into(),
            key: crate::sip::wire::NonceKey::new([1; 32]),
        }),
        ..Settings::default()
    });
    let asked = first(stamp(1));
    let mut all = Vec::new();
    let mut keep = |outputs: &[Output]| {
        for message in messages(outputs) {
            all.push(message.to_bytes().to_vec());
        }
    };
    let register = desk.ask(&asked);
    for refusal in [
        Refusal::Challenge { stale: true },
        Refusal::NotConfigured,
        Refusal::Contested,
    ] {
        keep(&desk.registrar.refused(&register, refusal, desk.wall));
    }
    keep(&desk.admit(&asked));
    let register = desk.ask(&refresh(&asked, 114));
    keep(&desk.registrar.refreshed(&register, desk.now, desk.wall));
    keep(
        &desk
            .registrar
            .order(OrderKind::Restart, desk.now, desk.wall),
    );
    keep(&desk.registrar.show("Back at 2", 60, desk.now, desk.wall));
    for request in ["OPTIONS", "PUBLISH", "SUBSCRIBE", "MESSAGE", "INVITE"] {
        keep(&desk.say(asked.replace("REGISTER", request)));
    }
    keep(&desk.say(asked.replacen("Max-Forwards", "Require: x\r\nMax-Forwards", 1)));
    keep(&desk.say(vector!("refer-alarm-7821")));
    keep(&desk.say(unregister(&asked, 115)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sip.pcap");
    std::fs::write(&file, capture(&all)).unwrap();
    let read = |filter: &str| {
        let output = Command::new("tshark")
            .args(["-r", file.to_str().unwrap(), "-Y", filter])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(read("sip").lines().count(), all.len());
    let complaints = read("_ws.malformed || _ws.expert.severity >= 6291456");
    assert_eq!(complaints, "");
    assert_eq!(read("sip.Expires == 120").lines().count(), 2);
    assert_eq!(read("sip.auth.realm").lines().count(), 1);
    assert_eq!(read("sip.Refer-To").lines().count(), 2);
    assert_eq!(
        read("sip.Event contains \"service-control\"")
            .lines()
            .count(),
        1
    );
    assert_eq!(read("mime_multipart").lines().count(), 1);
}
