//! The keys of a phone as the other system had them, as lines, speed dials
//! and, where their order is not the usual one, a phone button template.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::report::Place;
use crate::model::{ButtonOrder, Line, ObjectName, PhoneModel, Ring, SpeedDial, TemplateKey};

/// The last key that anything is put on: no phone has as many.
const LAST: u16 = 200;
/// The most numbers on one overlay key (CME: *number* a,b *type overlay*).
const OVERLAID: usize = 25;

/// What is on a key.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// A line.
    Line(Box<Line>),
    /// A speed dial.
    Dial(SpeedDial),
    /// Nothing, or something that is not carried over.
    Free,
}

/// Keys by their number, from 1.
#[derive(Clone, Default)]
pub(super) struct Keys(BTreeMap<u16, (usize, Wish)>);

/// Keys as the site file has them.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) lines: Vec<Line>,
    pub(super) dials: Vec<SpeedDial>,
    pub(super) template: Option<ObjectName>,
}

impl Keys {
    /// Puts something on a key; `false` when the key is taken, or is none.
    pub(super) fn put(&mut self, key: u16, line: usize, wish: Wish) -> bool {
        if key == 0 || key > LAST || self.0.contains_key(&key) {
            return false;
        }
        self.0.insert(key, (line, wish));
        true
    }

    /// Puts something on the key after the last; `false` beyond the end.
    pub(super) fn push(&mut self, line: usize, wish: Wish) -> bool {
        self.put(self.last().saturating_add(1), line, wish)
    }

    /// The last key in use; 0 without any.
    pub(super) fn last(&self) -> u16 {
        self.0.keys().next_back().copied().unwrap_or(0)
    }

    /// The lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.values().filter_map(|(_, wish)| match wish {
            Wish::Line(line) => Some(&**line),
            _ => None,
        })
    }

    /// Sorts out what cannot be, and says how the keys lie. `who` has them, on
    /// a phone of this model with so many keys.
    pub(super) fn settle(
        mut self,
        draft: &mut Draft<'_>,
        at: &Place,
        who: &str,
        room: Option<(&PhoneModel, usize)>,
    ) -> Settled {
        self.without_twins(draft, at, who);
        self.without_monitored_first(draft, at, who);
        let layout: Vec<TemplateKey> = (1..=self.last())
            .map(|key| match self.0.get(&key) {
                Some((_, Wish::Line(_))) => TemplateKey::Line,
                Some((_, Wish::Dial(_))) => TemplateKey::SpeedDial,
                Some((_, Wish::Free)) | None => TemplateKey::None,
            })
            .collect();
        let mut settled = Settled::default();
        for (_, wish) in self.0.into_values() {
            match wish {
                Wish::Line(line) => settled.lines.push(*line),
                Wish::Dial(dial) => settled.dials.push(dial),
                Wish::Free => {}
            }
        }
        let sorted = settled.lines.is_sorted_by_key(|line| class(line.ring));
        let usual = is_usual(&layout) && (draft.order() != ButtonOrder::Cme || sorted);
        if let Some((model, keys)) = room.filter(|_| !usual) {
            settled.template = template(draft, at, who, model, &layout, keys);
        }
        settled
    }

    /// A number is on a phone once.
    fn without_twins(&mut self, draft: &mut Draft<'_>, at: &Place, who: &str) {
        let mut seen = BTreeSet::new();
        for (line, wish) in self.0.values_mut() {
            let Wish::Line(wanted) = wish else { continue };
            let number = wanted.number.clone();
            if !seen.insert((number.clone(), wanted.partition.clone())) {
                draft.note(
                    &at.line(*line),
                    &format!("the second key with line {number} of {who}"),
                    "a phone has a line once",
                    "nothing, or give the key another number",
                );
                *wish = Wish::Free;
                continue;
            }
            let mut numbers = BTreeSet::from([number]);
            wanted
                .overlaid
                .retain(|number| numbers.insert(number.clone()));
            wanted.overlaid.truncate(OVERLAID - 1);
            if wanted.overlaid.is_empty() && class(wanted.ring) == 5 {
                wanted.ring = Ring::Normal;
            }
            if class(wanted.ring) != 5 {
                wanted.overlaid.clear();
            }
        }
    }

    /// The first line is one to call from; a monitored one before it becomes
    /// the same as a speed dial with a lamp.
    fn without_monitored_first(&mut self, draft: &mut Draft<'_>, at: &Place, who: &str) {
        let order = draft.order();
        let callable = |line: &Line| match order {
            ButtonOrder::AsConfigured => line.ring != Ring::Monitor,
            ButtonOrder::Cme => class(line.ring) < class(Ring::Monitor),
        };
        let first = match order {
            ButtonOrder::AsConfigured => self
                .0
                .iter()
                .find_map(|(key, (_, wish))| match wish {
                    Wish::Line(line) if callable(line) => Some(*key),
                    _ => None,
                })
                .unwrap_or(u16::MAX),
            ButtonOrder::Cme if self.lines().any(callable) => return,
            ButtonOrder::Cme => u16::MAX,
        };
        for (_, (place, wish)) in self.0.range_mut(..first) {
            let Wish::Line(line) = wish else { continue };
            if line.ring != Ring::Monitor {
                continue;
            }
            draft.note(
                &at.line(*place),
                &format!("monitored line {} of {who}", line.number),
                "it comes before any line to call from; it became a speed dial with a busy lamp",
                "nothing, if the key shall only show and call",
            );
            *wish = Wish::Dial(SpeedDial {
                label: line.label.take(),
                blf: true,
                ..SpeedDial::new(line.number.clone())
            });
        }
    }
}

