//! How the attributes of a profile reach the phone.

use super::desk::*;
use super::*;
use crate::model::{
    ForwardedCallDisplay, LampPolicy, Mlpp, MlppDomain, MlppIndication, MlppPreemption,
    RingSetting, VendorConfig,
};

fn one_line(phone: &str, edit: impl FnOnce(&mut Line)) -> Desk {
    let mut desk = Desk::new(phone, phone);
    desk.profile(|it| {
        it.lines = lines(&["2001"]);
        edit(&mut it.lines[0]);
    });
    desk.over_sip().sign_in();
    desk
}

/// Extension Mobility 4.1, Overview: directory number configuration with "line
/// setting for this device", on the model that the profile was made for.
#[test]
fn the_settings_of_a_line_are_written_into_a_sip_file() {
    let usual = one_line("7961", |_| {}).file();
    for (element, value) in [
        ("messageWaitingLampPolicy", "3"),
        ("ringSettingIdle", "4"),
        ("ringSettingActive", "5"),
        ("maxNumCalls", "4"),
        ("busyTrigger", "2"),
        ("callerName", "true"),
        ("callerNumber", "false"),
        ("redirectedNumber", "false"),
        ("dialedNumber", "true"),
    ] {
        assert_eq!(texts(&usual, element), [value], "{element}");
    }
    assert!(!usual.contains("externalNumberMask"));

    let set = one_line("7961", |line| {
        line.label = Some("Terry".into());
        line.display_name = Some("Terry Brody".into());
        line.external_number_mask = Some("0555XXXX".into());
        line.message_waiting_lamp = LampPolicy::PromptOnly;
        line.ring_idle = RingSetting::RingOnce;
        line.ring_active = RingSetting::BeepOnly;
        line.maximum_calls = Some(6);
        line.busy_trigger = Some(5);
        line.forwarded_call_display = ForwardedCallDisplay {
            caller_name: false,
            caller_number: true,
            redirected_number: true,
            dialed_number: false,
        };
    })
    .file();
    for (element, value) in [
        ("featureLabel", "Terry"),
        ("displayName", "Terry Brody"),
        ("externalNumberMask", "0555XXXX"),
        ("messageWaitingLampPolicy", "4"),
        ("ringSettingIdle", "3"),
        ("ringSettingActive", "5"),
        ("maxNumCalls", "6"),
        ("busyTrigger", "5"),
        ("callerName", "false"),
        ("callerNumber", "true"),
        ("redirectedNumber", "true"),
        ("dialedNumber", "false"),
    ] {
        assert_eq!(texts(&set, element), [value], "{element}");
    }
}

#[test]
fn every_setting_has_its_number() {
    let value = |element: &str, edit: fn(&mut Line)| {
        let file = one_line("8841", edit).file();
        texts(&file, element)[0].to_owned()
    };
    let lamp = |policy: fn(&mut Line)| value("messageWaitingLampPolicy", policy);
    assert_eq!(
        lamp(|it| it.message_waiting_lamp = LampPolicy::LightAndPrompt),
        "3"
    );
    assert_eq!(
        lamp(|it| it.message_waiting_lamp = LampPolicy::LightOnly),
        "5"
    );
    assert_eq!(lamp(|it| it.message_waiting_lamp = LampPolicy::None), "6");
    let idle = |setting: fn(&mut Line)| value("ringSettingIdle", setting);
    assert_eq!(idle(|it| it.ring_idle = RingSetting::Disable), "1");
    assert_eq!(idle(|it| it.ring_idle = RingSetting::FlashOnly), "2");
    assert_eq!(
        idle(|it| it.ring_idle = RingSetting::BeepOnly),
        "3",
        "none when idle"
    );
    assert_eq!(
        idle(|it| {
            it.ring = Ring::Silent;
            it.ring_idle = RingSetting::Ring;
        }),
        "4",
        "the setting for this phone wins over the kind of ring"
    );
    assert_eq!(idle(|it| it.ring = Ring::Silent), "2");
    let active = |setting: fn(&mut Line)| value("ringSettingActive", setting);
    assert_eq!(active(|it| it.ring_active = RingSetting::Ring), "4");
}

