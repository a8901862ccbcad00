//! Edits of authored files: all files of an edit are written, or none, and an edit that is written is a fact.
//!
//! Before the first file changes, a journal says what is going to be written and which input the engine gets for it. It
//! goes when the fact is committed. A driver that finds one completes the edit when a file was changed already, and
//! forgets it when none was. Between the last look at a file and its replacement lie microseconds in which somebody
//! else's save would be lost; no lock that editors respect exists.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{self, Disk, Sync};
use super::paths::ProjectPaths;
use crate::engine::Input;
use crate::plan::edit::Rewrite;

/// An edit on its way to the disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// What the engine is told once the files are written.
    pub input: Input,
    /// What is written, in the direction in which it is written.
    pub rewrites: Vec<Rewrite>,
    /// [`crate::engine::State::edits_standing`] before the edit. Each edit, undo and redo changes it, so a state with
    /// another number has the edit's fact.
    pub standing: usize,
}

/// What became of an edit whose journal was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// There was none.
    Nothing,
    /// Its fact is committed; there was nothing left to do.
    Kept,
    /// No file had changed; nothing was written.
    TakenBack,
    /// Every file is written; the engine is to be told, then [`Rewriter::keep`] called.
    Written(Box<Intent>),
    /// Some files hold neither the old nor the new text: somebody edited them meanwhile. Nothing was changed; the
    /// journal with both texts is kept under another name.
    Conflict {
        /// Those files.
        files: Vec<String>,
        /// Where the texts are.
        kept: PathBuf,
    },
}

/// Why an edit was not written. Every file is as it was, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// A path that leads out of the project.
    #[error("{path} is not a path inside the project; nothing was written")]
    Outside {
        /// The path.
        path: String,
    },
    /// A file is not what it was.
    #[error("{path} changed since it was read; nothing was written. Look at it again and repeat the move")]
    Changed {
        /// The file.
        path: String,
    },
    /// A file is not text.
    #[error("{path} is not valid UTF-8, so it is not written; nothing was. Save it as UTF-8 first")]
    NotText {
        /// The file.
        path: String,
    },
    /// Two paths of the edit are the same file.
    #[error("{path} and another path of the same edit are one file; nothing was written")]
    Twice {
        /// One of them.
        path: String,
    },
    /// The disk failed before anything changed, or everything was put back.
    #[error("{path} could not be written ({error}); every file is as it was")]
    Failed {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The disk failed in the middle and again when the files were put back.
    #[error(
        "{path} could not be written ({error}), and what was written could not be put back; {journal} holds all texts and is \
         completed at the next start"
    )]
    Halfway {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        error: io::Error,
        /// The journal.
        journal: PathBuf,
    },
}

/// Writes edits of one project.
pub struct Rewriter<'a> {
    /// The disk.
    pub disk: &'a dyn Disk,
    /// The project.
    pub paths: &'a ProjectPaths,
}

/// A file of an edit, resolved.
struct Target<'a> {
    rewrite: &'a Rewrite,
    /// The file itself, links followed.
    file: PathBuf,
    beside: PathBuf,
}

/// What a file holds, seen from an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Before,
    After,
    Other,
}

