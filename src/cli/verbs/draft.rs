//! `wavedeck draft`: the next wave from questions and a template. Files are written when what was drafted validates, all
//! of them or none, as one edit that `undo` takes back. `--json`:
//! `{"wave","written","files":[path],"summary","findings":[as in `lint`],"spec","markdown"}`. `agentic` has
//! an agent plan instead.

mod agentic;

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind, sentence};
use crate::cli::interview::{Mode, check_keys, interview, key_and_text};
use crate::cli::planner::{Desk, check, views, write};
use crate::cli::times::{iso, now};
use crate::plan::draft::field::Answers;
use crate::plan::draft::{Proposal, Spec, keep, proposal, questions, remembered, spec_of};
use crate::plan::edit::{Edit, Rewrite};
use crate::plan::{SourceFile, WaveNumber};

#[derive(Debug, Args)]
pub(in crate::cli) struct DraftArguments {
    /// The wave; by default the one after the last.
    #[arg(long, value_name = "N")]
    wave: Option<WaveNumber>,
    /// What it begins with: implementation, qa, infra, release or migration.
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,
    /// Answer a question beforehand, such as title=Cache or worker.1.owns=src/cache/; may be given several times.
    #[arg(long, value_name = "KEY=TEXT", value_parser = key_and_text)]
    answer: Vec<(String, String)>,
    /// Ask nothing: defaults hold where nothing was answered beforehand.
    #[arg(long)]
    defaults: bool,
    /// Replace a wave file or a spec that is there.
    #[arg(long)]
    force: bool,
    /// Print the wave file instead of writing anything.
    #[arg(long)]
    preview: bool,
    /// Ask nothing: write the spec of a wave that is there again from its wave file.
    #[arg(long, requires = "wave", conflicts_with_all = ["template", "answer", "defaults"])]
    import: bool,
    /// Have an agent plan; nothing is written until --apply-run.
    #[arg(long, requires = "task", conflicts_with_all = ["template", "answer", "defaults", "import", "preview"])]
    agentic: bool,
    /// What is to be planned; - reads it from standard input.
    #[arg(long, value_name = "TEXT", requires = "agentic")]
    task: Option<String>,
    /// The first wave that is planned; by default the one after the last.
    #[arg(long, value_name = "N", requires = "agentic")]
    from_wave: Option<WaveNumber>,
    /// Most waves that are planned.
    #[arg(long, value_name = "N", requires = "agentic")]
    max_waves: Option<u32>,
    /// The executor profile or runtime that plans.
    #[arg(long, value_name = "NAME", requires = "agentic")]
    planner_executor: Option<String>,
    /// Show what a planner was asked and answered.
    #[arg(long, value_name = "ID", conflicts_with_all = ["agentic", "apply_run", "import"])]
    show_run: Option<String>,
    /// Write the waves of a planner's run, when they hold in the lane as it is now.
    #[arg(long, value_name = "ID", conflicts_with_all = ["agentic", "import"])]
    apply_run: Option<String>,
    /// Which waves of the run are written, such as 5,6; by default all.
    #[arg(long, value_name = "LIST", requires = "apply_run")]
    waves: Option<String>,
}

pub(super) fn run(context: &Context, arguments: &DraftArguments) -> Result<u8, Failure> {
    match (&arguments.show_run, &arguments.apply_run) {
        (Some(id), _) => agentic::show(context, id),
        (None, Some(id)) => agentic::apply(context, id, arguments),
        (None, None) if arguments.agentic => agentic::plan(context, arguments),
        (None, None) => draft(context, arguments),
    }
}

