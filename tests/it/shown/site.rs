//! The site behind the drawings: a phone of each look in each language, and
//! people who come into every situation.

use std::fmt::Write as _;

use embody::handset::{Kind, Mac, Profile};

use crate::support::Site;

/// Models of every look.
const MODELS: [&str; 8] = [
    "7905", "7912", "7921", "7940", "7960", "7961", "7970", "8841",
];

/// One of each size: what a translation must fit into.
const SIZES: [&str; 4] = ["7905", "7960", "7970", "8841"];

/// Languages and their locales.
const LANGUAGES: [(&str, &str, &[&str]); 4] = [
    ("en", "English_United_States", &MODELS),
    ("de", "German_Germany", &SIZES),
    ("fr", "French_France", &SIZES),
    ("es", "Spanish_Spain", &SIZES),
];

/// A phone where somebody has signed in before.
pub const BUSY: &str = "SEP0000000000B0";
/// A phone where nobody may sign in.
pub const CLOSED: &str = "SEP0000000000C0";

/// What people type; none of it is ever shown.
pub const PINS: [&str; 9] = [
    "58213", "31415", "16180", "14142", "27182", "40817", "40818", "99999", "11235",
];

/// A phone that is drawn.
#[derive(Clone, Copy)]
pub struct Drawn {
    pub model: &'static str,
    pub language: &'static str,
    pub locale: &'static str,
    pub number: u8,
}

impl Drawn {
    pub fn profile(self) -> Profile {
        let mac = Mac([0, 0, 0, 0, 0, self.number]);
        Profile::find(self.model, None, mac).unwrap()
    }

    /// The phone that stands beside it.
    pub fn beside(self) -> Profile {
        Profile::new(Kind::Cisco7961, Mac([0, 0, 0, 0, 1, self.number]))
    }

    /// Whether it goes all ways; the others go in and out, and wrong.
    pub fn goes_all_ways(self) -> bool {
        self.language == "en" && SIZES.contains(&self.model)
    }
}

/// All of them.
pub fn phones() -> impl Iterator<Item = Drawn> {
    let looks = LANGUAGES
        .into_iter()
        .flat_map(|(language, locale, models)| {
            let models = models.iter();
            models.map(move |model| (*model, language, locale))
        });
    (1..)
        .zip(looks)
        .map(|(number, (model, language, locale))| Drawn {
            model,
            language,
            locale,
            number,
        })
}

/// The site, with these parameters beside the usual ones.
pub fn site(parameters: &str) -> Site {
    let mut site = format!(
        "version = 1\n[parameters]\nmultiple_login_behavior = \"allowed\"\n{parameters}\n\
         [[device_pool]]\nname = \"Default\"\ntime_zone = \"Europe/Berlin\"\n\
         date_template = \"D.M.Y\"\n{PEOPLE}"
    );
    for phone in phones() {
        let profile = phone.profile();
        let _ = write!(
            site,
            "\n[[phone]]\nname = \"{}\"\nmodel = \"{}\"\nprotocol = \"{}\"\nlocale = \"{}\"\n\
             extension_mobility = true\nline = [{{ number = \"1001\", label = \"Lobby\" }}]\n\
             speed_dial = [{{ number = \"112\", label = \"Emergency\", emergency = true }}]\n",
            profile.device_name(),
            phone.model,
            profile.kind.protocol().name().to_lowercase(),
            phone.locale,
        );
        // Another phone beside it.
        let _ = write!(
            site,
            "\n[[phone]]\nname = \"{}\"\nmodel = \"7961\"\nprotocol = \"sccp\"\n\
             extension_mobility = true\ndescription = \"Beside it\"\n",
            phone.beside().device_name(),
        );
    }
    for (name, mobility) in [(BUSY, true), (CLOSED, false)] {
        let _ = write!(
            site,
            "\n[[phone]]\nname = \"{name}\"\nmodel = \"7961\"\nprotocol = \"sccp\"\n\
             extension_mobility = {mobility}\nline = [{{ number = \"1099\" }}]\n"
        );
    }
    Site::Text(site)
}

const PEOPLE: &str = r#"
[[service]]
name = "Weather"
url = "http://services.example.com/weather.xml"

[[profile]]
name = "alice-desk"
model = "7961"
line = [{ number = "2001", label = "Alice" }, { number = "2100", label = "Sales" }]
speed_dial = [{ number = "2002", label = "Bob" }]
service = [{ name = "Weather" }]

[[profile]]
name = "alice-quiet"
model = "7961"
line = [{ number = "2001", label = "Alice" }]

[[profile]]
name = "bob"
model = "7960"
line = [{ number = "2002", label = "Bob" }]

# She has two profiles.
[[user]]
id = "alice"
alias = "2001"
first_name = "Alice"
last_name = "Adler"
pin = "58213"
profiles = ["alice-desk", "alice-quiet"]

[[user]]
id = "bob"
alias = "2002"
first_name = "Bob"
last_name = "Brandt"
pin = "31415"
profiles = ["bob"]

# She may be on one phone only, and is on another one.
[[user]]
id = "dora"
first_name = "Dora"
last_name = "Drexler"
pin = "16180"
profiles = ["bob"]
multiple_login_behavior = "not-allowed"

# He has no profile.
[[user]]
id = "erik"
first_name = "Erik"
last_name = "Ernst"
pin = "14142"

# She changes her PIN, and back.
[[user]]
id = "greta"
first_name = "Greta"
last_name = "Gruber"
pin = "27182"
profiles = ["bob"]

# They have the same extension.
[[user]]
id = "ivan"
first_name = "Ivan"
last_name = "Igel"
primary_extension = "2500"
pin = "11235"
profiles = ["bob"]

[[user]]
id = "jana"
first_name = "Jana"
last_name = "Jung"
primary_extension = "2500"
pin = "11235"
profiles = ["bob"]
"#;
