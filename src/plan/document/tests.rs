use std::collections::BTreeMap;

use super::{Counts, Ids, Purpose, Reading, RowKind, accepted, drift, read, to_write, write};
use crate::plan::backlog::{Backlog, Kind, Status, Task, TaskId};
use crate::plan::order::Graph;
use crate::plan::slots::{Edit, Plan};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/plans/", $name))
    };
}

// Plans as people wrote them, from the repository of CLEO (MIT; its licence lies beside them).
const BULLETS: &str = fixture!("01-cleo-bullets-inline-ids.md");
const TABLE: &str = fixture!("02-cleo-wave-table.md");
const HEADINGS: &str = fixture!("03-cleo-headings-with-task-bullets.md");
const GUARDRAILS: &str = fixture!("10-cleo-guardrails-wave-table.md");
const BRIEF: &str = fixture!("13-cleo-phase-brief-W-prefix-parallel-count.md");

/// Ids as the backlog of CLEO has them: almost every number, and a few odd ones.
fn ids() -> Ids {
    let mut known: Vec<TaskId> = (1..2300).map(|number| TaskId::from(format!("T{number:03}"))).collect();
    known.extend(["T932E", "T932EP", "E1", "W1T1", "T9100"].map(TaskId::from));
    Ids::of(&known)
}

/// `0: T1 T2+[track]! | 1: ...`: a tick is `+`, a track in brackets.
fn slots(reading: &Reading) -> String {
    let mut waves: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for slot in &reading.slots {
        let track = slot.track.as_ref().map_or(String::new(), |track| format!("[{track}]"));
        let tick = if slot.ticked { "+" } else { "" };
        waves.entry(slot.wave).or_default().push(format!("{}{tick}{track}", slot.id));
    }
    let waves = waves.into_iter().map(|(wave, slots)| format!("{wave}: {}", slots.join(" ")));
    waves.collect::<Vec<_>>().join(" | ")
}

#[test]
fn plans_as_people_wrote_them_are_read() {
    let table: [(&str, &str, [usize; 4]); 5] = [
        (
            BULLETS,
            "0: T1057 T1058 T1059 T1062 T1063 T1064 T1066 T1067 T1070 T1071 T1072 | 1: T1061 T1065 T1068 | 2: T1069 | 3: T1073",
            [21, 16, 0, 5],
        ),
        (
            TABLE,
            "1: T1016 T1017 T1018 | 2: T1019 T1020 T1021 T1022 T1023 | 3: T1024 T1025 T1026 | 4: T1027 T1028 T1029 | \
             5: T1030 T1032 | 6: T1036 T1037 T1038 | 7: T1039 T1040",
            [47, 21, 0, 26],
        ),
        (
            HEADINGS,
            "0: T1865 T1845 T1861 T1862 | 1: T1866 T1846 T1847 | 2: T1834 | 3: T1843 | 4: T1042",
            [21, 10, 0, 11],
        ),
        (GUARDRAILS, "0: T1856+ T1864+ | 1: T1857 | 2: T1858 T1859", [15, 5, 0, 10]),
        (
            BRIEF,
            "0: T1893[briefing] T1894[briefing] | 1: T1896[extract] T1900[extract] T1905[briefing] | \
             2: T1895[dream] T1904[dream] T1907[dream] T1908[dream] | \
             3: T1897[origin] T1899[origin] T1903[extract] T1906[origin] T1909[origin] | 5: T1902[adr]",
            [22, 15, 0, 7],
        ),
    ];
    for (text, expected, [all, slotted, not_understood, prose]) in table {
        let reading = read(text, &ids());
        assert_eq!(slots(&reading), expected);
        assert_eq!(reading.counts(), Counts { text: all, slotted, not_understood, prose });
        for slot in &reading.slots {
            let line = text.lines().nth(slot.position.line as usize - 1).unwrap();
            let at: String = line.chars().skip(slot.position.column as usize - 1).collect();
            assert!(at.starts_with(slot.id.as_str()), "{} is not at {:?} of {line}", slot.id, slot.position);
        }
    }
}

