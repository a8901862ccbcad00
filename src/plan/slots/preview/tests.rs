use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{Edit, Holder, Lock, Plan, Renumbering, Slot, broken};
use super::{Before, Preview};
use crate::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
use crate::plan::order::fixtures::any_backlog;
use crate::plan::order::{Conflict, Graph, WaitKind};

fn id(number: u32) -> TaskId {
    TaskId::from(format!("T{number:03}"))
}

fn plan(waves: &[(u32, &[u32])]) -> Plan {
    Plan::of(waves.iter().map(|(wave, tasks)| (*wave, tasks.iter().map(|task| id(*task)).collect())))
}

fn moving(task: u32, wave: u32) -> Edit {
    Edit::Move { task: id(task), wave, index: None }
}

fn assigning(task: u32, wave: u32) -> Edit {
    Edit::Assign { slot: Slot::of(id(task)), wave, index: None }
}

fn task(number: u32, status: Status, needs: &[u32], files: &[&str]) -> Task {
    let mut task = Task::new(id(number), Kind::Task, "x");
    task.status = status;
    task.depends = needs.iter().map(|need| id(*need)).collect();
    task.files = files.iter().map(ToString::to_string).collect();
    task
}

/// 1 is done; 2 and 3 need 1, 4 needs 2 and 3, 5 needs what is not there, 6 needs nothing.
fn backlog() -> Backlog {
    let mut backlog = Backlog::default();
    for task in [
        task(1, Status::Done, &[], &["src/a.rs"]),
        task(2, Status::Pending, &[1], &["src/a.rs"]),
        task(3, Status::Pending, &[1], &["src/b.rs"]),
        task(4, Status::Pending, &[2, 3], &["src/"]),
        task(5, Status::Pending, &[99], &[]),
        task(6, Status::Pending, &[], &["docs/a.md"]),
        task(7, Status::Pending, &[], &["docs/"]),
    ] {
        backlog.put(task);
    }
    backlog
}

/// What a preview says in one line, without what is empty.
fn shown(preview: &Preview) -> String {
    let ids = |ids: &[TaskId]| ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" ");
    let each = |rows: Vec<String>| rows.join(", ");
    let broken = |rows: &[super::Broken]| {
        each(
            rows.iter().map(|it| format!("{}@{} < {}@{}", it.id, it.wave, it.needs, it.needs_wave)).collect(),
        )
    };
    let numbers = |numbers: &[u32]| each(numbers.iter().map(u32::to_string).collect());
    let parts = [
        ("refused", preview.refusal.as_ref().map(|it| it.reason.clone()).unwrap_or_default()),
        ("runnable", ids(&preview.runnable)),
        ("held", ids(&preview.held)),
        ("blocked", each(preview.blocked.iter().map(|it| format!("{} by {}", it.id, ids(&it.by))).collect())),
        ("freed", ids(&preview.freed)),
        ("broken", broken(&preview.broken)),
        ("mended", broken(&preview.mended)),
        ("numbers", each(preview.renumbered.iter().map(|it| format!("{}={}", it.from, it.to)).collect())),
        ("opened", numbers(&preview.opened)),
        ("emptied", numbers(&preview.emptied)),
        (
            "files",
            each(
                preview
                    .overlaps
                    .iter()
                    .map(|it| format!("{}+{} {}", it.a, it.b, it.paths.join(" ")))
                    .collect(),
            ),
        ),
    ];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
    parts.map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("; ")
}

fn check(plan: &Plan, edit: &Edit, expected: &str) {
    let backlog = backlog();
    let before = Before::of(plan, &Graph::of(&backlog), &BTreeSet::from([id(7)]));
    assert_eq!(shown(&before.preview(edit, "kim")), expected, "{edit:?}");
}

#[test]
fn a_preview_says_what_starts_what_breaks_and_whose_files_meet() {
    let start = plan(&[(1, &[1, 2]), (2, &[3]), (3, &[4, 6])]);
    for (edit, expected) in [
        (moving(6, 1), "runnable: T006"),
        (moving(3, 1), "runnable: T003; emptied: 2"),
        (moving(2, 2), "runnable: T003"),
        (
            moving(2, 3),
            "runnable: T003; held: T002; blocked: T004 by T002; broken: T004@3 < T002@3; files: T002+T004 src/a.rs",
        ),
        (
            moving(4, 1),
            "blocked: T004 by T002 T003; broken: T004@1 < T002@1, T004@1 < T003@2; files: T002+T004 src/a.rs",
        ),
        (moving(9, 1), "refused: T009 has no slot in this plan"),
        (assigning(5, 2), "blocked: T005 by T099"),
        (assigning(7, 3), "files: T006+T007 docs/a.md"),
        (assigning(8, 4), "opened: 4"),
        (Edit::Unassign { task: id(3) }, "blocked: T004 by T003; emptied: 2"),
    ] {
        check(&start, &edit, expected);
    }
}

