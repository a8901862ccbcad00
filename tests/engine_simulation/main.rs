//! A seeded simulation: operators who launch, answer, cancel and change their minds; agents that work, ask, lie, repeat
//! themselves, hang and die; supervisors that crash between a fact and its effect, and keepers that are lost. After every
//! step everything that must hold is held.
//!
//! A failure prints its seed. `WAVEDECK_SIMULATION_SEEDS=20000` runs more of them, `WAVEDECK_SIMULATION_FIRST=77` begins
//! with another one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

#[path = "../engine_support/mod.rs"]
mod engine_support;
mod holds;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine_support::diary;
use wavedeck::engine::State;
use wavedeck::engine::fact::{Fact, What};
use wavedeck::engine::view::{cards, tally};
use wavedeck::plan::{Project, Sources};
use world::{LANES, World};

/// How many waves closed, and how many tries were made on a fallback.
fn run(seed: u64) -> (usize, usize) {
    let mut world = World::new(seed);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        world.launches();
        let turns = 60 + world.dice.below(200) as u32;
        world.chaos(turns);
        world.calms_down();
        let mut replayed = State::default();
        world.facts.iter().for_each(|fact| replayed.apply(fact));
        assert!(replayed == world.state);
        let facts = serde_json::to_string(&world.facts).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<Fact>>(&facts).unwrap(),
            world.facts,
            "facts survive the store"
        );
        for lane in LANES {
            let project = Project::read(&Sources { lane: lane.into(), ..Sources::default() });
            let cards = cards(&world.state, &project, world.now);
            let sums = tally(&cards, &world.state, world.now);
            assert_eq!((sums.waiting, sums.working, sums.rate_limited, sums.waiting_since), (0, 0, 0, None));
        }
    }));
    if let Err(panic) = outcome {
        let from = world.facts.len().saturating_sub(30);
        for fact in &world.facts[from..] {
            eprintln!("{:>9} ms  {}", fact.at.0, diary::fact(fact));
        }
        eprintln!("seed {seed} failed: WAVEDECK_SIMULATION_FIRST={seed} WAVEDECK_SIMULATION_SEEDS=1");
        std::panic::resume_unwind(panic);
    }
    let count = |is: fn(&What) -> bool| world.facts.iter().filter(|fact| is(&fact.what)).count();
    (
        count(|what| matches!(what, What::WaveClosed { .. })),
        count(|what| matches!(what, What::AttemptScheduled { fallback: Some(_), .. })),
    )
}

#[test]
fn everything_holds_whatever_happens() {
    let number = |name: &str, usual: u64| {
        std::env::var(name)
            .map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
    };
    let first = number("WAVEDECK_SIMULATION_FIRST", 1);
    let seeds = number("WAVEDECK_SIMULATION_SEEDS", 250);
    let (closed, moved): (Vec<usize>, Vec<usize>) = (first..first + seeds).map(run).unzip();
    let (closed, moved): (usize, usize) = (closed.iter().sum(), moved.iter().sum());
    // A simulation in which nothing ever succeeds would hold anything.
    assert!(seeds < 100 || closed as u64 > seeds / 4, "only {closed} waves closed in {seeds} runs");
    assert!(seeds < 100 || moved as u64 > seeds / 4, "only {moved} tries moved in {seeds} runs");
}
