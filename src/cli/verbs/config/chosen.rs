//! What the command line, the environment and our own settings files set, and which of them did.

use std::path::Path;

use serde_json::{Value, json};

use crate::adapters::environment;
use crate::adapters::settings::{Settings, SettingsEntry};
use crate::cli::context::{Context, told_project};
use crate::driver::paths::ProjectPaths;
use crate::plan::Position;
use crate::plan::config::effective::{Effective, Source};
use crate::tui::theme::Theme;

/// The folder, the project and the lane that a command is about, and who named them. `of_file` are the values of
/// `wave.config.json`, which says what is taken when nobody does.
pub(super) fn addressed(context: &Context, paths: &ProjectPaths, of_file: &[Effective]) -> Vec<Effective> {
    let named = &context.named;
    let by_default = |key: &str| of_file.iter().find(|value| value.key == key);
    let flag = |is_named: bool, flag: &str| is_named.then(|| Source::CommandLine { flag: flag.to_owned() });
    let told = |is_told: bool, variable: &str| {
        is_told.then(|| Source::Environment { variable: variable.to_owned() })
    };
    let folder = flag(named.project_dir.is_some(), "--project-dir")
        .or_else(|| told(std::env::var_os(environment::PROJECT).is_some(), environment::PROJECT));
    let value = |key: &str, value: Value, source: Option<Source>| Effective {
        key: key.to_owned(),
        value,
        source: source.unwrap_or(Source::Default),
    };
    let source_of = |key: &str| by_default(key).map(|value| value.source.clone());
    let project = match paths.project_id() {
        Some(id) => json!(id),
        None => by_default("defaultProject").map(|found| found.value.clone()).unwrap_or_default(),
    };
    vec![
        value("project-dir", json!(paths.project().display().to_string()), folder),
        value(
            "project",
            project,
            flag(named.project.is_some(), "--project")
                .or_else(|| told(told_project(named).is_some(), environment::PROJECT_ID))
                .or_else(|| source_of("defaultProject")),
        ),
        value(
            "lane",
            json!(context.lane),
            flag(named.lane.is_some(), "--lane").or_else(|| source_of("defaultLane")),
        ),
    ]
}

/// Our own settings: the theme, and runtimes with the file that adds them. A runtime of the project replaces the user's of
/// the same name whole.
pub(super) fn settings(context: &Context, paths: &ProjectPaths) -> Vec<Effective> {
    let project = read(&paths.settings());
    let user = paths.user_settings().map(read).unwrap_or_default();
    let is_replaced = |entry: &&SettingsEntry| {
        let runtime = entry.key.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        let is_part = |own: &SettingsEntry| own.key.starts_with(&format!("{runtime}."));
        entry.key.starts_with("runtimes.") && project.iter().any(is_part)
    };
    let user_file = paths.user_settings().unwrap_or(Path::new(""));
    let of_user = user.iter().filter(|entry| !is_replaced(entry));
    let all: Vec<Effective> = project
        .iter()
        .map(|entry| effective(entry, "project settings", &paths.settings()))
        .chain(of_user.map(|entry| effective(entry, "user settings", user_file)))
        .collect();
    let theme = all.iter().find(|value| value.key == "room.theme").cloned();
    let mut values = vec![match (&context.named.theme, theme) {
        (Some(theme), _) => Effective {
            key: "room.theme".to_owned(),
            value: json!(theme),
            source: Source::CommandLine { flag: "--theme".to_owned() },
        },
        (None, Some(set)) => set,
        (None, None) => Effective {
            key: "room.theme".to_owned(),
            value: json!(Theme::names().next()),
            source: Source::Default,
        },
    }];
    values.extend(all.into_iter().filter(|value| value.key != "room.theme"));
    values
}

/// What stands in a settings file that can be used.
fn read(path: &Path) -> Vec<SettingsEntry> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match Settings::read("", &text) {
        Ok(_) => Settings::entries(&text),
        // Nothing of such a file is used; who loads the project is told.
        Err(_) => Vec::new(),
    }
}

fn effective(entry: &SettingsEntry, layer: &str, file: &Path) -> Effective {
    let position = Position { line: entry.line, column: entry.column };
    let (layer, file) = (layer.to_owned(), file.display().to_string());
    Effective {
        key: entry.key.clone(),
        value: entry.value.clone(),
        source: Source::File { layer, file, position },
    }
}
