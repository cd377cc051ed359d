//! Letters and lines: what a display can show, cut and broken to its width.

/// The letters that a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letters {
    /// ISO-8859-1.
    Latin1,
    /// Those of the European locales: Latin, Greek, Cyrillic.
    European,
}

/// What stands in the place of a letter that the model does not have.
const MISSING: char = '?';

impl Letters {
    /// The letter as it is shown; always one column wide.
    pub(super) const fn shown(self, letter: char) -> char {
        match letter {
            // Blanks of all kinds, and what only says where to break.
            '\u{0}'..=' ' | '\u{7F}'..='\u{A0}' => ' ',
            '\u{AD}' => '-',
            '!'..='~' | '\u{A1}'..='\u{FF}' => letter,
            _ => match self {
                Self::Latin1 => MISSING,
                Self::European => european(letter),
            },
        }
    }

    /// A text in letters of this model, as one line.
    pub(super) fn line(self, text: &str) -> String {
        text.chars().map(|letter| self.shown(letter)).collect()
    }
}

/// Without what is drawn on top of another letter, or is twice as wide.
const fn european(letter: char) -> char {
    match letter {
        '\u{100}'..='\u{2FF}'
        | '\u{370}'..='\u{482}'
        | '\u{48A}'..='\u{52F}'
        | '\u{1E00}'..='\u{1FFF}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205E}'
        | '\u{20AC}' => letter,
        '\u{2000}'..='\u{200A}' | '\u{202F}' => ' ',
        _ => MISSING,
    }
}

/// The beginning of a line, as much as the display has room for.
pub(super) fn cut(line: &str, columns: usize) -> String {
    line.chars().take(columns).collect()
}

/// The end of a line, as much as there is room for.
pub(super) fn tail(line: &str, columns: usize) -> String {
    let skipped = line.chars().count().saturating_sub(columns);
    line.chars().skip(skipped).collect()
}

/// A text in lines of the display: broken where it says so, between words, and
/// in a word that is longer than a line. An empty line stays one.
pub(super) fn wrapped(text: &str, letters: Letters, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = text.replace("\r\n", "\n");
    let mut lines = Vec::new();
    for paragraph in text.split(['\n', '\r']) {
        let mut line = String::new();
        let mut length = 0;
        for word in letters.line(paragraph).split_whitespace() {
            let word: Vec<char> = word.chars().collect();
            for (part, piece) in word.chunks(columns).enumerate() {
                let joint = usize::from(length > 0 && part == 0);
                if length > 0 && (part > 0 || length + joint + piece.len() > columns) {
                    lines.push(std::mem::take(&mut line));
                    length = 0;
                }
                if length > 0 {
                    line.push(' ');
                    length += 1;
                }
                line.extend(piece);
                length += piece.len();
            }
        }
        lines.push(line);
    }
    // What follows the last line break is no line where nothing does.
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}
