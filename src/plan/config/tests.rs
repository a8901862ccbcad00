//! Configurations: defaults, layers, and what is wrong with them.

use super::super::finding::Severity;
use super::super::runtime::RuntimeId;
use super::{Address, Config};

const MAIN: Address<'static> = Address { project: None, lane: "main" };

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
    let (_, findings) = Config::read("wave.config.json", Some(text), MAIN, Some(&["mine".to_string()]));
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
    check_finding("{\"roles\": {\"evaluatorAgentId\": \"A0\"}}", "C04", 1, 12);
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
    check_finding("{\"lane\": {}}", "C05", 1, 2);
    check_finding("{\"version\": 1,\n \"version\": 2}", "C09", 2, 2);
    check_finding("{\"runtimePolicy\": {\"runtimeMixTargets\": {\"codx\": 7}}}", "C03", 1, 42);
    check_finding("{\"externalProviders\": {\"context7\": {\"apiKeyEnvVar\": \"ctx7-sk\"}}}", "C02", 1, 53);
    check_finding("{\"sharedPlanDocs\": [\"a.md\", 1]}", "C02", 1, 29);
}

#[test]
fn names_of_own_runtimes_are_known() {
    let text = r#"{"executors": {"default": "mine"}}"#;
    let (config, findings) = Config::read("wave.config.json", Some(text), MAIN, Some(&["mine".to_string()]));
    assert_eq!(findings, []);
    assert_eq!(config.executors.default, RuntimeId("mine".to_string()));
}

#[test]
fn a_broken_file_is_an_error_and_never_silently_empty() {
    let (config, findings) = Config::for_lane(Some("{"), "main");
    assert_eq!(config, Config::default());
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
}

const REAL: &str = include_str!("../../../tests/fixtures/waves/repo/wave.config.json");

/// Changes the real configuration, and checks the one thing that is found: rule, where (text that stands there), message,
/// hint.
fn check_real(from: &str, to: &str, at: &str, rule: &str, message: &str, hint: &str) {
    assert!(REAL.contains(from), "{from}");
    let text = REAL.replacen(from, to, 1);
    let findings = Config::check("wave.config.json", &text, &[]);
    let [finding] = findings.as_slice() else { panic!("{from:?} -> {to:?}: {findings:#?}") };
    let line = text.lines().nth(finding.position.line as usize - 1).unwrap_or_default();
    let rest: String = line.chars().skip(finding.position.column as usize - 1).collect();
    assert!(rest.starts_with(at), "{from:?} -> {to:?}: {rest:?} should begin with {at:?}");
    assert_eq!((finding.rule.as_str(), finding.message.as_str()), (rule, message));
    assert!(finding.hint.starts_with(hint), "{:?} should begin with {hint:?}", finding.hint);
}

#[test]
fn the_real_configuration_is_sound() {
    assert_eq!(Config::check("wave.config.json", REAL, &[]), []);
    assert_eq!(Config::for_lane(Some(REAL), "main").1, []);
}

