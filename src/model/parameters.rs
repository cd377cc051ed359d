//! Service parameters, with Cisco's names in snake case where Cisco has one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AutoRegistration, LoginTime, TimeOfDay};

/// What a second login of the same user does (Cisco: *Multiple Login Behavior*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MultipleLogin {
    /// A user may be signed in on several phones.
    Allowed,
    /// The second login is refused with code 25. Cisco's default.
    #[default]
    NotAllowed,
    /// The second login signs the user out of the first phone.
    AutoLogout,
}

/// What becomes of a login on a phone that is somebody else's desk (Cisco,
/// *Extension Mobility 4.1*, Configuration Guidelines: a phone that a user
/// controls shall not let others sign in).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnedPhones {
    /// Anybody may sign in.
    #[default]
    Off,
    /// Anybody may sign in; the journal says whose desk it is.
    Warn,
    /// Only the owner may sign in.
    Refuse,
}

/// What becomes of a logout on a phone on which Extension Mobility was switched
/// off meanwhile. The documents differ: the *API guide* answers 5 at logout, the
/// *Feature guide* has 5 at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisabledPhoneLogout {
    /// Whoever is signed in there can leave; 5 is answered when nobody is.
    #[default]
    Allow,
    /// 5 is answered in any case. The operator, the end of the login time and
    /// a logout of everybody still free the phone.
    Refuse,
}

/// Whether a phone that asks for the login application is asked back who it is,
/// at its own web server: a name in a URL is claimed, not proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifyPhone {
    /// It is believed, as CallManager does.
    #[default]
    Off,
    /// It is refused when it says otherwise; one whose web server is off is
    /// believed.
    WhenItAnswers,
    /// It is refused unless it says so.
    Always,
}

/// When a change to a profile that is in use reaches the phones that use it
/// (Cisco, *Extension Mobility 4.1*, Login and Behavior).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileChanges {
    /// With the next login.
    #[default]
    NextLogin,
    /// As soon as it is stored: the phones restart.
    AtOnce,
}

/// How lines and speed dials come onto keys that no phone button template
/// settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ButtonOrder {
    /// Lines as configured, then speed dials as configured.
    #[default]
    AsConfigured,
    /// CME's order: normal, silent, beep, feature, monitor, overlay, then
    /// speed dials (CME: *Extension Mobility*, button appearance).
    Cme,
}

/// An HTTP trigger of the login application (Cisco, *Extension Mobility 3.1*,
/// Adding the Login Application Trigger): a path by which the application is
/// reached without the name of the servlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The path without its slash.
    pub name: String,
    /// Whether it answers.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The most requests that it works on at one time, 1 to 50.
    #[serde(default = "most_sessions")]
    pub maximum_sessions: u8,
}

fn yes() -> bool {
    true
}

/// The most sessions that the 3.1 document allows a trigger.
fn most_sessions() -> u8 {
    Trigger::MOST_SESSIONS
}

impl Trigger {
    /// The most sessions that can be configured.
    pub const MOST_SESSIONS: u8 = 50;

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            enabled: true,
            maximum_sessions: Self::MOST_SESSIONS,
        }
    }
}

/// The service parameters of the site. The defaults are Cisco's where Cisco
/// has the parameter; what is ours is off or changes nothing by default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // they are Cisco's switches
pub struct Parameters {
    // Who may sign in, and where.
    /// The master switch of the 3.1 document: off, nobody signs in; who is
    /// signed in can leave.
    pub login_service_enabled: bool,
    /// What a second login of the same user does.
    pub multiple_login_behavior: MultipleLogin,
    /// Whether the next user's own PIN signs the present one out.
    pub evict_previous_user: bool,
    /// What becomes of a login on somebody else's desk.
    pub owned_phones: OwnedPhones,
    /// What becomes of a logout on a phone on which Extension Mobility was
    /// switched off meanwhile.
    pub disabled_phone_logout: DisabledPhoneLogout,

    // For how long.
    /// Whether every login ends after [`Self::maximum_login_time`].
    pub enforce_maximum_login_time: bool,
    /// The longest login, 0:01 to 168:00.
    pub maximum_login_time: LoginTime,
    /// Times of day, in the phone's zone, at which everybody is signed out; at
    /// most three (CME: *em logout*).
    pub logout_times: Vec<TimeOfDay>,
    /// Minutes without use after which a login ends, 1 to 9999; a profile's
    /// own limit wins (CME: *max-idle-time*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_idle_time: Option<u16>,

