//! From text to document, and what is said about it.

use proptest::prelude::*;

use super::{SAMPLE, catalogue};
use crate::site::{Finding, Severity, SiteError, check, parse};

fn place(text: &str) -> (usize, usize, String) {
    let SiteError {
        line,
        column,
        message,
    } = parse(text).unwrap_err();
    (line, column, message)
}

#[test]
fn the_sample_is_right_but_for_the_calls_that_cannot_be_made() {
    let file = parse(SAMPLE).unwrap();
    assert_eq!(file.phones.len(), 3);
    assert_eq!(file.users.len(), 3);
    let findings = check(&file, &catalogue());
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("cannot be dialled"));
    assert_eq!(findings[0].severity, Severity::Warning);
}

#[test]
fn every_parameter_that_the_sample_leaves_out_can_be_taken_in() {
    let option = |line: &str| {
        let line = line
            .strip_prefix("# ")
            .filter(|line| line.contains(" = "))?;
        let key = line.split(' ').next()?;
        let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        plain.then(|| line.to_owned())
    };
    let lines = SAMPLE
        .lines()
        .map(|line| option(line).unwrap_or_else(|| line.to_owned()));
    let text = lines.collect::<Vec<_>>().join("\n");
    let file = parse(&text).unwrap();
    let findings = check(&file, &catalogue());
    assert!(
        findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning),
        "{findings:#?}"
    );
    // None is forgotten: each parameter is in the sample, written or left out.
    let known = serde_json::to_value(&file.parameters).unwrap();
    for key in known.as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("\n{key} = ")),
            "{key} is not in the sample"
        );
    }
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    let (line, column, message) =
        place("version = 1\n\n[[phone]]\nname = \"SEP001122334455\"\n  modle = \"7960\"\n");
    assert_eq!((line, column), (5, 3));
    assert!(message.contains("modle"), "{message}");
    let (line, _, message) = place("version = 1\n[parameters]\nmultilogin = true\n");
    assert_eq!(line, 3);
    assert!(message.contains("multilogin"));
    let (line, _, _) = place(
        "version = 1\n[[phone]]\nname = \"A\"\nmodel = \"7960\"\nline = [{ number = \"1\", colour = \"red\" }]\n",
    );
    assert_eq!(line, 5);
}

#[test]
fn values_that_cannot_be_are_told_with_their_place() {
    let (line, column, message) = place(
        "version = 1\n[[phone]]\nname = \"SEP001122334455\"\nmodel = \"7960\"\nline = [{ number = \"10 01\" }]\n",
    );
    assert_eq!(line, 5);
    assert!(column > 1);
    assert!(message.contains("directory number"), "{message}");
    let (line, _, message) = place("version = 1\n[parameters]\nmaximum_login_time = \"200:00\"\n");
    assert_eq!(line, 3);
    assert!(message.contains("168:00"), "{message}");
}

#[test]
fn broken_toml_is_told_with_its_place_counted_in_characters() {
    let (line, column, _) = place("version = 1\n# größer\nname = \"ä\" x\n");
    assert_eq!((line, column), (3, 12));
}

#[test]
fn the_version_is_told_before_the_keys_it_brings() {
    let (line, column, message) = place("version = 2\n[[hologram]]\nname = 1\n");
    assert_eq!((line, column), (1, 11));
    assert!(message.contains("version 2"), "{message}");
    assert!(place("[parameters]\n").2.contains("version"));
}

#[test]
fn no_error_repeats_a_secret() {
    for secret in [
        "582130",
        "58213.5",
        "true",
        "1979-05-27",
        "[58213]",
        "\"58213",
    ] {
        for key in ["pin", "password", "pin_hash", "password_hash"] {
            let text = format!("version = 1\n[[user]]\nid = \"a\"\n{key} = {secret}\n");
            let error = parse(&text).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("58213") && !shown.contains("1979"),
                "{shown}"
            );
        }
    }
    let file = parse("version = 1\n[[user]]\nid = \"a\"\npin = \"9182\"\n").unwrap();
    let shown = format!("{file:?} {:?}", check(&file, &catalogue()));
    assert!(!shown.contains("9182"), "{shown}");
}

