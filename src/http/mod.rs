//! Everything over HTTP: `server` is our accept loop, `files` the
//! configuration port, `services` what phones and login applications ask,
//! `admin` what operators ask, `execute` and `look` what phones themselves are
//! asked. No decision is made here: pages and codes are put to the mobility
//! room's answers.

pub mod admin;
pub mod execute;
pub mod files;
pub mod look;
pub mod server;
pub mod services;
