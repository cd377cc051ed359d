//! The documents' rules for what may be configured, each with the sentence
//! that an operator can act on.

use super::catalogue;
use crate::site::{Severity, check, parse};

/// What is said about a site, by severity.
fn said(body: &str, severity: Severity) -> Vec<String> {
    let file = parse(&format!("version = 1\n{body}")).unwrap();
    check(&file, &catalogue())
        .into_iter()
        .filter(|finding| finding.severity == severity)
        .map(|finding| finding.message)
        .collect()
}

fn refused(body: &str, part: &str) {
    let errors = said(body, Severity::Error);
    assert!(
        matches!(errors.as_slice(), [only] if only.contains(part)),
        "wanted one error with {part:?}, not {errors:#?} for:\n{body}"
    );
}

fn taken(body: &str) {
    let errors = said(body, Severity::Error);
    assert!(errors.is_empty(), "{errors:#?} for:\n{body}");
}

fn warned(body: &str, part: &str) {
    taken(body);
    let warnings = said(body, Severity::Warning);
    assert!(
        warnings.iter().any(|warning| warning.contains(part)),
        "no warning with {part:?} in {warnings:#?} for:\n{body}"
    );
}

fn not_warned(body: &str, part: &str) {
    let warnings = said(body, Severity::Warning);
    assert!(
        !warnings.iter().any(|warning| warning.contains(part)),
        "{warnings:#?} for:\n{body}"
    );
}

fn parameters(line: &str) -> String {
    format!("[parameters]\n{line}\n")
}

fn phone(more: &str) -> String {
    format!(
        "[[phone]]\nname = \"SEP001122334455\"\nmodel = \"7960\"\nextension_mobility = true\n{more}\n"
    )
}

fn profile(more: &str) -> String {
    format!("[[profile]]\nname = \"terry\"\nmodel = \"7960\"\n{more}\n")
}

fn default(more: &str) -> String {
    format!("[[profile_default]]\nmodel = \"7960\"\n{more}\n")
}

/// Phone, profile and default alike.
fn any(more: &str) -> [String; 3] {
    [phone(more), profile(more), default(more)]
}

/// Extension Mobility 4.1, Setting the Service Parameters, step 5; and CME,
/// Extension Mobility, `em logout` and `max-idle-time`.
#[test]
fn times_lie_within_their_ranges() {
    for time in ["0:01", "8:00", "168:00"] {
        taken(&parameters(&format!("maximum_login_time = {time:?}")));
    }
    for time in ["0:00", "168:01", "8"] {
        let text = format!("version = 1\n[parameters]\nmaximum_login_time = {time:?}\n");
        assert!(parse(&text).is_err(), "{time}");
    }
    taken(&parameters(
        "logout_times = [\"7:30\", \"17:30\", \"24:00\"]",
    ));
    refused(
        &parameters("logout_times = [\"1:00\", \"2:00\", \"3:00\", \"4:00\"]"),
        "at most 3 times of day, not 4",
    );
    for minutes in ["1", "9999"] {
        taken(&parameters(&format!("maximum_idle_time = {minutes}")));
        taken(&profile(&format!("maximum_idle_time = {minutes}")));
    }
    for minutes in ["0", "10000"] {
        let line = format!("maximum_idle_time = {minutes}");
        refused(&parameters(&line), "1 to 9999 minutes");
        refused(&profile(&line), "1 to 9999 minutes");
    }
}

#[test]
fn other_parameters_lie_within_their_ranges() {
    taken(&parameters("quick_sign_in_users = 10"));
    refused(&parameters("quick_sign_in_users = 11"), "0 (off) to 10");
    refused(&parameters("minimum_pin_length = 4"), "5 or more");
    for count in ["1", "100"] {
        taken(&parameters(&format!(
            "maximum_concurrent_requests = {count}"
        )));
    }
    for count in ["0", "101"] {
        let line = format!("maximum_concurrent_requests = {count}");
        refused(&parameters(&line), "1 to 100");
    }
    refused(&parameters("default_user_locale = \"../x\""), "locale");
    taken(&parameters("services_host = \"em.example.com\""));
    for host in ["a b", "em.example.com:8080", "http://em", "-em", ""] {
        let line = format!("services_host = {host:?}");
        refused(&parameters(&line), "not a host name");
    }
    // Extension Mobility 4.1, Adding the Cisco Extension Mobility Service, Tip.
    warned(
        &parameters("services_host = \"192.0.2.1\""),
        "is an address",
    );
}

