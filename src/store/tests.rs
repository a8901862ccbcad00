use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Opened, Reader, Settings, Store, StoreError};
use crate::engine::fact::What;
use crate::engine::input::LaunchOptions;
use crate::engine::{Fact, RunId, State, Time};

/// Names the database for the child of a test that starts its own program again.
const CHILD: &str = "WAVEDECK_STORE_TEST_CHILD";

fn fact(number: u64) -> Fact {
    Fact {
        at: Time(number),
        what: What::RunStarted {
            run: RunId(number),
            lane: "main".into(),
            waves: Vec::new(),
            options: LaunchOptions::default(),
        },
    }
}

/// A fact of about 4,000 bytes.
fn long_fact(number: u64) -> Fact {
    let what = What::PlanUndone { by: "x".repeat(4_000) };
    Fact { at: Time(number), what }
}

fn folded(facts: impl IntoIterator<Item = Fact>) -> State {
    let mut state = State::default();
    facts.into_iter().for_each(|fact| state.apply(&fact));
    state
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wavedeck.db");
    (folder, path)
}

/// A closed database with `count` facts.
fn filled(path: &Path, count: u64) {
    let opened = Store::open(path).unwrap();
    opened.store.append((1..=count).map(fact).collect()).wait().unwrap();
    opened.store.close().unwrap();
}

fn assert_sound(path: &Path) {
    assert_eq!(Reader::open(path).unwrap().integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn facts_come_back_in_order_and_folded() {
    let (_folder, path) = place();
    let Opened { store, state, sequence, notes, .. } = Store::open(&path).unwrap();
    assert_eq!((state, sequence, notes), (State::default(), 0, Vec::new()));
    assert_eq!(store.append(vec![fact(1), fact(2)]).wait(), Ok(2));
    assert_eq!(store.append(Vec::new()).wait(), Ok(2));
    assert_eq!(store.append(vec![fact(3)]).wait(), Ok(3));
    store.close().unwrap();

    let opened = Store::open(&path).unwrap();
    assert_eq!((opened.sequence, opened.replayed), (3, 3));
    assert_eq!(opened.state, folded((1..=3).map(fact)));
    assert_eq!(opened.store.append(vec![fact(4)]).wait(), Ok(4));
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.facts_from(2, 2).unwrap(), vec![(2, fact(2)), (3, fact(3))]);
    assert_eq!(reader.facts_from(5, 10).unwrap(), Vec::new());
    assert_sound(&path);
}

#[test]
fn only_the_owner_may_read() {
    let (folder, path) = place();
    filled(&path, 1);
    let _store = Store::open(&path).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn the_connection_keeps_its_promises() {
    let (_folder, path) = place();
    let lock = super::lock(&path).unwrap();
    super::create(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let mut notes = Vec::new();
    super::schema::configure(&connection, &mut notes).unwrap();
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((pragma("synchronous"), pragma("foreign_keys")), (2, 1));
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!((mode.as_str(), notes.len()), ("wal", 0));
    drop(lock);
}

#[test]
fn appends_that_wait_together_are_awaited_in_an_async_world_too() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let waiting: Vec<_> = (1..=700).map(|number| opened.store.append(vec![fact(number)])).collect();
        for (pending, number) in waiting.into_iter().zip(1..) {
            assert_eq!(pending.await, Ok(number));
        }
    });
}

#[test]
fn dropping_finishes_what_was_accepted() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    let pending: Vec<_> = (1..=50).map(|number| opened.store.append(vec![fact(number)])).collect();
    drop(opened.store);
    assert_eq!(pending.into_iter().next_back().unwrap().wait(), Ok(50));
    assert_eq!(Store::open(&path).unwrap().sequence, 50);
}

#[test]
fn a_snapshot_saves_replaying_a_hundred_thousand_facts() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    let mut state = opened.state;
    for number in 1..=100_000 {
        let fact = Fact { at: Time(number), what: What::PlanUndone { by: "operator".into() } };
        state.apply(&fact);
        if number % 1_000 == 0 {
            let batch = (0..1_000).map(|_| fact.clone()).collect();
            assert_eq!(opened.store.append(batch).wait(), Ok(number));
        }
        if number % 30_000 == 0 {
            assert_eq!(opened.store.snapshot(number, &state).wait(), Ok(number));
        }
    }
    opened.store.close().unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!((opened.sequence, opened.replayed, opened.notes), (100_000, 10_000, Vec::new()));
    assert_eq!(opened.state, state);
    let kept = Connection::open(&path).unwrap();
    let kept: i64 = kept.query_row("SELECT count(*) FROM snapshots", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 2);
    assert_eq!(Reader::open(&path).unwrap().state().unwrap(), (100_000, state));
}

