//! Who and where: another server, another address, a loop, a page.

use embody::sccp::wire::{Alarm, AlarmSeverity, PhoneMessage};

use super::house::{DESK, House, LOBBY, ROOM};
use crate::support::phones::until;

#[tokio::test(flavor = "multi_thread")]
async fn it_was_never_heard_of_and_one_with_nearly_its_name_was() {
    let house = House::open().await;
    house.finds(DESK, "never-heard", &["DHCP option 150"]).await;
    assert!(!house.tftp([127, 0, 9, 1], "SEP001122334468.cnf.xml"));
    house.finds(DESK, "never-heard", &["SEP001122334468"]).await;
    let words = ["not configured", "127.0.9.1", DESK];
    house
        .finds("SEP001122334468", "not-configured", &words)
        .await;
    let (_, all) = house.admin.get("/why");
    let devices = all["phones"].to_string();
    assert!(devices.contains("SEP001122334468"), "{devices}");

    let mut phone = house.sccp([127, 0, 9, 1]);
    phone.register("SEP001122334468");
    assert!(!phone.is_admitted());
    let tried = "it tried to register over SCCP";
    house
        .finds("SEP001122334468", "not-configured", &[tried])
        .await;
    let (_, all) = house.admin.get("/why");
    let listed = all["phones"].as_array().unwrap().iter();
    let of_it = listed.filter(|entry| entry["device"] == "SEP001122334468");
    assert_eq!(of_it.count(), 1, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_whether_a_port_is_open_is_a_hint_and_forgotten() {
    let house = House::open().await;
    for _ in 0..4 {
        drop(house.connect([127, 0, 9, 8], "sccp"));
        house.later(31);
    }
    // All of them: one that is seen after the pause below were no old one.
    house
        .says("127.0.9.8", "connects-and-leaves", "4 times")
        .await;
    let finding = house.finds("127.0.9.8", "connects-and-leaves", &[]).await;
    assert_eq!(finding["gravity"], "hint");
    let strangers = || house.admin.get("/why").1["strangers"].clone();
    assert_eq!(strangers()[0]["address"], "127.0.9.8");
    house.later(1_800);
    assert_eq!(strangers(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_took_its_file_and_never_registered() {
    let house = House::open().await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{ROOM}.cnf.xml")));
    until("its last acknowledgement is seen", || {
        let (_, timeline) = house.admin.get(&format!("/phones/{ROOM}/timeline"));
        timeline.to_string().contains("file-delivered")
    })
    .await;
    house.later(50);
    house.finds_no(ROOM, "took-file-never-registered");
    house.later(11);
    let words = ["has not registered", "SIP port", "firewall"];
    house
        .finds(ROOM, "took-file-never-registered", &words)
        .await;
    house.finds_no(ROOM, "other-address-told");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_an_address_that_it_does_not_reach() {
    let told = "127.0.0.77".parse().unwrap();
    let set = |config: &mut embody::app::Config| config.listen.advertised_address = Some(told);
    let house = House::open_with(set, &[]).await;
    assert!(house.tftp([127, 0, 9, 1], &format!("{ROOM}.cnf.xml")));
    house.later(61);
    let words = ["127.0.0.77", "127.0.0.1", "advertised_address"];
    house.finds(ROOM, "other-address-told", &words).await;
    // What came does come: it is not the address.
    drop(house.connect([127, 0, 9, 1], "sip"));
    until("the connection is seen", || {
        !house.rules(ROOM).contains(&"other-address-told".to_owned())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_boots_in_a_loop() {
    let house = House::open().await;
    // What the machine itself takes for it comes on top.
    let begun = house.now();
    for _ in 0..4 {
        house.finds_no(DESK, "boot-loop");
        assert!(house.tftp([127, 0, 9, 1], &format!("{DESK}.cnf.xml")));
        house.later(45);
    }
    let longest = (house.now().since(begun).as_secs() - 45) / 3;
    house.says(DESK, "boot-loop", "4 times").await;
    let words = ["did not register", "power"];
    let finding = house.finds(DESK, "boot-loop", &words).await;
    let seen = finding["seen"].as_str().unwrap();
    let every = |seconds: &u64| seen.contains(&format!("4 times, every {seconds} s or so"));
    assert!((45..=longest).any(|seconds| every(&seconds)), "{seen}");
    house.later(400);
    house.finds_no(DESK, "boot-loop");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_file_came_from_another_server() {
    let house = House::open().await;
    house.later(2_000);
    let mut phone = house.sccp([127, 0, 9, 1]);
    phone.say(&PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::WARNING,
        text: format!("25: Name={DESK} Load=9.4 Last=Initialized"),
        parameter1: 0,
        parameter2: 0,
    }));
    phone.register_7961(DESK, 20);
    let words = ["Initialized", "another TFTP server", "Alternate TFTP"];
    let finding = house.finds(DESK, "file-not-from-here", &words).await;
    assert_eq!(finding["gravity"], "disturbs");

    assert!(house.tftp([127, 0, 9, 2], &format!("{LOBBY}.cnf.xml")));
    let mut phone = house.sccp([127, 0, 9, 2]);
    phone.say(&PhoneMessage::Alarm(Alarm {
        severity: AlarmSeverity::WARNING,
        text: format!("25: Name={LOBBY} Load=8.1 Last=Initialized"),
        parameter1: 0,
        parameter2: 0,
    }));
    phone.register(LOBBY);
    assert!(phone.is_admitted());
    // Before that there is nothing to judge.
    until("its registration is told", || {
        house.told(LOBBY, "\"registered\"") == 1
    })
    .await;
    house.finds_no(LOBBY, "file-not-from-here");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_have_one_name() {
    let house = House::open().await;
    let mut phones = Vec::new();
    for turn in 0..8 {
        let mut phone = house.sccp([127, 0, 9, 1 + turn % 2]);
        phone.register(LOBBY);
        if phone.is_admitted() {
            phones.push(phone);
        }
    }
    let words = ["127.0.9.1", "127.0.9.2", "one device name"];
    house.finds(LOBBY, "name-contested", &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_never_comes_back_and_pages_from_elsewhere() {
    let house = House::open().await;
    for _ in 0..3 {
        house.finds_no(DESK, "form-never-sent");
        assert!(house.page([127, 0, 9, 1], DESK, "").contains("userid"));
    }
    let words = ["3 times", "127.0.9.1", "Host Not Found"];
    house.finds(DESK, "form-never-sent", &words).await;
    let again = house.page([127, 0, 9, 1], DESK, "&userid=bob&seq=11111");
    assert!(again.contains("201"), "{again}");
    house.finds_no(DESK, "form-never-sent");

    let mut phone = house.sccp([127, 0, 9, 1]);
    phone.register_7961(DESK, 20);
    house.page([127, 0, 9, 1], DESK, "");
    house.finds_no(DESK, "page-elsewhere");
    house.page([127, 0, 9, 7], DESK, "");
    let words = [
        "127.0.9.7",
        "registered from 127.0.9.1",
        "validate_ip_address",
    ];
    house.finds(DESK, "page-elsewhere", &words).await;
}
