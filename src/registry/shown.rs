//! A phone is served by what it is, whatever is configured.

use std::net::SocketAddr;

use crate::model::{Catalogue, Change, Phone, Protocol, World};
use crate::ports::{
    Clock, Decision, Event, EventKind, Journal, Scope, Store, StoreError, TransactError, transact,
};

/// The phone with what it shows of itself, when that is not stored yet.
pub fn shown_anew(
    catalogue: &Catalogue,
    phone: &Phone,
    protocol: Protocol,
    type_id: Option<u32>,
) -> Option<Phone> {
    let shown = type_id
        .and_then(|type_id| catalogue.by_type(type_id))
        .map(|model| &model.name);
    phone.shown_as(protocol, shown)
}

/// Stores what a registering phone shows of itself when it speaks another
/// protocol than configured, or is another type than its model; with a warning
/// in its timeline.
///
/// # Errors
/// [`StoreError`] when it could not be stored: the phone must try again, or it
/// would be answered as what it is not.
pub async fn serve_as_it_is(
    (store, catalogue): (&dyn Store, &Catalogue),
    (journal, clock): (&dyn Journal, &dyn Clock),
    phone: &Phone,
    protocol: Protocol,
    type_id: Option<u32>,
    peer: SocketAddr,
) -> Result<(), StoreError> {
    let shown = type_id
        .and_then(|type_id| catalogue.by_type(type_id))
        .map(|model| model.name.clone());
    let Some(now) = phone.shown_as(protocol, shown.as_ref()) else {
        return Ok(());
    };
    let surprising = phone
        .protocol
        .is_some_and(|configured| configured != protocol);
    let name = phone.name.clone();
    let scope = Scope::Of {
        phones: vec![name.clone()],
        users: Vec::new(),
    };
    let corrected = move |world: &World| {
        let phone = world.phone(&name);
        let shown = phone.and_then(|phone| phone.shown_as(protocol, shown.as_ref()));
        Ok::<_, std::convert::Infallible>(Decision {
            value: (),
            changes: shown
                .map(|phone| Change::PutPhone(Box::new(phone)))
                .into_iter()
                .collect(),
        })
    };
    match transact(store, scope, corrected).await {
        Ok(()) => {}
        Err(TransactError::Refused(never)) => match never {},
        Err(TransactError::Store(error)) => {
            tracing::error!(%error, device = %phone.name, "what it showed could not be stored");
            return Err(error);
        }
    }
    // Told once it is so: a phone whose answer is late asks again meanwhile.
    if surprising || now.observed_model.is_some() {
        let configured = phone
            .protocol
            .map(|protocol| format!(" with {protocol}"))
            .unwrap_or_default();
        let what = format!(
            "it registered over {protocol} from {} and is served as a {}; configured is a \
             {}{configured}",
            peer.ip(),
            now.served_model(),
            phone.model,
        );
        let kind = EventKind::ServedAs { what };
        journal.record(Event {
            at: clock.now(),
            device: Some(phone.name.clone()),
            kind,
        });
    }
    Ok(())
}
