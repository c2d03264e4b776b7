//! Facts of an output, found by looking at it.

use bootwright_model::FactSource;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Headers and makefiles are small; a hostile tree may hold anything.
const LIMIT: u64 = 1 << 20;

/// None where it is not there or does not say it.
pub fn look(source: &FactSource, output: &Path) -> Option<String> {
    match source {
        FactSource::Text(text) => Some(text.clone()),
        FactSource::LinuxVersionHeader(path) => linux_version(&read(output, path)?),
        FactSource::GlibcFeaturesHeader(path) => {
            let text = read(output, path)?;
            Some(format!("{}.{}", define(&text, "__GLIBC__")?, define(&text, "__GLIBC_MINOR__")?))
        }
        FactSource::KernelMakefile(path) => {
            let text = read(output, path)?;
            let value =
                |name: &str| text.lines().find_map(|l| Some(l.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim().to_owned()));
            Some(format!(
                "{}.{}.{}{}",
                value("VERSION")?,
                value("PATCHLEVEL")?,
                value("SUBLEVEL")?,
                value("EXTRAVERSION").unwrap_or_default()
            ))
        }
        FactSource::Line(path) => read(output, path)?.lines().next().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()),
    }
}

fn read(output: &Path, path: &str) -> Option<String> {
    let path = if path.is_empty() { output.to_path_buf() } else { output.join(path) };
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(LIMIT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn define<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|l| {
        let mut words = l.trim_start().strip_prefix('#')?.trim_start().strip_prefix("define")?.split_whitespace();
        (words.next()? == name).then(|| words.next())?
    })
}

/// `LINUX_VERSION_CODE` is version << 16 + patchlevel << 8 + sublevel, the last one at most 255.
fn linux_version(text: &str) -> Option<String> {
    let code: u32 = define(text, "LINUX_VERSION_CODE")?.parse().ok()?;
    Some(format!("{}.{}.{}", code >> 16, code >> 8 & 255, code & 255))
}

/// Major and minor of a version such as `6.12.117` or `6.1.0-13-amd64`.
pub fn release_line(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_files_that_carry_them() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("version.h", "#define LINUX_VERSION_CODE 396405\n#define LINUX_VERSION_MAJOR 6\n");
        write("features.h", "/* x */\n#define\t__GLIBC__\t2\n#define\t__GLIBC_MINOR__\t36\n");
        write("Makefile", "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\nNAME = x\n");
        assert_eq!(look(&FactSource::LinuxVersionHeader("version.h".into()), dir.path()).unwrap(), "6.12.117");
        assert_eq!(look(&FactSource::GlibcFeaturesHeader("features.h".into()), dir.path()).unwrap(), "2.36");
        assert_eq!(look(&FactSource::KernelMakefile("Makefile".into()), dir.path()).unwrap(), "6.12.117");
        assert_eq!(look(&FactSource::Line("absent".into()), dir.path()), None);
        assert_eq!(release_line("6.1.0-13-amd64"), Some((6, 1)));
    }
}
