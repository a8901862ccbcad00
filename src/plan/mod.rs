//! What should be done, as pure values: waves, agents, configuration, findings, and edits of them.
//!
//! Nothing here reads a file, a clock or the environment: the driver hands over [`Sources`] (paths and texts) and gets
//! back a [`Project`] with findings. The room does the same with the same sources, so a preview and a decision are one
//! function. This module uses no other module of the crate.

pub mod backlog;
pub mod benchmarks;
pub mod bundles;
pub mod config;
pub mod document;
pub mod draft;
pub mod edit;
pub mod finding;
#[cfg(test)]
mod fixtures;
mod json;
pub mod lane;
pub mod lint;
pub mod manifest;
pub mod matrix;
pub mod order;
pub mod project;
pub mod role;
pub mod runtime;
pub mod skills;
pub mod slots;
mod text;
pub mod wave;

pub use finding::{Finding, Position, Severity};
pub use project::{AdhocPlace, Project, SourceFile, Sources};
pub use wave::{Agent, AgentId, Wave, WaveNumber};
