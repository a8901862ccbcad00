//! The terminal core with what it does not do itself: answers, titles, keyboard modes, scrollback. Nothing of the library
//! leaves this file and its neighbours.

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::{Config, Osc52, TermMode};
use alacritty_terminal::vte::ansi::{Processor, Timeout};
use std::time::Duration;

use crate::session::cells::{self, Purpose};
use crate::session::colours::AnsweredColours;
use crate::session::event::{EVENTS_MAX, TerminalEvent};
use crate::session::handler::Performer;
use crate::session::history::History;
use crate::session::screen::Size;

/// Rows above the screen that stay in the core, for a screen that grows to pull back.
const KEPT_ROWS: usize = 48;
/// How many more may gather before they are moved to the history at once.
const BATCH_ROWS: usize = 32;
/// Limit while a resize may make many rows of one; a number only, nothing is reserved for it.
const UNLIMITED_ROWS: usize = 1 << 24;
/// Most bytes of answers that wait for the child. One that asks and never reads gets no more answers than these.
const REPLY_BYTES_MAX: usize = 64 * 1024;

/// Synchronized updates are held back before they come here, so the library's own buffering never begins.
#[derive(Default)]
pub(crate) struct NeverHeld;

impl Timeout for NeverHeld {
    fn set_timeout(&mut self, _: Duration) {}
    fn clear_timeout(&mut self) {}
    fn pending_timeout(&self) -> bool {
        false
    }
}

/// The library's terminal with its parser, and what stands beside it.
pub(crate) struct Core {
    pub(crate) term: Term<VoidListener>,
    pub(crate) side: Side,
    processor: Processor<NeverHeld>,
}

/// What the child set or asked for that the library does not keep.
pub(crate) struct Side {
    pub(crate) colours: AnsweredColours,
    pub(crate) history: History,
    pub(crate) replies: Vec<u8>,
    pub(crate) title: String,
    pub(crate) saved_titles: Vec<String>,
    /// Keyboard flags of the main and of the alternate screen.
    pub(crate) keyboard: [KeyboardFlags; 2],
    /// Mode 9: presses only.
    pub(crate) mouse_presses_only: bool,
    /// Mode 2027, which changes nothing here: clusters always take the cells of a cluster.
    pub(crate) clusters: bool,
    pub(crate) after_joiner: bool,
    events: Vec<TerminalEvent>,
    dropped_events: u64,
    /// Whether the core's storage has been cut to what it needs since the last resize or change of screen.
    pub(crate) trimmed: bool,
    scratch: Vec<u8>,
}

/// Flags of the kitty keyboard protocol with those that a push has saved.
#[derive(Debug, Default)]
pub(crate) struct KeyboardFlags {
    pub(crate) current: u8,
    saved: Vec<u8>,
}

impl KeyboardFlags {
    /// Deepest nesting; beyond it the oldest is forgotten, as the protocol allows.
    const SAVED_MAX: usize = 32;

    pub(crate) fn push(&mut self, flags: u8) {
        if self.saved.len() >= KeyboardFlags::SAVED_MAX {
            self.saved.remove(0);
        }
        self.saved.push(std::mem::replace(&mut self.current, flags));
    }

    pub(crate) fn pop(&mut self, count: u16) {
        for _ in 0..usize::from(count).min(KeyboardFlags::SAVED_MAX + 1) {
            self.current = self.saved.pop().unwrap_or(0);
        }
    }
}

impl Side {
    pub(crate) fn new(size: Size, colours: AnsweredColours, history_bytes_max: usize) -> Side {
        Side {
            colours,
            history: History::new(size.columns, history_bytes_max),
            replies: Vec::new(),
            title: String::new(),
            saved_titles: Vec::new(),
            keyboard: [KeyboardFlags::default(), KeyboardFlags::default()],
            mouse_presses_only: false,
            clusters: false,
            after_joiner: false,
            events: Vec::new(),
            dropped_events: 0,
            trimmed: false,
            scratch: Vec::new(),
        }
    }

    /// Appends an answer for the child.
    pub(crate) fn reply(&mut self, answer: &str) {
        if self.replies.len() + answer.len() <= REPLY_BYTES_MAX {
            self.replies.extend_from_slice(answer.as_bytes());
        }
    }

    /// Keeps an event until it is taken; [`EVENTS_MAX`] says what happens to too many.
    pub(crate) fn emit(&mut self, event: TerminalEvent) {
        if matches!(event, TerminalEvent::Title(_)) {
            self.events.retain(|other| !matches!(other, TerminalEvent::Title(_)));
        }
        if event == TerminalEvent::Bell && self.events.contains(&TerminalEvent::Bell) {
            return;
        }
        if self.events.len() < EVENTS_MAX {
            self.events.push(event);
        } else {
            self.dropped_events += 1;
        }
    }

