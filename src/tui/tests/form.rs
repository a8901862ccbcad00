//! The form of a new wave: what it looks like, and what comes of keys and mouse in it.

use super::room::Room;
use super::screens::shot;
use super::stage::{Stage, sources};
use crate::engine::Refused;
use crate::plan::SourceFile;
use crate::plan::edit::Edit;
use crate::session::keys::{MouseAction, MouseButton};
use crate::supervisor::protocol::{Reply, Request, ServerMessage};
use crate::tui::app::{Kind, Region};
use crate::tui::event::Event;
use crate::tui::form::{Form, Part};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

/// Takes a shot of the same story at each size.
fn shots(name: &str, story: impl Fn(&mut Room)) {
    for (columns, rows) in SIZES {
        let mut room = Room::in_the_middle(columns, rows);
        room.keys("W");
        story(&mut room);
        shot(&format!("form_{name}_{columns}x{rows}"), &room);
    }
}

/// Clicks where a text stands.
fn click(room: &mut Room, text: &str) {
    let (column, row) = room.find(text);
    room.mouse(MouseAction::Press(MouseButton::Left), column, row);
    room.mouse(MouseAction::Release(MouseButton::Left), column, row);
}

/// Goes to a question by keys alone.
fn ask(room: &mut Room, key: &str) {
    room.keys("F2");
    for _ in 0..200 {
        let field = form(room).field().unwrap();
        if field.key == key {
            return;
        }
        room.keys("Tab");
    }
    panic!("there is no question {key}:\n{}", room.screen());
}

fn form(room: &Room) -> &Form {
    room.app.form.as_ref().unwrap()
}

fn reply(room: &mut Room, id: u64, reply: Reply) {
    room.event(Event::Message(Box::new(ServerMessage::Reply { id, reply })));
}

/// Files that an edit writes, by path, and its text of the first.
fn written(requests: &[Request]) -> (Vec<String>, String) {
    let [Request::EditPlan { edit: Edit::WriteWaves { writes, .. }, by }] = requests else {
        panic!("{requests:?}")
    };
    assert_eq!(by, "kim");
    (writes.iter().map(|write| write.path.clone()).collect(), writes[0].after.clone())
}

#[test]
fn the_form_as_it_opens() {
    shots("opened", |_| {});
}

#[test]
fn a_choice_a_text_and_a_list() {
    shots("answered", |room| {
        room.keys("Right Right Tab").text("Move the ledger");
        ask(room, "worker.1.owns");
        room.text("ledger/").keys("Alt+Enter").text("docs/ledger.md");
    });
}

#[test]
fn an_answer_that_does_not_fit() {
    shots("misfit", |room| {
        ask(room, "promotions");
        room.text("1");
        ask(room, "promotion.1.id");
        room.text("The Ledger");
    });
}

#[test]
fn what_is_found_in_a_draft() {
    shots("found", |room| {
        ask(room, "worker.1.owns");
        room.keys("Alt+Enter").text("../elsewhere/");
        room.keys("F4");
    });
}

#[test]
fn the_file_that_would_be_written() {
    shots("file", |room| {
        room.keys("F3 PageDown");
    });
}

#[test]
fn it_is_written_after_asking() {
    shots("asked", |room| {
        room.keys("Ctrl+S");
    });
}

#[test]
fn sizes_that_nobody_has() {
    for (columns, rows) in [(40, 10), (300, 70)] {
        let mut room = Room::in_the_middle(columns, rows);
        room.keys("W Tab").text("Move the ledger, all of it, to the other side of the house");
        shot(&format!("form_absurd_{columns}x{rows}"), &room);
    }
    for (columns, rows) in [(1, 1), (39, 10), (40, 10), (41, 11), (99, 24), (100, 20), (100, 12), (160, 10)] {
        let mut room = Room::in_the_middle(columns, rows);
        room.keys("W Right Tab Tab Tab F3 PageDown End F4 Down End F2 PageDown Ctrl+S Esc Ctrl+X Esc Esc W");
        let _ = room.screen();
        for y in 0..rows {
            let _ = room.app.regions().target(columns / 2, y);
        }
    }
}

