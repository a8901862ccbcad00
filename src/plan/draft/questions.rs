//! The questions of a draft, and the spec that comes of the answers: one pass, see [`super::field`].

use super::super::benchmarks::Benchmarks;
use super::super::config::profile::{Environment, Posture};
use super::super::wave::{ComponentPromotion, DeployEnvironment, EvalTarget};
use super::field::{Answers, Field, Walk};
use super::ground::{Ground, name_of};
use super::spec::{CatalogEntry, Spec, SpecAgent, SpecProject};
use super::stewards::stewards;
use super::template::{TEMPLATES, Template, template};
use super::worker::{Around, context7, worker};

/// Most promotions, eval targets and workers that are asked about. Waves that need more are written by hand.
const MOST: u32 = 12;

/// The fields of a draft as they stand, and the spec that comes of them. What is not answered yet has its default, so
/// there is always a spec to show.
pub fn questions(ground: &Ground<'_>, answers: &Answers) -> (Vec<Field>, Spec) {
    let mut walk = Walk::new(answers);
    let names = TEMPLATES.map(|template| template.name);
    let known = &ground.profile.planner_defaults.template;
    let default = if names.contains(&known.as_str()) { known } else { "implementation" };
    let template = template(&walk.choice("template", "Template", &names, default));
    let spec = spec(&mut walk, ground, template);
    (walk.into_fields(), spec)
}

fn spec(walk: &mut Walk<'_>, ground: &Ground<'_>, template: &Template) -> Spec {
    let title = walk.text("title", "Title of the wave", template.title);
    let message = format!("{}: {}", template.commit, title.to_lowercase());
    let commit_message = walk.text("commit", "Commit message", &message);
    let sequencing_note = walk.optional("sequencing", "Why now", "");
    let reference_rule = walk.optional("reference", "What counts when documents disagree", "");
    let posture = posture(walk, "Posture", ground.profile.default_oversight_mode);
    let context7_defaults = context7(walk, ground, super::super::bundles::NONE);
    let eval_targets = eval_targets(walk, ground);
    let catalog = catalog(walk, ground, template, &title);

    let mut agents = stewards(ground, !eval_targets.is_empty());
    let around = Around {
        ground,
        template,
        posture,
        catalog: &catalog,
        bundle: context7_defaults.bundle.as_deref().unwrap_or_default(),
    };
    let workers = walk.count("workers", "How many workers", 1, MOST);
    let mut taken: Vec<String> = agents.iter().map(|agent| agent.agent_id.clone()).collect();
    for number in 1..=workers {
        let agent = walk.about("worker", number, |walk| worker(walk, &around, number, &taken));
        taken.push(agent.agent_id.clone());
        agents.push(agent);
    }
    let deploy_environments = environments_of(ground, &agents);
    Spec {
        schema_version: 1,
        project_profile: project_of(ground),
        template: Some(template.name.to_string()),
        lane: ground.config.lane.clone(),
        wave: ground.wave,
        title,
        commit_message,
        oversight_mode: Some(posture.word().to_string()),
        sequencing_note,
        reference_rule,
        deploy_environments,
        context7_defaults: Some(context7_defaults),
        eval_targets,
        component_promotions: promotions_of(&catalog),
        components_catalog: catalog,
        agents,
        ..Spec::default()
    }
}

/// The environments of the profile that agents act on, as a wave names them; one of them is the default.
pub(super) fn environments_of(ground: &Ground<'_>, agents: &[SpecAgent]) -> Vec<DeployEnvironment> {
    let used = |id: &String| agents.iter().any(|agent| agent.deploy_environment_id.as_ref() == Some(id));
    let environments = ground.profile.deploy_environments.iter().filter(|environment| used(&environment.id));
    let mut environments: Vec<_> = environments.map(in_a_wave).collect();
    if !environments.iter().any(|environment| environment.is_default)
        && let Some(first) = environments.first_mut()
    {
        first.is_default = true;
    }
    environments
}

/// What a spec says of the project.
pub(super) fn project_of(ground: &Ground<'_>) -> SpecProject {
    SpecProject {
        project_name: ground.config.project_name.clone(),
        new_project: ground.profile.new_project,
        default_terminal_surface: Some(ground.profile.default_terminal_surface.clone()),
    }
}

/// The promotions of a catalogue.
pub(super) fn promotions_of(catalog: &[CatalogEntry]) -> Vec<ComponentPromotion> {
    let promotion = |entry: &CatalogEntry| ComponentPromotion {
        component_id: entry.component_id.clone(),
        target_level: entry.target_level.clone(),
    };
    catalog.iter().map(promotion).collect()
}

