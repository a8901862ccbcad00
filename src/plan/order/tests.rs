//! What follows from a backlog, on small ones by hand and on random ones against the rule itself.

use std::collections::BTreeMap;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::fixtures::{any_backlog, backlog, scope, words};
use super::{Fault, Graph, Levels, Scope, WaitKind};
use crate::plan::backlog::{Backlog, Kind, Status, Task, TaskId};

/// The waves as lines, then `cycle ...` and `unplaced ...` lines.
fn drawn(levels: &Levels) -> Vec<String> {
    let waves = levels.waves.iter().map(|wave| words(&wave.tasks));
    let cycles = levels.cycles.iter().map(|ids| format!("cycle {}", words(ids)));
    let unplaced = levels.unplaced.iter().map(|row| format!("unplaced {}", row.id));
    waves.chain(cycles).chain(unplaced).collect()
}

fn check(lines: &[&str], ids: &str, expected: &[&str]) {
    let backlog = backlog(lines);
    let levels = Graph::of(&backlog).levels(&scope(ids));
    assert_eq!(drawn(&levels), expected, "{lines:?} {ids}");
    assert!((1..).zip(&levels.waves).all(|(number, wave)| wave.number == number));
}

#[test]
fn a_task_stands_one_wave_after_the_last_of_what_it_depends_on() {
    check(&["T1", "T2 < T1", "T3 < T1 T2", "T4"], "all", &["T1 T4", "T2", "T3"]);
}

#[test]
fn done_tasks_stay_in_their_wave_and_those_put_away_leave() {
    let lines = ["T1 done", "T2 < T1", "T3 < T2", "T4 archived", "T5 < T4", "T6 cancelled", "T7 < T6"];
    check(&lines, "all", &["T1 T5 T7", "T2", "T3"]);
    let backlog = backlog(&lines);
    let levels = Graph::of(&backlog).levels(&Scope::All);
    assert_eq!((levels.archived, levels.cancelled), (1, 1));
}

#[test]
fn within_a_wave_priority_counts_then_what_waits_then_the_number() {
    check(
        &["T1000", "T999", "T5 low", "T7 critical", "T30", "T31 < T30"],
        "all",
        &["T7 T30 T999 T1000 T5", "T31"],
    );
}

#[test]
fn a_scope_is_any_records_with_all_that_lies_in_them() {
    let lines =
        ["S1", "E1 in S1", "T1 in E1", "T2 < T1 in E1", "T3 < T9 in T2", "E2 in S1", "T4 < T2 in E2", "T9"];
    check(&lines, "S1", &["T1 T3", "T2", "T4"]);
    check(&lines, "E1", &["T1 T3", "T2"]);
    check(&lines, "E2", &["T4"]);
    check(&lines, "T2", &["T2 T3"]);
    check(&lines, "E2 T1", &["T1 T4"]);
    check(&lines, "all", &["T1 T9", "T2 T3", "T4"]);
    check(&lines, "E7 T1", &["T1", "unplaced E7"]);
}

#[test]
fn what_a_saga_or_epic_depends_on_holds_for_everything_in_it() {
    let lines = [
        "E1",
        "T1 in E1",
        "T2 < T1 in E1",
        "E2 < E1",
        "T3 in E2",
        "E3 < E2",
        "T4 < T1 in E3",
        "E4 < E3",
        "T5 in E4",
    ];
    check(&lines, "all", &["T1", "T2", "T3", "T4", "T5"]);
    check(&["E1", "E2 < E1", "E3 < E2", "T1 in E1", "T3 in E3"], "all", &["T1", "T3"]);
    check(&["E1 archived", "T1 in E1", "T2 < E1"], "all", &["T1 T2"]);
    // What an archived epic lies in still holds for what lies in the epic, and waits for it.
    check(&["T1", "E1 < T1", "E2 archived in E1", "T2 in E2", "T3 < E1"], "all", &["T1", "T2", "T3"]);
}

#[test]
fn circles_are_circles_and_block_what_comes_after_like_a_gate() {
    let lines = ["T1 < T3", "T2 < T1", "T3 < T2", "T4 < T3 T5", "T5", "T6 < T6"];
    check(
        &lines,
        "all",
        &[
            "T5",
            "T4",
            "cycle T1 T3 T2",
            "cycle T6",
            "unplaced T1",
            "unplaced T2",
            "unplaced T3",
            "unplaced T6",
        ],
    );
    check(&lines, "T1", &["cycle T1 T3 T2", "unplaced T1"]);
    check(&lines, "T4", &["T4"]);
    check(
        &["E1 < E2", "E2 < T1", "T1 in E1", "T2 in E2", "T3"],
        "all",
        &["T3", "cycle E1 E2 T1", "unplaced T1", "unplaced T2"],
    );
    check(&["T1 < T2", "T2 < T1 archived"], "all", &["T1"]);
}

