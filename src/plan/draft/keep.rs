//! A draft as the edit that puts it into files: the wave, its spec, the matrix, and what the project profile remembers of
//! it. Command line and room write drafts through this alone.

use serde_json::{Value, json};

use super::super::config::profile::{ProjectProfile, profile_file};
use super::super::edit::{Edit, Rewrite};
use super::super::project::{Project, Sources};
use super::proposal::Proposal;
use super::spec::Spec;

/// The edit that writes what was drafted of a spec.
pub fn keep(spec: &Spec, proposal: &Proposal) -> Edit {
    let Spec { wave, title, agents, .. } = spec;
    Edit::WriteWaves {
        summary: format!("wave {wave} drafted"),
        changes: vec![format!("wave {wave} ({title}) has {} agents", agents.len())],
        waves: proposal.waves.clone(),
        writes: proposal.writes.clone(),
    }
}

/// How the project profile, where one is saved, remembers template and lane of a draft; `None` when it knows them.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn remembered(
    sources: &Sources,
    project: &Project,
    profile: &ProjectProfile,
    spec: &Spec,
) -> serde_json::Result<Option<Rewrite>> {
    let mut remembering = profile.clone();
    remembering.planner_defaults.template = spec.template.clone().unwrap_or_default();
    remembering.planner_defaults.lane = Some(spec.lane.clone());
    match sources.profile.is_some() && remembering != *profile {
        true => profile_rewrite(sources, project, &remembering).map(Some),
        false => Ok(None),
    }
}

/// How the project profile is written so that it says this.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn profile_rewrite(
    sources: &Sources,
    project: &Project,
    profile: &ProjectProfile,
) -> serde_json::Result<Rewrite> {
    let config = &project.config;
    let mut value = serde_json::to_value(profile)?;
    if let Value::Object(members) = &mut value {
        let source = json!({
            "projectId": config.project.as_deref().unwrap_or("default"),
            "projectName": config.project_name,
            "configPath": project.config_file,
        });
        members.insert("source".to_owned(), source);
    }
    let text = serde_json::to_string_pretty(&value)?;
    let before = sources.profile.as_ref().map(|file| file.text.clone()).unwrap_or_default();
    Ok(Rewrite { path: profile_file(config.project.as_deref()), before, after: format!("{text}\n") })
}
