//! What stands in a `SEP<MAC>.cnf.xml` and in no site file.

use super::xml::Element;
use crate::site::import::draft::Draft;
use crate::site::import::report::Place;

/// Elements whose content is not carried over, what they are, why not, and
/// what to do.
const NOT_CARRIED: [(&str, &str, &str, &str); 8] = [
    (
        "sshPassword",
        "the SSH login of phones",
        "a site file has no place for it",
        "nothing, or change the template of the boot file",
    ),
    (
        "commonProfile/phonePassword",
        "the password of the phone's own settings",
        "Embody sets none",
        "change the template of the boot file if you need one",
    ),
    (
        "directoryURL",
        "directoryURL",
        "Embody names no directory to phones",
        "make it a [[service]], and people find it behind the Services key",
    ),
    (
        "idleURL",
        "idleURL",
        "Embody names no idle page to phones",
        "change the template of the boot file if you need it",
    ),
    (
        "messagesURL",
        "messagesURL",
        "Embody names no page of messages to phones",
        "make it a [[service]]",
    ),
    (
        "proxyServerURL",
        "proxyServerURL",
        "phones reach Embody without a proxy",
        "nothing",
    ),
    (
        "vpnGroup/addresses/url1",
        "the VPN of the phone",
        "Embody sets up none",
        "change the template of the boot file if you need it",
    ),
    (
        "featurePolicyFile",
        "the feature policy",
        "Embody writes its own",
        "nothing, or put yours into the folder of static files",
    ),
];

/// Notes it, each with its line.
pub(super) fn not_carried(root: &Element, place: &Place, draft: &mut Draft<'_>) {
    let at = |element: &Element| place.line(element.line);
    let managers = root.find("devicePool/callManagerGroup/members");
    for member in managers.iter().flat_map(|members| members.all("member")) {
        if let Some(host) = member.filled("callManager/processNodeName") {
            draft.note(
                &at(host),
                &format!("call manager {}", host.text()),
                "phones are told to register with this Embody alone",
                "write call_managers into the [[device_pool]] if there are more nodes of it",
            );
        }
    }
    for (path, what, why, remedy) in NOT_CARRIED {
        let there = root
            .find(path)
            .filter(|element| !element.text().is_empty() || !element.children.is_empty());
        if let Some(element) = there {
            draft.note(&at(element), what, why, remedy);
        }
    }
    if let Some(template) = root.filled("sipProfile/dialTemplate")
        && !template.text().eq_ignore_ascii_case("dialplan.xml")
    {
        draft.note(
            &at(template),
            &format!("dial plan {}", template.text()),
            "all SIP phones read dialplan.xml here",
            "bring its rules into phone-configs/dialplan.xml",
        );
    }
    if let Some(mode) = root.filled("deviceSecurityMode")
        && ["2", "3"].contains(&mode.text())
    {
        draft.note(
            &at(mode),
            "secured signalling",
            "Embody speaks SCCP and SIP in the clear",
            "nothing, if the voice network is one of its own",
        );
    }
    if let Some(option) = root.filled("devicePool/srstInfo/srstOption")
        && option.text().eq_ignore_ascii_case("enable")
    {
        draft.note(
            &at(option),
            "survivable telephony (SRST)",
            "phones are not told another server to fall back to",
            "nothing",
        );
    }
}
