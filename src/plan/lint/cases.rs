//! Every rule with a wave that breaks it, the line where that is found, and the same wave mended.

use std::collections::BTreeSet;

use super::super::fixtures::{MINIMAL, minimal};
use super::super::project::{Project, SourceFile, Sources};
use super::RULES;

/// The minimal wave with a text replaced.
pub(super) fn wave(from: &str, to: &str) -> Sources {
    assert!(MINIMAL.contains(from), "{from}");
    minimal(&MINIMAL.replacen(from, to, 1))
}

/// The minimal wave with its matrix changed.
pub(super) fn matrix(from: &str, to: &str) -> Sources {
    let mut sources = minimal(MINIMAL);
    change(sources.matrix.as_mut().unwrap(), from, to);
    sources
}

/// Some sources with their configuration changed.
fn config(mut sources: Sources, from: &str, to: &str) -> Sources {
    change(sources.config.as_mut().unwrap(), from, to);
    sources
}

pub(super) fn change(file: &mut SourceFile, from: &str, to: &str) {
    assert!(file.text.contains(from), "{from}");
    file.text = file.text.replacen(from, to, 1);
}

/// Some sources with a project profile.
fn profile(mut sources: Sources, text: &str) -> Sources {
    let path = ".wave/project-profile.json".to_string();
    sources.profile = Some(SourceFile { path, text: text.to_string() });
    sources
}

/// What a rule says of sources: the text of each line where it finds something.
pub(super) fn lines(rule: &str, sources: &Sources) -> Vec<String> {
    let project = Project::read(sources);
    let found = project.findings.iter().filter(|finding| finding.rule == rule);
    found
        .map(|finding| {
            assert!(!finding.message.is_empty() && !finding.hint.is_empty(), "{finding:?}");
            let waves = sources.waves.iter();
            let mut files =
                waves.chain(&sources.matrix).chain(&sources.matrix_document).chain(&sources.config);
            let file = files.find(|file| file.path == finding.file).unwrap();
            file.text.lines().nth(finding.position.line as usize - 1).unwrap_or_default().to_string()
        })
        .collect()
}

const TITLE: &str = "# Wave 12 - Cache eviction";
const A1: &str = "## Agent A1: Eviction";
const OWNED: &str = "- src/cache/\n";
const PROMOTION: &str = "- artifact-cache: repo-landed";
const INTEGRATION: &str = "- docs/agents/wave-integration-role.md\n";
const DOCUMENTATION: &str = "- docs/agents/wave-documentation-role.md\n";
const EXECUTOR: &str = "- profile: implement-fast\n";
const WORK: &str = "Add size-bounded eviction.\n";
const CURRENT: &str = "\"currentLevel\": \"inventoried\",\n      \"promotions\": [{\"wave\": 12";

/// An agent in front of A0.
pub(super) fn agent(id: &str, title: &str, sections: &str, owned: &str) -> Sources {
    let section = format!(
        "## Agent {id}: {title}\n\n{sections}\n\n### Context7\n\n- bundle: none\n\n### Prompt\n\n```text\nDo. \
         docs/reference/repository-guidance.md docs/research/agent-context-sources.md\n\nFile ownership (only touch these \
         paths):\n- {owned}\n```\n\n## Agent A0:"
    );
    wave("## Agent A0:", &section)
}

/// Sections in front of the Context7 defaults, and words in A1's prompt.
fn deploying(sections: &str, words: &str) -> Sources {
    let text =
        MINIMAL.replacen("## Context7 defaults\n", &format!("{sections}\n\n## Context7 defaults\n"), 1);
    minimal(&text.replacen(WORK, &format!("{WORK}{words}\n"), 1))
}

const PROD: &str = "## Deploy environments\n\n- prod: kubernetes";
const DARK: &str = "## Project profile\n\n- oversight-mode: dark-factory";
const OVERSIGHT: &str = "## Project profile\n\n- oversight-mode: oversight";

