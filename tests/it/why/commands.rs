//! `embody why` and `embody watch` as an operator runs them.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Command, Stdio};

use embody::handset::Kind;

use super::house::{DESK, ROOM};
use crate::support::daemon::binary;
use crate::support::phones::{PATIENCE, is_right, plug_in, registered, until};
use crate::support::{Daemon, Site};

fn ask(daemon: &Daemon, name: &str) {
    let socket = UdpSocket::bind("127.0.9.9:0").unwrap();
    let request = [b"\0\x01", name.as_bytes(), b"\0octet\0"].concat();
    socket.send_to(&request, daemon.ports.tftp).unwrap();
    let mut buffer = [0; 600];
    socket.recv_from(&mut buffer).unwrap();
}

fn why(daemon: &Daemon, arguments: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["why"];
    all.extend(arguments);
    let output = daemon.command(&all);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn why_tells_scripts_and_people_what_is_wrong() {
    let daemon = Daemon::start(Site::Sample);
    let phone = plug_in(&daemon, Kind::Cisco8841);
    registered(&phone, 1).await;
    until("right", || is_right(&daemon, ROOM)).await;
    assert_eq!(why(&daemon, &[ROOM]).0, Some(0));

    let (code, text) = why(&daemon, &[DESK]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("nothing was ever heard of it"), "{text}");
    let (code, text) = why(&daemon, &["SEP00112233AAAA"]);
    assert_eq!(code, Some(5), "{text}");

    for _ in 0..5 {
        ask(&daemon, &format!("{DESK}.cnf.xml.sgn"));
    }
    ask(&daemon, "term06.default.loads");
    let (code, text) = why(&daemon, &[DESK]);
    assert_eq!(code, Some(3), "{text}");
    for word in ["What is wrong", "Seen", "Means", "Do", "Trust List"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let (code, json) = why(&daemon, &[DESK, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rules = json["diagnosis"]["findings"].to_string();
    assert!(rules.contains("signed-files-only"), "{json}");
    assert_eq!(code, Some(3));

    let (code, text) = why(&daemon, &[]);
    assert_eq!(code, Some(3), "{text}");
    let line = text.lines().find(|line| line.starts_with(DESK)).unwrap();
    assert!(line.contains("away") && line.contains(".sgn"), "{text}");
    assert!(!text.contains(ROOM), "it is right: {text}");
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_tells_what_happens_what_is_found_and_what_is_gone() {
    let daemon = Daemon::start(Site::Sample);
    let once = daemon.command(&["watch", "--once", "--for", "1"]);
    assert_eq!(once.status.code(), Some(3), "nothing happened");
    let short = daemon.command(&["watch", "--for", "1"]);
    assert_eq!(short.status.code(), Some(0));

    let mut child = Command::new(binary())
        .args(["watch", DESK, "--data"])
        .arg(daemon.data())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (said, lines) = std::sync::mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        let mut out = out.map_while(Result::ok);
        out.all(|line| said.send(line).is_ok())
    });
    // What is seen and what is found of it come in either order.
    let until_lines = |wanted: &[&[&str]]| {
        let mut wanted = wanted.to_vec();
        while !wanted.is_empty() {
            let line = lines
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("{wanted:?} never came"));
            wanted.retain(|words| !words.iter().all(|word| line.contains(word)));
        }
    };
    until_lines(&[&["!!", DESK, "never-heard"]]);
    for _ in 0..5 {
        ask(&daemon, &format!("{DESK}.cnf.xml.sgn"));
    }
    until_lines(&[
        &["a signed file that is not there", "127.0.9.9"],
        &["!!", "signed-files-only", "Trust List"],
    ]);
    let phone = plug_in(&daemon, Kind::Cisco7961);
    registered(&phone, 1).await;
    until_lines(&[
        &["registered over SCCP"],
        &["ok", "signed-files-only is gone"],
    ]);
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(0),
        "Ctrl-C is no failure"
    );
    phone.power_off().await;
}
