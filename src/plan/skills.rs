//! Skill bundles: which there are, and which an agent gets.
//!
//! The format is that of the npm package `@chllming/wave-orchestration` 0.9.15: a folder per bundle with `skill.json` and
//! `SKILL.md`, optional `adapters/<runtime>.md`. What a bundle says of permissions and trust is for people; nothing
//! enforces it, here or there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::config::Config;
use super::config::keys::RUNTIME_ROLES;
use super::finding::{Finding, Position};
use super::json::{Document, child};
use super::project::SourceFile;
use super::role::role_of;
use super::runtime::RuntimeId;
use super::wave::{Agent, Wave};

/// Rule of a bundle that is missing or cannot be used.
pub(super) const RULE: &str = "C08";
/// File of a bundle that says what it is.
pub const MANIFEST: &str = "skill.json";
/// File of a bundle that an agent reads first.
pub const INSTRUCTIONS: &str = "SKILL.md";
/// Rule of a bundle that is configured where it can never be active.
const UNREACHABLE: &str = "W16";

/// A bundle as its files were found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillSource {
    /// `skill.json`, when it is there.
    pub manifest: Option<SourceFile>,
    /// Its files, relative to its folder, sorted.
    pub files: Vec<String>,
    /// Hash of their names and contents: another text is another bundle.
    pub hash: String,
}

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Its id, which is its folder's name.
    pub id: String,
    /// For people.
    pub title: String,
    /// What it is.
    pub description: String,
    /// When it is to be used.
    pub when: String,
    /// Roles it is for; none: all.
    pub roles: Vec<String>,
    /// Runtimes it is for; none: all.
    pub runtimes: Vec<String>,
    /// Kinds of deploy environments it is for; none: all.
    pub deploy_kinds: Vec<String>,
    /// For whom it is said to be active, and for whom not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eval_cases: Vec<EvalCase>,
    /// Those of them that cannot be read, a sentence each. A case is a test, and the bundle is used without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_cases: Vec<String>,
    /// When the work that it describes is over.
    pub termination: Option<String>,
    /// Its files, relative to its folder, sorted.
    pub files: Vec<String>,
    /// Hash of its files.
    pub hash: String,
}

/// One of a bundle's `evalCases`: an agent for which it is said whether the bundle is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvalCase {
    /// Its name.
    pub id: String,
    /// Role of the agent.
    pub role: String,
    /// Its runtime.
    pub runtime: String,
    /// Kind of the environment that its wave deploys to.
    #[serde(default)]
    pub deploy_kind: Option<String>,
    /// Whether the bundle is active for it.
    pub expect_active: bool,
}

/// The settings of skills, resolved for a lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillSettings {
    /// Folder of the bundles, relative to the project.
    pub dir: String,
    /// Bundles that everybody gets.
    pub base: Vec<String>,
    /// Bundles by role.
    pub by_role: BTreeMap<String, Vec<String>>,
    /// Bundles by runtime.
    pub by_runtime: BTreeMap<String, Vec<String>>,
    /// Bundles by kind of deploy environment.
    pub by_deploy_kind: BTreeMap<String, Vec<String>>,
}

impl SkillSettings {
    /// Every bundle that is named, with the words that name it.
    pub fn named(&self) -> impl Iterator<Item = (String, &String)> {
        let maps = [
            ("byRole", &self.by_role),
            ("byRuntime", &self.by_runtime),
            ("byDeployKind", &self.by_deploy_kind),
        ];
        let base = self.base.iter().map(|id| ("skills.base".to_string(), id));
        base.chain(maps.into_iter().flat_map(|(map, entries)| {
            entries
                .iter()
                .flat_map(move |(key, ids)| ids.iter().map(move |id| (format!("skills.{map}.{key}"), id)))
        }))
    }
}

/// The bundles of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skills {
    /// By id.
    pub bundles: BTreeMap<String, Skill>,
}

impl Skills {
    /// Reads bundles. One with a fault is left out and reported.
    pub fn read(dir: &str, sources: &BTreeMap<String, SkillSource>) -> (Skills, Vec<Finding>) {
        let mut skills = Skills::default();
        let mut findings = Vec::new();
        for (id, source) in sources {
            match skill(dir, id, source) {
                Ok(skill) => {
                    skills.bundles.insert(id.clone(), skill);
                }
                Err(found) => findings.extend(found),
            }
        }
        (skills, findings)
    }

