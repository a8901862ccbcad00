//! What is being done: a pure state machine over runs, waves, attempts and questions.
//!
//! [`step`] takes the state, the time and one [`Input`], and gives back the [`Fact`]s that are now true (already applied
//! to the state) and the [`Effect`]s to perform once those facts are committed. [`State::apply`] is the only thing that
//! changes a state, so replaying the facts gives the same state and performs nothing. There is no queue: what is to be
//! scheduled is recomputed from the state in every step. This module uses `plan` and nothing else: no files, no clock,
//! no randomness.
//!
//! Where to look: `step` takes inputs, [`schedule`] says what is due, [`retry`] what becomes of one agent and [`fallback`] on which runtime, [`gate`] what
//! an attempt was worth, `apply` makes facts true, `effects` names what they ask of the world. [`moves`] is what a run
//! forbids of an edit, [`history`] which edit an undo takes back, [`view`] how people see it all.

mod apply;
mod backlog;
pub mod brief;
pub mod effect;
mod effects;
pub mod envelope;
pub mod fact;
pub mod fallback;
pub mod gate;
pub mod history;
pub mod ids;
pub mod input;
pub mod moves;
pub mod retry;
pub mod schedule;
mod slots;
pub mod state;
mod step;
pub mod time;
pub mod view;

pub use effect::Effect;
pub use fact::Fact;
pub use ids::{AttemptKey, QuestionId, RunId, WaveKey};
pub use input::Input;
pub use state::State;
pub use step::step;
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
    /// Words for the one who gave the input, such as waves that a launch leaves alone, a sentence each.
    pub notes: Vec<String>,
    /// The question that an [`Input::Ask`] made, or the open one with the same text that it found.
    pub asked: Option<QuestionId>,
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

impl Refused {
    /// Refused for this reason, with what to do about it.
    pub fn new(reason: impl Into<String>, hint: impl Into<String>) -> Refused {
        Refused { reason: reason.into(), hint: hint.into() }
    }
}
