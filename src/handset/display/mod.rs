//! What stands on the display, drawn as text: pages and the main screen as
//! each model shows them, so that a person can read them in a review.
//!
//! What lives here: the measures of the displays and pure drawing. What must
//! not: how a page came to the phone.
//!
//! Cisco documents displays in pixels, and their letters are of different
//! widths: lines and columns here are those of an average letter, a little
//! narrower than the real ones so that what fits here fits there. The places
//! of soft keys are those of the *Unified IP Phone Services Application
//! Development Notes*, *CiscoIPPhone XML Object Definitions*, Softkeys.

mod body;
mod keys;
mod letters;
mod main_screen;
mod panel;
#[cfg(test)]
mod tests;

pub use letters::Letters;
pub use main_screen::{Clock, MainScreen};
pub(super) use panel::draw;

/// What the panel is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Lines of text, and nothing between them.
    Text,
    /// Dots, black on grey or in grey.
    Dots,
    /// Colour; the title stands on a bar.
    Colour,
}

/// On which side of the display the line keys are, with their labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Labels {
    /// There are none: the keys are in a list of the phone's own.
    None,
    /// On the right side.
    Right,
    /// On the left side.
    Left,
}

/// A display, measured in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Display {
    /// Letters of a line.
    pub columns: usize,
    /// Lines between title and prompt.
    pub rows: usize,
    /// What it is made of.
    pub panel: Panel,
    /// Soft keys below it.
    pub soft_keys: usize,
    /// Where the labels of the line keys are.
    pub labels: Labels,
    /// What it can show.
    pub letters: Letters,
    /// Whether the prompt takes the place of the title (6900 series).
    pub one_heading: bool,
}

impl Display {
    /// 7905 and 7912.
    pub const SMALL: Self = Self {
        columns: 24,
        rows: 3,
        panel: Panel::Text,
        soft_keys: 4,
        labels: Labels::None,
        letters: Letters::Latin1,
        one_heading: false,
    };
    /// 7906 and 7911.
    pub const SMALL_LATER: Self = Self {
        letters: Letters::European,
        ..Self::SMALL
    };
    /// 7920, carried about: two soft keys.
    pub const RADIO: Self = Self {
        columns: 20,
        rows: 4,
        soft_keys: 2,
        ..Self::SMALL
    };
    /// 7921 and 7925.
    pub const RADIO_LATER: Self = Self {
        columns: 24,
        rows: 7,
        panel: Panel::Colour,
        ..Self::RADIO
    };
    /// 8821.
    pub const RADIO_88XX: Self = Self {
        rows: 9,
        letters: Letters::European,
        ..Self::RADIO_LATER
    };
    /// 7931: wide and low, its keys lettered beside it.
    pub const LOW: Self = Self {
        columns: 32,
        rows: 4,
        panel: Panel::Dots,
        letters: Letters::European,
        ..Self::SMALL
    };
    /// 7940 and 7960.
    pub const MONO: Self = Self {
        columns: 32,
        rows: 5,
        panel: Panel::Dots,
        soft_keys: 4,
        labels: Labels::Right,
        letters: Letters::Latin1,
        one_heading: false,
    };
    /// 7941, 7942, 7961 and 7962.
    pub const GREY: Self = Self {
        columns: 36,
        rows: 8,
        letters: Letters::European,
        ..Self::MONO
    };
    /// 7945 and 7965.
    pub const COLOUR: Self = Self {
        rows: 9,
        panel: Panel::Colour,
        ..Self::GREY
    };
    /// 7970, 7971 and 7975: five soft keys.
    pub const TOUCH: Self = Self {
        rows: 10,
        soft_keys: 5,
        ..Self::COLOUR
    };
    /// 6900 series: wide and low, and one line for title and prompt.
    pub const FLAT: Self = Self {
        columns: 40,
        rows: 3,
        one_heading: true,
        ..Self::GREY
    };
    /// 7821, 7841 and 7861.
    pub const GREY_78XX: Self = Self {
        columns: 40,
        rows: 6,
        ..Self::GREY
    };
    /// 7811.
    pub const LOW_78XX: Self = Self {
        rows: 4,
        labels: Labels::None,
        ..Self::GREY_78XX
    };
    /// 8811 to 8865.
    pub const WIDE: Self = Self {
        columns: 48,
        rows: 9,
        panel: Panel::Colour,
        labels: Labels::Left,
        ..Self::GREY
    };
    /// 8961, 9951 and 9971.
    pub const WIDE_89XX: Self = Self {
        rows: 10,
        ..Self::WIDE
    };

    /// Letters of one soft key.
    pub(super) const fn key_letters(&self) -> usize {
        match self.soft_keys {
            0 => 0,
            keys => self.columns / keys,
        }
    }
}
