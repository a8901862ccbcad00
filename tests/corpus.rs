//! Real backlogs of CLEO, whole: counts and waves. They are too large for the repository; `WAVEDECK_CORPUS` names the
//! folder that holds `cleo/`. Where it is not, these tests say so and check nothing more than `src/` does on extracts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use wavedeck::plan::backlog::import::{Reading, cleo, json};
use wavedeck::plan::backlog::{Backlog, Source, SourceKind, Status, TaskId};
use wavedeck::plan::order::{Graph, Scope};
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
