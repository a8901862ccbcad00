//! What the verbs of the planner have in common: the files of the lane as they are, and the way in which what was planned
//! gets written: whole, checked, by the supervisor, and as one edit that `undo` takes back.

use super::context::{Context, accepted, odd_reply, operator};
use super::failure::{Failure, Kind, sentence};
use super::verbs::lint::{FindingView, finding_view};
use crate::plan::config::Config;
use crate::plan::config::profile::{ProjectProfile, profile_file};
use crate::plan::draft::{Ground, Proposal, Spec};
use crate::plan::edit::Edit;
use crate::plan::{Finding, Project, Sources, WaveNumber};
use crate::supervisor::protocol::{ClientRole, Reply, Request};

/// The files of a lane, and what they say.
pub(super) struct Desk {
    pub(super) sources: Sources,
    pub(super) project: Project,
    pub(super) profile: ProjectProfile,
}

impl Desk {
    /// Reads the lane. A profile that cannot be read is a failure: its defaults would go into what is planned.
    pub(super) fn read(context: &Context) -> Result<Desk, Failure> {
        if let Some(run) = &context.named.run {
            let message = format!("{run} is an ad-hoc run, and this plans waves of the lane.");
            return Err(Failure::usage(
                message,
                "Leave --run out; `wavedeck adhoc promote` makes it a wave.",
            ));
        }
        let paths = context.paths()?;
        let sources = context.sources(&paths);
        let project = Project::read(&sources);
        let profile = match &sources.profile {
            None => ProjectProfile::default(),
            Some(file) => match ProjectProfile::read(&file.path, &file.text) {
                (profile, findings) if findings.is_empty() => profile,
                (_, findings) => {
                    let first = findings.into_iter().next();
                    return Err(
                        first.map_or_else(odd_reply, |finding| Failure::of_finding(Kind::Input, finding))
                    );
                }
            },
        };
        Ok(Desk { sources, project, profile })
    }

    /// Settings of the lane.
    pub(super) fn config(&self) -> &Config {
        &self.project.config
    }

    /// What the draft of a wave stands on.
    pub(super) fn ground(&self, wave: WaveNumber) -> Ground<'_> {
        Ground {
            config: &self.project.config,
            matrix: self.project.matrix.as_ref(),
            bundles: self.project.bundles.as_ref(),
            benchmarks: self.project.benchmarks.as_ref(),
            profile: &self.profile,
            wave,
        }
    }

    /// A wave that is there is not written again unless it is said.
    pub(super) fn refuse_what_is_there(&self, wave: WaveNumber, force: bool) -> Result<(), Failure> {
        let directory = self.config().waves_directory();
        let spec = Spec::path(directory, wave);
        let file = format!("{directory}/wave-{wave}.md");
        let is_there = |path: &String| {
            self.sources.specs.contains_key(path)
                || self.sources.waves.iter().any(|known| known.path == *path)
        };
        match [file, spec].into_iter().find(is_there).filter(|_| !force) {
            None => Ok(()),
            Some(path) => Err(Failure::new(
                Kind::Refused,
                format!("{path} is there already; nothing was written."),
                "Choose another wave with --wave N, or replace it with --force.",
            )),
        }
    }

    /// The file of the project profile, relative to the project.
    pub(super) fn profile_file(&self) -> String {
        profile_file(self.project.config.project.as_deref())
    }
}

/// Has the supervisor write files as one edit.
pub(super) fn write(context: &Context, edit: Edit) -> Result<(), Failure> {
    let mut client = context.client_of(&context.paths()?, ClientRole::Command)?;
    let reply = accepted(client.request(Request::EditPlan { edit, by: operator() })?)?;
    let Reply::Done { .. } = reply else { return Err(odd_reply()) };
    Ok(())
}

/// Refuses what would not validate.
pub(super) fn check(proposal: &Proposal) -> Result<(), Failure> {
    let errors: Vec<String> = proposal.errors().map(line).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let message =
        format!("What was drafted does not validate; nothing was written.\n  {}", errors.join("\n  "));
    let hint = "Answer otherwise, or mend the files that it stands on.";
    Err(Failure { errors, ..Failure::new(Kind::Refused, message, hint) })
}

/// A finding as a line.
pub(super) fn line(finding: &Finding) -> String {
    let agent = finding.agent.as_ref().map(|agent| format!("{agent}: ")).unwrap_or_default();
    let hint = sentence(&finding.hint);
    format!("{}:{} {} {agent}{}. {hint}", finding.file, finding.position.line, finding.rule, finding.message)
}

/// Findings as JSON shows them.
pub(super) fn views(findings: &[Finding]) -> Vec<FindingView<'_>> {
    findings.iter().map(finding_view).collect()
}