#[test]
fn twenty_mutations_of_the_real_configuration_give_twenty_clear_errors() {
    let wrong = "mend the value or remove the key";
    check_real(
        "\"version\": 1",
        "\"version\": \"one\"",
        "\"one\"",
        "C02",
        "`version` must be a whole number, zero or above",
        wrong,
    );
    check_real(
        "\"projectName\":",
        "\"projectname\":",
        "\"projectname\":",
        "C05",
        "`projectname` is no key of the configuration",
        "did you mean `projectName`?",
    );
    check_real(
        "\"single-repo\"",
        "\"singel-repo\"",
        "\"singel",
        "C02",
        "`singel-repo` is no value of `repoMode`",
        "did you mean `single-repo`?",
    );
    check_real(
        "\"defaultLane\": \"main\"",
        "\"defaultLane\": [\"main\"]",
        "[",
        "C02",
        "`defaultLane` must be a string",
        wrong,
    );
    check_real(
        "\"docsDir\": \"docs\"",
        "\"docsDir\": \"/docs\"",
        "\"/docs",
        "C02",
        "`paths.docsDir` must be a path inside the project",
        wrong,
    );
    check_real(
        "\"stateRoot\": \".tmp\"",
        "\"stateRoot\": \"../tmp\"",
        "\"../tmp",
        "C02",
        "`paths.stateRoot` must be a path inside the project",
        wrong,
    );
    check_real(
        "\"benchmarkCatalogPath\":",
        "\"benchmarkCatalog\":",
        "\"benchmarkCatalog\":",
        "C05",
        "`paths.benchmarkCatalog` is no key of the configuration",
        "did you mean `benchmarkCatalogPath`?",
    );
    check_real(
        "\"contQaAgentId\":",
        "\"evaluatorAgentId\":",
        "\"evaluatorAgentId\":",
        "C04",
        "`roles.evaluatorAgentId` was renamed",
        "write contQaAgentId or contEvalAgentId",
    );
    check_real(
        "\"contQaRolePromptPath\":",
        "\"evaluatorRolePromptPath\":",
        "\"evaluatorRolePromptPath\":",
        "C04",
        "`roles.evaluatorRolePromptPath` was renamed",
        "write contQaRolePromptPath",
    );
    check_real(
        "\"rolePromptDir\": \"docs/agents\"",
        "\"rolePromptDir\": 7",
        "7",
        "C02",
        "`roles.rolePromptDir` must be a path inside the project",
        wrong,
    );
    check_real(
        "\"default\": \"codex\"",
        "\"default\": \"gpt\"",
        "\"gpt\"",
        "C03",
        "`gpt` is no runtime",
        "`[runtimes.NAME]` in .wavedeck/config.toml adds one; the runtimes are codex, claude, opencode, local",
    );
    check_real(
        "\"minutes\": 45",
        "\"minutes\": -45",
        "-45",
        "C02",
        "`executors.profiles.implement-fast.budget.minutes` must be a whole number, zero or above",
        wrong,
    );
    check_real(
        "\"tags\": [",
        "\"tag\": [",
        "\"tag\":",
        "C05",
        "`executors.profiles.implement-fast.tag` is no key of the configuration",
        "did you mean `tags`?",
    );
    check_real(
        "\"sandbox\": \"read-only\"",
        "\"sandbox\": \"readonly\"",
        "\"readonly\"",
        "C02",
        "`readonly` is no value of `executors.profiles.planning-readonly.codex.sandbox`",
        "did you mean `read-only`?",
    );
    check_real(
        "\"search\": true",
        "\"search\": \"yes\"",
        "\"yes\"",
        "C02",
        "`executors.profiles.planning-readonly.codex.search` must be true or false",
        wrong,
    );
    check_real(
        "\"requireDocumentationStewardFromWave\": 0",
        "\"requireDocumentationStewardFromWave\": -1",
        "-1",
        "C02",
        "`validation.requireDocumentationStewardFromWave` must be a wave number, or null",
        wrong,
    );
    check_real(
        "\"requireExitContractsFromWave\":",
        "\"requireExitContractFromWave\":",
        "\"requireExitContractFromWave\":",
        "C05",
        "`validation.requireExitContractFromWave` is no key of the configuration",
        "did you mean `requireExitContractsFromWave`?",
    );
    check_real(
        "\"allowInferredIntegration\": true",
        "\"allowInferredIntegration\": 1",
        "1",
        "C02",
        "`validation.autoClosure.allowInferredIntegration` must be true or false",
        wrong,
    );
    check_real(
        "\"codex\": 7",
        "\"codex\": 7.5",
        "7.5",
        "C02",
        "`lanes.main.runtimePolicy.runtimeMixTargets.codex` must be a whole number, zero or above",
        wrong,
    );
    check_real(
        "\"design\": \"claude\"",
        "\"evaluator\": \"claude\"",
        "\"evaluator\":",
        "C04",
        "`lanes.main.runtimePolicy.defaultExecutorByRole.evaluator` was renamed",
        "write cont-qa or cont-eval",
    );
    check_real(
        "\"fallbackExecutorOrder\": [",
        "\"fallbackExecutorOrder\": [[],",
        "[],",
        "C02",
        "`lanes.main.runtimePolicy.fallbackExecutorOrder.0` must be a runtime by name",
        wrong,
    );
    let broken = Config::check("wave.config.json", &REAL.replacen("\"base\": [", "\"base\": {", 1), &[]);
    assert_eq!((broken.len(), broken[0].rule.as_str()), (1, "C01"));
    assert_eq!(broken[0].message, "this is not JSON: expected `:`");
}

