//! Ad-hoc runs from tasks, and their way into the lane.

use super::super::super::config::profile::{Environment, ProjectProfile};
use super::super::super::finding::{Finding, Severity};
use super::super::super::fixtures::repository;
use super::super::super::project::{AdhocPlace, Project, Sources};
use super::super::{Ground, RequestedTask, Spec, proposal};
use super::{AdhocRequest, AdhocStatus, adhoc_findings, adhoc_markdown, adhoc_sources, adhoc_spec, promoted};

const FOLDER: &str = ".wave/adhoc/default/runs/adhoc-1";

fn ground<'g>(project: &'g Project, profile: &'g ProjectProfile, wave: u32) -> Ground<'g> {
    Ground {
        config: &project.config,
        matrix: project.matrix.as_ref(),
        bundles: project.bundles.as_ref(),
        benchmarks: project.benchmarks.as_ref(),
        profile,
        wave,
    }
}

fn request(tasks: &[&str]) -> AdhocRequest {
    let tasks = tasks
        .iter()
        .enumerate()
        .map(|(index, text)| RequestedTask { id: format!("task-{}", index + 1), text: (*text).to_string() });
    AdhocRequest { run_id: "adhoc-1".to_string(), tasks: tasks.collect(), ..AdhocRequest::default() }
}

/// The spec of a run and what is found in its wave.
fn planned(sources: &Sources, tasks: &[&str]) -> (Spec, Vec<Finding>) {
    let place = AdhocPlace { run: "adhoc-1".to_string(), folder: FOLDER.to_string() };
    let project = Project::read(&adhoc_sources(sources, place.clone(), String::new()));
    let spec = adhoc_spec(&ground(&project, &ProjectProfile::default(), 0), &request(tasks));
    let findings = adhoc_findings(&adhoc_sources(sources, place, adhoc_markdown(&spec)));
    (spec, findings)
}

fn errors(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Agents as `id kind-of-title owned,owned`.
fn workers(spec: &Spec) -> Vec<String> {
    let is_steward = |id: &str| ["A0", "A8", "A9", "E0"].contains(&id);
    let workers = spec.agents.iter().filter(|agent| !is_steward(&agent.agent_id));
    workers
        .map(|agent| {
            format!("{} [{}] {}", agent.agent_id, agent.capabilities.join(","), agent.owned_paths.join(","))
        })
        .collect()
}

fn check(tasks: &[&str], template: &str, expected: &[&str]) {
    let (spec, findings) = planned(&repository(), tasks);
    assert_eq!(errors(&findings), Vec::<&Finding>::new(), "{tasks:?}");
    assert_eq!(workers(&spec), expected, "{tasks:?}");
    assert_eq!(spec.template.as_deref(), Some(template), "{tasks:?}");
    assert!(spec.component_promotions.is_empty() && spec.wave == 0);
}

#[test]
fn tasks_become_a_wave_that_validates() {
    check(
        &["Show the relationship of records in `src/records.rs`"],
        "implementation",
        &["A1 [] src/records.rs"],
    );
    check(&["Mend the importer"], "implementation", &["A1 [] src/,lib/,tests/,scripts/"]);
    check(
        &["Keep docs/plans/current-state.md and docs/guide.md true, they are documentation"],
        "implementation",
        &["A1 [docs-shared-plan] docs/guide.md"],
    );
    check(
        &["Deploy the site with railway"],
        "release",
        &[
            "A1 [deploy] deploy/,docs/plans/operations/",
            "A7 [security-review] .tmp/main-wave-launcher/adhoc/adhoc-1/security/wave-0-review.md",
        ],
    );
    check(
        &["Research naming", "Provision the cluster in infra/main.tf", "Mend src/auth/"],
        "implementation",
        &[
            "A1 [research] docs/research/",
            "A2 [infra] infra/main.tf",
            "A3 [] src/auth/",
            "A7 [security-review] .tmp/main-wave-launcher/adhoc/adhoc-1/security/wave-0-review.md",
        ],
    );
}

#[test]
fn a_seventh_worker_leaves_the_ids_of_stewards_alone() {
    let tasks: Vec<String> = (1..=8).map(|number| format!("Mend src/part{number}/")).collect();
    let tasks: Vec<&str> = tasks.iter().map(String::as_str).collect();
    let (spec, _) = planned(&repository(), &tasks);
    let ids: Vec<&str> = spec.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
    assert_eq!(ids, ["A0", "A8", "A9", "A1", "A2", "A3", "A4", "A5", "A6", "A10", "A11"]);
    assert_eq!(spec.title, "Mend src/part1/ and 7 more");
}

#[test]
fn an_environment_comes_from_the_words_or_from_the_profile() {
    let (spec, _) = planned(&repository(), &["Deploy with kubectl"]);
    assert_eq!(spec.deploy_environments[0].kind, "kubernetes");
    let project = Project::read(&repository());
    let live = Environment {
        id: "live".to_string(),
        name: "live".to_string(),
        kind: "ssh-manual".to_string(),
        is_default: true,
        notes: None,
        substrate: None,
        credentials_expected: Vec::new(),
        readiness_command: None,
        health_command: None,
        rollback: None,
    };
    let profile = ProjectProfile { deploy_environments: vec![live], ..ProjectProfile::default() };
    let spec = adhoc_spec(&ground(&project, &profile, 0), &request(&["Deploy with kubectl"]));
    assert_eq!(spec.deploy_environments[0].id, "live");
}

#[test]
fn what_is_measured_gets_its_steward() {
    let (spec, findings) = planned(&repository(), &["Benchmark the parser in src/parser/"]);
    assert_eq!(errors(&findings), Vec::<&Finding>::new());
    assert_eq!(spec.eval_targets[0].benchmark_family.as_deref(), Some("service-output"));
    assert!(spec.agents.iter().any(|agent| agent.agent_id == "E0"));
}

#[test]
fn every_run_can_become_a_wave_of_the_lane() {
    let sources = repository();
    let project = Project::read(&sources);
    let profile = ProjectProfile::default();
    for tasks in [
        &["Mend the importer"] as &[&str],
        &["Deploy the site with railway"],
        &["Provision the cluster"],
        &["Research naming"],
        &["Mend src/auth/ for security", "Benchmark src/parser/"],
    ] {
        let (run, _) = planned(&sources, tasks);
        let spec = promoted(&ground(&project, &profile, 5), &run);
        assert_eq!((spec.wave, spec.source_run_id.as_deref()), (5, Some("adhoc-1")));
        let text = serde_json::to_string(&spec).unwrap();
        assert!(!text.contains(FOLDER) && !text.contains("wave-0"), "{text}");
        let proposal = proposal(&sources, &[spec]);
        assert_eq!(errors(&proposal.findings), Vec::<&Finding>::new(), "{tasks:?}");
    }
}

#[test]
fn files_of_the_predecessor_are_read_and_kept_whole() {
    let text = r#"{"schemaVersion": 1, "runKind": "adhoc", "runId": "adhoc-20260101000000-abcdef", "lane": "main",
        "status": "completed", "title": "T", "taskCount": 2, "promotedWave": null, "telemetry": {"a": 1}}"#;
    let read: super::AdhocResult = serde_json::from_str(text).unwrap();
    assert_eq!((read.status, read.task_count), (AdhocStatus::Completed, 2));
    let again = serde_json::to_value(&read).unwrap();
    assert_eq!(again["telemetry"]["a"], 1);
}
