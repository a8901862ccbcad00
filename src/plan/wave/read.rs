//! From the sections of a wave file to its values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::config::Config;
use super::super::config::is_runtime;
use super::super::finding::{Finding, Position};
use super::super::role::{is_design_document, is_security_document};
use super::super::runtime::{ExecutorChoice, RuntimeId};
use super::super::text::Lines;
use super::entries::{Placed, Reader};
use super::executor::executor;
use super::outline::{AgentOutline, Block, Body, Outline, Part, WavePart};
use super::ownership::{covers, is_inside_project, normal, owned_paths};
use super::{
    Agent, Completion, ComponentPromotion, DocImpact, Durability, ExitContract, Proof, Wave, WaveNumber,
    aware, compare, rules, strict,
};

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
}

/// Where an agent's words stand.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::plan) struct AgentNotes {
    /// The whole section, in bytes.
    pub(in crate::plan) range: Range<usize>,
    /// Places of its sections, by their name.
    pub(in crate::plan) sections: BTreeMap<&'static str, Position>,
    /// Places of entries: section name, entry, place. Owned paths stand under `Prompt`.
    pub(in crate::plan) entries: Vec<(&'static str, String, Position)>,
    /// What is wrong with the exit contract; empty when there is none.
    pub(in crate::plan) exit_contract_faults: Vec<(Position, String)>,
}

