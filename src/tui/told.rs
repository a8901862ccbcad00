//! What the room was told: the state folded from facts, the project read from its sources, terminals and their screens.
//! Nothing here is the room's own opinion; all of it is forgotten and told again when the supervisor changes.

use std::collections::BTreeMap;

use crate::engine::fact::What;
use crate::engine::view::{Card, Tally, cards, tally};
use crate::engine::{State, Time};
use crate::plan::lane::Lane;
use crate::plan::role::{Stage, stage_of};
use crate::plan::{Project, Sources, WaveNumber};
use crate::session::screen::Modes;
use crate::session::{Cursor, Row, ScreenUpdate};
use crate::supervisor::protocol::{ServerMessage, SessionInfo, Snapshot};

/// Whether the supervisor is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Link {
    /// It is sought for the first time.
    #[default]
    Connecting,
    /// It is there.
    Connected,
    /// It is gone; a new one is sought.
    Lost {
        /// What is known.
        reason: String,
    },
}

/// A terminal as it was told last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns and rows.
    pub size: (u16, u16),
    /// Rows from the top.
    pub rows: Vec<Row>,
    /// The cursor.
    pub cursor: Cursor,
    /// What the child asked for.
    pub modes: Modes,
    /// Window title.
    pub title: String,
    /// Rows of scrollback above the screen.
    pub scrollback_rows: u64,
    /// Number of this state.
    pub generation: u64,
    /// Number of the state that was acknowledged last.
    pub acknowledged: u64,
}

impl Screen {
    /// Takes an update: afterwards this is the state that the update speaks of.
    pub fn apply(&mut self, update: ScreenUpdate) {
        let height = usize::from(update.size.1);
        if update.complete {
            self.rows.clear();
        }
        self.rows.resize_with(height, Row::default);
        self.size = update.size;
        for (index, row) in update.rows {
            if let Some(place) = self.rows.get_mut(usize::from(index)) {
                *place = row;
            }
        }
        self.cursor = update.cursor;
        self.modes = update.modes;
        self.title = update.title;
        self.scrollback_rows = update.scrollback_rows;
        self.generation = update.generation;
    }
}

/// What a message changed beyond the values here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing else.
    Folded,
    /// A fact is missing in between: the whole state is to be asked for.
    Gap,
    /// The message is not for this place.
    Unfolded(Box<ServerMessage>),
}

/// What the room was told.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whether the supervisor is there.
    pub link: Link,
    /// Whether a snapshot came yet.
    pub complete: bool,
    /// Sequence number of the last fact in `state`.
    pub sequence: u64,
    /// The state.
    pub state: State,
    /// What authors wrote.
    pub sources: Sources,
    /// The same, read.
    pub project: Project,
    /// How many times they were read.
    pub readings: u64,
    lane: Lane,
    /// Terminals.
    pub sessions: Vec<SessionInfo>,
    /// Screens of watched terminals, by session.
    pub screens: BTreeMap<String, Screen>,
    /// Every card of the lane.
    pub cards: Vec<Card>,
    /// How many times the cards were made new.
    pub revision: u64,
    /// How many times the backlog, a plan or a document changed.
    pub backlog_revision: u64,
    /// Sums over the cards.
    pub tally: Tally,
    stale: bool,
}

impl Default for Told {
    fn default() -> Self {
        let sources = Sources::default();
        Told {
            link: Link::default(),
            complete: false,
            sequence: 0,
            state: State::default(),
            project: Project::read(&sources),
            lane: Lane::read(&sources),
            sources,
            readings: 0,
            sessions: Vec::new(),
            screens: BTreeMap::new(),
            cards: Vec::new(),
            revision: 0,
            backlog_revision: 0,
            tally: Tally::default(),
            stale: false,
        }
    }
}

