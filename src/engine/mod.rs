//! What is being done: a pure state machine over runs, waves, attempts and questions.
//!
//! [`step`] takes the state, the time and one [`Input`], and gives back the [`Fact`]s that are now true (already applied
//! to the state) and the [`Effect`]s to perform once those facts are committed. [`State::apply`] is the only thing that
//! changes a state, so replaying the facts gives the same state and performs nothing. There is no queue: what is to be
//! scheduled is recomputed from the state in every step. This module uses `plan` and nothing else: no files, no clock,
//! no randomness.

pub mod brief;
pub mod effect;
pub mod envelope;
pub mod fact;
pub mod ids;
pub mod input;
pub mod state;
pub mod time;
pub mod view;

pub use effect::Effect;
pub use fact::Fact;
pub use ids::{AttemptKey, QuestionId, RunId, WaveKey};
pub use input::Input;
pub use state::State;
pub use time::Time;

/// What one input led to. The facts are already applied to the state that was stepped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// Now true; to be committed before anyone hears of them.
    pub facts: Vec<Fact>,
    /// To be performed once the facts are committed. Performing one twice does no more than once.
    pub effects: Vec<Effect>,
    /// Why the input was not accepted, for the one who gave it. A refused input has no facts.
    pub refused: Option<Refused>,
}

/// Why an input was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    /// One sentence.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// Steps the machine: see the module head. Never fails and never panics; what cannot be is refused with a reason.
pub fn step(state: &mut State, now: Time, input: Input) -> Step {
    let _ = (state, now, input);
    Step::default()
}
