//! What one who is to do a task has to know of the plan: its wave and track, who works beside it on which files, in
//! which order the results come together, and why it stands where it stands.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::wave::WaveNumber;
use super::{Lock, Plan, PlanWave};
use crate::plan::backlog::{Status, Task, TaskId};
use crate::plan::order::{Claims, Graph, Level, Scope, Wait};

/// Where waves come from.
#[derive(Debug, Clone, Copy)]
pub enum Waves<'a> {
    /// A saved plan.
    Saved {
        /// Its name.
        slug: &'a str,
        /// The plan.
        plan: &'a Plan,
    },
    /// As they follow from the dependencies of these records.
    Computed(&'a Scope),
}

/// A task and what surrounds it. Lists are in the order of ids unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surroundings<'a> {
    /// The task.
    pub task: &'a Task,
    /// What it lies in, the nearest first.
    pub lies_in: Vec<&'a Task>,
    /// Its track, its own or inherited.
    pub track: Option<&'a str>,
    /// The saved plan that the wave is of; `None` when waves are computed.
    pub plan: Option<&'a str>,
    /// Its wave; `None` when it stands in none.
    pub wave: Option<WaveNumber>,
    /// The highest number of a wave.
    pub last_wave: WaveNumber,
    /// What people say about the wave; may be empty.
    pub wave_notes: &'a str,
    /// Who holds the wave as it is.
    pub wave_lock: Option<&'a Lock>,
    /// Why the task stands there; may be empty.
    pub note: &'a str,
    /// Who holds the task there.
    pub lock: Option<&'a Lock>,
    /// Unfinished tasks that it depends on and that the plan puts beside it or after it.
    pub breaks: Vec<Need<'a>>,
    /// The other unfinished tasks of the wave, and those that somebody works on now in other waves: first those that are
    /// worked on.
    pub siblings: Vec<Sibling<'a>>,
    /// The task and its siblings of the wave in the order in which their work should come together: what one depends on
    /// first, else as the wave has them.
    pub merge_order: Vec<&'a TaskId>,
    /// What it waits for by [`crate::plan::order::RULE`].
    pub waits_for: Vec<Wait>,
    /// Unfinished tasks that name it as a dependency.
    pub needed_by: Vec<&'a Task>,
}

/// A dependency that a slot breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need<'a> {
    /// What is needed.
    pub id: &'a TaskId,
    /// Its title.
    pub title: &'a str,
    /// Where it stands.
    pub status: Status,
    /// Its wave: the same one or a later one.
    pub wave: WaveNumber,
}

/// A task that runs at the same time, or may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sibling<'a> {
    /// Its id.
    pub id: &'a TaskId,
    /// Its title.
    pub title: &'a str,
    /// Its track.
    pub track: Option<&'a str>,
    /// Where it stands.
    pub status: Status,
    /// Its wave; `None` when it stands in none.
    pub wave: Option<WaveNumber>,
    /// Its declared files.
    pub files: &'a [String],
    /// What both declare.
    pub shared: Vec<String>,
}

/// The wave of a task, wherever it comes from.
struct Own<'a> {
    number: WaveNumber,
    tasks: Vec<&'a Task>,
}

impl<'a> Surroundings<'a> {
    /// What surrounds a task; `None` when it is not in the backlog. With a saved plan, a task without a slot stands in no
    /// wave: nothing is computed beside what people have decided.
    pub fn of(graph: &Graph<'a>, id: &TaskId, waves: Waves<'a>) -> Option<Surroundings<'a>> {
        let backlog = graph.backlog();
        let task = backlog.get(id)?;
        let levels = match waves {
            Waves::Saved { .. } => None,
            Waves::Computed(scope) => Some(graph.levels(scope)),
        };
        let levels = levels.as_ref().map(|levels| levels.waves.as_slice());
        let (plan, saved) = match waves {
            Waves::Saved { slug, plan } => (Some(slug), Some(plan)),
            Waves::Computed(_) => (None, None),
        };
        let wave_of = |id: &TaskId| match (saved, levels) {
            (Some(plan), _) => plan.place(id).map(|place| place.wave),
            (None, levels) => {
                let level = levels.into_iter().flatten().find(|level| level.tasks.contains(id));
                level.map(|level| level.number)
            }
        };
        let own = own(graph, task, saved, levels);
        let siblings = siblings(graph, task, own.as_ref(), wave_of);
        let slot = saved.and_then(|plan| plan.slot(id));
        let planned = own.as_ref().zip(saved).and_then(|(own, plan)| plan.wave(own.number));
        let needed_by = graph.needed_by(id).into_iter().filter_map(|id| backlog.get(id));
        let waits_for = graph.waits(id, |id| match saved {
            Some(plan) => plan.place(id).is_some(),
            None => levels.into_iter().flatten().any(|level| level.tasks.contains(id)),
        });
        Some(Surroundings {
            task,
            lies_in: backlog.ancestors(id),
            track: backlog.track(id),
            plan,
            wave: own.as_ref().map(|own| own.number),
            last_wave: last_wave(saved, levels),
            wave_notes: planned.map_or("", |wave| wave.notes.as_str()),
            wave_lock: planned.and_then(|wave| wave.lock.as_ref()),
            note: slot.map_or("", |slot| slot.note.as_str()),
            lock: slot.and_then(|slot| slot.lock.as_ref()),
            breaks: saved.map(|plan| breaks(graph, plan, id)).unwrap_or_default(),
            merge_order: own.map(|own| merge_order(graph, &own.tasks)).unwrap_or_default(),
            siblings,
            waits_for,
            needed_by: needed_by.filter(|task| !task.status.is_finished()).collect(),
        })
    }

    /// What it waits for although nobody decided that it starts before it.
    pub fn undecided(&self) -> Vec<&Wait> {
        let decided: BTreeSet<&TaskId> = self.breaks.iter().map(|need| need.id).collect();
        self.waits_for.iter().filter(|wait| !decided.contains(&wait.id)).collect()
    }

    /// Siblings that somebody works on now and that declare files of this task.
    pub fn in_the_way(&self) -> impl Iterator<Item = &Sibling<'a>> {
        self.siblings.iter().filter(|other| other.status == Status::Active && !other.shared.is_empty())
    }
}

