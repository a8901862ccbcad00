use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use tokio::sync::mpsc as tokio_mpsc;

use super::{Handle, NewLine, Order, Switchboard};
use crate::driver::Command;
use crate::driver::request::{Reply as DriverReply, Request as DriverRequest, Snapshot};
use crate::engine::input::Exit;
use crate::engine::{AttemptKey, State, Time, WaveKey};
use crate::plan::Sources;
use crate::session::Size;
use crate::session::keys::TerminalInput;
use crate::session::log::{LogLimits, LogReader, LogWriter};
use crate::session::pty::{SpawnCommand, StartInPty, SystemPty, inherited_environment};
use crate::session::terminal::{Terminal, TerminalOptions};
use crate::supervisor::client::{Client, ClientError, Incoming};
use crate::supervisor::frame::{FrameKind, encode_json, write_json};
use crate::supervisor::opening::OpeningSize;
use crate::supervisor::protocol::{
    ClientMessage, ClientRole, Hello, Reply, Request, ServerMessage, VERSION, WatchedPane,
};

const SIZE: Size = Size { columns: 40, rows: 6 };
const PATIENCE: Duration = Duration::from_secs(30);

/// A switchboard in a thread, with a driver that only ever gives snapshots and notes what sessions it hears to end.
struct Board {
    folder: tempfile::TempDir,
    handle: Handle,
    exits: std::sync::mpsc::Receiver<(String, Exit)>,
    opening: OpeningSize,
}

impl Board {
    fn new() -> Board {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        let (commands, mut received) = tokio_mpsc::channel(8);
        let (errands, _errands) = sync_channel(8);
        let opening = OpeningSize::default();
        let (switchboard, handle) =
            Switchboard::new(listener, commands, errands, folder.path().join("logs"), opening.clone())
                .unwrap();
        std::thread::spawn(move || switchboard.run().unwrap());
        let (exited, exits) = sync_channel(64);
        let answering = handle.clone();
        std::thread::spawn(move || {
            while let Some(command) = received.blocking_recv() {
                match command {
                    Command::Request { from, request } if matches!(*request, DriverRequest::Snapshot) => {
                        let snapshot = Snapshot {
                            sequence: 0,
                            state: State::default(),
                            sources: Sources::default(),
                            now: Time(0),
                        };
                        let reply = Box::new(DriverReply::Snapshot(Box::new(snapshot)));
                        answering.order(Order::DriverReply { to: from.reply_to, reply });
                    }
                    Command::SessionExited { name, exit } => exited.send((name, exit)).unwrap(),
                    _ => {}
                }
            }
        });
        Board { folder, handle, exits, opening }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    fn log_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    /// Starts a shell script in a terminal.
    fn script(&self, name: &str, script: &str) {
        let spawned = SystemPty
            .spawn(&SpawnCommand {
                command: vec!["sh".into(), "-c".into(), script.into()],
                directory: self.folder.path().to_owned(),
                environment: inherited_environment(&[("TERM".into(), "xterm-256color".into())]),
                size: SIZE,
            })
            .unwrap();
        self.handle.order(Order::Attach(Box::new(NewLine {
            name: name.into(),
            label: name.into(),
            attempt: None,
            pid: spawned.pid,
            master: Some(spawned.master),
            ended: None,
            terminal: Terminal::new(SIZE, TerminalOptions::default()),
            log: Some(LogWriter::open(&self.log_folder(name), LogLimits::default()).unwrap()),
        })));
    }

    fn room(&self) -> Seen {
        let client = Client::connect_to(&self.socket(), ClientRole::Room).unwrap().unwrap();
        let mut seen = Seen { client, rows: Vec::new() };
        seen.until("the snapshot", |message, _| {
            matches!(message, Incoming::Message(ServerMessage::Snapshot(_)))
        });
        seen
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.handle.order(Order::Stop);
    }
}

/// A room that folds what it is told of one pane.
struct Seen {
    client: Client,
    rows: Vec<String>,
}

impl Seen {
    fn watch(&self, session: &str, size: Option<Size>) {
        let panes = vec![WatchedPane { session: session.into(), size }];
        self.client.sender().send(&ClientMessage::Watch { panes, opening: None }).unwrap();
    }

    fn paste(&self, session: &str, text: &str) {
        let input = TerminalInput::Paste { text: text.into() };
        self.client.sender().send(&ClientMessage::Input { session: session.into(), input }).unwrap();
    }

