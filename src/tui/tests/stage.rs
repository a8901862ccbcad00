//! A story for the tests: four waves on two tracks, told by the real engine. Wave 1 is closed, wave 2 runs (one agent
//! asks, one was retried, one waits for a rate limit), waves 3 and 4 are to come.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::envelope::{Envelope, ProofClaim, ResultReading, Transport};
use crate::engine::input::{Evidence, Exit, LaunchOptions};
use crate::engine::{AttemptKey, Effect, Input, State, Time, WaveKey, step};
use crate::plan::project::SourceFile;
use crate::plan::role::{Role, in_order, role_of, stage_of};
use crate::plan::{Project, Sources, WaveNumber};
use crate::session::Size;
use crate::session::terminal::{Terminal, TerminalOptions};
use crate::session::{ScreenUpdate, keys};
use crate::supervisor::protocol::{SessionInfo, Snapshot};

/// Five minutes to ten, long ago.
pub(super) const START: Time = Time(1_700_000_000_000);

/// Id, title and track of an agent.
type Agent = (&'static str, &'static str, &'static str);

const WAVES: &[(WaveNumber, &str, &[Agent])] = &[
    (1, "Foundations", &[("T101", "Storage format", "infra"), ("T102", "Skeleton screens", "product")]),
    (
        2,
        "Cutover",
        &[
            ("T148", "Eviction bound", "infra"),
            ("T149", "Cutover order", "infra"),
            ("T150", "Inbox filters", "product"),
            ("T151", "Search index", "product"),
            ("T152", "Rate table", "product"),
        ],
    ),
    (
        3,
        "Ledger",
        &[
            ("T160", "Split ledger", "infra"),
            ("T161", "Rotate keys", "infra"),
            ("T162", "Saved views", "product"),
        ],
    ),
    (4, "Release", &[("T170", "Publish documents", "product")]),
];

const CONFIG: &str = r#"{"projectName":"harbour","validation":{
"requireDocumentationStewardFromWave":null,"requireContext7DeclarationsFromWave":null,
"requireExitContractsFromWave":null,"requireIntegrationStewardFromWave":null,
"requireComponentPromotionsFromWave":null,"requireAgentComponentsFromWave":null,"requiredPromptReferences":[]}}"#;

/// What the authors of the story wrote.
pub(super) fn sources() -> Sources {
    let waves = WAVES.iter().map(|(number, title, agents)| {
        let mut text = format!("# Wave {number} - {title}\n\n**Commit message**: `Feat: {title}`\n");
        for (id, title, track) in *agents {
            text.push_str(&section(id, title, &format!("src/{}/", id.to_lowercase()), Some(track)));
        }
        text.push_str(&section(
            "A0",
            "cont-QA",
            &format!("docs/plans/waves/reviews/wave-{number}-cont-qa.md"),
            None,
        ));
        SourceFile { path: format!("docs/plans/waves/wave-{number}.md"), text }
    });
    Sources {
        lane: "main".into(),
        config: Some(SourceFile { path: "wave.config.json".into(), text: CONFIG.into() }),
        waves: waves.collect(),
        documents: ROLES.iter().map(|role| role_document(role)).collect(),
        ..Sources::default()
    }
}

/// Roles that have a document.
const ROLES: [&str; 3] = ["cont-qa", "integration", "documentation"];

fn role_document(role: &str) -> (String, String) {
    let text = format!("# {role}\n\n## Standing prompt\n\n```text\nJudge the wave.\n```\n");
    (format!("docs/agents/wave-{role}-role.md"), text)
}

/// The same story, where the author of wave 3 wrote a heading that nothing reads and a model budget that is no number, and
/// the author of wave 4 forgot whom a dependency names.
pub(super) fn faulty_sources() -> Sources {
    let mut sources = sources();
    let mut change = |number: usize, old: &str, new: &str| {
        let text = &mut sources.waves[number - 1].text;
        assert!(text.contains(old), "wave {number} says {old:?}");
        *text = text.replacen(old, new, 1);
    };
    change(3, "- id: opencode", "- id: opencode\n- budget.minutes: soon");
    change(3, "## Agent T161: Rotate keys\n", "## Agent T161: Rotate keys\n\n### Capabilties\n\n- tls\n");
    change(4, "- id: opencode", "- id: opencode\n- profile: nobody");
    sources
}

