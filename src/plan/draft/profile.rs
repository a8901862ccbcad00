//! The project profile: what drafts of a project have in common. `.wave/project-profile.json`, in the shape of npm
//! `@chllming/wave-orchestration` 0.9.15; fields that mean nothing here are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::finding::{Finding, Position};
use super::super::json::Document;
use super::super::wave::DeployEnvironment;
use super::spec::or_default;

/// Where the profile of a project lies, relative to the repository. `project` is a name of `projects` in the
/// configuration; `None` for the project at the top of the file.
pub fn profile_path(project: Option<&str>) -> String {
    match project {
        None => ".wave/project-profile.json".to_string(),
        Some(project) => format!(".wave/projects/{project}/project-profile.json"),
    }
}

/// People decide about live changes.
pub const OVERSIGHT: &str = "oversight";
/// Nobody is asked; the plan must say everything.
pub const DARK_FACTORY: &str = "dark-factory";

/// The kinds of deploy environments that a profile may have.
pub const ENVIRONMENT_KINDS: [&str; 6] =
    ["railway-mcp", "railway-cli", "docker-compose", "kubernetes", "ssh-manual", "custom"];

/// What drafts of a project have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    /// 1.
    pub schema_version: u32,
    /// When it was made, as ISO 8601.
    pub initialized_at: Option<String>,
    /// When it was changed, as ISO 8601.
    pub updated_at: Option<String>,
    /// Whether the project is new.
    pub new_project: bool,
    /// [`OVERSIGHT`] or [`DARK_FACTORY`].
    pub default_oversight_mode: String,
    /// `vscode` or `tmux`; means nothing here and is kept.
    pub default_terminal_surface: String,
    /// Where the project is rolled out; one of them is the default.
    #[serde(deserialize_with = "or_default")]
    pub deploy_environments: Vec<ProfileEnvironment>,
    /// What a draft begins with.
    #[serde(deserialize_with = "or_default")]
    pub planner_defaults: PlannerDefaults,
    /// Which project it is of.
    #[serde(deserialize_with = "or_default")]
    pub source: ProfileSource,
    /// Keys that nobody knows.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A deploy environment of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProfileEnvironment {
    /// Id, lower-case.
    pub id: String,
    /// For people.
    pub name: String,
    /// One of [`ENVIRONMENT_KINDS`].
    pub kind: String,
    /// Whether it is meant when nothing is said.
    pub is_default: bool,
    /// What to know of it.
    pub notes: Option<String>,
    /// Ours: what it runs on and what is authoritative there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substrate: Option<String>,
    /// Ours: credentials that are expected, by name, never by value.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub credentials: Vec<String>,
    /// Ours: the command that shows that it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_command: Option<String>,
    /// Ours: how a change is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<String>,
    /// Ours: what shows that it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<String>,
}

/// What a draft begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlannerDefaults {
    /// The template of the last draft.
    pub template: String,
    /// The lane of the last draft.
    #[serde(deserialize_with = "or_default")]
    pub lane: String,
}

impl Default for PlannerDefaults {
    fn default() -> PlannerDefaults {
        PlannerDefaults { template: "implementation".to_string(), lane: String::new() }
    }
}

/// Which project a profile is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProfileSource {
    /// Id.
    pub project_id: Option<String>,
    /// Display name.
    pub project_name: Option<String>,
    /// Its configuration.
    pub config_path: Option<String>,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile {
            schema_version: 1,
            initialized_at: None,
            updated_at: None,
            new_project: false,
            default_oversight_mode: OVERSIGHT.to_string(),
            default_terminal_surface: "vscode".to_string(),
            deploy_environments: Vec::new(),
            planner_defaults: PlannerDefaults::default(),
            source: ProfileSource::default(),
            other: BTreeMap::new(),
        }
    }
}

/// A profile that cannot be read.
const RULE: &str = "C21";

