//! What each format says in a way of its own.

use super::*;
use crate::model::{Pin, RingSetting, TemplateKey};

const ONE: &str = "SEP001122334455";

const CME: &str = "ephone-dn 1\n number 1001\nephone-dn 2\n number 1002\nephone-dn 4\n number \
                   1004\nephone 1\n mac-address 0011.2233.4455\n type 7960\n";

/// `3x2` is no line 2: it takes the calls that the overlay key 2 is busy for.
#[test]
fn a_key_that_expands_an_overlay_key_has_no_line() {
    let text = format!("{CME} button 1:1 2o2,4 3x2 5:4\n speed-dial 1 2001\n speed-dial 2 2002\n");
    let made = imported(Format::Cme, &[source("r1", &text)]);
    let document = document(&made);
    let phone = phone(&document, ONE);
    assert_eq!(numbers(phone), ["1001", "1002", "1004"]);
    use TemplateKey::{Line, None, SpeedDial};
    let template = &document.button_templates[0].value;
    assert_eq!(
        template.buttons,
        [Line, Line, None, SpeedDial, Line, SpeedDial]
    );
    let notes = notes(&made);
    assert!(
        notes.contains("r1:10: key 3, which takes the calls"),
        "{notes}"
    );
}

#[test]
fn dates_are_read_in_either_case_and_others_are_told() {
    let with = |mode: &str, phone: &str, format: &str| {
        let text = format!("{mode}\n date-format {format}\n time-format 24\n{phone}");
        imported(Format::Cme, &[source("r1", &text)])
    };
    let ephone = "ephone 1\n mac-address 0011.2233.4455\n type 7960\n";
    let pool = "voice register pool 1\n id mac 0011.2233.4455\n type 8841\n";
    for (mode, phone, format, template) in [
        ("telephony-service", ephone, "dd-mm-yy", "D-M-Y"),
        ("telephony-service", ephone, "yy-mm-dd", "Y-M-D"),
        ("voice register global", pool, "D/M/Y", "D/M/Y"),
        ("voice register global", pool, "YY-M-D", "Y-M-D"),
    ] {
        let made = with(mode, phone, format);
        let pool = &document(&made).device_pools[0];
        assert_eq!(pool.value.date_template, template, "{format}");
        assert!(!notes(&made).contains("date-format"), "{}", notes(&made));
    }
    let odd = notes(&with("telephony-service", ephone, "week-day"));
    assert!(odd.contains("r1:2: date-format"), "{odd}");
}

/// `user-locale 1` of SIP phones is not that of SCCP phones.
#[test]
fn sccp_and_sip_phones_have_locales_of_their_own() {
    let text = "telephony-service\n user-locale 1 FR\n\
                voice register global\n user-locale 1 DE\n\
                ephone-template 1\n user-locale 1\n\
                ephone-template 2\n user-locale 3\n\
                voice register template 1\n user-locale 1\n\
                ephone 1\n mac-address 0011.2233.4455\n type 7960\n ephone-template 1\n\
                ephone 2\n mac-address 0011.2233.4466\n type 7960\n ephone-template 2\n\
                voice register pool 1\n id mac 0011.2233.4477\n type 8841\n template 1\n";
    let made = imported(Format::Cme, &[source("r1", text)]);
    let document = document(&made);
    let locale = |name: &str| phone(&document, name).locale.as_deref();
    assert_eq!(locale(ONE), Some("French_France"));
    assert_eq!(locale("SEP001122334466"), None);
    assert_eq!(locale("SEP001122334477"), Some("German_Germany"));
    let notes = notes(&made);
    assert!(notes.contains("r1:8: user-locale"), "{notes}");
    assert_eq!(notes.matches("user-locale").count(), 1, "{notes}");
}

/// Routers print two blanks before some tags.
#[test]
fn blanks_between_words_are_no_words() {
    let text = format!(
        "{CME} logout-profile 1\nvoice logout-profile 1\n number 1001\n speed-dial  1  112  label  \
         \"Help\"\n"
    );
    let made = imported(Format::Cme, &[source("r1", &text)]);
    let dial = &document(&made).profiles[0].value.speed_dial[0];
    assert_eq!(dial.number.as_str(), "112");
    assert_eq!(dial.label.as_deref(), Some("Help"));
}

