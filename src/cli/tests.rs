//! What verbs find and say, over a small plan and states that the engine made of it.

use super::agents::{AgentArguments, Which, find};
use super::console::{ColourWhen, Console, Verbosity};
use super::failure::Kind;
use super::narration;
use super::view::{Phase, Scope, StatusView, view};
use crate::engine::brief::WaveBrief;
use crate::engine::envelope::ResultReading;
use crate::engine::input::{Evidence, Exit, LaunchOptions};
use crate::engine::{self, AttemptKey, Fact, Input, QuestionId, State, Time, WaveKey};
use crate::plan::runtime::Overrides;
use crate::plan::{Project, SourceFile, Sources};

/// A small plan of three waves, by path.
const FILES: [(&str, &str); 5] = [
    ("wave.config.json", include_str!("../../tests/fixtures/bookmarks/wave.config.json")),
    ("docs/agents/wave-cont-qa-role.md", include_str!("../../tests/fixtures/bookmarks/cont-qa-role.md")),
    ("docs/plans/waves/wave-0.md", include_str!("../../tests/fixtures/bookmarks/waves/wave-0.md")),
    ("docs/plans/waves/wave-1.md", include_str!("../../tests/fixtures/bookmarks/waves/wave-1.md")),
    ("docs/plans/waves/wave-2.md", include_str!("../../tests/fixtures/bookmarks/waves/wave-2.md")),
];

/// The plan's files as the driver would read them.
fn sources() -> Sources {
    let file = |path: &str| {
        let (path, text) = FILES.iter().find(|(name, _)| *name == path).unwrap();
        SourceFile { path: (*path).to_owned(), text: (*text).to_owned() }
    };
    let role = "docs/agents/wave-cont-qa-role.md";
    Sources {
        lane: "main".into(),
        config: Some(file("wave.config.json")),
        waves: (0..3).map(|number| file(&format!("docs/plans/waves/wave-{number}.md"))).collect(),
        documents: [(role.to_owned(), file(role).text)].into(),
        ..Sources::default()
    }
}

fn wave(number: u32) -> WaveKey {
    WaveKey { lane: "main".into(), number }
}

fn key(number: u32, agent: &str, attempt: u32) -> AttemptKey {
    AttemptKey { wave: wave(number), agent: agent.into(), number: attempt }
}

/// A world in which one thing after the other is said to the engine, a second apart.
#[derive(Default)]
struct World {
    state: State,
    facts: Vec<Fact>,
}

impl World {
    fn say(&mut self, input: Input) {
        let now = Time((self.facts.len() as u64 + 1) * 1000);
        let step = engine::step(&mut self.state, now, input);
        assert_eq!(step.refused, None);
        self.facts.extend(step.facts);
    }

    /// Waves 0 and 1 are launched, the agents of wave 0 that come first run.
    fn launched() -> World {
        let mut world = World::default();
        let options = LaunchOptions { max_retries: 0, ..LaunchOptions::default() };
        world.say(Input::Launch { lane: "main".into(), waves: vec![0, 1], options });
        let project = Project::read(&sources());
        let brief = WaveBrief::from_plan(&project, &project.waves[&0], &Overrides::default());
        world.say(Input::WaveBriefed { wave: wave(0), brief });
        for (agent, pid) in ["A1", "A2", "A3", "A4"].into_iter().zip(100..) {
            world.say(Input::SessionStarted { attempt: key(0, agent, 1), pid });
        }
        world
    }

    fn ends(&mut self, agent: &str) {
        let evidence = Evidence { result: ResultReading::Absent, ..Evidence::default() };
        let exit = Exit::Code { code: 3 };
        self.say(Input::SessionEnded { attempt: key(0, agent, 1), exit, evidence });
    }

    fn view(&self, wave: Option<u32>, agent: Option<&str>) -> StatusView {
        let scope = Scope { wave, agent: agent.map(str::to_owned) };
        view(&self.state, self.facts.len() as u64, &sources(), &scope, Time(60_000))
    }
}

