//! A side scanner over a child's output for what the terminal core does not report: synchronized updates, program
//! status, notifications, progress, working directory, prompt marks, the clipboard, and a few queries.
//!
//! It follows the core's parser byte by byte (ECMA-48 and the DEC parser as vte implements it), may be fed in pieces of any
//! size, and holds back what a control string has beyond its cap, so that no child can make the core's buffer grow
//! without bound.

use memchr::memchr;

/// Most bytes of a control string that are kept and passed on.
pub(crate) const STRING_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of an OSC 52, which carries text for the clipboard.
pub(crate) const CLIPBOARD_BYTES_MAX: usize = 1024 * 1024;

/// Something that the core would have dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// `CSI ? 2026 h`.
    BeginSynchronized,
    /// `CSI ? 2026 l`.
    EndSynchronized,
    /// `CSI > q`: which terminal is this (XTVERSION).
    AskVersion,
    /// `DCS + q`: which capabilities does it have (XTGETTCAP).
    AskCapability,
    /// `DCS $ q`: what is set (DECRQSS).
    AskSetting,
    /// `CSI ? 6 n`: where is the cursor (DECXCPR).
    AskExtendedPosition,
    /// An operating system command that ended properly: its bytes without introducer and terminator.
    Command(Vec<u8>),
    /// One of more bytes than its cap; it was dropped. The number is that of the command.
    CommandTooLong(u32),
}

/// What one step of the scanner saw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// How many of the bytes it took.
    pub(crate) taken: usize,
    /// Whether the core is to have them too.
    pub(crate) forward: bool,
    /// What ended with them.
    pub(crate) signal: Option<Signal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// In a control sequence whose parameters are in `buffer`.
    Sequence,
    /// In an operating system command that is in `buffer`.
    Command,
    /// In one that is over its cap.
    Overlong,
    /// At the first bytes of a device control string.
    Device,
    /// In a string that nobody reads.
    Ignored,
}

/// The scanner.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    buffer: Vec<u8>,
    /// Whether the string that an ESC ended was over its cap.
    overlong: bool,
}

const BELL: u8 = 0x07;
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1a;
const ESCAPE: u8 = 0x1b;
/// Longest control sequence that may be one of ours.
const SEQUENCE_BYTES_MAX: usize = 64;

impl Scanner {
    pub(crate) fn new() -> Scanner {
        Scanner { state: State::Ground, buffer: Vec::new(), overlong: false }
    }

    /// Reads until something is found or `bytes` end. It may take none where a command that is over its cap ends; the next
    /// step goes on from there.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Step {
        if self.state == State::Overlong {
            return self.skip(bytes);
        }
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Ground {
                match memchr(ESCAPE, &bytes[at..]) {
                    Some(offset) => at += offset,
                    None => break,
                }
            }
            let signal = self.byte(bytes[at]);
            at += 1;
            if signal.is_some() || self.state == State::Overlong {
                return Step { taken: at, forward: true, signal };
            }
        }
        Step { taken: bytes.len(), forward: true, signal: None }
    }

    /// Takes what a command has beyond its cap; the byte that ends it is left for the core.
    fn skip(&mut self, bytes: &[u8]) -> Step {
        let end = bytes.iter().position(|byte| matches!(*byte, BELL | CANCEL | SUBSTITUTE | ESCAPE));
        match end {
            Some(end) => {
                self.state = State::Command;
                self.overlong = true;
                Step { taken: end, forward: false, signal: None }
            }
            None => Step { taken: bytes.len(), forward: false, signal: None },
        }
    }

    fn byte(&mut self, byte: u8) -> Option<Signal> {
        match (byte, self.state) {
            (ESCAPE, State::Command) => {
                // The core ends a command at any ESC, whatever follows it.
                let signal = self.end_command();
                self.state = State::Escape;
                signal
            }
            (ESCAPE, _) => {
                self.state = State::Escape;
                None
            }
            (CANCEL | SUBSTITUTE, State::Command) => {
                self.begin(State::Ground);
                None
            }
            (CANCEL | SUBSTITUTE, _) => {
                self.state = State::Ground;
                None
            }
            (_, State::Ground | State::Ignored | State::Overlong) => None,
            (_, State::Escape) => {
                self.after_escape(byte);
                None
            }
            (_, State::Sequence) => self.in_sequence(byte),
            (BELL, State::Command) => {
                self.state = State::Ground;
                self.end_command()
            }
            (0..0x20, State::Command) => None,
            (_, State::Command) => {
                self.buffer.push(byte);
                let cap =
                    if self.buffer.starts_with(b"52;") { CLIPBOARD_BYTES_MAX } else { STRING_BYTES_MAX };
                if self.buffer.len() >= cap {
                    self.state = State::Overlong;
                }
                None
            }
            (_, State::Device) => self.in_device(byte),
        }
    }

    fn begin(&mut self, state: State) {
        self.buffer.clear();
        self.overlong = false;
        self.state = state;
    }

    fn after_escape(&mut self, byte: u8) {
        match byte {
            b'[' => self.begin(State::Sequence),
            b']' => self.begin(State::Command),
            b'P' => self.begin(State::Device),
            b'X' | b'^' | b'_' => self.begin(State::Ignored),
            // Controls are carried out in the middle of an escape sequence and do not end it.
            0..0x20 | 0x7f.. => {}
            _ => self.begin(State::Ground),
        }
    }

    fn in_sequence(&mut self, byte: u8) -> Option<Signal> {
        match byte {
            0x40..=0x7e => {
                self.state = State::Ground;
                sequence_signal(&self.buffer, byte)
            }
            0x20..0x40 => {
                if self.buffer.len() < SEQUENCE_BYTES_MAX {
                    self.buffer.push(byte);
                }
                None
            }
            _ => None,
        }
    }

    fn in_device(&mut self, byte: u8) -> Option<Signal> {
        self.buffer.push(byte);
        let signal = match self.buffer.as_slice() {
            b"+q" => Some(Signal::AskCapability),
            b"$q" => Some(Signal::AskSetting),
            _ => None,
        };
        if signal.is_some() || self.buffer.len() >= 2 {
            self.begin(State::Ignored);
        }
        signal
    }

    fn end_command(&mut self) -> Option<Signal> {
        let command = std::mem::take(&mut self.buffer);
        if std::mem::take(&mut self.overlong) {
            let digits = command.iter().take_while(|byte| byte.is_ascii_digit()).take(9);
            let number = digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
            return Some(Signal::CommandTooLong(number));
        }
        is_ours(&command).then_some(Signal::Command(command))
    }
}

/// The commands that the core leaves to us.
fn is_ours(command: &[u8]) -> bool {
    let number = command.split(|byte| *byte == b';').next().unwrap_or_default();
    matches!(number, b"7" | b"9" | b"52" | b"133" | b"777" | b"7501")
}

fn sequence_signal(parameters: &[u8], last: u8) -> Option<Signal> {
    match (parameters, last) {
        ([b'?', modes @ ..], b'h' | b'l') => {
            let synchronized = modes.split(|byte| *byte == b';').any(|mode| mode == b"2026");
            let signal = if last == b'h' { Signal::BeginSynchronized } else { Signal::EndSynchronized };
            synchronized.then_some(signal)
        }
        ([b'>'] | [b'>', b'0'], b'q') => Some(Signal::AskVersion),
        ([b'?', b'6'], b'n') => Some(Signal::AskExtendedPosition),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
