//! Other people's programs.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed (tests/run installs it): {error}"))
}

/// `curl -s` with these arguments: what it printed.
pub fn curl(arguments: &[&str]) -> String {
    let mut all = vec!["-s", "--max-time", "20"];
    all.extend(arguments);
    let output = run("curl", &all);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether xmllint finds this well formed.
pub fn is_well_formed(xml: &[u8]) -> bool {
    let mut child = Command::new("xmllint")
        .args(["--noout", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("xmllint is needed (tests/run installs it)");
    child.stdin.take().unwrap().write_all(xml).unwrap();
    child.wait().unwrap().success()
}
