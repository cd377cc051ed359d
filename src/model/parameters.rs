//! Service parameters, with Cisco's names in snake case.

use serde::{Deserialize, Serialize};

use super::LoginTime;

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

/// The service parameters of the site. The defaults are Cisco's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// What a second login of the same user does.
    pub multiple_login_behavior: MultipleLogin,
    /// Whether every login ends after [`Self::maximum_login_time`].
    pub enforce_maximum_login_time: bool,
    /// The longest login, 0:01 to 168:00.
    pub maximum_login_time: LoginTime,
    /// Whether the login form takes letters in the user id.
    pub alphanumeric_user_id: bool,
    /// Whether the login form repeats the last user of that phone.
    pub remember_last_user: bool,
    /// Whether a logout is confirmed first; `false`: one press signs out.
    pub confirm_logout: bool,
    /// Whether an id from the phone's form that fits one user but for case is
    /// that user: phone keypads start in either case.
    pub ignore_user_id_case: bool,
    /// Whether a user locale or add-on modules that differ between profile and
    /// device make the phone reset after its restart.
    pub reset_on_locale_change: bool,
    /// The label of the line that a phone without any line gets.
    pub placeholder_label: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            multiple_login_behavior: MultipleLogin::NotAllowed,
            enforce_maximum_login_time: false,
            #[allow(clippy::expect_used)] // a constant inside the range
            maximum_login_time: LoginTime::from_minutes(480).expect("8:00 is a login time"),
            alphanumeric_user_id: true,
            remember_last_user: false,
            confirm_logout: true,
            ignore_user_id_case: true,
            reset_on_locale_change: true,
            placeholder_label: "Sign in".into(),
        }
    }
}
