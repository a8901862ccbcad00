//! From the sections of a wave file to its values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::config::Config;
use super::super::config::is_runtime;
use super::super::finding::{Finding, Position};
use super::super::runtime::RuntimeId;
use super::super::text::{Entry, Lines};
use super::entries::Reader;
use super::outline::{Outline, Part, WavePart};
use super::{ComponentPromotion, Wave, WaveNumber, aware, compare, rules, strict};

/// Which rules a text is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As `@chllming/wave-orchestration` 0.9.15 does: searches over raw text.
    Strict,
    /// With fences, as the author meant it.
    FenceAware,
}

/// What a wave file refers to.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    /// Settings of the lane.
    pub config: &'c Config,
    /// Role documents by repository path.
    pub documents: &'c BTreeMap<String, String>,
    /// Runtimes beside the built-in ones.
    pub runtimes: &'c [String],
}

impl Context<'_> {
    /// Whether a runtime is built in or declared.
    pub(super) fn knows_runtime(&self, id: &RuntimeId) -> bool {
        is_runtime(id, self.runtimes)
    }
}

/// A wave file as read.
#[derive(Debug, Clone, PartialEq)]
pub struct WaveReading {
    /// The wave, read with its fences.
    pub wave: Wave,
    /// The wave as the predecessor reads it, when that is something else.
    pub strict: Option<Wave>,
    /// Everything found, by place.
    pub findings: Vec<Finding>,
    /// Places that rules need, one entry per agent.
    pub(in crate::plan) notes: Vec<AgentNotes>,
    /// Places of the wave's own sections and their entries.
    pub(in crate::plan) places: Places,
}

/// Where sections and their entries stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::plan) struct Places {
    /// Places of sections, by their name.
    pub(in crate::plan) sections: BTreeMap<&'static str, Position>,
    /// Places of entries: section name, entry, place. Owned paths stand under `Prompt`.
    pub(in crate::plan) entries: Vec<(&'static str, String, Position)>,
}

impl Places {
    /// Where an entry of a section stands; else the section; else `otherwise`.
    pub(in crate::plan) fn of(&self, section: &str, entry: &str, otherwise: Position) -> Position {
        self.entries
            .iter()
            .find(|(of, text, _)| *of == section && text == entry)
            .map(|(_, _, place)| *place)
            .or_else(|| self.sections.get(section).copied())
            .unwrap_or(otherwise)
    }
}

/// Where an agent's words stand.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::plan) struct AgentNotes {
    /// The whole section, in bytes.
    pub(in crate::plan) range: Range<usize>,
    /// Places of its sections and their entries.
    pub(in crate::plan) places: Places,
    /// What is wrong with the exit contract; empty when there is none.
    pub(in crate::plan) exit_contract_faults: Vec<(Position, String)>,
}

impl AgentNotes {
    /// Where an entry of a section stands; else the section; else `otherwise`.
    pub(in crate::plan) fn place(&self, section: &str, entry: &str, otherwise: Position) -> Position {
        self.places.of(section, entry, otherwise)
    }
}

/// Reads the text of a wave file. Never fails: what was understood is in the wave, and everything else is a finding.
pub fn read(number: WaveNumber, file: &str, text: &str, context: &Context<'_>) -> WaveReading {
    let lines = Lines::of(text);
    let aware = aware::outline(file, &lines);
    let mut values = Values::new(file, &lines, Reading::FenceAware, context);
    let mut wave = values.wave(number, &aware.outline);
    let mut findings = aware.findings;
    wave.title = title(file, &lines, number, aware.first_heading, &mut findings);
    same_slugs(&wave, &mut findings);
    not_utf8(file, &lines, &mut findings);
    let (notes, found) = (std::mem::take(&mut values.notes), std::mem::take(&mut values.reader.findings));
    let places = std::mem::take(&mut values.places);
    findings.extend(found);

    let strict_outline = strict::outline(text);
    let mut strict_values = Values::new(file, &lines, Reading::Strict, context);
    let mut strict_wave = strict_values.wave(number, &strict_outline);
    strict_wave.title.clone_from(&wave.title);
    let differences = compare::differences(
        &lines,
        &compare::Side { wave: &wave, outline: &aware.outline, findings: &findings },
        &compare::Side {
            wave: &strict_wave,
            outline: &strict_outline,
            findings: &strict_values.reader.findings,
        },
    );
    let strict = (strict_wave != wave).then_some(strict_wave);
    findings.extend(differences);
    findings.sort_by(|a, b| {
        (a.position, &a.rule, &a.agent, &a.message).cmp(&(b.position, &b.rule, &b.agent, &b.message))
    });
    WaveReading { wave, strict, findings, notes, places }
}