    // The form on the phone.
    /// Whether the login form takes letters in the user id.
    pub alphanumeric_user_id: bool,
    /// Whether an id from the phone's form that fits one user but for case is
    /// that user: phone keypads start in either case.
    pub ignore_user_id_case: bool,
    /// Whether the login form repeats the last user of that phone.
    pub remember_last_user: bool,
    /// How many of the last users of a phone its form offers by name, so that
    /// only the PIN is left to type; 0 to 10, 0 is off.
    pub quick_sign_in_users: u8,
    /// Whether a logout is confirmed first; `false`: one press signs out.
    pub confirm_logout: bool,

    // Credentials.
    /// Whether PINs may hold `*` and `#`; the form's field is of the telephone
    /// kind then.
    pub pin_star_and_pound: bool,
    /// The fewest characters of a PIN, at least 5 (Cisco, *Extension Mobility
    /// 4.1*, Associating a User Device Profile to a User).
    pub minimum_pin_length: u8,
    /// Whether PINs that everybody tries first are refused: one digit
    /// repeated, digits in a row, the user's own id or extension.
    pub refuse_trivial_pins: bool,
    /// Days after which a PIN must be changed; 0 is never.
    pub pin_expires_after_days: u16,

    // Profiles and keys.
    /// The enterprise parameter *Synchronization Between Auto Device Profile
    /// and Phone Configuration*: on, a bare phone always shows its own
    /// settings; off, the snapshot that was taken of them.
    pub auto_device_profile_synchronization: bool,
    /// When a change to a profile in use reaches its phones.
    pub profile_changes_apply: ProfileChanges,
    /// On a phone of another family: whether the user's own service parameters
    /// and labels are kept, where Cisco takes the default's.
    pub mismatch_keeps_user_settings: bool,
    /// On a phone of another family: whether lines and speed dials take
    /// whatever keys there are, where Cisco follows the default's phone button
    /// template.
    pub mismatch_reflows_buttons: bool,
    /// How lines and speed dials come onto keys.
    pub button_order: ButtonOrder,
    /// Whether a user locale or add-on modules that differ between profile and
    /// device make the phone reset after its restart.
    pub reset_on_locale_change: bool,
    /// The label of the line that a phone without any line gets.
    pub placeholder_label: String,
    /// Whether call logs are cleared at login and at every kind of logout
    /// (Cisco: *Clear Call Log(s) on Intra-cluster EM*).
    pub clear_call_logs: bool,

    // The login service.
    /// Requests that are worked on at one time, 1 to 100.
    pub maximum_concurrent_requests: u8,
    /// Requests that wait for their turn beyond those; further ones are
    /// answered 26.
    pub maximum_waiting_requests: u16,
    /// Whether the source address of a request must be trusted.
    pub validate_ip_address: bool,
    /// Trusted addresses and host names, separated by `;`, at most 1024
    /// characters.
    pub trusted_list_of_ips: String,
    /// Whether requests that passed a proxy (`Via`) are taken while addresses
    /// are validated.
    pub allow_proxy: bool,
    /// Whether the phone that asks for the login application is asked back who
    /// it is; not who asks from a trusted address.
    pub verify_phone: VerifyPhone,

    // The phone-facing pages.
    /// The host name in the URLs that phones are told, for fail-over by name;
    /// absent: the address that the phone reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_host: Option<String>,
    /// The locale of users, profiles and phones that have none and whose
    /// device pool has none.
    pub default_user_locale: String,
    /// The 3.1 trigger that signs in.
    pub login_trigger: Trigger,
    /// The 3.1 trigger that signs out.
    pub logout_trigger: Trigger,
    /// The most requests that the application behind both triggers works on at
    /// one time, 1 to 50 (Cisco, *Extension Mobility 3.1*, Adding the Login
    /// Application).
    pub application_sessions: u8,

    // Phones that nobody configured.
    /// What becomes of them.
    pub auto_registration: AutoRegistration,
}

