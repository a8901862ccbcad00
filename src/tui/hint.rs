//! The line of hints: the few verbs that matter where the keyboard is, with the key that the keymap has for them. A verb
//! without a key there is left out.

use ratatui::layout::Rect;

use super::app::App;
use super::board::subject::has_tasks;
use super::board::verdict::Legality;
use super::form::editor::Editor;
use super::form::{Form, Part};
use super::inbox;
use super::keymap::{Context, Keymap};
use super::text::{Span, width};
use super::verb::{Plain, Verb};

/// Verbs worth a hint in a context with the word for each, most important first.
pub(crate) fn of(context: Context) -> &'static [(Verb, &'static str)] {
    use Plain as P;
    use Verb::Plain as V;
    match context {
        Context::Board => &[
            (V(P::Open), "open"),
            (V(P::AnswerNext), "answer"),
            (V(P::PickUp), "pick up"),
            (V(P::LaunchWave), "run wave"),
            (V(P::Balance), "safe together"),
            (V(P::Drift), "drift"),
            (V(P::ToggleLock), "lock"),
            (V(P::Reason), "why there"),
            (V(P::SavePlan), "save as plan"),
            (V(P::ToggleSubject), "tasks or agents"),
            (V(P::Palette), "all actions"),
            (V(P::Help), "help"),
            (V(P::Filter), "filter"),
            (V(P::FocusNext), "next region"),
            (V(P::Quit), "leave"),
        ],
        Context::Held => &[
            (V(P::Left), "wave before"),
            (V(P::Right), "wave after"),
            (V(P::Down), "further down"),
            (V(P::Drop), "drop"),
            (V(P::DropAllTheSame), "drop it all the same"),
            (V(P::PutBack), "put back"),
        ],
        Context::Filter => &[(V(P::Confirm), "keep the filter"), (V(P::Back), "drop it")],
        Context::Panes => &[
            (V(P::Open), "type into it"),
            (V(P::Zoom), "zoom"),
            (V(P::PageUp), "scroll back"),
            (V(P::NextPane), "next pane"),
            (V(P::Palette), "all actions"),
            (V(P::AnswerNext), "answer"),
            (V(P::FocusNext), "next region"),
            (V(P::Pin), "pin"),
            (V(P::Quit), "leave"),
        ],
        Context::Typing => &[(V(P::LeavePane), "stop typing")],
        Context::TypingShells => &[(V(P::LeavePane), "the room's keys"), (Verb::FocusPane(1), "pane 1")],
        Context::Inbox => &[
            (V(P::Open), "open, type an answer"),
            (Verb::Choose(1), "first answer"),
            (V(P::Down), "next question"),
            (V(P::Back), "close"),
            (V(P::Palette), "all actions"),
        ],
        Context::Answer => {
            &[(V(P::Send), "send"), (V(P::NewLine), "new line"), (V(P::Back), "stop typing, keep the text")]
        }
        Context::Palette => &[(V(P::Confirm), "do it"), (V(P::Down), "next"), (V(P::Back), "close")],
        Context::Findings => {
            &[(V(P::Confirm), "go to its card"), (V(P::Down), "next"), (V(P::Back), "close")]
        }
        Context::Form => &[
            (V(P::WriteWave), "write"),
            (V(P::Back), "close"),
            (V(P::Confirm), "next"),
            (V(P::Right), "other choice"),
            (V(P::NewLine), "new line"),
            (V(P::FormQuestions), "questions"),
            (V(P::FormPreview), "file"),
            (V(P::FormFindings), "findings"),
            (V(P::DefaultAnswer), "default"),
            (V(P::DiscardDraft), "throw away"),
            (V(P::Help), "help"),
        ],
        Context::Plans => &[(V(P::Confirm), "show it"), (V(P::Down), "next"), (V(P::Back), "close")],
        Context::Drift => &[
            (V(P::Accept), "accept the document"),
            (V(P::WriteBack), "write to the document"),
            (V(P::AcceptAll), "accept all"),
            (V(P::WriteBackAll), "write all"),
            (V(P::Confirm), "go to its card"),
            (V(P::Back), "close"),
        ],
        Context::Words => &[(V(P::Confirm), "do it"), (V(P::Back), "leave it")],
        Context::Help => &[(V(P::Down), "down"), (V(P::Back), "close")],
        Context::Page => &[(V(P::Down), "down"), (V(P::PageDown), "page"), (V(P::Back), "close")],
        Context::Confirm => &[(V(P::Confirm), "yes"), (V(P::Back), "no")],
        Context::Global => &[(V(P::Help), "help"), (V(P::Quit), "leave")],
    }
}

/// Columns between two hints.
const BETWEEN: u16 = 3;

/// A hint on the screen; a click on it does what its key does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    /// What it does.
    pub(crate) verb: Verb,
    /// Its key.
    pub(crate) key: String,
    /// A word or two for it.
    pub(crate) word: &'static str,
    /// Where it stands.
    pub(crate) place: Rect,
}

