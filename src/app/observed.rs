//! What a phone shows of its protocol by the files it asks for.

use std::sync::Arc;

use crate::model::{Change, DeviceName, Protocol, World};
use crate::ports::{Decision, Scope, Store, transact};
use crate::provision::ProtocolSeen;

/// Stores the protocol that a phone showed.
pub(super) struct ObservedProtocol {
    store: Arc<dyn Store>,
    runtime: tokio::runtime::Handle,
}

impl ObservedProtocol {
    /// Must be made inside the runtime that later does the storing.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            runtime: tokio::runtime::Handle::current(),
        }
    }
}

impl ProtocolSeen for ObservedProtocol {
    fn seen(&self, device: &DeviceName, protocol: Protocol) {
        let news = {
            let world = self.store.world();
            // A configured protocol stands until the phone registers.
            world
                .phone(device)
                .filter(|phone| phone.protocol.is_none())
                .is_some_and(|phone| phone.shown_as(protocol, None).is_some())
        };
        if !news {
            return;
        }
        let (store, device) = (Arc::clone(&self.store), device.clone());
        self.runtime.spawn(async move {
            let name = device.clone();
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
