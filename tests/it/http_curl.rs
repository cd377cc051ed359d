//! curl with every option that matters, against every HTTP port.

use std::net::TcpListener;

use crate::support::daemon::sample_site;
use crate::support::tools::curl;
use crate::support::{Daemon, Site};

const PHONE: &str = "SEP001122334466";

/// Head and body of one answer.
fn fetch(options: &[&str], url: &str) -> (String, String) {
    let mut arguments = vec!["-i", "--path-as-is"];
    arguments.extend(options);
    arguments.push(url);
    let answer = curl(&arguments);
    match answer.rsplit_once("\r\n\r\n") {
        Some((head, body)) => (head.to_owned(), body.to_owned()),
        None => (answer, String::new()),
    }
}

#[test]
fn a_file_is_the_same_whatever_else_is_asked_of_it() {
    let daemon = Daemon::start(Site::Sample);
    let url = format!("http://{}/{PHONE}.cnf.xml", daemon.ports.config_http);
    let (_, whole) = fetch(&[], &url);
    assert!(whole.contains("<device"), "{whole}");
    for options in [
        &["--http1.0"][..],
        &["--http1.1"],
        &["--range", "0-99"],
        &["--range", "-5"],
        &["--range", "999999-"],
        &["-H", "Range: bytes=0-0,5-9"],
        &["-H", "If-None-Match: *"],
        &["-H", "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT"],
        &["-H", "If-Match: \"x\""],
        &["-H", "Accept: application/json"],
        &["--compressed"],
        &["-H", "Accept-Encoding: gzip, deflate, br, identity;q=0"],
        &["-H", "TE: trailers, chunked"],
        &[
            "-H",
            "Upgrade: h2c",
            "-H",
            "Connection: Upgrade, HTTP2-Settings",
        ],
        &["--http2"],
        &["-H", "Host:"],
        &["-H", "Connection: keep-alive"],
        &["-H", "Expect: 100-continue"],
        &["--no-keepalive", "--tcp-fastopen"],
        &["-A", "", "-H", "Accept:"],
    ] {
        let (head, body) = fetch(options, &url);
        assert!(head.contains(" 200 OK"), "{options:?}: {head}");
        let length = format!("Content-Length: {}", whole.len());
        assert!(head.contains(&length), "{options:?}: {head}");
        for never in [
            "Content-Encoding",
            "Transfer-Encoding",
            "Content-Range",
            "Location",
        ] {
            assert!(!head.contains(never), "{options:?}: {head}");
        }
        assert_eq!(body, whole, "{options:?}");
    }
    let (head, body) = fetch(&["-I"], &url);
    assert!(
        head.contains(&format!("Content-Length: {}", whole.len())),
        "{head}{body}"
    );
    let (head, _) = fetch(&["-I"], &url.replace(PHONE, "SEP00DEADBEEF00"));
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let (head, _) = fetch(&["-X", method], &url);
        assert!(head.starts_with("HTTP/1.1 405"), "{method}: {head}");
        assert!(head.contains("Allow: GET, HEAD"), "{head}");
    }
    let (head, _) = fetch(&["-T", "Cargo.toml"], &url);
    assert!(head.contains("HTTP/1.1 405"), "an upload: {head}");
    // Two files over one curl: it opens a connection for each.
    let both = curl(&[&url, &url]);
    assert_eq!(both, whole.repeat(2));
}

