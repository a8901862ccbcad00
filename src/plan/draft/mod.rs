//! Drafting waves: the spec of a wave as a value, its markdown, and the way back.
//!
//! Everything here is pure. A spec is the JSON beside a wave file (`specs/wave-<n>.json`) in the shape of npm
//! `@chllming/wave-orchestration` 0.9.15, which writes it and never reads it; here it is read, too, rendered to markdown,
//! made from markdown, and compared with it. What is asked for a draft, and what the answers come to, is in the modules
//! below as data and as a state machine that knows neither a terminal nor a screen.

mod drift;
mod executor;
mod import;
mod prompt;
mod render;
mod spec;
#[cfg(test)]
mod tests;

pub use drift::drift;
pub use executor::{SpecBudget, SpecExecutor};
pub use import::spec_of;
pub use render::markdown;
pub use spec::{CatalogEntry, RequestedTask, Spec, SpecAgent, SpecProject};
