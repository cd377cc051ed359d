//! Requests byte for byte, as phones have been seen to send them and as nobody
//! should, on sockets of the test's own.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

use embody::handset::Kind;

use crate::support::phones::{open, plug_in, registered, submit};
use crate::support::web::{ask, bytes};
use crate::support::{Daemon, Site};

const OLD: &str = "SEP001122334455";
const MIDDLE: &str = "SEP001122334466";
const NEW: &str = "SEP001122334477";
const PAST: &str = "Thu, 26 Oct 1995 00:00:00 GMT";

#[test]
fn requests_as_captured_are_answered() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    // A 7965G with a Skinny load of the 8.5 series presses Services.
    let menu = ask(
        port,
        &format!(
            "GET /ccmcip/getservicesmenu.jsp?locale=germany&name={MIDDLE} HTTP/1.1\r\n\
             Host: {port}\r\n\
             User-Agent: Allegro-Software-WebClient/4.34\r\n\
             Accept: x-CiscoIPPhone/*, text/*,image/png,*/*\r\n\
             Accept-Language: de\r\n\
             Accept-Charset: utf-8,iso-8859-1;q=0.8\r\n\
             x-CiscoIPPhoneModelName: CP-7965G\r\n\
             x-CiscoIPPhoneSDKVersion: 8.5.1\r\n\
             x-CiscoIPPhoneDisplay: 298,156,16,C\r\n\r\n"
        ),
    );
    assert_eq!(menu.header("Content-Type"), Some("text/xml; charset=UTF-8"));
    assert_eq!(menu.header("Expires"), Some(PAST));
    assert!(
        menu.text()
            .contains("<Name>Anmelden (Extension Mobility)</Name>"),
        "{}",
        menu.text()
    );
    assert!(
        menu.text().contains("SoftKey:Select</URL><Position>1<"),
        "{}",
        menu.text()
    );
    // A 7970G submits a form; its Accept-Charset names nothing twice.
    let signed_in = ask(
        port,
        &format!(
            "GET /emapp/EMAppServlet?device={MIDDLE}&userid=bob&seq=31415 HTTP/1.1\r\n\
             Host: {port}\r\n\
             User-Agent: Allegro-Software-WebClient/4.34\r\n\
             Accept: x-CiscoIPPhone/*, text/*,image/png,*/*\r\n\
             Accept-Language: en\r\n\
             Accept-Charset: utf-8,;q=0.8\r\n\
             x-CiscoIPPhoneModelName: CP-7970G\r\n\
             x-CiscoIPPhoneSDKVersion: 8.5.1\r\n\
             x-CiscoIPPhoneDisplay: 298,168,12,C\r\n\r\n"
        ),
    );
    assert!(
        signed_in.text().contains("Login Successful"),
        "{}",
        signed_in.text()
    );
    assert_eq!(
        signed_in.header("Content-Type"),
        Some("text/xml; charset=UTF-8")
    );
    // A 7921G: HTTP/1.0, no blank after `Host:`, a cookie of somebody else.
    let old = ask(
        port,
        &format!(
            "GET /emapp/EMAppServlet?device={OLD} HTTP/1.0\r\n\
             Host:{port}\r\n\
             User-Agent: Allegro-Software-WebClient/3.12\r\n\
             Accept: x-CiscoIPPhone/Directory, x-CiscoIPPhone/Execute, x-CiscoIPPhone/IconMenu, \
             x-CiscoIPPhone/IconFileMenu, x-CiscoIPPhone/Image, x-CiscoIPPhone/ImageFile, \
             x-CiscoIPPhone/GraphicMenu, x-CiscoIPPhone/GraphicFileMenu, x-CiscoIPPhone/Input, \
             x-CiscoIPPhone/Menu, x-CiscoIPPhone/Text, image/png, text/*\r\n\
             Accept-Language: en\r\n\
             Accept-Charset: iso-8859-1\r\n\
             x-CiscoIPPhoneModelName: CP-7921G\r\n\
             x-CiscoIPPhoneSDKVersion: 4.1.3\r\n\
             x-CiscoIPPhoneDisplay: 176, 140, 16, C\r\n\
             Cookie: ASPSESSIONIDAAAAAAAA=BBBBBBBBBBBBBBBBBBBBBBBB\r\n\
             Connection: Close\r\n\r\n"
        ),
    );
    assert!(old.head.starts_with("HTTP/1.0 200 "), "{}", old.head);
    assert_eq!(
        old.header("Content-Type"),
        Some("text/xml; charset=ISO-8859-1")
    );
    assert!(
        old.text().contains("<URL>http://"),
        "a form that is fetched"
    );
    // A 7942G as an enumerator imitates it.
    let middle = ask(
        port,
        &format!(
            "GET /ccmcip/getservicesmenu.jsp?name={OLD} HTTP/1.1\r\n\
             Host: {port}\r\n\
             Connection: close\r\n\
             Cookie: x=y\r\n\
             User-Agent: Allegro-Software-WebClient/4.34\r\n\
             Accept: x-CiscoIPPhone/*, text/*,image/png,*/*\r\n\
             Accept-Language: en_US\r\n\
             Accept-Charset: iso-8859-1,utf-8;q=0.8\r\n\
             x-CiscoIPPhoneModelName: CP-7942G\r\n\
             x-CiscoIPPhoneSDKVersion: 6.0.2\r\n\
             x-CiscoIPPhoneDisplay: 298,144,3,G\r\n\r\n"
        ),
    );
    assert_eq!(
        middle.header("Content-Type"),
        Some("text/xml; charset=ISO-8859-1")
    );
}

