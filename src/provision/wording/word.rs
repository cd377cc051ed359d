//! The list of the words: key in the file, room on the display, places.

/// How much room a word has on a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A soft key. The schema allows 32; the displays show about so many.
    Key,
    /// The title of a page.
    Title,
    /// The line at its foot.
    Prompt,
    /// What stands before the field of a form.
    Field,
    /// A line of a list.
    Item,
    /// Running text. The schema allows 4000; a person at a small display does
    /// not read that far.
    Text,
}

impl Room {
    /// The characters that it holds. Titles, prompts, fields and items are the
    /// limits of Cisco's IP Phone XML schema.
    pub fn characters(self) -> usize {
        match self {
            Self::Key => 9,
            Self::Title | Self::Prompt | Self::Field => 32,
            Self::Item => 64,
            Self::Text => 300,
        }
    }
}

/// Writes the enum and its tables from one place.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $key:literal in $room:ident $([$($place:literal),+])?;)+) => {
        /// A word, a line or a sentence of the pages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Word {
            $($(#[$doc])* $name,)+
        }

        impl Word {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its key: table and name in the file.
            pub fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }

            /// Its room on the display.
            pub fn room(self) -> Room {
                match self { $(Self::$name => Room::$room,)+ }
            }

            /// What is filled in.
            pub fn places(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($($place),+)?],)+ }
            }
        }
    };
}

