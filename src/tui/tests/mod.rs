//! The room in memory: stories told by the real engine, keys and mouse in, screens and requests out.

mod backlog;
mod doing;
mod form;
mod panes;
mod picture;
mod room;
mod screens;
mod stage;
