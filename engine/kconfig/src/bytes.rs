//! Texts of any encoding: what is no UTF-8 goes through the program and comes out as it was, as the C tools copy it.
//!
//! Inside, such a byte is one character of the last 256 of the first private plane. Where a file has those characters
//! themselves, their bytes are kept in the same way, so that nothing is said in two ways.

use std::borrow::Cow;

const FIRST: u32 = 0xF_FF00;

/// Bytes as a text.
pub fn text(bytes: Vec<u8>) -> String {
    if memchr::memchr(0xF3, &bytes).is_none() {
        match String::from_utf8(bytes) {
            Ok(text) => return text,
            Err(e) => return pieces(e.as_bytes()),
        }
    }
    pieces(&bytes)
}

fn pieces(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if !(FIRST..FIRST + 256).contains(&u32::from(c)) {
                out.push(c);
            } else {
                out.extend(c.encode_utf8(&mut [0; 4]).bytes().map(kept));
            }
        }
        out.extend(chunk.invalid().iter().copied().map(kept));
    }
    out
}

/// The character that stands for a byte.
pub fn kept(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What a text was before it came in.
pub fn raw(text: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, b"\xF3\xBF") {
        if let Some([third @ 0xBC..=0xBF, fourth]) = text.get(at + 2..at + 4) {
            out.extend_from_slice(&text[done..at]);
            out.push((third & 3) << 6 | fourth & 0x3F);
            done = at + 4;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.extend_from_slice(&text[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_come_out_as_they_went_in() {
        let cases: [&[u8]; 6] = [
            b"",
            b"plain",
            "d\u{e9}j\u{e0} vu".as_bytes(),
            b"d\xe9j\xe0 vu\xff",
            "\u{fff41}\u{fffff}x\u{ffffd}\u{ffeff}".as_bytes(),
            b"\xf3\xbf\xbd",
        ];
        for case in cases {
            let inside = text(case.to_vec());
            assert_eq!(&*raw(inside.as_bytes()), case, "{inside:?}");
        }
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        assert_eq!(&*raw(text(all.clone()).as_bytes()), all);
    }
}
