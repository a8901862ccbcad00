//! Every code has a case that gives it and one beside it that does not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::component::{ComponentVerdict, component_gate};
use super::{implementation_gate, judge, required_artifacts};
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::envelope::{
    ComponentClaim, DocDelta, Envelope, ImplementationSection, ProofClaim, ResultReading, Transport,
};
use crate::engine::fact::{FailureClass, Verdict};
use crate::engine::ids::{AttemptKey, WaveKey};
use crate::engine::input::{Evidence, Exit};
use crate::plan::role::{Role, Stage};
use crate::plan::runtime::{ResolvedExecutor, RuntimeId};
use crate::plan::wave::{Completion, DocImpact, Durability, ExitContract, Proof, ProofArtifact};

const WELL: Exit = Exit::Code { code: 0 };

fn key() -> AttemptKey {
    AttemptKey { wave: WaveKey { lane: "main".into(), number: 3 }, agent: "A1".into(), number: 1 }
}

/// An agent that owns the component `ledger`, to reach `pilot-live`, with a deliverable and artifacts.
pub(super) fn brief(role: Role) -> AgentBrief {
    let builds = matches!(role, Role::Implementation);
    AgentBrief {
        id: "A1".into(),
        title: "Ledger".into(),
        slug: "3-a1".into(),
        role,
        stage: if builds { Stage::Implementation } else { Stage::Closure },
        builds_after_design: false,
        executor: ResolvedExecutor {
            id: RuntimeId("local".into()),
            selected_by: "lane-default".into(),
            model: None,
            budget_minutes: None,
            fallbacks: Vec::new(),
        },
        exit_contract: builds.then_some(ExitContract {
            completion: Completion::Authoritative,
            durability: Durability::Durable,
            proof: Proof::Integration,
            doc_impact: DocImpact::Owned,
        }),
        deliverables: vec!["src/ledger.rs".into()],
        proof_artifacts: vec![
            artifact("proof/always.json", &[]),
            artifact("proof/live.json", &["pilot-live"]),
        ],
        owned_paths: vec!["src/".into()],
        skills: Vec::new(),
        grants: Default::default(),
        fallback: Default::default(),
        context7: None,
        component_targets: if builds {
            BTreeMap::from([("ledger".to_owned(), Some("pilot-live".to_owned()))])
        } else {
            BTreeMap::new()
        },
        prompt: String::new(),
        fingerprint: "f".into(),
    }
}

fn artifact(path: &str, required_for: &[&str]) -> ProofArtifact {
    let required_for = required_for.iter().map(|level| (*level).to_owned()).collect();
    ProofArtifact { path: path.into(), kind: None, required_for }
}

fn claim(component: &str, level: &str, state: &str) -> ComponentClaim {
    ComponentClaim {
        component_id: component.into(),
        level: level.into(),
        state: state.into(),
        detail: Some("because".into()),
    }
}

fn envelope() -> Envelope {
    Envelope {
        schema_version: 2,
        agent_id: "A1".into(),
        wave_number: 3,
        attempt: 1,
        proof: Some(ProofClaim {
            state: "satisfied".into(),
            completion: Some("authoritative".into()),
            durability: Some("durable".into()),
            proof_level: Some("integration".into()),
            detail: None,
        }),
        implementation: Some(ImplementationSection {
            doc_delta: Some(DocDelta { state: "owned".into(), paths: Vec::new(), detail: None }),
            components: vec![claim("ledger", "pilot-live", "met")],
        }),
        ..Envelope::default()
    }
}

fn evidence(result: ResultReading) -> Evidence {
    Evidence {
        result,
        deliverables_present: vec!["src/ledger.rs".into()],
        proof_artifacts_present: vec!["proof/always.json".into(), "proof/live.json".into()],
        ..Evidence::default()
    }
}

fn present(envelope: Envelope) -> Evidence {
    evidence(ResultReading::Present { transport: Transport::File, envelope })
}

