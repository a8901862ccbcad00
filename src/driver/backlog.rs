//! Backlogs of others: finding and reading them, once or whenever they change. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::answer::{Trouble, refused};
use super::request::Reply;
use super::run::Driver;
use super::setup::DriverError;
use crate::engine::fact::What;
use crate::engine::{Input, Refused};
use crate::plan::backlog::import::{Imported, Reading, cleo, json};
use crate::plan::backlog::{Source, SourceKind, TaskEdit, TaskId};
use crate::store::cleo as stores;

/// Largest JSON file that is read: a hundred thousand tasks have half of it.
const JSON_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Where CLEO kept its tasks before it had a database, the newest place first.
const EARLY_PLACES: [&str; 2] = [".cleo/todo.json", ".claude/todo.json"];

/// Who says what a followed source says now.
const FOLLOWING: &str = "wavedeck";

/// First bytes of every SQLite database.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Why a backlog was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ImportError {
    /// Neither a store nor an early file of CLEO is there.
    #[error("there is no backlog of CLEO in {}: looked for {}", folder.display(), places().join(", "))]
    Nothing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The file cannot be read.
    #[error("{} cannot be read: {detail}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A store cannot be read.
    #[error("{0}")]
    Store(#[from] stores::CleoError),
    /// A text is no backlog.
    #[error("{} is no backlog: {error}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// Why.
        error: json::JsonError,
    },
}

fn places() -> Vec<&'static str> {
    stores::PLACES.into_iter().chain(EARLY_PLACES).collect()
}

/// The file of a backlog: `path` itself if it is a file; of a folder the first of CLEO's places that is there, the ones
/// that hold tasks first.
///
/// # Errors
/// When there is none.
fn locate(path: &Path) -> Result<PathBuf, ImportError> {
    let path = fs::canonicalize(path)
        .map_err(|error| ImportError::Unreadable { path: path.to_owned(), detail: error.to_string() })?;
    if !path.is_dir() {
        return Ok(path);
    }
    // The folder `.cleo` itself is as good as the project around it.
    let project = match path.parent() {
        Some(parent) if path.file_name().is_some_and(|name| name == ".cleo") => parent,
        Some(_) | None => &path,
    };
    if let Some(store) = stores::store_of(project)? {
        return Ok(store);
    }
    let early = EARLY_PLACES.iter().map(|place| project.join(place)).find(|path| path.is_file());
    early.ok_or_else(|| ImportError::Nothing { folder: project.to_owned() })
}

/// Everything that a backlog says.
///
/// # Errors
/// [`ImportError`].
fn read(path: &Path) -> Result<Reading, ImportError> {
    let unreadable =
        |error: io::Error| ImportError::Unreadable { path: path.to_owned(), detail: error.to_string() };
    if is_database(path).map_err(unreadable)? {
        return Ok(cleo::reading(&stores::read(path)?));
    }
    if path.metadata().map_err(unreadable)?.len() > JSON_BYTES_MAX {
        let detail = format!("it is larger than {} MiB", JSON_BYTES_MAX / 1024 / 1024);
        return Err(ImportError::Unreadable { path: path.to_owned(), detail });
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    json::reading(&text).map_err(|error| ImportError::Text { path: path.to_owned(), error })
}

fn is_database(path: &Path) -> io::Result<bool> {
    use std::io::Read;
    let mut first = Vec::new();
    fs::File::open(path)?.take(SQLITE.len() as u64).read_to_end(&mut first)?;
    Ok(first == SQLITE)
}

/// Backlogs that are read again when they change.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// What each looked like when it was last read, by path.
    stamps: BTreeMap<String, Stamp>,
}

type Stamp = Vec<Option<(u64, SystemTime)>>;

impl Followed {
    /// Notes that a backlog was read as it is now. To be called before reading, so that no change between is missed.
    fn read_now(&mut self, path: &str) {
        self.stamps.insert(path.to_owned(), stores::stamp(Path::new(path)));
    }

    /// Forgets that a backlog was read.
    fn forget(&mut self, path: &str) {
        self.stamps.remove(path);
    }

    /// Of these sources those that are followed and look otherwise than when they were last read.
    fn changed(&self, sources: &[Source]) -> Vec<Source> {
        let changed = |source: &&Source| {
            source.follow && self.stamps.get(&source.path) != Some(&stores::stamp(Path::new(&source.path)))
        };
        sources.iter().filter(changed).cloned().collect()
    }
}

