//! A program that is waited for: with a limit, and ended with everything it started when that passes or somebody presses
//! Ctrl-C. It runs in a process group of its own, without a terminal.

use std::fs::File;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::{pipe, unregister};

use crate::adapters::Start;
use crate::session::pty::inherited_environment;

/// How long a program may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In all.
    pub(super) whole: Duration,
    /// To end when it is told to, before it is forced.
    pub(super) grace: Duration,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// With exit code 0.
    Well,
    /// Otherwise.
    Badly {
        /// Exit code or signal, in words.
        how: String,
    },
    /// Its time was over.
    Late,
    /// We were told to end.
    Interrupted,
}

/// Runs a program to its end.
///
/// # Errors
/// When it cannot be started or waited for.
pub(super) fn run(
    start: &Start,
    directory: &Path,
    output: File,
    complaints: File,
    limits: Limits,
) -> io::Result<Ended> {
    let Some((program, arguments)) = start.command.split_first() else {
        return Err(io::Error::other("its command line is empty"));
    };
    let input = match &start.stdin {
        Some(file) => Stdio::from(File::open(file)?),
        None => Stdio::null(),
    };
    let interrupts = Interrupts::hear()?;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(inherited_environment(&start.environment))
        .stdin(input)
        .stdout(output)
        .stderr(complaints)
        .process_group(0)
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    let group = Pid::from_child(&child);
    let process = pidfd_open(group, PidfdFlags::empty());
    let waited =
        process.map_err(io::Error::from).and_then(|process| wait(&process, &interrupts, limits.whole));
    let ended = match waited {
        Ok(Waited::Ended) => return child.wait().map(how),
        Ok(Waited::TimeOver) => Ok(Ended::Late),
        Ok(Waited::Interrupted) => Ok(Ended::Interrupted),
        Err(error) => Err(error),
    };
    end(&mut child, group, limits.grace)?;
    ended
}

fn how(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(0), _) => Ended::Well,
        (Some(code), _) => Ended::Badly { how: format!("exit code {code}") },
        (None, signal) => Ended::Badly { how: format!("signal {}", signal.unwrap_or_default()) },
    }
}

/// What a wait came to.
#[derive(Debug, PartialEq, Eq)]
enum Waited {
    Ended,
    TimeOver,
    Interrupted,
}

fn wait(process: &OwnedFd, interrupts: &Interrupts, limit: Duration) -> io::Result<Waited> {
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Waited::TimeOver);
        }
        let timeout = Timespec::try_from(left).ok();
        let mut descriptors =
            [PollFd::new(process, PollFlags::IN), PollFd::new(&interrupts.heard, PollFlags::IN)];
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [process, interrupted] = descriptors.map(|descriptor| !descriptor.revents().is_empty());
        if process {
            return Ok(Waited::Ended);
        }
        if interrupted {
            return Ok(Waited::Interrupted);
        }
    }
}

/// Ends the program and what it started, and takes its exit.
fn end(child: &mut Child, group: Pid, grace: Duration) -> io::Result<()> {
    // It may be gone already.
    let _ = kill_process_group(group, Signal::TERM);
    let deaf = UnixStream::pair()?;
    let quiet = Interrupts { heard: deaf.0, ids: Vec::new() };
    if let Ok(process) = pidfd_open(group, PidfdFlags::empty()) {
        wait(&process, &quiet, grace)?;
    }
    let _ = kill_process_group(group, Signal::KILL);
    child.wait().map(|_| ())
}

/// Hears the signals that ask this program to end, as long as it is there.
struct Interrupts {
    heard: UnixStream,
    ids: Vec<SigId>,
}

impl Interrupts {
    fn hear() -> io::Result<Interrupts> {
        let (heard, tell) = UnixStream::pair()?;
        let ids =
            [SIGINT, SIGTERM, SIGHUP].into_iter().map(|signal| pipe::register(signal, tell.try_clone()?));
        Ok(Interrupts { ids: ids.collect::<io::Result<_>>()?, heard })
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            unregister(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    use super::{Ended, Limits, run};
    use crate::adapters::Start;

    fn ended(script: &str, whole_ms: u64) -> (Ended, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| File::create(folder.path().join(name)).unwrap();
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let limits = Limits { whole: Duration::from_millis(whole_ms), grace: Duration::from_secs(5) };
        let start = Start { command, ..Start::default() };
        let ended = run(&start, folder.path(), file("out"), file("err"), limits).unwrap();
        (ended, std::fs::read_to_string(folder.path().join("out")).unwrap())
    }

    #[test]
    fn how_a_program_ends_is_told() {
        assert_eq!(ended("echo a", 60_000), (Ended::Well, "a\n".to_owned()));
        assert_eq!(ended("exit 3", 60_000).0, Ended::Badly { how: "exit code 3".to_owned() });
        assert_eq!(ended("kill -9 $$", 60_000).0, Ended::Badly { how: "signal 9".to_owned() });
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let (ended, printed) = ended("tail -f /dev/null & echo $!; wait", 300);
        assert_eq!(ended, Ended::Late);
        let pid = Pid::from_raw(printed.trim().parse().unwrap()).unwrap();
        // No such process: it is gone altogether.
        if let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) {
            let patience = Timespec { tv_sec: 30, tv_nsec: 0 };
            let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience)).unwrap();
            assert_eq!(ended, 1, "what it started lives on");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = || File::create(folder.path().join("x")).unwrap();
        let start = Start { command: vec!["/nowhere/planner".to_owned()], ..Start::default() };
        let limits = Limits { whole: Duration::from_secs(1), grace: Duration::from_secs(1) };
        let error = run(&start, folder.path(), file(), file(), limits).unwrap_err().to_string();
        assert!(error.contains("/nowhere/planner"), "{error}");
    }
}
