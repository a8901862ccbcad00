//! A wave file read with its fences: what its author evidently meant.
//!
//! Headings inside fenced blocks are text, headings may end in blanks, an agent section ends at the next heading that
//! belongs to the wave, and every oddity of structure is a finding.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::finding::Finding;
use super::super::text::{Entry, Lines};
use super::fences::{Fence, all as all_fences};
use super::outline::{AgentOutline, Block, Body, Outline, PROSE_OF_A_WAVE, Part, WavePart, trimmed};
use super::rules;

/// A heading outside every fence.
#[derive(Debug, Clone)]
struct Heading<'a> {
    /// Number of `#`.
    level: usize,
    /// Its text, without blanks at either end.
    name: &'a str,
    /// Offset of its line.
    start: usize,
    /// Offset of the line after it.
    next: usize,
}

/// A wave file's sections, its first heading, and what is odd about its structure.
pub(super) struct Aware {
    /// The sections.
    pub(super) outline: Outline,
    /// Text and offset of the first heading of level 1.
    pub(super) first_heading: Option<(String, usize)>,
    /// What is odd.
    pub(super) findings: Vec<Finding>,
}

/// Reads the structure of `lines`.
pub(super) fn outline(file: &str, lines: &Lines<'_>) -> Aware {
    let fences = fences(lines);
    let headings = headings(lines, &fences);
    let mut scan = Scan { file, lines, fences: &fences, findings: Vec::new() };
    let outline = scan.outline(&headings);
    let first_heading = headings
        .iter()
        .find(|heading| heading.level == 1)
        .map(|heading| (heading.name.to_string(), heading.start));
    Aware { outline, first_heading, findings: scan.findings }
}

/// The fenced blocks of a wave file, in order.
pub(super) fn fences(lines: &Lines<'_>) -> Vec<Fence> {
    all_fences(lines, ends_a_section)
}

/// The first fenced block inside `within`.
pub(super) fn block(lines: &Lines<'_>, fences: &[Fence], within: Range<usize>) -> Block {
    let first = fences
        .iter()
        .find(|fence| lines.all().get(fence.opening).is_some_and(|line| within.contains(&line.start)));
    let Some(fence) = first else { return Block::None };
    let opening = lines.all().get(fence.opening).map_or(within.start, |line| line.start);
    let content = trimmed(lines.text, fence.content.clone());
    match (fence.closed, content.is_empty()) {
        (false, _) => Block::Unclosed(opening),
        (true, true) => Block::Empty(opening),
        (true, false) => Block::Text(content),
    }
}

/// The block under `## Standing prompt` of a role document; `None` without that heading.
pub(super) fn standing_prompt(text: &str) -> Option<Block> {
    let lines = Lines::of(text);
    let fences = all_fences(&lines, |_| false);
    let heading = headings(&lines, &fences).into_iter().find(|heading| heading.name == "Standing prompt")?;
    Some(block(&lines, &fences, heading.next..text.len()))
}

/// The lines under the first heading `## <name>` that stands in no fence, up to the next heading of the same level or above.
pub(in crate::plan) fn lines_under<'l, 'a>(
    lines: &'l Lines<'a>,
    name: &str,
) -> impl Iterator<Item = Entry<'a>> + use<'l, 'a> {
    let fences = fences(lines);
    let headings = headings(lines, &fences);
    let found = headings.iter().position(|heading| heading.level == 2 && heading.name == name);
    let range = found.and_then(|index| headings.get(index).map(|heading| (index, heading.next)));
    let range = range.map(|(index, start)| {
        let after = headings.iter().skip(index + 1).find(|heading| heading.level <= 2);
        start..after.map_or(lines.text.len(), |heading| heading.start)
    });
    lines.trimmed(range.unwrap_or(0..0))
}

/// Whether a line is a heading at which an agent section ends, whatever stands before it.
fn ends_a_section(line: &str) -> bool {
    heading_of(line).is_some_and(|(level, name)| {
        level == 2 && (agent_name(name).is_some_and(|rest| rest.contains(':')) || is_wave_heading(name))
    })
}

