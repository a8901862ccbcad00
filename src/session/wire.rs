//! Rows and updates as compact bytes, for the way to a reader and for the scrollback.
//!
//! A row is a header (`cells * 2 + wrapped`) and runs of like cells; a run names its style only where it changes. All
//! numbers are LEB128 (base 128, low group first). Decoding takes arbitrary bytes: it answers with an error, never with
//! a panic, and builds no more than [`CELLS_MAX`] cells.

use thiserror::Error;

use crate::session::screen::{Cell, Colour, Cursor, CursorShape, Modes, Row, ScreenUpdate, Style};

/// Most cells that one decoded update or page may have; more is refused.
pub const CELLS_MAX: usize = 1 << 20;

const KIND_ASCII: u64 = 0;
const KIND_NARROW: u64 = 1;
const KIND_WIDE: u64 = 2;
const KIND_BLANK: u64 = 3;
const KIND_SINGLE: u64 = 4;
const KIND_SINGLE_WIDE: u64 = 5;

/// From how many spaces on a run of its own is shorter than the spaces.
const BLANKS_MIN: usize = 6;

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

/// Appends `value` in LEB128.
fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_colour(out: &mut Vec<u8>, colour: Colour) {
    match colour {
        Colour::Default => {}
        Colour::Indexed(index) => out.push(index),
        Colour::Rgb(red, green, blue) => out.extend_from_slice(&[red, green, blue]),
    }
}

fn colour_kind(colour: Colour) -> u8 {
    match colour {
        Colour::Default => 0,
        Colour::Indexed(_) => 1,
        Colour::Rgb(..) => 2,
    }
}

fn put_style(out: &mut Vec<u8>, style: &Style) {
    let kinds = colour_kind(style.foreground)
        | colour_kind(style.background) << 2
        | colour_kind(style.underline) << 4
        | u8::from(style.attributes != 0) << 6;
    out.push(kinds);
    put_colour(out, style.foreground);
    put_colour(out, style.background);
    put_colour(out, style.underline);
    if style.attributes != 0 {
        put_number(out, u64::from(style.attributes));
    }
}

/// Writes one row cell by cell. The caller says beforehand how many cells come.
pub(crate) struct RowWriter<'a> {
    out: &'a mut Vec<u8>,
    written_style: Style,
    style: Style,
    kind: u64,
    count: usize,
    spaces: usize,
    text: Vec<u8>,
}

