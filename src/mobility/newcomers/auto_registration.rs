//! A phone that nobody configured registers (Cisco, *System Configuration Guide
//! for Unified CM*, Autoregistration): it becomes a phone of the site with a
//! number of its own, and waits for approval where the site wants that.

use super::{holds_unknown, reads_anew};
use crate::model::{
    Audit, AwaitsApproval, Catalogue, Change, Features, Line, LogoutProfile, Phone, SipSecret,
    Timestamp, VendorConfig, World,
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
    let rules = &world.parameters.auto_registration;
    if !rules.takes(&newcomer.device) {
        return Err(TurnedAway::NotConfigured);
    }
    let model = newcomer
        .type_id
        .and_then(|type_id| catalogue.by_type(type_id))
        .filter(|model| model.facts(newcomer.protocol).is_some())
        .ok_or(TurnedAway::ModelUnknown)?;
    let number = rules
        .pool()
        .and_then(|pool| pool.free_in(world))
        .ok_or(TurnedAway::NoNumber)?;
    let awaits_approval = rules.approval.then(|| AwaitsApproval {
        since: now,
        address: newcomer.address,
        load: newcomer.load.clone(),
    });
    let waits = awaits_approval.is_some();
    let phone = Phone {
        id: world.free_id(0),
        name: newcomer.device.clone(),
        model: model.name.clone(),
        protocol: Some(newcomer.protocol),
        observed_protocol: None,
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
        awaits_approval,
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

/// Why a newcomer was turned away, and what can be done about it, for the
/// operator.
pub fn in_words(why: TurnedAway, newcomer: &Newcomer) -> String {
    let Newcomer {
        protocol, address, ..
    } = newcomer;
    match why {
        TurnedAway::NotConfigured => {
            format!("turned away: not configured, and not to register by itself ({address})")
        }
        TurnedAway::ModelUnknown => match newcomer.type_id {
            Some(type_id) => format!(
                "turned away: no model of the catalogue has type {type_id} with a load of \
                 {protocol} ({address}); add it to phone-configs/catalogue.toml"
            ),
            None => format!("turned away: it does not say which model it is ({address})"),
        },
        TurnedAway::NoNumber => format!(
            "turned away: no number of auto_registration is free ({address}); make \
             ending_directory_number larger, or approve or refuse who waits (embody waiting)"
        ),
        TurnedAway::Busy => format!("turned away: it could not be stored now ({address})"),
    }
}
