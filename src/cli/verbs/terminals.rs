//! `wavedeck screen`, `send` and `cancel`: an agent's terminal from outside.

use clap::Args;

use super::status::known;
use crate::cli::agents::{AgentArguments, Which, find};
use crate::cli::context::{Context, odd_reply, operator};
use crate::cli::failure::Failure;
use crate::session::keys::{Key, KeyKind, TerminalInput};
use crate::supervisor::protocol::{Reply, Request};

#[derive(Debug, Args)]
pub(in crate::cli) struct ScreenArguments {
    #[command(flatten)]
    agent: AgentArguments,
    /// With escape sequences for colours.
    #[arg(long)]
    ansi: bool,
}

/// `--json`: `{"attempt","columns","rows","lines":[]}`.
pub(super) fn screen(context: &Context, arguments: &ScreenArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let found = find(&known.state, &context.lane, &arguments.agent, Which::Newest)?;
    let request = Request::Screen { session: found.attempt.session.clone(), ansi: arguments.ansi };
    let Reply::Screen { rows, size } = context.request(request)? else { return Err(odd_reply()) };
    for row in &rows {
        context.console.line(row)?;
    }
    context.console.value(&serde_json::json!({
        "attempt": found.key().to_string(),
        "columns": size.columns,
        "rows": size.rows,
        "lines": rows,
    }))?;
    Ok(0)
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SendArguments {
    #[command(flatten)]
    agent: AgentArguments,
    /// What to type; Enter follows.
    #[arg(value_name = "TEXT")]
    text: String,
    /// Do not press Enter.
    #[arg(long)]
    no_enter: bool,
    /// Send the text's bytes as they are, not as a paste; no Enter follows.
    #[arg(long)]
    raw: bool,
}

pub(super) fn send(context: &Context, arguments: &SendArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let found = find(&known.state, &context.lane, &arguments.agent, Which::Running)?;
    let text = arguments.text.clone();
    let mut inputs = Vec::new();
    if arguments.raw {
        inputs.push(TerminalInput::Raw { bytes: text.into_bytes() });
    } else {
        inputs.push(TerminalInput::Paste { text });
        if !arguments.no_enter {
            inputs.push(TerminalInput::Key { key: Key::Enter, modifiers: 0, kind: KeyKind::default() });
        }
    }
    context.tell(Request::Send { session: found.attempt.session.clone(), inputs })
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CancelArguments {
    #[command(flatten)]
    agent: AgentArguments,
}

pub(super) fn cancel(context: &Context, arguments: &CancelArguments) -> Result<u8, Failure> {
    let known = known(context)?;
    let found = find(&known.state, &context.lane, &arguments.agent, Which::Running)?;
    context.tell(Request::Cancel { attempt: found.key(), by: operator() })
}
