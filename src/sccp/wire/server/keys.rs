//! Buttons and soft keys. All three messages are tables of fixed size with a header of
//! offset, entries in this message, and entries in all.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::number::{ButtonType, SoftKeyEvent};
use crate::sccp::wire::text::Text;

/// A button of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    /// Which one of its type, counted from 1 for each type; not its position.
    pub instance: u8,
    /// What it is; one byte on the wire.
    pub kind: ButtonType,
}

impl Button {
    /// A button that does nothing. Anything else in its place makes a 79xx draw a key
    /// that it does not know.
    pub const UNUSED: Self = Self {
        instance: 0,
        kind: ButtonType::UNDEFINED,
    };
}

/// The buttons of the phone, in the order of their positions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ButtonTemplate {
    /// Position of the first button of this message, from 0.
    pub offset: u32,
    /// Buttons in all messages together.
    pub total: u32,
    /// The buttons of this message, [`Self::SLOTS`] at most.
    pub buttons: Vec<Button>,
}

impl ButtonTemplate {
    /// Buttons that a message has room for. The message always has this size; what is
    /// left over is filled with [`Button::UNUSED`], as CallManager does.
    pub const SLOTS: usize = 42;

    /// The messages that carry these buttons: one, or two for a phone with many
    /// buttons on expansion modules.
    pub fn of(buttons: &[Button]) -> Vec<Self> {
        let template = |offset: usize, buttons: &[Button]| Self {
            offset: offset as u32,
            total: 0,
            buttons: buttons.to_vec(),
        };
        let mut messages: Vec<_> = buttons
            .chunks(Self::SLOTS)
            .enumerate()
            .map(|(index, buttons)| template(index * Self::SLOTS, buttons))
            .collect();
        if messages.is_empty() {
            messages.push(template(0, &[]));
        }
        for message in &mut messages {
            message.total = buttons.len() as u32;
        }
        messages
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let head = Head::read(r);
        let count = head.count.min(r.rest().len() / 2);
        Self {
            offset: head.offset,
            total: head.total,
            buttons: (0..count)
                .map(|_| Button {
                    instance: r.u8().unwrap_or_default(),
                    kind: ButtonType(r.u8().unwrap_or_default().into()),
                })
                .collect(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let count = self.buttons.len().min(Self::SLOTS);
        w.words([self.offset, count as u32, self.total]);
        let unused = std::iter::repeat(&Button::UNUSED);
        for button in self.buttons.iter().chain(unused).take(Self::SLOTS) {
            w.u8(button.instance);
            w.u8(u8::try_from(button.kind.0).unwrap_or(u8::MAX));
        }
        MessageId::BUTTON_TEMPLATE
    }
}

/// A soft key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftKey {
    /// What it says: 15 characters, or a phrase of the phone's own.
    pub label: Text,
    /// What the phone sends when it is pressed.
    pub event: SoftKeyEvent,
}

/// All soft keys that there are; sets name them by their position here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoftKeyTemplate {
    /// [`Self::SLOTS`] at most.
    pub keys: Vec<SoftKey>,
}

impl SoftKeyTemplate {
    /// Soft keys that the message has room for; it always has this size.
    pub const SLOTS: usize = 32;
    const LABEL: usize = 16;
    const SLOT: usize = Self::LABEL + 4;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let head = Head::read(r);
        let count = head.count.min(r.rest().len() / Self::SLOT);
        Self {
            keys: (0..count)
                .map(|_| SoftKey {
                    label: r.text(Self::LABEL),
                    event: r.number(),
                })
                .collect(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let count = self.keys.len().min(Self::SLOTS);
        w.words([0, count as u32, count as u32]);
        for key in self.keys.iter().take(count) {
            w.string(&key.label, Self::LABEL);
            w.word(key.event.0);
        }
        w.zeros((Self::SLOTS - count) * Self::SLOT);
        MessageId::SOFT_KEY_TEMPLATE
    }
}

/// A place in a set of soft keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyPlace {
    /// Position of the key in the template, from 1; 0 leaves the place blank.
    pub position: u8,
    /// The event that the template gives to that key; 0 for a blank place.
    pub event: SoftKeyEvent,
}

/// The soft keys shown in one state of the phone, left to right, then the next page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoftKeySet {
    /// [`Self::PLACES`] at most.
    pub places: Vec<KeyPlace>,
}

impl SoftKeySet {
    /// Places of a set.
    pub const PLACES: usize = 16;
}

/// The sets of soft keys; [`super::SelectSoftKeys`] names them by their index here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SoftKeySets {
    /// [`Self::SLOTS`] at most.
    pub sets: Vec<SoftKeySet>,
}

impl SoftKeySets {
    /// Sets that the message has room for; it always has this size.
    pub const SLOTS: usize = 16;
    const SLOT: usize = SoftKeySet::PLACES * 3;
    /// A key's second number is this plus its event.
    const INFO: u16 = 300;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let head = Head::read(r);
        let count = head.count.min(r.rest().len() / Self::SLOT);
        Self {
            sets: (0..count).map(|_| read_set(r)).collect(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        let count = self.sets.len().min(Self::SLOTS);
        w.words([0, count as u32, count as u32]);
        for set in self.sets.iter().take(count) {
            let places =
                || (0..SoftKeySet::PLACES).map(|i| set.places.get(i).copied().unwrap_or_default());
            for place in places() {
                w.u8(place.position);
            }
            for place in places() {
                w.u16(match u16::try_from(place.event.0) {
                    Ok(0) | Err(_) => 0,
                    Ok(event) => Self::INFO.saturating_add(event),
                });
            }
        }
        w.zeros((Self::SLOTS - count) * Self::SLOT);
        MessageId::SOFT_KEY_SET
    }
}

fn read_set(r: &mut Reader<'_>) -> SoftKeySet {
    let positions: [u8; SoftKeySet::PLACES] = r.array().unwrap_or_default();
    let mut places: Vec<_> = positions
        .into_iter()
        .map(|position| {
            let info = r.u16().unwrap_or_default();
            KeyPlace {
                position,
                event: SoftKeyEvent(info.saturating_sub(SoftKeySets::INFO).into()),
            }
        })
        .collect();
    while places.last() == Some(&KeyPlace::default()) {
        places.pop();
    }
    SoftKeySet { places }
}

struct Head {
    offset: u32,
    count: usize,
    total: u32,
}

impl Head {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            offset: r.or_zero(),
            count: r.or_zero() as usize,
            total: r.or_zero(),
        }
    }
}
