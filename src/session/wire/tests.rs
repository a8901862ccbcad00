use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};

use super::write::{put_number, put_row};
use super::{WireError, decode_row, decode_rows, decode_update, encode_rows, encode_update, kind};
use crate::session::screen::{Cell, Colour, Cursor, CursorShape, Modes, Row, ScreenUpdate, Style};

fn colours() -> impl Strategy<Value = Colour> {
    prop_oneof![
        Just(Colour::Default),
        any::<u8>().prop_map(Colour::Indexed),
        any::<(u8, u8, u8)>().prop_map(|(red, green, blue)| Colour::Rgb(red, green, blue)),
    ]
}

fn styles() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::default()),
        (colours(), colours(), colours(), any::<u16>()).prop_map(
            |(foreground, background, underline, attributes)| Style {
                foreground,
                background,
                underline,
                attributes
            }
        ),
    ]
}

/// Cells as the terminal makes them, and others that it never makes.
fn cells() -> impl Strategy<Value = Vec<Cell>> {
    let cell = |character, rest: Option<String>, width, style| Cell {
        character,
        rest: rest.filter(|rest| !rest.is_empty()).map(Into::into),
        width,
        style,
    };
    prop_oneof![
        ("[a-z ]{1,20}", styles()).prop_map(move |(text, style)| text
            .chars()
            .map(|character| cell(character, None, 1, style))
            .collect()),
        (1_usize..30, styles()).prop_map(move |(count, style)| vec![cell(' ', None, 1, style); count]),
        ("[äöü─│漢字]{1,8}", styles()).prop_map(move |(text, style)| text
            .chars()
            .map(|character| cell(character, None, 1, style))
            .collect()),
        (any::<char>(), styles()).prop_map(move |(character, style)| vec![
            cell(character, None, 2, style),
            cell(' ', None, 0, style)
        ]),
        (any::<char>(), ".{0,4}", styles()).prop_map(move |(character, rest, style)| vec![
            cell(character, Some(rest), 2, style),
            cell(' ', None, 0, style)
        ]),
        (any::<char>(), ".{0,4}", 0_u8..3, styles())
            .prop_map(move |(character, rest, width, style)| vec![cell(character, Some(rest), width, style)]),
    ]
}

fn rows() -> impl Strategy<Value = Row> {
    (proptest::collection::vec(cells(), 0..8), any::<bool>())
        .prop_map(|(cells, wrapped)| Row { cells: cells.concat(), wrapped })
}

fn updates() -> impl Strategy<Value = ScreenUpdate> {
    let cursor =
        (any::<u16>(), any::<u16>(), any::<bool>(), 0_u8..3).prop_map(|(column, row, visible, shape)| {
            let shape = [CursorShape::Block, CursorShape::Underline, CursorShape::Bar][usize::from(shape)];
            Cursor { column, row, visible, shape }
        });
    let modes = any::<[bool; 3]>().prop_map(|[alternate_screen, mouse, bracketed_paste]| Modes {
        alternate_screen,
        mouse,
        bracketed_paste,
    });
    let rows = proptest::collection::vec((any::<u16>(), rows()), 0..6);
    (
        (".{0,10}", any::<u64>(), any::<bool>(), any::<(u16, u16)>()),
        rows,
        cursor,
        modes,
        ".{0,10}",
        any::<u64>(),
    )
        .prop_map(
            |((session, generation, complete, size), rows, cursor, modes, title, scrollback_rows)| {
                ScreenUpdate {
                    session,
                    generation,
                    complete,
                    size,
                    rows,
                    cursor,
                    modes,
                    title,
                    scrollback_rows,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_row_comes_back_as_it_was(row in rows()) {
        let mut bytes = Vec::new();
        put_row(&mut bytes, &row);
        prop_assert_eq!(decode_row(&bytes), Ok(row));
    }

    #[test]
    fn a_page_comes_back_as_it_was(page in proptest::collection::vec(rows(), 0..6)) {
        prop_assert_eq!(decode_rows(&encode_rows(&page)), Ok(page));
    }

    #[test]
    fn an_update_comes_back_as_it_was(update in updates()) {
        prop_assert_eq!(decode_update(&encode_update(&update)), Ok(update));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode_update(&bytes);
        let _ = decode_rows(&bytes);
        let _ = decode_row(&bytes);
    }

    #[test]
    fn a_damaged_update_never_panics(update in updates(), at in any::<usize>(), value in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = encode_update(&update);
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = value }
        if let Ok(other) = decode_update(&bytes) {
            prop_assert_eq!(decode_update(&encode_update(&other)), Ok(other));
        }
    }
}

#[test]
fn few_bytes_cannot_ask_for_many_cells() {
    // A row that says it has two million blanks.
    let mut bytes = Vec::new();
    put_number(&mut bytes, 2_000_000 << 1);
    put_number(&mut bytes, 2_000_000 << 4 | kind::BLANK);
    assert_eq!(decode_row(&bytes), Err(WireError::TooLarge));
    // A page of rows that are each allowed but together too many.
    let row = Row {
        cells: vec![Cell { character: ' ', rest: None, width: 1, style: Style::default() }; 60_000],
        wrapped: false,
    };
    assert_eq!(decode_rows(&encode_rows(&vec![row; 20])), Err(WireError::TooLarge));
}

#[test]
fn a_plain_line_costs_little_more_than_its_text() {
    let text = "    let update = terminal.update_since(generation); // and a comment after it";
    let row = Row {
        cells: text
            .chars()
            .map(|character| Cell { character, rest: None, width: 1, style: Style::default() })
            .collect(),
        wrapped: false,
    };
    let mut bytes = Vec::new();
    put_row(&mut bytes, &row);
    assert!(bytes.len() <= text.len() + 4, "{} bytes for {} characters", bytes.len(), text.len());
}
