//! Search filters (RFC 4515) with a place for the id of a user.
//!
//! A filter is read once, from the configuration; the id is put into the
//! *encoded* filter (RFC 4511 4.5.1.7) as the bytes of a value. It never is
//! text of a filter, so nothing that is typed can change its sense, and there
//! is nothing to escape.

use serde::Deserialize;

use super::wire::{SEQUENCE, element};

/// Where the id goes.
const PLACE: &str = "{id}";
/// The most bytes of a filter.
const LONGEST: usize = 1024;
/// The deepest nesting.
const DEEPEST: u32 = 16;

const AND: u8 = 0xa0;
const OR: u8 = 0xa1;
const NOT: u8 = 0xa2;
const EQUAL: u8 = 0xa3;
const SUBSTRINGS: u8 = 0xa4;
const GREATER: u8 = 0xa5;
const LESS: u8 = 0xa6;
const PRESENT: u8 = 0x87;
const APPROXIMATE: u8 = 0xa8;
const EXTENSIBLE: u8 = 0xa9;
const OCTET_STRING: u8 = 0x04;

/// A filter with a place for an id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Filter(Node);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    All(u8, Vec<Node>),
    Not(Box<Node>),
    Compare(u8, String, Value),
    Present(String),
    Substrings(String, Vec<(u8, Value)>),
    Extensible {
        rule: Option<String>,
        attribute: Option<String>,
        value: Value,
        in_dn: bool,
    },
}

/// What is compared with: bytes and places for the id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Id,
}

impl Filter {
    /// `(attribute={id})`.
    pub(super) fn by(attribute: &str) -> Self {
        let value = Value(vec![Part::Id]);
        Self(Node::Compare(EQUAL, attribute.to_owned(), value))
    }

    /// Reads a filter.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a filter has at most {LONGEST} characters"));
        }
        if !text.contains(PLACE) {
            return Err(format!(
                "the filter {text:?} has no {PLACE}: it would find everybody"
            ));
        }
        let mut parser = Parser { rest: text.trim() };
        let node = parser
            .filter(0)
            .map_err(|why| format!("the filter {text:?} cannot be read: {why}"))?;
        if !parser.rest.is_empty() {
            return Err(format!("after the filter there is more: {:?}", parser.rest));
        }
        Ok(Self(node))
    }

    /// The encoded filter for this id.
    pub(super) fn encode(&self, id: &str) -> Vec<u8> {
        self.0.encode(id.as_bytes())
    }
}

impl TryFrom<String> for Filter {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Node {
    fn encode(&self, id: &[u8]) -> Vec<u8> {
        match self {
            Self::All(tag, nodes) => {
                let nodes: Vec<Vec<u8>> = nodes.iter().map(|node| node.encode(id)).collect();
                let nodes: Vec<&[u8]> = nodes.iter().map(Vec::as_slice).collect();
                element(*tag, &nodes)
            }
            Self::Not(node) => element(NOT, &[&node.encode(id)]),
            Self::Compare(tag, attribute, value) => element(
                *tag,
                &[
                    &element(OCTET_STRING, &[attribute.as_bytes()]),
                    &element(OCTET_STRING, &[&value.fill(id)]),
                ],
            ),
            Self::Present(attribute) => element(PRESENT, &[attribute.as_bytes()]),
            Self::Substrings(attribute, pieces) => {
                let pieces: Vec<Vec<u8>> = pieces
                    .iter()
                    .map(|(tag, value)| element(*tag, &[&value.fill(id)]))
                    .collect();
                let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
                let name = element(OCTET_STRING, &[attribute.as_bytes()]);
                element(SUBSTRINGS, &[&name, &element(SEQUENCE, &pieces)])
            }
            Self::Extensible {
                rule,
                attribute,
                value,
                in_dn,
            } => {
                let optional = |tag: u8, text: &Option<String>| {
                    text.as_ref()
                        .map_or_else(Vec::new, |text| element(tag, &[text.as_bytes()]))
                };
                let in_dn = if *in_dn {
                    element(0x84, &[&[0xff]])
                } else {
                    Vec::new()
                };
                element(
                    EXTENSIBLE,
                    &[
                        &optional(0x81, rule),
                        &optional(0x82, attribute),
                        &element(0x83, &[&value.fill(id)]),
                        &in_dn,
                    ],
                )
            }
        }
    }
}

impl Value {
    fn fill(&self, id: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in &self.0 {
            match part {
                Part::Bytes(own) => bytes.extend_from_slice(own),
                Part::Id => bytes.extend_from_slice(id),
            }
        }
        bytes
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut pieces = text.split(PLACE);
        if let Some(first) = pieces.next() {
            parts.push(Part::Bytes(unescape(first)?));
        }
        for piece in pieces {
            parts.push(Part::Id);
            parts.push(Part::Bytes(unescape(piece)?));
        }
        parts.retain(|part| *part != Part::Bytes(Vec::new()));
        Ok(Self(parts))
    }
}

/// `\2a` is the byte 2A.
fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()];
        let digits = digits.map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        match digits {
            // Two hexadecimal digits are at most 255.
            [Some(high), Some(low)] => bytes.push((high << 4 | low) as u8),
            _ => return Err("two hexadecimal digits follow a backslash".to_owned()),
        }
    }
    Ok(bytes)
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn takes(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn filter(&mut self, depth: u32) -> Result<Node, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        if !self.takes("(") {
            return Err(format!("a parenthesis is missing before {:?}", self.rest));
        }
        let node = if self.takes("&") {
            Node::All(AND, self.list(depth)?)
        } else if self.takes("|") {
            Node::All(OR, self.list(depth)?)
        } else if self.takes("!") {
            Node::Not(Box::new(self.filter(depth + 1)?))
        } else {
            item(self.until_the_end()?)?
        };
        if !self.takes(")") {
            return Err(format!("a parenthesis is missing before {:?}", self.rest));
        }
        Ok(node)
    }

    fn list(&mut self, depth: u32) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        while self.rest.starts_with('(') {
            nodes.push(self.filter(depth + 1)?);
        }
        if nodes.is_empty() {
            return Err("after & or | there is nothing".to_owned());
        }
        Ok(nodes)
    }

    /// The text of an item: up to its parenthesis, which no value holds
    /// unescaped.
    fn until_the_end(&mut self) -> Result<&'a str, String> {
        let end = self
            .rest
            .find([')', '('])
            .ok_or_else(|| "a parenthesis is missing at the end".to_owned())?;
        let (item, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(item)
    }
}