    /// The bundles that an agent gets on a runtime, each once: those that the configuration names and that are active for
    /// it, then those that it names itself.
    pub fn of_agent(&self, agent: &Agent, wave: &Wave, runtime: &RuntimeId, config: &Config) -> Vec<&Skill> {
        let given = self.given(agent, wave, runtime, config).into_iter();
        given.filter(|given| given.is_active).map(|given| given.skill).collect()
    }

    /// The bundles that somebody gives an agent on a runtime, each once, with who does and whether it gets it.
    pub fn given(&self, agent: &Agent, wave: &Wave, runtime: &RuntimeId, config: &Config) -> Vec<Given<'_>> {
        let role = role_of(agent, config).word();
        let kind = deploy_kind(wave);
        let settings = &config.skills;
        let base = Some((&settings.base, "skills.base".to_string()));
        let of = |map: &'static str, entries: &'_ BTreeMap<String, Vec<String>>, key: &str| {
            entries.get(key).cloned().map(|ids| (ids, format!("skills.{map}.{key}")))
        };
        let configured = [
            base.map(|(ids, from)| (ids.clone(), from)),
            of("byRole", &settings.by_role, role),
            of("byRuntime", &settings.by_runtime, &runtime.0),
            kind.and_then(|kind| of("byDeployKind", &settings.by_deploy_kind, kind)),
            Some((agent.skills.clone(), OF_AGENT.to_string())),
        ];
        let mut given: Vec<Given<'_>> = Vec::new();
        for (ids, from) in configured.into_iter().flatten() {
            for skill in ids.iter().filter_map(|id| self.bundles.get(id)) {
                let is_active = from == OF_AGENT || skill.is_active(role, &runtime.0, kind);
                // What the configuration gives in vain counts again where somebody else gives it.
                match given.iter().position(|known| known.skill.id == skill.id) {
                    Some(at) if given[at].is_active || !is_active => continue,
                    Some(at) => drop(given.remove(at)),
                    None => {}
                }
                given.push(Given { skill, from: from.clone(), is_active });
            }
        }
        given
    }

    /// What is wrong with the bundles that the configuration names: those that are missing, those that can never be active
    /// where they stand. `place` says where the configuration names one.
    pub fn check(&self, config: &Config, file: &str, place: impl Fn(&str, &str) -> Position) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (key, id) in config.skills.named() {
            let Some(skill) = self.bundles.get(id) else {
                findings.push(Finding::error(
                    RULE,
                    file,
                    place(&key, id),
                    format!(
                        "`{key}` names the skill `{id}`, and there is no {}/{id}/skill.json that can be read",
                        config.skills.dir
                    ),
                    "write the bundle, or take its name away".to_string(),
                ));
                continue;
            };
            let (_, entry) = key.rsplit_once('.').unwrap_or_default();
            let (list, what) = match key.split('.').nth(1) {
                Some("byRole") => (&skill.roles, "role"),
                Some("byRuntime") => (&skill.runtimes, "runtime"),
                Some("byDeployKind") => (&skill.deploy_kinds, "kind of deploy environment"),
                _ => continue,
            };
            if !list.is_empty() && !list.iter().any(|known| known == entry) {
                findings.push(Finding::warning(
                    UNREACHABLE,
                    file,
                    place(&key, id),
                    format!("the skill `{id}` is never active for the {what} `{entry}`"),
                    format!("its skill.json allows {}", list.join(", ")),
                ));
            }
        }
        findings
    }
}

/// A bundle that somebody gives an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<'s> {
    /// The bundle.
    pub skill: &'s Skill,
    /// Who gives it, such as `skills.byRole.deploy` or `the agent`.
    pub from: String,
    /// Whether the agent gets it; a bundle of the configuration only where its own activation agrees.
    pub is_active: bool,
}

/// Who gives the bundles that stand in an agent's own `### Skills`.
const OF_AGENT: &str = "the agent";

impl Skill {
    /// Whether it is for this role, runtime and kind of deploy environment.
    pub fn is_active(&self, role: &str, runtime: &str, kind: Option<&str>) -> bool {
        let fits = |list: &[String], word: Option<&str>| {
            list.is_empty() || word.is_some_and(|word| list.iter().any(|known| known == word))
        };
        fits(&self.roles, Some(role)) && fits(&self.runtimes, Some(runtime)) && fits(&self.deploy_kinds, kind)
    }
}

