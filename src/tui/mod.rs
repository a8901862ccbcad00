//! The control room: draws, takes input, folds the same facts as the supervisor and holds no truth. It is not where
//! anything is decided: what may be moved or answered the engine says. Uses plan, engine, session and supervisor.

pub mod app;
pub(crate) mod asking;
pub(crate) mod board;
pub(crate) mod converse;
pub mod draw;
pub(crate) mod drift;
pub mod event;
pub(crate) mod findings;
pub(crate) mod form;
pub mod glyph;
pub(crate) mod hint;
pub(crate) mod inbox;
pub(crate) mod input;
pub mod keymap;
pub(crate) mod layer;
pub(crate) mod layout;
pub mod link;
pub(crate) mod mouse;
pub(crate) mod notice;
pub mod output;
pub(crate) mod pace;
pub(crate) mod page;
pub(crate) mod paint;
pub mod panes;
pub(crate) mod perform;
pub(crate) mod plans;
pub(crate) mod prompt;
pub mod run;
pub(crate) mod status;
pub(crate) mod text;
pub mod theme;
pub mod told;
pub mod verb;
pub(crate) mod words;

#[cfg(test)]
mod tests;
