//! What clients want, and what they are told.

use super::request::{Caller, Reply, ReplyTo, Request, Role, Snapshot};
use super::rewrite::{Intent, RewriteError, Rewriter};
use super::run::Driver;
use super::setup::DriverError;
use crate::engine::fact::What;
use crate::engine::history::{self, Edited};
use crate::engine::moves::{check_move, check_redo, check_undo};
use crate::engine::state::QuestionStatus;
use crate::engine::{AttemptKey, Input, QuestionId, Refused};
use crate::plan::edit::{Edit, Rewrite};

/// Most requests that wait for an answer at once. One more is refused; its question stays open and can be looked at.
const AWAITING_MAX: usize = 1_024;

/// A request that is allowed, and for whom.
enum Speaker {
    Operator,
    Agent(AttemptKey),
}

impl Driver {
    /// Answers a request, at once or (for a question that is open) when there is an answer.
    ///
    /// # Errors
    /// When the driver cannot go on; the caller was told.
    pub(super) fn answer(&mut self, from: &Caller, request: Request) -> Result<(), DriverError> {
        let (reply, outcome) = match self.reply_to(from, request) {
            Ok(Some(reply)) => (reply, Ok(())),
            Ok(None) => return Ok(()),
            Err(Trouble::Refused(refused)) => (Reply::Refused(refused), Ok(())),
            Err(Trouble::Failed(error)) => (Reply::Failed { message: error.to_string() }, Err(error)),
        };
        self.publish.reply(from.reply_to, reply);
        outcome
    }

    fn reply_to(&mut self, from: &Caller, request: Request) -> Result<Option<Reply>, Trouble> {
        let speaker = self.speaker(&from.role)?;
        let reply = match (speaker, request) {
            (Speaker::Operator, Request::Launch { waves, mut options, command }) => {
                options.command = command.or(options.command);
                let lane = self.setup.lane.clone();
                self.launch(Input::Launch { lane, waves, options })?
            }
            (Speaker::Operator, Request::Cancel { attempt, by }) => {
                let message = format!("{attempt} is being ended.");
                self.accepted(Input::Cancel { attempt, by }, message)?
            }
            (Speaker::Operator, Request::Answer { question, text, by }) => {
                let message = format!("{question} is answered.");
                self.accepted(Input::Answer { question, text, by }, message)?
            }
            (Speaker::Operator, Request::EditPlan { edit, by }) => self.edit(edit, by)?,
            (Speaker::Operator, Request::Undo { by }) => self.undo(by)?,
            (Speaker::Operator, Request::Redo { by }) => self.redo(by)?,
            (Speaker::Operator, Request::Import { kind, path, follow, by }) => {
                self.import(kind, path, follow, by)?
            }
            (Speaker::Operator, Request::EditBacklog { edit, by }) => self.edit_backlog(edit, by)?,
            (Speaker::Operator, Request::ChangeSlots { change, expected, by }) => {
                self.change_slots(change, expected, by)?
            }
            (Speaker::Operator, Request::ImportDocument { path, slug, by }) => {
                self.import_document(&path, slug, by)?
            }
            (Speaker::Operator, Request::AcceptDocument { slug, tasks, expected, by }) => {
                self.accept_document(&slug, &tasks, expected, by)?
            }
            (Speaker::Operator, Request::WriteDocument { slug, tasks, expected, by }) => {
                self.write_document(&slug, &tasks, expected, by)?
            }
            (Speaker::Operator, Request::Snapshot) => Reply::Snapshot(Box::new(Snapshot {
                sequence: self.sequence,
                state: self.state.clone(),
                sources: self.files.sources().clone(),
                now: self.now(),
            })),
            (Speaker::Agent(attempt), Request::Ask { text, options }) => {
                let heard = self.heard(Input::Ask { attempt, text, options })?;
                let lost = || Refused::new("the question got no ticket", "ask again");
                Reply::Asked { question: heard.asked.ok_or_else(lost)? }
            }
            (Speaker::Agent(attempt), Request::Submit { envelope }) => {
                let message = format!("The result of {attempt} is noted.");
                self.accepted(Input::Submit { attempt, envelope: *envelope }, message)?
            }
            (speaker, Request::AwaitAnswer { question }) => {
                return self.await_answer(from.reply_to, question, &speaker);
            }
            (speaker, Request::LookQuestion { question }) => self.look_at(question, &speaker)?,
            (Speaker::Operator, Request::Ask { .. } | Request::Submit { .. }) => {
                return Err(refused(
                    "only an agent's process can ask or submit",
                    "run it from within an agent's terminal, where WAVEDECK_TOKEN is set",
                ));
            }
            (
                Speaker::Agent(attempt),
                Request::Launch { .. }
                | Request::Cancel { .. }
                | Request::Answer { .. }
                | Request::EditPlan { .. }
                | Request::Undo { .. }
                | Request::Redo { .. }
                | Request::Import { .. }
                | Request::EditBacklog { .. }
                | Request::ChangeSlots { .. }
                | Request::ImportDocument { .. }
                | Request::AcceptDocument { .. }
                | Request::WriteDocument { .. }
                | Request::Snapshot,
            ) => {
                return Err(refused(
                    format!("{attempt} may ask, wait for answers and submit its result, nothing else"),
                    "leave it to the operator",
                ));
            }
        };
        Ok(Some(reply))
    }

