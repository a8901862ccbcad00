//! The keeper as a real process with real pseudo-terminals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

mod keeper_support;

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use wavedeck::session::Size;
use wavedeck::session::log::{LogLimits, LogReader};
use wavedeck::session::pty::{PtyRead, resize};
use wavedeck::supervisor::keeper::client::{KeeperCallError, KeeperEvent};
use wavedeck::supervisor::keeper::protocol::{ChildExit, OnShutdown};
use wavedeck::supervisor::keeper::start::{KeeperStartError, connect, connect_or_start};

use keeper_support::{
    Project, log_some, processes_with, program, read_until, state_and_parent, type_text, wait_event, wait_for,
};

fn exit_of(event: &KeeperEvent) -> Option<ChildExit> {
    match event {
        KeeperEvent::Exited { exit, .. } => Some(*exit),
        KeeperEvent::Ended { .. } | KeeperEvent::Gone => None,
    }
}

fn left_of(event: &KeeperEvent) -> Option<usize> {
    match event {
        KeeperEvent::Ended { left, .. } => Some(*left),
        KeeperEvent::Exited { .. } | KeeperEvent::Gone => None,
    }
}

/// Until the program `sleep` runs with this argument; before that, a shell that is to become it does.
fn wait_for_daemon(argument: &str) {
    let name = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    wait_for(&format!("sleep {argument} runs"), || {
        processes_with(&format!("sleep {argument}")).iter().any(|pid| name(pid).trim() == "sleep")
    });
}

/// A process that no keeper started, though it says so.
struct Stranger(Child);

impl Stranger {
    fn start(argument: &str) -> Self {
        let mut command = Command::new("sleep");
        command.arg(argument).env("WAVEDECK_SESSION", "one");
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

#[test]
fn a_session_is_spoken_to_over_the_master_that_was_handed_over() {
    let project = Project::new();
    let (client, events) = project.connect();
    let spawned = client.spawn(project.session("one", "read -r line; echo \"got $line\"; exit 7")).unwrap();
    assert!(!spawned.existed);
    let session = spawned.session;
    assert_eq!(session.record.name, "one");
    assert_eq!(session.record.label, "label of one");
    assert_eq!(session.record.metadata["attempt"], "one");
    assert_eq!(state_and_parent(session.record.pid).unwrap().1, client.pid());
    type_text(&session, "hello\n");
    read_until(&session.master, "got hello");
    assert_eq!(wait_event(&events, exit_of), ChildExit::Code { code: 7 });
}

#[test]
fn spawning_the_same_name_again_starts_nothing() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let first = client.spawn(project.session("one", "echo only once; read -r line")).unwrap().session;
    let second = client.spawn(project.session("one", "echo something else")).unwrap();
    assert!(second.existed);
    assert_eq!(second.session.record, first.record);
    let text = read_until(&second.session.master, "only once");
    assert!(!text.contains("something else"), "{text}");
    assert_eq!(client.list().unwrap().len(), 1);
}

#[test]
fn how_a_child_ended_is_kept_until_it_is_forgotten() {
    let project = Project::new();
    let (client, events) = project.connect();
    client.spawn(project.session("code", "exit 42")).unwrap();
    assert_eq!(wait_event(&events, exit_of), ChildExit::Code { code: 42 });
    client.spawn(project.session("signal", "kill -USR1 $$; read -r line")).unwrap();
    let usr1 = Signal::USR1.as_raw();
    assert_eq!(wait_event(&events, exit_of), ChildExit::Signal { signal: usr1 });
    let keeper = client.pid();
    drop(client);

    let (client, _events) = project.connect();
    assert_eq!(client.pid(), keeper, "the same keeper");
    let exits: Vec<_> =
        client.list().unwrap().into_iter().map(|s| (s.record.name.clone(), s.record.exit)).collect();
    assert_eq!(
        exits,
        [
            ("code".to_owned(), Some(ChildExit::Code { code: 42 })),
            ("signal".to_owned(), Some(ChildExit::Signal { signal: usr1 })),
        ]
    );
    client.forget("code").unwrap();
    assert_eq!(client.list().unwrap().len(), 1);
    let refused = client.forget("code").unwrap_err().to_string();
    assert!(refused.contains("no session `code`"), "{refused}");
    client.spawn(project.session("runs", "read -r line")).unwrap();
    let refused = client.forget("runs").unwrap_err().to_string();
    assert!(refused.contains("still runs"), "{refused}");
}

#[test]
fn what_cannot_start_is_refused_with_the_reason_and_the_keeper_goes_on() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let mut session = project.session("one", "true");
    session.command = vec!["no-such-program-here".to_owned()];
    match client.spawn(session).unwrap_err() {
        KeeperCallError::Refused { reason } => {
            assert!(reason.contains("`no-such-program-here` was not found"), "{reason}");
        }
        other => panic!("{other}"),
    }
    let mut session = project.session("one", "true");
    session.directory = "/no/such/folder".into();
    assert!(client.spawn(session).unwrap_err().to_string().contains("does not exist"));
    let mut session = project.session("one", "true");
    session.log_directory = "/proc/no-logs-here".into();
    assert!(client.spawn(session).unwrap_err().to_string().contains("log in /proc/no-logs-here"));
    assert!(client.spawn(project.session("", "true")).is_err());
    assert!(client.list().unwrap().is_empty());
    let session = client.spawn(project.session("one", "echo fine")).unwrap().session;
    read_until(&session.master, "fine");
}

