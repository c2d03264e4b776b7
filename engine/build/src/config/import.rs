//! A `.config` or fragment of the user's own, taken over as lines of the project: with a remark on each line that does not
//! come through, and nothing of it lost.

use super::{Editor, Lines};
use bootwright_kconfig::remarks::{Remark, What};
use bootwright_kconfig::{Shown, SymId, Tristate};

/// Passes over what differs; an answer can make another one count.
const PASSES: usize = 8;

/// What a file comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The lines that the project would have.
    pub lines: String,
    /// Of the file, by its line numbers.
    pub remarks: Vec<Remark>,
    /// Options that would have another value than the file says, because nothing that can be answered gives it to them.
    pub missed: Vec<String>,
    /// How many options of the file differ from the configuration without lines.
    pub taken: usize,
}

impl Editor {
    /// The file as a whole configuration: what it does not name has its default. The editor stays at its lines.
    pub fn import_whole(&mut self, bytes: &[u8]) -> Import {
        let text = String::from_utf8_lossy(bytes);
        let old = self.own_text();
        self.solver.read_answers("file", &text, false);
        self.solver.forget_out_of_range();
        self.solver.forget();
        self.solver.evaluate_all();
        let remarks = self.solver.remarks(&text, true);
        let wanted: Vec<Shown> = self.solver.tree.symbol_ids().map(|s| self.solver.shown(s)).collect();
        // From no lines at all to those that make what differs.
        self.start_over();
        let mut lines = unknown(&remarks, &self.solver.tree.dialect.prefix);
        let order: Vec<SymId> = {
            let tree = &self.solver.tree;
            let mut seen = std::collections::HashSet::new();
            let all = tree.descendants(bootwright_kconfig::NodeId::ROOT).filter_map(|n| tree.node(n).symbol.some());
            all.filter(|s| !tree.symbol(*s).choice && seen.insert(*s)).collect()
        };
        for _ in 0..PASSES {
            let before = lines.clone();
            for s in &order {
                let want = wanted[s.index()];
                let taken_elsewhere = self.solver.choice_of(*s).is_some() && want.value.tri == Tristate::No;
                if self.solver.shown(*s).value != want.value && want.visible != Tristate::No && !taken_elsewhere {
                    let typed = self.typed(*s, want);
                    self.write(&mut lines, *s, &typed);
                }
            }
            if lines == before {
                break;
            }
            self.follow(&lines.text());
        }
        let tree = &self.solver.tree;
        let differs = |s: &&SymId| self.solver.shown(**s).value != wanted[s.index()].value && wanted[s.index()].written;
        let missed = order.iter().filter(differs).map(|s| tree.name(*s).to_owned()).collect();
        let import = Import { taken: self.difference().len(), lines: lines.text(), remarks, missed };
        self.follow(&old);
        import
    }

    /// The file's lines after those of the project. The editor stays at its lines.
    pub fn import_lines(&mut self, bytes: &[u8]) -> Import {
        let text = String::from_utf8_lossy(bytes);
        let old = self.own_text();
        let before = self.solver.remarks(&text, false);
        let bad = |line: usize| before.iter().any(|r| r.line == line && matches!(r.what, What::Noise | What::Invalid { .. }));
        let prefix = self.solver.tree.dialect.prefix.clone();
        let mut lines = self.lines().clone();
        for (_, line) in text.lines().enumerate().filter(|(i, _)| !bad(i + 1)) {
            for (name, _) in Lines::parse(line, &prefix).values() {
                lines.put(name, line.trim_end_matches('\r').to_owned());
            }
        }
        self.follow(&lines.text());
        let mut remarks = self.solver.remarks(&text, true);
        remarks.sort_by_key(|r| r.line);
        let import = Import { taken: self.difference().len(), lines: lines.text(), remarks, missed: Vec::new() };
        self.follow(&old);
        import
    }

    fn own_text(&self) -> String {
        self.lines().text()
    }

    fn typed(&self, s: SymId, shown: Shown) -> String {
        match self.solver.tree.symbol(s).kind.is_logical() {
            true => shown.value.tri.letter().to_string(),
            false => self.solver.text_of(shown.value.text).to_owned(),
        }
    }
}

/// Lines for options that this version of the source does not know may count in another one: they stay.
fn unknown(remarks: &[Remark], prefix: &str) -> Lines {
    let mut lines = Lines::parse("", prefix);
    for r in remarks {
        if let What::Unknown { name } = &r.what {
            lines.put(name, r.text.clone());
        }
    }
    lines
}
