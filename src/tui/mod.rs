//! The control room: draws, takes input, folds the same facts as the supervisor and holds no truth. It is not where
//! anything is decided: what may be moved or answered the engine says. Uses plan, engine, session and supervisor.

pub mod glyph;
pub mod keymap;
pub mod theme;
pub mod verb;
