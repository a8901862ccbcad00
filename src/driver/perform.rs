//! Doing in the world what facts ask for. Doing it twice does no more than once.

use std::io;
use std::path::Path;

use super::disk::{self, Sync};
use super::evidence;
use super::files::{self, load_file};
use super::paths::ProjectPaths;
use super::projection::exit_code;
use super::run::Driver;
use super::sessions::SessionSpec;
use crate::adapters::envelope::{Sources, read_result};
use crate::adapters::environment::BriefFile;
use crate::adapters::presence::{on_path, program_of};
use crate::adapters::prompt::{PromptContext, compile};
use crate::adapters::{self, Adapter, AdapterError, StartContext};
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::fact::Verdict;
use crate::engine::gate::currency::answers_for_matrix;
use crate::engine::input::{Evidence, Exit, MatrixReading};
use crate::engine::state::{Attempt, AttemptStatus};
use crate::engine::{AttemptKey, Effect, Input, WaveKey};
use crate::plan::runtime::RuntimeId;

/// How long an agent that is ended may take before it is forced.
pub(super) const END_GRACE_MS: u64 = 5_000;

/// What doing an effect came to.
#[derive(Debug, Default)]
pub(super) struct Performed {
    /// What the engine is to be told.
    pub(super) input: Option<Input>,
    /// What the operator is to be told, a sentence.
    pub(super) trouble: Option<String>,
}

impl Performed {
    fn say(input: Input) -> Performed {
        Performed { input: Some(input), trouble: None }
    }

    fn wrote(what: &str, result: io::Result<()>) -> Performed {
        let trouble = result.err().map(|error| {
            format!("{what} could not be written ({error}); it is written again at the next start")
        });
        Performed { input: None, trouble }
    }
}

/// Why an attempt's session is not opened.
enum NotReady {
    /// It cannot be, a sentence.
    Hopeless(String),
    /// Not now, a sentence.
    Disk(String),
}

impl NotReady {
    fn hopeless(error: impl std::fmt::Display) -> NotReady {
        NotReady::Hopeless(error.to_string())
    }
}

impl Driver {
    pub(super) fn perform(&mut self, effect: &Effect) -> Performed {
        match effect {
            Effect::BriefWave { wave } => Performed::say(self.brief_wave(wave)),
            Effect::StartSession { attempt } => self.start_session(attempt),
            Effect::EndSession { attempt } => self.end_session(attempt),
            Effect::DeliverAnswer { .. } => {
                self.tell_those_who_wait();
                Performed::default()
            }
            Effect::WriteEnvelope { attempt } => {
                let file = ProjectPaths::envelope_file(self.files.state(), attempt);
                Performed::wrote(&file, self.write_envelope(attempt))
            }
            Effect::WriteProjections { wave } => {
                let file = ProjectPaths::run_state_file(self.files.state(), &wave.lane);
                Performed::wrote(&file, self.write_projections(wave))
            }
        }
    }

    fn brief_wave(&mut self, wave: &WaveKey) -> Input {
        self.read_sources();
        let project = self.files.project();
        let overrides = self.state.active_run(&wave.lane).map(|(_, run)| run.options.overrides());
        let overrides = overrides.unwrap_or_default();
        let brief = match project.waves.get(&wave.number) {
            Some(wave) => {
                WaveBrief::from_plan(&project, wave, &overrides).map(|brief| self.looked_for(brief))
            }
            None => Err(vec![format!(
                "there is no {}/wave-{}.md",
                project.config.paths.waves_dir.trim_end_matches('/'),
                wave.number
            )]),
        };
        Input::WaveBriefed { wave: wave.clone(), brief }
    }

    /// The brief with the fallbacks that no retry can move to, as their programs are not on this machine.
    fn looked_for(&self, mut wave: WaveBrief) -> WaveBrief {
        for agent in &mut wave.agents {
            let is_absent = |id: &&RuntimeId| {
                let options = agent.grants.get(*id).map(|grant| &grant.options);
                let program = program_of(id, options, self.files.settings());
                !id.is_local() && program.is_none_or(|program| on_path(&program).is_none())
            };
            agent.fallback.absent = agent.executor.fallbacks.iter().filter(is_absent).cloned().collect();
        }
        wave
    }