#[test]
fn a_preview_follows_waves_that_get_other_numbers() {
    let start = plan(&[(1, &[1, 2]), (2, &[3]), (3, &[4, 6])]);
    let renumber = |pairs: &[(u32, u32)]| Edit::Renumber {
        waves: pairs.iter().map(|(from, to)| Renumbering { from: *from, to: *to }).collect(),
    };
    let between = Edit::All { edits: vec![renumber(&[(2, 3), (3, 4)]), moving(6, 2)] };
    check(&start, &between, "numbers: 2=3, 3=4; opened: 2");
    let swapped = "blocked: T004 by T003; broken: T004@2 < T003@3; numbers: 2=3, 3=2";
    check(&start, &renumber(&[(2, 3), (3, 2)]), swapped);
}

#[test]
fn locks_refuse_as_they_refuse_the_edit() {
    let mut start = plan(&[(1, &[1, 2]), (2, &[3])]);
    start.make(&Edit::Lock { of: Holder::Task(id(3)), lock: Lock { by: "sam".into(), at_ms: 1 } });
    check(&start, &moving(3, 1), "refused: T003 is locked by sam");
    check(&start, &Edit::All { edits: vec![moving(2, 2), moving(3, 1)] }, "refused: T003 is locked by sam");
}

/// All that a preview speaks of, computed for one plan as a whole.
struct Whole {
    runnable: BTreeSet<TaskId>,
    blocked: BTreeMap<TaskId, BTreeSet<TaskId>>,
    broken: BTreeSet<(TaskId, TaskId)>,
    overlaps: BTreeSet<Conflict>,
    slotted: BTreeSet<TaskId>,
    waves: BTreeSet<u32>,
    turn: Option<u32>,
}

