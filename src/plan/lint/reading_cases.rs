//! Every rule that is looked at where files are read, with sources that break it, the line where that is found, and the same
//! sources mended. Together with the cases of the table, each rule about waves has one.

use std::collections::BTreeSet;

use super::super::fixtures::{MINIMAL, minimal, wave_file};
use super::super::matrix::{Matrix, twin};
use super::super::project::{SourceFile, Sources};
use super::RULES;
use super::cases::{Case, agent, change, lines, matrix, wave};
use super::catalogue::catalogue;

const A1: &str = "## Agent A1: Eviction";
const COMPONENTS: &str = "### Components\n\n- artifact-cache\n";
const EXECUTOR: &str = "- profile: implement-fast\n";
const WORK: &str = "Add size-bounded eviction.\n";
const PROMPT: &str = "### Prompt\n\n```text\nAdd size-bounded eviction.\n";

/// Structure and values: what the parser itself cannot take.
fn parsing() -> Vec<Case> {
    let cases: Vec<(&'static str, Sources, &'static [&'static str])> = vec![
        ("P01", with_file("docs/plans/waves/wave-012.md"), &["# Wave 12 - Cache eviction"]),
        ("P02", wave(A1, "## Agent A1 Eviction"), &["## Agent A1 Eviction"]),
        ("P03", wave(PROMPT, "### Promt\n\n```text\nAdd it.\n"), &[A1]),
        ("P04", wave(PROMPT, "### Prompt\n\n````text\nAdd it.\n"), &["````text"]),
        ("P05", wave(COMPONENTS, "### Components\n\nartifact-cache\n"), &["artifact-cache"]),
        ("P06", wave(COMPONENTS, "### Components\n\n- Artifact-cache\n"), &["- Artifact-cache"]),
        ("P07", wave(COMPONENTS, &format!("{COMPONENTS}- artifact-cache\n")), &["- artifact-cache"]),
        ("P08", wave("- src/cache/evict.rs", "- ../evict.rs"), &["- ../evict.rs"]),
        ("P09", wave("- src/cache/evict.rs", "- src/evict.rs"), &["- src/evict.rs"]),
        ("P10", wave(EXECUTOR, "- profil: implement-fast\n"), &["- profil: implement-fast"]),
        ("P11", wave("- budget.minutes: 30", "- budget.minutes: soon"), &["- budget.minutes: soon"]),
        ("P12", wave(EXECUTOR, "- profile: nobody\n"), &["- profile: nobody"]),
        (
            "P13",
            wave("- docs/agents/wave-cont-qa-role.md", "- docs/agents/nobody.md"),
            &["- docs/agents/nobody.md"],
        ),
        ("P14", without_standing_prompt(), &["- docs/agents/wave-cont-qa-role.md"]),
        (
            "P15",
            wave(
                "### Prompt\n\n```text\nAdd",
                "### Proof artifacts\n\n- kind: log | path: src/cache/p.json\n- kind: log | required-for: pilot-live\n\n\
                 ### Prompt\n\n```text\nAdd",
            ),
            &["- kind: log | required-for: pilot-live"],
        ),
    ];
    let mended = |(rule, broken, lines)| -> Case { (rule, broken, lines, minimal(MINIMAL)) };
    cases.into_iter().map(mended).collect()
}

fn without_standing_prompt() -> Sources {
    let mut sources = minimal(MINIMAL);
    let path = "docs/agents/wave-cont-qa-role.md".to_string();
    sources.documents.insert(path, "# Role\n".to_string());
    sources
}

/// What reads well and was hardly meant so.
fn warnings() -> Vec<Case> {
    let sound = || minimal(MINIMAL);
    vec![
        ("W01", wave("### Deliverables", "### Deliverable"), &["### Deliverable"], sound()),
        ("W02", wave("- proof: unit\n", "- proof: unit\n- prof: live\n"), &["- prof: live"], sound()),
        ("W03", wave(PROMPT, &format!("{COMPONENTS}\n{PROMPT}")), &["### Components"], sound()),
        ("W04", wave(EXECUTOR, &format!("{EXECUTOR}{EXECUTOR}")), &["- profile: implement-fast"], sound()),
        (
            "W05",
            wave("# Wave 12 - Cache eviction\n\n", ""),
            &["**Commit message**: `Feat: bound the artifact cache`"],
            sound(),
        ),
        ("W05", wave("# Wave 12 - ", "# Wave 13 - "), &["# Wave 13 - Cache eviction"], sound()),
        ("W05", wave("## Agent A8: Integration Steward", "## Agent A8:"), &["## Agent A8:"], sound()),
        ("W06", agent("A1.", "Other", "", "src/other.rs"), &[A1], agent("A2", "Other", "", "src/other.rs")),
        (
            "W07",
            wave(WORK, "Add it: caf\u{fffd}.\n"),
            &["Add it: caf\u{fffd}."],
            wave(WORK, "Add it: café.\n"),
        ),
        ("W08", queried(QUERY), &[QUERY], queried("- query: word")),
        // The prompt that the predecessor cuts at the first sample in it.
        (
            "W10",
            wave(WORK, "Add it:\n```js\nevict();\n```\nThen stop.\n"),
            &["```js"],
            wave(WORK, "Add it:\n    evict();\nThen stop.\n"),
        ),
        // It does not see the heading, so nobody owns what is owed.
        (
            "W11",
            wave(PROMPT, &PROMPT.replace("### Prompt\n", "### Prompt \n")),
            &["- src/cache/evict.rs"],
            sound(),
        ),
        ("W14", with_wave(14), &["# Wave 14 - Later"], with_wave(13)),
        (
            "W30",
            wave("## Context7 defaults\n", "## Project profile\n\n- lane: other\n\n## Context7 defaults\n"),
            &["- lane: other"],
            wave("## Context7 defaults\n", "## Project profile\n\n- lane: main\n\n## Context7 defaults\n"),
        ),
        ("W16", unreachable_skill(), &["        \"role-design\""], sound()),
        ("W24", with_spec("[]"), &OF_AN_EMPTY_SPEC, sound()),
        (
            "W31",
            with_twin(|text| {
                text.replacen("| `artifact-cache` | `inventoried`", "| `artifact-cache` | `pilot-live`", 1)
            }),
            &["| `artifact-cache` | `pilot-live` |  |"],
            with_twin(str::to_string),
        ),
        ("W33", matrix(PROMOTION, &format!("{PROMOTION}, {PROMOTION}")), &[TWICE], sound()),
    ]
}

/// Where a spec that says nothing differs from the minimal wave: title and commit message are both told at the title.
const OF_AN_EMPTY_SPEC: [&str; 8] = [
    "# Wave 12 - Cache eviction",
    "# Wave 12 - Cache eviction",
    "## Component promotions",
    "## Context7 defaults",
    "## Agent A0: cont-QA",
    "## Agent A8: Integration Steward",
    "## Agent A9: Documentation Steward",
    A1,
];
const PROMOTION: &str = "{\"wave\": 12, \"target\": \"repo-landed\"}";
const TWICE: &str = "      \"promotions\": [{\"wave\": 12, \"target\": \"repo-landed\"}, {\"wave\": 12, \"target\": \"repo-landed\"}]";
/// One word more than a query may have characters for.
const QUERY: &str = "- query: 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678 12345678";

fn queried(query: &str) -> Sources {
    wave(&format!("- bundle: none\n\n{COMPONENTS}"), &format!("- bundle: none\n{query}\n\n{COMPONENTS}"))
}

/// A skill of the configuration for a role in which it is never active.
fn unreachable_skill() -> Sources {
    let mut sources = minimal(MINIMAL);
    let skill = sources.skills.get_mut("role-design").unwrap();
    change(skill.manifest.as_mut().unwrap(), "\"design\"", "\"infra\"");
    sources
}

fn with_spec(agents: &str) -> Sources {
    let mut sources = minimal(MINIMAL);
    let path = "docs/plans/waves/specs/wave-12.json".to_string();
    sources.specs.insert(path, format!("{{\"wave\": 12, \"agents\": {agents}}}"));
    sources
}

/// With the twin of the matrix, changed so.
fn with_twin(changed: impl Fn(&str) -> String) -> Sources {
    let path = "docs/plans/component-cutover-matrix.md".to_string();
    let sources = minimal(MINIMAL);
    let matrix = Matrix::read("", &sources.matrix.as_ref().unwrap().text).0.unwrap();
    let text = changed(&twin::render(&matrix, None));
    Sources { matrix_document: Some(SourceFile { path, text }), ..sources }
}

/// The minimal wave twice, the second time in this file.
fn with_file(path: &str) -> Sources {
    let mut sources = minimal(MINIMAL);
    sources.waves.push(SourceFile { path: path.to_string(), text: MINIMAL.to_string() });
    sources
}

/// The minimal wave, and another one with that number.
fn with_wave(number: u32) -> Sources {
    let mut sources = minimal(MINIMAL);
    let text = MINIMAL.replacen("# Wave 12 - Cache eviction", &format!("# Wave {number} - Later"), 1);
    sources.waves.push(wave_file(number, &text));
    sources
}

#[test]
fn every_rule_of_the_readers_finds_its_fault_at_its_line_and_nothing_where_it_is_mended() {
    let mut tried: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    for (rule, broken, expected, mended) in parsing().into_iter().chain(warnings()) {
        assert_eq!(lines(rule, &broken), expected, "{rule}");
        assert_eq!(lines(rule, &mended), Vec::<String>::new(), "{rule} mended");
        tried.insert(rule);
    }
    // Those of files that are no waves have their cases where those files are read.
    let of_waves = |id: &str| id.starts_with(['P', 'V', 'W']) && id != "W32";
    let untried: Vec<&str> =
        catalogue().iter().map(|entry| entry.id).filter(|id| of_waves(id) && !tried.contains(id)).collect();
    assert_eq!(untried, Vec::<&str>::new());
}
