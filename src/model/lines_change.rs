//! How the numbers of a phone change.

use serde::{Deserialize, Serialize};

use super::{ButtonKind, DirectoryNumber, Wanted};

/// The numbers of a phone before and after, in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesChange {
    /// Before.
    pub old: Vec<DirectoryNumber>,
    /// After.
    pub new: Vec<DirectoryNumber>,
}

impl LinesChange {
    /// What changes from one wanted state of a phone to another; `None`: its
    /// numbers stay.
    pub fn between(old: &Wanted, new: &Wanted) -> Option<Self> {
        let change = Self {
            old: numbers(old),
            new: numbers(new),
        };
        (change.old != change.new).then_some(change)
    }
}

fn numbers(wanted: &Wanted) -> Vec<DirectoryNumber> {
    let buttons = wanted.buttons().iter();
    buttons
        .filter_map(|button| match &button.kind {
            ButtonKind::Line { number, .. } => number.clone(),
            ButtonKind::SpeedDial { .. } => None,
        })
        .collect()
}
