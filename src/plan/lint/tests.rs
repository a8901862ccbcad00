//! Rules over real waves and over mutations of a minimal one.

use super::super::finding::Severity;
use super::super::fixtures::{
    DESIGN_HANDOFF, LIVE_PROOF, MINIMAL, minimal, repository, wave_file, with_waves,
};
use super::super::project::{Project, Sources};
use super::super::runtime::RuntimeId;
use super::{RULES, check_runtime};

/// Errors as `rule agent`, in the order in which they stand.
fn errors(sources: &Sources) -> Vec<String> {
    Project::read(sources)
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| match &finding.agent {
            Some(agent) => format!("{} {agent}", finding.rule),
            None => finding.rule.clone(),
        })
        .collect()
}

/// Checks the errors of the minimal wave with `from` replaced by `to`, in any order.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(MINIMAL.contains(from), "{from}");
    let mut found = errors(&minimal(&MINIMAL.replacen(from, to, 1)));
    found.sort();
    let mut expected: Vec<String> = expected.iter().map(|error| (*error).to_string()).collect();
    expected.sort();
    assert_eq!(found, expected, "{from:?} -> {to:?}");
}

#[test]
fn rules_stand_in_order_and_once() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(RULES.iter().all(|rule| !rule.summary.is_empty()));
}

#[test]
fn the_real_waves_have_no_findings() {
    let project = Project::read(&repository());
    assert_eq!(project.waves.keys().copied().collect::<Vec<u32>>(), [0, 1, 3, 4]);
    let found: Vec<&str> = project.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(found, ["W14", "W12", "W12"], "{:#?}", project.findings);
    assert_eq!(project.findings[0].message, "wave 2 does not exist between wave 1 and wave 3");
    assert_eq!(project.findings[1].agent.as_deref(), Some("A3"), "A2 and A3 of wave 4 share two files");
    assert!(project.strict.is_empty());
}

#[test]
fn the_minimal_wave_has_no_findings() {
    let project = Project::read(&minimal(MINIMAL));
    assert_eq!(project.findings, []);
    assert!(project.errors_of(12).is_empty());
}

/// The test vectors of `@chllming/wave-orchestration` 0.9.15: a change of the minimal wave, and the rules that it broke when
/// that program was run on it.
#[test]
fn mutations_of_the_minimal_wave_break_the_rules_they_should() {
    const INTEGRATION: &str = "### Role prompts\n\n- docs/agents/wave-integration-role.md\n";
    const EXIT: &str = "### Exit contract\n\n- completion: contract\n- durability: none\n- proof: unit\n- doc-impact: none\n";
    const REFERENCES: &str = "Add size-bounded eviction.\nRead docs/reference/repository-guidance.md and docs/research/agent-context-sources.md.\n";
    let with = |text: &str, more: &str| format!("{text}{more}");
    check("## Agent A0:", "## Agent A5:", &["V03", "V18 A5", "V21 A5", "V26", "V27"]);
    check(INTEGRATION, &with(INTEGRATION, "\n### Components\n\n- artifact-cache\n"), &["V17 A8"]);
    check(
        "### Components\n\n- artifact-cache\n",
        "### Components\n\n- wave-parser-and-launcher\n",
        &["V20 A1", "V39"],
    );
    check("### Components\n\n- artifact-cache\n", "", &["V18 A1", "V39"]);
    check("### Components\n\n- artifact-cache\n", "### Components\n\n- ghost\n", &["V19 A1", "V39"]);
    check(EXIT, "", &["V21 A1"]);
    check("- completion: contract\n", "- completion: done\n", &["V22 A1"]);
    check("- doc-impact: none\n", "", &["V22 A1"]);
    check("- bundle: none\n\n### Components", "\n### Components", &["V16 A1"]);
    check("## Context7 defaults\n\n- bundle: none\n", "", &["V37"]);
    check("## Component promotions\n\n- artifact-cache: repo-landed\n", "", &["V04", "V10", "V20 A1"]);
    check("- artifact-cache: repo-landed", "- artifact-cache: baseline-proved", &["V08", "V10"]);
    check("- artifact-cache: repo-landed", "- artifact-cache: golden", &["V06", "V10"]);
    check(
        "- artifact-cache: repo-landed\n",
        "- artifact-cache: repo-landed\n- ghost: repo-landed\n",
        &["V05", "V39"],
    );
    check(REFERENCES, "Add size-bounded eviction.\n", &["V25 A1", "V25 A1"]);
    check("- docs/plans/component-cutover-matrix.json\n", "", &["V35 A9"]);
    check(
        "- docs/plans/current-state.md\n- docs/plans/master-plan.md\n- docs/plans/migration.md\n- docs/plans/component-cutover-matrix.md\n- docs/plans/component-cutover-matrix.json\n",
        "- docs/plans/\n",
        &["V35 A9"; 5],
    );
    check(
        "- docs/agents/wave-documentation-role.md\n",
        "- docs/agents/wave-documentation-role.md\n- docs/agents/wave-integration-role.md\n",
        &["V33 A9"],
    );
    check("- src/cache/\n", "", &["P09 A1", "V12 A1", "V39"]);
    let nothing_owed = MINIMAL.replacen("### Deliverables\n\n- src/cache/evict.rs\n\n", "", 1);
    let mut found = errors(&minimal(&nothing_owed.replacen("- src/cache/\n", "", 1)));
    found.sort();
    assert_eq!(found, ["V12 A1", "V39"], "owns nothing and owes nothing");
    check("- src/cache/\n", "- src/cache/\n- ../x\n", &["V13 A1"]);
    check(
        "## Context7 defaults\n",
        "## Eval targets\n\n- id: t | selection: delegated | benchmark-family: latency | objective: o | threshold: t\n\n## Context7 defaults\n",
        &["V29"],
    );
    check("- profile: implement-fast\n", "- id: local\n", &[]);
    check(
        "- profile: implement-fast\n- budget.minutes: 30\n",
        "- id: local\n\n### Proof artifacts\n\n- src/cache/proof.json\n",
        &["V24 A1"],
    );
    check(INTEGRATION, &with(INTEGRATION, "- docs/agents/wave-security-role.md\n"), &["V30 A8", "V32 A8"]);
}

