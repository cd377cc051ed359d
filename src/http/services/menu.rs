//! The Services menu, made per request: a login changes it without a restart.

use axum::body::Body;
use axum::http::Response;

use super::Services;
use super::page::Look;
use super::request::Asked;
use crate::model::emergency_entries;
use crate::phonexml::{Menu, Object, Url};

/// The most entries before the door: phones show a hundred, and without the
/// door nobody could sign out.
const ENTRIES: usize = 99;

/// The name of the entry that signs in and out.
const EXTENSION_MOBILITY: &str = "Extension Mobility";

/// `/ccmcip/getservicesmenu.jsp`: emergency entries without a key, the
/// services of who is signed in, and Extension Mobility last (CME: *Extension
/// Mobility*, where the option appears last in the list).
pub(super) fn answer(services: &Services, asked: &Asked) -> Response<Body> {
    let Some(Ok(device)) = asked.device() else {
        let nobody = "The phone did not say which phone it is.";
        return Look::of(services, asked, None).say("Services", "", nobody);
    };
    let mobility = &services.parts.mobility;
    let (phone, wanted) = {
        let world = mobility.store().world();
        let phone = world.phone(&device).cloned();
        let wanted = phone
            .as_ref()
            .and_then(|p| world.wanted(mobility.catalogue(), p.id));
        (phone, wanted)
    };
    let look = Look::of(services, asked, phone.as_deref());
    let (Some(phone), Some(wanted)) = (phone, wanted) else {
        return look.say("Services", "", &format!("{device} is not configured."));
    };
    let mut menu = Menu::new().title("Services");
    for entry in emergency_entries(&wanted.emergency)
        .chain(wanted.menu.iter().cloned())
        .take(ENTRIES)
    {
        match Url::new(entry.url) {
            Ok(url) => menu = menu.item(&entry.name, url),
            Err(error) => {
                tracing::warn!(%device, service = entry.name, %error, "left out of the menu");
            }
        }
    }
    let door = look.url("/emapp/EMAppServlet", &[("device", device.as_str())]);
    if let Some(door) = door.filter(|_| phone.extension_mobility) {
        menu = menu.item(EXTENSION_MOBILITY, door);
    }
    if menu.items.is_empty() {
        return look.say("Services", "", "There are no services on this phone.");
    }
    look.show(&Object::Menu(menu.with_keys(look.layout)))
}
