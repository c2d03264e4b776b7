//! BusyBox's conf: one letter for the mode, and every mode goes through the questions, also where it answers them itself.

use super::ask::{Auto, Session};
use super::{Conf, Ended, Run};
use crate::busybox::Stamp;
use crate::rand::Rand;
use crate::solve::Solver;
use crate::tree::Tristate;
use crate::{Dialect, config, files};
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
        let order = solver.tree.table_order();
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
        files::replace(&folder.join(".kconfig.d"), self.solver.busybox_files())?;
        files::replace_keeping(&folder.join(".config"), &text)?;
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

    const TREE: &str = "mainmenu \"ignored\"\nconfig HAVE\n\tbool\n\tdefault y\nmenu \"Settings\"\nconfig X\n\tboolean \"x\"\n\tdefault y\n\
\thelp\n\t  about x\nconfig N\n\tint \"n\"\n\tdefault 7\n\trequires X\nendmenu\nsource sub/Config.in\n";
    const SUB: &str = "choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\nconfig S\n\tstring \"s\"\n";

    /// The folder, the exit code and what was said.
    fn run(words: &[&str], config: &str, input: &str) -> (tempfile::TempDir, u8, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for (name, text) in
            [("Config.in", TREE), ("sub/Config.in", SUB), ("scripts/gen_build_files.sh", ""), ("include/keep", ""), ("given", config)]
        {
            files::write_plain(&path.join(name), text).unwrap();
        }
        if !config.is_empty() {
            files::write_plain(&path.join(".config"), config).unwrap();
        }
        let variables = [("KCONFIG_NOTIMESTAMP", "1"), ("KERNELVERSION", "1.2")];
        let (code, out, err) = crate::tests::conf(path, &variables, words, input.as_bytes());
        (folder, code, out, err)
    }

    fn file(folder: &tempfile::TempDir, name: &str) -> String {
        std::fs::read_to_string(folder.path().join(name)).unwrap()
    }

    #[test]
    fn every_question_is_shown_with_its_own_answer() {
        let (folder, code, out, err) = run(&["-d", "Config.in"], "", "");
        let expected = "*\n* Busybox Configuration\n*\n*\n* Settings\n*\nx (X) [Y/n/?] (NEW) y\n  n (N) [7] (NEW) 7\nc\n\
> 1. a (A) (NEW)\n  2. b (B) (NEW)\nchoice[1-2]: 1\ns (S) [] (NEW) \n";
        assert_eq!((code, out.as_str(), err.as_str()), (0, expected, ""));
        let config = "#\n# Automatically generated make config: don't edit\n# Busybox version: 1.2\n#\nCONFIG_HAVE=y\n\n\
#\n# Settings\n#\nCONFIG_X=y\nCONFIG_N=7\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"\"\n";
        assert_eq!(file(&folder, ".config"), config);
        assert_eq!(
            file(&folder, ".kconfig.d"),
            "deps_config := \\\n\tsub/Config.in \\\n\tConfig.in\n\n.config include/autoconf.h: $(deps_config)\n\n\
include/autoconf.h: .config\n\n$(deps_config):\n"
        );
        let header = file(&folder, "include/autoconf.h");
        assert!(header.contains("#undef CONFIG_B\n#define ENABLE_B 0\n#define IF_B(...)\n#define IF_NOT_B(...) __VA_ARGS__\n"));
        assert!(
            header.contains("#define CONFIG_S \"\"\n#define ENABLE_S 1\n#ifdef MAKE_SUID\n# define IF_S(...) __VA_ARGS__ \"CONFIG_S\"\n")
        );
    }

    #[test]
    fn all_no_goes_through_twice_and_invisible_numbers_are_0() {
        let (folder, code, out, _) = run(&["-n", "Config.in"], "", "");
        assert_eq!(code, 0);
        assert_eq!(out.matches("x (X)").count(), 2);
        let config = file(&folder, ".config");
        assert!(config.contains("# CONFIG_X is not set\nCONFIG_N=0\n"), "{config}");
    }

    #[test]
    fn a_defconfig_is_read_with_its_warnings() {
        let given = "# CONFIG_X is not set\nCONFIG_GONE=y\nCONFIG_B=y\nCONFIG_B=n\n";
        let (folder, code, out, err) = run(&["-D", "given", "Config.in"], given, "");
        assert_eq!(code, 0);
        assert!(out.contains("x (X) [N/y/?] n\n") && out.contains("  1. a (A) (NEW)\n> 2. b (B)\n"), "{out}");
        assert_eq!(err, "given:2:warning: trying to assign nonexistent symbol GONE\ngiven:4:warning: trying to reassign symbol B\n");
        assert!(file(&folder, ".config").contains("# CONFIG_A is not set\nCONFIG_B=y\n"));
        assert_eq!(file(&folder, ".config.old"), given);
    }

    #[test]
    fn typed_answers_and_help() {
        let (folder, code, out, _) = run(&["Config.in"], "", "?\n\n9\n2\ntext\n");
        assert_eq!(code, 0);
        assert!(out.contains("x (X) [Y/n/?] (NEW) \nabout x\nx (X)"), "{out}");
        assert!(file(&folder, ".config").ends_with("CONFIG_N=9\n# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_S=\"text\"\n"));
        // At the end of the input nothing is written.
        let (folder, code, _, _) = run(&["-o", "Config.in"], "", "");
        assert_eq!((code, folder.path().join(".kconfig.d").exists()), (1, false));
    }

    #[test]
    fn silently_needs_a_configuration_and_somebody_to_ask() {
        let (_, code, out, _) = run(&["-s", "Config.in"], "", "");
        assert!(code == 1 && out.contains("You have not yet configured busybox!"));
        let (_, code, out, _) = run(&["-s", "Config.in"], "CONFIG_X=y\n", "");
        assert!(code == 1 && out.contains("aborted!"), "{out}");
    }
}
