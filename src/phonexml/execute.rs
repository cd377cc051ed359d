//! Objects that are not displayed: orders to a phone, and its answers.

use super::Charset;
use super::field::{Label, Limited, Url};
use super::limits;

/// `CiscoIPPhoneExecute`: up to three things for the phone to do, of which at
/// most one may be a page to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Execute {
    items: Limited<ExecuteItem, { limits::EXECUTE_ITEMS }>,
}

impl Execute {
    /// No orders yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an order that runs at once. A fourth item, or a second page to
    /// fetch, is dropped and counted. The phone may run items in any order.
    #[must_use]
    pub fn item(self, url: Url) -> Self {
        self.prioritised(Priority::AtOnce, url)
    }

    /// As [`item`](Execute::item), with a priority.
    #[must_use]
    pub fn prioritised(mut self, priority: Priority, url: Url) -> Self {
        self.push(ExecuteItem { priority, url });
        self
    }

    /// Appends under the rules of the object; `false` when it was dropped.
    pub(super) fn push(&mut self, item: ExecuteItem) -> bool {
        let second_page = item.url.is_http() && self.items.iter().any(|i| i.url.is_http());
        if second_page || self.items.is_full() {
            self.items.refuse();
            return false;
        }
        self.items.push(item);
        true
    }

    /// The orders; see [`Limited::dropped`] for those that did not fit.
    pub fn items(&self) -> &Limited<ExecuteItem, { limits::EXECUTE_ITEMS }> {
        &self.items
    }

    /// The object as bytes in `charset`. A phone of the 7900 series takes at
    /// most [`limits::PUSH`] bytes of it by push.
    pub fn to_bytes(&self, charset: Charset) -> Vec<u8> {
        super::Object::Execute(self.clone()).to_bytes(charset)
    }
}

/// One order of an [`Execute`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecuteItem {
    /// When; it matters for pages only, the phone's own URIs run at once.
    pub priority: Priority,
    /// The page to fetch or the internal URI to run.
    pub url: Url,
}

/// When a pushed page may interrupt (attribute `Priority`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Priority {
    /// 0: now, whatever the user does.
    #[default]
    AtOnce,
    /// 1: when the phone is idle again.
    WhenIdle,
    /// 2: only if the phone is idle now.
    IfIdle,
}

impl Priority {
    /// The number in the attribute.
    pub fn number(self) -> u8 {
        match self {
            Self::AtOnce => 0,
            Self::WhenIdle => 1,
            Self::IfIdle => 2,
        }
    }

    /// The priority with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::AtOnce, Self::WhenIdle, Self::IfIdle]
            .into_iter()
            .find(|p| p.number() == number)
    }
}

/// `CiscoIPPhoneResponse`: what became of each order, in order of completion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// One item for each order.
    pub items: Limited<ResponseItem, { limits::RESPONSE_ITEMS }>,
}

/// What became of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseItem {
    /// 0 done, 1 URI not understood, 6 could not be done.
    pub status: i16,
    /// The phone's word for it (`Success`), often empty.
    pub data: Label<{ limits::RESPONSE_DATA }>,
    /// The URL or URI of the order.
    pub url: Label<{ limits::URL }>,
}

impl ResponseItem {
    /// Whether the order was carried out.
    pub fn is_success(&self) -> bool {
        self.status == 0
    }
}

/// `CiscoIPPhoneError`: the phone refused the orders as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorReport {
    /// 1 the orders could not be parsed, 2 the answer could not be framed, 3 a
    /// file error inside the phone, 4 not authorised.
    pub number: u16,
    /// What the phone adds, most often nothing.
    pub text: Label<{ limits::RESPONSE_DATA }>,
}

impl ErrorReport {
    /// The number in words (*Application Development Notes*,
    /// *CiscoIPPhoneError*; 0, 5 and 6 are undocumented but seen).
    pub fn meaning(&self) -> &'static str {
        match self.number {
            0 | 4 => "the phone did not accept the credentials",
            1 => "the phone could not parse the orders",
            2 => "the phone could not frame its answer",
            3 => "file error inside the phone",
            5 => "network error",
            6 => "timeout, or the request was sent in a way the phone does not read",
            _ => "error without a published meaning",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_page_and_two_uris_are_the_most_that_may_be_ordered() {
        let url = |u: &str| Url::new(u).unwrap();
        let execute = Execute::new()
            .item(url("http://h/a"))
            .item(url("http://h/b"))
            .item(url("Init:Services"))
            .item(url("Key:Services"))
            .item(url("Key:Line1"));
        let kept: Vec<_> = execute.items().iter().map(|i| i.url.as_str()).collect();
        assert_eq!(kept, ["http://h/a", "Init:Services", "Key:Services"]);
        assert_eq!(execute.items().dropped(), 2);
    }
}