#[test]
fn a_snapshot_of_facts_that_are_not_there_is_refused() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    opened.store.append(vec![fact(1)]).wait().unwrap();
    let error = opened.store.snapshot(2, &State::default()).wait().unwrap_err();
    assert_eq!(error, StoreError::SnapshotAhead { sequence: 2, last: 1 });
    assert_eq!(opened.store.append(vec![fact(2)]).wait(), Ok(2));
}

#[test]
fn a_spoilt_snapshot_costs_time_and_nothing_else() {
    for spoil in [
        "UPDATE snapshots SET body = '{}'",
        "UPDATE snapshots SET body = CAST(x'ff00' AS TEXT)",
        "UPDATE snapshots SET program = '99.0.0'",
    ] {
        let (_folder, path) = place();
        filled(&path, 10);
        let opened = Store::open(&path).unwrap();
        opened.store.snapshot(10, &opened.state).wait().unwrap();
        opened.store.close().unwrap();
        Connection::open(&path).unwrap().execute(spoil, []).unwrap();
        let opened = Store::open(&path).unwrap();
        assert_eq!((opened.sequence, opened.replayed, opened.notes.len()), (10, 10, 1), "{spoil}");
        assert_eq!(opened.state, folded((1..=10).map(fact)));
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    if let Ok(path) = std::env::var(CHILD) {
        return write_until_killed(Path::new(&path));
    }
    for acknowledged_before_kill in [1, 40, 700] {
        let (_folder, path) = place();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::tests::a_killed_writer_loses_nothing_that_it_acknowledged",
                "--nocapture",
            ])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        let mut lines = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            // The harness prints lines of its own.
            let line = line.unwrap();
            let Some(number) = line.strip_prefix("acknowledged ") else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            acknowledged = number;
            lines += 1;
            if lines == acknowledged_before_kill {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(lines >= acknowledged_before_kill, "the child ended by itself after {lines} lines");

        assert_sound(&path);
        let opened = Store::open(&path).unwrap();
        assert!(opened.sequence >= acknowledged, "{} of {acknowledged}", opened.sequence);
        assert_eq!(opened.state, folded((1..=opened.sequence).map(fact)));
        assert_eq!(opened.store.append(vec![fact(opened.sequence + 1)]).wait(), Ok(opened.sequence + 1));
    }
}

/// The child: many appends on their way at any time, a line for each that is acknowledged.
fn write_until_killed(path: &Path) {
    let opened = Store::open(path).unwrap();
    let mut output = std::io::stdout();
    let mut waiting = std::collections::VecDeque::new();
    for number in 1.. {
        waiting.push_back(opened.store.append(vec![fact(number)]));
        if waiting.len() == 20 {
            let last = waiting.pop_front().unwrap().wait().unwrap();
            // Nobody to tell any more: the parent's test failed.
            if writeln!(output, "acknowledged {last}").is_err() {
                return;
            }
        }
    }
}

#[test]
fn two_writers_are_refused_and_readers_are_not() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    opened.store.append(vec![fact(1)]).wait().unwrap();
    assert_eq!(Store::open(&path).unwrap_err(), StoreError::Locked { path: path.clone() });
    assert_eq!(Reader::open(&path).unwrap().state().unwrap().0, 1);
    drop(opened);
    assert_eq!(Store::open(&path).unwrap().sequence, 1);
}

#[test]
fn a_lock_of_somebody_else_is_waited_for_and_then_told() {
    let (_folder, path) = place();
    let settings = Settings { busy_timeout: Duration::from_millis(50), ..Settings::default() };
    let opened = Store::open_with(&path, settings).unwrap();
    opened.store.append(vec![fact(1)]).wait().unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = opened.store.append(vec![fact(2)]).wait().unwrap_err();
    assert_eq!(error, StoreError::Locked { path: path.clone() });
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(opened.store.append(vec![fact(2)]).wait(), Ok(2));
}

