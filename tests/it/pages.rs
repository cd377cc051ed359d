//! The Services menu and the login application as any HTTP client sees them:
//! the one-request URL form that badge readers use, and what phones honour.

use crate::support::daemon::sample_site;
use crate::support::tools::{curl, is_well_formed};
use crate::support::{Daemon, Site};

const PHONE: &str = "SEP001122334466";

fn get(daemon: &Daemon, path: &str) -> String {
    curl(&[
        "-i",
        &format!("http://{}{path}", daemon.ports.services_http),
    ])
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn one_request_signs_in_and_one_signs_out_whatever_the_order_of_parameters() {
    let daemon = Daemon::start(Site::Sample);
    let urls = [
        format!("/emapp/EMAppServlet?device={PHONE}&userid=bob&seq=31415"),
        format!("/emapp/EMAppServlet?seq=31415&userid=bob&device={PHONE}&EMCC=%23EMCC%23"),
        format!("/EMAPP/emappservlet?USERID=bob&SEQ=31415&name={PHONE}&locale=x"),
    ];
    for url in urls {
        let signed_in = get(&daemon, &url);
        assert!(signed_in.contains("Login Successful"), "{url}: {signed_in}");
        let out = get(
            &daemon,
            &format!("/emapp/EMAppServlet?doLogout=true&device={PHONE}"),
        );
        assert!(out.contains("Logout successful"), "{out}");
        let again = get(
            &daemon,
            &format!("/emapp/EMAppServlet?device={PHONE}&doLogout=true"),
        );
        assert!(again.contains("(19)"), "nobody is there: {again}");
    }
}

#[test]
fn every_page_has_the_headers_that_phones_need() {
    let daemon = Daemon::start(Site::Sample);
    for path in [
        format!("/ccmcip/getservicesmenu.jsp?name={PHONE}"),
        format!("/emapp/EMAppServlet?device={PHONE}"),
        "/emapp/EMAppServlet".to_owned(),
        "/emapp/EMAppServlet?device=SEP00DEADBEEF00".to_owned(),
    ] {
        let answer = get(&daemon, &path);
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 200"),
            "errors are pages, too: {head}"
        );
        assert!(head.contains("Content-Type: text/xml; charset="), "{head}");
        assert!(
            head.contains(&format!("Content-Length: {}", page.len())),
            "{head}"
        );
        assert!(head.contains("Expires: Thu, 26 Oct 1995"), "{head}");
        assert!(
            !head.contains("chunked") && !head.contains("Location"),
            "{head}"
        );
        assert!(is_well_formed(page.as_bytes()), "{page}");
    }
}

#[test]
fn refusals_carry_cisco_s_code_and_a_sentence() {
    let site = sample_site().replacen("extension_mobility = true", "extension_mobility = false", 1);
    let daemon = Daemon::start(Site::Text(site));
    let code = |path: &str, code: &str| {
        let page = get(&daemon, path);
        assert!(page.contains(code), "{path}: {page}");
        assert!(
            body(&page).len() > 200,
            "a sentence, not a bare number: {page}"
        );
    };
    code("/emapp/EMAppServlet", "(207)");
    code("/emapp/EMAppServlet?device=%23DEVICENAME%23", "(207)");
    code("/emapp/EMAppServlet?device=SEP00DEADBEEF00", "(11)");
    code("/emapp/EMAppServlet?device=SEP001122334455", "(22)");
    code(
        &format!("/emapp/EMAppServlet?device={PHONE}&userid=bob&seq="),
        "(202)",
    );
    code(
        &format!("/emapp/EMAppServlet?device={PHONE}&userid=bob&seq=1"),
        "(201)",
    );
    code(
        &format!("/emapp/EMAppServlet?device={PHONE}&userid=ghost&seq=1"),
        "(201)",
    );
    let menu = get(&daemon, "/ccmcip/getservicesmenu.jsp?name=SEP001122334455");
    assert!(
        !menu.contains("Extension Mobility"),
        "not offered where it is off: {menu}"
    );
}

/// A public script guesses PINs by the length of the answers.
#[test]
fn an_unknown_user_a_wrong_pin_and_a_locked_account_are_answered_alike_to_the_byte() {
    let daemon = Daemon::start(Site::Sample);
    let answer = |user: &str, pin: &str| {
        let answer = get(
            &daemon,
            &format!("/emapp/EMAppServlet?device={PHONE}&userid={user}&seq={pin}"),
        );
        assert!(answer.contains("(201)"), "{answer}");
        let undated = answer.lines().filter(|line| !line.starts_with("Date: "));
        let undated: Vec<&str> = undated.collect();
        undated.join("\n").replace(user, "USER.")
    };
    let unknown = answer("ghost", "99999");
    assert_eq!(answer("carol", "99999"), unknown, "a wrong PIN");
    for _ in 0..10 {
        answer("carol", "99999");
    }
    assert_eq!(
        answer("carol", "27182"),
        unknown,
        "locked, the PIN is right"
    );
    let length = |answer: &str| {
        let head = answer.split("\r\n\r\n").next().unwrap().to_owned();
        let line = head.lines().find(|line| line.starts_with("Content-Length"));
        line.unwrap().to_owned()
    };
    assert_eq!(length(&answer("carol", "1")), length(&unknown));
}

