//! The engine on real plans: briefs made of waves, cards of waves that run and that do not, moves that a run forbids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod engine_support;

use std::collections::BTreeMap;
use std::path::Path;

use engine_support::{attempt_key, good_evidence, wave_key};
use wavedeck::driver::files::load;
use wavedeck::driver::paths::ProjectPaths;
use wavedeck::engine::brief::{AgentBrief, WaveBrief};
use wavedeck::engine::input::{Evidence, Exit, LaunchOptions};
use wavedeck::engine::moves::{check_move, check_redo, check_undo};
use wavedeck::engine::view::{Card, Condition, cards, tally};
use wavedeck::engine::{AttemptKey, Input, State, Step, Time, step};
use wavedeck::plan::edit::{Edit, Rewrite};
use wavedeck::plan::role::{Role, Stage};
use wavedeck::plan::runtime::{Overrides, RuntimeId, Sandbox};
use wavedeck::plan::{Project, Sources};

fn repository() -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/waves/repo");
    let loaded = load(&ProjectPaths::of(&folder).unwrap(), "main");
    assert_eq!(loaded.trouble, Vec::<String>::new());
    Sources { runtimes: vec!["script".into()], ..loaded.sources }
}

fn brief_of(project: &Project, number: u32, forced: &str) -> Result<WaveBrief, Vec<String>> {
    WaveBrief::from_plan(project, &project.waves[&number], &Overrides::on(forced))
}

#[test]
fn briefs_are_made_of_real_waves() {
    let project = Project::read(&repository());
    for number in [0, 1, 3] {
        let brief = brief_of(&project, number, "local").unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert_eq!(brief.number, number);
        assert_eq!(brief.agents.len(), project.waves[&number].agents.len());
        let stages: Vec<Stage> = brief.agents.iter().map(|agent| agent.stage).collect();
        assert!(stages.is_sorted(), "{stages:?}");
        assert_eq!(brief.agents.last().unwrap().role, Role::ContQa);
        assert!(brief.agents.iter().all(|agent| agent.executor.id.0 == "local" && !agent.prompt.is_empty()));
        assert!(brief.agents.iter().all(|agent| agent.fingerprint.len() == 64));
        assert!(!brief.promotions.is_empty());
    }
}

#[test]
fn proof_that_must_be_real_does_not_run_on_the_simulator() {
    let project = Project::read(&repository());
    let errors = brief_of(&project, 4, "local").unwrap_err();
    assert!(!errors.is_empty() && errors.iter().all(|error| error.ends_with("(V24)")), "{errors:#?}");
    assert!(errors[0].starts_with("docs/plans/waves/wave-4.md:"), "{}", errors[0]);
    brief_of(&project, 4, "script").unwrap_or_else(|errors| panic!("{errors:#?}"));
}

#[test]
fn a_wave_with_errors_has_no_brief() {
    let mut sources = repository();
    sources.waves[0].text = sources.waves[0].text.replace("## Agent A0:", "## Agent A7:");
    let project = Project::read(&sources);
    let errors = brief_of(&project, 0, "local").unwrap_err();
    assert!(errors.iter().any(|error| error.ends_with("(V03)")), "{errors:#?}");
    assert!(brief_of(&project, 1, "local").is_ok(), "another wave's errors stop nothing");
}

