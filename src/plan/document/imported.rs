//! What an import of a document came to.

use serde::{Deserialize, Serialize};

use super::{Counts, Reading, Row};

/// A document that became a plan, or was one already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Its path relative to the project.
    pub document: String,
    /// The plan that follows it.
    pub slug: String,
    /// The version of that plan.
    pub version: u64,
    /// Whether the plan is new. One that was there stays as it is; what the document says otherwise is drift.
    pub created: bool,
    /// What became of the ids.
    pub counts: Counts,
    /// What the document says.
    pub reading: Reading,
    /// Where document, plan and backlog disagree.
    pub drift: Vec<Row>,
}
