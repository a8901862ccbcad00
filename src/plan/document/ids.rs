//! Which words of a text are ids of tasks. Ids are opaque, so the backlog says what they look like: a word is an id when
//! the backlog has it, or when it is made as most ids of the backlog are (a prefix such as `T` and a number).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::plan::backlog::TaskId;

/// A prefix counts as one of ids when at least one id in this many has it: a few odd ids (`W1T1`, `E1`) must not make
/// every `W3` of a text an id.
const RARE: usize = 20;

/// What ids look like.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    known: BTreeSet<TaskId>,
    /// Prefixes of ids, each with the fewest digits that follow it.
    families: BTreeMap<String, usize>,
}

/// An id in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its bytes in the line.
    pub(super) range: Range<usize>,
    /// The id.
    pub(super) id: TaskId,
    /// It is part of a longer word such as a path or a branch name, so it only mentions the task.
    pub(super) embedded: bool,
    /// It ends a range that the id before it begins, in one word (`T1-T4`, `T1-4`).
    pub(super) ends_range: bool,
}

impl Ids {
    /// Ids of a backlog. Without any, `T` and a number is an id.
    pub fn of<'a>(known: impl IntoIterator<Item = &'a TaskId>) -> Ids {
        let known: BTreeSet<TaskId> = known.into_iter().cloned().collect();
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for id in &known {
            if let Some((prefix, digits)) = prefix_and_number(id.as_str()) {
                let count = counts.entry(prefix.to_owned()).or_insert((0, usize::MAX));
                *count = (count.0 + 1, count.1.min(digits.len()));
            }
        }
        let common = counts.into_iter().filter(|(_, (count, _))| count * RARE >= known.len());
        let mut families: BTreeMap<String, usize> =
            common.map(|(prefix, (_, digits))| (prefix, digits)).collect();
        if known.is_empty() {
            families.insert("T".into(), 1);
        }
        Ids { known, families }
    }

    /// Whether the backlog has this id.
    pub fn knows(&self, id: &TaskId) -> bool {
        self.known.contains(id)
    }

    /// Whether there is no backlog to compare with.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Every id in a line, from left to right.
    pub(super) fn scan(&self, line: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for word in words(line) {
            self.scan_word(line, word, &mut found);
        }
        found
    }

    /// The ids from one to another that count on from each other, both left out; `None` when they do not, or are more
    /// than 200 apart.
    pub(super) fn between(&self, from: &TaskId, to: &TaskId) -> Option<Vec<TaskId>> {
        let (prefix, first) = prefix_and_number(from.as_str())?;
        let (other, last) = prefix_and_number(to.as_str())?;
        let (start, end): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let sound = prefix == other && start < end && end - start <= 200;
        let width = first.len();
        sound.then(|| {
            (start + 1..end).map(|number| TaskId::from(format!("{prefix}{number:0width$}"))).collect()
        })
    }

    fn scan_word(&self, line: &str, word: Range<usize>, found: &mut Vec<Found>) {
        let text = slice(line, &word);
        if self.is_id(text) {
            found.push(Found { range: word, id: text.into(), embedded: false, ends_range: false });
            return;
        }
        if let Some(pair) = self.range_in(line, &word) {
            found.extend(pair);
            return;
        }
        // Parts of a longer word, the longest known one first.
        let starts = parts(text);
        let mut next = 0;
        for (index, part) in starts.iter().enumerate() {
            if part.start < next {
                continue;
            }
            let ends = starts.iter().skip(index).rev().map(|last| part.start..last.end);
            let longest = ends.into_iter().find(|range| self.is_id(slice(text, range)));
            if let Some(range) = longest {
                next = range.end;
                let id = slice(text, &range).into();
                let range = word.start + range.start..word.start + range.end;
                found.push(Found { range, id, embedded: true, ends_range: false });
            }
        }
    }

    /// `T1-T4` or `T1-4` as its two ends.
    fn range_in(&self, line: &str, word: &Range<usize>) -> Option<[Found; 2]> {
        let text = slice(line, word);
        let (dash, separator) =
            [".."].iter().chain(&["-"]).find_map(|mark| Some((text.find(mark)?, *mark)))?;
        let (left, right) = (slice(text, &(0..dash)), slice(text, &(dash + separator.len()..text.len())));
        let (prefix, digits) = prefix_and_number(left)?;
        if !self.is_id(left) {
            return None;
        }
        let whole = self.is_id(right);
        let id: TaskId = if whole {
            right.into()
        } else {
            let number: u64 =
                right.bytes().all(|byte| byte.is_ascii_digit()).then(|| right.parse().ok())??;
            let width = digits.len();
            // `T1016-8` is not said, `T1016-18` is: the number's last digits.
            let head = digits.get(..width.saturating_sub(right.len())).unwrap_or_default();
            let full = if right.len() < width { format!("{head}{right}") } else { number.to_string() };
            TaskId::from(format!("{prefix}{full}"))
        };
        // Of two whole ids a range was meant, even when it cannot be counted.
        if !whole {
            self.between(&left.into(), &id)?;
        }
        let middle = word.start + dash;
        Some([
            Found { range: word.start..middle, id: left.into(), embedded: false, ends_range: false },
            Found { range: middle + separator.len()..word.end, id, embedded: false, ends_range: true },
        ])
    }

    fn is_id(&self, text: &str) -> bool {
        if self.known.contains(&TaskId::from(text)) {
            return true;
        }
        let by_form = prefix_and_number(text).is_some_and(|(prefix, digits)| {
            self.families.get(prefix).is_some_and(|least| digits.len() >= *least)
        });
        by_form || self.is_local(text)
    }

    /// Ids that authors make up beside those of the backlog: `T990-WA-001`, `T-W0-1`, `T1009-S1`.
    fn is_local(&self, text: &str) -> bool {
        let Some((head, rest)) = text.split_once('-') else { return false };
        let letters = head.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let capital = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let lettered = |part: &str| part.bytes().any(|byte| byte.is_ascii_uppercase());
        self.families.contains_key(letters)
            && rest.split('-').all(capital)
            && rest.split('-').any(lettered)
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && !rest.split('-').any(|part| self.is_id(part))
    }
}

