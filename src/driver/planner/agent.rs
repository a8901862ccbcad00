//! The agent that plans: which runtime it is, how it is confined, and how it is asked.
//!
//! It is started by the adapter of its runtime as every agent is, with two differences: whatever the configuration grants,
//! it may read only, and its answer is what it prints (or the file that `WAVEDECK_RESULT` names), so that a runtime that
//! may write nothing can answer.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::child::{Ended, Limits, run};
use super::{PlannerError, REQUEST, of_round};
use crate::adapters::environment::{self, BriefFile};
use crate::adapters::settings::Settings;
use crate::adapters::{self, StartContext};
use crate::driver::files::load_file;
use crate::driver::paths::ProjectPaths;
use crate::driver::run_folder::RunFolder;
use crate::engine::brief::{AgentBrief, FallbackBrief};
use crate::engine::{AttemptKey, WaveKey};
use crate::plan::config::Config;
use crate::plan::role::{Role, Stage};
use crate::plan::runtime::derive::{Derivation, Grant, derive};
use crate::plan::runtime::{ExecutorChoice, Overrides, RuntimeId};
use crate::plan::{Agent, Position, WaveNumber};

/// Id of the planner where agents have one.
const ID: &str = "planner";

/// Minutes for one answer where neither profile nor configuration says otherwise.
const MINUTES: u32 = 30;

/// What was printed last, in characters, when a planner fails.
const LAST_WORDS: usize = 400;

/// What holds for a planner whatever was granted: it reads, and it prints plain text.
fn confined(runtime: &str) -> Vec<(&'static str, Value)> {
    match runtime {
        "codex" => vec![("sandbox", json!("read-only")), ("json", json!(false))],
        "claude" => vec![
            ("permissionMode", json!("default")),
            ("disallowedTools", json!(["Edit", "MultiEdit", "NotebookEdit", "Write"])),
            ("outputFormat", json!("text")),
        ],
        "opencode" => {
            vec![("permission", json!({"edit": "deny", "bash": "deny"})), ("format", json!("default"))]
        }
        _ => Vec::new(),
    }
}

/// An agent that plans.
#[derive(Debug)]
pub struct PlannerAgent<'a> {
    paths: &'a ProjectPaths,
    /// This program, for planners that call back.
    program: &'a Path,
    settings: &'a Settings,
    brief: AgentBrief,
    lane: String,
    wave: WaveNumber,
}

impl<'a> PlannerAgent<'a> {
    /// The planner that `name` means: an executor profile of the configuration, else a runtime. `None` when it is neither.
    pub fn of(
        name: &str,
        config: &Config,
        settings: &'a Settings,
        paths: &'a ProjectPaths,
        program: &'a Path,
        wave: WaveNumber,
    ) -> Option<PlannerAgent<'a>> {
        let id = RuntimeId(name.to_owned());
        let choice = if config.executors.profiles.contains_key(name) {
            ExecutorChoice { profile: Some(name.to_owned()), ..ExecutorChoice::default() }
        } else if adapters::find(&id, settings, None).is_ok() {
            ExecutorChoice { id: Some(id), ..ExecutorChoice::default() }
        } else {
            return None;
        };
        Some(PlannerAgent {
            paths,
            program,
            settings,
            brief: brief(choice, config),
            lane: config.lane.clone(),
            wave,
        })
    }

    /// The runtime that it is.
    pub fn runtime(&self) -> &RuntimeId {
        &self.brief.executor.id
    }

    /// Asks it, and waits for its answer.
    ///
    /// # Errors
    /// When it cannot be started, ends badly or takes too long. What it printed is in the folder.
    pub(super) fn ask(&self, folder: &RunFolder, round: u32, prompt: &str) -> Result<String, PlannerError> {
        let name = |stem: &str, ending: &str| of_round(stem, round, ending);
        let prompt_name = name("planner-prompt", "md");
        let (out, error) = (name("planner-executor", "stdout.log"), name("planner-executor", "stderr.log"));
        let (brief_name, result_name) = (name("planner-brief", "json"), name("planner-answer", "json"));
        let wave = WaveKey { lane: self.lane.clone(), number: self.wave };
        let attempt = AttemptKey { wave, agent: ID.to_owned(), number: round };
        let brief = AgentBrief { prompt: prompt.to_owned(), ..self.brief.clone() };
        folder.write(&prompt_name, prompt)?;
        let whole = BriefFile { attempt: attempt.clone(), brief: brief.clone(), promotions: BTreeMap::new() };
        folder.write_json(&brief_name, &whole)?;
        let adapter = adapters::find(self.runtime(), self.settings, None)?;
        let settings_file = adapter.settings_file(&brief).and_then(|file| load_file(self.paths, &file));
        let mut start = adapter.start(&StartContext {
            attempt: &attempt,
            brief: &brief,
            prompt,
            prompt_file: &folder.file(&prompt_name),
            brief_file: &folder.file(&brief_name),
            result_file: &folder.file(&result_name),
            overlay: folder.path(),
            settings_text: settings_file.as_ref().map(|file| file.text.as_str()),
            project_dir: self.paths.project(),
            project_id: self.paths.project_id(),
            program: self.program,
            socket: &self.paths.supervisor_socket(),
            // It is no attempt of a wave: there is nothing that it could submit.
            token: "",
        })?;
        let request = folder.file(REQUEST).to_string_lossy().into_owned();
        start.environment.push((environment::PLAN.to_owned(), request));
        for (file, text) in &start.files {
            std::fs::write(Path::new(file), text)?;
        }
        let minutes = brief.executor.budget_minutes.unwrap_or(MINUTES);
        let limits =
            Limits { whole: Duration::from_secs(60 * u64::from(minutes)), grace: Duration::from_secs(5) };
        let ended = run(
            &start,
            self.paths.project(),
            File::create(folder.file(&out))?,
            File::create(folder.file(&error))?,
            limits,
        )
        .map_err(PlannerError::NotStarted)?;
        let printed = folder.read(&out)?.unwrap_or_default();
        match ended {
            Ended::Well => {
                Ok(folder.read(&result_name)?.filter(|text| !text.trim().is_empty()).unwrap_or(printed))
            }
            Ended::Badly { how } => {
                let complaint = folder.read(&error)?.unwrap_or_default();
                let said = if complaint.trim().is_empty() { printed } else { complaint };
                let limited = adapter.rate_limited(&said);
                let because = match (last_words(&said), limited) {
                    (_, true) => {
                        ": its provider says that the rate limit is reached; ask again later".to_owned()
                    }
                    (words, false) if words.is_empty() => String::new(),
                    (words, false) => format!(": {words}"),
                };
                Err(PlannerError::Ended { ended: how, because })
            }
            Ended::Late => Err(PlannerError::Late { minutes }),
            Ended::Interrupted => Err(PlannerError::Interrupted),
        }
    }
}

