//! A phone against a web server that does as each story wants.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

mod keys;

use super::*;
use crate::handset::page::PageKind;
use crate::handset::testing::{mac, nowhere, ok, phone, sccp_file, sip_file, web};
use crate::handset::{BootFile, Kind, Profile};

const UTF8: &str = "text/xml; charset=UTF-8";
const LATIN1: &str = "text/xml; charset=ISO-8859-1";

fn utf8(object: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{object}")
}

fn latin1(object: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{object}")
}

/// A phone that holds a file whose services are at `server`.
fn ready(kind: Kind, server: std::net::SocketAddr) -> Phone {
    let phone = phone(kind, nowhere());
    let text = match kind {
        Kind::Cisco7960 | Kind::Cisco7961 => sccp_file("10.0.0.1", 2000),
        _ => sip_file("10.0.0.1", 5060),
    };
    let text = text.replace("10.0.0.1:8080", &server.to_string());
    let file = BootFile::read(text.as_bytes(), &Profile::new(kind, mac(1))).unwrap();
    phone.shared.set_file(Arc::new(file));
    phone
}

fn menu(server: &str) -> String {
    format!(
        "<CiscoIPPhoneMenu><Title>Services</Title><Prompt>Choose</Prompt>\
         <MenuItem><Name>Extension Mobility</Name><URL>http://{server}/form?device=SEP1</URL></MenuItem>\
         </CiscoIPPhoneMenu>"
    )
}

fn form(server: &str, method: &str) -> String {
    format!(
        "<CiscoIPPhoneInput><Title>Sign in</Title><URL{method}>http://{server}/login?device=SEP1</URL>\
         <InputItem><DisplayName>User</DisplayName><QueryStringParam>userid</QueryStringParam>\
         <InputFlags>A</InputFlags><DefaultValue>bob</DefaultValue></InputItem>\
         <InputItem><DisplayName>PIN</DisplayName><QueryStringParam>seq</QueryStringParam>\
         <InputFlags>NP</InputFlags></InputItem></CiscoIPPhoneInput>"
    )
}

/// Menu, form, result; requests are kept.
async fn login_server(
    declare: fn(&str) -> String,
    content_type: &'static str,
    method: &'static str,
) -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = requests.clone();
    let address = web(move |request| {
        kept.lock().unwrap().push(request.to_owned());
        let host = request
            .lines()
            .find_map(|line| line.strip_prefix("Host:"))
            .unwrap()
            .trim();
        let page = match request.split(' ').nth(1).unwrap() {
            path if path.starts_with("/menu") => menu(host),
            path if path.starts_with("/form") => form(host, method),
            path if path.starts_with("/login") => {
                "<CiscoIPPhoneText><Text>Welcome</Text></CiscoIPPhoneText>".to_owned()
            }
            _ => return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        };
        ok(content_type, &declare(&page))
    })
    .await;
    (address, requests)
}

#[tokio::test]
async fn a_user_signs_in_on_a_7961() {
    let (server, requests) = login_server(utf8, UTF8, "").await;
    let phone = ready(Kind::Cisco7961, server);
    let mut browser = Browser::default();
    let page = browser.press_services(&phone).await.unwrap().unwrap();
    assert_eq!(
        (page.kind, page.title.as_str()),
        (PageKind::Menu, "Services")
    );
    assert_eq!(page.items, ["Weather", "Extension Mobility"]);
    let page = browser
        .choose(&phone, "extension mobility")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page.field("userid").unwrap().value, "bob");
    assert_eq!(
        page.keys
            .iter()
            .map(|key| key.name.as_str())
            .collect::<Vec<_>>(),
        ["Submit", "<<", "Exit"]
    );
    let wrong = browser.fill(&phone, &[("seq", "12a")]);
    assert_eq!(wrong, Err(BrowseError::CannotType('a', "seq".to_owned())));
    let values = [("userid", "alice b"), ("seq", "58213")];
    browser.fill(&phone, &values).unwrap();
    let page = browser.soft_key(&phone, "Submit").await.unwrap().unwrap();
    assert_eq!(
        (page.title.as_str(), page.text.as_str()),
        ("Sign in", "Welcome")
    );
    assert!(!format!("{page:?}").contains("58213"));
    let requests = requests.lock().unwrap().clone();
    assert!(requests[0].starts_with(
        "GET /menu?a=1&b=2&locale=German_Germany&name=SEP000000000001 HTTP/1.1\r\nHost: "
    ));
    assert!(requests[0].contains("x-CiscoIPPhoneModelName: CP-7961G\r\n"));
    assert!(requests[0].contains("Accept-Language: de\r\n"));
    assert!(
        requests[2].starts_with("GET /login?device=SEP1&userid=alice%20b&seq=58213 HTTP/1.1\r\n")
    );
    assert_eq!(phone.shared.faults(), []);
}