/// What the vectors leave out: rules that need another agent, another matrix or another number.
#[test]
fn rules_beyond_the_vectors_break_where_they_should() {
    const E0: &str = "## Agent E0: cont-EVAL\n\n### Role prompts\n\n- docs/agents/wave-cont-eval-role.md\n\n### Context7\n\n- bundle: none\n\n### Prompt\n\n```text\nMeasure. docs/reference/repository-guidance.md docs/research/agent-context-sources.md\n\nFile ownership (only touch these paths):\n- docs/plans/waves/reviews/wave-12-cont-eval.md\n```\n\n";
    let target = |family: &str| {
        format!(
            "## Eval targets\n\n- id: t | selection: delegated | benchmark-family: {family} | objective: o | threshold: t\n\n## Agent A0:"
        )
    };
    let other = |title: &str, sections: &str, path: &str| {
        format!(
            "## Agent A2: {title}\n\n{sections}\n\n### Context7\n\n- bundle: none\n\n### Prompt\n\n```text\nDo. docs/reference/repository-guidance.md docs/research/agent-context-sources.md\n\nFile ownership (only touch these paths):\n- {path}\n```\n\n## Agent A0:"
        )
    };
    const A0: &str = "## Agent A0:";
    check(A0, &format!("{}{A0}", E0), &["V28 E0"]);
    check(A0, &format!("{E0}{}", target("latency")), &[]);
    check(A0, &format!("{E0}{}", target("nothing")), &["V28"]);
    check(A0, &other("Review", "### Capabilities\n\n- security-review", "docs/x.md"), &["V30 A2", "V30 A2"]);
    check(
        A0,
        &other("Review", "### Role prompts\n\n- docs/agents/wave-security-role.md", "docs/security/x.md"),
        &[],
    );
    check(
        A0,
        &other(
            "Design",
            "### Role prompts\n\n- docs/agents/wave-design-role.md\n\n### Components\n\n- artifact-cache",
            "docs/design/x.md",
        ),
        &["V17 A2", "V31 A2"],
    );
    check(
        A0,
        &other("Design", "### Capabilities\n\n- design", "docs/x.md"),
        &["V18 A2", "V21 A2", "V31 A2", "V31 A2"],
    );
    check("- src/cache/\n", "- src/cache/\n- docs/plans/migration.md\n", &["V36 A1"]);
    check("- bundle: none\n\n### Components", "- bundle: nonsense\n\n### Components", &["C07 A1"]);
    check("- profile: implement-fast\n", "- profile: nobody\n", &["P12 A1"]);
    check("- profile: implement-fast\n", "- id: claude\n- codex.search: true\n", &["V15 A1"]);
    check("- profile: implement-fast\n", "- id: local\n- codex.search: true\n", &["V15 A1"]);
    check("- profile: implement-fast\n", "- profile: implement-fast\n- claude.effort: low\n", &[]);
    check("- docs/agents/wave-cont-qa-role.md", "- docs/other/wave-cont-qa-role.md", &["V14 A0", "V26 A0"]);
    check("- docs/agents/wave-cont-qa-role.md", "- docs/agents/wave-nobody-role.md", &["P13 A0", "V26 A0"]);
    check("- docs/plans/waves/reviews/wave-12-cont-qa.md\n", "", &["V12 A0", "V27 A0"]);
    let unreported = minimal(&MINIMAL.replacen("- docs/plans/waves/reviews/wave-12-cont-qa.md\n", "", 1));
    let findings = Project::read(&unreported).findings;
    let hint = "add a path such as docs/plans/waves/reviews/wave-12-cont-qa.md to its ownership list";
    assert!(findings.iter().any(|finding| finding.hint == hint), "{findings:#?}");
    check("- artifact-cache: repo-landed", "- artifact-cache: pilot-live", &["V08", "V10", "V23 A1"]);
    check(INTEGRATION_DOCUMENT, "", &["V33"]);
    check("- docs/agents/wave-documentation-role.md\n", "", &["V34"]);
}

