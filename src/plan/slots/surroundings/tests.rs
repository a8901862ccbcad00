use super::{Surroundings, Waves};
use crate::plan::backlog::{Backlog, TaskId};
use crate::plan::order::fixtures::backlog;
use crate::plan::order::{Graph, Scope};
use crate::plan::slots::Plan;

fn ids<'a>(ids: impl IntoIterator<Item = &'a TaskId>) -> String {
    ids.into_iter().map(TaskId::as_str).collect::<Vec<_>>().join(" ")
}

fn plan(waves: &[(u32, &str)]) -> Plan {
    Plan::of(waves.iter().map(|(wave, tasks)| (*wave, tasks.split(' ').map(TaskId::from).collect())))
}

/// T1 is done; T2 and T3 need it, T4 needs T2; T5 is worked on; T6 needs nothing.
fn tasks() -> Backlog {
    backlog(&[
        "S1 @infra",
        "S2 @product",
        "E1 in S1",
        "T1 in E1 done",
        "T2 < T1 in E1 +src/a.rs",
        "T3 < T1 in S2 +src/",
        "T4 < T2 in E1 @own +docs",
        "T5 in S2 active +src/a.rs",
        "T6",
    ])
}

/// `wave/last; siblings; merge order; broken; not decided` of a task.
fn check(id: &str, waves: Waves<'_>, expected: &str) {
    let backlog = tasks();
    let graph = Graph::of(&backlog);
    let around = Surroundings::of(&graph, &id.into(), waves).unwrap();
    let siblings: Vec<String> = around
        .siblings
        .iter()
        .map(|it| {
            let shared =
                if it.shared.is_empty() { String::new() } else { format!("+{}", it.shared.join("+")) };
            format!("{}@{}{shared}", it.id, it.wave.map_or("-".into(), |wave| wave.to_string()))
        })
        .collect();
    let shown = format!(
        "{}/{} {}; {}; {}; {}; {}",
        around.wave.map_or("-".into(), |wave| wave.to_string()),
        around.last_wave,
        around.track.unwrap_or("-"),
        siblings.join(" "),
        ids(around.merge_order.iter().copied()),
        ids(around.breaks.iter().map(|need| need.id)),
        ids(around.undecided().into_iter().map(|wait| &wait.id)),
    );
    assert_eq!(shown, expected, "{id}");
}

#[test]
fn a_task_is_told_its_wave_its_track_and_who_runs_beside_it() {
    let saved = plan(&[(1, "T1 T6"), (2, "T4 T3 T2"), (4, "T5")]);
    let of = |plan| Waves::Saved { slug: "next", plan };
    check("T2", of(&saved), "2/4 infra; T5@4+src/a.rs T3@2+src/a.rs T4@2; T3 T2 T4; ; ");
    check("T4", of(&saved), "2/4 own; T5@4 T2@2 T3@2; T3 T2 T4; T2; ");
    check("T6", of(&saved), "1/4 -; T5@4; T6; ; ");
    let without = plan(&[(1, "T2")]);
    check("T4", of(&without), "-/1 own; T5@-; ; ; T2");
    check("T4", Waves::Computed(&Scope::All), "3/3 own; T5@1; T4; ; T2");
    check("T3", Waves::Computed(&Scope::All), "2/3 product; T5@1+src/a.rs T2@2+src/a.rs; T2 T3; ; ");
}

#[test]
fn what_waits_for_itself_comes_together_as_the_wave_has_it() {
    let backlog = backlog(&["T1 < T2", "T2 < T1", "T3 < T2"]);
    let graph = Graph::of(&backlog);
    let saved = plan(&[(1, "T3 T2 T1")]);
    let around = Surroundings::of(&graph, &"T1".into(), Waves::Saved { slug: "x", plan: &saved }).unwrap();
    assert_eq!(ids(around.merge_order.iter().copied()), "T3 T2 T1");
    assert!(Surroundings::of(&graph, &"T9".into(), Waves::Computed(&Scope::All)).is_none());
}
