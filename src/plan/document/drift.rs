//! Where a document, the plan that follows it and the backlog disagree: row by row, each with its line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::finding::Position;
use super::super::slots::{Edit, Holder, Plan, Slot};
use super::super::wave::WaveNumber;
use super::Reading;
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The task.
    pub id: TaskId,
    /// What it is about.
    pub kind: RowKind,
    /// Its wave by the document.
    pub document: Option<WaveNumber>,
    /// Its wave by the plan.
    pub plan: Option<WaveNumber>,
    /// Its wave by the dependencies.
    pub computed: Option<WaveNumber>,
    /// The other task of a broken or unknown dependency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<TaskId>,
    /// Where it stands in the document; for what the document does not have, where its wave stands.
    #[serde(flatten)]
    pub position: Position,
}

/// What a disagreement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// The document has it, the plan does not.
    Added,
    /// The plan has it, the document does not.
    Removed,
    /// The two have it in different waves.
    Moved,
    /// The document has it, the backlog does not.
    Unknown,
    /// By the document it comes before, or stands beside, an unfinished task that it depends on.
    Illegal,
    /// The document says that it needs another task, the backlog does not.
    UnknownNeed,
    /// It is ticked off, and not finished by the backlog.
    TickedOpen,
}

impl RowKind {
    /// Whether accepting it, or writing it back, changes something: the others are for people to see to.
    pub fn is_about_slots(self) -> bool {
        match self {
            RowKind::Added | RowKind::Removed | RowKind::Moved => true,
            RowKind::Unknown | RowKind::Illegal | RowKind::UnknownNeed | RowKind::TickedOpen => false,
        }
    }

    /// What it says, as a clause that follows the task's id.
    pub fn words(self) -> &'static str {
        match self {
            RowKind::Added => "is in the document and not in the plan",
            RowKind::Removed => "is in the plan and not in the document",
            RowKind::Moved => "is in another wave of the document than of the plan",
            RowKind::Unknown => "is not in the backlog",
            RowKind::Illegal => "comes before what it depends on, or beside it",
            RowKind::UnknownNeed => "needs a task by the document and not by the backlog",
            RowKind::TickedOpen => "is ticked off in the document and not finished by the backlog",
        }
    }
}

/// Every disagreement, in the order of the document. `computed` are the waves by the dependencies. Without a backlog,
/// only document and plan are compared.
pub fn drift(
    reading: &Reading,
    plan: &Plan,
    graph: &Graph<'_>,
    computed: &BTreeMap<TaskId, WaveNumber>,
) -> Vec<Row> {
    let documented = reading.placement();
    let planned = plan.placement();
    let mut rows = Vec::new();
    let row = |id: &TaskId, kind: RowKind, needs: Option<&TaskId>, position: Position| Row {
        id: id.clone(),
        kind,
        document: documented.get(id).copied(),
        plan: planned.get(id).copied(),
        computed: computed.get(id).copied(),
        needs: needs.cloned(),
        position,
    };
    for slot in &reading.slots {
        match planned.get(&slot.id) {
            None => rows.push(row(&slot.id, RowKind::Added, None, slot.position)),
            Some(wave) if *wave != slot.wave => rows.push(row(&slot.id, RowKind::Moved, None, slot.position)),
            Some(_) => {}
        }
        if graph.backlog().is_empty() {
            continue;
        }
        let Some(task) = graph.backlog().get(&slot.id) else {
            rows.push(row(&slot.id, RowKind::Unknown, None, slot.position));
            continue;
        };
        if task.status.is_finished() {
            continue;
        }
        if slot.ticked {
            rows.push(row(&slot.id, RowKind::TickedOpen, None, slot.position));
        }
        let needs = graph.needs(&slot.id);
        for need in &needs {
            let open = graph.backlog().get(need).is_some_and(|need| !need.status.is_finished());
            if open && documented.get(*need).is_some_and(|wave| *wave >= slot.wave) {
                rows.push(row(&slot.id, RowKind::Illegal, Some(need), slot.position));
            }
        }
        for need in
            slot.needs.iter().filter(|need| graph.backlog().get(need).is_some() && !needs.contains(need))
        {
            rows.push(row(&slot.id, RowKind::UnknownNeed, Some(need), slot.position));
        }
    }
    for (wave, slot) in plan.slots().filter(|(_, slot)| !documented.contains_key(&slot.task)) {
        let at = reading.waves.iter().find(|known| known.number == wave).map(|wave| wave.position);
        rows.push(row(&slot.task, RowKind::Removed, None, at.unwrap_or(Position::START)));
    }
    rows.sort_by(|one, other| {
        (one.position, &one.id, one.kind).cmp(&(other.position, &other.id, other.kind))
    });
    rows
}

/// The edit that makes a plan say about these tasks what the document says; all that differ when none is named.
pub fn accepted(reading: &Reading, plan: &Plan, tasks: &[TaskId]) -> Edit {
    let wanted = |id: &TaskId| tasks.is_empty() || tasks.contains(id);
    let planned = plan.placement();
    let documented = reading.placement();
    let mut edits = Vec::new();
    for slot in reading.slots.iter().filter(|slot| wanted(&slot.id)) {
        match planned.get(&slot.id) {
            None => {
                edits.push(Edit::Assign { slot: Slot::of(slot.id.clone()), wave: slot.wave, index: None })
            }
            Some(wave) if *wave != slot.wave => {
                edits.push(Edit::Move { task: slot.id.clone(), wave: slot.wave, index: None });
            }
            Some(_) => {}
        }
    }
    let gone = planned.keys().filter(|id| !documented.contains_key(*id) && wanted(id));
    edits.extend(gone.map(|task| Edit::Unassign { task: task.clone() }));
    Edit::All { edits }
}

/// What the document has to say about these tasks to agree with the plan: their waves, `None` for those that leave it;
/// all that differ when none is named.
pub fn to_write(reading: &Reading, plan: &Plan, tasks: &[TaskId]) -> BTreeMap<TaskId, Option<WaveNumber>> {
    let wanted = |id: &TaskId| tasks.is_empty() || tasks.contains(id);
    let planned = plan.placement();
    let documented = reading.placement();
    let ids = planned.keys().chain(documented.keys()).filter(|id| wanted(id));
    ids.filter(|id| planned.get(*id) != documented.get(*id))
        .map(|id| (id.clone(), planned.get(id).copied()))
        .collect()
}

impl Reading {
    /// The plan that a document is: its waves and slots, with the titles of waves as their notes.
    pub fn plan(&self, document: &str) -> Plan {
        let mut waves: BTreeMap<WaveNumber, Vec<TaskId>> = BTreeMap::new();
        for slot in &self.slots {
            waves.entry(slot.wave).or_default().push(slot.id.clone());
        }
        let mut plan = Plan::of(waves);
        plan.document = Some(document.to_owned());
        for wave in self.waves.iter().filter(|wave| !wave.title.is_empty()) {
            let note = Edit::Note { of: Holder::Wave(wave.number), note: wave.title.clone() };
            // A note of a wave is never refused.
            if let Ok((noted, _)) = plan.edited(&note, "") {
                plan = noted;
            }
        }
        plan
    }
}
