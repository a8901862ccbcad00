//! Plain panes and the stop verb, as scripts use them.

use crate::harness::{Place, until_ended};

#[test]
fn plain_panes_run_what_they_are_given_and_end_with_everything_they_started() {
    let place = Place::new();
    let mut room = place.room(
        &["shells", "sh -c 'echo pane one; exec cat'", "sh -c 'echo pane two; exec cat'"],
        100,
        30,
    );
    room.until("pane one");
    room.until("pane two");
    let supervisor = place.process("supervisor.lock").unwrap();
    let keeper = place.process("keeper.lock").unwrap();
    place.run_to(0, &["stop", "--agents", "--yes"]);
    room.until_gone();
    until_ended(supervisor);
    until_ended(keeper);
}

#[test]
fn whoever_comes_right_after_a_stop_is_served() {
    let place = Place::with_fixture_waves();
    for _ in 0..5 {
        place.run_to(0, &["launch", "--wave", "0", "--headless", "--executor", "local"]);
        place.run_to(0, &["stop"]);
    }
}
