//! Reading rows, from bytes that may be anything.

use crate::session::screen::{Cell, Colour, Row, Style};
use crate::session::wire::{CELLS_MAX, WireError, kind};

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

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    style: Style,
    cells_left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, style: Style::default(), cells_left: CELLS_MAX }
    }

    pub(super) fn end(&self) -> Result<(), WireError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(WireError::Trailing) }
    }

    fn byte(&mut self) -> Result<u8, WireError> {
        let (first, rest) = self.bytes.split_first().ok_or(WireError::Truncated)?;
        self.bytes = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, WireError> {
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

    pub(super) fn small(&mut self) -> Result<u16, WireError> {
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

    pub(super) fn text(&mut self) -> Result<&'a str, WireError> {
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
            kind::ASCII => {
                let text = self.take_text(count)?;
                if text.is_ascii() { Ok(Run::Narrow { count, text }) } else { Err(WireError::Text) }
            }
            kind::NARROW => Ok(Run::Narrow { count, text: self.counted_text(count)? }),
            kind::WIDE => Ok(Run::Wide { count, text: self.counted_text(count)? }),
            kind::BLANK => Ok(Run::Blank { count }),
            kind::SINGLE => {
                let text = self.take_text(count)?;
                let width = self.byte()?;
                if width > 2 { Err(WireError::Range) } else { Ok(Run::Single { text, width }) }
            }
            kind::SINGLE_WIDE => Ok(Run::SingleWide { text: self.take_text(count)? }),
            _ => Err(WireError::Kind),
        }
    }

    fn counted_text(&mut self, characters: usize) -> Result<&'a str, WireError> {
        let text = self.text()?;
        if text.chars().count() == characters { Ok(text) } else { Err(WireError::Text) }
    }

    pub(super) fn row(&mut self) -> Result<Row, WireError> {
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