#[test]
fn an_epic_that_depends_on_what_lies_in_it_orders_nothing() {
    check(&["E1 < T1", "T1 in E1", "T2 < E1 in E1"], "all", &["T1 T2"]);
    check(&["T1 < T2", "T2 in T1"], "all", &["T2", "T1"]);
}

/// Waits of a task as `kind id status [via]`.
fn check_waits(lines: &[&str], id: &str, plan: &str, expected: &[&str]) {
    let backlog = backlog(lines);
    let graph = Graph::of(&backlog);
    let members = graph.members(&scope(plan));
    let waits = graph.waits(&id.into(), |id| graph.holds(&members, id));
    let found: Vec<String> = waits
        .iter()
        .map(|wait| {
            let kind = match wait.kind {
                WaitKind::InPlan => "in-plan",
                WaitKind::Outside => "outside",
                WaitKind::Missing => "missing",
                WaitKind::Cycle => "cycle",
            };
            let via = wait.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
            format!("{kind} {}{via}", wait.id)
        })
        .collect();
    assert_eq!(found, expected, "{id} in {lines:?}");
    assert_eq!(graph.is_free(&id.into()), expected.is_empty());
}

#[test]
fn every_unsatisfied_dependency_says_where_it_lies() {
    let lines = [
        "T1",
        "T2 done",
        "T3 archived",
        "T4 cancelled",
        "T5 < T5",
        "E1 < T9 gone",
        "T9",
        "T6 < T1 T2 T3 T4 T5 T7 ? in E1",
        "T7",
        "T8 < T2 T3 T4",
    ];
    check_waits(
        &lines,
        "T6",
        "T1",
        &["in-plan T1", "cycle T5", "outside T7", "missing ?", "outside T9 via E1", "missing gone via E1"],
    );
    check_waits(&lines, "T8", "all", &[]);
    check_waits(&lines, "nobody", "all", &[]);
}

#[test]
fn the_critical_path_is_the_longest_chain_of_what_is_unfinished() {
    let lines =
        ["T1 done", "T2 < T1", "T3 < T2", "T4", "T5 < T4", "T6 < T5 T3", "E1 < T6", "T7 in E1", "T8 < T8"];
    let backlog = backlog(&lines);
    let graph = Graph::of(&backlog);
    assert_eq!(words(&graph.critical_path(&Scope::All)), "T2 T3 T6 T7");
    assert_eq!(words(&graph.critical_path(&scope("T2 T3"))), "T2 T3");
    assert_eq!(words(&graph.critical_path(&scope("T8"))), "");
    assert_eq!(
        [graph.unblocks(&"T1".into()), graph.unblocks(&"T5".into()), graph.unblocks(&"T7".into())],
        [1, 1, 0]
    );
}

#[test]
fn what_is_odd_is_told() {
    let lines = ["T1 in gone", "T2 in T3", "T3 in T2", "T4 < ? T5", "T5 < T4", "E1", "T6 < E1 in E1"];
    let backlog = backlog(&lines);
    let told: Vec<String> = Graph::of(&backlog).faults().iter().map(Fault::to_string).collect();
    assert_eq!(
        told,
        [
            "T1 lies in gone, which is not in the backlog",
            "these lie in each other: T2 → T3 → T2",
            "T4 depends on ?, which is not in the backlog",
            "T6 depends on E1, and one lies in the other: this orders nothing",
            "these wait for each other: T4 → T5 → T4",
        ]
    );
}

#[test]
fn a_chain_of_a_hundred_thousand_is_no_deep_recursion() {
    let mut backlog = Backlog::default();
    for number in 0..100_000_u32 {
        let mut task = Task::new(format!("T{number}"), Kind::Task, "x");
        task.depends = number.checked_sub(1).map(|before| format!("T{before}").into()).into_iter().collect();
        task.parent = task.depends.first().cloned();
        backlog.put(task);
    }
    assert_eq!(Graph::of(&backlog).levels(&Scope::All).waves.len(), 100_000);
}