fn is_wave_heading(name: &str) -> bool {
    WavePart::ALL.iter().any(|part| part.name() == name) || PROSE_OF_A_WAVE.contains(&name)
}

/// What follows the word `Agent`.
fn agent_name(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("Agent")?;
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// Level and text of an ATX heading. CommonMark's closing sequence of `#` is not cut off: the predecessor keeps it too.
fn heading_of(line: &str) -> Option<(usize, &str)> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let rest = line.trim_start_matches(' ');
    if line.len() - rest.len() > 3 {
        return None;
    }
    let name = rest.trim_start_matches('#');
    let level = rest.len() - name.len();
    let is_heading = (1..=6).contains(&level) && (name.is_empty() || name.starts_with([' ', '\t']));
    is_heading.then(|| (level, name.trim()))
}

fn headings<'a>(lines: &Lines<'a>, fences: &[Fence]) -> Vec<Heading<'a>> {
    let mut fences = fences.iter().peekable();
    let mut found = Vec::new();
    for (number, line) in lines.all().iter().enumerate() {
        while fences.next_if(|fence| fence.next_line() <= number).is_some() {}
        if fences.peek().is_some_and(|fence| fence.opening <= number) {
            continue;
        }
        if let Some((level, name)) = heading_of(lines.content(*line)) {
            found.push(Heading { level, name, start: line.start, next: line.next });
        }
    }
    found
}

struct Scan<'s, 'a> {
    file: &'s str,
    lines: &'s Lines<'a>,
    fences: &'s [Fence],
    findings: Vec<Finding>,
}

impl Scan<'_, '_> {
    fn outline(&mut self, headings: &[Heading<'_>]) -> Outline {
        let mut outline = Outline::default();
        let mut index = 0;
        while let Some(heading) = headings.get(index) {
            index += 1;
            if heading.level != 2 {
                continue;
            }
            if let Some(rest) = agent_name(heading.name) {
                let inside = headings.get(index..).unwrap_or_default();
                let length = inside
                    .iter()
                    .position(|next| {
                        next.level == 2 && (agent_name(next.name).is_some() || is_wave_heading(next.name))
                    })
                    .unwrap_or(inside.len());
                let end = inside.get(length).map_or(self.lines.text.len(), |next| next.start);
                let agent = self.agent(heading, rest, inside.get(..length).unwrap_or_default(), end);
                outline.agents.push(agent);
                index += length;
            } else {
                let next = headings.get(index..).unwrap_or_default();
                self.wave_section(heading, next, &mut outline);
            }
        }
        outline
    }

    fn wave_section(&mut self, heading: &Heading<'_>, following: &[Heading<'_>], outline: &mut Outline) {
        let part = WavePart::ALL.into_iter().find(|part| part.name() == heading.name);
        let end =
            following.iter().find(|next| next.level <= 2).map_or(self.lines.text.len(), |next| next.start);
        match part {
            Some(part) if outline.parts.contains_key(&part) => {
                self.warn(
                    rules::REPEATED_SECTION,
                    heading.start,
                    format!("`## {}` stands twice in this file; only the first one counts", heading.name),
                    "join the two sections or remove one".to_string(),
                );
            }
            Some(part) => {
                outline.parts.insert(part, Body { heading: heading.start, range: heading.next..end });
            }
            None if PROSE_OF_A_WAVE.contains(&heading.name) => {}
            None => {
                let known: Vec<&str> =
                    WavePart::ALL.iter().map(|part| part.name()).chain(PROSE_OF_A_WAVE).collect();
                self.unknown_section("##", heading, &known, None);
            }
        }
    }

