//! Ad-hoc runs: a wave from tasks in somebody's words, outside the lane's waves, and its way into them. Pure; where runs
//! are kept is the driver's business.
//!
//! Shapes and agents are those of npm `@chllming/wave-orchestration` 0.9.15. Unlike there, words are compared whole, and a
//! promotion gives the workers the component that a draft would give them, so that the wave can validate.

mod paths;
mod promote;
mod record;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use super::super::bundles::NONE;
use super::super::config::profile::Posture;
use super::super::finding::Finding;
use super::super::project::{AdhocPlace, Project, SourceFile, Sources};
use super::super::wave::{DeployEnvironment, EvalTarget};
use super::completed::completed;
use super::field::Answers;
use super::ground::Ground;
use super::prompt::one_line;
use super::proposal::found;
use super::questions::{environments_of, questions};
use super::render::markdown;
use super::spec::{RequestedTask, Spec, SpecAgent};
use super::stewards::{no_bundle, stewards};
use super::template::{Template, template, worker_kind};
use super::worker::Around;
use words::{Topic, Words};

pub use paths::paths_in;
pub use promote::promoted;
pub use record::{AdhocEntry, AdhocIndex, AdhocRequest, AdhocResult, AdhocStatus, RUN_KIND};

/// The number of every ad-hoc wave.
pub const WAVE: u32 = 0;

/// The reviewer that joins where something has to be protected.
const REVIEWER: &str = "A7";

/// The family of benchmarks that a measured run delegates to.
const FAMILY: &str = "service-output";

/// Longest title made of a task, in characters.
const TITLE_MOST: usize = 60;

/// What a worker owns whose task names no path, by its kind.
const OWNED: [(&str, &[&str]); 4] = [
    ("implementation", &["src/", "lib/", "tests/", "scripts/"]),
    ("infra", &["infra/", "docker/", "scripts/"]),
    ("deploy", &["deploy/", "docs/plans/operations/"]),
    ("research", &["docs/research/"]),
];

/// The wave of an ad-hoc run. `ground` is that of the run: its configuration says where the run's files lie.
pub fn adhoc_spec(ground: &Ground<'_>, request: &AdhocRequest) -> Spec {
    let words: Vec<Words> = request.tasks.iter().map(|task| Words::of(&task.text)).collect();
    let title = title(&request.tasks);
    let template = template_of(&words);
    let mut answers = Answers::default();
    for (key, text) in [("template", template.name), ("title", &title), ("promotions", "0")] {
        answers.give(key, text);
    }
    let (_, mut spec) = questions(ground, &answers);
    spec.run_kind = Some(RUN_KIND.to_string());
    spec.run_id = Some(request.run_id.clone());
    spec.requested_tasks.clone_from(&request.tasks);
    spec.generated_at = Some(request.created_at.clone());
    spec.context7_defaults = Some(no_bundle());
    let posture = Posture::of(&request.oversight_mode).unwrap_or(ground.profile.default_oversight_mode);
    spec.oversight_mode = Some(posture.word().to_string());
    spec.eval_targets = eval_targets(ground, &words);
    spec.components_catalog.clear();
    spec.component_promotions.clear();
    spec.agents = stewards(ground, !spec.eval_targets.is_empty());
    report_into_the_run(ground, &mut spec.agents);
    let around = Around { ground, template, posture, catalog: &[], bundle: NONE };
    let mut taken: Vec<String> = spec.agents.iter().map(|agent| agent.agent_id.clone()).collect();
    taken.push(REVIEWER.to_string());
    for (task, words) in request.tasks.iter().zip(&words) {
        let agent = worker(&around, task, words, &taken);
        taken.push(agent.agent_id.clone());
        spec.agents.push(agent);
    }
    if words.iter().any(is_to_be_reviewed) {
        spec.agents.push(reviewer(&around));
    }
    spec.deploy_environments = environments(ground, &words, &mut spec.agents);
    spec
}

/// The sources of a run: those of its lane, with its wave as the only one.
pub fn adhoc_sources(sources: &Sources, place: AdhocPlace, text: String) -> Sources {
    let path = format!("{}/wave-{WAVE}.md", place.folder);
    Sources {
        adhoc: Some(place),
        waves: vec![SourceFile { path, text }],
        completed: BTreeSet::new(),
        ..sources.shared()
    }
}

/// What is found in the wave of a run.
pub fn adhoc_findings(sources: &Sources) -> Vec<Finding> {
    found(&Project::read(sources), WAVE).into_iter().cloned().collect()
}

/// The markdown of a run's wave.
pub fn adhoc_markdown(spec: &Spec) -> String {
    markdown(spec)
}

