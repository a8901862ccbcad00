use std::collections::BTreeMap;

use proptest::prelude::*;

use super::book::slug_of;
use super::{Change, Edit, Holder, Lock, Plan, Plans, Renumbering, Slot, broken, drift};
use crate::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
use crate::plan::order::{Graph, Scope};

fn id(number: u32) -> TaskId {
    TaskId::from(format!("T{number:03}"))
}

fn plan(waves: &[(u32, &[u32])]) -> Plan {
    Plan::of(waves.iter().map(|(wave, tasks)| (*wave, tasks.iter().map(|task| id(*task)).collect())))
}

/// `1: T001 T002 | 3: T003`, a locked slot with `!`, a locked wave with `!` at its number, notes in brackets.
fn shown(plan: &Plan) -> String {
    let mark = |lock: &Option<Lock>| if lock.is_some() { "!" } else { "" };
    let note = |note: &str| if note.is_empty() { String::new() } else { format!("({note})") };
    let waves = plan.waves().iter().map(|wave| {
        let slots =
            wave.slots.iter().map(|slot| format!(" {}{}{}", slot.task, mark(&slot.lock), note(&slot.note)));
        format!("{}{}{}:{}", wave.number, mark(&wave.lock), note(&wave.notes), slots.collect::<String>())
    });
    waves.collect::<Vec<_>>().join(" | ")
}

fn lock(by: &str) -> Lock {
    Lock { by: by.into(), at_ms: 7 }
}

fn moving(task: u32, wave: u32, index: Option<usize>) -> Edit {
    Edit::Move { task: id(task), wave, index }
}

fn check(before: &Plan, edit: &Edit, expected: &str) {
    match before.edited(edit, "kim") {
        Ok((after, inverse)) => {
            assert_eq!(shown(&after), expected, "{edit:?}");
            let (back, _) = after.edited(&inverse, "kim").unwrap();
            assert_eq!(&back, before, "{edit:?} back");
        }
        Err(refusal) => assert_eq!(refusal.reason, expected, "{edit:?}"),
    }
}

#[test]
fn edits_do_what_they_say_and_are_taken_back() {
    let before = plan(&[(1, &[1, 2]), (3, &[3])]);
    let assign = |task: u32, wave, index| Edit::Assign { slot: Slot::of(id(task)), wave, index };
    let note = |of, text: &str| Edit::Note { of, note: text.into() };
    let task = |number| Holder::Task(id(number));
    let renumber = |pairs: &[(u32, u32)]| Edit::Renumber {
        waves: pairs.iter().map(|(from, to)| Renumbering { from: *from, to: *to }).collect(),
    };
    for (edit, expected) in [
        (assign(4, 1, Some(1)), "1: T001 T004 T002 | 3: T003"),
        (assign(4, 2, None), "1: T001 T002 | 2: T004 | 3: T003"),
        (assign(2, 2, None), "T002 is in wave 1 already"),
        (Edit::Unassign { task: id(1) }, "1: T002 | 3: T003"),
        (Edit::Unassign { task: id(3) }, "1: T001 T002"),
        (Edit::Unassign { task: id(9) }, "T009 has no slot in this plan"),
        (moving(3, 1, None), "1: T001 T002 T003"),
        (moving(1, 1, None), "1: T002 T001 | 3: T003"),
        (moving(2, 1, Some(0)), "1: T002 T001 | 3: T003"),
        (moving(1, 3, Some(9)), "1: T002 | 3: T003 T001"),
        (note(task(2), "asked for"), "1: T001 T002(asked for) | 3: T003"),
        (note(Holder::Wave(3), "after review"), "1: T001 T002 | 3(after review): T003"),
        (note(Holder::Wave(5), "keep free"), "1: T001 T002 | 3: T003 | 5(keep free):"),
        (note(task(9), "x"), "T009 has no slot in this plan"),
        (Edit::Lock { of: task(1), lock: lock("kim") }, "1: T001! T002 | 3: T003"),
        (Edit::Unlock { of: task(1) }, "T001 is not locked"),
        (renumber(&[(1, 3), (3, 1)]), "1: T003 | 3: T001 T002"),
        (renumber(&[(3, 1)]), "there is a wave 1 already"),
        (renumber(&[(2, 4)]), "there is no wave 2"),
        (renumber(&[(3, 2)]), "1: T001 T002 | 2: T003"),
        (Edit::All { edits: vec![moving(3, 1, None), moving(1, 2, None)] }, "1: T002 T003 | 2: T001"),
        (Edit::All { edits: vec![moving(3, 1, None), moving(9, 2, None)] }, "T009 has no slot in this plan"),
    ] {
        check(&before, &edit, expected);
    }
}