fn item(text: &str) -> Result<Node, String> {
    let (left, right) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} has no ="))?;
    for (sign, tag) in [('>', GREATER), ('<', LESS), ('~', APPROXIMATE)] {
        if let Some(left) = left.strip_suffix(sign) {
            return Ok(Node::Compare(tag, attribute(left)?, whole(right)?));
        }
    }
    if let Some(left) = left.strip_suffix(':') {
        return extensible(left, right);
    }
    let name = attribute(left)?;
    if right == "*" {
        return Ok(Node::Present(name));
    }
    if !right.contains('*') {
        return Ok(Node::Compare(EQUAL, name, Value::parse(right)?));
    }
    let pieces: Vec<&str> = right.split('*').collect();
    let last = pieces.len().saturating_sub(1);
    let mut parts = Vec::new();
    for (nth, piece) in pieces.into_iter().enumerate() {
        let tag = match nth {
            0 => 0x80,
            nth if nth == last => 0x82,
            _ => 0x81,
        };
        if !piece.is_empty() {
            parts.push((tag, Value::parse(piece)?));
        }
    }
    Ok(Node::Substrings(name, parts))
}

fn whole(text: &str) -> Result<Value, String> {
    if text.contains('*') {
        return Err("an asterisk stands only after a plain =".to_owned());
    }
    Value::parse(text)
}

