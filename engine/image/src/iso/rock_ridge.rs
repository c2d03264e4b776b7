//! What Rock Ridge adds to a record: the Unix name, mode, owner, link target, device, and folders that were moved.

use super::folder::Place;
use super::{SECTOR, le32};
use crate::Error;
use crate::source::Source;

/// Further areas that one record may lead to; a circle of them ends here.
const AREAS: usize = 32;
/// Longest name and link target, as `PATH_MAX` of Linux.
const LONGEST: usize = 4096;

#[derive(Default)]
pub(super) struct Extra {
    pub name: Option<String>,
    /// As `st_mode`.
    pub mode: Option<u32>,
    pub owner: Option<(u32, u32)>,
    pub target: Option<String>,
    /// Major and minor.
    pub device: Option<(u32, u32)>,
    /// The folder that belongs here was moved to this sector, as ECMA-119 allows eight levels only.
    pub child: Option<Place>,
    /// This is such a folder, at the place it was moved to.
    pub moved: bool,
}

/// Whether the root folder in this sector speaks Rock Ridge; then how many bytes its other records begin with before it.
pub(super) fn skipped(source: &Source, root: u32) -> Result<Option<usize>, Error> {
    let bytes = source.window(u64::from(root) * SECTOR, SECTOR)?;
    let len = usize::from(bytes.first().copied().unwrap_or(0));
    // Its name is one byte long, so its fields begin at 34.
    let area = bytes.get(34..len).unwrap_or_default();
    let Some(sp) = field(area).filter(|(name, _)| *name == *b"SP") else { return Ok(None) };
    let skip = usize::from(sp.1.get(2).copied().unwrap_or(0));
    let found = extra(source, area)?;
    Ok(found.mode.map(|_| skip))
}

/// The first field of an area: its two letters and what follows the version.
fn field(area: &[u8]) -> Option<([u8; 2], &[u8])> {
    let [a, b, len, _version, ..] = area else { return None };
    Some(([*a, *b], area.get(4..usize::from(*len))?))
}

pub(super) fn extra(source: &Source, area: &[u8]) -> Result<Extra, Error> {
    let mut extra = Extra::default();
    let (mut name, mut target) = (Vec::new(), Target::default());
    let mut area = area.to_vec();
    for _ in 0..AREAS {
        let mut next = None;
        let mut at = 0;
        while let Some((kind, data)) = field(area.get(at..).unwrap_or_default()) {
            at += data.len() + 4;
            match &kind {
                b"NM" => {
                    let part = data.get(1..).unwrap_or_default();
                    // 2 and 4 stand for `.` and `..`, which have their own records.
                    if data.first().is_some_and(|flags| flags & 6 == 0) && name.len() + part.len() <= LONGEST {
                        name.extend_from_slice(part);
                    }
                }
                b"PX" => {
                    extra.mode = le32(data, 0);
                    extra.owner = le32(data, 16).zip(le32(data, 24));
                }
                b"SL" => target.add(data.get(1..).unwrap_or_default()),
                b"PN" => extra.device = le32(data, 0).zip(le32(data, 8)).map(|(high, low)| device(high, low)),
                b"CL" => extra.child = le32(data, 0).map(|sector| (sector, 0)),
                b"RE" => extra.moved = true,
                b"CE" => next = le32(data, 0).zip(le32(data, 8)).zip(le32(data, 16)),
                b"ST" => break,
                _ => {}
            }
        }
        let Some(((sector, offset), len)) = next else { break };
        area = source.window(u64::from(sector) * SECTOR + u64::from(offset), u64::from(len).min(SECTOR))?;
    }
    extra.name = (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned());
    extra.target = target.finish();
    Ok(extra)
}

/// High and low half of a device number; where the high one is 0, the low one may hold an old number of 16 bits whole.
fn device(high: u32, low: u32) -> (u32, u32) {
    if high == 0 && low > 0xff { (low >> 8, low & 0xff) } else { (high, low) }
}

/// A link's target, which comes in components (P1282, 4.1.3.1).
#[derive(Default)]
struct Target {
    text: Vec<u8>,
    /// The last component goes on with the next one.
    goes_on: bool,
    any: bool,
}

impl Target {
    fn add(&mut self, mut components: &[u8]) {
        while let [flags, len, rest @ ..] = components {
            let Some(content) = rest.get(..usize::from(*len)) else { return };
            components = rest.get(usize::from(*len)..).unwrap_or_default();
            if self.any && !self.goes_on && self.text.last() != Some(&b'/') {
                self.text.push(b'/');
            }
            match flags & 0x0e {
                2 => self.text.push(b'.'),
                4 => self.text.extend_from_slice(b".."),
                8 => self.text = b"/".to_vec(),
                _ if self.text.len() + content.len() <= LONGEST => self.text.extend_from_slice(content),
                _ => {}
            }
            self.goes_on = flags & 1 != 0;
            self.any = true;
        }
    }

    fn finish(self) -> Option<String> {
        self.any.then(|| String::from_utf8_lossy(&self.text).into_owned())
    }
}
