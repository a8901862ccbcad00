//! Why a verb did not do what was asked: a sentence, a hint, and the exit code.

use std::io;

use serde::Serialize;

use crate::engine::Refused;
use crate::plan::edit::Refusal;
use crate::plan::{Finding, Position};
use crate::store::StoreError;
use crate::supervisor::client::ClientError;

/// Exit code of wrong usage.
pub(super) const EXIT_USAGE: u8 = 2;

/// What kind of failure, for programs that read `--json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// The words on the command line are wrong.
    Usage,
    /// What was named is not there.
    NotFound,
    /// The supervisor, or a rule, said no.
    Refused,
    /// The supervisor cannot be reached.
    Unavailable,
    /// The database.
    Store,
    /// What was read is not what it should be.
    Input,
    /// A file or a terminal.
    Io,
}

/// Why a verb did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    /// A sentence.
    pub(super) message: String,
    /// What to do next, as a sentence; may be empty.
    pub(super) hint: String,
    /// The file concerned.
    pub(super) file: Option<String>,
    /// Line in it, from 1.
    pub(super) line: Option<u32>,
    /// Column in it, from 1.
    pub(super) column: Option<u32>,
    /// Each of several errors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<String>,
    #[serde(skip)]
    pub(super) exit: u8,
    /// Nobody reads our output any more: nothing to say, and nothing wrong.
    #[serde(skip)]
    pub(super) silent: bool,
}

impl Failure {
    pub(super) fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure {
            kind,
            message: message.into(),
            hint: hint.into(),
            file: None,
            line: None,
            column: None,
            errors: Vec::new(),
            exit: if kind == Kind::Usage { EXIT_USAGE } else { 1 },
            silent: false,
        }
    }

    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Kind::Usage, message, hint)
    }

    /// With another exit code.
    pub(super) fn exiting(self, exit: u8) -> Failure {
        Failure { exit, ..self }
    }

    /// What was found in an authored file.
    pub(super) fn of_finding(kind: Kind, finding: Finding) -> Failure {
        let failure = Failure::new(kind, sentence(&finding.message), sentence(&finding.hint));
        let Position { line, column } = finding.position;
        Failure { file: Some(finding.file), line: Some(line), column: Some(column), ..failure }
    }

    /// A file that could not be read or written.
    pub(super) fn file(path: &std::path::Path, error: &io::Error) -> Failure {
        let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Io };
        let failure = Failure::new(kind, format!("{}: {error}.", path.display()), "");
        Failure { file: Some(path.display().to_string()), ..failure }
    }

    /// One text for people: sentence and hint.
    pub(super) fn text(&self) -> String {
        if self.hint.is_empty() { self.message.clone() } else { format!("{}\n  {}", self.message, self.hint) }
    }
}

/// Of what is written to standard output or read from standard input; files have [`Failure::file`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        let silent = error.kind() == io::ErrorKind::BrokenPipe;
        let failure = Failure::new(Kind::Io, format!("Standard input or output failed: {error}."), "");
        Failure { silent, exit: u8::from(!silent), ..failure }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::new(Kind::Store, error.to_string(), "")
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        Failure::new(Kind::Refused, sentence(&refused.reason), sentence(&refused.hint))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::new(Kind::Refused, sentence(&refusal.reason), sentence(&refusal.hint))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        Failure::new(Kind::Unavailable, sentence(&error.to_string()), "")
    }
}

/// A clause as a sentence: with a capital letter and a full stop. What begins with a name stays as it is.
pub(super) fn sentence(clause: &str) -> String {
    let clause = clause.trim();
    let is_word = |word: &str| word.chars().all(|letter| letter.is_ascii_lowercase());
    let mut letters = clause.chars();
    let mut sentence: String = match letters.next() {
        None => return String::new(),
        Some(first) if clause.split(' ').next().is_some_and(is_word) => {
            first.to_uppercase().chain(letters).collect()
        }
        Some(_) => clause.to_owned(),
    };
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn clauses_become_sentences_and_names_stay() {
        assert_eq!(sentence("nothing was changed"), "Nothing was changed.");
        assert_eq!(sentence("main/wave-1/A2/1 is ended"), "main/wave-1/A2/1 is ended.");
        assert_eq!(sentence("`wavedeck` starts one."), "`wavedeck` starts one.");
        assert_eq!(sentence(""), "");
    }
}
