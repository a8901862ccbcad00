//! Moving agents: what is refused, what becomes of the texts, and that every byte comes back.

use proptest::prelude::{Just, Strategy, TestCaseError, any, prop, prop_oneof, proptest};

use super::super::fixtures::{MINIMAL, minimal, repository, wave_file, with_waves};
use super::super::project::{Project, Sources};
use super::{Edit, Preview, Refusal, Rewrite, preview};

fn moving(sources: &Sources, agent: &str, from: u32, to: u32) -> Result<Preview, Refusal> {
    preview(sources, &Edit::MoveAgent { agent: agent.to_string(), from, to })
}

/// Two waves after the minimal one: 12 as it is with a second builder A2, 13 with the same agents but B1 for A1.
fn two_waves() -> Sources {
    let builder = MINIMAL.find("## Agent A1").map(|at| &MINIMAL[at..]).unwrap();
    let second =
        builder.replace("Agent A1: Eviction", "Agent A2: Limits").replace("src/cache/", "src/limits/");
    let twelve = format!("{MINIMAL}\n{second}");
    let thirteen =
        MINIMAL.replace("Wave 12", "Wave 13").replace("wave-12", "wave-13").replace("Agent A1", "Agent B1");
    let mut sources = minimal(&twelve);
    sources.waves.push(wave_file(13, &thirteen));
    let matrix = sources.matrix.as_mut().unwrap();
    matrix.text = matrix.text.replace(
        "{\"wave\": 12, \"target\": \"repo-landed\"}",
        "{\"wave\": 12, \"target\": \"repo-landed\"}, {\"wave\": 13, \"target\": \"repo-landed\"}",
    );
    assert_eq!(Project::read(&sources).findings, []);
    sources
}

#[test]
fn a_new_file_is_not_written_where_one_is_by_now() {
    let sources = two_waves();
    let drafted = |number: u32, before: &str| {
        let path = format!("docs/plans/waves/wave-{number}.md");
        let writes = vec![Rewrite { path, before: before.to_string(), after: "# Wave\n".to_string() }];
        let edit = Edit::WriteWaves {
            summary: format!("wave {number} drafted"),
            changes: Vec::new(),
            waves: vec![number],
            writes,
        };
        preview(&sources, &edit).map(|preview| preview.writes.len()).map_err(|refusal| refusal.reason)
    };
    assert_eq!(drafted(14, ""), Ok(1));
    assert_eq!(
        drafted(13, ""),
        Err("docs/plans/waves/wave-13.md is there by now; nothing was written".to_string())
    );
    assert_eq!(drafted(12, MINIMAL), Ok(1), "one that is replaced knowingly is");
}

#[test]
fn a_move_cuts_one_file_and_lengthens_the_other() {
    let sources = two_waves();
    let preview = moving(&sources, "A2", 12, 13).unwrap();
    assert_eq!(preview.writes[0].path, "docs/plans/waves/wave-12.md");
    assert_eq!(preview.writes[0].after, MINIMAL);
    let section = &sources.waves[0].text[sources.waves[0].text.find("## Agent A2").unwrap()..];
    assert_eq!(preview.writes[1].after, format!("{}\n{section}", sources.waves[1].text));
    assert_eq!(
        preview.consequences,
        ["wave 12 keeps 4 agents", "wave 13 then has 5 agents", "slug changes from 12-a2 to 13-a2"]
    );
}

#[test]
fn a_section_in_the_middle_leaves_one_blank_line() {
    let sources = two_waves();
    let preview = moving(&sources, "A1", 12, 13).unwrap();
    let after = &preview.writes[0].after;
    assert!(after.contains("component-cutover-matrix.json\n```\n\n## Agent A2: Limits"), "{after}");
    assert_eq!(preview.consequences[0], "shares src/cache/ with B1");
}

#[test]
fn new_agents_stand_before_sections_of_the_wave() {
    let mut sources = two_waves();
    let text = &mut sources.waves[1].text;
    *text = text.replacen("## Context7 defaults\n\n- bundle: none\n\n", "", 1);
    text.push_str("\n## Context7 defaults\n\n- bundle: none\n");
    let preview = moving(&sources, "A2", 12, 13).unwrap();
    let after = &preview.writes[1].after;
    assert!(after.ends_with("- src/limits/\n```\n\n## Context7 defaults\n\n- bundle: none\n"), "{after}");
}

