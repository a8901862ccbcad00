//! Where a wave file and its spec say different things. The wave file counts: it is what runs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::finding::{Finding, Position};
use super::super::json::{Document, child};
use super::super::wave::WaveReading;
use super::import::spec_of;
use super::prompt::layout;
use super::spec::{Spec, SpecAgent};

/// The rule under which drift is found.
pub(in crate::plan) const RULE: &str = "W24";
/// The way out of it.
const HINT: &str = "the wave file counts; `wavedeck draft --wave N --import` writes the spec again from it";

/// Keys of a spec that a wave file says, too, with the section that says them.
const OF_A_WAVE: [(&str, &str); 10] = [
    ("title", ""),
    ("commitMessage", ""),
    ("oversightMode", "Project profile"),
    ("sequencingNote", "Sequencing note"),
    ("referenceRule", "Reference rule"),
    ("deployEnvironments", "Deploy environments"),
    ("context7Defaults", "Context7 defaults"),
    ("evalTargets", "Eval targets"),
    ("componentPromotions", "Component promotions"),
    ("wave", ""),
];

/// The same for an agent.
const OF_AN_AGENT: [(&str, &str); 20] = [
    ("title", ""),
    ("rolePromptPaths", "Role prompts"),
    ("executor", "Executor"),
    ("context7", "Context7"),
    ("skills", "Skills"),
    ("components", "Components"),
    ("capabilities", "Capabilities"),
    ("deliverables", "Deliverables"),
    ("proofArtifacts", "Proof artifacts"),
    ("exitContract", "Exit contract"),
    ("track", "Wavedeck"),
    ("prompt", PROMPT),
    ("primaryGoal", PROMPT),
    ("collaborationNotes", PROMPT),
    ("requiredContext", PROMPT),
    ("earlierWaveOutputs", PROMPT),
    ("ownedPaths", PROMPT),
    ("requirements", PROMPT),
    ("validationCommand", PROMPT),
    ("outputSummary", PROMPT),
];
const PROMPT: &str = "Prompt";

/// What a wave file and its spec say differently, at the place of the wave file. `text` is the file that `reading` was
/// read from, `spec_file` and `spec_text` the spec. A spec that cannot be read is one finding of its own.
pub fn drift(reading: &WaveReading, text: &str, spec_file: &str, spec_text: &str) -> Vec<Finding> {
    let (spec, findings) = Spec::read(spec_file, spec_text);
    let Some(spec) = spec else { return findings };
    let document = Document::read(spec_file, spec_text, RULE).0;
    let said = spec_of(&reading.wave, text, Some(&spec));
    let (Ok(there), Ok(here)) = (serde_json::to_value(&spec), serde_json::to_value(&said)) else {
        return Vec::new();
    };
    let mut drift = Drift { reading, spec_file, document: &document, findings: Vec::new() };
    for (key, section) in OF_A_WAVE {
        let place = reading.places.of(section, "", Position::START);
        drift.compare(&there, &here, &child("", key), key, place, None);
    }
    drift.agents(&spec, &said, &there);
    drift.findings
}

struct Drift<'d> {
    reading: &'d WaveReading,
    spec_file: &'d str,
    document: &'d Document,
    findings: Vec<Finding>,
}

