//! Edits of the authored plan: an agent section that moves from one wave file to another, byte for byte, and files that
//! are written as a whole.
//!
//! [`preview`] and the decision are one function: what the room shows before a card is dropped is what the supervisor
//! does when it is.

mod move_agent;
mod splice;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::move_agent::Move;
use super::project::Sources;
use super::wave::{AgentId, WaveNumber};

/// An edit of the authored plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum Edit {
    /// Move the section of one agent to the end of the agents of another wave file.
    MoveAgent {
        /// Which agent.
        agent: AgentId,
        /// The wave it is in.
        from: WaveNumber,
        /// The wave it goes to.
        to: WaveNumber,
    },
    /// Write whole files: a draft, a replanning. Undo gives back what was there, byte for byte.
    WriteWaves {
        /// What it is, as a sentence without its full stop: `wave 12 drafted`.
        summary: String,
        /// What changes and why, a sentence each.
        changes: Vec<String>,
        /// The waves whose files are among them.
        waves: Vec<WaveNumber>,
        /// The files. Empty in the record of an edit, which has them beside it.
        writes: Vec<Rewrite>,
    },
}

impl Edit {
    /// As it is put on record, beside what was written.
    pub fn recorded(self) -> Edit {
        match self {
            Edit::MoveAgent { .. } => self,
            Edit::WriteWaves { summary, changes, waves, writes: _ } => {
                Edit::WriteWaves { summary, changes, waves, writes: Vec::new() }
            }
        }
    }
}

impl fmt::Display for Edit {
    /// What was done, as a clause: `A7 moved from wave 2 to wave 3`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::MoveAgent { agent, from, to } => {
                write!(formatter, "{agent} moved from wave {from} to wave {to}")
            }
            Edit::WriteWaves { summary, .. } => formatter.write_str(summary),
        }
    }
}

/// What an edit would do, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// New texts, by path: all of them are written, or none.
    pub writes: Vec<Rewrite>,
    /// What changes, in sentences for the operator, most important first.
    pub consequences: Vec<String>,
}

/// One file before and after. Swapped, it takes the edit back to the byte. No text stands for no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    /// Path relative to the project.
    pub path: String,
    /// The text that must still be there for the edit to be made.
    pub before: String,
    /// The text to write.
    pub after: String,
}

impl Rewrite {
    /// The rewrite that takes this one back.
    pub fn swapped(&self) -> Rewrite {
        Rewrite { path: self.path.clone(), before: self.after.clone(), after: self.before.clone() }
    }
}

/// Why an edit is not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// One sentence.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// What `edit` would do to `sources`, or why it is refused. Pure.
pub fn preview(sources: &Sources, edit: &Edit) -> Result<Preview, Refusal> {
    match edit {
        Edit::MoveAgent { agent, from, to } => {
            move_agent::preview(sources, &Move { agent, from: *from, to: *to })
        }
        Edit::WriteWaves { summary: _, changes, waves, writes } => {
            if let Some(wave) = waves.iter().find(|wave| sources.completed.contains(wave)) {
                return Err(Refusal {
                    reason: format!("wave {wave} is closed: its file stays as the record of what was proven"),
                    hint: "plan what is to be done in a later wave".to_string(),
                });
            }
            // Of a new file nothing is known yet: one that came meanwhile is somebody's work.
            let is_taken = |write: &&Rewrite| {
                let waves = sources.waves.iter().map(|file| (&file.path, &file.text));
                let mut there = waves.chain(&sources.specs);
                write.before.is_empty() && there.any(|(path, text)| *path == write.path && !text.is_empty())
            };
            if let Some(taken) = writes.iter().find(is_taken) {
                return Err(Refusal {
                    reason: format!("{} is there by now; nothing was written", taken.path),
                    hint: "look at it, and plan under another number".to_string(),
                });
            }
            Ok(Preview { writes: writes.clone(), consequences: changes.clone() })
        }
    }
}