    /// Who speaks, when the token is right.
    fn speaker(&self, role: &Role) -> Result<Speaker, Refused> {
        match role {
            Role::Operator => Ok(Speaker::Operator),
            Role::Agent { attempt, token } if self.secret.accepts(attempt, token) => {
                Ok(Speaker::Agent(attempt.clone()))
            }
            Role::Agent { attempt, .. } => Err(Refused::new(
                format!("the token is not that of {attempt}"),
                "use WAVEDECK_TOKEN and WAVEDECK_ATTEMPT as the agent's terminal has them",
            )),
        }
    }

    /// Says something to the engine; a refusal is an error.
    pub(super) fn heard(&mut self, input: Input) -> Result<super::run::Heard, Trouble> {
        let mut heard = self.say(input)?;
        match heard.refused.take() {
            Some(refused) => Err(Trouble::Refused(refused)),
            None => Ok(heard),
        }
    }

    fn accepted(&mut self, input: Input, message: String) -> Result<Reply, Trouble> {
        self.heard(input).map(|_| Reply::Done { message })
    }

    fn launch(&mut self, input: Input) -> Result<Reply, Trouble> {
        let heard = self.heard(input)?;
        let mut notes = heard.notes;
        let mut run = None;
        for fact in &heard.facts {
            if let What::RunStarted { run: started, .. } = &fact.what {
                run = Some(*started);
            }
            if let What::WaveRefused { wave, reasons, .. } = &fact.what {
                notes.extend(reasons.iter().map(|reason| format!("wave {}: {reason}", wave.number)));
            }
        }
        Ok(Reply::Launched { run, notes })
    }

    fn look_at(&self, question: QuestionId, speaker: &Speaker) -> Result<Reply, Refused> {
        let known = self.state.questions.get(&question).filter(|known| match speaker {
            Speaker::Operator => true,
            Speaker::Agent(attempt) => known.is_of(attempt),
        });
        match known {
            Some(known) => Ok(Reply::Question { question, status: known.status.clone() }),
            None => Err(Refused::new(format!("there is no question {question}"), "look at the ticket again")),
        }
    }

    fn await_answer(
        &mut self,
        to: ReplyTo,
        question: QuestionId,
        speaker: &Speaker,
    ) -> Result<Option<Reply>, Trouble> {
        let now = self.look_at(question, speaker)?;
        if !matches!(&now, Reply::Question { status: QuestionStatus::Open, .. }) {
            return Ok(Some(now));
        }
        if self.awaiting.len() >= AWAITING_MAX {
            return Err(refused(
                format!("{AWAITING_MAX} requests wait for answers already"),
                "the question stays open; look at its ticket now and then",
            ));
        }
        self.awaiting.push((to, question));
        Ok(None)
    }