/// The end of what was printed, in one line.
fn last_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join(" / ");
    let surplus = last.chars().count().saturating_sub(LAST_WORDS);
    last.chars().skip(surplus).collect()
}

/// The brief of a planner: an agent of no wave.
fn brief(choice: ExecutorChoice, config: &Config) -> AgentBrief {
    let agent = Agent {
        id: ID.to_owned(),
        title: "Planner".to_owned(),
        slug: ID.to_owned(),
        prompt: String::new(),
        prompt_overlay: String::new(),
        role_prompt_paths: Vec::new(),
        context7: None,
        exit_contract: None,
        written_contract: None,
        executor: choice,
        components: Vec::new(),
        capabilities: Vec::new(),
        skills: Vec::new(),
        deliverables: Vec::new(),
        proof_artifacts: Vec::new(),
        owned_paths: Vec::new(),
        component_targets: BTreeMap::new(),
        track: None,
        position: Position::START,
    };
    let Derivation { resolved, mut grants, .. } = derive(&agent, config, &Overrides::default());
    for (runtime, grant) in &mut grants {
        confine(&runtime.0, grant);
    }
    AgentBrief {
        id: agent.id,
        title: agent.title,
        slug: agent.slug,
        role: Role::Research,
        stage: Stage::Implementation,
        builds_after_design: false,
        executor: resolved,
        grants,
        fallback: FallbackBrief::default(),
        exit_contract: None,
        deliverables: Vec::new(),
        proof_artifacts: Vec::new(),
        owned_paths: Vec::new(),
        skills: Vec::new(),
        context7: None,
        component_targets: BTreeMap::new(),
        prompt: String::new(),
        fingerprint: String::new(),
    }
}

fn confine(runtime: &str, grant: &mut Grant) {
    for (key, value) in confined(runtime) {
        grant.options.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{PlannerAgent, last_words};
    use crate::adapters::settings::Settings;
    use crate::driver::paths::ProjectPaths;
    use crate::plan::config::Config;

    const CONFIG: &str = r#"{"executors": {"profiles": {
        "wild": {"id": "codex", "codex": {"sandbox": "danger-full-access", "json": true}, "budget": {"minutes": 7}},
        "bold": {"id": "claude", "claude": {"permissionMode": "bypassPermissions"}}}}}"#;

    fn check(name: &str, expected: Option<(&str, &str, &str)>) {
        let (config, findings) = Config::for_lane(Some(CONFIG), "main");
        assert_eq!(findings, []);
        let paths = ProjectPaths::with_runtime_directory("/srv/p".into(), None);
        let settings = Settings::default();
        let agent = PlannerAgent::of(name, &config, &settings, &paths, Path::new("/bin/wavedeck"), 3);
        let found = agent.as_ref().zip(expected).map(|(agent, (_, option, _))| {
            let grant = &agent.brief.grants[agent.runtime()];
            (
                agent.runtime().0.as_str(),
                option,
                grant.options.get(option).and_then(|value| value.as_str()).unwrap_or(""),
            )
        });
        assert_eq!(found, expected, "{name}");
        assert_eq!(agent.is_some(), expected.is_some(), "{name}");
    }

    #[test]
    fn a_planner_reads_whatever_is_granted() {
        check("wild", Some(("codex", "sandbox", "read-only")));
        check("bold", Some(("claude", "permissionMode", "default")));
        check("codex", Some(("codex", "sandbox", "read-only")));
        check("local", Some(("local", "sandbox", "")));
        check("nobody", None);
    }

    #[test]
    fn last_words_are_one_short_line() {
        assert_eq!(last_words("a\n\nb\nc\nd\n"), "b / c / d");
        assert_eq!(last_words(&"x".repeat(1000)).len(), 400);
        assert_eq!(last_words("\n"), "");
    }
}
