//! The rules that keep the crate readable, as tests: module walls, purity of plan and engine, one place for colours and
//! keys, bounded queues, no sleeping in tests, no file that nothing reads, no path of one machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use, beside itself.
const WALLS: &[(&str, &[&str])] = &[
    ("plan", &[]),
    ("engine", &["plan"]),
    ("store", &["plan", "engine"]),
    ("session", &[]),
    ("adapters", &["plan", "engine", "session"]),
    ("driver", &["plan", "engine", "store", "session", "adapters"]),
    ("supervisor", &["plan", "engine", "session", "driver"]),
    ("tui", &["plan", "engine", "session", "supervisor"]),
    ("cli", &["plan", "engine", "store", "session", "adapters", "driver", "supervisor", "tui"]),
];

/// Words that plan and engine must not contain: the outside world, and maps whose order differs from run to run.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "std::io",
    "std::time",
    "SystemTime",
    "Instant",
    "HashMap",
    "HashSet",
    "tokio",
    "Timestamp::now",
    "random",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

/// A source file of `src/`: its code without comments and without the tests at its end.
struct Source {
    path: String,
    module: String,
    code: Vec<(usize, String)>,
    is_test: bool,
}

fn sources() -> Vec<Source> {
    files_below(&root().join("src"), "rs")
        .into_iter()
        .map(|path| {
            let path_text = relative(&path);
            let module = path_text.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let is_test = path_text.ends_with("tests.rs") || path_text.contains("/tests/");
            Source { module, code: code_lines(&text), path: path_text, is_test }
        })
        .collect()
}

fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut after_cfg_test = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if after_cfg_test && trimmed.starts_with("mod ") && trimmed.ends_with('{') {
            break;
        }
        after_cfg_test = trimmed == "#[cfg(test)]";
        let code = if trimmed.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) };
        lines.push((index + 1, code.to_owned()));
    }
    lines
}

fn assert_none(rule: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

#[test]
fn a_module_uses_only_what_its_wall_allows() {
    let walls: BTreeMap<&str, &[&str]> = WALLS.iter().copied().collect();
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test) {
        let Some(allowed) = walls.get(source.module.as_str()) else { continue };
        let code: Vec<&str> = source.code.iter().map(|(_, code)| code.as_str()).collect();
        for used in modules_named(&code.join("\n")) {
            let known = walls.contains_key(used.as_str());
            if used != source.module && known && !allowed.contains(&used.as_str()) {
                offences.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert_none("a module names only what its wall allows", offences);
}

/// Modules in `crate::module` and at the heads of `crate::{module, other::{..}}`.
fn modules_named(code: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut names = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        let Some(list) = part.strip_prefix('{') else {
            names.insert(name(part));
            continue;
        };
        let mut depth = 0;
        let mut head = String::new();
        for character in list.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.insert(name(&head));
                    head.clear();
                }
                other if depth == 0 => head.push(other),
                _ => {}
            }
        }
        names.insert(name(&head));
    }
    names
}

#[test]
fn the_wall_test_sees_every_way_to_name_a_module() {
    let named = modules_named(
        "use crate::plan::Wave;\nuse crate::{engine::{self, Fact}, store};\nlet x = crate::tui::y;",
    );
    let expected: BTreeSet<String> = ["plan", "engine", "store", "tui"].map(str::to_owned).into();
    assert_eq!(named, expected);
}

#[test]
fn plan_and_engine_are_pure() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| !s.is_test && matches!(s.module.as_str(), "plan" | "engine")) {
        for (line, code) in &source.code {
            for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                offences.push(format!("{}:{line} names {word}", source.path));
            }
        }
    }
    assert_none("plan and engine never touch the outside world", offences);
}

#[test]
fn colours_stand_in_the_theme_alone() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| s.path != "src/tui/theme.rs" && !s.is_test) {
        for (line, code) in
            source.code.iter().filter(|(_, code)| code.contains(" Color::") || code.contains("(Color::"))
        {
            offences.push(format!("{}:{line}: {}", source.path, code.trim()));
        }
    }
    assert_none("`Color::` only in src/tui/theme.rs", offences);
}

