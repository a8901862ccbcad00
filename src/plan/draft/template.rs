//! Templates and kinds of workers, as data: what a draft says before anybody answers anything.
//!
//! Names, titles, levels, profiles and exit contracts are those of npm `@chllming/wave-orchestration` 0.9.15; `migration`
//! is ours. In every text `{wave}`, `{id}` (of the agent, lower-case), `{name}` (its title as a name), `{state}` (the
//! lane's state folder) and `{waves}` (folder of the wave files) are filled in.

use super::super::wave::{Completion, DocImpact, Durability, ExitContract, Proof};

/// What a wave is drafted from.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// Kind of its workers.
    pub worker: &'static str,
    /// Title of the wave.
    pub title: &'static str,
    /// First word of the commit message.
    pub commit: &'static str,
    /// Title of a worker, before its number.
    pub track: &'static str,
    /// Level that its components reach.
    pub level: &'static str,
    /// What every worker of it must satisfy, beside what its kind says.
    pub requirements: &'static [&'static str],
}

/// Every template.
pub const TEMPLATES: [Template; 5] = [
    Template {
        name: "implementation",
        worker: "implementation",
        title: "Implementation Slice",
        commit: "Feat",
        track: "Implementation Track",
        level: "repo-landed",
        requirements: &[],
    },
    Template {
        name: "qa",
        worker: "qa",
        title: "QA Closure",
        commit: "Test",
        track: "QA Track",
        level: "qa-proved",
        requirements: &[],
    },
    Template {
        name: "infra",
        worker: "infra",
        title: "Infra Planning Slice",
        commit: "Feat",
        track: "Infra Track",
        level: "baseline-proved",
        requirements: &[],
    },
    Template {
        name: "release",
        worker: "deploy",
        title: "Release Readiness",
        commit: "Release",
        track: "Release Track",
        level: "fleet-ready",
        requirements: &[],
    },
    Template {
        name: "migration",
        worker: "implementation",
        title: "Migration Slice",
        commit: "Migrate",
        track: "Migration Track",
        level: "baseline-proved",
        requirements: &[
            "Expand first, then migrate, then contract: old and new readers work at every step in between.",
            "Rehearse on a copy, and record counts and checksums before and after.",
            "Keep the migration restartable: a second run does nothing that the first one did.",
            "Rollback: say for every step how it is reverted, and which step cannot be.",
        ],
    },
];

/// The template of that name; the first one for a name that nobody knows.
pub fn template(name: &str) -> &'static Template {
    static TABLE: &[Template; 5] = &TEMPLATES;
    let [first, ..] = TABLE;
    TABLE.iter().find(|template| template.name == name).unwrap_or(first)
}

/// What a worker is.
#[derive(Debug, Clone, Copy)]
pub struct WorkerKind {
    /// Its name.
    pub name: &'static str,
    /// Executor profile, where the configuration has it.
    pub profile: &'static str,
    /// What it must have reached; `None` for those that own no components.
    pub contract: Option<ExitContract>,
    /// What makes it known to whoever routes work.
    pub capabilities: &'static [&'static str],
    /// What it owns.
    pub owned: &'static [&'static str],
    /// Its task.
    pub goal: &'static str,
    /// How it works with others.
    pub notes: &'static [&'static str],
    /// What its work must satisfy.
    pub requirements: &'static [&'static str],
    /// How that is checked.
    pub validation: &'static str,
    /// What it reports.
    pub output: &'static str,
    /// Whether it acts on an environment.
    pub acts: bool,
}

const fn contract(
    completion: Completion,
    durability: Durability,
    proof: Proof,
    doc_impact: DocImpact,
) -> Option<ExitContract> {
    Some(ExitContract { completion, durability, proof, doc_impact })
}

const SLICE: Option<ExitContract> =
    contract(Completion::Contract, Durability::None, Proof::Unit, DocImpact::Owned);
const INTEGRATED: Option<ExitContract> =
    contract(Completion::Integrated, Durability::None, Proof::Integration, DocImpact::Owned);
const LIVE: Option<ExitContract> =
    contract(Completion::Live, Durability::Durable, Proof::Live, DocImpact::Owned);

/// How code gets from a worker into what is rolled out, and back out of it.
const ROLLOUT: [&str; 4] = [
    "Branch: work on `wave-{wave}-{id}`, and deploy nothing from a branch that is not merged.",
    "Pull request: open one with what changes, how it is checked and how it is reverted, and link it in the report.",
    "Name the version that is deployed, and the one to go back to, before anything changes.",
    "Rollback: rehearse the way back to the earlier version, say which signal triggers it and who decides, and keep the proof.",
];

