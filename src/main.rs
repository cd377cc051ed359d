//! The `embody` binary: everything is in the library.

fn main() {}
