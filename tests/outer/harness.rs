//! A person at a terminal, as a program: starts the real binary in a real pseudo-terminal, types, and waits until the
//! drawn screen shows what it should. Nothing here sleeps: it waits for bytes, and on a time-out it shows the screen and
//! the supervisor's log.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};
use wavedeck::session::Size;
use wavedeck::session::pty::{self, PtyRead, SpawnCommand, StartInPty, SystemPty};
use wavedeck::session::terminal::{Terminal, TerminalOptions};

/// How long a condition may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project in a folder of its own; its supervisor, keeper and agents end with it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty folder with a git repository in it.
    pub(crate) fn new() -> Place {
        let place = Place::empty();
        let git = Command::new("git").args(["init", "-q"]).current_dir(place.path()).output().unwrap();
        assert!(git.status.success(), "git init: {}", String::from_utf8_lossy(&git.stderr));
        place
    }

    /// A copy of `tests/fixtures/waves/repo`, as a git repository.
    pub(crate) fn with_fixture_waves() -> Place {
        let place = Place::new();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/waves/repo");
        copy_folder(&fixture, place.path());
        place
    }

    /// The demo's project, its waves launched, without a room.
    pub(crate) fn with_running_demo() -> Place {
        let place = Place::empty();
        let folder = place.path().to_string_lossy().into_owned();
        place.run_to(0, &["demo", "--dir", &folder, "--detached"]);
        place
    }

    fn empty() -> Place {
        Place { folder: tempfile::Builder::new().prefix("wd").tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The real program, in this project, with agents at a quick pace.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wavedeck"));
        command.arg("--project-dir").arg(self.path()).args(arguments).current_dir(self.path());
        for (name, value) in environment() {
            command.env(name, value);
        }
        command.stdin(std::process::Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command to its end; it must exit with `code`. Gives its standard output.
    pub(crate) fn run_to(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "wavedeck {arguments:?}\nstdout: {out}\nstderr: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.supervisor_log()
        );
        out
    }

    /// Process ids of this project's processes by their part (`serve`, `keep`), from their lock files.
    pub(crate) fn process(&self, lock: &str) -> Option<u32> {
        std::fs::read_to_string(self.path().join(".wavedeck").join(lock)).ok()?.trim().parse().ok()
    }

    pub(crate) fn supervisor_log(&self) -> String {
        let log = std::fs::read_to_string(self.path().join(".wavedeck/supervisor.log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(30).collect();
        format!("--- supervisor.log\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }

    /// `wavedeck demo`, with this folder as home and as the place for temporary folders.
    pub(crate) fn demo(&self) -> Room {
        let folder = self.path().to_string_lossy().into_owned();
        let own = [("HOME", &folder), ("XDG_STATE_HOME", &folder), ("TMPDIR", &folder)]
            .map(|(name, value)| (name.to_owned(), value.clone()));
        let command = vec![env!("CARGO_BIN_EXE_wavedeck").to_owned(), "demo".to_owned()];
        Room::run(self, command, &own, Size { columns: 120, rows: 40 })
    }

    /// A room in this project.
    pub(crate) fn room(&self, arguments: &[&str], columns: u16, rows: u16) -> Room {
        Room::start(self, arguments, Size { columns, rows })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.run(&["stop", "--agents", "--yes"]);
    }
}

fn environment() -> Vec<(String, String)> {
    [
        ("WAVEDECK_LOCAL_PACE", "fast"),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The room in a terminal of its own.
pub(crate) struct Room {
    master: OwnedFd,
    terminal: Terminal,
    pub(crate) pid: u32,
    log: PathBuf,
    open: bool,
}

impl Room {
    fn start(place: &Place, arguments: &[&str], size: Size) -> Room {
        let mut command = vec![
            env!("CARGO_BIN_EXE_wavedeck").to_owned(),
            "--project-dir".to_owned(),
            place.path().to_string_lossy().into_owned(),
        ];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        Room::run(place, command, &[], size)
    }

    fn run(place: &Place, command: Vec<String>, more: &[(String, String)], size: Size) -> Room {
        let variables = [environment(), more.to_vec()].concat();
        let spawned = SystemPty
            .spawn(&SpawnCommand {
                command,
                directory: place.path().to_owned(),
                environment: pty::inherited_environment(&variables),
                size,
            })
            .unwrap();
        Room {
            master: spawned.master,
            terminal: Terminal::new(size, TerminalOptions::default()),
            pid: spawned.pid,
            log: place.path().join(".wavedeck/supervisor.log"),
            open: true,
        }
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.terminal.screen_text().join("\n")
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        let mut rest = keys.as_bytes();
        while !rest.is_empty() {
            match pty::write(&self.master, rest).unwrap() {
                pty::PtyWrite::Bytes(count) => rest = &rest[count..],
                pty::PtyWrite::Full => self.wait(PollFlags::OUT, Duration::from_secs(5)),
                pty::PtyWrite::End => panic!("the room is gone\n{}", self.text()),
            }
        }
    }

    /// Waits until the screen contains a text.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) {
        self.until_screen(text, |screen| screen.contains(text));
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(crate) fn until_screen(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(&self.text()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.open {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                panic!("waited for: {what}\n--- screen\n{}\n--- supervisor.log\n{log}", self.text());
            }
            self.wait(PollFlags::IN, left);
            self.read();
        }
    }

    /// Waits until the program in the terminal has ended.
    pub(crate) fn until_gone(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.open {
            assert!(Instant::now() < deadline, "the room does not end\n{}", self.text());
            self.wait(PollFlags::IN, Duration::from_secs(1));
            self.read();
        }
    }

    /// Ends the room as a crash would.
    pub(crate) fn kill(&mut self) {
        kill(self.pid);
        self.until_gone();
    }

    fn wait(&self, flags: PollFlags, at_most: Duration) {
        let timeout = Timespec { tv_sec: at_most.as_secs() as i64, tv_nsec: at_most.subsec_nanos().into() };
        let _ = poll(&mut [PollFd::new(&self.master, flags)], Some(&timeout));
    }

    fn read(&mut self) {
        let mut buffer = [0; 4096];
        loop {
            match pty::read(&self.master, &mut buffer) {
                Ok(PtyRead::Bytes(count)) => self.terminal.feed(&buffer[..count]),
                Ok(PtyRead::Nothing) => break,
                Ok(PtyRead::End) | Err(_) => {
                    self.open = false;
                    break;
                }
            }
        }
        let replies = self.terminal.take_replies();
        if !replies.is_empty() && self.open {
            let _ = pty::write(&self.master, &replies);
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.open {
            kill(self.pid);
        }
    }
}

/// kill -9 of one process.
pub(crate) fn kill(pid: u32) {
    if let Some(pid) = rustix::process::Pid::from_raw(pid as i32) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// Waits until a process has ended.
pub(crate) fn until_ended(pid: u32) {
    let Some(pid) = rustix::process::Pid::from_raw(pid as i32) else { return };
    // No such process: it has ended already.
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    let timeout = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&timeout)).unwrap();
    assert!(ended > 0, "process {pid:?} does not end");
}

/// Whether a process is there and no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}
