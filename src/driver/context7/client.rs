//! Asking Context7 for documentation, over HTTP. Everything has an end: a request, the tries, the whole.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::plan::bundles::{Library, Selection};

/// How long all requests of one selection may take together.
const ALL_MAX: Duration = Duration::from_secs(30);
/// How long one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(10);
/// How often a request is made that the service asks to make again.
const TRIES: u32 = 3;
/// Answers that ask for another try: not ready, too many requests, a fault of the service.
const TRY_AGAIN: [u16; 4] = [202, 429, 500, 503];
/// Longest hint of a bundle, in characters.
const HINT_MAX: usize = 220;
/// Longest text for an agent, in characters.
const TEXT_MAX: usize = 12_000;
/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// A client with its key.
pub(in crate::driver) struct Client {
    agent: ureq::Agent,
    address: String,
    key: String,
    until: Instant,
}

impl Client {
    /// For one selection; `address` is that of the service, without a path.
    pub(in crate::driver) fn new(address: &str, key: String) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("wavedeck/", env!("CARGO_PKG_VERSION")))
            .build();
        Client { agent: config.into(), address: address.to_owned(), key, until: Instant::now() + ALL_MAX }
    }

    /// The documentation of every library of a selection, under a heading each, at most [`TEXT_MAX`] characters. A library
    /// that cannot be had is left out; an empty text means that nothing was found.
    ///
    /// # Errors
    /// A sentence, when no library could be had.
    pub(in crate::driver) fn fetch(&self, selection: &Selection) -> Result<String, String> {
        let mut text = String::new();
        let mut trouble = None;
        for library in &selection.libraries {
            match self.of_library(library, &selection.query) {
                Ok((id, found)) if !found.trim().is_empty() => {
                    let gap = if text.is_empty() { "" } else { "\n\n" };
                    text.push_str(&format!("{gap}### {id}\n\n{}", found.trim()));
                }
                Ok(_) => {}
                Err(error) => trouble = Some(error),
            }
        }
        match trouble {
            Some(trouble) if text.is_empty() => Err(trouble),
            _ => Ok(text.chars().take(TEXT_MAX).collect()),
        }
    }

    fn of_library(&self, library: &Library, query: &str) -> Result<(String, String), String> {
        let hint: String = library.hint.iter().flat_map(|hint| hint.chars().take(HINT_MAX)).collect();
        let query = [query, hint.as_str()].join(" ");
        let query = query.trim();
        let id = match (&library.id, &library.name) {
            (Some(id), _) => id.clone(),
            (None, Some(name)) => {
                let answer = self.get("/api/v2/libs/search", &[("libraryName", name), ("query", query)])?;
                best(&answer).ok_or_else(|| format!("Context7 knows no library {name}"))?
            }
            (None, None) => return Err("a library of the bundle has neither id nor name".to_owned()),
        };
        let answer = self.get("/api/v2/context", &[("libraryId", &id), ("query", query), ("type", "txt")])?;
        Ok((id, answer))
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        let mut tried = 0;
        loop {
            tried += 1;
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("Context7 took longer than {} seconds", ALL_MAX.as_secs()));
            }
            let request = self
                .agent
                .get(format!("{}{path}", self.address))
                .config()
                .timeout_global(Some(REQUEST_MAX.min(left)))
                .build()
                .header("Authorization", format!("Bearer {}", self.key))
                .query_pairs(parameters.iter().copied());
            let mut answer =
                request.call().map_err(|error| format!("Context7 could not be asked: {error}"))?;
            let status = answer.status().as_u16();
            if !TRY_AGAIN.contains(&status) || tried == TRIES {
                let limited = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
                return match status {
                    200..202 => limited
                        .lossy_utf8(true)
                        .read_to_string()
                        .map_err(|error| format!("the answer of Context7 could not be read: {error}")),
                    404 => Ok(String::new()),
                    status => Err(format!("Context7 answered with status {status}")),
                };
            }
            let asked =
                answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let pause = Duration::from_secs(asked.unwrap_or_else(|| u64::from(tried)));
            // On a thread of its own, and never past the end.
            std::thread::sleep(pause.min(self.until.saturating_duration_since(Instant::now())));
        }
    }
}

/// The first library of a search, which is the best: of a list, or of `results`.
fn best(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let list = answer.get("results").unwrap_or(&answer);
    list.get(0)?.get("id")?.as_str().map(str::to_owned)
}
