//! Putting a wave's promotions into the component matrix, as text: what stands there stays as its author wrote it.
//!
//! A component that is there keeps its title, documents and level (a draft moves no level; the gates do); only its
//! promotions change. Unlike npm `@chllming/wave-orchestration` 0.9.15, which writes the whole file anew.

use serde_json::{Value, json};

use super::super::json::{Document, child};
use super::super::matrix::Matrix;
use super::super::matrix::change::{Change, change};
use super::super::wave::WaveNumber;
use super::super::wave::entries::LEVELS;
use super::spec::CatalogEntry;

/// Which wave of which lane promotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promoter<'a> {
    /// The wave.
    pub(super) wave: WaveNumber,
    /// The lane, where promotions name one.
    pub(super) lane: Option<&'a str>,
}

/// The matrix with the promotions of a wave; `text` is what is there (`None`: nothing, so a new matrix is made). Promotions
/// of the wave that the catalogue does not name go. `None` when what is there cannot be read as a matrix.
pub(super) fn with_promotions(
    text: Option<&str>,
    catalog: &[CatalogEntry],
    promoter: Promoter<'_>,
) -> Option<String> {
    let levels: Vec<String> = LEVELS.iter().map(|level| format!("    \"{level}\"")).collect();
    let empty = format!(
        "{{\n  \"version\": 1,\n  \"levels\": [\n{}\n  ],\n  \"components\": {{}}\n}}\n",
        levels.join(",\n")
    );
    let mut text = text.unwrap_or(&empty).trim_start_matches('\u{feff}').to_string();
    let matrix = Matrix::read("", &text).0?;
    for (id, component) in &matrix.components {
        let is_named = catalog.iter().any(|entry| entry.component_id == *id);
        let has_one = component
            .promotions
            .iter()
            .any(|promotion| promotion.wave == promoter.wave && promotion.lane.as_deref() == promoter.lane);
        if has_one && !is_named {
            text = without_promotion(&text, &child("/components", id), promoter)?;
        }
    }
    for entry in catalog {
        text = match matrix.components.contains_key(&entry.component_id) {
            true => change(&text, &entry.component_id, &promotion(entry, promoter)).ok()?,
            false => with_component(&text, entry, promoter)?,
        };
    }
    Some(text)
}

fn promotion(entry: &CatalogEntry, promoter: Promoter<'_>) -> Change {
    Change::Promotion {
        wave: promoter.wave,
        lane: promoter.lane.map(str::to_string),
        target: entry.target_level.clone(),
    }
}

/// Takes the promotions of the wave out of one component.
fn without_promotion(text: &str, pointer: &str, promoter: Promoter<'_>) -> Option<String> {
    let (document, _) = Document::read("", text, "");
    let place = child(pointer, "promotions");
    let is_another = |promotion: &&Value| {
        promotion.get("wave").and_then(Value::as_u64) != Some(promoter.wave.into())
            || promotion.get("lane").and_then(Value::as_str) != promoter.lane
    };
    let others: Vec<Value> = document.get(&place)?.as_array()?.iter().filter(is_another).cloned().collect();
    let bytes = document.bytes(&place)?;
    let indentation = indentation(text, bytes.start);
    let mut text = text.to_string();
    text.replace_range(bytes, &pretty(&Value::Array(others), indentation));
    Some(text)
}

/// Adds a component that is not there, at the end.
fn with_component(text: &str, entry: &CatalogEntry, promoter: Promoter<'_>) -> Option<String> {
    let (document, _) = Document::read("", text, "");
    let bytes = document.bytes("/components")?;
    let outer = indentation(text, bytes.start);
    let inner = format!("{outer}  ");
    let body = text.get(bytes.start + 1..bytes.end.checked_sub(1)?)?.trim_end();
    let comma = if body.trim().is_empty() { "" } else { "," };
    let id = Value::from(entry.component_id.as_str());
    let object = format!("{{{body}{comma}\n{inner}{id}: {}\n{outer}}}", component(entry, promoter, &inner));
    let mut text = text.to_string();
    text.replace_range(bytes, &object);
    Some(text)
}

