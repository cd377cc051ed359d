//! What a phone holds, and what is still to be done about it.

use serde::{Deserialize, Serialize};

use super::{FileOrder, ObjectId, Parameters, PhoneModel, Stamp, Timestamp, UserId, Wanted};

/// How long a change may take before `status` calls it overdue.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(300);

/// The stamps of the file and station parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamps {
    /// Of the boot file.
    pub file: Stamp,
    /// Of what SCCP tells after it.
    pub station: Stamp,
}

/// What a phone holds; each part known or not. Unknown is never a reason to
/// act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The phone.
    pub phone: ObjectId,
    /// The file it booted from.
    pub file: Option<Stamp>,
    /// What it was told at its registration.
    pub station: Option<Stamp>,
    /// The node that saw it.
    pub node: String,
    /// When it was seen last to change.
    pub seen: Timestamp,
}

impl Held {
    /// Whether both parts are known to be the wanted ones.
    pub fn shows(&self, wanted: Stamps) -> bool {
        self.file == Some(wanted.file) && self.station == Some(wanted.station)
    }
}

/// What is sent to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// New labels, live.
    Refresh,
    /// Unregister, read the file, register.
    Restart,
    /// A full reboot.
    Reset,
}

impl std::fmt::Display for OrderKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refresh => "refresh",
            Self::Restart => "restart",
            Self::Reset => "reset",
        })
    }
}

/// The gentlest way to what is wanted, fixed when the change commits; ordered
/// from gentle to rough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// Nothing to tell: pages are made per request.
    Nothing,
    /// Labels are refreshed live.
    Refresh,
    /// A restart.
    Restart,
    /// A reset.
    Reset,
    /// A restart, and a reset once it has registered again and is idle.
    RestartThenReset,
}

impl Plan {
    /// The plan that leads a phone of `model` from `old` to `new`.
    ///
    /// A user locale or add-on modules that differ make the phone restart and
    /// then reset, because its file is built anew (Cisco, *Extension Mobility
    /// 4.1*, Login and Behavior); the service parameter `reset_on_locale_change`
    /// leaves it at what the family needs to read its file.
    pub fn between(
        old: &Wanted,
        new: &Wanted,
        model: &PhoneModel,
        parameters: &Parameters,
    ) -> Self {
        if old.stamps == new.stamps {
            return Self::Nothing;
        }
        let rebuilt = old.file.user_locale != new.file.user_locale
            || old.file.expansion_modules != new.file.expansion_modules;
        if rebuilt && parameters.reset_on_locale_change {
            return Self::RestartThenReset;
        }
        if old.stamps.file != new.stamps.file {
            let order = model.facts(new.protocol).map(|facts| facts.file_order);
            return match order {
                Some(FileOrder::Reset) => Self::Reset,
                Some(FileOrder::Restart) | None => Self::Restart,
            };
        }
        if model.redraws_labels && old.station.same_but_labels(&new.station) {
            return Self::Refresh;
        }
        Self::Restart
    }

    /// The order that begins this plan, or its second step.
    pub fn order(self, second_step: bool) -> Option<OrderKind> {
        match self {
            Self::Nothing => None,
            Self::Refresh => Some(OrderKind::Refresh),
            Self::RestartThenReset if second_step => Some(OrderKind::Reset),
            Self::Restart | Self::RestartThenReset => Some(OrderKind::Restart),
            Self::Reset => Some(OrderKind::Reset),
        }
    }
}

/// What closes a pending row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// A registration that shows the wanted stamps.
    Holds,
    /// The first new registration after the order (an operator's restart).
    CameBack,
}

/// Why a phone is to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Someone signed in.
    Login(UserId),
    /// Someone signed out, or was signed out.
    Logout(UserId),
    /// The configuration changed.
    Configuration,
    /// The operator ordered it.
    Operator,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Login(user) => write!(f, "{user} signed in"),
            Self::Logout(user) => write!(f, "{user} signed out"),
            Self::Configuration => f.write_str("its configuration changed"),
            Self::Operator => f.write_str("the operator ordered it"),
        }
    }
}

/// How far a pending row has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// No order has left.
    Waiting,
    /// An order has left.
    Ordered {
        /// When.
        at: Timestamp,
        /// Whether the phone accepted it (SIP 200, SCCP Unregister).
        accepted: bool,
    },
    /// The phone came back with the old stamp, or three orders did not help:
    /// it is left alone until wanted changes, an operator commands, or it
    /// boots by itself.
    Refuses {
        /// Since when.
        at: Timestamp,
        /// What was seen, for the operator.
        why: String,
        /// Whether the phone accepted the last order and was not seen to obey
        /// any: it may have put it off, because it is in a call.
        #[serde(default)]
        put_off: bool,
    },
}

