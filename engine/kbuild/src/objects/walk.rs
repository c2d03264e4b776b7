//! Follows a build from its goals through every make that Kbuild starts, without running a command: reads the tree's own
//! makefiles, picks the rules that make would pick, and notes each file that a recipe would make.

use super::command::{self, Call, MAKE};
use super::search::Search;
use super::world::Sources;
use crate::make::{
    Contribution, Evaluator, Guard, Layer, Library, NameId, Origin, Place, Problem, RecipeId, Scope, Variable, Weight, World, local,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::Arc;

/// A defconfig starts some 700 makes.
const MOST_MAKES: usize = 20_000;
/// Makes that start makes; folders nest no deeper.
const DEEPEST: usize = 60;

/// One make of the build, after its makefile was read.
#[derive(Debug)]
pub struct Make {
    /// The make that started it.
    pub outer: Option<usize>,
    /// The makefile after `-f`.
    pub makefile: Arc<str>,
    /// `obj`: the folder that it is about; empty for the top.
    pub folder: Arc<str>,
    /// The recipe that started it.
    pub called: Option<Place>,
    /// What its makefiles assigned, without Kbuild's own.
    pub log: Vec<Contribution>,
    pub guards: Vec<Guard>,
    /// The makefiles that it read, Kbuild's own among them, in their order.
    pub files: Vec<Arc<str>>,
}

/// A file that a recipe makes.
#[derive(Debug)]
pub struct Made {
    pub path: Arc<str>,
    /// The make whose rule it is, in [`Walk::makes`].
    pub by: usize,
    /// Where the recipe begins.
    pub place: Place,
    /// Kbuild's name for what is done, such as `cc_o_c`; empty when the recipe names none.
    pub command: Arc<str>,
    /// What it is made from, files only.
    pub needs: Vec<Arc<str>>,
    /// The rule was found by pattern: the first of `needs` is its source.
    pub by_pattern: bool,
    /// What its command comes to, hashed: two predictions of one tree with the same number run the same command.
    pub print: u64,
}

/// A build that was followed.
pub struct Walk<'w> {
    pub library: &'w Library,
    pub sources: &'w Sources,
    pub makes: Vec<Make>,
    pub made: Vec<Made>,
    /// [`Walk::made`] by path; the first recipe counts.
    pub by_path: FxHashMap<Arc<str>, usize>,
    /// Files that something needs, which are not there and which no rule makes.
    pub missing: Vec<(Arc<str>, Arc<str>)>,
    pub problems: Vec<Problem>,
    /// Commands of `$(shell)` that were not answered.
    pub unanswered: Vec<(Place, String)>,
    /// Makes in folders with a build system of their own, such as tools/.
    pub elsewhere: Vec<String>,
    config: Arc<Layer>,
    started: FxHashSet<String>,
    depth: usize,
    here: String,
    automatic: Automatic,
}

/// Names of a recipe's variables.
struct Automatic {
    target: NameId,
    first: NameId,
    all: NameId,
    stem: NameId,
    newer: NameId,
    make: NameId,
    obj: NameId,
}

/// One make while its goals are followed.
struct Run<'w> {
    make: Evaluator<'w>,
    index: usize,
    seen: FxHashSet<Arc<str>>,
    mentioned: FxHashSet<Arc<str>>,
    phony: FxHashSet<Arc<str>>,
    environment: Option<Arc<Layer>>,
    command_line: Rc<Vec<(String, String)>>,
}

/// How a make is started.
pub struct Start {
    pub makefile: String,
    pub goals: Vec<String>,
    pub command_line: Rc<Vec<(String, String)>>,
    pub environment: Arc<Layer>,
    pub outer: Option<usize>,
    /// The recipe that starts it.
    pub called: Option<Place>,
}

impl<'w> Walk<'w> {
    pub fn new(library: &'w Library, sources: &'w Sources, config: Arc<Layer>) -> Self {
        let name = |text| library.name(text);
        let automatic = Automatic {
            target: name("@"),
            first: name("<"),
            all: name("^"),
            stem: name("*"),
            newer: name("?"),
            make: name("MAKE"),
            obj: name("obj"),
        };
        Self {
            library,
            sources,
            makes: Vec::new(),
            made: Vec::new(),
            by_path: FxHashMap::default(),
            missing: Vec::new(),
            problems: Vec::new(),
            unanswered: Vec::new(),
            elsewhere: Vec::new(),
            config,
            started: FxHashSet::default(),
            depth: 0,
            here: sources.folder(),
            automatic,
        }
    }