    fn until(&mut self, what: &str, is_so: impl Fn(&Incoming, &[String]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "waited for {what}; rows: {:#?}", self.rows);
            let incoming = self.client.receive().unwrap();
            if let Incoming::Screen(update) = &incoming {
                if update.complete || self.rows.len() != usize::from(update.size.1) {
                    self.rows = vec![String::new(); usize::from(update.size.1)];
                }
                for (index, row) in &update.rows {
                    self.rows[usize::from(*index)] = row.text();
                }
                let drawn =
                    ClientMessage::Drawn { session: update.session.clone(), generation: update.generation };
                self.client.sender().send(&drawn).unwrap();
            }
            if is_so(&incoming, &self.rows) {
                return;
            }
        }
    }

    fn until_row(&mut self, text: &str) {
        self.until(text, |_, rows| rows.iter().any(|row| row.contains(text)));
    }
}

#[test]
fn what_is_typed_reaches_the_child_and_comes_back_as_rows() {
    let board = Board::new();
    board.script("cat", "exec cat");
    let mut room = board.room();
    room.watch("cat", Some(SIZE));
    room.paste("cat", "good morning");
    room.until_row("good morning");
}

#[test]
fn a_client_killed_in_mid_frame_and_one_that_never_reads_cost_the_others_nothing() {
    let board = Board::new();
    board.script("flood", "while :; do echo flooding; done");
    board.script("cat", "exec cat");

    let mut torn = UnixStream::connect(board.socket()).unwrap();
    let hello =
        encode_json(FrameKind::Greeting, &Hello { version: VERSION, role: ClientRole::Room }).unwrap();
    torn.write_all(&hello[..hello.len() / 2]).unwrap();

    let stalled = board.room();
    stalled.watch("flood", Some(SIZE));

    let mut room = board.room();
    room.watch("cat", Some(SIZE));
    drop(torn);
    for round in 0..20 {
        let text = format!("round {round}\n");
        room.paste("cat", &text);
        room.until_row(text.trim());
    }

    let mut stalled = stalled;
    stalled.until_row("flooding");
}

#[test]
fn a_stalled_client_catches_up_with_the_latest_state_only() {
    let board = Board::new();
    board.script("count", "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; done; read x");
    let mut late = board.room();
    late.watch("count", Some(SIZE));
    // Another room sees the end; meanwhile the first has not drawn anything.
    let mut quick = board.room();
    quick.watch("count", None);
    quick.until_row("line 3000");
    let mut updates = 0;
    let deadline = Instant::now() + PATIENCE;
    while !late.rows.iter().any(|row| row == "line 3000") {
        assert!(Instant::now() < deadline);
        updates += 1;
        late.until("any update", |incoming, _| matches!(incoming, Incoming::Screen(_)));
    }
    assert!(updates <= 3, "{updates} updates were kept for a client that did not draw");
}

#[test]
fn what_nobody_was_there_to_hear_is_told_to_the_first_room() {
    let board = Board::new();
    for count in 1..=40 {
        board.handle.order(Order::Notice { text: format!("notice {count}"), wrong: count % 2 == 0 });
    }
    let is = |incoming: &Incoming, wanted: &str| matches!(incoming, Incoming::Message(ServerMessage::Notice { text, .. }) if text == wanted);
    let mut first = board.room();
    first.until("the oldest that was kept", |incoming, _| {
        assert!(!is(incoming, "notice 8"), "beyond what is kept");
        is(incoming, "notice 9")
    });
    first.until("the newest", |incoming, _| is(incoming, "notice 40"));
    let mut second = board.room();
    board.handle.order(Order::Notice { text: "for all".into(), wrong: false });
    second.until("what is new", |incoming, _| {
        assert!(!is(incoming, "notice 40"), "told once");
        is(incoming, "for all")
    });
    first.until("what is new", |incoming, _| is(incoming, "for all"));
}

#[test]
fn another_version_is_refused_with_a_sentence() {
    let board = Board::new();
    let mut stream = UnixStream::connect(board.socket()).unwrap();
    let hello = Hello { version: VERSION + 1, role: ClientRole::Command };
    write_json(&mut stream, FrameKind::Greeting, &hello).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.contains("wavedeck stop") && text.contains("refused"), "{text}");
}

