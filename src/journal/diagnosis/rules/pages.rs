//! Traps of a phone that works: its clock, and its pages.

use super::Scene;
use crate::journal::diagnosis::finding::{Finding, Gravity, Rule};
use crate::journal::trail::Mark;
use crate::journal::words::ago;
use crate::ports::Sign;

/// People look at a form and walk away; so often they do not.
const FORMS: u32 = 3;

pub(super) fn clock_off(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.recently(Sign::ClockOff)?;
    Some(Finding::new(
        (Rule::ClockOff, Gravity::Hint),
        format!("The clock of {} is {}.", scene.who, seen.detail),
        "It does not take our time, or takes another's: times on its display and in its lists \
         of calls are wrong, and certificates may count as not valid.",
        "Check the NTP servers of its device pool, and the clock of this host: `timedatectl`.",
    ))
}

pub(super) fn awaits_approval(scene: &Scene<'_>) -> Option<Finding> {
    let phone = scene.evidence?.phone.as_ref()?;
    let auto = phone.auto_registered.as_ref().filter(|it| !it.approved)?;
    Some(Finding::new(
        (Rule::AwaitsApproval, Gravity::Hint),
        format!(
            "{} registered by itself {} from {} and waits for approval.",
            scene.who,
            ago(scene.now, auto.since),
            auto.address
        ),
        "It has a number of the pool. Nobody signs in there until it is approved.",
        format!(
            "`embody approve {0}`; or `embody refuse {0}`; or say at the phone which configured \
             phone it is: Services, Extension Assigner.",
            phone.name
        ),
    ))
}

pub(super) fn page_elsewhere(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.recently(Sign::PageElsewhere)?;
    Some(Finding::new(
        (Rule::PageElsewhere, Gravity::Hint),
        format!(
            "A page of {} was asked for {}: {}.",
            scene.who,
            scene.how_often(seen),
            seen.detail
        ),
        "Somebody uses the pages of this phone from elsewhere: a browser, a phone that holds \
         another's file, or a proxy between.",
        "If nobody of yours does it: `validate_ip_address` in [parameters] refuses it, and did \
         where it is set. If a phone is there: let it take its own file.",
    ))
}

pub(super) fn form_never_sent(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.recently(Sign::FormShown).filter(|seen| {
        seen.count >= FORMS && scene.not_since_first(Mark::Sign(Sign::FormSent), seen)
    })?;
    Some(Finding::new(
        (Rule::FormNeverSent, Gravity::Hint),
        format!(
            "The login form was shown at {} {}, and never came back.",
            scene.who,
            scene.how_often(seen)
        ),
        "Somebody tries, and Submit does not reach us: the address inside the form is another \
         than the one it was fetched from (`services_host`, `advertised_address`), or a proxy \
         is in the way. The display then says Host Not Found or HTTP Error.",
        "Press Submit at the phone and read its display; then compare the addresses with the one \
         in `embody why`. If it says nothing, people only look.",
    ))
}