    fn agent(
        &mut self,
        heading: &Heading<'_>,
        rest: &str,
        inside: &[Heading<'_>],
        end: usize,
    ) -> AgentOutline {
        let (id, title) = rest.split_once(':').map_or((rest, None), |(id, title)| (id, Some(title)));
        let (id, title) = (id.trim().to_string(), title.map(str::trim));
        if title.is_none() || id.is_empty() {
            let message = if id.is_empty() {
                "this agent heading names no agent".to_string()
            } else {
                format!("the heading of agent `{id}` has no colon between id and title")
            };
            let finding = Finding::error(
                rules::AGENT_HEADING,
                self.file,
                self.lines.position(heading.start),
                message,
                "write it as `## Agent A1: Title`".to_string(),
            );
            self.findings.push(finding.of_agent(&id));
        } else if title == Some("") {
            self.warn_of(
                &id,
                rules::NO_TITLE,
                heading.start,
                format!("agent {id} has no title"),
                "write the title after the colon".to_string(),
            );
        }
        let parts = self.parts(&id, inside, end);
        let prompt = parts.get(&Part::Prompt).map(|body| block(self.lines, self.fences, body.range.clone()));
        let title = title.unwrap_or_default().to_string();
        AgentOutline { id, title, range: heading.start..end, parts, prompt }
    }

    fn parts(&mut self, agent: &str, inside: &[Heading<'_>], end: usize) -> BTreeMap<Part, Body> {
        let mut parts = BTreeMap::new();
        for (index, heading) in inside.iter().enumerate() {
            let part = Part::named(heading.name).filter(|_| heading.level >= 3);
            match part {
                Some(part) if parts.contains_key(&part) => self.warn_of(
                    agent,
                    rules::REPEATED_SECTION,
                    heading.start,
                    format!("`### {}` stands twice in agent {agent}; only the first one counts", part.name()),
                    "join the two sections or remove one".to_string(),
                ),
                Some(part) => {
                    let body_end = inside
                        .get(index + 1..)
                        .unwrap_or_default()
                        .iter()
                        .find(|next| next.level <= 3 || Part::named(next.name).is_some())
                        .map_or(end, |next| next.start);
                    parts.insert(part, Body { heading: heading.start, range: heading.next..body_end });
                }
                None if heading.level == 3 => {
                    let known: Vec<&str> = Part::ALL.iter().map(|part| part.name()).collect();
                    self.unknown_section("###", heading, &known, Some(agent));
                }
                None if heading.level == 2 => {
                    let known: Vec<&str> = WavePart::ALL.iter().map(|part| part.name()).collect();
                    self.unknown_section("##", heading, &known, Some(agent));
                }
                None => {}
            }
        }
        parts
    }

    fn unknown_section(&mut self, marks: &str, heading: &Heading<'_>, known: &[&str], agent: Option<&str>) {
        let hint = match closest(heading.name, known) {
            Some(name) => format!("did you mean `{marks} {name}`?"),
            None => "nothing reads it: what it says reaches no agent and no check".to_string(),
        };
        let message = format!("`{marks} {}` is no section of a wave file", heading.name);
        match agent {
            Some(agent) => self.warn_of(agent, rules::UNKNOWN_SECTION, heading.start, message, hint),
            None => self.warn(rules::UNKNOWN_SECTION, heading.start, message, hint),
        }
    }

    fn warn(&mut self, rule: &str, offset: usize, message: String, hint: String) {
        self.findings.push(Finding::warning(rule, self.file, self.lines.position(offset), message, hint));
    }

    fn warn_of(&mut self, agent: &str, rule: &str, offset: usize, message: String, hint: String) {
        let finding = Finding::warning(rule, self.file, self.lines.position(offset), message, hint);
        self.findings.push(finding.of_agent(agent));
    }
}

/// The known name that `name` is nearly: the same but for case, or but for the last one or two letters.
fn closest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = name.to_lowercase();
    known.iter().copied().find(|candidate| {
        let candidate = candidate.to_lowercase();
        let (long, short) =
            if lower.len() > candidate.len() { (&lower, &candidate) } else { (&candidate, &lower) };
        !short.is_empty() && long.starts_with(short.as_str()) && long.len() - short.len() <= 2
    })
}