    /// Starts a make and follows its goals. The same make twice is followed once.
    pub fn start(&mut self, start: Start) {
        let key = format!("{} {:?} {:?}", start.makefile, start.command_line, start.goals);
        if self.makes.len() >= MOST_MAKES || self.depth >= DEEPEST || !self.started.insert(key) {
            return;
        }
        let mut scope = Scope { base: start.environment.clone(), ..Scope::default() };
        // Kbuild's own makefiles set some 500.
        scope.own.reserve(800);
        let mut set = |name: &str, value: &str, origin| {
            scope.own.insert(self.library.name(name), Variable::simple(value, origin));
        };
        set("MAKE", "make", Origin::Default);
        set("MAKE_VERSION", "4.4.1", Origin::Default);
        set("MAKEFLAGS", "rR --no-print-directory", Origin::File);
        set("MAKECMDGOALS", &start.goals.join(" "), Origin::Default);
        set("CURDIR", &self.here, Origin::File);
        set(
            ".FEATURES",
            "archives check-symlink else-if extra-prereqs grouped-target jobserver notintermediate oneshell order-only output-sync second-expansion shell-export shortest-stem target-specific undefine",
            Origin::Default,
        );
        for (name, value) in &*start.command_line {
            scope.own.insert(self.library.name(name), Variable::simple(value.as_str(), Origin::CommandLine));
        }
        let mut make = Evaluator::new(self.library, self.sources, scope);
        make.config = Some(self.config.clone());
        make.config_paths = &["include/config/auto.conf", ".config"];
        make.keeps = is_the_trees_own;
        if !make.read(&start.makefile) {
            return;
        }
        make.finish_log();
        let mut obj = String::new();
        make.variable(self.automatic.obj, &mut obj);
        // The top makefile of BusyBox sets it to the whole tree.
        let obj: Arc<str> = if start.outer.is_none() { "".into() } else { local(&self.here, &obj).into() };
        let index = self.makes.len();
        self.makes.push(self.note(&mut make, &start, obj));
        self.problems.extend(make.problems.drain(..).filter(|p| p.weight != Weight::Info));
        self.unanswered.append(&mut make.unanswered);
        let mut run = Run {
            index,
            seen: FxHashSet::default(),
            mentioned: mentioned(&make),
            phony: make.rules.of(".PHONY").map(|p| p.prerequisites.iter().cloned().collect()).unwrap_or_default(),
            environment: None,
            command_line: start.command_line,
            make,
        };
        let goals = match (start.goals.as_slice(), &run.make.rules.default_goal) {
            ([], Some(goal)) => vec![goal.clone()],
            ([], None) => Vec::new(),
            (goals, _) => goals.iter().map(|g| g.as_str().into()).collect(),
        };
        self.depth += 1;
        for goal in goals {
            self.reach(&mut run, &goal, "");
        }
        self.depth -= 1;
        self.problems.extend(run.make.problems.drain(..).filter(|p| p.weight > Weight::Warning));
    }

    fn note(&self, make: &mut Evaluator<'_>, start: &Start, folder: Arc<str>) -> Make {
        let mut files: Vec<Arc<str>> = Vec::new();
        for word in make.value("MAKEFILE_LIST").split_ascii_whitespace() {
            let path = local(&self.here, word);
            if !files.iter().any(|f| **f == *path) {
                files.push(path.into());
            }
        }
        Make {
            outer: start.outer,
            called: start.called,
            makefile: local(&self.here, &start.makefile).into(),
            folder,
            log: std::mem::take(&mut make.log),
            guards: std::mem::take(&mut make.guards),
            files,
        }
    }

    /// Follows one target of a make: first what it needs, then what its recipe does.
    fn reach(&mut self, run: &mut Run<'w>, target: &Arc<str>, needed_by: &str) {
        if run.seen.insert(target.clone()) {
            stacker::maybe_grow(128 << 10, 2 << 20, || self.follow(run, target, needed_by));
        }
    }

