//! All that is known of one option: what it is, why it has its value, and what keeps it from others.

use super::Editor;
use bootwright_kconfig::query::{self, Obstacle, Source};
use bootwright_kconfig::tree::Place;
use bootwright_kconfig::{ExprId, NodeKind, PropKind, SymId, SymbolKind, Tristate};
use serde::Serialize;

/// A place in a Kconfig file, as the tree names the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceName {
    pub file: String,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Details {
    pub name: String,
    pub prompt: Option<String>,
    pub kind: &'static str,
    pub value: String,
    /// Without the project's lines.
    pub base: String,
    /// The project has a line for it.
    pub line: bool,
    /// Whether the menus show it now.
    pub visible: bool,
    pub range: Option<(String, String)>,
    pub help: String,
    pub defined: Vec<PlaceName>,
    /// The menus that lead to it.
    pub menus: Vec<String>,
    pub cause: Cause,
    /// For each value it might have but has not.
    pub values: Vec<Possible>,
    /// What it hangs on, with the values of now.
    pub depends: String,
    pub depends_on: Vec<Related>,
    pub selected_by: Vec<Related>,
    pub implied_by: Vec<Related>,
    pub selects: Vec<Related>,
    pub implies: Vec<Related>,
}

/// Why it has its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// `answer` (a line of the project), `base` (an answer of the recipe's), `default`, `select`, `imply`, `choice`, `range` or
    /// `nothing`.
    pub kind: &'static str,
    pub words: String,
    pub places: Vec<PlaceName>,
}

/// A value, and what is in its way. Nothing: it can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Possible {
    pub value: String,
    pub blocked: Vec<Blocked>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocked {
    pub words: String,
    /// The parts of the condition that do not hold, each with the values of the options it names.
    pub clauses: Vec<Needs>,
    pub places: Vec<PlaceName>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Needs {
    pub clause: String,
    pub now: String,
    /// The options that it names.
    pub options: Vec<String>,
}

/// Another option that has to do with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    pub name: String,
    pub value: String,
    pub condition: String,
    pub place: Option<PlaceName>,
}

impl Editor {
    fn place(&self, place: Place) -> PlaceName {
        PlaceName { file: self.solver.tree.file_name(place).to_owned(), line: place.line }
    }

    fn condition(&self, e: ExprId) -> String {
        if e.is_none() || self.solver.tree.exprs.is_yes(e) { String::new() } else { self.solver.annotated(e) }
    }

    pub fn details(&mut self, s: SymId) -> Details {
        self.solver.value(s);
        let nodes: Vec<_> = self.solver.tree.nodes_of(s).collect();
        let visible = nodes.iter().any(|n| self.solver.node_visible(*n));
        let cause = self.cause(s);
        let values = self.values(s);
        let range = self.solver.range(s).map(|(low, high)| {
            self.solver.value(low);
            self.solver.value(high);
            (self.solver.value_text(low).to_owned(), self.solver.value_text(high).to_owned())
        });
        let selected_by = self.solver.selected_by(s).iter().map(|b| self.source(b)).collect();
        let implied_by = self.solver.implied_by(s).iter().map(|b| self.source(b)).collect();
        let (selects, implies) = self.reaches(s);
        let tree = &self.solver.tree;
        let depends_on = self.solver.depends_on(s).into_iter().filter(|d| !tree.name(*d).is_empty()).map(|d| self.plain(d)).collect();
        let title = |n| {
            let node = tree.node(n);
            let prompt = node.prompt.some().and_then(|p| tree.prop(p).text())?;
            (node.kind != NodeKind::Root).then(|| tree.text(prompt).to_owned())
        };
        let mut path = self.solver.location(s);
        path.pop();
        Details {
            name: tree.name(s).to_owned(),
            prompt: self.solver.prompts(s).first().map(|p| (*p).to_owned()),
            kind: tree.symbol(s).kind.word(),
            value: self.value(s).to_owned(),
            base: self.base_value(s),
            line: self.has_line(s),
            visible,
            range,
            help: self.solver.symbol_help(s).unwrap_or_default(),
            defined: nodes.iter().map(|n| self.place(tree.node(*n).place)).collect(),
            menus: path.into_iter().filter_map(title).collect(),
            cause,
            values,
            depends: self.condition(tree.symbol(s).dir_dep),
            depends_on,
            selected_by,
            implied_by,
            selects,
            implies,
        }
    }

    fn plain(&self, s: SymId) -> Related {
        Related { name: self.solver.tree.name(s).into(), value: self.value(s).into(), condition: String::new(), place: None }
    }

