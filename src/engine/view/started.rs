//! Cards of a started wave: drawn from what it started with and from its agents' attempts.

use super::{Card, Condition};
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::fact::{Cause, Verdict};
use crate::engine::fallback::{FALLBACK_BLOCKED, Fallbacks, current, sentence};
use crate::engine::ids::{AttemptKey, WaveKey};
use crate::engine::retry::{CANCELLED, Next, Pass, TIMEOUT, end_sentence, tries};
use crate::engine::state::{AgentState, Attempt, AttemptStatus, Run, State, WaveState, WaveStatus};
use crate::engine::time::Time;
use crate::plan::role::Stage;

/// A started wave, as its cards are drawn from it.
pub(super) struct Shown<'a> {
    pub(super) state: &'a State,
    pub(super) wave: &'a WaveState,
    pub(super) brief: &'a WaveBrief,
    pub(super) key: &'a WaveKey,
    pub(super) run: Option<&'a Run>,
    pub(super) now: Time,
}

/// Condition, since when, why, until when.
type Standing = (Condition, Option<Time>, String, Option<Time>);

impl Shown<'_> {
    pub(super) fn card(&self, brief: &AgentBrief) -> Card {
        let nobody = AgentState::default();
        let agent = self.wave.agents.get(&brief.id).unwrap_or(&nobody);
        let newest = agent.newest();
        let number = newest.map(|attempt| attempt.number);
        let attempt =
            number.map(|number| AttemptKey { wave: self.key.clone(), agent: brief.id.clone(), number });
        let question = attempt.as_ref().and_then(|key| self.state.open_questions(key).next());
        let (condition, since, reason, until) = self.standing(brief, agent);
        let rework = agent.attempts.iter().filter(|attempt| {
            attempt.run == self.wave.run && matches!(attempt.cause, Cause::First | Cause::Rework)
        });
        Card {
            wave: self.key.clone(),
            agent: brief.id.clone(),
            title: brief.title.clone(),
            track: None,
            runtime: current(self.wave, brief).to_owned(),
            fallback: newest.and_then(|attempt| attempt.fallback.clone()),
            condition,
            since,
            reason,
            until,
            session: newest.map(|attempt| attempt.session.clone()),
            attempt,
            tries_used: u32::try_from(rework.count()).unwrap_or(u32::MAX),
            tries_allowed: self.run.map_or(1, |run| run.options.max_retries.saturating_add(1)),
            question,
        }
    }

    fn standing(&self, brief: &AgentBrief, agent: &AgentState) -> Standing {
        let stage = self.pass_in_question(brief, agent);
        let tries = tries(brief, agent, self.wave.run, stage);
        if let Some(attempt) = tries.last().filter(|attempt| attempt.is_live()) {
            return self.live(attempt);
        }
        match self.next(brief, agent, stage) {
            Some(Next::Passed) => self.passed(brief, agent),
            Some(Next::Failed(code)) if code == FALLBACK_BLOCKED => self.blocked(brief, agent, stage, &tries),
            Some(Next::Failed(_)) => ended(&tries),
            Some(Next::WaitUntil(until)) if self.wave.status == WaveStatus::Running => {
                let since = tries.last().and_then(|attempt| attempt.ended_at);
                (Condition::RateLimited, since, "rate limit until".to_owned(), Some(until))
            }
            Some(Next::WaitUntil(_) | Next::Start { .. } | Next::Reuse(_) | Next::Running) | None => {
                if tries.is_empty() {
                    (Condition::Held, None, self.held_because(brief, stage), None)
                } else {
                    ended(&tries)
                }
            }
        }
    }

    fn live(&self, attempt: &Attempt) -> Standing {
        let started = attempt.started_at.or(Some(attempt.scheduled_at));
        match &attempt.status {
            AttemptStatus::Starting => (Condition::Working, started, "starting".to_owned(), None),
            AttemptStatus::Working => (Condition::Working, started, why_again(attempt), None),
            AttemptStatus::Waiting { question } => {
                let question = self.state.questions.get(question);
                let text = question.map_or("", |question| question.text.as_str());
                let since = question.map(|question| question.asked_at);
                (Condition::Waiting, since, format!("asks: {}", first_line(text)), None)
            }
            AttemptStatus::Ending { why } => {
                let reason = format!("{}, ending", end_sentence(why, attempt));
                (Condition::Working, attempt.ending_since, reason, None)
            }
            AttemptStatus::Ended => (Condition::Held, None, String::new(), None),
        }
    }

    fn passed(&self, brief: &AgentBrief, agent: &AgentState) -> Standing {
        let attempt = agent.passed.and_then(|number| agent.attempt(number));
        let since = attempt.and_then(|attempt| attempt.ended_at);
        let reused = attempt.map(|attempt| attempt.run).filter(|run| *run != self.wave.run);
        let others = self.unpassed().filter(|other| other.id != brief.id).map(|other| other.id.as_str());
        let reason = match (&self.wave.status, reused) {
            (WaveStatus::Closed, _) => "closed".to_owned(),
            (_, Some(run)) => format!("proven in launch {run}, not run again"),
            (WaveStatus::Running, None) => match names(others) {
                Some(names) => format!("slice proven, wave waits for {names}"),
                None => "slice proven".to_owned(),
            },
            (WaveStatus::Failed { .. } | WaveStatus::Refused { .. }, None) => {
                "slice proven, the wave failed".to_owned()
            }
        };
        (Condition::Passed, since, reason, None)
    }

    /// Who stands before an agent that has not run.
    fn held_because(&self, brief: &AgentBrief, stage: Stage) -> String {
        if let WaveStatus::Failed { failures } = &self.wave.status {
            let mut agents = failures.iter().map(|(agent, _)| agent.as_str());
            return match agents.next() {
                Some(first) => format!("not run: {first} failed"),
                None => "not run".to_owned(),
            };
        }
        let place = |agent: &AgentBrief| self.brief.agents.iter().position(|other| other.id == agent.id);
        let before = self.unpassed().filter(|other| {
            other.stage < stage
                || (stage == Stage::Closure && other.stage == stage && place(other) < place(brief))
        });
        match names(before.map(|other| other.id.as_str())) {
            Some(names) => format!("waits for {names}"),
            None => String::new(),
        }
    }

    /// Agents of the wave that have a pass before them.
    fn unpassed(&self) -> impl Iterator<Item = &AgentBrief> {
        self.brief.agents.iter().filter(|brief| {
            let Some(agent) = self.wave.agents.get(&brief.id) else { return true };
            let last = if brief.builds_after_design { Stage::Implementation } else { brief.stage };
            self.next(brief, agent, last) != Some(Next::Passed)
        })
    }

    /// The pass that the card speaks of: a design agent that also builds has two.
    fn pass_in_question(&self, brief: &AgentBrief, agent: &AgentState) -> Stage {
        let designed = self.next(brief, agent, brief.stage) == Some(Next::Passed);
        if brief.builds_after_design && designed { Stage::Implementation } else { brief.stage }
    }

    fn next(&self, brief: &AgentBrief, agent: &AgentState, stage: Stage) -> Option<Next> {
        Some(self.pass(brief, agent, stage)?.next())
    }

    fn pass<'a>(&'a self, brief: &'a AgentBrief, agent: &'a AgentState, stage: Stage) -> Option<Pass<'a>> {
        let Shown { wave, brief: wave_brief, now, .. } = *self;
        Some(Pass { wave, wave_brief, brief, agent, options: &self.run?.options, stage, now })
    }

    /// How an agent stands whose runtime failed it and who has nowhere to go.
    fn blocked(&self, brief: &AgentBrief, agent: &AgentState, stage: Stage, tries: &[&Attempt]) -> Standing {
        let (condition, since, reason, until) = ended(tries);
        match self.pass(brief, agent, stage).map(|pass| pass.fallbacks(FALLBACK_BLOCKED)) {
            Some(Fallbacks::Shut(over)) => {
                (condition, since, format!("{reason}; no fallback is open: {}", sentence(&over)), until)
            }
            Some(Fallbacks::None | Fallbacks::Open(_)) | None => (condition, since, reason, until),
        }
    }
}

