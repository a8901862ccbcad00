//! Two operators who edit one plan at the same time, many times.

use std::collections::BTreeMap;
use std::thread;

use rusqlite::Connection;
use serde_json::Value;

use super::project_support::Project;
use super::{small_project, task};

/// How often each of them tries.
const TRIES: usize = 25;

/// What one of them was told: of each try the version that was reported as saved, or nothing when it was refused.
struct Told {
    user: &'static str,
    saved: Vec<(String, u64)>,
    refused: usize,
}

/// One operator: looks at the plan, edits the version that was seen, believes what is said.
fn operator(project: &Project, user: &'static str) -> Told {
    let mut told = Told { user, saved: Vec::new(), refused: 0 };
    let run = |words: &[&str]| project.output_of(user, &[words, &["--json"]].concat());
    for number in 0..TRIES {
        let seen: Value = serde_json::from_slice(&run(&["wave", "show"]).stdout).unwrap();
        let version = seen["version"].to_string();
        let wave = if number % 2 == 0 { "2" } else { "1" };
        let note = format!("{user} {number}");
        let edit = ["wave", "assign", "T9", "--wave", wave, "--note", &note, "--if-version", &version];
        let output = run(&edit);
        if output.status.success() {
            let said: Value = serde_json::from_slice(&output.stdout).unwrap();
            told.saved.push((note, said["version"].as_u64().unwrap()));
        } else {
            let said: Value = serde_json::from_slice(&output.stderr).unwrap();
            let message = said["error"]["message"].as_str().unwrap();
            assert!(message.starts_with("Plan all changed since you looked at it: "), "{message}");
            assert!(message.contains("(kim)") || message.contains("(olga)"), "{message}");
            told.refused += 1;
        }
    }
    told
}

#[test]
fn nothing_is_lost_and_nothing_is_called_saved_that_is_not() {
    let project = small_project();
    project.say(&["orchestrate", "waves", "--all", "--save"]);
    let told: Vec<Told> = thread::scope(|scope| {
        let operators = ["kim", "olga"].map(|user| {
            scope.spawn({
                let project = &project;
                move || operator(project, user)
            })
        });
        operators.map(|operator| operator.join().unwrap()).into()
    });

    // The log of facts, as it is on the disk.
    let database = Connection::open(project.path().join(".wavedeck/wavedeck.db")).unwrap();
    let mut statement = database
        .prepare("SELECT body FROM facts WHERE body LIKE '%slots-changed%' ORDER BY sequence")
        .unwrap();
    let facts: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let edits = &facts[1..];

    let saved: BTreeMap<u64, (&str, &str)> = told
        .iter()
        .flat_map(|told| told.saved.iter().map(|(note, version)| (*version, (told.user, note.as_str()))))
        .collect();
    let count: usize = told.iter().map(|told| told.saved.len()).sum();
    assert_eq!(saved.len(), count, "no version was reported twice");
    assert_eq!(edits.len(), count, "what is on record is what was reported, and the other way round");
    for (fact, (user, note)) in edits.iter().zip(saved.values()) {
        let fact: Value = serde_json::from_str(fact).unwrap();
        assert_eq!(fact["by"], *user);
        assert!(fact.to_string().contains(&format!("\"{note}\"")), "{note} is not in {fact}");
    }
    let tries: usize = told.iter().map(|told| told.saved.len() + told.refused).sum();
    assert_eq!(tries, 2 * TRIES);
    assert!(count >= TRIES, "whoever is refused was overtaken by somebody who saved");

    // The plan is what the last one who was told so has made of it.
    let (version, (_, note)) = saved.last_key_value().unwrap();
    let shown = project.json(&["wave", "show"]);
    assert_eq!(shown["version"].as_u64(), Some(*version));
    assert_eq!(task(&shown, "T9")["note"], *note);
}
