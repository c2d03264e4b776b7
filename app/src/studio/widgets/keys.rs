//! What a terminal sends for the keys that are pressed (xterm's control sequences).

use egui::{Event, Key, Modifiers};

/// What a key event is to the console.
#[derive(Debug, PartialEq, Eq)]
pub enum Pressed {
    Send(Vec<u8>),
    /// What is marked goes to the clipboard.
    Copy,
    /// So many screens down; negative: up, into what has scrolled away.
    Scroll(i32),
    /// The keyboard goes back to the window.
    Leave,
}

/// What the guest's programs asked of the terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modes {
    pub application_cursor: bool,
    pub bracketed_paste: bool,
}

/// None for events that mean nothing here. `modifiers` are those held now, which `Copy` and text do not carry.
pub fn pressed(event: &Event, modifiers: Modifiers, modes: Modes) -> Option<Pressed> {
    let send = |bytes: &[u8]| Some(Pressed::Send(bytes.to_vec()));
    match event {
        Event::Text(text) => {
            let escape = if modifiers.alt { "\x1b" } else { "" };
            send(format!("{escape}{text}").as_bytes())
        }
        // The desktop's own meaning of Ctrl+C and Ctrl+X; in a terminal they are keys, and copying is with Shift.
        Event::Copy if modifiers.shift => Some(Pressed::Copy),
        Event::Copy => send(b"\x03"),
        Event::Cut => send(b"\x18"),
        Event::Paste(text) => {
            // Lines end as the Enter key does. An escape in it could end the brackets early.
            let text = text.replace("\r\n", "\r").replace('\n', "\r").replace('\x1b', "");
            let text = if modes.bracketed_paste { format!("\x1b[200~{text}\x1b[201~") } else { text };
            send(text.as_bytes())
        }
        Event::Key { key, pressed: true, modifiers, .. } => special(*key, *modifiers, modes),
        _ => None,
    }
}

fn special(key: Key, modifiers: Modifiers, modes: Modes) -> Option<Pressed> {
    let send = |text: &str| Some(Pressed::Send(text.as_bytes().to_vec()));
    let cursor = |letter: char| {
        let start = if modes.application_cursor { "\x1bO" } else { "\x1b[" };
        send(&format!("{start}{letter}"))
    };
    match key {
        Key::Escape if modifiers.shift => Some(Pressed::Leave),
        Key::PageUp if modifiers.shift => Some(Pressed::Scroll(-1)),
        Key::PageDown if modifiers.shift => Some(Pressed::Scroll(1)),
        Key::Enter => send("\r"),
        Key::Backspace => send("\x7f"),
        Key::Tab if modifiers.shift => send("\x1b[Z"),
        Key::Tab => send("\t"),
        Key::Escape => send("\x1b"),
        Key::ArrowUp => cursor('A'),
        Key::ArrowDown => cursor('B'),
        Key::ArrowRight => cursor('C'),
        Key::ArrowLeft => cursor('D'),
        Key::Home => cursor('H'),
        Key::End => cursor('F'),
        Key::Insert => send("\x1b[2~"),
        Key::Delete => send("\x1b[3~"),
        Key::PageUp => send("\x1b[5~"),
        Key::PageDown => send("\x1b[6~"),
        Key::F1 => send("\x1bOP"),
        Key::F2 => send("\x1bOQ"),
        Key::F3 => send("\x1bOR"),
        Key::F4 => send("\x1bOS"),
        Key::F5 => send("\x1b[15~"),
        Key::F6 => send("\x1b[17~"),
        Key::F7 => send("\x1b[18~"),
        Key::F8 => send("\x1b[19~"),
        Key::F9 => send("\x1b[20~"),
        Key::F10 => send("\x1b[21~"),
        Key::F11 => send("\x1b[23~"),
        Key::F12 => send("\x1b[24~"),
        Key::Space if modifiers.ctrl => send("\0"),
        Key::OpenBracket if modifiers.ctrl => send("\x1b"),
        Key::Backslash if modifiers.ctrl => send("\x1c"),
        Key::CloseBracket if modifiers.ctrl => send("\x1d"),
        Key::Minus if modifiers.ctrl => send("\x1f"),
        key if modifiers.ctrl => match key.name().as_bytes() {
            [letter @ b'A'..=b'Z'] => Some(Pressed::Send(vec![letter & 0x1f])),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: Key, modifiers: Modifiers) -> Option<Pressed> {
        let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        pressed(&event, modifiers, Modes::default())
    }

    fn sent(bytes: &[u8]) -> Option<Pressed> {
        Some(Pressed::Send(bytes.to_vec()))
    }

    #[test]
    fn keys_are_what_xterm_sends() {
        for (k, modifiers, bytes) in [
            (Key::Enter, Modifiers::NONE, &b"\r"[..]),
            (Key::Tab, Modifiers::NONE, b"\t"),
            (Key::ArrowUp, Modifiers::NONE, b"\x1b[A"),
            (Key::D, Modifiers::CTRL, b"\x04"),
            (Key::R, Modifiers::CTRL, b"\x12"),
            (Key::Z, Modifiers::CTRL, b"\x1a"),
            (Key::Backspace, Modifiers::NONE, b"\x7f"),
            (Key::Escape, Modifiers::NONE, b"\x1b"),
        ] {
            assert_eq!(key(k, modifiers), sent(bytes), "{k:?}");
        }
        // A letter comes as text, not as a key.
        assert_eq!(key(Key::A, Modifiers::NONE), None);
        assert_eq!(key(Key::PageUp, Modifiers::SHIFT), Some(Pressed::Scroll(-1)));
        assert_eq!(key(Key::Escape, Modifiers::SHIFT), Some(Pressed::Leave));
    }

    #[test]
    fn the_desktops_copy_is_ctrl_c_unless_shift_is_held() {
        assert_eq!(pressed(&Event::Copy, Modifiers::CTRL, Modes::default()), sent(b"\x03"));
        assert_eq!(pressed(&Event::Copy, Modifiers::CTRL | Modifiers::SHIFT, Modes::default()), Some(Pressed::Copy));
    }

    #[test]
    fn what_is_pasted_has_enters_and_cannot_leave_its_brackets() {
        let event = Event::Paste("a\nb\r\n\x1b[201~c".into());
        assert_eq!(pressed(&event, Modifiers::NONE, Modes::default()), sent(b"a\rb\r[201~c"));
        let modes = Modes { bracketed_paste: true, ..Modes::default() };
        assert_eq!(pressed(&event, Modifiers::NONE, modes), sent(b"\x1b[200~a\rb\r[201~c\x1b[201~"));
        let cursor = Modes { application_cursor: true, ..Modes::default() };
        let up = Event::Key { key: Key::ArrowUp, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
        assert_eq!(pressed(&up, Modifiers::NONE, cursor), sent(b"\x1bOA"));
    }
}
