//! Which key is what: button order, templates, add-on modules, emergency.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::desk::*;
use super::*;
use crate::model::{ButtonOrder, Ring};

/// The profile of CME's example: one number of each kind, two overlaid pairs,
/// two speed dials, configured in another order than they are laid out.
fn cme_example(model: &str) -> Desk {
    let mut desk = Desk::new(model, model);
    let of = |text: &str, ring| {
        let mut numbers = text.split(',').map(number);
        let mut line = Line::new(numbers.next().unwrap());
        line.overlaid = numbers.collect();
        line.ring = ring;
        line
    };
    desk.profile(|profile| {
        profile.lines = vec![
            of("2005,2006", Ring::Overlay),
            of("2001", Ring::Silent),
            of("2004", Ring::Monitor),
            of("2002", Ring::Beep),
            of("2003", Ring::Feature),
            of("2007,2008", Ring::CwOverlay),
        ];
        profile.speed_dials = dials(&["3001", "3002"]);
        profile.speed_dials[1].blf = true;
    });
    desk.parameters(|parameters| parameters.button_order = ButtonOrder::Cme);
    desk.sign_in();
    desk
}

/// Unified CME System Administrator Guide, Extension Mobility, button
/// appearance: a 7960 has six keys, so that the speed dials of the example are
/// ignored; a 7970 has eight.
#[test]
fn the_example_of_cme_on_six_and_on_eight_keys() {
    let six = [
        "1 line 2001",
        "2 line 2002",
        "3 line 2003",
        "4 line 2004",
        "5 line 2005,2006",
        "6 line 2007,2008",
    ];
    let old = cme_example("7960");
    assert_eq!(old.keys(), six);
    assert_eq!(
        old.remarks(),
        [
            "speed dial 3001 has no key: all 6 are taken",
            "speed dial 3002 has no key: all 6 are taken"
        ]
    );
    let large = cme_example("7970");
    assert_eq!(large.keys()[..6], six);
    assert_eq!(large.keys()[6..], ["7 dial 3001", "8 lamp 3002"]);
    assert_eq!(large.remarks(), [""; 0]);
}

/// The same on a 7960 with a 7914: its lamps are plain keys on a 7960.
#[test]
fn a_module_takes_what_the_phone_has_no_key_for() {
    let mut desk = cme_example("7960");
    desk.phone(|phone| phone.features.expansion_modules = vec!["7914".into()]);
    assert_eq!(desk.keys()[6..], ["7 dial 3001", "8 dial 3002"]);
    assert_eq!(desk.remarks(), [""; 0]);
}

#[test]
fn as_configured_is_as_configured_and_cmes_order_is_stable() {
    let mut desk = cme_example("7960");
    desk.parameters(|parameters| parameters.button_order = ButtonOrder::AsConfigured);
    let first: Vec<String> = desk.keys().into_iter().take(3).collect();
    assert_eq!(first, ["1 line 2005,2006", "2 line 2001", "3 line 2004"]);
    desk.parameters(|parameters| parameters.button_order = ButtonOrder::Cme);
    desk.profile(|profile| {
        profile.lines = lines(&["9", "8", "7"]);
        profile.lines[0].ring = Ring::Beep;
    });
    assert_eq!(desk.keys()[..3], ["1 line 8", "2 line 7", "3 line 9"]);
}

/// Unified CME, Extension Mobility: the first line may not be a monitored one.
#[test]
fn a_first_line_that_is_only_monitored_is_told_and_does_no_harm() {
    let mut desk = Desk::new("7960", "7960");
    desk.profile(|profile| {
        profile.lines = lines(&["2004"]);
        profile.lines[0].ring = Ring::Monitor;
    });
    desk.sign_in();
    assert_eq!(desk.keys(), ["1 line 2004"]);
    assert_eq!(
        desk.remarks(),
        ["the first line, 2004, is only monitored: put a line that rings before it"]
    );
}