/// Feature Configuration Guide, Extension Mobility, Trusted List of IPs: names
/// and addresses, no ranges, 1024 characters.
#[test]
fn the_trusted_list_has_no_ranges() {
    taken(&parameters(
        "trusted_list_of_ips = \"192.0.2.1; apps.example.com;2001:db8::1;\"",
    ));
    for range in ["192.0.2.1-192.0.2.9", "192.0.2.0/24", "192.0.2.*"] {
        let line = format!("trusted_list_of_ips = {range:?}");
        refused(&parameters(&line), "ranges are not taken");
    }
    let list = |entries: usize| {
        let list = "192.0.2.10;".repeat(entries);
        parameters(&format!("trusted_list_of_ips = {list:?}"))
    };
    taken(&list(93));
    refused(&list(94), "at most 1024 characters, not 1034");
}

/// Extension Mobility 3.1, Adding the Login Application Trigger.
#[test]
fn triggers_have_names_of_their_own_and_1_to_50_sessions() {
    taken(&parameters(
        "login_trigger = { name = \"hotel\", enabled = false, maximum_sessions = 1 }",
    ));
    let trigger = |more: &str| parameters(&format!("login_trigger = {{ {more} }}"));
    refused(&trigger("name = \"/login\""), "without its slash");
    refused(&trigger("name = \"a b\""), "cannot name a trigger");
    refused(&trigger("name = \"emapp\""), "a meaning of its own");
    refused(&trigger("name = \"Logout\""), "another name");
    for sessions in ["0", "51"] {
        refused(
            &trigger(&format!("name = \"in\", maximum_sessions = {sessions}")),
            "1 to 50",
        );
    }
}

/// Extension Mobility 4.1, Creating a Device Profile Default, step 7: *Off*
/// with *Forceful* is refused, and so it is where the pool makes it so.
#[test]
fn mlpp_off_with_forceful_is_refused() {
    let off = "mlpp = { indication = \"off\", preemption = \"forceful\" }";
    for body in any(off) {
        refused(&body, "cannot work");
    }
    refused(
        &format!("[[device_pool]]\nname = \"P\"\n{off}\n"),
        "cannot work",
    );
    for fine in [
        "mlpp = { indication = \"on\", preemption = \"forceful\", domain = \"FFFFFFFF\" }",
        "mlpp = { indication = \"off\", preemption = \"disabled\" }",
        "mlpp = { indication = \"off\" }",
        "mlpp = { preemption = \"forceful\" }",
    ] {
        for body in &any(fine) {
            taken(body);
        }
    }

    let pool = "[[device_pool]]\nname = \"Default\"\nmlpp = { preemption = \"forceful\" }\n";
    let half = "mlpp = { indication = \"off\" }";
    refused(
        &format!("{pool}{}", phone(half)),
        "with device pool Default",
    );
    // Of profiles and defaults it counts where they can come to be loaded.
    for body in [profile(half), default(half)] {
        taken(&format!("{pool}{body}"));
        refused(
            &format!("{pool}{body}{}", phone("")),
            "with device pool Default",
        );
    }
    let logout = phone("logout_profile = \"terry\"").replace("true", "false");
    refused(&format!("{pool}{}{logout}", profile(half)), "profile terry");
}

/// Extension Mobility 4.1, Creating a Device Profile Default, step 7a.
#[test]
fn an_mlpp_domain_is_hexadecimal_or_left_out() {
    let domain = |text: &str| {
        format!(
            "version = 1\n{}",
            phone(&format!("mlpp = {{ domain = {text:?} }}"))
        )
    };
    assert!(parse(&domain("FFFFFFFF")).is_ok());
    for bad in ["100000000", "xyz", ""] {
        let error = parse(&domain(bad)).unwrap_err();
        assert!(error.message.contains("0 to FFFFFFFF"), "{error}");
    }
}