/// A scan that knows nothing of structure: every `T` and three or more digits that no letter or digit touches.
fn numbers_of(text: &str) -> usize {
    let pattern = regex::Regex::new(r"(?:^|[^A-Za-z0-9])T[0-9]{3,}").unwrap();
    pattern.find_iter(text).filter(|found| !text[found.end()..].starts_with(char::is_alphanumeric)).count()
}

#[test]
fn no_id_of_a_text_is_dropped() {
    for text in [BULLETS, TABLE, HEADINGS, GUARDRAILS, BRIEF] {
        let reading = read(text, &ids());
        let mentioned: usize =
            reading.mentions.iter().map(|mention| numbers_of(&text[mention.bytes.clone()])).sum();
        assert_eq!(mentioned, numbers_of(text));
        for pair in reading.mentions.windows(2) {
            assert!(pair[0].bytes.end <= pair[1].bytes.start, "{pair:?} overlap");
        }
        let Counts { text: all, slotted, not_understood, prose } = reading.counts();
        assert_eq!(all, slotted + not_understood + prose);
    }
}

#[test]
fn gates_and_conditions_are_kept() {
    let gates = |text: &str| -> Vec<(Option<u32>, u32, String)> {
        let reading = read(text, &ids());
        reading.gates.into_iter().map(|gate| (gate.wave, gate.position.line, gate.text)).collect()
    };
    assert_eq!(
        gates(BULLETS),
        [
            (Some(1), 23, "3 parallel, after wave 0".to_owned()),
            (None, 26, "Final: full-gates validation + release".to_owned()),
        ]
    );
    assert_eq!(
        gates(HEADINGS)[0],
        (Some(1), 112, "after T1865 merge confirmed + T1866 evaluated".to_owned())
    );
    let needs = |text: &str, id: &str| -> Vec<String> {
        let reading = read(text, &ids());
        reading.slot(&id.into()).unwrap().needs.iter().map(ToString::to_string).collect()
    };
    assert_eq!(needs(BULLETS, "T1068"), ["T1066", "T1067"]);
    assert_eq!(needs(GUARDRAILS, "T1858"), ["T1857"]);
    assert_eq!(needs(HEADINGS, "T1834"), ["T1845"]);
}

/// What a text gives: its slots, and after a `?` what is reported.
fn check(text: &str, expected: &str) {
    let reading = read(text, &Ids::of([]));
    let unread = reading.unread.iter().map(|unread| {
        let id = unread.id.as_ref().map_or("-", TaskId::as_str);
        format!(" ? {id}:{} {}", unread.position.line, unread.why)
    });
    let found = slots(&reading) + &unread.collect::<String>();
    assert_eq!(found, expected, "{text}");
    let Counts { text: all, slotted, not_understood, prose } = reading.counts();
    assert_eq!(all, slotted + not_understood + prose, "{text}");
}

