//! Every key of `wave.config.json`, as the npm package `@chllming/wave-orchestration` 0.9.15 reads them. A flat table, and
//! as long as that file may be rich.

use super::shape::Key;
use super::shape::Shape::{
    ByRuntime, Flag, Foreign, Map, MapOf, Object, Objects, OneOf, Path, Paths, Runtime, Runtimes, Text,
    Texts, Threshold, Variable, Whole,
};
use crate::plan::runtime::Sandbox;

/// The file.
pub const TOP: &[Key] = &[
    Key::new("$schema", Text, "where an editor finds the schema; not read"),
    Key::or("version", Whole, "1", "for people"),
    Key::or("projectName", Text, "\"Wave Orchestrator\"", "name to show"),
    Key::or("repoMode", OneOf(REPO_MODES), "\"single-repo\"", "whether every lane has documents of its own"),
    Key::or("defaultLane", Text, "\"main\"", "the lane when none is named"),
    Key::or("defaultProject", Text, "\"default\"", "the project when none is named"),
    Key::new("paths", Object(PATHS), "where things are"),
    Key::new("roles", Object(ROLES), "who closes a wave, and the documents of the roles"),
    Key::new("validation", Object(VALIDATION), "from which wave on which rule holds"),
    Key::new("executors", Object(EXECUTORS), "runtimes and profiles"),
    Key::new("planner", Object(PLANNER), "drafting by an agent"),
    Key::new("skills", Object(SKILLS), "skill bundles and who gets them"),
    Key::new("capabilityRouting", Object(ROUTING), "who is asked first for a capability"),
    Key::new("runtimePolicy", Object(RUNTIME_POLICY), "which runtime for whom"),
    Key::new("waveControl", Object(WAVE_CONTROL), "telemetry of the predecessor; Wavedeck sends nothing"),
    Key::new("externalProviders", Object(PROVIDERS), "documentation and findings from outside"),
    Key::new("sharedPlanDocs", Paths, "documents that only the documentation steward may own"),
    Key::new("lanes", Map(&Object(LANE)), "what a lane has otherwise"),
    Key::new("projects", Map(&Object(PROJECT)), "projects of one repository"),
];

/// Keys of `projects.ID`.
pub const PROJECT: &[Key] = &[
    Key::new("projectName", Text, "name to show"),
    Key::or("rootDir", Text, "\".\"", "folder of the project"),
    Key::new("paths", Object(PATHS), "where things are"),
    Key::new("sharedPlanDocs", Paths, "documents that only the documentation steward may own"),
    Key::new("roles", Object(ROLES), "as at the top"),
    Key::new("validation", Object(VALIDATION), "as at the top"),
    Key::new("executors", Object(EXECUTORS), "as at the top"),
    Key::new("planner", Object(PLANNER), "as at the top"),
    Key::new("skills", Object(SKILLS), "as at the top"),
    Key::new("capabilityRouting", Object(ROUTING), "as at the top"),
    Key::new("runtimePolicy", Object(RUNTIME_POLICY), "as at the top"),
    Key::new("waveControl", Object(WAVE_CONTROL), "as at the top"),
    Key::new("externalProviders", Object(PROVIDERS), "as at the top"),
    Key::new("lanes", Map(&Object(LANE)), "what a lane has otherwise"),
];

/// Keys of `lanes.NAME`.
pub const LANE: &[Key] = &[
    Key::new("docsDir", Path, "documents of the lane"),
    Key::new("plansDir", Path, "plans of the lane"),
    Key::new("wavesDir", Path, "wave files of the lane"),
    Key::new("stateRoot", Path, "where state that agents read is written"),
    Key::new("orchestratorStateDir", Path, "state that lanes share"),
    Key::new("terminalsPath", Path, "list of terminals for an editor; not read"),
    Key::new("context7BundleIndexPath", Path, "Context7 bundles"),
    Key::new("benchmarkCatalogPath", Path, "benchmarks of eval targets"),
    Key::new("componentCutoverMatrixDocPath", Path, "the component matrix for people"),
    Key::new("componentCutoverMatrixJsonPath", Path, "the component matrix"),
    Key::new("sharedPlanDocs", Paths, "documents that only the documentation steward may own"),
    Key::new("roles", Object(ROLES), "as at the top"),
    Key::new("validation", Object(VALIDATION), "as at the top"),
    Key::new("executors", Object(EXECUTORS), "as at the top"),
    Key::new("planner", Object(PLANNER), "as at the top; the predecessor does not read it here"),
    Key::new("skills", Object(SKILLS), "as at the top"),
    Key::new("capabilityRouting", Object(ROUTING), "as at the top"),
    Key::new("runtimePolicy", Object(RUNTIME_POLICY), "as at the top"),
    Key::new("runtimeMixTargets", ByRuntime(&Whole), "as in runtimePolicy, and wins over it"),
    Key::new(
        "defaultExecutorByRole",
        MapOf(RUNTIME_ROLES, &Runtime),
        "as in runtimePolicy, and wins over it",
    ),
    Key::new("fallbackExecutorOrder", Runtimes, "as in runtimePolicy, and wins over it"),
    Key::new("waveControl", Object(WAVE_CONTROL), "as at the top"),
    Key::new("externalProviders", Object(PROVIDERS), "as at the top"),
];

