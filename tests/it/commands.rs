//! The commands as a newcomer runs them.

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