#[test]
fn a_fingerprint_is_of_the_work_and_not_of_its_runtime() {
    let fingerprints = |sources: &Sources, forced: &str| -> BTreeMap<String, String> {
        let brief = brief_of(&Project::read(sources), 0, forced).unwrap();
        brief.agents.into_iter().map(|agent| (agent.id, agent.fingerprint)).collect()
    };
    let sources = repository();
    let before = fingerprints(&sources, "local");
    assert_eq!(before, fingerprints(&sources, "script"));
    let mut changed = sources.clone();
    let wave = &mut changed.waves[0].text;
    *wave = wave.replacen("### Executor\n\n", "### Executor\n\n- budget.minutes: 7\n", 1);
    assert_ne!(*wave, sources.waves[0].text);
    assert_eq!(before, fingerprints(&changed, "local"));
    // The lane's agents run on codex: what a launch or an agent says of its sandbox is not the work.
    let planned = |sources: &Sources, codex_sandbox: Option<Sandbox>| -> BTreeMap<String, String> {
        let project = Project::read(sources);
        let overrides = Overrides { runtime: None, codex_sandbox };
        let brief = WaveBrief::as_planned(&project, &project.waves[&0], &overrides);
        let sandbox = |agent: &AgentBrief| agent.grants[&agent.executor.id].options.get("sandbox").cloned();
        assert!(brief.agents.iter().any(|agent| sandbox(agent).is_some()));
        brief.agents.into_iter().map(|agent| (agent.id, agent.fingerprint)).collect()
    };
    assert_eq!(planned(&sources, None), planned(&sources, Some(Sandbox::ReadOnly)));
    let mut confined = sources.clone();
    let wave = &mut confined.waves[0].text;
    *wave = wave.replacen("- codex.search: ", "- codex.sandbox: read-only\n- codex.search: ", 1);
    assert_ne!(*wave, sources.waves[0].text);
    assert_eq!(planned(&sources, None), planned(&confined, None));
    let prompt = project_agent(&sources, "A1").prompt_overlay;
    let first_line = prompt.lines().next().unwrap();
    changed.waves[0].text = sources.waves[0].text.replacen(first_line, "Do something else.", 1);
    let after = fingerprints(&changed, "local");
    let differing: Vec<&String> = before.keys().filter(|id| before[*id] != after[*id]).collect();
    assert_eq!(differing, ["A1"]);
}

