//! The simulator at work: the steps of its script, then what its brief asks for, then its report.

mod programs;
mod reporting;

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use super::face::{Face, Motion, Tone};
use super::pace::{Event, Pace, Waited};
use super::report::Claim;
use super::script::{Step, What};
use super::typed::Typed;
use super::workspace::{Workspace, WriteError, Written, content};
use crate::adapters::environment::BriefFile;
use crate::plan::role::Role;

/// What the simulator knows of its world.
#[derive(Debug)]
pub(super) struct World {
    /// Attempt and brief.
    pub(super) brief: BriefFile,
    /// Steps of the script.
    pub(super) script: Vec<Step>,
    /// Lines of the prompt, to say so.
    pub(super) prompt_lines: usize,
    /// The project.
    pub(super) project: PathBuf,
    /// Where an envelope file goes.
    pub(super) result: PathBuf,
    /// The program that asks and submits for it.
    pub(super) program: PathBuf,
}

/// Why the simulator ends before its report.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    /// It fails, and said why.
    #[error("{0}")]
    Failed(String),
    /// Its terminal is gone.
    #[error("the terminal is gone: {0}")]
    Terminal(#[from] std::io::Error),
}

/// How it reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    /// By `wavedeck done -`; by file when that does not work.
    Tool,
    /// By file.
    File,
    /// By printed markers.
    Markers,
}

/// Whether the work is done before it is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Honesty {
    Honest,
    Lies,
}

/// Whether the report can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Good,
    Malformed,
}

#[derive(Debug)]
pub(super) struct Agent {
    world: World,
    workspace: Workspace,
    face: Face,
    pace: Pace,
    transport: Transport,
    honesty: Honesty,
    form: Form,
    claim: Claim,
    /// Paths that it wrote.
    changed: Vec<String>,
}

impl Agent {
    pub(super) fn new(world: World, face: Face, pace: Pace) -> Agent {
        let workspace = Workspace::new(world.project.clone(), world.brief.brief.owned_paths.clone());
        Agent {
            world,
            workspace,
            face,
            pace,
            transport: Transport::Tool,
            honesty: Honesty::Honest,
            form: Form::Good,
            claim: Claim::Done,
            changed: Vec::new(),
        }
    }

    /// Works from beginning to end. Gives the exit code; whatever comes, the terminal is given back.
    pub(super) fn run(mut self) -> u8 {
        let outcome = self.work();
        let said = match &outcome {
            Ok(()) => self.face.line(Tone::Done, "Done", &[]),
            Err(Ended::Failed(why)) => self.face.line(Tone::Wrong, why, &[]),
            Err(Ended::Terminal(_)) => Ok(()),
        };
        let closed = self.face.close();
        u8::from(outcome.is_err() || said.is_err() || closed.is_err())
    }

    fn work(&mut self) -> Result<(), Ended> {
        let attempt = self.world.brief.attempt.number;
        let steps: Vec<Step> = self.world.script.clone();
        let steps = steps.into_iter().filter(|step| step.on_attempt.is_none_or(|number| number == attempt));
        // What the script changes about the whole run holds from the first line on.
        let (settings, steps): (Vec<Step>, Vec<Step>) = steps.partition(|step| is_setting(&step.what));
        for step in settings {
            self.set(&step.what)?;
        }
        self.pause(Duration::from_millis(700), "Reading the prompt")?;
        let owned = self.world.brief.brief.owned_paths.len();
        let detail = format!("{} lines, {owned} owned paths", self.world.prompt_lines);
        self.face.line(Tone::Done, "Read the prompt", &[detail])?;
        for step in steps {
            self.step(step.what)?;
        }
        if self.honesty == Honesty::Honest {
            self.write_what_is_asked_for()?;
        }
        self.check()?;
        self.report()
    }

    fn set(&mut self, what: &What) -> Result<(), Ended> {
        match what {
            What::FullScreen => self.face.take_whole_screen()?,
            What::Markers => self.transport = Transport::Markers,
            What::File => self.transport = Transport::File,
            What::Gap => self.claim = Claim::Gap,
            What::Malformed => self.form = Form::Malformed,
            What::Lie => self.honesty = Honesty::Lies,
            What::Slow => self.pace.slow_down(),
            What::Think { .. }
            | What::Say(_)
            | What::Ask { .. }
            | What::Edit(_)
            | What::Run(_)
            | What::Fail(_)
            | What::Hang
            | What::Flood { .. }
            | What::Die
            | What::RateLimit => {}
        }
        Ok(())
    }

