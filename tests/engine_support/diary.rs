//! The words of a trace: how inputs are written, and how facts and effects read.

use serde_json::json;
use wavedeck::engine::brief::WaveBrief;
use wavedeck::engine::envelope::{ResultReading, Transport};
use wavedeck::engine::fact::{EndReason, Fact, Verdict, What};
use wavedeck::engine::fallback::sentence;
use wavedeck::engine::input::{Evidence, Exit, LaunchOptions};
use wavedeck::engine::state::State;
use wavedeck::engine::{AttemptKey, Effect, Input, Step, Time};
use wavedeck::plan::edit::{Edit, Rewrite};

use super::{attempt_key, good_envelope, good_evidence, wave_key};

/// Reads a time such as `1m30s` or `250ms`.
pub(crate) fn time(text: &str) -> Time {
    let mut total = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).expect("a unit follows a number");
        let (number, tail) = rest.split_at(digits);
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let factor = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            other => panic!("{other} is no unit of time"),
        };
        total += number.parse::<u64>().expect("a number") * factor;
        rest = tail;
    }
    Time(total)
}

/// Reads an attempt: `A1/2`, or `1:A1/2` for one of wave 1.
fn attempt(text: &str) -> AttemptKey {
    let (wave, rest) = text.split_once(':').unwrap_or(("0", text));
    let (agent, number) = rest.split_once('/').expect("AGENT/ATTEMPT");
    attempt_key(wave.parse().expect("a wave"), agent, number.parse().expect("an attempt"))
}

/// Reads what somebody says. `brief_of` gives the wave that a `brief` speaks of.
pub(crate) fn input(
    say: &str,
    state: &State,
    options: &LaunchOptions,
    brief_of: impl Fn(u32) -> WaveBrief,
) -> Input {
    let words: Vec<&str> = say.split(' ').collect();
    let after_colon = || say.split_once(": ").map(|(_, text)| text.to_owned()).unwrap_or_default();
    match words.as_slice() {
        ["tick"] => Input::Tick,
        ["launch", waves @ ..] => Input::Launch {
            lane: "main".into(),
            waves: waves.iter().map(|wave| wave.parse().expect("a wave")).collect(),
            options: options.clone(),
        },
        ["brief", wave] => {
            let number = wave.parse().expect("a wave");
            Input::WaveBriefed { wave: wave_key(number), brief: Ok(brief_of(number)) }
        }
        ["brief", wave, "refused:", ..] => {
            let number = wave.parse().expect("a wave");
            Input::WaveBriefed { wave: wave_key(number), brief: Err(vec![after_colon()]) }
        }
        ["cancel", key, "by", by] => Input::Cancel { attempt: attempt(key), by: (*by).to_owned() },
        ["undo", "by", by] => Input::PlanUndone { by: (*by).to_owned() },
        ["redo", "by", by] => Input::PlanRedone { by: (*by).to_owned() },
        ["move", agent, from, "->", to, "by", by] => Input::PlanEdited {
            edit: Edit::MoveAgent {
                agent: (*agent).to_owned(),
                from: from.parse().expect("a wave"),
                to: to.parse().expect("a wave"),
            },
            rewrites: [from, to]
                .iter()
                .map(|wave| Rewrite {
                    path: format!("wave-{wave}.md"),
                    before: format!("wave {wave} before {agent}"),
                    after: format!("wave {wave} after {agent}"),
                })
                .collect(),
            by: (*by).to_owned(),
        },
        [question, "answered", "by", by, ..] => Input::Answer {
            question: question.parse().expect("a question"),
            text: after_colon(),
            by: by.trim_end_matches(':').to_owned(),
        },
        [question, "withdrawn:", ..] => {
            Input::Withdraw { question: question.parse().expect("a question"), why: after_colon() }
        }
        [key, "starts"] => Input::SessionStarted { attempt: attempt(key), pid: 4711 },
        [key, "fails", "to", "start:", ..] => {
            Input::SessionFailed { attempt: attempt(key), error: after_colon() }
        }
        [key, "is", "lost"] => {
            Input::SessionLost { attempt: attempt(key), detail: "the machine went down while it ran".into() }
        }
        [key, "asks:", ..] => {
            let said = after_colon();
            let mut parts = said.split(" | ").map(str::to_owned);
            Input::Ask {
                attempt: attempt(key),
                text: parts.next().unwrap_or_default(),
                options: parts.collect(),
            }
        }
        [key, "submits"] => submission(state, attempt(key), &attempt(key)),
        [key, "submits", "for", other] => submission(state, attempt(key), &attempt(other)),
        [key, "ends", how @ ..] => {
            let key = attempt(key);
            let how = how.join(" ");
            let exit = match how.split(' ').collect::<Vec<_>>().as_slice() {
                ["exit", code, ..] => {
                    Exit::Code { code: code.trim_end_matches(',').parse().expect("a code") }
                }
                ["signal", signal] => Exit::Signal { signal: signal.parse().expect("a signal") },
                _ => Exit::Code { code: 0 },
            };
            Input::SessionEnded { exit, evidence: evidence(&how, state, &key), attempt: key }
        }
        _ => panic!("nobody understands `{say}`"),
    }
}

/// A good result that speaks for `whose`, said by `attempt`.
fn submission(state: &State, attempt: AttemptKey, whose: &AttemptKey) -> Input {
    let envelope = good_envelope(state.brief_of(&attempt).expect("its wave started"), whose);
    Input::Submit { attempt, envelope }
}

