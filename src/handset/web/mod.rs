//! The phone's own web server: what it tells everybody, and what it does for
//! those who may push to it (*Unified IP Phone Services Application Development
//! Notes*, *HTTP Requests and Header Settings*, Push; *Device Information
//! XML*).
//!
//! Paths are taken in the manual's spelling alone, as phones do. Whether a
//! credential is good it asks its authentication URL.

mod pages;
mod request;

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::browser;
use super::phone::Phone;
use crate::phonexml::{Execute, Object, Strictness, parse};
use pages::Page;
use request::Request;

/// Connections that a phone serves at one time.
const CONNECTIONS: usize = 4;

/// Exactly this, or the push is refused.
const AUTHORIZED: &[u8] = b"AUTHORIZED";

/// Does a pushed order; returns at once.
pub(super) type Press = Arc<dyn Fn(String) + Send + Sync>;

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, phone: Phone, press: Press) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((mut stream, _)) = listener.accept().await else {
            phone.back_off().await;
            continue;
        };
        let (phone, press) = (phone.clone(), Arc::clone(&press));
        tokio::spawn(async move {
            let answering = answer(&mut stream, &phone, &press);
            // Who is slow is left.
            let _ = tokio::time::timeout(phone.pace.patience * 2, answering).await;
            drop(place);
        });
    }
}

/// One request, one answer, the end.
async fn answer(stream: &mut TcpStream, phone: &Phone, press: &Press) {
    let Some(request) = Request::read(stream).await else {
        return;
    };
    let page = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/DeviceInformationX") => pages::device_information(phone),
        ("GET", "/NetworkConfigurationX") => {
            pages::network_configuration(phone, stream.local_addr().ok())
        }
        ("GET", "/CGI/Screenshot") => match may_push(phone, &request).await {
            Ok(()) => pages::screenshot(phone),
            Err(refusal) => refusal,
        },
        ("POST", "/CGI/Execute") => match may_push(phone, &request).await {
            Ok(()) => execute(phone, &request.body, press),
            Err(refusal) => refusal,
        },
        _ => Page::not_found(),
    };
    if stream.write_all(&page.to_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}

/// Whether the authentication URL lets whoever asks push; else the refusal.
async fn may_push(phone: &Phone, request: &Request) -> Result<(), Page> {
    // Firmware answers a client that waits for 100 (Continue) with an error.
    if request.header("Expect").is_some() {
        return Err(Page::error(6));
    }
    let file = phone.shared.file();
    let Some(url) = file.and_then(|file| file.authentication_url.clone()) else {
        return Ok(());
    };
    let Some((user, password)) = request.header("Authorization").and_then(credential) else {
        return Err(Page::unauthorized());
    };
    let joint = if url.contains('?') { '&' } else { '?' };
    let question = format!(
        "{url}{joint}UserID={}&Password={}&devicename={}",
        request::encode(&user),
        request::encode(&password),
        phone.profile.device_name()
    );
    match browser::plain(phone, &question).await {
        Some(words) if words == AUTHORIZED => Ok(()),
        _ => Err(Page::error(4)),
    }
}

