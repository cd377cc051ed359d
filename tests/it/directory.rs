//! A real directory server beside the daemon: OpenLDAP's slapd (Cisco,
//! *Understanding Extension Mobility*, The Cisco CallManager Extension Mobility
//! System Components: the login service uses the LDAP directory to check the
//! application's id and password).

use std::net::TcpListener;

use crate::support::daemon::sample_site;
use crate::support::slapd::{Entry, Slapd, certificate};
use crate::support::tools::curl;
use crate::support::{Daemon, Site};

const PHONE: &str = "SEP001122334466";

/// The people of the directory, by their number.
const PEOPLE: [Entry<'_>; 5] = [
    Entry {
        id: "dora",
        password: "swordfish",
        // {SSHA} of 58213, by slappasswd.
        pin: "{SSHA}nBPqo43S/aMpMgXStKTQXAnZdLLpldj8",
    },
    Entry {
        id: "erik",
        password: "haddock",
        pin: "71908",
    },
    Entry {
        id: "ldapapp",
        password: "open-sesame",
        pin: "0",
    },
    Entry {
        id: r"o(brien)*\x",
        password: "odd-but-right",
        pin: "0",
    },
    // Two entries of one id.
    Entry {
        id: "ERIK2",
        password: "one",
        pin: "0",
    },
];

/// The sample site with people who have no credential here.
fn site() -> String {
    let mut site = sample_site();
    for id in ["dora", "erik", "d*", r"o(brien)*\\x", "absent"] {
        let more = format!("\n[[user]]\nid = \"{id}\"\nprofiles = [\"bob\"]\n");
        site.push_str(&more);
    }
    for id in ["ldapapp", "ld*", "*"] {
        let more = format!("\n[[application_user]]\nid = \"{id}\"\nproxy_rights = true\n");
        site.push_str(&more);
    }
    site
}

fn start(config: &str) -> Daemon {
    Daemon::start_with(Site::Text(site()), config, &[])
}

/// The code of the login service's answer to a query by this caller, or
/// nothing when there was no failure.
fn ask_as(daemon: &Daemon, id: &str, password: &str) -> Option<u16> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let query = format!(
        "<query><appInfo><appID>{}</appID><appCertificate>{}</appCertificate></appInfo>\
         <userDevicesQuery><userID>{}</userID></userDevicesQuery></query>",
        escaped(id),
        escaped(password),
        escaped(id)
    );
    let url = format!(
        "http://{}/emservice/EMServiceServlet",
        daemon.ports.services_http
    );
    let answer = curl(&["--data-urlencode", &format!("xml={query}"), &url]);
    assert!(answer.contains("<response>"), "{answer}");
    let at = answer.find("code=\"")? + 6;
    answer[at..].split('"').next()?.parse().ok()
}

fn page(daemon: &Daemon, parameters: &str) -> String {
    let at = daemon.ports.services_http;
    curl(&[&format!(
        "http://{at}/emapp/EMAppServlet?device={PHONE}&{parameters}"
    )])
}

fn sign_in(daemon: &Daemon, id: &str, pin: &str) -> String {
    page(daemon, &format!("userid={id}&seq={pin}"))
}

fn outage(daemon: &Daemon) -> Option<String> {
    let status = daemon.status();
    let why = status["directory"]["outage"]["why"].as_str();
    why.map(str::to_owned)
}

#[test]
fn who_has_no_hash_here_binds_with_his_own_password() {
    let slapd = Slapd::start(&PEOPLE);
    let daemon = start(&Slapd::config(&slapd.url(), ""));
    assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), None);
    assert_eq!(ask_as(&daemon, "dora", "swordfish"), None);
    assert_eq!(ask_as(&daemon, "dora", "haddock"), Some(3));
    assert_eq!(ask_as(&daemon, "absent", "swordfish"), Some(3));
    // OpenLDAP's own client agrees.
    assert!(slapd.lets_in(0, "swordfish") && !slapd.lets_in(0, "haddock"));
    // Who is in the directory alone is nobody here, and who has a hash here
    // needs no directory.
    assert_eq!(ask_as(&daemon, "ERIK2", "one"), Some(3));
    assert_eq!(ask_as(&daemon, "emapp", "change-me"), None);
    assert_eq!(outage(&daemon), None);
    let log = daemon.log();
    for secret in ["swordfish", "open-sesame", "let-me-look"] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(log.contains("no entry for this user"), "{log}");
}