#[test]
fn a_wave_is_drafted_by_keys_and_the_board_shows_it() {
    let mut stage = Stage::new();
    stage.after(1000);
    let mut room = Room::told(&stage, 120, 40);
    room.keys("W Tab").text("Move the ledger").keys("Ctrl+S");
    assert!(room.screen().contains("Write wave 5?"), "{}", room.screen());
    assert_eq!(room.requests(), []);
    room.keys("Enter");
    let (paths, text) = written(&room.requests());
    assert_eq!(paths, ["docs/plans/waves/wave-5.md", "docs/plans/waves/specs/wave-5.json"]);
    assert!(text.starts_with("# Wave 5 - Move the ledger\n"), "{text}");

    // The files are told before the reply is: the draft does not take the next number for that.
    let mut snapshot = stage.snapshot();
    snapshot.sources.waves.push(SourceFile { path: paths[0].clone(), text });
    room.event(Event::Message(Box::new(ServerMessage::Sources(Box::new(snapshot.sources)))));
    assert_eq!(form(&room).drafted.wave, 5);
    reply(&mut room, 1, Reply::Done { message: "wave 5 drafted.".into() });
    assert!(room.app.form.is_none() && room.app.layers.is_empty());
    assert_eq!(room.app.focus, Region::Board);
    let selected = room.app.board.selected.clone().unwrap();
    assert_eq!((selected.wave(), selected.name.as_str()), (Some(5), "A1"));
    assert!(room.screen().contains("Wave 5 is written. u takes it back."), "{}", room.screen());
}

#[test]
fn a_wave_is_drafted_by_the_mouse_alone() {
    for (columns, rows) in SIZES {
        let mut room = Room::in_the_middle(columns, rows);
        room.keys("W");
        click(&mut room, "infra");
        click(&mut room, "Title of the wave");
        assert_eq!(form(&room).field().unwrap().key, "title");
        assert_eq!(form(&room).answers.get("template"), Some("infra"));
        click(&mut room, "How many workers");
        let places = room.app.regions().form.unwrap();
        let (_, more) = places.steps.unwrap();
        room.mouse(MouseAction::Press(MouseButton::Left), more.x + 1, more.y);
        assert_eq!(form(&room).answers.get("workers"), Some("2"));
        click(&mut room, "Ctrl+S");
        assert!(room.screen().contains("Write wave 5?"), "{}", room.screen());
        click(&mut room, "Enter yes");
        written(&room.requests());
    }
}

#[test]
fn an_answer_that_does_not_fit_is_not_written_but_asked_again() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("W");
    ask(&mut room, "workers");
    room.text("13").keys("F3 Ctrl+S");
    assert_eq!(form(&room).field().unwrap().key, "workers");
    assert!(room.screen().contains("`13` is no number from 0 to 12."), "{}", room.screen());
    assert_eq!(room.requests(), []);
    room.keys("Ctrl+R");
    assert!(form(&room).answers.is_empty());
}

#[test]
fn a_finding_leads_to_its_question_and_stands_beside_it() {
    let mut room = Room::in_the_middle(80, 24);
    room.keys("W");
    ask(&mut room, "worker.1.owns");
    room.keys("Alt+Enter").text("../elsewhere/");
    assert!(room.screen().contains("error"), "{}", room.screen());
    ask_first(&mut room);
    room.keys("Ctrl+S");
    assert_eq!(form(&room).part, Part::Findings);
    assert!(room.screen().contains("would not validate"), "{}", room.screen());
    room.keys("Enter");
    assert_eq!(form(&room).field().unwrap().key, "worker.1.owns", "{}", room.screen());
    assert_eq!(form(&room).part, Part::Questions);
    assert_eq!(room.requests(), []);
}

fn ask_first(room: &mut Room) {
    for _ in 0..200 {
        room.keys("Shift+Tab");
    }
    assert_eq!(form(room).at, 0);
}

