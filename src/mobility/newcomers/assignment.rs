//! The Extension Assigner (CME: *Extension Assigner*; in Unified CM the tool
//! for auto-registered phones): a handset that waits for approval becomes the
//! handset of a phone that is configured already. The configured phone keeps
//! all it has, its session too, and takes the name of the handset; the place
//! and the number that the handset got by itself are given up.

use std::sync::Arc;

use super::super::{Channel, Planned, actor};
use super::{NewcomerRefusal, Settled, Whereabouts, holds_unknown, reads_anew, waiting};
use crate::model::{
    Audit, AutoProfile, Catalogue, Cause, Change, DeviceName, DirectoryNumber, ObjectId, Origin,
    Phone, Protocol, Timestamp, User, UserId, World,
};
use crate::ports::Decision;

/// Which configured phone a handset shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assign {
    /// The handset, which waits for approval.
    pub handset: DeviceName,
    /// The configured phone that it shall be.
    pub phone: DeviceName,
    /// Whether that phone is there: its handset is in use.
    pub whereabouts: Whereabouts,
    /// Who says so, and the version of the credential that was checked; `None`:
    /// the operator.
    pub by: Option<(ObjectId, u64)>,
    /// Who commands it.
    pub origin: Origin,
    /// The way it came in.
    pub channel: Channel,
}

/// A configured phone that a handset could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub device: DeviceName,
    /// Its first number, if it has one.
    pub number: Option<DirectoryNumber>,
    /// What people call it.
    pub description: String,
}

/// The configured phones that a handset could be: of its family, and not there
/// now. By number.
pub fn candidates(
    world: &World,
    catalogue: &Catalogue,
    handset: &Phone,
    is_there: impl Fn(&DeviceName) -> bool,
) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = world
        .phones
        .values()
        .filter(|phone| !phone.awaits_approval())
        .filter(|phone| fits(catalogue, phone, handset))
        .filter(|phone| !is_there(&phone.name))
        .map(|phone| Candidate {
            device: phone.name.clone(),
            number: phone.lines.first().map(|line| line.number.clone()),
            description: phone.description.clone(),
        })
        .collect();
    all.sort_by(|a, b| {
        let key = |one: &Candidate| {
            let number = one.number.as_ref().map(|it| it.as_str().to_owned());
            (number.is_none(), number.as_ref().map(String::len), number)
        };
        key(a).cmp(&key(b)).then_with(|| a.device.cmp(&b.device))
    });
    all
}

/// The only candidate with a number.
///
/// # Errors
/// [`NewcomerRefusal::NoSuchNumber`].
pub fn by_number(
    candidates: &[Candidate],
    number: &DirectoryNumber,
) -> Result<DeviceName, NewcomerRefusal> {
    let mut with_it = candidates
        .iter()
        .filter(|one| one.number.as_ref() == Some(number));
    match (with_it.next(), with_it.next()) {
        (Some(only), None) => Ok(only.device.clone()),
        _ => Err(NewcomerRefusal::NoSuchNumber(number.clone())),
    }
}

/// Whether the keys of a configured phone fit a handset.
fn fits(catalogue: &Catalogue, phone: &Phone, handset: &Phone) -> bool {
    catalogue.same_family(&phone.model, handset.served_model())
}

