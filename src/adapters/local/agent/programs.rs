//! Programs that the simulator runs: its questions, and what its script names. The picture goes on beside them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::{Agent, Ended};
use crate::adapters::local::face::{Motion, Tone};
use crate::adapters::local::pace::Event;
use crate::adapters::plain_text::plain_text;

impl Agent {
    /// Runs a program beside the picture and gives its output. Keys and sizes are served all the while.
    pub(super) fn output_of(&mut self, mut command: Command, input: Option<String>) -> Result<Output, Ended> {
        let name = command.get_program().to_string_lossy().into_owned();
        let events = self.pace.sender();
        command.current_dir(&self.world.project).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        std::thread::Builder::new().name("program".to_owned()).spawn(move || {
            let output = command.spawn().and_then(|mut child| {
                if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
                    // A program that does not read to the end says so by its exit code.
                    let _ = pipe.write_all(input.as_bytes());
                }
                child.wait_with_output()
            });
            let _ = events.send(Event::Ended(output));
        })?;
        while let Some(event) = self.pace.wait_for_event() {
            if let Some(output) = self.happened(event)? {
                return output.map_err(|error| Ended::Failed(format!("{name} could not be run: {error}")));
            }
        }
        Err(Ended::Failed(format!("{name} never ended")))
    }

    pub(super) fn ask(&mut self, question: &str, options: &[String]) -> Result<(), Ended> {
        let listed: Vec<String> =
            options.iter().enumerate().map(|(index, option)| format!("{}. {option}", index + 1)).collect();
        self.face.line(Tone::Asked, question, &listed)?;
        self.face.set_status("Waiting for the operator", Motion::Still)?;
        let mut command = Command::new(&self.world.program);
        command.arg("ask").arg(question);
        for option in options {
            command.arg("--option").arg(option);
        }
        let output = self.output_of(command, None)?;
        self.face.clear()?;
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status.code() {
            Some(0) => Ok(self.face.line(Tone::Done, &format!("The operator says: {answer}"), &[])?),
            Some(4) => Ok(self.face.line(Tone::Said, "The question was withdrawn; going on without", &[])?),
            _ => {
                let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(Ended::Failed(format!("No answer came ({}): {error}", output.status)))
            }
        }
    }

    pub(super) fn run_program(&mut self, line: &str) -> Result<(), Ended> {
        let words = shlex::split(line).unwrap_or_default();
        let Some((program, arguments)) = words.split_first() else {
            return Err(Ended::Failed(format!("`{line}` is no command line")));
        };
        self.face.set_status(&format!("Running {line}"), Motion::Still)?;
        let mut command = Command::new(program);
        command.args(arguments);
        let output = self.output_of(command, None)?;
        self.face.clear()?;
        let text = [output.stdout, output.stderr].concat();
        let text = plain_text(&text);
        let mut details: Vec<String> = text.lines().rev().take(3).map(str::to_owned).collect();
        details.reverse();
        if !output.status.success() {
            details.push(output.status.to_string());
        }
        let tone = if output.status.success() { Tone::Done } else { Tone::Wrong };
        Ok(self.face.line(tone, &format!("Ran {line}"), &details)?)
    }
}
