//! Every plan that was saved, by name, and the history of what was done to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::edit::Refusal;
use super::{Edit, Plan, locks};

/// Longest name of a plan in bytes.
const SLUG_BYTES_MAX: usize = 64;

/// Saved plans. [`Plans::check`] decides whether a change may be, [`Plans::apply`] makes it; the two are apart because
/// what was made once is made again by every replay, without being judged again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plans {
    named: BTreeMap<String, Named>,
    /// The plan that is meant when none is named.
    active: Option<String>,
    /// Every change, oldest first; those from `standing` on were taken back.
    history: Vec<Past>,
    standing: usize,
    /// How many changes were made, taken back and made again: the source of versions.
    made: u64,
}

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// What it says.
    pub plan: Plan,
    /// Grows with every change, also with one that is taken back; never the same for two different contents.
    pub version: u64,
    /// When it was saved, in milliseconds since the Unix epoch.
    pub saved_at_ms: u64,
}

/// A change of the saved plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// Save a plan under a name; it takes the place of what was saved there.
    Save {
        /// The name.
        slug: String,
        /// The plan.
        plan: Plan,
    },
    /// Edit a plan.
    Edit {
        /// Which.
        slug: String,
        /// What.
        edit: Edit,
    },
    /// Give a plan another name.
    Rename {
        /// Its name now.
        from: String,
        /// Its name then.
        to: String,
    },
    /// Remove a plan.
    Delete {
        /// Which.
        slug: String,
    },
    /// Mean this plan when none is named.
    Activate {
        /// Which; `None` for none.
        slug: Option<String>,
    },
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What.
    pub change: Change,
    /// What takes it back.
    pub inverse: Change,
    /// By whom.
    pub by: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
}

impl Plans {
    /// The plan of this name.
    pub fn get(&self, slug: &str) -> Option<&Named> {
        self.named.get(slug)
    }

