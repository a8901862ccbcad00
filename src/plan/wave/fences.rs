//! Fenced blocks of a markdown text: which lines are inside one.
//!
//! A fence opens with three or more backticks or tildes (CommonMark 0.31, "Fenced code blocks") and closes with at least
//! as many, alone on their line and indented no further than the opening. Two things go beyond CommonMark, because
//! prompts need them: a fence with an info word inside a fence opens a sample of its own when that makes the outer one
//! close before the next agent (authors paste samples into prompts without counting backticks), and a fence that never
//! closes ends where the next agent begins, so that one slip does not swallow the file.

use std::ops::Range;

use super::super::text::{Line, Lines};

/// One fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fence {
    /// Number of the line that opens it.
    pub(super) opening: usize,
    /// Number of the line that closes it, or of the first line after it when nothing does.
    pub(super) closing: usize,
    /// Whether a line closes it.
    pub(super) closed: bool,
    /// Its text, in bytes.
    pub(super) content: Range<usize>,
}

impl Fence {
    /// Number of the first line after the block.
    pub(super) fn next_line(&self) -> usize {
        if self.closed { self.closing + 1 } else { self.closing }
    }
}

/// A line of backticks or tildes.
#[derive(Debug, Clone, Copy)]
struct Mark {
    letter: char,
    length: usize,
    indentation: usize,
    has_info: bool,
}

impl Mark {
    fn of(line: &str) -> Option<Mark> {
        let rest = line.trim_start_matches(' ');
        let indentation = line.len() - rest.len();
        let letter = rest.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
        let after = rest.trim_start_matches(letter);
        let length = rest.len() - after.len();
        let is_code_span = letter == '`' && after.contains('`');
        (length >= 3 && indentation <= 3 && !is_code_span).then_some(Mark {
            letter,
            length,
            indentation,
            has_info: !after.trim().is_empty(),
        })
    }

    fn closes(self, opening: Mark) -> bool {
        !self.has_info
            && self.letter == opening.letter
            && self.length >= opening.length
            && self.indentation <= opening.indentation
    }
}

/// How samples inside a block are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Samples {
    /// An info word opens one.
    Nest,
    /// They are text.
    AreText,
}

/// The fenced blocks of a text, in order. `stops` says at which lines a block that nothing closes ends.
pub(super) fn all(lines: &Lines<'_>, stops: impl Fn(&str) -> bool) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut number = 0;
    while let Some(line) = lines.all().get(number) {
        let Some(mark) = Mark::of(lines.content(*line)) else {
            number += 1;
            continue;
        };
        let fence = fence_at(lines, number, mark, &stops);
        number = fence.next_line();
        found.push(fence);
    }
    found
}

fn fence_at(lines: &Lines<'_>, opening: usize, mark: Mark, stops: &impl Fn(&str) -> bool) -> Fence {
    let never = |_: &str| false;
    let all = lines.all().len();
    let closing = close(lines, opening..all, mark, Samples::Nest, stops)
        .or_else(|| close(lines, opening..all, mark, Samples::AreText, stops))
        .or_else(|| close(lines, opening..all.min(opening + SAMPLE_LINES), mark, Samples::Nest, &never));
    let start = lines.all().get(opening).map_or(lines.text.len(), |line| line.next);
    let begin_of = |number: usize| lines.all().get(number).map_or(lines.text.len(), |line: &Line| line.start);
    match closing {
        Some(closing) => {
            Fence { opening, closing, closed: true, content: start..begin_of(closing).max(start) }
        }
        None => {
            let after = lines.all().iter().skip(opening + 1).position(|line| stops(lines.content(*line)));
            let closing = after.map_or(lines.all().len(), |after| opening + 1 + after);
            Fence { opening, closing, closed: false, content: start..begin_of(closing).max(start) }
        }
    }
}

/// How far the end of a block is looked for past the heading of another agent. Without a bound, a long file of open
/// fences would be searched to its end from each of them.
const SAMPLE_LINES: usize = 1000;

/// Number of the line that closes the block that the first line of `range` opens, looking no further than a line where
/// it stops.
fn close(
    lines: &Lines<'_>,
    range: Range<usize>,
    mark: Mark,
    samples: Samples,
    stops: &impl Fn(&str) -> bool,
) -> Option<usize> {
    let mut open: Vec<Mark> = vec![mark];
    for (number, line) in lines.all().iter().enumerate().take(range.end).skip(range.start + 1) {
        let content = lines.content(*line);
        if stops(content) {
            return None;
        }
        let Some(found) = Mark::of(content) else { continue };
        if open.last().is_some_and(|last| found.closes(*last)) {
            open.pop();
            if open.is_empty() {
                return Some(number);
            }
        } else if samples == Samples::Nest && found.has_info {
            open.push(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::text::Lines;
    use super::all;

    fn check(text: &str, expected: &[&str]) {
        let lines = Lines::of(text);
        let found: Vec<&str> = all(&lines, |line| line.starts_with("## Agent "))
            .iter()
            .map(|fence| &text[fence.content.clone()])
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn blocks_close_with_as_many_marks() {
        check("```text\na\n```\nb\n", &["a\n"]);
        check("~~~\na\n```\nb\n~~~\n", &["a\n```\nb\n"]);
        check("````md\na\n```\nb\n```\nc\n````\n", &["a\n```\nb\n```\nc\n"]);
        check("```text\r\na\r\n```\r\n", &["a\r\n"]);
        check("```text\na\n  ```\nb\n```\n", &["a\n  ```\nb\n"]);
        check("```\n```\n", &[""]);
        check("no `code` here\n``not``\n", &[]);
    }

    #[test]
    fn samples_inside_a_block_belong_to_it() {
        check("```text\na\n```js\nb\n```\nc\n```\n## Agent A2: x\n", &["a\n```js\nb\n```\nc\n"]);
        check("```text\na\n```js\nb\n```\n## Agent A2: x\n", &["a\n```js\nb\n"]);
        check("````text\n## Agent X: y\n```text\nb\n```\n````\n", &["## Agent X: y\n```text\nb\n```\n"]);
    }

    #[test]
    fn what_never_closes_ends_at_the_next_agent() {
        check("```text\na\n## Agent A2: x\n```text\nb\n```\n", &["a\n", "b\n"]);
        check("```text\na\n", &["a\n"]);
        check("```text", &[""]);
    }
}
