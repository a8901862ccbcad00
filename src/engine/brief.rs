//! What the engine needs to know of a wave to run it: taken from the plan when the wave's turn comes, and kept in the
//! facts, so that a replay needs no file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fallback::SELECTED_BY;
use crate::plan::bundles::Selection;
use crate::plan::lint::check_runtime;
use crate::plan::role::{Role, Stage, in_order, is_hybrid_design, role_of, stage_of};
use crate::plan::runtime::derive::{Derivation, Grant, derive};
use crate::plan::runtime::{Overrides, ResolvedExecutor, RuntimeId};
use crate::plan::skills::{INSTRUCTIONS, MANIFEST, Skill};
use crate::plan::wave::{EvalTarget, ExitContract, ProofArtifact};
use crate::plan::{Agent, AgentId, Finding, Project, Wave, WaveNumber};

/// A wave as it was when it started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaveBrief {
    /// Number of the wave file.
    pub number: WaveNumber,
    /// Its file, relative to the project.
    pub file: String,
    /// Its title, or an empty text.
    pub title: String,
    /// Its agents by stage, in file order within a stage; closure agents in the order in which they run.
    pub agents: Vec<AgentBrief>,
    /// Components that the wave promotes, with the level.
    pub promotions: BTreeMap<String, String>,
    /// What the wave is measured by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eval_targets: Vec<EvalTargetBrief>,
    /// How many of its agents may run on a runtime; one that is not listed has no ceiling.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ceilings: BTreeMap<RuntimeId, u32>,
}

/// A target of the wave that cont-EVAL measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvalTargetBrief {
    /// Its id.
    pub id: String,
    /// What is to be shown.
    pub objective: String,
    /// When it counts as shown.
    pub threshold: String,
    /// Benchmarks that show it.
    pub benchmarks: Vec<String>,
    /// Whether cont-EVAL chooses among the benchmarks, which are those of a family; else all of them are run.
    pub is_delegated: bool,
    /// The catalogue that describes the benchmarks, relative to the project.
    pub catalogue: String,
}

/// An agent as it was when its wave started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentBrief {
    /// Its id.
    pub id: AgentId,
    /// Its title.
    pub title: String,
    /// `<wave>-<id>`, for file names.
    pub slug: String,
    /// What it is.
    pub role: Role,
    /// When it runs.
    pub stage: Stage,
    /// Whether it is a design agent that also builds: once its design pass is through, it runs again with those who build.
    #[serde(default)]
    pub builds_after_design: bool,
    /// What it runs on.
    pub executor: ResolvedExecutor,
    /// What it has on that runtime, and on those that it may fall back to.
    #[serde(default)]
    pub grants: BTreeMap<RuntimeId, Grant>,
    /// What it has beside that where it falls back.
    #[serde(default, skip_serializing_if = "FallbackBrief::is_empty")]
    pub fallback: FallbackBrief,
    /// What it must reach.
    pub exit_contract: Option<ExitContract>,
    /// Files that must exist at its end.
    pub deliverables: Vec<String>,
    /// Artifacts that must exist at its end, where their levels ask for it.
    pub proof_artifacts: Vec<ProofArtifact>,
    /// Paths it may touch.
    pub owned_paths: Vec<String>,
    /// Skill bundles that it gets, those of its runtime included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<SkillBrief>,
    /// Documentation of libraries that it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context7: Option<Selection>,
    /// Owned components with the level this wave promotes each to.
    pub component_targets: BTreeMap<String, Option<String>>,
    /// The agent's whole prompt.
    pub prompt: String,
    /// blake3 of prompt, contract, deliverables, artifacts, components, skills and the documentation asked for: what a
    /// finished agent's reuse depends on. Budget, sandbox and runtime are not part of it.
    pub fingerprint: String,
}

/// What an agent has on the runtimes of [`ResolvedExecutor::fallbacks`], beside [`AgentBrief::grants`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallbackBrief {
    /// The layer that allows them, such as `fallbacks of profile and agent`.
    pub allowed_by: String,
    /// Its skills there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<RuntimeId, Vec<SkillBrief>>,
    /// Those whose program was not on the machine when the wave started.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub absent: BTreeSet<RuntimeId>,
}

