//! `wavedeck keys`: the page of keys. With `--json` `[{"context","keys":[{"chords":[],"verb","does"}]}]`.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::tui::keymap::{self, Keymap};

#[derive(Debug, Serialize)]
struct ContextKeys {
    context: &'static str,
    keys: Vec<Binding>,
}

#[derive(Debug, Serialize)]
struct Binding {
    chords: Vec<String>,
    verb: &'static str,
    does: &'static str,
}

pub(super) fn run(context: &Context) -> Result<u8, Failure> {
    let keymap = Keymap::built_in();
    context.console.line(keymap.page().trim_end())?;
    let contexts: Vec<ContextKeys> = keymap::Context::ALL
        .iter()
        .map(|of| ContextKeys {
            context: of.name(),
            keys: keymap
                .by_verb(*of)
                .into_iter()
                .map(|(verb, chords)| Binding {
                    chords: chords.iter().map(ToString::to_string).collect(),
                    verb: verb.name(),
                    does: verb.help(),
                })
                .collect(),
        })
        .collect();
    context.console.value(&contexts)?;
    Ok(0)
}