#[test]
fn an_8841_is_asked_to_post_its_pin_and_both_ways_are_taken() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    let form = |product: &str| {
        ask(
            port,
            &format!(
                "GET /emapp/EMAppServlet?device={NEW} HTTP/1.1\r\nHost: {port}\r\n\
                 Connection: close\r\nx-CiscoIPPhoneModelName: {product}\r\n\r\n"
            ),
        )
        .text()
    };
    assert!(form("CP-8841").contains("<URL method=\"post\">http://"));
    assert!(form("CP-7832").contains("<URL method=\"post\">http://"));
    assert!(form("CP-8821").contains("<URL>http://"));
    assert!(form("CP-7961G").contains("<URL>http://"));
    for kind in [
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n",
        "content-type: Application/X-WWW-FORM-urlencoded\r\n",
        "Content-Type: text/plain\r\n",
        "",
    ] {
        for wait in ["", "Expect: 100-continue\r\n"] {
            let body = "userid=bob&seq=31415";
            let request = format!(
                "POST /emapp/EMAppServlet?device={NEW} HTTP/1.1\r\nHost: {port}\r\n\
                 Connection: close\r\n{kind}{wait}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answer = String::from_utf8(bytes(port, request.as_bytes())).unwrap();
            assert!(
                answer.contains("Login Successful"),
                "{kind}{wait}: {answer}"
            );
            let out =
                format!("GET /emapp/EMAppServlet?device={NEW}&doLogout=true HTTP/1.0\r\n\r\n");
            assert!(ask(port, &out).text().contains("Logout successful"));
        }
    }
    assert!(!daemon.log().contains("31415"), "no PIN in the log");
}

#[test]
fn the_target_is_understood_however_it_is_written() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    let form = |head: String| {
        let page = ask(port, &head);
        assert_eq!(page.status, 200, "{head}");
        assert!(
            page.text().contains("CiscoIPPhoneInput"),
            "{head}: {}",
            page.text()
        );
        assert!(
            page.text().contains(&format!("device={OLD}")),
            "{head}: {}",
            page.text()
        );
    };
    for target in [
        format!("/emapp/EMAppServlet?device={OLD}"),
        format!("/EMAPP/emappservlet/?DEVICE={}", OLD.to_lowercase()),
        format!("http://embody.example.com:8080/emapp/EMAppServlet?device={OLD}"),
        format!(
            "/emapp/EMAppServlet?device=%23DEVICENAME%23&locale=English_United_States&name={OLD}"
        ),
        "/emapp/EMAppServlet?EMCC=%23EMCC%23&x=%zz&%=&&=&devicename=%53EP001122334455".to_owned(),
        format!("/emapp/EMAppServlet?device=+{OLD}%20&x=%00&y=%C3%28&z=a+b"),
    ] {
        form(format!("GET {target} HTTP/1.0\r\n\r\n"));
        form(format!(
            "GET {target} HTTP/1.1\r\nhost:{port}\r\nCONNECTION:close\r\n\r\n"
        ));
        form(format!(
            "GET {target} HTTP/1.1\r\nHost: 10.89.31.78:1\r\nConnection: close\r\n\r\n"
        ));
        form(format!(
            "GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n"
        ));
    }
    // Where the name is cut off by a bare `#`, the page says what is missing.
    let bare = "GET /emapp/EMAppServlet?device=#DEVICENAME#&EMCC=#EMCC# HTTP/1.0\r\n\r\n";
    assert!(ask(port, bare).text().contains("(207)"));
}

