//! LDAP messages (RFC 4511) and their encoding (X.690, definite lengths only as
//! RFC 4511 5.1 asks).
//!
//! Requests are built whole. Responses are read by a cursor that knows what
//! comes next, without recursion; a message has at most [`LONGEST_MESSAGE`]
//! bytes, an entry [`MOST_ATTRIBUTES`] attributes of [`MOST_VALUES`] values.

use zeroize::Zeroizing;

/// The most bytes of a response. Few attributes are asked for, and none of
/// them holds a picture.
pub(super) const LONGEST_MESSAGE: usize = 256 * 1024;
/// The most attributes of an entry.
pub(super) const MOST_ATTRIBUTES: usize = 32;
/// The most values of an attribute.
pub(super) const MOST_VALUES: usize = 256;

/// The request to begin TLS (RFC 4511 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
pub(super) const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const UNBIND_REQUEST: u8 = 0x42;
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;
const INTERMEDIATE_RESPONSE: u8 = 0x79;
/// `simple` of AuthenticationChoice, and `requestName` of ExtendedRequest.
const CONTEXT_0: u8 = 0x80;

/// A response that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    /// It ends too early.
    #[error("a message of the directory ends too early")]
    Truncated,
    /// It is larger than anything that was asked for.
    #[error("a message of the directory is too large")]
    TooLarge,
    /// Something else stands where an element was expected.
    #[error("a message of the directory is not LDAP")]
    Malformed,
}

/// How an operation ended (RFC 4511 4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The result code.
    pub(super) code: u32,
    /// The server's own words.
    pub(super) text: String,
}

/// An entry that was found.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub(super) dn: String,
    /// Its attributes, as the server names them.
    pub(super) attributes: Vec<(String, Vec<Zeroizing<Vec<u8>>>)>,
}

impl Entry {
    /// The values of an attribute, whose name has no case.
    pub(super) fn values(&self, attribute: &str) -> impl Iterator<Item = &[u8]> {
        self.attributes
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(attribute))
            .flat_map(|(_, values)| values.iter().map(|value| value.as_slice()))
    }

    /// The first value of an attribute as text.
    pub(super) fn text(&self, attribute: &str) -> Option<String> {
        let first = self.values(attribute).next()?;
        String::from_utf8(first.to_vec()).ok()
    }
}

impl std::fmt::Debug for Entry {
    /// Without values: one of them may be a PIN.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("dn", &self.dn)
            .finish_non_exhaustive()
    }
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// The bind ended.
    Bind(Outcome),
    /// An entry was found.
    Entry(Entry),
    /// There is more elsewhere; nobody goes there.
    Reference,
    /// The search ended.
    SearchDone(Outcome),
    /// An extended operation ended; with message id 0 the server disconnects.
    Extended(Outcome),
    /// Something in between that asks for nothing.
    Intermediate,
}

/// A response and the request it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) id: u32,
    pub(super) response: Response,
}

/// Which entries are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) base: &'a str,
    /// 1: directly below the base; 2: anywhere below it.
    pub(super) scope: u8,
    /// Entries, at most.
    pub(super) size_limit: u32,
    /// Seconds, at most.
    pub(super) time_limit: u32,
    /// An encoded filter.
    pub(super) filter: &'a [u8],
    pub(super) attributes: &'a [&'a str],
}

/// A simple bind. An empty password would be an *unauthenticated* bind, which
/// succeeds whoever it names (RFC 4513 5.1.2): the caller must not ask for one.
pub(super) fn bind_request(id: u32, dn: &str, password: &str) -> Zeroizing<Vec<u8>> {
    let version = integer(INTEGER, 3);
    let name = element(OCTET_STRING, &[dn.as_bytes()]);
    let simple = Zeroizing::new(element(CONTEXT_0, &[password.as_bytes()]));
    let body = Zeroizing::new(element(BIND_REQUEST, &[&version, &name, &simple]));
    Zeroizing::new(message(id, &body))
}

