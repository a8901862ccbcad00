//! Owned paths: the `File ownership` list of a prompt, and which paths it covers.

use std::ops::Range;

use super::super::text::Lines;
use super::read::Reading;

/// An owned path as written and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnedPath {
    /// Without backticks and quotes.
    pub(super) path: String,
    /// Offset of its bullet.
    pub(super) offset: usize,
}

/// The bullets after a line that begins with `File ownership`, each path once. The list ends at a header line: for the
/// predecessor only one of letters, digits, blanks, `_`, `/`, `-` and a colon; else any line that ends in a colon.
pub(super) fn owned_paths(lines: &Lines<'_>, prompt: Range<usize>, reading: Reading) -> Vec<OwnedPath> {
    let mut owned: Vec<OwnedPath> = Vec::new();
    let mut inside = false;
    for entry in lines.trimmed(prompt) {
        if starts_ownership(entry.text) {
            inside = true;
            continue;
        }
        let bullet = bullet(entry.text);
        let ends = match reading {
            Reading::Strict => is_plain_header(entry.text),
            Reading::FenceAware => bullet.is_none() && entry.text.ends_with(':'),
        };
        if ends {
            inside = false;
        }
        let Some(path) = bullet.filter(|_| inside) else { continue };
        let path = without_quotes(path);
        if !path.is_empty() && !owned.iter().any(|known| known.path == path) {
            owned.push(OwnedPath { path, offset: entry.offset });
        }
    }
    owned
}

fn starts_ownership(line: &str) -> bool {
    let words = "file ownership";
    line.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
        && line
            .get(words.len()..)
            .and_then(|rest| rest.chars().next())
            .is_none_or(|next| !(next.is_ascii_alphanumeric() || next == '_'))
}

fn is_plain_header(line: &str) -> bool {
    line.strip_suffix(':').is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || " _/-".contains(letter))
    })
}

/// The text of a `- ` bullet.
pub(super) fn bullet(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('-')?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim()).filter(|text| !text.is_empty())
}

/// A path without any backtick or quote.
pub(super) fn without_quotes(path: &str) -> String {
    path.replace(['`', '"', '\''], "").trim().to_string()
}

/// A path as it is compared: `/` for `\`, no leading `./`.
pub(in crate::plan) fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut rest = path.trim();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_string()
}

/// Whether `owned` covers `path`: the same path, or a folder (with a trailing `/`) above it.
pub(in crate::plan) fn covers(owned: &str, path: &str) -> bool {
    let (owned, path) = (normal(owned), normal(path));
    if owned.is_empty() || path.is_empty() {
        return false;
    }
    if owned.ends_with('/') { path.starts_with(&owned) } else { path == owned }
}

/// Whether a path stays inside the project.
pub(in crate::plan) fn is_inside_project(path: &str) -> bool {
    if path.is_empty() || path.starts_with('/') {
        return false;
    }
    let mut depth: i32 = 0;
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::super::text::Lines;
    use super::{Reading, covers, is_inside_project, owned_paths};

    fn check(prompt: &str, strict: &[&str], aware: &[&str]) {
        for (reading, expected) in [(Reading::Strict, strict), (Reading::FenceAware, aware)] {
            let found = owned_paths(&Lines::of(prompt), 0..prompt.len(), reading);
            let paths: Vec<&str> = found.iter().map(|owned| owned.path.as_str()).collect();
            assert_eq!(paths, expected, "{reading:?} of {prompt:?}");
        }
    }

    #[test]
    fn the_ownership_list_ends_where_each_reading_says() {
        let list = "File ownership (only touch these paths):\n- `a.md`\n- b/\n- a.md\n* no\n";
        check(list, &["a.md", "b/"], &["a.md", "b/"]);
        check(&format!("{list}Validation:\n- pnpm test\n"), &["a.md", "b/"], &["a.md", "b/"]);
        check(
            &format!("{list}Validation (must pass):\n- pnpm test\n"),
            &["a.md", "b/", "pnpm test"],
            &["a.md", "b/"],
        );
        check("File ownership: a.md, b.md\n", &[], &[]);
        check("  file OWNERSHIP\n  - a.md\n", &["a.md"], &["a.md"]);
        check("File ownerships:\n- a.md\n", &[], &[]);
        check("- a.md\n", &[], &[]);
    }

    #[test]
    fn folders_cover_what_is_below_them() {
        for (owned, path, expected) in [
            ("src/", "src/a.rs", true),
            ("./src/", "src/a.rs", true),
            ("src", "src/a.rs", false),
            ("src/a.rs", "./src/a.rs", true),
            ("src\\a.rs", "src/a.rs", true),
            ("", "src/a.rs", false),
        ] {
            assert_eq!(covers(owned, path), expected, "{owned} over {path}");
        }
    }

    #[test]
    fn paths_stay_inside_the_project_or_not() {
        for (path, expected) in [
            ("a", true),
            ("a/../b", true),
            ("./a", true),
            ("..", false),
            ("../x", false),
            ("a/../../b", false),
            ("/etc", false),
            ("", false),
        ] {
            assert_eq!(is_inside_project(path), expected, "{path}");
        }
    }
}