/// A component as the matrix has it, its keys in the order in which people read them.
fn component(entry: &CatalogEntry, promoter: Promoter<'_>, indentation: &str) -> String {
    let promotion = match promoter.lane {
        None => json!({ "wave": promoter.wave, "target": entry.target_level }),
        Some(lane) => json!({ "wave": promoter.wave, "target": entry.target_level, "lane": lane }),
    };
    let inner = format!("{indentation}  ");
    let members: Vec<String> = [
        ("title", json!(entry.title)),
        ("canonicalDocs", json!(entry.canonical_docs)),
        ("currentLevel", json!(entry.current_level)),
        ("promotions", json!([promotion])),
        ("proofSurfaces", json!(entry.proof_surfaces)),
    ]
    .iter()
    .map(|(key, value)| format!("{inner}\"{key}\": {}", pretty(value, &inner)))
    .collect();
    format!("{{\n{}\n{indentation}}}", members.join(",\n"))
}

/// The blanks that the line of an offset begins with.
fn indentation(text: &str, offset: usize) -> &str {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default();
    let length = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..length).unwrap_or_default()
}

/// JSON in lines, all but the first indented.
fn pretty(value: &Value, indentation: &str) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default().replace('\n', &format!("\n{indentation}"))
}

#[cfg(test)]
mod tests {
    use super::super::super::matrix::Matrix;
    use super::{CatalogEntry, Promoter, with_promotions};

    fn entry(id: &str, target: &str) -> CatalogEntry {
        CatalogEntry {
            component_id: id.to_string(),
            title: id.to_uppercase(),
            current_level: "inventoried".to_string(),
            target_level: target.to_string(),
            ..CatalogEntry::default()
        }
    }

    fn check(
        text: Option<&str>,
        catalog: &[CatalogEntry],
        lane: Option<&str>,
        expected: &[(&str, u32, &str)],
    ) -> String {
        let changed = with_promotions(text, catalog, Promoter { wave: 5, lane }).unwrap();
        let (matrix, findings) = Matrix::read("m.json", &changed);
        assert_eq!(findings, [], "{changed}");
        let matrix = matrix.unwrap();
        let found: Vec<(&str, u32, &str)> = matrix
            .components
            .iter()
            .flat_map(|(id, component)| {
                component
                    .promotions
                    .iter()
                    .map(|promotion| (id.as_str(), promotion.wave, promotion.target.as_str()))
            })
            .collect();
        assert_eq!(found, expected, "{changed}");
        changed
    }

    const MATRIX: &str = r#"{
  "levels": ["inventoried", "repo-landed", "pilot-live"],
  "note": "hand  spaced",
  "components": {
    "old": {"currentLevel": "inventoried", "promotions": [{"wave": 5, "target": "repo-landed"}, {"wave": 9, "target": "pilot-live"}]},
    "bare": { "currentLevel": "repo-landed" }
  }
}
"#;

    #[test]
    fn promotions_of_the_wave_are_those_of_the_catalogue() {
        let changed = check(
            Some(MATRIX),
            &[entry("bare", "pilot-live"), entry("new", "repo-landed")],
            None,
            &[("bare", 5, "pilot-live"), ("new", 5, "repo-landed"), ("old", 9, "pilot-live")],
        );
        assert!(changed.contains("\"note\": \"hand  spaced\""), "{changed}");
        let same = [entry("old", "repo-landed")];
        assert_eq!(with_promotions(Some(MATRIX), &same, Promoter { wave: 5, lane: None }).unwrap(), MATRIX);
    }

    #[test]
    fn lanes_are_kept_apart() {
        check(
            Some(MATRIX),
            &[entry("old", "pilot-live")],
            Some("side"),
            &[("old", 5, "repo-landed"), ("old", 5, "pilot-live"), ("old", 9, "pilot-live")],
        );
    }

    #[test]
    fn a_matrix_is_made_where_there_is_none() {
        check(
            None,
            &[entry("a", "repo-landed"), entry("b", "fleet-ready")],
            None,
            &[("a", 5, "repo-landed"), ("b", 5, "fleet-ready")],
        );
        for broken in ["", "[]", "{\"components\": 7}"] {
            assert_eq!(with_promotions(Some(broken), &[], Promoter { wave: 5, lane: None }), None);
        }
    }
}
