//! `embody phone --show --do`: a login tried from a terminal, without a phone.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::daemon::BINARY;
use crate::support::{Daemon, Site};

/// Runs a 7960 of the sample site through these steps, with this on standard
/// input; its exit code, and what it said on both outputs.
fn at_a_phone(daemon: &Daemon, more: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(BINARY)
        .args(["phone", "--model", "7960", "--name", "SEP001122334455"])
        .arg("--data")
        .arg(daemon.data())
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].map(|t| String::from_utf8_lossy(&t).into_owned());
    (output.status.code(), text.concat())
}

#[test]
fn an_operator_tries_a_login_and_the_exit_code_tells_how_it_went() {
    let daemon = Daemon::start(Site::Sample);
    let go = |steps: &str, input: &str| at_a_phone(&daemon, &["--show", "--do", steps], input);

    let (code, text) = go("services, 1, userid=bob, seq=99999, Submit", "");
    assert_eq!(code, Some(3), "the last page is an error: {text}");
    assert!(
        text.contains("> seq=*****\n") && text.contains("(201)"),
        "{text}"
    );
    assert!(!text.contains("99999"), "a PIN is never told: {text}");

    let (code, text) = go("services, 1, Sbmit", "");
    assert_eq!(code, Some(1), "no such key: {text}");
    assert!(text.contains("there are: Submit, <<, Cancel"), "{text}");

    let steps = "services, 1, userid=bob, seq=-, Submit, wait";
    let (code, text) = go(steps, "31415\n");
    assert_eq!(code, Some(0), "{text}");
    for shown in [
        "> userid=bob\n",
        "> seq=*****\n",
        "| Login Successful ",
        "  Bob  |[1] line 2002",
    ] {
        assert!(text.contains(shown), "{shown:?} is missing: {text}");
    }
    assert!(!text.contains("31415"), "a PIN is never told: {text}");

    let (code, text) = go("services, 1, Yes, wait, main", "");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("  Lobby  |[1] line 1001"), "{text}");
}

#[test]
fn without_drawings_a_page_is_a_line_and_a_script_must_be_one() {
    let daemon = Daemon::start(Site::Sample);
    let (code, text) = at_a_phone(
        &daemon,
        &["--do", "services, item:Extension Mobility, Cancel"],
        "",
    );
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("\nExtension Mobility: Please sign on\n"),
        "{text}"
    );
    assert!(!text.contains("|Submit"), "{text}");

    let (code, text) = at_a_phone(&daemon, &["--do", "seq=58213,,1"], "");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("step 2 is empty"), "{text}");
    assert!(!text.contains("58213"), "a PIN is never told: {text}");
}