    /// Starts an attempt that is to be started, or finds its session. When a full disk stands in the way it is tried
    /// again, until the engine gives the attempt up.
    fn start_session(&mut self, key: &AttemptKey) -> Performed {
        let Some(attempt) = self.state.attempt(key) else { return Performed::default() };
        match attempt.status {
            AttemptStatus::Starting => {}
            AttemptStatus::Working
            | AttemptStatus::Waiting { .. }
            | AttemptStatus::Ending { .. }
            | AttemptStatus::Ended => return Performed::default(),
        }
        if self.waits_for_documentation(key) {
            return Performed::default();
        }
        let opened = match self.session_of(key) {
            Ok(spec) => self.sessions.open(&spec),
            Err(NotReady::Hopeless(error)) => Err(error),
            Err(NotReady::Disk(error)) => {
                self.reconcile_at = Some(self.now().plus_ms(super::adopt::AGAIN_AFTER_MS));
                let trouble = format!("{key} waits for the disk: {error}; it is tried again.");
                return Performed { input: None, trouble: Some(trouble) };
            }
        };
        Performed::say(match opened {
            Ok(pid) => Input::SessionStarted { attempt: key.clone(), pid },
            Err(error) => Input::SessionFailed { attempt: key.clone(), error },
        })
    }

    /// Writes what the attempt is given and says how its program starts.
    fn session_of(&self, key: &AttemptKey) -> Result<SessionSpec, NotReady> {
        let wave = self.state.waves.get(&key.wave).and_then(|wave| wave.brief.as_ref());
        let (Some(wave), Some(attempt), Some(brief)) =
            (wave, self.state.attempt(key), self.state.brief_of(key))
        else {
            return Err(NotReady::Hopeless(format!("nobody knows the attempt {key}")));
        };
        let brief = &brief.on(&RuntimeId(attempt.runtime.clone()));
        let paths = &self.setup.paths;
        let session = attempt.session.clone();
        let adapter = self.adapter_of(attempt).map_err(NotReady::hopeless)?;
        let previous = self.why_again(key);
        let prompt = compile(&PromptContext {
            attempt: key,
            wave,
            agent: brief,
            previous: previous.as_deref(),
            documentation: brief.context7.as_ref().and_then(|selection| self.shelf.text(selection)),
        });
        let (prompt_file, brief_file) = (paths.prompt_file(&session), paths.brief_file(&session));
        let brief_text = serde_json::to_vec_pretty(&BriefFile {
            attempt: key.clone(),
            promotions: wave.promotions.clone(),
            brief: brief.clone(),
        })
        .map_err(NotReady::hopeless)?;
        self.put(&prompt_file, prompt.as_bytes())?;
        self.put(&brief_file, &brief_text)?;
        let settings_file = adapter.settings_file(brief);
        let settings_text = settings_file.map(|file| self.settings_text(&file)).transpose()?;
        let overlay = paths.attempt(&session);
        let start = adapter
            .start(&StartContext {
                overlay: &overlay,
                settings_text: settings_text.as_deref(),
                attempt: key,
                brief,
                prompt: &prompt,
                prompt_file: &prompt_file,
                brief_file: &brief_file,
                result_file: &paths.result_file(&session),
                project_dir: paths.project(),
                project_id: paths.project_id(),
                program: &self.setup.program,
                socket: &paths.supervisor_socket(),
                token: &self.secret.token(key),
            })
            .map_err(NotReady::hopeless)?;
        for (file, text) in &start.files {
            self.put(Path::new(file), text.as_bytes())?;
        }
        Ok(SessionSpec {
            log_directory: paths.session_log(&session),
            name: session,
            label: key.agent.clone(),
            command: start.words(),
            directory: paths.project().to_owned(),
            environment: start.environment,
            size: self.setup.size,
            attempt: Some(key.clone()),
        })
    }

    fn put(&self, file: &Path, bytes: &[u8]) -> Result<(), NotReady> {
        disk::replace(self.disk.as_ref(), file, bytes, Sync::Later)
            .map_err(|error| NotReady::Disk(format!("{} could not be written: {error}", file.display())))
    }

    /// A settings file that a runtime's own settings are merged with: a JSON object inside the project.
    fn settings_text(&self, path: &str) -> Result<String, NotReady> {
        let text = load_file(&self.setup.paths, path).map(|file| file.text);
        let is_object = |text: &String| {
            serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
        };
        text.filter(is_object).ok_or_else(|| {
            NotReady::Hopeless(format!("the settings file {path} is not there, or it is no JSON object"))
        })
    }

