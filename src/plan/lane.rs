//! A lane that is read again and again: of what changed only that is read anew, and everything else stays as it was.
//!
//! A wave depends on its own file, its spec, the role documents that it imports, and on the files that all waves share
//! (configuration, matrix, catalogues, skills, runtimes). So a change of one wave file, spec or role document costs as many
//! readings as waves have to do with it, and a change of a shared file costs all.

use std::collections::{BTreeMap, BTreeSet};

use super::benchmarks::Benchmarks;
use super::bundles::Bundles;
use super::config::layers::NOT_JSON;
use super::config::profile::ProjectProfile;
use super::config::{Address, CONFIG_FILE, Config};
use super::draft::{Spec, drift};
use super::finding::{Finding, Position};
use super::json::Document;
use super::lint::lane_wide::{matrix_of_several_lanes, matrix_twin, numbering};
use super::lint::{Subject, check};
use super::matrix::Matrix;
use super::project::{Project, SourceFile, Sources};
use super::skills::Skills;
use super::wave::{Context, Wave, WaveNumber, number_of, read, rules};

/// A lane as read so far.
#[derive(Debug, Clone)]
pub struct Lane {
    shared: Shared,
    files: BTreeMap<String, WaveFile>,
    /// What only all files show together.
    together: Vec<Finding>,
    /// How many wave files were read so far.
    readings: u64,
}

/// What all waves share.
#[derive(Debug, Clone)]
struct Shared {
    /// The sources it was read from; their waves are left out.
    sources: Sources,
    config: Config,
    matrix: Option<Matrix>,
    benchmarks: Option<Benchmarks>,
    bundles: Option<Bundles>,
    skills: Skills,
    profile: ProjectProfile,
    findings: Vec<Finding>,
}

/// A wave file as read.
#[derive(Debug, Clone)]
struct WaveFile {
    text: String,
    /// `None` for a file that is not named like a wave.
    wave: Option<Wave>,
    strict: Option<Wave>,
    findings: Vec<Finding>,
}

impl Lane {
    /// Reads a lane.
    pub fn read(sources: &Sources) -> Lane {
        let mut lane =
            Lane { shared: Shared::read(sources), files: BTreeMap::new(), together: Vec::new(), readings: 0 };
        for SourceFile { path, text } in &sources.waves {
            lane.put(path, text);
        }
        lane.look_at_all();
        lane
    }

    /// Takes the sources as they are now, and gives the files that were read anew, are gone, or about which something else
    /// may be found now.
    pub fn take(&mut self, sources: &Sources) -> BTreeSet<String> {
        if !self.shared.is_read_from(sources) {
            let gone = std::mem::replace(self, Lane::read(sources));
            self.readings += gone.readings;
            let found = gone.shared.findings.into_iter().chain(gone.together).map(|finding| finding.file);
            return gone.files.into_keys().chain(found).chain(self.every_file()).collect();
        }
        let mut changed = self.forget(sources);
        let there: BTreeSet<&str> = sources.waves.iter().map(|file| file.path.as_str()).collect();
        let gone = self.files.keys().filter(|path| !there.contains(path.as_str())).cloned();
        changed.extend(gone);
        self.files.retain(|path, _| there.contains(path.as_str()));
        for SourceFile { path, text } in &sources.waves {
            if self.put(path, text) {
                changed.insert(path.clone());
            }
        }
        self.look_at_all();
        changed
    }

    /// Forgets waves of which something beside their file changed, so that they are read anew: their spec, a document that
    /// they import, or whether they are over. Gives their files.
    fn forget(&mut self, sources: &Sources) -> BTreeSet<String> {
        let own = &mut self.shared.sources;
        let specs = std::mem::replace(&mut own.specs, sources.specs.clone());
        let documents = std::mem::replace(&mut own.documents, sources.documents.clone());
        let completed = std::mem::replace(&mut own.completed, sources.completed.clone());
        let (specs, documents) = (differing(&specs, &own.specs), differing(&documents, &own.documents));
        let completed: BTreeSet<WaveNumber> =
            completed.symmetric_difference(&own.completed).copied().collect();
        let directory = self.shared.config.waves_directory();
        let is_touched = |path: &str, file: &WaveFile| {
            let number = number_of(path);
            let imports = |wave: &Wave| {
                let mut paths = wave.agents.iter().flat_map(|agent| &agent.role_prompt_paths);
                paths.any(|path| documents.contains(path))
            };
            number.is_some_and(|number| {
                completed.contains(&number) || specs.contains(&Spec::path(directory, number))
            }) || [&file.wave, &file.strict].into_iter().flatten().any(imports)
        };
        let touched: BTreeSet<String> = self
            .files
            .iter()
            .filter(|(path, file)| is_touched(path, file))
            .map(|(path, _)| path.clone())
            .collect();
        self.files.retain(|path, _| !touched.contains(path));
        touched
    }

