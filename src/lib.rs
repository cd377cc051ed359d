//! Embody: Extension Mobility for Cisco IP phones in one daemon.
//!
//! The rooms of the house and the arrows between them are described in
//! `CONTRIBUTING.md`; the test `architecture` keeps the arrows.

pub mod app;
pub mod cli;
pub mod directory;
pub mod emapi;
pub mod handset;
pub mod http;
pub mod journal;
pub mod mobility;
pub mod model;
pub mod phonexml;
pub mod ports;
pub mod provision;
pub mod reconcile;
pub mod registry;
pub mod sccp;
pub mod sip;
pub mod site;
pub mod store;
pub mod tftp;
