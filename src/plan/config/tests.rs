//! Configurations: defaults, layers, and what is wrong with them.

use super::super::finding::Severity;
use super::super::runtime::RuntimeId;
use super::Config;

fn read(text: &str, lane: &str) -> Config {
    let (config, findings) = Config::for_lane(Some(text), lane);
    assert_eq!(findings, [], "{text}");
    config
}

#[test]
fn without_a_file_the_defaults_hold() {
    let (config, findings) = Config::for_lane(None, "main");
    assert_eq!(findings, []);
    assert_eq!(config, Config::default());
    assert_eq!(config.waves_directory(), "docs/plans/waves");
    assert_eq!(config.legacy_waves_directory(), "docs/waves");
    assert_eq!(config.matrix_path(), "docs/plans/component-cutover-matrix.json");
    assert_eq!(config.role_prompt_directory(), "docs/agents");
    assert_eq!(config.state_directory(), ".tmp/main-wave-launcher");
    assert_eq!(config.roles.cont_qa_document, "docs/agents/wave-cont-qa-role.md");
    assert_eq!(config.validation.exit_contracts_from, Some(6));
    assert_eq!(config.validation.integration_steward_from, None);
    assert_eq!(config.executors.default, RuntimeId("codex".to_string()));
}

#[test]
fn another_lane_has_its_own_documents_and_the_same_matrix() {
    let config = read("{}", "Side Lane");
    assert_eq!(config.lane, "side-lane");
    assert_eq!(config.waves_directory(), "docs/side-lane/plans/waves");
    assert_eq!(config.matrix_path(), "docs/plans/component-cutover-matrix.json");
    assert_eq!(config.state_directory(), ".tmp/side-lane-wave-launcher");
    let config = read(r#"{"repoMode": "multi-lane"}"#, "main");
    assert_eq!(config.waves_directory(), "docs/main/plans/waves");
    let config = read(r#"{"lanes": {"side": {"docsDir": "./x/", "wavesDir": "w"}}}"#, "side");
    assert_eq!((config.paths.plans_dir.as_str(), config.waves_directory()), ("x/plans", "w"));
}

#[test]
fn lanes_win_over_projects_and_projects_over_the_top_level() {
    let text = r#"{
        "roles": {"contQaAgentId": "Q0", "integrationAgentId": "I0"},
        "validation": {"requireContext7DeclarationsFromWave": 3, "requireExitContractsFromWave": null},
        "executors": {"default": "claude", "claude": {"model": "m"}, "profiles": {"Fast": {"id": "codex"}}},
        "projects": {"default": {
            "projectName": "Own", "rootDir": "sub", "roles": {"integrationAgentId": "I1"},
            "executors": {"profiles": {"fast": {"id": "claude", "budget": {"minutes": 9}}}},
            "lanes": {"main": {"roles": {"contQaAgentId": "Q2"}, "fallbackExecutorOrder": ["claude", "local"],
                "runtimePolicy": {"fallbackExecutorOrder": ["codex"], "defaultExecutorByRole": {"design": "opencode"}}}}
        }}
    }"#;
    let config = read(text, "main");
    assert_eq!(config.project_name, "Own");
    assert_eq!((config.roles.cont_qa_agent.as_str(), config.roles.integration_agent.as_str()), ("Q2", "I1"));
    assert_eq!(config.validation.context7_from, Some(3));
    assert_eq!(config.validation.exit_contracts_from, None);
    assert_eq!(config.waves_directory(), "sub/docs/plans/waves");
    let fast = &config.executors.profiles["fast"];
    assert_eq!((fast.id.clone(), fast.budget_minutes), (Some(RuntimeId("claude".to_string())), Some(9)));
    let order: Vec<String> = config.runtime_policy.fallback_order.iter().map(|id| id.0.clone()).collect();
    assert_eq!(order, ["claude", "local"]);
    assert_eq!(config.runtime_policy.default_by_role["design"], RuntimeId("opencode".to_string()));
    assert_eq!(config.executors.models[&RuntimeId("claude".to_string())], "m");
}

fn check_finding(text: &str, rule: &str, line: u32, column: u32) {
    let (_, findings) = Config::read("wave.config.json", Some(text), "main", Some(&["mine".to_string()]));
    let found: Vec<(&str, u32, u32)> = findings
        .iter()
        .map(|finding| (finding.rule.as_str(), finding.position.line, finding.position.column))
        .collect();
    assert_eq!(found, [(rule, line, column)], "{text}");
}

#[test]
fn what_is_wrong_has_its_place() {
    check_finding("{\n \"roles\": ", "C01", 2, 10);
    check_finding("[]", "C02", 1, 1);
    check_finding("{\n \"roles\": 3}", "C02", 2, 11);
    check_finding("{\"roles\": {\n  \"contQaAgentId\": 7}}", "C02", 2, 20);
    check_finding("{\"roles\": {\"evaluatorAgentId\": \"A0\"}}", "C04", 1, 32);
    check_finding("{\"validation\": {\"requireExitContractsFromWave\": -1}}", "C02", 1, 49);
    check_finding("{\"paths\": {\"docsDir\": \"../x\"}}", "C02", 1, 23);
    check_finding("{\"paths\": {\"docsDir\": \"/x\"}}", "C02", 1, 23);
    check_finding("{\"executors\": {\"default\": \"gpt\"}}", "C03", 1, 27);
    check_finding(
        "{\"executors\": {\"profiles\": {\"a\": {\"fallbacks\": [\"local\", \"gpt\"]}}}}",
        "C03",
        1,
        58,
    );
    check_finding("{\"repoMode\": \"other\"}", "C02", 1, 14);
    check_finding("{\"lane\": {}}", "W02", 1, 10);
    check_finding("{\"sharedPlanDocs\": [\"a.md\", 1]}", "C02", 1, 29);
}

#[test]
fn names_of_own_runtimes_are_known() {
    let text = r#"{"executors": {"default": "mine"}}"#;
    let (config, findings) =
        Config::read("wave.config.json", Some(text), "main", Some(&["mine".to_string()]));
    assert_eq!(findings, []);
    assert_eq!(config.executors.default, RuntimeId("mine".to_string()));
}

#[test]
fn a_broken_file_is_an_error_and_never_silently_empty() {
    let (config, findings) = Config::for_lane(Some("{"), "main");
    assert_eq!(config, Config::default());
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
}
