//! The test vectors of the login service, one a row, in the words of Cisco's
//! *Extension Mobility API Developer Guide* and *Feature Configuration Guide*,
//! over HTTP. (A login type that is none, a profile on a phone of another
//! family and CME's order of buttons are told with the phone's pages and the
//! profiles.)

use std::time::Duration;

use embody::http::services::LoginServiceSettings;

use crate::login_service_house::{
    Answer, DESK, GHOST, House, LOBBY, Mood, SERVLET, SUCCESS, app, code, form, login, login_with,
    logout, post, query, request, site, until, who,
};

/// The application of the printed sample.
const SAMPLE_APP: &str =
    "\n[[application_user]]\nid = \"emproxy\"\npassword = \"password\"\nproxy_rights = true\n";

/// The body of the printed sample, byte for byte.
pub const SAMPLE: &str = "xml=%3cquery%3e%3cappInfo%3e%3cappID%3eemproxy%3c%2fappID%3e\
    %3cappCertificate%3epassword%3c%2fappCertificate%3e%3c%2fappInfo%3e%3cdeviceUserQuery%3e\
    %3cdeviceName%3eSEP010203040506%3c%2fdeviceName%3e%3c%2fdeviceUserQuery%3e%3c%2fquery%3e";

pub fn sample_site() -> String {
    site("") + SAMPLE_APP
}

const UNKNOWN_DEVICE: &str = "<response><deviceUserResults>\
    <device name=\"SEP010203040506\"><doesNotExist/></device></deviceUserResults></response>";

async fn house(parameters: &str) -> House {
    House::open(parameters).await
}

async fn page(house: &House, query: &str) -> String {
    let line = format!("GET /emapp/EMAppServlet{query} HTTP/1.1\r\nHost: x\r\n\r\n");
    house.say(&line).await.body
}

#[tokio::test]
async fn a_the_printed_post_is_answered() {
    let house = House::with(&sample_site(), LoginServiceSettings::default()).await;
    assert_eq!(house.say(&post(SERVLET, SAMPLE)).await.body, UNKNOWN_DEVICE);
}

#[tokio::test]
async fn b_user_ids_travel_percent_encoded_both_ways() {
    let house = house("").await;
    assert_eq!(house.ask(&login(DESK, "em%40cisco.com")).await, SUCCESS);
    assert_eq!(
        house.ask(&who(DESK)).await,
        format!(
            "<response><deviceUserResults><device name=\"{DESK}\"><userID>em%40cisco.com</userID>\
             <lastlogin>em%40cisco.com</lastlogin><emccDevice>no</emccDevice></device>\
             </deviceUserResults></response>"
        )
    );
    let raw = "<userDevicesQuery><userID>em@cisco.com</userID></userDevicesQuery>";
    let expected = format!(
        "<response><userDevicesResults><user id=\"em%40cisco.com\"><deviceName>{DESK}</deviceName>\
         </user></userDevicesResults></response>"
    );
    assert_eq!(house.ask(&query(raw)).await, expected);
}

#[tokio::test]
async fn c_d_e_a_wrong_password_is_3_what_is_no_message_1_and_an_unknown_query_8() {
    let house = house("").await;
    let wrong = format!("<request>{}<logoutAll/></request>", app("emapp", "guess"));
    assert_eq!(
        house.ask(&wrong).await,
        "<response><failure><error code=\"3\">Could not authenticate 'emapp'</error></failure>\
         </response>"
    );
    assert_eq!(house.code_of("<foo/>").await, Some(1));
    assert_eq!(house.code_of(&query("<bar/>")).await, Some(8));
}

#[tokio::test]
async fn f_g_a_second_login_on_a_device_is_18_and_a_second_logout_19() {
    let house = house("").await;
    assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
    assert_eq!(house.code_of(&login(DESK, "bob")).await, Some(18));
    assert_eq!(house.ask(&logout(DESK)).await, SUCCESS);
    assert_eq!(house.code_of(&logout(DESK)).await, Some(19));
}

#[tokio::test]
async fn h_a_second_phone_by_each_of_the_three_behaviours() {
    for (behaviour, second, first_stays) in [
        ("allowed", None, true),
        ("not-allowed", Some(25), true),
        ("auto-logout", None, false),
    ] {
        let house = house(&format!("multiple_login_behavior = {behaviour:?}")).await;
        assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
        assert_eq!(
            house.code_of(&login(LOBBY, "bob")).await,
            second,
            "{behaviour}"
        );
        let stays = house.is_on(DESK).await.is_some();
        assert_eq!(stays, first_stays, "{behaviour}");
        assert_eq!(
            house.is_on(LOBBY).await.is_some(),
            second.is_none(),
            "{behaviour}"
        );
    }
}

