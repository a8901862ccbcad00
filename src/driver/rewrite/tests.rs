//! Faults at every operation of an edit, and what is there after the next start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Intent, RewriteError, Rewriter, Settled};
use crate::driver::disk::faulty::{Fault, FaultyDisk};
use crate::driver::disk::{Disk, SystemDisk};
use crate::driver::paths::ProjectPaths;
use crate::engine::Input;
use crate::plan::edit::{Edit, Rewrite};

/// Path, text before, text after. The third goes, the fourth comes, in a folder that is not there.
const FILES: [(&str, &str, &str); 4] = [
    ("plans/wave-1.md", "one\r\nbefore", "one\r\nafter"),
    ("plans/wave-2.md", "two before\n", "two after, and longer\n"),
    ("plans/wave-3.md", "three before\n", ""),
    ("plans/specs/wave-4.json", "", "four after"),
];

struct Bench {
    _folder: tempfile::TempDir,
    paths: ProjectPaths,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::of(folder.path()).unwrap();
        paths.prepare().unwrap();
        fs::create_dir(paths.project().join("plans")).unwrap();
        for (path, before, _) in FILES.into_iter().filter(|(_, before, _)| !before.is_empty()) {
            fs::write(paths.project().join(path), before).unwrap();
        }
        Bench { _folder: folder, paths }
    }

    fn on<'a>(&'a self, disk: &'a dyn Disk) -> Rewriter<'a> {
        Rewriter { disk, paths: &self.paths }
    }

    /// The text of a file; none, where there is no file.
    fn read(&self, path: &str) -> String {
        let file = self.paths.project().join(path);
        if file.exists() { fs::read_to_string(file).unwrap() } else { String::new() }
    }

    /// `Some(true)` when every file holds its new text, `Some(false)` when every file holds its old one.
    fn all_after(&self) -> Option<bool> {
        let texts = FILES.map(|(path, ..)| self.read(path));
        let after = FILES.iter().zip(&texts).all(|((_, _, after), text)| text == after);
        let before = FILES.iter().zip(&texts).all(|((_, before, _), text)| text == before);
        if after { Some(true) } else { before.then_some(false) }
    }

    fn left_over(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in [self.paths.project().join("plans"), self.paths.state_directory()] {
            for entry in fs::read_dir(folder).unwrap() {
                names.push(entry.unwrap().file_name().into_string().unwrap());
            }
        }
        names.retain(|name| !name.starts_with("wave-") && ![".gitignore", "specs"].contains(&name.as_str()));
        names
    }
}

fn intent() -> Intent {
    let rewrites: Vec<Rewrite> = FILES
        .iter()
        .map(|(path, before, after)| Rewrite {
            path: (*path).into(),
            before: (*before).into(),
            after: (*after).into(),
        })
        .collect();
    let edit = Edit::MoveAgent { agent: "A1".into(), from: 1, to: 2 };
    Intent {
        input: Input::PlanEdited { edit, rewrites: rewrites.clone(), by: "me".into() },
        rewrites,
        standing: 0,
    }
}

#[test]
fn an_edit_is_written_kept_and_leaves_nothing_beside() {
    let bench = Bench::new();
    let rewriter = bench.on(&SystemDisk);
    rewriter.write(&intent()).unwrap();
    assert_eq!(bench.all_after(), Some(true));
    rewriter.keep().unwrap();
    assert_eq!(bench.left_over(), Vec::<String>::new());
    assert_eq!(rewriter.settle(1).unwrap(), Settled::Nothing);
}

#[test]
fn a_disk_error_at_any_operation_leaves_every_file_as_it_was() {
    for operations in 0.. {
        let bench = Bench::new();
        let disk = FaultyDisk::after(operations, Fault::Once);
        let written = bench.on(&disk).write(&intent());
        if !disk.broke() {
            written.unwrap();
            assert!(operations > FILES.len(), "the fault was never met");
            return;
        }
        assert!(matches!(written, Err(RewriteError::Failed { .. })), "{operations}: {written:?}");
        assert_eq!(bench.all_after(), Some(false), "fault after {operations} operations");
        assert_eq!(bench.on(&SystemDisk).settle(0).unwrap(), Settled::Nothing);
    }
}

