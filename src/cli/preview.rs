//! How an attempt of an agent would be started, were it started now: the prompt and the very command line that a launch
//! would use. Looks, and touches nothing; [`super::dry_run`] writes it down and `explain` prints it.

use std::path::{Path, PathBuf};

use crate::adapters::prompt::{PromptContext, compile};
use crate::adapters::settings::Settings;
use crate::adapters::{self, AdapterError, Start, StartContext};
use crate::driver::files::load_file;
use crate::driver::paths::ProjectPaths;
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::{AttemptKey, WaveKey};

/// Stands where the secret of an attempt would: no preview holds one.
const NO_TOKEN: &str = "(made at the start)";

/// Where previews are made.
pub(super) struct Previews<'a> {
    /// The project.
    pub(super) paths: &'a ProjectPaths,
    /// The lane.
    pub(super) lane: &'a str,
    /// The project's own runtimes.
    pub(super) settings: &'a Settings,
    /// `--command`.
    pub(super) command: Option<&'a str>,
    /// Folder of the previews, relative to the project.
    pub(super) folder: String,
}

/// A first attempt of an agent, as it would be.
pub(super) struct Preview {
    /// The compiled prompt.
    pub(super) prompt: String,
    /// Where it would be written, relative to the project.
    pub(super) prompt_file: String,
    /// Folder of the other files, relative to the project.
    pub(super) overlay: String,
    /// The command line; the reason when there is none.
    pub(super) start: Result<Start, String>,
}

impl Previews<'_> {
    /// Files of an agent's preview: its prompt, and the folder of everything else.
    pub(super) fn places(&self, wave: u32, slug: &str) -> (String, String) {
        let prompt = format!("{}/prompts/wave-{wave}-{slug}.prompt.md", self.folder);
        (prompt, format!("{}/executors/wave-{wave}/{slug}", self.folder))
    }

    /// The preview of an agent.
    pub(super) fn of(&self, wave: &WaveBrief, agent: &AgentBrief) -> Preview {
        let key = WaveKey { lane: self.lane.to_owned(), number: wave.number };
        let attempt = AttemptKey { wave: key, agent: agent.id.clone(), number: 1 };
        let prompt =
            compile(&PromptContext { attempt: &attempt, wave, agent, previous: None, documentation: None });
        let (prompt_file, overlay) = self.places(wave.number, &agent.slug);
        let project = self.paths.project();
        let start =
            self.start(&attempt, agent, &prompt, &project.join(&prompt_file), &project.join(&overlay));
        Preview { prompt, start: start.map_err(|error| error.to_string()), prompt_file, overlay }
    }

    /// How an agent would be started with this prompt, which stands in `prompt_file`; other files go into `overlay`.
    pub(super) fn start(
        &self,
        attempt: &AttemptKey,
        brief: &AgentBrief,
        prompt: &str,
        prompt_file: &Path,
        overlay: &Path,
    ) -> Result<Start, AdapterError> {
        let adapter = adapters::find(&brief.executor.id, self.settings, self.command)?;
        let settings = adapter.settings_file(brief).and_then(|file| load_file(self.paths, &file));
        adapter.start(&StartContext {
            attempt,
            brief,
            prompt,
            prompt_file,
            brief_file: &overlay.join("brief.json"),
            result_file: &overlay.join("result.json"),
            overlay,
            settings_text: settings.as_ref().map(|file| file.text.as_str()),
            project_dir: self.paths.project(),
            project_id: self.paths.project_id(),
            program: &std::env::current_exe().unwrap_or_else(|_| PathBuf::from("wavedeck")),
            socket: &self.paths.supervisor_socket(),
            token: NO_TOKEN,
        })
    }
}
