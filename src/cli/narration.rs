//! A fact as one line for people: what `launch --headless` and `watch --follow` print as it happens.

use super::console::span;
use super::times::of_day;
use crate::engine::fact::{Cause, EndReason, Outcome, Verdict, What};
use crate::engine::fallback::sentence;
use crate::engine::{AttemptKey, Fact, Time};
use crate::plan::edit::Edit;

/// The line, with the time of day before it.
pub(super) fn line(fact: &Fact) -> String {
    format!("{}  {}", of_day(fact.at), what(fact))
}

/// The same without the time.
pub(super) fn what(fact: &Fact) -> String {
    match &fact.what {
        What::RunStarted { run, lane, waves, .. } => {
            let waves: Vec<String> = waves.iter().map(ToString::to_string).collect();
            format!("{run} runs wave {} of lane {lane}", waves.join(", "))
        }
        What::WaveStarted { wave, brief, .. } => {
            let title = if brief.title.is_empty() { String::new() } else { format!(": {}", brief.title) };
            format!("wave {}{title}, {} agents", wave.number, brief.agents.len())
        }
        What::WaveRefused { wave, reasons, .. } => {
            format!("wave {} cannot run: {}", wave.number, reasons.join("; "))
        }
        What::AttemptScheduled { attempt, runtime, fallback: Some(fallback), .. } => {
            let over = match fallback.passed_over.as_slice() {
                [] => String::new(),
                over => format!(" (not on {})", sentence(over)),
            };
            format!("{} starts on {runtime}, {}{over}", name(attempt), fallback.words())
        }
        What::AttemptScheduled { attempt, cause, runtime, .. } => {
            format!("{} starts on {runtime}{}", name(attempt), why_again(*cause))
        }
        What::SessionStarted { attempt, pid } => format!("{} works (process {pid})", name(attempt)),
        What::QuestionAsked { question, attempt, text, options } => {
            let options =
                if options.is_empty() { String::new() } else { format!(" [{}]", options.join(" | ")) };
            format!("{} asks {question}: {text}{options}", name(attempt))
        }
        What::QuestionAnswered { question, text, by } => format!("{question} answered by {by}: {text}"),
        What::QuestionWithdrawn { question, why } => format!("{question} needs no answer any more: {why}"),
        What::ResultSubmitted { attempt, .. } => format!("{} submitted its result", name(attempt)),
        What::AttemptEnding { attempt, why } => match why {
            EndReason::TimedOut => format!("{} is ended: it ran longer than it may", name(attempt)),
            EndReason::Cancelled { by } => format!("{} is ended by {by}", name(attempt)),
        },
        What::AttemptEnded { attempt, verdict, .. } => {
            format!("{} {}", name(attempt), ended(verdict, fact.at))
        }
        What::AgentReused { attempt, .. } => format!("{} passed before and is not run again", name(attempt)),
        What::WaveClosed { wave } => format!("wave {} is closed", wave.number),
        What::WaveFailed { wave, failures } => {
            let failures: Vec<String> =
                failures.iter().map(|(agent, code)| format!("{agent} {code}")).collect();
            format!("wave {} failed: {}", wave.number, failures.join(", "))
        }
        What::RunEnded { run, outcome } => format!("{run} ended: {}", outcome_word(*outcome)),
        What::PlanEdited { edit: Edit::MoveAgent { agent, from, to }, by, .. } => {
            format!("{by} moved {agent} from wave {from} to wave {to}")
        }
        What::PlanEdited { edit: Edit::WriteWaves { summary, .. }, by, .. } => format!("{by}: {summary}"),
        What::PlanUndone { by } => format!("{by} took the last edit back"),
        What::PlanRedone { by } => format!("{by} made the last edit again"),
        What::BacklogImported { source, upserts, removals, by } => format!(
            "{by} read {}: {} records new or otherwise, {} gone",
            source.path,
            upserts.len(),
            removals.len()
        ),
        What::TaskAdded { task, by } => {
            format!("{by} added {} {}: {}", task.kind.word(), task.id, task.title)
        }
        What::TaskChanged { task, by, .. } => format!("{by} changed {task}"),
        What::SlotsChanged { change, by } => format!("{} ({by})", change.words()),
        What::SlotsUndone { by } => format!("{by} took the last change of the plans back"),
        What::SlotsRedone { by } => format!("{by} made the last change of the plans again"),
        What::DocumentRead { path, reading: Some(reading) } => {
            format!("{path} says {} slots in {} waves", reading.slots.len(), reading.waves.len())
        }
        What::DocumentRead { path, reading: None } => format!("{path} is gone"),
    }
}

/// `wave 2 A1`, and the number of the try from the second on.
fn name(attempt: &AttemptKey) -> String {
    let again = if attempt.number > 1 { format!(" (try {})", attempt.number) } else { String::new() };
    format!("wave {} {}{again}", attempt.wave.number, attempt.agent)
}

fn why_again(cause: Cause) -> &'static str {
    match cause {
        Cause::First => "",
        Cause::Rework => ", again",
        Cause::RateLimit => ", the rate limit has passed",
        Cause::Fallback => ", on another runtime",
        Cause::TransportReask => ", to report again",
        Cause::DesignPass => ", to build what it designed",
        Cause::SiblingWait => ", its siblings are there",
        Cause::Lost => ", the try before was lost",
    }
}

fn ended(verdict: &Verdict, at: Time) -> String {
    match verdict {
        Verdict::Passed => "passed".into(),
        Verdict::Failed { code, detail, .. } => format!("failed, {code}: {detail}"),
        Verdict::RateLimited { until } => {
            format!("met a rate limit, tries again in {}", span(until.since_ms(at)))
        }
        Verdict::Lost { detail } => format!("was lost: {detail}"),
    }
}

/// How a launch ended, as a word.
pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Closed => "closed",
        Outcome::Failed => "failed",
        Outcome::ContQa => "failed at cont-QA",
        Outcome::Blocked => "blocked",
    }
}
