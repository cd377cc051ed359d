//! Clients of the login service, and of the pages that a phone shows.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use crate::http::Connection;
use crate::measure::{Ended, Operation, Seen};
use crate::site;
use crate::stopwatch::now;

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

/// A call of the login service.
fn call(server: SocketAddr, what: &str) -> String {
    let xml = format!(
        "<request><appInfo><appID>{}</appID><appCertificate>{}</appCertificate></appInfo>{what}</request>",
        site::APPLICATION,
        site::PASSWORD
    );
    let body = format!("xml={}", encoded(&xml));
    format!(
        "POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: {server}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn operation(connection: &mut Connection, request: &str, good: &str) -> Operation {
    let begun = now();
    let ended = match connection.exchange(request.as_bytes()).await {
        Ok(answer) => {
            let body = String::from_utf8_lossy(answer.body);
            if body.contains(good) {
                Ended::Well
            } else {
                Ended::Wrong(format!("{}{body}", answer.head))
            }
        }
        Err(error) => Ended::Wrong(error.to_string()),
    };
    Operation::since(begun, ended)
}

/// One of `clients` keep-alive clients: signs its part of the users in and out
/// until it is time, and leaves nobody signed in.
pub async fn application(
    number: usize,
    clients: usize,
    until: Instant,
    server: SocketAddr,
) -> Seen {
    let mut seen = Seen::default();
    let mut connection = Connection::open(Ipv4Addr::LOCALHOST, server)
        .await
        .expect("the login service");
    let mut each = (number..site::USERS).step_by(clients).cycle();
    while now() < until {
        let who = each.next().unwrap_or_default();
        let (device, user) = (site::device(who), site::user(who));
        let login =
            format!("<login><deviceName>{device}</deviceName><userID>{user}</userID></login>");
        let logout = format!("<logout><deviceName>{device}</deviceName></logout>");
        for what in [login, logout] {
            let request = call(server, &what);
            seen.count(operation(&mut connection, &request, "<success/>").await);
        }
    }
    seen
}

/// Which users sign in by PIN.
#[derive(Clone, Copy, Debug)]
pub enum People {
    /// Their PINs have hashes of the real cost.
    Usual(usize),
    /// Their PINs have hashes that cost nothing.
    Cheap(usize),
}

/// Everybody signs in at the pages of a phone, or out; a connection each, as
/// phones do it.
pub async fn pages(
    number: usize,
    clients: usize,
    people: People,
    sign_in: bool,
    server: SocketAddr,
) -> Seen {
    let count = match people {
        People::Usual(count) | People::Cheap(count) => count,
    };
    let mut seen = Seen::default();
    for who in (number..count).step_by(clients) {
        let device = site::device(who);
        let user = match people {
            People::Usual(_) => site::slow_user(who),
            People::Cheap(_) => site::user(who),
        };
        let (query, good) = if sign_in {
            let query = format!("device={device}&userid={user}&seq={}", site::PIN);
            (query, "Login Successful")
        } else {
            (format!("device={device}&doLogout=true"), "Logout")
        };
        let request = format!(
            "GET /emapp/EMAppServlet?{query} HTTP/1.1\r\nHost: {server}\r\n\
             User-Agent: Allegro-Software-WebClient/4.34\r\nAccept: x-CiscoIPPhone/*;text/*\r\n\
             Connection: close\r\n\r\n"
        );
        let mut connection = Connection::open(Ipv4Addr::LOCALHOST, server)
            .await
            .expect("the services port");
        seen.count(operation(&mut connection, &request, good).await);
        let _ = connection.closed().await;
    }
    seen
}
