//! The component cutover matrix: which component stands at which level, and which wave promotes it.
//!
//! The format is that of the npm package `@chllming/wave-orchestration` 0.9.15. Keys that it does not name are ignored,
//! as there.

pub mod change;
mod read;
pub mod twin;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::wave::WaveNumber;

/// The matrix as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// Maturity order.
    pub levels: Vec<String>,
    /// Components by id.
    pub components: BTreeMap<String, MatrixComponent>,
}

/// One component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatrixComponent {
    /// For people; its id when the file gives none.
    pub title: String,
    /// Documents that describe it.
    pub canonical_docs: Vec<String>,
    /// Where it stands.
    pub current_level: String,
    /// Which wave takes it where.
    pub promotions: Vec<MatrixPromotion>,
    /// What shows that it works.
    pub proof_surfaces: Vec<String>,
}

/// A step that a wave is to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixPromotion {
    /// The wave.
    pub wave: WaveNumber,
    /// The level it reaches.
    pub target: String,
    /// The lane whose wave that is; every lane's when nothing is said. A key of ours: where lanes share a matrix, waves
    /// with the same number are told apart by it. The predecessor reads past it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
}

/// Where a component stands, seen from a level to which a wave takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// The matrix has no such component, or no such level.
    Unknown,
    /// There, or not there yet.
    Within {
        /// The level at which it stands.
        current: String,
    },
    /// Further than that.
    Beyond {
        /// The level at which it stands.
        current: String,
    },
}

impl Matrix {
    /// Reads the matrix; `None` when nothing of it can be used. A component with a fault is left out and reported.
    pub fn read(file: &str, text: &str) -> (Option<Matrix>, Vec<Finding>) {
        read::matrix(file, text)
    }

    /// The level to which a wave of a lane is to take a component: what the lane is named for, else what is for all.
    pub fn target<'m>(
        &self,
        component: &'m MatrixComponent,
        wave: WaveNumber,
        lane: &str,
    ) -> Option<&'m String> {
        let of_wave = || component.promotions.iter().filter(|promotion| promotion.wave == wave);
        let own = of_wave().find(|promotion| promotion.lane.as_deref() == Some(lane));
        own.or_else(|| of_wave().find(|promotion| promotion.lane.is_none()))
            .map(|promotion| &promotion.target)
    }

    /// Where a component stands, seen from the level to which a wave takes it.
    pub fn standing(&self, component: &str, target: &str) -> Standing {
        let Some(component) = self.components.get(component) else { return Standing::Unknown };
        let current = component.current_level.clone();
        match (self.rank(&current), self.rank(target)) {
            (Some(now), Some(wanted)) if now > wanted => Standing::Beyond { current },
            (Some(_), Some(_)) => Standing::Within { current },
            _ => Standing::Unknown,
        }
    }

    /// The level's place in the maturity order.
    pub fn rank(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|known| known == level)
    }
}