/// Extension Mobility 4.1, Creating a Device Profile Default, step 3: sources
/// are those of the system, 1 to 51.
#[test]
fn a_hold_audio_source_is_1_to_51() {
    for body in any("user_hold_audio_source = 51") {
        taken(&body);
    }
    for source in ["0", "52"] {
        for body in any(&format!("user_hold_audio_source = {source}")) {
            refused(&body, "1 to 51");
        }
    }
}

fn template(model: &str, buttons: &str) -> String {
    format!("[[phone_button_template]]\nname = \"T\"\nmodel = {model:?}\nbuttons = [{buttons}]\n")
}

/// Extension Mobility 4.1, Creating the Device Profile for a User, step 5.
#[test]
fn a_phone_button_template_fits_its_family_and_begins_with_a_line() {
    let uses = "phone_button_template = \"T\"";
    for body in any(uses) {
        refused(&body, "there is no phone button template T");
        taken(&format!(
            "{}{body}",
            template("7960", "\"line\", \"speed-dial\"")
        ));
        refused(
            &format!("{}{body}", template("8841", "\"line\"")),
            "made for a 8841, and does not fit a 7960",
        );
    }
    refused(&template("7999", "\"line\""), "not in the model catalogue");
    refused(
        &template("7960", "\"speed-dial\""),
        "the first key must be a \"line\"",
    );
    refused(&template("7960", ""), "the first key must be a \"line\"");
    // Six keys, and two modules of fourteen.
    let keys = |count: usize| template("7960", &"\"line\", ".repeat(count));
    taken(&keys(34));
    refused(&keys(35), "at most 34 keys");
    let twice = template("7960", "\"line\"").repeat(2);
    refused(&twice, "T is there twice");
}

/// Extension Mobility 4.1, Creating the Device Profile for a User, step 6, and
/// Creating a Device Profile Default, step 6: one or zero 7914 as module 1 and
/// as module 2, where the model takes them.
#[test]
fn add_on_modules_are_those_that_the_model_takes() {
    for body in any("expansion_modules = [\"7914\", \"7914\"]") {
        taken(&body);
        let other = body.replace("7960", "8841");
        let errors = said(&other, Severity::Error);
        assert!(
            errors.iter().any(|e| e.contains("takes no module 7914")),
            "{errors:?}"
        );
    }
    for body in any("expansion_modules = [\"7914\", \"7914\", \"7914\"]") {
        refused(&body, "at most 2 add-on modules");
    }
    let dials = |count: usize| {
        format!("speed_dial = [{}]", {
            let dials = (0..count).map(|n| format!("{{ number = \"{n}\" }}"));
            dials.collect::<Vec<_>>().join(", ")
        })
    };
    warned(
        &phone(&dials(7)),
        "1 of its lines and speed dials find no key; a 7960 has 6",
    );
    let module = |count| format!("{}\nexpansion_modules = [\"7914\"]", dials(count));
    not_warned(&phone(&module(20)), "find no key");
    warned(&phone(&module(21)), "a 7960 with its add-on module has 20");
}

fn line(more: &str) -> [String; 2] {
    let line = format!("line = [{{ number = \"1001\", {more} }}]");
    [phone(&line), profile(&line)]
}

/// What the documents call *line setting for this device*.
#[test]
fn line_settings_make_sense() {
    for fine in [
        "external_number_mask = \"+4930123XXXX\"",
        "maximum_calls = 4, busy_trigger = 4",
        "message_waiting_lamp = \"prompt-only\", ring_idle = \"flash-only\", ring_active = \"beep-only\"",
        "forwarded_call_display = { caller_number = true }",
    ] {
        for body in &line(fine) {
            taken(body);
        }
    }
    for (more, part) in [
        ("external_number_mask = \"ABC\"", "digits and X"),
        ("external_number_mask = \"\"", "digits and X"),
        (
            "external_number_mask = \"1234567890123456789012345\"",
            "at most 24",
        ),
        ("maximum_calls = 2, busy_trigger = 3", "it may be 2 at most"),
        ("maximum_calls = 0", "1 or more"),
        ("busy_trigger = 0", "1 or more"),
        ("label = \"a\\nb\"", "no phone can show"),
    ] {
        for body in &line(more) {
            refused(body, part);
        }
    }
}