/// `attribute:dn:rule:=value`, any of the three absent.
fn extensible(left: &str, right: &str) -> Result<Node, String> {
    let mut pieces = left.split(':');
    let name = match pieces.next() {
        None | Some("") => None,
        Some(name) => Some(attribute(name)?),
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let in_dn = pieces
        .first()
        .is_some_and(|piece| piece.eq_ignore_ascii_case("dn"));
    if in_dn {
        pieces.remove(0);
    }
    let rule = match pieces.as_slice() {
        [] => None,
        [rule] => Some(attribute(rule)?),
        _ => return Err(format!("{left:?} has too many colons")),
    };
    if name.is_none() && rule.is_none() {
        return Err("a matching rule needs a name or an attribute".to_owned());
    }
    Ok(Node::Extensible {
        rule,
        attribute: name,
        value: whole(right)?,
        in_dn,
    })
}

/// An attribute description: letters, digits, hyphens, dots, options.
pub(super) fn attribute(name: &str) -> Result<String, String> {
    let name = name.trim();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';');
    if name.is_empty() || name.len() > 128 || !name.chars().all(good) {
        return Err(format!("{name:?} is no name of an attribute"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn encoded(filter: &str, id: &str) -> Vec<u8> {
        Filter::parse(filter).unwrap().encode(id)
    }

    #[test]
    fn filters_are_encoded_as_rfc_4511_has_them() {
        let plain = encoded("(uid={id})", "al");
        assert_eq!(plain, b"\xa3\x09\x04\x03uid\x04\x02al");
        assert_eq!(Filter::by("uid").encode("al"), plain);
        // The others made by a few lines of Python.
        let expected: [(&str, &[u8]); 5] = [
            (
                "(&(o=*)(!(u>=1))(u={id}))",
                b"\xa0\x15\x87\x01o\xa2\x08\xa5\x06\x04\x01u\x04\x011\xa3\x06\x04\x01u\x04\x01x",
            ),
            (
                "(|(u~={id})(u<=2))",
                b"\xa1\x10\xa8\x06\x04\x01u\x04\x01x\xa6\x06\x04\x01u\x04\x012",
            ),
            (
                "(mail={id}@*.example.*com)",
                b"\xa4\x1c\x04\x04mail\x30\x14\x80\x02x@\x81\x09.example.\x82\x03com",
            ),
            // Active Directory: no disabled accounts.
            (
                "(&(u={id})(!(f:1.2.3:=2)))",
                b"\xa0\x19\xa3\x06\x04\x01u\x04\x01x\xa2\x0f\xa9\x0d\x81\x051.2.3\x82\x01f\x83\x012",
            ),
            ("(u:dn:={id})", b"\xa9\x09\x82\x01u\x83\x01x\x84\x01\xff"),
        ];
        for (filter, bytes) in expected {
            assert_eq!(encoded(filter, "x"), bytes, "{filter}");
        }
        assert_eq!(
            encoded(r"(cn=\28{id}\29)", "x"),
            b"\xa3\x09\x04\x02cn\x04\x03(x)"
        );
    }

    #[test]
    fn what_is_no_filter_is_told() {
        for (bad, why) in [
            ("(uid=alice)", "no {id}"),
            ("uid={id}", "parenthesis"),
            ("(uid={id}", "parenthesis"),
            ("(uid={id}))", "more"),
            ("(&)(uid={id})", "nothing"),
            ("(={id})", "attribute"),
            ("(u d={id})", "attribute"),
            ("({id}=x)", "attribute"),
            (r"(uid={id}\)", "hexadecimal"),
            (r"(uid={id}\2)", "hexadecimal"),
            ("(uid>={id}*)", "asterisk"),
            ("(:={id})", "rule"),
            ("(a:b:c:d:={id})", "colons"),
        ] {
            let told = Filter::parse(bad).unwrap_err();
            assert!(told.contains(why), "{bad}: {told}");
        }
        let deep = format!("{}(u={{id}}){}", "(!".repeat(40), ")".repeat(40));
        assert!(Filter::parse(&deep).unwrap_err().contains("deep"));
        assert!(Filter::parse(&format!("(u={{id}}{})", "x".repeat(2000))).is_err());
    }

    proptest! {
        /// Whatever is typed is the whole value and nothing else.
        #[test]
        fn an_id_is_only_ever_a_value(id in ".{0,60}") {
            let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
            prop_assume!(id.len() < 100);
            let mut expected = vec![EQUAL, length + 7, 0x04, 3];
            expected.extend_from_slice(b"uid");
            expected.extend_from_slice(&[0x04, length]);
            expected.extend_from_slice(id.as_bytes());
            prop_assert_eq!(encoded("(uid={id})", &id), expected);
        }

        #[test]
        fn the_shape_of_a_filter_does_not_depend_on_the_id(
            one in "[ -~]{9}", other in "[()*&|!=\\\\]{9}"
        ) {
            let filter = "(&(objectClass=person)(|(uid={id})(mail={id}@*)))";
            let (one_bytes, other_bytes) = (encoded(filter, &one), encoded(filter, &other));
            let text = |bytes: &[u8], id: &str| {
                let mut places = 0;
                let mut bytes = bytes.to_vec();
                while let Some(at) = bytes.windows(9).position(|window| window == id.as_bytes()) {
                    bytes.splice(at..at + 9, *b"<the-id->\0").for_each(drop);
                    places += 1;
                }
                (places, bytes)
            };
            prop_assert_eq!(text(&one_bytes, &one), text(&other_bytes, &other));
        }

        #[test]
        fn reading_a_filter_never_panics(text in ".{0,80}", shape in "[()&|!=*:\\\\a2{}id~<>]{0,60}") {
            let _ = Filter::parse(&text);
            let _ = Filter::parse(&format!("({shape}{{id}})"));
        }
    }
}
