//! What it costs to draw the room: a board with nine panes, and one pane's rows by the fast way and through the library's
//! own lines, in the same run.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up is to stop")]

use divan::{Bencher, black_box};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use wavedeck::engine::{State, Time};
use wavedeck::plan::Sources;
use wavedeck::plan::project::SourceFile;
use wavedeck::session::screen::Modes;
use wavedeck::session::{Cell, Colour, Cursor, Row, ScreenUpdate, Style};
use wavedeck::supervisor::protocol::{ClientMessage, ServerMessage, SessionInfo, Snapshot};
use wavedeck::tui::app::{App, Kind, Settings};
use wavedeck::tui::draw::draw_into;
use wavedeck::tui::event::{Command, Event};
use wavedeck::tui::glyph::UNICODE;
use wavedeck::tui::keymap::Keymap;
use wavedeck::tui::panes::blit::blit;
use wavedeck::tui::theme::{ColourUse, Theme};

fn main() {
    divan::main();
}

fn theme() -> Theme {
    Theme::built_in("terminal", ColourUse::Full).unwrap()
}

/// Rows as an agent draws them: words in several colours, some bold.
fn rows(columns: u16, rows: u16) -> Vec<Row> {
    let cell = |column: u16, row: u16| {
        let word = (column / 7 + row) % 5;
        let foreground = match word {
            0 | 1 => Colour::Default,
            2 => Colour::Indexed(2),
            _ => Colour::Rgb(120, 160, 200),
        };
        let character =
            if column % 7 == 6 { ' ' } else { char::from(b'a' + u8::try_from(column % 26).unwrap()) };
        Cell { character, rest: None, width: 1, style: Style { foreground, ..Style::default() } }
    };
    let row =
        |row: u16| Row { cells: (0..columns).map(|column| cell(column, row)).collect(), wrapped: false };
    (0..rows).map(row).collect()
}

#[divan::bench]
fn pane_blit_200x50(bencher: Bencher<'_, '_>) {
    let (rows, theme) = (rows(200, 50), theme());
    let area = Rect::new(0, 0, 200, 50);
    let mut buffer = Buffer::empty(area);
    bencher.bench_local(|| blit(black_box(&mut buffer), area, rows.iter().map(Some), &theme));
}

#[divan::bench]
fn pane_lines_200x50(bencher: Bencher<'_, '_>) {
    let rows = rows(200, 50);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 50));
    bencher.bench_local(|| {
        for (y, row) in (0..).zip(&rows) {
            let spans = row.cells.chunk_by(|one, other| one.style == other.style).map(|run| {
                let style = match run[0].style.foreground {
                    Colour::Default => ratatui::style::Style::new(),
                    Colour::Indexed(_) => ratatui::style::Style::new().green(),
                    Colour::Rgb(..) => ratatui::style::Style::new().blue(),
                };
                Span::styled(run.iter().map(|cell| cell.character).collect::<String>(), style)
            });
            black_box(&mut buffer).set_line(0, y, &Line::from_iter(spans), 200);
        }
    });
}

/// A room of two waves with nine terminals, all told.
fn room(columns: u16, rows_high: u16) -> App {
    let settings = Settings {
        kind: Kind::Plan,
        theme: theme(),
        glyphs: UNICODE,
        keymap: Keymap::built_in(),
        operator: "bench".into(),
    };
    let mut app = App::new(settings, columns, rows_high);
    let wave = |number: u32| {
        let agents: String = (0..12).map(|agent| format!("\n## Agent A{agent}: Task {agent}\n")).collect();
        SourceFile {
            path: format!("docs/plans/waves/wave-{number}.md"),
            text: format!("# Wave {number} - Bench\n{agents}"),
        }
    };
    let session = |number: usize| SessionInfo {
        session: format!("s{number}"),
        label: format!("agent {number}"),
        attempt: None,
        agent: None,
        pid: 1,
        title: String::new(),
        running: true,
        ended: None,
        last_output_at: None,
        bell: false,
    };
    let snapshot = Snapshot {
        sequence: 1,
        state: State::default(),
        sources: Sources { lane: "main".into(), waves: vec![wave(0), wave(1)], ..Sources::default() },
        sessions: (0..9).map(session).collect(),
        now: Time(1),
    };
    let now = Time(1_700_000_000_000);
    app.update(now, Event::Connected);
    app.update(now, Event::Message(Box::new(ServerMessage::Snapshot(Box::new(snapshot)))));
    for command in app.settle() {
        let Command::Send(ClientMessage::Watch { panes, .. }) = command else { continue };
        for pane in panes {
            let Some(size) = pane.size else { continue };
            let update = ScreenUpdate {
                session: pane.session,
                generation: 1,
                complete: true,
                size: (size.columns, size.rows),
                rows: (0..).zip(rows(size.columns, size.rows)).collect(),
                cursor: Cursor::default(),
                modes: Modes::default(),
                title: String::new(),
                scrollback_rows: 0,
            };
            app.update(now, Event::Screen(Box::new(update)));
        }
    }
    app
}

#[divan::bench(args = [(200, 60), (400, 120)])]
fn board_and_panes(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let app = room(size.0, size.1);
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    bencher.bench_local(|| draw_into(black_box(&app), area, &mut buffer));
}
