//! The line of hints: the few verbs that matter where the keyboard is, with the key that the keymap has for them. A verb
//! without a key there is left out.

use super::keymap::{Context, Keymap};
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
            (V(P::Palette), "all actions"),
            (V(P::Help), "help"),
            (V(P::Filter), "filter"),
            (V(P::FocusNext), "next region"),
            (V(P::Quit), "leave"),
        ],
        Context::Held => &[
            (V(P::Left), "wave before"),
            (V(P::Right), "wave after"),
            (V(P::Drop), "drop"),
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
        Context::Help => &[(V(P::Down), "down"), (V(P::Back), "close")],
        Context::Page => &[(V(P::Down), "down"), (V(P::PageDown), "page"), (V(P::Back), "close")],
        Context::Confirm => &[(V(P::Confirm), "yes"), (V(P::Back), "no")],
        Context::Global => &[(V(P::Help), "help"), (V(P::Quit), "leave")],
    }
}

/// Hints for the innermost of `contexts`: key and word. Verbs that `applies` denies would do nothing now.
pub(crate) fn line(
    keymap: &Keymap,
    contexts: &[Context],
    applies: impl Fn(Verb) -> bool,
) -> Vec<(String, &'static str)> {
    let Some(innermost) = contexts.first() else { return Vec::new() };
    of(*innermost)
        .iter()
        .filter(|(verb, _)| applies(*verb))
        .filter_map(|(verb, word)| keymap.chord(contexts, *verb).map(|chord| (chord.to_string(), *word)))
        .collect()
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
