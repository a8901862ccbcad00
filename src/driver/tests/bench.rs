//! A project on disk, sessions and clients in memory, agents that act by rote.

use std::fs;
use std::sync::MutexGuard;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{Sender, channel};

use super::world::{FakeClients, FakeSessions, Shared, Stage, World};
use crate::adapters::environment::{RESULT, TOKEN};
use crate::driver::disk::{Disk, SystemDisk};
use crate::driver::paths::{ProjectPaths, StateFolder};
use crate::driver::record::{Database, Record};
use crate::driver::request::{Caller, Command, Reply, ReplyTo, Request, Role};
use crate::driver::run::{Driver, Folded, Parts};
use crate::driver::setup::{DriverError, DriverSetup};
use crate::driver::spawn;
use crate::driver::token::Secret;
use crate::engine::envelope::Envelope;
use crate::engine::input::{Exit, LaunchOptions};
use crate::engine::state::QuestionStatus;
use crate::engine::{AttemptKey, Fact, State, Time, WaveKey};
use crate::plan::runtime::RuntimeId;
use crate::session::Size;
use crate::session::log::{LogLimits, LogWriter};
use crate::store::{Opened, Store, StoreError};

/// When a record breaks, seen from the append that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// The process is gone before the facts are on record.
    KilledBefore,
    /// The facts are on record, and the process is gone before anyone hears of them.
    KilledAfter,
    /// The facts are not on record, and the process goes on; `lasting` appends fail.
    Full {
        /// How many.
        lasting: usize,
    },
}

/// A real record that breaks at an append.
pub(super) struct Breaking {
    inner: Database,
    left: usize,
    how: Break,
    broken: usize,
}

impl Record for Breaking {
    fn append(&mut self, facts: &[Fact]) -> Result<u64, StoreError> {
        if self.left > 0 {
            self.left -= 1;
            return self.inner.append(facts);
        }
        self.broken += 1;
        match self.how {
            Break::KilledBefore => Err(StoreError::Closed),
            Break::KilledAfter if self.broken == 1 => {
                self.inner.append(facts)?;
                Err(StoreError::Closed)
            }
            Break::KilledAfter => Err(StoreError::Closed),
            Break::Full { lasting } if self.broken <= lasting => {
                Err(StoreError::Full { path: self.inner.path.clone() })
            }
            Break::Full { .. } => self.inner.append(facts),
        }
    }

    fn snapshot(&mut self, sequence: u64, state: &State) -> Result<(), StoreError> {
        self.inner.snapshot(sequence, state)
    }

    fn read(&mut self) -> Result<(u64, State), StoreError> {
        match self.how {
            Break::KilledBefore | Break::KilledAfter => Err(StoreError::Closed),
            Break::Full { .. } => self.inner.read(),
        }
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        Box::new(self.inner).close()
    }
}

/// The way to speak to a driver, and its thread.
type Spawned = (Sender<Command>, JoinHandle<Result<(), DriverError>>);

pub(super) struct Bench {
    _folder: tempfile::TempDir,
    pub(super) paths: ProjectPaths,
    pub(super) world: Shared,
    /// Address of Context7; nothing listens at the one of a new bench.
    pub(super) context7: String,
}

const CONFIG: &str = r#"{
  "projectName": "bench",
  "roles": { "rolePromptDir": "docs/agents" },
  "validation": {
    "requiredPromptReferences": [],
    "requireDocumentationStewardFromWave": null,
    "requireContext7DeclarationsFromWave": null,
    "requireExitContractsFromWave": null,
    "requireIntegrationStewardFromWave": null,
    "requireComponentPromotionsFromWave": null,
    "requireAgentComponentsFromWave": null
  }
}
"#;

const ROLE: &str = "# cont-QA\n\n## Standing prompt\n\n```text\nJudge.\n```\n";

/// A wave file with these agents and cont-QA.
pub(super) fn wave_text(number: u32, agents: &[&str]) -> String {
    let mut text = format!("# Wave {number} - Bench\n\n**Commit message**: `Feat: bench`\n\n");
    for agent in agents {
        let lower = agent.to_lowercase();
        text.push_str(&format!(
            "## Agent {agent}: Builds {agent}\n\n### Executor\n\n- id: local\n\n### Deliverables\n\n- out/{lower}.md\n\n\
             ### Prompt\n\n```text\nBuild {agent}.\n\nFile ownership (only touch these paths):\n- out/{lower}.md\n```\n\n"
        ));
    }
    text.push_str(&format!(
        "## Agent A0: cont-QA\n\n### Role prompts\n\n- docs/agents/wave-cont-qa-role.md\n\n### Executor\n\n- id: local\n\n\
         ### Prompt\n\n```text\nJudge the wave.\n\nFile ownership (only touch these paths):\n\
         - docs/plans/waves/reviews/wave-{number}-cont-qa.md\n```\n"
    ));
    text
}

