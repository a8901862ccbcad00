//! The driver's hold on the store, under a trait, so that tests can let it fail and count what it was given.

use std::path::PathBuf;

use crate::engine::{Fact, State};
use crate::store::{Reader, Store, StoreError};

/// Where facts go on record.
pub(super) trait Record: Send {
    /// Puts facts on record, all or none; when it returns they survive anything. Gives the number of the last one.
    fn append(&mut self, facts: &[Fact]) -> Result<u64, StoreError>;

    /// Keeps a state, so that the next opening is quick.
    fn snapshot(&mut self, sequence: u64, state: &State) -> Result<(), StoreError>;

    /// What is on record: the number of the last fact, and the state that they make.
    fn read(&mut self) -> Result<(u64, State), StoreError>;

    /// Closes it.
    fn close(self: Box<Self>) -> Result<(), StoreError>;
}

/// The project's database.
#[derive(Debug)]
pub(super) struct Database {
    /// Its writer.
    pub(super) store: Store,
    /// Where it lies.
    pub(super) path: PathBuf,
}

impl Record for Database {
    fn append(&mut self, facts: &[Fact]) -> Result<u64, StoreError> {
        self.store.append(facts.to_vec()).wait()
    }

    fn snapshot(&mut self, sequence: u64, state: &State) -> Result<(), StoreError> {
        self.store.snapshot(sequence, state).wait().map(|_| ())
    }

    fn read(&mut self) -> Result<(u64, State), StoreError> {
        Reader::open(&self.path)?.state()
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        self.store.close()
    }
}