/// Cisco's phone guides: the most calls on a line differ by model.
#[test]
fn calls_stay_within_what_the_model_can_do() {
    let calls = |phone: &str, maximum: Option<u8>, trigger: Option<u8>| {
        let file = one_line(phone, |line| {
            line.maximum_calls = maximum;
            line.busy_trigger = trigger;
        })
        .file();
        (
            texts(&file, "maxNumCalls")[0].parse::<u8>().unwrap(),
            texts(&file, "busyTrigger")[0].parse::<u8>().unwrap(),
        )
    };
    assert_eq!(calls("8841", Some(200), Some(180)), (200, 180));
    assert_eq!(calls("7961", Some(200), Some(180)), (50, 50));
    assert_eq!(calls("7821", Some(200), None), (12, 2));
    assert_eq!(calls("7961", Some(0), Some(0)), (1, 1));
    assert_eq!(
        calls("7961", Some(1), None),
        (1, 1),
        "never above the maximum"
    );
    assert_eq!(calls("7961", None, Some(9)), (4, 4));
}

#[test]
fn a_speed_dial_with_a_busy_lamp_is_feature_21_where_keys_have_lamps() {
    let mut desk = Desk::new("8841", "8841");
    desk.profile(|it| {
        it.speed_dials = dials(&["3001", "3002", "3003"]);
        it.speed_dials[1].blf = true;
    });
    desk.sign_in();
    let file = desk.file();
    assert_eq!(texts(&file, "featureID"), ["9", "2", "21", "2"]);
    assert_eq!(texts(&file, "speedDialNumber"), ["3001", "3002", "3003"]);
    assert_eq!(texts(&file, "speedDialIndex"), ["1", "2"], "it has none");
    desk.phone(|it| it.model = model("3905"));
    assert!(!desk.keys().iter().any(|key| key.contains("lamp")));
}

/// Extension Mobility 4.1, Creating a Device Profile Default, step 7: Default
/// is what the device pool says.
#[test]
fn precedence_is_written_where_the_file_has_a_place_for_it() {
    let mut desk = Desk::new("7961", "7961");
    assert!(
        !desk.file().contains("mlpp"),
        "nothing is set, nothing is said"
    );
    desk.pool(|it| {
        it.mlpp = Mlpp {
            domain: Some(MlppDomain(0xA1)),
            indication: MlppIndication::On,
            preemption: MlppPreemption::Forceful,
        };
    });
    let said = |desk: &Desk| {
        let file = desk.file();
        ["mlppDomainId", "mlppIndicationStatus", "preemption"]
            .map(|element| texts(&file, element).join(" "))
    };
    assert_eq!(said(&desk), ["0000A1", "On", "Forceful"]);
    desk.profile(|it| {
        it.features.mlpp.domain = Some(MlppDomain(u32::MAX));
        it.features.mlpp.preemption = MlppPreemption::Disabled;
    });
    desk.sign_in();
    assert_eq!(said(&desk), ["FFFFFFFF", "On", "Disabled"]);
    desk.over_sip();
    assert_eq!(said(&desk), ["FFFFFFFF", "On", "Disabled"]);
    desk.pool(|it| it.mlpp = Mlpp::default());
    desk.profile(|it| {
        it.features.mlpp = Mlpp {
            indication: MlppIndication::Off,
            ..Mlpp::default()
        };
    });
    assert_eq!(said(&desk), ["000000", "Off", "Disabled"], "nothing empty");

    // A 7960 has no place for it, and need not boot for it.
    let mut old = Desk::new("7960", "7960");
    old.profile(|it| it.features.mlpp.domain = Some(MlppDomain(1)));
    let bare = old.file();
    old.sign_in();
    assert_eq!(old.file(), bare);
    assert_eq!(old.wanted().in_force.mlpp.domain, Some(MlppDomain(1)));
}

