//! SIP over UDP: one socket, one task, the same machine as over TCP for every
//! registered phone.
//!
//! Who has no registration gets his answer from a machine that lives for one
//! datagram (a stateless user agent server, RFC 3261 section 8.2.7): nothing
//! is kept of him, nothing is repeated to him, and what he is sent is never
//! much longer than what he sent.

mod flows;
mod link;
mod socket;
mod worker;

pub(super) use socket::DatagramSocket;
pub(super) use worker::run;