    pub(crate) fn take_events(&mut self) -> Vec<TerminalEvent> {
        let mut events = std::mem::take(&mut self.events);
        let count = std::mem::take(&mut self.dropped_events);
        if count > 0 {
            events.push(TerminalEvent::Dropped { count });
        }
        events
    }

    /// What RIS (`ESC c`) sets back.
    pub(crate) fn reset(&mut self) {
        self.history.clear();
        self.title.clear();
        self.saved_titles.clear();
        self.keyboard = [KeyboardFlags::default(), KeyboardFlags::default()];
        self.mouse_presses_only = false;
        self.clusters = false;
        self.after_joiner = false;
    }
}

/// A size as the library takes it.
struct Cells {
    columns: usize,
    rows: usize,
}

impl From<Size> for Cells {
    fn from(size: Size) -> Cells {
        Cells { columns: usize::from(size.columns), rows: usize::from(size.rows) }
    }
}

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.rows
    }
    fn screen_lines(&self) -> usize {
        self.rows
    }
    fn columns(&self) -> usize {
        self.columns
    }
}

fn config(history_rows: usize) -> Config {
    Config { scrolling_history: history_rows, osc52: Osc52::Disabled, ..Config::default() }
}

/// Most rows above the screen that the core may have to hold: one operation can push a whole screen.
fn limit<T>(term: &Term<T>) -> usize {
    KEPT_ROWS + BATCH_ROWS + term.screen_lines()
}

impl Core {
    /// An empty one. The size is taken as it is.
    pub(crate) fn new(size: Size, side: Side) -> Core {
        let rows = KEPT_ROWS + BATCH_ROWS + usize::from(size.rows);
        let term = Term::new(config(rows), &Cells::from(size), VoidListener);
        Core { term, side, processor: Processor::new() }
    }

    pub(crate) fn advance(&mut self, bytes: &[u8]) {
        let mut performer = Performer { term: &mut self.term, side: &mut self.side };
        self.processor.advance(&mut performer, bytes);
    }

    pub(crate) fn is_alternate(&self) -> bool {
        self.term.mode().contains(TermMode::ALT_SCREEN)
    }

    pub(crate) fn keyboard_flags(&self) -> u8 {
        self.side.keyboard[usize::from(self.is_alternate())].current
    }

    /// Rows above the screen that the core itself holds.
    pub(crate) fn kept_rows(&self) -> usize {
        self.term.grid().history_size()
    }

    pub(crate) fn resize(&mut self, size: Size) {
        // One row may become many: none of them is to fall off before it has been moved to the history. The call also reaches
        // the main screen while the alternate one is shown.
        self.term.set_options(config(UNLIMITED_ROWS));
        self.term.resize(Cells::from(size));
        self.term.grid_mut().truncate();
        self.side.trimmed = false;
        self.side.history.set_width(size.columns);
        if !self.is_alternate() {
            settle(&mut self.term, &mut self.side);
        }
    }
}

/// After an operation that may have scrolled.
#[inline]
pub(crate) fn after_scroll(term: &mut Term<VoidListener>, side: &mut Side) {
    let rows = term.grid().history_size();
    if rows > KEPT_ROWS + BATCH_ROWS || (rows > 0 && !side.trimmed) {
        settle(term, side);
    }
}

/// Moves the rows beyond the kept ones to the history, and sets the limit for what follows. Only for the main screen.
pub(crate) fn settle(term: &mut Term<VoidListener>, side: &mut Side) {
    drain(term, side, KEPT_ROWS);
    let limit = limit(term);
    if term.grid().history_size() > 0 && !side.trimmed {
        // The library reserves a thousand rows ahead when it first scrolls. Reserve what is needed and give back the rest.
        side.trimmed = true;
        let rows = term.grid().history_size();
        let grid = term.grid_mut();
        grid.update_history(limit);
        grid.initialize_all();
        grid.truncate();
        grid.update_history(rows);
    }
    term.grid_mut().update_history(limit);
}

/// Moves all rows but the newest `keep` above the screen to the history.
pub(crate) fn drain(term: &mut Term<VoidListener>, side: &mut Side, keep: usize) {
    let rows = term.grid().history_size();
    if rows <= keep {
        return;
    }
    let oldest = Line(-i32::try_from(rows).unwrap_or(i32::MAX));
    for index in 0..rows - keep {
        side.scratch.clear();
        let row = &term.grid()[oldest + index];
        let written = cells::put_row(&mut side.scratch, row, term.colors(), Purpose::History);
        side.history.push(&side.scratch, written);
    }
    let limit = limit(term);
    term.grid_mut().update_history(keep);
    term.grid_mut().update_history(limit);
}
