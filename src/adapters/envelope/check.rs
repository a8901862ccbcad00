//! What makes an envelope valid, error by error.

use serde_json::{Map, Value, json};

use super::{SCHEMA_VERSION, inferred_role, section_of};
use crate::engine::AttemptKey;
use crate::plan::wave::{Completion, DocImpact, Durability, Proof};

/// Words of `proof.state`, and what markers say instead.
const PROOF_STATES: [(&str, &str); 6] = [
    ("satisfied", "satisfied"),
    ("partial", "partial"),
    ("failed", "failed"),
    ("not_applicable", "not_applicable"),
    ("met", "satisfied"),
    ("gap", "partial"),
];

/// What a JSON value is, for a sentence.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The fields of an envelope with what is wrong with them. What could not be used is taken out or replaced, so that the
/// rest can be read all the same.
pub(super) fn checked(
    fields: &Map<String, Value>,
    attempt: &AttemptKey,
) -> (Map<String, Value>, Vec<String>) {
    let mut checker = Checker { fields: fields.clone(), errors: Vec::new() };
    checker.header(attempt);
    checker.role();
    checker.proof();
    checker.implementation();
    (checker.fields, checker.errors)
}

struct Checker {
    fields: Map<String, Value>,
    errors: Vec<String>,
}

impl Checker {
    fn header(&mut self, attempt: &AttemptKey) {
        match self.fields.get("schemaVersion") {
            Some(version) if version.as_u64() == Some(u64::from(SCHEMA_VERSION)) => {}
            Some(version) => self.errors.push(format!("`schemaVersion` must be 2 and is {version}")),
            None => self.errors.push("`schemaVersion` is missing; it must be 2".to_owned()),
        }
        match self.fields.get("agentId") {
            Some(Value::String(agent)) if *agent == attempt.agent => {}
            Some(agent) => {
                self.errors.push(format!("`agentId` must be \"{}\" and is {agent}", attempt.agent));
            }
            None => self.errors.push(format!("`agentId` is missing; it must be \"{}\"", attempt.agent)),
        }
        for (name, expected) in [("waveNumber", attempt.wave.number), ("attempt", attempt.number)] {
            match self.fields.get(name) {
                None | Some(Value::Null) => {}
                Some(value) if value.as_u64() == Some(u64::from(expected)) => {}
                Some(value) => self.errors.push(format!("`{name}` must be {expected} and is {value}")),
            }
        }
        let exit_code = self.fields.get("exitCode").filter(|value| !value.is_null());
        let exit_code = match exit_code.map(|value| value.as_i64().and_then(|code| i32::try_from(code).ok()))
        {
            None => 0,
            Some(Some(code)) => code,
            Some(None) => {
                self.errors.push("`exitCode` must be a whole number".to_owned());
                0
            }
        };
        self.text_or_nothing("completedAt");
        for (name, value) in [
            ("schemaVersion", json!(SCHEMA_VERSION)),
            ("agentId", json!(attempt.agent)),
            ("waveNumber", json!(attempt.wave.number)),
            ("attempt", json!(attempt.number)),
            ("exitCode", json!(exit_code)),
        ] {
            self.fields.insert(name.to_owned(), value);
        }
    }

    fn text_or_nothing(&mut self, name: &str) {
        if let Some(value) = self.fields.get(name).filter(|value| !value.is_null() && !value.is_string()) {
            self.errors.push(format!("`{name}` must be a text and is {}", kind_of(value)));
            self.fields.remove(name);
        }
    }

    fn role(&mut self) {
        let given = self.fields.get("role").and_then(Value::as_str).filter(|role| section_of(role).is_some());
        let role = match given {
            Some(role) => Some(role.to_owned()),
            None => inferred_role(&self.fields).map(str::to_owned),
        };
        let Some(role) = role else {
            self.errors.push(
                "`role` is missing or not known, and no section tells it; it may be implementation, design, integration, \
                 documentation, cont-qa, cont-eval, security, deploy"
                    .to_owned(),
            );
            self.fields.remove("role");
            return;
        };
        if let Some(section) = section_of(&role) {
            match self.fields.get(section) {
                Some(Value::Object(_)) => {}
                Some(value) if !value.is_null() => {
                    let error = format!("`{section}` must be an object and is {}", kind_of(value));
                    self.errors.push(error);
                }
                _ => self.errors.push(format!("`{section}` is missing; the role {role} needs it")),
            }
        }
        self.fields.insert("role".to_owned(), Value::String(role));
    }

