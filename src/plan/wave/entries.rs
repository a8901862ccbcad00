//! What a section's lines say: bullets, `key: value` pairs, lists and proof artifacts.

use std::ops::Range;

use super::super::finding::{Finding, Position};
use super::super::text::{Entry, Lines};
use super::ownership::{bullet, is_inside_project, normal, without_quotes};
use super::{ProofArtifact, rules};

/// Maturity levels that the formats know without a matrix, lowest first.
pub const LEVELS: [&str; 9] = [
    "inventoried",
    "contract-frozen",
    "repo-landed",
    "baseline-proved",
    "pilot-live",
    "qa-proved",
    "fleet-ready",
    "cutover-ready",
    "deprecation-ready",
];

/// Reads sections of one file and collects what is wrong with them.
pub(super) struct Reader<'r, 'a> {
    /// Path for findings.
    pub(super) file: &'r str,
    /// The file's text.
    pub(super) lines: &'r Lines<'a>,
    /// Whose sections are read.
    pub(super) agent: Option<String>,
    /// What was found so far.
    pub(super) findings: Vec<Finding>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<T> {
    /// What is written.
    pub(super) value: T,
    /// Where.
    pub(super) position: Position,
}

impl<'a> Reader<'_, 'a> {
    /// Line and column of an offset.
    pub(super) fn position(&self, offset: usize) -> Position {
        self.lines.position(offset)
    }

    /// Adds an error.
    pub(super) fn error(&mut self, rule: &str, offset: usize, message: String, hint: &str) {
        let finding = Finding::error(rule, self.file, self.lines.position(offset), message, hint.to_string());
        self.add(finding);
    }

    /// Adds a warning.
    pub(super) fn warning(&mut self, rule: &str, offset: usize, message: String, hint: &str) {
        let finding =
            Finding::warning(rule, self.file, self.lines.position(offset), message, hint.to_string());
        self.add(finding);
    }

    fn add(&mut self, finding: Finding) {
        self.findings.push(match &self.agent {
            Some(agent) => finding.of_agent(agent),
            None => finding,
        });
    }