#[test]
fn the_demo_has_no_fault_and_no_warning() {
    let project = Project::read(&sources());
    assert_eq!(project.findings, []);
    assert_eq!(project.waves.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
    let agents: usize = project.waves.values().map(|wave| wave.agents.len()).sum();
    assert!(agents >= 6, "{agents}");
    let tracks: std::collections::BTreeSet<_> = project
        .waves
        .values()
        .flat_map(|wave| &wave.agents)
        .filter_map(|agent| agent.track.as_ref())
        .collect();
    assert_eq!(tracks.len(), 2);
    for wave in project.waves.values() {
        assert_eq!(WaveBrief::from_plan(&project, wave, &Overrides::default()).err(), None);
    }
}

#[test]
fn the_exit_code_says_where_it_stands() {
    let phase = |world: &World, wave, agent| world.view(wave, agent).phase;
    let mut world = World::default();
    assert_eq!(phase(&world, None, None), Phase::NotStarted);
    world = World::launched();
    assert_eq!(phase(&world, None, None), Phase::Running);
    assert_eq!(phase(&world, Some(1), None), Phase::NotStarted);
    assert_eq!(phase(&world, None, Some("A3")), Phase::Running);

    world.say(Input::Ask { attempt: key(0, "A3", 1), text: "Which?".into(), options: vec!["this".into()] });
    let asked = world.view(None, None);
    assert_eq!((asked.phase, asked.blocking), (Phase::InputRequired, true));
    assert_eq!(asked.questions.iter().map(|question| question.id.as_str()).collect::<Vec<_>>(), ["Q1"]);
    assert_eq!(phase(&world, None, Some("A3")), Phase::InputRequired);
    assert_eq!(phase(&world, None, Some("A1")), Phase::Running);

    let question = QuestionId(1);
    world.say(Input::Answer { question, text: "this".into(), by: "ada".into() });
    assert_eq!(phase(&world, Some(0), None), Phase::Running);
    for agent in ["A1", "A2", "A3", "A4"] {
        world.ends(agent);
    }
    let failed = world.view(None, None);
    assert_eq!(failed.phase, Phase::Failed);
    assert!(!failed.waves[0].reasons.is_empty());
    let exits = [Phase::Completed, Phase::NotStarted, Phase::Running, Phase::InputRequired, Phase::Failed];
    assert_eq!(exits.map(Phase::exit), [0, 10, 10, 20, 40]);
}

#[test]
fn the_status_as_json_has_the_fields_that_are_promised() {
    let mut world = World::launched();
    world.say(Input::Ask { attempt: key(0, "A3", 1), text: "Which?".into(), options: Vec::new() });
    let value = serde_json::to_value(world.view(Some(0), None)).unwrap();
    for pointer in [
        "/lane",
        "/wave",
        "/version",
        "/run/id",
        "/run/startedAt",
        "/waves/0/file",
        "/agents/0/agentId",
        "/agents/0/triesAllowed",
        "/questions/0/createdAt",
        "/questions/0/agentId",
        "/tally/working",
    ] {
        assert!(value.pointer(pointer).is_some_and(|found| !found.is_null()), "{pointer} of {value:#}");
    }
    assert_eq!(value["phase"], "input-required");
    assert_eq!(value["questions"][0]["status"], "pending");
}

#[test]
fn an_agent_is_found_where_it_runs_and_refused_with_a_way_out() {
    let mut world = World::launched();
    let named = |agent: &str, wave| AgentArguments { agent: agent.into(), wave };
    let found = |world: &World, agent: &str, which| {
        find(&world.state, "main", &named(agent, None), which).map(|found| found.key())
    };
    assert_eq!(found(&world, "A1", Which::Running), Ok(key(0, "A1", 1)));
    assert_eq!(found(&world, "main/wave-0/A2/1", Which::Newest), Ok(key(0, "A2", 1)));
    assert_eq!(found(&world, "A1", Which::Number(2)).unwrap_err().kind, Kind::NotFound);
    let unknown = found(&world, "Z9", Which::Newest).unwrap_err();
    assert!(unknown.hint.contains("A1, A2, A3, A4"), "{}", unknown.hint);
    assert_eq!(
        find(&world.state, "main", &named("A1", Some(1)), Which::Newest).unwrap_err().kind,
        Kind::NotFound
    );
    world.ends("A1");
    assert_eq!(found(&world, "A1", Which::Newest), Ok(key(0, "A1", 1)));
    assert_eq!(found(&world, "A1", Which::Running).unwrap_err().kind, Kind::NotFound);
}

#[test]
fn a_run_is_told_in_sentences() {
    let mut world = World::launched();
    world.say(Input::Ask { attempt: key(0, "A3", 1), text: "Which?".into(), options: vec!["this".into()] });
    world.say(Input::Answer { question: QuestionId(1), text: "this".into(), by: "ada".into() });
    for agent in ["A1", "A2", "A3", "A4"] {
        world.ends(agent);
    }
    // The time of day depends on where the test runs.
    let lines: Vec<String> = world.facts.iter().map(|fact| narration::line(fact)[8..].to_owned()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn colour_is_a_matter_of_the_flag_where_it_is_given() {
    let console = |when| Console::new(false, when, Verbosity::Quiet).colour;
    assert!(console(ColourWhen::Always));
    assert!(!console(ColourWhen::Never));
}
