//! A `.cmd` file: what Kbuild notes beside each target that it makes, so that the next make knows the command and the files.
//!
//! Three forms, all of them makefiles that make includes (scripts/Kbuild.include):
//!
//! ```text
//! savedcmd_T := COMMAND          Linux 6.3 and later; before, and in BusyBox, `cmd_T`
//!
//! source_T := SRC                not in BusyBox, where the source is the first of the list
//!
//! deps_T := \
//!     $(wildcard include/config/SYM) \
//!   header.h \
//!
//! T: $(deps_T)
//!
//! $(deps_T):
//! ```
//!
//! A target made without fixdep has the first line only. Lines after the last are kept by objtool (`T: $(wildcard …)`) and by
//! genksyms (`#SYMVER …`).
//!
//! Where tools/ has no fixdep yet (tools/build/Build.include), the compiler's own list stands there, and the command last:
//!
//! ```text
//! # cannot find fixdep (PATH)
//! # using basic dep data
//!
//! T: SRC HEADER \
//!  HEADER
//!
//! cmd_T := COMMAND
//! ```

use std::borrow::Cow;

/// Who wrote the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `savedcmd_`
    Saved,
    /// `cmd_`, of Linux before 6.3 and of BusyBox
    Plain,
}

/// Why a file cannot be trusted. Its target is then neither up to date nor stale: nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is nothing in it.
    Empty,
    /// It ends before its end: it is being written, or the disk was full.
    Truncated,
    /// It does not begin with a command.
    Foreign,
    /// It has lines that Kbuild does not write.
    Edited,
    /// It cannot be read.
    Unreadable,
    /// It names files as another folder's make sees them, and where they are is not known.
    Elsewhere,
}

impl Trouble {
    pub const ALL: [Self; 6] = [Self::Empty, Self::Truncated, Self::Foreign, Self::Edited, Self::Unreadable, Self::Elsewhere];

    /// Goes on after "its .cmd file ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::Truncated => "ends in the middle",
            Self::Foreign => "does not begin with a command for this target",
            Self::Edited => "has lines that Kbuild does not write",
            Self::Unreadable => "cannot be read",
            Self::Elsewhere => "names files of another folder, which were not found",
        }
    }
}

/// What a file says; the list of files goes to whom [`parse`] was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cmd<'a> {
    pub form: Form,
    pub target: &'a [u8],
    /// As make would read it back: `$` is `$$`, `#` is `$(pound)` or `\#`. [`command_text`] undoes that.
    pub command: &'a [u8],
    pub source: Option<&'a [u8]>,
    /// Whether fixdep wrote a list of files.
    pub has_list: bool,
    pub trouble: Option<Trouble>,
}

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency<'a> {
    pub name: &'a [u8],
    /// `$(wildcard …)`: it counts only while it is there.
    pub optional: bool,
}

impl<'a> Dependency<'a> {
    /// Reads a line of the list, with or without its `\` and line end. None for an empty one.
    pub fn of_line(line: &'a [u8]) -> Option<Self> {
        let mut text = line.trim_ascii();
        if let Some(before) = text.strip_suffix(b"\\") {
            text = before.trim_ascii_end();
        }
        let inner = text.strip_prefix(b"$(wildcard ").and_then(|t| t.strip_suffix(b")"));
        let name = inner.map_or(text, <[u8]>::trim_ascii);
        (!name.is_empty()).then_some(Self { name, optional: inner.is_some() })
    }
}