/// Id, kind, status, parent, dependencies.
type Record<'a> = (&'a str, Kind, Status, Option<&'a str>, &'a [&'a str]);

/// Two backlogs that the properties below once failed on.
#[test]
fn what_lies_in_something_waits_for_what_that_waits_for() {
    let backlog = |records: &[Record<'_>]| {
        let mut backlog = Backlog::default();
        for (id, kind, status, parent, depends) in records {
            let mut task = Task::new(*id, *kind, "x");
            task.status = *status;
            task.parent = parent.map(TaskId::from);
            task.depends = depends.iter().map(|id| TaskId::from(*id)).collect();
            backlog.put(task);
        }
        backlog
    };
    // The epic waits for T3, and that for a task in the epic: nothing in the epic can begin.
    let round = backlog(&[
        ("E1", Kind::Epic, Status::Pending, None, &["T3", "T4"]),
        ("T1", Kind::Task, Status::Pending, Some("E1"), &[]),
        ("T2", Kind::Task, Status::Pending, Some("E1"), &[]),
        ("T3", Kind::Task, Status::Pending, None, &["T2"]),
        ("T4", Kind::Task, Status::Pending, None, &[]),
    ]);
    let levels = Graph::of(&round).levels(&Scope::All);
    let placed: Vec<&TaskId> = levels.waves.iter().flat_map(|wave| &wave.tasks).collect();
    assert_eq!(placed, [&TaskId::from("T4")]);
    // An epic that is put away lies in one that waits: the task in it waits all the same.
    let put_away = backlog(&[
        ("E1", Kind::Epic, Status::Pending, None, &["T2"]),
        ("E2", Kind::Epic, Status::Archived, Some("E1"), &["T3"]),
        ("T1", Kind::Task, Status::Pending, Some("E2"), &[]),
        ("T2", Kind::Task, Status::Pending, None, &[]),
        ("T3", Kind::Task, Status::Pending, None, &["T2"]),
    ]);
    let levels = Graph::of(&put_away).levels(&Scope::All);
    let numbers: Vec<u32> = levels
        .waves
        .iter()
        .filter(|wave| wave.tasks.contains(&"T1".into()))
        .map(|wave| wave.number)
        .collect();
    assert_eq!(numbers, [2]);
}

proptest! {
    #[test]
    fn levels_respect_every_edge_and_place_every_task_once(backlog in any_backlog(), whole: bool, chosen in 0..24_usize) {
        let graph = Graph::of(&backlog);
        let scope = if whole { Scope::All } else { Scope::Of(vec![format!("T{chosen}").into()]) };
        let members = graph.members(&scope);
        let levels = graph.levels(&scope);
        let mut wave_of: BTreeMap<&TaskId, u32> = BTreeMap::new();
        for wave in &levels.waves {
            prop_assert!(!wave.tasks.is_empty());
            for id in &wave.tasks {
                prop_assert_eq!(wave_of.insert(id, wave.number), None);
            }
        }
        for task in backlog.tasks().filter(|task| graph.holds(&members, &task.id)) {
            let unplaced = levels.unplaced.iter().filter(|row| row.id == task.id).count();
            let placed = usize::from(wave_of.contains_key(&task.id));
            prop_assert_eq!(placed + unplaced, usize::from(task.is_work()), "{} once", task.id);
            let Some(wave) = wave_of.get(&task.id) else { continue };
            let before: Vec<u32> = graph.needs(&task.id).iter().filter_map(|need| wave_of.get(need).copied()).collect();
            let own = task.depends.iter().filter_map(|need| wave_of.get(need).copied());
            prop_assert!(own.chain(before).all(|before| before < *wave), "{} before what it needs", task.id);
        }
    }

    #[test]
    fn a_task_is_as_early_as_its_own_dependencies_let_it(backlog in any_backlog()) {
        // Without sagas and epics a wave number is exactly one more than the highest before it.
        let mut flat = Backlog::default();
        backlog.tasks().for_each(|task| flat.put(Task { kind: Kind::Task, ..task.clone() }));
        let graph = Graph::of(&flat);
        let levels = graph.levels(&Scope::All);
        let wave_of: BTreeMap<&TaskId, u32> =
            levels.waves.iter().flat_map(|wave| wave.tasks.iter().map(|id| (id, wave.number))).collect();
        for (id, wave) in &wave_of {
            let before = flat.get(id).unwrap().depends.iter().filter_map(|need| wave_of.get(need).copied()).max();
            prop_assert_eq!(before.unwrap_or(0) + 1, *wave, "{}", id);
        }
    }

    #[test]
    fn the_critical_path_is_a_chain_and_as_long_as_the_waves_of_what_is_open(backlog in any_backlog()) {
        let mut open = Backlog::default();
        backlog.tasks().filter(|task| !task.status.is_finished()).for_each(|task| open.put(task.clone()));
        let graph = Graph::of(&open);
        let path = graph.critical_path(&Scope::All);
        prop_assert_eq!(path.len(), graph.levels(&Scope::All).waves.len());
    }
}
