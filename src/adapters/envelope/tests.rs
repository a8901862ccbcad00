use serde_json::{Value, json};

use super::{Sources, read_bytes, read_json, read_result};
use crate::engine::envelope::{Envelope, ResultReading, Transport};
use crate::engine::{AttemptKey, WaveKey};

fn attempt() -> AttemptKey {
    AttemptKey { wave: WaveKey { lane: "main".into(), number: 3 }, agent: "A1".into(), number: 2 }
}

fn good() -> Value {
    json!({
        "schemaVersion": 2, "agentId": "A1", "waveNumber": 3, "attempt": 2, "exitCode": 0, "role": "implementation",
        "completedAt": "2026-01-01T00:00:00Z",
        "proof": { "state": "met", "completion": "Integrated", "durability": "durable", "proofLevel": "unit", "detail": null },
        "implementation": {
            "docDelta": { "state": "owned", "paths": ["README.md"] },
            "components": [{ "componentId": "cache", "level": "repo-landed", "state": "complete" }]
        },
        "riskNotes": ["kept as it came"]
    })
}

/// The good envelope with one value replaced (`null` at a missing place adds it).
fn with(pointer: &str, value: Value) -> Value {
    let mut envelope = good();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let fields = envelope.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    fields.insert(name.to_owned(), value);
    envelope
}

fn without(name: &str) -> Value {
    let mut envelope = good();
    envelope.as_object_mut().expect("an object").remove(name);
    envelope
}

fn errors(value: &Value) -> Vec<String> {
    read_json(value, &attempt()).expect_err("must not be accepted").errors
}

#[test]
fn a_good_envelope_is_read_and_words_become_canonical() {
    let envelope = read_json(&good(), &attempt()).expect("accepted");
    let proof = envelope.proof.as_ref().expect("proof");
    assert_eq!((proof.state.as_str(), proof.completion.as_deref()), ("satisfied", Some("integrated")));
    let implementation = envelope.implementation.as_ref().expect("implementation");
    assert_eq!(implementation.components[0].state, "met");
    assert_eq!(envelope.sections["riskNotes"], json!(["kept as it came"]));
    let again = serde_json::to_value(&envelope).expect("can be written");
    assert_eq!(read_json(&again, &attempt()).expect("what is written is read"), envelope);
}

#[test]
fn wave_attempt_and_exit_code_may_be_left_out() {
    let mut value = good();
    for name in ["waveNumber", "attempt", "exitCode", "completedAt", "role"] {
        value.as_object_mut().expect("an object").remove(name);
    }
    let envelope = read_json(&value, &attempt()).expect("accepted");
    assert_eq!((envelope.wave_number, envelope.attempt, envelope.exit_code), (3, 2, 0));
    assert_eq!(envelope.role.as_deref(), Some("implementation"));
}

#[test]
fn every_error_has_a_sentence() {
    let cases = [
        (json!([]), "must be an object and is a list"),
        (with("/schemaVersion", json!(1)), "`schemaVersion` must be 2 and is 1"),
        (without("schemaVersion"), "`schemaVersion` is missing"),
        (with("/agentId", json!("A2")), "`agentId` must be \"A1\" and is \"A2\""),
        (without("agentId"), "`agentId` is missing"),
        (with("/waveNumber", json!(4)), "`waveNumber` must be 3 and is 4"),
        (with("/attempt", json!("2")), "`attempt` must be 2 and is \"2\""),
        (with("/exitCode", json!(1.5)), "`exitCode` must be a whole number"),
        (with("/completedAt", json!(7)), "`completedAt` must be a text"),
        (with("/role", json!("integration")), "`integration` is missing; the role integration needs it"),
        (with("/implementation", json!("done")), "`implementation` must be an object and is a text"),
        (without("proof"), "`proof` is missing"),
        (with("/proof", json!("met")), "`proof` must be an object and is a text"),
        (with("/proof/state", json!("done")), "`proof.state` is \"done\""),
        (with("/proof/completion", json!("all")), "`proof.completion` is \"all\"; it may be contract"),
        (with("/proof/proofLevel", json!(3)), "`proof.proofLevel` is 3"),
        (with("/proof/detail", json!({})), "`proof.detail` must be a text and is an object"),
        (with("/implementation/docDelta", json!([])), "`implementation.docDelta` must be an object"),
        (
            with("/implementation/docDelta/state", json!("some")),
            "`implementation.docDelta.state` is \"some\"",
        ),
        (with("/implementation/docDelta/state", Value::Null), "`implementation.docDelta.state`"),
        (
            with("/implementation/docDelta/paths", json!("a")),
            "`implementation.docDelta.paths` must be a list",
        ),
        (with("/implementation/components", json!({})), "`implementation.components` must be a list"),
        (with("/implementation/components", json!([1])), "`implementation.components[0]` must be an object"),
        (
            with(
                "/implementation/components",
                json!([{ "componentId": "a", "level": "x", "state": "done" }]),
            ),
            "`implementation.components[0].state` is \"done\"",
        ),
        (
            with("/implementation/components", json!([{ "level": "x", "state": "met" }])),
            "`implementation.components[0].componentId` is missing",
        ),
    ];
    for (value, sentence) in cases {
        let errors = errors(&value);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains(sentence), "{errors:?} should say {sentence}");
    }
}

