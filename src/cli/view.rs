//! What `status`, `watch` and `launch` say of a lane, as one value: for people by [`print`], for programs as JSON.

use serde::Serialize;

use super::console::{Console, columns, span};
use super::failure::Failure;
use super::times::iso;
use crate::engine::fallback::Fallback;
use crate::engine::state::{Question, QuestionStatus, WaveStatus};
use crate::engine::view::{Card, Condition, Tally, cards, tally};
use crate::engine::{QuestionId, RunId, State, Time, WaveKey};
use crate::plan::{Project, Sources, WaveNumber};

/// Where something stands, in the words and exit codes of npm `@chllming/wave-orchestration` 0.9.15, `not-started` added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Phase {
    /// Nothing of it ran yet.
    NotStarted,
    /// It runs, and nobody is asked.
    Running,
    /// An agent waits for an answer.
    InputRequired,
    /// It is closed.
    Completed,
    /// It ended without closing.
    Failed,
}

impl Phase {
    /// Exit code of `status` and `watch`.
    pub(super) fn exit(self) -> u8 {
        match self {
            Phase::Completed => 0,
            Phase::NotStarted | Phase::Running => 10,
            Phase::InputRequired => 20,
            Phase::Failed => 40,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Phase::NotStarted => "not started",
            Phase::Running => "running",
            Phase::InputRequired => "waits for an answer",
            Phase::Completed => "completed",
            Phase::Failed => "failed",
        }
    }
}

/// What is asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// One wave; else those of the lane's newest launch.
    pub(super) wave: Option<WaveNumber>,
    /// One agent; else all.
    pub(super) agent: Option<String>,
}

/// What is said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusView {
    pub(super) lane: String,
    pub(super) wave: Option<WaveNumber>,
    pub(super) agent: Option<String>,
    pub(super) phase: Phase,
    /// Whether it waits for the operator.
    pub(super) blocking: bool,
    /// Number of the last fact; grows with every change.
    pub(super) version: u64,
    /// Whether a supervisor runs.
    pub(super) supervisor: bool,
    pub(super) run: Option<RunView>,
    pub(super) waves: Vec<WaveView>,
    pub(super) agents: Vec<AgentView>,
    pub(super) questions: Vec<QuestionView>,
    pub(super) tally: Tally,
}

/// The newest launch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunView {
    id: String,
    waves: Vec<WaveNumber>,
    started_at: String,
    /// `closed`, `failed`, `cont-qa`, `blocked`, or nothing while it runs.
    outcome: Option<crate::engine::fact::Outcome>,
}

/// A wave.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaveView {
    wave: WaveNumber,
    title: String,
    file: String,
    status: &'static str,
    /// Why it failed or was refused, a sentence each.
    pub(super) reasons: Vec<String>,
}

/// An agent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentView {
    agent_id: String,
    title: String,
    wave: WaveNumber,
    track: Option<String>,
    runtime: String,
    /// The move that led there, when its newest try left the runtime of the one before.
    fallback: Option<Fallback>,
    state: Condition,
    since: Option<String>,
    reason: String,
    attempt: Option<String>,
    session: Option<String>,
    tries_used: u32,
    tries_allowed: u32,
    question: Option<String>,
}

/// A question, in the shape of the predecessor's feedback requests.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QuestionView {
    pub(super) id: String,
    /// `pending`, `answered` or `withdrawn`.
    pub(super) status: &'static str,
    pub(super) created_at: String,
    pub(super) lane: String,
    pub(super) wave: WaveNumber,
    pub(super) agent_id: String,
    pub(super) attempt: u32,
    pub(super) question: String,
    pub(super) options: Vec<String>,
    pub(super) response: Option<ResponseView>,
    /// Why it needs no answer any more.
    pub(super) withdrawn: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseView {
    operator: String,
    pub(super) text: String,
    answered_at: String,
}

impl QuestionView {
    pub(super) fn new(id: QuestionId, question: &Question) -> QuestionView {
        let (status, response, withdrawn) = match &question.status {
            QuestionStatus::Open => ("pending", None, None),
            QuestionStatus::Answered { text, by, at } => {
                let (operator, text, answered_at) = (by.clone(), text.clone(), iso(*at));
                ("answered", Some(ResponseView { operator, text, answered_at }), None)
            }
            QuestionStatus::Withdrawn { why, .. } => ("withdrawn", None, Some(why.clone())),
        };
        QuestionView {
            id: id.to_string(),
            status,
            created_at: iso(question.asked_at),
            lane: question.wave.lane.clone(),
            wave: question.wave.number,
            agent_id: question.agent.clone(),
            attempt: question.attempt,
            question: question.text.clone(),
            options: question.options.clone(),
            response,
            withdrawn,
        }
    }
}

