//! Killed at every fact, failing disks, lost keepers: what is there afterwards.

use std::collections::BTreeMap;

use super::bench::{Bench, Break, key, told};
use crate::driver::disk::SystemDisk;
use crate::driver::disk::faulty::{Fault, FaultyDisk};
use crate::driver::request::{Reply, Request};
use crate::driver::run::Driver;
use crate::driver::setup::DriverError;
use crate::engine::fact::{Outcome, What};
use crate::engine::state::AttemptStatus;
use crate::engine::{Fact, Input, RunId, State};
use crate::store::Reader;

/// What is on record, in order.
fn on_record(bench: &Bench) -> Vec<Fact> {
    let facts = Reader::open(&bench.paths.database()).unwrap().facts_from(1, 10_000).unwrap();
    facts.into_iter().map(|(_, fact)| fact).collect()
}

/// What happened, regardless of order and time.
fn tale(bench: &Bench) -> BTreeMap<String, usize> {
    let mut tale = BTreeMap::new();
    for fact in on_record(bench) {
        *tale.entry(told(&fact)).or_default() += 1;
        // An agent that was not told that its result arrived says it again, which is no fault.
        if matches!(fact.what, What::ResultSubmitted { .. }) {
            tale.insert(told(&fact), 1);
        }
    }
    tale
}

/// Begins, launches unless that was done, and plays to the end.
fn run(bench: &Bench, driver: &mut Driver) -> Result<(), DriverError> {
    driver.begin()?;
    if driver.state.runs.is_empty() {
        bench.launch(driver, &[0])?;
    }
    bench.play(driver)
}

#[test]
fn killed_around_any_commit_the_wave_goes_on_as_if_nothing_had_been() {
    let undisturbed = Bench::new();
    run(&undisturbed, &mut undisturbed.raw_driver(None, Box::new(SystemDisk))).unwrap();
    let expected = tale(&undisturbed);
    for how in [Break::KilledBefore, Break::KilledAfter] {
        for appends in 0.. {
            let bench = Bench::new();
            let mut driver = bench.raw_driver(Some((appends, how)), Box::new(SystemDisk));
            let outcome = run(&bench, &mut driver);
            drop(driver);
            assert!(
                bench.world().facts.len() <= on_record(&bench).len(),
                "nothing is told that is not on record"
            );
            if outcome.is_ok() {
                assert!(appends > 10, "the wave makes more commits than that");
                break;
            }
            let mut driver = bench.raw_driver(None, Box::new(SystemDisk));
            run(&bench, &mut driver).unwrap_or_else(|error| panic!("{how:?} {appends}: {error}"));
            let started = bench.world().started.clone();
            assert_eq!(started.len(), 4, "{how:?} {appends}: each session is started once: {started:?}");
            assert_eq!(driver.state.runs[&RunId(1)].outcome, Some(Outcome::Closed));
            assert_eq!(tale(&bench), expected, "{how:?} {appends}");
        }
    }
}

#[test]
fn a_store_that_fails_is_told_and_the_wave_goes_on_when_it_works_again() {
    for (lasting, step) in [(1, 1), (3, 4)] {
        for appends in (0..).step_by(step) {
            let bench = Bench::new();
            let how = Break::Full { lasting };
            let mut driver = bench.raw_driver(Some((appends, how)), Box::new(SystemDisk));
            let mut failures = 0;
            loop {
                match run(&bench, &mut driver) {
                    Ok(()) if driver.reconcile_at.is_none() => break,
                    Ok(()) => {}
                    Err(error) => {
                        assert!(matches!(error, DriverError::NotCommitted(_)), "{appends}: {error}")
                    }
                }
                assert_eq!(driver.state, folded(&bench), "the state is what is on record");
                failures += 1;
                assert!(failures <= lasting, "{appends}");
            }
            if failures == 0 {
                assert!(appends > 10, "the wave makes more commits than that");
                break;
            }
            let outcome = driver.state.runs[&RunId(1)].outcome;
            assert_eq!(outcome, Some(Outcome::Closed), "{appends}: {}", bench.story());
            assert_eq!(driver.state, folded(&bench));
            let told: Vec<Fact> = bench.world().facts.iter().map(|(_, fact)| fact.clone()).collect();
            assert_eq!(told, on_record(&bench), "{appends}: told is what is on record, in order, once");
            assert_eq!(bench.world().started.len(), 4, "{appends}");
        }
    }
}

fn folded(bench: &Bench) -> State {
    let mut state = State::default();
    on_record(bench).iter().for_each(|fact| state.apply(fact));
    state
}

#[test]
fn a_request_that_could_not_be_recorded_is_answered_as_failed() {
    let bench = Bench::new();
    let mut driver = bench.raw_driver(Some((0, Break::Full { lasting: 1 })), Box::new(SystemDisk));
    driver.begin().unwrap();
    bench.launch(&mut driver, &[0]).unwrap_err();
    let replies = bench.world().replies.clone();
    assert!(matches!(&replies[0].1, Reply::Failed { message } if message.contains("no room")), "{replies:?}");
    assert!(bench.world().started.is_empty(), "nothing was performed");
    assert!(bench.world().facts.is_empty(), "nobody was told");
}