/// The part of the line of hints that is written on.
pub(crate) fn line_of(area: Rect) -> Span {
    Span::row(area, 0).after(1).before_last(1)
}

/// The hints where the keyboard is, as many as there is room for beside what was noticed last.
pub(crate) fn places(app: &App, area: Rect) -> Vec<Hint> {
    let mut line = line_of(area);
    if let Some(notice) = app.notices.shown(app.now) {
        line = line.after(width(&notice.text).saturating_add(3));
    }
    along(&app.settings.keymap, app.contexts(), line, |verb| applies(app, verb))
}

/// Hints for the innermost of `contexts` along a line. Verbs that `applies` denies would do nothing now.
pub(crate) fn along(
    keymap: &Keymap,
    contexts: &[Context],
    mut line: Span,
    applies: impl Fn(Verb) -> bool,
) -> Vec<Hint> {
    let Some(innermost) = contexts.first() else { return Vec::new() };
    let mut hints = Vec::new();
    for (verb, word) in of(*innermost).iter().filter(|(verb, _)| applies(*verb)) {
        let Some(chord) = keymap.chord(contexts, *verb) else { continue };
        let key = chord.to_string();
        let columns = width(&key) + 1 + width(word);
        let between = if hints.is_empty() { 0 } else { BETWEEN };
        if columns + between > line.width {
            break;
        }
        let place = Rect { x: line.x + between, y: line.y, width: columns, height: 1 };
        line = line.after(between + columns);
        hints.push(Hint { verb: *verb, key, word, place });
    }
    hints
}

/// Whether a verb does anything now, where that does not follow from the place alone.
fn applies(app: &App, verb: Verb) -> bool {
    let terminal = || {
        let session = app.panes.focus.as_ref().and_then(|name| app.told.session(name));
        session.is_some_and(|session| session.running)
    };
    match (app.contexts().first(), verb) {
        (Some(Context::Inbox), Verb::Plain(Plain::Open | Plain::Down)) => !app.inbox.order.is_empty(),
        (Some(Context::Inbox), Verb::Choose(_)) => {
            let entry = app.inbox.selected.and_then(|id| inbox::entry(&app.told, id));
            entry.is_some_and(|entry| !entry.options.is_empty())
        }
        (Some(Context::Panes), Verb::Plain(Plain::Open)) => terminal(),
        (_, Verb::Plain(Plain::AnswerNext)) => !app.inbox.order.is_empty(),
        (Some(Context::Form), Verb::Plain(plain)) => {
            app.form.as_ref().is_some_and(|form| in_form(form, plain))
        }
        (Some(Context::Board | Context::Held), verb) => on_board(app, verb),
        _ => true,
    }
}

/// The same on the board: some verbs are for tasks of a plan, some for agents.
fn on_board(app: &App, verb: Verb) -> bool {
    let viewed = app.board.viewed();
    let saved = viewed.is_some_and(|viewed| viewed.slug().is_some());
    match verb {
        Verb::Plain(Plain::LaunchWave) => viewed.is_none(),
        Verb::Plain(Plain::Balance | Plain::Down) => viewed.is_some(),
        Verb::Plain(Plain::ToggleLock | Plain::Reason) => saved,
        Verb::Plain(Plain::SavePlan) => viewed.is_some() && !saved,
        Verb::Plain(Plain::Drift) => !app.board.deck.drift.is_empty(),
        Verb::Plain(Plain::ToggleSubject) => viewed.is_some() || has_tasks(&app.told),
        Verb::Plain(Plain::DropAllTheSame) => {
            let verdict = app.board.held.as_ref().and_then(|held| held.verdict.as_ref());
            verdict.is_some_and(|verdict| verdict.legality == Legality::WithReason)
        }
        Verb::Plain(_) | Verb::FocusPane(_) | Verb::Choose(_) => true,
    }
}

/// The same in the form of a new wave.
fn in_form(form: &Form, verb: Plain) -> bool {
    let asks = form.part == Part::Questions;
    match verb {
        Plain::Right => asks && matches!(form.editor, Editor::Choice { .. } | Editor::Count { .. }),
        Plain::NewLine => asks && form.editor.is_long(),
        Plain::DefaultAnswer => asks && form.field().is_some_and(|field| field.answer.is_some()),
        Plain::FormQuestions => !asks,
        Plain::FormPreview => form.part != Part::Preview,
        Plain::FormFindings => form.part != Part::Findings,
        Plain::DiscardDraft => !form.answers.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::tui::keymap::{Context, Keymap};

    #[test]
    fn every_hint_is_a_real_key_where_it_is_shown() {
        let keymap = Keymap::built_in();
        for context in Context::ALL {
            let contexts = crate::tui::app::reach(*context);
            for (verb, word) in of(*context) {
                assert!(
                    keymap.chord(contexts, *verb).is_some(),
                    "`{word}` in {} has no key for {}",
                    context.name(),
                    verb.name()
                );
            }
        }
    }
}