/// What a lane's state comes to. Pure.
pub(super) fn view(state: &State, version: u64, sources: &Sources, scope: &Scope, now: Time) -> StatusView {
    let project = Project::read(sources);
    let newest = newest_run(state, &project.lane);
    let run_waves = newest.map(|(_, run)| run.waves.as_slice());
    let meant = |wave: WaveNumber| match scope.wave {
        Some(one) => wave == one,
        None => run_waves.is_none_or(|waves| waves.contains(&wave)),
    };
    let mut shown = cards(state, &project, now);
    shown.retain(|card| {
        meant(card.wave.number) && scope.agent.as_ref().is_none_or(|agent| card.agent == *agent)
    });
    let phase = match &scope.agent {
        Some(_) => phase_of_cards(&shown),
        None => phase_of_waves(state, &project.lane, scope.wave, &shown),
    };
    let questions = open_questions(state, &shown);
    StatusView {
        lane: project.lane.clone(),
        wave: scope.wave,
        agent: scope.agent.clone(),
        phase,
        blocking: phase == Phase::InputRequired,
        version,
        supervisor: false,
        run: newest.map(|(id, run)| RunView {
            id: id.to_string(),
            waves: run.waves.clone(),
            started_at: iso(run.started_at),
            outcome: run.outcome,
        }),
        waves: wave_views(state, &project, &meant),
        tally: tally(&shown, state, now),
        agents: shown.into_iter().map(agent_view).collect(),
        questions,
    }
}

fn newest_run<'a>(state: &'a State, lane: &str) -> Option<(RunId, &'a crate::engine::state::Run)> {
    state.runs.iter().rev().find(|(_, run)| run.lane == lane).map(|(id, run)| (*id, run))
}

fn open_questions(state: &State, shown: &[Card]) -> Vec<QuestionView> {
    let open = state.questions.iter().filter(|(_, question)| question.status == QuestionStatus::Open);
    open.filter(|(_, question)| {
        shown.iter().any(|card| card.wave == question.wave && card.agent == question.agent)
    })
    .map(|(id, question)| QuestionView::new(*id, question))
    .collect()
}

fn wave_views(state: &State, project: &Project, meant: &impl Fn(WaveNumber) -> bool) -> Vec<WaveView> {
    let waves = project.waves.values().filter(|wave| meant(wave.number));
    waves
        .map(|wave| {
            let key = WaveKey { lane: project.lane.clone(), number: wave.number };
            let (status, reasons) = match state.waves.get(&key).map(|wave| &wave.status) {
                None => ("not-started", Vec::new()),
                Some(WaveStatus::Running) => ("running", Vec::new()),
                Some(WaveStatus::Closed) => ("closed", Vec::new()),
                Some(WaveStatus::Failed { failures }) => {
                    ("failed", failures.iter().map(|(agent, code)| format!("{agent}: {code}")).collect())
                }
                Some(WaveStatus::Refused { reasons }) => ("refused", reasons.clone()),
            };
            let title = wave.title.clone().unwrap_or_default();
            WaveView { wave: wave.number, title, file: wave.file.clone(), status, reasons }
        })
        .collect()
}

fn agent_view(card: Card) -> AgentView {
    AgentView {
        agent_id: card.agent,
        title: card.title,
        wave: card.wave.number,
        track: card.track,
        runtime: card.runtime,
        fallback: card.fallback,
        state: card.condition,
        since: card.since.map(iso),
        reason: card.reason,
        attempt: card.attempt.map(|attempt| attempt.to_string()),
        session: card.session,
        tries_used: card.tries_used,
        tries_allowed: card.tries_allowed,
        question: card.question.map(|question| question.to_string()),
    }
}

fn phase_of_cards(shown: &[Card]) -> Phase {
    let any = |condition| shown.iter().any(|card| card.condition == condition);
    if any(Condition::Waiting) {
        Phase::InputRequired
    } else if any(Condition::Working) || any(Condition::Held) || any(Condition::RateLimited) {
        Phase::Running
    } else if any(Condition::Failed) || any(Condition::NeedsLook) {
        Phase::Failed
    } else if any(Condition::NotStarted) || shown.is_empty() {
        Phase::NotStarted
    } else {
        Phase::Completed
    }
}

