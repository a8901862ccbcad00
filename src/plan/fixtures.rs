//! Real projects for tests: the repository of `@chllming/wave-orchestration` (MIT, its licence lies beside the files) and
//! a minimal wave in it.

use super::project::{SourceFile, Sources};
use super::skills::SkillSource;

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

/// Manifests of the skills; every one has its `SKILL.md`.
const SKILLS: [(&str, &str); 26] = [
    ("provider-aws", fixture!("repo/skills/provider-aws/skill.json")),
    ("provider-custom-deploy", fixture!("repo/skills/provider-custom-deploy/skill.json")),
    ("provider-docker-compose", fixture!("repo/skills/provider-docker-compose/skill.json")),
    ("provider-github-release", fixture!("repo/skills/provider-github-release/skill.json")),
    ("provider-kubernetes", fixture!("repo/skills/provider-kubernetes/skill.json")),
    ("provider-railway", fixture!("repo/skills/provider-railway/skill.json")),
    ("provider-ssh-manual", fixture!("repo/skills/provider-ssh-manual/skill.json")),
    ("repo-coding-rules", fixture!("repo/skills/repo-coding-rules/skill.json")),
    ("role-cont-eval", fixture!("repo/skills/role-cont-eval/skill.json")),
    ("role-cont-qa", fixture!("repo/skills/role-cont-qa/skill.json")),
    ("role-deploy", fixture!("repo/skills/role-deploy/skill.json")),
    ("role-design", fixture!("repo/skills/role-design/skill.json")),
    ("role-documentation", fixture!("repo/skills/role-documentation/skill.json")),
    ("role-implementation", fixture!("repo/skills/role-implementation/skill.json")),
    ("role-infra", fixture!("repo/skills/role-infra/skill.json")),
    ("role-integration", fixture!("repo/skills/role-integration/skill.json")),
    ("role-planner", fixture!("repo/skills/role-planner/skill.json")),
    ("role-research", fixture!("repo/skills/role-research/skill.json")),
    ("role-security", fixture!("repo/skills/role-security/skill.json")),
    ("runtime-claude", fixture!("repo/skills/runtime-claude/skill.json")),
    ("runtime-codex", fixture!("repo/skills/runtime-codex/skill.json")),
    ("runtime-local", fixture!("repo/skills/runtime-local/skill.json")),
    ("runtime-opencode", fixture!("repo/skills/runtime-opencode/skill.json")),
    ("signal-hygiene", fixture!("repo/skills/signal-hygiene/skill.json")),
    ("tui-design", fixture!("repo/skills/tui-design/skill.json")),
    ("wave-core", fixture!("repo/skills/wave-core/skill.json")),
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
        skills: SKILLS.iter().map(|(id, manifest)| ((*id).to_string(), skill(id, manifest))).collect(),
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

fn skill(id: &str, manifest: &str) -> SkillSource {
    let manifest = SourceFile { path: format!("skills/{id}/skill.json"), text: manifest.to_string() };
    let files = ["SKILL.md", "skill.json"].map(str::to_string).to_vec();
    SkillSource { manifest: Some(manifest), files, hash: format!("hash of {id}") }
}
