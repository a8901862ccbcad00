//! The process that keeps a project running, its socket, and the client's side of it; and the keeper beneath it.
//!
//! [`serve`] joins the driver (a tokio thread: engine, store, adapters) and the [`switchboard`] (a poll thread: sockets,
//! pseudo-terminals, grids); [`client`] is what the room and the command line use; [`keeper`] is a tiny process of its
//! own that holds every pseudo-terminal. Uses plan, engine, session and driver.

pub mod client;
mod errand;
pub mod frame;
pub mod keeper;
mod opening;
pub mod protocol;
mod publish;
mod rebuild;
pub mod serve;
mod sessions;
pub mod switchboard;