/// Unified CME, Extension Mobility, SIP phones: one number a key.
#[test]
fn a_sip_phone_takes_the_first_of_overlaid_numbers() {
    let mut desk = cme_example("7970");
    desk.over_sip();
    assert_eq!(desk.keys()[4..6], ["5 line 2005", "6 line 2007"]);
    assert_eq!(
        desk.remarks(),
        [
            "overlaid number 2006 is left out: a SIP phone has one number on a key",
            "overlaid number 2008 is left out: a SIP phone has one number on a key"
        ]
    );
}

/// Extension Mobility 4.1, Creating the Device Profile for a User, step 5.
#[test]
fn a_phone_button_template_says_what_each_key_is_for() {
    let mut desk = Desk::new("7961", "7961");
    desk.template("Two lines", "7961", "lls-ss").profile(|it| {
        it.features.phone_button_template = Some(object("Two lines"));
        it.lines = lines(&["2001", "2002", "2003"]);
        it.speed_dials = dials(&["3001", "3002"]);
    });
    desk.sign_in();
    assert_eq!(
        desk.keys(),
        ["1 line 2001", "2 line 2002", "3 dial 3001", "5 dial 3002"]
    );
    assert_eq!(
        desk.remarks(),
        ["line 2003 has no key: the phone button template has no more for it"]
    );
    // The same template for its twin with two keys.
    desk.phone(|phone| phone.model = model("7941"));
    assert_eq!(desk.keys(), ["1 line 2001", "2 line 2002"]);
    assert_eq!(
        desk.remarks()[1..],
        [
            "speed dial 3001 has no key: all 2 are taken",
            "speed dial 3002 has no key: all 2 are taken"
        ]
    );
    // One that was made for another family is none, nor is one that is gone.
    desk.phone(|phone| phone.model = model("7961"));
    desk.template("Two lines", "7970", "lss");
    assert_eq!(desk.keys()[2], "3 line 2003");
    desk.apply(&Change::DropButtonTemplate(object("Two lines")));
    assert_eq!(desk.keys()[2], "3 line 2003");
}

#[test]
fn a_template_without_lines_leaves_the_first_key_to_one() {
    let mut desk = Desk::new("7961", "7961");
    desk.template("Dials", "7961", "ssssss").profile(|it| {
        it.features.phone_button_template = Some(object("Dials"));
        it.speed_dials = dials(&["3001"]);
    });
    desk.sign_in();
    assert_eq!(desk.keys(), ["1 placeholder", "2 dial 3001"]);
}

/// Extension Mobility 4.1, Creating the Device Profile for a User, step 6; the
/// modules are the phone's, whoever asks for more.
#[test]
fn a_template_reaches_onto_the_modules_that_the_phone_has() {
    let mut desk = Desk::new("7965", "7965");
    desk.template("Secretary", "7965", "ls----ssl")
        .profile(|it| {
            it.features.phone_button_template = Some(object("Secretary"));
            it.features.expansion_modules = vec!["7915-12".into()];
            it.lines = lines(&["2001", "2002"]);
            it.speed_dials = dials(&["3001", "3002"]);
        });
    desk.sign_in();
    assert_eq!(desk.keys(), ["1 line 2001", "2 dial 3001"]);
    let missing = "it would be on an add-on module that this phone does not have or use";
    assert_eq!(
        desk.remarks(),
        [
            format!("line 2002 has no key: {missing}"),
            format!("speed dial 3002 has no key: {missing}")
        ]
    );
    desk.phone(|phone| {
        phone.features.expansion_modules = vec!["7914".into(), "7915-12".into()];
    });
    assert_eq!(desk.wanted().in_force.expansion_modules, ["7915-12"]);
    assert_eq!(desk.keys()[2..], ["7 dial 3002", "9 line 2002"]);
    assert_eq!(desk.remarks(), [""; 0]);
}