#[test]
fn all_errors_are_listed_at_once_and_the_rest_is_kept() {
    let invalid = read_json(
        &json!({
            "schemaVersion": 1, "agentId": "A9", "proof": { "state": "perhaps" },
            "implementation": { "components": [{ "componentId": "a", "level": "x", "state": "met" }, 7] }
        }),
        &attempt(),
    )
    .expect_err("must not be accepted");
    assert_eq!(invalid.errors.len(), 4, "{:?}", invalid.errors);
    let partial = invalid.partial.expect("something could be read");
    assert_eq!(partial.implementation.expect("implementation").components.len(), 1);
    assert_eq!(partial.proof, None);
}

#[test]
fn a_role_is_inferred_from_the_sections_in_order() {
    let proof = json!({ "state": "not_applicable" });
    let cases = [
        (json!({ "integration": {}, "design": {}, "implementation": {} }), "integration"),
        (json!({ "design": {}, "documentation": {} }), "design"),
        (json!({ "documentation": {}, "contEval": {} }), "documentation"),
        (json!({ "contEval": {}, "security": {} }), "cont-eval"),
        (json!({ "security": {}, "contQa": {} }), "security"),
        (json!({ "contQa": {}, "deploy": {} }), "cont-qa"),
        (json!({ "deploy": {}, "implementation": {} }), "deploy"),
        (json!({ "implementation": {} }), "implementation"),
        (json!({ "role": "wizard", "design": {} }), "design"),
        (json!({ "role": "security", "design": {}, "security": {} }), "security"),
    ];
    for (mut value, role) in cases {
        let fields = value.as_object_mut().expect("an object");
        fields.extend([
            ("schemaVersion".to_owned(), json!(2)),
            ("agentId".to_owned(), json!("A1")),
            ("proof".to_owned(), proof.clone()),
        ]);
        assert_eq!(read_json(&value, &attempt()).expect("accepted").role.as_deref(), Some(role), "{value}");
    }
    let none = errors(&json!({ "schemaVersion": 2, "agentId": "A1" }));
    assert!(none[0].contains("`role` is missing"), "{none:?}");
}

#[test]
fn bytes_that_are_no_json_say_where() {
    let error =
        |bytes: &[u8]| read_bytes(bytes, &attempt()).expect_err("must not be accepted").errors.remove(0);
    assert!(error(b"{\"a\": }").contains("line 1 column 7"));
    assert!(error(b"{\"a\": \"\xff\"}").contains("offset 7"));
    assert!(error(&vec![b' '; super::ENVELOPE_BYTES_MAX + 1]).contains("the most that is read"));
    assert!(error(b"").contains("not JSON"));
    let with_mark = [b"\xef\xbb\xbf".as_slice(), good().to_string().as_bytes()].concat();
    read_bytes(&with_mark, &attempt()).expect("a byte order mark harms nobody");
}

fn result(submitted: Option<&Envelope>, file: Option<&[u8]>, output: &str) -> ResultReading {
    read_result(&attempt(), &Sources { submitted, file, output, exit_code: 3 })
}

const PROOF: &str = "[wave-proof] completion=live durability=none proof=unit state=gap detail=half";