/// Of one wave, or of the newest launch. A wave that a running launch has still before it is not started.
fn phase_of_waves(state: &State, lane: &str, wave: Option<WaveNumber>, shown: &[Card]) -> Phase {
    let ended = match wave {
        Some(number) => {
            let key = WaveKey { lane: lane.to_owned(), number };
            match state.waves.get(&key).map(|wave| &wave.status) {
                None => Some(Phase::NotStarted),
                Some(WaveStatus::Running) => None,
                Some(WaveStatus::Closed) => Some(Phase::Completed),
                Some(WaveStatus::Failed { .. } | WaveStatus::Refused { .. }) => Some(Phase::Failed),
            }
        }
        None => match newest_run(state, lane) {
            None => Some(Phase::NotStarted),
            Some((_, run)) => run.outcome.map(|outcome| match outcome {
                crate::engine::fact::Outcome::Closed => Phase::Completed,
                crate::engine::fact::Outcome::Failed
                | crate::engine::fact::Outcome::ContQa
                | crate::engine::fact::Outcome::Blocked => Phase::Failed,
            }),
        },
    };
    ended.unwrap_or_else(|| {
        if shown.iter().any(|card| card.condition == Condition::Waiting) {
            Phase::InputRequired
        } else {
            Phase::Running
        }
    })
}

/// Prints it for people: a heading, a line for each agent, open questions with how to answer them.
pub(super) fn print(console: &Console, view: &StatusView, now: Time) -> Result<(), Failure> {
    console.line(heading(view))?;
    let rows: Vec<Vec<String>> = view
        .agents
        .iter()
        .map(|agent| {
            let tries = if agent.tries_used > 0 {
                format!("try {}/{}", agent.tries_used, agent.tries_allowed)
            } else {
                String::new()
            };
            vec![
                format!("  wave {}", agent.wave),
                agent.agent_id.clone(),
                agent.title.clone(),
                agent.runtime.clone(),
                tries,
            ]
        })
        .collect();
    for (row, agent) in columns(&rows).into_iter().zip(&view.agents) {
        let reason = if agent.reason.is_empty() { String::new() } else { format!("  {}", agent.reason) };
        // The condition comes first, as colours would count as columns.
        console.line(format!("{}{row}{reason}", console.condition(agent.state)))?;
    }
    for wave in &view.waves {
        for reason in &wave.reasons {
            console.line(format!("wave {} {}: {reason}", wave.wave, wave.status))?;
        }
    }
    for question in &view.questions {
        print_question(console, question)?;
    }
    if view.tally.waited_ms > 0 {
        console.line(format!("Agents have waited {} for answers in all.", span(view.tally.waited_ms)))?;
    }
    if let Some(since) = view.tally.waiting_since {
        console.line(format!("The oldest question is open for {}.", span(now.since_ms(since))))?;
    }
    Ok(())
}

fn heading(view: &StatusView) -> String {
    let mut heading = format!("lane {}", view.lane);
    if let Some(wave) = view.wave {
        heading.push_str(&format!(", wave {wave}"));
    }
    if let Some(agent) = &view.agent {
        heading.push_str(&format!(", {agent}"));
    }
    heading.push_str(&format!(": {}", view.phase.word()));
    if let (Some(run), None) = (&view.run, view.wave) {
        let waves: Vec<String> = run.waves.iter().map(ToString::to_string).collect();
        heading.push_str(&format!(" (launch {} of wave {})", run.id, waves.join(", ")));
    }
    if !view.supervisor && view.phase == Phase::Running {
        heading.push_str("; no supervisor runs: `wavedeck` starts one and goes on");
    }
    heading
}

/// A question with its options and, while it is open, the command that answers it.
pub(super) fn print_question(console: &Console, question: &QuestionView) -> Result<(), Failure> {
    console.line(format!(
        "{}  wave {} {} asks: {}",
        question.id, question.wave, question.agent_id, question.question
    ))?;
    for (option, number) in question.options.iter().zip(1..) {
        console.line(format!("      {number}. {option}"))?;
    }
    match (&question.response, &question.withdrawn) {
        (Some(response), _) => {
            console.line(format!("      answered by {}: {}", response.operator, response.text))
        }
        (None, Some(why)) => console.line(format!("      needs no answer any more: {why}")),
        (None, None) => console.line(format!("      answer: wavedeck feedback respond {} TEXT", question.id)),
    }
}
