//! Putting text on the screen: cut to its place, measured once, with the width forced so that drawing measures nothing.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Width 1, as a cell wants it.
pub(crate) const ONE: CellDiffOption = CellDiffOption::ForcedWidth(NonZeroU16::MIN);
/// Width 2, as a cell wants it.
pub(crate) const TWO: CellDiffOption = CellDiffOption::ForcedWidth(NonZeroU16::MIN.saturating_add(1));

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// A place for one line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First column.
    pub(crate) x: u16,
    /// Row.
    pub(crate) y: u16,
    /// Columns at most.
    pub(crate) width: u16,
}

impl Span {
    /// One row of an area, counted from its top.
    pub(crate) fn row(area: Rect, row: u16) -> Span {
        Span {
            x: area.x,
            y: area.y.saturating_add(row),
            width: if row < area.height { area.width } else { 0 },
        }
    }

    /// What is left of it after `columns` from its start.
    pub(crate) fn after(self, columns: u16) -> Span {
        let columns = columns.min(self.width);
        Span { x: self.x + columns, y: self.y, width: self.width - columns }
    }

    /// All but the last `columns`.
    pub(crate) fn before_last(self, columns: u16) -> Span {
        Span { width: self.width.saturating_sub(columns), ..self }
    }
}

/// Puts a text at the start of its place and gives back the columns that it took. A text that is too long is cut and
/// ends with `ellipsis`; control characters become blanks.
pub(crate) fn put(buffer: &mut Buffer, place: Span, text: &str, style: Style, ellipsis: char) -> u16 {
    if place.width == 0 || place.y < buffer.area.top() || place.y >= buffer.area.bottom() {
        return 0;
    }
    let cut = width(text) > place.width;
    let room = if cut { place.width - 1 } else { place.width };
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme).clamp(1, 2);
        if used + wide > room {
            break;
        }
        put_grapheme(buffer, place.x + used, place.y, grapheme, style, wide);
        used += wide;
    }
    if cut {
        let mut sign = [0; 4];
        put_grapheme(buffer, place.x + used, place.y, ellipsis.encode_utf8(&mut sign), style, 1);
        used += 1;
    }
    used
}

/// Puts a text at the end of its place and gives back the columns that it took.
pub(crate) fn put_right(buffer: &mut Buffer, place: Span, text: &str, style: Style, ellipsis: char) -> u16 {
    let wide = width(text).min(place.width);
    put(buffer, place.after(place.width - wide), text, style, ellipsis)
}

/// Fills an area with one sign of width 1.
pub(crate) fn fill(buffer: &mut Buffer, area: Rect, sign: char, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_char(sign).set_style(style);
                cell.set_diff_option(ONE);
            }
        }
    }
}

fn put_grapheme(buffer: &mut Buffer, x: u16, y: u16, grapheme: &str, style: Style, wide: u16) {
    let symbol = if grapheme.chars().any(char::is_control) { " " } else { grapheme };
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
        cell.set_diff_option(if wide == 2 { TWO } else { ONE });
    }
    if wide == 2
        && let Some(cell) = buffer.cell_mut((x + 1, y))
    {
        cell.reset();
        cell.set_style(style);
    }
}

/// A text as lines of at most `columns`, broken between words where that is possible.
pub(crate) fn wrap(text: &str, columns: u16) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_word_bounds() {
            if width(&line) + width(word) <= columns {
                line.push_str(word);
                continue;
            }
            if !line.trim().is_empty() {
                lines.push(line.trim_end().to_string());
            }
            line.clear();
            for grapheme in word.trim_start().graphemes(true) {
                if width(&line) + width(grapheme) > columns {
                    lines.push(std::mem::take(&mut line));
                }
                line.push_str(grapheme);
            }
        }
        lines.push(line.trim_end().to_string());
    }
    lines
}

/// A duration as people say it in passing: `12s`, `4m12s`, `2h05m`, `3d04h`.
pub(crate) fn short(duration_ms: u64) -> String {
    let seconds = duration_ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if minutes == 0 {
        format!("{seconds}s")
    } else if hours == 0 {
        format!("{minutes}m{:02}s", seconds % 60)
    } else if days == 0 {
        format!("{hours}h{:02}m", minutes % 60)
    } else {
        format!("{days}d{:02}h", hours % 24)
    }
}

/// The same where there is little room: its largest unit alone, `12s`, `4m`, `2h`, `3d`.
pub(crate) fn coarse(duration_ms: u64) -> String {
    let seconds = duration_ms / 1000;
    match (seconds / 60, seconds / 3600, seconds / 86_400) {
        (0, _, _) => format!("{seconds}s"),
        (minutes, 0, _) => format!("{minutes}m"),
        (_, hours, 0) => format!("{hours}h"),
        (_, _, days) => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::{Span, coarse, put, put_right, short, wrap};

    fn drawn(text: &str, columns: u16) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        put(&mut buffer, Span { x: 0, y: 0, width: columns }, text, Style::new(), '~');
        (0..8).map(|x| buffer[(x, 0)].symbol().to_string()).collect::<String>()
    }

    #[test]
    fn text_is_cut_to_its_place_and_says_so() {
        assert_eq!(drawn("abc", 5), "abc     ");
        assert_eq!(drawn("abcdef", 5), "abcd~   ");
        assert_eq!(drawn("a\u{7}b", 5), "a b     ");
        assert_eq!(drawn("日本語", 5).trim_end(), "日 本 ~");
        assert_eq!(drawn("abc", 0), "        ");
    }

    #[test]
    fn text_at_the_right_ends_at_the_end_of_its_place() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        assert_eq!(put_right(&mut buffer, Span { x: 0, y: 0, width: 6 }, "ab", Style::new(), '~'), 2);
        assert_eq!(buffer[(4, 0)].symbol(), "a");
    }

    #[test]
    fn lines_break_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrap("x", 0), ["x"]);
    }

    #[test]
    fn durations_are_short() {
        let said: Vec<String> =
            [900, 12_000, 252_000, 7_500_000, 273_600_000].iter().map(|ms| short(*ms)).collect();
        assert_eq!(said, ["0s", "12s", "4m12s", "2h05m", "3d04h"]);
        let said: Vec<String> =
            [900, 59_999, 252_000, 7_500_000, 273_600_000].iter().map(|ms| coarse(*ms)).collect();
        assert_eq!(said, ["0s", "59s", "4m", "2h", "3d"]);
    }
}
