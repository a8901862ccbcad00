//! The driver's loop: it sleeps until somebody says something, a file changes or a deadline passes.

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::context7::Fetched;
use super::request::{Agents, Command};
use super::rewrite::Settled;
use super::run::Driver;
use super::setup::DriverError;
use super::watch::{QUIET_MS, Touch, Touched, Watch};
use crate::engine::schedule::live_attempts;
use crate::engine::{AttemptKey, Input, Time};

/// How long cancelled agents are waited for when everything is to end.
const END_ALL_MS: u64 = 10_000;

/// What woke the loop.
enum Wake {
    Command(Box<Command>),
    NobodyLeft,
    FileTouched(Touch),
    Fetched(Box<Fetched>),
    Deadline,
}

/// When something is to be done without anybody saying anything.
#[derive(Default)]
struct Timers {
    /// Authored files were touched; read them when it is quiet.
    read_sources: Option<Instant>,
    /// Which ones.
    touched: Touched,
    /// Everything ends, at the latest now.
    end: Option<Time>,
}

impl Driver {
    /// Runs until it is told to stop, or nobody can tell it anything any more.
    ///
    /// # Errors
    /// When the store cannot be used any more; what is on record is safe.
    pub(super) async fn drive(mut self, mut commands: Receiver<Command>) -> Result<(), DriverError> {
        let own = self.setup.paths.own_directory();
        let mut touches = match Watch::new(self.setup.paths.project(), &own) {
            Ok((watch, touches)) => {
                self.watch = Some(watch);
                Some(touches)
            }
            Err(error) => {
                let text = format!(
                    "Edits by others are not noticed by themselves, since files cannot be watched: {error}."
                );
                self.notice(text, true);
                None
            }
        };
        let mut documentation = self.shelf.told.take();
        self.begin()?;
        let mut timers = Timers::default();
        loop {
            let deadline = self.wake_at(&timers);
            let wake = tokio::select! {
                command = commands.recv() => command.map_or(Wake::NobodyLeft, |it| Wake::Command(Box::new(it))),
                Some(touch) = signal(&mut touches) => Wake::FileTouched(touch),
                Some(fetched) = signal(&mut documentation) => Wake::Fetched(Box::new(fetched)),
                () = sleep(deadline) => Wake::Deadline,
            };
            let done = match wake {
                Wake::NobodyLeft => break,
                Wake::Command(command) => match *command {
                    Command::Stop { agents: Agents::GoOn } => break,
                    command => self.command(command, &mut timers),
                },
                Wake::FileTouched(touch) => {
                    timers.touched.add(touch);
                    // From the first touch on: a file that is touched for ever is read all the same.
                    timers.read_sources.get_or_insert(Instant::now() + Duration::from_millis(QUIET_MS));
                    Ok(())
                }
                Wake::Fetched(fetched) => self.fetched(*fetched),
                Wake::Deadline => {
                    if let Some(touches) = &mut touches {
                        timers.touched.add_waiting(touches);
                    }
                    self.deadline(&mut timers)
                }
            };
            self.survive(done)?;
            if timers.end.is_some_and(|end| self.now() >= end || live_attempts(&self.state).next().is_none())
            {
                break;
            }
        }
        self.keep_state();
        self.record.close().map_err(DriverError::Store)
    }

    /// What a start has to do: read the files, settle a half-made edit, adopt what lives, go on.
    ///
    /// # Errors
    /// As [`Driver::drive`].
    pub(super) fn begin(&mut self) -> Result<(), DriverError> {
        let settled = self.settle_edit();
        self.survive(settled)?;
        self.read_sources();
        let followed = self.follow_backlogs();
        self.survive(followed)?;
        let read = self.follow_documents();
        self.survive(read)?;
        let reconciled = self.reconcile();
        self.survive(reconciled)
    }

    fn command(&mut self, command: Command, timers: &mut Timers) -> Result<(), DriverError> {
        match command {
            Command::Request { from, request } => self.answer(&from, *request),
            Command::ClientGone { client } => {
                self.awaiting.retain(|(to, _)| to.client != client);
                Ok(())
            }
            Command::SessionExited { name, exit } => self.session_exited(&name, exit),
            Command::SessionLost { name } => self.session_lost(&name),
            Command::Stop { agents: Agents::GoOn } => Ok(()),
            Command::Stop { agents: Agents::End } => {
                timers.end = Some(self.now().plus_ms(END_ALL_MS));
                let running: Vec<AttemptKey> = live_attempts(&self.state).map(|(key, _)| key).collect();
                for attempt in running {
                    self.say(Input::Cancel { attempt, by: "stop".to_owned() })?;
                }
                Ok(())
            }
        }
    }

    fn deadline(&mut self, timers: &mut Timers) -> Result<(), DriverError> {
        if timers.read_sources.is_some_and(|at| at <= Instant::now()) {
            timers.read_sources = None;
            match std::mem::take(&mut timers.touched).files(self.setup.paths.project()) {
                Some(files) => self.read_touched(&files),
                None => self.read_sources(),
            }
            self.follow_backlogs()?;
            self.follow_documents()?;
        }
        if self.reconcile_at.is_some_and(|at| at <= self.now()) {
            self.reconcile()?;
        }
        if self.state.next_deadline().is_some_and(|at| at <= self.now()) {
            self.say(Input::Tick)?;
        }
        Ok(())
    }

    /// The nearest moment at which something is due.
    fn wake_at(&self, timers: &Timers) -> Option<Instant> {
        // While the store fails, a deadline that passed would be tried again at once and for ever.
        let engine = if self.reconcile_at.is_some() { None } else { self.state.next_deadline() };
        let now = self.now();
        let at = [engine, self.reconcile_at, timers.end].into_iter().flatten().min();
        let moment = at.map(|at| Instant::now() + Duration::from_millis(at.since_ms(now)));
        [moment, timers.read_sources].into_iter().flatten().min()
    }

    /// A failure to commit is told, and the driver goes on; any other one ends it.
    fn survive(&mut self, done: Result<(), DriverError>) -> Result<(), DriverError> {
        match done {
            Err(DriverError::NotCommitted(error)) => {
                self.notice(error.to_string(), true);
                Ok(())
            }
            Err(error) => {
                self.notice(error.to_string(), true);
                Err(error)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Completes or forgets an edit that a killed driver left.
    fn settle_edit(&mut self) -> Result<(), DriverError> {
        match self.rewriter().settle(self.state.edits_standing) {
            Ok(Settled::Nothing | Settled::Kept | Settled::TakenBack) => {}
            Ok(Settled::Written(intent)) => {
                let heard = self.say(intent.input.clone())?;
                let settled = match heard.refused {
                    None => self.rewriter().keep().map_err(|error| error.to_string()),
                    Some(_) => self.rewriter().take_back(&intent).map_err(|error| error.to_string()),
                };
                if let Err(error) = settled {
                    self.notice(error, true);
                }
            }
            Ok(Settled::Conflict { files, kept }) => {
                let text = format!(
                    "An edit was interrupted and its files were changed since ({}). Nothing was overwritten; both texts are in {}.",
                    files.join(", "),
                    kept.display()
                );
                self.notice(text, true);
            }
            Err(error) => self.notice(error.to_string(), true),
        }
        Ok(())
    }
}

/// The next signal, or never when nobody gives any.
async fn signal<T>(signals: &mut Option<Receiver<T>>) -> Option<T> {
    match signals {
        Some(signals) => signals.recv().await,
        None => std::future::pending().await,
    }
}

async fn sleep(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
