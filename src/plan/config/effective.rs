//! Which value holds for a lane, and which layer set it.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::finding::Position;
use super::super::json::{Document, child};
use super::keys::TOP;
use super::layers::{Lookup, NOT_JSON};
use super::read::{self, Scope};
use super::shape::{Key, Shape};
use super::{Address, Config};

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
    /// Nobody: it is the default, or follows from other values.
    Default,
    /// A layer of a file.
    File {
        /// `top level`, `projects.ID`, `lanes.NAME`, `project settings` or `user settings`; several with ` + ` between them
        /// where a value is joined from all.
        layer: String,
        /// Path of the file.
        file: String,
        /// Where, in the nearest layer.
        #[serde(flatten)]
        position: Position,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A flag of the command line.
    CommandLine {
        /// Its name, such as `--lane`.
        flag: String,
    },
}

/// Every value of a lane that the file or a default sets, in the order of the table of keys. `lanes` and `projects` are
/// not among them: they are the layers.
pub fn effective(file: &str, text: Option<&str>, address: Address<'_>) -> Vec<Effective> {
    let document = text.map_or_else(|| Document::absent(file), |text| Document::read(file, text, NOT_JSON).0);
    let scope = Scope::of(&Lookup { document: &document }, address);
    let config = read::config(&document, address);
    let mut listing =
        Listing { document: &document, lane: &scope.lane, resolved: resolved(&config), values: Vec::new() };
    for key in TOP.iter().filter(|key| !["$schema", "lanes", "projects"].contains(&key.name)) {
        listing.key(&[], key, &scope.all, Unset::Default);
        if key.name == "paths" {
            for name in ["plansDir", "wavesDir"] {
                listing.value(&["paths", name], &Key::new(name, Shape::Path, ""), &scope.all, Unset::Default);
            }
        }
    }
    listing.values
}

