//! The prompt for one task of the backlog: what is to be done, and what the plan says about it - wave, track, who works
//! beside it on which files, the merge order, the reason where a slot breaks a dependency. The same surroundings give the
//! same text, byte for byte.

use std::fmt::Write;

use super::{line, list, section};
use crate::plan::backlog::{Status, Task, TaskId};
use crate::plan::order::{Wait, WaitKind};
use crate::plan::slots::Surroundings;
use crate::plan::slots::surroundings::Sibling;

/// Most siblings that are listed; those who share files and those who are at work come first.
const SIBLINGS_MAX: usize = 40;

/// Of a long merge order, how many are listed before the task and after it.
const MERGE_AROUND: usize = 12;

/// Compiles the prompt. Ends with a line break.
pub fn compile(around: &Surroundings<'_>) -> String {
    let mut prompt = String::new();
    let out = &mut prompt;
    identity(out, around);
    content(out, around.task);
    boundaries(out, around.task);
    reasons(out, around);
    siblings(out, around);
    merge_order(out, around);
    dependencies(out, around);
    reporting(out, around.task);
    prompt
}

fn identity(out: &mut String, around: &Surroundings<'_>) {
    let task = around.task;
    let _ = writeln!(out, "# {} {}: {}\n", capital(task.kind.word()), task.id, task.title);
    let place = match (around.wave, around.plan) {
        (Some(wave), Some(plan)) => format!("in wave {wave} of {} of the plan `{plan}`", around.last_wave),
        (Some(wave), None) => {
            format!("in wave {wave} of {}, as it follows from dependencies", around.last_wave)
        }
        (None, Some(plan)) => format!("and it has no slot in the plan `{plan}`"),
        (None, None) => "and it stands in no wave".into(),
    };
    let track = around.track.map_or("It is of no track.".into(), |track| format!("Its track is {track}."));
    let priority = task.priority.word();
    let _ = writeln!(out, "You do this {} {place}. {track} Its priority is {priority}.", task.kind.word());
    if !around.lies_in.is_empty() {
        line(out, "\nIt is a part of:");
        let named = |task: &&Task| format!("{} {} {}", task.kind.word(), task.id, task.title);
        list(out, around.lies_in.iter().map(named).collect::<Vec<_>>().iter().map(String::as_str));
    }
}

fn content(out: &mut String, task: &Task) {
    if !task.description.is_empty() {
        section(out, "What is to be done");
        line(out, task.description.trim());
    }
    if !task.acceptance.is_empty() {
        section(out, "What must hold when it is done");
        list(out, task.acceptance.iter().map(String::as_str));
    }
}

fn boundaries(out: &mut String, task: &Task) {
    section(out, "What you may touch");
    if task.files.is_empty() {
        line(
            out,
            "Nobody declared which files this takes. Touch as few as you can, and none that a sibling below has.",
        );
    } else {
        line(out, "These files and folders were declared for it. Stay within them:");
        list(out, task.files.iter().map(String::as_str));
    }
}

/// Why it stands where it stands: notes, locks, and dependencies that its slot breaks.
fn reasons(out: &mut String, around: &Surroundings<'_>) {
    let locks = [("This place", around.lock), ("The wave", around.wave_lock)];
    let locked = locks.iter().any(|(_, lock)| lock.is_some());
    if around.note.is_empty() && around.wave_notes.is_empty() && around.breaks.is_empty() && !locked {
        return;
    }
    section(out, "Why it stands here");
    if !around.wave_notes.is_empty() {
        let _ = writeln!(out, "Of the wave is said: {}", around.wave_notes.trim());
    }
    for (what, lock) in locks {
        if let Some(lock) = lock {
            let _ =
                writeln!(out, "{what} is held by {}; do not propose to change it without asking.", lock.by);
        }
    }
    if around.breaks.is_empty() {
        if !around.note.is_empty() {
            let _ = writeln!(out, "Of this slot is said: {}", around.note.trim());
        }
        return;
    }
    line(out, "It was put here on purpose before something that it depends on is finished:");
    for need in &around.breaks {
        let _ = writeln!(out, "- {} {} ({}, wave {})", need.id, need.title, need.status.word(), need.wave);
    }
    if around.note.is_empty() {
        line(out, "No reason was given. Ask before you build on anything of theirs that is not there yet.");
    } else {
        let _ = writeln!(out, "The reason: {}", around.note.trim());
        line(out, "Build on nothing of theirs that is not there yet; say in your report what you assumed.");
    }
}