/// Reads a text the way `@chllming/wave-orchestration` 0.9.15 does, with what it would complain about; where that
/// program stops at its first complaint, this goes on.
pub fn read_strict(
    number: WaveNumber,
    file: &str,
    text: &str,
    context: &Context<'_>,
) -> (Wave, Vec<Finding>) {
    let lines = Lines::of(text);
    let mut values = Values::new(file, &lines, Reading::Strict, context);
    let wave = values.wave(number, &strict::outline(text));
    (wave, values.reader.findings)
}

/// The role documents that the agents of a wave file import, by either reading: what has to be at hand before it is read.
pub fn role_documents(text: &str) -> BTreeSet<String> {
    let lines = Lines::of(text);
    let mut found = BTreeSet::new();
    for outline in [aware::outline("", &lines).outline, strict::outline(text)] {
        for agent in &outline.agents {
            let Some(body) = agent.parts.get(&Part::RolePrompts) else { continue };
            let mut reader = Reader { file: "", lines: &lines, agent: None, findings: Vec::new() };
            found.extend(reader.role_prompts("", body.range.clone()).into_iter().map(|placed| placed.value));
        }
    }
    found
}

fn title(
    file: &str,
    lines: &Lines<'_>,
    number: WaveNumber,
    heading: Option<(String, usize)>,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let Some((heading, offset)) = heading.filter(|(heading, _)| !heading.is_empty()) else {
        findings.push(Finding::warning(
            rules::NO_TITLE,
            file,
            Position::START,
            "this wave has no title".to_string(),
            format!("begin the file with `# Wave {number} - Title`"),
        ));
        return None;
    };
    match numbered(&heading) {
        Some((said, title)) => {
            if said != number {
                findings.push(Finding::warning(
                    rules::NO_TITLE,
                    file,
                    lines.position(offset),
                    format!("the title says wave {said}, the file name says {number}; the file name counts"),
                    "make the two agree".to_string(),
                ));
            }
            Some(title.to_string()).filter(|title| !title.is_empty())
        }
        None => Some(heading),
    }
}

/// Number and title of a heading `Wave <n> - <title>`.
fn numbered(heading: &str) -> Option<(WaveNumber, &str)> {
    let rest = heading.strip_prefix("Wave ")?;
    let after = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number = rest.get(..rest.len() - after.len())?.parse().ok()?;
    Some((number, after.trim_start().trim_start_matches(['-', ':', '\u{2013}', '\u{2014}']).trim()))
}

/// The number that the title of a wave file says, for a text whose file name nobody knows.
pub fn titled_number(text: &str) -> Option<WaveNumber> {
    let (heading, _) = aware::outline("", &Lines::of(text)).first_heading?;
    Some(numbered(&heading)?.0)
}

fn same_slugs(wave: &Wave, findings: &mut Vec<Finding>) {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for agent in &wave.agents {
        match known.get(agent.slug.as_str()) {
            Some(other) if *other != agent.id => findings.push(
                Finding::warning(
                    rules::SAME_SLUG,
                    &wave.file,
                    agent.position,
                    format!(
                        "the files of agents {other} and {} get the same name, `{}`",
                        agent.id, agent.slug
                    ),
                    "give one of them an id that differs in more than punctuation or case".to_string(),
                )
                .of_agent(&agent.id),
            ),
            Some(_) => {}
            None => {
                known.insert(&agent.slug, &agent.id);
            }
        }
    }
}

fn not_utf8(file: &str, lines: &Lines<'_>, findings: &mut Vec<Finding>) {
    if let Some(offset) = lines.text.find('\u{fffd}') {
        findings.push(Finding::warning(
            rules::NOT_UTF8,
            file,
            lines.position(offset),
            "there are bytes here that are not UTF-8; the file is read without them and never written"
                .to_string(),
            "save the file as UTF-8".to_string(),
        ));
    }
}

/// The backticked text after the first `**Commit message**:` that has one.
fn commit_message(text: &str) -> Option<String> {
    const MARK: &str = "**Commit message**:";
    text.match_indices(MARK).find_map(|(at, _)| {
        let rest = text.get(at + MARK.len()..)?.trim_start().strip_prefix('`')?;
        let message = rest.get(..rest.find('`')?)?;
        (!message.is_empty()).then(|| message.to_string())
    })
}

