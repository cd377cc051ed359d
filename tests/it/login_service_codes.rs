//! Every code that can arise in the login service, provoked over HTTP, and
//! which of two wins (*Extension Mobility API Developer Guide*, Response
//! Codes).

use std::time::Duration;

use embody::emapi::Code;

use crate::login_service_house::{
    APP, CLOSED, DESK, GHOST, House, LOBBY, Mood, SERVLET, SUCCESS, app, code, form, login,
    login_with, logout, post, query, request, rest, until, who,
};

/// One application that is held at the directory, so that the only place is
/// taken.
async fn full(house: &House) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    house.directory.is(Mood::Slow("lame"));
    let mut held = house.dial([127, 0, 0, 1]).await;
    let slow = format!(
        "<request>{}<logoutAll/></request>",
        app("lame", "change-me")
    );
    let slow = post(SERVLET, &form(&slow));
    held.write_all(slow.as_bytes()).await.unwrap();
    until("the only place is taken", || {
        house.service.figures().in_progress == 1
    })
    .await;
    held
}

const ONE_AT_A_TIME: &str = "maximum_concurrent_requests = 1\nmaximum_waiting_requests = 0";

/// Extension Mobility API, Response Codes: 0 to 30 and 47, each by what the
/// table of codes says.
#[tokio::test]
async fn every_code_that_can_arise_does() {
    let house = House::open("multiple_login_behavior = \"not-allowed\"").await;
    let mut seen = Vec::new();
    let mut check = async |expected: u16, xml: &str| {
        assert_eq!(house.code_of(xml).await, Some(expected), "{xml}");
        seen.push(expected);
    };
    check(1, "<foo/>").await;
    check(8, &query("<bar/>")).await;
    for wrong in [
        app("emapp", "guess"),
        app("nobody", "x"),
        app("", "x"),
        app("bare", ""),
        APP.replace("appCertificate", "appEncryptedCertificate"),
    ] {
        check(3, &format!("<request>{wrong}<logoutAll/></request>")).await;
    }
    check(4, &login(DESK, "excluded")).await;
    check(5, &logout(CLOSED)).await;
    check(
        10,
        &format!(
            "<request>{}<logoutAll/></request>",
            app("lame", "change-me")
        ),
    )
    .await;
    check(11, &login(GHOST, "alice")).await;
    check(12, &login(DESK, "bare")).await;
    check(
        12,
        &request(&login_with(
            DESK,
            "bob",
            "<deviceProfile>ghost</deviceProfile>",
        )),
    )
    .await;
    check(19, &logout(DESK)).await;
    check(22, &login(CLOSED, "alice")).await;
    check(23, &login(DESK, "nobody")).await;
    let typed = |typed: &str| {
        let kind = "<loginType>DN</loginType>";
        request(&login_with(DESK, typed, kind))
    };
    check(47, &typed("2002")).await;
    check(23, &typed("9999")).await;
    assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
    check(18, &login(DESK, "alice")).await;
    check(18, &login(DESK, "bob")).await;
    check(25, &login(LOBBY, "bob")).await;
    house.store.fail_commits(true);
    check(6, &login(LOBBY, "alice")).await;
    check(6, &logout(DESK)).await;
    check(6, &request("<logoutAll/>")).await;
    house.store.fail_commits(false);
    assert_eq!(
        house.is_on(DESK).await.as_deref(),
        Some("bob"),
        "nothing changed"
    );
    house.directory.is(Mood::Down);
    check(2, &who(DESK)).await;
    check(
        2,
        &format!("<request>{}<logoutAll/></request>", app("stranger", "x")),
    )
    .await;
    let himself = format!(
        "<request>{}<logoutAll/></request>",
        app("alice", "alice-secret")
    );
    check(9, &himself).await;
    house.directory.is(Mood::Broken);
    check(0, &who(DESK)).await;
    house.directory.is(Mood::Well);
    assert_eq!(
        house.is_on(DESK).await.as_deref(),
        Some("bob"),
        "it goes on"
    );

    let careful = House::open("validate_ip_address = true").await;
    assert_eq!(careful.code_of(&who(DESK)).await, Some(28));
    let via = "<isViaHeaderSet>true</isViaHeaderSet>";
    assert_eq!(
        careful
            .code_of(&request(&login_with(DESK, "bob", via)))
            .await,
        Some(30)
    );
    let narrow = House::open(ONE_AT_A_TIME).await;
    let mut held = full(&narrow).await;
    assert_eq!(narrow.code_of(&who(DESK)).await, Some(26));
    narrow.directory.let_go(1);
    assert_eq!(code(&rest(&mut held).await), Some(10));
    seen.extend([26, 28, 30]);
    // 29 is told by a phone that was here before the start: see the tests of
    // trust.
    seen.push(29);

    let cannot = [
        (
            7,
            "the end of a login is stored with it: a commit that fails is 6",
        ),
        (20, "whether a phone allows logins is read with the phone"),
        (21, "who is on a phone is read with the phone"),
        (27, "passwords of applications do not expire"),
        (
            41,
            "the service checks no PIN; the phone's application does",
        ),
    ];
    seen.extend(cannot.map(|(code, _)| code));
    seen.sort_unstable();
    seen.dedup();
    let between_clusters = |code: &u16| (31..=46).contains(code) && *code != 41;
    let all: Vec<u16> = Code::ALL
        .iter()
        .map(|code| code.number())
        .filter(|code| !between_clusters(code))
        .collect();
    assert_eq!(seen, all);
}

