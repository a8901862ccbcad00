//! What is wrong, or looks wrong, in an authored file: one [`Finding`] per fact, each with its place and a way out.

use serde::{Deserialize, Serialize};

/// A place in a text. Lines and columns count from 1; columns count characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The wave cannot run until this is mended.
    Error,
    /// The wave runs; the author probably meant something else.
    Warning,
}

/// One fact about an authored file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id: `P..` for the parser, `C..` for the configuration, `V01`..`V39` for the wave rules, `W..` for our own
    /// warnings, `D..` for what a planner answers.
    pub rule: String,
    /// Weight.
    pub severity: Severity,
    /// Path of the file, relative to the project, with `/`.
    pub file: String,
    /// The agent concerned, when there is one.
    pub agent: Option<String>,
    /// What is so, as a sentence.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub position: Position,
    /// What to do about it, as a sentence.
    pub hint: String,
}

impl Finding {
    /// A finding that stops its wave: rule, file, place, what is so, what to do.
    pub fn error(rule: &str, file: &str, position: Position, message: String, hint: String) -> Finding {
        Finding {
            rule: rule.to_string(),
            severity: Severity::Error,
            file: file.to_string(),
            agent: None,
            message,
            position,
            hint,
        }
    }

    /// A finding that stops nothing.
    pub fn warning(rule: &str, file: &str, position: Position, message: String, hint: String) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(rule, file, position, message, hint) }
    }

    /// The same finding, about an agent.
    pub fn of_agent(self, agent: &str) -> Finding {
        Finding { agent: Some(agent.to_string()), ..self }
    }
}

impl Position {
    /// The first character of a text.
    pub const START: Position = Position { line: 1, column: 1 };
}
