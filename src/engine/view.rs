//! The state as people see it: one condition and one reason for every card, and the sums of the status line. The room,
//! `status` and `watch` all read these, so they cannot disagree.

use serde::{Deserialize, Serialize};

use super::brief::{AgentBrief, WaveBrief};
use super::fact::{Cause, Verdict};
use super::ids::{AttemptKey, QuestionId, WaveKey};
use super::retry::{CANCELLED, Next, TIMEOUT, end_sentence, next, tries};
use super::state::{AgentState, Attempt, AttemptStatus, QuestionStatus, Run, State, WaveState, WaveStatus};
use super::time::Time;
use crate::plan::role::{Stage, in_order};
use crate::plan::{Agent, Finding, Project, Wave, WaveNumber};

/// What a card shows: a glyph, a word, a colour role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Its wave has not started.
    NotStarted,
    /// Its wave runs, its turn has not come, or something stands before it.
    Held,
    /// Its process runs.
    Working,
    /// It waits for the operator.
    Waiting,
    /// A rate limit passes before it is tried again.
    RateLimited,
    /// Its gate is open.
    Passed,
    /// Its gate is shut and no try is left, or somebody ended it.
    Failed,
    /// Its file has errors, or its wave was refused.
    NeedsLook,
}

/// One agent of one wave, as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Which wave.
    pub wave: WaveKey,
    /// Which agent.
    pub agent: String,
    /// Its title.
    pub title: String,
    /// Row of the board: its track, else its stage's word.
    pub track: Option<String>,
    /// Runtime by name.
    pub runtime: String,
    /// Condition.
    pub condition: Condition,
    /// Since when.
    pub since: Option<Time>,
    /// Why, short: `asks: which schema?`, `waits for A1, A2`, `missing-wave-proof: no proof marker`, `rate limit until`.
    /// Where a time belongs at its end, that is in `until`.
    pub reason: String,
    /// When this passes by itself.
    pub until: Option<Time>,
    /// Its newest attempt.
    pub attempt: Option<AttemptKey>,
    /// Session of its newest attempt.
    pub session: Option<String>,
    /// Tries used for rework in this run, the first included.
    pub tries_used: u32,
    /// Tries allowed for rework in this run, the first included.
    pub tries_allowed: u32,
    /// The open question it waits on.
    pub question: Option<QuestionId>,
}

/// Sums of the status line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Cards by condition: not started, held, working, waiting, rate-limited, passed, failed, needs a look.
    pub not_started: usize,
    /// See above.
    pub held: usize,
    /// See above.
    pub working: usize,
    /// See above.
    pub waiting: usize,
    /// See above.
    pub rate_limited: usize,
    /// See above.
    pub passed: usize,
    /// See above.
    pub failed: usize,
    /// See above.
    pub needs_look: usize,
    /// When the oldest open question was asked.
    pub waiting_since: Option<Time>,
    /// Milliseconds that agents have waited for the operator in all, open questions included.
    pub waited_ms: u64,
}

/// Every card of the project's lane, by wave, then in the order in which a wave's agents run (a started wave shows the
/// agents it started with).
pub fn cards(state: &State, project: &Project, now: Time) -> Vec<Card> {
    let key = |number: WaveNumber| WaveKey { lane: project.lane.clone(), number };
    let mut numbers: Vec<WaveNumber> = project.waves.keys().copied().collect();
    numbers.extend(state.waves.keys().filter(|key| key.lane == project.lane).map(|key| key.number));
    numbers.sort_unstable();
    numbers.dedup();
    let mut cards = Vec::new();
    for number in numbers {
        let key = key(number);
        let authored = project.waves.get(&number);
        match state.waves.get(&key).and_then(|wave| Some((wave, started_brief(wave)?))) {
            Some((wave, brief)) => {
                let shown = Shown { state, wave, brief, key: &key, run: state.runs.get(&wave.run), now };
                cards.extend(brief.agents.iter().map(|agent| Card {
                    track: authored.and_then(|wave| track_of(wave, &agent.id)),
                    ..shown.card(agent)
                }));
            }
            None => cards.extend(authored.into_iter().flat_map(|wave| {
                let agents = in_order(wave, &project.config).into_iter();
                agents.map(|agent| unstarted_card(state, project, &key, wave, agent)).collect::<Vec<_>>()
            })),
        }
    }
    cards
}

