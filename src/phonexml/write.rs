//! Objects to bytes, in the order of elements that Cisco's manual shows.
//!
//! The schema asks for another order (soft keys before items), but every
//! published example and application uses the manual's; the schema's is written
//! only for tools that judge by it. No namespace, no
//! attribute on displayed objects, nothing a 7940 would not know.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::field::{Label, Url};
use super::{
    Charset, Directory, ErrorReport, Execute, Frame, Input, InputItem, Menu, Object, Response,
    SoftKeyItem, SubmitMethod, Text,
};

/// Which of Cisco's two orders the children of an element come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChildOrder {
    /// As the manual shows them: soft keys last.
    Manual,
    /// As the schema's sequences have them: soft keys before the own children
    /// of a page, positions and flags earlier inside their items.
    Schema,
}

/// `object` as a document in `charset`.
pub(super) fn write(object: &Object, charset: Charset, order: ChildOrder) -> Vec<u8> {
    let mut page = Page {
        out: Writer::new(Vec::with_capacity(1024)),
        charset,
        order,
    };
    page.event(Event::Decl(BytesDecl::new(
        "1.0",
        Some(charset.name()),
        None,
    )));
    page.event(Event::Text(BytesText::from_escaped("\n")));
    match object {
        Object::Error(error) => page.error(error),
        _ => page.element(object.name(), |page| match object {
            Object::Menu(menu) => page.menu(menu),
            Object::Text(text) => page.text(text),
            Object::Input(input) => page.input(input),
            Object::Directory(directory) => page.directory(directory),
            Object::Execute(execute) => page.execute(execute),
            Object::Response(response) => page.response(response),
            Object::Error(_) => {}
        }),
    }
    let utf8 = page.out.into_inner();
    match charset {
        Charset::Utf8 => utf8,
        Charset::Latin1 => charset.encode(&String::from_utf8_lossy(&utf8)),
    }
}

struct Page {
    out: Writer<Vec<u8>>,
    charset: Charset,
    order: ChildOrder,
}

impl Page {
    fn menu(&mut self, menu: &Menu) {
        self.displayed(&menu.frame, |page| {
            for item in &menu.items {
                page.element("MenuItem", |page| {
                    page.label("Name", &item.name);
                    page.url("URL", item.url.as_ref());
                });
            }
        });
    }

    fn text(&mut self, text: &Text) {
        self.displayed(&text.frame, |page| page.label("Text", &text.text));
    }

    fn input(&mut self, input: &Input) {
        self.displayed(&input.frame, |page| page.form(input));
    }

    fn form(&mut self, input: &Input) {
        if let Some(url) = &input.url {
            let mut start = BytesStart::new("URL");
            if input.method == SubmitMethod::Post {
                start.push_attribute(("method", "post"));
            }
            self.event(Event::Start(start));
            self.characters(url.as_str());
            self.event(Event::End(BytesEnd::new("URL")));
        }
        for item in &input.items {
            self.element("InputItem", |page| page.input_item(item));
        }
    }

    fn input_item(&mut self, item: &InputItem) {
        self.label("DisplayName", &item.name);
        self.leaf("QueryStringParam", item.parameter());
        self.in_order(
            |page| page.exact("DefaultValue", &item.default_value),
            |page| page.leaf("InputFlags", &item.flags.letters()),
        );
    }

    fn directory(&mut self, directory: &Directory) {
        self.displayed(&directory.frame, |page| {
            for entry in &directory.entries {
                page.element("DirectoryEntry", |page| {
                    page.label("Name", &entry.name);
                    page.exact("Telephone", &entry.telephone);
                });
            }
        });
    }

    fn execute(&mut self, execute: &Execute) {
        for item in execute.items() {
            let mut start = BytesStart::new("ExecuteItem");
            start.push_attribute(("Priority", item.priority.number().to_string().as_str()));
            start.push_attribute(("URL", item.url.as_str()));
            self.event(Event::Empty(start));
        }
    }

    fn response(&mut self, response: &Response) {
        for item in &response.items {
            let mut start = BytesStart::new("ResponseItem");
            start.push_attribute(("Status", item.status.to_string().as_str()));
            start.push_attribute(("Data", self.charset.transliterate(item.data.as_str())));
            start.push_attribute(("URL", self.charset.transliterate(item.url.as_str())));
            self.event(Event::Empty(start));
        }
    }

    fn error(&mut self, error: &ErrorReport) {
        const NAME: &str = "CiscoIPPhoneError";
        let mut start = BytesStart::new(NAME);
        start.push_attribute(("Number", error.number.to_string().as_str()));
        if error.text.is_empty() {
            self.event(Event::Empty(start));
        } else {
            self.event(Event::Start(start));
            self.characters(error.text.as_str());
            self.event(Event::End(BytesEnd::new(NAME)));
        }
    }

    /// A page: its heading, then its own children and its soft keys.
    fn displayed(&mut self, frame: &Frame, content: impl FnOnce(&mut Self)) {
        self.heading(frame);
        self.in_order(content, |page| page.soft_keys(frame));
    }

    /// Two groups of children in the manual's order; the schema has them the
    /// other way round.
    fn in_order(&mut self, first: impl FnOnce(&mut Self), second: impl FnOnce(&mut Self)) {
        match self.order {
            ChildOrder::Manual => {
                first(self);
                second(self);
            }
            ChildOrder::Schema => {
                second(self);
                first(self);
            }
        }
    }

    fn heading(&mut self, frame: &Frame) {
        if !frame.title.is_empty() {
            self.label("Title", &frame.title);
        }
        if !frame.prompt.is_empty() {
            self.label("Prompt", &frame.prompt);
        }
    }

    fn soft_keys(&mut self, frame: &Frame) {
        for key in &frame.soft_keys {
            self.element("SoftKeyItem", |page| page.soft_key(key));
        }
    }

    fn soft_key(&mut self, key: &SoftKeyItem) {
        self.label("Name", &key.name);
        self.in_order(
            |page| {
                page.url("URL", key.url.as_ref());
                page.url("URLDown", key.url_down.as_ref());
            },
            |page| page.leaf("Position", &key.position.number().to_string()),
        );
    }

    fn element(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        self.event(Event::Start(BytesStart::new(name)));
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn url(&mut self, name: &'static str, url: Option<&Url>) {
        if let Some(url) = url {
            self.leaf(name, url.as_str());
        }
    }

    /// Respelling for ISO-8859-1 may lengthen a text, so the limit is applied
    /// once more.
    fn label<const MAX: usize>(&mut self, name: &'static str, label: &Label<MAX>) {
        let text = self.charset.transliterate(label.as_str());
        let fits = Label::<MAX>::new(text);
        self.leaf(name, fits.as_str());
    }

    /// A value that the user would submit or dial is left out when this
    /// character set cannot say it.
    fn exact<const MAX: usize>(&mut self, name: &'static str, label: &Label<MAX>) {
        let sayable = self.charset.has(label.as_str());
        self.leaf(name, if sayable { label.as_str() } else { "" });
    }

    fn leaf(&mut self, name: &'static str, text: &str) {
        self.element(name, |page| page.characters(text));
    }

    fn characters(&mut self, text: &str) {
        self.event(Event::Text(BytesText::from_escaped(escape(text))));
    }

    fn event(&mut self, event: Event<'_>) {
        let written = self.out.write_event(event);
        debug_assert!(written.is_ok(), "a Vec takes every byte");
    }
}

/// The five escapes that phones ask for (*XML Considerations*). Carriage
/// returns stay as they are: phones are not known to read `&#13;`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            _ => out.push(c),
        }
    }
    out
}