/// The first task, and how many more there are.
fn title(tasks: &[RequestedTask]) -> String {
    let first = tasks.first().map_or("Ad-hoc run", |task| task.text.trim());
    let line = first.lines().next().unwrap_or_default();
    let mut title: String =
        one_line(line).trim_end_matches(['.', ':', '!', '?']).chars().take(TITLE_MOST).collect();
    if tasks.len() > 1 {
        title.push_str(&format!(" and {} more", tasks.len() - 1));
    }
    title
}

/// `release` when all of it is rolled out, `infra` when all of it is infrastructure, else `implementation`.
fn template_of(words: &[Words]) -> &'static Template {
    let all = |kind: &str| !words.is_empty() && words.iter().all(|words| words.worker() == kind);
    template(match (all("deploy"), all("infra")) {
        (true, _) => "release",
        (_, true) => "infra",
        _ => "implementation",
    })
}

fn is_to_be_reviewed(words: &Words) -> bool {
    words.are_about(Topic::Security) || matches!(words.worker(), "deploy" | "infra")
}

fn eval_targets(ground: &Ground<'_>, words: &[Words]) -> Vec<EvalTarget> {
    let is_known = ground.benchmarks.is_some_and(|benchmarks| benchmarks.families.contains_key(FAMILY));
    if !is_known || !words.iter().any(|words| words.are_about(Topic::Eval)) {
        return Vec::new();
    }
    vec![EvalTarget {
        id: FAMILY.to_string(),
        selection: "delegated".to_string(),
        benchmark_family: Some(FAMILY.to_string()),
        benchmarks: Vec::new(),
        objective: "No regression of what the tasks touch".to_string(),
        threshold: "At or above the last accepted run".to_string(),
    }]
}

fn worker(around: &Around<'_>, task: &RequestedTask, words: &Words, taken: &[String]) -> SpecAgent {
    let kind = worker_kind(words.worker());
    let config = around.ground.config;
    let is_shared = |path: &String| {
        config.shared_plan_docs.contains(path)
            || [&config.paths.matrix_json, &config.paths.matrix_doc].contains(&path)
    };
    let mut owned: Vec<String> = paths_in(&task.text).into_iter().filter(|path| !is_shared(path)).collect();
    if owned.is_empty() {
        let known = OWNED.iter().find(|(name, _)| *name == kind.name);
        owned = known.map_or(kind.owned, |(_, paths)| *paths).iter().map(ToString::to_string).collect();
    }
    let mut said = SpecAgent {
        title: title(std::slice::from_ref(task)),
        owned_paths: owned,
        primary_goal: one_line(&task.text),
        ..SpecAgent::default()
    };
    if words.are_about(Topic::Documents) {
        said.capabilities.push("docs-shared-plan".to_string());
    }
    completed(around, kind, said, taken)
}

fn reviewer(around: &Around<'_>) -> SpecAgent {
    let kind = worker_kind("security");
    let title = "Security Review";
    let said = SpecAgent {
        agent_id: REVIEWER.to_string(),
        title: title.to_string(),
        owned_paths: kind.owned.iter().map(|path| around.ground.filled(path, REVIEWER, title)).collect(),
        ..SpecAgent::default()
    };
    completed(around, kind, said, &[])
}

/// The environments that the workers act on: those of the profile, or one of the kind that the words name.
fn environments(ground: &Ground<'_>, words: &[Words], agents: &mut [SpecAgent]) -> Vec<DeployEnvironment> {
    let known = environments_of(ground, agents);
    let acts = words.iter().any(|words| matches!(words.worker(), "deploy" | "infra"));
    if !known.is_empty() || !acts {
        return known;
    }
    let kind = words.iter().find_map(Words::provider).unwrap_or("custom");
    for agent in agents.iter_mut().filter(|agent| {
        agent.capabilities.iter().any(|capability| matches!(capability.as_str(), "deploy" | "infra"))
    }) {
        agent.deploy_environment_id = Some(RUN_KIND.to_string());
    }
    vec![DeployEnvironment {
        id: RUN_KIND.to_string(),
        kind: kind.to_string(),
        is_default: true,
        notes: None,
    }]
}

/// Stewards of a run leave their reports in its folder `reports`.
fn report_into_the_run(ground: &Ground<'_>, agents: &mut [SpecAgent]) {
    let folder = ground.config.waves_directory();
    let (reviews, reports) = (format!("{folder}/reviews/"), format!("{folder}/reports/"));
    for path in agents.iter_mut().flat_map(|agent| &mut agent.owned_paths) {
        if let Some(name) = path.strip_prefix(&reviews) {
            *path = format!("{reports}{name}");
        }
    }
}
