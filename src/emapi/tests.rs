//! Cisco's printed examples, the mistakes that developers make with them, and
//! round trips.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// The body of the guide's POST example, byte for byte. Its header announces 249
/// bytes; what is printed has 236.
const SAMPLE_BODY: &str = "xml=%3cquery%3e%3cappInfo%3e%3cappID%3eemproxy%3c%2fappID%3e\
    %3cappCertificate%3epassword%3c%2fappCertificate%3e%3c%2fappInfo%3e%3cdeviceUserQuery%3e\
    %3cdeviceName%3eSEP010203040506%3c%2fdeviceName%3e%3c%2fdeviceUserQuery%3e%3c%2fquery%3e";

const APP: &str =
    "<appInfo><appID>appid</appID><appCertificate>apppasswd</appCertificate></appInfo>";

fn request(operation: &str) -> String {
    format!("<request>{APP}{operation}</request>")
}

fn query(operation: &str) -> String {
    format!("<query>{APP}{operation}</query>")
}

fn read(xml: &str) -> Envelope {
    parse(xml.as_bytes()).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn refused(xml: &str) -> ParseError {
    parse(xml.as_bytes()).expect_err(xml)
}

fn app(id: &str, password: &str) -> AppInfo {
    AppInfo {
        id: id.to_owned(),
        credential: Credential::Certificate(Certificate::new(password)),
    }
}

fn plain(operation: Operation) -> Envelope {
    Envelope {
        app: app("appid", "apppasswd"),
        operation,
        origin: Origin::default(),
        login_type: None,
    }
}

fn login(profile: Option<&str>, duration: Option<ExclusiveDuration>) -> Envelope {
    plain(Operation::Login {
        device: "SEP003094C25B15".to_owned(),
        user: "john".to_owned(),
        profile: profile.map(str::to_owned),
        duration,
    })
}

mod printed_examples {
    use super::*;

    #[test]
    fn the_post_sample() {
        assert_eq!(SAMPLE_BODY.len(), 236);
        let content_type = Some("application/x-www-form-urlencoded");
        let xml = form::from_body(content_type, SAMPLE_BODY.as_bytes()).unwrap();
        let envelope = parse(&xml).unwrap();
        assert_eq!(
            envelope,
            Envelope {
                app: app("emproxy", "password"),
                operation: Operation::DeviceUserQuery {
                    devices: vec!["SEP010203040506".to_owned()]
                },
                origin: Origin::default(),
                login_type: None,
            }
        );
        assert_eq!(form::encode(&envelope.to_xml()).as_str(), SAMPLE_BODY);
    }

    #[test]
    fn login_with_a_duration_and_without_an_end() {
        let printed = "<request><appInfo><appID>appid</appID><appCertificate>apppasswd</appCertificate></appInfo>\n\
            <login><deviceName>SEP003094C25B15</deviceName><userID>john</userID><deviceProfile>UserDevProf</deviceProfile>\n\
            <exclusiveDuration><time>60</time></exclusiveDuration></login></request>";
        let envelope = login(Some("UserDevProf"), Some(ExclusiveDuration::Minutes(60)));
        assert_eq!(read(printed), envelope);
        assert_eq!(*envelope.to_xml(), printed.replace('\n', ""));
        let indefinite = printed.replace("<time>60</time>", "<indefinite/>");
        assert_eq!(
            read(&indefinite),
            login(Some("UserDevProf"), Some(ExclusiveDuration::Indefinite))
        );
    }

    #[test]
    fn logout_and_logout_all() {
        assert_eq!(
            read(&request(
                "<logout><deviceName>SEP003094C25B15</deviceName></logout>"
            )),
            plain(Operation::Logout {
                device: "SEP003094C25B15".to_owned()
            })
        );
        for all in ["<logoutAll></logoutAll>", "<logoutAll/>"] {
            assert_eq!(read(&request(all)), plain(Operation::LogoutAll));
        }
    }

    #[test]
    fn queries_for_users() {
        let users = || vec!["john".to_owned(), "em@cisco.com".to_owned()];
        let ask = |name: &str| {
            read(&query(&format!(
                "<{name}><userID>john</userID><userID>em%40cisco.com</userID></{name}>"
            )))
        };
        assert_eq!(
            ask("userDevicesQuery"),
            plain(Operation::UserDevicesQuery { users: users() })
        );
        for name in ["deviceProfileQuery", "userDeviceProfileQuery"] {
            assert_eq!(
                ask(name),
                plain(Operation::DeviceProfileQuery { users: users() })
            );
        }
        assert_eq!(
            ask("checkUser"),
            plain(Operation::CheckUser { users: users() })
        );
    }

    #[test]
    fn the_query_that_a_12_0_server_logs() {
        let logged = "<query>\n  <appInfo>\n      <appID>CCMSysUser</appID>\n      \
            <appEncryptedCertificate>xxxxxxx</appEncryptedCertificate>\n  </appInfo>\n  \
            <deviceUserQuery>\n      <deviceName>SEP74A02FC09CDF </deviceName>\n\
            <loginType>DN</loginType>\n     <remoteIPAddr>10.106.99.235</remoteIPAddr>\n  \
            </deviceUserQuery>\n</query>\n";
        assert_eq!(
            read(logged),
            Envelope {
                app: AppInfo {
                    id: "CCMSysUser".to_owned(),
                    credential: Credential::Encrypted,
                },
                operation: Operation::DeviceUserQuery {
                    devices: vec!["SEP74A02FC09CDF".to_owned()]
                },
                origin: Origin {
                    remote_ip: Some("10.106.99.235".parse().unwrap()),
                    via_header: None,
                },
                login_type: Some(LoginType::PrimaryExtension),
            }
        );
    }

    #[test]
    fn answers_to_requests() {
        assert_eq!(
            Response::Success.to_xml(Root::Request, Generation::Eight),
            "<response><success/></response>"
        );
        let failure = Response::Failure(Failure {
            code: Code::InvalidAppUser,
            text: "Could not authenticate 'appid'".to_owned(),
        });
        let numbered = "<response><failure><error code=\"3\">Could not authenticate &apos;appid&apos;</error></failure></response>";
        for generation in [Generation::CallManager, Generation::Five, Generation::Eight] {
            assert_eq!(failure.to_xml(Root::Request, generation), numbered);
        }
        assert_eq!(failure.to_xml(Root::Query, Generation::Five), numbered);
        assert_eq!(
            failure.to_xml(Root::Query, Generation::CallManager),
            "<response><failure><errorMessage>Could not authenticate &apos;appid&apos;</errorMessage></failure></response>"
        );
    }

    fn on_device(device: &str, found: Lookup<Occupancy>) -> Response {
        Response::DeviceUsers(vec![DeviceEntry {
            device: device.to_owned(),
            found,
        }])
    }

    fn occupied(user: Option<&str>, last: Option<&str>) -> Lookup<Occupancy> {
        Lookup::Found(Occupancy {
            user: user.map(str::to_owned),
            last_login: last.map(str::to_owned),
        })
    }

    #[test]
    fn who_is_on_a_device_by_generation() {
        let wrap = |inside: &str| {
            format!("<response><deviceUserResults>{inside}</deviceUserResults></response>")
        };
        let cases = [
            (
                Generation::CallManager,
                occupied(None, Some("john")),
                "<none/>",
            ),
            (
                Generation::CallManager,
                occupied(Some("john"), None),
                "<userID>john</userID>",
            ),
            (
                Generation::Five,
                occupied(Some("john"), None),
                "<userID>john</userID><none/>",
            ),
            (
                Generation::Five,
                occupied(Some("john"), Some("john")),
                "<userID>john</userID><lastlogin>john</lastlogin>",
            ),
            (
                Generation::Eight,
                occupied(Some("em@cisco.com"), Some("em")),
                "<userID>em%40cisco.com</userID><lastlogin>em</lastlogin><emccDevice>no</emccDevice>",
            ),
            (
                Generation::Eight,
                occupied(None, Some("adgjm")),
                "<none/><lastlogin>adgjm</lastlogin><emccDevice>no</emccDevice>",
            ),
            (Generation::Eight, Lookup::DoesNotExist, "<doesNotExist/>"),
        ];
        for (generation, found, inside) in cases {
            assert_eq!(
                on_device("SEP402CF4915265", found).to_xml(Root::Query, generation),
                wrap(&format!(
                    "<device name=\"SEP402CF4915265\">{inside}</device>"
                ))
            );
        }
    }

    #[test]
    fn where_users_are() {
        let entry = |user: &str, found| UserEntry {
            user: user.to_owned(),
            found,
        };
        let devices = vec!["SEP003094C25B15".to_owned(), "SEP003094C25B49".to_owned()];
        let response = Response::UserDevices(vec![
            entry("john", Lookup::Found(devices)),
            entry("jane", Lookup::Found(Vec::new())),
            entry("nobody", Lookup::DoesNotExist),
        ]);
        assert_eq!(
            response.to_xml(Root::Query, Generation::CallManager),
            "<response><userDevicesResults>\
             <user id=\"john\"><deviceName>SEP003094C25B15</deviceName><deviceName>SEP003094C25B49</deviceName></user>\
             <user id=\"jane\"><none/></user><user id=\"nobody\"><doesNotExist/></user>\
             </userDevicesResults></response>"
        );
    }

    #[test]
    fn the_profiles_of_a_user() {
        let profile = |name: &str| Profile {
            name: name.to_owned(),
            is_default: false,
        };
        let response = Response::DeviceProfiles(vec![ProfileEntry {
            user: "em@cisco.com".to_owned(),
            found: Lookup::Found(vec![
                profile("EM-SCCP-Profile-7970"),
                profile("EM-SCCP-7975-Profile"),
            ]),
        }]);
        let printed = "<response><deviceProfileResults><user id=\"em%40cisco.com\"><deviceProfile><deviceProfileName>EM-SCCP-Profile-7970</deviceProfileName><isDefaultDeviceProfile>f</isDefaultDeviceProfile></deviceProfile><deviceProfile><deviceProfileName>EM-SCCP-7975-Profile</deviceProfileName><isDefaultDeviceProfile>f</isDefaultDeviceProfile></deviceProfile></user></deviceProfileResults></response>";
        assert_eq!(response.to_xml(Root::Query, Generation::Eight), printed);
        assert_eq!(parse_response(printed.as_bytes()), Ok(response));
    }

    #[test]
    fn a_failure_without_a_number_is_read_too() {
        let old =
            b"<response><failure><errorMessage>No such device</errorMessage></failure></response>";
        assert_eq!(
            parse_response(old),
            Ok(Response::Failure(Failure {
                code: Code::Unknown,
                text: "No such device".to_owned()
            }))
        );
    }
}

mod liberal {
    use super::*;

    #[test]
    fn children_may_come_in_any_order() {
        let turned = format!(
            "<request><login><exclusiveDuration><indefinite></indefinite></exclusiveDuration>\
             <userID>john</userID><isViaHeaderSet>True</isViaHeaderSet><deviceProfile/>\
             <deviceName>SEP003094C25B15</deviceName></login>{APP}</request>"
        );
        let mut expected = login(None, Some(ExclusiveDuration::Indefinite));
        expected.origin.via_header = Some(true);
        assert_eq!(read(&turned), expected);
    }

    #[test]
    fn login_type_is_taken_anywhere_and_ignored_when_unknown() {
        let logout = |inside: &str, beside: &str| {
            request(&format!(
                "{beside}<logout>{inside}<deviceName>SEP1</deviceName></logout>"
            ))
        };
        let uid = "<loginType>uid</loginType>";
        assert_eq!(read(&logout(uid, "")).login_type, Some(LoginType::UserId));
        assert_eq!(read(&logout("", uid)).login_type, Some(LoginType::UserId));
        let odd = "<loginType>XX</loginType>";
        assert_eq!(read(&logout(odd, "")).login_type, None);
    }

    #[test]
    fn what_dotnet_clients_send_is_read() {
        let xml = format!(
            "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n\
             <request xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{APP}<logoutAll /></request>\r\n"
        );
        assert_eq!(read(&xml), plain(Operation::LogoutAll));
    }

    #[test]
    fn declared_latin1_is_read_as_such() {
        let mut xml = b"<?xml version='1.0' encoding='ISO-8859-1'?>".to_vec();
        xml.extend_from_slice(query("<userDevicesQuery><userID>j").as_bytes());
        let cut = xml.len() - "</query>".len();
        xml.truncate(cut);
        xml.extend_from_slice(b"\xFCrgen</userID></userDevicesQuery></query>");
        assert_eq!(
            parse(&xml).unwrap().operation,
            Operation::UserDevicesQuery {
                users: vec!["jürgen".to_owned()]
            }
        );
        xml.drain(..b"<?xml version='1.0' encoding='ISO-8859-1'?>".len());
        assert_eq!(parse(&xml).unwrap_err().reason, Reason::Encoding);
    }

    #[test]
    fn a_password_keeps_its_own_spaces_but_not_those_of_the_layout() {
        let password = |inside: &str| {
            let xml = format!(
                "<request><appInfo><appID> a </appID><appCertificate>{inside}</appCertificate></appInfo>\
                 <logoutAll/></request>"
            );
            match read(&xml).app.credential {
                Credential::Certificate(password) => password.reveal().to_owned(),
                Credential::Encrypted => unreachable!(),
            }
        };
        assert_eq!(password(" p w "), " p w ");
        assert_eq!(password("\n   p w\n  "), "p w");
        assert_eq!(password("p&amp;&lt;<![CDATA[<>]]>&#x41;"), "p&<<>A");
        assert_eq!(password(""), "");
    }

    #[test]
    fn addresses_may_carry_a_zone() {
        let xml = request("<logoutAll><remoteIPAddr>fe80::1%eth0</remoteIPAddr></logoutAll>");
        assert_eq!(
            read(&xml).origin.remote_ip,
            Some("fe80::1".parse().unwrap())
        );
    }
}

mod refusals {
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
            query("<deviceUserQuery><deviceName>SEP1</deviceName></deviceUserQuery>")
                .to_lowercase(),
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
            request("<deviceUserQuery><deviceName>SEP1</deviceName></deviceUserQuery>"),
            // Not well-formed, or more than one document.
            request("<logoutAll>"),
            request("<logoutAll/>") + "x",
            request("<logoutAll/>") + "<request/>",
            request("<logoutAll/>") + "</request>",
            "x".to_owned() + &request("<logoutAll/>"),
            "\n<?xml version='1.0'?>".to_owned() + &request("<logoutAll/>"),
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
            query("<logoutAll/>"),
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
}

mod numbers {
    use super::*;

    #[test]
    fn the_published_numbers_and_no_others() {
        let numbers: Vec<u16> = Code::ALL.iter().map(|c| c.number()).collect();
        let expected: Vec<u16> = (0..=12)
            .chain(18..=23)
            .chain(25..=33)
            .chain(35..=47)
            .collect();
        assert_eq!(numbers, expected);
        let numbers: Vec<u16> = AppCode::ALL.iter().map(|c| c.number()).collect();
        assert_eq!(
            numbers,
            [
                201, 202, 204, 205, 207, 208, 209, 210, 211, 212, 213, 215, 216
            ]
        );
        for &code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        for &code in AppCode::ALL {
            assert_eq!(AppCode::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number(24), None);
        assert_eq!(AppCode::from_number(203), None);
    }

    #[test]
    fn what_phones_show_fits_a_prompt_and_names_the_number() {
        let shown = Code::ALL
            .iter()
            .map(|c| (c.phone_text(Attempt::Logout), c.number()))
            .chain(
                AppCode::ALL
                    .iter()
                    .map(|c| (c.phone_text(Attempt::Logout), c.number())),
            );
        for (text, number) in shown {
            assert!(text.chars().count() <= 32, "{text}");
            let redirected = matches!(number, 39 | 40 | 44);
            assert!(
                redirected || text.ends_with(&format!("({number})")),
                "{text}"
            );
        }
    }

    #[test]
    fn the_texts_that_users_know() {
        use Attempt::{Login, Logout};
        assert_eq!(
            Code::LogonDisabled.phone_text(Login),
            "Login is unavailable (22)"
        );
        assert_eq!(
            Code::NoUserLoggedIn.phone_text(Logout),
            "Logout is unavailable (19)"
        );
        assert_eq!(
            Code::LoggedInElsewhere.phone_text(Login),
            "Multi-Login Not Allowed (25)"
        );
        assert_eq!(
            AppCode::Authentication.phone_text(Login),
            "Please try to login again (201)"
        );
        assert_eq!(
            AppCode::DeviceNameEmpty.phone_text(Logout),
            "Logout is unavailable (207)"
        );
        assert_eq!(
            AppCode::LoginTypeInvalid.phone_text(Login),
            "LoginType invalid (215)"
        );
    }
}

fn name() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[!-~äß電]([ -~äß電]{0,20}[!-~äß電])?").unwrap()
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let duration = proptest::option::of(prop_oneof![
        any::<u32>().prop_map(ExclusiveDuration::Minutes),
        Just(ExclusiveDuration::Indefinite)
    ]);
    let names = || proptest::collection::vec(name(), 1..5);
    prop_oneof![
        (name(), name(), proptest::option::of(name()), duration).prop_map(
            |(device, user, profile, duration)| Operation::Login {
                device,
                user,
                profile,
                duration
            }
        ),
        name().prop_map(|device| Operation::Logout { device }),
        Just(Operation::LogoutAll),
        names().prop_map(|devices| Operation::DeviceUserQuery { devices }),
        names().prop_map(|users| Operation::UserDevicesQuery { users }),
        names().prop_map(|users| Operation::DeviceProfileQuery { users }),
        names().prop_map(|users| Operation::CheckUser { users }),
    ]
}

fn any_envelope() -> impl Strategy<Value = Envelope> {
    let origin = (any::<Option<std::net::IpAddr>>(), any::<Option<bool>>()).prop_map(
        |(remote_ip, via_header)| Origin {
            remote_ip,
            via_header,
        },
    );
    let login_type = proptest::option::of(proptest::sample::select(vec![
        LoginType::UserId,
        LoginType::PrimaryExtension,
        LoginType::SelfService,
    ]));
    (
        name(),
        " ?[ -~ü]{0,20} ?",
        any_operation(),
        origin,
        login_type,
    )
        .prop_map(|(id, password, operation, origin, login_type)| Envelope {
            app: app(&id, &password),
            operation,
            origin,
            login_type,
        })
}

fn found<T: std::fmt::Debug + Clone>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Lookup<T>> {
    prop_oneof![
        1 => value.prop_map(Lookup::Found),
        1 => Just(()).prop_map(|()| Lookup::DoesNotExist)
    ]
}

fn any_response() -> impl Strategy<Value = Response> {
    let occupancy = (proptest::option::of(name()), proptest::option::of(name()))
        .prop_map(|(user, last_login)| Occupancy { user, last_login });
    let device =
        (name(), found(occupancy)).prop_map(|(device, found)| DeviceEntry { device, found });
    let user = (name(), found(proptest::collection::vec(name(), 0..3)))
        .prop_map(|(user, found)| UserEntry { user, found });
    let profile =
        (name(), any::<bool>()).prop_map(|(name, is_default)| Profile { name, is_default });
    let profiles = (name(), found(proptest::collection::vec(profile, 0..3)))
        .prop_map(|(user, found)| ProfileEntry { user, found });
    prop_oneof![
        Just(Response::Success),
        (proptest::sample::select(Code::ALL.to_vec()), name())
            .prop_map(|(code, text)| Response::Failure(Failure { code, text })),
        proptest::collection::vec(device, 0..4).prop_map(Response::DeviceUsers),
        proptest::collection::vec(user, 0..4).prop_map(Response::UserDevices),
        proptest::collection::vec(profiles, 0..4).prop_map(Response::DeviceProfiles),
    ]
}

proptest! {
    #[test]
    fn what_an_application_sends_is_what_the_service_reads(envelope in any_envelope()) {
        let body = form::encode(&envelope.to_xml());
        let xml = form::from_body(None, body.as_bytes()).unwrap();
        prop_assert_eq!(parse(&xml), Ok(envelope));
    }

    #[test]
    fn what_the_service_answers_is_what_an_application_reads(response in any_response()) {
        let xml = response.to_xml(Root::Query, Generation::Eight);
        prop_assert_eq!(parse_response(xml.as_bytes()), Ok(response));
    }

    #[test]
    fn user_ids_survive(user in "\\PC{0,30}") {
        prop_assert_eq!(decode_user_id(&encode_user_id(&user)), user);
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        let _ = parse_response(&bytes);
        let _ = form::from_body(None, &bytes);
        let _ = form::from_body(Some("text/xml"), &bytes);
        let mut control = b"xml=".to_vec();
        control.extend_from_slice(&bytes);
        let _ = form::from_body(None, &control);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "<request>", "</request>", "<query>", "</query>", APP, "<appInfo>", "</appInfo>", "<login>",
            "</login>", "<logoutAll/>", "<deviceName>", "</deviceName>", "<userID>%", "</userID>", "&amp;",
            "&#0;", "&#xFFFFFFFF;", "&", ";", "<!--", "-->", "--", "<![CDATA[", "]]>", "<?", "?>",
            "<?xml version='1.0'?>", "<!", "<!DOCTYPE", ">", "<", "/>", "</", "=", "'", "\"", "x", " ",
            "<exclusiveDuration><time>", "\u{FEFF}", "é",
        ]), 0..40)
    ) {
        let xml = parts.concat();
        let _ = parse(xml.as_bytes());
        let _ = parse_response(xml.as_bytes());
        let _ = form::from_query(&xml);
    }
}
