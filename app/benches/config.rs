//! `cargo bench -p bootwright --bench config [-- TREE]`: CPU time of the page Configuration.

fn main() -> Result<(), String> {
    let tree = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    bootwright::bench::config::run(tree.map(Into::into))
}