    /// Every line of a section as a bullet's text; a line that is none is an error.
    pub(super) fn bullets(&mut self, section: &str, range: Range<usize>) -> Vec<Entry<'a>> {
        let lines: Vec<Entry<'a>> = self.lines.trimmed(range).collect();
        let mut found = Vec::new();
        for line in lines {
            match bullet(line.text) {
                Some(text) => found.push(Entry { text, offset: line.offset }),
                None => self.malformed(
                    section,
                    line,
                    "every line of this section is a bullet that begins with `- `",
                ),
            }
        }
        found
    }

    /// An error about a line of a section.
    pub(super) fn malformed(&mut self, section: &str, line: Entry<'_>, hint: &str) {
        self.error(
            rules::MALFORMED,
            line.offset,
            format!("`{section}` cannot be read here: `{}`", shortened(line.text)),
            hint,
        );
    }

    /// `- key: value` lines.
    pub(super) fn pairs(
        &mut self,
        section: &str,
        range: Range<usize>,
        keys: Keys,
    ) -> Vec<(&'a str, Entry<'a>)> {
        let mut found: Vec<(&'a str, Entry<'a>)> = Vec::new();
        for line in self.bullets(section, range) {
            let pair = line.text.split_once(':').map(|(key, value)| (key.trim_end(), value.trim()));
            let Some((key, value)) = pair.filter(|(key, value)| is_key(key, keys) && !value.is_empty())
            else {
                self.malformed(section, line, "write `- key: value`");
                continue;
            };
            if found.iter().any(|(known, _)| *known == key) {
                self.warning(
                    rules::REPEATED_KEY,
                    line.offset,
                    format!("`{key}` stands twice in `{section}`; the last one counts"),
                    "remove one of them",
                );
                found.retain(|(known, _)| *known != key);
            }
            found.push((key, Entry { text: value, offset: line.offset }));
        }
        found
    }

    /// A list of identifiers in lower case, each once.
    pub(super) fn identifiers(&mut self, section: &str, range: Range<usize>) -> Vec<Placed<String>> {
        let mut found: Vec<Placed<String>> = Vec::new();
        for line in self.bullets(section, range) {
            if !is_identifier(&line.text.to_ascii_lowercase(), IdentifierStart::Any) {
                self.malformed(section, line, "write one identifier per bullet and nothing after it");
            } else if !is_identifier(line.text, IdentifierStart::LetterOrDigit) {
                self.bad_identifier(section, line);
            } else {
                self.add_once(&mut found, section, line.text.to_string(), line.offset);
            }
        }
        found
    }

    pub(super) fn bad_identifier(&mut self, section: &str, line: Entry<'_>) {
        self.error(
            rules::IDENTIFIER,
            line.offset,
            format!("`{}` is no identifier for `{section}`", shortened(line.text)),
            "use lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit",
        );
    }

    fn add_once(&mut self, found: &mut Vec<Placed<String>>, section: &str, value: String, offset: usize) {
        if found.iter().any(|known| known.value == value) {
            self.error(
                rules::DUPLICATE,
                offset,
                format!("`{value}` stands twice in `{section}`"),
                "remove one of them",
            );
            return;
        }
        let position = self.position(offset);
        found.push(Placed { value, position });
    }

    /// Skill ids, put into lower case.
    pub(super) fn skills(&mut self, section: &str, range: Range<usize>) -> Vec<Placed<String>> {
        let mut found = Vec::new();
        for line in self.bullets(section, range) {
            let id = without_quotes(line.text).to_lowercase();
            if is_identifier(&id, IdentifierStart::LetterOrDigit) {
                self.add_once(&mut found, section, id, line.offset);
            } else {
                self.bad_identifier(section, line);
            }
        }
        found
    }

    /// Role document paths, each once.
    pub(super) fn role_prompts(&mut self, section: &str, range: Range<usize>) -> Vec<Placed<String>> {
        let mut found: Vec<Placed<String>> = Vec::new();
        for line in self.bullets(section, range) {
            let path = without_quotes(line.text);
            if path.is_empty() {
                self.malformed(section, line, "name a role document");
            } else if !found.iter().any(|known| known.value == path) {
                let position = self.position(line.offset);
                found.push(Placed { value: path, position });
            }
        }
        found
    }

    /// File paths inside the project, each once.
    pub(super) fn paths(&mut self, section: &str, range: Range<usize>) -> Vec<Placed<String>> {
        let mut found = Vec::new();
        for line in self.bullets(section, range) {
            let path = without_quotes(line.text);
            if self.is_file_path(section, &path, line.offset) {
                self.add_once(&mut found, section, path, line.offset);
            }
        }
        found
    }

    fn is_file_path(&mut self, section: &str, path: &str, offset: usize) -> bool {
        if !is_inside_project(path) {
            let message = format!("`{path}` in `{section}` leaves the project");
            self.error(rules::PATH, offset, message, "name a file by its path from the project's root");
            return false;
        }
        if normal(path).ends_with('/') {
            let message = format!("`{path}` in `{section}` names a folder");
            self.error(rules::PATH, offset, message, "name each file; only ownership lists take folders");
            return false;
        }
        true
    }

    /// Fields `key: value` separated by `|`, keys in lower case.
    pub(super) fn fields(&mut self, section: &str, line: Entry<'a>) -> Option<Vec<(String, &'a str)>> {
        let mut fields: Vec<(String, &'a str)> = Vec::new();
        for pair in line.text.split('|').map(str::trim).filter(|pair| !pair.is_empty()) {
            let split = pair.split_once(':').map(|(key, value)| (key.trim(), value.trim()));
            let Some((key, value)) = split.filter(|(key, value)| !key.is_empty() && !value.is_empty()) else {
                let entry = Entry { text: pair, offset: line.offset };
                self.malformed(section, entry, "write fields as `key: value`, separated by `|`");
                return None;
            };
            let key = key.to_lowercase();
            fields.retain(|(known, _)| *known != key);
            fields.push((key, value));
        }
        Some(fields)
    }

    pub(super) fn unknown_fields(
        &mut self,
        section: &str,
        fields: &[(String, &str)],
        known: &[&str],
        offset: usize,
    ) {
        for (key, _) in fields.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            self.warning(
                rules::UNKNOWN_KEY,
                offset,
                format!("`{key}` is no field of `{section}`"),
                &format!("the fields are {}", known.join(", ")),
            );
        }
    }

    /// `### Proof artifacts`.
    pub(super) fn proof_artifacts(
        &mut self,
        section: &str,
        range: Range<usize>,
    ) -> Vec<Placed<ProofArtifact>> {
        let mut found: Vec<Placed<ProofArtifact>> = Vec::new();
        for line in self.bullets(section, range) {
            let Some(artifact) = self.proof_artifact(section, line) else { continue };
            if found.iter().any(|known| known.value.path == artifact.path) {
                let message = format!("`{}` stands twice in `{section}`", artifact.path);
                self.error(rules::DUPLICATE, line.offset, message, "remove one of them");
                continue;
            }
            let position = self.position(line.offset);
            found.push(Placed { value: artifact, position });
        }
        found
    }

    fn proof_artifact(&mut self, section: &str, line: Entry<'a>) -> Option<ProofArtifact> {
        let begins_with_path =
            line.text.split_once(':').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("path"));
        if !line.text.contains('|') && !begins_with_path {
            let path = without_quotes(line.text);
            return self.is_file_path(section, &path, line.offset).then(|| ProofArtifact {
                path,
                kind: None,
                required_for: Vec::new(),
            });
        }
        let fields = self.fields(section, line)?;
        self.unknown_fields(section, &fields, &["path", "kind", "required-for"], line.offset);
        let field = |name: &str| {
            fields.iter().find(|(key, _)| key == name).map(|(_, value)| unwrapped(value).trim().to_string())
        };
        let Some(path) = field("path").filter(|path| !path.is_empty()) else {
            self.error(
                rules::MISSING_FIELD,
                line.offset,
                format!("an entry of `{section}` names no path"),
                "begin it with `path: <file>`",
            );
            return None;
        };
        let required_for: Vec<String> = field("required-for")
            .unwrap_or_default()
            .split(',')
            .map(|level| level.trim().to_string())
            .filter(|level| !level.is_empty())
            .collect();
        let unknown: Vec<&String> =
            required_for.iter().filter(|level| !LEVELS.contains(&level.as_str())).collect();
        for level in &unknown {
            self.error(
                rules::VALUE,
                line.offset,
                format!("`{level}` is no maturity level"),
                &format!("the levels are {}", LEVELS.join(", ")),
            );
        }
        let is_valid = self.is_file_path(section, &path, line.offset) && unknown.is_empty();
        is_valid.then(|| ProofArtifact {
            path: path.clone(),
            kind: field("kind").filter(|kind| !kind.is_empty()),
            required_for: required_for.clone(),
        })
    }
}