/// A search.
pub(super) fn search_request(id: u32, search: Search<'_>) -> Vec<u8> {
    const NEVER_DEREFERENCE: u32 = 0;
    let names: Vec<Vec<u8>> = search
        .attributes
        .iter()
        .map(|name| element(OCTET_STRING, &[name.as_bytes()]))
        .collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let body = element(
        SEARCH_REQUEST,
        &[
            &element(OCTET_STRING, &[search.base.as_bytes()]),
            &integer(ENUMERATED, u32::from(search.scope)),
            &integer(ENUMERATED, NEVER_DEREFERENCE),
            &integer(INTEGER, search.size_limit),
            &integer(INTEGER, search.time_limit),
            &element(BOOLEAN, &[&[0]]),
            search.filter,
            &element(SEQUENCE, &names),
        ],
    );
    message(id, &body)
}

/// The request to begin TLS.
pub(super) fn start_tls_request(id: u32) -> Vec<u8> {
    let name = element(CONTEXT_0, &[START_TLS]);
    message(id, &element(EXTENDED_REQUEST, &[&name]))
}

/// Good bye.
pub(super) fn unbind_request(id: u32) -> Vec<u8> {
    message(id, &element(UNBIND_REQUEST, &[]))
}

fn message(id: u32, body: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&integer(INTEGER, id), body])
}

/// An element of several parts.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(length + 6);
    bytes.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let long = (length as u64).to_be_bytes();
            let digits: Vec<u8> = long.into_iter().skip_while(|digit| *digit == 0).collect();
            // At most eight digits.
            bytes.push(0x80 | digits.len() as u8);
            bytes.extend(digits);
        }
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

fn integer(tag: u8, value: u32) -> Vec<u8> {
    let digits = value.to_be_bytes();
    let mut digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
    // Not to be read as a negative number.
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    element(tag, &[&digits])
}

