//! Rows and updates as compact bytes, for the way to a reader and for the scrollback.
//!
//! A row is a header (`cells * 2 + wrapped`) and runs of like cells; a run names its style only where it changes. All
//! numbers are LEB128 (base 128, low group first). Decoding takes arbitrary bytes: it answers with an error, never with
//! a panic, and builds no more than [`CELLS_MAX`] cells.

pub(crate) mod read;
pub(crate) mod write;

use thiserror::Error;

use self::read::Reader;
use self::write::{put_number, put_row, put_text};
use crate::session::screen::{Cursor, CursorShape, Modes, Row, ScreenUpdate};

/// Most cells that one decoded update or page may have; more is refused.
pub const CELLS_MAX: usize = 1 << 20;

/// Kinds of runs.
mod kind {
    /// Characters of ASCII, one a cell.
    pub(super) const ASCII: u64 = 0;
    /// Other characters, one a cell.
    pub(super) const NARROW: u64 = 1;
    /// Characters that take a cell of width 2 and its right half.
    pub(super) const WIDE: u64 = 2;
    /// Spaces.
    pub(super) const BLANK: u64 = 3;
    /// Any one cell.
    pub(super) const SINGLE: u64 = 4;
    /// One cell of width 2 with several characters, and its right half.
    pub(super) const SINGLE_WIDE: u64 = 5;
}

/// Why bytes are no update or no row. Nothing of them was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// The bytes end too early.
    #[error("the bytes end in the middle of a value")]
    Truncated,
    /// A number does not fit its field.
    #[error("a number is out of range")]
    Range,
    /// A text is not UTF-8 or does not have as many characters as its run says.
    #[error("a text is not what its header says")]
    Text,
    /// A run, a colour or a flag is of a kind that this version does not know.
    #[error("an unknown kind of run or colour")]
    Kind,
    /// More cells than [`CELLS_MAX`], or a row with more cells than it says.
    #[error("more cells than allowed")]
    TooLarge,
    /// Bytes are left over.
    #[error("bytes are left over")]
    Trailing,
}

/// Rows one after the other, for a page of scrollback.
pub fn encode_rows(rows: &[Row]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * 64);
    put_number(&mut out, rows.len() as u64);
    rows.iter().for_each(|row| put_row(&mut out, row));
    out
}

/// Reads what [`encode_rows`] wrote.
///
/// # Errors
/// When the bytes are not exactly that.
pub fn decode_rows(bytes: &[u8]) -> Result<Vec<Row>, WireError> {
    let mut reader = Reader::new(bytes);
    let count = reader.number()?;
    let mut rows = Vec::new();
    for _ in 0..count {
        rows.push(reader.row()?);
    }
    reader.end()?;
    Ok(rows)
}

const FLAG_COMPLETE: u64 = 1;
const FLAG_CURSOR_VISIBLE: u64 = 1 << 1;
const FLAG_ALTERNATE_SCREEN: u64 = 1 << 2;
const FLAG_MOUSE: u64 = 1 << 3;
const FLAG_BRACKETED_PASTE: u64 = 1 << 4;
const SHAPE_SHIFT: u32 = 5;
const FLAG_BITS: u32 = 7;

/// Everything of an update but its rows; the rows follow, each its index and what [`put_row`] writes.
pub(crate) fn put_update_head(out: &mut Vec<u8>, update: &ScreenUpdate, rows: usize) {
    let set = |flag: u64, on: bool| if on { flag } else { 0 };
    let shape: u64 = match update.cursor.shape {
        CursorShape::Block => 0,
        CursorShape::Underline => 1,
        CursorShape::Bar => 2,
    };
    put_text(out, &update.session);
    put_number(out, update.generation);
    put_number(
        out,
        set(FLAG_COMPLETE, update.complete)
            | set(FLAG_CURSOR_VISIBLE, update.cursor.visible)
            | set(FLAG_ALTERNATE_SCREEN, update.modes.alternate_screen)
            | set(FLAG_MOUSE, update.modes.mouse)
            | set(FLAG_BRACKETED_PASTE, update.modes.bracketed_paste)
            | shape << SHAPE_SHIFT,
    );
    for value in [update.size.0, update.size.1, update.cursor.column, update.cursor.row] {
        put_number(out, u64::from(value));
    }
    put_text(out, &update.title);
    put_number(out, update.scrollback_rows);
    put_number(out, rows as u64);
}

/// The index of a row in an update; the row follows.
pub(crate) fn put_row_index(out: &mut Vec<u8>, index: u16) {
    put_number(out, u64::from(index));
}

/// An update as bytes.
pub fn encode_update(update: &ScreenUpdate) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + update.rows.len() * 64);
    put_update_head(&mut out, update, update.rows.len());
    for (index, row) in &update.rows {
        put_row_index(&mut out, *index);
        put_row(&mut out, row);
    }
    out
}

/// Reads what [`encode_update`] wrote.
///
/// # Errors
/// When the bytes are not exactly that.
pub fn decode_update(bytes: &[u8]) -> Result<ScreenUpdate, WireError> {
    let mut reader = Reader::new(bytes);
    let session = reader.text()?.to_owned();
    let generation = reader.number()?;
    let flags = reader.number()?;
    if flags >> FLAG_BITS != 0 {
        return Err(WireError::Kind);
    }
    let on = |flag: u64| flags & flag != 0;
    let shape = match flags >> SHAPE_SHIFT {
        0 => CursorShape::Block,
        1 => CursorShape::Underline,
        2 => CursorShape::Bar,
        _ => return Err(WireError::Kind),
    };
    let size = (reader.small()?, reader.small()?);
    let cursor =
        Cursor { column: reader.small()?, row: reader.small()?, visible: on(FLAG_CURSOR_VISIBLE), shape };
    let title = reader.text()?.to_owned();
    let scrollback_rows = reader.number()?;
    let count = reader.number()?;
    let mut rows = Vec::new();
    for _ in 0..count {
        rows.push((reader.small()?, reader.row()?));
    }
    reader.end()?;
    Ok(ScreenUpdate {
        session,
        generation,
        complete: on(FLAG_COMPLETE),
        size,
        rows,
        cursor,
        modes: Modes {
            alternate_screen: on(FLAG_ALTERNATE_SCREEN),
            mouse: on(FLAG_MOUSE),
            bracketed_paste: on(FLAG_BRACKETED_PASTE),
        },
        title,
        scrollback_rows,
    })
}

/// Reads one row that `put_row` wrote.
///
/// # Errors
/// When the bytes are not exactly one row.
pub fn decode_row(bytes: &[u8]) -> Result<Row, WireError> {
    let mut reader = Reader::new(bytes);
    let row = reader.row()?;
    reader.end()?;
    Ok(row)
}

#[cfg(test)]
mod tests;
