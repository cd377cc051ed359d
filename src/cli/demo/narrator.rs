//! Says what was seen, one line a step, phone by phone; or keeps it to itself.

/// Who tells the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrator {
    /// To whoever watches.
    Aloud,
    /// To nobody: only the end counts.
    Silent,
}

impl Narrator {
    /// One line about somebody.
    pub(super) fn say(self, who: &str, what: &str) {
        if self == Self::Aloud {
            println!("{who:<16} {what}");
        }
    }

    /// A page, as that model draws it.
    pub(super) fn draw(self, page: &str) {
        for line in page.lines() {
            self.say("", &format!("  {line}"));
        }
    }
}
