//! What it costs to compute the waves of 100,000 tasks with 300,000 dependencies, and to pick what may start. A plain pass
//! over the same dependencies that only counts levels, with every id looked up already, stands beside it as the limit.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use wavedeck::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
use wavedeck::plan::order::{Balance, Graph, Scope};

/// Tasks of the backlog.
const TASKS: u32 = 100_000;

/// Dependencies of each task, where there are as many tasks before it.
const DEPENDENCIES: u32 = 3;

/// Tasks of an epic.
const EPIC: u32 = 50;

fn main() {
    divan::main();
}

fn id(number: u32) -> TaskId {
    TaskId::from(format!("T{number:03}"))
}

/// The tasks that one depends on: among the 5,000 before it, spread by multiplication, so that there are many levels and
/// every run has the same.
fn needs(number: u32) -> impl Iterator<Item = u32> {
    (1..=DEPENDENCIES)
        .map(move |turn| (number.wrapping_mul(2_654_435_761).rotate_left(turn * 7) % 5_000) + 1)
        .filter_map(move |back| number.checked_sub(back))
}

/// Tasks in epics in two sagas with a track each; the first tenth is done.
fn backlog() -> Backlog {
    let mut backlog = Backlog::default();
    for (saga, track) in [("S1", "infra"), ("S2", "product")] {
        backlog.put(Task { track: Some(track.into()), ..Task::new(saga, Kind::Saga, saga) });
    }
    for epic in 0..TASKS / EPIC {
        let saga = if epic % 2 == 0 { "S1" } else { "S2" };
        backlog
            .put(Task { parent: Some(saga.into()), ..Task::new(format!("E{epic}"), Kind::Epic, "An epic") });
    }
    for number in 0..TASKS {
        let mut task = Task::new(id(number), Kind::Task, format!("Task number {number}"));
        task.parent = Some(format!("E{}", number / EPIC).into());
        task.depends = needs(number).map(id).collect();
        task.files = vec![format!("src/part{}/file{number}.rs", number % 97)];
        task.status = if number < TASKS / 10 { Status::Done } else { Status::Pending };
        backlog.put(task);
    }
    backlog
}

/// The limit: one pass over dependencies that are numbers already.
#[divan::bench(sample_count = 20)]
fn limit_plain_pass(bencher: Bencher<'_, '_>) {
    let edges: Vec<Vec<u32>> = (0..TASKS).map(|number| needs(number).collect()).collect();
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| {
        let mut levels: Vec<u32> = Vec::with_capacity(edges.len());
        for needs in black_box(&edges) {
            let before = needs.iter().filter_map(|need| levels.get(*need as usize)).max();
            levels.push(before.map_or(1, |level| level + 1));
        }
        levels
    });
}

/// Looking up every reference and finding every circle.
#[divan::bench(sample_count = 20)]
fn graph(bencher: Bencher<'_, '_>) {
    let backlog = backlog();
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| {
        black_box(Graph::of(&backlog));
    });
}

/// The waves of everything, from a graph that is there.
#[divan::bench(sample_count = 20)]
fn levels(bencher: Bencher<'_, '_>) {
    let backlog = backlog();
    let graph = Graph::of(&backlog);
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| graph.levels(&Scope::All));
}

/// Both: what a change of one task costs a view of all waves.
#[divan::bench(sample_count = 20)]
fn graph_and_levels(bencher: Bencher<'_, '_>) {
    let backlog = backlog();
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| Graph::of(&backlog).levels(&Scope::All));
}

/// Three tasks of each track that are safe together.
#[divan::bench(sample_count = 20)]
fn balanced_pick(bencher: Bencher<'_, '_>) {
    let backlog = backlog();
    let graph = Graph::of(&backlog);
    let balance = Balance { tracks: Vec::new(), per_track: 3 };
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| graph.ready(&Scope::All, Some(&balance)));
}
