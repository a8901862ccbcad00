//! Which effects a fact has, and which a driver that just started has to perform again. Both read the same state, so
//! an effect that was committed and not performed is found again.

use super::effect::Effect;
use super::fact::What;
use super::ids::{AttemptKey, WaveKey};
use super::schedule::live_attempts;
use super::state::{Attempt, AttemptStatus, QuestionStatus, State};

/// What to do in the world because this is now true. The state holds the fact already.
pub(super) fn effects_of(state: &State, what: &What) -> Vec<Effect> {
    match what {
        What::RunStarted { run, .. } => {
            state.current_wave(*run).map(|wave| Effect::BriefWave { wave }).into_iter().collect()
        }
        What::WaveStarted { wave, .. } | What::WaveRefused { wave, .. } | What::WaveFailed { wave, .. } => {
            vec![projections(wave)]
        }
        What::WaveClosed { wave } => {
            let run = state.waves.get(wave).map(|wave| wave.run);
            let next = run.and_then(|run| state.current_wave(run)).map(|wave| Effect::BriefWave { wave });
            std::iter::once(projections(wave)).chain(next).collect()
        }
        What::AttemptScheduled { attempt, .. } => {
            vec![Effect::StartSession { attempt: attempt.clone() }, projections(&attempt.wave)]
        }
        What::AttemptEnding { attempt, .. } => vec![Effect::EndSession { attempt: attempt.clone() }],
        What::AttemptEnded { attempt, .. } => {
            vec![Effect::WriteEnvelope { attempt: attempt.clone() }, projections(&attempt.wave)]
        }
        What::AgentReused { wave, .. } => vec![projections(wave)],
        What::QuestionAnswered { question, .. } => vec![Effect::DeliverAnswer { question: *question }],
        What::SessionStarted { .. }
        | What::QuestionAsked { .. }
        | What::QuestionWithdrawn { .. }
        | What::ResultSubmitted { .. }
        | What::RunEnded { .. }
        | What::PlanEdited { .. }
        | What::PlanUndone { .. }
        | What::PlanRedone { .. }
        | What::BacklogImported { .. }
        | What::TaskAdded { .. }
        | What::TaskChanged { .. }
        | What::SlotsChanged { .. }
        | What::SlotsUndone { .. }
        | What::SlotsRedone { .. }
        | What::DocumentRead { .. } => Vec::new(),
    }
}

/// Leaves out what stands there already, and writes projections once, after everything else.
pub(super) fn tidied(effects: Vec<Effect>) -> Vec<Effect> {
    let mut tidied: Vec<Effect> = Vec::new();
    let (last, first): (Vec<Effect>, Vec<Effect>) =
        effects.into_iter().partition(|effect| matches!(effect, Effect::WriteProjections { .. }));
    for effect in first.into_iter().chain(last) {
        if !tidied.contains(&effect) {
            tidied.push(effect);
        }
    }
    tidied
}

impl State {
    /// When [`super::Input::Tick`] is next needed: the nearest deadline, or `None`.
    pub fn next_deadline(&self) -> Option<super::Time> {
        super::schedule::next_deadline(self)
    }

    /// What a driver that just started has to perform again: waves to brief, sessions to start or to end, answers to
    /// hand over to attempts that run, and the files of each lane's newest launch.
    ///
    /// A session that runs already is not among them: the driver asks the keeper what lives and says
    /// [`super::Input::SessionStarted`], [`super::Input::SessionEnded`] or [`super::Input::SessionLost`] of every attempt
    /// that [`super::schedule::live_attempts`] names.
    pub fn pending_effects(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (id, _) in self.runs.iter().filter(|(_, run)| run.outcome.is_none()) {
            if let Some(wave) = self.current_wave(*id)
                && self.waves.get(&wave).is_none_or(|state| state.run != *id)
            {
                effects.push(Effect::BriefWave { wave });
            }
        }
        for (attempt, state) in live_attempts(self) {
            match state.status {
                AttemptStatus::Starting => effects.push(Effect::StartSession { attempt }),
                AttemptStatus::Ending { .. } => effects.push(Effect::EndSession { attempt }),
                AttemptStatus::Working | AttemptStatus::Waiting { .. } | AttemptStatus::Ended => {}
            }
        }
        effects.extend(self.answers_of_running_attempts());
        effects.extend(self.files_of_newest_runs());
        tidied(effects)
    }

    fn answers_of_running_attempts(&self) -> impl Iterator<Item = Effect> {
        self.questions.iter().filter_map(|(id, question)| {
            let key = AttemptKey {
                wave: question.wave.clone(),
                agent: question.agent.clone(),
                number: question.attempt,
            };
            let answered = matches!(question.status, QuestionStatus::Answered { .. });
            (answered && self.attempt(&key).is_some_and(Attempt::is_running))
                .then_some(Effect::DeliverAnswer { question: *id })
        })
    }

    fn files_of_newest_runs(&self) -> Vec<Effect> {
        let newest_of_lane =
            |lane: &str| self.runs.iter().rev().find(|(_, run)| run.lane == lane).map(|(id, _)| *id);
        let mut effects = Vec::new();
        for (key, wave) in &self.waves {
            if newest_of_lane(&key.lane) != Some(wave.run) {
                continue;
            }
            for (agent, state) in &wave.agents {
                let ended =
                    state.attempts.iter().filter(|attempt| attempt.run == wave.run && !attempt.is_live());
                effects.extend(ended.map(|attempt| Effect::WriteEnvelope {
                    attempt: AttemptKey { wave: key.clone(), agent: agent.clone(), number: attempt.number },
                }));
            }
            effects.push(projections(key));
        }
        effects
    }
}

fn projections(wave: &WaveKey) -> Effect {
    Effect::WriteProjections { wave: wave.clone() }
}
