//! Acts as the kernel's scripts/kconfig/conf: the same files, messages and exit codes.

mod args;
mod ask;
mod files;
mod fill;
mod fill_table;
mod more;
mod old;

use crate::config::{ReadReport, open};
use crate::macros::Host;
use crate::parse::{Reading, read};
use crate::probes::{Identity, Probes, read_remembering};
use crate::rand::Rand;
use crate::solve::Solver;
use crate::tree::{Severity, SymId, Tree, Tristate};
use crate::{Dialect, bytes, finish};
use args::{Args, Mode};
pub(crate) use fill::Fill;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// What a run reads and writes besides the tree.
pub struct Io<'a> {
    pub input: &'a mut dyn BufRead,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// Whether input and output are a terminal.
    pub terminal: bool,
}

/// Why a run ends before its end, with the exit code; what there was to say has been said.
type Ended<T> = Result<T, u8>;

pub struct Conf<'a> {
    pub host: &'a mut dyn Host,
    /// Where the run takes place.
    pub folder: PathBuf,
    pub io: Io<'a>,
    /// Where the shell's answers are kept between runs, and what they depend on.
    pub probe_cache: Option<(PathBuf, Identity)>,
}

struct Run<'a, 'b> {
    conf: &'b mut Conf<'a>,
    solver: Solver,
    order: Vec<SymId>,
    silent: bool,
    werror: bool,
    /// Answers are typed, and seen as they are.
    terminal: bool,
    warnings: usize,
}

impl Conf<'_> {
    /// Runs with these arguments (the program's name first). The exit code.
    pub fn run(&mut self, words: &[String]) -> u8 {
        let code = match self.try_run(words) {
            Ok(()) => 0,
            Err(code) => code,
        };
        let _ = self.io.out.flush();
        let _ = self.io.err.flush();
        code
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.host.variable(name)
    }

    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.io.out.write_all(&bytes::raw(text.to_string().as_bytes())); // nobody listens: the files are written all the same
    }

    fn complain(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.io.err.write_all(&bytes::raw(text.to_string().as_bytes()));
    }

    fn try_run(&mut self, words: &[String]) -> Ended<()> {
        let dialect = self.dialect();
        if dialect.busybox {
            return self.run_old(words, dialect);
        }
        let program = words.first().map_or("conf", |w| w.as_str());
        let args = args::parse(program, words.get(1..).unwrap_or_default(), dialect.old_targets);
        for complaint in &args.complaints {
            self.complain(format_args!("{complaint}\n"));
        }
        let (Some(top), false) = (args.top.clone(), args.help) else {
            if !args.help {
                self.complain(format_args!("{program}: Kconfig file missing\n"));
            }
            self.say(format_args!("{}", usage(program)));
            return Err(1);
        };
        let mut rand = None;
        if args.mode == Mode::RandConfig {
            let seed = fill::seed(self.variable("KCONFIG_SEED").as_deref());
            let line = format!("KCONFIG_SEED=0x{seed:X}\n");
            if dialect.seed_on_stderr {
                self.complain(format_args!("{line}"))
            } else {
                self.say(format_args!("{line}"))
            }
            rand = Some(Rand::new(seed));
        }
        let tree = self.load(&top, dialect)?;
        let mut solver = Solver::new(tree);
        solver.warn = true;
        let order = solver.tree.table_order();
        let werror = self.variable("KCONFIG_WERROR").is_some_and(|v| !v.is_empty());
        let terminal = self.io.terminal;
        let mut run =
            Run { terminal, solver, order, silent: args.silent || args.mode == Mode::SyncConfig, werror, warnings: 0, conf: self };
        run.go(&args, rand)
    }

    fn dialect(&self) -> Dialect {
        let source_tree = self.variable("srctree").map(PathBuf::from);
        let named = self.variable("KCONFIG_DIALECT").and_then(|name| Dialect::named(&name));
        let mut dialect = named.unwrap_or_else(|| Dialect::detect(&self.folder.join(source_tree.as_deref().unwrap_or(Path::new(".")))));
        if let Some(prefix) = self.variable("CONFIG_").filter(|_| !dialect.busybox) {
            dialect.prefix = prefix;
        }
        dialect
    }

    fn load(&mut self, top: &str, dialect: Dialect) -> Ended<Tree> {
        let source_tree = self.variable("srctree").map(|s| self.folder.join(s));
        let reading = Reading { as_conf: true, ..Reading::new(top, &self.folder, source_tree, dialect) };
        let mut tree = match self.probe_cache.take() {
            None => read(&reading, self.host),
            Some((file, mut identity)) => {
                let mut probes = Probes::load(&file);
                let tree = read_remembering(&reading, self.host, &mut identity, &mut probes);
                if let Err(e) = probes.save(&file) {
                    self.complain(format_args!("{}: answers of the shell cannot be kept: {e}\n", file.display()));
                }
                tree
            }
        };
        if !tree.has_errors() {
            finish(&mut tree);
        }
        self.report(&mut tree)?;
        Ok(tree)
    }

    /// Says what was found. A tree with errors is not gone on with.
    fn report(&mut self, tree: &mut Tree) -> Ended<()> {
        for d in std::mem::take(&mut tree.diagnostics) {
            match d.severity {
                Severity::Info => self.say(format_args!("{}\n", d.message)),
                Severity::Fatal if d.file.is_empty() => self.complain(format_args!("{}\n", d.message)),
                Severity::Remark => self.complain(format_args!("{}:{}: {}\n", d.file, d.line, d.message)),
                Severity::Warning if SPACED.iter().any(|end| d.message.ends_with(end)) => {
                    self.complain(format_args!("{}:{}: warning: {}\n", d.file, d.line, d.message))
                }
                Severity::Warning => self.complain(format_args!("{}:{}:warning: {}\n", d.file, d.line, d.message)),
                Severity::Error if d.line == 0 => self.complain(format_args!("can't find file {}\n", d.file)),
                Severity::Error | Severity::Fatal => self.complain(format_args!("{}:{}: {}\n", d.file, d.line, d.message)),
            }
            if d.severity >= Severity::Error {
                tree.diagnostics.push(d);
            }
        }
        if tree.has_errors() { Err(1) } else { Ok(()) }
    }
}

