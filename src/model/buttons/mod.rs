//! Lines, speed dials, services, and how they come onto the keys of a phone.
//!
//! `line` and `speed_dial` are what is configured, `template` what keys are
//! for, `key` what is on a key in the end, `plan` the way from one to the
//! other, and `left_out` what found no key, in words.

mod key;
mod left_out;
mod line;
mod plan;
mod speed_dial;
mod template;

#[cfg(test)]
mod tests;

pub use key::{Button, ButtonKind, Key, LineSettings};
pub use left_out::{LeftOut, LeftOutKind, LeftOutReason};
pub use line::{ForwardedCallDisplay, LampPolicy, Line, Ring, RingSetting};
pub use plan::{ButtonPlan, KeyRoom, KeyWishes, button_plan};
pub use speed_dial::{ServiceSubscription, SpeedDial};
pub use template::{ButtonTemplate, TemplateKey};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
