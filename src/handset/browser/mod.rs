//! The Services key and what comes behind it: pages, lists, forms, soft keys.
//!
//! Source: Cisco, *Unified IP Phone Services Application Development Notes*,
//! chapters *XML Object Definitions*, *Internal URI Features* and *HTTP*.

mod load;
mod services;
#[cfg(test)]
mod tests;
mod view;

use super::event::HandsetEvent;
use super::fault::{Fault, PageFault};
use super::model::Model;
use super::page::{Page, PageKey, Refresh};
use super::phone::Phone;
use super::uri::{InternalUri, KeyUri};
use crate::phonexml::{Execute, Input, Object, SoftKey, Submission, SubmitError, SubmitMethod};
use load::{Loaded, Target};

/// Pages that an Execute may lead on to before the phone gives up.
const HOPS: usize = 4;
/// Pages that Exit can go back over.
const STACK: usize = 16;

/// Why nothing came of what the user did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowseError {
    /// The phone's file opens no door to services.
    #[error("no services are configured")]
    NoServices,
    /// There is no page.
    #[error("no page is on the display")]
    NoPage,
    /// The list has no such item.
    #[error("there is no item {0:?}")]
    NoItem(String),
    /// The page has no such soft key.
    #[error("there is no soft key {0:?}")]
    NoKey(String),
    /// The form has no such field, or the page is no form.
    #[error("there is no field {0:?}")]
    NoField(String),
    /// The keypad does not offer the character in that field.
    #[error("{0:?} cannot be typed into the field {1:?}")]
    CannotType(char, String),
    /// The form cannot be sent.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// A key or item that does something which this phone does not imitate.
    #[error("{0} is not imitated")]
    NotImitated(String),
    /// The page could not be shown.
    #[error(transparent)]
    Page(#[from] PageFault),
}

/// What the user sees after a step; `None` when the window is closed.
pub(super) type Step = Result<Option<Page>, BrowseError>;

/// The Services window.
#[derive(Default)]
pub(super) struct Browser {
    /// The count of the window that this is.
    window: u64,
    /// Pages below the open one, the last on top.
    below: Vec<Target>,
    open: Option<Open>,
}

/// The page on the display.
struct Open {
    object: Object,
    /// `None` for the phone's own list.
    target: Option<Target>,
    title: String,
    /// What is in the fields of a form.
    values: Vec<String>,
    /// The item that is marked, or the field that is typed into.
    cursor: usize,
    refresh: Option<Refresh>,
    /// Whether the page is left out when Exit goes back.
    passing: bool,
}

impl Browser {
    /// The page on the display.
    pub(super) fn page(&mut self, phone: &Phone) -> Option<Page> {
        self.refresh_window(phone);
        self.open
            .as_ref()
            .map(|open| open.view(phone.profile.model))
    }

    /// The phone goes down with its windows.
    fn refresh_window(&mut self, phone: &Phone) {
        let window = *phone.shared.window().borrow();
        if window != self.window {
            *self = Self {
                window,
                ..Self::default()
            };
        }
    }

    fn opened(&mut self, phone: &Phone) -> Result<&mut Open, BrowseError> {
        self.refresh_window(phone);
        self.open.as_mut().ok_or(BrowseError::NoPage)
    }

    /// Marks the item of that name and follows it; an entry of a directory is
    /// only marked.
    pub(super) async fn choose(&mut self, phone: &Phone, name: &str) -> Step {
        let model = phone.profile.model;
        let open = self.opened(phone)?;
        let choices = open.choices();
        let name = name.trim();
        let is = |item: &String| item.trim().eq_ignore_ascii_case(name);
        // A person knows an item by a part of its name.
        let has = |item: &String| !name.is_empty() && item.contains(name);
        let at = choices.iter().position(is);
        let at = at.or_else(|| choices.iter().position(has));
        let at = at.ok_or_else(|| BrowseError::NoItem(name.to_owned()))?;
        self.choose_at(phone, at, model).await
    }

