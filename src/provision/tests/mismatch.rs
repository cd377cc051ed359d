//! A profile on a phone of another family, item by item (Cisco, *Extension
//! Mobility 4.1*, Overview of Cisco CallManager Extension Mobility).

use super::desk::*;
use super::*;
use crate::model::{
    LineSettings, Mlpp, MlppDomain, MlppIndication, MlppPreemption, Ring, RingSetting,
};

/// What the document's example has: a user with a profile for the 7960, with
/// everything that can be set.
fn with_7960_profile(phone_model: &str) -> Desk {
    let mut desk = Desk::new(phone_model, "7960");
    desk.service("Stocks", "http://192.0.2.9/stocks", &[("symbol", None)])
        .service("Weather", "http://192.0.2.9/weather", &[])
        .service("Canteen", "http://192.0.2.9/canteen", &[])
        .template("Users", "7960", "lsssss")
        .template("Standard 7905", "7905", "l");
    desk.profile(|it| {
        it.locale = Some("French_France".into());
        it.features.user_hold_audio_source = Some(7);
        it.features.phone_button_template = Some(object("Users"));
        it.features.softkey_template = Some("Users keys".into());
        it.features.expansion_modules = vec!["7914".into()];
        it.features.ignore_presentation_indicators = true;
        it.features.mlpp.domain = Some(MlppDomain(0xAA));
        it.lines = lines(&["2001", "2002"]);
        let line = &mut it.lines[0];
        line.label = Some("Terry".into());
        line.display_name = Some("Terry Brody".into());
        line.external_number_mask = Some("0555XXXX".into());
        line.ring = Ring::Beep;
        line.ring_idle = RingSetting::RingOnce;
        line.maximum_calls = Some(2);
        it.speed_dials = dials(&["3001"]);
        it.services = vec![
            subscription("Stocks", &[("symbol", "CSCO")]),
            subscription("Weather", &[("city", "Rome")]),
        ];
    });
    desk
}

fn default_of_7905(desk: &mut Desk) {
    desk.default_of("7905", |it| {
        it.locale = Some("German_Germany".into());
        it.features.user_hold_audio_source = Some(3);
        it.features.phone_button_template = Some(object("Standard 7905"));
        it.features.softkey_template = Some("Standard User".into());
        it.features.expansion_modules = vec!["7914".into()];
        it.features.mlpp = Mlpp {
            domain: Some(MlppDomain(1)),
            indication: MlppIndication::On,
            preemption: MlppPreemption::Default,
        };
        it.services = vec![
            subscription("Stocks", &[("symbol", "DAX")]),
            subscription("Canteen", &[]),
        ];
    });
}

fn line_settings(desk: &Desk) -> (String, String, Ring, LineSettings) {
    let wanted = desk.wanted();
    match wanted.buttons()[0].kind.clone() {
        crate::model::ButtonKind::Line {
            label,
            display_name,
            ring,
            settings,
            ..
        } => (label, display_name, ring, settings),
        other => panic!("{other:?}"),
    }
}