#[test]
fn nonsense_ends_that_connection_alone() {
    let board = Board::new();
    let mut stream = UnixStream::connect(board.socket()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty());
    board.room();
}

#[test]
fn an_agent_may_not_touch_terminals() {
    let board = Board::new();
    board.script("cat", "exec cat");
    let attempt =
        AttemptKey { wave: WaveKey { lane: "main".into(), number: 1 }, agent: "A1".into(), number: 1 };
    let role = ClientRole::Agent { attempt, token: "0".into() };
    let mut agent = Client::connect_to(&board.socket(), role).unwrap().unwrap();
    let reply = agent.request(Request::Screen { session: "cat".into(), ansi: false }).unwrap();
    assert!(matches!(reply, Reply::Refused(_)), "{reply:?}");
    let input = TerminalInput::Paste { text: "x".into() };
    agent.sender().send(&ClientMessage::Input { session: "cat".into(), input }).unwrap();
    assert!(matches!(agent.receive(), Err(ClientError::Gone(_))), "an agent that types is parted with");
}

#[test]
fn the_last_words_are_in_the_log_before_the_driver_hears_of_the_end() {
    let board = Board::new();
    board.script("short", "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo word $i; done");
    let mut room = board.room();
    room.watch("short", Some(SIZE));
    room.until_row("word 500");
    board.handle.order(Order::Ended { session: "short".into(), exit: Exit::Code { code: 3 } });
    let (name, exit) = board.exits.recv_timeout(PATIENCE).unwrap();
    assert_eq!((name.as_str(), exit), ("short", Exit::Code { code: 3 }));
    let log = LogReader::new(&board.log_folder("short")).tail(1 << 20).unwrap();
    let text = String::from_utf8(log.bytes).unwrap();
    assert!(text.starts_with("word 1\r\n") && text.ends_with("word 500\r\n"));
    room.until("the list says how it ended", |incoming, _| match incoming {
        Incoming::Message(ServerMessage::Sessions { sessions }) => {
            sessions.iter().any(|session| session.ended.as_deref() == Some("exit 3"))
        }
        _ => false,
    });
}

#[test]
fn a_terminal_that_is_not_held_any_more_is_shown_from_its_log() {
    let board = Board::new();
    let mut log = LogWriter::open(&board.log_folder("old-one"), LogLimits::default()).unwrap();
    log.note_size(SIZE).unwrap();
    log.append(b"what it said last\r\n").unwrap();
    let mut command = Client::connect_to(&board.socket(), ClientRole::Command).unwrap().unwrap();
    let reply = command.request(Request::Screen { session: "old-one".into(), ansi: false }).unwrap();
    assert!(
        matches!(&reply, Reply::Screen { rows, .. } if rows[0].starts_with("what it said last")),
        "{reply:?}"
    );
    for bad in ["", "..", "../old-one", "no-such"] {
        let reply = command.request(Request::Screen { session: bad.into(), ansi: false }).unwrap();
        assert!(matches!(reply, Reply::Refused(_)), "{bad:?}: {reply:?}");
    }
}

#[test]
fn the_client_that_acted_last_decides_on_the_size() {
    let board = Board::new();
    board.script("size", "while read x; do stty size; done");
    let wide = Size { columns: 60, rows: 9 };
    let mut first = board.room();
    first.watch("size", Some(SIZE));
    first.paste("size", "\n");
    first.until_row("6 40");
    let mut second = board.room();
    second.watch("size", Some(wide));
    second.paste("size", "\n");
    second.until_row("9 60");
    first.paste("size", "\n");
    first.until("the first one's size again", |_, rows| {
        rows.iter().rev().find(|row| !row.is_empty()).is_some_and(|row| row == "6 40")
    });
}

#[test]
fn a_room_says_in_which_size_terminals_are_opened() {
    let board = Board::new();
    board.script("cat", "exec cat");
    let mut room = board.room();
    let opening = Some(Size { columns: 57, rows: 11 });
    let panes = vec![WatchedPane { session: "cat".into(), size: Some(SIZE) }];
    room.client.sender().send(&ClientMessage::Watch { panes, opening }).unwrap();
    room.paste("cat", "heard");
    room.until_row("heard");
    assert_eq!(board.opening.or(SIZE), Size { columns: 57, rows: 11 });
}
