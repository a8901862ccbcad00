//! The fast way from a child's rows into the screen: cells are written in place with the width that the terminal core
//! measured, so nothing is measured again when frames are compared.

use ratatui::buffer::{Buffer, Cell as Place};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::session::screen::attribute;
use crate::session::{Cell, Row, Style};
use crate::tui::text::{ONE, TWO};
use crate::tui::theme::Theme;

/// Draws rows from the top of an area. Rows that are too long are cut (a wide character that would be cut in half
/// becomes a blank), what they do not fill is blank in the default style.
pub fn blit<'a>(buffer: &mut Buffer, area: Rect, rows: impl Iterator<Item = Option<&'a Row>>, theme: &Theme) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let stride = usize::from(buffer.area.width);
    let left = usize::from(area.x - buffer.area.x);
    let mut rows = rows;
    for y in area.top()..area.bottom() {
        let start = usize::from(y - buffer.area.y) * stride + left;
        let Some(places) = buffer.content.get_mut(start..start + usize::from(area.width)) else { return };
        let cells = rows.next().flatten().map_or(&[][..], |row| &row.cells);
        blit_row(places, cells, theme);
    }
}

fn blit_row(places: &mut [Place], cells: &[Cell], theme: &Theme) {
    let width = places.len();
    let mut style = Style::default();
    let mut drawn = Drawn::of(style, theme);
    for (column, (place, cell)) in places.iter_mut().zip(cells).enumerate() {
        if cell.style != style {
            style = cell.style;
            drawn = Drawn::of(style, theme);
        }
        drawn.apply(place);
        let halved = cell.width == 2 && column + 1 == width;
        match cell.width {
            2 if !halved => {
                symbol(place, cell);
                place.diff_option = TWO;
            }
            1 => {
                symbol(place, cell);
                place.diff_option = ONE;
            }
            _ => {
                place.set_char(' ');
                place.diff_option = ONE;
            }
        }
    }
    let blank = Drawn::of(Style::default(), theme);
    for place in places.iter_mut().skip(cells.len()) {
        blank.apply(place);
        place.set_char(' ');
        place.diff_option = ONE;
    }
}

#[inline]
fn symbol(place: &mut Place, cell: &Cell) {
    let character = if cell.character.is_control() { ' ' } else { cell.character };
    let hidden = cell.style.attributes & attribute::HIDDEN != 0;
    match &cell.rest {
        None => {
            place.set_char(if hidden { ' ' } else { character });
        }
        Some(rest) => {
            let mut text = String::with_capacity(4 + rest.len());
            text.push(character);
            // In one cell a joiner or an emoji selector would make the outer terminal draw two.
            let narrow = cell.width == 1;
            text.extend(
                rest.chars().filter(|c| !(c.is_control() || narrow && matches!(c, '\u{fe0f}' | '\u{200d}'))),
            );
            place.set_symbol(&text);
        }
    }
}

/// A style as the screen's cells want it.
struct Drawn {
    style: ratatui::style::Style,
}

impl Drawn {
    #[inline]
    fn of(style: Style, theme: &Theme) -> Drawn {
        let mut modifier = Modifier::empty();
        if style.attributes != 0 {
            for (bit, drawn) in [
                (attribute::BOLD, Modifier::BOLD),
                (attribute::DIM, Modifier::DIM),
                (attribute::ITALIC, Modifier::ITALIC),
                (attribute::UNDERLINE, Modifier::UNDERLINED),
                (attribute::REVERSE, Modifier::REVERSED),
                (attribute::STRIKE, Modifier::CROSSED_OUT),
            ] {
                if style.attributes & bit != 0 {
                    modifier |= drawn;
                }
            }
        }
        Drawn {
            style: ratatui::style::Style {
                fg: Some(theme.foreground(style.foreground)),
                bg: Some(theme.background(style.background)),
                underline_color: Some(theme.underline(style.underline)),
                add_modifier: modifier,
                sub_modifier: Modifier::empty(),
            },
        }
    }

    #[inline]
    fn apply(&self, place: &mut Place) {
        if let (Some(foreground), Some(background), Some(underline)) =
            (self.style.fg, self.style.bg, self.style.underline_color)
        {
            place.fg = foreground;
            place.bg = background;
            place.underline_color = underline;
            place.modifier = self.style.add_modifier;
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::{Buffer, CellWidth};
    use ratatui::layout::Rect;

    use super::blit;
    use crate::session::{Cell, Row, Style};
    use crate::tui::theme::{ColourUse, Theme};

    fn cell(character: char, rest: Option<&str>, width: u8) -> Cell {
        Cell { character, rest: rest.map(Into::into), width, style: Style::default() }
    }

    fn drawn(cells: Vec<Cell>, width: u16) -> Buffer {
        let mut buffer = Buffer::filled(Rect::new(0, 0, 6, 2), ratatui::buffer::Cell::new("#"));
        let row = Row { cells, wrapped: false };
        let theme = Theme::built_in("terminal", ColourUse::Full).unwrap();
        blit(&mut buffer, Rect::new(0, 0, width, 1), std::iter::once(Some(&row)), &theme);
        buffer
    }

    fn symbols(buffer: &Buffer, row: u16) -> String {
        (0..6).map(|x| buffer[(x, row)].symbol().to_string()).collect()
    }

    #[test]
    fn wide_characters_take_two_cells_whatever_they_measure() {
        let buffer = drawn(vec![cell('語', None, 2), cell(' ', None, 0), cell('x', None, 1)], 5);
        assert_eq!(symbols(&buffer, 0), "語 x  #");
        assert_eq!(buffer[(0, 0)].cell_width(), 2);
        assert_eq!(symbols(&buffer, 1), "######", "nothing is drawn outside the area");
    }

    #[test]
    fn a_wide_character_at_the_edge_is_left_out() {
        let buffer = drawn(vec![cell('a', None, 1), cell('語', None, 2), cell(' ', None, 0)], 2);
        assert_eq!(symbols(&buffer, 0), "a ####");
    }

    #[test]
    fn joined_signs_stay_whole_in_two_cells_and_are_tamed_in_one() {
        let family = cell('👩', Some("\u{200d}👩"), 2);
        assert_eq!(drawn(vec![family, cell(' ', None, 0)], 4)[(0, 0)].symbol(), "👩\u{200d}👩");
        let heart = cell('❤', Some("\u{fe0f}"), 1);
        assert_eq!(drawn(vec![heart], 4)[(0, 0)].symbol(), "❤");
        assert_eq!(drawn(vec![cell('\u{1b}', None, 1)], 4)[(0, 0)].symbol(), " ");
    }
}
