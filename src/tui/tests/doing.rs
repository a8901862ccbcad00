//! What the operator does, and what comes of it: requests, input for children, view state.

use super::room::Room;
use super::stage::{Stage, attempt, screen};
use crate::engine::Input;
use crate::engine::QuestionId;
use crate::engine::input::LaunchOptions;
use crate::plan::edit::Edit;
use crate::session::Size;
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput, modifier};
use crate::supervisor::protocol::{ClientMessage, Reply, Request, ServerMessage, SessionInfo};
use crate::tui::app::{Kind, Region};
use crate::tui::event::{Command, Event};
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
fn while_typing_every_key_is_the_childs_but_two() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("Enter");
    room.typed();
    room.keys("q ? Esc Ctrl+P Tab 1 Alt+1 F1");
    let typed: Vec<TerminalInput> = room.typed().into_iter().map(|(_, input)| input).collect();
    assert_eq!(typed.len(), 8);
    assert_eq!(
        typed[3],
        TerminalInput::Key { key: Key::Char('p'), modifiers: modifier::CONTROL, kind: KeyKind::Press }
    );
    room.event(Event::Input(TerminalInput::Paste { text: "two\nlines".into() }));
    assert_eq!(
        room.typed(),
        [(session_of("T148", 1), TerminalInput::Paste { text: "two\nlines".into() })],
        "a paste is one paste"
    );
    for leave in ["Ctrl+]", "F12"] {
        room.keys(leave);
        assert_eq!(room.app.panes.typing, Typing::Off, "{leave}");
        assert_eq!(room.typed(), []);
        room.keys("Enter");
    }
}

#[test]
fn the_child_is_told_of_the_focus_once_each_way() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("Enter Ctrl+]");
    let told: Vec<bool> = room
        .sent
        .iter()
        .filter_map(|command| match command {
            Command::Send(ClientMessage::Input { input: TerminalInput::Focus { gained }, .. }) => {
                Some(*gained)
            }
            _ => None,
        })
        .collect();
    assert_eq!(told, [true, false]);
}

#[test]
fn the_mouse_is_the_childs_when_it_asked_and_shift_takes_it_back() {
    let mut room = Room::in_the_middle(120, 40);
    let session = session_of("T149", 1);
    let mut update = screen(&session, Size { columns: 59, rows: 8 });
    update.modes.mouse = true;
    update.generation += 1;
    room.event(Event::Screen(Box::new(update)));
    let (column, row) = room.find("2. 0041_rename");
    room.typed();
    room.mouse(MouseAction::ScrollUp, column, row);
    let typed = room.typed();
    assert!(
        matches!(typed[..], [(_, TerminalInput::Mouse { action: MouseAction::ScrollUp, .. })]),
        "{typed:?}"
    );
    let press = |modifiers| TerminalInput::Mouse { action: MouseAction::Press(LEFT), column, row, modifiers };
    room.event(Event::Input(press(0)));
    assert!(matches!(room.typed()[..], [(_, TerminalInput::Mouse { .. })]));
    room.event(Event::Input(press(modifier::SHIFT)));
    assert_eq!(room.typed(), []);
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
    assert!(held.allowed(), "{:?}", held.verdict);
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
    assert_eq!(room.app.board.selected.as_ref().unwrap().agent, "T149");
    room.keys("Enter");
    assert_eq!(room.app.focus, Region::Inbox, "a waiting card opens its question");
}

