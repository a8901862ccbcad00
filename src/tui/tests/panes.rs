//! What the operator does in terminals and what these are told: typing, scrolling, watching, tiling.

use super::room::Room;
use super::stage::{Stage, attempt, screen};
use crate::engine::Input;
use crate::engine::input::LaunchOptions;
use crate::session::Size;
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput, modifier};
use crate::supervisor::protocol::{ClientMessage, Request, ServerMessage, SessionInfo};
use crate::tui::app::Kind;
use crate::tui::event::{Command, Event};
use crate::tui::panes::Typing;

const LEFT: MouseButton = MouseButton::Left;

fn key(character: char) -> TerminalInput {
    TerminalInput::Key { key: Key::Char(character), modifiers: 0, kind: KeyKind::Press }
}

fn session_of(agent: &str, number: u32) -> String {
    attempt(2, agent, number).session()
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
