//! The end of the simulator's work: its checks, and its report by the way that it takes.

use std::process::Command;
use std::time::Duration;

use super::{Agent, Ended, Form, Honesty, Transport};
use crate::adapters::local::face::{Motion, Tone};
use crate::adapters::local::report::{Claim, Report, report};

impl Agent {
    pub(super) fn check(&mut self) -> Result<(), Ended> {
        self.pause_about(Duration::from_millis(1800), "Checking the slice")?;
        let checks = 12 + self.pace.number(50);
        Ok(self.face.line(Tone::Done, "Checked the slice (simulated)", &[format!("{checks} passed")])?)
    }

    pub(super) fn report(&mut self) -> Result<(), Ended> {
        let claim =
            if self.honesty == Honesty::Honest && !self.is_complete() { Claim::Gap } else { self.claim };
        let made = report(&self.world.brief, claim, &self.changed)
            .map_err(|error| Ended::Failed(format!("The report cannot be written: {error}")))?;
        match (self.form, self.transport) {
            (Form::Malformed, Transport::Markers) => {
                let lines = ["[wave-proof] completion=all state=finished", "[wave-doc-delta] state=some"];
                Ok(self.face.plain(&lines.map(str::to_owned))?)
            }
            (Form::Malformed, Transport::Tool | Transport::File) => {
                self.write_result("{ \"schemaVersion\": 2, \"agentId\": ")
            }
            (Form::Good, Transport::Markers) => Ok(self.face.plain(&made.markers)?),
            (Form::Good, Transport::File) => self.write_result(&format!("{:#}\n", made.envelope)),
            (Form::Good, Transport::Tool) => self.submit(&made),
        }
    }

    /// Whether everything that its gate looks for is there.
    fn is_complete(&self) -> bool {
        let agent = &self.world.brief.brief;
        let artifacts = agent.proof_artifacts.iter().map(|artifact| &artifact.path);
        agent.deliverables.iter().chain(artifacts).all(|path| self.workspace.is_there(path))
    }

    fn submit(&mut self, report: &Report) -> Result<(), Ended> {
        self.face.set_status("Submitting the report", Motion::Still)?;
        let mut command = Command::new(&self.world.program);
        command.args(["done", "-"]);
        let text = format!("{:#}\n", report.envelope);
        let outcome = self.output_of(command, Some(text.clone()));
        self.face.clear()?;
        match outcome {
            Ok(output) if output.status.success() => {
                Ok(self.face.line(Tone::Done, "Submitted the report", &[])?)
            }
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                let errors: Vec<String> = errors.lines().map(str::to_owned).collect();
                self.face.line(
                    Tone::Wrong,
                    "The report was not taken; it goes into the file instead",
                    &errors,
                )?;
                self.write_result(&text)
            }
            Err(Ended::Failed(why)) => {
                self.face.line(Tone::Wrong, &why, &[])?;
                self.write_result(&text)
            }
            Err(ended) => Err(ended),
        }
    }

    fn write_result(&mut self, text: &str) -> Result<(), Ended> {
        let path = self.world.result.clone();
        std::fs::write(&path, text).map_err(|error| {
            Ended::Failed(format!("The report could not be written to {}: {error}", path.display()))
        })?;
        Ok(self.face.line(Tone::Done, "Wrote the report", &[path.display().to_string()])?)
    }
}
