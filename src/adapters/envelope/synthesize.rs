//! An envelope made of markers.

use serde_json::{Map, Value, json};

use super::{SCHEMA_VERSION, inferred_role};
use crate::adapters::marker::{Kind, Marker, Reading};
use crate::engine::AttemptKey;
use crate::engine::envelope::{ComponentClaim, DocDelta, Envelope, ImplementationSection, ProofClaim};

/// Whether a marker says something about the result; the others say what goes on.
pub(super) fn is_result(kind: Kind) -> bool {
    match kind {
        Kind::Proof
        | Kind::DocDelta
        | Kind::Component
        | Kind::DocClosure
        | Kind::Integration
        | Kind::Eval
        | Kind::Security
        | Kind::Design
        | Kind::Gate
        | Kind::Gap
        | Kind::Verdict
        | Kind::DeployStatus => true,
        Kind::Phase | Kind::InfraStatus => false,
    }
}

/// Makes an envelope of what was accepted. What no marker said stays absent: a missing proof is `None`, a missing
/// doc-delta is no `none`.
pub fn synthesize(attempt: &AttemptKey, exit_code: i32, reading: &Reading) -> Envelope {
    let proof = reading.last(Kind::Proof).map(|marker| ProofClaim {
        state: if marker.value("state") == Some("met") { "satisfied" } else { "partial" }.to_owned(),
        completion: text(marker, "completion"),
        durability: text(marker, "durability"),
        proof_level: text(marker, "proof"),
        detail: text(marker, "detail"),
    });
    let implementation = implementation(reading);
    let mut sections = sections(reading);
    let mut shown = sections.clone();
    if proof.is_some() || implementation.is_some() {
        shown.insert("implementation".to_owned(), json!({}));
    }
    let role = inferred_role(&shown).map(str::to_owned);
    let gaps: Vec<Value> = reading
        .gaps()
        .iter()
        .map(|gap| json!({ "kind": gap.value("kind"), "detail": gap.value("detail") }))
        .collect();
    if !gaps.is_empty() {
        sections.insert("gaps".to_owned(), Value::Array(gaps));
    }
    Envelope {
        schema_version: SCHEMA_VERSION,
        agent_id: attempt.agent.clone(),
        wave_number: attempt.wave.number,
        attempt: attempt.number,
        completed_at: None,
        exit_code,
        role,
        proof,
        implementation,
        sections,
    }
}

fn text(marker: &Marker, key: &str) -> Option<String> {
    marker.value(key).map(str::to_owned)
}

fn implementation(reading: &Reading) -> Option<ImplementationSection> {
    let doc_delta = reading.last(Kind::DocDelta).and_then(|marker| {
        Some(DocDelta {
            state: text(marker, "state")?,
            paths: marker.list("paths"),
            detail: text(marker, "detail"),
        })
    });
    let components: Vec<ComponentClaim> = reading
        .components()
        .into_iter()
        .filter_map(|marker| {
            Some(ComponentClaim {
                component_id: text(marker, "component")?,
                level: text(marker, "level")?,
                state: text(marker, "state")?,
                detail: text(marker, "detail"),
            })
        })
        .collect();
    (doc_delta.is_some() || !components.is_empty()).then_some(ImplementationSection { doc_delta, components })
}

/// The sections of the other roles.
fn sections(reading: &Reading) -> Map<String, Value> {
    let mut sections = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            sections.insert(name.to_owned(), value);
        }
    };
    add(
        "design",
        reading.last(Kind::Design).map(|marker| {
            json!({
                "state": marker.value("state"),
                "decisions": marker.count("decisions"),
                "assumptions": marker.count("assumptions"),
                "openQuestions": marker.count("open_questions"),
                "detail": marker.value("detail"),
            })
        }),
    );
    add(
        "integration",
        reading.last(Kind::Integration).map(|marker| {
            json!({
                "state": marker.value("state"),
                "claims": marker.count("claims"),
                "conflicts": marker.count("conflicts"),
                "blockers": marker.count("blockers"),
                "detail": marker.value("detail"),
            })
        }),
    );
    add(
        "documentation",
        reading.last(Kind::DocClosure).map(|marker| {
            json!({ "docClosure": {
                "state": marker.value("state"),
                "paths": marker.list("paths"),
                "detail": marker.value("detail"),
            }})
        }),
    );
    add(
        "contEval",
        reading.last(Kind::Eval).map(|marker| {
            json!({
                "state": marker.value("state"),
                "targets": marker.count("targets"),
                "benchmarks": marker.count("benchmarks"),
                "regressions": marker.count("regressions"),
                "targetIds": marker.list("target_ids"),
                "benchmarkIds": marker.list("benchmark_ids"),
                "detail": marker.value("detail"),
            })
        }),
    );
    add(
        "security",
        reading.last(Kind::Security).map(|marker| {
            json!({
                "state": marker.value("state"),
                "findings": marker.count("findings"),
                "approvals": marker.count("approvals"),
                "detail": marker.value("detail"),
            })
        }),
    );
    add("contQa", cont_qa(reading));
    add(
        "deploy",
        reading.last(Kind::DeployStatus).map(|marker| {
            json!({
                "state": marker.value("state"),
                "environment": marker.value("service"),
                "detail": marker.value("detail"),
            })
        }),
    );
    sections
}

fn cont_qa(reading: &Reading) -> Option<Value> {
    let verdict = reading
        .last(Kind::Verdict)
        .map(|marker| json!({ "verdict": marker.value("verdict"), "detail": marker.value("detail") }));
    let claims = reading.last(Kind::Gate).map(|marker| {
        json!({
            "architecture": marker.value("architecture"),
            "integration": marker.value("integration"),
            "durability": marker.value("durability"),
            "live": marker.value("live"),
            "docs": marker.value("docs"),
            "detail": marker.value("detail"),
        })
    });
    if verdict.is_none() && claims.is_none() {
        return None;
    }
    let mut section = Map::new();
    section.insert("verdict".to_owned(), verdict.unwrap_or(Value::Null));
    if let Some(claims) = claims {
        section.insert("gateClaims".to_owned(), claims);
    }
    Some(Value::Object(section))
}