impl<'a> RowWriter<'a> {
    /// Begins a row of `cells` cells at the end of `out`.
    pub(crate) fn new(out: &'a mut Vec<u8>, cells: usize, wrapped: bool) -> RowWriter<'a> {
        put_number(out, (cells as u64) << 1 | u64::from(wrapped));
        RowWriter {
            out,
            written_style: Style::default(),
            style: Style::default(),
            kind: KIND_ASCII,
            count: 0,
            spaces: 0,
            text: Vec::new(),
        }
    }

    /// A cell of width 1 that holds one character.
    #[inline]
    pub(crate) fn narrow(&mut self, character: char, style: &Style) {
        if character.is_ascii() {
            self.join(KIND_ASCII, style);
            if character == ' ' {
                self.spaces += 1;
            } else {
                self.split_spaces(style);
            }
            self.text.push(character as u8);
        } else {
            self.join(KIND_NARROW, style);
            self.push(character);
        }
        self.count += 1;
    }

    /// A cell of width 2 that holds one character, with its right half.
    pub(crate) fn wide(&mut self, character: char, style: &Style) {
        self.join(KIND_WIDE, style);
        self.push(character);
        self.count += 1;
    }

    /// A cell of width 2 that holds several characters, with its right half.
    pub(crate) fn wide_cluster(&mut self, characters: impl Iterator<Item = char>, style: &Style) {
        self.single(KIND_SINGLE_WIDE, characters, style);
        self.flush();
    }

    /// Any other cell, alone.
    pub(crate) fn other(&mut self, characters: impl Iterator<Item = char>, width: u8, style: &Style) {
        self.single(KIND_SINGLE, characters, style);
        self.flush();
        self.out.push(width);
    }

    /// Ends the row.
    pub(crate) fn finish(mut self) {
        self.flush();
    }

    fn push(&mut self, character: char) {
        self.text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn single(&mut self, kind: u64, characters: impl Iterator<Item = char>, style: &Style) {
        self.flush();
        self.kind = kind;
        self.style = *style;
        characters.for_each(|character| self.push(character));
        self.count = self.text.len();
    }

    #[inline]
    fn join(&mut self, kind: u64, style: &Style) {
        if self.kind != kind || self.style != *style {
            self.flush();
            self.kind = kind;
            self.style = *style;
        }
    }

    /// A character follows spaces: many of them become a run of their own.
    #[inline]
    fn split_spaces(&mut self, style: &Style) {
        if self.spaces >= BLANKS_MIN {
            self.flush();
            self.kind = KIND_ASCII;
            self.style = *style;
        }
        self.spaces = 0;
    }

    fn flush(&mut self) {
        let spaces = std::mem::take(&mut self.spaces);
        let count = std::mem::take(&mut self.count);
        if self.kind == KIND_ASCII && spaces >= BLANKS_MIN {
            if count > spaces {
                self.header(KIND_ASCII, count - spaces);
                self.out.extend_from_slice(&self.text[..count - spaces]);
            }
            self.header(KIND_BLANK, spaces);
        } else if count > 0 {
            self.header(self.kind, count);
            if matches!(self.kind, KIND_NARROW | KIND_WIDE) {
                put_number(self.out, self.text.len() as u64);
            }
            self.out.extend_from_slice(&self.text);
        }
        self.text.clear();
    }

    fn header(&mut self, kind: u64, count: usize) {
        let changed = self.style != self.written_style;
        put_number(self.out, (count as u64) << 4 | u64::from(changed) << 3 | kind);
        if changed {
            put_style(self.out, &self.style);
            self.written_style = self.style;
        }
    }
}

/// Appends `row` to `out`.
pub fn put_row(out: &mut Vec<u8>, row: &Row) {
    let mut writer = RowWriter::new(out, row.cells.len(), row.wrapped);
    let mut cells = row.cells.iter().peekable();
    while let Some(cell) = cells.next() {
        let right_half = Cell { character: ' ', rest: None, width: 0, style: cell.style };
        let rest = cell.rest.as_deref().unwrap_or_default();
        let characters = std::iter::once(cell.character).chain(rest.chars());
        match cell.width {
            1 if rest.is_empty() => writer.narrow(cell.character, &cell.style),
            2 if cells.next_if(|next| **next == right_half).is_some() => {
                if rest.is_empty() {
                    writer.wide(cell.character, &cell.style);
                } else {
                    writer.wide_cluster(characters, &cell.style);
                }
            }
            width => writer.other(characters, width, &cell.style),
        }
    }
    writer.finish();
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

/// Reads one row that [`put_row`] wrote.
///
/// # Errors
/// When the bytes are not exactly one row.
pub fn decode_row(bytes: &[u8]) -> Result<Row, WireError> {
    let mut reader = Reader::new(bytes);
    let row = reader.row()?;
    reader.end()?;
    Ok(row)
}

/// Whether the text of an encoded row goes on in the next row.
pub(crate) fn is_wrapped(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 1 != 0)
}

/// A stretch of cells, for whoever only needs to know where a row could be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// So many cells of width 1.
    Narrow(usize),
    /// So many pairs of a cell of width 2 and its right half.
    Wide(usize),
}

/// Tells `each` about the cells of an encoded row without building them.
pub(crate) fn stretches(bytes: &[u8], mut each: impl FnMut(Stretch)) -> Result<(), WireError> {
    let mut reader = Reader::new(bytes);
    let cells = (reader.number()? >> 1) as usize;
    let mut seen = 0;
    while seen < cells {
        let run = reader.run()?;
        match run {
            Run::Narrow { count, .. } | Run::Blank { count } => each(Stretch::Narrow(count)),
            Run::Wide { count, .. } => each(Stretch::Wide(count)),
            Run::Single { .. } => each(Stretch::Narrow(1)),
            Run::SingleWide { .. } => each(Stretch::Wide(1)),
        }
        seen += run.cells();
    }
    Ok(())
}

/// Appends the text of an encoded row to `text`.
pub(crate) fn append_text(bytes: &[u8], text: &mut String) -> Result<(), WireError> {
    let mut reader = Reader::new(bytes);
    let cells = (reader.number()? >> 1) as usize;
    let mut seen = 0;
    while seen < cells {
        let run = reader.run()?;
        match run {
            Run::Narrow { text: part, .. }
            | Run::Wide { text: part, .. }
            | Run::Single { text: part, .. }
            | Run::SingleWide { text: part } => text.push_str(part),
            Run::Blank { count } => text.extend(std::iter::repeat_n(' ', count)),
        }
        seen += run.cells();
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Run<'a> {
    Narrow { count: usize, text: &'a str },
    Wide { count: usize, text: &'a str },
    Blank { count: usize },
    Single { text: &'a str, width: u8 },
    SingleWide { text: &'a str },
}

impl Run<'_> {
    fn cells(&self) -> usize {
        match self {
            Run::Narrow { count, .. } | Run::Blank { count } => *count,
            Run::Wide { count, .. } => count * 2,
            Run::Single { .. } => 1,
            Run::SingleWide { .. } => 2,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    style: Style,
    cells_left: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, style: Style::default(), cells_left: CELLS_MAX }
    }

    fn end(&self) -> Result<(), WireError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(WireError::Trailing) }
    }

    fn byte(&mut self) -> Result<u8, WireError> {
        let (first, rest) = self.bytes.split_first().ok_or(WireError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(WireError::Range);
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(WireError::Range)
    }

    fn small(&mut self) -> Result<u16, WireError> {
        u16::try_from(self.number()?).map_err(|_| WireError::Range)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let (part, rest) = self.bytes.split_at_checked(count).ok_or(WireError::Truncated)?;
        self.bytes = rest;
        Ok(part)
    }

    fn take_text(&mut self, count: usize) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.take(count)?).map_err(|_| WireError::Text)
    }

    fn length(&mut self) -> Result<usize, WireError> {
        usize::try_from(self.number()?).map_err(|_| WireError::Range)
    }

    fn text(&mut self) -> Result<&'a str, WireError> {
        let count = self.length()?;
        self.take_text(count)
    }

    fn colour(&mut self, kind: u8) -> Result<Colour, WireError> {
        match kind & 3 {
            0 => Ok(Colour::Default),
            1 => Ok(Colour::Indexed(self.byte()?)),
            2 => Ok(Colour::Rgb(self.byte()?, self.byte()?, self.byte()?)),
            _ => Err(WireError::Kind),
        }
    }

    fn style(&mut self) -> Result<Style, WireError> {
        let kinds = self.byte()?;
        Ok(Style {
            foreground: self.colour(kinds)?,
            background: self.colour(kinds >> 2)?,
            underline: self.colour(kinds >> 4)?,
            attributes: if kinds & 1 << 6 != 0 { self.small()? } else { 0 },
        })
    }

    /// The next run; its style is in `self.style` then. A run has at least one cell.
    fn run(&mut self) -> Result<Run<'a>, WireError> {
        let header = self.number()?;
        if header & 1 << 3 != 0 {
            self.style = self.style()?;
        }
        let count = usize::try_from(header >> 4).map_err(|_| WireError::Range)?;
        if count == 0 || count > CELLS_MAX {
            return Err(WireError::TooLarge);
        }
        match header & 7 {
            KIND_ASCII => {
                let text = self.take_text(count)?;
                if text.is_ascii() { Ok(Run::Narrow { count, text }) } else { Err(WireError::Text) }
            }
            KIND_NARROW => Ok(Run::Narrow { count, text: self.counted_text(count)? }),
            KIND_WIDE => Ok(Run::Wide { count, text: self.counted_text(count)? }),
            KIND_BLANK => Ok(Run::Blank { count }),
            KIND_SINGLE => {
                let text = self.take_text(count)?;
                let width = self.byte()?;
                if width > 2 { Err(WireError::Range) } else { Ok(Run::Single { text, width }) }
            }
            KIND_SINGLE_WIDE => Ok(Run::SingleWide { text: self.take_text(count)? }),
            _ => Err(WireError::Kind),
        }
    }

