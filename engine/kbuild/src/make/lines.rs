//! A makefile's text as logical lines: continuations joined, comments taken off (GNU make manual 3.1.1, 3.1).

/// One logical line with its continuations still in it, and the number of its first physical line (from 1).
#[derive(Debug, Clone, Copy)]
pub struct Logical<'t> {
    pub text: &'t str,
    pub number: u32,
}

/// Goes over the logical lines of a text.
#[derive(Debug, Clone)]
pub struct Lines<'t> {
    rest: Option<&'t str>,
    number: u32,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { rest: (!text.is_empty()).then_some(text), number: 1 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Logical<'t>;

    fn next(&mut self) -> Option<Logical<'t>> {
        let rest = self.rest?;
        let number = self.number;
        let mut from = 0;
        let end = loop {
            match memchr::memchr(b'\n', &rest.as_bytes()[from..]) {
                None => break rest.len(),
                Some(at) => {
                    self.number = self.number.saturating_add(1);
                    let at = from + at;
                    let slashes = rest.as_bytes()[..at].iter().rev().take_while(|&&b| b == b'\\').count();
                    if slashes % 2 == 0 {
                        break at;
                    }
                    from = at + 1;
                }
            }
        };
        self.rest = rest.get(end + 1..).filter(|r| !r.is_empty());
        let text = &rest[..end];
        Some(Logical { text: text.strip_suffix('\r').unwrap_or(text), number })
    }
}

/// Continuations and the blanks around them become one blank; of the backslashes before one, half stay.
pub fn collapse(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('\n') {
        return line.into();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\n') {
        let before = &rest[..at];
        let slashes = before.bytes().rev().take_while(|&b| b == b'\\').count();
        let kept = before.len() - slashes + slashes / 2;
        out.push_str(before[..kept].trim_end_matches([' ', '\t']));
        out.push(' ');
        rest = rest[at + 1..].trim_start_matches([' ', '\t']);
    }
    out.push_str(rest);
    out.into()
}

/// Where a comment begins: the first `#` that is neither escaped nor inside of a reference.
fn comment(line: &str) -> Option<usize> {
    outside(line, |byte, at| byte == b'#' && line.as_bytes()[..at].iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0)
}

/// The line without its comment, and with `\#` made `#`.
pub fn uncomment(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('#') {
        return line.into();
    }
    let cut = comment(line).map_or(line, |at| &line[..at]);
    if !cut.contains("\\#") && cut.len() == line.len() {
        return line.into();
    }
    let mut out = String::with_capacity(cut.len());
    let mut from = 0;
    // Backslashes are halved only right before a number sign, also the one that began the comment.
    while let Some(at) = outside(&line[from..], |byte, _| byte == b'#').map(|at| from + at).filter(|&at| at <= cut.len()) {
        let slashes = line.as_bytes()[from..at].iter().rev().take_while(|&&b| b == b'\\').count();
        out.push_str(&line[from..at - slashes]);
        out.extend(std::iter::repeat_n('\\', slashes / 2));
        if at == cut.len() {
            return out.into();
        }
        out.push('#');
        from = at + 1;
    }
    out.push_str(&cut[from.min(cut.len())..]);
    out.into()
}

/// The first byte that `wanted` takes, not counting those inside of `$(…)` or `${…}`.
pub fn outside(text: &str, wanted: impl Fn(u8, usize) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' if matches!(bytes.get(at + 1), Some(b'(' | b'{')) => at = closing(text, at + 1).map_or(bytes.len(), |end| end + 1),
            b'$' => at += 2,
            byte if wanted(byte, at) => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The bracket that closes the one at `open`; only brackets of the same shape are counted.
pub fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (opens, closes) = if bytes.get(open) == Some(&b'{') { (b'{', b'}') } else { (b'(', b')') };
    let mut depth = 0usize;
    for at in memchr::memchr2_iter(opens, closes, &bytes[open..]) {
        if bytes[open + at] == opens {
            depth += 1;
        } else {
            depth -= 1;
            if depth == 0 {
                return Some(open + at);
            }
        }
    }
    None
}
