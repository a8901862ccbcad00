//! What a draft stands on: the settings and files of the lane that it is for.

use super::super::benchmarks::Benchmarks;
use super::super::bundles::{Bundles, NONE};
use super::super::config::Config;
use super::super::config::profile::ProjectProfile;
use super::super::matrix::{Matrix, MatrixComponent};
use super::super::wave::WaveNumber;
use super::super::wave::entries::LEVELS;

/// What a draft stands on.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'g> {
    /// Settings of the lane.
    pub config: &'g Config,
    /// The component matrix, when there is one.
    pub matrix: Option<&'g Matrix>,
    /// The Context7 bundles, when there are any.
    pub bundles: Option<&'g Bundles>,
    /// The benchmark catalogue, when there is one.
    pub benchmarks: Option<&'g Benchmarks>,
    /// The project profile.
    pub profile: &'g ProjectProfile,
    /// Number of the wave that is drafted.
    pub wave: WaveNumber,
}

impl Ground<'_> {
    /// Maturity levels, lowest first.
    pub(super) fn levels(&self) -> Vec<&str> {
        match self.matrix {
            Some(matrix) => matrix.levels.iter().map(String::as_str).collect(),
            None => LEVELS.to_vec(),
        }
    }

    /// The level `steps` below another one; the lowest one where there is none.
    pub(super) fn below(&self, level: &str) -> String {
        let levels = self.levels();
        let rank = levels.iter().position(|known| *known == level).unwrap_or_default();
        levels.get(rank.saturating_sub(1)).copied().unwrap_or_default().to_string()
    }

    /// The level above another one; the highest one where there is none.
    pub(super) fn above(&self, level: &str) -> String {
        let levels = self.levels();
        let rank = levels.iter().position(|known| *known == level).map_or(0, |rank| rank + 1);
        levels.get(rank).or(levels.last()).copied().unwrap_or_default().to_string()
    }

    /// A component of the matrix.
    pub(super) fn component(&self, id: &str) -> Option<&MatrixComponent> {
        self.matrix?.components.get(id)
    }

    /// The bundles that can be chosen; `none` is one.
    pub(super) fn bundle_ids(&self) -> Vec<&str> {
        let known = self.bundles.iter().flat_map(|bundles| bundles.bundles.keys());
        // An index may list it, too.
        let others = known.map(String::as_str).filter(|id| *id != NONE);
        [NONE].into_iter().chain(others).collect()
    }

    /// Whether a rule that begins at `threshold` holds for the wave.
    pub(super) fn holds(&self, threshold: Option<u32>) -> bool {
        threshold.is_some_and(|from| self.wave >= from)
    }

    /// Fills `{wave}`, `{id}`, `{name}`, `{state}` and `{waves}` of a text of a template.
    pub(super) fn filled(&self, text: &str, id: &str, title: &str) -> String {
        text.replace("{wave}", &self.wave.to_string())
            .replace("{id}", &id.to_lowercase())
            .replace("{name}", &name_of(title))
            .replace("{state}", &self.config.state_directory())
            .replace("{waves}", self.config.waves_directory())
    }

    /// What every agent reads first.
    pub(super) fn required_context(&self) -> Vec<String> {
        let references = self.config.validation.required_prompt_references.iter();
        let mut documents: Vec<String> = Vec::new();
        for path in references.chain(&self.config.shared_plan_docs) {
            if !documents.contains(path) {
                documents.push(path.clone());
            }
        }
        documents
    }
}

/// Whether a level is one at which work is proved live.
pub(super) fn is_live(level: &str) -> bool {
    let rank = |wanted: &str| LEVELS.iter().position(|known| *known == wanted);
    rank(level).is_some_and(|found| Some(found) >= rank("pilot-live"))
}

/// A title as a name: lower-case letters and digits, with `-` between words. `slice` where nothing is left.
pub(super) fn name_of(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if name.is_empty() { "slice".to_string() } else { name }
}

#[cfg(test)]
mod tests {
    use super::{is_live, name_of};

    #[test]
    fn titles_become_names() {
        for (title, expected) in
            [("Bound the Cache!", "bound-the-cache"), ("  ", "slice"), ("Ünicode 2", "nicode-2")]
        {
            assert_eq!(name_of(title), expected);
        }
    }

    #[test]
    fn live_begins_with_the_pilot() {
        let found = ["baseline-proved", "pilot-live", "fleet-ready", "mine"].map(is_live);
        assert_eq!(found, [false, true, true, false]);
    }
}