/// The end of a login is stored with the login or not at all.
#[tokio::test]
async fn an_end_that_cannot_be_stored_is_a_login_that_was_not_made() {
    let house = House::open("").await;
    house.store.fail_commits(true);
    let hour = "<exclusiveDuration><time>60</time></exclusiveDuration>";
    let xml = request(&login_with(DESK, "bob", hour));
    assert_eq!(house.code_of(&xml).await, Some(6));
    house.store.fail_commits(false);
    assert_eq!(house.is_on(DESK).await, None);
    assert_eq!(house.ask(&xml).await, SUCCESS);
}

/// Extension Mobility API, Response Codes: where two codes fit, the check that
/// comes first answers.
#[tokio::test]
async fn of_two_codes_the_check_that_comes_first_wins() {
    let house = House::open(
        "multiple_login_behavior = \"not-allowed\"\nvalidate_ip_address = true\n\
         trusted_list_of_ips = \"192.0.2.1\"",
    )
    .await;
    let trusted = "<remoteIPAddr>192.0.2.1</remoteIPAddr>";
    let stranger = "<remoteIPAddr>192.0.2.9</remoteIPAddr>";
    let via = "<isViaHeaderSet>true</isViaHeaderSet>";
    let by = |app: &str, inside: &str| format!("<request>{app}{inside}</request>");
    let login = |device: &str, user: &str, rest: &str| login_with(device, user, rest);
    let logout = |device: &str, rest: &str| {
        request(&format!(
            "<logout><deviceName>{device}</deviceName>{rest}</logout>"
        ))
    };
    let wrong = app("emapp", "guess");
    let lame = app("lame", "change-me");
    let profile = format!("<deviceProfile>ghost</deviceProfile>{trusted}");
    let too_long = format!(
        "<deviceProfile>{}</deviceProfile>{trusted}",
        "x".repeat(300)
    );
    let long_user = "u".repeat(300);
    assert_eq!(
        house.ask(&request(&login(DESK, "bob", trusted))).await,
        SUCCESS
    );
    let rows = [
        ("1 before 3", 1, by(&wrong, "<login/>")),
        ("8 before 3", 8, format!("<query>{wrong}<bar/></query>")),
        ("3 before 30", 3, by(&wrong, &login(DESK, "bob", via))),
        ("3 before 11", 3, by(&wrong, &login(GHOST, "bob", trusted))),
        ("10 before 30", 10, by(&lame, &login(DESK, "bob", via))),
        ("10 before 11", 10, by(&lame, &login(GHOST, "bob", trusted))),
        (
            "30 before 28",
            30,
            request(&login(DESK, "bob", &format!("{stranger}{via}"))),
        ),
        ("28 before 11", 28, request(&login(GHOST, "bob", stranger))),
        (
            "11 before 23",
            11,
            request(&login(GHOST, "nobody", trusted)),
        ),
        (
            "11 before 23, whatever the names",
            11,
            request(&login("*", &long_user, trusted)),
        ),
        (
            "22 before 23",
            22,
            request(&login(CLOSED, "nobody", trusted)),
        ),
        ("22 before 12", 22, request(&login(CLOSED, "bob", &profile))),
        ("18 before 23", 18, request(&login(DESK, "nobody", trusted))),
        (
            "18 before 12",
            18,
            request(&login(DESK, "alice", &too_long)),
        ),
        ("18 before 25", 18, request(&login(DESK, "bob", trusted))),
        (
            "23 before 12",
            23,
            request(&login(LOBBY, "nobody", &profile)),
        ),
        (
            "23 for a name that nobody can have",
            23,
            request(&login(LOBBY, &long_user, trusted)),
        ),
        ("12 before 25", 12, request(&login(LOBBY, "bob", &profile))),
        (
            "12 for a name that none can have",
            12,
            request(&login(LOBBY, "bob", &too_long)),
        ),
        ("11 before 19", 11, logout(GHOST, trusted)),
        ("5 before 19", 5, logout(CLOSED, trusted)),
    ];
    for (what, expected, xml) in &rows {
        assert_eq!(house.code_of(xml).await, Some(*expected), "{what}: {xml}");
    }
    house.store.fail_commits(true);
    let elsewhere = request(&login(LOBBY, "bob", trusted));
    assert_eq!(house.code_of(&elsewhere).await, Some(25), "25 before 6");
    assert_eq!(
        house.code_of(&logout(LOBBY, trusted)).await,
        Some(19),
        "19 before 6"
    );

    let narrow = House::open(ONE_AT_A_TIME).await;
    let _held = full(&narrow).await;
    assert_eq!(narrow.code_of("<foo/>").await, Some(26), "26 before 1");
}

