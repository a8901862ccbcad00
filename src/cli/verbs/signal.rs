//! `wavedeck signal KIND`: prints the canonical marker, or says why it would not be read back. The forms are those of
//! npm `@chllming/wave-orchestration` 0.9.15. With `--json` `{"kind","line","appendFile"}`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::adapters::marker::{self, Kind};
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// A flag for each key of the marker table. Which of them a kind takes is the table's matter.
macro_rules! marker_keys {
    ($($field:ident = $key:literal),+ $(,)?) => {
        #[derive(Debug, Args)]
        #[command(next_help_heading = "What the marker says; each kind takes some of these")]
        struct MarkerKeys {
            $(#[arg(long, value_name = "VALUE")] $field: Option<String>,)+
        }

        impl MarkerKeys {
            /// What was given, under the names of the table.
            fn given(&self) -> Vec<(&str, &str)> {
                [$(($key, &self.$field)),+]
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value.as_deref()?)))
                    .collect()
            }

            /// Names of all keys.
            #[cfg(test)]
            const ALL: &'static [&'static str] = &[$($key),+];
        }
    };
}

marker_keys! {
    completion = "completion", durability = "durability", proof = "proof", state = "state", component = "component",
    level = "level", paths = "paths", claims = "claims", conflicts = "conflicts", blockers = "blockers",
    targets = "targets", benchmarks = "benchmarks", regressions = "regressions", target_ids = "target_ids",
    benchmark_ids = "benchmark_ids", findings = "findings", approvals = "approvals", decisions = "decisions",
    assumptions = "assumptions", open_questions = "open_questions", architecture = "architecture",
    integration = "integration", live = "live", docs = "docs", kind = "kind", verdict = "verdict", phase = "phase",
    service = "service", target = "target", detail = "detail",
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignalArguments {
    /// The marker.
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::word)))]
    marker: String,
    /// Append the line to this file as well.
    #[arg(long, value_name = "FILE")]
    append_file: Option<PathBuf>,
    #[command(flatten)]
    keys: MarkerKeys,
}

pub(super) fn run(context: &Context, arguments: &SignalArguments) -> Result<u8, Failure> {
    let unknown = || Failure::usage(format!("There is no marker `{}`.", arguments.marker), "");
    let kind = Kind::from_word(&arguments.marker).ok_or_else(unknown)?;
    let marker = marker::canonical(kind, &arguments.keys.given())
        .map_err(|error| Failure::usage(format!("{error}."), "`wavedeck signal --help` lists the flags."))?;
    let line = marker.line();
    if let Some(path) = &arguments.append_file {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
            .map_err(|error| Failure::file(path, &error))?;
    }
    context.console.line(&line)?;
    let value = serde_json::json!({ "kind": kind.word(), "line": line, "appendFile": arguments.append_file });
    context.console.value(&value)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::MarkerKeys;
    use crate::adapters::marker::{Kind, MarkerError, canonical};

    #[test]
    fn every_key_of_the_table_has_a_flag() {
        for kind in Kind::ALL {
            // The table lists a kind's keys when it is asked for one that it does not know.
            let Err(MarkerError::UnknownKey { known, .. }) = canonical(kind, &[("no such key", "")]) else {
                panic!("{kind:?}")
            };
            for key in known.split(", ") {
                assert!(MarkerKeys::ALL.contains(&key), "{kind:?} has {key}");
            }
        }
    }
}