/// Folders in which a change may mean that one of these sources has to be read again.
pub(super) fn folders(sources: &[Source]) -> Vec<PathBuf> {
    let followed = sources.iter().filter(|source| source.follow);
    followed.filter_map(|source| Path::new(&source.path).parent()).map(Path::to_owned).collect()
}

impl Driver {
    /// Reads somebody else's backlog and says what it holds.
    pub(super) fn import(
        &mut self,
        kind: SourceKind,
        path: Option<String>,
        follow: bool,
        by: String,
    ) -> Result<Reply, Trouble> {
        let given = path.map_or_else(|| self.setup.paths.project().to_owned(), PathBuf::from);
        let path = locate(&given)?;
        let Some(path_text) = path.to_str() else {
            let reason = format!("the path {} is no UTF-8", path.display());
            return Err(refused(reason, "rename the file or a folder above it"));
        };
        let source = Source { kind, path: path_text.to_owned(), follow };
        self.followed.read_now(&source.path);
        let reading = read(&path)?;
        let mut imported = Imported {
            source: source.path.clone(),
            following: follow,
            records: reading.tasks.len(),
            dependencies: reading.dependencies(),
            notes: reading.notes,
            ..Imported::default()
        };
        let known: BTreeSet<TaskId> = self.state.backlog.tasks().map(|task| task.id.clone()).collect();
        let heard = self.heard(Input::BacklogRead { source, records: reading.tasks, by })?;
        for fact in &heard.facts {
            if let What::BacklogImported { upserts, removals, .. } = &fact.what {
                let changed = upserts.iter().filter(|task| known.contains(&task.id)).count();
                imported.changed += changed;
                imported.added += upserts.len() - changed;
                imported.removed += removals.len();
            }
        }
        imported.odd = heard.notes;
        // From here on its folder is watched.
        self.read_sources();
        self.follow_documents()?;
        Ok(Reply::Imported(Box::new(imported)))
    }

    /// Reads every followed backlog again that changed. One that cannot be read stays as it was, and that is told.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn follow_backlogs(&mut self) -> Result<(), DriverError> {
        for source in self.followed.changed(self.state.backlog.sources()) {
            self.followed.read_now(&source.path);
            match read(Path::new(&source.path)) {
                Ok(reading) => {
                    let (path, by) = (source.path.clone(), FOLLOWING.to_owned());
                    let said = self.say(Input::BacklogRead { source, records: reading.tasks, by });
                    if said.is_err() {
                        // It is not on record, so it is to be read again.
                        self.followed.forget(&path);
                    }
                    said?;
                }
                Err(error) => {
                    let text = format!("The backlog stays as it was: {error}.");
                    self.notice(text, true);
                }
            }
        }
        Ok(())
    }

    /// Edits the backlog and says what came of it.
    pub(super) fn edit_backlog(&mut self, edit: TaskEdit, by: String) -> Result<Reply, Trouble> {
        let changed = match &edit {
            TaskEdit::Add { .. } => None,
            TaskEdit::Change { id, .. } => Some(id.clone()),
        };
        let heard = self.heard(Input::EditBacklog { edit, by })?;
        self.follow_documents()?;
        let added = heard.facts.iter().find_map(|fact| match &fact.what {
            What::TaskAdded { task, .. } => Some(task.id.clone()),
            _ => None,
        });
        let nothing = || Refused::new("the edit came to nothing", "try again");
        let (task, did) = match (added, changed) {
            (Some(id), _) => (id, "is added"),
            (None, Some(id)) if heard.facts.is_empty() => (id, "is as it was"),
            (None, Some(id)) => (id, "is changed"),
            (None, None) => return Err(nothing().into()),
        };
        let message = format!("{task} {did}");
        Ok(Reply::Edited { task, message, notes: heard.notes })
    }
}

impl From<ImportError> for Trouble {
    fn from(error: ImportError) -> Trouble {
        let hint = match &error {
            ImportError::Nothing { .. } => "name the database or JSON file: `wavedeck import cleo PATH`",
            ImportError::Unreadable { .. } => "look at the path and the file's permissions",
            ImportError::Store(_) => "nothing of it was changed; look whether CLEO itself can read it",
            ImportError::Text { .. } => {
                "a backlog is a list of objects with an id each, or an object with such a list under `tasks`"
            }
        };
        refused(error.to_string(), hint)
    }
}
