//! Finding text in rows, across soft line breaks.

use std::collections::VecDeque;

use crate::session::screen::Row;

/// Where a text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Row, counted from the oldest row of scrollback at the present width; the screen's rows follow the scrollback's.
    pub row: u64,
    /// First column.
    pub column: u16,
    /// Columns on this row; what goes on in the next rows is not counted.
    pub columns: u16,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// The newest matches, oldest of them first.
    pub matches: Vec<Match>,
    /// How many there are in all, with those that are not listed.
    pub total: u64,
}

/// A search under way.
pub(crate) struct Search {
    needle: String,
    exact_case: bool,
    limit: usize,
    found: VecDeque<Match>,
    total: u64,
    folded: String,
}

impl Search {
    /// Upper case in the needle makes the search mind case.
    pub(crate) fn new(needle: &str, limit: usize) -> Search {
        let exact_case = needle.chars().any(char::is_uppercase);
        let mut search = Search {
            needle: String::new(),
            exact_case,
            limit,
            found: VecDeque::new(),
            total: 0,
            folded: String::new(),
        };
        search.needle = search.fold(needle).to_owned();
        search
    }

    /// Looks at one line that begins at row `first`; `rows` gives its rows and is called only where something is found.
    pub(crate) fn line(&mut self, first: u64, text: &str, rows: impl FnOnce() -> Vec<Row>) {
        if self.needle.is_empty() || self.limit == 0 {
            return;
        }
        let needle = std::mem::take(&mut self.needle);
        let length = needle.chars().count();
        let folded = self.fold(text);
        let starts: Vec<usize> =
            folded.match_indices(&needle).map(|(offset, _)| folded[..offset].chars().count()).collect();
        self.needle = needle;
        if starts.is_empty() {
            return;
        }
        self.total += starts.len() as u64;
        let cells = cells_of(&rows());
        let newest = starts.len().saturating_sub(self.limit);
        for start in &starts[newest..] {
            let covered = cells.iter().filter(|cell| cell.end > *start && cell.start < start + length);
            let mut covered = covered.peekable();
            let Some(head) = covered.peek().copied() else { continue };
            let columns = covered.filter(|cell| cell.row == head.row).map(|cell| cell.width).sum();
            if self.found.len() == self.limit {
                self.found.pop_front();
            }
            self.found.push_back(Match { row: first + head.row, column: head.column, columns });
        }
    }

    pub(crate) fn finish(self) -> Matches {
        Matches { matches: self.found.into(), total: self.total }
    }

    /// Lower case, one character for one character so that positions stay.
    fn fold(&mut self, text: &str) -> &str {
        self.folded.clear();
        if self.exact_case {
            self.folded.push_str(text);
        } else {
            self.folded.extend(text.chars().map(|character| {
                let mut lower = character.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(lower), None) => lower,
                    _ => character,
                }
            }));
        }
        &self.folded
    }
}

/// A cell with the characters of the line that it shows.
#[derive(Clone, Copy)]
struct Placed {
    start: usize,
    end: usize,
    row: u64,
    column: u16,
    width: u16,
}

fn cells_of(rows: &[Row]) -> Vec<Placed> {
    let mut placed = Vec::new();
    let mut start = 0;
    for (row, cells) in (0..).zip(rows) {
        let mut column = 0_u16;
        for cell in cells.cells.iter().filter(|cell| cell.width > 0) {
            let end = start + 1 + cell.rest.as_deref().map_or(0, |rest| rest.chars().count());
            let width = u16::from(cell.width);
            placed.push(Placed { start, end, row, column, width });
            start = end;
            column = column.saturating_add(width);
        }
    }
    placed
}

/// The text of a row as [`cells_of`] counts it: with trailing blanks.
pub(crate) fn append_text(row: &Row, text: &mut String) {
    for cell in row.cells.iter().filter(|cell| cell.width > 0) {
        text.push(cell.character);
        text.push_str(cell.rest.as_deref().unwrap_or_default());
    }
}