/// Extension Mobility 4.1, Login and Behavior: a "profile does not maintain
/// ring type, contrast settings, and volume settings".
#[test]
fn ring_tune_contrast_and_volume_are_the_handsets_own() {
    const OWN: &[&str] = &[
        "ringtone",
        "ringtune",
        "ringer",
        "volume",
        "contrast",
        "brightness",
        "wallpaper",
    ];
    let catalogue = catalogue();
    for model in catalogue.models() {
        let mut desk = Desk::new(model.name.as_str(), model.name.as_str());
        desk.profile(|it| {
            it.lines = lines(&["2001"]);
            it.lines[0].ring_idle = RingSetting::RingOnce;
            it.locale = Some("German_Germany".into());
        });
        for _ in 0..2 {
            let file = desk.file().to_lowercase();
            for word in OWN {
                assert!(!file.contains(word), "{}: {word}", model.name);
            }
            desk.sign_in();
        }
    }
}

/// Every model of the catalogue, in each protocol, bare and signed in: a file
/// that a phone can read, with nothing empty that must not be.
/// Cisco's phone guides, Product Specific Configuration: what is said nearer to
/// the phone counts, and the others stay.
#[test]
fn switches_come_from_the_dialect_the_model_the_pool_and_the_phone() {
    let said = |settings: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let settings: BTreeMap<String, String> = settings.iter().map(own).collect();
        VendorConfig::try_from(settings).unwrap()
    };
    let mut desk = Desk::new("7961", "7961");
    let plain = desk.file();
    assert_eq!(texts(&plain, "webAccess"), ["0"]);
    assert_eq!(texts(&plain, "spanToPCPort"), ["1"]);
    let before = desk.wanted().stamps.file;
    desk.pool(|it| it.vendor_config = said(&[("webAccess", "2"), ("pcPort", "1")]));
    desk.phone(|it| it.vendor_config = said(&[("pcPort", "0"), ("sshUser", "<a&b>")]));
    let file = desk.file();
    assert_eq!(texts(&file, "webAccess"), ["2"]);
    assert_eq!(texts(&file, "pcPort"), ["0"]);
    assert_eq!(texts(&file, "spanToPCPort"), ["1"]);
    assert!(
        file.contains("<sshUser>&lt;a&amp;b&gt;</sshUser>\n  </vendorConfig>"),
        "{file}"
    );
    assert_ne!(
        desk.wanted().stamps.file,
        before,
        "the phone is told by a restart"
    );
}

#[test]
fn the_families_with_a_feature_policy_are_told_its_file() {
    for (model, policy) in [("9971", true), ("8961", true), ("8841", false)] {
        let file = Desk::new(model, model).file();
        let told = texts(&file, "featurePolicyFile");
        assert_eq!(told == ["featurepolicy.xml"], policy, "{model}: {told:?}");
    }
}

#[test]
fn every_model_of_the_catalogue_gets_a_file() {
    let catalogue = catalogue();
    for model in catalogue.models() {
        for protocol in [Protocol::Sccp, Protocol::Sip] {
            if model.facts(protocol).is_none() {
                continue;
            }
            let mut desk = Desk::new(model.name.as_str(), "8841");
            desk.phone(|it| it.observed_protocol = Some(protocol));
            desk.profile(|it| {
                it.lines = lines(&["2001", "2002"]);
                it.speed_dials = dials(&["3001"]);
            });
            for _ in 0..2 {
                assert_eq!(desk.wanted().protocol, protocol);
                if model.facts(protocol).unwrap().dialect == Dialect::SipProfile {
                    assert!(desk.compiled().starts_with(b"#ata"));
                    desk.sign_in();
                    continue;
                }
                let file = desk.file();
                if model.facts(protocol).unwrap().dialect.is_text() {
                    assert!(file.contains("\nline1_name: \""), "{file}");
                    desk.sign_in();
                    continue;
                }
                assert_eq!(texts(&file, "deviceProtocol"), [protocol.to_string()]);
                for empty in ["<maxNumCalls></", "<busyTrigger></", "<deviceLine></"] {
                    assert!(!file.contains(empty));
                }
                desk.sign_in();
            }
        }
    }
}
