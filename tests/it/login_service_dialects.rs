//! Where Cisco's definitions, printed samples and releases disagree: the daemon
//! does what `[login_service]` in `embody.toml` says (*Extension Mobility API
//! Developer Guide*, Message Document Type Definitions, against its Message
//! Examples).

use embody::app::Config;
use embody::http::services::LoginServiceSettings;

use crate::login_service_house::{
    APP, DESK, House, LOBBY, SUCCESS, app, code, login, login_with, logout, query, request, site,
    who,
};

fn settings(lines: &str) -> LoginServiceSettings {
    let config = Config::parse(&format!("[login_service]\n{lines}\n"));
    config.unwrap().login_service.settings()
}

async fn house(lines: &str) -> House {
    House::with(&site(""), settings(lines)).await
}

async fn device(house: &House, path: &str) -> String {
    let answer = house.ask_at(path, &who(DESK)).await;
    let begin = format!("<response><deviceUserResults><device name=\"{DESK}\">");
    let end = "</device></deviceUserResults></response>";
    let inside = answer
        .strip_prefix(&begin)
        .and_then(|rest| rest.strip_suffix(end));
    inside.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

const SERVLET: &str = "/emservice/EMServiceServlet";
const ASP: &str = "/LoginService/query.asp";

/// A bare phone, then one with its first user, then one that was left.
async fn story(house: &House, path: &str) -> [String; 3] {
    let bare = device(house, path).await;
    assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
    let taken = device(house, path).await;
    assert_eq!(house.ask(&logout(DESK)).await, SUCCESS);
    [bare, taken, device(house, path).await]
}

#[tokio::test]
async fn each_generation_has_its_own_words() {
    let (emcc, last) = ("<emccDevice>no</emccDevice>", "<lastlogin>bob</lastlogin>");
    let bob = "<userID>bob</userID>";
    let newest = [
        format!("<none/>{emcc}"),
        format!("{bob}{last}{emcc}"),
        format!("<none/>{last}{emcc}"),
    ];
    let middle = [
        "<none/>".to_owned(),
        format!("{bob}{last}"),
        format!("<none/>{last}"),
    ];
    let oldest = ["<none/>".to_owned(), bob.to_owned(), "<none/>".to_owned()];
    assert_eq!(story(&house("").await, SERVLET).await, newest);
    assert_eq!(
        story(&house("generation = \"5.x\"").await, SERVLET).await,
        middle
    );
    assert_eq!(
        story(&house("generation = \"3.x\"").await, SERVLET).await,
        oldest
    );
    assert_eq!(story(&house("").await, ASP).await, oldest);
    assert_eq!(
        story(&house("asp_generation = \"8.x\"").await, ASP).await,
        newest
    );
}

#[tokio::test]
async fn a_failed_query_holds_what_its_generation_has_or_what_is_set() {
    let wrong = app("emapp", "guess");
    let asked = query("").replace(APP, &wrong);
    let asked = asked.replace(
        "</query>",
        "<userDevicesQuery><userID>b</userID></userDevicesQuery></query>",
    );
    let message = "<response><failure><errorMessage>Could not authenticate 'emapp'</errorMessage>\
                   </failure></response>";
    for (lines, path, numbered) in [
        ("", SERVLET, true),
        ("", ASP, false),
        ("generation = \"3.x\"", SERVLET, false),
        ("query_failure = \"error\"", ASP, true),
        ("query_failure = \"error-message\"", SERVLET, false),
    ] {
        let house = house(lines).await;
        let answer = house.ask_at(path, &asked).await;
        if numbered {
            assert_eq!(code(&answer), Some(3), "{lines}: {answer}");
        } else {
            assert_eq!(answer, message, "{lines}");
        }
        let changing = format!("<request>{wrong}<logoutAll/></request>");
        let answer = house.ask_at(path, &changing).await;
        assert_eq!(
            code(&answer),
            Some(3),
            "a request always has its number: {answer}"
        );
    }
}

/// A query that finds no place is refused in the words of its kind, too.
#[tokio::test]
async fn busy_is_said_in_the_words_of_the_generation() {
    let narrow = "maximum_concurrent_requests = 1\nmaximum_waiting_requests = 0";
    let house = House::with(&site(narrow), settings("")).await;
    house.hold_store(true);
    let mut stream = house.dial([127, 0, 0, 1]).await;
    let bytes = crate::login_service_house::post(
        SERVLET,
        &crate::login_service_house::form(&login(DESK, "bob")),
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes())
        .await
        .unwrap();
    let figures = || house.service.figures();
    crate::login_service_house::until("one is worked on", || figures().in_progress == 1).await;
    let busy = "<response><failure><errorMessage>Busy, please try again</errorMessage></failure>\
                </response>";
    assert_eq!(house.ask_at(ASP, &who(DESK)).await, busy);
    assert_eq!(
        code(&house.ask_at(ASP, &login(LOBBY, "bob")).await),
        Some(26)
    );
    assert_eq!(code(&house.ask(&who(DESK)).await), Some(26));
    house.hold_store(false);
}

#[tokio::test]
async fn a_device_holds_a_sequence_or_one_element() {
    let single = house("device_results = \"single\"").await;
    let expected = [
        "<none/>",
        "<userID>bob</userID>",
        "<lastlogin>bob</lastlogin>",
    ];
    assert_eq!(story(&single, SERVLET).await, expected);
}

#[tokio::test]
async fn profiles_are_asked_for_by_either_name_and_told_in_either_form() {
    let ask = |name: &str| {
        query(&format!(
            "<{name}><userID>alice</userID><userID>bare</userID></{name}>"
        ))
    };
    let current = "<response><deviceProfileResults><user id=\"alice\"><deviceProfile>\
        <deviceProfileName>alice-desk</deviceProfileName>\
        <isDefaultDeviceProfile>t</isDefaultDeviceProfile></deviceProfile><deviceProfile>\
        <deviceProfileName>alice-quiet</deviceProfileName>\
        <isDefaultDeviceProfile>f</isDefaultDeviceProfile></deviceProfile></user>\
        <user id=\"bare\"><none/></user></deviceProfileResults></response>";
    let older = "<results><user id=\"alice\"><deviceName>alice-desk</deviceName>\
        <deviceName>alice-quiet</deviceName></user><user id=\"bare\"><none/></user></results>";
    let (today, before) = (
        house("").await,
        house("profile_results = \"device-names\"").await,
    );
    for name in ["deviceProfileQuery", "userDeviceProfileQuery"] {
        assert_eq!(today.ask(&ask(name)).await, current, "{name}");
        assert_eq!(before.ask(&ask(name)).await, older, "{name}");
    }
}

#[tokio::test]
async fn unknown_elements_login_type_order_and_root_are_as_strict_as_is_set() {
    let turned = request(&format!(
        "<login><userID>nobody</userID><deviceName>{DESK}</deviceName></login>"
    ));
    let typed = request(&login_with(DESK, "nobody", "<loginType>UID</loginType>"));
    let odd = request(&login_with(DESK, "nobody", "<colour/>"));
    let rooted = query(&login_with(DESK, "nobody", ""));
    for (lines, [turned_is, typed_is, odd_is, rooted_is]) in [
        ("", [23, 23, 1, 23]),
        ("unknown_elements = \"ignore\"", [23, 23, 23, 23]),
        ("login_type = \"refuse\"", [23, 1, 1, 23]),
        ("child_order = \"definition\"", [1, 23, 1, 23]),
        ("root_element = \"definition\"", [23, 23, 1, 8]),
    ] {
        let house = house(lines).await;
        for (xml, expected) in [
            (&turned, turned_is),
            (&typed, typed_is),
            (&odd, odd_is),
            (&rooted, rooted_is),
        ] {
            assert_eq!(house.code_of(xml).await, Some(expected), "{lines}: {xml}");
        }
    }
}

/// `checkUser` is defined as a query, and its answer nowhere but between
/// clusters.
#[tokio::test]
async fn check_user_is_of_no_kind_or_answered_as_between_clusters() {
    let asked = query(
        "<checkUser><userID>bob</userID><userID>nobody</userID>\
         <remoteIPAddr>192.0.2.1</remoteIPAddr><isViaHeaderSet>false</isViaHeaderSet></checkUser>",
    );
    assert_eq!(house("").await.code_of(&asked).await, Some(8));
    assert_eq!(
        house("check_user = \"answer\"").await.ask(&asked).await,
        "<emccResponse><checkUser><user id=\"bob\"><numProfiles>1</numProfiles><exists/>\
         <deviceProfile1>bob</deviceProfile1></user><user id=\"nobody\"><doesNotExist/></user>\
         </checkUser></emccResponse>"
    );
}

/// What one cluster asks another is no part of the service: 1 or 8.
#[tokio::test]
async fn requests_between_clusters_are_refused() {
    let house = house("").await;
    for (xml, expected) in [
        (
            format!("<emccRequest>{APP}<checkUser><userID>bob</userID></checkUser></emccRequest>"),
            1,
        ),
        (
            query("<emccCheckUser><userID>bob</userID></emccCheckUser>"),
            8,
        ),
        (request("<emccLogin/>"), 1),
    ] {
        assert_eq!(house.code_of(&xml).await, Some(expected), "{xml}");
    }
    let inside = APP.replace("appCertificate", "appEncryptedCertificate");
    let asked =
        query("<userDevicesQuery><userID>bob</userID></userDevicesQuery>").replace(APP, &inside);
    assert_eq!(
        house.code_of(&asked).await,
        Some(3),
        "a certificate of Cisco's own inside"
    );
}

/// *loginType*: by user id, by primary extension, by self-service user id.
#[tokio::test]
async fn users_are_found_by_what_the_login_type_says() {
    let house = house("").await;
    let by = |typed: &str, kind: &str| {
        request(&login_with(
            DESK,
            typed,
            &format!("<loginType>{kind}</loginType>"),
        ))
    };
    for (typed, kind, user) in [
        ("alice", "UID", Ok("alice")),
        ("2001", "DN", Ok("alice")),
        ("9001", "SP", Ok("alice")),
        ("9003", "SP", Ok("em%40cisco.com")),
        ("alice", "XX", Ok("alice")),
        ("2001", "UID", Err(23)),
        ("alice", "DN", Err(23)),
        ("ALICE", "UID", Err(23)),
        ("2002", "DN", Err(47)),
        ("2002", "SP", Err(23)),
    ] {
        match user {
            Ok(user) => {
                assert_eq!(house.ask(&by(typed, kind)).await, SUCCESS, "{typed} {kind}");
                assert_eq!(
                    house.is_on(DESK).await.as_deref(),
                    Some(user),
                    "{typed} {kind}"
                );
                assert_eq!(house.ask(&logout(DESK)).await, SUCCESS);
            }
            Err(expected) => {
                assert_eq!(
                    house.code_of(&by(typed, kind)).await,
                    Some(expected),
                    "{typed} {kind}"
                );
            }
        }
    }
    // 47 comes in the place of 23: after the phone's own checks.
    assert_eq!(house.ask(&login(DESK, "alice")).await, SUCCESS);
    assert_eq!(house.code_of(&by("2002", "DN")).await, Some(18));
    let where_is = |typed: &str| {
        query(&format!(
            "<userDevicesQuery><userID>{typed}</userID><loginType>DN</loginType></userDevicesQuery>"
        ))
    };
    let answer = house.ask(&where_is("2001")).await;
    assert!(
        answer.contains(&format!("<deviceName>{DESK}</deviceName>")),
        "{answer}"
    );
    assert_eq!(house.code_of(&where_is("2002")).await, Some(47));
    // An end user names himself in any of these ways.
    let himself = |typed: &str, kind: &str| {
        let app = app("alice", "alice-secret");
        by(typed, kind).replace(APP, &app)
    };
    assert_eq!(house.ask(&logout(DESK)).await, SUCCESS);
    assert_eq!(house.code_of(&himself("9002", "SP")).await, Some(10));
    assert_eq!(house.ask(&himself("9001", "SP")).await, SUCCESS);
}
