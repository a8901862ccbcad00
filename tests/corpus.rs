//! Real backlogs of CLEO, whole: counts and waves. They are too large for the repository; `WAVEDECK_CORPUS` names the
//! folder that holds `cleo/`. Where it is not, these tests say so and check nothing more than `src/` does on extracts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use wavedeck::plan::backlog::import::{Reading, cleo, json};
use wavedeck::plan::backlog::{Backlog, Source, SourceKind, Status, TaskId};
use wavedeck::plan::document::{self, Counts, Ids};
use wavedeck::plan::order::{Graph, Scope};
use wavedeck::plan::slots::Plan;
use wavedeck::store;

/// Name, records and dependencies of each store.
const STORES: [(&str, usize, usize); 4] = [
    ("cleo-2026-05-11-all.json", 2_219, 558),
    ("cleo-2026-01-31-active.json", 914, 744),
    ("old-layout.tasks.db", 210, 40),
    ("new-layout.cleo.db", 2_219, 558),
];

fn corpus() -> Option<PathBuf> {
    let folder = match std::env::var_os("WAVEDECK_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
    };
    let found = folder.join("cleo").is_dir().then(|| folder.join("cleo"));
    if found.is_none() {
        // Past the capture of the test harness, so that it is seen when the test passes.
        let text = format!(
            "\nNOT TESTED: there are no real backlogs in {}; set WAVEDECK_CORPUS.\n",
            folder.display()
        );
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }
    found
}

fn read(path: &Path) -> Reading {
    if path.extension().is_some_and(|extension| extension == "json") {
        json::reading(&fs::read_to_string(path).unwrap()).unwrap()
    } else {
        cleo::reading(&store::cleo::read(path).unwrap())
    }
}

fn backlog(reading: &Reading) -> Backlog {
    let mut backlog = Backlog::default();
    let source = Source { kind: SourceKind::Cleo, path: "corpus".into(), follow: false };
    backlog.import(&source, &reading.tasks, &[]);
    backlog
}

#[test]
fn every_record_and_every_dependency_arrives() {
    let Some(folder) = corpus() else { return };
    let listing = || fs::read_dir(&folder).unwrap().count();
    let before = listing();
    for (name, records, dependencies) in STORES {
        let reading = read(&folder.join(name));
        assert_eq!((reading.tasks.len(), reading.dependencies()), (records, dependencies), "{name}");
        assert_eq!(backlog(&reading).len(), records, "{name}: every id is one of its own");
    }
    assert_eq!(listing(), before, "no file is left beside a store");
}

#[test]
fn both_layouts_of_the_same_backlog_say_the_same() {
    let Some(folder) = corpus() else { return };
    let by_id = |name: &str| -> BTreeMap<TaskId, _> {
        let tasks = read(&folder.join(name)).tasks.into_iter();
        tasks
            .map(|task| (task.id.clone(), (task.kind, task.title, task.status, task.priority, task.parent)))
            .collect()
    };
    assert_eq!(by_id("cleo-2026-05-11-all.json"), by_id("new-layout.cleo.db"));
}

#[test]
fn no_wave_holds_a_task_with_its_own_dependency_and_every_task_has_its_place() {
    let Some(folder) = corpus() else { return };
    for (name, _, _) in STORES {
        let backlog = backlog(&read(&folder.join(name)));
        let graph = Graph::of(&backlog);
        let epics = backlog.tasks().filter(|task| task.kind.is_container());
        let scopes = epics.map(|epic| Scope::Of(vec![epic.id.clone()])).chain([Scope::All]);
        for scope in scopes {
            let members = graph.members(&scope);
            let levels = graph.levels(&scope);
            let mut wave_of: BTreeMap<&TaskId, u32> = BTreeMap::new();
            for wave in &levels.waves {
                wave_of.extend(wave.tasks.iter().map(|id| (id, wave.number)));
            }
            for (id, wave) in &wave_of {
                for need in graph.needs(id) {
                    assert!(
                        wave_of.get(need).is_none_or(|before| before < wave),
                        "{name}: {id} needs {need}"
                    );
                }
            }
            let within = backlog.tasks().filter(|task| graph.holds(&members, &task.id));
            let work = within.filter(|task| task.is_work()).count();
            assert_eq!(wave_of.len() + levels.unplaced.len(), work, "{name} {scope:?}");
        }
    }
}

