//! Where `@chllming/wave-orchestration` 0.9.15 reads something else than is written, as warnings with their place.

use std::collections::{BTreeMap, BTreeSet};

use super::super::finding::{Finding, Severity};
use super::super::text::Lines;
use super::outline::{AgentOutline, Block, Outline, Part, WavePart};
use super::{Agent, Wave, rules};

/// The name under which findings speak of the predecessor.
const PREDECESSOR: &str = "wave-orchestration 0.9.15";
/// What makes most differences go away.
const INDENT: &str =
    "both read the same when no line of a prompt begins with three backticks or `### `; indent the sample";

/// One reading of a file.
pub(super) struct Side<'s> {
    /// Its values.
    pub(super) wave: &'s Wave,
    /// Its sections.
    pub(super) outline: &'s Outline,
    /// What is wrong by it.
    pub(super) findings: &'s [Finding],
}

/// What the two readings disagree about.
pub(super) fn differences(lines: &Lines<'_>, aware: &Side<'_>, strict: &Side<'_>) -> Vec<Finding> {
    let mut comparison = Comparison { lines, file: &aware.wave.file, findings: Vec::new() };
    comparison.wave(aware, strict);
    let theirs: BTreeMap<usize, (&AgentOutline, &Agent)> =
        agents_of(strict).into_iter().map(|pair| (pair.0.range.start, pair)).collect();
    let mut ours = BTreeSet::new();
    for (outline, agent) in agents_of(aware) {
        ours.insert(outline.range.start);
        match theirs.get(&outline.range.start) {
            Some((strict_outline, strict_agent)) => {
                comparison.agent((outline, agent), (strict_outline, strict_agent));
            }
            None => comparison.add(
                rules::READS_DIFFERENTLY,
                outline.range.start,
                Some(&agent.id),
                format!("{PREDECESSOR} does not see the heading of agent {}", agent.id),
                "write it as `## Agent A1: Title`, with single blanks and from the first column",
            ),
        }
    }
    for (start, (outline, agent)) in &theirs {
        if !ours.contains(start) {
            comparison.add(
                rules::READS_DIFFERENTLY,
                outline.range.start,
                None,
                format!("{PREDECESSOR} starts an agent `{}` here, inside a fence", first_line(&agent.id)),
                INDENT,
            );
        }
    }
    comparison.refusals(aware, strict);
    comparison.findings
}

fn agents_of<'s>(side: &Side<'s>) -> Vec<(&'s AgentOutline, &'s Agent)> {
    side.outline.agents.iter().zip(&side.wave.agents).collect()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

struct Comparison<'c> {
    lines: &'c Lines<'c>,
    file: &'c str,
    findings: Vec<Finding>,
}

