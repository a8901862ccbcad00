//! The component cutover matrix: which component stands at which level, and which wave promotes it.

use serde::{Deserialize, Serialize};

/// The matrix as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// Maturity order.
    pub levels: Vec<String>,
}
