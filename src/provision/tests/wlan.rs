//! Wireless phones ask for the network of the house behind their boot file.

use super::*;
use crate::ports::FileSource;

const NETWORK: &str = "ssid = \"Voice & Co\"\nmode = \"802.11b/g\"\nauthentication = \"AKM\"\n\
                       pre_shared_key = \"open <sesame>\"\n";

fn house(statics: &[(&str, &str)], network: Option<&str>) -> House {
    let settings = Settings {
        wlan: network.map(|network| toml::from_str(network).unwrap()),
        ..Settings::default()
    };
    House::new(Site::new(), statics, settings)
}

fn asked(house: &House) -> String {
    said(&house.resolver.fetch(&ask(b"WLANDefault.xml", "192.0.2.50")))
}

#[test]
fn they_find_what_the_operator_says_and_else_nothing() {
    assert_eq!(asked(&house(&[], None)), "not found");
    let file = asked(&house(&[], Some(NETWORK)));
    for (element, text) in [
        ("SSID", "Voice &amp; Co"),
        ("WLANMode", "802.11b/g"),
        ("AuthenticationMode", "AKM"),
        ("PreSharedKeyType", "ASCII"),
        ("PreSharedKeyValue", "open &lt;sesame&gt;"),
        ("DHCPEnabled", "Yes"),
    ] {
        assert_eq!(texts(&file, element), [text], "{element}");
    }
    assert!(
        file.starts_with("<Cisco7921PhoneConfig version=\"1\">"),
        "{file}"
    );
}

#[test]
fn a_file_of_the_operator_s_own_stands_before_it() {
    let own = [("WLANDefault.xml", "of Cisco's tool")];
    assert_eq!(asked(&house(&own, Some(NETWORK))), "of Cisco's tool");
    assert_eq!(asked(&house(&own, None)), "of Cisco's tool");
}
