//! The line to the supervisor: a thread that connects, hands over what it hears, and connects again when the supervisor
//! is gone. What goes out is written by the room's own thread.

use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use super::event::Event;
use crate::session::ScreenUpdate;
use crate::supervisor::client::{Client, ClientError, Incoming, Sender};
use crate::supervisor::protocol::{ClientMessage, ServerMessage};

/// Waits between two vain attempts; the last one repeats.
const WAITS_MS: [u64; 5] = [0, 100, 300, 1000, 3000];

/// What the supervisor sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Control.
    Message(Box<ServerMessage>),
    /// Changed rows of a terminal.
    Screen(Box<ScreenUpdate>),
}

/// The half of a connection that speaks.
pub trait Speak: Send {
    /// Says one thing. An error is a sentence; the connection is of no use then.
    fn speak(&mut self, message: &ClientMessage) -> Result<(), String>;
}

/// The half of a connection that listens.
pub trait Listen: Send {
    /// Waits for one thing. An error is a sentence; the connection is over then.
    fn listen(&mut self) -> Result<Heard, String>;
}

/// Both halves.
pub struct Connection {
    /// The half that speaks.
    pub speak: Box<dyn Speak>,
    /// The half that listens.
    pub listen: Box<dyn Listen>,
}

/// Makes a connection: finds the supervisor or starts one. An error is a sentence.
pub type Connect = Box<dyn FnMut() -> Result<Connection, String> + Send>;

/// Connections to the supervisor, each made by `connect`, such as `Client::connect_or_start`.
pub fn to_supervisor(mut connect: impl FnMut() -> Result<Client, ClientError> + Send + 'static) -> Connect {
    Box::new(move || {
        let client = connect().map_err(|error| error.to_string())?;
        Ok(Connection { speak: Box::new(client.sender()), listen: Box::new(client) })
    })
}

impl Speak for Sender {
    fn speak(&mut self, message: &ClientMessage) -> Result<(), String> {
        self.send(message).map_err(|error| error.to_string())
    }
}

impl Listen for Client {
    fn listen(&mut self) -> Result<Heard, String> {
        match self.receive() {
            Ok(Incoming::Message(message)) => Ok(Heard::Message(Box::new(message))),
            Ok(Incoming::Screen(update)) => Ok(Heard::Screen(Box::new(update))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What the room's thread hears.
pub(crate) enum Signal {
    /// Something for the room.
    Event(Event),
    /// A new connection is there; this is its half that speaks.
    Line(Box<dyn Speak>),
    /// This process is to end: the signal with this number came.
    Killed(i32),
}

/// Keeps a connection for as long as the room is open. The thread ends when nobody hears it any more.
pub(crate) fn keep(mut connect: Connect, tell: SyncSender<Signal>) -> std::io::Result<()> {
    let body = move || {
        let mut vain = 0;
        loop {
            let reason = match connect() {
                Ok(connection) => {
                    vain = 0;
                    let line = Signal::Line(connection.speak);
                    if tell.send(line).is_err() || tell.send(Signal::Event(Event::Connected)).is_err() {
                        return;
                    }
                    match hear(connection.listen, &tell) {
                        Some(reason) => reason,
                        None => return,
                    }
                }
                Err(reason) => reason,
            };
            if tell.send(Signal::Event(Event::Lost { reason })).is_err() {
                return;
            }
            let wait = WAITS_MS.get(vain).or(WAITS_MS.last()).copied().unwrap_or(0);
            vain += 1;
            thread::sleep(Duration::from_millis(wait));
        }
    };
    thread::Builder::new().name("room-line".into()).spawn(body).map(|_| ())
}

/// Hands over what is heard. Gives back why the connection ended, or `None` when the room is closed.
fn hear(mut listen: Box<dyn Listen>, tell: &SyncSender<Signal>) -> Option<String> {
    loop {
        let event = match listen.listen() {
            Ok(Heard::Message(message)) => Event::Message(message),
            Ok(Heard::Screen(update)) => Event::Screen(update),
            Err(reason) => return Some(reason),
        };
        // When the room is behind this blocks: the supervisor keeps the latest state and sends nothing more meanwhile.
        tell.send(Signal::Event(event)).ok()?;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::{Connection, Heard, Listen, Signal, Speak, keep};
    use crate::supervisor::protocol::{ClientMessage, ServerMessage};
    use crate::tui::event::Event;

    struct Deaf;

    impl Speak for Deaf {
        fn speak(&mut self, _: &ClientMessage) -> Result<(), String> {
            Ok(())
        }
    }

    struct Once(Option<Heard>);

    impl Listen for Once {
        fn listen(&mut self) -> Result<Heard, String> {
            self.0.take().ok_or_else(|| "It hung up.".to_string())
        }
    }

    #[test]
    fn a_lost_supervisor_is_told_and_found_again() {
        let notice = || ServerMessage::Notice { text: "hello".into(), wrong: false };
        let (tell, told) = sync_channel(4);
        let connect = Box::new(move || {
            let heard = Heard::Message(Box::new(notice()));
            Ok(Connection { speak: Box::new(Deaf), listen: Box::new(Once(Some(heard))) })
        });
        keep(connect, tell).unwrap();
        let mut said = Vec::new();
        while said.len() < 5 {
            said.push(match told.recv().unwrap() {
                Signal::Line(_) => "line".to_string(),
                Signal::Killed(signal) => format!("signal {signal}"),
                Signal::Event(Event::Connected) => "connected".into(),
                Signal::Event(Event::Message(_)) => "message".into(),
                Signal::Event(Event::Lost { reason }) => reason,
                Signal::Event(other) => format!("{other:?}"),
            });
        }
        assert_eq!(said, ["line", "connected", "message", "It hung up.", "line"]);
    }
}
