//! The Services key: by which door the family comes in.

use super::load::{Loaded, Target};
use super::view::joint;
use super::{BrowseError, Browser, Step, report};
use crate::handset::file::{BootFile, Provisioning};
use crate::handset::phone::Phone;
use crate::handset::profile::Kind;
use crate::phonexml::{Menu, MenuItem, Object, Url};

/// The `type` of a `phoneService` that the Services key lists.
const SERVICES: u8 = 0;
const TITLE: &str = "Services";

impl Browser {
    /// Closes what is open and presses the Services key.
    pub(in crate::handset) async fn press_services(&mut self, phone: &Phone) -> Step {
        self.refresh_window(phone);
        self.close(phone);
        let file = phone.shared.file().ok_or(BrowseError::NoServices)?;
        let entries = entries(phone, &file);
        let url = file
            .services_url
            .as_ref()
            .map(|url| first_url(phone, &file, url));
        match (file.provisioning, url) {
            (Provisioning::ExternalUrl, Some(url)) => {
                self.go(phone, Target::get(&url), TITLE).await
            }
            (Provisioning::Both, Some(url)) => self.merged(phone, &url, entries).await,
            (Provisioning::Internal, _) | (Provisioning::Both, None) if !entries.is_empty() => {
                let mut menu = Menu::new().title(TITLE);
                menu.items.extend(entries);
                self.show(phone, None, Loaded::from(Object::Menu(menu)), TITLE)
            }
            _ => Err(BrowseError::NoServices),
        }
    }

    /// The phone's own entries, then those of the page.
    async fn merged(&mut self, phone: &Phone, url: &str, entries: Vec<MenuItem>) -> Step {
        if entries.is_empty() {
            return self.go(phone, Target::get(url), TITLE).await;
        }
        let target = Target::get(url);
        let mut loaded = match self.load(phone, &target).await {
            Ok(loaded) => loaded,
            Err(fault) => return Err(report(phone, &target, fault)),
        };
        if let Object::Menu(page) = &mut loaded.object {
            let mut items = crate::phonexml::Limited::default();
            items.extend(entries.into_iter().chain(page.items.iter().cloned()));
            page.items = items;
        }
        self.show(phone, Some(target), loaded, TITLE)
    }
}

/// What the phone adds to the first request behind one of its own keys.
fn first_url(phone: &Phone, file: &BootFile, url: &str) -> String {
    let locale = match file.user_locale.as_str() {
        "" => "English_United_States",
        locale => locale,
    };
    let name = phone.profile.device_name();
    format!("{url}{}locale={locale}&name={name}", joint(url))
}

fn entries(phone: &Phone, file: &BootFile) -> Vec<MenuItem> {
    let device = phone.profile.device_name();
    file.services
        .iter()
        .filter(|entry| entry.kind == SERVICES)
        .map(|entry| MenuItem {
            name: entry.name.as_str().into(),
            url: Url::new(substituted(phone.profile.kind, &entry.url, &device)).ok(),
        })
        .collect()
}

/// Newer loads put their name into the URLs of their file.
fn substituted(kind: Kind, url: &str, device: &str) -> String {
    if kind.is_first() {
        return url.to_owned();
    }
    url.replace("#DEVICENAME#", device)
}
