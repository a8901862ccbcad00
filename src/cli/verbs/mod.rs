//! The verbs, one file each, and the one place that performs them.

pub(super) mod completions;
pub(super) mod config;
pub(super) mod keep;
pub(super) mod keys;
pub(super) mod signal;
pub(super) mod theme;
pub(super) mod version;

use super::arguments::Verb;
use super::context::Context;
use super::failure::Failure;
use crate::adapters::local;

/// Performs a verb and gives the exit code.
pub(super) fn perform(context: &Context, verb: Option<Verb>) -> Result<u8, Failure> {
    match verb {
        None => Ok(0),
        Some(Verb::Signal(arguments)) => signal::run(context, &arguments),
        Some(Verb::Theme(theme::ThemeVerb::List)) => theme::list(context),
        Some(Verb::Keys) => keys::run(context),
        Some(Verb::Config(config::ConfigVerb::Show)) => config::show(context),
        Some(Verb::Completions(arguments)) => completions::run(context, &arguments),
        Some(Verb::LocalAgent) => Ok(local::run_agent()),
        Some(Verb::Version) => version::run(context),
        Some(Verb::Keep(arguments)) => keep::run(&arguments),
    }
}
