//! One terminal: a pseudo-terminal with its child, the grid of what it drew, its scrollback and its log on disk.
//!
//! A session knows no task, no wave and no client: names, bytes, rows and keys only. It uses no other module of the
//! crate.

pub mod keys;
pub mod log;
pub mod pty;
pub mod screen;

pub use screen::{Cell, Colour, Cursor, Row, ScreenUpdate, Size, Style};