#[test]
fn every_shape_is_read() {
    for (text, expected) in [
        ("- Wave 1: T1, T2\n- Wave 2: T3-T5\n", "1: T1 T2 | 2: T3 T4 T5"),
        ("## Wave A\n- [x] T1\n- [ ] T2 two\n## Wave B — docs\n1. T3 (needs T1)\n", "1: T1+ T2 | 2: T3"),
        ("Wave 1 (Track A start)\n- T1\n- **T2**: x\n\nWave 2\n- T3\n", "1: T1 T2 | 2: T3"),
        (
            "| Wave | Track A | Track B |\n|---|---|---|\n| 1 | T1, T2 | T3 |\n| 2 | T4 → T5 | |\n",
            "1: T1[A] T2[A] T3[B] | 2: T4[A] T5[A]",
        ),
        ("| Track | Wave 1 | Wave 2 |\n|--|--|--|\n| infra | T1 | T2 T3 |\n", "1: T1[infra] | 2: T2[infra]"),
        (
            "| Task | Wave | Depends | Status |\n|--|--|--|--|\n| T1 | 2a | | done |\n| T2 | 2b | T1 | |\n| T3 | | | open |\n",
            "2: T1+ T2 T3",
        ),
        ("### Wave 1\n| Task | Title |\n|-|-|\n| T1 | x T9 |\n", "1: T1"),
        ("```\nWave 1\n├── T1 a\n│   └── T2\nWave 2: T3\n```\n", "1: T1 T2 | 2: T3"),
        ("Wave 1: T1、T2 + T3 & `T4`\n", "1: T1 T2 T3 T4"),
        ("## Phase 1\n- T1\n## Phase 2\n- T2\n", "1: T1 | 2: T2"),
        ("## Wave 1\n- T1 a\n  - T2 b\n  after T3\n- Worker 1 (T4, T5) — 3 files\n", "1: T1 T2 T4 T5"),
        ("## Wave 1\n#### T1: x\n- does T2\n- and more\n\nText on T3.\n", "1: T1"),
        ("- Wave 1: T1\n- Wave 2: T1\n", "1: T1 ? T1:2 it is in wave 1 already, by line 1"),
        ("- Wave 1: ~~T1~~, T2 ✓\n", "1: T2+ ? T1:1 it is struck out"),
        (
            "## Wave 1\n- Merge T1 and T2\n- talk to Ann\n",
            " ? T1:2 the item names it without beginning with it ? T2:2 the item names it without beginning with it \
             ? -:3 it stands in a wave and names no task",
        ),
        ("| Wave | Tasks |\n|-|-|\n| soon | T1 |\n", " ? T1:3 the row does not say which wave"),
        ("- Wave 1: T1\n- Wave Z merge: T9\n- Final: T8\n", "1: T1"),
        ("Wave 1 is over, T1 was hard.\n\n- T2 too\n", ""),
        ("# Wave 1\n\nAfter that T1 and T2.\n\n# Notes\n- T3\n", ""),
        (
            "- Wave 1: T5-T2, T300-T999\n",
            "1: T5 T2 T300 T999 ? -:1 the range does not count up, or is longer than 200 \
             ? -:1 the range does not count up, or is longer than 200",
        ),
        ("\r\n- Wave 1: T1\r\n- Wave 2: T2\r\n", "1: T1 | 2: T2"),
        ("", ""),
    ] {
        check(text, expected);
    }
}

fn change(text: &str, task: &str, wave: Option<u32>) -> Result<String, String> {
    let changes = BTreeMap::from([(TaskId::from(task), wave)]);
    write(text, &Ids::of([]), &changes, |task| format!("Title of {task}")).map_err(|refusal| refusal.reason)
}

