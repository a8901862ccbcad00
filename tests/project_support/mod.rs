//! A project in a folder of its own, and the program at work in it as scripts use it.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A project without waves; its supervisor ends with it.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    pub(crate) fn new() -> Project {
        let folder = tempfile::Builder::new().prefix("wd").tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        Project { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn output(&self, words: &[&str]) -> Output {
        self.output_of("kim", words)
    }

    /// What the program comes to when somebody of this name runs it.
    pub(crate) fn output_of(&self, user: &str, words: &[&str]) -> Output {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wavedeck"));
        command.current_dir(self.path()).args(words);
        for name in std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("WAVEDECK_")) {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env("USER", user);
        Command::from_std(command).timeout(PATIENCE).output().unwrap()
    }

    /// What a verb prints for people; it must succeed.
    pub(crate) fn say(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(output.status.success(), "{words:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// What a verb says as JSON; it must succeed.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.say(&[words, &["--json"]].concat())).unwrap()
    }

    /// Asks until it is so; each question starts a program, so nothing else has to be waited for.
    pub(crate) fn until(&self, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{}", self.say(&["task", "list", "--all"]));
        }
    }

    /// The error that a verb ends with.
    pub(crate) fn error(&self, words: &[&str]) -> String {
        let output = self.output(&[words, &["--json"]].concat());
        assert!(!output.status.success(), "{words:?}");
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        error["error"]["message"].as_str().unwrap().to_owned()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.output(&["stop", "--agents", "--yes"]);
    }
}
