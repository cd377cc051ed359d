//! Trees to objects, under the rules of the schema or of the old parser.
//!
//! The rules are those of Cisco's schema except where real phones and Cisco's
//! own manual differ from it: children may come in any order, `URL` of a form
//! may say `method`, a `Position` may be -1, and the answers of phones carry
//! attributes instead of elements.

use super::execute::{ErrorReport, Execute, ExecuteItem, Priority, Response, ResponseItem};
use super::field::{Label, Limited};
use super::input::{Input, InputFlags, InputItem, SubmitMethod};
use super::object::{Directory, DirectoryEntry, Frame, Menu, MenuItem, Object, Text};
use super::rules::Rules;
use super::softkey::{Position, SoftKeyItem};
use super::tree::{Element, Fault};
use super::{Strictness, limits};

/// Objects that exist, but that this room does not read.
pub(super) fn is_unsupported(root: &str) -> bool {
    matches!(
        root,
        "CiscoIPPhoneIconFileMenu"
            | "CiscoIPPhoneImage"
            | "CiscoIPPhoneImageFile"
            | "CiscoIPPhoneGraphicMenu"
            | "CiscoIPPhoneGraphicFileMenu"
            | "CiscoIPPhoneStatus"
            | "CiscoIPPhoneStatusFile"
    )
}

/// The object that `root` is.
pub(super) fn object(root: &Element, strictness: Strictness) -> Result<Object, Fault> {
    let rules = Rules { parser: strictness };
    match root.name.as_str() {
        "CiscoIPPhoneMenu" | "CiscoIPPhoneIconMenu" => rules.menu(root).map(Object::Menu),
        "CiscoIPPhoneText" => rules.text(root).map(Object::Text),
        "CiscoIPPhoneInput" => rules.input(root).map(Object::Input),
        "CiscoIPPhoneDirectory" => rules.directory(root).map(Object::Directory),
        "CiscoIPPhoneExecute" => rules.execute(root).map(Object::Execute),
        // The schema spells it with one P; phones do not.
        "CiscoIPPhoneResponse" | "CiscoIPhoneResponse" => {
            rules.response(root).map(Object::Response)
        }
        "CiscoIPPhoneError" => error(root).map(Object::Error),
        other => Err(Fault::new(
            root.at,
            format!("<{other}> is not an object that phones know"),
        )),
    }
}

impl Rules {
    fn menu(&self, root: &Element) -> Result<Menu, Fault> {
        let mut menu = Menu::default();
        let mut frame = FrameReader::default();
        // An old phone ends the list at an item without a name.
        let mut ended = false;
        // The pictures before the items are checked and passed over.
        let with_icons = root.name == "CiscoIPPhoneIconMenu";
        let mut icons = 0;
        self.displayable(root)?;
        for child in &root.children {
            match child.name.as_str() {
                "IconItem" if with_icons => {
                    icons += 1;
                    self.icon(child, icons)?;
                }
                "MenuItem" => {
                    let item = self.menu_item(child, with_icons)?;
                    if with_icons && menu.items.len() >= limits::ICON_MENU_ITEMS {
                        self.measure(child, "more than 32 <MenuItem>")?;
                    }
                    ended |= self.parser == Strictness::Lenient && item.name.is_empty();
                    if !ended {
                        self.append(&mut menu.items, item, child)?;
                    }
                }
                _ => frame.take(self, child)?,
            }
        }
        menu.frame = frame.frame;
        Ok(menu)
    }

    /// One picture of an icon menu, the `count`th.
    fn icon(&self, element: &Element, count: usize) -> Result<(), Fault> {
        self.container(element)?;
        if count > limits::ICONS {
            self.measure(element, "more than 10 <IconItem>")?;
        }
        for child in &element.children {
            match child.name.as_str() {
                "Index" | "Width" | "Height" | "Depth" | "Data" => {
                    self.leaf(child)?;
                }
                _ => self.unknown(child)?,
            }
        }
        Ok(())
    }

    fn menu_item(&self, element: &Element, with_icons: bool) -> Result<MenuItem, Fault> {
        self.container(element)?;
        let mut name = None;
        let mut url = None;
        for child in &element.children {
            match child.name.as_str() {
                "Name" => self.set(&mut name, self.label(child)?, child)?,
                "URL" => self.set(&mut url, self.url(child)?, child)?,
                "IconIndex" if with_icons => {
                    self.leaf(child)?;
                }
                _ => self.unknown(child)?,
            }
        }
        Ok(MenuItem {
            name: name.unwrap_or_default(),
            url: url.flatten(),
        })
    }

    fn text(&self, root: &Element) -> Result<Text, Fault> {
        let mut text = None;
        let mut frame = FrameReader::default();
        self.displayable(root)?;
        for child in &root.children {
            match child.name.as_str() {
                "Text" => self.set(&mut text, self.label(child)?, child)?,
                _ => frame.take(self, child)?,
            }
        }
        Ok(Text {
            frame: frame.frame,
            text: text.unwrap_or_default(),
        })
    }

