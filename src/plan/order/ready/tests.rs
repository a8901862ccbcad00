//! Picks by hand, and random ones against what makes them safe.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::super::fixtures::{any_backlog, backlog, scope, words};
use super::super::overlap::Claims;
use super::super::{Graph, Scope};
use super::{Balance, MOST_CONFLICTS, Ready};
use crate::plan::backlog::TaskId;

fn balance(tracks: &str, per_track: usize) -> Balance {
    Balance { tracks: tracks.split_whitespace().map(str::to_owned).collect(), per_track }
}

/// Everything as lines: what is ready, then `ID detail; detail`, `idle TRACK: why` and `A B share PATHS`.
fn told(ready: &Ready) -> Vec<String> {
    let mut lines = vec![words(&ready.ready)];
    lines.extend(ready.not_ready.iter().map(|row| {
        let details: Vec<&str> = row.why.iter().map(|why| why.detail.as_str()).collect();
        format!("{} {}", row.id, details.join("; "))
    }));
    lines.extend(ready.idle_tracks.iter().map(|row| format!("idle {}: {}", row.track, row.why)));
    lines.extend(
        ready.conflicts.iter().map(|row| format!("{} {} share {}", row.a, row.b, row.paths.join(" "))),
    );
    lines
}

fn check(lines: &[&str], ids: &str, asked: Option<Balance>, expected: &[&str]) {
    let backlog = backlog(lines);
    assert_eq!(told(&Graph::of(&backlog).ready(&scope(ids), asked.as_ref())), expected, "{lines:?}");
}

#[test]
fn what_may_start_and_why_the_rest_may_not() {
    let lines = [
        "T1 done",
        "T2 < T1",
        "T3 < T2 T9 gone",
        "T4 proposed",
        "T5 active",
        "T6 blocked < T6",
        "T7 high < T8",
        "T8 cancelled",
        "E1 < T2",
        "T10 in E1",
        "T9",
    ];
    check(
        &lines,
        "T1 T2 T3 T4 T5 T6 T7 T8 E1",
        None,
        &[
            "T7 T2",
            "T3 waits for T2 (pending); waits for T9 (pending); waits for gone (not in the backlog)",
            "T4 is proposed, not decided",
            "T5 is being worked on",
            "T6 is marked as blocked; waits for T6 (blocked)",
            "T10 waits for T2, which E1 depends on (pending)",
        ],
    );
}

#[test]
fn files_that_ready_and_running_tasks_share_are_told() {
    let lines = ["T1 +src/a.rs", "T2 +src/", "T3 active +src/b.rs", "T4 < T1 +src/a.rs"];
    check(
        &lines,
        "all",
        None,
        &[
            "T1 T2",
            "T3 is being worked on",
            "T4 waits for T1 (pending)",
            "T1 T2 share src/a.rs",
            "T2 T3 share src/b.rs",
        ],
    );
}

#[test]
fn one_of_each_track_safe_together() {
    let lines = [
        "S1 @infra",
        "S2 @product",
        "T1 in S1 critical +src/a.rs",
        "T2 in S2 high +src/",
        "T3 in S2 low +docs/",
        "T4 in S1",
        "T5",
    ];
    check(
        &lines,
        "all",
        Some(balance("infra product", 1)),
        &[
            "T1 T3",
            "T2 is ready, but track product has its 1 already",
            "T4 is ready, but track infra has its 1 already",
            "T5 is ready, but in no track",
        ],
    );
    check(
        &lines,
        "S1 S2",
        Some(balance("product", 5)),
        &[
            "T2 T3",
            "T1 is ready, but its track infra was not asked for",
            "T4 is ready, but its track infra was not asked for",
        ],
    );
}

#[test]
fn a_more_urgent_task_gives_way_when_a_track_would_idle_otherwise() {
    let lines = ["T1 @a critical +src/", "T2 @a low +docs/", "T3 @b +src/x.rs"];
    check(&lines, "all", Some(balance("a b", 1)), &["T2 T3", "T1 is ready, but track a has its 1 already"]);
}