/// Sums over cards. Waiting is that of the lanes of these cards; an agent with two open questions waits once.
pub fn tally(cards: &[Card], state: &State, now: Time) -> Tally {
    let mut tally = Tally::default();
    for card in cards {
        let count = match card.condition {
            Condition::NotStarted => &mut tally.not_started,
            Condition::Held => &mut tally.held,
            Condition::Working => &mut tally.working,
            Condition::Waiting => &mut tally.waiting,
            Condition::RateLimited => &mut tally.rate_limited,
            Condition::Passed => &mut tally.passed,
            Condition::Failed => &mut tally.failed,
            Condition::NeedsLook => &mut tally.needs_look,
        };
        *count += 1;
    }
    let mut spans: Vec<(&WaveKey, &str, u32, Time, Time)> = Vec::new();
    for question in state.questions.values() {
        if !cards.iter().any(|card| card.wave.lane == question.wave.lane) {
            continue;
        }
        let until = match &question.status {
            QuestionStatus::Open => {
                let oldest =
                    tally.waiting_since.map_or(question.asked_at, |since| since.min(question.asked_at));
                tally.waiting_since = Some(oldest);
                now
            }
            QuestionStatus::Answered { at, .. } | QuestionStatus::Withdrawn { at, .. } => *at,
        };
        spans.push((&question.wave, &question.agent, question.attempt, question.asked_at, until));
    }
    spans.sort_unstable();
    let mut waited: Option<(&WaveKey, &str, u32, Time)> = None;
    for (wave, agent, attempt, from, until) in spans {
        let counted =
            waited.filter(|last| (last.0, last.1, last.2) == (wave, agent, attempt)).map(|last| last.3);
        let from = counted.map_or(from, |counted| counted.max(from));
        tally.waited_ms = tally.waited_ms.saturating_add(until.since_ms(from));
        waited = Some((wave, agent, attempt, until.max(from)));
    }
    tally
}

/// The brief of a wave whose cards are those it started with.
fn started_brief(wave: &WaveState) -> Option<&WaveBrief> {
    match wave.status {
        WaveStatus::Running | WaveStatus::Closed | WaveStatus::Failed { .. } => wave.brief.as_ref(),
        WaveStatus::Refused { .. } => None,
    }
}

fn track_of(wave: &Wave, agent: &str) -> Option<String> {
    wave.agents.iter().find(|authored| authored.id == agent)?.track.clone()
}

/// A card of a wave that has not started, or could not.
fn unstarted_card(state: &State, project: &Project, key: &WaveKey, wave: &Wave, agent: &Agent) -> Card {
    let errors = project.errors_of(wave.number);
    let refused = state.waves.get(key).and_then(|wave| match &wave.status {
        WaveStatus::Refused { reasons } => Some(reasons),
        WaveStatus::Running | WaveStatus::Closed | WaveStatus::Failed { .. } => None,
    });
    let (condition, reason) = if !errors.is_empty() {
        let own: Vec<&Finding> =
            errors.iter().copied().filter(|finding| finding.agent.as_deref() == Some(&agent.id)).collect();
        (Condition::NeedsLook, errors_sentence(if own.is_empty() { &errors } else { &own }))
    } else if let Some(reasons) = refused {
        (Condition::NeedsLook, format!("could not start: {}", reasons.first().map_or("", String::as_str)))
    } else {
        (Condition::NotStarted, before_it(state, key))
    };
    Card {
        wave: key.clone(),
        agent: agent.id.clone(),
        title: agent.title.clone(),
        track: agent.track.clone(),
        runtime: project.resolve_executor(wave, agent, None).id.0,
        condition,
        since: None,
        reason,
        until: None,
        attempt: None,
        session: None,
        tries_used: 0,
        tries_allowed: 0,
        question: None,
    }
}

fn errors_sentence(errors: &[&Finding]) -> String {
    let Some(first) = errors.first() else { return String::new() };
    let place = format!("line {}: {}", first.position.line, first.message);
    match errors.len() {
        1 => format!("1 error, {place}"),
        count => format!("{count} errors, first: {place}"),
    }
}

/// What a wave of a running launch waits for: the wave before it.
fn before_it(state: &State, key: &WaveKey) -> String {
    let Some((id, run)) = state.active_run(&key.lane) else { return String::new() };
    if !run.waves.contains(&key.number) {
        return String::new();
    }
    match state.current_wave(id) {
        Some(current) if current.number == key.number => "being read".to_owned(),
        Some(current) => format!("waits for wave {}", current.number),
        None => String::new(),
    }
}

/// A started wave, as its cards are drawn from it.
struct Shown<'a> {
    state: &'a State,
    wave: &'a WaveState,
    brief: &'a WaveBrief,
    key: &'a WaveKey,
    run: Option<&'a Run>,
    now: Time,
}

/// Condition, since when, why, until when.
type Standing = (Condition, Option<Time>, String, Option<Time>);

impl Shown<'_> {
    fn card(&self, brief: &AgentBrief) -> Card {
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
            runtime: newest.map_or_else(|| brief.executor.id.0.clone(), |attempt| attempt.runtime.clone()),
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
            Some(Next::Failed(_)) => ended(&tries),
            Some(Next::WaitUntil(until)) if self.wave.status == WaveStatus::Running => {
                let since = tries.last().and_then(|attempt| attempt.ended_at);
                (Condition::RateLimited, since, "rate limit until".to_owned(), Some(until))
            }
            Some(Next::WaitUntil(_) | Next::Start(_) | Next::Reuse(_) | Next::Running) | None => {
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
            AttemptStatus::Working => {
                (Condition::Working, started, why_again(attempt.cause).to_owned(), None)
            }
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
        Some(next(brief, agent, self.wave.run, &self.run?.options, stage, self.now))
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
fn why_again(cause: Cause) -> &'static str {
    match cause {
        Cause::First => "",
        Cause::Rework => "again, after its gate was shut",
        Cause::RateLimit => "again, after a rate limit",
        Cause::TransportReask => "asked to restate its report",
        Cause::DesignPass => "builds what it designed",
        Cause::SiblingWait => "again, for a component it shares",
        Cause::Lost => "again, after its process was lost",
    }
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
