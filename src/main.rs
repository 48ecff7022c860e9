//! The door handle: run the command, say how it ended.

use std::process::ExitCode;

fn main() -> ExitCode {
    testamur::cli::run()
}
