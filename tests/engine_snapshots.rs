//! Any state and any fact survives JSON, whatever texts people and agents write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod engine_support;

use engine_support::{agent, attempt_key, brief, wave_key};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Value, json};
use wavedeck::engine::envelope::{
    ComponentClaim, DocDelta, Envelope, ImplementationSection, ProofClaim, ResultReading, Transport,
};
use wavedeck::engine::fact::{Cause, EndReason, Fact, FailureClass, Outcome, Verdict, What};
use wavedeck::engine::fallback::{Fallback, PassedOver};
use wavedeck::engine::input::{Evidence, Exit, LaunchOptions, MatrixReading};
use wavedeck::engine::{AttemptKey, QuestionId, RunId, State, Time};
use wavedeck::plan::backlog::{Kind, Source, SourceKind, Task, TaskChange, TaskId};
use wavedeck::plan::document::{self, Ids};
use wavedeck::plan::edit::{Edit, Rewrite};
use wavedeck::plan::matrix::Standing;
use wavedeck::plan::runtime::RuntimeId;
use wavedeck::plan::slots::{Change, Edit as SlotEdit, Holder, Lock, Plan, Slot};

fn text() -> BoxedStrategy<String> {
    prop_oneof!["[a-z]{0,6}", "\\PC{0,12}", Just("\u{0}\n\"\\\u{1f600}".to_owned())].boxed()
}

fn time() -> BoxedStrategy<Time> {
    prop_oneof![0_u64..100, any::<u64>()].prop_map(Time).boxed()
}

fn key() -> BoxedStrategy<AttemptKey> {
    (0_u32..2, prop_oneof![Just("A1"), Just("A0")], 0_u32..4)
        .prop_map(|(wave, agent, number)| attempt_key(wave, agent, number))
        .boxed()
}

fn run() -> BoxedStrategy<RunId> {
    (0_u64..3).prop_map(RunId).boxed()
}

fn question() -> BoxedStrategy<QuestionId> {
    (0_u64..4).prop_map(QuestionId).boxed()
}

fn sections() -> BoxedStrategy<serde_json::Map<String, Value>> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(|number| json!({ "findings": number, "list": [number, true, null] })),
        any::<u64>().prop_map(|number| json!({ "verdict": { "verdict": number } })),
        text().prop_map(|text| json!({ "state": text, "deeper": { "detail": [text] } })),
    ];
    let name = prop_oneof![Just("design".to_owned()), Just("contQa".to_owned()), "x[a-z]{1,5}"];
    vec((name, value), 0..3).prop_map(|entries| entries.into_iter().collect()).boxed()
}

fn envelope() -> BoxedStrategy<Envelope> {
    let proof = (text(), option::of(text())).prop_map(|(state, completion)| ProofClaim {
        state,
        completion,
        durability: None,
        proof_level: Some("unit".into()),
        detail: None,
    });
    let delta =
        (text(), vec(text(), 0..2)).prop_map(|(state, paths)| DocDelta { state, paths, detail: None });
    let claim = (text(), text(), option::of(text())).prop_map(|(component_id, level, detail)| {
        ComponentClaim { component_id, level, state: "met".into(), detail }
    });
    let implementation = (option::of(delta), vec(claim, 0..2))
        .prop_map(|(doc_delta, components)| ImplementationSection { doc_delta, components });
    (
        text(),
        any::<u32>(),
        any::<i32>(),
        option::of(text()),
        option::of(proof),
        option::of(implementation),
        sections(),
    )
        .prop_map(|(agent_id, attempt, exit_code, role, proof, implementation, sections)| Envelope {
            schema_version: 2,
            agent_id,
            wave_number: attempt / 2,
            attempt,
            completed_at: role.clone(),
            exit_code,
            role,
            proof,
            implementation,
            sections,
        })
        .boxed()
}

fn evidence() -> BoxedStrategy<Evidence> {
    let transport = || prop_oneof![Just(Transport::Tool), Just(Transport::File), Just(Transport::Markers)];
    let result = prop_oneof![
        Just(ResultReading::Absent),
        (transport(), envelope())
            .prop_map(|(transport, envelope)| ResultReading::Present { transport, envelope }),
        (transport(), vec(text(), 0..2), vec(text(), 0..2), option::of(envelope())).prop_map(
            |(transport, errors, rejected_markers, partial)| ResultReading::Malformed {
                transport,
                errors,
                rejected_markers,
                partial
            }
        ),
    ];
    let standing = prop_oneof![
        Just(Standing::Unknown),
        text().prop_map(|current| Standing::Within { current }),
        text().prop_map(|current| Standing::Beyond { current }),
    ];
    let matrix = prop_oneof![
        text().prop_map(|why| MatrixReading::Unreadable { why }),
        btree_map(text(), standing, 0..2).prop_map(|standings| MatrixReading::Read { standings }),
    ];
    (result, vec(text(), 0..2), vec(text(), 0..2), vec(text(), 0..2), any::<bool>(), option::of(matrix))
        .prop_map(|(result, deliverables_present, proof_artifacts_present, unseen, rate_limited, matrix)| {
            Evidence { result, deliverables_present, proof_artifacts_present, unseen, rate_limited, matrix }
        })
        .boxed()
}

