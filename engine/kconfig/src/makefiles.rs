//! Which symbols make which module, read from a tree's makefiles (Documentation/kbuild/makefiles.rst, "Loadable module goals").

use rustc_hash::FxHashMap;
use std::path::Path;

/// The kernel has some 3,000 makefiles.
const MOST_FILES: usize = 100_000;
const LONGEST_FILE: u64 = 4 << 20;

/// Module names, with `_` for `-` as the kernel shows them, and the symbols after `CONFIG_`.
#[derive(Debug, Default)]
pub struct Makers {
    by_module: FxHashMap<String, Vec<String>>,
}

impl Makers {
    /// Reads every Makefile and Kbuild below `tree`. What cannot be read is left out.
    pub fn read(tree: &Path) -> Self {
        let mut makers = Self::default();
        let mut folders = vec![tree.to_path_buf()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                let name = entry.file_name();
                // A link could lead round in circles.
                if kind.is_dir() && name != ".git" {
                    folders.push(entry.path());
                } else if kind.is_file() && (name == "Makefile" || name == "Kbuild") && files < MOST_FILES {
                    files += 1;
                    if entry.metadata().is_ok_and(|m| m.len() <= LONGEST_FILE)
                        && let Ok(bytes) = std::fs::read(entry.path())
                    {
                        makers.take(&String::from_utf8_lossy(&bytes));
                    }
                }
            }
        }
        makers
    }

    /// `obj-$(CONFIG_X) += a.o b.o` makes a and b.
    fn take(&mut self, text: &str) {
        let joined = text.replace("\\\n", " ");
        for line in joined.lines() {
            let Some((target, objects)) = line.split_once('=') else { continue };
            let target = target.trim_end_matches(['+', ':', '?', ' ', '\t']).trim();
            let Some(symbol) = target.strip_prefix("obj-$(CONFIG_").and_then(|t| t.strip_suffix(')')) else { continue };
            for object in objects.split('#').next().unwrap_or("").split_whitespace() {
                if let Some(module) = object.strip_suffix(".o") {
                    let module = module.rsplit('/').next().unwrap_or(module).replace('-', "_");
                    let symbols = self.by_module.entry(module).or_default();
                    if !symbols.iter().any(|s| s == symbol) {
                        symbols.push(symbol.to_owned());
                    }
                }
            }
        }
    }

    /// The symbols that make a module.
    pub fn of(&self, module: &str) -> &[String] {
        self.by_module.get(&module.replace('-', "_")).map_or(&[], |s| s)
    }
}

/// The names in the output of `lsmod`, or in a plain list of names.
pub fn loaded(list: &str) -> Vec<String> {
    let names = list.lines().filter(|l| !l.starts_with("Module ")).filter_map(|l| l.split_whitespace().next());
    names.filter(|n| !n.starts_with('#')).map(str::to_owned).collect()
}
