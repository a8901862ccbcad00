//! The supervisor's side of the keeper: calls that wait for their answer, and what the keeper says unasked.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;

use super::channel::{Channel, Received};
use super::protocol::{
    Answer, Call, ChildExit, Message, Notice, OnShutdown, Request, SessionRecord, SpawnSession,
};

/// How long an answer may take. The keeper answers at once; only a stopped process takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers that wait for the thread that called; the reader waits when there are more.
const ANSWERS_MAX: usize = 16;

/// Why a call to the keeper came to nothing.
#[derive(Debug, Error)]
pub enum KeeperCallError {
    /// The keeper said no; nothing was changed.
    #[error("{reason}")]
    Refused {
        /// Why, as a sentence.
        reason: String,
    },
    /// The connection is gone: the keeper ended, or another supervisor took over.
    #[error("the connection to the keeper is gone; whether it did what was asked is not known")]
    Gone,
    /// No answer came in time.
    #[error("the keeper does not answer; whether it did what was asked is not known")]
    Silent,
    /// The keeper answered something else than it was asked.
    #[error("the keeper gave an answer that was not understood: {answer}")]
    Odd {
        /// What.
        answer: String,
    },
    /// The call does not fit into a frame.
    #[error("the call could not be sent: {0}")]
    Send(io::Error),
}

/// A session and its master, handed over by the keeper.
#[derive(Debug)]
pub struct AdoptedSession {
    /// The session.
    pub record: SessionRecord,
    /// Its master: non-blocking, closed on exec. The keeper has one, too, so closing this one hangs nobody up; but as long
    /// as this connection lasts, nobody else reads it.
    pub master: OwnedFd,
}

/// What [`KeeperClient::spawn`] came to.
#[derive(Debug)]
pub struct SpawnedSession {
    /// The session.
    pub session: AdoptedSession,
    /// Whether it was there before; then nothing was started.
    pub existed: bool,
}

/// What the keeper says unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeeperEvent {
    /// A session's child ended. Output may still wait in its master. May repeat what a list said already.
    Exited {
        /// Session.
        name: String,
        /// How.
        exit: ChildExit,
    },
    /// After [`KeeperClient::end`]: what the session started is gone.
    Ended {
        /// Session.
        name: String,
        /// Processes that could not be ended: another user's, or hanging in the kernel.
        left: usize,
    },
    /// The connection is gone; the last event. Either another supervisor took over, and reads the masters from now on: stop
    /// reading them. Or the keeper was killed: its children live on as long as their masters are held here, and nobody will
    /// know how they end; drop the masters to hang them up.
    Gone,
}

/// Calls to the keeper. Every method blocks its thread until the answer is there, 10 seconds at most; any thread may call,
/// one call goes at a time. Dropping it ends the connection, and the keeper drains again: stop reading masters first.
#[derive(Debug)]
pub struct KeeperClient {
    shared: Arc<Shared>,
    calls: Mutex<Calls>,
    pid: u32,
    program: String,
}

/// What the keeper says unasked, in order. For one thread that does nothing else. Nothing is dropped: a session makes two
/// events in its life, so what can wait here is bounded by the sessions.
#[derive(Debug)]
pub struct KeeperEvents {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Calls {
    channel: Channel,
    last_id: u64,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<SharedState>,
    changed: Condvar,
}

#[derive(Debug)]
struct SharedState {
    events: VecDeque<KeeperEvent>,
    /// Where answers to this call go.
    waiting: Option<Waiting>,
    gone: bool,
    gone_told: bool,
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    answers: SyncSender<Reply>,
}

#[derive(Debug)]
struct Reply {
    answer: Answer,
    master: Option<OwnedFd>,
}

impl KeeperClient {
    /// Over a connection that was welcomed. `keeper` is its process, if it is our child.
    pub(super) fn over(
        channel: Channel,
        pid: u32,
        program: String,
        keeper: Option<Child>,
    ) -> io::Result<(KeeperClient, KeeperEvents)> {
        let writer = Channel::new(channel.stream().try_clone()?);
        let shared = Arc::new(Shared {
            state: Mutex::new(SharedState {
                events: VecDeque::new(),
                waiting: None,
                gone: false,
                gone_told: false,
            }),
            changed: Condvar::new(),
        });
        let reader = Arc::clone(&shared);
        std::thread::Builder::new().name("keeper".to_owned()).stack_size(256 * 1024).spawn(move || {
            reader.read(channel);
            // Our child, so ours to wait for, whenever it ends.
            if let Some(mut keeper) = keeper {
                let _ = keeper.wait();
            }
        })?;
        let calls = Mutex::new(Calls { channel: writer, last_id: 0 });
        Ok((KeeperClient { shared: Arc::clone(&shared), calls, pid, program }, KeeperEvents { shared }))
    }

