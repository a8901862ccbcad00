//! The deck of a plan: its waves are columns, its tasks are cards, and what is in no wave stands in a column of its own.
//! Every card says why it waits; where the document, the plan and the dependencies disagree, the headline counts it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Count, Deck, DeckCard, Standing, TrackRow, WaveColumn};
use crate::engine::view::{Card, Condition};
use crate::plan::WaveNumber;
use crate::plan::backlog::{Status, Task, TaskId};
use crate::plan::document;
use crate::plan::order::{Fault, Graph, Wait, WaitKind};
use crate::plan::slots::{Broken, Plan, PlanWave, Slot, Turn, broken};
use crate::tui::board::subject::{Viewed, agents, placement, scope_of};
use crate::tui::board::{CardId, ColumnKey};
use crate::tui::theme::Role;
use crate::tui::told::Told;

/// Row of the tasks that are of no track.
const NO_TRACK: &str = "no track";

/// The tasks of a plan.
pub(super) fn deck(told: &Told, viewed: &Viewed) -> Deck {
    let graph = Graph::of(&told.state.backlog);
    let plan = viewed.plan(told, &graph);
    let mut scene = Scene {
        graph: &graph,
        agents: agents(told),
        placement: placement(&plan),
        baseline: viewed.baseline(told),
        broken: BTreeMap::new(),
        turn: viewed.turn(&plan, &graph),
    };
    for broken in broken(&plan, &graph) {
        scene.broken.entry(broken.id.clone()).or_default().push(broken);
    }
    let outside = unslotted(&plan, &graph, &scene.placement);
    let tracks = Tracks { graph: &graph, written: written_tracks(told, viewed) };
    let placed = plan.slots().map(|(_, slot)| &slot.task);
    let mut deck = Deck { rows: tracks.rows(placed.chain(outside.iter())), ..Deck::default() };
    deck.columns = plan.waves().iter().map(|wave| column(wave, &graph)).collect();
    deck.columns.extend(further_columns(&plan, viewed, !outside.is_empty()));
    let row_of: BTreeMap<String, usize> =
        deck.rows.iter().enumerate().map(|(index, row)| (row.name.clone(), index)).collect();
    let row = |id: &TaskId| row_of.get(tracks.of(id)).copied();
    for (index, wave) in plan.waves().iter().enumerate() {
        for slot in &wave.slots {
            if let Some(row) = row(&slot.task) {
                deck.add(scene.slotted(wave.number, slot, index, row));
            }
        }
    }
    let last = deck.columns.len().saturating_sub(1);
    for id in &outside {
        if let Some(row) = row(id) {
            deck.add(scene.unslotted(id, last, row));
        }
    }
    if let Some(reading) = viewed.reading(told) {
        deck.drift = document::drift(reading, &plan, &graph, &plan.computed_placement(&graph));
    }
    deck.headline = headline(told, viewed, &plan, &scene, &deck);
    deck
}

/// What the cards of a plan are made from.
struct Scene<'t> {
    graph: &'t Graph<'t>,
    agents: BTreeMap<&'t str, &'t Card>,
    placement: HashMap<&'t str, WaveNumber>,
    baseline: HashMap<&'t str, WaveNumber>,
    broken: BTreeMap<TaskId, Vec<Broken>>,
    turn: Turn,
}

/// What a card says of its task.
struct Said {
    condition: Condition,
    word: &'static str,
    reason: String,
}

impl Said {
    fn new(condition: Condition, word: &'static str, reason: impl Into<String>) -> Said {
        Said { condition, word, reason: reason.into() }
    }
}

