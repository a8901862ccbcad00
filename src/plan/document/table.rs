//! Tables of a plan: what each column is for.

use std::ops::Range;

use super::entry::{Manner, leading, says_done};
use super::ids::{Found, slice};
use super::label::Scheme;

/// Headers of a column of tasks.
const TASKS: [&str; 14] = [
    "task",
    "tasks",
    "id",
    "ids",
    "task id",
    "task ids",
    "tasks (ids)",
    "task(s)",
    "ticket",
    "tickets",
    "issue",
    "issues",
    "item",
    "items",
];

/// Parts of headers of a column of conditions.
const NEEDS: [&str; 7] = ["depend", "need", "unblock", "block", "after", "requir", "prereq"];

/// Parts of headers of a column of tracks.
const TRACKS: [&str; 6] = ["track", "domain", "team", "lane", "stream", "swimlane"];

/// Parts of headers of a column of states.
const STATES: [&str; 5] = ["status", "state", "done", "progress", "✓"];

/// A row of a table: its line's first byte in the text, its text, its cells and the ids in it.
pub(super) struct Row<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
    pub(super) cells: Vec<Range<usize>>,
    pub(super) found: Vec<Found>,
}

/// What the columns of a table are for, by index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Holds the wave of its row.
    pub(super) wave: Option<usize>,
    /// Hold tasks; with the track of all of them, when the column is one.
    pub(super) tasks: Vec<(usize, Option<String>)>,
    /// Hold the tasks of the wave that their header names: transposed tables.
    pub(super) waves: Vec<usize>,
    pub(super) track: Option<usize>,
    pub(super) state: Option<usize>,
    pub(super) needs: Vec<usize>,
}

impl Row<'_> {
    /// What a cell says; empty when the row has no such cell.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map(|cell| slice(self.text, cell)).unwrap_or_default()
    }

    /// How many ids a cell begins with.
    fn leading(&self, index: usize) -> usize {
        let Some(cell) = self.cells.get(index) else { return 0 };
        leading(self.text, cell.clone(), &self.found, Manner::List).ids.len()
    }

    /// Whether the row says that its tasks are done.
    pub(super) fn says_done(&self, state: Option<usize>) -> bool {
        state.is_some_and(|index| says_done(self.cell(index)))
    }
}

impl Columns {
    /// Looks at a table's header and at what its columns hold.
    pub(super) fn of(header: &Row<'_>, body: &[Row<'_>], scheme: Scheme) -> Columns {
        let names: Vec<String> = (0..header.cells.len())
            .map(|index| header.cell(index).trim().trim_matches(['*', '_', '`', ' ']).to_lowercase())
            .collect();
        let with = |parts: &[&str]| -> Vec<usize> {
            let named = names.iter().enumerate();
            named
                .filter(|(_, name)| parts.iter().any(|part| name.contains(part)))
                .map(|(index, _)| index)
                .collect()
        };
        let mut columns = Columns {
            wave: names.iter().position(|name| scheme.heads_column(name)),
            track: with(&TRACKS).first().copied(),
            state: with(&STATES).first().copied(),
            needs: with(&NEEDS),
            ..Columns::default()
        };
        let named_waves = |index: &usize| scheme.label(header.cell(*index)).is_some();
        columns.waves = (0..names.len()).filter(named_waves).collect();
        if columns.wave.is_none() && columns.waves.len() > 1 {
            return columns;
        }
        columns.waves.clear();
        let weight = |index: usize| body.iter().map(|row| row.leading(index)).sum::<usize>();
        let of_tasks = (0..names.len())
            .filter(|index| names.get(*index).is_some_and(|name| is_of_tasks(name)))
            .max_by_key(|index| (weight(*index), std::cmp::Reverse(*index)))
            .filter(|index| weight(*index) > 0);
        columns.tasks = match of_tasks {
            Some(index) => vec![(index, None)],
            None => columns.unnamed(header, weight),
        };
        columns
    }

    /// Without a column named for tasks: all that begin with ids. In a table with waves each is a track of its own.
    fn unnamed(&self, header: &Row<'_>, weight: impl Fn(usize) -> usize) -> Vec<(usize, Option<String>)> {
        let used = |index: &usize| {
            Some(*index) == self.wave || Some(*index) == self.state || self.needs.contains(index)
        };
        let candidates = (0..header.cells.len()).filter(|index| !used(index));
        let mut with_ids: Vec<usize> = candidates.filter(|index| weight(*index) > 0).collect();
        if self.wave.is_none() {
            with_ids.truncate(1);
        }
        let several = with_ids.len() > 1;
        let is_track = |index: usize| several || header.cell(index).to_lowercase().contains("track");
        let track = |index: usize| is_track(index).then(|| track_name(header.cell(index)));
        with_ids.into_iter().map(|index| (index, track(index))).collect()
    }
}

/// Whether a header names a column of tasks: `Task`, `CLEO ID`.
fn is_of_tasks(name: &str) -> bool {
    TASKS.contains(&name) || name.ends_with(" id") || name.ends_with(" ids")
}

/// `Track A` is track `A`, `infra` is `infra`.
pub(super) fn track_name(text: &str) -> String {
    let text = text.trim().trim_matches(['*', '_', '`', ' ']);
    let name = match text.get(..6) {
        Some(word) if word.eq_ignore_ascii_case("track ") => text.get(6..).unwrap_or_default(),
        Some(_) | None => text,
    };
    name.trim().trim_matches([':', '—', '-', '–', ' ']).to_owned()
}
