//! The closure stewards that every draft has.

use super::super::wave::Context7;
use super::executor::SpecExecutor;
use super::ground::Ground;
use super::spec::SpecAgent;

/// A steward as data; texts are filled in as those of templates are.
struct Steward {
    title: &'static str,
    profile: &'static str,
    capabilities: &'static [&'static str],
    goal: &'static str,
    notes: &'static [&'static str],
    requirements: &'static [&'static str],
    validation: &'static str,
    output: &'static str,
}

const CONT_QA: Steward = Steward {
    title: "cont-QA",
    profile: "deep-review",
    capabilities: &[],
    goal: "Judge whether wave {wave} has reached what it promises, and publish the verdict.",
    notes: &[
        "Ask the agents that built, the integration steward and the documentation steward before closing.",
    ],
    requirements: &[
        "Hold every promise of the wave against evidence that landed, never against intent.",
        "Name each blocker that a later wave must not assume away.",
    ],
    validation: "Re-read the reports, and end this one with `Verdict: PASS`, `Verdict: CONCERNS` or `Verdict: BLOCKED`.",
    output: "Summarize the verdict and the risks that stay.",
};

const CONT_EVAL: Steward = Steward {
    title: "cont-EVAL",
    profile: "eval-tuning",
    capabilities: &["eval"],
    goal: "Measure wave {wave} against its eval targets until they are met or blocked.",
    notes: &["Report what falls short to its owner; mend nothing yourself."],
    requirements: &["Record the benchmarks, the commands, what was seen, and what got worse."],
    validation: "Run the benchmarks again, and end with the final `[wave-eval]` marker.",
    output: "Summarize benchmarks, outcome, regressions and who owns what is left.",
};

const INTEGRATION: Steward = Steward {
    title: "Integration Steward",
    profile: "deep-review",
    capabilities: &["integration", "docs-shared-plan"],
    goal: "Reconcile the slices of wave {wave} into one state that can close.",
    notes: &["Settle contradictions between agents before the documentation steward begins."],
    requirements: &["Say for every claim which agent made it, and whether the evidence is there."],
    validation: "Re-read the slices against each other, and run what they have in common.",
    output: "Summarize open claims, conflicts, blockers, and whether closure may begin.",
};

const DOCUMENTATION: Steward = Steward {
    title: "Documentation Steward",
    profile: "docs-pass",
    capabilities: &[],
    goal: "Keep the shared plan documents true to what wave {wave} landed.",
    notes: &["Take what the agents say about documentation, and change shared documents nowhere else."],
    requirements: &["Change only what the wave made untrue, and say so where nothing changed."],
    validation: "Re-read the shared documents against what landed.",
    output: "Summarize which documents changed, and which did not have to.",
};

/// The closure stewards, in the order in which waves list them: cont-QA, cont-EVAL where it takes part, integration,
/// documentation.
pub(super) fn stewards(ground: &Ground<'_>, measures: bool) -> Vec<SpecAgent> {
    let roles = &ground.config.roles;
    let report = |name: &str| {
        vec![format!("{}/reviews/wave-{}-{name}.md", ground.config.waves_directory(), ground.wave)]
    };
    let integration = format!("{}/integration/wave-{}", ground.config.state_directory(), ground.wave);
    let mut agents = vec![
        steward(ground, &CONT_QA, &roles.cont_qa_agent, &roles.cont_qa_document, report("cont-qa")),
        steward(ground, &CONT_EVAL, &roles.cont_eval_agent, &roles.cont_eval_document, report("cont-eval")),
        steward(
            ground,
            &INTEGRATION,
            &roles.integration_agent,
            &roles.integration_document,
            vec![format!("{integration}.md"), format!("{integration}.json")],
        ),
        steward(
            ground,
            &DOCUMENTATION,
            &roles.documentation_agent,
            &roles.documentation_document,
            shared_documents(ground),
        ),
    ];
    agents.retain(|agent| measures || agent.agent_id != roles.cont_eval_agent);
    agents
}

/// What the documentation steward must own; a note of its own where nothing is configured.
fn shared_documents(ground: &Ground<'_>) -> Vec<String> {
    let config = ground.config;
    let mut documents = config.shared_plan_docs.clone();
    if ground.holds(config.validation.component_promotions_from) {
        documents.extend([config.paths.matrix_doc.clone(), config.paths.matrix_json.clone()]);
    }
    if documents.is_empty() {
        documents.push(format!("{}/reviews/wave-{}-documentation.md", config.waves_directory(), ground.wave));
    }
    documents
}

fn steward(
    ground: &Ground<'_>,
    steward: &Steward,
    id: &str,
    document: &str,
    owned_paths: Vec<String>,
) -> SpecAgent {
    let filled = |text: &&str| ground.filled(text, id, steward.title);
    SpecAgent {
        agent_id: id.to_string(),
        title: steward.title.to_string(),
        role_prompt_paths: vec![document.to_string()],
        executor: profile(ground, steward.profile),
        context7: Some(no_bundle()),
        capabilities: steward.capabilities.iter().map(|word| (*word).to_string()).collect(),
        primary_goal: filled(&steward.goal),
        collaboration_notes: steward.notes.iter().map(filled).collect(),
        required_context: ground.required_context(),
        owned_paths,
        requirements: steward.requirements.iter().map(filled).collect(),
        validation_command: steward.validation.to_string(),
        output_summary: steward.output.to_string(),
        ..SpecAgent::default()
    }
}

/// The profile where the configuration has it; else nothing, so that the lane's defaults hold.
pub(super) fn profile(ground: &Ground<'_>, name: &str) -> SpecExecutor {
    match ground.config.executors.profiles.contains_key(name) {
        true => SpecExecutor::of_profile(name),
        false => SpecExecutor::default(),
    }
}

/// The bundle that selects nothing.
pub(super) fn no_bundle() -> Context7 {
    Context7 { bundle: Some(super::super::bundles::NONE.to_string()), query: None }
}