impl Profile {
    /// Reads a profile; `None` with findings when it cannot be used. Exactly one environment is the default afterwards.
    pub fn read(file: &str, text: &str) -> (Option<Profile>, Vec<Finding>) {
        let (document, broken) = Document::read(file, text, RULE);
        if let Some(broken) = broken {
            return (None, vec![broken]);
        }
        let error = |place: Position, message: String| {
            let hint = "mend it here, or run `wavedeck project setup`".to_string();
            Finding::error(RULE, file, place, message, hint)
        };
        let mut profile: Profile = match serde_json::from_str(text) {
            Ok(profile) => profile,
            Err(reason) => {
                let message = format!("this project profile cannot be read: {reason}");
                return (None, vec![error(Position::START, message)]);
            }
        };
        let mut findings = Vec::new();
        let mut one_of = |pointer: &str, value: &str, known: &[&str]| {
            if !known.contains(&value) {
                let message = format!("`{value}` is none of {}", known.join(", "));
                findings.push(error(document.position(pointer), message));
            }
        };
        one_of("/defaultOversightMode", &profile.default_oversight_mode, &[OVERSIGHT, DARK_FACTORY]);
        for (index, environment) in profile.deploy_environments.iter().enumerate() {
            one_of(&format!("/deployEnvironments/{index}/kind"), &environment.kind, &ENVIRONMENT_KINDS);
        }
        profile.keep_one_default();
        (findings.is_empty().then_some(profile), findings)
    }

    /// Its text, as it is written to the disk.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The environment that is meant when nothing is said.
    pub fn default_environment(&self) -> Option<&ProfileEnvironment> {
        self.deploy_environments.iter().find(|environment| environment.is_default)
    }

    /// The first default stays the only one; without any, the first environment becomes it.
    pub(super) fn keep_one_default(&mut self) {
        let chosen = self.deploy_environments.iter().position(|environment| environment.is_default);
        for (index, environment) in self.deploy_environments.iter_mut().enumerate() {
            environment.is_default = index == chosen.unwrap_or(0);
        }
    }
}

impl ProfileEnvironment {
    /// As a wave names it.
    pub(super) fn in_a_wave(&self) -> DeployEnvironment {
        DeployEnvironment {
            id: self.id.clone(),
            kind: self.kind.clone(),
            is_default: self.is_default,
            notes: self.notes.clone().filter(|notes| !notes.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Profile, ProfileEnvironment};

    #[test]
    fn a_profile_comes_back_and_keeps_what_it_does_not_know() {
        let text = r#"{"schemaVersion": 1, "newProject": true, "mine": [1], "plannerDefaults": null,
            "deployEnvironments": [{"id": "a", "kind": "custom"}, {"id": "b", "kind": "kubernetes", "isDefault": true},
            {"id": "c", "kind": "custom", "isDefault": true, "notes": "x"}]}"#;
        let (profile, findings) = Profile::read("p.json", text);
        assert_eq!(findings, []);
        let profile = profile.unwrap();
        assert_eq!(profile.default_environment().map(|one| one.id.as_str()), Some("b"));
        assert_eq!(profile.other.len(), 1);
        assert_eq!(profile.planner_defaults.template, "implementation");
        assert_eq!(Profile::read("p.json", &profile.json()).0, Some(profile));
    }

    #[test]
    fn faults_have_their_place() {
        let check = |text: &str, expected: &[(u32, u32)]| {
            let (profile, findings) = Profile::read("p.json", text);
            let places: Vec<(u32, u32)> =
                findings.iter().map(|finding| (finding.position.line, finding.position.column)).collect();
            assert_eq!((places.as_slice(), profile.is_none()), (expected, true), "{text}");
        };
        check("{\n  \"defaultOversightMode\": \"free\"}", &[(2, 27)]);
        check("{\"deployEnvironments\": [{\"id\": \"a\",\n\"kind\": \"moon\"}]}", &[(2, 9)]);
        check("[]", &[(1, 1)]);
        check("{\n\"a\": }", &[(2, 6)]);
    }

    #[test]
    fn the_first_environment_is_the_default_when_none_says_so() {
        let environment =
            |id: &str| ProfileEnvironment { id: id.to_string(), ..ProfileEnvironment::default() };
        let mut profile =
            Profile { deploy_environments: vec![environment("a"), environment("b")], ..Profile::default() };
        profile.keep_one_default();
        assert_eq!(profile.default_environment().map(|one| one.id.as_str()), Some("a"));
    }
}
