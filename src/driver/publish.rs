//! How the driver speaks: a trait that whoever holds the clients implements.

use super::request::{Reply, ReplyTo};
use crate::engine::Fact;
use crate::plan::Sources;

/// Something that the operator should know and that is no fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A sentence.
    pub text: String,
    /// Whether something went wrong.
    pub wrong: bool,
}

/// Everyone who listens. Called from the driver's thread only; must not block for long: a listener that is slow is the
/// implementer's matter. What is said keeps its order: a reply with a snapshot stands before the facts that follow it.
pub trait Publish: Send {
    /// A fact was committed. `sequence` is one more than the last one's.
    fn fact(&mut self, sequence: u64, fact: &Fact);

    /// What authors wrote changed.
    fn sources(&mut self, sources: &Sources);

    /// Of what authors wrote this wave file alone changed; `None`: it is gone.
    fn wave_file(&mut self, path: &str, text: Option<&str>);

    /// The operator should know this.
    fn notice(&mut self, notice: &Notice);

    /// To one request. A client that is gone is no error.
    fn reply(&mut self, to: ReplyTo, reply: Reply);
}
