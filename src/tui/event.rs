//! What the room is told, and what it wants done: two enums, so that the room itself is a value that can be fed and
//! looked at in a test.

use crate::session::ScreenUpdate;
use crate::session::keys::TerminalInput;
use crate::supervisor::protocol::{ClientMessage, ServerMessage};

/// Something that the room is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The operator did something; a mouse position is in cells of the whole screen.
    Input(TerminalInput),
    /// The screen has this size now.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The supervisor is there, or there again.
    Connected,
    /// The supervisor is gone; a new one is being sought.
    Lost {
        /// What is known, as a sentence.
        reason: String,
    },
    /// The supervisor says something.
    Message(Box<ServerMessage>),
    /// A watched terminal changed.
    Screen(Box<ScreenUpdate>),
    /// Time passed that [`super::app::App::next_tick`] asked for.
    Tick,
    /// What was drawn last has been written.
    Drawn,
    /// The terminal of the operator is gone.
    HungUp,
}

/// Something that the room wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Say this to the supervisor.
    Send(ClientMessage),
    /// Put this text on the clipboard of the operator's terminal.
    Copy(String),
    /// Forget what was drawn and draw all of it.
    Redraw,
    /// Leave.
    Quit,
}
