//! Looking a key up through the layers of the configuration, the last one that has it winning.

use serde_json::Value;

use super::super::json::{Document, child};
use super::super::runtime::RuntimeId;
use super::super::wave::ownership::{is_inside_project, normal};

/// The file is not JSON.
pub(in crate::plan) const NOT_JSON: &str = "C01";

/// Built-in runtimes.
pub(super) const BUILT_IN: [&str; 4] = ["codex", "claude", "opencode", "local"];

/// Whether a runtime is built in or among `more`.
pub(in crate::plan) fn is_runtime(id: &RuntimeId, more: &[String]) -> bool {
    BUILT_IN.contains(&id.0.as_str()) || more.contains(&id.0)
}

/// Reads values. What has the wrong shape is taken as absent here, and told by [`super::check`].
#[derive(Clone, Copy)]
pub(super) struct Lookup<'d> {
    /// The file.
    pub(super) document: &'d Document,
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

    /// A non-empty string.
    pub(super) fn text_at(&self, pointer: &str) -> Option<String> {
        let text = self.document.get(pointer)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_string())
    }

    /// A non-empty string under `key`.
    pub(super) fn text(&self, layers: &[String], key: &str) -> Option<String> {
        self.text_at(&self.find(layers, key)?)
    }

    /// A path inside the project, without `./` and trailing `/`.
    pub(super) fn path(&self, layers: &[String], key: &str) -> Option<String> {
        project_path(&self.text(layers, key)?)
    }

    /// A list of non-empty strings; a single string counts as a list of one.
    pub(super) fn list_at(&self, pointer: &str) -> Option<Vec<String>> {
        let items: Vec<&str> = match self.document.get(pointer)? {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let texts = items.into_iter().map(|text| text.trim().to_string());
        Some(texts.filter(|text| !text.is_empty()).collect())
    }

    /// A list of strings under `key`.
    pub(super) fn list(&self, layers: &[String], key: &str) -> Option<Vec<String>> {
        self.list_at(&self.find(layers, key)?)
    }

    /// A list of paths inside the project under `key`.
    pub(super) fn path_list(&self, layers: &[String], key: &str) -> Option<Vec<String>> {
        Some(self.list(layers, key)?.iter().filter_map(|text| project_path(text)).collect())
    }

    /// A whole number, zero or above.
    pub(super) fn number_at(&self, pointer: &str) -> Option<u32> {
        self.document.get(pointer)?.as_u64().and_then(|number| u32::try_from(number).ok())
    }

    /// A whole number under `key`.
    pub(super) fn number(&self, layers: &[String], key: &str) -> Option<u32> {
        self.number_at(&self.find(layers, key)?)
    }

    /// `true` or `false` under `key`.
    pub(super) fn flag(&self, layers: &[String], key: &str) -> Option<bool> {
        self.document.get(&self.find(layers, key)?)?.as_bool()
    }

    /// A threshold: `null` switches it off, a missing one is the default.
    pub(super) fn threshold(&self, layers: &[String], key: &str, default: Option<u32>) -> Option<u32> {
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
    pub(super) fn runtime_at(&self, pointer: &str) -> Option<RuntimeId> {
        self.text_at(pointer).map(RuntimeId)
    }

    /// A list of runtimes under `key`.
    pub(super) fn runtimes(&self, layers: &[String], key: &str) -> Option<Vec<RuntimeId>> {
        Some(self.list(layers, key)?.into_iter().map(RuntimeId).collect())
    }

    /// The members of the object under `key` in the last of `layers` that has it.
    pub(super) fn members(&self, layers: &[String], key: &str) -> Vec<(String, String)> {
        self.find(layers, key).map(|pointer| self.document.members(&pointer)).unwrap_or_default()
    }
}

/// A path inside the project as it is compared: without `./` and trailing `/`. `None` for any other.
pub(super) fn project_path(text: &str) -> Option<String> {
    let path = normal(text).trim_end_matches('/').to_string();
    (is_inside_project(&path) && !text.starts_with('/')).then_some(path)
}

/// A pointer as people write it: `/roles/x` is `roles.x`.
pub(super) fn name_of(pointer: &str) -> String {
    match pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~") {
        name if name.is_empty() => "the configuration".to_string(),
        name => name,
    }
}
