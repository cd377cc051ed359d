//! The nouns of Embody and their rules: device names, phones, profiles,
//! buttons, sessions, what a phone should hold and what it holds.
//!
//! Pure: no I/O, no async, no clock, no XML. Whatever needs the time gets it
//! as an argument. [`resolve`] is the heart: what a phone should hold is a
//! function of what is stored, and of nothing else.

mod address;
mod audit;
mod auto_registration;
mod buttons;
mod call_logs;
mod catalogue;
mod contact;
mod lines_change;
mod logout_reason;
mod names;
mod parameters;
mod pending;
mod phone;
mod pin;
mod profile;
mod resolve;
mod secrets;
mod session;
mod site_objects;
mod stamp;
mod time;
mod vendor_config;
mod world;

pub use address::address_for;
pub use audit::Audit;
pub use auto_registration::{AutoRegistered, AutoRegistration, NumberPool, PoolError};
pub use buttons::{
    Button, ButtonKind, ButtonPlan, ButtonTemplate, ForwardedCallDisplay, Key, KeyRoom, KeyWishes,
    LampPolicy, LeftOut, LeftOutKind, LeftOutReason, Line, LineSettings, Ring, RingSetting,
    ServiceSubscription, SpeedDial, TemplateKey, button_plan,
};
pub use call_logs::CallLogs;
pub use catalogue::{
    Catalogue, CatalogueError, Charset, Dialect, Fetch, FileOrder, PhoneModel, ProtocolFacts,
    ServicesDoor, SoftKeyLayout,
};
pub use contact::{ContactId, MintedContact};
pub use lines_change::LinesChange;
pub use logout_reason::LogoutReason;
pub use names::{
    DeviceName, DirectoryNumber, LoadName, ModelName, NameError, ObjectId, ObjectName, ProfileName,
    UserId,
};
pub use parameters::{
    ButtonOrder, DisabledPhoneLogout, Mlpp, MlppDomain, MlppIndication, MlppPreemption,
    MultipleLogin, OwnedPhones, Parameters, ProfileChanges, Trigger, VerifyPhone,
};
pub use pending::{Aim, Cause, Held, OrderKind, Pending, Plan, Progress, Replan, Stamps, replan};
pub use phone::{LogoutProfile, Phone, Protocol};
pub use pin::{PinFault, PinRules};
pub use profile::{AutoProfile, DeviceProfile, Features, ProfileDefault};
pub use resolve::{
    Bare, FilePart, InForce, MenuEntry, ResolveInput, StationPart, Wanted, emergency_entries,
    resolve,
};
pub use secrets::{CredentialHash, Password, Pin, Secret, SipSecret};
pub use session::{EndReason, LoginType, LogoutSchedule, Origin, Session, UnknownLoginType};
pub use site_objects::{
    ApplicationUser, DevicePool, NumberRecord, Service, ServiceParameter, User,
};
pub use stamp::{Digest, Stamp, stamp_of};
pub use time::{LoginTime, TimeOfDay, Timestamp};
pub use vendor_config::VendorConfig;
pub use world::{Basis, Change, World};