    /// Every plan with its name, in the order of names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Named)> {
        self.named.iter().map(|(slug, named)| (slug.as_str(), named))
    }

    /// The name of the plan that is meant when none is named: the active one, else the only one.
    pub fn active(&self) -> Option<&str> {
        let only = || self.named.keys().next().filter(|_| self.named.len() == 1);
        let active = self.active.as_ref().filter(|slug| self.named.contains_key(*slug));
        active.or_else(only).map(String::as_str)
    }

    /// The hand-written documents that plans follow.
    pub fn documents(&self) -> BTreeSet<String> {
        self.named.values().filter_map(|named| named.plan.document.clone()).collect()
    }

    /// The plan of this name.
    ///
    /// # Errors
    /// When there is none, with the names that there are.
    pub fn known(&self, slug: &str) -> Result<&Named, Refusal> {
        self.named.get(slug).ok_or_else(|| {
            let known: Vec<&str> = self.named.keys().map(String::as_str).collect();
            let hint = match known.as_slice() {
                [] => {
                    "save one with `orchestrate waves SCOPE --save`, or import one with `import plan FILE.md`"
                        .into()
                }
                _ => format!("the plans are {}", known.join(", ")),
            };
            Refusal { reason: format!("there is no plan {slug}"), hint }
        })
    }

    /// Changes that stand, the last first.
    pub fn standing(&self) -> impl Iterator<Item = &Past> {
        self.history.iter().take(self.standing).rev()
    }

    /// The change that an undo takes back.
    pub fn to_undo(&self) -> Option<&Past> {
        self.history.get(self.standing.checked_sub(1)?)
    }

    /// The change that a redo makes again.
    pub fn to_redo(&self) -> Option<&Past> {
        self.history.get(self.standing)
    }

    /// Whether `by` may make a change. `expected` is the version of the plan that they have seen; without one they do
    /// not care.
    ///
    /// # Errors
    /// Why not, and what to do about it; a plan that was changed since names who changed it.
    pub fn check(&self, change: &Change, by: &str, expected: Option<u64>) -> Result<(), Refusal> {
        if let (Some(slug), Some(expected)) = (change.slug(), expected) {
            self.check_version(slug, expected)?;
        }
        match change {
            Change::Save { slug, plan } => {
                check_slug(slug)?;
                self.named.get(slug).map_or(Ok(()), |old| locks::replaced(&old.plan, plan, by))
            }
            Change::Edit { slug, edit } => self.known(slug)?.plan.edited(edit, by).map(|_| ()),
            Change::Rename { from, to } => {
                self.known(from)?;
                check_slug(to)?;
                if self.named.contains_key(to) {
                    return refuse(
                        format!("there is a plan {to} already"),
                        "choose another name, or delete that one first",
                    );
                }
                Ok(())
            }
            Change::Delete { slug } => {
                self.known(slug)?.plan.waves().iter().try_for_each(|wave| locks::whole_wave(wave, by))
            }
            Change::Activate { slug: Some(slug) } => self.known(slug).map(|_| ()),
            Change::Activate { slug: None } => Ok(()),
        }
    }

    /// The change that an undo by `by` makes.
    ///
    /// # Errors
    /// When there is none, or somebody holds what would move.
    pub fn check_undo(&self, by: &str) -> Result<&Past, Refusal> {
        let Some(past) = self.to_undo() else {
            return refuse("there is no edit to take back".into(), "nothing was changed");
        };
        self.check(&past.inverse, by, None).map(|()| past)
    }

    /// The change that a redo by `by` makes again.
    ///
    /// # Errors
    /// When there is none, or somebody holds what would move.
    pub fn check_redo(&self, by: &str) -> Result<&Past, Refusal> {
        let Some(past) = self.to_redo() else {
            let hint = "an edit can be redone until another one is made";
            return refuse("there is no edit that was taken back".into(), hint);
        };
        self.check(&past.change, by, None).map(|()| past)
    }

    /// Makes a change. What it says about unknown things changes nothing.
    pub fn apply(&mut self, change: &Change, by: &str, at_ms: u64) {
        let inverse = self.make(change, at_ms);
        self.history.truncate(self.standing);
        self.history.push(Past { change: change.clone(), inverse, by: by.to_owned(), at_ms });
        self.standing = self.history.len();
    }

    /// Takes the last standing change back, if there is one.
    pub fn undo(&mut self, at_ms: u64) {
        let Some(past) = self.to_undo().cloned() else { return };
        self.make(&past.inverse, at_ms);
        self.standing -= 1;
    }

    /// Makes the change again that was taken back last, if there is one.
    pub fn redo(&mut self, at_ms: u64) {
        let Some(past) = self.to_redo().cloned() else { return };
        self.make(&past.change, at_ms);
        self.standing += 1;
    }

    /// Names of plans whose content another state of the book has otherwise, or not at all.
    pub fn changed_since<'a>(&'a self, before: &'a Plans) -> impl Iterator<Item = &'a str> {
        let new = self
            .named
            .iter()
            .filter(|(slug, now)| before.named.get(*slug).is_none_or(|then| then.version != now.version));
        let gone = before.named.keys().filter(|slug| !self.named.contains_key(*slug));
        new.map(|(slug, _)| slug).chain(gone).map(String::as_str)
    }

    fn make(&mut self, change: &Change, at_ms: u64) -> Change {
        self.made += 1;
        let version = self.made;
        match change {
            Change::Save { slug, plan } => {
                let named = Named { plan: plan.clone(), version, saved_at_ms: at_ms };
                match self.named.insert(slug.clone(), named) {
                    Some(old) => Change::Save { slug: slug.clone(), plan: old.plan },
                    None => Change::Delete { slug: slug.clone() },
                }
            }
            Change::Edit { slug, edit } => {
                let edit = self.named.get_mut(slug).map(|named| {
                    named.version = version;
                    named.plan.make(edit)
                });
                Change::Edit { slug: slug.clone(), edit: edit.unwrap_or(Edit::All { edits: Vec::new() }) }
            }
            Change::Rename { from, to } => {
                if let Some(named) = self.named.remove(from) {
                    self.named.insert(to.clone(), Named { version, ..named });
                }
                if self.active.as_ref() == Some(from) {
                    self.active = Some(to.clone());
                }
                Change::Rename { from: to.clone(), to: from.clone() }
            }
            Change::Delete { slug } => match self.named.remove(slug) {
                Some(named) => Change::Save { slug: slug.clone(), plan: named.plan },
                None => Change::Delete { slug: slug.clone() },
            },
            Change::Activate { slug } => {
                Change::Activate { slug: std::mem::replace(&mut self.active, slug.clone()) }
            }
        }
    }

    /// Whether a plan is as somebody saw it.
    ///
    /// # Errors
    /// When it is not: who changed what, and that nothing was made.
    pub fn check_version(&self, slug: &str, expected: u64) -> Result<(), Refusal> {
        let Some(now) = self.named.get(slug) else {
            return refuse(
                format!("plan {slug} is gone since you looked at it"),
                "look at the plans as they are now",
            );
        };
        if now.version == expected {
            return Ok(());
        }
        let last = self.standing().find(|past| past.change.slug() == Some(slug));
        let what = last.map_or(String::new(), |past| format!(": {} ({})", past.change.words(), past.by));
        refuse(
            format!("plan {slug} changed since you looked at it{what}"),
            "nothing of yours was made; look at it as it is now, then decide again",
        )
    }
}

