//! Every template holds with its defaults, wherever it is drafted.

use std::collections::BTreeSet;

use super::super::config::Config;
use super::super::config::profile::{Environment, Posture, ProjectProfile};
use super::super::fixtures::{MINIMAL, minimal, repository, with_waves};
use super::super::project::{Project, Sources};
use super::super::wave::{Context, read};
use super::field::{Answers, next};
use super::template::{TEMPLATES, WORKER_KINDS};
use super::{Ground, Spec, drift, proposal, questions, spec_of};

/// A project without any configuration, which has the role documents of the repository.
fn bare() -> Sources {
    Sources { config: None, matrix: None, bundles: None, benchmarks: None, ..with_waves(Vec::new()) }
}

fn draft(sources: &Sources, profile: &ProjectProfile, answers: &Answers) -> Spec {
    let project = Project::read(sources);
    let ground = Ground {
        config: &project.config,
        matrix: project.matrix.as_ref(),
        bundles: project.bundles.as_ref(),
        benchmarks: project.benchmarks.as_ref(),
        profile,
        wave: 20,
    };
    let (fields, spec) = questions(&ground, answers);
    let wrong: Vec<_> = fields.iter().filter_map(|field| field.error.as_ref()).collect();
    assert_eq!(wrong, Vec::<&String>::new());
    let keys: BTreeSet<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(keys.len(), fields.len(), "no answer is meant for two questions");
    spec
}

fn answers(given: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for (key, text) in given {
        answers.give(key, text);
    }
    answers
}

/// A profile with an environment of which everything is known.
fn rolled_out(posture: Posture) -> ProjectProfile {
    ProjectProfile {
        default_oversight_mode: posture,
        deploy_environments: vec![Environment {
            id: "prod".to_string(),
            name: "Production".to_string(),
            kind: "kubernetes".to_string(),
            is_default: true,
            notes: Some("cluster a".to_string()),
            substrate: Some("the cluster a".to_string()),
            credentials_expected: vec!["KUBECONFIG".to_string()],
            readiness_command: Some("kubectl get nodes".to_string()),
            rollback: Some("`kubectl rollout undo`".to_string()),
            health_command: Some("curl -f https://prod/health".to_string()),
        }],
        ..ProjectProfile::default()
    }
}

/// What is found in a draft: nothing, as a rule.
fn check(sources: &Sources, profile: &ProjectProfile, given: &[(&str, &str)], expected: &[&str]) {
    let spec = draft(sources, profile, &answers(given));
    let proposal = proposal(sources, std::slice::from_ref(&spec));
    let found: Vec<String> = proposal
        .findings
        .iter()
        .map(|finding| {
            format!("{} {} {}", finding.rule, finding.agent.as_deref().unwrap_or("-"), finding.message)
        })
        .collect();
    let markdown = &proposal.writes[0].after;
    assert_eq!(found, expected, "{given:?} {:?}\n{markdown}", profile.default_oversight_mode);
    let config = Config::for_lane(sources.config.as_ref().map(|file| file.text.as_str()), "main").0;
    let context = Context { config: &config, documents: &sources.documents, runtimes: &[] };
    let reading = read(20, &proposal.writes[0].path, markdown, &context);
    assert_eq!(reading.strict, None, "both readings agree");
    assert_eq!(spec_of(&reading.wave, markdown, Some(&spec)), spec);
    assert_eq!(drift(&reading, markdown, "spec", &spec.json()), []);
}

#[test]
fn every_template_validates_with_its_defaults() {
    for sources in [repository(), bare(), minimal(MINIMAL)] {
        for template in TEMPLATES {
            let given = [("template", template.name)];
            check(&sources, &ProjectProfile::default(), &given, &[]);
            for posture in [Posture::Oversight, Posture::DarkFactory] {
                check(&sources, &rolled_out(posture), &given, &[]);
            }
        }
    }
}

#[test]
fn every_kind_of_worker_validates_with_its_defaults() {
    for kind in WORKER_KINDS {
        let given = [("workers", "2"), ("worker.2.kind", kind.name), ("evals", "2"), ("worker.2.id", "A7")];
        check(&repository(), &rolled_out(Posture::Oversight), &given, &[]);
    }
}

#[test]
fn a_dark_factory_without_environment_is_refused() {
    check(
        &repository(),
        &ProjectProfile { default_oversight_mode: Posture::DarkFactory, ..ProjectProfile::default() },
        &[("template", "release")],
        &["W19 - wave 20 is to run without people (dark-factory) and lacks a deploy environment"],
    );
}

#[test]
fn answers_reach_the_wave() {
    let given = [
        ("title", "Bound the cache"),
        ("promotions", "1"),
        ("promotion.1.id", "wave-parser-and-launcher"),
        ("workers", "2"),
        ("worker.1.owns", "src/cache/, src/lib.rs"),
        ("worker.2.kind", "security"),
        ("worker.2.requirements", "Look at keys. | Look at logs."),
        ("bundle", "node-typescript"),
        ("query", "LRU \"caches\""),
    ];
    let spec = draft(&repository(), &ProjectProfile::default(), &answers(&given));
    let levels: Vec<&str> =
        spec.component_promotions.iter().map(|promotion| promotion.target_level.as_str()).collect();
    assert_eq!((spec.commit_message.as_str(), levels), ("Feat: bound the cache", vec!["baseline-proved"]));
    let ids: Vec<&str> = spec.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
    assert_eq!(ids, ["A0", "A8", "A9", "A1", "A2"]);
    assert_eq!(spec.agents[3].owned_paths, ["src/cache/", "src/lib.rs"]);
    assert_eq!(spec.agents[3].deliverables, ["src/lib.rs"]);
    assert_eq!(spec.agents[4].requirements, ["Look at keys.", "Look at logs."]);
    check(&repository(), &ProjectProfile::default(), &given, &[]);
}

#[test]
fn a_form_ends_when_everything_is_answered() {
    let project = Project::read(&repository());
    let profile = ProjectProfile::default();
    let ground = Ground {
        config: &project.config,
        matrix: project.matrix.as_ref(),
        bundles: project.bundles.as_ref(),
        benchmarks: project.benchmarks.as_ref(),
        profile: &profile,
        wave: 20,
    };
    let mut answers = Answers::default();
    let mut asked = 0;
    while let Some(field) = next(&questions(&ground, &answers).0) {
        answers.give(&field.key, "");
        asked += 1;
        assert!(asked < 100);
    }
    let (fields, spec) = questions(&ground, &answers);
    assert_eq!(fields.len(), asked);
    assert_eq!(spec, draft(&repository(), &profile, &Answers::default()));
    let mut keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), asked, "no two questions have one key");
}
