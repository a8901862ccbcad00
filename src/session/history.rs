//! Rows that have left the screen, kept as compact bytes up to a number of bytes, and wrapped to a width only when shown.
//!
//! Rows lie in blocks; the oldest block goes as a whole when the cap is reached. Rows of one line (soft-wrapped ones) are
//! joined again within a block; at a block's end a line that goes on begins a new row.

use std::collections::VecDeque;

use crate::session::cells::Written;
use crate::session::screen::{Cell, Row};
use crate::session::search::Search;
use crate::session::wire;
use crate::session::wire::read::{self, Stretch};

/// From how many bytes on a block is closed.
const BLOCK_BYTES: usize = 32 * 1024;
/// From how many rows on a block is closed.
const BLOCK_ROWS: usize = 1024;

/// The scrollback of one terminal.
#[derive(Debug)]
pub(crate) struct History {
    blocks: VecDeque<Block>,
    bytes_max: usize,
    width: u16,
    /// Sum of the blocks' rows at `width`.
    rows: u64,
    /// Rows that were dropped to keep under the cap, as they were stored.
    dropped: u64,
}

#[derive(Debug)]
struct Block {
    data: Vec<u8>,
    entries: Vec<Entry>,
    wrap: Wrap,
}

/// Where a row lies in its block's data.
#[derive(Debug, Clone, Copy)]
struct Entry {
    offset: u32,
    cells: u16,
    wrapped: bool,
    has_wide: bool,
}

/// Counts the rows that lines take at a width. [`RowCutter`] breaks at the same places.
#[derive(Debug, Clone, Copy)]
struct Wrap {
    width: usize,
    rows: u64,
    column: usize,
    /// Whether the next row goes on with the line of the last one.
    continues: bool,
}

impl Wrap {
    fn new(width: u16) -> Wrap {
        Wrap { width: usize::from(width.max(2)), rows: 0, column: 0, continues: false }
    }

    fn add(&mut self, entry: Entry, data: &[u8]) {
        if !self.continues {
            self.rows += 1;
            self.column = 0;
        }
        let cells = usize::from(entry.cells);
        if self.column + cells <= self.width {
            // It all fits, as nearly every row does: where the wide characters are does not matter.
            self.column += cells;
        } else if entry.has_wide {
            // What does not decode counts as nothing, and is shown as nothing.
            let _ = read::stretches(data, |stretch| match stretch {
                Stretch::Narrow(count) => self.narrow(count),
                Stretch::Wide(count) => (0..count).for_each(|_| self.wide()),
            });
        } else {
            self.narrow(cells);
        }
        self.continues = entry.wrapped;
    }

    fn narrow(&mut self, count: usize) {
        if count > 0 {
            let last = self.column + count - 1;
            self.rows += (last / self.width) as u64;
            self.column = last % self.width + 1;
        }
    }

    fn wide(&mut self) {
        if self.column + 2 > self.width {
            self.rows += 1;
            self.column = 0;
        }
        self.column += 2;
    }
}

impl Block {
    fn new(width: u16) -> Block {
        Block { data: Vec::new(), entries: Vec::new(), wrap: Wrap::new(width) }
    }

    fn bytes(&self) -> usize {
        size_of::<Block>() + self.data.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    fn is_full(&self) -> bool {
        self.data.len() >= BLOCK_BYTES || self.entries.len() >= BLOCK_ROWS
    }

    fn row_bytes(&self, index: usize) -> &[u8] {
        let end = self.entries.get(index + 1).map_or(self.data.len(), |next| next.offset as usize);
        self.entries.get(index).map_or(&[], |entry| &self.data[entry.offset as usize..end])
    }

    /// Indices of the rows of the line that begins with row `first`.
    fn line(&self, first: usize) -> std::ops::Range<usize> {
        let rest = &self.entries[first..];
        let length = rest.iter().position(|entry| !entry.wrapped).map_or(rest.len(), |last| last + 1);
        first..first + length
    }

    fn count(&self, line: std::ops::Range<usize>, width: u16) -> Wrap {
        let mut wrap = Wrap::new(width);
        for index in line {
            wrap.add(self.entries[index], self.row_bytes(index));
        }
        wrap
    }
}

impl History {
    /// An empty one for rows of `width` that keeps `bytes_max` bytes.
    pub(crate) fn new(width: u16, bytes_max: usize) -> History {
        History { blocks: VecDeque::new(), bytes_max, width, rows: 0, dropped: 0 }
    }

