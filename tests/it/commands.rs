//! The commands as a newcomer runs them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::daemon::BINARY;
use crate::support::{Daemon, Site};

/// Runs the binary to its end, which must come within half a minute.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let child = Command::new(BINARY)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id();
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(Duration::from_secs(30)) else {
        let _ = Command::new("kill").arg(pid.to_string()).status();
        panic!("{arguments:?} did not end within 30 s");
    };
    let output = output.unwrap();
    let text = [output.stdout, output.stderr].map(|t| String::from_utf8_lossy(&t).into_owned());
    (output.status.code(), text.concat())
}

#[test]
fn the_demo_tells_a_story_in_which_every_step_was_seen() {
    let (code, story) = run(&["demo", "--once"]);
    assert_eq!(code, Some(0), "{story}");
    for step in [
        "asked for SEP001122334477.cnf.xml over HTTP",
        "Bob Brandt keys in 2002 and a PIN",
        "signed in",
        "obeyed the restart",
        "its display says \"Signed in as Alice Adler\"",
        "then the reset for another language",
        "signed out",
        "every step was seen",
    ] {
        assert!(story.contains(step), "{step:?} is missing:\n{story}");
    }
    for pin in ["31415", "58213", "27182"] {
        assert!(!story.contains(pin), "a PIN in the story");
    }
    assert!(!story.contains("NOT SEEN"), "{story}");
}

#[test]
fn a_virtual_phone_signs_in_and_out_at_a_running_daemon() {
    let daemon = Daemon::start(Site::Sample);
    let data = daemon.data();
    let phone = [
        "phone",
        "--model",
        "8841",
        "--name",
        "SEP001122334477",
        "--once",
        "--data",
    ];
    let with = |more: &[&str]| {
        let mut all = phone.to_vec();
        all.push(data.to_str().unwrap());
        all.extend(more);
        run(&all)
    };
    let (code, text) = with(&["--sign-in", "bob", "31415", "--show"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("Login Successful") && text.contains("[1] 2002"),
        "{text}"
    );
    assert!(!text.contains("31415"), "the PIN is not drawn: {text}");
    let (code, text) = with(&["--sign-out"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("[1] Meeting room"), "{text}");
    let (code, text) = with(&["--sign-in", "bob", "99999"]);
    assert_eq!(code, Some(1), "a wrong PIN is no success: {text}");
}

/// `restart --all` tells every phone that is there, once; `--load` are phones
/// that the printed site file makes known.
#[test]
fn an_operator_restarts_all_phones_that_are_there() {
    let (code, site) = run(&["phone", "--load", "20", "--site-file"]);
    assert_eq!(code, Some(0), "{site}");
    let daemon = Daemon::start(Site::Text(site));
    assert!(
        daemon
            .says(&["restart", "--all"])
            .contains("no phone is registered")
    );
    let data = daemon.data();
    let mut load = Command::new(BINARY)
        .args(["phone", "--load", "20", "--spread", "0", "--data"])
        .arg(&data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(load.stdout.take().unwrap()).lines();
    let mut until = |wanted: &str| {
        // The end of the phones or of the patience is the end of the lines.
        lines
            .by_ref()
            .take(60)
            .map_while(Result::ok)
            .find(|line| line.contains(wanted))
    };
    let first = until("registered=20 least=1 most=1");
    let ordered = daemon.says(&["restart", "--all"]);
    let second = until("registered=20 least=2 most=2 orders=20 most_orders=1 faults=0");
    load.kill().unwrap();
    load.wait().unwrap();
    assert!(first.is_some(), "all register");
    assert!(ordered.contains("20 phones will restart"), "{ordered}");
    assert!(second.is_some(), "all come back after one restart each");
}

/// `embody models | head -1`: the reader has seen enough.
#[test]
fn a_command_ends_quietly_with_who_reads_it() {
    let mut child = Command::new(BINARY)
        .arg("models")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told, "", "no backtrace");
    assert_eq!(output.status.code(), Some(141));
}
