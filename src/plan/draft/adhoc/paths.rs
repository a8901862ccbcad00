//! Paths of the project in what people write.

/// Files at the top of a project that are known without a folder before them.
const AT_THE_TOP: [&str; 9] = [
    "AGENTS.md",
    "CHANGELOG.md",
    "CLAUDE.md",
    "Cargo.toml",
    "Dockerfile",
    "Makefile",
    "README.md",
    "package.json",
    "wave.config.json",
];

/// Paths of a text, in its order, each once. What begins like a web address or the name of a host is none; a last part
/// without an ending is a folder.
pub fn paths_in(text: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for (_, path) in found(text) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// The text without its paths and addresses.
pub(super) fn without_paths(text: &str) -> String {
    let paths: Vec<&str> = found(text).into_iter().map(|(word, _)| word).collect();
    let kept = words(text).filter(|word| !paths.contains(word) && !word.contains("://"));
    kept.collect::<Vec<_>>().join(" ")
}

/// Words of a text with the punctuation around them taken off.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_edge = |letter: char| letter.is_whitespace() || "`'\"()[]{}<>,;|".contains(letter);
    text.split(is_edge)
        .map(|word| word.trim_end_matches(['.', ':', '!', '?']))
        .filter(|word| !word.is_empty())
}

/// Words that are paths, with the path that each is.
fn found(text: &str) -> Vec<(&str, String)> {
    words(text).filter_map(|word| path(word).map(|path| (word, path))).collect()
}

fn path(word: &str) -> Option<String> {
    if AT_THE_TOP.contains(&word) {
        return Some(word.to_string());
    }
    let path = word.strip_prefix("./").unwrap_or(word);
    let (first, _) = path.split_once('/')?;
    let plain = |letter: char| letter.is_alphanumeric() || "._-@+/*".contains(letter);
    let is_inside = !path.contains("//") && path.split('/').all(|part| part != ".." && part != ".");
    if first.is_empty() || !is_inside || !path.chars().all(plain) || is_host(first) {
        return None;
    }
    // Two words with a stroke between them (`and/or`) are none: one side of it looks like a file or a folder.
    let is_folder = path.ends_with('/');
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let has_ending = last.trim_start_matches('.').contains('.');
    let is_deep = path.trim_end_matches('/').matches('/').count() > 1;
    if !(is_folder || has_ending || is_deep || KNOWN_FOLDERS.contains(&first)) {
        return None;
    }
    match is_folder || has_ending || last.contains('*') {
        true => Some(path.to_string()),
        false => Some(format!("{path}/")),
    }
}

/// Folders that people name without an ending.
const KNOWN_FOLDERS: [&str; 14] = [
    "app", "apps", "benches", "crates", "docs", "examples", "infra", "lib", "packages", "scripts", "skills",
    "src", "test", "tests",
];

/// `example.com`: a dot that does not begin the name, before letters alone.
fn is_host(first: &str) -> bool {
    first.rsplit_once('.').is_some_and(|(name, ending)| {
        !name.is_empty() && ending.len() > 1 && ending.chars().all(|letter| letter.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::{paths_in, without_paths};

    #[test]
    fn paths_are_found_and_other_words_are_not() {
        for (text, expected) in [
            ("Mend `src/cache.rs`, then (docs/a.md).", &["src/cache.rs", "docs/a.md"] as &[&str]),
            ("Clean up src/cache and src/cache", &["src/cache/"]),
            ("./tests/it/ and packages/core", &["tests/it/", "packages/core/"]),
            ("README.md says so", &["README.md"]),
            ("either and/or both, 24/7", &[]),
            ("https://example.com/a/b and example.com/docs/x", &[]),
            ("not /etc/passwd nor ../x/y nor a//b", &[]),
            (".github/workflows/ci.yml", &[".github/workflows/ci.yml"]),
            ("all of docs/**/*.md", &["docs/**/*.md"]),
        ] {
            assert_eq!(paths_in(text), expected, "{text}");
        }
        assert_eq!(without_paths("Fix `docs/deploy.md` (see https://x.io/deploy) now"), "Fix see now");
    }
}