fn verdict() -> BoxedStrategy<Verdict> {
    prop_oneof![
        Just(Verdict::Passed),
        (text(), text()).prop_map(|(code, detail)| Verdict::Failed {
            code,
            class: FailureClass::Artifact,
            detail
        }),
        time().prop_map(|until| Verdict::RateLimited { until }),
        text().prop_map(|detail| Verdict::Lost { detail }),
    ]
    .boxed()
}

fn exit() -> BoxedStrategy<Exit> {
    prop_oneof![
        any::<i32>().prop_map(|code| Exit::Code { code }),
        any::<i32>().prop_map(|signal| Exit::Signal { signal }),
    ]
    .boxed()
}

fn wave_fact() -> BoxedStrategy<What> {
    let wave = || (0_u32..2).prop_map(wave_key);
    prop_oneof![
        (run(), vec(0_u32..3, 0..3), option::of(text()), any::<u64>()).prop_map(
            |(run, waves, executor, timeout_ms)| What::RunStarted {
                run,
                lane: "main".into(),
                waves,
                options: LaunchOptions {
                    executor: executor.map(RuntimeId),
                    timeout_ms,
                    ..LaunchOptions::default()
                },
            }
        ),
        (wave(), run(), text(), option::of(text())).prop_map(|(wave, run, prompt, level)| {
            let mut brief = brief(wave.number, &["A0"]);
            let mut builder = agent(wave.number, "A1");
            builder.prompt = prompt.clone();
            builder.component_targets.insert(prompt, level);
            brief.agents.insert(0, builder);
            What::WaveStarted { wave, run, brief }
        }),
        (wave(), run(), vec(text(), 0..3)).prop_map(|(wave, run, reasons)| What::WaveRefused {
            wave,
            run,
            reasons
        }),
        wave().prop_map(|wave| What::WaveClosed { wave }),
        (wave(), vec((text(), text()), 0..3))
            .prop_map(|(wave, failures)| What::WaveFailed { wave, failures }),
        run().prop_map(|run| What::RunEnded { run, outcome: Outcome::Blocked }),
        (wave(), key()).prop_map(|(wave, attempt)| What::AgentReused { wave, attempt }),
    ]
    .boxed()
}

fn attempt_fact() -> BoxedStrategy<What> {
    prop_oneof![
        (key(), text(), any::<u64>()).prop_map(|(attempt, runtime, budget_ms)| What::AttemptScheduled {
            attempt,
            cause: Cause::RateLimit,
            fallback: Some(Fallback {
                from: runtime.clone(),
                reason: "retry:exit-1".into(),
                allowed_by: runtime.clone(),
                passed_over: vec![PassedOver { runtime: runtime.clone(), why: runtime.clone() }],
            }),
            fingerprint: runtime.clone(),
            runtime,
            budget_ms,
        }),
        (key(), any::<u32>()).prop_map(|(attempt, pid)| What::SessionStarted { attempt, pid }),
        (key(), envelope())
            .prop_map(|(attempt, envelope)| What::ResultSubmitted { attempt, envelope: Box::new(envelope) }),
        (key(), text())
            .prop_map(|(attempt, by)| What::AttemptEnding { attempt, why: EndReason::Cancelled { by } }),
        (key(), option::of(exit()), option::of(evidence().prop_map(Box::new)), verdict()).prop_map(
            |(attempt, exit, evidence, verdict)| What::AttemptEnded { attempt, exit, evidence, verdict }
        ),
    ]
    .boxed()
}

fn task_id() -> BoxedStrategy<TaskId> {
    (0..6_u32).prop_map(|number| TaskId::from(format!("T{number}"))).boxed()
}

fn task() -> BoxedStrategy<Task> {
    (task_id(), text(), option::of(task_id()), vec(task_id(), 0..3))
        .prop_map(|(id, title, parent, depends)| Task { parent, depends, ..Task::new(id, Kind::Task, title) })
        .boxed()
}

