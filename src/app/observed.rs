//! What a phone shows of its protocol by the files it asks for.

use std::sync::Arc;

use crate::model::{Change, DeviceName, Protocol, World};
use crate::ports::{Clock, Decision, Event, EventKind, Journal, Scope, Store, transact};
use crate::provision::ProtocolSeen;

/// Stores the protocol that a phone showed: with a file for the other one it
/// could not even register, whatever is configured.
pub(super) struct ObservedProtocol {
    store: Arc<dyn Store>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    runtime: tokio::runtime::Handle,
}

impl ObservedProtocol {
    /// Must be made inside the runtime that later does the storing.
    pub(super) fn new(
        store: Arc<dyn Store>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            journal,
            clock,
            runtime: tokio::runtime::Handle::current(),
        }
    }

    fn warn(&self, device: &DeviceName, configured: Protocol, protocol: Protocol) {
        let what = format!(
            "it asked for files of a {protocol} load and is served as such; configured is \
             {configured}"
        );
        let at = self.clock.now();
        let kind = EventKind::ServedAs { what };
        self.journal.record(Event {
            at,
            device: Some(device.clone()),
            kind,
        });
    }
}

impl ProtocolSeen for ObservedProtocol {
    fn seen(&self, device: &DeviceName, protocol: Protocol) {
        let phone = self.store.world().phone(device).cloned();
        let Some(phone) = phone.filter(|phone| phone.shown_as(protocol, None).is_some()) else {
            return;
        };
        if let Some(configured) = phone.protocol.filter(|configured| *configured != protocol) {
            self.warn(device, configured, protocol);
        }
        let (store, name) = (Arc::clone(&self.store), device.clone());
        self.runtime.spawn(async move {
            let device = name.clone();
            let scope = Scope::Of {
                phones: vec![name.clone()],
                users: Vec::new(),
            };
            let stored = transact(&*store, scope, move |world: &World| {
                let shown = world
                    .phone(&name)
                    .and_then(|phone| phone.shown_as(protocol, None));
                let changes = shown
                    .map(|phone| Change::PutPhone(Box::new(phone)))
                    .into_iter()
                    .collect();
                Ok::<_, std::convert::Infallible>(Decision { value: (), changes })
            })
            .await;
            if let Err(error) = stored {
                tracing::warn!(%error, %device, "the protocol it showed could not be stored");
            }
        });
    }
}