    /// Takes one wave file as it is now (`None`: it is gone). Whether that changed anything.
    pub fn set(&mut self, path: &str, text: Option<&str>) -> bool {
        let (is_changed, is_another) = match text {
            Some(text) => {
                let is_new = !self.files.contains_key(path);
                (self.put(path, text), is_new)
            }
            None => {
                let was_there = self.files.remove(path).is_some();
                (was_there, was_there)
            }
        };
        if is_another {
            self.look_at_all();
        }
        is_changed
    }

    fn put(&mut self, path: &str, text: &str) -> bool {
        if self.files.get(path).is_some_and(|file| file.text == text) {
            return false;
        }
        let file = self.shared.wave_file(path, text);
        self.files.insert(path.to_string(), file);
        self.readings += 1;
        true
    }

    /// Finds again what only all files show together; only their names count for that.
    fn look_at_all(&mut self) {
        self.together = numbering(self.files.keys().map(String::as_str));
    }

    fn every_file(&self) -> impl Iterator<Item = String> {
        let found = self.shared.findings.iter().chain(&self.together).map(|finding| &finding.file);
        self.files.keys().chain(found).cloned()
    }

    /// Whether a path lies directly in the folder of this lane's wave files.
    pub fn lies_beside_waves(&self, path: &str) -> bool {
        path.rsplit_once('/').map_or("", |(folder, _)| folder) == self.shared.config.waves_directory()
    }

    /// Whether a path is that of a wave file of this lane, there or not.
    pub fn is_wave_file(&self, path: &str) -> bool {
        self.lies_beside_waves(path) && number_of(path).is_some()
    }

    /// What was found in one file, by place. Empty for one that is not there.
    pub fn findings_of(&self, path: &str) -> Vec<&Finding> {
        let own = self.files.get(path).into_iter().flat_map(|file| &file.findings);
        let others = self.shared.findings.iter().chain(&self.together).filter(|finding| finding.file == path);
        let mut found: Vec<&Finding> = own.chain(others).filter(|finding| self.counts(finding)).collect();
        found.sort_by_key(|finding| finding.position);
        found
    }

    /// How many readings of wave files there were so far: what it cost to come to where it is.
    pub fn readings(&self) -> u64 {
        self.readings
    }

    /// How many wave files there are.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Everything found, in no order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let own = self.files.values().flat_map(|file| &file.findings);
        own.chain(&self.shared.findings).chain(&self.together).filter(|finding| self.counts(finding))
    }

    /// Of a configuration that is no JSON no profile is known: that every agent's is missing says nothing.
    fn counts(&self, finding: &Finding) -> bool {
        finding.rule != rules::UNKNOWN_RUNTIME
            || !self.shared.findings.iter().any(|finding| finding.rule == NOT_JSON)
    }

    /// The project as of now.
    pub fn project(&self) -> Project {
        self.clone().into_project()
    }

    /// The project.
    pub fn into_project(self) -> Project {
        let mut findings: Vec<Finding> = self.findings().cloned().collect();
        let Lane { shared, files, together: _, readings: _ } = self;
        let (mut waves, mut strict) = (BTreeMap::new(), BTreeMap::new());
        for (path, file) in files {
            match (number_of(&path), file.wave) {
                (Some(number), Some(wave)) if !waves.contains_key(&number) => {
                    strict.extend(file.strict.map(|wave| (number, wave)));
                    waves.insert(number, wave);
                }
                // What is found in a file that is not read is only that.
                _ => findings.retain(|finding| finding.file != path || finding.rule == rules::FILE_NAME),
            }
        }
        findings.sort_by(|a, b| {
            (&a.file, a.position, &a.rule, &a.agent, &a.message)
                .cmp(&(&b.file, b.position, &b.rule, &b.agent, &b.message))
        });
        let config_file = shared.sources.config.map_or(CONFIG_FILE.to_string(), |file| file.path);
        Project {
            lane: shared.sources.lane,
            config_file,
            matrix_file: shared.config.matrix_path().to_string(),
            config: shared.config,
            matrix: shared.matrix,
            benchmarks: shared.benchmarks,
            bundles: shared.bundles,
            skills: shared.skills,
            waves,
            strict,
            findings,
        }
    }
}

