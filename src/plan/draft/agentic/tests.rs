//! Answers of planners: what is understood, what is found, what a planner is told.

use serde_json::{Value, json};

use super::super::super::config::profile::ProjectProfile;
use super::super::super::fixtures::repository;
use super::{Attempted, PlanRequest, Verified, object_of, prompt, verify};

fn request() -> PlanRequest {
    PlanRequest {
        lane: "main".to_string(),
        task: "Bound the cache".to_string(),
        from_wave: 5,
        max_waves: 2,
        max_rounds: 2,
        ..PlanRequest::default()
    }
}

/// An answer that holds.
fn good() -> Value {
    json!({
        "summary": "One slice.",
        "openQuestions": ["How large?"],
        "waves": [{
            "title": "Bound the cache",
            "template": "implementation",
            "componentCatalog": [{"componentId": "cache", "title": "Cache", "currentLevel": "contract-frozen",
                "targetLevel": "repo-landed", "canonicalDocs": [], "proofSurfaces": ["unit tests"]}],
            "workerAgents": [{"title": "Cache", "roleKind": "implementation", "ownedPaths": ["src/cache/", "tests/cache.mjs"],
                "components": ["cache"], "additionalContext": ["docs/cache.md"], "validationCommand": "pnpm test"}]
        }]
    })
}

fn verified(answer: &Value) -> Verified {
    let text = serde_json::to_string_pretty(answer).unwrap();
    verify(&repository(), &ProjectProfile::default(), &request(), "plan.json", &text)
}

/// The answer with the value at a pointer replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut answer = good();
    match answer.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (above, key) = pointer.rsplit_once('/').unwrap();
            answer.pointer_mut(above).unwrap()[key] = value;
        }
    }
    answer
}

#[test]
fn a_good_answer_becomes_a_wave_that_validates() {
    let found = verified(&good());
    assert_eq!(found.errors().collect::<Vec<_>>(), Vec::<&super::Finding>::new());
    assert_eq!(found.planned.open_questions, ["How large?"]);
    let [spec] = found.planned.specs.as_slice() else { panic!("{:#?}", found.planned) };
    let agents: Vec<&str> = spec.agents.iter().map(|agent| agent.agent_id.as_str()).collect();
    assert_eq!((spec.wave, agents), (5, vec!["A0", "A8", "A9", "A1"]));
    let worker = &spec.agents[3];
    assert_eq!(worker.deliverables, ["tests/cache.mjs"]);
    assert!(worker.required_context.contains(&"docs/cache.md".to_string()), "{worker:#?}");
    assert_eq!(worker.executor.profile.as_deref(), Some("implement-fast"));
    assert!(worker.exit_contract.is_some() && !worker.requirements.is_empty());
    let paths: Vec<String> = found.proposal.unwrap().writes.into_iter().map(|write| write.path).collect();
    assert!(paths.contains(&"docs/plans/waves/wave-5.md".to_string()), "{paths:?}");
}

