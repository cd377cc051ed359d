//! A phone that nobody configured registers (Cisco, *System Configuration Guide
//! for Unified CM*, Autoregistration): it becomes a phone of the site with a
//! number of its own, and waits for approval where the site wants that.

use super::{holds_unknown, reads_anew};
use crate::model::{
    Audit, AutoRegistered, Catalogue, Change, DirectoryNumber, Features, Line, LogoutProfile,
    Phone, PhoneModel, SipSecret, Timestamp, VendorConfig, World,
};
use crate::ports::{Decision, Newcomer, TurnedAway};

/// Decides about a newcomer. The value says what was done; `None`: somebody
/// else did it meanwhile.
///
/// # Errors
/// [`TurnedAway`].
pub fn decide(
    world: &World,
    catalogue: &Catalogue,
    now: Timestamp,
    newcomer: &Newcomer,
    secret: &SipSecret,
) -> Result<Decision<Option<String>>, TurnedAway> {
    if world.phone(&newcomer.device).is_some() {
        return Ok(Decision {
            value: None,
            changes: Vec::new(),
        });
    }
    if !world.takes_newcomer(&newcomer.device) {
        return Err(TurnedAway::NotConfigured);
    }
    let (model, number) = place(world, catalogue, newcomer)?;
    let rules = &world.parameters.auto_registration;
    let waits = rules.approval;
    // What is configured of a phone that its model leaves open stays open: it
    // showed what it is.
    let is_open = model.sccp.is_some() && model.sip.is_some();
    let phone = Phone {
        id: world.free_id(0),
        name: newcomer.device.clone(),
        model: model.name.clone(),
        protocol: None,
        observed_protocol: Some(newcomer.protocol).filter(|_| is_open),
        observed_model: None,
        extension_mobility: rules.extension_mobility && !waits,
        logout_profile: LogoutProfile::UseCurrentSettings,
        locale: None,
        device_pool: rules.device_pool.clone(),
        owner: None,
        description: format!("Auto {number}"),
        load: None,
        features: Features::default(),
        confirm_logout: None,
        vendor_config: VendorConfig::default(),
        lines: vec![Line::new(number.clone())],
        speed_dials: Vec::new(),
        services: Vec::new(),
        sip_secret: secret.clone(),
        auto_registered: Some(AutoRegistered {
            since: now,
            address: newcomer.address,
            load: newcomer.load.clone(),
            first_file: newcomer.file,
            approved: !waits,
        }),
    };
    let what = format!(
        "{} registered by itself as a {} over {} from {} and got the number {number}{}",
        phone.name,
        model.name,
        newcomer.protocol,
        newcomer.address,
        if waits {
            "; it waits for approval (embody waiting)"
        } else {
            ""
        }
    );
    let audit = Audit::new("system", what.clone()).on(phone.name.clone());
    let mut changes = vec![Change::PutPhone(Box::new(phone.clone()))];
    changes.extend(world.entailed(catalogue, &changes, now));
    let after = world.after(&changes);
    if let Some(wanted) = after.wanted(catalogue, phone.id) {
        // It booted from the file of a phone that nobody knew.
        changes.push(holds_unknown(phone.id, now));
        changes.push(reads_anew(&wanted, catalogue, &phone, now, now));
    }
    changes.push(Change::Audit(Box::new(audit)));
    Ok(Decision {
        value: Some(what),
        changes,
    })
}

/// The most phones of one address that wait for approval, or that came by
/// themselves where none is needed.
const MOST_OF_ONE_ADDRESS: usize = 250;

/// The model and the number that a newcomer would have.
///
/// # Errors
/// [`TurnedAway::ModelUnknown`], [`TurnedAway::TooMany`] or
/// [`TurnedAway::NoNumber`].
pub fn place<'a>(
    world: &World,
    catalogue: &'a Catalogue,
    newcomer: &Newcomer,
) -> Result<(&'a PhoneModel, DirectoryNumber), TurnedAway> {
    let model = match newcomer.type_id {
        Some(type_id) => catalogue.by_type(type_id),
        None => newcomer
            .product
            .as_deref()
            .and_then(|product| catalogue.by_product_name(product)),
    };
    let model = model
        .filter(|model| model.facts(newcomer.protocol).is_some())
        .ok_or(TurnedAway::ModelUnknown)?;
    let rules = &world.parameters.auto_registration;
    let of_its_address = world.phones.values().filter(|phone| {
        let auto = phone.auto_registered.as_ref();
        auto.is_some_and(|auto| {
            auto.address == newcomer.address && !(rules.approval && auto.approved)
        })
    });
    if of_its_address.count() >= MOST_OF_ONE_ADDRESS {
        return Err(TurnedAway::TooMany);
    }
    let number = rules
        .pool()
        .and_then(|pool| pool.free_in(world))
        .ok_or(TurnedAway::NoNumber)?;
    Ok((model, number))
}
