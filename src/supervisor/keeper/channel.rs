//! One connection between supervisor and keeper: frames of JSON, each with at most one descriptor.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use serde::Serialize;

use super::protocol::FRAME_BYTES_MAX;

/// Descriptors taken from one read. A sender puts one in a message, so this many never come at once.
const DESCRIPTORS_PER_READ: usize = 8;

/// Descriptors that may wait for the frame they belong to. More are closed as they come: nobody sends that many.
const DESCRIPTORS_MAX: usize = 256;

const HEADER_BYTES: usize = 4;

/// What a look into a connection gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// Bytes came; there may be whole frames now.
    Something,
    /// Nothing came: poll, or the time to wait is over.
    Nothing,
    /// The other side is gone.
    End,
}

/// A connection. Works on a blocking socket (one side waits for the other) as on a non-blocking one.
#[derive(Debug)]
pub(super) struct Channel {
    stream: UnixStream,
    inbound: Vec<u8>,
    descriptors: VecDeque<OwnedFd>,
    outbound: VecDeque<Outbound>,
}

#[derive(Debug)]
struct Outbound {
    bytes: Vec<u8>,
    sent: usize,
    descriptor: Option<Arc<OwnedFd>>,
}

impl Channel {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, inbound: Vec::new(), descriptors: VecDeque::new(), outbound: VecDeque::new() }
    }

    pub(super) fn stream(&self) -> &UnixStream {
        &self.stream
    }

    /// Reads once.
    pub(super) fn receive(&mut self) -> io::Result<Received> {
        let mut buffer = [0; 16 * 1024];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_PER_READ))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let received = retry_on_intr(|| {
            rustix::net::recvmsg(&self.stream, &mut slices, &mut control, RecvFlags::CMSG_CLOEXEC)
        });
        let count = match received {
            Ok(message) => message.bytes,
            Err(Errno::AGAIN) => return Ok(Received::Nothing),
            Err(Errno::CONNRESET) => return Ok(Received::End),
            Err(error) => return Err(error.into()),
        };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                let room = DESCRIPTORS_MAX.saturating_sub(self.descriptors.len());
                self.descriptors.extend(descriptors.take(room));
            }
        }
        self.inbound.extend_from_slice(buffer.get(..count).unwrap_or_default());
        Ok(if count == 0 { Received::End } else { Received::Something })
    }

    /// The payload of the next whole frame, if it is there.
    ///
    /// # Errors
    /// A frame that is too long: what follows cannot be understood.
    pub(super) fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(header) = self.inbound.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*header)).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("a frame of {length} bytes, more than {FRAME_BYTES_MAX}"),
            ));
        }
        if self.inbound.len() < HEADER_BYTES + length {
            return Ok(None);
        }
        Ok(Some(self.inbound.drain(..HEADER_BYTES + length).skip(HEADER_BYTES).collect()))
    }

    /// The descriptor of the oldest frame that carried one. Frames and descriptors arrive in the order they were sent.
    pub(super) fn next_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    /// Puts a frame into the queue; [`Channel::flush`] sends it.
    ///
    /// # Errors
    /// When the message does not fit into a frame; nothing was queued.
    pub(super) fn queue(
        &mut self,
        message: &impl Serialize,
        descriptor: Option<Arc<OwnedFd>>,
    ) -> io::Result<()> {
        let mut bytes = vec![0; HEADER_BYTES];
        serde_json::to_writer(&mut bytes, message)?;
        let length = bytes.len() - HEADER_BYTES;
        let header = u32::try_from(length).ok().filter(|_| length <= FRAME_BYTES_MAX).ok_or_else(|| {
            io::Error::new(
                ErrorKind::InvalidInput,
                format!("a message of {length} bytes does not fit into a frame of {FRAME_BYTES_MAX}"),
            )
        })?;
        if let Some(place) = bytes.first_chunk_mut::<HEADER_BYTES>() {
            *place = header.to_be_bytes();
        }
        self.outbound.push_back(Outbound { bytes, sent: 0, descriptor });
        Ok(())
    }

    /// Whether there is something to send.
    pub(super) fn has_outbound(&self) -> bool {
        !self.outbound.is_empty()
    }

    /// Sends what the socket takes; on a blocking socket everything.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while let Some(front) = self.outbound.front_mut() {
            let rest = front.bytes.get(front.sent..).unwrap_or_default();
            match send(&self.stream, rest, front.descriptor.as_deref().map(AsFd::as_fd)) {
                Ok(count) => {
                    front.sent += count;
                    // It went with the first byte; sent again it would belong to no frame.
                    front.descriptor = None;
                    if front.sent >= front.bytes.len() {
                        self.outbound.pop_front();
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn send(stream: &UnixStream, bytes: &[u8], descriptor: Option<BorrowedFd<'_>>) -> rustix::io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<BorrowedFd<'_>> = descriptor.into_iter().collect();
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(Errno::NOBUFS);
    }
    rustix::net::sendmsg(stream, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;

    use super::{Channel, FRAME_BYTES_MAX, Received};

    fn pair() -> (Channel, Channel) {
        let (one, other) = UnixStream::pair().unwrap();
        other.set_nonblocking(true).unwrap();
        (Channel::new(one), Channel::new(other))
    }

    fn file_of(text: &str) -> Arc<OwnedFd> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Arc::new(file.into())
    }

    fn text_of(descriptor: OwnedFd) -> String {
        let mut bytes = [0; 16];
        let count = std::os::unix::fs::FileExt::read_at(&File::from(descriptor), &mut bytes, 0).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    }

    #[test]
    fn frames_and_descriptors_arrive_in_their_order() {
        let (mut sender, mut receiver) = pair();
        for number in 0..40_u32 {
            let descriptor = number.is_multiple_of(3).then(|| file_of(&number.to_string()));
            sender.queue(&number, descriptor).unwrap();
        }
        sender.flush().unwrap();
        drop(sender);
        let mut numbers = Vec::new();
        loop {
            let received = receiver.receive().unwrap();
            while let Some(frame) = receiver.next_frame().unwrap() {
                let number: u32 = serde_json::from_slice(&frame).unwrap();
                if number.is_multiple_of(3) {
                    assert_eq!(text_of(receiver.next_descriptor().unwrap()), number.to_string());
                }
                numbers.push(number);
            }
            if received == Received::End {
                break;
            }
        }
        assert_eq!(numbers, (0..40).collect::<Vec<_>>());
        assert!(receiver.next_descriptor().is_none());
    }

    #[test]
    fn a_frame_that_does_not_fit_into_the_socket_goes_in_parts_with_one_descriptor() {
        let (one, other) = UnixStream::pair().unwrap();
        one.set_nonblocking(true).unwrap();
        other.set_nonblocking(true).unwrap();
        let (mut sender, mut receiver) = (Channel::new(one), Channel::new(other));
        let long = "x".repeat(FRAME_BYTES_MAX - 2);
        sender.queue(&long, Some(file_of("mark"))).unwrap();
        let mut parts = 0;
        let frame = loop {
            sender.flush().unwrap();
            parts += usize::from(sender.has_outbound());
            while receiver.receive().unwrap() == Received::Something {}
            if let Some(frame) = receiver.next_frame().unwrap() {
                break frame;
            }
        };
        assert!(parts > 1, "{parts}");
        assert_eq!(frame.len(), FRAME_BYTES_MAX);
        assert_eq!(text_of(receiver.next_descriptor().unwrap()), "mark");
        assert!(receiver.next_descriptor().is_none());
        assert!(
            sender.queue(&"x".repeat(FRAME_BYTES_MAX), None).is_err(),
            "one byte too long with its quotes"
        );
        assert!(!sender.has_outbound());
    }

    #[test]
    fn a_frame_is_whole_or_not_there() {
        let (mut sender, mut receiver) = pair();
        sender.queue(&"hello", None).unwrap();
        let bytes = sender.outbound.pop_front().unwrap().bytes;
        for byte in &bytes[..bytes.len() - 1] {
            sender.stream.write_all(&[*byte]).unwrap();
            assert_eq!(receiver.receive().unwrap(), Received::Something);
            assert_eq!(receiver.next_frame().unwrap(), None);
        }
        assert_eq!(receiver.receive().unwrap(), Received::Nothing);
        sender.stream.write_all(&bytes[bytes.len() - 1..]).unwrap();
        receiver.receive().unwrap();
        assert_eq!(receiver.next_frame().unwrap().unwrap(), b"\"hello\"");
    }
}