/// Durations are minutes: *exclusiveDuration* of one minute ends after 60 s,
/// `indefinite` and 0 do not end, and an enforced maximum binds all of them.
#[tokio::test]
async fn i_j_a_minute_ends_after_60_s_and_what_is_indefinite_stays() {
    let lasting = |inside: &str| format!("<exclusiveDuration>{inside}</exclusiveDuration>");
    let house = house("multiple_login_behavior = \"allowed\"").await;
    house.end_logins();
    let minute = request(&login_with(DESK, "bob", &lasting("<time>1</time>")));
    assert_eq!(house.ask(&minute).await, SUCCESS);
    let for_ever = request(&login_with(LOBBY, "alice", &lasting("<indefinite/>")));
    assert_eq!(house.ask(&for_ever).await, SUCCESS);
    house.clock.advance(Duration::from_secs(59));
    assert_eq!(house.is_on(DESK).await.as_deref(), Some("bob"));
    house.clock.advance(Duration::from_secs(1));
    until("bob is out", || sessions(&house) == 1).await;
    assert_eq!(house.is_on(DESK).await, None);
    house.clock.advance(Duration::from_secs(365 * 24 * 3600));
    assert_eq!(house.is_on(LOBBY).await.as_deref(), Some("alice"));

    let strict = self::house(
        "enforce_maximum_login_time = true\nmaximum_login_time = \"0:02\"\n\
         multiple_login_behavior = \"allowed\"",
    )
    .await;
    for (device, user, inside) in [
        (DESK, "bob", lasting("<time>600</time>")),
        (LOBBY, "alice", lasting("<indefinite/>")),
    ] {
        assert_eq!(
            strict
                .ask(&request(&login_with(device, user, &inside)))
                .await,
            SUCCESS
        );
    }
    strict.end_logins();
    strict.clock.advance(Duration::from_secs(120));
    until("both are out", || sessions(&strict) == 0).await;
}

fn sessions(house: &House) -> usize {
    use embody::ports::Store;
    house.store.world().sessions.len()
}

#[tokio::test]
async fn k_an_end_user_acts_for_himself_only() {
    let house = house("").await;
    let bob = app("bob", "bob-secret");
    let as_bob = |body: &str| format!("<request>{bob}{body}</request>");
    assert_eq!(
        house.code_of(&as_bob(&login_with(DESK, "alice", ""))).await,
        Some(10)
    );
    assert_eq!(
        house.ask(&as_bob(&login_with(DESK, "bob", ""))).await,
        SUCCESS
    );
    assert_eq!(house.code_of(&as_bob("<logoutAll/>")).await, Some(10));
}

#[tokio::test]
async fn l_what_came_through_a_proxy_is_30() {
    let house = house("validate_ip_address = true\ntrusted_list_of_ips = \"127.0.0.1\"").await;
    let direct = post(SERVLET, &form(&who(DESK)));
    assert!(
        house
            .say(&direct)
            .await
            .body
            .contains("<deviceUserResults>")
    );
    let via = direct.replace("\r\nHost", "\r\nVia: 1.1 squid\r\nHost");
    assert_eq!(code(&house.say(&via).await.body), Some(30));
}

#[tokio::test]
async fn m_of_six_at_once_with_a_maximum_of_five_one_is_busy() {
    let house = house("maximum_concurrent_requests = 5\nmaximum_waiting_requests = 0").await;
    house.directory.is(Mood::Slow("emapp"));
    let bytes = post(SERVLET, &form(&who(DESK)));
    let mut all = tokio::task::JoinSet::new();
    let house = std::sync::Arc::new(house);
    for _ in 0..6 {
        let (house, bytes) = (house.clone(), bytes.clone());
        all.spawn(async move { code(&house.say(&bytes).await.body) });
    }
    let first = all.join_next().await.unwrap().unwrap();
    assert_eq!(first, Some(26), "at once, while five are worked on");
    house.directory.let_go(5);
    while let Some(one) = all.join_next().await {
        assert_eq!(one.unwrap(), None);
    }
}

#[tokio::test]
async fn n_o_an_empty_pin_is_202_and_a_missing_device_207() {
    let house = house("").await;
    let blank = page(&house, &format!("?device={DESK}&userid=bob&seq=")).await;
    assert!(
        blank.contains("<CiscoIPPhoneInput>") && blank.contains("(202)"),
        "{blank}"
    );
    let nowhere = page(&house, "").await;
    assert!(nowhere.contains("(207)"), "{nowhere}");
}

#[tokio::test]
async fn s_a_get_is_a_query_too() {
    let house = House::with(&sample_site(), LoginServiceSettings::default()).await;
    let get = format!("GET {SERVLET}?{SAMPLE} HTTP/1.1\r\nHost: ucmanager\r\n\r\n");
    let answer: Answer = house.say(&get).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, UNKNOWN_DEVICE));
}

#[tokio::test]
async fn t_an_unknown_device_in_a_query_does_not_exist_and_is_no_failure() {
    let house = house("").await;
    let asked = query(&format!(
        "<deviceUserQuery><deviceName>{GHOST}</deviceName><deviceName>{DESK}</deviceName>\
         </deviceUserQuery>"
    ));
    assert_eq!(
        house.ask(&asked).await,
        format!(
            "<response><deviceUserResults><device name=\"{GHOST}\"><doesNotExist/></device>\
             <device name=\"{DESK}\"><none/><emccDevice>no</emccDevice></device>\
             </deviceUserResults></response>"
        )
    );
    let users = query("<userDevicesQuery><userID>nobody</userID></userDevicesQuery>");
    assert_eq!(
        house.ask(&users).await,
        "<response><userDevicesResults><user id=\"nobody\"><doesNotExist/></user>\
         </userDevicesResults></response>"
    );
}
