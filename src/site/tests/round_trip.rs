//! What is stored is printed, read and stored again without loss, whatever it
//! is.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::bench::Bench;
use super::catalogue;
use crate::model::{
    Change, DevicePool, DeviceProfile, Features, ForwardedCallDisplay, LampPolicy, Line, LoadName,
    Mlpp, MlppDomain, MlppIndication, MlppPreemption, ObjectName, Parameters, ProfileName, Ring,
    RingSetting, Service, SpeedDial, TemplateKey, Timestamp, World,
};
use crate::ports::Store;
use crate::site::credentials::Credentials;
use crate::site::normal::Normal;
use crate::site::{Severity, check, convert, document, export, parse};

/// Any text a person may write.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 \"'\\\\#=\\[\\]{}.,\u{e4}\u{20ac}\t\n]{0,12}"
}

/// A load called as something else that is there at times.
fn load(name: Option<&str>) -> Option<LoadName> {
    name.and_then(|name| LoadName::new(name).ok())
}

fn label() -> impl Strategy<Value = Option<String>> {
    option::of("[a-zA-Z \"\\\\\u{e4}]{1,8}")
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(values)
}

fn mlpp() -> impl Strategy<Value = Mlpp> {
    let indication = one_of(&[
        MlppIndication::Default,
        MlppIndication::Off,
        MlppIndication::On,
    ]);
    let preemption = one_of(&[
        MlppPreemption::Default,
        MlppPreemption::Disabled,
        MlppPreemption::Forceful,
    ]);
    (option::of(any::<u32>()), indication, preemption).prop_map(
        |(domain, indication, preemption)| Mlpp {
            domain: domain.map(MlppDomain),
            indication,
            preemption,
        },
    )
}

fn features() -> impl Strategy<Value = Features> {
    let modules = vec(Just("7914".to_owned()), 0..3);
    let template = option::of(Just(ObjectName::new("T").unwrap()));
    (
        template,
        option::of("[a-z]{1,6}"),
        modules,
        option::of(1..=51u8),
        any::<bool>(),
        mlpp(),
    )
        .prop_map(
            |(phone_button_template, softkey_template, expansion_modules, source, ignore, mlpp)| {
                Features {
                    phone_button_template,
                    softkey_template,
                    expansion_modules,
                    user_hold_audio_source: source,
                    ignore_presentation_indicators: ignore,
                    mlpp,
                }
            },
        )
}

fn number() -> impl Strategy<Value = crate::model::DirectoryNumber> {
    "[0-9*#+]{1,6}".prop_map(|text| crate::model::DirectoryNumber::new(&text).unwrap())
}

fn line() -> impl Strategy<Value = Line> {
    const RINGS: &[Ring] = &[Ring::Normal, Ring::Silent, Ring::Beep, Ring::CwOverlay];
    const SETTINGS: &[RingSetting] = &[RingSetting::SystemDefault, RingSetting::FlashOnly];
    const LAMPS: &[LampPolicy] = &[LampPolicy::SystemPolicy, LampPolicy::PromptOnly];
    let display = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(caller_name, caller_number, redirected_number, dialed_number)| ForwardedCallDisplay {
            caller_name,
            caller_number,
            redirected_number,
            dialed_number,
        },
    );
    let words = (label(), label(), option::of("[0-9X+]{1,8}"));
    let rings = (
        one_of(RINGS),
        one_of(SETTINGS),
        one_of(SETTINGS),
        one_of(LAMPS),
    );
    let calls = option::of((1..=200u8, option::of(1..=200u8)));
    (number(), words, rings, calls, display, vec(number(), 0..3)).prop_map(
        |(
            number,
            (label, display_name, mask),
            (ring, idle, active, lamp),
            calls,
            display,
            mut more,
        )| {
            // Mostly such as a check lets pass.
            more.retain(|other| ring == Ring::CwOverlay && *other != number);
            more.sort();
            more.dedup();
            Line {
                label,
                display_name,
                ring,
                partition: None,
                overlaid: more,
                external_number_mask: mask,
                message_waiting_lamp: lamp,
                ring_idle: idle,
                ring_active: active,
                maximum_calls: calls.map(|(calls, _)| calls),
                busy_trigger: calls.and_then(|(calls, trigger)| Some(trigger?.min(calls))),
                forwarded_call_display: display,
                ..Line::new(number)
            }
        },
    )
}

