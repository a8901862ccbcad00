//! One client on the switchboard: its socket, its half-read frames, what is still to be written to it, and the panes it
//! shows.

use std::io::{self, Read, Write};
use std::time::Instant;

use mio::net::UnixStream;

use super::pace::Pace;
use crate::session::Size;
use crate::supervisor::frame::FrameBuffer;
use crate::supervisor::protocol::ClientRole;

/// Bytes that may wait for a client that does not read. One that has more waiting is disconnected: it comes back to a
/// fresh snapshot, and nobody else has waited for it.
const UNREAD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes read from a client in one go, so that one client cannot keep the others waiting.
const READ_BYTES_MAX: usize = 64 * 1024;

/// A client and what belongs to it.
pub(super) struct Guest {
    stream: UnixStream,
    pub(super) frames: FrameBuffer,
    outgoing: Vec<u8>,
    written: usize,
    /// `None` until its greeting came.
    pub(super) role: Option<ClientRole>,
    /// It has its snapshot, so it is told what happens.
    pub(super) joined: bool,
    pub(super) watched: Vec<Watched>,
    /// When it last had states of its panes in its rhythm.
    pub(super) beat: Option<Instant>,
    pub(super) readable: bool,
    /// It is to be closed once everything is written.
    pub(super) leaving: bool,
}

/// A pane that a client shows.
pub(super) struct Watched {
    pub(super) session: String,
    pub(super) size: Option<Size>,
    pub(super) pace: Pace,
}

/// What came of reading from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Bytes may have come; the connection stands.
    Open,
    /// The client is gone.
    Gone,
}

impl Guest {
    pub(super) fn new(stream: UnixStream) -> Guest {
        Guest {
            stream,
            frames: FrameBuffer::default(),
            outgoing: Vec::new(),
            written: 0,
            role: None,
            joined: false,
            watched: Vec::new(),
            beat: None,
            readable: true,
            leaving: false,
        }
    }

    /// The socket, for registering.
    pub(super) fn stream(&mut self) -> &mut UnixStream {
        &mut self.stream
    }

    /// Whether it is told what happens.
    pub(super) fn is_room(&self) -> bool {
        self.joined && matches!(self.role, Some(ClientRole::Room))
    }

    /// Reads what is there, up to a limit.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Reading {
        let mut total = 0;
        while total < READ_BYTES_MAX {
            match self.stream.read(buffer) {
                Ok(0) => return Reading::Gone,
                Ok(bytes) => {
                    total += bytes;
                    self.frames.extend(buffer.get(..bytes).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.readable = false;
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Reading::Gone,
            }
        }
        Reading::Open
    }

    /// Queues a frame and writes as much as the client takes. `Gone` when it is gone or reads too slowly.
    pub(super) fn send(&mut self, frame: &[u8]) -> Reading {
        if self.outgoing.len() - self.written > UNREAD_BYTES_MAX {
            return Reading::Gone;
        }
        self.outgoing.extend_from_slice(frame);
        self.flush()
    }

    /// Writes what is waiting, as far as the client takes it.
    pub(super) fn flush(&mut self) -> Reading {
        while self.written < self.outgoing.len() {
            let rest = self.outgoing.get(self.written..).unwrap_or_default();
            match self.stream.write(rest) {
                Ok(0) => return Reading::Gone,
                Ok(bytes) => self.written += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.written > 1024 * 1024 {
                        self.outgoing.drain(..self.written);
                        self.written = 0;
                    }
                    return Reading::Open;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Reading::Gone,
            }
        }
        self.outgoing.clear();
        self.written = 0;
        if self.leaving { Reading::Gone } else { Reading::Open }
    }
}