fn draft(context: &Context, arguments: &DraftArguments) -> Result<u8, Failure> {
    let desk = Desk::read(context)?;
    let last = desk.project.waves.keys().next_back();
    let wave = arguments.wave.unwrap_or_else(|| last.map_or(0, |last| last + 1));
    if arguments.import {
        return import(context, &desk, wave, arguments);
    }
    desk.refuse_what_is_there(wave, arguments.force || arguments.preview)?;
    let mut answers = Answers::default();
    if let Some(template) = &arguments.template {
        answers.give("template", template);
    }
    for (key, text) in &arguments.answer {
        answers.give(key, text);
    }
    if desk.sources.profile.is_none() {
        context
            .console
            .notice("No project profile is saved; defaults hold. `wavedeck project setup` makes one.");
    }
    let ground = desk.ground(wave);
    let ask = |answers: &Answers| questions(&ground, answers);
    let mut spec = interview(Mode::of_standard_input(arguments.defaults), &mut answers, ask)?;
    check_keys(&arguments.answer, &ask(&answers).0)?;
    spec.generated_at = Some(iso(now()));
    let mut proposal = proposal(&desk.sources, std::slice::from_ref(&spec));
    if arguments.preview {
        return preview(context, &spec, &proposal);
    }
    check(&proposal)?;
    let profile = remembered(&desk.sources, &desk.project, &desk.profile, &spec);
    proposal.writes.extend(profile.map_err(std::io::Error::other)?);
    let edit = keep(&spec, &proposal);
    finish(context, &spec, &proposal, edit)
}

/// Writes the spec of a wave again, from its wave file.
fn import(
    context: &Context,
    desk: &Desk,
    wave: WaveNumber,
    arguments: &DraftArguments,
) -> Result<u8, Failure> {
    let read = desk.project.waves.get(&wave);
    let text = read.and_then(|wave| desk.sources.waves.iter().find(|file| file.path == wave.file));
    let (Some(read), Some(SourceFile { text, .. })) = (read, text) else {
        let message = format!("Lane {} has no wave {wave}.", desk.project.lane);
        return Err(Failure::new(Kind::NotFound, message, "`wavedeck lint` lists the waves."));
    };
    let path = Spec::path(desk.config().waves_directory(), wave);
    let before = desk.sources.specs.get(&path);
    let known = before.and_then(|text| Spec::read(&path, text).0);
    let mut spec = spec_of(read, text, known.as_ref());
    if spec.lane.is_empty() {
        spec.lane.clone_from(&desk.project.lane);
    }
    spec.generated_at = Some(iso(now()));
    let rewrite = Rewrite { path, before: before.cloned().unwrap_or_default(), after: spec.json() };
    let proposal = Proposal { waves: Vec::new(), writes: vec![rewrite], findings: Vec::new() };
    if arguments.preview {
        return preview(context, &spec, &proposal);
    }
    let edit = Edit::WriteWaves {
        summary: format!("the spec of wave {wave} written again"),
        changes: Vec::new(),
        waves: Vec::new(),
        writes: proposal.writes.clone(),
    };
    finish(context, &spec, &proposal, edit)
}

fn preview(context: &Context, spec: &Spec, proposal: &Proposal) -> Result<u8, Failure> {
    let markdown = crate::plan::draft::markdown(spec);
    context.console.line(markdown.trim_end())?;
    for finding in &proposal.findings {
        context.console.notice(format!("{}:{} {}", finding.rule, finding.position.line, finding.message));
    }
    value(context, spec, proposal, "a preview; nothing was written", false)?;
    Ok(u8::from(proposal.errors().next().is_some()))
}

fn finish(context: &Context, spec: &Spec, proposal: &Proposal, edit: Edit) -> Result<u8, Failure> {
    let summary = edit.to_string();
    write(context, edit)?;
    context.console.line(format!("{}.", sentence(&summary).trim_end_matches('.')))?;
    for rewrite in &proposal.writes {
        context.console.line(format!("  {}", rewrite.path))?;
    }
    context.console.line("`wavedeck undo` takes it back.")?;
    value(context, spec, proposal, &summary, true)?;
    Ok(0)
}

fn value(
    context: &Context,
    spec: &Spec,
    proposal: &Proposal,
    summary: &str,
    written: bool,
) -> Result<(), Failure> {
    let files: Vec<&str> = proposal.writes.iter().map(|write| write.path.as_str()).collect();
    context.console.value(&json!({
        "wave": spec.wave,
        "written": written,
        "files": files,
        "summary": summary,
        "findings": views(&proposal.findings),
        "spec": spec,
        "markdown": crate::plan::draft::markdown(spec),
    }))
}
