//! `voice logout-profile` and `voice user-profile`.

use std::collections::BTreeMap;

use super::Router;
use super::blocks::{self, Block, Mode};
use super::keys::{dial, labelled};
use super::phones::{Models, after};
use crate::model::{
    DirectoryNumber, Line, ModelName, Password, Pin, PinRules, ProfileName, Ring, UserId,
};
use crate::site::import::draft::{Draft, Drafted, bare_profile, bare_user, subscription};
use crate::site::import::keys::{Keys, Wish};

/// Idle minutes that can be configured (CME: *max-idle-time*).
const IDLE_MINUTES: std::ops::RangeInclusive<u16> = 1..=9999;

/// The name of a logout profile.
pub(super) fn logout_name(tag: u32) -> String {
    format!("logout-profile {tag}")
}

/// Reads the profiles.
pub(super) fn read(blocks: &[Block<'_>], router: &Router, models: &Models, draft: &mut Draft<'_>) {
    for block in blocks {
        match (block.mode, block.tag) {
            (Mode::LogoutProfile, Some(tag)) => {
                let model = models.of_logout_profile.get(&tag).or(models.most());
                profile(block, &logout_name(tag), model.cloned(), router, draft);
            }
            (Mode::UserProfile, Some(tag)) => {
                let name = format!("user-profile {tag}");
                profile(block, &name, models.most().cloned(), router, draft);
            }
            _ => {}
        }
    }
}

fn profile(
    block: &Block<'_>,
    name: &str,
    model: Option<ModelName>,
    router: &Router,
    draft: &mut Draft<'_>,
) {
    let at = block.place.line(block.line);
    let usual = draft.options.model.clone();
    let Some(model) = model
        .or(usual)
        .and_then(|model| draft.catalogue.model(&model))
    else {
        draft.note(
            &at,
            &format!("voice {name}"),
            "a profile is made for a model, and nobody can sign in on any phone here",
            "say one: --model MODEL",
        );
        return;
    };
    let Ok(profile_name) = ProfileName::new(name) else {
        return;
    };
    let mut made = bare_profile(profile_name.clone(), model.name.clone());
    let mut lines = Vec::new();
    let mut dials = BTreeMap::new();
    let mut user = None;
    for (line, command) in &block.commands {
        let place = block.place.line(*line);
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["user" | "username", id, "password", secret @ ..] => {
                user = Some((*line, *id, secret.to_vec()));
            }
            ["number", numbers, rest @ ..] => {
                let ring = match rest {
                    ["type", ring, ..] => ring_of(ring),
                    _ => Some(Ring::Normal),
                };
                if ring.is_none() {
                    draft.note(
                        &place,
                        "the type of a number",
                        "it is none that is known; the line rings as usual",
                        "write ring = \"..\" if it shall not",
                    );
                }
                match profile_line(numbers, ring.unwrap_or_default(), router) {
                    Some(wanted) => lines.push((*line, wanted)),
                    None => draft.note(
                        &place,
                        "a line without a number",
                        "a number has digits, *, #, + and A to D, at most 24",
                        "write the line by hand",
                    ),
                }
            }
            ["speed-dial", tag, ..] => {
                let rest = after(command, 2);
                dial(tag, rest, false, *line, &place, &mut dials, draft);
            }
            ["max-idle-time", minutes, ..] => {
                made.maximum_idle_time = minutes
                    .parse()
                    .ok()
                    .filter(|minutes| IDLE_MINUTES.contains(minutes));
            }
            ["pin", ..] => draft.note(
                &place,
                "the pin of a profile",
                "it lifts the router's block after hours, and nobody signs in with it",
                "nothing",
            ),
            [word, ..] => blocks::not_carried(block, *line, word, draft),
            [] => {}
        }
    }
    let mut keys = Keys::default();
    let dials = dials.into_values();
    let wishes = lines
        .into_iter()
        .map(|(line, wanted)| (line, Wish::Line(Box::new(wanted))))
        .chain(dials.map(|(line, wanted)| (line, Wish::Dial(wanted))));
    for (line, wish) in wishes {
        keys.push(line, wish);
    }
    // CME lays the keys of profiles by their kind, as the site then does: no
    // template of theirs.
    let mut settled = keys.settle(draft, &at, name, None);
    made.line = std::mem::take(&mut settled.lines);
    made.speed_dial = settled.dials;
    made.service = router.services.iter().cloned().map(subscription).collect();
    draft.profiles.push(Drafted {
        at: at.clone(),
        value: made,
    });
    match (block.mode, user) {
        (Mode::UserProfile, Some((line, id, secret))) => {
            person(block, line, id, &secret, profile_name, draft);
        }
        (Mode::UserProfile, None) => draft.note(
            &at,
            &format!("voice {name}"),
            "it has no user, so nobody can sign in with it",
            "make a [[user]] who has it",
        ),
        (_, Some((line, ..))) => draft.note(
            &block.place.line(line),
            "the user of a logout profile",
            "programs use it to reach a phone at which nobody is signed in",
            "make an [[application_user]] for such a program",
        ),
        _ => {}
    }
}

