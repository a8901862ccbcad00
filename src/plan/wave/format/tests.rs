//! The usual form of wave files: what is put into it, what stays, and that no text says anything else afterwards.

use std::collections::BTreeMap;

use proptest::prelude::{any, prop, proptest};

use super::super::super::config::Config;
use super::super::super::finding::Position;
use super::super::super::fixtures::{DESIGN_HANDOFF, LIVE_PROOF, MINIMAL, WAVES};
use super::super::tests::mutated;
use super::super::{Context, Wave, read, read_strict};
use super::{first_difference, format};

/// Both readings of a text, without places, and the rules that find something in it.
fn meaning(text: &str) -> (Wave, Wave, Vec<String>) {
    let config = Config::for_lane(None, "main").0;
    let context = Context { config: &config, documents: &BTreeMap::new(), runtimes: &[] };
    let reading = read(7, "wave-7.md", text, &context);
    let (mut aware, (mut strict, _)) = (reading.wave, read_strict(7, "wave-7.md", text, &context));
    for agent in aware.agents.iter_mut().chain(&mut strict.agents) {
        agent.position = Position::START;
    }
    let mut rules: Vec<String> = reading.findings.into_iter().map(|finding| finding.rule).collect();
    rules.sort();
    (aware, strict, rules)
}

/// Checks the form of a text, that it says the same, and that it is the form of itself.
fn check(text: &str, expected: &str) {
    let formatted = format(text);
    assert_eq!(formatted, expected, "{text:?}");
    check_any(text);
}

fn check_any(text: &str) {
    let formatted = format(text);
    assert_eq!(meaning(&formatted), meaning(text), "{text:?}");
    assert_eq!(format(&formatted), formatted, "{text:?}");
}

#[test]
fn headings_stand_between_blank_lines() {
    check(
        "\n\n# Wave 7 - A  \ntext\n## Context7 defaults\t\n- bundle: b",
        "# Wave 7 - A\n\ntext\n\n## Context7 defaults\n\n- bundle: b\n",
    );
    check(
        "# Wave 7 - A\n\n\n## Agent  A1 :  First one \n\n\n### Prompt\n```text\nDo.\n```\n\n\n\n",
        "# Wave 7 - A\n\n## Agent A1: First one\n\n### Prompt\n\n```text\nDo.\n```\n",
    );
    check(
        "## Agent A1  :First\n### Prompt\n\n```\nDo.\n```\n",
        "## Agent A1: First\n\n### Prompt\n\n```\nDo.\n```\n",
    );
}

#[test]
fn lists_are_written_evenly() {
    check(
        "# W\n\n## Component promotions\n\n-   a :b\n\n\n  - c:  d  \n",
        "# W\n\n## Component promotions\n\n- a: b\n- c: d\n",
    );
    let agent = |sections: &str| format!("## Agent A1: x\n\n{sections}\n\n### Prompt\n\n```text\nDo.\n```\n");
    check(
        &agent(
            "### Executor\n- id :codex\n\n-\tbudget.turns:3\n### Skills\n\n-  One\n\n### Proof artifacts\n\n- path:a|kind :b\n-  c/d",
        ),
        &agent(
            "### Executor\n\n- id: codex\n- budget.turns: 3\n\n### Skills\n\n- One\n\n### Proof artifacts\n\n- path: a | kind: b\n- c/d",
        ),
    );
    check(
        "# W\n\n## Eval targets\n\n- id: t |selection:pinned| benchmarks: a,b |  objective: o | threshold: t\n",
        "# W\n\n## Eval targets\n\n- id: t | selection: pinned | benchmarks: a,b | objective: o | threshold: t\n",
    );
}

