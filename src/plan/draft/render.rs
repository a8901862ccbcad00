//! From a spec to the markdown of its wave, in the order in which npm `@chllming/wave-orchestration` 0.9.15 writes
//! sections. Optional sections without content are left out.

use super::super::wave::{Context7, DeployEnvironment, EvalTarget, ProofArtifact};
use super::prompt::{body, one_line};
use super::spec::{Spec, SpecAgent};

/// The wave file that a spec stands for.
pub fn markdown(spec: &Spec) -> String {
    let mut page = Page::default();
    page.heading(&format!("# Wave {} - {}", spec.wave, one_line(&spec.title)));
    if !spec.commit_message.is_empty() {
        let message = one_line(&spec.commit_message).replace('`', "'");
        page.paragraph(&format!("**Commit message**: `{message}`"));
    }
    page.section("## Project profile", project(spec));
    page.section("## Sequencing note", bullets(spec.sequencing_note.as_slice()));
    page.section("## Reference rule", bullets(spec.reference_rule.as_slice()));
    page.section("## Deploy environments", spec.deploy_environments.iter().map(environment).collect());
    let promotions = spec.component_promotions.iter();
    let promotions =
        promotions.map(|promotion| format!("- {}: {}", promotion.component_id, promotion.target_level));
    page.section("## Component promotions", promotions.collect());
    page.section("## Context7 defaults", context7(spec.context7_defaults.as_ref()));
    page.section("## Eval targets", spec.eval_targets.iter().map(eval_target).collect());
    for agent in &spec.agents {
        page.agent(agent, spec);
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(heading);
        self.text.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        self.text.push('\n');
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn section(&mut self, heading: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.heading(heading);
            self.paragraph(&lines.join("\n"));
        }
    }

    fn agent(&mut self, agent: &SpecAgent, spec: &Spec) {
        self.heading(&format!("## Agent {}: {}", one_line(&agent.agent_id), one_line(&agent.title)));
        self.section("### Role prompts", bullets(&agent.role_prompt_paths));
        let executor = agent.executor.lines().into_iter();
        self.section("### Executor", executor.map(|(key, value)| format!("- {key}: {value}")).collect());
        self.section("### Context7", context7(agent.context7.as_ref()));
        self.section("### Skills", bullets(&agent.skills));
        self.section("### Components", bullets(&agent.components));
        self.section("### Capabilities", bullets(&agent.capabilities));
        self.section("### Deliverables", bullets(&agent.deliverables));
        self.section("### Proof artifacts", agent.proof_artifacts.iter().map(proof_artifact).collect());
        let contract = agent.exit_contract.map(|contract| {
            [
                ("completion", contract.completion.word()),
                ("durability", contract.durability.word()),
                ("proof", contract.proof.word()),
                ("doc-impact", contract.doc_impact.word()),
            ]
        });
        let contract = contract.into_iter().flatten();
        self.section("### Exit contract", contract.map(|(key, word)| format!("- {key}: {word}")).collect());
        self.heading("### Prompt");
        self.fenced(&body(agent, &spec.deploy_environments));
        let track = agent.track.as_ref().map(|track| format!("- track: {}", one_line(track)));
        self.section("### Wavedeck", track.into_iter().collect());
    }

    /// A block whose fence is longer than any run of backticks in it.
    fn fenced(&mut self, text: &str) {
        let mut longest = 0;
        let mut run = 0;
        for letter in text.chars() {
            run = if letter == '`' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        let fence = "`".repeat(longest.max(2) + 1);
        self.paragraph(&format!("{fence}text\n{}\n{fence}", text.trim()));
    }
}

fn bullets(items: &[String]) -> Vec<String> {
    items.iter().map(|item| one_line(item)).filter(|item| !item.is_empty()).map(bullet).collect()
}

fn bullet(text: String) -> String {
    format!("- {text}")
}

fn project(spec: &Spec) -> Vec<String> {
    let Some(posture) = &spec.oversight_mode else { return Vec::new() };
    vec![
        format!("- project: {}", one_line(&spec.project_profile.project_name)),
        format!("- new-project: {}", if spec.project_profile.new_project { "yes" } else { "no" }),
        format!("- oversight-mode: {posture}"),
        format!("- lane: {}", spec.lane),
    ]
}

fn environment(environment: &DeployEnvironment) -> String {
    let DeployEnvironment { id, kind, is_default, notes } = environment;
    let word = if *is_default { " default" } else { "" };
    let notes = notes.as_ref().map(|notes| format!(" ({})", one_line(notes))).unwrap_or_default();
    format!("- `{id}`: `{kind}`{word}{notes}")
}

/// Quotes inside a query stay as they are: the reader takes the outer pair off and nothing else.
fn context7(context7: Option<&Context7>) -> Vec<String> {
    let Some(context7) = context7 else { return Vec::new() };
    let bundle = context7.bundle.iter().map(|bundle| format!("- bundle: {bundle}"));
    let query = context7.query.iter().map(|query| format!("- query: \"{}\"", one_line(query)));
    bundle.chain(query).collect()
}

fn eval_target(target: &EvalTarget) -> String {
    let field = |text: &str| one_line(text).replace('|', "/");
    let mut fields = vec![format!("id: {}", target.id), format!("selection: {}", target.selection)];
    fields.extend(target.benchmark_family.iter().map(|family| format!("benchmark-family: {family}")));
    if !target.benchmarks.is_empty() {
        fields.push(format!("benchmarks: {}", target.benchmarks.join(", ")));
    }
    fields.push(format!("objective: {}", field(&target.objective)));
    fields.push(format!("threshold: {}", field(&target.threshold)));
    bullet(fields.join(" | "))
}

fn proof_artifact(artifact: &ProofArtifact) -> String {
    if artifact.kind.is_none() && artifact.required_for.is_empty() {
        return bullet(artifact.path.clone());
    }
    let mut fields = vec![format!("path: {}", artifact.path)];
    fields.extend(artifact.kind.iter().map(|kind| format!("kind: {kind}")));
    if !artifact.required_for.is_empty() {
        fields.push(format!("required-for: {}", artifact.required_for.join(", ")));
    }
    bullet(fields.join(" | "))
}
