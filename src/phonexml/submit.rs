//! Sending a form, as the phone does it when *Submit* is pressed.

use std::fmt;

use super::input::{Input, SubmitMethod};
use super::limits;

/// The request that a filled form becomes.
#[derive(Clone, PartialEq, Eq)]
pub enum Submission {
    /// Fetch this URL.
    Get {
        /// With the values in it.
        url: String,
    },
    /// Send a body of type `application/x-www-form-urlencoded`.
    Post {
        /// As the form gave it.
        url: String,
        /// The values.
        body: String,
    },
}

/// The values may hold a PIN: only the address is shown.
impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, url) = match self {
            Self::Get { url } => ("Get", url),
            Self::Post { url, .. } => ("Post", url),
        };
        let address = url.split('?').next().unwrap_or_default();
        write!(f, "{method}({address}?..)")
    }
}

/// Why a form cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The form has no URL; an old phone says *Host not Found* now.
    #[error("the form has no URL to submit to")]
    NoUrl,
    /// There are more or fewer values than fields.
    #[error("the form has {fields} fields, but {values} values were given")]
    Count {
        /// Fields of the form.
        fields: usize,
        /// Values given.
        values: usize,
    },
    /// The URL with the values exceeds [`limits::SUBMITTED_URL`].
    #[error("the submitted URL would have {length} characters, more than {max}", max = limits::SUBMITTED_URL)]
    TooLong {
        /// Characters it would have.
        length: usize,
    },
}

impl Input {
    /// What the phone sends when the form is filled with `values`, one for each
    /// item in the order of the document.
    ///
    /// Every item is sent, empty ones as `name=`. They follow the URL after a
    /// `?`, or after a `&` where it has a query already. Parameter names are
    /// copied as they stand; values are percent-encoded as UTF-8, a space as
    /// `%20`.
    pub fn submission<V: AsRef<str>>(&self, values: &[V]) -> Result<Submission, SubmitError> {
        let url = self.url.as_ref().ok_or(SubmitError::NoUrl)?.as_str();
        if values.len() != self.items.len() {
            return Err(SubmitError::Count {
                fields: self.items.len(),
                values: values.len(),
            });
        }
        let mut fields = String::new();
        for (item, value) in self.items.iter().zip(values) {
            if !fields.is_empty() {
                fields.push('&');
            }
            fields.push_str(item.parameter());
            fields.push('=');
            percent_encode(value.as_ref(), &mut fields);
        }
        if self.method == SubmitMethod::Post {
            return Ok(Submission::Post {
                url: url.to_owned(),
                body: fields,
            });
        }
        let joint = match (fields.is_empty(), url.contains('?')) {
            (true, _) => "",
            (false, true) if url.ends_with(['?', '&']) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        let url = format!("{url}{joint}{fields}");
        let length = url.chars().count();
        if length > limits::SUBMITTED_URL {
            return Err(SubmitError::TooLong { length });
        }
        Ok(Submission::Get { url })
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn percent_encode(text: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
            out.push(c);
        } else {
            percent_encode_char(c, out);
        }
    }
}

/// `c` as the `%XX` of its UTF-8 bytes.
pub(super) fn percent_encode_char(c: char, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push('%');
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::phonexml::{InputFlags, InputItem, Url};

    fn form(url: &str) -> Input {
        Input::new(Url::new(url).unwrap())
            .item(InputItem::new("userid", InputFlags::ASCII).unwrap())
            .item(InputItem::new("seq", InputFlags::NUMERIC.masked()).unwrap())
    }

    fn get(url: &str, values: [&str; 2]) -> String {
        match form(url).submission(&values).unwrap() {
            Submission::Get { url } => url,
            Submission::Post { .. } => unreachable!(),
        }
    }

    #[test]
    fn values_follow_in_document_order_after_the_right_joint() {
        assert_eq!(
            get("http://h/Login", ["alice", "58213"]),
            "http://h/Login?userid=alice&seq=58213"
        );
        assert_eq!(
            get("http://h/em?device=SEP1", ["", "1"]),
            "http://h/em?device=SEP1&userid=&seq=1"
        );
        assert_eq!(
            get("http://h/em?", ["a", "1"]),
            "http://h/em?userid=a&seq=1"
        );
    }

    #[test]
    fn values_are_percent_encoded() {
        assert_eq!(
            get("http://h/", ["em@c o&ü+", "1"]),
            "http://h/?userid=em%40c%20o%26%C3%BC%2B&seq=1"
        );
    }

    #[test]
    fn post_keeps_the_pin_out_of_the_url() {
        let sent = form("http://h/em?device=SEP1")
            .method(SubmitMethod::Post)
            .submission(&["alice", "58213"])
            .unwrap();
        assert_eq!(
            sent,
            Submission::Post {
                url: "http://h/em?device=SEP1".into(),
                body: "userid=alice&seq=58213".into()
            }
        );
        assert!(!format!("{sent:?}").contains("58213"));
        let shown = form("http://h/em").submission(&["alice", "58213"]).unwrap();
        assert!(!format!("{shown:?}").contains("58213"));
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        assert_eq!(
            form("http://h/").submission(&["one"]),
            Err(SubmitError::Count {
                fields: 2,
                values: 1
            })
        );
        let long = "x".repeat(1024);
        assert!(matches!(
            form("http://h/").submission(&[long.as_str(), ""]),
            Err(SubmitError::TooLong { .. })
        ));
        let mut without = form("http://h/");
        without.url = None;
        assert_eq!(without.submission(&["a", "b"]), Err(SubmitError::NoUrl));
    }
}
