//! The keeper's process: detaches, listens, and turns its poll loop until nobody needs it.
//!
//! Bounded: one supervisor, a handful of connections that have not greeted yet (the oldest is dropped), and no call is
//! read while answers wait to be taken, so a supervisor that does not read holds up itself alone.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::channel::{Channel, Received};
use super::ending::{Ending, Progress};
use super::held::HeldSession;
use super::protocol::{Answer, Greeting, Hello, Message, Notice, VERSION};
use super::reaper::Reaper;
use crate::session::pty::StartInPty;

/// How long a keeper that was just started waits for the first supervisor.
const FIRST_SUPERVISOR: Duration = Duration::from_secs(10);

/// Connections that have not greeted.
const STRANGERS_MAX: usize = 4;

/// How long the last answer may take to be taken.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// What woke the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wake {
    ChildEnded,
    Connection,
    Supervisor,
    Stranger(usize),
    Output(String),
}

/// What becomes of a connection after a look into it.
pub(super) enum Connection {
    Stays,
    Ends,
}

pub(super) struct Shutdown {
    pub(super) call: u64,
    pub(super) ending: Option<Ending>,
}

pub(super) struct Server<'a> {
    listener: UnixListener,
    pub(super) pty: &'a dyn StartInPty,
    pub(super) reaper: Reaper,
    pub(super) own_pid: u32,
    pub(super) sessions: BTreeMap<String, HeldSession>,
    pub(super) endings: BTreeMap<String, Ending>,
    supervisor: Option<Channel>,
    had_supervisor: bool,
    first_supervisor_until: Instant,
    strangers: VecDeque<Channel>,
    spare: Option<OwnedFd>,
    pub(super) shutdown: Option<Shutdown>,
}

impl<'a> Server<'a> {
    /// A server on a listener that is bound and non-blocking. This process's children are the server's alone.
    pub(super) fn new(listener: UnixListener, pty: &'a dyn StartInPty) -> io::Result<Self> {
        Ok(Self {
            listener,
            pty,
            reaper: Reaper::start()?,
            own_pid: std::process::id(),
            sessions: BTreeMap::new(),
            endings: BTreeMap::new(),
            supervisor: None,
            had_supervisor: false,
            first_supervisor_until: Instant::now() + FIRST_SUPERVISOR,
            strangers: VecDeque::new(),
            spare: Some(spare_descriptor()?),
            shutdown: None,
        })
    }

