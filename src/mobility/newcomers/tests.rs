#![allow(clippy::unwrap_used)]

use std::net::IpAddr;

use super::approval::{Approve, Refuse};
use super::assignment::{Assign, by_number, candidates};
use super::*;
use crate::mobility::Channel;
use crate::mobility::testing::{
    Calls, DESK, House, LAB, device, house, login, uid, world as small_world,
};
use crate::model::{AutoRegistration, Line, ObjectName, Origin, Parameters, Protocol, Session};
use crate::ports::Store as _;

const HANDSET: &str = "SEP00AABBCCDD01";
const OTHER: &str = "SEP00AABBCCDD02";

fn number(text: &str) -> DirectoryNumber {
    DirectoryNumber::new(text).unwrap()
}

/// The small house with numbers 2001 to 2005 to give away; 2001 to 2003 are in
/// profiles.
fn open_house(change: impl FnOnce(&mut AutoRegistration)) -> House {
    let mut world = small_world();
    let mut rules = AutoRegistration {
        enabled: true,
        starting_directory_number: Some(number("2001")),
        ending_directory_number: Some(number("2005")),
        ..AutoRegistration::default()
    };
    change(&mut rules);
    world.apply(&Change::Parameters(Parameters {
        auto_registration: rules,
        ..Parameters::default()
    }));
    let mut house = house(world);
    house.mobility.catalogue = Arc::new(with_types(house.mobility.catalogue()));
    house
}

/// The same models with the types that they report.
fn with_types(catalogue: &Catalogue) -> Catalogue {
    let models = catalogue.models().cloned().map(|mut model| {
        model.type_ids = match model.name.as_str() {
            "7960" => vec![7],
            "7961" => vec![30_018],
            _ => vec![683],
        };
        model
    });
    Catalogue::new(models.collect(), std::collections::BTreeMap::new()).unwrap()
}

fn newcomer(name: &str, type_id: u32, protocol: Protocol) -> Newcomer {
    Newcomer {
        device: device(name),
        protocol,
        type_id: Some(type_id),
        product: None,
        file: None,
        load: Some("SCCP41.9-4-2SR3-1S".to_owned()),
        address: IpAddr::from([192, 0, 2, 7]),
    }
}

async fn arrives(house: &House, name: &str) -> Result<(), TurnedAway> {
    let newcomer = newcomer(name, 30_018, Protocol::Sccp);
    house.mobility.arrived(newcomer).await
}

fn phone(house: &House, name: &str) -> Option<Arc<Phone>> {
    house.store.world().phone(&device(name)).cloned()
}

fn assign(phone: &str) -> Assign {
    Assign {
        handset: device(HANDSET),
        phone: device(phone),
        whereabouts: Whereabouts::Away,
        by: Some((ObjectId(21), 1)),
        origin: Origin::Phone,
        channel: Channel::OverPhone,
    }
}

/// Alice may assign phones.
fn allow_alice(house: &House) {
    let mut alice = (**house.store.world().users.get(&ObjectId(21)).unwrap()).clone();
    alice.extension_assigner = true;
    house.store.edit(&Change::PutUser(Box::new(alice)));
}

#[tokio::test]
async fn a_newcomer_gets_the_first_free_number_reads_its_file_and_waits() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    let new = phone(&house, HANDSET).unwrap();
    assert_eq!(new.lines, [Line::new(number("2004"))], "the first free one");
    assert_eq!(new.served_model().as_str(), "7961");
    assert!(
        !new.extension_mobility,
        "nobody signs in before it is approved"
    );
    let waits = new.auto_registered.clone().unwrap();
    assert!(new.awaits_approval());
    assert_eq!(waits.address, IpAddr::from([192, 0, 2, 7]));
    assert_eq!(waits.load.as_deref(), Some("SCCP41.9-4-2SR3-1S"));
    {
        let world = house.store.world();
        let row = world.pending.get(&new.id).unwrap();
        assert_eq!(row.plan, Plan::Restart, "it booted from nobody's file");
        let wanted = world.wanted(house.mobility.catalogue(), new.id).unwrap();
        assert!(wanted.assigner && wanted.door.is_none());
    }

    arrives(&house, HANDSET).await.unwrap();
    assert_eq!(house.store.commits(), 1, "it is a phone as any other now");

    arrives(&house, OTHER).await.unwrap();
    let other = phone(&house, OTHER).unwrap();
    assert_eq!(other.lines, [Line::new(number("2005"))]);
    assert_ne!(other.sip_secret, new.sip_secret);
    let third = arrives(&house, "SEP00AABBCCDD03").await;
    assert_eq!(third, Err(TurnedAway::NoNumber));
}