/// As CME and as people write them: `name=value ;`, `name: \"value\"`.
#[test]
fn the_text_file_of_a_sip_phone_is_read_with_its_speed_dials() {
    let defaults = "image_version=P0S3-8-12-00 ;\nspeed_line2=2002 ;\nspeed_label2=Second ;\n\
                    time_zone: CET ;\ndate_format=M/D/Y ;\ntime_format_24hr: 0 ;\n\
                    dial_template: dialplan\nproxy_backup: UNPROVISIONED\n\
                    http_proxy_addr: 192.0.2.8\nmessages_uri: 3900\n";
    let own = "line1_name=1001 ;\nline1_shortname=\"One; first\" ;\nline3_name: \"1003\"\n\
               speed_line1: 2001\nline2_name=UNPROVISIONED ;\n";
    let made = imported(
        Format::Tftpboot,
        &[
            source("SIPDefault.cnf", defaults),
            source("SIP001122334455.cnf", own),
            source("SIP001122334466.cnf", "line1_name: 1002\n"),
        ],
    );
    let document = document(&made);
    let phone = phone(&document, ONE);
    assert_eq!(numbers(phone), ["1001", "1003"]);
    assert_eq!(phone.line[0].label.as_deref(), Some("One; first"));
    let dials: Vec<(&str, Option<&str>)> = phone
        .speed_dial
        .iter()
        .map(|dial| (dial.number.as_str(), dial.label.as_deref()))
        .collect();
    assert_eq!(dials, [("2001", None), ("2002", Some("Second"))]);
    let pool = &document.device_pools[0].value;
    assert_eq!(pool.date_template, "M/D/YA");
    assert_eq!(pool.time_zone.as_deref(), Some("Europe/Berlin"));
    // What the file for all of them says is told once, not for each phone.
    let notes = notes(&made);
    for told in [
        "SIPDefault.cnf:1: image_version: ",
        "SIPDefault.cnf:9: http_proxy_addr: ",
        "SIPDefault.cnf:10: messages_uri: ",
    ] {
        assert_eq!(notes.matches(told).count(), 1, "{told}: {notes}");
    }
    for silent in ["dial_template", "proxy_backup", "SCCP", "more place"] {
        assert!(!notes.contains(silent), "{silent}: {notes}");
    }
}

#[test]
fn a_zone_and_a_date_that_are_not_known_are_told() {
    let defaults = "time_zone: XYZ\ndate_format: W-M\n";
    let made = imported(
        Format::Tftpboot,
        &[
            source("SIPDefault.cnf", defaults),
            source("SIP001122334455.cnf", "line1_name: 1001\n"),
            source("SIP001122334466.cnf", "line1_name: 1002\n"),
        ],
    );
    let notes = notes(&made);
    assert!(
        notes.contains("SIPDefault.cnf:1: the time zone: "),
        "{notes}"
    );
    assert!(notes.contains("SIPDefault.cnf:2: date_format: "), "{notes}");
}

/// A 7960 that is told a SIP load by its XML file asks for the text file next.
#[test]
fn of_two_files_of_a_phone_the_one_that_its_load_reads_counts() {
    let xml = |load: &str| {
        let text = format!(
            "<device><loadInformation>{load}</loadInformation><userLocale>\
             <name>French_France</name></userLocale></device>"
        );
        source("SEP001122334455.cnf.xml", &text)
    };
    let text = source("SIP001122334455.cnf", "line1_name: 1001\n");
    let made = imported(Format::Tftpboot, &[xml("P0S3-8-12-00"), text.clone()]);
    assert_eq!(numbers(phone(&document(&made), ONE)), ["1001"]);
    let told = notes(&made);
    assert!(
        told.contains(
            "SEP001122334455.cnf.xml: the file: the load that it names reads \
                       SIP001122334455.cnf, and that one was taken"
        ),
        "{told}"
    );
    assert!(!told.contains("it was there before"), "{told}");

    let made = imported(Format::Tftpboot, &[xml("P0030801SR02"), text]);
    assert!(phone(&document(&made), ONE).line.is_empty());
    let told = notes(&made);
    assert!(told.contains("SIP001122334455.cnf: phone SEP001122334455: it was there before"));
}

