//! What the phone tells about its life.

use super::fault::Fault;
use super::page::PageKind;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandsetEvent {
    /// A file was asked for.
    FileFetched {
        /// The name as it was asked for.
        name: String,
        /// Over which service.
        service: FileService,
        /// What came of it.
        outcome: FileOutcome,
    },
    /// The keys are known; on SIP from the file, on Skinny from the server.
    Buttons(Vec<ButtonSeen>),
    /// The phone is in service.
    Registered {
        /// How many registrations there were, this one included.
        count: u32,
    },
    /// The server refuses the phone and says why.
    Rejected(String),
    /// The line of text at the foot of the display.
    Prompt(String),
    /// A passing notice on the display.
    Notice(String),
    /// An object was pushed to the display.
    Pushed(Pushed),
    /// The message lamp was set.
    MessageLamp(bool),
    /// The server gave an order, and the phone took it.
    Ordered {
        /// Which.
        order: Order,
        /// It waits for the end of a call.
        deferred: bool,
    },
    /// The phone obeys a restart: it unregisters now.
    Restarting,
    /// The phone obeys a reset: it unregisters now.
    Resetting,
    /// The server acknowledged that the phone left, or the connection is gone.
    Unregistered,
    /// A page stands on the display.
    Page {
        /// Its title.
        title: String,
        /// What it is.
        kind: PageKind,
    },
    /// The Services window is closed.
    PageClosed,
    /// A page had the phone dial. A virtual phone makes no calls.
    Dialled(String),
    /// A page or a push had the phone forget missed, received and placed calls.
    CallHistoryCleared,
    /// Something that a real phone would stumble over.
    Fault(Fault),
    /// The plug was pulled.
    PoweredOff,
}

/// An object that a Skinny server pushed, as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Its root element.
    pub object: &'static str,
    /// Its title.
    pub title: String,
    /// The text of a text page.
    pub text: String,
}

/// Where files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileService {
    /// TFTP.
    Tftp,
    /// HTTP, port 6970 on a real server.
    Http,
}

/// What came of asking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOutcome {
    /// It came whole.
    Found {
        /// Its size in bytes.
        bytes: usize,
    },
    /// There is no such file (TFTP error 1, HTTP 404).
    NotFound,
    /// Another error (TFTP error or HTTP status), in words.
    Refused(String),
    /// No answer, or not all of it.
    NoAnswer,
}

/// What a key of the phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ButtonKind {
    /// A line.
    Line,
    /// A speed dial.
    SpeedDial,
    /// A speed dial with a busy lamp.
    BusyLamp,
    /// A service.
    Service,
    /// A feature.
    Feature,
}

/// A key as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonSeen {
    /// Place of the key, from 1.
    pub key: u16,
    /// What it is.
    pub kind: ButtonKind,
    /// What stands beside it.
    pub label: String,
    /// Directory number, number to dial, or URL.
    pub number: String,
}

/// What a server can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Unregister, read files again (most phones), register.
    Restart,
    /// The whole boot.
    Reset,
}

/// Orders that came so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Orders {
    /// Restarts taken.
    pub restarts: u32,
    /// Resets taken.
    pub resets: u32,
    /// Requests to look at the configuration again.
    pub looks: u32,
    /// SIP orders that the phone answered with an error.
    pub refused: u32,
}

/// Messages so far; what a packet trace of the phone would count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Skinny messages to the server.
    pub sccp_sent: u64,
    /// Skinny messages from the server.
    pub sccp_received: u64,
    /// SIP requests and responses to the server.
    pub sip_sent: u64,
    /// SIP requests and responses from the server.
    pub sip_received: u64,
    /// TFTP datagrams to the server.
    pub tftp_sent: u64,
    /// TFTP datagrams from the server.
    pub tftp_received: u64,
    /// TFTP datagrams sent again because no answer came.
    pub tftp_repeated: u64,
    /// HTTP requests, for files and pages.
    pub http_requests: u64,
}