#[test]
fn what_others_have_locked_stays() {
    let mut before = plan(&[(1, &[1, 2]), (2, &[3]), (3, &[4])]);
    before.make(&Edit::Lock { of: Holder::Task(id(1)), lock: lock("sam") });
    before.make(&Edit::Lock { of: Holder::Wave(3), lock: lock("sam") });
    before.make(&Edit::Lock { of: Holder::Task(id(3)), lock: lock("kim") });
    let renumber = |from, to| Edit::Renumber { waves: vec![Renumbering { from, to }] };
    for (edit, expected) in [
        (moving(1, 2, None), "T001 is locked by sam"),
        (Edit::Unassign { task: id(1) }, "T001 is locked by sam"),
        (moving(2, 3, None), "wave 3 is locked by sam"),
        (moving(4, 1, None), "wave 3 is locked by sam"),
        (moving(3, 1, None), "1: T001! T002 T003! | 3!: T004"),
        (renumber(1, 4), "T001 is locked by sam"),
        (renumber(3, 4), "wave 3 is locked by sam"),
        (Edit::Lock { of: Holder::Wave(3), lock: lock("kim") }, "wave 3 is locked by sam already"),
        (Edit::Unlock { of: Holder::Wave(3) }, "1: T001! T002 | 2: T003! | 3: T004"),
    ] {
        check(&before, &edit, expected);
    }
}

#[test]
fn a_new_computation_moves_what_nobody_holds() {
    let mut before = plan(&[(1, &[1, 2]), (2, &[3]), (3, &[4])]);
    before.make(&Edit::Lock { of: Holder::Task(id(1)), lock: lock("sam") });
    before.make(&Edit::Lock { of: Holder::Wave(3), lock: lock("sam") });
    before.make(&Edit::Note { of: Holder::Task(id(3)), note: "first".into() });
    let computed = [(1, vec![id(3), id(5)]), (2, vec![id(1)]), (3, vec![id(6)])];
    assert_eq!(shown(&before.recomputed(computed)), "1: T001! T003(first) T005 | 3!: T004");
}

fn graph_of(depends: &[(u32, &[u32])], done: &[u32]) -> Backlog {
    let mut backlog = Backlog::default();
    for (task, needs) in depends {
        let mut record = Task::new(id(*task), Kind::Task, "x");
        record.depends = needs.iter().map(|need| id(*need)).collect();
        if done.contains(task) {
            record.status = Status::Done;
        }
        backlog.put(record);
    }
    backlog
}

#[test]
fn slots_that_break_a_dependency_are_flagged_and_what_is_done_breaks_nothing() {
    let backlog = graph_of(&[(1, &[]), (2, &[1]), (3, &[2]), (4, &[3]), (5, &[9])], &[4]);
    let graph = Graph::of(&backlog);
    let wrong = |plan: &Plan| -> Vec<String> {
        let all = broken(plan, &graph).into_iter();
        all.map(|it| format!("{}@{} needs {}@{}", it.id, it.wave, it.needs, it.needs_wave)).collect()
    };
    assert_eq!(wrong(&plan(&[(1, &[1]), (2, &[2]), (3, &[3, 4, 5])])), Vec::<String>::new());
    assert_eq!(wrong(&plan(&[(1, &[1, 2]), (2, &[3])])), ["T002@1 needs T001@1"]);
    assert_eq!(wrong(&plan(&[(1, &[3, 4]), (2, &[2])])), ["T003@1 needs T002@2"]);
}

#[test]
fn drift_says_what_became_of_a_baseline() {
    let backlog = graph_of(&[(1, &[]), (2, &[1]), (3, &[2]), (4, &[]), (5, &[])], &[4]);
    let graph = Graph::of(&backlog);
    let baseline = plan(&[(1, &[1, 5]), (2, &[2, 3]), (3, &[4])]);
    let computed: BTreeMap<TaskId, u32> = {
        let levels = graph.levels(&Scope::All);
        let placed =
            levels.waves.iter().flat_map(|wave| wave.tasks.iter().map(|task| (task.clone(), wave.number)));
        placed.filter(|(task, _)| *task != id(5)).collect()
    };
    let found = drift(&baseline, &computed, &graph);
    let placed = |found: &[super::drift::Placed]| -> Vec<String> {
        found.iter().map(|it| format!("{}@{}", it.id, it.wave)).collect()
    };
    assert_eq!(placed(&found.added), Vec::<String>::new());
    assert_eq!(placed(&found.removed), ["T005@1"]);
    assert_eq!(placed(&found.done_early), ["T004@3"]);
    let moved: Vec<_> = found.moved.iter().map(|it| (it.id.as_str(), it.from, it.to)).collect();
    assert_eq!(moved, [("T003", 2, 3), ("T004", 3, 1)]);
    assert_eq!((found.illegal.len(), found.unchanged), (1, 2));
    assert!(drift(&plan(&[(1, &[1])]), &plan(&[(1, &[1])]).placement(), &graph).is_empty());
}

