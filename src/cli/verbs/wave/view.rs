//! Waves as a value: computed ones and those of a saved plan in the same shape.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::State;
use crate::plan::Position;
use crate::plan::backlog::{Priority, Status, TaskId};
use crate::plan::document::{DocumentSlot, Gate};
use crate::plan::order::{Graph, Levels, Members, RULE, Scope, Unplaced, Wait};
use crate::plan::slots::{Broken, Lock, Named, PlanWave, broken};

/// Waves of a scope or of a plan.
#[derive(Debug, Serialize)]
pub(super) struct WavesView<'a> {
    pub(super) scope: Vec<TaskId>,
    pub(super) plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u64>,
    /// The document that the plan follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<&'a str>,
    pub(super) waves: Vec<WaveRow<'a>>,
    pub(super) cycles: Vec<Vec<TaskId>>,
    pub(super) unplaced: Vec<Unplaced>,
    /// Tasks of a computed scope that are archived, and so in no wave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) archived: Option<usize>,
    /// Tasks of a computed scope that are cancelled, and so in no wave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancelled: Option<usize>,
    /// What has to happen between waves by the document.
    #[serde(skip_serializing_if = "<[Gate]>::is_empty")]
    pub(super) gates: &'a [Gate],
    pub(super) critical_path: Vec<TaskId>,
    pub(super) rule: &'static str,
}

/// One wave.
#[derive(Debug, Serialize)]
pub(super) struct WaveRow<'a> {
    pub(super) wave: u32,
    pub(super) status: &'static str,
    pub(super) notes: Option<&'a str>,
    pub(super) locked_by: Option<&'a str>,
    pub(super) tasks: Vec<TaskRow<'a>>,
}

/// One task. One that is not in the backlog has neither status nor priority.
#[derive(Debug, Serialize)]
pub(super) struct TaskRow<'a> {
    pub(super) id: &'a TaskId,
    pub(super) title: &'a str,
    pub(super) status: Option<Status>,
    pub(super) priority: Option<Priority>,
    pub(super) track: Option<&'a str>,
    pub(super) depends: &'a [TaskId],
    pub(super) waits_for: Vec<Wait>,
    pub(super) unblocks: usize,
    pub(super) note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) locked_by: Option<&'a str>,
    /// What it needs and comes before, or stands beside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) breaks: Vec<Broken>,
    /// Where it stands in the plan's document.
    #[serde(flatten)]
    pub(super) position: Option<Position>,
}

impl WaveRow<'_> {
    /// How many of its tasks are finished.
    pub(super) fn finished(&self) -> usize {
        self.tasks.iter().filter(|task| task.status.is_some_and(Status::is_finished)).count()
    }
}

/// What is computed for a scope.
pub(super) fn of_scope<'a>(graph: &Graph<'a>, scope: &Scope, members: &Members) -> WavesView<'a> {
    let Levels { waves, cycles, unplaced, archived, cancelled } = graph.levels(scope);
    let rows = waves.into_iter().map(|level| {
        let tasks = level.tasks.iter().filter_map(|id| graph.backlog().get(id));
        let tasks = tasks.map(|task| task_row(graph, &task.id, |id| graph.holds(members, id)));
        wave_row(level.number, tasks.collect())
    });
    WavesView {
        scope: scope.ids().to_vec(),
        plan: None,
        version: None,
        document: None,
        waves: rows.collect(),
        cycles,
        unplaced,
        archived: Some(archived),
        cancelled: Some(cancelled),
        gates: &[],
        critical_path: graph.critical_path(scope),
        rule: RULE,
    }
}

/// What a saved plan says.
pub(super) fn of_plan<'a>(
    state: &'a State,
    graph: &Graph<'a>,
    slug: &'a str,
    named: &'a Named,
) -> WavesView<'a> {
    let plan = &named.plan;
    let placement = plan.placement();
    let mut faults: BTreeMap<TaskId, Vec<Broken>> = BTreeMap::new();
    for fault in broken(plan, graph) {
        faults.entry(fault.id.clone()).or_default().push(fault);
    }
    let reading = plan.document.as_ref().and_then(|path| state.documents.get(path));
    let lines: BTreeMap<&TaskId, &DocumentSlot> =
        reading.into_iter().flat_map(|reading| &reading.slots).map(|slot| (&slot.id, slot)).collect();
    let waves = plan.waves().iter().map(|wave: &PlanWave| {
        let tasks = wave.slots.iter().map(|slot| {
            let line = lines.get(&slot.task).copied();
            let row = task_row(graph, &slot.task, |id| placement.contains_key(id));
            TaskRow {
                track: row.track.or_else(|| line?.track.as_deref()),
                note: said(&slot.note),
                locked_by: holder(slot.lock.as_ref()),
                breaks: faults.remove(&slot.task).unwrap_or_default(),
                position: line.map(|slot| slot.position),
                ..row
            }
        });
        let row = wave_row(wave.number, tasks.collect());
        WaveRow { notes: said(&wave.notes), locked_by: holder(wave.lock.as_ref()), ..row }
    });
    let waves = waves.collect();
    let scope = plan.computed_scope();
    let Levels { cycles, unplaced, .. } = graph.levels(&scope);
    WavesView {
        scope: plan.scope.clone(),
        plan: Some(slug),
        version: Some(named.version),
        document: plan.document.as_deref(),
        waves,
        cycles,
        unplaced: unplaced.into_iter().filter(|row| !placement.contains_key(&row.id)).collect(),
        archived: None,
        cancelled: None,
        gates: reading.map(|reading| reading.gates.as_slice()).unwrap_or_default(),
        critical_path: graph.critical_path(&scope),
        rule: RULE,
    }
}

fn task_row<'a>(graph: &Graph<'a>, id: &'a TaskId, in_plan: impl Fn(&TaskId) -> bool) -> TaskRow<'a> {
    let task = graph.backlog().get(id);
    TaskRow {
        id,
        title: task.map(|task| task.title.as_str()).unwrap_or_default(),
        status: task.map(|task| task.status),
        priority: task.map(|task| task.priority),
        track: graph.backlog().track(id),
        depends: task.map(|task| task.depends.as_slice()).unwrap_or_default(),
        waits_for: graph.waits(id, in_plan),
        unblocks: graph.unblocks(id),
        note: None,
        locked_by: None,
        breaks: Vec::new(),
        position: None,
    }
}

fn wave_row(number: u32, tasks: Vec<TaskRow<'_>>) -> WaveRow<'_> {
    let row = WaveRow { wave: number, status: "", notes: None, locked_by: None, tasks };
    let finished = row.finished();
    let begun = finished > 0 || row.tasks.iter().any(|task| task.status == Some(Status::Active));
    let status = match (finished == row.tasks.len(), begun) {
        (true, _) => "done",
        (false, true) => "in_progress",
        (false, false) => "pending",
    };
    WaveRow { status, ..row }
}

fn said(note: &str) -> Option<&str> {
    (!note.is_empty()).then_some(note)
}

fn holder(lock: Option<&Lock>) -> Option<&str> {
    lock.map(|lock| lock.by.as_str())
}
