//! The outermost tests: the real binary, real pseudo-terminals, real sockets, real kills. A handful; everything finer is
//! tested further in.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod adhoc;
mod agentic;
mod command;
mod harness;
mod headless;
mod kills;
mod planner;
mod room;
