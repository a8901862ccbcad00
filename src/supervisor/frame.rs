//! Frames on a socket: a big-endian `u32` length, a kind byte, a payload. The length counts kind and payload.

use std::io::{self, Read, Write};

use serde::Serialize;

use super::protocol::FRAME_BYTES_MAX;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// A greeting, as JSON.
    Greeting,
    /// A control message, as JSON.
    Control,
    /// A screen update in its binary form.
    Screen,
}

impl FrameKind {
    fn byte(self) -> u8 {
        match self {
            FrameKind::Greeting => 0,
            FrameKind::Control => 1,
            FrameKind::Screen => 2,
        }
    }

    fn from_byte(byte: u8) -> Option<FrameKind> {
        match byte {
            0 => Some(FrameKind::Greeting),
            1 => Some(FrameKind::Control),
            2 => Some(FrameKind::Screen),
            _ => None,
        }
    }
}

/// One frame as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it carries.
    pub kind: FrameKind,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Why a byte stream is not a stream of frames.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream cannot be read or written.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The other side closed the connection.
    #[error("the connection was closed")]
    Closed,
    /// A frame is longer than any frame may be.
    #[error("a frame of {bytes} bytes is longer than the {FRAME_BYTES_MAX} that one may have")]
    TooLong {
        /// Length that the header gave.
        bytes: usize,
    },
    /// A frame is of no known kind.
    #[error("a frame of the unknown kind {kind}")]
    UnknownKind {
        /// The kind byte.
        kind: u8,
    },
    /// The payload is not what its kind says.
    #[error("a frame that cannot be read: {0}")]
    Payload(String),
}

const HEADER_BYTES: usize = 5;

/// A payload with its header, ready to be written.
pub fn encode(kind: FrameKind, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
    bytes.extend_from_slice(&(payload.len() as u32 + 1).to_be_bytes());
    bytes.push(kind.byte());
    bytes.extend_from_slice(payload);
    bytes
}

/// A value as a JSON frame. Fails only for values that JSON cannot hold.
pub fn encode_json<T: Serialize>(kind: FrameKind, value: &T) -> Result<Vec<u8>, FrameError> {
    let payload = serde_json::to_vec(value).map_err(|error| FrameError::Payload(error.to_string()))?;
    if payload.len() >= FRAME_BYTES_MAX {
        return Err(FrameError::TooLong { bytes: payload.len() });
    }
    Ok(encode(kind, &payload))
}

/// Takes bytes as they come and gives whole frames: for a non-blocking reader.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    taken: usize,
}

impl FrameBuffer {
    /// Adds bytes that were read.
    pub fn extend(&mut self, bytes: &[u8]) {
        if self.taken > 0 && self.taken == self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, or `None` until more bytes come. After an error the stream is of no more use.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((header, _)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*header) as usize;
        if length == 0 || length > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong { bytes: length });
        }
        let Some(body) = rest.get(4..4 + length) else { return Ok(None) };
        let frame = frame_from_body(body)?;
        self.taken += 4 + length;
        if self.taken > 64 * 1024 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        Ok(Some(frame))
    }
}

fn frame_from_body(body: &[u8]) -> Result<Frame, FrameError> {
    let Some((kind, payload)) = body.split_first() else {
        return Err(FrameError::Payload("it is empty".into()));
    };
    let kind = FrameKind::from_byte(*kind).ok_or(FrameError::UnknownKind { kind: *kind })?;
    Ok(Frame { kind, payload: payload.to_vec() })
}

/// Reads one frame from a blocking stream.
pub fn read_frame(stream: &mut impl Read) -> Result<Frame, FrameError> {
    let mut header = [0; 4];
    read_whole(stream, &mut header)?;
    let length = u32::from_be_bytes(header) as usize;
    if length == 0 || length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong { bytes: length });
    }
    let mut body = vec![0; length];
    read_whole(stream, &mut body)?;
    frame_from_body(&body)
}

fn read_whole(stream: &mut impl Read, bytes: &mut [u8]) -> Result<(), FrameError> {
    stream.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => FrameError::Closed,
        _ => FrameError::Io(error),
    })
}

/// Writes one JSON frame to a blocking stream.
pub fn write_json<T: Serialize>(
    stream: &mut impl Write,
    kind: FrameKind,
    value: &T,
) -> Result<(), FrameError> {
    let bytes = encode_json(kind, value)?;
    stream.write_all(&bytes).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => FrameError::Closed,
        _ => FrameError::Io(error),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Frame, FrameBuffer, FrameError, FrameKind, encode, read_frame};

    proptest! {
        #[test]
        fn frames_survive_any_cutting(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20), cut in 1usize..50) {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| encode(FrameKind::Screen, payload)).collect();
            let mut buffer = FrameBuffer::default();
            let mut got = Vec::new();
            for chunk in stream.chunks(cut) {
                buffer.extend(chunk);
                while let Some(frame) = buffer.next_frame().unwrap() {
                    got.push(frame.payload);
                }
            }
            prop_assert_eq!(got, payloads);
        }

        #[test]
        fn any_bytes_give_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut buffer = FrameBuffer::default();
            buffer.extend(&bytes);
            let mut frames = 0;
            while let Ok(Some(_)) = buffer.next_frame() { frames += 1; }
            prop_assert!(frames <= bytes.len());
        }
    }

    #[test]
    fn a_closed_stream_and_a_long_frame_are_told_apart() {
        assert!(matches!(read_frame(&mut &b""[..]), Err(FrameError::Closed)));
        assert!(matches!(read_frame(&mut &b"\0\0"[..]), Err(FrameError::Closed)));
        assert!(matches!(read_frame(&mut &b"\xff\xff\xff\xff\x01"[..]), Err(FrameError::TooLong { .. })));
        assert!(matches!(read_frame(&mut &b"\0\0\0\x01\x07"[..]), Err(FrameError::UnknownKind { kind: 7 })));
        let frame = read_frame(&mut &encode(FrameKind::Control, b"{}")[..]).unwrap();
        assert_eq!(frame, Frame { kind: FrameKind::Control, payload: b"{}".to_vec() });
    }
}
