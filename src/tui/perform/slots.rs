//! Verbs on a board of tasks: what it shows, who holds a slot and why it stands there, what is safe together, and where the
//! document disagrees.

use crate::plan::backlog::TaskId;
use crate::plan::order::{Balance, Graph};
use crate::plan::slots::{Change, Edit, Holder, Lock, Slot, book::slug_of};
use crate::supervisor::protocol::Request;
use crate::tui::app::{App, Asked, Region};
use crate::tui::board::drag::Order;
use crate::tui::board::subject::{Subject, Viewed, has_tasks, names};
use crate::tui::board::verdict::Legality;
use crate::tui::drift::DriftList;
use crate::tui::event::Command;
use crate::tui::layer::{Layer, Line, Page};
use crate::tui::notice::Weight;
use crate::tui::plans::PlanList;
use crate::tui::theme::Role;
use crate::tui::words::{Purpose, Words};

/// The saved plan that the board shows.
struct Shown {
    slug: String,
    version: u64,
}

impl App {
    /// Shows the tasks of a plan where the agents of waves were, or these again.
    pub(super) fn toggle_subject(&mut self) {
        self.go_to(Region::Board);
        match self.board.subject {
            Subject::Waves if !has_tasks(&self.told) => {
                self.notice(
                    "There is no backlog and no plan yet: `wavedeck import` reads them.",
                    Weight::Plain,
                );
            }
            Subject::Waves => self.board.show(Subject::Plan(Viewed::usual(&self.told))),
            Subject::Plan(_) => self.board.show(Subject::Waves),
        }
    }

    /// Lists the plans that the board can show.
    pub(super) fn list_plans(&mut self) {
        self.layers.push(Layer::Plans(PlanList::new()));
    }

    /// Lists where the document, the plan and the dependencies disagree.
    pub(super) fn list_drift(&mut self) {
        if self.board.viewed().is_none() && has_tasks(&self.told) {
            self.toggle_subject();
            self.board.settle(&self.told);
        }
        self.layers.push(Layer::Drift(DriftList::default()));
    }

    /// Asks for the name under which what the board shows is saved.
    pub(super) fn save_plan(&mut self) {
        let Some(viewed) = self.board.viewed().cloned() else {
            return self.notice("These waves are files; they are saved as they are.", Weight::Plain);
        };
        let graph = Graph::of(&self.told.state.backlog);
        let plan = viewed.plan(&self.told, &graph).into_owned();
        let name = match &viewed {
            Viewed::Saved(slug) => format!("{slug}-2"),
            Viewed::Computed(scope) if scope.is_empty() => "backlog".into(),
            Viewed::Computed(scope) => slug_of(&names(scope)),
        };
        let about = "From then on its waves keep their numbers, and cards can be moved.";
        let words = Words::new("Save as plan".into(), about, &name, Purpose::Name { plan });
        self.layers.push(Layer::Words(words));
    }

    /// Holds the selected task where it is, or lets go of it.
    pub(super) fn toggle_lock(&mut self) -> Vec<Command> {
        let Some((shown, task)) = self.slot_in_hand() else { return Vec::new() };
        let locked = self.slot_of(&shown, &task).is_some_and(|slot| slot.lock.is_some());
        let of = Holder::Task(task);
        let edit = if locked {
            Edit::Unlock { of }
        } else {
            // Signed and dated by the driver.
            let lock = Lock { by: self.settings.operator.clone(), at_ms: self.now.0 };
            Edit::Lock { of, lock }
        };
        vec![self.change(shown, edit)]
    }

    /// Asks for the reason why the selected task stands where it does.
    pub(super) fn ask_for_reason(&mut self) {
        let Some((shown, task)) = self.slot_in_hand() else { return };
        let note = self.slot_of(&shown, &task).map(|slot| slot.note.clone()).unwrap_or_default();
        let purpose = Purpose::Reason {
            slug: shown.slug,
            version: shown.version,
            edit: None,
            tasks: vec![task.to_string()],
        };
        let about = "It is part of the task's prompt, and stands on its card.";
        let question = format!("Why does {task} stand there?");
        self.layers.push(Layer::Words(Words::new(question, about, &note, purpose)));
    }