impl Scene<'_> {
    fn slotted(&self, wave: WaveNumber, slot: &Slot, column: usize, row: usize) -> DeckCard {
        let mut said = self.said(&slot.task);
        let early = self.broken.get(&slot.task).map(Vec::as_slice).unwrap_or_default();
        if let (Some(first), Condition::NotStarted | Condition::Held) = (early.first(), said.condition) {
            let more = if early.len() > 1 { format!(" +{}", early.len() - 1) } else { String::new() };
            let reason = format!("before {} (wave {}){more}", first.needs, first.needs_wave);
            said = Said::new(Condition::NeedsLook, "too early", reason);
        }
        if !slot.note.is_empty() {
            said.reason = if said.reason.is_empty() {
                slot.note.clone()
            } else {
                format!("{}: {}", said.reason, slot.note)
            };
        }
        let moved = self.baseline.get(slot.task.as_str()).filter(|before| **before != wave);
        let mut marks: Vec<String> =
            moved.map(|before| format!("moved {before} to {wave}")).into_iter().collect();
        marks.extend(slot.lock.as_ref().map(|lock| format!("held by {}", lock.by)));
        self.card(&slot.task, ColumnKey::Wave(wave), column, row, said, marks.join(", "))
    }

    fn unslotted(&self, id: &TaskId, column: usize, row: usize) -> DeckCard {
        let mark =
            self.baseline.get(id.as_str()).map(|before| format!("was in wave {before}")).unwrap_or_default();
        self.card(id, ColumnKey::Unslotted, column, row, self.said(id), mark)
    }

    fn card(
        &self,
        id: &TaskId,
        key: ColumnKey,
        column: usize,
        row: usize,
        said: Said,
        mark: String,
    ) -> DeckCard {
        let agent = self.agents.get(id.as_str());
        let title = self.graph.get(id).map(|task| task.title.clone()).unwrap_or_default();
        DeckCard {
            id: CardId { column: key, name: id.to_string() },
            column,
            row,
            title,
            condition: said.condition,
            word: said.word,
            since: agent.and_then(|card| card.since),
            reason: said.reason,
            until: agent.and_then(|card| card.until),
            mark,
            runtime: agent.map(|card| card.runtime.clone()).unwrap_or_default(),
            tries: agent.map(|card| (card.tries_used, card.tries_allowed)).unwrap_or_default(),
        }
    }

    /// Where a task stands: by the agent that works on it, else by its status and what it waits for.
    fn said(&self, id: &TaskId) -> Said {
        if let Some(card) = self.agents.get(id.as_str()) {
            return Said::new(card.condition, crate::tui::glyph::word(card.condition), card.reason.clone());
        }
        match self.graph.get(id) {
            None => Said::new(Condition::NeedsLook, "unknown", "not in the backlog"),
            Some(task) => self.standing(task),
        }
    }

    fn standing(&self, task: &Task) -> Said {
        match task.status {
            Status::Done | Status::Cancelled | Status::Archived => {
                Said::new(Condition::Passed, task.status.word(), "")
            }
            Status::Active => Said::new(Condition::Working, "active", ""),
            Status::Blocked => Said::new(Condition::Held, "blocked", self.waits(task).unwrap_or_default()),
            Status::Proposed => Said::new(Condition::NotStarted, "proposed", "not decided"),
            Status::Pending => match self.waits(task) {
                Some(reason) => Said::new(Condition::Held, "waits", reason),
                None if self.turn.holds_back(&task.id).is_some() => {
                    let wave = self.turn.wave().map_or_else(String::new, |wave| format!("after wave {wave}"));
                    Said::new(Condition::Held, "waits", wave)
                }
                None => Said::new(Condition::NotStarted, "ready", self.unblocks(&task.id)),
            },
        }
    }

    /// `2 of 3 blockers: T151, T160, 1 waits for you`; `None` when nothing is waited for.
    fn waits(&self, task: &Task) -> Option<String> {
        let waits = self.graph.waits(&task.id, |id| self.placement.contains_key(id.as_str()));
        if waits.is_empty() {
            return None;
        }
        let missing = waits.iter().filter(|wait| wait.kind == WaitKind::Missing).count();
        let all = self.graph.needs(&task.id).len() + missing;
        let names: Vec<String> = waits.iter().map(|wait| self.waited_for(wait)).collect();
        let yours = waits.iter().filter(|wait| self.waits_for_operator(&wait.id)).count();
        let yours = match yours {
            0 => String::new(),
            1 => ", 1 waits for you".into(),
            more => format!(", {more} wait for you"),
        };
        let blockers = match (waits.len(), all) {
            (1, 1) => "waits".to_owned(),
            (waiting, all) => format!("{waiting} of {all} blockers:"),
        };
        Some(format!("{blockers} {}{yours}", names.join(", ")))
    }

    fn waited_for(&self, wait: &Wait) -> String {
        match wait.kind {
            WaitKind::InPlan => wait.id.to_string(),
            WaitKind::Outside => format!("{} outside", wait.id),
            WaitKind::Missing => format!("{} missing", wait.id),
            WaitKind::Cycle => format!("{} in a circle", wait.id),
        }
    }

    fn waits_for_operator(&self, id: &TaskId) -> bool {
        self.agents.get(id.as_str()).is_some_and(|card| card.condition == Condition::Waiting)
    }

    fn unblocks(&self, id: &TaskId) -> String {
        match self.graph.unblocks(id) {
            0 => String::new(),
            count => format!("unblocks {count}"),
        }
    }
}