/// Markers of which some were rejected, and what the accepted ones say.
fn markers(rejected: &[&str], partial: Option<Envelope>) -> Evidence {
    evidence(ResultReading::Malformed {
        transport: Transport::Markers,
        errors: vec!["a marker was rejected".into()],
        rejected_markers: rejected.iter().map(|kind| (*kind).to_owned()).collect(),
        partial,
    })
}

fn changed(change: impl FnOnce(&mut Envelope)) -> Evidence {
    let mut envelope = envelope();
    change(&mut envelope);
    present(envelope)
}

fn proof(change: impl FnOnce(&mut ProofClaim)) -> Evidence {
    changed(|envelope| change(envelope.proof.as_mut().unwrap()))
}

fn built(change: impl FnOnce(&mut ImplementationSection)) -> Evidence {
    changed(|envelope| change(envelope.implementation.as_mut().unwrap()))
}

/// The code that a verdict gives, `pass` when it passed, with its class.
fn code(verdict: &Verdict) -> (String, Option<FailureClass>) {
    match verdict {
        Verdict::Passed => ("pass".into(), None),
        Verdict::Failed { code, class, detail } => {
            assert!(!detail.is_empty(), "{code} says nothing to the operator");
            (code.clone(), Some(*class))
        }
        other => panic!("a gate does not say {other:?}"),
    }
}

/// Judges an agent that builds, and compares code and class.
#[track_caller]
fn check(expected: &str, class: Option<FailureClass>, evidence: &Evidence) {
    check_of(&brief(Role::Implementation), expected, class, evidence, WELL);
}

#[track_caller]
fn check_of(
    brief: &AgentBrief,
    expected: &str,
    class: Option<FailureClass>,
    evidence: &Evidence,
    exit: Exit,
) {
    assert_eq!(code(&implementation_gate(brief, evidence, exit)), (expected.to_owned(), class));
}

const TRANSPORT: Option<FailureClass> = Some(FailureClass::Transport);
const SEMANTIC: Option<FailureClass> = Some(FailureClass::Semantic);
const ARTIFACT: Option<FailureClass> = Some(FailureClass::Artifact);
const PROCESS: Option<FailureClass> = Some(FailureClass::Process);

#[test]
fn what_is_all_there_passes() {
    check("pass", None, &present(envelope()));
    // More than the contract asks for is good too, except for a component's level.
    check("pass", None, &proof(|proof| proof.completion = Some("live".into())));
    check("pass", None, &proof(|proof| proof.proof_level = Some("live".into())));
    check("pass", None, &built(|section| section.doc_delta.as_mut().unwrap().state = "shared-plan".into()));
    // Markers say `met` and `complete`; a rejected line beside accepted ones does no harm.
    check("pass", None, &proof(|proof| proof.state = "met".into()));
    check("pass", None, &markers(&["proof", "gap"], Some(envelope())));
}

#[test]
fn a_process_that_did_not_end_well_is_not_judged_further() {
    let brief = brief(Role::Implementation);
    check_of(&brief, "exit-1", PROCESS, &present(envelope()), Exit::Code { code: 1 });
    check_of(&brief, "exit-137", PROCESS, &evidence(ResultReading::Absent), Exit::Code { code: 137 });
    check_of(&brief, "signal-9", PROCESS, &present(envelope()), Exit::Signal { signal: 9 });
}

#[test]
fn absent_malformed_and_present_are_three_things() {
    check("missing-summary", Some(FailureClass::State), &evidence(ResultReading::Absent));
    for transport in [Transport::Tool, Transport::File] {
        let broken = ResultReading::Malformed {
            transport,
            errors: vec!["line 1: no JSON".into()],
            rejected_markers: Vec::new(),
            partial: Some(envelope()),
        };
        check("invalid-result-envelope", TRANSPORT, &evidence(broken));
    }
    check("pass", None, &present(envelope()));
}