impl Bench {
    /// A project with wave 0 (A1, A2, cont-QA) and wave 1 (A3, cont-QA).
    pub(super) fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let paths = ProjectPaths::of(folder.path()).unwrap();
        paths.prepare().unwrap();
        let bench =
            Bench { _folder: folder, paths, world: Shared::default(), context7: "http://127.0.0.1:1".into() };
        bench.world().now = 1_800_000_000_000;
        for folder in ["docs/plans/waves", "docs/agents", "out"] {
            fs::create_dir_all(bench.paths.project().join(folder)).unwrap();
        }
        bench.write("wave.config.json", CONFIG);
        bench.write("docs/agents/wave-cont-qa-role.md", ROLE);
        bench.write("docs/plans/waves/wave-0.md", &wave_text(0, &["A1", "A2"]));
        bench.write("docs/plans/waves/wave-1.md", &wave_text(1, &["A3"]));
        bench
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.paths.project().join(path), text).unwrap();
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.paths.project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(super) fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }

    /// A driver that has begun.
    pub(super) fn driver(&self) -> Driver {
        let mut driver = self.raw_driver(None, Box::new(SystemDisk));
        driver.begin().unwrap();
        driver
    }

    /// A driver that has not begun, on a record that breaks after so many appends.
    pub(super) fn raw_driver(&self, breaks: Option<(usize, Break)>, disk: Box<dyn Disk>) -> Driver {
        let path = self.paths.database();
        let Opened { store, state, sequence, replayed, .. } = Store::open(&path).unwrap();
        let inner = Database { store, path };
        let record: Box<dyn Record> = match breaks {
            None => Box::new(inner),
            Some((left, how)) => Box::new(Breaking { inner, left, how, broken: 0 }),
        };
        let clock = self.world.clone();
        let parts = Parts {
            secret: Secret::load_or_create(&self.paths.secret()).unwrap(),
            record,
            disk,
            clock: Box::new(move || {
                let mut world = clock.lock();
                world.now += 1;
                Time(world.now)
            }),
            sessions: Box::new(FakeSessions(self.world.clone())),
            publish: Box::new(FakeClients(self.world.clone())),
        };
        Driver::new(self.setup(), parts, Folded { state, sequence, kept: sequence - replayed })
    }

    /// Sends a request and gives the reply that came at once, if one did.
    pub(super) fn ask(
        &self,
        driver: &mut Driver,
        role: Role,
        request: Request,
    ) -> Result<Option<Reply>, DriverError> {
        let reply_to = {
            let mut world = self.world();
            world.requests += 1;
            ReplyTo { client: 1, request: world.requests }
        };
        driver.answer(&Caller { reply_to, role }, request)?;
        Ok(self.reply(reply_to))
    }

    pub(super) fn reply(&self, to: ReplyTo) -> Option<Reply> {
        self.world().replies.iter().find(|(reply_to, _)| *reply_to == to).map(|(_, reply)| reply.clone())
    }

    pub(super) fn operator(&self, driver: &mut Driver, request: Request) -> Result<Reply, DriverError> {
        self.ask(driver, Role::Operator, request).map(|reply| reply.expect("a reply at once"))
    }

    pub(super) fn launch(&self, driver: &mut Driver, waves: &[u32]) -> Result<Reply, DriverError> {
        let options = LaunchOptions { executor: Some(RuntimeId("local".into())), ..LaunchOptions::default() };
        self.operator(driver, Request::Launch { waves: waves.to_vec(), options, command: None })
    }

    /// The role in which an agent's process speaks, from what its environment says.
    pub(super) fn role_of(&self, session: &str) -> Role {
        let world = self.world();
        let spec = &world.sessions[session].spec;
        let token = spec.environment.iter().find(|(name, _)| name == TOKEN).unwrap().1.clone();
        Role::Agent { attempt: spec.attempt.clone().unwrap(), token }
    }

    /// Lets every agent that runs do its next thing: A1 asks, waits for the answer and leaves an envelope file; A2 fails
    /// once, then submits; cont-QA prints its marker; everyone else leaves a file. Says whether anyone did anything.
    pub(super) fn turn(&self, driver: &mut Driver) -> Result<bool, DriverError> {
        let names: Vec<String> = self.world().sessions.keys().cloned().collect();
        let mut moved = false;
        for name in names {
            let (key, stage, exit) = match self.world().sessions.get(&name) {
                Some(session) => (session.spec.attempt.clone().unwrap(), session.stage, session.exit),
                None => continue,
            };
            moved = true;
            if let Some(exit) = exit {
                driver.session_exited(&name, exit)?;
                continue;
            }
            match (key.agent.as_str(), key.number, stage) {
                ("A1", _, Stage::Fresh) => {
                    let ask = Request::Ask {
                        text: "which schema?".into(),
                        options: vec!["v1".into(), "v2".into()],
                    };
                    let reply = self.ask(driver, self.role_of(&name), ask)?;
                    let Some(Reply::Asked { question }) = reply else { panic!("{reply:?}") };
                    self.stage(&name, Stage::Asked(question));
                }
                ("A1", _, Stage::Asked(question)) => {
                    let look = Request::LookQuestion { question };
                    match self.ask(driver, self.role_of(&name), look)? {
                        Some(Reply::Question { status: QuestionStatus::Open, .. }) => {
                            let answer =
                                Request::Answer { question, text: "v2".into(), by: "operator".into() };
                            self.operator(driver, answer)?;
                        }
                        Some(Reply::Question { status: QuestionStatus::Answered { text, .. }, .. }) => {
                            assert_eq!(text, "v2");
                            self.stage(&name, Stage::Answered);
                        }
                        other => panic!("{other:?}"),
                    }
                }
                ("A2", 1, _) => self.exit(&name, 1),
                ("A2", _, Stage::Fresh) => {
                    self.write("out/a2.md", "two");
                    let envelope = Box::new(good_envelope(&key));
                    let reply = self.ask(driver, self.role_of(&name), Request::Submit { envelope })?;
                    assert!(matches!(reply, Some(Reply::Done { .. })), "{reply:?}");
                    self.stage(&name, Stage::Submitted);
                }
                ("A0", _, _) => {
                    let log = self.world().sessions[&name].spec.log_directory.clone();
                    let mut log = LogWriter::open(&log, LogLimits::default()).unwrap();
                    log.append(b"\x1b[1mdone\x1b[0m\r\n[wave-verdict] pass detail=all good\r\n").unwrap();
                    self.exit(&name, 0);
                }
                (agent, _, _) => {
                    self.write(&format!("out/{}.md", agent.to_lowercase()), "made");
                    let result = {
                        let world = self.world();
                        let variables = &world.sessions[&name].spec.environment;
                        variables.iter().find(|(name, _)| name == RESULT).unwrap().1.clone()
                    };
                    fs::write(result, serde_json::to_vec(&good_envelope(&key)).unwrap()).unwrap();
                    self.exit(&name, 0);
                }
            }
        }
        Ok(moved)
    }

    fn stage(&self, name: &str, stage: Stage) {
        self.world().sessions.get_mut(name).unwrap().stage = stage;
    }

    fn exit(&self, name: &str, code: i32) {
        self.world().sessions.get_mut(name).unwrap().exit = Some(Exit::Code { code });
    }

    /// Turns until nobody does anything more.
    pub(super) fn play(&self, driver: &mut Driver) -> Result<(), DriverError> {
        for _ in 0..200 {
            if !self.turn(driver)? {
                return Ok(());
            }
        }
        panic!("it does not end: {}", self.story());
    }

    /// Waits until the world is so.
    pub(super) fn until<T>(&self, what: &str, is_so: impl FnMut(&World) -> Option<T>) -> T {
        self.world.wait(is_so).unwrap_or_else(|| panic!("not seen: {what}\n{}", self.story()))
    }

    /// A driver on a thread of its own, and the way to speak to it.
    pub(super) fn spawn(&self) -> Result<Spawned, DriverError> {
        let (sender, receiver) = channel(16);
        let sessions = Box::new(FakeSessions(self.world.clone()));
        let clients = Box::new(FakeClients(self.world.clone()));
        Ok((sender, spawn(self.setup(), sessions, clients, receiver)?))
    }

    fn setup(&self) -> DriverSetup {
        DriverSetup {
            paths: self.paths.clone(),
            lane: "main".into(),
            program: "/bin/wavedeck".into(),
            size: Size { columns: 80, rows: 24 },
            context7: self.context7.clone(),
        }
    }

    /// What happened, without times, a line each.
    pub(super) fn story(&self) -> String {
        let world = self.world();
        let facts = world.facts.iter().map(|(sequence, fact)| format!("{sequence} {}", told(fact)));
        facts.collect::<Vec<_>>().join("\n")
    }
}

/// A fact without its time.
pub(super) fn told(fact: &Fact) -> String {
    serde_json::to_string(&fact.what).unwrap()
}

pub(super) fn key(wave: u32, agent: &str, number: u32) -> AttemptKey {
    AttemptKey { wave: WaveKey { lane: "main".into(), number: wave }, agent: agent.into(), number }
}

/// Where these projects keep their run state.
pub(super) fn state_folder() -> StateFolder {
    StateFolder { root: ".tmp".into(), adhoc_run: None }
}

pub(super) fn good_envelope(key: &AttemptKey) -> Envelope {
    serde_json::from_value(serde_json::json!({
        "schemaVersion": 2, "agentId": key.agent, "waveNumber": key.wave.number, "attempt": key.number,
        "role": "implementation",
        "proof": { "state": "satisfied", "completion": "live", "durability": "durable", "proofLevel": "live" },
        "implementation": { "docDelta": { "state": "none" }, "components": [
            { "componentId": "first", "level": "mid", "state": "met" },
            { "componentId": "second", "level": "high", "state": "met" },
        ] },
    }))
    .unwrap()
}
