//! The lines of a markdown text as a plan's importer sees them: headings, items, rows, fences, text.
//!
//! This is not all of markdown: only what carries structure in plans that people write. A line that is nothing else is
//! text, so nothing gets lost.

use std::ops::Range;

use super::super::text::Lines;

/// A line and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes in the text, without its end.
    pub(super) bytes: Range<usize>,
    /// What it is.
    pub(super) kind: LineKind,
    /// The bytes of what it says in the text: after marks of heading, item, checkbox or quotation.
    pub(super) content: Range<usize>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Nothing.
    Blank,
    /// A heading of a level from 1.
    Heading(u8),
    /// An item of a list, with the column of its mark and what its checkbox says.
    Item { indent: usize, ticked: Option<bool> },
    /// A row of a table.
    Row,
    /// The line between a table's header and its body.
    Delimiter,
    /// A thematic break.
    Rule,
    /// The beginning or end of a fence.
    Fence,
    /// Inside of a fence.
    Code,
    /// Anything else, with the column at which it begins.
    Text { indent: usize },
}

/// Cuts a text into lines.
pub(super) fn lines_of(text: &str) -> Vec<Line> {
    let cut = Lines::of(text);
    let mut lines = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    for raw in cut.all() {
        let line = cut.content(*raw);
        let indent = line.len() - line.trim_start().len();
        let mark = fence_mark(line.trim_start());
        let (kind, skip) = match (fence, mark) {
            (Some((letter, length)), Some((other, count, closes)))
                if letter == other && count >= length && closes =>
            {
                fence = None;
                (LineKind::Fence, indent)
            }
            (Some(_), _) => (LineKind::Code, 0),
            (None, Some((letter, count, _))) => {
                fence = Some((letter, count));
                (LineKind::Fence, indent)
            }
            (None, None) if comment || line.trim_start().starts_with("<!--") => {
                comment = !line.contains("-->");
                (LineKind::Code, 0)
            }
            (None, None) => kind_of(line),
        };
        let sum = is_sum(kind, line, lines.last(), text);
        let (kind, skip) = if sum { (LineKind::Text { indent }, indent) } else { (kind, skip) };
        let content = raw.start + skip.min(line.len())..raw.end;
        lines.push(Line { bytes: raw.start..raw.end, kind, content });
    }
    lines
}

/// Whether what looks like an item goes on with the line above: `done` and below it `+ T1839 done`.
fn is_sum(kind: LineKind, line: &str, above: Option<&Line>, text: &str) -> bool {
    let plus = |line: &str| line.trim_start().starts_with("+ ");
    let goes_on = |above: &Line| match above.kind {
        LineKind::Item { .. } | LineKind::Text { .. } => {
            !text.get(above.bytes.clone()).is_some_and(plus) || matches!(above.kind, LineKind::Text { .. })
        }
        LineKind::Blank
        | LineKind::Heading(_)
        | LineKind::Row
        | LineKind::Delimiter
        | LineKind::Rule
        | LineKind::Fence
        | LineKind::Code => false,
    };
    matches!(kind, LineKind::Item { .. }) && plus(line) && above.is_some_and(goes_on)
}

/// The letter of a fence, how many there are, and whether nothing follows them.
fn fence_mark(line: &str) -> Option<(char, usize, bool)> {
    let letter = line.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
    let count = line.chars().take_while(|other| *other == letter).count();
    let rest = line.get(count..).unwrap_or_default();
    (count >= 3 && !rest.contains('`')).then(|| (letter, count, rest.trim().is_empty()))
}

