//! The login service as programs written for Cisco's use it, through curl.

use crate::support::tools::curl;
use crate::support::{Daemon, Site};

const PHONE: &str = "SEP001122334455";

struct Service {
    daemon: Daemon,
    url: String,
}

impl Service {
    fn start() -> Self {
        Self::with(crate::support::daemon::sample_site())
    }

    fn with(site: String) -> Self {
        let daemon = Daemon::start(Site::Text(site));
        let url = format!(
            "http://{}/emservice/EMServiceServlet",
            daemon.ports.services_http
        );
        Self { daemon, url }
    }

    fn post(&self, xml: &str) -> String {
        curl(&["--data-urlencode", &format!("xml={xml}"), &self.url])
    }

    fn request(&self, body: &str) -> String {
        self.post(&format!("<request>{APP}{body}</request>"))
    }

    fn query(&self, body: &str) -> String {
        self.post(&format!("<query>{APP}{body}</query>"))
    }

    fn login(&self, device: &str, user: &str) -> String {
        self.request(&format!(
            "<login><deviceName>{device}</deviceName><userID>{user}</userID></login>"
        ))
    }

    fn logout(&self, device: &str) -> String {
        self.request(&format!(
            "<logout><deviceName>{device}</deviceName></logout>"
        ))
    }
}

/// The sample site with this multiple-login behaviour.
fn sample_with(behaviour: &str) -> String {
    let site = crate::support::daemon::sample_site();
    let lines = site.lines().map(|line| {
        if line.trim_start().starts_with("multiple_login_behavior") {
            format!("multiple_login_behavior = \"{behaviour}\"")
        } else {
            line.to_owned()
        }
    });
    let site = lines.collect::<Vec<_>>().join("\n");
    assert!(site.contains(&format!("multiple_login_behavior = \"{behaviour}\"")));
    site
}

const APP: &str =
    "<appInfo><appID>emapp</appID><appCertificate>change-me</appCertificate></appInfo>";

const SUCCESS: &str = "<response><success/></response>";

fn code(answer: &str) -> Option<u16> {
    let at = answer.find("code=\"")? + 6;
    answer[at..].split('"').next()?.parse().ok()
}

#[test]
fn a_user_is_signed_in_asked_for_and_signed_out() {
    let service = Service::start();
    assert_eq!(service.login(PHONE, "bob"), SUCCESS);
    let who = service.query(&format!(
        "<deviceUserQuery><deviceName>{PHONE}</deviceName><deviceName>SEP00DEADBEEF00</deviceName></deviceUserQuery>"
    ));
    assert!(
        who.contains(&format!("<device name=\"{PHONE}\"><userID>bob</userID>")),
        "{who}"
    );
    assert!(
        who.contains("<device name=\"SEP00DEADBEEF00\"><doesNotExist/></device>"),
        "{who}"
    );
    let devices = service.query(
        "<userDevicesQuery><userID>bob</userID><userID>carol</userID><userID>nobody</userID></userDevicesQuery>",
    );
    assert!(devices.contains(&format!(
        "<user id=\"bob\"><deviceName>{PHONE}</deviceName></user>"
    )));
    assert!(
        devices.contains("<user id=\"carol\"><none/></user>"),
        "{devices}"
    );
    assert!(
        devices.contains("<user id=\"nobody\"><doesNotExist/></user>"),
        "{devices}"
    );
    assert_eq!(service.logout(PHONE), SUCCESS);
    assert_eq!(
        code(&service.logout(PHONE)),
        Some(19),
        "nobody is there any more"
    );
}

#[test]
fn every_refusal_has_its_code() {
    let service = Service::with(sample_with("not-allowed"));
    assert_eq!(code(&service.post("<foo/>")), Some(1));
    assert_eq!(code(&service.post("<request><appInfo></query>")), Some(1));
    let wrong = APP.replace("change-me", "guess");
    assert_eq!(code(&service.post(&format!("<query>{wrong}<deviceUserQuery><deviceName>{PHONE}</deviceName></deviceUserQuery></query>"))), Some(3));
    assert_eq!(code(&service.query("<bar/>")), Some(8));
    let bob = "<appInfo><appID>bob</appID><appCertificate>bob-secret</appCertificate></appInfo>";
    // bob has no password in the sample: give him one through the site file.
    let site = crate::support::daemon::sample_site().replace(
        "pin = \"31415\"",
        "pin = \"31415\"\npassword = \"bob-secret\"",
    );
    let own = Service::with(site);
    let other = own.post(&format!("<request>{bob}<login><deviceName>{PHONE}</deviceName><userID>carol</userID></login></request>"));
    assert_eq!(
        code(&other),
        Some(10),
        "an end user acts for himself only: {other}"
    );
    let himself = own.post(&format!("<request>{bob}<login><deviceName>{PHONE}</deviceName><userID>bob</userID></login></request>"));
    assert_eq!(himself, SUCCESS);

    assert_eq!(code(&service.login("SEP00DEADBEEF00", "bob")), Some(11));
    assert_eq!(code(&service.login(PHONE, "nobody")), Some(23));
    let profile = format!(
        "<login><deviceName>{PHONE}</deviceName><userID>bob</userID><deviceProfile>ghost</deviceProfile></login>"
    );
    assert_eq!(code(&service.request(&profile)), Some(12));
    assert_eq!(service.login(PHONE, "bob"), SUCCESS);
    assert_eq!(code(&service.login(PHONE, "carol")), Some(18));
    assert_eq!(
        code(&service.login(PHONE, "bob")),
        Some(18),
        "the same user again, too"
    );
    assert_eq!(code(&service.login("SEP001122334466", "bob")), Some(25));
    assert_eq!(code(&service.logout("SEP001122334466")), Some(19));
}

