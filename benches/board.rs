//! What a board of 10,000 tasks costs, as a share of a frame at 60 a second: a step of the selection with everything drawn
//! again, picking a card up, a preview of where it would go, a filter, and a task that changes. Prints the median and the
//! slowest of a hundred of each.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up is to stop")]

use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wavedeck::engine::fact::What;
use wavedeck::engine::{Fact, State, Time};
use wavedeck::plan::Sources;
use wavedeck::plan::backlog::{Kind, Source, SourceKind, Status, Task, TaskChange, TaskId};
use wavedeck::plan::slots::{Change, Plan};
use wavedeck::session::keys::{Key, KeyKind, TerminalInput};
use wavedeck::supervisor::protocol::{ServerMessage, Snapshot};
use wavedeck::tui::app::{App, Kind as RoomKind, Settings};
use wavedeck::tui::draw::draw_into;
use wavedeck::tui::event::Event;
use wavedeck::tui::glyph::UNICODE;
use wavedeck::tui::keymap::Keymap;
use wavedeck::tui::theme::{ColourUse, Theme};

/// Tasks in waves.
const TASKS: u32 = 10_000;
/// Waves of the plan.
const WAVES: u32 = 25;
/// Tracks of the backlog.
const TRACKS: u32 = 4;
/// A frame at 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// How often each is done.
const ROUNDS: usize = 100;
/// The screen.
const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 50 };

fn main() {
    let mut room = Room::new();
    room.frame();
    println!("{TASKS} tasks in {WAVES} waves and {TRACKS} tracks; shares of a frame of {FRAME:?}");
    room.measure("one step of the selection", |room| room.press(Key::Down));
    room.measure("one step to another wave", |room| room.press(Key::Right));
    room.measure("a card picked up and put back", |room| {
        room.press(Key::Char(' '));
        room.press(Key::Escape);
    });
    room.press(Key::Char(' '));
    let mut right = true;
    room.measure("a preview over another wave", |room| {
        right = !right;
        room.press(if right { Key::Right } else { Key::Left });
    });
    room.press(Key::Escape);
    room.press(Key::Char('/'));
    room.measure("a letter of a filter", |room| room.press(Key::Char('1')));
    room.press(Key::Escape);
    let mut round = 0;
    room.measure("a task that changes", |room| {
        round += 1;
        room.change(round);
    });
}

/// The room with its screen.
struct Room {
    app: App,
    buffer: Buffer,
    now: Time,
    sequence: u64,
}

impl Room {
    fn new() -> Room {
        let settings = Settings {
            kind: RoomKind::Plan,
            theme: Theme::built_in("terminal", ColourUse::Full).unwrap(),
            glyphs: UNICODE,
            keymap: Keymap::built_in(),
            operator: "kim".into(),
        };
        let app = App::new(settings, AREA.width, AREA.height);
        let mut room = Room { app, buffer: Buffer::empty(AREA), now: Time(1_700_000_000_000), sequence: 1 };
        let snapshot = Snapshot {
            sequence: room.sequence,
            state: state(),
            sources: Sources::default(),
            sessions: Vec::new(),
            now: room.now,
        };
        room.event(Event::Connected);
        room.event(Event::Message(Box::new(ServerMessage::Snapshot(Box::new(snapshot)))));
        room
    }

    fn event(&mut self, event: Event) {
        self.app.update(self.now, event);
    }

    fn press(&mut self, key: Key) {
        self.event(Event::Input(TerminalInput::Key { key, modifiers: 0, kind: KeyKind::Press }));
        self.app.settle();
    }

    /// A fact about one task, as a follower of a backlog tells it.
    fn change(&mut self, round: u32) {
        self.sequence += 1;
        let changes = vec![TaskChange::Title { title: format!("Renamed {round}") }];
        let what = What::TaskChanged { task: id(round), changes, by: "kim".into() };
        let fact = Fact { at: self.now, what };
        self.event(Event::Message(Box::new(ServerMessage::Fact {
            sequence: self.sequence,
            fact: Box::new(fact),
        })));
    }

    fn frame(&mut self) {
        self.app.settle();
        draw_into(&self.app, AREA, &mut self.buffer);
    }

    fn measure(&mut self, what: &str, mut act: impl FnMut(&mut Room)) {
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let began = Instant::now();
                act(self);
                self.frame();
                began.elapsed()
            })
            .collect();
        times.sort_unstable();
        let (median, slowest) = (times[ROUNDS / 2], times[ROUNDS - 1]);
        let share = |time: Duration| time.as_secs_f64() / FRAME.as_secs_f64();
        println!(
            "{what:32} median {:>8.2?} = {:.2} of a frame, slowest {:>8.2?} = {:.2}",
            median,
            share(median),
            slowest,
            share(slowest)
        );
    }
}

fn id(number: u32) -> TaskId {
    TaskId::from(format!("T{number:05}"))
}

/// Tasks that need one of each of the three waves before, all in one saved plan.
fn state() -> State {
    let mut records = Vec::new();
    for track in 0..TRACKS {
        let mut saga = Task::new(format!("S{track}"), Kind::Saga, "A saga");
        saga.track = Some(format!("track {track}"));
        records.push(saga);
    }
    let per_wave = TASKS / WAVES;
    for number in 0..TASKS {
        let mut task = Task::new(id(number), Kind::Task, format!("Task number {number}"));
        task.parent = Some(format!("S{}", number % TRACKS).into());
        let spread = number.wrapping_mul(2_654_435_761) % per_wave;
        task.depends = (1..=3)
            .filter_map(|back| (number - number % per_wave + spread).checked_sub(back * per_wave))
            .map(id)
            .collect();
        task.files = vec![format!("src/part{}/file{}.rs", number % 97, number % 400)];
        task.status = if number < TASKS / 10 { Status::Done } else { Status::Pending };
        records.push(task);
    }
    let waves = (0..WAVES).map(|wave| (wave + 1, (wave * per_wave..(wave + 1) * per_wave).map(id).collect()));
    let source = Source { kind: SourceKind::Tasks, path: "tasks.json".into(), follow: false };
    let imported = What::BacklogImported { source, upserts: records, removals: Vec::new(), by: "kim".into() };
    let saved = Change::Save { slug: "all".into(), plan: Plan::of(waves) };
    let mut state = State::default();
    for what in [imported, What::SlotsChanged { change: saved, by: "kim".into() }] {
        state.apply(&Fact { at: Time(0), what });
    }
    state
}