impl Shared {
    fn read(sources: &Sources) -> Shared {
        let config_file = sources.config.as_ref().map_or(CONFIG_FILE, |file| file.path.as_str());
        let text = sources.config.as_ref().map(|file| file.text.as_str());
        let address = Address { project: sources.project.as_deref(), lane: &sources.lane };
        let (config, mut findings) = Config::read(config_file, text, address, Some(&sources.runtimes));
        let config = match &sources.adhoc {
            Some(place) => config.of_adhoc_run(&place.run, &place.folder),
            None => config,
        };
        let (skills, found) = Skills::read(&config.skills.dir, &sources.skills);
        findings.extend(found);
        if let Some(text) = text {
            findings.extend(skills.check(&config, config_file, |key, id| place_of(text, key, id)));
        }
        let matrix = read_file(sources.matrix.as_ref(), Matrix::read, &mut findings);
        findings.extend(matrix_twin(matrix.as_ref(), sources.matrix_document.as_ref()));
        findings.extend(matrix_of_several_lanes(sources, &config));
        let profile = sources.profile.as_ref().map(|file| ProjectProfile::read(&file.path, &file.text));
        let (profile, found) = profile.unwrap_or_default();
        findings.extend(found);
        Shared {
            skills,
            matrix,
            profile,
            benchmarks: read_file(sources.benchmarks.as_ref(), Benchmarks::read, &mut findings),
            bundles: read_file(sources.bundles.as_ref(), Bundles::read, &mut findings),
            // Waves are kept once, as read.
            sources: Sources { specs: sources.specs.clone(), ..sources.shared() },
            config,
            findings,
        }
    }

    fn is_read_from(&self, sources: &Sources) -> bool {
        let Sources {
            project,
            lane,
            adhoc,
            config,
            matrix,
            matrix_document,
            profile,
            waves: _,
            specs: _,
            documents: _,
            runtimes,
            benchmarks,
            bundles,
            skills,
            completed: _,
        } = sources;
        let own = &self.sources;
        (&own.project, &own.lane, &own.adhoc) == (project, lane, adhoc)
            && (&own.config, &own.runtimes) == (config, runtimes)
            && (&own.matrix, &own.matrix_document, &own.profile) == (matrix, matrix_document, profile)
            && (&own.benchmarks, &own.bundles, &own.skills) == (benchmarks, bundles, skills)
    }

    fn wave_file(&self, path: &str, text: &str) -> WaveFile {
        let Some(number) = number_of(path) else {
            return WaveFile { text: text.to_string(), wave: None, strict: None, findings: Vec::new() };
        };
        let context = Context {
            config: &self.config,
            documents: &self.sources.documents,
            runtimes: &self.sources.runtimes,
        };
        let reading = read(number, path, text, &context);
        let mut findings = check(&Subject {
            config: &self.config,
            matrix: self.matrix.as_ref(),
            has_matrix_file: self.sources.matrix.is_some(),
            benchmarks: self.benchmarks.as_ref(),
            bundles: self.bundles.as_ref(),
            skills: &self.skills,
            profile: &self.profile,
            is_completed: self.sources.completed.contains(&number),
            wave: &reading.wave,
            places: &reading.places,
            notes: &reading.notes,
        });
        let spec = Spec::path(self.config.waves_directory(), number);
        if let Some(spec_text) = self.sources.specs.get(&spec) {
            findings.extend(drift(&reading, text, &spec, spec_text));
        }
        findings.extend(reading.findings);
        findings.sort_by(|a, b| (a.position, &a.rule, &a.message).cmp(&(b.position, &b.rule, &b.message)));
        WaveFile { text: text.to_string(), wave: Some(reading.wave), strict: reading.strict, findings }
    }
}