#[tokio::test]
async fn a_7960_is_reset_because_it_reads_its_file_then_alone() {
    let house = open_house(|_| {});
    let old = newcomer(HANDSET, 7, Protocol::Sccp);
    house.mobility.arrived(old).await.unwrap();
    let id = phone(&house, HANDSET).unwrap().id;
    let plan = house.store.world().pending.get(&id).unwrap().plan;
    assert_eq!(plan, Plan::Reset);
}

#[tokio::test]
async fn whoever_is_no_phone_of_the_catalogue_is_turned_away() {
    let house = open_house(|_| {});
    for (type_id, protocol) in [
        (Some(99_999), Protocol::Sccp),
        (None, Protocol::Sccp),
        // An 8841 has no SCCP load.
        (Some(683), Protocol::Sccp),
        (Some(7), Protocol::Sip),
    ] {
        let odd = Newcomer {
            type_id,
            ..newcomer(HANDSET, 0, protocol)
        };
        let outcome = house.mobility.arrived(odd).await;
        assert_eq!(outcome, Err(TurnedAway::ModelUnknown), "{type_id:?}");
    }
    assert_eq!(house.store.commits(), 0);
    let ata = house.mobility.takes(&device("ATA001122334455"));
    assert_eq!(ata, Err(TurnedAway::NotConfigured));
    let strict = open_house(|rules| rules.enabled = false);
    assert_eq!(
        arrives(&strict, HANDSET).await,
        Err(TurnedAway::NotConfigured)
    );
}

#[tokio::test]
async fn without_approval_people_sign_in_at_once() {
    let house = open_house(|rules| rules.approval = false);
    arrives(&house, HANDSET).await.unwrap();
    let new = phone(&house, HANDSET).unwrap();
    assert!(!new.awaits_approval() && new.extension_mobility);
    house.mobility.login(login("bob", HANDSET)).await.unwrap();
}

#[tokio::test]
async fn an_approved_phone_is_a_phone_of_the_site() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    let refused = house
        .mobility
        .login(login("bob", HANDSET))
        .await
        .unwrap_err();
    assert_eq!(refused.service_code(), 22);
    let approve = Approve {
        device: device(HANDSET),
        number: Some(number("1001")),
        description: Some("Lobby".to_owned()),
        origin: Origin::Operator,
    };
    let done = house.mobility.approve(approve.clone()).await.unwrap();
    assert!(done.what.contains("1001"), "{}", done.what);
    let now = phone(&house, HANDSET).unwrap();
    assert!(!now.awaits_approval() && now.extension_mobility);
    assert_eq!(now.lines, [Line::new(number("1001"))]);
    assert_eq!(now.description, "Lobby");
    house.mobility.login(login("bob", HANDSET)).await.unwrap();
    let twice = house.mobility.approve(approve).await;
    assert_eq!(twice, Err(NewcomerRefusal::Approved(device(HANDSET))));
    let audit = house.store.audit();
    assert!(
        audit
            .iter()
            .any(|line| line.actor == "operator" && line.what == done.what)
    );
}

