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

/// A daemon that also serves the files of a folder: of every awkward length,
/// and one that wraps the block numbers at 512 octets a block.
struct Library {
    daemon: Daemon,
    _folder: tempfile::TempDir,
    fetched: tempfile::TempDir,
}

const AWKWARD: [usize; 7] = [1, 2, 511, 512, 513, 1024, 70_000];
/// 65,537 blocks and a bit.
const GIANT: usize = 65_537 * 512 + 7;

fn contents(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8)
        .collect()
}

impl Library {
    fn open(listen: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for length in AWKWARD {
            let name = folder.path().join(format!("{length}.bin"));
            std::fs::write(name, contents(length)).unwrap();
        }
        std::fs::write(folder.path().join("empty.bin"), b"").unwrap();
        std::fs::write(folder.path().join("text.txt"), b"one\ntwo\r\nthree").unwrap();
        let config = format!(
            "{config}[files]\nfolder = \"{}\"\n",
            folder.path().display()
        );
        Self {
            daemon: Daemon::start_at(listen, Site::Sample, &config),
            _folder: folder,
            fetched: tempfile::tempdir().unwrap(),
        }
    }

    fn port(&self) -> String {
        self.daemon.ports.tftp.port().to_string()
    }

    /// Runs a client that writes the file to the path it is given.
    fn fetch(&self, program: &str, arguments: impl Fn(&str) -> Vec<String>) -> Option<Vec<u8>> {
        let to = self.fetched.path().join("fetched");
        let _ = std::fs::remove_file(&to);
        let arguments = arguments(to.to_str().unwrap());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(program, &arguments);
        output.status.success().then(|| std::fs::read(&to).ok())?
    }

    fn hpa(&self, host: &str, mode: &str, name: &str) -> Option<Vec<u8>> {
        let port = self.port();
        self.fetch("tftp", |to| {
            ["-m", mode, host, &port, "-c", "get", name, to]
                .map(str::to_owned)
                .to_vec()
        })
    }

    fn atftp(&self, host: &str, options: &[&str], name: &str) -> Option<Vec<u8>> {
        let port = self.port();
        self.fetch("atftp", |to| {
            let options = options.iter().flat_map(|option| ["--option", option]);
            ["--get", "-r", name, "-l", to]
                .into_iter()
                .chain(options)
                .chain([host, port.as_str()])
                .map(str::to_owned)
                .collect()
        })
    }

    fn curl(&self, host: &str, options: &[&str], name: &str) -> Option<Vec<u8>> {
        let url = format!("tftp://{host}:{}/{name}", self.port());
        self.fetch("curl", |to| {
            ["-s", "--max-time", "60", "-o", to]
                .into_iter()
                .chain(options.iter().copied())
                .chain([url.as_str()])
                .map(str::to_owned)
                .collect()
        })
    }
}

#[test]
fn files_of_every_awkward_length_arrive_whole_at_every_client() {
    let library = Library::open("127.0.0.1", "");
    for length in AWKWARD {
        let name = format!("{length}.bin");
        let body = Some(contents(length));
        assert!(
            library.hpa("127.0.0.1", "octet", &name) == body,
            "tftp-hpa {name}"
        );
        let plain = ["disable tsize", "disable blksize"];
        assert!(
            library.atftp("127.0.0.1", &plain, &name) == body,
            "atftp {name}"
        );
        for size in ["blksize 8", "blksize 511", "blksize 1428", "blksize 65464"] {
            let options = [size, "tsize 0", "timeout 3"];
            let got = library.atftp("127.0.0.1", &options, &name);
            assert!(got == body, "atftp {size} {name}");
        }
        for size in ["8", "512", "65464"] {
            let options = ["--tftp-blksize", size];
            let got = library.curl("127.0.0.1", &options, &name);
            assert!(got == body, "curl {size} {name}");
        }
    }
}

#[test]
fn an_empty_file_is_not_there() {
    // Old phones take an empty file for their configuration, and have none.
    let library = Library::open("127.0.0.1", "");
    let answer = ask(library.daemon.ports.tftp, b"\0\x01empty.bin\0octet\0").unwrap();
    assert_eq!(answer[..4], [0, 5, 0, 1]);
}

