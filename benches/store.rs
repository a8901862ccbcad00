//! How many facts a second are acknowledged, and how long a database of 100,000 facts takes to open.
#![allow(clippy::unwrap_used)] // A measurement that cannot go on has nothing better to do than to end.

use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::ItemsCount;
use tempfile::TempDir;
use wavedeck::engine::fact::What;
use wavedeck::engine::input::LaunchOptions;
use wavedeck::engine::{Fact, RunId, State, Time};
use wavedeck::store::{Reader, Store};

fn main() {
    divan::main();
}

fn fact(number: u64) -> Fact {
    let (lane, waves) = ("main".to_owned(), vec![]);
    let what = What::RunStarted { run: RunId(number % 50), lane, waves, options: LaunchOptions::default() };
    Fact { at: Time(number), what }
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wavedeck.db");
    (folder, path)
}

/// One append at a time, each waited for.
#[divan::bench]
fn append_one_by_one(bencher: Bencher<'_, '_>) {
    let (_folder, path) = place();
    let store = Store::open(&path).map(|opened| opened.store).unwrap();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| store.append(vec![fact(1)]).wait().unwrap());
}

/// As many on their way at a time as the argument says.
#[divan::bench(args = [16, 512])]
fn append_together(bencher: Bencher<'_, '_>, together: u64) {
    let (_folder, path) = place();
    let store = Store::open(&path).map(|opened| opened.store).unwrap();
    bencher.counter(ItemsCount::new(together)).bench_local(|| {
        let waiting: Vec<_> = (0..together).map(|number| store.append(vec![fact(number)])).collect();
        for pending in waiting {
            pending.wait().unwrap();
        }
    });
}

fn fill(path: &Path, snapshot: bool) {
    let opened = Store::open(path).unwrap();
    let mut state = State::default();
    for batch in 0..100 {
        let facts: Vec<_> = (1..=1_000).map(|number| fact(batch * 1_000 + number)).collect();
        facts.iter().for_each(|fact| state.apply(fact));
        opened.store.append(facts).wait().unwrap();
    }
    if snapshot {
        opened.store.snapshot(100_000, &state).wait().unwrap();
    }
}

/// 100,000 facts.
#[divan::bench(args = [false, true], sample_count = 10)]
fn open(bencher: Bencher<'_, '_>, snapshot: bool) {
    let (_folder, path) = place();
    fill(&path, snapshot);
    bencher.bench_local(|| Store::open(&path).map(|opened| opened.sequence).unwrap());
}

/// 100,000 facts, every byte of them.
#[divan::bench(sample_count = 10)]
fn integrity_check(bencher: Bencher<'_, '_>) {
    let (_folder, path) = place();
    fill(&path, false);
    bencher.bench_local(|| {
        let reader = Reader::open(&path).unwrap();
        reader.integrity_check().unwrap()
    });
}
