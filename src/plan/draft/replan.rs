//! Planning again from a wave on: wave files follow their specs, and specs follow the configuration and the matrix as they
//! are now. Closed waves stay as they are; every change says what it is and why.

use std::collections::BTreeSet;

use super::super::project::{Project, SourceFile, Sources};
use super::super::wave::{Context, WaveNumber, WaveReading, read};
use super::drift::drift;
use super::import::spec_of;
use super::render::markdown;
use super::spec::Spec;

/// What planning again comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replan {
    /// Specs of the waves that change, ascending.
    pub specs: Vec<Spec>,
    /// What changes, and why.
    pub changes: Vec<WaveChange>,
    /// Waves from there on that are closed, and so stay.
    pub closed: Vec<WaveNumber>,
}

/// A change of one wave.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WaveChange {
    /// The wave.
    pub wave: WaveNumber,
    /// What changes and why, a sentence each without its full stop.
    pub changes: Vec<String>,
}

/// Plans again from wave `from` on. Waves that are as they should be are not among the result. Pure; nothing is checked
/// here, see [`super::proposal()`].
pub fn replan(sources: &Sources, project: &Project, from: WaveNumber) -> Replan {
    let mut replan = Replan::default();
    for (number, wave) in project.waves.range(from..) {
        if sources.completed.contains(number) {
            replan.closed.push(*number);
            continue;
        }
        let Some(file) = sources.waves.iter().find(|file| file.path == wave.file) else { continue };
        let (spec, changes) = again(sources, project, *number, file);
        if !changes.is_empty() {
            replan.specs.push(spec);
            replan.changes.push(WaveChange { wave: *number, changes });
        }
    }
    replan
}

/// The spec of a wave as it should be, and what that changes.
fn again(sources: &Sources, project: &Project, number: WaveNumber, file: &SourceFile) -> (Spec, Vec<String>) {
    let context =
        Context { config: &project.config, documents: &sources.documents, runtimes: &sources.runtimes };
    let reading = read(number, &file.path, &file.text, &context);
    let path = Spec::path(project.config.waves_directory(), number);
    let mut changes = Vec::new();
    let known = sources.specs.get(&path).and_then(|text| Spec::read(&path, text).0.map(|spec| (spec, text)));
    let mut spec = match known {
        Some((spec, text)) => {
            changes.extend(followed(&reading, file, &path, text));
            spec
        }
        None => {
            let why = if sources.specs.contains_key(&path) { "cannot be read" } else { "is not there" };
            changes.push(format!("{path} {why}, so it is made from the wave file"));
            let mut spec = spec_of(&reading.wave, &file.text, None);
            spec.lane.clone_from(&project.lane);
            spec
        }
    };
    changes.extend(follow_configuration(&mut spec, project));
    changes.extend(follow_matrix(&mut spec, project));
    // A wave file that says what its spec says stays as its author laid it out.
    if !changes.is_empty() {
        changes.extend(left_out(&reading, &file.text, &spec));
    }
    (spec, changes)
}

/// Lines of the wave file that no part of its spec holds, and that writing it anew from there takes away.
fn left_out(reading: &WaveReading, text: &str, spec: &Spec) -> Vec<String> {
    let bare = |line: &str| -> String { line.chars().filter(|letter| letter.is_alphanumeric()).collect() };
    let said = markdown(&spec_of(&reading.wave, text, Some(spec)));
    let held: BTreeSet<String> = said.lines().map(bare).collect();
    let lines = text.lines().enumerate().filter(|(_, line)| {
        let line = bare(line);
        !line.is_empty() && !held.contains(&line)
    });
    lines
        .map(|(index, line)| {
            format!("line {} is left out, which no part of a spec holds: `{}`", index + 1, line.trim())
        })
        .collect()
}

/// Where the wave file says something else than its spec, which counts here.
fn followed(reading: &WaveReading, file: &SourceFile, path: &str, text: &str) -> Vec<String> {
    let said = drift(reading, &file.text, path, text).into_iter().map(|finding| {
        let agent = finding.agent.map(|agent| format!("{agent}: ")).unwrap_or_default();
        format!("the wave file follows its spec: {agent}{}", finding.message)
    });
    said.collect()
}

