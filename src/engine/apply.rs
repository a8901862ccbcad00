//! The only thing that changes a [`State`]: a fact that is made true. Applying never judges and never refuses; whether
//! a fact may be is decided in `step` and `schedule`, before it is one. A fact about something unknown changes nothing.

use std::collections::BTreeMap;

use super::brief::WaveBrief;
use super::fact::{Cause, Fact, Verdict, What};
use super::fallback::Place;
use super::ids::{AttemptKey, QuestionId, RunId, WaveKey};
use super::input::{Evidence, Exit};
use super::state::{
    Attempt, AttemptStatus, Clock, PlanEdit, Question, QuestionStatus, Run, State, WaveState, WaveStatus,
};
use super::time::Time;
use crate::plan::runtime::RuntimeId;

impl State {
    /// Makes a fact true. The only thing that changes a state. Facts that speak of unknown things change nothing.
    pub fn apply(&mut self, fact: &Fact) {
        let at = fact.at;
        match &fact.what {
            What::RunStarted { run, lane, waves, options } => {
                let (lane, waves, options) = (lane.clone(), waves.clone(), options.clone());
                self.runs.insert(*run, Run { lane, waves, options, started_at: at, outcome: None });
            }
            What::RunEnded { run, outcome } => {
                if let Some(run) = self.runs.get_mut(run) {
                    run.outcome = Some(*outcome);
                }
            }
            What::WaveStarted { wave, run, brief } => self.start_wave(at, wave, *run, brief),
            What::WaveRefused { wave, run, reasons } => {
                let state = self.waves.entry(wave.clone()).or_insert_with(|| unstarted(*run, at));
                state.run = *run;
                state.started_at = at;
                self.end_wave(at, wave, WaveStatus::Refused { reasons: reasons.clone() });
            }
            What::WaveClosed { wave } => self.end_wave(at, wave, WaveStatus::Closed),
            What::WaveFailed { wave, failures } => {
                self.end_wave(at, wave, WaveStatus::Failed { failures: failures.clone() });
            }
            What::AttemptScheduled { attempt, cause, runtime, fallback, fingerprint, budget_ms } => {
                let place = Place { runtime: RuntimeId(runtime.clone()), moved: fallback.clone() };
                self.schedule(at, attempt, *cause, place, fingerprint, *budget_ms);
            }
            What::SessionStarted { attempt, pid } => self.start_session(at, attempt, *pid),
            What::ResultSubmitted { attempt, envelope } => {
                if let Some(attempt) = self.attempt_mut(attempt) {
                    attempt.submitted = Some(envelope.as_ref().clone());
                }
            }
            What::AttemptEnding { attempt, why } => {
                if let Some(attempt) = self.attempt_mut(attempt) {
                    attempt.status = AttemptStatus::Ending { why: why.clone() };
                    attempt.ending_since = Some(at);
                    attempt.clock.stop(at);
                }
            }
            What::AttemptEnded { attempt, exit, evidence, verdict } => {
                self.end_attempt(at, attempt, *exit, evidence.as_deref(), verdict);
            }
            What::AgentReused { wave: _, attempt } => self.pass(attempt),
            What::QuestionAsked { question, attempt, text, options } => {
                self.ask(at, *question, attempt, text, options);
            }
            What::QuestionAnswered { question, text, by } => {
                let status = QuestionStatus::Answered { text: text.clone(), by: by.clone(), at };
                self.settle_question(at, *question, status);
            }
            What::QuestionWithdrawn { question, why } => {
                self.settle_question(at, *question, QuestionStatus::Withdrawn { why: why.clone(), at });
            }
            What::PlanEdited { edit, rewrites, by } => {
                let (edit, rewrites, by) = (edit.clone(), rewrites.clone(), by.clone());
                self.edits.truncate(self.edits_standing);
                self.edits.push(PlanEdit { edit, rewrites, by, at });
                self.edits_standing = self.edits.len();
            }
            What::PlanUndone { by: _ } => self.edits_standing = self.edits_standing.saturating_sub(1),
            What::PlanRedone { by: _ } => {
                self.edits_standing = (self.edits_standing + 1).min(self.edits.len());
            }
            What::BacklogImported { source, upserts, removals, by: _ } => {
                self.backlog.import(source, upserts, removals);
            }
            What::TaskAdded { task, by: _ } => self.backlog.put(task.as_ref().clone()),
            What::TaskChanged { task, changes, by: _ } => {
                self.backlog.change(task, changes);
            }
            What::SlotsChanged { change, by } => self.plans.apply(change, by, at.0),
            What::SlotsUndone { by: _ } => self.plans.undo(at.0),
            What::SlotsRedone { by: _ } => self.plans.redo(at.0),
            What::DocumentRead { path, reading } => match reading {
                Some(reading) => {
                    self.documents.insert(path.clone(), reading.as_ref().clone());
                }
                None => {
                    self.documents.remove(path);
                }
            },
        }
    }

