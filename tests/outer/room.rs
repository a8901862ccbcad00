//! The room, driven as a person would: keys and mouse into a real terminal.

use crate::harness::Place;

#[test]
fn a_question_is_answered_in_place_and_the_agent_goes_on() {
    let place = Place::with_running_demo();
    let mut room = place.room(&[], 120, 40);
    room.until("waits for you");
    room.keys("a");
    room.until("Which alphabet do short codes use?");
    room.keys("2");
    room.until("wave 2  ● running");
    let log = place.run_to(0, &["logs", "A1", "--wave", "1"]);
    assert!(log.contains("The operator says: base58"), "{log}");
    let answered = place.run_to(0, &["feedback", "list", "--json"]);
    assert!(answered.contains("base58"), "{answered}");
}

#[test]
fn a_card_moves_to_another_wave_by_keys_and_comes_back_by_undo() {
    let place = Place::with_running_demo();
    let file = |wave: u32| {
        std::fs::read_to_string(place.path().join(format!("docs/plans/waves/wave-{wave}.md"))).unwrap()
    };
    let before = [file(2), file(3)];
    place.run_to(0, &["wave", "move", "A7", "--from", "2", "--to", "3"]);
    let mut room = place.room(&[], 160, 44);
    room.until("A7");
    assert!(file(3).contains("## Agent A7:") && !file(2).contains("## Agent A7:"));
    room.keys("u");
    room.until_screen("both files are as they were", |_| [file(2), file(3)] == before);
}

#[test]
fn the_next_wave_is_drafted_in_the_room_and_taken_back() {
    let place = Place::with_fixture_waves();
    let read = |path: &str| std::fs::read_to_string(place.path().join(path)).ok();
    let matrix = read("docs/plans/component-cutover-matrix.json");
    let mut room = place.room(&[], 120, 40);
    room.until("wave 4");
    room.keys("W");
    room.until("new wave 5");
    room.keys("\tBound the cache");
    room.until("# Wave 5 - Bound the cache");
    // Ctrl+S asks, Enter says yes.
    room.keys("\x13");
    room.until("Write wave 5?");
    room.keys("\r");
    room.until("Wave 5 is written");
    room.until("Bound the cache");
    assert!(read("docs/plans/waves/wave-5.md").unwrap().starts_with("# Wave 5 - Bound the cache\n"));
    place.run_to(0, &["lint", "5"]);
    room.keys("u");
    room.until_screen("the draft is taken back", |_| {
        read("docs/plans/waves/wave-5.md").is_none()
            && read("docs/plans/component-cutover-matrix.json") == matrix
    });
}

#[test]
fn a_small_terminal_shows_one_region_at_a_time_and_q_leaves_agents_running() {
    let place = Place::with_running_demo();
    let mut room = place.room(&[], 80, 24);
    room.until("board");
    room.until("inbox");
    room.keys("q");
    room.until_gone();
    assert!(room.text().contains("agents") || !room.text().is_empty());
    let status = place.run(&["status"]);
    assert!(matches!(status.status.code(), Some(10 | 20)), "agents go on: {status:?}");
}

#[test]
fn a_demo_whose_window_was_closed_goes_on_and_is_opened_again() {
    let place = Place::new();
    let mut room = place.demo();
    room.until("waits for you");
    room.kill();
    let mut room = place.demo();
    room.until("waits for you");
    room.until_screen("the same demo, not a new one", |screen| !screen.contains("0/20 proven"));
    room.keys("q");
    room.until_gone();
    assert!(room.text().contains("its folder is removed"), "{}", room.text());
}

#[test]
fn a_task_is_slotted_on_the_board_and_the_document_follows() {
    let place = Place::with_running_demo();
    let document = || std::fs::read_to_string(place.path().join("docs/plans/NEXT_SESSION.md")).unwrap();
    let before = document();
    let mut room = place.room(&[], 160, 44);
    room.until("wave 1");
    room.keys("b");
    room.until("plan next-session");
    // T102 stands beside T101, which it needs: the document says so, the board says what is wrong with it.
    room.until("1 disagreement with the document");
    room.keys("/T113\r");
    room.until("T113 Words for errors");
    room.keys(" ");
    room.until("T113  in the hand");
    room.keys("hhhhh");
    room.until("no wave → wave 1");
    room.keys("\r");
    room.until_screen("T113 has a slot", |_| {
        place.run_to(0, &["wave", "show", "--json"]).contains("\"T113\"")
    });
    room.keys("d");
    room.until("is in the plan and not in the document");
    room.keys("W");
    room.until_screen("the document says it", |_| document().contains("- Wave 1: A6, T103, T111, T113\n"));
    assert_eq!(document().replace(", T113", ""), before, "no other line is touched");
    room.keys("qu");
    room.until_screen("the document is as it was", |_| document() == before);
    room.keys("u");
    room.until_screen("the slot is taken back", |_| {
        !place.run_to(0, &["wave", "show", "--json"]).contains("\"T113\"")
    });
}
