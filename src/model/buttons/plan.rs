//! From lines and speed dials to the keys of a phone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{
    Button, ButtonKind, Key, LeftOut, LeftOutKind, LeftOutReason, Line, LineSettings, Ring,
    SpeedDial, TemplateKey,
};
use crate::model::{ButtonOrder, DirectoryNumber};

/// What keys there are, and what they may be used for.
#[derive(Clone, Copy, Debug)]
pub struct KeyRoom<'a> {
    /// Keys on the phone itself.
    pub own: Key,
    /// Keys on the add-on modules in use.
    pub modules: Key,
    /// The keys that profile or template were made for, on the phone itself and
    /// on add-on modules: they tell why something found none.
    pub expected: (Key, Key),
    /// What each key is for; absent: `order` says it.
    pub template: Option<&'a [TemplateKey]>,
    /// How lines and speed dials follow one another without a template.
    pub order: ButtonOrder,
    /// Whether a key takes one number only (SIP).
    pub one_number_a_key: bool,
    /// Whether the keys have lamps that show whether a number is in a call.
    pub busy_lamps: bool,
    /// The most calls on one line.
    pub most_calls: u8,
    /// Whether the phone puts speed dials on the keys behind its lines, whatever
    /// it is told (SIP loads that read no keys).
    pub packed: bool,
}

impl KeyRoom<'_> {
    /// A phone of so many keys, everything else as usual.
    pub fn of(own: Key) -> Self {
        Self {
            own,
            modules: 0,
            expected: (own, 0),
            template: None,
            order: ButtonOrder::AsConfigured,
            one_number_a_key: false,
            busy_lamps: true,
            most_calls: u8::MAX,
            packed: false,
        }
    }

    fn own(&self) -> Key {
        self.own.max(1)
    }

    fn total(&self) -> Key {
        self.own().saturating_add(self.modules)
    }

    /// The last key that there would be on what was expected.
    fn expected_end(&self) -> Key {
        self.expected.0.saturating_add(self.expected.1)
    }
}

/// What would have a key.
#[derive(Clone, Debug, Default)]
pub struct KeyWishes<'a> {
    /// The lines, in order.
    pub lines: Vec<Cow<'a, Line>>,
    /// The speed dials, in order.
    pub speed_dials: Vec<&'a SpeedDial>,
    /// The phone's own emergency entries.
    pub emergency: Vec<&'a SpeedDial>,
    /// The label of the line that a phone without any gets.
    pub placeholder: &'a str,
}

/// The keys of a phone, and what found no key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ButtonPlan {
    /// The keys in use, in order of key.
    pub buttons: Vec<Button>,
    /// Emergency entries without a key: they live in the Services page.
    pub emergency_in_services: Vec<SpeedDial>,
    /// Lines and speed dials that did not fit.
    pub left_out: Vec<LeftOut>,
    /// The first line, where it is one that only shows the state of another
    /// phone: nobody can call from it.
    pub monitored_first: Option<DirectoryNumber>,
}

/// Lays lines and speed dials onto the keys of a phone.
///
/// The phone's own emergency entries take its last keys, the same before and
/// after a login, but never the first key, which is the user's first line; nor
/// keys of modules, which a login may take away. Surplus lines and speed dials
/// are ignored (CME: *Extension Mobility*, button appearance). A phone without
/// any line gets a placeholder line. On a phone that packs its keys emergency
/// entries are the last ones, wherever that is.
pub fn button_plan(room: &KeyRoom<'_>, wishes: KeyWishes<'_>) -> ButtonPlan {
    let KeyWishes {
        mut lines,
        speed_dials,
        emergency,
        placeholder,
    } = wishes;
    if room.template.is_none() && room.order == ButtonOrder::Cme {
        lines.sort_by_key(|line| line.ring.key_class());
    }
    let reserved = emergency.len().min(usize::from(room.own()) - 1);
    let (on_keys, in_services) = emergency.split_at(reserved);
    let mut layout = Layout::new(room, count(reserved));
    if lines.is_empty() {
        layout.placeholder(placeholder);
    }
    for line in &lines {
        layout.line(line);
    }
    for dial in speed_dials {
        layout.speed_dial(dial);
    }
    layout.emergency(on_keys);
    let monitored_first = lines
        .first()
        .filter(|line| line.ring == Ring::Monitor)
        .map(|line| line.number.clone());
    ButtonPlan {
        buttons: if room.packed {
            packed(layout.buttons)
        } else {
            numbered(layout.buttons)
        },
        emergency_in_services: in_services.iter().map(|dial| (*dial).clone()).collect(),
        left_out: layout.left_out,
        monitored_first,
    }
}

