//! From what the operator does to the bytes that a child reads, by the modes that the child has set.

use crate::session::keys::{Key, MouseAction, TerminalInput, kitty, legacy, modifier, mouse};

/// What the encoding depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct InputModes {
    /// DECCKM: arrows, Home and End as `SS3`.
    pub(crate) application_cursor: bool,
    /// LNM: Enter sends a line feed too.
    pub(crate) newline: bool,
    /// Mode 2004.
    pub(crate) bracketed_paste: bool,
    /// Mode 1004.
    pub(crate) focus: bool,
    /// The alternate screen with mode 1007: the wheel is arrows unless the mouse is asked for.
    pub(crate) wheel_as_arrows: bool,
    /// Which mouse events are asked for.
    pub(crate) tracking: MouseTracking,
    /// How they are written.
    pub(crate) encoding: MouseEncoding,
    /// Flags of the kitty keyboard protocol.
    pub(crate) keyboard: u8,
}

/// Which mouse events a child has asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum MouseTracking {
    /// None.
    #[default]
    Off,
    /// Mode 9: presses, without modifiers.
    Presses,
    /// Mode 1000: presses, releases and the wheel.
    Clicks,
    /// Mode 1002: also movement with a button down.
    Drags,
    /// Mode 1003: all movement.
    Motion,
}

/// How mouse events are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum MouseEncoding {
    /// Three bytes after `CSI M`; up to column and row 223.
    #[default]
    Bytes,
    /// The same with UTF-8 characters (mode 1005); up to 2015.
    Utf8,
    /// Decimal numbers (mode 1006).
    Sgr,
}

/// Arrow presses that one step of the wheel stands for.
const ARROWS_PER_STEP: usize = 3;

/// The bytes for `input`; none where the child has not asked for it.
pub(crate) fn encode(input: &TerminalInput, modes: &InputModes) -> Vec<u8> {
    match input {
        TerminalInput::Key { key, modifiers, kind } => {
            if modes.keyboard == 0 {
                legacy::encode(*key, *modifiers, *kind, modes)
            } else {
                kitty::encode(*key, *modifiers, *kind, modes)
            }
        }
        TerminalInput::Mouse { action, column, row, modifiers } => {
            if modes.tracking == MouseTracking::Off && modes.wheel_as_arrows {
                wheel_as_arrows(*action, modes)
            } else {
                mouse::encode(*action, *column, *row, *modifiers, modes)
            }
        }
        TerminalInput::Paste { text } => paste(text, modes.bracketed_paste),
        TerminalInput::Focus { gained } => match (modes.focus, gained) {
            (true, true) => b"\x1b[I".to_vec(),
            (true, false) => b"\x1b[O".to_vec(),
            (false, _) => Vec::new(),
        },
        TerminalInput::Raw { bytes } => bytes.clone(),
    }
}

fn wheel_as_arrows(action: MouseAction, modes: &InputModes) -> Vec<u8> {
    let key = match action {
        MouseAction::ScrollUp => Key::Up,
        MouseAction::ScrollDown => Key::Down,
        MouseAction::Press(_)
        | MouseAction::Release(_)
        | MouseAction::Drag(_)
        | MouseAction::Move
        | MouseAction::ScrollLeft
        | MouseAction::ScrollRight => return Vec::new(),
    };
    legacy::encode(key, 0, crate::session::keys::KeyKind::Press, modes).repeat(ARROWS_PER_STEP)
}

/// A paste must not be able to end its own brackets or to press keys: of control characters only tabs and line breaks stay,
/// and a line break is what Enter sends, as in xterm and VTE.
fn paste(text: &str, bracketed: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 12);
    if bracketed {
        bytes.extend_from_slice(b"\x1b[200~");
    }
    let mut after_return = false;
    for character in text.chars() {
        match character {
            '\n' if after_return => {}
            '\n' | '\r' => bytes.push(b'\r'),
            '\t' => bytes.push(b'\t'),
            _ if character.is_control() => {}
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        after_return = character == '\r';
    }
    if bracketed {
        bytes.extend_from_slice(b"\x1b[201~");
    }
    bytes
}

/// Modifiers as xterm and kitty write them: one more than the bits; `None` where there are none.
pub(crate) fn parameter(modifiers: u8) -> Option<u8> {
    let known = modifiers & (modifier::SHIFT | modifier::ALT | modifier::CONTROL | modifier::SUPER);
    (known != 0).then_some(known + 1)
}

#[cfg(test)]
mod tests;