fn dial() -> impl Strategy<Value = SpeedDial> {
    (number(), label(), any::<bool>(), any::<bool>()).prop_map(|(number, label, emergency, blf)| {
        SpeedDial {
            label,
            emergency,
            blf,
            ..SpeedDial::new(number)
        }
    })
}

fn profile() -> impl Strategy<Value = DeviceProfile> {
    let lists = (vec(line(), 0..3), vec(dial(), 0..3));
    let services = option::of(btree_map(
        text().prop_map(|t| format!("p{t}")),
        text(),
        0..3,
    ));
    (
        text(),
        option::of("[A-Z_a-z]{1,9}"),
        features(),
        lists,
        services,
        option::of(1..9999u16),
    )
        .prop_map(
            |(description, locale, features, (lines, speed_dials), services, idle)| {
                let services = services.map(|parameters| crate::model::ServiceSubscription {
                    name: ObjectName::new("W").unwrap(),
                    parameters,
                });
                DeviceProfile {
                    description,
                    locale,
                    features,
                    lines,
                    speed_dials,
                    services: services.into_iter().collect(),
                    maximum_idle_time: idle,
                    ..DeviceProfile::new(
                        crate::model::ObjectId(0),
                        ProfileName::new("p").unwrap(),
                        crate::model::ModelName::new("7960").unwrap(),
                    )
                }
            },
        )
}

/// Parameters by their site-file form, so that a new one is in at once: any
/// subset of other values than the defaults.
fn parameters() -> impl Strategy<Value = Parameters> {
    let auto_registration = json!({
        "enabled": true, "starting_directory_number": "2900",
        "ending_directory_number": "2999", "phone_protocol": "sip", "approval": false,
        "extension_assigner": false,
    });
    let others = json!({
        "login_service_enabled": false, "multiple_login_behavior": "auto-logout",
        "evict_previous_user": true, "owned_phones": "refuse",
        "enforce_maximum_login_time": true, "maximum_login_time": "0:01",
        "logout_times": ["7:30", "24:00"], "maximum_idle_time": 30,
        "alphanumeric_user_id": false, "ignore_user_id_case": false,
        "remember_last_user": true, "quick_sign_in_users": 3, "confirm_logout": false,
        "pin_star_and_pound": true, "minimum_pin_length": 8, "refuse_trivial_pins": false,
        "pin_expires_after_days": 90, "auto_device_profile_synchronization": false,
        "profile_changes_apply": "at-once", "mismatch_keeps_user_settings": true,
        "mismatch_reflows_buttons": true, "button_order": "cme",
        "reset_on_locale_change": false, "placeholder_label": "Anmelden \"hier\"",
        "clear_call_logs": true, "disabled_phone_logout": "refuse",
        "application_sessions": 7, "maximum_concurrent_requests": 100,
        "maximum_waiting_requests": 7, "validate_ip_address": true,
        "trusted_list_of_ips": "192.0.2.1;a.example", "allow_proxy": true,
        "verify_phone": "always",
        "services_host": "em.example.com", "default_user_locale": "German_Germany",
        "login_trigger": {"name": "in", "enabled": false, "maximum_sessions": 3},
        "logout_trigger": {"name": "out", "enabled": true, "maximum_sessions": 50},
        "auto_registration": auto_registration,
    });
    let others: Vec<(String, Value)> = others.as_object().unwrap().clone().into_iter().collect();
    vec(any::<bool>(), others.len()).prop_map(move |take| {
        let taken = others.iter().zip(take).filter(|(_, take)| *take);
        let object = taken.map(|((key, value), _)| (key.clone(), value.clone()));
        serde_json::from_value(Value::Object(object.collect())).unwrap()
    })
}

/// The parameters above are all of them.
#[test]
fn no_parameter_is_left_out_of_the_round_trip() {
    let all = serde_json::to_value(Parameters {
        maximum_idle_time: Some(1),
        services_host: Some("a.b".to_owned()),
        ..Parameters::default()
    })
    .unwrap();
    let source = include_str!("round_trip.rs");
    for key in all.as_object().unwrap().keys() {
        assert!(source.contains(&format!("\"{key}\": ")), "{key}");
    }
}

