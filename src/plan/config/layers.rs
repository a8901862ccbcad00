//! Looking a key up through the layers of the configuration, the last one that has it winning.

use serde_json::Value;

use super::super::finding::Finding;
use super::super::json::{Document, child};
use super::super::runtime::RuntimeId;

/// The file is not JSON.
pub(in crate::plan) const NOT_JSON: &str = "C01";
/// A value of the wrong type, or one that its key does not take.
pub(super) const WRONG_VALUE: &str = "C02";
/// A runtime that nobody declares.
pub(super) const UNKNOWN_RUNTIME: &str = "C03";
/// A key that was renamed; the old one is refused.
pub(super) const RENAMED: &str = "C04";
/// A key that nothing reads.
pub(super) const UNKNOWN_KEY: &str = "W02";

/// Built-in runtimes.
const BUILT_IN: [&str; 4] = ["codex", "claude", "opencode", "local"];

/// Whether a runtime is built in or among `more`.
pub(in crate::plan) fn is_runtime(id: &RuntimeId, more: &[String]) -> bool {
    BUILT_IN.contains(&id.0.as_str()) || more.contains(&id.0)
}

/// Reads values and collects what is wrong with them.
pub(super) struct Lookup<'d> {
    /// The file.
    pub(super) document: &'d Document,
    /// Runtimes beside the built-in ones; `None`: names are not checked.
    pub(super) runtimes: Option<&'d [String]>,
    /// What was found so far.
    pub(super) findings: Vec<Finding>,
}