#[test]
fn no_byte_is_lost_or_doubled_while_supervisors_come_and_go() {
    let project = Project::new();
    let (client, events) = project.connect();
    let script = "i=0; while [ ! -e stop ]; do i=$((i+1)); echo $i; done; echo that was all";
    let mut session = client.spawn(project.session("one", script)).unwrap().session;
    let mut connection = (client, events);
    for _ in 0..8 {
        assert_ne!(log_some(&session, 20_000), PtyRead::End, "in mid-output");
        let end = project.log_end("one");
        drop(connection);
        wait_for("the keeper drains", || project.log_end("one") > end + 20_000);
        connection = project.connect();
        session = connection.0.list().unwrap().remove(0);
    }
    drop(connection);
    std::fs::write(project.place().state_directory().join("stop"), "").unwrap();
    let reader = LogReader::new(&project.log("one"));
    let text = || String::from_utf8(reader.read(0, usize::MAX).unwrap().bytes).unwrap();
    wait_for("the keeper drains to the end", || text().ends_with("that was all\r\n"));
    let text = text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 16 * 20_000 / 8, "{}", lines.len());
    for (index, line) in lines[..lines.len() - 1].iter().enumerate() {
        assert_eq!(*line, (index + 1).to_string(), "every line exactly once");
    }
    let (client, _events) = project.connect();
    assert_eq!(client.list().unwrap()[0].record.unlogged_bytes, 0);
}

#[test]
fn the_size_is_the_terminals_own_across_supervisors() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let session =
        client.spawn(project.session("one", "stty size; read -r line; stty size; read -r line")).unwrap();
    read_until(&session.session.master, "24 80");
    let wide = Size { columns: 120, rows: 40 };
    resize(&session.session.master, wide).unwrap();
    drop((client, session));
    let (client, _events) = project.connect();
    let session = client.list().unwrap().remove(0);
    assert_eq!(session.record.size, wide);
    type_text(&session, "\n");
    read_until(&session.master, "40 120");
    assert_eq!(LogReader::new(&project.log("one")).sizes().unwrap()[0].size, Size { columns: 80, rows: 24 });
}

