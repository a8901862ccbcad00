//! Every rule there is, as people look it up: those of the table, and those that are found where a file is read.

use super::super::finding::Severity;
use super::RULES;

/// What an error holds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stops {
    /// Nothing: it is a warning, or about a file that no launch reads.
    Nothing,
    /// The wave in whose file it is found, and no other.
    Wave,
    /// The waves that promote components, or for which a rule about components holds.
    WavesWithComponents,
    /// Every wave of the lane.
    EveryWave,
}

impl Stops {
    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Stops::Nothing => "nothing",
            Stops::Wave => "its wave",
            Stops::WavesWithComponents => "waves with components",
            Stops::EveryWave => "every wave",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its id, such as `V12`.
    pub id: &'static str,
    /// How much what it finds weighs.
    pub severity: Severity,
    /// What it holds up.
    pub stops: Stops,
    /// What must be so, as a sentence.
    pub summary: &'static str,
}

/// Every rule, by id.
pub fn catalogue() -> Vec<Entry> {
    let table = RULES.iter().map(|rule| Entry {
        id: rule.id,
        severity: rule.severity,
        stops: match rule.severity {
            Severity::Error => Stops::Wave,
            Severity::Warning => Stops::Nothing,
        },
        summary: rule.summary,
    });
    let mut entries: Vec<Entry> = table.chain(WHERE_IT_IS_READ).collect();
    entries.sort_by_key(|entry| entry.id);
    entries
}

const fn config(id: &'static str, summary: &'static str) -> Entry {
    Entry { id, severity: Severity::Error, stops: Stops::EveryWave, summary }
}

const fn wave(id: &'static str, summary: &'static str) -> Entry {
    Entry { id, severity: Severity::Error, stops: Stops::Wave, summary }
}

/// Of what `draft --agentic` plans: a plan that breaks it is never written.
const fn of_plan(id: &'static str, summary: &'static str) -> Entry {
    Entry { id, severity: Severity::Error, stops: Stops::Nothing, summary }
}

const fn warning(id: &'static str, summary: &'static str) -> Entry {
    Entry { id, severity: Severity::Warning, stops: Stops::Nothing, summary }
}

/// Rules that are no functions of the table. `V11` stands there for a matrix that is missing; here it is the one that
/// cannot be read, under the same id.
const WHERE_IT_IS_READ: [Entry; 46] = [
    config("C01", "wave.config.json is JSON"),
    config("C02", "values of the configuration have the type of their key"),
    config("C03", "runtimes that the configuration names are there"),
    config("C04", "no key stands under a name that it no longer has"),
    config("C05", "every key of the configuration is known"),
    config("C06", "the lane is one that the configuration declares"),
    config("C09", "no key stands twice in one object"),
    config("C10", "the project is one that the configuration declares"),
    Entry {
        id: "C20",
        severity: Severity::Error,
        stops: Stops::Nothing,
        summary: "specs of waves can be read",
    },
    of_plan("D01", "a planner answers in the shape that it was asked for"),
    of_plan("D02", "a planned wave takes a component one honest step further"),
    of_plan("D03", "every planned worker leaves a file"),
    of_plan("D04", "planned work that goes live has a runbook, a proof and a way back"),
    wave("P01", "wave files are named `wave-<n>.md`, each number once"),
    wave("P02", "agent headings have an id and a colon"),
    wave("P03", "every agent has a `### Prompt`"),
    wave("P04", "a prompt is one closed block that is not empty"),
    wave("P05", "lists hold nothing but bullets of their shape"),
    wave("P06", "identifiers have no letters that are not allowed"),
    wave("P07", "nothing stands twice in a list"),
    wave("P08", "paths lie inside the project, and files are no folders"),
    wave("P09", "an agent owns what it owes"),
    wave("P10", "keys of `### Executor` exist"),
    wave("P11", "values of `### Executor` and other sections are those that their key takes"),
    wave("P12", "runtimes and executor profiles that a wave names are there"),
    wave("P13", "role documents are there"),
    wave("P14", "role documents have a standing prompt"),
    wave("P15", "entries have the fields that they need"),
    Entry {
        id: "V11",
        severity: Severity::Error,
        stops: Stops::WavesWithComponents,
        summary: "the component matrix can be read",
    },
    warning("W01", "every heading is one that something reads"),
    warning("W02", "every key is one that something reads"),
    warning("W03", "no section stands twice"),
    warning("W04", "no key stands twice"),
    warning("W05", "a wave and its agents have titles, and the wave's says its own number"),
    warning("W06", "files of different agents have different names"),
    warning("W07", "files are UTF-8"),
    warning("W08", "values are read whole"),
    warning("W10", "wave-orchestration 0.9.15 reads the same"),
    warning("W11", "wave-orchestration 0.9.15 accepts the file"),
    warning("W14", "numbers of waves have no gaps"),
    warning("W16", "skills that are there can reach an agent"),
    warning("W24", "a wave and its spec say the same"),
    warning("W30", "a wave lies in the lane that it names"),
    warning("W31", "the markdown twin says what the component matrix says"),
    warning("W32", "promotions in a matrix of several lanes name their lane"),
    warning("W33", "a wave promotes a component once in the matrix"),
];

#[cfg(test)]
mod tests {
    use super::{Stops, catalogue};
    use crate::plan::Severity;

    #[test]
    fn rules_stand_by_their_id_and_only_errors_stop_something() {
        let entries = catalogue();
        assert!(entries.is_sorted_by_key(|entry| entry.id));
        for pair in entries.windows(2) {
            assert!(pair[0].id != pair[1].id || pair[0].id == "V11", "{} stands twice", pair[0].id);
        }
        for entry in entries.iter().filter(|entry| entry.stops != Stops::Nothing) {
            assert_eq!(entry.severity, Severity::Error, "{}", entry.id);
        }
    }
}
