//! Round trips, and input of any kind.

use proptest::prelude::*;

use super::*;

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
