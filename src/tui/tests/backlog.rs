//! A board of tasks: a backlog of two sagas, a plan made from a hand-written document, and what the operator does to them.

use super::room::Room;
use super::stage::{START, Stage};
use crate::engine::Input;
use crate::plan::backlog::{Kind, Source, SourceKind, Status, Task, TaskId};
use crate::plan::document::{Ids, read};
use crate::plan::slots::{Change, Edit, Holder, Lock, Slot};
use crate::session::keys::{MouseAction, MouseButton};
use crate::supervisor::protocol::Request;
use crate::tui::event::Event;

const LEFT: MouseButton = MouseButton::Left;

/// The document of the story.
pub(super) const DOCUMENT: &str = "# Next session\n\n\
- Wave 1: T101, T102\n\
- Wave 2: T148, T149, T150\n\
- Wave 3: T160, T161, T999\n\
- then whatever is left of the ledger (T170?)\n";

/// A task of the story: id, title, where it lies, what it needs, files, status.
type Told = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str, Status);

const TASKS: &[Told] = &[
    ("T101", "Storage format", "E10", &[], "src/store/", Status::Done),
    ("T102", "Skeleton screens", "E20", &[], "web/screens/", Status::Done),
    ("T148", "Eviction bound", "E10", &["T101"], "src/cache/evict.rs", Status::Pending),
    ("T149", "Cutover order", "E10", &["T148"], "src/cutover.rs", Status::Pending),
    ("T150", "Inbox filters", "E20", &["T102"], "web/inbox/", Status::Active),
    ("T160", "Split ledger", "E10", &["T148", "T149", "T150"], "src/ledger/", Status::Pending),
    ("T161", "Saved views", "E20", &["T150", "T404"], "web/inbox/views.rs", Status::Pending),
    ("T170", "Publish documents", "E20", &["T161"], "docs/", Status::Pending),
    ("T171", "Rotate keys", "E10", &[], "src/keys.rs", Status::Pending),
    ("T172", "Search index", "E20", &[], "src/cache/", Status::Pending),
    ("T173", "Chicken", "E20", &["T174"], "", Status::Pending),
    ("T174", "Egg", "E20", &["T173"], "", Status::Pending),
];

/// The story of wave 2 with a backlog beside it, and a plan made from the document in which somebody has moved a card.
pub(super) fn story() -> Stage {
    let mut stage = Stage::new();
    stage.now = START;
    let mut records = Vec::new();
    let mut add = |task: Task| records.push(task);
    for (saga, epic, title, track) in [("S1", "E10", "Storage", "infra"), ("S2", "E20", "Screens", "product")]
    {
        add(Task { track: Some(track.into()), ..Task::new(saga, Kind::Saga, title) });
        add(Task {
            parent: Some(saga.into()),
            ..Task::new(epic, Kind::Epic, format!("{title}, first half"))
        });
    }
    for (id, title, parent, needs, files, status) in TASKS {
        add(Task {
            status: *status,
            parent: Some((*parent).into()),
            depends: needs.iter().map(|id| TaskId::from(*id)).collect(),
            files: if files.is_empty() { Vec::new() } else { vec![(*files).to_string()] },
            ..Task::new(*id, Kind::Task, *title)
        });
    }
    let source = Source { path: "tasks.db".into(), kind: SourceKind::Cleo, follow: false };
    stage.say(Input::BacklogRead { source, records, by: "kim".into() });
    let known: Vec<TaskId> = stage.state.backlog.tasks().map(|task| task.id.clone()).collect();
    let reading = read(DOCUMENT, &Ids::of(&known));
    let plan = reading.plan("NEXT_SESSION.md");
    let by = || "kim".to_string();
    let mut tell = |change: Change| {
        stage.say(Input::ChangeSlots { change, by: by(), expected: None });
    };
    tell(Change::Save { slug: "next".into(), plan });
    let edit = |edit: Edit| Change::Edit { slug: "next".into(), edit };
    tell(edit(Edit::Move { task: "T149".into(), wave: 1, index: None }));
    tell(edit(Edit::Note { of: Holder::Task("T149".into()), note: "the customer waits".into() }));
    let lock = Lock { by: "lee".into(), at_ms: START.0 };
    stage.say(Input::ChangeSlots {
        change: edit(Edit::Lock { of: Holder::Task("T160".into()), lock }),
        by: "lee".into(),
        expected: None,
    });
    stage.say(Input::DocumentRead { path: "NEXT_SESSION.md".into(), reading: Some(Box::new(reading)) });
    stage
}

