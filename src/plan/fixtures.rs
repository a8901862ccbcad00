//! Real projects for tests: the repository of `@chllming/wave-orchestration` (MIT, its licence lies beside the files) and
//! a minimal wave in it.

use super::project::{SourceFile, Sources};

macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../../tests/fixtures/waves/", $path))
    };
}

/// The minimal wave; it is `wave-12.md` of [`minimal`].
pub(super) const MINIMAL: &str = fixture!("minimal-wave-12.md");
/// A wave with every section there is; it does not validate.
pub(super) const LIVE_PROOF: &str = fixture!("examples/wave-example-live-proof.md");
/// A wave with prose in a list section.
pub(super) const DESIGN_HANDOFF: &str = fixture!("examples/wave-example-design-handoff.md");
/// The waves of the repository, with their numbers.
pub(super) const WAVES: [(u32, &str); 4] = [
    (0, fixture!("repo/docs/plans/waves/wave-0.md")),
    (1, fixture!("repo/docs/plans/waves/wave-1.md")),
    (3, fixture!("repo/docs/plans/waves/wave-3.md")),
    (4, fixture!("repo/docs/plans/waves/wave-4.md")),
];

const ROLE_DOCUMENTS: [(&str, &str); 11] = [
    ("cont-eval", fixture!("repo/docs/agents/wave-cont-eval-role.md")),
    ("cont-qa", fixture!("repo/docs/agents/wave-cont-qa-role.md")),
    ("deploy-verifier", fixture!("repo/docs/agents/wave-deploy-verifier-role.md")),
    ("design", fixture!("repo/docs/agents/wave-design-role.md")),
    ("documentation", fixture!("repo/docs/agents/wave-documentation-role.md")),
    ("infra", fixture!("repo/docs/agents/wave-infra-role.md")),
    ("integration", fixture!("repo/docs/agents/wave-integration-role.md")),
    ("launcher", fixture!("repo/docs/agents/wave-launcher-role.md")),
    ("orchestrator", fixture!("repo/docs/agents/wave-orchestrator-role.md")),
    ("planner", fixture!("repo/docs/agents/wave-planner-role.md")),
    ("security", fixture!("repo/docs/agents/wave-security-role.md")),
];

/// A wave file of lane `main`.
pub(super) fn wave_file(number: u32, text: &str) -> SourceFile {
    SourceFile { path: format!("docs/plans/waves/wave-{number}.md"), text: text.to_string() }
}

/// The repository with its own waves.
pub(super) fn repository() -> Sources {
    with_waves(WAVES.iter().map(|(number, text)| wave_file(*number, text)).collect())
}

/// The repository with these waves in place of its own.
pub(super) fn with_waves(waves: Vec<SourceFile>) -> Sources {
    Sources {
        lane: "main".to_string(),
        config: Some(SourceFile {
            path: "wave.config.json".to_string(),
            text: fixture!("repo/wave.config.json").to_string(),
        }),
        matrix: Some(SourceFile {
            path: "docs/plans/component-cutover-matrix.json".to_string(),
            text: fixture!("repo/docs/plans/component-cutover-matrix.json").to_string(),
        }),
        waves,
        documents: ROLE_DOCUMENTS
            .iter()
            .map(|(name, text)| (format!("docs/agents/wave-{name}-role.md"), (*text).to_string()))
            .collect(),
        benchmarks: Some(SourceFile {
            path: "docs/evals/benchmark-catalog.json".to_string(),
            text: fixture!("repo/docs/evals/benchmark-catalog.json").to_string(),
        }),
        bundles: Some(SourceFile {
            path: "docs/context7/bundles.json".to_string(),
            text: fixture!("repo/docs/context7/bundles.json").to_string(),
        }),
        ..Sources::default()
    }
}

/// The repository with one wave, number 12, and the component that the minimal wave promotes.
pub(super) fn minimal(text: &str) -> Sources {
    let mut sources = with_waves(vec![wave_file(12, text)]);
    if let Some(matrix) = &mut sources.matrix {
        let component = r#""components": {
    "artifact-cache": {
      "currentLevel": "inventoried",
      "promotions": [{"wave": 12, "target": "repo-landed"}]
    },"#;
        matrix.text = matrix.text.replacen(r#""components": {"#, component, 1);
    }
    sources
}
