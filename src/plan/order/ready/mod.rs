//! What may start now, and why the rest may not.
//!
//! A task may start when it is pending and every dependency of it is satisfied by [`super::RULE`]. With a [`Balance`],
//! only as many of each track as asked for are picked, such that they are safe together; the others then say what
//! holds them back.

mod pick;
mod search;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::overlap::conflicts;
use super::{Conflict, Graph, Members, Scope, WaitKind};
use crate::plan::backlog::{Status, Task, TaskId};

/// Most pairs of tasks with shared files that are listed.
pub const MOST_CONFLICTS: usize = 1_000;

/// How many tasks to pick of which tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The tracks, in the order in which they choose; empty for every track of the scope.
    pub tracks: Vec<String>,
    /// How many tasks of each.
    pub per_track: usize,
}

/// What may start now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// By priority, then by how many they unblock, then by id. Picked tasks: by track as asked for, then so.
    pub ready: Vec<TaskId>,
    /// Every other unfinished task of the scope, in the order of ids.
    pub not_ready: Vec<NotReady>,
    /// Tracks that were asked for and got no task.
    pub idle_tracks: Vec<IdleTrack>,
    /// Pairs that declare the same files, of those that are ready and those that somebody works on now.
    pub conflicts: Vec<Conflict>,
    /// Whether there are more than [`MOST_CONFLICTS`] of these.
    pub conflicts_cut: bool,
}

/// A task that may not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotReady {
    /// Its id.
    pub id: TaskId,
    /// Every reason.
    pub why: Vec<Why>,
}

/// One reason why a task may not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Of which kind it is.
    pub kind: WhyKind,
    /// The record that holds it back, if one does.
    pub id: Option<TaskId>,
    /// The reason as a part of a sentence.
    pub detail: String,
}

/// Of which kind a reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyKind {
    /// It waits for a task of the scope.
    InPlan,
    /// It waits for a task outside of the scope.
    Outside,
    /// It waits for a task that is not in the backlog.
    Missing,
    /// It waits for a task that waits for itself.
    Cycle,
    /// It stands otherwise than pending.
    Status,
    /// The turn of its wave has not come.
    Wave,
    /// It is of no track, or of one that was not asked for.
    Track,
    /// Its track has as many tasks as asked for.
    Full,
    /// It would touch the files of a task that was picked or that somebody works on.
    Files,
    /// A task that was picked or that somebody works on comes before or after it, or lies in it or around it.
    Order,
}

/// A track that was asked for and got no task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdleTrack {
    /// Its name.
    pub track: String,
    /// Why, as a sentence.
    pub why: String,
}

impl<'a> Graph<'a> {
    /// What of a scope may start now: everything, or with a balance as many of each track as are safe together.
    pub fn ready(&self, scope: &Scope, balance: Option<&Balance>) -> Ready {
        self.ready_in_turn(scope, balance, |_| None)
    }

    /// The same where more than dependencies decides: `held` says of a task why it has to wait all the same, such as
    /// [`crate::plan::slots::Turn::holds_back`].
    pub fn ready_in_turn(
        &self,
        scope: &Scope,
        balance: Option<&Balance>,
        held: impl Fn(&TaskId) -> Option<Why>,
    ) -> Ready {
        let members = self.members(scope);
        let mut ready = Ready::default();
        for task in members.indices().filter_map(|index| self.task(index)) {
            if task.kind.is_container() || task.status.is_finished() {
                continue;
            }
            let mut why = self.held_back(task, &members);
            why.extend(held(&task.id));
            if why.is_empty() {
                ready.ready.push(task.id.clone());
            } else {
                ready.not_ready.push(NotReady { id: task.id.clone(), why });
            }
        }
        self.sort(&mut ready.ready);
        match balance {
            Some(balance) => self.pick(&members, balance, ready),
            None => {
                let tasks: Vec<&Task> =
                    ready.ready.iter().filter_map(|id| self.backlog.get(id)).chain(self.active()).collect();
                (ready.conflicts, ready.conflicts_cut) = conflicts(&tasks, MOST_CONFLICTS);
                ready
            }
        }
    }

    /// The track of a record, its own or inherited.
    pub fn track(&self, id: &TaskId) -> Option<&'a str> {
        let around = std::iter::successors(self.index(id), |index| self.tree.parent(*index));
        around.filter_map(|index| self.task(index)).find_map(|task| task.track.as_deref())
    }

    /// Every task that somebody works on, wherever it lies.
    pub(in crate::plan) fn active(&self) -> impl Iterator<Item = &'a Task> + '_ {
        self.tasks.iter().copied().filter(|task| task.is_work() && task.status == Status::Active)
    }

    /// Why a task may not start, by itself and its dependencies.
    fn held_back(&self, task: &Task, members: &Members) -> Vec<Why> {
        let mut why: Vec<Why> = standing(task.status).into_iter().collect();
        why.extend(self.waits(&task.id, |id| self.holds(members, id)).into_iter().map(|wait| {
            let kind = match wait.kind {
                WaitKind::InPlan => WhyKind::InPlan,
                WaitKind::Outside => WhyKind::Outside,
                WaitKind::Missing => WhyKind::Missing,
                WaitKind::Cycle => WhyKind::Cycle,
            };
            let via = wait.via.map(|via| format!(", which {via} depends on")).unwrap_or_default();
            let detail = match wait.status {
                Some(status) => format!("waits for {}{via} ({})", wait.id, status.word()),
                None => format!("waits for {}{via} (not in the backlog)", wait.id),
            };
            Why { kind, id: Some(wait.id), detail }
        }));
        why
    }
}

/// Why a task that stands so may not start; `None` when it may.
fn standing(status: Status) -> Option<Why> {
    let detail = match status {
        Status::Pending => return None,
        Status::Proposed => "is proposed, not decided",
        Status::Active => "is being worked on",
        Status::Blocked => "is marked as blocked",
        Status::Done | Status::Cancelled | Status::Archived => "is finished",
    };
    Some(Why { kind: WhyKind::Status, id: None, detail: detail.into() })
}