    fn edit(&mut self, edit: Edit, by: String) -> Result<Reply, Trouble> {
        self.read_sources();
        let preview = check_move(&self.state, self.files.sources(), &self.setup.lane, &edit)?;
        let rewrites = preview.writes;
        let message = format!("{edit}.");
        let edit = edit.recorded();
        self.write_plan(rewrites.clone(), Input::PlanEdited { edit, rewrites, by })?;
        Ok(Reply::Done { message })
    }

    fn undo(&mut self, by: String) -> Result<Reply, Trouble> {
        if let Some(Edited::Slots(past)) = history::to_undo(&self.state) {
            let message = format!("Taken back: {}.", past.change.words());
            return self.turn_slots(Input::UndoSlots { by }, message);
        }
        let rewrites = check_undo(&self.state, &self.setup.lane)?;
        let last = self.state.edits_standing.checked_sub(1).and_then(|index| self.state.edits.get(index));
        let message = last.map_or_else(String::new, |last| format!("Taken back: {}.", last.edit));
        self.write_plan(rewrites, Input::PlanUndone { by })?;
        Ok(Reply::Done { message })
    }

    fn redo(&mut self, by: String) -> Result<Reply, Trouble> {
        match history::to_redo(&self.state) {
            Some(Edited::Slots(past)) => {
                let message = format!("Made again: {}.", past.change.words());
                return self.turn_slots(Input::RedoSlots { by }, message);
            }
            Some(Edited::Files(_)) => {}
            None => {
                return Err(refused(
                    "there is no edit that was taken back",
                    "an edit can be redone until another one is made",
                ));
            }
        }
        let rewrites = check_redo(&self.state, &self.setup.lane)?;
        let next = self.state.edits.get(self.state.edits_standing);
        let message = next.map_or_else(String::new, |next| format!("Made again: {}.", next.edit));
        self.write_plan(rewrites, Input::PlanRedone { by })?;
        Ok(Reply::Done { message })
    }

    /// Writes files and makes it a fact; both or neither.
    pub(super) fn write_plan(&mut self, rewrites: Vec<Rewrite>, input: Input) -> Result<(), Trouble> {
        let intent = Intent { input: input.clone(), rewrites, standing: self.state.edits_standing };
        self.rewriter().write(&intent).map_err(not_written)?;
        let said = self.heard(input);
        match &said {
            Ok(_) => {
                if let Err(error) = self.rewriter().keep() {
                    tracing::warn!(%error, "the journal of a finished edit stays until the next start");
                }
            }
            Err(Trouble::Refused(_) | Trouble::Failed(DriverError::NotCommitted(_))) => {
                if let Err(error) = self.rewriter().take_back(&intent) {
                    self.notice(error.to_string(), true);
                }
            }
            // Whether the fact is on record, the next start sees, and completes or keeps the edit accordingly.
            Err(Trouble::Failed(_)) => {}
        }
        self.read_sources();
        said?;
        self.follow_documents()?;
        Ok(())
    }

    pub(super) fn rewriter(&self) -> Rewriter<'_> {
        Rewriter { disk: self.disk.as_ref(), paths: &self.setup.paths }
    }
}

/// Why a request was not fulfilled.
pub(super) enum Trouble {
    Refused(Refused),
    Failed(DriverError),
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Trouble {
        Trouble::Refused(refused)
    }
}

impl From<DriverError> for Trouble {
    fn from(error: DriverError) -> Trouble {
        Trouble::Failed(error)
    }
}

pub(super) fn refused(reason: impl Into<String>, hint: impl Into<String>) -> Trouble {
    Trouble::Refused(Refused::new(reason, hint))
}

fn not_written(error: RewriteError) -> Trouble {
    let hint = match &error {
        RewriteError::Changed { .. } => "look at the plan as it is now, then decide again",
        RewriteError::NotText { .. } => "save the file as UTF-8",
        RewriteError::Outside { .. } | RewriteError::Twice { .. } => "look at the paths of the plan's files",
        RewriteError::Failed { .. } => "look at the disk and the file's permissions, then try again",
        RewriteError::Halfway { .. } => "make room on the disk, then run `wavedeck stop` and start again",
    };
    refused(error.to_string(), hint)
}
