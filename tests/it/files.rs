//! Files as phones and other people's clients fetch them.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::support::tools::{curl, is_well_formed, run};
use crate::support::{Daemon, Site};

const PHONES: [&str; 3] = ["SEP001122334455", "SEP001122334466", "SEP001122334477"];

fn http(daemon: &Daemon, name: &str) -> (String, String) {
    let url = format!("http://{}/{name}", daemon.ports.config_http);
    let answer = curl(&["-i", "--path-as-is", &url]);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.to_owned(), body.to_owned())
}

/// One datagram exchange from a port of its own.
fn ask(server: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    socket.send_to(request, server).unwrap();
    let mut buffer = [0u8; 2048];
    socket
        .recv_from(&mut buffer)
        .ok()
        .map(|(length, _)| buffer[..length].to_vec())
}

#[test]
fn every_generated_file_is_well_formed_and_the_same_over_both_services() {
    let daemon = Daemon::start(Site::Sample);
    let folder = tempfile::tempdir().unwrap();
    let mut names: Vec<String> = PHONES
        .iter()
        .map(|name| format!("{name}.cnf.xml"))
        .collect();
    names.extend(["XMLDefault.cnf.xml", "dialplan.xml", "softkeys.xml"].map(str::to_owned));
    for name in &names {
        let (head, body) = http(&daemon, name);
        assert!(head.starts_with("HTTP/1.1 200"), "{name}: {head}");
        assert!(
            head.contains(&format!("Content-Length: {}", body.len())),
            "{head}"
        );
        assert!(is_well_formed(body.as_bytes()), "{name}:\n{body}");
        let to = folder.path().join("fetched");
        let port = daemon.ports.tftp.port().to_string();
        let output = run(
            "tftp",
            &[
                "-m",
                "binary",
                "127.0.0.1",
                &port,
                "-c",
                "get",
                name,
                to.to_str().unwrap(),
            ],
        );
        assert!(output.status.success(), "{output:?}");
        let fetched = std::fs::read_to_string(&to).unwrap();
        assert_eq!(fetched, body, "{name} over TFTP");
    }
}

#[test]
fn atftp_and_curl_fetch_with_every_option() {
    let daemon = Daemon::start(Site::Sample);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("fetched");
    let port = daemon.ports.tftp.port().to_string();
    let name = "SEP001122334466.cnf.xml";
    let (_, expected) = http(&daemon, name);
    for options in [
        vec!["--option", "disable tsize", "--option", "disable blksize"],
        vec!["--option", "blksize 8"],
        vec![
            "--option",
            "blksize 1400",
            "--option",
            "tsize 0",
            "--option",
            "timeout 2",
        ],
        vec!["--option", "blksize 65464"],
    ] {
        let mut arguments = vec!["--get", "-r", name, "-l", to.to_str().unwrap()];
        arguments.extend(&options);
        arguments.extend(["127.0.0.1", &port]);
        let _ = std::fs::remove_file(&to);
        let output = run("atftp", &arguments);
        assert!(output.status.success(), "{options:?}: {output:?}");
        assert_eq!(
            std::fs::read_to_string(&to).unwrap(),
            expected,
            "{options:?}"
        );
    }
    let url = format!("tftp://127.0.0.1:{port}/{name}");
    assert_eq!(curl(&["--tftp-no-options", &url]), expected);
    assert_eq!(curl(&["--tftp-blksize", "1024", &url]), expected);
}

#[test]
fn what_does_not_exist_is_not_found_at_once_and_bad_names_are_refused() {
    let daemon = Daemon::start(Site::Sample);
    for name in [
        "CTLSEP001122334455.tlv",
        "ITLFile.tlv",
        "SEP0000DEADBEEF.cnf.xml",
        "mk-sccp.jar",
    ] {
        let (head, _) = http(&daemon, name);
        assert!(head.starts_with("HTTP/1.1 404"), "{name}: {head}");
        let rrq = [&[0, 1][..], name.as_bytes(), b"\0octet\0"].concat();
        let answer = ask(daemon.ports.tftp, &rrq).expect("never silence");
        assert_eq!(&answer[..4], [0, 5, 0, 1], "{name}: ERROR 1");
    }
    for name in [
        "../etc/passwd",
        "a/../../b",
        "%2e%2e/etc/passwd",
        "a%00b",
        "a%01b",
    ] {
        let (head, _) = http(&daemon, name);
        let code = head.split(' ').nth(1).unwrap_or("");
        assert!(["400", "403", "404"].contains(&code), "{name}: {head}");
    }
    for name in [
        &b"../etc/passwd"[..],
        b"..\\etc\\passwd",
        b"a\x01b",
        b"\xff\xfe",
    ] {
        let rrq = [&[0, 1][..], name, b"\0octet\0"].concat();
        let answer = ask(daemon.ports.tftp, &rrq).expect("never silence");
        assert_eq!(answer[..2], [0, 5], "{name:?}: ERROR");
        assert!(matches!(answer[3], 1 | 2), "{name:?}: ERROR 1 or 2");
    }
}

#[test]
fn a_7960_of_the_year_2000_with_its_stray_nul_is_understood() {
    let daemon = Daemon::start(Site::Sample);
    // Ethernet traces of the time: RRQ "OS79XX.TXT" octet, and one NUL more.
    let answer = ask(daemon.ports.tftp, b"\0\x01OS79XX.TXT\0octet\0\0").expect("never silence");
    assert_eq!(&answer[..4], [0, 5, 0, 1]);
    let own = ask(
        daemon.ports.tftp,
        b"\0\x01SEP001122334455.cnf.xml\0OCTET\0\0",
    )
    .unwrap();
    assert_eq!(
        &own[..4],
        [0, 3, 0, 1],
        "DATA 1 without an OACK that nobody asked for"
    );
    assert_eq!(own.len(), 4 + 512);
}

#[test]
fn names_are_forgiven_slashes_and_case_but_nothing_is_trimmed() {
    let daemon = Daemon::start(Site::Sample);
    for name in [
        "/SEP001122334455.cnf.xml",
        "sep001122334455.CNF.XML",
        "\\SEP001122334455.cnf.xml",
    ] {
        let rrq = [&[0, 1][..], name.as_bytes(), b"\0octet\0"].concat();
        assert_eq!(ask(daemon.ports.tftp, &rrq).unwrap()[..2], [0, 3], "{name}");
    }
    let rrq = b"\0\x01SEP001122334455.cnf.xml \0octet\0";
    assert_eq!(
        ask(daemon.ports.tftp, rrq).unwrap()[..4],
        [0, 5, 0, 1],
        "a blank at the end"
    );
}

#[test]
fn a_phone_s_minimal_http_request_is_served() {
    let daemon = Daemon::start(Site::Sample);
    // An 8861 sends this and nothing more: no blank after the colon.
    let request = format!(
        "GET /SEP001122334477.cnf.xml HTTP/1.1\r\nHost:{}\r\nConnection: close\r\n\r\n",
        daemon.ports.config_http
    );
    let (status, body) =
        crate::support::admin::exchange(daemon.ports.config_http, request.as_bytes()).unwrap();
    assert_eq!(status, 200);
    assert!(
        body.contains("<deviceProtocol>SIP</deviceProtocol>"),
        "{body}"
    );
}

#[test]
fn a_write_request_is_refused() {
    let daemon = Daemon::start(Site::Sample);
    let answer = ask(daemon.ports.tftp, b"\0\x02evil\0octet\0").expect("never silence");
    assert_eq!(&answer[..4], [0, 5, 0, 2]);
}
