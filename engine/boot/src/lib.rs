//! Boots an image under QEMU, talks to it over its serial port, and checks that it is the system that was built.
//!
//! The parts, each usable alone: [`qemu`] finds the emulator and measures its accelerators, [`machine`] runs one guest that
//! ends with us, [`console`] drives the guest's shell, [`dns`] and [`http`] are what the guest talks to, [`checks`] puts
//! them together, [`namespace`] is the way to port 53 without root, [`interactive`] joins a terminal to the guest.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod ask;
pub mod checks;
pub mod console;
pub mod dns;
mod error;
mod guard;
pub mod http;
pub mod interactive;
pub mod machine;
pub mod namespace;
pub mod probe;
pub mod qemu;
pub mod qmp;
mod record;
pub mod serial;
mod token;

pub use checks::{
    BootCheck, CheckEvent, CheckResult, CheckStatus, Expectation, GuestFile, LibcExpectation, LoaderBanner, Report, run_checks,
};
pub use console::{Console, Output};
pub use error::BootError;
pub use interactive::interactive;
pub use machine::{Boot, Machine, MachineSpec};
pub use namespace::{command_in_namespace, in_namespace, needs_namespace};
pub use probe::{Probe, probe};
pub use qemu::{Accel, Qemu};
pub use record::BootRecord;
