//! `wavedeck watch`: waits until something is over. Exit 0 completed, 20 input required, 40 failed; with
//! `--until-change` also 30 once anything has changed. `--json` prints the value of `status` at the end.

use clap::Args;

use super::status::StatusArguments;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::live::{Event, Live};
use crate::cli::narration;
use crate::cli::times::now;
use crate::cli::view::{Phase, Scope, StatusView, print, view};

/// Exit code when something has changed and nothing is over.
const EXIT_CHANGED: u8 = 30;

#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArguments {
    #[command(flatten)]
    what: StatusArguments,
    /// End with 30 as soon as anything has changed.
    #[arg(long, conflicts_with = "follow")]
    until_change: bool,
    /// What happened since an earlier `status` counts as a change; N is the `version` that it gave.
    #[arg(long, value_name = "N", requires = "until_change")]
    after: Option<u64>,
    /// Print a line for everything that happens.
    #[arg(long)]
    follow: bool,
}

pub(super) fn run(context: &Context, arguments: &WatchArguments) -> Result<u8, Failure> {
    let scope = Scope { wave: arguments.what.wave, agent: arguments.what.agent.clone() };
    let mut live = Live::open(context)?;
    loop {
        let shown = view(&live.state, live.sequence, &live.sources, &scope, now());
        if shown.phase != Phase::Running && shown.phase != Phase::NotStarted {
            return finish(context, shown, arguments.follow, None);
        }
        if arguments.after.is_some_and(|version| live.sequence > version) {
            return finish(context, shown, false, Some(EXIT_CHANGED));
        }
        let fact = loop {
            match live.next()? {
                Event::Fact(fact) => break fact,
                Event::Notice(text) => context.console.notice(text),
                Event::Sources | Event::Restarted => {}
            }
        };
        if arguments.follow {
            context.console.line(narration::line(&fact))?;
        }
        if arguments.until_change {
            let shown = view(&live.state, live.sequence, &live.sources, &scope, now());
            let changed =
                (shown.phase == Phase::Running || shown.phase == Phase::NotStarted).then_some(EXIT_CHANGED);
            return finish(context, shown, false, changed);
        }
    }
}

fn finish(context: &Context, shown: StatusView, told: bool, exit: Option<u8>) -> Result<u8, Failure> {
    let shown = StatusView { supervisor: true, ..shown };
    if !told || shown.phase == Phase::InputRequired {
        print(&context.console, &shown, now())?;
    }
    context.console.value(&shown)?;
    Ok(exit.unwrap_or(shown.phase.exit()))
}
