//! Whether a text is one well-formed element (XML 1.0, section 2.1).
//!
//! Ours, not a library's, because it reads every boot file before it leaves:
//! the pull parser that other files are read with took nearly half of the time
//! that making one takes. Its word is compared with that parser's in the tests.
//! It is the stricter of the two.

/// What is wrong. Never content: files hold secrets.
type Checked<T = ()> = Result<T, &'static str>;

const BROKEN: &str = "broken markup";
const OUTSIDE: &str = "text outside the root element";
const DECLARATION: &str = "a broken XML declaration";
const ENTITY: &str = "an unknown entity";

/// Attributes of one element, at most: each is compared with those before it.
const MOST_ATTRIBUTES: usize = 64;

/// Checks that `text` is one well-formed element named one of `roots`, with
/// nothing but the five predefined entities and without a document type.
///
/// The reason names a byte offset, never content: files hold secrets.
pub(in super::super) fn well_formed(text: &str, roots: &[&str]) -> Result<(), String> {
    let mut check = Check {
        rest: text,
        piece: text,
        open: Vec::new(),
        attributes: Vec::new(),
        seen_root: false,
    };
    check
        .document(roots)
        .map_err(|what| format!("{what} near byte {}", text.len() - check.piece.len()))
}

struct Check<'a> {
    /// What is not read yet.
    rest: &'a str,
    /// `rest` as it was before the piece that is being read.
    piece: &'a str,
    /// The names of the elements around.
    open: Vec<&'a str>,
    /// The names of attributes of the element that is being read.
    attributes: Vec<&'a str>,
    seen_root: bool,
}

impl<'a> Check<'a> {
    fn document(&mut self, roots: &[&str]) -> Checked {
        let never = ['\u{fffe}', '\u{ffff}'];
        // Every byte is looked at, so that many are at once.
        let impossible = self
            .rest
            .bytes()
            .fold(false, |some, byte| some | !may_stand(byte));
        if impossible || never.iter().any(|c| self.rest.contains(*c)) {
            return Err("a character that XML cannot hold");
        }
        if self.rest.starts_with('\u{feff}') {
            return Err("a byte order mark; save it without");
        }
        if self.rest.starts_with("<?xml") {
            self.declaration()?;
        }
        loop {
            self.piece = self.rest;
            self.characters()?;
            self.piece = self.rest;
            if self.rest.is_empty() {
                break;
            }
            self.markup(roots)?;
        }
        match (self.open.is_empty(), self.seen_root) {
            (false, _) => Err("an element that is not closed"),
            (true, false) => Err("no element at all"),
            (true, true) => Ok(()),
        }
    }

    /// What an XML file may begin with (section 2.8).
    fn declaration(&mut self) -> Checked {
        self.rest = &self.rest["<?xml".len()..];
        let inside = self.through("?>")?;
        let mut expected = ["version=", "encoding=", "standalone="].iter();
        let mut words = inside.split_ascii_whitespace().peekable();
        let apart = inside.starts_with(|c: char| c.is_ascii_whitespace());
        if !apart
            || words
                .peek()
                .is_none_or(|word| !word.starts_with("version="))
        {
            return Err(DECLARATION);
        }
        for word in words {
            let name = expected
                .by_ref()
                .find(|name| word.starts_with(**name))
                .ok_or(DECLARATION)?;
            let value = &word[name.len()..];
            let inner = ['"', '\'']
                .iter()
                .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
                .ok_or(DECLARATION)?;
            let ours = ["utf-8", "us-ascii"];
            if *name == "encoding=" && !ours.contains(&inner.to_ascii_lowercase().as_str()) {
                return Err("another encoding than UTF-8");
            }
        }
        Ok(())
    }

    /// Character data up to the next markup (section 2.4).
    fn characters(&mut self) -> Checked {
        let end = |byte: &u8| matches!(byte, b'<' | b'&' | b'>');
        let mut before = self.rest;
        loop {
            let at = self.rest.bytes().position(|byte| end(&byte));
            let (run, rest) = self.rest.split_at(at.unwrap_or(self.rest.len()));
            if self.open.is_empty() && !run.trim_ascii().is_empty() {
                return Err(OUTSIDE);
            }
            self.rest = rest;
            if rest.is_empty() || rest.starts_with('<') {
                return Ok(());
            }
            if self.open.is_empty() {
                return Err(OUTSIDE);
            }
            if rest.starts_with('&') {
                self.reference()?;
                before = self.rest;
            } else {
                let read = before.len() - rest.len();
                if before[..read].ends_with("]]") {
                    return Err(BROKEN);
                }
                self.rest = &rest[1..];
            }
        }
    }