fn errors(body: &str) -> Vec<(usize, String)> {
    let file = parse(&format!("version = 1\n{body}")).unwrap();
    check(&file, &catalogue())
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|Finding { line, message, .. }| (line.unwrap(), message))
        .collect()
}

fn one_error(body: &str, line: usize, part: &str) {
    let found = errors(body);
    assert!(
        matches!(found.as_slice(), [(at, message)] if *at == line && message.contains(part)),
        "wanted one error on line {line} with {part:?}, not {found:#?}"
    );
}

const PHONE: &str =
    "[[phone]]\nname = \"SEP001122334455\"\nmodel = \"7960\"\nextension_mobility = true\n";

#[test]
fn references_to_what_is_not_there_are_errors_on_the_line_of_the_object() {
    let phone = |more: &str| format!("{PHONE}{more}\n");
    one_error("[[phone]]\nname = \"A\"\nmodel = \"7999\"\n", 2, "7999");
    one_error(&phone("protocol = \"sip\""), 2, "does not speak SIP");
    one_error(&phone("device_pool = \"Moon\""), 2, "no device pool Moon");
    one_error(&phone("logout_profile = \"x\""), 2, "no profile x");
    one_error(&phone("owner = \"x\""), 2, "no user x");
    one_error(&phone("service = [{ name = \"x\" }]"), 2, "no service x");
    one_error(
        &phone("expansion_modules = [\"7999\"]"),
        2,
        "no module 7999",
    );
    one_error(
        &phone("expansion_modules = [\"7914\", \"7914\", \"7914\"]"),
        2,
        "at most 2",
    );
    one_error("[[profile]]\nname = \"p\"\nmodel = \"7999\"\n", 2, "7999");
    one_error("[[profile_default]]\nmodel = \"7999\"\n", 2, "catalogue");
    one_error(
        "\n[[user]]\nid = \"a\"\nprofiles = [\"x\"]\n",
        3,
        "no profile x",
    );
    one_error(
        "[[user]]\nid = \"a\"\ncontrolled_phones = [\"SEP1\"]\n",
        2,
        "no phone SEP1",
    );
}

#[test]
fn names_that_are_there_twice_are_errors_on_the_second() {
    one_error(
        &format!("{PHONE}{}", PHONE.replace("SEP", "sep")),
        6,
        "twice, first on line 2",
    );
    one_error("[[user]]\nid = \"a\"\n[[user]]\nid = \"a\"\n", 4, "twice");
    one_error(
        "[[user]]\nid = \"a\"\nalias = \"1\"\n[[user]]\nid = \"b\"\nalias = \"1\"\n",
        5,
        "user a's already",
    );
    one_error(
        "[[user]]\nid = \"1\"\n[[user]]\nid = \"b\"\nalias = \"1\"\n",
        4,
        "another user's id",
    );
    one_error(
        "[[user]]\nid = \"a\"\n[[application_user]]\nid = \"a\"\n",
        4,
        "both a user and an application user",
    );
    one_error(
        &format!("{PHONE}line = [{{ number = \"1\" }}, {{ number = \"1\" }}]\n"),
        2,
        "line 1 twice",
    );
}

