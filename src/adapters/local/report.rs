//! What the simulator reports: an envelope for every role, and the same said in markers.

use serde_json::{Value, json};

use crate::adapters::envelope::{SCHEMA_VERSION, section_of};
use crate::adapters::environment::BriefFile;
use crate::adapters::marker::{Kind, MarkerError, canonical};
use crate::adapters::prompt::{envelope_role, shows_proof};
use crate::plan::role::Role;
use crate::plan::wave::{Completion, DocImpact, Durability, ExitContract, Proof};

/// What the report says about the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Everything is there.
    Done,
    /// Something is missing.
    Gap,
}

/// A report, ready for each way it may go.
#[derive(Debug)]
pub(super) struct Report {
    /// The envelope.
    pub(super) envelope: Value,
    /// The same as marker lines.
    pub(super) markers: Vec<String>,
}

/// The contract of an agent that has none: the least that each word can say.
const NO_CONTRACT: ExitContract = ExitContract {
    completion: Completion::Contract,
    durability: Durability::None,
    proof: Proof::Unit,
    doc_impact: DocImpact::None,
};

/// Makes the report of an agent. `changed` are the documents that it changed.
///
/// # Errors
/// [`MarkerError`] when a path or an id of the brief would not be read back from a marker.
pub(super) fn report(brief: &BriefFile, claim: Claim, changed: &[String]) -> Result<Report, MarkerError> {
    let BriefFile { attempt, brief: agent, .. } = brief;
    let role = envelope_role(agent.role);
    let detail = match claim {
        Claim::Done => "simulated work, everything that was asked for is there",
        Claim::Gap => "simulated work, a part is missing on purpose",
    };
    let mut envelope = json!({
        "schemaVersion": SCHEMA_VERSION,
        "agentId": attempt.agent,
        "waveNumber": attempt.wave.number,
        "attempt": attempt.number,
        "exitCode": 0,
        "role": role,
        "proof": { "state": "not_applicable" },
    });
    let mut markers = Vec::new();
    if shows_proof(agent) {
        prove(brief, claim, changed, detail, &mut envelope, &mut markers)?;
    }
    let (section, marker) = steward(agent.role, claim, changed, detail);
    if let (Some(name), false) = (section_of(role), section.is_null()) {
        envelope[name] = section;
    }
    for (kind, values) in marker {
        let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
        markers.push(canonical(kind, &values)?.line());
    }
    if claim == Claim::Gap {
        envelope["gaps"] = json!([{ "kind": "integration", "detail": detail }]);
        markers.push(canonical(Kind::Gap, &[("kind", "integration"), ("detail", detail)])?.line());
    }
    Ok(Report { envelope, markers })
}

/// Adds proof, doc-delta and components.
fn prove(
    brief: &BriefFile,
    claim: Claim,
    changed: &[String],
    detail: &str,
    envelope: &mut Value,
    markers: &mut Vec<String>,
) -> Result<(), MarkerError> {
    let agent = &brief.brief;
    let contract = agent.exit_contract.as_ref().unwrap_or(&NO_CONTRACT);
    let (proof_state, state) = match claim {
        Claim::Done => ("satisfied", "met"),
        Claim::Gap => ("partial", "gap"),
    };
    let (completion, durability, proof) =
        (contract.completion.word(), contract.durability.word(), contract.proof.word());
    let documents: Vec<&String> = match contract.doc_impact {
        DocImpact::None => Vec::new(),
        DocImpact::Owned | DocImpact::SharedPlan => {
            changed.iter().filter(|path| path.ends_with(".md")).collect()
        }
    };
    envelope["proof"] = json!({
        "state": proof_state, "completion": completion, "durability": durability, "proofLevel": proof, "detail": detail,
    });
    let doc_impact = contract.doc_impact.word();
    let components: Vec<Value> = agent
        .component_targets
        .iter()
        .filter_map(|(component, level)| {
            Some(json!({ "componentId": component, "level": level.as_ref()?, "state": state, "detail": detail }))
        })
        .collect();
    envelope["implementation"] = json!({
        "docDelta": { "state": doc_impact, "paths": documents, "detail": detail }, "components": components,
    });
    let proof = [
        ("completion", completion),
        ("durability", durability),
        ("proof", proof),
        ("state", state),
        ("detail", detail),
    ];
    markers.push(canonical(Kind::Proof, &proof)?.line());
    let paths = documents.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(",");
    let doc_delta = [("state", doc_impact), ("paths", paths.as_str()), ("detail", detail)];
    markers.push(canonical(Kind::DocDelta, &doc_delta)?.line());
    for (component, level) in &agent.component_targets {
        let Some(level) = level else { continue };
        let values =
            [("component", component.as_str()), ("level", level), ("state", state), ("detail", detail)];
        markers.push(canonical(Kind::Component, &values)?.line());
    }
    Ok(())
}

