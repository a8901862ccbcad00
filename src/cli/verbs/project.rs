//! `wavedeck project setup|show`: what drafts of a project have in common, in `.wave/project-profile.json`. `--json`:
//! `{"path","profile"}`; `profile` is null when none is saved.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::interview::{Mode, check_keys, interview, key_and_text};
use crate::cli::planner::{Desk, write};
use crate::cli::times::{iso, now};
use crate::plan::config::Config;
use crate::plan::config::profile::ProjectProfile;
use crate::plan::draft::field::Answers;
use crate::plan::draft::{profile_rewrite, setup};
use crate::plan::edit::Edit;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProjectVerb {
    /// Ask what drafts have in common (posture, template, deploy environments), and save it.
    Setup(SetupArguments),
    /// Print what is saved.
    Show,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetupArguments {
    /// Answer a question beforehand; may be given several times.
    #[arg(long, value_name = "KEY=TEXT", value_parser = key_and_text)]
    answer: Vec<(String, String)>,
    /// Ask nothing: what is known and defaults hold.
    #[arg(long)]
    defaults: bool,
}

pub(super) fn set_up(context: &Context, arguments: &SetupArguments) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let lanes = Config::lanes(desk.sources.config.as_ref().map(|file| file.text.as_str()));
    let mut answers = Answers::default();
    for (key, text) in &arguments.answer {
        answers.give(key, text);
    }
    let ask = |answers: &Answers| setup(&desk.profile, &lanes, answers);
    let mut profile = interview(Mode::of_standard_input(arguments.defaults), &mut answers, ask)?;
    check_keys(&arguments.answer, &ask(&answers).0)?;
    let at = iso(now());
    profile.initialized_at.get_or_insert_with(|| at.clone());
    profile.updated_at = Some(at);
    let rewrite = profile_rewrite(&desk.sources, &desk.project, &profile).map_err(std::io::Error::other)?;
    let path = rewrite.path.clone();
    write(
        context,
        Edit::WriteWaves {
            summary: "the project profile is set up".to_owned(),
            changes: Vec::new(),
            waves: Vec::new(),
            writes: vec![rewrite],
        },
    )?;
    print(context, &path, Some(&profile))
}

pub(super) fn show(context: &Context) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let saved = desk.sources.profile.is_some().then_some(&desk.profile);
    print(context, &desk.profile_file(), saved)
}

fn print(context: &Context, path: &str, profile: Option<&ProjectProfile>) -> Result<u8, Failure> {
    let console = &context.console;
    match profile {
        None => {
            console.line(format!("No profile is saved in {path}; `wavedeck project setup` makes one."))?
        }
        Some(profile) => {
            console.line(path)?;
            console.line(format!("posture      {}", profile.default_oversight_mode.word()))?;
            console.line(format!("template     {}", profile.planner_defaults.template))?;
            for environment in &profile.deploy_environments {
                let default = if environment.is_default { ", default" } else { "" };
                console.line(format!("environment  {} ({}{default})", environment.id, environment.kind))?;
            }
        }
    }
    console.value(&json!({ "path": path, "profile": profile }))?;
    Ok(0)
}
