//! `wavedeck wave assign|unassign|lock|unlock|note|renumber|rename|delete|use`. `assign` and `unassign --json`, beside what
//! every edit says: `"preview":{"runnable":[ID],"held":[ID],"turn","blocked":[{"id","by":[ID]}],"freed":[ID],"broken":[{"id",
//! "wave","needs","needs_wave"}],"mended":[..],"opened":[N],"emptied":[N],"overlaps":[{"a","b","paths":[]}]}`, also with
//! `--dry-run`, which makes nothing.

use std::collections::BTreeSet;

use clap::{ArgAction, Args};
use serde::Serialize;

use super::chosen;
use super::print::break_words;
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::{Failure, sentence};
use crate::cli::verbs::backlog::unknown;
use crate::cli::verbs::status::known;
use crate::engine::State;
use crate::plan::WaveNumber;
use crate::plan::backlog::TaskId;
use crate::plan::order::Graph;
use crate::plan::slots::preview::{Before, Preview};
use crate::plan::slots::{Change, Edit, Holder, Lock, Named, Plan, Renumbering, Slot};
use crate::supervisor::protocol::{Reply, Request};

/// Which plan is edited, and as what it was seen.
#[derive(Debug, Args)]
pub(super) struct PlanFlags {
    /// The plan; by default the active one, or the only one.
    #[arg(long, value_name = "SLUG")]
    plan: Option<String>,
    /// Refuse when the plan is not at this version any more; by default the one that is read now.
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u64>,
}