#[test]
fn a_fallback_has_a_model_and_the_skills_of_its_runtime() {
    let mut sources = repository();
    let config = sources.config.as_mut().unwrap();
    let with_model = r#""command": "claude", "model": "m-2","#;
    config.text = config.text.replacen(r#""command": "claude","#, with_model, 1);
    let project = Project::read(&sources);
    let brief = WaveBrief::as_planned(&project, &project.waves[&0], &Overrides::default());
    let moves = |agent: &&AgentBrief| {
        agent.executor.id.0 == "codex" && agent.executor.fallbacks.iter().any(|id| id.0 == "claude")
    };
    let agent = brief.agents.iter().find(moves).unwrap();
    let moved = agent.on(&RuntimeId("claude".into()));
    assert_eq!(moved.executor.model.as_deref(), Some("m-2"));
    assert_eq!(
        (moved.executor.id.0.as_str(), moved.executor.selected_by.as_str()),
        ("claude", "retry-fallback")
    );
    assert_eq!(moved.fingerprint, agent.fingerprint);
    let ids = |agent: &AgentBrief| -> Vec<String> {
        agent.skills.iter().map(|skill| skill.id.clone()).filter(|id| id.starts_with("runtime-")).collect()
    };
    assert_eq!(
        (ids(agent), ids(&moved)),
        (vec!["runtime-codex".to_owned()], vec!["runtime-claude".to_owned()])
    );
    assert_eq!(&agent.on(&RuntimeId("codex".into())), agent);
}

fn project_agent(sources: &Sources, id: &str) -> wavedeck::plan::Agent {
    let project = Project::read(sources);
    project.waves[&0].agents.iter().find(|agent| agent.id == id).unwrap().clone()
}

/// A lane at work.
struct Lane {
    state: State,
    project: Project,
    wave: u32,
    now: Time,
}

impl Lane {
    fn say(&mut self, input: Input) -> Step {
        self.now = self.now.plus_ms(1000);
        step(&mut self.state, self.now, input)
    }

    /// Launches a wave of the repository on the simulator.
    fn launched(wave: u32) -> Lane {
        let project = Project::read(&repository());
        let brief = brief_of(&project, wave, "local");
        let mut lane = Lane { state: State::default(), project, wave, now: Time(0) };
        let options = LaunchOptions { timeout_ms: 45 * 60_000, ..LaunchOptions::default() };
        lane.say(Input::Launch { lane: "main".into(), waves: vec![wave, 4], options });
        lane.say(Input::WaveBriefed { wave: wave_key(wave), brief });
        lane
    }

    fn starts(&mut self, agent: &str) {
        self.say(Input::SessionStarted { attempt: self.attempt(agent, 1), pid: 1 });
    }

    fn attempt(&self, agent: &str, number: u32) -> AttemptKey {
        attempt_key(self.wave, agent, number)
    }

    /// Ids of the agents of a stage.
    fn agents(&self, stage: Stage) -> Vec<String> {
        let brief = self.state.waves[&wave_key(self.wave)].brief.as_ref().unwrap();
        brief.agents.iter().filter(|agent| agent.stage == stage).map(|agent| agent.id.clone()).collect()
    }

    fn ends(&mut self, agent: &str, number: u32, exit: Exit, change: impl FnOnce(&mut Evidence)) {
        let attempt = self.attempt(agent, number);
        let wave = self.state.waves[&attempt.wave].brief.as_ref().unwrap();
        let mut evidence = good_evidence(wave, &attempt);
        change(&mut evidence);
        self.say(Input::SessionEnded { attempt, exit, evidence });
    }

    fn card(&self, agent: &str) -> Card {
        let cards = cards(&self.state, &self.project, self.now);
        cards.into_iter().find(|card| card.wave.number == self.wave && card.agent == agent).unwrap()
    }

    fn shows(&self, agent: &str) -> (Condition, String) {
        let card = self.card(agent);
        (card.condition, card.reason)
    }
}

fn shown(condition: Condition, reason: &str) -> (Condition, String) {
    (condition, reason.to_owned())
}

const WELL: Exit = Exit::Code { code: 0 };

#[test]
fn a_card_says_why_it_stands_where_it_does() {
    let mut lane = Lane::launched(3);
    let builders = lane.agents(Stage::Implementation);
    assert!(builders.len() >= 2, "{builders:?}");
    let (first, second) = (builders[0].as_str(), builders[1].as_str());
    assert_eq!(lane.shows(first), shown(Condition::Working, "starting"));
    assert_eq!(lane.shows("A8"), shown(Condition::Held, &format!("waits for {}", builders.join(", "))));
    builders.iter().for_each(|agent| lane.starts(agent));
    assert_eq!(lane.shows(first), shown(Condition::Working, ""));
    assert_eq!((lane.card(first).tries_used, lane.card(first).tries_allowed), (1, 2));

    let asking = lane.attempt(first, 1);
    let ask = |text: &str| Input::Ask { attempt: asking.clone(), text: text.into(), options: Vec::new() };
    lane.say(ask("which schema?\nI see two."));
    assert_eq!(lane.shows(first), shown(Condition::Waiting, "asks: which schema?"));
    let card = lane.card(first);
    assert_eq!(card.question, Some(wavedeck::engine::QuestionId(1)));
    let asked_at = card.since.unwrap();
    lane.say(ask("and which name?"));
    lane.now = lane.now.plus_ms(60_000);
    let all = cards(&lane.state, &lane.project, lane.now);
    let sums = tally(&all, &lane.state, lane.now);
    assert_eq!(sums.waiting_since, Some(asked_at));
    assert_eq!(sums.waited_ms, lane.now.since_ms(asked_at), "two questions of one agent are one wait");
    assert_eq!((sums.waiting, sums.working), (1, builders.len() - 1));
    let counted = [
        sums.not_started,
        sums.held,
        sums.working,
        sums.waiting,
        sums.rate_limited,
        sums.passed,
        sums.failed,
        sums.needs_look,
    ];
    assert_eq!(counted.iter().sum::<usize>(), all.len(), "every card is counted once");
    for question in [1, 2] {
        let question = wavedeck::engine::QuestionId(question);
        lane.say(Input::Answer { question, text: "0042".into(), by: "olga".into() });
    }
    let waited_ms = tally(&all, &lane.state, lane.now).waited_ms;
    lane.now = lane.now.plus_ms(60_000);
    assert_eq!(tally(&all, &lane.state, lane.now).waited_ms, waited_ms, "nobody waits any more");

    lane.ends(second, 1, WELL, |_| {});
    assert_eq!(lane.shows(second).0, Condition::Passed);
    assert!(lane.shows(second).1.starts_with(&format!("slice proven, wave waits for {first}")));
    lane.ends(first, 1, Exit::Code { code: 1 }, |evidence| evidence.rate_limited = true);
    assert_eq!(lane.shows(first), shown(Condition::RateLimited, "rate limit until"));
    assert_eq!(lane.card(first).until, Some(lane.now.plus_ms(20_000)));
    lane.now = lane.now.plus_ms(20_000);
    lane.say(Input::Tick);
    let attempt = lane.attempt(first, 2);
    lane.say(Input::SessionStarted { attempt, pid: 2 });
    assert_eq!(lane.shows(first), shown(Condition::Working, "again, after a rate limit"));
    lane.ends(first, 2, WELL, |evidence| evidence.result = Default::default());
    assert_eq!(lane.shows(first), shown(Condition::Working, "starting"));
    let attempt = lane.attempt(first, 3);
    lane.say(Input::Cancel { attempt, by: "you".into() });
    assert_eq!(lane.shows(first), shown(Condition::Working, "cancelled by you, ending"));
    let attempt = lane.attempt(first, 3);
    lane.say(Input::SessionLost { attempt, detail: "never started".into() });
    assert_eq!(lane.shows(first), shown(Condition::Failed, "cancelled by you"));
}

#[test]
fn failed_and_closed_waves_keep_their_reasons() {
    let mut lane = Lane::launched(0);
    let builders = lane.agents(Stage::Implementation);
    builders.iter().for_each(|agent| lane.ends(agent, 1, WELL, |_| {}));
    let stewards = lane.agents(Stage::Closure);
    let (first, last) = (stewards[0].as_str(), stewards.last().unwrap().as_str());
    lane.starts(first);
    lane.now = lane.now.plus_ms(45 * 60_000);
    lane.say(Input::Tick);
    assert_eq!(lane.shows(first), shown(Condition::Working, "timed out after 45m, ending"));
    lane.ends(first, 1, Exit::Signal { signal: 15 }, |_| {});
    lane.ends(first, 2, Exit::Signal { signal: 9 }, |_| {});
    assert_eq!(lane.shows(first), shown(Condition::Failed, "signal-9: its process was ended by signal 9"));
    assert_eq!(lane.shows(last), shown(Condition::Held, &format!("not run: {first} failed")));
    assert_eq!((lane.card(first).tries_used, lane.card(first).tries_allowed), (2, 2));

    let brief = brief_of(&lane.project, 0, "local");
    lane.say(Input::Launch { lane: "main".into(), waves: vec![0, 4], options: LaunchOptions::default() });
    lane.say(Input::WaveBriefed { wave: wave_key(0), brief });
    let builder = &builders[0];
    assert_eq!(lane.shows(builder), shown(Condition::Passed, "proven in launch R1, not run again"));
    let waiting = cards(&lane.state, &lane.project, lane.now);
    let next = waiting.iter().find(|card| card.wave.number == 4).unwrap();
    assert_eq!((next.condition, next.reason.as_str()), (Condition::NotStarted, "waits for wave 0"));
    for agent in &stewards {
        let number = lane.card(agent).attempt.unwrap().number;
        lane.ends(agent, number, WELL, |_| {});
    }
    assert_eq!(lane.shows(builder), shown(Condition::Passed, "closed"));
    assert_eq!(lane.shows(last), shown(Condition::Passed, "closed"));
}

#[test]
fn waves_that_did_not_start_show_their_errors() {
    let mut sources = repository();
    sources.waves[0].text = sources.waves[0].text.replace("## Agent A0:", "## Agent A7:");
    let project = Project::read(&sources);
    let all = cards(&State::default(), &project, Time(0));
    let of = |wave: u32| all.iter().filter(move |card| card.wave.number == wave);
    assert!(of(0).all(|card| card.condition == Condition::NeedsLook && card.reason.contains("line ")));
    assert!(of(0).count() > 0 && of(1).count() > 0);
    assert!(of(1).all(|card| card.condition == Condition::NotStarted && card.reason.is_empty()));
}

fn moved(agent: &str, from: u32, to: u32) -> Edit {
    Edit::MoveAgent { agent: agent.into(), from, to }
}

#[test]
fn a_run_forbids_moves_out_of_and_into_its_waves() {
    let mut lane = Lane::launched(0);
    let sources = repository();
    let refused = |lane: &Lane, edit: &Edit| {
        let refused = check_move(&lane.state, &sources, "main", edit).unwrap_err();
        assert!(!refused.hint.is_empty() || !refused.reason.contains("wave 0"), "{refused:?}");
        refused.reason
    };
    assert_eq!(
        refused(&lane, &moved("A1", 0, 3)),
        "A1 is in wave 0, which runs since launch R1: its agents are fixed"
    );
    assert_eq!(refused(&lane, &moved("A1", 3, 0)), "wave 0 runs since launch R1: nobody joins it now");
    // What the plan itself says comes through: this agent does not exist.
    assert!(!refused(&lane, &moved("Z9", 3, 4)).contains("launch"));
    loop {
        let live: Vec<_> =
            wavedeck::engine::schedule::live_attempts(&lane.state).map(|(key, _)| key).collect();
        if live.is_empty() {
            break;
        }
        live.iter().for_each(|key| lane.ends(&key.agent, key.number, WELL, |_| {}));
    }
    assert_eq!(
        refused(&lane, &moved("A1", 0, 3)),
        "wave 0 is closed: A1 stays in it as the record of what was proven"
    );
    assert_eq!(refused(&lane, &moved("A1", 3, 0)), "wave 0 is closed: an agent moved there would never run");
}

#[test]
fn an_edit_is_taken_back_to_the_byte_unless_its_wave_runs() {
    let mut lane = Lane::launched(0);
    assert!(check_undo(&lane.state, "main").is_err() && check_redo(&lane.state, "main").is_err());
    let rewrite = |path: &str, before: &str, after: &str| Rewrite {
        path: path.into(),
        before: before.into(),
        after: after.into(),
    };
    let rewrites = vec![rewrite("wave-3.md", "a b", "a"), rewrite("wave-4.md", "c", "c b")];
    let by = || "olga".to_owned();
    lane.say(Input::PlanEdited { edit: moved("A1", 3, 4), rewrites: rewrites.clone(), by: by() });
    let back = vec![rewrite("wave-4.md", "c b", "c"), rewrite("wave-3.md", "a", "a b")];
    assert_eq!(check_undo(&lane.state, "main").unwrap(), back);
    lane.say(Input::PlanUndone { by: by() });
    assert_eq!(check_redo(&lane.state, "main").unwrap(), rewrites);
    lane.say(Input::PlanRedone { by: by() });
    lane.say(Input::PlanEdited { edit: moved("A2", 0, 3), rewrites: Vec::new(), by: by() });
    let refused = check_undo(&lane.state, "main").unwrap_err();
    assert_eq!(refused.reason, "wave 0 runs since launch R1: nobody joins it now");
}
