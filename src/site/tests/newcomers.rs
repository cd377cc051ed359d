//! What a site file says of phones that nobody configured.

use super::bench::Bench;
use super::catalogue;
use crate::model::{AutoRegistered, Change, ObjectId, Phone, Timestamp};
use crate::ports::Store as _;
use crate::site::{Severity, check, export, parse};

/// What is said about these keys of `auto_registration`.
fn said(keys: &str, more: &str) -> Vec<(Severity, String)> {
    let text = format!("version = 1\n[parameters.auto_registration]\n{keys}\n{more}\n");
    let findings = check(&parse(&text).unwrap(), &catalogue());
    let about = findings
        .into_iter()
        .filter(|finding| finding.message.contains("auto_registration"));
    about
        .map(|finding| (finding.severity, finding.message))
        .collect()
}

const POOL: &str =
    "enabled = true\nstarting_directory_number = \"2900\"\nending_directory_number = \"2999\"";
const OLAF: &str = "[[user]]\nid = \"olaf\"\npin = \"77115\"\nextension_assigner = true";

#[test]
fn a_pool_of_numbers_and_a_device_pool_are_there() {
    assert_eq!(said("", ""), []);
    assert_eq!(said(POOL, OLAF), []);
    for (keys, part) in [
        ("enabled = true", "write starting_directory_number"),
        (
            "starting_directory_number = \"1\"",
            "write starting_directory_number",
        ),
        (&POOL.replace("2999", "999"), "of one length"),
        (&POOL.replace("2999", "2899"), "comes before"),
        (
            &format!("{POOL}\ndevice_pool = \"Annex\""),
            "\"Annex\" is not in the file",
        ),
    ] {
        let findings = said(keys, OLAF);
        let [(Severity::Error, message)] = findings.as_slice() else {
            panic!("{keys}: {findings:?}");
        };
        assert!(message.contains(part), "{message}");
    }
    let annex = format!("{OLAF}\n[[device_pool]]\nname = \"Annex\"");
    assert_eq!(
        said(&format!("{POOL}\ndevice_pool = \"Annex\""), &annex),
        []
    );
}

#[test]
fn an_assigner_that_nobody_may_use_is_told() {
    let [(Severity::Warning, message)] = &said(POOL, "")[..] else {
        panic!("nothing is said");
    };
    assert!(
        message.contains("extension_assigner = true on a user"),
        "{message}"
    );
    for quiet in ["extension_assigner = false", "approval = false"] {
        assert_eq!(said(&format!("{POOL}\n{quiet}"), ""), []);
    }
}

/// A phone of the site that registered by itself.
fn newcomer(bench: &Bench, name: &str) -> Phone {
    let world = bench.store.world();
    let any = world.phones.values().next().unwrap();
    Phone {
        id: ObjectId(900),
        name: crate::model::DeviceName::new(name).unwrap(),
        auto_registered: Some(AutoRegistered {
            since: Timestamp(7),
            address: [192, 0, 2, 7].into(),
            load: None,
            first_file: None,
            approved: false,
        }),
        ..(**any).clone()
    }
}

const NEW: &str = "SEP00AABBCCDD01";

#[tokio::test]
async fn a_phone_that_waits_is_no_part_of_the_site_until_it_is_in_the_file() {
    let bench = Bench::with_sample().await;
    let waits = newcomer(&bench, NEW);
    bench.store.edit(&Change::PutPhone(Box::new(waits.clone())));
    let text = export(&bench.store.world());
    assert!(!text.contains(NEW));
    // Not even a pruning apply takes it away.
    let plan = bench.apply(super::SAMPLE).await;
    assert!(plan.changes_nothing() && plan.drift.is_empty());

    let block = format!(
        "{}\n[[phone]]\nname = \"{NEW}\"\nmodel = \"7961\"\nline = [{{ number = \"1010\" }}]\n",
        super::SAMPLE
    );
    bench.apply(&block).await;
    let world = bench.store.world();
    let now = world.phone(&waits.name).unwrap();
    assert_eq!(
        (now.id, &now.sip_secret),
        (waits.id, &waits.sip_secret),
        "the same phone"
    );
    assert!(now.auto_registered.is_none());
    assert_eq!(now.lines[0].number.as_str(), "1010");
}