#[test]
fn keys_stand_in_the_keymap_and_in_the_terminals_encoding_alone() {
    let allowed = ["src/tui/keymap.rs", "src/tui/input.rs"];
    let mut offences = Vec::new();
    for source in sources().iter().filter(|s| s.module == "tui" && !s.is_test) {
        if allowed.contains(&source.path.as_str()) || source.path.starts_with("src/tui/keymap/") {
            continue;
        }
        for (line, code) in &source.code {
            if code.contains("KeyCode::") {
                offences.push(format!("{}:{line}", source.path));
            }
        }
    }
    assert_none("keys only in the keymap and in session/keys.rs", offences);
}

#[test]
fn every_queue_is_bounded() {
    let mut offences = Vec::new();
    for source in sources() {
        for (line, code) in &source.code {
            let unbounded = code.contains("unbounded_channel(")
                || code.contains("unbounded(")
                || code.contains("mpsc::channel()")
                || code.contains("= channel()");
            if unbounded {
                offences.push(format!("{}:{line}", source.path));
            }
        }
    }
    assert_none("no unbounded channel", offences);
}

#[test]
fn tests_wait_for_conditions() {
    let mut files = files_below(&root().join("tests"), "rs");
    files.extend(files_below(&root().join("src"), "rs"));
    let needle = concat!("sle", "ep(");
    let mut offences = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let in_src = relative(&path).starts_with("src/");
        let is_test = relative(&path).ends_with("tests.rs") || relative(&path).contains("/tests/");
        let test_part = match in_src && !is_test {
            true => text.split("#[cfg(test)]").nth(1).unwrap_or(""),
            false => &text,
        };
        for line in test_part.lines().filter(|line| line.contains(needle) && !line.trim().starts_with("//")) {
            offences.push(format!("{}: {}", relative(&path), line.trim()));
        }
    }
    assert_none("tests wait for a condition instead of sleeping", offences);
}

#[test]
fn every_file_opens_with_what_it_is() {
    let offences = files_below(&root().join("src"), "rs")
        .iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            !text.starts_with("//!") && !text.starts_with("#![doc") && !relative(path).ends_with("tests.rs")
        })
        .map(|path| relative(path))
        .collect();
    assert_none("every file of src opens with what it is", offences);
}

#[test]
fn a_long_file_says_why() {
    let mut offences = Vec::new();
    for path in files_below(&root().join("src"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let lines = text.lines().count();
        if lines > 500 && !relative(&path).ends_with("tests.rs") && !head.contains("long") {
            offences.push(format!("{}: {lines} lines", relative(&path)));
        }
    }
    assert_none("a file past 500 lines says at its top why it is long", offences);
}

#[test]
fn nothing_lies_about_unread() {
    let mut texts = String::new();
    for folder in ["src", "tests", "benches"] {
        for path in files_below(&root().join(folder), "rs") {
            texts.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    let mut offences = Vec::new();
    for path in files_below(&root().join("src"), "rs") {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let module = match stem.as_str() {
            "mod" => path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned(),
            "lib" | "main" => continue,
            _ => stem,
        };
        if !texts.contains(&format!("mod {module};")) {
            offences.push(relative(&path));
        }
    }
    for path in files_below(&root().join("themes"), "toml") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !texts.contains(&name) {
            offences.push(format!("themes/{name}"));
        }
    }
    assert_none("no file that nothing reads", offences);
}

#[test]
fn the_top_level_stays_as_it_is() {
    let allowed: BTreeSet<&str> = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "src",
        "themes",
        "tests",
        "screenshots",
        "benches",
        ".ci",
        ".git",
        ".gitignore",
        "clippy.toml",
        "rustfmt.toml",
        "deny.toml",
        "target",
    ]
    .into();
    let offences = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !allowed.contains(name.as_str()))
        .collect();
    assert_none("the top level stays as it is", offences);
}

/// Paths of one machine would be true nowhere else.
#[test]
fn no_file_names_a_path_of_one_machine() {
    let needles =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("shared/sp", "ec"), concat!(".libr", "ary")];
    let mut files = Vec::new();
    for extension in ["rs", "md", "toml"] {
        for folder in ["src", "themes", "tests", "benches"] {
            files.extend(files_below(&root().join(folder), extension));
        }
    }
    files.extend(["README.md", "CHANGELOG.md", "Cargo.toml"].map(|name| root().join(name)));
    let fixtures = root().join("tests/fixtures");
    let mut offences = Vec::new();
    for path in files.into_iter().filter(|path| !path.starts_with(&fixtures)) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for needle in needles.iter().filter(|needle| text.contains(**needle)) {
            offences.push(format!("{} names {needle}", relative(&path)));
        }
    }
    assert_none("no path of one machine", offences);
}