    /// Presses the digits of the item with that number, from 1.
    pub(super) async fn choose_number(&mut self, phone: &Phone, number: usize) -> Step {
        let model = phone.profile.model;
        let open = self.opened(phone)?;
        let at = number
            .checked_sub(1)
            .filter(|at| *at < open.choices().len());
        let at = at.ok_or_else(|| BrowseError::NoItem(number.to_string()))?;
        self.choose_at(phone, at, model).await
    }

    async fn choose_at(&mut self, phone: &Phone, at: usize, model: &'static Model) -> Step {
        let open = self.opened(phone)?;
        open.cursor = at;
        match &open.object {
            Object::Menu(_) => self.select(phone).await,
            _ => Ok(Some(open.view(model))),
        }
    }

    /// Follows the marked item.
    async fn select(&mut self, phone: &Phone) -> Step {
        let open = self.opened(phone)?;
        let Object::Menu(menu) = &open.object else {
            return Err(BrowseError::NoItem("Select".to_owned()));
        };
        let item = menu
            .items
            .as_slice()
            .get(open.cursor)
            .ok_or(BrowseError::NoItem("Select".to_owned()))?;
        let name = item.name.as_str().to_owned();
        let Some(url) = item.url.clone() else {
            return Err(BrowseError::NoItem(name));
        };
        self.follow(phone, url.as_str(), &name).await
    }

    /// Types into fields, by the names that they are sent under or that stand
    /// before them.
    pub(super) fn fill(&mut self, phone: &Phone, values: &[(&str, &str)]) -> Step {
        let model = phone.profile.model;
        let open = self.opened(phone)?;
        for (name, value) in values {
            let no_field = || BrowseError::NoField((*name).to_owned());
            let Object::Input(form) = &open.object else {
                return Err(no_field());
            };
            let is = |known: &str| known.trim().eq_ignore_ascii_case(name.trim());
            let at = form
                .items
                .iter()
                .position(|item| item.parameter() == *name)
                .or_else(|| form.items.iter().position(|item| is(item.name.as_str())))
                .ok_or_else(no_field)?;
            let mode = form.items.as_slice().get(at).map(|item| item.flags.mode);
            let refused = |c: &char| mode.is_some_and(|mode| !mode.accepts(*c));
            if let Some(c) = value.chars().find(refused) {
                return Err(BrowseError::CannotType(c, (*name).to_owned()));
            }
            open.cursor = at;
            if let Some(field) = open.values.get_mut(at) {
                (*value).clone_into(field);
            }
        }
        Ok(Some(open.view(model)))
    }

    /// Presses the soft key of that name.
    pub(super) async fn soft_key(&mut self, phone: &Phone, name: &str) -> Step {
        let model = phone.profile.model;
        let open = self.opened(phone)?;
        let key = open
            .view(model)
            .keys
            .into_iter()
            .find(|key| key.name.trim().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| BrowseError::NoKey(name.to_owned()))?;
        self.press_key(phone, &key).await
    }

    async fn press_key(&mut self, phone: &Phone, key: &PageKey) -> Step {
        let open = self.opened(phone)?;
        let action = open.with_marked_parameter(&key.action);
        let title = open.title.clone();
        self.follow(phone, &action, &title).await
    }

    /// Does what the URL or URI behind a key or item says.
    async fn follow(&mut self, phone: &Phone, url: &str, name: &str) -> Step {
        if let Some(key) = SoftKey::from_uri(url) {
            return Box::pin(self.do_key(phone, key)).await;
        }
        if url.to_ascii_lowercase().starts_with("http") {
            return self.go(phone, Target::get(url), name).await;
        }
        match InternalUri::read(url) {
            // Choosing such an item only marks it.
            InternalUri::QueryStringParam => Ok(self.page(phone)),
            InternalUri::Key(key) => Box::pin(self.press(phone, key)).await,
            InternalUri::Unknown => Err(BrowseError::NotImitated(url.to_owned())),
            known => {
                self.obey(phone, known);
                Ok(self.page(phone))
            }
        }
    }

    /// A key of the phone, pressed for the user.
    async fn press(&mut self, phone: &Phone, key: KeyUri) -> Step {
        match key {
            KeyUri::Services => self.press_services(phone).await,
            KeyUri::Soft(place) => {
                let model = phone.profile.model;
                let keys = self.opened(phone)?.view(model).keys;
                match keys.into_iter().find(|key| key.position == place) {
                    Some(key) => self.press_key(phone, &key).await,
                    // A key that is not there does nothing.
                    None => Ok(self.page(phone)),
                }
            }
            KeyUri::Other => Ok(self.page(phone)),
        }
    }