#[tokio::test]
async fn a_refused_phone_does_not_come_again_until_it_may() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    let refuse = |name: &str| Refuse {
        device: device(name),
        forget: false,
        origin: Origin::Operator,
    };
    house.mobility.refuse(refuse(HANDSET)).await.unwrap();
    assert!(phone(&house, HANDSET).is_none());
    assert_eq!(
        house.mobility.takes(&device(HANDSET)),
        Err(TurnedAway::Refused)
    );
    // A phone of the site is no newcomer.
    let desk = house.mobility.refuse(refuse(DESK)).await;
    assert_eq!(desk, Err(NewcomerRefusal::Configured(device(DESK))));
    let again = Approve {
        device: device(HANDSET),
        number: None,
        description: None,
        origin: Origin::Operator,
    };
    house.mobility.approve(again.clone()).await.unwrap();
    assert_eq!(house.mobility.takes(&device(HANDSET)), Ok(()));
    let unknown = house.mobility.approve(again).await;
    assert_eq!(
        unknown,
        Err(NewcomerRefusal::DeviceUnknown(device(HANDSET)))
    );
}

#[tokio::test]
async fn a_handset_takes_the_place_of_a_configured_phone_with_whoever_is_on_it() {
    let house = open_house(|_| {});
    allow_alice(&house);
    house.mobility.login(login("bob", DESK)).await.unwrap();
    let desk = phone(&house, DESK).unwrap();
    arrives(&house, HANDSET).await.unwrap();
    let new = phone(&house, HANDSET).unwrap();
    let done = house.mobility.assign(assign(DESK)).await.unwrap();
    assert_eq!(done.device, device(HANDSET));
    let [planned] = done.planned.as_slice() else {
        panic!("{:?}", done.planned);
    };
    assert_eq!(planned.plan, Plan::Restart);

    let world = house.store.world();
    assert!(world.phone(&device(DESK)).is_none(), "that name is free");
    let now = world.phone(&device(HANDSET)).unwrap();
    assert_eq!(now.id, desk.id);
    assert_eq!(now.sip_secret, new.sip_secret, "its file has this one");
    assert_eq!(
        world.sessions.get(&now.id).map(|it| it.user),
        Some(ObjectId(22))
    );
    let row = world.pending.get(&now.id).unwrap();
    assert!(row.not_before > row.since, "its page goes out first");
    assert_eq!(world.held.get(&now.id).unwrap().file, None);
    drop(world);
    let audit = house.store.audit();
    let line = audit.last().unwrap();
    assert_eq!(line.authority.as_deref(), Some("alice's own PIN"));
    assert_eq!(line.user, Some(uid("alice")));
}

#[tokio::test]
async fn what_a_handset_cannot_be_is_refused_and_changes_nothing() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    arrives(&house, OTHER).await.unwrap();
    let before = house.store.commits();
    let refused = async |command: Assign| house.mobility.assign(command).await.unwrap_err();
    assert_eq!(
        refused(assign(DESK)).await,
        NewcomerRefusal::NotAllowed(uid("alice"))
    );
    allow_alice(&house);
    for (command, why) in [
        (
            Assign {
                by: Some((ObjectId(21), 0)),
                ..assign(DESK)
            },
            NewcomerRefusal::CredentialChanged(uid("alice")),
        ),
        (
            Assign {
                by: Some((ObjectId(99), 1)),
                ..assign(DESK)
            },
            NewcomerRefusal::UserUnknown,
        ),
        (
            Assign {
                whereabouts: Whereabouts::Registered,
                ..assign(DESK)
            },
            NewcomerRefusal::InUse(device(DESK)),
        ),
        (
            Assign {
                whereabouts: Whereabouts::MayComeBack,
                ..assign(DESK)
            },
            NewcomerRefusal::MayComeBack(device(DESK)),
        ),
        (
            assign("SEP0000000000FF"),
            NewcomerRefusal::DeviceUnknown(device("SEP0000000000FF")),
        ),
        (assign(OTHER), NewcomerRefusal::NotConfigured(device(OTHER))),
        (
            Assign {
                handset: device(LAB),
                ..assign(DESK)
            },
            NewcomerRefusal::Configured(device(LAB)),
        ),
    ] {
        assert_eq!(refused(command).await, why);
    }
    let other = refused(assign(LAB)).await;
    assert!(
        matches!(other, NewcomerRefusal::OtherModel { .. }),
        "{other}"
    );
    assert_eq!(house.store.commits(), before);
}

