use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitOptions, WaitStatus, waitpid};

use super::{
    PtyError, PtyRead, SpawnCommand, Spawned, StartInPty, SystemPty, inherited_environment, read, resize,
    size, write,
};
use crate::session::screen::Size;

const SIZE: Size = Size { columns: 80, rows: 24 };

fn command(words: &[&str]) -> SpawnCommand {
    SpawnCommand {
        command: words.iter().map(|word| (*word).to_owned()).collect(),
        directory: std::env::temp_dir(),
        environment: inherited_environment(&[("TERM".to_owned(), "xterm-256color".to_owned())]),
        size: SIZE,
    }
}

fn spawn(words: &[&str]) -> Spawned {
    SystemPty.spawn(&command(words)).unwrap()
}

/// Reads until `wanted` is in what was read, or the end.
fn read_until(master: &OwnedFd, wanted: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut text = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        match read(master, &mut buffer).unwrap() {
            PtyRead::Bytes(count) => text.extend_from_slice(&buffer[..count]),
            PtyRead::End => return String::from_utf8_lossy(&text).into_owned(),
            PtyRead::Nothing => {
                assert!(
                    Instant::now() < deadline,
                    "{wanted:?} never came: {:?}",
                    String::from_utf8_lossy(&text)
                );
                let second = Timespec { tv_sec: 1, tv_nsec: 0 };
                poll(&mut [PollFd::new(master, PollFlags::IN)], Some(&second)).unwrap();
            }
        }
        if !wanted.is_empty() && String::from_utf8_lossy(&text).contains(wanted) {
            return String::from_utf8_lossy(&text).into_owned();
        }
    }
}

fn wait(spawned: &Spawned) -> WaitStatus {
    let pid = Pid::from_raw(i32::try_from(spawned.pid).unwrap()).unwrap();
    waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap().1
}

#[test]
fn a_child_sees_its_terminal_its_size_its_folder_and_only_its_environment() {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = command(&["sh", "-c", "stty size; pwd; tty >/dev/null && echo is-tty; env | sort"]);
    wanted.directory = folder.path().to_owned();
    wanted.environment = vec![
        ("PATH".to_owned(), std::env::var("PATH").unwrap()),
        ("HOME".to_owned(), "/".to_owned()),
        ("MARK".to_owned(), "of this test".to_owned()),
    ];
    let spawned = SystemPty.spawn(&wanted).unwrap();
    let text = read_until(&spawned.master, "");
    assert!(text.contains("24 80"), "{text}");
    assert!(text.contains(folder.path().to_str().unwrap()), "{text}");
    assert!(text.contains("is-tty"), "{text}");
    assert!(text.contains("MARK=of this test"), "{text}");
    assert!(!text.contains("CARGO"), "nothing of our own environment: {text}");
    assert_eq!(wait(&spawned).exit_status(), Some(0));
}

#[test]
fn what_is_written_reaches_the_child_and_nothing_is_typed_when_the_master_closes() {
    let spawned = spawn(&["sh", "-c", "read -r line; echo \"got $line\"; cat >/dev/null; echo cat ended"]);
    write(&spawned.master, b"hello\n").unwrap();
    read_until(&spawned.master, "got hello");
    let copy = spawned.master.try_clone().unwrap();
    drop(spawned.master);
    // `cat` is still reading: no end of file was typed. A newline and an end of file would end it.
    let mut buffer = [0; 4096];
    write(&copy, b"more\n").unwrap();
    let text = read_until(&copy, "more");
    assert!(!text.contains("cat ended"), "{text}");
    assert_eq!(read(&copy, &mut buffer).unwrap(), PtyRead::Nothing);
    drop(copy);
    let pid = Pid::from_raw(i32::try_from(spawned.pid).unwrap()).unwrap();
    let status = waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap().1;
    assert_eq!(status.terminating_signal(), Some(1), "hung up when the last master closed");
}

#[test]
fn resize_tells_the_child() {
    let spawned =
        spawn(&["sh", "-c", "trap 'stty size; exit 3' WINCH; echo ready; while :; do read -r line; done"]);
    read_until(&spawned.master, "ready");
    resize(&spawned.master, Size { columns: 132, rows: 50 }).unwrap();
    // A trap runs once the shell's `read` comes back.
    write(&spawned.master, b"\n").unwrap();
    read_until(&spawned.master, "50 132");
    assert_eq!(size(&spawned.master).unwrap(), Size { columns: 132, rows: 50 });
    assert_eq!(wait(&spawned).exit_status(), Some(3));
}

#[test]
fn a_child_gets_no_descriptor_but_its_terminal() {
    let open = std::fs::File::open("/dev/null").unwrap();
    rustix::io::fcntl_setfd(&open, rustix::io::FdFlags::empty()).unwrap();
    let spawned = spawn(&["sh", "-c", "exec ls /proc/self/fd"]);
    let text = read_until(&spawned.master, "");
    // 3 is the folder that `ls` itself reads.
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    wait(&spawned);
}

#[test]
fn a_program_that_is_not_there_is_named_with_the_path_that_was_searched() {
    let mut wanted = command(&["no-such-program-anywhere"]);
    wanted.environment.push(("PATH".to_owned(), "/bin:/nowhere".to_owned()));
    let message = SystemPty.spawn(&wanted).unwrap_err().to_string();
    assert!(message.contains("`no-such-program-anywhere`"), "{message}");
    assert!(message.contains("PATH was searched (/bin:/nowhere)"), "{message}");

    let message = SystemPty.spawn(&command(&["./absent"])).unwrap_err().to_string();
    assert!(message.contains("absent does not exist"), "{message}");

    wanted.environment.clear();
    let message = SystemPty.spawn(&wanted).unwrap_err().to_string();
    assert!(message.contains("no PATH"), "{message}");
}

#[test]
fn what_cannot_run_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let plain = script("plain", "#!/bin/sh\n", 0o644);
    let orphan = script("orphan", "#! /no/such/interpreter -x\n", 0o755);
    let message = |program: &str| SystemPty.spawn(&command(&[program])).unwrap_err().to_string();
    assert!(message(&plain).contains("is not executable"), "{}", message(&plain));
    assert!(message(&orphan).contains("/no/such/interpreter"), "{}", message(&orphan));
    assert!(message("/bin").contains("is a folder"), "{}", message("/bin"));
    assert!(matches!(SystemPty.spawn(&command(&[])), Err(PtyError::EmptyCommand)));

    let mut wanted = command(&["sh"]);
    wanted.directory = Path::new("/no/such/folder").to_owned();
    let message = SystemPty.spawn(&wanted).unwrap_err().to_string();
    assert!(message.contains("/no/such/folder: that folder does not exist"), "{message}");
}

#[test]
fn the_inherited_environment_leaves_the_outer_terminal_out() {
    let environment = inherited_environment(&[("PATH".to_owned(), "/only".to_owned())]);
    let of = |name: &str| environment.iter().filter(|(other, _)| other == name).collect::<Vec<_>>();
    assert_eq!(of("PATH").len(), 1);
    assert_eq!(of("PATH")[0].1, "/only");
    assert!(of("TERM").is_empty());
    for name in ["TMUX", "TMUX_PANE", "COLUMNS", "TERM_PROGRAM_VERSION", "WAVEDECK_TOKEN", "TERM"] {
        assert!(super::speaks_of_outer_terminal(name), "{name}");
    }
    for name in ["HOME", "TERMINFO", "PATH", "LANG"] {
        assert!(!super::speaks_of_outer_terminal(name), "{name}");
    }
}
