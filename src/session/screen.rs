//! What a terminal shows, as values: cells, rows, cursor, and the update that takes a reader from one state to a newer
//! one. Independent of the terminal core that produced them and of the library that draws them.

use serde::{Deserialize, Serialize};

/// Size of a screen in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Columns, at least 2.
    pub columns: u16,
    /// Rows, at least 1.
    pub rows: u16,
}

/// A colour as the child asked for it. What `Default` and the first 16 indices look like is the outer terminal's matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Colour {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// Palette index: 0 to 15 are the terminal's own, 16 to 255 the xterm cube and greys.
    Indexed(u8),
    /// True colour.
    Rgb(u8, u8, u8),
}

/// How a cell is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Foreground.
    pub foreground: Colour,
    /// Background.
    pub background: Colour,
    /// Colour of the underline; `Default` follows the foreground.
    pub underline: Colour,
    /// Bits of [`attribute`].
    pub attributes: u16,
}

/// Bits of [`Style::attributes`].
pub mod attribute {
    /// SGR 1.
    pub const BOLD: u16 = 1;
    /// SGR 2.
    pub const DIM: u16 = 1 << 1;
    /// SGR 3.
    pub const ITALIC: u16 = 1 << 2;
    /// SGR 4 and its variants.
    pub const UNDERLINE: u16 = 1 << 3;
    /// SGR 7.
    pub const REVERSE: u16 = 1 << 4;
    /// SGR 8.
    pub const HIDDEN: u16 = 1 << 5;
    /// SGR 9.
    pub const STRIKE: u16 = 1 << 6;
}

/// One cell of a row. A wide character is one cell of width 2 followed by one of width 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The first character; a space where nothing is.
    pub character: char,
    /// What follows the first character in the same cell: combining marks, joined emoji. Nearly always `None`.
    pub rest: Option<Box<str>>,
    /// 0 (right half of a wide one), 1 or 2.
    pub width: u8,
    /// How it is drawn.
    pub style: Style,
}

/// One row of a screen or of the scrollback. Cells beyond the end are blank in the default style.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Its cells. Trailing blanks are left out unless the text goes on in the next row, where they are part of it.
    pub cells: Vec<Cell>,
    /// Whether the text goes on in the next row without a line break.
    pub wrapped: bool,
}

impl Row {
    /// The row's text, without styles and trailing blanks.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.cells.len());
        for cell in self.cells.iter().filter(|cell| cell.width > 0) {
            text.push(cell.character);
            if let Some(rest) = &cell.rest {
                text.push_str(rest);
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// Shape of a cursor (DECSCUSR, blinking not kept: nothing blinks here).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CursorShape {
    /// Block.
    #[default]
    Block,
    /// Underline.
    Underline,
    /// Bar.
    Bar,
}

/// The cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
    /// Whether it is shown.
    pub visible: bool,
    /// Its shape.
    pub shape: CursorShape,
}

/// What the child asked of its terminal, as far as a reader needs to know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modes {
    /// The alternate screen is shown.
    pub alternate_screen: bool,
    /// The child wants mouse clicks, so the mouse is its own.
    pub mouse: bool,
    /// The child wants pastes in brackets.
    pub bracketed_paste: bool,
}

/// From what a reader had to what is now. Latest wins: nothing in between is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScreenUpdate {
    /// Name of the session.
    pub session: String,
    /// Number of this state; a reader acknowledges it. Grows by one with each update of the session.
    pub generation: u64,
    /// Whether rows that are not listed are blank (else they are as they were).
    pub complete: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Changed rows by index from 0.
    pub rows: Vec<(u16, Row)>,
    /// The cursor.
    pub cursor: Cursor,
    /// Modes.
    pub modes: Modes,
    /// Window title as the child set it.
    pub title: String,
    /// Rows of scrollback above the screen.
    pub scrollback_rows: u64,
}