#[test]
fn a_flood_that_nobody_reads_is_drained_into_a_bounded_log() {
    let project = Project::new();
    let (client, _events) = project.connect();
    client.spawn(project.session("flood", "exec yes 0123456789012345678901234567890123456789")).unwrap();
    client.spawn(project.session("quiet", "read -r line; echo heard $line")).unwrap();
    drop(client);
    let limits = LogLimits::default();
    let kept_max = limits.segment_bytes * limits.segments_max as u64;
    wait_for("more was printed than is kept", || project.log_end("flood") > kept_max + limits.segment_bytes);
    let extent = LogReader::new(&project.log("flood")).extent().unwrap();
    assert!(extent.end - extent.first <= kept_max);
    let on_disk: u64 = std::fs::read_dir(project.log("flood"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(on_disk <= kept_max + 64 * 1024, "{on_disk}");
    // The keeper still answers at once, and hands over in the middle of it.
    let (client, _events) = project.connect();
    let sessions = client.list().unwrap();
    type_text(&sessions[1], "you\n");
    read_until(&sessions[1].master, "heard you");
    assert_ne!(log_some(&sessions[0], 100_000), PtyRead::End);
}

#[test]
fn what_the_log_does_not_take_is_counted_and_holds_nobody_up() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let script = "read -r line; seq 1 100000; echo done > finished; read -r line";
    let session = client.spawn(project.session("one", script)).unwrap().session;
    std::fs::remove_dir_all(project.log("one")).unwrap();
    std::fs::write(project.log("one"), "in the way").unwrap();
    drop(client);
    type_text(&session, "\n");
    let finished = project.place().state_directory().join("finished");
    wait_for("it prints on though nothing can be logged", || finished.exists());
    let (client, _events) = project.connect();
    let unlogged = client.list().unwrap()[0].record.unlogged_bytes;
    assert!(unlogged > 600_000, "{unlogged}");
}

#[test]
fn ending_a_session_ends_everything_it_started_and_nothing_else() {
    let project = Project::new();
    // An argument that nobody else's processes have.
    let mark = format!("86399.{}", std::process::id());
    let of = |kind: u32| format!("{mark}{kind:02}");
    let script = format!(
        "sleep {} & setsid sleep {} & (setsid sh -c 'sleep {} & sleep {}' &) ; \
         setsid sh -c '(sleep {} &)'; sh -c 'trap \"\" TERM; sleep {}; sleep {}' & wait",
        of(1),
        of(2),
        of(3),
        of(4),
        of(5),
        of(6),
        of(7),
    );
    let mut stranger = Stranger::start(&of(90));
    let (client, events) = project.connect();
    client.spawn(project.session("one", &script)).unwrap();
    client.spawn(project.session("other", &format!("sleep {} & wait", of(91)))).unwrap();
    for kind in [1, 2, 3, 4, 5, 6, 90, 91] {
        wait_for_daemon(&of(kind));
    }
    let told = client.end("one", Duration::from_millis(300)).unwrap();
    // Some may be gone by the hang-up of their terminal before they are told.
    assert!(told >= 1, "{told} processes were told");
    assert_eq!(wait_event(&events, left_of), 0);
    for kind in 1..=7 {
        assert_eq!(processes_with(&of(kind)), Vec::<u32>::new(), "sleep {}", of(kind));
    }
    assert_eq!(stranger.0.try_wait().unwrap(), None, "nothing that the keeper did not start is touched");
    assert_eq!(
        processes_with(&format!("sleep {}", of(91))).len(),
        2,
        "the other session's shell and its child"
    );
    let exit = client.list().unwrap()[0].record.exit;
    assert!(exit.is_some(), "its exit is kept");
}

#[test]
fn what_a_session_left_behind_can_be_ended_after_its_child_is_gone() {
    let project = Project::new();
    let mark = format!("86398.{}", std::process::id());
    let (client, events) = project.connect();
    let session =
        client.spawn(project.session("one", &format!("setsid sleep {mark} & read -r line"))).unwrap();
    wait_for_daemon(&mark);
    type_text(&session.session, "\n");
    assert_eq!(wait_event(&events, exit_of), ChildExit::Code { code: 0 });
    assert_eq!(client.end("one", Duration::from_secs(60)).unwrap(), 1);
    assert_eq!(wait_event(&events, left_of), 0);
    assert_eq!(processes_with(&mark), Vec::<u32>::new());
    assert_eq!(client.end("one", Duration::from_secs(60)).unwrap(), 0, "nothing is left to be told");
    assert_eq!(wait_event(&events, left_of), 0);
    assert!(client.end("never", Duration::ZERO).unwrap_err().to_string().contains("no session `never`"));
}

#[test]
fn an_interactive_shell_is_hung_up_and_a_stopped_child_is_woken() {
    let project = Project::new();
    let (client, events) = project.connect();
    let mut shell = project.session("shell", "");
    shell.command = vec!["sh".to_owned(), "-i".to_owned()];
    let shell = client.spawn(shell).unwrap().session;
    type_text(&shell, "echo ready $((40 + 2))\n");
    read_until(&shell.master, "ready 42");
    // Far more grace than a test may take: neither needs it.
    client.end("shell", Duration::from_secs(3600)).unwrap();
    assert_eq!(wait_event(&events, left_of), 0);

    let stopped =
        client.spawn(project.session("stopped", "trap 'exit 5' TERM; kill -STOP $$; read -r l")).unwrap();
    let pid = stopped.session.record.pid;
    wait_for("it is stopped", || state_and_parent(pid).is_some_and(|(state, _)| state == 'T'));
    client.end("stopped", Duration::from_secs(3600)).unwrap();
    assert_eq!(wait_event(&events, exit_of), ChildExit::Code { code: 5 });
}

#[test]
fn orphans_are_taken_while_the_keeper_is_otherwise_idle() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let script = "for i in 1 2 3 4 5; do (sleep 0.05 &); done; echo forked; read -r line";
    let session = client.spawn(project.session("one", script)).unwrap().session;
    read_until(&session.master, "forked");
    let orphans = || {
        std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", client.pid()))
            .unwrap()
            .split_ascii_whitespace()
            .filter(|pid| **pid != session.record.pid.to_string())
            .count()
    };
    wait_for("no orphan is left, dead or alive", || orphans() == 0);
}

