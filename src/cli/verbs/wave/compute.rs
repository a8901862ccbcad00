//! `wavedeck orchestrate waves`: what follows from the backlog, saved, loaded, compared. `--json`: `{"scope":[],
//! "plan":SLUG|null,"waves":[{"wave","status":"done"|"in_progress"|"pending","notes","locked_by","tasks":[{"id","title",
//! "status","priority","track","depends":[],"waits_for":[{"id","kind":"in-plan"|"outside"|"missing"|"cycle","status",
//! "via"}],"unblocks","note"}]}],"cycles":[[ID]],"unplaced":[{"id","why"}],"archived","cancelled","critical_path":[ID],
//! "rule"}`; `--save` adds `version`; `--from` prints as `wave show`, `--diff` as `wave diff`.

use clap::{ArgAction, Args};

use super::diff::{Against, diff};
use super::show::show;
use super::{looked, print, view};
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::{Failure, sentence};
use crate::cli::verbs::orchestrate::{members, scope};
use crate::engine::State;
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::plan::order::{Graph, Scope};
use crate::plan::slots::book::slug_of;
use crate::plan::slots::{Change, Plan};
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct WavesArguments {
    /// Sagas, epics or tasks, each with all that lies in it.
    #[arg(value_name = "SCOPE", required_unless_present_any = ["all", "from", "diff"])]
    scope: Vec<String>,
    /// The whole backlog.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "scope")]
    all: bool,
    /// Keep what is computed as a plan. One that is there is computed again: what is locked stays.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with_all = ["from", "diff"])]
    save: bool,
    /// The name of the plan; made from the scope by default.
    #[arg(long, value_name = "SLUG", requires = "save")]
    name: Option<String>,
    /// Load a saved plan instead of computing.
    #[arg(long, value_name = "SLUG", conflicts_with_all = ["scope", "all", "diff"])]
    from: Option<String>,
    /// Compare a saved plan with what is computed: for the scope, or for what the plan is about.
    #[arg(long, value_name = "SLUG")]
    diff: Option<String>,
    /// Exit with 1 when there is a difference.
    #[arg(long, action = ArgAction::SetTrue, requires = "diff")]
    exit_code: bool,
}

pub(in crate::cli::verbs) fn run(context: &Context, arguments: &WavesArguments) -> Result<u8, Failure> {
    let state = looked(context)?;
    if arguments.from.is_some() {
        return show(context, &state, arguments.from.as_deref());
    }
    let graph = Graph::of(&state.backlog);
    let scope = scope(&arguments.scope);
    let members = members(&graph, &scope)?;
    if let Some(baseline) = &arguments.diff {
        let computed = (!arguments.scope.is_empty() || arguments.all).then(|| {
            let waves = waves(&graph, &scope).into_iter();
            let tasks = waves.flat_map(|(wave, tasks)| tasks.into_iter().map(move |task| (task, wave)));
            Against::computed(tasks.collect())
        });
        return diff(context, &state, &graph, baseline, computed, arguments.exit_code);
    }
    let mut view = view::of_scope(&graph, &scope, &members);
    let mut told = None;
    let slug;
    if arguments.save {
        slug = arguments.name.clone().unwrap_or_else(|| name_of(&scope));
        let (version, message) = save(context, &state, &graph, &scope, &slug)?;
        (view.plan, view.version, told) = (Some(slug.as_str()), version, Some(message));
    }
    print::print(&context.console, &view)?;
    if let Some(message) = told {
        context.console.line(sentence(&message))?;
    }
    context.console.value(&view)?;
    Ok(0)
}

/// Keeps what is computed under a name; gives the version and what was done.
fn save(
    context: &Context,
    state: &State,
    graph: &Graph<'_>,
    scope: &Scope,
    slug: &str,
) -> Result<(Option<u64>, String), Failure> {
    let before = state.plans.get(slug);
    let waves = waves(graph, scope);
    let mut plan = match before {
        Some(named) => {
            let members = graph.members(scope);
            let kept = named.plan.archived(graph).filter(|(_, id)| graph.holds(&members, id));
            let kept = kept.map(|(wave, id)| (wave, vec![id.clone()]));
            named.plan.recomputed(waves.into_iter().chain(kept))
        }
        None => Plan::of(waves),
    };
    plan.scope = scope.ids().to_vec();
    let change = Change::Save { slug: slug.to_owned(), plan };
    let expected = before.map(|named| named.version);
    let reply = context.request(Request::ChangeSlots { change, expected, by: operator() })?;
    let Reply::SlotsChanged { version, message, .. } = reply else { return Err(odd_reply()) };
    Ok((version, message))
}

fn waves(graph: &Graph<'_>, scope: &Scope) -> Vec<(WaveNumber, Vec<TaskId>)> {
    graph.levels(scope).waves.into_iter().map(|level| (level.number, level.tasks)).collect()
}

/// The name of a plan of this scope.
fn name_of(scope: &Scope) -> String {
    match scope {
        Scope::All => "all".to_owned(),
        Scope::Of(ids) => slug_of(&ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join("-")),
    }
}
