//! Which processes a session started, found in `/proc` when a session is to end and at no other time.
//!
//! Only processes in the keeper's own tree come into question. Because the keeper is a child subreaper, whatever a
//! session starts stays in that tree, however it detaches; and nothing outside can be taken for it. Format of the files:
//! the Linux manual, proc(5).

use std::collections::{HashMap, HashSet};
use std::io;

use super::protocol::SESSION_VARIABLE;

/// SIGHUP and SIGTERM as bits of a mask in `/proc/PID/status`.
const HANGUP_BIT: u64 = 1;
const TERMINATE_BIT: u64 = 1 << 14;

/// One process and no other: `started` (clock ticks since boot) tells it from a later one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ProcessIdentity {
    pub(super) pid: u32,
    pub(super) started: u64,
}

/// A process as it was a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Process {
    identity: ProcessIdentity,
    parent: u32,
    session: u32,
}

/// Whose processes are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that one session started.
    Session {
        /// Its name, as the environment of its processes has it.
        name: String,
        /// Process id of its child.
        leader: u32,
        /// Whether that child still holds this number: it runs, or nobody has taken its exit yet.
        leader_held: bool,
    },
    /// Everything beneath the keeper.
    Everything,
}

/// What of `scope` is there now, the oldest first: who is told to end before the children it waits for does not go on to
/// its next command. Dead processes whose parents have not noticed may be among them.
pub(super) fn find(keeper: u32, scope: &Scope) -> io::Result<Vec<ProcessIdentity>> {
    let mut found = select(&processes()?, keeper, scope, session_mark);
    found.sort_unstable_by_key(|process| (process.started, process.pid));
    Ok(found)
}

/// Whether that very process is still there, be it dead and unnoticed by its parent.
pub(super) fn is_there(process: ProcessIdentity) -> bool {
    look_up(process.pid).is_some_and(|found| found.identity == process)
}

/// Whether the process ignores SIGTERM but not SIGHUP. Interactive shells do: a terminal that closes hangs them up.
pub(super) fn wants_hangup(pid: u32) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { return false };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored & TERMINATE_BIT != 0 && ignored & HANGUP_BIT == 0
}

fn processes() -> io::Result<Vec<Process>> {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        // One that ended while we looked is none.
        processes.extend(name.to_str().and_then(|name| name.parse().ok()).and_then(look_up));
    }
    Ok(processes)
}

fn look_up(pid: u32) -> Option<Process> {
    parse_stat(pid, &std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// `mark` gives the name of the session that a process's environment names.
fn select(
    processes: &[Process],
    keeper: u32,
    scope: &Scope,
    mark: impl Fn(u32) -> Option<String>,
) -> Vec<ProcessIdentity> {
    let mut children: HashMap<u32, Vec<&Process>> = HashMap::new();
    for process in processes {
        children.entry(process.parent).or_default().push(process);
    }
    let tree = beneath(&children, children.get(&keeper).into_iter().flatten().copied());
    let Scope::Session { name, leader, leader_held } = scope else {
        return tree.into_iter().map(|process| process.identity).collect();
    };
    let roots = tree.iter().copied().filter(|process| {
        if *leader_held && (process.identity.pid == *leader || process.session == *leader) {
            return true;
        }
        match mark(process.identity.pid) {
            Some(marked) => marked == *name,
            // The kernel gives the number of a session to no new process as long as one of that session lives.
            None => process.session == *leader,
        }
    });
    beneath(&children, roots).into_iter().map(|process| process.identity).collect()
}

/// `roots` and everything that descends from them.
fn beneath<'a>(
    children: &HashMap<u32, Vec<&'a Process>>,
    roots: impl Iterator<Item = &'a Process>,
) -> HashSet<&'a Process> {
    let mut found = HashSet::new();
    let mut open: Vec<&Process> = roots.collect();
    while let Some(process) = open.pop() {
        if found.insert(process) {
            open.extend(children.get(&process.identity.pid).into_iter().flatten().copied());
        }
    }
    found
}