/// A phone comes with German, and a phone of the site is wanted in French.
#[test]
fn pages_are_in_the_language_of_the_phone_and_an_operator_s_words_win() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("texts")).unwrap();
    let words = "[form]\nprompt = \"Moin, wer da?\"\n";
    std::fs::write(folder.path().join("texts/de.toml"), words).unwrap();
    std::fs::write(folder.path().join("texts/fr.toml"), "[form]\nprompt = 1\n").unwrap();
    let site = sample_site().replace(
        "description = \"Lobby\"",
        "description = \"Lobby\"\nlocale = \"French_France\"",
    );
    let config = format!("[files]\nphone_configs = {:?}\n", folder.path());
    let daemon = Daemon::start_with(Site::Text(site), &config, &[]);
    let prompt = |device: &str| {
        let url = format!(
            "http://{}/emapp/EMAppServlet?device={device}",
            daemon.ports.services_http
        );
        curl(&["-H", "Accept-Language: de-DE,de;q=0.9", &url])
    };
    let german = prompt(PHONE);
    assert!(
        german.contains("<Prompt>Moin, wer da?</Prompt>"),
        "{german}"
    );
    assert!(
        german.contains("<Name>Abbruch</Name>"),
        "the rest is built in: {german}"
    );
    let french = prompt("SEP001122334455");
    assert!(
        french.contains("<Prompt>Veuillez vous connecter</Prompt>"),
        "{french}"
    );
    assert!(
        daemon.log().contains("texts/fr.toml"),
        "a broken file is told"
    );
}

#[test]
fn where_the_site_does_without_the_question_one_press_signs_out_but_never_by_accident() {
    let site = sample_site().replacen("[parameters]", "[parameters]\nconfirm_logout = false", 1);
    let daemon = Daemon::start(Site::Text(site));
    let door = format!("/emapp/EMAppServlet?device={PHONE}");
    let signed_in = get(&daemon, &format!("{door}&userid=bob&seq=31415"));
    assert!(signed_in.contains("Login Successful"), "{signed_in}");
    let asked = get(&daemon, &door);
    assert!(
        asked.contains("Logout bob?"),
        "within 15 s, or while a restart waits: {asked}"
    );
}

#[test]
fn a_push_is_authorised_for_who_controls_the_phone() {
    let site = sample_site().replace(
        "pin = \"31415\"",
        &format!("pin = \"31415\"\npassword = \"push-secret\"\ncontrolled_phones = [\"{PHONE}\"]"),
    );
    let daemon = Daemon::start(Site::Text(site));
    let ask = |user: &str, password: &str, device: &str| {
        let path = "/CCMCIP/authenticate.asp";
        let query = format!("{path}?UserID={user}&Password={password}&devicename={device}");
        body(&get(&daemon, &query)).to_owned()
    };
    assert_eq!(
        ask("bob", "push-secret", PHONE),
        "AUTHORIZED",
        "exactly, without a line end"
    );
    assert_eq!(ask("bob", "wrong", PHONE), "UN-AUTHORIZED");
    assert_eq!(
        ask("bob", "push-secret", "SEP001122334455"),
        "UN-AUTHORIZED"
    );
}

#[test]
fn head_and_other_methods_do_not_act() {
    let daemon = Daemon::start(Site::Sample);
    let url = format!(
        "http://{}/emapp/EMAppServlet?device={PHONE}&userid=bob&seq=31415",
        daemon.ports.services_http
    );
    let head = curl(&["-I", &url]);
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
    assert_eq!(daemon.status()["sessions"], 0);
}

#[test]
fn the_admin_api_wants_its_token() {
    let daemon = Daemon::start(Site::Sample);
    let base = format!("http://{}", daemon.ports.admin_http);
    assert!(curl(&["-i", &format!("{base}/healthz")]).starts_with("HTTP/1.1 200"));
    for path in ["/api/v1/status", "/api/v1/site", "/api/v1/nothing", "/"] {
        let answer = curl(&["-i", &format!("{base}{path}")]);
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
    }
    let wrong = curl(&[
        "-i",
        "-H",
        "Authorization: Bearer x",
        &format!("{base}/api/v1/status"),
    ]);
    assert!(wrong.starts_with("HTTP/1.1 401"), "{wrong}");
    let run = std::fs::metadata(daemon.data().join("run.json")).unwrap();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&run.permissions()) & 0o777,
        0o600
    );
}

#[test]
fn a_dry_run_changes_nothing_and_what_left_the_file_goes_only_with_prune() {
    let daemon = Daemon::start(Site::Sample);
    let file = daemon.site_file();
    let apply = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let mut arguments = vec!["apply", file.to_str().unwrap()];
        arguments.extend(more);
        daemon.says(&arguments)
    };
    // A dry run tells the plan and changes nothing …
    let elsewhere = sample_site().replace("\"Lobby\"\nline", "\"Front hall\"\nline");
    assert_ne!(elsewhere, sample_site());
    let plan = apply(&elsewhere, &["--dry-run"]);
    assert!(plan.contains("SEP001122334455"), "{plan}");
    let export = daemon.says(&["export"]);
    assert!(
        export.contains("Lobby") && !export.contains("Front hall"),
        "a dry run"
    );
    assert!(
        export.contains("pin_hash") && !export.contains("31415"),
        "no PIN leaves"
    );
    // … and what left the file goes only with --prune, signing out first.
    daemon.says(&["login", PHONE, "carol"]);
    let without = sample_site();
    let from = without.find("[[user]]\nid = \"carol\"").unwrap();
    let to = without[from..].find("\n# A program").unwrap() + from;
    let without = format!("{}{}", &without[..from], &without[to..]);
    let kept = apply(&without, &[]);
    assert!(kept.contains("carol"), "listed: {kept}");
    assert_eq!(daemon.status()["sessions"], 1, "not deleted");
    let pruned = apply(&without, &["--prune"]);
    assert!(pruned.contains("carol"), "{pruned}");
    assert_eq!(daemon.status()["sessions"], 0, "signed out first");
    assert!(!daemon.says(&["export"]).contains("carol\"\nalias"), "gone");
}
