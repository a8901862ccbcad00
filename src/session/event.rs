//! What a child tells its terminal beside what it draws.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::session::osc::CLIPBOARD_BYTES_MAX;

/// Most events that wait to be taken. A title replaces one that waits, bells count once; of what else comes beyond this
/// number nothing is kept, and [`TerminalEvent::Dropped`] says how many there were.
pub(crate) const EVENTS_MAX: usize = 256;

/// Something that a child said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEvent {
    /// The window title (OSC 0, 2) is now this.
    Title(String),
    /// The bell rang, once or more.
    Bell,
    /// A desktop notification (OSC 9 or OSC 777).
    Notification {
        /// Title; empty where the child gave none.
        title: String,
        /// Text.
        body: String,
    },
    /// Progress of what it does (OSC 9;4).
    Progress {
        /// Which kind.
        state: ProgressState,
        /// 0 to 100, where given.
        percent: Option<u8>,
    },
    /// What the program says about itself (OSC 7501, program status): `key=value` pairs with colons between, as they came.
    ProgramStatus(String),
    /// Its working directory (OSC 7), as a path.
    WorkingDirectory(String),
    /// A mark of shell integration (OSC 133).
    PromptMark {
        /// Which.
        mark: PromptMark,
        /// With which status the command ended.
        exit_code: Option<i32>,
    },
    /// Text for the clipboard (OSC 52).
    ClipboardStore(String),
    /// Text for the clipboard was too long and was dropped.
    ClipboardTooLong,
    /// The terminal core failed on what the child printed and was replaced: the screen is blank until the child draws again, the
    /// scrollback is as it was, and the modes that the child had set are kept.
    CorePanicked {
        /// What the core said.
        message: String,
    },
    /// So many events were dropped because nobody took them.
    Dropped {
        /// How many.
        count: u64,
    },
}

/// Kind of progress, as ConEmu and Windows Terminal number them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressState {
    /// None any more (0).
    Done,
    /// Going on (1).
    Normal,
    /// Failed (2).
    Error,
    /// Going on, nobody knows how far (3).
    Indeterminate,
    /// Waiting (4).
    Paused,
}

/// Marks of shell integration, as FinalTerm named them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptMark {
    /// The prompt begins (A).
    PromptStart,
    /// The command line begins (B).
    CommandStart,
    /// The output begins (C).
    OutputStart,
    /// The command ended (D).
    CommandEnd,
}

/// What an operating system command asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Tell the owner.
    Tell(TerminalEvent),
    /// Say that program status (OSC 7501) is understood.
    ConfirmProgramStatus,
}

/// Longest title, notification or path, in characters.
pub(crate) const TEXT_CHARACTERS_MAX: usize = 1024;

/// Text without control characters and not too long.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(TEXT_CHARACTERS_MAX).collect()
}

/// Reads the bytes of a command between introducer and terminator. What it does not understand is `None`.
pub(crate) fn of_command(command: &[u8]) -> Option<Request> {
    let text = String::from_utf8_lossy(command);
    let (number, rest) = text.split_once(';')?;
    let event = match number {
        "7" => TerminalEvent::WorkingDirectory(path_of_uri(rest)?),
        "9" => of_osc_9(rest)?,
        "52" => clipboard(rest)?,
        "133" => prompt_mark(rest)?,
        "777" => {
            let (title, body) = rest.strip_prefix("notify;")?.split_once(';').unwrap_or(("", ""));
            TerminalEvent::Notification { title: clean(title), body: clean(body) }
        }
        "7501" if rest == "?" => return Some(Request::ConfirmProgramStatus),
        "7501" => {
            TerminalEvent::ProgramStatus(rest.chars().filter(|character| !character.is_control()).collect())
        }
        _ => return None,
    };
    Some(Request::Tell(event))
}

/// OSC 9 is a notification (iTerm2) unless a small number follows, which is ConEmu's.
fn of_osc_9(rest: &str) -> Option<TerminalEvent> {
    let (head, tail) = rest.split_once(';').unwrap_or((rest, ""));
    match head {
        "4" => {
            let (state, percent) = tail.split_once(';').unwrap_or((tail, ""));
            let state = match state {
                "0" => ProgressState::Done,
                "1" => ProgressState::Normal,
                "2" => ProgressState::Error,
                "3" => ProgressState::Indeterminate,
                "4" => ProgressState::Paused,
                _ => return None,
            };
            let percent = percent.trim_end_matches(';').parse().ok().map(|percent: u8| percent.min(100));
            Some(TerminalEvent::Progress { state, percent })
        }
        "9" => Some(TerminalEvent::WorkingDirectory(clean(tail.trim_matches('"')))),
        "1" | "2" | "3" | "5" | "6" | "7" | "8" | "10" | "11" | "12" => None,
        _ => Some(TerminalEvent::Notification { title: String::new(), body: clean(rest) }),
    }
}

