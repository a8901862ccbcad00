//! The ids with which an item, a cell or the rest of a wave's line begins: `T1, T2 (deps T1), ~~T3~~, T4-T6 ✓`.

use std::ops::Range;

use super::ids::{Found, slice};

/// Signs with which people tick things off.
const TICKS: [char; 6] = ['✓', '✔', '✅', '☑', '🗸', '🟢'];

/// Words and signs that make what comes before or after them a condition.
const CONDITIONS: [&str; 13] = [
    "dep",
    "after ",
    "needs",
    "need ",
    "require",
    "blocked",
    "once ",
    "when ",
    "until ",
    "waits",
    "condition",
    "←",
    "<-",
];

/// The ids at the beginning of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Leading {
    pub(super) ids: Vec<LeadingId>,
    /// Past what was read: here the sentence begins that tells more.
    pub(super) end: usize,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeadingId {
    /// Which of the line's ids.
    pub(super) index: usize,
    pub(super) struck: bool,
    pub(super) ticked: bool,
    /// Ids in brackets behind it: its conditions.
    pub(super) conditions: Vec<usize>,
    /// It ends a range that the id before it begins.
    pub(super) ends_range: bool,
}

/// Whether several ids may have words of their own between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// `T1 title, T2 title`: a list in one line.
    List,
    /// `T1, T2 — what they are`: after the first words nothing is a slot.
    Entry,
}

struct Cursor<'l> {
    line: &'l str,
    found: &'l [Found],
    at: usize,
    end: usize,
    struck: bool,
    /// A tick was skipped, and nobody has asked for it yet.
    ticked: bool,
}

/// Reads the ids at the beginning of `range` of a line.
pub(super) fn leading(line: &str, range: Range<usize>, found: &[Found], manner: Manner) -> Leading {
    let mut cursor = Cursor { line, found, at: range.start, end: range.end, struck: false, ticked: false };
    let mut leading = Leading { ids: Vec::new(), end: range.start };
    let mut ends_range = false;
    loop {
        cursor.skip_decoration();
        let Some(index) = cursor.id_here() else { break };
        let Some(id) = found.get(index) else { break };
        cursor.at = id.range.end;
        let mut read = LeadingId {
            index,
            struck: cursor.struck,
            ticked: false,
            conditions: Vec::new(),
            ends_range: ends_range || id.ends_range,
        };
        cursor.skip_decoration();
        while let Some(group) = cursor.group() {
            let text = slice(line, &group).to_lowercase();
            read.ticked |=
                text.contains(TICKS) || ["done", "complete"].iter().any(|word| text.contains(word));
            read.conditions.extend(indices_in(found, &group));
            cursor.at = group.end;
            cursor.skip_decoration();
        }
        read.ticked |= std::mem::take(&mut cursor.ticked);
        leading.ids.push(read);
        leading.end = cursor.at;
        ends_range = cursor.range_connector();
        if ends_range || cursor.separator() {
            continue;
        }
        if manner == Manner::List && cursor.skip_words() {
            continue;
        }
        break;
    }
    leading
}

/// The first bracketed group of nothing but ids, when little stands before it: `Worker 1 (T839) — 13 files`.
pub(super) fn grouped(line: &str, range: Range<usize>, found: &[Found]) -> Option<Leading> {
    const LABEL_BYTES_MAX: usize = 40;
    let open = line.get(range.clone())?.find('(')? + range.start;
    if open - range.start > LABEL_BYTES_MAX || !indices_in(found, &(range.start..open)).is_empty() {
        return None;
    }
    let cursor = Cursor { line, found, at: open, end: range.end, struck: false, ticked: false };
    let group = cursor.group()?;
    let leading = leading(line, group.start + 1..group.end - 1, found, Manner::Entry);
    (!leading.ids.is_empty() && leading.end == group.end - 1).then_some(Leading { end: group.end, ..leading })
}

/// Whether the ids of this part of a line are conditions, by the words before them.
pub(super) fn is_condition(before: &str) -> bool {
    let before = before.to_lowercase();
    CONDITIONS.iter().any(|word| before.contains(word))
}

