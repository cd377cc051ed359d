//! Phones of the site that speak SIP over what is not served.

use std::collections::BTreeSet;

use crate::app::{Config, Port, SipTransport};
use crate::model::{Catalogue, Dialect, ModelName, Protocol};
use crate::site::SiteDocument;

/// What phones of a dialect carry their messages with (Cisco's administration
/// guides of the phones: SIP loads from 8.0 are told TCP by their file; SIP
/// loads of 7905, 7912, 7940 and 7960 have UDP alone).
fn carrier(dialect: Dialect) -> Option<SipTransport> {
    match dialect {
        Dialect::SipLong => Some(SipTransport::Tcp),
        Dialect::SipText | Dialect::SipProfile => Some(SipTransport::Udp),
        _ => None,
    }
}

/// A sentence for each of `[sip] transports` that is missing.
pub(super) fn missing(config: &Config, site: &SiteDocument, catalogue: &Catalogue) -> Vec<String> {
    if config.listen.sip == Port::Off {
        return Vec::new();
    }
    let wanted = [(SipTransport::Tcp, "tcp"), (SipTransport::Udp, "udp")];
    let wanted = wanted
        .into_iter()
        .filter(|(transport, _)| !config.sip.transports.contains(transport));
    wanted
        .filter_map(|(transport, word)| {
            let models = models(site, catalogue, transport);
            let names: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
            (!names.is_empty()).then(|| {
                format!(
                    "[sip] transports has no {word:?}: SIP phones of model {} register over it \
                     alone, and would never come; add it, or leave transports out to have both",
                    names.join(", ")
                )
            })
        })
        .collect()
}

/// The models of the site's SIP phones that this carries.
fn models<'a>(
    site: &'a SiteDocument,
    catalogue: &Catalogue,
    transport: SipTransport,
) -> BTreeSet<&'a ModelName> {
    let phones = site.phones.iter().map(|phone| &phone.value);
    phones
        .filter(|phone| {
            let model = catalogue.model(&phone.model);
            let facts = model.and_then(|model| {
                let protocol = phone.protocol.unwrap_or_else(|| model.first_protocol());
                (protocol == Protocol::Sip).then_some(model.facts(protocol)?)
            });
            facts.is_some_and(|facts| carrier(facts.dialect) == Some(transport))
        })
        .map(|phone| &phone.model)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provision::PhoneConfigs;
    use crate::site::parse;

    fn of(transports: &str, phones: &[(&str, &str)]) -> Vec<String> {
        let config = Config::parse(&format!("[sip]\ntransports = {transports}\n")).unwrap();
        let entry = |(at, (model, protocol)): (usize, &(&str, &str))| {
            format!(
                "[[phone]]\nname = \"SEP0011223344{at:02}\"\nmodel = \"{model}\"\nprotocol = \
                 \"{protocol}\"\n"
            )
        };
        let phones: String = phones.iter().enumerate().map(entry).collect();
        let site = parse(&format!("version = 1\n{phones}")).unwrap();
        missing(&config, &site, &PhoneConfigs::load(None).unwrap().catalogue)
    }

    #[test]
    fn phones_without_their_transport_are_told_with_the_remedy() {
        let phones = [
            ("8841", "sip"),
            ("7961", "sip"),
            ("7962", "sccp"),
            ("7960", "sip"),
        ];
        let said = of("[\"udp\"]", &phones).concat();
        assert!(
            said.contains("has no \"tcp\"") && said.contains("7961, 8841 register"),
            "{said}"
        );
        assert!(!said.contains("7960") && !said.contains("7962"), "{said}");
        let said = of("[\"tcp\"]", &phones).concat();
        assert!(
            said.contains("has no \"udp\"") && said.contains("model 7960 register"),
            "{said}"
        );
        let said = of("[\"tcp\"]", &[("7912", "sip")]).concat();
        assert!(said.contains("7912"), "{said}");
    }

    #[test]
    fn nothing_is_said_where_all_are_served() {
        assert!(of("[\"udp\", \"tcp\"]", &[("8841", "sip"), ("7960", "sip")]).is_empty());
        assert!(of("[\"tcp\"]", &[("8841", "sip"), ("7960", "sccp")]).is_empty());
        assert!(of("[\"udp\"]", &[("7940", "sip"), ("7961", "sccp")]).is_empty());
    }
}