    /// Drops what is held although it breaks a dependency, once the operator has said why.
    pub(super) fn drop_all_the_same(&mut self) {
        let Some(held) = &self.board.held else { return };
        let legality = held.verdict.as_ref().map(|verdict| verdict.legality);
        let Some(Order::Slots { slug, edit, version }) = held.order(&self.told) else {
            return self.notice("Here a reason changes nothing.", Weight::Plain);
        };
        if legality == Some(Legality::Refused) {
            return self.notice("This is refused; a reason changes nothing.", Weight::Plain);
        }
        let tasks = held.cards.iter().map(|card| card.name.clone()).collect();
        let question = format!("Why does {} go there all the same?", held.words());
        let about =
            "The reason is part of the prompt, and stands on the card. Nothing is moved before it is given.";
        let purpose = Purpose::Reason { slug, version, edit: Some(edit), tasks };
        self.layers.push(Layer::Words(Words::new(question, about, "", purpose)));
    }

    /// Marks what may be started now such that all of it is safe together, one task of each track.
    pub(super) fn balance(&mut self) {
        let Some(viewed) = self.board.viewed().cloned() else {
            return self.notice("This is for a board of tasks.", Weight::Plain);
        };
        let graph = Graph::of(&self.told.state.backlog);
        let plan = viewed.plan(&self.told, &graph);
        let turn = viewed.turn(&plan, &graph);
        let balance = Balance { tracks: Vec::new(), per_track: 1 };
        let scope = plan.computed_scope();
        let ready = graph.ready_in_turn(&scope, Some(&balance), |id| turn.holds_back(id));
        let line = |head: &str, text: String, role: Role| Line { head: head.to_owned(), text, role };
        let mut lines = Vec::new();
        for id in &ready.ready {
            let title = self.told.state.backlog.get(id).map(|task| task.title.as_str()).unwrap_or_default();
            lines.push(line(graph.track(id).unwrap_or("no track"), format!("{id} {title}"), Role::Allowed));
        }
        for idle in &ready.idle_tracks {
            lines.push(line(&idle.track, format!("idle: {}", idle.why), Role::Muted));
        }
        if lines.is_empty() {
            lines.push(Line::plain(
                "No task is of a track; `wavedeck saga update ID --track NAME` sets one.",
                Role::Muted,
            ));
        }
        if !ready.ready.is_empty() {
            let text = "They are marked: no dependency between them, no file of two. Pick one up and all come along.";
            lines.push(Line::plain("", Role::Text));
            lines.push(Line::plain(text, Role::Muted));
        }
        self.board.marked = ready.ready.iter().map(ToString::to_string).collect();
        self.layers.push(Layer::Page(Page {
            title: "safe together, one of each track".into(),
            lines,
            first: 0,
        }));
    }

    /// Does what words were asked for.
    pub(super) fn take_words(&mut self, words: Words) -> Vec<Command> {
        let text = words.prompt.text().trim().to_owned();
        match words.purpose.clone() {
            Purpose::Name { plan } => {
                let slug = slug_of(&text);
                if self.told.state.plans.get(&slug).is_some() {
                    self.notice(
                        format!("There is a plan {slug} already; it was left as it is."),
                        Weight::Wrong,
                    );
                    self.layers.push(Layer::Words(words));
                    return Vec::new();
                }
                self.board.show(Subject::Plan(Viewed::Saved(slug.clone())));
                vec![self.change_slots(Change::Save { slug, plan }, None)]
            }
            Purpose::Reason { edit: Some(_), .. } if text.is_empty() => {
                self.notice("Nothing was moved: it needs a reason.", Weight::Plain);
                Vec::new()
            }
            Purpose::Reason { slug, version, edit, tasks } => {
                let notes = tasks.into_iter().map(|task| Edit::Note {
                    of: Holder::Task(TaskId::from(task.as_str())),
                    note: text.clone(),
                });
                let moves = match edit {
                    Some(Edit::All { edits }) => edits,
                    Some(edit) => vec![edit],
                    None => Vec::new(),
                };
                let edits = moves.into_iter().chain(notes).collect();
                self.board.put_back();
                vec![self.change(Shown { slug, version }, Edit::All { edits })]
            }
        }
    }