impl Lookup<'_> {
    /// The pointer of `key` in the last of `layers` that has it, `null` not counting.
    pub(super) fn find(&self, layers: &[String], key: &str) -> Option<String> {
        layers
            .iter()
            .rev()
            .map(|layer| child(layer, key))
            .find(|pointer| self.document.get(pointer).is_some_and(|value| !value.is_null()))
    }

    /// Adds an error at a value.
    pub(super) fn error(&mut self, rule: &str, pointer: &str, message: String, hint: &str) {
        let place = self.document.position(pointer);
        self.findings.push(Finding::error(rule, self.document.file(), place, message, hint.to_string()));
    }

    fn wrong(&mut self, pointer: &str, wanted: &str) {
        let key = name_of(pointer);
        self.error(
            WRONG_VALUE,
            pointer,
            format!("`{key}` must be {wanted}"),
            "mend the value or remove the key; until then its default holds",
        );
    }

    /// A non-empty string.
    pub(super) fn text_at(&mut self, pointer: &str) -> Option<String> {
        let text = self.document.get(pointer)?.as_str().map(str::trim).map(str::to_string);
        if text.is_none() {
            self.wrong(pointer, "a string");
        }
        text.filter(|text| !text.is_empty())
    }

    /// A non-empty string under `key`.
    pub(super) fn text(&mut self, layers: &[String], key: &str) -> Option<String> {
        let pointer = self.find(layers, key)?;
        self.text_at(&pointer)
    }

    /// A path inside the project, without `./` and trailing `/`.
    pub(super) fn path(&mut self, layers: &[String], key: &str) -> Option<String> {
        let pointer = self.find(layers, key)?;
        let text = self.text_at(&pointer)?;
        self.project_path(&pointer, &text)
    }

    fn project_path(&mut self, pointer: &str, text: &str) -> Option<String> {
        use super::super::wave::ownership::{is_inside_project, normal};
        let path = normal(text).trim_end_matches('/').to_string();
        if is_inside_project(&path) && !text.starts_with('/') {
            return Some(path);
        }
        self.wrong(pointer, "a path inside the project");
        None
    }

    /// A list of non-empty strings; a single string counts as a list of one.
    pub(super) fn list_at(&mut self, pointer: &str) -> Option<Vec<String>> {
        let items = match self.document.get(pointer)? {
            Value::Null => return None,
            Value::String(text) => vec![Some(text.clone())],
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_string)).collect(),
            _ => {
                self.wrong(pointer, "a list of strings");
                return None;
            }
        };
        for (index, item) in items.iter().enumerate() {
            if item.is_none() {
                self.wrong(&format!("{pointer}/{index}"), "a string");
            }
        }
        let texts = items.into_iter().flatten().map(|text| text.trim().to_string());
        Some(texts.filter(|text| !text.is_empty()).collect())
    }

    /// A list of strings under `key`.
    pub(super) fn list(&mut self, layers: &[String], key: &str) -> Option<Vec<String>> {
        let pointer = self.find(layers, key)?;
        self.list_at(&pointer)
    }

    /// A list of paths inside the project under `key`.
    pub(super) fn path_list(&mut self, layers: &[String], key: &str) -> Option<Vec<String>> {
        let pointer = self.find(layers, key)?;
        let texts = self.list_at(&pointer)?;
        Some(texts.iter().filter_map(|text| self.project_path(&pointer, text)).collect())
    }

    /// A whole number, zero or above.
    pub(super) fn number_at(&mut self, pointer: &str) -> Option<u32> {
        let number = self.document.get(pointer)?.as_u64().and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.wrong(pointer, "a whole number, zero or above");
        }
        number
    }

    /// A threshold: `null` switches it off, a missing one is the default.
    pub(super) fn threshold(&mut self, layers: &[String], key: &str, default: Option<u32>) -> Option<u32> {
        let pointer = layers
            .iter()
            .rev()
            .map(|layer| child(layer, key))
            .find(|pointer| self.document.get(pointer).is_some());
        let Some(pointer) = pointer else { return default };
        if self.document.get(&pointer).is_some_and(Value::is_null) {
            return None;
        }
        self.number_at(&pointer).or(default)
    }

    /// A runtime by name.
    pub(super) fn runtime_at(&mut self, pointer: &str) -> Option<RuntimeId> {
        let text = self.text_at(pointer)?;
        let id = RuntimeId(text);
        self.check_runtime(pointer, &id);
        Some(id)
    }

    /// A list of runtimes by name.
    pub(super) fn runtimes_at(&mut self, pointer: &str) -> Option<Vec<RuntimeId>> {
        let names = self.list_at(pointer)?;
        let ids: Vec<RuntimeId> = names.into_iter().map(RuntimeId).collect();
        for (index, id) in ids.iter().enumerate() {
            self.check_runtime(&format!("{pointer}/{index}"), id);
        }
        Some(ids)
    }

    fn check_runtime(&mut self, pointer: &str, id: &RuntimeId) {
        if self.runtimes.is_none_or(|more| is_runtime(id, more)) {
            return;
        }
        self.error(
            UNKNOWN_RUNTIME,
            pointer,
            format!("`{id}` is no runtime"),
            "the runtimes are codex, claude, opencode, local and those of `[runtimes.NAME]` in .wavedeck/config.toml",
        );
    }

    /// Whether the value at `pointer` is an object or not there; anything else is an error.
    pub(super) fn is_object(&mut self, pointer: &str) -> bool {
        match self.document.get(pointer) {
            Some(Value::Object(_)) => true,
            None | Some(Value::Null) => false,
            Some(_) => {
                self.wrong(pointer, "an object");
                false
            }
        }
    }

    /// Warns of the keys of an object that are not in `known`.
    pub(super) fn unknown_keys(&mut self, pointer: &str, known: &[&str]) {
        for (key, place) in self.document.members(pointer) {
            if known.contains(&key.as_str()) {
                continue;
            }
            let finding = Finding::warning(
                UNKNOWN_KEY,
                self.document.file(),
                self.document.position(&place),
                format!("`{}` is no key of the configuration", name_of(&place)),
                format!("nothing reads it; the keys here are {}", known.join(", ")),
            );
            self.findings.push(finding);
        }
    }
}

/// A pointer as people write it: `/roles/x` is `roles.x`.
fn name_of(pointer: &str) -> String {
    match pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~") {
        name if name.is_empty() => "the configuration".to_string(),
        name => name,
    }
}
