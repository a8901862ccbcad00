//! What an edit of a plan would do, before it is made: what may start by it, what it blocks and breaks, whose files come
//! together.
//!
//! [`Before`] is a plan with everything about it looked up once; it owns what it knows, so that a board can keep it
//! while a card is carried. A preview of moves then costs a look at what the moved tasks depend on, at what depends on
//! them and at the wave that they go to, and not at the plan. It changes nothing and decides nothing of its own: the
//! refusal is that of [`super::Plan::edited`], and everything else is the difference of what is so before and after.
//!
//! Two questions are kept apart. Whether a task *may start now*: it is pending, all that it depends on is finished, and
//! its wave is the one whose turn it is, which is the first with unfinished tasks of the backlog. And whether it is
//! *blocked where it stands*: something that it depends on is not finished and has no slot in an earlier wave, so that
//! the turn of its wave will not be enough.

mod before;
mod effect;
#[cfg(test)]
mod tests;
mod trial;

use serde::{Deserialize, Serialize};

use super::super::edit::Refusal;
use super::super::wave::WaveNumber;
use super::{Broken, Renumbering};
use crate::plan::backlog::TaskId;
use crate::plan::order::Conflict;

pub use before::Before;

/// What an edit would do. Lists of tasks are in the order of ids, and without those that leave the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Why the edit cannot be made; everything else is empty then.
    pub refusal: Option<Refusal>,
    /// Tasks that may start now, and could not before.
    pub runnable: Vec<TaskId>,
    /// Tasks that could start now, and then have to wait for the wave of [`Preview::turn`].
    pub held: Vec<TaskId>,
    /// The wave whose turn it is after the edit: the first with unfinished tasks of the backlog.
    pub turn: Option<WaveNumber>,
    /// Tasks that are blocked where they stand, and were not before.
    pub blocked: Vec<Blocked>,
    /// Tasks that were blocked where they stood, and are not any more.
    pub freed: Vec<TaskId>,
    /// Dependencies that the plan breaks, and did not before; in the order of waves, then of ids.
    pub broken: Vec<Broken>,
    /// Dependencies that the plan broke, and does not any more; with the waves that they had.
    pub mended: Vec<Broken>,
    /// Waves that get another number.
    pub renumbered: Vec<Renumbering>,
    /// Waves that come into being.
    pub opened: Vec<WaveNumber>,
    /// Waves that go, since nothing is left in them; by the number that they had.
    pub emptied: Vec<WaveNumber>,
    /// Unfinished tasks that come into one wave by the edit and declare the same files.
    pub overlaps: Vec<Conflict>,
    /// Whether there are more than [`crate::plan::order::MOST_CONFLICTS`] shared paths, of which the rest was left out.
    pub overlaps_cut: bool,
}

/// A task that is blocked where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The task.
    pub id: TaskId,
    /// By whom: everything unfinished that it depends on and that is in no earlier wave, in the order of ids; what is not
    /// in the backlog comes last.
    pub by: Vec<TaskId>,
}

impl Preview {
    /// The preview of an edit that cannot be made.
    fn refused(refusal: Refusal) -> Preview {
        Preview { refusal: Some(refusal), ..Preview::default() }
    }

    /// Whether the edit can be made and breaks no dependency that was not broken before.
    pub fn is_sound(&self) -> bool {
        self.refusal.is_none() && self.broken.is_empty()
    }
}
