//! What a target without a list was made from: archives, programs, images, generated text. Their makefile rules name the files;
//! the `.cmd` file has the command only, so the files are those that the command names.

use super::{Deps, Index, OPTIONAL, Row, stat_all};
use rustc_hash::FxHashSet;

/// Fills the lists of all rows without one.
pub fn fill(index: &mut Index) {
    let mut wanted: Vec<(usize, Vec<Vec<u8>>)> = Vec::new();
    for (at, row) in index.rows.iter().enumerate().filter(|(_, r)| !r.listed && !r.guessed && r.trouble.is_none()) {
        wanted.push((at, inputs(index, row)));
    }
    let unknown: Vec<&[u8]> = wanted.iter().flat_map(|(_, names)| names.iter().map(Vec::as_slice)).collect();
    // Other targets are looked up; all else has to be a file.
    let targets: FxHashSet<Vec<u8>> = index.rows.iter().map(|r| super::plain(index.name(r)).to_vec()).collect();
    let asked: Vec<&[u8]> = unknown.iter().copied().filter(|n| !targets.contains(*n)).collect::<FxHashSet<_>>().into_iter().collect();
    let stamps = stat_all(&index.object, &asked);
    let there: FxHashSet<Vec<u8>> = asked.iter().zip(stamps).filter(|(_, s)| s.is_some()).map(|(n, _)| n.to_vec()).collect();
    for (at, names) in wanted {
        let start = index.deps.len();
        let collects = index.rows.get(at).is_some_and(|row| collects(index, row));
        // objtool is in its .cmd file.
        let noted = index.rows.get(at).map(|row| row.deps.of(&index.deps).to_vec()).unwrap_or_default();
        index.deps.extend(noted);
        for name in names {
            // What is collected has to be there, whoever removed it.
            if collects && (name.ends_with(b".o") || name.ends_with(b".a")) {
                let id = index.files.number(&name);
                index.deps.push(id);
                continue;
            }
            let is_file = targets.contains(&name) || there.contains(&name) && !index.object.join(crate::walk::as_path(&name)).is_dir();
            if is_file {
                let id = index.files.number(&name);
                // What is not there when make comes is no sign: the rule may not name it.
                index.deps.push(id | OPTIONAL);
            }
        }
        let end = index.deps.len();
        if let Some(row) = index.rows.get_mut(at) {
            row.deps = Deps::new(start, end);
            row.guessed = true;
        }
    }
}

/// Whether a target is put together from objects: an archive, or a composite object (`ld -r`).
fn collects(index: &Index, row: &Row) -> bool {
    let name = index.name(row);
    name.ends_with(b".a")
        || name.ends_with(b".o") && memchr::memmem::find(&index.command(row), b" -r ").is_some()
        || name.ends_with(b"built-in.o")
}

/// The names in a command that may be files it reads, each once.
fn inputs(index: &Index, row: &Row) -> Vec<Vec<u8>> {
    let target = super::plain(index.name(row)).to_vec();
    let mut words = words(&index.command(row));
    // A module's list names its objects as the folder's makefile does.
    if let Some(folder) = target.ends_with(b".mod").then(|| memchr::memrchr(b'/', &target)).flatten().and_then(|at| target.get(..=at)) {
        words.retain(|w| w.ends_with(b".o"));
        words.iter_mut().for_each(|w| w.splice(0..0, folder.iter().copied()).for_each(drop));
    }
    let mut seen = FxHashSet::default();
    seen.insert(target);
    words.into_iter().filter(|w| seen.insert(w.clone())).collect()
}

/// Words of a shell command that look like files, without quotes; those that are written to are left out.
/// `printf "dir/%s " a.o b.o |` names dir/a.o and dir/b.o (scripts/Makefile.build, archives).
pub fn words(command: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut prefix: Option<Vec<u8>> = None;
    let mut skip_next = false;
    let mut quoted = false;
    let mut pieces = Vec::new();
    // Blanks within quotes do not part words, but `"a b"` may still be a list of files.
    let mut word: Vec<u8> = Vec::new();
    for &byte in command.iter().chain(b" ") {
        match byte {
            b'"' | b'\'' => quoted = !quoted,
            b' ' | b'\t' | b'\n' => pieces.push(std::mem::take(&mut word)),
            b';' | b'|' | b'>' | b'<' | b'(' | b')' | b'&' => {
                pieces.push(std::mem::take(&mut word));
                pieces.push(vec![byte]);
            }
            other => word.push(other),
        }
    }
    let mut printf = false;
    for piece in pieces.into_iter().filter(|p| !p.is_empty()) {
        match piece.as_slice() {
            b"printf" => printf = true,
            b";" | b"|" | b"&" | b"(" | b")" => {
                printf = false;
                prefix = None;
                skip_next = false;
            }
            b">" | b"-o" => skip_next = true,
            b"<" => {}
            _ if std::mem::take(&mut skip_next) => {}
            text if printf && prefix.is_none() => prefix = Some(text.strip_suffix(b"%s").unwrap_or(b"").to_vec()),
            text => {
                let name = match &prefix {
                    Some(prefix) => [prefix.as_slice(), text].concat(),
                    None => text.to_vec(),
                };
                // ld reads more names from `@FILE`.
                let name = super::plain(name.strip_prefix(b"@").unwrap_or(&name)).to_vec();
                if looks_like_file(&name) {
                    found.push(name);
                }
            }
        }
    }
    found
}

fn looks_like_file(name: &[u8]) -> bool {
    let starts = name.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_'));
    let shape = memchr::memchr2(b'.', b'/', name).is_some() || name == b"vmlinux" || name == b"busybox_unstripped";
    starts && shape && !name.starts_with(b"/dev/") && name.last() != Some(&b'/') && memchr::memchr2(b'*', b'$', name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> String {
        words(command.as_bytes()).iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_command_names_what_it_reads() {
        let archive = "rm -f init/built-in.a;  printf \"init/%s \" main.o sub/built-in.a | xargs ar cDPrST init/built-in.a";
        assert_eq!(found(archive), "init/built-in.a init/main.o init/sub/built-in.a init/built-in.a");
        assert_eq!(found("printf \"./%s \" a.o | xargs ar r b.a"), "a.o b.a");
        assert_eq!(found("sh ./scripts/x.sh < in.tbl > out.h; true"), "scripts/x.sh in.tbl");
        assert_eq!(found("ld -m elf_x86_64 -T arch/x86/v.lds --start-group a.a --end-group -o vmlinux.o"), "arch/x86/v.lds a.a");
        assert_eq!(found("trylink \"a\" \"libbb/lib.a util/lib.a\""), "libbb/lib.a util/lib.a");
        assert_eq!(found("cat x.c *.o 2>/dev/null"), "x.c");
        assert_eq!(found("ld -r -o fs/x/x.o @fs/x/x.mod"), "fs/x/x.mod");
    }
}
