//! Watches the folders in which authored files lie, so that what somebody else edits is read again.
//!
//! The system tells; nothing is polled. (`notify-debouncer-full` would wake four times per period for ever, so what
//! comes in bursts is gathered by the driver's own timer.) What does not fit is dropped, and who takes so many touches at
//! once knows by their number that some may be missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{self, Receiver};

/// How long after a change it is waited for more before files are read again.
pub(super) const QUIET_MS: u64 = 100;

/// Touches that wait at most.
const TOUCHES: usize = 256;

/// Something that may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touch {
    /// This file or folder.
    Path(PathBuf),
    /// The system does not say what.
    Anything,
}

/// What was touched since files were read.
#[derive(Debug, Default)]
pub(super) struct Touched {
    paths: BTreeSet<PathBuf>,
    taken: usize,
    is_anything: bool,
}

impl Touched {
    /// Takes a touch.
    pub(super) fn add(&mut self, touch: Touch) {
        self.taken += 1;
        match touch {
            Touch::Path(path) if self.taken < TOUCHES => {
                self.paths.insert(path);
            }
            Touch::Path(_) | Touch::Anything => self.is_anything = true,
        }
    }

    /// Takes what waits.
    pub(super) fn add_waiting(&mut self, touches: &mut Receiver<Touch>) {
        for _ in 0..TOUCHES {
            let Ok(touch) = touches.try_recv() else { return };
            self.add(touch);
        }
    }

    /// The touched paths, relative to the project; `None` when anything may have been touched.
    pub(super) fn files(&self, project: &Path) -> Option<BTreeSet<String>> {
        let relative = |path: &PathBuf| Some(path.strip_prefix(project).ok()?.to_str()?.to_owned());
        if self.is_anything { None } else { self.paths.iter().map(relative).collect() }
    }
}

/// Watches folders, not what is below them.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    documents: Arc<Mutex<BTreeSet<PathBuf>>>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// A watch that watches nothing yet, and where touches arrive. `project` and `own` (the folder `.wavedeck`) are
    /// busy places: of what lies directly in them only settings, backlogs and followed documents count.
    pub(super) fn new(project: &Path, own: &Path) -> notify::Result<(Watch, Receiver<Touch>)> {
        let (sender, receiver) = mpsc::channel(TOUCHES);
        let (project, own) = (project.to_owned(), own.to_owned());
        let documents = Arc::new(Mutex::new(BTreeSet::new()));
        let followed = Arc::clone(&documents);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let documents = followed.lock().unwrap_or_else(PoisonError::into_inner);
            for touch in touches(event, &project, &own, &documents) {
                // One that does not fit is missed by number; a closed channel has nobody to tell.
                let _ = sender.try_send(touch);
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

/// What an event may have touched of what authors write. Reading touches nothing: otherwise our own reading would wake us
/// for ever.
fn touches(
    event: notify::Result<Event>,
    project: &Path,
    own: &Path,
    documents: &BTreeSet<PathBuf>,
) -> Vec<Touch> {
    let Ok(event) = event else { return vec![Touch::Anything] };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return Vec::new(),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => {}
    }
    if event.paths.is_empty() {
        return vec![Touch::Anything];
    }
    let counts = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        match path.parent() {
            Some(folder) if folder == project => {
                of_a_project(path) || documents.contains(path) || path.is_dir()
            }
            Some(folder) if folder == own => name == "config.toml",
            _ => true,
        }
    };
    event.paths.into_iter().filter(counts).map(Touch::Path).collect()
}

/// Whether a file directly in the project may be read: the configuration, or a backlog that is followed.
fn of_a_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["json", "db", "db-wal"].iter().any(|known| extension == *known))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use notify::Event;
    use notify::event::{AccessKind, AccessMode, EventKind};

    use super::{TOUCHES, Touch, Touched, Watch, touches};

    /// Waits for a signal; an answer within the time is what the test is about, so a slow machine gets a long one.
    async fn heard(receiver: &mut tokio::sync::mpsc::Receiver<Touch>) -> bool {
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
            let found = touches(event(kind, path), project, own, &documents);
            assert_eq!(!found.is_empty(), expected, "{kind:?} {path}");
        }
        assert_eq!(touches(Ok(Event::new(EventKind::Other)), project, own, &documents), [Touch::Anything]);
    }

    #[test]
    fn touches_are_gathered_until_there_are_too_many() {
        let project = Path::new("/p");
        let wave = || Touch::Path("/p/docs/wave-0.md".into());
        let mut touched = Touched::default();
        touched.add(wave());
        touched.add(wave());
        assert_eq!(touched.files(project), Some(["docs/wave-0.md".to_owned()].into()));
        assert_eq!(touched.files(Path::new("/q")), None, "what lies elsewhere has no name here");
        for _ in 0..TOUCHES {
            touched.add(wave());
        }
        assert_eq!(touched.files(project), None);
        let mut touched = Touched::default();
        touched.add(Touch::Anything);
        assert_eq!(touched.files(project), None);
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
