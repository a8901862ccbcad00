//! Documentation of libraries from Context7, for the prompts of agents whose bundle asks for it.
//!
//! An agent waits for it before its session opens, for half a minute at most, and starts without it when it cannot be had:
//! no key, no answer, nothing found. What was fetched lies in `context7-cache/` of the lane's state folder for a day, where
//! the npm package `@chllming/wave-orchestration` 0.9.15 has its own. Requests are made on threads of their own; nothing
//! else of the driver waits.

pub(super) mod client;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::disk::{self, Sync};
use super::run::Driver;
use super::setup::DriverError;
use crate::engine::{AttemptKey, Effect, Time};
use crate::plan::bundles::Selection;
use crate::plan::config::Config;
use crate::plan::config::outside::Access;
use client::Client;

/// The service.
pub const ADDRESS: &str = "https://context7.com";

/// How long a fetched text counts.
pub(super) const KEPT_MS: u64 = 24 * 60 * 60 * 1000;
/// After how long something that could not be had is asked for again.
const AGAIN_MS: u64 = 5 * 60 * 1000;
/// Answers that may wait for the driver; a thread that meets a full queue waits.
const FETCHED_MAX: usize = 16;
/// A file of variables beside the project's own; it may name the key where the environment does not.
const LOCAL_ENVIRONMENT: &str = ".env.local";

/// What is known of the documentation that agents need.
#[derive(Debug)]
pub(super) struct Shelf {
    /// By [`Selection::name`].
    held: BTreeMap<String, Held>,
    tell: Sender<Fetched>,
    /// What threads tell; taken by the loop.
    pub(super) told: Option<Receiver<Fetched>>,
}

/// How it stands with a selection.
#[derive(Debug)]
pub(super) enum Held {
    /// A thread asks; these attempts wait for it.
    Asked { waiting: Vec<AttemptKey> },
    /// It is there, or could not be had.
    There { text: Option<String>, until: Time },
}

/// What a thread came back with.
#[derive(Debug)]
pub(super) struct Fetched {
    selection: Selection,
    text: Result<String, String>,
}

/// A file of the cache.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    fetched_at: Time,
    selection: Selection,
    text: String,
}

impl Default for Shelf {
    fn default() -> Shelf {
        let (tell, told) = channel(FETCHED_MAX);
        Shelf { held: BTreeMap::new(), tell, told: Some(told) }
    }
}

impl Shelf {
    /// The text for a selection, where there is one.
    pub(super) fn text(&self, selection: &Selection) -> Option<&str> {
        match self.held.get(&selection.name())? {
            Held::Asked { .. } => None,
            Held::There { text, .. } => text.as_deref(),
        }
    }
}

impl Driver {
    /// Whether an attempt has to wait for its documentation. Asks for it when nobody did; [`Driver::fetched`] starts the
    /// attempt then.
    pub(super) fn waits_for_documentation(&mut self, key: &AttemptKey) -> bool {
        let Some(selection) = self.state.brief_of(key).and_then(|brief| brief.context7.clone()) else {
            return false;
        };
        let name = selection.name();
        let now = self.now();
        match self.shelf.held.get_mut(&name) {
            Some(Held::Asked { waiting }) => {
                if !waiting.contains(key) {
                    waiting.push(key.clone());
                }
                return true;
            }
            Some(Held::There { until, .. }) if *until > now => return false,
            Some(Held::There { .. }) | None => {}
        }
        if self.is_without_documentation(key) {
            return false;
        }
        if let Some(kept) = self.kept_documentation(&selection, now) {
            self.shelf.held.insert(name, kept);
            return false;
        }
        let Some(secret) = self.context7_key() else { return false };
        let (address, tell) = (self.setup.context7.clone(), self.shelf.tell.clone());
        let asked = std::thread::Builder::new().name("context7".to_owned()).spawn(move || {
            let text = Client::new(&address, secret).fetch(&selection);
            // The driver is gone: nobody waits any more.
            let _ = tell.blocking_send(Fetched { selection, text });
        });
        match asked {
            Ok(_) => {
                self.shelf.held.insert(name, Held::Asked { waiting: vec![key.clone()] });
                true
            }
            Err(error) => {
                self.notice(format!("Context7 is not asked, no thread can be had: {error}."), true);
                false
            }
        }
    }

    /// Documentation came, or could not be had: it is kept, and who waited for it starts.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn fetched(&mut self, fetched: Fetched) -> Result<(), DriverError> {
        let Fetched { selection, text } = fetched;
        let now = self.now();
        let (text, kept_ms) = match text {
            Ok(text) => {
                let kept = Kept { fetched_at: now, selection: selection.clone(), text };
                self.keep_documentation(&kept);
                (Some(kept.text).filter(|text| !text.is_empty()), KEPT_MS)
            }
            Err(error) => {
                let text = format!("{error}. Agents with the bundle {} start without it.", selection.bundle);
                self.notice(text, true);
                (None, AGAIN_MS)
            }
        };
        let there = Held::There { text, until: now.plus_ms(kept_ms) };
        let Some(Held::Asked { waiting }) = self.shelf.held.insert(selection.name(), there) else {
            return Ok(());
        };
        for attempt in waiting {
            self.perform_now(&Effect::StartSession { attempt })?;
        }
        Ok(())
    }

    fn is_without_documentation(&self, key: &AttemptKey) -> bool {
        let run = self.state.attempt(key).and_then(|attempt| self.state.runs.get(&attempt.run));
        run.is_none_or(|run| run.options.without_context7)
    }

    /// The key, where there is one and the configuration lets us use it: of the environment, else of `.env.local`.
    fn context7_key(&self) -> Option<String> {
        let text = self.files.sources().config.as_ref().map(|file| file.text.as_str());
        let provider = Config::for_lane(text, &self.setup.lane).0.outside.context7;
        if provider.access == Access::Broker {
            return None;
        }
        let name = provider.key_variable;
        let of_environment = std::env::var(&name).ok();
        let key = of_environment.or_else(|| {
            let bytes = self.disk.read(&self.setup.paths.project().join(LOCAL_ENVIRONMENT)).ok()?;
            variable(&String::from_utf8_lossy(&bytes), &name)
        });
        key.filter(|key| !key.trim().is_empty())
    }

    fn kept_file(&self, selection: &Selection) -> PathBuf {
        let folder = format!("{}/{}-wave-launcher/context7-cache", self.files.state().root, self.setup.lane);
        self.setup.paths.project().join(folder).join(format!("{}.json", selection.name()))
    }

    pub(super) fn kept_documentation(&self, selection: &Selection, now: Time) -> Option<Held> {
        let bytes = self.disk.read(&self.kept_file(selection)).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        let until = kept.fetched_at.plus_ms(KEPT_MS);
        let is_fresh = kept.fetched_at <= now && until > now && kept.selection.name() == selection.name();
        let text = Some(kept.text).filter(|text| !text.is_empty());
        is_fresh.then_some(Held::There { text, until })
    }

    /// A cache that cannot be written costs another request and nothing else.
    fn keep_documentation(&mut self, kept: &Kept) {
        let file = self.kept_file(&kept.selection);
        let Ok(bytes) = serde_json::to_vec_pretty(kept) else { return };
        if let Err(error) = disk::replace(self.disk.as_ref(), &file, &bytes, Sync::Later) {
            tracing::warn!(%error, file = %file.display(), "documentation was not kept");
        }
    }
}

/// A variable of a file with lines `NAME=VALUE`, quotes taken off.
pub(super) fn variable(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let (found, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        (found.trim() == name).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })
}
