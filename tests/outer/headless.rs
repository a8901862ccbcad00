//! Waves of a real project, run from the command line.

use std::path::Path;

use crate::harness::Place;

/// Agents of the fixture's waves, with the stewards.
const WAVES: [(u32, &[&str]); 3] = [
    (0, &["A1", "A8", "A9", "A0"]),
    (1, &["A1", "A2", "A3", "A4", "A8", "A9", "A0"]),
    (3, &["A1", "A2", "A3", "A8", "A9", "A0"]),
];

#[test]
fn real_waves_run_to_their_close_and_a_second_launch_starts_nothing() {
    let place = Place::with_fixture_waves();
    for (wave, agents) in WAVES {
        let number = wave.to_string();
        place.run_to(0, &["launch", "--wave", &number, "--headless", "--executor", "local"]);
        for agent in agents {
            assert_envelope(&place, wave, agent);
            let log = place.run_to(0, &["logs", agent, "--wave", &number]);
            assert!(log.contains("Submitted the report"), "wave {wave} {agent} logged:\n{log}");
        }
    }
    let before = attempts(&place);
    let again = place.run(&["launch", "--wave", "0", "--headless", "--executor", "local"]);
    assert_eq!(again.status.code(), Some(0));
    let words = String::from_utf8_lossy(&again.stderr).into_owned() + &String::from_utf8_lossy(&again.stdout);
    assert!(words.contains("wave 0 is closed") && words.contains("nothing to start"), "{words}");
    assert_eq!(attempts(&place), before);
    place.run_to(0, &["status", "--wave", "3"]);
    place.run_to(0, &["stop", "--agents", "--yes"]);
    assert_whole(&place);
}

fn assert_envelope(place: &Place, wave: u32, agent: &str) {
    let path = format!(".tmp/main-wave-launcher/results/wave-{wave}/attempt-1/{agent}.json");
    let text =
        std::fs::read_to_string(place.path().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let envelope: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope["schemaVersion"], 2, "{path}");
    assert_eq!(envelope["agentId"], agent, "{path}");
    assert_eq!(envelope["waveNumber"], wave, "{path}");
}

/// Names of all attempts that ever had a terminal.
pub(crate) fn attempts(place: &Place) -> Vec<String> {
    names(&place.path().join(".wavedeck/logs"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The database passes SQLite's own check, and its facts can be folded.
pub(crate) fn assert_whole(place: &Place) {
    let mut reader = wavedeck::store::Reader::open(&place.path().join(".wavedeck/wavedeck.db")).unwrap();
    assert_eq!(reader.integrity_check().unwrap(), Vec::<String>::new());
    let (sequence, _) = reader.state().unwrap();
    assert!(sequence > 0);
}

#[test]
fn proof_centric_work_is_refused_to_the_simulator_and_runs_as_a_command() {
    let place = Place::with_fixture_waves();
    let refused = place.run(&["launch", "--wave", "4", "--headless", "--executor", "local"]);
    assert_eq!(refused.status.code(), Some(1));
    let words =
        String::from_utf8_lossy(&refused.stdout).into_owned() + &String::from_utf8_lossy(&refused.stderr);
    for part in ["V24", "A1", "A2", "A3"] {
        assert!(words.contains(part), "{part} is missing in:\n{words}");
    }
    assert!(!place.path().join(".wavedeck/logs").exists(), "nothing was started");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/agents/prove.sh");
    let command = format!("sh {} {{brief_file}}", script.display());
    place.run_to(0, &["launch", "--wave", "4", "--headless", "--executor", "command", "--command", &command]);
    for agent in ["A1", "A2", "A3", "A8", "A9", "A0"] {
        assert_envelope(&place, 4, agent);
    }
}