    /// Process id of the keeper.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Version of the program that the keeper is.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Starts a session, or gives the one that bears this name, whatever it was started with.
    ///
    /// # Errors
    /// [`KeeperCallError::Refused`] when it cannot be started, saying why; others as they say. After an error that leaves
    /// it open, the same call made again does no harm.
    pub fn spawn(&self, session: SpawnSession) -> Result<SpawnedSession, KeeperCallError> {
        let mut reply = self.call(Request::Spawn(Box::new(session)))?.next()?;
        let master = reply.master.take();
        match (reply.answer, master) {
            (Answer::Spawned { session, existed }, Some(master)) => {
                Ok(SpawnedSession { session: AdoptedSession { record: *session, master }, existed })
            }
            (answer, _) => Err(odd(&answer)),
        }
    }

    /// Every session that the keeper holds, with its master, those included whose child has ended.
    ///
    /// # Errors
    /// [`KeeperCallError`].
    pub fn list(&self) -> Result<Vec<AdoptedSession>, KeeperCallError> {
        let answers = self.call(Request::List)?;
        let mut sessions = Vec::new();
        loop {
            let reply = answers.next()?;
            match (reply.answer, reply.master) {
                (Answer::Session { session }, Some(master)) => {
                    sessions.push(AdoptedSession { record: *session, master });
                }
                (Answer::Listed { count }, None) if count == sessions.len() => return Ok(sessions),
                (answer, _) => return Err(odd(&answer)),
            }
        }
    }

    /// Has the keeper give up a session whose child has ended, when its exit is safely recorded.
    ///
    /// # Errors
    /// [`KeeperCallError::Refused`] when it still runs or is not known.
    pub fn forget(&self, name: &str) -> Result<(), KeeperCallError> {
        self.done(Request::Forget { name: name.to_owned() })
    }

    /// Ends a session's child and everything it started: SIGTERM now (SIGHUP to shells that ignore it), SIGKILL to what
    /// is left after `grace`. Gives how many processes were told; [`KeeperEvent::Exited`] and [`KeeperEvent::Ended`]
    /// follow. Said again, it can only shorten the grace. Going on does not depend on this connection; a new supervisor that
    /// wants to know when it is over says it again.
    ///
    /// A process counts as the session's as long as one holds: it descends from the child, it is in the child's terminal
    /// session, or its environment names the session. What got rid of all three is ended by [`KeeperClient::shutdown`].
    ///
    /// # Errors
    /// [`KeeperCallError::Refused`] when the session is not known.
    pub fn end(&self, name: &str, grace: Duration) -> Result<usize, KeeperCallError> {
        let request = Request::End { name: name.to_owned(), grace_ms: milliseconds(grace) };
        match self.call(request)?.next()?.answer {
            Answer::Ending { signalled } => Ok(signalled),
            answer => Err(odd(&answer)),
        }
    }

    /// Ends the keeper. With [`OnShutdown::End`] it comes back when everything is gone that any session started.
    ///
    /// # Errors
    /// [`KeeperCallError::Refused`] when sessions run and were to be left alone.
    pub fn shutdown(&self, sessions: OnShutdown) -> Result<(), KeeperCallError> {
        // Grace, then as long as the keeper waits for what was killed.
        let more = match sessions {
            OnShutdown::End { grace_ms } => Duration::from_millis(grace_ms).saturating_add(PATIENCE),
            OnShutdown::Refuse => Duration::ZERO,
        };
        let mut answers = self.call(Request::Shutdown { sessions })?;
        answers.patience = answers.patience.saturating_add(more);
        match answers.next()?.answer {
            Answer::Done => Ok(()),
            answer => Err(odd(&answer)),
        }
    }

    fn done(&self, request: Request) -> Result<(), KeeperCallError> {
        match self.call(request)?.next()?.answer {
            Answer::Done => Ok(()),
            answer => Err(odd(&answer)),
        }
    }

