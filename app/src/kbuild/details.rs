//! One object: what brings it in, and the three kinds of dependency that Kbuild tracks of it.

use super::{Made, Opened};
use bootwright_kbuild::impact::Impacts;
use bootwright_kbuild::index::NONE;
use bootwright_kbuild::objects::Step;
use serde::Serialize;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Details {
    pub path: String,
    /// What it is compiled from, as fixdep noted it.
    pub source: Option<String>,
    /// Archives, composite objects and programs that collect it.
    pub into: Vec<String>,
    /// Which makefile lines and options bring it in, from itself up to the top.
    pub why: Vec<Step>,
    /// Files that it was made from.
    pub files: Vec<String>,
    /// Options that it depends on: named in its source or in a header, if only in a comment.
    pub options: Vec<String>,
    /// The command that made it; None where it was not built.
    pub command: Option<String>,
    /// When and why it was made last, where a journal says.
    pub made: Option<Made>,
    /// What is wrong with its `.cmd` file.
    pub trouble: Option<&'static str>,
}

impl Details {
    pub fn of(opened: &Opened, path: &str) -> Self {
        let mut details = Self { path: path.to_owned(), made: opened.journals.get(path).cloned(), ..Self::default() };
        if let Some((objects, object)) = opened.objects.as_ref().ok().and_then(|o| Some((o, o.get(path)?))) {
            details.why = objects.why(object);
            details.into = object.into.iter().map(ToString::to_string).collect();
            details.source = object.source.as_ref().map(ToString::to_string);
        }
        let index = &opened.index;
        let Some((id, row)) = index.find(path.as_bytes()).and_then(|id| Some((id, index.row(id)?))) else { return details };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for d in index.dependencies(row) {
            match index.option(d.file) {
                Some(option) => details.options.push(option),
                None => details.files.push(text(index.file(d.file))),
            }
        }
        details.options.sort();
        if row.source != NONE {
            details.source = Some(text(index.file(row.source)));
        }
        details.command = Some(text(&index.command(row)));
        details.trouble = row.trouble.map(|t| t.words());
        if details.into.is_empty() {
            let impacts = Impacts::new(&opened.tree, index);
            let users = impacts.users(index.row(id).map_or(NONE, |r| r.target)).iter();
            details.into = users.filter_map(|u| index.row(*u as usize)).map(|r| text(index.name(r))).collect();
            details.into.dedup();
        }
        details
    }
}
