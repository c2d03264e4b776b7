//! The studio as its users have it: the real window, driven by mouse and keyboard through whole stories on real sources.
//!
//! One story a file. They go on where the presets' tests left off, in the same work folder, and run one after the other.

mod build;
mod compare;
mod config;
mod guest;
mod kbuild;

use bootwright_tests::{bootwright, shared_work};
use std::path::Path;
use std::process::Command;

const MINUTES: u64 = 60;

/// With the settings and recent files of this test's own user.
fn studio(home: &Path) -> Command {
    let mut command = bootwright(&shared_work(), &[]);
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("data"));
    command
}
