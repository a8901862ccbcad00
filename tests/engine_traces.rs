//! Golden traces of the engine: `tests/golden/traces/*.toml` read like a diary. Each entry says when, who says what, and
//! holds what became true, what was to be done, what was said back, and when the next deadline is.
//!
//! `UPDATE_GOLDEN=1 cargo test --test engine_traces` writes anew what the engine says now; look at the difference before
//! it is committed. A test run never does that by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod engine_support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use engine_support::{brief, diary};
use serde::Deserialize;
use wavedeck::engine::input::LaunchOptions;
use wavedeck::engine::{State, Time, step};
use wavedeck::plan::runtime::RuntimeId;

/// A trace file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    /// What it shows.
    about: String,
    /// Retries for rework, when not 1.
    max_retries: Option<u32>,
    /// Minutes for each attempt, when not 240.
    timeout_minutes: Option<u64>,
    /// Component that a wave promotes, with its owners: the level is `repo-landed`.
    #[serde(default)]
    components: BTreeMap<String, Vec<String>>,
    /// Agents that have no exit contract.
    #[serde(default)]
    without_contract: Vec<String>,
    /// Agents with the runtimes that they may fall back to; each is planned on `local`.
    #[serde(default)]
    fallbacks: BTreeMap<String, Vec<String>>,
    /// How many agents may run on a runtime.
    #[serde(default)]
    ceilings: BTreeMap<String, u32>,
    /// Runtimes whose programs are not there.
    #[serde(default)]
    absent: Vec<String>,
    /// Agents of each wave, in the order in which stewards run.
    waves: BTreeMap<String, Vec<String>>,
    /// What happens.
    entry: Vec<Entry>,
}

/// One entry of the diary.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    note: Option<String>,
    at: String,
    say: String,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    effects: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    deadline: Option<String>,
}

impl Trace {
    fn options(&self) -> LaunchOptions {
        let usual = LaunchOptions::default();
        LaunchOptions {
            max_retries: self.max_retries.unwrap_or(usual.max_retries),
            timeout_ms: self.timeout_minutes.map_or(usual.timeout_ms, |minutes| minutes * 60_000),
            ..usual
        }
    }

    fn brief(&self, number: u32) -> wavedeck::engine::brief::WaveBrief {
        let agents: Vec<&str> = self.waves[&number.to_string()].iter().map(String::as_str).collect();
        let mut brief = brief(number, &agents);
        for (component, owners) in &self.components {
            brief.promotions.insert(component.clone(), "repo-landed".into());
            for agent in brief.agents.iter_mut().filter(|agent| owners.contains(&agent.id)) {
                agent.component_targets.insert(component.clone(), Some("repo-landed".into()));
            }
        }
        for agent in brief.agents.iter_mut().filter(|agent| self.without_contract.contains(&agent.id)) {
            agent.exit_contract = None;
        }
        let id = |name: &String| RuntimeId(name.clone());
        for agent in &mut brief.agents {
            agent.executor.fallbacks = self.fallbacks.get(&agent.id).into_iter().flatten().map(id).collect();
            agent.fallback.allowed_by = "the lane".into();
            agent.fallback.absent = self.absent.iter().map(id).collect();
        }
        brief.ceilings = self.ceilings.iter().map(|(name, most)| (id(name), *most)).collect();
        brief
    }

    /// Runs the trace and gives its entries with what the engine says now.
    fn run(&self) -> Vec<Entry> {
        let mut state = State::default();
        let mut facts = Vec::new();
        let entries = self.entry.iter().map(|entry| {
            let now = diary::time(&entry.at);
            let input = diary::input(&entry.say, &state, &self.options(), |number| self.brief(number));
            let step = step(&mut state, now, input);
            facts.extend(step.facts.iter().cloned());
            assert_eq!(replayed(&facts), state, "replaying the facts gives the same state");
            Entry {
                note: entry.note.clone(),
                at: entry.at.clone(),
                say: entry.say.clone(),
                facts: step.facts.iter().map(diary::fact).collect(),
                effects: step.effects.iter().map(diary::effect).collect(),
                words: diary::words(&step),
                deadline: state.next_deadline().map(written),
            }
        });
        entries.collect()
    }
}

fn replayed(facts: &[wavedeck::engine::Fact]) -> State {
    let mut state = State::default();
    facts.iter().for_each(|fact| state.apply(fact));
    state
}

fn written(time: Time) -> String {
    let (seconds, rest_ms) = (time.0 / 1000, time.0 % 1000);
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (rest_ms, "ms")];
    parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect()
}

/// The whole text of a trace file with these entries.
fn text_of(head: &str, entries: &[Entry]) -> String {
    let mut text = format!("{}\n", head.trim_end());
    let quoted = |text: &String| toml::Value::String(text.clone()).to_string();
    for entry in entries {
        text.push_str("\n[[entry]]\n");
        if let Some(note) = &entry.note {
            writeln!(text, "note = {}", quoted(note)).unwrap();
        }
        writeln!(text, "at = {}\nsay = {}", quoted(&entry.at), quoted(&entry.say)).unwrap();
        for (name, lines) in [("facts", &entry.facts), ("effects", &entry.effects), ("words", &entry.words)] {
            if !lines.is_empty() {
                writeln!(text, "{name} = [").unwrap();
                lines.iter().for_each(|line| writeln!(text, "  {},", quoted(line)).unwrap());
                text.push_str("]\n");
            }
        }
        if let Some(deadline) = &entry.deadline {
            writeln!(text, "deadline = {}", quoted(deadline)).unwrap();
        }
    }
    text
}

fn traces() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/traces");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn traces_are_as_they_were() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1");
    let paths = traces();
    assert!(paths.len() >= 9, "only {} traces were found", paths.len());
    let mut differing = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let trace: Trace =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!trace.about.is_empty());
        let head = text.split("\n[[entry]]").next().unwrap();
        let now = text_of(head, &trace.run());
        if now == text {
            continue;
        }
        if update {
            fs::write(&path, now).unwrap();
        } else {
            let line = now.lines().zip(text.lines()).position(|(now, then)| now != then).unwrap_or(0);
            differing.push(format!(
                "{} line {}:\n  was {}\n  is  {}",
                path.file_name().unwrap().to_string_lossy(),
                line + 1,
                text.lines().nth(line).unwrap_or("(the end)"),
                now.lines().nth(line).unwrap_or("(the end)"),
            ));
        }
    }
    assert!(differing.is_empty(), "the engine says something else now:\n{}", differing.join("\n"));
}
