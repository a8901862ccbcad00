//! A lane that is read again and again: of what changed only that is read anew, and everything else stays as it was.
//!
//! A wave depends on its own file and on the files that all waves share (configuration, matrix, catalogues, role
//! documents, runtimes). So a change of one wave file costs one reading, and a change of a shared file costs all.

use std::collections::{BTreeMap, BTreeSet};

use super::benchmarks::Benchmarks;
use super::bundles::Bundles;
use super::config::layers::NOT_JSON;
use super::config::{Address, CONFIG_FILE, Config};
use super::draft::{Spec, drift};
use super::finding::{Finding, Position};
use super::json::Document;
use super::lint::own::gaps;
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
        let shared = Shared::read(sources);
        let files =
            sources.waves.iter().map(|file| (file.path.clone(), shared.wave_file(&file.path, &file.text)));
        Lane { files: files.collect(), shared }
    }

    /// Takes the sources as they are now, and gives the wave files that were read anew or are gone.
    pub fn take(&mut self, sources: &Sources) -> BTreeSet<String> {
        if !self.shared.is_read_from(sources) {
            let gone = std::mem::replace(self, Lane::read(sources));
            return gone.files.into_keys().chain(self.files.keys().cloned()).collect();
        }
        self.take_specs(&sources.specs);
        let there: BTreeSet<&str> = sources.waves.iter().map(|file| file.path.as_str()).collect();
        let gone: Vec<String> =
            self.files.keys().filter(|path| !there.contains(path.as_str())).cloned().collect();
        let mut changed: BTreeSet<String> = BTreeSet::new();
        for path in gone {
            self.files.remove(&path);
            changed.insert(path);
        }
        for SourceFile { path, text } in &sources.waves {
            if self.set(path, Some(text)) {
                changed.insert(path.clone());
            }
        }
        changed
    }

    /// Takes the specs as they are now; waves whose spec changed are forgotten, so that they are read anew.
    fn take_specs(&mut self, specs: &BTreeMap<String, String>) {
        let known = std::mem::replace(&mut self.shared.sources.specs, specs.clone());
        let changed: BTreeSet<&String> =
            known.keys().chain(specs.keys()).filter(|path| known.get(*path) != specs.get(*path)).collect();
        let directory = self.shared.config.waves_directory();
        self.files.retain(|path, _| {
            number_of(path).is_none_or(|number| !changed.contains(&Spec::path(directory, number)))
        });
    }

    /// Takes one wave file as it is now (`None`: it is gone). Whether that changed anything.
    pub fn set(&mut self, path: &str, text: Option<&str>) -> bool {
        let Some(text) = text else { return self.files.remove(path).is_some() };
        if self.files.get(path).is_some_and(|file| file.text == text) {
            return false;
        }
        let file = self.shared.wave_file(path, text);
        self.files.insert(path.to_string(), file);
        true
    }

    /// Whether a path is that of a wave file of this lane, there or not.
    pub fn is_wave_file(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder == self.shared.config.waves_directory() && number_of(path).is_some()
    }

    /// What was found in one wave file, by place. Empty for one that is not there.
    pub fn findings_of(&self, path: &str) -> &[Finding] {
        self.files.get(path).map(|file| file.findings.as_slice()).unwrap_or_default()
    }

    /// How many wave files there are.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Errors and warnings of all wave files, as counted when they were read.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.files.values().flat_map(|file| &file.findings).chain(&self.shared.findings)
    }

    /// The project as of now.
    pub fn project(&self) -> Project {
        self.clone().into_project()
    }

    /// The project.
    pub fn into_project(self) -> Project {
        let Lane { shared, files } = self;
        let mut findings = shared.findings;
        let (mut waves, mut strict) = (BTreeMap::new(), BTreeMap::new());
        for (path, file) in files {
            let number = number_of(&path);
            match (number, file.wave) {
                (Some(number), Some(wave)) if !waves.contains_key(&number) => {
                    findings.extend(file.findings);
                    strict.extend(file.strict.map(|wave| (number, wave)));
                    waves.insert(number, wave);
                }
                (taken, _) => findings.push(bad_file_name(&path, taken)),
            }
        }
        for (wave, message) in gaps(&waves) {
            let hint = "nothing is wrong with a gap; if the file was lost, write it again".to_string();
            findings.push(Finding::warning("W14", &wave.file, Position::START, message, hint));
        }
        // Of a configuration that is no JSON no profile is known: that every agent's is missing says nothing.
        if findings.iter().any(|finding| finding.rule == NOT_JSON) {
            findings.retain(|finding| finding.rule != rules::UNKNOWN_RUNTIME);
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
        let (skills, found) = Skills::read(&config.skills.dir, &sources.skills);
        findings.extend(found);
        if let Some(text) = text {
            findings.extend(skills.check(&config, config_file, |key, id| place_of(text, key, id)));
        }
        Shared {
            skills,
            matrix: read_file(sources.matrix.as_ref(), Matrix::read, &mut findings),
            benchmarks: read_file(sources.benchmarks.as_ref(), Benchmarks::read, &mut findings),
            bundles: read_file(sources.bundles.as_ref(), Bundles::read, &mut findings),
            sources: without_waves(sources),
            config,
            findings,
        }
    }

    fn is_read_from(&self, sources: &Sources) -> bool {
        let Sources {
            project,
            lane,
            config,
            matrix,
            waves: _,
            specs: _,
            profile: _,
            matrix_document: _,
            documents,
            runtimes,
            benchmarks,
            bundles,
            skills,
            completed,
        } = sources;
        let own = &self.sources;
        own.project == *project
            && (&own.lane, &own.config, &own.matrix, &own.documents) == (lane, config, matrix, documents)
            && own.skills == *skills
            && (&own.runtimes, &own.benchmarks, &own.bundles, &own.completed)
                == (runtimes, benchmarks, bundles, completed)
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

fn without_waves(sources: &Sources) -> Sources {
    Sources {
        project: sources.project.clone(),
        lane: sources.lane.clone(),
        config: sources.config.clone(),
        matrix: sources.matrix.clone(),
        waves: Vec::new(),
        specs: sources.specs.clone(),
        profile: None,
        matrix_document: None,
        documents: sources.documents.clone(),
        runtimes: sources.runtimes.clone(),
        benchmarks: sources.benchmarks.clone(),
        bundles: sources.bundles.clone(),
        skills: sources.skills.clone(),
        completed: sources.completed.clone(),
    }
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

fn bad_file_name(path: &str, taken: Option<WaveNumber>) -> Finding {
    let (message, hint) = match taken {
        Some(number) => (
            format!("there is another file for wave {number}; this one is not read"),
            "rename or remove one of them".to_string(),
        ),
        None => (
            "this file is not named like a wave and is not read".to_string(),
            "name it `wave-<n>.md`".to_string(),
        ),
    };
    Finding::error(rules::FILE_NAME, path, Position::START, message, hint)
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
        assert_eq!(lane.findings_of(path), []);
        assert!(lane.project().waves.is_empty());
    }
}
