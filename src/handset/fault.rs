//! What a real phone would stumble over.

use crate::phonexml::PhoneFault;

/// Something went wrong that the server should not have let happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A file cannot be used; the phone goes on with what it has.
    #[error("{name}: {reason}")]
    File {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither the phone's own file nor the default one is there.
    #[error("there is no configuration file for {0}")]
    NoFile(String),
    /// A file is there by which the phone would take another load than its own.
    #[error("{0} is there, and picks another load than this one")]
    OtherLoad(String),
    /// The file servers do not answer.
    #[error("no answer to the request for {0}")]
    FilesSilent(String),
    /// A trust list came: from then on a phone takes signed files only.
    #[error("{0} installs a trust list, and files are not signed")]
    TrustList(String),
    /// The phone was told to run another load, and would download it.
    #[error("the phone runs {running} and would download {offered}")]
    WouldDownload {
        /// What it runs.
        running: String,
        /// What it was told to run.
        offered: String,
    },
    /// No call manager of the file takes the connection.
    #[error("no call manager takes the connection: {0}")]
    Unreachable(String),
    /// The server refuses the phone.
    #[error("registration rejected: {0}")]
    Rejected(String),
    /// The server did not answer in time.
    #[error("{0} was not answered")]
    Unanswered(String),
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The bytes on the connection are not the protocol.
    #[error("the server does not speak the protocol: {0}")]
    Garbled(String),
    /// Skinny: a version above the phone's own.
    #[error("the server chose version {chosen}, the phone announced {announced}")]
    Version {
        /// What the server chose.
        chosen: u8,
        /// What the phone announced.
        announced: u8,
    },
    /// Skinny: no line among the buttons.
    #[error("the phone has no line")]
    NoLine,
    /// Skinny: buttons that no phone can show.
    #[error("the button template is wrong: {0}")]
    Template(String),
    /// Skinny: a listed button without content.
    #[error("{0} is listed, but empty")]
    EmptyButton(String),
    /// Skinny: not a time.
    #[error("the server sent an impossible time")]
    Time,
    /// SIP: an answer that the phone does not take to its REGISTER.
    #[error("REGISTER was answered {status} {reason}")]
    RegisterStatus {
        /// The status code.
        status: u16,
        /// The phrase beside it.
        reason: String,
    },
    /// SIP: the registration is too short, or has no `Expires` header.
    #[error("the registration is granted for {0:?} seconds: expires too small")]
    ExpiresTooSmall(Option<u32>),
    /// SIP: something that the answer to REGISTER must have is missing.
    #[error("the answer to REGISTER has no {0}")]
    RegisterLacks(&'static str),
    /// SIP: the server asks for a password that the file did not give.
    #[error("the server asks for credentials that the file does not have")]
    NoCredentials,
    /// SIP: a request that the phone answered with an error.
    #[error("{method} answered {status}: {reason}")]
    RequestRefused {
        /// The method.
        method: String,
        /// What the phone answered.
        status: u16,
        /// Why.
        reason: String,
    },
    /// A page could not be shown.
    #[error("page {url}: {fault}")]
    Page {
        /// Its address, without the query, which may hold a PIN.
        url: String,
        /// Why not.
        fault: PageFault,
    },
}

/// What the phone shows instead of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageFault {
    /// *Host Not Found*.
    #[error("Host Not Found ({0})")]
    HostNotFound(String),
    /// *HTTP Error\[10\]*: the connection failed, or ended before the page did.
    #[error("HTTP Error[10] ({0})")]
    Connection(String),
    /// *HTTP Error\[8\]*: a status other than 200, or an answer that no phone
    /// reads.
    #[error("HTTP Error[8] ({0})")]
    Http(String),
    /// The content type is not that of an object in a set that was offered.
    #[error("shown raw or refused ({0})")]
    ContentType(String),
    /// *XML Error* and the like.
    #[error("{0}")]
    Xml(PhoneFault),
    /// An order in a `CiscoIPPhoneExecute` that phones do not take.
    #[error("XML Error[4] ({0})")]
    Execute(String),
}

impl PageFault {
    /// What stands on the display.
    pub fn screen_text(&self) -> &'static str {
        match self {
            Self::HostNotFound(_) => "Host Not Found",
            Self::Connection(_) => "HTTP Error[10]",
            Self::Http(_) => "HTTP Error[8]",
            Self::ContentType(_) => "",
            Self::Xml(fault) => fault.screen_text(),
            Self::Execute(_) => "XML Error[4]: Parse Error",
        }
    }
}