#[test]
fn a_change_is_written_in_the_authors_manner() {
    let lists =
        "# P\n\n- **Wave 1** (2): T1, T2 (deps T1), **T3**\n- **Wave 2**: T4\n- Wave 3:\n\nThe end T1.\n";
    let items = "## Wave 1\n\n- [x] **T1** — one\n  more of T9\n- **T2** — two\n\n## Wave 2\n\n- **T3** — three\n\n## Wave 3\n\nNone yet.\n";
    let spaced =
        "## Wave 1\n\n- T1 one\n  more\n\n- T2 two\n\n## Wave 2\n\n- T3 three\n\n- T4 four\n\nEnd.\n";
    let rows = "| ID | Wave | Title |\n|--|--|--|\n| T1 | W0 | a |\n| T2 | W0 | b |\n| T3 | W1 | c |\n";
    let matrix = "| Wave | Track A | B |\n|-|-|-|\n| 1 | T1, T2 | T3 |\n| 2 | T4 |  |\n";
    for (text, task, wave, expected) in [
        (lists, "T2", Some(2), lists.replace("T2 (deps T1), ", "").replace(": T4", ": T4, T2")),
        (lists, "T3", Some(3), lists.replace(", **T3**", "").replace("Wave 3:", "Wave 3: T3")),
        (lists, "T4", Some(1), lists.replace("**T3**", "**T3**, T4").replace(": T4\n", ": \n")),
        (lists, "T1", None, lists.replace("T1, T2", "T2")),
        (lists, "T9", Some(2), lists.replace(": T4", ": T4, T9")),
        (
            items,
            "T1",
            Some(2),
            items
                .replace("- [x] **T1** — one\n  more of T9\n", "")
                .replace("three\n", "three\n- [x] **T1** — one\n  more of T9\n"),
        ),
        (
            items,
            "T2",
            Some(3),
            items.replace("- **T2** — two\n", "").replace("## Wave 3\n\n", "## Wave 3\n\n- **T2** — two\n"),
        ),
        (items, "T5", Some(1), items.replace("two\n", "two\n- **T5** — Title of T5\n")),
        (
            spaced,
            "T1",
            Some(2),
            "## Wave 1\n\n- T2 two\n\n## Wave 2\n\n- T3 three\n\n- T4 four\n\n- T1 one\n  more\n\nEnd.\n"
                .into(),
        ),
        (rows, "T1", Some(1), rows.replace("T1 | W0", "T1 | W1")),
        (rows, "T2", Some(7), rows.replace("T2 | W0", "T2 | W7")),
        (rows, "T3", None, rows.replace("| T3 | W1 | c |\n", "")),
        (rows, "T8", Some(1), format!("{rows}| T8 | W1 | |\n").replace("W1 | |", "W1 | |")),
        (matrix, "T2", Some(2), matrix.replace("T1, T2", "T1").replace("T4 |", "T4, T2 |")),
        (matrix, "T3", Some(2), matrix.replace("| T3 |", "|  |").replace("T4 |  |", "T4 | T3 |")),
    ] {
        assert_eq!(
            change(text, task, wave).as_deref(),
            Ok(expected.as_str()),
            "{task} to {wave:?} of\n{text}"
        );
        let returns = text.replace('\n', "\r\n");
        let written = change(&returns, task, wave).unwrap();
        assert_eq!(written, expected.replace('\n', "\r\n"), "with carriage returns");
    }
    for (text, task, wave, expected) in [
        (lists, "T1", Some(9), "line 3: the document has no place for T1 in wave 9"),
        ("- Wave 1: T1-T3\n- Wave 2: T4\n", "T2", Some(2), "line 1: T2 is part of a range"),
        (
            "## Wave 1\n### T1: x\nText.\n## Wave 2\n### T2: y\n",
            "T1",
            Some(2),
            "line 2: T1 has a text of its own below its line, which is not moved",
        ),
    ] {
        assert_eq!(change(text, task, wave), Err(expected.to_owned()));
    }
}

#[test]
fn what_people_wrote_takes_changes_back_and_forth() {
    for (text, task, from, to) in
        [(BULLETS, "T1061", 1, 2), (TABLE, "T1019", 2, 3), (HEADINGS, "T1846", 1, 2), (BRIEF, "T1895", 2, 3)]
    {
        let once = |text: &str, wave: u32| {
            let changes = BTreeMap::from([(TaskId::from(task), Some(wave))]);
            write(text, &ids(), &changes, |_| String::new()).unwrap()
        };
        let there = once(text, to);
        assert_ne!(there, text);
        assert_eq!(read(&there, &ids()).placement()[&TaskId::from(task)], to);
        let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
        let back = once(&there, from);
        let mut sorted = [lines(text), lines(&back)];
        sorted.iter_mut().for_each(|lines| lines.sort());
        let differing = sorted[0].iter().filter(|line| !sorted[1].contains(line)).count();
        assert!(differing <= 1, "only the order of one line's ids may differ:\n{back}");
    }
}