const REPO_MODES: &[&str] = &["single-repo", "multi-lane"];

/// Keys of `paths`.
pub const PATHS: &[Key] = &[
    Key::or("docsDir", Path, "\"docs\"", "documents"),
    Key::or("stateRoot", Path, "\".tmp\"", "where state that agents read is written"),
    Key::or("orchestratorStateDir", Path, "\".tmp/wave-orchestrator\"", "state that lanes share"),
    Key::or("terminalsPath", Path, "\".vscode/terminals.json\"", "list of terminals for an editor; not read"),
    Key::or("context7BundleIndexPath", Path, "\"docs/context7/bundles.json\"", "Context7 bundles"),
    Key::or(
        "benchmarkCatalogPath",
        Path,
        "\"docs/evals/benchmark-catalog.json\"",
        "benchmarks of eval targets",
    ),
    Key::or(
        "componentCutoverMatrixDocPath",
        Path,
        "\"docs/plans/component-cutover-matrix.md\"",
        "the component matrix for people",
    ),
    Key::or(
        "componentCutoverMatrixJsonPath",
        Path,
        "\"docs/plans/component-cutover-matrix.json\"",
        "the component matrix",
    ),
];

/// Keys of `roles`.
pub const ROLES: &[Key] = &[
    Key::or("rolePromptDir", Path, "\"docs/agents\"", "folder of every role document"),
    Key::or("contQaAgentId", Text, "\"A0\"", "agent id of cont-QA")
        .renamed("evaluatorAgentId", "contQaAgentId or contEvalAgentId"),
    Key::or("contEvalAgentId", Text, "\"E0\"", "agent id of cont-EVAL"),
    Key::or("integrationAgentId", Text, "\"A8\"", "agent id of the integration steward"),
    Key::or("documentationAgentId", Text, "\"A9\"", "agent id of the documentation steward"),
    Key::or("contQaRolePromptPath", Path, "\"docs/agents/wave-cont-qa-role.md\"", "document of cont-QA")
        .renamed("evaluatorRolePromptPath", "contQaRolePromptPath or contEvalRolePromptPath"),
    Key::or(
        "contEvalRolePromptPath",
        Path,
        "\"docs/agents/wave-cont-eval-role.md\"",
        "document of cont-EVAL",
    ),
    Key::or(
        "integrationRolePromptPath",
        Path,
        "\"docs/agents/wave-integration-role.md\"",
        "document of the integration steward",
    ),
    Key::or(
        "documentationRolePromptPath",
        Path,
        "\"docs/agents/wave-documentation-role.md\"",
        "document of the documentation steward",
    ),
    Key::or("securityRolePromptPath", Path, "\"docs/agents/wave-security-role.md\"", "document of reviewers"),
    Key::or("designRolePromptPath", Path, "\"docs/agents/wave-design-role.md\"", "document of designers"),
];

