//! The outermost tests: the real binary, real pseudo-terminals, real sockets, real kills. A handful; everything finer is
//! tested further in.

mod command;
mod harness;
mod headless;
mod kills;
mod room;
