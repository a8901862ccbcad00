//! What the server does when the supervisor calls.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::descendants::Scope;
use super::ending::Ending;
use super::held::HeldSession;
use super::protocol::{Answer, Call, ChildExit, OnShutdown, Request, SESSION_VARIABLE, SpawnSession};
use super::server::{Connection, Server, Shutdown};
use crate::session::log::{LogLimits, LogWriter};
use crate::session::pty::SpawnCommand;

/// Longest name of a session, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// Longest grace; a longer one is as good as this.
const GRACE_MS_MAX: u64 = 24 * 60 * 60 * 1000;

impl Server<'_> {
    pub(super) fn handle_call(&mut self, frame: &[u8]) -> Connection {
        let call = match serde_json::from_slice::<Call>(frame) {
            Ok(call) => call,
            Err(error) => {
                // A newer supervisor may want what this keeper does not know.
                let Ok(Numbered { id }) = serde_json::from_slice(frame) else { return Connection::Ends };
                self.fail(id, format!("this keeper does not understand the call: {error}"));
                return Connection::Stays;
            }
        };
        match call.request {
            Request::Spawn(session) => self.spawn(call.id, *session),
            Request::List => self.list(call.id),
            Request::Forget { name } => self.forget(call.id, &name),
            Request::End { name, grace_ms } => self.end(call.id, name, grace(grace_ms)),
            Request::Shutdown { sessions } => self.shut_down(call.id, sessions),
        }
        Connection::Stays
    }

    fn fail(&mut self, id: u64, reason: impl Display) {
        self.reply(id, Answer::Failed { reason: reason.to_string() }, None);
    }

    fn spawn(&mut self, id: u64, session: SpawnSession) {
        let name = session.name.clone();
        let existed = self.sessions.contains_key(&name);
        if !existed {
            match self.start(session) {
                Ok(held) => _ = self.sessions.insert(name.clone(), held),
                Err(reason) => return self.fail(id, reason),
            }
        }
        if let Some(held) = self.sessions.get(&name) {
            let answer = Answer::Spawned { session: Box::new(held.record(&name)), existed };
            let master = Arc::clone(held.master());
            self.reply(id, answer, Some(master));
        }
    }

    fn start(&self, session: SpawnSession) -> Result<HeldSession, String> {
        if self.shutdown.is_some() {
            return Err("the keeper is shutting down; nothing was started".to_owned());
        }
        if self.endings.contains_key(&session.name) {
            return Err(format!("what session `{}` had started before is still being ended", session.name));
        }
        if session.name.is_empty() || session.name.len() > NAME_BYTES_MAX || session.name.contains('\0') {
            return Err(format!("a session's name has 1 to {NAME_BYTES_MAX} bytes"));
        }
        if !session.log_directory.is_absolute() {
            return Err(format!("the log folder {} is not absolute", session.log_directory.display()));
        }
        LogWriter::open(&session.log_directory, LogLimits::default())
            .and_then(|mut log| log.note_size(session.size))
            .map_err(|error| {
                format!("the log in {} cannot be written: {error}", session.log_directory.display())
            })?;
        let mut environment = session.environment.clone();
        environment.retain(|(name, _)| name != SESSION_VARIABLE);
        environment.push((SESSION_VARIABLE.to_owned(), session.name.clone()));
        let command = SpawnCommand {
            command: session.command.clone(),
            directory: session.directory.clone(),
            environment,
            size: session.size,
        };
        let spawned = self.pty.spawn(&command).map_err(|error| error.to_string())?;
        self.reaper.child_started();
        Ok(HeldSession::new(session, spawned))
    }

    fn list(&mut self, id: u64) {
        let records: Vec<_> =
            self.sessions.iter().map(|(name, held)| (held.record(name), Arc::clone(held.master()))).collect();
        let count = records.len();
        for (record, master) in records {
            self.reply(id, Answer::Session { session: Box::new(record) }, Some(master));
        }
        self.reply(id, Answer::Listed { count }, None);
    }

    fn forget(&mut self, id: u64, name: &str) {
        match self.sessions.get(name).map(HeldSession::exit) {
            None => self.fail(id, unknown(name)),
            Some(None) => self.fail(id, format!("session `{name}` still runs; end it first")),
            Some(Some(ChildExit::Code { .. } | ChildExit::Signal { .. })) => {
                self.sessions.remove(name);
                self.reply(id, Answer::Done, None);
            }
        }
    }

    fn end(&mut self, id: u64, name: String, grace: Duration) {
        let Some(held) = self.sessions.get(&name) else { return self.fail(id, unknown(&name)) };
        let now = Instant::now();
        let scope =
            Scope::Session { name: name.clone(), leader: held.pid(), leader_held: held.exit().is_none() };
        let own_pid = self.own_pid;
        let ending = self.endings.entry(name).or_insert_with(|| Ending::new(own_pid, scope, grace, now));
        ending.hurry(grace, now);
        // Told before the reply. When it is complete already, the next turn of the loop says so, after the reply.
        match ending.advance(now) {
            Ok(_) => {
                let signalled = ending.told_count();
                self.reply(id, Answer::Ending { signalled }, None);
            }
            Err(error) => self.fail(id, format!("its processes cannot be looked up: {error}")),
        }
    }

    fn shut_down(&mut self, id: u64, sessions: OnShutdown) {
        match sessions {
            OnShutdown::Refuse => {
                let running = self.sessions.values().filter(|held| held.exit().is_none()).count();
                if running > 0 {
                    return self.fail(id, format!("{running} sessions still run; the keeper goes on"));
                }
                self.shutdown = Some(Shutdown { call: id, ending: None });
                self.reply(id, Answer::Done, None);
            }
            OnShutdown::End { grace_ms } => {
                let ending = Ending::new(self.own_pid, Scope::Everything, grace(grace_ms), Instant::now());
                self.shutdown = Some(Shutdown { call: id, ending: Some(ending) });
            }
        }
    }
}

/// What of a call can be understood in any version.
#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

fn grace(grace_ms: u64) -> Duration {
    Duration::from_millis(grace_ms.min(GRACE_MS_MAX))
}

fn unknown(name: &str) -> String {
    format!("the keeper holds no session `{name}`")
}
