//! `cargo bench -p bootwright --bench live`: CPU time a frame under a flood of log lines and in a long log.

fn main() -> Result<(), String> {
    bootwright::bench::live::run()
}
