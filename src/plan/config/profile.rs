//! `.wave/project-profile.json`: how a project wants its waves drafted, and where it deploys to.
//!
//! Fields and defaults are those of the npm package `@chllming/wave-orchestration` 0.9.15. What an environment is made of,
//! which credentials it expects, how one sees that it is ready and healthy and how a deployment is taken back are fields of
//! ours, so that what deploys can be checked before it runs.

use serde::{Deserialize, Serialize};

use super::super::finding::Finding;
use super::super::json::Document;
use super::super::lint::deploying::KINDS;
use super::area::Area;
use super::check;
use super::layers::{Lookup, NOT_JSON};
use super::shape::Key;
use super::shape::Shape::{Flag, Foreign, Object, Objects, OneOf, Text, Variables, Whole};

/// Where the profile of a project lies, relative to the folder of `wave.config.json`; `None` is the project at the top of
/// that file.
pub fn profile_file(project: Option<&str>) -> String {
    match project {
        Some(project) => format!(".wave/projects/{project}/project-profile.json"),
        None => ".wave/project-profile.json".to_string(),
    }
}

/// Keys of the file.
pub const PROFILE_FILE: &[Key] = &[
    Key::or("schemaVersion", Whole, "1", "version of the format"),
    Key::new("initializedAt", Text, "when it was first written, as RFC 3339 says it"),
    Key::new("updatedAt", Text, "when it was last written"),
    Key::or("newProject", Flag, "false", "whether the project begins from nothing"),
    Key::or("defaultOversightMode", OneOf(POSTURES), "\"oversight\"", "the posture of drafted waves"),
    Key::or("defaultTerminalSurface", OneOf(SURFACES), "\"vscode\"", "for the predecessor; not read"),
    Key::new("deployEnvironments", Objects(ENVIRONMENT), "where waves deploy to"),
    Key::new("plannerDefaults", Object(PLANNER_DEFAULTS), "what a draft begins with"),
    Key::new("source", Foreign, "which configuration it was made from; for people"),
];

const POSTURES: &[&str] = &["oversight", "dark-factory"];
const SURFACES: &[&str] = &["vscode", "tmux", "none"];
const TEMPLATES: &[&str] = &["implementation", "qa", "infra", "release", "migration"];

const PLANNER_DEFAULTS: &[Key] = &[
    Key::or("template", OneOf(TEMPLATES), "\"implementation\"", "the template; migration is one of ours"),
    Key::new("lane", Text, "the lane"),
];

const ENVIRONMENT: &[Key] = &[
    Key::new("id", Text, "its id, as waves name it"),
    Key::new("name", Text, "its name among people; its id by default"),
    Key::or("kind", OneOf(&KINDS), "\"custom\"", "what kind of environment it is"),
    Key::or("isDefault", Flag, "false", "whether it is taken when none is named"),
    Key::new("notes", Text, "free words"),
    Key::new("substrate", Text, "what is authoritative for it, such as a cluster or a host; a key of ours"),
    Key::new(
        "credentialsExpected",
        Variables,
        "environment variables that a deployment needs; a key of ours",
    ),
    Key::new("readinessCommand", Text, "the command that says whether it is ready; a key of ours"),
    Key::new("healthCommand", Text, "the command that says whether it is healthy afterwards; a key of ours"),
    Key::new("rollback", Text, "how a deployment is taken back; a key of ours"),
];

/// How much is left to agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Posture {
    /// People decide on live mutation, deployment, release and risky infrastructure.
    Oversight,
    /// End to end without routine approval; in return everything must be checkable by a machine.
    DarkFactory,
}

/// How a project wants its waves drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectProfile {
    /// Version of the format: 1.
    pub schema_version: u32,
    /// When it was first written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialized_at: Option<String>,
    /// When it was last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Whether the project begins from nothing.
    pub new_project: bool,
    /// The posture of drafted waves.
    pub default_oversight_mode: Posture,
    /// For the predecessor, which demands one.
    pub default_terminal_surface: String,
    /// Where waves deploy to. Exactly one is the default, when there are any.
    pub deploy_environments: Vec<Environment>,
    /// What a draft begins with.
    pub planner_defaults: PlannerDefaults,
}

/// What a draft begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannerDefaults {
    /// The template.
    pub template: String,
    /// The lane; `None`: the one that the configuration takes when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
}

/// Where waves deploy to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its id, as waves name it.
    pub id: String,
    /// Its name among people.
    pub name: String,
    /// What kind it is; `custom` is one.
    pub kind: String,
    /// Whether it is taken when none is named.
    pub is_default: bool,
    /// Free words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What is authoritative for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substrate: Option<String>,
    /// Environment variables that a deployment needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credentials_expected: Vec<String>,
    /// The command that says whether it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_command: Option<String>,
    /// The command that says whether it is healthy afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_command: Option<String>,
    /// How a deployment is taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback: Option<String>,
}

impl Posture {
    /// The word that files use.
    pub fn word(self) -> &'static str {
        match self {
            Posture::Oversight => "oversight",
            Posture::DarkFactory => "dark-factory",
        }
    }

    /// Reads `oversight` or `dark-factory`.
    pub fn of(word: &str) -> Option<Posture> {
        match word {
            "oversight" => Some(Posture::Oversight),
            "dark-factory" => Some(Posture::DarkFactory),
            _ => None,
        }
    }
}