/// A skill bundle as an agent is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillBrief {
    /// Its id.
    pub id: String,
    /// Its folder, relative to the project.
    #[serde(default)]
    pub folder: String,
    /// What it is.
    pub description: String,
    /// When it is to be used.
    pub when: String,
    /// The files to read, relative to the project: its instructions, and its page for the agent's runtime where it has one.
    pub files: Vec<String>,
    /// Files that its instructions refer to, relative to the project.
    #[serde(default)]
    pub references: Vec<String>,
}

impl WaveBrief {
    /// What a wave of a project holds, with what a launch says over it.
    ///
    /// # Errors
    /// Every error that keeps the wave from running, as sentences `file:line: what (rule)`: those of its file, of the
    /// configuration and of the matrix, and agents that would run where they may not.
    pub fn from_plan(
        project: &Project,
        wave: &Wave,
        overrides: &Overrides,
    ) -> Result<WaveBrief, Vec<String>> {
        // V24 asks where agents run: the launch may decide that, not what the file says alone.
        let of_plan = project.errors_of(wave.number).into_iter().filter(|finding| finding.rule != "V24");
        let of_runtime = check_runtime(wave, &project.config, overrides.runtime.as_ref());
        let errors: Vec<String> = of_plan.chain(&of_runtime).map(sentence).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(WaveBrief::as_planned(project, wave, overrides))
    }

    /// The same of a wave that perhaps cannot run: what is understood of it.
    pub fn as_planned(project: &Project, wave: &Wave, overrides: &Overrides) -> WaveBrief {
        let agents = in_order(wave, &project.config);
        WaveBrief {
            number: wave.number,
            file: wave.file.clone(),
            title: wave.title.clone().unwrap_or_default(),
            agents: agents
                .into_iter()
                .map(|agent| AgentBrief::from_plan(project, wave, agent, overrides))
                .collect(),
            promotions: wave
                .component_promotions
                .iter()
                .map(|promotion| (promotion.component_id.clone(), promotion.target_level.clone()))
                .collect(),
            eval_targets: eval_targets(project, wave),
            ceilings: match overrides.runtime {
                Some(_) => BTreeMap::new(),
                None => project.config.runtime_policy.mix_targets.clone(),
            },
        }
    }
}

fn eval_targets(project: &Project, wave: &Wave) -> Vec<EvalTargetBrief> {
    let allowed = |target: &EvalTarget| match &project.benchmarks {
        Some(benchmarks) => benchmarks.allowed(target),
        None => target.benchmarks.clone(),
    };
    let targets = wave.eval_targets.iter().map(|target| EvalTargetBrief {
        id: target.id.clone(),
        objective: target.objective.clone(),
        threshold: target.threshold.clone(),
        benchmarks: allowed(target),
        is_delegated: target.selection == "delegated",
        catalogue: project.config.paths.benchmark_catalog.clone(),
    });
    targets.collect()
}

impl AgentBrief {
    fn from_plan(project: &Project, wave: &Wave, agent: &Agent, overrides: &Overrides) -> AgentBrief {
        let stage = stage_of(agent, &project.config);
        let Derivation { resolved: executor, grants, fallbacks_from, .. } =
            derive(agent, &project.config, overrides);
        let skills_on = |id: &RuntimeId| project.skills.of_agent(agent, wave, id, &project.config);
        let skills = skills_on(&executor.id);
        // Skills of a runtime come and go with it, and the work stays the same.
        let of_runtimes: BTreeSet<&String> = project.config.skills.by_runtime.values().flatten().collect();
        let worked_with: Vec<(&str, &str)> = skills
            .iter()
            .filter(|skill| !of_runtimes.contains(&skill.id))
            .map(|skill| (skill.id.as_str(), skill.hash.as_str()))
            .collect();
        let context7 = Selection::of(project.bundles.as_ref(), &project.lane, wave, agent);
        let fingerprint = fingerprint(agent, worked_with, context7.as_ref().map(Selection::name));
        let told = |skills: &[&Skill], id: &RuntimeId| -> Vec<SkillBrief> {
            skills.iter().map(|skill| SkillBrief::of(skill, &project.config.skills.dir, id)).collect()
        };
        let elsewhere = executor.fallbacks.iter();
        let fallback = FallbackBrief {
            allowed_by: if executor.fallbacks.is_empty() { String::new() } else { fallbacks_from },
            skills: elsewhere.map(|id| (id.clone(), told(&skills_on(id), id))).collect(),
            absent: BTreeSet::new(),
        };
        let skills = told(&skills, &executor.id);
        AgentBrief {
            id: agent.id.clone(),
            title: agent.title.clone(),
            slug: agent.slug.clone(),
            role: role_of(agent, &project.config),
            stage,
            builds_after_design: stage == Stage::Design && is_hybrid_design(agent, &project.config),
            executor,
            grants,
            fallback,
            exit_contract: agent.exit_contract,
            deliverables: agent.deliverables.clone(),
            proof_artifacts: agent.proof_artifacts.clone(),
            owned_paths: agent.owned_paths.clone(),
            component_targets: agent.component_targets.clone(),
            prompt: agent.prompt.clone(),
            fingerprint,
            skills,
            context7,
        }
    }
}

