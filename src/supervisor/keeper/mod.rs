//! The keeper: a tiny process of its own beneath the supervisor that starts every child in a pseudo-terminal, holds the
//! masters, and remembers how children ended, so that a supervisor may die and be replaced without an agent noticing.
//!
//! It knows names, bytes and processes, no task and no wave, and it runs no tokio: one poll loop. While a supervisor is
//! connected, that one reads the masters it was handed; while none is, the keeper drains them into the sessions' logs.
//! Of this crate it may use `session` only, so that it changes rarely and stays the same across upgrades. Linux only:
//! pidfd, child subreaper, `/proc`.

pub mod client;
pub mod place;
pub mod protocol;
pub mod run;
pub mod start;

mod calls;
mod channel;
mod descendants;
mod ending;
mod held;
mod reaper;
mod server;
