use super::{Terminal, TerminalOptions};
use crate::session::screen::Size;

fn terminal(columns: u16, rows: u16) -> Terminal {
    Terminal::new(Size { columns, rows }, TerminalOptions::default())
}

#[test]
fn text_is_shown_and_answers_come_in_order() {
    let mut terminal = terminal(20, 4);
    terminal.feed(b"hello\r\n\x1b[>0q\x1b[c\x1b[6n\x1b]7501;?\x07\x1b[?u");
    assert_eq!(terminal.screen_text(), ["hello", "", "", ""]);
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("\x1bP>|wavedeck {version}\x1b\\\x1b[?62;22c\x1b[2;1R\x1b]7501;?\x1b\\\x1b[?0u");
    assert_eq!(String::from_utf8(terminal.take_replies()).unwrap(), expected);
    assert_eq!(terminal.take_replies(), b"");
}

#[test]
fn search_finds_across_soft_breaks_in_scrollback_and_screen() {
    let mut terminal = terminal(10, 3);
    for number in 0..200 {
        terminal.feed(format!("line {number} has a Needle here\r\n").as_bytes());
    }
    let found = terminal.search("needle", 3);
    assert_eq!(found.total, 200);
    let rows = terminal.history_rows() + 3;
    let page = terminal.history_page(0, usize::MAX);
    assert_eq!(page.len() as u64 + 3, rows);
    for one in &found.matches {
        let row = if one.row + 3 < rows {
            page[one.row as usize].clone()
        } else {
            terminal.screen_rows()[(one.row + 3 - rows) as usize].clone()
        };
        let text: String = row.cells[usize::from(one.column)..].iter().map(|cell| cell.character).collect();
        assert!("Needle here".starts_with(&text[..usize::from(one.columns)]), "{one:?}: {text}");
    }
    assert_eq!(found.matches.len(), 3);
    assert_eq!(terminal.search("neEdle", 3).total, 0);
    assert_eq!(terminal.search("", 3).total, 0);
}
