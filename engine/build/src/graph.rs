//! The steps of a project and what each builds upon: the project's wires, worked down to single steps.

use crate::event::StepId;
use crate::expand::names;
use crate::host::{self, Missing, PackageManager};
use crate::{BuildError, facts};
use bootwright_model::{
    Action, Component, ComponentId, Condition, Counter, FactSource, Kind, Library, Output, Place, Port, Project, Recipe, Source, StepKind,
    order,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub type NodeIndex = usize;

/// A step of a component of this project.
#[derive(Debug)]
pub struct Node {
    pub id: StepId,
    pub kind: StepKind,
    pub explain: String,
    pub recipe: String,
    pub work: WorkKind,
}

#[derive(Debug)]
pub enum WorkKind {
    /// Brings the archive into the downloads folder.
    Fetch(Source),
    /// Makes a read-only source tree of it.
    Unpack { source: Source, fetch: NodeIndex },
    /// A step of the recipe.
    Make(Make),
}

#[derive(Clone, Debug)]
pub struct Make {
    /// The actions of which all conditions hold.
    pub actions: Vec<Action>,
    pub env: BTreeMap<String, String>,
    pub counter: Counter,
    /// The step before it in the same work tree.
    pub before: Option<NodeIndex>,
    /// The component's own source tree.
    pub source: Option<NodeIndex>,
    /// By the need's name: what feeds it, for the needs this step uses.
    pub inputs: BTreeMap<String, Input>,
    pub outputs: Vec<Output>,
    /// Values of the component's options, and its configuration fragment.
    pub options: BTreeMap<String, String>,
    pub fragment: String,
    /// Host programs: name and path.
    pub tools: Vec<(String, PathBuf)>,
}

impl Make {
    /// It writes the `.config` that later steps read.
    pub fn configures(&self) -> bool {
        self.outputs.iter().any(|o| o.path.as_deref() == Some("${tree}/.config"))
    }
}

#[derive(Clone, Debug)]
pub enum Input {
    /// An output of a step.
    Built { node: NodeIndex, port: Port, output: String, live: bool, source: bool },
    /// Parts of the host: name and path.
    Host { port: Port, parts: Vec<(bootwright_model::Part, PathBuf)> },
}

#[derive(Debug)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// The last step of each built component.
    pub last: BTreeMap<ComponentId, NodeIndex>,
    pub missing: Vec<Missing>,
}

impl Graph {
    /// All steps that `target` and what it is built from have. Providers come before consumers.
    pub fn new(project: &Project, library: &Library, target: &ComponentId) -> Result<Self, BuildError> {
        if let Some(p) = project.problems(library).first() {
            return Err(BuildError::Project { place: format!("project {}, {}", project.name(), p.place), reason: p.reason.clone() });
        }
        let layout = &project.layout;
        let wanted = ancestors(project, target)?;
        let manager = PackageManager::find();
        let mut graph = Self { nodes: Vec::new(), last: BTreeMap::new(), missing: Vec::new() };
        let mut by_step: BTreeMap<(ComponentId, String), NodeIndex> = BTreeMap::new();
        let all = order(layout).map_err(|c| BuildError::Project { place: "wires".into(), reason: format!("{c:?} need each other") })?;
        for id in all.iter().filter(|id| wanted.contains(id)) {
            let Some((component, recipe)) = layout.component(id).and_then(|c| Some((c, library.recipe(&c.recipe)?))) else { continue };
            if recipe.place == Place::Host {
                let parts = recipe.outputs.iter().flat_map(|o| &o.parts);
                graph.missing.extend(parts.filter_map(|p| host::missing_part(p, &recipe.title, manager)));
                continue;
            }
            graph.missing.extend(recipe.tools.iter().filter_map(|t| host::missing_tool(t, &recipe.title, manager)));
            graph.add(project, library, component, recipe, &mut by_step)?;
        }
        graph.missing.sort();
        graph.missing.dedup();
        Ok(graph)
    }