    /// What begins with `<`.
    fn markup(&mut self, roots: &[&str]) -> Checked {
        if self.eat("</") {
            let name = self.name()?;
            self.spaces();
            if self.open.pop() == Some(name) && self.eat(">") {
                return Ok(());
            }
            return Err(BROKEN);
        }
        if self.eat("<!--") {
            self.through("--")?;
            return if self.eat(">") { Ok(()) } else { Err(BROKEN) };
        }
        if self.eat("<![CDATA[") {
            return if self.open.is_empty() {
                Err(OUTSIDE)
            } else {
                self.through("]]>").map(drop)
            };
        }
        if self.rest.starts_with("<!") {
            return Err("a document type");
        }
        if self.eat("<?") {
            let target = self.name()?;
            if target.eq_ignore_ascii_case("xml") {
                return Err("an XML declaration in the middle");
            }
            if !self.spaces() && !self.rest.starts_with("?>") {
                return Err(BROKEN);
            }
            return self.through("?>").map(drop);
        }
        self.element(roots)
    }

    /// A start tag or an empty element (section 3.1).
    fn element(&mut self, roots: &[&str]) -> Checked {
        self.rest = &self.rest[1..];
        let name = self.name()?;
        if self.open.is_empty() {
            if self.seen_root || !roots.contains(&name) {
                return Err("not the root element expected");
            }
            self.seen_root = true;
        }
        self.attributes.clear();
        loop {
            let apart = self.spaces();
            if self.eat(">") {
                self.open.push(name);
                return Ok(());
            }
            if self.eat("/>") {
                return Ok(());
            }
            if !apart {
                return Err(BROKEN);
            }
            self.attribute()?;
        }
    }

    fn attribute(&mut self) -> Checked {
        const WRONG: &str = "a broken attribute";
        let name = self.name().map_err(|_| WRONG)?;
        if self.attributes.contains(&name) || self.attributes.len() == MOST_ATTRIBUTES {
            return Err(WRONG);
        }
        self.attributes.push(name);
        self.spaces();
        if !self.eat("=") {
            return Err(WRONG);
        }
        self.spaces();
        let Some(quote @ (b'"' | b'\'')) = self.rest.bytes().next() else {
            return Err(WRONG);
        };
        self.rest = &self.rest[1..];
        let end = |byte: u8| byte == quote || matches!(byte, b'<' | b'&');
        loop {
            let at = self.rest.bytes().position(end).ok_or(WRONG)?;
            self.rest = &self.rest[at..];
            match self.rest.as_bytes() {
                [b'<', ..] => return Err(WRONG),
                [b'&', ..] => self.reference().map_err(|_| WRONG)?,
                _ => {
                    self.rest = &self.rest[1..];
                    return Ok(());
                }
            }
        }
    }

    /// An entity that XML itself knows, or a character by its number
    /// (section 4.1).
    fn reference(&mut self) -> Checked {
        let (name, rest) = self.rest[1..].split_once(';').ok_or(ENTITY)?;
        let known = match name.strip_prefix('#') {
            Some(number) => names_a_character(number),
            None => matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"),
        };
        self.rest = rest;
        if known { Ok(()) } else { Err(ENTITY) }
    }

    /// A name (section 2.3).
    fn name(&mut self) -> Checked<&'a str> {
        let end = self
            .rest
            .bytes()
            .position(|byte| !IN_NAMES[usize::from(byte)]);
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit() || "-.".contains(c)) {
            return Err(BROKEN);
        }
        let strange = |c: char| !c.is_ascii() && !may_name(c);
        if !name.is_ascii() && name.contains(strange) {
            return Err(BROKEN);
        }
        self.rest = rest;
        Ok(name)
    }

    /// Whether there was any.
    fn spaces(&mut self) -> bool {
        let rest = self.rest.trim_ascii_start();
        let some = rest.len() != self.rest.len();
        self.rest = rest;
        some
    }

    fn eat(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before `end`, which is left behind too.
    fn through(&mut self, end: &str) -> Checked<&'a str> {
        let (before, rest) = self.rest.split_once(end).ok_or(BROKEN)?;
        self.rest = rest;
        Ok(before)
    }
}

/// What of the characters beyond ASCII may stand in a name.
fn may_name(c: char) -> bool {
    matches!(c, '\u{b7}' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{203f}'..='\u{2040}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// What a name may be made of; what is beyond ASCII is looked at again.
const IN_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.' | 0x80..);
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// Whether XML can hold it (section 2.2), as far as one byte tells.
fn may_stand(byte: u8) -> bool {
    byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r')
}

/// `number` as it stands between `&#` and `;`.
fn names_a_character(number: &str) -> bool {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // from_str_radix would take a sign.
    digits.chars().all(|digit| digit.is_digit(radix))
        && u32::from_str_radix(digits, radix)
            .ok()
            .and_then(char::from_u32)
            .is_some_and(|c| {
                !matches!(c, '\u{fffe}' | '\u{ffff}')
                    && (c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
            })
}
