//! The driver itself: one input at a time goes through step, commit, publish, perform.

use std::collections::VecDeque;

use super::backlog::Followed;
use super::context7::Shelf;
use super::disk::Disk;
use super::documents::Documents;
use super::lane_files::LaneFiles;
use super::perform::Performed;
use super::publish::{Notice, Publish};
use super::record::Record;
use super::request::{Reply, ReplyTo};
use super::sessions::Sessions;
use super::setup::{Clock, DriverError, DriverSetup};
use super::token::Secret;
use super::watch::Watch;
use crate::engine::fact::What;
use crate::engine::state::QuestionStatus;
use crate::engine::{Effect, Fact, Input, QuestionId, Refused, State, Time, step};
use crate::store::StoreError;

/// Facts after which the state is kept again, so that opening stays quick.
const SNAPSHOT_EVERY: u64 = 2_000;

/// Everything the driver holds.
pub(super) struct Driver {
    pub(super) setup: DriverSetup,
    pub(super) secret: Secret,
    pub(super) record: Box<dyn Record>,
    pub(super) disk: Box<dyn Disk>,
    pub(super) clock: Clock,
    pub(super) sessions: Box<dyn Sessions>,
    pub(super) publish: Box<dyn Publish>,
    /// The fold of every committed fact.
    pub(super) state: State,
    /// Number of the last committed fact.
    pub(super) sequence: u64,
    /// Number of the last fact that a kept state covers.
    pub(super) kept: u64,
    /// What authors wrote, and our own settings.
    pub(super) files: LaneFiles,
    /// Who waits for the answer to which question.
    pub(super) awaiting: Vec<(ReplyTo, QuestionId)>,
    /// When sessions and attempts have to be compared again, because it could not be done or could not be recorded.
    pub(super) reconcile_at: Option<Time>,
    /// What could not be read as it is, as last told.
    pub(super) trouble: Vec<String>,
    /// Backlogs of others that are read again when they change.
    pub(super) followed: Followed,
    /// Hand-written documents that plans follow.
    pub(super) documents: Documents,
    /// Documentation for prompts.
    pub(super) shelf: Shelf,
    /// Notices what others edit; `None` before the loop begins, and where files cannot be watched.
    pub(super) watch: Option<Watch>,
}

/// What a driver works with.
pub(super) struct Parts {
    pub(super) secret: Secret,
    pub(super) record: Box<dyn Record>,
    pub(super) disk: Box<dyn Disk>,
    pub(super) clock: Clock,
    pub(super) sessions: Box<dyn Sessions>,
    pub(super) publish: Box<dyn Publish>,
}

/// What is on record.
pub(super) struct Folded {
    pub(super) state: State,
    /// Number of the last fact.
    pub(super) sequence: u64,
    /// Number of the last fact that a kept state covers.
    pub(super) kept: u64,
}

/// What an input came to, with all that followed from it at once.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Facts of the input and of what its effects said.
    pub(super) facts: Vec<Fact>,
    /// Why the input itself was refused.
    pub(super) refused: Option<Refused>,
    /// Words for the one who gave the input.
    pub(super) notes: Vec<String>,
    /// The question that the input made or found.
    pub(super) asked: Option<QuestionId>,
}

/// One thing that is still to be done.
enum Work {
    Hear(Box<Input>),
    Perform(Effect),
}

impl Driver {
    pub(super) fn new(setup: DriverSetup, parts: Parts, folded: Folded) -> Driver {
        let Parts { secret, record, disk, clock, sessions, publish } = parts;
        let Folded { state, sequence, kept } = folded;
        Driver {
            files: LaneFiles::unread(&setup.lane),
            setup,
            secret,
            record,
            disk,
            clock,
            sessions,
            publish,
            state,
            sequence,
            kept,
            awaiting: Vec::new(),
            reconcile_at: None,
            trouble: Vec::new(),
            followed: Followed::default(),
            documents: Documents::default(),
            shelf: Shelf::default(),
            watch: None,
        }
    }

    pub(super) fn now(&self) -> Time {
        (self.clock)()
    }

