//! One record of the backlog. Sagas, epics, tasks and subtasks are the same thing at different heights.

use serde::{Deserialize, Serialize};

use super::id::TaskId;

/// A saga, epic, task or subtask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// At which height it stands.
    pub kind: Kind,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// What it lies in. It may be missing, and it may be a circle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TaskId>,
    /// What must be finished before it. May be missing, and may be a circle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends: Vec<TaskId>,
    /// Its own track; [`super::Backlog::track`] gives the inherited one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Files that it will touch, as its author declared them: paths relative to the project, also folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What must hold when it is done, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<String>,
    /// Words that its author sorted it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What it is about, in full.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Which of [`super::Backlog::sources`] it was read from, by path; `None` when it was created here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// At which height a record stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Holds epics. Not worked on itself.
    Saga,
    /// Holds tasks. Not worked on itself.
    Epic,
    /// Is worked on.
    #[default]
    Task,
    /// Is worked on, as a part of a task.
    Subtask,
}

/// Where a record stands. The words are those of CLEO.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Somebody thought of it; nobody decided for it.
    Proposed,
    /// Decided and not begun.
    #[default]
    Pending,
    /// Somebody works on it.
    Active,
    /// Somebody said that it cannot go on.
    Blocked,
    /// Finished.
    Done,
    /// Nobody will do it.
    Cancelled,
    /// Finished and put away.
    Archived,
}

/// How much a record matters, the most first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Before everything else.
    Critical,
    /// Before most.
    High,
    /// As most.
    #[default]
    Medium,
    /// When there is nothing else.
    Low,
}

impl Kind {
    /// Every kind and its word.
    pub const ALL: [(&str, Kind); 4] =
        [("saga", Kind::Saga), ("epic", Kind::Epic), ("task", Kind::Task), ("subtask", Kind::Subtask)];

    /// Whether it only holds others, so that nobody works on it itself and it stands in no wave.
    pub fn is_container(self) -> bool {
        match self {
            Kind::Saga | Kind::Epic => true,
            Kind::Task | Kind::Subtask => false,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Kind::ALL, self)
    }
}

impl Status {
    /// Every status and its word.
    pub const ALL: [(&str, Status); 7] = [
        ("proposed", Status::Proposed),
        ("pending", Status::Pending),
        ("active", Status::Active),
        ("blocked", Status::Blocked),
        ("done", Status::Done),
        ("cancelled", Status::Cancelled),
        ("archived", Status::Archived),
    ];

    /// Whether nobody will work on it any more: done, cancelled or archived.
    pub fn is_finished(self) -> bool {
        match self {
            Status::Done | Status::Cancelled | Status::Archived => true,
            Status::Proposed | Status::Pending | Status::Active | Status::Blocked => false,
        }
    }

    /// Whether it is put away, so that it stands in no wave: cancelled or archived.
    pub fn is_put_away(self) -> bool {
        match self {
            Status::Cancelled | Status::Archived => true,
            Status::Proposed | Status::Pending | Status::Active | Status::Blocked | Status::Done => false,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Status::ALL, self)
    }
}

impl Priority {
    /// Every priority and its word.
    pub const ALL: [(&str, Priority); 4] = [
        ("critical", Priority::Critical),
        ("high", Priority::High),
        ("medium", Priority::Medium),
        ("low", Priority::Low),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Priority::ALL, self)
    }
}

/// What a word means in one of the lists above; capitals do not matter.
pub fn meaning<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim())).map(|(_, value)| *value)
}

/// The word of a value; the lists above hold every value.
fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

impl Task {
    /// A pending record of medium priority with nothing else said about it.
    pub fn new(id: impl Into<TaskId>, kind: Kind, title: impl Into<String>) -> Task {
        Task {
            id: id.into(),
            kind,
            title: title.into(),
            status: Status::default(),
            priority: Priority::default(),
            parent: None,
            depends: Vec::new(),
            track: None,
            files: Vec::new(),
            acceptance: Vec::new(),
            labels: Vec::new(),
            description: String::new(),
            source: None,
        }
    }

    /// Whether it is worked on: a task or subtask that is not put away.
    pub fn is_work(&self) -> bool {
        !self.kind.is_container() && !self.status.is_put_away()
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Priority, Status, meaning};

    #[test]
    fn words_are_those_that_are_written() {
        for (word, status) in Status::ALL {
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{word}\""));
            assert_eq!(meaning(&Status::ALL, status.word()), Some(status));
        }
        for (word, kind) in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{word}\""));
        }
        for (word, priority) in Priority::ALL {
            assert_eq!(serde_json::to_string(&priority).unwrap(), format!("\"{word}\""));
        }
        assert_eq!(meaning(&Status::ALL, " Done"), Some(Status::Done));
        assert_eq!(meaning(&Status::ALL, "finished"), None);
    }
}