/// The server takes a bind without a password for an anonymous one, and says
/// yes.
#[test]
fn an_empty_password_lets_nobody_in() {
    let slapd = Slapd::start(&PEOPLE);
    assert!(slapd.lets_in(0, ""), "the trap is open");
    let daemon = start(&Slapd::config(
        &slapd.url(),
        "pin_attribute = \"employeeNumber\"\n",
    ));
    assert_eq!(ask_as(&daemon, "ldapapp", ""), Some(3));
    assert_eq!(ask_as(&daemon, "dora", ""), Some(3));
    let blank = sign_in(&daemon, "erik", "");
    assert!(!blank.contains("Login Successful"), "{blank}");
}

#[test]
fn nothing_typed_changes_the_search() {
    let slapd = Slapd::start(&PEOPLE);
    let daemon = start(&Slapd::config(&slapd.url(), ""));
    // Configured ids that would find somebody else if they were text of a
    // filter.
    for (id, password) in [
        ("d*", "swordfish"),
        ("ld*", "open-sesame"),
        ("*", "swordfish"),
    ] {
        assert_eq!(ask_as(&daemon, id, password), Some(3), "{id}");
    }
    // And one that is meant as it stands.
    assert_eq!(ask_as(&daemon, r"o(brien)*\x", "odd-but-right"), None);
    for id in ["dora)(uid=*", "*)(objectClass=*", r"\2a", "dora)(|(uid=*"] {
        assert_eq!(ask_as(&daemon, id, "swordfish"), Some(3), "{id}");
    }
    assert_eq!(outage(&daemon), None, "the server was never asked nonsense");
}

/// Extension Mobility 4.1, Login and Behavior: the application authenticates
/// user id and PIN against the Cisco CallManager Directory.
#[test]
fn a_pin_may_stand_in_an_attribute() {
    let slapd = Slapd::start(&PEOPLE);
    let daemon = start(&Slapd::config(
        &slapd.url(),
        "pin_attribute = \"employeeNumber\"\n",
    ));
    for (id, pin) in [("dora", "58213"), ("erik", "71908"), ("bob", "31415")] {
        let wrong = sign_in(&daemon, id, "90817");
        assert!(wrong.contains("(201)"), "{wrong}");
        let right = sign_in(&daemon, id, pin);
        assert!(right.contains("Login Successful"), "{id}: {right}");
        let out = page(&daemon, "doLogout=true");
        assert!(out.contains("Logout successful"), "{out}");
    }
    // Changed there, the old one is void at once.
    slapd.change(1, "employeeNumber", "33441");
    assert!(sign_in(&daemon, "erik", "71908").contains("(201)"));
    assert!(sign_in(&daemon, "erik", "33441").contains("Login Successful"));
}

/// A public guesser of PINs compares the lengths of answers.
#[test]
fn unknown_wrong_and_locked_look_alike() {
    let slapd = Slapd::start(&PEOPLE);
    let daemon = start(&Slapd::config(
        &slapd.url(),
        "pin_attribute = \"employeeNumber\"\n",
    ));
    let answer = |id: &str, pin: &str| {
        let page = sign_in(&daemon, id, pin);
        page.replace(id, "....")
    };
    let unknown = answer("nobo", "90817");
    assert!(unknown.contains("(201)"), "{unknown}");
    let wrong = answer("dora", "90817");
    for _ in 0..4 {
        answer("erik", "90817");
    }
    assert_eq!(answer("erik", "90817"), unknown);
    let locked = answer("erik", "71908");
    assert_eq!(wrong, unknown);
    assert_eq!(locked, unknown);
    // The operator knows better.
    let (_, told) = daemon.admin().get(&format!("/phones/{PHONE}/timeline"));
    let told = told.to_string();
    for reason in ["nobody has this user id", "is wrong", "locked out"] {
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn a_server_is_believed_that_the_authority_vouches_for_and_no_other() {
    let slapd = Slapd::start(&PEOPLE);
    let tls = format!("ldaps://127.0.0.1:{}", slapd.tls_port);
    let ca = format!("ca_file = \"{}\"\n", slapd.authority().display());
    let good = start(&Slapd::config(&tls, &ca));
    assert_eq!(ask_as(&good, "ldapapp", "open-sesame"), None);
    assert_eq!(ask_as(&good, "ldapapp", "guess"), Some(3));
    let upgraded = start(&Slapd::config(
        &slapd.url(),
        &format!("start_tls = true\n{ca}"),
    ));
    assert_eq!(ask_as(&upgraded, "ldapapp", "open-sesame"), None);
    // An authority of the same name, and a host that the certificate does not
    // name.
    let other = tempfile::tempdir().unwrap();
    certificate(other.path());
    let wrong_ca = format!("ca_file = \"{}\"\n", other.path().join("ca.pem").display());
    let elsewhere = format!("ldaps://localhost:{}", slapd.tls_port);
    for (url, more) in [
        (&tls, wrong_ca.clone()),
        (&slapd.url(), format!("start_tls = true\n{wrong_ca}")),
        (&elsewhere, ca.clone()),
    ] {
        let daemon = start(&Slapd::config(url, &more));
        assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), Some(9), "{more}");
        let why = outage(&daemon).unwrap();
        assert!(why.contains("certificate"), "{why}");
    }
    let blind = format!("{wrong_ca}verify_certificate = false\n");
    let blind = start(&Slapd::config(&tls, &blind));
    assert_eq!(ask_as(&blind, "ldapapp", "open-sesame"), None);
}