#[test]
fn a_full_disk_fails_the_append_and_keeps_the_others() {
    let (_folder, path) = place();
    let settings = Settings { pages_max: Some(40), ..Settings::default() };
    let opened = Store::open_with(&path, settings).unwrap();
    let mut kept = 0;
    let error = loop {
        match opened.store.append(vec![long_fact(kept + 1)]).wait() {
            Ok(sequence) => kept = sequence,
            Err(error) => break error,
        }
    };
    assert_eq!(error, StoreError::Full { path: path.clone() });
    assert!(kept > 10, "{kept}");
    assert_eq!(opened.store.append(vec![long_fact(kept + 1)]).wait(), Err(error));
    opened.store.close().unwrap();
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.sequence, kept);
    assert_eq!(opened.store.append(vec![long_fact(kept + 1)]).wait(), Ok(kept + 1));
    assert_sound(&path);
}

#[test]
fn what_followed_a_failed_append_fails_with_it() {
    let (_folder, path) = place();
    let settings = Settings { busy_timeout: Duration::from_millis(50), ..Settings::default() };
    let opened = Store::open_with(&path, settings).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = opened.store.append(vec![fact(1)]);
    while opened.store.failures_seen.load(std::sync::atomic::Ordering::Acquire) == 0 {
        // The failure of a later one, looked at by somebody, says that the first one has failed, too.
        let error = opened.store.append(vec![fact(2)]).wait().unwrap_err();
        assert_eq!(error, StoreError::Locked { path: path.clone() });
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(first.wait(), Err(StoreError::Locked { path: path.clone() }));
    assert_eq!(opened.store.append(vec![fact(1)]).wait(), Ok(1));

    // Not looked at: what was handed in meanwhile does not get through, though there would be nothing in its way.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let failing = opened.store.append(vec![fact(2)]);
    let settled = opened.store.append(vec![fact(3)]);
    let unaware = opened.store.append(vec![fact(4)]);
    assert!(settled.wait().is_err());
    other.execute_batch("ROLLBACK").unwrap();
    assert!(unaware.wait().is_err());
    assert!(failing.wait().is_err());
    assert_eq!(opened.store.append(vec![fact(2)]).wait(), Ok(2));
}

#[test]
fn a_file_size_limit_of_the_system_loses_nothing() {
    if let Ok(path) = std::env::var(CHILD) {
        return write_until_refused(Path::new(&path));
    }
    let (_folder, path) = place();
    let program = std::env::current_exe().unwrap();
    // The signal would end the child; ignored, the write fails as it does on a full disk.
    let output = Command::new("sh")
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 400; exec \"$@\"")
        .arg("sh")
        .arg(program)
        .args(["--exact", "store::tests::a_file_size_limit_of_the_system_loses_nothing", "--nocapture"])
        .env(CHILD, &path)
        .process_group(0)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let kept = text.lines().find_map(|line| line.strip_prefix("kept ")?.parse::<u64>().ok());
    let kept = kept.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert!(output.status.success() && kept > 10, "{text}");
    assert_sound(&path);
    assert_eq!(Store::open(&path).unwrap().sequence, kept);
}

/// The child: appends until the system refuses, then says how far it came.
fn write_until_refused(path: &Path) {
    let opened = Store::open(path).unwrap();
    let mut kept = 0;
    let error = loop {
        match opened.store.append(vec![long_fact(kept + 1)]).wait() {
            Ok(sequence) => kept = sequence,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. } | StoreError::Io { .. }), "{error}");
    println!("\nkept {kept}");
}

#[test]
fn damage_is_told_and_the_file_left_alone() {
    let (_folder, path) = place();
    filled(&path, 2_000);
    let sound = std::fs::read(&path).unwrap();
    let middle = sound.len() / 2;
    let mut scribbled = sound.clone();
    scribbled[middle..middle + 8_192].fill(0x5a);
    // One digit of one fact: SQLite itself does not notice.
    let mut digit = sound.clone();
    for at in 0..digit.len() - 9 {
        if &digit[at..at + 9] == b"\"at\":1500" {
            digit[at + 8] = b'1';
        }
    }
    let truncated = sound[..middle].to_vec();
    for (case, bytes) in [("scribbled", scribbled), ("digit", digit), ("truncated", truncated)] {
        std::fs::write(&path, &bytes).unwrap();
        let Err(error) = Store::open(&path) else { panic!("{case}: opened") };
        assert!(matches!(error, StoreError::Damaged { .. }), "{case}: {error}");
        assert_ne!(Reader::open(&path).and_then(|reader| reader.integrity_check()), Ok(Vec::new()), "{case}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{case}");
    }
}