/// Where the next line and the next speed dial may sit.
struct Layout<'a> {
    room: &'a KeyRoom<'a>,
    /// The last of the phone's own keys that emergency entries leave free.
    last_free: Key,
    /// The last key that was given away; with a template one for each kind.
    lines_up_to: Key,
    dials_up_to: Key,
    buttons: BTreeMap<Key, ButtonKind>,
    lines: Vec<&'a Line>,
    left_out: Vec<LeftOut>,
}

impl<'a> Layout<'a> {
    fn new(room: &'a KeyRoom<'a>, reserved: Key) -> Self {
        Self {
            room,
            last_free: room.own().saturating_sub(reserved).max(1),
            lines_up_to: 0,
            dials_up_to: 0,
            buttons: BTreeMap::new(),
            lines: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Whether emergency entries leave it alone.
    fn is_free(&self, key: Key) -> bool {
        key <= self.last_free || key > self.room.own()
    }

    /// The next key for this use, on the phone or on a module.
    fn next(&mut self, usage: TemplateKey) -> Result<Key, LeftOutReason> {
        let room = self.room;
        let after = match (room.template, usage) {
            (Some(_), TemplateKey::SpeedDial) => self.dials_up_to,
            _ => self.lines_up_to,
        };
        let end = match room.template {
            Some(keys) => count(keys.len()).max(1),
            None => room.total().max(room.expected_end()),
        };
        let found = (after..end)
            .map(|before| before + 1)
            .find(|key| self.is_free(*key) && is_for(room.template, *key, usage));
        let key = match found {
            Some(key) if key <= room.total() => key,
            Some(key) if key > room.expected.0 => return Err(LeftOutReason::Module),
            None if room.template.is_some() => return Err(LeftOutReason::Template),
            Some(_) | None => return Err(LeftOutReason::KeysTaken(room.total())),
        };
        match (room.template, usage) {
            (Some(_), TemplateKey::SpeedDial) => self.dials_up_to = key,
            _ => self.lines_up_to = key,
        }
        Ok(key)
    }

    fn placeholder(&mut self, label: &str) {
        if let Ok(key) = self.next(TemplateKey::Line) {
            let placeholder = ButtonKind::Line {
                index: 0,
                number: None,
                overlaid: Vec::new(),
                label: label.to_owned(),
                display_name: label.to_owned(),
                ring: Ring::Normal,
                settings: LineSettings::default(),
            };
            self.buttons.insert(key, placeholder);
        }
    }

    fn line(&mut self, line: &'a Line) {
        // The same number in another partition is another line.
        let is_there =
            |placed: &&Line| placed.number == line.number && placed.partition == line.partition;
        let key = if self.lines.iter().any(is_there) {
            Err(LeftOutReason::Duplicate)
        } else {
            self.next(TemplateKey::Line)
        };
        match key {
            Ok(key) => {
                let kind = self.on_key(line);
                self.buttons.insert(key, kind);
                self.lines.push(line);
            }
            Err(reason) => {
                self.leave_out(LeftOutKind::Line, &line.number, reason);
                for number in &line.overlaid {
                    self.leave_out(LeftOutKind::Overlaid, number, reason);
                }
            }
        }
    }

    /// A line as its key has it.
    fn on_key(&mut self, line: &Line) -> ButtonKind {
        let mut overlaid: Vec<DirectoryNumber> = Vec::new();
        for number in &line.overlaid {
            let reason = if *number == line.number || overlaid.contains(number) {
                LeftOutReason::Duplicate
            } else if self.room.one_number_a_key {
                LeftOutReason::OneNumberAKey
            } else {
                overlaid.push(number.clone());
                continue;
            };
            self.leave_out(LeftOutKind::Overlaid, number, reason);
        }
        let number = line.number.as_str();
        let or_number = |text: &Option<String>| text.as_deref().unwrap_or(number).to_owned();
        ButtonKind::Line {
            index: 0,
            number: Some(line.number.clone()),
            overlaid,
            label: or_number(&line.label),
            display_name: or_number(&line.display_name),
            ring: line.ring,
            settings: LineSettings::of(line, self.room.most_calls),
        }
    }

    fn speed_dial(&mut self, dial: &SpeedDial) {
        match self.next(TemplateKey::SpeedDial) {
            Ok(key) => {
                let blf = dial.blf && self.room.busy_lamps;
                self.buttons.insert(key, speed_dial(dial, false, blf));
            }
            Err(reason) => self.leave_out(LeftOutKind::SpeedDial, &dial.number, reason),
        }
    }

    /// The phone's own entries, on the keys that were kept for them.
    fn emergency(&mut self, dials: &[&SpeedDial]) {
        for (before, dial) in (self.last_free..self.room.own()).zip(dials) {
            self.buttons
                .insert(before + 1, speed_dial(dial, true, false));
        }
    }

    fn leave_out(&mut self, kind: LeftOutKind, number: &DirectoryNumber, reason: LeftOutReason) {
        self.left_out.push(LeftOut {
            kind,
            number: number.clone(),
            reason,
        });
    }
}

/// Whether a key may be used so. The first key is a line in any case.
fn is_for(template: Option<&[TemplateKey]>, key: Key, usage: TemplateKey) -> bool {
    match template {
        None => true,
        Some(_) if key == 1 => usage == TemplateKey::Line,
        Some(keys) => keys.get(usize::from(key) - 1) == Some(&usage),
    }
}

fn speed_dial(dial: &SpeedDial, emergency: bool, blf: bool) -> ButtonKind {
    ButtonKind::SpeedDial {
        index: 0,
        number: dial.number.clone(),
        label: dial
            .label
            .clone()
            .unwrap_or_else(|| dial.number.to_string()),
        emergency,
        blf,
    }
}

/// The keys in order, each counted among its kind: phones ask for line 1, 2,
/// .. and for speed dial 1, 2, .. by the place of the key.
fn numbered(keys: BTreeMap<Key, ButtonKind>) -> Vec<Button> {
    let [mut lines, mut dials, mut lamps] = [0u8; 3];
    keys.into_iter()
        .map(|(key, mut kind)| {
            let counter = match &kind {
                ButtonKind::Line { .. } => &mut lines,
                ButtonKind::SpeedDial { blf: false, .. } => &mut dials,
                ButtonKind::SpeedDial { blf: true, .. } => &mut lamps,
            };
            *counter = counter.saturating_add(1);
            kind.set_index(*counter);
            Button { key, kind }
        })
        .collect()
}

/// The lines, and the speed dials on the keys behind them.
fn packed(keys: BTreeMap<Key, ButtonKind>) -> Vec<Button> {
    let is_line = |kind: &ButtonKind| matches!(kind, ButtonKind::Line { .. });
    let (lines, dials): (Vec<_>, Vec<_>) = keys.into_values().partition(is_line);
    numbered((1..).zip(lines.into_iter().chain(dials)).collect())
}

fn count(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
