//! Tells the poll loop that a child ended, and takes what is left of ended children: sessions' own, and orphans that came
//! to the keeper because it is a child subreaper.
//!
//! A thread sleeps in `waitid` without taking anything; it rings a bell in the poll set, and the loop takes all there is.
//! So a process id stays taken until the loop itself let go of it, and nothing is signalled that merely bears an old
//! number.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rustix::io::{Errno, retry_on_intr};
use rustix::pipe::PipeFlags;
use rustix::process::{WaitId, WaitIdOptions, WaitOptions};

use super::protocol::ChildExit;

/// A child that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) pid: u32,
    pub(super) exit: ChildExit,
}

#[derive(Debug)]
pub(super) struct Reaper {
    bell: OwnedFd,
    look_again: SyncSender<()>,
}

impl Reaper {
    pub(super) fn start() -> io::Result<Self> {
        let (bell, rope) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (look_again, again) = sync_channel(1);
        std::thread::Builder::new()
            .name("wait".to_owned())
            .stack_size(64 * 1024)
            .spawn(move || wait_for_children(&rope, &again))?;
        Ok(Self { bell, look_again })
    }

    /// Readable when a child ended. Then call [`Reaper::hear_bell`].
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Call when a child was started. One look covers any number of calls, so a full channel is as good.
    pub(super) fn child_started(&self) {
        let _ = self.look_again.try_send(());
    }

    /// Makes the bell silent until the next child ends. The bell must have rung; then call [`Reaper::reap`].
    pub(super) fn hear_bell(&self) -> io::Result<()> {
        let mut rings = [0; 16];
        retry_on_intr(|| rustix::io::read(&self.bell, &mut rings))?;
        Ok(())
    }

    /// Takes every child that has ended, whether the bell has rung for it yet or not.
    pub(super) fn reap(&self) -> io::Result<Vec<Ended>> {
        let mut ended = Vec::new();
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    let exit = match (status.exit_status(), status.terminating_signal()) {
                        (Some(code), _) => ChildExit::Code { code },
                        (None, Some(signal)) => ChildExit::Signal { signal },
                        // Stopped or continued; not asked for, and not an end.
                        (None, None) => continue,
                    };
                    ended.push(Ended { pid: pid.as_raw_nonzero().get().unsigned_abs(), exit });
                }
                Err(Errno::INTR) => {}
                Ok(None) | Err(Errno::CHILD) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let _ = self.look_again.try_send(());
        Ok(ended)
    }
}

/// Ends with the process, or when the [`Reaper`] is dropped.
fn wait_for_children(rope: &OwnedFd, again: &Receiver<()>) {
    loop {
        match rustix::process::waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(_) => {
                if rustix::io::write(rope, b"!").is_err() {
                    return;
                }
            }
            Err(Errno::INTR) => continue,
            // No children: sleep until one was started.
            Err(_) => {}
        }
        if again.recv().is_err() {
            return;
        }
    }
}
