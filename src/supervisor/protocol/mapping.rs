//! Between the requests and replies of the socket and those of the driver: one to one, in this one place.

use super::{Reply, Request, SessionInfo, Snapshot};
use crate::driver::request as driver;

impl Request {
    /// The request as the driver takes it, or the request itself when it is the supervisor's own to answer.
    pub fn for_driver(self) -> Result<driver::Request, Box<Request>> {
        Ok(match self {
            Request::Launch { waves, options, command } => {
                driver::Request::Launch { waves, options, command }
            }
            Request::Cancel { attempt, by } => driver::Request::Cancel { attempt, by },
            Request::Answer { question, text, by } => driver::Request::Answer { question, text, by },
            Request::EditPlan { edit, by } => driver::Request::EditPlan { edit, by },
            Request::Undo { by } => driver::Request::Undo { by },
            Request::Redo { by } => driver::Request::Redo { by },
            Request::Import { kind, path, follow, by } => driver::Request::Import { kind, path, follow, by },
            Request::EditBacklog { edit, by } => driver::Request::EditBacklog { edit, by },
            Request::ChangeSlots { change, expected, by } => {
                driver::Request::ChangeSlots { change, expected, by }
            }
            Request::ImportDocument { path, slug, by } => driver::Request::ImportDocument { path, slug, by },
            Request::AcceptDocument { slug, tasks, expected, by } => {
                driver::Request::AcceptDocument { slug, tasks, expected, by }
            }
            Request::WriteDocument { slug, tasks, expected, by } => {
                driver::Request::WriteDocument { slug, tasks, expected, by }
            }
            Request::Ask { text, options } => driver::Request::Ask { text, options },
            Request::AwaitAnswer { question } => driver::Request::AwaitAnswer { question },
            Request::LookQuestion { question } => driver::Request::LookQuestion { question },
            Request::Submit { envelope } => driver::Request::Submit { envelope },
            Request::Snapshot => driver::Request::Snapshot,
            own @ (Request::OpenShell { .. }
            | Request::CloseShell { .. }
            | Request::Screen { .. }
            | Request::History { .. }
            | Request::Send { .. }
            | Request::Focus { .. }
            | Request::Stop { .. }) => return Err(Box::new(own)),
        })
    }
}

impl Reply {
    /// The driver's reply as clients get it; a snapshot is given the terminals that are there.
    pub fn from_driver(reply: driver::Reply, sessions: impl FnOnce() -> Vec<SessionInfo>) -> Reply {
        match reply {
            driver::Reply::Done { message } => Reply::Done { message },
            driver::Reply::Launched { run, notes } => Reply::Launched { run, notes },
            driver::Reply::Imported(imported) => Reply::Imported(imported),
            driver::Reply::SlotsChanged { slug, version, message } => {
                Reply::SlotsChanged { slug, version, message }
            }
            driver::Reply::DocumentImported(imported) => Reply::DocumentImported(imported),
            driver::Reply::Edited { task, message, notes } => Reply::Edited { task, message, notes },
            driver::Reply::Asked { question } => Reply::Asked { question },
            driver::Reply::Question { question, status } => Reply::Question { question, status },
            driver::Reply::Snapshot(snapshot) => {
                let driver::Snapshot { sequence, state, sources, now } = *snapshot;
                Reply::Snapshot(Box::new(Snapshot { sequence, state, sources, sessions: sessions(), now }))
            }
            driver::Reply::Refused(refused) => Reply::Refused(refused),
            driver::Reply::Failed { message } => Reply::Failed { message },
        }
    }
}
