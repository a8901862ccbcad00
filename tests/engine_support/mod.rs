//! Waves and results for the engine's tests, as short as they can be written.
#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod diary;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wavedeck::engine::brief::{AgentBrief, WaveBrief};
use wavedeck::engine::envelope::{
    ComponentClaim, DocDelta, Envelope, ImplementationSection, ProofClaim, ResultReading, Transport,
};
use wavedeck::engine::gate::currency::answers_for_matrix;
use wavedeck::engine::input::{Evidence, MatrixReading};
use wavedeck::engine::{AttemptKey, WaveKey};
use wavedeck::plan::matrix::Standing;
use wavedeck::plan::role::{Role, Stage};
use wavedeck::plan::runtime::{ResolvedExecutor, RuntimeId};
use wavedeck::plan::wave::{Completion, DocImpact, Durability, ExitContract, Proof};

pub(crate) fn wave_key(number: u32) -> WaveKey {
    WaveKey { lane: "main".into(), number }
}

pub(crate) fn attempt_key(wave: u32, agent: &str, number: u32) -> AttemptKey {
    AttemptKey { wave: wave_key(wave), agent: agent.into(), number }
}

/// An agent with the role that its first letters say: `A0` cont-QA, `A8` integration, `A9` documentation, `E` cont-eval,
/// `S` security, `D` design, `H` a design agent that also builds, all others build. Builders have a contract.
pub(crate) fn agent(wave: u32, id: &str) -> AgentBrief {
    let (role, stage) = match id {
        "A0" => (Role::ContQa, Stage::Closure),
        "A8" => (Role::Integration, Stage::Closure),
        "A9" => (Role::Documentation, Stage::Closure),
        _ if id.starts_with('E') => (Role::ContEval, Stage::Closure),
        _ if id.starts_with('S') => (Role::Security, Stage::Closure),
        _ if id.starts_with(['D', 'H']) => (Role::Design, Stage::Design),
        _ => (Role::Implementation, Stage::Implementation),
    };
    let builds = role == Role::Implementation || id.starts_with('H');
    AgentBrief {
        id: id.into(),
        title: format!("Task of {id}"),
        slug: format!("{wave}-{}", id.to_lowercase()),
        role,
        stage,
        builds_after_design: id.starts_with('H'),
        executor: ResolvedExecutor {
            id: RuntimeId("local".into()),
            selected_by: "lane-default".into(),
            model: None,
            budget_minutes: None,
            fallbacks: Vec::new(),
        },
        exit_contract: builds.then_some(ExitContract {
            completion: Completion::Integrated,
            durability: Durability::Durable,
            proof: Proof::Integration,
            doc_impact: DocImpact::Owned,
        }),
        deliverables: Vec::new(),
        proof_artifacts: Vec::new(),
        owned_paths: vec![format!("src/{id}/")],
        skills: Vec::new(),
        grants: Default::default(),
        fallback: Default::default(),
        context7: None,
        component_targets: BTreeMap::new(),
        prompt: format!("Do what {id} does."),
        fingerprint: format!("fingerprint of {id}"),
    }
}

pub(crate) fn brief(wave: u32, agents: &[&str]) -> WaveBrief {
    WaveBrief {
        number: wave,
        file: format!("docs/plans/waves/wave-{wave}.md"),
        title: format!("Wave {wave}"),
        agents: agents.iter().map(|id| agent(wave, id)).collect(),
        promotions: BTreeMap::new(),
        ceilings: BTreeMap::new(),
        eval_targets: Vec::new(),
    }
}

/// A result with which the agent's gate opens.
pub(crate) fn good_envelope(brief: &AgentBrief, key: &AttemptKey) -> Envelope {
    let section = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let sections = match brief.role {
        Role::Design => section("design", json!({ "state": "ready-for-implementation" })),
        Role::Integration => section("integration", json!({ "state": "ready-for-doc-closure" })),
        Role::Documentation => section("documentation", json!({ "docClosure": { "state": "no-change" } })),
        Role::ContQa => section("contQa", json!({ "verdict": { "verdict": "pass" } })),
        Role::ContEval => section("contEval", json!({ "state": "satisfied" })),
        Role::Security => section("security", json!({ "state": "clear", "findings": 0, "approvals": 0 })),
        Role::Implementation | Role::Infra | Role::Deploy | Role::Research => Map::new(),
    };
    let components = brief.component_targets.iter().map(|(component, level)| ComponentClaim {
        component_id: component.clone(),
        level: level.clone().unwrap_or_default(),
        state: "met".into(),
        detail: None,
    });
    let builds = sections.is_empty() || brief.builds_after_design;
    Envelope {
        schema_version: 2,
        agent_id: key.agent.clone(),
        wave_number: key.wave.number,
        attempt: key.number,
        proof: brief.exit_contract.as_ref().map(|contract| ProofClaim {
            state: "satisfied".into(),
            completion: Some(contract.completion.word().into()),
            durability: Some(contract.durability.word().into()),
            proof_level: Some(contract.proof.word().into()),
            detail: None,
        }),
        implementation: builds.then(|| ImplementationSection {
            doc_delta: brief.exit_contract.as_ref().map(|contract| DocDelta {
                state: contract.doc_impact.word().into(),
                paths: Vec::new(),
                detail: None,
            }),
            components: if brief.exit_contract.is_some() { components.collect() } else { Vec::new() },
        }),
        sections,
        ..Envelope::default()
    }
}

/// What the agent of an attempt leaves behind that did everything, and what the driver finds beside it.
pub(crate) fn good_evidence(wave: &WaveBrief, key: &AttemptKey) -> Evidence {
    let Some(brief) = wave.agents.iter().find(|agent| agent.id == key.agent) else {
        return Evidence::default();
    };
    let within = |component: &String| (component.clone(), Standing::Within { current: "inventoried".into() });
    let matrix = answers_for_matrix(wave, brief)
        .then(|| MatrixReading::Read { standings: wave.promotions.keys().map(within).collect() });
    Evidence {
        result: ResultReading::Present { transport: Transport::File, envelope: good_envelope(brief, key) },
        deliverables_present: brief.deliverables.clone(),
        proof_artifacts_present: brief.proof_artifacts.iter().map(|artifact| artifact.path.clone()).collect(),
        matrix,
        ..Evidence::default()
    }
}
