//! What holds for the keys of any phone, whatever is configured.
#![allow(clippy::unwrap_used)]

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::model::{ButtonOrder, DirectoryNumber, ObjectName};

fn number(text: &str) -> DirectoryNumber {
    DirectoryNumber::new(text).unwrap()
}

fn line(text: &str) -> Line {
    Line::new(number(text))
}

fn dial(text: &str) -> SpeedDial {
    SpeedDial::new(number(text))
}

/// A phone as configured: what its keys are, and what is to be on them.
#[derive(Clone, Debug)]
struct Phone {
    own: Key,
    modules: Key,
    expected: (Key, Key),
    template: Option<Vec<TemplateKey>>,
    order: ButtonOrder,
    sip: bool,
    lines: Vec<Line>,
    dials: Vec<SpeedDial>,
    emergency: Vec<SpeedDial>,
}

impl Phone {
    fn of(own: Key, lines: &[&str], dials: &[&str], emergency: &[&str]) -> Self {
        Self {
            own,
            modules: 0,
            expected: (own, 0),
            template: None,
            order: ButtonOrder::AsConfigured,
            sip: false,
            lines: lines.iter().map(|it| line(it)).collect(),
            dials: dials.iter().map(|it| dial(it)).collect(),
            emergency: emergency.iter().map(|it| dial(it)).collect(),
        }
    }

    fn plan(&self) -> ButtonPlan {
        let room = KeyRoom {
            modules: self.modules,
            expected: self.expected,
            template: self.template.as_deref(),
            order: self.order,
            one_number_a_key: self.sip,
            ..KeyRoom::of(self.own)
        };
        button_plan(
            &room,
            KeyWishes {
                lines: self.lines.iter().map(Cow::Borrowed).collect(),
                speed_dials: self.dials.iter().collect(),
                emergency: self.emergency.iter().collect(),
                placeholder: "Sign in",
            },
        )
    }

    fn total(&self) -> u16 {
        u16::from(self.own.max(1)) + u16::from(self.modules)
    }
}

fn shown(plan: &ButtonPlan) -> Vec<(u8, &str)> {
    plan.buttons
        .iter()
        .map(|button| (button.key, button.kind.label()))
        .collect()
}

#[test]
fn emergency_entries_sit_on_the_last_keys_before_and_after_a_login() {
    let bare = Phone::of(6, &[], &[], &["911"]).plan();
    let busy = Phone::of(6, &["2001", "2002"], &["1", "2", "3", "4"], &["911"]).plan();
    assert_eq!(shown(&bare), [(1, "Sign in"), (6, "911")]);
    assert_eq!(shown(&busy).last(), Some(&(6, "911")));
    assert_eq!(busy.left_out.len(), 1);
    assert_eq!(
        busy.left_out[0].to_string(),
        "speed dial 4 has no key: all 6 are taken"
    );
}

#[test]
fn on_one_key_the_first_line_wins_and_emergency_lives_in_services() {
    let plan = Phone::of(1, &["2001", "2002"], &[], &["911"]).plan();
    assert_eq!(shown(&plan), [(1, "2001")]);
    assert_eq!(plan.emergency_in_services, [dial("911")]);
    assert_eq!(
        plan.left_out[0].to_string(),
        "line 2002 has no key: the only one is taken"
    );
}

#[test]
fn two_keys_hold_one_line_and_one_emergency_entry() {
    let plan = Phone::of(2, &["2001", "2002"], &[], &["911", "112"]).plan();
    assert_eq!(shown(&plan), [(1, "2001"), (2, "911")]);
    assert_eq!(plan.emergency_in_services, [dial("112")]);
    assert_eq!(plan.left_out[0].reason, LeftOutReason::KeysTaken(2));
}

