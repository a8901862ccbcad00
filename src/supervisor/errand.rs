//! What starts or ends a process on a client's word, done beside the switchboard so that no key waits for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use tokio::sync::mpsc as tokio_mpsc;

use super::protocol::Reply;
use super::sessions::KeptSessions;
use super::switchboard::{Handle, Order};
use crate::driver::Command;
use crate::driver::paths::ProjectPaths;
use crate::driver::request::{Agents, ReplyTo};
use crate::driver::sessions::{SessionSpec, Sessions};
use crate::engine::Refused;
use crate::session::Size;

/// Errands that may wait. When there are more, clients are told to come again.
pub(super) const ERRANDS_MAX: usize = 64;

/// How long a plain terminal's programs have to end by themselves.
const SHELL_GRACE_MS: u64 = 2000;

/// One errand.
pub(super) enum Errand {
    /// Open a plain terminal.
    OpenShell {
        /// Who wants it.
        to: ReplyTo,
        /// Program and arguments.
        command: Vec<String>,
        /// Folder; the project's by default.
        directory: Option<String>,
        /// Size to start with.
        size: Size,
    },
    /// End a plain terminal.
    CloseShell {
        /// Who wants it.
        to: ReplyTo,
        /// Which.
        session: String,
    },
    /// End the supervisor.
    Stop {
        /// Who wants it.
        to: ReplyTo,
        /// Agents and keeper, too.
        agents: bool,
    },
}

/// Runs errands until the switchboard is gone.
pub(super) struct Errands {
    pub(super) paths: ProjectPaths,
    pub(super) sessions: KeptSessions,
    pub(super) switchboard: Handle,
    pub(super) driver: tokio_mpsc::Sender<Command>,
    /// Set when the keeper is to end with this process, and everything that it holds.
    pub(super) stopping: Arc<AtomicBool>,
}

impl Errands {
    pub(super) fn run(mut self, receiver: &Receiver<Errand>) {
        let mut next_shell = self.first_free_shell();
        while let Ok(errand) = receiver.recv() {
            match errand {
                Errand::OpenShell { to, command, directory, size } => {
                    let name = format!("shell-{next_shell}");
                    next_shell += 1;
                    let reply = self.open_shell(&name, command, directory, size);
                    self.switchboard.order(Order::Reply { to, reply: Box::new(reply) });
                }
                Errand::CloseShell { to, session } => {
                    self.sessions.end(&session, SHELL_GRACE_MS);
                    let message = format!("{session} is ended");
                    self.switchboard.order(Order::Reply { to, reply: Box::new(Reply::Done { message }) });
                }
                Errand::Stop { to, agents } => self.stop(to, agents),
            }
        }
    }

    /// Numbers of shells are not used again while one of that number, or its log, is there.
    fn first_free_shell(&mut self) -> u64 {
        let logs = self.paths.session_log("shell-0");
        let on_disk = logs.parent().map(names_in).unwrap_or_default();
        let living = self.sessions.living().unwrap_or_default().into_iter().map(|living| living.name);
        on_disk
            .into_iter()
            .chain(living)
            .filter_map(|name| name.strip_prefix("shell-")?.parse::<u64>().ok())
            .max()
            .map_or(1, |highest| highest + 1)
    }

    fn open_shell(
        &mut self,
        name: &str,
        command: Vec<String>,
        directory: Option<String>,
        size: Size,
    ) -> Reply {
        if command.is_empty() {
            let reason = "there is no command to run".to_owned();
            let hint = "Name a program, such as `wavedeck shells htop`.".to_owned();
            return Reply::Refused(Refused { reason, hint });
        }
        let environment: BTreeMap<String, String> = [
            ("TERM".to_owned(), "xterm-256color".to_owned()),
            ("COLORTERM".to_owned(), "truecolor".to_owned()),
        ]
        .into();
        let spec = SessionSpec {
            name: name.to_owned(),
            label: command.join(" "),
            command,
            directory: directory.map_or_else(|| self.paths.project().to_owned(), PathBuf::from),
            environment: environment.into_iter().collect(),
            size,
            attempt: None,
            log_directory: self.paths.session_log(name),
        };
        match self.sessions.open(&spec) {
            Ok(_) => Reply::Session { session: name.to_owned() },
            Err(reason) => {
                let hint = "Nothing was started; correct the command line and try again.".to_owned();
                Reply::Refused(Refused { reason, hint })
            }
        }
    }

    fn stop(&mut self, to: ReplyTo, agents: bool) {
        let message = match agents {
            true => "the supervisor ends, and every agent and terminal with it",
            false => "the supervisor ends; agents go on",
        };
        self.switchboard.order(Order::Stopping { text: message.to_owned() });
        self.stopping.store(agents, Ordering::Release);
        let reply = Box::new(Reply::Done { message: message.to_owned() });
        self.switchboard.order(Order::Reply { to, reply });
        let agents = if agents { Agents::End } else { Agents::GoOn };
        // The driver's thread ends when its receiver does; then there is nothing left to stop.
        let _ = self.driver.blocking_send(Command::Stop { agents });
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
