//! Services: whose, with which values, on which host, and the one that signs
//! in.

use super::desk::*;
use super::*;

/// Extension Mobility 4.1, Adding the Cisco Extension Mobility Service, and
/// *IP Phone Services Configuration*, parameters.
#[test]
fn the_subscribers_values_and_the_services_own_go_into_the_url() {
    let mut desk = Desk::new("7961", "7961");
    let url = "http://192.0.2.9/app?phone=#DEVICENAME#";
    let parameters = [("city", Some("Berlin")), ("unit", Some("C")), ("key", None)];
    desk.service("Weather", url, &parameters)
        .service("Plain", "http://192.0.2.9/plain", &[]);
    desk.phone(|it| {
        it.services = vec![
            subscription(
                "Weather",
                &[("city", "Köln & Umland"), ("who", "#DEVICENAME#")],
            ),
            subscription("Plain", &[("a b", "1/2")]),
            subscription("Gone", &[]),
        ];
    });
    assert_eq!(
        desk.menu(),
        [
            format!(
                "Weather http://192.0.2.9/app?phone={NAME}&city=K%C3%B6ln%20%26%20Umland&unit=C&who={NAME}"
            ),
            "Plain http://192.0.2.9/plain?a%20b=1%2F2".to_owned(),
            "[Extension Mobility]".to_owned()
        ]
    );
}

#[test]
fn the_name_of_the_phone_is_written_out_in_files_too() {
    let mut desk = Desk::new("8841", "8841");
    desk.service(
        "Weather",
        "http://192.0.2.9/app?phone=#DEVICENAME#&x=1",
        &[],
    );
    desk.phone(|it| it.services = vec![subscription("Weather", &[])]);
    let file = desk.file();
    assert!(!file.contains("#DEVICENAME#"));
    let url = format!("http://192.0.2.9/app?phone={NAME}&amp;x=1");
    assert!(texts(&file, "url").contains(&url.as_str()));
}

/// The door of a phone: how often its menu and its file lead to the login
/// application together.
fn doors(desk: &Desk) -> usize {
    let wanted = desk.wanted();
    let file = desk.file();
    let in_file = file.matches("EMAppServlet").count();
    let in_menu = wanted
        .menu
        .iter()
        .filter(|entry| entry.url.to_lowercase().contains("emappservlet"));
    // A phone that shows its file never asks for a menu.
    let by_menu = if texts(&file, "provisioning") == ["0"] {
        0
    } else {
        usize::from(wanted.door.is_some()) + in_menu.count()
    };
    in_file + by_menu
}

/// Extension Mobility 4.1, Subscribing Cisco IP Phones to Cisco CallManager
/// Extension Mobility: on every family, subscribed or not, bare or signed in,
/// the way in and out is there, and once.
#[test]
fn extension_mobility_is_there_once_on_every_phone_in_every_state() {
    let catalogue = catalogue();
    for model in catalogue.models() {
        for subscribed in [false, true] {
            let mut desk = Desk::new(model.name.as_str(), "7961");
            let url = "http://192.0.2.1/emapp/EMAppServlet?device=#DEVICENAME#";
            desk.service("Log In", url, &[]);
            desk.service("Log Out", &url.to_uppercase(), &[]);
            if subscribed {
                let both = vec![subscription("Log In", &[]), subscription("Log Out", &[])];
                desk.phone(|it| it.services.clone_from(&both));
                desk.profile(|it| it.services = both);
            }
            let protocol = model.first_protocol();
            let door = model.facts(protocol).unwrap().services_door;
            let once = usize::from(door != crate::model::ServicesDoor::None);
            let name = if subscribed {
                "Log In"
            } else {
                "Extension Mobility"
            };
            let name = (once == 1).then(|| name.to_owned());
            assert_eq!(
                (doors(&desk), &desk.wanted().door),
                (once, &name),
                "{}",
                model.name
            );
            desk.sign_in();
            assert_eq!(
                (doors(&desk), &desk.wanted().door),
                (once, &name),
                "{}",
                model.name
            );
        }
    }
}

#[test]
fn where_nobody_may_sign_in_there_is_no_door_but_for_who_is_inside() {
    for name in ["8841", "7961"] {
        let mut desk = Desk::new(name, name);
        desk.phone(|it| it.extension_mobility = false);
        assert_eq!(doors(&desk), 0);
        desk.sign_in();
        assert_eq!(doors(&desk), 1, "he can leave");
    }
}

/// Extension Mobility 4.1, Adding the Cisco Extension Mobility Service, Tip: a
/// host name instead of the address fails over.
#[test]
fn a_services_host_stands_in_every_url_that_phones_are_told() {
    for (name, sip) in [
        ("7960", false),
        ("7961", false),
        ("7961", true),
        ("8841", true),
    ] {
        let mut desk = Desk::new(name, name);
        if sip {
            desk.over_sip();
        }
        let before = desk.wanted().stamps.file;
        desk.parameters(|it| it.services_host = Some("phones.example.net".into()));
        let file = desk.file();
        assert_ne!(
            desk.wanted().stamps.file,
            before,
            "phones take the new file"
        );
        assert!(!file.contains("http://192.0.2.1"), "{name}");
        let host = "http://phones.example.net:8080/";
        let urls = file.matches(host).count();
        assert_eq!(urls, file.matches("http://").count());
        assert_eq!(urls, if name == "8841" { 3 } else { 2 }, "{name}");
        // Where the phone registers is not where its services are.
        assert_eq!(texts(&file, "processNodeName"), ["192.0.2.1"]);
    }
}

/// CallManager's own files name the lists that the phone makes itself.
#[test]
fn the_lists_of_the_phone_come_from_its_file_where_the_family_reads_them() {
    let lists = ["Missed Calls", "Received Calls", "Placed Calls"];
    for (name, listed) in [
        ("7960", false),
        ("7921", false),
        ("7961", true),
        ("8841", true),
    ] {
        let file = Desk::new(name, name).file();
        let entries = file
            .matches("<phoneService type=\"1\" category=\"0\">")
            .count();
        assert_eq!(entries, if listed { CALL_LISTS } else { 0 }, "{name}");
        for list in lists {
            assert_eq!(file.contains(list), listed, "{name}: {list}");
        }
    }
}