/// A phone that could not be read is none: its copy takes its place.
#[test]
fn a_broken_file_does_not_hide_a_whole_one() {
    let whole = "<device><loadInformation>SCCP41.9</loadInformation></device>";
    for broken in [
        "<device>",
        "<other/>",
        "<device><loadInformation>x</loadInformation></device>",
    ] {
        let files = [
            source("a/SEP001122334455.cnf.xml", broken),
            source("b/SEP001122334455.cnf.xml", whole),
        ];
        let made = imported(Format::Tftpboot, &files);
        assert_eq!(made.phones, 1, "{broken}: {}", notes(&made));
        assert!(notes(&made).contains("a/SEP001122334455.cnf.xml"));
        assert!(!notes(&made).contains("it was there before"));
    }
}

#[test]
fn cucm_s_rings_in_a_call_are_read_beside_those_of_an_idle_phone() {
    let text = "Device Name,Device Type,Directory Number 1,Ring Setting (Phone Idle) 1,Ring Setting \
                (Phone Active) 1\nSEP001122334455,Cisco 7961,1001,Flash only,Beep only\n";
    let made = imported(Format::Bat, &[source("phones.csv", text)]);
    let document = document(&made);
    let line = &phone(&document, ONE).line[0];
    assert_eq!(line.ring_idle, RingSetting::FlashOnly);
    assert_eq!(line.ring_active, RingSetting::BeepOnly);
}

/// Columns by their names, each once, and only those that say something.
#[test]
fn columns_that_nothing_is_made_of_are_told() {
    let text = "Device Name,Device Type,Directory Number 1,Retry Video Call as Audio,Wifi Group \
                1,Wifi Group 2,Empty,MLPP Domain,XML,Phone Button Template\n\
                SEP001122334455,Cisco 7961,1001,f,a,b,,0001,<vendorConfig/>,Standard\n\
                SEP001122334466,Cisco 7961,1002,t,,,,,,\n";
    let made = imported(Format::Bat, &[source("phones.csv", text)]);
    let notes = notes(&made);
    for told in [
        "phones.csv: columns RETRY VIDEO CALL AS AUDIO, WIFI GROUP: they are filled",
        "phones.csv:2: precedence and preemption: ",
        "phones.csv:2: product specific settings: ",
        "phones.csv:2: phone button templates: ",
    ] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
    for silent in ["EMPTY", "DEVICE TYPE", "DIRECTORY NUMBER"] {
        assert!(!notes.contains(silent), "{silent}: {notes}");
    }
}

#[test]
fn a_pin_beside_an_encrypted_password_is_kept_and_the_password_told() {
    let hash = "8f4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d";
    let text = format!("User ID,Last Name,PIN,Password\nann,A,4938271,{hash}\nbob,B,,secret\n");
    let made = imported(Format::Bat, &[source("users.csv", &text)]);
    let users = document(&made).users;
    let ann = &users[0].value;
    assert_eq!(ann.pin.as_ref().map(Pin::expose), Some("4938271"));
    assert!(ann.password.is_none());
    let told = notes(&made);
    assert!(
        told.contains("users.csv:2: encrypted PINs and passwords: "),
        "{told}"
    );
    assert!(!made.text.contains(hash));
}

/// Without a word the rest of the file would be a name of somebody.
#[test]
fn a_quote_that_is_not_closed_is_told() {
    let text = "User ID,Last Name,PIN\nann,\"A,4938271\nbob,B,4938272\n";
    let told = notes(&imported(Format::Bat, &[source("users.csv", text)]));
    assert!(
        told.contains("users.csv:2: what follows in the file: a quote"),
        "{told}"
    );
}