/// A room that shows the plan.
pub(super) fn room(columns: u16, rows: u16) -> Room {
    let mut room = Room::told(&story(), columns, rows);
    room.keys("b");
    room
}

/// What a room asked of the plan, its version apart.
fn asked(room: &mut Room) -> Vec<Change> {
    let requests = room.requests().into_iter();
    requests
        .map(|request| match request {
            Request::ChangeSlots { change, expected, by } => {
                assert_eq!(by, "kim");
                let saved = matches!(change, Change::Save { .. });
                assert_eq!(expected.is_some(), !saved, "what was looked at is named");
                change
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

fn edit(edit: Edit) -> Change {
    Change::Edit { slug: "next".into(), edit }
}

fn selected(room: &Room) -> &str {
    &room.app.board.selected.as_ref().unwrap().name
}

/// Where a card begins: column and row.
fn card(room: &Room, name: &str) -> (u16, u16) {
    let (_, grid) = room.app.regions().board.unwrap();
    let cards = &room.app.board.deck.cards;
    let slot = grid.slots.iter().find(|slot| cards[slot.card].id.name == name).unwrap();
    (slot.rect.x, slot.rect.y)
}

/// Goes to a card by the filter, as an operator does who knows its name.
fn find(room: &mut Room, name: &str) {
    room.keys("/").text(name).keys("Enter");
    assert_eq!(selected(room), name);
    room.keys("Esc");
}

#[test]
fn a_task_of_another_saga_is_slotted_and_its_consequence_is_told_before() {
    let mut room = room(200, 50);
    find(&mut room, "T171");
    room.keys("Space Left Left Left Left");
    let screen = room.screen();
    assert!(screen.contains("no wave \u{2192} wave 1"), "{screen}");
    assert!(screen.contains("runnable now: T171"), "{screen}");
    room.keys("Enter");
    let slot = Slot::of("T171".into());
    assert_eq!(asked(&mut room), [edit(Edit::Assign { slot, wave: 1, index: None })]);
}

#[test]
fn shared_files_are_told_before() {
    let mut room = room(200, 50);
    find(&mut room, "T172");
    room.keys("Space Left Left Left");
    let screen = room.screen();
    assert!(screen.contains("T148 and T172 touch the same files: src/cache/evict.rs"), "{screen}");
}

#[test]
fn a_slot_that_breaks_a_dependency_needs_a_reason() {
    let mut room = room(200, 50);
    find(&mut room, "T161");
    room.keys("Space Left Enter");
    assert_eq!(asked(&mut room), [], "nothing is moved before the reason is given");
    room.keys("Enter");
    assert_eq!(asked(&mut room), [], "an empty reason is none");
    room.keys("f").text("design only").keys("Enter");
    let moved = Edit::Move { task: "T161".into(), wave: 2, index: None };
    let note = Edit::Note { of: Holder::Task("T161".into()), note: "design only".into() };
    assert_eq!(asked(&mut room), [edit(Edit::All { edits: vec![moved, note] })]);
    assert!(room.app.board.held.is_none());
}

#[test]
fn what_somebody_else_holds_stays() {
    let mut room = room(200, 50);
    find(&mut room, "T160");
    room.keys("Space Right Enter");
    assert_eq!(asked(&mut room), []);
    assert!(room.screen().contains("T160 was put back. T160 is locked by lee"), "{}", room.screen());
    room.keys("K");
    assert_eq!(asked(&mut room), [edit(Edit::Unlock { of: Holder::Task("T160".into()) })]);
}

#[test]
fn cards_are_ordered_by_dropping_them_between_others() {
    let mut room = room(200, 50);
    find(&mut room, "T149");
    room.keys("Space Up Enter");
    let moved = Edit::Move { task: "T149".into(), wave: 1, index: Some(0) };
    assert_eq!(asked(&mut room), [edit(moved.clone())]);
    room.keys("Space Up Down Enter");
    assert_eq!(asked(&mut room), [], "back where it was, nothing is asked");
    let (from, onto) = (card(&room, "T149"), card(&room, "T101"));
    room.mouse(MouseAction::Press(LEFT), from.0 + 1, from.1);
    room.mouse(MouseAction::Drag(LEFT), onto.0 + 3, onto.1);
    let ghost = room.screen();
    room.mouse(MouseAction::Drag(LEFT), onto.0 + 4, onto.1);
    assert_eq!(room.screen(), ghost, "the place that opened under the pointer stays");
    room.mouse(MouseAction::Release(LEFT), onto.0 + 4, onto.1);
    assert_eq!(asked(&mut room), [edit(moved)]);
}

#[test]
fn marked_cards_go_together() {
    let mut room = room(200, 50);
    find(&mut room, "T148");
    room.keys("m");
    find(&mut room, "T161");
    room.keys("m");
    find(&mut room, "T148");
    room.keys("Space Right Right");
    assert!(room.screen().contains("T148 and 1 more  wave 2 \u{2192} wave 4"), "{}", room.screen());
    room.keys("f").text("later").keys("Enter");
    let changes = asked(&mut room);
    let [Change::Edit { edit: Edit::All { edits }, .. }] = changes.as_slice() else {
        panic!("one edit of several")
    };
    let moved: Vec<String> = edits.iter().map(Edit::words).collect();
    assert_eq!(moved[..2], ["T148 goes to wave 4", "T161 goes to wave 4"], "{moved:?}");
}

#[test]
fn one_of_each_track_is_marked_by_one_key() {
    let marked = |room: &Room| room.app.board.marked.iter().cloned().collect::<Vec<_>>();
    let mut room = room(200, 50);
    assert!(room.screen().contains("after wave 1"), "a card says that its wave's turn has not come");
    room.keys("B");
    let screen = room.screen();
    assert!(screen.contains("infra          idle:"), "{screen}");
    assert_eq!(marked(&room), Vec::<String>::new(), "wave 1 is not finished: nothing of wave 2 may start");
    // What is computed knows no turns. T148 and T172 would touch one file, so T171 goes with T172.
    room.keys("Enter P").text("whole").keys("Enter B");
    assert_eq!(marked(&room), ["T171", "T172"], "{}", room.screen());
}

#[test]
fn the_drift_is_settled_row_by_row() {
    let mut room = room(120, 40);
    room.keys("d");
    assert!(room.screen().contains("NEXT_SESSION.md:4"), "{}", room.screen());
    let version = room.app.told.state.plans.get("next").unwrap().version;
    let (slug, by, expected) = ("next".to_string(), "kim".to_string(), Some(version));
    let tasks: Vec<TaskId> = vec!["T149".into()];
    let find_row = |room: &mut Room, id: &str| {
        let at = room.app.board.deck.drift.iter().position(|row| row.id.as_str() == id).unwrap();
        room.keys("Home");
        (0..at).for_each(|_| {
            room.keys("Down");
        });
    };
    find_row(&mut room, "T149");
    room.keys("a w");
    assert_eq!(
        room.requests(),
        [
            Request::AcceptDocument { slug: slug.clone(), tasks: tasks.clone(), expected, by: by.clone() },
            Request::WriteDocument { slug, tasks, expected, by },
        ]
    );
    find_row(&mut room, "T999");
    room.keys("a");
    assert_eq!(room.requests(), [], "what is not in the backlog nobody can settle here");
}

#[test]
fn a_plan_is_found_by_words_of_its_name() {
    let mut room = room(200, 50);
    // Letters that stand apart in `plan next` are no name of it.
    room.keys("P").text("net");
    assert!(room.screen().contains("No plan matches."), "{}", room.screen());
    room.keys("Esc P").text("comp S2").keys("Enter");
    assert!(room.screen().contains("computed, S2"), "{}", room.screen());
    assert_ne!(selected(&room), "T101", "what was selected there has no meaning here");
}

#[test]
fn what_is_computed_is_saved_first() {
    let mut room = room(200, 50);
    room.keys("P").text("S1").keys("Enter");
    assert!(room.screen().contains("computed, S1"), "{}", room.screen());
    find(&mut room, "T149");
    room.keys("Space Left Enter");
    assert_eq!(asked(&mut room), []);
    assert!(room.screen().contains("These waves are computed"), "{}", room.screen());
    room.keys("S Enter");
    let changes = asked(&mut room);
    let [Change::Save { slug, plan }] = changes.as_slice() else { panic!("one save") };
    assert_eq!(slug, "s1");
    assert_eq!(plan.scope, [TaskId::from("S1")]);
    assert!(plan.place(&"T149".into()).is_some());
}

#[test]
fn a_board_goes_on_under_a_card_that_is_held_at_its_edge() {
    let mut room = room(80, 24);
    let from = card(&room, "T149");
    room.mouse(MouseAction::Press(LEFT), from.0 + 1, from.1);
    room.mouse(MouseAction::Drag(LEFT), 79, from.1);
    assert_eq!(room.app.board.first_column, 0);
    for _ in 0..2 {
        let due = room.app.next_tick().expect("the board wants to go on");
        room.now = due;
        room.event(Event::Tick);
    }
    assert_eq!(room.app.board.first_column, 2);
    room.keys("Esc");
    assert!(room.app.board.held.is_none());
    assert_eq!(room.requests(), []);
}