#[test]
fn prose_at_the_end_of_a_section_goes_with_it_and_is_named() {
    let mut sources = two_waves();
    sources.waves[0].text.push_str("\n## Notes\n\nSee the wiki.\n");
    let preview = moving(&sources, "A2", 12, 13).unwrap();
    assert!(preview.writes[1].after.ends_with("## Notes\n\nSee the wiki.\n"));
    assert!(
        preview.consequences.contains(&"`## Notes` goes with it".to_string()),
        "{:?}",
        preview.consequences
    );
}

fn check_refusal(sources: &Sources, agent: &str, from: u32, to: u32, expected: &str) {
    let refusal = moving(sources, agent, from, to).unwrap_err();
    assert!(refusal.reason.contains(expected), "{refusal:?} should say {expected:?}");
    assert!(!refusal.hint.is_empty());
}

#[test]
fn what_would_be_wrong_is_refused_with_its_reason() {
    let sources = two_waves();
    check_refusal(&sources, "A1", 12, 12, "is in wave 12 already");
    check_refusal(&sources, "A1", 12, 99, "there is no wave 99");
    check_refusal(&sources, "A1", 98, 13, "there is no wave 98");
    check_refusal(&sources, "A7", 12, 13, "wave 12 has no agent A7");
    check_refusal(&sources, "A0", 12, 13, "has an agent A0 already");
    check_refusal(&sources, "B1", 13, 12, "is the last one that builds in wave 13");
    let mut renamed = two_waves();
    renamed.waves[1].text = renamed.waves[1].text.replace("Agent A8", "Agent A18");
    check_refusal(&renamed, "A8", 12, 13, "agent A8 closes wave 12");

    let real = repository();
    check_refusal(&real, "A4", 1, 3, "wave 3 does not promote wave-parser-and-launcher");
    check_refusal(&real, "A2", 1, 3, "wave 3 has an agent A2 already");

    let mut same_id = two_waves();
    same_id.waves[0].text = same_id.waves[0].text.replace("Agent A2:", "Agent A1:");
    check_refusal(&same_id, "A1", 12, 13, "more than one agent A1");

    let mut bytes = two_waves();
    bytes.waves[1].text.push('\u{fffd}');
    check_refusal(&bytes, "A2", 12, 13, "not UTF-8");
}

#[test]
fn a_result_with_new_errors_is_refused() {
    let mut sources = two_waves();
    let text = &mut sources.waves[0].text;
    *text = text.replacen("## Agent A1: Eviction", "## Agent Z1: Eviction", 1);
    let matrix = sources.matrix.as_mut().unwrap();
    matrix.text = matrix.text.replacen(
        "\"artifact-cache\": {",
        "\"other\": {\"currentLevel\": \"inventoried\"}, \"artifact-cache\": {",
        1,
    );
    let text = &mut sources.waves[0].text;
    *text = text.replacen(
        "- artifact-cache: repo-landed\n",
        "- artifact-cache: repo-landed\n- other: repo-landed\n",
        1,
    );
    let at = text.find("## Agent A2").unwrap();
    let changed = text[at..].replacen("- artifact-cache\n", "- other\n", 1);
    text.replace_range(at.., &changed);
    let text = &mut sources.waves[1].text;
    *text = text.replacen(
        "- artifact-cache: repo-landed\n",
        "- artifact-cache: repo-landed\n- other: repo-landed\n",
        1,
    );
    check_refusal(
        &sources,
        "A2",
        12,
        13,
        "wave-12.md would have an error: no agent that builds owns `other`",
    );
}

#[test]
fn a_section_that_two_programs_read_differently_is_not_moved() {
    let mut sources = two_waves();
    let text = &mut sources.waves[0].text;
    let at = text.find("Limits").unwrap();
    let changed =
        text[at..].replacen("Add size-bounded eviction.", "Add limits.\n```js\nlimit();\n```\nDone.", 1);
    text.replace_range(at.., &changed);
    check_refusal(&sources, "A2", 12, 13, "wave-12.md reads differently");
    assert!(moving(&sources, "A1", 12, 13).is_ok(), "the other agents of the file are certain");
}

