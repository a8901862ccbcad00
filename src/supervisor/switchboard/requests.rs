//! What clients say, and what the switchboard does about it: what it can answer itself it answers here, what changes the
//! project goes to the driver, what starts or ends a process goes to the errand thread.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::Switchboard;
use super::guest::Watched;
use super::pace::Pace;
use crate::driver::Command;
use crate::driver::request::{Caller, ReplyTo, Request as DriverRequest, Role};
use crate::engine::Refused;
use crate::session::Size;
use crate::session::wire;
use crate::supervisor::errand::Errand;
use crate::supervisor::frame::{Frame, FrameKind, encode_json};
use crate::supervisor::protocol::{
    ClientMessage, ClientRole, Greeting, Hello, Reply, Request, ServerMessage, VERSION, WatchedPane,
};

/// Most rows of scrollback in one reply.
const HISTORY_ROWS_MAX: u32 = 1000;

impl Switchboard {
    /// Takes every whole frame of a client. `false` when the client talks nonsense and is to be parted with.
    pub(super) fn take_frames(&mut self, id: u64) -> bool {
        while !self.is_held(id) {
            let Some(guest) = self.guests.get_mut(&id) else { return true };
            let frame = match guest.frames.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return true,
                Err(error) => {
                    tracing::warn!(%error, id, "a client sent no frame");
                    return false;
                }
            };
            let greeted = guest.role.is_some();
            let sound = match (frame.kind, greeted) {
                (FrameKind::Greeting, false) => self.greet(id, &frame),
                (FrameKind::Control, true) => self.heed(id, &frame),
                _ => false,
            };
            if !sound {
                return false;
            }
        }
        true
    }

    fn greet(&mut self, id: u64, frame: &Frame) -> bool {
        let Ok(hello) = serde_json::from_slice::<Hello>(&frame.payload) else { return false };
        if hello.version != VERSION {
            let reason = format!(
                "This supervisor speaks version {VERSION} of the protocol and the client version {}. End it with \
                 `wavedeck stop` (agents go on), then start again.",
                hello.version
            );
            self.say_greeting(id, &Greeting::Refused { version: VERSION, reason });
            if let Some(guest) = self.guests.get_mut(&id) {
                guest.leaving = true;
                let _ = guest.flush();
            }
            return false;
        }
        let program = env!("CARGO_PKG_VERSION").to_owned();
        self.say_greeting(id, &Greeting::Welcome { version: VERSION, program, pid: std::process::id() });
        if let Some(guest) = self.guests.get_mut(&id) {
            guest.role = Some(hello.role.clone());
        }
        if hello.role == ClientRole::Room {
            self.ask_driver(id, 0, DriverRequest::Snapshot);
        }
        true
    }

    fn say_greeting(&mut self, id: u64, greeting: &Greeting) {
        if let Ok(frame) = encode_json(FrameKind::Greeting, greeting) {
            self.send_frame(id, &frame);
        }
    }

    fn heed(&mut self, id: u64, frame: &Frame) -> bool {
        let message = match serde_json::from_slice::<ClientMessage>(&frame.payload) {
            Ok(message) => message,
            Err(error) => {
                tracing::warn!(%error, id, "a client's message cannot be read");
                return false;
            }
        };
        let is_agent = matches!(
            self.guests.get(&id).and_then(|guest| guest.role.as_ref()),
            Some(ClientRole::Agent { .. })
        );
        match message {
            ClientMessage::Request { id: request_id, request } => self.requested(id, request_id, request),
            // An agent speaks for its own attempt through the driver only: terminals are none of its business.
            _ if is_agent => return false,
            ClientMessage::Watch { panes, opening } => {
                self.watch(id, panes);
                if let Some(size) = opening {
                    self.opening.tell(size);
                }
            }
            ClientMessage::Input { session, input } => {
                self.acted(id);
                if let Some(line) = self.lines.get_mut(&session) {
                    let taken = line.input(&input);
                    self.expedite(&session);
                    if !taken {
                        self.notice(&format!(
                            "{session} does not read its input; what you typed was not delivered."
                        ));
                    }
                }
            }
            ClientMessage::Drawn { session, generation } => {
                if let Some(guest) = self.guests.get_mut(&id) {
                    for watched in guest.watched.iter_mut().filter(|watched| watched.session == session) {
                        watched.pace.drawn(generation);
                    }
                }
            }
        }
        true
    }

    fn expedite(&mut self, session: &str) {
        for guest in self.guests.values_mut() {
            for watched in guest.watched.iter_mut().filter(|watched| watched.session == session) {
                watched.pace.expedite();
            }
        }
    }

    /// This client shows these panes now. Those it showed before keep what it already has of them.
    fn watch(&mut self, id: u64, panes: Vec<WatchedPane>) {
        for pane in &panes {
            self.revive(&pane.session);
        }
        let Some(guest) = self.guests.get_mut(&id) else { return };
        let mut before = std::mem::take(&mut guest.watched);
        guest.watched = panes
            .into_iter()
            .map(|pane| {
                let known = before.iter_mut().find(|watched| watched.session == pane.session);
                let pace = known.map_or_else(Pace::default, |watched| std::mem::take(&mut watched.pace));
                Watched { session: pane.session, size: pane.size, pace }
            })
            .collect();
        self.actor = None;
        self.acted(id);
        self.rank_again();
    }

    /// This client acted: from now on terminals have the sizes that it shows them in.
    fn acted(&mut self, id: u64) {
        if self.actor == Some(id) {
            return;
        }
        self.actor = Some(id);
        let Some(guest) = self.guests.get(&id) else { return };
        for watched in &guest.watched {
            if let (Some(size), Some(line)) = (watched.size, self.lines.get_mut(&watched.session)) {
                line.resize(size);
            }
        }
    }

    /// The size in which the client that acted last shows a session.
    pub(super) fn wanted_size(&self, session: &str) -> Option<Size> {
        let guest = self.guests.get(&self.actor?)?;
        guest.watched.iter().find(|watched| watched.session == session)?.size
    }

    fn requested(&mut self, id: u64, request_id: u64, request: Request) {
        let is_agent = matches!(
            self.guests.get(&id).and_then(|guest| guest.role.as_ref()),
            Some(ClientRole::Agent { .. })
        );
        let own = match request.for_driver() {
            Ok(request) => return self.ask_driver(id, request_id, request),
            Err(own) => own,
        };
        let to = ReplyTo { client: id, request: request_id };
        if is_agent {
            let reason = "an agent may ask, look, wait and submit, and nothing else".to_owned();
            let hint = "Leave terminals and the supervisor to the operator.".to_owned();
            return self.reply(to, Reply::Refused(Refused { reason, hint }));
        }
        match *own {
            Request::Screen { session, ansi } => self.reply_screen(to, &session, ansi),
            Request::History { session, first, count } => self.reply_history(to, &session, first, count),
            Request::Send { session, inputs } => {
                let reply = self.type_into(&session, &inputs);
                self.reply(to, reply);
            }
            Request::Focus { session } => {
                self.revive(&session);
                let reply = match self.lines.contains_key(&session) {
                    true => Reply::Done { message: format!("every room turns to {session}") },
                    false => no_such_session(&session),
                };
                self.tell_rooms(&ServerMessage::Focus { session });
                self.reply(to, reply);
            }
            Request::OpenShell { command, directory, size } => {
                self.errand(to, Errand::OpenShell { to, command, directory, size });
            }
            Request::CloseShell { session } => {
                let is_shell = self.lines.get(&session).is_some_and(|line| line.attempt.is_none());
                match is_shell {
                    true => self.errand(to, Errand::CloseShell { to, session }),
                    false => self.reply(to, no_such_session(&session)),
                }
            }
            Request::Stop { agents } => self.errand(to, Errand::Stop { to, agents }),
            // Everything else was the driver's.
            _ => {}
        }
    }

    fn ask_driver(&mut self, id: u64, request: u64, what: DriverRequest) {
        let role = match self.guests.get(&id).and_then(|guest| guest.role.clone()) {
            Some(ClientRole::Agent { attempt, token }) => Role::Agent { attempt, token },
            _ => Role::Operator,
        };
        let from = Caller { reply_to: ReplyTo { client: id, request }, role };
        self.send_to_driver(Some(id), Command::Request { from, request: Box::new(what) });
    }

    fn errand(&mut self, to: ReplyTo, errand: Errand) {
        if self.errands.try_send(errand).is_err() {
            let message =
                "The supervisor has too much to do; nothing was done. Try again in a moment.".to_owned();
            self.reply(to, Reply::Failed { message });
        }
    }

    fn type_into(&mut self, session: &str, inputs: &[crate::session::keys::TerminalInput]) -> Reply {
        let Some(line) = self.lines.get_mut(session).filter(|line| line.master.is_some()) else {
            return no_such_session(session);
        };
        if inputs.iter().all(|input| line.input(input)) {
            self.expedite(session);
            Reply::Done { message: format!("typed into {session}") }
        } else {
            Reply::Refused(Refused {
                reason: format!("{session} does not read its input; not everything was delivered"),
                hint: "Look at its screen and try again.".to_owned(),
            })
        }
    }

    fn reply_screen(&mut self, to: ReplyTo, session: &str, ansi: bool) {
        self.revive(session);
        let reply = match self.lines.get(session) {
            Some(line) => {
                let rows = if ansi { line.terminal.screen_ansi() } else { line.terminal.screen_text() };
                Reply::Screen { rows, size: line.terminal.size() }
            }
            None => no_such_session(session),
        };
        self.reply(to, reply);
    }

    fn reply_history(&mut self, to: ReplyTo, session: &str, first: u64, count: u32) {
        self.revive(session);
        let reply = match self.lines.get(session) {
            Some(line) => {
                let rows = line.terminal.history_page(first, count.min(HISTORY_ROWS_MAX) as usize);
                let rows = BASE64.encode(wire::encode_rows(&rows));
                Reply::History { first, total: line.terminal.history_rows(), rows }
            }
            None => no_such_session(session),
        };
        self.reply(to, reply);
    }
}

fn no_such_session(session: &str) -> Reply {
    Reply::Refused(Refused {
        reason: format!("there is no terminal {session}"),
        hint: "`wavedeck status` lists agents and their terminals.".to_owned(),
    })
}
