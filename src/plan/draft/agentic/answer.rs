//! The answer of a planner: JSON, read key by key, and the specs that come of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::super::config::likely::likely;
use super::super::super::config::profile::Posture;
use super::super::super::finding::{Finding, Position};
use super::super::super::json::{Document, child};
use super::super::super::wave::{Context7, EvalTarget};
use super::super::completed::completed;
use super::super::field::Answers;
use super::super::ground::Ground;
use super::super::questions::{environments_of, promotions_of, questions};
use super::super::spec::{CatalogEntry, Spec, SpecAgent, or_default};
use super::super::stewards::{no_bundle, stewards};
use super::super::template::{TEMPLATES, Template, WORKER_KINDS, template, worker_kind};
use super::super::worker::Around;
use super::{PlanRequest, Planned};

/// The answer is not the JSON that was asked for.
const SHAPE: &str = "D01";

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    #[serde(deserialize_with = "or_default")]
    summary: String,
    #[serde(deserialize_with = "or_default")]
    open_questions: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    waves: Vec<AnsweredWave>,
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnsweredWave {
    #[serde(deserialize_with = "or_default")]
    title: String,
    #[serde(deserialize_with = "or_default")]
    commit_message: String,
    template: Option<String>,
    sequencing_note: Option<String>,
    reference_rule: Option<String>,
    oversight_mode: Option<String>,
    context7_defaults: Option<Context7>,
    /// Accepted for those who know the predecessor's shape: the stewards that a lane needs are always there.
    #[serde(rename = "standardRoles")]
    _standard_roles: Option<Value>,
    #[serde(deserialize_with = "or_default")]
    eval_targets: Vec<EvalTarget>,
    #[serde(deserialize_with = "or_default")]
    component_catalog: Vec<CatalogEntry>,
    #[serde(deserialize_with = "or_default")]
    worker_agents: Vec<AnsweredWorker>,
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnsweredWorker {
    role_kind: Option<String>,
    #[serde(deserialize_with = "or_default")]
    additional_context: Vec<String>,
    context7_bundle: Option<String>,
    context7_query: Option<String>,
    #[serde(flatten)]
    agent: SpecAgent,
}

/// The JSON object in what an agent printed: between the first `{` and the last `}`, so that a fence or a sentence around
/// it does no harm. The whole text where there is none.
pub fn object_of(text: &str) -> &str {
    let object = || text.get(text.find('{')?..=text.rfind('}')?);
    object().unwrap_or(text)
}

/// Reads an answer. What is wrong with its shape is among the findings, each at its place.
pub(super) fn read(
    ground: &Ground<'_>,
    request: &PlanRequest,
    file: &str,
    text: &str,
) -> (Planned, Vec<Finding>) {
    let (document, broken) = Document::read(file, text, SHAPE);
    let mut report = Report { document: &document, findings: broken.into_iter().collect() };
    if !report.findings.is_empty() {
        return (Planned::default(), report.findings);
    }
    let answer: Answer = match serde_json::from_str(text) {
        Ok(answer) => answer,
        Err(error) => {
            report.findings.push(misshapen(file, &error));
            return (Planned::default(), report.findings);
        }
    };
    report.unknown("", &answer.other);
    if answer.waves.is_empty() {
        report.say("/waves", "there are no waves".to_string(), "plan one at least".to_string());
    }
    let most = usize::try_from(request.max_waves).unwrap_or(usize::MAX);
    let specs = (request.from_wave..).zip(answer.waves).take(most).enumerate();
    let specs = specs.map(|(index, (wave, answered))| {
        let pointer = child("/waves", &index.to_string());
        spec(&Ground { wave, ..*ground }, request, answered, &pointer, &mut report)
    });
    let specs = specs.collect();
    (Planned { summary: answer.summary, open_questions: answer.open_questions, specs }, report.findings)
}

/// Findings about an answer.
struct Report<'a> {
    document: &'a Document,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn say(&mut self, pointer: &str, message: String, hint: String) {
        let position = self.document.position(pointer);
        self.findings.push(Finding::error(SHAPE, self.document.file(), position, message, hint));
    }

    /// Keys that nobody asked for: what stands there would be lost.
    fn unknown(&mut self, pointer: &str, other: &BTreeMap<String, Value>) {
        for key in other.keys() {
            let position = self.document.key_position(&child(pointer, key));
            let message = format!("`{key}` is no key of the answer");
            let hint = "use the keys of the required shape, and nothing else".to_string();
            self.findings.push(Finding::error(SHAPE, self.document.file(), position, message, hint));
        }
    }

    /// The word that is meant; the first of `known` and a finding for one that nobody knows.
    fn word<'w>(&mut self, pointer: &str, said: &'w str, known: &[&'w str]) -> &'w str {
        if let Some(word) = known.iter().find(|word| **word == said) {
            return word;
        }
        let hint = likely(said, known.iter().copied(), "it is one of");
        self.say(pointer, format!("`{said}` is not known here"), hint);
        known.first().copied().unwrap_or_default()
    }
}