#[test]
fn a_lane_that_is_not_declared_is_an_error() {
    let (_, findings) = Config::for_lane(Some(REAL), "mian");
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(
        (finding.rule.as_str(), finding.message.as_str()),
        ("C06", "`mian` is no lane of this project")
    );
    assert!(finding.position.line > 1);
    // Where a file names it as the one that is taken, it is pointed at there.
    let text = r#"{"defaultLane": "mian", "lanes": {"main": {}}}"#;
    let findings = Config::for_lane(Some(text), "mian").1;
    assert_eq!((findings[0].rule.as_str(), findings[0].position.column), ("C06", 17), "{findings:#?}");
    assert_eq!(Config::for_lane(Some(r#"{"lanes": {"side": {}}}"#), "main").1, []);
    // Faults of another lane are that lane's business.
    let text = r#"{"lanes": {"main": {}, "side": {"nonsense": 1}}}"#;
    assert_eq!(Config::for_lane(Some(text), "main").1, []);
    assert_eq!(Config::check("wave.config.json", text, &[]).len(), 1);
}

#[test]
fn a_project_is_addressed_by_its_id() {
    let text = r#"{"defaultProject": "web", "paths": {"docsDir": "doc"}, "projects": {
        "web": {}, "Data Lake": {"rootDir": "lake", "lanes": {"side": {"roles": {"contQaAgentId": "L0"}}}}}}"#;
    let read = |project: Option<&str>, lane: &str| {
        let (config, findings) =
            Config::read("wave.config.json", Some(text), Address { project, lane }, None);
        let rules: Vec<String> = findings.into_iter().map(|finding| finding.rule).collect();
        (config, rules.join(" "))
    };
    let (web, rules) = read(None, "main");
    assert_eq!((web.project.as_deref(), web.project_name.as_str(), rules.as_str()), (Some("web"), "web", ""));
    assert_eq!(web.state_directory(), ".tmp/projects/web/main-wave-launcher");
    assert_eq!(web.orchestrator_directory(), ".tmp/wave-orchestrator/projects/web");
    assert_eq!(read(Some("Web"), "main").0, web);
    let (lake, rules) = read(Some("data-lake"), "side");
    assert_eq!((lake.roles.cont_qa_agent.as_str(), rules.as_str()), ("L0", ""));
    assert_eq!(lake.waves_directory(), "lake/doc/side/plans/waves");
    assert_eq!(read(Some("data-lake"), "sied").1, "C06");
    assert_eq!(read(Some("wbe"), "main").1, "C10");
    assert_eq!(Config::other_project(Some(text), "WEB"), None);
    assert_eq!(Config::other_project(Some(text), "wbe").as_deref(), Some("wbe"));
    let of = |text: Option<&str>, project| {
        let address = Address { project, lane: "main" };
        Config::unknown_project("wave.config.json", text, address).map(|finding| finding.hint)
    };
    assert_eq!(of(Some(text), Some("wbe")).as_deref(), Some("did you mean `web`?"));
    assert_eq!(of(None, Some("x")).as_deref(), Some("it declares no projects; leave --project out"));
    assert_eq!(
        of(Some(r#"{"projects": {"a": {}}}"#), None).map(|hint| hint.ends_with("projects are a")),
        Some(true)
    );
    assert_eq!(of(Some("{}"), Some("default")), None);
}

#[test]
fn a_lane_and_a_project_are_taken_where_none_is_named() {
    assert_eq!(Config::default_lane(None), "main");
    assert_eq!(Config::default_lane(Some(r#"{"defaultLane": "Product"}"#)), "product");
}
