//! The verbs, one file each, and the one place that performs them.

pub(super) mod adhoc;
pub(super) mod ask;
pub(super) mod backlog;
pub(super) mod briefing;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod demo;
pub(super) mod doctor;
pub(super) mod done;
pub(super) mod draft;
pub(super) mod edits;
pub(super) mod explain;
pub(super) mod feedback;
pub(super) mod fmt;
pub(super) mod import;
pub(super) mod init;
pub(super) mod keep;
pub(super) mod keys;
pub(super) mod launch;
pub(super) mod lint;
pub(super) mod logs;
pub(super) mod manifest;
pub(super) mod matrix;
pub(super) mod orchestrate;
pub(super) mod project;
pub(super) mod room;
pub(super) mod schema;
pub(super) mod serve;
pub(super) mod signal;
pub(super) mod status;
pub(super) mod stop;
pub(super) mod terminals;
pub(super) mod theme;
pub(super) mod update;
pub(super) mod version;
pub(super) mod watch;
pub(super) mod wave;

use super::arguments::Verb;
use super::context::Context;
use super::failure::Failure;
use crate::plan::backlog::Kind;
use config::ConfigVerb;
use feedback::FeedbackVerb;
use project::ProjectVerb;
use theme::ThemeVerb;

/// Performs a verb and gives the exit code.
pub(super) fn perform(context: &Context, verb: Option<Verb>) -> Result<u8, Failure> {
    let Some(verb) = verb else { return room::open(context) };
    match verb {
        Verb::Shells(arguments) => room::shells(context, &arguments),
        Verb::Demo(arguments) => demo::run(context, &arguments),
        Verb::Attach => room::attach(context),
        Verb::Focus(arguments) => room::focus(context, &arguments),
        Verb::Serve(arguments) => serve::run(context, &arguments),
        Verb::Stop(arguments) => stop::run(context, &arguments),
        Verb::Launch(arguments) => launch::run(context, &arguments),
        Verb::Status(arguments) => status::run(context, &arguments),
        Verb::Watch(arguments) => watch::run(context, &arguments),
        Verb::Logs(arguments) => logs::run(context, &arguments),
        Verb::Screen(arguments) => terminals::screen(context, &arguments),
        Verb::Send(arguments) => terminals::send(context, &arguments),
        Verb::Cancel(arguments) => terminals::cancel(context, &arguments),
        Verb::Feedback(FeedbackVerb::List { pending }) => feedback::list(context, pending),
        Verb::Feedback(FeedbackVerb::Show(ticket)) => feedback::show(context, &ticket),
        Verb::Feedback(FeedbackVerb::Respond(arguments)) => feedback::respond(context, &arguments),
        Verb::Doctor => doctor::run(context),
        Verb::Init => init::run(context),
        Verb::Explain(arguments) => explain::run(context, &arguments),
        Verb::Lint(arguments) => lint::run(context, &arguments),
        Verb::Fmt(arguments) => fmt::run(context, &arguments),
        Verb::Manifest => manifest::run(context),
        Verb::Matrix(verb) => matrix::run(context, &verb),
        Verb::Project(ProjectVerb::Setup(arguments)) => project::set_up(context, &arguments),
        Verb::Project(ProjectVerb::Show) => project::show(context),
        Verb::Draft(arguments) => draft::run(context, &arguments),
        Verb::Adhoc(verb) => adhoc::perform(context, verb),
        Verb::Import(verb) => import::run(context, verb),
        Verb::Saga(verb) => backlog::container(context, Kind::Saga, verb),
        Verb::Epic(verb) => backlog::container(context, Kind::Epic, verb),
        Verb::Task(verb) => backlog::task(context, verb),
        Verb::Orchestrate(verb) => orchestrate::run(context, &verb),
        Verb::Briefing(arguments) => briefing::run(context, &arguments),
        Verb::Update(arguments) => update::run(context, &arguments),
        Verb::Wave(verb) => wave::run(context, *verb),
        Verb::Undo => edits::undo(context),
        Verb::Redo => edits::redo(context),
        Verb::Ask(arguments) => ask::run(context, &arguments),
        Verb::Done(arguments) => done::run(context, &arguments),
        Verb::Signal(arguments) => signal::run(context, &arguments),
        Verb::Theme(ThemeVerb::List) => theme::list(context),
        Verb::Keys => keys::run(context),
        Verb::Config(ConfigVerb::Show(arguments)) => config::show(context, &arguments),
        Verb::Config(ConfigVerb::Check) => config::check(context),
        Verb::Schema(arguments) => schema::run(context, &arguments),
        Verb::Completions(arguments) => completions::run(context, &arguments),
        Verb::LocalAgent => Ok(crate::adapters::local::run_agent()),
        Verb::Version => version::run(context),
        Verb::Keep(arguments) => keep::run(&arguments),
    }
}
