//! What the user set for the studio as a whole, kept between sessions.

use super::theme::Theme;
use bootwright_boot::Accel;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: Theme,
    /// Percent of the ordinary size of type, and of all that is laid out around it.
    pub scale: u32,
    /// Jobs of a project that names no number; none: one a processor.
    pub jobs: Option<u32>,
    /// Addresses of folders with source archives, asked before upstream.
    pub mirrors: Vec<String>,
    /// Where nobody named one on the command line; none: the cache folder.
    pub work: Option<PathBuf>,
    /// How QEMU runs the guest; none: what a probe finds quickest.
    pub accel: Option<Accel>,
}

impl Settings {
    /// The work folder where nobody named one.
    pub fn work(&self) -> PathBuf {
        self.work.clone().unwrap_or_else(bootwright_build::Work::default_root)
    }
}

/// In percent.
pub const SCALES: std::ops::RangeInclusive<u32> = 60..=250;

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::System, scale: 100, jobs: None, mirrors: Vec::new(), work: None, accel: None }
    }
}