/// A prefix of letters (perhaps with a dash at its end) and the digits after it, when that is all.
fn prefix_and_number(text: &str) -> Option<(&str, &str)> {
    let letters = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = text.get(letters.len()..).filter(|digits| !digits.is_empty())?;
    let stem = letters.strip_suffix('-').unwrap_or(letters);
    let sound = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphabetic());
    sound.then_some((letters, digits))
}

/// Words: letters and digits, also joined by single `-`, `_`, `.` and by `..`.
fn words(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let ascii = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        // A letter beyond ASCII before an id (as in CJK text) does not belong to it.
        if !ascii(at) {
            at += 1;
            continue;
        }
        let start = at;
        while ascii(at)
            || (bytes.get(at).is_some_and(|byte| b"-_.".contains(byte)) && ascii(at + 1))
            || (bytes.get(at..at + 2) == Some(b"..") && ascii(at + 2))
        {
            at += if bytes.get(at..at + 2) == Some(b"..") { 2 } else { 1 };
        }
        words.push(start..at);
    }
    words
}

/// The parts of a word between `-`, `_` and `.`.
fn parts(word: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, letter) in word.char_indices().chain([(word.len(), '-')]) {
        if "-_.".contains(letter) {
            if at > start {
                parts.push(start..at);
            }
            start = at + letter.len_utf8();
        }
    }
    parts
}

/// A piece of a text; empty when the range does not fit, which it always does here.
pub(super) fn slice<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

#[cfg(test)]
impl Ids {
    /// Ids of no backlog.
    pub(super) fn default_of_tests() -> Ids {
        Ids::of([])
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;
    use crate::plan::backlog::TaskId;

    /// `T1066` plain, `(T1066)` embedded, `..T1069` the end of a range.
    fn check(known: &[&str], line: &str, expected: &str) {
        let known: Vec<TaskId> = known.iter().map(|id| TaskId::from(*id)).collect();
        let found = Ids::of(&known).scan(line);
        let words: Vec<String> = found
            .iter()
            .map(|found| match (found.embedded, found.ends_range) {
                (true, _) => format!("({})", found.id),
                (_, true) => format!("..{}", found.id),
                _ => found.id.to_string(),
            })
            .collect();
        assert_eq!(words.join(" "), expected, "{line}");
    }

    #[test]
    fn ids_are_found_by_the_backlog_and_by_their_form() {
        let many = ["T1057", "T1058", "T932E", "T-cap-001", "T009"];
        for (line, expected) in [
            ("T1068 (deps T1066+T1067), T12", "T1068 T1066 T1067"),
            ("~~T1060~~ cancelled, **T1061**.", "T1060 T1061"),
            ("branch `task/T1865`, T1865-merge, superseded-by-T1865", "T1865 (T1865) (T1865)"),
            ("T1009-S1 T990-WA-001 T-W0-1 T-cap-001 T932E", "T1009-S1 T990-WA-001 T-W0-1 T-cap-001 T932E"),
            ("T1009-T1012, T1016-18, T1016..T1019", "T1009 ..T1012 T1016 ..T1018 T1016 ..T1019"),
            ("T1855-4-deps-audit.md T1844.pipelineStage", "(T1855) (T1844)"),
            ("T####, W3, P0, UTF-8, v2026.5.22, XT1057", ""),
            ("任务T1057、T1058", "T1057 T1058"),
            ("T1012-T1009, T1019-2", "T1012 ..T1009 (T1019)"),
        ] {
            check(&many, line, expected);
        }
        check(&[], "T1, T2-T4, A1, T5", "T1 T2 ..T4 T5");
        check(&["PROJ-1", "PROJ-2"], "PROJ-1, PROJ-77, T1", "PROJ-1 PROJ-77");
    }
}