    fn input(&self, root: &Element) -> Result<Input, Fault> {
        let mut url = None;
        let mut method = SubmitMethod::Get;
        let mut items = Limited::default();
        let mut frame = FrameReader::default();
        self.displayable(root)?;
        for child in &root.children {
            match child.name.as_str() {
                "URL" => {
                    method = self.method(child)?;
                    self.set(&mut url, self.url_text(child)?, child)?;
                }
                "InputItem" => self.append(&mut items, self.input_item(child)?, child)?,
                _ => frame.take(self, child)?,
            }
        }
        let url = url.flatten();
        if url.is_none() {
            self.complain(root, "<CiscoIPPhoneInput> needs a <URL>")?;
        }
        Ok(Input {
            frame: frame.frame,
            url,
            method,
            items,
        })
    }

    fn method(&self, url: &Element) -> Result<SubmitMethod, Fault> {
        self.attributes(url, &["method"])?;
        match url.attribute("method") {
            Some(method) if method.eq_ignore_ascii_case("post") => Ok(SubmitMethod::Post),
            Some(method) if !method.eq_ignore_ascii_case("get") => {
                self.complain(url, "method is neither get nor post")?;
                Ok(SubmitMethod::Get)
            }
            _ => Ok(SubmitMethod::Get),
        }
    }

    fn input_item(&self, element: &Element) -> Result<InputItem, Fault> {
        self.container(element)?;
        let (mut name, mut parameter, mut flags, mut default_value) = (None, None, None, None);
        for child in &element.children {
            match child.name.as_str() {
                "DisplayName" => self.set(&mut name, self.label(child)?, child)?,
                "QueryStringParam" => {
                    let value: Label<{ limits::PARAMETER }> = self.label(child)?;
                    self.set(&mut parameter, value, child)?;
                }
                "InputFlags" => self.set(&mut flags, self.flags(child)?, child)?,
                "DefaultValue" => self.set(&mut default_value, self.label(child)?, child)?,
                _ => self.unknown(child)?,
            }
        }
        let parameter = parameter.unwrap_or_default();
        if parameter.is_empty() {
            self.complain(element, "<InputItem> needs a <QueryStringParam>")?;
        }
        if flags.is_none() {
            self.complain(element, "<InputItem> needs <InputFlags>")?;
        }
        let flags = flags.unwrap_or(InputFlags::ASCII);
        let mut item = InputItem::from_page(parameter.as_str().to_owned(), flags);
        item.name = name.unwrap_or_default();
        item.default_value = default_value.unwrap_or_default();
        Ok(item)
    }

    fn flags(&self, element: &Element) -> Result<InputFlags, Fault> {
        let letters = self.leaf(element)?.trim();
        if let Some(flags) = InputFlags::from_letters(letters) {
            return Ok(flags);
        }
        self.complain(element, format!("InputFlags {letters:?} are not known"))?;
        Ok(InputFlags::from_letters(&letters.to_ascii_uppercase()).unwrap_or(InputFlags::ASCII))
    }

    fn directory(&self, root: &Element) -> Result<Directory, Fault> {
        let mut directory = Directory::default();
        let mut frame = FrameReader::default();
        self.displayable(root)?;
        for child in &root.children {
            match child.name.as_str() {
                "DirectoryEntry" => {
                    let entry = self.directory_entry(child)?;
                    // An old phone hides entries without a name.
                    if self.parser != Strictness::Lenient || !entry.name.is_empty() {
                        self.append(&mut directory.entries, entry, child)?;
                    }
                }
                _ => frame.take(self, child)?,
            }
        }
        directory.frame = frame.frame;
        Ok(directory)
    }

    fn directory_entry(&self, element: &Element) -> Result<DirectoryEntry, Fault> {
        self.container(element)?;
        let (mut name, mut telephone) = (None, None);
        for child in &element.children {
            match child.name.as_str() {
                "Name" => self.set(&mut name, self.label(child)?, child)?,
                "Telephone" => self.set(&mut telephone, self.label(child)?, child)?,
                _ => self.unknown(child)?,
            }
        }
        Ok(DirectoryEntry {
            name: name.unwrap_or_default(),
            telephone: telephone.unwrap_or_default(),
        })
    }

    fn soft_key(&self, element: &Element, before: usize) -> Result<SoftKeyItem, Fault> {
        self.container(element)?;
        let (mut name, mut url, mut url_down, mut position) = (None, None, None, None);
        for child in &element.children {
            match child.name.as_str() {
                "Name" => self.set(&mut name, self.label(child)?, child)?,
                "URL" => self.set(&mut url, self.url(child)?, child)?,
                "URLDown" => self.set(&mut url_down, self.url(child)?, child)?,
                "Position" => self.set(&mut position, self.position(child)?, child)?,
                _ => self.unknown(child)?,
            }
        }
        let position = if let Some(position) = position.flatten() {
            position
        } else {
            self.complain(element, "<SoftKeyItem> needs a <Position> from 1 to 8")?;
            let next = i8::try_from(before + 1).unwrap_or(i8::MAX);
            Position::from_page(next).unwrap_or(Position::HARD_BUTTON)
        };
        Ok(SoftKeyItem {
            name: name.unwrap_or_default(),
            url: url.flatten(),
            url_down: url_down.flatten(),
            position,
        })
    }

