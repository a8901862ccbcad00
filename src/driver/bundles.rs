//! Skill bundles as they lie in the repository: names, manifests and one hash each. Bodies are read for the hash and not
//! kept: agents open them themselves.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::plan::SourceFile;
use crate::plan::skills::{MANIFEST, SkillSource};

/// Folders below a bundle that are looked into.
const DEPTH_MAX: usize = 4;

/// Files of one bundle; what is beyond is not looked at.
const FILES_MAX: usize = 500;

/// The bundles below `folder`, by id. `manifest` reads the file `ID/skill.json` below it and tells its own trouble. None
/// when the folder is not there.
pub(super) fn bundles(
    folder: &Path,
    mut manifest: impl FnMut(&str) -> Option<SourceFile>,
) -> BTreeMap<String, SkillSource> {
    let mut bundles = BTreeMap::new();
    for path in subfolders(folder).unwrap_or_default() {
        let Some(id) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let mut files = Vec::new();
        list(&path, "", 0, &mut files);
        files.sort();
        let hash = hash_of(&path, &files);
        let has_manifest = files.iter().any(|file| file == MANIFEST);
        let manifest = has_manifest.then(|| manifest(&format!("{id}/{MANIFEST}"))).flatten();
        bundles.insert(id.to_owned(), SkillSource { manifest, files, hash });
    }
    bundles
}

fn hash_of(folder: &Path, files: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    for name in files {
        // One that vanishes meanwhile is as if it were empty; the watch sees that it did.
        let bytes = fs::read(folder.join(name)).unwrap_or_default();
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Names of the regular files below a folder, with `/`, relative to where it began. Links are not followed.
fn list(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
        if name.starts_with('.') || files.len() >= FILES_MAX {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() && depth < DEPTH_MAX {
            list(&entry.path(), &format!("{path}/"), depth + 1, files);
        } else if kind.is_file() {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::bundles;
    use crate::plan::SourceFile;

    #[test]
    fn a_bundle_is_known_by_all_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let one = folder.path().join("skills/one");
        fs::create_dir_all(one.join("references/deep")).unwrap();
        fs::create_dir_all(folder.path().join("skills/.hidden")).unwrap();
        fs::write(folder.path().join("skills/README.md"), "no bundle").unwrap();
        for name in ["skill.json", "SKILL.md", "references/deep/a.md"] {
            fs::write(one.join(name), name).unwrap();
        }
        let skills = folder.path().join("skills");
        let read = || {
            bundles(&skills, |path| {
                let text = fs::read_to_string(skills.join(path)).ok()?;
                Some(SourceFile { path: path.to_owned(), text })
            })
        };
        let before = read();
        assert_eq!(before.keys().collect::<Vec<_>>(), ["one"]);
        assert_eq!(before["one"].files, ["SKILL.md", "references/deep/a.md", "skill.json"]);
        assert_eq!(before["one"].manifest.as_ref().map(|file| file.text.as_str()), Some("skill.json"));
        assert_eq!(read(), before);
        fs::write(one.join("references/deep/a.md"), "other").unwrap();
        assert_ne!(read()["one"].hash, before["one"].hash);
        assert!(bundles(&folder.path().join("none"), |_| None).is_empty());
    }
}
