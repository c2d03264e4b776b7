//! Gets and unpacks the source of one component, for whoever wants to look at its configuration before it is built.

use crate::BuildError;
use crate::graph::{Graph, WorkKind};
use crate::run::Request;
use crate::sources::{self, Source};
use std::sync::atomic::AtomicBool;

/// As the build would; it is used by the build later. `progress` is told bytes done and, where it is known, of how many.
///
/// # Errors
/// Where the work folder is in use, nobody provides the source, or `cancel` was set.
pub fn fetch_source(
    request: &Request,
    cancel: &AtomicBool,
    progress: &dyn Fn(u64, Option<u64>),
    note: &dyn Fn(String),
) -> Result<(), BuildError> {
    let component = request.target.unwrap_or(&request.project.layout.target);
    let graph = Graph::new(request.project, request.library, component)?;
    let found = graph.nodes.iter().filter(|n| n.id.component == *component).find_map(|n| match &n.work {
        WorkKind::Unpack { source, .. } => Some(source),
        _ => None,
    });
    let Some(source) = found else {
        return Err(BuildError::Project { place: format!("component {component}"), reason: "it has no source of its own".into() });
    };
    let _lock = request.work.lock()?;
    let lock = sources::load_lock(request.project.path.as_deref(), request.work)?;
    for folder in [request.work.downloads(), request.work.sources()] {
        std::fs::create_dir_all(&folder).map_err(|source| BuildError::Io { what: "make the folder", path: folder, source })?;
    }
    let source = Source::new(source, request, &lock)?;
    let hash = source.fetch(cancel, progress, note)?;
    if !request.work.sources().join(&hash).is_dir() {
        source.unpack(&hash, cancel, progress)?;
    }
    Ok(())
}
