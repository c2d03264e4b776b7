//! The configuration lines of two projects, option by option.

use bootwright_build::config::Lines;
use bootwright_model::{ComponentId, Project};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// All trees whose recipes take lines of a project begin their names so.
const PREFIX: &str = "CONFIG_";

/// What the lines of two projects answer one option. None: no line, so that it has what the recipe gives it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineChange {
    pub component: ComponentId,
    /// Without `CONFIG_`.
    pub option: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

impl LineChange {
    /// `kernel, RD_GZIP: no line became n`.
    pub fn words(&self) -> String {
        let text = |v: &Option<String>| v.clone().unwrap_or_else(|| "no line".into());
        format!("{}, {}: {} became {}", self.component, self.option, text(&self.old), text(&self.new))
    }
}

/// By component and option.
pub fn changed(old: &Project, new: &Project) -> Vec<LineChange> {
    let components: BTreeSet<&ComponentId> = old.fragments.keys().chain(new.fragments.keys()).collect();
    let mut changes = Vec::new();
    for component in components {
        let of = |p: &Project| Lines::parse(p.fragments.get(component).map_or("", String::as_str), PREFIX);
        let (old, new) = (of(old), of(new));
        let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) = (old.values().into_iter().collect(), new.values().into_iter().collect());
        for option in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let of = |lines: &BTreeMap<&str, &str>| lines.get(option).map(|v| (*v).to_owned());
            if of(&old) != of(&new) {
                changes.push(LineChange { component: component.clone(), option: (*option).to_owned(), old: of(&old), new: of(&new) });
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::changed;
    use bootwright_model::{ComponentId, Library, Project};

    #[test]
    fn lines_are_compared_by_option_and_not_by_their_order() {
        let library = Library::embedded().unwrap();
        let mut old = Project::open("mll-2016", &library).unwrap();
        let mut new = old.clone();
        let [kernel, busybox] = ["kernel", "busybox"].map(|c| ComponentId::try_from(c).unwrap());
        old.fragments.insert(kernel.clone(), "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"one\"\n".into());
        new.fragments.insert(kernel, "CONFIG_S=\"two\"\nCONFIG_B=n\nCONFIG_A=y\n".into());
        new.fragments.insert(busybox, "CONFIG_ASH=y\n".into());
        let words: Vec<String> = changed(&old, &new).iter().map(super::LineChange::words).collect();
        assert_eq!(words, ["busybox, ASH: no line became y", "kernel, S: \"one\" became \"two\""]);
        assert!(changed(&old, &old).is_empty());
    }
}
