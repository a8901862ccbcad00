//! `wavedeck briefing`: where everything stands and what is next, on one page.
//!
//! `--json`: `{"plan","turn","progress":{"all":COUNTS,"tracks":[{"track",COUNTS..}],"waves":[{"wave",COUNTS..}],
//! "without_slot"},"waits_for_you":{"questions":[QUESTION],"blocked":[{"id","title"}],"broken":[{"id","wave","needs",
//! "needs_wave"}]},"idle_tracks":[{"track","why"}],"next":[{"id","title","track","priority","wave","unblocks"}],
//! "happened":[{"at","text"}],"rule"}` where COUNTS is `"done","running","ready","waiting"` and QUESTION as in `feedback
//! list --json`.

use std::num::NonZeroUsize;

use clap::Args;
use serde::Serialize;

use super::orchestrate::spawn::waves;
use super::status::{Known, known};
use crate::cli::console::{Console, columns};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::narration;
use crate::cli::times::iso;
use crate::cli::view::{QuestionView, print_question};
use crate::engine::Fact;
use crate::engine::state::QuestionStatus;
use crate::plan::WaveNumber;
use crate::plan::backlog::{Priority, Status, TaskId};
use crate::plan::order::{Balance, Graph, IdleTrack, RULE, Scope};
use crate::plan::slots::progress::Counts;
use crate::plan::slots::{Broken, Progress, Turn, Waves, broken};
use crate::store::{Reader, StoreError};

/// Cells of a bar.
const BAR: usize = 20;

/// How many of the last things that happened are told, and among how many facts they are looked for.
const HAPPENED: usize = 8;
const FACTS: u64 = 100;

/// Most tasks that wait for somebody, and most slots that break a dependency, that are told to people; programs get all.
const TOLD: usize = 10;

#[derive(Debug, Args)]
pub(in crate::cli) struct BriefingArguments {
    /// The saved plan whose waves count; by default the active one, and without any what is computed.
    #[arg(long, value_name = "SLUG")]
    plan: Option<String>,
    /// How many tasks of each track to propose.
    #[arg(long, value_name = "N", default_value = "1")]
    per_track: NonZeroUsize,
}

#[derive(Debug, Serialize)]
struct Briefing<'a> {
    plan: Option<&'a str>,
    turn: Option<WaveNumber>,
    progress: Progress,
    waits_for_you: WaitsForYou<'a>,
    idle_tracks: Vec<IdleTrack>,
    next: Vec<Next<'a>>,
    happened: Vec<Happened>,
    rule: &'static str,
}

#[derive(Debug, Serialize)]
struct WaitsForYou<'a> {
    questions: Vec<QuestionView>,
    /// Tasks of which somebody said that they cannot go on.
    blocked: Vec<Blocked<'a>>,
    /// Slots that break a dependency and give no reason.
    broken: Vec<Broken>,
}

#[derive(Debug, Serialize)]
struct Blocked<'a> {
    id: &'a TaskId,
    title: &'a str,
}

#[derive(Debug, Serialize)]
struct Next<'a> {
    id: &'a TaskId,
    title: &'a str,
    track: Option<&'a str>,
    priority: Priority,
    wave: Option<WaveNumber>,
    unblocks: usize,
}

#[derive(Debug, Serialize)]
struct Happened {
    at: String,
    text: String,
    #[serde(skip)]
    line: String,
}

pub(super) fn run(context: &Context, arguments: &BriefingArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let graph = Graph::of(&known.state.backlog);
    let planned = waves(&known.state, arguments.plan.as_deref())?;
    let happened = happened(context, &known)?;
    let briefing = of(&known, &graph, planned, arguments.per_track.get(), happened);
    print(&context.console, &briefing)?;
    context.console.value(&briefing)?;
    Ok(0)
}

