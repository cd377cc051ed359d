//! Single cases; the whole samples are read in `tests/it`.

use super::*;
use crate::model::{DeviceName, ModelName, Pin, Ring, TemplateKey};

const CME: &str = "\
ephone-dn 1\n number 1001\n label One\nephone-dn 2\n number 1002\nephone-dn 3\n number 1003\n\
ephone 1\n mac-address 0011.2233.4455\n type 7960\n";

#[test]
fn cme_buttons_ring_and_share_keys_as_they_did() {
    let text = format!("{CME} button 1:1 2s2 4o3,2\n speed-dial 1 1005\n");
    let made = imported(Format::Cme, &[source("r1", &text)]);
    let document = document(&made);
    let phone = phone(&document, "SEP001122334455");
    let rings: Vec<Ring> = phone.line.iter().map(|line| line.ring).collect();
    assert_eq!(numbers(phone), ["1001", "1002", "1003"]);
    assert_eq!(rings, [Ring::Normal, Ring::Silent, Ring::Overlay]);
    assert_eq!(phone.line[2].overlaid[0].as_str(), "1002");
    assert_eq!(phone.line[0].label.as_deref(), Some("One"));
    // The speed dial took the free key between: a template keeps it there.
    use TemplateKey::{Line, SpeedDial};
    let template = &document.button_templates[0].value;
    assert_eq!(phone.phone_button_template.as_ref(), Some(&template.name));
    assert_eq!(template.buttons, [Line, Line, SpeedDial, Line]);
    assert!(made.notes.is_empty(), "{}", notes(&made));
}

/// A password of digits was keyed in at the phone; any other cannot be.
#[test]
fn who_signed_in_at_cme_with_digits_keeps_them_as_his_pin() {
    let text = format!(
        "{CME} logout-profile 1\nvoice logout-profile 1\n number 1001\nvoice user-profile 1\n \
         user ann password 4938271\n number 1002\nvoice user-profile 2\n user bob password \
         4938canary\n number 1003\nvoice user-profile 3\n user cid password 1234\n number 1003\n"
    );
    let made = imported(Format::Cme, &[source("r1", &text)]);
    let document = document(&made);
    let of = |id: &str| {
        let users = document.users.iter().map(|user| &user.value);
        users
            .into_iter()
            .find(|user| user.id.as_str() == id)
            .unwrap()
    };
    assert_eq!(of("ann").pin.as_ref().map(Pin::expose), Some("4938271"));
    for id in ["bob", "cid"] {
        assert!(of(id).pin.is_none() && of(id).password.is_some(), "{id}");
        assert!(notes(&made).contains(&format!("PIN of user {id}")));
    }
    for secret in ["4938271", "4938canary", "1234"] {
        assert!(!notes(&made).contains(secret), "{}", notes(&made));
    }
    let desk = phone(&document, "SEP001122334455");
    assert!(desk.extension_mobility);
    assert_eq!(
        String::from(desk.logout_profile.clone()),
        "logout-profile 1"
    );
    assert_eq!(document.profile_defaults.len(), 1);
}

/// CME's own worked example: the profile that the documents print.
#[test]
fn the_profile_that_cisco_prints_is_read_whole() {
    let text = format!(
        "{CME} logout-profile 1\nvoice user-profile 1\n pin 12345\n user me password pass123\n \
         number 2001 type silent-ring\n number 2002 type beep-ring\n number 2003 type \
         feature-ring\n number 2004 type monitor-ring\n number 2005,2006 type overlay\n number \
         2007,2008 type cw-overly\n speed-dial 1 3001\n speed-dial 2 3002 blf\n"
    );
    let made = imported(Format::Cme, &[source("r1", &text)]);
    let document = document(&made);
    let profile = &document.profiles[0].value;
    let rings: Vec<Ring> = profile.line.iter().map(|line| line.ring).collect();
    use Ring::{Beep, CwOverlay, Feature, Monitor, Overlay, Silent};
    assert_eq!(rings, [Silent, Beep, Feature, Monitor, Overlay, CwOverlay]);
    let blf: Vec<bool> = profile.speed_dial.iter().map(|dial| dial.blf).collect();
    assert_eq!(blf, [false, true]);
    // Its `pin` lifts the block after hours, and its password has letters.
    assert!(document.users[0].value.pin.is_none());
}

#[test]
fn an_operator_says_the_model_that_no_file_tells() {
    let files = [source(
        "SEP001122334455.cnf.xml",
        "<device><loadInformation/></device>",
    )];
    let unknown = imported(Format::Tftpboot, &files);
    assert!(unknown.is_empty());
    assert!(
        notes(&unknown).contains("--model SEP001122334455=MODEL"),
        "{}",
        notes(&unknown)
    );

    let of_all = Options {
        model: ModelName::new("7970").ok(),
        ..Options::default()
    };
    let made = import(Format::Tftpboot, &files, &of_all, &catalogue());
    assert_eq!(
        phone(&document(&made), "SEP001122334455").model.as_str(),
        "7970"
    );

    let device = DeviceName::new("SEP001122334455").unwrap();
    let of_one = Options {
        models: BTreeMap::from([(device, ModelName::new("7911").unwrap())]),
        extension_mobility: true,
        ..of_all
    };
    let made = import(Format::Tftpboot, &files, &of_one, &catalogue());
    let document = document(&made);
    let phone = phone(&document, "SEP001122334455");
    assert_eq!(
        (phone.model.as_str(), phone.extension_mobility),
        ("7911", true)
    );
}

