//! The examples of Cisco's guides, literally.

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
    let numbered = "<response><failure><error code=\"3\">Could not authenticate 'appid'</error></failure></response>";
    for generation in [Generation::CallManager, Generation::Five, Generation::Eight] {
        assert_eq!(failure.to_xml(Root::Request, generation), numbered);
    }
    let parsed = parse_response(numbered.as_bytes());
    assert_eq!(parsed.as_ref(), Ok(&failure));
    assert_eq!(failure.to_xml(Root::Query, Generation::Five), numbered);
    assert_eq!(
        failure.to_xml(Root::Query, Generation::CallManager),
        "<response><failure><errorMessage>Could not authenticate 'appid'</errorMessage></failure></response>"
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