#[test]
fn a_new_supervisor_takes_over_from_the_one_before() {
    let project = Project::new();
    let (first, first_events) = project.connect();
    first.spawn(project.session("one", "read -r line; echo heard $line")).unwrap();
    let (second, _events) = project.connect();
    assert_eq!(first_events.wait(), Some(KeeperEvent::Gone));
    assert_eq!(first_events.wait(), None);
    assert!(matches!(first.list().unwrap_err(), KeeperCallError::Gone));
    drop(first);
    let session = second.list().unwrap().remove(0);
    type_text(&session, "you\n");
    read_until(&session.master, "heard you");
}

#[test]
fn starting_at_once_gives_one_keeper() {
    let project = Project::new();
    let pids: Vec<u32> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..4).map(|_| scope.spawn(|| project.connect().0.pid())).collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).collect()
    });
    // The first to leave may take the keeper with it, before the next one came; but each one was connected.
    assert_eq!(pids.len(), 4);
    let (client, _events) = project.connect();
    client.spawn(project.session("one", "read -r line")).unwrap();
    let pids: Vec<u32> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..4).map(|_| scope.spawn(|| project.connect().0.pid())).collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).collect()
    });
    assert_eq!(pids, [client.pid(); 4]);
}

#[test]
fn a_keeper_with_nothing_to_keep_goes_and_a_new_one_can_come() {
    let project = Project::new();
    assert!(connect(project.place()).unwrap().is_none(), "there is none to begin with");
    let (client, events) = project.connect();
    let first = client.pid();
    client.spawn(project.session("one", "true")).unwrap();
    wait_event(&events, exit_of);
    client.forget("one").unwrap();
    drop(client);
    wait_for("it goes", || !project.place().socket().exists());
    let (client, _events) = project.connect();
    assert_ne!(client.pid(), first);
}

#[test]
fn a_keeper_stays_for_a_session_that_runs_and_for_an_exit_nobody_took() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let session = client.spawn(project.session("one", "read -r line; exit 3")).unwrap().session;
    let pid = client.pid();
    drop(client);
    type_text(&session, "\n");
    drop(session);
    let (client, _events) = project.connect();
    assert_eq!(client.pid(), pid);
    wait_for("its exit is known", || {
        client.list().unwrap()[0].record.exit == Some(ChildExit::Code { code: 3 })
    });
}

#[test]
fn a_keeper_goes_when_the_project_is_gone_and_nothing_runs() {
    let project = Project::new();
    let (client, events) = project.connect();
    let keeper = client.pid();
    let session = client.spawn(project.session("one", "read -r line")).unwrap().session;
    let state = session.record.log_directory.ancestors().nth(2).unwrap().to_owned();
    std::fs::remove_dir_all(&state).unwrap();
    type_text(&session, "\n");
    wait_event(&events, exit_of);
    drop(session);
    drop(client);
    wait_for("it goes", || state_and_parent(keeper).is_none_or(|(state, _)| state == 'Z'));
}