/// Extension Mobility 4.1, Overview: "a user who has a user device profile that
/// is configured for Cisco IP Phone Model 7960 logs in to a Cisco IP Phone
/// Model 7905, and the device default profile is loaded on the phone".
#[test]
fn the_documents_example_of_a_7960_profile_on_a_7905() {
    let mut desk = with_7960_profile("7905");
    default_of_7905(&mut desk);
    desk.sign_in();
    let wanted = desk.wanted();
    assert!(wanted.in_force.is_mismatched);

    // "The user can access the user's hold audio source, user locale, userid,
    // speeddials and directory number configuration."
    assert_eq!(wanted.in_force.user_hold_audio_source, Some(7));
    assert_eq!(wanted.in_force.user_locale, "French_France");
    assert_eq!(wanted.file.user_locale, "French_France");
    assert_eq!(wanted.signed_in.as_ref().unwrap().0.as_str(), "alice");
    assert_eq!(desk.keys(), ["1 line 2001"]);
    // Speed dials and further lines come along as far as there are keys.
    let template = "has no key: the phone button template has no more for it";
    assert_eq!(
        desk.remarks(),
        [
            format!("line 2002 {template}"),
            format!("speed dial 3001 {template}")
        ]
    );

    // "The user cannot access his phone line setting."
    let (label, display_name, ring, settings) = line_settings(&desk);
    assert_eq!((label.as_str(), display_name.as_str()), ("2001", "2001"));
    assert_eq!(ring, Ring::Normal);
    assert_eq!(settings, LineSettings::default());

    // "The user can access the phone template and the softkey template of the
    // Cisco IP Phone Model 7905."
    let template = wanted.in_force.phone_button_template.clone();
    assert_eq!(template, Some(object("Standard 7905")));
    assert_eq!(
        wanted.station.softkey_template.as_deref(),
        Some("Standard User")
    );

    // "The user cannot access an add-on module because Cisco IP Phone Model
    // 7905 does not support it."
    assert_eq!(wanted.in_force.expansion_modules, [""; 0]);
    assert!(!desk.file().contains("addOnModule"));

    // "The user can access Cisco IP Phone Services if they are configured, but
    // the parameters from the subscriber services will reflect the device
    // profile default."
    assert_eq!(
        desk.menu(),
        [
            "Stocks http://192.0.2.9/stocks?symbol=DAX",
            "Weather http://192.0.2.9/weather?city=Rome",
            "[Extension Mobility]"
        ]
    );

    // Precedence is the default's; presentation is the user's (Interactions,
    // Call Display Restrictions).
    assert_eq!(wanted.in_force.mlpp.domain, Some(MlppDomain(1)));
    assert_eq!(wanted.in_force.mlpp.indication, MlppIndication::On);
    assert!(wanted.in_force.ignore_presentation_indicators);
}

/// The same login on the model that the profile was made for: all of it.
#[test]
fn on_its_own_model_the_whole_profile_is_loaded() {
    let mut desk = with_7960_profile("7960");
    desk.phone(|phone| phone.features.expansion_modules = vec!["7914".into()]);
    desk.sign_in();
    let wanted = desk.wanted();
    assert!(!wanted.in_force.is_mismatched);
    assert_eq!(desk.keys(), ["1 line 2001", "2 dial 3001"]);
    let (label, display_name, ring, settings) = line_settings(&desk);
    assert_eq!(
        (label.as_str(), display_name.as_str()),
        ("Terry", "Terry Brody")
    );
    assert_eq!(ring, Ring::Beep);
    assert_eq!(settings.full_number.as_deref(), Some("05552001"));
    assert_eq!(
        wanted.station.softkey_template.as_deref(),
        Some("Users keys")
    );
    assert_eq!(wanted.in_force.mlpp.domain, Some(MlppDomain(0xAA)));
    assert_eq!(desk.menu()[0], "Stocks http://192.0.2.9/stocks?symbol=CSCO");
}

/// Extension Mobility 4.1, Overview: "If the user device profile does not have
/// Cisco IP Phone Services configured, the system uses the Cisco IP Phone
/// Services that are configured in the device profile default".
#[test]
fn who_has_no_services_gets_those_of_the_default() {
    let mut desk = with_7960_profile("7905");
    default_of_7905(&mut desk);
    desk.profile(|it| it.services.clear()).sign_in();
    assert_eq!(
        desk.menu(),
        [
            "Stocks http://192.0.2.9/stocks?symbol=DAX",
            "Canteen http://192.0.2.9/canteen",
            "[Extension Mobility]"
        ]
    );
    // On his own model he has none.
    desk.profile(|it| it.model = model("7905"));
    assert_eq!(desk.menu(), ["[Extension Mobility]"]);
}

/// Extension Mobility 4.1, Overview: services come along "if the phone model
/// supports Cisco IP Phone Services".
#[test]
fn a_model_without_services_shows_none() {
    let mut desk = with_7960_profile("6901");
    desk.default_of("6901", |it| {
        it.services = vec![subscription("Canteen", &[])]
    });
    desk.sign_in();
    assert_eq!(desk.menu(), [""; 0]);
    assert!(!desk.file().contains("<phoneServices"));
    assert_eq!(desk.keys(), ["1 line 2001"]);
}

