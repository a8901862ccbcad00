//! What is to be done in the world, as data. The driver performs effects after their facts are committed, and performs
//! those that [`super::State::pending_effects`] still asks for when it starts.

use super::ids::{AttemptKey, QuestionId, WaveKey};

/// One thing to do. Doing it twice does no more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Read the wave's file and say [`super::Input::WaveBriefed`].
    BriefWave {
        /// Which.
        wave: WaveKey,
    },
    /// Start the attempt's process in a session of its own, or find it running. Then say
    /// [`super::Input::SessionStarted`] or [`super::Input::SessionFailed`].
    StartSession {
        /// Which; its brief is in the state.
        attempt: AttemptKey,
    },
    /// End the attempt's process and everything it started. When it has ended, say [`super::Input::SessionEnded`]; when
    /// there is no such process, [`super::Input::SessionLost`].
    EndSession {
        /// Which.
        attempt: AttemptKey,
    },
    /// Hand the answer to the agent that asked: whoever waits for this ticket gets it.
    DeliverAnswer {
        /// Which question; its answer is in the state.
        question: QuestionId,
    },
    /// Write the attempt's envelope where other programs look for it.
    WriteEnvelope {
        /// Whose; envelope or failure is in the state.
        attempt: AttemptKey,
    },
    /// Write the lane's run state and the wave's summaries where other programs look for them.
    WriteProjections {
        /// Which.
        wave: WaveKey,
    },
}