/// CME, Extension Mobility, `number` in a profile: overlay lines have up to 25
/// numbers; and the first line may not be a monitored one.
#[test]
fn overlays_have_up_to_25_numbers_and_a_monitored_line_is_not_the_first() {
    let overlay = |ring: &str, count: usize| {
        let numbers: Vec<String> = (1..count).map(|n| format!("\"30{n:02}\"")).collect();
        let numbers = numbers.join(", ");
        profile(&format!(
            "line = [{{ number = \"3000\", ring = {ring:?}, overlaid = [{numbers}] }}]"
        ))
    };
    taken(&overlay("overlay", 25));
    taken(&overlay("cw-overlay", 2));
    refused(&overlay("overlay", 26), "at most 25");
    refused(&overlay("normal", 2), "need ring = \"overlay\"");
    refused(
        &overlay("overlay", 2).replace("\"3001\"", "\"3000\""),
        "3000 is overlaid twice",
    );

    let lines = |first: &str, then: &str| {
        profile(&format!(
            "line = [{{ number = \"1\", ring = {first:?} }}, {{ number = \"2\", ring = {then:?} }}]"
        ))
    };
    taken(&lines("normal", "monitor"));
    refused(
        &lines("monitor", "normal"),
        "comes first and is a monitored one",
    );
    // In CME's order the normal line comes first, wherever it stands.
    let cme = parameters("button_order = \"cme\"");
    taken(&format!("{cme}{}", lines("monitor", "feature")));
    refused(
        &format!("{cme}{}", lines("overlay", "monitor")),
        "line 2 comes first",
    );
}

#[test]
fn speed_dials_that_are_probably_not_meant_are_told() {
    let dials = |dials: &str| phone(&format!("speed_dial = [{dials}]"));
    warned(
        &dials("{ number = \"1\" }, { number = \"1\" }"),
        "speed dial 1 twice",
    );
    warned(
        &dials("{ number = \"1\", blf = true, emergency = true }"),
        "no busy lamp",
    );
    refused(
        &dials("{ number = \"1\", label = \"\\u0007\" }"),
        "no phone can show",
    );
}

fn service(parameters: &str) -> String {
    format!("[[service]]\nname = \"W\"\nurl = \"http://w/\"\nparameter = [{parameters}]\n")
}

/// Extension Mobility 4.1, Upgrading, step 7: services have parameters that
/// subscriptions give; and phones take URLs of 256 characters.
#[test]
fn subscriptions_give_what_the_service_needs() {
    let city = service("{ name = \"city\", required = true }, { name = \"unit\" }");
    for body in any("service = [{ name = \"W\", parameters = { city = \"Bonn\" } }]") {
        taken(&format!("{city}{body}"));
        not_warned(&format!("{city}{body}"), "knows no parameter");
    }
    for body in any("service = [{ name = \"W\" }]") {
        refused(&format!("{city}{body}"), "needs a value for parameter city");
        taken(&format!(
            "{}{body}",
            service("{ name = \"city\", required = true, default = \"Bonn\" }")
        ));
    }
    let odd = phone("service = [{ name = \"W\", parameters = { city = \"B\", town = \"C\" } }]");
    warned(&format!("{city}{odd}"), "knows no parameter town");
    // A service that lists none takes whatever is given.
    not_warned(&format!("{}{odd}", service("")), "knows no parameter");

    // http://w/ and ?x= are 12 characters; a blank is three.
    let long = |count: usize, with: &str| {
        let value = with.repeat(count);
        phone(&format!(
            "service = [{{ name = \"W\", parameters = {{ x = {value:?} }} }}]"
        ))
    };
    taken(&format!("{}{}", service(""), long(244, "a")));
    refused(
        &format!("{}{}", service(""), long(245, "a")),
        "257 characters",
    );
    refused(
        &format!("{}{}", service(""), long(82, " ")),
        "258 characters",
    );
    let named = service("").replace("http://w/", "http://w/?d=#DEVICENAME#");
    taken(&format!("{named}{}", long(226, "a")));
    refused(&format!("{named}{}", long(227, "a")), "257 characters");
    let url = format!(
        "[[service]]\nname = \"W\"\nurl = \"http://w/{}\"\n",
        "x".repeat(248)
    );
    refused(&url, "257 characters");

    refused(&service("{ name = \"\" }"), "cannot name a parameter");
    refused(&service("{ name = \"a\" }, { name = \"a\" }"), "a twice");
}