/// Every kind of worker.
pub const WORKER_KINDS: [WorkerKind; 7] = [
    WorkerKind {
        name: "design",
        profile: "design-pass",
        contract: None,
        capabilities: &["design"],
        owned: &["{waves}/design/wave-{wave}-{id}.md"],
        goal: "Decide how the slice of this wave is built, before others build it.",
        notes: &[
            "Those who build read the packet first; leave no question open that they would have to guess.",
        ],
        requirements: &["Say what was decided, what was turned down, and why."],
        validation: "Re-read the packet against the documents it names.",
        output: "Summarize the decisions and the questions that stay open.",
        acts: false,
    },
    WorkerKind {
        name: "implementation",
        profile: "implement-fast",
        contract: SLICE,
        capabilities: &[],
        owned: &["src/{name}/"],
        goal: "Land the slice of this wave that is named in the title.",
        notes: &["Tell A8 about every contract that another agent depends on."],
        requirements: &["Cover what changed with tests that fail without the change."],
        validation: "Run the tests of what changed, and the whole suite once before the end.",
        output: "Summarize what landed, what it proves, and what is left.",
        acts: false,
    },
    WorkerKind {
        name: "qa",
        profile: "implement-fast",
        contract: INTEGRATED,
        capabilities: &[],
        owned: &["tests/{name}/"],
        goal: "Show whether what earlier waves landed holds together.",
        notes: &["Report a fault to whoever owns it; mend nothing outside the paths owned here."],
        requirements: &["Keep the evidence of every check beside what it checks."],
        validation: "Run the integration tests and keep their output as proof.",
        output: "Summarize what was checked, what failed, and who owns each failure.",
        acts: false,
    },
    WorkerKind {
        name: "infra",
        profile: "ops-triage",
        contract: LIVE,
        capabilities: &["infra"],
        owned: &["infra/{name}/", "docs/plans/operations/wave-{wave}-{id}.md"],
        goal: "Prepare and prove the environment that this wave needs.",
        notes: &["Tell A8 which environment was touched and how it was left."],
        requirements: &[
            "Credentials: take those that are expected from the environment, and never print or store a token or secret.",
            "Rollback: write down how each change is reverted before it is made.",
        ],
        validation: "Run the readiness command of the environment, and keep its output as proof.",
        output: "Summarize the state of the environment, the proof, and the way back.",
        acts: true,
    },
    WorkerKind {
        name: "deploy",
        profile: "ops-triage",
        contract: LIVE,
        capabilities: &["deploy"],
        owned: &["docs/plans/operations/wave-{wave}-{id}.md"],
        goal: "Roll out what earlier waves landed, and prove that it can be taken back.",
        notes: &["Tell A8 and A0 which version runs where before they close the wave."],
        requirements: &[
            ROLLOUT[0],
            ROLLOUT[1],
            ROLLOUT[2],
            ROLLOUT[3],
            "Credentials: take those that are expected from the environment, and never print or store a token or secret.",
        ],
        validation: "Run the readiness command and a smoke test of the environment, and keep both outputs as proof.",
        output: "Summarize what runs where, its health, the proof, and the way back.",
        acts: true,
    },
    WorkerKind {
        name: "research",
        profile: "ops-triage",
        contract: SLICE,
        capabilities: &["research"],
        owned: &["docs/research/wave-{wave}-{id}.md"],
        goal: "Find out what the next waves need to know.",
        notes: &["Separate what was seen from what is concluded."],
        requirements: &["Give the source of every statement."],
        validation: "Re-read the report against its sources.",
        output: "Summarize the findings and what they change in the plan.",
        acts: false,
    },
    WorkerKind {
        name: "security",
        profile: "security-review",
        contract: None,
        capabilities: &["security-review"],
        owned: &["{state}/security/wave-{wave}-review.md"],
        goal: "Review what this wave changes for security before it closes.",
        notes: &["Send each finding to the owner of the path that it is about."],
        requirements: &["Say for each finding how bad it is, where it is, and what mends it."],
        validation: "Re-read the changed files against the findings.",
        output: "Summarize the findings by how bad they are, and what must be mended first.",
        acts: false,
    },
];

/// The kind of that name; `implementation` for a name that nobody knows.
pub fn worker_kind(name: &str) -> &'static WorkerKind {
    static TABLE: &[WorkerKind; 7] = &WORKER_KINDS;
    let [_, otherwise, ..] = TABLE;
    TABLE.iter().find(|kind| kind.name == name).unwrap_or(otherwise)
}
