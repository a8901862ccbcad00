//! Text that the operator types into the room itself: a filter, a search, an answer. A face on `ratatui-textarea`, whose
//! looks come from the theme and whose keys come from the keymap's leftovers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::board::select::Direction;
use super::input::editing;
use super::theme::{Role, Theme};
use crate::session::keys::Key;

/// How many lines a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// One: line breaks become blanks.
    One,
    /// One that is folded where it is longer than its place.
    Folded,
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
        Prompt::of(TextArea::default(), lines)
    }

    /// One with a text, the cursor after it.
    pub(crate) fn filled(lines: Lines, text: &str) -> Prompt {
        let mut prompt = Prompt::new(lines);
        prompt.paste(text);
        prompt.area.move_cursor(CursorMove::End);
        prompt
    }

    /// One with a text that is selected: what is typed takes its place, and a movement keeps it.
    pub(crate) fn selected(lines: Lines, text: &str) -> Prompt {
        let mut prompt = Prompt::filled(lines, text);
        if !text.is_empty() {
            prompt.area.select_all();
        }
        prompt
    }

    /// Takes another text instead.
    #[cfg(test)]
    pub(crate) fn replace(&mut self, text: &str) {
        *self = Prompt::filled(self.lines, text);
    }

    fn of(mut area: TextArea<'static>, lines: Lines) -> Prompt {
        match lines {
            Lines::One => {}
            Lines::Folded | Lines::Many => area.set_wrap_mode(WrapMode::WordOrGlyph),
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
            Lines::One | Lines::Folded => self.area.insert_str(text.replace(['\n', '\r'], " ")),
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

    /// Moves the cursor by one; nothing stays selected. `false` where it cannot go there.
    pub(crate) fn go(&mut self, direction: Direction) -> bool {
        let before = (self.area.cursor(), self.area.is_selecting());
        self.area.cancel_selection();
        self.area.move_cursor(match direction {
            Direction::Up => CursorMove::Up,
            Direction::Down => CursorMove::Down,
            Direction::Left => CursorMove::Back,
            Direction::Right => CursorMove::Forward,
            Direction::First => CursorMove::Head,
            Direction::Last => CursorMove::End,
        });
        before != (self.area.cursor(), false)
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
        drawn
            .set_selection_style(theme.style(Role::Focus).add_modifier(ratatui::style::Modifier::UNDERLINED));
        drawn.set_cursor_style(style.add_modifier(ratatui::style::Modifier::REVERSED));
        drawn.render(area, buffer);
    }
}
