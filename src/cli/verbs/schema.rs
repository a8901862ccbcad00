//! `wavedeck schema [NAME]`: the JSON Schema of a file; without a name, their names.

use clap::Args;

use crate::adapters::settings::Settings;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::plan::config::schema;

#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArguments {
    /// Which file.
    name: Option<String>,
}

/// Name, what it is the schema of, the schema.
type Entry = (&'static str, &'static str, fn() -> serde_json::Value);

const SCHEMAS: [Entry; 3] = [
    ("wave.config", "wave.config.json", schema::wave_config),
    ("project-profile", ".wave/project-profile.json", schema::project_profile),
    (
        "settings",
        ".wavedeck/config.toml, and wavedeck/config.toml in your configuration folder",
        Settings::schema,
    ),
];

pub(super) fn run(context: &Context, arguments: &SchemaArguments) -> Result<u8, Failure> {
    let Some(name) = &arguments.name else {
        for (name, about, _) in SCHEMAS {
            context.console.line(format!("{name:16} {about}"))?;
        }
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _, _)| *name).collect();
        context.console.value(&serde_json::json!({ "schemas": names }))?;
        return Ok(0);
    };
    let Some((_, _, schema)) = SCHEMAS.iter().find(|(known, _, _)| known == name) else {
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _, _)| *name).collect();
        let hint = format!("The schemas are {}.", names.join(", "));
        return Err(Failure::new(Kind::NotFound, format!("There is no schema `{name}`."), hint));
    };
    let text = serde_json::to_string_pretty(&schema()).map_err(std::io::Error::other)?;
    context.console.raw(format!("{text}\n").as_bytes())?;
    Ok(0)
}
