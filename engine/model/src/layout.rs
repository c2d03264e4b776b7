//! A layout: a named set of components and the wires between them.

use crate::{ComponentId, Port};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub format: u32,
    pub name: String,
    pub title: String,
    pub explain: String,
    pub components: Vec<Component>,
    pub wires: Vec<Wire>,
    /// What `build` makes where no other target is named.
    pub target: ComponentId,
    #[serde(default)]
    pub boot_checks: Vec<BootCheck>,
}

impl Layout {
    pub fn component(&self, id: &ComponentId) -> Option<&Component> {
        self.components.iter().find(|c| c.id == *id)
    }

    /// What feeds a need.
    pub fn provider(&self, component: &ComponentId, need: &str) -> Option<&Port> {
        self.wires.iter().find(|w| w.to.component == *component && w.to.name == need).map(|w| &w.from)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    pub id: ComponentId,
    pub recipe: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Where the box stands on the diagram; none: the automatic layout decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// The centre of a box, in points of the unscaled diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub x: f32,
    pub y: f32,
}

/// One output feeding one need.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    pub from: Port,
    pub to: Port,
    /// What this wire means in this layout, where there is more to say than the need itself says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explain: String,
}

/// One question put to the running guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BootCheck {
    /// A shell answers on the serial console.
    Shell,
    /// `uname -r` says the release of the kernel that was built.
    KernelRelease,
    /// Programs run with the C library of this layout, and the guest's files are the artifacts.
    CLibrary,
    /// A program of the guest resolves a name through getaddrinfo, from a DNS server on this host.
    Resolve,
    /// A program of the guest fetches a text over HTTP, by name.
    Fetch,
    /// `poweroff` ends the machine.
    PowerOff,
}

impl BootCheck {
    pub const ALL: [Self; 6] = [Self::Shell, Self::KernelRelease, Self::CLibrary, Self::Resolve, Self::Fetch, Self::PowerOff];

    /// One sentence for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Shell => "A shell answers on the serial console",
            Self::KernelRelease => "The running kernel is the one that was built",
            Self::CLibrary => "Programs use the C library of this layout",
            Self::Resolve => "A program resolves a name through the C library",
            Self::Fetch => "A program fetches a page by name",
            Self::PowerOff => "The machine powers off by itself",
        }
    }

    /// Whether it talks to a DNS server on this host.
    pub fn needs_network(self) -> bool {
        matches!(self, Self::Resolve | Self::Fetch)
    }
}

impl std::fmt::Display for BootCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}
