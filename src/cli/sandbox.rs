//! `--codex-sandbox`, as `launch` and `explain` take it.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::plan::runtime::Sandbox;

/// Reads the word for a sandbox; another word is refused with those that there are.
pub(super) fn sandbox() -> impl TypedValueParser<Value = Sandbox> {
    PossibleValuesParser::new(Sandbox::ALL.map(Sandbox::word)).try_map(|word| {
        // The words before are those of `ALL`.
        Sandbox::ALL.into_iter().find(|sandbox| sandbox.word() == word).ok_or("no such sandbox")
    })
}
