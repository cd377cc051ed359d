//! Boot files as phones get them, kept under `tests/data/golden/`. After a
//! wanted change: `UPDATE_GOLDEN=1 cargo test --lib provision::`, then read
//! the difference.

use std::collections::BTreeSet;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event as Xml;

use super::desk::{Desk, dials, lines};
use super::*;
use crate::model::ContactId;

fn compare(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{name} differs from what is kept:\n{made}");
}

/// What a profile of another family leaves, and add-on modules: each dialect.
const MORE: [(&str, &str, &str, Protocol, &[&str]); 9] = [
    (
        "7960-sccp-mismatch.xml",
        "7960",
        "8841",
        Protocol::Sccp,
        &[],
    ),
    ("7960-sip-mismatch.cnf", "7960", "8841", Protocol::Sip, &[]),
    (
        "7961-sccp-mismatch.xml",
        "7961",
        "7960",
        Protocol::Sccp,
        &[],
    ),
    ("7961-sip-mismatch.xml", "7961", "7960", Protocol::Sip, &[]),
    ("8841-sip-mismatch.xml", "8841", "7960", Protocol::Sip, &[]),
    (
        "7960-sccp-modules.xml",
        "7960",
        "7960",
        Protocol::Sccp,
        &["7914", "7914"],
    ),
    (
        "7962-sccp-modules.xml",
        "7962",
        "7962",
        Protocol::Sccp,
        &["7915-12", "7916-24"],
    ),
    (
        "7962-sip-modules.xml",
        "7962",
        "7962",
        Protocol::Sip,
        &["7915-12", "7916-24"],
    ),
    (
        "9971-sip-modules.xml",
        "9971",
        "9971",
        Protocol::Sip,
        &["CKEM"],
    ),
];

/// A desk with the stamps of files that are kept, and Alice on it with more
/// lines and speed dials than the phone alone has keys for.
fn desk(model: &str, made_for: &str, protocol: Protocol, modules: &[&str]) -> Desk {
    let modules: Vec<String> = modules.iter().map(|&module| module.to_owned()).collect();
    let mut desk = Desk::new(model, made_for);
    desk.catalogue = Site::with_steady_stamps().catalogue;
    desk.phone(|it| {
        it.observed_protocol = Some(protocol);
        it.lines = lines(&["1001"]);
        it.features.expansion_modules.clone_from(&modules);
    });
    desk.profile(|it| {
        it.lines = lines(&["2001", "2002", "2003"]);
        it.speed_dials = dials(&["3001", "3002", "3003", "3004", "3005", "3006"]);
        it.features.expansion_modules.clone_from(&modules);
    });
    desk.sign_in();
    desk
}

/// Eight octets a line.
fn dump(octets: &[u8]) -> String {
    let line = |octets: &[u8]| {
        let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let letters = octets.iter().map(|octet| match octet {
            b' '..=b'~' => char::from(*octet),
            _ => '.',
        });
        format!("{:<23}  {}\n", hex.join(" "), letters.collect::<String>())
    };
    octets.chunks(8).map(line).collect()
}