/// `Basic` and what it stands for.
fn credential(header: &str) -> Option<(String, String)> {
    let encoded = header.strip_prefix("Basic ")?;
    let text = String::from_utf8(Base64::decode_vec(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Does what the object in the form says, and tells what became of each order.
fn execute(phone: &Phone, body: &[u8], press: &Press) -> Page {
    let object = request::form_field(body, "XML");
    let parser = Strictness::of(phone.profile.model.number, &phone.profile.load);
    let Some(Ok(Object::Execute(orders))) = object.map(|object| parse(&object, parser)) else {
        return Page::error(1);
    };
    pages::response(&done(&orders, press))
}

/// Every order with its status: 0 done, 1 no URI that an Execute may hold.
fn done(orders: &Execute, press: &Press) -> Vec<(u8, String)> {
    let one = |url: &str| {
        let taken = !(url.starts_with("SoftKey:") || url.starts_with("Notify:"));
        if taken {
            press(url.to_owned());
        }
        (u8::from(!taken), url.to_owned())
    };
    let orders = orders.items().iter();
    orders.map(|item| one(item.url.as_str())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::handset::testing::{nowhere, ok, phone, web};
    use crate::handset::{BootFile, Kind};

    /// A phone of that kind with its web server on; what it was told to do.
    async fn served(
        kind: Kind,
        authentication_url: Option<String>,
    ) -> (std::net::SocketAddr, Arc<Mutex<Vec<String>>>) {
        let phone = phone(kind, nowhere());
        let file = BootFile {
            authentication_url,
            ..BootFile::unread()
        };
        phone.shared.set_file(Arc::new(file));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let pressed = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&pressed);
        let press: Press = Arc::new(move |url| kept.lock().unwrap().push(url));
        tokio::spawn(serve(listener, phone, press));
        (at, pressed)
    }

    async fn ask(at: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer.iter().copied().map(char::from).collect()
    }

    fn push(object: &str, more: &str) -> String {
        let body = format!("XML={}", request::encode(object));
        format!(
            "POST /CGI/Execute HTTP/1.1\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    const KEY: &str = "<CiscoIPPhoneExecute><ExecuteItem URL=\"Key:Services\"/>\
                       <ExecuteItem URL=\"SoftKey:Exit\"/></CiscoIPPhoneExecute>";

    #[tokio::test]
    async fn everybody_is_told_who_it_is() {
        let (at, _) = served(Kind::Cisco7961, None).await;
        let page = ask(at, "GET /DeviceInformationX HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
        assert!(
            page.contains("<HostName>SEP000000000001</HostName>"),
            "{page}"
        );
        assert!(
            page.contains("<MACAddress>000000000001</MACAddress>"),
            "{page}"
        );
        let page = ask(at, "GET /NetworkConfigurationX HTTP/1.0\r\n\r\n").await;
        assert!(page.contains("<IPAddress>127.0.0.1</IPAddress>"), "{page}");
        let page = ask(at, "GET /deviceinformationx HTTP/1.1\r\n\r\n").await;
        assert!(page.starts_with("HTTP/1.1 404 "), "{page}");
    }

    #[tokio::test]
    async fn a_push_is_obeyed_when_the_authentication_url_says_so() {
        let asked = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&asked);
        let server = web(move |request| {
            request
                .lines()
                .next()
                .unwrap_or_default()
                .clone_into(&mut kept.lock().unwrap());
            let good = request.contains("Password=a%2Fb");
            ok(
                "text/plain",
                if good { "AUTHORIZED" } else { "UN-AUTHORIZED" },
            )
        })
        .await;
        let url = format!("http://{server}/authenticate");
        let (at, pressed) = served(Kind::Cisco7961, Some(url)).await;
        let page = ask(at, &push(KEY, "")).await;
        assert!(page.starts_with("HTTP/1.1 401 "), "{page}");
        let basic = |words: &str| {
            format!(
                "Authorization: Basic {}\r\n",
                Base64::encode_string(words.as_bytes())
            )
        };
        let page = ask(at, &push(KEY, &basic("me:wrong"))).await;
        assert!(
            page.ends_with("<CiscoIPPhoneError Number=\"4\"/>"),
            "{page}"
        );
        assert_eq!(*pressed.lock().unwrap(), Vec::<String>::new());
        let page = ask(at, &push(KEY, &basic("me:a/b"))).await;
        assert!(
            page.contains("Status=\"0\" Data=\"Success\" URL=\"Key:Services\""),
            "{page}"
        );
        assert!(
            page.contains("Status=\"1\" Data=\"\" URL=\"SoftKey:Exit\""),
            "{page}"
        );
        assert_eq!(*pressed.lock().unwrap(), ["Key:Services"]);
        let line = asked.lock().unwrap().clone();
        assert!(
            line.contains("UserID=me&Password=a%2Fb&devicename=SEP000000000001"),
            "{line}"
        );
        let page = ask(at, &push(KEY, "Expect: 100-continue\r\n")).await;
        assert!(
            page.ends_with("<CiscoIPPhoneError Number=\"6\"/>"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn without_an_authentication_url_everybody_may_push() {
        let (at, pressed) = served(Kind::Cisco7961, None).await;
        ask(at, &push(KEY, "")).await;
        assert_eq!(pressed.lock().unwrap().len(), 1);
        let page = ask(at, &push("<CiscoIPPhoneText/>", "")).await;
        assert!(
            page.ends_with("<CiscoIPPhoneError Number=\"1\"/>"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn the_picture_is_in_the_form_of_the_generation() {
        let question = "GET /CGI/Screenshot HTTP/1.1\r\n\r\n";
        let (at, _) = served(Kind::Cisco7960, None).await;
        let page = ask(at, question).await;
        assert!(page.contains("Content-Type: text/xml"), "{page}");
        assert!(page.contains("<CiscoIPPhoneImage>"), "{page}");
        let (at, _) = served(Kind::Cisco8841, None).await;
        let page = ask(at, question).await;
        assert!(page.contains("Content-Type: image/bmp\r\n"), "{page}");
        assert!(page.split_once("\r\n\r\n").unwrap().1.starts_with("BM"));
    }
}
