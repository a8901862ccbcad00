//! Which value holds for a lane, and which layer of the file set it.

use serde::Serialize;
use serde_json::Value;

use super::super::finding::Position;
use super::super::json::{Document, child};
use super::Address;
use super::keys::TOP;
use super::layers::{Lookup, NOT_JSON};
use super::read::Scope;
use super::shape::{Key, Shape};

/// A value that holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effective {
    /// Its key, such as `roles.contQaAgentId`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Who set it.
    #[serde(flatten)]
    pub source: Source,
}

/// Who set a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "source", rename_all = "kebab-case")]
pub enum Source {
    /// Nobody: it is the default.
    Default,
    /// A layer of the file.
    File {
        /// `top level`, `projects.ID` or `lanes.NAME`.
        layer: String,
        /// Path of the file.
        file: String,
        /// Where.
        #[serde(flatten)]
        position: Position,
    },
}

/// Every value of a lane that the file or a default sets, in the order of the table of keys. `lanes` and `projects` are
/// not among them: they are the layers.
pub fn effective(file: &str, text: Option<&str>, address: Address<'_>) -> Vec<Effective> {
    let document = text.map_or_else(|| Document::absent(file), |text| Document::read(file, text, NOT_JSON).0);
    let scope = Scope::of(&Lookup { document: &document }, address);
    let mut listing = Listing { document: &document, layers: &scope.all, values: Vec::new() };
    for key in TOP.iter().filter(|key| !["lanes", "projects"].contains(&key.name)) {
        listing.key(&[], key, Unset::Default);
    }
    listing.values
}

/// What is listed of a key that no layer sets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unset {
    /// Its default.
    Default,
    /// Nothing: it is a key of something that the file itself brought in, such as a profile.
    Nothing,
}

struct Listing<'d> {
    document: &'d Document,
    layers: &'d [String],
    values: Vec<Effective>,
}

impl Listing<'_> {
    fn key(&mut self, above: &[&str], key: &Key, unset: Unset) {
        let path: Vec<&str> = above.iter().copied().chain([key.name]).collect();
        match key.shape {
            Shape::Object(keys) => {
                for inner in keys {
                    self.key(&path, inner, unset);
                }
            }
            Shape::Map(Shape::Object(keys)) => {
                for name in self.names(&path) {
                    let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
                    for inner in keys.iter() {
                        self.key(&path, inner, Unset::Nothing);
                    }
                }
            }
            _ => self.value(&path, key, unset),
        }
    }

    /// Names that any layer has under a path.
    fn names(&self, path: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for layer in self.layers {
            for (name, _) in self.document.members(&under(layer, path)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    fn value(&mut self, path: &[&str], key: &Key, unset: Unset) {
        let key_name = path.join(".");
        let set = self.layers.iter().rev().find_map(|layer| {
            let pointer = self.spelled(layer, path).into_iter().find(|at| self.document.get(at).is_some())?;
            Some((layer, pointer))
        });
        if let Some((layer, pointer)) = set {
            let value = self.document.get(&pointer).cloned().unwrap_or_default();
            let layer = match layer.trim_start_matches('/').replace('/', ".") {
                name if name.is_empty() => "top level".to_string(),
                name => name,
            };
            let position = self.document.position(&pointer);
            let file = self.document.file().to_string();
            self.values.push(Effective {
                key: key_name,
                value,
                source: Source::File { layer, file, position },
            });
        } else if let (Unset::Default, Ok(value)) = (unset, serde_json::from_str(key.default)) {
            self.values.push(Effective { key: key_name, value, source: Source::Default });
        }
    }

    /// Where a layer may have a key: paths and the runtime policy stand in a lane itself, too.
    fn spelled(&self, layer: &str, path: &[&str]) -> Vec<String> {
        let mut places = vec![under(layer, path)];
        let is_lane = self.layers.last().is_some_and(|last| last == layer);
        if let (true, ["paths" | "runtimePolicy", key]) = (is_lane, path) {
            places.insert(0, child(layer, key));
        }
        places
    }
}

fn under(layer: &str, path: &[&str]) -> String {
    path.iter().fold(layer.to_string(), |pointer, key| child(&pointer, key))
}

#[cfg(test)]
mod tests {
    use super::{Address, Source, effective};

    #[test]
    fn the_nearest_layer_is_named() {
        let text = r#"{"roles": {"contQaAgentId": "Q0", "integrationAgentId": "I0"},
            "lanes": {"side": {"roles": {"contQaAgentId": "Q2"}, "stateRoot": "x", "runtimeMixTargets": {"codex": 1}}},
            "executors": {"profiles": {"fast": {"id": "codex"}}}}"#;
        let values = effective("wave.config.json", Some(text), Address { project: None, lane: "side" });
        let said = |key: &str| {
            let found = values.iter().find(|value| value.key == key).unwrap();
            match &found.source {
                Source::Default => format!("{} default", found.value),
                Source::File { layer, position, .. } => {
                    format!("{} {layer} {}:{}", found.value, position.line, position.column)
                }
            }
        };
        assert_eq!(said("roles.contQaAgentId"), "\"Q2\" lanes.side 2:59");
        assert_eq!(said("roles.integrationAgentId"), "\"I0\" top level 1:57");
        assert_eq!(said("roles.documentationAgentId"), "\"A9\" default");
        assert_eq!(said("paths.stateRoot"), "\"x\" lanes.side 2:79");
        assert_eq!(said("runtimePolicy.runtimeMixTargets"), "{\"codex\":1} lanes.side 2:105");
        assert_eq!(said("executors.profiles.fast.id"), "\"codex\" top level 3:55");
        assert_eq!(said("validation.requireIntegrationStewardFromWave"), "null default");
    }
}
