//! Time as the engine knows it: a number that the driver hands in.

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
