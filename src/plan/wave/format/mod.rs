//! Wave files in their usual form: what programs read of a file is spaced evenly, and everything else stays byte for byte.
//!
//! The usual form: headings without odd blanks, one blank line around them, lists without blank lines between their
//! bullets, `- key: value` and `a | b` with single blanks, one line break at the end. Prose, prompts, sections that nobody
//! reads and lists with anything in them that is no bullet are not touched, and neither are the order of sections and
//! the kind of line breaks.
//!
//! That a file says the same afterwards is not hoped for: every change is tried against both readings of the file, and
//! one that would change what either of them gives, or what is found in it, is left out.

mod form;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::config::Config;
use super::super::finding::Position;
use super::{Context, Wave, read};
use form::wanted;

/// How often a text is gone over until nothing changes any more; two are enough for what people write.
const PASSES: usize = 4;
/// Bytes that are read at most in one pass to find out which changes would change what the file says.
const BYTES_TRIED: usize = 64 * 1024 * 1024;

/// A wave file's text in its usual form. Formatting what it gives changes nothing.
pub fn format(text: &str) -> String {
    let formatter = Formatter { config: Config::for_lane(None, "main").0 };
    let mut current = text.to_string();
    for _ in 0..PASSES {
        let next = formatter.pass(&current);
        if next == current {
            return current;
        }
        current = next;
    }
    // A text that does not come to rest is no wave file that anybody wrote.
    text.to_string()
}

/// The first place, in `text`, where another text says something else; `None` when they are equal.
pub fn first_difference(text: &str, other: &str) -> Option<Position> {
    if text == other {
        return None;
    }
    let same = text.chars().zip(other.chars()).take_while(|(one, another)| one == another);
    let offset: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
    let line = text.get(..offset).map_or(0, |before| before.matches('\n').count());
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let column = text.get(start..offset).map_or(0, |before| before.chars().count());
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    Some(Position { line: number(line), column: number(column) })
}

/// A part of a text and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    range: Range<usize>,
    text: String,
}

/// What a file says, wherever it says it.
#[derive(Debug, PartialEq)]
struct Meaning {
    wave: Wave,
    strict: Wave,
    /// Rule and agent of each finding.
    findings: Vec<(String, Option<String>)>,
}

struct Formatter {
    config: Config,
}

impl Formatter {
    fn meaning(&self, text: &str) -> Meaning {
        let context = Context { config: &self.config, documents: &BTreeMap::new(), runtimes: &[] };
        let reading = read(0, "", text, &context);
        let (mut wave, strict) = (reading.wave, reading.strict);
        let mut strict = strict.unwrap_or_else(|| wave.clone());
        for agent in wave.agents.iter_mut().chain(&mut strict.agents) {
            agent.position = Position::START;
        }
        let mut findings: Vec<(String, Option<String>)> =
            reading.findings.into_iter().map(|finding| (finding.rule, finding.agent)).collect();
        findings.sort();
        Meaning { wave, strict, findings }
    }

    /// Makes every wanted change that leaves the meaning alone.
    fn pass(&self, text: &str) -> String {
        let wanted = wanted(text);
        if wanted.is_empty() {
            return text.to_string();
        }
        let mut trial = Trial {
            formatter: self,
            text,
            meaning: self.meaning(text),
            made: Vec::new(),
            bytes_left: BYTES_TRIED.max(text.len().saturating_mul(2)),
        };
        trial.take(&wanted);
        applied(text, &trial.made)
    }
}

/// Changes on trial.
struct Trial<'t> {
    formatter: &'t Formatter,
    text: &'t str,
    meaning: Meaning,
    /// Those that are good, in order.
    made: Vec<Change>,
    bytes_left: usize,
}

impl Trial<'_> {
    /// Takes these changes when they do no harm together, else the harmless ones of each half.
    fn take(&mut self, changes: &[Change]) {
        if changes.is_empty() || self.bytes_left < self.text.len() {
            return;
        }
        self.bytes_left -= self.text.len();
        let together = [self.made.as_slice(), changes].concat();
        if self.formatter.meaning(&applied(self.text, &together)) == self.meaning {
            self.made = together;
        } else if changes.len() > 1 {
            let (first, second) = changes.split_at(changes.len() / 2);
            self.take(first);
            self.take(second);
        }
    }
}

fn applied(text: &str, changes: &[Change]) -> String {
    let mut new = String::with_capacity(text.len() + changes.len());
    let mut from = 0;
    for change in changes {
        new.push_str(text.get(from..change.range.start).unwrap_or_default());
        new.push_str(&change.text);
        from = change.range.end;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    new
}
