//! The simulator's own terminal: raw input, escape sequences out, and the end of both.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;
use unicode_width::UnicodeWidthChar;

use super::pace::Event;
use super::typed::{Typed, TypedReader};

/// Size that a program assumes that writes to no terminal.
const NO_TERMINAL: (u16, u16) = (80, 24);

/// Whether the alternate screen is shown, for the thread that ends the process when it is told to.
static FULL_SCREEN: AtomicBool = AtomicBool::new(false);

/// Takes the alternate screen with bracketed paste and mouse, hides the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1006h";
/// The opposite.
const LEAVE: &str = "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// Where the simulator draws.
#[derive(Debug)]
pub(super) struct Terminal {
    out: io::Stdout,
    is_terminal: bool,
}

impl Terminal {
    /// Takes the terminal: raw input when there is one, and threads that tell keys, size and signals to `events`. On
    /// SIGTERM, SIGHUP and SIGINT the process ends with 128 and the signal's number, the screen given back.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(events: SyncSender<Event>) -> io::Result<Terminal> {
        let out = io::stdout();
        let is_terminal = out.is_terminal() && io::stdin().is_terminal();
        if is_terminal {
            crossterm::terminal::enable_raw_mode()?;
            let events = events.clone();
            std::thread::Builder::new().name("keys".to_owned()).spawn(move || tell_keys(&events))?;
        }
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGWINCH])?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in &mut signals {
                if signal == SIGWINCH {
                    // When the queue is full a picture is due anyway, and it asks for the size.
                    let _ = events.try_send(Event::Resized);
                } else {
                    end_by_signal(signal);
                }
            }
        })?;
        Ok(Terminal { out, is_terminal })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u16, u16) {
        if !self.is_terminal {
            return NO_TERMINAL;
        }
        crossterm::terminal::size().unwrap_or(NO_TERMINAL)
    }

    /// Writes at once. A line break also returns to the first column, which raw output does not do by itself.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        if self.is_terminal {
            out.write_all(text.replace('\n', "\r\n").as_bytes())?;
        } else {
            out.write_all(text.as_bytes())?;
        }
        out.flush()
    }

    /// Takes the alternate screen.
    pub(super) fn enter_full_screen(&mut self) -> io::Result<()> {
        FULL_SCREEN.store(true, Ordering::SeqCst);
        self.write(ENTER)
    }

    /// Gives the terminal back.
    pub(super) fn close(&mut self) -> io::Result<()> {
        if FULL_SCREEN.swap(false, Ordering::SeqCst) {
            self.write(LEAVE)?;
        }
        if self.is_terminal {
            crossterm::terminal::disable_raw_mode()?;
        }
        Ok(())
    }
}

/// Ends the process as shells expect it of a program that was ended. Whoever draws may hold the output, so this does not
/// wait for it.
fn end_by_signal(signal: i32) -> ! {
    if FULL_SCREEN.swap(false, Ordering::SeqCst) {
        let _ = rustix::io::write(rustix::stdio::stdout(), LEAVE.as_bytes());
    }
    let _ = crossterm::terminal::disable_raw_mode();
    std::process::exit(128 + signal);
}

/// Reads keys until the terminal is gone.
fn tell_keys(events: &SyncSender<Event>) {
    let mut reader = TypedReader::default();
    let mut buffer = [0; 1024];
    let mut input = io::stdin().lock();
    loop {
        match input.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                for typed in reader.read(&buffer[..count]) {
                    if typed == Typed::Interrupt {
                        end_by_signal(SIGINT);
                    }
                    if events.send(Event::Typed(typed)).is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// A text cut to so many cells, escape sequences not counted and never cut. Filled with blanks when `fill` says so.
pub(super) fn fitted(text: &str, cells: usize, fill: Fill) -> String {
    let mut fitted = String::with_capacity(text.len());
    let mut width = 0;
    let mut in_sequence = false;
    for c in text.chars() {
        if in_sequence || c == '\x1b' {
            fitted.push(c);
            in_sequence = c == '\x1b' || !c.is_ascii_alphabetic();
            continue;
        }
        let wide = c.width().unwrap_or(0);
        if width + wide <= cells {
            fitted.push(c);
            width += wide;
        }
    }
    if fill == Fill::Blanks {
        fitted.extend(std::iter::repeat_n(' ', cells - width));
    }
    fitted
}

/// What becomes of cells that a text leaves free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// Nothing.
    Nothing,
    /// Blanks.
    Blanks,
}

/// A time as people say it: `12s`, `4m12s`.
pub(super) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{:02}s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fill, fitted, spoken};

    #[test]
    fn a_text_is_cut_by_cells_and_keeps_its_colours() {
        let cases = [
            ("plain", 3, "pla"),
            ("\x1b[1;32mgreen\x1b[0m!", 4, "\x1b[1;32mgree\x1b[0m"),
            ("\u{4e2d}\u{6587}x", 3, "\u{4e2d}x"),
            ("ab", 4, "ab  "),
        ];
        for (text, cells, expected) in cases {
            assert_eq!(fitted(text, cells, Fill::Blanks), expected, "{text:?}");
        }
        assert_eq!(fitted("ab", 4, Fill::Nothing), "ab");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(spoken(Duration::from_millis(59_900)), "59s");
        assert_eq!(spoken(Duration::from_secs(252)), "4m12s");
    }
}
