//! The imperative shell around the engine: input, step, commit, publish, perform, in this order and never another.
//! Reads and writes the project's files, keeps the timers, gathers evidence, starts agents through their adapters. Uses
//! plan, engine, store, session and adapters. It knows no socket and holds no terminal: it reaches them through
//! [`sessions::Sessions`] and [`publish::Publish`].

pub mod disk;
pub mod paths;
pub mod publish;
pub mod request;
pub mod rewrite;
pub mod sessions;
pub mod token;

pub use request::Command;
