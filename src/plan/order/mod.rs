//! What follows from a backlog: who waits for whom, which waves result, what may start.
//!
//! There is one rule, [`RULE`], for when a dependency is satisfied, and everything here and every view goes by it. A
//! [`Graph`] is built once from a [`Backlog`] and asked many things; its records are numbered in the order of their ids,
//! so that 100,000 tasks cost vectors and not maps. Circles of dependencies are found once, for the whole backlog:
//! their members stand in no wave and block like any other unfinished dependency. Nothing is guessed: a dependency that
//! is not in the backlog is called missing, one outside of what was asked about a gate.

mod critical;
mod cycles;
mod faults;
#[cfg(test)]
pub(in crate::plan) mod fixtures;
mod levels;
mod lists;
mod names;
mod overlap;
mod ready;
mod scope;
mod sort;
mod tree;
mod waits;

use std::collections::BTreeSet;

use super::backlog::{Backlog, Kind, Priority, Status, Task, TaskId};
use cycles::Sequence;
use lists::Lists;
use names::Names;
use sort::Order;
use tree::Tree;

pub use faults::Fault;
pub use levels::{Level, Levels, Unplaced};
pub use overlap::Conflict;
pub(in crate::plan) use overlap::{Claimed, Claims};
pub use ready::{Balance, IdleTrack, MOST_CONFLICTS, NotReady, Ready, Why, WhyKind};
pub use scope::{Members, Scope};
pub use waits::{Wait, WaitKind};

/// When a dependency is satisfied, for people.
pub const RULE: &str = "A dependency is satisfied when its task is done, cancelled or archived, wherever it lies; \
                        one that is not in the backlog never is. What a saga or an epic depends on holds for \
                        everything in it, unless it is cancelled or archived itself.";

/// A backlog with every reference looked up.
#[derive(Debug)]
pub struct Graph<'a> {
    backlog: &'a Backlog,
    tasks: Vec<&'a Task>,
    names: Names,
    /// What is asked of a record again and again, close together.
    marks: Vec<Mark>,
    tree: Tree,
    /// The nearest saga or epic that each record lies in.
    container: Vec<Option<usize>>,
    /// The dependencies that each record states itself and that are in the backlog; those between a record and a
    /// saga or epic that it lies in are left out, since they say nothing about order.
    needs: Lists,
    /// The same, the other way round.
    needed_by: Lists,
    /// What lies in each saga or epic with no other saga or epic between.
    members: Lists,
    /// Dependencies that are not in the backlog.
    missing: Vec<(usize, &'a TaskId)>,
    /// Dependencies between a record and a saga or epic that it lies in.
    contained: Vec<(usize, usize)>,
    sequence: Sequence,
}

/// How a record stands.
#[derive(Debug, Clone, Copy)]
struct Mark {
    kind: Kind,
    status: Status,
    priority: Priority,
}

impl Mark {
    fn of(task: &Task) -> Mark {
        Mark { kind: task.kind, status: task.status, priority: task.priority }
    }

    /// Whether it is worked on: [`Task::is_work`].
    fn is_work(self) -> bool {
        !self.kind.is_container() && !self.status.is_put_away()
    }
}

impl<'a> Graph<'a> {
    /// Looks up every reference of a backlog and finds its circles.
    pub fn of(backlog: &'a Backlog) -> Graph<'a> {
        let tasks: Vec<&Task> = backlog.tasks().collect();
        let names = Names::of(tasks.iter().map(|task| task.id.as_str()));
        let marks: Vec<Mark> = tasks.iter().map(|task| Mark::of(task)).collect();
        let find = |id: &TaskId| names.find(id.as_str());
        let tree = Tree::of(tasks.iter().map(|task| task.parent.as_ref().and_then(find)).collect());
        let container = containers(&marks, &tree);
        // Of two of which one lies in the other, a saga or an epic around says nothing about order.
        let around = |outer: usize, inner: usize| {
            outer != inner
                && marks.get(outer).is_some_and(|mark| mark.kind.is_container())
                && tree.holds(outer, inner)
        };
        let mut needs = Vec::new();
        let mut missing = Vec::new();
        let mut contained = Vec::new();
        // Of one record, sorted and each once.
        let mut own: Vec<usize> = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            own.clear();
            for id in &task.depends {
                match find(id) {
                    None => missing.push((index, id)),
                    Some(need) if around(index, need) || around(need, index) => contained.push((index, need)),
                    Some(need) => own.push(need),
                }
            }
            own.sort_unstable();
            own.dedup();
            needs.extend(own.iter().map(|need| (index, *need)));
        }
        let held = container.iter().enumerate().filter_map(|(index, container)| Some(((*container)?, index)));
        let members = Lists::of(tasks.len(), held);
        let needed_by = Lists::of(tasks.len(), needs.iter().map(|(index, need)| (*need, *index)));
        let needs = Lists::of(tasks.len(), needs.into_iter());
        let sequence = Sequence::of(Order {
            marks: &marks,
            needs: &needs,
            needed_by: &needed_by,
            container: &container,
            members: &members,
        });
        Graph {
            backlog,
            tasks,
            names,
            marks,
            tree,
            container,
            needs,
            needed_by,
            members,
            missing,
            contained,
            sequence,
        }
    }

