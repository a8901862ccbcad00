//! How a line goes on that begins with the name of a wave.

use std::ops::Range;

use super::super::account::LineIds;
use super::super::entry::{Leading, Manner, leading};
use super::super::label::{Label, decoration};

/// Whether a wave's name begins an entry and no sentence: what follows it is a mark, a bracket or an id, or comes to
/// ids after a colon.
pub(super) fn begins_wave(text: &str, label: &Label, ids: &LineIds) -> bool {
    let rest = text.get(label.end..).unwrap_or_default();
    let after = label.end + decoration(rest);
    let next = text.get(after..).unwrap_or_default();
    let marks = ['(', '[', ':', '—', '–', '-', '|', '.', ',', '/'];
    next.is_empty()
        || next.starts_with(marks)
        || ids.found.iter().any(|found| found.range.start == after)
        || colon_before_ids(text, label.end, ids).is_some()
}

/// Where ids begin right after a colon outside of brackets.
fn colon_before_ids(text: &str, from: usize, ids: &LineIds) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, letter) in text.get(from..)?.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ':' if depth == 0 => {
                let after = from + at + 1;
                if !leading(text, after..text.len(), &ids.found, Manner::List).ids.is_empty() {
                    return Some(after);
                }
            }
            _ => {}
        }
    }
    None
}

/// The ids that a wave's line names as its own, and the bracketed groups before them.
pub(super) fn after_label(text: &str, from: usize, ids: &LineIds) -> (Leading, Vec<Range<usize>>) {
    let mut groups = Vec::new();
    let mut at = from;
    let list = |at: usize| leading(text, at..text.len(), &ids.found, Manner::List);
    loop {
        at += decoration(text.get(at..).unwrap_or_default());
        let rest = text.get(at..).unwrap_or_default();
        let close = match rest.chars().next() {
            Some('(') => ')',
            Some('[') => ']',
            _ => break,
        };
        let Some(length) = rest.find(close) else { break };
        groups.push(at..at + length + 1);
        at += length + 1;
    }
    let rest = text.get(at..).unwrap_or_default();
    let mark = rest.chars().next().filter(|letter| matches!(letter, ':' | '—' | '–' | '-' | '.'));
    let after_mark = at + mark.map_or(0, char::len_utf8);
    let mut read = list(after_mark);
    if read.ids.is_empty() {
        read = colon_before_ids(text, at, ids).map(list).unwrap_or(read);
    }
    if read.ids.is_empty() {
        let alone = groups.iter().filter_map(|group| {
            let inner = leading(text, group.start + 1..group.end - 1, &ids.found, Manner::Entry);
            (!inner.ids.is_empty() && inner.end == group.end - 1).then_some(inner)
        });
        read = alone.into_iter().next().unwrap_or(Leading { ids: Vec::new(), end: after_mark });
    }
    (read, groups)
}
