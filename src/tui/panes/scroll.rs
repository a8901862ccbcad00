//! Scrolling back in a pane. The rows are the supervisor's: they are asked for a page at a time, and one page is kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::session::Row;
use crate::session::wire::decode_rows;
use crate::tui::told::Screen;

/// Rows asked for at once.
pub(crate) const PAGE_ROWS: u32 = 600;

/// A pane that is scrolled back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scroll {
    /// The row at the top, counted from the oldest kept one.
    pub(crate) top: u64,
    /// Number of the first row of the page.
    pub(crate) first: u64,
    /// The page.
    pub(crate) rows: Vec<Row>,
    /// The page that was asked for, by its first row.
    pub(crate) asked: Option<u64>,
}

impl Scroll {
    /// The row at a line of the pane: from the page, or from the screen below the scrollback. `None` while it is on
    /// its way.
    pub(crate) fn row<'a>(&'a self, screen: &'a Screen, line: u16) -> Option<&'a Row> {
        let number = self.top + u64::from(line);
        match number.checked_sub(screen.scrollback_rows) {
            Some(below) => screen.rows.get(usize::try_from(below).ok()?),
            None => self.rows.get(usize::try_from(number.checked_sub(self.first)?).ok()?),
        }
    }

    /// Moves by lines, upwards when negative. `None` when the end is reached and the pane follows its child again.
    pub(crate) fn moved(mut self, screen: &Screen, lines: i64) -> Option<Scroll> {
        self.top = self.top.saturating_add_signed(lines);
        (self.top < screen.scrollback_rows).then_some(self)
    }

    /// The page to ask for, when what is to be seen is neither there nor on its way.
    pub(crate) fn wanted(&self, screen: &Screen, height: u16) -> Option<u64> {
        let last = (self.top + u64::from(height)).min(screen.scrollback_rows);
        let there = self.first + self.rows.len() as u64;
        if self.top >= self.first && last <= there {
            return None;
        }
        let first = self.top.saturating_sub(u64::from(PAGE_ROWS) / 2);
        (self.asked != Some(first)).then_some(first)
    }

    /// Takes a page.
    pub(crate) fn take(&mut self, first: u64, rows: Vec<Row>) {
        self.first = first;
        self.rows = rows;
        self.asked = None;
    }
}

/// Rows as a reply carries them, in base 64. Such as cannot be read are none.
pub(crate) fn rows_of(text: &str) -> Vec<Row> {
    let bytes = BASE64.decode(text).unwrap_or_default();
    decode_rows(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD as BASE64;

    use super::{Scroll, rows_of};
    use crate::session::wire::encode_rows;
    use crate::session::{Cell, Row, Style};
    use crate::tui::told::Screen;

    fn screen() -> Screen {
        Screen { size: (80, 24), rows: vec![Row::default(); 24], scrollback_rows: 5000, ..Screen::default() }
    }

    #[test]
    fn a_page_is_asked_for_once_and_read_where_it_lies() {
        let mut scroll = Scroll { top: 4990, ..Scroll::default() };
        let first = scroll.wanted(&screen(), 24).unwrap();
        assert_eq!(first, 4690);
        scroll.asked = Some(first);
        assert_eq!(scroll.wanted(&screen(), 24), None);
        assert_eq!(scroll.row(&screen(), 0), None);
        assert!(scroll.row(&screen(), 10).is_some(), "the screen is below the scrollback");
        scroll.take(4690, vec![Row::default(); 310]);
        assert!(scroll.row(&screen(), 0).is_some());
        assert_eq!(scroll.wanted(&screen(), 24), None);
    }

    #[test]
    fn rows_come_back_from_their_text() {
        let cell = Cell { character: 'é', rest: None, width: 1, style: Style::default() };
        let rows = vec![Row { cells: vec![cell], wrapped: true }];
        assert_eq!(rows_of(&BASE64.encode(encode_rows(&rows))), rows);
        assert_eq!(rows_of("no rows"), Vec::new());
    }

    #[test]
    fn scrolling_to_the_end_follows_the_child_again() {
        let scroll = Scroll { top: 4998, ..Scroll::default() };
        assert_eq!(scroll.clone().moved(&screen(), 2), None);
        assert_eq!(scroll.clone().moved(&screen(), -6000).map(|scroll| scroll.top), Some(0));
        assert_eq!(scroll.moved(&screen(), 1).map(|scroll| scroll.top), Some(4999));
    }
}
