//! The engine and everything around it: who launches, answers and cancels, who performs effects and forgets them, who
//! works, lies and dies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wavedeck::engine::brief::WaveBrief;
use wavedeck::engine::envelope::{ResultReading, Transport};
use wavedeck::engine::fact::Fact;
use wavedeck::engine::input::{Evidence, Exit, LaunchOptions, MatrixReading};
use wavedeck::engine::schedule::live_attempts;
use wavedeck::engine::state::{AttemptStatus, QuestionStatus};
use wavedeck::engine::{AttemptKey, Effect, Input, QuestionId, State, Step, Time, WaveKey, step};
use wavedeck::plan::edit::Edit;
use wavedeck::plan::role::Stage;
use wavedeck::plan::runtime::RuntimeId;

use crate::engine_support::{brief, good_envelope, good_evidence};

pub(crate) const LANES: [&str; 2] = ["main", "side"];
pub(crate) const WAVES: u32 = 3;
/// Stewards stand in the order in which they run.
pub(crate) const AGENTS: [&str; 10] = ["D1", "H1", "A1", "A2", "A3", "E0", "S1", "A8", "A9", "A0"];

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True once in `n` throws.
    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        if choices.is_empty() { None } else { choices.get(self.below(choices.len() as u64) as usize) }
    }
}

/// Lets agents fall back, as far as programs are there and ceilings have room.
fn falls_back(brief: &mut WaveBrief, dice: &mut Dice) {
    let id = |name: &str| RuntimeId(name.into());
    for agent in &mut brief.agents {
        for name in ["claude", "codex"] {
            if dice.once_in(4) {
                continue;
            }
            agent.executor.fallbacks.push(id(name));
            if dice.once_in(6) {
                agent.fallback.absent.insert(id(name));
            }
        }
    }
    for name in ["claude", "codex"] {
        if !dice.once_in(3) {
            brief.ceilings.insert(id(name), dice.below(3) as u32);
        }
    }
}

/// What the keeper knows of a session.
pub(crate) enum Session {
    Runs { pid: u32 },
    Over { exit: Exit },
}