#[tokio::test]
async fn the_phones_to_choose_from_are_of_the_family_and_away() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    arrives(&house, OTHER).await.unwrap();
    for (id, name, line) in [
        (51, "SEP000000000001", "1010"),
        (52, "SEP000000000002", "999"),
    ] {
        let mut more = (*phone(&house, DESK).unwrap()).clone();
        more.id = ObjectId(id);
        more.name = device(name);
        more.lines = vec![Line::new(number(line))];
        house.store.edit(&Change::PutPhone(Box::new(more)));
    }
    let choice = |calls: &Calls| -> Vec<String> {
        let world = house.store.world();
        let handset = world.phone(&device(HANDSET)).unwrap();
        let all = candidates(&world, house.mobility.catalogue(), handset, |device| {
            house.mobility.whereabouts(calls, device) != Whereabouts::Away
        });
        all.iter().map(|one| one.device.to_string()).collect()
    };
    // The desk phone was here before we started: it may come back.
    assert_eq!(choice(&house.calls), ["SEP000000000002", "SEP000000000001"]);
    house.clock.advance(Duration::from_secs(181));
    assert_eq!(
        choice(&house.calls),
        ["SEP000000000002", "SEP000000000001", DESK]
    );
    house.calls.begin("SEP000000000002");
    assert_eq!(choice(&house.calls), ["SEP000000000001", DESK]);
    let world = house.store.world();
    let handset = world.phone(&device(HANDSET)).unwrap();
    let all = candidates(&world, house.mobility.catalogue(), handset, |device| {
        house.mobility.whereabouts(&*house.calls, device) != Whereabouts::Away
    });
    assert_eq!(
        by_number(&all, &number("1010")),
        Ok(device("SEP000000000001"))
    );
    assert!(by_number(&all, &number("999")).is_err(), "it is there");
}

#[tokio::test]
async fn what_names_a_phone_follows_it_to_its_new_handset() {
    let house = open_house(|_| {});
    allow_alice(&house);
    let mut bob = (**house.store.world().users.get(&ObjectId(22)).unwrap()).clone();
    bob.controlled_phones = vec![device(LAB), device(DESK)];
    house.store.edit(&Change::PutUser(Box::new(bob)));
    let desk = phone(&house, DESK).unwrap();
    let snapshot = crate::model::AutoProfile::taken_of(&desk, Timestamp(1));
    house
        .store
        .edit(&Change::PutAutoProfile(Box::new(snapshot)));
    arrives(&house, HANDSET).await.unwrap();
    let done = house.mobility.assign(assign(DESK)).await.unwrap();
    assert!(
        done.what.contains(&format!("write {HANDSET}")),
        "{}",
        done.what
    );
    let world = house.store.world();
    let bob = world.users.get(&ObjectId(22)).unwrap();
    assert_eq!(bob.controlled_phones, [device(LAB), device(HANDSET)]);
    assert_eq!(bob.credential_version, 1);
    let auto = &world.auto_profiles.get(&desk.id).unwrap().profile;
    assert_eq!(auto.name.as_str(), format!("AUTO-{HANDSET}"));
}

#[tokio::test]
async fn an_excluded_user_assigns_nothing() {
    let house = open_house(|_| {});
    let mut alice = (**house.store.world().users.get(&ObjectId(21)).unwrap()).clone();
    (alice.extension_assigner, alice.excluded) = (true, true);
    house.store.edit(&Change::PutUser(Box::new(alice)));
    arrives(&house, HANDSET).await.unwrap();
    let refused = house.mobility.assign(assign(DESK)).await;
    assert_eq!(refused, Err(NewcomerRefusal::NotAllowed(uid("alice"))));
}

