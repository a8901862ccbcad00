//! What is wrong with a configuration, by the table of keys: every value against its shape.

use serde_json::Value;

use super::super::finding::Finding;
use super::super::json::Document;
use super::super::runtime::RuntimeId;
use super::keys::TOP;
use super::layers::{Lookup, is_runtime, name_of, project_path};
use super::read::{Scope, identifier};
use super::shape::{Key, Shape};

/// A value of the wrong type, or one that its key does not take.
const WRONG_VALUE: &str = "C02";
/// A runtime that nobody declares.
const UNKNOWN_RUNTIME: &str = "C03";
/// A key that was renamed; the old one is refused.
const RENAMED: &str = "C04";
/// A lane that the file does not declare although it declares lanes.
const UNKNOWN_LANE: &str = "C06";
/// A key that nothing reads.
const UNKNOWN_KEY: &str = "W02";

/// What concerns one lane: its own layers, not those of other lanes and projects. `runtimes` are the names that exist
/// beside the built-in ones; `None`: names are not checked.
pub(super) fn lane(document: &Document, lane: &str, runtimes: Option<&[String]>) -> Vec<Finding> {
    let id = identifier(lane);
    let scope = Scope::of(&Lookup { document }, &id);
    let lanes = format!("{}/lanes", scope.project.as_deref().unwrap_or_default());
    let mut check = Check { document, runtimes, only: Some(&scope), findings: Vec::new() };
    check.value("", &Shape::Object(TOP));
    let declared: Vec<String> = document.members(&lanes).into_iter().map(|(name, _)| name).collect();
    if !declared.is_empty() && !scope.is_default_lane && !declared.iter().any(|name| identifier(name) == id) {
        check.error(
            UNKNOWN_LANE,
            &lanes,
            format!("`{lane}` is no lane of this project"),
            hint(&id, declared.iter().map(String::as_str), "the lanes are"),
        );
    }
    check.findings
}

/// The whole file.
pub(super) fn file(document: &Document, runtimes: &[String]) -> Vec<Finding> {
    let mut check = Check { document, runtimes: Some(runtimes), only: None, findings: Vec::new() };
    check.value("", &Shape::Object(TOP));
    check.findings
}