fn of<'a>(
    known: &'a Known,
    graph: &Graph<'a>,
    planned: Waves<'a>,
    per_track: usize,
    happened: Vec<Happened>,
) -> Briefing<'a> {
    let backlog = &known.state.backlog;
    let progress = Progress::of(graph, planned);
    let (plan, turn) = match planned {
        Waves::Saved { slug, plan } => (Some((slug, plan)), Turn::of(plan, graph)),
        Waves::Computed(_) => (None, Turn::default()),
    };
    let levels = graph.levels(&Scope::All);
    let wave_of = |id: &TaskId| match plan {
        Some(_) => turn.wave_of(id),
        None => levels.waves.iter().find(|level| level.tasks.contains(id)).map(|level| level.number),
    };
    let balance = Balance { tracks: Vec::new(), per_track };
    // What a plan is not about is not next in it.
    let scope = plan.map_or(Scope::All, |(_, plan)| plan.computed_scope());
    let found = graph.ready_in_turn(&scope, Some(&balance), |id| turn.holds_back(id));
    // Without tracks there is nothing to balance: the most urgent are next.
    let picked = match progress.tracks.iter().all(|it| it.track.is_none()) {
        true => {
            let mut ready = graph.ready_in_turn(&scope, None, |id| turn.holds_back(id)).ready;
            ready.truncate(per_track);
            ready
        }
        false => found.ready,
    };
    let next = picked.iter().filter_map(|id| backlog.get(id)).map(|task| Next {
        id: &task.id,
        title: &task.title,
        track: backlog.track(&task.id),
        priority: task.priority,
        wave: wave_of(&task.id),
        unblocks: graph.unblocks(&task.id),
    });
    let reasoned =
        |id: &TaskId| plan.and_then(|(_, plan)| plan.slot(id)).is_some_and(|slot| !slot.note.is_empty());
    let broken = plan.map(|(_, plan)| broken(plan, graph)).unwrap_or_default();
    let open = known.state.questions.iter().filter(|(_, question)| question.status == QuestionStatus::Open);
    let blocked = backlog.tasks().filter(|task| task.is_work() && task.status == Status::Blocked);
    Briefing {
        plan: plan.map(|(slug, _)| slug),
        turn: turn.wave(),
        progress,
        waits_for_you: WaitsForYou {
            questions: open.map(|(id, question)| QuestionView::new(*id, question)).collect(),
            blocked: blocked.map(|task| Blocked { id: &task.id, title: &task.title }).collect(),
            broken: broken.into_iter().filter(|it| !reasoned(&it.id)).collect(),
        },
        idle_tracks: found.idle_tracks,
        next: next.collect(),
        happened,
        rule: RULE,
    }
}