    /// Does what needs no page.
    fn obey(&mut self, phone: &Phone, uri: InternalUri<'_>) {
        match uri {
            InternalUri::CloseServices => self.close(phone),
            InternalUri::ClearCallHistory => phone.shared.tell(HandsetEvent::CallHistoryCleared),
            InternalUri::Dial(number) => {
                phone.shared.tell(HandsetEvent::Dialled(number.to_owned()));
            }
            // Closes what is not open, or is for the phone alone.
            InternalUri::Harmless
            | InternalUri::QueryStringParam
            | InternalUri::Key(_)
            | InternalUri::Unknown => {}
        }
    }

    async fn do_key(&mut self, phone: &Phone, key: SoftKey) -> Step {
        match key {
            SoftKey::Exit | SoftKey::Cancel | SoftKey::Back => self.exit(phone).await,
            SoftKey::Select => self.select(phone).await,
            SoftKey::Submit => self.submit(phone).await,
            SoftKey::Update => self.again(phone).await,
            SoftKey::Next => self.next(phone).await,
            SoftKey::Erase => {
                let model = phone.profile.model;
                let open = self.opened(phone)?;
                if let Some(value) = open.values.get_mut(open.cursor) {
                    value.pop();
                }
                Ok(Some(open.view(model)))
            }
            SoftKey::Dial | SoftKey::EditDial => {
                let open = self.opened(phone)?;
                let number = open.marked_number();
                let number = number.ok_or(BrowseError::NoItem("Dial".to_owned()))?;
                self.obey(phone, InternalUri::Dial(&number));
                Ok(self.page(phone))
            }
            SoftKey::Search => Err(BrowseError::NotImitated(key.uri().to_owned())),
        }
    }

    /// One page back, which is loaded anew; the window closes behind the first.
    async fn exit(&mut self, phone: &Phone) -> Step {
        self.opened(phone)?;
        let Some(target) = self.below.pop() else {
            self.close(phone);
            return Ok(None);
        };
        self.open = None;
        self.go(phone, target, "").await
    }

    async fn submit(&mut self, phone: &Phone) -> Step {
        let open = self.opened(phone)?;
        let Object::Input(form) = &open.object else {
            return Err(BrowseError::NoField("Submit".to_owned()));
        };
        let target = match submission(form, &open.values, phone.profile.model) {
            Ok(Submission::Get { url }) => Target::get(&url),
            Ok(Submission::Post { url, body }) => Target {
                url,
                body: Some(body),
            },
            // The old parser has shown the form; only now it has nowhere to go.
            Err(SubmitError::NoUrl) => {
                let nowhere = open.target.clone().unwrap_or_else(|| Target::get(""));
                let fault = PageFault::HostNotFound("the form has no URL".to_owned());
                return Err(report(phone, &nowhere, fault));
            }
            Err(error) => return Err(error.into()),
        };
        let title = open.title.clone();
        self.go(phone, target, &title).await
    }

    async fn again(&mut self, phone: &Phone) -> Step {
        let open = self.opened(phone)?;
        let Some(target) = open.target.clone() else {
            return Ok(self.page(phone));
        };
        self.open = None;
        self.go(phone, target, "").await
    }

    /// Loads the page of a URL, as if a key of the open page led there.
    pub(super) async fn open(&mut self, phone: &Phone, url: &str) -> Step {
        self.refresh_window(phone);
        self.go(phone, Target::get(url), "").await
    }

    /// Does what a pushed order says: opens a page, presses a key.
    pub(super) async fn pushed(&mut self, phone: &Phone, url: &str) -> Step {
        self.refresh_window(phone);
        self.follow(phone, url, "").await
    }

    /// What the `Refresh` header of the page names.
    pub(super) async fn next(&mut self, phone: &Phone) -> Step {
        let open = self.opened(phone)?;
        match open.refresh.clone() {
            Some(Refresh { url: Some(url), .. }) => self.go(phone, Target::get(&url), "").await,
            Some(Refresh { url: None, .. }) => self.again(phone).await,
            None => Err(BrowseError::NoKey("Next".to_owned())),
        }
    }

