//! One step: an input becomes facts or is refused, what is then due becomes facts too, and every fact names its effects.

use super::brief::WaveBrief;
use super::effects::{effects_of, tidied};
use super::envelope::{Envelope, ResultReading, Transport};
use super::fact::{EndReason, Fact, FailureClass, Verdict, What};
use super::gate::judge_in_wave;
use super::ids::{AttemptKey, QuestionId, RunId, WaveKey};
use super::input::{Evidence, Exit, Input, LaunchOptions};
use super::retry::{START_FAILED, ended_by_us, pass_of, rate_limited};
use super::schedule::due;
use super::state::{Attempt, AttemptStatus, QuestionStatus, State, WaveStatus};
use super::time::Time;
use super::{Effect, Refused, Step, backlog, slots};
use crate::plan::WaveNumber;

/// Steps the machine: see the head of [`super`]. Never fails and never panics; what cannot be is refused with a reason.
pub fn step(state: &mut State, now: Time, input: Input) -> Step {
    let mut stepping = Stepping { state, now, step: Step::default() };
    if let Err(refused) = stepping.take(input) {
        stepping.step.refused = Some(refused);
        return stepping.step;
    }
    loop {
        let due = due(stepping.state, now);
        if due.is_empty() {
            break;
        }
        due.into_iter().for_each(|what| stepping.say(what));
    }
    let mut step = stepping.step;
    step.effects = tidied(step.effects);
    step
}

/// A step that is being made. An input is either refused before its first fact, or taken whole.
struct Stepping<'a> {
    state: &'a mut State,
    now: Time,
    step: Step,
}

