//! Drafting waves: the spec of a wave as a value, its markdown, and the way back.
//!
//! Everything here is pure. A spec is the JSON beside a wave file (`specs/wave-<n>.json`) in the shape of npm
//! `@chllming/wave-orchestration` 0.9.15, which writes it and never reads it; here it is read, too, rendered to markdown,
//! made from markdown, and compared with it. What is asked for a draft, and what the answers come to, is in the modules
//! below as data and as a state machine that knows neither a terminal nor a screen.

pub mod adhoc;
pub mod agentic;
mod catalog;
mod completed;
mod drift;
mod executor;
pub mod field;
mod ground;
mod import;
mod keep;
mod prompt;
mod proposal;
mod questions;
mod render;
mod replan;
mod setup;
mod spec;
mod stewards;
pub mod template;
#[cfg(test)]
mod template_tests;
#[cfg(test)]
mod tests;
mod worker;

pub use drift::drift;
pub use executor::{SpecBudget, SpecExecutor};
pub use ground::Ground;
pub use import::spec_of;
pub use keep::{keep, profile_rewrite, remembered};
pub use proposal::{Proposal, proposal};
pub use questions::questions;
pub use render::markdown;
pub use replan::{Replan, WaveChange, replan};
pub use setup::setup;
pub use spec::{CatalogEntry, RequestedTask, Spec, SpecAgent, SpecProject};
