//! An open configuration: the values that the configure step would give, and what each change of the project's lines makes
//! of them.
//!
//! The lines of the project are the one place of truth. A change is worked out as another set of lines ([`Proposal`]), and
//! [`Editor::follow`] brings the values to whatever lines the project has.

use super::environment::{prepare, system};
use super::start::Cache;
use super::{ConfigError, Lines, Site};
use bootwright_kconfig::fixes::{Answer, Limits, Why};
use bootwright_kconfig::layer::Base;
use bootwright_kconfig::probes::{Probes, read_side_by_side};
use bootwright_kconfig::query::Obstacle;
use bootwright_kconfig::remarks::{Remark, What};
use bootwright_kconfig::search::{Hit, Index};
use bootwright_kconfig::{Diagnostic, Dialect, NodeId, Reading, Severity, Shown, Solver, SymId, SymbolKind, Tristate, bytes, finish};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

pub struct Editor {
    pub site: Site,
    pub solver: Solver,
    index: Index,
    pub(super) base: Base,
    /// The project's lines that the values hold for.
    own: Lines,
    /// The options that the lines name.
    named: HashSet<SymId>,
    /// What is to be said of the lines.
    pub remarks: Vec<Remark>,
    cache: Cache,
    /// Whether lines can be put above the base one by one.
    layered: bool,
    /// Counts changes of values.
    pub revision: u64,
}

/// One option that has another value now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub name: String,
    pub old: String,
    pub new: String,
}

/// Another set of lines. The editor has its values already; where it is not taken, let it follow the old lines again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    pub lines: String,
    /// What became of it, the wished options first.
    pub effects: Vec<Effect>,
}

/// One answer to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub name: String,
    pub prompt: String,
    pub from: String,
    pub to: String,
}

/// Answers that together make a wish possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub changes: Vec<Choice>,
    /// How many further options get another value by them.
    pub effects: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fixes {
    /// The smallest first.
    pub fixes: Vec<Fix>,
    /// Why there is none, or what is not known.
    pub words: String,
}

impl Editor {
    /// Reads the Kconfig files and works out all values, without lines of the project's. Commands of the Kconfig files run:
    /// the project must be trusted.
    ///
    /// # Errors
    /// If a folder cannot be made, or the configure step does what is not known here. Faults of the Kconfig files are none:
    /// see [`Editor::diagnostics`].
    pub fn open(site: Site) -> Result<Self, ConfigError> {
        prepare(&site)?;
        let assigned = site.assigned()?;
        let dialect = Dialect::detect(&site.source);
        let top = if dialect.busybox { "Config.in" } else { "Kconfig" };
        let system = system(&site, &assigned, &dialect);
        let reading = Reading::new(top, &site.scratch, Some(site.source.clone()), dialect);
        let mut probes = Probes::load(&site.probes);
        let mut tree = read_side_by_side(&reading, &system, &mut probes);
        let _ = probes.save(&site.probes); // they would be asked again
        finish(&mut tree);
        let index = Index::new(&tree);
        let mut solver = Solver::new(tree);
        let mut cache = Cache::default();
        site.configure("", &mut solver, &mut cache)?;
        let base = solver.base();
        let layered = solver.tree.dialect.simple_choices && site.ends_with_lines();
        let own = Lines::parse("", &solver.tree.dialect.prefix);
        Ok(Self { site, solver, index, base, own, named: HashSet::new(), remarks: Vec::new(), cache, layered, revision: 0 })
    }

