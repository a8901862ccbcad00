//! `lint --watch`: reads again what the system says has changed, and nothing else. A wave file costs one reading; a file
//! that all waves share costs all of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher as _};

use super::{FileFindings, Lint, counted, finding_view, say};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::driver::lane_files::{Changed, LaneFiles};
use crate::driver::paths::ProjectPaths;
use crate::plan::lane::Lane;
use crate::plan::wave::number_of;

/// How long after a change it is waited for more of them.
const QUIET: Duration = Duration::from_millis(100);
/// Changed paths that wait at most. Beyond it everything is read again.
const PATHS: usize = 256;

/// Something that changed.
enum Change {
    Path(PathBuf),
    /// The system does not say what, or more than can be kept.
    Anything,
}

/// Never returns but for a failure: the operator ends it.
pub(super) fn run(context: &Context, paths: &ProjectPaths) -> Result<u8, Failure> {
    let (sender, receiver) = sync_channel(PATHS);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| tell(&sender, event))
        .map_err(failed)?;
    let mut watched = BTreeSet::new();
    let mut files = LaneFiles::read(paths, &context.lane);
    follow(&mut watcher, &mut watched, &files)?;
    // What changed before it was watched is seen now.
    files.read_again(paths);
    let waves = files.sources().waves.iter().map(|file| file.path.clone());
    let every: BTreeSet<String> =
        waves.chain(files.lane().findings().map(|finding| finding.file.clone())).collect();
    print(context, files.lane(), &every)?;
    loop {
        let changed = match changes(&receiver, paths.project()) {
            Some(named) => files.read_files(paths, &named),
            None => files.read_again(paths),
        };
        match changed {
            Changed::Nothing => {}
            Changed::Waves(changed) => print(context, files.lane(), &changed)?,
            Changed::More(changed) => {
                for trouble in &files.loaded().trouble {
                    context.console.notice(trouble);
                }
                follow(&mut watcher, &mut watched, &files)?;
                if !changed.is_empty() {
                    print(context, files.lane(), &changed)?;
                }
            }
        }
    }
}

/// Watches the folders of these files, beside those that are watched already.
fn follow(
    watcher: &mut notify::RecommendedWatcher,
    watched: &mut BTreeSet<PathBuf>,
    files: &LaneFiles,
) -> Result<(), Failure> {
    for folder in files.loaded().folders.iter().filter(|folder| folder.is_dir()) {
        if watched.insert(folder.clone()) {
            watcher.watch(folder, RecursiveMode::NonRecursive).map_err(failed)?;
        }
    }
    Ok(())
}

fn failed(error: notify::Error) -> Failure {
    let message = format!("The wave files cannot be watched: {error}.");
    Failure::new(Kind::Io, message, "Run `wavedeck lint` without --watch.")
}

/// Called by the watcher's own thread. It never waits: what does not fit is told as anything.
fn tell(sender: &SyncSender<Change>, event: notify::Result<Event>) {
    use notify::event::{AccessKind, AccessMode, EventKind};
    let Ok(event) = event else { return offer(sender, Change::Anything) };
    // Reading is not changing: otherwise our own reading would wake us for ever.
    let is_reading =
        matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write));
    if is_reading {
        return;
    }
    for path in event.paths {
        offer(sender, Change::Path(path));
    }
}

fn offer(sender: &SyncSender<Change>, change: Change) {
    match sender.try_send(change) {
        // What waits there is more than one reading of everything costs; the receiver sees that it is full.
        Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) | Ok(()) => {}
    }
}

/// Waits for changes until they are over; their paths relative to the project, or `None` where everything is to be read.
fn changes(receiver: &Receiver<Change>, project: &Path) -> Option<BTreeSet<String>> {
    let mut named = Some(BTreeSet::new());
    let mut taken = 0;
    let mut next = receiver.recv().map_err(|_| RecvTimeoutError::Disconnected);
    while let Ok(change) = next {
        taken += 1;
        match change {
            Change::Path(path) if taken < PATHS => {
                let relative = path.strip_prefix(project).ok().and_then(Path::to_str);
                match (&mut named, relative) {
                    (Some(named), Some(relative)) => {
                        named.insert(relative.to_string());
                    }
                    // It lies elsewhere, such as the user's own settings.
                    _ => named = None,
                }
            }
            Change::Path(_) | Change::Anything => named = None,
        }
        next = receiver.recv_timeout(QUIET);
    }
    named
}

fn print(context: &Context, lane: &Lane, changed: &BTreeSet<String>) -> Result<(), Failure> {
    let waves = changed.iter().map(|path| FileFindings {
        wave: number_of(path),
        file: path,
        findings: lane.findings_of(path).into_iter().map(finding_view).collect(),
    });
    let (errors, warnings) = counted(lane.findings());
    let lint = Lint { waves: waves.collect(), errors, warnings };
    say(context, &lint, lane.files())?;
    context.console.event(&lint)
}
