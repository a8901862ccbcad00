//! Finding markers in plain text: which lines are candidates, what their keys say, which are rejected.

use std::collections::BTreeMap;

use super::table::Takes;
use super::{Diagnostics, Kind, Reading, Rejected, accept};

/// Rejected lines that are kept per kind.
const SAMPLES_MAX: usize = 3;

/// How deep JSON inside JSON is looked at; a limit only so that no input can be too deep.
const DEPTH_MAX: usize = 8;

/// Reads every marker of a text. Never fails.
///
/// A line is a candidate when it begins with `[wave-` (after one list prefix, or wholly inside backticks). In a closed
/// fence the candidates count only when every non-empty line of it is one, since a fence with other text is an example;
/// an open fence at the end is read line by line. Lines that are JSON are searched for `text` and `aggregated_output`.
/// Quoted (`>`) and mid-line markers do not count, nor do templates with choices such as `state=<met|gap>`. Of verdicts the last one counts, as of all others; npm
/// `@chllming/wave-orchestration` 0.9.15 takes the first, which brings old verdicts back.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    read_into(&mut reading, text, 0);
    reading
}

fn read_into(reading: &mut Reading, text: &str, depth: usize) {
    let mut fence: Option<Vec<&str>> = None;
    for line in text.lines() {
        if is_fence(line) {
            match fence.take() {
                None => fence = Some(Vec::new()),
                Some(lines) => {
                    if lines.iter().all(|line| candidate(line).is_some()) {
                        lines.iter().for_each(|line| read_candidate(reading, line));
                    }
                }
            }
            continue;
        }
        read_status_line(reading, line);
        if let Some(lines) = &mut fence {
            if !line.trim().is_empty() {
                lines.push(line);
            }
            continue;
        }
        read_line(reading, line, depth);
    }
    for line in fence.unwrap_or_default() {
        read_line(reading, line, depth);
    }
}

fn read_line(reading: &mut Reading, line: &str, depth: usize) {
    let trimmed = line.trim();
    if depth < DEPTH_MAX
        && ((trimmed.starts_with('{') && trimmed.ends_with('}'))
            || (trimmed.starts_with('[') && trimmed.ends_with(']')))
        && let Ok(value) = serde_json::from_str::<serde_json::Value>(trimmed)
    {
        search_json(reading, &value, depth);
        return;
    }
    read_candidate(reading, line);
}

/// Looks for the text fields that runtimes put output into, however deep they lie.
fn search_json(reading: &mut Reading, value: &serde_json::Value, depth: usize) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    serde_json::Value::String(text) if name == "text" || name == "aggregated_output" => {
                        read_into(reading, text, depth + 1);
                    }
                    _ => search_json(reading, value, depth),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| search_json(reading, item, depth)),
        _ => {}
    }
}

/// The part of a line that may be a marker: without list prefix and backticks. `None` when the line is no candidate.
fn candidate(line: &str) -> Option<&str> {
    let line = without_list_prefix(line.trim());
    let inner = if is_wrapped(line) { line[1..line.len() - 1].trim() } else { line };
    let begins = inner.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("[wave-"));
    begins.then_some(inner)
}

/// Whether a line opens or closes a fence: three backticks or more, and none in what follows them.
fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") && !line.trim_start_matches('`').contains('`')
}

/// Whether a line stands wholly between two single backticks.
fn is_wrapped(line: &str) -> bool {
    line.len() > 2 && line.starts_with('`') && line.ends_with('`') && !line[1..line.len() - 1].contains('`')
}

/// A line without one `- `, `* `, `+ ` or `1. ` in front.
fn without_list_prefix(line: &str) -> &str {
    let rest = match line.strip_prefix(['-', '*', '+']) {
        Some(rest) => rest,
        None => {
            let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            match line[digits..].strip_prefix('.') {
                Some(rest) if digits > 0 => rest,
                _ => return line,
            }
        }
    };
    if rest.starts_with(char::is_whitespace) { rest.trim_start() } else { line }
}

fn read_candidate(reading: &mut Reading, line: &str) {
    let Some(text) = candidate(line) else { return };
    let Some((kind, rest)) = tagged(text) else { return };
    if !kind.is_status_line() {
        take(reading, kind, text, rest);
    }
}

