//! `cargo bench -p bootwright --bench inside`: CPU time of looking inside large artifacts.

fn main() -> Result<(), String> {
    bootwright::bench::inside::run()
}