    fn follow(&mut self, run: &mut Run<'w>, target: &Arc<str>, needed_by: &str) {
        let rules = &run.make.rules;
        let explicit = rules.of(target);
        let mut needs: Vec<Arc<str>> = explicit.map(|e| e.prerequisites.clone()).unwrap_or_default();
        let mut order_only: Vec<Arc<str>> = explicit.map(|e| e.order_only.clone()).unwrap_or_default();
        let mut recipe = explicit.and_then(|e| rules.recipe_of(e)).map(|(id, stem)| (id, stem.to_string()));
        let phony = run.phony.contains(target);
        let mut by_pattern = false;
        if recipe.is_none() && !phony {
            let search = Search { rules, world: self.sources, mentioned: &run.mentioned };
            if let Some(found) = search.rule(target) {
                by_pattern = true;
                recipe = Some((found.recipe, found.stem));
                needs.splice(0..0, found.prerequisites);
                order_only.extend(found.order_only);
            }
        }
        if explicit.is_none() && recipe.is_none() {
            if !phony && !self.sources.exists(&local(&self.here, target)) {
                self.missing.push((target.clone(), needed_by.into()));
            }
            return;
        }
        for need in needs.iter().chain(&order_only) {
            self.reach(run, need, target);
        }
        let Some((id, stem)) = recipe else { return };
        self.carry_out(run, target, id, &stem, &needs, phony, by_pattern);
    }

    /// What a recipe makes: a file, or other makes.
    #[allow(clippy::too_many_arguments)] // all of them are the one target under way
    fn carry_out(
        &mut self,
        run: &mut Run<'w>,
        target: &Arc<str>,
        id: RecipeId,
        stem: &str,
        needs: &[Arc<str>],
        phony: bool,
        by_pattern: bool,
    ) {
        let Some(recipe) = run.make.rules.recipe(id) else { return };
        let lines: Vec<Arc<str>> = recipe.lines.iter().filter(|l| command::starts_make(l)).cloned().collect();
        let works = command::works(recipe);
        let name: Arc<str> = command::name(recipe).unwrap_or("").into();
        let place = recipe.place;
        if !lines.is_empty() {
            self.descend(run, target, stem, needs, &lines, place);
        } else if works && !phony {
            let print = self.print(run, target, stem, &name, needs);
            self.note_made(run, target, place, name, needs, by_pattern, print);
        }
    }

    /// The command of Kbuild's `cmd_NAME` for a target, as a number. What the shell would answer is left out of it.
    fn print(&self, run: &mut Run<'w>, target: &Arc<str>, stem: &str, name: &str, needs: &[Arc<str>]) -> u64 {
        let known = &self.automatic;
        let needs: Vec<&str> = needs.iter().filter(|n| !run.phony.contains(*n)).map(|n| &**n).collect();
        let locals = vec![
            (known.target, target.to_string()),
            (known.first, needs.first().map(ToString::to_string).unwrap_or_default()),
            (known.all, needs.join(" ")),
            (known.newer, String::new()),
            (known.stem, stem.to_owned()),
            (known.make, MAKE.to_owned()),
        ];
        let text = run.make.with_locals(locals, |make| make.value(&format!("cmd_{name}")));
        rustc_hash::FxBuildHasher.hash_one(text)
    }

    #[allow(clippy::too_many_arguments)] // all of them are the one target under way
    fn note_made(
        &mut self,
        run: &mut Run<'w>,
        target: &Arc<str>,
        place: Place,
        command: Arc<str>,
        needs: &[Arc<str>],
        by_pattern: bool,
        print: u64,
    ) {
        let path: Arc<str> = local(&self.here, target).into();
        if self.by_path.contains_key(&path) {
            return;
        }
        let files = needs.iter().filter(|n| !run.phony.contains(*n)).map(|n| local(&self.here, n).into()).collect();
        self.sources.make(&path);
        if path.rsplit('/').next() == Some("modules.order") {
            self.write_order(run, &path, &files);
        }
        // Since 6.16 what it links is vmlinux.unstripped.
        let linked = &*command == "link_vmlinux" && !path.contains('/')
            || path.rsplit('/').next() == Some("vmlinux") && command.contains("link-vmlinux");
        self.by_path.insert(path.clone(), self.made.len());
        self.made.push(Made { path, by: run.index, place, command, needs: files, by_pattern, print });
        if linked {
            self.link_script(run, place);
        }
    }

