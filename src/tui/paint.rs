//! What every view needs to draw: the buffer, the theme and the signs, in one hand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::glyph::Glyphs;
use super::text::{self, Span};
use super::theme::{Role, Theme};

/// A hand that draws.
pub(crate) struct Paint<'a> {
    /// Where.
    pub(crate) buffer: &'a mut Buffer,
    /// In which styles.
    pub(crate) theme: &'a Theme,
    /// With which signs.
    pub(crate) glyphs: &'a Glyphs,
}

impl Paint<'_> {
    /// Puts a text at the start of a place; gives back the columns that it took.
    pub(crate) fn put(&mut self, place: Span, content: &str, role: Role) -> u16 {
        text::put(self.buffer, place, content, self.theme.style(role), self.glyphs.ellipsis)
    }

    /// Puts a text at the end of a place; gives back the columns that it took.
    pub(crate) fn put_right(&mut self, place: Span, content: &str, role: Role) -> u16 {
        text::put_right(self.buffer, place, content, self.theme.style(role), self.glyphs.ellipsis)
    }

    /// Puts pieces one after the other; gives back the columns that they took.
    pub(crate) fn pieces(&mut self, place: Span, pieces: &[(&str, Role)]) -> u16 {
        let mut used = 0;
        for (content, role) in pieces {
            used += self.put(place.after(used), content, *role);
        }
        used
    }

    /// Puts a text as wrapped lines and gives back the rows that it took.
    pub(crate) fn paragraph(&mut self, area: Rect, content: &str, role: Role) -> u16 {
        let mut row = 0;
        for line in text::wrap(content, area.width) {
            if row >= area.height {
                break;
            }
            self.put(Span::row(area, row), &line, role);
            row += 1;
        }
        row
    }

    /// A horizontal rule.
    pub(crate) fn rule(&mut self, area: Rect, role: Role) {
        text::fill(self.buffer, area, self.glyphs.horizontal, self.theme.style(role));
    }

    /// A vertical rule.
    pub(crate) fn wall(&mut self, area: Rect, sign: char, role: Role) {
        text::fill(self.buffer, area, sign, self.theme.style(role));
    }

    /// Blanks an area in the style of a role.
    pub(crate) fn clear(&mut self, area: Rect, role: Role) {
        text::fill(self.buffer, area, ' ', self.theme.style(role));
    }
}
