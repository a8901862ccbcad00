//! Reading wave files: every shape of the format, both readings, and texts that are no waves at all.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, prop, proptest};

use super::super::config::Config;
use super::super::finding::{Finding, Severity};
use super::super::fixtures::{DESIGN_HANDOFF, LIVE_PROOF, MINIMAL, WAVES, repository};
use super::super::project::Project;
use super::{Agent, Context, ProofArtifact, Wave, WaveReading, number_of, read, read_strict};

/// Reads a text as wave 1 of a project that has one role document and the runtime `mine`.
fn with_context<T>(read: impl FnOnce(&Context<'_>) -> T) -> T {
    let config_text = r#"{"executors": {"profiles": {"fast": {"id": "codex"}}}}"#;
    let (config, findings) = Config::for_lane(Some(config_text), "main");
    assert_eq!(findings, []);
    let document = |text: &str| format!("# Role\n\n## Standing prompt\n\n```text\n{text}\n```\n\nmore\n");
    let documents = BTreeMap::from([
        ("docs/agents/one.md".to_string(), document("Be one.")),
        ("docs/agents/wave-design-role.md".to_string(), document("Design.")),
        ("docs/agents/wave-security-role.md".to_string(), document("Review.")),
        ("docs/agents/empty.md".to_string(), "# Role\n".to_string()),
        ("docs/agents/nested.md".to_string(), document("a\n```sh\nb\n```\nc")),
    ]);
    read(&Context { config: &config, documents: &documents, runtimes: &["mine".to_string()] })
}

fn reading(text: &str) -> WaveReading {
    with_context(|context| read(1, "docs/wave-1.md", text, context))
}

fn strict(text: &str) -> (Wave, Vec<Finding>) {
    with_context(|context| read_strict(1, "docs/wave-1.md", text, context))
}

/// A wave with one agent A1, whose sections are `sections` and, unless they bring one, a prompt.
fn wave_of(sections: &str) -> String {
    let prompt = "### Prompt\n\n```text\nDo it.\n\nFile ownership:\n- src/\n```\n";
    let prompt = if sections.contains("Prompt") { "" } else { prompt };
    format!("# Wave 1 - Test\n\n## Agent A1: First\n\n{sections}\n{prompt}")
}

fn rules(findings: &[Finding], severity: Severity) -> Vec<&str> {
    findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .map(|finding| finding.rule.as_str())
        .collect()
}

/// Checks the parser's errors and warnings about an agent with these sections, and gives the agent back.
fn check(sections: &str, errors: &[&str], warnings: &[&str]) -> Agent {
    let text = wave_of(sections);
    let mut found = reading(&text);
    assert_eq!(rules(&found.findings, Severity::Error), errors, "{text}\n{:#?}", found.findings);
    assert_eq!(rules(&found.findings, Severity::Warning), warnings, "{text}\n{:#?}", found.findings);
    found.wave.agents.remove(0)
}

/// Checks the errors of the predecessor's reading of an agent with these sections.
fn check_strict(sections: &str, errors: &[&str]) -> Agent {
    let text = wave_of(sections);
    let (mut wave, findings) = strict(&text);
    assert_eq!(rules(&findings, Severity::Error), errors, "{text}\n{findings:#?}");
    wave.agents.remove(0)
}

#[test]
fn file_names_give_the_number() {
    for (file, expected) in [
        ("docs/plans/waves/wave-12.md", Some(12)),
        ("wave-0.md", Some(0)),
        ("wave-007.md", Some(7)),
        ("wave-.md", None),
        ("wave-1.txt", None),
        ("wave-+1.md", None),
        ("wave-1-review.md", None),
        ("reviews/xwave-1.md", None),
        ("wave-99999999999.md", None),
    ] {
        assert_eq!(number_of(file), expected, "{file}");
    }
}

#[test]
fn the_wave_itself_is_read() {
    let text = "# Wave 1 - Name of it\n\n**Commit message**: `Feat: it`\n\n## Component promotions\n\n- a.b_c: repo-landed\n\n\
                ## Context7 defaults\n\n- bundle: none\n- query: \"two   words\"\n\n\
                ## Deploy environments\n\n- `Prod`: `kubernetes` default (main one)\n- staging: custom\n\n\
                ## Eval targets\n\n- id: t1 | selection: delegated | benchmark-family: f | objective: o | threshold: \"t\"\n\
                - id: t2 | selection: Pinned | benchmarks: b1, b2 | objective: o | threshold: t\n";
    let found = reading(text);
    assert_eq!(found.findings, []);
    let wave = found.wave;
    assert_eq!(wave.title.as_deref(), Some("Name of it"));
    assert_eq!(wave.commit_message.as_deref(), Some("Feat: it"));
    assert_eq!(wave.component_promotions[0].component_id, "a.b_c");
    let context7 = wave.context7_defaults.unwrap();
    assert_eq!((context7.bundle.as_deref(), context7.query.as_deref()), (Some("none"), Some("two words")));
    let environments: Vec<(&str, &str, bool, Option<&str>)> = wave
        .deploy_environments
        .iter()
        .map(|one| (one.id.as_str(), one.kind.as_str(), one.is_default, one.notes.as_deref()))
        .collect();
    assert_eq!(
        environments,
        [("prod", "kubernetes", true, Some("main one")), ("staging", "custom", false, None)]
    );
    assert_eq!(wave.eval_targets[0].benchmark_family.as_deref(), Some("f"));
    assert_eq!(wave.eval_targets[0].threshold, "t");
    assert_eq!(
        (wave.eval_targets[1].selection.as_str(), wave.eval_targets[1].benchmarks.len()),
        ("pinned", 2)
    );
}

/// Checks the findings of a wave-level section.
fn check_section(section: &str, body: &str, errors: &[&str]) -> Wave {
    let text = format!("# Wave 1 - T\n\n## {section}\n\n{body}\n");
    let found = reading(&text);
    assert_eq!(rules(&found.findings, Severity::Error), errors, "{text}");
    found.wave
}

#[test]
fn faults_in_sections_of_the_wave_are_found() {
    check_section("Component promotions", "- a: b # comment", &["P05"]);
    check_section("Component promotions", "- a: b\n- a: c", &["P07"]);
    check_section("Component promotions", "- A: b\nprose\n<!-- c -->", &["P06", "P05", "P05"]);
    check_section("Deploy environments", "- prod", &["P05"]);
    check_section("Deploy environments", "- prod: k8s extra", &["P05"]);
    check_section("Deploy environments", "- prod: k8s\n- PROD: aws", &["P07"]);
    let wave = check_section("Deploy environments", "- a: b\n- c: d", &[]);
    assert!(wave.deploy_environments[0].is_default && !wave.deploy_environments[1].is_default);
    check_section("Eval targets", "- id: t | selection: delegated | objective: o | threshold: t", &["P15"]);
    check_section("Eval targets", "- id: t | selection: pinned | objective: o", &["P15", "P15"]);
    check_section("Eval targets", "- id: t | selection: other | objective: o | threshold: t", &["P11"]);
    check_section("Eval targets", "- id: t t | selection", &["P05"]);
    check_section("Context7 defaults", "* bundle: none", &["P05"]);
    let wave = check_section("Context7 defaults", "", &[]);
    assert_eq!(wave.context7_defaults, None);
}

#[test]
fn wave_sections_may_stand_after_the_agents() {
    let text = format!("{}\n## Component promotions\n\n- a: b\n", wave_of("### Components\n\n- a\n"));
    let found = reading(&text);
    assert_eq!(found.findings, []);
    assert_eq!(found.wave.agents[0].component_targets["a"].as_deref(), Some("b"));
}

#[test]
fn titles_that_are_missing_or_wrong_are_warned_of() {
    for (text, expected, warnings) in [
        ("# Wave 1 - A\n", Some("A"), 0),
        ("# Wave 2 - A\n", Some("A"), 1),
        ("# Other\n", Some("Other"), 0),
        ("\u{feff}# Wave 1 - A\n", Some("A"), 0),
        ("```\n# No\n```\n# Yes\n", Some("Yes"), 0),
        ("text\n", None, 1),
    ] {
        let found = reading(text);
        assert_eq!(found.wave.title.as_deref(), expected, "{text}");
        assert_eq!(found.findings.len(), warnings, "{text}");
    }
}

#[test]
fn an_agent_with_every_section_is_read() {
    let agent = check(
        "### Role prompts\n\n- `docs/agents/one.md`\n- docs/agents/one.md\n\n### Executor\n\n- profile: Fast\n- model: m\n\n\
         ### Context7\n\n- bundle: b\n\n### Skills\n\n- Role-Design\n\n### Components\n\n- a\n\n\
         ### Capabilities\n\n- c\n\n### Deliverables\n\n- \"src/a.rs\"\n\n\
         ### Proof artifacts\n\n- src/p.json\n- PATH: src/q.json | kind: k | required-for: pilot-live, qa-proved\n\n\
         ### Exit contract\n\n- completion: live\n- durability: none\n- proof: unit\n- doc-impact: owned\n\n\
         ### Wavedeck\n\n- track: infra\n",
        &[],
        &[],
    );
    assert_eq!((agent.id.as_str(), agent.title.as_str(), agent.slug.as_str()), ("A1", "First", "1-a1"));
    assert_eq!(agent.role_prompt_paths, ["docs/agents/one.md"]);
    assert_eq!(agent.prompt, "Be one.\n\nDo it.\n\nFile ownership:\n- src/");
    assert_eq!(agent.executor.profile.as_deref(), Some("fast"));
    assert_eq!(agent.skills, ["role-design"]);
    assert_eq!(agent.component_targets["a"], None);
    assert_eq!(agent.deliverables, ["src/a.rs"]);
    assert_eq!(
        agent.proof_artifacts,
        [
            ProofArtifact { path: "src/p.json".into(), kind: None, required_for: Vec::new() },
            ProofArtifact {
                path: "src/q.json".into(),
                kind: Some("k".into()),
                required_for: vec!["pilot-live".into(), "qa-proved".into()],
            },
        ]
    );
    assert!(agent.exit_contract.is_some());
    assert_eq!(agent.track.as_deref(), Some("infra"));
    assert_eq!((agent.position.line, agent.position.column), (3, 1));
}

#[test]
fn role_documents_add_prompts_and_capabilities() {
    let agent = check(
        "### Role prompts\n- docs/agents/wave-design-role.md\n- docs/agents/wave-security-role.md\n### Capabilities\n- design\n",
        &[],
        &[],
    );
    assert_eq!(agent.capabilities, ["design", "security-review"]);
    assert!(agent.prompt.starts_with("Design.\n\nReview.\n\nDo it."));
    check("### Role prompts\n- docs/agents/missing.md\n", &["P13"], &[]);
    check("### Role prompts\n- docs/agents/empty.md\n", &["P14"], &[]);
    check("### Role prompts\n- ``\n", &["P05"], &[]);
    let agent = check("### Role prompts\n- docs/agents/nested.md\n", &[], &["W10"]);
    assert!(agent.prompt.starts_with("a\n```sh\nb\n```\nc\n\n"));
}

#[test]
fn faults_in_lists_are_found() {
    check("### Components\n\n- Foo\n", &["P06"], &[]);
    check("### Components\n\n- a\n- a\n- b c\n", &["P07", "P05"], &[]);
    check("### Capabilities\n\n- X\n", &["P06"], &[]);
    check("### Skills\n\n- a b\n- c\n- C\n", &["P06", "P07"], &[]);
    check("### Deliverables\n\nprose\n", &["P05"], &[]);
    check("### Deliverables\n\n- src/a\n- src/a\n- src/\n- ../a\n- /a\n", &["P07", "P08", "P08", "P08"], &[]);
    check("### Deliverables\n\n- other/a\n", &["P09"], &[]);
    check("### Proof artifacts\n\n- other/a\n", &["P09"], &[]);
    check("### Proof artifacts\n\n- kind: a | path: \n", &["P05"], &[]);
    check("### Proof artifacts\n\n- kind: a | x: y\n", &["P15"], &["W02"]);
    check("### Proof artifacts\n\n- path: src/a | required-for: soon\n", &["P11"], &[]);
    check("### Proof artifacts\n\n- src/a\n- path: src/a\n", &["P07"], &[]);
    let agent = check("### Context7\n\n", &[], &[]);
    assert_eq!(agent.context7, None);
    let agent = check("### Context7\n\n- other: x\n", &[], &["W02"]);
    assert_eq!(agent.context7, None);
    let long = "word ".repeat(100);
    let agent = check(&format!("### Context7\n\n- query: {long}\n"), &[], &["W08"]);
    assert_eq!(agent.context7.unwrap().query.unwrap().chars().count(), 280);
    check("### Exit contract\n\n- completion: live\n- other: x\n", &[], &["W02"]);
    for section in ["Context7", "Exit contract", "Wavedeck"] {
        let text = format!("### {section}\n\n- a.b: c\n");
        check(&text, &["P05"], &[]);
        check_strict(&text, &["P05"]);
    }
}

#[test]
fn a_contract_counts_whole_or_not_at_all() {
    let contract = |lines: &str| {
        let agent = check(&format!("### Exit contract\n\n{lines}\n"), &[], &[]);
        let written = agent.written_contract.map(|written| {
            [written.completion, written.durability, written.proof, written.doc_impact]
                .map(|value| value.unwrap_or_default())
                .join(" ")
        });
        (written, agent.exit_contract.is_some())
    };
    let whole = "- completion: live\n- durability: none\n- proof: unit\n";
    let said = |words: &str| Some(words.to_string());
    assert_eq!(contract(&format!("{whole}- doc-impact: owned")), (said("live none unit owned"), true));
    // The predecessor takes the name of the field in its manifest, too.
    assert_eq!(contract(&format!("{whole}- docImpact: owned")), (said("live none unit owned"), true));
    assert_eq!(contract(whole), (said("live none unit "), false));
    assert_eq!(contract(&format!("{whole}- doc-impact: all")), (said("live none unit all"), false));
    assert_eq!(contract(""), (None, false));
}

#[test]
fn executor_keys_have_their_types() {
    let agent = check(
        "### Executor\n\n- id: `Claude`\n- fallbacks: codex, mine\n- tags: a,b\n- retry-policy: Sticky\n\
         - allow-fallback-on-retry: no\n- budget.turns: 3\n- budget.minutes: 4\n- claude.max_turns: 5\n\
         - claude.settings_json: {\"a\":1}\n- opencode.permission: [1]\n- codex.search: ON\n- codex.add_dirs: a, b\n\
         - claude.output_format: JSON\n",
        &[],
        &[],
    );
    let choice = agent.executor;
    assert_eq!(choice.id.unwrap().0, "claude");
    assert_eq!(choice.fallbacks.iter().map(|id| id.0.as_str()).collect::<Vec<&str>>(), ["codex", "mine"]);
    assert_eq!((choice.budget_turns, choice.budget_minutes), (Some(3), Some(4)));
    assert_eq!(
        (choice.retry_policy.as_deref(), choice.allow_fallback_on_retry),
        (Some("sticky"), Some(false))
    );
    let settings = serde_json::to_string(&choice.settings).unwrap();
    assert_eq!(
        settings,
        r#"{"claude.max_turns":5,"claude.output_format":"json","claude.settings_json":{"a":1},"codex.add_dirs":["a","b"],"codex.search":true,"opencode.permission":[1]}"#
    );
    let choice = check("### Executor\n\n- id: codex\n- id: claude\n", &[], &["W04"]).executor;
    assert_eq!(choice.id.unwrap().0, "claude");
    let choice =
        check("### Executor\n\n- id: codex\n\n### Executor\n\n- id: claude\n", &[], &["W03"]).executor;
    assert_eq!(choice.id.unwrap().0, "codex");
    let choice = check("### Executor\n\n- id: mine\n- budget.minutes: 30 minutes\n", &[], &["W08"]).executor;
    assert_eq!((choice.id.unwrap().0.as_str(), choice.budget_minutes), ("mine", Some(30)));
}

#[test]
fn faults_of_the_executor_are_found() {
    for (line, rule) in [
        ("- ids: codex", "P10"),
        ("- codex.append: x", "P10"),
        ("- id: gpt", "P12"),
        ("- fallbacks: codex, gpt", "P12"),
        ("- profile: slow", "P12"),
        ("- budget.minutes: 0", "P11"),
        ("- budget.minutes: x", "P11"),
        ("- codex.search: perhaps", "P11"),
        ("- codex.sandbox: none", "P11"),
        ("- claude.settings_json: [1]", "P11"),
        ("- claude.hooks_json: {", "P11"),
        ("- opencode.permission: {", "P11"),
        ("- retry-policy: never", "P11"),
        ("- model: ``", "P11"),
        ("- model:", "P05"),
        ("prose", "P05"),
        ("* id: codex", "P05"),
    ] {
        let agent = check(&format!("### Executor\n\n{line}\n"), &[rule], &[]);
        assert_eq!(agent.executor.id, None, "{line}");
    }
}

#[test]
fn headings_are_read_as_each_program_does() {
    // A blank after the name: the predecessor does not see the section.
    check_strict("### Prompt \n\n```text\nDo.\n```\n", &["P03"]);
    let agent = check("### Prompt \n\n```text\nDo.\n```\n", &[], &["W10"]);
    assert_eq!(agent.prompt_overlay, "Do.");
    // One mark too many: both see it.
    let agent = check_strict("#### Prompt\n\n```text\nDo.\n```\n", &[]);
    assert_eq!(agent.prompt_overlay, "Do.");
    let agent = check("#### Prompt\n\n```text\nDo.\n```\n", &[], &[]);
    assert_eq!(agent.prompt_overlay, "Do.");
    // A name that goes on is another name.
    check("### Prompt notes\n\n```text\nDo.\n```\n", &["P03"], &["W01"]);
    check("### Deliverable\n\n- src/a\n", &[], &["W01"]);
    let text =
        "## Agent A1: x\n\n### Prompt\n\n```text\nDo.\n```\n\n## Notes\n\n### Executor\n\n- id: codex\n";
    let found = reading(text);
    assert_eq!(rules(&found.findings, Severity::Warning), ["W05", "W01"]);
    assert_eq!(
        found.wave.agents[0].executor.id.as_ref().unwrap().0,
        "codex",
        "a plain heading ends no agent"
    );
}

#[test]
fn an_agent_heading_without_colon_is_an_error() {
    let text = "## Agent A1\n\n### Prompt\n\n```text\nDo: it.\n```\n";
    let (wave, _) = strict(text);
    assert_eq!(wave.agents[0].id, "A1\n\n### Prompt\n\n```text\nDo");
    let found = reading(text);
    assert_eq!(rules(&found.findings, Severity::Error), ["P02"]);
    assert_eq!(found.wave.agents[0].id, "A1");
    assert_eq!(found.wave.agents[0].prompt_overlay, "Do: it.");
    let found = reading("## Agent : x\n");
    assert_eq!(rules(&found.findings, Severity::Error), ["P02", "P03"]);
    let found = reading("## Agent A1.1: x\n## Agent A1-1: y\n");
    assert!(rules(&found.findings, Severity::Warning).contains(&"W06"));
}

#[test]
fn prompts_are_cut_where_each_program_cuts_them() {
    let fence = |body: &str| format!("### Prompt\n\n{body}\n");
    let nested = fence("```text\na\n```js\nb\n```\nFile ownership:\n- src/\n```");
    assert_eq!(check_strict(&nested, &[]).prompt_overlay, "a");
    let agent = check(&nested, &[], &["W10"]);
    assert_eq!(agent.owned_paths, ["src/"]);
    let cut = reading(&wave_of(&nested));
    let cut = cut.findings.iter().find(|finding| finding.rule == "W10").unwrap();
    assert_eq!((cut.position.line, cut.message.contains("off here")), (9, true), "{cut:?}");

    let four = fence("````text\na\n```js\nb\n```\nc\n````");
    assert_eq!(check_strict(&four, &[]).prompt_overlay, "a");
    assert_eq!(check(&four, &[], &["W10"]).prompt_overlay, "a\n```js\nb\n```\nc");

    let heading = fence("```text\na\n### b\nc\n```");
    check_strict(&heading, &["P04"]);
    assert_eq!(check(&heading, &[], &["W10"]).prompt_overlay, "a\n### b\nc");

    let tildes = fence("~~~text\na\n~~~");
    check_strict(&tildes, &["P04"]);
    assert_eq!(check(&tildes, &[], &["W10"]).prompt_overlay, "a");

    let spaced = fence("```text of it\na\n```");
    check_strict(&spaced, &["P04"]);
    assert_eq!(check(&spaced, &[], &["W10"]).prompt_overlay, "a");

    for broken in ["```text\n```", "```text\n\n```", "prose", "```text\na"] {
        check_strict(&fence(broken), &["P04"]);
        check(&fence(broken), &["P04"], &[]);
    }
    check_strict("### Prompts\n", &["P03"]);
}

#[test]
fn ownership_is_read_as_each_program_does() {
    let prompt = |text: &str| format!("### Prompt\n\n```text\nFile ownership:\n- a.md\n{text}\n```\n");
    assert_eq!(check(&prompt("Validation:\n- pnpm test"), &[], &[]).owned_paths, ["a.md"]);
    let odd = prompt("Validation (must pass):\n- pnpm test");
    assert_eq!(check_strict(&odd, &[]).owned_paths, ["a.md", "pnpm test"]);
    assert_eq!(check(&odd, &[], &["W10"]).owned_paths, ["a.md"]);
    let found = reading(&wave_of(&odd));
    let place = found.findings.iter().find(|finding| finding.rule == "W10").unwrap().position;
    assert_eq!((place.line, place.column), (11, 3));
}

#[test]
fn an_unclosed_fence_spoils_only_its_own_agent() {
    let text = format!(
        "{}\n## Agent A2: Second\n\n### Prompt\n\n```text\nDo.\n```\n",
        wave_of("### Prompt\n\n```text\nOpen.\n")
    );
    let found = reading(&text);
    let ids: Vec<&str> = found.wave.agents.iter().map(|agent| agent.id.as_str()).collect();
    assert_eq!(ids, ["A1", "A2"]);
    assert_eq!(found.wave.agents[1].prompt_overlay, "Do.");
    let errors: Vec<(&str, Option<&str>, u32)> = found
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.rule.as_str(), finding.agent.as_deref(), finding.position.line))
        .collect();
    assert_eq!(errors, [("P04", Some("A1"), 7)]);
}

