//! The rules that all elements share: lengths, counts, what may stand where.
//! The strict parser makes an error of each breach, the old one passes it over.

use std::borrow::Cow;

use super::field::{Label, Limited, Url};
use super::tree::{Element, Fault};
use super::{Strictness, limits};

/// How to judge.
pub(super) struct Rules {
    pub(super) parser: Strictness,
}

impl Rules {
    /// The root of a displayed object: no text of its own, and of attributes
    /// only those of the base type.
    pub(super) fn displayable(&self, root: &Element) -> Result<(), Fault> {
        const KNOWN: [&str; 6] = [
            "keypadTarget",
            "appId",
            "onAppFocusLost",
            "onAppFocusGained",
            "onAppMinimized",
            "onAppClosed",
        ];
        self.attributes(root, &KNOWN)?;
        for (name, value) in &root.attributes {
            let length = value.chars().count();
            let fits = match name.as_str() {
                "keypadTarget" => matches!(
                    value.as_str(),
                    "application" | "applicationCall" | "activeCall"
                ),
                "appId" => (1..=64).contains(&length),
                _ => (1..=256).contains(&length),
            };
            if !fits {
                self.complain(root, format!("attribute {name} has no such value"))?;
            }
        }
        self.no_text(root)
    }

    pub(super) fn container(&self, element: &Element) -> Result<(), Fault> {
        self.attributes(element, &[])?;
        self.no_text(element)
    }

    pub(super) fn no_text(&self, element: &Element) -> Result<(), Fault> {
        if element.text.trim().is_empty() {
            return Ok(());
        }
        self.complain(element, format!("text directly in <{}>", element.name))
    }

    pub(super) fn no_content(&self, element: &Element) -> Result<(), Fault> {
        if let Some(child) = element.children.first() {
            self.unknown(child)?;
        }
        self.no_text(element)
    }

    pub(super) fn attributes(&self, element: &Element, known: &[&str]) -> Result<(), Fault> {
        match element
            .attributes
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            Some((name, _)) => {
                let reason = format!("attribute {name} in <{}>", element.name);
                self.complain(element, reason)
            }
            None => Ok(()),
        }
    }

    pub(super) fn label<const MAX: usize>(&self, element: &Element) -> Result<Label<MAX>, Fault> {
        let text = self.leaf(element)?;
        let length = text.chars().count();
        if length > MAX {
            let name = &element.name;
            self.measure(
                element,
                format!("<{name}> has {length} characters, at most {MAX} are allowed"),
            )?;
        }
        Ok(Label::new(text))
    }

    pub(super) fn url(&self, element: &Element) -> Result<Option<Url>, Fault> {
        self.attributes(element, &[])?;
        self.url_text(element)
    }

    pub(super) fn url_text(&self, element: &Element) -> Result<Option<Url>, Fault> {
        if let Some(child) = element.children.first() {
            self.unknown(child)?;
        }
        self.url_value(element, &element.text)
    }

    pub(super) fn url_value(&self, element: &Element, url: &str) -> Result<Option<Url>, Fault> {
        let url = url.trim();
        let length = url.chars().count();
        if length > limits::URL {
            self.measure(
                element,
                format!(
                    "a URL of {length} characters, at most {} are allowed",
                    limits::URL
                ),
            )?;
        }
        Ok((!url.is_empty()).then(|| Url::from_page(url)))
    }

    pub(super) fn leaf<'a>(&self, element: &'a Element) -> Result<&'a str, Fault> {
        self.attributes(element, &[])?;
        if let Some(child) = element.children.first() {
            self.unknown(child)?;
        }
        Ok(&element.text)
    }

    /// Fills `slot`; an element that stood there before is an error.
    pub(super) fn set<T>(
        &self,
        slot: &mut Option<T>,
        value: T,
        element: &Element,
    ) -> Result<(), Fault> {
        if slot.replace(value).is_some() {
            self.complain(element, format!("<{}> stands twice", element.name))?;
        }
        Ok(())
    }

    pub(super) fn append<T, const MAX: usize>(
        &self,
        list: &mut Limited<T, MAX>,
        item: T,
        element: &Element,
    ) -> Result<(), Fault> {
        if list.is_full() {
            let name = &element.name;
            self.measure(element, format!("more than {MAX} <{name}>"))?;
        }
        list.push(item);
        Ok(())
    }

    pub(super) fn unknown(&self, element: &Element) -> Result<(), Fault> {
        self.complain(element, format!("<{}> may not stand here", element.name))
    }

    /// An error for parsers that insist on lengths and counts.
    pub(super) fn measure(
        &self,
        element: &Element,
        reason: impl Into<Cow<'static, str>>,
    ) -> Result<(), Fault> {
        if self.parser.measures() {
            self.complain(element, reason)
        } else {
            Ok(())
        }
    }

    /// An error for the newer parsers, nothing for the old one.
    pub(super) fn complain(
        &self,
        element: &Element,
        reason: impl Into<Cow<'static, str>>,
    ) -> Result<(), Fault> {
        if self.parser.refuses_unknown() {
            Err(Fault::new(element.at, reason))
        } else {
            Ok(())
        }
    }
}
