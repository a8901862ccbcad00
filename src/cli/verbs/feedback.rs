//! `wavedeck feedback list|show|respond`: questions of agents and their answers. `--json` of `list`: `{"requests":[{"id",
//! "status":"pending"|"answered"|"withdrawn","createdAt","lane","wave","agentId","attempt","question","options",
//! "response":{"operator","text","answeredAt"}|null,"withdrawn":WHY|null}]}`; of `show`: one of these. Field names are
//! those of the feedback requests of npm `@chllming/wave-orchestration` 0.9.15.

use clap::{Args, Subcommand};

use super::status::known;
use crate::cli::context::{Context, operator};
use crate::cli::failure::{Failure, Kind};
use crate::cli::view::{QuestionView, print_question};
use crate::engine::QuestionId;
use crate::engine::state::QuestionStatus;
use crate::supervisor::protocol::Request;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FeedbackVerb {
    /// List questions.
    List {
        /// Only those that nobody answered yet.
        #[arg(long)]
        pending: bool,
    },
    /// Show one question.
    Show(Ticket),
    /// Answer a question.
    Respond(RespondArguments),
}

/// A question by its id, as a word or with the predecessor's flag.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Ticket {
    /// The question, such as Q7.
    #[arg(value_name = "ID")]
    question: Option<QuestionId>,
    /// The question, such as Q7.
    #[arg(long = "id", value_name = "ID", hide = true)]
    id: Option<QuestionId>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RespondArguments {
    /// The question, such as Q7.
    #[arg(value_name = "ID", required_unless_present = "id")]
    question: Option<QuestionId>,
    /// The answer, or the number of an option.
    #[arg(value_name = "TEXT", required_unless_present = "response")]
    text: Option<String>,
    /// The question, such as Q7.
    #[arg(long = "id", value_name = "ID", hide = true, conflicts_with = "question")]
    id: Option<QuestionId>,
    /// The answer.
    #[arg(long, value_name = "TEXT", hide = true, conflicts_with = "text")]
    response: Option<String>,
    /// Who answers; you by default.
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
}

pub(super) fn list(context: &Context, pending: bool) -> Result<u8, Failure> {
    let known = known(context)?;
    let requests: Vec<QuestionView> = known
        .state
        .questions
        .iter()
        .filter(|(_, question)| question.wave.lane == context.lane)
        .filter(|(_, question)| !pending || question.status == QuestionStatus::Open)
        .map(|(id, question)| QuestionView::new(*id, question))
        .collect();
    for request in &requests {
        print_question(&context.console, request)?;
    }
    if requests.is_empty() {
        context.console.line(if pending {
            "Nobody waits for an answer."
        } else {
            "Nobody asked anything."
        })?;
    }
    context.console.value(&serde_json::json!({ "requests": requests }))?;
    Ok(0)
}

pub(super) fn show(context: &Context, ticket: &Ticket) -> Result<u8, Failure> {
    let id = ticket.question.or(ticket.id).ok_or_else(no_question)?;
    let known = known(context)?;
    let question = known.state.questions.get(&id).ok_or_else(|| unknown(id))?;
    let view = QuestionView::new(id, question);
    print_question(&context.console, &view)?;
    context.console.value(&view)?;
    Ok(0)
}

pub(super) fn respond(context: &Context, arguments: &RespondArguments) -> Result<u8, Failure> {
    let question = arguments.question.or(arguments.id).ok_or_else(no_question)?;
    let given = arguments.text.as_ref().or(arguments.response.as_ref()).cloned().unwrap_or_default();
    let known = known(context)?;
    let asked = known.state.questions.get(&question).ok_or_else(|| unknown(question))?;
    let option = given.parse::<usize>().ok().and_then(|number| asked.options.get(number.checked_sub(1)?));
    let text = option.cloned().unwrap_or(given);
    let by = arguments.operator.clone().unwrap_or_else(operator);
    context.tell(Request::Answer { question, text, by })
}

fn no_question() -> Failure {
    Failure::usage("Which question?", "`wavedeck feedback list --pending` lists them.")
}

fn unknown(id: QuestionId) -> Failure {
    Failure::new(
        Kind::NotFound,
        format!("There is no question {id}."),
        "`wavedeck feedback list` lists them.",
    )
}
