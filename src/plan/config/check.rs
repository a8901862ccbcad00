//! What is wrong with a configuration, by the table of keys: every value against its shape.

use serde_json::Value;

use super::super::finding::{Finding, Position};
use super::super::json::Document;
use super::super::runtime::RuntimeId;
use super::Address;
use super::keys::TOP;
use super::layers::{BUILT_IN, Lookup, is_runtime, name_of, project_path};
use super::likely::likely;
use super::read::{Scope, identifier};
use super::shape::{Key, Shape};

/// A value of the wrong type, or one that its key does not take.
const WRONG_VALUE: &str = "C02";
/// A runtime that nobody declares.
const UNKNOWN_RUNTIME: &str = "C03";
/// A key that was renamed; the old one is refused.
const RENAMED: &str = "C04";
/// A key that nothing reads.
const UNKNOWN_KEY: &str = "C05";
/// A lane that the file does not declare although it declares lanes.
const UNKNOWN_LANE: &str = "C06";
/// A key that stands twice in one object.
const TWICE: &str = "C09";
/// A project that the file does not declare.
pub(super) const UNKNOWN_PROJECT: &str = "C10";

/// What concerns one lane: its own layers, not those of other lanes and projects. `runtimes` are the names that exist
/// beside the built-in ones; `None`: names are not checked.
pub(super) fn lane(document: &Document, address: Address<'_>, runtimes: Option<&[String]>) -> Vec<Finding> {
    let scope = Scope::of(&Lookup { document }, address);
    let mut check = Check { document, runtimes, only: Some(&scope), findings: Vec::new() };
    check.all();
    check.address(&scope, address);
    check.findings
}

/// Whether a file, be it one that is not there, knows the project and the lane.
pub(super) fn address(document: &Document, address: Address<'_>) -> Vec<Finding> {
    let scope = Scope::of(&Lookup { document }, address);
    let mut check = Check { document, runtimes: None, only: None, findings: Vec::new() };
    check.address(&scope, address);
    check.findings
}

/// The whole file.
pub(super) fn file(document: &Document, runtimes: &[String]) -> Vec<Finding> {
    let mut check = Check { document, runtimes: Some(runtimes), only: None, findings: Vec::new() };
    check.all();
    check.findings
}

/// Another file of the plan by its own table of keys.
pub(super) fn other(document: &Document, keys: &'static [Key]) -> Vec<Finding> {
    let mut check = Check { document, runtimes: None, only: None, findings: Vec::new() };
    check.value("", &Shape::Object(keys));
    check.twice();
    check.findings
}