fn prompt_mark(rest: &str) -> Option<TerminalEvent> {
    let mut parts = rest.split(';');
    let mark = match parts.next()? {
        "A" => PromptMark::PromptStart,
        "B" => PromptMark::CommandStart,
        "C" => PromptMark::OutputStart,
        "D" => PromptMark::CommandEnd,
        _ => return None,
    };
    let exit_code = parts.next().and_then(|code| code.parse().ok());
    Some(TerminalEvent::PromptMark { mark, exit_code })
}

/// `file://host/path` with percent escapes, or a bare path.
fn path_of_uri(uri: &str) -> Option<String> {
    let path = match uri.strip_prefix("file://") {
        Some(rest) => &rest[rest.find('/')?..],
        None => uri,
    };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = || u8::from_str_radix(std::str::from_utf8(tail.get(..2)?).ok()?, 16).ok();
        match (first, escaped()) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    let path = clean(&String::from_utf8_lossy(&bytes));
    (!path.is_empty()).then_some(path)
}

fn clipboard(rest: &str) -> Option<TerminalEvent> {
    // A question ("?") stays without an answer: what the operator copied elsewhere is not the child's.
    let (_, data) = rest.split_once(';').filter(|(_, data)| *data != "?")?;
    debug_assert!(data.len() <= CLIPBOARD_BYTES_MAX);
    let bytes = STANDARD.decode(data).ok()?;
    String::from_utf8(bytes).ok().map(TerminalEvent::ClipboardStore)
}

#[cfg(test)]
mod tests {
    use super::{ProgressState, PromptMark, Request, TerminalEvent, of_command};

    fn told(command: &str) -> Option<TerminalEvent> {
        match of_command(command.as_bytes()) {
            Some(Request::Tell(event)) => Some(event),
            Some(Request::ConfirmProgramStatus) | None => None,
        }
    }

    #[test]
    fn commands_are_read() {
        let notification = |title: &str, body: &str| {
            Some(TerminalEvent::Notification { title: title.to_owned(), body: body.to_owned() })
        };
        let progress = |state, percent| Some(TerminalEvent::Progress { state, percent });
        let mark = |mark, exit_code| Some(TerminalEvent::PromptMark { mark, exit_code });
        let table = [
            ("9;Approval requested: touch a; b", notification("", "Approval requested: touch a; b")),
            ("777;notify;Claude;needs you; now", notification("Claude", "needs you; now")),
            ("9;4;1;40", progress(ProgressState::Normal, Some(40))),
            ("9;4;3;", progress(ProgressState::Indeterminate, None)),
            ("9;4;0", progress(ProgressState::Done, None)),
            ("9;4;2;250", progress(ProgressState::Error, Some(100))),
            ("9;4;9;1", None),
            ("9;2;box", None),
            ("133;A", mark(PromptMark::PromptStart, None)),
            ("133;D;-7", mark(PromptMark::CommandEnd, Some(-7))),
            ("133;Z", None),
            ("7;file://host/tmp/a%20b%C3%A9", Some(TerminalEvent::WorkingDirectory("/tmp/a bé".to_owned()))),
            ("7;file://host", None),
            ("7;/plain", Some(TerminalEvent::WorkingDirectory("/plain".to_owned()))),
            ("52;c;aGVsbG8=", Some(TerminalEvent::ClipboardStore("hello".to_owned()))),
            ("52;c;?", None),
            ("52;c;%%%", None),
            (
                "7501;state=blocked:app=claude-code:kind=permission",
                Some(TerminalEvent::ProgramStatus(
                    "state=blocked:app=claude-code:kind=permission".to_owned(),
                )),
            ),
            ("7501", None),
            ("1337;x", None),
        ];
        for (command, expected) in table {
            assert_eq!(told(command), expected, "{command}");
        }
        assert_eq!(of_command(b"7501;?"), Some(Request::ConfirmProgramStatus));
    }
}
