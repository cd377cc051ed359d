//! The site file: reading, checking, merging, applying, printing.

#![allow(clippy::unwrap_used)]

mod applying;
mod bench;
mod in_use;
mod merging;
mod newcomers;
mod reading;
mod round_trip;
mod rules;

use std::collections::BTreeMap;

use crate::model::{
    Catalogue, Charset, Dialect, Fetch, FileOrder, ModelName, PhoneModel, ProtocolFacts,
    ServicesDoor, SoftKeyLayout,
};

const SAMPLE: &str = include_str!("../../../phone-configs/site.toml");

fn facts(dialect: Dialect, services_door: ServicesDoor, file_order: FileOrder) -> ProtocolFacts {
    ProtocolFacts {
        dialect,
        fetch: vec![Fetch::Tftp],
        services_door,
        file_order,
        order_pause: 180,
        locale_jar: None,
        load: None,
        vendor_config: crate::model::VendorConfig::default(),
        feature_policy: false,
    }
}

/// A catalogue of the three models of the sample, and an adapter.
fn catalogue() -> Catalogue {
    let short = facts(
        Dialect::SccpShort,
        ServicesDoor::ServicesUrl,
        FileOrder::Reset,
    );
    let long = facts(Dialect::SccpLong, ServicesDoor::Both, FileOrder::Restart);
    let sip = facts(Dialect::SipLong, ServicesDoor::Internal, FileOrder::Restart);
    let model = |name: &str, keys, modules: u8, sccp, sip| PhoneModel {
        name: ModelName::new(name).unwrap(),
        title: format!("Cisco {name}"),
        type_ids: Vec::new(),
        family: name.to_owned(),
        keys,
        product_names: Vec::new(),
        expansion_modules: vec!["7914".to_owned(); usize::from(modules.min(1))],
        maximum_modules: modules,
        display: None,
        softkey_layout: SoftKeyLayout::Old,
        charset: Charset::Latin1,
        redraws_labels: false,
        busy_lamps: true,
        maximum_calls: 50,
        sccp,
        sip,
    };
    let profile = facts(Dialect::AtaProfile, ServicesDoor::None, FileOrder::Reset);
    let small = facts(
        Dialect::SipProfile,
        ServicesDoor::ServicesUrl,
        FileOrder::Reset,
    );
    let models = vec![
        model("ATA186", 1, 0, Some(profile), None),
        model("7912", 1, 0, None, Some(small)),
        model("7960", 6, 2, Some(short), None),
        model("7961", 6, 2, Some(long), Some(sip.clone())),
        model("8841", 10, 0, None, Some(sip)),
    ];
    Catalogue::new(models, BTreeMap::new())
        .and_then(|catalogue| catalogue.with_modules(BTreeMap::from([("7914".to_owned(), 14)])))
        .unwrap()
}
