//! Cisco's printed examples, the mistakes that developers make with them, and
//! round trips.

#![allow(clippy::unwrap_used)]

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

mod printed_examples;

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
    fn white_space_may_come_first_and_zeros_last() {
        let declared = format!("\n <?xml version='1.0'?>\n{}", request("<logoutAll/>"));
        assert_eq!(read(&declared), plain(Operation::LogoutAll));
        let of_c = request("<logoutAll/>") + "\r\n\0\0";
        assert_eq!(read(&of_c), plain(Operation::LogoutAll));
    }

    #[test]
    fn ciscos_sample_program_names_the_user_at_logout() {
        let logout = "<logout><deviceName>SEP1</deviceName><userID>john</userID></logout>";
        let expected = Operation::Logout {
            device: "SEP1".to_owned(),
        };
        assert_eq!(read(&request(logout)), plain(expected));
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

mod disagreements;
mod refusals;

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

mod properties;
