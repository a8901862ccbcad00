//! What a planner reads: the request, how the project stands, what holds for waves, the shape of the answer, and, when it
//! is asked again, what was wrong.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::super::super::config::profile::ProjectProfile;
use super::super::super::finding::Finding;
use super::super::super::project::{Project, Sources};
use super::super::ground::Ground;
use super::super::template::{TEMPLATES, WORKER_KINDS};
use super::{PlanRequest, ground, stands_in_the_way};

/// Components whose level is told; the matrix has the rest.
const COMPONENTS_MOST: usize = 20;

/// A file that a planner is told to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSource {
    /// Relative to the project.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// SHA-256 of what it says, in base 16.
    pub sha256: Option<String>,
    /// Why it is told, a few words each.
    pub reasons: Vec<String>,
}

/// What a planner answered before, and what was found in it.
#[derive(Debug, Clone, Copy)]
pub struct Attempted<'a> {
    /// Its answer.
    pub answer: &'a str,
    /// What was found.
    pub findings: &'a [Finding],
}

/// The prompt of a round; `before` is the round before it.
pub fn prompt(
    sources: &Sources,
    profile: &ProjectProfile,
    request: &PlanRequest,
    files: &[PlanSource],
    before: Option<Attempted<'_>>,
) -> String {
    let project = Project::read(sources);
    let ground = ground(&project, profile, request.from_wave);
    let name = match project.config.project_name.as_str() {
        "" => "this project",
        name => name,
    };
    let waves: Vec<String> = project.waves.keys().map(ToString::to_string).collect();
    let mut out = format!("# Plan the next waves of {name}\n");
    section(&mut out, "Request", &[request.task.trim()]);
    section(&mut out, "Scope", &[&scope(request, &waves)]);
    section(&mut out, "Project Profile", &[&profile_text(profile)]);
    section(&mut out, "Current Component Levels", &[&levels(&ground)]);
    let config = &project.config.planner;
    let bundle = format!(
        "Documentation for planners: bundle `{}`, query \"{}\".",
        config.context7_bundle, config.context7_query
    );
    let bundles = format!("`context7Bundle` is one of: {}.", ground.bundle_ids().join(", "));
    section(&mut out, "Context7 Bundles", &[&bundle, &bundles]);
    let is_there = |wanted: bool| {
        let files = files.iter().filter(move |file| file.exists == wanted);
        list(files.map(|file| format!("{} ({})", file.path, file.reasons.join(", "))))
    };
    section(&mut out, "Source Files To Read", &[&is_there(true)]);
    section(&mut out, "Missing Suggested Sources", &[&is_there(false)]);
    section(&mut out, "Output Rules", &[&rules(&project, &ground)]);
    section(&mut out, "Required JSON Shape", &[SHAPE]);
    if let Some(before) = before {
        section(&mut out, "Your Last Answer Was Not Taken", &[&again(before)]);
    }
    out
}

fn section(out: &mut String, title: &str, paragraphs: &[&str]) {
    let _ = write!(out, "\n## {title}\n\n{}\n", paragraphs.join("\n"));
}

fn list(items: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = items.map(|item| format!("- {item}")).collect();
    if lines.is_empty() { "None.".to_string() } else { lines.join("\n") }
}

fn scope(request: &PlanRequest, waves: &[String]) -> String {
    let PlanRequest { lane, from_wave, max_waves, .. } = request;
    let known = if waves.is_empty() { "none".to_string() } else { waves.join(", ") };
    format!(
        "Lane {lane}. Your first wave gets the number {from_wave}; plan {max_waves} at most, and fewer where fewer will do. \
         Waves that are there: {known}."
    )
}

fn profile_text(profile: &ProjectProfile) -> String {
    let mut lines = vec![
        format!("new project: {}", if profile.new_project { "yes" } else { "no" }),
        format!("posture: {}", profile.default_oversight_mode.word()),
    ];
    lines.extend(profile.deploy_environments.iter().map(|environment| {
        let default = if environment.is_default { ", the default" } else { "" };
        format!("deploy environment `{}`: {}{default}", environment.id, environment.kind)
    }));
    list(lines.into_iter())
}

