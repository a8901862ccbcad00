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
    assert_eq!(project.findings, []);
    assert!(project.strict.is_empty());
}

#[test]
fn the_minimal_wave_has_no_findings() {
    let project = Project::read(&minimal(MINIMAL));
    assert_eq!(project.findings, []);
    assert!(project.errors_of(12).is_empty());
}

#[test]
fn mutations_of_the_minimal_wave_break_the_rules_they_should() {
    check("## Agent A0:", "## Agent A5:", &["V03", "V18 A5", "V21 A5", "V26", "V27"]);
    check(
        "### Role prompts\n\n- docs/agents/wave-integration-role.md\n",
        "### Components\n\n- artifact-cache\n",
        &["V17 A8"],
    );
    check("- artifact-cache\n", "- wave-parser-and-launcher\n", &["V20 A1", "V39"]);
    check("### Components\n\n- artifact-cache\n", "", &["V18 A1", "V39"]);
    check("### Components\n\n- artifact-cache\n", "### Components\n\n- ghost\n", &["V19 A1", "V39"]);
    check(
        "- artifact-cache: repo-landed\n",
        "- artifact-cache: repo-landed\n- ghost: repo-landed\n",
        &["V05", "V39"],
    );
    check(
        "### Exit contract\n\n- completion: contract\n- durability: none\n- proof: unit\n- doc-impact: none\n",
        "",
        &["V21 A1"],
    );
    check("- completion: contract\n", "- completion: done\n", &["V22 A1"]);
    check("- doc-impact: none\n", "", &["V22 A1"]);
    check("- artifact-cache: repo-landed\n", "", &["V20 A1"]);
    check("- src/cache/\n", "", &["P09 A1", "V12 A1", "V39"]);
    check("- src/cache/\n", "- src/cache/\n- ../x\n", &["V13 A1"]);
    check("- profile: implement-fast\n", "- id: local\n", &[]);
    check(
        "- profile: implement-fast\n- budget.minutes: 30\n",
        "- id: local\n\n### Proof artifacts\n\n- src/cache/proof.json\n",
        &["V24 A1"],
    );
    check("- profile: implement-fast\n", "- profile: nobody\n", &["P12 A1"]);
    check("- profile: implement-fast\n", "- id: claude\n- codex.search: true\n", &["V15 A1"]);
    check("- profile: implement-fast\n", "- id: local\n- codex.search: true\n", &["V15 A1"]);
    check("- profile: implement-fast\n", "- profile: implement-fast\n- claude.effort: low\n", &[]);
    check("- docs/agents/wave-cont-qa-role.md", "- docs/other/wave-cont-qa-role.md", &["V14 A0", "V26 A0"]);
    check("- docs/agents/wave-cont-qa-role.md", "- docs/agents/wave-nobody-role.md", &["P13 A0", "V26 A0"]);
    check("- docs/plans/waves/reviews/wave-12-cont-qa.md\n", "", &["V12 A0", "V27 A0"]);
    check("- artifact-cache: repo-landed", "- artifact-cache: pilot-live", &["V23 A1"]);
}

#[test]
fn a_wave_without_agents_says_so() {
    assert_eq!(errors(&minimal("# Wave 12 - x\n")), ["V01", "V03", "V26", "V27"]);
    assert_eq!(errors(&minimal("")), ["V01", "V03", "V26", "V27"]);
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
        ["V05", "V39", "V19 A6", "V18 A7", "V21 A7", "V18 D1", "V21 D1"],
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
    let mut sources = with_waves(vec![wave_file(1, &text)]);
    sources.matrix = None;
    let project = Project::read(&sources);
    let found: Vec<(&str, Severity)> =
        project.findings.iter().map(|finding| (finding.rule.as_str(), finding.severity)).collect();
    assert_eq!(found, [("W05", Severity::Warning), ("V22", Severity::Warning)]);
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
