//! What the README promises: its verbs exist, its links lead somewhere, and the page of keys is the keymap's own.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn wavedeck(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wavedeck")).args(arguments).output().unwrap();
    assert!(output.status.success(), "wavedeck {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// After a change of the keymap: `cargo run -- keys > src/tui/KEYS.md`.
#[test]
fn the_page_of_keys_is_the_keymaps_own() {
    assert_eq!(fs::read_to_string(root().join("src/tui/KEYS.md")).unwrap(), wavedeck(&["keys"]));
}

#[test]
fn every_verb_of_the_readme_exists() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut checked = 0;
    for part in readme.split("wavedeck ").skip(1) {
        let verb: String = part.chars().take_while(|c| c.is_ascii_lowercase()).collect();
        let named =
            readme.contains(&format!("`wavedeck {verb}")) || readme.contains(&format!("\nwavedeck {verb}"));
        if !verb.is_empty() && named && verb != "help" {
            wavedeck(&[&verb, "--help"]);
            checked += 1;
        }
    }
    assert!(checked >= 8, "only {checked} verbs were found");
}

#[test]
fn every_link_of_the_readme_leads_somewhere() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let links: Vec<&str> = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(!links.is_empty());
    for link in links.iter().filter(|link| !link.starts_with("http")) {
        assert!(root().join(link).exists(), "{link} is not there");
    }
}

/// No crate in the tree may bring a copyleft licence along.
#[test]
fn no_dependency_is_under_the_gpl() {
    // What was fetched to build is here already; crates of other systems are not.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &platform])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let is_free_of_it = !licence.contains("GPL") || licence.contains("OR ") || licence.contains("LGPL");
        assert!(is_free_of_it, "{} is under {licence}", package["name"]);
    }
}