type MarkerValues = Vec<(Kind, Vec<(&'static str, String)>)>;

/// The section of a role that does more than build, and its markers.
fn steward(role: Role, claim: Claim, changed: &[String], detail: &str) -> (Value, MarkerValues) {
    let word = |done: &'static str, gap: &'static str| match claim {
        Claim::Done => done,
        Claim::Gap => gap,
    };
    let number = |gap: u32| match claim {
        Claim::Done => 0,
        Claim::Gap => gap,
    };
    let values = |kind: Kind, pairs: &[(&'static str, &str)]| -> MarkerValues {
        let pairs = pairs.iter().copied().chain([("detail", detail)]);
        vec![(kind, pairs.map(|(key, value)| (key, value.to_owned())).collect())]
    };
    match role {
        Role::Implementation | Role::Infra | Role::Research => (Value::Null, Vec::new()),
        Role::Design => {
            let state = word("ready-for-implementation", "needs-clarification");
            let open = number(1);
            (
                json!({ "state": state, "decisions": 3, "assumptions": 1, "openQuestions": open, "detail": detail }),
                values(
                    Kind::Design,
                    &[
                        ("state", state),
                        ("decisions", "3"),
                        ("assumptions", "1"),
                        ("open_questions", &open.to_string()),
                    ],
                ),
            )
        }
        Role::Integration => {
            let state = word("ready-for-doc-closure", "needs-more-work");
            let blockers = number(1);
            (
                json!({ "state": state, "claims": 0, "conflicts": 0, "blockers": blockers, "detail": detail }),
                values(
                    Kind::Integration,
                    &[
                        ("state", state),
                        ("claims", "0"),
                        ("conflicts", "0"),
                        ("blockers", &blockers.to_string()),
                    ],
                ),
            )
        }
        Role::Documentation => {
            let done = if changed.is_empty() { "no-change" } else { "closed" };
            let state = word(done, "delta");
            (
                json!({ "docClosure": { "state": state, "paths": changed, "detail": detail } }),
                values(Kind::DocClosure, &[("state", state), ("paths", &changed.join(","))]),
            )
        }
        Role::ContQa => cont_qa(word("pass", "concerns"), detail),
        Role::ContEval => {
            let state = word("satisfied", "needs-more-work");
            (
                json!({
                    "state": state, "targets": 0, "benchmarks": 0, "regressions": 0, "targetIds": [], "benchmarkIds": [],
                    "detail": detail,
                }),
                values(
                    Kind::Eval,
                    &[("state", state), ("targets", "0"), ("benchmarks", "0"), ("regressions", "0")],
                ),
            )
        }
        Role::Security => {
            let (state, findings) = (word("clear", "concerns"), number(2));
            (
                json!({ "state": state, "findings": findings, "approvals": 0, "detail": detail }),
                values(
                    Kind::Security,
                    &[("state", state), ("findings", &findings.to_string()), ("approvals", "0")],
                ),
            )
        }
        Role::Deploy => {
            let state = word("healthy", "failed");
            (
                json!({ "state": state, "environment": "local", "detail": detail }),
                values(Kind::DeployStatus, &[("service", "local"), ("state", state)]),
            )
        }
    }
}

fn cont_qa(verdict: &'static str, detail: &str) -> (Value, MarkerValues) {
    const DIMENSIONS: [&str; 5] = ["architecture", "integration", "durability", "live", "docs"];
    let mut claims = json!({ "detail": detail });
    for dimension in DIMENSIONS {
        claims[dimension] = json!(verdict);
    }
    let owned = |key: &'static str, value: &str| (key, value.to_owned());
    let mut gate: Vec<_> = DIMENSIONS.map(|dimension| owned(dimension, verdict)).into();
    gate.push(owned("detail", detail));
    (
        json!({ "verdict": { "verdict": verdict, "detail": detail }, "gateClaims": claims }),
        vec![(Kind::Gate, gate), (Kind::Verdict, vec![owned("verdict", verdict), owned("detail", detail)])],
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Claim, report};
    use crate::adapters::envelope::{Sources, read_json, read_result};
    use crate::adapters::environment::BriefFile;
    use crate::adapters::prompt::envelope_role;
    use crate::engine::brief::AgentBrief;
    use crate::engine::envelope::{Envelope, ResultReading};
    use crate::engine::{AttemptKey, WaveKey};
    use crate::plan::role::{Role, Stage};
    use crate::plan::runtime::{ResolvedExecutor, RuntimeId};

    const ROLES: [Role; 10] = [
        Role::Implementation,
        Role::Design,
        Role::Integration,
        Role::Documentation,
        Role::ContQa,
        Role::ContEval,
        Role::Security,
        Role::Infra,
        Role::Deploy,
        Role::Research,
    ];

    fn brief(role: Role) -> BriefFile {
        BriefFile {
            attempt: AttemptKey {
                wave: WaveKey { lane: "main".into(), number: 3 },
                agent: "A1".into(),
                number: 2,
            },
            brief: AgentBrief {
                id: "A1".into(),
                title: "Work".into(),
                slug: "3-a1".into(),
                role,
                stage: Stage::Implementation,
                builds_after_design: false,
                executor: ResolvedExecutor {
                    id: RuntimeId("local".into()),
                    selected_by: "override".into(),
                    model: None,
                    budget_minutes: None,
                    fallbacks: Vec::new(),
                },
                exit_contract: None,
                deliverables: Vec::new(),
                proof_artifacts: Vec::new(),
                owned_paths: Vec::new(),
                skills: Vec::new(),
                grants: Default::default(),
                fallback: Default::default(),
                context7: None,
                component_targets: [("a".to_owned(), Some("low".to_owned())), ("b".to_owned(), None)].into(),
                prompt: String::new(),
                fingerprint: String::new(),
            },
            promotions: Default::default(),
        }
    }

    /// What both ways must agree on: everything but who said when, and but the words of free text.
    fn essence(envelope: &Envelope) -> Value {
        let mut value = serde_json::to_value(envelope).expect("can be written");
        value.as_object_mut().expect("an object").remove("completedAt");
        if value["proof"]["state"] == "not_applicable" {
            value["proof"] = Value::Null;
        }
        value
    }

    #[test]
    fn envelope_and_markers_say_the_same_for_every_role() {
        for role in ROLES {
            for claim in [Claim::Done, Claim::Gap] {
                let brief = brief(role);
                let report = report(&brief, claim, &["docs/a.md".to_owned()]).expect("can be made");
                let envelope = read_json(&report.envelope, &brief.attempt).expect("is accepted");
                assert_eq!(envelope.role.as_deref(), Some(envelope_role(role)));
                let output = report.markers.join("\n");
                let sources = Sources { submitted: None, file: None, output: &output, exit_code: 0 };
                let reading = read_result(&brief.attempt, &sources);
                let ResultReading::Present { envelope: printed, .. } = reading else { panic!("{output}") };
                assert_eq!(essence(&printed), essence(&envelope), "{role:?} {claim:?}");
            }
        }
    }

    #[test]
    fn a_path_that_no_marker_can_carry_is_an_error() {
        let error = report(&brief(Role::Documentation), Claim::Done, &["a state=met.md".to_owned()]);
        assert!(error.is_err());
    }
}