/// Reads a file. `list` is given what follows `deps_T := \` and says how many of its bytes belong to the list, as
/// [`lines`] does; it is asked at most twice, the second time for what objtool added.
pub fn parse<'a>(text: &'a [u8], mut list: impl FnMut(&'a [u8]) -> usize) -> Result<Cmd<'a>, Trouble> {
    if text.is_empty() {
        return Err(Trouble::Empty);
    }
    if text.starts_with(b"# cannot find fixdep ") {
        return basic(text, list);
    }
    let (first, mut rest) = line(text);
    let (form, after) = match (first.strip_prefix(b"savedcmd_"), first.strip_prefix(b"cmd_")) {
        (Some(after), _) => (Form::Saved, after),
        (None, Some(after)) => (Form::Plain, after),
        (None, None) => return Err(Trouble::Foreign),
    };
    let Some((target, command)) = assignment(after) else {
        return Err(if rest.is_none() { Trouble::Truncated } else { Trouble::Foreign });
    };
    let mut cmd = Cmd { form, target, command, source: None, has_list: false, trouble: None };
    // The rules after the list, as far as they were seen.
    let (mut uses_list, mut closed) = (false, false);
    while let Some(text) = rest {
        let (this, next) = line(text);
        rest = next;
        if this.is_empty() || this.first() == Some(&b'#') {
            continue;
        }
        if next.is_none() {
            // Every line that Kbuild writes has an end.
            cmd.trouble = Some(Trouble::Truncated);
            break;
        }
        if let Some((name, source)) = this.strip_prefix(b"source_").and_then(assignment).filter(|(name, _)| *name == target) {
            let _ = name;
            cmd.source = Some(source);
        } else if named(this, b"deps_", target, b" := \\") {
            cmd.has_list = true;
            let body = next.unwrap_or_default();
            let taken = list(body).min(body.len());
            rest = body.get(taken..).filter(|b| !b.is_empty());
        } else if named(this, b"", target, b"") || this.strip_prefix(target).is_some_and(|r| r.first() == Some(&b':')) {
            let prerequisites = this.get(target.len() + 1..).unwrap_or_default().trim_ascii();
            if named(prerequisites, b"$(deps_", target, b")") {
                uses_list = true;
            } else if prerequisites.starts_with(b"$(wildcard ") {
                list(prerequisites);
            } else {
                cmd.trouble = Some(Trouble::Edited);
            }
        } else if named(this, b"$(deps_", target, b"):") {
            closed = true;
        } else {
            cmd.trouble = Some(Trouble::Edited);
        }
    }
    // Without its last line end the command itself may be cut, and after an empty line a list was to come.
    let whole = if cmd.has_list { uses_list && closed } else { cmd.source.is_none() && text.ends_with(b"\n") && !text.ends_with(b"\n\n") };
    if !whole {
        cmd.trouble = Some(Trouble::Truncated);
    }
    Ok(cmd)
}

/// The form of tools/ without fixdep.
fn basic<'a>(text: &'a [u8], mut list: impl FnMut(&'a [u8]) -> usize) -> Result<Cmd<'a>, Trouble> {
    let at = memchr::memmem::rfind(text, b"\ncmd_").ok_or(Trouble::Truncated)?;
    let (mut rest, last) = text.split_at(at + 1);
    let (target, command) = last.strip_prefix(b"cmd_").and_then(assignment).ok_or(Trouble::Truncated)?;
    let command = command.strip_suffix(b"\n").ok_or(Trouble::Truncated)?;
    while rest.first() == Some(&b'#') {
        rest = line(rest).1.unwrap_or_default();
    }
    let files = rest.trim_ascii_start().strip_prefix(target).and_then(|r| r.strip_prefix(b":")).ok_or(Trouble::Foreign)?;
    for word in files.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty() && *w != b"\\") {
        list(word);
    }
    let trouble = memchr::memchr(b'\n', command).map(|_| Trouble::Edited);
    Ok(Cmd { form: Form::Plain, target, command, source: None, has_list: true, trouble })
}

/// Walks the lines of a list, up to the first that does not go on with `\`: what [`parse`] asks of its `list`.
pub fn lines<'a>(body: &'a [u8], mut each: impl FnMut(Dependency<'a>)) -> usize {
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|r| !r.is_empty()) {
        let (this, next) = line(rest);
        if this.is_empty() {
            break;
        }
        if let Some(found) = Dependency::of_line(this) {
            each(found);
        }
        at += this.len() + usize::from(next.is_some());
        if this.last() != Some(&b'\\') {
            break;
        }
    }
    at
}

/// The command as the shell got it.
pub fn command_text(command: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'$', b'\\', command).is_none() {
        return Cow::Borrowed(command);
    }
    let mut out = Vec::with_capacity(command.len());
    let mut rest = command;
    while let Some((&byte, after)) = rest.split_first() {
        let (put, next) = match byte {
            b'$' if after.first() == Some(&b'$') => (b'$', after.get(1..)),
            b'$' if after.starts_with(b"(pound)") => (b'#', after.get(7..)),
            b'\\' if after.first() == Some(&b'#') => (b'#', after.get(1..)),
            other => (other, Some(after)),
        };
        out.push(put);
        rest = next.unwrap_or_default();
    }
    Cow::Owned(out)
}

/// The first line without its end, and what follows that; None where the text has no line end.
fn line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'\n', text) {
        Some(end) => (text.get(..end).unwrap_or_default(), text.get(end + 1..)),
        None => (text, None),
    }
}

/// `NAME := VALUE`
fn assignment(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memmem::find(text, b" :=")?;
    let value = text.get(at + 3..)?;
    Some((text.get(..at)?, value.strip_prefix(b" ").unwrap_or(value)))
}