    fn start_wave(&mut self, at: Time, wave: &WaveKey, run: RunId, brief: &WaveBrief) {
        let state = self.waves.entry(wave.clone()).or_insert_with(|| unstarted(run, at));
        state.run = run;
        state.status = WaveStatus::Running;
        state.started_at = at;
        state.ended_at = None;
        for agent in state.agents.values_mut() {
            agent.passed = None;
        }
        for agent in &brief.agents {
            state.agents.entry(agent.id.clone()).or_default();
        }
        state.brief = Some(brief.clone());
    }

    fn end_wave(&mut self, at: Time, wave: &WaveKey, status: WaveStatus) {
        if let Some(state) = self.waves.get_mut(wave) {
            state.status = status;
            state.ended_at = Some(at);
        }
    }

    fn schedule(
        &mut self,
        at: Time,
        key: &AttemptKey,
        cause: Cause,
        place: Place,
        fingerprint: &str,
        budget_ms: u64,
    ) {
        let Some(wave) = self.waves.get_mut(&key.wave) else { return };
        let run = wave.run;
        let Some(agent) = wave.agents.get_mut(&key.agent) else { return };
        agent.passed = None;
        agent.attempts.push(Attempt {
            number: key.number,
            run,
            cause,
            runtime: place.runtime.0,
            fallback: place.moved,
            session: key.session(),
            fingerprint: fingerprint.to_owned(),
            status: AttemptStatus::Starting,
            pid: None,
            scheduled_at: at,
            started_at: None,
            ending_since: None,
            ended_at: None,
            clock: Clock { budget_ms, ran_ms: 0, running_since: None },
            submitted: None,
            exit: None,
            evidence: None,
            verdict: None,
        });
    }

    fn start_session(&mut self, at: Time, key: &AttemptKey, pid: u32) {
        let Some(attempt) = self.attempt_mut(key) else { return };
        attempt.pid.get_or_insert(pid);
        if attempt.is_running() {
            attempt.started_at.get_or_insert(at);
        }
        if attempt.status == AttemptStatus::Starting {
            attempt.status = AttemptStatus::Working;
            attempt.clock.start(at);
        }
    }

    fn end_attempt(
        &mut self,
        at: Time,
        key: &AttemptKey,
        exit: Option<Exit>,
        evidence: Option<&Evidence>,
        verdict: &Verdict,
    ) {
        let Some(attempt) = self.attempt_mut(key) else { return };
        attempt.status = AttemptStatus::Ended;
        // A second ending only replaces the verdict: a wait for a rate limit that the operator cut short.
        attempt.ended_at.get_or_insert(at);
        attempt.clock.stop(at);
        attempt.exit = exit.or(attempt.exit);
        if let Some(evidence) = evidence {
            attempt.evidence = Some(evidence.clone());
        }
        attempt.verdict = Some(verdict.clone());
        if *verdict == Verdict::Passed {
            self.pass(key);
        }
    }

    fn pass(&mut self, key: &AttemptKey) {
        let agent = self.waves.get_mut(&key.wave).and_then(|wave| wave.agents.get_mut(&key.agent));
        if let Some(agent) = agent {
            agent.passed = Some(key.number);
        }
    }

    fn ask(&mut self, at: Time, id: QuestionId, key: &AttemptKey, text: &str, options: &[String]) {
        self.questions.insert(
            id,
            Question {
                wave: key.wave.clone(),
                agent: key.agent.clone(),
                attempt: key.number,
                text: text.to_owned(),
                options: options.to_vec(),
                asked_at: at,
                status: QuestionStatus::Open,
            },
        );
        if let Some(attempt) = self.attempt_mut(key) {
            // Who speaks runs, even when the word that its process started comes after its question.
            attempt.started_at.get_or_insert(at);
            attempt.clock.stop(at);
            if !matches!(attempt.status, AttemptStatus::Waiting { .. }) {
                attempt.status = AttemptStatus::Waiting { question: id };
            }
        }
    }

    /// Closes a question. When it was the last open one of its attempt, the attempt goes on.
    fn settle_question(&mut self, at: Time, id: QuestionId, status: QuestionStatus) {
        let Some(question) = self.questions.get_mut(&id) else { return };
        question.status = status;
        let key = AttemptKey {
            wave: question.wave.clone(),
            agent: question.agent.clone(),
            number: question.attempt,
        };
        let next = self.open_questions(&key).next();
        let Some(attempt) = self.attempt_mut(&key) else { return };
        if !matches!(attempt.status, AttemptStatus::Waiting { .. }) {
            return;
        }
        match next {
            Some(question) => attempt.status = AttemptStatus::Waiting { question },
            None => {
                attempt.status = AttemptStatus::Working;
                attempt.clock.start(at);
            }
        }
    }

    fn attempt_mut(&mut self, key: &AttemptKey) -> Option<&mut Attempt> {
        let index = usize::try_from(key.number).ok()?.checked_sub(1)?;
        self.waves.get_mut(&key.wave)?.agents.get_mut(&key.agent)?.attempts.get_mut(index)
    }
}

fn unstarted(run: RunId, at: Time) -> WaveState {
    WaveState {
        run,
        status: WaveStatus::Running,
        brief: None,
        started_at: at,
        ended_at: None,
        agents: BTreeMap::new(),
    }
}