/// A site of a profile, a phone and a default with the same settings, and a
/// user.
fn world(
    parameters: Parameters,
    pool: Mlpp,
    profile: DeviceProfile,
    mut buttons: Vec<TemplateKey>,
    pin_must_change: bool,
) -> World {
    buttons.insert(0, TemplateKey::Line);
    let name = |text: &str| ObjectName::new(text).unwrap();
    let phone = json!({"name": "SEP001122334455", "model": "7960", "confirm_logout": true,
        "vendor_config": {"webAccess": "2"}});
    let phone: document::PhoneEntry = serde_json::from_value(phone).unwrap();
    let secret = crate::model::SipSecret::new("x".repeat(20));
    let phone = crate::model::Phone {
        features: profile.features.clone(),
        lines: profile.lines.clone(),
        speed_dials: profile.speed_dials.clone(),
        services: profile.services.clone(),
        description: profile.description.clone(),
        load: load(profile.features.softkey_template.as_deref()),
        ..convert::phone(phone, crate::model::ObjectId(1), None, secret)
    };
    let user = json!({"id": "a", "pin_hash": "$argon2id$x", "pin_must_change": pin_must_change});
    let user: document::UserEntry = serde_json::from_value(user).unwrap();
    let changes = [
        Change::Parameters(parameters),
        Change::PutPool(DevicePool {
            mlpp: pool,
            loads: load(profile.locale.as_deref())
                .map(|load| (profile.model.clone(), load))
                .into_iter()
                .collect(),
            ..DevicePool::default_pool()
        }),
        Change::PutService(Service {
            name: name("W"),
            url: "http://w/".to_owned(),
            description: profile.description.clone(),
            parameter: vec![crate::model::ServiceParameter {
                name: "p".to_owned(),
                display_name: Some("P \"p\"".to_owned()),
                default: profile.locale.clone(),
                required: pin_must_change,
                description: String::new(),
            }],
        }),
        Change::PutButtonTemplate(crate::model::ButtonTemplate {
            name: name("T"),
            model: profile.model.clone(),
            buttons,
        }),
        Change::PutProfileDefault(Box::new(crate::model::ProfileDefault {
            model: profile.model.clone(),
            locale: profile.locale.clone(),
            features: profile.features.clone(),
            services: profile.services.clone(),
        })),
        Change::PutPhone(Box::new(phone)),
        Change::PutProfile(Box::new(DeviceProfile {
            id: crate::model::ObjectId(2),
            ..profile
        })),
        Change::PutUser(Box::new(convert::user(
            user,
            crate::model::ObjectId(3),
            None,
            Timestamp(7),
        ))),
    ];
    World::default().after(&changes)
}

fn worlds() -> impl Strategy<Value = World> {
    const KEYS: &[TemplateKey] = &[TemplateKey::Line, TemplateKey::SpeedDial, TemplateKey::None];
    (
        parameters(),
        mlpp(),
        profile(),
        vec(one_of(KEYS), 0..5),
        any::<bool>(),
    )
        .prop_map(|(parameters, pool, profile, keys, flag)| {
            world(parameters, pool, profile, keys, flag)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_printed_is_what_is_stored(world in worlds()) {
        let text = export(&world);
        let file = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        // Whatever it says, a check ends.
        let _ = check(&file, &catalogue());
        let read = Normal::of_file(&file, &Credentials::new());
        prop_assert!(read == Normal::of_world(&world), "{}", text);
    }
}

#[test]
fn what_is_printed_and_applied_elsewhere_is_the_same_site() {
    const CASES: u32 = 96;
    let applied = std::cell::Cell::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(CASES));
    let outcome = runner.run(&worlds(), |world| {
        let text = export(&world);
        let file = parse(&text).unwrap();
        let findings = check(&file, &catalogue());
        if findings.iter().any(|f| f.severity == Severity::Error) {
            return Ok(());
        }
        applied.set(applied.get() + 1);
        runtime.block_on(async {
            let bench = Bench::default();
            bench.apply(&text).await;
            prop_assert_eq!(export(&bench.store.world()), text.clone());
            let again = bench.apply(&text).await;
            prop_assert!(
                again.changes_nothing() && again.drift.is_empty(),
                "{}",
                again
            );
            Ok(())
        })
    });
    outcome.unwrap();
    assert!(
        applied.get() > CASES / 4,
        "most sites are sound: {applied:?}"
    );
}
