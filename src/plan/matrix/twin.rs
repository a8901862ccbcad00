//! The matrix for people: the markdown file beside it, brought up to date.
//!
//! `@chllming/wave-orchestration` 0.9.15 writes that file anew and loses what people wrote into it. Here four things are
//! ours, wherever they stand: the list under `## Levels`, the bullets under `## Components` (an author's own description
//! stays), the table of a `## Current ... Levels` section and the sentences `- Wave 3 promotes ...` of a `## ...
//! Promotions` section. Every other line stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::super::finding::Position;
use super::super::text::LineEnding;
use super::super::wave::WaveNumber;
use super::{Matrix, MatrixComponent};

/// What a new file begins with.
const INTRODUCTION: &str =
    "This matrix is the canonical place to answer which components work at which maturity level.";
/// What a new file ends with.
const USAGE: [&str; 4] = [
    "- Keep architecture and guidance documents descriptive.",
    "- Keep maturity and promotion targets, wave by wave, here.",
    "- The current level is where a component stands after the last wave that promoted it, not a plan.",
    "- Where promotions are checked, wave files say exactly what the matrix says.",
];

/// The file as it should be: `existing` with what is ours brought up to date, or a new one. Rendering twice gives the
/// same text as rendering once.
pub fn render(matrix: &Matrix, existing: Option<&str>) -> String {
    let Some(existing) = existing.filter(|text| !text.trim().is_empty()) else {
        let usage = ["", "## Usage", ""].into_iter().chain(USAGE).collect::<Vec<&str>>().join("\n");
        let empty = format!("# Component Cutover Matrix\n\n{INTRODUCTION}\n{usage}\n");
        return render(matrix, Some(&empty));
    };
    let ending = LineEnding::of(existing).text();
    let mut sections = Section::all(existing);
    for part in Part::ALL {
        match sections.iter_mut().find(|section| section.heading().is_some_and(|name| part.is_named(name))) {
            Some(section) => section.fill(part, matrix),
            None => {
                let place = sections.iter().position(|section| section.heading() == Some("Usage"));
                let mut section = Section { lines: vec![format!("## {}", part.name()), String::new()] };
                section.fill(part, matrix);
                let place = place.unwrap_or(sections.len());
                if let Some(before) = place.checked_sub(1).and_then(|before| sections.get_mut(before)) {
                    before.end_with_a_blank();
                }
                section.end_with_a_blank();
                sections.insert(place, section);
            }
        }
    }
    let lines: Vec<String> = sections.into_iter().flat_map(|section| section.lines).collect();
    let text = lines.join("\n");
    format!("{}{ending}", text.trim_end().replace('\n', ending))
}

/// The first line at which the file does not say what the matrix says; `None` when it does.
pub fn drift(matrix: &Matrix, existing: &str) -> Option<Position> {
    let wanted = render(matrix, Some(existing));
    let same = wanted.lines().zip(existing.lines()).take_while(|(wanted, found)| wanted == found).count();
    let is_whole =
        existing.trim_end().lines().count() == wanted.lines().count() && same == wanted.lines().count();
    (!is_whole)
        .then(|| Position { line: u32::try_from(same).unwrap_or(u32::MAX).saturating_add(1), column: 1 })
}

/// What of the file is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Levels,
    Components,
    CurrentLevels,
    Promotions,
}

impl Part {
    /// In the order in which a new file has them.
    const ALL: [Part; 4] = [Part::Levels, Part::Components, Part::CurrentLevels, Part::Promotions];

    /// The heading in a new file.
    fn name(self) -> &'static str {
        match self {
            Part::Levels => "Levels",
            Part::Components => "Components",
            Part::CurrentLevels => "Current Levels",
            Part::Promotions => "Promotions By Wave",
        }
    }

    /// Whether a section with this heading holds it.
    fn is_named(self, heading: &str) -> bool {
        match self {
            Part::Levels | Part::Components => heading == self.name(),
            Part::CurrentLevels => heading.starts_with("Current ") && heading.ends_with("Levels"),
            Part::Promotions => heading.split(' ').any(|word| word == "Promotions"),
        }
    }
}

/// A heading of level 2 with what is below it; the first section is what stands before any.
#[derive(Debug)]
struct Section {
    lines: Vec<String>,
}