/// Paths whose text is not the same in both, or that only one of them has.
fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> BTreeSet<String> {
    let paths = one.keys().chain(other.keys());
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

/// Where the configuration names a skill under `skills.base`, `skills.byRole.design` and the like, in whatever layer.
fn place_of(text: &str, key: &str, id: &str) -> Position {
    let (document, _) = Document::read(CONFIG_FILE, text, NOT_JSON);
    let path = key.replace('.', "/");
    document
        .positions()
        .filter(|(pointer, _)| {
            let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
            let is_list = above.ends_with(&path) || pointer.ends_with(&path);
            is_list && document.get(pointer).and_then(serde_json::Value::as_str) == Some(id)
        })
        .map(|(_, place)| place)
        .next()
        .unwrap_or(Position::START)
}

/// Reads a file that may be absent, and keeps what was found in it.
fn read_file<T>(
    file: Option<&SourceFile>,
    read: impl Fn(&str, &str) -> (Option<T>, Vec<Finding>),
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let (value, found) = read(&file?.path, &file?.text);
    findings.extend(found);
    value
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::fixtures::{MINIMAL, minimal, repository, wave_file};
    use super::super::project::{Project, Sources};
    use super::Lane;

    /// Takes the sources, and checks that the lane is then what a fresh reading gives.
    fn check(lane: &mut Lane, sources: &Sources, changed: &[&str]) {
        let expected: BTreeSet<String> = changed.iter().map(|path| (*path).to_string()).collect();
        assert_eq!(lane.take(sources), expected);
        assert_eq!(lane.project(), Project::read(sources));
    }

    #[test]
    fn a_spec_belongs_to_its_wave() {
        let mut sources = repository();
        let mut lane = Lane::read(&sources);
        let specs = |number: u32, text: &str| {
            (format!("docs/plans/waves/specs/wave-{number}.json"), text.to_string())
        };
        sources.specs.extend([specs(1, r#"{"wave": 1, "agents": []}"#)]);
        check(&mut lane, &sources, &["docs/plans/waves/wave-1.md"]);
        let drifted = lane.findings_of("docs/plans/waves/wave-1.md");
        assert!(drifted.iter().any(|finding| finding.rule == "W24"), "{drifted:#?}");
        sources.specs.clear();
        check(&mut lane, &sources, &["docs/plans/waves/wave-1.md"]);
    }

    #[test]
    fn what_concerns_one_wave_reads_one_wave() {
        let mut sources = repository();
        let mut lane = Lane::read(&sources);
        sources.completed.insert(3);
        check(&mut lane, &sources, &["docs/plans/waves/wave-3.md"]);
        sources.documents.insert("docs/agents/nobody.md".to_string(), "x".to_string());
        check(&mut lane, &sources, &[]);
        let wave = &mut sources.waves[1].text;
        *wave = wave.replacen("### Role prompts\n\n", "### Role prompts\n\n- docs/agents/nobody.md\n", 1);
        check(&mut lane, &sources, &["docs/plans/waves/wave-1.md"]);
        sources.documents.remove("docs/agents/nobody.md");
        check(&mut lane, &sources, &["docs/plans/waves/wave-1.md"]);
    }

    #[test]
    fn only_what_changed_is_read_anew() {
        let mut sources = repository();
        let mut lane = Lane::read(&sources);
        check(&mut lane, &sources, &[]);
        sources.waves[1].text = sources.waves[1].text.replacen("## Agent A1:", "## Agent A1b:", 1);
        check(&mut lane, &sources, &["docs/plans/waves/wave-1.md"]);
        sources.waves.push(wave_file(9, "# Wave 9 - x\n"));
        check(&mut lane, &sources, &["docs/plans/waves/wave-9.md"]);
        sources.waves.remove(0);
        check(&mut lane, &sources, &["docs/plans/waves/wave-0.md"]);
        sources.config = None;
        let all = ["wave-1.md", "wave-3.md", "wave-4.md", "wave-9.md"]
            .map(|name| format!("docs/plans/waves/{name}"));
        check(&mut lane, &sources, &all.each_ref().map(String::as_str));
    }

    #[test]
    fn one_file_alone_is_set() {
        let sources = minimal(MINIMAL);
        let mut lane = Lane::read(&sources);
        let path = "docs/plans/waves/wave-12.md";
        assert!(lane.is_wave_file(path) && !lane.is_wave_file("docs/plans/waves/specs/wave-12.md"));
        assert!(!lane.set(path, Some(MINIMAL)));
        assert!(lane.set(path, Some(&MINIMAL.replacen("- src/cache/\n", "", 1))));
        assert!(lane.findings_of(path).iter().any(|finding| finding.rule == "V12"));
        assert!(lane.set(path, None));
        assert!(lane.findings_of(path).is_empty());
        assert!(lane.project().waves.is_empty());
    }
}
