//! Why a verb did not do what was asked: a sentence, a hint, and the exit code.

use std::io;

use serde::Serialize;

use crate::engine::Refused;
use crate::plan::edit::Refusal;
use crate::store::StoreError;

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
        Failure::new(Kind::Refused, refused.reason, refused.hint)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::new(Kind::Refused, refusal.reason, refusal.hint)
    }
}