impl Drift<'_> {
    fn agents(&mut self, spec: &Spec, said: &Spec, there: &Value) {
        let file = &self.reading.wave.file;
        let ids = |agents: &[SpecAgent]| -> BTreeSet<String> {
            agents.iter().map(|agent| agent.agent_id.clone()).collect()
        };
        let (known, found) = (ids(&spec.agents), ids(&said.agents));
        for id in known.difference(&found) {
            let message = format!("{} has an agent {id} that this wave has not", self.spec_file);
            self.findings.push(warning(file, Position::START, message));
        }
        for (agent, notes) in self.reading.wave.agents.iter().zip(&self.reading.notes) {
            let index = spec.agents.iter().position(|known| known.agent_id == agent.id);
            let Some((index, known)) = index.and_then(|index| Some((index, spec.agents.get(index)?))) else {
                let message = format!("agent {} is not in {}", agent.id, self.spec_file);
                self.findings.push(warning(file, agent.position, message).of_agent(&agent.id));
                continue;
            };
            let Some(own) = said.agents.iter().find(|said| said.agent_id == agent.id) else { continue };
            let Ok(here) = serde_json::to_value(in_terms_of(own, known, spec)) else { continue };
            let pointer = format!("/agents/{index}");
            let there = there.pointer(&pointer).unwrap_or(&Value::Null);
            for (key, section) in OF_AN_AGENT {
                let place = notes.place(section, "", agent.position);
                let whole = child(&pointer, key);
                let values = (there.get(key), here.get(key));
                self.differ(values, &whole, key, place, Some(&agent.id));
            }
        }
    }

    fn compare(
        &mut self,
        there: &Value,
        here: &Value,
        pointer: &str,
        key: &str,
        place: Position,
        agent: Option<&str>,
    ) {
        self.differ((there.pointer(pointer), here.pointer(pointer)), pointer, key, place, agent);
    }

    fn differ(
        &mut self,
        (there, here): (Option<&Value>, Option<&Value>),
        pointer: &str,
        key: &str,
        place: Position,
        agent: Option<&str>,
    ) {
        let (there, here) = (there.unwrap_or(&Value::Null), here.unwrap_or(&Value::Null));
        if there == here || (is_nothing(there) && is_nothing(here)) {
            return;
        }
        let line = self.document.position(pointer).line;
        let (here, there) = match (here, there) {
            (Value::Array(here), Value::Array(there)) => (without(here, there), without(there, here)),
            _ => (here.clone(), there.clone()),
        };
        let said = match (is_nothing(&here), is_nothing(&there)) {
            (true, true) => format!("`{key}` has another order here than"),
            (false, true) => format!("`{key}` has {} here and not", shown(&here)),
            (true, false) => format!("`{key}` has not {} here, which is", shown(&there)),
            (false, false) => format!("`{key}` has {} here and {}", shown(&here), shown(&there)),
        };
        let said = match key {
            "prompt" => "the prompt has other words here than".to_string(),
            _ => said,
        };
        let message = format!("{said} in {} (line {line})", self.spec_file);
        let finding = warning(&self.reading.wave.file, place, message);
        self.findings.push(match agent {
            Some(agent) => finding.of_agent(agent),
            None => finding,
        });
    }
}

/// What a wave says of an agent, in the terms of its spec: a prompt that somebody edited is not taken apart, so only
/// that it differs is said, and one that is in the layout is not a prompt of its own.
fn in_terms_of(said: &SpecAgent, known: &SpecAgent, spec: &Spec) -> SpecAgent {
    let mut said = said.clone();
    let written = known.prompt.clone().unwrap_or_else(|| layout(known, &spec.deploy_environments));
    let Some(prompt) = &said.prompt else { return said };
    if *prompt == written {
        said.prompt.clone_from(&known.prompt);
    }
    SpecAgent {
        primary_goal: known.primary_goal.clone(),
        collaboration_notes: known.collaboration_notes.clone(),
        required_context: known.required_context.clone(),
        earlier_wave_outputs: known.earlier_wave_outputs.clone(),
        requirements: known.requirements.clone(),
        validation_command: known.validation_command.clone(),
        output_summary: known.output_summary.clone(),
        ..said
    }
}

fn warning(file: &str, place: Position, message: String) -> Finding {
    Finding::warning(RULE, file, place, message, HINT.to_string())
}

/// The items of a list that another one has not.
fn without(items: &[Value], others: &[Value]) -> Value {
    Value::Array(items.iter().filter(|item| !others.contains(item)).cloned().collect())
}

/// Absent, empty, or an object of nothing but that.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value for a message, cut short.
fn shown(value: &Value) -> String {
    const CHARACTERS: usize = 80;
    if is_nothing(value) {
        return "nothing".to_string();
    }
    let text = match value {
        Value::Array(items) => items.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
        _ => value.to_string(),
    };
    let start: String = text.chars().take(CHARACTERS).collect();
    if start.len() < text.len() { format!("{start}...") } else { start }
}
