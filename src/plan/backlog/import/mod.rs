//! Backlogs of others as records of ours: what a store or a JSON file says, mapped field by field.
//!
//! Nothing is dropped in silence: what a source has and we do not keep is counted, and so is what was not understood.
//! Reading files is not done here: rows and texts are handed in.

pub mod cleo;
pub mod json;
mod kinds;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::task::Task;

/// What a source came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Its records, in its order, each id once.
    pub tasks: Vec<Task>,
    /// What was left out, not understood or guessed: each thing once, with a count.
    pub notes: Vec<Note>,
}

impl Reading {
    /// How many dependencies the records state.
    pub fn dependencies(&self) -> usize {
        self.tasks.iter().map(|task| task.depends.len()).sum()
    }
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The file that was read, absolute.
    pub source: String,
    /// Whether it is read again by itself when it changes.
    pub following: bool,
    /// Records in it.
    pub records: usize,
    /// Dependencies that they state.
    pub dependencies: usize,
    /// Records that were not in the backlog before.
    pub added: usize,
    /// Records that were, and are otherwise now.
    pub changed: usize,
    /// Records that it does not have any more.
    pub removed: usize,
    /// What was left out, not understood or guessed.
    pub notes: Vec<Note>,
    /// What is odd in the backlog now and was not before, and ids that were taken already; a sentence each.
    pub odd: Vec<String>,
}

/// Something about a source that the operator should know, with a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Of which kind it is.
    pub kind: NoteKind,
    /// What it is about, as a part of a sentence: "field `size`", "rows without an id".
    pub what: String,
    /// How often.
    pub count: usize,
    /// One of them: an id, a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// Of which kind a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// It says something that we do not know what to do with.
    NotUnderstood,
    /// It was not said, and follows from something else.
    Guessed,
    /// It is known and not kept.
    Skipped,
}

impl NoteKind {
    /// Its word, as it is written.
    pub fn word(self) -> &'static str {
        match self {
            NoteKind::NotUnderstood => "not understood",
            NoteKind::Guessed => "guessed",
            NoteKind::Skipped => "skipped",
        }
    }
}

/// Counts what is to be told.
#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<(NoteKind, String), (usize, Option<String>)>,
}

impl Tally {
    /// Counts one more; the first example is kept.
    fn count(&mut self, kind: NoteKind, what: impl Into<String>, example: impl Into<Option<String>>) {
        self.count_many(kind, what, 1, example);
    }

    fn count_many(
        &mut self,
        kind: NoteKind,
        what: impl Into<String>,
        count: usize,
        example: impl Into<Option<String>>,
    ) {
        let entry = self.counts.entry((kind, what.into())).or_insert((0, None));
        entry.0 += count;
        if entry.1.is_none() {
            entry.1 = example.into();
        }
    }

    /// Everything that was counted: what was not understood first, each kind in the order of words.
    fn notes(self) -> Vec<Note> {
        let note = |((kind, what), (count, example))| Note { kind, what, count, example };
        self.counts.into_iter().map(note).collect()
    }
}
