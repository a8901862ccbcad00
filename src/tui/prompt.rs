//! Text that the operator types into the room itself: a filter, a search, an answer. A face on `ratatui-textarea`, whose
//! looks come from the theme and whose keys come from the keymap's leftovers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::input::editing;
use super::theme::{Role, Theme};
use crate::session::keys::Key;

/// How many lines a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// One: line breaks become blanks.
    One,
    /// Any number.
    Many,
}

/// A text being typed.
#[derive(Debug, Clone)]
pub(crate) struct Prompt {
    area: TextArea<'static>,
    lines: Lines,
}

impl Prompt {
    /// An empty one.
    pub(crate) fn new(lines: Lines) -> Prompt {
        let mut area = TextArea::default();
        if lines == Lines::Many {
            area.set_wrap_mode(WrapMode::WordOrGlyph);
        }
        Prompt { area, lines }
    }

    /// What was typed.
    pub(crate) fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Takes a key that names no verb. `true` when the text changed.
    pub(crate) fn type_key(&mut self, key: Key, modifiers: u8) -> bool {
        editing(key, modifiers).is_some_and(|input| self.area.input(input))
    }

    /// Takes a paste.
    pub(crate) fn paste(&mut self, text: &str) {
        match self.lines {
            Lines::One => self.area.insert_str(text.replace(['\n', '\r'], " ")),
            Lines::Many => self.area.insert_str(text.replace("\r\n", "\n").replace('\r', "\n")),
        };
        self.area.move_cursor(CursorMove::InViewport);
    }

    /// Begins a new line, where there may be one.
    pub(crate) fn break_line(&mut self) {
        if self.lines == Lines::Many {
            self.area.insert_newline();
        }
    }

    /// Lines it has.
    pub(crate) fn line_count(&self) -> u16 {
        u16::try_from(self.area.lines().len()).unwrap_or(u16::MAX)
    }

    /// Draws it into its place.
    pub(crate) fn draw(&self, area: Rect, buffer: &mut Buffer, theme: &Theme, base: Role) {
        let mut drawn = self.area.clone();
        let style = theme.style(base);
        drawn.set_style(style);
        drawn.set_cursor_line_style(style);
        drawn.set_cursor_style(style.add_modifier(ratatui::style::Modifier::REVERSED));
        drawn.render(area, buffer);
    }
}