#[test]
fn killed_at_any_operation_the_next_start_has_all_files_or_none() {
    for fault in [Fault::Killed, Fault::Torn] {
        for operations in 0.. {
            let bench = Bench::new();
            let disk = FaultyDisk::after(operations, fault);
            let written = bench.on(&disk).write(&intent());
            let finished = !disk.broke();
            assert_eq!(finished, written.is_ok());
            let settled = bench.on(&SystemDisk).settle(0).unwrap();
            let expected = match &settled {
                Settled::Written(found) => {
                    assert_eq!(**found, intent());
                    bench.on(&SystemDisk).keep().unwrap();
                    Some(true)
                }
                Settled::Nothing | Settled::TakenBack => Some(false),
                Settled::Kept | Settled::Conflict { .. } => panic!("{operations} {fault:?}: {settled:?}"),
            };
            assert_eq!(bench.all_after(), expected, "{fault:?} after {operations} operations: {settled:?}");
            let strays: Vec<String> =
                bench.left_over().into_iter().filter(|name| !name.contains("edit.journal")).collect();
            assert_eq!(strays, Vec::<String>::new(), "{fault:?} after {operations} operations");
            if finished {
                assert_eq!(expected, Some(true));
                break;
            }
        }
    }
}

#[test]
fn an_edit_whose_fact_is_committed_is_not_told_again() {
    let bench = Bench::new();
    let rewriter = bench.on(&SystemDisk);
    rewriter.write(&intent()).unwrap();
    assert_eq!(rewriter.settle(1).unwrap(), Settled::Kept);
    assert_eq!(bench.all_after(), Some(true));
    assert_eq!(rewriter.settle(1).unwrap(), Settled::Nothing);
}

#[test]
fn an_edit_whose_fact_cannot_be_committed_is_taken_back() {
    let bench = Bench::new();
    let rewriter = bench.on(&SystemDisk);
    rewriter.write(&intent()).unwrap();
    rewriter.take_back(&intent()).unwrap();
    assert_eq!(bench.all_after(), Some(false));
    assert_eq!(bench.left_over(), Vec::<String>::new());
}

#[test]
fn a_file_that_changed_underneath_is_never_overwritten() {
    let bench = Bench::new();
    fs::write(bench.paths.project().join(FILES[2].0), "theirs").unwrap();
    let error = bench.on(&SystemDisk).write(&intent()).unwrap_err();
    assert!(matches!(&error, RewriteError::Changed { path } if path == FILES[2].0), "{error}");
    assert_eq!(bench.read(FILES[0].0), FILES[0].1);
    assert_eq!(bench.read(FILES[2].0), "theirs");
    assert_eq!(bench.left_over(), Vec::<String>::new());
}

#[test]
fn a_file_edited_after_the_kill_is_a_conflict_and_no_text_is_lost() {
    let bench = Bench::new();
    // Folder, journal (two operations), two texts beside, a folder, a text beside, one file in place: then gone.
    let disk = FaultyDisk::after(8, Fault::Killed);
    bench.on(&disk).write(&intent()).unwrap_err();
    assert_eq!(bench.read(FILES[0].0), FILES[0].2);
    fs::write(bench.paths.project().join(FILES[1].0), "theirs").unwrap();
    let settled = bench.on(&SystemDisk).settle(0).unwrap();
    let Settled::Conflict { files, kept } = settled else { panic!("{settled:?}") };
    assert_eq!(files, [FILES[1].0]);
    assert_eq!(bench.read(FILES[1].0), "theirs");
    let journal: Intent = serde_json::from_slice(&fs::read(kept).unwrap()).unwrap();
    assert_eq!(journal, intent());
    assert_eq!(bench.on(&SystemDisk).settle(0).unwrap(), Settled::Nothing);
}

#[test]
fn permissions_stay_and_links_are_followed() {
    let bench = Bench::new();
    let file = bench.paths.project().join(FILES[0].0);
    let real = bench.paths.project().join("real.md");
    fs::rename(&file, &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("../real.md", &file).unwrap();
    bench.on(&SystemDisk).write(&intent()).unwrap();
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), FILES[0].2);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn paths_out_of_the_project_the_same_file_twice_and_other_bytes_are_refused() {
    let bench = Bench::new();
    let write = |paths: &[&str]| {
        let rewrites = paths
            .iter()
            .map(|path| Rewrite { path: (*path).into(), before: FILES[0].1.into(), after: "x".into() })
            .collect();
        bench.on(&SystemDisk).write(&Intent { rewrites, ..intent() }).unwrap_err()
    };
    assert!(matches!(write(&["../elsewhere.md"]), RewriteError::Outside { .. }));
    assert!(matches!(write(&["/etc/passwd"]), RewriteError::Outside { .. }));
    assert!(matches!(write(&["plans/wave-9.md"]), RewriteError::Changed { .. }));
    assert!(matches!(write(&[FILES[0].0, "plans/./wave-1.md"]), RewriteError::Twice { .. }));
    fs::write(bench.paths.project().join(FILES[0].0), b"one \xff").unwrap();
    assert!(matches!(write(&[FILES[0].0]), RewriteError::NotText { .. }));
    assert_eq!(fs::read(bench.paths.project().join(FILES[0].0)).unwrap(), b"one \xff");
    assert!(Path::new(&bench.paths.edit_journal()).metadata().is_err());
}