impl Run<'_, '_> {
    fn go(&mut self, args: &Args, rand: Option<Rand>) -> Ended<()> {
        let sync = args.mode == Mode::SyncConfig;
        let config = self.config_name();
        if sync && self.solver.tree.dialect.sync_needs_config && std::fs::metadata(self.conf.folder.join(&config)).is_err() {
            self.conf.complain(format_args!(
                "***\n*** Configuration file \"{config}\" not found!\n***\n*** Please run some configurator (e.g. \"make oldconfig\" or\n*** \"make menuconfig\" or \"make xconfig\").\n***\n"
            ));
            return Err(1);
        }
        self.read_input(&args.mode)?;
        self.flush();
        if self.werror && self.warnings > 0 {
            return Err(1);
        }
        let mut write = true;
        if sync && self.conf.variable("KCONFIG_NOSILENTUPDATE").is_some_and(|v| !v.is_empty()) {
            if self.solver.changed {
                self.conf.complain(format_args!("\n*** The configuration requires explicit update.\n\n"));
                return Err(1);
            }
            write = false;
        }
        match &args.mode {
            Mode::AllNoConfig => self.solver.answer_all(fill::Fill::All(Tristate::No)),
            Mode::AllYesConfig => self.solver.answer_all(fill::Fill::All(Tristate::Yes)),
            Mode::AllModConfig => self.solver.answer_all(fill::Fill::All(Tristate::Mod)),
            Mode::AllDefConfig | Mode::DefConfig(_) => self.solver.answer_all(fill::Fill::Defaults),
            Mode::RandConfig => {
                let odds = match fill::Odds::parse(self.conf.variable("KCONFIG_PROBABILITY").as_deref()) {
                    Ok(odds) => odds,
                    Err(why) => {
                        self.conf.complain(format_args!("{why}"));
                        return Err(1);
                    }
                };
                let mut rand = rand.unwrap_or_else(|| Rand::new(0));
                self.solver.answer_all(fill::Fill::Random(&mut rand, odds));
            }
            Mode::Yes2ModConfig => self.solver.rewrite(Tristate::Yes, Tristate::Mod),
            Mode::Mod2YesConfig => self.solver.rewrite(Tristate::Mod, Tristate::Yes),
            Mode::Mod2NoConfig => self.solver.rewrite(Tristate::Mod, Tristate::No),
            Mode::OldAskConfig | Mode::OldConfig | Mode::SyncConfig | Mode::ListNewConfig | Mode::HelpNewConfig => self.ask(&args.mode)?,
            Mode::TinyConfig => self.tiny()?,
            Mode::MergeConfig(files) => self.merge_files(files)?,
            Mode::LocalModConfig(list) => self.local(list, false)?,
            Mode::LocalYesConfig(list) => self.local(list, true)?,
            Mode::SaveDefConfig(_) | Mode::OldDefConfig => {}
        }
        self.flush();
        match &args.mode {
            Mode::SaveDefConfig(name) => {
                // It makes no folder for it, and without a file nothing is worked out.
                let saved = std::fs::File::create(self.conf.folder.join(name)).and_then(|mut file| {
                    let text = self.solver.defconfig();
                    self.flush();
                    file.write_all(&bytes::raw(text.as_bytes()))
                });
                if saved.is_err() {
                    self.conf.complain(format_args!("n*** Error while saving defconfig to: {name}\n\n"));
                    return Err(1);
                }
                self.tell_changed_input();
            }
            Mode::ListNewConfig | Mode::HelpNewConfig => {}
            _ => {
                // Without a look at what it would write, syncconfig writes only what has changed.
                write &= !sync || self.solver.changed || self.solver.tree.dialect.keeps_same;
                if write && self.write_config(&config).is_err() {
                    self.conf.complain(format_args!("\n*** Error during writing of the configuration.\n\n"));
                    return Err(1);
                }
                if self.write_auto(sync).is_err() && sync {
                    self.conf.complain(format_args!("\n*** Error during sync of the configuration.\n\n"));
                    return Err(1);
                }
            }
        }
        self.flush();
        Ok(())
    }

