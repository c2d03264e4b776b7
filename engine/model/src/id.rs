//! Names that are checked once, when they are read.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a component within one layout: letters, digits, `-` and `_`, 1 to 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComponentId(String);

impl ComponentId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ComponentId {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        // The name becomes part of a path in the work folder, so it may not leave it.
        let fits =
            !s.is_empty() && s.len() <= 64 && !s.starts_with('-') && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Self(s)) } else { Err(format!("`{s}` is no name for a component: use 1 to 64 letters, digits, `-` and `_`")) }
    }
}

impl TryFrom<&str> for ComponentId {
    type Error = String;
    fn try_from(s: &str) -> Result<Self, String> {
        Self::try_from(s.to_owned())
    }
}

impl From<ComponentId> for String {
    fn from(id: ComponentId) -> Self {
        id.0
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for ComponentId {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

/// One end of a wire, written `component.port`: an output where the wire starts, a need where it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Port {
    pub component: ComponentId,
    pub name: String,
}

impl TryFrom<String> for Port {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        let Some((component, name)) = s.split_once('.') else {
            return Err(format!("`{s}` is no end of a wire: write `component.port`"));
        };
        // The same characters as a component, for the same reason.
        let name = ComponentId::try_from(name)?.into();
        Ok(Self { component: component.try_into()?, name })
    }
}

impl From<Port> for String {
    fn from(p: Port) -> Self {
        p.to_string()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.component, self.name)
    }
}
