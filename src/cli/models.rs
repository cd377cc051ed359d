//! `embody models`: the phone models that are known, with what is known of
//! them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, complain, serve};
use crate::model::{Catalogue, Dialect, Fetch, PhoneModel, Protocol, ProtocolFacts, ServicesDoor};
use crate::provision::PhoneConfigs;

/// What `models` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only models whose name begins so.
    model: Option<String>,
    /// The configuration, for a catalogue of your own.
    #[arg(long)]
    config: Option<PathBuf>,
    /// As a table in Markdown, like models in one row.
    #[arg(long)]
    markdown: bool,
}

/// Prints the catalogue.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let configs = PhoneConfigs::load(config.files.phone_configs.as_deref())
        .map_err(|error| format!("the phone configurations cannot be used: {error}"))?;
    for replaced in &configs.replaced {
        complain(format_args!("warning: {replaced}"));
    }
    let wanted = |model: &&PhoneModel| {
        let begin = arguments.model.as_deref().unwrap_or_default();
        let name = model.name.as_str();
        name.get(..begin.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(begin))
    };
    if arguments.markdown {
        print!("{}", markdown(&configs.catalogue));
        return Ok(ExitCode::SUCCESS);
    }
    let mut found = 0;
    for model in configs.catalogue.models().filter(wanted) {
        found += 1;
        print!("{}", portrait(model));
    }
    if found == 0 {
        return Err("no model of that name is in the catalogue".to_owned());
    }
    Ok(ExitCode::SUCCESS)
}

/// A model in a few lines.
fn portrait(model: &PhoneModel) -> String {
    let types: Vec<String> = model.type_ids.iter().map(u32::to_string).collect();
    let keys = plural(model.keys);
    let mut lines = vec![format!(
        "{}: {}, type {}, family {}, {keys}, {}",
        model.name,
        model.title,
        types.join(" and "),
        model.family,
        modules(model)
    )];
    for protocol in [Protocol::Sccp, Protocol::Sip] {
        let Some(facts) = model.facts(protocol) else {
            continue;
        };
        let load = facts.load.as_ref().map(|load| format!(", loads as {load}"));
        lines.push(format!(
            "  {protocol}: boots from {} over {}, {}{}",
            boot_file(model, facts),
            fetch(facts),
            services(facts),
            load.unwrap_or_default()
        ));
    }
    if let Some(display) = &model.display {
        lines.push(format!("  wallpapers: Desktops/{display}"));
    }
    lines.join("\n") + "\n"
}

/// The catalogue as a table; models of which the same is known share a row.
pub(super) fn markdown(catalogue: &Catalogue) -> String {
    let mut rows: Vec<(Vec<&str>, String)> = Vec::new();
    for model in catalogue.models() {
        let cells = format!(
            "{} | {} | {} | {} | {}",
            cell(model, Protocol::Sccp),
            cell(model, Protocol::Sip),
            model.keys,
            modules(model),
            sign_in(model)
        );
        match rows.iter_mut().find(|(_, same)| *same == cells) {
            Some((names, _)) => names.push(model.name.as_str()),
            None => rows.push((vec![model.name.as_str()], cells)),
        }
    }
    let head = [
        "| models | SCCP: boot file, over | SIP: boot file, over | keys | add-on modules | sign in under |",
        "|---|---|---|---|---|---|",
    ];
    let rows = rows
        .into_iter()
        .map(|(names, cells)| format!("| {} | {cells} |", names.join(", ")));
    let lines: Vec<String> = head.map(str::to_owned).into_iter().chain(rows).collect();
    lines.join("\n") + "\n"
}

fn cell(model: &PhoneModel, protocol: Protocol) -> String {
    model.facts(protocol).map_or_else(
        || "-".to_owned(),
        |facts| format!("`{}`, {}", boot_file(model, facts), fetch(facts)),
    )
}

fn boot_file(model: &PhoneModel, facts: &ProtocolFacts) -> &'static str {
    match facts.dialect {
        // Adapters are devices of another name.
        Dialect::SccpShort | Dialect::SccpLong | Dialect::SipLong
            if model.name.as_str().starts_with("ATA") =>
        {
            "ATA<MAC>.cnf.xml"
        }
        Dialect::SccpShort | Dialect::SccpLong | Dialect::SipLong => "SEP<MAC>.cnf.xml",
        Dialect::SipText => "SIP<MAC>.cnf",
        Dialect::SccpLegacy => "SEP<MAC>.cnf",
        Dialect::AtaProfile => "ata<mac>",
        Dialect::SipProfile if model.name.as_str() == "7905" => "ld<mac>",
        Dialect::SipProfile => "gk<mac>",
    }
}

fn fetch(facts: &ProtocolFacts) -> String {
    let over = facts.fetch.iter().map(|fetch| match fetch {
        Fetch::Http => "HTTP",
        Fetch::Tftp => "TFTP",
    });
    over.collect::<Vec<_>>().join(", then ")
}

fn services(facts: &ProtocolFacts) -> &'static str {
    match facts.services_door {
        ServicesDoor::None => "no services",
        ServicesDoor::ServicesUrl | ServicesDoor::Both => "signs in under Services",
        ServicesDoor::Internal => "signs in under Applications",
    }
}

fn sign_in(model: &PhoneModel) -> &'static str {
    let facts = model.facts(model.first_protocol());
    match facts.map_or(ServicesDoor::None, |facts| facts.services_door) {
        ServicesDoor::None => "-",
        ServicesDoor::ServicesUrl | ServicesDoor::Both => "Services",
        ServicesDoor::Internal => "Applications",
    }
}

fn modules(model: &PhoneModel) -> String {
    if model.expansion_modules.is_empty() {
        return "none".to_owned();
    }
    format!(
        "{} of {}",
        model.maximum_modules,
        model.expansion_modules.join(", ")
    )
}

fn plural(keys: u8) -> String {
    match keys {
        1 => "1 key".to_owned(),
        keys => format!("{keys} keys"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::ModelName;

    fn catalogue() -> std::sync::Arc<Catalogue> {
        PhoneConfigs::load(None).unwrap().catalogue
    }

    /// `embody models --markdown` wrote it.
    #[test]
    fn the_table_of_the_readme_is_that_of_the_catalogue() {
        let readme = include_str!("../../README.md");
        let table = markdown(&catalogue());
        assert!(readme.contains(&table), "write into README.md:\n{table}");
    }

    #[test]
    fn a_model_is_told_in_a_few_lines() {
        let catalogue = catalogue();
        let told = |name: &str| portrait(catalogue.model(&ModelName::new(name).unwrap()).unwrap());
        assert_eq!(
            told("7960"),
            "7960: Cisco 7960, type 7, family 7940-7960, 6 keys, 2 of 7914\n  \
             SCCP: boots from SEP<MAC>.cnf.xml over TFTP, signs in under Services, loads as P0030801SR02\n  \
             SIP: boots from SIP<MAC>.cnf over TFTP, signs in under Services, loads as P0S3-8-12-00\n"
        );
        assert!(told("30VIP").contains("boots from SEP<MAC>.cnf over TFTP, no services"));
        assert!(told("ATA186").contains("boots from ata<mac> over TFTP, no services"));
        assert!(told("8841").contains("over HTTP, then TFTP, signs in under Applications"));
        assert!(told("8841").contains("Desktops/800x480x24"));
    }
}