#[test]
fn proof_is_missing_broken_or_not_enough() {
    check("missing-wave-proof", TRANSPORT, &changed(|envelope| envelope.proof = None));
    check("missing-wave-proof", TRANSPORT, &markers(&["component"], None));
    check("invalid-wave-proof-format", TRANSPORT, &markers(&["proof"], None));
    check("invalid-wave-proof-format", TRANSPORT, &proof(|proof| proof.state = "splendid".into()));
    check("invalid-wave-proof-format", TRANSPORT, &proof(|proof| proof.completion = None));
    check("invalid-wave-proof-format", TRANSPORT, &proof(|proof| proof.durability = Some("rocky".into())));
    for state in ["partial", "gap", "failed", "not_applicable"] {
        check("wave-proof-gap", SEMANTIC, &proof(|proof| proof.state = state.into()));
    }
    // An honest no is a no, whatever else it leaves out.
    check(
        "wave-proof-gap",
        SEMANTIC,
        &proof(|proof| {
            proof.state = "failed".into();
            proof.completion = None;
        }),
    );
    check("completion-gap", SEMANTIC, &proof(|proof| proof.completion = Some("integrated".into())));
    check("durability-gap", SEMANTIC, &proof(|proof| proof.durability = Some("ephemeral".into())));
    check("proof-level-gap", SEMANTIC, &proof(|proof| proof.proof_level = Some("unit".into())));
}

#[test]
fn documentation_is_missing_broken_or_not_enough() {
    check("missing-doc-delta", TRANSPORT, &built(|section| section.doc_delta = None));
    check("missing-doc-delta", TRANSPORT, &changed(|envelope| envelope.implementation = None));
    let mut without = envelope();
    without.implementation.as_mut().unwrap().doc_delta = None;
    check("invalid-doc-delta-format", TRANSPORT, &markers(&["doc-delta"], Some(without)));
    let odd = |section: &mut ImplementationSection| section.doc_delta.as_mut().unwrap().state = "some".into();
    check("invalid-doc-delta-format", TRANSPORT, &built(odd));
    let less =
        |section: &mut ImplementationSection| section.doc_delta.as_mut().unwrap().state = "none".into();
    check("doc-impact-gap", SEMANTIC, &built(less));
    // A contract that asks for nothing still wants to be told.
    let mut undemanding = brief(Role::Implementation);
    undemanding.exit_contract.as_mut().unwrap().doc_impact = DocImpact::None;
    let silent = built(|section| section.doc_delta = None);
    check_of(&undemanding, "missing-doc-delta", TRANSPORT, &silent, WELL);
    check_of(&undemanding, "pass", None, &built(less), WELL);
}

#[test]
fn components_are_missing_broken_or_elsewhere() {
    check("missing-wave-component", TRANSPORT, &built(|section| section.components.clear()));
    let other = built(|section| section.components = vec![claim("cache", "pilot-live", "met")]);
    check("missing-wave-component", TRANSPORT, &other);
    let mut without = envelope();
    without.implementation.as_mut().unwrap().components.clear();
    check("invalid-wave-component-format", TRANSPORT, &markers(&["component"], Some(without)));
    let odd = built(|section| section.components = vec![claim("ledger", "pilot-live", "nearly")]);
    check("invalid-wave-component-format", TRANSPORT, &odd);
    // Exactly the level: less fails, and more fails too.
    for level in ["repo-landed", "qa-proved"] {
        let elsewhere = built(|section| section.components = vec![claim("ledger", level, "met")]);
        check("component-level-mismatch", SEMANTIC, &elsewhere);
    }
    check(
        "component-gap",
        SEMANTIC,
        &built(|section| section.components = vec![claim("ledger", "pilot-live", "gap")]),
    );
    // The last word about a component counts.
    let corrected = |first: &str, last: &str| {
        built(|section| {
            section.components =
                vec![claim("ledger", "pilot-live", first), claim("ledger", "pilot-live", last)];
        })
    };
    check("pass", None, &corrected("gap", "met"));
    check("component-gap", SEMANTIC, &corrected("met", "gap"));
    // A component that this wave does not promote may stand anywhere.
    let mut unpromoted = brief(Role::Implementation);
    unpromoted.component_targets.insert("ledger".into(), None);
    let anywhere = built(|section| section.components = vec![claim("ledger", "repo-landed", "met")]);
    check_of(&unpromoted, "pass", None, &anywhere, WELL);
}