/// The last things that happened, the oldest first. Without a database nothing did.
fn happened(context: &Context, known: &Known) -> Result<Vec<Happened>, Failure> {
    let facts = match Reader::open(&context.paths()?.database()) {
        Ok(reader) => {
            let first = known.sequence.saturating_sub(FACTS - 1);
            reader.facts_from(first, FACTS as usize)?
        }
        Err(StoreError::Absent { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let told =
        |fact: &Fact| Happened { at: iso(fact.at), text: narration::what(fact), line: narration::line(fact) };
    let last = facts.len().saturating_sub(HAPPENED);
    Ok(facts.iter().skip(last).map(|(_, fact)| told(fact)).collect())
}

fn print(console: &Console, briefing: &Briefing<'_>) -> Result<(), Failure> {
    let Briefing { plan, turn, progress, waits_for_you, idle_tracks, next, happened, rule: _ } = briefing;
    let all = &progress.all;
    let waves = progress.waves.len();
    let place = match (plan, turn) {
        (Some(plan), Some(turn)) => format!("Plan {plan}, at wave {turn} of {waves}"),
        (Some(plan), None) => format!("Plan {plan}, every wave finished"),
        (None, _) => format!("No plan is saved; {waves} waves follow from dependencies"),
    };
    console.line(format!("{place}: {}.", told(all)))?;
    if progress.without_slot > 0 {
        console.line(format!("{} open tasks have no slot in it.", progress.without_slot))?;
    }
    let track = |name: &Option<String>| name.clone().unwrap_or_else(|| "(no track)".into());
    rows(console, "Tracks", progress.tracks.iter().map(|it| (track(&it.track), it.counts)))?;
    rows(console, "Waves", progress.waves.iter().map(|it| (it.wave.to_string(), it.counts)))?;
    print_waiting(console, waits_for_you)?;
    if !idle_tracks.is_empty() {
        console.line("\nIdle tracks")?;
        idle_tracks.iter().try_for_each(|it| console.line(format!("  {}: {}.", it.track, it.why)))?;
    }
    print_next(console, next)?;
    if !happened.is_empty() {
        console.line("\nLately")?;
        happened.iter().try_for_each(|it| console.line(format!("  {}", it.line)))?;
    }
    Ok(())
}

fn rows(
    console: &Console,
    title: &str,
    counts: impl Iterator<Item = (String, Counts)>,
) -> Result<(), Failure> {
    let cells: Vec<Vec<String>> =
        counts.map(|(name, counts)| vec![format!("  {name}"), bar(&counts), told(&counts)]).collect();
    if cells.is_empty() {
        return Ok(());
    }
    console.line(format!("\n{title}"))?;
    columns(&cells).iter().try_for_each(|line| console.line(line))
}

/// `[####>>......]`: done, running, open.
fn bar(counts: &Counts) -> String {
    let cells = |count: usize| (count * BAR).checked_div(counts.total()).unwrap_or(0);
    let done = cells(counts.done);
    let begun = cells(counts.done + counts.running);
    format!("[{}{}{}]", "#".repeat(done), ">".repeat(begun - done), ".".repeat(BAR - begun))
}

fn told(counts: &Counts) -> String {
    let more = [(counts.running, "running"), (counts.ready, "may start"), (counts.waiting, "waiting")];
    let more = more.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!(", {count} {words}"));
    format!("{} of {} done{}", counts.done, counts.total(), more.collect::<String>())
}

fn print_waiting(console: &Console, waits: &WaitsForYou<'_>) -> Result<(), Failure> {
    let WaitsForYou { questions, blocked, broken } = waits;
    if questions.is_empty() && blocked.is_empty() && broken.is_empty() {
        return console.line("\nNothing waits for you.");
    }
    console.line("\nThis waits for you")?;
    questions.iter().try_for_each(|question| print_question(console, question))?;
    let blocked_lines = blocked.iter().map(|task| format!("  {} cannot go on: {}", task.id, task.title));
    limited(console, blocked_lines, "blocked tasks")?;
    let broken = broken.iter().map(|it| {
        format!(
            "  {} stands in wave {} and needs {} of wave {}; no reason is given",
            it.id, it.wave, it.needs, it.needs_wave
        )
    });
    limited(console, broken, "slots that break a dependency")
}

fn limited(
    console: &Console,
    lines: impl ExactSizeIterator<Item = String>,
    what: &str,
) -> Result<(), Failure> {
    let rest = lines.len().saturating_sub(TOLD);
    for line in lines.take(TOLD) {
        console.line(line)?;
    }
    if rest > 0 { console.line(format!("  and {rest} more {what}")) } else { Ok(()) }
}

fn print_next(console: &Console, next: &[Next<'_>]) -> Result<(), Failure> {
    if next.is_empty() {
        return console.line("\nNothing may start now; `wavedeck orchestrate ready` says why of each task.");
    }
    let mut tracks: Vec<(&str, usize)> = Vec::new();
    for track in next.iter().filter_map(|task| task.track) {
        match tracks.iter_mut().find(|(name, _)| *name == track) {
            Some((_, count)) => *count += 1,
            None => tracks.push((track, 1)),
        }
    }
    let from = |(track, count): &(&str, usize)| match count {
        1 => format!("one from {track}"),
        count => format!("{count} from {track}"),
    };
    let each = match next.len() {
        0 | 1 => String::new(),
        _ => format!(": {}, safe together", tracks.iter().map(from).collect::<Vec<_>>().join(", ")),
    };
    console.line(format!("\nNext{each}"))?;
    let cells: Vec<Vec<String>> = next
        .iter()
        .map(|task| {
            vec![
                format!("  {}", task.id),
                task.track.unwrap_or("-").to_owned(),
                task.wave.map(|wave| format!("wave {wave}")).unwrap_or_default(),
                task.priority.word().to_owned(),
                format!("unblocks {}", task.unblocks),
                task.title.to_owned(),
            ]
        })
        .collect();
    columns(&cells).iter().try_for_each(|line| console.line(line))?;
    console.line("  `wavedeck orchestrate spawn TASK` starts one.")
}

#[cfg(test)]
mod tests {
    use super::{bar, told};
    use crate::plan::slots::progress::Counts;

    fn check(done: usize, running: usize, ready: usize, waiting: usize, expected: &str) {
        let counts = Counts { done, running, ready, waiting };
        assert_eq!(format!("{} {}", bar(&counts), told(&counts)), expected);
    }

    #[test]
    fn progress_is_told_in_bars_and_numbers() {
        check(0, 0, 0, 0, "[....................] 0 of 0 done");
        check(1, 1, 0, 2, "[#####>>>>>..........] 1 of 4 done, 1 running, 2 waiting");
        check(3, 0, 0, 0, "[####################] 3 of 3 done");
        check(999, 0, 1, 0, "[###################.] 999 of 1000 done, 1 may start");
    }
}