    fn position(&self, element: &Element) -> Result<Option<Position>, Fault> {
        let number = self.leaf(element)?.trim().parse().ok();
        Ok(number.and_then(if self.parser.measures() {
            Position::new
        } else {
            Position::from_page
        }))
    }

    /// `KeyItem`s bind hard keys; they are checked and passed over.
    fn key_item(&self, element: &Element) -> Result<(), Fault> {
        const KEYS: [&str; 9] = [
            "KeyPadStar",
            "KeyPadPound",
            "NavUp",
            "NavDown",
            "NavLeft",
            "NavRight",
            "NavSelect",
            "NavBack",
            "PushToTalk",
        ];
        self.container(element)?;
        let mut key = None;
        for child in &element.children {
            match child.name.as_str() {
                "Key" => self.set(&mut key, self.leaf(child)?.trim(), child)?,
                "URL" | "URLDown" => {
                    self.url(child)?;
                }
                _ => self.unknown(child)?,
            }
        }
        let key = key.unwrap_or_default();
        let digit = key
            .strip_prefix("KeyPad")
            .is_some_and(|digit| digit.len() == 1 && digit.bytes().all(|b| b.is_ascii_digit()));
        if digit || KEYS.contains(&key) {
            Ok(())
        } else {
            self.complain(element, "<KeyItem> needs a <Key> that phones have")
        }
    }

    fn execute(&self, root: &Element) -> Result<Execute, Fault> {
        self.container(root)?;
        let mut execute = Execute::new();
        for child in &root.children {
            if child.name != "ExecuteItem" {
                self.unknown(child)?;
                continue;
            }
            self.attributes(child, &["Priority", "URL"])?;
            self.no_content(child)?;
            let Some(url) = self.url_value(child, child.attribute("URL").unwrap_or_default())?
            else {
                self.complain(child, "<ExecuteItem> needs a URL")?;
                continue;
            };
            let priority = child.attribute("Priority").unwrap_or("0");
            let known = priority.trim().parse().ok().and_then(Priority::from_number);
            if known.is_none() {
                self.complain(child, "Priority is 0, 1 or 2")?;
            }
            let priority = known.unwrap_or_default();
            if !execute.push(ExecuteItem { priority, url }) {
                self.complain(child, "at most three items, of them one page")?;
            }
        }
        if execute.items().is_empty() {
            self.complain(root, "<CiscoIPPhoneExecute> needs an <ExecuteItem>")?;
        }
        Ok(execute)
    }

    fn response(&self, root: &Element) -> Result<Response, Fault> {
        let mut response = Response::default();
        for child in &root.children {
            if child.name != "ResponseItem" {
                self.unknown(child)?;
                continue;
            }
            let field = |name| {
                child
                    .attribute(name)
                    .or_else(|| child.child(name).map(|element| element.text.as_str()))
                    .unwrap_or_default()
            };
            let status = field("Status").trim().parse();
            let item = ResponseItem {
                status: status.map_err(|_| Fault::new(child.at, "Status is not a number"))?,
                data: Label::new(field("Data")),
                url: Label::new(field("URL")),
            };
            self.append(&mut response.items, item, child)?;
        }
        Ok(response)
    }
}

fn error(root: &Element) -> Result<ErrorReport, Fault> {
    let number = root.attribute("Number").unwrap_or_default().trim().parse();
    Ok(ErrorReport {
        number: number.map_err(|_| Fault::new(root.at, "Number is not a number"))?,
        text: Label::new(root.text.trim()),
    })
}

/// Gathers what every displayed object has.
#[derive(Default)]
struct FrameReader {
    frame: Frame,
    title_seen: bool,
    prompt_seen: bool,
    key_items: usize,
}

impl FrameReader {
    fn take(&mut self, rules: &Rules, child: &Element) -> Result<(), Fault> {
        match child.name.as_str() {
            "Title" => {
                self.frame.title = rules.label(child)?;
                Self::once(&mut self.title_seen, rules, child)
            }
            "Prompt" => {
                self.frame.prompt = rules.label(child)?;
                Self::once(&mut self.prompt_seen, rules, child)
            }
            "SoftKeyItem" => {
                let key = rules.soft_key(child, self.frame.soft_keys.len())?;
                rules.append(&mut self.frame.soft_keys, key, child)
            }
            "KeyItem" => {
                self.key_items += 1;
                if self.key_items > limits::KEY_ITEMS {
                    rules.measure(child, "too many <KeyItem>")?;
                }
                rules.key_item(child)
            }
            _ => rules.unknown(child),
        }
    }

    fn once(seen: &mut bool, rules: &Rules, child: &Element) -> Result<(), Fault> {
        if std::mem::replace(seen, true) {
            rules.complain(child, format!("<{}> stands twice", child.name))?;
        }
        Ok(())
    }
}
