//! The data plane: one thread that owns the listening socket, every client's socket, every pseudo-terminal and every
//! grid. Because each of them has one owner, there is no lock, and because one loop decides what is read next, the pane
//! that the operator looks at comes first whatever the others print.
//!
//! One turn of the loop: clients are read first (a key goes to its child at once), then terminals by rank under a byte
//! budget, then clients get the states that they can take. Nothing here waits for the driver: orders come over a bounded
//! channel whose sender waits, and a client whose request the driver cannot take yet is not read until it can. Nothing
//! polls: with nothing to do the thread sleeps in the kernel.

mod guest;
mod line;
mod orders;
mod pace;
mod requests;
mod show;
mod terminals;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use mio::net::UnixListener;
use mio::{Events, Interest, Poll, Token, Waker};
use tokio::sync::mpsc as tokio_mpsc;

pub use line::NewLine;
pub use orders::Order;
pub(super) use terminals::exit_word;

use crate::driver::Command;
use crate::engine::Time;
use crate::supervisor::errand::Errand;
use crate::supervisor::opening::OpeningSize;
use guest::{Guest, Reading};
use line::Line;
use orders::Unheard;

/// Orders that may wait for the switchboard. When it is full, whoever orders waits.
const ORDERS_MAX: usize = 1024;

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FIRST_FREE: usize = 2;

/// How long the loop waits before it offers a request again that the driver could not take.
const RETRY: Duration = Duration::from_millis(5);

/// What the other threads hold of a switchboard.
#[derive(Clone)]
pub struct Handle {
    orders: SyncSender<Order>,
    waker: Arc<Waker>,
}

impl Handle {
    /// Gives an order; waits while the switchboard has too many. An order to a switchboard that ended is dropped.
    pub fn order(&self, order: Order) {
        if self.orders.send(order).is_ok() {
            // A waker that fails leaves the order to the next event.
            let _ = self.waker.wake();
        }
    }
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Guest(u64),
    Line(String),
}

/// The switchboard. Made by `Switchboard::new`, then moved into the thread that calls [`Switchboard::run`].
pub struct Switchboard {
    poll: Poll,
    listener: UnixListener,
    orders: Receiver<Order>,
    driver: tokio_mpsc::Sender<Command>,
    errands: SyncSender<Errand>,
    log_root: std::path::PathBuf,
    sources: BTreeMap<Token, Source>,
    next_token: usize,
    guests: BTreeMap<u64, Guest>,
    next_guest: u64,
    lines: BTreeMap<String, Line>,
    line_tokens: BTreeMap<String, Token>,
    /// Commands that the driver could not take yet, each from a client that is not read meanwhile or from a terminal.
    undelivered: Vec<(Option<u64>, Command)>,
    /// What no room was there to hear: the first one that joins is told.
    unheard: Unheard,
    /// The client that acted last: its sizes count.
    actor: Option<u64>,
    rank: terminals::Rank,
    sessions_told_at: Option<Instant>,
    sessions_changed: bool,
    buffer: Vec<u8>,
    stopping: bool,
    /// Size of terminals to come, as rooms say it.
    opening: OpeningSize,
}

impl Switchboard {
    /// A switchboard on a bound socket, and its handle. `log_root` is the folder with one log folder per session, from
    /// which terminals that ended are shown again. Fails when the kernel gives no poll.
    pub(super) fn new(
        listener: std::os::unix::net::UnixListener,
        driver: tokio_mpsc::Sender<Command>,
        errands: SyncSender<Errand>,
        log_root: std::path::PathBuf,
        opening: OpeningSize,
    ) -> io::Result<(Switchboard, Handle)> {
        let poll = Poll::new()?;
        listener.set_nonblocking(true)?;
        let mut listener = UnixListener::from_std(listener);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (orders, receiver) = sync_channel(ORDERS_MAX);
        let switchboard = Switchboard {
            poll,
            listener,
            orders: receiver,
            driver,
            errands,
            log_root,
            sources: BTreeMap::new(),
            next_token: FIRST_FREE,
            guests: BTreeMap::new(),
            next_guest: 1,
            lines: BTreeMap::new(),
            line_tokens: BTreeMap::new(),
            undelivered: Vec::new(),
            unheard: Unheard::default(),
            actor: None,
            rank: terminals::Rank::default(),
            sessions_told_at: None,
            sessions_changed: false,
            buffer: vec![0; 64 * 1024],
            stopping: false,
            opening,
        };
        Ok((switchboard, Handle { orders, waker }))
    }

