//! TFTP: `wire` (bytes and values, no state), `machine` (state, no I/O, time as argument), `server` (tokio, thin).

pub mod machine;
pub mod server;
pub mod wire;
