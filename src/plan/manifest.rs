//! `waves.manifest.json` in the shape of `@chllming/wave-orchestration` 0.9.15.
//!
//! Scripts of existing projects read this file, so it says what that package would say of the same files, its reading of
//! prompts included ([`Project::strict_reading`]).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::project::Project;
use super::role::{is_cont_eval_report, is_cont_qa_report, is_security_reviewer, report_path};
use super::runtime::ExecutorChoice;
use super::wave::executor::parsed_name;
use super::wave::{Agent, Wave};

/// A file below the lane's documents folder, as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedDocument {
    /// Path relative to the project, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// The manifest of a project. `generated_at` is a time as ISO 8601; `documents` are the files below the lane's
/// documents folder, which the caller reads.
pub fn manifest(project: &Project, generated_at: &str, documents: &[ListedDocument]) -> Value {
    let mut documents: Vec<&ListedDocument> = documents.iter().collect();
    documents.sort();
    let waves: Vec<Value> = project
        .waves
        .keys()
        .filter_map(|number| project.strict_reading(*number))
        .map(|wave| wave_value(project, wave))
        .collect();
    json!({
        "schemaVersion": 1,
        "kind": "wave-manifest",
        "generatedAt": generated_at,
        "source": format!("{}/**/*", project.config.paths.docs_dir),
        "waves": waves,
        "docs": documents
            .iter()
            .map(|document| json!({
                "path": document.path,
                "bytes": document.bytes,
                "sha256": document.sha256,
            }))
            .collect::<Vec<Value>>(),
    })
}

fn wave_value(project: &Project, wave: &Wave) -> Value {
    let config = &project.config;
    let roles = &config.roles;
    let report = |id: &String, is_report: fn(&str) -> bool| {
        wave.agents.iter().find(|agent| agent.id == *id).and_then(|agent| report_path(agent, is_report))
    };
    let reviewers: BTreeSet<&String> = wave
        .agents
        .iter()
        .filter(|agent| is_security_reviewer(agent, config))
        .map(|agent| &agent.id)
        .collect();
    let mut closure = reviewers.clone();
    closure.extend([
        &roles.cont_eval_agent,
        &roles.integration_agent,
        &roles.documentation_agent,
        &roles.cont_qa_agent,
    ]);
    json!({
        "wave": wave.number,
        "file": wave.file,
        "lane": config.lane,
        "commitMessage": wave.commit_message,
        "deployEnvironments": wave.deploy_environments,
        "evalTargets": wave.eval_targets,
        "context7Defaults": wave.context7_defaults,
        "componentPromotions": wave.component_promotions,
        "agents": wave.agents.iter().map(agent_value).collect::<Vec<Value>>(),
        "contQaReportPath": report(&roles.cont_qa_agent, is_cont_qa_report),
        "contEvalReportPath": report(&roles.cont_eval_agent, is_cont_eval_report),
        "contQaAgentId": roles.cont_qa_agent,
        "contEvalAgentId": roles.cont_eval_agent,
        "integrationAgentId": roles.integration_agent,
        "documentationAgentId": roles.documentation_agent,
        "securityReviewerAgentIds": reviewers,
        "closureAgentIds": closure,
    })
}

fn agent_value(agent: &Agent) -> Value {
    json!({
        "agentId": agent.id,
        "title": agent.title,
        "slug": agent.slug,
        "prompt": agent.prompt,
        "promptOverlay": agent.prompt_overlay,
        "rolePromptPaths": agent.role_prompt_paths,
        "context7Config": agent.context7,
        "exitContract": agent.exit_contract,
        "executorConfig": executor_value(&agent.executor),
        "components": agent.components,
        "capabilities": agent.capabilities,
        "skills": agent.skills,
        "deliverables": agent.deliverables,
        "proofArtifacts": agent.proof_artifacts,
        "ownedPaths": agent.owned_paths,
        "componentTargets": agent.component_targets,
    })
}

/// `null` for an agent that chooses nothing.
fn executor_value(choice: &ExecutorChoice) -> Value {
    if *choice == ExecutorChoice::default() {
        return Value::Null;
    }
    let budget = match (choice.budget_turns, choice.budget_minutes) {
        (None, None) => Value::Null,
        (turns, minutes) => json!({"turns": turns, "minutes": minutes}),
    };
    json!({
        "id": choice.id,
        "profile": choice.profile,
        "model": choice.model,
        "fallbacks": choice.fallbacks,
        "tags": choice.tags,
        "budget": budget,
        "retryPolicy": choice.retry_policy,
        "allowFallbackOnRetry": choice.allow_fallback_on_retry,
        "codex": settings_value(choice, "codex"),
        "claude": settings_value(choice, "claude"),
        "opencode": settings_value(choice, "opencode"),
    })
}

/// The settings for one runtime under the names of the parsed shape; `null` without any.
fn settings_value(choice: &ExecutorChoice, runtime: &str) -> Value {
    let settings: Map<String, Value> = choice
        .settings
        .iter()
        .filter(|(key, _)| key.split('.').next() == Some(runtime))
        .filter_map(|(key, value)| Some((parsed_name(key)?.to_string(), value.clone())))
        .collect();
    if settings.is_empty() { Value::Null } else { Value::Object(settings) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fixtures::{
        DESIGN_HANDOFF, LIVE_PROOF, MINIMAL, minimal, repository, wave_file, with_waves,
    };
    use super::super::project::Project;
    use super::{ListedDocument, manifest};

    /// The manifest with each long text replaced by its length and its ends.
    fn shortened(project: &Project) -> String {
        let documents = ["docs/b.md", "docs/a.md"].map(|path| ListedDocument {
            path: path.to_string(),
            bytes: 3,
            sha256: "00".repeat(32),
        });
        let mut value = manifest(project, "2026-01-02T03:04:05.000Z", &documents);
        shorten(&mut value);
        serde_json::to_string_pretty(&value).unwrap()
    }

    fn shorten(value: &mut Value) {
        match value {
            Value::String(text) if text.chars().count() > 120 => {
                let letters: Vec<char> = text.chars().collect();
                let start: String = letters[..30].iter().collect();
                let end: String = letters[letters.len() - 30..].iter().collect();
                *text = format!("{start} ({} characters) {end}", letters.len());
            }
            Value::Array(items) => items.iter_mut().for_each(shorten),
            Value::Object(members) => members.values_mut().for_each(shorten),
            _ => {}
        }
    }

    #[test]
    fn the_manifest_of_the_real_waves() {
        insta::assert_snapshot!("repository", shortened(&Project::read(&repository())));
    }

    #[test]
    fn the_manifest_of_the_examples() {
        let files = vec![wave_file(14, LIVE_PROOF), wave_file(12, DESIGN_HANDOFF)];
        insta::assert_snapshot!("examples", shortened(&Project::read(&with_waves(files))));
    }

    #[test]
    fn the_manifest_says_what_the_predecessor_reads() {
        let text =
            MINIMAL.replacen("Add size-bounded eviction.", "Add it.\n```js\nevict();\n```\nThen stop.", 1);
        let project = Project::read(&minimal(&text));
        let value = manifest(&project, "", &[]);
        let prompt = |value: &Value| {
            let agents = value["waves"][0]["agents"].as_array().unwrap().clone();
            agents.into_iter().find(|agent| agent["agentId"] == "A1").unwrap()["promptOverlay"].clone()
        };
        assert_eq!(prompt(&value), "Add it.");
        let ours = project.waves[&12].agents.iter().find(|agent| agent.id == "A1").unwrap();
        assert!(ours.prompt_overlay.ends_with("- src/cache/"));
    }
}