fn backlog(depends: &[(&str, &[&str], Status)]) -> Backlog {
    let mut backlog = Backlog::default();
    for (id, needs, status) in depends {
        let mut task = Task::new(*id, Kind::Task, "x");
        task.depends = needs.iter().map(|need| TaskId::from(*need)).collect();
        task.status = *status;
        backlog.put(task);
    }
    backlog
}

#[test]
fn drift_is_told_row_by_row_with_its_line() {
    let text = "- Wave 1: T1, T2\n- Wave 2: T3 ✓ (needs T5), T4\n- Wave 3: T5, T77\n";
    let open = Status::Pending;
    let backlog = backlog(&[
        ("T1", &["T4"], open),
        ("T2", &[], open),
        ("T3", &[], open),
        ("T4", &[], open),
        ("T5", &[], Status::Done),
    ]);
    let graph = Graph::of(&backlog);
    let known: Vec<TaskId> = backlog.tasks().map(|task| task.id.clone()).collect();
    let reading = read(text, &Ids::of(&known));
    let plan = Plan::of([(1, vec!["T1".into(), "T3".into()]), (2, vec!["T4".into(), "T9".into()])]);
    let rows = drift(&reading, &plan, &graph, &BTreeMap::new());
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let needs = row.needs.as_ref().map_or(String::new(), |needs| format!(" {needs}"));
            format!("{}:{} {} {:?}{needs}", row.position.line, row.position.column, row.id, row.kind)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "1:11 T1 Illegal T4",
            "1:15 T2 Added",
            "2:3 T9 Removed",
            "2:11 T3 Moved",
            "2:11 T3 UnknownNeed T5",
            "2:11 T3 TickedOpen",
            "3:11 T5 Added",
            "3:15 T77 Added",
            "3:15 T77 Unknown",
        ]
    );
    let (accepted_plan, _) = plan.edited(&accepted(&reading, &plan, &[]), "kim").unwrap();
    assert_eq!(accepted_plan.placement(), reading.placement());
    assert!(
        drift(&reading, &accepted_plan, &graph, &BTreeMap::new())
            .iter()
            .all(|row| !row.kind.is_about_slots())
    );
    assert_eq!(accepted(&reading, &plan, &["T3".into()]).words(), "T3 goes to wave 2");
    assert_eq!(accepted(&reading, &accepted_plan, &[]), Edit::All { edits: Vec::new() });
    let wanted = to_write(&reading, &plan, &["T3".into(), "T9".into()]);
    assert_eq!(wanted, BTreeMap::from([("T3".into(), Some(1)), ("T9".into(), Some(2))]));
    assert!(RowKind::Moved.words().contains("another wave"));
    let _ = Purpose::Prose;
}

mod properties {
    use proptest::prelude::*;

    use super::super::{Ids, read, write};

    /// A document in one of the manners of people, with prose that holds no wave, and its number of waves.
    fn document() -> impl Strategy<Value = String> {
        let waves = prop::collection::vec(1..5_usize, 2..5);
        let prose = prop::sample::select(vec![
            "Some words on T900.",
            "> quoted **T901**",
            "---",
            "`code`",
            "tabbed\tinside  ",
            "ünï ✓",
        ]);
        (waves, 0..4_u8, prop::collection::vec(prose, 3), any::<bool>(), any::<bool>()).prop_map(
            |(waves, manner, prose, returns, last_break)| {
                let mut task = 0;
                let mut next = || {
                    task += 1;
                    format!("T{task:03}")
                };
                let mut text = format!("# Plan\n\n{}\n\n", prose[0]);
                if manner == 2 {
                    text += "| Task | Wave | Note |\n|---|---|---|\n";
                } else if manner == 3 {
                    text += "| Wave | Tasks | Note |\n|---|---|---|\n";
                }
                for (index, count) in waves.iter().enumerate() {
                    let (wave, tasks) = (index + 1, (0..*count).map(|_| next()).collect::<Vec<_>>());
                    text += &match manner {
                        0 => format!("- **Wave {wave}** ({count} parallel): {}\n", tasks.join(", ")),
                        1 => {
                            let items =
                                tasks.iter().map(|task| format!("- **{task}** — words\n  more words\n"));
                            format!("## Wave {wave}\n\n{}\n{}\n\n", items.collect::<String>(), prose[1])
                        }
                        2 => tasks.iter().map(|task| format!("| {task} | W{wave} | x |\n")).collect(),
                        _ => format!("| Wave {wave} | {} | x |\n", tasks.join(", ")),
                    };
                }
                text += &format!("\n{}", prose[2]);
                if last_break {
                    text.push('\n');
                }
                if returns { text.replace('\n', "\r\n") } else { text }
            },
        )
    }

