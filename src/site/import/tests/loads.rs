//! Loads and switches of phones: both have a place in a site file.

use super::*;
use crate::model::ModelName;

const ONE: &str = "SEP001122334455";

fn load_of(document: &SiteDocument, name: &str) -> Option<String> {
    let load = phone(document, name).load.as_ref();
    load.map(ToString::to_string)
}

fn sep(load: &str, more: &str) -> Source {
    let text = format!("<device><loadInformation>{load}</loadInformation>{more}</device>");
    source("SEP001122334455.cnf.xml", &text)
}

#[test]
fn each_format_brings_its_loads_along() {
    let chan = "[SEP001122334455]\ntype=device\ndevicetype=7961\nimageversion=SCCP41.9-4-2SR3-1S\n\
                button=line,1\n";
    let bat = "Device Name,Device Type,Device Protocol,Phone Load Name\n\
               SEP001122334455,Cisco 7961,SCCP,SCCP41.9-4-2SR3-1S\n";
    for (format, input) in [
        (Format::Tftpboot, sep("SCCP41.9-4-2SR3-1S.loads", "")),
        (Format::ChanSccp, source("sccp.conf", chan)),
        (Format::Bat, source("phones.csv", bat)),
    ] {
        let made = imported(format, &[input]);
        let load = load_of(&document(&made), ONE);
        assert_eq!(load.as_deref(), Some("SCCP41.9-4-2SR3-1S"), "{format}");
        assert!(!notes(&made).contains("load \""), "{}", notes(&made));
    }
}

#[test]
fn a_router_s_loads_are_those_of_its_device_pool() {
    let text = "telephony-service\n load 7960-7940 P00308010200\n load 7961GE SIP41.9-4-2SR3-1S\n \
                load 7914 S00105000400\n\
                ephone-dn 1\n number 1\n\
                ephone 1\n mac-address 0011.2233.4455\n type 7960\n button 1:1\n";
    let made = imported(Format::Cme, &[source("r1", text)]);
    let document = document(&made);
    let loads = &document.device_pools[0].value.loads;
    for model in ["7940", "7960"] {
        let load = loads.get(&ModelName::new(model).unwrap()).unwrap();
        assert_eq!(load.as_str(), "P00308010200");
    }
    assert_eq!(loads.len(), 2);
    let notes = notes(&made);
    assert!(
        notes.contains("r1:3: load \"SIP41.9-4-2SR3-1S\" of a 7961G-GE: it is no load of that"),
        "{notes}"
    );
    assert!(
        notes.contains("r1:4: load of 7914: it is for no phone"),
        "{notes}"
    );
}

/// A phone that is told a load that it cannot run asks for it without end.
#[test]
fn a_load_of_another_model_or_protocol_is_not_taken() {
    let text = "[SEP001122334455]\ntype=device\ndevicetype=7961\nbutton=line,1\nimageversion=";
    for load in ["P0030801SR02", "SIP41.9-4-2SR3-1S", "SCCP75.9-4-2S", "../x"] {
        let made = imported(
            Format::ChanSccp,
            &[source("sccp.conf", &format!("{text}{load}\n"))],
        );
        assert_eq!(load_of(&document(&made), ONE), None, "{load}");
        let told = format!("sccp.conf:5: load {load:?} of a 7961: it is no load of that model");
        assert!(notes(&made).contains(&told), "{}", notes(&made));
    }
}

/// Embody writes no image_version; an `OS79XX.TXT` of the operator does it.
#[test]
fn a_phone_that_reads_text_is_told_no_load() {
    let made = imported(Format::Tftpboot, &[sep("P0S3-8-12-00", "")]);
    assert_eq!(load_of(&document(&made), ONE), None);
    assert!(notes(&made).contains("OS79XX.TXT"), "{}", notes(&made));
}

#[test]
fn switches_that_stand_otherwise_than_embody_writes_them_come_along() {
    let switches = "<vendorConfig><webAccess>2</webAccess><pcPort>0</pcPort><sshAccess/>\
                    <displayOnTime> 07:30 </displayOnTime><adminPassword>canary</adminPassword>\
                    <wlan><ssid>x</ssid></wlan></vendorConfig>";
    let made = imported(Format::Tftpboot, &[sep("SIP41.9", switches)]);
    let document = document(&made);
    let config = &phone(&document, ONE).vendor_config;
    assert_eq!(config.get("webAccess"), Some("2"));
    assert_eq!(config.get("displayOnTime"), Some("07:30"));
    // As Embody writes it, and said without a value.
    assert_eq!(
        (config.get("pcPort"), config.get("sshAccess")),
        (None, None)
    );
    assert!(!made.text.contains("canary"), "{}", made.text);
    let notes = notes(&made);
    assert!(
        notes.contains("adminPassword, wlan of vendorConfig: "),
        "{notes}"
    );
}

#[test]
fn the_services_of_a_router_s_phones_are_switches() {
    let text = "telephony-service\n service phone webAccess 2\n service dnis dir-lookup\n \
                service phone adminPassword canary\n\
                ephone-template 1\n service phone pcPort 1\n\
                ephone 1\n mac-address 0011.2233.4455\n type 7961\n ephone-template 1\n";
    let made = imported(Format::Cme, &[source("r1", text)]);
    let document = document(&made);
    let pool = &document.device_pools[0].value.vendor_config;
    let own = &phone(&document, ONE).vendor_config;
    assert_eq!(
        (pool.get("webAccess"), own.get("webAccess")),
        (Some("2"), None)
    );
    assert_eq!(own.get("pcPort"), Some("1"));
    let notes = notes(&made);
    let told = "r1:3 (and 1 more place): service of telephony-service: ";
    assert!(notes.contains(told), "{notes}");
    assert!(!notes.contains("canary") && !made.text.contains("canary"));
}

/// Loads for phones that nobody configured are no phone's; the report says
/// where they can stand.
#[test]
fn loads_for_unknown_phones_are_told_once() {
    let text = "<Default><loadInformation8 model='Cisco 7940'>P0S3-8-12-00</loadInformation8>\
                <loadInformation30018 model='Cisco 7961'>SCCP41.9</loadInformation30018>\
                <loadInformation7 model='Cisco 7960'>P0030801SR02</loadInformation7></Default>";
    let files = [source("XMLDefault.cnf.xml", text), sep("SCCP41.9", "")];
    let made = imported(Format::Tftpboot, &files);
    let notes = notes(&made);
    assert_eq!(notes.matches("loads by model").count(), 1, "{notes}");
    assert!(
        notes.contains("loads = { \"7961\" = \"SCCP41.9\" }"),
        "{notes}"
    );
}