impl Rewriter<'_> {
    /// Writes an edit. On success the files are changed and the journal stands: call [`Rewriter::keep`] when the fact
    /// is committed, [`Rewriter::take_back`] when it cannot be.
    ///
    /// # Errors
    /// [`RewriteError`].
    pub fn write(&self, intent: &Intent) -> Result<(), RewriteError> {
        let targets = self.targets(&intent.rewrites)?;
        for target in &targets {
            self.check_unchanged(target)?;
        }
        let journal = self.paths.edit_journal();
        let bytes = serde_json::to_vec(intent)
            .map_err(|error| RewriteError::Failed { path: journal.clone(), error: error.into() })?;
        disk::replace(self.disk, &journal, &bytes, Sync::Now)
            .map_err(|error| RewriteError::Failed { path: journal.clone(), error })?;
        let written = self.replace_all(&targets);
        written.map_err(|failure| self.undo_after(failure, &targets))
    }

    /// The edit's fact is committed: the journal goes.
    ///
    /// # Errors
    /// Those of the disk; the next start finds the journal and the fact, and removes it.
    pub fn keep(&self) -> io::Result<()> {
        self.disk.remove(&self.paths.edit_journal())
    }

    /// The edit's fact cannot be committed: the files get their old text again.
    ///
    /// # Errors
    /// Those of the disk; the next start completes the edit then.
    pub fn take_back(&self, intent: &Intent) -> Result<(), RewriteError> {
        let targets = self.targets(&intent.rewrites)?;
        self.put_back(&targets).and_then(|()| self.keep()).map_err(|error| RewriteError::Halfway {
            path: self.paths.edit_journal(),
            error,
            journal: self.paths.edit_journal(),
        })
    }

    /// Settles what a killed driver left. `standing` is the state's [`crate::engine::State::edits_standing`].
    ///
    /// # Errors
    /// Those of the disk; nothing is lost, and the next start tries again.
    pub fn settle(&self, standing: usize) -> Result<Settled, RewriteError> {
        let journal = self.paths.edit_journal();
        let failed = |error| RewriteError::Failed { path: journal.clone(), error };
        let bytes = match self.disk.read(&journal) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settled::Nothing),
            Err(error) => return Err(failed(error)),
        };
        let Ok(intent) = serde_json::from_slice::<Intent>(&bytes) else {
            return self.conflict(Vec::new()).map_err(failed);
        };
        if intent.standing != standing {
            self.keep().map_err(failed)?;
            return Ok(Settled::Kept);
        }
        let Ok(targets) = self.targets(&intent.rewrites) else {
            let files = intent.rewrites.iter().map(|rewrite| rewrite.path.clone()).collect();
            return self.conflict(files).map_err(failed);
        };
        let mut held = Vec::new();
        for target in &targets {
            held.push(self.holds(target).map_err(failed)?);
        }
        if held.contains(&Holds::Other) {
            let others = targets.iter().zip(&held).filter(|(_, holds)| **holds == Holds::Other);
            let files = others.map(|(target, _)| target.rewrite.path.clone()).collect();
            return self.conflict(files).map_err(failed);
        }
        if !held.contains(&Holds::After) {
            for target in &targets {
                self.disk.remove(&target.beside).map_err(failed)?;
            }
            self.keep().map_err(failed)?;
            return Ok(Settled::TakenBack);
        }
        for (target, _) in targets.iter().zip(&held).filter(|(_, holds)| **holds == Holds::Before) {
            self.put(&target.file, &target.rewrite.after)
                .map_err(|error| RewriteError::Failed { path: target.file.clone(), error })?;
        }
        drop(targets);
        Ok(Settled::Written(Box::new(intent)))
    }

    /// Resolves the files of an edit; those that do not change are left out.
    fn targets<'r>(&self, rewrites: &'r [Rewrite]) -> Result<Vec<Target<'r>>, RewriteError> {
        let mut targets: Vec<Target<'r>> = Vec::new();
        for rewrite in rewrites.iter().filter(|rewrite| rewrite.before != rewrite.after) {
            let relative = Path::new(&rewrite.path);
            if relative.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
                return Err(RewriteError::Outside { path: rewrite.path.clone() });
            }
            let file = match fs::canonicalize(self.paths.project().join(relative)) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if !rewrite.before.is_empty() && !rewrite.after.is_empty() {
                        return Err(RewriteError::Changed { path: rewrite.path.clone() });
                    }
                    self.paths.project().join(relative)
                }
                Err(error) => return Err(RewriteError::Failed { path: relative.to_owned(), error }),
            };
            if targets.iter().any(|target| target.file == file) {
                return Err(RewriteError::Twice { path: rewrite.path.clone() });
            }
            targets.push(Target { rewrite, beside: disk::beside(&file), file });
        }
        Ok(targets)
    }

    fn check_unchanged(&self, target: &Target<'_>) -> Result<(), RewriteError> {
        let bytes = self
            .held(&target.file)
            .map_err(|error| RewriteError::Failed { path: target.file.clone(), error })?;
        if bytes == target.rewrite.before.as_bytes() {
            return Ok(());
        }
        let path = target.rewrite.path.clone();
        Err(match std::str::from_utf8(&bytes) {
            Ok(_) => RewriteError::Changed { path },
            Err(_) => RewriteError::NotText { path },
        })
    }

    /// What a file holds: nothing, where there is none.
    fn held(&self, file: &Path) -> io::Result<Vec<u8>> {
        match self.disk.read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            other => other,
        }
    }

    /// Gives a file a text as a whole; without a text there is no file.
    fn put(&self, file: &Path, text: &str) -> io::Result<()> {
        match text.is_empty() {
            true => self.disk.remove(file),
            false => disk::replace(self.disk, file, text.as_bytes(), Sync::Now),
        }
    }

    fn holds(&self, target: &Target<'_>) -> io::Result<Holds> {
        let bytes = self.held(&target.file)?;
        Ok(if bytes == target.rewrite.after.as_bytes() {
            Holds::After
        } else if bytes == target.rewrite.before.as_bytes() {
            Holds::Before
        } else {
            Holds::Other
        })
    }

    /// Puts every new text beside its file, then all of them in place: a full disk is noticed before a file changes.
    fn replace_all(&self, targets: &[Target<'_>]) -> Result<(), RewriteError> {
        let failed = |target: &Target<'_>, error| RewriteError::Failed { path: target.file.clone(), error };
        for target in targets.iter().filter(|target| !target.rewrite.after.is_empty()) {
            let mode = disk::mode_of(&target.file);
            let folder = target.file.parent().unwrap_or(self.paths.project());
            if !folder.is_dir() {
                self.disk.make_folder(folder).map_err(|error| failed(target, error))?;
            }
            self.disk
                .write(&target.beside, target.rewrite.after.as_bytes(), mode, Sync::Now)
                .map_err(|error| failed(target, error))?;
        }
        for target in targets {
            self.check_unchanged(target)?;
        }
        for target in targets {
            let placed = match target.rewrite.after.is_empty() {
                true => self.disk.remove(&target.file),
                false => self.disk.rename(&target.beside, &target.file, Sync::Now),
            };
            placed.map_err(|error| failed(target, error))?;
        }
        Ok(())
    }

    /// Puts everything back after a failure and says which failure it now is.
    fn undo_after(&self, failure: RewriteError, targets: &[Target<'_>]) -> RewriteError {
        if self.put_back(targets).and_then(|()| self.keep()).is_ok() {
            return failure;
        }
        let journal = self.paths.edit_journal();
        match failure {
            RewriteError::Failed { path, error } => RewriteError::Halfway { path, error, journal },
            other => RewriteError::Halfway {
                path: journal.clone(),
                error: io::Error::other(other.to_string()),
                journal,
            },
        }
    }

    /// Gives every file that holds the new text the old one, and removes what lies beside. A file that somebody else
    /// changed meanwhile is left alone: theirs is newer than ours.
    fn put_back(&self, targets: &[Target<'_>]) -> io::Result<()> {
        for target in targets {
            match self.holds(target)? {
                Holds::After => self.put(&target.file, &target.rewrite.before)?,
                Holds::Before | Holds::Other => self.disk.remove(&target.beside)?,
            }
        }
        Ok(())
    }

    /// Keeps the journal under a name of its own, derived from what it holds.
    fn conflict(&self, files: Vec<String>) -> io::Result<Settled> {
        let journal = self.paths.edit_journal();
        let digest = blake3::hash(&self.disk.read(&journal)?).to_hex();
        let kept = journal.with_extension(format!("conflict-{}", &digest[..8]));
        self.disk.rename(&journal, &kept, Sync::Now)?;
        Ok(Settled::Conflict { files, kept })
    }
}

#[cfg(test)]
mod tests;