impl ProjectProfile {
    /// Reads the text of a profile. Never fails: what could not be used is a finding, and its default is in its place.
    pub fn read(file: &str, text: &str) -> (ProjectProfile, Vec<Finding>) {
        let (document, broken) = Document::read(file, text, NOT_JSON);
        let findings = match broken {
            Some(broken) => vec![broken],
            None => check::other(&document, PROFILE_FILE),
        };
        (ProjectProfile::of(&document), findings)
    }

    /// The environment that is meant when none is named.
    pub fn default_environment(&self) -> Option<&Environment> {
        self.deploy_environments.iter().find(|environment| environment.is_default)
    }

    fn of(document: &Document) -> ProjectProfile {
        let top = Area::new(Lookup { document }, vec![String::new()], PROFILE_FILE);
        let planner = top.joined_object("plannerDefaults", PLANNER_DEFAULTS);
        let surface = top.text("defaultTerminalSurface");
        let environments = top.objects("deployEnvironments", ENVIRONMENT);
        ProjectProfile {
            schema_version: top.whole("schemaVersion"),
            initialized_at: top.optional_text("initializedAt"),
            updated_at: top.optional_text("updatedAt"),
            new_project: top.flag("newProject"),
            default_oversight_mode: top
                .word("defaultOversightMode", Posture::of)
                .unwrap_or(Posture::Oversight),
            default_terminal_surface: if surface == "none" { "vscode".to_string() } else { surface },
            deploy_environments: with_one_default(environments.iter().filter_map(Environment::of).collect()),
            planner_defaults: PlannerDefaults {
                template: planner.text("template"),
                lane: planner.optional_text("lane"),
            },
        }
    }
}

impl Default for ProjectProfile {
    /// The profile of a project that has none.
    fn default() -> ProjectProfile {
        ProjectProfile::of(&Document::absent(""))
    }
}

impl Environment {
    fn of(entry: &Area<'_>) -> Option<Environment> {
        let id = entry.optional_text("id")?;
        Some(Environment {
            name: entry.optional_text("name").unwrap_or_else(|| id.clone()),
            id: id.to_lowercase(),
            kind: entry.text("kind"),
            is_default: entry.flag("isDefault"),
            notes: entry.optional_text("notes"),
            substrate: entry.optional_text("substrate"),
            credentials_expected: entry.texts("credentialsExpected"),
            readiness_command: entry.optional_text("readinessCommand"),
            health_command: entry.optional_text("healthCommand"),
            rollback: entry.optional_text("rollback"),
        })
    }
}

/// The first default stays the only one; without any it is the first of all.
pub(in crate::plan) fn with_one_default(mut environments: Vec<Environment>) -> Vec<Environment> {
    let default = environments.iter().position(|environment| environment.is_default).unwrap_or(0);
    for (index, environment) in environments.iter_mut().enumerate() {
        environment.is_default = index == default;
    }
    environments
}

#[cfg(test)]
mod tests {
    use super::{Posture, ProjectProfile};

    #[test]
    fn a_profile_is_read_and_its_environments_have_one_default() {
        let text = r#"{"schemaVersion": 1, "defaultOversightMode": "dark-factory", "defaultTerminalSurface": "none",
            "deployEnvironments": [
                {"id": "Staging", "kind": "docker-compose"},
                {"id": "live", "name": "Live", "kind": "kubernetes", "isDefault": true, "substrate": "cluster eu-1",
                 "credentialsExpected": ["KUBECONFIG"], "readinessCommand": "kubectl get nodes", "rollback": "helm rollback"},
                {"id": "other", "isDefault": true}],
            "plannerDefaults": {"template": "release"}}"#;
        let (profile, findings) = ProjectProfile::read("p.json", text);
        assert_eq!(findings, []);
        assert_eq!(profile.default_oversight_mode, Posture::DarkFactory);
        assert_eq!(profile.default_terminal_surface, "vscode");
        let defaults: Vec<(&str, &str, bool)> = profile
            .deploy_environments
            .iter()
            .map(|one| (one.id.as_str(), one.kind.as_str(), one.is_default))
            .collect();
        assert_eq!(
            defaults,
            [("staging", "docker-compose", false), ("live", "kubernetes", true), ("other", "custom", false)]
        );
        assert_eq!(profile.deploy_environments[1].credentials_expected, ["KUBECONFIG"]);
        // What is written is read back as it was.
        let written = serde_json::to_string(&profile).unwrap();
        assert_eq!(ProjectProfile::read("p.json", &written), (profile, Vec::new()));
    }

    #[test]
    fn what_is_wrong_has_its_place_and_the_rest_is_there() {
        let text =
            "{\"newProject\": true,\n \"deployEnvironments\": [{\"id\": \"a\", \"kind\": \"kubernets\"}]}";
        let (profile, findings) = ProjectProfile::read("p.json", text);
        let found: Vec<String> = findings
            .iter()
            .map(|it| format!("{}:{} {}", it.position.line, it.position.column, it.hint))
            .collect();
        assert_eq!(found, ["2:45 did you mean `kubernetes`?"]);
        assert!(profile.new_project);
        assert_eq!(ProjectProfile::default().planner_defaults.template, "implementation");
    }
}