    /// What is wrong with the Kconfig files, with file and line.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.solver.tree.diagnostics.iter().filter(|d| d.severity >= Severity::Warning)
    }

    /// Whether the Kconfig files have faults that the configuration program would not go on with.
    pub fn has_errors(&self) -> bool {
        self.solver.tree.has_errors()
    }

    /// Where the Kconfig files lie that places name.
    pub fn folders(&self) -> Vec<std::path::PathBuf> {
        vec![self.site.scratch.clone(), self.site.source.clone()]
    }

    /// The project's lines that the values hold for.
    pub fn lines(&self) -> &Lines {
        &self.own
    }

    pub fn title(&self) -> &str {
        let root = self.solver.tree.node(NodeId::ROOT).prompt.some().and_then(|p| self.solver.tree.prop(p).text());
        root.map_or("", |t| self.solver.tree.text(t))
    }

    /// Every option that some Kconfig file defines.
    pub fn symbols(&self) -> impl Iterator<Item = SymId> + '_ {
        let tree = &self.solver.tree;
        tree.symbol_ids().filter(|s| !tree.symbol(*s).first_node.is_none() && !tree.name(*s).is_empty() && !tree.symbol(*s).choice)
    }

    /// With or without `CONFIG_` before it.
    pub fn find(&self, name: &str) -> Option<SymId> {
        let tree = &self.solver.tree;
        let bare = name.strip_prefix(tree.dialect.prefix.as_str()).filter(|n| !n.is_empty());
        let defined = |s: &SymId| !tree.symbol(*s).first_node.is_none();
        tree.find(name).filter(defined).or_else(|| tree.find(bare?).filter(defined))
    }

    pub fn search(&self, words: &str, most: usize) -> Vec<Hit> {
        self.index.find(&self.solver.tree, words, most)
    }

    /// `y`, `0x10`, any text.
    pub fn value(&self, s: SymId) -> &str {
        self.solver.value_text(s)
    }

    /// Whether it has another value than without the project's lines, or a line of its own.
    pub fn is_changed(&self, s: SymId) -> bool {
        self.named.contains(&s) || self.differs(s)
    }

    pub fn has_line(&self, s: SymId) -> bool {
        self.named.contains(&s)
    }

    pub fn differs(&self, s: SymId) -> bool {
        self.base.shown(s).is_some_and(|b| b.value != self.solver.shown(s).value)
    }

    /// The value without the project's lines.
    pub fn base_value(&self, s: SymId) -> String {
        self.text_of(s, self.base.shown(s))
    }

    fn text_of(&self, s: SymId, shown: Option<Shown>) -> String {
        let Some(shown) = shown else { return String::new() };
        match self.solver.tree.symbol(s).kind {
            SymbolKind::Bool | SymbolKind::Tristate => shown.value.tri.letter().to_string(),
            _ => self.solver.text_of(shown.value.text).to_owned(),
        }
    }

    /// Options that differ from what they are without the project's lines, by name.
    pub fn difference(&self) -> Vec<Effect> {
        let changed = self.symbols().filter(|s| self.differs(*s));
        let mut all: Vec<Effect> =
            changed.map(|s| Effect { name: self.solver.tree.name(s).into(), old: self.base_value(s), new: self.value(s).into() }).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// The bytes of `.config` as the configure step writes them.
    pub fn dot_config(&mut self) -> Vec<u8> {
        bytes::raw(self.site.dot_config(&mut self.solver).as_bytes()).into_owned()
    }

    /// Brings the values to what comes of these lines. What changed.
    pub fn follow(&mut self, lines: &str) -> Vec<Effect> {
        let new = Lines::parse(lines, &self.solver.tree.dialect.prefix);
        if new == self.own {
            return Vec::new();
        }
        let effects = match self.step(&new) {
            Some(effects) => effects,
            None => self.whole(&new),
        };
        self.named = new.values().into_iter().filter_map(|(name, _)| self.solver.tree.find(name)).collect();
        self.own = new;
        self.remarks = self.solver.remarks(&self.own.text(), true);
        self.revision += 1;
        effects
    }

    /// To no lines at all, from whatever the solver holds.
    pub(super) fn start_over(&mut self) {
        let none = Lines::parse("", &self.solver.tree.dialect.prefix);
        self.whole(&none);
        self.own = none;
        self.named.clear();
        self.remarks.clear();
        self.revision += 1;
    }

    /// From the lines at hand to others, by what differs. None: it must be worked out from the beginning.
    fn step(&mut self, new: &Lines) -> Option<Vec<Effect>> {
        let plain = |lines: &Lines| !lines.has_loose_ends();
        let odd = |r: &Remark| matches!(r.what, What::Invalid { .. } | What::Noise | What::Again { .. });
        if !self.layered || !plain(new) || !plain(&self.own) {
            return None;
        }
        if self.site.merges() && (self.remarks.iter().any(odd) || self.solver.remarks(&new.text(), false).iter().any(odd)) {
            return None;
        }
        let tree = &self.solver.tree;
        let find = |(name, value): (&str, &str)| Some((tree.find(name)?, value.to_owned()));
        let before: HashMap<SymId, String> = self.own.values().into_iter().filter_map(find).collect();
        let after: Vec<(SymId, String)> = new.values().into_iter().filter_map(find).collect();
        let mut gone: HashSet<SymId> = before.keys().copied().collect();
        let mut touched: Vec<SymId> = Vec::new();
        for (s, value) in &after {
            gone.remove(s);
            if before.get(s) != Some(value) {
                touched.push(*s);
            }
        }
        touched.extend(gone);
        touched.sort_unstable();
        touched.dedup();
        // In a file the place of a line counts for choices.
        if self.site.merges() && touched.iter().any(|s| self.solver.choice_of(*s).is_some()) {
            return None;
        }
        let lines: Vec<(SymId, &str)> = after.iter().map(|(s, value)| (*s, value.as_str())).collect();
        let changes = self.solver.put_above(&self.base, &lines, touched);
        let effect = |c: &bootwright_kconfig::Change| {
            (c.old.value != c.new.value).then(|| self.effect(c.symbol, c.old, c.new)).filter(|e| !e.name.is_empty())
        };
        Some(changes.iter().filter_map(effect).collect())
    }

    fn effect(&self, s: SymId, old: Shown, new: Shown) -> Effect {
        Effect { name: self.solver.tree.name(s).into(), old: self.text_of(s, Some(old)), new: self.text_of(s, Some(new)) }
    }

    fn whole(&mut self, new: &Lines) -> Vec<Effect> {
        let ids: Vec<SymId> = self.symbols().collect();
        let before: Vec<Shown> = ids.iter().map(|s| self.solver.shown(*s)).collect();
        // It went through the same actions when it was opened.
        let _ = self.site.configure(&new.text(), &mut self.solver, &mut self.cache);
        let pairs = ids.into_iter().zip(before);
        pairs
            .filter_map(|(s, old)| {
                let now = self.solver.shown(s);
                (old.value != now.value).then(|| self.effect(s, old, now))
            })
            .collect()
    }

    /// The lines that give these options these values, as they are typed, with no line more than it takes.
    ///
    /// # Errors
    /// Why it cannot be; the values are as they were.
    pub fn propose(&mut self, wishes: &[(SymId, String)]) -> Result<Proposal, String> {
        if let [(s, typed)] = wishes {
            if typed == "n" && self.solver.choice_of(*s).is_some() && !self.is(*s, "n") {
                return Err(format!("{} is taken in its choice; take another one instead", self.solver.tree.name(*s)));
            }
            let obstacles = self.solver.why_not(*s, typed);
            if !obstacles.is_empty() {
                let words: Vec<String> = obstacles.iter().map(|o| self.solver.describe(o)).collect();
                return Err(format!("{} cannot be {typed}: {}", self.solver.tree.name(*s), words.join("; ")));
            }
        }
        let old = self.own.text();
        let before: Vec<Shown> = self.solver.tree.symbol_ids().map(|s| self.solver.shown(s)).collect();
        let mut lines = self.own.clone();
        for (s, typed) in wishes {
            self.write(&mut lines, *s, typed);
        }
        self.follow(&lines.text());
        if let Some((s, typed)) = wishes.iter().find(|(s, typed)| !self.is(*s, typed)) {
            let words = format!("{} would be {} and not {typed}", self.solver.tree.name(*s), self.value(*s));
            self.follow(&old);
            return Err(words);
        }
        // What comes to the value by itself needs no line.
        for (s, typed) in wishes.iter().rev() {
            if !self.base_is(*s, typed) {
                continue;
            }
            let with = self.own.clone();
            let mut without = with.clone();
            if without.remove(self.solver.tree.name(*s)) {
                self.follow(&without.text());
                if !wishes.iter().all(|(s, typed)| self.is(*s, typed)) {
                    self.follow(&with.text());
                }
            }
        }
        self.tidy(&before, wishes);
        Ok(Proposal { lines: self.own.text(), effects: self.since(&before, wishes) })
    }

    /// Lines that counted before this change and count no more go with it; undoing the change brings them back. Lines that
    /// never counted are the user's own to keep.
    fn tidy(&mut self, before: &[Shown], wishes: &[(SymId, String)]) {
        let found = |(name, value): (&str, &str)| Some((self.solver.tree.find(name)?, value.to_owned()));
        let lines: Vec<(SymId, String)> = self.own.values().into_iter().filter_map(found).collect();
        let mut idle = Vec::new();
        for (s, value) in lines {
            let logical = self.solver.tree.symbol(s).kind.is_logical();
            let counts = |shown: Shown| {
                if logical {
                    return value.len() == 1 && value.starts_with(shown.value.tri.letter());
                }
                let line = self.solver.line_of(s, &self.text_of(s, Some(shown)));
                Lines::parse(&line, &self.solver.tree.dialect.prefix).values().first().is_some_and(|(_, v)| *v == value)
            };
            let (then, now) = (before.get(s.index()).copied().is_some_and(counts), counts(self.solver.shown(s)));
            if then && !now && !wishes.iter().any(|(w, _)| *w == s) {
                idle.push((s, self.solver.shown(s).value));
            }
        }
        // All at once: a bus that goes takes hundreds with it. What would come to another value without its line stays,
        // and where that is still not all, all stay.
        if idle.is_empty() {
            return;
        }
        let with = self.own.clone();
        while !idle.is_empty() {
            let mut without = with.clone();
            without.remove_all(&idle.iter().map(|(s, _)| self.solver.tree.name(*s)).collect());
            self.follow(&without.text());
            let count = idle.len();
            idle.retain(|(s, kept)| self.solver.shown(*s).value == *kept);
            if idle.len() == count {
                return;
            }
        }
        self.follow(&with.text());
    }

    fn since(&self, before: &[Shown], wishes: &[(SymId, String)]) -> Vec<Effect> {
        let changed = |s: &SymId| before.get(s.index()).is_some_and(|b| b.value != self.solver.shown(*s).value);
        let mut ids: Vec<SymId> = self.symbols().filter(changed).collect();
        ids.sort_by_key(|s| (!wishes.iter().any(|(w, _)| w == s), *s));
        ids.into_iter().map(|s| self.effect(s, before[s.index()], self.solver.shown(s))).collect()
    }

    /// The lines without those of an option, and of the others of its choice: it comes to what it is without the project.
    pub fn propose_unset(&mut self, s: SymId) -> Proposal {
        let before: Vec<Shown> = self.solver.tree.symbol_ids().map(|s| self.solver.shown(s)).collect();
        let mut lines = self.own.clone();
        for one in self.with_its_choice(s) {
            lines.remove(self.solver.tree.name(one));
        }
        self.follow(&lines.text());
        self.tidy(&before, &[]);
        Proposal { lines: self.own.text(), effects: self.since(&before, &[]) }
    }

    fn with_its_choice(&self, s: SymId) -> Vec<SymId> {
        match self.solver.choice_of(s) {
            Some(choice) => self.solver.tree.choice_members.get(&choice).cloned().unwrap_or_else(|| vec![s]),
            None => vec![s],
        }
    }

    pub(super) fn write(&self, lines: &mut Lines, s: SymId, typed: &str) {
        let tree = &self.solver.tree;
        if typed == "y" && self.solver.choice_of(s).is_some() {
            for other in self.with_its_choice(s).into_iter().filter(|o| *o != s) {
                lines.remove(tree.name(other));
                // In a `.config` two members that are y contradict each other.
                if self.site.merges() && self.base.picks(other) {
                    lines.put(tree.name(other), self.solver.line_of(other, "n"));
                }
            }
        }
        lines.put(tree.name(s), self.solver.line_of(s, typed));
    }

    fn same(&self, s: SymId, value: &str, typed: &str) -> bool {
        let hex = |t: &str| t.to_ascii_lowercase().trim_start_matches("0x").to_owned();
        value == typed || self.solver.tree.symbol(s).kind == SymbolKind::Hex && hex(value) == hex(typed)
    }

    fn is(&self, s: SymId, typed: &str) -> bool {
        self.same(s, self.value(s), typed)
    }

    fn base_is(&self, s: SymId, typed: &str) -> bool {
        self.same(s, &self.base_value(s), typed)
    }

    /// What to change besides, so that a bool or tristate can have a value. It takes up to the time of the limits.
    pub fn fixes(&mut self, s: SymId, wanted: Tristate, limits: Limits) -> Fixes {
        let found = self.solver.fixes(&[(s, wanted)], limits);
        let answer = |a: &Answer| match a {
            Answer::Logical(t) => t.letter().to_string(),
            Answer::Text(text) => text.clone(),
        };
        let choice = |c: &bootwright_kconfig::fixes::Change| Choice {
            name: self.solver.tree.name(c.symbol).to_owned(),
            prompt: self.solver.prompts(c.symbol).first().map(|p| (*p).to_owned()).unwrap_or_default(),
            from: answer(&c.from),
            to: answer(&c.to),
        };
        let fixes = found.fixes.iter().map(|f| Fix { changes: f.changes.iter().map(choice).collect(), effects: f.effects }).collect();
        let terms = |terms: &[bootwright_kconfig::ExprId]| {
            let all: Vec<String> = terms.iter().map(|e| self.solver.annotated(*e)).collect();
            all.join(" and ")
        };
        let words = match &found.why {
            None => String::new(),
            Some(Why::Already) => "It has this value already.".into(),
            Some(Why::NoSuchValue(_)) => "It cannot have such a value.".into(),
            Some(Why::NotSettable(_)) => "It has no prompt, and nothing selects it.".into(),
            Some(Why::Impossible(e)) if e.is_empty() => "No set of answers makes it possible.".into(),
            Some(Why::Impossible(e)) => format!("No set of answers makes it possible: {} can never hold here.", terms(e)),
            Some(Why::Unknown(e)) if e.is_empty() => "None was found in the time there was.".into(),
            Some(Why::Unknown(e)) => format!("None was found: {} needs a text that only you know.", terms(e)),
        };
        Fixes { fixes, words }
    }

    /// The lines that a fix makes.
    ///
    /// # Errors
    /// If it does not come out as it was found; the values are as they were.
    pub fn propose_fix(&mut self, fix: &Fix) -> Result<Proposal, String> {
        let wish = |c: &Choice| self.find(&c.name).map(|s| (s, c.to.clone())).ok_or_else(|| format!("there is no option {}", c.name));
        let wishes = fix.changes.iter().map(wish).collect::<Result<Vec<_>, _>>()?;
        match wishes.as_slice() {
            // What one wish alone is refused for was looked at when the fix was found.
            [one] => {
                let twice = [one.clone(), one.clone()];
                self.propose(&twice)
            }
            all => self.propose(all),
        }
    }

    /// Whether a value can be given now, and what is in its way.
    pub fn obstacles(&mut self, s: SymId, typed: &str) -> Vec<Obstacle> {
        self.solver.why_not(s, typed)
    }
}
