//! Filling a [`Config`] from the layers of the file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::json::{Document, child};
use super::super::runtime::RuntimeId;
use super::super::skills::SkillSettings;
use super::area::Area;
use super::closure::{AutoClosure, ModeThresholds};
use super::keys::{PLANNER, ROLES, RUNTIME_OPTIONS, TOP, VALIDATION};
use super::layers::Lookup;
use super::outside::Outside;
use super::planner::AgenticPlanner;
use super::shape::Shape;
use super::{Address, Config, Executors, Options, Paths, Profile, Roles, RuntimePolicy, Validation};

/// The settings of a lane.
pub(super) fn config(document: &Document, address: Address<'_>) -> Config {
    let lookup = Lookup { document };
    let lane = identifier(address.lane);
    let scope = Scope::of(&lookup, address);
    let paths = paths(&lookup, &scope);
    let shared_plan_docs = lookup.path_list(&scope.all, "sharedPlanDocs").unwrap_or_else(|| {
        ["current-state.md", "master-plan.md", "migration.md"]
            .map(|name| format!("{}/{name}", paths.plans_dir))
            .to_vec()
    });
    let project_name = lookup
        .text(scope.all.get(..scope.all.len() - 1).unwrap_or_default(), "projectName")
        .unwrap_or_else(|| scope.name_by_default());
    let area = |name: &str, keys| Area::new(lookup, scope.under(name), keys);
    Config {
        adhoc_run: None,
        project: scope.project.is_some().then(|| scope.project_id.clone()),
        project_name,
        lane,
        roles: roles(&area("roles", ROLES)),
        validation: validation(&area("validation", VALIDATION)),
        executors: executors(&lookup, &scope.under("executors")),
        runtime_policy: runtime_policy(&lookup, &scope),
        skills: skills(&lookup, &scope.under("skills")),
        preferred_agents: preferred_agents(&lookup, &scope.under("capabilityRouting")),
        planner: AgenticPlanner::read(&area("planner", PLANNER)),
        outside: Outside::read(&Area::new(lookup, scope.all.clone(), TOP)),
        paths,
        shared_plan_docs,
    }
}

/// A lane or project id as file names use it.
pub(super) fn identifier(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let id: String = lower
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '-' })
        .collect();
    match id.trim_matches('-') {
        "" => "main".to_string(),
        id => id.to_string(),
    }
}

/// The lane that a file takes when none is named.
pub(super) fn default_lane(lookup: &Lookup<'_>) -> String {
    let named = lookup.text(&[String::new()], "defaultLane");
    identifier(named.as_deref().unwrap_or("main"))
}

/// The project that a file takes when none is named.
pub(super) fn default_project(lookup: &Lookup<'_>) -> String {
    let named = lookup.text(&[String::new()], "defaultProject");
    identifier(named.as_deref().unwrap_or("default"))
}

/// Where the layers of a lane stand in the file.
pub(super) struct Scope {
    /// Pointers of the layers, weakest first: top level, project when there is one, lane. The lane is always there.
    pub(super) all: Vec<String>,
    /// The project that is meant.
    pub(super) project_id: String,
    /// Whether that is the one that is taken when none is named.
    pub(super) is_default_project: bool,
    /// Pointer of the project, when `projects` declares it.
    pub(super) project: Option<String>,
    /// Pointer of the lane.
    pub(super) lane: String,
    /// Whether the lane is the default one of a repository whose documents are not split by lane.
    pub(super) is_default_lane: bool,
}

impl Scope {
    /// The layers of a lane.
    pub(super) fn of(lookup: &Lookup<'_>, address: Address<'_>) -> Scope {
        let lane = identifier(address.lane);
        let default_project = default_project(lookup);
        let project_id = address.project.map_or_else(|| default_project.clone(), identifier);
        let project = declared(lookup, "/projects", &project_id);
        let lanes = format!("{}/lanes", project.as_deref().unwrap_or_default());
        let lane_pointer = declared(lookup, &lanes, &lane).unwrap_or_else(|| child(&lanes, &lane));
        let all = [Some(String::new()), project.clone(), Some(lane_pointer.clone())];
        let is_split = lookup.text(&[String::new()], "repoMode").as_deref() == Some("multi-lane");
        Scope {
            all: all.into_iter().flatten().collect(),
            is_default_project: project_id == default_project,
            is_default_lane: !is_split && default_lane(lookup) == lane,
            project_id,
            project,
            lane: lane_pointer,
        }
    }

    /// Display name of a project that has none: its id, where it is declared.
    fn name_by_default(&self) -> String {
        match self.project {
            Some(_) => self.project_id.clone(),
            None => "Wave Orchestrator".to_string(),
        }
    }

    /// The layers of one area, such as `roles`.
    fn under(&self, area: &str) -> Vec<String> {
        self.all.iter().map(|layer| child(layer, area)).collect()
    }
}