struct Check<'d> {
    document: &'d Document,
    runtimes: Option<&'d [String]>,
    only: Option<&'d Scope>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn all(&mut self) {
        self.value("", &Shape::Object(TOP));
        self.twice();
    }

    fn twice(&mut self) {
        for (pointer, place) in self.document.twice() {
            if self.concerns(pointer) {
                let message = format!("`{}` stands twice", name_of(pointer));
                let hint = "the later one counts; remove one of them".to_string();
                self.findings.push(Finding::error(TWICE, self.document.file(), *place, message, hint));
            }
        }
    }

    /// Whether the file knows the project and the lane.
    fn address(&mut self, scope: &Scope, address: Address<'_>) {
        let names = |pointer: &str| -> Vec<String> {
            self.document.members(pointer).into_iter().map(|(name, _)| name).collect()
        };
        let projects = names("/projects");
        let is_named = address.project.is_some();
        if scope.project.is_none() && (is_named && !scope.is_default_project || !projects.is_empty()) {
            let message = format!("`{}` is no project of this file", scope.project_id);
            let known = projects.iter().map(String::as_str);
            let otherwise = match projects.is_empty() {
                true => "it declares no projects; leave --project out",
                false => "name one with --project, or set defaultProject; the projects are",
            };
            let hint = likely(&scope.project_id, known, otherwise);
            self.error(UNKNOWN_PROJECT, "/projects", message, hint);
            return;
        }
        let lanes = format!("{}/lanes", scope.project.as_deref().unwrap_or_default());
        let declared = names(&lanes);
        // A lane that is the default because nothing says otherwise needs no declaration.
        let place = match scope.is_default_lane {
            true if self.document.get("/defaultLane").is_none() || scope.project.is_some() => return,
            true => "/defaultLane",
            false => lanes.as_str(),
        };
        let id = identifier(address.lane);
        if !declared.is_empty() && !declared.iter().any(|name| identifier(name) == id) {
            let message = format!("`{}` is no lane of this project", address.lane);
            let hint = likely(&id, declared.iter().map(String::as_str), "the lanes are");
            self.error(UNKNOWN_LANE, place, message, hint);
        }
    }

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
            (Shape::Variable, Value::String(text)) => self.variable(pointer, text),
            (Shape::Texts | Shape::Paths | Shape::Runtimes | Shape::Variables, Value::String(_)) => {
                self.value(pointer, item(shape));
            }
            (Shape::Texts | Shape::Paths | Shape::Runtimes | Shape::Variables, Value::Array(items)) => {
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
            (Shape::ByRuntime(of), Value::Object(_)) => {
                for (name, place) in self.document.members(pointer) {
                    self.known_runtime(self.document.key_position(&place), &name);
                    self.value(&place, of);
                }
            }
            (Shape::MapOf(words, of), Value::Object(_)) => self.named(pointer, words, of),
            _ => self.wrong(pointer, &shape.words()),
        }
    }

    /// Whether something stands in a layer that is read, not in another lane or project.
    fn concerns(&self, pointer: &str) -> bool {
        let Some(scope) = self.only else { return true };
        let is_in = |layer: &str| pointer == layer || pointer.starts_with(&format!("{layer}/"));
        let project = scope.project.as_deref().unwrap_or_default();
        let lanes = format!("{project}/lanes");
        let is_of_a_project = pointer.starts_with("/projects/");
        if is_of_a_project && !(scope.project.is_some() && is_in(project)) {
            return false;
        }
        !(is_in(&lanes) && pointer != lanes) || is_in(&scope.lane)
    }

    fn members(&mut self, pointer: &str, keys: &[Key]) {
        for (name, place) in self.document.members(pointer) {
            if let Some(key) = keys.iter().find(|key| key.name == name) {
                self.value(&place, &key.shape);
                continue;
            }
            let old = keys.iter().find_map(|key| key.renamed_from.filter(|(from, _)| *from == name));
            match old {
                Some((_, now)) => self.renamed(&place, now),
                None => self.unknown(&place, &name, keys.iter().map(|key| key.name)),
            }
        }
    }

    fn named(&mut self, pointer: &str, words: &[&str], of: &Shape) {
        for (name, place) in self.document.members(pointer) {
            if words.contains(&name.as_str()) {
                self.value(&place, of);
            } else if name == "evaluator" {
                self.renamed(&place, "cont-qa or cont-eval");
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
            self.error(WRONG_VALUE, pointer, message, likely(text, words.iter().copied(), "the values are"));
        }
    }

    fn runtime(&mut self, pointer: &str, text: &str) {
        self.known_runtime(self.document.position(pointer), text);
    }

    fn known_runtime(&mut self, place: Position, text: &str) {
        let id = RuntimeId(text.trim().to_string());
        let Some(more) = self.runtimes.filter(|more| !is_runtime(&id, more)) else { return };
        let known = BUILT_IN.into_iter().chain(more.iter().map(String::as_str));
        let otherwise = "`[runtimes.NAME]` in .wavedeck/config.toml adds one; the runtimes are";
        let message = format!("`{id}` is no runtime");
        let hint = likely(&id.0, known, otherwise);
        self.findings.push(Finding::error(UNKNOWN_RUNTIME, self.document.file(), place, message, hint));
    }

    fn variable(&mut self, pointer: &str, text: &str) {
        let mut letters = text.trim().chars();
        let begins = letters.next().is_some_and(|letter| letter.is_ascii_uppercase() || letter == '_');
        let is_rest = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        if !(begins && letters.all(is_rest)) {
            self.wrong(pointer, &Shape::Variable.words());
        }
    }

    fn unknown<'k>(&mut self, pointer: &str, name: &str, known: impl Iterator<Item = &'k str>) {
        let finding = Finding::error(
            UNKNOWN_KEY,
            self.document.file(),
            self.document.key_position(pointer),
            format!("`{}` is no key of the configuration", name_of(pointer)),
            likely(name, known, "nothing reads it; the keys here are"),
        );
        self.findings.push(finding);
    }

    fn renamed(&mut self, pointer: &str, now: &str) {
        let place = self.document.key_position(pointer);
        let message = format!("`{}` was renamed", name_of(pointer));
        self.findings.push(Finding::error(
            RENAMED,
            self.document.file(),
            place,
            message,
            format!("write {now}"),
        ));
    }

    fn wrong(&mut self, pointer: &str, wanted: &str) {
        self.error(
            WRONG_VALUE,
            pointer,
            match pointer {
                "" => format!("the configuration must be {wanted}"),
                pointer => format!("`{}` must be {wanted}", name_of(pointer)),
            },
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
        Shape::Variables => &Shape::Variable,
        _ => &Shape::Text,
    }
}
