//! The limits that phones put on objects.
//!
//! Lengths are in characters, not bytes; counts are in items. Source: Cisco's
//! IP Phone XML schema, and the chapter *XML Object Definitions* of the *Unified
//! IP Phone Services Application Development Notes*.

/// Characters of a `Title`.
pub const TITLE: usize = 32;
/// Characters of a `Prompt`.
pub const PROMPT: usize = 32;
/// Characters of any `URL`; also of `URLDown`.
pub const URL: usize = 256;
/// Characters of a `MenuItem`'s `Name`.
pub const MENU_NAME: usize = 64;
/// Items of a `CiscoIPPhoneMenu`.
pub const MENU_ITEMS: usize = 100;
/// Items of a `CiscoIPPhoneIconMenu`.
pub const ICON_MENU_ITEMS: usize = 32;
/// Pictures of a `CiscoIPPhoneIconMenu`.
pub const ICONS: usize = 10;
/// Characters of a `Text`.
pub const TEXT: usize = 4000;
/// Characters of an `InputItem`'s `DisplayName`.
pub const DISPLAY_NAME: usize = 32;
/// Characters of an `InputItem`'s `QueryStringParam`.
pub const PARAMETER: usize = 32;
/// Characters of an `InputItem`'s `DefaultValue`.
pub const DEFAULT_VALUE: usize = 32;
/// Items of a `CiscoIPPhoneInput`.
pub const INPUT_ITEMS: usize = 5;
/// Characters of a `DirectoryEntry`'s `Name`.
pub const DIRECTORY_NAME: usize = 32;
/// Characters of a `DirectoryEntry`'s `Telephone`.
pub const TELEPHONE: usize = 32;
/// Entries of a `CiscoIPPhoneDirectory`.
pub const DIRECTORY_ENTRIES: usize = 32;
/// Characters of a `SoftKeyItem`'s `Name`.
pub const SOFT_KEY_NAME: usize = 32;
/// `SoftKeyItem`s of a page.
pub const SOFT_KEYS: usize = 8;
/// `KeyItem`s of a page.
pub const KEY_ITEMS: usize = 32;
/// Items of a `CiscoIPPhoneExecute`.
pub const EXECUTE_ITEMS: usize = 3;
/// Items of a `CiscoIPPhoneResponse`.
pub const RESPONSE_ITEMS: usize = 3;
/// Characters of the text in a `ResponseItem` or `CiscoIPPhoneError` that we
/// keep. Our own bound: phones write more there than the schema says.
pub const RESPONSE_DATA: usize = 256;
/// Bytes of a whole document; beyond it a 6900 phone says *Data too large!*
/// (chapter *Troubleshooting*).
pub const DOCUMENT: usize = 196_608;
/// Nesting of elements that is read. Our own bound: the deepest object of the
/// schema nests three.
pub const DEPTH: usize = 8;
/// Elements of one document that are read. Our own bound, well above a full
/// menu with all its keys.
pub const ELEMENTS: usize = 4096;
/// Bytes of an object pushed to a 7900 phone (`POST /CGI/Execute`; release
/// 7.1(3) of the *Application Development Notes*, *CiscoIPPhoneExecute*).
pub const PUSH: usize = 512;
/// Characters of the URL that a submitted form becomes. Our own bound: no
/// Cisco document gives one, and web servers commonly stop at some thousands.
pub const SUBMITTED_URL: usize = 1024;