#[test]
fn user_ids_arrive_in_either_character_set() {
    let site = crate::support::daemon::sample_site().replace("id = \"bob\"", "id = \"jürgen+1\"");
    let daemon = Daemon::start(Site::Text(site));
    let port = daemon.ports.services_http;
    for user in ["j%C3%BCrgen%2B1", "j%FCrgen%2b1", "j%c3%bcrgen%2B1"] {
        let device = format!("/emapp/EMAppServlet?device={OLD}");
        let page = ask(
            port,
            &format!("GET {device}&userid={user}&seq=31415 HTTP/1.0\r\n\r\n"),
        );
        assert!(
            page.text().contains("Login Successful"),
            "{user}: {}",
            page.text()
        );
        ask(
            port,
            &format!("GET {device}&doLogout=true HTTP/1.0\r\n\r\n"),
        );
    }
    // Unescaped Latin-1 bytes, as no URL may hold them.
    let raw = [
        format!("GET /emapp/EMAppServlet?device={OLD}&seq=31415&userid=j").as_bytes(),
        b"\xFCrgen%2B1 HTTP/1.0\r\n\r\n",
    ]
    .concat();
    let answer = String::from_utf8_lossy(&bytes(port, &raw)).into_owned();
    assert!(
        answer.contains("Login Successful") || answer.contains(" 400 "),
        "{answer}"
    );
}

#[test]
fn one_page_a_connection_and_applications_may_keep_theirs() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    let page = format!("GET /emapp/EMAppServlet?device={OLD} HTTP/1.1\r\nHost: {port}\r\n\r\n");
    // Both at once: the first answer says close, and the second is not given.
    let answers = String::from_utf8(bytes(port, page.repeat(2).as_bytes())).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 1, "{answers}");
    let kept =
        "POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxml";
    let last = kept.replace("Host: x", "Host: x\r\nConnection: close");
    let answers = bytes(port, format!("{kept}{kept}{last}").as_bytes());
    let answers = String::from_utf8(answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3, "{answers}");
    // HTTP/1.0 ends by itself, and stays when it is asked to.
    let old = kept.replace("HTTP/1.1", "HTTP/1.0");
    let answers = String::from_utf8(bytes(port, old.repeat(2).as_bytes())).unwrap();
    assert_eq!(answers.matches("200 OK").count(), 1, "{answers}");
    let stays = old.replace("Host: x", "Connection: keep-alive");
    let answers = bytes(port, format!("{stays}{old}").as_bytes());
    assert_eq!(
        String::from_utf8(answers)
            .unwrap()
            .matches("200 OK")
            .count(),
        2
    );
}

#[test]
fn what_is_no_request_of_a_phone_is_refused_with_a_status() {
    let daemon = Daemon::start(Site::Sample);
    let (services, files) = (daemon.ports.services_http, daemon.ports.config_http);
    let close = "Host: x\r\nConnection: close\r\n";
    let status = |port, request: &str| {
        let answer = String::from_utf8_lossy(&bytes(port, request.as_bytes())).into_owned();
        let status = answer.split(' ').nth(1).unwrap_or("none").to_owned();
        assert!(!answer.contains("root:"), "{request}: {answer}");
        status
    };
    for (request, expected) in [
        ("GET / http/1.1\r\n\r\n".to_owned(), "400"),
        ("GET /\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/2.0\r\n\r\n".to_owned(), "400"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "400 none"),
        ("GET /\0 HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n".to_owned(), "400"),
        (
            "\x16\x03\x01\x02\0\x01\0\x01\u{7f}\r\n\r\n".to_owned(),
            "400",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200)),
            "431",
        ),
        (
            format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(70_000)),
            "431",
        ),
        (
            format!("GET /{} HTTP/1.1\r\n{close}\r\n", "y".repeat(70_000)),
            "414 431",
        ),
        (
            format!("POST / HTTP/1.1\r\n{close}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"),
            "400",
        ),
        (
            format!("POST / HTTP/1.1\r\n{close}Content-Length: 99999999999999999999\r\n\r\n"),
            "400",
        ),
        (
            format!("POST / HTTP/1.1\r\n{close}Content-Length: -1\r\n\r\n"),
            "400",
        ),
        (
            format!("POST / HTTP/1.1\r\n{close}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "400 405",
        ),
        (format!("DELETE / HTTP/1.1\r\n{close}\r\n"), "405"),
        (format!("OPTIONS * HTTP/1.1\r\n{close}\r\n"), "405"),
        (format!("CONNECT h:1 HTTP/1.1\r\n{close}\r\n"), "405"),
        (
            format!("GET /../../etc/passwd HTTP/1.1\r\n{close}\r\n"),
            "403 404",
        ),
        (
            format!("GET /emapp/../../etc/passwd HTTP/1.1\r\n{close}\r\n"),
            "403 404",
        ),
        (
            format!("GET /%2e%2e%2fetc%2fpasswd HTTP/1.1\r\n{close}\r\n"),
            "403 404",
        ),
        (format!("GET //etc/passwd HTTP/1.1\r\n{close}\r\n"), "404"),
        (
            format!("GET /..%5c..%5cwindows HTTP/1.1\r\n{close}\r\n"),
            "403 404",
        ),
        (format!("GET /a%00b HTTP/1.1\r\n{close}\r\n"), "403 404"),
        (
            format!("GET file:///etc/passwd HTTP/1.1\r\n{close}\r\n"),
            "400 403 404",
        ),
    ] {
        for port in [services, files] {
            let got = status(port, &request);
            let shown: String = request.chars().take(60).collect();
            assert!(
                expected.contains(&got),
                "{shown:?} on {port}: {got}, not {expected}"
            );
        }
    }
    let large = format!(
        "POST /emapp/EMAppServlet HTTP/1.1\r\n{close}Content-Length: 300000\r\n\r\n{}",
        "x".repeat(1000)
    );
    assert_eq!(status(services, &large), "413", "before it is sent");
    let chunks = format!(
        "POST /emapp/EMAppServlet HTTP/1.1\r\n{close}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        format!("8000\r\n{}\r\n", "x".repeat(0x8000)).repeat(9)
    );
    assert_eq!(status(services, &chunks), "413");
    let not_to_be_sent = large.replace("Connection", "Expect: 100-continue\r\nConnection");
    assert_eq!(status(services, &not_to_be_sent), "413", "no 100 Continue");
    assert_eq!(daemon.status()["sessions"], 0);
}

