//! Questions about one worker, and the agent that comes of the answers.

use super::super::config::profile::{Environment, Posture};
use super::super::wave::ownership::covers;
use super::super::wave::{Completion, Context7, DocImpact, Durability, ExitContract, Proof, ProofArtifact};
use super::field::Walk;
use super::ground::{Ground, is_live};
use super::spec::{CatalogEntry, SpecAgent};
use super::stewards::profile;
use super::template::{Template, WORKER_KINDS, WorkerKind, worker_kind};

/// What is known of the wave when its workers are asked about.
pub(super) struct Around<'a> {
    /// What the draft stands on.
    pub(super) ground: &'a Ground<'a>,
    /// Its template.
    pub(super) template: &'a Template,
    /// Its posture.
    pub(super) posture: Posture,
    /// What it promotes.
    pub(super) catalog: &'a [CatalogEntry],
    /// Its Context7 bundle.
    pub(super) bundle: &'a str,
}

/// Asks about worker `number`, from 1, whose id is not among `taken`.
pub(super) fn worker(walk: &mut Walk<'_>, around: &Around<'_>, number: usize, taken: &[String]) -> SpecAgent {
    let Around { ground, template, .. } = around;
    let id = walk.text("id", "Id", &free_id(taken));
    let title = walk.text("title", "Title", &format!("{} {number}", template.track));
    let kinds = WORKER_KINDS.map(|kind| kind.name);
    let kind = worker_kind(&walk.choice("kind", "Kind of worker", &kinds, template.worker));
    let filled = |text: &&str| ground.filled(text, &id, &title);
    let texts = |texts: &[&str]| -> Vec<String> { texts.iter().map(filled).collect() };

    let mut agent = SpecAgent { agent_id: id.clone(), title: title.clone(), ..SpecAgent::default() };
    agent.executor = profile(ground, kind.profile);
    let mut profiles: Vec<&str> = ground.config.executors.profiles.keys().map(String::as_str).collect();
    if !profiles.is_empty() {
        profiles.insert(0, "none");
        let default = agent.executor.profile.as_deref().unwrap_or("none").to_string();
        agent.executor = profile(ground, &walk.choice("profile", "Executor profile", &profiles, &default));
    }
    agent.owned_paths = walk.list("owns", "Owned paths", &texts(kind.owned));
    if kind.contract.is_some() {
        let components: Vec<String> = around.catalog.iter().map(|entry| entry.component_id.clone()).collect();
        agent.components = walk.list("components", "Components", &components);
    }
    agent.capabilities = walk.list("capabilities", "Capabilities", &texts(kind.capabilities));
    agent.required_context = ground.required_context();
    agent.required_context.extend(walk.list(
        "context",
        "Documents to read first, beside the usual ones",
        &[],
    ));
    agent.earlier_wave_outputs = walk.list("earlier", "What earlier waves left for it", &[]);
    let environment = environment(walk, around, kind);
    agent.deploy_environment_id = environment.map(|environment| environment.id.clone());
    let mut requirements = texts(kind.requirements);
    requirements.extend(texts(template.requirements));
    requirements.extend(environment.map(known_of).unwrap_or_default());
    if kind.acts {
        requirements.push(gate(around.posture).to_string());
    }
    agent.requirements = walk.sentences("requirements", "Requirements", &requirements);
    let validation = match environment.and_then(|environment| environment.readiness_command.as_ref()) {
        Some(command) => format!("Run `{command}`, and keep its output as proof."),
        None => kind.validation.to_string(),
    };
    agent.validation_command = walk.text("validation", "How the work is checked", &validation);
    agent.output_summary = walk.text("output", "What it reports", kind.output);
    agent.primary_goal = walk.text("goal", "What it is for", &filled(&kind.goal));
    agent.collaboration_notes = texts(kind.notes);
    agent.context7 = Some(context7(walk, ground, around.bundle));
    agent.exit_contract = kind.contract.map(|contract| exit_contract(walk, contract));
    agent.role_prompt_paths = role_documents(ground, kind);
    files(walk, around, kind, &mut agent);
    agent
}

/// Deliverables and proof artifacts, and the ownership that they need.
fn files(walk: &mut Walk<'_>, around: &Around<'_>, kind: &WorkerKind, agent: &mut SpecAgent) {
    if kind.contract.is_none() {
        return;
    }
    agent.deliverables = agent.owned_paths.iter().filter(|path| !path.ends_with('/')).cloned().collect();
    let is_of_it = |entry: &&CatalogEntry| agent.components.contains(&entry.component_id);
    if around.catalog.iter().filter(is_of_it).any(|entry| is_live(&entry.target_level)) {
        let default: Vec<String> = default_artifacts(around.ground, &agent.agent_id)
            .into_iter()
            .map(|artifact| format!("{} = {}", artifact.path, artifact.kind.unwrap_or_default()))
            .collect();
        let label = "Proof artifacts, each as path = kind";
        let said = walk.list("artifacts", label, &default);
        agent.proof_artifacts = said.iter().map(|text| proof_artifact(text)).collect();
    }
    own_artifacts(agent);
}