fn session_mark(pid: u32) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|byte| *byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(SESSION_VARIABLE.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// The program's name stands in parentheses and may contain anything, parentheses and spaces too; so fields are counted
/// from the last one: state, parent, group, session, and 16 fields on the start time.
fn parse_stat(pid: u32, stat: &[u8]) -> Option<Process> {
    let after_name = stat.get(stat.iter().rposition(|byte| *byte == b')')? + 1..)?;
    let fields: Vec<&str> = std::str::from_utf8(after_name).ok()?.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Process {
        identity: ProcessIdentity { pid, started: number(19)? },
        parent: u32::try_from(number(1)?).ok()?,
        session: u32::try_from(number(3)?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Process, ProcessIdentity, Scope, look_up, parse_stat, select};

    const KEEPER: u32 = 100;

    fn process(pid: u32, parent: u32, session: u32) -> Process {
        Process { identity: ProcessIdentity { pid, started: 7 }, parent, session }
    }

    fn session(leader_held: bool) -> Scope {
        Scope::Session { name: "one".to_owned(), leader: 110, leader_held }
    }

    fn pids(processes: &[Process], scope: &Scope, marks: &[(u32, &str)]) -> Vec<u32> {
        let mark = |pid| marks.iter().find(|(marked, _)| *marked == pid).map(|(_, name)| (*name).to_owned());
        let mut pids: Vec<u32> =
            select(processes, KEEPER, scope, mark).into_iter().map(|process| process.pid).collect();
        pids.sort_unstable();
        pids
    }

    #[test]
    fn a_session_is_its_child_and_all_beneath_and_its_marked_orphans() {
        let processes = [
            process(1, 0, 1),
            process(KEEPER, 1, KEEPER),
            process(110, KEEPER, 110),
            process(111, 110, 110),
            process(112, 111, 112),
            // An orphan in a session of its own, and its child without a mark.
            process(113, KEEPER, 113),
            process(114, 113, 113),
            // An orphan of the terminal's session that cleared its environment.
            process(115, KEEPER, 110),
            // Another session.
            process(120, KEEPER, 120),
            process(121, 120, 121),
            // Not beneath the keeper, though it bears the mark.
            process(130, 1, 130),
        ];
        let marks = [(110, "one"), (111, "one"), (113, "one"), (120, "two"), (121, "two"), (130, "one")];
        assert_eq!(pids(&processes, &session(true), &marks), [110, 111, 112, 113, 114, 115]);
        assert_eq!(pids(&processes, &Scope::Everything, &marks), [110, 111, 112, 113, 114, 115, 120, 121]);
    }

    #[test]
    fn the_number_of_a_child_that_is_gone_means_nothing() {
        // 110 is somebody else's now, who even leads a session of that number.
        let processes = [
            process(KEEPER, 1, KEEPER),
            process(120, KEEPER, 120),
            process(110, 120, 110),
            process(140, KEEPER, 140),
        ];
        let marks = [(120, "two"), (110, "two"), (140, "one")];
        assert_eq!(pids(&processes, &session(false), &marks), [140]);
    }

    #[test]
    fn a_name_full_of_parentheses_is_read() {
        let stat = b"42 (a) S 9 (b)) S 7 42 41 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 9 9\n";
        assert_eq!(
            parse_stat(42, stat),
            Some(Process { identity: ProcessIdentity { pid: 42, started: 987_654 }, parent: 7, session: 41 })
        );
        assert_eq!(parse_stat(42, b"42 (sh"), None);
        assert_eq!(parse_stat(42, b"42 (sh) S x"), None);
    }

    #[test]
    fn this_very_process_is_found() {
        let own = look_up(std::process::id()).unwrap();
        assert_eq!(own.identity.pid, std::process::id());
        assert_eq!(own.parent, std::os::unix::process::parent_id());
        assert!(own.identity.started > 0);
    }
}
