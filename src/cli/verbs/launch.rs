//! `wavedeck launch`: runs waves, in the room or headless. Exit 0 every wave is closed, 1 failure, 32 another launch of
//! this lane is under way, 42 every failure is cont-QA's, 43 blocked: the codes of npm `@chllming/wave-orchestration`
//! 0.9.15, whose flags are all taken.
//!
//! Headless, `--json` prints `{"adhocRun","run","outcome","exit","notes":[],"status":as in `status`}` at the end. Ending a headless
//! launch with Ctrl+C ends no agent; `wavedeck watch` or the room go on from there.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;

use super::room;
use crate::cli::context::{Context, accepted, odd_reply};
use crate::cli::failure::{Failure, Kind};
use crate::cli::live::{Event, Live};
use crate::cli::sandbox::sandbox;
use crate::cli::times::now;
use crate::cli::view::{Scope, StatusView, view};
use crate::cli::{dry_run, narration};
use crate::engine::fact::Outcome;
use crate::engine::input::LaunchOptions;
use crate::engine::state::WaveStatus;
use crate::engine::{RunId, State, WaveKey};
use crate::plan::runtime::{RuntimeId, Sandbox};
use crate::plan::{Project, WaveNumber};
use crate::supervisor::protocol::{Reply, Request};

/// Exit code when another launch of the lane is under way.
const EXIT_LOCKED: u8 = 32;

#[derive(Debug, Args)]
pub(in crate::cli) struct LaunchArguments {
    /// Run this wave alone; may be given several times.
    #[arg(long, value_name = "N", conflicts_with_all = ["start_wave", "end_wave", "auto_next"])]
    wave: Vec<WaveNumber>,
    /// Run waves from this one on.
    #[arg(long, value_name = "N", conflicts_with = "auto_next")]
    start_wave: Option<WaveNumber>,
    /// Run waves up to this one.
    #[arg(long, value_name = "N")]
    end_wave: Option<WaveNumber>,
    /// Begin with the first wave that is not closed.
    #[arg(long)]
    auto_next: bool,
    /// Run without the room: print a line for everything that happens, end with the launch.
    #[arg(long)]
    headless: bool,
    /// Say what would run on which runtime, write previews of prompts and command lines, and start nothing.
    #[arg(long)]
    dry_run: bool,
    /// Run every agent on this runtime, whatever it chose.
    #[arg(long, value_name = "RUNTIME")]
    executor: Option<String>,
    /// What codex may touch, whatever agents and configuration say.
    #[arg(long, value_name = "SANDBOX", value_parser = sandbox())]
    codex_sandbox: Option<Sandbox>,
    /// What the runtime `command` runs in this launch.
    #[arg(long, value_name = "COMMAND LINE")]
    command: Option<String>,
    /// Minutes that an attempt may run, waiting for answers not counted.
    #[arg(long, value_name = "M", default_value_t = 240)]
    timeout_minutes: u64,
    /// Retries for rework of each agent.
    #[arg(long, value_name = "N", default_value_t = 1)]
    max_retries_per_wave: u32,
    /// Retries after a rate limit.
    #[arg(long, value_name = "N", default_value_t = 2)]
    agent_rate_limit_retries: u32,
    /// Seconds before the first retry after a rate limit; they double each time.
    #[arg(long, value_name = "S", default_value_t = 20)]
    agent_rate_limit_base_delay_seconds: u64,
    /// Most seconds before a retry after a rate limit.
    #[arg(long, value_name = "S", default_value_t = 180)]
    agent_rate_limit_max_delay_seconds: u64,
    /// Ask Context7 for no documentation.
    #[arg(long)]
    no_context7: bool,
    /// Write the parsed waves to this file before launching.
    #[arg(long, value_name = "FILE")]
    manifest_out: Option<PathBuf>,
    #[command(flatten)]
    predecessor: PredecessorFlags,
}

