//! Small changes of a text: where an id of a row of ids begins and ends with all that belongs to it.

use std::ops::Range;

use super::ids::{Found, Ids, slice};

/// What stands in place of a part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Marks that stand around an id.
const MARKS: [char; 4] = ['*', '_', '`', '~'];

/// Marks between the ids of a row.
const SEPARATORS: [&str; 12] = [",", ";", "、", "，", "；", "+", "&", "/", "·", "→", "->", "=>"];

/// Makes changes that do not overlap; `None` when they do. Changes of the same place are made in their order.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut after = String::with_capacity(text.len() + 32);
    let mut at = 0;
    for splice in &splices {
        after.push_str(text.get(at..splice.range.start)?);
        after.push_str(&splice.text);
        at = splice.range.end;
    }
    after.push_str(text.get(at..)?);
    Some(after)
}

/// An id of a row with its marks, its brackets, its words, and one of the separators beside it.
pub(super) fn entry_range(text: &str, bounds: &Range<usize>, id: &Range<usize>, ids: &Ids) -> Range<usize> {
    let start = marked_start(text, bounds, id.start);
    let mut end = annotated_end(text, bounds, id.end);
    let next = next_entry(text, bounds, end, ids);
    if let Some(next) = next {
        return start..next;
    }
    let before = slice(text, &(bounds.start..start));
    let trimmed = before.trim_end();
    let separator = SEPARATORS.iter().find(|separator| trimmed.ends_with(**separator));
    match separator {
        Some(separator) => {
            let cut = trimmed.len() - separator.len();
            let kept = slice(before, &(0..cut)).trim_end().len();
            bounds.start + kept..end
        }
        None => {
            // The only one: in a cell its blanks stay as they are.
            if slice(text, &(end..bounds.end)).starts_with(' ') && before.ends_with(' ') && end < bounds.end {
                end += usize::from(!slice(text, &(end..bounds.end)).trim().is_empty());
            }
            start..end
        }
    }
}

/// Where a row of ids ends that has this one: past the last id's marks and brackets.
pub(super) fn list_end(text: &str, bounds: &Range<usize>, id: &Range<usize>, ids: &Ids) -> usize {
    let mut end = annotated_end(text, bounds, id.end);
    while let Some(next) = next_entry(text, bounds, end, ids) {
        let rest = slice(text, &(next..bounds.end));
        let Some(found) = ids.scan(rest).into_iter().find(|found| !found.embedded) else { break };
        end = annotated_end(text, bounds, next + found.range.end);
    }
    end
}

/// What to write between the id that ends before `end` and a new one: what stands between the two before it.
pub(super) fn separator_before(text: &str, bounds: &Range<usize>, end: usize, ids: &Ids) -> String {
    let row = slice(text, &(bounds.start..end));
    let found: Vec<Found> = ids.scan(row).into_iter().filter(|found| !found.embedded).collect();
    let between = found.windows(2).rev().find_map(|pair| {
        let between = slice(row, &(pair.first()?.range.end..pair.last()?.range.start));
        let bare = between.trim_matches(|letter| MARKS.contains(&letter));
        SEPARATORS.contains(&bare.trim()).then(|| bare.to_owned())
    });
    between.unwrap_or_else(|| ", ".to_owned())
}

fn marked_start(text: &str, bounds: &Range<usize>, start: usize) -> usize {
    let before = slice(text, &(bounds.start..start));
    bounds.start + before.trim_end_matches(|letter| MARKS.contains(&letter)).len()
}

/// Past an id's marks, and past brackets and ticks that follow it.
fn annotated_end(text: &str, bounds: &Range<usize>, end: usize) -> usize {
    let mut at = end;
    loop {
        let rest = slice(text, &(at..bounds.end));
        let marks = rest.len() - rest.trim_start_matches(|letter| MARKS.contains(&letter)).len();
        if marks > 0 {
            at += marks;
            continue;
        }
        let trimmed = rest.trim_start();
        let blanks = rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { return at };
        if matches!(first, '(' | '[') {
            let close = if first == '(' { ')' } else { ']' };
            let mut depth = 0_i32;
            let length = trimmed.char_indices().find_map(|(index, letter)| {
                depth += i32::from(letter == first) - i32::from(letter == close);
                (depth == 0).then_some(index + 1)
            });
            match length {
                Some(length) => at += blanks + length,
                None => return at,
            }
        } else if matches!(first, '✓' | '✔' | '✅' | '☑') {
            at += blanks + first.len_utf8();
        } else {
            return at;
        }
    }
}

/// Where the next entry of the row begins: past a separator that an id follows, perhaps after words.
fn next_entry(text: &str, bounds: &Range<usize>, end: usize, ids: &Ids) -> Option<usize> {
    let rest = slice(text, &(end..bounds.end));
    let mut depth = 0_i32;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '—' | ':' => return None,
            _ => {}
        }
        let here = slice(rest, &(at..rest.len()));
        let separator =
            SEPARATORS.iter().find(|separator| here.starts_with(**separator)).filter(|_| depth == 0);
        if let Some(separator) = separator {
            let after = slice(here, &(separator.len()..here.len()));
            let bare = after.trim_start();
            let marks = bare.len() - bare.trim_start_matches(|letter| MARKS.contains(&letter)).len();
            let begins =
                ids.scan(bare).first().is_some_and(|found| found.range.start == marks && !found.embedded);
            if begins {
                return Some(end + at + separator.len() + (after.len() - bare.len()));
            }
        }
    }
    None
}
