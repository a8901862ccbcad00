//! Files that other programs read: result envelopes, run state, status and question files, in the shapes of npm
//! `@chllming/wave-orchestration` 0.9.15. Written from the state and never read back as truth; of a run state that
//! another program wrote, what we know nothing of is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::paths::{ProjectPaths, StateFolder};
use crate::adapters::prompt::envelope_role;
use crate::engine::brief::AgentBrief;
use crate::engine::envelope::{ResultReading, Transport};
use crate::engine::fact::Verdict;
use crate::engine::input::Exit;
use crate::engine::state::{Attempt, Question, QuestionStatus, State, WaveState, WaveStatus};
use crate::engine::{AttemptKey, QuestionId, Time, WaveKey};

/// Says who writes these files, where the format asks for an orchestrator.
pub(super) fn orchestrator(lane: &str) -> String {
    format!("{lane}-wavedeck")
}

/// An exit as the one number that shells make of it.
pub(super) fn exit_code(exit: Exit) -> i32 {
    match exit {
        Exit::Code { code } => code,
        Exit::Signal { signal } => 128 + signal,
    }
}

/// The envelope of an attempt that is over: what it said, filled up with what we know, and under `_wavedeck` what was
/// absent or malformed and what the gate made of it. Nothing is filled in that could satisfy a gate.
pub(super) fn envelope(project: &Path, key: &AttemptKey, brief: &AgentBrief, attempt: &Attempt) -> Value {
    let reading = attempt.evidence.as_ref().map(|evidence| &evidence.result);
    let said = match reading {
        Some(ResultReading::Present { envelope, .. }) => Some(envelope),
        Some(ResultReading::Malformed { partial, .. }) => partial.as_ref(),
        Some(ResultReading::Absent) | None => attempt.submitted.as_ref(),
    };
    let mut fields = match said.and_then(|envelope| serde_json::to_value(envelope).ok()) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    fields.insert("schemaVersion".into(), json!(2));
    fields.insert("agentId".into(), json!(key.agent));
    fields.insert("waveNumber".into(), json!(key.wave.number));
    fields.insert("attempt".into(), json!(key.number));
    fill(&mut fields, "completedAt", json!(attempt.ended_at.map(|at| at.to_string())));
    fields.insert("exitCode".into(), json!(attempt.exit.map(exit_code)));
    fill(&mut fields, "role", json!(envelope_role(brief.role)));
    fill(&mut fields, "proof", json!({ "state": "not_applicable" }));
    let there = |path: &str| {
        attempt.evidence.as_ref().is_some_and(|evidence| {
            evidence.deliverables_present.iter().chain(&evidence.proof_artifacts_present).any(|it| it == path)
        })
    };
    let file = |path: &str| {
        let exists = there(path);
        let digest = exists.then(|| digest(&project.join(path))).flatten();
        json!({ "path": path, "exists": exists, "sha256": digest })
    };
    fields.insert("deliverables".into(), brief.deliverables.iter().map(|path| file(path)).collect());
    let artifacts = brief.proof_artifacts.iter().map(|artifact| {
        let mut entry = file(&artifact.path);
        if let Value::Object(entry) = &mut entry {
            entry.insert("kind".into(), json!(artifact.kind));
            entry.insert("requiredFor".into(), json!(artifact.required_for));
        }
        entry
    });
    fields.insert("proofArtifacts".into(), artifacts.collect());
    fields.insert("_wavedeck".into(), ours(reading, attempt));
    Value::Object(fields)
}

/// Puts a value where none, or null, is.
fn fill(fields: &mut Map<String, Value>, name: &str, value: Value) {
    if fields.get(name).is_none_or(Value::is_null) {
        fields.insert(name.into(), value);
    }
}

fn ours(reading: Option<&ResultReading>, attempt: &Attempt) -> Value {
    let verdict = match &attempt.verdict {
        Some(Verdict::Passed) => json!({ "verdict": "passed" }),
        Some(Verdict::Failed { code, class, detail }) => {
            json!({ "verdict": "failed", "code": code, "class": class, "detail": detail })
        }
        Some(Verdict::RateLimited { until }) => {
            json!({ "verdict": "rate-limited", "until": until.to_string() })
        }
        Some(Verdict::Lost { detail }) => json!({ "verdict": "lost", "detail": detail }),
        None => Value::Null,
    };
    let result = match reading {
        None => json!({ "reading": "unknown" }),
        Some(ResultReading::Absent) => json!({ "reading": "absent" }),
        Some(ResultReading::Malformed { transport, errors, rejected_markers, .. }) => json!({
            "reading": "malformed",
            "transport": transport_word(*transport),
            "errors": errors,
            "rejectedMarkers": rejected_markers,
        }),
        Some(ResultReading::Present { transport, .. }) => {
            json!({ "reading": "present", "transport": transport_word(*transport) })
        }
    };
    json!({ "result": result, "verdict": verdict, "session": attempt.session, "runtime": attempt.runtime })
}

fn transport_word(transport: Transport) -> &'static str {
    match transport {
        Transport::Tool => "tool",
        Transport::File => "file",
        Transport::Markers => "markers",
    }
}