/// The wave that a task stands in, with its unfinished tasks in their order.
fn own<'a>(
    graph: &Graph<'a>,
    task: &Task,
    saved: Option<&'a Plan>,
    levels: Option<&[Level]>,
) -> Option<Own<'a>> {
    let record = |id: &TaskId| graph.backlog().get(id);
    let open = |task: &&Task| task.is_work() && !task.status.is_finished();
    match saved {
        Some(plan) => {
            let wave = plan.wave(plan.place(&task.id)?.wave)?;
            let tasks = wave.slots.iter().filter_map(|slot| record(&slot.task)).filter(open).collect();
            Some(Own { number: wave.number, tasks })
        }
        None => {
            let level = levels.into_iter().flatten().find(|level| level.tasks.contains(&task.id))?;
            let tasks = level.tasks.iter().filter_map(record).filter(open).collect();
            Some(Own { number: level.number, tasks })
        }
    }
}

fn siblings<'a>(
    graph: &Graph<'a>,
    task: &Task,
    own: Option<&Own<'a>>,
    wave_of: impl Fn(&TaskId) -> Option<WaveNumber>,
) -> Vec<Sibling<'a>> {
    let claims = Claims::of(task);
    let sibling = |other: &'a Task, wave: Option<WaveNumber>| Sibling {
        id: &other.id,
        title: &other.title,
        track: graph.backlog().track(&other.id),
        status: other.status,
        wave,
        files: &other.files,
        shared: claims.shared(&Claims::of(other)),
    };
    let mut found: Vec<Sibling<'a>> = Vec::new();
    let of_wave = own.into_iter().flat_map(|own| own.tasks.iter().map(|other| (*other, Some(own.number))));
    found.extend(of_wave.filter(|(other, _)| other.id != task.id).map(|(other, wave)| sibling(other, wave)));
    for other in graph.active().filter(|other| other.id != task.id) {
        if found.iter().all(|sibling| *sibling.id != other.id) {
            found.push(sibling(other, wave_of(&other.id)));
        }
    }
    found.sort_by_key(|sibling| (sibling.status != Status::Active, sibling.id));
    found
}

/// The dependencies that the slot of a task breaks.
fn breaks<'a>(graph: &Graph<'a>, plan: &Plan, id: &TaskId) -> Vec<Need<'a>> {
    let Some(own) = plan.place(id).map(|place| place.wave) else { return Vec::new() };
    if graph.backlog().get(id).is_none_or(|task| task.status.is_finished()) {
        return Vec::new();
    }
    let needs = graph.needs(id).into_iter().filter_map(|need| graph.backlog().get(need));
    let open = needs.filter(|need| !need.status.is_finished());
    let placed = open.filter_map(|need| Some((need, plan.place(&need.id)?.wave)));
    let broken = placed.filter(|(_, wave)| *wave >= own);
    broken.map(|(need, wave)| Need { id: &need.id, title: &need.title, status: need.status, wave }).collect()
}

/// The order in which the work of one wave comes together. Tasks that wait for each other come as the wave has them.
fn merge_order<'a>(graph: &Graph<'a>, tasks: &[&'a Task]) -> Vec<&'a TaskId> {
    let of_wave: BTreeSet<&TaskId> = tasks.iter().map(|task| &task.id).collect();
    let mut waiting: Vec<(&'a TaskId, BTreeSet<&TaskId>)> = tasks
        .iter()
        .map(|task| {
            let needs = graph.needs(&task.id).into_iter().filter(|need| of_wave.contains(need));
            (&task.id, needs.collect())
        })
        .collect();
    let mut order: Vec<&'a TaskId> = Vec::with_capacity(waiting.len());
    let mut done: BTreeSet<&TaskId> = BTreeSet::new();
    while !waiting.is_empty() {
        let next = waiting.iter().position(|(_, needs)| needs.is_subset(&done)).unwrap_or(0);
        let (id, _) = waiting.remove(next);
        order.push(id);
        done.insert(id);
    }
    order
}

fn last_wave(saved: Option<&Plan>, levels: Option<&[Level]>) -> WaveNumber {
    let of_plan = saved.and_then(|plan| plan.waves().last()).map(|wave: &PlanWave| wave.number);
    of_plan.or_else(|| levels?.last().map(|level| level.number)).unwrap_or(0)
}