#[test]
fn files_are_missing_or_nobody_could_look() {
    let mut gone = present(envelope());
    gone.deliverables_present.clear();
    check("missing-deliverable", ARTIFACT, &gone);
    gone.unseen.push("src/ledger.rs".into());
    check("missing-deliverable-summary", ARTIFACT, &gone);
    let mut gone = present(envelope());
    gone.proof_artifacts_present.remove(1);
    check("missing-proof-artifact", ARTIFACT, &gone);
    gone.unseen.push("proof/live.json".into());
    check("missing-proof-artifact-summary", ARTIFACT, &gone);
    // Words are judged before files.
    gone.result = ResultReading::Absent;
    check("missing-summary", Some(FailureClass::State), &gone);
}

#[test]
fn an_artifact_is_required_where_its_levels_ask_for_it() {
    let required = |target: Option<&str>, levels: &[&str]| {
        let mut brief = brief(Role::Implementation);
        brief.proof_artifacts = vec![artifact("proof/it.json", levels)];
        brief.component_targets = BTreeMap::from([("ledger".to_owned(), target.map(str::to_owned))]);
        required_artifacts(&brief).count() == 1
    };
    assert!(required(Some("repo-landed"), &[]), "no level: always");
    assert!(required(Some("pilot-live"), &["pilot-live"]));
    assert!(required(Some("fleet-ready"), &["pilot-live", "cutover-ready"]), "any level that is reached");
    assert!(!required(Some("repo-landed"), &["pilot-live"]));
    assert!(required(None, &["pilot-live"]), "no target: always");
    assert!(
        !required(Some("a-level-of-our-own"), &["pilot-live"]),
        "such a level has no place in the ladder"
    );
}

#[test]
fn without_a_contract_a_valid_result_is_still_needed() {
    let mut brief = brief(Role::Implementation);
    brief.exit_contract = None;
    let judged = |evidence: &Evidence| code(&judge(&brief, &key(), Stage::Implementation, evidence, WELL)).0;
    assert_eq!(judged(&present(envelope())), "pass");
    assert_eq!(judged(&evidence(ResultReading::Absent)), "missing-summary");
    assert_eq!(judged(&changed(|envelope| envelope.schema_version = 1)), "invalid-result-envelope");
    assert_eq!(judged(&markers(&["component"], None)), "invalid-result-envelope");
    assert_eq!(judged(&markers(&["proof"], None)), "invalid-wave-proof-format");
    assert_eq!(judged(&proof(|proof| proof.state = "gap".into())), "wave-proof-gap");
    assert_eq!(judged(&proof(|proof| proof.state = "not_applicable".into())), "pass");
    assert_eq!(judged(&proof(|proof| proof.completion = None)), "pass");
    let mut gone = present(envelope());
    gone.deliverables_present.clear();
    assert_eq!(judged(&gone), "missing-deliverable");
    let empty = changed(|envelope| {
        envelope.proof = None;
        envelope.implementation = None;
    });
    assert_eq!(judged(&empty), "invalid-result-envelope");
    let named_only = changed(|envelope| {
        envelope.proof = None;
        envelope.implementation = None;
        envelope.role = Some("implementation".into());
    });
    assert_eq!(judged(&named_only), "invalid-result-envelope");
}

#[test]
fn a_result_of_somebody_else_is_no_result() {
    let brief = brief(Role::Implementation);
    let judged = |evidence: Evidence| code(&judge(&brief, &key(), Stage::Implementation, &evidence, WELL));
    let lies: [fn(&mut Envelope); 4] = [
        |envelope| envelope.agent_id = "A2".into(),
        |envelope| envelope.wave_number = 4,
        |envelope| envelope.attempt = 2,
        |envelope| envelope.schema_version = 1,
    ];
    for lie in lies {
        assert_eq!(judged(changed(lie)), ("invalid-result-envelope".to_owned(), TRANSPORT));
    }
    let foreign = changed(|envelope| envelope.agent_id = "A2".into());
    let verdict = judge(&brief, &key(), Stage::Implementation, &foreign, Exit::Code { code: 1 });
    assert_eq!(code(&verdict).0, "exit-1", "the process comes first");
}