/// Extension Mobility 4.1, Device Profile Default: zero or one a model, and so
/// never more than there are models.
#[test]
fn a_model_has_at_most_one_profile_default() {
    let defaults = |models: &[&str]| {
        let defaults = models
            .iter()
            .map(|model| default("").replace("7960", model));
        defaults.collect::<String>()
    };
    taken(&defaults(&["7960", "7961", "8841"]));
    refused(&defaults(&["7960", "7960"]), "7960 is there twice");
    refused(
        &defaults(&["7960", "7961", "8841", "7999"]),
        "not in the model catalogue",
    );
}

/// Extension Mobility 4.1, Configuration Guidelines: configure a Device Profile
/// Default for each model on which people sign in.
#[test]
fn a_model_without_a_profile_default_is_told() {
    let user = "[[user]]\nid = \"terry\"\nprofiles = [\"terry\"]\n";
    let site = |model: &str, more: &str| {
        let desk = phone("").replace("7960", model);
        format!("{}{user}{desk}{more}", profile(""))
    };
    let part = "no [[profile_default]] for model 8841";
    warned(&site("8841", ""), part);
    not_warned(&site("8841", &default("").replace("7960", "8841")), part);
    not_warned(&site("7960", ""), "no [[profile_default]]");
}

/// Extension Mobility 4.1, Autogenerated Device Profile: it cannot be
/// associated with a user, and is none of the site file's.
#[test]
fn an_autogenerated_profile_is_nobodys_and_not_in_the_file() {
    let auto = "AUTO-SEP001122334455";
    refused(
        &format!(
            "{}[[user]]\nid = \"terry\"\nprofiles = [{auto:?}]\n",
            phone("")
        ),
        "no user can have it",
    );
    refused(
        &phone(&format!("logout_profile = {auto:?}")),
        "write logout_profile = \"use-current-settings\"",
    );
    refused(&profile("").replace("terry", auto), "take another name");
    taken(&profile("").replace("terry", "AUTO-MECHANICS"));
    let shop = phone("").replace("SEP001122334455", "MECHANICS");
    refused(
        &format!("{}{shop}", profile("").replace("terry", "AUTO-MECHANICS")),
        "phone MECHANICS is called so",
    );
}

/// Extension Mobility 4.1, Autogenerated Device Profile, Note: strongly
/// recommended as the logout profile, not the user device profile.
#[test]
fn a_users_own_profile_as_logout_profile_is_told() {
    let site = |profiles: &str| {
        format!(
            "{}{}[[user]]\nid = \"terry\"\nprofiles = [{profiles}]\n",
            profile(""),
            phone("logout_profile = \"terry\"")
        )
    };
    warned(&site("\"terry\""), "strongly recommended");
    // A profile that no user has may be shared by many phones.
    not_warned(&site(""), "strongly recommended");
}

/// Extension Mobility 4.1, Setting the Service Parameters, step 7.
#[test]
fn without_letters_everybody_needs_an_id_or_alias_of_digits() {
    let user = |id: &str, alias: &str| {
        let alias = if alias.is_empty() {
            String::new()
        } else {
            format!("alias = {alias:?}\n")
        };
        format!("[parameters]\nalphanumeric_user_id = false\n[[user]]\nid = {id:?}\n{alias}")
    };
    let part = "takes no letters";
    warned(&user("terry", ""), part);
    warned(&user("terry", "tb"), part);
    not_warned(&user("terry", "2001"), part);
    not_warned(&user("2001", ""), part);
}