#[tokio::test]
async fn a_7960_asks_in_the_old_way_and_takes_latin_1_alone() {
    let (server, requests) = login_server(latin1, LATIN1, "").await;
    let phone = ready(Kind::Cisco7960, server);
    let mut browser = Browser::default();
    let page = browser.press_services(&phone).await.unwrap().unwrap();
    assert_eq!(page.items, ["Extension Mobility"]);
    let request = requests.lock().unwrap()[0].clone();
    assert!(
        request.contains(&format!(" HTTP/1.0\r\nHost:{server}\r\n")),
        "{request}"
    );
    assert!(request.contains("Accept-Charset: iso-8859-1\r\n"));

    let (server, _) = login_server(utf8, UTF8, "").await;
    let phone = ready(Kind::Cisco7960, server);
    let refused = browser.press_services(&phone).await;
    assert!(matches!(
        refused,
        Err(BrowseError::Page(PageFault::ContentType(_)))
    ));
}

#[tokio::test]
async fn an_8841_lists_its_own_services_and_posts_forms() {
    let (server, requests) = login_server(utf8, UTF8, " method=\"post\"").await;
    let phone = ready(Kind::Cisco8841, server);
    let mut file = phone.shared.file().unwrap().as_ref().clone();
    file.services[0].url = format!("http://{server}/form?device=#DEVICENAME#");
    phone.shared.set_file(Arc::new(file));
    let mut browser = Browser::default();
    let page = browser.press_services(&phone).await.unwrap().unwrap();
    assert_eq!(
        (page.items.as_slice(), page.address),
        (["Extension Mobility".to_owned()].as_slice(), None)
    );
    assert_eq!(requests.lock().unwrap().len(), 0);
    let page = browser
        .choose(&phone, "Extension Mobility")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page.keys[0].name, "Exit");
    browser.fill(&phone, &[("seq", "58213")]).unwrap();
    browser.soft_key(&phone, "submit").await.unwrap().unwrap();
    let requests = requests.lock().unwrap().clone();
    assert!(requests[0].starts_with("GET /form?device=SEP000000000001 HTTP/1.1\r\n"));
    assert!(requests[1].starts_with("POST /login?device=SEP1 HTTP/1.1\r\n"));
    assert!(requests[1].ends_with("\r\n\r\nuserid=bob&seq=58213"));
}

#[tokio::test]
async fn a_7961_has_never_heard_of_posted_forms() {
    let (server, _) = login_server(utf8, UTF8, " method=\"post\"").await;
    let phone = ready(Kind::Cisco7961, server);
    let mut browser = Browser::default();
    browser.press_services(&phone).await.unwrap();
    let refused = browser.choose(&phone, "Extension Mobility").await;
    assert!(matches!(refused, Err(BrowseError::Page(PageFault::Xml(_)))));
}

/// One raw answer, and what a 7961 makes of it.
async fn shown(answer: Vec<u8>) -> Result<Option<Page>, BrowseError> {
    let server = web(move |_| answer.clone()).await;
    let phone = phone(Kind::Cisco7961, nowhere());
    let target = Target::get(&format!("http://{server}/page"));
    let mut browser = Browser::default();
    let step = browser.go(&phone, target, "").await;
    assert_eq!(phone.shared.faults().len(), usize::from(step.is_err()));
    step
}

fn text_page() -> String {
    utf8("<CiscoIPPhoneText><Title>T</Title><Text>x</Text></CiscoIPPhoneText>")
}

