//! The sections that belong to a wave rather than to an agent: promotions, Context7, deploy environments, eval targets.

use std::ops::Range;

use super::super::text::Entry;
use super::entries::{IdentifierStart, Keys, Placed, QUOTES, Reader, is_identifier};
use super::{ComponentPromotion, Context7, DeployEnvironment, EvalTarget, rules};

impl<'a> Reader<'_, 'a> {
    /// `bundle` and `query` of a Context7 section; `None` when it has neither.
    pub(super) fn context7(&mut self, section: &str, range: Range<usize>) -> Option<Context7> {
        let mut context7 = Context7::default();
        for (key, value) in self.pairs(section, range, Keys::Plain) {
            let text = unquoted(value.text);
            match key {
                "bundle" => context7.bundle = Some(text.to_string()).filter(|text| !text.is_empty()),
                "query" => context7.query = self.query(text, value.offset),
                _ => self.warning(
                    rules::UNKNOWN_KEY,
                    value.offset,
                    format!("`{key}` is no key of `{section}`"),
                    "the keys are bundle and query",
                ),
            }
        }
        (context7 != Context7::default()).then_some(context7)
    }

    fn query(&mut self, text: &str, offset: usize) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let query = words.join(" ");
        let cut: String = query.chars().take(QUERY_CHARACTERS).collect();
        if cut.len() < query.len() {
            self.warning(
                rules::PARTLY_READ,
                offset,
                format!("the query is longer than {QUERY_CHARACTERS} characters and is cut there"),
                "shorten it",
            );
        }
        Some(cut).filter(|query| !query.is_empty())
    }

    /// `## Component promotions`.
    pub(super) fn promotions(
        &mut self,
        section: &str,
        range: Range<usize>,
    ) -> Vec<Placed<ComponentPromotion>> {
        let mut found: Vec<Placed<ComponentPromotion>> = Vec::new();
        for line in self.bullets(section, range) {
            let pair = line.text.split_once(':').map(|(id, level)| (id.trim(), level.trim()));
            let Some((id, level)) = pair.filter(|(id, level)| {
                [id, level].iter().all(|word| is_identifier(&word.to_ascii_lowercase(), IdentifierStart::Any))
            }) else {
                self.malformed(section, line, "write `- <component>: <level>` and nothing after it");
                continue;
            };
            if !is_identifier(id, IdentifierStart::LetterOrDigit) {
                self.bad_identifier(section, Entry { text: id, offset: line.offset });
            } else if found.iter().any(|known| known.value.component_id == id) {
                let message = format!("`{id}` stands twice in `{section}`");
                self.error(rules::DUPLICATE, line.offset, message, "remove one of them");
            } else {
                let value =
                    ComponentPromotion { component_id: id.to_string(), target_level: level.to_string() };
                let position = self.position(line.offset);
                found.push(Placed { value, position });
            }
        }
        found
    }

    /// `## Deploy environments`. The first one is the default when none says so.
    pub(super) fn deploy_environments(
        &mut self,
        section: &str,
        range: Range<usize>,
    ) -> Vec<Placed<DeployEnvironment>> {
        let mut found: Vec<Placed<DeployEnvironment>> = Vec::new();
        for line in self.bullets(section, range) {
            let Some(environment) = deploy_environment(line.text) else {
                self.malformed(section, line, "write `- <id>: <kind> [default] [(notes)]`");
                continue;
            };
            if found.iter().any(|known| known.value.id == environment.id) {
                let message = format!("`{}` stands twice in `{section}`", environment.id);
                self.error(rules::DUPLICATE, line.offset, message, "remove one of them");
                continue;
            }
            found.push(Placed { value: environment, position: self.position(line.offset) });
        }
        if !found.iter().any(|environment| environment.value.is_default)
            && let Some(first) = found.first_mut()
        {
            first.value.is_default = true;
        }
        found
    }

    /// `## Eval targets`.
    pub(super) fn eval_targets(&mut self, section: &str, range: Range<usize>) -> Vec<Placed<EvalTarget>> {
        let mut found: Vec<Placed<EvalTarget>> = Vec::new();
        for line in self.bullets(section, range) {
            let Some(target) = self.eval_target(section, line) else { continue };
            if found.iter().any(|known| known.value.id == target.id) {
                let message = format!("`{}` stands twice in `{section}`", target.id);
                self.error(rules::DUPLICATE, line.offset, message, "give each target an id of its own");
                continue;
            }
            found.push(Placed { value: target, position: self.position(line.offset) });
        }
        found
    }

    fn eval_target(&mut self, section: &str, line: Entry<'a>) -> Option<EvalTarget> {
        const KNOWN: [&str; 6] =
            ["id", "selection", "benchmark-family", "benchmarks", "objective", "threshold"];
        let fields = self.fields(section, line)?;
        self.unknown_fields(section, &fields, &KNOWN, line.offset);
        let field = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| unwrapped_both(value))
                .unwrap_or_default()
        };
        let before = self.findings.len();
        let id = field("id").to_lowercase();
        let family = field("benchmark-family").to_lowercase();
        let benchmarks: Vec<String> = field("benchmarks")
            .split(',')
            .map(|id| id.trim().to_lowercase())
            .filter(|id| !id.is_empty())
            .collect();
        let optional = Some(&family).filter(|family| !family.is_empty());
        for word in [&id].into_iter().chain(optional).chain(&benchmarks) {
            if !is_identifier(word, IdentifierStart::LetterOrDigit) {
                self.bad_identifier(section, Entry { text: word, offset: line.offset });
            }
        }
        let selection = field("selection").to_lowercase();
        if !["pinned", "delegated"].contains(&selection.as_str()) {
            let message = format!("`{selection}` is no selection of an eval target");
            self.error(
                rules::VALUE,
                line.offset,
                message,
                "write `selection: pinned` or `selection: delegated`",
            );
        }
        let needed = [
            ("objective", field("objective").is_empty()),
            ("threshold", field("threshold").is_empty()),
            ("benchmark-family", selection == "delegated" && family.is_empty()),
            ("benchmarks", selection == "pinned" && benchmarks.is_empty()),
        ];
        for (name, _) in needed.iter().filter(|(_, is_missing)| *is_missing) {
            self.error(
                rules::MISSING_FIELD,
                line.offset,
                format!("the eval target `{id}` has no `{name}`"),
                &format!("add `| {name}: ...`"),
            );
        }
        (self.findings.len() == before).then(|| EvalTarget {
            id,
            selection,
            benchmark_family: Some(family).filter(|family| !family.is_empty()),
            benchmarks,
            objective: field("objective").to_string(),
            threshold: field("threshold").to_string(),
        })
    }
}