/// Extension Mobility 4.1, Associating a User Device Profile to a User, step 2,
/// Tip: only the characters of a keypad.
#[test]
fn user_ids_that_a_keypad_cannot_type_are_told() {
    let user = |id: &str| format!("[[user]]\nid = {id:?}\n");
    for (id, odd) in [
        ("t.brody", '.'),
        ("brody@example.com", '@'),
        ("j\u{fc}rgen", '\u{fc}'),
    ] {
        warned(&user(id), &format!("but no {odd:?}; give him an alias"));
        not_warned(&format!("{}alias = \"2001\"\n", user(id)), "hard to key in");
    }
    for id in ["tbrody", "TBrody7", "*12#"] {
        not_warned(&user(id), "hard to key in");
    }
}

/// Extension Mobility 4.1, Associating a User Device Profile to a User, step 4;
/// and Providing Information to Users, Note.
#[test]
fn a_pin_has_five_digits_or_what_the_parameters_ask_for() {
    let user = |parameters: &str, pin: &str| {
        format!("[parameters]\n{parameters}\n[[user]]\nid = \"a\"\npin = {pin:?}\n")
    };
    taken(&user("", "58213"));
    refused(&user("", "5821"), "5 or more digits and nothing else");
    refused(&user("", "58#13"), "5 or more digits and nothing else");
    refused(&user("minimum_pin_length = 6", "58213"), "6 or more digits");
    taken(&user("pin_star_and_pound = true", "*8#13"));
    refused(&user("pin_star_and_pound = true", "58a13"), ", * or #");
}

/// Extension Mobility 4.1, Configuration Guidelines, Caution.
#[test]
fn anybody_on_somebodys_desk_is_told_unless_it_is_meant() {
    let desk = |parameter: &str| {
        let owner = "[[user]]\nid = \"tom\"\n";
        format!(
            "[parameters]\n{parameter}\n{owner}{}",
            phone("owner = \"tom\"")
        )
    };
    let part = "does not operate properly";
    warned(&desk(""), part);
    warned(
        &desk(""),
        "phone SEP001122334455 is tom's, and anybody may sign in there",
    );
    not_warned(&desk("owned_phones = \"refuse\""), part);
    not_warned(&desk("owned_phones = \"warn\""), part);
    not_warned(&desk("").replace("extension_mobility = true", ""), part);
}

#[test]
fn many_owned_phones_are_told_of_once() {
    let desk = |name: &str| phone("owner = \"tom\"").replace("SEP001122334455", name);
    let site = format!(
        "[[user]]\nid = \"tom\"\n{}{}{}",
        desk("SEP000000000001"),
        desk("SEP000000000002"),
        desk("SEP000000000003")
    );
    let warnings = said(&site, Severity::Warning);
    let told: Vec<_> = warnings
        .iter()
        .filter(|w| w.contains("operate properly"))
        .collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("2 other phones"), "{told:?}");
}

/// Cisco's phone guides, Product Specific Configuration: some switches are on
/// at 0.
#[test]
fn switches_that_are_on_at_0_are_told_to_who_turns_them_off() {
    let web = "vendor_config = { webAccess = \"1\" }";
    warned(
        &phone(web),
        "phone SEP001122334455: webAccess = \"1\" turns the web server",
    );
    let pool = format!("[[device_pool]]\nname = \"Lab\"\n{web}\n");
    warned(&pool, "device pool Lab: webAccess");
    not_warned(&phone("vendor_config = { webAccess = \"0\" }"), "webAccess");
    warned(
        &phone("vendor_config = { settingsAccess = \"0\" }"),
        "locks the Settings key",
    );
}

#[test]
fn a_switch_that_no_file_can_hold_is_refused_with_its_line() {
    let told = |value: &str| {
        let body = format!(
            "version = 1\n{}",
            phone(&format!("vendor_config = {value}"))
        );
        parse(&body).unwrap_err().to_string()
    };
    let empty = told("{ pcPort = \"\" }");
    assert!(
        empty.contains("line 6") && empty.contains("leave it out"),
        "{empty}"
    );
    assert!(told("{ \"a b\" = \"1\" }").contains("cannot name an element"));
}
