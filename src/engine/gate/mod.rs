//! Gates: pure functions that judge what an ended attempt left behind. No default opens a gate: what is absent, what
//! could not be read and what is there are three different things, and only the last can pass.
//!
//! Codes, classes and the order of the checks are those of the npm package `@chllming/wave-orchestration` 0.9.15. Where
//! we differ, we are stricter, and on purpose:
//! - An agent without an exit contract passed there unseen. Here it needs a valid result, may not itself report a gap,
//!   and its declared deliverables must be there.
//! - A missing documentation delta was read there as `none`. Here it is missing.
//! - A word that the format does not know counts as a report that could not be read (and is asked for again), not as
//!   the weakest word.
//! - One agent's gate never ends the judging of the others.

mod closure;
pub mod component;
pub mod currency;
mod implementation;

use super::brief::{AgentBrief, WaveBrief};
use super::envelope::{Envelope, ResultReading, Transport};
use super::fact::{FailureClass, Verdict};
use super::ids::AttemptKey;
use super::input::{Evidence, Exit};
use crate::plan::role::{Role, Stage};
use crate::plan::wave::ProofArtifact;

pub use implementation::implementation_gate;

/// Judges an ended attempt: by the gate of its agent's role, and where that is open and the agent answers for the component
/// matrix, by the matrix. `key` says whose result it must be, `pass` in which stage it ran.
pub fn judge_in_wave(
    wave: &WaveBrief,
    brief: &AgentBrief,
    key: &AttemptKey,
    pass: Stage,
    evidence: &Evidence,
    exit: Exit,
) -> Verdict {
    match judge(brief, key, pass, evidence, exit) {
        Verdict::Passed => currency::currency_gate(wave, brief, evidence),
        other => other,
    }
}

/// Judges an ended attempt by the gate of its agent's role.
fn judge(brief: &AgentBrief, key: &AttemptKey, pass: Stage, evidence: &Evidence, exit: Exit) -> Verdict {
    if let ResultReading::Present { transport: _, envelope } = &evidence.result
        && exit == (Exit::Code { code: 0 })
    {
        let problems = envelope.problems(key);
        if !problems.is_empty() {
            return invalid_envelope(&problems);
        }
    }
    match brief.role {
        Role::Design if pass == Stage::Design => closure::design_gate(brief, evidence, exit),
        Role::Integration => closure::integration_gate(brief, evidence, exit),
        Role::Documentation => closure::documentation_gate(brief, evidence, exit),
        Role::ContQa => closure::cont_qa_gate(brief, evidence, exit),
        Role::ContEval => closure::cont_eval_gate(brief, evidence, exit),
        Role::Security => closure::security_gate(brief, evidence, exit),
        Role::Design | Role::Implementation | Role::Infra | Role::Deploy | Role::Research => {
            implementation_gate(brief, evidence, exit)
        }
    }
}

/// The proof artifacts that must be there: those without a level, all when the agent has no component target, and those
/// with a level that the agent's highest target reaches.
pub fn required_artifacts(brief: &AgentBrief) -> impl Iterator<Item = &ProofArtifact> {
    let highest = brief.component_targets.values().flatten().filter_map(|level| maturity(level)).max();
    let without_target = brief.component_targets.values().flatten().next().is_none();
    brief.proof_artifacts.iter().filter(move |artifact| {
        artifact.required_for.is_empty()
            || without_target
            || artifact
                .required_for
                .iter()
                .filter_map(|level| maturity(level))
                .any(|level| highest >= Some(level))
    })
}

/// Place of a word in the built-in ladder of component maturity, weakest first. Levels of a project's own have none.
fn maturity(level: &str) -> Option<usize> {
    const LADDER: [&str; 9] = [
        "inventoried",
        "contract-frozen",
        "repo-landed",
        "baseline-proved",
        "pilot-live",
        "qa-proved",
        "fleet-ready",
        "cutover-ready",
        "deprecation-ready",
    ];
    LADDER.iter().position(|word| *word == level)
}

/// What a gate has to go by, once the process ended well and there is a report.
struct Report<'a> {
    envelope: &'a Envelope,
    rejected_markers: &'a [String],
}

impl Report<'_> {
    fn rejected(&self, kind: &str) -> bool {
        self.rejected_markers.iter().any(|marker| marker == kind)
    }
}

/// What comes before every gate: the process ended well, and there is a report. A report that came as markers may have
/// rejected lines; whether they matter, the gate says.
fn report<'a>(evidence: &'a Evidence, exit: Exit, empty: &'a Envelope) -> Result<Report<'a>, Verdict> {
    match exit {
        Exit::Code { code: 0 } => {}
        Exit::Code { code } => {
            return Err(failed(
                &format!("exit-{code}"),
                FailureClass::Process,
                format!("its process ended with exit code {code}"),
            ));
        }
        Exit::Signal { signal } => {
            return Err(failed(
                &format!("signal-{signal}"),
                FailureClass::Process,
                format!("its process was ended by signal {signal}"),
            ));
        }
    }
    match &evidence.result {
        ResultReading::Absent => Err(failed(
            "missing-summary",
            FailureClass::State,
            "no result was submitted and no marker was printed",
        )),
        ResultReading::Present { transport: _, envelope } => Ok(Report { envelope, rejected_markers: &[] }),
        ResultReading::Malformed { transport: Transport::Markers, errors: _, rejected_markers, partial } => {
            Ok(Report { envelope: partial.as_ref().unwrap_or(empty), rejected_markers })
        }
        ResultReading::Malformed { transport: Transport::Tool | Transport::File, errors, .. } => {
            Err(invalid_envelope(errors))
        }
    }
}

/// The declared deliverables and the required proof artifacts, in this order.
fn files(brief: &AgentBrief, evidence: &Evidence) -> Result<(), Verdict> {
    let wanted = |path: &String, present: &[String], code: &str, what: &str| {
        if present.contains(path) {
            return Ok(());
        }
        let (code, detail) = if evidence.unseen.contains(path) {
            (format!("{code}-summary"), format!("nobody could look at {what} {path}"))
        } else {
            (code.to_owned(), format!("{what} {path} is not there"))
        };
        Err(failed(&code, FailureClass::Artifact, detail))
    };
    for path in &brief.deliverables {
        wanted(path, &evidence.deliverables_present, "missing-deliverable", "deliverable")?;
    }
    for artifact in required_artifacts(brief) {
        let present = &evidence.proof_artifacts_present;
        wanted(&artifact.path, present, "missing-proof-artifact", "proof artifact")?;
    }
    Ok(())
}

fn invalid_envelope(errors: &[String]) -> Verdict {
    let detail =
        if errors.is_empty() { "the result could not be read".to_owned() } else { errors.join("; ") };
    failed("invalid-result-envelope", FailureClass::Transport, detail)
}

fn failed(code: &str, class: FailureClass, detail: impl Into<String>) -> Verdict {
    Verdict::Failed { code: code.to_owned(), class, detail: detail.into() }
}

/// A result of checks that stop at the first failure, as a verdict.
fn verdict(checked: Result<(), Verdict>) -> Verdict {
    match checked {
        Ok(()) => Verdict::Passed,
        Err(failure) => failure,
    }
}

#[cfg(test)]
mod tests;