/// Down: 9 for programs, 204 at the phone; nobody is locked in or out, people
/// of the store work on, and when it is up again so is everything.
#[test]
fn the_server_may_go_and_come_back() {
    let mut slapd = Slapd::start(&PEOPLE);
    let more = "pin_attribute = \"employeeNumber\"\nremember_applications = 0\n";
    let daemon = start(&Slapd::config(&slapd.url(), more));
    assert!(sign_in(&daemon, "dora", "58213").contains("Login Successful"));
    slapd.go_down();
    let out = page(&daemon, "doLogout=true");
    assert!(out.contains("Logout successful"), "{out}");
    for _ in 0..8 {
        let away = sign_in(&daemon, "dora", "58213");
        assert!(away.contains("(204)"), "{away}");
        assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), Some(9));
    }
    assert!(outage(&daemon).is_some());
    let told = daemon.says(&["status"]);
    assert!(told.contains("cannot be asked"), "{told}");
    assert!(sign_in(&daemon, "bob", "31415").contains("Login Successful"));
    assert!(page(&daemon, "doLogout=true").contains("Logout successful"));

    slapd.go_up();
    let mut tries = 0;
    while !sign_in(&daemon, "dora", "58213").contains("Login Successful") {
        tries += 1;
        assert!(tries < 240, "it recovers by itself: {:?}", outage(&daemon));
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), None);
    assert_eq!(outage(&daemon), None);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let config = format!(
        "[ldap]\nurl = \"ldap://127.0.0.1:{port}\"\nbase = \"dc=x\"\ntimeout = 1\n\
         pin_attribute = \"employeeNumber\"\n"
    );
    let daemon = start(&config);
    let away = sign_in(&daemon, "dora", "58213");
    assert!(away.contains("(204)"), "{away}");
    assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), Some(9));
    let why = outage(&daemon).unwrap();
    assert!(why.contains("did not answer within 1 s"), "{why}");
    assert!(sign_in(&daemon, "bob", "31415").contains("Login Successful"));
}

#[test]
fn a_password_changed_there_counts_here_when_its_time_is_over() {
    let slapd = Slapd::start(&PEOPLE);
    let daemon = start(&Slapd::config(&slapd.url(), "remember_applications = 1\n"));
    assert_eq!(ask_as(&daemon, "ldapapp", "open-sesame"), None);
    slapd.change(2, "userPassword", "changed");
    let mut tries = 0;
    while ask_as(&daemon, "ldapapp", "open-sesame").is_none() {
        tries += 1;
        assert!(tries < 200, "the old password is remembered for ever");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(ask_as(&daemon, "ldapapp", "changed"), None);
}

#[test]
fn check_looks_at_the_directory_before_a_phone_does() {
    let mut slapd = Slapd::start(&PEOPLE);
    let folder = tempfile::tempdir().unwrap();
    let (config, site_file) = (
        folder.path().join("embody.toml"),
        folder.path().join("site.toml"),
    );
    std::fs::write(&site_file, site()).unwrap();
    let check = |ldap: &str| {
        std::fs::write(&config, ldap).unwrap();
        let output = crate::support::tools::run(
            crate::support::daemon::BINARY,
            &[
                "check",
                "--config",
                config.to_str().unwrap(),
                "--site",
                site_file.to_str().unwrap(),
            ],
        );
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(told).unwrap())
    };
    let right = Slapd::config(&slapd.url(), "");
    let (fine, told) = check(&right);
    assert!(fine, "{told}");
    assert!(told.contains("absent is not in the directory"), "{told}");
    assert!(!told.contains("dora is not"), "{told}");
    assert!(
        told.contains("dora: the name in the directory is \"Nth Person\""),
        "{told}"
    );
    let (fine, told) = check(&right.replace("let-me-look", "guess"));
    assert!(!fine && told.contains("bind_dn"), "{told}");
    let (fine, told) = check(&right.replace("ou=people", "ou=nowhere"));
    assert!(!fine && told.contains("base"), "{told}");
    let (fine, told) = check(&format!("{right}filter = \"(uid=alice)\"\n"));
    assert!(!fine && told.contains("{id}"), "{told}");
    slapd.go_down();
    let (fine, told) = check(&right);
    assert!(
        fine && told.contains("warning") && told.contains("cannot be reached"),
        "{told}"
    );
}
