//! Every case, sentence by sentence: what the cases share.

#![allow(clippy::unwrap_used)]

mod absence;
mod changes;
mod rest;
mod settled;
mod traps;

use super::*;
use crate::journal::samples::{at, catalogue, device, event, peer, rival, stranger};
use crate::model::{
    Aim, Cause, Change, DeviceProfile, DirectoryNumber, Features, LeftOut, LeftOutKind,
    LeftOutReason, Line, LogoutProfile, ModelName, ObjectId, ObjectName, Origin, Plan, ProfileName,
    Progress, Protocol, Session, SipSecret, Stamp, Stamps, User,
};
use crate::ports::{EventKind, FileServiceName};

const NOW: i64 = 10_000;

fn line(number: &str) -> Line {
    Line::new(DirectoryNumber::new(number).unwrap())
}

fn world(protocol: Protocol) -> World {
    let phone = Phone {
        id: ObjectId(1),
        name: device(),
        model: ModelName::new("7961").unwrap(),
        protocol: Some(protocol),
        observed_protocol: None,
        observed_model: None,
        load: None,
        extension_mobility: true,
        logout_profile: LogoutProfile::UseCurrentSettings,
        locale: None,
        device_pool: ObjectName::new("Default").unwrap(),
        owner: None,
        description: String::new(),
        features: Features::default(),
        confirm_logout: None,
        vendor_config: crate::model::VendorConfig::default(),
        lines: vec![line("1001")],
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: SipSecret::new("abcdefghijklmnopqrst"),
        auto_registered: None,
    };
    let profile = DeviceProfile {
        id: ObjectId(2),
        name: ProfileName::new("alice-7961").unwrap(),
        model: ModelName::new("7961").unwrap(),
        description: String::new(),
        locale: None,
        features: Features::default(),
        maximum_idle_time: None,
        lines: vec![line("2001"), line("2002")],
        speed_dials: Vec::new(),
        services: Vec::new(),
    };
    let user = User {
        id: ObjectId(3),
        user_id: alice(),
        alias: None,
        first_name: String::new(),
        last_name: String::new(),
        pin: None,
        password: None,
        credential_version: 1,
        profiles: vec![profile.name.clone()],
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
        pin_set: None,
    };
    let session = Session {
        phone: phone.id,
        user: user.id,
        profile: profile.id,
        since: at(NOW - 720),
        expires: Some(at(NOW + 7_200)),
        origin: Origin::Phone,
        frozen: None,
        mismatched: false,
    };
    let mut world = World::default();
    for change in [
        Change::PutPhone(Box::new(phone)),
        Change::PutProfile(Box::new(profile)),
        Change::PutUser(Box::new(user)),
        Change::PutSession(session),
    ] {
        world.apply(&change);
    }
    world
}

fn alice() -> UserId {
    UserId::new("alice").unwrap()
}

/// alice is signed in, the phone is registered and holds what it should.
fn right_over(protocol: Protocol) -> Evidence {
    let mut evidence = Evidence::stored(&world(protocol), &catalogue(), &device(), at(NOW));
    // Stamps that can be read in a sentence.
    let stamps = Stamps {
        file: Stamp::from_bits(0xf11_e000_0000_0001),
        station: Stamp::from_bits(0x57a_7000_0000_0001),
    };
    evidence.wanted.as_mut().unwrap().stamps = stamps;
    evidence.held = Some(Held {
        phone: ObjectId(1),
        file: Some(stamps.file),
        station: Some(stamps.station),
        node: "a".into(),
        seen: at(NOW - 700),
    });
    evidence.registration = Some(Registration {
        device: device(),
        generation: 1,
        protocol,
        peer: peer(),
        local: "192.0.2.1:2000".parse().unwrap(),
        load: Some("SCCP41.9-4-2SR3-1S".into()),
        type_id: Some(30018),
        since: at(NOW - 700),
        heard: at(NOW),
        in_call: false,
        configured_elsewhere: false,
        takes_objects: true,
    });
    evidence
}

fn right() -> Evidence {
    right_over(Protocol::Sccp)
}

/// The file before alice.
fn old_file() -> Stamp {
    Stamp::from_bits(0x01d_0000_0000_0000)
}

fn pending(evidence: &Evidence, progress: Progress) -> Pending {
    let mut row = Pending::new(
        evidence.wanted.as_ref().unwrap(),
        Plan::Restart,
        Aim::Holds,
        Cause::Login(alice()),
        at(NOW - 20),
        at(NOW - 17),
    );
    row.attempts = u8::from(progress != Progress::Waiting);
    row.progress = progress;
    row
}

/// alice has just signed in: the phone still holds the old file.
fn changing(protocol: Protocol, progress: Progress) -> Evidence {
    let mut evidence = right_over(protocol);
    evidence.held.as_mut().unwrap().file = Some(old_file());
    evidence.pending = Some(pending(&evidence, progress));
    evidence
}

fn ordered(seconds_ago: i64, accepted: bool) -> Progress {
    Progress::Ordered {
        at: at(NOW - seconds_ago),
        accepted,
    }
}

fn gone(mut evidence: Evidence) -> Evidence {
    evidence.registration = None;
    evidence
}

fn with(mut evidence: Evidence, events: &[(i64, EventKind)]) -> Evidence {
    evidence.timeline = events
        .iter()
        .map(|(seconds_ago, kind)| event(NOW - seconds_ago, kind.clone()))
        .collect();
    evidence
}

fn registered() -> EventKind {
    EventKind::Registered {
        protocol: Protocol::Sccp,
        peer: peer(),
        load: None,
        file: None,
        reason: None,
    }
}

fn file(outcome: &str, stamp: Option<Stamp>) -> EventKind {
    EventKind::File {
        name: "SEP001122334455.cnf.xml".into(),
        service: FileServiceName::Tftp,
        peer: peer(),
        outcome: outcome.into(),
        stamp,
    }
}

fn left(why: &str) -> EventKind {
    EventKind::Unregistered { why: why.into() }
}

/// The verdict and the summary, which every test is about.
#[track_caller]
fn says(evidence: &Evidence, verdict: Verdict, summary: &str) -> Diagnosis {
    let diagnosis = diagnose(evidence);
    assert_eq!(diagnosis.summary, summary);
    assert_eq!(diagnosis.verdict, verdict, "{summary}");
    for text in [
        &diagnosis.holds,
        &diagnosis.should_hold,
        &diagnosis.waits_for,
    ] {
        assert!(text.ends_with('.') && !text.contains('\n'), "{text:?}");
    }
    diagnosis
}