#[tokio::test]
async fn whoever_makes_names_up_from_one_address_is_slowed() {
    let house = open_house(|rules| {
        rules.starting_directory_number = Some(number("3000"));
        rules.ending_directory_number = Some(number("3999"));
    });
    let name = |n: u8| DeviceName::from_mac([2, 0, 0, 0, 0, n]).to_string();
    for n in 0..24 {
        assert_eq!(arrives(&house, &name(n)).await, Ok(()));
    }
    assert_eq!(arrives(&house, &name(24)).await, Err(TurnedAway::TooMany));
    house.clock.advance(Duration::from_secs(11));
    assert_eq!(arrives(&house, &name(24)).await, Ok(()));
}

#[tokio::test]
async fn a_phone_that_is_forgotten_may_come_again_and_its_number_is_free() {
    let house = open_house(|rules| rules.approval = false);
    arrives(&house, HANDSET).await.unwrap();
    house.mobility.login(login("bob", HANDSET)).await.unwrap();
    let forget = Refuse {
        device: device(HANDSET),
        forget: true,
        origin: Origin::Operator,
    };
    let refused = house.mobility.refuse(forget.clone()).await;
    assert!(
        matches!(refused, Err(NewcomerRefusal::SignedIn { .. })),
        "{refused:?}"
    );
    house
        .mobility
        .logout(crate::mobility::testing::logout(HANDSET))
        .await
        .unwrap();
    house.mobility.refuse(forget).await.unwrap();
    assert!(phone(&house, HANDSET).is_none());
    arrives(&house, OTHER).await.unwrap();
    let other = phone(&house, OTHER).unwrap();
    assert_eq!(other.lines, [Line::new(number("2004"))]);
    assert_eq!(house.mobility.takes(&device(HANDSET)), Ok(()));
}

#[tokio::test]
async fn a_number_that_others_have_is_told() {
    let house = open_house(|_| {});
    arrives(&house, HANDSET).await.unwrap();
    let approve = Approve {
        device: device(HANDSET),
        number: Some(number("2003")),
        description: None,
        origin: Origin::Operator,
    };
    let done = house.mobility.approve(approve).await.unwrap();
    assert!(
        done.what
            .ends_with("number 2003, which profile bob-desk has too"),
        "{}",
        done.what
    );
}

/// A handset of another model of the family is served as what it is.
#[test]
fn an_assigned_phone_is_served_as_its_handset() {
    let house = open_house(|_| {});
    let mut world = house.store.world().clone();
    let mut desk = (**world.phone(&device(DESK)).unwrap()).clone();
    desk.protocol = Some(Protocol::Sccp);
    world.apply(&Change::PutPhone(Box::new(desk)));
    let new = Newcomer {
        protocol: Protocol::Sip,
        ..newcomer(HANDSET, 30_018, Protocol::Sip)
    };
    let secret = SipSecret::new("y".repeat(SipSecret::LENGTH));
    let catalogue = house.mobility.catalogue();
    let arrived =
        auto_registration::decide(&world, catalogue, Timestamp(5), &new, &secret).unwrap();
    let world = world.after(&arrived.changes);
    let command = Assign {
        by: None,
        origin: Origin::Operator,
        ..assign(DESK)
    };
    let done = assignment::decide(&world, catalogue, Timestamp(6), &command).unwrap();
    let world = world.after(&done.changes);
    let now = world.phone(&device(HANDSET)).unwrap();
    assert_eq!(now.protocol_or(Protocol::Sccp), Protocol::Sip);
    assert_eq!(now.device_pool, ObjectName::new("Default").unwrap());
    let sessions: Vec<&Session> = world.sessions.values().collect();
    assert!(sessions.is_empty());
}