    /// Takes a row as `wire::write::put_row` writes it.
    pub(crate) fn push(&mut self, encoded: &[u8], written: Written) {
        if self.blocks.back().is_none_or(Block::is_full) {
            if let Some(full) = self.blocks.back_mut() {
                full.data.shrink_to_fit();
                full.entries.shrink_to_fit();
            }
            self.blocks.push_back(Block::new(self.width));
            self.keep_under_cap();
        }
        let Some(block) = self.blocks.back_mut() else { return };
        let entry = Entry {
            // A block is closed at 32 KiB, and a row is no longer than a screen is wide.
            offset: block.data.len() as u32,
            cells: u16::try_from(written.cells).unwrap_or(u16::MAX),
            wrapped: written.wrapped,
            has_wide: written.has_wide,
        };
        let before = block.wrap.rows;
        block.wrap.add(entry, encoded);
        block.data.extend_from_slice(encoded);
        block.entries.push(entry);
        self.rows += block.wrap.rows - before;
    }

    fn keep_under_cap(&mut self) {
        let mut bytes = self.bytes();
        while bytes > self.bytes_max && self.blocks.len() > 1 {
            let Some(oldest) = self.blocks.pop_front() else { return };
            bytes -= oldest.bytes();
            self.rows -= oldest.wrap.rows;
            self.dropped += oldest.entries.len() as u64;
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.blocks.clear();
        self.rows = 0;
    }

    /// From now on rows are counted and shown at this width.
    pub(crate) fn set_width(&mut self, width: u16) {
        if width == self.width {
            return;
        }
        self.width = width;
        for block in &mut self.blocks {
            block.wrap = block.count(0..block.entries.len(), width);
        }
        self.rows = self.blocks.iter().map(|block| block.wrap.rows).sum();
    }

    /// Rows at the current width.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows, as they were stored, that the cap has cost so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.iter().map(Block::bytes).sum()
    }

    /// `count` rows from `first` on, counted from the oldest; fewer where it ends.
    pub(crate) fn page(&self, first: u64, count: usize) -> Vec<Row> {
        let mut cutter =
            RowCutter { width: usize::from(self.width.max(2)), skip: first, rows: Vec::new(), count };
        for block in &self.blocks {
            if cutter.is_full() {
                break;
            }
            if block.wrap.rows <= cutter.skip {
                cutter.skip -= block.wrap.rows;
                continue;
            }
            self.cut_block(block, &mut cutter);
        }
        cutter.rows
    }

    fn cut_block(&self, block: &Block, cutter: &mut RowCutter) {
        let mut first = 0;
        while first < block.entries.len() && !cutter.is_full() {
            let line = block.line(first);
            first = line.end;
            let rows = block.count(line.clone(), self.width).rows;
            if rows <= cutter.skip {
                cutter.skip -= rows;
                continue;
            }
            let goes_on = block.entries[line.end - 1].wrapped;
            let stored = line.map(|index| wire::decode_row(block.row_bytes(index)).unwrap_or_default());
            cutter.line(stored, goes_on);
        }
    }

    /// Shows every line to `search`, oldest first. A line that a block's end cuts comes in two parts.
    pub(crate) fn search(&self, search: &mut Search) {
        let mut first_row = 0;
        let mut text = String::new();
        for block in &self.blocks {
            let mut first = 0;
            while first < block.entries.len() {
                let line = block.line(first);
                first = line.end;
                text.clear();
                for index in line.clone() {
                    // What does not decode is shown as nothing, so there is nothing to find.
                    let _ = read::append_text(block.row_bytes(index), &mut text);
                }
                let rows = block.count(line, self.width).rows;
                let count = usize::try_from(rows).unwrap_or(usize::MAX);
                search.line(first_row, &text, || self.page(first_row, count));
                first_row += rows;
            }
        }
    }
}

/// Breaks lines into rows of a width, leaves out the first ones and stops after some.
struct RowCutter {
    width: usize,
    skip: u64,
    rows: Vec<Row>,
    count: usize,
}

impl RowCutter {
    fn is_full(&self) -> bool {
        self.rows.len() >= self.count
    }

    fn line(&mut self, stored: impl Iterator<Item = Row>, goes_on: bool) {
        let mut cells: Vec<Cell> = Vec::new();
        for row in stored {
            for cell in row.cells {
                // The right half of a wide character goes where its left half went.
                if cells.len() + usize::from(cell.width) > self.width && cell.width > 0 {
                    self.row(std::mem::take(&mut cells), true);
                    if self.is_full() {
                        return;
                    }
                }
                cells.push(cell);
            }
        }
        self.row(cells, goes_on);
    }

    fn row(&mut self, cells: Vec<Cell>, wrapped: bool) {
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.rows.push(Row { cells, wrapped });
        }
    }
}