/// The member of an object that an id means: names are compared as ids.
fn declared(lookup: &Lookup<'_>, pointer: &str, id: &str) -> Option<String> {
    let members = lookup.document.members(pointer);
    members.into_iter().find(|(name, _)| identifier(name) == id).map(|(_, member)| member)
}

fn paths(lookup: &Lookup<'_>, scope: &Scope) -> Paths {
    let mut layers = vec!["/paths".to_string()];
    layers.extend(scope.project.as_ref().map(|project| child(project, "paths")));
    let project_docs = project_docs(lookup, scope, &layers);
    let lane = [scope.lane.clone()];
    let docs_dir = lookup.path(&lane, "docsDir").unwrap_or_else(|| match scope.is_default_lane {
        true => project_docs.clone(),
        false => format!("{project_docs}/{}", scope.lane.rsplit('/').next().unwrap_or_default()),
    });
    let plans_dir = lookup.path(&lane, "plansDir").unwrap_or_else(|| format!("{docs_dir}/plans"));
    let waves_dir = lookup.path(&lane, "wavesDir").unwrap_or_else(|| format!("{plans_dir}/waves"));
    layers.push(scope.lane.clone());
    let path = |key: &str, default: &str| lookup.path(&layers, key).unwrap_or_else(|| default.to_string());
    Paths {
        state_root: path("stateRoot", ".tmp"),
        matrix_json: path(
            "componentCutoverMatrixJsonPath",
            &format!("{project_docs}/plans/component-cutover-matrix.json"),
        ),
        matrix_doc: path(
            "componentCutoverMatrixDocPath",
            &format!("{project_docs}/plans/component-cutover-matrix.md"),
        ),
        context7_bundle_index: path("context7BundleIndexPath", "docs/context7/bundles.json"),
        benchmark_catalog: path("benchmarkCatalogPath", "docs/evals/benchmark-catalog.json"),
        orchestrator_state: path("orchestratorStateDir", ".tmp/wave-orchestrator"),
        terminals: path("terminalsPath", ".vscode/terminals.json"),
        docs_dir,
        plans_dir,
        waves_dir,
    }
}

/// The project's documents: below its root when the project has one of its own.
fn project_docs(lookup: &Lookup<'_>, scope: &Scope, layers: &[String]) -> String {
    let docs = lookup.path(layers, "docsDir").unwrap_or_else(|| "docs".to_string());
    let own = scope.project.as_ref().map(|project| child(project, "paths"));
    if own.is_some_and(|own| lookup.find(&[own], "docsDir").is_some()) {
        return docs;
    }
    let root =
        scope.project.as_ref().and_then(|project| lookup.text(std::slice::from_ref(project), "rootDir"));
    match root.as_deref().map(|root| root.trim_start_matches("./").trim_end_matches('/')) {
        None | Some("" | ".") => docs,
        Some(root) => format!("{root}/{docs}"),
    }
}

fn roles(roles: &Area<'_>) -> Roles {
    Roles {
        role_prompt_dir: roles.path("rolePromptDir"),
        cont_qa_agent: roles.text("contQaAgentId"),
        cont_eval_agent: roles.text("contEvalAgentId"),
        integration_agent: roles.text("integrationAgentId"),
        documentation_agent: roles.text("documentationAgentId"),
        cont_qa_document: roles.path("contQaRolePromptPath"),
        cont_eval_document: roles.path("contEvalRolePromptPath"),
        integration_document: roles.path("integrationRolePromptPath"),
        documentation_document: roles.path("documentationRolePromptPath"),
        security_document: roles.path("securityRolePromptPath"),
        design_document: roles.path("designRolePromptPath"),
    }
}

fn validation(validation: &Area<'_>) -> Validation {
    Validation {
        documentation_steward_from: validation.threshold("requireDocumentationStewardFromWave"),
        context7_from: validation.threshold("requireContext7DeclarationsFromWave"),
        exit_contracts_from: validation.threshold("requireExitContractsFromWave"),
        integration_steward_from: validation.threshold("requireIntegrationStewardFromWave"),
        component_promotions_from: validation.threshold("requireComponentPromotionsFromWave"),
        agent_components_from: validation.threshold("requireAgentComponentsFromWave"),
        required_prompt_references: validation.texts("requiredPromptReferences"),
        gate_modes: ModeThresholds::read(validation, "gateModeThresholds"),
        closure_modes: ModeThresholds::read(validation, "closureModeThresholds"),
        auto_closure: AutoClosure::read(validation),
    }
}