/// How much is left to agents.
pub(super) fn posture(walk: &mut Walk<'_>, label: &str, default: Posture) -> Posture {
    let words = [Posture::Oversight, Posture::DarkFactory].map(Posture::word);
    Posture::of(&walk.choice("posture", label, &words, default.word())).unwrap_or(default)
}

/// An environment as a wave names it.
pub(super) fn in_a_wave(environment: &Environment) -> DeployEnvironment {
    DeployEnvironment {
        id: environment.id.clone(),
        kind: environment.kind.clone(),
        is_default: environment.is_default,
        notes: environment.notes.clone().filter(|notes| !notes.is_empty()),
    }
}

/// What cont-EVAL measures; nothing without a benchmark catalogue.
fn eval_targets(walk: &mut Walk<'_>, ground: &Ground<'_>) -> Vec<EvalTarget> {
    let Some(benchmarks) = ground.benchmarks else { return Vec::new() };
    let count = walk.count("evals", "How many eval targets (0: no cont-EVAL)", 0, MOST);
    (1..=count)
        .map(|number| walk.about("eval", number, |walk| eval_target(walk, benchmarks, number)))
        .collect()
}

fn eval_target(walk: &mut Walk<'_>, benchmarks: &Benchmarks, number: usize) -> EvalTarget {
    let id = walk.identifier("id", "Eval target: id", &format!("target-{number}"));
    let selection = walk.choice("selection", "Eval target: selection", &["delegated", "pinned"], "delegated");
    let families: Vec<&str> = benchmarks.families.keys().map(String::as_str).collect();
    let (mut benchmark_family, mut pinned) = (None, Vec::new());
    if selection == "pinned" {
        let all = benchmarks.families.values().flatten().next().cloned();
        pinned = walk.list("benchmarks", "Eval target: benchmarks", all.as_slice());
    } else {
        let default = families.first().copied().unwrap_or_default();
        benchmark_family = Some(walk.choice("family", "Eval target: benchmark family", &families, default));
    }
    EvalTarget {
        id,
        selection,
        benchmark_family,
        benchmarks: pinned,
        objective: walk.text(
            "objective",
            "Eval target: what is to be shown",
            "No regression of what is measured",
        ),
        threshold: walk.text(
            "threshold",
            "Eval target: when it counts as shown",
            "At or above the last accepted run",
        ),
    }
}

/// What the wave promotes.
fn catalog(walk: &mut Walk<'_>, ground: &Ground<'_>, template: &Template, title: &str) -> Vec<CatalogEntry> {
    let needed = ground.holds(ground.config.validation.component_promotions_from) || ground.matrix.is_some();
    let count = walk.count("promotions", "How many components it promotes", u32::from(needed), MOST);
    (1..=count)
        .map(|number| {
            let default = match number {
                1 => name_of(title),
                _ => format!("{}-{number}", name_of(title)),
            };
            walk.about("promotion", number, |walk| promotion(walk, ground, template, &default))
        })
        .collect()
}

fn promotion(walk: &mut Walk<'_>, ground: &Ground<'_>, template: &Template, id: &str) -> CatalogEntry {
    let component_id = walk.identifier("id", "Component", id);
    let known = ground.component(&component_id);
    let words = component_id.replace('-', " ");
    let levels = ground.levels();
    if let Some(known) = known {
        let next = ground.above(&known.current_level);
        return CatalogEntry {
            title: known.title.clone(),
            current_level: known.current_level.clone(),
            target_level: walk.choice("target", "Level it reaches", &levels, &next),
            canonical_docs: known.canonical_docs.clone(),
            proof_surfaces: known.proof_surfaces.clone(),
            component_id,
        };
    }
    let title = walk.text("title", "Component: title", &words);
    let target = if levels.contains(&template.level) { template.level } else { "" };
    let target = levels.iter().find(|level| **level == target).or(levels.last()).copied().unwrap_or_default();
    let current_level = walk.choice("current", "Level it stands at", &levels, &ground.below(target));
    CatalogEntry {
        title,
        current_level,
        target_level: walk.choice("target", "Level it reaches", &levels, target),
        canonical_docs: walk.list("docs", "Documents that describe it", &[]),
        proof_surfaces: walk.list("surfaces", "What shows that it works", &[]),
        component_id,
    }
}
