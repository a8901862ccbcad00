//! Ending what a session started: SIGTERM to all of it, SIGKILL to what is left when the grace is over.
//!
//! Each process is watched by a pidfd, which tells when it is gone and makes sure that a signal reaches the process that
//! was looked at and none that got its number since. When all that were told are gone, the tree is looked at again for
//! what they started in between.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::descendants::{ProcessIdentity, Scope, find, is_there, wants_hangup};

/// Looks at the tree in one go while killing; what forks faster than this is met again when a killed one is gone.
const KILL_ROUNDS: usize = 32;

/// What is not gone so long after SIGKILL hangs in the kernel; it is given up.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// When to look again while there is no descriptor left to watch a process by.
const UNWATCHED_RECHECK: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Terminating,
    Killing,
}

/// One ending under way.
#[derive(Debug)]
pub(super) struct Ending {
    keeper: u32,
    scope: Scope,
    stage: Stage,
    /// End of the grace; then of the patience.
    deadline: Instant,
    watched: HashMap<ProcessIdentity, OwnedFd>,
    /// Told, and not watched for want of a descriptor.
    unwatched: HashMap<ProcessIdentity, Stage>,
    /// They run as another user.
    untouchable: HashSet<ProcessIdentity>,
}

/// Where an ending stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Something is left. Go on when a watched one is gone, or at the deadline.
    UnderWay,
    /// Nothing is left but so many that cannot be ended.
    Complete {
        /// How many.
        left: usize,
    },
}

impl Ending {
    /// An ending that signals nothing yet; [`Ending::advance`] does.
    pub(super) fn new(keeper: u32, scope: Scope, grace: Duration, now: Instant) -> Self {
        Self {
            keeper,
            scope,
            stage: Stage::Terminating,
            deadline: now.checked_add(grace).unwrap_or(now),
            watched: HashMap::new(),
            unwatched: HashMap::new(),
            untouchable: HashSet::new(),
        }
    }

    /// The session's child is gone for good: its number may be another's from now on.
    pub(super) fn leader_reaped(&mut self, pid: u32) {
        if let Scope::Session { leader, leader_held, .. } = &mut self.scope
            && *leader == pid
        {
            *leader_held = false;
        }
    }

    /// Less grace than before, never more.
    pub(super) fn hurry(&mut self, grace: Duration, now: Instant) {
        if self.stage == Stage::Terminating {
            self.deadline = self.deadline.min(now.checked_add(grace).unwrap_or(now));
        }
    }

    /// Readable when that process is gone.
    pub(super) fn watched(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.watched.values().map(AsFd::as_fd)
    }

    /// How many processes were told and are not known to be gone.
    pub(super) fn told_count(&self) -> usize {
        self.watched.len() + self.unwatched.len()
    }

    /// When to go on at the latest.
    pub(super) fn next_deadline(&self, now: Instant) -> Instant {
        if self.unwatched.is_empty() { self.deadline } else { self.deadline.min(now + UNWATCHED_RECHECK) }
    }

    /// Goes on: at the beginning, when a watched process is gone, and at the deadline.
    pub(super) fn advance(&mut self, now: Instant) -> io::Result<Progress> {
        self.watched.retain(|_, descriptor| !is_gone(descriptor));
        self.unwatched.retain(|process, _| is_there(*process));
        let mut look = self.watched.is_empty();
        if now >= self.deadline {
            match self.stage {
                Stage::Terminating => self.begin_killing(now),
                Stage::Killing => {
                    let left = self.told_count() + self.untouchable.len();
                    return Ok(Progress::Complete { left });
                }
            }
            look = true;
        }
        if look {
            let rounds = if self.stage == Stage::Killing { KILL_ROUNDS } else { 1 };
            for _ in 0..rounds {
                if self.tell_new_ones()? == 0 {
                    break;
                }
            }
        }
        Ok(if self.told_count() > 0 {
            Progress::UnderWay
        } else {
            Progress::Complete { left: self.untouchable.len() }
        })
    }

    fn begin_killing(&mut self, now: Instant) {
        self.stage = Stage::Killing;
        self.deadline = now + KILL_PATIENCE;
        for (process, descriptor) in std::mem::take(&mut self.watched) {
            match signal(process, Some(&descriptor), Signal::KILL) {
                Told::Yes => _ = self.watched.insert(process, descriptor),
                Told::NotAllowed => _ = self.untouchable.insert(process),
            }
        }
    }

    /// Signals what is there and was not told before in this stage; gives how many that were.
    fn tell_new_ones(&mut self) -> io::Result<usize> {
        let mut told = 0;
        for process in find(self.keeper, &self.scope)? {
            if self.watched.contains_key(&process)
                || self.unwatched.get(&process) == Some(&self.stage)
                || self.untouchable.contains(&process)
            {
                continue;
            }
            let descriptor = match watch(process) {
                Watch::Gone => continue,
                Watch::By(descriptor) => Some(descriptor),
                Watch::Impossible => None,
            };
            match (self.tell(process, descriptor.as_ref()), descriptor) {
                (Told::NotAllowed, _) => _ = self.untouchable.insert(process),
                (Told::Yes, Some(descriptor)) => _ = self.watched.insert(process, descriptor),
                (Told::Yes, None) => _ = self.unwatched.insert(process, self.stage),
            }
            told += 1;
        }
        Ok(told)
    }

    fn tell(&self, process: ProcessIdentity, descriptor: Option<&OwnedFd>) -> Told {
        match self.stage {
            Stage::Killing => signal(process, descriptor, Signal::KILL),
            Stage::Terminating => {
                let polite = if wants_hangup(process.pid) { Signal::HUP } else { Signal::TERM };
                let told = signal(process, descriptor, polite);
                // A stopped process hears nothing until it goes on.
                signal(process, descriptor, Signal::CONT);
                told
            }
        }
    }
}

enum Watch {
    By(OwnedFd),
    Gone,
    Impossible,
}

fn watch(process: ProcessIdentity) -> Watch {
    let Some(pid) = pid_of(process) else { return Watch::Gone };
    match pidfd_open(pid, PidfdFlags::empty()) {
        // Only now is the number held; so only now can be told whether it is still the same process.
        Ok(descriptor) if is_there(process) && !is_gone(&descriptor) => Watch::By(descriptor),
        Ok(_) | Err(Errno::SRCH) => Watch::Gone,
        Err(_) => Watch::Impossible,
    }
}

/// A pidfd becomes readable when the last thread of its process is gone.
fn is_gone(descriptor: &OwnedFd) -> bool {
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut [PollFd::new(descriptor, PollFlags::IN)], Some(&at_once)).is_ok_and(|ready| ready > 0)
}

enum Told {
    /// Or it is gone, and need not be.
    Yes,
    NotAllowed,
}

fn signal(process: ProcessIdentity, descriptor: Option<&OwnedFd>, signal: Signal) -> Told {
    let result = match (descriptor, pid_of(process)) {
        (Some(descriptor), _) => pidfd_send_signal(descriptor, signal),
        (None, Some(pid)) => rustix::process::kill_process(pid, signal),
        (None, None) => Ok(()),
    };
    if result == Err(Errno::PERM) { Told::NotAllowed } else { Told::Yes }
}

fn pid_of(process: ProcessIdentity) -> Option<Pid> {
    i32::try_from(process.pid).ok().and_then(Pid::from_raw)
}