    fn source(&self, source: &Source) -> Related {
        Related {
            name: self.solver.tree.name(source.symbol).into(),
            value: source.now.letter().into(),
            condition: self.condition(source.condition),
            place: Some(self.place(source.place)),
        }
    }

    /// What it selects and implies.
    fn reaches(&self, s: SymId) -> (Vec<Related>, Vec<Related>) {
        let (mut selects, mut implies) = (Vec::new(), Vec::new());
        for (_, p) in self.solver.tree.props_of(s) {
            let (list, target) = match p.kind {
                PropKind::Select(t) => (&mut selects, t),
                PropKind::Imply(t) => (&mut implies, t),
                _ => continue,
            };
            list.push(Related { condition: self.condition(p.condition), place: Some(self.place(p.place)), ..self.plain(target) });
        }
        (selects, implies)
    }

    fn cause(&mut self, s: SymId) -> Cause {
        let cause = self.solver.why(s);
        let words = self.solver.describe_cause(&cause);
        let places = |by: &[Source]| by.iter().map(|b| self.place(b.place)).collect();
        match &cause {
            query::Cause::Answer if self.has_line(s) => {
                Cause { kind: "answer", words: "a line of the project says so".into(), places: Vec::new() }
            }
            query::Cause::Answer => Cause {
                kind: "base",
                words: "the recipe's configuration says so, before any line of the project".into(),
                places: Vec::new(),
            },
            query::Cause::Default { place, .. } => Cause { kind: "default", words, places: vec![self.place(*place)] },
            query::Cause::Selected { by } => Cause { kind: "select", words, places: places(by) },
            query::Cause::Implied { by } => Cause { kind: "imply", words, places: places(by) },
            query::Cause::Choice { choice, .. } => {
                Cause { kind: "choice", words, places: vec![self.place(self.solver.tree.node(*choice).place)] }
            }
            query::Cause::Range { .. } => Cause { kind: "range", words, places: Vec::new() },
            query::Cause::Constant | query::Cause::Nothing => Cause { kind: "nothing", words, places: Vec::new() },
        }
    }

    fn values(&mut self, s: SymId) -> Vec<Possible> {
        let wanted: &[Tristate] = match self.solver.tree.symbol(s).kind {
            SymbolKind::Tristate => &[Tristate::Yes, Tristate::Mod, Tristate::No],
            SymbolKind::Bool => &[Tristate::Yes, Tristate::No],
            _ => {
                // What is in the way of any other text is that there is no question.
                let now = self.value(s).to_owned();
                let other = if now == "1" { "2" } else { "1" };
                let found = self.solver.why_not(s, other);
                let found: Vec<Obstacle> =
                    found.into_iter().filter(|o| matches!(o, Obstacle::Prompt { .. } | Obstacle::NoPrompt)).collect();
                if found.is_empty() {
                    return Vec::new();
                }
                return vec![Possible { value: "another value".into(), blocked: self.blocked(&found) }];
            }
        };
        let now = self.value(s).to_owned();
        let mut all = Vec::new();
        for value in wanted.iter().map(|t| t.letter().to_string()).filter(|v| *v != now) {
            let found = self.solver.why_not(s, &value);
            all.push(Possible { blocked: self.blocked(&found), value });
        }
        all
    }

    fn blocked(&mut self, obstacles: &[Obstacle]) -> Vec<Blocked> {
        obstacles.iter().map(|o| self.one_blocked(o)).collect()
    }

    fn one_blocked(&self, o: &Obstacle) -> Blocked {
        let tree = &self.solver.tree;
        let (mut clauses, mut places) = (Vec::new(), Vec::new());
        let words = match o {
            Obstacle::Prompt { place, clauses: failing, .. } => {
                places.push(self.place(*place));
                for c in failing {
                    let mut options = Vec::new();
                    tree.exprs.for_each_symbol(c.expr, &mut |x| options.push(x));
                    options.retain(|x| !tree.symbol(*x).constant && !tree.name(*x).is_empty());
                    options.dedup();
                    clauses.push(Needs {
                        clause: self.solver.annotated(c.expr),
                        now: c.now.letter().into(),
                        options: options.into_iter().map(|x| tree.name(x).to_owned()).collect(),
                    });
                }
                "its question is asked only where all of this holds:".into()
            }
            Obstacle::Selected { by } => {
                places.extend(by.iter().map(|b| self.place(b.place)));
                clauses.extend(by.iter().map(|b| Needs {
                    clause: format!("{} [={}]", tree.name(b.symbol), b.now.letter()),
                    now: b.now.letter().into(),
                    options: vec![tree.name(b.symbol).to_owned()],
                }));
                "others select it:".into()
            }
            other => self.solver.describe(other),
        };
        Blocked { words, clauses, places }
    }
}