    /// The lines of a text with their ends.
    fn lines(text: &str) -> Vec<&str> {
        text.split_inclusive('\n').collect()
    }

    proptest! {
        #[test]
        fn other_lines_are_the_same_to_the_byte(text in document(), task in 0..20_usize, wave in 1..5_u32, leave in any::<bool>()) {
            let ids = Ids::of([]);
            let before = read(&text, &ids);
            let slot = before.slots[task % before.slots.len()].clone();
            let wave = (!leave).then_some(wave);
            let changes = [(slot.id.clone(), wave)].into();
            let Ok(after) = write(&text, &ids, &changes, |_| String::new()) else { return Ok(()) };
            let mut expected = before.placement();
            match wave {
                Some(wave) => expected.insert(slot.id.clone(), wave),
                None => expected.remove(&slot.id),
            };
            prop_assert_eq!(read(&after, &ids).placement(), expected);

            // The lines that speak of the task or of the row of ids that it joins may change; all others stay in place.
            // What speaks of the task, or of the row of ids that it joins, may change, and one blank line beside it;
            // everything else stays, in its order.
            let joins =
                |line: &str| before.slots.iter().any(|other| Some(other.wave) == wave && line.contains(other.id.as_str()));
            let own = |line: &str| line.contains(slot.id.as_str()) || line.contains("more words") || joins(line);
            let blank = |line: &&&str| line.trim().is_empty();
            let (old, new) = (lines(&text), lines(&after));
            let kept: Vec<&&str> = old.iter().filter(|line| !own(line) && !blank(line)).collect();
            let same = |line: &&&str| old.contains(line) && !own(line) && !blank(line);
            let left: Vec<&&str> = new.iter().filter(same).collect();
            prop_assert_eq!(kept, left);
            let blanks = |lines: &[&str]| lines.iter().filter(blank).count();
            prop_assert!(blanks(&old).abs_diff(blanks(&new)) <= 1);
            prop_assert_eq!(text.contains('\r'), after.contains('\r'));
            let words = |text: &str| text.matches("more words").count();
            prop_assert_eq!(words(&text) - usize::from(leave && text.contains("## Wave")), words(&after));
        }

        #[test]
        fn reading_never_fails_and_accounts_for_everything(text in "(T[0-9]{1,3}|Wave [0-9AZ]|[-#|*~`> \n,:().]|→|é|a){0,80}") {
            let reading = read(&text, &Ids::of([]));
            let counts = reading.counts();
            prop_assert_eq!(counts.text, counts.slotted + counts.not_understood + counts.prose);
            prop_assert_eq!(counts.slotted, reading.slots.len());
            for slot in &reading.slots {
                let target = if slot.wave == 1 { 2 } else { 1 };
                let changes = [(slot.id.clone(), Some(target))].into();
                // Whatever it comes to, it does what it says or refuses.
                if let Ok(after) = write(&text, &Ids::of([]), &changes, |_| String::new()) {
                    prop_assert_eq!(read(&after, &Ids::of([])).slot(&slot.id).map(|slot| slot.wave), Some(target));
                }
            }
        }
    }
}
