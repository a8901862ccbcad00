//! Writing rows: runs of like cells, each with its style only where it differs from the one before.

use crate::session::screen::{Cell, Colour, Row, Style};
use crate::session::wire::kind;

/// From how many spaces on a run of its own is shorter than the spaces.
const BLANKS_MIN: usize = 6;

/// Appends `value` in LEB128.
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
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
            kind: kind::ASCII,
            count: 0,
            spaces: 0,
            text: Vec::with_capacity(cells),
        }
    }

    /// Cells of width 1 that hold one printable ASCII character each, all in one style.
    #[inline]
    pub(crate) fn ascii(&mut self, characters: impl Iterator<Item = u8>, style: &Style) {
        self.join(kind::ASCII, style);
        for character in characters {
            if character == b' ' {
                self.spaces += 1;
            } else {
                self.split_spaces(style);
            }
            self.text.push(character);
            self.count += 1;
        }
    }

    /// A cell of width 1 that holds one character.
    #[inline]
    pub(crate) fn narrow(&mut self, character: char, style: &Style) {
        if character.is_ascii() {
            self.join(kind::ASCII, style);
            if character == ' ' {
                self.spaces += 1;
            } else {
                self.split_spaces(style);
            }
            self.text.push(character as u8);
        } else {
            self.join(kind::NARROW, style);
            self.push(character);
        }
        self.count += 1;
    }

    /// A cell of width 2 that holds one character, with its right half.
    #[inline]
    pub(crate) fn wide(&mut self, character: char, style: &Style) {
        self.join(kind::WIDE, style);
        self.push(character);
        self.count += 1;
    }

    /// A cell of width 2 that holds several characters, with its right half.
    pub(crate) fn wide_cluster(&mut self, characters: impl Iterator<Item = char>, style: &Style) {
        self.single(kind::SINGLE_WIDE, characters, style);
        self.flush();
    }

    /// Any other cell, alone.
    pub(crate) fn other(&mut self, characters: impl Iterator<Item = char>, width: u8, style: &Style) {
        self.single(kind::SINGLE, characters, style);
        self.flush();
        self.out.push(width);
    }

    /// Ends the row.
    pub(crate) fn finish(mut self) {
        self.flush();
    }

    #[inline]
    fn push(&mut self, character: char) {
        // Byte by byte: for so few, calling a copy costs more than the copy.
        self.text.extend(character.encode_utf8(&mut [0; 4]).bytes());
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
            self.kind = kind::ASCII;
            self.style = *style;
        }
        self.spaces = 0;
    }

    fn flush(&mut self) {
        let spaces = std::mem::take(&mut self.spaces);
        let count = std::mem::take(&mut self.count);
        if self.kind == kind::ASCII && spaces >= BLANKS_MIN {
            if count > spaces {
                self.header(kind::ASCII, count - spaces);
                self.out.extend_from_slice(&self.text[..count - spaces]);
            }
            self.header(kind::BLANK, spaces);
        } else if count > 0 {
            self.header(self.kind, count);
            if matches!(self.kind, kind::NARROW | kind::WIDE) {
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
pub(crate) fn put_row(out: &mut Vec<u8>, row: &Row) {
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