/// What an agent left that ended `well`, `with a gap`, `with a broken report`, `blocked`, or in silence.
fn evidence(how: &str, state: &State, key: &AttemptKey) -> Evidence {
    let wave = state.waves.get(&key.wave).and_then(|wave| wave.brief.as_ref());
    let mut evidence = wave.map(|wave| good_evidence(wave, key)).unwrap_or_default();
    match how {
        "well" => {}
        "with a gap" => {
            if let ResultReading::Present { envelope, .. } = &mut evidence.result {
                let proof = envelope.proof.as_mut().expect("the agent has a contract");
                proof.state = "partial".into();
                proof.detail = Some("one test is red".into());
            }
        }
        "blocked" => {
            if let ResultReading::Present { envelope, .. } = &mut evidence.result {
                let blocked = json!({ "verdict": { "verdict": "blocked" } });
                envelope.sections.insert("contQa".into(), blocked);
            }
        }
        "with a broken report" => {
            evidence.result = ResultReading::Malformed {
                transport: Transport::File,
                errors: vec!["line 3: expected a comma".into()],
                rejected_markers: Vec::new(),
                partial: None,
            };
        }
        _ => {
            evidence.result = ResultReading::Absent;
            evidence.rate_limited = how.ends_with("rate limited");
        }
    }
    evidence
}

/// A fact, as a diary would note it.
pub(crate) fn fact(fact: &Fact) -> String {
    match &fact.what {
        What::RunStarted { run, waves, .. } => format!("launch {run} started: waves {waves:?}"),
        What::WaveStarted { wave, run, brief } => {
            let agents: Vec<&str> = brief.agents.iter().map(|agent| agent.id.as_str()).collect();
            format!("{wave} started for {run}: {}", agents.join(" "))
        }
        What::WaveRefused { wave, reasons, .. } => format!("{wave} refused: {}", reasons.join("; ")),
        What::AttemptScheduled { attempt, cause, runtime, fallback, budget_ms, .. } => {
            let moved = match fallback {
                None => String::new(),
                Some(moved) if moved.passed_over.is_empty() => {
                    format!(" {} by {}", moved.words(), moved.allowed_by)
                }
                Some(moved) => {
                    format!(" {} by {} [{}]", moved.words(), moved.allowed_by, sentence(&moved.passed_over))
                }
            };
            format!("{attempt} scheduled, {cause:?}, on {runtime}{moved}, {}s at most", budget_ms / 1000)
        }
        What::SessionStarted { attempt, pid } => format!("{attempt} runs as {pid}"),
        What::QuestionAsked { question, attempt, text, options } => {
            format!("{question} asked by {attempt}: {text} {options:?}")
        }
        What::QuestionAnswered { question, text, by } => format!("{question} answered by {by}: {text}"),
        What::QuestionWithdrawn { question, why } => format!("{question} withdrawn: {why}"),
        What::ResultSubmitted { attempt, .. } => format!("{attempt} submitted its result"),
        What::AttemptEnding { attempt, why: EndReason::TimedOut } => {
            format!("{attempt} is ended: time is up")
        }
        What::AttemptEnding { attempt, why: EndReason::Cancelled { by } } => {
            format!("{attempt} is ended: {by} said so")
        }
        What::AttemptEnded { attempt, verdict, .. } => format!("{attempt} ended: {}", self::verdict(verdict)),
        What::AgentReused { attempt, .. } => format!("{attempt} is taken over"),
        What::WaveClosed { wave } => format!("{wave} closed"),
        What::WaveFailed { wave, failures } => {
            let failures: Vec<String> =
                failures.iter().map(|(agent, code)| format!("{agent} {code}")).collect();
            format!("{wave} failed: {}", failures.join(", "))
        }
        What::RunEnded { run, outcome } => format!("launch {run} over: {outcome:?}"),
        What::PlanEdited { edit: Edit::MoveAgent { agent, from, to }, by, .. } => {
            format!("{by} moved {agent} from wave {from} to wave {to}")
        }
        What::PlanEdited { edit: Edit::WriteWaves { summary, .. }, by, .. } => format!("{by}: {summary}"),
        What::PlanUndone { by } => format!("{by} took the last edit back"),
        What::PlanRedone { by } => format!("{by} made the edit again"),
        What::BacklogImported { source, by, .. } => format!("{by} read {}", source.path),
        What::TaskAdded { task, by } => format!("{by} added {}", task.id),
        What::TaskChanged { task, by, .. } => format!("{by} changed {task}"),
        What::SlotsChanged { change, by } => format!("{by}: {}", change.words()),
        What::SlotsUndone { by } => format!("{by} took the change of the plans back"),
        What::SlotsRedone { by } => format!("{by} made the change of the plans again"),
        What::DocumentRead { path, .. } => format!("{path} was read"),
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".into(),
        Verdict::Failed { code, class, detail } => format!("{code} ({class:?}): {detail}"),
        Verdict::RateLimited { until } => format!("rate limited until {}s", until.0 / 1000),
        Verdict::Lost { detail } => format!("lost: {detail}"),
    }
}

/// An effect, as a diary would note it.
pub(crate) fn effect(effect: &Effect) -> String {
    match effect {
        Effect::BriefWave { wave } => format!("brief {wave}"),
        Effect::StartSession { attempt } => format!("start {attempt}"),
        Effect::EndSession { attempt } => format!("end {attempt}"),
        Effect::DeliverAnswer { question } => format!("deliver the answer of {question}"),
        Effect::WriteEnvelope { attempt } => format!("write the envelope of {attempt}"),
        Effect::WriteProjections { wave } => format!("write the projections of {wave}"),
    }
}

/// What a step says to the one who gave the input.
pub(crate) fn words(step: &Step) -> Vec<String> {
    let refused =
        step.refused.as_ref().map(|refused| format!("refused: {} ({})", refused.reason, refused.hint));
    let asked = step.asked.map(|question| format!("the ticket is {question}"));
    refused.into_iter().chain(step.notes.iter().cloned()).chain(asked).collect()
}
