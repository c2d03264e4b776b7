//! `bootwright`: without a command it opens the window, with one it does that and ends.

use bootwright::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