#[test]
fn an_epic_of_fifty_two_open_tasks_has_eight_waves() {
    let Some(folder) = corpus() else { return };
    let backlog = backlog(&read(&folder.join("new-layout.cleo.db")));
    let epic = TaskId::from("T1737");
    let open = backlog.children(&epic).filter(|task| !task.status.is_finished()).count();
    let waves = Graph::of(&backlog).levels(&Scope::Of(vec![epic])).waves;
    assert_eq!((open, waves.len()), (52, 8));
    let pending = backlog.tasks().filter(|task| task.status == Status::Pending).count();
    assert_eq!(pending, 472);
}

/// Documents of operators and what is in them: different ids, slotted, not understood, in prose; then what the backlog
/// says otherwise than the document.
const DOCUMENTS: [(&str, [usize; 4], &[&str]); 5] = [
    ("01-cleo-bullets-inline-ids.md", [21, 16, 0, 5], &[]),
    ("02-cleo-wave-table.md", [47, 21, 0, 26], &[]),
    (
        "03-cleo-headings-with-task-bullets.md",
        [21, 10, 0, 11],
        &["127 UnknownNeed T1847 T1865", "145 UnknownNeed T1843 T1827", "145 UnknownNeed T1843 T1861"],
    ),
    ("10-cleo-guardrails-wave-table.md", [15, 5, 0, 10], &[]),
    (
        "13-cleo-phase-brief-W-prefix-parallel-count.md",
        [22, 15, 0, 7],
        &[
            "32 Illegal T1904 T1895",
            "33 Illegal T1905 T1900",
            "35 Illegal T1907 T1895",
            "36 Illegal T1908 T1895",
            "36 Illegal T1908 T1897",
            "36 Illegal T1908 T1899",
            "37 Illegal T1909 T1899",
        ],
    ),
];

#[test]
fn documents_of_operators_are_compared_with_their_backlog() {
    let Some(folder) = corpus() else { return };
    let backlog = backlog(&read(&folder.join("cleo-2026-05-11-all.json")));
    let ids: Vec<TaskId> = backlog.tasks().map(|task| task.id.clone()).collect();
    let (graph, ids) = (Graph::of(&backlog), Ids::of(&ids));
    for (name, [text, slotted, not_understood, prose], expected) in DOCUMENTS {
        let written = fs::read_to_string(folder.join("../plans").join(name)).unwrap();
        let reading = document::read(&written, &ids);
        assert_eq!(reading.counts(), Counts { text, slotted, not_understood, prose }, "{name}");
        let levels = graph.levels(&Scope::Of(reading.slots.iter().map(|slot| slot.id.clone()).collect()));
        let computed: BTreeMap<TaskId, u32> = levels
            .waves
            .iter()
            .flat_map(|wave| wave.tasks.iter().map(|task| (task.clone(), wave.number)))
            .collect();
        let rows = document::drift(&reading, &Plan::default(), &graph, &computed);
        let added = rows.iter().filter(|row| row.kind == document::RowKind::Added);
        assert_eq!(added.count(), reading.slots.len(), "{name}");
        for row in &rows {
            let line = written.lines().nth(row.position.line as usize - 1).unwrap();
            assert!(line.contains(row.id.as_str()), "{name}:{} does not name {}", row.position.line, row.id);
        }
        let rows = document::drift(&reading, &reading.plan(name), &graph, &computed);
        let shown: Vec<String> = rows
            .iter()
            .map(|row| {
                let needs = row.needs.as_ref().map_or(String::new(), |needs| format!(" {needs}"));
                format!("{} {:?} {}{needs}", row.position.line, row.kind, row.id)
            })
            .collect();
        assert_eq!(shown, expected, "{name}");
    }
}