    fn call(&self, request: Request) -> Result<Answers<'_>, KeeperCallError> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.last_id += 1;
        let id = calls.last_id;
        let (sender, receiver) = sync_channel(ANSWERS_MAX);
        {
            let mut state = self.shared.lock();
            if state.gone {
                return Err(KeeperCallError::Gone);
            }
            state.waiting = Some(Waiting { id, answers: sender });
        }
        calls.channel.queue(&Call { id, request }, None).map_err(KeeperCallError::Send)?;
        if calls.channel.flush().is_err() {
            // Half a frame may be out: the connection is of no use.
            let _ = calls.channel.stream().shutdown(std::net::Shutdown::Both);
            return Err(KeeperCallError::Gone);
        }
        Ok(Answers { receiver, patience: PATIENCE, _calls: calls })
    }
}

impl Drop for KeeperClient {
    fn drop(&mut self) {
        let calls = self.calls.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = calls.channel.stream().shutdown(std::net::Shutdown::Both);
    }
}

/// Answers to one call; no other call is made while it is held.
struct Answers<'a> {
    receiver: Receiver<Reply>,
    patience: Duration,
    _calls: MutexGuard<'a, Calls>,
}

impl Answers<'_> {
    fn next(&self) -> Result<Reply, KeeperCallError> {
        match self.receiver.recv_timeout(self.patience) {
            Ok(Reply { answer: Answer::Failed { reason }, .. }) => Err(KeeperCallError::Refused { reason }),
            Ok(reply) => Ok(reply),
            Err(RecvTimeoutError::Timeout) => Err(KeeperCallError::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(KeeperCallError::Gone),
        }
    }
}

impl KeeperEvents {
    /// The next event, waiting for it. `None` after [`KeeperEvent::Gone`].
    pub fn wait(&self) -> Option<KeeperEvent> {
        let mut state = self.shared.lock();
        loop {
            if let Some(event) = state.next_event() {
                return Some(event);
            }
            if state.gone_told {
                return None;
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next event, if there is one.
    pub fn next_ready(&self) -> Option<KeeperEvent> {
        self.shared.lock().next_event()
    }
}

impl SharedState {
    fn next_event(&mut self) -> Option<KeeperEvent> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        (self.gone && !std::mem::replace(&mut self.gone_told, self.gone)).then_some(KeeperEvent::Gone)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, SharedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until the connection is gone.
    fn read(&self, mut channel: Channel) {
        'connected: loop {
            loop {
                match channel.next_frame() {
                    Ok(None) => break,
                    Ok(Some(frame)) => match serde_json::from_slice::<Message>(&frame) {
                        Ok(message) => self.deliver(message, &mut channel),
                        Err(_) => break 'connected,
                    },
                    Err(_) => break 'connected,
                }
            }
            match channel.receive() {
                Ok(Received::Something | Received::Nothing) => {}
                Ok(Received::End) | Err(_) => break 'connected,
            }
        }
        let _ = channel.stream().shutdown(std::net::Shutdown::Both);
        let mut state = self.lock();
        state.gone = true;
        state.waiting = None;
        self.changed.notify_all();
    }

    fn deliver(&self, message: Message, channel: &mut Channel) {
        match message {
            Message::Notice { notice } => {
                self.lock().events.push_back(match notice {
                    Notice::Exited { name, exit } => KeeperEvent::Exited { name, exit },
                    Notice::Ended { name, left } => KeeperEvent::Ended { name, left },
                });
                self.changed.notify_all();
            }
            Message::Reply { id, answer } => {
                // Taken in any case: each descriptor belongs to one answer.
                let master = match &answer {
                    Answer::Spawned { .. } | Answer::Session { .. } => channel.next_descriptor(),
                    Answer::Listed { .. } | Answer::Ending { .. } | Answer::Done | Answer::Failed { .. } => {
                        None
                    }
                };
                let waiting = self
                    .lock()
                    .waiting
                    .as_ref()
                    .filter(|waiting| waiting.id == id)
                    .map(|w| w.answers.clone());
                // Nobody waits for it any more: its time is over.
                if let Some(answers) = waiting {
                    let _ = answers.send(Reply { answer, master });
                }
            }
        }
    }
}

fn odd(answer: &Answer) -> KeeperCallError {
    KeeperCallError::Odd { answer: format!("{answer:?}") }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