/// What an agent keeps as proof of live work when nobody says otherwise.
pub(super) fn default_artifacts(ground: &Ground<'_>, id: &str) -> Vec<ProofArtifact> {
    [("evidence.json", "live-status"), ("rollback.md", "rollback-rehearsal")]
        .into_iter()
        .map(|(name, kind)| ProofArtifact {
            path: ground.filled(&format!("{{state}}/proof/wave-{{wave}}/{{id}}/{name}"), id, ""),
            kind: Some(kind.to_string()),
            required_for: Vec::new(),
        })
        .collect()
}

/// An agent owns its proof artifacts, too.
pub(super) fn own_artifacts(agent: &mut SpecAgent) {
    for path in agent.proof_artifacts.iter().map(|artifact| &artifact.path) {
        if !agent.owned_paths.iter().any(|owned| covers(owned, path)) {
            agent.owned_paths.push(path.clone());
        }
    }
}

/// The role documents that a kind of worker imports.
pub(super) fn role_documents(ground: &Ground<'_>, kind: &WorkerKind) -> Vec<String> {
    match kind.name {
        "design" => vec![ground.config.roles.design_document.clone()],
        "security" => vec![ground.config.roles.security_document.clone()],
        _ => Vec::new(),
    }
}

fn proof_artifact(text: &str) -> ProofArtifact {
    let (path, kind) = text.split_once('=').map_or((text, None), |(path, kind)| (path, Some(kind)));
    ProofArtifact {
        path: path.trim().to_string(),
        kind: kind.map(|kind| kind.trim().to_string()).filter(|kind| !kind.is_empty()),
        required_for: Vec::new(),
    }
}

/// `A1` and on, without what is taken.
pub(super) fn free_id(taken: &[String]) -> String {
    (1..).map(|number: u32| format!("A{number}")).find(|id| !taken.contains(id)).unwrap_or_default()
}

/// The environment that a worker acts on, where the profile has any.
fn environment<'a>(walk: &mut Walk<'_>, around: &Around<'a>, kind: &WorkerKind) -> Option<&'a Environment> {
    let known = &around.ground.profile.deploy_environments;
    if !kind.acts || known.is_empty() {
        return None;
    }
    let mut ids: Vec<&str> = known.iter().map(|environment| environment.id.as_str()).collect();
    ids.push("none");
    let default = around.ground.profile.default_environment().map_or("none", |one| one.id.as_str());
    let chosen = walk.choice("environment", "Deploy environment", &ids, default);
    known.iter().find(|environment| environment.id == chosen)
}

/// What the profile says of an environment, as requirements.
pub(super) fn known_of(environment: &Environment) -> Vec<String> {
    let Environment { id, substrate, credentials_expected, rollback, health_command, .. } = environment;
    let credentials = Some(credentials_expected.join(", ")).filter(|names| !names.is_empty());
    [
        substrate
            .as_ref()
            .map(|substrate| format!("`{id}` runs on {substrate}; what it says is authoritative.")),
        credentials.map(|names| format!("Credentials expected for `{id}`, by name: {names}.")),
        rollback.as_ref().map(|rollback| format!("Rollback of `{id}`: {rollback}.")),
        health_command.as_ref().map(|command| format!("Health of `{id}`: `{command}` succeeds afterwards.")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Who decides about a live change.
pub(super) fn gate(posture: Posture) -> &'static str {
    match posture {
        Posture::DarkFactory => {
            "Nobody is asked: go on only while every check passes, and roll back and report the blocker when one does not."
        }
        Posture::Oversight => {
            "Human gate: ask the operator for approval before anything live changes, and wait for the answer."
        }
    }
}

/// Bundle and query.
pub(super) fn context7(walk: &mut Walk<'_>, ground: &Ground<'_>, default: &str) -> Context7 {
    let bundle = walk.choice("bundle", "Context7 bundle", &ground.bundle_ids(), default);
    let query = match bundle.as_str() {
        super::super::bundles::NONE => None,
        _ => walk.optional("query", "Context7 query", ""),
    };
    Context7 { bundle: Some(bundle), query }
}

fn exit_contract(walk: &mut Walk<'_>, default: ExitContract) -> ExitContract {
    let mut ask = |key: &str, words: Vec<&'static str>, default: &'static str| {
        walk.choice(key, &format!("Exit contract: {key}"), &words, default)
    };
    let completion = ask(
        "completion",
        Completion::ALL.iter().map(|word| word.word()).collect(),
        default.completion.word(),
    );
    let durability = ask(
        "durability",
        Durability::ALL.iter().map(|word| word.word()).collect(),
        default.durability.word(),
    );
    let proof = ask("proof", Proof::ALL.iter().map(|word| word.word()).collect(), default.proof.word());
    let doc_impact =
        ask("doc-impact", DocImpact::ALL.iter().map(|word| word.word()).collect(), default.doc_impact.word());
    ExitContract {
        completion: Completion::from_word(&completion).unwrap_or(default.completion),
        durability: Durability::from_word(&durability).unwrap_or(default.durability),
        proof: Proof::from_word(&proof).unwrap_or(default.proof),
        doc_impact: DocImpact::from_word(&doc_impact).unwrap_or(default.doc_impact),
    }
}
