//! What the tests of the keeper share: a real keeper process in a folder of its own, and waiting for conditions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wavedeck::session::Size;
use wavedeck::session::log::{LogReader, LogWriter};
use wavedeck::session::pty::{PtyRead, inherited_environment, read, write};
use wavedeck::supervisor::keeper::client::{AdoptedSession, KeeperClient, KeeperEvent, KeeperEvents};
use wavedeck::supervisor::keeper::place::KeeperPlace;
use wavedeck::supervisor::keeper::protocol::{OnShutdown, SpawnSession};
use wavedeck::supervisor::keeper::start::{connect, connect_or_start};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A project's folder with a keeper, ended with everything in it when the test is over.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    place: KeeperPlace,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("wdk").tempdir().unwrap();
        let place = KeeperPlace::new(folder.path(), &folder.path().join("keeper.sock"));
        Self { folder, place }
    }

    pub(crate) fn place(&self) -> &KeeperPlace {
        &self.place
    }

    pub(crate) fn connect(&self) -> (KeeperClient, KeeperEvents) {
        connect_or_start(&self.place, program()).unwrap()
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    pub(crate) fn log_end(&self, name: &str) -> u64 {
        LogReader::new(&self.log(name)).extent().unwrap().end
    }

    pub(crate) fn session(&self, name: &str, script: &str) -> SpawnSession {
        SpawnSession {
            name: name.to_owned(),
            label: format!("label of {name}"),
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            directory: self.folder.path().to_owned(),
            environment: inherited_environment(&[]),
            size: Size { columns: 80, rows: 24 },
            log_directory: self.log(name),
            metadata: serde_json::json!({ "attempt": name }),
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Ok(Some((client, _events))) = connect(&self.place) {
            let _ = client.shutdown(OnShutdown::End { grace_ms: 0 });
        }
    }
}

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_wavedeck"))
}

/// Looks again and again until `condition` holds.
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "never came true: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Reads the master until `wanted` was printed; gives everything read.
pub(crate) fn read_until(master: &OwnedFd, wanted: &str) -> String {
    let until = Instant::now() + PATIENCE;
    let mut text = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        match read(master, &mut buffer).unwrap() {
            PtyRead::Bytes(count) => text.extend_from_slice(&buffer[..count]),
            PtyRead::End => return String::from_utf8_lossy(&text).into_owned(),
            PtyRead::Nothing => {
                assert!(Instant::now() < until, "{wanted:?} never came: {}", String::from_utf8_lossy(&text));
                wait_readable(master);
            }
        }
        let so_far = String::from_utf8_lossy(&text);
        if !wanted.is_empty() && so_far.contains(wanted) {
            return so_far.into_owned();
        }
    }
}

pub(crate) fn wait_readable(master: &OwnedFd) {
    let second = Timespec { tv_sec: 1, tv_nsec: 0 };
    poll(&mut [PollFd::new(master, PollFlags::IN)], Some(&second)).unwrap();
}

pub(crate) fn type_text(session: &AdoptedSession, text: &str) {
    write(&session.master, text.as_bytes()).unwrap();
}

/// As a supervisor does: moves at least `wanted` bytes from the master to the log, or all there are to the end.
pub(crate) fn log_some(session: &AdoptedSession, wanted: usize) -> PtyRead {
    let mut log = LogWriter::open(&session.record.log_directory, Default::default()).unwrap();
    let mut buffer = [0; 4096];
    let mut done = 0;
    while done < wanted {
        match read(&session.master, &mut buffer).unwrap() {
            PtyRead::Bytes(count) => {
                log.append(&buffer[..count]).unwrap();
                done += count;
            }
            PtyRead::End => return PtyRead::End,
            PtyRead::Nothing => wait_readable(&session.master),
        }
    }
    PtyRead::Bytes(done)
}

/// Waits for the event that `wanted` picks; events before it are dropped.
pub(crate) fn wait_event<T>(events: &KeeperEvents, mut wanted: impl FnMut(&KeeperEvent) -> Option<T>) -> T {
    loop {
        let event = events.wait().expect("the connection ended before the event came");
        if let Some(found) = wanted(&event) {
            return found;
        }
        assert_ne!(event, KeeperEvent::Gone, "the connection ended before the event came");
    }
}

/// Running processes, zombies left out, with `needle` in their command line.
pub(crate) fn processes_with(needle: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap() {
        let name = entry.unwrap().file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // A zombie has no command line.
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&line).replace('\0', " ").contains(needle) {
            found.push(pid);
        }
    }
    found
}

/// Numbers of state and parent in `/proc/PID/stat`, when there is such a process.
pub(crate) fn state_and_parent(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