/// Keys of `validation`.
pub const VALIDATION: &[Key] = &[
    Key::or("requireDocumentationStewardFromWave", Threshold, "0", "exactly one documentation steward"),
    Key::or("requireContext7DeclarationsFromWave", Threshold, "6", "Context7 sections"),
    Key::or("requireExitContractsFromWave", Threshold, "6", "exit contracts of agents that build"),
    Key::or("requireIntegrationStewardFromWave", Threshold, "null", "exactly one integration steward"),
    Key::or("requireComponentPromotionsFromWave", Threshold, "0", "component promotions"),
    Key::or("requireAgentComponentsFromWave", Threshold, "0", "components of agents that build"),
    Key::or(
        "requiredPromptReferences",
        Texts,
        "[\"docs/reference/repository-guidance.md\", \"docs/research/agent-context-sources.md\"]",
        "strings that every prompt must contain",
    ),
    Key::new("gateModeThresholds", Object(MODES), "gate modes"),
    Key::new("closureModeThresholds", Object(MODES), "modes of the closure sweep"),
    Key::new("autoClosure", Object(AUTO_CLOSURE), "short ways through the closure sweep"),
    Key::new("bootstrapPassConditions", Object(BOOTSTRAP), "read by nothing, not by the predecessor either"),
    Key::new("testCommand", Text, "read by nothing, not by the predecessor either"),
    Key::new("testCommandTimeout", Whole, "read by nothing, not by the predecessor either"),
];

pub(super) const MODES: &[Key] = &[
    Key::or("bootstrap", Whole, "0", "first wave of this mode"),
    Key::or("standard", Whole, "4", "first wave of this mode"),
    Key::or("strict", Whole, "10", "first wave of this mode"),
];

pub(super) const AUTO_CLOSURE: &[Key] = &[
    Key::or("allowInferredIntegration", Flag, "false", "integration may be inferred"),
    Key::or("allowAutoDocNoChange", Flag, "false", "documentation without changes may close by itself"),
    Key::or("allowAutoDocProjection", Flag, "false", "documentation may be projected"),
    Key::or("allowSkipContQaInBootstrap", Flag, "false", "cont-QA may be left out in bootstrap mode"),
];

const BOOTSTRAP: &[Key] = &[
    Key::new("requireA0Verdict", Flag, "read by nothing"),
    Key::new("requireProofSignals", Flag, "read by nothing"),
    Key::new("requireTestsPass", Flag, "read by nothing"),
    Key::new("requireDeliverablesExist", Flag, "read by nothing"),
    Key::new("requireExitCodeZero", Flag, "read by nothing"),
];

/// Keys of `executors`.
pub const EXECUTORS: &[Key] = &[
    Key::or("default", Runtime, "\"codex\"", "what runs an agent when nothing else says so"),
    Key::new("profiles", Map(&Object(PROFILE)), "profiles that agents name"),
    Key::new("codex", Object(CODEX), "settings of codex"),
    Key::new("claude", Object(CLAUDE), "settings of claude"),
    Key::new("opencode", Object(OPENCODE), "settings of opencode"),
];

/// Keys of `executors.profiles.NAME`.
pub const PROFILE: &[Key] = &[
    Key::new("id", Runtime, "the runtime"),
    Key::new("model", Text, "the model, for that runtime"),
    Key::new("models", ByRuntime(&Text), "the model per runtime, so that a fallback has one; a key of ours"),
    Key::new("fallbacks", Runtimes, "where a retry may go, in order"),
    Key::new("tags", Texts, "free words"),
    Key::new("budget", Object(BUDGET), "what one attempt may take"),
    Key::new("codex", Object(CODEX), "settings of codex"),
    Key::new("claude", Object(CLAUDE), "settings of claude"),
    Key::new("opencode", Object(OPENCODE), "settings of opencode"),
];

const BUDGET: &[Key] = &[
    Key::new("turns", Whole, "turns; for people, no runtime counts them"),
    Key::new("minutes", Whole, "minutes of the clock"),
];

/// Keys of `codex`.
pub const CODEX: &[Key] = &[
    Key::or("command", Text, "\"codex\"", "the program"),
    Key::or("sandbox", OneOf(SANDBOXES), "\"workspace-write\"", "what it may touch"),
    Key::new("profileName", Text, "a profile of its own configuration"),
    Key::or("config", Texts, "[]", "settings handed over with -c"),
    Key::or("search", Flag, "false", "whether it may search the web"),
    Key::or("images", Texts, "[]", "images it is shown"),
    Key::or("addDirs", Texts, "[]", "folders it may write beside the project"),
    Key::or("json", Flag, "false", "prints events as JSON"),
    Key::or("ephemeral", Flag, "false", "keeps no session"),
];

/// The runtimes that have options, with their keys.
pub const RUNTIME_OPTIONS: [(&str, &[Key]); 3] =
    [("codex", CODEX), ("claude", CLAUDE), ("opencode", OPENCODE)];