    fn add(
        &mut self,
        project: &Project,
        library: &Library,
        component: &Component,
        recipe: &Recipe,
        by_step: &mut BTreeMap<(ComponentId, String), NodeIndex>,
    ) -> Result<(), BuildError> {
        let id = &component.id;
        let push = |graph: &mut Self, by_step: &mut BTreeMap<_, _>, step: &str, kind, explain: String, work| {
            graph.nodes.push(Node {
                id: StepId { component: id.clone(), step: step.into() },
                kind,
                explain,
                recipe: recipe.id.clone(),
                work,
            });
            by_step.insert((id.clone(), step.to_owned()), graph.nodes.len() - 1);
            graph.nodes.len() - 1
        };
        let mut source = None;
        if let Some(s) = &recipe.source {
            let text = format!("Gets the archive of {} and checks its hash.", s.id);
            let fetch = push(self, by_step, "fetch", StepKind::Fetch, text, WorkKind::Fetch(s.clone()));
            let text = format!("Unpacks {} into a source tree that all builds share and none changes.", s.id);
            source = Some(push(self, by_step, "unpack", StepKind::Unpack, text, WorkKind::Unpack { source: s.clone(), fetch }));
        }
        let options: BTreeMap<String, String> =
            recipe.options.iter().map(|o| (o.id.clone(), component.options.get(&o.id).unwrap_or(&o.default).clone())).collect();
        let holds = |c: &Condition| match c {
            Condition::Option(name, value) => options.get(name) == Some(value),
            Condition::Wired(need) => project.layout.provider(id, need).is_some(),
            Condition::Fact(need, fact, value) => known_fact(project, library, id, need, fact).as_ref() == Some(value),
            Condition::FactNot(need, fact, value) => known_fact(project, library, id, need, fact).as_ref() != Some(value),
        };
        let mut fragment = String::new();
        for choice in recipe.options.iter().flat_map(|o| o.choices.iter().filter(|c| options.get(&o.id) == Some(&c.id))) {
            if let Some(name) = &choice.fragment {
                let text = library.fragment(name);
                fragment += text.ok_or_else(|| BuildError::Project {
                    place: format!("recipe {}", recipe.id),
                    reason: format!("there is no fragment {name}"),
                })?;
            }
        }
        if let Some(own) = project.fragments.get(id) {
            fragment += own;
            if !own.ends_with('\n') {
                fragment.push('\n');
            }
        }
        let tools: Vec<(String, PathBuf)> =
            recipe.tools.iter().filter_map(|t| Some((t.program.clone(), host::locate(&t.program)?))).collect();
        let mut before = None;
        for step in &recipe.steps {
            let actions: Vec<Action> = step.actions.iter().filter(|(when, _)| when.iter().all(holds)).map(|(_, a)| a.clone()).collect();
            let runs = actions.iter().any(|a| matches!(a, Action::Run { .. }));
            let text = ron::to_string(&actions).unwrap_or_default();
            let used = names(&text);
            let mut inputs = BTreeMap::new();
            for need in &recipe.needs {
                let Some(port) = project.layout.provider(id, &need.id) else { continue };
                let named = used.iter().any(|n| n.strip_prefix("need.").is_some_and(|n| n.split('.').next() == Some(&need.id)));
                // A command may use what the host must provide without naming it: the compiler above all.
                let implied =
                    runs && !need.optional && recipe_of(project, library, &port.component).is_some_and(|r| r.place == Place::Host);
                if named || implied {
                    inputs.insert(need.id.clone(), resolve(project, library, port, by_step)?);
                }
            }
            let own_source = source.filter(|_| used.contains(&"src"));
            let outputs = recipe.outputs.iter().filter(|o| o.step.as_deref() == Some(&step.id)).cloned().collect();
            let make = Make {
                actions,
                env: step.env.clone(),
                counter: step.counter,
                before,
                source: own_source,
                inputs,
                outputs,
                options: options.clone(),
                fragment: fragment.clone(),
                tools: if runs { tools.clone() } else { Vec::new() },
            };
            before = Some(push(self, by_step, &step.id, step.kind, step.explain.clone(), WorkKind::Make(make)));
        }
        if let Some(last) = before.or(source) {
            self.last.insert(id.clone(), last);
        }
        Ok(())
    }

    /// Steps that must be known before this one's key is.
    pub fn waits_for(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let mut all = match &self.nodes[node].work {
            WorkKind::Fetch(_) => Vec::new(),
            WorkKind::Unpack { fetch, .. } => vec![*fetch],
            WorkKind::Make(m) => {
                let built = m.inputs.values().filter_map(|i| match i {
                    Input::Built { node, .. } => Some(*node),
                    Input::Host { .. } => None,
                });
                m.before.into_iter().chain(m.source).chain(built).collect()
            }
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn recipe_of<'a>(project: &Project, library: &'a Library, id: &ComponentId) -> Option<&'a Recipe> {
    library.recipe(&project.layout.component(id)?.recipe)
}

/// A fact that is part of the recipe, so that it is known before anything is built.
fn known_fact(project: &Project, library: &Library, component: &ComponentId, need: &str, fact: &str) -> Option<String> {
    let port = project.layout.provider(component, need)?;
    let output = recipe_of(project, library, &port.component)?.output(&port.name)?;
    let source = &output.facts.iter().find(|f| f.id == fact)?.from;
    matches!(source, FactSource::Text(_)).then(|| facts::look(source, "".as_ref()))?
}

fn resolve(
    project: &Project,
    library: &Library,
    port: &Port,
    by_step: &BTreeMap<(ComponentId, String), NodeIndex>,
) -> Result<Input, BuildError> {
    let place = || format!("output {port}");
    let wrong = |reason: &str| BuildError::Project { place: place(), reason: reason.into() };
    let recipe = recipe_of(project, library, &port.component).ok_or_else(|| wrong("its component has no recipe"))?;
    let output = recipe.output(&port.name).ok_or_else(|| wrong("the recipe has no such output"))?;
    if recipe.place == Place::Host {
        // Missing parts are reported beside the graph; here they are left out.
        let parts = output.parts.iter().filter_map(|p| Some((p.clone(), host::locate_part(p)?))).collect();
        return Ok(Input::Host { port: port.clone(), parts });
    }
    let step = output.step.as_ref().ok_or_else(|| wrong("its recipe names no step that makes it"))?;
    let node = by_step.get(&(port.component.clone(), step.clone())).ok_or_else(|| wrong("its recipe has no such step"))?;
    Ok(Input::Built {
        node: *node,
        port: port.clone(),
        output: output.id.clone(),
        live: output.live,
        source: output.kind == Kind::KernelSource,
    })
}

/// The target and everything it is made from.
fn ancestors(project: &Project, target: &ComponentId) -> Result<Vec<ComponentId>, BuildError> {
    if project.layout.component(target).is_none() {
        let known = project.layout.components.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(BuildError::Project {
            place: format!("target {target}"),
            reason: format!("there is no such component; there are: {known}"),
        });
    }
    let mut found = vec![target.clone()];
    let mut at = 0;
    while at < found.len() {
        let consumer = found[at].clone();
        for w in project.layout.wires.iter().filter(|w| w.to.component == consumer) {
            if !found.contains(&w.from.component) {
                found.push(w.from.component.clone());
            }
        }
        at += 1;
    }
    Ok(found)
}
