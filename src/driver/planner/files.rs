//! What a planner is told to read: the files that the configuration names, those that the request names, and the last
//! waves before the ones that are planned.

use std::collections::BTreeMap;

use super::{PlanSource, ProjectPaths, digest, load_file};
use crate::plan::draft::Spec;
use crate::plan::draft::adhoc::paths_in;
use crate::plan::draft::agentic::PlanRequest;
use crate::plan::{Project, Sources};

/// Earlier waves that are named.
const WAVES_MOST: usize = 4;

/// What planners are, in the words of the project.
const ROLE: [&str; 2] = ["docs/agents/wave-planner-role.md", "skills/role-planner/SKILL.md"];

/// The files that a planner is told of, by path, those that are missing included.
pub fn plan_sources(
    paths: &ProjectPaths,
    sources: &Sources,
    project: &Project,
    request: &PlanRequest,
) -> Vec<PlanSource> {
    let planner = &project.config.planner;
    let mut wanted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut want = |path: &str, reason| {
        let reasons = wanted.entry(path.to_owned()).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    };
    for path in ROLE {
        want(path, "what a planner is");
    }
    for path in &planner.core_context_paths {
        want(path, "core context");
    }
    for path in &planner.lessons_paths {
        want(path, "lessons");
    }
    for path in &planner.research_topic_paths {
        want(path, "research");
    }
    for path in paths_in(&request.task).iter().filter(|path| paths.project().join(path).is_file()) {
        want(path, "named in the request");
    }
    for (wave, read) in project.waves.range(..request.from_wave).rev().take(WAVES_MOST) {
        want(&read.file, "earlier wave");
        let spec = Spec::path(project.config.waves_directory(), *wave);
        if sources.specs.contains_key(&spec) {
            want(&spec, "spec of an earlier wave");
        }
    }
    let source = |(path, reasons): (String, Vec<&str>)| {
        let file = load_file(paths, &path);
        PlanSource {
            exists: file.is_some(),
            bytes: file.as_ref().map_or(0, |file| file.text.len() as u64),
            sha256: file.map(|file| digest(&file.text)),
            reasons: reasons.into_iter().map(str::to_owned).collect(),
            path,
        }
    };
    wanted.into_iter().map(source).collect()
}