words! {
    /// Send the form.
    Submit = "key.submit" in Key;
    /// Rub out.
    Erase = "key.erase" in Key;
    /// Leave a page.
    Exit = "key.exit" in Key;
    /// Leave a form.
    Cancel = "key.cancel" in Key;
    /// Follow the chosen line.
    Select = "key.select" in Key;
    /// Do it.
    Yes = "key.yes" in Key;
    /// Do it not.
    No = "key.no" in Key;
    /// Begin again.
    Again = "key.again" in Key;
    /// Take the phone.
    SignIn = "key.sign_in" in Key;
    /// Leave the phone.
    SignOut = "key.sign_out" in Key;
    /// To the form that changes the PIN.
    NewPin = "key.new_pin" in Key;
    /// Sign out there and sign in here.
    MoveHere = "key.move_here" in Key;

    /// The Services menu.
    MenuTitle = "menu.title" in Title;
    /// The door of Extension Mobility while nobody is signed in.
    MenuSignIn = "menu.sign_in" in Item;
    /// The same while somebody is.
    MenuSignOut = "menu.sign_out" in Item;
    /// The Extension Assigner.
    MenuAssign = "menu.assign" in Item;
    /// A menu without entries.
    MenuEmpty = "menu.empty" in Text;
    /// A phone that nobody configured.
    MenuUnknown = "menu.unknown" in Text ["device"];

    /// The title of the application.
    Title = "form.title" in Title;
    /// What to do with the form.
    Prompt = "form.prompt" in Prompt;
    /// The same where somebody is signed in who will be signed out.
    PromptReplaces = "form.prompt_replaces" in Prompt ["user"];
    /// The same for one of the last users, who types his PIN only.
    PromptPin = "form.prompt_pin" in Prompt ["name"];
    /// The field of the user id.
    FieldUser = "form.user_id" in Field;
    /// The same with `loginType=DN`.
    FieldExtension = "form.extension" in Field;
    /// The same with `loginType=SP`.
    FieldSelfService = "form.self_service_id" in Field;
    /// The field of the PIN.
    FieldPin = "form.pin" in Field;
    /// What helps after 201.
    CheckBoth = "form.check" in Title;
    /// What helps after 202.
    FillIn = "form.fill_in" in Title;

    /// The list of the last users.
    QuickPrompt = "quick.prompt" in Prompt;
    /// Its last line.
    QuickOther = "quick.other" in Item;
    /// The list of profiles.
    ProfilesPrompt = "profiles.prompt" in Prompt;
    /// The list of the phones at one address.
    PhonesPrompt = "phones.prompt" in Prompt;

    /// Signed in.
    LoginDone = "login.done" in Prompt;
    /// What comes then.
    LoginRestart = "login.restart" in Text ["name", "profile"];
    /// The same where the phone restarts and then resets.
    LoginTwice = "login.twice" in Text ["name", "profile"];
    /// The same while the handset is off.
    LoginOffHook = "login.off_hook" in Text ["name", "profile"];
    /// The same where there is nothing to restart for.
    LoginAtOnce = "login.at_once" in Text ["name", "profile"];
    /// Where he was signed out for it.
    LoginMoved = "login.moved" in Text ["devices"];
    /// That his PIN was changed on the way.
    LoginNewPin = "login.new_pin" in Text;

    /// The question, short.
    LogoutPrompt = "logout.prompt" in Prompt ["user"];
    /// The question.
    LogoutQuestion = "logout.question" in Text ["name", "user"];
    /// That the next user may sign in over it.
    LogoutReplace = "logout.replace" in Text ["key"];
    /// Signed out.
    LogoutDone = "logout.done" in Prompt;
    /// What comes then.
    LogoutRestart = "logout.restart" in Text;
    /// The same while the handset is off.
    LogoutOffHook = "logout.off_hook" in Text;
    /// The same where there is nothing to restart for.
    LogoutAtOnce = "logout.at_once" in Text;

    /// What the key does that moves a user here.
    OfferMove = "offer.move" in Text ["key"];
    /// What the key does that signs out who is here.
    OfferSignOut = "offer.sign_out" in Text ["key"];

    /// The form that changes the PIN.
    PinTitle = "pin.title" in Title;
    /// What to do with it.
    PinPrompt = "pin.prompt" in Prompt;
    /// The present PIN.
    PinPresent = "pin.present" in Field;
    /// The new one.
    PinNew = "pin.new" in Field;
    /// The new one once more.
    PinRepeat = "pin.repeat" in Field;
    /// It is changed.
    PinDone = "pin.done" in Prompt;
    /// What that means.
    PinDoneText = "pin.done_text" in Text;
    /// It is not changed.
    PinRefused = "pin.refused" in Prompt;
    /// The two new ones differ.
    PinDiffer = "pin.differ" in Text;
    /// Too short.
    PinTooShort = "pin.too_short" in Text ["least"];
    /// Too long.
    PinTooLong = "pin.too_long" in Text ["most"];
    /// Other characters than digits.
    PinDigits = "pin.digits" in Text;
    /// Other characters than digits, star and pound.
    PinDigitsStarPound = "pin.digits_star_pound" in Text;
    /// Too easy to guess.
    PinTrivial = "pin.trivial" in Text;
    /// The old one again.
    PinSame = "pin.same" in Text;
    /// Kept where we cannot write.
    PinElsewhere = "pin.elsewhere" in Text;

    /// The Extension Assigner.
    AssignTitle = "assign.title" in Title;
    /// What to do with its form.
    AssignPrompt = "assign.prompt" in Prompt;
    /// The extension fits no phone, or several.
    AssignNoSuch = "assign.no_such" in Prompt;
    /// The question, short.
    AssignAsk = "assign.ask" in Prompt;
    /// The question.
    AssignQuestion = "assign.question" in Text ["phone"];
    /// It is done.
    AssignDone = "assign.done" in Prompt;
    /// What comes then.
    AssignDoneText = "assign.done_text" in Text ["phone"];
    /// There is no phone to choose.
    AssignNone = "assign.none" in Text;
    /// The phone does not wait for approval.
    AssignConfigured = "assign.configured" in Text;
    /// The user may not.
    AssignNotAllowed = "assign.not_allowed" in Text;
    /// The phone that was chosen is there.
    AssignInUse = "assign.in_use" in Text;
    /// It could not be done.
    AssignFailed = "assign.failed" in Text;

    /// A trigger has all the sessions that it may have.
    BusyPrompt = "busy.prompt" in Prompt;
    /// What helps then.
    BusyText = "busy.text" in Text;

    /// Most codes, while signing in.
    ErrorLogin = "error.login" in Prompt ["code"];
    /// Most codes, while signing out.
    ErrorLogout = "error.logout" in Prompt ["code"];
    /// 201 and 202.
    ErrorAgain = "error.again" in Prompt ["code"];
    /// 25.
    ErrorElsewhere = "error.elsewhere" in Prompt ["code"];
    /// 41.
    ErrorPinChange = "error.pin_change" in Prompt ["code"];
    /// 215.
    ErrorLoginType = "error.login_type" in Prompt ["code"];
    /// 47 and 216.
    ErrorExtension = "error.extension" in Prompt ["code"];
    /// By what the operator finds it again.
    ErrorReference = "error.reference" in Text ["reference"];

    /// What helps when nothing more is known.
    Help = "help.other" in Text;
    /// After 4.
    Help4 = "help.4" in Text;
    /// After 6.
    Help6 = "help.6" in Text;
    /// After 7.
    Help7 = "help.7" in Text;
    /// After 9.
    Help9 = "help.9" in Text;
    /// After 11.
    Help11 = "help.11" in Text ["device"];
    /// After 12.
    Help12 = "help.12" in Text;
    /// After 18.
    Help18 = "help.18" in Text ["user"];
    /// After 19.
    Help19 = "help.19" in Text;
    /// After 22 and 5.
    Help22 = "help.22" in Text;
    /// After 23.
    Help23 = "help.23" in Text;
    /// After 25.
    Help25 = "help.25" in Text ["devices"];
    /// After 26.
    Help26 = "help.26" in Text;
    /// After 28.
    Help28 = "help.28" in Text;
    /// After 29.
    Help29 = "help.29" in Text;
    /// After 30.
    Help30 = "help.30" in Text;
    /// After 41.
    Help41 = "help.41" in Text;
    /// After 201, on a page of its own.
    Help201 = "help.201" in Text;
    /// After 204.
    Help204 = "help.204" in Text;
    /// After 205.
    Help205 = "help.205" in Text;
    /// After 207.
    Help207 = "help.207" in Text;
    /// After 208.
    Help208 = "help.208" in Text;
    /// After 210.
    Help210 = "help.210" in Text;
    /// After 215.
    Help215 = "help.215" in Text;
    /// After 216 and 47.
    Help216 = "help.216" in Text;
}

impl Word {
    /// The place of a code; a text that has it must show it.
    pub const CODE: &'static str = "code";

    /// The word with this key.
    pub fn with_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.key() == key)
    }

    /// What helps after a code.
    pub fn help(code: u16) -> Self {
        match code {
            5 => Self::Help22,
            47 => Self::Help216,
            code => Self::with_key(&format!("help.{code}")).unwrap_or(Self::Help),
        }
    }
}
