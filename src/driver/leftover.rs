//! Processes that outlived keeper and supervisor: found by the token in their environment, and ended.
//!
//! An agent that ignores the hangup of its terminal goes on writing files that its next attempt writes, too. The token
//! is a keyed hash that only this project makes and only this attempt's processes carry, so nothing else is signalled.
//! Looked for only when an attempt was lost. Where there is no `/proc`, nothing is found.

use crate::engine::AttemptKey;

/// An attempt whose processes are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lost {
    /// Which.
    pub(super) attempt: AttemptKey,
    /// Its token.
    pub(super) token: String,
}

/// Ends every process of these attempts: asks, waits at most two seconds for all of them together, then forces. Gives
/// how many there were.
#[cfg(target_os = "linux")]
pub(super) fn end(lost: &[Lost]) -> usize {
    linux::end(lost)
}

/// Without `/proc` nothing is found.
#[cfg(not(target_os = "linux"))]
pub(super) fn end(_lost: &[Lost]) -> usize {
    0
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::fd::OwnedFd;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

    use super::Lost;
    use crate::adapters::environment::{ATTEMPT, TOKEN};
    use crate::adapters::local::SUBCOMMAND;

    const GRACE: Duration = Duration::from_secs(2);

    pub(super) fn end(lost: &[Lost]) -> usize {
        if lost.is_empty() {
            return 0;
        }
        let found = find(lost);
        for process in &found {
            // Gone meanwhile, or not ours: neither is to be ended.
            let _ = pidfd_send_signal(process, Signal::TERM);
        }
        let deadline = Instant::now() + GRACE;
        for process in &found {
            if !gone_by(process, deadline) {
                let _ = pidfd_send_signal(process, Signal::KILL);
            }
        }
        found.len()
    }

    fn find(lost: &[Lost]) -> Vec<OwnedFd> {
        let marks: BTreeSet<Vec<u8>> = lost
            .iter()
            .flat_map(|lost| [format!("{ATTEMPT}={}", lost.attempt), format!("{TOKEN}={}", lost.token)])
            .map(String::into_bytes)
            .collect();
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Pid::from_raw)
            .filter(|pid| *pid != getpid())
            .filter_map(|pid| {
                // Opened before it is looked at: the number cannot be given to another process in between.
                let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
                let number = pid.as_raw_nonzero();
                let environment = fs::read(format!("/proc/{number}/environ")).ok()?;
                let carries =
                    environment.split(|byte| *byte == 0).filter(|line| marks.contains(*line)).count();
                (carries >= 2 && !is_control_room(number.get())).then_some(process)
            })
            .collect()
    }

    /// Whether a process is this program in another role than that of an agent. A room, a supervisor or a keeper that
    /// was started from within an agent's terminal carries the agent's environment and is not the agent's work.
    fn is_control_room(pid: i32) -> bool {
        let same = match (fs::read_link(format!("/proc/{pid}/exe")), fs::read_link("/proc/self/exe")) {
            (Ok(theirs), Ok(ours)) => theirs == ours,
            _ => false,
        };
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        same && arguments.split(|byte| *byte == 0).nth(1) != Some(SUBCOMMAND.as_bytes())
    }

    fn gone_by(process: &OwnedFd, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&timeout)).is_ok_and(|ready| ready > 0)
    }

    #[cfg(test)]
    mod tests {
        use std::process::{Child, Command, Stdio};

        use super::{ATTEMPT, Lost, TOKEN, end};
        use crate::engine::{AttemptKey, WaveKey};

        fn lost(token: &str) -> Lost {
            let wave = WaveKey { lane: "main".into(), number: 1 };
            Lost { attempt: AttemptKey { wave, agent: "A1".into(), number: 1 }, token: token.into() }
        }

        /// A process that says when it stands and then waits for the end of its input, deaf to SIGTERM.
        fn deaf(lost: &Lost) -> Child {
            let mut child = Command::new("/bin/sh")
                .args(["-c", "trap '' TERM HUP; echo up; cat"])
                .env(ATTEMPT, lost.attempt.to_string())
                .env(TOKEN, &lost.token)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut up = [0; 3];
            std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut up).unwrap();
            child
        }

        #[test]
        fn only_processes_with_the_token_are_ended() {
            let token = |name: &str| format!("{name}-{}", std::process::id());
            let (ours, theirs) = (lost(&token("ours")), lost(&token("theirs")));
            let mut leftover = deaf(&ours);
            let mut bystander = deaf(&theirs);
            assert!(end(&[ours]) >= 1, "the shell, and the cat that it started when that was quick enough");
            assert!(!leftover.wait().unwrap().success());
            assert!(bystander.try_wait().unwrap().is_none(), "another attempt's process is left alone");
            drop(bystander.stdin.take());
            assert!(bystander.wait().unwrap().success());
        }
    }
}
