//! From the outer terminal's events to the room's, and from the room's keys to those of the text editor. Beside the
//! keymap and `session::keys` the only place that knows key codes.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEventKind, KeyModifiers, MouseEventKind};
use ratatui_textarea::{Input, Key as EditorKey};

use super::event::Event;
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput, modifier};

/// An event of the outer terminal as the room's; `None` for what the room has no use for.
pub(crate) fn translated(event: TerminalEvent) -> Option<Event> {
    let input = match event {
        TerminalEvent::Resize(columns, rows) => return Some(Event::Resize { columns, rows }),
        TerminalEvent::FocusGained => TerminalInput::Focus { gained: true },
        TerminalEvent::FocusLost => TerminalInput::Focus { gained: false },
        TerminalEvent::Paste(text) => TerminalInput::Paste { text },
        TerminalEvent::Key(key) => TerminalInput::Key {
            key: key_of(sent(key.code, key.modifiers))?,
            modifiers: modifiers_of(key.modifiers),
            kind: match key.kind {
                KeyEventKind::Press => KeyKind::Press,
                KeyEventKind::Repeat => KeyKind::Repeat,
                KeyEventKind::Release => KeyKind::Release,
            },
        },
        TerminalEvent::Mouse(mouse) => TerminalInput::Mouse {
            action: action_of(mouse.kind),
            column: mouse.column,
            row: mouse.row,
            modifiers: modifiers_of(mouse.modifiers),
        },
    };
    Some(Event::Input(input))
}

/// The bytes 0x1c to 0x1f are Ctrl with `\`, `]`, `^` and `_` (ECMA-48 names them IS4 to IS1); crossterm 0.29 reports
/// them as Ctrl with 4 to 7, which legacy terminals send as the same bytes.
fn sent(code: KeyCode, modifiers: KeyModifiers) -> KeyCode {
    match code {
        KeyCode::Char('4') if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char('\\'),
        KeyCode::Char('5') if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char(']'),
        KeyCode::Char('6') if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char('^'),
        KeyCode::Char('7') if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char('_'),
        other => other,
    }
}

fn key_of(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::F(number) => Key::Function(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Esc => Key::Escape,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Insert => Key::Insert,
        KeyCode::Delete => Key::Delete,
        KeyCode::Null => Key::Char(' '),
        KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    })
}

fn modifiers_of(modifiers: KeyModifiers) -> u8 {
    [
        (KeyModifiers::SHIFT, modifier::SHIFT),
        (KeyModifiers::ALT, modifier::ALT),
        (KeyModifiers::CONTROL, modifier::CONTROL),
        (KeyModifiers::SUPER, modifier::SUPER),
    ]
    .iter()
    .filter(|(theirs, _)| modifiers.contains(*theirs))
    .fold(0, |bits, (_, ours)| bits | ours)
}

fn action_of(kind: MouseEventKind) -> MouseAction {
    let button = |button| match button {
        crossterm::event::MouseButton::Left => MouseButton::Left,
        crossterm::event::MouseButton::Middle => MouseButton::Middle,
        crossterm::event::MouseButton::Right => MouseButton::Right,
    };
    match kind {
        MouseEventKind::Down(which) => MouseAction::Press(button(which)),
        MouseEventKind::Up(which) => MouseAction::Release(button(which)),
        MouseEventKind::Drag(which) => MouseAction::Drag(button(which)),
        MouseEventKind::Moved => MouseAction::Move,
        MouseEventKind::ScrollUp => MouseAction::ScrollUp,
        MouseEventKind::ScrollDown => MouseAction::ScrollDown,
        MouseEventKind::ScrollLeft => MouseAction::ScrollLeft,
        MouseEventKind::ScrollRight => MouseAction::ScrollRight,
    }
}

/// A key as the text editor knows it; `None` for one that edits nothing.
pub(crate) fn editing(key: Key, modifiers: u8) -> Option<Input> {
    let key = match key {
        Key::Char(character) => EditorKey::Char(character),
        Key::Backspace => EditorKey::Backspace,
        Key::Left => EditorKey::Left,
        Key::Right => EditorKey::Right,
        Key::Up => EditorKey::Up,
        Key::Down => EditorKey::Down,
        Key::Delete => EditorKey::Delete,
        Key::Home => EditorKey::Home,
        Key::End => EditorKey::End,
        Key::PageUp => EditorKey::PageUp,
        Key::PageDown => EditorKey::PageDown,
        Key::Enter | Key::Tab | Key::BackTab | Key::Escape | Key::Insert | Key::Function(_) => return None,
    };
    Some(Input {
        key,
        ctrl: modifiers & modifier::CONTROL != 0,
        alt: modifiers & modifier::ALT != 0,
        shift: modifiers & modifier::SHIFT != 0,
    })
}

/// The arrow key that stands for a turn of the wheel in a program that fills the screen and did not ask for the mouse,
/// as xterm's alternate scroll mode (1007) has it.
pub(crate) fn wheel_arrow(action: MouseAction) -> Option<TerminalInput> {
    let key = match action {
        MouseAction::ScrollUp => Key::Up,
        MouseAction::ScrollDown => Key::Down,
        MouseAction::Press(_)
        | MouseAction::Release(_)
        | MouseAction::Drag(_)
        | MouseAction::Move
        | MouseAction::ScrollLeft
        | MouseAction::ScrollRight => return None,
    };
    Some(TerminalInput::Key { key, modifiers: 0, kind: KeyKind::Press })
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers};

    use super::translated;
    use crate::session::keys::{Key, KeyKind, TerminalInput, modifier};
    use crate::tui::event::Event;

    #[test]
    fn keys_keep_their_modifiers() {
        let event = TerminalEvent::Key(KeyEvent::new(KeyCode::Char(']'), KeyModifiers::CONTROL));
        assert_eq!(
            translated(event),
            Some(Event::Input(TerminalInput::Key {
                key: Key::Char(']'),
                modifiers: modifier::CONTROL,
                kind: KeyKind::Press
            }))
        );
        for (reported, meant) in [('4', '\\'), ('5', ']'), ('6', '^'), ('7', '_')] {
            let event = TerminalEvent::Key(KeyEvent::new(KeyCode::Char(reported), KeyModifiers::CONTROL));
            let Some(Event::Input(TerminalInput::Key { key, .. })) = translated(event) else { panic!() };
            assert_eq!(key, Key::Char(meant));
            let plain = TerminalEvent::Key(KeyEvent::new(KeyCode::Char(reported), KeyModifiers::NONE));
            let Some(Event::Input(TerminalInput::Key { key, .. })) = translated(plain) else { panic!() };
            assert_eq!(key, Key::Char(reported));
        }
        let media = TerminalEvent::Key(KeyEvent::new(KeyCode::CapsLock, KeyModifiers::NONE));
        assert_eq!(translated(media), None);
    }
}
