//! What must hold after every step.

use wavedeck::engine::brief::AgentBrief;
use wavedeck::engine::envelope::Envelope;
use wavedeck::engine::fact::{Cause, Fact, Verdict, What};
use wavedeck::engine::fallback::{Fallback, current};
use wavedeck::engine::gate::judge_in_wave;
use wavedeck::engine::input::Exit;
use wavedeck::engine::retry::{LOST_RETRIES, SIBLING_WAITS, TRANSPORT_REASKS, pass_of};
use wavedeck::engine::schedule::live_attempts;
use wavedeck::engine::state::{Attempt, AttemptStatus, QuestionStatus, WaveStatus};
use wavedeck::engine::{AttemptKey, Effect, WaveKey};
use wavedeck::plan::role::Stage;
use wavedeck::plan::runtime::RuntimeId;

use crate::world::{LANES, World};

impl World {
    pub(crate) fn check_fact(&self, fact: &Fact) {
        match &fact.what {
            What::AttemptEnded { attempt: key, exit, evidence, verdict: Verdict::Passed } => {
                let wave = &self.state.waves[&key.wave];
                let brief = wave.brief_of(&key.agent).expect("a brief");
                let agent = &wave.agents[&key.agent];
                let pass = pass_of(brief, agent, self.state.attempt(key).expect("the attempt"));
                let evidence = evidence.as_ref().expect("nobody passes without evidence");
                assert_eq!(*exit, Some(Exit::Code { code: 0 }));
                let wave_brief = wave.brief.as_ref().expect("a brief");
                let exit = Exit::Code { code: 0 };
                assert_eq!(judge_in_wave(wave_brief, brief, key, pass, evidence, exit), Verdict::Passed);
            }
            What::AttemptScheduled { attempt, cause, runtime, fallback, .. } => {
                self.check_order(attempt);
                self.check_runtime(attempt, *cause, runtime, fallback.as_ref());
            }
            What::AgentReused { attempt, .. } => {
                let reused = self.state.attempt(attempt).expect("the attempt");
                let brief = self.state.brief_of(attempt).expect("a brief");
                assert!(reused.has_passed() && reused.fingerprint == brief.fingerprint);
                assert!(reused.run != self.state.waves[&attempt.wave].run && brief.stage != Stage::Closure);
            }
            What::WaveClosed { wave } => {
                let state = &self.state.waves[wave];
                let brief = state.brief.as_ref().expect("a brief");
                for agent in &brief.agents {
                    let passed = state.agents[&agent.id].passed.expect("everybody passed");
                    assert!(state.agents[&agent.id].attempt(passed).expect("it").has_passed());
                }
            }
            _ => {}
        }
    }

    /// Design before implementation before closure, and stewards in their order.
    fn check_order(&self, key: &AttemptKey) {
        let wave = &self.state.waves[&key.wave];
        let all = &wave.brief.as_ref().expect("a brief").agents;
        let place = all.iter().position(|brief| brief.id == key.agent).expect("it is in the wave");
        let agent = &wave.agents[&key.agent];
        let attempt = agent.attempt(key.number).expect("the attempt");
        let stage = pass_of(&all[place], agent, attempt);
        let done = |brief: &AgentBrief| wave.agents[&brief.id].attempts.iter().any(Attempt::has_passed);
        for (other_place, other) in all.iter().enumerate() {
            let before = other.stage < stage || (stage == Stage::Closure && other_place < place);
            assert!(!before || done(other), "{key} starts before {} is done", other.id);
            let other = &wave.agents[&other.id];
            let passed_now = other.passed.is_some() || other.attempts.iter().all(|it| it.run != wave.run);
            assert!(stage != Stage::Closure || other_place >= place || passed_now);
        }
        for cause in [
            Cause::Rework,
            Cause::RateLimit,
            Cause::Fallback,
            Cause::TransportReask,
            Cause::Lost,
            Cause::SiblingWait,
        ] {
            let tries = agent.attempts.iter().filter(|it| it.run == attempt.run);
            let tries = tries.filter(|it| pass_of(&all[place], agent, it) == stage && it.cause == cause);
            // Each runtime has rate limits of its own.
            let tries = tries.filter(|it| cause != Cause::RateLimit || it.runtime == attempt.runtime);
            let options = &self.state.runs[&wave.run].options;
            let budget = match cause {
                Cause::Rework => options.max_retries,
                Cause::RateLimit => options.rate_limit_retries,
                Cause::Fallback => all[place].executor.fallbacks.len() as u32,
                Cause::TransportReask => TRANSPORT_REASKS,
                Cause::Lost => LOST_RETRIES,
                Cause::SiblingWait => SIBLING_WAITS,
                Cause::First | Cause::DesignPass => 1,
            };
            assert!(tries.count() as u32 <= budget, "{key} has more tries for {cause:?} than its budget");
        }
    }