#[test]
fn a_phone_without_extension_mobility_answers_22() {
    let site = crate::support::daemon::sample_site().replacen(
        "extension_mobility = true",
        "extension_mobility = false",
        1,
    );
    let service = Service::with(site);
    assert_eq!(code(&service.login(PHONE, "bob")), Some(22));
}

#[test]
fn the_three_multiple_login_behaviours() {
    let other = "SEP001122334466";
    for (behaviour, second, first_stays) in [
        ("not-allowed", Some(25), true),
        ("allowed", None, true),
        ("auto-logout", None, false),
    ] {
        let service = Service::with(sample_with(behaviour));
        assert_eq!(service.login(PHONE, "bob"), SUCCESS);
        assert_eq!(code(&service.login(other, "bob")), second, "{behaviour}");
        let who = service.query(&format!(
            "<deviceUserQuery><deviceName>{PHONE}</deviceName></deviceUserQuery>"
        ));
        assert_eq!(
            who.contains("<userID>bob</userID>"),
            first_stays,
            "{behaviour}: {who}"
        );
    }
}

#[test]
fn cisco_s_own_sample_is_answered_by_post_get_and_the_old_path() {
    let service = Service::start();
    let xml = "%3cquery%3e%3cappInfo%3e%3cappID%3eemapp%3c%2fappID%3e%3cappCertificate%3echange-me\
               %3c%2fappCertificate%3e%3c%2fappInfo%3e%3cdeviceUserQuery%3e%3cdeviceName%3e\
               SEP001122334455%3c%2fdeviceName%3e%3c%2fdeviceUserQuery%3e%3c%2fquery%3e";
    let expected = "<deviceUserResults><device name=\"SEP001122334455\"><none/>";
    let posted = curl(&["-d", &format!("xml={xml}"), &service.url]);
    assert!(posted.contains(expected), "{posted}");
    let got = curl(&[&format!("{}?xml={xml}", service.url)]);
    assert_eq!(got, posted);
    let old = format!(
        "http://{}/LoginService/login.asp",
        service.daemon.ports.services_http
    );
    let before = posted.replace("<emccDevice>no</emccDevice>", "");
    assert_ne!(before, posted);
    assert_eq!(
        curl(&["-d", &format!("xml={xml}"), &old]),
        before,
        "in the words of 3.x"
    );
    let raw = format!(
        "{}?xml=<query>{APP}<deviceUserQuery><deviceName>{PHONE}</deviceName></deviceUserQuery></query>",
        service.url
    );
    assert_eq!(curl(&["-g", &raw]), posted, "as curl sends it, not encoded");
}

#[test]
fn secrets_appear_in_no_log() {
    let service = Service::start();
    let _ = service.login(PHONE, "bob");
    let _ = curl(&[&format!(
        "http://{}/emapp/EMAppServlet?device=SEP001122334466&userid=carol&seq=99999",
        service.daemon.ports.services_http
    )]);
    let _ = curl(&[&format!(
        "http://{}/emapp/EMAppServlet?device=SEP001122334466&userid=carol&seq=27182",
        service.daemon.ports.services_http
    )]);
    let log = service.daemon.log();
    let timeline = service
        .daemon
        .admin()
        .get("/phones/SEP001122334466/timeline")
        .1
        .to_string();
    let status = service.daemon.status().to_string();
    for secret in ["change-me", "99999", "27182"] {
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!timeline.contains(secret), "{secret} in the timeline");
        assert!(!status.contains(secret), "{secret} in the status");
    }
    assert!(
        timeline.contains("carol"),
        "the story itself is told: {timeline}"
    );
}
