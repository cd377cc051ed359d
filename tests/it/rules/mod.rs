//! The rules of Cisco's documents as a table that runs: a row a rule, the
//! document and its heading beside it. Each row has a house of its own and a
//! clock that only the row moves: 168 hours pass at once.
//!
//! *4.1* is *Cisco CallManager Extension Mobility* of the 4.1 documents, *3.1*
//! is *Configuring Cisco CallManager Extension Mobility* of 3.1, *API* the
//! Extension Mobility API guide, *CME* the Extension Mobility chapter of the
//! CME administrator guide.

mod house;

use std::pin::Pin;
use std::time::Duration;

use embody::mobility::{Refusal, Requested};
use embody::model::Plan;
use house::{DESK, House, LAB, LOBBY, OTHER};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const WITHOUT_MOBILITY: &str = "SEP0011223344FF";

type Story = fn(House) -> Pin<Box<dyn Future<Output = ()> + Send>>;

struct Rule {
    document: &'static str,
    heading: &'static str,
    says: &'static str,
    story: Story,
}

macro_rules! rules {
    ($(($document:literal, $heading:literal, $rule:literal) |$house:ident| $story:block)*) => {
        &[$(Rule {
            document: $document,
            heading: $heading,
            says: $rule,
            story: |$house| Box::pin(async move { $story }),
        }),*]
    };
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> u16 {
    outcome.unwrap_err().service_code()
}

#[tokio::test]
async fn every_rule_of_the_documents_holds() {
    let mut broken = Vec::new();
    for rule in RULES {
        let house = House::open().await;
        if tokio::spawn((rule.story)(house)).await.is_err() {
            broken.push(format!(
                "{}, {}: {}",
                rule.document, rule.heading, rule.says
            ));
        }
    }
    assert!(broken.is_empty(), "broken:\n{}", broken.join("\n"));
}

/// Every test that the index of rules names is there.
#[test]
fn every_test_of_the_index_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let index = std::fs::read_to_string(root.join("contrib/docs/rules.md")).unwrap();
    let rows: Vec<&str> = index
        .lines()
        .filter(|line| line.starts_with("| "))
        .collect();
    assert!(rows.len() > 100, "the index has {} rows", rows.len());
    let mut missing = Vec::new();
    for row in &rows[1..] {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names = tests.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let names: Vec<&str> = names
            .filter(|word| word.matches('_').count() >= 2)
            .filter(|word| !sources.contains(&format!("mod {word};")))
            .collect();
        for name in &names {
            if !sources.contains(&format!("fn {name}(")) {
                missing.push((*name).to_owned());
            }
        }
        if names.is_empty() && !tests.contains("::") {
            missing.push((*row).to_owned());
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

const RULES: &[Rule] = rules! {
    ("3.1", "Logging In and Logging Out",
     "When a user logs in, the configuration of the device is replaced by his profile")
    |house| {
        assert_eq!(house.keys(LOBBY), ["[Lobby]", "Porter"]);
        house.sign_in("bob", LOBBY).await.unwrap();
        assert_eq!(house.keys(LOBBY), ["[2002]"]);
    }

    ("3.1", "Logging In and Logging Out",
     "When a user logs out, the configuration is replaced by the logout profile")
    |house| {
        house.sign_in("bob", LOBBY).await.unwrap();
        house.sign_out(LOBBY).await.unwrap();
        assert_eq!(house.keys(LOBBY), ["[Lobby]", "Porter"]);
    }

    ("3.1", "Logging In and Logging Out",
     "One login at a time on a device; subsequent logins fail")
    |house| {
        house.sign_in("alice", DESK).await.unwrap();
        assert_eq!(code(house.sign_in("bob", DESK).await), 18);
        assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
    }

    ("3.1", "Logging In and Logging Out",
     "A device on which nobody is logged in cannot be logged out of")
    |house| {
        assert_eq!(code(house.sign_out(DESK).await), 19);
    }

    ("3.1", "Configuring the Cisco IP Phone Models 7960 and 7940",
     "Extension Mobility is enabled a phone")
    |house| {
        assert_eq!(code(house.sign_in("alice", WITHOUT_MOBILITY).await), 22);
    }

    ("3.1", "Associating a User Device Profile to a User",
     "The first profile checked is the default profile")
    |house| {
        let done = house.sign_in("alice", DESK).await.unwrap();
        assert_eq!(done.profile.as_str(), "alice");
        assert_eq!(house.keys(DESK), ["[Alice]", "[2101]", "Bob"]);
    }

    ("3.1", "Setting the Service Parameters",
     "Multiple logins not allowed is the default: the second login fails")
    |house| {
        house.sign_in("alice", DESK).await.unwrap();
        assert_eq!(code(house.sign_in("alice", OTHER).await), 25);
        assert_eq!(house.user_on(OTHER), None);
    }

    ("3.1", "Setting the Service Parameters",
     "Multiple logins allowed: more than one device at a time")
    |house| {
        house.parameters("multiple_login_behavior = \"allowed\"").await;
        house.sign_in("alice", DESK).await.unwrap();
        house.sign_in("alice", OTHER).await.unwrap();
        assert_eq!(house.user_on(DESK), house.user_on(OTHER));
    }

    ("3.1", "Setting the Service Parameters",
     "Auto Logout: the second login ends the first")
    |house| {
        house.parameters("multiple_login_behavior = \"auto-logout\"").await;
        house.sign_in("alice", DESK).await.unwrap();
        house.sign_in("alice", OTHER).await.unwrap();
        assert_eq!(house.user_on(DESK), None);
        assert_eq!(house.user_on(OTHER).as_deref(), Some("alice"));
    }

    ("3.1", "Setting the Service Parameters",
     "Login Service Enabled false disables the login service; the default is true")
    |house| {
        house.sign_in("bob", OTHER).await.unwrap();
        house.parameters("login_service_enabled = false").await;
        house.sign_in("alice", DESK).await.unwrap_err();
        house.sign_out(OTHER).await.unwrap();
    }

    ("3.1", "Setting the Service Parameters",
     "Enforce Maximum Login Time false is the default: no login ends by itself")
    |house| {
        house.sign_in("alice", DESK).await.unwrap();
        house.pass(169 * HOUR).await;
        assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
    }

    ("3.1", "Setting the Service Parameters",
     "The maximum login time is 8:00 unless said otherwise")
    |house| {
        house.parameters("enforce_maximum_login_time = true").await;
        house.sign_in("alice", DESK).await.unwrap();
        house.pass((8 * HOUR).checked_sub(MINUTE).unwrap()).await;
        assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
        house.pass(MINUTE).await;
        assert_eq!(house.user_on(DESK), None);
    }

    ("3.1", "Setting the Service Parameters",
     "The maximum login time goes from one minute to one week")
    |house| {
        for (time, length) in [("0:01", MINUTE), ("168:00", 168 * HOUR)] {
            let parameters =
                format!("enforce_maximum_login_time = true\nmaximum_login_time = \"{time}\"");
            house.parameters(&parameters).await;
            house.sign_in("alice", DESK).await.unwrap();
            house.pass(length.checked_sub(Duration::from_secs(1)).unwrap()).await;
            assert_eq!(house.user_on(DESK).as_deref(), Some("alice"), "{time}");
            house.pass(Duration::from_secs(1)).await;
            assert_eq!(house.user_on(DESK), None, "{time}");
        }
        for wrong in ["0:00", "168:01"] {
            let parameters = format!("maximum_login_time = \"{wrong}\"");
            house.site(&parameters, "", "").await.unwrap_err();
        }
    }

    ("API", "Login, exclusiveDuration",
     "A time in minutes ends the login, but no later than the enforced maximum")
    |house| {
        house.sign_in_for("alice", DESK, Requested::Minutes(60)).await.unwrap();
        house.pass(60 * MINUTE).await;
        assert_eq!(house.user_on(DESK), None);
        house.parameters("enforce_maximum_login_time = true").await;
        house.sign_in_for("alice", DESK, Requested::Minutes(10_000)).await.unwrap();
        house.pass(8 * HOUR).await;
        assert_eq!(house.user_on(DESK), None);
    }

    ("API", "Login, exclusiveDuration",
     "Indefinite does not end by itself")
    |house| {
        house.sign_in_for("alice", DESK, Requested::Indefinite).await.unwrap();
        house.pass(1000 * HOUR).await;
        assert_eq!(house.user_on(DESK).as_deref(), Some("alice"));
    }

    ("CME", "em logout",
     "At up to three times of day everybody is logged out, in the zone of the phone")
    |house| {
        house.parameters("logout_times = [\"17:30\", \"24:00\"]").await;
        house.sign_in("alice", DESK).await.unwrap();
        house.pass(5 * HOUR + 29 * MINUTE).await;
        assert_eq!(house.user_on(DESK).as_deref(), Some("alice"), "17:29 in Berlin");
        house.pass(MINUTE).await;
        assert_eq!(house.user_on(DESK), None, "17:30 in Berlin");
        house.sign_in("alice", DESK).await.unwrap();
        house.pass(6 * HOUR + 30 * MINUTE).await;
        assert_eq!(house.user_on(DESK), None, "midnight in Berlin");
        let four = "logout_times = [\"1:00\", \"2:00\", \"3:00\", \"4:00\"]";
        house.site(four, "", "").await.unwrap_err();
    }

    ("4.1", "Device Profile Default",
     "Zero or one default a phone model")
    |house| {
        let second = "[[profile_default]]\nmodel = \"7960\"\n[[profile_default]]";
        house.site("", "[[profile_default]]", second).await.unwrap_err();
    }

    ("4.1", "Overview of Cisco CallManager Extension Mobility",
     "A profile that matches the device: the phone is configured with all of it")
    |house| {
        house.sign_in("alice", OTHER).await.unwrap();
        assert_eq!(house.keys(OTHER), ["[Alice]", "[2101]", "Bob"]);
        assert_eq!(house.services(OTHER), ["http://news.example.com/list?topic=tea"]);
    }

    ("4.1", "Overview of Cisco CallManager Extension Mobility",
     "No match: numbers and speed dials come along, the line settings for this device do not")
    |house| {
        house.sign_in("alice", LOBBY).await.unwrap();
        assert_eq!(house.keys(LOBBY), ["[2001]", "[2101]", "Bob"]);
    }

    ("4.1", "Overview of Cisco CallManager Extension Mobility",
     "No match: the user's services, their parameters from the default")
    |house| {
        house.sign_in("alice", LOBBY).await.unwrap();
        assert_eq!(house.services(LOBBY), ["http://news.example.com/list?topic=weather"]);
    }

    ("4.1", "Overview of Cisco CallManager Extension Mobility",
     "No match and no services of his own: those of the default")
    |house| {
        house.sign_in("bob", LOBBY).await.unwrap();
        assert_eq!(
            house.services(LOBBY),
            ["http://news.example.com/list?topic=weather", "http://clock.example.com/"]
        );
    }

    ("4.1", "Login and Behavior",
     "Changes that users make to their profiles apply at the next login")
    |house| {
        house.sign_in("bob", DESK).await.unwrap();
        house.site("", "{ number = \"2002\" }", "{ number = \"2222\" }").await.unwrap();
        assert_eq!(house.keys(DESK), ["[2002]"]);
        house.sign_out(DESK).await.unwrap();
        house.sign_in("bob", DESK).await.unwrap();
        assert_eq!(house.keys(DESK), ["[2222]"]);
    }

    ("4.1", "Login and Behavior",
     "A user locale that is not the device's: a restart, followed by a reset")
    |house| {
        let german = "name = \"bob\"\nmodel = \"7961\"\nlocale = \"German_Germany\"";
        house.site("", "name = \"bob\"\nmodel = \"7961\"", german).await.unwrap();
        house.sign_in("bob", DESK).await.unwrap();
        assert_eq!(house.plan(DESK), Some(Plan::RestartThenReset));
        house.sign_in("alice", OTHER).await.unwrap();
        assert_eq!(house.plan(OTHER), Some(Plan::Restart));
    }

    ("4.1", "Login and Behavior",
     "If users forget to log out, another user can log them out")
    |house| {
        house.sign_in("alice", DESK).await.unwrap();
        house.sign_out(DESK).await.unwrap();
        house.sign_in("bob", DESK).await.unwrap();
        assert_eq!(house.user_on(DESK).as_deref(), Some("bob"));
    }

    ("4.1", "Understanding Device Profiles, User Device Profile",
     "A user device profile may be the logout profile of many phones")
    |house| {
        for phone in [DESK, OTHER] {
            let line = format!("name = \"{phone}\"");
            let shared = format!("{line}\nlogout_profile = \"lounge\"");
            house.site("", &line, &shared).await.unwrap();
            assert_eq!(house.keys(phone), ["[Lounge]"]);
            house.sign_in("alice", phone).await.unwrap();
            house.sign_out(phone).await.unwrap();
            assert_eq!(house.keys(phone), ["[Lounge]"]);
        }
    }

    ("4.1", "Understanding Device Profiles, Autogenerated Device Profile",
     "An autogenerated device profile cannot be associated with a user")
    |house| {
        let auto = "profiles = [\"AUTO-SEP001122334461\"]";
        house.site("", "profiles = [\"bob\"]", auto).await.unwrap_err();
    }

    ("4.1", "Creating a Device Profile Default for Each Cisco IP Phone Model",
     "The MLPP domain is blank or 0 to FFFFFFFF")
    |house| {
        for (domain, fits) in [("0", true), ("FFFFFFFF", true), ("100000000", false), ("G", false)] {
            let mlpp = format!("model = \"7960\"\nmlpp = {{ domain = \"{domain}\" }}\nsoftkey");
            let outcome = house.site("", "model = \"7960\"\nsoftkey", &mlpp).await;
            assert_eq!(outcome.is_ok(), fits, "{domain}");
        }
    }

    ("4.1", "Creating a Device Profile Default for Each Cisco IP Phone Model",
     "MLPP indication Off with preemption Forceful is not configured")
    |house| {
        let both = "model = \"7960\"\nmlpp = { indication = \"off\", preemption = \"forceful\" }\nsoftkey";
        house.site("", "model = \"7960\"\nsoftkey", both).await.unwrap_err();
    }

    ("4.1", "Associating a User Device Profile to a User",
     "A PIN is numeric and has five or more characters")
    |house| {
        for (pin, fits) in [("31415", true), ("3141", false), ("3141a", false)] {
            let outcome = house.site("", "pin = \"31415\"", &format!("pin = \"{pin}\"")).await;
            assert_eq!(outcome.is_ok(), fits, "{pin}");
        }
    }

    ("4.1", "Associating a User Device Profile to a User",
     "At login the user's locale takes precedence over the profile's and the device's")
    |house| {
        let french = "id = \"bob\"\nlocale = \"French_France\"";
        house.site("", "id = \"bob\"", french).await.unwrap();
        house.sign_in("bob", DESK).await.unwrap();
        assert_eq!(house.wanted(DESK).file.user_locale, "French_France");
        house.sign_out(DESK).await.unwrap();
        assert_eq!(house.wanted(DESK).file.user_locale, "English_United_States");
    }

    ("4.1", "Login Call Flow",
     "A user without a device profile cannot log in")
    |house| {
        assert_eq!(code(house.sign_in("nobody", DESK).await), 12);
    }

    ("4.1", "Overview of Cisco CallManager Extension Mobility",
     "Who has several profiles may choose one")
    |house| {
        house.sign_in_with("alice", LAB, "alice-quiet").await.unwrap();
        assert_eq!(house.keys(LAB), ["[2001]"]);
        assert_eq!(code(house.sign_in_with("bob", DESK, "alice-quiet").await), 12);
    }

    ("3.1", "Configuration Rules",
     "Where a phone is a particular user's, nobody else logs in there")
    |house| {
        let owned = "name = \"SEP001122334462\"\nowner = \"bob\"";
        let site = house.site("owned_phones = \"refuse\"", "name = \"SEP001122334462\"", owned);
        site.await.unwrap();
        house.sign_in("alice", OTHER).await.unwrap_err();
        house.sign_in("bob", OTHER).await.unwrap();
    }
};
