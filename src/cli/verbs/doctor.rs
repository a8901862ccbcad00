//! `wavedeck doctor`: what is missing on this machine for this project. Starts nothing but `PROGRAM --version`, and never
//! prints the value of a credential. Exit 1 when something is missing that a launch needs.
//!
//! `--json`: `{"checks":[{"area","name","state","detail","hint"}],"missing"}`; `state` is `ok`, `note` or `missing`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Serialize;

use crate::adapters::presence::{on_path, program_of};
use crate::cli::console::columns;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::driver::files::{self, Loaded};
use crate::driver::paths::ProjectPaths;
use crate::plan::bundles::{NONE, selected};
use crate::plan::config::CONFIG_FILE;
use crate::plan::config::profile::{ProjectProfile, profile_file};
use crate::plan::runtime::derive::derive;
use crate::plan::runtime::{Overrides, RuntimeId};
use crate::plan::{Project, Severity};
use crate::store::{Reader, StoreError};

/// How long a program may take to say its version.
const VERSION_PATIENCE: Duration = Duration::from_secs(10);

/// Folders that hold nothing but state.
const IGNORED: [&str; 2] = [".tmp/", ".wave/"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Note,
    Missing,
}

#[derive(Debug, Serialize)]
struct Check {
    area: &'static str,
    name: String,
    state: State,
    detail: String,
    hint: String,
}

impl Check {
    fn ok(area: &'static str, name: impl Into<String>, detail: impl Into<String>) -> Check {
        Check { area, name: name.into(), state: State::Ok, detail: detail.into(), hint: String::new() }
    }

    fn note(area: &'static str, name: impl Into<String>, detail: impl Into<String>, hint: &str) -> Check {
        Check { state: State::Note, hint: hint.to_owned(), ..Check::ok(area, name, detail) }
    }

    fn missing(area: &'static str, name: impl Into<String>, detail: impl Into<String>, hint: &str) -> Check {
        Check { state: State::Missing, hint: hint.to_owned(), ..Check::ok(area, name, detail) }
    }
}

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let loaded = files::load(&paths, &context.lane);
    let project = Project::read(&loaded.sources);
    let mut checks: Vec<Check> = loaded
        .trouble
        .iter()
        .map(|trouble| Check::missing("files", "reading", trouble.clone(), "mend the file"))
        .collect();
    checks.extend(runtimes(&project, &loaded));
    checks.extend(credentials(&paths, &project));
    checks.extend(authored(&paths, &project));
    checks.extend(cases(&project));
    checks.extend(benchmarks(&paths, &project));
    checks.extend(findings(&project));
    checks.push(ignored(paths.project()));
    checks.push(database(&paths));
    let missing = checks.iter().filter(|check| check.state == State::Missing).count();
    print(context, &checks, missing)?;
    context.console.value(&serde_json::json!({ "checks": checks, "missing": missing }))?;
    Ok(u8::from(missing > 0))
}

fn print(context: &Context, checks: &[Check], missing: usize) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            let state = match check.state {
                State::Ok => "ok",
                State::Note => "note",
                State::Missing => "MISSING",
            };
            let hint = if check.hint.is_empty() { String::new() } else { format!(" ({})", check.hint) };
            vec![state.into(), check.area.into(), check.name.clone(), format!("{}{hint}", check.detail)]
        })
        .collect();
    for line in columns(&rows) {
        context.console.line(line)?;
    }
    context.console.line(match missing {
        0 => "Nothing is missing.".to_owned(),
        1 => "1 thing is missing.".to_owned(),
        count => format!("{count} things are missing."),
    })
}