impl Told {
    /// Takes a message of the supervisor.
    pub(crate) fn fold(&mut self, message: ServerMessage) -> Outcome {
        match message {
            ServerMessage::Snapshot(snapshot) => self.begin(*snapshot),
            ServerMessage::Fact { sequence, fact } => {
                if sequence <= self.sequence {
                    return Outcome::Folded;
                }
                if sequence != self.sequence + 1 {
                    return Outcome::Gap;
                }
                self.state.apply(&fact);
                self.sequence = sequence;
                self.stale = true;
                self.backlog_revision += u64::from(is_about_tasks(&fact.what));
            }
            ServerMessage::Sources(sources) => {
                self.read(*sources);
                self.stale = true;
            }
            ServerMessage::WaveFile { path, text } => {
                self.sources.set_wave(&path, text.as_deref());
                self.readings += 1;
                if self.lane.set(&path, text.as_deref()) {
                    self.project = self.lane.project();
                    self.stale = true;
                }
            }
            ServerMessage::Sessions { sessions } => self.seat(sessions),
            other @ (ServerMessage::Reply { .. }
            | ServerMessage::Notice { .. }
            | ServerMessage::Stopping { .. }
            | ServerMessage::Focus { .. }) => {
                return Outcome::Unfolded(Box::new(other));
            }
        }
        Outcome::Folded
    }

    /// Begins anew with a snapshot.
    pub(crate) fn begin(&mut self, snapshot: Snapshot) {
        self.sequence = snapshot.sequence;
        self.state = snapshot.state;
        self.read(snapshot.sources);
        self.seat(snapshot.sessions);
        self.complete = true;
        self.stale = true;
        self.backlog_revision += 1;
    }

    /// Of files only those that changed are read anew.
    fn read(&mut self, sources: Sources) {
        if sources != self.sources {
            self.lane.take(&sources);
            self.project = self.lane.project();
            self.sources = sources;
            self.readings += 1;
        }
    }

    fn seat(&mut self, sessions: Vec<SessionInfo>) {
        self.sessions = sessions;
        let sessions = &self.sessions;
        self.screens.retain(|name, _| sessions.iter().any(|session| session.session == *name));
    }

    /// Takes the changed rows of a terminal. `None` when it is the state that was there already.
    pub(crate) fn show(&mut self, update: ScreenUpdate) -> Option<&Screen> {
        let screen = self.screens.entry(update.session.clone()).or_default();
        let newer = update.complete || update.generation != screen.generation;
        newer.then(|| {
            screen.apply(update);
            &*screen
        })
    }

    /// Makes cards and sums new when what they are made of changed; `now` only where it did.
    pub(crate) fn refresh(&mut self, now: Time) {
        if std::mem::take(&mut self.stale) {
            self.cards = cards(&self.state, &self.project, now);
            self.revision += 1;
            self.tally = tally(&self.cards, &self.state, now);
        }
    }

    /// How many agents run side by side in the fullest wave: those that implement.
    pub(crate) fn most_together(&self) -> usize {
        let mut waves: BTreeMap<WaveNumber, usize> = BTreeMap::new();
        for card in self.cards.iter().filter(|card| self.stage(card) == Stage::Implementation) {
            *waves.entry(card.wave.number).or_default() += 1;
        }
        waves.into_values().max().unwrap_or_default()
    }

    /// The stage in which a card's agent runs.
    pub(crate) fn stage(&self, card: &Card) -> Stage {
        let started = self.state.waves.get(&card.wave).and_then(|wave| wave.brief_of(&card.agent));
        let authored = || {
            let wave = self.project.waves.get(&card.wave.number)?;
            let agent = wave.agents.iter().find(|agent| agent.id == card.agent)?;
            Some(stage_of(agent, &self.project.config))
        };
        started.map(|brief| brief.stage).or_else(authored).unwrap_or(Stage::Implementation)
    }

    /// Says that cards may read differently now, as with a deadline that passed.
    pub(crate) fn age(&mut self) {
        self.stale = true;
    }

    /// A terminal by name.
    pub(crate) fn session(&self, name: &str) -> Option<&SessionInfo> {
        self.sessions.iter().find(|session| session.session == name)
    }

    /// The card whose newest attempt runs in a terminal.
    pub(crate) fn card_of(&self, session: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.session.as_deref() == Some(session))
    }
}

/// Whether a fact changes the backlog, a saved plan, or what is known of a document.
fn is_about_tasks(what: &What) -> bool {
    matches!(
        what,
        What::BacklogImported { .. }
            | What::TaskAdded { .. }
            | What::TaskChanged { .. }
            | What::SlotsChanged { .. }
            | What::SlotsUndone { .. }
            | What::SlotsRedone { .. }
            | What::DocumentRead { .. }
    )
}