#[test]
fn the_most_trusted_source_decides() {
    let envelope = read_json(&good(), &attempt()).expect("accepted");
    let file = good().to_string();
    let transport = |reading: &ResultReading| match reading {
        ResultReading::Present { transport, .. } | ResultReading::Malformed { transport, .. } => {
            Some(*transport)
        }
        ResultReading::Absent => None,
    };
    assert_eq!(transport(&result(Some(&envelope), Some(b"{}"), PROOF)), Some(Transport::Tool));
    assert_eq!(transport(&result(None, Some(file.as_bytes()), PROOF)), Some(Transport::File));
    assert_eq!(transport(&result(None, None, PROOF)), Some(Transport::Markers));
    assert_eq!(transport(&result(None, Some(b" \n"), PROOF)), Some(Transport::Markers));
    assert_eq!(result(None, None, "nothing said"), ResultReading::Absent);
    assert_eq!(result(None, None, "[wave-phase] coding"), ResultReading::Absent);
}

#[test]
fn a_broken_file_is_malformed_and_no_marker_hides_it() {
    let ResultReading::Malformed { transport, errors, partial, .. } =
        result(None, Some(b"{ not json"), PROOF)
    else {
        panic!("a broken file is malformed")
    };
    assert_eq!((transport, errors.len(), partial), (Transport::File, 1, None));
}

#[test]
fn markers_become_an_envelope_and_nothing_is_added() {
    let output = format!(
        "{PROOF}\n[wave-component] component=a level=x state=met\n[wave-gap] kind=ops detail=no alert"
    );
    let ResultReading::Present { envelope, .. } = result(None, None, &output) else { panic!("present") };
    assert_eq!(
        serde_json::to_value(&envelope).expect("can be written"),
        json!({
            "schemaVersion": 2, "agentId": "A1", "waveNumber": 3, "attempt": 2, "completedAt": null, "exitCode": 3,
            "role": "implementation",
            "proof": { "state": "partial", "completion": "live", "durability": "none", "proofLevel": "unit", "detail": "half" },
            "implementation": { "docDelta": null, "components": [
                { "componentId": "a", "level": "x", "state": "met", "detail": null }
            ]},
            "gaps": [{ "kind": "ops", "detail": "no alert" }]
        })
    );
}

#[test]
fn each_steward_has_its_section() {
    let cases = [
        (
            "[wave-gate] architecture=pass integration=pass durability=gap live=pass docs=pass\n[wave-verdict] pass",
            "cont-qa",
            "/contQa/verdict/verdict",
            json!("pass"),
        ),
        (
            "[wave-integration] state=ready-for-doc-closure claims=1 conflicts=0 blockers=0",
            "integration",
            "/integration/claims",
            json!(1),
        ),
        (
            "[wave-doc-closure] state=no-change paths=a.md,b.md",
            "documentation",
            "/documentation/docClosure/paths/1",
            json!("b.md"),
        ),
        (
            "[wave-eval] state=satisfied targets=1 benchmarks=1 regressions=0 target_ids=T1",
            "cont-eval",
            "/contEval/targetIds/0",
            json!("t1"),
        ),
        ("[wave-security] state=clear findings=0 approvals=0", "security", "/security/findings", json!(0)),
        (
            "[wave-design] state=ready-for-implementation decisions=2 assumptions=1 open_questions=0",
            "design",
            "/design/openQuestions",
            json!(0),
        ),
        ("[deploy-status] service=api state=healthy", "deploy", "/deploy/state", json!("healthy")),
    ];
    for (output, role, pointer, expected) in cases {
        let ResultReading::Present { envelope, .. } = result(None, None, output) else { panic!("{output}") };
        assert_eq!(envelope.role.as_deref(), Some(role), "{output}");
        assert_eq!(envelope.proof, None);
        let value = serde_json::to_value(&envelope).expect("can be written");
        assert_eq!(value.pointer(pointer), Some(&expected), "{value}");
    }
}

#[test]
fn markers_that_were_all_rejected_are_malformed_and_named() {
    let output = "[wave-proof] completion=all state=met\n[wave-doc-delta] state=none\n";
    let ResultReading::Malformed { transport, errors, rejected_markers, partial } =
        result(None, None, output)
    else {
        panic!("malformed")
    };
    assert_eq!((transport, rejected_markers), (Transport::Markers, vec!["proof".to_owned()]));
    assert!(errors[0].contains("in the line: [wave-proof] completion=all state=met"), "{errors:?}");
    let partial = partial.expect("the doc-delta could be read");
    assert_eq!(partial.proof, None);
    assert!(partial.implementation.expect("implementation").doc_delta.is_some());
}
