//! Embody as outsiders see it: phones, applications, operators, and other
//! people's tools. One binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]

mod agents;
mod architecture;
mod closing_time;
mod commands;
mod corpora;
mod crashes;
mod desks;
mod directory;
mod files;
mod hostile;
mod http_curl;
mod http_pages;
mod http_wire;
mod import;
mod login_service;
mod login_service_codes;
mod login_service_dialects;
mod login_service_gate;
mod login_service_house;
mod login_service_trust;
mod login_service_vectors;
mod login_service_wire;
mod pages;
mod privacy;
mod profiles;
mod pulls;
mod restart_plans;
mod rules;
mod sentences;
mod shown;
mod shown_terminal;
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