#[tokio::test]
async fn an_answer_that_phones_do_not_read_is_a_fault() {
    assert!(shown(ok(UTF8, &text_page())).await.is_ok());
    let good = String::from_utf8(ok(UTF8, &text_page())).unwrap();
    let length = format!("Content-Length: {}\r\n", text_page().len());
    let cases = [
        (length.as_str(), "", "no Content-Length"),
        (length.as_str(), "Transfer-Encoding: chunked\r\n", "chunked"),
        ("200 OK", "302 Found", "status 302"),
        ("200 OK", "500 Oops", "status 500"),
        (
            "Content-Length",
            "Content-Encoding: gzip\r\nContent-Length",
            "gzip",
        ),
        ("text/xml", "text/html", "text/html"),
        ("; charset=UTF-8", "", "text/xml"),
        ("charset=UTF-8", "charset=ISO-8859-1", "declares"),
        (" encoding=\"UTF-8\"", " encodinG=\"UTF-8\"", "declares"),
        ("Content-Length: ", "Content-Length: 1", "HTTP Error[10]"),
        ("<Title>T</Title>", "<Title>T</Titel>", "XML Error[4]"),
        ("<Text>", "<Bold/><Text>", "XML Error[4]"),
        ("HTTP/1.1", "ICY", "not HTTP"),
    ];
    for (from, to, reason) in cases {
        assert!(good.contains(from), "{from:?} is not in the sample");
        let fault = shown(good.replacen(from, to, 1).into_bytes())
            .await
            .unwrap_err();
        assert!(
            fault.to_string().contains(reason),
            "{from:?} -> {to:?}: {fault}"
        );
    }
    let broken = shown(good.as_bytes()[..good.len() - 3].to_vec())
        .await
        .unwrap_err();
    assert!(matches!(
        broken,
        BrowseError::Page(PageFault::Connection(_))
    ));
    assert!(broken.to_string().starts_with("HTTP Error[10]"));
}

/// One page, and what a 7961 with this load makes of it.
async fn with_load(load: &str, object: &str) -> (Phone, Browser, Step) {
    let page = utf8(object);
    let server = web(move |_| ok(UTF8, &page)).await;
    let mut profile = Profile::new(Kind::Cisco7961, mac(1));
    load.clone_into(&mut profile.load);
    let mut phone = phone(Kind::Cisco7961, nowhere());
    phone.profile = profile.into();
    let mut browser = Browser::default();
    let target = Target::get(&format!("http://{server}/page"));
    let step = browser.go(&phone, target, "").await;
    (phone, browser, step)
}

const OLD_LOAD: &str = "SCCP41.8-2-2SR1S";
const NEW_LOAD: &str = "SCCP41.8-3-2S";

#[tokio::test]
async fn a_7961_reads_by_its_load() {
    let menu = "<CiscoIPPhoneMenu><MenuItem><Name>a</Name></MenuItem><MenuItem/>\
         <MenuItem><Name>b</Name></MenuItem></CiscoIPPhoneMenu>";
    let (_, _, old) = with_load(OLD_LOAD, menu).await;
    assert_eq!(old.unwrap().unwrap().items, ["a"]);
    let (_, _, new) = with_load(NEW_LOAD, menu).await;
    assert_eq!(new.unwrap().unwrap().items, ["a", "", "b"]);
    let long = format!(
        "<CiscoIPPhoneText><Title>{}</Title></CiscoIPPhoneText>",
        "t".repeat(33)
    );
    let (_, _, old) = with_load(OLD_LOAD, &long).await;
    assert_eq!(old.unwrap().unwrap().title.len(), 32);
    let (phone, _, new) = with_load(NEW_LOAD, &long).await;
    assert!(new.unwrap_err().to_string().starts_with("XML Error[4]"));
    assert_eq!(phone.shared.faults().len(), 1);
    for load in [OLD_LOAD, NEW_LOAD] {
        let (_, _, none) = with_load(load, "<CiscoIPPhoneImage/>").await;
        assert!(none.unwrap_err().to_string().starts_with("XML Error[5]"));
    }
}

#[tokio::test]
async fn a_form_without_url_fails_at_once_or_when_it_is_submitted() {
    let form = "<CiscoIPPhoneInput><InputItem><QueryStringParam>userid</QueryStringParam>\
         <InputFlags>A</InputFlags></InputItem></CiscoIPPhoneInput>";
    let (_, _, new) = with_load(NEW_LOAD, form).await;
    assert!(new.unwrap_err().to_string().starts_with("XML Error[4]"));
    let (phone, mut browser, old) = with_load(OLD_LOAD, form).await;
    assert_eq!(old.unwrap().unwrap().kind, PageKind::Input);
    assert!(phone.shared.faults().is_empty());
    let refused = browser.soft_key(&phone, "Submit").await.unwrap_err();
    assert!(
        refused.to_string().starts_with("Host Not Found"),
        "{refused}"
    );
    assert_eq!(phone.shared.faults().len(), 1);
}

#[tokio::test]
async fn a_phone_that_goes_down_loses_the_page_it_waits_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let phone = phone(Kind::Cisco7961, nowhere());
    let target = Target::get(&format!("http://{}/", listener.local_addr().unwrap()));
    let mut browser = Browser::default();
    let going_down = async {
        let (_stream, _) = listener.accept().await.unwrap();
        phone.shared.close_window();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        step = browser.go(&phone, target, "") => {
            let fault = step.unwrap_err().to_string();
            assert!(fault.starts_with("HTTP Error[10]"), "{fault}");
        }
        () = going_down => {}
    }
}

