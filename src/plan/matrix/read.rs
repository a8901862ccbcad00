//! Reading the matrix, with the place of every fault.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::finding::{Finding, Severity};
use super::super::json::{Document, child};
use super::super::wave::WaveNumber;
use super::{Matrix, MatrixComponent, MatrixPromotion};

/// The rule that says that a needed matrix is missing or cannot be read.
const RULE: &str = "V11";
/// A component has two promotions by one wave.
const TWICE: &str = "W33";

/// [`Matrix::read`].
pub(super) fn matrix(file: &str, text: &str) -> (Option<Matrix>, Vec<Finding>) {
    let (document, broken) = Document::read(file, text, RULE);
    if let Some(broken) = broken {
        return (None, vec![broken]);
    }
    let mut reading = Reading { document: &document, findings: Vec::new() };
    let matrix = reading.matrix();
    (matrix, reading.findings)
}

struct Reading<'d> {
    document: &'d Document,
    findings: Vec<Finding>,
}

impl Reading<'_> {
    fn error(&mut self, pointer: &str, message: String) {
        let place = self.document.position(pointer);
        let hint = "mend the component matrix here".to_string();
        self.findings.push(Finding::error(RULE, self.document.file(), place, message, hint));
    }

    fn matrix(&mut self) -> Option<Matrix> {
        let levels = self.texts("/levels");
        if levels.is_empty() {
            self.error("/levels", "the matrix has no list of `levels`".to_string());
        }
        if !self.document.get("/components").is_some_and(Value::is_object) {
            self.error("/components", "the matrix has no object `components`".to_string());
            return None;
        }
        if levels.is_empty() {
            return None;
        }
        let mut components = BTreeMap::new();
        for (id, pointer) in self.document.members("/components") {
            if let Some(component) = self.component(&id, &pointer, &levels) {
                components.insert(id, component);
            }
        }
        Some(Matrix { levels, components })
    }

    fn component(&mut self, id: &str, pointer: &str, levels: &[String]) -> Option<MatrixComponent> {
        let errors =
            |findings: &[Finding]| findings.iter().filter(|found| found.severity == Severity::Error).count();
        let before = errors(&self.findings);
        let is_identifier = id
            .starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
            && id.chars().all(|letter| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter)
            });
        if !is_identifier {
            self.error(pointer, format!("`{id}` is no component id"));
        }
        if !self.document.get(pointer).is_some_and(Value::is_object) {
            self.error(pointer, format!("component `{id}` is no object"));
            return None;
        }
        let current_level = self.text(&child(pointer, "currentLevel")).unwrap_or_default();
        if !levels.contains(&current_level) {
            self.error(
                &child(pointer, "currentLevel"),
                format!("component `{id}` has no `currentLevel` among the levels"),
            );
        }
        let promotions = self.promotions(id, &child(pointer, "promotions"), levels);
        let title = self.text(&child(pointer, "title")).unwrap_or_else(|| id.to_string());
        (errors(&self.findings) == before).then(|| MatrixComponent {
            title,
            canonical_docs: self.texts(&child(pointer, "canonicalDocs")),
            current_level,
            promotions,
            proof_surfaces: self.texts(&child(pointer, "proofSurfaces")),
        })
    }

    fn promotions(&mut self, id: &str, pointer: &str, levels: &[String]) -> Vec<MatrixPromotion> {
        let length = self.document.get(pointer).and_then(Value::as_array).map_or(0, Vec::len);
        let mut promotions = Vec::new();
        for index in 0..length {
            let place = format!("{pointer}/{index}");
            let wave = self.document.get(&child(&place, "wave")).and_then(|wave| match wave {
                Value::String(text) => text.trim().parse().ok(),
                wave => wave.as_u64().and_then(|wave| WaveNumber::try_from(wave).ok()),
            });
            let target = self.text(&child(&place, "target")).filter(|target| levels.contains(target));
            if wave.is_none() {
                self.error(&child(&place, "wave"), format!("a promotion of `{id}` names no wave"));
            }
            if target.is_none() {
                self.error(
                    &child(&place, "target"),
                    format!("a promotion of `{id}` has no `target` among the levels"),
                );
            }
            if let (Some(wave), Some(target)) = (wave, target) {
                let lane = self.text(&child(&place, "lane"));
                if promotions.iter().any(|known: &MatrixPromotion| known.wave == wave && known.lane == lane) {
                    let position = self.document.position(&place);
                    self.findings.push(Finding::warning(
                        TWICE,
                        self.document.file(),
                        position,
                        format!("`{id}` is promoted by wave {wave} twice; the first promotion counts"),
                        "remove one of them".to_string(),
                    ));
                }
                promotions.push(MatrixPromotion { wave, target, lane });
            }
        }
        promotions
    }

    fn text(&self, pointer: &str) -> Option<String> {
        let text = self.document.get(pointer)?.as_str()?.trim();
        Some(text.to_string()).filter(|text| !text.is_empty())
    }

    fn texts(&self, pointer: &str) -> Vec<String> {
        let items = self.document.get(pointer).and_then(Value::as_array);
        items
            .map(|items| {
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|text| text.trim().to_string())
                    .filter(|text| !text.is_empty())
                    .collect()
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Matrix;

    fn check(text: &str, expected: &[(u32, u32, &str)]) {
        let (_, findings) = Matrix::read("m.json", text);
        let found: Vec<(u32, u32, &str)> = findings
            .iter()
            .map(|finding| (finding.position.line, finding.position.column, finding.message.as_str()))
            .collect();
        assert_eq!(found, expected, "{text}");
        assert!(findings.iter().all(|finding| finding.rule == "V11"));
    }

    #[test]
    fn a_matrix_is_read() {
        let text = r#"{"levels": ["a", "b"], "components": {"x": {"currentLevel": "a", "extra": 1,
            "promotions": [{"wave": 3, "target": "b"}, {"wave": "4", "target": "a"}]}}}"#;
        let (matrix, findings) = Matrix::read("m.json", text);
        assert_eq!(findings, []);
        let matrix = matrix.unwrap();
        let component = &matrix.components["x"];
        assert_eq!((component.title.as_str(), component.current_level.as_str()), ("x", "a"));
        let waves: Vec<u32> = component.promotions.iter().map(|promotion| promotion.wave).collect();
        assert_eq!(waves, [3, 4]);
        assert!(matrix.rank("a") < matrix.rank("b"));
        assert_eq!(matrix.rank("c"), None);
    }

    #[test]
    fn faults_have_their_place() {
        check(
            "[]",
            &[(1, 1, "the matrix has no list of `levels`"), (1, 1, "the matrix has no object `components`")],
        );
        check("{\"levels\": [], \"components\": {}}", &[(1, 12, "the matrix has no list of `levels`")]);
        check(
            "{\"levels\": [\"a\"], \"components\": {\n\"X\": {\"currentLevel\": \"b\", \"promotions\": [{}]}}}",
            &[
                (2, 6, "`X` is no component id"),
                (2, 23, "component `X` has no `currentLevel` among the levels"),
                (2, 43, "a promotion of `X` names no wave"),
                (2, 43, "a promotion of `X` has no `target` among the levels"),
            ],
        );
        let (matrix, findings) = Matrix::read("m.json", "{");
        assert_eq!((matrix, findings.len()), (None, 1));
    }

    #[test]
    fn a_second_promotion_by_the_same_wave_is_warned_of_and_does_not_count() {
        let text = "{\"levels\": [\"a\", \"b\"], \"components\": {\"x\": {\"currentLevel\": \"a\", \"promotions\": [\n\
            {\"wave\": 1, \"target\": \"a\"},\n{\"wave\": 1, \"target\": \"b\"},\n\
            {\"wave\": 1, \"target\": \"b\", \"lane\": \"side\"}]}}}";
        let (matrix, findings) = Matrix::read("m.json", text);
        let matrix = matrix.unwrap();
        let found: Vec<_> = findings.iter().map(|found| (found.rule.as_str(), found.position.line)).collect();
        assert_eq!(found, [("W33", 3)]);
        let target = |lane: &str| matrix.target(&matrix.components["x"], 1, lane).map(String::as_str);
        assert_eq!((target("main"), target("side")), (Some("a"), Some("b")));
    }
}