/// The engine and everything around it.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) now: Time,
    pub(crate) state: State,
    /// The same facts, applied by somebody else.
    pub(crate) replayed: State,
    pub(crate) facts: Vec<Fact>,
    /// Effects whose facts are committed and that nobody performed yet.
    pub(crate) todo: VecDeque<Effect>,
    /// What the keeper holds.
    pub(crate) sessions: BTreeMap<AttemptKey, Session>,
    pub(crate) closed: BTreeSet<WaveKey>,
    /// How each wave looks to its authors now.
    pub(crate) authored: BTreeMap<WaveKey, WaveBrief>,
    pub(crate) calm: bool,
    pub(crate) pids: u32,
    pub(crate) steps: u64,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let mut dice = Dice(seed);
        let mut authored = BTreeMap::new();
        for lane in LANES {
            for number in 0..WAVES {
                let agents: Vec<&str> = AGENTS.into_iter().filter(|_| dice.once_in(2)).collect();
                let mut brief = brief(number, &agents);
                if dice.once_in(3) {
                    brief.promotions.insert("ledger".into(), "repo-landed".into());
                    for agent in brief.agents.iter_mut().filter(|agent| agent.stage != Stage::Closure) {
                        if dice.once_in(2) {
                            agent.component_targets.insert("ledger".into(), Some("repo-landed".into()));
                        }
                        if dice.once_in(4) {
                            agent.exit_contract = None;
                        }
                    }
                }
                if dice.once_in(2) {
                    falls_back(&mut brief, &mut dice);
                }
                authored.insert(WaveKey { lane: lane.into(), number }, brief);
            }
        }
        World {
            dice,
            now: Time(1_000_000),
            state: State::default(),
            replayed: State::default(),
            facts: Vec::new(),
            todo: VecDeque::new(),
            sessions: BTreeMap::new(),
            closed: BTreeSet::new(),
            authored,
            calm: false,
            pids: 100,
            steps: 0,
        }
    }

    fn say(&mut self, input: Input) -> Step {
        let step = step(&mut self.state, self.now, input);
        for fact in &step.facts {
            self.replayed.apply(fact);
            self.check_fact(fact);
        }
        self.facts.extend(step.facts.iter().cloned());
        self.todo.extend(step.effects.iter().cloned());
        assert!(step.refused.is_none() || step.facts.is_empty(), "a refused input has no facts");
        self.check(step.refused.is_some());
        step
    }

    fn passes_time(&mut self) {
        let jump_ms = match self.dice.below(4) {
            0 => 1,
            1 => self.dice.below(60_000),
            2 => self.dice.below(20 * 60_000),
            _ => match self.state.next_deadline() {
                Some(deadline) => deadline.since_ms(self.now),
                None => 0,
            },
        };
        self.now = self.now.plus_ms(jump_ms);
        self.say(Input::Tick);
    }

    pub(crate) fn live(&self) -> Vec<AttemptKey> {
        live_attempts(&self.state).map(|(key, _)| key).collect()
    }

    fn running_sessions(&self) -> Vec<AttemptKey> {
        let runs = |session: &Session| matches!(session, Session::Runs { .. });
        self.sessions.iter().filter(|(_, session)| runs(session)).map(|(key, _)| key.clone()).collect()
    }

    // ---- the operator

    fn operator_acts(&mut self) {
        match self.dice.below(10) {
            0..=3 => self.launches(),
            4..=6 => self.answers(),
            7 => {
                let attempts: Vec<AttemptKey> = self.every_attempt();
                if let Some(attempt) = self.dice.of(&attempts).cloned() {
                    self.say(Input::Cancel { attempt, by: "olga".into() });
                }
            }
            8 => {
                let edit = Edit::MoveAgent { agent: "A1".into(), from: 0, to: 1 };
                self.say(Input::PlanEdited { edit, rewrites: Vec::new(), by: "olga".into() });
            }
            _ => {
                let by = "olga".to_owned();
                let input =
                    if self.dice.once_in(2) { Input::PlanUndone { by } } else { Input::PlanRedone { by } };
                self.say(input);
            }
        }
    }

    pub(crate) fn launches(&mut self) {
        let lane = LANES[self.dice.below(2) as usize].to_owned();
        let waves = (0..WAVES).filter(|_| self.dice.once_in(2)).collect();
        let options = LaunchOptions {
            max_retries: self.dice.below(3) as u32,
            rate_limit_retries: self.dice.below(3) as u32,
            timeout_ms: 1 + self.dice.below(30 * 60_000),
            ..LaunchOptions::default()
        };
        let step = self.say(Input::Launch { lane, waves, options });
        assert!(
            step.refused.is_some() || !step.facts.is_empty() || !step.notes.is_empty(),
            "a launch that starts nothing says why"
        );
    }

    fn answers(&mut self) {
        let questions: Vec<QuestionId> = self.state.questions.keys().copied().collect();
        let Some(question) = self.dice.of(&questions).copied() else { return };
        let was = self.state.questions[&question].status.clone();
        let step = if self.dice.once_in(6) {
            self.say(Input::Withdraw { question, why: "not needed".into() })
        } else {
            self.say(Input::Answer { question, text: "yes".into(), by: "max".into() })
        };
        assert_eq!(step.refused.is_none(), was == QuestionStatus::Open, "a question is settled once");
    }

    fn every_attempt(&self) -> Vec<AttemptKey> {
        let mut keys = Vec::new();
        for (wave, state) in &self.state.waves {
            for (agent, agent_state) in &state.agents {
                keys.extend(agent_state.attempts.iter().map(|attempt| AttemptKey {
                    wave: wave.clone(),
                    agent: agent.clone(),
                    number: attempt.number,
                }));
            }
        }
        keys
    }

    // ---- the driver

    /// Performs the next effect, and now and then once more: the second time changes nothing.
    fn performs(&mut self) {
        let Some(effect) = self.todo.pop_front() else { return };
        let twice = self.dice.once_in(3);
        self.perform(&effect, twice);
        if twice {
            let before = self.state.clone();
            self.perform(&effect, true);
            assert!(before == self.state, "an effect performed twice does no more than once: {effect:?}");
        }
    }

    fn perform(&mut self, effect: &Effect, surely: bool) {
        match effect {
            Effect::BriefWave { wave } => {
                let brief = if !self.calm && self.dice.once_in(12) {
                    Err(vec!["wave.md:3: no agents".to_owned()])
                } else {
                    Ok(self.authored[wave].clone())
                };
                self.say(Input::WaveBriefed { wave: wave.clone(), brief });
            }
            Effect::StartSession { attempt } => self.starts(attempt),
            Effect::EndSession { attempt } => match self.sessions.get(attempt) {
                Some(Session::Runs { .. }) if !surely && !self.calm && self.dice.once_in(10) => {
                    // It does not die, or nobody says so: the deadline of the ending helps.
                }
                Some(Session::Runs { .. }) => {
                    self.sessions
                        .insert(attempt.clone(), Session::Over { exit: Exit::Signal { signal: 15 } });
                    self.hears_of_the_end(attempt);
                }
                Some(Session::Over { .. }) => self.hears_of_the_end(attempt),
                None => {
                    let detail = "there is no such session".to_owned();
                    self.say(Input::SessionLost { attempt: attempt.clone(), detail });
                }
            },
            Effect::DeliverAnswer { question } => {
                let question = &self.state.questions[question];
                assert!(matches!(question.status, QuestionStatus::Answered { .. }), "there is an answer");
            }
            Effect::WriteEnvelope { attempt } => {
                let attempt = self.state.attempt(attempt).expect("there is such an attempt");
                assert!(attempt.verdict.is_some());
            }
            Effect::WriteProjections { wave } => assert!(self.state.waves.contains_key(wave)),
        }
    }

    /// Starts a session, or finds it.
    fn starts(&mut self, attempt: &AttemptKey) {
        assert!(self.state.brief_of(attempt).is_some(), "what it is to do stands in the state");
        match self.sessions.get(attempt) {
            Some(Session::Runs { pid }) => {
                let pid = *pid;
                self.say(Input::SessionStarted { attempt: attempt.clone(), pid });
            }
            Some(Session::Over { .. }) => self.hears_of_the_end(attempt),
            None if !self.calm && self.dice.once_in(15) => {
                let over = Session::Over { exit: Exit::Code { code: 127 } };
                self.sessions.insert(attempt.clone(), over);
                let error = "no such program".to_owned();
                self.say(Input::SessionFailed { attempt: attempt.clone(), error });
            }
            None => {
                self.pids += 1;
                let pid = self.pids;
                self.sessions.insert(attempt.clone(), Session::Runs { pid });
                self.say(Input::SessionStarted { attempt: attempt.clone(), pid });
            }
        }
    }

    fn hears_of_the_end(&mut self, attempt: &AttemptKey) {
        let Some(Session::Over { exit }) = self.sessions.get(attempt) else { return };
        let exit = *exit;
        let evidence = self.evidence(attempt);
        self.say(Input::SessionEnded { attempt: attempt.clone(), exit, evidence });
    }

    /// What the driver finds of an attempt: good work, or all that can be wrong with it.
    fn evidence(&mut self, key: &AttemptKey) -> Evidence {
        let wave = self.state.waves.get(&key.wave).and_then(|wave| wave.brief.clone());
        let Some((wave, brief)) = wave.zip(self.state.brief_of(key).cloned()) else {
            return Evidence::default();
        };
        let mut evidence = good_evidence(&wave, key);
        if self.calm {
            return evidence;
        }
        match self.dice.below(10) {
            0 => evidence.result = ResultReading::Absent,
            1 => {
                evidence.result = ResultReading::Malformed {
                    transport: Transport::Markers,
                    errors: Vec::new(),
                    rejected_markers: vec!["proof".into()],
                    partial: None,
                };
            }
            2 => evidence.rate_limited = true,
            3 => {
                // It hands in what another one did.
                let other = AttemptKey { agent: "A2".into(), number: key.number + 1, ..key.clone() };
                let envelope = good_envelope(&brief, &other);
                evidence.result = ResultReading::Present { transport: Transport::File, envelope };
            }
            4 => {
                if let ResultReading::Present { envelope, .. } = &mut evidence.result
                    && let Some(proof) = &mut envelope.proof
                {
                    proof.state = "failed".into();
                }
            }
            5 if evidence.matrix.is_some() => {
                evidence.matrix = Some(MatrixReading::Unreadable { why: "somebody edits it".into() });
            }
            _ => {}
        }
        evidence
    }

    /// The supervisor dies, with effects not performed and ends not heard, and another one starts.
    fn restarts(&mut self) {
        self.todo.clear();
        if self.dice.once_in(4) {
            // The keeper went with it.
            self.sessions.clear();
        }
        // Reading and writing JSON is dear too.
        if self.dice.once_in(12) {
            let snapshot = serde_json::to_string(&self.state).unwrap();
            let stored: State = serde_json::from_str(&snapshot).unwrap();
            assert!(stored == self.state, "a snapshot loses nothing");
        }
        for attempt in self.live() {
            let starting =
                self.state.attempt(&attempt).is_some_and(|it| it.status == AttemptStatus::Starting);
            match self.sessions.get(&attempt) {
                Some(Session::Runs { .. }) => self.starts(&attempt),
                Some(Session::Over { .. }) => self.hears_of_the_end(&attempt),
                None if starting => {}
                None => {
                    let detail = "the keeper knows nothing of it".to_owned();
                    self.say(Input::SessionLost { attempt, detail });
                }
            }
        }
        self.todo.clear();
        self.todo.extend(self.state.pending_effects());
        self.check_nothing_is_forgotten();
    }

    // ---- agents

    fn agent_acts(&mut self) {
        let running = self.running_sessions();
        let Some(key) = self.dice.of(&running).cloned() else { return };
        match self.dice.below(12) {
            0..=2 => self.asks(&key),
            3 | 4 => self.submits(&key),
            5 => self.ends(&key, Exit::Code { code: 1 }),
            6 => self.ends(&key, Exit::Signal { signal: 9 }),
            7..=9 => self.ends(&key, Exit::Code { code: 0 }),
            // It hangs.
            _ => {}
        }
    }

    fn asks(&mut self, key: &AttemptKey) {
        let text = ["which?", "may I?", "  "][self.dice.below(3) as usize];
        let ask = || Input::Ask { attempt: key.clone(), text: text.into(), options: Vec::new() };
        let step = self.say(ask());
        assert_eq!(step.asked.is_some(), step.refused.is_none());
        if let Some(question) = step.asked {
            let again = self.say(ask());
            assert_eq!((again.asked, again.facts.len()), (Some(question), 0), "the same words, one question");
        }
    }

    fn submits(&mut self, key: &AttemptKey) {
        let Some(brief) = self.state.brief_of(key).cloned() else { return };
        let lies = self.dice.once_in(3);
        let whose =
            if lies { AttemptKey { agent: "A3".into(), number: 99, ..key.clone() } } else { key.clone() };
        let envelope = good_envelope(&brief, &whose);
        let step = self.say(Input::Submit { attempt: key.clone(), envelope });
        assert!(!lies || step.refused.is_some(), "nobody submits for another one");
    }

    fn ends(&mut self, key: &AttemptKey, exit: Exit) {
        self.sessions.insert(key.clone(), Session::Over { exit });
        // Sometimes nobody hears of it before the next restart.
        if self.calm || !self.dice.once_in(8) {
            self.hears_of_the_end(key);
        }
    }

    // ---- the run

    pub(crate) fn chaos(&mut self, turns: u32) {
        for _ in 0..turns {
            match self.dice.below(20) {
                0..=2 => self.operator_acts(),
                3..=8 => self.performs(),
                9..=13 => self.agent_acts(),
                14..=16 => self.passes_time(),
                17 => self.restarts(),
                18 => {
                    // Somebody edits a wave.
                    let keys: Vec<WaveKey> = self.authored.keys().cloned().collect();
                    let key = self.dice.of(&keys).cloned().expect("waves");
                    let agents = &mut self.authored.get_mut(&key).expect("the wave").agents;
                    let place = self.dice.below(1 + agents.len() as u64) as usize;
                    if let Some(agent) = agents.get_mut(place) {
                        agent.fingerprint.push('!');
                    }
                }
                _ => self.says_nonsense(),
            }
        }
    }

    /// Words about what was never there, or is long over.
    fn says_nonsense(&mut self) {
        let before = self.state.clone();
        let attempt = AttemptKey {
            wave: WaveKey { lane: "nowhere".into(), number: 9 },
            agent: "A1".into(),
            number: self.dice.below(3) as u32,
        };
        let evidence = Evidence::default();
        let exit = Exit::Code { code: 0 };
        let brief = Err(Vec::new());
        for input in [
            Input::SessionStarted { attempt: attempt.clone(), pid: 1 },
            Input::SessionEnded { attempt: attempt.clone(), exit, evidence },
            Input::SessionLost { attempt: attempt.clone(), detail: String::new() },
            Input::Ask { attempt: attempt.clone(), text: "hello?".into(), options: Vec::new() },
            Input::Cancel { attempt: attempt.clone(), by: "nobody".into() },
            Input::Answer { question: QuestionId(0), text: "yes".into(), by: "nobody".into() },
            Input::WaveBriefed { wave: attempt.wave.clone(), brief },
        ] {
            let step = self.say(input);
            assert!(step.refused.is_some());
        }
        assert!(before == self.state);
    }

    /// Everybody behaves, every question is answered: every launch must come to its end.
    pub(crate) fn calms_down(&mut self) {
        self.calm = true;
        self.restarts();
        for _ in 0..2_000 {
            while !self.todo.is_empty() {
                self.performs();
            }
            let over = self.state.runs.values().all(|run| run.outcome.is_some());
            if over {
                assert!(self.live().is_empty() && self.state.next_deadline().is_none());
                return;
            }
            let open = |question: &QuestionId| self.state.questions[question].status == QuestionStatus::Open;
            let questions: Vec<QuestionId> = self.state.questions.keys().copied().filter(open).collect();
            for question in questions {
                self.say(Input::Answer { question, text: "go on".into(), by: "olga".into() });
            }
            for key in self.running_sessions() {
                // One in five hangs until its time is up.
                if !self.dice.once_in(5) {
                    self.ends(&key, Exit::Code { code: 0 });
                }
            }
            if let Some(deadline) = self.state.next_deadline() {
                self.now = self.now.max(deadline);
                self.say(Input::Tick);
            }
        }
        panic!("a launch never ends");
    }
}