    /// Says the warnings that came up since the last time.
    fn flush(&mut self) {
        for w in std::mem::take(&mut self.solver.warnings) {
            self.warnings += 1;
            self.conf.complain(format_args!("{w}"));
        }
    }

    fn config_name(&self) -> String {
        self.conf.variable("KCONFIG_CONFIG").unwrap_or_else(|| ".config".into())
    }

    fn read_input(&mut self, mode: &Mode) -> Ended<()> {
        let all = match mode {
            Mode::DefConfig(file) => {
                if !self.read_file(Some(file)) {
                    self.conf.complain(format_args!("***\n*** Can't find default configuration \"{file}\"!\n***\n"));
                    return Err(1);
                }
                return Ok(());
            }
            Mode::AllNoConfig => "allno.config",
            Mode::AllYesConfig => "allyes.config",
            Mode::AllModConfig => "allmod.config",
            Mode::AllDefConfig => "alldef.config",
            Mode::RandConfig => "allrandom.config",
            Mode::TinyConfig | Mode::MergeConfig(_) => return Ok(()),
            _ => {
                self.read_file(None);
                return Ok(());
            }
        };
        let Some(named) = self.conf.variable("KCONFIG_ALLCONFIG") else { return Ok(()) };
        if !named.is_empty() && named != "1" {
            if !self.read_simple(&named) {
                self.conf.complain(format_args!("*** Can't read seed configuration \"{named}\"!\n"));
                return Err(1);
            }
            return Ok(());
        }
        if !self.read_simple(all) && !self.read_simple("all.config") {
            self.conf.complain(format_args!("*** KCONFIG_ALLCONFIG set, but no \"{all}\" or \"all.config\" file found\n"));
            return Err(1);
        }
        Ok(())
    }