/// What must be found when one value of a good answer is another.
#[test]
fn what_does_not_hold_is_found_with_its_place() {
    let worker = "/waves/0/workerAgents/0";
    let cases: [(&str, Value, &str, &str); 15] = [
        ("/waves", json!([]), "D01", "there are no waves"),
        ("/waves/0/title", json!(""), "D01", "the wave has no `title`"),
        ("/waves/0/workerAgents", json!([]), "D01", "the wave has no `workerAgents`"),
        ("/waves/0/componentCatalog", json!([]), "D01", "the wave has no `componentCatalog`"),
        ("/waves/0/template", json!("implementaton"), "D01", "`implementaton` is not known here"),
        ("/waves/0/promotions", json!([]), "D01", "`promotions` is no key of the answer"),
        ("/waves/0/componentCatalog/0/targetLevel", json!("done"), "D01", "`done` is not known here"),
        ("/waves/0/componentCatalog/0/targetLevel", json!("inventoried"), "D02", "would go back"),
        ("/waves/0/componentCatalog/0/targetLevel", json!("qa-proved"), "D02", "in one wave"),
        ("/waves/0/componentCatalog/0/targetLevel", json!("pilot-live"), "D04", "a runbook"),
        (&format!("{worker}/ownedPaths"), json!([]), "D01", "the worker owns nothing"),
        (&format!("{worker}/ownedPaths"), json!(["src/cache/"]), "D03", "leaves no file"),
        (&format!("{worker}/agentId"), json!("A8"), "D01", "`A8` is taken"),
        (&format!("{worker}/context7Bundle"), json!("react"), "C07", "react"),
        (&format!("{worker}/ownedPaths"), json!(["docs/plans/current-state.md"]), "V36", "current-state.md"),
    ];
    for (pointer, value, rule, part) in cases {
        let found = verified(&with(pointer, value));
        let is_it = |finding: &&super::Finding| finding.rule == rule && finding.message.contains(part);
        assert!(
            found.errors().any(|finding| is_it(&finding)),
            "{pointer} {rule} {part}\n{:#?}",
            found.findings
        );
    }
}

#[test]
fn two_workers_own_nothing_in_common() {
    let mut answer = good();
    let one = answer["waves"][0]["workerAgents"][0].clone();
    let workers = answer["waves"][0]["workerAgents"].as_array_mut().unwrap();
    workers.push(one);
    let found = verified(&answer);
    assert!(found.errors().any(|finding| finding.rule == "W12"), "{:#?}", found.findings);
}

#[test]
fn a_second_wave_stands_on_the_first_one_and_a_third_is_not_taken() {
    let mut answer = good();
    let mut next = answer["waves"][0].clone();
    next["componentCatalog"][0]["targetLevel"] = json!("baseline-proved");
    let waves = answer["waves"].as_array_mut().unwrap();
    waves.extend([next.clone(), next]);
    let found = verified(&answer);
    let numbers: Vec<u32> = found.planned.specs.iter().map(|spec| spec.wave).collect();
    assert_eq!(numbers, [5, 6]);
    assert_eq!(found.errors().count(), 0, "{:#?}", found.findings);
}

#[test]
fn an_answer_is_found_between_whatever_stands_around_it() {
    for (text, expected) in [
        ("{\"waves\": []}", "{\"waves\": []}"),
        ("Here it is:\n```json\n{\"a\": {}}\n```\nDone.", "{\"a\": {}}"),
        ("nothing", "nothing"),
        ("} {", "} {"),
    ] {
        assert_eq!(object_of(text), expected);
    }
    for (text, message) in [("nothing", "JSON"), ("{\"waves\": 3}", "invalid type")] {
        let found = verify(&repository(), &ProjectProfile::default(), &request(), "plan.json", text);
        let [finding] = found.findings.as_slice() else { panic!("{:#?}", found.findings) };
        assert!(finding.message.contains(message), "{finding:?}");
    }
}

#[test]
fn a_planner_is_told_what_was_wrong() {
    let sources = repository();
    let profile = ProjectProfile::default();
    let first = prompt(&sources, &profile, &request(), &[], None);
    for part in [
        "# Plan the next waves of Wave Orchestration\n",
        "\nBound the cache\n",
        "number 5; plan 2 at most",
        "one of: none, go-services, infra-ops, node-typescript, persistence,",
        "```json",
    ] {
        assert!(first.contains(part), "{part} is not in\n{first}");
    }
    let found = verified(&with("/waves/0/workerAgents/0/ownedPaths", json!([])));
    let before = Attempted { answer: "{\n  \"waves\": []\n}", findings: &found.findings };
    let second = prompt(&sources, &profile, &request(), &[], Some(before));
    assert!(second.starts_with(&first), "what holds in every round stays as it is");
    assert!(second.contains("D01 plan.json:") && second.contains("\n>   \"waves\": []\n"), "{second}");
}
