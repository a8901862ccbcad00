//! Cards of waves that have not started, or could not: drawn from the plan.

use super::{Card, Condition};
use crate::engine::ids::WaveKey;
use crate::engine::state::{State, WaveStatus};
use crate::plan::{Agent, Finding, Project, Wave};

/// A card of a wave that has not started, or could not.
pub(super) fn unstarted_card(
    state: &State,
    project: &Project,
    key: &WaveKey,
    wave: &Wave,
    agent: &Agent,
) -> Card {
    let errors = project.errors_of(wave.number);
    let refused = state.waves.get(key).and_then(|wave| match &wave.status {
        WaveStatus::Refused { reasons } => Some(reasons),
        WaveStatus::Running | WaveStatus::Closed | WaveStatus::Failed { .. } => None,
    });
    let (condition, reason) = if !errors.is_empty() {
        let own: Vec<&Finding> =
            errors.iter().copied().filter(|finding| finding.agent.as_deref() == Some(&agent.id)).collect();
        (Condition::NeedsLook, sentence(if own.is_empty() { &errors } else { &own }, "error", &agent.id))
    } else if let Some(reasons) = refused {
        (Condition::NeedsLook, format!("could not start: {}", reasons.first().map_or("", String::as_str)))
    } else {
        let before = before_it(state, key);
        let reason = if before.is_empty() { warnings_sentence(project, wave, agent) } else { before };
        (Condition::NotStarted, reason)
    };
    Card {
        wave: key.clone(),
        agent: agent.id.clone(),
        title: agent.title.clone(),
        track: agent.track.clone(),
        runtime: project.resolve_executor(wave, agent, None).id.0,
        fallback: None,
        condition,
        since: None,
        reason,
        until: None,
        attempt: None,
        session: None,
        tries_used: 0,
        tries_allowed: 0,
        question: None,
    }
}

/// The first of some findings, and whose it is where it is not the agent's own; then its weight, its line and how many
/// there are more. What is wrong comes first: on a card the end is cut. Nothing for no finding.
fn sentence(findings: &[&Finding], word: &str, agent: &str) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let what = match &first.agent {
        Some(other) if other != agent => format!("{other}: {}", first.message),
        Some(_) | None => {
            let of_agent = format!("agent {agent} ");
            first.message.strip_prefix(&of_agent).unwrap_or(&first.message).to_string()
        }
    };
    let more = match findings.len() {
        1 => String::new(),
        count => format!("; {} more", count - 1),
    };
    format!("{what} ({word}, line {}{more})", first.position.line)
}

/// What was found that stops nothing: the agent's own warnings.
fn warnings_sentence(project: &Project, wave: &Wave, agent: &Agent) -> String {
    let own: Vec<&Finding> = project
        .findings
        .iter()
        .filter(|finding| finding.file == wave.file && finding.agent.as_deref() == Some(&agent.id))
        .collect();
    sentence(&own, "warning", &agent.id)
}

/// What a wave of a running launch waits for: the wave before it.
fn before_it(state: &State, key: &WaveKey) -> String {
    let Some((id, run)) = state.active_run(&key.lane) else { return String::new() };
    if !run.waves.contains(&key.number) {
        return String::new();
    }
    match state.current_wave(id) {
        Some(current) if current.number == key.number => "being read".to_owned(),
        Some(current) => format!("waits for wave {}", current.number),
        None => String::new(),
    }
}