    fn proof(&mut self) {
        let proof = match self.fields.remove("proof") {
            Some(Value::Object(proof)) => proof,
            None | Some(Value::Null) => {
                self.errors.push("`proof` is missing; it must be an object with a `state`".to_owned());
                return;
            }
            Some(value) => {
                self.errors.push(format!("`proof` must be an object and is {}", kind_of(&value)));
                return;
            }
        };
        let mut proof = proof;
        let word = proof.get("state").and_then(Value::as_str).map(str::to_lowercase);
        let state =
            PROOF_STATES.iter().find(|(given, _)| word.as_deref() == Some(*given)).map(|(_, state)| *state);
        let Some(state) = state else {
            let is = proof.get("state").map_or("missing".to_owned(), Value::to_string);
            self.errors
                .push(format!("`proof.state` is {is}; it may be satisfied, partial, failed, not_applicable"));
            return;
        };
        proof.insert("state".to_owned(), json!(state));
        self.word(&mut proof, "proof.completion", &words(Completion::ALL, Completion::word));
        self.word(&mut proof, "proof.durability", &words(Durability::ALL, Durability::word));
        self.word(&mut proof, "proof.proofLevel", &words(Proof::ALL, Proof::word));
        self.free_text(&mut proof, "proof.detail");
        self.fields.insert("proof".to_owned(), Value::Object(proof));
    }

    /// One of some words, in any case; anything else but nothing is an error and taken out.
    fn word(&mut self, section: &mut Map<String, Value>, path: &str, allowed: &[&str]) {
        let name = path.rsplit('.').next().unwrap_or(path);
        let Some(value) = section.get(name).filter(|value| !value.is_null()) else { return };
        let word = value.as_str().map(str::to_lowercase);
        match word.filter(|word| allowed.contains(&word.as_str())) {
            Some(word) => {
                section.insert(name.to_owned(), Value::String(word));
            }
            None => {
                self.errors.push(format!("`{path}` is {value}; it may be {}", allowed.join(", ")));
                section.remove(name);
            }
        }
    }

    fn free_text(&mut self, section: &mut Map<String, Value>, path: &str) {
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some(value) = section.get(name).filter(|value| !value.is_null() && !value.is_string()) {
            self.errors.push(format!("`{path}` must be a text and is {}", kind_of(value)));
            section.remove(name);
        }
    }

    fn implementation(&mut self) {
        let section = match self.fields.remove("implementation") {
            Some(Value::Object(section)) => section,
            // Said by `role` when the role needs it; a section that nobody needs must still be readable.
            _ => return,
        };
        let mut section = section;
        match section.remove("docDelta") {
            None | Some(Value::Null) => {}
            Some(Value::Object(delta)) => {
                if let Some(delta) = self.doc_delta(delta) {
                    section.insert("docDelta".to_owned(), Value::Object(delta));
                }
            }
            Some(value) => {
                let error = format!("`implementation.docDelta` must be an object and is {}", kind_of(&value));
                self.errors.push(error);
            }
        }
        let components = match section.remove("components") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(components)) => components,
            Some(value) => {
                let error = format!("`implementation.components` must be a list and is {}", kind_of(&value));
                self.errors.push(error);
                Vec::new()
            }
        };
        let components: Vec<Value> = components
            .into_iter()
            .enumerate()
            .filter_map(|(index, component)| self.component(index, component))
            .collect();
        section.insert("components".to_owned(), Value::Array(components));
        self.fields.insert("implementation".to_owned(), Value::Object(section));
    }

    fn doc_delta(&mut self, mut delta: Map<String, Value>) -> Option<Map<String, Value>> {
        self.word(&mut delta, "implementation.docDelta.state", &words(DocImpact::ALL, DocImpact::word));
        self.free_text(&mut delta, "implementation.docDelta.detail");
        let readable = match delta.get("paths") {
            None => true,
            Some(Value::Null) => {
                delta.remove("paths");
                true
            }
            Some(Value::Array(paths)) => paths.iter().all(Value::is_string),
            Some(_) => false,
        };
        if !readable {
            self.errors.push("`implementation.docDelta.paths` must be a list of texts".to_owned());
            delta.remove("paths");
        }
        if !delta.get("state").is_some_and(Value::is_string) {
            let known = "`implementation.docDelta.state`";
            if !self.errors.iter().any(|error| error.starts_with(known)) {
                self.errors.push(format!("{known} is missing; it may be none, owned, shared-plan"));
            }
            return None;
        }
        Some(delta)
    }

    fn component(&mut self, index: usize, component: Value) -> Option<Value> {
        let at = format!("implementation.components[{index}]");
        let Value::Object(mut component) = component else {
            self.errors.push(format!("`{at}` must be an object and is {}", kind_of(&component)));
            return None;
        };
        let mut complete = true;
        for name in ["componentId", "level", "state"] {
            if !component.get(name).is_some_and(Value::is_string) {
                self.errors.push(format!("`{at}.{name}` is missing or no text"));
                complete = false;
            }
        }
        let state = component.get("state").and_then(Value::as_str).map(str::to_lowercase);
        match state.as_deref() {
            Some("met" | "complete") => {
                component.insert("state".to_owned(), json!("met"));
            }
            Some("gap") | None => {}
            Some(other) => {
                self.errors.push(format!("`{at}.state` is \"{other}\"; it may be met, gap"));
                complete = false;
            }
        }
        self.free_text(&mut component, &format!("{at}.detail"));
        complete.then_some(Value::Object(component))
    }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| word(*value)).collect()
}
