//! Where the keeper of a project lies on disk.

use std::path::{Path, PathBuf};

/// Files of one keeper. A supervisor and the keeper it starts are given the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeeperPlace {
    state_directory: PathBuf,
    socket: PathBuf,
}

impl KeeperPlace {
    /// A keeper with its lock and its log in `state_directory`, which exists, and its socket at `socket`, at most 100
    /// bytes long. Both absolute.
    pub fn new(state_directory: &Path, socket: &Path) -> Self {
        Self { state_directory: state_directory.to_owned(), socket: socket.to_owned() }
    }

    /// The folder of its files.
    pub fn state_directory(&self) -> &Path {
        &self.state_directory
    }

    /// The socket it listens at, mode 0600.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Held locked as long as the keeper lives; contains its process id.
    pub fn lock(&self) -> PathBuf {
        self.state_directory.join("keeper.lock")
    }

    /// Held locked by whoever looks for the keeper and may start one.
    pub(super) fn start_lock(&self) -> PathBuf {
        self.state_directory.join("keeper.start.lock")
    }

    /// What the keeper has to say when it fails; emptied when one starts.
    pub fn log(&self) -> PathBuf {
        self.state_directory.join("keeper.log")
    }
}
