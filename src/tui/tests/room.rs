//! A room in memory: real `update`, `settle`, layout and drawing, a supervisor that answers from the story.

use ratatui::buffer::Buffer;

use super::stage::{START, Stage, faulty_sources, press, screen};
use crate::engine::Time;
use crate::session::Size;
use crate::session::keys::{Key, KeyKind, MouseAction, TerminalInput};
use crate::supervisor::protocol::{ClientMessage, Request, ServerMessage, Snapshot};
use crate::tui::app::{App, Kind, Settings};
use crate::tui::draw::draw_into;
use crate::tui::event::{Command, Event};
use crate::tui::glyph::UNICODE;
use crate::tui::keymap::{Chord, Keymap};
use crate::tui::theme::{ColourUse, Theme};

/// A room in memory.
pub(super) struct Room {
    /// The room.
    pub(super) app: App,
    /// What it wanted done and nobody took yet.
    pub(super) sent: Vec<Command>,
    /// The clock.
    pub(super) now: Time,
}

impl Room {
    /// An empty room that nobody told anything.
    pub(super) fn empty(columns: u16, rows: u16, kind: Kind) -> Room {
        let settings = Settings {
            kind,
            theme: Theme::built_in("terminal", ColourUse::Full).unwrap(),
            glyphs: UNICODE,
            keymap: Keymap::built_in(),
            operator: "kim".into(),
        };
        Room { app: App::new(settings, columns, rows), sent: Vec::new(), now: START }
    }

    /// A room that was told a story.
    pub(super) fn told(stage: &Stage, columns: u16, rows: u16) -> Room {
        Room::shown(stage.snapshot(), columns, rows)
    }

    /// A room that was told the story in the middle of wave 2, with files that are not without fault.
    pub(super) fn with_findings(columns: u16, rows: u16) -> Room {
        let stage = Stage::in_the_middle();
        Room::shown(Snapshot { sources: faulty_sources(), ..stage.snapshot() }, columns, rows)
    }

    fn shown(snapshot: Snapshot, columns: u16, rows: u16) -> Room {
        let mut room = Room::empty(columns, rows, Kind::Plan);
        room.now = snapshot.now;
        room.event(Event::Connected);
        room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(snapshot)))));
        room
    }

    /// A room in the middle of wave 2.
    pub(super) fn in_the_middle(columns: u16, rows: u16) -> Room {
        Room::told(&Stage::in_the_middle(), columns, rows)
    }

    /// Hands in an event, and serves what the room then watches.
    pub(super) fn event(&mut self, event: Event) {
        let mut commands = self.app.update(self.now, event);
        commands.extend(self.app.settle());
        for command in &commands {
            if let Command::Send(ClientMessage::Watch { panes, .. }) = command {
                for pane in panes {
                    let size = pane.size.unwrap_or(Size { columns: 80, rows: 24 });
                    let update = screen(&pane.session, size);
                    let more = self.app.update(self.now, Event::Screen(Box::new(update)));
                    assert_eq!(more, []);
                }
            }
        }
        self.sent.extend(commands);
    }

    /// Types keys as the keymap names them, parted by blanks.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Room {
        for key in keys.split_whitespace() {
            let chord = Chord::parse(key).unwrap_or_else(|| panic!("`{key}` is no key"));
            self.event(Event::Input(press(chord.key, chord.modifiers)));
        }
        self
    }

    /// Types a text, letter by letter.
    pub(super) fn text(&mut self, text: &str) -> &mut Room {
        for character in text.chars() {
            self.event(Event::Input(press(Key::Char(character), 0)));
        }
        self
    }

    /// Uses the mouse.
    pub(super) fn mouse(&mut self, action: MouseAction, column: u16, row: u16) -> &mut Room {
        self.event(Event::Input(TerminalInput::Mouse { action, column, row, modifiers: 0 }));
        self
    }

    /// Requests that were made since this was asked last.
    pub(super) fn requests(&mut self) -> Vec<Request> {
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter()
            .filter_map(|command| match command {
                Command::Send(ClientMessage::Request { request, .. }) => Some(request),
                _ => None,
            })
            .collect()
    }

    /// Input that was handed to terminals since this was asked last, focus apart.
    pub(super) fn typed(&mut self) -> Vec<(String, TerminalInput)> {
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter()
            .filter_map(|command| match command {
                Command::Send(ClientMessage::Input { session, input }) => Some((session, input)),
                _ => None,
            })
            .filter(|(_, input)| !matches!(input, TerminalInput::Focus { .. }))
            .collect()
    }

    /// The screen as drawn.
    pub(super) fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.app.area);
        draw_into(&self.app, self.app.area, &mut buffer);
        buffer
    }

    /// The screen as text.
    pub(super) fn screen(&self) -> String {
        text_of(&self.buffer())
    }

    /// The screen as text, and below it each cell's role as a letter: `.` is a blank, `~` a child's own cell.
    pub(super) fn picture(&self) -> String {
        let mut app = self.app.clone();
        app.settings.theme = Theme::probe();
        let mut buffer = Buffer::empty(app.area);
        draw_into(&app, app.area, &mut buffer);
        let mut roles = String::new();
        for y in buffer.area.top()..buffer.area.bottom() {
            let mut line = String::new();
            for x in buffer.area.left()..buffer.area.right() {
                let cell = &buffer[(x, y)];
                line.push(match Theme::probed(cell.fg) {
                    _ if cell.symbol() == " " && cell.modifier.is_empty() => ' ',
                    Some(role) => role.letter(),
                    None => '~',
                });
            }
            roles.push_str(line.trim_end());
            roles.push('\n');
        }
        format!("{}\n{}\n{roles}", text_of(&buffer), "=".repeat(usize::from(buffer.area.width)))
    }

    /// Where a text stands on the screen.
    pub(super) fn find(&self, text: &str) -> (u16, u16) {
        let buffer = self.buffer();
        for y in buffer.area.top()..buffer.area.bottom() {
            let line: Vec<&str> =
                (buffer.area.left()..buffer.area.right()).map(|x| buffer[(x, y)].symbol()).collect();
            for x in 0..line.len() {
                if line[x..].concat().starts_with(text) {
                    return (u16::try_from(x).unwrap(), y);
                }
            }
        }
        panic!("`{text}` is not on the screen:\n{}", self.screen());
    }
}

/// A buffer as text, without blanks at line ends.
pub(super) fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            skip = ratatui::buffer::CellWidth::cell_width(cell).saturating_sub(1);
            line.push_str(cell.symbol());
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A key's release.
pub(super) fn release(key: Key) -> TerminalInput {
    TerminalInput::Key { key, modifiers: 0, kind: KeyKind::Release }
}
