//! What can be said of a saga, epic or task on the command line.

use clap::Args;

use crate::plan::backlog::task::meaning;
use crate::plan::backlog::{Priority, Status, TaskChange};

/// Flags of `create`, `add` and `update`.
#[derive(Debug, Default, Args)]
pub(super) struct Fields {
    /// proposed, pending, active, blocked, done, cancelled or archived.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
    /// critical, high, medium or low.
    #[arg(long, value_name = "PRIORITY", value_parser = priority)]
    priority: Option<Priority>,
    /// Its track; what lies in it has the same unless it has one of its own.
    #[arg(long, value_name = "TRACK")]
    track: Option<String>,
    /// The saga, epic or task that it lies in.
    #[arg(long, value_name = "ID")]
    parent: Option<String>,
    /// What must be done before it.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    depends: Option<Vec<String>>,
    /// Files or folders that it will touch.
    #[arg(long, value_name = "PATHS", value_delimiter = ',')]
    files: Option<Vec<String>>,
    /// What must hold when it is done; may be given several times.
    #[arg(long, value_name = "TEXT")]
    acceptance: Option<Vec<String>>,
    /// What it is about.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Fields {
    /// The changes that they ask for.
    pub(super) fn changes(self) -> Vec<TaskChange> {
        let ids = |ids: Vec<String>| ids.into_iter().map(Into::into).collect();
        [
            self.status.map(|status| TaskChange::Status { status }),
            self.priority.map(|priority| TaskChange::Priority { priority }),
            self.track.map(|track| TaskChange::Track { track: Some(track) }),
            self.parent.map(|parent| TaskChange::Parent { parent: Some(parent.into()) }),
            self.depends.map(|depends| TaskChange::Depends { depends: ids(depends) }),
            self.files.map(|files| TaskChange::Files { files }),
            self.acceptance.map(|acceptance| TaskChange::Acceptance { acceptance }),
            self.description.map(|description| TaskChange::Description { description }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

pub(super) fn status(word: &str) -> Result<Status, String> {
    one_of(&Status::ALL, word)
}

fn priority(word: &str) -> Result<Priority, String> {
    one_of(&Priority::ALL, word)
}

fn one_of<T: Copy>(words: &[(&str, T)], word: &str) -> Result<T, String> {
    meaning(words, word).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("not one of {}", known.join(", "))
    })
}
