//! Keys, mouse, paste and focus as values, and their encoding for a child by the modes that it set.

pub(crate) mod encode;
mod kitty;
mod legacy;
mod mouse;

use serde::{Deserialize, Serialize};

/// Something that the operator does to a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum TerminalInput {
    /// A key.
    Key {
        /// Which.
        key: Key,
        /// Bits of [`modifier`].
        modifiers: u8,
        /// Pressed, repeated or released.
        #[serde(default)]
        kind: KeyKind,
    },
    /// The mouse, in cells of the pane from 0.
    Mouse {
        /// What it does.
        action: MouseAction,
        /// Column.
        column: u16,
        /// Row.
        row: u16,
        /// Bits of [`modifier`].
        modifiers: u8,
    },
    /// Text pasted at once.
    Paste {
        /// The text.
        text: String,
    },
    /// The pane gained or lost the focus.
    Focus {
        /// Whether it has it now.
        gained: bool,
    },
    /// Bytes as they are, for `wavedeck send --raw`.
    Raw {
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// Modifier bits, as xterm counts them.
pub mod modifier {
    /// Shift.
    pub const SHIFT: u8 = 1;
    /// Alt.
    pub const ALT: u8 = 2;
    /// Control.
    pub const CONTROL: u8 = 4;
    /// Super.
    pub const SUPER: u8 = 8;
}

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// A character.
    Char(char),
    /// F1 to F35.
    Function(u8),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Shift+Tab as one key.
    BackTab,
    /// Backspace.
    Backspace,
    /// Escape.
    Escape,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Insert.
    Insert,
    /// Delete.
    Delete,
}

/// What happened to a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// Pressed.
    #[default]
    Press,
    /// Held.
    Repeat,
    /// Released; sent only to children that asked for it (kitty keyboard protocol).
    Release,
}

/// What the mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MouseAction {
    /// A button goes down.
    Press(MouseButton),
    /// A button goes up.
    Release(MouseButton),
    /// The mouse moves with a button down.
    Drag(MouseButton),
    /// The mouse moves.
    Move,
    /// Wheel.
    ScrollUp,
    /// Wheel.
    ScrollDown,
    /// Wheel.
    ScrollLeft,
    /// Wheel.
    ScrollRight,
}

/// A mouse button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MouseButton {
    /// Left.
    Left,
    /// Middle.
    Middle,
    /// Right.
    Right,
}
