//! What is not understood, and how that is said.

use super::*;

#[test]
fn not_the_services_xml_is_code_1() {
    let device = "<deviceName>SEP1</deviceName>";
    let user = "<userID>u</userID>";
    let login = |inside: &str| request(&format!("<login>{inside}</login>"));
    let cases = [
        String::new(),
        "  \n".to_owned(),
        "<foo/>".to_owned(),
        "<REQUEST></REQUEST>".to_owned(),
        "hello".to_owned(),
        // As printed by mistake in the guide's samples.
        query("<deviceUserQuery><deviceName>SEP1</deviceName></deviceUserQuery>")
            .replace("<query>", "<request>"),
        query("<deviceUserQuery><deviceName>SEP1</deviceName></deviceUserQuery>").to_lowercase(),
        request("<logoutall/>"),
        login(&format!("<devicename>SEP1</devicename>{user}")),
        // Incomplete, or too much.
        "<request/>".to_owned(),
        request(""),
        "<request><logoutAll/></request>".to_owned(),
        "<request><appInfo><appID>a</appID></appInfo><logoutAll/></request>".to_owned(),
        login(device),
        login(user),
        request("<logout/>"),
        query("<deviceUserQuery/>"),
        query("<checkUser></checkUser>"),
        login(&format!("{device}{device}{user}")),
        login(&format!("{device}{user}{user}")),
        login(&format!("{device}{user}<colour/>")),
        login(&format!("{device}{user}<appInfo/>")),
        request("<logoutAll/><logoutAll/>"),
        request("<logoutAll/><logout><deviceName>SEP1</deviceName></logout>"),
        request(&format!("{APP}<logoutAll/>")),
        request("<logoutAll/><other/>"),
        request("<logoutAll>text</logoutAll>"),
        request("text<logoutAll/>"),
        request("<logoutAll kind=\"hard\"/>"),
        request("<logout><deviceName>SEP<b>1</b></deviceName></logout>"),
        request("<logoutAll><isViaHeaderSet>perhaps</isViaHeaderSet></logoutAll>"),
        request("<logoutAll><remoteIPAddr>phone.example.com</remoteIPAddr></logoutAll>"),
        // Not well-formed, or more than one document.
        request("<logoutAll>"),
        request("<logoutAll/>") + "x",
        request("<logoutAll/>") + "<request/>",
        request("<logoutAll/>") + "</request>",
        "x".to_owned() + &request("<logoutAll/>"),
        "x<?xml version='1.0'?>".to_owned() + &request("<logoutAll/>"),
        "<?xml version='1.0'?><?xml version='1.0'?>".to_owned() + &request("<logoutAll/>"),
        request("<logoutAll/>") + "\0x",
        request("<logoutAll/>").replace("</request>", "</query>"),
        "<emccRequest><checkUser><userID>u</userID></checkUser></emccRequest>".to_owned(),
        "<?go now?>".to_owned() + &request("<logoutAll/>"),
        request("<logoutAll/>&nbsp;"),
        request("<logoutAll/>&"),
        request("<logout><deviceName>SEP\u{1}</deviceName></logout>"),
        request("<logout><deviceName a='1' a='2'>SEP1</deviceName></logout>"),
    ];
    for xml in &cases {
        assert_eq!(refused(xml).code, Code::Parsing, "{xml}");
    }
    for time in ["", "x", "-1", "1.5", "4294967296"] {
        let duration = format!("<exclusiveDuration><time>{time}</time></exclusiveDuration>");
        let xml = login(&format!("{device}{user}{duration}"));
        assert_eq!(refused(&xml).code, Code::Parsing, "{xml}");
    }
    for inside in [
        "",
        "<time>1</time><indefinite/>",
        "<indefinite>x</indefinite>",
    ] {
        let duration = format!("<exclusiveDuration>{inside}</exclusiveDuration>");
        let xml = login(&format!("{device}{user}{duration}"));
        assert_eq!(refused(&xml).code, Code::Parsing, "{xml}");
    }
}