fn whole(plan: &Plan, graph: &Graph<'_>, running: &BTreeSet<TaskId>) -> Whole {
    let backlog = graph.backlog();
    let record = |id: &TaskId| backlog.get(id).filter(|task| !task.status.is_finished());
    let places = plan.placement();
    let open = |id: &TaskId| record(id).is_some_and(Task::is_work);
    let turn = plan.slots().find(|(_, slot)| open(&slot.task)).map(|(wave, _)| wave);
    let starts = |id: &TaskId| {
        open(id)
            && graph.is_free(id)
            && !running.contains(id)
            && record(id).is_some_and(|task| task.status == Status::Pending)
    };
    let mut blocked = BTreeMap::new();
    for (wave, slot) in plan.slots() {
        let waits = graph.waits(&slot.task, |_| true).into_iter();
        let by: BTreeSet<TaskId> = waits
            .filter(|wait| {
                wait.kind == WaitKind::Missing || places.get(&wait.id).is_none_or(|at| *at >= wave)
            })
            .map(|wait| wait.id)
            .collect();
        if !by.is_empty() {
            blocked.insert(slot.task.clone(), by);
        }
    }
    let mut overlaps = BTreeSet::new();
    for wave in plan.waves() {
        let tasks: Vec<&Task> = wave.slots.iter().filter_map(|slot| record(&slot.task)).collect();
        for (index, one) in tasks.iter().enumerate() {
            for other in tasks.iter().skip(index + 1) {
                let paths: BTreeSet<String> =
                    one.files.iter().filter(|file| other.files.contains(file)).cloned().collect();
                if !paths.is_empty() {
                    let (a, b) = if one.id < other.id { (one, other) } else { (other, one) };
                    let paths = paths.into_iter().collect();
                    overlaps.insert(Conflict { a: a.id.clone(), b: b.id.clone(), paths });
                }
            }
        }
    }
    Whole {
        runnable: plan
            .slots()
            .filter(|(wave, slot)| Some(*wave) == turn && starts(&slot.task))
            .map(|(_, slot)| slot.task.clone())
            .collect(),
        blocked,
        broken: broken(plan, graph).into_iter().map(|it| (it.id, it.needs)).collect(),
        overlaps,
        slotted: places.into_keys().collect(),
        waves: plan.waves().iter().map(|wave| wave.number).collect(),
        turn,
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let task = || (0..27_usize).prop_map(|number| TaskId::from(format!("T{number}")));
    let one = prop_oneof![
        6 => (task(), 1..6_u32).prop_map(|(task, wave)| Edit::Move { task, wave, index: None }),
        2 => (task(), 1..6_u32).prop_map(|(task, wave)| Edit::Assign { slot: Slot::of(task), wave, index: Some(0) }),
        2 => task().prop_map(|task| Edit::Unassign { task }),
        1 => prop::collection::vec((1..6_u32, 1..8_u32), 1..3).prop_map(|pairs| Edit::Renumber {
            waves: pairs.into_iter().map(|(from, to)| Renumbering { from, to }).collect()
        }),
        1 => (1..6_u32, "[a]{0,1}").prop_map(|(wave, note)| Edit::Note { of: Holder::Wave(wave), note }),
    ];
    let several = prop::collection::vec(one.clone(), 0..6).prop_map(|edits| Edit::All { edits });
    prop_oneof![3 => one, 2 => several]
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let slots = prop::collection::vec((1..6_u32, 0..26_usize), 0..26);
    let locks =
        prop::collection::vec((prop::bool::ANY, 0..26_usize, prop::sample::select(vec!["kim", "sam"])), 0..3);
    (slots, locks).prop_map(|(slots, locks)| {
        let slots = slots.into_iter().map(|(wave, task)| (wave, vec![TaskId::from(format!("T{task}"))]));
        let mut plan = Plan::of(slots);
        for (of_wave, number, by) in locks {
            let task = Holder::Task(TaskId::from(format!("T{number}")));
            let of = if of_wave { Holder::Wave(number as u32 % 6) } else { task };
            plan.make(&Edit::Lock { of, lock: Lock { by: by.into(), at_ms: 1 } });
        }
        plan
    })
}

fn with_files(mut backlog: Backlog, files: &[usize]) -> Backlog {
    for (number, file) in files.iter().enumerate() {
        if let Some(mut task) = backlog.get(&TaskId::from(format!("T{number}"))).cloned() {
            task.files = vec![format!("src/{file}.rs")];
            backlog.put(task);
        }
    }
    backlog
}

proptest! {
    #[test]
    fn a_preview_is_the_difference_of_before_and_after(
        backlog in any_backlog(),
        files in prop::collection::vec(0..6_usize, 24),
        plan in any_plan(),
        edit in any_edit(),
        running in prop::collection::btree_set((0..24_usize).prop_map(|number| TaskId::from(format!("T{number}"))), 0..3),
    ) {
        let backlog = with_files(backlog, &files);
        let graph = Graph::of(&backlog);
        let preview = Before::of(&plan, &graph, &running).preview(&edit, "kim");
        let after = match plan.edited(&edit, "kim") {
            Ok((after, _)) => after,
            Err(refusal) => {
                prop_assert_eq!(preview, Preview { refusal: Some(refusal), ..Preview::default() });
                return Ok(());
            }
        };
        let (then, now) = (whole(&plan, &graph, &running), whole(&after, &graph, &running));
        let list = |ids: &mut dyn Iterator<Item = &TaskId>| -> Vec<TaskId> {
            ids.filter(|id| now.slotted.contains(*id)).cloned().collect()
        };
        prop_assert_eq!(&preview.refusal, &None);
        prop_assert_eq!(preview.turn, now.turn);
        prop_assert_eq!(&preview.runnable, &list(&mut now.runnable.difference(&then.runnable)));
        prop_assert_eq!(&preview.held, &list(&mut then.runnable.difference(&now.runnable)));
        let blocked: BTreeMap<TaskId, BTreeSet<TaskId>> =
            preview.blocked.iter().map(|it| (it.id.clone(), it.by.iter().cloned().collect())).collect();
        let newly = now.blocked.iter().filter(|(id, _)| !then.blocked.contains_key(*id));
        prop_assert_eq!(blocked, newly.map(|(id, by)| (id.clone(), by.clone())).collect());
        let freed = &mut then.blocked.keys().filter(|id| !now.blocked.contains_key(*id));
        prop_assert_eq!(&preview.freed, &list(freed));
        let pairs = |rows: &[super::Broken]| -> BTreeSet<(TaskId, TaskId)> {
            rows.iter().map(|it| (it.id.clone(), it.needs.clone())).collect()
        };
        prop_assert_eq!(pairs(&preview.broken), now.broken.difference(&then.broken).cloned().collect());
        prop_assert_eq!(pairs(&preview.mended), then.broken.difference(&now.broken).cloned().collect());
        let overlaps: BTreeSet<Conflict> = preview.overlaps.iter().cloned().collect();
        prop_assert_eq!(overlaps, now.overlaps.difference(&then.overlaps).cloned().collect());
        if preview.renumbered.is_empty() {
            prop_assert_eq!(&preview.opened, &now.waves.difference(&then.waves).copied().collect::<Vec<_>>());
            prop_assert_eq!(&preview.emptied, &then.waves.difference(&now.waves).copied().collect::<Vec<_>>());
        }
    }
}