/// Bare and signed in, the boot file of each phone in each of its dialects; and
/// what MORE says.
fn all() -> Vec<(&'static str, String)> {
    let mut files = Vec::new();
    for (phone, sip, bare, signed_in) in [
        (OLD, false, "7960-sccp-bare.xml", "7960-sccp-signed-in.xml"),
        (
            MIDDLE,
            false,
            "7961-sccp-bare.xml",
            "7961-sccp-signed-in.xml",
        ),
        (MIDDLE, true, "7961-sip-bare.xml", "7961-sip-signed-in.xml"),
        (NEW, true, "8841-sip-bare.xml", "8841-sip-signed-in.xml"),
        (OLD, true, "7960-sip-bare.cnf", "7960-sip-signed-in.cnf"),
    ] {
        let mut site = Site::with_steady_stamps();
        if sip {
            site.change_phone(phone, |phone| phone.observed_protocol = Some(Protocol::Sip));
        }
        files.push((bare, site.render(phone, "192.0.2.1")));
        site.sign_in(phone);
        files.push((signed_in, site.render(phone, "192.0.2.1")));
    }
    for (model, made_for, bare, compiled, xml) in [
        (
            "7910",
            "7910",
            true,
            "7910-sccp-bare.cnf.hex",
            "7910-sccp-bare.xml",
        ),
        (
            "7910",
            "7910",
            false,
            "7910-sccp-signed-in.cnf.hex",
            "7910-sccp-signed-in.xml",
        ),
        (
            "7910",
            "7960",
            false,
            "7910-sccp-mismatch.cnf.hex",
            "7910-sccp-mismatch.xml",
        ),
        (
            "ATA186",
            "ATA186",
            true,
            "ata186-sccp-bare.hex",
            "ata186-sccp-bare.xml",
        ),
        (
            "ATA186",
            "ATA186",
            false,
            "ata186-sccp-signed-in.hex",
            "ata186-sccp-signed-in.xml",
        ),
        (
            "ATA186",
            "7960",
            false,
            "ata186-sccp-mismatch.hex",
            "ata186-sccp-mismatch.xml",
        ),
    ] {
        let mut desk = desk(model, made_for, Protocol::Sccp, &[]);
        if bare {
            desk.sign_out();
        }
        files.push((compiled, dump(&desk.compiled())));
        files.push((xml, desk.file()));
    }
    for (name, model, made_for) in [
        ("7905-sip-bare.hex", "7905", None),
        ("7912-sip-signed-in.hex", "7912", Some("7912")),
        ("7912-sip-mismatch.hex", "7912", Some("7960")),
    ] {
        let mut desk = desk(model, made_for.unwrap_or(model), Protocol::Sip, &[]);
        if made_for.is_none() {
            desk.sign_out();
        }
        files.push((name, dump(&desk.compiled())));
    }
    for (name, model, made_for, protocol, modules) in MORE {
        files.push((name, desk(model, made_for, protocol, modules).file()));
    }
    let house = newcomers::open_house(|_| {});
    files.push((
        "newcomer-sccp-or-sip.xml",
        newcomers::fetch(&house, "SEP00AABBCCDD01.cnf.xml"),
    ));
    files
}

fn ends_in(name: &str, form: &str) -> bool {
    name.rsplit('.').next() == Some(form)
}

/// Those of them that are XML.
fn all_xml() -> Vec<(&'static str, String)> {
    let mut files = all();
    files.retain(|(name, _)| ends_in(name, "xml"));
    files
}

