//! Two operators who edit one plan at the same time, many times, also while supervisors are killed under them. What each
//! was told is compared with the facts on the disk.

use std::collections::BTreeSet;
use std::thread;

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::project_support::Project;
use super::{small_project, task};

/// How often each of them tries.
const TRIES: usize = 25;

/// What somebody was told of their edits; each is known by its note.
#[derive(Default)]
struct Told {
    /// Reported as saved, as this version.
    saved: Vec<(u64, String)>,
    /// Refused, because somebody else was there first.
    refused: Vec<String>,
    /// The supervisor went away before it said anything.
    unanswered: Vec<String>,
}

/// One operator: looks at the plan, edits the version that was seen, believes what is said, does `between` tries what
/// there is to do.
fn operator(project: &Project, user: &'static str, between: impl Fn(usize)) -> Told {
    let mut told = Told::default();
    let run = |words: &[&str]| project.output_of(user, &[words, &["--json"]].concat());
    for number in 0..TRIES {
        let seen: Value = serde_json::from_slice(&run(&["wave", "show"]).stdout).unwrap();
        let version = seen["version"].to_string();
        let wave = if number % 2 == 0 { "2" } else { "1" };
        let note = format!("{user} {number}");
        let output =
            run(&["wave", "assign", "T9", "--wave", wave, "--note", &note, "--if-version", &version]);
        if output.status.success() {
            let said: Value = serde_json::from_slice(&output.stdout).unwrap();
            told.saved.push((said["version"].as_u64().unwrap(), note));
        } else {
            let said: Value = serde_json::from_slice(&output.stderr).unwrap();
            let (kind, message) = (&said["error"]["kind"], said["error"]["message"].as_str().unwrap());
            if kind == "refused" {
                assert!(message.starts_with("Plan all changed since you looked at it: "), "{message}");
                assert!(message.contains("(kim)") || message.contains("(olga)"), "{message}");
                told.refused.push(note);
            } else {
                assert_eq!(kind, "unavailable", "{message}");
                told.unanswered.push(note);
            }
        }
        between(number);
    }
    told
}

/// Lets two operators loose on one plan. `between` is done by the first after each try.
fn hammer(project: &Project, between: impl Fn(usize) + Send) -> Told {
    project.say(&["orchestrate", "waves", "--all", "--save"]);
    let both = thread::scope(|scope| {
        let kim = scope.spawn(|| operator(project, "kim", between));
        let olga = scope.spawn(|| operator(project, "olga", |_| {}));
        [kim.join().unwrap(), olga.join().unwrap()]
    });
    let mut told = Told::default();
    for one in both {
        told.saved.extend(one.saved);
        told.refused.extend(one.refused);
        told.unanswered.extend(one.unanswered);
    }
    told.saved.sort();
    told
}

/// The notes of all edits on the disk, in the order in which they became facts, each with who made it.
fn on_record(project: &Project) -> Vec<(String, String)> {
    let database = Connection::open(project.path().join(".wavedeck/wavedeck.db")).unwrap();
    let mut statement = database.prepare("SELECT body FROM facts ORDER BY sequence").unwrap();
    let facts: Vec<Value> = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap()
        .map(|body| serde_json::from_str(&body.unwrap()).unwrap())
        .collect();
    let edits = facts.into_iter().filter(|fact| fact["fact"] == "slots-changed");
    let edit = |fact: Value| {
        let edit = &fact["change"]["edit"];
        let parts = edit["edits"].as_array().cloned().unwrap_or_else(|| vec![edit.clone()]);
        let note = parts.iter().find_map(|part| part["note"].as_str().or(part["slot"]["note"].as_str()))?;
        Some((note.to_owned(), fact["by"].as_str().unwrap().to_owned()))
    };
    edits.filter_map(edit).collect()
}

/// What holds whatever happens: what was reported as saved is on record, in the order of the versions that were
/// reported and under the name of whoever made it; what was refused is not; and the plan is what was made last.
fn check(project: &Project, told: &Told) {
    let record = on_record(project);
    let recorded: BTreeSet<&str> = record.iter().map(|(note, _)| note.as_str()).collect();
    assert_eq!(recorded.len(), record.len(), "nothing was made twice");
    for (note, by) in &record {
        assert!(note.starts_with(by.as_str()), "{note} is on record as {by}'s");
    }
    let saved: Vec<&str> = told.saved.iter().map(|(_, note)| note.as_str()).collect();
    let unanswered: BTreeSet<&str> = told.unanswered.iter().map(String::as_str).collect();
    let answered: Vec<&str> =
        record.iter().map(|(note, _)| note.as_str()).filter(|note| !unanswered.contains(note)).collect();
    assert_eq!(answered, saved, "what is on record is what was reported as saved");
    assert!(told.refused.iter().all(|note| !recorded.contains(note.as_str())));

    let shown = project.json(&["wave", "show"]);
    let (last, _) = record.last().unwrap();
    assert_eq!(task(&shown, "T9")["note"], *last);
}

#[test]
fn nothing_is_lost_and_nothing_is_called_saved_that_is_not() {
    let project = small_project();
    let told = hammer(&project, |_| {});
    check(&project, &told);
    assert_eq!(told.unanswered, Vec::<String>::new());
    assert_eq!(told.saved.len() + told.refused.len(), 2 * TRIES);
    assert!(told.saved.len() >= TRIES, "whoever is refused was overtaken by somebody who saved");
    let versions: BTreeSet<u64> = told.saved.iter().map(|(version, _)| *version).collect();
    assert_eq!(versions.len(), told.saved.len(), "no version was reported twice");
}

#[test]
fn a_killed_supervisor_takes_nothing_along_that_was_called_saved() {
    let project = small_project();
    let told = hammer(&project, |number| {
        if number % 4 == 0 {
            // It may be gone already, or the next one may be about to write who it is.
            let lock = std::fs::read_to_string(project.path().join(".wavedeck/supervisor.lock"));
            let pid = lock.ok().and_then(|text| Pid::from_raw(text.trim().parse().ok()?));
            if let Some(pid) = pid {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    });
    check(&project, &told);
}
