//! Moving cards: files and facts change together or not at all.

use super::bench::{Bench, Break};
use crate::driver::disk::SystemDisk;
use crate::driver::disk::faulty::{Fault, FaultyDisk};
use crate::driver::request::{Reply, Request};
use crate::driver::run::Driver;
use crate::plan::edit::{Edit, Rewrite};

const ZERO: &str = "docs/plans/waves/wave-0.md";
const ONE: &str = "docs/plans/waves/wave-1.md";

fn moved() -> Request {
    Request::EditPlan { edit: Edit::MoveAgent { agent: "A2".into(), from: 0, to: 1 }, by: "me".into() }
}

fn texts(bench: &Bench) -> (String, String) {
    (bench.read(ZERO), bench.read(ONE))
}

/// Whether A2 stands in the first and in the second file.
fn places(bench: &Bench) -> (bool, bool) {
    let (zero, one) = texts(bench);
    (zero.contains("## Agent A2:"), one.contains("## Agent A2:"))
}

fn done(bench: &Bench, driver: &mut Driver, request: Request) -> String {
    match bench.operator(driver, request).unwrap() {
        Reply::Done { message } => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_move_its_undo_and_its_redo_change_files_and_facts_together() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let original = texts(&bench);
    assert_eq!(done(&bench, &mut driver, moved()), "A2 moved from wave 0 to wave 1.");
    assert_eq!(places(&bench), (false, true));
    assert_eq!(driver.state.edits_standing, 1);
    let told = bench.world().sources_told;
    assert!(
        driver.files.sources().waves[1].text.contains("## Agent A2:"),
        "clients hear of the new texts at once"
    );

    let undo = || Request::Undo { by: "me".into() };
    let redo = || Request::Redo { by: "me".into() };
    assert_eq!(done(&bench, &mut driver, undo()), "Taken back: A2 moved from wave 0 to wave 1.");
    assert_eq!(texts(&bench), original, "to the byte");
    assert!(matches!(bench.operator(&mut driver, undo()).unwrap(), Reply::Refused(_)));
    done(&bench, &mut driver, redo());
    assert_eq!(places(&bench), (false, true));
    assert!(matches!(bench.operator(&mut driver, redo()).unwrap(), Reply::Refused(_)));
    assert_eq!(bench.world().sources_told, told + 2);
    assert!(!bench.paths.edit_journal().exists());
}

#[test]
fn an_undo_of_a_file_that_changed_since_is_refused_and_loses_nothing() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    done(&bench, &mut driver, moved());
    let theirs = format!("{}\nA note of somebody else.\n", bench.read(ONE));
    bench.write(ONE, &theirs);
    let zero = bench.read(ZERO);
    let reply = bench.operator(&mut driver, Request::Undo { by: "me".into() }).unwrap();
    assert!(
        matches!(&reply, Reply::Refused(refused) if refused.reason.contains("wave-1.md changed")),
        "{reply:?}"
    );
    assert_eq!(texts(&bench), (zero, theirs));
    assert_eq!(driver.state.edits_standing, 1);
}

#[test]
fn a_move_out_of_a_running_wave_is_refused() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let before = texts(&bench);
    let reply = bench.operator(&mut driver, moved()).unwrap();
    assert!(matches!(reply, Reply::Refused(_)), "{reply:?}");
    assert_eq!(texts(&bench), before);
}

#[test]
fn a_move_that_cannot_be_recorded_leaves_the_files_as_they_were() {
    let bench = Bench::new();
    let before = texts(&bench);
    let mut driver = bench.raw_driver(Some((0, Break::Full { lasting: 1 })), Box::new(SystemDisk));
    driver.begin().unwrap();
    bench.operator(&mut driver, moved()).unwrap_err();
    assert_eq!(texts(&bench), before);
    assert!(!bench.paths.edit_journal().exists());
    done(&bench, &mut driver, moved());
    assert_eq!(places(&bench), (false, true));
}

#[test]
fn killed_around_the_commit_of_a_move_file_and_fact_still_agree() {
    for how in [Break::KilledBefore, Break::KilledAfter] {
        let bench = Bench::new();
        let mut driver = bench.raw_driver(Some((0, how)), Box::new(SystemDisk));
        driver.begin().unwrap();
        bench.operator(&mut driver, moved()).unwrap_err();
        drop(driver);
        let driver = bench.driver();
        assert_eq!(places(&bench), (false, true), "{how:?}: it was written, so it is completed");
        assert_eq!((driver.state.edits.len(), driver.state.edits_standing), (1, 1), "{how:?}");
        assert!(!bench.paths.edit_journal().exists());
    }
}

#[test]
fn killed_at_any_write_of_a_move_file_and_fact_still_agree() {
    for operations in 0.. {
        let bench = Bench::new();
        let before = texts(&bench);
        let disk = FaultyDisk::after(operations, Fault::Killed);
        let mut driver = bench.raw_driver(None, Box::new(disk));
        driver.begin().unwrap();
        let reply = bench.operator(&mut driver, moved());
        let accepted = matches!(reply, Ok(Reply::Done { .. }));
        drop(driver);
        let driver = bench.driver();
        match driver.state.edits_standing {
            0 => assert_eq!(texts(&bench), before, "{operations}"),
            _ => assert_eq!(places(&bench), (false, true), "{operations}"),
        }
        assert!(!accepted || driver.state.edits_standing == 1, "{operations}: what was accepted stands");
        if accepted && operations > 10 {
            return;
        }
    }
}

#[test]
fn files_that_an_edit_brings_go_when_it_is_taken_back() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let write =
        |path: &str, text: &str| Rewrite { path: path.into(), before: String::new(), after: text.into() };
    let (wave, spec) = ("docs/plans/waves/wave-9.md", "docs/plans/waves/specs/wave-9.json");
    let draft = |waves: &[u32]| Request::EditPlan {
        edit: Edit::WriteWaves {
            summary: "wave 9 drafted".into(),
            changes: vec!["wave 9 is new".into()],
            waves: waves.to_vec(),
            writes: vec![write(wave, "# Wave 9 - Nine\n"), write(spec, "{}\n")],
        },
        by: "me".into(),
    };
    assert_eq!(done(&bench, &mut driver, draft(&[9])), "wave 9 drafted.");
    assert_eq!((bench.read(wave).as_str(), bench.read(spec).as_str()), ("# Wave 9 - Nine\n", "{}\n"));
    let Edit::WriteWaves { writes, .. } = &driver.state.edits[0].edit else { panic!("another edit") };
    assert_eq!(*writes, [], "the texts are on record once");
    assert_eq!(driver.state.edits[0].rewrites.len(), 2);
    done(&bench, &mut driver, Request::Undo { by: "me".into() });
    assert!(!bench.paths.project().join(wave).exists());
    done(&bench, &mut driver, Request::Redo { by: "me".into() });
    assert_eq!(bench.read(wave), "# Wave 9 - Nine\n");

    bench.launch(&mut driver, &[0]).unwrap();
    let reply = bench.operator(&mut driver, draft(&[0])).unwrap();
    assert!(matches!(&reply, Reply::Refused(refused) if refused.reason.contains("wave 0 runs")), "{reply:?}");
}
