//! Markers: the `[wave-...]` lines that an agent prints, the fallback transport of a result.
//!
//! One table says what every marker holds; reading ([`read`]) and printing ([`canonical`]) both follow it, so no marker
//! can be printed that is not read. The format is that of npm `@chllming/wave-orchestration` 0.9.15. Markers are read
//! from plain text; [`super::plain_text`] makes it from what a terminal got.

mod read;
mod table;

use std::collections::BTreeMap;

pub use read::read;
pub use table::Kind;

/// A marker as it was accepted. Values are canonical: enum words lower-cased, counts as numbers, free text trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Which.
    pub kind: Kind,
    values: BTreeMap<&'static str, String>,
}

impl Marker {
    /// A value; `None` when the marker does not give it or gives it empty.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// A count; `None` when the marker does not give it.
    pub fn count(&self, key: &str) -> Option<u64> {
        self.value(key)?.parse().ok()
    }

    /// A comma-separated list, without empty items.
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.value(key).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// The marker as one line, keys in the table's order.
    pub fn line(&self) -> String {
        let mut line = format!("[{}]", self.kind.tag());
        for key in self.kind.keys() {
            if let Some(value) = self.values.get(key.name) {
                line.push(' ');
                if !key.positional() {
                    line.push_str(key.name);
                    line.push('=');
                }
                line.push_str(value);
            }
        }
        line
    }
}

/// Everything that was found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Accepted markers, in the order in which they were printed.
    pub accepted: Vec<Marker>,
    /// What happened to each kind that was seen at all.
    pub diagnostics: BTreeMap<Kind, Diagnostics>,
}

impl Reading {
    /// The marker of a kind that counts: the last one.
    pub fn last(&self, kind: Kind) -> Option<&Marker> {
        self.accepted.iter().rev().find(|marker| marker.kind == kind)
    }

    /// The component markers that count: the last one of each component, by component id.
    pub fn components(&self) -> Vec<&Marker> {
        let of_kind = self.accepted.iter().filter(|marker| marker.kind == Kind::Component);
        let by_id: BTreeMap<&str, &Marker> =
            of_kind.filter_map(|marker| Some((marker.value("component")?, marker))).collect();
        by_id.into_values().collect()
    }

    /// Every gap, in the order in which they were printed.
    pub fn gaps(&self) -> Vec<&Marker> {
        self.accepted.iter().filter(|marker| marker.kind == Kind::Gap).collect()
    }

    /// Kinds of which something was printed and nothing was accepted, as words without `wave-`.
    pub fn rejected_kinds(&self) -> Vec<String> {
        let rejected = self.diagnostics.iter().filter(|(_, seen)| seen.raw > 0 && seen.accepted == 0);
        rejected.map(|(kind, _)| kind.word().to_owned()).collect()
    }
}

/// What happened to the lines of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// Candidate lines.
    pub raw: usize,
    /// Those that were accepted.
    pub accepted: usize,
    /// Accepted ones that had to be rewritten to be canonical.
    pub normalized: usize,
    /// Those that were rejected.
    pub rejected: usize,
    /// The first three rejected ones.
    pub rejected_samples: Vec<Rejected>,
    /// Keys that the table does not know.
    pub unknown_keys: Vec<String>,
    /// Component ids that were named, accepted or not.
    pub component_ids: Vec<String>,
}

/// A line that looked like a marker and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line.
    pub line: String,
    /// Why, as a sentence.
    pub why: String,
    /// What it gave, as it stood there.
    pub values: BTreeMap<String, String>,
}

/// Why no marker can be printed from what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// No such key.
    #[error("`{kind}` has no `{key}`; it takes {known}")]
    UnknownKey {
        /// The marker.
        kind: &'static str,
        /// The key.
        key: String,
        /// What there is.
        known: String,
    },
    /// A required value is missing.
    #[error("`{kind}` needs `{key}`{allowed}")]
    Missing {
        /// The marker.
        kind: &'static str,
        /// The key.
        key: &'static str,
        /// What it may be, with a colon before it.
        allowed: String,
    },
    /// A value that the key does not take.
    #[error("`{key}` of `{kind}` cannot be `{value}`{allowed}")]
    NotAllowed {
        /// The marker.
        kind: &'static str,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it may be, with a colon before it.
        allowed: String,
    },
    /// Free text that would not be read back as it was given.
    #[error("`{key}` of `{kind}` holds {what}, which would be read as something else: {value}")]
    Ambiguous {
        /// The marker.
        kind: &'static str,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What is in it.
        what: &'static str,
    },
}

/// Makes a marker for printing (`wavedeck signal`). Every value must be read back as it was given, so line breaks and
/// fragments such as `state=met` in free text are refused.
///
/// # Errors
/// The first [`MarkerError`].
pub fn canonical(kind: Kind, values: &[(&str, &str)]) -> Result<Marker, MarkerError> {
    for (name, _) in values {
        if !kind.keys().iter().any(|key| key.name == *name) {
            let known: Vec<&str> = kind.keys().iter().map(|key| key.name).collect();
            return Err(MarkerError::UnknownKey {
                kind: kind.word(),
                key: (*name).to_owned(),
                known: known.join(", "),
            });
        }
    }
    for key in kind.keys() {
        let given = values.iter().rev().find(|(name, _)| *name == key.name).map(|(_, value)| *value);
        let Some(value) = given else { continue };
        let what = if value.contains(['\n', '\r']) {
            Some("a line break")
        } else if read::first_token(value).is_some() {
            Some("a `key=` fragment")
        } else {
            None
        };
        if let Some(what) = what {
            return Err(MarkerError::Ambiguous {
                kind: kind.word(),
                key: key.name,
                value: value.to_owned(),
                what,
            });
        }
        if let table::Takes::Count = key.takes
            && value.trim().parse::<u64>().is_err()
        {
            return Err(not_allowed(kind, key, value));
        }
    }
    accept(kind, &|name| values.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value))
}

/// Takes raw values into a marker, or says what is wrong.
fn accept<'v>(kind: Kind, value_of: &dyn Fn(&str) -> Option<&'v str>) -> Result<Marker, MarkerError> {
    let mut values = BTreeMap::new();
    for key in kind.keys() {
        let raw = value_of(key.name).map(str::trim).filter(|value| !value.is_empty());
        let Some(raw) = raw else {
            if key.required {
                return Err(MarkerError::Missing {
                    kind: kind.word(),
                    key: key.name,
                    allowed: key.allowed(),
                });
            }
            continue;
        };
        let value = key.canonical(raw).ok_or_else(|| not_allowed(kind, key, raw))?;
        if !value.is_empty() {
            values.insert(key.name, value);
        }
    }
    Ok(Marker { kind, values })
}

fn not_allowed(kind: Kind, key: &table::Key, value: &str) -> MarkerError {
    MarkerError::NotAllowed {
        kind: kind.word(),
        key: key.name,
        value: value.to_owned(),
        allowed: key.allowed(),
    }
}

#[cfg(test)]
mod tests;
