//! The gate of everyone who builds.

use super::{Report, failed, files, report, verdict};
use crate::engine::brief::AgentBrief;
use crate::engine::envelope::{ComponentClaim, Envelope, ProofClaim};
use crate::engine::fact::{FailureClass, Verdict};
use crate::engine::input::{Evidence, Exit};
use crate::plan::wave::{Completion, DocImpact, Durability, ExitContract, Proof};

/// Judges an agent that builds. The checks stand in this order, and the first that fails is the verdict: exit of the
/// process (`exit-N`, `signal-N`), `missing-summary`, `invalid-result-envelope`; then, with an exit contract, proof
/// (`invalid-wave-proof-format` or `missing-wave-proof`, `wave-proof-gap`, `completion-gap`, `durability-gap`,
/// `proof-level-gap`), documentation (`invalid-doc-delta-format` or `missing-doc-delta`, `doc-impact-gap`) and each owned
/// component (`invalid-wave-component-format` or `missing-wave-component`, `component-level-mismatch`,
/// `component-gap`); then files (`missing-deliverable-summary` or `missing-deliverable`,
/// `missing-proof-artifact-summary` or `missing-proof-artifact`).
pub fn implementation_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    let empty = Envelope::default();
    verdict(report(evidence, exit, &empty).and_then(|report| {
        match &brief.exit_contract {
            Some(contract) => {
                proof(contract, &report)?;
                documentation(contract, &report)?;
                components(brief, &report)?;
            }
            None => without_contract(&report)?,
        }
        files(brief, evidence)
    }))
}

/// An agent that promised nothing must still have said something valid, and may not itself say that it failed.
fn without_contract(report: &Report<'_>) -> Result<(), Verdict> {
    if let Some(proof) = &report.envelope.proof {
        if proof.state != "not_applicable" {
            met(proof)?;
        }
        return Ok(());
    }
    if report.rejected("proof") {
        return Err(transport(
            "invalid-wave-proof-format",
            "a proof marker was printed but could not be read",
        ));
    }
    if report.envelope.inferred_role().is_none() {
        let kinds = report.rejected_markers.join(", ");
        return Err(transport(
            "invalid-result-envelope",
            format!("no marker could be read, rejected: {kinds}"),
        ));
    }
    Ok(())
}

fn proof(contract: &ExitContract, report: &Report<'_>) -> Result<(), Verdict> {
    const FORMAT: &str = "invalid-wave-proof-format";
    let Some(proof) = &report.envelope.proof else {
        return Err(if report.rejected("proof") {
            transport(FORMAT, "a proof marker was printed but could not be read")
        } else {
            transport("missing-wave-proof", "no proof marker")
        });
    };
    met(proof)?;
    reaches(
        Wanted { field: "completion", format: FORMAT, gap: "completion-gap", at_least: contract.completion },
        proof.completion.as_deref(),
        Completion::from_word,
        Completion::word,
    )?;
    reaches(
        Wanted { field: "durability", format: FORMAT, gap: "durability-gap", at_least: contract.durability },
        proof.durability.as_deref(),
        Durability::from_word,
        Durability::word,
    )?;
    reaches(
        Wanted { field: "proof level", format: FORMAT, gap: "proof-level-gap", at_least: contract.proof },
        proof.proof_level.as_deref(),
        Proof::from_word,
        Proof::word,
    )
}

/// Whether a claim of proof says that the work is there. Markers say `met`, envelopes `satisfied`.
fn met(proof: &ProofClaim) -> Result<(), Verdict> {
    match proof.state.as_str() {
        "satisfied" | "met" | "complete" => Ok(()),
        "partial" | "gap" | "failed" | "not_applicable" => {
            let detail = with_detail(format!("proof is {}", proof.state), proof.detail.as_deref());
            Err(semantic("wave-proof-gap", detail))
        }
        other => {
            Err(transport("invalid-wave-proof-format", format!("proof state `{other}` is not a known word")))
        }
    }
}

fn documentation(contract: &ExitContract, report: &Report<'_>) -> Result<(), Verdict> {
    const FORMAT: &str = "invalid-doc-delta-format";
    let delta = report.envelope.implementation.as_ref().and_then(|section| section.doc_delta.as_ref());
    let Some(delta) = delta else {
        return Err(if report.rejected("doc-delta") {
            transport(FORMAT, "a documentation marker was printed but could not be read")
        } else {
            transport("missing-doc-delta", "nothing is said about documentation")
        });
    };
    reaches(
        Wanted { field: "doc delta", format: FORMAT, gap: "doc-impact-gap", at_least: contract.doc_impact },
        Some(&delta.state),
        DocImpact::from_word,
        DocImpact::word,
    )
}

fn components(brief: &AgentBrief, report: &Report<'_>) -> Result<(), Verdict> {
    for (component, target) in &brief.component_targets {
        let Some(claim) = component_claim(report.envelope, component) else {
            return Err(if report.rejected("component") {
                let detail =
                    format!("a component marker was printed but could not be read; {component} is unproven");
                transport("invalid-wave-component-format", detail)
            } else {
                transport("missing-wave-component", format!("nothing is said about component {component}"))
            });
        };
        if let Some(target) = target
            && claim.level != *target
        {
            let detail = format!("{component} is at {}, must be exactly at {target}", claim.level);
            return Err(semantic("component-level-mismatch", detail));
        }
        match claim.state.as_str() {
            "met" | "complete" => {}
            "gap" => {
                let detail = with_detail(format!("{component} has a gap"), claim.detail.as_deref());
                return Err(semantic("component-gap", detail));
            }
            other => {
                let detail = format!("state `{other}` of component {component} is not a known word");
                return Err(transport("invalid-wave-component-format", detail));
            }
        }
    }
    Ok(())
}

/// The last claim about a component: a later one corrects an earlier one.
pub(super) fn component_claim<'a>(envelope: &'a Envelope, component: &str) -> Option<&'a ComponentClaim> {
    let claims = &envelope.implementation.as_ref()?.components;
    claims.iter().rev().find(|claim| claim.component_id == component)
}

/// A word of an ordered enum that a claim must reach.
struct Wanted<W> {
    field: &'static str,
    format: &'static str,
    gap: &'static str,
    at_least: W,
}

fn reaches<W: Ord + Copy>(
    wanted: Wanted<W>,
    claimed: Option<&str>,
    from_word: fn(&str) -> Option<W>,
    word: fn(W) -> &'static str,
) -> Result<(), Verdict> {
    let field = wanted.field;
    let Some(claimed) = claimed else {
        return Err(transport(wanted.format, format!("{field} is not given")));
    };
    let Some(reached) = from_word(claimed) else {
        return Err(transport(wanted.format, format!("{field} `{claimed}` is not a known word")));
    };
    if reached < wanted.at_least {
        let detail = format!("{field} is {claimed}, must be at least {}", word(wanted.at_least));
        return Err(semantic(wanted.gap, detail));
    }
    Ok(())
}

fn with_detail(sentence: String, detail: Option<&str>) -> String {
    match detail {
        Some(detail) if !detail.is_empty() => format!("{sentence}: {detail}"),
        Some(_) | None => sentence,
    }
}

fn transport(code: &str, detail: impl Into<String>) -> Verdict {
    failed(code, FailureClass::Transport, detail)
}

fn semantic(code: &str, detail: impl Into<String>) -> Verdict {
    failed(code, FailureClass::Semantic, detail)
}