    /// Reads answers, and works out what they come to. False where there is no such file.
    fn read_file(&mut self, name: Option<&str>) -> bool {
        self.solver.changed = false;
        let found = match name {
            Some(name) => self.read_simple(name),
            None => self.read_config_or_default(),
        };
        if !found {
            self.solver.value(self.solver.tree.modules);
            return false;
        }
        let warned = self.warnings > 0;
        let order = std::mem::take(&mut self.order);
        self.solver.settle(&order);
        self.order = order;
        self.solver.changed |= warned;
        true
    }

    fn read_config_or_default(&mut self) -> bool {
        let name = self.config_name();
        if self.read_simple(&name) {
            return true;
        }
        self.solver.changed = true;
        for name in self.default_names() {
            if self.read_simple(&name) {
                if !self.silent {
                    self.conf.say(format_args!("#\n# using defaults found in {name}\n#\n"));
                }
                return true;
            }
        }
        false
    }

    /// What to read where there is no `.config`.
    fn default_names(&mut self) -> Vec<String> {
        if self.solver.tree.dialect.defconfig_list {
            return self.solver.defconfig_list();
        }
        let list = self.conf.variable("KCONFIG_DEFCONFIG_LIST").unwrap_or_default();
        list.split_whitespace().map(str::to_owned).collect()
    }

    fn read_simple(&mut self, name: &str) -> bool {
        let Some((text, _)) = open(name, self.conf.host, &self.conf.folder) else { return false };
        let warn_unknown = self.conf.variable("KCONFIG_WARN_UNKNOWN_SYMBOLS").is_some();
        let ReadReport { warnings, notices, .. } = self.solver.read_answers(name, &text, warn_unknown);
        self.warnings = warnings.len() - notices;
        for w in warnings {
            self.conf.complain(format_args!("{w}\n"));
        }
        true
    }
}

/// How warnings end that the C tools write with a blank before the word "warning".
const SPACED: [&str; 3] =
    ["menuconfig statement without prompt", "defined with blank help text", "more than one help text -- only the last one will be used"];

fn usage(program: &str) -> String {
    format!(
        "Usage: {program} [options] <kconfig-file>\n\n\
Generic options:\n  -h, --help              Print this message and exit.\n  -s, --silent            Do not print log.\n\n\
Mode options:\n  --listnewconfig         List new options\n  --helpnewconfig         List new options and help text\n  \
--oldaskconfig          Start a new configuration using a line-oriented program\n  \
--oldconfig             Update a configuration using a provided .config as base\n  \
--syncconfig            Similar to oldconfig but generates configuration in\n                          include/{{generated/,config/}}\n  \
--olddefconfig          Same as oldconfig but sets new symbols to their default value\n  \
--defconfig <file>      New config with default defined in <file>\n  \
--savedefconfig <file>  Save the minimal current configuration to <file>\n  \
--allnoconfig           New config where all options are answered with no\n  \
--allyesconfig          New config where all options are answered with yes\n  \
--allmodconfig          New config where all options are answered with mod\n  \
--alldefconfig          New config with all symbols set to default\n  \
--randconfig            New config with random answer to all options\n  \
--yes2modconfig         Change answers from yes to mod if possible\n  \
--mod2yesconfig         Change answers from mod to yes if possible\n  \
--mod2noconfig          Change answers from mod to no if possible\n  \
--tinyconfig            The smallest kernel that starts\n  \
--mergeconfig <files>   New config from files with commas between, later ones first\n  \
--localmodconfig <file> Leave out what is neither loaded (file: output of lsmod) nor needed by it\n  \
--localyesconfig <file> The same, with what stays built in\n  \
(If none of the above is given, --oldaskconfig is the default)\n"
    )
}