impl Section {
    fn all(text: &str) -> Vec<Section> {
        let mut sections = vec![Section { lines: Vec::new() }];
        let mut is_fenced = false;
        for line in text.trim_end().lines() {
            is_fenced ^= line.trim_start().starts_with("```");
            if line.starts_with("## ") && !is_fenced {
                sections.push(Section { lines: Vec::new() });
            }
            if let Some(section) = sections.last_mut() {
                section.lines.push(line.to_string());
            }
        }
        sections
    }

    fn heading(&self) -> Option<&str> {
        self.lines.first()?.strip_prefix("## ").map(str::trim)
    }

    fn end_with_a_blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.trim().is_empty()) {
            self.lines.push(String::new());
        }
    }

    fn fill(&mut self, part: Part, matrix: &Matrix) {
        match part {
            Part::Levels => self.replace(is_ticked_bullet, |_| levels(matrix)),
            Part::Components => self.replace(is_of_a_component, |found| components(matrix, found)),
            Part::CurrentLevels => self.replace(|line| line.starts_with('|'), |found| table(matrix, found)),
            Part::Promotions => {
                let is_grouped = self.lines.iter().any(|line| group_number(line).is_some());
                if !is_grouped && self.lines.iter().any(|line| is_promotion(line)) {
                    let all = || sentences(matrix).into_values().flatten().collect();
                    self.replace(is_promotion, |_| all());
                } else {
                    self.group_promotions(sentences(matrix));
                }
            }
        }
    }

    /// Puts lines in the place of the first run of lines that are ours, or at the section's beginning.
    fn replace(&mut self, is_ours: impl Fn(&str) -> bool, new: impl Fn(&[String]) -> Vec<String>) {
        let start = self.lines.iter().skip(1).position(|line| is_ours(line)).map(|index| index + 1);
        let Some(start) = start else {
            let mut lines = new(&[]);
            if !lines.is_empty() {
                lines.insert(0, String::new());
            }
            let is_last = self.lines.iter().skip(1).all(|line| line.trim().is_empty());
            if !is_last && self.lines.get(1).is_some_and(|line| !line.trim().is_empty()) {
                lines.push(String::new());
            }
            if is_last {
                self.lines.truncate(1);
                lines.push(String::new());
            }
            self.lines.splice(1..1, lines);
            return;
        };
        let length = self.lines.iter().skip(start).take_while(|line| is_ours(line)).count();
        let found = self.lines.get(start..start + length).unwrap_or_default();
        let lines = new(found);
        self.lines.splice(start..start + length, lines);
    }

    /// Puts sentences below `### Wave N` headings. What people wrote there stays there.
    fn group_promotions(&mut self, mut wanted: BTreeMap<WaveNumber, Vec<String>>) {
        let first = self.lines.iter().position(|line| group_number(line).is_some());
        let old = self.lines.split_off(first.unwrap_or(self.lines.len()));
        let mut groups: Vec<Group> = Vec::new();
        for line in old {
            match (group_number(&line), groups.last_mut()) {
                (Some(number), _) => groups.push(Group { number, prose: Vec::new() }),
                (None, Some(group)) if !is_promotion(&line) => group.prose.push(line),
                (None, _) => {}
            }
        }
        groups.retain(|group| wanted.contains_key(&group.number) || group.has_prose());
        let there: BTreeSet<WaveNumber> = groups.iter().map(|group| group.number).collect();
        for number in wanted.keys().filter(|number| !there.contains(number)) {
            let place = groups.iter().position(|group| group.number > *number).unwrap_or(groups.len());
            groups.insert(place, Group { number: *number, prose: Vec::new() });
        }
        self.end_with_a_blank();
        for group in groups {
            let sentences = wanted.remove(&group.number).unwrap_or_default();
            self.lines.extend(group.lines(sentences));
        }
    }
}

/// What stands below one `### Wave N`.
#[derive(Debug)]
struct Group {
    number: WaveNumber,
    /// What people wrote there.
    prose: Vec<String>,
}

impl Group {
    fn has_prose(&self) -> bool {
        self.prose.iter().any(|line| !line.trim().is_empty())
    }

    fn lines(self, sentences: Vec<String>) -> Vec<String> {
        let mut lines = vec![format!("### Wave {}", self.number), String::new()];
        if !sentences.is_empty() {
            lines.extend(sentences);
            lines.push(String::new());
        }
        if self.has_prose() {
            let prose = self.prose.join("\n");
            lines.extend(prose.trim_matches('\n').trim_end().lines().map(str::to_string));
            lines.push(String::new());
        }
        lines
    }
}