    /// Says something to the engine and does everything that comes of it.
    ///
    /// # Errors
    /// When facts could not be committed. Then nobody heard of them and nothing of them was performed; the state is
    /// that of the record again, and what the world did meanwhile is looked up later ([`Driver::reconcile`]).
    pub(super) fn say(&mut self, input: Input) -> Result<Heard, DriverError> {
        let mut heard = Heard::default();
        let mut first = true;
        let mut work = VecDeque::from([Work::Hear(Box::new(input))]);
        while let Some(next) = work.pop_front() {
            match next {
                Work::Hear(input) => {
                    let now = self.now();
                    let step = step(&mut self.state, now, *input);
                    self.commit(&step.facts)?;
                    heard.facts.extend(step.facts);
                    work.extend(step.effects.into_iter().map(Work::Perform));
                    if std::mem::take(&mut first) {
                        heard.refused = step.refused;
                        heard.notes = step.notes;
                        heard.asked = step.asked;
                    }
                }
                Work::Perform(effect) => {
                    work.extend(self.perform_and_tell(&effect).map(|input| Work::Hear(Box::new(input))))
                }
            }
        }
        Ok(heard)
    }

    /// Performs an effect that nobody waits for, and all that comes of it.
    pub(super) fn perform_now(&mut self, effect: &Effect) -> Result<(), DriverError> {
        match self.perform_and_tell(effect) {
            Some(input) => self.say(input).map(|_| ()),
            None => Ok(()),
        }
    }

    fn perform_and_tell(&mut self, effect: &Effect) -> Option<Input> {
        let Performed { input, trouble } = self.perform(effect);
        if let Some(text) = trouble {
            self.notice(text, true);
        }
        input
    }

    /// Puts facts on record, then tells everyone.
    fn commit(&mut self, facts: &[Fact]) -> Result<(), DriverError> {
        if facts.is_empty() {
            return Ok(());
        }
        self.documents.heard(facts);
        let last = match self.record.append(facts) {
            Ok(last) => last,
            Err(error) => return Err(self.fall_back(error)),
        };
        let first = last - (facts.len() as u64 - 1);
        for (sequence, fact) in (first..).zip(facts) {
            self.publish.fact(sequence, fact);
        }
        self.sequence = last;
        self.tell_those_who_wait();
        for fact in facts {
            self.project_question(&fact.what);
        }
        if self.sequence - self.kept >= SNAPSHOT_EVERY {
            self.keep_state();
        }
        Ok(())
    }

    /// The state ran ahead of the record: it becomes again what the record says.
    fn fall_back(&mut self, error: StoreError) -> DriverError {
        match self.record.read() {
            Ok((sequence, state)) if sequence == self.sequence => {
                self.state = state;
                self.reconcile_at = Some(self.now().plus_ms(super::adopt::AGAIN_AFTER_MS));
                DriverError::NotCommitted(error)
            }
            // Either facts are on record that nobody was told of, or nobody can say what is on record: only a new
            // start makes everyone agree again.
            Ok(_) => DriverError::Store(error),
            Err(worse) => DriverError::Store(worse),
        }
    }

    /// Keeps the state for a quick opening. When that fails, opening is slower and nothing is lost.
    pub(super) fn keep_state(&mut self) {
        if self.sequence == self.kept {
            return;
        }
        if let Err(error) = self.record.snapshot(self.sequence, &self.state) {
            tracing::warn!(%error, "the state was not kept; opening folds more facts");
        }
        // Also after a failure: the next try is due in as many facts, not with the next one.
        self.kept = self.sequence;
    }

    /// Hands out what became of questions that are open no more.
    pub(super) fn tell_those_who_wait(&mut self) {
        let mut told = Vec::new();
        self.awaiting.retain(|(to, question)| {
            match self.state.questions.get(question).map(|question| &question.status) {
                Some(QuestionStatus::Open) => true,
                Some(status) => {
                    told.push((*to, *question, status.clone()));
                    false
                }
                None => false,
            }
        });
        for (to, question, status) in told {
            self.publish.reply(to, Reply::Question { question, status });
        }
    }

    pub(super) fn notice(&mut self, text: impl Into<String>, wrong: bool) {
        let notice = Notice { text: text.into(), wrong };
        match notice.wrong {
            true => tracing::warn!("{}", notice.text),
            false => tracing::info!("{}", notice.text),
        }
        self.publish.notice(&notice);
    }

    fn project_question(&mut self, what: &What) {
        let (What::QuestionAsked { question, .. }
        | What::QuestionAnswered { question, .. }
        | What::QuestionWithdrawn { question, .. }) = what
        else {
            return;
        };
        if let Err(error) = self.write_question(*question) {
            self.notice(format!("The file of question {question} was not written: {error}"), true);
        }
    }
}
