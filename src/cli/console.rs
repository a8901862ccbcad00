//! What a verb says: text or one JSON value on standard output, notices and errors on standard error.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

use super::failure::Failure;
use crate::engine::view::Condition;
use crate::tui::glyph::{self, Glyphs};

/// When output is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColourWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said beside the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    /// Results and errors.
    Quiet,
    /// Notices, too.
    Normal,
    /// And what is done on the way.
    Verbose,
}

/// The way out for everything that is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    pub(super) json: bool,
    pub(super) colour: bool,
    pub(super) verbosity: Verbosity,
}

impl Console {
    pub(super) fn new(json: bool, when: ColourWhen, verbosity: Verbosity) -> Console {
        let colour = match when {
            ColourWhen::Always => true,
            ColourWhen::Never => false,
            // https://no-color.org: set and not empty.
            ColourWhen::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Console { json, colour, verbosity }
    }

    /// A line of the result, for people; nothing with `--json`.
    pub(super) fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json { Ok(()) } else { self.raw(format!("{}\n", text.as_ref()).as_bytes()) }
    }

    /// Bytes as they are.
    pub(super) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut output = io::stdout().lock();
        output.write_all(bytes)?;
        output.flush()?;
        Ok(())
    }

    /// One of many values that `--json` prints, in a line of its own; nothing without it.
    pub(super) fn event(&self, value: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let mut text = serde_json::to_string(value).map_err(io::Error::other)?;
        text.push('\n');
        self.raw(text.as_bytes())
    }

    /// The one value that `--json` prints; nothing without it.
    pub(super) fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let mut text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
        text.push('\n');
        self.raw(text.as_bytes())
    }

    /// Something worth knowing beside the result, on standard error.
    pub(super) fn notice(&self, text: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Normal {
            // Nobody reads it: the result is what counts.
            let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
        }
    }

    /// What is done on the way, with `-v`.
    pub(super) fn detail(&self, text: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Verbose {
            self.notice(text);
        }
    }

    /// An error, on standard error.
    pub(super) fn error(&self, failure: &Failure) {
        if failure.silent {
            return;
        }
        let text = if self.json {
            serde_json::json!({ "error": failure }).to_string()
        } else {
            format!("error: {}", failure.text())
        };
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// A condition as sign and word; only what waits for the operator is loud.
    pub(super) fn condition(&self, condition: Condition) -> String {
        let sgr = match condition {
            Condition::NotStarted | Condition::Held | Condition::Passed => "2",
            Condition::Working => "32",
            Condition::Waiting => "7",
            Condition::RateLimited | Condition::NeedsLook => "33",
            Condition::Failed => "31",
        };
        let sign = Glyphs::for_locale(locale().as_deref()).condition(condition);
        let text = format!("{sign} {:<12}", glyph::word(condition));
        if self.colour { format!("\x1b[{sgr}m{text}\x1b[0m") } else { text }
    }
}

/// The locale for characters, as POSIX looks for it.
pub(super) fn locale() -> Option<String> {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// A time span as people read it: `4m12s`, `2h05m`, `40s`.
pub(super) fn span(span_ms: u64) -> String {
    let seconds = span_ms / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

/// Columns padded to the widest cell, two blanks between, nothing behind the last.
pub(super) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{columns, span};

    #[test]
    fn spans_read_as_people_say_them() {
        let spans = [0, 40_000, 252_000, 7_500_000].map(span);
        assert_eq!(spans, ["0s", "40s", "4m12s", "2h05m"]);
    }

    #[test]
    fn columns_line_up_by_what_is_seen() {
        let rows = [vec!["日本".to_owned(), "x".to_owned()], vec!["a".to_owned(), "y".to_owned()]];
        assert_eq!(columns(&rows), ["日本  x", "a     y"]);
    }
}
