//! The gates of design agents and of the stewards who close a wave: the agent's own section of the result is there, and
//! its state is a good one. What these gates ask beyond the section (reports on disk, eval targets, the derived
//! integration summary) is not asked here yet.

use serde_json::{Map, Value};

use super::{failed, files, report, verdict};
use crate::engine::brief::AgentBrief;
use crate::engine::envelope::Envelope;
use crate::engine::fact::{FailureClass, Verdict};
use crate::engine::input::{Evidence, Exit};

/// How one section is judged: where its state stands, and what each state means.
struct Section {
    /// Name of the section in the envelope.
    name: &'static str,
    /// What it speaks of, for people.
    subject: &'static str,
    /// Keys from the section down to the state.
    path: &'static [&'static str],
    /// Code when the section or its state is not there.
    missing: &'static str,
    /// States that open the gate.
    good: &'static [&'static str],
    /// States that shut it, with their codes.
    bad: &'static [(&'static str, &'static str)],
}

const DESIGN: Section = Section {
    name: "design",
    subject: "the design",
    path: &["state"],
    missing: "missing-wave-design",
    good: &["ready-for-implementation"],
    bad: &[("needs-clarification", "design-needs-clarification"), ("blocked", "design-blocked")],
};
const INTEGRATION: Section = Section {
    name: "integration",
    subject: "the integration",
    path: &["state"],
    missing: "missing-wave-integration",
    good: &["ready-for-doc-closure"],
    bad: &[("needs-more-work", "integration-needs-more-work")],
};
const DOCUMENTATION: Section = Section {
    name: "documentation",
    subject: "the documentation",
    path: &["docClosure", "state"],
    missing: "missing-doc-closure",
    good: &["closed", "no-change"],
    bad: &[("delta", "doc-closure-open")],
};
const CONT_EVAL: Section = Section {
    name: "contEval",
    subject: "the evaluation",
    path: &["state"],
    missing: "missing-wave-eval",
    good: &["satisfied"],
    bad: &[("needs-more-work", "cont-eval-needs-more-work"), ("blocked", "cont-eval-blocked")],
};
const SECURITY: Section = Section {
    name: "security",
    subject: "the security review",
    path: &["state"],
    missing: "missing-wave-security",
    good: &["clear", "concerns"],
    bad: &[("blocked", "security-blocked")],
};
const CONT_QA: Section = Section {
    name: "contQa",
    subject: "the verdict",
    path: &["verdict", "verdict"],
    missing: "missing-cont-qa-verdict",
    good: &["pass"],
    bad: &[
        ("concerns", "cont-qa-concerns"),
        ("blocked", "cont-qa-blocked"),
        ("fail", "cont-qa-blocked"),
        ("hold", "cont-qa-hold"),
    ],
};

pub(super) fn design_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&DESIGN, brief, evidence, exit, |_| Ok(()))
}

pub(super) fn integration_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&INTEGRATION, brief, evidence, exit, |_| Ok(()))
}

pub(super) fn documentation_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&DOCUMENTATION, brief, evidence, exit, |_| Ok(()))
}

pub(super) fn cont_eval_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&CONT_EVAL, brief, evidence, exit, |_| Ok(()))
}

/// `clear` with findings or approvals contradicts itself.
pub(super) fn security_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&SECURITY, brief, evidence, exit, |section| {
        let clear = section.get("state").and_then(Value::as_str) == Some("clear");
        let open = |key: &str| section.get(key).is_some_and(|value| amount(value) > 0);
        if clear && (open("findings") || open("approvals")) {
            return Err(failed(
                "invalid-security-clear-state",
                FailureClass::Semantic,
                "says clear, and names findings or approvals",
            ));
        }
        Ok(())
    })
}

/// The verdict is `pass`, and of the five dimensions, where they are given, none is worse than a gap.
pub(super) fn cont_qa_gate(brief: &AgentBrief, evidence: &Evidence, exit: Exit) -> Verdict {
    by_section(&CONT_QA, brief, evidence, exit, |section| {
        let Some(claims) = section.get("gateClaims").and_then(Value::as_object) else { return Ok(()) };
        for dimension in ["architecture", "integration", "durability", "live", "docs"] {
            match claims.get(dimension).and_then(Value::as_str) {
                None | Some("pass" | "gap") => {}
                Some(other) => {
                    return Err(failed(
                        &format!("gate-{dimension}-{other}"),
                        FailureClass::Semantic,
                        format!("the dimension {dimension} is judged {other}"),
                    ));
                }
            }
        }
        Ok(())
    })
}

fn by_section(
    rule: &Section,
    brief: &AgentBrief,
    evidence: &Evidence,
    exit: Exit,
    further: impl Fn(&Map<String, Value>) -> Result<(), Verdict>,
) -> Verdict {
    let empty = Envelope::default();
    verdict(report(evidence, exit, &empty).and_then(|report| {
        let section = report.envelope.sections.get(rule.name).and_then(Value::as_object);
        let Some(section) = section else {
            // The section of cont-QA has a code of its own, apart from its verdict.
            let code = if rule.name == CONT_QA.name { "missing-wave-gate" } else { rule.missing };
            let detail = format!("its result has no part `{}`", rule.name);
            return Err(failed(code, FailureClass::Transport, detail));
        };
        judge_state(rule, section)?;
        further(section)?;
        files(brief, evidence)
    }))
}

fn judge_state(rule: &Section, section: &Map<String, Value>) -> Result<(), Verdict> {
    let (mut place, mut state) = (Some(section), None);
    for key in rule.path {
        state = place.and_then(|place| place.get(*key));
        if let Some(deeper) = state.and_then(Value::as_object) {
            place = Some(deeper);
        }
    }
    let Some(state) = state.and_then(Value::as_str) else {
        let detail = format!("its part `{}` does not say `{}`", rule.name, rule.path.join("."));
        return Err(failed(rule.missing, FailureClass::Transport, detail));
    };
    let state = state.to_ascii_lowercase();
    if rule.good.contains(&state.as_str()) {
        return Ok(());
    }
    match rule.bad.iter().find(|(word, _)| *word == state) {
        Some((word, code)) => {
            let said = place.and_then(|place| place.get("detail")).and_then(Value::as_str);
            let detail = match said.filter(|said| !said.is_empty()) {
                Some(said) => format!("{} is {word}: {said}", rule.subject),
                None => format!("{} is {word}", rule.subject),
            };
            Err(failed(code, FailureClass::Semantic, detail))
        }
        None => {
            let detail = format!("`{state}` is not a known word for {}", rule.subject);
            Err(failed("invalid-result-envelope", FailureClass::Transport, detail))
        }
    }
}

/// Counts come as numbers or as lists of what is counted.
fn amount(value: &Value) -> usize {
    match value {
        Value::Array(entries) => entries.len(),
        Value::Number(number) => usize::from(number.as_f64().is_some_and(|number| number > 0.0)),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_) => 0,
    }
}
