//! The built-in agent simulator: a program of its own in a terminal of its own, started like any other runtime. It takes
//! no shortcut into the product: it reads its prompt and brief from files and speaks through the command line.

use super::environment::agent_environment;
use super::{Adapter, AdapterError, Start, StartContext, text_of};

/// The hidden subcommand of this program that is the simulator.
pub const SUBCOMMAND: &str = "local-agent";

/// Starts the simulator.
#[derive(Debug, Clone, Copy)]
pub struct LocalAdapter;

impl Adapter for LocalAdapter {
    fn name(&self) -> &str {
        "local"
    }

    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError> {
        Ok(Start {
            command: vec![text_of(context.program)?.to_owned(), SUBCOMMAND.to_owned()],
            environment: agent_environment(context)?,
        })
    }
}
