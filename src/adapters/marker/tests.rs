use super::{Kind, MarkerError, Reading, canonical, read};
use crate::adapters::plain_text::plain_text;

const PROOF: &str = "[wave-proof] completion=integrated durability=durable proof=unit state=met";

fn lines(text: &str) -> Vec<String> {
    read(text).accepted.iter().map(super::Marker::line).collect()
}

#[test]
fn candidates_are_lines_that_begin_with_a_tag() {
    let cases = [
        (PROOF.to_owned(), true),
        (format!("   {PROOF}  "), true),
        (format!("- {PROOF}"), true),
        (format!("* {PROOF}"), true),
        (format!("+ {PROOF}"), true),
        (format!("12. {PROOF}"), true),
        (format!("`{PROOF}`"), true),
        (format!("- `{PROOF}`"), true),
        (PROOF.replace("[wave-proof]", "[WAVE-Proof]"), true),
        (format!("- - {PROOF}"), false),
        (format!("> {PROOF}"), false),
        (format!("saw {PROOF} in the logs"), false),
        (format!("-{PROOF}"), false),
        (format!("1.{PROOF}"), false),
        (format!("``{PROOF}``"), false),
        (format!("`{PROOF}"), false),
        (PROOF.replace("[wave-proof]", "[wave-proven]"), false),
        (PROOF.replace("[wave-proof]", "[wave-proof"), false),
    ];
    for (line, accepted) in cases {
        assert_eq!(lines(&line).len(), usize::from(accepted), "{line}");
    }
}

#[test]
fn a_fence_counts_only_when_every_line_of_it_is_a_candidate() {
    let cases = [
        (format!("```\n{PROOF}\n\n- {PROOF}\n```"), 2),
        (format!("```text\n{PROOF}\n```\nafter"), 1),
        (format!("```\n{PROOF}\nan example\n```"), 0),
        (format!("```\n{PROOF}\n[deploy-status] service=a state=healthy\n```"), 0),
        (format!("```\nan example\n```\n{PROOF}"), 1),
        (format!("```\nleft open\n{PROOF}"), 1),
        (format!("```\nan example\n```\n```\nleft open\n{PROOF}"), 1),
        (format!("```inline``` code\n{PROOF}"), 1),
    ];
    for (text, count) in cases {
        let proofs = read(&text).accepted.iter().filter(|marker| marker.kind == Kind::Proof).count();
        assert_eq!(proofs, count, "{text}");
    }
}

