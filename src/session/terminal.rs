//! One child's terminal: bytes in, rows and answers out. A face over the terminal core of which nothing shows through.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use alacritty_terminal::term::TermMode;

use crate::session::cells::{self, Purpose};
use crate::session::colours::AnsweredColours;
use crate::session::core::{Core, Side};
use crate::session::event::{self, Request, TerminalEvent};
use crate::session::keys::TerminalInput;
use crate::session::keys::encode::{self, InputModes, MouseEncoding, MouseTracking};
use crate::session::observed::{Observed, cursor_of, modes_of};
use crate::session::osc::{Scanner, Signal};
use crate::session::screen::{Cursor, Modes, Row, ScreenUpdate, Size};
use crate::session::search::{self, Matches, Search};
use crate::session::{sgr, wire};

use alacritty_terminal::index::Line;

/// How long a synchronized update may hold the screen, as other terminals do.
const SYNCHRONIZED_TIMEOUT: Duration = Duration::from_millis(150);
/// Most bytes that a synchronized update holds back; more ends it.
const SYNCHRONIZED_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest screen.
const SIZE_MAX: u16 = 1000;

/// How a terminal is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Most bytes of scrollback; the oldest rows go first.
    pub history_bytes_max: usize,
    /// What queries for colours are answered with.
    pub colours: AnsweredColours,
}

impl Default for TerminalOptions {
    /// 8 MiB of scrollback, the colours of a dark xterm.
    fn default() -> TerminalOptions {
        TerminalOptions { history_bytes_max: 8 * 1024 * 1024, colours: AnsweredColours::default() }
    }
}

/// The terminal.
///
/// It reads no clock but for the time-out of synchronized updates, does no input or output, and keeps what a child can make it
/// keep within bounds: scrollback, answers, events, control strings, marks per cell.
pub struct Terminal {
    core: Core,
    size: Size,
    scanner: Scanner,
    observed: Observed,
    held: Option<Held>,
    /// The first bytes of a character whose last ones have not come. The parser loses the character after one that is cut
    /// (alacritty/vte issue 159), so it never sees a cut one.
    cut_character: Vec<u8>,
}

/// Output of a synchronized update that has not ended.
struct Held {
    bytes: Vec<u8>,
    /// What the scanner found, and behind which byte.
    signals: Vec<(usize, Signal)>,
    until: Instant,
}

impl Terminal {
    /// An empty screen. A size below 2 columns and 1 row, or above 1000 of either, is brought into these bounds.
    pub fn new(size: Size, options: TerminalOptions) -> Terminal {
        let size = clamped(size);
        Terminal {
            core: Core::new(size, Side::new(size, options.colours, options.history_bytes_max)),
            size,
            scanner: Scanner::new(),
            observed: Observed::default(),
            held: None,
            cut_character: Vec::new(),
        }
    }

    /// Takes output of the child, in pieces of any size. Never panics: where the core does, it is replaced by a new one, the
    /// rest of this piece is lost, and [`TerminalEvent::CorePanicked`] says so.
    pub fn feed(&mut self, bytes: &[u8]) {
        let joined;
        let bytes = if self.cut_character.is_empty() {
            bytes
        } else {
            let mut with_first = std::mem::take(&mut self.cut_character);
            with_first.extend_from_slice(bytes);
            joined = with_first;
            &joined
        };
        let (whole, cut) = bytes.split_at(bytes.len() - cut_length(bytes));
        self.cut_character.extend_from_slice(cut);
        self.guarded(|terminal| terminal.take_in(whole));
    }