/// Nobody is shut in: a phone on which Extension Mobility was switched off
/// while somebody was on it can be left.
#[tokio::test]
async fn who_is_on_a_phone_that_was_closed_since_can_leave() {
    use embody::model::{Change, DeviceName};
    use embody::ports::{Scope, Store, Verdict};
    let house = House::open("").await;
    assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
    let mut phone = {
        let world = house.store.world();
        (**world.phone(&DeviceName::new(DESK).unwrap()).unwrap()).clone()
    };
    phone.extension_mobility = false;
    let change = Change::PutPhone(Box::new(phone));
    let decide = Box::new(move |_: &_| Verdict::Commit(vec![change.clone()]));
    house.store.submit(Scope::Site, decide).await.unwrap();
    assert_eq!(house.ask(&logout(DESK)).await, SUCCESS);
    assert_eq!(house.code_of(&logout(DESK)).await, Some(5));
}

/// What is read of an answer is the number; what a developer needs is beside
/// it, and nothing that is ours.
#[tokio::test]
async fn the_words_help_whoever_writes_the_application() {
    let house = House::open("").await;
    assert_eq!(
        house
            .ask(&format!(
                "<request>{}<logoutAll/></request>",
                app("appid", "x")
            ))
            .await,
        "<response><failure><error code=\"3\">Could not authenticate 'appid'</error></failure>\
         </response>"
    );
    let parsed = house
        .ask("<request>\n  <appInfo>\n    <appId>a</appId>\n  </appInfo>\n</request>")
        .await;
    let place = "line 3, column 5: &lt;appId&gt; may not stand in &lt;appInfo&gt;";
    assert!(parsed.contains(place), "{parsed}");
    house.store.fail_commits(true);
    let stored = house.ask(&login(DESK, "bob")).await;
    assert!(stored.contains(">Database Error<"), "{stored}");
    house.directory.is(Mood::Down);
    let down = house.ask(&who(DESK)).await;
    assert!(down.contains(">Cannot authorize App user<"), "{down}");
    assert!(!down.contains("10.9.8.7"), "{down}");
}

