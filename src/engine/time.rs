//! Time as the engine knows it: a number that the driver hands in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. Orders nothing by itself: sequence numbers do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// This time and `duration_ms` more.
    pub fn plus_ms(self, duration_ms: u64) -> Time {
        Time(self.0.saturating_add(duration_ms))
    }

    /// Milliseconds from `earlier` to this time; 0 when the clock went back.
    pub fn since_ms(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A duration as people say it: `45m`, `1h30m`, `20s`.
pub fn duration(duration_ms: u64) -> String {
    let seconds = duration_ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "m"), (seconds, "s")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { format!("{duration_ms}ms") } else { text }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, to the second, such as `2026-01-31T14:20:05Z`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0 / 1000).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
        match seconds {
            Some(timestamp) => write!(formatter, "{timestamp}"),
            None => write!(formatter, "{} ms after 1970", self.0),
        }
    }
}
