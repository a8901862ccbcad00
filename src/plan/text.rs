//! A text and its lines: where each begins, and which line and column a byte offset is.

use super::finding::Position;

/// One line of a text, as byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// First byte.
    pub(super) start: usize,
    /// Past the last byte of its content; neither `\n` nor a `\r` before it belongs to it.
    pub(super) end: usize,
    /// Where the next line starts: the end of the text for the last one.
    pub(super) next: usize,
}

/// A text cut into lines. Both `\n` and `\r\n` end a line.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    all: Vec<Line>,
}

impl<'a> Lines<'a> {
    /// Cuts `text`. A text that ends with a line break has no empty line after it.
    pub(super) fn of(text: &'a str) -> Lines<'a> {
        let mut all = Vec::new();
        let mut start = 0;
        for piece in text.split_inclusive('\n') {
            let next = start + piece.len();
            let content = piece.strip_suffix('\n').unwrap_or(piece);
            let content = if piece.len() > content.len() {
                content.strip_suffix('\r').unwrap_or(content)
            } else {
                content
            };
            all.push(Line { start, end: start + content.len(), next });
            start = next;
        }
        Lines { text, all }
    }

    /// Every line, in order.
    pub(super) fn all(&self) -> &[Line] {
        &self.all
    }

    /// The content of a line.
    pub(super) fn content(&self, line: Line) -> &'a str {
        self.text.get(line.start..line.end).unwrap_or_default()
    }

    /// Number, from 0, of the line that holds `offset`; the last line for an offset past the end.
    pub(super) fn number_at(&self, offset: usize) -> usize {
        self.all.partition_point(|line| line.start <= offset).saturating_sub(1)
    }

    /// Line and column of a byte offset. A text without lines has only line 1, column 1.
    pub(super) fn position(&self, offset: usize) -> Position {
        let number = self.number_at(offset);
        let start = self.all.get(number).map_or(0, |line| line.start);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        Position { line: count(number + 1), column: count(column + 1) }
    }

    /// The lines that start inside `range`, each cut at the range's end and trimmed, with the offset of the first
    /// remaining byte. Blank ones are left out.
    pub(super) fn trimmed(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = Entry<'a>> + use<'_, 'a> {
        let first = self.number_at(range.start);
        self.all.iter().skip(first).take_while(move |line| line.start < range.end).filter_map(move |line| {
            let start = line.start.max(range.start);
            let raw = self.text.get(start..line.end.min(range.end))?;
            let text = raw.trim();
            let offset = start + (raw.len() - raw.trim_start().len());
            (!text.is_empty()).then_some(Entry { text, offset })
        })
    }
}

/// A trimmed piece of a text and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Without white space at either end.
    pub(super) text: &'a str,
    /// Offset of its first byte in the whole text.
    pub(super) offset: usize,
}

/// A count as a line or column number; a text with more than four milliard lines stops counting there.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How the lines of a text end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnding {
    /// Every line with `\n`, or no line break at all.
    Lf,
    /// Every line with `\r\n`.
    CrLf,
    /// Both occur.
    Mixed,
}

impl LineEnding {
    /// How the lines of `text` end.
    pub(super) fn of(text: &str) -> LineEnding {
        let breaks = text.matches('\n').count();
        let with_return = text.matches("\r\n").count();
        match with_return {
            0 => LineEnding::Lf,
            _ if with_return == breaks => LineEnding::CrLf,
            _ => LineEnding::Mixed,
        }
    }

    /// What to write where a line ends; a mixed text gets `\n`.
    pub(super) fn text(self) -> &'static str {
        match self {
            LineEnding::CrLf => "\r\n",
            LineEnding::Lf | LineEnding::Mixed => "\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineEnding, Lines};

    fn check_position(text: &str, offset: usize, expected: (u32, u32)) {
        let position = Lines::of(text).position(offset);
        assert_eq!((position.line, position.column), expected, "{text:?} at {offset}");
    }

    #[test]
    fn positions_count_lines_and_characters() {
        check_position("", 0, (1, 1));
        check_position("ab\ncd", 1, (1, 2));
        check_position("ab\ncd", 3, (2, 1));
        check_position("ab\r\ncd", 5, (2, 2));
        check_position("äö\né", 4, (1, 3));
        check_position("äö\né", 5, (2, 1));
        check_position("a\n", 2, (1, 3));
    }

    #[test]
    fn lines_leave_out_their_breaks() {
        let lines = Lines::of("a\r\nb\n\nc\r");
        let contents: Vec<&str> = lines.all().iter().map(|line| lines.content(*line)).collect();
        assert_eq!(contents, ["a", "b", "", "c\r"]);
    }

    #[test]
    fn trimmed_lines_know_where_they_begin() {
        let text = "x\n  - a  \n\n\t- b\ny";
        let found: Vec<(&str, usize)> =
            Lines::of(text).trimmed(2..16).map(|entry| (entry.text, entry.offset)).collect();
        assert_eq!(found, [("- a", 4), ("- b", 12)]);
    }

    #[test]
    fn endings_are_told_apart() {
        assert_eq!(LineEnding::of("a"), LineEnding::Lf);
        assert_eq!(LineEnding::of("a\nb\n"), LineEnding::Lf);
        assert_eq!(LineEnding::of("a\r\nb\r\n"), LineEnding::CrLf);
        assert_eq!(LineEnding::of("a\r\nb\n"), LineEnding::Mixed);
    }
}