#[test]
fn every_effect_performed_twice_does_no_more_than_once() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    loop {
        driver.reconcile().unwrap();
        let facts = driver.sequence;
        driver.reconcile().unwrap();
        for effect in driver.state.pending_effects() {
            driver.perform_now(&effect).unwrap();
        }
        assert_eq!(driver.sequence, facts, "doing it again is no event: {}", bench.story());
        if !bench.turn(&mut driver).unwrap() {
            break;
        }
    }
    assert_eq!(bench.world().started.len(), 4);
    assert_eq!(driver.state.runs[&RunId(1)].outcome, Some(Outcome::Closed));
}

#[test]
fn agents_that_live_are_adopted_and_those_that_ended_are_judged() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    drop(driver);
    // While nobody was there, A2 ended, and nobody said so.
    bench.world().sessions.get_mut("main-w0-A2-t1").unwrap().exit =
        Some(crate::engine::input::Exit::Code { code: 1 });
    let driver = bench.driver();
    assert_eq!(driver.state.attempt(&key(0, "A1", 1)).unwrap().status, AttemptStatus::Working);
    assert_eq!(driver.state.attempt(&key(0, "A2", 1)).unwrap().status, AttemptStatus::Ended);
    assert_eq!(bench.world().started, ["main-w0-A1-t1", "main-w0-A2-t1", "main-w0-A2-t2"]);
    assert_eq!(bench.world().forgotten, ["main-w0-A2-t1"]);
    assert!(bench.world().notices.is_empty(), "{:?}", bench.world().notices);
}

#[test]
fn what_was_lost_with_the_keeper_is_said_and_tried_again() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    drop(driver);
    bench.world().sessions.clear();
    let mut driver = bench.driver();
    let notices = bench.world().notices.clone();
    assert!(
        notices.iter().any(|notice| notice.wrong && notice.text.contains("A1 (wave 0, attempt 1)")),
        "{notices:?}"
    );
    assert_eq!(bench.world().started[2..], ["main-w0-A1-t2", "main-w0-A2-t2"]);
    bench.play(&mut driver).unwrap();
    assert_eq!(driver.state.runs[&RunId(1)].outcome, Some(Outcome::Closed), "{}", bench.story());
}

#[test]
fn nobody_is_declared_lost_because_nobody_could_be_asked() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    drop(driver);
    bench.world().keeper_gone = Some("the keeper does not answer".into());
    let mut driver = bench.driver();
    assert!(driver.reconcile_at.is_some());
    assert_eq!(driver.state.attempt(&key(0, "A1", 1)).unwrap().status, AttemptStatus::Working);
    bench.world().keeper_gone = None;
    driver.reconcile().unwrap();
    assert_eq!(driver.reconcile_at, None);
    bench.play(&mut driver).unwrap();
    assert_eq!(bench.world().started.len(), 4);
}

#[test]
fn a_disk_that_fails_once_at_any_write_stops_no_wave() {
    for operations in (0..).step_by(3) {
        let bench = Bench::new();
        let disk = Box::new(FaultyDisk::after(operations, Fault::Once));
        let mut driver = bench.raw_driver(None, disk);
        run(&bench, &mut driver).unwrap();
        if driver.reconcile_at.is_some() {
            run(&bench, &mut driver).unwrap();
        }
        let outcome = driver.state.runs[&RunId(1)].outcome;
        assert_eq!(outcome, Some(Outcome::Closed), "{operations}: {}", bench.story());
        let troubled = bench.world().notices.iter().any(|notice| notice.wrong);
        let retried = bench.world().started.len() > 4
            || driver
                .state
                .waves
                .values()
                .any(|wave| wave.agents.values().any(|agent| agent.attempts.len() > 2));
        if !troubled && !retried && operations > 60 {
            return;
        }
        drop(driver);
        // What was not written is written at the next start.
        let _ = bench.driver();
        let run_state = bench.json(".tmp/main-wave-launcher/run-state.json");
        assert_eq!(run_state["completedWaves"], serde_json::json!([0]), "{operations}");
    }
}

#[test]
fn the_state_is_kept_at_the_end_and_opening_folds_nothing() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    bench.play(&mut driver).unwrap();
    let before = driver.state.clone();
    driver.keep_state();
    drop(driver);
    let driver = bench.raw_driver(None, Box::new(SystemDisk));
    assert_eq!(driver.kept, driver.sequence);
    assert_eq!(driver.state, before);
}

#[test]
fn a_budget_that_passes_ends_its_attempt() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let options = crate::engine::input::LaunchOptions {
        executor: Some(crate::plan::runtime::RuntimeId("local".into())),
        timeout_ms: 60_000,
        ..Default::default()
    };
    bench.operator(&mut driver, Request::Launch { waves: vec![1], options, command: None }).unwrap();
    let deadline = driver.state.next_deadline().unwrap();
    bench.world().now = deadline.0;
    driver.say(Input::Tick).unwrap();
    assert!(matches!(driver.state.attempt(&key(1, "A3", 1)).unwrap().status, AttemptStatus::Ending { .. }));
    assert!(bench.world().sessions["main-w1-A3-t1"].exit.is_some());
}