fn is_ticked_bullet(line: &str) -> bool {
    line.strip_prefix("- `").and_then(|rest| rest.strip_suffix('`')).is_some_and(|word| !word.contains('`'))
}

/// The id in a bullet such as ``- `launcher`: what it is``.
fn component_of(line: &str) -> Option<&str> {
    line.strip_prefix("- `")?.split_once('`').map(|(id, _)| id)
}

fn is_of_a_component(line: &str) -> bool {
    component_of(line).is_some() || (line.starts_with("  ") && !line.trim().is_empty())
}

fn is_promotion(line: &str) -> bool {
    line.starts_with("- Wave ") && line.contains(" promotes `")
}

/// The number in `### Wave 3`.
fn group_number(line: &str) -> Option<WaveNumber> {
    line.strip_prefix("### Wave ")?.trim().parse().ok()
}

fn levels(matrix: &Matrix) -> Vec<String> {
    matrix.levels.iter().map(|level| format!("- `{level}`")).collect()
}

/// Ids in the order in which the file names them, then those it does not name.
fn in_order<'m>(matrix: &'m Matrix, named: &[&str]) -> Vec<(&'m String, &'m MatrixComponent)> {
    let known = named.iter().filter_map(|id| matrix.components.get_key_value(*id));
    let others = matrix.components.iter().filter(|(id, _)| !named.contains(&id.as_str()));
    let mut seen = BTreeSet::new();
    known.chain(others).filter(|(id, _)| seen.insert(id.as_str())).collect()
}

/// One bullet per component; one that an author described keeps its lines.
fn components(matrix: &Matrix, found: &[String]) -> Vec<String> {
    let mut described: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    let mut named = Vec::new();
    for line in found {
        if let Some(id) = component_of(line) {
            named.push(id);
        }
        if let Some(id) = named.last() {
            described.entry(id).or_default().push(line);
        }
    }
    in_order(matrix, &named)
        .into_iter()
        .flat_map(|(id, component)| match described.get(id.as_str()) {
            Some(lines) => lines.iter().map(|line| (*line).clone()).collect(),
            None => vec![format!("- `{id}`: {}", component.title)],
        })
        .collect()
}

