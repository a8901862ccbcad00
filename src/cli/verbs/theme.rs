//! `wavedeck theme list`. With `--json` `{"themes":[NAME]}`.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::tui::theme::Theme;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ThemeVerb {
    /// List the themes, the default first.
    List,
}

pub(super) fn list(context: &Context) -> Result<u8, Failure> {
    for name in Theme::names() {
        context.console.line(name)?;
    }
    context.console.value(&serde_json::json!({ "themes": Theme::names().collect::<Vec<_>>() }))?;
    Ok(0)
}