#[test]
fn a_killed_keeper_is_noticed_and_replaced() {
    let project = Project::new();
    let (client, events) = project.connect();
    let session =
        client.spawn(project.session("one", "read -r line; echo heard $line; read -r line")).unwrap().session;
    kill(client.pid());
    assert_eq!(events.wait(), Some(KeeperEvent::Gone));
    assert!(matches!(client.list().unwrap_err(), KeeperCallError::Gone));
    // What we hold lives on until we let go.
    type_text(&session, "you\n");
    read_until(&session.master, "heard you");
    let pid = session.record.pid;
    drop(session);
    wait_for("it is hung up", || state_and_parent(pid).is_none_or(|(state, _)| state == 'Z'));
    let (second, _events) = project.connect();
    assert_ne!(second.pid(), client.pid());
    assert!(second.list().unwrap().is_empty());
}

#[test]
fn shutting_down_ends_all_or_refuses() {
    let project = Project::new();
    let mark = format!("86397.{}", std::process::id());
    let (client, events) = project.connect();
    client.spawn(project.session("one", &format!("env -i setsid sleep {mark} & read -r line"))).unwrap();
    client.spawn(project.session("two", "trap '' TERM; read -r line; read -r line")).unwrap();
    wait_for_daemon(&mark);
    let refused = client.shutdown(OnShutdown::Refuse).unwrap_err().to_string();
    assert!(refused.contains("2 sessions still run"), "{refused}");
    let keeper = client.pid();
    client.shutdown(OnShutdown::End { grace_ms: 200 }).unwrap();
    assert_eq!(processes_with(&mark), Vec::<u32>::new());
    let mut exits = 0;
    while let Some(event) = events.wait() {
        exits += usize::from(exit_of(&event).is_some());
    }
    assert_eq!(exits, 2, "both exits were told before the end");
    // It is our child and was waited for.
    wait_for("its process is gone", || state_and_parent(keeper).is_none());
    assert!(!project.place().socket().exists());
}

#[test]
fn the_keeper_leaves_the_one_who_started_it() {
    let project = Project::new();
    let (client, _events) = project.connect();
    let pid = client.pid();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    // Group, session and terminal: a hang-up or an interrupt of our terminal does not reach it.
    assert_eq!(fields[2..5], [pid.to_string().as_str(), pid.to_string().as_str(), "0"]);
    let stream = |number: u32| std::fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap();
    wait_for("its streams are nobody's", || stream(1) == std::path::Path::new("/dev/null"));
    assert_eq!(stream(0), std::path::Path::new("/dev/null"));
    assert_eq!(stream(2), project.place().log());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(project.place().socket()), 0o600);
    assert_eq!(mode(&project.place().lock()), 0o600);
    // Its children inherit nothing but their terminal; 3 is the folder that `ls` reads. Nor do they inherit its mask.
    let script = "umask; ls /proc/self/fd | tr '\\n' ' '; echo done";
    let session = client.spawn(project.session("one", script)).unwrap().session;
    let text = read_until(&session.master, "done");
    assert!(text.contains("0 1 2 3 done"), "{text}");
    assert!(!text.contains("0177"), "{text}");
}

#[test]
fn a_second_keeper_says_that_there_is_one() {
    let project = Project::new();
    let (_client, _events) = project.connect();
    let output = Command::new(program())
        .args(["keep", "--state-dir"])
        .arg(project.place().state_directory())
        .arg("--socket")
        .arg(project.place().socket())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let line = String::from_utf8(output.stdout).unwrap();
    assert!(line.contains("a keeper serves") && line.contains("already"), "{line}");
}

#[test]
fn a_keeper_that_cannot_start_says_why() {
    let project = Project::new();
    let error = connect_or_start(project.place(), std::path::Path::new("/no/such/program")).unwrap_err();
    assert!(matches!(error, KeeperStartError::Spawn { .. }), "{error}");
    let error = connect_or_start(project.place(), std::path::Path::new("/bin/true")).unwrap_err().to_string();
    assert!(error.contains("it ended without a word"), "{error}");
    std::fs::create_dir(project.place().socket()).unwrap();
    let error = connect_or_start(project.place(), program()).unwrap_err().to_string();
    assert!(error.contains("keeper.sock"), "{error}");
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(payload);
    frame
}

