//! The usual form: what of a text is not in it, as changes. Whether a change may be made is not known here.

use std::ops::Range;

use super::super::super::text::{LineEnding, Lines};
use super::super::aware;
use super::super::fences::Fence;
use super::super::outline::{Body, Outline, Part, WavePart};
use super::super::ownership::bullet;
use super::Change;

/// What stands between the usual form and this text, by place; no two changes overlap.
pub(super) fn wanted(text: &str) -> Vec<Change> {
    let lines = Lines::of(text);
    let fences = aware::fences(&lines);
    let read = aware::outline("", &lines);
    let mut form =
        Form { lines: &lines, fences: &fences, line_break: LineEnding::of(text).text(), changes: Vec::new() };
    let headings = form.headings(&read.outline, read.first_heading.map(|(_, offset)| offset));
    form.blank_lines(&headings);
    for (shape, body) in lists(&read.outline) {
        form.list(shape, body);
    }
    form.end();
    let mut changes = form.changes;
    changes.sort_by_key(|change| (change.range.start, change.range.end));
    changes
}

/// How the bullets of a section are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One thing.
    Item,
    /// `key: value`.
    Pair,
    /// `key: value | key: value`.
    Fields,
    /// A path, or fields of which the first is one.
    PathOrFields,
}

fn lists(outline: &Outline) -> Vec<(Shape, &Body)> {
    let of_wave = outline.parts.iter().filter_map(|(part, body)| Some((shape_of_wave_part(*part)?, body)));
    let of_agents = outline.agents.iter().flat_map(|agent| &agent.parts);
    of_wave.chain(of_agents.filter_map(|(part, body)| Some((shape_of_part(*part)?, body)))).collect()
}

fn shape_of_wave_part(part: WavePart) -> Option<Shape> {
    match part {
        WavePart::ComponentPromotions | WavePart::Context7Defaults | WavePart::DeployEnvironments => {
            Some(Shape::Pair)
        }
        WavePart::EvalTargets => Some(Shape::Fields),
        // It is written for people; of it one line counts.
        WavePart::ProjectProfile => None,
    }
}

fn shape_of_part(part: Part) -> Option<Shape> {
    match part {
        Part::RolePrompts | Part::Skills | Part::Components | Part::Capabilities | Part::Deliverables => {
            Some(Shape::Item)
        }
        Part::Executor | Part::Context7 | Part::ExitContract | Part::Wavedeck => Some(Shape::Pair),
        Part::ProofArtifacts => Some(Shape::PathOrFields),
        Part::Prompt => None,
    }
}

/// A bullet's text in its usual form; `None` when it has not that shape.
fn bullet_text(shape: Shape, text: &str) -> Option<String> {
    let pair = |text: &str| {
        let (key, value) = text.split_once(':')?;
        Some(format!("{}: {}", key.trim_end(), value.trim()).trim_end().to_string())
    };
    let fields = || {
        let fields = text.split('|').map(str::trim).filter(|field| !field.is_empty());
        fields.map(pair).collect::<Option<Vec<String>>>().map(|fields| fields.join(" | "))
    };
    match shape {
        Shape::Item => Some(text.to_string()),
        Shape::Pair => pair(text),
        Shape::Fields => fields(),
        Shape::PathOrFields => {
            let begins_with_path =
                text.split_once(':').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("path"));
            if text.contains('|') || begins_with_path { fields() } else { Some(text.to_string()) }
        }
    }
}

/// Collects what is to be changed.
struct Form<'f, 'a> {
    lines: &'f Lines<'a>,
    fences: &'f [Fence],
    line_break: &'static str,
    changes: Vec<Change>,
}