#[test]
fn block_numbers_wrap_in_a_file_that_is_longer_than_they_count() {
    let folder = tempfile::tempdir().unwrap();
    let body = contents(GIANT);
    std::fs::write(folder.path().join("giant.bin"), &body).unwrap();
    let config = format!("[files]\nfolder = \"{}\"\n", folder.path().display());
    let library = Library {
        daemon: Daemon::start_with(Site::Sample, &config, &[]),
        _folder: folder,
        fetched: tempfile::tempdir().unwrap(),
    };
    assert!(library.hpa("127.0.0.1", "octet", "giant.bin").as_ref() == Some(&body));
    let got = library.curl("127.0.0.1", &["--tftp-no-options"], "giant.bin");
    assert!(got.as_ref() == Some(&body), "curl");
}

#[test]
fn text_mode_options_nobody_has_and_multicast_change_no_octet_of_a_file() {
    let library = Library::open("127.0.0.1", "");
    let text = Some(b"one\ntwo\r\nthree".to_vec());
    assert_eq!(library.hpa("127.0.0.1", "netascii", "text.txt"), text);
    for option in ["multicast", "windowsize 16"] {
        let got = library.atftp("127.0.0.1", &[option], "70000.bin");
        assert!(got == Some(contents(70_000)), "atftp {option}");
    }
}

#[test]
fn files_come_over_ipv6_and_from_the_ports_that_the_operator_opened() {
    // Ports that nothing else uses as a rule; the range is wide enough for those that are.
    let library = Library::open("::1", "[tftp]\nports = [29500, 29599]\n");
    for name in ["512.bin", "70000.bin"] {
        let body = Some(contents(name.trim_end_matches(".bin").parse().unwrap()));
        assert!(library.hpa("::1", "octet", name) == body, "tftp-hpa {name}");
        assert!(
            library.atftp("::1", &["blksize 1000"], name) == body,
            "atftp {name}"
        );
        assert!(library.curl("[::1]", &[], name) == body, "curl {name}");
    }
    let phone = UdpSocket::bind("[::1]:0").unwrap();
    phone
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    phone
        .send_to(b"\0\x01512.bin\0octet\0", library.daemon.ports.tftp)
        .unwrap();
    let (_, transfer) = phone.recv_from(&mut [0; 600]).unwrap();
    assert!((29_500..=29_599).contains(&transfer.port()), "{transfer}");
}

/// How many blocks of 512 octets a file has; of whole blocks it ends with an
/// empty one.
fn blocks(length: usize) -> usize {
    length / 512 + 1
}

#[test]
fn two_phones_behind_one_address_and_one_port_of_two_do_not_mix() {
    let library = Library::open("127.0.0.1", "");
    let server = library.daemon.ports.tftp;
    let first = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = first.local_addr().unwrap().port();
    // The same port at another address, and another port at the same address.
    let second = UdpSocket::bind(("127.0.0.2", port)).unwrap();
    let third = UdpSocket::bind("127.0.0.1:0").unwrap();
    let phones = [(first, 513), (second, 1024), (third, 70_000)];
    let mut peers = Vec::new();
    for (phone, length) in &phones {
        phone
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let request = format!("\0\x01{length}.bin\0octet\0");
        phone.send_to(request.as_bytes(), server).unwrap();
    }
    for (phone, length) in &phones {
        let body = contents(*length);
        let mut received = Vec::new();
        while received.len() < blocks(*length) {
            let mut buffer = [0; 600];
            let (size, from) = phone.recv_from(&mut buffer).unwrap();
            let block = u16::from_be_bytes([buffer[2], buffer[3]]);
            let new = received.len() + 1;
            // A server that waited long says a block again.
            assert!(block == new as u16 || block + 1 == new as u16, "{block}");
            let part = body.chunks(512).nth(usize::from(block) - 1);
            assert_eq!(&buffer[4..size], part.unwrap_or_default());
            peers.push(from);
            phone.send_to(&[0, 4, buffer[2], buffer[3]], from).unwrap();
            if usize::from(block) == new {
                received.push(block);
            }
        }
    }
    peers.sort_unstable();
    peers.dedup();
    assert_eq!(peers.len(), 3, "each transfer has a port of its own");
}

/// The boot files that are kept, each dialect bare, signed in, with a profile
/// of another family and with add-on modules.
#[test]
fn every_kept_boot_file_is_xml_by_another_s_reading() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "xml") {
            let file = std::fs::read(&path).unwrap();
            assert!(is_well_formed(&file), "{}", path.display());
            read += 1;
        }
    }
    assert!(read >= 17, "{read}");
}
