//! What the operator does, and what comes of it: requests, input for children, view state.

use super::room::Room;
use super::stage::{Stage, attempt};
use crate::engine::Input;
use crate::engine::QuestionId;
use crate::engine::input::LaunchOptions;
use crate::plan::edit::Edit;
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput};
use crate::supervisor::protocol::{Reply, Request, ServerMessage};
use crate::tui::app::Region;
use crate::tui::board::verdict::Legality;
use crate::tui::event::Event;
use crate::tui::layout::Target;
use crate::tui::panes::Typing;
use crate::tui::theme::Theme;
use crate::tui::verb::Verb;

const LEFT: MouseButton = MouseButton::Left;

fn answer(text: &str) -> Request {
    Request::Answer { question: QuestionId(1), text: text.into(), by: "kim".into() }
}

fn key(character: char) -> TerminalInput {
    TerminalInput::Key { key: Key::Char(character), modifiers: 0, kind: KeyKind::Press }
}

fn session_of(agent: &str, number: u32) -> String {
    attempt(2, agent, number).session()
}

#[test]
fn a_question_is_answered_by_number_or_by_text() {
    let mut room = Room::in_the_middle(80, 24);
    room.keys("a 2");
    assert_eq!(room.requests(), [answer("0041_rename")]);

    let mut room = Room::in_the_middle(120, 40);
    room.keys("a Enter").text("both 1 by 1").keys("Alt+Enter").text("q").keys("Enter");
    assert_eq!(room.requests(), [answer("both 1 by 1\nq")]);
}

#[test]
fn a_draft_stays_when_the_operator_looks_elsewhere() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("a Enter").text("half an ans").keys("Esc Esc Esc");
    assert_eq!(room.app.focus, Region::Board);
    room.keys("a Enter").text("wer").keys("Enter");
    assert_eq!(room.requests(), [answer("half an answer")]);
}

#[test]
fn a_new_question_steals_neither_focus_nor_keys() {
    let mut stage = Stage::in_the_middle();
    let mut room = Room::told(&stage, 200, 50);
    room.keys("Enter");
    assert_eq!(room.app.panes.typing, Typing::On);
    let before = room.find("wave 2");
    stage.say(crate::engine::Input::Ask {
        attempt: attempt(2, "T148", 1),
        text: "May I push?".into(),
        options: Vec::new(),
    });
    let snapshot = Box::new(stage.snapshot());
    room.event(Event::Message(Box::new(ServerMessage::Snapshot(snapshot))));
    room.typed();
    room.text("y");
    assert_eq!(room.typed(), [(session_of("T148", 1), key('y'))]);
    assert_eq!(room.find("wave 2"), before);
    assert!(room.screen().contains("May I push?"));
}

#[test]
fn a_card_is_moved_by_keys_and_a_refused_one_is_put_back() {
    let mut room = Room::in_the_middle(200, 50);
    room.keys("Right Space Left Enter");
    assert_eq!(room.requests(), [], "wave 2 runs: nobody joins it");
    assert!(room.screen().contains("was put back"));
    room.keys("Space Right Esc");
    assert!(room.app.board.held.is_none());
    assert_eq!(room.requests(), []);
    room.keys("u U");
    assert_eq!(room.requests(), [Request::Undo { by: "kim".into() }, Request::Redo { by: "kim".into() }]);
}

#[test]
fn a_card_is_moved_by_the_mouse() {
    let mut stage = Stage::new();
    stage.after(1000);
    let mut room = Room::told(&stage, 200, 50);
    let (column, row) = room.find("T161");
    let (target, _) = room.find("wave 4");
    room.mouse(MouseAction::Press(LEFT), column, row);
    room.mouse(MouseAction::Drag(LEFT), column + 2, row);
    assert!(room.app.board.held.is_none(), "a shaking hand does not pick up");
    room.mouse(MouseAction::Drag(LEFT), target, row);
    let held = room.app.board.held.clone().unwrap();
    assert!(held.verdict.as_ref().unwrap().legality == Legality::Allowed, "{:?}", held.verdict);
    room.mouse(MouseAction::Release(LEFT), target, row);
    let edit = Edit::MoveAgent { agent: "T161".into(), from: 3, to: 4 };
    assert_eq!(room.requests(), [Request::EditPlan { edit, by: "kim".into() }]);
}

