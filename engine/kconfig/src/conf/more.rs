//! Targets that the kernel makes of scripts around `conf`: put together from parts, or cut down to what is loaded.

use super::fill::Fill;
use super::{Ended, Run};
use crate::config::open;
use crate::makefiles::{Makers, loaded};
use crate::merge::{Fragment, MergeReport};
use crate::tree::Tristate;

/// tinyconfig's parts, from the tree's top.
const TINY_BASE: &str = "kernel/configs/tiny-base.config";
const TINY: &str = "kernel/configs/tiny.config";

impl Run<'_, '_> {
    fn text_of(&mut self, name: &str) -> Ended<String> {
        match open(name, self.conf.host, &self.conf.folder) {
            Some((text, _)) => Ok(text),
            None => {
                self.conf.complain(format_args!("*** Can't read \"{name}\"!\n"));
                Err(1)
            }
        }
    }

    /// The smallest kernel that starts (make tinyconfig).
    pub(super) fn tiny(&mut self) -> Ended<()> {
        let base = self.text_of(TINY_BASE)?;
        self.solver.read_answers(TINY_BASE, &base, false);
        self.solver.answer_all(Fill::All(Tristate::No));
        let all_no = self.solver.dot_config();
        let mut parts = vec![(String::from("allnoconfig"), all_no), (TINY.to_owned(), self.text_of(TINY)?)];
        let own = format!("arch/{}/configs/tiny.config", self.conf.variable("SRCARCH").unwrap_or_default());
        if let Some((text, _)) = open(&own, self.conf.host, &self.conf.folder) {
            parts.push((own, text));
        }
        // That these parts change each other is what they are for.
        self.merge_parts(&parts);
        Ok(())
    }

    /// Files with answers, the later ones before the earlier.
    pub(super) fn merge_files(&mut self, names: &str) -> Ended<()> {
        let mut parts = Vec::new();
        for name in names.split(',').filter(|n| !n.is_empty()) {
            parts.push((name.to_owned(), self.text_of(name)?));
        }
        let report = self.merge_parts(&parts);
        for w in &report.warnings {
            self.conf.complain(format_args!("{w}\n"));
        }
        for o in &report.overridden {
            self.conf.say(format_args!("Value of CONFIG_{} is redefined by {}: it was {}, and is {} now\n", o.name, o.file, o.old, o.new));
        }
        for m in &report.missed {
            let got = m.got.as_deref().unwrap_or("unknown to this tree");
            self.conf.say(format_args!("{}:{}: CONFIG_{} was to be {}, and is {got}\n", m.file, m.line, m.name, m.wanted));
            for o in &m.obstacles {
                let text = self.solver.describe(o);
                self.conf.say(format_args!("  {text}\n"));
            }
        }
        Ok(())
    }

    fn merge_parts(&mut self, parts: &[(String, String)]) -> MergeReport {
        let fragments: Vec<Fragment<'_>> = parts.iter().map(|(name, text)| Fragment { name, text }).collect();
        self.solver.merge(&fragments)
    }

    /// localmodconfig and localyesconfig: `list` is a file with the output of lsmod; empty: /proc/modules.
    pub(super) fn local(&mut self, list: &str, built_in: bool) -> Ended<()> {
        let list = if list.is_empty() { "/proc/modules" } else { list };
        let modules = loaded(&self.text_of(list)?);
        let tree = self.conf.variable("srctree").unwrap_or_else(|| ".".into());
        let makers = Makers::read(&self.conf.folder.join(tree));
        let report = self.solver.keep_loaded(&modules, &makers, built_in);
        for module in &report.unknown {
            self.conf.complain(format_args!("{module}: no makefile of this tree makes this module\n"));
        }
        self.conf.say(format_args!(
            "{} of {} loaded modules found; {} options from m to n",
            modules.len() - report.unknown.len(),
            modules.len(),
            report.off
        ));
        let built_in = if built_in { format!(", {} to y", report.built_in) } else { String::new() };
        self.conf.say(format_args!("{built_in}\n"));
        Ok(())
    }
}