#[test]
fn scrollback_is_asked_for_by_page() {
    let mut room = Room::in_the_middle(120, 40);
    let session = session_of("T148", 1);
    let mut update = screen(&session, Size { columns: 59, rows: 8 });
    update.scrollback_rows = 5000;
    update.generation += 1;
    room.event(Event::Screen(Box::new(update)));
    room.keys("2 b");
    assert_eq!(room.requests(), [Request::History { session, first: 4694, count: 600 }]);
    assert!(room.screen().contains("6 lines back"), "{}", room.screen());
    room.keys("Esc");
    assert!(!room.screen().contains("lines back"));
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
        assert_eq!(room.app.board.selected.as_ref().unwrap().agent, "T150", "{columns}x{rows}");
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
fn visible_panes_are_watched_the_focused_one_first() {
    let mut room = Room::in_the_middle(120, 40);
    room.keys("Alt+3");
    let watched = room.sent.iter().rev().find_map(|command| match command {
        Command::Send(ClientMessage::Watch { panes, .. }) => Some(panes.clone()),
        _ => None,
    });
    let names: Vec<String> = watched.unwrap().into_iter().map(|pane| pane.session).collect();
    assert_eq!(names[0], session_of("T150", 2));
    assert_eq!(names.len(), 4);
    room.sent.clear();
    let mut narrow = Room::in_the_middle(80, 24);
    narrow.keys("1");
    assert!(narrow.app.regions().panes.is_none());
}

#[test]
fn a_pane_keeps_its_place_and_a_retry_takes_that_of_the_try_before() {
    let stage = Stage::in_the_middle();
    let room = Room::told(&stage, 200, 50);
    let order = room.app.panes.order.clone();
    assert!(!order.contains(&session_of("T150", 1)), "the first try has no place any more");
    let mut later = Room::told(&stage, 200, 50);
    let mut sessions = stage.sessions();
    sessions.reverse();
    later.event(Event::Message(Box::new(ServerMessage::Sessions { sessions })));
    assert_eq!(later.app.panes.order, order);
}

#[test]
fn a_frame_is_acknowledged_once() {
    let mut room = Room::in_the_middle(120, 40);
    room.sent.clear();
    room.event(Event::Drawn);
    let acknowledged = room.sent.len();
    assert_eq!(acknowledged, 4);
    room.event(Event::Drawn);
    assert_eq!(room.sent.len(), acknowledged);
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

/// A plain terminal.
pub(super) fn shell(number: usize) -> SessionInfo {
    SessionInfo {
        session: format!("shell-{number}"),
        label: format!("cat {number}"),
        attempt: None,
        agent: None,
        pid: 1,
        title: String::new(),
        running: true,
        ended: None,
        last_output_at: None,
        bell: false,
    }
}

#[test]
fn a_room_of_plain_terminals_is_typed_into_from_the_start() {
    let mut room = Room::empty(80, 24, Kind::Shells);
    room.app.share(true);
    room.event(Event::Connected);
    let sessions = (1..=3).map(shell).collect();
    room.event(Event::Message(Box::new(ServerMessage::Sessions { sessions })));
    room.typed();
    room.text("q");
    assert_eq!(room.typed(), [("shell-1".to_string(), key('q'))]);
    room.keys("Alt+3").text("x");
    assert_eq!(room.typed(), [("shell-3".to_string(), key('x'))]);
    let focus = ServerMessage::Focus { session: "shell-2".into() };
    room.event(Event::Message(Box::new(focus)));
    room.typed();
    room.text("y");
    assert_eq!(room.typed(), [("shell-2".to_string(), key('y'))]);
    assert_eq!(room.app.regions().panes.unwrap().1.tiles.len(), 1);
    room.keys("Ctrl+] z");
    assert_eq!(room.app.regions().panes.unwrap().1.tiles.len(), 3, "z shows them side by side");
    room.keys("q");
    assert_eq!(room.sent.last(), Some(&Command::Quit));
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
fn the_room_says_in_which_size_it_would_show_what_is_opened_next() {
    let opening = |room: &Room| {
        room.sent.iter().rev().find_map(|command| match command {
            Command::Send(ClientMessage::Watch { opening, .. }) => Some(*opening),
            _ => None,
        })
    };
    let stage = Stage::in_the_middle();
    for (columns, rows) in [(80, 24), (120, 40), (160, 44), (240, 60)] {
        let room = Room::told(&stage, columns, rows);
        let size = opening(&room).unwrap().unwrap();
        let narrowest = room
            .app
            .regions()
            .panes
            .map(|(_, tiling)| tiling.tiles.iter().map(|tile| tile.body.width).min().unwrap_or_default());
        assert!(narrowest.is_none_or(|narrowest| size.columns <= narrowest), "{columns}x{rows}: {size:?}");
        assert!(size.columns >= 38, "{columns}x{rows}: {size:?}");
    }
    assert_eq!(opening(&Room::told(&stage, 20, 5)), Some(None), "where nothing is shown nothing is said");
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
fn a_room_that_is_opened_again_finds_every_terminal_where_it_was() {
    let mut stage = Stage::new();
    let mut room = Room::told(&stage, 200, 50);
    stage.say(Input::Launch { lane: "main".into(), waves: vec![2], options: LaunchOptions::default() });
    room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(stage.snapshot())))));
    for agent in ["T151", "T148", "T150", "T149", "T152"] {
        stage.after(10_000);
        stage.pass(&attempt(2, agent, 1));
        room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(stage.snapshot())))));
    }
    assert!(room.app.panes.order.contains(&session_of("A0", 1)), "{:?}", room.app.panes.order);
    let again = Room::told(&stage, 200, 50);
    assert_eq!(again.app.panes.order, room.app.panes.order);
    assert_eq!(again.app.panes.focus, room.app.panes.focus);
}