impl Change {
    /// The change with its locks in the name of `by`, as of now.
    pub fn signed(self, by: &str, at_ms: u64) -> Change {
        match self {
            Change::Edit { slug, edit } => Change::Edit { slug, edit: edit.signed(by, at_ms) },
            other @ (Change::Save { .. }
            | Change::Rename { .. }
            | Change::Delete { .. }
            | Change::Activate { .. }) => other,
        }
    }

    /// The plan that it is about.
    pub fn slug(&self) -> Option<&str> {
        match self {
            Change::Save { slug, .. }
            | Change::Edit { slug, .. }
            | Change::Rename { from: slug, .. }
            | Change::Delete { slug } => Some(slug),
            Change::Activate { slug } => slug.as_deref(),
        }
    }

    /// What it does, as a clause such as `plan next: T148 goes to wave 1`.
    pub fn words(&self) -> String {
        match self {
            Change::Save { slug, plan } => {
                format!(
                    "plan {slug} is saved with {} tasks in {} waves",
                    plan.slots().count(),
                    plan.waves().len()
                )
            }
            Change::Edit { slug, edit } => format!("plan {slug}: {}", edit.words()),
            Change::Rename { from, to } => format!("plan {from} is called {to}"),
            Change::Delete { slug } => format!("plan {slug} is deleted"),
            Change::Activate { slug: Some(slug) } => format!("plan {slug} is the active one"),
            Change::Activate { slug: None } => "no plan is the active one".into(),
        }
    }
}

/// A name is what one can type: lower-case letters, digits, `-`, `_` and `.`, a letter or digit first.
fn check_slug(slug: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let sound = slug.bytes().next().is_some_and(plain)
        && slug.len() <= SLUG_BYTES_MAX
        && slug.bytes().all(|byte| plain(byte) || b"-_.".contains(&byte));
    if sound {
        return Ok(());
    }
    let hint = "use lower-case letters, digits, - and _, at most 64 of them";
    refuse(format!("`{slug}` cannot be the name of a plan"), hint)
}

/// The name that is nearest to a text: of `NEXT_SESSION (May)` it is `next-session-may`.
pub fn slug_of(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == SLUG_BYTES_MAX {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "plan".to_owned() } else { slug.to_owned() }
}

fn refuse<T>(reason: String, hint: &str) -> Result<T, Refusal> {
    Err(Refusal { reason, hint: hint.to_owned() })
}
