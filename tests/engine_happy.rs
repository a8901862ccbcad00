//! A wave goes through its stages and closes; a second launch starts nothing.

mod engine_support;

use engine_support::{attempt_key, brief, good_evidence, wave_key};
use wavedeck::engine::fact::Outcome;
use wavedeck::engine::input::{Exit, LaunchOptions};
use wavedeck::engine::state::WaveStatus;
use wavedeck::engine::{Effect, Input, State, Time, step};

#[test]
fn a_wave_closes() {
    let mut state = State::default();
    let launch = || Input::Launch { lane: "main".into(), waves: vec![0], options: LaunchOptions::default() };
    let made = step(&mut state, Time(1), launch());
    assert_eq!(made.effects, [Effect::BriefWave { wave: wave_key(0) }]);
    let briefed = brief(0, &["A0", "A1", "A2", "D1", "A8"]);
    let closure = ["A8", "A0"];
    let mut ordered = briefed.clone();
    ordered.agents.sort_by_key(|agent| closure.iter().position(|id| *id == agent.id));
    let mut made =
        step(&mut state, Time(2), Input::WaveBriefed { wave: wave_key(0), brief: Ok(ordered.clone()) });
    let mut order = Vec::new();
    loop {
        let started: Vec<_> = made
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::StartSession { attempt } => Some(attempt.clone()),
                _ => None,
            })
            .collect();
        if started.is_empty() {
            break;
        }
        order.push(started.iter().map(|key| key.agent.clone()).collect::<Vec<_>>());
        for key in started {
            step(&mut state, Time(3), Input::SessionStarted { attempt: key.clone(), pid: 7 });
            let agent = ordered.agents.iter().find(|agent| agent.id == key.agent).unwrap();
            let evidence = good_evidence(agent, &key);
            made = step(
                &mut state,
                Time(4),
                Input::SessionEnded { attempt: key, exit: Exit::Code { code: 0 }, evidence },
            );
        }
    }
    assert_eq!(order, [vec!["D1"], vec!["A1", "A2"], vec!["A8"], vec!["A0"]]);
    assert_eq!(state.waves[&wave_key(0)].status, WaveStatus::Closed);
    assert_eq!(state.runs.values().next().unwrap().outcome, Some(Outcome::Closed));
    assert!(state.attempt(&attempt_key(0, "A0", 1)).unwrap().has_passed());

    let again = step(&mut state, Time(5), launch());
    assert_eq!(again.notes, ["wave 0 is closed since launch R1; nothing to start"]);
    assert!(again.facts.is_empty() && again.effects.is_empty() && again.refused.is_none());
}