/// Values that no single layer holds: paths that follow from other paths, and lists that are joined from all layers.
fn resolved(config: &Config) -> Vec<(&'static str, Value)> {
    let (paths, skills) = (&config.paths, &config.skills);
    vec![
        ("projectName", json!(config.project_name)),
        ("sharedPlanDocs", json!(config.shared_plan_docs)),
        ("paths.docsDir", json!(paths.docs_dir)),
        ("paths.plansDir", json!(paths.plans_dir)),
        ("paths.wavesDir", json!(paths.waves_dir)),
        ("paths.componentCutoverMatrixDocPath", json!(paths.matrix_doc)),
        ("paths.componentCutoverMatrixJsonPath", json!(paths.matrix_json)),
        ("skills.base", json!(skills.base)),
        ("skills.byRole", json!(skills.by_role)),
        ("skills.byRuntime", json!(skills.by_runtime)),
        ("skills.byDeployKind", json!(skills.by_deploy_kind)),
    ]
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
    /// Pointer of the lane.
    lane: &'d str,
    resolved: Vec<(&'static str, Value)>,
    values: Vec<Effective>,
}

impl Listing<'_> {
    fn key(&mut self, above: &[&str], key: &Key, layers: &[String], unset: Unset) {
        let path: Vec<&str> = above.iter().copied().chain([key.name]).collect();
        match key.shape {
            Shape::Object(keys) => {
                let layers = if is_joined(&path) { layers } else { self.nearest(layers, &path) };
                for inner in keys {
                    self.key(&path, inner, layers, unset);
                }
            }
            Shape::Map(Shape::Object(keys)) => {
                for name in self.names(layers, &path) {
                    let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
                    for inner in keys.iter() {
                        self.key(&path, inner, self.nearest(layers, &path), Unset::Nothing);
                    }
                }
            }
            _ => self.value(&path, key, layers, unset),
        }
    }

    /// The nearest layer that has a key, as the only one; none when no layer has it.
    fn nearest<'l>(&self, layers: &'l [String], path: &[&str]) -> &'l [String] {
        let has = |layer: &String| self.places(layer, path).any(|at| self.is_set(&at, Shape::Foreign));
        let Some(index) = layers.iter().rposition(has) else { return &[] };
        layers.get(index..=index).unwrap_or_default()
    }

    /// Names that any layer has under a path.
    fn names(&self, layers: &[String], path: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for layer in layers {
            for (name, _) in self.document.members(&under(layer, path)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    fn value(&mut self, path: &[&str], key: &Key, layers: &[String], unset: Unset) {
        let name = path.join(".");
        let set: Vec<(&String, String)> = layers
            .iter()
            .filter_map(|layer| {
                Some((layer, self.places(layer, path).find(|at| self.is_set(at, key.shape))?))
            })
            .collect();
        let resolved = self.resolved.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        let (value, source) = match (set.last(), unset) {
            (Some((layer, pointer)), _) => {
                let value = resolved.or_else(|| self.document.get(pointer).cloned()).unwrap_or_default();
                let is_joined = path.first() == Some(&"skills") && key.name != "dir";
                let layer = match is_joined {
                    true => set.iter().map(|(layer, _)| layer_name(layer)).collect::<Vec<_>>().join(" + "),
                    false => layer_name(layer),
                };
                let position = self.document.position(pointer);
                (value, Source::File { layer, file: self.document.file().to_string(), position })
            }
            (None, Unset::Default) => {
                let default = resolved.or_else(|| serde_json::from_str(key.default).ok());
                let Some(value) = default else { return };
                (value, Source::Default)
            }
            (None, Unset::Nothing) => return,
        };
        self.values.push(Effective { key: name, value, source });
    }

    /// Whether a value stands here. `null` says nothing, but for a threshold, which it switches off.
    fn is_set(&self, pointer: &str, shape: Shape) -> bool {
        let is_threshold = matches!(shape, Shape::Threshold);
        self.document.get(pointer).is_some_and(|value| is_threshold || !value.is_null())
    }

    /// Where a layer may have a key: in a lane, paths and the runtime policy stand in the lane itself, too.
    fn places(&self, layer: &str, path: &[&str]) -> impl Iterator<Item = String> {
        let own = match path {
            ["paths" | "runtimePolicy", key] if layer == self.lane => Some(child(layer, key)),
            _ => None,
        };
        own.into_iter().chain([under(layer, path)])
    }
}

/// Whether the layers of an object are looked through key by key; of any other the nearest layer has all of it.
fn is_joined(path: &[&str]) -> bool {
    path.len() == 1 || (path.len() == 2 && ["executors", "externalProviders"].contains(&path[0]))
}

fn layer_name(pointer: &str) -> String {
    match pointer.trim_start_matches('/').replace('/', ".") {
        name if name.is_empty() => "top level".to_string(),
        name => name,
    }
}

fn under(layer: &str, path: &[&str]) -> String {
    path.iter().fold(layer.to_string(), |pointer, key| child(&pointer, key))
}

#[cfg(test)]
mod tests {
    use super::{Address, Source, effective};

    const TEXT: &str = r#"{"roles": {"contQaAgentId": "Q0", "integrationAgentId": "I0"},
"lanes": {"side": {"roles": {"contQaAgentId": "Q2"}, "stateRoot": "x", "runtimeMixTargets": {"codex": 1},
"validation": {"gateModeThresholds": {"strict": 5}, "requireExitContractsFromWave": null}, "skills": {"base": ["b"]}}},
"executors": {"profiles": {"fast": {"id": "codex"}}, "codex": {"sandbox": "read-only", "json": null}},
"validation": {"gateModeThresholds": {"standard": 1}}, "skills": {"base": ["a"]}}"#;

    fn check(key: &str, expected: &str) {
        let address = Address { project: None, lane: "side" };
        let values = effective("wave.config.json", Some(TEXT), address);
        let found = values.iter().find(|value| value.key == key).map(|found| match &found.source {
            Source::File { layer, position, .. } => {
                format!("{} {layer} {}:{}", found.value, position.line, position.column)
            }
            _ => format!("{} default", found.value),
        });
        assert_eq!(found.as_deref().unwrap_or("nothing"), expected, "{key}");
    }

    #[test]
    fn the_nearest_layer_is_named() {
        check("roles.contQaAgentId", "\"Q2\" lanes.side 2:47");
        check("roles.integrationAgentId", "\"I0\" top level 1:57");
        check("roles.documentationAgentId", "\"A9\" default");
        check("paths.stateRoot", "\"x\" lanes.side 2:67");
        check("runtimePolicy.runtimeMixTargets", "{\"codex\":1} lanes.side 2:93");
        check("executors.profiles.fast.id", "\"codex\" top level 4:43");
        check("executors.profiles.fast.model", "nothing");
        check("executors.codex.sandbox", "\"read-only\" top level 4:75");
        check("executors.codex.json", "false default");
        check("validation.requireIntegrationStewardFromWave", "null default");
        check("validation.requireExitContractsFromWave", "null lanes.side 3:85");
    }

    #[test]
    fn what_is_replaced_whole_joined_or_follows_from_others_is_shown_as_it_is() {
        check("validation.gateModeThresholds.strict", "5 lanes.side 3:49");
        check("validation.gateModeThresholds.standard", "4 default");
        check("skills.base", "[\"a\",\"b\"] top level + lanes.side 3:111");
        check("paths.docsDir", "\"docs/side\" default");
        check("paths.wavesDir", "\"docs/side/plans/waves\" default");
        check("paths.componentCutoverMatrixJsonPath", "\"docs/plans/component-cutover-matrix.json\" default");
    }
}