/// Takes over documents that the configuration asks for by now.
fn follow_configuration(spec: &mut Spec, project: &Project) -> Vec<String> {
    let config = &project.config;
    let holds = |from: Option<u32>| from.is_some_and(|from| spec.wave >= from);
    let mut shared = config.shared_plan_docs.clone();
    if holds(config.validation.component_promotions_from) {
        shared.extend([config.paths.matrix_doc.clone(), config.paths.matrix_json.clone()]);
    }
    if !holds(config.validation.documentation_steward_from) {
        shared.clear();
    }
    let mut changes = Vec::new();
    // A prompt that its author wrote is not taken apart.
    for agent in spec.agents.iter_mut().filter(|agent| agent.prompt.is_none()) {
        let id = agent.agent_id.clone();
        for path in &config.validation.required_prompt_references {
            if !agent.required_context.contains(path) {
                agent.required_context.push(path.clone());
                changes.push(format!("{id} reads {path}, which the configuration requires of every prompt"));
            }
        }
        let keeps_documents = agent.role_prompt_paths.contains(&config.roles.documentation_document);
        for path in shared.iter().filter(|_| keeps_documents) {
            if !agent.owned_paths.contains(path) {
                agent.owned_paths.push(path.clone());
                changes
                    .push(format!("{id} owns {path}, which the configuration calls a shared plan document"));
            }
        }
    }
    changes
}

/// Takes over where components stand by now.
fn follow_matrix(spec: &mut Spec, project: &Project) -> Vec<String> {
    let Some(matrix) = &project.matrix else { return Vec::new() };
    let mut changes = Vec::new();
    for entry in &mut spec.components_catalog {
        let Some(known) = matrix.components.get(&entry.component_id) else { continue };
        if known.current_level != entry.current_level {
            let (id, before) = (&entry.component_id, &entry.current_level);
            changes
                .push(format!("{id} stands at {} by now, where the spec had {before}", known.current_level));
            entry.current_level.clone_from(&known.current_level);
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::fixtures::repository;
    use super::super::super::project::{Project, SourceFile, Sources};
    use super::super::{Proposal, proposal};
    use super::{Replan, replan};

    fn again(sources: &Sources, from: u32) -> Replan {
        replan(sources, &Project::read(sources), from)
    }

    /// The sources as they are once a proposal is written.
    fn written(sources: &Sources, proposal: &Proposal) -> Sources {
        let mut after = sources.clone();
        for write in &proposal.writes {
            let file = SourceFile { path: write.path.clone(), text: write.after.clone() };
            if write.path.contains("/specs/") {
                after.specs.insert(write.path.clone(), write.after.clone());
            } else if let Some(wave) = after.waves.iter_mut().find(|wave| wave.path == write.path) {
                *wave = file;
            } else if write.path.ends_with("matrix.json") {
                after.matrix = Some(file);
            } else {
                after.matrix_document = Some(file);
            }
        }
        after
    }

    #[test]
    fn what_is_planned_again_stays_so_and_validates() {
        let sources = repository();
        let first = again(&sources, 1);
        assert_eq!(first.changes.iter().map(|change| change.wave).collect::<Vec<_>>(), [1, 3, 4]);
        let proposal = proposal(&sources, &first.specs);
        assert_eq!(proposal.errors().count(), 0, "{:#?}", proposal.findings);
        assert!(proposal.writes.iter().all(|write| !write.path.ends_with("wave-0.md")));
        assert_eq!(again(&written(&sources, &proposal), 1), Replan::default());
    }

    #[test]
    fn closed_waves_stay_as_they_are() {
        let mut sources = repository();
        sources.completed = BTreeSet::from([0, 3]);
        let found = again(&sources, 0);
        assert_eq!(found.closed, [0, 3]);
        assert_eq!(found.specs.iter().map(|spec| spec.wave).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn every_change_says_what_and_why() {
        let sources = repository();
        let mut settled = written(&sources, &proposal(&sources, &again(&sources, 4).specs));
        let path = "docs/plans/waves/specs/wave-4.json";
        let spec = settled.specs[path].replacen("node-typescript", "none", 1);
        settled.specs.insert(path.to_string(), spec);
        let found = again(&settled, 4);
        let [change] = found.changes.as_slice() else { panic!("{found:#?}") };
        let [sentence] = change.changes.as_slice() else { panic!("{change:#?}") };
        assert!(sentence.starts_with("the wave file follows its spec: `context7Defaults`"), "{sentence}");
    }

    #[test]
    fn what_a_hand_wrote_is_not_taken_away_unsaid() {
        let sources = repository();
        let mut settled = written(&sources, &proposal(&sources, &again(&sources, 4).specs));
        let wave = settled.waves.iter_mut().find(|wave| wave.path.ends_with("wave-4.md")).unwrap();
        wave.text = wave.text.replacen("\n\n", "\n\nWhy: the cache grows.\n\n", 1);
        assert_eq!(again(&settled, 4), Replan::default());
        let path = "docs/plans/waves/specs/wave-4.json";
        let spec = settled.specs[path].replacen("node-typescript", "none", 1);
        settled.specs.insert(path.to_string(), spec);
        let found = again(&settled, 4);
        let [change] = found.changes.as_slice() else { panic!("{found:#?}") };
        assert_eq!(
            change.changes[1..],
            ["line 3 is left out, which no part of a spec holds: `Why: the cache grows.`"]
        );
    }
}