/// Longest query that reaches an agent.
const QUERY_CHARACTERS: usize = 280;

/// `<id>: <kind> [default] [(notes)]`, id and kind each in backticks or not.
fn deploy_environment(text: &str) -> Option<DeployEnvironment> {
    let (id, rest) = text.split_once(':')?;
    let id = unticked(id.trim()).to_lowercase();
    let rest = rest.trim();
    let rest = rest.strip_prefix('`').unwrap_or(rest);
    let length = rest
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || "._-".contains(letter)))
        .unwrap_or(rest.len());
    let (kind, rest) = rest.split_at_checked(length)?;
    let kind = kind.to_lowercase();
    let rest = rest.strip_prefix('`').unwrap_or(rest);
    let word = rest.trim_start();
    let says_default = word.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("default"));
    let rest = if says_default { word.get(7..)? } else { rest };
    let notes = match rest.trim_start() {
        "" => None,
        notes if rest.starts_with(char::is_whitespace) => {
            Some(notes.strip_prefix('(')?.strip_suffix(')')?.trim().to_string())
        }
        _ => return None,
    };
    let is_valid = [&id, &kind].iter().all(|word| is_identifier(word, IdentifierStart::LetterOrDigit));
    is_valid.then(|| DeployEnvironment {
        id,
        kind,
        is_default: says_default,
        notes: notes.filter(|notes| !notes.is_empty()),
    })
}

fn unticked(text: &str) -> &str {
    let text = text.strip_prefix('`').unwrap_or(text);
    text.strip_suffix('`').unwrap_or(text)
}

/// Without quotes or backticks around it, when both ends have one.
fn unwrapped_both(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix(QUOTES).and_then(|inner| inner.strip_suffix(QUOTES)).unwrap_or(value).trim()
}

/// Without `"` or `'` around it, when both ends have the same.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
        .trim()
}
