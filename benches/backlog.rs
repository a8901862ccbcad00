//! What it costs to compute the waves of 100,000 tasks with 300,000 dependencies, to pick what may start, and to preview a
//! drag on a board of 10,000 cards. Beside the waves stand the limit, a plain pass over the same dependencies that only
//! counts levels, with every id looked up already; and a peer, what one writes with a hash map and petgraph's `toposort`.

use std::collections::{BTreeSet, HashMap};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use wavedeck::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
use wavedeck::plan::order::{Balance, Graph, Scope};
use wavedeck::plan::slots::{Before, Edit, Plan, Renumbering};

/// Tasks of the backlog.
const TASKS: u32 = 100_000;

/// Dependencies of each task, where there are as many tasks before it.
const DEPENDENCIES: u32 = 3;

/// Cards of the board on which something is dragged.
const CARDS: u32 = 10_000;

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
    backlog_of(TASKS)
}

fn backlog_of(tasks: u32) -> Backlog {
    let mut backlog = Backlog::default();
    for (saga, track) in [("S1", "infra"), ("S2", "product")] {
        backlog.put(Task { track: Some(track.into()), ..Task::new(saga, Kind::Saga, saga) });
    }
    for epic in 0..tasks / EPIC {
        let saga = if epic % 2 == 0 { "S1" } else { "S2" };
        backlog
            .put(Task { parent: Some(saga.into()), ..Task::new(format!("E{epic}"), Kind::Epic, "An epic") });
    }
    for number in 0..tasks {
        let mut task = Task::new(id(number), Kind::Task, format!("Task number {number}"));
        task.parent = Some(format!("E{}", number / EPIC).into());
        task.depends = needs(number).map(id).collect();
        task.files = vec![format!("src/part{}/file{number}.rs", number % 97)];
        task.status = if number < tasks / 10 { Status::Done } else { Status::Pending };
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

/// The peer: ids in a hash map, a petgraph of them, sorted, and the level of each. It knows neither epics nor circles.
#[divan::bench(sample_count = 20)]
fn peer_petgraph(bencher: Bencher<'_, '_>) {
    let backlog = backlog();
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| {
        let mut graph: DiGraph<&TaskId, ()> = DiGraph::new();
        let nodes: HashMap<&TaskId, NodeIndex> =
            backlog.tasks().map(|task| (&task.id, graph.add_node(&task.id))).collect();
        for task in backlog.tasks() {
            for need in &task.depends {
                graph.add_edge(nodes[need], nodes[&task.id], ());
            }
        }
        let mut levels = vec![1_u32; graph.node_count()];
        let mut waves: Vec<Vec<TaskId>> = Vec::new();
        for node in toposort(&graph, None).unwrap_or_default() {
            let level = levels[node.index()];
            for next in graph.neighbors(node) {
                levels[next.index()] = levels[next.index()].max(level + 1);
            }
            if waves.len() < level as usize {
                waves.resize(level as usize, Vec::new());
            }
            waves[level as usize - 1].push(graph[node].clone());
        }
        waves
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

/// A plan of the board: waves as computed.
fn board() -> (Backlog, Plan) {
    let backlog = backlog_of(CARDS);
    let levels = Graph::of(&backlog).levels(&Scope::All);
    let plan = Plan::of(levels.waves.into_iter().map(|wave| (wave.number, wave.tasks)));
    (backlog, plan)
}

/// What is looked up when a card is picked up.
#[divan::bench]
fn drag_begins(bencher: Bencher<'_, '_>) {
    let (backlog, plan) = board();
    let graph = Graph::of(&backlog);
    bencher.bench_local(|| Before::of(&plan, &graph, &BTreeSet::new()));
}

/// The preview of each place that a card is held over.
#[divan::bench]
fn drag_preview(bencher: Bencher<'_, '_>) {
    let (backlog, plan) = board();
    let before = Before::of(&plan, &Graph::of(&backlog), &BTreeSet::new());
    let edit = Edit::Move { task: id(CARDS - 1), wave: 1, index: None };
    bencher.bench_local(|| before.preview(black_box(&edit), "kim"));
}

/// The same of 200 selected cards at once.
#[divan::bench]
fn drag_preview_of_200(bencher: Bencher<'_, '_>) {
    let (backlog, plan) = board();
    let before = Before::of(&plan, &Graph::of(&backlog), &BTreeSet::new());
    let moves = (CARDS - 200..CARDS).map(|number| Edit::Move { task: id(number), wave: 1, index: None });
    let edit = Edit::All { edits: moves.collect() };
    bencher.bench_local(|| before.preview(black_box(&edit), "kim"));
}

/// A card that is dropped between two waves: every later wave gets another number.
#[divan::bench]
fn drag_preview_of_a_new_wave(bencher: Bencher<'_, '_>) {
    let (backlog, plan) = board();
    let before = Before::of(&plan, &Graph::of(&backlog), &BTreeSet::new());
    let later = plan.waves().iter().filter(|wave| wave.number > 1);
    let waves = later.map(|wave| Renumbering { from: wave.number, to: wave.number + 1 }).collect();
    let moving = Edit::Move { task: id(CARDS - 1), wave: 2, index: None };
    let edit = Edit::All { edits: vec![Edit::Renumber { waves }, moving] };
    bencher.bench_local(|| before.preview(black_box(&edit), "kim"));
}
