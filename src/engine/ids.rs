//! Names of the things that the engine speaks of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::{AgentId, WaveNumber};

/// A wave of a lane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WaveKey {
    /// Lane, such as `main`.
    pub lane: String,
    /// Number of the wave file.
    pub number: WaveNumber,
}

/// One try of one agent of one wave. Numbers count from 1 and never restart, over all runs of the wave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptKey {
    /// The wave.
    pub wave: WaveKey,
    /// The agent.
    pub agent: AgentId,
    /// Which try, from 1.
    pub number: u32,
}

/// One launch. Shown as `R1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u64);

/// One question to the operator; also the ticket that `wavedeck ask` polls. Shown as `Q7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuestionId(pub u64);

impl fmt::Display for WaveKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/wave-{}", self.lane, self.number)
    }
}

impl fmt::Display for AttemptKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.wave, self.agent, self.number)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "R{}", self.0)
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Q{}", self.0)
    }
}

impl std::str::FromStr for QuestionId {
    type Err = std::num::ParseIntError;

    /// Reads `Q7` or `7`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix(['Q', 'q']).unwrap_or(text).parse().map(QuestionId)
    }
}

impl AttemptKey {
    /// Name of the attempt's terminal session: unique in the project, safe as a file name (`[A-Za-z0-9._-]`), at most
    /// 100 characters. Two ids that differ only in other characters still get different names.
    pub fn session(&self) -> String {
        let safe = |text: &str| -> String {
            text.chars()
                .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' })
                .take(32)
                .collect()
        };
        let plain = format!("{}-w{}-{}-t{}", self.wave.lane, self.wave.number, self.agent, self.number);
        let name =
            format!("{}-w{}-{}-t{}", safe(&self.wave.lane), self.wave.number, safe(&self.agent), self.number);
        if plain == name { name } else { format!("{name}-{:08x}", fnv1a(plain.as_bytes()) as u32) }
    }
}

/// FNV-1a, 64 bit: a stable digest for names, not for security.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
