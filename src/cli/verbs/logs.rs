//! `wavedeck logs AGENT`: what an attempt printed, as plain text, from its log on disk; no supervisor is needed unless
//! it is followed. `--json`: `{"attempt","session","first","end","lines":[]}`, offsets in bytes.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use clap::Args;
use notify::{RecursiveMode, Watcher};
use regex::Regex;

use super::status::known;
use crate::adapters::plain_text::plain_text;
use crate::cli::agents::{AgentArguments, Which, find};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::live::Live;
use crate::cli::times::moment;
use crate::engine::state::AttemptStatus;
use crate::engine::{AttemptKey, Time};
use crate::session::log::LogReader;

/// Bytes of a log that are read at once.
const CHUNK_BYTES: usize = 1024 * 1024;

#[derive(Debug, Args)]
pub(in crate::cli) struct LogsArguments {
    #[command(flatten)]
    agent: AgentArguments,
    /// Which of its attempts; the newest by default.
    #[arg(long, value_name = "K")]
    attempt: Option<u32>,
    /// Go on printing until the attempt is over.
    #[arg(long, short, conflicts_with = "since")]
    follow: bool,
    /// Only lines that match this regular expression.
    #[arg(long, value_name = "RE")]
    grep: Option<Regex>,
    /// Nothing when the attempt was over before this: `10m` (ago) or an ISO time. Lines carry no times of their own.
    #[arg(long, value_name = "T", value_parser = moment)]
    since: Option<Time>,
    /// The bytes as the attempt printed them.
    #[arg(long, conflicts_with_all = ["grep", "follow"])]
    raw: bool,
}

pub(super) fn run(context: &Context, arguments: &LogsArguments) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let known = known(context)?;
    let which = arguments.attempt.map_or(Which::Newest, Which::Number);
    let found = find(&known.state, &context.lane, &arguments.agent, which)?;
    let folder = paths.session_log(&found.attempt.session);
    let over_before = |since: Time| found.attempt.ended_at.is_some_and(|ended| ended < since);
    if arguments.since.is_some_and(over_before) {
        context.console.notice(format!("{} was over before that.", found.key()));
        return Ok(0);
    }
    if arguments.follow && found.runs() {
        return follow(context, &folder, found.key(), arguments.grep.as_ref());
    }
    let reader = LogReader::new(&folder);
    let failed = |error| Failure::file(&folder, &error);
    let extent = reader.extent().map_err(failed)?;
    if extent.first > 0 {
        context.console.notice(format!("The first {} bytes are not kept any more.", extent.first));
    }
    let bytes = reader.tail(usize::MAX).map_err(failed)?.bytes;
    if arguments.raw {
        context.console.raw(&bytes)?;
        return Ok(0);
    }
    let text = plain_text(&bytes);
    let wanted = |line: &&str| arguments.grep.as_ref().is_none_or(|pattern| pattern.is_match(line));
    let lines: Vec<&str> = text.lines().filter(wanted).collect();
    for line in &lines {
        context.console.line(line)?;
    }
    context.console.value(&serde_json::json!({
        "attempt": found.key().to_string(),
        "session": found.attempt.session,
        "first": extent.first,
        "end": extent.end,
        "lines": lines,
    }))?;
    Ok(0)
}

/// Something that may have made the log longer, or its end.
enum Turn {
    Grown,
    Over,
}

/// Prints whole lines as they come. A line that is rewritten before it ends (a progress bar) is printed once, at its end.
fn follow(
    context: &Context,
    folder: &Path,
    attempt: AttemptKey,
    grep: Option<&Regex>,
) -> Result<u8, Failure> {
    if context.console.json {
        let hint = "Leave --json or --follow out.";
        return Err(Failure::usage("What is followed never becomes one JSON value.", hint));
    }
    await_status(&mut Live::open(context)?, &attempt, |status| *status != AttemptStatus::Starting)?;
    // One turn in the queue says everything: whoever finds it full has nothing to add.
    let (sender, turns) = sync_channel(1);
    let grown = sender.clone();
    let watched = |error: notify::Error| {
        Failure::new(Kind::Io, format!("{} cannot be watched: {error}.", folder.display()), "")
    };
    let mut watcher = notify::recommended_watcher(move |_| {
        let _ = grown.try_send(Turn::Grown);
    })
    .map_err(watched)?;
    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(watched)?;
    // Its end is told by the facts. When they cannot be had any more, what is there is printed and that is all. The
    // thread ends with the process: whoever reads us may go before the attempt is over.
    let listening = context.clone();
    std::thread::spawn(move || {
        let over = Live::open(&listening)
            .and_then(|mut live| await_status(&mut live, &attempt, |status| *status == AttemptStatus::Ended));
        if let Err(failure) = over {
            listening.console.error(&failure);
        }
        let _ = sender.send(Turn::Over);
    });
    print_turns(context, folder, &turns, grep)?;
    Ok(0)
}

/// Waits until an attempt stands where it should. One that is not on record is waited for no longer.
fn await_status(
    live: &mut Live<'_>,
    attempt: &AttemptKey,
    reached: impl Fn(&AttemptStatus) -> bool,
) -> Result<(), Failure> {
    loop {
        let agents = live.state.waves.get(&attempt.wave).map(|wave| &wave.agents);
        let agent = agents.and_then(|agents| agents.get(&attempt.agent));
        let known =
            agent.and_then(|agent| agent.attempts.iter().find(|known| known.number == attempt.number));
        if known.is_none_or(|known| reached(&known.status)) {
            return Ok(());
        }
        live.next()?;
    }
}

fn print_turns(
    context: &Context,
    folder: &Path,
    turns: &Receiver<Turn>,
    grep: Option<&Regex>,
) -> Result<(), Failure> {
    let reader = LogReader::new(folder);
    let mut offset = 0;
    let mut pending = Vec::new();
    let mut turn = Turn::Grown;
    loop {
        loop {
            let chunk = reader.read(offset, CHUNK_BYTES).map_err(|error| Failure::file(folder, &error))?;
            if chunk.bytes.is_empty() {
                break;
            }
            offset = chunk.end();
            pending.extend_from_slice(&chunk.bytes);
            let whole = pending.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            print_lines(context, &pending[..whole], grep)?;
            pending.drain(..whole);
        }
        match turn {
            Turn::Over => return print_lines(context, &pending, grep),
            Turn::Grown => turn = turns.recv().unwrap_or(Turn::Over),
        }
    }
}

fn print_lines(context: &Context, bytes: &[u8], grep: Option<&Regex>) -> Result<(), Failure> {
    for line in plain_text(bytes).lines() {
        if grep.is_none_or(|pattern| pattern.is_match(line)) {
            context.console.line(line)?;
        }
    }
    Ok(())
}
