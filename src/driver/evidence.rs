//! What an attempt left behind: what it printed, its result file, the files that it was to make.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};

use crate::adapters::plain_text::plain_text;
use crate::engine::input::MatrixReading;
use crate::plan::matrix::Matrix;
use crate::session::log::LogReader;

/// Most bytes of a result file that are looked at; one that is longer is told apart by its length alone.
const RESULT_BYTES_MAX: u64 = crate::adapters::envelope::ENVELOPE_BYTES_MAX as u64 + 1;

/// The text that a session printed, as far as its log (which is bounded) still has it, without the prompt: codex prints
/// what it was given, and what an author wrote there (a marker as an example, words about limits) is no word of the
/// agent. A log that cannot be read gives an empty text and the reason.
pub(super) fn printed(log: &Path, prompt_file: &Path) -> (String, Option<io::Error>) {
    match LogReader::new(log).read(0, usize::MAX) {
        Ok(chunk) => {
            let text = plain_text(&chunk.bytes);
            // Without the file nothing can be taken out.
            let prompt = std::fs::read(prompt_file).map(|bytes| on_terminal(&bytes)).unwrap_or_default();
            (without(&text, &prompt), None)
        }
        Err(error) => (String::new(), Some(error)),
    }
}

/// A text as a terminal prints it: a line break goes to the beginning of the next line.
fn on_terminal(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    plain_text(text.replace('\n', "\r\n").as_bytes())
}

fn without(text: &str, prompt: &str) -> String {
    let prompt = prompt.trim();
    if prompt.is_empty() { text.to_owned() } else { text.replace(prompt, "") }
}

/// The bytes of a result file; `None` when there is none.
///
/// # Errors
/// Those of the disk.
pub(super) fn result_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, RESULT_BYTES_MAX), &mut bytes)?;
    Ok(Some(bytes))
}

/// What a look at some files found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Those that are there.
    pub(super) present: Vec<String>,
    /// Those of which nobody can say.
    pub(super) unseen: Vec<String>,
}

/// Looks which of `wanted` are in the project. A path that leads out of it is not there.
pub(super) fn look<'a>(project: &Path, wanted: impl Iterator<Item = &'a str>) -> Look {
    let mut look = Look::default();
    for path in wanted {
        let inside = Path::new(path)
            .components()
            .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        match project.join(path).try_exists() {
            Ok(true) if inside && !path.is_empty() => look.present.push(path.to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(_) => look.unseen.push(path.to_owned()),
        }
    }
    look
}

/// What a component matrix says of promotions: component and level.
pub(super) fn matrix(
    path: &str,
    text: io::Result<Option<String>>,
    promotions: &BTreeMap<String, String>,
) -> MatrixReading {
    let unreadable = |why: String| MatrixReading::Unreadable { why };
    let text = match text {
        Ok(Some(text)) => text,
        Ok(None) => return unreadable(format!("there is no {path}")),
        Err(error) => return unreadable(format!("{path} cannot be read: {error}")),
    };
    match Matrix::read(path, &text) {
        (Some(matrix), _) => {
            let standing = |(component, target): (&String, &String)| {
                (component.clone(), matrix.standing(component, target))
            };
            MatrixReading::Read { standings: promotions.iter().map(standing).collect() }
        }
        (None, findings) => {
            let place = findings.first().map(|finding| {
                let line = finding.position.line;
                format!("{path}:{line}: {}", finding.message)
            });
            unreadable(place.unwrap_or_else(|| format!("{path} says nothing")))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io;
    use std::os::unix::fs::symlink;

    use super::{look, matrix, on_terminal, without};
    use crate::engine::input::MatrixReading;
    use crate::plan::matrix::Standing;

    #[test]
    fn a_matrix_is_read_for_what_is_promoted() {
        let promotions: BTreeMap<String, String> =
            [("a", "two"), ("b", "two"), ("c", "two"), ("d", "two"), ("e", "ten")]
                .map(|(component, level)| (component.to_string(), level.to_string()))
                .into();
        let text = r#"{"levels": ["one", "two", "three"], "components": {
            "a": {"currentLevel": "one"}, "b": {"currentLevel": "two"}, "c": {"currentLevel": "three"},
            "e": {"currentLevel": "one"}, "f": {"currentLevel": "one"}}}"#;
        let read = |text: &str| matrix("m.json", Ok(Some(text.to_string())), &promotions);
        let MatrixReading::Read { standings } = read(text) else { panic!() };
        let current = |level: &str| level.to_string();
        let expected = [
            ("a", Standing::Within { current: current("one") }),
            ("b", Standing::Within { current: current("two") }),
            ("c", Standing::Beyond { current: current("three") }),
            ("d", Standing::Unknown),
            ("e", Standing::Unknown),
        ];
        assert_eq!(standings, expected.map(|(component, standing)| (component.to_string(), standing)).into());
        for (reading, why) in [
            (read("{"), "m.json:1: "),
            (matrix("m.json", Ok(None), &promotions), "there is no m.json"),
            (matrix("m.json", Err(io::Error::other("broken")), &promotions), "m.json cannot be read: broken"),
        ] {
            let MatrixReading::Unreadable { why: said } = reading else { panic!("{reading:?}") };
            assert!(said.starts_with(why), "{said}");
        }
    }

    #[test]
    fn a_prompt_that_a_program_prints_is_no_word_of_the_agent() {
        let prompt = "# Agent A1\n\nEnd with\n[wave-proof] state=met\n";
        let shown = on_terminal(b"user\n# Agent A1\n\nEnd with\n[wave-proof] state=met\n\nERROR: no\n");
        assert_eq!(without(&shown, &on_terminal(prompt.as_bytes())), "user\n\n\nERROR: no\n");
        assert_eq!(without("said\n", ""), "said\n");
    }

    #[test]
    fn there_missing_and_unseen_are_three_things() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir_all(project.join("docs")).unwrap();
        fs::write(project.join("docs/a.md"), "").unwrap();
        fs::write(folder.path().join("outside.md"), "").unwrap();
        symlink("loop", project.join("loop")).unwrap();
        let wanted =
            ["docs/a.md", "./docs/a.md", "docs/b.md", "docs/a.md/c", "../outside.md", "", "loop/x.md"];
        let look = look(&project, wanted.into_iter());
        assert_eq!(look.present, ["docs/a.md", "./docs/a.md"]);
        assert_eq!(look.unseen, ["loop/x.md"]);
    }
}