#[test]
fn what_is_smuggled_behind_a_request_is_not_done() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    let hidden = format!(
        "GET /emapp/EMAppServlet?device={OLD}&userid=bob&seq=31415 HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    let front = "POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: x\r\n";
    for request in [
        format!("{front}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        format!("{front}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{hidden}"),
        format!("{front}Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n{hidden}"),
        format!("{front}Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n{hidden}"),
        format!("{front}Content-Length: 0\r\nContent-Length: 7\r\n\r\n{hidden}"),
        format!("{front}Content-Length: 0\r\nHost : y\r\n\r\n{hidden}"),
    ] {
        let answer = String::from_utf8_lossy(&bytes(port, request.as_bytes())).into_owned();
        assert!(!answer.contains("Login Successful"), "{request}: {answer}");
        assert_eq!(daemon.status()["sessions"], 0, "{request}: {answer}");
    }
}

/// Opens connections that say nothing whole, from many addresses.
fn idlers(daemon: &Daemon, count: usize) -> Vec<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    (0..count)
        .map(|at| {
            let from = IpAddr::V4(Ipv4Addr::new(
                127,
                0,
                9,
                u8::try_from(at % 200 + 1).unwrap(),
            ));
            let port = daemon.ports.services_http;
            let stream = runtime.block_on(async {
                let socket = tokio::net::TcpSocket::new_v4().unwrap();
                socket.bind((from, 0).into()).unwrap();
                socket.connect(port).await.unwrap().into_std().unwrap()
            });
            stream.set_nonblocking(false).unwrap();
            let mut writer = &stream;
            let begun: &[u8] = match at % 3 {
                0 => b"",
                1 => b"GET /emapp/EMApp",
                _ => b"POST /emapp/EMAppServlet HTTP/1.1\r\nContent-Length: 1000\r\n\r\nuserid",
            };
            writer.write_all(begun).unwrap();
            stream
        })
        .collect()
}

#[tokio::test]
async fn a_phone_signs_in_while_thousands_of_connections_say_nothing() {
    let daemon = Daemon::start(Site::Sample);
    let idle = std::thread::scope(|scope| scope.spawn(|| idlers(&daemon, 2_000)).join().unwrap());
    let phone = plug_in(&daemon, Kind::Cisco8841);
    registered(&phone, 1).await;
    open(&phone).await;
    let page = submit(&phone, "carol", "27182").await;
    assert_eq!(page.prompt, "Login Successful", "{}", page.draw());
    registered(&phone, 2).await;
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    drop(idle);
}

#[test]
fn who_leaves_before_the_answer_harms_nobody() {
    let daemon = Daemon::start(Site::Sample);
    let port = daemon.ports.services_http;
    for begun in [
        "G",
        "GET /emapp/EMAppServlet?device=SEP001122334455 HTTP/1.1\r\nHost: x\r\n",
        "GET /emapp/EMAppServlet?device=SEP001122334455 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /emapp/EMAppServlet HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nuserid=",
    ] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(port).unwrap();
            stream.write_all(begun.as_bytes()).unwrap();
        }
        // Half closed: all was said, and the answer is still wanted.
        let mut stream = TcpStream::connect(port).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(40)))
            .unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(
            answer.contains("CiscoIPPhoneInput"),
            begun.ends_with("x\r\n\r\n"),
            "{begun}"
        );
    }
    let page = ask(
        port,
        &format!("GET /emapp/EMAppServlet?device={OLD} HTTP/1.0\r\n\r\n"),
    );
    assert_eq!(page.status, 200);
}