#[test]
fn a_long_file_of_open_fences_is_read() {
    let text = "## Agent A: x\n```a\n".repeat(2_000);
    let found = reading(&text);
    assert_eq!(found.wave.agents.len(), 2_000);
}

#[test]
fn headings_inside_fences_are_text() {
    let sample = "### Prompt\n\n````text\nWrite a file like this:\n## Agent B1: Sample\n### Prompt\n```text\nDo.\n```\n````\n";
    let found = reading(&wave_of(sample));
    assert_eq!(found.wave.agents.len(), 1);
    assert!(found.strict.unwrap().agents.len() == 2);
    assert!(found.findings.iter().any(|finding| finding.message.contains("starts an agent `B1` here")));
}

#[test]
fn carriage_returns_make_no_difference() {
    for (number, text) in WAVES {
        let plain = reading(text);
        let returns = reading(&text.replace('\n', "\r\n"));
        assert_eq!(plain.findings, returns.findings, "wave {number}");
        let without_returns = |wave: &Wave| {
            let json = serde_json::to_string(wave).unwrap();
            json.replace("\\r\\n", "\\n")
        };
        assert_eq!(without_returns(&plain.wave), without_returns(&returns.wave), "wave {number}");
        assert_eq!(returns.strict, None, "wave {number}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_warned_of() {
    let found = reading("# Wave 1 - \u{fffd}\n");
    assert_eq!(rules(&found.findings, Severity::Warning), ["W07"]);
}

#[test]
fn both_readings_of_the_real_waves_are_equal() {
    let project = Project::read(&repository());
    assert!(project.strict.is_empty());
    for (number, text) in WAVES {
        assert_eq!(&project.strict_reading(number).unwrap().file, &project.waves[&number].file);
        let found = reading(text);
        assert_eq!(found.strict, None, "wave {number}");
    }
}

/// A real wave with a few edits at any place: cut, doubled, or a piece of syntax put in.
pub(super) fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<&'static str> =
        WAVES.iter().map(|(_, text)| *text).chain([LIVE_PROOF, DESIGN_HANDOFF, MINIMAL]).collect();
    let pieces = vec![
        "```",
        "````text\n",
        "~~~\n",
        "### Prompt\n",
        "## Agent ",
        "## Agent X:",
        "\n## Eval targets\n",
        "- ",
        ":",
        "|",
        "\r\n",
        "\u{fffd}",
        "é",
        "\u{feff}",
        "#",
        "`",
        "\n\n",
        "\0",
        "### ",
        "## ",
    ];
    let edit = (any::<prop::sample::Index>(), 0..40_usize, prop::sample::select(pieces));
    (prop::sample::select(texts), prop::collection::vec(edit, 1..8)).prop_map(|(text, edits)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (place, length, piece) in edits {
            let at = place.index(letters.len().max(1)).min(letters.len());
            let end = (at + length).min(letters.len());
            letters.splice(at..end, piece.chars());
        }
        letters.into_iter().collect()
    })
}

/// What must hold for any text: places lie in it, hints are there, agents keep their text.
fn check_any(text: &str) {
    let found = reading(text);
    let lines = text.split('\n').count();
    for finding in &found.findings {
        assert!(finding.position.line >= 1 && finding.position.line as usize <= lines.max(1), "{finding:?}");
        assert!(finding.position.column >= 1 && !finding.hint.is_empty() && !finding.message.is_empty());
    }
    assert!(found.wave.agents.iter().all(|agent| text.contains(&agent.prompt_overlay)));
    assert_eq!(reading(text), found);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        check_any(&text);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check_any(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_mutation_of_a_real_wave_is_too_strange(text in mutated()) {
        check_any(&text);
    }
}