#[test]
fn stewards_pass_by_the_state_of_their_own_part() {
    let cases: &[(Role, Value, &str)] = &[
        (Role::Design, json!({ "design": { "state": "ready-for-implementation" } }), "pass"),
        (Role::Design, json!({ "design": { "state": "needs-clarification" } }), "design-needs-clarification"),
        (Role::Design, json!({ "design": { "state": "blocked" } }), "design-blocked"),
        (Role::Design, json!({}), "missing-wave-design"),
        (Role::Design, json!({ "design": { "state": "lovely" } }), "invalid-result-envelope"),
        (Role::Integration, json!({ "integration": { "state": "ready-for-doc-closure" } }), "pass"),
        (
            Role::Integration,
            json!({ "integration": { "state": "needs-more-work" } }),
            "integration-needs-more-work",
        ),
        (Role::Integration, json!({ "integration": {} }), "missing-wave-integration"),
        (Role::Integration, json!({ "design": { "state": "blocked" } }), "missing-wave-integration"),
        (Role::Documentation, json!({ "documentation": { "docClosure": { "state": "closed" } } }), "pass"),
        (Role::Documentation, json!({ "documentation": { "docClosure": { "state": "no-change" } } }), "pass"),
        (
            Role::Documentation,
            json!({ "documentation": { "docClosure": { "state": "delta" } } }),
            "doc-closure-open",
        ),
        (Role::Documentation, json!({ "documentation": {} }), "missing-doc-closure"),
        (Role::ContEval, json!({ "contEval": { "state": "satisfied" } }), "pass"),
        (Role::ContEval, json!({ "contEval": { "state": "needs-more-work" } }), "cont-eval-needs-more-work"),
        (Role::ContEval, json!({ "contEval": { "state": "blocked" } }), "cont-eval-blocked"),
        (Role::ContEval, json!({}), "missing-wave-eval"),
        (Role::Security, json!({ "security": { "state": "clear", "findings": 0, "approvals": [] } }), "pass"),
        (Role::Security, json!({ "security": { "state": "concerns", "findings": 2 } }), "pass"),
        (
            Role::Security,
            json!({ "security": { "state": "clear", "findings": 1 } }),
            "invalid-security-clear-state",
        ),
        (
            Role::Security,
            json!({ "security": { "state": "clear", "approvals": ["the push"] } }),
            "invalid-security-clear-state",
        ),
        (Role::Security, json!({ "security": { "state": "blocked" } }), "security-blocked"),
        (Role::Security, json!({}), "missing-wave-security"),
        (Role::ContQa, json!({ "contQa": { "verdict": { "verdict": "pass" } } }), "pass"),
        (Role::ContQa, json!({ "contQa": { "verdict": { "verdict": "PASS" } } }), "pass"),
        (Role::ContQa, json!({ "contQa": { "verdict": { "verdict": "concerns" } } }), "cont-qa-concerns"),
        (Role::ContQa, json!({ "contQa": { "verdict": { "verdict": "blocked" } } }), "cont-qa-blocked"),
        (Role::ContQa, json!({ "contQa": { "verdict": { "verdict": "hold" } } }), "cont-qa-hold"),
        (Role::ContQa, json!({ "contQa": { "gateClaims": { "live": "pass" } } }), "missing-cont-qa-verdict"),
        (Role::ContQa, json!({}), "missing-wave-gate"),
        (
            Role::ContQa,
            json!({ "contQa": { "verdict": { "verdict": "pass" }, "gateClaims": { "live": "gap", "docs": "pass" } } }),
            "pass",
        ),
        (
            Role::ContQa,
            json!({ "contQa": { "verdict": { "verdict": "pass" }, "gateClaims": { "durability": "concerns" } } }),
            "gate-durability-concerns",
        ),
    ];
    for (role, sections, expected) in cases {
        let brief = brief(*role);
        let stage = if *role == Role::Design { Stage::Design } else { Stage::Closure };
        let sections: Map<String, Value> = sections.as_object().unwrap().clone();
        let mut evidence = changed(|envelope| envelope.sections = sections.clone());
        let judged = code(&judge(&brief, &key(), stage, &evidence, WELL));
        assert_eq!(judged.0, *expected, "{role:?} {sections:?}");
        if *expected == "pass" {
            evidence.deliverables_present.clear();
            let judged = code(&judge(&brief, &key(), stage, &evidence, WELL));
            assert_eq!(judged.0, "missing-deliverable", "{role:?}");
            evidence.result = ResultReading::Absent;
            assert_eq!(code(&judge(&brief, &key(), stage, &evidence, WELL)).0, "missing-summary");
        }
    }
}

