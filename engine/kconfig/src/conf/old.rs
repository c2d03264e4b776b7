//! BusyBox's conf: one letter for the mode, and every mode goes through the questions, also where it answers them itself.

use super::ask::{Auto, Session};
use super::{Conf, Ended, Run, files};
use crate::busybox::Stamp;
use crate::rand::Rand;
use crate::solve::Solver;
use crate::tree::Tristate;
use crate::{Dialect, config};
use std::io;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Letter {
    Ask,
    AskNew,
    AskSilent,
    Default,
    DefConfig(String),
    All(Tristate),
    Random,
}

struct Args {
    letter: Letter,
    top: Option<String>,
}

/// None: it is told what there is to tell, and that is all.
fn parse(words: &[String]) -> Option<Args> {
    let mut args = Args { letter: Letter::Ask, top: None };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        args.letter = match word.as_str() {
            "-o" => Letter::AskNew,
            "-s" => Letter::AskSilent,
            "-d" => Letter::Default,
            "-D" => Letter::DefConfig(words.next()?.clone()),
            "-n" => Letter::All(Tristate::No),
            "-m" => Letter::All(Tristate::Mod),
            "-y" => Letter::All(Tristate::Yes),
            "-r" => Letter::Random,
            "-h" | "-?" => return None,
            // As it does: what nobody knows is passed over.
            option if option.starts_with('-') => continue,
            _ => {
                args.top.get_or_insert_with(|| word.clone());
                continue;
            }
        };
    }
    Some(args)
}

impl Conf<'_> {
    pub(super) fn run_old(&mut self, words: &[String], dialect: Dialect) -> Ended<()> {
        let Some(args) = parse(words.get(1..).unwrap_or_default()) else {
            self.complain(format_args!("See README for usage info\n"));
            return Ok(());
        };
        let program = words.first().map_or("conf", |w| w.as_str());
        let Some(top) = args.top else {
            self.say(format_args!("{program}: Kconfig file missing\n"));
            return Err(1);
        };
        let tree = self.load(&top, dialect)?;
        let mut solver = Solver::new(tree);
        solver.value(solver.tree.modules);
        let order = solver.table_order();
        let terminal = self.io.terminal;
        let mut run = Run { terminal, solver, order, silent: false, werror: false, warnings: 0, conf: self };
        run.read_old(&args.letter)?;
        run.ask_old(args.letter)?;
        if run.write_old().is_err() {
            run.conf.complain(format_args!("\n*** Error during writing of the configuration.\n\n"));
            return Err(1);
        }
        Ok(())
    }
}

impl Run<'_, '_> {
    fn read_old(&mut self, letter: &Letter) -> Ended<()> {
        let all = match letter {
            Letter::DefConfig(file) => {
                if !self.read_file(Some(file)) {
                    self.conf.say(format_args!("***\n*** Can't find default configuration \"{file}\"!\n***\n"));
                    return Err(1);
                }
                return Ok(());
            }
            Letter::Default => {
                self.read_file(Some("/dev/null"));
                return Ok(());
            }
            Letter::All(Tristate::No) => "allno.config",
            Letter::All(Tristate::Mod) => "allmod.config",
            Letter::All(Tristate::Yes) => "allyes.config",
            Letter::Random => "allrandom.config",
            Letter::Ask | Letter::AskNew | Letter::AskSilent => return self.read_last(*letter == Letter::AskSilent),
        };
        if let Some(named) = self.conf.variable("KCONFIG_ALLCONFIG")
            && self.read_simple(&named)
        {
            return Ok(());
        }
        if !self.read_simple(all) {
            self.read_simple("all.config");
        }
        Ok(())
    }

    /// Reads `.config`, or nothing as if it were one.
    fn read_last(&mut self, must_exist: bool) -> Ended<()> {
        let found = config::open(".config", self.conf.host, &self.conf.folder).is_some();
        if must_exist && !found {
            self.conf.say(format_args!(
                "***\n*** You have not yet configured busybox!\n***\n*** Please run some configurator (e.g. \"make oldconfig\" or\n\
*** \"make menuconfig\" or \"make defconfig\").\n***\n"
            ));
            return Err(1);
        }
        let name = if found { ".config" } else { "/dev/null" };
        self.read_file(Some(name));
        self.conf.say(format_args!("#\n# using defaults found in {name}\n#\n"));
        Ok(())
    }

    fn ask_old(&mut self, letter: Letter) -> Ended<()> {
        let mut s = Session::new();
        let mut passes = 1;
        match letter {
            Letter::Ask => {}
            Letter::AskNew => s.settled = true,
            Letter::AskSilent => (s.settled, s.whole, s.needs_terminal, passes) = (true, false, true, 0),
            Letter::Default | Letter::DefConfig(_) => s.auto = Some(Auto::Default),
            // What is answered last may open what was asked first.
            Letter::All(tri) => (s.auto, passes) = (Some(Auto::All(tri)), 2),
            Letter::Random => (s.auto, passes) = (Some(Auto::Random(Rand::new(super::fill::seed(None)))), 2),
        }
        for _ in 0..passes {
            self.whole_menu(&mut s)?;
        }
        if s.auto.is_none() && !s.settled {
            (s.settled, s.whole) = (true, false);
        }
        self.ask_new(&mut s)
    }

    fn write_old(&mut self) -> io::Result<()> {
        let version = self.conf.variable("KERNELVERSION").unwrap_or_default();
        let without = self.conf.variable("KCONFIG_NOTIMESTAMP").is_some_and(|v| !v.is_empty());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
        let stamp = Stamp { version: &version, time: (!without).then_some(now) };
        let folder = self.conf.folder.clone();
        self.solver.forget();
        let text = self.solver.busybox_config(stamp);
        let header = self.solver.busybox_header(stamp);
        files::replace(&folder.join(".kconfig.d"), &self.solver.busybox_files())?;
        let path = folder.join(".config");
        if path.exists() {
            std::fs::rename(&path, folder.join(".config.old"))?;
        }
        files::replace(&path, &text)?;
        // After .config, whose change makes it out of date.
        files::replace(&folder.join("include/autoconf.h"), &header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_the_mode() {
        let of = |words: &[&str]| parse(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        let a = of(&["-D", "x", "Config.in"]);
        assert!(a.is_some_and(|a| a.letter == Letter::DefConfig("x".into()) && a.top.as_deref() == Some("Config.in")));
        assert!(of(&["-h", "Config.in"]).is_none());
        assert!(of(&["-x", "-d", "Config.in"]).is_some_and(|a| a.letter == Letter::Default));
        assert!(of(&["Config.in"]).is_some_and(|a| a.letter == Letter::Ask));
    }
}
