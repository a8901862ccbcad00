//! Rows of the terminal core as rows of ours: the one place that reads the core's cells.

use alacritty_terminal::grid;
use alacritty_terminal::index::Column;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::color::Colors;

use crate::session::colours;
use crate::session::screen::{Style, attribute};
use crate::session::wire::write::RowWriter;

/// What a row is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be shown as it stands. The blank that stands where a wide character did not fit is left out unless its colours show.
    Screen,
    /// To be kept and wrapped again later: that blank is always left out.
    History,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Number of cells.
    pub(crate) cells: usize,
    /// Whether the text goes on in the next row.
    pub(crate) wrapped: bool,
    /// Whether wide characters are among them.
    pub(crate) has_wide: bool,
}

/// Appends `row` to `out` as `wire::write::put_row` would.
pub(crate) fn put_row(out: &mut Vec<u8>, row: &grid::Row<Cell>, set: &Colors, purpose: Purpose) -> Written {
    let mut cells = &row[Column(0)..Column(row.len())];
    let wrapped = cells.last().is_some_and(|cell| cell.flags.contains(Flags::WRAPLINE));
    if wrapped {
        let spacer = |cell: &&Cell| cell.flags.contains(Flags::LEADING_WIDE_CHAR_SPACER);
        let last = cells.last().filter(spacer);
        if last.is_some_and(|cell| purpose == Purpose::History || Look::of(cell) == Look::default()) {
            cells = &cells[..cells.len() - 1];
        }
    } else {
        let used = cells.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1);
        cells = &cells[..used];
    }

    let mut writer = RowWriter::new(out, cells.len(), wrapped);
    let mut look = Look::default();
    let mut style = Style::default();
    let mut has_wide = false;
    let mut index = 0;
    while let Some(cell) = cells.get(index) {
        if let Some(length) = plain_length(&cells[index..]) {
            look = Look::of(cell);
            style = style_of(cell, set);
            // What `plain_length` counts is ASCII.
            let run = &cells[index..index + length];
            writer.ascii(run.iter().map(|cell| cell.c as u8), &style);
            index += length;
            continue;
        }
        let next = Look::of(cell);
        if next != look || cell.extra.is_some() || look.extra {
            look = next;
            style = style_of(cell, set);
        }
        index += 1;
        let marks = cell.zerowidth().unwrap_or_default();
        let character = shown(cell.c);
        let characters = std::iter::once(character).chain(marks.iter().copied());
        if cell.flags.contains(Flags::WIDE_CHAR) {
            let paired = cells.get(index).is_some_and(|right| right.flags.contains(Flags::WIDE_CHAR_SPACER));
            if !paired {
                // Something overwrote the right half; half a character cannot be shown.
                writer.narrow(' ', &style);
                continue;
            }
            index += 1;
            has_wide = true;
            if marks.is_empty() {
                writer.wide(character, &style)
            } else {
                writer.wide_cluster(characters, &style)
            }
        } else if cell.flags.contains(Flags::WIDE_CHAR_SPACER) || marks.is_empty() {
            let half = cell.flags.contains(Flags::WIDE_CHAR_SPACER);
            writer.narrow(if half { ' ' } else { character }, &style);
        } else {
            writer.other(characters, 1, &style);
        }
    }
    writer.finish();
    Written { cells: cells.len(), wrapped, has_wide }
}

/// How many cells from the first on hold one printable ASCII character each in the same style; `None` where the first is
/// another cell. Most of what programs print is such cells, and most of the time went into looking at each alone.
#[inline]
fn plain_length(cells: &[Cell]) -> Option<usize> {
    let first = cells.first()?;
    let (foreground, background, flags) = (first.fg, first.bg, first.flags);
    let plain = |cell: &Cell| {
        matches!(cell.c, ' '..='~')
            && cell.flags == flags
            && cell.extra.is_none()
            && cell.fg == foreground
            && cell.bg == background
    };
    if flags.intersects(Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER) || !plain(first) {
        return None;
    }
    Some(cells.iter().position(|cell| !plain(cell)).unwrap_or(cells.len()))
}

/// Control characters have no look; a tab stands in the first of the cells that it skipped.
fn shown(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

/// What a style is made from, without what only few cells have.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    foreground: alacritty_terminal::vte::ansi::Color,
    background: alacritty_terminal::vte::ansi::Color,
    flags: Flags,
    extra: bool,
}

const STYLE_FLAGS: Flags = Flags::BOLD
    .union(Flags::DIM)
    .union(Flags::ITALIC)
    .union(Flags::ALL_UNDERLINES)
    .union(Flags::INVERSE)
    .union(Flags::HIDDEN)
    .union(Flags::STRIKEOUT);

impl Look {
    fn of(cell: &Cell) -> Look {
        Look {
            foreground: cell.fg,
            background: cell.bg,
            flags: cell.flags & STYLE_FLAGS,
            extra: cell.extra.is_some(),
        }
    }
}

impl Default for Look {
    fn default() -> Look {
        Look::of(&Cell::default())
    }
}

fn is_blank(cell: &Cell) -> bool {
    matches!(cell.c, ' ' | '\t')
        && Look::of(cell) == Look::default()
        && !cell.flags.intersects(Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER)
}

fn style_of(cell: &Cell, set: &Colors) -> Style {
    let bits = [
        (Flags::BOLD, attribute::BOLD),
        (Flags::DIM, attribute::DIM),
        (Flags::ITALIC, attribute::ITALIC),
        (Flags::ALL_UNDERLINES, attribute::UNDERLINE),
        (Flags::INVERSE, attribute::REVERSE),
        (Flags::HIDDEN, attribute::HIDDEN),
        (Flags::STRIKEOUT, attribute::STRIKE),
    ];
    let attributes =
        bits.into_iter().filter(|(flag, _)| cell.flags.intersects(*flag)).fold(0, |sum, (_, bit)| sum | bit);
    Style {
        foreground: colours::of_cell(cell.fg, set),
        background: colours::of_cell(cell.bg, set),
        underline: cell.underline_color().map(|colour| colours::of_cell(colour, set)).unwrap_or_default(),
        attributes,
    }
}