fn siblings(out: &mut String, around: &Surroundings<'_>) {
    section(out, "Who works beside you");
    if around.siblings.is_empty() {
        line(out, "Nobody: no other open task stands in this wave, and none is being worked on.");
        return;
    }
    line(out, "These run at the same time as you, or may. Leave their files alone:");
    let mut all: Vec<&Sibling<'_>> = around.siblings.iter().collect();
    all.sort_by_key(|sibling| (sibling.shared.is_empty(), sibling.status != Status::Active));
    for sibling in all.iter().take(SIBLINGS_MAX) {
        let place = match sibling.wave {
            wave if wave == around.wave => String::new(),
            Some(wave) => format!(", wave {wave}"),
            None => ", in no wave".into(),
        };
        let track = sibling.track.map(|track| format!(", track {track}")).unwrap_or_default();
        let files =
            if sibling.files.is_empty() { "no files declared".into() } else { sibling.files.join(", ") };
        let status = sibling.status.word();
        let _ = writeln!(out, "- {} {} ({status}{place}{track}): {files}", sibling.id, sibling.title);
        if !sibling.shared.is_empty() {
            let shared = sibling.shared.join(", ");
            let _ = writeln!(
                out,
                "  Both of you declare {shared}: change there only what is yours, in small steps."
            );
        }
    }
    rest(out, all.len(), SIBLINGS_MAX, "of this wave that share no declared file with you");
}

fn merge_order(out: &mut String, around: &Surroundings<'_>) {
    let Some(own) = around.merge_order.iter().position(|id| **id == around.task.id) else { return };
    if around.merge_order.len() < 2 {
        return;
    }
    section(out, "Merge order");
    line(
        out,
        "The work of this wave comes together in this order. Expect what stands above you to be there first, and \
         keep your change easy to put on top of it:",
    );
    let from = own.saturating_sub(MERGE_AROUND);
    rest(out, from, 0, "before these");
    for (index, id) in around.merge_order.iter().enumerate().skip(from).take(own - from + 1 + MERGE_AROUND) {
        let you = if index == own { " (you)" } else { "" };
        let _ = writeln!(out, "{}. {id}{you}", index + 1);
    }
    rest(out, around.merge_order.len(), own + 1 + MERGE_AROUND, "after these");
}

fn dependencies(out: &mut String, around: &Surroundings<'_>) {
    section(out, "What it waits for, and what waits for it");
    if around.waits_for.is_empty() {
        line(out, "Everything that it depends on is finished.");
    } else {
        line(out, "Not finished yet, of what it depends on:");
        for wait in &around.waits_for {
            let _ = writeln!(out, "- {}", waited_for(wait));
        }
    }
    if !around.needed_by.is_empty() {
        line(out, "\nThese depend on what you make:");
        let named = |task: &&Task| format!("{} {}", task.id, task.title);
        list(out, around.needed_by.iter().map(named).collect::<Vec<_>>().iter().map(String::as_str));
    }
}

fn waited_for(wait: &Wait) -> String {
    let status = wait.status.map_or("not in the backlog", Status::word);
    let kind = match wait.kind {
        WaitKind::InPlan | WaitKind::Missing => "",
        WaitKind::Outside => ", outside of the plan",
        WaitKind::Cycle => ", which waits for itself",
    };
    let via = wait.via.as_ref().map(|via: &TaskId| format!(", over {via}")).unwrap_or_default();
    format!("{} ({status}{kind}{via})", wait.id)
}

fn reporting(out: &mut String, task: &Task) {
    section(out, "When you are done");
    let id = &task.id;
    let _ = writeln!(
        out,
        r#"Run the tests that prove it, leave no server running, and say so:

    "${{WAVEDECK_BIN:-wavedeck}}" task done {id}

If you cannot go on, say that instead, and end with one paragraph on what is missing:

    "${{WAVEDECK_BIN:-wavedeck}}" task update {id} --status blocked"#
    );
}