/// Whoever signs in with a profile: in CME by name and password. A password of
/// digits is also what he keyed in at the phone, and becomes his PIN.
fn person(
    block: &Block<'_>,
    line: usize,
    id: &str,
    secret: &[&str],
    profile: ProfileName,
    draft: &mut Draft<'_>,
) {
    let at = block.place.line(line);
    let Ok(id) = UserId::new(id) else {
        draft.note(
            &at,
            "the user of a profile",
            "his name cannot be a user id",
            "make a [[user]] by hand",
        );
        return;
    };
    let mut user = bare_user(id.clone());
    user.profiles = vec![profile];
    let plain = match secret {
        ["6", ..] => None,
        ["0", plain] | [plain] => Some(*plain),
        _ => None,
    };
    match plain {
        Some(plain) => {
            user.password = Some(Password::new(plain));
            let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
            let least = usize::from(draft.parameters.minimum_pin_length);
            if digits && (least..=usize::from(PinRules::LONGEST)).contains(&plain.len()) {
                user.pin = Some(Pin::new(plain));
            } else {
                draft.note(
                    &at,
                    &format!("PIN of user {id}"),
                    "the form on the phone takes a PIN of 5 or more digits, and his CME password \
                     is none; it is his password here",
                    "give him a PIN: pin = \"..\" in his [[user]]",
                );
            }
        }
        None => draft.note(
            &at,
            &format!("password of user {id}"),
            "the router keeps it encrypted, or it is empty",
            "give him a PIN: pin = \"..\" in his [[user]]",
        ),
    }
    draft.users.push(Drafted { at, value: user });
}

fn ring_of(word: &str) -> Option<Ring> {
    match word {
        "normal" => Some(Ring::Normal),
        "silent-ring" | "silent" => Some(Ring::Silent),
        "beep-ring" | "beep" => Some(Ring::Beep),
        "feature-ring" | "feature" => Some(Ring::Feature),
        "monitor-ring" | "monitor" => Some(Ring::Monitor),
        "overlay" => Some(Ring::Overlay),
        // CME's samples spell it so.
        "cw-overly" | "cw-overlay" => Some(Ring::CwOverlay),
        _ => None,
    }
}

/// `3005,3006`: the first number, the others overlaid; its label is that of
/// the directory number.
fn profile_line(numbers: &str, ring: Ring, router: &Router) -> Option<Line> {
    let all: Option<Vec<DirectoryNumber>> = numbers
        .split(',')
        .map(|number| DirectoryNumber::new(number).ok())
        .collect();
    let mut all = all?.into_iter();
    let number = all.next()?;
    let line = match router.by_number.get(number.as_str()) {
        Some(dn) => labelled(number, dn),
        None => Line::new(number),
    };
    Some(Line {
        overlaid: all.collect(),
        ring,
        ..line
    })
}