#[test]
fn what_is_written_for_people_stays() {
    for text in [
        "",
        "\n \n",
        "# W\n\nHard  \nbreak,\n\n\n* a\n\n+ b\n",
        "# W\n\n## Sequencing note\n\n\nfirst  \n\n\n-   second\n",
        "# W\n\n## Project profile\n\n-  oversight-mode: oversight\n\n  - nested\n",
        // Something that is no bullet: the list is wrong, and nobody guesses what it was to be.
        "# W\n\n## Component promotions\n\n-   a:b\n  and more\n",
        "# W\n\n## Agent A1: x\n\n### Prompt\n\nWords  \n\n\n```text\n\n\nDo.   \n\n\n### Not a heading\n-   x\n\n```\n",
    ] {
        check(text, text);
    }
}

#[test]
fn what_would_be_read_differently_stays() {
    // The predecessor does not see a section whose heading ends in a blank, or an agent whose heading is indented.
    for text in [
        "## Agent A1: x\n\n### Prompt \n\n```text\nDo.\n```\n",
        " ## Agent A1: x\n\n### Prompt\n\n```text\nDo.\n```\n",
        "## Agent A1: x\n\n### Prompt\n\n```text\nOpen.\n\n\n\n",
    ] {
        check(text, text);
    }
}

#[test]
fn line_breaks_keep_their_kind() {
    check(
        "# W\r\n## Context7 defaults\r\n- bundle:b\r\n",
        "# W\r\n\r\n## Context7 defaults\r\n\r\n- bundle: b\r\n",
    );
}

#[test]
fn real_waves_say_the_same_afterwards() {
    let parsed = [
        include_str!("../../../../tests/fixtures/waves/parsed/every-key-wave-20.md"),
        include_str!("../../../../tests/fixtures/waves/parsed/quirks-wave-21.md"),
    ];
    let demo = [
        include_str!("../../../cli/demo/project/docs/plans/waves/wave-1.md"),
        include_str!("../../../cli/demo/project/docs/plans/waves/wave-2.md"),
        include_str!("../../../cli/demo/project/docs/plans/waves/wave-3.md"),
    ];
    let real = WAVES.map(|(_, text)| text);
    for text in real.into_iter().chain([MINIMAL, LIVE_PROOF, DESIGN_HANDOFF]).chain(parsed).chain(demo) {
        check_any(text);
        check_any(&text.replace('\n', "\r\n"));
    }
    check(MINIMAL, MINIMAL);
}

#[test]
fn a_long_file_of_open_fences_is_formatted() {
    check_any(&"## Agent A: x\n```a\n".repeat(500));
}

#[test]
fn the_first_difference_has_its_place() {
    for (text, other, expected) in [
        ("a\nb\n", "a\nb\n", None),
        ("a\nb\n", "a\nc\n", Some((2, 1))),
        ("aé\n", "aéx\n", Some((1, 3))),
        ("a", "a\n", Some((1, 2))),
        ("a\n\n", "a\n", Some((2, 1))),
        ("", "a", Some((1, 1))),
    ] {
        let found = first_difference(text, other).map(|place| (place.line, place.column));
        assert_eq!(found, expected, "{text:?} {other:?}");
    }
}

proptest! {
    #[test]
    fn any_text_says_the_same_afterwards(text in any::<String>()) {
        check_any(&text);
    }

    #[test]
    fn any_lines_say_the_same_afterwards(
        lines in prop::collection::vec(prop::sample::select(vec![
            "# W", "## Agent A1: x", "## Agent  A2 : y ", "### Prompt", "### Prompt ", "#### Skills", "### Skills", "```",
            "```text", "~~~", "", "   ", "- a", "-  b", "  - c", "* d", "- k : v", "- a|b", "- path:a|kind:b", "prose  ",
            "## Component promotions", "## Context7 defaults ", "## Notes", "### Executor", "### Proof artifacts",
            "File ownership:", "Validation:", "\u{feff}", "- \u{a0}x",
        ]), 0..30),
        line_break in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        check_any(&lines.join(line_break));
    }

    #[test]
    fn any_mutation_of_a_real_wave_says_the_same_afterwards(text in mutated()) {
        check_any(&text);
    }
}
