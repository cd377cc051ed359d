//! Where requests may come from (*Feature Configuration Guide*, Extension
//! Mobility service parameters: Validate IP Address, Trusted List of IPs, Allow
//! Proxy).

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use embody::model::{Change, DeviceName, Held, Timestamp};
use embody::ports::{Scope, Store, Verdict};

use crate::login_service_house::{
    DESK, GHOST, House, LOBBY, SERVLET, SUCCESS, app, code, form, login_with, post, query, request,
};

const VALIDATED: &str = "validate_ip_address = true";

fn with_list(list: &str) -> String {
    format!("{VALIDATED}\ntrusted_list_of_ips = {list:?}")
}

fn from(address: &str) -> String {
    format!("<remoteIPAddr>{address}</remoteIPAddr>")
}

/// A query about a phone for somebody at this address.
fn asks(device: &str, rest: &str) -> String {
    query(&format!(
        "<deviceUserQuery><deviceName>{device}</deviceName>{rest}</deviceUserQuery>"
    ))
}

#[tokio::test]
async fn without_the_parameter_anybody_may_ask_from_anywhere() {
    let house = House::open("trusted_list_of_ips = \"app.example.com\"").await;
    let anything = "<remoteIPAddr>192.0.2.9</remoteIPAddr><isViaHeaderSet>true</isViaHeaderSet>";
    assert_eq!(house.code_of(&asks(DESK, anything)).await, None);
    assert_eq!(
        house.looked_up.load(Ordering::SeqCst),
        0,
        "and no name is looked up"
    );
}

#[tokio::test]
async fn a_registered_phone_is_trusted_its_own_and_any_other() {
    let house = House::open(VALIDATED).await;
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.7"))).await,
        Some(28)
    );
    house.plug_in(DESK, [192, 0, 2, 7]);
    assert_eq!(house.code_of(&asks(DESK, &from("192.0.2.7"))).await, None);
    assert_eq!(
        house.code_of(&asks(LOBBY, &from("192.0.2.7"))).await,
        None,
        "any phone"
    );
    assert_eq!(
        house.code_of(&asks(DESK, &from("::ffff:192.0.2.7"))).await,
        None
    );
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.8"))).await,
        Some(28)
    );
    let login = request(&login_with(DESK, "bob", &from("192.0.2.7")));
    assert_eq!(house.ask(&login).await, SUCCESS);
}

#[tokio::test]
async fn addresses_in_the_list_are_trusted() {
    let house = House::open(&with_list("192.0.2.1; 2001:db8::1")).await;
    for (address, refused) in [
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("2001:0db8:0:0::1", None),
        ("192.0.2.2", Some(28)),
        ("2001:db8::2", Some(28)),
    ] {
        assert_eq!(
            house.code_of(&asks(GHOST, &from(address))).await,
            refused,
            "{address}"
        );
    }
    // All operations are asked the same.
    let users = |rest: &str| {
        query(&format!(
            "<userDevicesQuery><userID>bob</userID>{rest}</userDevicesQuery>"
        ))
    };
    assert_eq!(house.code_of(&users(&from("192.0.2.1"))).await, None);
    assert_eq!(house.code_of(&users(&from("192.0.2.2"))).await, Some(28));
    let all = |rest: &str| request(&format!("<logoutAll>{rest}</logoutAll>"));
    assert_eq!(house.code_of(&all(&from("192.0.2.2"))).await, Some(28));
    assert_eq!(house.ask(&all(&from("192.0.2.1"))).await, SUCCESS);
}

#[tokio::test]
async fn host_names_in_the_list_are_looked_up_and_remembered() {
    let house = House::open(&with_list("10.0.0.1;app.example.com;App.Example.com")).await;
    let host: IpAddr = "192.0.2.5".parse().unwrap();
    *house.host.lock().unwrap() = Some(host);
    let looked_up = || house.looked_up.load(Ordering::SeqCst);
    assert_eq!(house.code_of(&asks(DESK, &from("10.0.0.1"))).await, None);
    assert_eq!(looked_up(), 0, "an address needs no name");
    for _ in 0..3 {
        assert_eq!(house.code_of(&asks(DESK, &from("192.0.2.5"))).await, None);
        assert_eq!(
            house.code_of(&asks(DESK, &from("192.0.2.6"))).await,
            Some(28)
        );
    }
    assert_eq!(looked_up(), 1, "one name, once a minute");
    *house.host.lock().unwrap() = Some("192.0.2.6".parse().unwrap());
    house.clock.advance(Duration::from_secs(61));
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.6"))).await,
        None,
        "it moved"
    );
}