impl Stepping<'_> {
    fn say(&mut self, what: What) {
        let fact = Fact { at: self.now, what };
        self.state.apply(&fact);
        self.step.effects.extend(effects_of(self.state, &fact.what));
        self.step.facts.push(fact);
    }

    fn take(&mut self, input: Input) -> Result<(), Refused> {
        match input {
            Input::Tick => Ok(()),
            Input::Launch { lane, waves, options } => self.launch(lane, &waves, options),
            Input::WaveBriefed { wave, brief } => self.wave_briefed(wave, brief),
            Input::Cancel { attempt, by } => self.cancel(attempt, by),
            Input::Ask { attempt, text, options } => self.ask(attempt, &text, options),
            Input::Answer { question, text, by } => self.answer(question, &text, by),
            Input::Withdraw { question, why } => {
                self.open_question(question)?;
                self.say(What::QuestionWithdrawn { question, why });
                Ok(())
            }
            Input::Submit { attempt, envelope } => self.submit(attempt, envelope),
            Input::SessionStarted { attempt, pid } => self.session_started(attempt, pid),
            Input::SessionFailed { attempt, error } => {
                let verdict = Verdict::Failed {
                    code: START_FAILED.to_owned(),
                    class: FailureClass::Process,
                    detail: error,
                };
                self.session_over(attempt, None, None, |_| verdict)
            }
            Input::SessionLost { attempt, detail } => {
                self.session_over(attempt, None, None, |_| Verdict::Lost { detail })
            }
            Input::SessionEnded { attempt, exit, evidence } => self.session_ended(attempt, exit, evidence),
            Input::PlanEdited { edit, rewrites, by } => {
                self.say(What::PlanEdited { edit, rewrites, by });
                Ok(())
            }
            Input::PlanUndone { by } => {
                if self.state.edit_to_undo().is_none() {
                    return Err(Refused::new("there is no edit to take back", "nothing was changed"));
                }
                self.say(What::PlanUndone { by });
                Ok(())
            }
            Input::PlanRedone { by } => {
                if self.state.edit_to_redo().is_none() {
                    return Err(Refused::new(
                        "there is no edit that was taken back",
                        "an edit can be redone until another one is made",
                    ));
                }
                self.say(What::PlanRedone { by });
                Ok(())
            }
            Input::BacklogRead { source, records, by } => {
                let outcome = backlog::import(self.state, &source, records, &by);
                self.take_backlog(outcome);
                Ok(())
            }
            Input::EditBacklog { edit, by } => {
                let outcome = backlog::edit(self.state, edit, &by)?;
                self.take_backlog(outcome);
                Ok(())
            }
            Input::ChangeSlots { change, by, expected } => {
                let what = slots::change(self.state, self.now, change, by, expected)?;
                self.say(what);
                Ok(())
            }
            Input::UndoSlots { by } => {
                let what = slots::undo(self.state, by)?;
                self.say(what);
                Ok(())
            }
            Input::RedoSlots { by } => {
                let what = slots::redo(self.state, by)?;
                self.say(what);
                Ok(())
            }
            Input::DocumentRead { path, reading } => {
                if let Some(what) = slots::read(self.state, path, reading.map(|reading| *reading)) {
                    self.say(what);
                }
                Ok(())
            }
        }
    }

    /// Makes an outcome true and says what is odd because of it.
    fn take_backlog(&mut self, outcome: backlog::Outcome) {
        let odd = backlog::faults(self.state);
        self.step.notes.extend(outcome.notes);
        if outcome.facts.is_empty() {
            return;
        }
        outcome.facts.into_iter().for_each(|what| self.say(what));
        self.step.notes.extend(backlog::newly_odd(&odd, self.state));
    }

    fn launch(&mut self, lane: String, waves: &[WaveNumber], options: LaunchOptions) -> Result<(), Refused> {
        if let Some((id, run)) = self.state.active_run(&lane) {
            let waves = listed(&run.waves);
            return Err(Refused::new(
                format!("launch {id} of lane {lane} is under way ({waves})"),
                "wait until it is over, or cancel its agents",
            ));
        }
        let mut open: Vec<WaveNumber> = Vec::new();
        let mut closed = Vec::new();
        for number in waves {
            let state = self.state.waves.get(&WaveKey { lane: lane.clone(), number: *number });
            match state.filter(|state| state.status == WaveStatus::Closed) {
                Some(state) => closed.push(format!("wave {number} is closed since launch {}", state.run)),
                None if open.contains(number) => {}
                None => open.push(*number),
            }
        }
        if open.is_empty() {
            if closed.is_empty() {
                return Err(Refused::new("a launch needs a wave", "name the waves to run"));
            }
            let nothing = closed.into_iter().map(|sentence| format!("{sentence}; nothing to start"));
            self.step.notes = nothing.collect();
            return Ok(());
        }
        self.step.notes =
            closed.into_iter().map(|sentence| format!("{sentence} and is not run again")).collect();
        let run = RunId(self.state.runs.keys().next_back().map_or(1, |last| last.0.saturating_add(1)));
        self.say(What::RunStarted { run, lane, waves: open, options });
        Ok(())
    }

    fn wave_briefed(&mut self, wave: WaveKey, brief: Result<WaveBrief, Vec<String>>) -> Result<(), Refused> {
        let awaited = self.state.active_run(&wave.lane).map(|(run, _)| run).filter(|run| {
            self.state.current_wave(*run).as_ref() == Some(&wave)
                && self.state.waves.get(&wave).is_none_or(|state| state.run != *run)
        });
        let Some(run) = awaited else {
            return Err(Refused::new(
                format!("{wave} is not about to start"),
                "nothing to do: it started already, or its launch is over",
            ));
        };
        match brief.and_then(|brief| sound(&wave, brief)) {
            Ok(brief) => self.say(What::WaveStarted { wave, run, brief }),
            Err(reasons) => self.say(What::WaveRefused { wave, run, reasons }),
        }
        Ok(())
    }

    fn cancel(&mut self, key: AttemptKey, by: String) -> Result<(), Refused> {
        let attempt = self.known(&key)?;
        match &attempt.status {
            AttemptStatus::Starting | AttemptStatus::Working | AttemptStatus::Waiting { .. } => {
                self.withdraw_questions(&key, "the attempt was cancelled");
                self.say(What::AttemptEnding { attempt: key, why: EndReason::Cancelled { by } });
                Ok(())
            }
            AttemptStatus::Ending { .. } => {
                Err(Refused::new(format!("{key} is being ended already"), "wait until its process has ended"))
            }
            AttemptStatus::Ended if self.waits_for_retry(&key) => {
                let verdict = ended_by_us(&EndReason::Cancelled { by }, attempt);
                self.say(What::AttemptEnded { attempt: key, exit: None, evidence: None, verdict });
                Ok(())
            }
            AttemptStatus::Ended => Err(Refused::new(
                format!("{key} is over already"),
                "only an attempt that runs, or waits to be tried again, can be cancelled",
            )),
        }
    }

    fn ask(&mut self, key: AttemptKey, text: &str, options: Vec<String>) -> Result<(), Refused> {
        self.running(&key)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(Refused::new("the question has no text", "say what you want to know"));
        }
        let same = self
            .state
            .open_questions(&key)
            .find(|id| self.state.questions.get(id).is_some_and(|question| question.text == text));
        if let Some(question) = same {
            self.step.asked = Some(question);
            return Ok(());
        }
        let last = self.state.questions.keys().next_back();
        let question = QuestionId(last.map_or(1, |last| last.0.saturating_add(1)));
        self.step.asked = Some(question);
        self.say(What::QuestionAsked { question, attempt: key, text: text.to_owned(), options });
        Ok(())
    }

    fn answer(&mut self, question: QuestionId, text: &str, by: String) -> Result<(), Refused> {
        self.open_question(question)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(Refused::new("the answer has no text", "write an answer, or choose an option"));
        }
        self.say(What::QuestionAnswered { question, text: text.to_owned(), by });
        Ok(())
    }

    fn submit(&mut self, key: AttemptKey, envelope: Envelope) -> Result<(), Refused> {
        self.running(&key)?;
        let problems = envelope.problems(&key);
        if !problems.is_empty() {
            return Err(Refused::new(
                format!("the result was not taken: {}", problems.join("; ")),
                "mend the result and submit it again; what was submitted before still counts",
            ));
        }
        self.say(What::ResultSubmitted { attempt: key, envelope: Box::new(envelope) });
        Ok(())
    }

    fn session_started(&mut self, key: AttemptKey, pid: u32) -> Result<(), Refused> {
        let attempt = self.known(&key)?;
        match attempt.status {
            AttemptStatus::Ended => {
                // A process of an attempt that is over, such as one that was given up: it is not left running.
                self.step.effects.push(Effect::EndSession { attempt: key.clone() });
                Err(Refused::new(format!("{key} is over already"), "its process is ended"))
            }
            AttemptStatus::Starting => {
                self.say(What::SessionStarted { attempt: key, pid });
                Ok(())
            }
            AttemptStatus::Working | AttemptStatus::Waiting { .. } | AttemptStatus::Ending { .. } => {
                if attempt.pid.is_none() {
                    self.say(What::SessionStarted { attempt: key, pid });
                }
                Ok(())
            }
        }
    }

    fn session_ended(&mut self, key: AttemptKey, exit: Exit, mut evidence: Evidence) -> Result<(), Refused> {
        let attempt = self.known(&key)?;
        // What the agent said over the socket is trusted before what was found.
        if let Some(envelope) = &attempt.submitted {
            let envelope = envelope.clone();
            evidence.result = ResultReading::Present { transport: Transport::Tool, envelope };
        }
        let now = self.now;
        let judged = evidence.clone();
        self.session_over(key.clone(), Some(exit), Some(evidence), |state| {
            let parts = state.waves.get(&key.wave).and_then(|wave| {
                let agent = wave.agents.get(&key.agent)?;
                let run = state.runs.get(&wave.run)?;
                let brief = wave.brief_of(&key.agent)?;
                Some((wave.brief.as_ref()?, brief, agent, agent.attempt(key.number)?, &run.options))
            });
            let Some((wave, brief, agent, attempt, options)) = parts else {
                return Verdict::Lost { detail: "nothing is known of what it was to do".to_owned() };
            };
            if judged.rate_limited && exit != (Exit::Code { code: 0 }) {
                return rate_limited(brief, agent, attempt, options, now);
            }
            judge_in_wave(wave, brief, &key, pass_of(brief, agent, attempt), &judged, exit)
        })
    }

    /// Ends an attempt whose process is no more. One that we ended is judged by why we did.
    fn session_over(
        &mut self,
        key: AttemptKey,
        exit: Option<Exit>,
        evidence: Option<Evidence>,
        verdict: impl FnOnce(&State) -> Verdict,
    ) -> Result<(), Refused> {
        let attempt = self.known(&key)?;
        let verdict = match &attempt.status {
            AttemptStatus::Ended => {
                return Err(Refused::new(format!("{key} is over already"), "nothing to do"));
            }
            AttemptStatus::Ending { why } => ended_by_us(why, attempt),
            AttemptStatus::Starting | AttemptStatus::Working | AttemptStatus::Waiting { .. } => {
                verdict(self.state)
            }
        };
        self.withdraw_questions(&key, "the attempt is over");
        let evidence = evidence.map(Box::new);
        self.say(What::AttemptEnded { attempt: key, exit, evidence, verdict });
        Ok(())
    }

    fn withdraw_questions(&mut self, key: &AttemptKey, why: &str) {
        let open: Vec<QuestionId> = self.state.open_questions(key).collect();
        for question in open {
            self.say(What::QuestionWithdrawn { question, why: why.to_owned() });
        }
    }

    fn known(&self, key: &AttemptKey) -> Result<&Attempt, Refused> {
        self.state.attempt(key).ok_or_else(|| {
            Refused::new(format!("there is no attempt {key}"), "the status lists agents and their attempts")
        })
    }

    /// An agent's words count only for its own attempt, and only while that runs.
    fn running(&self, key: &AttemptKey) -> Result<(), Refused> {
        let attempt = self.known(key)?;
        if attempt.is_running() {
            return Ok(());
        }
        let standing = if attempt.is_live() { "is being ended" } else { "is over" };
        Err(Refused::new(format!("{key} {standing}"), "only an attempt that runs is heard"))
    }

    /// Whether the newest attempt of its agent stands in a running wave and waits for a rate limit.
    fn waits_for_retry(&self, key: &AttemptKey) -> bool {
        self.state.waves.get(&key.wave).is_some_and(|wave| {
            let newest = wave.agents.get(&key.agent).and_then(|agent| agent.newest());
            wave.status == WaveStatus::Running
                && newest.is_some_and(|newest| newest.number == key.number && newest.retry_at().is_some())
        })
    }

    fn open_question(&self, id: QuestionId) -> Result<(), Refused> {
        let Some(question) = self.state.questions.get(&id) else {
            return Err(Refused::new(format!("there is no question {id}"), "the inbox lists open questions"));
        };
        match &question.status {
            QuestionStatus::Open => Ok(()),
            QuestionStatus::Answered { by, at, .. } => Err(Refused::new(
                format!("{id} was answered already, by {by} at {at}"),
                "the first answer counts; type into the agent's terminal to say more",
            )),
            QuestionStatus::Withdrawn { why, .. } => {
                Err(Refused::new(format!("{id} needs no answer any more: {why}"), "nothing was sent"))
            }
        }
    }
}

/// A brief that can be run: it is of this wave, and its agents can be told apart.
fn sound(wave: &WaveKey, brief: WaveBrief) -> Result<WaveBrief, Vec<String>> {
    let mut reasons = Vec::new();
    if brief.number != wave.number {
        reasons.push(format!("{}: this is wave {}, not wave {}", brief.file, brief.number, wave.number));
    }
    if brief.agents.is_empty() {
        reasons.push(format!("{}: the wave has no agents", brief.file));
    }
    for (place, agent) in brief.agents.iter().enumerate() {
        if brief.agents.iter().take(place).any(|other| other.id == agent.id) {
            reasons.push(format!("{}: agent {} stands there twice", brief.file, agent.id));
        }
    }
    if reasons.is_empty() { Ok(brief) } else { Err(reasons) }
}

fn listed(waves: &[WaveNumber]) -> String {
    let numbers: Vec<String> = waves.iter().map(ToString::to_string).collect();
    format!("{} {}", if waves.len() == 1 { "wave" } else { "waves" }, numbers.join(", "))
}