fn slots_change() -> impl Strategy<Value = Change> {
    let slug = || select(vec!["a".to_owned(), "b".to_owned()]);
    let task = || (1..4_u32).prop_map(|number| TaskId::from(format!("T{number}")));
    let holder = prop_oneof![task().prop_map(Holder::Task), (0..3_u32).prop_map(Holder::Wave)];
    let lock = (text(), time()).prop_map(|(by, at)| Lock { by, at_ms: at.0 });
    let edit = prop_oneof![
        (task(), 0..3_u32).prop_map(|(task, wave)| SlotEdit::Assign {
            slot: Slot::of(task),
            wave,
            index: Some(0)
        }),
        (task(), 0..3_u32).prop_map(|(task, wave)| SlotEdit::Move { task, wave, index: None }),
        (holder, lock).prop_map(|(of, lock)| SlotEdit::Lock { of, lock }),
    ];
    prop_oneof![
        (slug(), 0..3_u32, task())
            .prop_map(|(slug, wave, task)| Change::Save { slug, plan: Plan::of([(wave, vec![task])]) }),
        (slug(), vec(edit, 0..3))
            .prop_map(|(slug, edits)| Change::Edit { slug, edit: SlotEdit::All { edits } }),
        (slug(), slug()).prop_map(|(from, to)| Change::Rename { from, to }),
        slug().prop_map(|slug| Change::Delete { slug }),
        option::of(slug()).prop_map(|slug| Change::Activate { slug }),
    ]
}

fn other_fact() -> BoxedStrategy<What> {
    let edit = || Edit::MoveAgent { agent: "A1".into(), from: 0, to: 1 };
    let rewrite = (text(), text(), text()).prop_map(|(path, before, after)| Rewrite { path, before, after });
    prop_oneof![
        (question(), key(), text(), vec(text(), 0..3)).prop_map(|(question, attempt, text, options)| {
            What::QuestionAsked { question, attempt, text, options }
        }),
        (question(), text(), text()).prop_map(|(question, text, by)| What::QuestionAnswered {
            question,
            text,
            by
        }),
        (question(), text()).prop_map(|(question, why)| What::QuestionWithdrawn { question, why }),
        (vec(rewrite, 0..2), text()).prop_map(move |(rewrites, by)| What::PlanEdited {
            edit: edit(),
            rewrites,
            by
        }),
        text().prop_map(|by| What::PlanUndone { by }),
        text().prop_map(|by| What::PlanRedone { by }),
        (vec(task(), 0..4), vec(task_id(), 0..2), text()).prop_map(|(upserts, removals, by)| {
            let source = Source { kind: SourceKind::Tasks, path: "/p/tasks.json".into(), follow: false };
            What::BacklogImported { source, upserts, removals, by }
        }),
        (task(), text()).prop_map(|(task, by)| What::TaskAdded { task: Box::new(task), by }),
        (task_id(), option::of(text()), text()).prop_map(|(task, track, by)| {
            What::TaskChanged { task, changes: vec![TaskChange::Track { track }], by }
        }),
        (slots_change(), text()).prop_map(|(change, by)| What::SlotsChanged { change, by }),
        text().prop_map(|by| What::SlotsUndone { by }),
        text().prop_map(|by| What::SlotsRedone { by }),
        "(T[1-3]|Wave [1-3]|[-#,: \n]){0,20}".prop_map(|text| What::DocumentRead {
            path: "PLAN.md".into(),
            reading: Some(Box::new(document::Reading {
                mentions: Vec::new(),
                ..document::read(&text, &Ids::of([]))
            })),
        }),
        Just(What::DocumentRead { path: "PLAN.md".into(), reading: None }),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Facts in any order, also such as no engine ever says: applying them never panics, and both they and the state
    /// that they make come back from JSON as they were.
    #[test]
    fn states_and_facts_survive_json(
        whats in vec((time(), prop_oneof![wave_fact(), attempt_fact(), other_fact()]), 0..40)
    ) {
        let mut state = State::default();
        for (at, what) in whats {
            let fact = Fact { at, what };
            let written = serde_json::to_string(&fact).unwrap();
            assert_eq!(serde_json::from_str::<Fact>(&written).unwrap(), fact);
            state.apply(&fact);
            let _ = (state.next_deadline(), state.pending_effects(), state.edit_to_undo(), state.edit_to_redo());
        }
        let written = serde_json::to_string(&state).unwrap();
        assert!(serde_json::from_str::<State>(&written).unwrap() == state, "{written}");
    }
}