/// How an agent that is not tried any more, or not yet again, stands.
fn ended(tries: &[&Attempt]) -> Standing {
    let Some(attempt) = tries.last() else { return (Condition::Held, None, String::new(), None) };
    let reason = match &attempt.verdict {
        Some(Verdict::Failed { code, detail, .. }) => match code.as_str() {
            TIMEOUT | CANCELLED => detail.clone(),
            code => format!("{code}: {detail}"),
        },
        Some(Verdict::Lost { detail }) => format!("lost: {detail}"),
        Some(Verdict::RateLimited { .. }) => "rate limit".to_owned(),
        Some(Verdict::Passed) | None => String::new(),
    };
    (Condition::Failed, attempt.ended_at, reason, None)
}

/// Why a try that is not the first is made, as a short reason.
fn why_again(attempt: &Attempt) -> String {
    if let Some(fallback) = &attempt.fallback {
        return format!("again, {}", fallback.words());
    }
    let words = match attempt.cause {
        Cause::First => "",
        Cause::Rework => "again, after its gate was shut",
        Cause::RateLimit => "again, after a rate limit",
        Cause::Fallback => "again, on another runtime",
        Cause::TransportReask => "asked to restate its report",
        Cause::DesignPass => "builds what it designed",
        Cause::SiblingWait => "again, for a component it shares",
        Cause::Lost => "again, after its process was lost",
    };
    words.to_owned()
}

/// At most three names, and how many more there are.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => None,
        1..=3 => Some(names.join(", ")),
        count => Some(format!("{} and {} more", names.get(..3).unwrap_or(&[]).join(", "), count - 3)),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}
