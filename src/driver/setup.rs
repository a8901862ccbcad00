//! What a driver is given, and why it may end.

use std::path::PathBuf;

use super::paths::ProjectPaths;
use crate::engine::Time;
use crate::session::Size;
use crate::store::StoreError;

/// What a driver is given.
#[derive(Debug, Clone)]
pub struct DriverSetup {
    /// The project; [`ProjectPaths::prepare`] was called.
    pub paths: ProjectPaths,
    /// The lane that it drives.
    pub lane: String,
    /// This program, for agents that call back.
    pub program: PathBuf,
    /// Size of a session that nobody has looked at yet.
    pub size: Size,
    /// Address of Context7, without a path: [`super::context7::ADDRESS`] but for tests.
    pub context7: String,
}

/// Why the driver ended, or did not begin.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The store cannot be used.
    #[error("{0}")]
    Store(StoreError),
    /// Something could not be put on record; it did not happen, and the driver goes on.
    #[error("{0}")]
    NotCommitted(StoreError),
    /// The project's secret cannot be used.
    #[error("the secret {path} cannot be used: {error}")]
    Secret {
        /// Where it lies.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The system refused a thread or a timer.
    #[error("the driver could not be started: {0}")]
    System(std::io::Error),
}

/// Tells the time.
pub(super) type Clock = Box<dyn Fn() -> Time + Send>;

/// The clock of this machine.
pub(super) fn system_clock() -> Clock {
    Box::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Time(since.ok().and_then(|since| u64::try_from(since.as_millis()).ok()).unwrap_or_default())
    })
}
