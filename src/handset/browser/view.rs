//! From an object to what the user sees.

use super::Open;
use super::load::{Loaded, Target};
use crate::handset::model::Model;
use crate::handset::page::{Page, PageField, PageKey, PageKind};
use crate::phonexml::{KeyRole, Object, SoftKey, SoftKeyLayout};

impl Open {
    pub(super) fn new(title: String, target: Option<Target>, loaded: Loaded) -> Self {
        let values = match &loaded.object {
            Object::Input(form) => form
                .items
                .iter()
                .map(|item| item.default_value.as_str().to_owned())
                .collect(),
            _ => Vec::new(),
        };
        Self {
            object: loaded.object,
            target,
            title,
            values,
            cursor: 0,
            refresh: loaded.refresh,
            passing: loaded.passing,
        }
    }

    /// What stands on the display of that phone.
    pub(super) fn view(&self, model: &'static Model) -> Page {
        let mut page = Page {
            model,
            address: self
                .target
                .as_ref()
                .map(|target| target.address().to_owned()),
            kind: PageKind::Text,
            title: self.title.clone(),
            prompt: String::new(),
            text: String::new(),
            items: Vec::new(),
            fields: Vec::new(),
            cursor: self.cursor,
            keys: self.keys(model),
            refresh: self.refresh.clone(),
        };
        if let Some(frame) = self.object.frame() {
            frame.prompt.as_str().clone_into(&mut page.prompt);
        }
        match &self.object {
            Object::Menu(menu) => {
                page.kind = PageKind::Menu;
                let names = menu.items.iter().map(|item| item.name.as_str().to_owned());
                page.items = names.collect();
            }
            Object::Directory(directory) => {
                page.kind = PageKind::Directory;
                let lines = directory.entries.iter();
                page.items = lines
                    .map(|entry| format!("{} {}", entry.name, entry.telephone))
                    .collect();
            }
            Object::Input(form) => {
                page.kind = PageKind::Input;
                let fields = form.items.iter().zip(&self.values);
                page.fields = fields
                    .map(|(item, value)| PageField {
                        name: item.name.as_str().to_owned(),
                        parameter: item.parameter().to_owned(),
                        value: value.clone(),
                        masked: item.flags.masked,
                    })
                    .collect();
            }
            Object::Text(text) => text.text.as_str().clone_into(&mut page.text),
            Object::Execute(_) | Object::Response(_) | Object::Error(_) => {}
        }
        page
    }

    /// What can be chosen, in the order of the page.
    pub(super) fn choices(&self) -> Vec<String> {
        match &self.object {
            Object::Menu(menu) => menu
                .items
                .iter()
                .map(|item| item.name.as_str().to_owned())
                .collect(),
            Object::Directory(directory) => directory
                .entries
                .iter()
                .map(|entry| entry.name.as_str().to_owned())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The number of the marked entry of a directory.
    pub(super) fn marked_number(&self) -> Option<String> {
        let Object::Directory(directory) = &self.object else {
            return None;
        };
        let entry = directory.entries.as_slice().get(self.cursor)?;
        Some(entry.telephone.as_str().to_owned()).filter(|number| !number.is_empty())
    }

    /// The keys of the page, or the phone's own where it has none.
    fn keys(&self, model: &Model) -> Vec<PageKey> {
        let custom = self.object.frame().map(|frame| &frame.soft_keys);
        let mut keys: Vec<PageKey> = custom
            .into_iter()
            .flat_map(|keys| keys.iter())
            .map(|key| PageKey {
                position: key.position.number(),
                name: key.name.as_str().to_owned(),
                action: key
                    .url
                    .as_ref()
                    .map(|url| url.as_str().to_owned())
                    .unwrap_or_default(),
            })
            .collect();
        if keys.is_empty() {
            keys = self.own_keys(SoftKeyLayout::for_model(model.product));
        }
        keys.sort_by_key(|key| key.position);
        keys
    }

    fn own_keys(&self, layout: SoftKeyLayout) -> Vec<PageKey> {
        let key = |position: i8, name: &str, does: SoftKey| PageKey {
            position,
            name: name.to_owned(),
            action: does.uri().to_owned(),
        };
        let at = |role| layout.position(role).number();
        let leads_on = self
            .refresh
            .as_ref()
            .is_some_and(|refresh| refresh.url.is_some());
        let act = match &self.object {
            Object::Menu(_) => key(at(KeyRole::Act), "Select", SoftKey::Select),
            Object::Input(_) => key(at(KeyRole::Act), "Submit", SoftKey::Submit),
            Object::Directory(_) => key(at(KeyRole::Act), "Dial", SoftKey::Dial),
            _ if leads_on => key(at(KeyRole::Act), "Next", SoftKey::Next),
            _ => key(at(KeyRole::Act), "Update", SoftKey::Update),
        };
        let mut keys = vec![act, key(at(KeyRole::Leave), "Exit", SoftKey::Exit)];
        if let Object::Input(_) = &self.object {
            keys.push(key(at(KeyRole::Erase), "<<", SoftKey::Erase));
        }
        if leads_on && !matches!(self.object, Object::Text(_)) {
            keys.push(key(4, "Next", SoftKey::Next));
        }
        keys
    }

    /// A URL behind a soft key, with what the marked item adds to it
    /// (`QueryStringParam:`).
    pub(super) fn with_marked_parameter(&self, url: &str) -> String {
        let added = match &self.object {
            Object::Menu(menu) if url.starts_with("http") => {
                menu.items.as_slice().get(self.cursor).and_then(|item| {
                    item.url
                        .as_ref()?
                        .as_str()
                        .strip_prefix("QueryStringParam:")
                })
            }
            _ => None,
        };
        match added {
            Some(added) => format!("{url}{}{added}", joint(url)),
            None => url.to_owned(),
        }
    }
}

/// What stands between a URL and one more parameter.
pub(super) fn joint(url: &str) -> &'static str {
    if url.ends_with(['?', '&']) {
        ""
    } else if url.contains('?') {
        "&"
    } else {
        "?"
    }
}