    /// Serves until told to stop, or until there is nothing to keep and nobody to serve.
    pub(super) fn serve(&mut self) -> io::Result<()> {
        loop {
            self.advance_endings()?;
            if self.is_done() {
                self.say_goodbye();
                return Ok(());
            }
            for wake in self.wait()? {
                match wake {
                    Wake::ChildEnded => {
                        self.reaper.hear_bell()?;
                        self.reap()?;
                    }
                    Wake::Connection => self.accept(),
                    Wake::Supervisor => self.serve_supervisor(),
                    Wake::Stranger(index) => self.greet(index),
                    Wake::Output(name) => self.drain(&name),
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        match &self.shutdown {
            Some(shutdown) => shutdown.ending.is_none(),
            None => {
                let may_come = !self.had_supervisor && Instant::now() < self.first_supervisor_until;
                let nothing_to_keep = self.sessions.values().all(HeldSession::is_abandoned);
                self.supervisor.is_none() && nothing_to_keep && self.endings.is_empty() && !may_come
            }
        }
    }

    fn wait(&self) -> io::Result<Vec<Wake>> {
        let (mut descriptors, mut wakes) = (Vec::new(), Vec::new());
        let mut watch = |descriptor, flags, wake| {
            descriptors.push(PollFd::from_borrowed_fd(descriptor, flags));
            wakes.push(wake);
        };
        watch(self.reaper.bell(), PollFlags::IN, Some(Wake::ChildEnded));
        watch(self.listener.as_fd(), PollFlags::IN, Some(Wake::Connection));
        if let Some(channel) = &self.supervisor {
            // No call is read while answers wait to be taken.
            let flags = if channel.has_outbound() { PollFlags::OUT } else { PollFlags::IN };
            watch(channel.stream().as_fd(), flags, Some(Wake::Supervisor));
        } else {
            for (name, session) in self.sessions.iter().filter(|(_, session)| session.may_print()) {
                watch(session.master().as_fd(), PollFlags::IN, Some(Wake::Output(name.clone())));
            }
        }
        for (index, channel) in self.strangers.iter().enumerate() {
            watch(channel.stream().as_fd(), PollFlags::IN, Some(Wake::Stranger(index)));
        }
        for descriptor in self.endings_under_way().flat_map(Ending::watched) {
            watch(descriptor, PollFlags::IN, None);
        }
        let timeout = self.timeout();
        match poll(&mut descriptors, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let ready = descriptors.iter().zip(wakes).filter(|(descriptor, _)| !descriptor.revents().is_empty());
        Ok(ready.filter_map(|(_, wake)| wake).collect())
    }

    fn timeout(&self) -> Option<Timespec> {
        let now = Instant::now();
        let first = (!self.had_supervisor).then_some(self.first_supervisor_until);
        let next = self.endings_under_way().map(|ending| ending.next_deadline(now)).chain(first).min()?;
        // A millisecond more, so that the deadline has passed when poll comes back.
        Timespec::try_from(next.saturating_duration_since(now) + Duration::from_millis(1)).ok()
    }

    fn endings_under_way(&self) -> impl Iterator<Item = &Ending> {
        let last = self.shutdown.as_ref().and_then(|shutdown| shutdown.ending.as_ref());
        self.endings.values().chain(last)
    }

    // Children.

    fn reap(&mut self) -> io::Result<()> {
        for ended in self.reaper.reap()? {
            for ending in self.endings.values_mut() {
                ending.leader_reaped(ended.pid);
            }
            let own =
                self.sessions.iter_mut().find(|(_, held)| held.pid() == ended.pid && held.exit().is_none());
            if let Some((name, session)) = own {
                session.ended(ended.exit);
                let name = name.clone();
                self.notify(Notice::Exited { name, exit: ended.exit });
            }
        }
        Ok(())
    }

    fn drain(&mut self, name: &str) {
        // A supervisor may have been welcomed since the poll.
        if self.supervisor.is_none()
            && let Some(session) = self.sessions.get_mut(name)
        {
            session.drain();
        }
    }

    fn advance_endings(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let mut complete = Vec::new();
        for (name, ending) in &mut self.endings {
            if let Progress::Complete { left } = ending.advance(now)? {
                complete.push((name.clone(), left));
            }
        }
        let last = match self.shutdown.as_mut().and_then(|shutdown| shutdown.ending.as_mut()) {
            Some(ending) => ending.advance(now)?,
            None => Progress::UnderWay,
        };
        if complete.is_empty() && last == Progress::UnderWay {
            return Ok(());
        }
        // The bell may not have rung yet for a child that was seen to be gone: its exit is told before its end.
        self.reap()?;
        for (name, left) in complete {
            self.endings.remove(&name);
            self.notify(Notice::Ended { name, left });
        }
        if let (Progress::Complete { .. }, Some(shutdown)) = (last, &mut self.shutdown) {
            shutdown.ending = None;
            let call = shutdown.call;
            self.reply(call, Answer::Done, None);
        }
        Ok(())
    }

    // Connections.

    fn accept(&mut self) {
        let stream = match self.listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors the connection would stay and wake every poll: the spare one takes it and lets go.
                if matches!(
                    error.raw_os_error().map(Errno::from_raw_os_error),
                    Some(Errno::MFILE | Errno::NFILE)
                ) {
                    self.spare = None;
                    drop(self.listener.accept());
                    self.spare = spare_descriptor().ok();
                }
                return;
            }
        };
        let peer = rustix::net::sockopt::socket_peercred(&stream);
        if !peer.is_ok_and(|peer| peer.uid == rustix::process::geteuid())
            || stream.set_nonblocking(true).is_err()
        {
            return;
        }
        if self.strangers.len() >= STRANGERS_MAX {
            self.strangers.pop_front();
        }
        self.strangers.push_back(Channel::new(stream));
    }

    fn greet(&mut self, index: usize) {
        // Indices of one poll: a stranger that was dropped since shifts them, and the next poll finds the rest.
        let Some(channel) = self.strangers.get_mut(index) else { return };
        let frame = match look_into(channel) {
            Ok(()) => channel.next_frame(),
            Err(error) => Err(error),
        };
        let hello = match frame {
            Ok(None) => return,
            Ok(Some(frame)) => serde_json::from_slice::<Hello>(&frame).map_err(io::Error::from),
            Err(error) => Err(error),
        };
        let Some(mut channel) = self.strangers.remove(index) else { return };
        match hello {
            Ok(hello) if hello.version == VERSION => self.welcome(channel),
            Ok(hello) => {
                let reason = format!(
                    "this keeper speaks version {VERSION}, not {}; its sessions go on, use the program that started it",
                    hello.version
                );
                refuse(&mut channel, reason);
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) => refuse(&mut channel, format!("the greeting was not understood: {error}")),
        }
    }

    fn welcome(&mut self, mut channel: Channel) {
        if let Some(before) = self.supervisor.take() {
            let _ = before.stream().shutdown(std::net::Shutdown::Both);
        }
        // Before it hears anything: whatever it reads from the logs now is complete.
        for session in self.sessions.values_mut() {
            session.stop_draining();
        }
        self.had_supervisor = true;
        let welcome = Greeting::Welcome {
            version: VERSION,
            pid: self.own_pid,
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let sent = channel.queue(&welcome, None).and_then(|()| channel.flush());
        self.supervisor = Some(channel);
        match sent {
            // What came with the greeting waits in the channel and wakes no poll.
            Ok(()) => self.handle_calls(),
            Err(_) => self.lose_supervisor(),
        }
    }

    fn serve_supervisor(&mut self) {
        let Some(channel) = &mut self.supervisor else { return };
        let looked = if channel.has_outbound() { channel.flush() } else { look_into(channel) };
        match looked {
            Ok(()) => self.handle_calls(),
            Err(_) => self.lose_supervisor(),
        }
    }

    fn handle_calls(&mut self) {
        loop {
            let Some(channel) = &mut self.supervisor else { return };
            if channel.has_outbound() {
                return;
            }
            match channel.next_frame() {
                Ok(None) => return,
                Ok(Some(frame)) => {
                    if let Connection::Ends = self.handle_call(&frame) {
                        self.lose_supervisor();
                    }
                }
                Err(_) => self.lose_supervisor(),
            }
        }
    }

    fn lose_supervisor(&mut self) {
        if let Some(channel) = self.supervisor.take() {
            let _ = channel.stream().shutdown(std::net::Shutdown::Both);
            for session in self.sessions.values_mut() {
                session.begin_draining();
            }
        }
    }

    fn notify(&mut self, notice: Notice) {
        self.send(&Message::Notice { notice }, None);
    }

    pub(super) fn reply(&mut self, id: u64, answer: Answer, master: Option<Arc<OwnedFd>>) {
        self.send(&Message::Reply { id, answer }, master);
    }

    fn send(&mut self, message: &Message, master: Option<Arc<OwnedFd>>) {
        let Some(channel) = &mut self.supervisor else { return };
        if channel.queue(message, master).and_then(|()| channel.flush()).is_err() {
            self.lose_supervisor();
        }
    }

    fn say_goodbye(&mut self) {
        if let Some(channel) = &mut self.supervisor
            && channel.stream().set_nonblocking(false).is_ok()
            && channel.stream().set_write_timeout(Some(LAST_ANSWER)).is_ok()
        {
            let _ = channel.flush();
        }
    }
}

/// Held for nothing but to be let go of.
fn spare_descriptor() -> io::Result<OwnedFd> {
    std::fs::File::open("/dev/null").map(OwnedFd::from)
}

/// Reads once, and throws away descriptors: nobody has any to give to a keeper.
fn look_into(channel: &mut Channel) -> io::Result<()> {
    let received = channel.receive()?;
    while channel.next_descriptor().is_some() {}
    match received {
        Received::Something | Received::Nothing => Ok(()),
        Received::End => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn refuse(channel: &mut Channel, reason: String) {
    let refusal = Greeting::Refused { version: VERSION, reason };
    // Should its buffer be full, then it does not hear why.
    let _ = channel.queue(&refusal, None).and_then(|()| channel.flush());
}