/// Phones behind the pager were lost without a word.
#[test]
fn a_capture_of_a_terminal_with_its_pager_is_read_whole() {
    let back = "\u{8}".repeat(9);
    let pager = format!(" --More-- {back}        {back}");
    let text = format!(
        "r1#show running-config\r\n{pager}ephone-dn 1\r\n number 1001\r\n!\r\n\
         {pager}ephone 1\r\n{pager} mac-address 0011.2233.4455\r\n type 7960\r\n button 1:1\r\n\
         {pager}!\r\nvoice register dn 1\r\n{pager} number 3010\r\n\
         {pager}voice register pool 1\r\n id mac 0011.2233.4477\r\n type 8841\r\n{pager} number 1 \
         dn 1\r\n{pager}r1#"
    );
    let made = imported(Format::Cme, &[source("r1.log", &text)]);
    let document = document(&made);
    assert_eq!(numbers(phone(&document, ONE)), ["1001"]);
    assert_eq!(numbers(phone(&document, "SEP001122334477")), ["3010"]);
    assert!(made.notes.is_empty(), "{}", notes(&made));
}

/// The same router's words with their blanks and without.
#[test]
fn a_phone_keeps_its_template_when_the_blanks_are_lost() {
    let text = "telephony-service\n user-locale 1 FR\n!\nephone-dn 1\n number 1001\n!\n\
                ephone-template 1\n user-locale 1\n!\nephone 1\n mac-address 0011.2233.4455\n \
                ephone-template 1\n type 7960\n button 1:1\n!\n";
    let flat = text.replace("\n ", "\n");
    for text in [text, &flat] {
        let made = imported(Format::Cme, &[source("r1", text)]);
        let document = document(&made);
        let phone = phone(&document, ONE);
        assert_eq!(numbers(phone), ["1001"], "{text}");
        assert_eq!(phone.locale.as_deref(), Some("French_France"), "{text}");
        assert!(made.notes.is_empty(), "{}", notes(&made));
    }
}

#[test]
fn a_description_of_a_number_is_told() {
    let text = CME.replacen(
        " number 1001\n",
        " number 1001\n description Front door\n",
        1,
    );
    let told = notes(&imported(Format::Cme, &[source("r1", &text)]));
    assert!(
        told.contains("r1:3: descriptions of directory numbers: "),
        "{told}"
    );
}

#[test]
fn keys_of_a_device_that_nothing_is_made_of_are_told_once_each() {
    let text = "[base](!)\ntype=device\ndevicetype=7960\ndndFeature = on\nkeepalive = 60\n\
                [SEP001122334455](base)\nbutton=line,1001\nbutton += line, 98041\n\
                cfwdall canary = 1\nempty =\n[SEP001122334466](base)\nbutton = line, 1002\n";
    let made = imported(Format::ChanSccp, &[source("sccp.conf", text)]);
    assert_eq!(numbers(phone(&document(&made), ONE)), ["1001", "98041"]);
    let told = notes(&made);
    assert_eq!(told.matches("dndfeature of devices: ").count(), 1, "{told}");
    assert!(told.contains("sccp.conf:9: cfwdall of devices: "), "{told}");
    for silent in ["keepalive", "button +", "canary", "empty"] {
        assert!(!told.contains(silent), "{silent}: {told}");
    }
}

#[test]
fn an_owner_who_cannot_be_a_user_is_told() {
    let text = "Device Name,Device Type,Owner User ID,Directory Number 1\n\
                SEP001122334455,Cisco 7961,John Smith,1001\n";
    let made = imported(Format::Bat, &[source("phones.csv", text)]);
    assert_eq!(made.phones, 1);
    let told = notes(&made);
    assert!(
        told.contains("phones.csv:2: owner \"John Smith\": "),
        "{told}"
    );
}

/// A note names lines of the input, and no others.
#[test]
fn whoever_is_there_twice_is_told_with_the_line_of_the_first() {
    let blank = "\n".repeat(40);
    let text = format!("User ID,Last Name,PIN\nbob,B,4938271\n{blank}alice,A,4938271\nalice,C,1\n");
    let made = imported(Format::Bat, &[source("users.csv", &text)]);
    assert_eq!(made.users, 2);
    let told = notes(&made);
    assert!(
        told.contains(
            "users.csv:44: user alice: it is there twice, and the first stands, at users.csv:43;"
        ),
        "{told}"
    );
    assert!(!told.contains("on line"), "{told}");
}
