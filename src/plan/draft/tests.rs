//! Specs and their markdown, there and back.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::test_runner::Config as Runs;
use serde_json::json;

use super::super::config::Config;
use super::super::fixtures::{MINIMAL, WAVES, repository};
use super::super::runtime::RuntimeId;
use super::super::wave::{Completion, Durability, Proof};
use super::super::wave::{
    ComponentPromotion, Context, Context7, DeployEnvironment, DocImpact, EvalTarget, ExitContract,
    ProofArtifact, WaveReading, read,
};
use super::{Spec, SpecAgent, SpecExecutor, SpecProject, drift, markdown, spec_of};

fn reading(number: u32, text: &str) -> WaveReading {
    let sources = repository();
    let config = Config::for_lane(sources.config.as_ref().map(|file| file.text.as_str()), "main").0;
    let context = Context { config: &config, documents: &sources.documents, runtimes: &[] };
    read(number, &format!("docs/plans/waves/wave-{number}.md"), text, &context)
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,8}"
}

/// Words as an author writes them, none of which a reader takes for quotes, marks or headers.
fn sentence() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9,.()'éß/]{0,8}( [A-Za-z0-9,.()é/-]{1,9}){0,5}[a-z.]"
}

fn words(count: usize) -> impl Strategy<Value = Vec<String>> {
    vec(word(), 0..count).prop_map(|mut words| {
        words.sort();
        words.dedup();
        words
    })
}

fn context7() -> impl Strategy<Value = Context7> {
    (word(), option::of(sentence())).prop_map(|(bundle, query)| Context7 { bundle: Some(bundle), query })
}

fn executor() -> impl Strategy<Value = SpecExecutor> {
    let settings = prop_oneof![
        Just(BTreeMap::new()),
        Just(BTreeMap::from([
            ("addDirs".to_string(), json!(["a", "b"])),
            ("search".to_string(), json!(true)),
            ("sandbox".to_string(), json!("read-only")),
        ])),
    ];
    let claude = prop_oneof![
        Just(BTreeMap::new()),
        Just(BTreeMap::from([
            ("maxTurns".to_string(), json!(7)),
            ("settingsJson".to_string(), json!({"a": [1, {"b": "c"}]})),
        ])),
    ];
    (option::of(Just("deep-review".to_string())), words(3), option::of(1..90_u32), settings, claude).prop_map(
        |(profile, tags, minutes, codex, claude)| SpecExecutor {
            profile,
            id: tags.first().map(|_| RuntimeId("codex".to_string())),
            fallbacks: vec![RuntimeId("claude".to_string()), RuntimeId("opencode".to_string())],
            allow_fallback_on_retry: minutes.map(|minutes| minutes > 20),
            tags,
            budget: super::SpecBudget { turns: minutes, minutes },
            codex,
            claude,
            ..SpecExecutor::default()
        },
    )
}

fn agent() -> impl Strategy<Value = SpecAgent> {
    let lists = (words(3), words(3), words(3), words(3));
    let texts = (sentence(), vec(sentence(), 0..3), vec(sentence(), 0..3), vec(sentence(), 0..3));
    let ends = (option::of(sentence()), option::of(sentence()), option::of(word()));
    (lists, texts, ends, executor(), option::of(context7())).prop_map(
        |(lists, texts, ends, executor, context7)| {
            let (skills, components, capabilities, owned) = lists;
            let (goal, notes, context, requirements) = texts;
            let (validation, output, track) = ends;
            let owned: Vec<String> = owned.iter().map(|path| format!("src/{path}.rs")).collect();
            SpecAgent {
                title: goal.clone(),
                executor,
                context7,
                deliverables: owned.clone(),
                proof_artifacts: owned
                    .iter()
                    .enumerate()
                    .map(|(index, path)| ProofArtifact {
                        path: path.clone(),
                        kind: (index > 0).then(|| "live-status".to_string()),
                        required_for: if index > 1 { vec!["pilot-live".to_string()] } else { Vec::new() },
                    })
                    .collect(),
                exit_contract: track.as_ref().map(|_| ExitContract {
                    completion: Completion::Live,
                    durability: Durability::Durable,
                    proof: Proof::Live,
                    doc_impact: DocImpact::Owned,
                }),
                earlier_wave_outputs: owned.clone(),
                owned_paths: owned,
                skills,
                components,
                capabilities,
                primary_goal: goal,
                collaboration_notes: notes,
                required_context: context,
                requirements,
                validation_command: validation.unwrap_or_default(),
                output_summary: output.unwrap_or_default(),
                deploy_environment_id: track.as_ref().map(|_| "prod".to_string()),
                track,
                ..SpecAgent::default()
            }
        },
    )
}