fn section(id: &str, title: &str, path: &str, track: Option<&str>) -> String {
    let role = match track {
        Some(track) => format!("### Wavedeck\n\n- track: {track}\n"),
        None => "### Role prompts\n\n- docs/agents/wave-cont-qa-role.md\n".to_string(),
    };
    let runtime = match id.bytes().last() {
        Some(b'9' | b'2') => "claude",
        Some(b'0') => "opencode",
        _ => "codex",
    };
    format!(
        "\n## Agent {id}: {title}\n\n{role}\n### Executor\n\n- id: {runtime}\n\n### Prompt\n\n```text\nPrimary goal:\n- {title}.\n\nFile ownership (only touch these paths):\n- {path}\n```\n"
    )
}

/// A state driven by inputs, as the driver drives it.
pub(super) struct Stage {
    /// The state.
    pub(super) state: State,
    /// The project.
    pub(super) project: Project,
    /// The clock.
    pub(super) now: Time,
}

impl Stage {
    /// Before anything was launched.
    pub(super) fn new() -> Stage {
        let project = Project::read(&sources());
        assert_eq!(project.findings, [], "the story's files are without fault");
        Stage { state: State::default(), project, now: START }
    }

    /// In the middle of wave 2.
    pub(super) fn in_the_middle() -> Stage {
        let mut stage = Stage::new();
        stage.say(Input::Launch {
            lane: "main".into(),
            waves: vec![1, 2, 3, 4],
            options: LaunchOptions::default(),
        });
        for agent in ["T101", "T102", "A0"] {
            stage.pass(&attempt(1, agent, 1));
        }
        stage.after(60_000);
        stage.pass(&attempt(2, "T151", 1));
        stage.end(&attempt(2, "T150", 1), Exit::Code { code: 1 }, Evidence::default());
        stage.after(105_000);
        stage.end(
            &attempt(2, "T152", 1),
            Exit::Code { code: 1 },
            Evidence { rate_limited: true, ..Evidence::default() },
        );
        stage.say(Input::Ask {
            attempt: attempt(2, "T149", 1),
            text: "Which migration runs first?".into(),
            options: vec!["0042_split".into(), "0041_rename".into()],
        });
        stage.after(12_000);
        stage
    }

    /// Says one thing to the engine and does what it asks for.
    pub(super) fn say(&mut self, input: Input) {
        let made = step(&mut self.state, self.now, input);
        assert_eq!(made.refused, None);
        for effect in made.effects {
            match effect {
                Effect::BriefWave { wave } => {
                    let brief = self.brief(wave.number);
                    self.say(Input::WaveBriefed { wave, brief: Ok(brief) });
                }
                Effect::StartSession { attempt } => self.say(Input::SessionStarted { attempt, pid: 4711 }),
                Effect::EndSession { .. }
                | Effect::DeliverAnswer { .. }
                | Effect::WriteEnvelope { .. }
                | Effect::WriteProjections { .. } => {}
            }
        }
    }

    /// Lets time pass.
    pub(super) fn after(&mut self, duration_ms: u64) {
        self.now = self.now.plus_ms(duration_ms);
    }

    /// An attempt ends.
    pub(super) fn end(&mut self, attempt: &AttemptKey, exit: Exit, evidence: Evidence) {
        self.say(Input::SessionEnded { attempt: attempt.clone(), exit, evidence });
    }

    /// An attempt ends well.
    pub(super) fn pass(&mut self, attempt: &AttemptKey) {
        let sections = if attempt.agent == "A0" {
            Map::from_iter([("contQa".to_string(), json!({ "verdict": { "verdict": "pass" } }))])
        } else {
            Map::new()
        };
        let proof = (attempt.agent != "A0").then(|| ProofClaim {
            state: "satisfied".into(),
            completion: None,
            durability: None,
            proof_level: None,
            detail: None,
        });
        let envelope = Envelope {
            schema_version: 2,
            proof,
            agent_id: attempt.agent.clone(),
            wave_number: attempt.wave.number,
            attempt: attempt.number,
            sections,
            ..Envelope::default()
        };
        let evidence = Evidence {
            result: ResultReading::Present { transport: Transport::Tool, envelope },
            ..Evidence::default()
        };
        self.end(attempt, Exit::Code { code: 0 }, evidence);
    }