fn next_payload(stream: &mut UnixStream) -> String {
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    let mut payload = vec![0; u32::from_be_bytes(header) as usize];
    stream.read_exact(&mut payload).unwrap();
    String::from_utf8(payload).unwrap()
}

fn ends(stream: &mut UnixStream) -> bool {
    let mut rest = Vec::new();
    // A reset is an end, too: what we sent was not read to its last byte.
    stream.read_to_end(&mut rest).is_ok_and(|_| rest.is_empty()) || rest.is_empty()
}

const HELLO: &[u8] = br#"{"version":1,"pid":1}"#;

#[test]
fn frames_that_make_no_sense_end_their_connection_and_nothing_else() {
    let project = Project::new();
    let (client, events) = project.connect();
    client.spawn(project.session("one", "read -r line; echo heard $line")).unwrap();
    let raw = || {
        let stream = UnixStream::connect(project.place().socket()).unwrap();
        stream.set_read_timeout(Some(keeper_support::PATIENCE)).unwrap();
        stream
    };
    // Before the greeting: the supervisor does not notice.
    let mut stream = raw();
    stream.write_all(&frame(b"hello there")).unwrap();
    assert!(next_payload(&mut stream).contains("not understood"));
    assert!(ends(&mut stream));
    let mut stream = raw();
    stream.write_all(&frame(br#"{"version":99,"pid":1}"#)).unwrap();
    assert!(next_payload(&mut stream).contains("speaks version 1, not 99"));
    assert!(ends(&mut stream));
    let mut stream = raw();
    stream.write_all(&[0xff; 64]).unwrap();
    assert!(next_payload(&mut stream).contains("a frame of 4294967295 bytes"));
    let idle: Vec<_> = (0..10).map(|_| raw()).collect();
    assert_eq!(client.list().unwrap().len(), 1);
    assert_eq!(events.next_ready(), None);
    drop(idle);

    // After it: a call nobody knows is refused, for a newer supervisor may make one; noise ends the connection.
    let mut stream = raw();
    let mut bytes = frame(HELLO);
    bytes.extend(frame(br#"{"id":5,"request":"dance"}"#));
    stream.write_all(&bytes).unwrap();
    assert!(next_payload(&mut stream).contains("welcome"));
    let answer = next_payload(&mut stream);
    assert!(answer.contains("\"id\":5") && answer.contains("does not understand"), "{answer}");
    stream.write_all(&frame(b"[1, 2")).unwrap();
    assert!(ends(&mut stream));
    let mut stream = raw();
    stream.write_all(&frame(HELLO)[..7]).unwrap();
    drop(stream);

    let (client, _events) = project.connect();
    let session = client.list().unwrap().remove(0);
    type_text(&session, "you\n");
    read_until(&session.master, "heard you");
}

#[test]
fn a_supervisor_that_does_not_read_holds_up_itself_alone() {
    let project = Project::new();
    let (client, _events) = project.connect();
    for number in 0..20 {
        client.spawn(project.session(&format!("s{number:02}"), "read -r line; echo heard $line")).unwrap();
    }
    let mut stream = UnixStream::connect(project.place().socket()).unwrap();
    stream.set_nonblocking(true).unwrap();
    stream.write_all(&frame(HELLO)).unwrap();
    // Until the keeper reads no more: its answers fill one buffer, our calls the other.
    let mut calls = 0_u32;
    let call = frame(br#"{"id":1,"request":"list"}"#);
    let mut full_since = None;
    wait_for("both buffers are full", || {
        match stream.write(&call) {
            Ok(_) => {
                calls += 1;
                full_since = None;
            }
            Err(_) => full_since = Some(full_since.unwrap_or(0) + 1),
        }
        full_since.is_some_and(|times: u32| times > 20)
    });
    assert!(calls > 20, "{calls}");
    // The next supervisor is served at once.
    let (client, _events) = project.connect();
    let sessions = client.list().unwrap();
    assert_eq!(sessions.len(), 20);
    type_text(&sessions[7], "you\n");
    read_until(&sessions[7].master, "heard you");
}
