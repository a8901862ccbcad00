//! `wavedeck theme list`. With `--json` `{"themes":[NAME]}`.

use std::path::Path;

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::driver::files;
use crate::driver::paths::ProjectPaths;
use crate::tui::theme::{ColourUse, Theme};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ThemeVerb {
    /// List the themes, the default first.
    List,
}

/// The theme of a room: the one that `--theme` names, else that of `[room]` in the project's `.wavedeck/config.toml`, else
/// that of `wavedeck/config.toml` in the user's configuration folder, else the first.
pub(super) fn chosen(context: &Context, paths: &ProjectPaths, colours: ColourUse) -> Result<Theme, Failure> {
    let name = context
        .named
        .theme
        .clone()
        .or_else(|| files::settings(paths).room.theme)
        .unwrap_or_else(|| Theme::names().next().unwrap_or_default().to_owned());
    let theme = if name.ends_with(".toml") {
        let file = Path::new(&name);
        let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, &error))?;
        Theme::parse(&text, colours)
    } else {
        Theme::built_in(&name, colours)
    };
    let hint = "Name it with --theme, or as `theme` under [room] in .wavedeck/config.toml.";
    theme.map_err(|error| Failure::new(Kind::Input, format!("{error}."), hint))
}

pub(super) fn list(context: &Context) -> Result<u8, Failure> {
    for name in Theme::names() {
        context.console.line(name)?;
    }
    context.console.value(&serde_json::json!({ "themes": Theme::names().collect::<Vec<_>>() }))?;
    Ok(0)
}