/// Decides an assignment.
///
/// # Errors
/// [`NewcomerRefusal`].
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    command: &Assign,
) -> Result<Decision<Settled>, NewcomerRefusal> {
    let handset = waiting(world, &command.handset)?;
    let phone = world
        .phone(&command.phone)
        .ok_or_else(|| NewcomerRefusal::DeviceUnknown(command.phone.clone()))?;
    if phone.awaits_approval() {
        return Err(NewcomerRefusal::NotConfigured(phone.name.clone()));
    }
    if !fits(catalogue, phone, handset) {
        return Err(NewcomerRefusal::OtherModel {
            device: phone.name.clone(),
            model: phone.model.clone(),
            handset: handset.served_model().clone(),
        });
    }
    match command.whereabouts {
        Whereabouts::Away => {}
        Whereabouts::Registered => return Err(NewcomerRefusal::InUse(phone.name.clone())),
        Whereabouts::MayComeBack => {
            return Err(NewcomerRefusal::MayComeBack(phone.name.clone()));
        }
    }
    let user = command.by.map(|by| allowed(world, by)).transpose()?;
    let assigned = as_handset(phone, handset);
    let name = assigned.name.clone();
    let what = format!(
        "made {name} the handset of {old}{}; {old} is the name of no phone any more: where the \
         site file has it, write {name}",
        numbers(phone),
        old = phone.name,
    );
    let id = assigned.id;
    let mut changes = vec![
        Change::DropPhone(handset.id),
        Change::PutPhone(Box::new(assigned)),
    ];
    changes.extend(renamed(world, phone, &name));
    changes.extend(world.entailed(catalogue, &changes, now));
    let after = world.after(&changes);
    let mut planned = Vec::new();
    if let (Some(phone), Some(wanted)) = (after.phones.get(&id), after.wanted(catalogue, id)) {
        changes.push(holds_unknown(id, now));
        let row = reads_anew(
            &wanted,
            catalogue,
            phone,
            now,
            command.channel.not_before(now),
        );
        if let Change::PutPending(row) = &row {
            planned.push(Planned {
                device: name.clone(),
                plan: row.plan,
                cause: Cause::Configuration,
            });
        }
        changes.push(row);
    }
    let mut audit = Audit::new(actor(&command.origin, &command.handset), what.clone());
    if let Some(user) = user {
        audit = audit.by(format!("{user}'s own PIN")).of(user);
    }
    changes.push(Change::Audit(Box::new(audit.on(name.clone()))));
    Ok(Decision {
        value: Settled {
            device: name,
            what,
            planned,
        },
        changes,
    })
}

/// The user whose PIN was checked, if he may assign phones.
fn allowed(world: &World, (user, version): (ObjectId, u64)) -> Result<UserId, NewcomerRefusal> {
    let user = world.users.get(&user).ok_or(NewcomerRefusal::UserUnknown)?;
    if !user.extension_assigner || user.excluded {
        return Err(NewcomerRefusal::NotAllowed(user.user_id.clone()));
    }
    if user.credential_version != version {
        return Err(NewcomerRefusal::CredentialChanged(user.user_id.clone()));
    }
    Ok(user.user_id.clone())
}

/// What else names the phone: the users who control it, and its autogenerated
/// profile.
fn renamed(world: &World, phone: &Phone, name: &DeviceName) -> Vec<Change> {
    let controls = |user: &&Arc<User>| user.controlled_phones.contains(&phone.name);
    let users = world.users.values().filter(controls).map(|user| {
        let mut user = (**user).clone();
        for controlled in &mut user.controlled_phones {
            if *controlled == phone.name {
                controlled.clone_from(name);
            }
        }
        Change::PutUser(Box::new(user))
    });
    let auto = world.auto_profiles.get(&phone.id).map(|auto| {
        let mut auto = (**auto).clone();
        auto.profile.name = AutoProfile::name_for(name);
        Change::PutAutoProfile(Box::new(auto))
    });
    users.chain(auto).collect()
}

/// The configured phone with the name of the handset, served as what that is.
fn as_handset(phone: &Phone, handset: &Arc<Phone>) -> Phone {
    let model = handset.served_model();
    let protocol: Option<Protocol> = handset.observed_protocol.or(handset.protocol);
    Phone {
        name: handset.name.clone(),
        // The file that it holds has this one; the one of the handset that is
        // replaced is worth nothing any more.
        sip_secret: handset.sip_secret.clone(),
        observed_model: Some(model.clone()).filter(|seen| *seen != phone.model),
        observed_protocol: protocol.filter(|seen| phone.protocol != Some(*seen)),
        ..phone.clone()
    }
}

fn numbers(phone: &Phone) -> String {
    match phone.lines.first() {
        Some(line) => format!(" ({})", line.number),
        None => String::new(),
    }
}