/// Flags of the predecessor that mean nothing here.
macro_rules! predecessor_flags {
    (switches: $($switch:ident = $switch_name:literal),+; values: $($value:ident = $value_name:literal),+ $(;)?) => {
        #[derive(Debug, Args)]
        struct PredecessorFlags {
            $(#[arg(long = $switch_name, hide = true)] $switch: bool,)+
            $(#[arg(long = $value_name, hide = true, value_name = "VALUE")] $value: Option<String>,)+
        }

        impl PredecessorFlags {
            /// Those that were given.
            fn given(&self) -> Vec<&'static str> {
                let switches = [$((concat!("--", $switch_name), self.$switch)),+];
                let values = [$((concat!("--", $value_name), self.$value.is_some())),+];
                switches.into_iter().chain(values).filter(|(_, given)| *given).map(|(name, _)| name).collect()
            }
        }
    };
}

predecessor_flags! {
    switches: dashboard = "dashboard", no_dashboard = "no-dashboard", cleanup_sessions = "cleanup-sessions",
        keep_sessions = "keep-sessions", keep_terminals = "keep-terminals",
        no_orchestrator_board = "no-orchestrator-board", resident_orchestrator = "resident-orchestrator",
        no_telemetry = "no-telemetry", resume_control_state = "resume-control-state",
        resume = "resume", reconcile_status = "reconcile-status";
    values: terminal_surface = "terminal-surface", state_file = "state-file",
        agent_launch_stagger_ms = "agent-launch-stagger-ms",
        orchestrator_id = "orchestrator-id", orchestrator_board = "orchestrator-board",
        coordination_note = "coordination-note";
}

impl LaunchArguments {
    fn options(&self) -> LaunchOptions {
        LaunchOptions {
            executor: self.executor.clone().map(RuntimeId),
            codex_sandbox: self.codex_sandbox,
            command: self.command.clone(),
            max_retries: self.max_retries_per_wave,
            timeout_ms: self.timeout_minutes.saturating_mul(60_000),
            rate_limit_retries: self.agent_rate_limit_retries,
            rate_limit_base_delay_ms: self.agent_rate_limit_base_delay_seconds.saturating_mul(1000),
            without_context7: self.no_context7,
            rate_limit_max_delay_ms: self.agent_rate_limit_max_delay_seconds.saturating_mul(1000),
        }
    }

    /// The same launch of one wave.
    ///
    /// # Errors
    /// When other waves are named.
    pub(super) fn of_wave(self, wave: WaveNumber) -> Result<LaunchArguments, Failure> {
        if !self.wave.is_empty() || self.start_wave.is_some() || self.end_wave.is_some() || self.auto_next {
            let hint = "Leave --wave, --start-wave, --end-wave and --auto-next out.";
            return Err(Failure::usage("An ad-hoc run has one wave.", hint));
        }
        Ok(LaunchArguments { wave: vec![wave], ..self })
    }

    /// Whether nothing would be started.
    pub(super) fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// Which of the waves that are there are meant.
    fn waves(&self, project: &Project, state: &State) -> Result<Vec<WaveNumber>, Failure> {
        let there = || project.waves.keys().copied();
        let listed = || {
            let numbers: Vec<String> = there().map(|number| number.to_string()).collect();
            if numbers.is_empty() {
                format!("Lane {} has no wave files.", project.lane)
            } else {
                format!("Lane {} has wave {}.", project.lane, numbers.join(", "))
            }
        };
        if let Some(missing) = self.wave.iter().find(|wave| !project.waves.contains_key(wave)) {
            return Err(Failure::new(Kind::NotFound, format!("There is no wave {missing}."), listed()));
        }
        if !self.wave.is_empty() {
            return Ok(self.wave.iter().copied().collect::<BTreeSet<_>>().into_iter().collect());
        }
        let closed = |number: &WaveNumber| {
            let key = WaveKey { lane: project.lane.clone(), number: *number };
            state.waves.get(&key).is_some_and(|wave| wave.status == WaveStatus::Closed)
        };
        let first = if self.auto_next { there().find(|number| !closed(number)) } else { self.start_wave };
        let meant = |number: &WaveNumber| {
            first.is_none_or(|first| *number >= first) && self.end_wave.is_none_or(|last| *number <= last)
        };
        let waves: Vec<WaveNumber> = there().filter(meant).collect();
        if waves.is_empty() {
            return Err(Failure::new(Kind::NotFound, "There is no wave to run.", listed()));
        }
        Ok(waves)
    }
}

pub(super) fn run(context: &Context, arguments: &LaunchArguments) -> Result<u8, Failure> {
    let ignored = arguments.predecessor.given();
    if !ignored.is_empty() {
        context.console.notice(format!("Without meaning here, and not needed: {}.", ignored.join(", ")));
    }
    if arguments.manifest_out.is_some() || arguments.dry_run {
        let paths = context.paths()?;
        let project = Project::read(&context.sources(&paths));
        if let Some(path) = &arguments.manifest_out {
            let text = super::manifest::text(&paths, &project)?;
            std::fs::write(path, text).map_err(|error| Failure::file(path, &error))?;
        }
        if arguments.dry_run {
            let known = super::status::known(context)?;
            let waves = arguments.waves(&project, &known.state)?;
            let asked = dry_run::Asked {
                overrides: &arguments.options().overrides(),
                command: arguments.command.as_deref(),
                timeout_minutes: arguments.timeout_minutes,
            };
            return dry_run::run(context, &paths, &project, &waves, asked);
        }
    }
    let mut live = Live::open(context)?;
    let project = Project::read(&live.sources);
    let waves = arguments.waves(&project, &live.state)?;
    let (options, command) = (arguments.options(), arguments.command.clone());
    let request = Request::Launch { waves, options, command };
    let busy = live.state.active_run(&context.lane).is_some();
    let reply = accepted(live.request(request)?)
        .map_err(|failure| if busy { failure.exiting(EXIT_LOCKED) } else { failure })?;
    let Reply::Launched { run, notes } = reply else { return Err(odd_reply()) };
    for note in &notes {
        context.console.notice(note);
    }
    let headless = arguments.headless || context.console.json || !std::io::stdout().is_terminal();
    if headless {
        return follow(context, live, run, notes);
    }
    drop(live);
    room::open(context)
}

/// Tells what happens until the launch is over.
fn follow(
    context: &Context,
    mut live: Live<'_>,
    run: Option<RunId>,
    notes: Vec<String>,
) -> Result<u8, Failure> {
    let outcome = loop {
        let Some(run) = run else { break None };
        match live.state.runs.get(&run).map(|run| run.outcome) {
            Some(None) => {}
            Some(Some(outcome)) if live.caught_up() => break Some(outcome),
            Some(Some(_)) => {}
            None => {
                let message = format!("Launch {run} is not on record any more.");
                return Err(Failure::new(Kind::NotFound, message, "See `wavedeck status`."));
            }
        }
        match live.next()? {
            Event::Fact(fact) => context.console.line(narration::line(&fact))?,
            Event::Notice(text) => context.console.notice(text),
            Event::Restarted => context.console.notice("A new supervisor runs; agents went on meanwhile."),
            Event::Sources => {}
        }
    };
    let exit = match outcome {
        None | Some(Outcome::Closed) => 0,
        Some(Outcome::Failed) => 1,
        Some(Outcome::ContQa) => 42,
        Some(Outcome::Blocked) => 43,
    };
    let status = view(&live.state, live.sequence, &live.sources, &Scope::default(), now());
    let status = StatusView { supervisor: true, ..status };
    context.console.value(&serde_json::json!({
        "adhocRun": context.named.run,
        "run": run.map(|run| run.to_string()),
        "outcome": outcome,
        "exit": exit,
        "notes": notes,
        "status": status,
    }))?;
    Ok(exit)
}