/// Says how many of a list were left out.
fn rest(out: &mut String, count: usize, told: usize, what: &str) {
    if count > told {
        let _ = writeln!(out, "- and {} more {what}", count - told);
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::compile;
    use crate::plan::backlog::{Backlog, Kind, Priority, Status, Task};
    use crate::plan::order::{Graph, Scope};
    use crate::plan::slots::edit::Holder;
    use crate::plan::slots::{Change, Edit, Lock, Plan, Plans, Surroundings, Waves};

    fn backlog() -> Backlog {
        let mut backlog = Backlog::default();
        let saga = |id: &str, title: &str, track: &str| Task {
            track: Some(track.into()),
            ..Task::new(id, Kind::Saga, title)
        };
        backlog.put(saga("S1", "Platform", "infra"));
        backlog.put(saga("S2", "Shop", "product"));
        let task = |id: &str, title: &str, parent: &str, depends: &[&str], files: &[&str]| Task {
            parent: Some(parent.into()),
            depends: depends.iter().map(|id| (*id).into()).collect(),
            files: files.iter().map(ToString::to_string).collect(),
            ..Task::new(id, Kind::Task, title)
        };
        backlog.put(task("T120", "Pool", "S1", &[], &["src/pool.rs"]));
        backlog.put(Task {
            status: Status::Active,
            ..task("T150", "Cart", "S2", &[], &["src/", "web/cart.ts"])
        });
        backlog.put(Task {
            priority: Priority::High,
            description: "Idle connections are closed after a minute.\n".into(),
            acceptance: vec!["no connection is idle for more than a minute".into(), "a test holds it".into()],
            ..task("T148", "Evict idle connections", "S1", &["T120", "T99"], &["src/evict.rs"])
        });
        backlog.put(task("T160", "Tell it in the manual", "S2", &["T148"], &[]));
        backlog
    }

    fn plans(reason: &str) -> Plans {
        let plan =
            Plan::of([(1, vec!["T150".into(), "T148".into(), "T120".into()]), (2, vec!["T160".into()])]);
        let edit = |edit: Edit| Change::Edit { slug: "next".into(), edit };
        let note = |of: Holder, note: &str| edit(Edit::Note { of, note: note.into() });
        let lock = Lock { by: "kim".into(), at_ms: 1 };
        let mut plans = Plans::default();
        for change in [
            Change::Save { slug: "next".into(), plan },
            note(Holder::Task("T148".into()), reason),
            note(Holder::Wave(1), "before the audit"),
            edit(Edit::Lock { of: Holder::Task("T148".into()), lock }),
        ] {
            plans.apply(&change, "kim", 1);
        }
        plans
    }

    fn prompt(id: &str, waves: Waves<'_>) -> String {
        let backlog = backlog();
        compile(&Surroundings::of(&Graph::of(&backlog), &id.into(), waves).unwrap())
    }

    #[test]
    fn a_task_before_its_dependency_is_told_the_reason_and_who_is_beside_it() {
        let plans = plans("the audit asks for it; stub the pool");
        let plan = &plans.get("next").unwrap().plan;
        insta::assert_snapshot!(prompt("T148", Waves::Saved { slug: "next", plan }));
    }

    #[test]
    fn a_broken_dependency_without_a_reason_is_to_be_asked_about() {
        let plans = plans("");
        let plan = &plans.get("next").unwrap().plan;
        let prompt = prompt("T148", Waves::Saved { slug: "next", plan });
        assert!(prompt.contains("No reason was given. Ask before you build"), "{prompt}");
    }

    #[test]
    fn a_task_of_a_computed_wave_is_told_what_it_waits_for() {
        insta::assert_snapshot!(prompt("T160", Waves::Computed(&Scope::All)));
    }

    #[test]
    fn of_many_siblings_those_that_share_files_are_told() {
        let mut backlog = backlog();
        for number in 0..60 {
            let files = if number == 59 { vec!["src/pool.rs".into()] } else { Vec::new() };
            backlog.put(Task { files, ..Task::new(format!("T{}", 200 + number), Kind::Task, "More") });
        }
        let graph = Graph::of(&backlog);
        let prompt =
            compile(&Surroundings::of(&graph, &"T120".into(), Waves::Computed(&Scope::All)).unwrap());
        assert!(
            prompt.contains("- T259 More (pending): src/pool.rs\n  Both of you declare src/pool.rs"),
            "{prompt}"
        );
        assert!(
            prompt.contains("- and 21 more of this wave that share no declared file with you"),
            "{prompt}"
        );
    }
}