/// A change that is not yet seen on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The phone.
    pub phone: ObjectId,
    /// What it should show.
    pub wanted: Stamps,
    /// The way there.
    pub plan: Plan,
    /// What closes the row.
    pub aim: Aim,
    /// Whether the boot file is among what changed: then only a registration
    /// that shows the wanted file closes the row. Else what the phone was told
    /// over SCCP closes it, whatever file it holds: that one is unknown, or
    /// older than a template (*stale*) and no reason for an order.
    pub file_changed: bool,
    /// Why.
    pub cause: Cause,
    /// When the change committed.
    pub since: Timestamp,
    /// No order before this.
    pub not_before: Timestamp,
    /// After this, `status` calls it overdue. Deletes nothing.
    pub deadline: Timestamp,
    /// How many orders have left for it.
    pub attempts: u8,
    /// Whether the first step of [`Plan::RestartThenReset`] is done.
    pub second_step: bool,
    /// How far it has come.
    pub progress: Progress,
}

impl Pending {
    /// The most orders that leave for one row; an order that a SIP phone put
    /// off and forgot does not count, and the second step of
    /// [`Plan::RestartThenReset`] always has one left.
    pub const MAX_ATTEMPTS: u8 = 3;

    /// A fresh row, strict about the file: who knows that the file is not
    /// among what changed says so.
    pub fn new(
        wanted: &Wanted,
        plan: Plan,
        aim: Aim,
        cause: Cause,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Self {
        Self {
            phone: wanted.phone,
            wanted: wanted.stamps,
            plan,
            aim,
            file_changed: true,
            cause,
            since: now,
            not_before,
            deadline: now.plus(DEADLINE),
            attempts: 0,
            second_step: false,
            progress: Progress::Waiting,
        }
    }

    /// Whether an order for it has left.
    pub fn order_left(&self) -> bool {
        self.attempts > 0
    }

    /// Whether `file` is what this row wants. `today` is what is wanted by the
    /// templates and the load of today: they may have changed since the row was
    /// written, and a phone is right by either.
    pub fn wants_file(&self, file: Stamp, today: Stamps) -> bool {
        file == self.wanted.file || file == today.file
    }

    /// Whether `station` is what this row wants, or would be today.
    pub fn wants_station(&self, station: Stamp, today: Stamps) -> bool {
        station == self.wanted.station || station == today.station
    }

    /// Whether a phone that holds this file and was told this station part has
    /// what this row wants, or would want if it were written today.
    pub fn satisfied_by(&self, file: Option<Stamp>, station: Option<Stamp>, today: Stamps) -> bool {
        let file = file.is_some_and(|file| self.wants_file(file, today));
        let station = station.is_some_and(|station| self.wants_station(station, today));
        station && (file || !self.file_changed)
    }
}

/// What a change of wanted does to the phone's pending row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replan {
    /// Leave it as it is.
    Keep,
    /// This row now.
    Put(Box<Pending>),
    /// No row any more.
    Drop,
}

/// The pending row after wanted changed from `old` to `new`.
///
/// Two commits before the first order has left make one order, or none when
/// what is wanted is held again. What a phone holds is unknown from the moment
/// an order leaves until it registers again: until then nothing is dropped.
#[allow(clippy::too_many_arguments)]
pub fn replan(
    row: Option<&Pending>,
    held: Option<&Held>,
    old: &Wanted,
    new: &Wanted,
    model: &PhoneModel,
    parameters: &Parameters,
    cause: Cause,
    now: Timestamp,
    not_before: Timestamp,
) -> Replan {
    let step = Plan::between(old, new, model, parameters);
    if step == Plan::Nothing {
        return Replan::Keep;
    }
    if held.is_some_and(|held| held.shows(new.stamps)) {
        return if row.is_some() {
            Replan::Drop
        } else {
            Replan::Keep
        };
    }
    let plan = row.map_or(step, |row| row.plan.max(step));
    // The page that answers the phone's own request goes first, also when
    // somebody else changes something in the same moment.
    let not_before = row
        .filter(|row| matches!(row.cause, Cause::Login(_) | Cause::Logout(_)))
        .map_or(not_before, |row| row.not_before.max(not_before));
    let mut next = Pending::new(new, plan, Aim::Holds, cause, now, not_before);
    next.file_changed = old.stamps.file != new.stamps.file
        || row.is_some_and(|row| row.aim == Aim::Holds && row.file_changed);
    Replan::Put(Box::new(next))
}
