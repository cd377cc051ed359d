//! Composition root: the only room that knows the concrete backends. It reads
//! the configuration and the catalogue, opens the store, binds the ports, and
//! wires one room to another.

mod clock;
mod config;
mod handles;
mod listen;
mod observed;
mod run_file;
mod signing;
mod start;

pub use clock::SystemClock;
pub use config::{Config, Files, Listen, LoginService, Port, Ports, Sccp, Sip, SipTransport, Tftp};
pub use handles::raise as raise_handle_limit;
pub use listen::PortError;
pub use run_file::RunFile;
pub use start::{Options, Running, StartError, start};