    /// Why the try before this one did not pass.
    fn why_again(&self, key: &AttemptKey) -> Option<String> {
        let before = AttemptKey { number: key.number.checked_sub(1)?, ..key.clone() };
        match self.state.attempt(&before)?.verdict.as_ref()? {
            Verdict::Passed => None,
            Verdict::Failed { code, detail, .. } => Some(format!("{code}: {detail}")),
            Verdict::RateLimited { .. } => Some("it met a rate limit".to_owned()),
            Verdict::Lost { detail } => Some(detail.clone()),
        }
    }

    pub(super) fn adapter_of(&self, attempt: &Attempt) -> Result<Box<dyn Adapter>, AdapterError> {
        let command = self.state.runs.get(&attempt.run).and_then(|run| run.options.command.as_deref());
        adapters::find(&RuntimeId(attempt.runtime.clone()), self.files.settings(), command)
    }

    /// Ends an attempt's session; also that of an attempt that was given up and whose process came back.
    fn end_session(&mut self, key: &AttemptKey) -> Performed {
        let Some(attempt) = self.state.attempt(key) else { return Performed::default() };
        let (session, is_live) = (attempt.session.clone(), attempt.is_live());
        let living = match self.sessions.living() {
            Ok(living) => living,
            Err(error) => {
                let trouble = format!("{key} could not be ended: {error}; it is tried again.");
                self.reconcile_at = Some(self.now().plus_ms(super::adopt::AGAIN_AFTER_MS));
                return Performed { input: None, trouble: Some(trouble) };
            }
        };
        match living.into_iter().find(|living| living.name == session).map(|living| living.exit) {
            Some(None) => {
                self.sessions.end(&session, END_GRACE_MS);
                Performed::default()
            }
            Some(Some(exit)) => Performed { input: self.ended(key, exit), trouble: None },
            None if is_live => Performed::say(Input::SessionLost {
                attempt: key.clone(),
                detail: "its process was gone when it was to be ended".to_owned(),
            }),
            None => Performed::default(),
        }
    }

    /// The word that an attempt's program ended, with all it left; `None` when it is over already.
    pub(super) fn ended(&mut self, key: &AttemptKey, exit: Exit) -> Option<Input> {
        let attempt = self.state.attempt(key).filter(|attempt| attempt.is_live())?.clone();
        let evidence = self.evidence_of(key, &attempt, exit);
        Some(Input::SessionEnded { attempt: key.clone(), exit, evidence })
    }

    fn evidence_of(&mut self, key: &AttemptKey, attempt: &Attempt, exit: Exit) -> Evidence {
        let Some(brief) = self.state.brief_of(key) else { return Evidence::default() };
        let paths = &self.setup.paths;
        let mut trouble = Vec::new();
        let (printed, unread) =
            evidence::printed(&paths.session_log(&attempt.session), &paths.prompt_file(&attempt.session));
        trouble.extend(unread.map(|error| format!("What {key} printed cannot be read: {error}.")));
        let file = evidence::result_file(&paths.result_file(&attempt.session)).unwrap_or_else(|error| {
            trouble.push(format!("The result file of {key} cannot be read: {error}."));
            None
        });
        let result = read_result(
            key,
            &Sources {
                submitted: attempt.submitted.as_ref(),
                file: file.as_deref(),
                output: &printed,
                exit_code: exit_code(exit),
            },
        );
        let failed = exit != Exit::Code { code: 0 };
        let rate_limited =
            failed && self.adapter_of(attempt).is_ok_and(|adapter| adapter.rate_limited(&printed));
        let deliverables = evidence::look(paths.project(), brief.deliverables.iter().map(String::as_str));
        let wanted = brief.proof_artifacts.iter().map(|artifact| artifact.path.as_str());
        let artifacts = evidence::look(paths.project(), wanted);
        let matrix = self.matrix_for(key, brief);
        for text in trouble {
            self.notice(text, true);
        }
        Evidence {
            result,
            deliverables_present: deliverables.present,
            proof_artifacts_present: artifacts.present,
            unseen: deliverables.unseen.into_iter().chain(artifacts.unseen).collect(),
            rate_limited,
            matrix,
        }
    }

    /// What the component matrix says now, for the agent that answers for it.
    fn matrix_for(&self, key: &AttemptKey, agent: &AgentBrief) -> Option<MatrixReading> {
        let wave = self.state.waves.get(&key.wave)?.brief.as_ref()?;
        answers_for_matrix(wave, agent).then(|| {
            let path = files::config(&self.setup.paths, &key.wave.lane).matrix_path().to_owned();
            evidence::matrix(&path, self.text_of(&path), &wave.promotions)
        })
    }
}