#[test]
fn waves_are_launched_after_asking() {
    let mut room = Room::told(&Stage::new(), 120, 40);
    room.keys("r");
    assert!(room.screen().contains("Run wave 1?"));
    assert_eq!(room.requests(), []);
    room.keys("Esc L Enter");
    let launch =
        Request::Launch { waves: vec![1, 2, 3, 4], options: LaunchOptions::default(), command: None };
    assert_eq!(room.requests(), [launch]);
    let reply =
        Reply::Launched { run: Some(crate::engine::RunId(7)), notes: vec!["wave 1 is closed".into()] };
    room.event(Event::Message(Box::new(ServerMessage::Reply { id: 1, reply })));
    assert!(room.screen().contains("R7 started. wave 1 is closed"));
}

#[test]
fn a_wave_is_rehearsed_on_simulated_agents() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("1 Right Right R");
    assert!(room.screen().contains(" on local."), "{}", room.screen());
    room.keys("Enter");
    let requests = room.requests();
    let [Request::Launch { options, .. }] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(options.executor.as_ref().map(|runtime| runtime.0.as_str()), Some("local"));
}

#[test]
fn an_attempt_is_ended_after_asking() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("x Enter");
    let attempt = attempt(2, "T148", 1);
    assert_eq!(room.requests(), [Request::Cancel { attempt, by: "kim".into() }]);
}

#[test]
fn the_filter_counts_what_it_hides() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("/").text("T16").keys("Enter");
    let screen = room.screen();
    assert!(screen.contains("12 hidden"), "{screen}");
    assert!(screen.contains("Split ledger") && !screen.contains("Eviction bou…"));
    room.keys("Esc");
    assert!(room.screen().contains("Eviction bou"));
}

#[test]
fn attention_goes_round() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("n");
    assert_eq!(room.app.board.selected.as_ref().unwrap().name, "T149");
    room.keys("Enter");
    assert_eq!(room.app.focus, Region::Inbox, "a waiting card opens its question");
}

#[test]
fn what_is_under_the_pointer_is_what_was_drawn_there() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 50)] {
        let mut room = Room::in_the_middle(columns, rows);
        let regions = room.app.regions();
        for y in 0..rows {
            for x in 0..columns {
                let target = regions.target(x, y);
                let at = ratatui::layout::Position { x, y };
                match &target {
                    Target::Card(index) => {
                        let (_, grid) = regions.board.as_ref().unwrap();
                        let slot = grid.slots.iter().find(|slot| slot.card == *index).unwrap();
                        assert!(slot.rect.contains(at));
                    }
                    Target::PaneCell { session, column, row } => {
                        let tile = regions.tile(session).unwrap();
                        assert_eq!((tile.body.x + column, tile.body.y + row), (x, y));
                    }
                    _ => {}
                }
            }
        }
        let (x, y) = room.find("T150 Inbox");
        room.mouse(MouseAction::Press(LEFT), x, y);
        room.mouse(MouseAction::Release(LEFT), x, y);
        assert_eq!(room.app.board.selected.as_ref().unwrap().name, "T150", "{columns}x{rows}");
    }
}

#[test]
fn the_tabs_of_a_narrow_room_are_clicked() {
    let mut room = Room::in_the_middle(80, 24);
    let (x, y) = room.find("3 inbox");
    room.mouse(MouseAction::Press(LEFT), x, y);
    assert_eq!(room.app.focus, Region::Inbox);
    let (x, y) = room.find("Which migration");
    room.mouse(MouseAction::Press(LEFT), x, y);
    let (x, y) = room.find("1 0042_split");
    room.mouse(MouseAction::Press(LEFT), x, y);
    assert_eq!(room.requests(), [answer("0042_split")]);
}

#[test]
fn a_missing_fact_makes_the_room_ask_for_everything_once() {
    let mut room = Room::in_the_middle(80, 24);
    let fact = crate::engine::Fact {
        at: crate::engine::Time(1),
        what: crate::engine::fact::What::PlanUndone { by: "kim".into() },
    };
    for sequence in [100, 103, 104] {
        let fact = Box::new(fact.clone());
        room.event(Event::Message(Box::new(ServerMessage::Fact { sequence, fact })));
    }
    assert_eq!(room.requests(), [Request::Snapshot]);
}