/// Rule, sources that break it, the lines where it is found, sources in which it is mended.
pub(super) type Case = (&'static str, Sources, &'static [&'static str], Sources);

/// The rules of the predecessor; each is mended by the minimal wave itself.
fn predecessor() -> Vec<Case> {
    let cases: Vec<(&'static str, Sources, &'static [&'static str])> = vec![
        ("V01", minimal("# Wave 12 - x\n"), &["# Wave 12 - x"]),
        ("V02", wave("## Agent A9:", "## Agent A8:"), &["## Agent A8: Documentation Steward"]),
        ("V03", wave("## Agent A0:", "## Agent A5:"), &[TITLE]),
        ("V04", wave(&format!("## Component promotions\n\n{PROMOTION}\n"), ""), &[TITLE]),
        ("V05", wave(PROMOTION, &format!("{PROMOTION}\n- ghost: repo-landed")), &["- ghost: repo-landed"]),
        ("V06", wave(PROMOTION, "- artifact-cache: golden"), &["- artifact-cache: golden"]),
        ("V07", matrix(CURRENT, &CURRENT.replace("12", "13")), &[PROMOTION]),
        ("V08", wave(PROMOTION, "- artifact-cache: baseline-proved"), &["- artifact-cache: baseline-proved"]),
        ("V09", matrix(CURRENT, &CURRENT.replace("inventoried", "pilot-live")), &[PROMOTION]),
        ("V10", wave(PROMOTION, "- artifact-cache: baseline-proved"), &["- artifact-cache: baseline-proved"]),
        ("V11", Sources { matrix: None, ..minimal(MINIMAL) }, &["## Component promotions"]),
        ("V12", wave(OWNED, ""), &["### Prompt"]),
        ("V13", wave(OWNED, "- src/cache/\n- ../x\n"), &["- ../x"]),
        (
            "V14",
            wave("- docs/agents/wave-cont-qa-role.md", "- docs/other/wave-cont-qa-role.md"),
            &["- docs/other/wave-cont-qa-role.md"],
        ),
        ("V15", wave(EXECUTOR, "- id: claude\n- codex.search: true\n"), &["- codex.search: true"]),
        ("V16", wave("- bundle: none\n\n### Components", "\n### Components"), &["### Context7"]),
        (
            "V17",
            wave(INTEGRATION, &format!("{INTEGRATION}\n### Components\n\n- artifact-cache\n")),
            &["### Components"],
        ),
        ("V18", wave("### Components\n\n- artifact-cache\n", ""), &[A1]),
        ("V19", wave("### Components\n\n- artifact-cache\n", "### Components\n\n- ghost\n"), &["- ghost"]),
        (
            "V20",
            wave("### Components\n\n- artifact-cache\n", "### Components\n\n- wave-parser-and-launcher\n"),
            &["- wave-parser-and-launcher"],
        ),
        (
            "V21",
            wave("### Exit contract\n\n- completion: contract\n", "### Exit\n\n- completion: x\n"),
            &[A1],
        ),
        ("V22", wave("- completion: contract\n", "- completion: done\n"), &["- completion: done"]),
        ("V22", wave("- completion: contract\n", ""), &["### Exit contract"]),
        ("V23", wave(PROMOTION, "- artifact-cache: pilot-live"), &[A1]),
        (
            "V24",
            wave(EXECUTOR, "- id: local\n\n### Proof artifacts\n\n- src/cache/proof.json\n\n### Notes\n"),
            &["### Executor"],
        ),
        (
            "V25",
            wave(&format!("{WORK}Read docs/reference/repository-guidance.md and"), WORK),
            &["### Prompt"],
        ),
        (
            "V26",
            wave("- docs/agents/wave-cont-qa-role.md", "- docs/agents/wave-infra-role.md"),
            &["### Role prompts"],
        ),
        ("V27", wave("- docs/plans/waves/reviews/wave-12-cont-qa.md\n", ""), &["### Prompt"]),
        (
            "V28",
            agent("E0", "cont-EVAL", "### Role prompts\n\n- docs/agents/wave-cont-eval-role.md", "docs/e.md"),
            &["## Agent E0: cont-EVAL"],
        ),
        (
            "V29",
            wave(
                "## Context7 defaults\n",
                "## Eval targets\n\n- id: t | selection: delegated | benchmark-family: latency | objective: o | threshold: \
                 t\n\n## Context7 defaults\n",
            ),
            &["## Eval targets"],
        ),
        (
            "V30",
            agent("A2", "Review", "### Capabilities\n\n- security-review", "docs/x.md"),
            &["## Agent A2: Review", "### Prompt"],
        ),
        (
            "V31",
            agent("A2", "Design", "### Capabilities\n\n- design", "docs/design/x.md"),
            &["## Agent A2: Design"],
        ),
        (
            "V32",
            wave(INTEGRATION, &format!("{INTEGRATION}- docs/agents/wave-security-role.md\n")),
            &["## Agent A8: Integration Steward"],
        ),
        (
            "V33",
            wave(DOCUMENTATION, &format!("{DOCUMENTATION}{INTEGRATION}")),
            &["## Agent A9: Documentation Steward"],
        ),
        ("V34", wave(DOCUMENTATION, ""), &[TITLE]),
        ("V35", wave("- docs/plans/component-cutover-matrix.json\n", ""), &["### Prompt"]),
        ("V36", wave(OWNED, "- src/cache/\n- docs/plans/migration.md\n"), &["- docs/plans/migration.md"]),
        ("V37", wave("## Context7 defaults\n\n- bundle: none\n", ""), &[TITLE]),
        (
            "V38",
            config(minimal(MINIMAL), "\"claude\": 4", "\"claude\": 2"),
            &["## Agent A9: Documentation Steward"],
        ),
        ("V39", wave("### Components\n\n- artifact-cache\n", ""), &[PROMOTION]),
        ("C07", wave("- bundle: none\n\n### Components", "- bundle: x\n\n### Components"), &["### Context7"]),
        ("C08", wave("### Components", "### Skills\n\n- nobody\n\n### Components"), &["- nobody"]),
    ];
    let mended = |(rule, broken, lines)| -> Case { (rule, broken, lines, minimal(MINIMAL)) };
    cases.into_iter().map(mended).collect()
}

fn own() -> Vec<Case> {
    let build = "### Components\n\n- artifact-cache\n\n### Exit contract\n\n- completion: contract\n- durability: none\n\
         - proof: unit\n- doc-impact: none";
    let executor = |line: &str| wave(EXECUTOR, &format!("{EXECUTOR}{line}\n"));
    let environments =
        |kind: &str| format!("{{\"deployEnvironments\": [{{\"id\": \"prod\", \"kind\": \"{kind}\"}}]}}");
    let capability = |name: &str| {
        let section = format!("### Capabilities\n\n- {name}\n\n### Exit contract");
        let routed = "\"preferredAgents\": {\"triage\": [\"A7\"]}";
        config(wave("### Exit contract", &section), "\"preferredAgents\": {}", routed)
    };
    let big = format!("{WORK}{}", "Many words. ".repeat(9_000));
    let (threshold, later) = ("\"requireExitContractsFromWave\": 6", "\"requireExitContractsFromWave\": 13");
    let without_contract = |text: &str| {
        config(minimal(&text.replacen("### Exit contract\n\n- completion: contract\n- durability: none\n- proof: unit\n- doc-impact: none\n\n", "", 1)), threshold, later)
    };
    vec![
        (
            "W12",
            agent("A2", "Other", build, "src/cache/evict.rs"),
            &["- src/cache/"],
            agent("A2", "Other", build, "src/other.rs"),
        ),
        (
            "W13",
            wave("**Commit message**: `Feat: bound the artifact cache`\n", ""),
            &[TITLE],
            minimal(MINIMAL),
        ),
        ("W15", capability("juggling"), &["- juggling"], capability("triage")),
        (
            "W17",
            wave(WORK, "Add it.\n\nValidation:\n\nRequirements:\n- x\n"),
            &["### Prompt"],
            wave(WORK, "Add it.\n\nValidation: cargo test\n\nRequirements:\n- x\n"),
        ),
        ("W18", deploying(PROD, ""), &["## Deploy environments"], deploying(PROD, "Rollback: undo.")),
        (
            "W19",
            deploying(
                &format!("{DARK}\n\n{PROD}"),
                "Needs the credential KUBECONFIG.\nValidation: kubectl rollout status",
            ),
            &["## Project profile"],
            profile(
                deploying(&format!("{DARK}\n\n{PROD}"), ""),
                r#"{"deployEnvironments": [{"id": "prod", "kind": "kubernetes", "credentialsExpected": ["KUBECONFIG"],
                    "readinessCommand": "kubectl get nodes", "rollback": "kubectl rollout undo"}]}"#,
            ),
        ),
        (
            "W20",
            deploying(&format!("{PROD} default\n- two: kubernetes default"), ""),
            &["- two: kubernetes default"],
            deploying(&format!("{PROD} default\n- two: kubernetes"), ""),
        ),
        (
            "W21",
            deploying(&format!("{PROD}\n- three: moon"), ""),
            &["- three: moon"],
            deploying(&format!("{PROD}\n- three: custom"), ""),
        ),
        (
            "W22",
            without_contract(MINIMAL),
            &["### Deliverables"],
            without_contract(&MINIMAL.replacen("### Deliverables\n\n- src/cache/evict.rs\n\n", "", 1)),
        ),
        (
            "W23",
            deploying(&format!("{OVERSIGHT}\n\n{PROD}"), ""),
            &["## Project profile"],
            deploying(&format!("{OVERSIGHT}\n\n{PROD}"), "Ask the operator before the rollout."),
        ),
        (
            "W25",
            profile(deploying(&format!("{PROD}\n- two: aws"), ""), &environments("aws")),
            &["- prod: kubernetes", "- two: aws"],
            profile(deploying(PROD, ""), &environments("kubernetes")),
        ),
        (
            "W26",
            executor("- claude.permission_mode: bypassPermissions"),
            &["- claude.permission_mode: bypassPermissions"],
            executor("- claude.permission_mode: acceptEdits"),
        ),
        (
            "W27",
            agent("A7", "Integrates", &format!("### Role prompts\n\n{INTEGRATION}"), "docs/x.md"),
            &["- docs/agents/wave-integration-role.md"],
            minimal(MINIMAL),
        ),
        (
            "W28",
            executor("- claude.allowed_tools: Read, Bash(git log, git diff)"),
            &["- claude.allowed_tools: Read, Bash(git log, git diff)"],
            executor("- claude.allowed_tools: Read, Bash(git log), Bash(git diff)"),
        ),
        ("W29", wave(WORK, &big), &["### Prompt"], minimal(MINIMAL)),
    ]
}

#[test]
fn every_rule_finds_its_fault_at_its_line_and_nothing_where_it_is_mended() {
    let mut tried = BTreeSet::new();
    for (rule, broken, expected, mended) in predecessor().into_iter().chain(own()) {
        assert_eq!(lines(rule, &broken), expected, "{rule}");
        assert_eq!(lines(rule, &mended), Vec::<String>::new(), "{rule} mended");
        tried.insert(rule);
    }
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tried, rules);
}
