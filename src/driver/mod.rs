//! The imperative shell around the engine: input, step, commit, publish, perform, in this order and never another.
//! Reads and writes the project's files, keeps the timers, gathers evidence, starts agents through their adapters. Uses
//! plan, engine, store, session and adapters. It knows no socket and holds no terminal: it reaches them through
//! [`sessions::Sessions`] and [`publish::Publish`].

pub mod adhoc;
mod adopt;
mod answer;
mod backlog;
mod bundles;
pub mod context7;
pub mod disk;
pub mod documents;
mod drive;
mod evidence;
pub mod files;
pub mod lane_files;
mod leftover;
pub mod paths;
mod perform;
pub mod planner;
mod projection;
pub mod publish;
mod record;
pub mod request;
pub mod rewrite;
mod run;
pub mod run_folder;
pub mod sessions;
mod setup;
mod slots;
pub mod token;
mod watch;
mod write;

use std::thread::JoinHandle;

use tokio::sync::mpsc::Receiver;

use crate::store::{Opened, Store};
use disk::SystemDisk;
use publish::Publish;
use record::Database;
use run::Driver;
use sessions::Sessions;
use token::Secret;

pub use request::Command;
pub use setup::{DriverError, DriverSetup};

/// Opens the project's store and starts the driver on a thread of its own. `commands` is the only way to speak to it;
/// its sender's side is bounded. The thread ends on [`Command::Stop`], when every sender is gone, or when the store
/// cannot be used any more.
///
/// The store is opened on the calling thread, so that what is wrong with it is told at once. Everything else happens on
/// the driver's thread: `sessions` is first asked there, and may answer with the help of the caller's thread.
///
/// # Errors
/// When store, secret or thread cannot be had. Nothing was started.
pub fn spawn(
    setup: DriverSetup,
    sessions: Box<dyn Sessions>,
    publish: Box<dyn Publish>,
    commands: Receiver<Command>,
) -> Result<JoinHandle<Result<(), DriverError>>, DriverError> {
    let secret_file = setup.paths.secret();
    let secret = Secret::load_or_create(&secret_file)
        .map_err(|error| DriverError::Secret { path: secret_file, error })?;
    let database = setup.paths.database();
    let Opened { store, state, sequence, replayed, notes } =
        Store::open(&database).map_err(DriverError::Store)?;
    let record = Box::new(Database { store, path: database });
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(DriverError::System)?;
    let mut driver = Driver::new(
        setup,
        run::Parts {
            secret,
            record,
            disk: Box::new(SystemDisk),
            clock: setup::system_clock(),
            sessions,
            publish,
        },
        run::Folded { state, sequence, kept: sequence.saturating_sub(replayed) },
    );
    std::thread::Builder::new()
        .name("driver".to_owned())
        .spawn(move || {
            for note in notes {
                driver.notice(note, true);
            }
            runtime.block_on(driver.drive(commands))
        })
        .map_err(DriverError::System)
}

#[cfg(test)]
mod tests;