/// `<wave>-<id>` as file names use it.
pub(super) fn slug(number: WaveNumber, id: &str) -> String {
    let mut slug = String::new();
    for letter in format!("{number}-{id}").to_lowercase().chars() {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').chars().take(48).collect()
}

/// Reads the values of one outline.
pub(super) struct Values<'v, 'a> {
    pub(super) reading: Reading,
    pub(super) context: &'v Context<'v>,
    pub(super) reader: Reader<'v, 'a>,
    pub(super) notes: Vec<AgentNotes>,
    places: Places,
}

impl<'v, 'a> Values<'v, 'a> {
    fn new(
        file: &'v str,
        lines: &'v Lines<'a>,
        reading: Reading,
        context: &'v Context<'v>,
    ) -> Values<'v, 'a> {
        let reader = Reader { file, lines, agent: None, findings: Vec::new() };
        Values { reading, context, reader, notes: Vec::new(), places: Places::default() }
    }

    fn wave(&mut self, number: WaveNumber, outline: &Outline) -> Wave {
        let range = |part: WavePart| outline.parts.get(&part).map(|body| body.range.clone());
        let reader = &mut self.reader;
        let promotions = range(WavePart::ComponentPromotions)
            .map(|range| reader.promotions("## Component promotions", range))
            .unwrap_or_default();
        let context7_defaults = range(WavePart::Context7Defaults)
            .and_then(|range| reader.context7("## Context7 defaults", range));
        let deploy_environments = range(WavePart::DeployEnvironments)
            .map(|range| reader.deploy_environments("## Deploy environments", range))
            .unwrap_or_default();
        let eval_targets = range(WavePart::EvalTargets)
            .map(|range| reader.eval_targets("## Eval targets", range))
            .unwrap_or_default();
        let posture = range(WavePart::ProjectProfile).and_then(|range| self.posture(range));
        let sections = outline.parts.iter();
        self.places.sections =
            sections.map(|(part, body)| (part.name(), self.reader.position(body.heading))).collect();
        let mut note = |part: WavePart, entry: &str, place: Position| {
            self.places.entries.push((part.name(), entry.to_string(), place));
        };
        for placed in &promotions {
            note(WavePart::ComponentPromotions, &placed.value.component_id, placed.position);
        }
        for placed in &deploy_environments {
            note(WavePart::DeployEnvironments, &placed.value.id, placed.position);
        }
        for placed in &eval_targets {
            note(WavePart::EvalTargets, &placed.value.id, placed.position);
        }
        let promotions: Vec<ComponentPromotion> = promotions.into_iter().map(|placed| placed.value).collect();
        let agents = outline.agents.iter().map(|agent| self.agent(number, agent, &promotions)).collect();
        Wave {
            number,
            file: self.reader.file.to_string(),
            title: None,
            commit_message: commit_message(self.reader.lines.text),
            component_promotions: promotions,
            context7_defaults,
            deploy_environments: deploy_environments.into_iter().map(|placed| placed.value).collect(),
            eval_targets: eval_targets.into_iter().map(|placed| placed.value).collect(),
            posture,
            agents,
        }
    }

    /// `- oversight-mode: WORD` among whatever else a planner noted. A lane that stands there has to be this one.
    fn posture(&mut self, range: Range<usize>) -> Option<String> {
        let mut posture = None;
        let entries: Vec<Entry<'_>> = self.reader.lines.trimmed(range).collect();
        for Entry { text, offset } in entries {
            let said = text.trim_start_matches(['-', '*']).split_once(':');
            let Some((key, word)) = said.map(|(key, word)| (key.trim(), word.trim().trim_matches('`')))
            else {
                continue;
            };
            match key {
                "oversight-mode" if posture.is_none() => {
                    let word = word.to_lowercase();
                    if !["oversight", "dark-factory"].contains(&word.as_str()) {
                        let message = format!("`{word}` is no oversight mode");
                        let hint = "write oversight or dark-factory";
                        self.reader.warning(rules::PARTLY_READ, offset, message, hint);
                    }
                    posture = Some(word);
                }
                "lane" if word != self.context.config.lane => {
                    let lane = &self.context.config.lane;
                    let message =
                        format!("this wave says that it is of lane `{word}` and lies in lane `{lane}`");
                    let hint = "correct the line, or move the file; where it lies counts";
                    self.reader.warning(rules::OTHER_LANE, offset, message, hint);
                }
                _ => {}
            }
        }
        posture
    }
}

/// The number in `wave-<n>.md`, the last part of `file`; `None` for any other name.
pub fn number_of(file: &str) -> Option<WaveNumber> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let digits = name.strip_prefix("wave-")?.strip_suffix(".md")?;
    let is_number = !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}
