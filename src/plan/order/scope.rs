//! What a question is about: everything, or some records with all that lies in them.

use super::Graph;
use crate::plan::backlog::TaskId;

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole backlog.
    All,
    /// These records and everything in them.
    Of(Vec<TaskId>),
}

/// The records of a scope.
#[derive(Debug, Clone)]
pub struct Members {
    /// For each record by number.
    within: Vec<bool>,
    /// Ids that the scope names and the backlog does not have.
    unknown: Vec<TaskId>,
}

impl Scope {
    /// The ids that it names; none for the whole backlog.
    pub fn ids(&self) -> &[TaskId] {
        match self {
            Scope::All => &[],
            Scope::Of(ids) => ids,
        }
    }
}

impl Graph<'_> {
    /// The records of a scope.
    pub fn members(&self, scope: &Scope) -> Members {
        let Scope::Of(ids) = scope else {
            return Members { within: vec![true; self.tasks.len()], unknown: Vec::new() };
        };
        let mut members = Members { within: vec![false; self.tasks.len()], unknown: Vec::new() };
        for id in ids {
            let Some(index) = self.index(id) else {
                members.unknown.push(id.clone());
                continue;
            };
            for index in self.tree.within(index) {
                if let Some(within) = members.within.get_mut(*index) {
                    *within = true;
                }
            }
        }
        members
    }

    /// Whether a record is one of these members.
    pub fn holds(&self, members: &Members, id: &TaskId) -> bool {
        self.index(id).is_some_and(|index| members.has(index))
    }
}

impl Members {
    /// Whether the record of this number is within.
    pub(super) fn has(&self, index: usize) -> bool {
        self.within.get(index) == Some(&true)
    }

    /// The numbers of all that are within, ascending.
    pub(super) fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        self.within.iter().enumerate().filter(|(_, within)| **within).map(|(index, _)| index)
    }

    /// Ids that the scope names and the backlog does not have.
    pub fn unknown(&self) -> &[TaskId] {
        &self.unknown
    }
}
