//! Colours between the terminal core, our values, and the answers to a child's colour queries.

use alacritty_terminal::term::color::Colors;
use alacritty_terminal::vte::ansi::{Color as CellColour, NamedColor, Rgb};

use crate::session::screen::Colour;

/// The colours that queries (OSC 4, 10, 11, 12) are answered with, as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredColours {
    /// Default foreground (OSC 10); the cursor (OSC 12) has the same.
    pub foreground: (u8, u8, u8),
    /// Default background (OSC 11). Agents choose a light or dark theme by it.
    pub background: (u8, u8, u8),
    /// Palette entries 0 to 15 (OSC 4).
    pub palette: [(u8, u8, u8); 16],
}

impl Default for AnsweredColours {
    /// A dark terminal with xterm's palette.
    fn default() -> AnsweredColours {
        AnsweredColours {
            foreground: (0xe5, 0xe5, 0xe5),
            background: (0, 0, 0),
            palette: [
                (0x00, 0x00, 0x00),
                (0xcd, 0x00, 0x00),
                (0x00, 0xcd, 0x00),
                (0xcd, 0xcd, 0x00),
                (0x00, 0x00, 0xee),
                (0xcd, 0x00, 0xcd),
                (0x00, 0xcd, 0xcd),
                (0xe5, 0xe5, 0xe5),
                (0x7f, 0x7f, 0x7f),
                (0xff, 0x00, 0x00),
                (0x00, 0xff, 0x00),
                (0xff, 0xff, 0x00),
                (0x5c, 0x5c, 0xff),
                (0xff, 0x00, 0xff),
                (0x00, 0xff, 0xff),
                (0xff, 0xff, 0xff),
            ],
        }
    }
}

/// Number of the core's colour slot for the default background (OSC 11).
const BACKGROUND: usize = NamedColor::Background as usize;

/// The answer to a query for the core's colour slot `index`: what the child set, else what `answered` says.
pub(crate) fn answer(index: usize, set: &Colors, answered: &AnsweredColours) -> (u8, u8, u8) {
    // The core has 269 slots; a palette index is one byte and the dynamic colours follow, so none is outside.
    let changed = if index < alacritty_terminal::term::color::COUNT { set[index] } else { None };
    match (changed, u8::try_from(index)) {
        (Some(rgb), _) => (rgb.r, rgb.g, rgb.b),
        (None, Ok(palette)) => of_palette(palette, answered),
        (None, Err(_)) if index == BACKGROUND => answered.background,
        (None, Err(_)) => answered.foreground,
    }
}

/// xterm's 256 colours: the 16 given ones, a cube of 6 levels, and 24 greys.
fn of_palette(index: u8, answered: &AnsweredColours) -> (u8, u8, u8) {
    match index {
        0..16 => answered.palette[usize::from(index)],
        16..232 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232.. => {
            let grey = 8 + (index - 232) * 10;
            (grey, grey, grey)
        }
    }
}

/// A cell's colour as ours. A palette entry that the child has redefined (OSC 4) becomes the true colour it was given; a
/// redefined default foreground or background (OSC 10, 11) only changes the answers to queries, since the default
/// colours belong to the outer terminal.
pub(crate) fn of_cell(colour: CellColour, set: &Colors) -> Colour {
    let indexed = |index: u8| match set[usize::from(index)] {
        Some(Rgb { r, g, b }) => Colour::Rgb(r, g, b),
        None => Colour::Indexed(index),
    };
    match colour {
        CellColour::Spec(Rgb { r, g, b }) => Colour::Rgb(r, g, b),
        CellColour::Indexed(index) => indexed(index),
        CellColour::Named(named) => match named as usize {
            slot @ 0..16 => indexed(slot as u8),
            _ => Colour::Default,
        },
    }
}