/// Runtimes that the lane's agents would run on or may fall back to.
fn runtimes(project: &Project, loaded: &Loaded) -> Vec<Check> {
    let (mut first, mut fallbacks) = (BTreeSet::new(), BTreeSet::new());
    for agent in project.waves.values().flat_map(|wave| &wave.agents) {
        let resolved = derive(agent, &project.config, &Overrides::default()).resolved;
        first.insert(resolved.id);
        fallbacks.extend(resolved.fallbacks);
    }
    let all: BTreeSet<&RuntimeId> = first.iter().chain(&fallbacks).collect();
    all.into_iter()
        .map(|id| {
            let needed = first.contains(id);
            if id.is_local() {
                return Check::ok("runtimes", "local", "the simulator is part of this program");
            }
            let options = project.config.executors.options.get(id);
            let Some(program) = program_of(id, options, &loaded.settings) else {
                return Check::missing(
                    "runtimes",
                    id.0.clone(),
                    "no command is set for it",
                    "see `wavedeck config show`",
                );
            };
            match on_path(&program) {
                Some(path) => Check::ok("runtimes", id.0.clone(), version(&path)),
                None if needed => Check::missing(
                    "runtimes",
                    id.0.clone(),
                    format!("`{program}` is not on PATH"),
                    "install it, or launch with --executor",
                ),
                None => Check::note(
                    "runtimes",
                    id.0.clone(),
                    format!("`{program}` is not on PATH"),
                    "only retries would fall back to it",
                ),
            }
        })
        .collect()
}

/// The first line of `PROGRAM --version`. One that hangs is ended.
fn version(program: &Path) -> String {
    let child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return format!("it does not start: {error}"),
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    let output = child.stdout.take();
    std::thread::spawn(move || {
        let text = output.map(std::io::read_to_string).and_then(Result::ok).unwrap_or_default();
        // Whoever asked may have lost patience.
        let _ = sender.send(text);
    });
    let text = receiver.recv_timeout(VERSION_PATIENCE);
    if text.is_err() {
        // It may have ended by itself just now.
        let _ = child.kill();
    }
    let _ = child.wait();
    match text.ok().and_then(|text| text.lines().next().map(str::to_owned)) {
        Some(line) => line,
        None => "it does not say its version".to_owned(),
    }
}

/// Credentials that configuration and project profile expect, by the names of their environment variables. Their values
/// are not looked at beyond whether there is one.
fn credentials(paths: &ProjectPaths, project: &Project) -> Vec<Check> {
    let outside = &project.config.outside;
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut expected: Vec<(&str, String)> = Vec::new();
    for credential in &outside.credentials {
        expected
            .push((&credential.variable, format!("waveControl.credentials names it as {}", credential.id)));
    }
    let index = project.bundles.as_ref();
    let uses_context7 = project.waves.values().any(|wave| {
        wave.agents.iter().any(|agent| selected(index, &project.config.lane, wave, agent).0 != NONE)
    });
    if uses_context7 {
        let why = "agents get Context7 bundles; without it they go without";
        expected.push((&outside.context7.key_variable, why.into()));
    }
    if outside.corridor.enabled && !is_set(&outside.corridor.key_variable) {
        expected.push((&outside.corridor.token_variable, "externalProviders.corridor is enabled".into()));
    }
    let profile = profile(paths, project);
    for environment in &profile.deploy_environments {
        for name in &environment.credentials_expected {
            expected.push((name, format!("deployments to {} expect it", environment.id)));
        }
    }
    expected
        .into_iter()
        .map(|(name, why)| match is_set(name) {
            true => Check::ok("credentials", name, "is set"),
            false => Check::note("credentials", name, "is not set", &why),
        })
        .collect()
}

fn profile(paths: &ProjectPaths, project: &Project) -> ProjectProfile {
    let file = profile_file(project.config.project.as_deref());
    match files::load_file(paths, &file) {
        Some(file) => ProjectProfile::read(&file.path, &file.text).0,
        None => ProjectProfile::default(),
    }
}

/// Files that the configuration and the waves name.
fn authored(paths: &ProjectPaths, project: &Project) -> Vec<Check> {
    let there = |path: &str| paths.project().join(path).exists();
    let config = match there(CONFIG_FILE) {
        true => Check::ok("files", CONFIG_FILE, "is there"),
        false => Check::note("files", CONFIG_FILE, "is not there", "defaults hold"),
    };
    let mut checks = vec![config];
    for path in &project.config.shared_plan_docs {
        checks.push(match there(path) {
            true => Check::ok("files", path.clone(), "is there"),
            false => Check::note("files", path.clone(), "is not there", "the documentation steward keeps it"),
        });
    }
    let agents = || project.waves.values().flat_map(|wave| &wave.agents);
    let documents: BTreeSet<&String> = agents().flat_map(|agent| &agent.role_prompt_paths).collect();
    for path in documents.into_iter().filter(|path| !there(path)) {
        checks.push(Check::missing("files", path.clone(), "is not there", "agents import it"));
    }
    let named = project.config.skills.named().map(|(_, id)| id.clone());
    let wanted: BTreeSet<String> = named.chain(agents().flat_map(|agent| agent.skills.clone())).collect();
    let (known, lost): (Vec<&String>, Vec<&String>) =
        wanted.iter().partition(|id| project.skills.bundles.contains_key(*id));
    if !known.is_empty() {
        checks.push(Check::ok(
            "skills",
            project.config.skills.dir.clone(),
            format!("{} bundles are used", known.len()),
        ));
    }
    for id in lost {
        checks.push(Check::missing(
            "skills",
            id.clone(),
            "is not there or cannot be read",
            "see `wavedeck lint`",
        ));
    }
    checks
}

