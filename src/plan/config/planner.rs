//! `planner.agentic`: how an agent drafts waves.

use serde::{Deserialize, Serialize};

use super::area::Area;
use super::keys::AGENTIC;

/// How an agent drafts waves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgenticPlanner {
    /// The executor profile that plans.
    pub executor_profile: String,
    /// Waves that one run may draft when it is not told a number.
    pub waves_max: u32,
    /// How often the planner is asked again when its result does not validate.
    pub replans_max: u32,
    /// Its Context7 bundle.
    pub context7_bundle: String,
    /// Its Context7 query.
    pub context7_query: String,
    /// Files that it is always shown, relative to the project.
    pub core_context_paths: Vec<String>,
    /// Lessons that it is shown.
    pub lessons_paths: Vec<String>,
    /// Research that it is shown.
    pub research_topic_paths: Vec<String>,
}

impl AgenticPlanner {
    pub(super) fn read(planner: &Area<'_>) -> AgenticPlanner {
        let agentic = planner.whole_object("agentic", AGENTIC);
        AgenticPlanner {
            executor_profile: agentic.text("executorProfile").to_lowercase(),
            waves_max: agentic.whole("defaultMaxWaves"),
            replans_max: agentic.whole("maxReplanIterations"),
            context7_bundle: agentic.text("context7Bundle"),
            context7_query: agentic.text("context7Query"),
            core_context_paths: agentic.texts("coreContextPaths"),
            lessons_paths: agentic.texts("lessonsPaths"),
            research_topic_paths: agentic.texts("researchTopicPaths"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    #[test]
    fn defaults_hold_key_by_key() {
        let planner = Config::default().planner;
        assert_eq!((planner.executor_profile.as_str(), planner.waves_max), ("planning-readonly", 3));
        assert_eq!((planner.core_context_paths.len(), planner.lessons_paths.len()), (13, 1));
        assert!(planner.context7_query.starts_with("Wave planning best practices"));
        let text = r#"{"planner": {"agentic": {"defaultMaxWaves": 5, "coreContextPaths": "README.md"}}}"#;
        let planner = Config::for_lane(Some(text), "main").0.planner;
        assert_eq!((planner.waves_max, planner.replans_max), (5, 1));
        assert_eq!(planner.core_context_paths, ["README.md"]);
    }
}