/// The names of elements, and each leaf with its text.
fn leaves(file: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(file);
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    loop {
        match reader.read_event().unwrap() {
            Xml::Start(element) => {
                if let Some((parent, _)) = open.take() {
                    found.push((parent, "(children)".to_owned()));
                }
                open = Some((element.name().as_ref().to_owned(), String::new()));
            }
            Xml::Text(text) => {
                if let Some((_, so_far)) = &mut open {
                    so_far.push_str(&text);
                }
            }
            Xml::GeneralRef(entity) => {
                if let Some((_, so_far)) = &mut open {
                    so_far.push_str(&entity);
                }
            }
            Xml::End(_) => found.extend(open.take()),
            Xml::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn boot_files_are_as_kept() {
    for (name, made) in all() {
        compare(name, &made);
    }
    let site = Site::new();
    let ctx = RenderContext {
        host: "192.0.2.1",
        ports: PORTS,
        host_time_zone: "Europe/London",
        now: NOW,
    };
    let default = site
        .renderer
        .xml_default(&site.catalogue, None, &ctx)
        .unwrap();
    compare("xmldefault.xml", std::str::from_utf8(&default).unwrap());
    let legacy = site.renderer.legacy_default(&site.catalogue, None, &ctx);
    compare("sepdefault.cnf.hex", &dump(&legacy.unwrap()));
    let softkeys = site.renderer.softkeys();
    compare("softkeys.xml", std::str::from_utf8(&softkeys).unwrap());
}

#[test]
fn every_element_is_one_that_the_dialect_knows() {
    // Cisco's phone guides, the configuration files that Unified CM 12.5
    // writes, and the reference at usecallmanager.nz.
    const EVERYWHERE: &str = "device deviceProtocol devicePool dateTimeSetting dateTemplate timeZone \
        ntps ntp name ntpMode callManagerGroup members member callManager ports ethernetPhonePort \
        processNodeName srstInfo srstOption userModifiable connectionMonitorDuration \
        loadInformation addOnModules addOnModule deviceType deviceLine vendorConfig disableSpeaker \
        disableSpeakerAndHeadset forwardingDelay pcPort settingsAccess garp voiceVlanAccess \
        videoCapability autoSelectLineEnable webAccess versionStamp userLocale uid langCode version \
        winCharSet networkLocale networkLocaleInfo deviceSecurityMode idleTimeout \
        authenticationURL directoryURL idleURL informationURL messagesURL proxyServerURL \
        servicesURL dscpForSCCPPhoneConfig dscpForSCCPPhoneServices dscpForCm2Dvce \
        transportLayerProtocol certHash encrConfig";
    const LONG: &str = "fullConfig sshUserId sshPassword revertPriority olsonTimeZone isSecure \
        commonProfile phonePassword backgroundImageAccess callLogBlfEnabled spanToPCPort \
        loggingDisplay sshAccess g722CodecSupport secureAuthenticationURL secureDirectoryURL \
        secureIdleURL secureInformationURL secureMessagesURL secureServicesURL dialToneSetting \
        dndCallAlert phonePersonalization rollover singleButtonBarge joinAcrossLines \
        autoCallPickupEnable blfAudibleAlertSettingOfIdleStation \
        blfAudibleAlertSettingOfBusyStation capfAuthMode advertiseG722Codec phoneServices \
        provisioning phoneService url vendor";
    const SIP: &str = "sipPort sipProfile sipProxies backupProxy backupProxyPort emergencyProxy \
        emergencyProxyPort outboundProxy outboundProxyPort registerWithProxy sipCallFeatures \
        cnfJoinEnabled callForwardURI callPickupURI callPickupListURI callPickupGroupURI \
        meetMeServiceURI abbreviatedDialURI rfc2543Hold callHoldRingback \
        URIDialingDisplayPreference localCfwdEnable semiAttendedTransfer anonymousCallBlock \
        callerIdBlocking dndControl remoteCcEnable retainForwardInformation sipStack sipInviteRetx \
        sipRetx timerInviteExpires timerRegisterExpires timerRegisterDelta timerKeepAliveExpires \
        timerSubscribeExpires timerSubscribeDelta timerT1 timerT2 maxRedirects remotePartyID \
        userInfo autoAnswerTimer autoAnswerAltBehavior autoAnswerOverride transferOnhookEnabled \
        enableVad preferredCodec dtmfAvtPayload dtmfDbLevel dtmfOutofBand kpml natEnabled \
        natReceivedProcessing phoneLabel stutterMsgWaiting callStats offhookToFirstDigitTimer \
        T302Timer silentPeriodBetweenCallWaitingBursts disableLocalSpeedDialConfig poundEndOfDial \
        startMediaPort stopMediaPort sipLines line featureID featureLabel proxy port displayName \
        autoAnswer autoAnswerEnabled callWaiting authName authPassword sharedLine \
        messageWaitingLampPolicy messageWaitingAMWI ringSettingIdle ringSettingActive contact \
        forwardCallInfoDisplay callerName callerNumber redirectedNumber dialedNumber maxNumCalls \
        busyTrigger featurePolicyFile speedDialNumber speedDialIndex voipControlPort dscpForAudio \
        ringSettingBusyStationPolicy dialTemplate softKeyFile alwaysUsePrimeLine \
        alwaysUsePrimeLineVoiceMail MissedCallLoggingOption userId";
    for (name, file) in all_xml() {
        let mut known: BTreeSet<&str> = EVERYWHERE.split_whitespace().collect();
        if !name.starts_with("7960") {
            known.extend(LONG.split_whitespace());
        }
        if name.contains("sip") {
            known.extend(SIP.split_whitespace());
        }
        for (element, _) in leaves(&file) {
            assert!(known.contains(element.as_str()), "{name}: <{element}>");
        }
    }
}

#[test]
fn only_elements_that_hold_text_are_ever_empty() {
    const MAY_BE_EMPTY: &str = "loadInformation sshUserId sshPassword phonePassword directoryURL \
        idleURL informationURL messagesURL proxyServerURL secureAuthenticationURL \
        secureDirectoryURL secureIdleURL secureInformationURL secureMessagesURL \
        secureServicesURL certHash vendor version phoneLabel userId authPassword";
    let may: BTreeSet<&str> = MAY_BE_EMPTY.split_whitespace().collect();
    for (name, file) in all_xml() {
        for (element, text) in leaves(&file) {
            let empty = text.is_empty();
            assert!(
                !empty || may.contains(element.as_str()),
                "{name}: <{element}>"
            );
        }
    }
}

#[test]
fn the_root_is_plain_and_the_file_of_a_7960_short() {
    for (name, file) in all_xml() {
        let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n";
        assert!(file.starts_with(start), "{name}");
        if name.starts_with("7960") || name.starts_with("newcomer") {
            assert!(file.len() < 8 * 1024, "{name}: {} bytes", file.len());
        }
    }
}

/// *Cisco SIP IP Phone 7960 Administrator Guide*: the names of parameters.
#[test]
fn every_setting_is_one_that_the_load_knows() {
    const NAMED: &str = "phone_label date_format time_format_24hr sntp_mode sntp_server time_zone \
        dst_offset dst_start_month dst_start_day dst_start_day_of_week dst_start_week_of_month \
        dst_start_time dst_stop_month dst_stop_day dst_stop_day_of_week dst_stop_week_of_month \
        dst_stop_time dst_auto_adjust services_url proxy_backup proxy_backup_port";
    const NUMBERED: &str = "proxy_address proxy_port line_name line_shortname line_displayname \
        line_authname line_password speed_line speed_label";
    let (named, numbered): (BTreeSet<&str>, BTreeSet<&str>) = (
        NAMED.split_whitespace().collect(),
        NUMBERED.split_whitespace().collect(),
    );
    for (name, file) in all().into_iter().filter(|(name, _)| ends_in(name, "cnf")) {
        let settings = file.lines().filter(|line| !line.starts_with('#'));
        for setting in settings {
            let (setting, _) = setting.split_once(": ").unwrap();
            let bare: String = setting.chars().filter(|c| !c.is_ascii_digit()).collect();
            let known = named.contains(setting) || numbered.contains(bare.as_str());
            assert!(known, "{name}: {setting}");
        }
        assert!(file.len() < 8 * 1024, "{name}: {} bytes", file.len());
        let registered = file.matches("_authname: \"SEP").count();
        let unused = file.matches("_authname: \"UNPROVISIONED\"").count();
        assert_eq!(
            registered + unused,
            6,
            "{name}: no line of the last user stays"
        );
    }
}

#[test]
fn a_login_does_not_touch_the_file_of_an_sccp_phone_but_for_the_locale() {
    let mut site = Site::new();
    site.world.users.values_mut().for_each(|user| {
        Arc::make_mut(user).locale = None;
    });
    for phone in [OLD, MIDDLE] {
        let bare = site.render(phone, "192.0.2.1");
        site.sign_in(phone);
        assert_eq!(site.render(phone, "192.0.2.1"), bare);
    }
}

#[test]
fn the_stamp_follows_content_and_not_addresses() {
    let mut site = Site::new();
    let here = site.render(NEW, "192.0.2.1");
    let there = site.render(NEW, "2001:db8::1");
    assert_ne!(here, there);
    assert!(there.contains("http://[2001:db8::1]:8080/ccmcip/"));
    assert_eq!(texts(&there, "processNodeName"), ["2001:db8::1"]);
    let stamp = site.wanted(NEW).stamps.file.to_string();
    for file in [&here, &there] {
        assert_eq!(texts(file, "versionStamp"), [stamp.as_str()]);
    }
    assert_eq!(site.render(NEW, "192.0.2.1"), here, "made again, the same");
    site.sign_in(NEW);
    let signed_in = site.render(NEW, "192.0.2.1");
    assert_ne!(texts(&signed_in, "versionStamp"), [stamp.as_str()]);
}

#[test]
fn each_line_of_a_sip_file_carries_a_contact_that_tells_the_file() {
    let mut site = Site::new();
    site.sign_in(NEW);
    let wanted = site.wanted(NEW);
    let file = site.render(NEW, "192.0.2.1");
    let read: Vec<_> = texts(&file, "contact")
        .into_iter()
        .map(|contact| contact.parse::<ContactId>().unwrap().read(&device(NEW), 5))
        .map(|minted| minted.map(|minted| (minted.button, minted.file)))
        .collect();
    let stamp = wanted.stamps.file;
    assert_eq!(read, [Some((1, stamp)), Some((2, stamp))]);
}

#[test]
fn keys_of_a_sip_file_sit_where_they_belong() {
    let mut site = Site::new();
    let bare = site.render(NEW, "192.0.2.1");
    assert!(bare.contains("<line button=\"1\" lineIndex=\"1\">"));
    assert!(
        bare.contains("<line button=\"5\">"),
        "emergency on the last key"
    );
    assert_eq!(texts(&bare, "featureLabel"), ["Sign in", "Emergency"]);
    assert!(bare.contains(&format!("<name>{NEW}</name>")), "placeholder");
    assert_eq!(texts(&bare, "authName"), [NEW]);
    assert_eq!(texts(&bare, "authPassword"), [SECRET]);
    assert_eq!(texts(&bare, "MissedCallLoggingOption"), ["1"]);
    assert_eq!(texts(&bare, "softKeyFile"), ["softkeys.xml"]);
    assert!(texts(&bare, "userLocale").is_empty());

    site.sign_in(NEW);
    let file = site.render(NEW, "192.0.2.1");
    assert!(file.contains("<line button=\"2\" lineIndex=\"2\">"));
    assert_eq!(
        texts(&file, "featureLabel"),
        [
            "2001",
            "A &amp; B &lt;x&gt;",
            "Bürö &quot;Süd&quot; with a label of mor",
            "Emergency"
        ]
    );
    assert_eq!(texts(&file, "speedDialNumber"), ["2999", "112"]);
    assert_eq!(texts(&file, "speedDialIndex"), ["1", "2"]);
    assert_eq!(texts(&file, "proxy"), ["USECALLMANAGER"; 2]);
    assert_eq!(texts(&file, "transportLayerProtocol"), ["1"]);
    assert_eq!(texts(&file, "userId"), ["alice"]);
    assert_eq!(texts(&file, "langCode"), ["de_DE"]);
    assert_eq!(texts(&file, "softKeyFile"), ["SKFrontDesk.xml"]);
}

#[test]
fn extension_mobility_is_behind_exactly_one_door_of_each_family() {
    let mut site = Site::new();
    for phone in [OLD, MIDDLE, NEW] {
        for _ in 0..2 {
            let file = site.render(phone, "192.0.2.1");
            assert_eq!(
                texts(&file, "servicesURL"),
                [format!(
                    "http://192.0.2.1:8080/ccmcip/getservicesmenu.jsp?name={phone}"
                )]
            );
            let entries = texts(&file, "url");
            let door = format!("http://192.0.2.1:8080/emapp/EMAppServlet?device={phone}");
            match phone {
                OLD => assert!(!file.contains("phoneServices")),
                MIDDLE => {
                    assert_eq!(texts(&file, "provisioning"), ["2"]);
                    assert_eq!(entries.len(), 3, "lists of the phone");
                    assert!(!file.contains("emapp"));
                }
                _ => {
                    assert_eq!(texts(&file, "provisioning"), ["0"]);
                    assert_eq!(entries.last(), Some(&door.as_str()));
                    assert_eq!(file.matches("emapp").count(), 1);
                }
            }
            site.sign_in(phone);
        }
    }
    let file = site.render(NEW, "192.0.2.1");
    assert!(file.contains("<url>http://192.0.2.9/weather?city=Berlin&amp;unit=C</url>"));
}

#[test]
fn without_services_no_url_points_into_the_void() {
    let site = Site::new();
    let ctx = RenderContext {
        host: "192.0.2.1",
        ports: AdvertisedPorts::default(),
        host_time_zone: "Mars/Olympus_Mons",
        now: NOW,
    };
    let file = site.renderer.boot_file(&site.wanted(NEW), &ctx).unwrap();
    let file = std::str::from_utf8(&file).unwrap();
    assert!(!file.contains("http://192.0.2.1"));
    assert_eq!(texts(file, "servicesURL"), [""]);
    assert_eq!(texts(file, "sipPort"), ["5060"], "Cisco's port");
}

#[test]
fn call_managers_are_told_in_order_and_not_too_many() {
    let mut site = Site::new();
    let mut pool = (*site.world.pool(&object(DevicePool::DEFAULT))).clone();
    pool.call_managers = (1..=7).map(|n| format!("cm{n}")).collect();
    pool.time_zone = None;
    site.apply(&Change::PutPool(pool));
    let old = site.render(OLD, "192.0.2.1");
    assert_eq!(texts(&old, "processNodeName"), ["cm1", "cm2", "cm3"]);
    assert_eq!(texts(&old, "timeZone"), ["GMT Standard/Daylight Time"]);
    let new = site.render(NEW, "192.0.2.1");
    assert_eq!(texts(&new, "processNodeName").len(), 5);
    assert!(new.contains("<member priority=\"4\">"));
    assert_eq!(
        texts(&new, "olsonTimeZone"),
        ["Europe/London"],
        "the host's"
    );
}

#[test]
fn a_template_that_fails_for_one_phone_is_stood_in_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    let surprise = format!("{{% if device == '{NEW}' %}}{{{{ nobody }}}}{{% endif %}}</device>");
    let template = ConfigFile::SipLong
        .embedded()
        .replace("</device>", &surprise);
    std::fs::write(folder.path().join("templates/sip-long.xml.j2"), template).unwrap();
    let configs = PhoneConfigs::load(Some(folder.path())).unwrap();
    assert_eq!(configs.replaced, [], "the trial does not meet it");
    let mut site = Site::new();
    let built_in = site.render(NEW, "192.0.2.1");
    site.renderer = configs.renderer;
    assert_eq!(site.render(NEW, "192.0.2.1"), built_in);
}
