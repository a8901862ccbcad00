//! `wavedeck ask QUESTION`: an agent asks the operator and prints the answer. Exit 0 answered, 3 still open (prints the
//! ticket), 4 withdrawn. Goes on asking over a restart of the supervisor: asking the same while it is open is the same
//! question. `--json`: `{"ticket","status":"answered"|"open"|"withdrawn","answer","by","why"}`.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use clap::Args;

use crate::cli::agent_side::Caller;
use crate::cli::context::{Context, accepted, odd_reply};
use crate::cli::failure::{Failure, Kind};
use crate::cli::times::duration_ms;
use crate::engine::QuestionId;
use crate::engine::state::QuestionStatus;
use crate::supervisor::client::{Client, ClientError};
use crate::supervisor::protocol::{Reply, Request};

/// Exit code when nobody answered yet.
const EXIT_OPEN: u8 = 3;

/// Exit code when the question needs no answer any more.
const EXIT_WITHDRAWN: u8 = 4;

#[derive(Debug, Args)]
pub(in crate::cli) struct AskArguments {
    /// The question.
    #[arg(value_name = "QUESTION", required_unless_present = "ticket")]
    question: Option<String>,
    /// An answer to choose from; may be given several times.
    #[arg(long, value_name = "ANSWER")]
    option: Vec<String>,
    /// Wait no longer than this: 90s, 5m. By default until it is answered; with --ticket not at all.
    #[arg(long, value_name = "TIME", value_parser = duration_ms)]
    wait: Option<u64>,
    /// Look at a question that was asked before.
    #[arg(long, value_name = "Q7", conflicts_with_all = ["question", "option"])]
    ticket: Option<QuestionId>,
}

pub(super) fn run(context: &Context, arguments: &AskArguments) -> Result<u8, Failure> {
    let caller = Caller::from_environment()?;
    let wait_ms = arguments.wait.or(arguments.ticket.map(|_| 0));
    let deadline = wait_ms.and_then(|wait_ms| Instant::now().checked_add(Duration::from_millis(wait_ms)));
    let mut ticket = arguments.ticket;
    loop {
        let Some(mut client) = caller.connect_by(deadline)? else {
            return match ticket {
                Some(ticket) => tell(context, ticket, &QuestionStatus::Open),
                None => {
                    let hint = "The question was not asked. Ask again later.";
                    Err(Failure::new(Kind::Unavailable, "No supervisor runs.", hint))
                }
            };
        };
        match ask(&mut client, arguments, &mut ticket, deadline) {
            Ok(status) => return tell(context, ticket.ok_or_else(odd_reply)?, &status),
            Err(Broken::Connection(error)) => context.console.detail(format!("{error}; asking again")),
            Err(Broken::Refused(failure)) => return Err(failure),
        }
    }
}

/// Why a question got no reply.
enum Broken {
    /// The supervisor is gone; another one will come.
    Connection(ClientError),
    /// It said no.
    Refused(Failure),
}

impl From<ClientError> for Broken {
    fn from(error: ClientError) -> Broken {
        match error {
            ClientError::Gone(_) => Broken::Connection(error),
            other => Broken::Refused(other.into()),
        }
    }
}

/// Asks, unless it was asked already, and waits.
fn ask(
    client: &mut Client,
    arguments: &AskArguments,
    ticket: &mut Option<QuestionId>,
    deadline: Option<Instant>,
) -> Result<QuestionStatus, Broken> {
    if let (None, Some(text)) = (&ticket, &arguments.question) {
        let request = Request::Ask { text: text.clone(), options: arguments.option.clone() };
        match accepted(client.request(request)?).map_err(Broken::Refused)? {
            Reply::Asked { question } => *ticket = Some(question),
            _ => return Err(Broken::Refused(odd_reply())),
        }
    }
    let question = ticket.ok_or_else(|| Broken::Refused(odd_reply()))?;
    let request = match deadline {
        Some(deadline) if deadline <= Instant::now() => Request::LookQuestion { question },
        _ => Request::AwaitAnswer { question },
    };
    let reply = match deadline.filter(|_| matches!(request, Request::AwaitAnswer { .. })) {
        None => client.request(request)?,
        Some(deadline) => match reply_by(client, request, deadline)? {
            Some(reply) => reply,
            None => return Ok(QuestionStatus::Open),
        },
    };
    match accepted(reply).map_err(Broken::Refused)? {
        Reply::Question { status, .. } => Ok(status),
        _ => Err(Broken::Refused(odd_reply())),
    }
}

/// The reply, or `None` when the deadline passed: then the connection is closed.
fn reply_by(client: &mut Client, request: Request, deadline: Instant) -> Result<Option<Reply>, Broken> {
    let sender = client.sender();
    let (replied, alarm) = sync_channel::<()>(1);
    std::thread::scope(|scope| {
        let clock = scope.spawn(move || {
            let left = deadline.saturating_duration_since(Instant::now());
            let passed = alarm.recv_timeout(left) == Err(RecvTimeoutError::Timeout);
            if passed {
                sender.close();
            }
            passed
        });
        let reply = client.request(request);
        drop(replied);
        let passed = clock.join().unwrap_or(false);
        match reply {
            Ok(reply) => Ok(Some(reply)),
            Err(_) if passed => Ok(None),
            Err(error) => Err(error.into()),
        }
    })
}

fn tell(context: &Context, ticket: QuestionId, status: &QuestionStatus) -> Result<u8, Failure> {
    let ticket = ticket.to_string();
    let (word, answer, by, why, exit) = match status {
        QuestionStatus::Answered { text, by, .. } => ("answered", Some(text), Some(by), None, 0),
        QuestionStatus::Open => ("open", None, None, None, EXIT_OPEN),
        QuestionStatus::Withdrawn { why, .. } => ("withdrawn", None, None, Some(why), EXIT_WITHDRAWN),
    };
    if let Some(why) = why {
        context.console.notice(format!("{ticket} needs no answer any more: {why}"));
    } else {
        context.console.line(answer.unwrap_or(&ticket))?;
    }
    let value =
        serde_json::json!({ "ticket": ticket, "status": word, "answer": answer, "by": by, "why": why });
    context.console.value(&value)?;
    Ok(exit)
}