impl AgentBrief {
    /// What it is told on a runtime that it fell back to: the model, the options and the skills that it has there. On its
    /// own runtime what stands here.
    pub fn on(&self, runtime: &RuntimeId) -> AgentBrief {
        let mut brief = self.clone();
        if *runtime == self.executor.id {
            return brief;
        }
        brief.executor = ResolvedExecutor {
            id: runtime.clone(),
            selected_by: SELECTED_BY.to_owned(),
            model: self.grants.get(runtime).and_then(|grant| grant.model.clone()),
            ..brief.executor
        };
        brief.skills = self.fallback.skills.get(runtime).cloned().unwrap_or_default();
        brief
    }
}

impl FallbackBrief {
    fn is_empty(&self) -> bool {
        self.skills.is_empty() && self.absent.is_empty()
    }
}

impl SkillBrief {
    fn of(skill: &Skill, dir: &str, runtime: &RuntimeId) -> SkillBrief {
        let folder = format!("{dir}/{}", skill.id);
        let adapter = format!("adapters/{runtime}.md");
        let read_first =
            [INSTRUCTIONS, &adapter].into_iter().filter(|file| skill.files.iter().any(|one| one == file));
        let references = skill.files.iter().filter(|file| file.starts_with("references/"));
        SkillBrief {
            id: skill.id.clone(),
            description: skill.description.clone(),
            when: skill.when.clone(),
            files: read_first.map(|file| format!("{folder}/{file}")).collect(),
            references: references.map(|file| format!("{folder}/{file}")).collect(),
            folder,
        }
    }

    /// Everything that an agent may want to see of it, its manifest first.
    pub fn all_files(&self) -> Vec<String> {
        let manifest = [format!("{}/{MANIFEST}", self.folder)].into_iter();
        manifest.chain(self.files.iter().cloned()).chain(self.references.iter().cloned()).collect()
    }
}

fn sentence(finding: &Finding) -> String {
    format!("{}:{}: {} ({})", finding.file, finding.position.line, finding.message, finding.rule)
}

/// What an agent's work depends on, in an order that is always the same.
#[derive(Debug, Serialize)]
struct WorkedOn<'a> {
    prompt: &'a str,
    exit_contract: Option<ExitContract>,
    deliverables: &'a [String],
    proof_artifacts: &'a [ProofArtifact],
    components: Vec<&'a String>,
    targets: &'a BTreeMap<String, Option<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skills: Vec<(&'a str, &'a str)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context7: Option<String>,
}

/// blake3 of [`WorkedOn`] as JSON, in hexadecimal.
fn fingerprint(agent: &Agent, skills: Vec<(&str, &str)>, context7: Option<String>) -> String {
    let mut components: Vec<&String> = agent.components.iter().collect();
    components.sort_unstable();
    let worked_on = WorkedOn {
        prompt: &agent.prompt,
        exit_contract: agent.exit_contract,
        deliverables: &agent.deliverables,
        proof_artifacts: &agent.proof_artifacts,
        components,
        targets: &agent.component_targets,
        skills,
        context7,
    };
    // Texts, and lists and maps of texts, always become JSON; should they not, two works still differ.
    let text = serde_json::to_string(&worked_on).unwrap_or_else(|_| format!("{worked_on:?}"));
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
