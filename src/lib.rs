#![doc = include_str!("ARCHITECTURE.md")]

pub mod adapters;
pub mod cli;
pub mod driver;
pub mod engine;
pub mod plan;
pub mod session;
pub mod store;
pub mod supervisor;
pub mod tui;