/// The class in which CME gives keys to lines.
fn class(ring: Ring) -> u8 {
    match ring {
        Ring::Normal => 0,
        Ring::Silent => 1,
        Ring::Beep => 2,
        Ring::Feature => 3,
        Ring::Monitor => 4,
        Ring::Overlay | Ring::CwOverlay => 5,
    }
}

/// Lines, then speed dials, and no free key between: as without a template.
fn is_usual(layout: &[TemplateKey]) -> bool {
    let end = layout.iter().rposition(|key| *key != TemplateKey::None);
    let used = layout.get(..end.map_or(0, |end| end + 1)).unwrap_or(&[]);
    let rank = |key: &TemplateKey| match key {
        TemplateKey::Line => 0,
        TemplateKey::SpeedDial => 1,
        TemplateKey::None => 2,
    };
    !used.contains(&TemplateKey::None) && used.is_sorted_by_key(rank)
}

fn template(
    draft: &mut Draft<'_>,
    at: &Place,
    who: &str,
    model: &PhoneModel,
    layout: &[TemplateKey],
    keys: usize,
) -> Option<ObjectName> {
    if layout.first() != Some(&TemplateKey::Line) {
        draft.note(
            at,
            &format!("the places of the keys of {who}"),
            "its first key is no line, and the first key of a phone is one here; lines come \
             first, then speed dials",
            "nothing, or order them anew",
        );
        return None;
    }
    let end = layout.iter().rposition(|key| *key != TemplateKey::None)?;
    let used = layout.get(..=end)?;
    let buttons = used.get(..keys).unwrap_or(used);
    draft.button_template(&model.name, buttons)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Options;
    use super::super::tests::catalogue;
    use super::*;
    use crate::model::{DirectoryNumber, ModelName};

    fn line(number: &str, ring: Ring) -> Wish {
        let number = DirectoryNumber::new(number).unwrap();
        Wish::Line(Box::new(Line {
            ring,
            ..Line::new(number)
        }))
    }

    fn dial(number: &str) -> Wish {
        Wish::Dial(SpeedDial::new(DirectoryNumber::new(number).unwrap()))
    }

    /// How keys lie on a 7961: numbers of lines, of speed dials, the template.
    fn settle(wishes: Vec<Wish>) -> (Vec<String>, Vec<String>, Option<Vec<TemplateKey>>, usize) {
        let catalogue = catalogue();
        let options = Options::default();
        let mut draft = Draft::new(&catalogue, &options);
        let mut keys = Keys::default();
        for wish in wishes {
            assert!(keys.push(1, wish));
        }
        let model = catalogue.model(&ModelName::new("7961").unwrap()).unwrap();
        let settled = keys.settle(&mut draft, &Place::file("x"), "it", Some((model, 6)));
        let template = settled
            .template
            .is_some()
            .then(|| draft.templates().first().unwrap().buttons.clone());
        (
            settled.lines.iter().map(|l| l.number.to_string()).collect(),
            settled.dials.iter().map(|d| d.number.to_string()).collect(),
            template,
            draft.into_notes().len(),
        )
    }

    #[test]
    fn lines_and_then_speed_dials_need_no_template() {
        let (lines, dials, template, notes) = settle(vec![
            line("1", Ring::Normal),
            line("2", Ring::Silent),
            dial("3"),
            Wish::Free,
        ]);
        assert_eq!((lines.len(), dials.len(), template, notes), (2, 1, None, 0));
    }

    #[test]
    fn a_gap_and_a_line_after_a_speed_dial_need_one() {
        use TemplateKey::{Line, None as Nothing, SpeedDial};
        let (_, _, template, _) = settle(vec![
            line("1", Ring::Normal),
            Wish::Free,
            dial("3"),
            line("2", Ring::Normal),
        ]);
        assert_eq!(template, Some(vec![Line, Nothing, SpeedDial, Line]));
    }

    #[test]
    fn a_speed_dial_on_the_first_key_is_told() {
        let (lines, dials, template, notes) = settle(vec![dial("3"), line("1", Ring::Normal)]);
        assert_eq!((lines.len(), dials.len(), template, notes), (1, 1, None, 1));
    }

    #[test]
    fn a_number_is_on_a_phone_once_and_a_monitored_one_is_not_the_first() {
        let (lines, dials, _, notes) = settle(vec![
            line("7", Ring::Monitor),
            line("1", Ring::Normal),
            line("1", Ring::Silent),
            line("8", Ring::Monitor),
        ]);
        assert_eq!(lines, ["1", "8"]);
        assert_eq!(dials, ["7"]);
        assert_eq!(notes, 3, "twin, monitored first, and then a dial on key 1");
    }
}