/// How many bytes the first message of a buffer has, once its length is known;
/// they may not all be there yet.
pub(super) fn message_length(buffer: &[u8]) -> Result<Option<usize>, WireError> {
    let Some((&tag, rest)) = buffer.split_first() else {
        return Ok(None);
    };
    if tag != SEQUENCE {
        return Err(WireError::Malformed);
    }
    match length(rest) {
        Ok((header, content)) => {
            let whole = 1usize.saturating_add(header).saturating_add(content);
            if whole > LONGEST_MESSAGE {
                return Err(WireError::TooLarge);
            }
            Ok(Some(whole))
        }
        Err(WireError::Truncated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads one whole message.
pub(super) fn read_message(bytes: &[u8]) -> Result<Message, WireError> {
    let mut outer = Reader { rest: bytes };
    let mut message = outer.enter(SEQUENCE)?;
    let id = message.number(INTEGER)?;
    let (tag, content) = message.next()?;
    let mut body = Reader { rest: content };
    let response = match tag {
        BIND_RESPONSE => Response::Bind(body.outcome()?),
        SEARCH_DONE => Response::SearchDone(body.outcome()?),
        EXTENDED_RESPONSE => Response::Extended(body.outcome()?),
        SEARCH_ENTRY => Response::Entry(body.entry()?),
        SEARCH_REFERENCE => Response::Reference,
        INTERMEDIATE_RESPONSE => Response::Intermediate,
        _ => return Err(WireError::Malformed),
    };
    Ok(Message { id, response })
}

/// A length and how many bytes it is written in.
fn length(bytes: &[u8]) -> Result<(usize, usize), WireError> {
    let (&first, rest) = bytes.split_first().ok_or(WireError::Truncated)?;
    if first < 0x80 {
        return Ok((1, usize::from(first)));
    }
    let digits = usize::from(first & 0x7f);
    // 0x80 is the indefinite form, which LDAP does not have.
    if digits == 0 {
        return Err(WireError::Malformed);
    }
    if digits > 4 {
        return Err(WireError::TooLarge);
    }
    let digits = rest.get(..digits).ok_or(WireError::Truncated)?;
    let value = digits
        .iter()
        .fold(0usize, |value, digit| value << 8 | usize::from(*digit));
    Ok((1 + digits.len(), value))
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The next element, whatever it is. Tags of several bytes do not occur.
    fn next(&mut self) -> Result<(u8, &'a [u8]), WireError> {
        let (&tag, rest) = self.rest.split_first().ok_or(WireError::Truncated)?;
        let (header, content) = length(rest)?;
        let rest = rest.get(header..).ok_or(WireError::Truncated)?;
        let (content, rest) = rest.split_at_checked(content).ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok((tag, content))
    }

    fn expect(&mut self, tag: u8) -> Result<&'a [u8], WireError> {
        match self.next()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(WireError::Malformed),
        }
    }

    fn enter(&mut self, tag: u8) -> Result<Self, WireError> {
        self.expect(tag).map(|rest| Self { rest })
    }

    fn text(&mut self) -> Result<String, WireError> {
        // The words of a server are shown, not compared.
        self.expect(OCTET_STRING)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// A number that is not negative.
    fn number(&mut self, tag: u8) -> Result<u32, WireError> {
        let digits = self.expect(tag)?;
        let digits = match digits {
            [0, digits @ ..] if digits.len() <= 4 => digits,
            [first, ..] if *first < 0x80 && digits.len() <= 4 => digits,
            _ => return Err(WireError::Malformed),
        };
        Ok(digits
            .iter()
            .fold(0, |value, digit| value << 8 | u32::from(*digit)))
    }

    /// `LDAPResult`; what follows the text (referrals, credentials) is nobody's
    /// business here.
    fn outcome(&mut self) -> Result<Outcome, WireError> {
        let code = self.number(ENUMERATED)?;
        let _matched = self.expect(OCTET_STRING)?;
        let text = self.text()?;
        Ok(Outcome { code, text })
    }

    fn entry(&mut self) -> Result<Entry, WireError> {
        // The name goes back to the server as it came.
        let dn = String::from_utf8(self.expect(OCTET_STRING)?.to_vec())
            .map_err(|_| WireError::Malformed)?;
        let mut list = self.enter(SEQUENCE)?;
        let mut attributes = Vec::new();
        while !list.rest.is_empty() {
            if attributes.len() >= MOST_ATTRIBUTES {
                return Err(WireError::TooLarge);
            }
            let mut attribute = list.enter(SEQUENCE)?;
            let name = attribute.text()?;
            let mut set = attribute.enter(SET)?;
            let mut values = Vec::new();
            while !set.rest.is_empty() {
                if values.len() >= MOST_VALUES {
                    return Err(WireError::TooLarge);
                }
                values.push(Zeroizing::new(set.expect(OCTET_STRING)?.to_vec()));
            }
            attributes.push((name, values));
        }
        Ok(Entry { dn, attributes })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// A bind of `cn=a` with `secret`, as ldap-utils sends it.
    #[test]
    fn a_bind_is_what_others_send() {
        assert_eq!(
            *bind_request(1, "cn=a", "secret"),
            *b"\x30\x16\x02\x01\x01\x60\x11\x02\x01\x03\x04\x04cn=a\x80\x06secret"
        );
        assert_eq!(unbind_request(200), b"\x30\x06\x02\x02\x00\xc8\x42\x00");
    }

    #[test]
    fn a_search_asks_for_little_and_follows_nothing() {
        let search = Search {
            base: "dc=x",
            scope: 2,
            size_limit: 2,
            time_limit: 3,
            filter: b"\x87\x01u",
            attributes: &["uid"],
        };
        assert_eq!(
            search_request(2, search),
            b"\x30\x24\x02\x01\x02\x63\x1f\x04\x04dc=x\x0a\x01\x02\x0a\x01\x00\
              \x02\x01\x02\x02\x01\x03\x01\x01\x00\x87\x01u\x30\x05\x04\x03uid"
        );
    }

    fn response(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        message(7, &element(tag, parts))
    }

    fn outcome(code: u32, text: &str) -> [Vec<u8>; 3] {
        [
            integer(ENUMERATED, code),
            element(OCTET_STRING, &[]),
            element(OCTET_STRING, &[text.as_bytes()]),
        ]
    }

    #[test]
    fn an_outcome_is_its_code_and_words() {
        let [code, matched, text] = outcome(49, "no");
        let bytes = response(BIND_RESPONSE, &[&code, &matched, &text]);
        let read = read_message(&bytes).unwrap();
        assert_eq!(read.id, 7);
        let expected = Outcome {
            code: 49,
            text: "no".to_owned(),
        };
        assert_eq!(read.response, Response::Bind(expected.clone()));
        // Referrals and credentials may follow.
        let more = element(0xa3, &[&element(OCTET_STRING, &[b"ldap://elsewhere"])]);
        let bytes = response(SEARCH_DONE, &[&code, &matched, &text, &more]);
        let read = read_message(&bytes).unwrap();
        assert_eq!(read.response, Response::SearchDone(expected));
    }

    fn entry(dn: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
        let attributes: Vec<&[u8]> = attributes.iter().map(Vec::as_slice).collect();
        let list = element(SEQUENCE, &attributes);
        response(SEARCH_ENTRY, &[&element(OCTET_STRING, &[dn]), &list])
    }

    fn attribute(name: &str, values: usize) -> Vec<u8> {
        let value = element(OCTET_STRING, &[b"alice"]);
        let values: Vec<&[u8]> = (0..values).map(|_| value.as_slice()).collect();
        element(
            SEQUENCE,
            &[
                &element(OCTET_STRING, &[name.as_bytes()]),
                &element(SET, &values),
            ],
        )
    }

    #[test]
    fn an_entry_is_read_and_prints_no_value() {
        let read = read_message(&entry(b"uid=alice", &[attribute("UID", 2)])).unwrap();
        let Response::Entry(entry) = read.response else {
            panic!("an entry");
        };
        assert_eq!(entry.dn, "uid=alice");
        assert_eq!(entry.values("uid").count(), 2);
        assert_eq!(entry.text("uid").as_deref(), Some("alice"));
        assert_eq!(entry.text("pin"), None);
        assert_eq!(format!("{entry:?}"), "Entry { dn: \"uid=alice\", .. }");
    }

    #[test]
    fn an_entry_is_bounded() {
        let many = vec![attribute("a", 0); MOST_ATTRIBUTES + 1];
        assert_eq!(read_message(&entry(b"x", &many)), Err(WireError::TooLarge));
        let crowded = [attribute("a", MOST_VALUES + 1)];
        assert_eq!(
            read_message(&entry(b"x", &crowded)),
            Err(WireError::TooLarge)
        );
        assert_eq!(
            read_message(&entry(b"\xff", &[])),
            Err(WireError::Malformed),
            "a name that could not be sent back"
        );
    }

    #[test]
    fn a_message_is_bounded_before_it_is_there() {
        assert_eq!(message_length(b""), Ok(None));
        assert_eq!(message_length(b"\x30"), Ok(None));
        assert_eq!(message_length(b"\x30\x82\x01"), Ok(None));
        assert_eq!(message_length(b"\x30\x82\x01\x00"), Ok(Some(260)));
        assert_eq!(message_length(b"\x30\x80"), Err(WireError::Malformed));
        assert_eq!(message_length(b"HTTP/1.1"), Err(WireError::Malformed));
        for large in [&b"\x30\x84\xff\xff\xff\xff"[..], b"\x30\x89"] {
            assert_eq!(message_length(large), Err(WireError::TooLarge));
        }
    }

    /// What makes a recursive reader overflow its stack is malformed here.
    #[test]
    fn nesting_is_no_danger() {
        const LEVELS: u32 = 50_000;
        let mut deep = Vec::new();
        for level in 1..=LEVELS {
            let inside = 5 * (LEVELS - level);
            deep.extend_from_slice(&[SEQUENCE, 0x83]);
            deep.extend_from_slice(&inside.to_be_bytes()[1..]);
        }
        assert_eq!(message_length(&deep), Ok(Some(deep.len())));
        assert!(deep.len() > 100_000);
        assert_eq!(read_message(&deep), Err(WireError::Malformed));
    }

    proptest! {
        #[test]
        fn no_bytes_are_dangerous(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = message_length(&bytes);
            let _ = read_message(&bytes);
        }

        #[test]
        fn nor_is_a_message_that_was_cut_or_changed(
            at in 0usize..80, with: u8, cut in 0usize..80
        ) {
            let [code, matched, text] = outcome(0, "fine");
            for whole in [
                entry(b"uid=alice", &[attribute("uid", 2), attribute("sn", 1)]),
                response(BIND_RESPONSE, &[&code, &matched, &text]),
            ] {
                let mut bytes = whole.clone();
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = with;
                }
                let _ = read_message(&bytes);
                prop_assert!(read_message(&whole[..cut.min(whole.len() - 1)]).is_err());
            }
        }

        #[test]
        fn what_is_built_has_the_length_it_says(id: u32, dn in ".{0,300}", password in ".{0,300}") {
            let bytes = bind_request(id, &dn, &password);
            prop_assert_eq!(message_length(&bytes), Ok(Some(bytes.len())));
        }
    }
}
