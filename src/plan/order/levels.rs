//! Waves as they follow from dependencies: a task stands one wave after the last of what it depends on.

use serde::Serialize;

use super::sort::Node;
use super::{Graph, Mark, Members, Scope};
use crate::plan::backlog::{Status, Task, TaskId};

/// The computed waves of a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// Wave 1, 2, ... without a gap.
    pub waves: Vec<Level>,
    /// Records that wait for each other; each waits for the next as far as one list can say that.
    pub cycles: Vec<Vec<TaskId>>,
    /// What was asked about and stands in no wave.
    pub unplaced: Vec<Unplaced>,
    /// How many tasks of the scope are archived, and so in no wave.
    pub archived: usize,
    /// How many tasks of the scope are cancelled, and so in no wave.
    pub cancelled: usize,
}

/// A computed wave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Level {
    /// Its number, from 1.
    pub number: u32,
    /// Its tasks: by priority, then by how many they unblock, then by id.
    pub tasks: Vec<TaskId>,
}

/// Something that stands in no wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unplaced {
    /// Its id.
    pub id: TaskId,
    /// Why, as a part of a sentence.
    pub why: String,
}

/// The longest way to each node of a scope.
pub(super) struct Longest {
    /// Length of the longest way to where each record ends, the record counted.
    pub(super) ends: Vec<u32>,
    /// What comes before each record on its longest way, by number: where it begins.
    pub(super) before: Vec<Option<usize>>,
    /// The last record on the longest way to where each record ends.
    pub(super) last: Vec<Option<usize>>,
}

impl Graph<'_> {
    /// The waves of a scope. Only what lies in the scope makes waves: what it waits for outside is a gate
    /// ([`Graph::waits`]) and no wave. Done tasks stay in theirs; archived and cancelled ones are in none.
    pub fn levels(&self, scope: &Scope) -> Levels {
        let members = self.members(scope);
        let longest = self.longest(&members, |mark| u32::from(mark.is_work()));
        let mut levels = Levels::default();
        levels.unplaced.extend(
            members
                .unknown()
                .iter()
                .map(|id| Unplaced { id: id.clone(), why: "it is not in the backlog".into() }),
        );
        let mut waves: Vec<Vec<usize>> = Vec::new();
        let mut circles: Vec<usize> = Vec::new();
        for index in members.indices() {
            let Some(mark) = self.mark(index) else { continue };
            circles.extend(self.sequence.circle_of(index));
            match (mark.kind.is_container(), mark.status) {
                (true, _) => {}
                (false, Status::Archived) => levels.archived += 1,
                (false, Status::Cancelled) => levels.cancelled += 1,
                (
                    false,
                    Status::Proposed | Status::Pending | Status::Active | Status::Blocked | Status::Done,
                ) => match self.sequence.circle_of(index) {
                    Some(circle) => {
                        levels.unplaced.extend(self.task(index).map(|task| self.in_circle(task, circle)));
                    }
                    None => {
                        let wave = longest.ends.get(index).map_or(0, |end| end.saturating_sub(1)) as usize;
                        if waves.len() <= wave {
                            waves.resize(wave + 1, Vec::new());
                        }
                        waves.get_mut(wave).into_iter().for_each(|wave| wave.push(index));
                    }
                },
            }
        }
        circles.sort_unstable();
        circles.dedup();
        levels.cycles = circles.into_iter().map(|circle| self.circle(circle)).collect();
        levels.cycles.sort();
        levels.waves = (1..).zip(waves).map(|(number, wave)| self.level(number, wave)).collect();
        levels
    }

    /// In which order people look at tasks: by priority, then by how many unfinished tasks wait for each, then by id.
    pub fn sort(&self, tasks: &mut [TaskId]) {
        tasks.sort_by_cached_key(|id| {
            let priority = self.get(id).map(|task| task.priority);
            (priority, std::cmp::Reverse(self.unblocks(id)), id.clone())
        });
    }

    fn level(&self, number: u32, mut wave: Vec<usize>) -> Level {
        // Numbers are in the order of ids.
        wave.sort_by_cached_key(|index| {
            let priority = self.mark(*index).map(|mark| mark.priority);
            (priority, std::cmp::Reverse(self.unblocked_by(*index)), *index)
        });
        let tasks =
            wave.into_iter().filter_map(|index| self.task(index)).map(|task| task.id.clone()).collect();
        Level { number, tasks }
    }

    pub(super) fn circle(&self, number: usize) -> Vec<TaskId> {
        let members = self.sequence.circles().get(number).into_iter().flatten();
        members.filter_map(|index| self.task(*index)).map(|task| task.id.clone()).collect()
    }

    fn in_circle(&self, task: &Task, number: usize) -> Unplaced {
        let circle = self.circle(number);
        let names: Vec<&str> = circle.iter().chain(circle.first()).map(TaskId::as_str).collect();
        let way = names.join(" → ");
        let why = if circle.contains(&task.id) {
            format!("it waits for itself: {way}")
        } else {
            format!("it lies in what waits for itself: {way}")
        };
        Unplaced { id: task.id.clone(), why }
    }

    /// The longest way to every record within, over dependencies whose both ends are within. A circle has no length.
    pub(super) fn longest(&self, members: &Members, weight: impl Fn(Mark) -> u32) -> Longest {
        let count = self.tasks.len();
        let mut begins = vec![0; count];
        let mut longest =
            Longest { ends: vec![0; count], before: vec![None; count], last: vec![None; count] };
        let within = |index: usize| {
            members.has(index) && self.mark(index).is_some_and(|mark| !mark.status.is_put_away())
        };
        for node in self.sequence.nodes() {
            match *node {
                Node::Begin(index) if members.has(index) => {
                    let Some(mark) = self.mark(index) else { continue };
                    let mut best = (0, None);
                    // One that is put away waits for nothing itself; what it lies in does all the same.
                    let holder = self.container.get(index).copied().flatten();
                    if let Some(holder) = holder.filter(|holder| members.has(*holder)) {
                        best = (at(&begins, holder), at(&longest.before, holder));
                    }
                    if !mark.status.is_put_away() {
                        for need in self.needs.of_index(index).iter().filter(|need| within(**need)) {
                            if at(&longest.ends, *need) > best.0 {
                                best = (at(&longest.ends, *need), at(&longest.last, *need));
                            }
                        }
                    }
                    put(&mut begins, index, best.0);
                    put(&mut longest.before, index, best.1);
                    if mark.kind.is_container() {
                        continue;
                    }
                    let own = weight(mark);
                    put(&mut longest.ends, index, best.0 + own);
                    put(&mut longest.last, index, if own > 0 { Some(index) } else { best.1 });
                }
                Node::End(index) if members.has(index) => {
                    let mut best = (at(&begins, index), at(&longest.before, index));
                    for member in self.members.of_index(index).iter().filter(|member| members.has(**member)) {
                        if at(&longest.ends, *member) > best.0 {
                            best = (at(&longest.ends, *member), at(&longest.last, *member));
                        }
                    }
                    put(&mut longest.ends, index, best.0);
                    put(&mut longest.last, index, best.1);
                }
                Node::Begin(_) | Node::End(_) => {}
            }
        }
        longest
    }
}

fn at<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index).copied().unwrap_or_default()
}

fn put<T>(values: &mut [T], index: usize, value: T) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}