    /// Serves until it is ordered to stop and everything is written. Fails when the kernel's poll fails.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        let mut wake_at: Option<Instant> = None;
        loop {
            let busy = self.lines.values().any(|line| line.readable)
                || self.guests.iter().any(|(id, guest)| guest.readable && !self.is_held(*id));
            let timeout = match (busy, wake_at) {
                (true, _) => Some(Duration::ZERO),
                (false, Some(at)) => Some(at.saturating_duration_since(Instant::now())),
                (false, None) => None,
            };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            }
            for event in &events {
                self.note(event.token(), event.is_readable() || event.is_read_closed(), event.is_writable());
            }
            self.deliver();
            self.take_orders();
            self.serve_guests();
            self.read_lines();
            wake_at = self.show(Instant::now());
            if self.stopping {
                return Ok(());
            }
        }
    }

    /// Notes what the kernel says of a token; accepting is done at once.
    fn note(&mut self, token: Token, readable: bool, writable: bool) {
        if token == LISTENER {
            self.accept();
            return;
        }
        match self.sources.get(&token) {
            Some(Source::Guest(id)) => {
                let id = *id;
                if let Some(guest) = self.guests.get_mut(&id) {
                    guest.readable |= readable;
                    if writable && guest.flush() == Reading::Gone {
                        self.part(id);
                    }
                }
            }
            Some(Source::Line(name)) => {
                if let Some(line) = self.lines.get_mut(name) {
                    line.readable |= readable && line.master.is_some();
                    if writable {
                        line.flush();
                    }
                }
            }
            None => {}
        }
    }

    fn accept(&mut self) {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::warn!(%error, "a client could not be accepted");
                    return;
                }
            };
            let token = self.token();
            let both = Interest::READABLE | Interest::WRITABLE;
            if let Err(error) = self.poll.registry().register(&mut stream, token, both) {
                tracing::warn!(%error, "a client could not be registered");
                continue;
            }
            let id = self.next_guest;
            self.next_guest += 1;
            self.sources.insert(token, Source::Guest(id));
            self.guests.insert(id, Guest::new(stream));
        }
    }

    fn token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token += 1;
        token
    }

    /// A client is gone: nobody waits for it and nothing is kept for it.
    fn part(&mut self, id: u64) {
        if let Some(mut guest) = self.guests.remove(&id) {
            let _ = self.poll.registry().deregister(guest.stream());
            self.sources.retain(|_, source| *source != Source::Guest(id));
            self.undelivered.retain(|(from, _)| *from != Some(id));
            self.send_to_driver(None, Command::ClientGone { client: id });
            self.rank_again();
        }
    }

    /// Whether a client is not read for now because the driver could not take its last request.
    fn is_held(&self, id: u64) -> bool {
        self.undelivered.iter().any(|(from, _)| *from == Some(id))
    }

    /// Hands a command to the driver, or keeps it until the driver can take it.
    fn send_to_driver(&mut self, from: Option<u64>, command: Command) {
        if !self.undelivered.is_empty() {
            self.undelivered.push((from, command));
            return;
        }
        match self.driver.try_send(command) {
            Ok(()) => {}
            Err(tokio_mpsc::error::TrySendError::Full(command)) => self.undelivered.push((from, command)),
            Err(tokio_mpsc::error::TrySendError::Closed(_)) => {
                tracing::debug!("the driver has ended; a command is dropped");
            }
        }
    }

    /// Offers the driver again what it could not take.
    fn deliver(&mut self) {
        for (from, command) in std::mem::take(&mut self.undelivered) {
            self.send_to_driver(from, command);
        }
    }

    fn serve_guests(&mut self) {
        let waiting: Vec<u64> =
            self.guests.iter().filter(|(_, guest)| guest.readable).map(|(id, _)| *id).collect();
        for id in waiting {
            if self.is_held(id) {
                continue;
            }
            let mut buffer = std::mem::take(&mut self.buffer);
            let reading = self.guests.get_mut(&id).map(|guest| guest.read(&mut buffer));
            self.buffer = buffer;
            let sound = self.take_frames(id);
            if reading == Some(Reading::Gone) || !sound {
                self.part(id);
            }
        }
    }
}

/// The clock that the operator's screens show.
fn now_time() -> Time {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time(since_epoch.map_or(0, |duration| duration.as_millis() as u64))
}

#[cfg(test)]
mod tests;
