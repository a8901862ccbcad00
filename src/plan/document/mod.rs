//! Plans that people write by hand: lists, tables and headings of markdown in which ids of tasks stand under waves.
//!
//! [`read()`] gives every slot with its line and column, and accounts for every id of the text: it is slotted, or it is
//! reported with the reason why it was not understood, or it is a mention in prose. [`mod@drift`] compares what a document
//! says with a plan and with the dependencies, row by row. [`mod@write`] changes the lines concerned and no other. Nothing
//! here reads a file, and reading never fails.

mod account;
pub mod drift;
mod entry;
pub mod ids;
mod imported;
mod label;
mod lines;
mod read;
mod splice;
mod table;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::backlog::TaskId;
use super::finding::Position;
use super::wave::WaveNumber;

pub use drift::{Row, RowKind, accepted, drift, to_write};
pub use ids::Ids;
pub use imported::Imported;
pub use read::read;
pub use write::write;

/// What a document says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Waves, in the order of their first mention.
    pub waves: Vec<DocumentWave>,
    /// Slots, in the order of the text. A task has one at most: its first.
    pub slots: Vec<DocumentSlot>,
    /// What has to happen between waves, in the author's words.
    pub gates: Vec<Gate>,
    /// What was not understood, in the order of the text.
    pub unread: Vec<Unread>,
    /// Every id of the text and what it is there for.
    #[serde(skip)]
    pub mentions: Vec<Mention>,
}

/// A wave of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentWave {
    /// Its number. Letters count from 1.
    pub number: WaveNumber,
    /// As the author names it: `1`, `W3`, `2a`, `B`.
    pub label: String,
    /// What the author says beside the name; may be empty.
    pub title: String,
    /// Where it is first named.
    #[serde(flatten)]
    pub position: Position,
}

/// A task's place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSlot {
    /// The task.
    pub id: TaskId,
    /// Its wave.
    pub wave: WaveNumber,
    /// The track that the document puts it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Whether the author ticked it off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ticked: bool,
    /// What the document says that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<TaskId>,
    /// Where its id stands.
    #[serde(flatten)]
    pub position: Position,
}

/// Something that has to happen and is no wave: `Final: validation and release`, `after T1865 merged`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The wave that it is said of; `None` when it stands beside the waves.
    pub wave: Option<WaveNumber>,
    /// The author's words.
    pub text: String,
    /// Where they begin.
    #[serde(flatten)]
    pub position: Position,
}

/// Something that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The line as it is, without blanks around it.
    pub text: String,
    /// The id that it is about; `None` for a line without one.
    pub id: Option<TaskId>,
    /// Why, as a clause.
    pub why: String,
    /// Where.
    #[serde(flatten)]
    pub position: Position,
}

/// An id in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The id.
    pub id: TaskId,
    /// Where it stands.
    pub position: Position,
    /// Its first byte in the text, and the one past its last.
    pub bytes: std::ops::Range<usize>,
    /// What it is there for.
    pub purpose: Purpose,
}

/// What an id of a text is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// It has a slot here.
    Slot {
        /// In this wave.
        wave: WaveNumber,
        /// In what kind of place.
        shape: Shape,
    },
    /// A condition of a slot or a wave.
    Condition,
    /// Part of a sentence.
    Prose,
    /// It looks like a slot, or like something else of a plan, and was not understood; reported with its reason.
    NotUnderstood {
        /// Why, as a clause.
        why: String,
    },
}

/// In what kind of place a slot stands: what has to be changed when it goes elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One of several ids in a row: `Wave 1: T1, T2`, also in a cell.
    Inline,
    /// An item of a list, with what is written below it.
    Item,
    /// A row of a table that has a column for the wave, which holds the label here (bytes of the text).
    WaveCell {
        /// First byte of the label's name.
        start: usize,
        /// Past its last byte.
        end: usize,
    },
    /// A row of a table of one wave.
    Row,
    /// A heading or a paragraph, with a text of its own below.
    Section,
    /// Part of a range such as `T1-T4`.
    Range,
}

/// How many different ids a text has, and what became of them. `slotted`, `not_understood` and `prose` add up to `text`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Different ids in the text, those that a range stands for counted.
    pub text: usize,
    /// Those with a slot.
    pub slotted: usize,
    /// Those without one that are reported as not understood.
    pub not_understood: usize,
    /// Those that only sentences and conditions mention.
    pub prose: usize,
}

impl Reading {
    /// The wave of every task.
    pub fn placement(&self) -> BTreeMap<TaskId, WaveNumber> {
        self.slots.iter().map(|slot| (slot.id.clone(), slot.wave)).collect()
    }

    /// The same without [`Reading::mentions`]: those are for changing the very text that was read.
    pub fn without_mentions(self) -> Reading {
        Reading { mentions: Vec::new(), ..self }
    }

    /// The slot of a task.
    pub fn slot(&self, id: &TaskId) -> Option<&DocumentSlot> {
        self.slots.iter().find(|slot| slot.id == *id)
    }

    /// What became of the ids; of a reading without mentions nothing is known.
    pub fn counts(&self) -> Counts {
        let of = |purpose: fn(&Purpose) -> bool| -> BTreeSet<&TaskId> {
            let wanted = self.mentions.iter().filter(|mention| purpose(&mention.purpose));
            wanted.map(|mention| &mention.id).collect()
        };
        let all = of(|_| true);
        let slotted = of(|purpose| matches!(purpose, Purpose::Slot { .. }));
        let unclear = of(|purpose| matches!(purpose, Purpose::NotUnderstood { .. }));
        let not_understood = unclear.difference(&slotted).count();
        Counts {
            text: all.len(),
            slotted: slotted.len(),
            not_understood,
            prose: all.iter().filter(|id| !slotted.contains(*id) && !unclear.contains(*id)).count(),
        }
    }
}

#[cfg(test)]
mod tests;