#[test]
fn json_lines_are_searched_for_text() {
    let inner = format!("done\\n{PROOF}\\n");
    let cases = [
        (format!(r#"{{"type":"item","item":{{"text":"{inner}"}}}}"#), 1),
        (format!(r#"[{{"aggregated_output":"{inner}"}},{{"text":"{inner}"}}]"#), 2),
        (format!(r#"{{"message":"{inner}"}}"#), 0),
        (format!(r#"{{"text":"{inner}""#), 0),
        (format!(r#"{{"text":"```\n{PROOF}\nan example\n```"}}"#), 0),
        (r#"{"text":7}"#.to_owned(), 0),
    ];
    for (line, count) in cases {
        assert_eq!(lines(&line).len(), count, "{line}");
    }
}

#[test]
fn keys_come_in_any_order_and_values_run_to_the_next_key() {
    let marker = "[wave-proof] note=x state=COMPLETE detail=all  good, see a.b proof=Unit durability=none completion=contract";
    let reading = read(marker);
    assert_eq!(
        reading.accepted.iter().map(super::Marker::line).collect::<Vec<_>>(),
        ["[wave-proof] completion=contract durability=none proof=unit state=met detail=all good, see a.b"]
    );
    let seen = &reading.diagnostics[&Kind::Proof];
    assert_eq!((seen.raw, seen.accepted, seen.normalized, seen.rejected), (1, 1, 1, 0));
    assert_eq!(seen.unknown_keys, ["note"]);
}

#[test]
fn a_key_inside_free_text_starts_a_new_key() {
    let reading =
        read("[wave-doc-delta] state=owned detail=set limit=5 in README paths=README.md, docs/a.md ,");
    let marker = reading.last(Kind::DocDelta).expect("accepted");
    assert_eq!(marker.value("detail"), Some("set"));
    assert_eq!(marker.list("paths"), ["README.md", "docs/a.md"]);
    assert_eq!(reading.diagnostics[&Kind::DocDelta].unknown_keys, ["limit"]);
}

#[test]
fn what_is_missing_or_unknown_is_rejected_with_a_reason() {
    let cases = [
        ("[wave-proof] completion=integrated durability=durable proof=unit", "`proof` needs `state`"),
        (
            "[wave-proof] completion=done durability=durable proof=unit state=met",
            "`completion` of `proof` cannot be `done`",
        ),
        ("[wave-proof] completion=<contract> durability=none proof=unit state=met", "cannot be `<contract>`"),
        (
            "[wave-component] component=a/b level=repo-landed state=met",
            "`component` of `component` cannot be `a/b`",
        ),
        ("[wave-component] component=a level= state=met", "needs `level`"),
        ("[wave-integration] state=ready-for-doc-closure claims=0 conflicts=0", "needs `blockers`"),
        (
            "[wave-gate] architecture=pass integration=pass durability=pass live=maybe docs=pass",
            "cannot be `maybe`",
        ),
        ("[wave-verdict] pass|concerns|blocked", "cannot be `pass|concerns|blocked`"),
    ];
    for (line, why) in cases {
        let reading = read(line);
        assert_eq!(reading.accepted, [], "{line}");
        let seen = reading.diagnostics.values().next().expect("seen");
        assert!(seen.rejected_samples[0].why.contains(why), "{}", seen.rejected_samples[0].why);
        assert_eq!(reading.rejected_kinds().len(), 1);
    }
}

#[test]
fn a_line_of_the_prompt_is_no_marker() {
    for kind in Kind::ALL {
        let template = kind.template();
        if template.contains('|') {
            assert_eq!(read(&template), Reading::default(), "{template}");
        }
    }
    let standing = "- emit one final marker:\n  `[wave-doc-closure] state=<closed|no-change|delta> paths=<paths> detail=<note>`";
    assert_eq!(read(standing), Reading::default());
}

#[test]
fn counts_that_are_no_numbers_are_zero() {
    let reading = read("[wave-security] state=concerns findings=two approvals=1 detail=x");
    let marker = reading.last(Kind::Security).expect("accepted");
    assert_eq!((marker.count("findings"), marker.count("approvals")), (Some(0), Some(1)));
}

#[test]
fn the_last_marker_wins_for_each_component_and_every_gap_stays() {
    let text = "[wave-component] component=b level=repo-landed state=gap\n\
                [wave-component] component=a level=repo-landed state=met\n\
                [wave-component] component=b level=repo-landed state=complete\n\
                [wave-component] component=c level=??? state=met\n\
                [wave-gap] kind=docs detail=one\n[wave-gap] kind=docs detail=one\n\
                [wave-verdict] blocked detail=early\n[wave-verdict] PASS detail=late\n";
    let reading = read(text);
    let components: Vec<_> = reading.components().iter().map(|marker| marker.line()).collect();
    assert_eq!(
        components,
        [
            "[wave-component] component=a level=repo-landed state=met",
            "[wave-component] component=b level=repo-landed state=met"
        ]
    );
    assert_eq!(reading.diagnostics[&Kind::Component].component_ids, ["a", "b", "c"]);
    assert_eq!(reading.gaps().len(), 2);
    let verdict = reading.last(Kind::Verdict).expect("accepted");
    assert_eq!((verdict.value("verdict"), verdict.value("detail")), (Some("pass"), Some("late")));
}

#[test]
fn a_verdict_fail_is_blocked_and_hold_stays() {
    assert_eq!(lines("[wave-verdict] fail detail=no"), ["[wave-verdict] blocked detail=no"]);
    assert_eq!(lines("[wave-verdict] Hold"), ["[wave-verdict] hold"]);
    assert_eq!(lines("[wave-phase] Coding now"), ["[wave-phase] coding"]);
}

#[test]
fn a_kind_with_an_accepted_line_is_not_rejected() {
    let reading = read(&format!("[wave-proof] completion=no\n{PROOF}"));
    assert_eq!(reading.rejected_kinds(), Vec::<String>::new());
    let seen = &reading.diagnostics[&Kind::Proof];
    assert_eq!((seen.raw, seen.accepted, seen.normalized, seen.rejected), (2, 1, 0, 1));
}

#[test]
fn at_most_three_rejected_lines_are_kept() {
    let seen = read(&"[wave-gap] kind=no\n".repeat(9)).diagnostics.remove(&Kind::Gap).expect("seen");
    assert_eq!((seen.rejected, seen.rejected_samples.len()), (9, 3));
}

#[test]
fn every_marker_that_is_printed_is_read_back() {
    let cases: [(Kind, &[(&str, &str)]); 9] = [
        (
            Kind::Proof,
            &[
                ("completion", "live"),
                ("durability", "none"),
                ("proof", "unit"),
                ("state", "gap"),
                ("detail", "a = b, c"),
            ],
        ),
        (Kind::DocDelta, &[("state", "shared-plan"), ("paths", "a.md, b.md")]),
        (Kind::Component, &[("state", "complete"), ("component", "A.b-c_1"), ("level", "repo-landed")]),
        (
            Kind::Integration,
            &[("state", "needs-more-work"), ("claims", "1"), ("conflicts", "2"), ("blockers", "3")],
        ),
        (
            Kind::Eval,
            &[
                ("state", "satisfied"),
                ("targets", "1"),
                ("benchmarks", "1"),
                ("regressions", "0"),
                ("target_ids", "A,B"),
            ],
        ),
        (
            Kind::Design,
            &[("state", "blocked"), ("decisions", "1"), ("assumptions", "0"), ("open_questions", "4")],
        ),
        (
            Kind::Gate,
            &[
                ("architecture", "pass"),
                ("integration", "gap"),
                ("durability", "pass"),
                ("live", "pass"),
                ("docs", "concerns"),
            ],
        ),
        (Kind::Verdict, &[("verdict", "concerns"), ("detail", "late")]),
        (Kind::DeployStatus, &[("service", "api"), ("state", "healthy")]),
    ];
    for (kind, values) in cases {
        let marker = canonical(kind, values).expect("can be printed");
        let reading = read(&marker.line());
        assert_eq!(reading.accepted, std::slice::from_ref(&marker));
        assert_eq!(reading.diagnostics[&kind].normalized, 0, "{}", marker.line());
    }
}

#[test]
fn what_would_be_read_as_something_else_is_not_printed() {
    let proof = [("completion", "live"), ("durability", "none"), ("proof", "unit"), ("state", "met")];
    let with = |extra: (&'static str, &'static str)| -> Result<_, MarkerError> {
        canonical(Kind::Proof, &[proof.as_slice(), &[extra]].concat())
    };
    assert!(matches!(with(("detail", "two\nlines")), Err(MarkerError::Ambiguous { .. })));
    assert!(matches!(with(("detail", "saw state=gap in logs")), Err(MarkerError::Ambiguous { .. })));
    assert!(matches!(with(("colour", "red")), Err(MarkerError::UnknownKey { .. })));
    assert!(matches!(with(("state", "done")), Err(MarkerError::NotAllowed { .. })));
    assert!(matches!(canonical(Kind::Proof, &proof[1..]), Err(MarkerError::Missing { .. })));
    let counts = [("state", "clear"), ("findings", "none"), ("approvals", "0")];
    assert!(matches!(canonical(Kind::Security, &counts), Err(MarkerError::NotAllowed { .. })));
}

#[test]
fn words_and_tags_lead_to_their_kind() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_word(kind.word()), Some(kind));
        assert_eq!(Kind::from_tag(&kind.tag().to_uppercase()), Some(kind));
    }
    assert_eq!(Kind::from_word("wave-proof"), None);
}

#[test]
fn coloured_markers_in_raw_terminal_output_are_found() {
    let raw = format!("\x1b[2K\r\x1b[32m\u{2022}\x1b[0m working\r\n\x1b[1m\x1b[35m{PROOF}\x1b[0m\r\n");
    assert_eq!(lines(&plain_text(raw.as_bytes())), [PROOF]);
}

#[test]
fn no_text_makes_reading_fail() {
    let odd = [
        "[",
        "[]",
        "[wave-",
        "[wave-]",
        "`",
        "``",
        "```",
        "1.",
        "- ",
        "[wave-proof]",
        "[wave-proof]=",
        "[wave-proof] = = =",
        "\u{e9}[wave-proof]",
        "[wav\u{e9}-",
        "{",
        "{}",
        "[[[[]]]]",
        "9999999999999999999. x",
    ];
    for text in odd {
        assert_eq!(read(text).accepted, [], "{text}");
    }
    assert_eq!(read(""), Reading::default());
    assert_eq!(read("[wave-proof] = = =").diagnostics[&Kind::Proof].rejected, 1);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\[wave-(proof|gap|eval)\\]|[`\\[\\]{}:\"=,. a-z\\n0-9\u{e9}-])*") {
        read(&text);
    }

    #[test]
    fn any_bytes_become_text_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        read(&plain_text(&bytes));
    }

    #[test]
    fn any_movements_become_text_without_a_panic(text in "(\\x1b\\[[0-9]{0,4}(;[0-9]{0,4})?[@A-HJ-MPSTXa-f]|[a-c\\r\\n\\t\\x08\u{301}\u{4e2d}]|\\x1b[DEMc]|\\x1b\\[\\?1049[hl])*") {
        plain_text(text.as_bytes());
    }
}
