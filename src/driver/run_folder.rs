//! The folder of one run that is no launch: a planner's or an ad-hoc one. Files in it are written whole; its name is the
//! run's id, in the spelling of npm `@chllming/wave-orchestration` 0.9.15.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::disk::{self, Sync, SystemDisk};
use crate::engine::Time;

/// Largest file of a run that is read, in bytes; beyond it a file is an error.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Folder of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    id: String,
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run in `above`: `PREFIX-<yyyymmddhhmmss>-<6 hex>`.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(above: &Path, prefix: &str, now: Time) -> io::Result<RunFolder> {
        fs::create_dir_all(above)?;
        let moment = i64::try_from(now.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        let stamp =
            moment.map_or_else(|| now.0.to_string(), |moment| moment.strftime("%Y%m%d%H%M%S").to_string());
        for number in 0_u32.. {
            let seed = format!("{}/{}/{number}", now.0, std::process::id());
            let digest = blake3::hash(seed.as_bytes()).to_hex();
            let id = format!("{prefix}-{stamp}-{}", digest.get(..6).unwrap_or_default());
            let path = above.join(&id);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(RunFolder { id, path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("every name for the run is taken"))
    }

    /// The folder of a run; `None` when there is none of that id, or the id is no name.
    pub fn open(above: &Path, id: &str) -> Option<RunFolder> {
        let is_name = !id.is_empty() && !id.starts_with('.') && !id.contains(['/', '\\', '\0']);
        let path = above.join(id);
        (is_name && path.is_dir()).then(|| RunFolder { id: id.to_owned(), path })
    }

    /// Every run in `above`, by id, newest last.
    pub fn all(above: &Path) -> Vec<RunFolder> {
        let entries = fs::read_dir(above).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut runs: Vec<RunFolder> = names.filter_map(|name| RunFolder::open(above, &name)).collect();
        runs.sort_by(|one, other| one.id.cmp(&other.id));
        runs
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file whole.
    ///
    /// # Errors
    /// Those of the disk; what was there is still there then.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        disk::replace(&SystemDisk, &self.file(name), text.as_bytes(), Sync::Later)
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.write(name, &format!("{}\n", serde_json::to_string_pretty(value).map_err(io::Error::other)?))
    }

    /// The text of a file, bytes that are no UTF-8 replaced; `None` when it is not there.
    ///
    /// # Errors
    /// Those of the disk, and of a file of more than 16 MiB.
    pub fn read(&self, name: &str) -> io::Result<Option<String>> {
        let path = self.file(name);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
                Err(io::Error::other(format!("{} has {} bytes", path.display(), metadata.len())))
            }
            Ok(_) => Ok(Some(String::from_utf8_lossy(&fs::read(&path)?).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The value in a JSON file; `None` when it is not there.
    ///
    /// # Errors
    /// As [`RunFolder::read`], and when it is not what it should be.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let Some(text) = self.read(name)? else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| io::Error::other(format!("{}: {error}", self.file(name).display())))
    }
}

#[cfg(test)]
mod tests {
    use super::RunFolder;
    use crate::engine::Time;

    #[test]
    fn runs_have_names_of_their_own_and_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let now = Time(1_700_000_000_000);
        let [one, two] = [0, 1].map(|_| RunFolder::create(folder.path(), "planner", now).unwrap());
        assert!(one.id().starts_with("planner-20231114221320-"), "{}", one.id());
        assert_eq!(one.id().len(), "planner-20231114221320-".len() + 6);
        assert_ne!(one.id(), two.id());
        one.write_json("a.json", &[1, 2]).unwrap();
        let found = RunFolder::open(folder.path(), one.id()).unwrap();
        assert_eq!(found.read_json::<Vec<u32>>("a.json").unwrap(), Some(vec![1, 2]));
        assert_eq!(found.read_json::<Vec<u32>>("b.json").unwrap(), None);
        assert!(found.read_json::<String>("a.json").unwrap_err().to_string().contains("a.json"));
        assert_eq!(RunFolder::all(folder.path()).len(), 2);
        for id in ["", "..", "../x", "none"] {
            assert_eq!(RunFolder::open(folder.path(), id), None, "{id}");
        }
    }
}