/// What applications saw is written down: who, what, the code and the reason.
#[tokio::test]
async fn what_was_refused_is_journalled_without_the_password() {
    let house = House::open("").await;
    let _ = house
        .ask("<request><appInfo><appID>a</appID><appCertificate>s3cret-1<")
        .await;
    let wrong = app("emapp", "s3cret-2");
    let _ = house.ask(&format!("<query>{wrong}<bar/></query>")).await;
    let _ = house
        .ask(&format!("<request>{wrong}<logoutAll/></request>"))
        .await;
    let _ = house.ask(&login(DESK, "nobody")).await;
    let _ = house.ask(&login(GHOST, "bob")).await;
    let lines = house.notes.lines();
    let line = |part: &str| {
        let found = lines.iter().find(|(_, text)| text.contains(part));
        found.unwrap_or_else(|| panic!("{part}: {lines:?}"))
    };
    for part in [
        "answered 1 Error on Parsing: line 1, column",
        "answered 8 Query type",
    ] {
        assert!(
            line(part).1.contains("an application at 127.0.0.1:"),
            "{part}"
        );
        assert_eq!(line(part).0, None);
    }
    let refused = &line("logoutAll of application \"emapp\" at 127.0.0.1:").1;
    assert!(
        refused.ends_with("3 Invalid App User: the PIN or password is wrong"),
        "{refused}"
    );
    let (device, text) = line("answered 23");
    assert_eq!(device.as_deref(), Some(DESK), "at the phone it is about");
    assert!(
        text.contains("login of application \"emapp\" at 127.0.0.1:"),
        "{text}"
    );
    assert_eq!(
        line("answered 11").0,
        None,
        "a name that is no phone has no timeline"
    );
    let all = house.notes.everything();
    assert!(
        !all.contains("s3cret") && !all.contains("change-me"),
        "{all}"
    );
}

/// Cisco's counters: attempts and successes of each kind, requests throttled
/// and in progress.
#[tokio::test]
async fn requests_are_counted_by_kind() {
    use embody::http::services::Kind;
    let house = House::open(ONE_AT_A_TIME).await;
    let _ = house.ask(&login(DESK, "bob")).await;
    let _ = house.ask(&login(DESK, "alice")).await;
    let _ = house.ask(&logout(DESK)).await;
    let _ = house.ask(&who(DESK)).await;
    let _ = house.ask("<foo/>").await;
    let held = full(&house).await;
    let _ = house.ask(&who(DESK)).await;
    let figures = house.service.figures();
    let tries = |kind| (figures.of(kind).attempts, figures.of(kind).successes);
    assert_eq!(tries(Kind::Login), (2, 1));
    assert_eq!(tries(Kind::Logout), (1, 1));
    assert_eq!(tries(Kind::DeviceUserQuery), (1, 1));
    assert_eq!(tries(Kind::Unreadable), (1, 0));
    assert_eq!((figures.in_progress, figures.throttled), (1, 1));
    drop(held);
    house.directory.let_go(1);
    until("nothing is in progress", || {
        house.service.figures().in_progress == 0
    })
    .await;
    assert_eq!(house.service.figures().of(Kind::LogoutAll).attempts, 1);
    tokio::time::timeout(Duration::from_secs(60), house.ask(&who(DESK)))
        .await
        .unwrap();
}
