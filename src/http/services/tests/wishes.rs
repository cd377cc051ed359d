//! How a phone wants its pages: language, address, menu.

#![allow(clippy::unwrap_used)]

use super::house::{DESK, House, LOBBY, ROOM, door};

#[tokio::test]
async fn a_phone_is_spoken_to_in_its_user_locale_then_in_what_it_accepts() {
    let own = "description = \"Lobby\"\nlocale = \"French_France\"";
    let house = House::changed("description = \"Lobby\"", own, "").await;
    let prompt = async |device: &str, accepts: &str| {
        let headers = [("Accept-Language", accepts)];
        house
            .ask("GET", &door(device), &headers, "", 7)
            .await
            .prompt()
    };
    assert_eq!(prompt(LOBBY, "de").await, "Veuillez vous connecter");
    assert_eq!(prompt(DESK, "de").await, "Bitte anmelden");
    assert_eq!(prompt(DESK, "it, es;q=0.5").await, "Inicie sesi\u{f3}n");
    assert_eq!(prompt(DESK, "it").await, "Please sign on");
    // Who brings his own language is spoken to in it once he is there.
    house.sits(DESK, "carol", "27182").await;
    house.advance(60);
    assert_eq!(prompt(DESK, "es").await, "carol abmelden?");
    let menu = house
        .get(&format!("/ccmcip/getservicesmenu.jsp?name={DESK}"))
        .await;
    assert!(menu.lines().contains_key("Abmelden (Extension Mobility)"));
    // A phone that nobody knows is believed.
    let headers = [("Accept-Language", "de")];
    let none = house
        .ask("GET", "/emapp/EMAppServlet", &headers, "", 9)
        .await;
    assert_eq!(none.prompt(), "Anmelden nicht m\u{f6}glich (207)");
}

#[tokio::test]
async fn every_url_has_the_name_that_the_site_wants_told() {
    let url = async |host: &str| {
        let house = House::with(&format!("services_host = \"{host}\"")).await;
        let form = house.get(&door(DESK)).await;
        let form = form.form().url.as_ref().unwrap().as_str().to_owned();
        form.split("/emapp").next().unwrap().to_owned()
    };
    assert_eq!(
        url("phones.example.com").await,
        "http://phones.example.com:8080"
    );
    let house = House::with("").await;
    let plain = house.get(&door(DESK)).await;
    assert!(
        plain
            .form()
            .url
            .as_ref()
            .unwrap()
            .as_str()
            .starts_with("http://192.0.2.1:8080/")
    );
}

/// CME, Extension Mobility: the option appears last, and leads out as well as
/// in.
#[tokio::test]
async fn the_door_is_the_last_line_and_says_where_it_leads() {
    let weather = "[[service]]\nname = \"Weather\"\nurl = \"http://w.example.com/\"\n[[profile]]\nname = \"bob\"\nservice = [{ name = \"Weather\" }]";
    let dials: Vec<String> = (0..8)
        .map(|n| format!("{{ number = \"11{n}\", label = \"Help {n}\", emergency = true }}"))
        .collect();
    let house = House::changed("[[profile]]\nname = \"bob\"", weather, "").await;
    let menu = async |house: &House, device: &str| {
        let page = house
            .get(&format!("/ccmcip/getservicesmenu.jsp?name={device}"))
            .await;
        let items = page.menu().items.iter();
        items.map(|item| item.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(menu(&house, DESK).await, ["Sign in (Extension Mobility)"]);
    house.sits(DESK, "bob", "31415").await;
    assert_eq!(
        menu(&house, DESK).await,
        ["Weather", "Sign out (Extension Mobility)"]
    );
    // Emergency entries without a key come first.
    let lobby = format!(
        "description = \"Lobby\"\nspeed_dial = [{}]",
        dials.join(", ")
    );
    let house = House::changed("description = \"Lobby\"", &lobby, "").await;
    let lines = menu(&house, LOBBY).await;
    assert!(lines[0].starts_with("Help"), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "Sign in (Extension Mobility)");
}

#[tokio::test]
async fn a_menu_without_a_name_or_of_a_stranger_is_a_page() {
    let house = House::with("").await;
    let page = house.get("/ccmcip/getservicesmenu.jsp").await;
    assert!(page.says("(207)"), "{}", page.text);
    let page = house
        .get("/ccmcip/getservicesmenu.jsp?name=SEP00DEADBEEF00")
        .await;
    assert!(page.says("SEP00DEADBEEF00 is not configured"));
}

#[tokio::test]
async fn a_form_is_posted_where_the_phone_can() {
    let house = House::with("").await;
    let posted = house.get(&door(ROOM)).await;
    assert!(posted.says("method=\"post\""), "{}", posted.text);
    let plain = house.get(&door(DESK)).await;
    assert!(!plain.says("method="), "{}", plain.text);
}