#[test]
fn values_that_make_no_sense_are_errors() {
    let user = |more: &str| format!("[[user]]\nid = \"a\"\n{more}\n");
    one_error(&user("pin = \"1234\""), 2, "5 or more digits");
    one_error(&user("pin = \"12a45\""), 2, "5 or more digits");
    one_error(
        &user("pin = \"12345\"\npin_hash = \"$argon2id$x\""),
        2,
        "both pin and pin_hash",
    );
    one_error(&user("pin_hash = \"12345\""), 2, "no argon2 hash");
    one_error(&user("password = \"\""), 2, "empty");
    let pool = |more: &str| format!("[[device_pool]]\nname = \"P\"\n{more}\n");
    one_error(&pool("time_zone = \"Europe/Atlantis\""), 2, "no time zone");
    one_error(&pool("date_template = \"Q/M/Y\""), 2, "date template");
    one_error(&pool("date_template = \"D.M/Y\""), 2, "date template");
    one_error(&pool("ntp = [\"a b\"]"), 2, "host name");
    one_error(&pool("user_locale = \"../etc\""), 2, "locale");
    one_error(
        &format!("{PHONE}softkey_template = \"../x\"\n"),
        2,
        "soft key template",
    );
    one_error(
        "[[service]]\nname = \"S\"\nurl = \"ftp://x\"\n",
        2,
        "no http URL",
    );
    for good in ["D.M.Y", "M/D/YA", "D-M-YY", "Y/M/D"] {
        assert!(
            errors(&pool(&format!("date_template = {good:?}"))).is_empty(),
            "{good}"
        );
    }
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    let warned = |body: &str, part: &str| {
        let file = parse(&format!("version = 1\n{body}")).unwrap();
        let findings = check(&file, &catalogue());
        assert!(
            findings
                .iter()
                .any(|f| f.severity == Severity::Warning && f.message.contains(part)),
            "no warning with {part:?} in {findings:#?}"
        );
        assert!(findings.iter().all(|f| f.severity == Severity::Warning));
    };
    warned(
        "[[phone]]\nname = \"A\"\nmodel = \"7960\"\n",
        "nobody may sign in",
    );
    warned(
        "[[profile]]\nname = \"p\"\nmodel = \"7960\"\n",
        "no user has profile p",
    );
    warned("[[user]]\nid = \"a\"\n", "no PIN");
    warned(
        "[parameters]\nalphanumeric_user_id = false\n[[user]]\nid = \"a\"\n",
        "letters",
    );
    warned(
        "[[service]]\nname = \"S\"\nurl = \"http://127.0.0.1/x\"\n",
        "leads a phone to itself",
    );
    warned(
        "[[device_pool]]\nname = \"P\"\ncall_managers = [\"localhost\"]\n",
        "no phone but one on this host",
    );
    let adapter = "[[phone]]\nname = \"ATA001122334455\"\nmodel = \"ATA186\"\n\
                   line = [{ number = \"1001\" }]\n";
    warned(
        &format!(
            "[[device_pool]]\nname = \"Default\"\n\
             call_managers = [\"callmanager.of-a-long-name.example\"]\n{adapter}"
        ),
        "has 31 characters",
    );
    let small = "[[phone]]\nname = \"SEP001122334455\"\nmodel = \"7912\"\nprotocol = \"sip\"\n\
                 extension_mobility = true\nline = [{ number = \"1001\" }]\n";
    warned(
        &format!("[parameters]\nservices_host = \"phones.of-the-house.example\"\n{small}"),
        "18 characters for services_host",
    );
    warned(
        &format!(
            "{PHONE}speed_dial = [{}]\n",
            "{ number = \"1\" }, ".repeat(7)
        ),
        "1 of its lines and speed dials find no key",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn garbage_never_panics(text in "\\PC{0,400}") {
        let _ = parse(&text);
    }

    #[test]
    fn a_damaged_sample_never_panics(at in 0..SAMPLE.len(), cut in 0..40usize, put in "[\\x00-\\x7f\u{e4}]{0,6}") {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        let text = String::from_utf8_lossy(&bytes);
        match parse(&text) {
            Ok(file) => drop(check(&file, &catalogue())),
            Err(error) => {
                prop_assert!(error.line >= 1 && error.column >= 1);
                prop_assert!(error.line <= text.lines().count() + 1);
            }
        }
    }
}

#[test]
fn a_file_of_nothing_but_nesting_or_size_is_refused() {
    let deep = format!("version = 1\nx = {}", "[".repeat(100_000));
    assert!(parse(&deep).is_err());
    let long = format!("version = 1\n#{}", "x".repeat(33 << 20));
    assert!(parse(&long).unwrap_err().message.contains("longer than"));
}