/// SHA-256 of a file in base 16; `None` for a folder or a file that cannot be read.
fn digest(path: &Path) -> Option<String> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Some(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Status files of a wave: path and content for each agent whose newest attempt is over.
pub(super) fn status_files(folder: &StateFolder, key: &WaveKey, wave: &WaveState) -> Vec<(String, Value)> {
    let agents = wave.brief.iter().flat_map(|brief| &brief.agents);
    agents
        .filter_map(|brief| {
            let state = wave.agents.get(&brief.id)?;
            let attempt = state.passed.and_then(|number| state.attempt(number)).or_else(|| state.newest())?;
            let content = json!({
                "code": exit_code(attempt.exit?),
                "promptHash": attempt.fingerprint,
                "orchestratorId": orchestrator(&key.lane),
                "attempt": attempt.number,
                "completedAt": attempt.ended_at?.to_string(),
            });
            Some((ProjectPaths::status_file(folder, key, &brief.slug), content))
        })
        .collect()
}

/// The run state of a lane. `other` is what the file holds now: its waves that are not in our state are kept.
pub(super) fn run_state(state: &State, lane: &str, other: Option<&Value>, now: Time) -> Value {
    let ours: BTreeMap<u32, &WaveState> = state
        .waves
        .iter()
        .filter(|(key, _)| key.lane == lane)
        .map(|(key, wave)| (key.number, wave))
        .collect();
    let mut waves = Map::new();
    let mut completed: BTreeSet<u64> = BTreeSet::new();
    let mut history = Vec::new();
    if let Some(other) = other {
        keep_others(other, &ours, &mut waves, &mut completed, &mut history);
    }
    let mut own: Vec<(Time, Value)> = Vec::new();
    for (number, wave) in &ours {
        let Some((word, reason, detail)) = standing(wave) else { continue };
        let at = wave.ended_at.unwrap_or(wave.started_at);
        if word == "completed" {
            completed.insert(u64::from(*number));
        }
        waves.insert(
            number.to_string(),
            json!({
                "wave": number, "currentState": word, "lastTransitionAt": at.to_string(),
                "lastSource": "live-launcher", "lastReasonCode": reason, "lastDetail": detail,
                "lastEvidence": null,
            }),
        );
        own.push((
            at,
            json!({
                "at": at.to_string(), "wave": number, "fromState": null, "toState": word,
                "source": "live-launcher", "reasonCode": reason, "detail": detail, "evidence": null,
            }),
        ));
    }
    own.sort_by_key(|(at, _)| *at);
    history.extend(own.into_iter().map(|(_, entry)| entry));
    for (index, entry) in history.iter_mut().enumerate() {
        if let Value::Object(entry) = entry {
            entry.insert("seq".into(), json!(index + 1));
        }
    }
    json!({
        "schemaVersion": 2, "kind": "wave-run-state",
        "completedWaves": completed.into_iter().collect::<Vec<_>>(),
        "lastUpdatedAt": now.to_string(), "waves": waves, "history": history,
    })
}

/// Where a wave stands in the words of the run state; `None` while it runs.
fn standing(wave: &WaveState) -> Option<(&'static str, String, String)> {
    match &wave.status {
        WaveStatus::Running => None,
        WaveStatus::Closed => Some(("completed", "wave-complete".into(), "every agent passed".into())),
        WaveStatus::Failed { failures } => {
            let reason = failures.first().map_or("failed", |(_, code)| code.as_str()).to_owned();
            let named: Vec<String> =
                failures.iter().map(|(agent, code)| format!("{agent}: {code}")).collect();
            Some(("blocked", reason, named.join(", ")))
        }
        WaveStatus::Refused { reasons } => Some(("blocked", "refused".into(), reasons.join("; "))),
    }
}

fn keep_others(
    other: &Value,
    ours: &BTreeMap<u32, &WaveState>,
    waves: &mut Map<String, Value>,
    completed: &mut BTreeSet<u64>,
    history: &mut Vec<Value>,
) {
    let is_ours = |number: u64| u32::try_from(number).is_ok_and(|number| ours.contains_key(&number));
    let list = |name: &str| other.get(name).and_then(Value::as_array).into_iter().flatten();
    completed.extend(list("completedWaves").filter_map(Value::as_u64).filter(|number| !is_ours(*number)));
    for (number, wave) in other.get("waves").and_then(Value::as_object).into_iter().flatten() {
        if !number.parse().is_ok_and(is_ours) {
            waves.insert(number.clone(), wave.clone());
        }
    }
    let theirs =
        |entry: &&Value| entry.get("wave").and_then(Value::as_u64).is_some_and(|number| !is_ours(number));
    history.extend(list("history").filter(theirs).cloned());
}

/// Name and content of the file of a question.
pub(super) fn question_file(project: &str, id: QuestionId, question: &Question) -> (String, Value) {
    let lane = &question.wave.lane;
    let stamp: String = stamp(question.asked_at);
    let digest = blake3::hash(format!("{project}/{lane}/{id}").as_bytes()).to_hex();
    let safe: String = format!("{lane}-w{}-{}", question.wave.number, question.agent)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let name = format!("{stamp}-{safe}-{}", &digest[..6]);
    let (status, updated, response) = match &question.status {
        QuestionStatus::Open => ("pending", question.asked_at, Value::Null),
        QuestionStatus::Answered { text, by, at } => {
            ("answered", *at, json!({ "operator": by, "text": text, "answeredAt": at.to_string() }))
        }
        QuestionStatus::Withdrawn { why, at } => ("withdrawn", *at, json!({ "withdrawn": why })),
    };
    let content = json!({
        "id": name, "project": project, "createdAt": question.asked_at.to_string(),
        "updatedAt": updated.to_string(), "lane": lane, "wave": question.wave.number,
        "agentId": question.agent, "orchestratorId": orchestrator(lane), "status": status,
        "question": question.text, "context": question.options.join(" | "), "response": response,
    });
    (name, content)
}

/// A time as 17 digits, to the millisecond, in UTC.
fn stamp(time: Time) -> String {
    let moment = i64::try_from(time.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(
        || format!("{:017}", time.0),
        |moment| format!("{}{:03}", moment.strftime("%Y%m%d%H%M%S"), time.0 % 1000),
    )
}