#[tokio::test]
async fn soft_keys_of_a_page_replace_the_phones_own() {
    let page = utf8(
        "<CiscoIPPhoneText><Title>Sign out?</Title><Text>Sure?</Text>\
         <SoftKeyItem><Name>Yes</Name><URL>http://127.0.0.1:1/yes</URL><Position>1</Position></SoftKeyItem>\
         <SoftKeyItem><Name>No</Name><URL>Init:Services</URL><Position>3</Position></SoftKeyItem>\
         </CiscoIPPhoneText>",
    );
    let server = web(move |_| ok(UTF8, &page)).await;
    let phone = phone(Kind::Cisco7961, nowhere());
    let mut browser = Browser::default();
    let target = Target::get(&format!("http://{server}/"));
    let shown = browser.go(&phone, target, "").await.unwrap().unwrap();
    assert_eq!(shown.keys.len(), 2);
    let missing = browser.soft_key(&phone, "Exit").await;
    assert_eq!(missing, Err(BrowseError::NoKey("Exit".to_owned())));
    let refused = browser.soft_key(&phone, "yes").await.unwrap_err();
    assert!(refused.to_string().starts_with("HTTP Error[10]"));
    assert_eq!(browser.soft_key(&phone, "no").await, Ok(None));
    assert_eq!(browser.page(&phone), None);
    let none = browser.soft_key(&phone, "no").await;
    assert_eq!(none, Err(BrowseError::NoPage));
}

#[tokio::test]
async fn exit_goes_back_over_what_is_not_over() {
    let server = web(|request| {
        let path = request.split(' ').nth(1).unwrap().to_owned();
        let host = request
            .lines()
            .find_map(|line| line.strip_prefix("Host: "))
            .unwrap();
        let next = match path.as_str() {
            "/a" => "/b",
            _ => "/c",
        };
        let page = utf8(&format!(
            "<CiscoIPPhoneMenu><Title>{path}</Title><MenuItem><Name>on</Name>\
             <URL>http://{host}{next}</URL></MenuItem></CiscoIPPhoneMenu>"
        ));
        let mut answer = String::from_utf8(ok(UTF8, &page)).unwrap();
        if path == "/b" {
            let over = "Expires: Thu, 26 Oct 1995 00:00:00 GMT\r\nContent-Length";
            answer = answer.replacen("Content-Length", over, 1);
        }
        answer.into_bytes()
    })
    .await;
    let phone = phone(Kind::Cisco7961, nowhere());
    let mut browser = Browser::default();
    let target = Target::get(&format!("http://{server}/a"));
    browser.go(&phone, target, "").await.unwrap();
    browser.choose(&phone, "on").await.unwrap();
    let page = browser.choose(&phone, "on").await.unwrap().unwrap();
    assert_eq!(page.title, "/c");
    let page = browser.soft_key(&phone, "Exit").await.unwrap().unwrap();
    assert_eq!(page.title, "/a");
    assert_eq!(browser.soft_key(&phone, "Exit").await, Ok(None));
}

#[tokio::test]
async fn an_execute_closes_the_window_or_leads_on() {
    let server = web(|request| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap();
        let item = match request.split(' ').nth(1).unwrap() {
            "/close" => "Init:Services".to_owned(),
            "/key" => "SoftKey:Exit".to_owned(),
            "/on" => format!("http://{host}/text"),
            "/loop" => format!("http://{host}/loop"),
            _ => return ok(UTF8, &text_page()),
        };
        let object = format!(
            "<CiscoIPPhoneExecute><ExecuteItem Priority=\"0\" URL=\"{item}\"/></CiscoIPPhoneExecute>"
        );
        ok(UTF8, &utf8(&object))
    })
    .await;
    let phone = phone(Kind::Cisco8841, nowhere());
    let mut browser = Browser::default();
    let at = |path: &str| Target::get(&format!("http://{server}{path}"));
    let page = browser.go(&phone, at("/on"), "").await.unwrap().unwrap();
    assert_eq!(page.title, "T");
    assert_eq!(browser.go(&phone, at("/close"), "").await, Ok(None));
    for path in ["/key", "/loop"] {
        let refused = browser.go(&phone, at(path), "").await;
        assert!(
            matches!(refused, Err(BrowseError::Page(PageFault::Execute(_)))),
            "{path}"
        );
    }
}
