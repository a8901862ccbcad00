//! Ids of what the parser finds. An id is never given a second meaning: scripts filter by it.

/// The file is not named `wave-<n>.md`, or another file has the same number.
pub(in crate::plan) const FILE_NAME: &str = "P01";
/// An agent heading without colon or id.
pub(super) const AGENT_HEADING: &str = "P02";
/// An agent without `### Prompt`.
pub(super) const NO_PROMPT: &str = "P03";
/// A prompt without a fenced block, or with one that is empty or never closed.
pub(super) const PROMPT_FENCE: &str = "P04";
/// A line of a list section that is not a bullet of the expected shape.
pub(super) const MALFORMED: &str = "P05";
/// An identifier with letters that are not allowed.
pub(super) const IDENTIFIER: &str = "P06";
/// An entry that stands twice in its list.
pub(super) const DUPLICATE: &str = "P07";
/// A path that leaves the project, or names a folder where a file is needed.
pub(super) const PATH: &str = "P08";
/// A deliverable or proof artifact outside the agent's ownership.
pub(super) const NOT_OWNED: &str = "P09";
/// An executor key that does not exist.
pub(super) const EXECUTOR_KEY: &str = "P10";
/// A value that its key does not take.
pub(super) const VALUE: &str = "P11";
/// A runtime or executor profile that nobody declares.
pub(in crate::plan) const UNKNOWN_RUNTIME: &str = "P12";
/// A role document that is not there.
pub(super) const NO_ROLE_DOCUMENT: &str = "P13";
/// A role document without a standing prompt.
pub(super) const NO_STANDING_PROMPT: &str = "P14";
/// A field that is missing from an entry.
pub(super) const MISSING_FIELD: &str = "P15";

/// A heading that nothing reads.
pub(super) const UNKNOWN_SECTION: &str = "W01";
/// A key that nothing reads.
pub(super) const UNKNOWN_KEY: &str = "W02";
/// A section that stands twice.
pub(super) const REPEATED_SECTION: &str = "W03";
/// A key that stands twice.
pub(super) const REPEATED_KEY: &str = "W04";
/// A missing title, or one that names another wave.
pub(super) const NO_TITLE: &str = "W05";
/// Two agents whose file names would be the same.
pub(super) const SAME_SLUG: &str = "W06";
/// Bytes that are not UTF-8.
pub(super) const NOT_UTF8: &str = "W07";
/// A value that is cut or read only in part.
pub(super) const PARTLY_READ: &str = "W08";
/// `@chllming/wave-orchestration` reads something else here.
pub(super) const READS_DIFFERENTLY: &str = "W10";
/// `@chllming/wave-orchestration` refuses this file.
pub(super) const PREDECESSOR_REFUSES: &str = "W11";
/// The project profile of the wave names another lane.
pub(super) const OTHER_LANE: &str = "W30";