/// Ours (`mismatch_keeps_user_settings`): the user's own service parameters and
/// labels.
#[test]
fn by_parameter_the_users_own_parameters_and_labels_are_kept() {
    let mut desk = with_7960_profile("7905");
    default_of_7905(&mut desk);
    desk.parameters(|it| it.mismatch_keeps_user_settings = true);
    desk.sign_in();
    assert_eq!(desk.menu()[0], "Stocks http://192.0.2.9/stocks?symbol=CSCO");
    let (label, display_name, ring, settings) = line_settings(&desk);
    assert_eq!(
        (label.as_str(), display_name.as_str()),
        ("Terry", "Terry Brody")
    );
    assert_eq!((ring, settings), (Ring::Normal, LineSettings::default()));
}

/// Ours (`mismatch_reflows_buttons`): whatever keys there are.
#[test]
fn by_parameter_lines_and_speed_dials_take_the_keys_there_are() {
    let mut desk = with_7960_profile("7961");
    desk.template("Standard 7961", "7961", "l--s")
        .default_of("7961", |it| {
            it.features.phone_button_template = Some(object("Standard 7961"));
        });
    desk.sign_in();
    assert_eq!(desk.keys(), ["1 line 2001", "4 dial 3001"]);
    assert_eq!(desk.remarks().len(), 1);
    desk.parameters(|it| it.mismatch_reflows_buttons = true);
    assert_eq!(desk.keys(), ["1 line 2001", "2 line 2002", "3 dial 3001"]);
    assert_eq!(desk.remarks(), [""; 0]);
}

/// The documents do not say what happens without a default. Here: the numbers
/// come along, the first line on the first key; soft keys, modules and
/// precedence are the phone's own, and the plan says what is missing.
#[test]
fn without_a_default_for_the_model_the_login_is_plain_but_usable() {
    let mut desk = with_7960_profile("7961");
    desk.template("Own", "7961", "ls").phone(|it| {
        it.features.softkey_template = Some("Lobby".into());
        it.features.phone_button_template = Some(object("Own"));
        it.features.expansion_modules = vec!["7914".into()];
        it.features.mlpp.domain = Some(MlppDomain(5));
    });
    desk.sign_in();
    let wanted = desk.wanted();
    assert_eq!(desk.keys(), ["1 line 2001", "2 line 2002", "3 dial 3001"]);
    let (label, _, ring, settings) = line_settings(&desk);
    assert_eq!((label.as_str(), ring), ("2001", Ring::Normal));
    assert_eq!(settings, LineSettings::default());
    assert_eq!(wanted.station.softkey_template.as_deref(), Some("Lobby"));
    assert_eq!(wanted.in_force.expansion_modules, ["7914"]);
    assert_eq!(wanted.in_force.mlpp.domain, Some(MlppDomain(5)));
    assert_eq!(wanted.in_force.user_hold_audio_source, Some(7));
    assert_eq!(desk.menu()[0], "Stocks http://192.0.2.9/stocks?symbol=CSCO");
    assert_eq!(
        desk.remarks(),
        [
            "the profile was made for another model, and model 7961 has no device profile default: \
             numbers and speed dials alone come along"
        ]
    );
}

/// An overlaid or monitored line stays what it is: that is the line's, not a
/// setting for the device.
#[test]
fn the_kind_of_a_line_is_no_setting_for_the_device() {
    let mut desk = Desk::new("7961", "7960");
    desk.profile(|it| {
        it.lines = lines(&["2001", "2005"]);
        it.lines[1].ring = Ring::Overlay;
        it.lines[1].overlaid = vec![number("2006")];
    });
    desk.sign_in();
    assert_eq!(desk.keys(), ["1 line 2001", "2 line 2005,2006"]);
}

/// A logout profile that was made for another family is taken by the same
/// rules.
#[test]
fn a_logout_profile_of_another_family_is_taken_likewise() {
    let mut desk = with_7960_profile("7905");
    default_of_7905(&mut desk);
    let name = ProfileName::new("alice").unwrap();
    desk.phone(|it| it.logout_profile = LogoutProfile::Profile(name));
    let wanted = desk.wanted();
    assert!(wanted.in_force.is_mismatched);
    assert_eq!(wanted.signed_in, None);
    assert_eq!(desk.keys(), ["1 line 2001"]);
    assert_eq!(desk.menu()[0], "Stocks http://192.0.2.9/stocks?symbol=DAX");
}
