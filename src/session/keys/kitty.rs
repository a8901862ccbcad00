//! Keys as the kitty keyboard protocol sends them to a child that asked for it
//! (<https://sw.kovidgoyal.net/kitty/keyboard-protocol/>).

use crate::session::keys::encode::{InputModes, parameter};
use crate::session::keys::{Key, KeyKind, legacy, modifier};

/// Bits of the protocol's progressive enhancement.
mod flag {
    pub(super) const DISAMBIGUATE: u8 = 1;
    pub(super) const EVENT_TYPES: u8 = 1 << 1;
    pub(super) const ALTERNATES: u8 = 1 << 2;
    pub(super) const ALL_AS_ESCAPES: u8 = 1 << 3;
    pub(super) const TEXT: u8 = 1 << 4;
}

/// How a key is numbered.
enum Form {
    /// `CSI number ; ... u`.
    Number(u32),
    /// `CSI number ; ... ~`.
    Tilde(u8),
    /// `CSI 1 ; ... letter`.
    Letter(char),
}

/// The bytes for a key, for flags that are not 0.
pub(crate) fn encode(key: Key, modifiers: u8, kind: KeyKind, modes: &InputModes) -> Vec<u8> {
    let asked = |bit: u8| modes.keyboard & bit != 0;
    if kind == KeyKind::Release && !asked(flag::EVENT_TYPES) {
        return Vec::new();
    }
    let kind = if asked(flag::EVENT_TYPES) { kind } else { KeyKind::Press };
    let (key, modifiers) = match key {
        Key::BackTab => (Key::Tab, modifiers | modifier::SHIFT),
        _ => (key, modifiers),
    };
    let all = asked(flag::ALL_AS_ESCAPES);
    match key {
        // These three stay what a shell needs even after a program has crashed.
        Key::Enter | Key::Tab | Key::Backspace if !all => {
            if kind == KeyKind::Release {
                return Vec::new();
            }
            if parameter(modifiers).is_none() || !asked(flag::DISAMBIGUATE) {
                return legacy::encode(key, modifiers, kind, modes);
            }
        }
        // Keys that make text send their text.
        Key::Char(_) if !all && kind != KeyKind::Release => {
            let plain = parameter(modifiers & !modifier::SHIFT).is_none();
            if plain || !asked(flag::DISAMBIGUATE) {
                return legacy::encode(key, modifiers, kind, modes);
            }
        }
        Key::Escape if !all && !asked(flag::DISAMBIGUATE) && kind == KeyKind::Press => {
            return legacy::encode(key, modifiers, kind, modes);
        }
        _ => {}
    }
    sequence(key, modifiers, kind, modes)
}

fn sequence(key: Key, modifiers: u8, kind: KeyKind, modes: &InputModes) -> Vec<u8> {
    let Some(form) = form(key) else { return Vec::new() };
    let event = match kind {
        KeyKind::Press => None,
        KeyKind::Repeat => Some(2),
        KeyKind::Release => Some(3),
    };
    let text = text(key, modifiers, kind, modes);
    let modifiers_field = match (parameter(modifiers), event) {
        (None, None) if text.is_none() => None,
        (None, None) => Some(String::new()),
        (parameter, None) => parameter.map(|parameter| parameter.to_string()),
        (parameter, Some(event)) => Some(format!("{}:{event}", parameter.unwrap_or(1))),
    };

    let mut out = String::from("\x1b[");
    match &form {
        Form::Number(number) => out.push_str(&number.to_string()),
        Form::Tilde(number) => out.push_str(&number.to_string()),
        Form::Letter(_) if modifiers_field.is_some() => out.push('1'),
        Form::Letter(_) => {}
    }
    if let (Key::Char(character), true) = (key, modes.keyboard & flag::ALTERNATES != 0) {
        let shifted = modifiers & modifier::SHIFT != 0 && unshifted(character) != character;
        if shifted {
            out.push_str(&format!(":{}", u32::from(character)));
        }
    }
    if let Some(field) = modifiers_field {
        out.push(';');
        out.push_str(&field);
    }
    if let Some(text) = text {
        out.push_str(&format!(";{text}"));
    }
    out.push(match form {
        Form::Number(_) => 'u',
        Form::Tilde(_) => '~',
        Form::Letter(letter) => letter,
    });
    out.into_bytes()
}

/// The text that a key makes, where the child wants to know it.
fn text(key: Key, modifiers: u8, kind: KeyKind, modes: &InputModes) -> Option<u32> {
    let wanted = flag::TEXT | flag::ALL_AS_ESCAPES;
    let makes_text = kind != KeyKind::Release && parameter(modifiers & !modifier::SHIFT).is_none();
    match key {
        Key::Char(character) if modes.keyboard & wanted == wanted && makes_text => Some(u32::from(character)),
        _ => None,
    }
}

/// The protocol numbers a key by its character without Shift. Of other characters than letters nobody here knows which key
/// they are on, so they stay themselves.
fn unshifted(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    }
}

fn form(key: Key) -> Option<Form> {
    let form = match key {
        Key::Char(character) => Form::Number(u32::from(unshifted(character))),
        Key::Escape => Form::Number(27),
        Key::Enter => Form::Number(13),
        Key::Tab | Key::BackTab => Form::Number(9),
        Key::Backspace => Form::Number(127),
        Key::Insert => Form::Tilde(2),
        Key::Delete => Form::Tilde(3),
        Key::PageUp => Form::Tilde(5),
        Key::PageDown => Form::Tilde(6),
        Key::Up => Form::Letter('A'),
        Key::Down => Form::Letter('B'),
        Key::Right => Form::Letter('C'),
        Key::Left => Form::Letter('D'),
        Key::Home => Form::Letter('H'),
        Key::End => Form::Letter('F'),
        Key::Function(1) => Form::Letter('P'),
        Key::Function(2) => Form::Letter('Q'),
        // Not a letter: that one would be a cursor position report.
        Key::Function(3) => Form::Tilde(13),
        Key::Function(4) => Form::Letter('S'),
        Key::Function(5) => Form::Tilde(15),
        Key::Function(number @ 6..=10) => Form::Tilde(number + 11),
        Key::Function(number @ 11..=12) => Form::Tilde(number + 12),
        Key::Function(number @ 13..=35) => Form::Number(57376 + u32::from(number - 13)),
        Key::Function(_) => return None,
    };
    Some(form)
}