/// With what an identifier may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentifierStart {
    /// Any of its letters.
    Any,
    /// A letter or digit.
    LetterOrDigit,
}

/// Whether a word is made of lower-case letters, digits, `.`, `_` and `-`.
pub(super) fn is_identifier(word: &str, start: IdentifierStart) -> bool {
    let letters_fit = word
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter));
    let start_fits = start == IdentifierStart::Any
        || word.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    !word.is_empty() && letters_fit && start_fits
}

/// What the keys of a section are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Letters, digits, `_` and `-`.
    Plain,
    /// And `.`, between a runtime and its setting.
    Dotted,
}

fn is_key(key: &str, keys: Keys) -> bool {
    let others = match keys {
        Keys::Plain => "_-",
        Keys::Dotted => "._-",
    };
    !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
}

pub(super) const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Without a quote or backtick at either end, one each.
pub(super) fn unwrapped(value: &str) -> &str {
    let value = value.trim();
    let value = value.strip_prefix(QUOTES).unwrap_or(value);
    value.strip_suffix(QUOTES).unwrap_or(value)
}

/// The first characters of a line, for a message.
fn shortened(text: &str) -> String {
    const CHARACTERS: usize = 60;
    let start: String = text.chars().take(CHARACTERS).collect();
    if start.len() < text.len() { format!("{start}...") } else { start }
}