/// Whether a text is these three one after the other.
fn named(text: &[u8], before: &[u8], name: &[u8], after: &[u8]) -> bool {
    text.strip_prefix(before).and_then(|t| t.strip_prefix(name)) == Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "savedcmd_init/a.o := gcc -DX='$$(pound) $(pound)' -c -o init/a.o init/a.c\n\nsource_init/a.o := init/a.c\n\n\
        deps_init/a.o := \\\n    $(wildcard include/config/FOO) \\\n  include/a b.h \\\n  include/c#.h \\\n\n\
        init/a.o: $(deps_init/a.o)\n\n$(deps_init/a.o):\n\ninit/a.o: $(wildcard ./tools/objtool/objtool)\n#SYMVER a 0x1\n";

    fn read(text: &str) -> (Result<Cmd<'_>, Trouble>, Vec<Dependency<'_>>) {
        let mut found = Vec::new();
        let cmd = parse(text.as_bytes(), |body| lines(body, |d| found.push(d)));
        (cmd, found)
    }

    fn dependency(name: &str, optional: bool) -> Dependency<'_> {
        Dependency { name: name.as_bytes(), optional }
    }

    #[test]
    fn a_file_of_fixdep_gives_its_command_source_files_and_options() {
        let (cmd, list) = read(WHOLE);
        let cmd = cmd.unwrap();
        assert_eq!((cmd.form, cmd.target, cmd.source), (Form::Saved, b"init/a.o".as_slice(), Some(b"init/a.c".as_slice())));
        assert_eq!(cmd.trouble, None);
        assert_eq!(command_text(cmd.command), b"gcc -DX='$(pound) #' -c -o init/a.o init/a.c".as_slice());
        let names = [("include/config/FOO", true), ("include/a b.h", false), ("include/c#.h", false), ("./tools/objtool/objtool", true)];
        assert_eq!(list, names.map(|(n, o)| dependency(n, o)));
    }

    #[test]
    fn a_file_without_a_list_is_its_command() {
        let (cmd, list) = read("cmd_init/built-in.a := rm -f init/built-in.a; ar rcs \\# x\n");
        let cmd = cmd.unwrap();
        assert_eq!((cmd.form, cmd.has_list, cmd.trouble, list.len()), (Form::Plain, false, None, 0));
        assert_eq!(command_text(cmd.command), b"rm -f init/built-in.a; ar rcs # x".as_slice());
        // BusyBox writes an empty command with a space at the end, or without.
        assert_eq!(read("cmd_a := \n").0.unwrap().command, b"");
        assert_eq!(read("cmd_a :=\n").0.unwrap().command, b"");
    }

    #[test]
    fn a_file_cut_anywhere_is_never_whole() {
        let whole = WHOLE.find("\n\ninit/a.o: $(wild").unwrap();
        for cut in 0..whole {
            let (cmd, _) = read(&WHOLE[..cut]);
            // After the command's own line the beginning is that of a target without a list: nobody can tell.
            let first = WHOLE.find('\n').unwrap() + 1;
            if cut == first {
                continue;
            }
            assert!(cmd.is_err() || cmd.unwrap().trouble.is_some(), "cut at {cut}: {:?}", &WHOLE[..cut]);
        }
    }

    #[test]
    fn the_compilers_own_list_is_read_where_there_was_no_fixdep() {
        let text = "# cannot find fixdep (/o//fixdep)\n# using basic dep data\n\n/o/f.o: f.c \\\n /usr/a.h /usr/b.h \\\n /usr/c.h\n\ncmd_/o/f.o := gcc -c -o /o/f.o f.c\n";
        let (cmd, list) = read(text);
        let cmd = cmd.unwrap();
        assert_eq!((cmd.form, cmd.target, cmd.trouble, cmd.has_list), (Form::Plain, b"/o/f.o".as_slice(), None, true));
        assert_eq!(cmd.command, b"gcc -c -o /o/f.o f.c");
        assert_eq!(list, ["f.c", "/usr/a.h", "/usr/b.h", "/usr/c.h"].map(|n| dependency(n, false)));
        for cut in 0..text.len() {
            assert!(read(&text[..cut]).0.is_err(), "cut at {cut}");
        }
        assert_eq!(read(&text.replace("/o/f.o: f.c", "/o/g.o: f.c")).0, Err(Trouble::Foreign));
    }

    #[test]
    fn what_kbuild_does_not_write_is_told() {
        assert_eq!(read("").0, Err(Trouble::Empty));
        assert_eq!(read("all:\n\techo\n").0, Err(Trouble::Foreign));
        assert_eq!(read("savedcmd_x\n").0, Err(Trouble::Foreign));
        let edited = WHOLE.replace("#SYMVER", "init/a.o: more.h\n#SYMVER");
        assert_eq!(read(&edited).0.unwrap().trouble, Some(Trouble::Edited));
        let other = WHOLE.replace("source_init/a.o", "source_init/b.o");
        assert_eq!(read(&other).0.unwrap().trouble, Some(Trouble::Edited));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_stumble(text in "(savedcmd_|cmd_|# cannot find fixdep )?[a: =\\\\\n$()#wd]{0,80}(deps_a := \\\\\n)?[a \\\\\n$():]{0,40}") {
            let mut size = 0;
            let _ = parse(text.as_bytes(), |body| lines(body, |d| size += d.name.len()));
            command_text(text.as_bytes());
            assert!(size <= text.len());
        }

        #[test]
        fn a_changed_byte_is_read_or_told(at in 0..WHOLE.len(), byte: u8) {
            let mut text = WHOLE.as_bytes().to_vec();
            text[at] = byte;
            let _ = parse(&text, |body| lines(body, |_| ()));
        }
    }
}