fn spec(
    ground: &Ground<'_>,
    request: &PlanRequest,
    answered: AnsweredWave,
    pointer: &str,
    report: &mut Report<'_>,
) -> Spec {
    report.unknown(pointer, &answered.other);
    for (key, is_missing) in [
        ("title", answered.title.trim().is_empty()),
        ("workerAgents", answered.worker_agents.is_empty()),
        ("componentCatalog", answered.component_catalog.is_empty() && ground.matrix.is_some()),
    ] {
        if is_missing {
            let hint = "the required shape says what belongs there".to_string();
            report.say(&child(pointer, key), format!("the wave has no `{key}`"), hint);
        }
    }
    let template = said_template(ground, &answered, pointer, report);
    let levels: Vec<&str> = ground.levels();
    for (index, entry) in answered.component_catalog.iter().enumerate() {
        let place = child(&child(pointer, "componentCatalog"), &index.to_string());
        for (key, level) in [("currentLevel", &entry.current_level), ("targetLevel", &entry.target_level)] {
            report.word(&child(&place, key), level, &levels);
        }
    }
    let posture = answered.oversight_mode.as_deref().map(|said| {
        let words = [Posture::Oversight, Posture::DarkFactory].map(Posture::word);
        report.word(&child(pointer, "oversightMode"), said, &words)
    });
    let posture = posture.and_then(Posture::of).unwrap_or(ground.profile.default_oversight_mode);

    // What nobody said is what a draft with these answers says.
    let mut answers = Answers::default();
    answers.give("template", template.name);
    answers.give("title", &answered.title);
    let (_, mut spec) = questions(ground, &answers);
    if !answered.commit_message.trim().is_empty() {
        spec.commit_message = answered.commit_message;
    }
    spec.generated_at = Some(request.created_at.clone());
    spec.oversight_mode = Some(posture.word().to_string());
    spec.sequencing_note = answered.sequencing_note;
    spec.reference_rule = answered.reference_rule;
    let defaults = answered.context7_defaults.unwrap_or_else(no_bundle);
    let bundle = defaults.bundle.clone().unwrap_or_default();
    spec.context7_defaults = Some(defaults);
    spec.eval_targets = answered.eval_targets;
    spec.component_promotions = promotions_of(&answered.component_catalog);
    spec.components_catalog = answered.component_catalog;
    spec.agents = stewards(ground, !spec.eval_targets.is_empty());
    let around =
        Around { ground, template, posture, catalog: &spec.components_catalog, bundle: bundle.as_str() };
    let mut taken: Vec<String> = spec.agents.iter().map(|agent| agent.agent_id.clone()).collect();
    for (index, answered) in answered.worker_agents.into_iter().enumerate() {
        let place = child(&child(pointer, "workerAgents"), &index.to_string());
        let agent = worker(&around, answered, &place, &taken, report);
        taken.push(agent.agent_id.clone());
        spec.agents.push(agent);
    }
    spec.deploy_environments = environments_of(ground, &spec.agents);
    spec
}

fn said_template(
    ground: &Ground<'_>,
    answered: &AnsweredWave,
    pointer: &str,
    report: &mut Report<'_>,
) -> &'static Template {
    let name = match &answered.template {
        Some(said) => {
            let names = TEMPLATES.map(|template| template.name);
            report.word(&child(pointer, "template"), said, &names).to_string()
        }
        None => ground.profile.planner_defaults.template.clone(),
    };
    template(&name)
}

fn worker(
    around: &Around<'_>,
    answered: AnsweredWorker,
    pointer: &str,
    taken: &[String],
    report: &mut Report<'_>,
) -> SpecAgent {
    let mut agent = answered.agent;
    report.unknown(pointer, &agent.other);
    agent.other.clear();
    let kind = match &answered.role_kind {
        Some(said) => {
            let names = WORKER_KINDS.map(|kind| kind.name);
            report.word(&child(pointer, "roleKind"), said, &names).to_string()
        }
        None => around.template.worker.to_string(),
    };
    if agent.owned_paths.is_empty() {
        let hint = "list the files and folders that only this worker may touch".to_string();
        report.say(&child(pointer, "ownedPaths"), "the worker owns nothing".to_string(), hint);
    }
    if taken.contains(&agent.agent_id) {
        let message = format!("`{}` is taken, be it by another worker or by a steward", agent.agent_id);
        report.say(&child(pointer, "agentId"), message, "leave it out: ids are given".to_string());
        agent.agent_id.clear();
    }
    if let Some(bundle) = answered.context7_bundle {
        agent.context7 = Some(Context7 { bundle: Some(bundle), query: answered.context7_query });
    }
    agent.required_context.extend(answered.additional_context);
    completed(around, worker_kind(&kind), agent, taken)
}

fn misshapen(file: &str, error: &serde_json::Error) -> Finding {
    let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    let position = Position { line: place(error.line()), column: place(error.column()) };
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    let hint = "answer in the required shape".to_string();
    Finding::error(SHAPE, file, position, format!("the answer cannot be understood: {said}"), hint)
}