    /// The list of modules, which later makes read: each module, and the lists of the folders below.
    fn write_order(&self, run: &mut Run<'w>, path: &str, files: &Vec<Arc<str>>) {
        // Before 6.3 or so the list names the .ko files.
        let name = self.library.name("cmd_modules_order");
        let ko = run.make.scope.get(name).is_some_and(|v| v.text.contains("%.ko"));
        let mut text = String::new();
        for file in files {
            if file.rsplit('/').next() == Some("modules.order") {
                text.push_str(&self.sources.read(file).unwrap_or_default());
            } else {
                text.push_str(if ko { file.strip_suffix(".o").unwrap_or(file) } else { file });
                text.push_str(if ko { ".ko\n" } else { "\n" });
            }
        }
        self.sources.write(path, text);
    }

    /// Starts the makes of a recipe.
    fn descend(&mut self, run: &mut Run<'w>, target: &Arc<str>, stem: &str, needs: &[Arc<str>], lines: &[Arc<str>], place: Place) {
        let known = &self.automatic;
        let locals = vec![
            (known.target, target.to_string()),
            (known.first, needs.first().map(ToString::to_string).unwrap_or_default()),
            (known.all, needs.join(" ")),
            (known.newer, needs.join(" ")),
            (known.stem, stem.to_owned()),
            (known.make, MAKE.to_owned()),
        ];
        let mut calls: Vec<Call> = Vec::new();
        for line in lines {
            let expr = self.library.expr(line);
            let text = run.make.with_locals(locals.clone(), |make| make.expand(&expr));
            calls.extend(command::calls(&text));
        }
        for call in calls {
            self.call(run, call, place);
        }
    }

    fn call(&mut self, run: &mut Run<'w>, call: Call, place: Place) {
        if let Some(folder) = &call.folder
            && local(&self.here, folder) != "."
        {
            let folder = local(&self.here, folder);
            if !self.elsewhere.contains(&folder) {
                self.elsewhere.push(folder);
            }
            return;
        }
        let environment = match &run.environment {
            Some(known) => known.clone(),
            None => run.environment.insert(run.make.environment()).clone(),
        };
        // What a command line says holds for the makes below, too.
        let mut command_line = (*run.command_line).clone();
        for (name, value) in call.variables {
            command_line.retain(|(n, _)| *n != name);
            command_line.push((name, value));
        }
        self.start(Start {
            makefile: call.makefile.unwrap_or_else(|| "Makefile".to_owned()),
            goals: call.goals,
            command_line: Rc::new(command_line),
            environment,
            outer: Some(run.index),
            called: Some(place),
        });
    }

    /// The script that links vmlinux starts makes and makes objects of its own.
    fn link_script(&mut self, run: &mut Run<'w>, place: Place) {
        let Some(script) = self.sources.read(super::link_script::PATH) else { return };
        let kallsyms = self.config.contains_key(&self.library.name("CONFIG_KALLSYMS"));
        let btf = self.config.contains_key(&self.library.name("CONFIG_DEBUG_INFO_BTF"));
        let found = super::link_script::read(&script, kallsyms, btf);
        for call in found.calls {
            self.call(run, call, place);
        }
        for object in found.objects {
            let path: Arc<str> = object.into();
            self.sources.make(&path);
            self.by_path.insert(path.clone(), self.made.len());
            self.made.push(Made {
                path,
                by: run.index,
                place,
                command: "link_vmlinux".into(),
                needs: Vec::new(),
                by_pattern: false,
                print: 0,
            });
        }
    }
}

/// Every file that a rule names.
fn mentioned(make: &Evaluator<'_>) -> FxHashSet<Arc<str>> {
    let mut out = FxHashSet::default();
    for (target, explicit) in make.rules.targets() {
        out.insert(target.clone());
        out.extend(explicit.prerequisites.iter().chain(&explicit.order_only).cloned());
    }
    out
}

/// Whether a makefile says what is built; Kbuild's own, in scripts/, say how.
pub fn is_the_trees_own(path: &str) -> bool {
    match path.strip_prefix("scripts/") {
        Some(name) => name.contains('/') || matches!(name, "Makefile" | "Kbuild"),
        None => true,
    }
}
