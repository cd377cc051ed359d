//! Events and phones that the tests of this room share.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::trail::Moment;
use crate::model::{
    Catalogue, Charset, DeviceName, Dialect, DirectoryNumber, FileOrder, LinesChange, LogoutReason,
    ModelName, Origin, PhoneModel, ProfileName, Protocol, ProtocolFacts, ServicesDoor,
    SoftKeyLayout, Stamp, Timestamp, UserId,
};
use crate::ports::{BoxFuture, Clock, Event, EventKind, FileServiceName, Sign};

/// A moment, seconds after some morning.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp(1_780_000_000_000 + seconds * 1000)
}

/// A moment like [`at`], seen after all that were made before it.
pub(super) fn moment(seconds: i64) -> Moment {
    static TURN: AtomicU64 = AtomicU64::new(1);
    Moment {
        at: at(seconds),
        turn: TURN.fetch_add(1, Ordering::Relaxed),
    }
}

pub(super) fn device() -> DeviceName {
    DeviceName::new("SEP001122334455").unwrap()
}

/// The `number`-th phone of a large house.
pub(super) fn nth_device(number: u64) -> DeviceName {
    DeviceName::new(&format!("SEP{number:012X}")).unwrap()
}

pub(super) fn peer() -> SocketAddr {
    "192.0.2.7:49152".parse().unwrap()
}

pub(super) fn rival() -> SocketAddr {
    "192.0.2.8:49153".parse().unwrap()
}

pub(super) fn event(seconds: i64, kind: EventKind) -> Event {
    Event {
        at: at(seconds),
        device: Some(device()),
        kind,
    }
}

pub(super) fn note(seconds: i64, text: &str) -> Event {
    event(seconds, EventKind::Note { text: text.into() })
}

pub(super) fn stranger(seconds: i64, device: Option<DeviceName>) -> Event {
    Event {
        at: at(seconds),
        device,
        kind: EventKind::UnknownPhone {
            protocol: Protocol::Sccp,
            peer: peer(),
            type_id: Some(30018),
            load: Some("SCCP41.9-4-2SR3-1S".into()),
            turned_away: None,
        },
    }
}

/// One of each kind, `text` wherever a text can stand.
pub(super) fn every_kind(text: &str) -> Vec<EventKind> {
    let (peer, holder, other) = (peer(), peer(), rival());
    let text = text.to_owned();
    let user = UserId::new("alice").unwrap();
    let stamp = Stamp::from_bits(7);
    let protocol = Protocol::Sip;
    let kinds = vec![
        EventKind::File {
            name: text.clone(),
            service: FileServiceName::Http,
            peer,
            outcome: text.clone(),
            stamp: Some(stamp),
        },
        EventKind::FileDelivered { peer, stamp },
        EventKind::Registered {
            protocol,
            peer,
            load: Some(text.clone()),
            file: Some(stamp),
            reason: Some(text.clone()),
        },
        EventKind::Unregistered { why: text.clone() },
        EventKind::RegistrationRefused {
            protocol,
            peer,
            why: text.clone(),
        },
        EventKind::UnknownPhone {
            protocol,
            peer,
            type_id: Some(30018),
            load: Some(text.clone()),
            turned_away: None,
        },
        EventKind::Alarm { text: text.clone() },
        EventKind::ServedAs { what: text.clone() },
        EventKind::Contested { holder, other },
        EventKind::Page { page: text.clone() },
        EventKind::SignedIn {
            user: user.clone(),
            origin: Origin::Application(user.clone()),
            profile: ProfileName::new("alice-desk").unwrap(),
        },
        EventKind::SignedOut {
            user: user.clone(),
            reason: LogoutReason::Elsewhere { on: device() },
        },
        EventKind::LinesChanged {
            change: LinesChange {
                old: Vec::new(),
                new: vec![DirectoryNumber::new("2001").unwrap()],
            },
        },
        EventKind::ControlListChanged {
            user: user.clone(),
            controls: true,
        },
        EventKind::CallBacksEnded { user: user.clone() },
        EventKind::DeskOfAnother {
            user: user.clone(),
            owner: user,
        },
        EventKind::Refused {
            code: 6,
            why: text.clone(),
        },
        EventKind::Planned { what: text.clone() },
        EventKind::Ordered {
            order: text.clone(),
            attempt: 2,
        },
        EventKind::OrderAccepted,
        EventKind::OrderRefused { why: text.clone() },
        EventKind::Converged,
        EventKind::GaveUp { why: text.clone() },
        EventKind::Sign {
            sign: Sign::LoadMissing,
            peer,
            detail: text.clone(),
        },
        EventKind::Note { text },
    ];
    // A new kind fails to compile here, and then belongs into the list above.
    for kind in &kinds {
        match kind {
            EventKind::File { .. }
            | EventKind::FileDelivered { .. }
            | EventKind::Registered { .. }
            | EventKind::Unregistered { .. }
            | EventKind::RegistrationRefused { .. }
            | EventKind::UnknownPhone { .. }
            | EventKind::Alarm { .. }
            | EventKind::ServedAs { .. }
            | EventKind::Contested { .. }
            | EventKind::Page { .. }
            | EventKind::SignedIn { .. }
            | EventKind::SignedOut { .. }
            | EventKind::LinesChanged { .. }
            | EventKind::ControlListChanged { .. }
            | EventKind::CallBacksEnded { .. }
            | EventKind::DeskOfAnother { .. }
            | EventKind::Refused { .. }
            | EventKind::Planned { .. }
            | EventKind::Ordered { .. }
            | EventKind::OrderAccepted
            | EventKind::OrderRefused { .. }
            | EventKind::Converged
            | EventKind::GaveUp { .. }
            | EventKind::Sign { .. }
            | EventKind::Note { .. } => {}
        }
    }
    kinds
}

/// A catalogue with the 7961 alone.
pub(super) fn catalogue() -> Arc<Catalogue> {
    let facts = |dialect| ProtocolFacts {
        dialect,
        fetch: Vec::new(),
        services_door: ServicesDoor::Both,
        file_order: FileOrder::Restart,
        order_pause: 180,
        locale_jar: None,
        load: None,
        vendor_config: crate::model::VendorConfig::default(),
        feature_policy: false,
    };
    let model = PhoneModel {
        name: ModelName::new("7961").unwrap(),
        title: "Cisco 7961".into(),
        type_ids: vec![30018],
        family: "79x1".into(),
        keys: 6,
        product_names: Vec::new(),
        expansion_modules: Vec::new(),
        maximum_modules: 0,
        display: None,
        softkey_layout: SoftKeyLayout::Old,
        charset: Charset::Utf8,
        redraws_labels: true,
        busy_lamps: true,
        maximum_calls: 50,
        sccp: Some(facts(Dialect::SccpLong)),
        sip: Some(facts(Dialect::SipLong)),
    };
    Arc::new(Catalogue::new(vec![model], BTreeMap::new()).unwrap())
}

/// A clock that stands still.
pub(super) struct Standing(pub(super) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep_until(&self, _at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
