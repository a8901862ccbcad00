//! Putting a wave's promotions into the component matrix, as text: what stands there stays as its author wrote it.
//!
//! A component that is there keeps its title, documents and level (a draft moves no level; the gates do); only its
//! promotions change. Unlike npm `@chllming/wave-orchestration` 0.9.15, which writes the whole file anew.

use serde_json::{Value, json};

use super::super::json::{Document, child};
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
    let (document, broken) = Document::read("", &text, "");
    if broken.is_some() || !document.get("/components").is_some_and(Value::is_object) {
        return None;
    }
    for (id, pointer) in document.members("/components") {
        let target = catalog.iter().find(|entry| entry.component_id == id).map(|entry| &entry.target_level);
        text = set_promotion(&text, &pointer, target, promoter)?;
    }
    for entry in catalog {
        let (document, _) = Document::read("", &text, "");
        if document.get(&child("/components", &entry.component_id)).is_none() {
            text = with_member(
                &text,
                &document,
                "/components",
                &entry.component_id,
                &component(entry, promoter),
            )?;
        }
    }
    Some(text)
}

/// Changes the promotions of one component, if they change.
fn set_promotion(
    text: &str,
    pointer: &str,
    target: Option<&String>,
    promoter: Promoter<'_>,
) -> Option<String> {
    let (document, _) = Document::read("", text, "");
    let place = child(pointer, "promotions");
    let there = document.get(&place).and_then(Value::as_array).cloned().unwrap_or_default();
    let is_ours = |promotion: &Value| {
        promotion.get("wave").and_then(Value::as_u64) == Some(promoter.wave.into())
            && promotion.get("lane").and_then(Value::as_str) == promoter.lane
    };
    let mut promotions: Vec<Value> = there.iter().filter(|promotion| !is_ours(promotion)).cloned().collect();
    promotions.extend(target.map(|target| promotion(target, promoter)));
    promotions.sort_by_key(|promotion| promotion.get("wave").and_then(Value::as_u64));
    if promotions == there {
        return Some(text.to_string());
    }
    let value = Value::Array(promotions);
    match document.span(&place) {
        Some(span) => {
            let indentation = indentation(text, span.start);
            let mut text = text.to_string();
            text.replace_range(span, &pretty(&value, indentation));
            Some(text)
        }
        None => with_member(text, &document, pointer, "promotions", &value),
    }
}

fn promotion(target: &str, promoter: Promoter<'_>) -> Value {
    match promoter.lane {
        None => json!({ "wave": promoter.wave, "target": target }),
        Some(lane) => json!({ "wave": promoter.wave, "target": target, "lane": lane }),
    }
}

fn component(entry: &CatalogEntry, promoter: Promoter<'_>) -> Value {
    json!({
        "title": entry.title,
        "canonicalDocs": entry.canonical_docs,
        "currentLevel": entry.current_level,
        "promotions": [promotion(&entry.target_level, promoter)],
        "proofSurfaces": entry.proof_surfaces,
    })
}

/// The text with a member at the end of the object at `pointer`.
fn with_member(text: &str, document: &Document, pointer: &str, key: &str, value: &Value) -> Option<String> {
    let span = document.span(pointer)?;
    let outer = indentation(text, span.start);
    let inner = format!("{outer}  ");
    let body = text.get(span.start + 1..span.end.checked_sub(1)?)?.trim_end();
    let comma = if body.trim().is_empty() { "" } else { "," };
    let member = format!("{inner}{}: {}", Value::from(key), pretty(value, &inner));
    let object = format!("{{{body}{comma}\n{member}\n{outer}}}");
    let mut text = text.to_string();
    text.replace_range(span, &object);
    Some(text)
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
