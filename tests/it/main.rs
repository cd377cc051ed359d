//! Embody as outsiders see it: phones, applications, operators, and other
//! people's tools. One binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]

mod architecture;
mod commands;
mod corpora;
mod crashes;
mod files;
mod hostile;
mod http_curl;
mod http_pages;
mod http_wire;
mod login_service;
mod pages;
mod pulls;
mod rules;
mod sentences;
mod sip_outsiders;
mod skinny;
mod skinny_alarms;
mod skinny_bytes;
mod skinny_display;
mod skinny_families;
mod skinny_hostile;
mod skinny_phone;
mod stories;
mod support;
mod traps;
mod wireshark;