const SANDBOXES: &[&str] =
    &[Sandbox::ReadOnly.word(), Sandbox::WorkspaceWrite.word(), Sandbox::DangerFullAccess.word()];

/// Keys of `claude`.
pub const CLAUDE: &[Key] = &[
    Key::or("command", Text, "\"claude\"", "the program"),
    Key::new("model", Text, "the model"),
    Key::new("agent", Text, "an agent of its own configuration"),
    Key::or(
        "appendSystemPromptMode",
        OneOf(&["append", "replace"]),
        "\"append\"",
        "how the system prompt is set",
    ),
    Key::or("permissionMode", Text, "\"acceptEdits\"", "how it asks before it acts"),
    Key::new("permissionPromptTool", Text, "who is asked"),
    Key::new("effort", Text, "how hard it thinks"),
    Key::new("maxTurns", Whole, "turns after which it ends"),
    Key::or("mcpConfig", Texts, "[]", "files of MCP servers"),
    Key::or("strictMcpConfig", Flag, "false", "only those servers"),
    Key::new("settings", Text, "its settings file"),
    Key::new("settingsJson", Foreign, "its settings"),
    Key::new("hooksJson", Foreign, "its hooks"),
    Key::or("allowedHttpHookUrls", Texts, "[]", "where hooks may send"),
    Key::or("outputFormat", OneOf(&["text", "json", "stream-json"]), "\"text\"", "what it prints"),
    Key::or("allowedTools", Texts, "[]", "tools it may use unasked"),
    Key::or("disallowedTools", Texts, "[]", "tools it may not use"),
];

/// Keys of `opencode`.
pub const OPENCODE: &[Key] = &[
    Key::or("command", Text, "\"opencode\"", "the program"),
    Key::new("model", Text, "the model"),
    Key::new("agent", Text, "an agent of its own configuration"),
    Key::new("attach", Text, "a server to attach to"),
    Key::or("files", Texts, "[]", "files it is shown"),
    Key::or("format", OneOf(&["default", "json"]), "\"default\"", "what it prints"),
    Key::new("steps", Whole, "steps after which it ends"),
    Key::or("instructions", Texts, "[]", "files of instructions"),
    Key::new("permission", Foreign, "what it asks about"),
    Key::new("configJson", Foreign, "its configuration"),
];

/// Roles that a runtime and skills can be given to.
pub const RUNTIME_ROLES: &[&str] = &[
    "cont-qa",
    "cont-eval",
    "integration",
    "documentation",
    "design",
    "security",
    "infra",
    "deploy",
    "research",
    "implementation",
];

/// Keys of `runtimePolicy`.
pub const RUNTIME_POLICY: &[Key] = &[
    Key::or(
        "runtimeMixTargets",
        ByRuntime(&Whole),
        "{}",
        "how many agents of a wave may run on each runtime",
    ),
    Key::or("defaultExecutorByRole", MapOf(RUNTIME_ROLES, &Runtime), "{}", "the runtime of a role"),
    Key::or("fallbackExecutorOrder", Runtimes, "[]", "where a retry goes when nothing nearer says so"),
];

pub(super) const PLANNER: &[Key] = &[Key::new("agentic", Object(AGENTIC), "drafting by an agent")];

pub(super) const AGENTIC: &[Key] = &[
    Key::or("executorProfile", Text, "\"planning-readonly\"", "the profile that plans"),
    Key::or("defaultMaxWaves", Whole, "3", "waves that one run may draft"),
    Key::or(
        "maxReplanIterations",
        Whole,
        "1",
        "how often it is asked again when the result does not validate",
    ),
    Key::or("context7Bundle", Text, "\"planner-agentic\"", "its Context7 bundle"),
    Key::or(
        "context7Query",
        Text,
        "\"Wave planning best practices, maturity alignment, closure gates, proof surfaces, rollout evidence, and \
         coordination failure prevention\"",
        "its Context7 query",
    ),
    Key::or(
        "coreContextPaths",
        Texts,
        r#"["AGENTS.md", "wave.config.json", "docs/roadmap.md", "docs/plans/current-state.md",
            "docs/plans/master-plan.md", "docs/plans/wave-orchestrator.md", "docs/reference/sample-waves.md",
            "docs/plans/examples/wave-example-live-proof.md", "docs/reference/live-proof-waves.md",
            "docs/plans/component-cutover-matrix.md", "docs/plans/component-cutover-matrix.json",
            "docs/reference/wave-planning-lessons.md", "docs/research/coordination-failure-review.md"]"#,
        "files it is shown",
    ),
    Key::or("lessonsPaths", Texts, "[\"docs/reference/wave-planning-lessons.md\"]", "lessons it is shown"),
    Key::or(
        "researchTopicPaths",
        Texts,
        "[\"docs/context7/planner-agent/topics/planning-and-orchestration.md\"]",
        "research it is shown",
    ),
];

