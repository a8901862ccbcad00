//! Comparing what the record says with what lives: at the start, and after something failed that has to be done.

use super::leftover::{self, Lost};
use super::run::Driver;
use super::sessions::Living;
use super::setup::DriverError;
use crate::engine::input::Exit;
use crate::engine::schedule::live_attempts;
use crate::engine::state::AttemptStatus;
use crate::engine::{AttemptKey, Input};

/// After how long a comparison that could not be made is tried again.
pub(super) const AGAIN_AFTER_MS: u64 = 5_000;

impl Driver {
    /// Adopts what lives, records what ended, and says what was lost; then performs everything that the record still
    /// asks for. Doing it again changes nothing.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn reconcile(&mut self) -> Result<(), DriverError> {
        let is_again = self.reconcile_at.take().is_some();
        let living = match self.sessions.living() {
            Ok(living) => living,
            Err(error) => {
                // Nothing is declared lost because nobody could be asked.
                self.reconcile_at = Some(self.now().plus_ms(AGAIN_AFTER_MS));
                if !is_again {
                    self.notice(
                        format!("Nobody can say which agents live ({error}); it is asked again."),
                        true,
                    );
                }
                return Ok(());
            }
        };
        self.compare(&living)?;
        self.tidy(&living);
        for effect in self.state.pending_effects() {
            self.perform_now(&effect)?;
        }
        Ok(())
    }

    fn compare(&mut self, living: &[Living]) -> Result<(), DriverError> {
        let mut gone = Vec::new();
        let attempts: Vec<(AttemptKey, String, bool)> = live_attempts(&self.state)
            .map(|(key, attempt)| {
                let unopened = attempt.status == AttemptStatus::Starting && attempt.pid.is_none();
                (key, attempt.session.clone(), unopened)
            })
            .collect();
        for (attempt, session, unopened) in attempts {
            match living.iter().find(|living| living.name == session) {
                Some(Living { exit: Some(exit), .. }) => {
                    if let Some(input) = self.ended(&attempt, *exit) {
                        self.say(input)?;
                    }
                }
                Some(Living { exit: None, pid, .. }) => {
                    self.say(Input::SessionStarted { attempt, pid: *pid })?;
                }
                None => gone.push((attempt, unopened)),
            }
        }
        self.mourn(gone)
    }

    /// Attempts without a session: those that never had one are started by what the record still asks for.
    fn mourn(&mut self, gone: Vec<(AttemptKey, bool)>) -> Result<(), DriverError> {
        let lost: Vec<Lost> = gone
            .iter()
            .map(|(attempt, _)| Lost { token: self.secret.token(attempt), attempt: attempt.clone() })
            .collect();
        let ended = leftover::end(&lost);
        let mut names = Vec::new();
        for (attempt, _) in gone.into_iter().filter(|(_, unopened)| !unopened) {
            let detail = "its terminal went away together with the keeper; what it wrote to files is there";
            names.push(format!(
                "{} (wave {}, attempt {})",
                attempt.agent, attempt.wave.number, attempt.number
            ));
            self.say(Input::SessionLost { attempt, detail: detail.to_owned() })?;
        }
        if !names.is_empty() || ended > 0 {
            let left = match ended {
                0 => String::new(),
                count => format!(" {count} of their processes still ran and were ended."),
            };
            let text = match names.len() {
                0 => "Processes were left of attempts that had no terminal any more.".to_owned(),
                count => format!(
                    "Lost with the keeper: {}. Their wave goes on; {} counted as {}.",
                    names.join(", "),
                    if count == 1 { "the try is not" } else { "the tries are not" },
                    if count == 1 { "its own fault" } else { "their own fault" },
                ),
            };
            self.notice(format!("{text}{left}"), true);
        }
        Ok(())
    }

    /// Sessions of attempts that are over are let go of; those that nobody knows are left alone and named.
    fn tidy(&mut self, living: &[Living]) {
        let mut strangers = Vec::new();
        for session in living {
            let Some(key) = &session.attempt else { continue };
            match self.state.attempt(key) {
                Some(attempt) if attempt.is_live() => {}
                Some(_) if session.exit.is_some() => self.sessions.forget(&session.name),
                Some(_) => self.sessions.end(&session.name, super::perform::END_GRACE_MS),
                None => strangers.push(session.name.clone()),
            }
        }
        if !strangers.is_empty() {
            let text = format!(
                "These sessions belong to attempts that are not on record, and were left alone: {}. Look at them, then end them.",
                strangers.join(", ")
            );
            self.notice(text, true);
        }
    }

    /// A session's terminal is closed and its keeper gone, so how its program ended is not known.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn session_lost(&mut self, name: &str) -> Result<(), DriverError> {
        self.sessions.forget(name);
        let Some(attempt) = self.attempt_of(name) else { return Ok(()) };
        let detail = "it ended after its keeper was gone, so nobody knows how";
        self.say(Input::SessionLost { attempt, detail: detail.to_owned() }).map(drop)
    }

    /// A session's program ended.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn session_exited(&mut self, name: &str, exit: Exit) -> Result<(), DriverError> {
        let Some(key) = self.attempt_of(name) else { return Ok(()) };
        if let Some(input) = self.ended(&key, exit) {
            self.say(input)?;
        }
        self.sessions.forget(name);
        Ok(())
    }

    /// The attempt that has this session.
    fn attempt_of(&self, session: &str) -> Option<AttemptKey> {
        self.state.waves.iter().find_map(|(wave, state)| {
            state.agents.iter().find_map(|(agent, state)| {
                let attempt = state.attempts.iter().find(|attempt| attempt.session == session)?;
                Some(AttemptKey { wave: wave.clone(), agent: agent.clone(), number: attempt.number })
            })
        })
    }
}