    /// Makes the plan say what the document says: of the selected row, or of all.
    pub(super) fn accept_drift(&mut self, all: bool) -> Vec<Command> {
        let Some((shown, tasks)) = self.rows_in_hand(all) else { return Vec::new() };
        let by = self.settings.operator.clone();
        let expected = Some(shown.version);
        vec![self.request(Request::AcceptDocument { slug: shown.slug, tasks, expected, by }, Asked::Told)]
    }

    /// Makes the document say what the plan says: of the selected row, or of all.
    pub(super) fn write_drift(&mut self, all: bool) -> Vec<Command> {
        let Some((shown, tasks)) = self.rows_in_hand(all) else { return Vec::new() };
        let by = self.settings.operator.clone();
        let expected = Some(shown.version);
        vec![self.request(Request::WriteDocument { slug: shown.slug, tasks, expected, by }, Asked::Told)]
    }

    /// Goes to the card that the selected row speaks of.
    pub(super) fn go_to_drift(&mut self, list: &DriftList) {
        let Some(id) = list.row(&self.board).map(|row| row.id.to_string()) else { return };
        let card = self.board.deck.cards.iter().find(|card| card.id.name == id).map(|card| card.id.clone());
        match card {
            Some(card) => {
                self.go_to(Region::Board);
                self.board.selected = Some(card);
            }
            None => self.notice(format!("{id} has no card: it is not in the backlog."), Weight::Plain),
        }
    }

    /// Asks for an edit of the plan that was looked at.
    pub(super) fn change_plan(&mut self, slug: String, version: u64, edit: Edit) -> Command {
        self.change(Shown { slug, version }, edit)
    }

    fn change(&mut self, shown: Shown, edit: Edit) -> Command {
        self.change_slots(Change::Edit { slug: shown.slug, edit }, Some(shown.version))
    }

    fn change_slots(&mut self, change: Change, expected: Option<u64>) -> Command {
        self.request_by(|by| Request::ChangeSlots { change, expected, by })
    }

    /// The tasks of the drift view's rows that can be settled; the operator is told where there is none.
    fn rows_in_hand(&mut self, all: bool) -> Option<(Shown, Vec<TaskId>)> {
        let shown = self.shown()?;
        let Some(Layer::Drift(list)) = self.layers.last() else { return None };
        let rows = if all {
            self.board.deck.drift.iter().collect()
        } else {
            list.row(&self.board).into_iter().collect::<Vec<_>>()
        };
        let tasks: Vec<TaskId> =
            rows.into_iter().filter(|row| row.kind.is_about_slots()).map(|row| row.id.clone()).collect();
        if tasks.is_empty() {
            self.notice(
                "This is for you to see to: neither the plan nor the document can settle it.",
                Weight::Plain,
            );
            return None;
        }
        Some((shown, tasks))
    }

    fn shown(&self) -> Option<Shown> {
        let viewed = self.board.viewed()?;
        let named = viewed.named(&self.told)?;
        Some(Shown { slug: viewed.slug()?.to_owned(), version: named.version })
    }

    /// The selected task with a slot in a saved plan; the operator is told where there is none.
    fn slot_in_hand(&mut self) -> Option<(Shown, TaskId)> {
        let task = self.board.selected.as_ref().map(|id| TaskId::from(id.name.as_str()));
        let found = self.shown().zip(task).filter(|(shown, task)| self.slot_of(shown, task).is_some());
        if found.is_none() {
            self.notice("This is for a task in a wave of a saved plan.", Weight::Plain);
        }
        found
    }

    fn slot_of(&self, shown: &Shown, task: &TaskId) -> Option<&Slot> {
        self.told.state.plans.get(&shown.slug)?.plan.slot(task)
    }
}
