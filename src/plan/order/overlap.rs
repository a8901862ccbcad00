//! Whether two tasks would touch the same files, by what their authors declared.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::super::wave::ownership::normal;
use crate::plan::backlog::{Task, TaskId};

/// Two tasks that declare the same files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Conflict {
    /// One of them.
    pub a: TaskId,
    /// The other.
    pub b: TaskId,
    /// What both would touch: of a folder and what lies in it, what lies in it.
    pub paths: Vec<String>,
}

/// The declared paths of one task, ready to be compared.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct Claims {
    paths: Vec<Vec<String>>,
}

impl Claims {
    pub(in crate::plan) fn of(task: &Task) -> Claims {
        Claims {
            paths: task.files.iter().map(|path| steps(path)).filter(|steps| !steps.is_empty()).collect(),
        }
    }

    /// What both claim, each path once. A path without a star may be a folder; one with stars claims the folder before
    /// the first of them.
    pub(in crate::plan) fn shared(&self, other: &Claims) -> Vec<String> {
        let mut shared: Vec<String> = Vec::new();
        for one in &self.paths {
            for another in &other.paths {
                let (outer, inner) = if one.len() <= another.len() { (one, another) } else { (another, one) };
                if inner.starts_with(outer) {
                    shared.push(inner.join("/"));
                }
            }
        }
        shared.sort();
        shared.dedup();
        shared
    }
}

/// The claims of several tasks by path, to find those that another task shares without a look at every one.
#[derive(Debug, Default)]
pub(in crate::plan) struct Claimed<'a> {
    by_path: BTreeMap<&'a [String], Vec<usize>>,
}

impl<'a> Claimed<'a> {
    /// Adds the claims of a task, which has this number to whoever asks.
    pub(in crate::plan) fn add(&mut self, number: usize, claims: &'a Claims) {
        for path in &claims.paths {
            self.by_path.entry(path).or_default().push(number);
        }
    }

    /// The numbers of those that share a path with these claims, and the path; what both state twice is given twice.
    pub(in crate::plan) fn shared(&self, claims: &'a Claims) -> impl Iterator<Item = (usize, String)> + '_ {
        claims.paths.iter().flat_map(move |path| {
            let around = (1..=path.len()).filter_map(move |length| {
                let outer = path.get(..length)?;
                self.by_path.get(outer).map(|numbers| (numbers, path.as_slice()))
            });
            let below = self
                .by_path
                .range::<[String], _>((Bound::Excluded(path.as_slice()), Bound::Unbounded))
                .take_while(move |(inner, _)| inner.starts_with(path))
                .map(|(inner, numbers)| (numbers, *inner));
            let all = around.chain(below);
            all.flat_map(|(numbers, path)| numbers.iter().map(move |number| (*number, path.join("/"))))
        })
    }
}

/// The names on the way to a path, up to the first with a star.
fn steps(path: &str) -> Vec<String> {
    let path = normal(path);
    let names = path.split('/').filter(|name| !name.is_empty() && *name != ".");
    names.take_while(|name| !name.contains('*')).map(str::to_owned).collect()
}

/// Every pair of these tasks that shares files, in the order of ids, but no more than `most`; says whether there are more.
/// Costs a sort of all declared paths and a step for each pair.
pub(super) fn conflicts(tasks: &[&Task], most: usize) -> (Vec<Conflict>, bool) {
    let mut claims: Vec<(Vec<String>, &Task)> = Vec::new();
    for task in tasks {
        claims.extend(Claims::of(task).paths.into_iter().map(|steps| (steps, *task)));
    }
    claims.sort_by(|(steps, task), (other, other_task)| (steps, &task.id).cmp(&(other, &other_task.id)));
    let mut pairs: Vec<(&TaskId, &TaskId, String)> = Vec::new();
    // The claims whose paths the present one lies in.
    let mut around: Vec<&(Vec<String>, &Task)> = Vec::new();
    let mut cut = false;
    'claims: for claim in &claims {
        while around.last().is_some_and(|(outer, _)| !claim.0.starts_with(outer)) {
            around.pop();
        }
        for (_, task) in around.iter().filter(|(_, task)| task.id != claim.1.id) {
            if pairs.len() >= most {
                cut = true;
                break 'claims;
            }
            let (a, b) = (&task.id, &claim.1.id);
            pairs.push((a.min(b), a.max(b), claim.0.join("/")));
        }
        around.push(claim);
    }
    pairs.sort();
    pairs.dedup();
    let mut conflicts: Vec<Conflict> = Vec::new();
    for (a, b, path) in pairs {
        match conflicts.last_mut().filter(|last| last.a == *a && last.b == *b) {
            Some(last) => last.paths.push(path),
            None => conflicts.push(Conflict { a: a.clone(), b: b.clone(), paths: vec![path] }),
        }
    }
    (conflicts, cut)
}

#[cfg(test)]
mod tests {
    use super::{Claimed, Claims, conflicts};
    use crate::plan::backlog::{Kind, Task};

    fn task(id: &str, files: &[&str]) -> Task {
        Task { files: files.iter().map(ToString::to_string).collect(), ..Task::new(id, Kind::Task, id) }
    }

    /// Checks all ways of finding what two tasks share.
    fn check(one: &[&str], other: &[&str], expected: &[&str]) {
        let (one, other) = (task("T1", one), task("T2", other));
        assert_eq!(Claims::of(&one).shared(&Claims::of(&other)), expected);
        assert_eq!(Claims::of(&other).shared(&Claims::of(&one)), expected);
        let (claims, others) = (Claims::of(&one), Claims::of(&other));
        let mut claimed = Claimed::default();
        claimed.add(7, &others);
        let mut shared: Vec<String> = claimed.shared(&claims).map(|(_, path)| path).collect();
        shared.sort();
        shared.dedup();
        assert_eq!(shared, expected);
        let (found, cut) = conflicts(&[&one, &other], 100);
        let paths: Vec<String> = found.into_iter().flat_map(|conflict| conflict.paths).collect();
        assert_eq!((paths, cut), (expected.iter().map(ToString::to_string).collect(), false));
    }

    #[test]
    fn the_same_path_and_a_folder_above_it_are_shared() {
        check(&["src/a.rs"], &["./src/a.rs", "docs/"], &["src/a.rs"]);
        check(&["src/"], &["src/a.rs", "src/b/c.rs"], &["src/a.rs", "src/b/c.rs"]);
        check(&["src"], &["src/a.rs"], &["src/a.rs"]);
        check(&["src/a"], &["src/a.rs", "src/ab/c"], &[]);
        check(&["src/**/*.rs"], &["src\\a\\b.rs"], &["src/a/b.rs"]);
        check(&[], &["src/a.rs"], &[]);
        check(&["", "."], &["src/a.rs"], &[]);
    }

    #[test]
    fn pairs_are_told_once_and_in_order() {
        let tasks = [
            task("T10", &["src/a.rs", "src/b.rs"]),
            task("T9", &["src/"]),
            task("T1", &["src/b.rs", "src/b.rs"]),
            task("T2", &["docs"]),
        ];
        let (found, cut) = conflicts(&tasks.iter().collect::<Vec<_>>(), 100);
        let told: Vec<String> =
            found.iter().map(|it| format!("{} {} {}", it.a, it.b, it.paths.join(" "))).collect();
        assert_eq!(told, ["T1 T9 src/b.rs", "T1 T10 src/b.rs", "T9 T10 src/a.rs src/b.rs"]);
        assert!(!cut);
        assert!(conflicts(&tasks.iter().collect::<Vec<_>>(), 2).1);
    }
}