    fn counted_text(&mut self, characters: usize) -> Result<&'a str, WireError> {
        let text = self.text()?;
        if text.chars().count() == characters { Ok(text) } else { Err(WireError::Text) }
    }

    fn row(&mut self) -> Result<Row, WireError> {
        self.style = Style::default();
        let header = self.number()?;
        let count = usize::try_from(header >> 1).map_err(|_| WireError::Range)?;
        self.cells_left = self.cells_left.checked_sub(count).ok_or(WireError::TooLarge)?;
        // A run of blanks is a few bytes for any number of cells, so what is reserved goes by the bytes at hand.
        let mut cells = Vec::with_capacity(count.min(self.bytes.len().saturating_mul(4)));
        while cells.len() < count {
            let run = self.run()?;
            if run.cells() > count - cells.len() {
                return Err(WireError::TooLarge);
            }
            push_cells(&mut cells, run, self.style)?;
        }
        Ok(Row { cells, wrapped: header & 1 != 0 })
    }
}

fn push_cells(cells: &mut Vec<Cell>, run: Run<'_>, style: Style) -> Result<(), WireError> {
    let plain = |character, width| Cell { character, rest: None, width, style };
    let joined = |text: &str, width| {
        let mut characters = text.chars();
        let character = characters.next().ok_or(WireError::Text)?;
        let rest = characters.as_str();
        Ok(Cell { character, rest: (!rest.is_empty()).then(|| rest.into()), width, style })
    };
    match run {
        Run::Narrow { text, .. } => cells.extend(text.chars().map(|character| plain(character, 1))),
        Run::Wide { text, .. } => {
            cells.extend(text.chars().flat_map(|character| [plain(character, 2), plain(' ', 0)]));
        }
        Run::Blank { count } => cells.extend(std::iter::repeat_n(plain(' ', 1), count)),
        Run::Single { text, width } => cells.push(joined(text, width)?),
        Run::SingleWide { text } => {
            cells.push(joined(text, 2)?);
            cells.push(plain(' ', 0));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