#[test]
fn modules_in_use_are_those_of_the_phone_that_are_named() {
    let in_use = |model: &str, has: &[&str], named: &[&str]| {
        let modules = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        let mut desk = Desk::new(model, model);
        desk.phone(|it| it.features.expansion_modules = modules(has));
        desk.profile(|it| it.features.expansion_modules = modules(named));
        desk.sign_in();
        desk.wanted().in_force.expansion_modules
    };
    assert_eq!(in_use("7960", &["7914", "7914"], &[]), ["7914", "7914"]);
    assert_eq!(in_use("7960", &["7914", "7914"], &["7914"]), ["7914"]);
    assert_eq!(in_use("7960", &["7914"], &["7914", "7914"]), ["7914"]);
    assert_eq!(in_use("7965", &["7914"], &["7916-24"]), [""; 0]);
    assert_eq!(in_use("7941", &["7914"], &[]), [""; 0], "takes none");
}

/// Emergency entries on one, two and six keys, with a template and with
/// modules: the same keys before and after a login.
#[test]
fn emergency_entries_do_not_move_at_a_login() {
    for (name, keys, in_services) in [
        ("7911", vec![], 2),
        ("7941", vec!["2 emergency 112"], 1),
        ("7961", vec!["5 emergency 112", "6 emergency 110"], 0),
    ] {
        let mut desk = Desk::new(name, name);
        desk.template("Lines", name, "llllllss").phone(|it| {
            it.speed_dials = vec![dial("112", "Fire", true), dial("110", "Police", true)];
            if name == "7961" {
                it.features.expansion_modules = vec!["7914".into()];
            }
        });
        desk.profile(|it| {
            it.lines = lines(&["2001", "2002", "2003", "2004", "2005", "2006", "2007"]);
            it.speed_dials = dials(&["3001"]);
        });
        let emergency = |desk: &Desk| -> Vec<String> {
            let keys = desk.keys();
            assert!(keys[0].starts_with("1 line 2001") || keys[0] == "1 placeholder");
            keys.into_iter()
                .filter(|it| it.contains("emergency"))
                .collect()
        };
        assert_eq!(emergency(&desk), keys);
        assert_eq!(desk.wanted().emergency.len(), in_services);
        desk.sign_in();
        assert_eq!(emergency(&desk), keys, "as configured, {name}");
        desk.profile(|it| it.features.phone_button_template = Some(object("Lines")));
        assert_eq!(emergency(&desk), keys, "by template, {name}");
        assert_eq!(desk.wanted().emergency.len(), in_services);
    }
}

/// The families of the catalogue: a profile fits all of one, over SCCP and SIP
/// alike, and none of another.
#[test]
fn profiles_fit_the_models_of_a_family_whatever_they_speak() {
    const FAMILIES: &[&str] = &[
        "7905",
        "7912",
        "7906 7911",
        "7940 7960",
        "7941 7941G-GE 7961 7961G-GE",
        "7942 7962",
        "7945 7965",
        "7970 7971",
        "7975",
        "8811 8841 8845 8851 8851NR 8861 8865 8865NR",
        "7821",
        "7841",
        "7861",
        "8941 8945",
    ];
    let catalogue = catalogue();
    for family in FAMILIES {
        for other in FAMILIES {
            for a in family.split(' ') {
                for b in other.split(' ') {
                    let fits = catalogue.same_family(&model(a), &model(b));
                    assert_eq!(fits, family == other, "{a} on {b}");
                }
            }
        }
    }
    let mut desk = Desk::new("7961", "7961");
    desk.sign_in();
    assert!(!desk.wanted().in_force.is_mismatched);
    desk.over_sip();
    assert_eq!(desk.wanted().protocol, Protocol::Sip);
    assert!(!desk.wanted().in_force.is_mismatched);
}

