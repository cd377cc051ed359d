//! The `embody` binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    embody::cli::main()
}
