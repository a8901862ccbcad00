//! What a draft would write: a wave file, its spec and the matrix, checked as they would stand before any of it is
//! written.

use super::super::config::{Address, CONFIG_FILE, Config};
use super::super::edit::Rewrite;
use super::super::finding::{Finding, Severity};
use super::super::matrix::{Matrix, twin};
use super::super::project::{Project, SourceFile, Sources};
use super::super::wave::entries::LEVELS;
use super::super::wave::{ComponentPromotion, WaveNumber};
use super::catalog::{Promoter, with_promotions};
use super::render::markdown;
use super::spec::{CatalogEntry, Spec};

/// Files as a draft would leave them.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The number of each wave, ascending.
    pub waves: Vec<WaveNumber>,
    /// Every file that would change, with what is there (nothing, for a file that is new).
    pub writes: Vec<Rewrite>,
    /// What is found in the waves as they would stand. One error among it, and nothing may be written.
    pub findings: Vec<Finding>,
}

impl Proposal {
    /// What stands in the way.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

/// What specs would write over these sources. Role documents that their agents import must be among the documents.
pub fn proposal(sources: &Sources, specs: &[Spec]) -> Proposal {
    let text = sources.config.as_ref().map(|file| file.text.as_str());
    let address = Address { project: sources.project.as_deref(), lane: &sources.lane };
    let config = Config::read(CONFIG_FILE, text, address, None).0;
    let mut after = sources.shared();
    let mut writes = Vec::new();
    let mut waves: Vec<WaveNumber> = Vec::new();
    for spec in specs {
        let (wave, text) = (spec.wave, markdown(spec));
        let path = format!("{}/wave-{wave}.md", config.waves_directory());
        let there = sources.waves.iter().find(|file| file.path == path).map(|file| file.text.clone());
        writes.push(rewrite(&path, there, &text));
        after.waves.push(SourceFile { path, text });
        let path = Spec::path(config.waves_directory(), wave);
        let text = spec.json();
        writes.push(rewrite(&path, sources.specs.get(&path).cloned(), &text));
        after.specs.insert(path, text);
        let is_promoting = !spec.component_promotions.is_empty() || after.matrix.is_some();
        if let Some(text) = is_promoting.then(|| promoted(&after, spec)).flatten() {
            after.matrix = Some(SourceFile { path: config.matrix_path().to_string(), text });
        }
        waves.push(wave);
    }
    if after.matrix != sources.matrix
        && let Some(matrix) = &after.matrix
    {
        let text = |file: &Option<SourceFile>| file.as_ref().map(|file| file.text.clone());
        writes.push(rewrite(&matrix.path, text(&sources.matrix), &matrix.text));
        // The twin follows the matrix.
        if let Some(read) = Matrix::read(&matrix.path, &matrix.text).0 {
            let twin = twin::render(&read, text(&sources.matrix_document).as_deref());
            writes.push(rewrite(&config.paths.matrix_doc, text(&sources.matrix_document), &twin));
        }
    }
    writes.retain(|write| write.before != write.after);
    waves.sort_unstable();
    let project = Project::read(&after);
    let findings = waves.iter().flat_map(|wave| found(&project, *wave)).cloned().collect();
    Proposal { waves, writes, findings }
}

/// What concerns a wave: everything in its file, and what stops it from outside.
pub(super) fn found(project: &Project, wave: WaveNumber) -> Vec<&Finding> {
    let file = project.waves.get(&wave).map(|wave| wave.file.as_str());
    let errors = project.errors_of(wave).into_iter().filter(|finding| Some(finding.file.as_str()) != file);
    project.findings.iter().filter(|finding| Some(finding.file.as_str()) == file).chain(errors).collect()
}

fn promoted(sources: &Sources, spec: &Spec) -> Option<String> {
    let text = sources.matrix.as_ref().map(|file| file.text.as_str());
    // The first lane's promotions need no name: those without one are every lane's.
    let lane = (spec.lane != "main").then_some(spec.lane.as_str());
    let entries: Vec<CatalogEntry> =
        spec.component_promotions.iter().map(|promotion| entry(spec, promotion)).collect();
    with_promotions(text, &entries, Promoter { wave: spec.wave, lane })
}

/// What the catalogue says of a promoted component; one that it does not name begins at the lowest level.
fn entry(spec: &Spec, promotion: &ComponentPromotion) -> CatalogEntry {
    let known = spec.components_catalog.iter().find(|entry| entry.component_id == promotion.component_id);
    let mut entry = known.cloned().unwrap_or_else(|| CatalogEntry {
        component_id: promotion.component_id.clone(),
        title: promotion.component_id.replace('-', " "),
        current_level: LEVELS.first().copied().unwrap_or_default().to_string(),
        ..CatalogEntry::default()
    });
    entry.target_level.clone_from(&promotion.target_level);
    entry
}

fn rewrite(path: &str, before: Option<String>, after: &str) -> Rewrite {
    Rewrite { path: path.to_string(), before: before.unwrap_or_default(), after: after.to_string() }
}
