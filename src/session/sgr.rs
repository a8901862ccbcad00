//! A row as text with SGR sequences, for a dump of a screen.

use std::fmt::Write;

use crate::session::screen::{Colour, Row, Style, attribute};

/// The row with the sequences that set its colours and attributes, ended by a reset where it set any.
pub(crate) fn of_row(row: &Row) -> String {
    let mut out = String::with_capacity(row.cells.len());
    let mut current = Style::default();
    for cell in row.cells.iter().filter(|cell| cell.width > 0) {
        if cell.style != current {
            put_style(&mut out, &cell.style);
            current = cell.style;
        }
        out.push(cell.character);
        if let Some(rest) = &cell.rest {
            out.push_str(rest);
        }
    }
    if current != Style::default() {
        out.push_str("\x1b[0m");
    }
    out
}

fn put_style(out: &mut String, style: &Style) {
    out.push_str("\x1b[0");
    let attributes = [
        (attribute::BOLD, 1),
        (attribute::DIM, 2),
        (attribute::ITALIC, 3),
        (attribute::UNDERLINE, 4),
        (attribute::REVERSE, 7),
        (attribute::HIDDEN, 8),
        (attribute::STRIKE, 9),
    ];
    // Writing to a string cannot fail.
    for (bit, number) in attributes {
        if style.attributes & bit != 0 {
            let _ = write!(out, ";{number}");
        }
    }
    for (colour, number) in [(style.foreground, 38), (style.background, 48), (style.underline, 58)] {
        let _ = match colour {
            Colour::Default => Ok(()),
            Colour::Indexed(index) => write!(out, ";{number};5;{index}"),
            Colour::Rgb(red, green, blue) => write!(out, ";{number};2;{red};{green};{blue}"),
        };
    }
    out.push('m');
}

#[cfg(test)]
mod tests {
    use super::of_row;
    use crate::session::screen::{Cell, Colour, Row, Style, attribute};

    #[test]
    fn styles_are_written_where_they_change() {
        let cell = |character, style| Cell { character, rest: None, width: 1, style };
        let red = Style { foreground: Colour::Indexed(1), attributes: attribute::BOLD, ..Style::default() };
        let row =
            Row { cells: vec![cell('a', red), cell('b', red), cell('c', Style::default())], wrapped: false };
        assert_eq!(of_row(&row), "\x1b[0;1;38;5;1mab\x1b[0mc");
        let row = Row { cells: vec![cell('a', red)], wrapped: false };
        assert_eq!(of_row(&row), "\x1b[0;1;38;5;1ma\x1b[0m");
    }
}