    /// The backlog that this is the graph of.
    pub fn backlog(&self) -> &'a Backlog {
        self.backlog
    }

    /// How many unfinished tasks name this one as a dependency of their own.
    pub fn unblocks(&self, id: &TaskId) -> usize {
        self.index(id).map_or(0, |index| self.unblocked_by(index))
    }

    /// What a record depends on and is in the backlog: its own dependencies and those of the sagas and epics that it
    /// lies in (unless these are put away), finished or not, in the order of ids.
    pub fn needs(&self, id: &TaskId) -> Vec<&'a TaskId> {
        let Some(index) = self.index(id) else { return Vec::new() };
        let mut needs: Vec<usize> =
            self.stated_for(index).flat_map(|index| self.needs.of_index(index).iter().copied()).collect();
        needs.sort_unstable();
        needs.dedup();
        needs.into_iter().filter_map(|need| self.task(need)).map(|task| &task.id).collect()
    }

    /// The records that name this one as a dependency of their own, in the order of ids.
    pub fn needed_by(&self, id: &TaskId) -> Vec<&'a TaskId> {
        let Some(index) = self.index(id) else { return Vec::new() };
        let all = self.needed_by.of_index(index).iter();
        all.filter_map(|index| self.task(*index)).map(|task| &task.id).collect()
    }

    /// The record of an id, found by the table of names, and so cheaper than by the order of ids.
    pub fn get(&self, id: &TaskId) -> Option<&'a Task> {
        self.task(self.index(id)?)
    }

    fn index(&self, id: &TaskId) -> Option<usize> {
        self.names.find(id.as_str())
    }

    fn task(&self, index: usize) -> Option<&'a Task> {
        self.tasks.get(index).copied()
    }

    fn mark(&self, index: usize) -> Option<Mark> {
        self.marks.get(index).copied()
    }

    fn unblocked_by(&self, index: usize) -> usize {
        let unfinished = |index: &&usize| self.mark(**index).is_some_and(|mark| !mark.status.is_finished());
        self.needed_by.of_index(index).iter().filter(unfinished).count()
    }

    /// Everything that has to come before a record, over however many others: by number.
    fn everything_before(&self, index: usize) -> BTreeSet<usize> {
        let mut before = BTreeSet::new();
        let mut waiting = vec![index];
        while let Some(index) = waiting.pop() {
            for need in self.stated_for(index).flat_map(|index| self.needs.of_index(index)) {
                // Of a saga or epic everything in it comes before.
                let holds = self.mark(*need).is_some_and(|mark| mark.kind.is_container());
                let all = if holds { self.tree.within(*need) } else { std::slice::from_ref(need) };
                waiting.extend(all.iter().copied().filter(|need| before.insert(*need)));
            }
        }
        before
    }

    /// The record itself and the sagas and epics that it lies in and that are not put away: all whose dependencies hold
    /// for it.
    fn stated_for(&self, own: usize) -> impl Iterator<Item = usize> + '_ {
        let around = std::iter::successors(Some(own), |index| self.container.get(*index).copied().flatten());
        around.filter(move |index| {
            *index == own || self.mark(*index).is_some_and(|mark| !mark.status.is_put_away())
        })
    }
}

/// The nearest saga or epic above each record.
fn containers(marks: &[Mark], tree: &Tree) -> Vec<Option<usize>> {
    let mut container: Vec<Option<usize>> = vec![None; marks.len()];
    for index in tree.parents_first() {
        let Some(parent) = tree.parent(*index) else { continue };
        let holds = marks.get(parent).is_some_and(|mark| mark.kind.is_container());
        let found = if holds { Some(parent) } else { container.get(parent).copied().flatten() };
        if let Some(place) = container.get_mut(*index) {
            *place = found;
        }
    }
    container
}

#[cfg(test)]
mod tests;
