//! Waves that an agent plans: what it is asked, what it answers, and whether that holds. Pure: who asks it, and where the
//! run is kept, is the driver's business.
//!
//! Request and answer have the keys of npm `@chllming/wave-orchestration` 0.9.15. Unlike there, an answer that does not
//! hold goes back to the agent with what was found.

mod answer;
mod check;
mod prompt;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::config::profile::ProjectProfile;
use super::super::finding::{Finding, Severity};
use super::super::project::{Project, Sources};
use super::super::wave::WaveNumber;
use super::ground::Ground;
use super::proposal::{Proposal, proposal};
use super::spec::Spec;

pub use answer::object_of;
pub use prompt::{Attempted, PlanSource, prompt};

/// What a planner is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PlanRequest {
    /// 1.
    pub schema_version: u32,
    /// Id of the run.
    pub run_id: String,
    /// When it began, as ISO 8601.
    pub created_at: String,
    /// Project of the configuration; none: the one at its top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Lane.
    pub lane: String,
    /// What is to be planned, in somebody's words.
    pub task: String,
    /// Number of the first wave.
    pub from_wave: WaveNumber,
    /// Most waves that are taken.
    pub max_waves: u32,
    /// How often the planner is asked at most.
    pub max_rounds: u32,
    /// Profile or runtime that plans.
    pub executor: String,
}

/// What a planner answered, understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planned {
    /// What it says of its plan.
    pub summary: String,
    /// What it could not decide.
    pub open_questions: Vec<String>,
    /// Its waves, filled up with stewards and defaults, numbered from the first on.
    pub specs: Vec<Spec>,
}

/// An answer that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// What it says; nothing when it cannot be read.
    pub planned: Planned,
    /// What it would write.
    pub proposal: Option<Proposal>,
    /// Everything found.
    pub findings: Vec<Finding>,
}

impl Verified {
    /// What stands in the way, see [`stands_in_the_way`].
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| stands_in_the_way(finding))
    }
}

/// Warnings that a plan must not have, since nobody reads it before it is written: a title with another number, two agents
/// with one name, a text that is cut, two who own the same, a spec and a wave that say different things.
const NOT_IN_A_PLAN: [&str; 5] = ["W05", "W06", "W08", "W12", "W24"];

/// Whether a plan with this finding is not taken.
pub fn stands_in_the_way(finding: &Finding) -> bool {
    finding.severity == Severity::Error || NOT_IN_A_PLAN.contains(&finding.rule.as_str())
}

/// Looks at an answer: reads it, fills it up, checks each wave in its lane as it would stand, and checks what only planned
/// waves must hold. `file` is the answer's name for findings, `text` its [`object_of`].
pub fn verify(
    sources: &Sources,
    profile: &ProjectProfile,
    request: &PlanRequest,
    file: &str,
    text: &str,
) -> Verified {
    let project = Project::read(sources);
    let ground = ground(&project, profile, request.from_wave);
    let (planned, mut findings) = answer::read(&ground, request, file, text);
    if planned.specs.is_empty() {
        return Verified { planned, proposal: None, findings };
    }
    let (proposal, found) = verify_specs(sources, profile, &planned.specs);
    findings.extend(found);
    Verified { planned, proposal: Some(proposal), findings }
}

/// The same for specs that were filled up already.
pub fn verify_specs(sources: &Sources, profile: &ProjectProfile, specs: &[Spec]) -> (Proposal, Vec<Finding>) {
    let project = Project::read(sources);
    let first = specs.iter().map(|spec| spec.wave).min().unwrap_or_default();
    let ground = ground(&project, profile, first);
    let proposal = proposal(sources, specs);
    let mut findings = proposal.findings.clone();
    findings.extend(check::check(&ground, specs));
    (proposal, findings)
}

/// Texts of the lane's files that a plan stands on, by path: when one of them is another, the lane has moved on.
pub fn stands_on(sources: &Sources) -> BTreeMap<&str, &str> {
    let files = [&sources.config, &sources.matrix, &sources.profile].into_iter().flatten();
    let files = files.chain(&sources.waves).map(|file| (file.path.as_str(), file.text.as_str()));
    files.chain(sources.specs.iter().map(|(path, text)| (path.as_str(), text.as_str()))).collect()
}

fn ground<'g>(project: &'g Project, profile: &'g ProjectProfile, wave: WaveNumber) -> Ground<'g> {
    Ground {
        config: &project.config,
        matrix: project.matrix.as_ref(),
        bundles: project.bundles.as_ref(),
        benchmarks: project.benchmarks.as_ref(),
        profile,
        wave,
    }
}
