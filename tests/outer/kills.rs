//! kill -9 at awkward moments: of the supervisor, of everything, of a client in mid-run. Agents live on where they can,
//! and the store is whole in every case.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::harness::{Place, kill, lives};
use crate::headless::{assert_whole, attempts};

/// Runs wave 1 of the fixture and calls `at` with each line that `launch` prints, until it ends. Gives its exit code.
fn launch_and(place: &Place, mut at: impl FnMut(&str)) -> Option<i32> {
    let mut launch = place
        .command(&["launch", "--wave", "1", "--headless", "--executor", "local"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for line in BufReader::new(launch.stdout.take().unwrap()).lines() {
        at(&line.unwrap());
    }
    launch.wait().unwrap().code()
}

#[test]
fn a_supervisor_killed_at_several_moments_is_replaced_and_the_wave_goes_on() {
    let place = Place::with_fixture_waves();
    let moments = ["A1 starts", "A2 works", "A3 submitted", "A4 passed", "A8 works", "A0 starts"];
    let mut killed = 0;
    let mut seen = String::new();
    let exit = launch_and(&place, |line| {
        seen.push_str(line);
        seen.push('\n');
        if moments.iter().any(|moment| line.contains(moment)) {
            let before = place.process("supervisor.lock").unwrap();
            let keeper = place.process("keeper.lock").unwrap();
            kill(before);
            killed += 1;
            assert!(lives(keeper), "the keeper outlives the supervisor");
        }
    });
    assert_eq!(exit, Some(0), "{seen}{}", place.supervisor_log());
    // A supervisor that was killed may take one of the moments along: then its line is never printed.
    assert!(killed >= 4, "only {killed} kills in:\n{seen}");
    // Nobody ran twice: every agent has its first attempt and no other.
    let expected: Vec<String> =
        ["A0", "A1", "A2", "A3", "A4", "A8", "A9"].map(|agent| format!("main-w1-{agent}-t1")).into();
    assert_eq!(attempts(&place), expected, "{seen}");
    assert_whole(&place);
}

#[test]
fn after_everything_was_killed_the_next_start_says_what_was_lost_and_goes_on() {
    let place = Place::with_running_demo();
    let mut room = place.room(&[], 120, 40);
    room.until("waits for you");
    kill(place.process("keeper.lock").unwrap());
    kill(place.process("supervisor.lock").unwrap());
    room.kill();
    assert_whole(&place);

    let mut room = place.room(&[], 120, 40);
    room.until_screen("what was lost is said", |screen| screen.contains("Lost with the keeper"));
    room.until_screen("the wave goes on", |screen| {
        screen.contains("working") || screen.contains("waits for you")
    });
    assert_whole(&place);
}

#[test]
fn a_room_that_is_killed_is_noticed_by_nobody_and_comes_back_to_the_same_screen() {
    let place = Place::with_running_demo();
    let mut room = place.room(&[], 120, 40);
    room.until("waits for you");
    let supervisor = place.process("supervisor.lock").unwrap();
    room.kill();
    assert!(lives(supervisor));
    let mut room = place.room(&[], 120, 40);
    room.until("waits for you");
    room.until_screen("the agent's own words are there again", |screen| screen.contains("Read the prompt"));
    assert_eq!(place.process("supervisor.lock"), Some(supervisor), "the same supervisor serves");
}

#[test]
fn a_keeper_killed_alone_is_replaced_and_the_wave_still_closes() {
    let place = Place::with_fixture_waves();
    let mut killed = false;
    let mut seen = String::new();
    let exit = launch_and(&place, |line| {
        seen.push_str(line);
        seen.push('\n');
        if !killed && line.contains("A2 works") {
            kill(place.process("keeper.lock").unwrap());
            killed = true;
        }
    });
    assert!(killed, "{seen}");
    assert_eq!(exit, Some(0), "{seen}{}", place.supervisor_log());
    assert_whole(&place);
}