/// What a line outside of fences is, and how many bytes of it are marks.
fn kind_of(line: &str) -> (LineKind, usize) {
    let mut start = 0;
    // Quotations are looked through.
    loop {
        let rest = line.get(start..).unwrap_or_default();
        let inner = rest.trim_start();
        match inner.strip_prefix('>') {
            Some(quoted) => start = line.len() - quoted.len(),
            None => break,
        }
    }
    let rest = line.get(start..).unwrap_or_default();
    let trimmed = rest.trim_start();
    let indent = line.len() - trimmed.len();
    if trimmed.is_empty() {
        return (LineKind::Blank, indent);
    }
    let hashes = trimmed.len() - trimmed.trim_start_matches('#').len();
    if (1..=6).contains(&hashes)
        && trimmed.get(hashes..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    {
        return (LineKind::Heading(u8::try_from(hashes).unwrap_or(6)), indent + hashes);
    }
    let squeezed: String = trimmed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if squeezed.len() >= 3 && ["-", "*", "_"].iter().any(|mark| squeezed.replace(mark, "").is_empty()) {
        return (LineKind::Rule, indent);
    }
    if trimmed.starts_with('|') || trimmed.matches(" | ").count() > 1 {
        let cells = trimmed.trim().trim_matches('|');
        let delimiter = cells.contains('-') && cells.chars().all(|letter| "-:| ".contains(letter));
        return (if delimiter { LineKind::Delimiter } else { LineKind::Row }, indent);
    }
    match item_mark(trimmed) {
        Some(length) => {
            let after = trimmed.get(length..).unwrap_or_default();
            let (ticked, checkbox) = match after.get(..4) {
                Some("[ ] ") => (Some(false), 4),
                Some("[x] " | "[X] ") => (Some(true), 4),
                Some(_) | None => (None, 0),
            };
            (LineKind::Item { indent, ticked }, indent + length + checkbox)
        }
        None => (LineKind::Text { indent }, indent),
    }
}

/// The length of an item's mark with the blanks after it.
fn item_mark(trimmed: &str) -> Option<usize> {
    let digits = trimmed.len() - trimmed.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let mark = match trimmed.chars().nth(digits)? {
        '-' | '*' | '+' | '•' if digits == 0 => trimmed.chars().next()?.len_utf8(),
        '.' | ')' if (1..=3).contains(&digits) => digits + 1,
        _ => return None,
    };
    let after = trimmed.get(mark..)?;
    let blanks = after.len() - after.trim_start_matches([' ', '\t']).len();
    (blanks > 0).then_some(mark + blanks)
}

/// The cells of a row: the bytes between its bars, in the row. Bars in code and escaped ones do not count.
pub(super) fn cells(row: &str) -> Vec<Range<usize>> {
    let mut bars = Vec::new();
    let (mut code, mut escaped) = (false, false);
    for (at, letter) in row.char_indices() {
        match letter {
            '`' => code = !code,
            '|' if !code && !escaped => bars.push(at),
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    let trimmed = row.trim();
    if !trimmed.starts_with('|') {
        bars.insert(0, usize::MAX);
    }
    if !trimmed.ends_with('|') || trimmed.len() == 1 {
        bars.push(row.len());
    }
    bars.windows(2)
        .filter_map(|pair| match pair {
            [usize::MAX, end] => Some(0..*end),
            [start, end] => Some(start + 1..*end),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{LineKind, cells, lines_of};

    fn check(line: &str, kind: LineKind, content: &str) {
        let found = lines_of(line);
        let [found] = found.as_slice() else { panic!("{line} is one line") };
        assert_eq!((found.kind, &line[found.content.clone()]), (kind, content), "{line}");
    }

    #[test]
    fn lines_are_what_they_look_like() {
        let item = |indent, ticked| LineKind::Item { indent, ticked };
        check("## Wave 1", LineKind::Heading(2), " Wave 1");
        check("#5", LineKind::Text { indent: 0 }, "#5");
        check("- a", item(0, None), "a");
        check("  - [x] a", item(2, Some(true)), "a");
        check("12) [ ] a", item(0, Some(false)), "a");
        check("> - a", item(2, None), "a");
        check("• a", item(0, None), "a");
        check("-a", LineKind::Text { indent: 0 }, "-a");
        check("| a | b |", LineKind::Row, "| a | b |");
        check("|---|:-:|", LineKind::Delimiter, "|---|:-:|");
        check("---", LineKind::Rule, "---");
        check("* * *", LineKind::Rule, "* * *");
        check("  text", LineKind::Text { indent: 2 }, "text");
    }

    #[test]
    fn fences_and_comments_hide_what_is_in_them() {
        let kinds: Vec<LineKind> = lines_of("```ts\n- a\n~~~\n```\n<!-- x\n- b\n-->\n- c")
            .into_iter()
            .map(|line| line.kind)
            .collect();
        use LineKind::{Code, Fence, Item};
        let item = Item { indent: 0, ticked: None };
        let sum = lines_of("- a: x\n  + y\n\n+ z\n+ w");
        let sum: Vec<&str> =
            sum.iter().map(|line| &"- a: x\n  + y\n\n+ z\n+ w"[line.content.clone()]).collect();
        assert_eq!(sum, ["a: x", "+ y", "", "z", "w"]);
        assert_eq!(kinds, [Fence, Code, Code, Fence, Code, Code, Code, item]);
    }

    #[test]
    fn cells_lie_between_bars() {
        let texts =
            |row: &'static str| -> Vec<&str> { cells(row).into_iter().map(|cell| &row[cell]).collect() };
        assert_eq!(texts("| a | `b|c` | d\\|e |"), [" a ", " `b|c` ", " d\\|e "]);
        assert_eq!(texts("a | b | c"), ["a ", " b ", " c"]);
        assert_eq!(texts("|a|"), ["a"]);
        assert_eq!(texts("|"), [""]);
    }
}