#[test]
fn facts_that_are_missing_are_damage() {
    for (delete, snapshot) in [
        ("DELETE FROM facts WHERE sequence = 5", false),
        ("DELETE FROM facts WHERE sequence = 1", false),
        ("DELETE FROM facts WHERE sequence > 8", true),
    ] {
        let (_folder, path) = place();
        filled(&path, 10);
        if snapshot {
            let opened = Store::open(&path).unwrap();
            opened.store.snapshot(10, &opened.state).wait().unwrap();
        }
        Connection::open(&path).unwrap().execute(delete, []).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(
            matches!(&error, StoreError::Damaged { detail, .. } if detail.contains("missing")),
            "{error}"
        );
    }
}

#[test]
fn something_else_is_not_a_database_and_left_alone() {
    let (_folder, path) = place();
    filled(&path, 10);
    let mut garbage_header = std::fs::read(&path).unwrap();
    garbage_header[..64].fill(0x21);
    for bytes in [garbage_header, b"# Notes\n\nnot a database at all\n".repeat(100)] {
        std::fs::write(&path, &bytes).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
        assert!(matches!(Reader::open(&path).unwrap_err(), StoreError::NotADatabase { .. }));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }

    let (_folder, path) = place();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE tasks (id TEXT)").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_layout_is_told_and_left_alone() {
    let (_folder, path) = place();
    filled(&path, 3);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = std::fs::read(&path).unwrap();
    for error in [Store::open(&path).unwrap_err(), Reader::open(&path).unwrap_err()] {
        assert!(matches!(&error, StoreError::Newer { found, .. } if found == "layout 7"), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_fact_of_an_unknown_kind_is_from_a_newer_program() {
    let (_folder, path) = place();
    filled(&path, 3);
    let body = r#"{"at":9,"fact":"moon-landed"}"#;
    Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO facts VALUES (4, ?1, ?2)", (body, super::load::digest(4, body.as_bytes())))
        .unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(&error, StoreError::Newer { found, .. } if found.contains("moon-landed")), "{error}");
    assert_eq!(Reader::open(&path).unwrap().facts_from(1, 3).unwrap().len(), 3);
}

#[test]
fn an_empty_file_is_begun_with_a_word() {
    let (_folder, path) = place();
    std::fs::write(&path, "").unwrap();
    assert_eq!(Reader::open(&path).unwrap().state().unwrap(), (0, State::default()));
    let opened = Store::open(&path).unwrap();
    assert_eq!(opened.notes.len(), 1);
    assert_eq!(opened.store.append(vec![fact(1)]).wait(), Ok(1));
}

#[test]
fn a_reader_creates_nothing() {
    let (folder, path) = place();
    assert_eq!(Reader::open(&path).unwrap_err(), StoreError::Absent { path });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_reader_sees_one_moment_while_the_writer_goes_on() {
    let (_folder, path) = place();
    let opened = Store::open(&path).unwrap();
    opened.store.append(vec![fact(1)]).wait().unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let writer = std::thread::spawn(move || {
        for number in 2..=2_000 {
            opened.store.append(vec![fact(number)]).wait().unwrap();
            if number % 500 == 0 {
                let state = folded((1..=number).map(fact));
                opened.store.snapshot(number, &state).wait().unwrap();
            }
        }
    });
    let mut seen = 0;
    while !writer.is_finished() {
        let (sequence, state) = reader.state().unwrap();
        assert!(sequence >= seen);
        assert_eq!(state, folded((1..=sequence).map(fact)));
        seen = sequence;
    }
    writer.join().unwrap();
    assert_eq!(reader.state().unwrap().0, 2_000);
}

#[test]
fn a_reader_needs_no_right_to_write() {
    let (folder, path) = place();
    filled(&path, 5);
    for log in ["wavedeck.db-wal", "wavedeck.db-shm"] {
        assert!(!folder.path().join(log).exists(), "{log} is left after a close");
    }
    let set = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(&path, 0o400);
    set(folder.path(), 0o500);
    let read = Reader::open(&path).and_then(|mut reader| reader.state());
    set(folder.path(), 0o700);
    assert_eq!(read.unwrap().0, 5);
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let (folder, path) = place();
    let path = path.parent().unwrap().join("none").join("wavedeck.db");
    assert!(matches!(Store::open(&path).unwrap_err(), StoreError::Absent { .. }));
    std::fs::create_dir(folder.path().join("wavedeck.db.d")).unwrap();
    let error = Store::open(&folder.path().join("wavedeck.db.d")).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. } | StoreError::ReadOnly { .. }), "{error}");
}
