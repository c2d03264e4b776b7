//! `bootwright store`: what is in the store, is it intact, and away with what nobody uses.

use super::args::{Common, Store as What};
use super::{End, human_size, human_time, print_json, work};
use bootwright_build::store::Store;
use serde_json::json;
use std::io::Write;

pub fn run(what: &What, common: &Common) -> anyhow::Result<End> {
    let work = work(common)?;
    let store = Store::open(&work)?;
    let mut out = std::io::stdout().lock();
    match what {
        What::Ls { json } => {
            let records = store.records()?;
            if *json {
                let list: Vec<_> = records.iter().map(|(key, r)| json!({"key": key, "made": store.made(key), "record": r})).collect();
                drop(out);
                print_json(&list)?;
                return Ok(End::Done);
            }
            for (key, r) in &records {
                writeln!(out, "{}/{}  key {}  {}", r.component, r.step, &key[..12.min(key.len())], human_time(r.seconds))?;
                for (output, a) in r.outputs.iter().filter(|(_, a)| a.files > 0) {
                    writeln!(out, "    {output:12} {:>10}  {}", human_size(a.size), &a.hash[..12.min(a.hash.len())])?;
                }
            }
            writeln!(out, "{} results in {}", records.len(), work.store().display())?;
        }
        What::Gc => {
            let _lock = work.lock()?; // a run may be about to use what looks unused
            let (objects, bytes) = store.gc()?;
            let (trees, tree_bytes) = store.gc_trees(&work)?;
            writeln!(out, "removed {objects} results ({}) and {trees} work trees ({})", human_size(bytes), human_size(tree_bytes))?;
        }
        What::Verify => {
            let bad = store.verify()?;
            for fault in &bad {
                let of = if fault.of.is_empty() { "no known step".to_owned() } else { fault.of.join("; ") };
                writeln!(out, "{}: {} ({of})", if fault.missing { "missing" } else { "damaged" }, fault.hash)?;
            }
            writeln!(
                out,
                "{}",
                if bad.is_empty() {
                    "every result is what its hash says"
                } else {
                    "the next build makes again what is missing; remove what is damaged from the store's objects folder"
                }
            )?;
            return Ok(if bad.is_empty() { End::Done } else { End::Failed });
        }
    }
    Ok(End::Done)
}
