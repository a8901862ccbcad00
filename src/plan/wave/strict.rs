//! A wave file as `@chllming/wave-orchestration` 0.9.15 reads it: pattern searches over raw text that know no fences.
//!
//! Kept exactly, quirks included, because a project that lives with both programs must see where they part: headings
//! with trailing blanks are invisible, `#### Prompt` counts as `### Prompt`, a heading inside a fence is a heading, and
//! a prompt ends at the first line that begins with three backticks.

use std::collections::BTreeMap;
use std::ops::Range;

use super::outline::{AgentOutline, Block, Body, Outline, Part, WavePart, trimmed};

/// The sections that the predecessor finds.
pub(super) fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    for part in WavePart::ALL {
        if let Some(body) = wave_section(text, part.name()) {
            outline.parts.insert(part, body);
        }
    }
    let headings = agent_headings(text);
    for (index, heading) in headings.iter().enumerate() {
        let end = headings.get(index + 1).map_or(text.len(), |next| next.start);
        outline.agents.push(agent(text, heading, end));
    }
    outline
}

/// An agent heading: where it starts, where the text under it starts, what it says.
struct Heading {
    start: usize,
    end: usize,
    id: String,
    title: String,
}

/// `## Agent <id>: <title>` at the start of a line. The id reaches to the first colon, over line breaks if need be, and
/// blanks after the colon are skipped the same way.
fn agent_headings(text: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = line_starting_with(text, "## Agent ", from) {
        let after = start + "## Agent ".len();
        from = after;
        let rest = text.get(after..).unwrap_or_default();
        let Some(colon) = rest.find(':') else { break };
        if colon == 0 {
            continue;
        }
        let tail = rest.get(colon + 1..).unwrap_or_default();
        let title_line = tail.trim_start();
        let length = title_line.find(['\n', '\r']).unwrap_or(title_line.len());
        if length == 0 {
            continue;
        }
        let end = after + colon + 1 + (tail.len() - title_line.len()) + length;
        let title = title_line.get(..length).unwrap_or_default().trim().to_string();
        let id = rest.get(..colon).unwrap_or_default().trim().to_string();
        found.push(Heading { start, end, id, title });
        from = end;
    }
    found
}

fn agent(text: &str, heading: &Heading, end: usize) -> AgentOutline {
    let mut parts = BTreeMap::new();
    for part in Part::ALL {
        if let Some(body) = agent_section(text, part.name(), heading.end..end) {
            parts.insert(part, body);
        }
    }
    let prompt = parts.get(&Part::Prompt).map(|body| block(text, body.range.clone()));
    AgentOutline {
        id: heading.id.clone(),
        title: heading.title.clone(),
        range: heading.start..end,
        parts,
        prompt,
    }
}

/// `### <name>` anywhere in a line, directly followed by a line break; to the next line that starts with `###` and
/// white space.
fn agent_section(text: &str, name: &str, within: Range<usize>) -> Option<Body> {
    let section = text.get(within.clone())?;
    let wanted = format!("### {name}");
    let heading = section
        .match_indices(&wanted)
        .map(|(at, _)| at)
        .find(|at| section.get(at + wanted.len()..).is_some_and(|rest| rest.starts_with(['\n', '\r'])))?;
    let after = section.get(heading + wanted.len()..)?;
    let start = heading + wanted.len() + (after.len() - after.trim_start_matches(['\n', '\r']).len());
    let end = heading_line(section, "###", start).unwrap_or(section.len());
    Some(Body { heading: within.start + heading, range: within.start + start..within.start + end })
}

/// A line that is exactly `## <name>` and white space; to the next line that starts with `##` and white space.
fn wave_section(text: &str, name: &str) -> Option<Body> {
    let wanted = format!("## {name}");
    let mut from = 0;
    loop {
        let heading = line_starting_with(text, &wanted, from)?;
        let after = heading + wanted.len();
        from = after;
        let rest = text.get(after..)?;
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        if !line.trim().is_empty() {
            continue;
        }
        let end = heading_line(text, "##", after + line.len()).unwrap_or(text.len());
        return Some(Body { heading, range: after + line.len()..end });
    }
}

/// The first fenced block: three backticks, an optional word, a line break, text, and a line that begins with three
/// backticks.
pub(super) fn block(text: &str, within: Range<usize>) -> Block {
    let within = trimmed(text, within);
    let Some(section) = text.get(within.clone()) else { return Block::None };
    for (at, _) in ticks(section) {
        let rest = section.get(at + 3..).unwrap_or_default();
        let after_word =
            rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter));
        let Some(content) = after_word.strip_prefix("\r\n").or_else(|| after_word.strip_prefix('\n')) else {
            continue;
        };
        let start = section.len() - content.len();
        let Some(close) = content.find("\n```") else { return Block::Unclosed(within.start + at) };
        let inner = content.get(..close).unwrap_or_default();
        let length = inner.strip_suffix('\r').unwrap_or(inner).len();
        let range = trimmed(text, within.start + start..within.start + start + length);
        return if range.is_empty() { Block::Empty(within.start + at) } else { Block::Text(range) };
    }
    Block::None
}

/// Every place where three backticks stand, overlapping ones included.
fn ticks(section: &str) -> impl Iterator<Item = (usize, &str)> {
    section.char_indices().filter(|(_, letter)| *letter == '`').filter_map(|(at, _)| {
        section.get(at..at + 3).filter(|three| *three == "```").map(|three| (at, three))
    })
}

/// The first line from `from` on that begins with `wanted`.
fn line_starting_with(text: &str, wanted: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.match_indices(wanted).map(|(at, _)| from + at).find(|at| starts_line(text, *at))
}

/// The first line from `from` on that begins with `marks` and white space.
fn heading_line(text: &str, marks: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.match_indices(marks).map(|(at, _)| from + at).find(|at| {
        starts_line(text, *at)
            && text
                .get(at + marks.len()..)
                .is_some_and(|after| after.chars().next().is_some_and(char::is_whitespace))
    })
}

fn starts_line(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['\n', '\r']))
}