#[test]
fn the_digest_secret_of_a_phone_is_told_of_and_not_told() {
    let text = "<device><deviceProtocol>SIP</deviceProtocol><loadInformation>SIP75.9</loadInformation>\
        <sipProfile><sipLines><line button='1'><featureID>9</featureID><name>1001</name>\
        <authPassword>canary</authPassword></line></sipLines></sipProfile></device>";
    let made = imported(Format::Tftpboot, &[source("SEP001122334455.cnf.xml", text)]);
    assert_eq!(made.phones, 1);
    assert!(notes(&made).contains("digest secrets"), "{}", notes(&made));
    assert!(!made.text.contains("canary"));
}

#[test]
fn the_second_of_two_phones_is_left_out_with_a_note() {
    let text = "[SEP001122334455]\ntype=device\ndevicetype=7960\nbutton=line,1\n";
    let made = imported(
        Format::ChanSccp,
        &[source("a.conf", text), source("b.conf", text)],
    );
    assert_eq!(made.phones, 1);
    assert!(notes(&made).contains("b.conf:1: phone SEP001122334455: it was there before"));
}

/// What the check of site files refuses is found before a site is applied.
#[test]
fn an_object_that_would_not_pass_is_left_out_with_the_finding() {
    let header = "Device Profile Name,Device Type,Directory Number 1\n";
    let text =
        format!("{header}same,Cisco 7961,1\nsame,Cisco 7961,2\nuse-current-settings,7961,3\n");
    let made = imported(Format::Bat, &[source("udp.csv", &text)]);
    assert_eq!(made.profiles, 1);
    let notes = notes(&made);
    assert!(
        notes.contains("udp.csv:3") && notes.contains("is there twice"),
        "{notes}"
    );
    assert!(notes.contains("cannot name a profile"), "{notes}");
}

#[test]
fn a_phone_without_its_owner_and_a_user_without_his_profile_stay() {
    let phones = "Device Name,Device Type,Owner User ID,Log Out Profile,Directory Number 1\n\
                  SEP001122334455,Cisco 7961,nobody,gone,1001\n";
    let users = "User ID,Last Name,PIN,Controlled Profile 1\nann,A,4938271,gone\n";
    let made = imported(
        Format::Bat,
        &[source("phones.csv", phones), source("users.csv", users)],
    );
    assert_eq!((made.phones, made.users), (1, 1));
    let notes = notes(&made);
    for lost in [
        "owner nobody",
        "logout profile gone",
        "profile gone of user ann",
    ] {
        assert!(notes.contains(lost), "{lost}: {notes}");
    }
}

#[test]
fn cisco_s_names_of_zones_and_ours_are_of_one_mind() {
    use super::super::zones;
    use crate::provision::{ConfigFile, TimeZones, ZoneName};
    let table = TimeZones::parse(ConfigFile::TimeZones.embedded()).unwrap();
    for number in 1..=53 {
        let zone = zones::by_number(&number.to_string()).unwrap();
        assert!(zones::is_iana(zone), "{zone}");
        // What a phone is told for that zone is read as a zone with its rules.
        if let ZoneName::Exact(name) = table.cisco(zone) {
            let back = zones::by_name(name).unwrap();
            assert_eq!(table.cisco(back), ZoneName::Exact(name), "{zone}");
        }
    }
    assert_eq!(zones::by_number("0"), None);
    assert_eq!(zones::by_number("54"), None);
    assert_eq!(
        zones::by_name("W. Europe Standard/Daylight Time"),
        Some("Europe/Berlin")
    );
}

/// A slip in a name would otherwise leave the phone with another model.
#[test]
fn a_model_for_a_phone_that_is_not_there_is_told() {
    let text = "[SEP001122334455]\ntype=device\ndevicetype=7960\nbutton=line,1\n";
    let model = || ModelName::new("7961").unwrap();
    let options = |name: &str| Options {
        models: BTreeMap::from([(DeviceName::new(name).unwrap(), model())]),
        ..Options::default()
    };
    let told = |name: &str| {
        let sources = [source("sccp.conf", text)];
        notes(&import(
            Format::ChanSccp,
            &sources,
            &options(name),
            &catalogue(),
        ))
    };
    assert!(told("SEP1").contains("--model: SEP1=7961: no phone of that name"));
    assert!(!told("SEP001122334455").contains("--model"));
}