/// Skills whose own cases do not hold.
fn cases(project: &Project) -> Vec<Check> {
    let skills = project.skills.bundles.values();
    let checks = skills.flat_map(|skill| {
        skill.broken_cases().map(|case| {
            let hint = "its `activation` in skill.json and its `evalCases` contradict each other";
            Check::missing("skills", skill.id.clone(), case, hint)
        })
    });
    checks.collect()
}

/// The benchmark catalogue, where a wave is measured by it or it is there.
fn benchmarks(paths: &ProjectPaths, project: &Project) -> Option<Check> {
    let file = &project.config.paths.benchmark_catalog;
    let measured = project.waves.values().filter(|wave| !wave.eval_targets.is_empty()).count();
    let is_there = paths.project().join(file).exists();
    match &project.benchmarks {
        Some(known) => {
            let count: usize = known.families.values().map(BTreeSet::len).sum();
            let detail =
                format!("{count} benchmarks in {} families, {measured} waves use it", known.families.len());
            Some(Check::ok("benchmarks", file.clone(), detail))
        }
        None if is_there => {
            Some(Check::missing("benchmarks", file.clone(), "cannot be read", "see `wavedeck lint`"))
        }
        None if measured > 0 => {
            let hint = "eval targets name its families and benchmarks";
            Some(Check::missing("benchmarks", file.clone(), "is not there", hint))
        }
        None => None,
    }
}

/// Waves with errors, each once.
fn findings(project: &Project) -> Vec<Check> {
    if project.waves.is_empty() {
        let folder = project.config.waves_directory();
        return vec![Check::note(
            "waves",
            folder,
            "there are none",
            "write wave-0.md there, or run `wavedeck demo`",
        )];
    }
    let broken: Vec<Check> = project
        .waves
        .values()
        .filter_map(|wave| {
            let errors = project.errors_of(wave.number).len();
            let detail = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
            (errors > 0).then(|| {
                Check::missing("waves", format!("wave {}", wave.number), detail, "see `wavedeck lint`")
            })
        })
        .collect();
    if !broken.is_empty() {
        return broken;
    }
    let warnings = project.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    let detail = format!("{} can run, {warnings} warnings", project.waves.len());
    vec![Check::ok("waves", project.config.waves_directory(), detail)]
}

/// Whether git leaves state alone. `.wavedeck/` ignores itself.
fn ignored(project: &Path) -> Check {
    let text = std::fs::read_to_string(project.join(".gitignore")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(|line| line.trim().trim_start_matches('/')).collect();
    let open: Vec<&str> = IGNORED
        .into_iter()
        .filter(|folder| !lines.iter().any(|line| *line == *folder || *line == folder.trim_end_matches('/')))
        .collect();
    match open.as_slice() {
        [] => Check::ok("git", ".gitignore", "leaves state alone"),
        open => Check::note(
            "git",
            ".gitignore",
            format!("does not name {}", open.join(", ")),
            "state would be committed",
        ),
    }
}

fn database(paths: &ProjectPaths) -> Check {
    let name = "wavedeck.db";
    match Reader::open(&paths.database()).and_then(|mut reader| reader.state()) {
        Ok((facts, _)) => Check::ok("store", name, format!("{facts} facts")),
        Err(StoreError::Absent { .. }) => {
            Check::ok("store", name, "is not there yet; the first launch makes it")
        }
        Err(error) => Check::missing("store", name, error.to_string(), "the file is left as it is"),
    }
}
