//! One terminal: a pseudo-terminal with its child, the grid of what it drew, its scrollback and its log on disk.
//!
//! A session knows no task, no wave and no client: names, bytes, rows and keys only. It uses no other module of the
//! crate.

mod cells;
mod cluster;
pub mod colours;
mod core;
pub mod event;
mod handler;
mod history;
pub mod keys;
pub mod log;
mod observed;
mod osc;
pub mod pty;
pub mod screen;
pub mod search;
mod sgr;
pub mod terminal;
pub mod wire;

pub use screen::{Cell, Colour, Cursor, Row, ScreenUpdate, Size, Style};