    /// Loads a page, and what it leads on to, and shows it.
    async fn go(&mut self, phone: &Phone, target: Target, name: &str) -> Step {
        let mut target = target;
        for _ in 0..HOPS {
            let loaded = match self.load(phone, &target).await {
                Ok(loaded) => loaded,
                Err(fault) => return Err(report(phone, &target, fault)),
            };
            let Object::Execute(execute) = &loaded.object else {
                return self.show(phone, Some(target), loaded, name);
            };
            match self.execute(phone, execute) {
                Ok(Some(next)) => target = next,
                Ok(None) => return Ok(self.page(phone)),
                Err(fault) => return Err(report(phone, &target, fault)),
            }
        }
        let fault = PageFault::Execute("one page after the other".to_owned());
        Err(report(phone, &target, fault))
    }

    /// Unless the phone goes down meanwhile: then its socket dies, and the user
    /// sees that.
    async fn load(&mut self, phone: &Phone, target: &Target) -> Result<Loaded, PageFault> {
        let mut window = phone.shared.window();
        window.borrow_and_update();
        tokio::select! {
            loaded = load::load(phone, target) => loaded,
            _ = window.changed() => {
                self.refresh_window(phone);
                let why = "the phone went down before the page was whole";
                Err(PageFault::Connection(why.to_owned()))
            }
        }
    }

    /// Runs orders; the page that they want, if any.
    fn execute(&mut self, phone: &Phone, execute: &Execute) -> Result<Option<Target>, PageFault> {
        let mut next = None;
        for item in execute.items() {
            let url = item.url.as_str();
            if item.url.is_http() {
                next = Some(Target::get(url));
            } else if url.starts_with("SoftKey:") || url.starts_with("Notify:") {
                return Err(PageFault::Execute(format!("{url} in an Execute")));
            } else {
                self.obey(phone, InternalUri::read(url));
            }
        }
        Ok(next)
    }

    fn close(&mut self, phone: &Phone) {
        let was_open = self.open.take().is_some();
        self.below.clear();
        if was_open {
            phone.shared.tell(HandsetEvent::PageClosed);
        }
    }

    fn show(&mut self, phone: &Phone, target: Option<Target>, loaded: Loaded, name: &str) -> Step {
        let Some(frame) = loaded.object.frame() else {
            let fault = PageFault::Execute(format!("{} is no page", loaded.object.name()));
            return Err(match &target {
                Some(target) => report(phone, target, fault),
                None => fault.into(),
            });
        };
        let title = match frame.title.as_str() {
            "" => name,
            title => title,
        };
        let open = Open::new(title.to_owned(), target, loaded);
        if let Some(before) = self.open.take()
            && !before.passing
            && let Some(target) = before.target
            && self.below.len() < STACK
        {
            self.below.push(target);
        }
        let page = open.view(phone.profile.model);
        phone.shared.tell(HandsetEvent::Page {
            title: page.title.clone(),
            kind: page.kind,
        });
        self.open = Some(open);
        Ok(Some(page))
    }
}

/// What a URL answers that is no page; `None` when it does not answer well.
pub(super) async fn plain(phone: &Phone, url: &str) -> Option<Vec<u8>> {
    let answer = load::ask(phone, &Target::get(url)).await.ok()?;
    (answer.status == 200).then_some(answer.body)
}

/// What the phone sends. Only the 7800 and 8800 series know forms that are
/// posted; a 7960 passes over the wish.
fn submission(form: &Input, values: &[String], model: &Model) -> Result<Submission, SubmitError> {
    let mut form = form.clone();
    if SubmitMethod::for_model(model.product) == SubmitMethod::Get {
        form.method = SubmitMethod::Get;
    }
    form.submission(values)
}

fn report(phone: &Phone, target: &Target, fault: PageFault) -> BrowseError {
    phone.shared.fault(Fault::Page {
        url: target.address().to_owned(),
        fault: fault.clone(),
    });
    fault.into()
}
