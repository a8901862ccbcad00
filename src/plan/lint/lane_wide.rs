//! What only all waves of a lane show together, and what is odd about files that waves share.

use std::collections::BTreeSet;

use super::super::config::{Address, Config};
use super::super::finding::{Finding, Position};
use super::super::json::{Document, child};
use super::super::matrix::{Matrix, twin};
use super::super::project::{SourceFile, Sources};
use super::super::wave::{WaveNumber, number_of, rules};

/// Numbers that are missing between the waves of a lane.
const GAP: &str = "W14";
/// The markdown twin does not say what the matrix says.
const TWIN: &str = "W31";
/// Lanes share a matrix whose promotions do not say whose they are.
const SHARED_MATRIX: &str = "W32";

/// P01 and W14: of these wave files, those that are not read, and the gaps between those that are.
pub(in crate::plan) fn numbering<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut waves: Vec<(WaveNumber, &str)> = Vec::new();
    let mut taken = BTreeSet::new();
    for path in paths {
        match number_of(path) {
            Some(number) if taken.insert(number) => waves.push((number, path)),
            number => findings.push(bad_file_name(path, number)),
        }
    }
    waves.sort_unstable();
    for pair in waves.windows(2) {
        if let [(before, _), (after, file)] = pair
            && after - before > 1
        {
            let missing = match after - before {
                2 => format!("wave {} does not exist", before + 1),
                _ => format!("waves {} to {} do not exist", before + 1, after - 1),
            };
            let message = format!("{missing} between wave {before} and wave {after}");
            let hint = "nothing is wrong with a gap; if the file was lost, write it again".to_string();
            findings.push(Finding::warning(GAP, file, Position::START, message, hint));
        }
    }
    findings
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

/// W31.
pub(in crate::plan) fn matrix_twin(
    matrix: Option<&Matrix>,
    document: Option<&SourceFile>,
) -> Option<Finding> {
    let (matrix, document) = (matrix?, document?);
    let place = twin::drift(matrix, &document.text)?;
    let message = "this does not say what the component matrix says".to_string();
    let hint = "`wavedeck matrix render` brings it up to date and keeps what people wrote".to_string();
    Some(Finding::warning(TWIN, &document.path, place, message, hint))
}

/// W32. Said once, at the first promotion that names no lane.
pub(in crate::plan) fn matrix_of_several_lanes(sources: &Sources, config: &Config) -> Option<Finding> {
    let (text, matrix) = (sources.config.as_ref()?, sources.matrix.as_ref()?);
    let (document, _) = Document::read(&text.path, &text.text, "");
    let lanes = match &sources.project {
        Some(project) => child(&child("/projects", project), "lanes"),
        None => "/lanes".to_string(),
    };
    let sharing: Vec<String> = document
        .members(&lanes)
        .into_iter()
        .map(|(lane, _)| lane)
        .filter(|lane| {
            let address = Address { project: sources.project.as_deref(), lane };
            let other = Config::read(&text.path, Some(&text.text), address, None).0;
            other.lane != config.lane && other.matrix_path() == config.matrix_path()
        })
        .collect();
    if sharing.is_empty() {
        return None;
    }
    let (matrix_document, _) = Document::read(&matrix.path, &matrix.text, "");
    let place = matrix_document.members("/components").into_iter().find_map(|(_, component)| {
        let promotions = child(&component, "promotions");
        let entries = matrix_document.get(&promotions)?.as_array()?;
        let index = entries.iter().position(|entry| entry.get("lane").is_none())?;
        Some(matrix_document.position(&format!("{promotions}/{index}")))
    })?;
    let message = format!(
        "lane {} shares this matrix with {}, and here a promotion names no lane: it counts for a wave of that number in \
         each of them",
        config.lane,
        sharing.join(", ")
    );
    let hint = format!("add \"lane\": \"{}\" to what its waves promote", config.lane);
    Some(Finding::warning(SHARED_MATRIX, &matrix.path, place, message, hint))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::{MINIMAL, minimal};
    use super::super::super::project::{Project, SourceFile, Sources};
    use super::numbering;

    /// Checks what one rule says of sources: file, and text of the line.
    fn check(rule: &str, sources: &Sources, expected: Option<(&str, &str)>) {
        let project = Project::read(sources);
        let files = [&sources.matrix, &sources.matrix_document];
        let found = project.findings.iter().find(|finding| finding.rule == rule).map(|finding| {
            let file = files.into_iter().flatten().find(|file| file.path == finding.file).unwrap();
            (file.path.as_str(), file.text.lines().nth(finding.position.line as usize - 1).unwrap().trim())
        });
        assert_eq!(found, expected, "{rule}");
    }

    #[test]
    fn gaps_and_second_files_are_found_by_their_names_alone() {
        let paths = ["w/wave-1.md", "w/wave-10.md", "w/wave-3.md", "w/wave-03.md", "w/other.md"];
        let found: Vec<(String, String)> = numbering(paths.into_iter())
            .into_iter()
            .map(|finding| (format!("{} {}", finding.rule, finding.file), finding.message))
            .collect();
        let expected = [
            ("P01 w/wave-03.md", "there is another file for wave 3; this one is not read"),
            ("P01 w/other.md", "this file is not named like a wave and is not read"),
            ("W14 w/wave-3.md", "wave 2 does not exist between wave 1 and wave 3"),
            ("W14 w/wave-10.md", "waves 4 to 9 do not exist between wave 3 and wave 10"),
        ];
        assert_eq!(found, expected.map(|(rule, message)| (rule.to_string(), message.to_string())));
    }

    #[test]
    fn a_twin_that_says_something_else_is_found() {
        const PATH: &str = "docs/plans/component-cutover-matrix.md";
        let mut sources = minimal(MINIMAL);
        check("W31", &sources, None);
        let matrix = Project::read(&sources).matrix.unwrap();
        let text = super::twin::render(&matrix, None);
        let stale =
            text.replacen("| `artifact-cache` | `inventoried` |", "| `artifact-cache` | `golden` |", 1);
        assert_ne!(stale, text);
        sources.matrix_document = Some(SourceFile { path: PATH.to_string(), text: stale });
        check("W31", &sources, Some((PATH, "| `artifact-cache` | `golden` |  |")));
        sources.matrix_document = Some(SourceFile { path: PATH.to_string(), text });
        check("W31", &sources, None);
    }

    #[test]
    fn lanes_that_share_a_matrix_say_whose_promotions_they_are() {
        const PATH: &str = "docs/plans/component-cutover-matrix.json";
        let mut sources = minimal(MINIMAL);
        check("W32", &sources, None);
        let config = sources.config.as_mut().unwrap();
        config.text = config.text.replacen("\"lanes\": {", "\"lanes\": {\n    \"side\": {},", 1);
        check("W32", &sources, Some((PATH, "\"promotions\": [{\"wave\": 12, \"target\": \"repo-landed\"}]")));
        let config = sources.config.as_mut().unwrap();
        let own = "\"side\": {\"componentCutoverMatrixJsonPath\": \"docs/side.json\"}";
        config.text = config.text.replacen("\"side\": {}", own, 1);
        check("W32", &sources, None);
    }
}
