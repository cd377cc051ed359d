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
mod login_service;
mod pages;
mod pulls;
mod sentences;
mod skinny;
mod stories;
mod support;
mod wireshark;