    fn step(&mut self, what: What) -> Result<(), Ended> {
        match what {
            What::Think { duration, at } => {
                let status = at.map_or("Thinking".to_owned(), |at| format!("Thinking about {at}"));
                self.pause(duration, &status)
            }
            What::Say(text) => Ok(self.face.line(Tone::Said, &text, &[])?),
            What::Ask { question, options } => self.ask(&question, &options),
            What::Edit(path) => self.edit(&path),
            What::Run(command) => self.run_program(&command),
            What::Fail(why) => Err(Ended::Failed(why)),
            What::Hang => self.hang(),
            What::Flood { megabytes } => self.flood(megabytes),
            What::Die => {
                let _ = kill_process(getpid(), Signal::KILL);
                self.hang()
            }
            What::RateLimit => Err(Ended::Failed(
                "HTTP 429 Too Many Requests: the rate limit is reached, try again later".to_owned(),
            )),
            setting @ (What::FullScreen
            | What::Markers
            | What::File
            | What::Gap
            | What::Malformed
            | What::Lie
            | What::Slow) => self.set(&setting),
        }
    }

    /// Shows that something goes on for so long.
    fn pause(&mut self, duration: Duration, status: &str) -> Result<(), Ended> {
        let deadline = self.pace.deadline(duration);
        self.face.set_status(status, Motion::Moving)?;
        loop {
            match self.pace.wait(deadline) {
                Waited::Over => break,
                Waited::Frame => self.face.next_picture()?,
                Waited::Event(event) => {
                    self.happened(event)?;
                }
            }
        }
        Ok(self.face.clear()?)
    }

    /// A time that differs from agent to agent.
    fn pause_about(&mut self, duration: Duration, status: &str) -> Result<(), Ended> {
        let duration = self.pace.about(duration);
        self.pause(duration, status)
    }

    /// Takes what happened; gives the output of a program that ended.
    fn happened(&mut self, event: Event) -> Result<Option<std::io::Result<Output>>, Ended> {
        match event {
            Event::Resized => self.face.draw()?,
            Event::Typed(typed) => self.typed(&typed)?,
            Event::Ended(output) => return Ok(Some(output)),
        }
        Ok(None)
    }

    fn typed(&mut self, typed: &Typed) -> Result<(), Ended> {
        if let Some(sent) = self.face.take(typed)? {
            self.face.plain(&[format!("\u{203a} {sent}")])?;
            self.face.line(Tone::Said, "Noted.", &[])?;
        }
        Ok(())
    }

    fn hang(&mut self) -> Result<(), Ended> {
        while let Some(event) = self.pace.wait_for_event() {
            self.happened(event)?;
        }
        Ok(())
    }

    fn flood(&mut self, megabytes: u64) -> Result<(), Ended> {
        const CHUNK_BYTES: usize = 64 * 1024;
        let mut left = megabytes.saturating_mul(1024 * 1024);
        let mut line_number: u64 = 0;
        while left > 0 {
            let mut chunk = String::with_capacity(CHUNK_BYTES + 128);
            while chunk.len() < CHUNK_BYTES && (chunk.len() as u64) < left {
                line_number += 1;
                let colour = 31 + line_number % 6;
                chunk.push_str(&format!(
                    "\x1b[{colour}mline {line_number:>8}\x1b[0m the quick brown fox jumps over the lazy dog\n"
                ));
            }
            self.face.pour(&chunk)?;
            left = left.saturating_sub(chunk.len() as u64);
        }
        let detail = format!("{line_number} lines");
        Ok(self.face.line(Tone::Done, &format!("Printed {megabytes} MB"), &[detail])?)
    }

    /// What a new file says.
    fn lines(&self) -> Vec<String> {
        let BriefFile { attempt, brief, .. } = &self.world.brief;
        vec![
            brief.title.clone(),
            format!("Written by the wavedeck local agent for {} of wave {}.", brief.id, attempt.wave.number),
        ]
    }

    fn edit(&mut self, path: &str) -> Result<(), Ended> {
        self.pause_about(Duration::from_millis(1500), &format!("Editing {path}"))?;
        let attempt = &self.world.brief.attempt;
        let note = format!("{}, wave {}, try {}", attempt.agent, attempt.wave.number, attempt.number);
        let text = content(path, &self.lines());
        match self.workspace.edit(path, &text, &note) {
            Ok(written) => self.wrote(path, written, &text),
            Err(WriteError::NoComment { path }) => Ok(self.face.line(
                Tone::Said,
                &format!("{path} cannot hold a comment; left as it is"),
                &[],
            )?),
            Err(error) => Err(Ended::Failed(error.to_string())),
        }
    }