#[test]
fn a_page_is_the_same_whatever_else_is_asked_of_it() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    let url = format!("http://{port}/emapp/EMAppServlet?device={PHONE}");
    let (_, whole) = fetch(&[], &url);
    assert!(whole.contains("CiscoIPPhoneInput"), "{whole}");
    for options in [
        &["--http1.0"][..],
        &["--compressed"],
        &["--range", "0-9"],
        &["-H", "If-None-Match: *"],
        &["-H", "Accept: x-CiscoIPPhone/*;version=3.3.3, text/*"],
        &["-H", "Host: some.other.example"],
        &["-H", "Cookie: a=b; c=d"],
        &["-G", "-d", "locale=English_United_States"],
        &["-X", "POST", "-d", "x=y"],
        &["-e", "http://elsewhere.example/"],
        &["--http2"],
    ] {
        let (head, body) = fetch(options, &url);
        assert!(head.contains(" 200 OK"), "{options:?}: {head}");
        assert!(!head.contains("Content-Encoding"), "{options:?}: {head}");
        assert_eq!(body, whole, "{options:?}");
    }
    for method in ["HEAD", "PUT", "DELETE", "TRACE"] {
        let options: &[&str] = if method == "HEAD" {
            &["-I"]
        } else {
            &["-X", method]
        };
        let (head, _) = fetch(options, &url);
        assert!(head.starts_with("HTTP/1.1 405"), "{method}: {head}");
        assert!(head.contains("Allow: GET, POST"), "{method}: {head}");
    }
    let (head, _) = fetch(&[], &format!("http://{port}/emapp/../secret"));
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[test]
fn phones_with_ipv6_are_told_an_ipv6_address() {
    // Ports that are free for IPv6, told apart from those for IPv4.
    let free: Vec<TcpListener> = (0..2)
        .map(|_| TcpListener::bind("[::1]:0").unwrap())
        .collect();
    let port = |at: usize| free[at].local_addr().unwrap().port();
    let (files, services) = (port(0), port(1));
    drop(free);
    let mut daemon = Daemon::start(Site::Text(sample_site()));
    let config = daemon.folder.path().join("embody.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let on_v6 = |text: &str, key: &str, port: u16| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        let there = format!("{key} = {{ address = \"::1\", port = {port} }}");
        text.replace(line, &there)
    };
    let text = on_v6(
        &on_v6(&text, "config_http", files),
        "services_http",
        services,
    );
    std::fs::write(&config, text).unwrap();
    daemon.start_again_with(&[]);
    let (head, file) = fetch(
        &["-6", "-g"],
        &format!("http://[::1]:{files}/{PHONE}.cnf.xml"),
    );
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(file.contains("[::1]") || file.contains("::1"), "{file}");
    let door = format!("http://[::1]:{services}/emapp/EMAppServlet?device={PHONE}");
    let (head, form) = fetch(&["-6", "-g"], &door);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let told = format!("<URL>{}</URL>", door.replace('&', "&amp;"));
    assert!(form.contains(&told), "{form}");
}

#[test]
fn every_error_of_the_admin_api_is_a_problem() {
    let daemon = Daemon::start(Site::Sample);
    let run_file = std::fs::read_to_string(daemon.data().join("run.json")).unwrap();
    let run_file: serde_json::Value = serde_json::from_str(&run_file).unwrap();
    let token = format!(
        "Authorization: Bearer {}",
        run_file["token"].as_str().unwrap()
    );
    let base = format!("http://{}/api/v1", daemon.ports.admin_http);
    let login = format!("/phones/{PHONE}/login");
    let json = "Content-Type: application/json";
    for (status, path, options) in [
        ("400", login.as_str(), &["-H", json, "-d", "{"][..]),
        ("400", &login, &["-H", json, "-d", ""]),
        ("422", &login, &["-H", json, "-d", "{\"user\":1}"]),
        (
            "422",
            &login,
            &["-H", json, "-d", "{\"user\":\"bob\",\"pin\":\"1\"}"],
        ),
        (
            "415",
            &login,
            &["-H", "Content-Type: text/plain", "-d", "{}"],
        ),
        ("405", &login, &["-X", "PUT"]),
        ("405", "/status", &["-d", "x"]),
        ("404", "/nothing", &[]),
        ("404", "/phones/SEP00DEADBEEF00", &[]),
        ("400", "/phones/%00", &[]),
        ("400", "/phones/%ff", &[]),
        ("404", "/phones/../../../etc/passwd", &[]),
        (
            "422",
            "/site/apply",
            &["-H", json, "-d", "{\"text\":\"version = \"}"],
        ),
    ] {
        let mut all = vec!["-H", token.as_str()];
        all.extend(options);
        let (head, body) = fetch(&all, &format!("{base}{path}"));
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{path} {options:?}: {head}"
        );
        assert!(
            head.contains("Content-Type: application/problem+json"),
            "{path}: {head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}", body.len())),
            "{path}: {head}"
        );
        let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["status"].to_string(), status, "{body}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{body}"
        );
        assert_eq!(status == "405", head.contains("Allow: "), "{head}");
    }
    for options in [&[][..], &["-H", "Authorization: Bearer wrong"]] {
        let (head, body) = fetch(options, &format!("{base}/status"));
        assert!(head.starts_with("HTTP/1.1 401"), "{head}");
        assert!(head.contains("Www-Authenticate: Bearer"), "{head}");
        assert!(body.contains("run.json"), "{body}");
    }
}