/// Status lines count wherever a line begins with one, whatever stands around it.
fn read_status_line(reading: &mut Reading, line: &str) {
    if let Some((kind, rest)) = tagged(line.trim())
        && kind.is_status_line()
    {
        take(reading, kind, line.trim(), rest);
    }
}

/// Splits `[tag] rest` when the tag is one of ours.
fn tagged(text: &str) -> Option<(Kind, &str)> {
    let (tag, rest) = text.strip_prefix('[')?.split_once(']')?;
    Some((Kind::from_tag(tag)?, rest))
}

/// Reads the keys of one line, and keeps what came of it.
fn take(reading: &mut Reading, kind: Kind, line: &str, rest: &str) {
    let (first, values) = keys_of(rest);
    if is_choice(first.trim()) || values.values().any(|value| is_choice(value)) {
        return;
    }
    let known = |name: &str| kind.keys().iter().find(|key| key.name == name);
    let outcome = accept(kind, &|name| match known(name)?.takes {
        Takes::First(_) | Takes::AnyFirst => first.split_whitespace().next(),
        Takes::Word(_)
        | Takes::Met
        | Takes::Count
        | Takes::Id
        | Takes::List
        | Takes::LowerList
        | Takes::Text => values.get(name).copied(),
    });
    let seen = reading.diagnostics.entry(kind).or_default();
    seen.raw += 1;
    for name in values.keys().filter(|name| known(name).is_none()) {
        keep(&mut seen.unknown_keys, name);
    }
    if let (Kind::Component, Some(id)) = (kind, values.get("component")) {
        keep(&mut seen.component_ids, id);
    }
    match outcome {
        Ok(marker) => {
            seen.accepted += 1;
            seen.normalized += usize::from(marker.line() != line);
            reading.accepted.push(marker);
        }
        Err(error) => reject(seen, line, error.to_string(), &values),
    }
}

/// Whether a value stands in the place of one, such as `<met|gap>`: a line of the prompt that was printed again, which
/// is neither a marker nor an attempt at one.
fn is_choice(value: &str) -> bool {
    value.starts_with('<') && value.ends_with('>') && value.contains('|')
}

fn reject(seen: &mut Diagnostics, line: &str, why: String, values: &BTreeMap<&str, &str>) {
    seen.rejected += 1;
    if seen.rejected_samples.len() < SAMPLES_MAX {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        seen.rejected_samples.push(Rejected { line: line.to_owned(), why, values });
    }
}

/// Keeps a list sorted and without doubles.
fn keep(list: &mut Vec<String>, item: &str) {
    if let Err(at) = list.binary_search_by(|kept| kept.as_str().cmp(item)) {
        list.insert(at, item.to_owned());
    }
}

/// What stands before the first `key=`, and each key with its value: up to the next `key=`, the last one of a name wins.
fn keys_of(rest: &str) -> (&str, BTreeMap<&str, &str>) {
    let mut values = BTreeMap::new();
    let Some(mut token) = first_token(rest) else { return (rest, values) };
    let before = &rest[..token.start];
    let mut rest = rest;
    loop {
        let name = &rest[token.start..token.end];
        rest = &rest[token.end + 1..];
        let Some(next) = first_token(rest) else {
            values.insert(name, rest.trim());
            return (before, values);
        };
        values.insert(name, rest[..next.start].trim());
        token = next;
    }
}

/// The first `key` of a `key=` in a text, as byte range: `[A-Za-z_][A-Za-z0-9_-]*` at the start or after white space.
pub(super) fn first_token(text: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(found) = text[from..].find('=') {
        let equals = from + found;
        let start = text[..equals]
            .char_indices()
            .rev()
            .take_while(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .last()
            .map(|(at, _)| at);
        if let Some(start) = start {
            let begins_a_word = text[..start].chars().next_back().is_none_or(char::is_whitespace);
            let is_name = text[start..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if begins_a_word && is_name {
                return Some(start..equals);
            }
        }
        from = equals + 1;
    }
    None
}
