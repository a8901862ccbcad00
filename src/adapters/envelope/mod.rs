//! What an attempt said about itself: a submitted envelope, an envelope file, or markers in its output, in this order
//! of trust. Shapes and rules are those of npm `@chllming/wave-orchestration` 0.9.15, schema version 2; unlike there,
//! nothing is filled in that could satisfy a gate.

mod check;
mod synthesize;

use serde_json::{Map, Value};

use super::marker;
use crate::engine::AttemptKey;
use crate::engine::envelope::{Envelope, ResultReading, Transport};
pub use synthesize::synthesize;

/// Longest envelope that is read, in bytes.
pub const ENVELOPE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Schema version that is read and written.
pub const SCHEMA_VERSION: u32 = 2;

/// What an attempt left that may hold its result.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The last envelope that it submitted over the socket.
    pub submitted: Option<&'a Envelope>,
    /// The bytes of the file at `WAVEDECK_RESULT`, when there is one.
    pub file: Option<&'a [u8]>,
    /// What it printed, as plain text ([`super::plain_text`]).
    pub output: &'a str,
    /// How its process ended; goes into an envelope made of markers.
    pub exit_code: i32,
}

/// Reads an attempt's result. The most trusted source that holds anything decides: a broken file is reported as broken,
/// and not passed over for markers that happen to be there.
pub fn read_result(attempt: &AttemptKey, sources: &Sources<'_>) -> ResultReading {
    if let Some(envelope) = sources.submitted {
        return ResultReading::Present { transport: Transport::Tool, envelope: envelope.clone() };
    }
    if let Some(bytes) = sources.file.filter(|bytes| !bytes.trim_ascii().is_empty()) {
        return match read_bytes(bytes, attempt) {
            Ok(envelope) => ResultReading::Present { transport: Transport::File, envelope },
            Err(invalid) => ResultReading::Malformed {
                transport: Transport::File,
                errors: invalid.errors,
                rejected_markers: Vec::new(),
                partial: invalid.partial.map(|partial| *partial),
            },
        };
    }
    read_markers(attempt, sources.output, sources.exit_code)
}

/// An envelope that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the envelope was not accepted: {}", .errors.join("; "))]
pub struct Invalid {
    /// Every error, as sentences.
    pub errors: Vec<String>,
    /// What could be read all the same.
    pub partial: Option<Box<Envelope>>,
}

/// Reads the bytes of an envelope (a file, or the standard input of `wavedeck done -`).
///
/// # Errors
/// [`Invalid`] with every error: too long, no UTF-8, no JSON, and all that [`read_json`] finds.
pub fn read_bytes(bytes: &[u8], attempt: &AttemptKey) -> Result<Envelope, Invalid> {
    let only = |error: String| Invalid { errors: vec![error], partial: None };
    if bytes.len() > ENVELOPE_BYTES_MAX {
        return Err(only(format!(
            "it has {} bytes, and {ENVELOPE_BYTES_MAX} are the most that is read",
            bytes.len()
        )));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        only(format!("it is not UTF-8: the byte at offset {} begins no character", error.valid_up_to()))
    })?;
    let value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| only(format!("it is not JSON: {error}")))?;
    read_json(&value, attempt)
}

/// Reads an envelope of the given attempt.
///
/// `waveNumber` and `attempt` may be left out; they are those of the attempt then. Fields that are not known are kept.
/// `proof.state` may say `met` and `gap` as markers do. A missing `role` is inferred ([`inferred_role`]).
///
/// # Errors
/// [`Invalid`] with every error: not an object, another schema version, another agent, wave or attempt, no role and
/// none to infer, a required section that is missing or no object, a field of the wrong kind.
pub fn read_json(value: &Value, attempt: &AttemptKey) -> Result<Envelope, Invalid> {
    let Value::Object(fields) = value else {
        let errors = vec![format!("it must be an object and is {}", check::kind_of(value))];
        return Err(Invalid { errors, partial: None });
    };
    let (fields, mut errors) = check::checked(fields, attempt);
    match serde_json::from_value::<Envelope>(Value::Object(fields)) {
        Ok(envelope) if errors.is_empty() => Ok(envelope),
        Ok(envelope) => Err(Invalid { errors, partial: Some(Box::new(envelope)) }),
        Err(error) => {
            errors.push(error.to_string());
            Err(Invalid { errors, partial: None })
        }
    }
}

/// Makes a result of the markers in an attempt's output.
fn read_markers(attempt: &AttemptKey, output: &str, exit_code: i32) -> ResultReading {
    let reading = marker::read(output);
    let rejected: Vec<String> = reading
        .rejected_kinds()
        .into_iter()
        .filter(|word| marker::Kind::from_word(word).is_some_and(synthesize::is_result))
        .collect();
    let has_accepted = reading.accepted.iter().any(|marker| synthesize::is_result(marker.kind));
    if rejected.is_empty() && !has_accepted {
        return ResultReading::Absent;
    }
    let envelope = synthesize(attempt, exit_code, &reading);
    if rejected.is_empty() {
        return ResultReading::Present { transport: Transport::Markers, envelope };
    }
    let samples = reading.diagnostics.values().filter(|seen| seen.accepted == 0);
    let errors = samples
        .flat_map(|seen| &seen.rejected_samples)
        .map(|sample| format!("{}, in the line: {}", sample.why, sample.line))
        .collect();
    ResultReading::Malformed {
        transport: Transport::Markers,
        errors,
        rejected_markers: rejected,
        partial: has_accepted.then_some(envelope),
    }
}

/// The roles of an envelope, each with the section that it needs.
const ROLES: [(&str, &str); 8] = [
    ("implementation", "implementation"),
    ("design", "design"),
    ("integration", "integration"),
    ("documentation", "documentation"),
    ("cont-qa", "contQa"),
    ("cont-eval", "contEval"),
    ("security", "security"),
    ("deploy", "deploy"),
];

/// The section that a role needs; `None` for a word that is no role.
pub fn section_of(role: &str) -> Option<&'static str> {
    ROLES.iter().find(|(name, _)| *name == role).map(|(_, section)| *section)
}

/// The role that the sections speak of: the first of integration, design, documentation, cont-eval, security, cont-qa,
/// deploy, and implementation that has its section (implementation also by its proof).
pub fn inferred_role(fields: &Map<String, Value>) -> Option<&'static str> {
    let order = [
        "integration",
        "design",
        "documentation",
        "cont-eval",
        "security",
        "cont-qa",
        "deploy",
        "implementation",
    ];
    let there = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    let found = order.into_iter().find(|role| section_of(role).is_some_and(there));
    found.or_else(|| there("proof").then_some("implementation"))
}

#[cfg(test)]
mod tests;