/// Only an application with proxy rights speaks for another address; anybody
/// else is where his connection comes from.
#[tokio::test]
async fn who_is_no_proxy_is_where_he_calls_from() {
    let house = House::open(&with_list("127.0.0.1;192.0.2.1")).await;
    let said = |address: &str, app: &str| {
        let login = login_with(DESK, "bob", &from(address));
        post(SERVLET, &form(&format!("<request>{app}{login}</request>")))
    };
    let (bob, proxy) = (app("bob", "bob-secret"), app("emapp", "change-me"));
    let from_afar = [127, 0, 8, 1];
    let answer = house.say_from(from_afar, &said("192.0.2.1", &bob)).await;
    assert_eq!(code(&answer.body), Some(28), "he only says so");
    let answer = house.say_from(from_afar, &said("192.0.2.1", &proxy)).await;
    assert_eq!(answer.body, SUCCESS, "it is believed");
    let out = format!(
        "<request>{proxy}<logoutAll>{}</logoutAll></request>",
        from("192.0.2.1")
    );
    assert_eq!(house.ask(&out).await, SUCCESS);
    let answer = house.say(&said("192.0.2.9", &bob)).await;
    assert_eq!(answer.body, SUCCESS, "his own address is trusted");
    let silent = house
        .say_from(from_afar, &post(SERVLET, &form(&asks(DESK, ""))))
        .await;
    assert_eq!(
        code(&silent.body),
        Some(28),
        "a proxy that says nothing is where it is"
    );
}

/// *Allow Proxy*: an application says that its client came through a proxy, or
/// the request itself did.
#[tokio::test]
async fn what_came_through_a_proxy_is_refused_unless_that_is_allowed() {
    let careful = House::open(&with_list("127.0.0.1;192.0.2.1")).await;
    let relaxed = House::open(&(with_list("127.0.0.1;192.0.2.1") + "\nallow_proxy = true")).await;
    let vouched = from("192.0.2.1");
    let set = |flag: &str| format!("<isViaHeaderSet>{flag}</isViaHeaderSet>");
    for (what, rest, header, refused) in [
        ("neither", String::new(), "", None),
        ("said", set("true"), "", Some(30)),
        (
            "said with an address",
            vouched.clone() + &set("true"),
            "",
            Some(30),
        ),
        ("seen", String::new(), "Via: 1.1 squid\r\n", Some(30)),
        (
            "seen, though denied",
            set("false"),
            "Via: 1.1 squid\r\n",
            Some(30),
        ),
        (
            "the application's own way",
            vouched + &set("false"),
            "Via: 1.1 squid\r\n",
            None,
        ),
    ] {
        let bytes = post(SERVLET, &form(&asks(DESK, &rest)));
        let bytes = bytes.replace("Host:", &format!("{header}Host:"));
        assert_eq!(code(&careful.say(&bytes).await.body), refused, "{what}");
        assert_eq!(code(&relaxed.say(&bytes).await.body), None, "{what}");
    }
}

/// 29: right after a start, where a phone is that was here before is not known
/// until it has come back; three minutes later it is a stranger.
#[tokio::test]
async fn a_phone_that_has_not_come_back_since_the_start_is_29() {
    let house = House::open(VALIDATED).await;
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.7"))).await,
        Some(28),
        "never seen"
    );
    let phone = {
        let world = house.store.world();
        world.phone(&DeviceName::new(DESK).unwrap()).unwrap().id
    };
    let held = Change::PutHeld(Held {
        phone,
        file: None,
        station: None,
        node: "here".into(),
        seen: Timestamp(0),
    });
    let decide = Box::new(move |_: &_| Verdict::Commit(vec![held.clone()]));
    house.store.submit(Scope::Site, decide).await.unwrap();
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.7"))).await,
        Some(29)
    );
    assert_eq!(
        house.code_of(&asks(LOBBY, &from("192.0.2.7"))).await,
        Some(28),
        "another phone"
    );
    house.clock.advance(Duration::from_secs(179));
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.7"))).await,
        Some(29)
    );
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.7"))).await,
        Some(28)
    );
    house.plug_in(DESK, [192, 0, 2, 7]);
    assert_eq!(house.code_of(&asks(DESK, &from("192.0.2.7"))).await, None);
    assert_eq!(
        house.code_of(&asks(DESK, &from("192.0.2.8"))).await,
        Some(28)
    );
}

/// Restriction *User Group*: an end user is no proxy, whatever group he is put
/// in. Here he cannot even be put there.
#[tokio::test]
async fn an_end_user_cannot_be_made_a_proxy() {
    use embody::site::{Severity, check};
    let site = "version = 1\n[[user]]\nid = \"bob\"\nproxy_rights = true\n";
    let configs = embody::provision::PhoneConfigs::load(None).unwrap();
    let parsed = embody::site::parse(site);
    let refused = match &parsed {
        Err(error) => error.to_string(),
        Ok(file) => check(file, &configs.catalogue)
            .into_iter()
            .find(|finding| finding.severity == Severity::Error)
            .map(|finding| format!("{finding:?}"))
            .unwrap_or_default(),
    };
    assert!(refused.contains("proxy_rights"), "{refused}");
}