const INTEGRATION_DOCUMENT: &str = "- docs/agents/wave-integration-role.md\n";

/// Rules of the minimal wave with its matrix changed.
fn check_matrix(from: &str, to: &str, completed: bool, expected: &[&str]) {
    let mut sources = minimal(MINIMAL);
    let matrix = sources.matrix.as_mut().unwrap();
    assert!(matrix.text.contains(from), "{from}");
    matrix.text = matrix.text.replacen(from, to, 1);
    if completed {
        sources.completed.insert(12);
    }
    assert_eq!(errors(&sources), expected, "{from:?} -> {to:?}");
}

#[test]
fn wave_and_matrix_must_agree() {
    const CURRENT: &str = r#""currentLevel": "inventoried",
      "promotions": [{"wave": 12"#;
    let above = CURRENT.replace("inventoried", "pilot-live");
    check_matrix(CURRENT, &above, false, &["V09"]);
    check_matrix(CURRENT, &above, true, &[]);
    check_matrix(CURRENT, &CURRENT.replace("inventoried", "golden"), false, &["V11", "V05", "V39", "V19 A1"]);
    check_matrix(CURRENT, &CURRENT.replace("12", "13"), false, &["V07"]);
    // Two lanes may each have a wave 12: what is named for another one is not ours.
    check_matrix(CURRENT, &CURRENT.replace("{\"wave\": 12", "{\"lane\": \"main\", \"wave\": 12"), false, &[]);
    check_matrix(
        CURRENT,
        &CURRENT.replace("{\"wave\": 12", "{\"lane\": \"side\", \"wave\": 12"),
        false,
        &["V07"],
    );
    let mut sources = minimal(MINIMAL);
    sources.matrix = None;
    assert_eq!(errors(&sources), ["V11"]);
}

#[test]
fn no_runtime_has_more_agents_than_its_ceiling() {
    let mut sources = minimal(MINIMAL);
    let config = sources.config.as_mut().unwrap();
    assert!(config.text.contains("\"claude\": 4"));
    config.text = config.text.replacen("\"claude\": 4", "\"claude\": 2", 1);
    let project = Project::read(&sources);
    let over = project.findings.iter().find(|finding| finding.rule == "V38").unwrap();
    assert_eq!(over.message, "3 agents run on claude (A0, A8, A9), 2 may");
    let line = MINIMAL.lines().position(|line| line.starts_with("## Agent A9")).unwrap() + 1;
    assert_eq!(over.position.line as usize, line);
}

/// Checks the warnings of the minimal wave with `from` replaced by `to`, as `rule line`.
fn check_warnings(from: &str, to: &str, expected: &[(&str, &str)]) {
    assert!(MINIMAL.contains(from), "{from}");
    let text = MINIMAL.replacen(from, to, 1);
    let project = Project::read(&minimal(&text));
    let line = |number: u32| text.lines().nth(number as usize - 1).unwrap_or_default();
    let found: Vec<(&str, &str)> = project
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with('W'))
        .map(|finding| (finding.rule.as_str(), line(finding.position.line)))
        .collect();
    assert_eq!(found, expected, "{from:?} -> {to:?}");
    assert!(project.findings.iter().all(|finding| !finding.hint.is_empty()));
}

#[test]
fn our_own_rules_warn_where_they_should() {
    const OTHER: &str = "## Agent A2: Other\n\n### Context7\n\n- bundle: none\n\n### Components\n\n- artifact-cache\n\n### Exit contract\n\n- completion: contract\n- durability: none\n- proof: unit\n- doc-impact: none\n\n### Prompt\n\n```text\nDo. docs/reference/repository-guidance.md docs/research/agent-context-sources.md\n\nFile ownership (only touch these paths):\n- PATH\n```\n\n## Agent A1:";
    check_warnings("- src/cache/\n", "- src/cache/\n- .tmp/x.json\n", &[]);
    check_warnings("## Agent A1:", &OTHER.replace("PATH", "src/cache/evict.rs"), &[("W12", "- src/cache/")]);
    check_warnings("## Agent A1:", &OTHER.replace("PATH", "src/other.rs"), &[]);
    check_warnings(
        "**Commit message**: `Feat: bound the artifact cache`\n",
        "",
        &[("W13", "# Wave 12 - Cache eviction")],
    );
    check_warnings(
        "# Wave 12 - Cache eviction",
        "# Wave 13 - Cache eviction",
        &[("W05", "# Wave 13 - Cache eviction")],
    );
    check_warnings("# Wave 12 - Cache eviction\n", "", &[("W05", "")]);
    check_warnings("### Deliverables", "### Delivrables", &[("W01", "### Delivrables")]);
    check_warnings("Add size-bounded eviction.\n", "Add size-bounded eviction.\n\nValidation:\n\n", &[]);
    check_warnings(
        "Add size-bounded eviction.\n",
        "Validation:\n\nRequirements:\n- x\n",
        &[("W17", "### Prompt")],
    );
    check_warnings(
        "## Context7 defaults\n",
        "## Deploy environments\n\n- prod: kubernetes\n\n## Context7 defaults\n",
        &[("W18", "## Deploy environments")],
    );
    check_warnings(
        "## Context7 defaults\n\n- bundle: none\n",
        "## Deploy environments\n\n- prod: kubernetes default\n- two: kubernetes default\n- three: moon\n\n## Context7 defaults\n\n- bundle: none\n",
        &[("W18", "## Deploy environments"), ("W20", "- two: kubernetes default"), ("W21", "- three: moon")],
    );
    check_warnings("## Agent A1: Eviction", "## Agent a0: Eviction", &[("W06", "## Agent a0: Eviction")]);
}

#[test]
fn a_dark_factory_must_know_what_it_acts_on_and_oversight_asks() {
    let with = |posture: &str, words: &str| {
        let profile = format!(
            "## Project profile\n\n- project: x\n- oversight-mode: {posture}\n\n## Deploy environments\n\n- prod: kubernetes\n\n## Context7 defaults\n"
        );
        MINIMAL.replacen("## Context7 defaults\n", &profile, 1).replacen(
            "Add size-bounded eviction.\n",
            &format!("Add size-bounded eviction.\n{words}\n"),
            1,
        )
    };
    let found = |text: &str| -> Vec<String> {
        let project = Project::read(&minimal(text));
        let line = |number: u32| text.lines().nth(number as usize - 1).unwrap_or_default();
        let own = project.findings.iter().filter(|finding| ["W19", "W23"].contains(&finding.rule.as_str()));
        own.map(|finding| {
            assert_eq!(line(finding.position.line), "## Project profile");
            format!("{} {:?}: {}", finding.rule, finding.severity, finding.message)
        })
        .collect()
    };
    assert_eq!(
        found(&with("dark-factory", "")),
        [
            "W19 Error: wave 12 is to run without people (dark-factory) and lacks a validation command",
            "W19 Error: wave 12 is to run without people (dark-factory) and lacks how it is rolled back",
            "W19 Error: wave 12 is to run without people (dark-factory) and lacks the credentials that are expected",
        ]
    );
    let enough = "Needs the credential KUBECONFIG.\nValidation: kubectl rollout status\nRollback: kubectl rollout undo";
    assert_eq!(found(&with("dark-factory", enough)), Vec::<String>::new());
    assert_eq!(
        found(&with("oversight", "")),
        ["W23 Warning: wave 12 changes something live under oversight and no prompt asks a person"]
    );
    assert_eq!(found(&with("oversight", "Ask the operator before the rollout.")), Vec::<String>::new());
}

#[test]
fn a_wave_without_agents_says_so() {
    const EXPECTED: [&str; 8] = ["V01", "V03", "V10", "V26", "V27", "V33", "V34", "V37"];
    assert_eq!(errors(&minimal("# Wave 12 - x\n")), EXPECTED);
    assert_eq!(errors(&minimal("")), EXPECTED);
}

#[test]
fn findings_stand_where_the_fault_is() {
    let text = MINIMAL.replacen("- artifact-cache\n", "- wave-parser-and-launcher\n", 1).replacen(
        "- src/cache/\n",
        "- src/cache/\n- ../x\n",
        1,
    );
    let project = Project::read(&minimal(&text));
    for (rule, line) in [("V20", "- wave-parser-and-launcher"), ("V13", "- ../x")] {
        let expected = text.lines().position(|found| found == line).unwrap() + 1;
        let finding = project.findings.iter().find(|finding| finding.rule == rule).unwrap();
        assert_eq!(finding.position.line as usize, expected, "{rule}");
        assert!(!finding.hint.is_empty());
    }
}

#[test]
fn the_examples_report_what_is_wrong_with_them() {
    let live_proof = errors(&with_waves(vec![wave_file(14, LIVE_PROOF)]));
    assert_eq!(
        live_proof,
        ["V05", "V39", "V07", "V35 A9", "V35 A9", "V19 A6", "V18 A7", "V21 A7", "V18 D1", "V21 D1"],
        "components that the matrix does not know; infra and deploy agents without components and contracts"
    );
    let project = Project::read(&with_waves(vec![wave_file(12, DESIGN_HANDOFF)]));
    let skills = project.findings.iter().find(|finding| finding.rule == "P05").unwrap();
    let expected = DESIGN_HANDOFF.lines().position(|line| line.starts_with("Add `tui-design`")).unwrap() + 1;
    assert_eq!((skills.agent.as_deref(), skills.position.line as usize), (Some("D1"), expected));
    assert!(project.findings.iter().any(|finding| finding.message.contains("Why This Example Exists")));
}

#[test]
fn the_simulator_is_refused_for_each_proof_centric_agent() {
    let project = Project::read(&repository());
    let local = RuntimeId("local".to_string());
    let names = |wave: u32, forced: Option<&RuntimeId>| -> Vec<String> {
        check_runtime(&project.waves[&wave], &project.config, forced)
            .into_iter()
            .filter_map(|finding| finding.agent)
            .collect()
    };
    assert_eq!(names(4, Some(&local)), ["A1", "A2", "A3"]);
    assert!(names(4, None).is_empty());
    assert!(names(4, Some(&RuntimeId("script".to_string()))).is_empty());
    for wave in [0, 1, 3] {
        assert!(names(wave, Some(&local)).is_empty(), "wave {wave}");
    }
}

#[test]
fn an_exit_contract_below_the_threshold_is_only_warned_of() {
    let text = MINIMAL.replacen("- completion: contract\n", "- completion: done\n", 1);
    let mut sources = minimal(&text);
    let config = sources.config.as_mut().unwrap();
    config.text = config.text.replacen(
        "\"requireExitContractsFromWave\": 6",
        "\"requireExitContractsFromWave\": 13",
        1,
    );
    let project = Project::read(&sources);
    let found: Vec<(&str, Severity)> =
        project.findings.iter().map(|finding| (finding.rule.as_str(), finding.severity)).collect();
    assert_eq!(found, [("V22", Severity::Warning)]);
}

#[test]
fn a_bad_wave_stops_no_other_and_a_bad_configuration_stops_all() {
    let mut sources = repository();
    sources.waves.push(wave_file(9, "no wave"));
    sources.waves.push(wave_file(3, "a second wave 3"));
    sources.waves.last_mut().unwrap().path = "docs/plans/waves/wave-03.md".to_string();
    let project = Project::read(&sources);
    assert!(!project.errors_of(9).is_empty());
    for wave in [0, 1, 4] {
        assert!(project.errors_of(wave).is_empty(), "wave {wave}");
    }
    let second = project.findings.iter().find(|finding| finding.rule == "P01").unwrap();
    assert_eq!(second.file, "docs/plans/waves/wave-3.md");

    let mut sources = repository();
    sources.config.as_mut().unwrap().text.push('}');
    let project = Project::read(&sources);
    assert!([0, 1, 3, 4].iter().all(|wave| !project.errors_of(*wave).is_empty()));

    let mut sources = repository();
    sources.matrix.as_mut().unwrap().text = "{".to_string();
    let project = Project::read(&sources);
    assert!(project.errors_of(0).iter().any(|finding| finding.rule == "V11"));
}

#[test]
fn a_configuration_that_is_no_json_is_said_once_and_not_by_every_agent() {
    let mut sources = minimal(MINIMAL);
    let config = sources.config.as_mut().expect("the fixture has a configuration");
    config.text.insert_str(1, "nonsense");
    let rules = errors(&sources);
    assert!(
        rules.contains(&"C01".to_owned()) && !rules.iter().any(|rule| rule.starts_with("P12")),
        "{rules:?}"
    );
}