    /// Shows a change the way agents do: the path, how much, and the first lines of it.
    fn wrote(&mut self, path: &str, written: Written, text: &str) -> Result<(), Ended> {
        let (word, count, shown) = match written {
            Written::Kept => return Ok(()),
            Written::Created(lines) => ("Added", lines, 3),
            Written::Appended(lines) => ("Edited", lines, 0),
            Written::Changed(lines) => ("Updated", lines, 0),
        };
        self.changed.push(path.to_owned());
        let lines = text.lines().filter(|line| !line.is_empty()).take(shown);
        let details: Vec<String> = lines.map(|line| format!("\x1b[32m+ {line}\x1b[0m")).collect();
        let head = format!("{word} {path} \x1b[32m+{count}\x1b[0m");
        Ok(self.face.line(Tone::Done, &head, &details)?)
    }

    /// Deliverables, proof artifacts and owned files that are missing, and what stewards leave.
    fn write_what_is_asked_for(&mut self) -> Result<(), Ended> {
        let agent = &self.world.brief.brief;
        let artifacts = agent.proof_artifacts.iter().map(|artifact| artifact.path.clone());
        let named: Vec<String> = agent.deliverables.iter().cloned().chain(artifacts).collect();
        let role = agent.role;
        let targets = self.workspace.targets(named.into_iter(), &format!("wave-{}", agent.slug));
        for path in &targets {
            if role == Role::Documentation && path.ends_with(".json") && self.workspace.is_there(path) {
                let promotions = self.world.brief.promotions.clone();
                self.apply(path, "", |workspace| workspace.promote(path, &promotions))?;
            } else if !self.workspace.is_there(path) {
                let text = content(path, &self.lines());
                self.apply(path, &text, |workspace| workspace.create(path, &text))?;
            }
        }
        let report = targets.iter().find(|path| path.ends_with(".md") || path.ends_with(".txt"));
        if let (Some(path), Some(ending)) = (report, self.report_ending()) {
            self.apply(path, &ending, |workspace| workspace.append(path, &ending))?;
        }
        Ok(())
    }

    fn apply(
        &mut self,
        path: &str,
        text: &str,
        write: impl Fn(&Workspace) -> Result<Written, WriteError>,
    ) -> Result<(), Ended> {
        self.pause_about(Duration::from_millis(1500), &format!("Editing {path}"))?;
        let written = write(&self.workspace).map_err(|error| Ended::Failed(error.to_string()))?;
        self.wrote(path, written, text)
    }

    /// What the report file of a role has to hold.
    fn report_ending(&self) -> Option<String> {
        let done = self.claim == Claim::Done;
        let sections = |titles: &[&str]| {
            let texts: Vec<String> =
                titles.iter().map(|title| format!("## {title}\n\nNothing to add (simulated).\n")).collect();
            Some(texts.join("\n"))
        };
        match self.world.brief.brief.role {
            Role::ContQa if done => Some("Verdict: PASS".to_owned()),
            Role::ContQa => Some("Verdict: CONCERNS".to_owned()),
            Role::Security => sections(&[
                "Threat Model",
                "Risky Surfaces",
                "Findings",
                "Required Approvals",
                "Requested Fixes",
                "Final Disposition",
            ]),
            Role::Design => sections(&[
                "Problem",
                "Constraints",
                "Decisions",
                "Assumptions",
                "Open Questions",
                "Interface Impacts",
                "Validation Plan",
                "Implementation Handoff",
            ]),
            Role::Implementation
            | Role::Integration
            | Role::Documentation
            | Role::ContEval
            | Role::Infra
            | Role::Deploy
            | Role::Research => None,
        }
    }
}

/// Whether a step is about the whole run.
fn is_setting(what: &What) -> bool {
    match what {
        What::Markers | What::File | What::Gap | What::Malformed | What::Lie => true,
        What::Think { .. }
        | What::Say(_)
        | What::Ask { .. }
        | What::Edit(_)
        | What::Run(_)
        | What::Fail(_)
        | What::Hang
        | What::Flood { .. }
        | What::Die
        | What::RateLimit
        | What::FullScreen
        | What::Slow => false,
    }
}