#[test]
fn line_endings_are_never_mixed() {
    let mut sources = two_waves();
    for file in &mut sources.waves {
        file.text = file.text.replace('\n', "\r\n");
    }
    let preview = moving(&sources, "A2", 12, 13).unwrap();
    for write in &preview.writes {
        assert_eq!(write.after.matches('\n').count(), write.after.matches("\r\n").count());
    }
    sources.waves[1].text = sources.waves[1].text.replace("\r\n", "\n");
    check_refusal(&sources, "A2", 12, 13, "end with CR LF and those of docs/plans/waves/wave-13.md with LF");
}

/// An agent section with blank lines and text of all kinds, ending in some line breaks.
fn section(id: String) -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(String::new()),
        Just("  ".to_string()),
        Just("prose with ünïcode".to_string()),
        Just("### Notes".to_string()),
        Just("- a: b".to_string()),
        "[ -~]{0,12}".prop_map(|text| text.replace(['#', '`', '~'], "")),
    ];
    (prop::collection::vec(line, 0..6), 1..4_usize).prop_map(move |(lines, breaks)| {
        let prompt = format!("### Prompt\n\n```text\ndo {id}\n\nFile ownership:\n- src/{id}/\n```\n");
        format!("## Agent {id}: Title {id}\n\n{prompt}{}{}", lines.join("\n"), "\n".repeat(breaks))
    })
}

/// A wave with these agents, and perhaps a section of the wave at its end.
fn wave(ids: &[&str]) -> impl Strategy<Value = String> + use<> {
    let sections: Vec<_> = ids.iter().map(|id| section((*id).to_string())).collect();
    (sections, any::<bool>()).prop_map(|(sections, ends_with_section)| {
        let tail = if ends_with_section { "## Context7 defaults\n\n- bundle: none\n" } else { "" };
        format!("# Wave\n\n{}{tail}", sections.concat())
    })
}

proptest! {
    #[test]
    fn every_byte_comes_back(
        one in wave(&["A1", "A2", "A3"]),
        two in wave(&["B1", "B2"]),
        agent in 1..4_u32,
        carriage_returns in any::<bool>(),
    ) {
        let ended = |text: String| if carriage_returns { text.replace('\n', "\r\n") } else { text };
        let mut sources = with_waves(vec![wave_file(1, &ended(one)), wave_file(2, &ended(two))]);
        let thresholds = r#"{"validation": {"requireAgentComponentsFromWave": null, "requiredPromptReferences": []}}"#;
        sources.config.as_mut().unwrap().text = thresholds.to_string();
        let id = format!("A{agent}");
        let there = match moving(&sources, &id, 1, 2) {
            Ok(there) => there,
            Err(refusal) => return Err(TestCaseError::fail(refusal.reason)),
        };

        let from = &sources.waves[0].text;
        let start = from.find(&format!("## Agent {id}:")).unwrap();
        let rest = &from[start + 1..];
        let end = ["## Agent ", "## Context7"]
            .iter()
            .filter_map(|mark| rest.find(&format!("\n{mark}")))
            .min()
            .map_or(from.len(), |at| start + 1 + at);
        let moved = from[start..end].trim_end();
        proptest::prop_assert!(there.writes[1].after.contains(moved));
        proptest::prop_assert!(!there.writes[0].after.contains(moved));

        let mut after = sources.clone();
        for (file, write) in after.waves.iter_mut().zip(&there.writes) {
            proptest::prop_assert_eq!(&file.text, &write.before);
            file.text.clone_from(&write.after);
        }
        let project = Project::read(&after);
        let ids = |number: u32| -> Vec<String> {
            project.waves[&number].agents.iter().map(|agent| agent.id.clone()).collect()
        };
        proptest::prop_assert_eq!(ids(2), ["B1".to_string(), "B2".to_string(), id.clone()]);
        proptest::prop_assert_eq!(ids(1).len(), 2);

        for (file, write) in after.waves.iter_mut().zip(&there.writes) {
            proptest::prop_assert_eq!(&file.text, &write.after);
            file.text.clone_from(&write.before);
        }
        proptest::prop_assert_eq!(after, sources);
    }
}
