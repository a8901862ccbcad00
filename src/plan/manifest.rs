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
        "exitContract": agent.written_contract,
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
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::super::fixtures::{LIVE_PROOF, MINIMAL, WAVES, minimal, wave_file, with_waves};
    use super::super::project::Project;
    use super::{ListedDocument, manifest};

    macro_rules! parsed {
        ($name:literal) => {
            include_str!(concat!("../../tests/fixtures/waves/parsed/", $name))
        };
    }

    /// What `@chllming/wave-orchestration` 0.9.15 itself gave for these files, recorded.
    const RECORDED: &str = parsed!("wave-orchestration-0.9.15.json");

    /// Says where two values differ; `path` is where they stand.
    fn differences(path: &str, found: &Value, expected: &Value, into: &mut Vec<String>) {
        match (found, expected) {
            (Value::Object(ours), Value::Object(theirs)) => {
                let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
                for key in keys {
                    let at = |value: &Value| value.get(key).cloned().unwrap_or(json!("(not there)"));
                    differences(&format!("{path}.{key}"), &at(found), &at(expected), into);
                }
            }
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                for (index, (found, expected)) in ours.iter().zip(theirs).enumerate() {
                    differences(&format!("{path}[{index}]"), found, expected, into);
                }
            }
            _ if found == expected => {}
            _ => into.push(format!("{path}: {found}, recorded {expected}")),
        }
    }

    #[test]
    fn every_field_is_what_the_predecessor_recorded() {
        let own = [
            (12, MINIMAL),
            (14, LIVE_PROOF),
            (20, parsed!("every-key-wave-20.md")),
            (21, parsed!("quirks-wave-21.md")),
            (22, parsed!("contracts-wave-22.md")),
        ];
        let files = WAVES.into_iter().chain(own).map(|(number, text)| wave_file(number, text));
        let found = manifest(&Project::read(&with_waves(files.collect())), "", &[]);
        let recorded: Value = serde_json::from_str(RECORDED).unwrap();
        let numbers = |waves: &Value| -> Vec<u64> {
            waves.as_array().unwrap().iter().filter_map(|wave| wave["wave"].as_u64()).collect()
        };
        assert_eq!(numbers(&found["waves"]), [0, 1, 3, 4, 12, 14, 20, 21, 22]);
        assert_eq!(numbers(&recorded), numbers(&found["waves"]));
        for (found, recorded) in found["waves"].as_array().unwrap().iter().zip(recorded.as_array().unwrap()) {
            let mut differ = Vec::new();
            differences(&format!("wave {}", recorded["wave"]), found, recorded, &mut differ);
            assert_eq!(differ, Vec::<String>::new());
        }
    }

    #[test]
    fn documents_are_listed_by_their_path() {
        let documents = ["docs/b.md", "docs/a.md"].map(|path| ListedDocument {
            path: path.to_string(),
            bytes: 3,
            sha256: "00".repeat(32),
        });
        let value = manifest(&Project::read(&minimal("")), "2026-01-02T03:04:05.000Z", &documents);
        assert_eq!((&value["schemaVersion"], &value["kind"]), (&json!(1), &json!("wave-manifest")));
        assert_eq!(value["generatedAt"], "2026-01-02T03:04:05.000Z");
        assert_eq!(value["source"], "docs/**/*");
        assert_eq!(value["docs"][0], json!({"path": "docs/a.md", "bytes": 3, "sha256": "00".repeat(32)}));
        assert_eq!(value["docs"][1]["path"], "docs/b.md");
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
