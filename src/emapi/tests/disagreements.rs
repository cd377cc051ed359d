//! Where definition, printed samples and programs in use disagree: each way is
//! a setting, and does what it says.

use super::*;

fn refused_with(xml: &str, reading: Reading) -> Code {
    parse_with(xml.as_bytes(), reading).expect_err(xml).code
}

fn read_with(xml: &str, reading: Reading) -> Envelope {
    parse_with(xml.as_bytes(), reading).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

const DEVICE: &str = "<deviceName>SEP1</deviceName>";

#[test]
fn unknown_elements_are_refused_or_passed_over() {
    let ignoring = Reading {
        unknown_elements: UnknownElements::Ignore,
        ..Reading::default()
    };
    let logout = read(&request(&format!("<logout>{DEVICE}</logout>")));
    for odd in [
        request(&format!("<logout>{DEVICE}<colour>red</colour></logout>")),
        request(&format!("<logout kind=\"hard\">{DEVICE}</logout>")),
        request(&format!("<priority/><logout>{DEVICE}</logout>")),
        request(&format!("<logout>{DEVICE}</logout>"))
            .replace("</appInfo>", "<appName>x</appName></appInfo>"),
    ] {
        assert_eq!(refused_with(&odd, Reading::default()), Code::Parsing);
        assert_eq!(read_with(&odd, ignoring), logout, "{odd}");
    }
    // What is passed over stands for nothing.
    assert_eq!(refused_with(&request("<x/>"), ignoring), Code::Parsing);
    let unknown = query("<bar/>");
    assert_eq!(
        refused_with(&unknown, ignoring),
        Code::QueryTypeUndetermined
    );
    let login = format!("<login>{DEVICE}<userId>john</userId></login>");
    assert_eq!(refused_with(&request(&login), ignoring), Code::Parsing);
    let end = "<exclusiveDuration><never/></exclusiveDuration>";
    let login = format!("<login>{DEVICE}<userID>john</userID>{end}</login>");
    assert_eq!(refused_with(&request(&login), ignoring), Code::Parsing);
}

#[test]
fn login_type_is_an_unknown_element_to_servers_before_12() {
    let old = Reading {
        login_type: LoginTypeElement::Refuse,
        ..Reading::default()
    };
    let odd = query(&format!(
        "<deviceUserQuery>{DEVICE}<loginType>DN</loginType></deviceUserQuery>"
    ));
    assert_eq!(refused_with(&odd, old), Code::Parsing);
    let known = read_with(&odd, Reading::default()).login_type;
    assert_eq!(known, Some(LoginType::PrimaryExtension));
    let tolerant = Reading {
        unknown_elements: UnknownElements::Ignore,
        ..old
    };
    assert_eq!(read_with(&odd, tolerant).login_type, None);
}

#[test]
fn children_stand_in_any_order_or_in_the_definitions() {
    let strict = Reading {
        child_order: ChildOrder::Definition,
        ..Reading::default()
    };
    let user = "<userID>john</userID>";
    let rest = "<deviceProfile>p</deviceProfile><exclusiveDuration><time>1</time>\
                </exclusiveDuration><remoteIPAddr>192.0.2.1</remoteIPAddr>\
                <isViaHeaderSet>false</isViaHeaderSet>";
    let right = request(&format!("<login>{DEVICE}{user}{rest}</login>"));
    assert_eq!(read_with(&right, strict), read(&right));
    let typed = "<loginType>DN</loginType>";
    let anywhere = query(&format!(
        "<deviceUserQuery>{DEVICE}{typed}<remoteIPAddr>192.0.2.1</remoteIPAddr></deviceUserQuery>"
    ));
    assert_eq!(read_with(&anywhere, strict), read(&anywhere));
    for turned in [
        request(&format!("<login>{user}{DEVICE}</login>")),
        request(&format!("<login>{DEVICE}{rest}{user}</login>")),
        request(&format!(
            "<logout><remoteIPAddr>192.0.2.1</remoteIPAddr>{DEVICE}</logout>"
        )),
        format!("<request><logoutAll/>{APP}</request>"),
        request("<logoutAll/>").replace(
            "<appID>appid</appID><appCertificate>apppasswd</appCertificate>",
            "<appCertificate>apppasswd</appCertificate><appID>appid</appID>",
        ),
    ] {
        assert!(parse(turned.as_bytes()).is_ok(), "{turned}");
        assert_eq!(refused_with(&turned, strict), Code::Parsing, "{turned}");
    }
}

#[test]
fn operations_stand_in_either_root_or_in_the_definitions() {
    let strict = Reading {
        root_element: RootElement::Definition,
        ..Reading::default()
    };
    let all = query("<logoutAll>  \n  </logoutAll>");
    assert_eq!(read(&all), plain(Operation::LogoutAll));
    assert_eq!(refused_with(&all, strict), Code::QueryTypeUndetermined);
    let asked = request(&format!("<deviceUserQuery>{DEVICE}</deviceUserQuery>"));
    assert!(parse(asked.as_bytes()).is_ok());
    assert_eq!(refused_with(&asked, strict), Code::Parsing);
}

#[test]
fn a_failed_query_holds_an_error_or_a_message() {
    let failure = Response::from(Code::InvalidAppUser);
    let with = |generation, query_failure| Wording {
        query_failure,
        ..Wording::from(generation)
    };
    let numbered = "<error code=\"3\">Invalid App User</error>";
    let message = "<errorMessage>Invalid App User</errorMessage>";
    for (wording, expected) in [
        (with(Generation::CallManager, None), message),
        (with(Generation::Five, None), numbered),
        (
            with(Generation::CallManager, Some(QueryFailure::Error)),
            numbered,
        ),
        (
            with(Generation::Eight, Some(QueryFailure::ErrorMessage)),
            message,
        ),
    ] {
        let expected = format!("<response><failure>{expected}</failure></response>");
        assert_eq!(failure.to_xml(Root::Query, wording), expected);
        let request = format!("<response><failure>{numbered}</failure></response>");
        assert_eq!(failure.to_xml(Root::Request, wording), request);
    }
}

#[test]
fn a_device_holds_a_sequence_or_one_element() {
    let single = Wording {
        device_results: DeviceResults::Single,
        ..Wording::default()
    };
    for (user, last, sequence, one) in [
        (
            Some("a"),
            Some("b"),
            "<userID>a</userID><lastlogin>b</lastlogin>",
            "<userID>a</userID>",
        ),
        (
            Some("a"),
            None,
            "<userID>a</userID><none/>",
            "<userID>a</userID>",
        ),
        (
            None,
            Some("b"),
            "<none/><lastlogin>b</lastlogin>",
            "<lastlogin>b</lastlogin>",
        ),
        (None, None, "<none/>", "<none/>"),
    ] {
        let response = Response::DeviceUsers(vec![DeviceEntry {
            device: "SEP1".to_owned(),
            found: Lookup::Found(Occupancy {
                user: user.map(str::to_owned),
                last_login: last.map(str::to_owned),
            }),
        }]);
        let wrapped = |inside: &str| {
            format!(
                "<response><deviceUserResults><device name=\"SEP1\">{inside}</device>\
                 </deviceUserResults></response>"
            )
        };
        let all = format!("{sequence}<emccDevice>no</emccDevice>");
        assert_eq!(
            response.to_xml(Root::Query, Generation::Eight),
            wrapped(&all)
        );
        assert_eq!(response.to_xml(Root::Query, single), wrapped(one));
    }
}

fn profiles_of_john() -> Vec<ProfileEntry> {
    let profile = |name: &str, is_default| Profile {
        name: name.to_owned(),
        is_default,
    };
    let found = vec![profile("UDP1", true), profile("UDP2", false)];
    vec![
        ProfileEntry {
            user: "john".to_owned(),
            found: Lookup::Found(found),
        },
        ProfileEntry {
            user: "nobody".to_owned(),
            found: Lookup::DoesNotExist,
        },
    ]
}

#[test]
fn profiles_are_told_as_today_or_as_in_the_older_sample() {
    let older = Wording {
        profile_results: ProfileResults::DeviceNames,
        ..Wording::default()
    };
    assert_eq!(
        Response::DeviceProfiles(profiles_of_john()).to_xml(Root::Query, older),
        "<results><user id=\"john\"><deviceName>UDP1</deviceName><deviceName>UDP2</deviceName>\
         </user><user id=\"nobody\"><doesNotExist/></user></results>"
    );
}

#[test]
fn checked_users_are_told_as_between_clusters() {
    assert_eq!(
        Response::CheckedUsers(profiles_of_john()).to_xml(Root::Query, Generation::Eight),
        "<emccResponse><checkUser><user id=\"john\"><numProfiles>2</numProfiles><exists/>\
         <deviceProfile1>UDP1</deviceProfile1><deviceProfile2>UDP2</deviceProfile2></user>\
         <user id=\"nobody\"><doesNotExist/></user></checkUser></emccResponse>"
    );
}

#[test]
fn an_answer_is_ascii_whatever_it_holds() {
    let response = Response::Failure(Failure {
        code: Code::NoSuchProfile,
        text: "<Büro> & \"電\"\u{1}'".to_owned(),
    });
    assert_eq!(
        response.to_xml(Root::Request, Generation::Eight),
        "<response><failure><error code=\"12\">&lt;B&#252;ro&gt; &amp; &quot;&#38651;&quot;'\
         </error></failure></response>"
    );
}
