//! Following what happens: a connection that gives every fact in order, over a supervisor's death and its restart.

use std::collections::VecDeque;

use super::context::Context;
use super::failure::{Failure, Kind};
use crate::driver::paths::ProjectPaths;
use crate::engine::{Fact, State};
use crate::plan::Sources;
use crate::store::Reader;
use crate::supervisor::client::{Client, ClientError, Incoming};
use crate::supervisor::protocol::{ClientMessage, ClientRole, Reply, Request, ServerMessage, Snapshot};

/// Facts that are read from the database at once to catch up.
const CATCH_UP_FACTS: usize = 10_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// A fact was committed; it is applied to [`Live::state`] already.
    Fact(Box<Fact>),
    /// Authored files changed; [`Live::sources`] are the new ones.
    Sources,
    /// The supervisor has something to say.
    Notice(String),
    /// The supervisor was gone and a new one runs. The facts between are given next.
    Restarted,
}

/// The state as it is, and what happens to it from now on.
pub(super) struct Live<'a> {
    context: &'a Context,
    paths: ProjectPaths,
    client: Client,
    pub(super) state: State,
    pub(super) sources: Sources,
    pub(super) sequence: u64,
    /// What the supervisor said when it was stopped on purpose.
    stopping: Option<String>,
    /// Given before anything is read from the connection.
    waiting: VecDeque<Event>,
    next_request: u64,
}

impl<'a> Live<'a> {
    /// Connects, starting a supervisor when none runs, and takes the state as it is.
    pub(super) fn open(context: &'a Context) -> Result<Live<'a>, Failure> {
        let paths = context.paths()?;
        let (client, snapshot) = connect(context, &paths)?;
        let Snapshot { sequence, state, sources, .. } = snapshot;
        if sources.lane != context.lane {
            let message = format!("The supervisor of this project works on lane {}.", sources.lane);
            let hint = format!(
                "End it with `wavedeck stop` (agents go on), then try again: the next one works on lane {}.",
                context.lane
            );
            return Err(Failure::new(Kind::Refused, message, hint));
        }
        let (waiting, next_request) = (VecDeque::new(), 1);
        Ok(Live { context, paths, client, state, sources, sequence, stopping: None, waiting, next_request })
    }

    /// Whether everything that [`Live::state`] holds was given by [`Live::next`].
    pub(super) fn caught_up(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits for what happens next.
    pub(super) fn next(&mut self) -> Result<Event, Failure> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            match self.client.receive() {
                Ok(incoming) => {
                    if let Some(event) = self.take(incoming) {
                        return Ok(event);
                    }
                }
                Err(error) => self.reconnect(error)?,
            }
        }
    }

    /// Asks for something and waits for the reply. What happens meanwhile is given by [`Live::next`] afterwards.
    pub(super) fn request(&mut self, request: Request) -> Result<Reply, Failure> {
        let id = self.next_request;
        self.next_request += 1;
        self.client.sender().send(&ClientMessage::Request { id, request })?;
        loop {
            match self.client.receive()? {
                Incoming::Message(ServerMessage::Reply { id: replied, reply }) if replied == id => {
                    return Ok(reply);
                }
                other => {
                    if let Some(event) = self.take(other) {
                        self.waiting.push_back(event);
                    }
                }
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> Option<Event> {
        match incoming {
            Incoming::Message(ServerMessage::Fact { sequence, fact }) => {
                // Facts that a snapshot covered may still have been on their way.
                (sequence > self.sequence).then(|| {
                    self.sequence = sequence;
                    self.state.apply(&fact);
                    Event::Fact(fact)
                })
            }
            Incoming::Message(ServerMessage::Sources(sources)) => {
                self.sources = *sources;
                Some(Event::Sources)
            }
            Incoming::Message(ServerMessage::WaveFile { path, text }) => {
                self.sources.set_wave(&path, text.as_deref());
                Some(Event::Sources)
            }
            Incoming::Message(ServerMessage::Notice { text, .. }) => Some(Event::Notice(text)),
            Incoming::Message(ServerMessage::Stopping { text }) => {
                self.stopping = Some(text);
                None
            }
            Incoming::Message(
                ServerMessage::Reply { .. }
                | ServerMessage::Snapshot(_)
                | ServerMessage::Sessions { .. }
                | ServerMessage::Focus { .. },
            )
            | Incoming::Screen(_) => None,
        }
    }

    /// After a supervisor that was killed, starts the next one; one that was stopped on purpose stays stopped.
    fn reconnect(&mut self, error: ClientError) -> Result<(), Failure> {
        if let Some(text) = &self.stopping {
            let message = format!("The supervisor was stopped: {text}.");
            let hint = "`wavedeck watch` or `wavedeck` starts it again.";
            return Err(Failure::new(Kind::Unavailable, message, hint));
        }
        self.context.console.detail(format!("{error}; connecting again"));
        let (client, snapshot) = connect(self.context, &self.paths)?;
        self.client = client;
        self.waiting.push_back(Event::Restarted);
        self.catch_up(&snapshot);
        self.sequence = snapshot.sequence;
        self.state = snapshot.state;
        self.sources = snapshot.sources;
        Ok(())
    }

    /// Facts that were committed while nobody told us, from the database. Only the telling of them depends on it.
    fn catch_up(&mut self, snapshot: &Snapshot) {
        let missed = Reader::open(&self.paths.database())
            .and_then(|reader| reader.facts_from(self.sequence + 1, CATCH_UP_FACTS));
        match missed {
            Ok(facts) => self.waiting.extend(
                facts
                    .into_iter()
                    .filter(|(sequence, _)| *sequence <= snapshot.sequence)
                    .map(|(_, fact)| Event::Fact(Box::new(fact))),
            ),
            Err(error) => self.waiting.push_back(Event::Notice(error.to_string())),
        }
    }
}

/// Connects as a room does and waits for the state.
fn connect(context: &Context, paths: &ProjectPaths) -> Result<(Client, Snapshot), Failure> {
    let mut client = context.client_of(paths, ClientRole::Room)?;
    loop {
        if let Incoming::Message(ServerMessage::Snapshot(snapshot)) = client.receive()? {
            return Ok((client, *snapshot));
        }
    }
}
