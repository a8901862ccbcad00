//! A grid from a log: what a terminal showed is found again by printing its last bytes once more, at the sizes it had.

use std::io;

use crate::session::Size;
use crate::session::log::{LogPiece, LogReader};
use crate::session::terminal::{Terminal, TerminalOptions};

/// Size of a terminal whose log names none.
const SIZE_DEFAULT: Size = Size { columns: 80, rows: 24 };

/// A terminal that was rebuilt.
pub(super) struct Rebuilt {
    /// Its grid.
    pub(super) terminal: Terminal,
    /// Whether it began in the middle, so that a full-screen program should be asked to draw itself anew.
    pub(super) from_the_middle: bool,
}

/// Rebuilds a terminal from at most the last `bytes_max` bytes of its log.
///
/// # Errors
/// When the log cannot be read.
pub(super) fn terminal_from_log(log: &LogReader, bytes_max: u64) -> io::Result<Rebuilt> {
    let extent = log.extent()?;
    let start = extent.first.max(extent.end.saturating_sub(bytes_max));
    let mut terminal = Terminal::new(SIZE_DEFAULT, TerminalOptions::default());
    for piece in log.replay(start)? {
        match piece? {
            LogPiece::Size(size) => terminal.resize(size),
            LogPiece::Bytes(bytes) => terminal.feed(&bytes),
        }
    }
    // What the program asked then was answered then.
    drop(terminal.take_replies());
    drop(terminal.take_events());
    Ok(Rebuilt { terminal, from_the_middle: start > 0 })
}
