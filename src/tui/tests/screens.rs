//! What the room looks like, as text and as roles. No visible change goes without a change here.

use super::backlog;
use super::room::{Room, release};
use super::stage::Stage;
use crate::session::keys::{Key, MouseAction, MouseButton};
use crate::supervisor::protocol::ServerMessage;
use crate::tui::app::Kind;
use crate::tui::event::Event;
use crate::tui::glyph::ASCII;
use crate::tui::theme::{ColourUse, Theme};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

pub(super) fn shot(name: &str, room: &Room) {
    super::picture::look(name, room);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, room.picture());
    });
}

/// Takes a shot of the same story at each size.
fn shots(name: &str, story: impl Fn(&mut Room)) {
    for (columns, rows) in SIZES {
        let mut room = Room::in_the_middle(columns, rows);
        story(&mut room);
        shot(&format!("{name}_{columns}x{rows}"), &room);
    }
}

#[test]
fn the_board() {
    shots("board", |_| {});
}

#[test]
fn a_card_held_where_it_may_go() {
    shots("held", |room| {
        room.keys("Right Space Right");
    });
}

#[test]
fn a_card_held_where_it_may_not_go() {
    shots("refused", |room| {
        room.keys("Right Space Left");
    });
}

#[test]
fn the_inbox_with_a_question_in_full_and_an_answer_begun() {
    shots("inbox", |room| {
        room.keys("a Enter").text("0042_split, then 0041");
    });
}

#[test]
fn a_pane_zoomed_and_typed_into() {
    shots("zoomed", |room| {
        room.keys("Enter z");
        room.keys("F12 z Enter");
    });
}

#[test]
fn the_help_filtered() {
    shots("help", |room| {
        room.keys("?").text("pane");
    });
}

#[test]
fn the_palette_searched() {
    shots("palette", |room| {
        room.keys("Ctrl+P").text("wave").keys("Down");
    });
}

#[test]
fn a_card_explained() {
    shots("explained", |room| {
        room.keys("Down Down e");
    });
}

#[test]
fn a_track_folded_and_cards_laid_close() {
    shots("track_folded", |room| {
        room.keys("C Down");
    });
    shots("close", |room| {
        room.keys("v Right");
    });
}

#[test]
fn what_was_found_in_files() {
    for (columns, rows) in SIZES {
        let mut room = Room::with_findings(columns, rows);
        room.keys("F Down");
        shot(&format!("findings_{columns}x{rows}"), &room);
        room.keys("Esc Right Right");
        shot(&format!("findings_on_cards_{columns}x{rows}"), &room);
    }
}

#[test]
fn the_three_tabs_of_a_narrow_room() {
    let mut room = Room::in_the_middle(80, 24);
    room.keys("2");
    shot("tab_agents_80x24", &room);
    room.keys("3");
    shot("tab_inbox_80x24", &room);
}

#[test]
fn absurd_sizes() {
    shot("too_small_20x5", &Room::in_the_middle(20, 5));
    shot("absurd_500x200", &Room::in_the_middle(500, 200));
    for (columns, rows) in
        [(1, 1), (2, 1), (1, 90), (39, 10), (40, 9), (40, 10), (99, 24), (100, 24), (160, 10)]
    {
        let mut room = Room::in_the_middle(columns, rows);
        room.keys("? Esc : Esc a Esc Esc Space Right Esc 2 z z Enter F12 1 / x Enter e");
        let _ = room.screen();
    }
    // A room that is resized keeps what it does.
    let mut room = Room::in_the_middle(200, 50);
    room.keys("a");
    room.event(Event::Resize { columns: 3, rows: 2 });
    room.event(Event::Resize { columns: 80, rows: 24 });
    assert!(room.screen().contains("Which migration runs first?"));
}

#[test]
fn before_anything_was_told_and_before_anything_was_launched() {
    shot("connecting_80x24", &Room::empty(80, 24, Kind::Plan));
    shot("unlaunched_120x40", &Room::told(&Stage::new(), 120, 40));
    let mut lost = Room::in_the_middle(80, 24);
    lost.event(Event::Lost { reason: "the supervisor is gone; agents go on".into() });
    shot("lost_80x24", &lost);
}

