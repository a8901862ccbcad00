//! Keys as xterm sends them (ctlseqs, "PC-Style Function Keys" and "VT220-Style Function Keys"), without modifyOtherKeys.

use crate::session::keys::encode::{InputModes, parameter};
use crate::session::keys::{Key, KeyKind, modifier};

/// The bytes for a key; none for a release, which only the kitty protocol knows.
pub(crate) fn encode(key: Key, modifiers: u8, kind: KeyKind, modes: &InputModes) -> Vec<u8> {
    if kind == KeyKind::Release {
        return Vec::new();
    }
    let alt = modifiers & modifier::ALT != 0;
    let control = modifiers & modifier::CONTROL != 0;
    let shift = modifiers & modifier::SHIFT != 0;
    match key {
        Key::Char(character) => with_alt(alt, &of_character(character, control)),
        Key::Enter if modes.newline => with_alt(alt, b"\r\n"),
        Key::Enter => with_alt(alt, b"\r"),
        Key::BackTab => with_alt(alt, b"\x1b[Z"),
        Key::Tab if shift => with_alt(alt, b"\x1b[Z"),
        Key::Tab => with_alt(alt, b"\t"),
        Key::Backspace if control => with_alt(alt, b"\x08"),
        Key::Backspace => with_alt(alt, b"\x7f"),
        Key::Escape => with_alt(alt, b"\x1b"),
        Key::Up => letter('A', modifiers, modes.application_cursor),
        Key::Down => letter('B', modifiers, modes.application_cursor),
        Key::Right => letter('C', modifiers, modes.application_cursor),
        Key::Left => letter('D', modifiers, modes.application_cursor),
        Key::Home => letter('H', modifiers, modes.application_cursor),
        Key::End => letter('F', modifiers, modes.application_cursor),
        Key::Insert => tilde(2, modifiers),
        Key::Delete => tilde(3, modifiers),
        Key::PageUp => tilde(5, modifiers),
        Key::PageDown => tilde(6, modifiers),
        Key::Function(number) => function(number, modifiers),
    }
}

fn with_alt(alt: bool, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    if alt {
        out.push(0x1b);
    }
    out.extend_from_slice(bytes);
    out
}

/// A character, or the control character that Control makes of it.
fn of_character(character: char, control: bool) -> Vec<u8> {
    if control {
        let byte = match character {
            'a'..='z' | 'A'..='Z' => Some(character as u8 & 0x1f),
            '@' | ' ' | '2' | '`' => Some(0x00),
            '[' | '3' => Some(0x1b),
            '\\' | '4' | '|' => Some(0x1c),
            ']' | '5' => Some(0x1d),
            '^' | '6' | '~' => Some(0x1e),
            '_' | '7' | '/' | '-' => Some(0x1f),
            '?' | '8' => Some(0x7f),
            _ => None,
        };
        if let Some(byte) = byte {
            return vec![byte];
        }
    }
    character.encode_utf8(&mut [0; 4]).as_bytes().to_vec()
}

/// Keys that end in a letter.
fn letter(last: char, modifiers: u8, application: bool) -> Vec<u8> {
    match parameter(modifiers) {
        Some(parameter) => format!("\x1b[1;{parameter}{last}").into_bytes(),
        None if application => format!("\x1bO{last}").into_bytes(),
        None => format!("\x1b[{last}").into_bytes(),
    }
}

/// Keys with a number that end in a tilde.
fn tilde(number: u8, modifiers: u8) -> Vec<u8> {
    match parameter(modifiers) {
        Some(parameter) => format!("\x1b[{number};{parameter}~").into_bytes(),
        None => format!("\x1b[{number}~").into_bytes(),
    }
}

/// F1 to F12; F13 to F24 are those with Shift and F25 to F36 those with Control, as terminfo's xterm counts them.
fn function(number: u8, modifiers: u8) -> Vec<u8> {
    let (number, modifiers) = match number {
        13..=24 => (number - 12, modifiers | modifier::SHIFT),
        25..=36 => (number - 24, modifiers | modifier::CONTROL),
        _ => (number, modifiers),
    };
    match number {
        1..=4 => letter(char::from(b'P' + number - 1), modifiers, true),
        5 => tilde(15, modifiers),
        6..=10 => tilde(number + 11, modifiers),
        11 | 12 => tilde(number + 12, modifiers),
        _ => Vec::new(),
    }
}
