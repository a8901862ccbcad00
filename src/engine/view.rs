//! The state as people see it: one condition and one reason for every card, and the sums of the status line. The room,
//! `status` and `watch` all read these, so they cannot disagree.

use serde::{Deserialize, Serialize};

use super::ids::{AttemptKey, QuestionId, WaveKey};
use super::state::State;
use super::time::Time;
use crate::plan::Project;

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
    /// Why, short: `asks: which schema?`, `waits for A1, A2`, `missing-wave-proof: no proof marker`, `rate limit`.
    pub reason: String,
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

/// Every card of a lane, by wave, then in file order (a started wave shows the agents it started with).
pub fn cards(state: &State, project: &Project, now: Time) -> Vec<Card> {
    let _ = (state, project, now);
    Vec::new()
}

/// Sums over cards.
pub fn tally(cards: &[Card], state: &State, now: Time) -> Tally {
    let _ = (cards, state, now);
    Tally::default()
}