impl Parameters {
    /// The most of the last users that a form offers.
    pub const MOST_QUICK_SIGN_IN_USERS: u8 = 10;
    /// The most times of day for logout.
    pub const MOST_LOGOUT_TIMES: usize = 3;
    /// The most characters of the trusted list.
    pub const LONGEST_TRUSTED_LIST: usize = 1024;
    /// The shortest PIN that any site may ask for.
    pub const SHORTEST_PIN: u8 = 5;
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            login_service_enabled: true,
            multiple_login_behavior: MultipleLogin::NotAllowed,
            evict_previous_user: false,
            owned_phones: OwnedPhones::Off,
            disabled_phone_logout: DisabledPhoneLogout::Allow,
            enforce_maximum_login_time: false,
            #[allow(clippy::expect_used)] // a constant inside the range
            maximum_login_time: LoginTime::from_minutes(480).expect("8:00 is a login time"),
            logout_times: Vec::new(),
            maximum_idle_time: None,
            alphanumeric_user_id: true,
            ignore_user_id_case: true,
            remember_last_user: false,
            quick_sign_in_users: 0,
            confirm_logout: true,
            pin_star_and_pound: false,
            minimum_pin_length: Self::SHORTEST_PIN,
            refuse_trivial_pins: true,
            pin_expires_after_days: 0,
            auto_device_profile_synchronization: true,
            profile_changes_apply: ProfileChanges::NextLogin,
            mismatch_keeps_user_settings: false,
            mismatch_reflows_buttons: false,
            button_order: ButtonOrder::AsConfigured,
            reset_on_locale_change: true,
            placeholder_label: "Sign in".into(),
            clear_call_logs: false,
            maximum_concurrent_requests: 5,
            maximum_waiting_requests: 100,
            validate_ip_address: false,
            trusted_list_of_ips: String::new(),
            allow_proxy: false,
            verify_phone: VerifyPhone::Off,
            services_host: None,
            default_user_locale: String::new(),
            login_trigger: Trigger::named("login"),
            logout_trigger: Trigger::named("logout"),
            application_sessions: Trigger::MOST_SESSIONS,
            auto_registration: AutoRegistration::default(),
        }
    }
}

/// An MLPP domain, 0 to FFFFFFFF, written in hexadecimal digits (Cisco,
/// *Extension Mobility 4.1*, Creating a Device Profile Default).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MlppDomain(pub u32);

impl FromStr for MlppDomain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.chars().all(|c| c.is_ascii_hexdigit());
        u32::from_str_radix(text, 16)
            .ok()
            .filter(|_| digits)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no MLPP domain: 0 to FFFFFFFF, or leave it out"))
    }
}

impl fmt::Display for MlppDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}", self.0)
    }
}

impl TryFrom<String> for MlppDomain {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MlppDomain> for String {
    fn from(domain: MlppDomain) -> Self {
        domain.to_string()
    }
}

/// Whether the precedence of a call is indicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MlppIndication {
    /// As the device pool says.
    #[default]
    Default,
    /// It is not.
    Off,
    /// It is.
    On,
}

/// Whether a precedence call preempts others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MlppPreemption {
    /// As the device pool says.
    #[default]
    Default,
    /// It does not.
    Disabled,
    /// It does.
    Forceful,
}

/// Multilevel precedence and preemption of a phone, a profile, a device profile
/// default or a device pool. Indication *Off* with preemption *Forceful* is
/// refused (Cisco, *Extension Mobility 4.1*, Creating a Device Profile
/// Default).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mlpp {
    /// Its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<MlppDomain>,
    /// Whether precedence is indicated.
    pub indication: MlppIndication,
    /// Whether calls are preempted.
    pub preemption: MlppPreemption,
}

impl Mlpp {
    /// Whether the two settings contradict each other.
    pub fn is_contradiction(&self) -> bool {
        self.indication == MlppIndication::Off && self.preemption == MlppPreemption::Forceful
    }

    /// These settings with what is *Default* taken from the device pool.
    #[must_use]
    pub fn or_pool(&self, pool: &Self) -> Self {
        Self {
            domain: self.domain.or(pool.domain),
            indication: match self.indication {
                MlppIndication::Default => pool.indication,
                own => own,
            },
            preemption: match self.preemption {
                MlppPreemption::Default => pool.preemption,
                own => own,
            },
        }
    }

    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_mlpp_domain_is_hexadecimal_and_fits_32_bits() {
        for (text, number) in [("0", 0), ("ff", 255), ("FFFFFFFF", u32::MAX)] {
            assert_eq!(text.parse::<MlppDomain>().unwrap(), MlppDomain(number));
        }
        for bad in ["", "100000000", "-1", "+1", "x", "0x10", " 1"] {
            assert!(bad.parse::<MlppDomain>().is_err(), "{bad}");
        }
        assert_eq!(MlppDomain(0xABC).to_string(), "ABC");
    }

    #[test]
    fn default_is_what_the_device_pool_says() {
        let pool = Mlpp {
            domain: Some(MlppDomain(7)),
            indication: MlppIndication::On,
            preemption: MlppPreemption::Forceful,
        };
        assert_eq!(Mlpp::default().or_pool(&pool), pool);
        let own = Mlpp {
            domain: None,
            indication: MlppIndication::Off,
            preemption: MlppPreemption::Default,
        };
        let both = own.or_pool(&pool);
        assert_eq!(both.indication, MlppIndication::Off);
        assert!(both.is_contradiction());
        assert!(!own.is_contradiction());
    }

    #[test]
    fn a_trigger_may_be_named_alone() {
        let trigger: Trigger = serde_json::from_str(r#"{"name":"hotel"}"#).unwrap();
        assert_eq!(trigger, Trigger::named("hotel"));
    }
}