impl Comparison<'_> {
    fn add(&mut self, rule: &str, offset: usize, agent: Option<&str>, message: String, hint: &str) {
        let finding =
            Finding::warning(rule, self.file, self.lines.position(offset), message, hint.to_string());
        self.findings.push(match agent {
            Some(agent) => finding.of_agent(agent),
            None => finding,
        });
    }

    fn wave(&mut self, aware: &Side<'_>, strict: &Side<'_>) {
        let (ours, theirs) = (aware.wave, strict.wave);
        let differ = [
            (WavePart::ComponentPromotions, ours.component_promotions != theirs.component_promotions),
            (WavePart::Context7Defaults, ours.context7_defaults != theirs.context7_defaults),
            (WavePart::DeployEnvironments, ours.deploy_environments != theirs.deploy_environments),
            (WavePart::EvalTargets, ours.eval_targets != theirs.eval_targets),
        ];
        for (part, _) in differ.into_iter().filter(|(_, differs)| *differs) {
            let body = aware.outline.parts.get(&part).or_else(|| strict.outline.parts.get(&part));
            self.add(
                rules::READS_DIFFERENTLY,
                body.map_or(0, |body| body.heading),
                None,
                format!("{PREDECESSOR} reads `## {}` differently", part.name()),
                "keep this heading out of fenced text, and write it without blanks before it",
            );
        }
    }

    fn agent(&mut self, aware: (&AgentOutline, &Agent), strict: (&AgentOutline, &Agent)) {
        let ((outline, ours), (strict_outline, theirs)) = (aware, strict);
        if (&ours.id, &ours.title) != (&theirs.id, &theirs.title) {
            self.add(
                rules::READS_DIFFERENTLY,
                outline.range.start,
                Some(&ours.id),
                format!("{PREDECESSOR} reads this heading as agent `{}`", first_line(&theirs.id)),
                "write it as `## Agent A1: Title`",
            );
        }
        if ours.prompt_overlay != theirs.prompt_overlay {
            self.prompt(outline, strict_outline, &ours.id);
        } else if ours.owned_paths != theirs.owned_paths {
            self.owned_paths(outline, ours, theirs);
        } else if ours.prompt != theirs.prompt {
            let offset =
                outline.parts.get(&Part::RolePrompts).map_or(outline.range.start, |body| body.heading);
            self.add(
                rules::READS_DIFFERENTLY,
                offset,
                Some(&ours.id),
                format!("{PREDECESSOR} reads a role document of agent {} differently", ours.id),
                INDENT,
            );
        }
        let differ = [
            (Part::RolePrompts, ours.role_prompt_paths != theirs.role_prompt_paths),
            (Part::Executor, ours.executor != theirs.executor),
            (Part::Context7, ours.context7 != theirs.context7),
            (Part::Skills, ours.skills != theirs.skills),
            (Part::Components, ours.components != theirs.components),
            (Part::Capabilities, ours.capabilities != theirs.capabilities),
            (Part::Deliverables, ours.deliverables != theirs.deliverables),
            (Part::ProofArtifacts, ours.proof_artifacts != theirs.proof_artifacts),
            (Part::ExitContract, ours.written_contract != theirs.written_contract),
            (Part::Wavedeck, ours.track != theirs.track),
        ];
        for (part, _) in differ.into_iter().filter(|(_, differs)| *differs) {
            let body = outline.parts.get(&part).or_else(|| strict_outline.parts.get(&part));
            self.add(
                rules::READS_DIFFERENTLY,
                body.map_or(outline.range.start, |body| body.heading),
                Some(&ours.id),
                format!("{PREDECESSOR} reads `### {}` of agent {} differently", part.name(), ours.id),
                "write the heading as `### Name` with nothing after it, and keep it out of fenced text",
            );
        }
    }

    /// The prompt: at the line where the predecessor stops reading it, when it stops early.
    fn prompt(&mut self, outline: &AgentOutline, strict_outline: &AgentOutline, agent: &str) {
        let heading = outline.parts.get(&Part::Prompt).map_or(outline.range.start, |body| body.heading);
        let (offset, what) = match (&outline.prompt, &strict_outline.prompt) {
            (Some(Block::Text(ours)), Some(Block::Text(theirs)))
                if theirs.start == ours.start && theirs.end < ours.end =>
            {
                let line = self.lines.number_at(theirs.end) + 1;
                let offset = self.lines.all().get(line).map_or(theirs.end, |line| line.start);
                (offset, format!("{PREDECESSOR} cuts the prompt of agent {agent} off here"))
            }
            (Some(Block::Text(_)), Some(Block::Text(_))) => {
                (heading, format!("{PREDECESSOR} takes another text for the prompt of agent {agent}"))
            }
            (Some(Block::Text(_)), _) => {
                (heading, format!("{PREDECESSOR} finds no prompt for agent {agent} and refuses the file"))
            }
            _ => (heading, format!("{PREDECESSOR} finds another prompt for agent {agent}")),
        };
        self.add(rules::READS_DIFFERENTLY, offset, Some(agent), what, INDENT);
    }

    fn owned_paths(&mut self, outline: &AgentOutline, ours: &Agent, theirs: &Agent) {
        let more: Vec<&str> = theirs
            .owned_paths
            .iter()
            .filter(|path| !ours.owned_paths.contains(path))
            .map(String::as_str)
            .collect();
        let offset = match &outline.prompt {
            Some(Block::Text(range)) => more
                .first()
                .and_then(|path| self.lines.text.get(range.clone())?.find(path))
                .map_or(range.start, |at| range.start + at),
            _ => outline.range.start,
        };
        self.add(
            rules::READS_DIFFERENTLY,
            offset,
            Some(&ours.id),
            format!("{PREDECESSOR} also takes these for owned paths of {}: {}", ours.id, more.join(", ")),
            "put the ownership list last, or a header of plain words and a colon after it",
        );
    }

    /// What the predecessor would refuse the file for and we do not.
    fn refusals(&mut self, aware: &Side<'_>, strict: &Side<'_>) {
        let ids: BTreeSet<&str> = aware.wave.agents.iter().map(|agent| agent.id.as_str()).collect();
        let about = |finding: &Finding| (finding.rule.clone(), finding.agent.clone());
        let places: BTreeSet<_> =
            aware.findings.iter().map(|finding| (about(finding), finding.position)).collect();
        let messages: BTreeSet<_> =
            aware.findings.iter().map(|finding| (about(finding), finding.message.as_str())).collect();
        let with_prompt: BTreeSet<&str> = agents_of(aware)
            .iter()
            .filter(|(outline, _)| matches!(outline.prompt, Some(Block::Text(_))))
            .map(|(_, agent)| agent.id.as_str())
            .collect();
        for finding in strict.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            let agent = finding.agent.as_deref();
            let is_known = places.contains(&(about(finding), finding.position))
                || messages.contains(&(about(finding), finding.message.as_str()));
            let is_said_of_the_prompt = [rules::NO_PROMPT, rules::PROMPT_FENCE]
                .contains(&finding.rule.as_str())
                && agent.is_some_and(|agent| with_prompt.contains(agent));
            if is_known || is_said_of_the_prompt || agent.is_some_and(|agent| !ids.contains(agent)) {
                continue;
            }
            self.findings.push(Finding {
                rule: rules::PREDECESSOR_REFUSES.to_string(),
                severity: Severity::Warning,
                message: format!("{PREDECESSOR} refuses this file: {}", finding.message),
                ..finding.clone()
            });
        }
    }
}
