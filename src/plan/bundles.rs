//! The Context7 bundle index: which libraries' documentation an agent may be given.
//!
//! The format is that of the npm package `@chllming/wave-orchestration` 0.9.15: `defaultBundle`, `laneDefaults` and
//! `bundles.<id>.libraries`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::Finding;
use super::json::{Document, child};
use super::wave::{Agent, Wave};

/// Rule of an index or a selection that cannot be used.
pub(super) const RULE: &str = "C07";
/// The bundle that selects nothing.
pub const NONE: &str = "none";

/// The index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundles {
    /// Bundle of a lane that names none.
    pub default: String,
    /// Bundle per lane.
    pub by_lane: BTreeMap<String, String>,
    /// Bundles by id.
    pub bundles: BTreeMap<String, Bundle>,
}

/// One bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// For people.
    pub description: String,
    /// What is fetched, in order.
    pub libraries: Vec<Library>,
}

/// A library of a bundle: by id, or by a name that is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its id, such as `/nodejs/node`.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What to ask for beside the query.
    pub hint: Option<String>,
}

/// Which layer chose a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleSource {
    /// `### Context7` of the agent.
    Agent,
    /// `## Context7 defaults` of the wave.
    Wave,
    /// `laneDefaults` of the index.
    Lane,
    /// `defaultBundle` of the index.
    Index,
}

impl Bundles {
    /// Reads an index; `None` when it is no JSON or has no bundles.
    pub fn read(file: &str, text: &str) -> (Option<Bundles>, Vec<Finding>) {
        let (document, broken) = Document::read(file, text, RULE);
        if let Some(broken) = broken {
            return (None, vec![broken]);
        }
        let mut findings = Vec::new();
        let mut error = |pointer: &str, message: String, hint: &str| {
            let place = document.position(pointer);
            findings.push(Finding::error(RULE, file, place, message, hint.to_string()));
        };
        let mut bundles: BTreeMap<String, Bundle> = BTreeMap::new();
        for (id, pointer) in document.members("/bundles") {
            bundles.insert(id, bundle(&document, &pointer));
        }
        if !bundles.contains_key(NONE) {
            error(
                "/bundles",
                "the index has no bundle `none`".to_string(),
                "add `\"none\": {\"libraries\": []}`",
            );
            bundles.insert(NONE.to_string(), Bundle::default());
        }
        let default = text_at(&document, "/defaultBundle").unwrap_or_else(|| NONE.to_string());
        if !bundles.contains_key(&default) {
            error(
                "/defaultBundle",
                format!("`{default}` is no bundle of the index"),
                "name one of its bundles",
            );
        }
        let mut by_lane = BTreeMap::new();
        for (lane, pointer) in document.members("/laneDefaults") {
            let Some(id) = text_at(&document, &pointer) else { continue };
            if !bundles.contains_key(&id) {
                error(&pointer, format!("`{id}` is no bundle of the index"), "name one of its bundles");
            }
            by_lane.insert(lane, id);
        }
        (Some(Bundles { default, by_lane, bundles }), findings)
    }
}

/// The bundle that an agent gets, and which layer chose it: the agent, else its wave, else the lane, else the index.
pub fn selected<'b>(
    index: Option<&'b Bundles>,
    lane: &str,
    wave: &'b Wave,
    agent: &'b Agent,
) -> (&'b str, BundleSource) {
    let own = agent.context7.as_ref().and_then(|context7| context7.bundle.as_deref());
    let of_wave = wave.context7_defaults.as_ref().and_then(|context7| context7.bundle.as_deref());
    let of_lane = index.and_then(|index| index.by_lane.get(lane)).map(String::as_str);
    let layers = [(own, BundleSource::Agent), (of_wave, BundleSource::Wave), (of_lane, BundleSource::Lane)];
    layers
        .into_iter()
        .find_map(|(id, source)| Some((id?, source)))
        .unwrap_or((index.map_or(NONE, |index| index.default.as_str()), BundleSource::Index))
}

fn text_at(document: &Document, pointer: &str) -> Option<String> {
    document.get(pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_string)
}

fn bundle(document: &Document, pointer: &str) -> Bundle {
    let place = child(pointer, "libraries");
    let count = document.get(&place).and_then(Value::as_array).map_or(0, Vec::len);
    let library = |index: usize| {
        let text = |key: &str| text_at(document, &format!("{place}/{index}/{key}"));
        Library { id: text("libraryId"), name: text("libraryName"), hint: text("queryHint") }
    };
    Bundle {
        description: text_at(document, &child(pointer, "description")).unwrap_or_default(),
        libraries: (0..count)
            .map(library)
            .filter(|found| found.id.is_some() || found.name.is_some())
            .collect(),
    }
}