    fn brief(&self, number: WaveNumber) -> WaveBrief {
        let wave = &self.project.waves[&number];
        let config = &self.project.config;
        let agents = in_order(wave, config).into_iter().map(|agent| AgentBrief {
            id: agent.id.clone(),
            title: agent.title.clone(),
            slug: agent.slug.clone(),
            role: role_of(agent, config),
            stage: stage_of(agent, config),
            builds_after_design: false,
            executor: self.project.resolve_executor(wave, agent, None),
            exit_contract: None,
            deliverables: Vec::new(),
            proof_artifacts: Vec::new(),
            owned_paths: agent.owned_paths.clone(),
            skills: Vec::new(),
            grants: Default::default(),
            fallback: Default::default(),
            context7: None,
            component_targets: BTreeMap::new(),
            prompt: agent.prompt.clone(),
            fingerprint: agent.id.clone(),
        });
        let agents: Vec<AgentBrief> = agents.collect();
        assert!(agents.iter().any(|agent| agent.role == Role::ContQa));
        WaveBrief {
            number,
            file: wave.file.clone(),
            title: wave.title.clone().unwrap_or_default(),
            agents,
            promotions: BTreeMap::new(),
            ceilings: BTreeMap::new(),
            eval_targets: Vec::new(),
        }
    }

    /// Terminals of every attempt that runs, and of the last one of those that passed.
    pub(super) fn sessions(&self) -> Vec<SessionInfo> {
        let mut sessions = Vec::new();
        for (wave, state) in &self.state.waves {
            for (agent, state) in &state.agents {
                for tried in state.attempts.iter().filter(|_| wave.number == 2) {
                    let running = tried.ended_at.is_none();
                    sessions.push(SessionInfo {
                        session: tried.session.clone(),
                        label: agent.clone(),
                        attempt: Some(attempt(wave.number, agent, tried.number)),
                        agent: Some(agent.clone()),
                        pid: 4711,
                        title: String::new(),
                        running,
                        ended: (!running).then(|| "exit 0".to_string()),
                        last_output_at: None,
                        bell: false,
                    });
                }
            }
        }
        sessions
    }

    /// The snapshot that a supervisor would send.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            sequence: 100,
            state: self.state.clone(),
            sources: sources(),
            sessions: self.sessions(),
            now: self.now,
        }
    }
}

/// The name of an attempt.
pub(super) fn attempt(wave: WaveNumber, agent: &str, number: u32) -> AttemptKey {
    AttemptKey { wave: WaveKey { lane: "main".into(), number: wave }, agent: agent.into(), number }
}

/// What the terminal of an agent of the story shows at a size, as the real terminal core says it.
pub(super) fn screen(session: &str, size: Size) -> ScreenUpdate {
    let mut terminal = Terminal::new(size, TerminalOptions::default());
    terminal.feed(output(session).as_bytes());
    let mut update = terminal.update_since(0).unwrap();
    update.session = session.to_string();
    update
}

fn output(session: &str) -> &'static str {
    if session.contains("T149") {
        "\x1b[2m\u{203a} Cut over the billing tables\x1b[0m\r\n\r\n\x1b[1m\u{2022} Two migrations touch the same table.\x1b[0m\r\n\r\n  Which migration runs first?\r\n\r\n\x1b[36m\u{276f} 1. 0042_split\x1b[0m\r\n  2. 0041_rename\r\n"
    } else if session.contains("T148") {
        "\x1b[2m\u{203a} Bound the eviction queue\x1b[0m\r\n\r\n\u{2022} Ran \x1b[36mcargo test -p cache\x1b[0m\r\n  \u{2514} \x1b[32m41 passed\x1b[0m\r\n\r\n\u{2022} Editing src/cache/evict.rs  \x1b[32m+31\x1b[0m \x1b[31m-8\x1b[0m\r\n    let bound = self.capacity.min(limit);\r\n    while self.queue.len() > bound {\r\n\r\n\x1b[33m\u{280b}\x1b[0m Working (3m 02s)"
    } else if session.contains("T150") {
        "\x1b[1;35m\u{258c} opencode\x1b[0m  inbox filters\r\n\r\nRead src/inbox/mod.rs\r\nRead src/inbox/filter.rs\r\n\r\nbuilding the filter bar\r\n\x1b[7m 42% \x1b[0m"
    } else if session.contains("T151") {
        "[wave-proof] completion=integrated durability=durable proof=unit state=met\r\n\x1b[32mdone\x1b[0m\r\n"
    } else {
        "429 Too Many Requests: rate limit reached, try again in 20 seconds\r\n\u{65e5}\u{672c}\u{8a9e} \u{1f469}\u{200d}\u{1f680} end\r\n"
    }
}

/// A press of a key.
pub(super) fn press(key: keys::Key, modifiers: u8) -> keys::TerminalInput {
    keys::TerminalInput::Key { key, modifiers, kind: keys::KeyKind::Press }
}
