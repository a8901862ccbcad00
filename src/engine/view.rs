//! The state as people see it: one condition and one reason for every card, and the sums of the status line. The room,
//! `status` and `watch` all read these, so they cannot disagree.

mod started;
mod unstarted;

use serde::{Deserialize, Serialize};

use self::started::Shown;
use self::unstarted::unstarted_card;
use super::brief::WaveBrief;
use super::fallback::Fallback;
use super::ids::{AttemptKey, QuestionId, WaveKey};
use super::state::{QuestionStatus, State, WaveState, WaveStatus};
use super::time::Time;
use crate::plan::role::in_order;
use crate::plan::{Project, Wave, WaveNumber};

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
    /// The move that led there, when its newest try left the runtime of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
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
    /// Cards of waves that have not started.
    pub not_started: usize,
    /// Cards whose turn has not come.
    pub held: usize,
    /// Cards whose process runs.
    pub working: usize,
    /// Cards that wait for the operator.
    pub waiting: usize,
    /// Cards that wait for a rate limit to pass.
    pub rate_limited: usize,
    /// Cards whose gate is open.
    pub passed: usize,
    /// Cards that failed for good.
    pub failed: usize,
    /// Cards of waves with errors.
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