pub(super) const SKILLS: &[Key] = &[
    Key::or("dir", Path, "\"skills\"", "folder of the bundles"),
    Key::or("base", Texts, "[]", "bundles that everybody gets"),
    Key::or("byRole", MapOf(RUNTIME_ROLES, &Texts), "{}", "bundles of a role"),
    Key::or(
        "byRuntime",
        MapOf(&["codex", "claude", "opencode", "local"], &Texts),
        "{}",
        "bundles of a runtime",
    ),
    Key::or("byDeployKind", Map(&Texts), "{}", "bundles of a kind of deploy environment"),
];

pub(super) const ROUTING: &[Key] =
    &[Key::or("preferredAgents", Map(&Texts), "{}", "agents that are asked first, by capability")];

pub(super) const WAVE_CONTROL: &[Key] = &[
    Key::new("enabled", Flag, "not read: Wavedeck sends nothing"),
    Key::new("endpoint", Text, "not read"),
    Key::new("workspaceId", Text, "not read"),
    Key::new("projectId", Text, "not read"),
    Key::new("authTokenEnvVar", Variable, "not read"),
    Key::new("authTokenEnvVars", Texts, "not read"),
    Key::new("credentialProviders", Texts, "not read"),
    Key::new(
        "credentials",
        Objects(CREDENTIAL),
        "environment variables that agents expect; doctor looks for them",
    ),
    Key::new(
        "reportMode",
        OneOf(&["disabled", "metadata-only", "metadata-plus-selected", "full-artifact-upload"]),
        "not read",
    ),
    Key::new("uploadArtifactKinds", Texts, "not read"),
    Key::new("requestTimeoutMs", Whole, "not read"),
    Key::new("flushBatchSize", Whole, "not read"),
    Key::new("maxPendingEvents", Whole, "not read"),
    Key::new("captureCoordinationRecords", Flag, "not read"),
    Key::new("captureControlPlaneEvents", Flag, "not read"),
    Key::new("captureTraceBundles", Flag, "not read"),
    Key::new("captureBenchmarkRuns", Flag, "not read"),
];

pub(super) const CREDENTIAL: &[Key] = &[
    Key::new("id", Text, "its name"),
    Key::new("envVar", Variable, "the environment variable that holds it"),
];

pub(super) const PROVIDERS: &[Key] = &[
    Key::new("context7", Object(CONTEXT7), "documentation of libraries"),
    Key::new("corridor", Object(CORRIDOR), "findings of a security service; nothing is asked of it"),
];

const MODES_OF_ACCESS: &[&str] = &["direct", "broker", "hybrid"];

pub(super) const CONTEXT7: &[Key] = &[
    Key::or("mode", OneOf(MODES_OF_ACCESS), "\"direct\"", "only direct is done here"),
    Key::or("apiKeyEnvVar", Variable, "\"CONTEXT7_API_KEY\"", "the environment variable that holds the key"),
];

pub(super) const CORRIDOR: &[Key] = &[
    Key::or("enabled", Flag, "false", "whether the repository uses it; doctor looks for its credentials"),
    Key::new("mode", OneOf(MODES_OF_ACCESS), "not read"),
    Key::new("baseUrl", Text, "not read"),
    Key::or(
        "apiTokenEnvVar",
        Variable,
        "\"CORRIDOR_API_TOKEN\"",
        "the environment variable that holds the token",
    ),
    Key::or(
        "apiKeyFallbackEnvVar",
        Variable,
        "\"CORRIDOR_API_KEY\"",
        "the environment variable that holds the key taken without a token",
    ),
    Key::new("teamId", Text, "not read"),
    Key::new("projectId", Text, "not read"),
    Key::new("severityThreshold", OneOf(&["low", "medium", "high", "critical"]), "not read"),
    Key::new("findingStates", Texts, "not read"),
    Key::new("requiredAtClosure", Flag, "not read"),
];