fn levels(ground: &Ground<'_>) -> String {
    let components = ground.matrix.iter().flat_map(|matrix| &matrix.components);
    let known = components.clone().take(COMPONENTS_MOST);
    let mut text =
        list(known.map(|(id, component)| format!("{id}: {} ({})", component.current_level, component.title)));
    let more = components.count().saturating_sub(COMPONENTS_MOST);
    if more > 0 {
        let _ = write!(text, "\n- and {more} more in {}", ground.config.matrix_path());
    }
    let _ = write!(text, "\n\nLevels, lowest first: {}.", ground.levels().join(", "));
    text
}

fn rules(project: &Project, ground: &Ground<'_>) -> String {
    let shared = project.config.shared_plan_docs.join(", ");
    let kinds = WORKER_KINDS.map(|kind| kind.name).join(", ");
    let templates = TEMPLATES.map(|template| template.name).join(", ");
    let profiles: Vec<&str> = project.config.executors.profiles.keys().map(String::as_str).collect();
    let rules = [
        "Read, and write nothing: your answer is one JSON object of the shape below, printed last, with nothing after it."
            .to_string(),
        format!("`template` is one of: {templates}. `roleKind` is one of: {kinds}."),
        format!("`executor.profile`, where you give one, is one of: {}.", profiles.join(", ")),
        "Closure stewards (cont-QA, integration, documentation; cont-EVAL with eval targets) are added; plan workers only."
            .to_string(),
        format!("Stewards own the shared plan documents; no worker owns one of: {shared}."),
        "Every worker owns paths that no other worker of its wave owns, and leaves a deliverable among them."
            .to_string(),
        "Every promoted component is owned by a worker (`components`), and every worker says how its work is checked."
            .to_string(),
        "A component goes up by one honest step in a wave: as far as baseline-proved in the repository, then level by level."
            .to_string(),
        format!(
            "What reaches pilot-live or more needs a runbook in docs/plans/operations/, a proof artifact under {}/, and one \
             whose kind speaks of rollback or restart.",
            ground.config.state_root()
        ),
    ];
    list(rules.into_iter())
}

const SHAPE: &str = r#"```json
{
  "summary": "the plan in two sentences",
  "openQuestions": ["what somebody has to decide"],
  "waves": [
    {
      "title": "text", "commitMessage": "Feat: text", "template": "implementation",
      "sequencingNote": "why now", "referenceRule": null, "oversightMode": "oversight",
      "context7Defaults": { "bundle": "none", "query": null },
      "evalTargets": [],
      "componentCatalog": [
        { "componentId": "lower-case-id", "title": "text", "currentLevel": "inventoried", "targetLevel": "repo-landed",
          "canonicalDocs": ["path"], "proofSurfaces": ["what shows that it works"] }
      ],
      "workerAgents": [
        { "title": "text", "roleKind": "implementation", "executor": { "profile": "implement-fast" },
          "ownedPaths": ["src/part/", "tests/part.rs"], "components": ["lower-case-id"], "capabilities": [],
          "deliverables": ["tests/part.rs"],
          "proofArtifacts": [{ "path": "path", "kind": "word", "requiredFor": [] }],
          "exitContract": { "completion": "contract", "durability": "none", "proof": "unit", "docImpact": "owned" },
          "primaryGoal": "a sentence", "collaborationNotes": [], "additionalContext": ["path"],
          "earlierWaveOutputs": [], "requirements": ["a sentence"], "validationCommand": "command",
          "outputSummary": "a sentence", "context7Bundle": "none", "context7Query": null }
      ]
    }
  ]
}
```"#;

fn again(before: Attempted<'_>) -> String {
    let found = before.findings.iter().filter(|finding| stands_in_the_way(finding)).map(|finding| {
        let agent = finding.agent.as_ref().map(|agent| format!("{agent}: ")).unwrap_or_default();
        format!(
            "{} {}:{} {agent}{}; {}",
            finding.rule, finding.file, finding.position.line, finding.message, finding.hint
        )
    });
    format!(
        "It does not hold. Mend each of these, and answer again in full:\n\n{}\n\nYour last answer:\n\n{}",
        list(found),
        quoted(before.answer)
    )
}

/// A text of which no line can be taken for one of ours.
fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}