fn spec() -> impl Strategy<Value = Spec> {
    let heads = (sentence(), option::of(sentence()), option::of(sentence()), option::of(sentence()));
    (heads, vec(agent(), 0..4), option::of(context7()), words(3)).prop_map(
        |(heads, agents, context7, components)| {
            let (title, commit, note, rule) = heads;
            Spec {
                schema_version: 1,
                project_profile: SpecProject {
                    project_name: "Atlas".to_string(),
                    new_project: note.is_some(),
                    default_terminal_surface: None,
                },
                lane: "main".to_string(),
                wave: 7,
                title,
                commit_message: commit.unwrap_or_default(),
                oversight_mode: Some("oversight".to_string()),
                sequencing_note: note,
                reference_rule: rule.clone(),
                deploy_environments: vec![DeployEnvironment {
                    id: "prod".to_string(),
                    kind: "kubernetes".to_string(),
                    is_default: true,
                    notes: rule,
                }],
                context7_defaults: context7,
                eval_targets: components
                    .iter()
                    .map(|id| EvalTarget {
                        id: id.clone(),
                        selection: "pinned".to_string(),
                        benchmark_family: None,
                        benchmarks: vec!["one".to_string(), "two".to_string()],
                        objective: "Answer: fast".to_string(),
                        threshold: "under 2 s".to_string(),
                    })
                    .collect(),
                component_promotions: components
                    .into_iter()
                    .map(|component_id| ComponentPromotion {
                        component_id,
                        target_level: "repo-landed".to_string(),
                    })
                    .collect(),
                agents: agents
                    .into_iter()
                    .enumerate()
                    .map(|(index, agent)| SpecAgent { agent_id: format!("A{index}"), ..agent })
                    .collect(),
                ..Spec::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(Runs { cases: 128, ..Runs::default() })]

    #[test]
    fn a_spec_comes_back_from_its_markdown(spec in spec()) {
        let text = markdown(&spec);
        let reading = reading(7, &text);
        assert_eq!(spec_of(&reading.wave, &text, Some(&spec)), spec, "{text}");
        assert_eq!(drift(&reading, &text, "specs/wave-7.json", &spec.json()), [], "{text}");
    }

    #[test]
    fn a_spec_comes_back_from_its_json(spec in spec()) {
        let (read, findings) = Spec::read("specs/wave-7.json", &spec.json());
        assert_eq!(findings, []);
        assert_eq!(read, Some(spec));
    }

    #[test]
    fn reading_a_spec_never_panics(text in "[{}\\[\\]\":,a-z0-9 ]{0,60}") {
        let (spec, findings) = Spec::read("specs/wave-7.json", &text);
        assert!(spec.is_some() || !findings.is_empty());
    }
}

#[test]
fn hand_written_waves_become_specs_and_come_back() {
    let waves = WAVES.iter().copied().chain([(12, MINIMAL)]);
    for (number, text) in waves {
        let before = reading(number, text);
        let spec = spec_of(&before.wave, text, None);
        let after = markdown(&spec);
        let again = reading(number, &after);
        assert_eq!(spec_of(&again.wave, &after, None), spec, "wave {number}");
        let mut expected = before.wave.clone();
        for (own, other) in expected.agents.iter_mut().zip(&again.wave.agents) {
            own.position = other.position;
        }
        assert_eq!(again.wave, expected, "wave {number}");
        assert_eq!(markdown(&spec_of(&again.wave, &after, None)), after, "wave {number}");
    }
}

#[test]
fn drift_is_found_where_the_wave_says_something_else() {
    let before = reading(12, MINIMAL);
    let spec = spec_of(&before.wave, MINIMAL, None).json();
    let check = |from: &str, to: &str, expected: &[(u32, Option<&str>, &str)]| {
        let text = MINIMAL.replacen(from, to, 1);
        assert!(from.is_empty() || text != MINIMAL, "{from:?} is not in the wave");
        let found = drift(&reading(12, &text), &text, "specs/wave-12.json", &spec);
        let found: Vec<(u32, Option<&str>, &str)> = found
            .iter()
            .map(|finding| (finding.position.line, finding.agent.as_deref(), finding.message.as_str()))
            .collect();
        assert_eq!(found, expected, "{from:?} -> {to:?}");
    };
    check("", "", &[]);
    let place = "in specs/wave-12.json (line";
    check(
        "artifact-cache: repo-landed",
        "artifact-cache: pilot-live",
        &[(
            5,
            None,
            &format!(
                "`componentPromotions` has {{\"componentId\":\"artifact-cache\",\"targetLevel\":\"pilot-live\"}} here \
                 and {{\"componentId\":\"artifact-cache\",\"targetLevel\":\"repo-landed\"}} {place} 20)"
            ),
        )],
    );
    check(
        "# Wave 12 - Cache eviction",
        "# Wave 12 - Cache",
        &[(1, None, &format!("`title` has \"Cache\" here and \"Cache eviction\" {place} 9)"))],
    );
    check(
        "- .tmp/main-wave-launcher/integration/wave-12.json\n",
        "- x/\n",
        &[
            (43, Some("A8"), &format!("the prompt has other words here than {place} 87)")),
            (
                43,
                Some("A8"),
                &format!(
                    "`ownedPaths` has \"x/\" here and \".tmp/main-wave-launcher/integration/wave-12.json\" {place} 79)"
                ),
            ),
        ],
    );
    check(
        "## Agent A8:",
        "## Agent A7:",
        &[
            (1, None, "specs/wave-12.json has an agent A8 that this wave has not"),
            (33, Some("A7"), "agent A7 is not in specs/wave-12.json"),
        ],
    );
}

#[test]
fn a_broken_spec_is_a_finding_with_its_place() {
    let check = |text: &str, line: u32, part: &str| {
        let (spec, findings) = Spec::read("specs/wave-1.json", text);
        assert_eq!(spec, None);
        let found = findings.first().map(|finding| (finding.position.line, finding.message.contains(part)));
        assert_eq!(found, Some((line, true)), "{text} {findings:?}");
    };
    check("{\n\"wave\": }", 2, "JSON");
    check("{\"wave\": 1}", 1, "no `agents`");
    check("{\"wave\": 1,\n\"agents\": [{\"title\": 7}]}", 2, "invalid type");
}
