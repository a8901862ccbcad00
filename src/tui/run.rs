//! Running the room: a thread that reads the operator's terminal, one that hears the supervisor, and a loop between them
//! that updates, settles and draws. One bounded channel joins them, so there is one order of events.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::app::{App, Kind, Settings};
use super::event::{Command, Event};
use super::input::translated;
use super::link::{Connect, Signal, Speak, keep};
use super::output::{Output, TerminalError};
use super::pace::{Pace, Urgency};
use crate::engine::Time;

/// Events that may wait between the threads. A full channel blocks who hears the supervisor, which then keeps the latest
/// state only; keys wait in the terminal's own queue.
const CHANNEL: usize = 1024;

/// Events taken in between two looks at whether something is to be drawn.
const BATCH: usize = 256;

/// How panes share the screen when the room opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Side by side.
    Tiled,
    /// One at a time.
    Tabs,
}

/// How a room was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What to say on the terminal that is there again.
    pub words: String,
    /// The signal that ended it; `None` when the operator left. Agents go on either way.
    pub signal: Option<i32>,
}

/// Opens a room and runs it until the operator leaves, the terminal goes, or SIGTERM, SIGHUP or SIGINT comes; in each
/// case the terminal is given back and agents go on.
///
/// # Errors
/// When standard output is no terminal, or the terminal cannot be used.
pub fn run(settings: Settings, opening: Opening, connect: Connect) -> Result<Left, TerminalError> {
    let (tell, told) = sync_channel(CHANNEL);
    keep(connect, tell.clone())?;
    let kind = settings.kind;
    let mut output = Output::open()?;
    hear_signals(tell.clone())?;
    read_terminal(tell)?;
    let (columns, rows) = output.size()?;
    let mut app = App::new(settings, columns, rows);
    app.share(opening == Opening::Tabs);
    let mut room = Room { app, line: None, pace: Pace::default(), signal: None };
    let ran = room.run(&mut output, &told);
    drop(output);
    // Where the terminal is gone nothing can be drawn any more; that is no fault then.
    if room.signal.is_none() {
        ran?;
    }
    let words = match kind {
        Kind::Plan => "The room is closed; agents go on. `wavedeck` opens it again.".into(),
        Kind::Shells => "The room is closed; its terminals go on. `wavedeck attach` opens it again.".into(),
    };
    Ok(Left { words, signal: room.signal })
}

/// The signals that end a program are heard, so that the terminal is given back before it ends.
fn hear_signals(tell: SyncSender<Signal>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT])?;
    let body = move || {
        for signal in signals.forever() {
            if tell.send(Signal::Killed(signal)).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("room-signals".into()).spawn(body).map(|_| ())
}

fn read_terminal(tell: SyncSender<Signal>) -> io::Result<()> {
    let body = move || {
        loop {
            let event = match crossterm::event::read() {
                Ok(event) => translated(event),
                Err(_) => Some(Event::HungUp),
            };
            let Some(event) = event else { continue };
            let last = event == Event::HungUp;
            if tell.send(Signal::Event(event)).is_err() || last {
                return;
            }
        }
    };
    thread::Builder::new().name("room-input".into()).spawn(body).map(|_| ())
}

struct Room {
    app: App,
    line: Option<Box<dyn Speak>>,
    pace: Pace,
    signal: Option<i32>,
}

/// Whether the room stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    Open,
    Leave,
}

impl Room {
    fn run(&mut self, output: &mut Output, told: &Receiver<Signal>) -> Result<(), TerminalError> {
        let mut dirty = true;
        let mut urgency = Urgency::Now;
        loop {
            let now = Instant::now();
            if dirty && self.pace.due(now, urgency) <= now {
                output.draw(&self.app, &mut self.pace)?;
                (dirty, urgency) = (false, Urgency::Paced);
                if self.take(Event::Drawn, output)? == Stay::Leave {
                    return Ok(());
                }
            }
            let wait = self.wait(dirty, urgency);
            let signal = match wait {
                Some(wait) => told.recv_timeout(wait),
                None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let first = match signal {
                Ok(signal) => signal,
                Err(RecvTimeoutError::Timeout) => {
                    if self.app.next_tick().is_some_and(|at| at <= wall_clock()) {
                        Signal::Event(Event::Tick)
                    } else {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            for signal in std::iter::once(first).chain(told.try_iter().take(BATCH)) {
                if self.hear(signal, output)? == Stay::Leave {
                    return Ok(());
                }
            }
            let commands = self.app.settle();
            self.perform(commands, output)?;
            dirty |= self.app.take_dirty();
            if self.app.take_urgent() {
                urgency = Urgency::Now;
            }
        }
    }

    /// How long nothing has to be done: until the next frame, or the next tick; `None` is for ever.
    fn wait(&self, dirty: bool, urgency: Urgency) -> Option<Duration> {
        let now = Instant::now();
        let frame = dirty.then(|| self.pace.due(now, urgency).saturating_duration_since(now));
        let tick = self.app.next_tick().map(|at| Duration::from_millis(at.since_ms(wall_clock())));
        [frame, tick].into_iter().flatten().min()
    }

    fn hear(&mut self, signal: Signal, output: &mut Output) -> Result<Stay, TerminalError> {
        match signal {
            Signal::Line(line) => {
                self.line = Some(line);
                Ok(Stay::Open)
            }
            Signal::Event(event) => {
                if event == Event::HungUp {
                    self.signal = Some(SIGHUP);
                }
                self.take(event, output)
            }
            Signal::Killed(signal) => {
                self.signal = Some(signal);
                Ok(Stay::Leave)
            }
        }
    }

    fn take(&mut self, event: Event, output: &mut Output) -> Result<Stay, TerminalError> {
        if matches!(event, Event::Lost { .. }) {
            self.line = None;
        }
        let commands = self.app.update(wall_clock(), event);
        self.perform(commands, output)
    }

    fn perform(&mut self, commands: Vec<Command>, output: &mut Output) -> Result<Stay, TerminalError> {
        for command in commands {
            match command {
                Command::Send(message) => {
                    // A line that fails here is told as lost by the thread that listens on it.
                    if let Some(line) = &mut self.line
                        && line.speak(&message).is_err()
                    {
                        self.line = None;
                    }
                }
                Command::Copy(text) => output.copy(&text)?,
                Command::Redraw => output.forget()?,
                Command::Quit => return Ok(Stay::Leave),
            }
        }
        Ok(Stay::Open)
    }
}

fn wall_clock() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
