//! Families whose boot file Embody does not make: they are told so at once, and
//! so is the operator.

use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::support::tools::curl;
use crate::support::{Daemon, Site};

/// Phones, and what each asks for until it has nothing left to ask.
const OTHERS: [(&str, &str, &[&str]); 5] = [
    (
        "7910",
        "SEP001AABCDEF01",
        &["SEP001AABCDEF01.cnf", "SEPDefault.cnf"],
    ),
    (
        "7935",
        "SEP001AABCDEF02",
        &["SEP001AABCDEF02.cnf", "SEPDEFAULT.cnf"],
    ),
    (
        "12SPplus",
        "SEP001AABCDEF03",
        &["SEP001AABCDEF03.cnf", "SEPDefault.cnf"],
    ),
    (
        "30VIP",
        "SEP001AABCDEF04",
        &["SEP001AABCDEF04.cnf", "SEPDefault.cnf"],
    ),
    ("ATA186", "ATA001AABCDEF05", &["ata001aabcdef05"]),
];

#[test]
fn who_reads_a_file_of_another_form_is_told_so_at_once_and_so_is_the_operator() {
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
    for (number, (model, device, asks)) in (1..).zip(OTHERS) {
        let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 6, number], 0))).unwrap();
        // An end for what hangs; nothing is measured by it.
        let patience = Some(Duration::from_secs(40));
        socket.set_read_timeout(patience).unwrap();
        for name in asks {
            let request = [b"\0\x01", name.as_bytes(), b"\0octet\0"].concat();
            socket.send_to(&request, daemon.ports.tftp).unwrap();
            let mut answer = [0; 600];
            let (length, _) = socket.recv_from(&mut answer).unwrap();
            assert_eq!(&answer[..length.min(4)], [0, 5, 0, 1], "{model}: {name}");
            let url = format!("http://{}/{name}", daemon.ports.config_http);
            let status = curl(&["-o", "/dev/null", "-w", "%{http_code}", &url]);
            assert_eq!(status, "404", "{model}: {name}");
        }
        let output = daemon.command(&["why", device]);
        let why = String::from_utf8(output.stdout).unwrap();
        for words in [
            "a form that is not made",
            &asks[0].to_lowercase(),
            "static files",
        ] {
            assert!(why.contains(words), "{model}: no {words:?} in {why}");
        }
        assert!(!why.contains("never heard"), "{model}: {why}");
        assert!(!why.contains("nothing was ever heard"), "{model}: {why}");
    }
}
