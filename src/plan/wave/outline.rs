//! What both readings of a wave file have in common: the sections that count and where their text lies.

use std::collections::BTreeMap;
use std::ops::Range;

/// Sections of a wave that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WavePart {
    /// Components and the levels they reach.
    ComponentPromotions,
    /// Documentation bundle for all agents.
    Context7Defaults,
    /// Where the wave is rolled out.
    DeployEnvironments,
    /// What cont-EVAL measures.
    EvalTargets,
    /// What a planner noted about the project: of it the posture counts, for us.
    ProjectProfile,
}

impl WavePart {
    /// Every section.
    pub(super) const ALL: [WavePart; 5] = [
        WavePart::ComponentPromotions,
        WavePart::Context7Defaults,
        WavePart::DeployEnvironments,
        WavePart::EvalTargets,
        WavePart::ProjectProfile,
    ];

    /// Its name in the heading.
    pub(super) fn name(self) -> &'static str {
        match self {
            WavePart::ComponentPromotions => "Component promotions",
            WavePart::Context7Defaults => "Context7 defaults",
            WavePart::DeployEnvironments => "Deploy environments",
            WavePart::EvalTargets => "Eval targets",
            WavePart::ProjectProfile => "Project profile",
        }
    }
}

/// Headings of a wave that a planner writes for people; nothing reads them.
pub(super) const PROSE_OF_A_WAVE: [&str; 2] = ["Sequencing note", "Reference rule"];

/// Sections of an agent that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Role documents it imports.
    RolePrompts,
    /// What it runs on.
    Executor,
    /// Its documentation bundle.
    Context7,
    /// Skill bundles.
    Skills,
    /// Components it owns.
    Components,
    /// What it can be asked for.
    Capabilities,
    /// Files it leaves.
    Deliverables,
    /// Files that prove its work.
    ProofArtifacts,
    /// What it must have reached.
    ExitContract,
    /// Its task.
    Prompt,
    /// Ours: the track.
    Wavedeck,
}

impl Part {
    /// Every section, in the order in which planners write them.
    pub(super) const ALL: [Part; 11] = [
        Part::RolePrompts,
        Part::Executor,
        Part::Context7,
        Part::Skills,
        Part::Components,
        Part::Capabilities,
        Part::Deliverables,
        Part::ProofArtifacts,
        Part::ExitContract,
        Part::Prompt,
        Part::Wavedeck,
    ];

    /// Its name in the heading.
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::RolePrompts => "Role prompts",
            Part::Executor => "Executor",
            Part::Context7 => "Context7",
            Part::Skills => "Skills",
            Part::Components => "Components",
            Part::Capabilities => "Capabilities",
            Part::Deliverables => "Deliverables",
            Part::ProofArtifacts => "Proof artifacts",
            Part::ExitContract => "Exit contract",
            Part::Prompt => "Prompt",
            Part::Wavedeck => "Wavedeck",
        }
    }

    /// The section of that name.
    pub(super) fn named(name: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// The text under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    /// Offset of the heading.
    pub(super) heading: usize,
    /// The lines under it.
    pub(super) range: Range<usize>,
}

/// The fenced block of a `### Prompt` section or of a role document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Its text, trimmed, with at least one character.
    Text(Range<usize>),
    /// Nothing between the fences; offset of the opening one.
    Empty(usize),
    /// No closing fence; offset of the opening one.
    Unclosed(usize),
    /// No fence at all.
    None,
}

/// An agent section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AgentOutline {
    /// Text between `Agent ` and the first colon, trimmed.
    pub(super) id: String,
    /// Text after the colon, trimmed.
    pub(super) title: String,
    /// From its heading to the next section.
    pub(super) range: Range<usize>,
    /// Its sections.
    pub(super) parts: BTreeMap<Part, Body>,
    /// The block in its `### Prompt`; `None` without that section.
    pub(super) prompt: Option<Block>,
}

/// A wave file's sections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The wave's own sections.
    pub(super) parts: BTreeMap<WavePart, Body>,
    /// Agents in file order.
    pub(super) agents: Vec<AgentOutline>,
}

/// The part of `range` that is left when white space is cut off both ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(piece) = text.get(range.clone()) else { return range.start..range.start };
    let start = range.start + (piece.len() - piece.trim_start().len());
    start..start + piece.trim().len()
}