/// The same, of an edit that puts tasks elsewhere.
#[derive(Debug, Args)]
struct SlotFlags {
    /// Say what would come of it, and make nothing.
    #[arg(long, action = ArgAction::SetTrue)]
    dry_run: bool,
    #[command(flatten)]
    plan: PlanFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AssignArguments {
    /// The tasks.
    #[arg(value_name = "TASK", required = true)]
    tasks: Vec<String>,
    /// The wave that they go to; it need not be there yet.
    #[arg(long, value_name = "N")]
    wave: WaveNumber,
    /// Before this task of the wave; by default at its end.
    #[arg(long, value_name = "TASK")]
    before: Option<String>,
    /// Why; part of the task's prompt.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Hold them there.
    #[arg(long, action = ArgAction::SetTrue)]
    lock: bool,
    #[command(flatten)]
    flags: SlotFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UnassignArguments {
    /// The tasks.
    #[arg(value_name = "TASK", required = true)]
    tasks: Vec<String>,
    #[command(flatten)]
    flags: SlotFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LockArguments {
    #[command(flatten)]
    holders: HolderArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UnlockArguments {
    #[command(flatten)]
    holders: HolderArguments,
}

/// What is locked or unlocked.
#[derive(Debug, Args)]
struct HolderArguments {
    /// The tasks.
    #[arg(value_name = "TASK", required_unless_present = "wave")]
    tasks: Vec<String>,
    /// The wave as a whole: nothing comes and nothing goes.
    #[arg(long, value_name = "N", conflicts_with = "tasks")]
    wave: Option<WaveNumber>,
    #[command(flatten)]
    plan: PlanFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NoteArguments {
    /// The task, then the text; with --wave the text alone. An empty text takes the note away.
    #[arg(value_name = "TASK TEXT", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// A note of the wave.
    #[arg(long, value_name = "N")]
    wave: Option<WaveNumber>,
    #[command(flatten)]
    plan: PlanFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RenumberArguments {
    /// Which wave becomes which, such as 2=3.
    #[arg(value_name = "FROM=TO", required = true, value_parser = renumbering)]
    waves: Vec<Renumbering>,
    #[command(flatten)]
    plan: PlanFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RenameArguments {
    /// Its name now.
    #[arg(value_name = "SLUG")]
    from: String,
    /// Its name then.
    #[arg(value_name = "NEW")]
    to: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DeleteArguments {
    /// The plan.
    #[arg(value_name = "SLUG")]
    slug: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UseArguments {
    /// The plan; none with --none.
    #[arg(value_name = "SLUG", required_unless_present = "none")]
    slug: Option<String>,
    /// No plan is meant when none is named.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "slug")]
    none: bool,
}

/// What an edit came to.
#[derive(Debug, Serialize)]
struct Edited {
    plan: Option<String>,
    version: Option<u64>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Preview>,
}

impl PlanFlags {
    /// The plan that was named.
    pub(super) fn plan(&self) -> Option<&str> {
        self.plan.as_deref()
    }

    /// The version that must still be there.
    pub(super) fn expected(&self, named: &Named) -> Option<u64> {
        Some(self.if_version.unwrap_or(named.version))
    }
}

pub(super) fn assign(context: &Context, arguments: &AssignArguments) -> Result<u8, Failure> {
    let state = known(context)?.state;
    let (slug, named) = chosen(&state, arguments.flags.plan.plan())?;
    let mut after = named.plan.clone();
    let mut edits = Vec::new();
    for task in &arguments.tasks {
        let task = TaskId::from(task.as_str());
        if named.plan.slot(&task).is_none() && state.backlog.get(&task).is_none() {
            return Err(unknown(task.as_str()));
        }
        for edit in placing(&after, &task, arguments)? {
            after = after.edited(&edit, &operator())?.0;
            edits.push(edit);
        }
    }
    slot(context, &state, slug, named, edits, &arguments.flags)
}

/// The edits that put a task where it is wanted.
fn placing(plan: &Plan, task: &TaskId, arguments: &AssignArguments) -> Result<Vec<Edit>, Failure> {
    let AssignArguments { wave, before, note, lock, .. } = arguments;
    let index = before.as_deref().map(|before| index_before(plan, *wave, task, before)).transpose()?;
    let lock = lock.then(unsigned);
    let of = || Holder::Task(task.clone());
    let Some(place) = plan.place(task) else {
        let slot = Slot { task: task.clone(), note: note.clone().unwrap_or_default(), lock };
        return Ok(vec![Edit::Assign { slot, wave: *wave, index }]);
    };
    let mut edits = Vec::new();
    if place.wave != *wave || index.is_some() {
        edits.push(Edit::Move { task: task.clone(), wave: *wave, index });
    }
    edits.extend(note.clone().map(|note| Edit::Note { of: of(), note }));
    edits.extend(lock.map(|lock| Edit::Lock { of: of(), lock }));
    Ok(edits)
}

/// The index before a task of a wave, among the others of that wave.
fn index_before(plan: &Plan, wave: WaveNumber, task: &TaskId, before: &str) -> Result<usize, Failure> {
    let slots = plan.wave(wave).map(|wave| wave.slots.as_slice()).unwrap_or_default();
    let mut others = slots.iter().filter(|slot| slot.task != *task);
    others.position(|slot| slot.task.as_str() == before).ok_or_else(|| {
        Failure::usage(format!("{before} is not in wave {wave}."), "`wavedeck wave show` shows what is.")
    })
}

pub(super) fn unassign(context: &Context, arguments: &UnassignArguments) -> Result<u8, Failure> {
    let state = known(context)?.state;
    let (slug, named) = chosen(&state, arguments.flags.plan.plan())?;
    let tasks = arguments.tasks.iter().map(|task| task.as_str().into());
    let edits = tasks.map(|task| Edit::Unassign { task }).collect();
    slot(context, &state, slug, named, edits, &arguments.flags)
}

/// Makes edits of slots, and says what comes of them; only says it when nothing is to be made.
fn slot(
    context: &Context,
    state: &State,
    slug: &str,
    named: &Named,
    edits: Vec<Edit>,
    flags: &SlotFlags,
) -> Result<u8, Failure> {
    let edit = one(edits);
    let before = Before::of(&named.plan, &Graph::of(&state.backlog), &BTreeSet::new());
    let preview = before.preview(&edit, &operator());
    if let Some(refusal) = preview.refusal {
        return Err(refusal.into());
    }
    let made = Change::Edit { slug: slug.to_owned(), edit };
    let edited = if flags.dry_run {
        let message = format!("{}; nothing was made", made.words());
        Edited { plan: Some(slug.to_owned()), version: Some(named.version), message, preview: None }
    } else {
        change(context, made, flags.plan.expected(named))?
    };
    context.console.line(sentence(&edited.message))?;
    for line in consequences(&preview) {
        context.console.line(format!("  {line}"))?;
    }
    context.console.value(&Edited { preview: Some(preview), ..edited })?;
    Ok(0)
}

/// What comes of an edit, a sentence each, the worst first.
fn consequences(preview: &Preview) -> Vec<String> {
    let list = |ids: &[TaskId]| ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(", ");
    let told = |words: &str, ids: &[TaskId]| (!ids.is_empty()).then(|| format!("{words}: {}.", list(ids)));
    let broken = preview
        .broken
        .iter()
        .map(|fault| format!("{} in wave {} breaks: {}.", fault.id, fault.wave, break_words(fault)));
    let mended = preview
        .mended
        .iter()
        .map(|fault| format!("{} does not come before {} any more.", fault.id, fault.needs));
    // What breaks a dependency is blocked by it, too: said once.
    let breaks = |id: &TaskId| preview.broken.iter().any(|fault| fault.id == *id);
    let blocked = preview.blocked.iter().filter(|row| !breaks(&row.id));
    let blocked = blocked.map(|row| format!("{} is blocked there by {}.", row.id, list(&row.by)));
    let overlaps = preview
        .overlaps
        .iter()
        .map(|row| format!("{} and {} would touch the same files: {}.", row.a, row.b, row.paths.join(", ")));
    let cut = preview.overlaps_cut.then(|| "More files are shared than are listed here.".to_owned());
    broken
        .chain(blocked)
        .chain(overlaps)
        .chain(cut)
        .chain(mended)
        .chain(told("Not blocked any more", &preview.freed))
        .chain(told("May start now", &preview.runnable))
        .chain(told("Have to wait for an earlier wave now", &preview.held))
        .collect()
}

pub(super) fn lock(context: &Context, arguments: &LockArguments) -> Result<u8, Failure> {
    hold(context, &arguments.holders, |of| Edit::Lock { of, lock: unsigned() })
}

pub(super) fn unlock(context: &Context, arguments: &UnlockArguments) -> Result<u8, Failure> {
    hold(context, &arguments.holders, |of| Edit::Unlock { of })
}

fn hold(
    context: &Context,
    arguments: &HolderArguments,
    edit: impl Fn(Holder) -> Edit,
) -> Result<u8, Failure> {
    let HolderArguments { tasks, wave, plan } = arguments;
    let tasks = tasks.iter().map(|task| Holder::Task(task.as_str().into()));
    let edits = tasks.chain(wave.map(Holder::Wave)).map(edit).collect();
    edit_known(context, plan, one(edits))
}

pub(super) fn note(context: &Context, arguments: &NoteArguments) -> Result<u8, Failure> {
    let NoteArguments { words, wave, plan } = arguments;
    let (of, note) = match (words.as_slice(), wave) {
        ([note], Some(wave)) => (Holder::Wave(*wave), note),
        ([task, note], None) => (Holder::Task(task.as_str().into()), note),
        _ => {
            let hint = "`wavedeck wave note TASK TEXT`, or `wavedeck wave note --wave N TEXT`.";
            return Err(Failure::usage("A note is of one task or of one wave, and has a text.", hint));
        }
    };
    edit_known(context, plan, Edit::Note { of, note: note.clone() })
}

pub(super) fn renumber(context: &Context, arguments: &RenumberArguments) -> Result<u8, Failure> {
    edit_known(context, &arguments.plan, Edit::Renumber { waves: arguments.waves.clone() })
}

pub(super) fn rename(context: &Context, arguments: &RenameArguments) -> Result<u8, Failure> {
    let RenameArguments { from, to } = arguments;
    tell(context, Change::Rename { from: from.clone(), to: to.clone() })
}

pub(super) fn delete(context: &Context, arguments: &DeleteArguments) -> Result<u8, Failure> {
    tell(context, Change::Delete { slug: arguments.slug.clone() })
}

pub(super) fn activate(context: &Context, arguments: &UseArguments) -> Result<u8, Failure> {
    tell(context, Change::Activate { slug: arguments.slug.clone() })
}

/// Edits the plan that is meant, as it is known now.
fn edit_known(context: &Context, flags: &PlanFlags, edit: Edit) -> Result<u8, Failure> {
    make_known(context, flags, |slug, expected| {
        let change = Change::Edit { slug: slug.to_owned(), edit };
        Request::ChangeSlots { change, expected, by: operator() }
    })
}

/// Asks for a change of the plan that is meant, and says what came of it.
pub(super) fn make_known(
    context: &Context,
    flags: &PlanFlags,
    request: impl FnOnce(&str, Option<u64>) -> Request,
) -> Result<u8, Failure> {
    let state = known(context)?.state;
    let (slug, named) = chosen(&state, flags.plan())?;
    let edited = asked(context, request(slug, flags.expected(named)))?;
    context.console.line(sentence(&edited.message))?;
    context.console.value(&edited)?;
    Ok(0)
}

fn tell(context: &Context, made: Change) -> Result<u8, Failure> {
    let edited = change(context, made, None)?;
    context.console.line(sentence(&edited.message))?;
    context.console.value(&edited)?;
    Ok(0)
}

fn change(context: &Context, change: Change, expected: Option<u64>) -> Result<Edited, Failure> {
    asked(context, Request::ChangeSlots { change, expected, by: operator() })
}

fn asked(context: &Context, request: Request) -> Result<Edited, Failure> {
    let Reply::SlotsChanged { slug, version, message } = context.request(request)? else {
        return Err(odd_reply());
    };
    Ok(Edited { plan: slug, version, message, preview: None })
}

/// Several edits as one.
fn one(mut edits: Vec<Edit>) -> Edit {
    match edits.len() {
        1 => edits.remove(0),
        _ => Edit::All { edits },
    }
}

/// The driver signs it.
fn unsigned() -> Lock {
    Lock { by: String::new(), at_ms: 0 }
}

fn renumbering(text: &str) -> Result<Renumbering, String> {
    let numbers = text.split_once('=').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let (from, to) = numbers.ok_or_else(|| format!("`{text}` is not such as 2=3"))?;
    Ok(Renumbering { from, to })
}