    /// What the child is to be sent in answer to its queries, in their order. At most 64 KiB wait; what comes beyond is not
    /// answered.
    pub fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.core.side.replies)
    }

    /// What the child said beside drawing since the last call, oldest first.
    pub fn take_events(&mut self) -> Vec<TerminalEvent> {
        self.core.side.take_events()
    }

    /// Changes the size; lines are wrapped again. An open synchronized update is shown first.
    pub fn resize(&mut self, size: Size) {
        let size = clamped(size);
        if size == self.size {
            return;
        }
        self.end_synchronized();
        self.size = size;
        self.guarded(|terminal| terminal.core.resize(size));
    }

    /// The size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// What the child asked of its terminal.
    pub fn modes(&self) -> Modes {
        modes_of(&self.core)
    }

    /// The cursor.
    pub fn cursor(&self) -> Cursor {
        cursor_of(&self.core)
    }

    /// The window title that the child set; empty where it set none.
    pub fn title(&self) -> &str {
        &self.core.side.title
    }

    /// The bytes to send the child for what the operator does, by the modes that the child has set; none where it did not ask
    /// for such input.
    pub fn encode(&self, input: &TerminalInput) -> Vec<u8> {
        encode::encode(input, &self.input_modes())
    }

    /// Number of the present state, which grows whenever something visible has changed: rows, cursor, title, modes, size or
    /// the number of rows of scrollback.
    pub fn generation(&mut self) -> u64 {
        self.fold();
        self.observed.generation()
    }

    /// What takes a reader from the state `generation` to the present one; `None` where nothing has changed. A reader that has
    /// nothing says 0. The session's name is left for the caller to fill in.
    pub fn update_since(&mut self, generation: u64) -> Option<ScreenUpdate> {
        self.fold();
        self.observed.update_since(generation)
    }

    /// The same as bytes, as `wire::encode_update` writes them but without building the rows, with the number of the state that
    /// they lead to.
    pub fn encoded_update_since(&mut self, session: &str, generation: u64) -> Option<(u64, Vec<u8>)> {
        self.fold();
        self.observed.encoded_since(session, generation)
    }

    /// Until when a synchronized update (mode 2026) holds the screen; `None` where none is open. The owner calls
    /// [`Terminal::end_synchronized`] then.
    pub fn synchronized_until(&self) -> Option<Instant> {
        self.held.as_ref().map(|held| held.until)
    }

    /// Shows what an open synchronized update has drawn so far.
    pub fn end_synchronized(&mut self) {
        self.guarded(Terminal::release);
    }

    /// Rows of scrollback above the screen, wrapped to the present width.
    pub fn history_rows(&self) -> u64 {
        let kept = if self.core.is_alternate() { 0 } else { self.core.kept_rows() };
        self.core.side.history.rows() + kept as u64
    }

    /// Rows of scrollback that are gone because of the cap.
    pub fn history_rows_dropped(&self) -> u64 {
        self.core.side.history.dropped()
    }

    /// Bytes that the scrollback takes; at most 32 KiB more than the cap.
    pub fn history_bytes(&self) -> usize {
        self.core.side.history.bytes()
    }

    /// `count` rows of scrollback from `first` on, counted from the oldest that is kept and wrapped to the present width;
    /// fewer where the scrollback ends.
    pub fn history_page(&self, first: u64, count: usize) -> Vec<Row> {
        let mut rows = self.core.side.history.page(first, count);
        let kept = self.history_rows() - self.core.side.history.rows();
        let skipped = first.saturating_sub(self.core.side.history.rows());
        for index in skipped..kept {
            if rows.len() >= count {
                break;
            }
            rows.push(self.row(index as i64 - kept as i64));
        }
        rows
    }

    /// The rows of the screen.
    pub fn screen_rows(&self) -> Vec<Row> {
        (0..i64::from(self.size.rows)).map(|index| self.row(index)).collect()
    }

    /// The text of each row of the screen, without trailing blanks.
    pub fn screen_text(&self) -> Vec<String> {
        self.screen_rows().iter().map(Row::text).collect()
    }

    /// Each row of the screen with its colours and attributes as SGR sequences.
    pub fn screen_ansi(&self) -> Vec<String> {
        self.screen_rows().iter().map(sgr::of_row).collect()
    }

    /// Finds `needle` in scrollback and screen, across soft line breaks; case counts where the needle has upper case. Of more
    /// than `limit` matches the newest are listed.
    pub fn search(&self, needle: &str, limit: usize) -> Matches {
        let mut search = Search::new(needle, limit);
        self.core.side.history.search(&mut search);
        let stored = self.core.side.history.rows();
        let kept = self.history_rows() - stored;
        let mut text = String::new();
        let mut line = Vec::new();
        for index in 0..kept + u64::from(self.size.rows) {
            let row = self.row(index as i64 - kept as i64);
            search::append_text(&row, &mut text);
            let goes_on = row.wrapped && index + 1 < kept + u64::from(self.size.rows);
            line.push(row);
            if !goes_on {
                let first = stored + index + 1 - line.len() as u64;
                search.line(first, &text, || std::mem::take(&mut line));
                line.clear();
                text.clear();
            }
        }
        search.finish()
    }

    fn fold(&mut self) {
        let rows = self.history_rows();
        self.observed.fold(&mut self.core, rows);
    }

    /// A row of the core; 0 is the topmost of the screen, negative ones are above it.
    fn row(&self, index: i64) -> Row {
        let mut bytes = Vec::new();
        let line = Line(i32::try_from(index).unwrap_or(0));
        cells::put_row(&mut bytes, &self.core.term.grid()[line], self.core.term.colors(), Purpose::Screen);
        wire::decode_row(&bytes).unwrap_or_default()
    }

    fn input_modes(&self) -> InputModes {
        let modes = self.core.term.mode();
        let alternate = modes.contains(TermMode::ALT_SCREEN);
        let tracking = if modes.contains(TermMode::MOUSE_MOTION) {
            MouseTracking::Motion
        } else if modes.contains(TermMode::MOUSE_DRAG) {
            MouseTracking::Drags
        } else if modes.contains(TermMode::MOUSE_REPORT_CLICK) {
            MouseTracking::Clicks
        } else if self.core.side.mouse_presses_only {
            MouseTracking::Presses
        } else {
            MouseTracking::Off
        };
        let encoding = if modes.contains(TermMode::SGR_MOUSE) {
            MouseEncoding::Sgr
        } else if modes.contains(TermMode::UTF8_MOUSE) {
            MouseEncoding::Utf8
        } else {
            MouseEncoding::Bytes
        };
        InputModes {
            application_cursor: modes.contains(TermMode::APP_CURSOR),
            newline: modes.contains(TermMode::LINE_FEED_NEW_LINE),
            bracketed_paste: modes.contains(TermMode::BRACKETED_PASTE),
            focus: modes.contains(TermMode::FOCUS_IN_OUT),
            wheel_as_arrows: alternate && modes.contains(TermMode::ALTERNATE_SCROLL),
            tracking,
            encoding,
            keyboard: self.core.keyboard_flags(),
        }
    }

    /// Runs `action` on the core and replaces the core where it panics.
    fn guarded(&mut self, action: impl FnOnce(&mut Terminal)) {
        // What a panic leaves half done is thrown away, so nothing broken is seen afterwards.
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| action(self))) else { return };
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown".to_owned());
        let modes = self.restoring_modes();
        let side = Side::new(self.size, self.core.side.colours, 0);
        let side = std::mem::replace(&mut self.core.side, side);
        self.core = Core::new(self.size, side);
        self.core.side.history.set_width(self.size.columns);
        self.held = None;
        self.scanner = Scanner::new();
        self.core.advance(modes.as_bytes());
        self.core.side.emit(TerminalEvent::CorePanicked { message });
    }

    /// The sequences that set the modes which decide on input and screen as they are now.
    fn restoring_modes(&self) -> String {
        let modes = self.core.term.mode();
        let private = [
            (TermMode::APP_CURSOR, 1),
            (TermMode::ALT_SCREEN, 1049),
            (TermMode::MOUSE_REPORT_CLICK, 1000),
            (TermMode::MOUSE_DRAG, 1002),
            (TermMode::MOUSE_MOTION, 1003),
            (TermMode::FOCUS_IN_OUT, 1004),
            (TermMode::UTF8_MOUSE, 1005),
            (TermMode::SGR_MOUSE, 1006),
            (TermMode::BRACKETED_PASTE, 2004),
        ];
        let mut sequences: String = private
            .into_iter()
            .filter(|(flag, _)| modes.contains(*flag))
            .map(|(_, number)| format!("\x1b[?{number}h"))
            .collect();
        if !modes.contains(TermMode::SHOW_CURSOR) {
            sequences.push_str("\x1b[?25l");
        }
        sequences
    }

    fn take_in(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let step = self.scanner.step(bytes);
            let (piece, rest) = bytes.split_at(step.taken);
            bytes = rest;
            let piece = if step.forward { piece } else { &[] };
            if self.held.is_some() {
                self.hold(piece, step.signal);
            } else {
                self.core.advance(piece);
                if let Some(signal) = step.signal {
                    self.obey(signal);
                }
            }
        }
    }

    fn hold(&mut self, piece: &[u8], signal: Option<Signal>) {
        let Some(held) = &mut self.held else { return };
        held.bytes.extend_from_slice(piece);
        let mut ends = held.bytes.len() >= SYNCHRONIZED_BYTES_MAX;
        match signal {
            // Beginning again does not hold the screen for longer: a child that only ever begins would freeze it.
            Some(Signal::BeginSynchronized) | None => {}
            Some(Signal::EndSynchronized) => ends = true,
            Some(signal) => held.signals.push((held.bytes.len(), signal)),
        }
        if ends {
            self.release();
        }
    }

    fn release(&mut self) {
        let Some(held) = self.held.take() else { return };
        let mut from = 0;
        for (behind, signal) in held.signals {
            self.core.advance(&held.bytes[from..behind]);
            self.obey(signal);
            from = behind;
        }
        self.core.advance(&held.bytes[from..]);
    }

    fn obey(&mut self, signal: Signal) {
        let side = &mut self.core.side;
        match signal {
            Signal::BeginSynchronized => {
                let until = Instant::now() + SYNCHRONIZED_TIMEOUT;
                self.held = Some(Held { bytes: Vec::new(), signals: Vec::new(), until });
            }
            Signal::EndSynchronized => {}
            Signal::AskVersion => {
                side.reply(concat!("\x1bP>|wavedeck ", env!("CARGO_PKG_VERSION"), "\x1b\\"))
            }
            Signal::AskCapability => side.reply("\x1bP0+r\x1b\\"),
            Signal::AskSetting => side.reply("\x1bP0$r\x1b\\"),
            Signal::AskExtendedPosition => {
                let point = self.core.term.grid().cursor.point;
                side.reply(&format!("\x1b[?{};{};1R", point.line.0 + 1, point.column.0 + 1));
            }
            Signal::Command(command) => match event::of_command(&command) {
                Some(Request::Tell(event)) => side.emit(event),
                Some(Request::ConfirmProgramStatus) => side.reply("\x1b]7501;?\x1b\\"),
                None => {}
            },
            Signal::CommandTooLong(52) => side.emit(TerminalEvent::ClipboardTooLong),
            Signal::CommandTooLong(_) => {}
        }
    }
}

fn clamped(size: Size) -> Size {
    Size { columns: size.columns.clamp(2, SIZE_MAX), rows: size.rows.clamp(1, SIZE_MAX) }
}

/// How many bytes at the end are the beginning of a character that is not complete.
fn cut_length(bytes: &[u8]) -> usize {
    for length in 1..=bytes.len().min(3) {
        let first = bytes[bytes.len() - length];
        if first & 0xc0 != 0x80 {
            let needed = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            };
            let tail = &bytes[bytes.len() - length..];
            let invalid = std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_some());
            return if needed > length && !invalid { length } else { 0 };
        }
    }
    0
}

#[cfg(test)]
mod tests;
