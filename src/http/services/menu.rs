//! The Services menu, made per request: a login changes it without a restart.

use axum::body::Body;
use axum::http::Response;

use super::Services;
use super::emapp::{failed, tell};
use super::look::Look;
use super::page::show;
use super::pages::{Failure, Page, ServicesMenu};
use super::request::Asked;
use crate::emapi::{AppCode, Attempt};
use crate::model::emergency_entries;

/// `/ccmcip/getservicesmenu.jsp`, in short `/ccmcip/menu`: emergency entries without a key, the
/// services of who is signed in, and Extension Mobility.
pub(super) fn answer(services: &Services, asked: &Asked) -> Response<Body> {
    let Some(Ok(device)) = asked.device() else {
        let look = Look::of(services, asked, None);
        let failure = Failure::Application(AppCode::DeviceNameEmpty);
        let page = Page::Failed(failed(failure, Attempt::Login));
        tell(services, asked, None, &page);
        return show(&look, &page);
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
        return show(&look, &Page::Unconfigured(device));
    };
    let signed_in = wanted.signed_in.is_some();
    let entries = emergency_entries(&wanted.emergency).chain(wanted.menu.iter().cloned());
    let menu = ServicesMenu {
        entries: entries.collect(),
        // Who is signed in where it was switched off meanwhile can leave.
        door: phone.extension_mobility || signed_in,
        signed_in,
        assigner: wanted.assigner,
    };
    let page = Page::Services(menu);
    tell(services, asked, Some(&phone), &page);
    show(&look, &page)
}
