//! What is known of one agent, as a page to read: why its state is what it is, its tries with their verdicts, what it
//! owns and owes, and what was found in its file.

use super::glyph::word;
use super::layer::{Line, Page, wrapped};
use super::text::short;
use super::theme::Role;
use super::told::Told;
use crate::engine::Time;
use crate::engine::fact::{Cause, Verdict};
use crate::engine::state::{Attempt, AttemptStatus};
use crate::engine::view::Card;

/// Explains a card.
pub(crate) fn explanation(told: &Told, card: &Card, now: Time, columns: u16) -> Page {
    let mut lines = Vec::new();
    let since = card.since.map(|since| format!(" for {}", short(now.since_ms(since)))).unwrap_or_default();
    entry(&mut lines, "state", format!("{}{since}", word(card.condition)), Role::of(card.condition));
    if !card.reason.is_empty() {
        paragraph(&mut lines, "why", &card.reason, columns);
    }
    entry(&mut lines, "runtime", card.runtime.clone(), Role::Text);
    if card.tries_allowed > 0 {
        entry(&mut lines, "tries", format!("{} of {}", card.tries_used, card.tries_allowed), Role::Text);
    }
    attempts(told, card, now, columns, &mut lines);
    let wave = told.project.waves.get(&card.wave.number);
    let agent = wave.and_then(|wave| wave.agents.iter().find(|agent| agent.id == card.agent));
    if let (Some(wave), Some(agent)) = (wave, agent) {
        entry(&mut lines, "file", format!("{}:{}", wave.file, agent.position.line), Role::Muted);
        for (head, items) in [("owns", &agent.owned_paths), ("delivers", &agent.deliverables)] {
            if !items.is_empty() {
                paragraph(&mut lines, head, &items.join(", "), columns);
            }
        }
        let findings = told.project.findings.iter().filter(|finding| {
            finding.file == wave.file && finding.agent.as_ref().is_none_or(|name| *name == card.agent)
        });
        for finding in findings {
            let text = format!(
                "{} {}:{} {} {}",
                finding.rule, finding.file, finding.position.line, finding.message, finding.hint
            );
            paragraph(&mut lines, "found", &text, columns);
        }
        if !agent.prompt_overlay.is_empty() {
            lines.push(Line::plain("", Role::Text));
            lines.push(Line::plain("prompt", Role::Title));
            lines.extend(wrapped(&agent.prompt_overlay, columns, Role::Muted));
        }
    }
    Page { title: format!("{} {}", card.agent, card.title), lines, first: 0 }
}

fn entry(lines: &mut Vec<Line>, head: &str, text: String, role: Role) {
    lines.push(Line { head: head.to_string(), text, role });
}

/// A text of several lines below one head.
fn paragraph(lines: &mut Vec<Line>, head: &str, text: &str, columns: u16) {
    for (index, line) in wrapped(text, columns.saturating_sub(16), Role::Text).into_iter().enumerate() {
        let head = if index == 0 { head } else { " " };
        entry(lines, head, line.text, line.role);
    }
}

fn attempts(told: &Told, card: &Card, now: Time, columns: u16, lines: &mut Vec<Line>) {
    let Some(wave) = told.state.waves.get(&card.wave) else { return };
    let Some(agent) = wave.agents.get(&card.agent) else { return };
    for attempt in &agent.attempts {
        let head = format!("try {}", attempt.number);
        paragraph(lines, &head, &attempt_words(attempt, now), columns);
    }
}

fn attempt_words(attempt: &Attempt, now: Time) -> String {
    let cause = match attempt.cause {
        Cause::First => "first try",
        Cause::Rework => "rework",
        Cause::RateLimit => "after a rate limit",
        Cause::Fallback => "falls back",
        Cause::TransportReask => "asked to restate its report",
        Cause::DesignPass => "builds after its design",
        Cause::SiblingWait => "after its siblings",
        Cause::Lost => "after the one before was lost",
    };
    let ran = match (attempt.started_at, attempt.ended_at) {
        (Some(start), Some(end)) => format!(", ran {}", short(end.since_ms(start))),
        (Some(start), None) => format!(", running {}", short(now.since_ms(start))),
        (None, _) => String::new(),
    };
    let status = match (&attempt.verdict, &attempt.status) {
        (Some(Verdict::Passed), _) => "proven".to_string(),
        (Some(Verdict::Failed { code, detail, .. }), _) => format!("{code}: {detail}"),
        (Some(Verdict::RateLimited { until }), _) => {
            format!("rate limit, again in {}", short(until.since_ms(now)))
        }
        (Some(Verdict::Lost { detail }), _) => detail.clone(),
        (None, AttemptStatus::Starting) => "starting".into(),
        (None, AttemptStatus::Working) => "working".into(),
        (None, AttemptStatus::Waiting { question }) => format!("waits for the answer to {question}"),
        (None, AttemptStatus::Ending { .. }) => "being ended".into(),
        (None, AttemptStatus::Ended) => "ended".into(),
    };
    let moved =
        attempt.fallback.as_ref().map(|fallback| format!(", {}", fallback.words())).unwrap_or_default();
    format!("{cause} on {}{moved}{ran}: {status}", attempt.runtime)
}