fn save(slug: &str, plan: Plan) -> Change {
    Change::Save { slug: slug.into(), plan }
}

fn edit(slug: &str, edit: Edit) -> Change {
    Change::Edit { slug: slug.into(), edit }
}

#[test]
fn the_second_of_two_operators_is_told_who_was_first() {
    let mut plans = Plans::default();
    plans.apply(&save("next", plan(&[(1, &[1]), (2, &[2])])), "kim", 1);
    let seen = plans.get("next").unwrap().version;
    let change = edit("next", moving(2, 1, None));
    plans.check(&change, "sam", Some(seen)).unwrap();
    plans.apply(&change, "sam", 2);
    let refusal = plans.check(&edit("next", moving(1, 2, None)), "kim", Some(seen)).unwrap_err();
    assert_eq!(
        refusal.reason,
        "plan next changed since you looked at it: plan next: T002 goes to wave 1 (sam)"
    );
    plans.undo(3);
    assert!(
        plans.get("next").unwrap().version > seen,
        "what was taken back is not what it was, to one who looked"
    );
    assert!(plans.check(&edit("next", moving(1, 2, None)), "kim", None).is_ok());
    plans.apply(&Change::Delete { slug: "next".into() }, "sam", 4);
    let refusal = plans.check(&edit("next", moving(1, 2, None)), "kim", Some(seen)).unwrap_err();
    assert_eq!(refusal.reason, "plan next is gone since you looked at it");
}

#[test]
fn names_are_checked_and_the_active_plan_is_found() {
    let mut plans = Plans::default();
    for (slug, sound) in
        [("next", true), ("2026.w3_a-b", true), ("", false), ("-x", false), ("Next", false), ("a b", false)]
    {
        assert_eq!(plans.check(&save(slug, Plan::default()), "kim", None).is_ok(), sound, "{slug}");
    }
    assert_eq!(plans.active(), None);
    plans.apply(&save("one", plan(&[(1, &[1])])), "kim", 1);
    assert_eq!(plans.active(), Some("one"));
    plans.apply(&save("two", Plan::default()), "kim", 2);
    assert_eq!(plans.active(), None);
    plans.apply(&Change::Activate { slug: Some("two".into()) }, "kim", 3);
    plans.apply(&Change::Rename { from: "two".into(), to: "three".into() }, "kim", 4);
    assert_eq!(plans.active(), Some("three"));
    assert!(plans.check(&Change::Rename { from: "one".into(), to: "three".into() }, "kim", None).is_err());
    assert!(plans.check(&Change::Rename { from: "two".into(), to: "four".into() }, "kim", None).is_err());
    plans.apply(&edit("one", Edit::Lock { of: Holder::Task(id(1)), lock: lock("kim") }), "kim", 5);
    assert!(plans.check(&Change::Delete { slug: "one".into() }, "sam", None).is_err());
    assert!(plans.check(&save("one", Plan::default()), "sam", None).is_err());
    assert!(plans.check(&save("one", plan(&[(1, &[2, 1])])), "sam", None).is_ok());
}

#[test]
fn any_text_makes_a_name() {
    for (text, expected) in
        [("NEXT_SESSION", "next-session"), ("Plan (May)", "plan-may"), ("…", "plan"), ("é2", "2")]
    {
        assert_eq!(slug_of(text), expected);
        assert!(Plans::default().check(&save(&slug_of(text), Plan::default()), "kim", None).is_ok());
    }
}

fn any_plan() -> impl Strategy<Value = Plan> {
    prop::collection::vec((1..6_u32, 0..12_u32), 0..12)
        .prop_map(|slots| Plan::of(slots.into_iter().map(|(wave, task)| (wave, vec![id(task)]))))
}

