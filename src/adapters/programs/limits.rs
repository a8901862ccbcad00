//! Whether a program ended because of a rate or usage limit of its provider. Seen with codex 0.169, claude 2.1.329 and
//! opencode 1.18.33: each says last why it failed, in a line of its own, as text or as JSON.
//!
//! Only such a line counts. Whoever works on rate limits talks about them all day, and codex prints its prompt.

use std::sync::LazyLock;

use regex::Regex;

/// How lines begin in which a program says why it failed: codex, claude and opencode in this order, then each as JSON.
const COMPLAINTS: [&str; 6] =
    ["ERROR: ", "API Error: ", "Error: ", r#"{"type":"error""#, r#"{"type":"turn.failed""#, "{"];

/// A result of claude is JSON whose first key is any; this says that it is an error.
const IS_ERROR: &str = r#""is_error":true"#;

/// Whether the last complaint in what a program printed is about a limit.
pub(super) fn reached(text: &str) -> bool {
    text.lines().map(str::trim).rfind(|line| is_complaint(line)).is_some_and(speaks_of_limit)
}

fn is_complaint(line: &str) -> bool {
    match COMPLAINTS.iter().find(|start| line.starts_with(**start)) {
        Some(&"{") => line.contains(IS_ERROR),
        Some(_) => true,
        None => false,
    }
}

fn speaks_of_limit(complaint: &str) -> bool {
    static PHRASES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)429 Too Many Requests|exceeded retry limit|\(429\)|"(api_error_status|statusCode)":429|rate[ _]limit|usage[ _]limit"#)
            .ok()
    });
    PHRASES.as_ref().is_some_and(|phrases| phrases.is_match(complaint))
}

#[cfg(test)]
mod tests {
    use super::reached;

    #[test]
    fn the_last_complaint_says_whether_it_was_a_limit() {
        for text in [
            "ERROR: Reconnecting... 2/2\nERROR: exceeded retry limit, last status: 429 Too Many Requests\n",
            "ERROR: You’ve hit your usage limit. Visit https://example.org or try again at Jan 1st, 2100 12:00 AM.",
            "API Error: Request rejected (429) · The usage limit has been reached\n",
            "> wave-a1 · m\n\nError: Rate limit reached for m\n",
            r#"{"type":"turn.failed","error":{"message":"exceeded retry limit, last status: 429 Too Many Requests"}}"#,
            r#"{"type":"error","sessionID":"s","error":{"name":"APIError","data":{"message":"no","statusCode":429}}}"#,
            r#"{"duration_api_ms":0,"is_error":true,"api_error_status":429,"result":"API Error"}"#,
        ] {
            assert!(reached(text), "{text}");
        }
        for text in [
            "I mended the rate limit of the API.\nTests fail with 429 Too Many Requests.\n",
            "ERROR: exceeded retry limit, last status: 429 Too Many Requests\nERROR: stream disconnected\n",
            "Error: Model not found\n",
            r#"{"type":"assistant","message":{"content":[{"text":"is_error and a rate limit"}]}}"#,
            r#"{"is_error":false,"result":"the rate limit holds"}"#,
            "",
        ] {
            assert!(!reached(text), "{text}");
        }
    }
}