impl AgentNotes {
    /// Where an entry of a section stands; else the section; else `otherwise`.
    pub(in crate::plan) fn place(&self, section: &str, entry: &str, otherwise: Position) -> Position {
        self.entries
            .iter()
            .find(|(of, text, _)| *of == section && text == entry)
            .map(|(_, _, place)| *place)
            .or_else(|| self.sections.get(section).copied())
            .unwrap_or(otherwise)
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
    WaveReading { wave, strict, findings, notes }
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
    let rest = heading.strip_prefix("Wave ").and_then(|rest| {
        let after = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let digits = rest.get(..rest.len() - after.len())?.parse::<WaveNumber>().ok()?;
        let title = after.trim_start().trim_start_matches(['-', ':', '\u{2013}', '\u{2014}']).trim();
        Some((digits, title.to_string()))
    });
    match rest {
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
            Some(title).filter(|title| !title.is_empty())
        }
        None => Some(heading),
    }
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
fn slug(number: WaveNumber, id: &str) -> String {
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
struct Values<'v, 'a> {
    reading: Reading,
    context: &'v Context<'v>,
    reader: Reader<'v, 'a>,
    notes: Vec<AgentNotes>,
}

impl<'v, 'a> Values<'v, 'a> {
    fn new(
        file: &'v str,
        lines: &'v Lines<'a>,
        reading: Reading,
        context: &'v Context<'v>,
    ) -> Values<'v, 'a> {
        let reader = Reader { file, lines, agent: None, findings: Vec::new() };
        Values { reading, context, reader, notes: Vec::new() }
    }

    fn wave(&mut self, number: WaveNumber, outline: &Outline) -> Wave {
        let range = |part: WavePart| outline.parts.get(&part).map(|body| body.range.clone());
        let reader = &mut self.reader;
        let promotions: Vec<ComponentPromotion> = range(WavePart::ComponentPromotions)
            .map(|range| reader.promotions("## Component promotions", range))
            .unwrap_or_default()
            .into_iter()
            .map(|placed| placed.value)
            .collect();
        let context7_defaults = range(WavePart::Context7Defaults)
            .and_then(|range| reader.context7("## Context7 defaults", range));
        let deploy_environments = range(WavePart::DeployEnvironments)
            .map(|range| reader.deploy_environments("## Deploy environments", range))
            .unwrap_or_default();
        let eval_targets = range(WavePart::EvalTargets)
            .map(|range| reader.eval_targets("## Eval targets", range))
            .unwrap_or_default();
        let agents = outline.agents.iter().map(|agent| self.agent(number, agent, &promotions)).collect();
        Wave {
            number,
            file: self.reader.file.to_string(),
            title: None,
            commit_message: commit_message(self.reader.lines.text),
            component_promotions: promotions,
            context7_defaults,
            deploy_environments,
            eval_targets,
            agents,
        }
    }

    fn agent(
        &mut self,
        number: WaveNumber,
        outline: &AgentOutline,
        promotions: &[ComponentPromotion],
    ) -> Agent {
        self.reader.agent = Some(outline.id.clone());
        let mut section = Section { values: self, outline, entries: Vec::new() };
        let role_prompts = section.list(Part::RolePrompts, Reader::role_prompts);
        let executor = section.executor();
        let context7 = section
            .body(Part::Context7)
            .and_then(|body| section.values.reader.context7("### Context7", body.range));
        let skills = section.list(Part::Skills, Reader::skills);
        let components = section.list(Part::Components, Reader::identifiers);
        let mut capabilities = section.list(Part::Capabilities, Reader::identifiers);
        let deliverables = section.list(Part::Deliverables, Reader::paths);
        let proof_artifacts = section
            .body(Part::ProofArtifacts)
            .map(|body| section.values.reader.proof_artifacts("### Proof artifacts", body.range))
            .unwrap_or_default();
        let track = section.track();
        let (exit_contract, exit_contract_faults) = section.exit_contract();
        let (overlay, owned_paths) = section.prompt();
        let prompt = section.composed(&role_prompts, &overlay);
        section.check_ownership(&deliverables, &proof_artifacts, &owned_paths);
        let entries = section.entries;

        let config = self.context.config;
        if role_prompts.iter().any(|path| is_design_document(path, config)) {
            add(&mut capabilities, "design");
        }
        if role_prompts.iter().any(|path| is_security_document(path, config)) {
            add(&mut capabilities, "security-review");
        }
        let target = |id: &String| {
            promotions.iter().find(|known| known.component_id == *id).map(|known| known.target_level.clone())
        };
        let component_targets = components.iter().map(|id| (id.clone(), target(id))).collect();
        let position = self.reader.position(outline.range.start);
        let sections = outline
            .parts
            .iter()
            .map(|(part, body)| (part.name(), self.reader.position(body.heading)))
            .collect();
        let range = outline.range.clone();
        self.notes.push(AgentNotes { range, sections, entries, exit_contract_faults });
        self.reader.agent = None;
        Agent {
            id: outline.id.clone(),
            title: outline.title.clone(),
            slug: slug(number, &outline.id),
            prompt,
            prompt_overlay: overlay,
            role_prompt_paths: role_prompts,
            context7,
            exit_contract,
            executor,
            components,
            capabilities,
            skills,
            deliverables,
            proof_artifacts: proof_artifacts.into_iter().map(|placed| placed.value).collect(),
            owned_paths,
            component_targets,
            track,
            position,
        }
    }
}

fn add(capabilities: &mut Vec<String>, word: &str) {
    if !capabilities.iter().any(|known| known == word) {
        capabilities.push(word.to_string());
    }
}

/// Reads the sections of one agent.
struct Section<'s, 'v, 'a> {
    values: &'s mut Values<'v, 'a>,
    outline: &'s AgentOutline,
    entries: Vec<(&'static str, String, Position)>,
}

impl<'v, 'a> Section<'_, 'v, 'a> {
    fn body(&self, part: Part) -> Option<Body> {
        self.outline.parts.get(&part).cloned()
    }

    fn list(
        &mut self,
        part: Part,
        read: impl Fn(&mut Reader<'v, 'a>, &str, Range<usize>) -> Vec<Placed<String>>,
    ) -> Vec<String> {
        let Some(body) = self.body(part) else { return Vec::new() };
        let found = read(&mut self.values.reader, &format!("### {}", part.name()), body.range);
        let mut list = Vec::new();
        for placed in found {
            self.entries.push((part.name(), placed.value.clone(), placed.position));
            list.push(placed.value);
        }
        list
    }

    fn executor(&mut self) -> ExecutorChoice {
        let Some(body) = self.body(Part::Executor) else { return ExecutorChoice::default() };
        executor(&mut self.values.reader, "### Executor", body.range, self.values.context)
    }

    /// `- track: NAME` of `### Wavedeck`.
    fn track(&mut self) -> Option<String> {
        let body = self.body(Part::Wavedeck)?;
        let mut track = None;
        let reader = &mut self.values.reader;
        for (key, value) in reader.pairs("### Wavedeck", body.range) {
            match key {
                "track" => track = Some(value.text.to_string()),
                _ => reader.warning(
                    rules::UNKNOWN_KEY,
                    value.offset,
                    format!("`{key}` is no key of `### Wavedeck`"),
                    "the key is track",
                ),
            }
        }
        track
    }

    /// The contract when all four values are valid, and what is wrong with it when some are.
    fn exit_contract(&mut self) -> (Option<ExitContract>, Vec<(Position, String)>) {
        let Some(body) = self.body(Part::ExitContract) else { return (None, Vec::new()) };
        let reader = &mut self.values.reader;
        let pairs = reader.pairs("### Exit contract", body.range);
        let known = ["completion", "durability", "proof", "doc-impact"];
        for (key, value) in pairs.iter().filter(|(key, _)| !known.contains(key)) {
            reader.warning(
                rules::UNKNOWN_KEY,
                value.offset,
                format!("`{key}` is no key of `### Exit contract`"),
                "the keys are completion, durability, proof, doc-impact",
            );
        }
        let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        if known.iter().all(|name| value(name).is_none()) {
            return (None, Vec::new());
        }
        let heading = reader.position(body.heading);
        let mut faults = Vec::new();
        let mut missing = |name: &str, words: Vec<&str>| {
            let (place, said) = match value(name) {
                Some(value) => (reader.position(value.offset), format!("`{}` is no", value.text)),
                None => (heading, "there is no".to_string()),
            };
            faults.push((place, format!("{said} {name} (one of {})", words.join(", "))));
        };
        let said = |name: &str| value(name).map(|value| value.text).unwrap_or_default();
        let completion = Completion::from_word(said("completion"));
        let durability = Durability::from_word(said("durability"));
        let proof = Proof::from_word(said("proof"));
        let doc_impact = DocImpact::from_word(said("doc-impact"));
        if completion.is_none() {
            missing("completion", Completion::ALL.iter().map(|word| word.word()).collect());
        }
        if durability.is_none() {
            missing("durability", Durability::ALL.iter().map(|word| word.word()).collect());
        }
        if proof.is_none() {
            missing("proof", Proof::ALL.iter().map(|word| word.word()).collect());
        }
        if doc_impact.is_none() {
            missing("doc-impact", DocImpact::ALL.iter().map(|word| word.word()).collect());
        }
        let contract = match (completion, durability, proof, doc_impact) {
            (Some(completion), Some(durability), Some(proof), Some(doc_impact)) => {
                Some(ExitContract { completion, durability, proof, doc_impact })
            }
            _ => None,
        };
        (contract, faults)
    }

    /// The agent's own prompt and the paths it owns.
    fn prompt(&mut self) -> (String, Vec<String>) {
        let id = &self.outline.id;
        let heading = self.outline.range.start;
        let reader = &mut self.values.reader;
        let fence =
            "put the task between a line of three backticks and `text`, and a line of three backticks";
        let section = self.outline.parts.get(&Part::Prompt).map_or(heading, |body| body.heading);
        let range = match &self.outline.prompt {
            Some(Block::Text(range)) => range.clone(),
            None => {
                let message = format!("agent {id} has no `### Prompt`");
                reader.error(rules::NO_PROMPT, heading, message, fence);
                return (String::new(), Vec::new());
            }
            Some(Block::None) => {
                let message = format!("the prompt of agent {id} has no fenced block");
                reader.error(rules::PROMPT_FENCE, section, message, fence);
                return (String::new(), Vec::new());
            }
            Some(Block::Empty(offset)) => {
                let message = format!("the prompt of agent {id} is empty");
                reader.error(rules::PROMPT_FENCE, *offset, message, "write the task between the fences");
                return (String::new(), Vec::new());
            }
            Some(Block::Unclosed(offset)) => {
                let message = format!("the fence around the prompt of agent {id} is never closed");
                reader.error(
                    rules::PROMPT_FENCE,
                    *offset,
                    message,
                    "close it with as many backticks, alone on a line",
                );
                return (String::new(), Vec::new());
            }
        };
        let text = reader.lines.text.get(range.clone()).unwrap_or_default().to_string();
        let owned = owned_paths(reader.lines, range, self.values.reading);
        for path in &owned {
            let place = reader.position(path.offset);
            self.entries.push((Part::Prompt.name(), path.path.clone(), place));
        }
        (text, owned.into_iter().map(|owned| owned.path).collect())
    }

    /// The standing prompts of the role documents and the agent's own text, a blank line between them.
    fn composed(&mut self, role_prompts: &[String], overlay: &str) -> String {
        let mut texts = Vec::new();
        for path in role_prompts {
            texts.extend(self.standing_prompt(path));
        }
        texts.push(overlay.to_string());
        texts.retain(|text| !text.is_empty());
        texts.join("\n\n")
    }

    fn standing_prompt(&mut self, path: &str) -> Option<String> {
        if !is_role_document_path(path, self.values.context.config) {
            return None;
        }
        let documents = self.values.context.documents;
        let place = self
            .entries
            .iter()
            .find(|(part, entry, _)| *part == Part::RolePrompts.name() && entry == path)
            .map_or(Position::START, |(_, _, place)| *place);
        let fault = |rule: &str, message: String, hint: &str| {
            Finding::error(rule, self.values.reader.file, place, message, hint.to_string())
                .of_agent(&self.outline.id)
        };
        let Some(document) = documents.get(path).or_else(|| documents.get(&normal(path))) else {
            let finding = fault(
                rules::NO_ROLE_DOCUMENT,
                format!("the role document `{path}` is not there"),
                "write it, or import one that exists",
            );
            self.values.reader.findings.push(finding);
            return None;
        };
        let block = match self.values.reading {
            Reading::Strict => document
                .match_indices(STANDING_PROMPT)
                .map(|(at, _)| at + STANDING_PROMPT.len())
                .find(|at| document.get(*at..).is_some_and(|rest| rest.starts_with(['\n', '\r'])))
                .map(|at| strict::block(document, at..document.len())),
            Reading::FenceAware => aware::standing_prompt(document),
        };
        let Some(Block::Text(range)) = block else {
            let finding = fault(
                rules::NO_STANDING_PROMPT,
                format!("the role document `{path}` has no fenced text under `## Standing prompt`"),
                "add that heading and a fenced block under it",
            );
            self.values.reader.findings.push(finding);
            return None;
        };
        document.get(range).map(str::to_string)
    }

    fn check_ownership(
        &mut self,
        deliverables: &[String],
        proof_artifacts: &[Placed<super::ProofArtifact>],
        owned: &[String],
    ) {
        let files = deliverables
            .iter()
            .map(|path| (Part::Deliverables, path.clone()))
            .chain(proof_artifacts.iter().map(|placed| (Part::ProofArtifacts, placed.value.path.clone())));
        let places: BTreeMap<&str, Position> =
            proof_artifacts.iter().map(|placed| (placed.value.path.as_str(), placed.position)).collect();
        let mut seen = BTreeSet::new();
        for (part, path) in files {
            if owned.iter().any(|owned| covers(owned, &path)) || !seen.insert((part, path.clone())) {
                continue;
            }
            let listed = self.entries.iter().find(|(of, entry, _)| *of == part.name() && *entry == path);
            let place = match part {
                Part::ProofArtifacts => places.get(path.as_str()).copied(),
                _ => listed.map(|(_, _, place)| *place),
            };
            let finding = Finding::error(
                rules::NOT_OWNED,
                self.values.reader.file,
                place.unwrap_or(Position::START),
                format!("`{path}` (`### {}`) is outside what agent {} owns", part.name(), self.outline.id),
                "add it to the `File ownership` list of the prompt".to_string(),
            );
            self.values.reader.findings.push(finding.of_agent(&self.outline.id));
        }
    }
}

const STANDING_PROMPT: &str = "## Standing prompt";

/// Whether a role document's path lies in the configured folder and ends in `.md`.
pub(in crate::plan) fn is_role_document_path(path: &str, config: &Config) -> bool {
    let directory = config.role_prompt_directory().replace('\\', "/");
    let path = path.replace('\\', "/");
    is_inside_project(&path)
        && path.strip_prefix(directory.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
        && path.get(path.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case(".md"))
}

/// The number in `wave-<n>.md`, the last part of `file`; `None` for any other name.
pub fn number_of(file: &str) -> Option<WaveNumber> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let digits = name.strip_prefix("wave-")?.strip_suffix(".md")?;
    let is_number = !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}
