//! What the phases of a load cost, in milliseconds: reading, finishing, solving and writing.
//! `phases KCONFIG`, with the environment of a tree and KCONFIG_PROBE_CACHE.

use bootwright_kconfig::probes::{Identity, Probes, Remembering};
use bootwright_kconfig::{Dialect, Reading, Solver, System, finish, read};
use std::time::Instant;

fn main() {
    let mut host = System::current();
    let top = std::env::args().nth(1).unwrap_or_else(|| "Kconfig".into());
    let tree = host.environment.get("srctree").cloned().unwrap_or_else(|| ".".into());
    let reading = Reading { top, folder: "".into(), source_tree: Some(tree.clone().into()), dialect: Dialect::detect(tree.as_ref()) };
    let mut probes = Probes::load(host.environment.get("KCONFIG_PROBE_CACHE").map_or("", |s| s).as_ref());
    let mut identity = Identity::new(&host.environment, "".as_ref());
    for _ in 0..5 {
        let start = Instant::now();
        let mut remembering = Remembering { host: &mut host, probes: &mut probes, identity: &mut identity, missing: None };
        let mut tree = read(&reading, &mut remembering);
        let read = start.elapsed();
        if let Some(file) = std::env::var_os("KCONFIG_PROBE_CACHE") {
            let _ = probes.save(file.as_ref());
        }
        finish(&mut tree);
        let finished = start.elapsed();
        let mut solver = Solver::new(tree);
        let made = start.elapsed();
        solver.forget();
        let text = solver.dot_config();
        let solved = start.elapsed();
        let order = solver.table_order();
        let auto = solver.auto_conf(&order).len() + solver.autoconf_h(&order).len() + solver.rustc_cfg(&order).len();
        let written = start.elapsed();
        let ms = |d: std::time::Duration| d.as_secs_f64() * 1e3;
        println!(
            "read {:.1}  finish {:.1}  solver {:.1}  .config {:.1} ({} bytes)  others {:.1} ({auto})  symbols {} exprs {} nodes {}",
            ms(read),
            ms(finished - read),
            ms(made - finished),
            ms(solved - made),
            text.len(),
            ms(written - solved),
            solver.tree.symbols.len(),
            solver.tree.exprs.len(),
            solver.tree.nodes.len(),
        );
    }
}