#[test]
fn the_words_of_a_verdict_reach_the_operator() {
    let brief = brief(Role::ContQa);
    let sections = json!({ "contQa": { "verdict": { "verdict": "blocked", "detail": "no rollback" } } });
    let evidence = changed(|envelope| envelope.sections = sections.as_object().unwrap().clone());
    let Verdict::Failed { detail, .. } = judge(&brief, &key(), Stage::Closure, &evidence, WELL) else {
        panic!("blocked is no pass");
    };
    assert_eq!(detail, "the verdict is blocked: no rollback");
}

/// A wave that promotes `ledger` to `pilot-live`, whose owners passed, each with this claim.
fn landed(owners: &[(&str, Option<ComponentClaim>)]) -> ComponentVerdict {
    use crate::engine::fact::{Cause, Fact, What};
    use crate::engine::input::LaunchOptions;
    use crate::engine::{RunId, State, Time};

    let wave = key().wave;
    let mut wave_brief = WaveBrief {
        number: 3,
        file: "wave-3.md".into(),
        title: String::new(),
        agents: Vec::new(),
        promotions: BTreeMap::from([("ledger".to_owned(), "pilot-live".to_owned())]),
        ceilings: BTreeMap::new(),
        eval_targets: Vec::new(),
    };
    for (id, _) in owners {
        wave_brief.agents.push(AgentBrief { id: (*id).to_owned(), ..brief(Role::Implementation) });
    }
    let mut state = State::default();
    let mut say = |what: What| state.apply(&Fact { at: Time(1), what });
    let options = LaunchOptions::default();
    say(What::RunStarted { run: RunId(1), lane: "main".into(), waves: vec![3], options });
    say(What::WaveStarted { wave: wave.clone(), run: RunId(1), brief: wave_brief.clone() });
    for (id, claim) in owners {
        let attempt = AttemptKey { agent: (*id).to_owned(), ..key() };
        let mut envelope = envelope();
        envelope.implementation.as_mut().unwrap().components = claim.iter().cloned().collect();
        say(What::AttemptScheduled {
            attempt: attempt.clone(),
            cause: Cause::First,
            runtime: "local".into(),
            fallback: None,
            fingerprint: "f".into(),
            budget_ms: 1,
        });
        say(What::AttemptEnded {
            attempt,
            exit: Some(WELL),
            evidence: Some(Box::new(present(envelope))),
            verdict: Verdict::Passed,
        });
    }
    component_gate(&wave_brief, &state.waves[&wave])
}

#[test]
fn a_promotion_needs_an_owner_who_proves_it_and_nobody_left_behind() {
    let met = || Some(claim("ledger", "pilot-live", "met"));
    assert_eq!(landed(&[("A1", met()), ("A2", met())]), ComponentVerdict::Passed);
    let waiting_on = BTreeMap::from([("A2".to_owned(), "ledger".to_owned())]);
    assert_eq!(landed(&[("A1", met()), ("A2", None)]), ComponentVerdict::SiblingPending { waiting_on });
    let gap = |owners: &[&str]| ComponentVerdict::PromotionGap {
        components: BTreeMap::from([(
            "ledger".to_owned(),
            owners.iter().map(|id| (*id).to_owned()).collect(),
        )]),
    };
    assert_eq!(
        landed(&[("A1", None), ("A2", Some(claim("ledger", "pilot-live", "gap")))]),
        gap(&["A1", "A2"])
    );
    assert_eq!(landed(&[("A1", Some(claim("ledger", "qa-proved", "met")))]), gap(&["A1"]));
    assert_eq!(landed(&[]), gap(&[]));
}
