//! The built-in agent simulator: a program of its own in a terminal of its own, started like any other runtime. It takes
//! no shortcut into the product: it reads its prompt and brief from files and speaks through the command line.

use super::environment::{self, agent_environment};
use super::{Adapter, AdapterError, Start, StartContext, text_of};

/// The hidden subcommand of this program that is the simulator.
pub const SUBCOMMAND: &str = "local-agent";

/// Starts the simulator.
#[derive(Debug, Clone, Default)]
pub struct LocalAdapter {
    /// What [`environment::LOCAL_PACE`] says here; handed on to the simulator.
    pace: Option<String>,
}

impl LocalAdapter {
    /// Starts the simulator at the pace that this process's environment asks for.
    pub fn from_environment() -> LocalAdapter {
        LocalAdapter { pace: std::env::var(environment::LOCAL_PACE).ok() }
    }
}

impl Adapter for LocalAdapter {
    fn name(&self) -> &str {
        "local"
    }

    fn start(&self, context: &StartContext<'_>) -> Result<Start, AdapterError> {
        let mut variables = agent_environment(context)?;
        variables.extend(self.pace.iter().map(|pace| (environment::LOCAL_PACE.to_owned(), pace.clone())));
        let command = vec![text_of(context.program)?.to_owned(), SUBCOMMAND.to_owned()];
        Ok(Start { command, environment: variables })
    }
}
