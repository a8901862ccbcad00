//! The questions of a project's setup, and the profile that comes of the answers.

use super::super::config::profile::{Environment, PlannerDefaults, ProjectProfile, with_one_default};
use super::super::lint::deploying::KINDS;
use super::field::{Answers, Field, Walk};
use super::questions::posture;
use super::template::TEMPLATES;

/// Most deploy environments that are asked about.
const MOST: u32 = 12;

/// The fields of a setup as they stand, and the profile that comes of them. `known` is the profile that is there (or the
/// default one), `lanes` those that the configuration has.
pub fn setup(known: &ProjectProfile, lanes: &[String], answers: &Answers) -> (Vec<Field>, ProjectProfile) {
    let mut walk = Walk::new(answers);
    let profile = profile(&mut walk, known, lanes);
    (walk.into_fields(), profile)
}

fn profile(walk: &mut Walk<'_>, known: &ProjectProfile, lanes: &[String]) -> ProjectProfile {
    let new_project = walk.flag("new", "Does the project begin from nothing", known.new_project);
    let mode = posture(
        walk,
        "Posture: oversight (people decide about live changes) or dark-factory",
        known.default_oversight_mode,
    );
    let names = TEMPLATES.map(|template| template.name);
    let template =
        walk.choice("template", "Template that drafts begin with", &names, &known.planner_defaults.template);
    let lane = known.planner_defaults.lane.as_ref().or(lanes.first()).cloned().unwrap_or_default();
    let lanes: Vec<&str> = lanes.iter().map(String::as_str).collect();
    let lane = match lanes.len() {
        0 | 1 => lane,
        _ => walk.choice("lane", "Lane that drafts begin with", &lanes, &lane),
    };
    let there = u32::try_from(known.deploy_environments.len()).unwrap_or(MOST);
    let count = walk.count("environments", "How many deploy environments", there, MOST);
    let environments = (1..=count)
        .map(|number| {
            let known = known.deploy_environments.get(number - 1);
            walk.about("environment", number, |walk| environment(walk, known, number))
        })
        .collect();
    ProjectProfile {
        new_project,
        default_oversight_mode: mode,
        deploy_environments: with_one_default(environments),
        planner_defaults: PlannerDefaults { template, lane: Some(lane).filter(|lane| !lane.is_empty()) },
        ..known.clone()
    }
}

fn environment(walk: &mut Walk<'_>, known: Option<&Environment>, number: usize) -> Environment {
    let or = |text: Option<&String>| text.cloned().unwrap_or_default();
    let default_id = known.map_or_else(|| format!("environment-{number}"), |known| known.id.clone());
    let id = walk.identifier("id", "Environment: id", &default_id);
    let name = walk.text("name", "Environment: name", known.map_or(&id, |known| &known.name));
    let kind = known.map_or("custom", |known| known.kind.as_str());
    let kind = walk.choice("kind", "Environment: kind", &KINDS, kind);
    let is_default = walk.flag(
        "default",
        "Environment: is it meant when none is named",
        known.map_or(number == 1, |known| known.is_default),
    );
    let of = |read: fn(&Environment) -> Option<&String>| or(known.and_then(read));
    Environment {
        notes: walk.optional("notes", "Environment: what to know of it", &of(|known| known.notes.as_ref())),
        substrate: walk.optional(
            "substrate",
            "Environment: what is authoritative for it, such as a cluster or a host",
            &of(|known| known.substrate.as_ref()),
        ),
        credentials_expected: walk.list(
            "credentials",
            "Environment: variables with credentials that are expected, by name",
            known.map(|known| known.credentials_expected.as_slice()).unwrap_or_default(),
        ),
        readiness_command: walk.optional(
            "readiness",
            "Environment: command that says whether it is ready",
            &of(|known| known.readiness_command.as_ref()),
        ),
        health_command: walk.optional(
            "health",
            "Environment: command that says whether it is healthy afterwards",
            &of(|known| known.health_command.as_ref()),
        ),
        rollback: walk.optional(
            "rollback",
            "Environment: how a deployment is taken back",
            &of(|known| known.rollback.as_ref()),
        ),
        id,
        name,
        kind,
        is_default,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::config::profile::{Posture, ProjectProfile};
    use super::super::field::Answers;
    use super::setup;

    #[test]
    fn a_setup_is_asked_and_asked_again_with_what_is_known() {
        let mut answers = Answers::default();
        let lanes = ["main".to_string(), "side".to_string()];
        for (key, text) in [
            ("posture", "dark-factory"),
            ("lane", "side"),
            ("environments", "2"),
            ("environment.1.id", "live"),
            ("environment.1.credentials", "KUBECONFIG, TOKEN_NAME"),
            ("environment.2.id", "stage"),
            ("environment.2.default", "yes"),
            ("environment.2.kind", "docker-compose"),
        ] {
            answers.give(key, text);
        }
        let (fields, profile) = setup(&ProjectProfile::default(), &lanes, &answers);
        assert!(fields.iter().all(|field| field.error.is_none()), "{fields:#?}");
        assert_eq!(profile.default_oversight_mode, Posture::DarkFactory);
        let ids: Vec<(&str, bool)> =
            profile.deploy_environments.iter().map(|one| (one.id.as_str(), one.is_default)).collect();
        assert_eq!(ids, [("live", true), ("stage", false)], "the first default stays");
        assert_eq!(profile.deploy_environments[0].credentials_expected, ["KUBECONFIG", "TOKEN_NAME"]);
        assert_eq!(setup(&profile, &lanes, &Answers::default()).1, profile);
    }
}
