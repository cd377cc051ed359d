//! Clients that others wrote. Run with
//! `cargo test --lib tftp::server::tests::outside -- --ignored`; needs
//! tftp-hpa (`tftp`), `atftp` and `curl`.

use std::path::Path;
use std::process::{Command, Output};

use super::{Running, Settings};

/// Runs a client for every file and way, and compares what it wrote.
async fn fetches(arguments: impl Fn(&str, &str, &Path) -> (&'static str, Vec<String>) + Send) {
    let server = Running::at("0.0.0.0:0", Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let port = server.address.port().to_string();
    for name in ["A", "SHORT", "LOAD.sbn"] {
        let file = folder.path().join(name);
        let (program, arguments) = arguments(&port, name, &file);
        let output = run(program, arguments).await;
        assert!(output.status.success(), "{program} {name}: {output:?}");
        let got = std::fs::read(&file).unwrap();
        assert!(
            got == server.shelf.body(name),
            "{program} {name}: other bytes"
        );
    }
    server
        .shelf
        .until(|shelf| shelf.delivered().len() == 3)
        .await;
    let missing = folder.path().join("MISSING");
    let (program, arguments) = arguments(&port, "MISSING", &missing);
    let output = run(program, arguments).await;
    let said = [&*output.stdout, &*output.stderr].concat();
    let said = String::from_utf8_lossy(&said).to_lowercase();
    // curl's words are about something else, its exit status is exact
    // (68, CURLE_TFTP_NOTFOUND).
    let understood = said.contains("not found") || output.status.code() == Some(68);
    assert!(understood, "{program} said {said:?}");
}

async fn run(program: &'static str, arguments: Vec<String>) -> Output {
    tokio::task::spawn_blocking(move || Command::new(program).args(arguments).output())
        .await
        .unwrap()
        .unwrap()
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
#[ignore = "needs tftp-hpa"]
async fn tftp_hpa_fetches() {
    fetches(|port, name, file| {
        let file = file.display();
        (
            "tftp",
            words(&format!("-m binary 127.0.0.1 {port} -c get {name} {file}")),
        )
    })
    .await;
}

#[tokio::test]
#[ignore = "needs tftp-hpa"]
async fn tftp_hpa_fetches_as_text() {
    // It converts back what we convert: the same bytes arrive.
    fetches(|port, name, file| {
        let file = file.display();
        let line = format!("-m netascii 127.0.0.1 {port} -c get {name} {file}");
        ("tftp", words(&line))
    })
    .await;
}

#[tokio::test]
#[ignore = "needs atftp"]
async fn atftp_fetches_without_options() {
    fetches(|port, name, file| {
        let file = file.display();
        (
            "atftp",
            words(&format!("--get -r {name} -l {file} 127.0.0.1 {port}")),
        )
    })
    .await;
}

#[tokio::test]
#[ignore = "needs atftp"]
async fn atftp_fetches_with_options() {
    fetches(|port, name, file| {
        let mut line = Vec::new();
        for option in ["blksize 1400", "tsize 0", "timeout 3"] {
            line.extend(["--option".to_owned(), option.to_owned()]);
        }
        let file = file.display();
        line.extend(words(&format!(
            "--get -r {name} -l {file} 127.0.0.1 {port}"
        )));
        ("atftp", line)
    })
    .await;
}

#[tokio::test]
#[ignore = "needs curl"]
async fn curl_fetches() {
    fetches(|port, name, file| {
        let file = file.display();
        let line = format!("-sS --tftp-blksize 1024 -o {file} tftp://127.0.0.1:{port}/{name}");
        ("curl", words(&line))
    })
    .await;
}

#[tokio::test]
#[ignore = "needs curl"]
async fn curl_fetches_without_options() {
    fetches(|port, name, file| {
        let file = file.display();
        let line = format!("-sS --tftp-no-options -o {file} tftp://127.0.0.1:{port}/{name}");
        ("curl", words(&line))
    })
    .await;
}
