//! Watches the folders in which authored files lie, so that what somebody else edits is read again.
//!
//! The system tells; nothing is polled. (`notify-debouncer-full` would wake four times per period for ever, so what
//! comes in bursts is gathered by the driver's own timer.) One pending signal is enough, since everything is read
//! again: further ones are dropped while it waits.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// How long after a change it is waited for more before files are read again.
pub(super) const QUIET_MS: u64 = 100;

/// Watches folders, not what is below them.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    documents: Arc<Mutex<BTreeSet<PathBuf>>>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// A watch that watches nothing yet, and where its signals arrive. `project` and `own` (the folder `.wavedeck`) are
    /// busy places: of what lies directly in them only settings, backlogs and followed documents count.
    pub(super) fn new(project: &Path, own: &Path) -> notify::Result<(Watch, Receiver<()>)> {
        let (sender, receiver) = mpsc::channel(1);
        let (project, own) = (project.to_owned(), own.to_owned());
        let documents = Arc::new(Mutex::new(BTreeSet::new()));
        let followed = Arc::clone(&documents);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let documents = followed.lock().unwrap_or_else(PoisonError::into_inner);
            if concerns(&event, &project, &own, &documents) {
                signal(&sender);
            }
        })?;
        Ok((Watch { watcher, documents, watched: BTreeSet::new() }, receiver))
    }

    /// Takes changes of these files seriously, wherever they lie. Their folders are to be watched, too.
    pub(super) fn documents(&mut self, files: BTreeSet<PathBuf>) {
        *self.documents.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// Watches exactly these folders from now on; for one that is not there, the nearest one above it that is. Gives
    /// those that could not be watched, with the reason.
    pub(super) fn folders(&mut self, folders: &[PathBuf]) -> Vec<String> {
        let mut wanted = BTreeSet::new();
        for folder in folders {
            if let Some(there) = folder.ancestors().find(|folder| folder.is_dir()) {
                wanted.insert(there.to_owned());
            }
        }
        for gone in self.watched.difference(&wanted) {
            // It may be gone from the disk, and its watch with it.
            let _ = self.watcher.unwatch(gone);
        }
        let mut failed = Vec::new();
        for new in wanted.difference(&self.watched) {
            if let Err(error) = self.watcher.watch(new, RecursiveMode::NonRecursive) {
                failed.push(format!("{}: {error}", new.display()));
            }
        }
        self.watched = wanted;
        failed
    }
}

/// Whether an event may mean that an authored file changed. Reading is not changing: otherwise our own reading would
/// wake us for ever.
fn concerns(
    event: &notify::Result<Event>,
    project: &Path,
    own: &Path,
    documents: &BTreeSet<PathBuf>,
) -> bool {
    let Ok(event) = event else { return true };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => {}
    }
    event.paths.is_empty()
        || event.paths.iter().any(|path| {
            let name = path.file_name().unwrap_or_default();
            match path.parent() {
                Some(folder) if folder == project => {
                    of_a_project(path) || documents.contains(path) || path.is_dir()
                }
                Some(folder) if folder == own => name == "config.toml",
                _ => true,
            }
        })
}

/// Whether a file directly in the project may be read: the configuration, or a backlog that is followed.
fn of_a_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["json", "db", "db-wal"].iter().any(|known| extension == *known))
}

/// One signal waits at most; a full channel has one already, a closed one has nobody to tell.
fn signal(sender: &Sender<()>) {
    let _ = sender.try_send(());
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use notify::Event;
    use notify::event::{AccessKind, AccessMode, EventKind};

    use super::{Watch, concerns};

    /// Waits for a signal; an answer within the time is what the test is about, so a slow machine gets a long one.
    async fn heard(receiver: &mut tokio::sync::mpsc::Receiver<()>) -> bool {
        tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await.is_ok_and(|got| got.is_some())
    }

    #[tokio::test]
    async fn a_saved_and_a_replaced_file_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let project = fs::canonicalize(folder.path()).unwrap();
        let waves = project.join("docs/waves");
        fs::create_dir_all(&waves).unwrap();
        fs::write(waves.join("wave-0.md"), "a").unwrap();
        let (mut watch, mut receiver) = Watch::new(&project, &project.join(".wavedeck")).unwrap();
        assert_eq!(watch.folders(std::slice::from_ref(&waves)), Vec::<String>::new());

        fs::write(waves.join("wave-0.md"), "b").unwrap();
        assert!(heard(&mut receiver).await);
        fs::write(waves.join("new"), "c").unwrap();
        fs::rename(waves.join("new"), waves.join("wave-0.md")).unwrap();
        assert!(heard(&mut receiver).await);
    }

    #[test]
    fn reading_and_what_lies_beside_the_settings_say_nothing() {
        let (project, own) = (Path::new("/p"), Path::new("/p/.wavedeck"));
        let documents = [PathBuf::from("/p/NEXT.md")].into();
        let event = |kind, path: &str| Ok(Event::new(kind).add_path(path.into()));
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let opened = EventKind::Access(AccessKind::Open(AccessMode::Any));
        for (kind, path, expected) in [
            (written, "/p/docs/waves/wave-0.md", true),
            (opened, "/p/docs/waves/wave-0.md", false),
            (written, "/p/wave.config.json", true),
            (written, "/p/tasks.json", true),
            (written, "/p/notes.txt", false),
            (written, "/p/NEXT.md", true),
            (opened, "/p/NEXT.md", false),
            (written, "/p/.wavedeck/config.toml", true),
            (written, "/p/.wavedeck/wavedeck.db-wal", false),
        ] {
            assert_eq!(concerns(&event(kind, path), project, own, &documents), expected, "{kind:?} {path}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_yet_is_awaited_in_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        let project = fs::canonicalize(folder.path()).unwrap();
        let (mut watch, mut receiver) = Watch::new(&project, &project.join(".wavedeck")).unwrap();
        watch.folders(&[project.join("docs/waves")]);
        fs::create_dir(project.join("docs")).unwrap();
        assert!(heard(&mut receiver).await);
        watch.folders(&[project.join("docs/waves")]);
        fs::create_dir(project.join("docs/waves")).unwrap();
        assert!(heard(&mut receiver).await);
    }
}