#[test]
fn a_room_of_plain_terminals() {
    for (name, alone) in [("shells_tiled", false), ("shells_tabs", true)] {
        let mut room = Room::empty(120, 30, Kind::Shells);
        room.app.share(alone);
        room.event(Event::Connected);
        let sessions = (1..=5).map(super::panes::shell).collect();
        room.event(Event::Message(Box::new(ServerMessage::Sessions { sessions })));
        shot(&format!("{name}_120x30"), &room);
    }
}

#[test]
fn a_plain_terminal_gets_plain_signs_and_no_colour_leaves_words() {
    let mut room = Room::in_the_middle(80, 24);
    room.app.settings.glyphs = ASCII;
    room.keys("Right Space Right");
    let screen = room.screen();
    let own: String = screen.lines().collect();
    assert!(own.is_ascii(), "{screen}");
    room.keys("Esc");
    shot("plain_80x24", &room);

    room.app.settings.theme = Theme::built_in("terminal", ColourUse::Never).unwrap();
    let buffer = room.buffer();
    let first = &buffer[(0, 0)];
    assert!(buffer.content.iter().all(|cell| (cell.fg, cell.bg) == (first.fg, first.bg)));
}

#[test]
fn every_theme_draws_every_screen() {
    for name in Theme::names() {
        let mut room = Room::in_the_middle(120, 40);
        room.app.settings.theme = Theme::built_in(name, ColourUse::Full).unwrap();
        super::picture::look(&format!("theme_{name}"), &room);
        room.keys("a");
        assert!(room.screen().contains("0042_split"));
    }
}

#[test]
fn a_release_of_a_key_does_nothing_twice() {
    let mut room = Room::in_the_middle(80, 24);
    room.keys("?");
    room.event(Event::Input(release(Key::Escape)));
    assert_eq!(room.app.layers.len(), 1);
}

#[test]
fn dragging_with_the_mouse_looks_like_dragging_with_keys() {
    let mut by_keys = Room::in_the_middle(120, 40);
    by_keys.keys("Right Space Right");
    let mut by_mouse = Room::in_the_middle(120, 40);
    let (column, row) = by_mouse.find("T160");
    let (target, _) = by_mouse.find("wave 4");
    by_mouse.mouse(MouseAction::Press(MouseButton::Left), column, row);
    by_mouse.mouse(MouseAction::Drag(MouseButton::Left), target, row);
    assert_eq!(by_keys.screen(), by_mouse.screen());
}

/// Takes a shot of the story with a backlog at each size.
fn task_shots(name: &str, story: impl Fn(&mut Room)) {
    for (columns, rows) in SIZES {
        let mut room = backlog::room(columns, rows);
        story(&mut room);
        shot(&format!("{name}_{columns}x{rows}"), &room);
    }
}

#[test]
fn a_board_of_tasks() {
    task_shots("tasks", |_| {});
}

#[test]
fn a_task_held_where_it_makes_another_runnable() {
    task_shots("task_held", |room| {
        room.keys("/").text("T171").keys("Enter Esc Space Left Left Left");
    });
}

#[test]
fn a_task_held_where_it_needs_a_reason() {
    task_shots("task_too_early", |room| {
        room.keys("/").text("T161").keys("Enter Esc Space Left");
    });
}

#[test]
fn a_task_that_somebody_else_holds() {
    task_shots("task_refused", |room| {
        room.keys("/").text("T160").keys("Enter Esc Space Right");
    });
}

#[test]
fn the_reason_of_a_slot_asked_for() {
    task_shots("task_reason", |room| {
        room.keys("/").text("T161").keys("Enter Esc Space Left Enter").text("design only");
    });
}

#[test]
fn a_document_that_disagrees() {
    task_shots("drift", |room| {
        room.keys("d");
    });
}

#[test]
fn tasks_laid_close() {
    task_shots("tasks_close", |room| {
        room.keys("v m m");
    });
}

#[test]
fn plans_to_choose_from() {
    task_shots("plans", |room| {
        room.keys("P");
    });
}

#[test]
fn a_task_explained() {
    task_shots("task_explained", |room| {
        room.keys("/").text("T160").keys("Enter Esc e");
    });
}
