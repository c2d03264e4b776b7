//! The way to port 53 without root: the program runs itself again in a user and network namespace of its own, where that
//! port is free and may be bound.

use std::{
    ffi::OsStr,
    io,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    process::Command,
};

use crate::ask::ask;

/// Set in the environment of the second run, so that there is no third.
pub const MARKER: &str = "BOOTWRIGHT_BOOT_NAMESPACE";

/// What stands before the program in the second run. `setpriv` comes after `unshare`, whose change of identity would undo
/// it; all of them replace themselves, so the program is our own child and ends when we do.
const PREFIX: [&str; 8] = ["--user", "--map-root-user", "--net", "--", "setpriv", "--pdeathsig", "KILL", "--"];
/// `ip` is not on every user's PATH.
const LOOPBACK_UP: &str = r#"PATH="$PATH:/usr/sbin:/sbin" ip link set lo up && exec "$@""#;

/// Whether 127.0.0.1:53 can only be had in a namespace: it may not be bound here, or somebody has it.
pub fn needs_namespace() -> bool {
    let at = (Ipv4Addr::LOCALHOST, 53);
    UdpSocket::bind(at).is_err() || TcpListener::bind(at).is_err()
}

/// Whether this is the second run.
pub fn in_namespace() -> bool {
    std::env::var_os(MARKER).is_some()
}

/// The current executable with `args` in namespaces of its own. It ends when the thread that starts it does.
///
/// # Errors
/// If this is the second run already, if a program is missing (util-linux, iproute2), or if the system allows no user
/// namespaces; then with the words of `unshare`.
pub fn command_in_namespace<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> io::Result<Command> {
    if in_namespace() {
        return Err(io::Error::other("cannot bind 127.0.0.1:53 even in a namespace of its own"));
    }
    let program = std::env::current_exe()?;
    try_out()?;
    let mut command = Command::new("unshare");
    command.args(PREFIX).args(["sh", "-c", LOOPBACK_UP, "sh"]).arg(program).args(args).env(MARKER, "1");
    Ok(command)
}

/// The same with a program that does nothing: its failure would look like the second run's own.
fn try_out() -> io::Result<()> {
    let args = PREFIX.iter().copied().chain(["sh", "-c", LOOPBACK_UP, "sh", "true"]);
    ask("unshare", args).map(drop).map_err(|why| {
        io::Error::other(format!(
            "cannot make a user and network namespace (unshare: {why}); allow unprivileged user namespaces, install util-linux and iproute2, or run as root"
        ))
    })
}
