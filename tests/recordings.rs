//! Terminal streams recorded from real agent programs give the screens that other terminals made of them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wavedeck::session::terminal::{Terminal, TerminalOptions};
use wavedeck::session::{Row, Size};

/// Recordings in which a path was replaced after its screen had been captured, and not everywhere, since the program drew it in
/// pieces.
const UNEVEN: [&str; 1] = ["codex-approve-200x50@done"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vt")
}

fn terminal(size: &Value) -> Terminal {
    Terminal::new(size_of(size), TerminalOptions::default())
}

fn size_of(size: &Value) -> Size {
    let number = |index: usize| u16::try_from(size[index].as_u64().unwrap()).unwrap();
    Size { columns: number(0), rows: number(1) }
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .filter(|path| !UNEVEN.iter().any(|name| path.to_string_lossy().contains(name)))
        .collect();
    files.sort();
    files
}

fn beside(path: &Path, ending: &str, other: &str) -> PathBuf {
    PathBuf::from(path.to_string_lossy().strip_suffix(ending).unwrap().to_owned() + other)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Lines of a captured screen, without trailing blanks, filled up to `rows`.
fn lines(path: &Path, rows: usize) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.resize(rows.max(lines.len()), String::new());
    lines
}

/// Feeds `bytes` in pieces of changing size.
fn feed(terminal: &mut Terminal, bytes: &[u8]) {
    let sizes = [1, 4096, 7, 64, 1000, 3];
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (piece, more) = rest.split_at(rest.len().min(*size));
        terminal.feed(piece);
        rest = more;
        if rest.is_empty() {
            break;
        }
    }
    terminal.end_synchronized();
}

/// One difference per line, or nothing.
fn differences(what: &str, ours: &[String], theirs: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    if ours.len() != theirs.len() {
        found.push(format!("{what}: {} rows, not {}", ours.len(), theirs.len()));
    }
    for (row, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        if ours != theirs {
            found.push(format!("{what} row {row}\n  ours   {ours:?}\n  theirs {theirs:?}"));
        }
    }
    found
}

/// Rows with their styles, without blanks at the end that only a background colour shows.
fn styled(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let end = row.cells.iter().rposition(|cell| cell.character != ' ').map_or(0, |last| last + 1);
            row.cells[..end]
                .iter()
                .map(|cell| match cell.character {
                    // The colour of the text of a blank shows nowhere.
                    ' ' => format!("[ {:?} {}]", cell.style.background, cell.style.attributes & !3),
                    character => format!("[{character} {:?}]", cell.style),
                })
                .collect()
        })
        .collect()
}

fn compare_snapshot(info_path: &Path) -> Vec<String> {
    let info = json(info_path);
    let mut terminal = terminal(&info["size"]);
    let rows = usize::from(terminal.size().rows);
    feed(&mut terminal, &fs::read(beside(info_path, ".info.json", ".raw")).unwrap());

    let plain = lines(&beside(info_path, ".info.json", ".plain.txt"), rows);
    let mut found = differences("text", &terminal.screen_text(), &plain);

    // The capture has its styles as SGR sequences: a terminal that is fed them shows the same screen.
    let captured = fs::read_to_string(beside(info_path, ".info.json", ".expected.txt")).unwrap();
    let mut drawn = Terminal::new(terminal.size(), TerminalOptions::default());
    for (row, line) in captured.lines().enumerate() {
        drawn.feed(format!("\x1b[{}H{line}", row + 1).as_bytes());
    }
    found.extend(differences("style", &styled(&terminal.screen_rows()), &styled(&drawn.screen_rows())));

    let cursor = terminal.cursor();
    let last_column = u64::from(terminal.size().columns) - 1;
    let expected_column = info["cursor"][0].as_u64().unwrap().min(last_column);
    let mut check = |what: &str, ours: Value, theirs: Value| {
        if ours != theirs {
            found.push(format!("{what}: {ours}, not {theirs}"));
        }
    };
    check("cursor row", cursor.row.into(), info["cursor"][1].clone());
    check("cursor column", cursor.column.into(), expected_column.into());
    check("cursor visible", cursor.visible.into(), info["cursor_visible"].clone());
    check("alternate screen", terminal.modes().alternate_screen.into(), info["alternate"].clone());
    check("mouse", terminal.modes().mouse.into(), (info["mouse"] != "0").into());
    check("title", terminal.title().into(), info["xtermjs"]["title"].clone());
    let pastes = &info["xtermjs"]["modes"]["bracketedPasteMode"];
    check("bracketed paste", terminal.modes().bracketed_paste.into(), pastes.clone());
    found.into_iter().map(|line| format!("{}: {line}", info_path.display())).collect()
}

fn compare_resized(recording: &Path) -> Vec<String> {
    let info = json(recording);
    let bytes = fs::read(beside(recording, ".json", "")).unwrap();
    let mut terminal = terminal(&info["size"]);
    let mut fed = 0;
    let mut found = Vec::new();
    for mark in info["marks"].as_array().unwrap() {
        let offset = usize::try_from(mark["off"].as_u64().unwrap()).unwrap();
        feed(&mut terminal, &bytes[fed..offset]);
        fed = offset;
        let name = mark["name"].as_str().unwrap();
        if name == "resize" {
            terminal.resize(size_of(&mark["size"]));
            continue;
        }
        let expected = beside(recording, ".raw.json", &format!("@{name}.xtermjs.txt"));
        let columns = usize::from(terminal.size().columns);
        // On its alternate screen xterm.js keeps what is beyond the edge when it becomes narrower.
        let cut = |line: String| line.chars().take(columns).collect::<String>().trim_end().to_owned();
        let expected: Vec<String> =
            lines(&expected, usize::from(terminal.size().rows)).into_iter().map(cut).collect();
        let what = format!("{} at {name}", recording.display());
        found.extend(differences(&what, &terminal.screen_text(), &expected));
    }
    found
}

/// How many snapshots and resized recordings a folder has; fails where one differs.
fn compare_folder(folder: &Path) -> (usize, usize) {
    let snapshots = files(folder, ".info.json");
    let resized = files(folder, ".raw.json");
    let found: Vec<String> = snapshots
        .iter()
        .flat_map(|path| compare_snapshot(path))
        .chain(resized.iter().flat_map(|path| compare_resized(path)))
        .collect();
    assert!(found.is_empty(), "{} differences\n{}", found.len(), found.join("\n"));
    (snapshots.len(), resized.len())
}

#[test]
fn the_kept_recordings_give_their_screens() {
    let (snapshots, resized) = compare_folder(&fixtures());
    assert!(snapshots >= 10 && resized >= 2, "{snapshots} snapshots and {resized} resized recordings");
}

#[test]
fn a_whole_collection_of_recordings_gives_its_screens() {
    let Some(folder) = std::env::var_os("WAVEDECK_RECORDINGS") else {
        eprintln!("NOT RUN: set WAVEDECK_RECORDINGS to a folder of recordings to compare all of them");
        return;
    };
    let (snapshots, resized) = compare_folder(Path::new(&folder));
    eprintln!("{snapshots} snapshots and {resized} resized recordings compared");
    assert!(snapshots + resized > 0, "no recordings in {folder:?}");
}