/// Whether one of the clauses of a bracketed text is a condition: `3 parallel, after wave 0` is, `no deps` is not.
pub(super) fn names_condition(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["after", "once", "when", "needs", "requires", "until", "blocked", "if", "depends"];
    text.split([',', ';', '—']).any(|clause| {
        let clause = clause.trim().to_lowercase();
        WORDS.iter().any(|word| clause.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
    })
}

/// A text without the marks of emphasis, and without the brackets around all of it.
pub(super) fn plain(text: &str) -> String {
    let bare: String = text.chars().filter(|letter| !"*`".contains(*letter)).collect();
    let bare = bare.trim().trim_matches([':', '—', '–', '-', ' ']).trim();
    let inner = bare.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')'])).unwrap_or(bare).to_owned()
}

/// Whether a text says that something is finished.
pub(super) fn says_done(text: &str) -> bool {
    let lower = text.trim().trim_matches(['*', '_', '`', ' ']).to_lowercase();
    text.contains(TICKS)
        || ["done", "complete", "completed", "shipped", "merged", "closed", "yes", "x", "[x]"]
            .iter()
            .any(|word| lower.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
}

/// Which of the ids lie in a part of the line.
pub(super) fn indices_in(found: &[Found], range: &Range<usize>) -> Vec<usize> {
    let within = |id: &Found| id.range.start >= range.start && id.range.end <= range.end;
    found.iter().enumerate().filter(|(_, id)| within(id)).map(|(index, _)| index).collect()
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        slice(self.line, &(self.at..self.end))
    }

    /// Skips blanks, emphasis and ticks; a strike-through turns on or off.
    fn skip_decoration(&mut self) {
        loop {
            let rest = self.rest();
            let Some(letter) = rest.chars().next() else { return };
            let length = if rest.starts_with("~~") {
                self.struck = !self.struck;
                2
            } else if rest.starts_with("[x] ") || rest.starts_with("[X] ") {
                self.ticked = true;
                4
            } else if rest.starts_with("[ ] ") {
                4
            } else if TICKS.contains(&letter) {
                self.ticked = true;
                letter.len_utf8()
            } else if letter == '`' && !self.code_is_an_id() && !self.after_an_id() {
                return;
            } else if letter.is_whitespace() || matches!(letter, '*' | '_' | '`' | '\u{fe0f}') {
                letter.len_utf8()
            } else {
                return;
            };
            self.at += length;
        }
    }

    /// Whether the code that begins here is an id and nothing else.
    fn code_is_an_id(&self) -> bool {
        let inner = self.at + 1;
        let id = self.found.iter().find(|id| id.range.start == inner && !id.embedded);
        id.is_some_and(|id| slice(self.line, &(id.range.end..self.end)).starts_with('`'))
    }

    /// Whether an id ended just here.
    fn after_an_id(&self) -> bool {
        self.found.iter().any(|id| id.range.end == self.at)
    }

    fn id_here(&self) -> Option<usize> {
        let here = |id: &Found| id.range.start == self.at && id.range.end <= self.end && !id.embedded;
        self.found.iter().position(here)
    }

    /// A group in round or square brackets that begins here.
    fn group(&self) -> Option<Range<usize>> {
        let rest = self.rest();
        let (open, close) = match rest.chars().next()? {
            '(' => ('(', ')'),
            '[' => ('[', ']'),
            _ => return None,
        };
        let mut depth = 0;
        for (at, letter) in rest.char_indices() {
            if letter == open {
                depth += 1;
            } else if letter == close {
                depth -= 1;
                if depth == 0 {
                    return Some(self.at..self.at + at + 1);
                }
            }
        }
        None
    }

    /// What says that the next id ends a range: `-`, `–`, `..`, `to`, `through`. Also nothing, within one word.
    fn range_connector(&mut self) -> bool {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start().len();
        let word = rest.trim_start();
        let connectors = ["...", "..", "…", "-", "–", "through ", "to ", "bis "];
        let Some(connector) = connectors.iter().find(|connector| word.starts_with(**connector)) else {
            return false;
        };
        let after = word.get(connector.len()..).unwrap_or_default();
        let next = self.at + blank + connector.len() + (after.len() - after.trim_start().len());
        // Emphasis and code may stand around the second id, too.
        let bare = slice(self.line, &(next..self.end)).trim_start_matches(['*', '_', '`']);
        let next = self.end - bare.len();
        if self.found.iter().any(|id| id.range.start == next && !id.embedded && id.range.end <= self.end) {
            self.at = next;
            return true;
        }
        false
    }

    /// Skips what stands between two ids of a row. Says whether an id follows it.
    fn separator(&mut self) -> bool {
        let before = (self.at, self.struck, self.ticked);
        loop {
            self.skip_decoration();
            let rest = self.rest();
            let words = ["and ", "und ", "then ", "→", "->", "=>", "⇒"];
            let length = match rest.chars().next() {
                Some(letter) if ",;、，；+&/·".contains(letter) => letter.len_utf8(),
                Some(_) => match words.iter().find(|word| rest.starts_with(**word)) {
                    Some(word) => word.len(),
                    None => break,
                },
                None => break,
            };
            self.at += length;
        }
        if self.at > before.0 && self.id_here().is_some() {
            return true;
        }
        (self.at, self.struck, self.ticked) = before;
        false
    }

    /// Skips words up to a comma or semicolon that an id follows.
    fn skip_words(&mut self) -> bool {
        let before = (self.at, self.struck, self.ticked);
        let mut depth = 0_i32;
        let rest = slice(self.line, &(self.at..self.end));
        for (at, letter) in rest.char_indices() {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                ',' | ';' | '、' | '，' | '；' if depth == 0 => {
                    self.at = before.0 + at;
                    if self.separator() {
                        return true;
                    }
                }
                _ => {}
            }
        }
        (self.at, self.struck, self.ticked) = before;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{Manner, grouped, leading};
    use crate::plan::document::ids::Ids;

    /// `T1(T2)` has a condition, `~T3` is struck, `T4+` is ticked, `-T6` ends a range; then what is left.
    fn check(manner: Manner, line: &str, expected: &str) {
        let found = Ids::default_of_tests().scan(line);
        let read = leading(line, 0..line.len(), &found, manner);
        assert_eq!(shown(&read, line, &found), expected, "{line}");
    }

    fn shown(read: &super::Leading, line: &str, found: &[super::Found]) -> String {
        let ids = read.ids.iter().map(|id| {
            let conditions: Vec<&str> = id.conditions.iter().map(|index| found[*index].id.as_str()).collect();
            let conditions =
                if conditions.is_empty() { String::new() } else { format!("({})", conditions.join(" ")) };
            let (range, struck) = (if id.ends_range { "-" } else { "" }, if id.struck { "~" } else { "" });
            let ticked = if id.ticked { "+" } else { "" };
            format!("{range}{struck}{}{ticked}{conditions}", found[id.index].id)
        });
        format!("{} | {}", ids.collect::<Vec<_>>().join(" "), line[read.end..].trim()).trim().to_owned()
    }

    #[test]
    fn ids_at_the_beginning_are_read() {
        let entry = Manner::Entry;
        check(entry, "**T1865** — Merge T1836+T1837", "T1865 | — Merge T1836+T1837");
        check(entry, "T1061 (deps T1058), T1065 (after T1064)", "T1061(T1058) T1065(T1064) |");
        check(entry, "T1, ~~T2~~, `T3` ✓, [x] T4", "T1 ~T2 T3+ T4+ |");
        check(entry, "T1-T4, T6 – T8; T10 to T12 x", "T1 -T4 T6 -T8 T10 -T12 | x");
        check(entry, "T1 → T2 -> T3", "T1 T2 T3 |");
        check(entry, "T1、T2，T3 + T4 & T5 and T6", "T1 T2 T3 T4 T5 T6 |");
        check(entry, "`task/T1` x", "| `task/T1` x");
        check(entry, "Merge T1", "| Merge T1");
        check(entry, "T1 one, T2 two", "T1 | one, T2 two");
        check(entry, "T1 (done) rest", "T1+ | rest");
        check(Manner::List, "T1 one (a, T9), T2 two", "T1 T2 | two");
        check(Manner::List, "", "|");
    }

    #[test]
    fn a_label_with_ids_in_brackets_is_read() {
        for (line, expected) in [
            ("**Worker 1 (T839, T840) — 13 files:**", Some("T839 T840 | — 13 files:**")),
            ("Worker 1 (see T839)", None),
            ("After T1 (T839)", None),
        ] {
            let found = Ids::default_of_tests().scan(line);
            let read = grouped(line, 0..line.len(), &found).map(|read| shown(&read, line, &found));
            assert_eq!(read.as_deref(), expected, "{line}");
        }
    }
}
