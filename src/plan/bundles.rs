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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

/// Longest query that is made of an agent's prompt, in characters.
const DERIVED_QUERY_MAX: usize = 260;
/// Lines of a prompt that a query is made of.
const DERIVED_QUERY_LINES: usize = 6;

/// What an agent is given of Context7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// The bundle.
    pub bundle: String,
    /// What the bundle is, for people.
    pub description: String,
    /// Its libraries.
    pub libraries: Vec<Library>,
    /// What is asked of each.
    pub query: String,
    /// Which layer chose the bundle.
    pub bundle_from: BundleSource,
    /// Which layer wrote the query; `None`: it is made of the agent's prompt.
    pub query_from: Option<BundleSource>,
}

impl BundleSource {
    /// The layer, in words.
    pub fn words(self) -> &'static str {
        match self {
            BundleSource::Agent => "the agent",
            BundleSource::Wave => "Context7 defaults of the wave",
            BundleSource::Lane => "laneDefaults of the bundle index",
            BundleSource::Index => "defaultBundle of the bundle index",
        }
    }
}

impl Selection {
    /// What an agent is given: `None` for the bundle [`NONE`], for one without libraries, and for one that the index does
    /// not have. The query is the agent's, else its wave's, else the first lines of the agent's own prompt that say what it
    /// is about.
    pub fn of(index: Option<&Bundles>, lane: &str, wave: &Wave, agent: &Agent) -> Option<Selection> {
        let (id, bundle_from) = selected(index, lane, wave, agent);
        let bundle = index?.bundles.get(id).filter(|bundle| id != NONE && !bundle.libraries.is_empty())?;
        let query = |context7: &Option<super::wave::Context7>| context7.as_ref()?.query.clone();
        let written = [
            (query(&agent.context7), BundleSource::Agent),
            (query(&wave.context7_defaults), BundleSource::Wave),
        ];
        let (query, query_from) = written
            .into_iter()
            .find_map(|(query, source)| Some((query?, Some(source))))
            .unwrap_or_else(|| (derived_query(&agent.prompt_overlay), None));
        Some(Selection {
            bundle: id.to_string(),
            description: bundle.description.clone(),
            libraries: bundle.libraries.clone(),
            query,
            bundle_from,
            query_from,
        })
    }

    /// A name for what is asked: the same libraries and the same question have the same name, whoever asks.
    pub fn name(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        add(&self.query);
        for Library { id, name, hint } in &self.libraries {
            for part in [id, name, hint] {
                add(part.as_deref().unwrap_or_default());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// A question made of a prompt: its first lines, without the lists of files, checks and output.
fn derived_query(prompt: &str) -> String {
    let about_form = |line: &str| {
        let line = line.to_lowercase();
        ["file ownership", "validation", "output"].iter().any(|start| line.starts_with(start))
    };
    let mut is_in_list = false;
    let lines = prompt.lines().map(str::trim).filter(|line| {
        is_in_list = about_form(line) || (is_in_list && (line.is_empty() || line.starts_with('-')));
        !is_in_list && !line.is_empty()
    });
    let words: Vec<&str> = lines.take(DERIVED_QUERY_LINES).flat_map(str::split_whitespace).collect();
    words.join(" ").chars().take(DERIVED_QUERY_MAX).collect()
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

#[cfg(test)]
mod tests {
    use super::super::fixtures::{MINIMAL, minimal};
    use super::super::project::Project;
    use super::{BundleSource, Selection, derived_query};

    fn of(text: &str, agent: &str) -> Option<Selection> {
        let project = Project::read(&minimal(text));
        let wave = &project.waves[&12];
        let agent = wave.agents.iter().find(|known| known.id == agent)?;
        Selection::of(project.bundles.as_ref(), "main", wave, agent)
    }

    #[test]
    fn the_nearest_layer_chooses_bundle_and_query() {
        assert_eq!(of(MINIMAL, "A0"), None, "the bundle none selects nothing");
        let chosen = |bundle: &str| {
            let head = MINIMAL.find("## Agent A1").unwrap();
            let (before, agent) = MINIMAL.split_at(head);
            let start = agent.find("### Context7").unwrap();
            let end = start + agent[start + 4..].find("###").unwrap() + 4;
            format!("{before}{}### Context7\n\n{bundle}\n\n{}", &agent[..start], &agent[end..])
        };
        let own = of(&chosen("- bundle: node-typescript\n- query: \"streams\""), "A1").unwrap();
        assert_eq!((own.query.as_str(), own.bundle_from), ("streams", BundleSource::Agent));
        assert_eq!(own.query_from, Some(BundleSource::Agent));
        let derived = of(&chosen("- bundle: node-typescript"), "A1").unwrap();
        assert_eq!(derived.query_from, None);
        assert!(derived.query.starts_with("Add size-bounded eviction."), "{}", derived.query);
        assert_ne!(own.name(), derived.name());
        assert_eq!(own.name(), Selection { bundle: "other".to_string(), ..own.clone() }.name());
    }

    #[test]
    fn a_query_is_made_of_what_a_prompt_is_about() {
        for (prompt, expected) in [
            ("", ""),
            (
                "File ownership (only touch these paths):\n- src/\n\nAdd   eviction\n\nValidation:\n- cargo test\nto the cache.",
                "Add eviction to the cache.",
            ),
            ("1\n2\n3\n4\n5\n6\n7", "1 2 3 4 5 6"),
        ] {
            assert_eq!(derived_query(prompt), expected, "{prompt:?}");
        }
        assert_eq!(derived_query(&"é".repeat(300)).chars().count(), 260);
    }
}