fn any_holder() -> impl Strategy<Value = Holder> {
    prop_oneof![(0..12_u32).prop_map(|task| Holder::Task(id(task))), (1..6_u32).prop_map(Holder::Wave)]
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let index = || prop::option::of(0..4_usize);
    let by = || prop::sample::select(vec!["kim", "sam"]);
    let one = prop_oneof![
        (0..12_u32, 1..6_u32, index()).prop_map(|(task, wave, index)| Edit::Assign {
            slot: Slot::of(id(task)),
            wave,
            index
        }),
        (0..12_u32).prop_map(|task| Edit::Unassign { task: id(task) }),
        (0..12_u32, 1..6_u32, index()).prop_map(|(task, wave, index)| moving(task, wave, index)),
        (any_holder(), "[ab]{0,2}").prop_map(|(of, note)| Edit::Note { of, note }),
        (any_holder(), by()).prop_map(|(of, by)| Edit::Lock { of, lock: lock(by) }),
        any_holder().prop_map(|of| Edit::Unlock { of }),
        prop::collection::vec((1..6_u32, 1..8_u32), 1..3).prop_map(|pairs| Edit::Renumber {
            waves: pairs.into_iter().map(|(from, to)| Renumbering { from, to }).collect()
        }),
        prop::option::of("[ab]{1,2}").prop_map(|document| Edit::Follow { document }),
    ];
    let several = prop::collection::vec(one.clone(), 0..4).prop_map(|edits| Edit::All { edits });
    prop_oneof![6 => one, 1 => several]
}

fn any_change() -> impl Strategy<Value = Change> {
    let slug = || "[ab]";
    prop_oneof![
        2 => (slug(), any_plan()).prop_map(|(slug, plan)| Change::Save { slug, plan }),
        9 => (slug(), any_edit()).prop_map(|(slug, edit)| Change::Edit { slug, edit }),
        1 => (slug(), slug()).prop_map(|(from, to)| Change::Rename { from, to }),
        1 => slug().prop_map(|slug| Change::Delete { slug }),
        1 => prop::option::of(slug()).prop_map(|slug| Change::Activate { slug }),
    ]
}

/// What the book says, without what only counts.
fn content(plans: &Plans) -> Vec<(String, Plan)> {
    plans.iter().map(|(slug, named)| (slug.to_owned(), named.plan.clone())).collect()
}

proptest! {
    #[test]
    fn every_edit_has_an_inverse(before in any_plan(), edits in prop::collection::vec(any_edit(), 1..20)) {
        let mut now = before;
        for edit in edits {
            let Ok((after, inverse)) = now.edited(&edit, "kim") else { continue };
            // Of the history nobody but the one who made it is asked, so the inverse is made without a look at locks.
            let mut back = after.clone();
            let again = back.make(&inverse);
            prop_assert_eq!(&back, &now, "{:?} back by {:?}", edit, inverse);
            back.make(&again);
            prop_assert_eq!(&back, &after, "{:?} again by {:?}", edit, again);
            let sorted = after.waves().is_sorted_by(|one, other| one.number < other.number);
            prop_assert!(sorted && after.placement().len() == after.slots().count());
            now = after;
        }
    }

    #[test]
    fn the_whole_history_is_undone_and_redone(changes in prop::collection::vec(any_change(), 1..30)) {
        let mut plans = Plans::default();
        let mut seen = vec![content(&plans)];
        for (at, change) in changes.iter().enumerate() {
            if plans.check(change, "kim", None).is_ok() {
                plans.apply(change, "kim", at as u64);
                seen.push(content(&plans));
            }
        }
        let end = plans.active().map(str::to_owned);
        for expected in seen.iter().rev().skip(1) {
            prop_assert!(plans.to_undo().is_some());
            plans.undo(0);
            prop_assert_eq!(&content(&plans), expected);
        }
        prop_assert!(plans.to_undo().is_none() && plans.active().is_none());
        for expected in seen.iter().skip(1) {
            plans.redo(0);
            prop_assert_eq!(&content(&plans), expected);
        }
        prop_assert!(plans.to_redo().is_none());
        prop_assert_eq!(plans.active().map(str::to_owned), end);
    }

    #[test]
    fn saving_loading_and_comparing_agree(plan in any_plan(), edits in prop::collection::vec(any_edit(), 0..10)) {
        let mut plan = plan;
        for edit in &edits {
            if let Ok((after, _)) = plan.edited(edit, "kim") {
                plan = after;
            }
        }
        let mut plans = Plans::default();
        plans.apply(&save("a", plan.clone()), "kim", 1);
        let text = serde_json::to_string(&plans).unwrap();
        let loaded: Plans = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&loaded, &plans);
        let backlog = Backlog::default();
        let found = drift(&plan, &loaded.get("a").unwrap().plan.placement(), &Graph::of(&backlog));
        prop_assert!(found.is_empty() && found.unchanged == plan.slots().count());
    }
}