    /// A try stays where the one before was, or moves to a fallback of its own that is new, there, and has room.
    fn check_runtime(&self, key: &AttemptKey, cause: Cause, runtime: &str, fallback: Option<&Fallback>) {
        let wave = &self.state.waves[&key.wave];
        let wave_brief = wave.brief.as_ref().expect("a brief");
        let brief = wave.brief_of(&key.agent).expect("a brief");
        let tries = wave.agents[&key.agent].attempts.iter().filter(|it| it.run == wave.run);
        let before: Vec<&Attempt> = tries.filter(|it| it.number < key.number).collect();
        let here = before.last().map_or(brief.executor.id.0.as_str(), |it| it.runtime.as_str());
        let Some(fallback) = fallback else {
            assert!(runtime == here && cause != Cause::Fallback, "{key} moved from {here} without a word");
            return;
        };
        assert!(matches!(cause, Cause::Fallback | Cause::Rework), "{key} moved for {cause:?}");
        assert!(fallback.from == here && runtime != here, "{key} moved from {here}: {fallback:?}");
        assert!(before.iter().all(|it| it.runtime != runtime), "{key} was on {runtime} already");
        let id = RuntimeId(runtime.to_owned());
        assert!(brief.executor.fallbacks.contains(&id) && !brief.fallback.absent.contains(&id));
        let there = wave_brief.agents.iter().filter(|other| current(wave, other) == runtime).count();
        let ceiling = wave_brief.ceilings.get(&id).map_or(usize::MAX, |ceiling| *ceiling as usize);
        assert!(there <= ceiling, "{there} agents of {} are on {runtime}, {ceiling} may", key.wave);
    }

    pub(crate) fn check(&mut self, refused: bool) {
        // Comparing is dear, and a difference does not go away.
        self.steps += 1;
        if self.steps.is_multiple_of(16) {
            assert!(self.replayed == self.state, "replaying the facts gives the same state");
        }
        for wave in &self.closed {
            assert_eq!(self.state.waves[wave].status, WaveStatus::Closed, "{wave} stays closed");
        }
        for (key, wave) in &self.state.waves {
            if wave.status == WaveStatus::Closed {
                self.closed.insert(key.clone());
            }
            self.check_wave(key);
        }
        for (id, question) in &self.state.questions {
            let key = AttemptKey {
                wave: question.wave.clone(),
                agent: question.agent.clone(),
                number: question.attempt,
            };
            let status = &self.state.attempt(&key).expect("its attempt").status;
            let open = question.status == QuestionStatus::Open;
            let waits = matches!(status, AttemptStatus::Waiting { .. });
            assert!(!open || waits, "{id} is open, so {key} waits");
        }
        for lane in LANES {
            let active = self.state.runs.values().filter(|run| run.lane == lane && run.outcome.is_none());
            assert!(active.count() <= 1, "one launch of {lane} at a time");
        }
        let mut needs_deadline = false;
        for (key, attempt) in live_attempts(&self.state) {
            assert_eq!(
                self.state.waves[&key.wave].status,
                WaveStatus::Running,
                "{key} lives in a wave that runs"
            );
            if let AttemptStatus::Waiting { question } = attempt.status {
                assert!(
                    self.state.open_questions(&key).any(|open| open == question),
                    "{key} waits for something"
                );
                assert_eq!(attempt.clock.running_since, None, "its clock stands");
            } else {
                needs_deadline = true;
            }
        }
        let deadline = self.state.next_deadline();
        assert!(!needs_deadline || deadline.is_some(), "what runs has a deadline");
        assert!(refused || deadline.is_none_or(|deadline| deadline > self.now), "what is due was done");
        self.check_nobody_is_stuck();
    }

    fn check_wave(&self, key: &WaveKey) {
        let wave = &self.state.waves[key];
        for (agent, state) in &wave.agents {
            for (index, attempt) in state.attempts.iter().enumerate() {
                assert_eq!(attempt.number as usize, index + 1);
                let attempt_key =
                    AttemptKey { wave: key.clone(), agent: agent.clone(), number: attempt.number };
                let own = |envelope: &Envelope| envelope.problems(&attempt_key);
                assert!(attempt.submitted.iter().all(|envelope| own(envelope).is_empty()), "no lie is kept");
            }
            assert!(state.attempts.iter().filter(|attempt| attempt.is_live()).count() <= 1);
        }
        let stewards = wave.brief.iter().flat_map(|brief| &brief.agents);
        let live = stewards.filter(|brief| {
            brief.stage == Stage::Closure && wave.agents[&brief.id].attempts.iter().any(Attempt::is_live)
        });
        assert!(live.count() <= 1, "stewards of {key} run one at a time");
    }

    /// A launch that is not over waits for a brief, a process, an answer or a time.
    fn check_nobody_is_stuck(&self) {
        for (id, run) in self.state.runs.iter().filter(|(_, run)| run.outcome.is_none()) {
            let wave = self.state.current_wave(*id).expect("a launch with nothing left is over");
            let Some(state) = self.state.waves.get(&wave).filter(|state| state.run == *id) else {
                let asked = Effect::BriefWave { wave };
                assert!(self.state.pending_effects().contains(&asked));
                continue;
            };
            assert_eq!(state.status, WaveStatus::Running, "{run:?}");
            let moves = state.agents.values().filter_map(|agent| agent.newest());
            let underway = moves.filter(|newest| newest.is_live() || newest.retry_at().is_some());
            assert!(underway.count() > 0, "{wave} runs, but nobody in it does");
        }
    }

    /// What was to be started or ended when the supervisor died still is.
    pub(crate) fn check_nothing_is_forgotten(&self) {
        for (attempt, state) in live_attempts(&self.state) {
            let asked = match state.status {
                AttemptStatus::Starting => Effect::StartSession { attempt },
                AttemptStatus::Ending { .. } => Effect::EndSession { attempt },
                AttemptStatus::Working | AttemptStatus::Waiting { .. } | AttemptStatus::Ended => continue,
            };
            assert!(self.todo.contains(&asked), "{asked:?} is performed again");
        }
    }
}