#[test]
fn a_draft_that_is_left_stays_until_it_is_thrown_away() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("W Esc");
    assert!(room.app.form.is_none(), "nothing was answered");
    room.keys("W Tab").text("Move the ledger").keys("Esc");
    assert!(room.screen().contains("The draft of wave 5 is kept. W goes on with it."), "{}", room.screen());
    assert!(room.screen().contains("T148"), "the board is there again");
    room.keys("W");
    assert!(room.screen().contains("Move the ledger"), "{}", room.screen());
    room.keys("Ctrl+X Esc");
    assert!(room.app.form.is_some(), "no is no");
    room.keys("Ctrl+X Enter");
    assert!(room.app.form.is_none() && room.app.layers.is_empty());
}

#[test]
fn a_number_that_somebody_else_took_is_refused_and_the_draft_takes_the_next() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("W Tab").text("Move the ledger").keys("Ctrl+S Enter");
    let mut taken = sources();
    taken.waves.push(SourceFile {
        path: "docs/plans/waves/wave-5.md".into(),
        text: "# Wave 5 - Somebody else's\n".into(),
    });
    room.event(Event::Message(Box::new(ServerMessage::Sources(Box::new(taken)))));
    assert_eq!(form(&room).drafted.wave, 5, "while it is written it is what it is");
    let refused = Refused::new("docs/plans/waves/wave-5.md is there by now.", "Look at it.");
    reply(&mut room, 1, Reply::Refused(refused));
    assert_eq!(form(&room).drafted.wave, 6);
    assert!(room.screen().contains("# Wave 6 - Move the ledger"), "{}", room.screen());
    room.requests();
    room.keys("Ctrl+S Enter");
    assert_eq!(written(&room.requests()).0[0], "docs/plans/waves/wave-6.md");
}

#[test]
fn an_open_draft_follows_the_files() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("W Tab").text("Move the ledger");
    let path = "docs/plans/waves/wave-5.md".to_string();
    for (text, number) in [(Some("# Wave 5 - Somebody else's\n".to_string()), 6), (None, 5)] {
        let message = ServerMessage::WaveFile { path: path.clone(), text };
        room.event(Event::Message(Box::new(message)));
        assert_eq!(form(&room).drafted.wave, number);
        let said = format!("Wave {number} is the next one by now");
        assert!(room.screen().contains(&said), "{}", room.screen());
        assert!(room.screen().contains(&format!("# Wave {number} - Move the ledger")), "{}", room.screen());
    }
}

#[test]
fn the_question_that_is_asked_stays_in_view_when_the_screen_shrinks() {
    let mut room = Room::in_the_middle(200, 50);
    room.keys("W");
    ask(&mut room, "worker.1.doc-impact");
    for (columns, rows) in [(80, 24), (120, 40), (40, 10)] {
        room.event(Event::Resize { columns, rows });
        let places = room.app.regions().form.unwrap();
        assert!(places.asks.contains(&Some(form(&room).at)), "{}", room.screen());
    }
    click(&mut room, "Proof  ");
    assert_eq!(form(&room).field().unwrap().key, "worker.1.proof", "what is clicked is what stands there");
}

#[test]
fn a_form_that_is_closed_is_not_scrolled_by_a_screen_that_does_not_show_it() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("W Right Esc");
    room.event(Event::Resize { columns: 80, rows: 24 });
    room.keys("W");
    assert_eq!((form(&room).at, form(&room).first_row), (0, 0));
    assert!(room.screen().contains("Template"), "{}", room.screen());
}

#[test]
fn a_profile_that_cannot_be_read_stops_a_draft_before_it_begins() {
    let mut snapshot = Stage::in_the_middle().snapshot();
    snapshot.sources.profile =
        Some(SourceFile { path: ".wave/project-profile.json".into(), text: "{\"newProject\": 3}".into() });
    let mut room = Room::empty(120, 40, Kind::Plan);
    room.now = snapshot.now;
    room.event(Event::Connected);
    room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(snapshot)))));
    room.keys("W");
    assert!(room.app.form.is_none());
    assert!(room.screen().contains(".wave/project-profile.json:1:"), "{}", room.screen());
}
