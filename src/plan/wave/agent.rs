//! One agent section: from its sub-sections to an [`Agent`] and the places of its words.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::config::Config;
use super::super::finding::{Finding, Position};
use super::super::role::{is_design_document, is_security_document};
use super::super::runtime::ExecutorChoice;
use super::contract::Contract;
use super::entries::{Keys, Placed, Reader};
use super::executor::executor;
use super::outline::{AgentOutline, Block, Body, Part};
use super::ownership::{covers, is_inside_project, normal, owned_paths};
use super::read::{AgentNotes, Places, Reading, Values, slug};
use super::{Agent, ComponentPromotion, WaveNumber, aware, rules, strict};

impl Values<'_, '_> {
    /// Reads an agent section and notes where its words stand.
    pub(super) fn agent(
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
        let Contract { written: written_contract, valid: exit_contract, faults: exit_contract_faults } =
            section.exit_contract();
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
        let places = Places { sections, entries };
        self.notes.push(AgentNotes { range, places, exit_contract_faults });
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
            written_contract,
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
        let (reader, context) = (&mut self.values.reader, self.values.context);
        executor(reader, "### Executor", body.range, context, &mut self.entries)
    }

    /// `- track: NAME` of `### Wavedeck`.
    fn track(&mut self) -> Option<String> {
        let body = self.body(Part::Wavedeck)?;
        let mut track = None;
        let reader = &mut self.values.reader;
        for (key, value) in reader.pairs("### Wavedeck", body.range, Keys::Plain) {
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

    fn exit_contract(&mut self) -> Contract {
        let Some(body) = self.body(Part::ExitContract) else { return Contract::default() };
        self.values.reader.exit_contract("### Exit contract", &body)
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