struct Check<'d> {
    document: &'d Document,
    runtimes: Option<&'d [String]>,
    only: Option<&'d Scope>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn value(&mut self, pointer: &str, shape: &Shape) {
        let Some(value) = self.document.get(pointer) else { return };
        if value.is_null() && !pointer.is_empty() {
            return;
        }
        match (shape, value) {
            (Shape::Text, Value::String(_))
            | (Shape::Flag, Value::Bool(_))
            | (Shape::Foreign, Value::Object(_)) => {}
            (Shape::Whole | Shape::Threshold, Value::Number(number))
                if number.as_u64().is_some_and(|number| u32::try_from(number).is_ok()) => {}
            (Shape::Path, Value::String(text)) => self.path(pointer, text),
            (Shape::OneOf(words), Value::String(text)) => self.word(pointer, text, words),
            (Shape::Runtime, Value::String(text)) => self.runtime(pointer, text),
            (Shape::Texts | Shape::Paths | Shape::Runtimes, Value::String(_)) => {
                self.value(pointer, item(shape));
            }
            (Shape::Texts | Shape::Paths | Shape::Runtimes, Value::Array(items)) => {
                for index in 0..items.len() {
                    self.value(&format!("{pointer}/{index}"), item(shape));
                }
            }
            (Shape::Objects(keys), Value::Array(items)) => {
                for index in 0..items.len() {
                    self.value(&format!("{pointer}/{index}"), &Shape::Object(keys));
                }
            }
            (Shape::Object(keys), Value::Object(_)) => self.members(pointer, keys),
            (Shape::Map(of), Value::Object(_)) => {
                for (_, place) in self.document.members(pointer) {
                    if self.concerns(&place) {
                        self.value(&place, of);
                    }
                }
            }
            (Shape::MapOf(words, of), Value::Object(_)) => self.named(pointer, words, of),
            _ => self.wrong(pointer, &shape.words()),
        }
    }

    /// Whether a member of `lanes` or `projects` is among the layers that are read.
    fn concerns(&self, pointer: &str) -> bool {
        let Some(scope) = self.only else { return true };
        let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
        let is_layer = above == "/lanes" || above == "/projects" || above.ends_with("/lanes");
        !is_layer || scope.lane == pointer || scope.project.as_deref() == Some(pointer)
    }

    fn members(&mut self, pointer: &str, keys: &[Key]) {
        for (name, place) in self.document.members(pointer) {
            if let Some(key) = keys.iter().find(|key| key.name == name) {
                self.value(&place, &key.shape);
                continue;
            }
            let old = keys.iter().find_map(|key| key.renamed_from.filter(|(from, _)| *from == name));
            match old {
                Some((_, now)) => self.error(
                    RENAMED,
                    &place,
                    format!("`{}` was renamed", name_of(&place)),
                    format!("write {now}"),
                ),
                None => self.unknown(&place, &name, keys.iter().map(|key| key.name)),
            }
        }
    }

    fn named(&mut self, pointer: &str, words: &[&str], of: &Shape) {
        for (name, place) in self.document.members(pointer) {
            if words.contains(&name.as_str()) {
                self.value(&place, of);
            } else if name == "evaluator" {
                let message = format!("`{}` was renamed", name_of(&place));
                self.error(RENAMED, &place, message, "write cont-qa or cont-eval".to_string());
            } else {
                self.unknown(&place, &name, words.iter().copied());
            }
        }
    }

    fn path(&mut self, pointer: &str, text: &str) {
        if !text.trim().is_empty() && project_path(text.trim()).is_none() {
            self.wrong(pointer, &Shape::Path.words());
        }
    }

    fn word(&mut self, pointer: &str, text: &str, words: &[&str]) {
        if !words.contains(&text.trim()) {
            let message = format!("`{text}` is no value of `{}`", name_of(pointer));
            self.error(WRONG_VALUE, pointer, message, hint(text, words.iter().copied(), "the values are"));
        }
    }

    fn runtime(&mut self, pointer: &str, text: &str) {
        let id = RuntimeId(text.trim().to_string());
        if self.runtimes.is_none_or(|more| is_runtime(&id, more)) {
            return;
        }
        let hint = "the runtimes are codex, claude, opencode, local and those of `[runtimes.NAME]` in .wavedeck/config.toml";
        self.error(UNKNOWN_RUNTIME, pointer, format!("`{id}` is no runtime"), hint.to_string());
    }

    fn unknown<'k>(&mut self, pointer: &str, name: &str, known: impl Iterator<Item = &'k str>) {
        let finding = Finding::warning(
            UNKNOWN_KEY,
            self.document.file(),
            self.document.position(pointer),
            format!("`{}` is no key of the configuration", name_of(pointer)),
            hint(name, known, "nothing reads it; the keys here are"),
        );
        self.findings.push(finding);
    }

    fn wrong(&mut self, pointer: &str, wanted: &str) {
        self.error(
            WRONG_VALUE,
            pointer,
            format!("`{}` must be {wanted}", name_of(pointer)),
            "mend the value or remove the key; until then its default holds".to_string(),
        );
    }

    fn error(&mut self, rule: &str, pointer: &str, message: String, hint: String) {
        let place = self.document.position(pointer);
        self.findings.push(Finding::error(rule, self.document.file(), place, message, hint));
    }
}

fn item(list: &Shape) -> &'static Shape {
    match list {
        Shape::Paths => &Shape::Path,
        Shape::Runtimes => &Shape::Runtime,
        _ => &Shape::Text,
    }
}

/// Least likeness, from 0 to 1, from which a word is taken for a slip of the hand.
const ALIKE: f64 = 0.75;

/// The word that was probably meant, else all of them.
fn hint<'k>(written: &str, known: impl Iterator<Item = &'k str>, otherwise: &str) -> String {
    let known: Vec<&str> = known.collect();
    let likeness =
        |word: &str| strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &written.to_lowercase());
    let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|word| likeness(word) >= ALIKE) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("{otherwise} {}", known.join(", ")),
    }
}