/// Unfinished work that has no slot: what the plan is about first, then what may start, then as people look at tasks.
fn unslotted(plan: &Plan, graph: &Graph<'_>, placement: &HashMap<&str, WaveNumber>) -> Vec<TaskId> {
    let open = |task: &&Task| {
        task.is_work() && !task.status.is_finished() && !placement.contains_key(task.id.as_str())
    };
    let mut ids: Vec<TaskId> = graph.backlog().tasks().filter(open).map(|task| task.id.clone()).collect();
    graph.sort(&mut ids);
    let members = graph.members(&scope_of(&plan.scope));
    ids.sort_by_cached_key(|id| (!graph.holds(&members, id), !graph.is_free(id)));
    ids
}

/// The tracks that a hand-written document names, by task.
fn written_tracks<'t>(told: &'t Told, viewed: &Viewed) -> BTreeMap<&'t TaskId, &'t str> {
    let slots = viewed.reading(told).into_iter().flat_map(|reading| &reading.slots);
    slots.filter_map(|slot| Some((&slot.id, slot.track.as_deref()?))).collect()
}

/// Who says of which track a task is: the backlog, and where it says nothing the document.
struct Tracks<'t> {
    graph: &'t Graph<'t>,
    written: BTreeMap<&'t TaskId, &'t str>,
}

impl Tracks<'_> {
    fn of(&self, id: &TaskId) -> &str {
        self.graph.track(id).or_else(|| self.written.get(id).copied()).unwrap_or(NO_TRACK)
    }

    /// Tracks in the order in which their first tasks stand in the plan; tasks of no track come last.
    fn rows<'t>(&self, ids: impl Iterator<Item = &'t TaskId>) -> Vec<TrackRow> {
        let mut seen = BTreeSet::new();
        let mut names: Vec<&str> = ids.map(|id| self.of(id)).filter(|name| seen.insert(*name)).collect();
        names.sort_by_key(|name| *name == NO_TRACK);
        let row = |name: &str| TrackRow { name: name.to_owned(), count: Count::default() };
        names.into_iter().map(row).collect()
    }
}

fn column(wave: &PlanWave, graph: &Graph<'_>) -> WaveColumn {
    let statuses = || wave.slots.iter().filter_map(|slot| graph.get(&slot.task)).map(|task| task.status);
    let standing = if statuses().count() == wave.slots.len()
        && statuses().all(Status::is_finished)
        && !wave.slots.is_empty()
    {
        Standing::Closed
    } else if statuses().any(|status| status == Status::Active) {
        Standing::Running
    } else {
        Standing::Next
    };
    let held = wave.lock.as_ref().map(|lock| format!("held by {}", lock.by));
    let title = [held, Some(wave.notes.clone()).filter(|notes| !notes.is_empty())];
    let title = title.into_iter().flatten().collect::<Vec<_>>().join(", ");
    WaveColumn { key: ColumnKey::Wave(wave.number), title, standing, count: Count::default() }
}

/// A wave after the last one, where a plan can be edited, and the column of what is in no wave.
fn further_columns(plan: &Plan, viewed: &Viewed, outside: bool) -> Vec<WaveColumn> {
    let next = plan.waves().last().map_or(1, |wave| wave.number.saturating_add(1));
    let column = |key: ColumnKey, title: &str, standing: Standing| WaveColumn {
        key,
        title: title.to_owned(),
        standing,
        count: Count::default(),
    };
    let mut columns = Vec::new();
    if viewed.slug().is_some() {
        columns.push(column(ColumnKey::Wave(next), "new", Standing::Next));
    }
    if outside || viewed.slug().is_some() {
        columns.push(column(ColumnKey::Unslotted, "open tasks in no wave", Standing::Apart));
    }
    columns
}

/// What is to be known of the whole plan, what must not be missed first.
fn headline(
    told: &Told,
    viewed: &Viewed,
    plan: &Plan,
    scene: &Scene<'_>,
    deck: &Deck,
) -> Vec<(String, Role)> {
    let mut pieces = vec![(viewed.words(), Role::Title)];
    let mut loud = |count: usize, one: &str, many: &str| {
        if count > 0 {
            let word = if count == 1 { one } else { many };
            pieces.push((format!("{count} {word}"), Role::NeedsLook));
        }
    };
    loud(deck.drift.len(), "disagreement with the document", "disagreements with the document");
    loud(scene.broken.len(), "task too early", "tasks too early");
    let circles =
        scene.graph.faults().iter().filter(|fault| matches!(fault, Fault::DependencyCycle { .. })).count();
    loud(circles, "circle of dependencies", "circles of dependencies");
    if let Some(document) = &plan.document {
        pieces.push((document.clone(), Role::Muted));
    }
    if let Some(reading) = viewed.reading(told).filter(|reading| !reading.unread.is_empty()) {
        pieces.push((format!("{} lines not understood", reading.unread.len()), Role::Muted));
    }
    pieces
}
