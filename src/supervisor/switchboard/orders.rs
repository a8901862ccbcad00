//! What other threads order of the switchboard, and what it does about each order.

use std::collections::VecDeque;

use super::guest::Guest;
use super::line::NewLine;
use super::{Reading, Switchboard};
use crate::driver::request::{Reply as DriverReply, ReplyTo};
use crate::engine::Fact;
use crate::engine::input::Exit;
use crate::plan::Sources;
use crate::supervisor::frame::{FrameKind, encode_json};
use crate::supervisor::protocol::{Reply, ServerMessage};

/// Notices kept for the first room. Older ones give way, and how many did is said.
const UNHEARD_MAX: usize = 32;

/// What no room was there to hear.
#[derive(Default)]
pub(super) struct Unheard {
    /// Text, and whether something went wrong; oldest first.
    notices: VecDeque<(String, bool)>,
    left_out: usize,
}

/// An order. Orders of one thread are taken in the order in which they were given.
pub enum Order {
    /// A terminal comes.
    Attach(Box<NewLine>),
    /// A terminal's program ended.
    Ended {
        /// Session.
        session: String,
        /// How.
        exit: Exit,
    },
    /// The keeper is gone: how programs that run now will end nobody will say.
    KeeperGone,
    /// A plain terminal is not needed any more.
    Drop {
        /// Session.
        session: String,
    },
    /// A fact was committed.
    Fact {
        /// Its sequence number.
        sequence: u64,
        /// The fact.
        fact: Box<Fact>,
    },
    /// What authors wrote changed.
    Sources(Box<Sources>),
    /// Of what authors wrote this wave file alone changed.
    WaveFile {
        /// Its path, relative to the project.
        path: String,
        /// Its text; `None` when it is gone.
        text: Option<String>,
    },
    /// The operator should know this.
    Notice {
        /// A sentence.
        text: String,
        /// Whether something went wrong.
        wrong: bool,
    },
    /// The supervisor is being stopped on purpose.
    Stopping {
        /// What happens to agents, as a sentence.
        text: String,
    },
    /// The driver replies to a client.
    DriverReply {
        /// Whom.
        to: ReplyTo,
        /// What.
        reply: Box<DriverReply>,
    },
    /// Somebody else replies to a client.
    Reply {
        /// Whom.
        to: ReplyTo,
        /// What.
        reply: Box<Reply>,
    },
    /// End: the sockets are closed and the thread returns.
    Stop,
}

/// Orders taken in one turn of the loop, so that a flood of facts keeps no key waiting.
const ORDERS_PER_TURN: usize = 256;

impl Switchboard {
    pub(super) fn take_orders(&mut self) {
        for _ in 0..ORDERS_PER_TURN {
            let Ok(order) = self.orders.try_recv() else { return };
            self.obey(order);
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Attach(new) => self.attach(*new),
            Order::Ended { session, exit } => self.ended(&session, exit),
            Order::KeeperGone => {
                for line in self.lines.values_mut().filter(|line| line.master.is_some()) {
                    line.orphaned = true;
                }
            }
            Order::Drop { session } => {
                self.lines.remove(&session);
                self.sessions_changed = true;
            }
            Order::Fact { sequence, fact } => self.tell_rooms(&ServerMessage::Fact { sequence, fact }),
            Order::Sources(sources) => self.tell_rooms(&ServerMessage::Sources(sources)),
            Order::WaveFile { path, text } => self.tell_rooms(&ServerMessage::WaveFile { path, text }),
            Order::Notice { text, wrong } => self.tell_notice(text, wrong),
            Order::Stopping { text } => self.tell_rooms(&ServerMessage::Stopping { text }),
            Order::DriverReply { to, reply } => self.driver_replied(to, *reply),
            Order::Reply { to, reply } => self.reply(to, *reply),
            Order::Stop => self.stopping = true,
        }
    }

    /// The reply to a room's own greeting (request 0) is its first snapshot; from then on it is told what happens.
    fn driver_replied(&mut self, to: ReplyTo, reply: DriverReply) {
        let reply = Reply::from_driver(reply, || self.session_list());
        let is_greeting = to.request == 0;
        match (is_greeting, reply) {
            (true, Reply::Snapshot(snapshot)) => {
                self.send(to.client, &ServerMessage::Snapshot(snapshot));
                if let Some(guest) = self.guests.get_mut(&to.client) {
                    guest.joined = true;
                    self.tell_unheard(to.client);
                }
            }
            (_, reply) => self.reply(to, reply),
        }
    }

    pub(super) fn reply(&mut self, to: ReplyTo, reply: Reply) {
        self.send(to.client, &ServerMessage::Reply { id: to.request, reply });
    }

    /// Tells everyone that something went wrong.
    pub(super) fn notice(&mut self, text: &str) {
        tracing::warn!("{text}");
        self.tell_notice(text.to_owned(), true);
    }

    /// Tells every room, or keeps it for the first one that joins: what a start finds is said before anyone is there.
    fn tell_notice(&mut self, text: String, wrong: bool) {
        if self.guests.values().any(Guest::is_room) {
            self.tell_rooms(&ServerMessage::Notice { text, wrong });
            return;
        }
        if self.unheard.notices.len() == UNHEARD_MAX {
            self.unheard.notices.pop_front();
            self.unheard.left_out += 1;
        }
        self.unheard.notices.push_back((text, wrong));
    }

    fn tell_unheard(&mut self, client: u64) {
        let Unheard { notices, left_out } = std::mem::take(&mut self.unheard);
        if left_out > 0 {
            let text = format!("{left_out} earlier notices are in the supervisor's log only.");
            self.send(client, &ServerMessage::Notice { text, wrong: true });
        }
        for (text, wrong) in notices {
            self.send(client, &ServerMessage::Notice { text, wrong });
        }
    }

    /// Sends one message to every room: encoded once, however many there are.
    pub(super) fn tell_rooms(&mut self, message: &ServerMessage) {
        let rooms: Vec<u64> =
            self.guests.iter().filter(|(_, guest)| guest.is_room()).map(|(id, _)| *id).collect();
        if rooms.is_empty() {
            return;
        }
        match encode_json(FrameKind::Control, message) {
            Ok(frame) => {
                for id in rooms {
                    self.send_frame(id, &frame);
                }
            }
            Err(error) => tracing::error!(%error, "a message could not be encoded"),
        }
    }

    /// Sends one message to one client.
    pub(super) fn send(&mut self, id: u64, message: &ServerMessage) {
        match encode_json(FrameKind::Control, message) {
            Ok(frame) => self.send_frame(id, &frame),
            Err(error) => tracing::error!(%error, "a message could not be encoded"),
        }
    }

    pub(super) fn send_frame(&mut self, id: u64, frame: &[u8]) {
        let Some(guest) = self.guests.get_mut(&id) else { return };
        if guest.send(frame) == Reading::Gone {
            self.part(id);
        }
    }
}