/// A model of the catalogue, and how it speaks.
fn any_model() -> impl Strategy<Value = (String, Protocol)> {
    let names: Vec<(String, Protocol)> = catalogue()
        .models()
        .flat_map(|model| {
            [Protocol::Sccp, Protocol::Sip]
                .into_iter()
                .filter(|protocol| model.facts(*protocol).is_some())
                .map(|protocol| (model.name.to_string(), protocol))
        })
        .collect();
    select(names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// For any profile on any phone, by any template, with any modules: the
    /// phone has a line on its first key, each number of the profile has one
    /// place or is told, emergency entries stay where they were, and the file
    /// is one that the phone can read.
    #[test]
    fn any_profile_on_any_phone_leaves_a_phone_that_can_be_used(
        (on, protocol) in any_model(),
        (made_for, _) in any_model(),
        template in proptest::option::of("[ls-]{0,30}"),
        modules in vec(select(vec!["7914", "7915-24", "BEKEM", "CKEM"]), 0..3),
        [has_default, reflows, cme] in any::<[bool; 3]>(),
        (lines_of, dials_of, emergency) in (0u8..10, 0u8..10, 0u8..4),
    ) {
        let numbers = |from: u16, count: u8| -> Vec<String> {
            (from..).take(count.into()).map(|it| it.to_string()).collect()
        };
        let mut desk = Desk::new(&on, &made_for);
        desk.phone(|it| {
            it.observed_protocol = Some(protocol);
            it.features.expansion_modules = modules.iter().map(|it| (*it).to_owned()).collect();
            it.speed_dials = numbers(110, emergency).iter().map(|it| dial(it, "Help", true)).collect();
        });
        let bare = desk.keys();
        if let Some(keys) = &template {
            desk.template("Any", &on, keys);
        }
        let named = template.as_ref().map(|_| object("Any"));
        if has_default {
            desk.default_of(&on, |it| it.features.phone_button_template.clone_from(&named));
        }
        desk.parameters(|it| {
            it.mismatch_reflows_buttons = reflows;
            it.button_order = if cme { ButtonOrder::Cme } else { ButtonOrder::AsConfigured };
        });
        desk.profile(|it| {
            it.features.phone_button_template = named;
            it.lines = numbers(2000, lines_of).iter().map(|it| line(it, None)).collect();
            it.speed_dials = numbers(3000, dials_of).iter().map(|it| SpeedDial::new(number(it))).collect();
        });
        desk.sign_in();

        let keys = desk.keys();
        prop_assert!(keys[0].starts_with("1 line") || keys[0] == "1 placeholder", "{:?}", keys);
        let emergency = |keys: &[String]| -> Vec<String> {
            keys.iter().filter(|it| it.contains("emergency")).cloned().collect()
        };
        if desk.wanted().file.dialect.names_no_keys() {
            // They come behind what else there is, wherever that ends.
            prop_assert_eq!(emergency(&keys).len(), emergency(&bare).len());
        } else {
            prop_assert_eq!(emergency(&keys), emergency(&bare));
        }
        let mut found: Vec<String> = desk.wanted().left_out.iter().map(|it| it.number.to_string()).collect();
        let placed = keys.iter().filter(|it| !it.contains("emergency") && !it.contains("placeholder"));
        found.extend(placed.map(|it| it.rsplit(' ').next().unwrap().to_owned()));
        found.sort();
        let mut wished = numbers(2000, lines_of);
        wished.extend(numbers(3000, dials_of));
        prop_assert_eq!(found, wished);
        let file = desk.file();
        let is_text = file.starts_with("# SEP");
        prop_assert!(is_text || file.starts_with("<?xml"));
        if protocol == Protocol::Sip && !is_text {
            let rest = file.split("<line button=\"").skip(1);
            let mut taken: Vec<&str> = rest.map(|it| it.split('"').next().unwrap()).collect();
            let all = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), all, "a button twice makes a phone refuse its file");
        }
    }
}