/// The table; columns that people added stay.
fn table(matrix: &Matrix, found: &[String]) -> Vec<String> {
    let (head, rows) = found.split_at(found.len().min(2));
    let cells = |row: &String| -> Vec<String> {
        row.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let id = |row: &[String]| row.first().map(|cell| cell.trim_matches('`').to_string()).unwrap_or_default();
    let ids: Vec<String> = rows.iter().map(|row| id(row)).collect();
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut lines = match head {
        [_, _] => head.to_vec(),
        _ => ["| Component | Current level | Proof surfaces |", "| --- | --- | --- |"]
            .map(str::to_string)
            .to_vec(),
    };
    for (id, component) in in_order(matrix, &named) {
        let more = named.iter().position(|known| known == id).and_then(|row| rows.get(row)?.get(3..));
        let own = [
            format!("`{id}`"),
            format!("`{}`", component.current_level),
            component.proof_surfaces.join(", "),
        ];
        let row: Vec<&str> = own.iter().chain(more.unwrap_or_default()).map(String::as_str).collect();
        lines.push(format!("| {} |", row.join(" | ")));
    }
    lines
}

/// One sentence per promotion, by wave.
fn sentences(matrix: &Matrix) -> BTreeMap<WaveNumber, Vec<String>> {
    let mut sentences: BTreeMap<WaveNumber, Vec<String>> = BTreeMap::new();
    for (id, component) in &matrix.components {
        for promotion in &component.promotions {
            let (wave, target) = (promotion.wave, &promotion.target);
            let lane = promotion.lane.as_ref().map(|lane| format!(" of lane `{lane}`")).unwrap_or_default();
            let sentence = format!("- Wave {wave}{lane} promotes `{id}` to `{target}`.");
            sentences.entry(wave).or_default().push(sentence);
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::repository;
    use super::super::Matrix;
    use super::{drift, render};

    const REAL: &str =
        include_str!("../../../tests/fixtures/waves/repo/docs/plans/component-cutover-matrix.md");

    fn real() -> Matrix {
        Matrix::read("m.json", &repository().matrix.unwrap().text).0.unwrap()
    }

    fn small() -> Matrix {
        let text = r#"{"levels": ["low", "high"], "components": {
            "b": {"title": "Bee", "currentLevel": "low", "proofSurfaces": ["tests", "a log"],
                  "promotions": [{"wave": 4, "target": "high"}, {"wave": 2, "target": "low", "lane": "side"}]},
            "a": {"currentLevel": "high", "promotions": [{"wave": 4, "target": "high"}]}}}"#;
        Matrix::read("m.json", text).0.unwrap()
    }

    fn check(matrix: &Matrix, existing: Option<&str>, expected: &str) {
        let rendered = render(matrix, existing);
        assert_eq!(rendered, expected);
        assert_eq!(render(matrix, Some(&rendered)), rendered, "rendered twice");
        assert_eq!(drift(matrix, &rendered), None);
    }

    #[test]
    fn a_new_file_says_everything() {
        check(
            &small(),
            None,
            "# Component Cutover Matrix\n\nThis matrix is the canonical place to answer which components work at which \
             maturity level.\n\n## Levels\n\n- `low`\n- `high`\n\n## Components\n\n- `a`: a\n- `b`: Bee\n\n## Current Levels\n\n\
             | Component | Current level | Proof surfaces |\n| --- | --- | --- |\n| `a` | `high` |  |\n\
             | `b` | `low` | tests, a log |\n\n## Promotions By Wave\n\n### Wave 2\n\n\
             - Wave 2 of lane `side` promotes `b` to `low`.\n\n### Wave 4\n\n- Wave 4 promotes `a` to `high`.\n\
             - Wave 4 promotes `b` to `high`.\n\n## Usage\n\n- Keep architecture and guidance documents descriptive.\n\
             - Keep maturity and promotion targets, wave by wave, here.\n\
             - The current level is where a component stands after the last wave that promoted it, not a plan.\n\
             - Where promotions are checked, wave files say exactly what the matrix says.\n",
        );
    }

    #[test]
    fn what_people_wrote_stays() {
        check(
            &small(),
            Some(
                "Words before.\n\n## Components\n\nRead this:\n\n- `b`: the bee,\n  as it is\n- `gone`: no more\n\nAfter.\n\n\
                 ## Our Promotions\n\nMost of all:\n\n### Wave 3\n\n- Wave 3 promotes `b` to `low`.\n\n### Wave 4\n\nWhy: because.\n\n\
                 - Wave 4 promotes `b` to `low`.\n\n### Wave 9\n\nSomeday.\n\n## Current Levels\n\n\
                 | Component | Current level | Proof surfaces | Owner |\n| - | - | - | - |\n| `b` | `high` | x | me |\n\n\
                 ```text\n## Levels\n```\n",
            ),
            "Words before.\n\n## Components\n\nRead this:\n\n- `b`: the bee,\n  as it is\n- `a`: a\n\nAfter.\n\n\
             ## Our Promotions\n\nMost of all:\n\n### Wave 2\n\n- Wave 2 of lane `side` promotes `b` to `low`.\n\n### Wave 4\n\n\
             - Wave 4 promotes `a` to `high`.\n- Wave 4 promotes `b` to `high`.\n\nWhy: because.\n\n### Wave 9\n\nSomeday.\n\n\
             ## Current Levels\n\n\
             | Component | Current level | Proof surfaces | Owner |\n| - | - | - | - |\n| `b` | `low` | tests, a log | me |\n\
             | `a` | `high` |  |\n\n```text\n## Levels\n```\n\n## Levels\n\n- `low`\n- `high`\n",
        );
    }

    #[test]
    fn line_breaks_stay_what_they_are() {
        let text = render(&small(), None).replace('\n', "\r\n");
        check(&small(), Some(&text), &text);
    }

    #[test]
    fn the_real_file_gets_the_promotions_that_it_lacks_and_keeps_its_words() {
        let rendered = render(&real(), Some(REAL));
        assert_eq!(render(&real(), Some(&rendered)), rendered);
        let kept: Vec<&str> = REAL.lines().filter(|line| !rendered.lines().any(|new| new == *line)).collect();
        assert_eq!(kept, Vec::<&str>::new(), "no line of the author is lost");
        let first = drift(&real(), REAL).unwrap();
        let line = REAL.lines().nth(first.line as usize - 1).unwrap();
        assert!(line.starts_with("- Wave 0 promotes `wave-parser"), "{line}");
    }
}