impl<'a> Form<'_, 'a> {
    fn content(&self, line: usize) -> &'a str {
        self.lines.all().get(line).map(|line| self.lines.content(*line)).unwrap_or_default()
    }

    fn is_blank(&self, line: usize) -> bool {
        self.content(line).trim().is_empty()
    }

    /// Where a line starts; the end of the text for one past the last.
    fn start_of(&self, line: usize) -> usize {
        self.lines.all().get(line).map_or(self.lines.text.len(), |line| line.start)
    }

    /// Whether a line belongs to a block that nothing closes: nobody knows where its text ends.
    fn is_in_open_fence(&self, line: usize) -> bool {
        self.fences.iter().any(|fence| !fence.closed && (fence.opening..fence.closing).contains(&line))
    }

    fn change(&mut self, range: Range<usize>, text: String) {
        if self.lines.text.get(range.clone()).is_some_and(|there| there != text) {
            self.changes.push(Change { range, text });
        }
    }

    fn change_line(&mut self, number: usize, text: String) {
        if let Some(line) = self.lines.all().get(number).copied() {
            self.change(line.start..line.end, text);
        }
    }

    /// Puts headings into their form, and gives the numbers of their lines in order. One that the predecessor does not
    /// see as it stands, such as `### Prompt` with a blank after it, stays: `lint` warns of it.
    fn headings(&mut self, outline: &Outline, title: Option<usize>) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut heading = |form: &mut Self, offset: usize, shape: fn(&str) -> &str| {
            let number = form.lines.number_at(offset);
            found.push(number);
            let content = form.content(number);
            if !content.starts_with('\u{feff}') {
                form.change_line(number, shape(content).to_string());
            }
        };
        if let Some(offset) = title {
            heading(self, offset, str::trim);
        }
        for body in outline.parts.values() {
            heading(self, body.heading, str::trim_end);
        }
        for agent in &outline.agents {
            heading(self, agent.range.start, str::trim_end);
            for body in agent.parts.values() {
                heading(self, body.heading, str::trim_start);
            }
        }
        found.sort_unstable();
        found.dedup();
        for agent in outline.agents.iter().filter(|agent| !agent.id.is_empty() && !agent.title.is_empty()) {
            let number = self.lines.number_at(agent.range.start);
            if let (true, Some(line)) =
                (self.content(number).starts_with("## Agent "), self.lines.all().get(number).copied())
            {
                self.changes.retain(|change| change.range != (line.start..line.end));
                self.change_line(number, format!("## Agent {}: {}", agent.id, agent.title));
            }
        }
        found
    }

    /// One blank line before and after each heading, none before the first line.
    fn blank_lines(&mut self, headings: &[usize]) {
        for &heading in headings {
            let first = (0..heading).rev().take_while(|line| self.is_blank(*line)).last().unwrap_or(heading);
            if first == 0 {
                self.change(0..self.start_of(heading), String::new());
            } else if !self.is_in_open_fence(first - 1) {
                self.change(self.start_of(first)..self.start_of(heading), self.line_break.to_string());
            }
            let next = (heading + 1..self.lines.all().len()).find(|line| !self.is_blank(*line));
            if let Some(next) = next.filter(|next| headings.binary_search(next).is_err()) {
                let range = self.start_of(heading + 1)..self.start_of(next);
                self.change(range, self.line_break.to_string());
            }
        }
    }

    /// Puts the bullets of a section into their form, unless something else stands among them.
    fn list(&mut self, shape: Shape, body: &Body) {
        let first = self.lines.number_at(body.range.start);
        let end = self.lines.all().iter().skip(first).take_while(|line| line.start < body.range.end).count();
        let numbers: Vec<usize> =
            (first..first + end).filter(|number| self.start_of(*number) >= body.range.start).collect();
        let filled: Vec<usize> = numbers.into_iter().filter(|number| !self.is_blank(*number)).collect();
        let bullets = filled.iter().map(|number| {
            let text = bullet(self.content(*number).trim())?;
            Some((*number, format!("- {}", bullet_text(shape, text)?)))
        });
        let Some(bullets) = bullets.collect::<Option<Vec<(usize, String)>>>() else { return };
        for (number, text) in bullets {
            self.change_line(number, text);
        }
        for pair in filled.windows(2) {
            if let [one, next] = *pair {
                self.change(self.start_of(one + 1)..self.start_of(next), String::new());
            }
        }
    }

    /// One line break at the end.
    fn end(&mut self) {
        let last = (0..self.lines.all().len()).rev().find(|line| !self.is_blank(*line));
        let Some(last) = last.filter(|last| !self.is_in_open_fence(*last)) else { return };
        let end = self.lines.all().get(last).map_or(self.lines.text.len(), |line| line.end);
        self.change(end..self.lines.text.len(), self.line_break.to_string());
    }
}