fn executors(lookup: &Lookup<'_>, layers: &[String]) -> Executors {
    let default = lookup
        .find(layers, "default")
        .and_then(|pointer| lookup.runtime_at(&pointer))
        .unwrap_or_else(|| RuntimeId("codex".to_string()));
    let mut models = BTreeMap::new();
    for runtime in ["claude", "opencode"] {
        let sections: Vec<String> = layers.iter().map(|layer| child(layer, runtime)).collect();
        if let Some(model) = lookup.text(&sections, "model") {
            models.insert(RuntimeId(runtime.to_string()), model);
        }
    }
    let mut profiles = BTreeMap::new();
    for layer in layers {
        for (name, pointer) in lookup.document.members(&child(layer, "profiles")) {
            profiles.insert(name.trim().to_lowercase(), profile(lookup, &pointer));
        }
    }
    Executors { default, models, options: options(lookup, layers), profiles }
}

/// What the layers set for each runtime, the last layer winning key by key. Keys that are no options (a model has a place
/// of its own) and values of the wrong type are left out.
fn options(lookup: &Lookup<'_>, layers: &[String]) -> BTreeMap<RuntimeId, Options> {
    let mut options = BTreeMap::new();
    for (runtime, keys) in RUNTIME_OPTIONS {
        let sections: Vec<String> = layers.iter().map(|layer| child(layer, runtime)).collect();
        let mut found = Options::new();
        for key in keys.iter().filter(|key| key.name != "model") {
            let Some(pointer) = lookup.find(&sections, key.name) else { continue };
            let value = match key.shape {
                Shape::Texts | Shape::Paths => lookup.list_at(&pointer).map(Value::from),
                Shape::Whole => lookup.number_at(&pointer).map(Value::from),
                Shape::Flag => lookup.document.get(&pointer).filter(|value| value.is_boolean()).cloned(),
                Shape::Foreign => lookup.document.get(&pointer).filter(|value| value.is_object()).cloned(),
                _ => lookup.text_at(&pointer).map(Value::from),
            };
            found.extend(value.map(|value| (key.name.to_string(), value)));
        }
        if !found.is_empty() {
            options.insert(RuntimeId(runtime.to_string()), found);
        }
    }
    options
}

/// Skills are joined over the layers, the top level first; only the folder is that of the nearest layer.
fn skills(lookup: &Lookup<'_>, layers: &[String]) -> SkillSettings {
    let add = |list: &mut Vec<String>, ids: Vec<String>| {
        for id in ids {
            if !list.contains(&id) {
                list.push(id);
            }
        }
    };
    let mut base = Vec::new();
    for layer in layers {
        add(&mut base, lookup.list_at(&child(layer, "base")).unwrap_or_default());
    }
    let map = |key: &str| {
        let mut joined: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for layer in layers {
            for (name, place) in lookup.document.members(&child(layer, key)) {
                add(joined.entry(name).or_default(), lookup.list_at(&place).unwrap_or_default());
            }
        }
        joined
    };
    SkillSettings {
        dir: lookup.path(layers, "dir").unwrap_or_else(|| "skills".to_string()),
        base,
        by_role: map("byRole"),
        by_runtime: map("byRuntime"),
        by_deploy_kind: map("byDeployKind"),
    }
}

fn preferred_agents(lookup: &Lookup<'_>, layers: &[String]) -> BTreeMap<String, Vec<String>> {
    lookup
        .members(layers, "preferredAgents")
        .into_iter()
        .filter_map(|(capability, place)| Some((capability, lookup.list_at(&place)?)))
        .collect()
}

fn profile(lookup: &Lookup<'_>, pointer: &str) -> Profile {
    let layer = [pointer.to_string()];
    let budget = [child(pointer, "budget")];
    let (budget_turns, budget_minutes) = (lookup.number(&budget, "turns"), lookup.number(&budget, "minutes"));
    Profile {
        id: lookup.find(&layer, "id").and_then(|place| lookup.runtime_at(&place)),
        model: lookup.text(&layer, "model"),
        models: lookup
            .members(&layer, "models")
            .into_iter()
            .filter_map(|(runtime, place)| Some((RuntimeId(runtime), lookup.text_at(&place)?)))
            .collect(),
        options: options(lookup, &layer),
        fallbacks: lookup.runtimes(&layer, "fallbacks").unwrap_or_default(),
        tags: lookup.list(&layer, "tags").unwrap_or_default(),
        budget_turns,
        budget_minutes,
    }
}

fn runtime_policy(lookup: &Lookup<'_>, scope: &Scope) -> RuntimePolicy {
    let mut layers = scope.under("runtimePolicy");
    layers.push(scope.lane.clone());
    let roles = lookup.members(&layers, "defaultExecutorByRole").into_iter();
    let ceilings = lookup.members(&layers, "runtimeMixTargets").into_iter();
    RuntimePolicy {
        default_by_role: roles.filter_map(|(role, at)| Some((role, lookup.runtime_at(&at)?))).collect(),
        mix_targets: ceilings
            .filter_map(|(runtime, at)| Some((RuntimeId(runtime), lookup.number_at(&at)?)))
            .collect(),
        fallback_order: lookup.runtimes(&layers, "fallbackExecutorOrder").unwrap_or_default(),
    }
}