#[test]
fn a_query_of_no_known_kind_is_code_8() {
    for xml in [
        query("<bar/>"),
        query(""),
        query("<emccQuery/>"),
        query("<deviceuserquery/>"),
    ] {
        let error = refused(&xml);
        assert_eq!(error.code, Code::QueryTypeUndetermined, "{xml}");
        assert_eq!(error.root, Some(Root::Query));
    }
}

#[test]
fn the_root_is_known_as_soon_as_it_was_read() {
    assert_eq!(refused("<request><oops").root, Some(Root::Request));
    assert_eq!(refused("<query/>").root, Some(Root::Query));
    assert_eq!(refused("<foo/>").root, None);
}

#[test]
fn errors_say_where_and_why() {
    let xml = "<request>\n  <appInfo>\n    <appId>a</appId>\n  </appInfo>\n</request>";
    assert_eq!(
        refused(xml).to_string(),
        "line 3, column 5: <appId> may not stand in <appInfo>"
    );
    assert_eq!(
        refused("<Request/>").to_string(),
        "line 1, column 1: the root element is <Request>, not <request> or <query>"
    );
    assert_eq!(
        refused("<request></query>").to_string(),
        "line 1, column 10: the end tag does not close <request>"
    );
    assert_eq!(
        refused(&request("<logoutAll/>").replace("<appID>appid</appID>", "")).to_string(),
        "line 1, column 10: <appInfo> needs <appID>"
    );
}

#[test]
fn no_error_and_no_debug_output_repeats_a_password() {
    for password in [
        "s3cret<s3cret",
        "s3cret<s3cret>",
        "<s3cret>s3cret</s3cret>",
        "s3cret&s3cret",
        "s3cret&s3cret;",
        "s3cret</s3cret>",
        "s3cret]]><!-- s3cret --->",
        "s3cret\u{1}",
        "s3cret<!DOCTYPE s3cret>",
        "s3cret<?s3cret?>",
        "s3cret<a s3cret='s3cret' s3cret='1'/>",
    ] {
        for tag in ["appCertificate", "AppCertificate", "appcertificate"] {
            let xml = format!(
                "<request><appInfo><appID>a</appID><{tag}>{password}</{tag}></appInfo>\
                 <logoutAll/></request>"
            );
            if let Err(error) = parse(xml.as_bytes()) {
                let said = format!("{error} {error:?}");
                assert!(!said.contains("s3cret"), "{said}");
            }
        }
    }
    let envelope = read(&request("<logoutAll/>"));
    assert!(!format!("{envelope:?}").contains("apppasswd"));
}

#[test]
fn entity_bombs_and_external_entities_are_refused() {
    for doctype in [
        "<!DOCTYPE request>",
        "<!DOCTYPE request SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
    ] {
        let error = refused(&format!("{doctype}{}", request("<logoutAll/>")));
        assert_eq!(error.reason, Reason::Doctype);
    }
}

#[test]
fn size_depth_and_counts_are_bounded() {
    let padded = |length: usize| {
        let xml = request("<logoutAll/>");
        let padding = " ".repeat(length - xml.len());
        xml + &padding
    };
    assert!(parse(padded(DOCUMENT_LIMIT).as_bytes()).is_ok());
    assert_eq!(
        refused(&padded(DOCUMENT_LIMIT + 1)).reason,
        Reason::TooLarge
    );
    let deep = request(&"<a>".repeat(10_000));
    assert_eq!(refused(&deep).reason, Reason::TooDeep);
    let thousand = query(&format!(
        "<deviceUserQuery>{}</deviceUserQuery>",
        "<deviceName>SEP010203040506</deviceName>".repeat(1000)
    ));
    assert!(parse(thousand.as_bytes()).is_ok());
    let many = query(&"<a/>".repeat(10_000));
    assert_eq!(refused(&many).reason, Reason::TooMany);
    let attributes: Vec<_> = (0..17).map(|n| format!(" xml:a{n}=''")).collect();
    let attributes = attributes.concat();
    let crowded = request(&format!("<logoutAll{attributes}/>"));
    assert_eq!(refused(&crowded).reason, Reason::TooMany);
}