#[test]
fn a_track_that_idles_says_why() {
    let lines = [
        "T1 @a +src/",
        "T2 @b +src/x.rs",
        "T3 @c < T1 high",
        "T4 @c < T3",
        "T5 @d done",
        "T6 active +lib/",
        "T7 @f +lib/x.rs",
    ];
    check(
        &lines,
        "all",
        Some(balance("a b c d e f a", 1)),
        &[
            "T1",
            "T2 would touch src/x.rs beside T1",
            "T3 waits for T1 (pending)",
            "T4 waits for T3 (pending)",
            "T6 is being worked on",
            "T7 would touch lib/x.rs beside T6",
            "idle b: T2, its only open task, would touch src/x.rs beside T1",
            "idle c: none of its 2 open tasks can be picked: T3 waits for T1 (pending)",
            "idle d: every task of it is done",
            "idle e: no task of the scope is in this track",
            "idle f: T7, its only open task, would touch lib/x.rs beside T6",
            "T1 T2 share src/x.rs",
            "T6 T7 share lib/x.rs",
        ],
    );
}

#[test]
fn what_depends_on_another_over_what_is_done_or_is_a_part_of_it_is_not_safe_beside_it() {
    let lines = ["T1 @a", "T2 done < T1", "T3 @b < T2"];
    check(
        &lines,
        "all",
        Some(balance("a b", 1)),
        &[
            "T1",
            "T3 would run beside T1, which comes before or after it or is a part of it",
            "idle b: T3, its only open task, would run beside T1, which comes before or after it or is a part of it",
        ],
    );
    check(
        &["T1 @a", "T2 @b in T1"],
        "all",
        Some(balance("b a", 1)),
        &[
            "T2",
            "T1 would run beside T2, which comes before or after it or is a part of it",
            "idle a: T1, its only open task, would run beside T2, which comes before or after it or is a part of it",
        ],
    );
}

#[test]
fn every_track_is_asked_for_when_none_is_named() {
    let lines = ["T1 @b", "T2 @a", "T3 @b", "T4"];
    check(&lines, "T1 T2 T4", Some(balance("", 9)), &["T2 T1", "T4 is ready, but in no track"]);
}

#[test]
fn pairs_are_cut_at_a_limit_and_say_so() {
    let lines: Vec<String> = (0..60).map(|number| format!("T{number} +src/")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let backlog = backlog(&lines);
    let ready = Graph::of(&backlog).ready(&Scope::All, None);
    assert_eq!((ready.conflicts.len(), ready.conflicts_cut), (MOST_CONFLICTS, true));
}

proptest! {
    #[test]
    fn picks_are_safe_and_the_rest_says_why(mut backlog in any_backlog(), per_track in 1..3_usize, seed: u64) {
        // Tracks and files by the bits of a number.
        let records: Vec<_> = backlog.tasks().cloned().collect();
        for (number, mut record) in records.into_iter().enumerate() {
            let bits = seed.rotate_left(u32::try_from(number * 5).unwrap());
            record.track = [None, Some("a"), Some("b"), Some("c")][(bits % 4) as usize].map(str::to_owned);
            record.files = ["x/", "x/y", "z"].iter().skip((bits / 4 % 8) as usize).map(ToString::to_string).collect();
            backlog.put(record);
        }
        let graph = Graph::of(&backlog);
        let free = graph.ready(&Scope::All, None);
        let picked = graph.ready(&Scope::All, Some(&balance("a b c", per_track)));
        for track in ["a", "b", "c"] {
            let count = picked.ready.iter().filter(|id| graph.track(id) == Some(track)).count();
            prop_assert!(count <= per_track);
            prop_assert_eq!(count == 0, picked.idle_tracks.iter().any(|row| row.track == track));
        }
        let safe = |one: &TaskId, other: &TaskId| {
            let (a, b) = (graph.index(one).unwrap(), graph.index(other).unwrap());
            let claims = |id| Claims::of(backlog.get(id).unwrap());
            !graph.everything_before(a).contains(&b)
                && !graph.everything_before(b).contains(&a)
                && !graph.tree.holds(a, b)
                && !graph.tree.holds(b, a)
                && claims(one).shared(&claims(other)).is_empty()
        };
        for one in &picked.ready {
            prop_assert!(free.ready.contains(one));
            prop_assert!(picked.ready.iter().all(|other| one == other || safe(one, other)), "{}", one);
        }
        // Every unfinished task is in one of the lists, and those that are left out have a reason.
        prop_assert_eq!(picked.ready.len() + picked.not_ready.len(), free.ready.len() + free.not_ready.len());
        prop_assert!(picked.not_ready.iter().all(|row| !row.why.is_empty()));
    }
}
