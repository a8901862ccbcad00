//! Attempt tokens: what an agent's process shows so that its words count for its own attempt and no other.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::engine::AttemptKey;

/// The project's secret, from which every attempt's token is derived. Never printed.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

impl Secret {
    /// Reads the secret from `path`, or makes one (32 bytes of the system's randomness, mode 0600) when there is none.
    /// A file of another length is an error: replacing it would cut off the agents that run.
    pub fn load_or_create(path: &Path) -> io::Result<Secret> {
        match fs::read(path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice()).map(Secret).map_err(|_| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!(
                        "{} holds {} bytes instead of 32; stop all agents, remove the file and start again",
                        path.display(),
                        bytes.len()
                    ),
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Secret::create(path),
            Err(error) => Err(error),
        }
    }

    /// Written beside and linked into place, so that two who start at once agree on one secret.
    fn create(path: &Path) -> io::Result<Secret> {
        let mut secret = [0; 32];
        fs::File::open("/dev/urandom")?.read_exact(&mut secret)?;
        let beside = path.with_extension(format!("new-{}", std::process::id()));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(&secret)?;
        file.sync_all()?;
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside)?;
        match linked {
            Ok(()) => Ok(Secret(secret)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Secret::load_or_create(path),
            Err(error) => Err(error),
        }
    }

    /// The token of an attempt: blake3 keyed hash of its key as text, in base 16.
    pub fn token(&self, attempt: &AttemptKey) -> String {
        blake3::keyed_hash(&self.0, attempt.to_string().as_bytes()).to_hex().to_string()
    }

    /// Whether `token` is the token of `attempt`, compared in constant time.
    pub fn accepts(&self, attempt: &AttemptKey, token: &str) -> bool {
        blake3::Hash::from_hex(token)
            .is_ok_and(|given| given == blake3::keyed_hash(&self.0, attempt.to_string().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::Secret;
    use crate::engine::{AttemptKey, WaveKey};

    fn attempt(agent: &str, number: u32) -> AttemptKey {
        AttemptKey { wave: WaveKey { lane: "main".into(), number: 1 }, agent: agent.into(), number }
    }

    #[test]
    fn a_token_counts_for_its_own_attempt_only() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::load_or_create(&folder.path().join("secret")).unwrap();
        let token = secret.token(&attempt("A1", 1));
        assert!(secret.accepts(&attempt("A1", 1), &token));
        assert!(!secret.accepts(&attempt("A1", 2), &token));
        assert!(!secret.accepts(&attempt("A2", 1), &token));
        assert!(!secret.accepts(&attempt("A1", 1), ""));
        assert!(!secret.accepts(&attempt("A1", 1), &token[1..]));
    }

    #[test]
    fn the_secret_stays_the_same_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Secret::load_or_create(&path).unwrap();
        let again = Secret::load_or_create(&path).unwrap();
        assert_eq!(first.token(&attempt("A1", 1)), again.token(&attempt("A1", 1)));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_damaged_secret_is_told_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, b"short").unwrap();
        let error = Secret::load_or_create(&path).unwrap_err().to_string();
        assert!(error.contains("5 bytes instead of 32"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }
}