impl Skill {
    /// Its cases that do not hold or cannot be read, a sentence each.
    pub fn broken_cases(&self) -> impl Iterator<Item = String> {
        let holds = |case: &&EvalCase| {
            self.is_active(&case.role, &case.runtime, case.deploy_kind.as_deref()) == case.expect_active
        };
        let broken = self.eval_cases.iter().filter(move |case| !holds(case)).map(|case| {
            let is = if case.expect_active { "is not active" } else { "is active" };
            let kind = case.deploy_kind.iter().map(|kind| format!(" deploying to {kind}"));
            format!(
                "case `{}`: it {is} for {} on {}{}",
                case.id,
                case.role,
                case.runtime,
                kind.collect::<String>()
            )
        });
        broken.chain(self.unread_cases.iter().cloned())
    }
}

/// The kind of the environment that a wave deploys to by default.
pub fn deploy_kind(wave: &Wave) -> Option<&str> {
    wave.deploy_environments.iter().find(|environment| environment.is_default).map(|one| one.kind.as_str())
}

fn skill(dir: &str, id: &str, source: &SkillSource) -> Result<Skill, Vec<Finding>> {
    let at = format!("{dir}/{id}/skill.json");
    let fault = |document: Option<&Document>, pointer: &str, message: String, hint: &str| {
        let place = document.map_or(Position::START, |document| document.position(pointer));
        Finding::warning(RULE, &at, place, message, hint.to_string())
    };
    let Some(manifest) = &source.manifest else {
        return Err(vec![fault(None, "", format!("the skill `{id}` has no skill.json"), "write it")]);
    };
    let (document, broken) = Document::read(&manifest.path, &manifest.text, RULE);
    if let Some(broken) = broken {
        return Err(vec![Finding { severity: super::finding::Severity::Warning, ..broken }]);
    }
    let mut faults = Vec::new();
    let mut wrong = |pointer: &str, message: String, hint: &str| {
        faults.push(fault(Some(&document), pointer, message, hint));
    };
    let text = |pointer: &str| {
        let text = document.get(pointer).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        (!text.is_empty()).then(|| text.to_string())
    };
    let list = |pointer: &str| -> Vec<String> {
        let items = document.get(pointer).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect()
    };
    if text("/id").as_deref() != Some(id) {
        wrong(
            "/id",
            format!("the skill in {dir}/{id} calls itself something else"),
            "its id is the folder's name",
        );
    }
    if !source.files.iter().any(|file| file == INSTRUCTIONS) {
        wrong("", format!("the skill `{id}` has no SKILL.md"), "write down what is to be done");
    }
    for (key, value) in [
        ("/title", text("/title")),
        ("/description", text("/description").or_else(|| text("/summary"))),
        ("/activation/when", text("/activation/when")),
    ] {
        if value.is_none() {
            wrong(
                key,
                format!("the skill `{id}` has no `{}`", &key[1..]),
                "write it; agents read it to choose",
            );
        }
    }
    let (roles, runtimes) = (list("/activation/roles"), list("/activation/runtimes"));
    for role in roles.iter().filter(|role| !RUNTIME_ROLES.contains(&role.as_str())) {
        wrong(&child("/activation", "roles"), format!("`{role}` is no role"), "name roles as plans do");
    }
    let cases = document.get("/evalCases").and_then(Value::as_array).into_iter().flatten();
    let (mut eval_cases, mut unread_cases): (Vec<EvalCase>, Vec<String>) = (Vec::new(), Vec::new());
    for (case, number) in cases.zip(1..) {
        match serde_json::from_value(case.clone()) {
            Ok(case) => eval_cases.push(case),
            Err(error) => unread_cases.push(format!("case {number} cannot be read: {error}")),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Skill {
        id: id.to_string(),
        title: text("/title").unwrap_or_default(),
        description: text("/description").or_else(|| text("/summary")).unwrap_or_default(),
        when: text("/activation/when").unwrap_or_default(),
        roles,
        runtimes,
        deploy_kinds: list("/activation/deployKinds"),
        eval_cases,
        unread_cases,
        termination: text("/termination").or_else(|| text("/termination/when")),
        files: source.files.clone(),
        hash: source.hash.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{MINIMAL, minimal, repository};
    use super::super::project::Project;
    use super::super::runtime::RuntimeId;

    fn of(project: &Project, wave: u32, agent: &str, runtime: &str) -> Vec<String> {
        let wave = &project.waves[&wave];
        let agent = wave.agents.iter().find(|known| known.id == agent).unwrap();
        let skills = project.skills.of_agent(agent, wave, &RuntimeId(runtime.into()), &project.config);
        skills.into_iter().map(|skill| skill.id.clone()).collect()
    }

    #[test]
    fn agents_get_what_the_configuration_and_they_themselves_name() {
        let project = Project::read(&repository());
        assert_eq!(
            of(&project, 1, "A1", "codex")[..4],
            ["wave-core", "repo-coding-rules", "role-implementation", "runtime-codex"]
        );
        assert_eq!(
            of(&project, 1, "A0", "claude")[..4],
            ["wave-core", "repo-coding-rules", "role-cont-qa", "runtime-claude"]
        );
        let text = MINIMAL
            .replacen(
                "## Context7 defaults",
                "## Deploy environments\n\n- p: railway-cli\n\n## Context7 defaults",
                1,
            )
            .replacen("## Agent A1: Eviction\n", "## Agent A1: Eviction\n\n### Skills\n\n- tui-design\n", 1);
        let project = Project::read(&minimal(&text));
        // Providers are for those who deploy; what an agent names itself it gets whatever its role.
        assert_eq!(
            of(&project, 12, "A1", "local"),
            ["wave-core", "repo-coding-rules", "role-implementation", "runtime-local", "tui-design"]
        );
        assert!(of(&project, 12, "A8", "claude").contains(&"provider-railway".to_string()));
    }

    #[test]
    fn cases_of_bundles_hold_or_are_said_not_to() {
        let mut sources = repository();
        let broken = |sources: &super::super::project::Sources| -> Vec<String> {
            let project = Project::read(sources);
            assert!(project.skills.bundles.values().any(|skill| skill.eval_cases.len() > 1));
            project
                .skills
                .bundles
                .values()
                .flat_map(|skill| skill.broken_cases().collect::<Vec<_>>())
                .collect()
        };
        assert_eq!(broken(&sources), Vec::<String>::new());
        let manifest = sources.skills.get_mut("provider-aws").unwrap().manifest.as_mut().unwrap();
        manifest.text = manifest.text.replacen("\"expectActive\": true", "\"expectActive\": false", 1);
        assert_eq!(
            broken(&sources),
            ["case `deploy-aws`: it is active for deploy on opencode deploying to aws"]
        );
        let manifest = sources.skills.get_mut("provider-aws").unwrap().manifest.as_mut().unwrap();
        manifest.text = manifest.text.replacen("\"expectActive\": false", "\"expectActive\": 1", 1);
        let [unread] = broken(&sources).try_into().unwrap();
        assert!(unread.starts_with("case 1 cannot be read: invalid type: integer `1`"), "{unread}");
    }

    #[test]
    fn what_is_missing_or_unreachable_is_said() {
        let mut sources = repository();
        sources.skills.remove("wave-core");
        let manifest = sources.skills.get_mut("role-design").unwrap().manifest.as_mut().unwrap();
        manifest.text = manifest.text.replacen("\"design\"", "\"infra\"", 1);
        let found: Vec<String> = Project::read(&sources)
            .findings
            .iter()
            .filter(|finding| ["C08", "W16"].contains(&finding.rule.as_str()))
            .map(|finding| {
                format!("{} {}:{} {}", finding.rule, finding.file, finding.position.line, finding.message)
            })
            .collect();
        let config = &sources.config.as_ref().unwrap().text;
        let line = |text: &str| config.lines().position(|line| line.contains(text)).unwrap() + 1;
        assert_eq!(
            found,
            [
                format!(
                    "C08 wave.config.json:{} `skills.base` names the skill `wave-core`, and there is no skills/wave-core/skill.json that can be read",
                    line("\"wave-core\"")
                ),
                format!(
                    "W16 wave.config.json:{} the skill `role-design` is never active for the role `design`",
                    line("\"role-design\"")
                ),
            ]
        );
        let text = MINIMAL.replacen(
            "## Agent A1: Eviction\n",
            "## Agent A1: Eviction\n\n### Skills\n\n- nonsense\n",
            1,
        );
        let project = Project::read(&minimal(&text));
        let finding = project.findings.iter().find(|finding| finding.rule == "C08").unwrap();
        assert_eq!(finding.agent.as_deref(), Some("A1"));
        assert_eq!(text.lines().nth(finding.position.line as usize - 1), Some("- nonsense"));
    }
}