#[test]
fn a_card_dragged_by_mouse_is_dropped_where_the_pointer_is_although_the_preview_took_rows() {
    // The card lies so low that the preview covers its row at this size.
    let mut room = Room::in_the_middle(120, 40);
    let (x, y) = room.find("T160");
    room.mouse(MouseAction::Press(LEFT), x, y);
    room.mouse(MouseAction::Drag(LEFT), x + 4, y);
    let (column, _) = room.find("wave 4");
    let before = (room.app.board.first_column, room.app.board.first_line);
    for row in 4..16 {
        let mut other = Room { app: room.app.clone(), sent: Vec::new(), now: room.now };
        other.mouse(MouseAction::Drag(LEFT), column + 3, row);
        assert_eq!(
            (other.app.board.first_column, other.app.board.first_line),
            before,
            "nothing moves meanwhile"
        );
        other.mouse(MouseAction::Release(LEFT), column + 3, row);
        assert!(
            matches!(other.requests().as_slice(), [Request::EditPlan { .. }]),
            "row {row}\n{}",
            other.screen()
        );
    }
    room.mouse(MouseAction::Drag(LEFT), x, 38);
    room.mouse(MouseAction::Release(LEFT), x, 38);
    assert_eq!(room.requests(), []);
    assert!(room.screen().contains("T160 was put back"), "{}", room.screen());
}

#[test]
fn the_theme_changes_at_once_and_comes_round_again() {
    let mut room = Room::in_the_middle(120, 40);
    let mut seen = Vec::new();
    for _ in Theme::names() {
        seen.push(room.app.settings.theme.name.clone());
        room.keys("T");
    }
    assert_eq!(seen, Theme::names().collect::<Vec<_>>());
    assert_eq!(room.app.settings.theme.name, seen[0]);
    assert!(room.screen().contains("Theme terminal"));
}

#[test]
fn no_line_of_the_palette_is_cut() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys(":");
    let before = room.screen();
    for verb in Verb::all() {
        room.text(verb.name());
        let screen = room.screen();
        assert!(screen.contains(verb.help()), "{}: {}\n{screen}", verb.name(), verb.help());
        room.keys("Esc :");
    }
    assert_eq!(room.screen(), before);
}

#[test]
fn after_the_last_answer_the_operator_is_back_and_sees_the_agent_go_on() {
    for (columns, rows) in [(80, 24), (120, 40), (160, 44)] {
        let mut stage = Stage::in_the_middle();
        let mut room = Room::told(&stage, columns, rows);
        room.keys("2 a 1");
        assert_eq!(room.requests(), [answer("0042_split")]);
        assert_eq!(room.app.focus, Region::Inbox, "until it is answered nothing moves");
        stage.say(Input::Answer { question: QuestionId(1), text: "0042_split".into(), by: "kim".into() });
        room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(stage.snapshot())))));
        assert_eq!(room.app.focus, Region::Panes);
        assert_eq!(room.app.panes.focus, Some(session_of("T149", 1)));
        assert!(room.app.panes.typed().is_none(), "nothing is typed into unasked");
        room.keys("3");
        assert_eq!(room.app.focus, Region::Inbox, "an empty inbox can be looked at");
        assert!(!room.screen().contains("first answer"), "{}", room.screen());
    }
}

#[test]
fn a_finding_is_searched_and_leads_to_its_card() {
    let mut room = Room::with_findings(120, 40);
    room.keys("F").text("Capabilties");
    assert!(room.screen().contains("wave-3.md"), "{}", room.screen());
    room.keys("Enter");
    assert_eq!(room.app.board.selected.as_ref().map(|card| card.name.as_str()), Some("T161"));
    let reason = |room: &Room, agent: &str| {
        let card = room.app.told.cards.iter().find(|card| card.agent == agent).unwrap();
        card.reason.clone()
    };
    assert_eq!(reason(&room, "T160"), "`soon` is no value for `budget.minutes` (error, line 14)");
    assert_eq!(reason(&room, "T161"), "T160: `soon` is no value for `budget.minutes` (error, line 14)");
    room.keys("Esc F").text("nothing of the kind");
    assert!(room.screen().contains("No finding matches."), "{}", room.screen());

    let mut room = Room::in_the_middle(120, 40);
    room.keys("F");
    assert!(room.screen().contains("Nothing was found"), "{}", room.screen());
}