#[test]
fn six_keys_keep_emergency_off_the_modules_which_a_login_may_take_away() {
    let mut phone = Phone::of(6, &["2001"], &[], &["911", "112"]);
    let alone = phone.plan();
    phone.modules = 14;
    phone.dials = (1..=9).map(|it| dial(&it.to_string())).collect();
    let with_module = phone.plan();
    assert_eq!(shown(&alone), [(1, "2001"), (5, "911"), (6, "112")]);
    assert_eq!(shown(&with_module)[4..6], [(5, "911"), (6, "112")]);
    assert_eq!(shown(&with_module)[6], (7, "4"), "on the module");
    assert_eq!(with_module.left_out, []);
    // Phones ask for speed dial 1, 2, .. by the place of the key.
    let counted: Vec<u8> = with_module.buttons[1..].iter().map(index).collect();
    assert_eq!(counted, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
}

#[test]
fn the_same_number_is_a_line_once_but_for_another_partition() {
    let mut phone = Phone::of(6, &["2001", "2001", "2001"], &[], &[]);
    phone.lines[2].partition = Some(ObjectName::new("Branch").unwrap());
    let plan = phone.plan();
    assert_eq!(shown(&plan), [(1, "2001"), (2, "2001")]);
    assert_eq!(
        plan.left_out[0].to_string(),
        "line 2001 stands there twice and has one key"
    );
}

#[test]
fn a_mask_makes_the_full_number() {
    let full = |number: &str, mask: &str| {
        let mut line = line(number);
        line.external_number_mask = Some(mask.to_owned());
        line.full_number().unwrap()
    };
    assert_eq!(full("1003", "816555XXXX"), "8165551003");
    assert_eq!(full("1003", "+49 30 XX"), "+49 30 03", "the last digits");
    assert_eq!(full("12", "555XXXX"), "55512", "what there is");
    assert_eq!(full("12", "5550000"), "5550000", "one number for all");
}

fn index(button: &Button) -> u8 {
    match &button.kind {
        ButtonKind::Line { index, .. } | ButtonKind::SpeedDial { index, .. } => *index,
    }
}

fn any_number() -> impl Strategy<Value = DirectoryNumber> {
    (1u32..40).prop_map(|it| number(&it.to_string()))
}

fn any_line() -> impl Strategy<Value = Line> {
    let rings = select(vec![
        Ring::Normal,
        Ring::Silent,
        Ring::Beep,
        Ring::Feature,
        Ring::Monitor,
        Ring::Overlay,
        Ring::CwOverlay,
    ]);
    (any_number(), rings, vec(any_number(), 0..3)).prop_map(|(number, ring, overlaid)| Line {
        ring,
        overlaid,
        ..Line::new(number)
    })
}

fn any_dial() -> impl Strategy<Value = SpeedDial> {
    (any_number(), any::<bool>()).prop_map(|(number, blf)| SpeedDial {
        blf,
        ..SpeedDial::new(number)
    })
}

fn any_phone() -> impl Strategy<Value = Phone> {
    let usage = select(vec![
        TemplateKey::Line,
        TemplateKey::SpeedDial,
        TemplateKey::None,
    ]);
    let few = prop_oneof![0..8u8, Just(255)];
    let modules = prop_oneof![Just(0u8), 0..30u8, Just(255)];
    (
        (few.clone(), modules.clone(), (few, modules)),
        proptest::option::of(vec(usage, 0..40)),
        any::<[bool; 2]>(),
        vec(any_line(), 0..12),
        vec(any_dial(), 0..12),
        vec(any_number().prop_map(SpeedDial::new), 0..5),
    )
        .prop_map(
            |((own, modules, expected), template, [cme, sip], lines, dials, emergency)| Phone {
                own,
                modules,
                expected,
                template,
                order: if cme {
                    ButtonOrder::Cme
                } else {
                    ButtonOrder::AsConfigured
                },
                sip,
                lines,
                dials,
                emergency,
            },
        )
}

/// Kind and number of everything that was wished for, and of all that came of
/// it, each in order.
fn account(phone: &Phone, plan: &ButtonPlan) -> [Vec<(LeftOutKind, DirectoryNumber)>; 2] {
    let mut wished = Vec::new();
    for line in &phone.lines {
        wished.push((LeftOutKind::Line, line.number.clone()));
        let overlaid = line.overlaid.iter().cloned();
        wished.extend(overlaid.map(|number| (LeftOutKind::Overlaid, number)));
    }
    let dials = phone.dials.iter();
    wished.extend(dials.map(|dial| (LeftOutKind::SpeedDial, dial.number.clone())));
    let left = plan.left_out.iter();
    let mut found: Vec<_> = left.map(|it| (it.kind, it.number.clone())).collect();
    for button in &plan.buttons {
        match &button.kind {
            ButtonKind::Line {
                number, overlaid, ..
            } => {
                found.extend(number.clone().map(|number| (LeftOutKind::Line, number)));
                let overlaid = overlaid.iter().cloned();
                found.extend(overlaid.map(|number| (LeftOutKind::Overlaid, number)));
            }
            ButtonKind::SpeedDial {
                number,
                emergency: false,
                ..
            } => found.push((LeftOutKind::SpeedDial, number.clone())),
            ButtonKind::SpeedDial { .. } => {}
        }
    }
    wished.sort();
    found.sort();
    [wished, found]
}

fn emergency_keys(plan: &ButtonPlan) -> Vec<(Key, DirectoryNumber)> {
    plan.buttons
        .iter()
        .filter_map(|button| match &button.kind {
            ButtonKind::SpeedDial {
                number,
                emergency: true,
                ..
            } => Some((button.key, number.clone())),
            _ => None,
        })
        .collect()
}

/// `SIP<MAC>.cnf` of 7940 and 7960 has lines and speed dials, and no keys.
#[test]
fn where_a_load_names_no_keys_speed_dials_sit_behind_the_lines() {
    let phone = Phone::of(6, &["1001", "1002"], &["2001"], &["112"]);
    let room = KeyRoom {
        packed: true,
        ..KeyRoom::of(6)
    };
    let plan = |lines: &[Line]| {
        let plan = button_plan(
            &room,
            KeyWishes {
                lines: lines.iter().map(Cow::Borrowed).collect(),
                speed_dials: phone.dials.iter().collect(),
                emergency: phone.emergency.iter().collect(),
                placeholder: "Sign in",
            },
        );
        let keys = plan.buttons.iter().map(|button| match &button.kind {
            ButtonKind::Line { number, .. } => {
                (button.key, number.as_ref().map(ToString::to_string))
            }
            ButtonKind::SpeedDial { number, .. } => (button.key, Some(number.to_string())),
        });
        (keys.collect::<Vec<_>>(), plan.left_out.len())
    };
    let told = |keys: &[(Key, &str)]| -> Vec<(Key, Option<String>)> {
        let key = |(key, number): &(Key, &str)| (*key, Some((*number).to_owned()));
        keys.iter().map(key).collect()
    };
    let keys = [(1, "1001"), (2, "1002"), (3, "2001"), (4, "112")];
    assert_eq!(plan(&phone.lines), (told(&keys), 0));
    // The emergency entry goes before what else there is.
    let many: Vec<Line> = (1..=7).map(|it| line(&format!("100{it}"))).collect();
    let (keys, left_out) = plan(&many);
    assert_eq!(keys.len(), 6);
    assert_eq!(keys[5], (6, Some("112".to_owned())));
    assert_eq!(left_out, 3, "two lines and the speed dial");
}

proptest! {
    #[test]
    fn a_phone_has_a_line_on_its_first_key_and_no_key_twice(phone in any_phone()) {
        let plan = phone.plan();
        let first = &plan.buttons[0];
        let is_line = matches!(first.kind, ButtonKind::Line { index: 1, .. });
        prop_assert!(first.key == 1 && is_line, "{:?}", first);
        for pair in plan.buttons.windows(2) {
            prop_assert!(pair[0].key < pair[1].key);
        }
        let last = plan.buttons.last().unwrap().key;
        prop_assert!(u16::from(last) <= phone.total());
    }

    #[test]
    fn every_number_has_one_place_or_is_told_as_left_out(phone in any_phone()) {
        let [wished, found] = account(&phone, &phone.plan());
        prop_assert_eq!(wished, found);
    }

    #[test]
    fn emergency_entries_keep_their_keys_whatever_else_there_is(phone in any_phone()) {
        let plan = phone.plan();
        let bare = Phone { emergency: phone.emergency.clone(), ..Phone::of(phone.own, &[], &[], &[]) };
        let keys = emergency_keys(&plan);
        prop_assert_eq!(&keys, &emergency_keys(&bare.plan()));
        prop_assert!(keys.iter().all(|(key, _)| *key > 1 && *key <= phone.own));
        let placed = keys.into_iter().map(|(_, number)| number);
        let all: Vec<_> = placed.chain(plan.emergency_in_services.into_iter().map(|it| it.number)).collect();
        let wished: Vec<_> = phone.emergency.iter().map(|it| it.number.clone()).collect();
        prop_assert_eq!(all, wished);
    }

    #[test]
    fn keys_of_a_kind_are_counted_in_their_order(phone in any_phone()) {
        let plan = phone.plan();
        let of = |wanted: fn(&ButtonKind) -> bool| -> Vec<u8> {
            plan.buttons.iter().filter(|button| wanted(&button.kind)).map(index).collect()
        };
        for indexes in [
            of(|kind| matches!(kind, ButtonKind::Line { .. })),
            of(|kind| matches!(kind, ButtonKind::SpeedDial { blf: false, .. })),
            of(|kind| matches!(kind, ButtonKind::SpeedDial { blf: true, .. })),
        ] {
            let counted: Vec<u8> = (1..).take(indexes.len()).collect();
            prop_assert_eq!(indexes, counted);
        }
    }

    #[test]
    fn a_template_is_obeyed_but_for_the_first_key(phone in any_phone()) {
        let plan = phone.plan();
        if let Some(template) = &phone.template {
            for button in &plan.buttons[1..] {
                let usage = template.get(usize::from(button.key) - 1);
                match &button.kind {
                    ButtonKind::Line { .. } => prop_assert_eq!(usage, Some(&TemplateKey::Line)),
                    ButtonKind::SpeedDial { emergency: false, .. } => {
                        prop_assert_eq!(usage, Some(&TemplateKey::SpeedDial));
                    }
                    ButtonKind::SpeedDial { .. } => {}
                }
            }
        }
    }
}
