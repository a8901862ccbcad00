//! `wave.config.json` with its defaults: the part that reading and running waves needs.

use serde::{Deserialize, Serialize};

/// Settings of one lane, resolved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Display name.
    pub project_name: String,
}
