//! Ports: the traits through which the heart of the house talks to what is
//! outside (clock, store, directory, journal, phones, files). Traits and the
//! plain values they carry live here; no implementation does.

mod files;

pub use files::{FileAnswer, FileRequest, FileService, FileSource};
