//! Rows that leave the screen are kept, found again and bounded.

use proptest::prelude::{ProptestConfig, Strategy, prop_assert_eq, proptest};

use super::{Terminal, TerminalOptions, terminal};
use crate::session::screen::{Row, Size};

/// All text of scrollback and screen as lines, soft breaks joined.
fn lines(terminal: &Terminal) -> Vec<String> {
    let mut rows = terminal.history_page(0, usize::MAX);
    assert_eq!(rows.len() as u64, terminal.history_rows());
    rows.extend(terminal.screen_rows());
    let mut lines = vec![String::new()];
    for row in rows {
        let text = row.cells.iter().filter(|cell| cell.width > 0).map(|cell| cell.character);
        if let Some(line) = lines.last_mut() {
            line.extend(text);
        }
        if !row.wrapped {
            lines.push(String::new());
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn numbered(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("{number}:{}", "漢b".repeat(number % 40))).collect()
}

#[test]
fn every_row_that_leaves_is_kept() {
    let ways: [(&str, String, usize); 5] = [
        ("line feeds", "x\r\n".repeat(500), 500),
        ("scrolling", "\x1b[Hx\x1b[2Hx\x1b[3Hx\x1b[3S".repeat(200), 600),
        ("clearing", "\x1b[Hx\x1b[2Hx\x1b[3Hx\x1b[2J".repeat(200), 600),
        ("deleting at the top", "\x1b[Hx\x1b[2Hx\x1b[3Hx\x1b[H\x1b[3M".repeat(200), 600),
        ("repeating a character", "x\x1b[5999b".to_owned(), 6000),
    ];
    for (way, bytes, fed) in ways {
        let mut terminal = terminal(10, 3);
        terminal.feed(bytes.as_bytes());
        let kept: usize = lines(&terminal).iter().map(|line| line.matches('x').count()).sum();
        assert_eq!(kept, fed, "{way}");
    }
}

#[test]
fn the_alternate_screen_leaves_the_scrollback_alone() {
    let mut terminal = terminal(20, 3);
    let before = numbered(0, 100);
    terminal.feed(before.join("\r\n").as_bytes());
    terminal.feed(b"\r\n\x1b[?1049h");
    let rows = terminal.history_rows();
    terminal.feed("noise\r\n".repeat(300).as_bytes());
    terminal.feed(b"\x1b[3J");
    assert_eq!(terminal.history_rows(), rows);
    terminal.resize(Size { columns: 7, rows: 5 });
    terminal.resize(Size { columns: 33, rows: 2 });
    terminal.feed(b"\x1b[?1049l");
    assert_eq!(lines(&terminal), before);
    terminal.feed(b"\x1b[3J");
    assert_eq!(terminal.history_rows(), 0);
}

#[test]
fn a_taller_screen_pulls_rows_back() {
    let mut terminal = terminal(100, 5);
    let all = numbered(0, 300);
    terminal.feed(all.join("\r\n").as_bytes());
    let bottom = terminal.screen_text();
    terminal.resize(Size { columns: 100, rows: 25 });
    assert_eq!(terminal.screen_text()[20..], bottom);
    assert_eq!(lines(&terminal), all);
    terminal.resize(Size { columns: 100, rows: 5 });
    assert_eq!((terminal.screen_text(), lines(&terminal)), (bottom, all));
}

#[test]
fn scrollback_is_wrapped_to_the_width_that_is_shown() {
    let mut terminal = terminal(10, 2);
    terminal.feed(format!("{}\r\n", "abcdefghij".repeat(20)).repeat(50).as_bytes());
    terminal.resize(Size { columns: 40, rows: 2 });
    let page = terminal.history_page(0, 5);
    assert_eq!(page.iter().map(Row::text).collect::<Vec<_>>(), vec!["abcdefghij".repeat(4); 5]);
    assert_eq!(page.iter().map(|row| row.wrapped).collect::<Vec<_>>(), [true, true, true, true, false]);
}

#[test]
fn pages_join_to_the_whole() {
    let mut terminal = terminal(13, 4);
    terminal.feed(numbered(0, 3000).join("\r\n").as_bytes());
    terminal.resize(Size { columns: 9, rows: 4 });
    let whole = terminal.history_page(0, usize::MAX);
    let mut joined = Vec::new();
    while (joined.len() as u64) < terminal.history_rows() {
        let page = terminal.history_page(joined.len() as u64, 77);
        assert!(!page.is_empty());
        joined.extend(page);
    }
    assert_eq!(joined, whole);
    assert!(terminal.history_page(terminal.history_rows(), 10).is_empty());
    assert!(terminal.history_page(0, 0).is_empty());
}

#[test]
fn scrollback_is_bounded_in_bytes() {
    let options = TerminalOptions { history_bytes_max: 256 * 1024, ..TerminalOptions::default() };
    let mut terminal = Terminal::new(Size { columns: 80, rows: 24 }, options);
    for number in 0..20_000 {
        terminal.feed(format!("\x1b[3{}m{number} some text of a line\x1b[0m\r\n", number % 8).as_bytes());
        assert!(terminal.history_bytes() <= 256 * 1024 + 48 * 1024);
    }
    assert!(terminal.history_rows_dropped() > 10_000);
    assert_eq!(terminal.history_rows() + terminal.history_rows_dropped(), 20_000 - 23);
    let first = terminal.history_page(0, 1)[0].text();
    assert!(first.starts_with(&terminal.history_rows_dropped().to_string()), "{first}");
}

#[test]
fn ten_thousand_lines_cost_one_to_two_mebibytes() {
    let mut plain = terminal(120, 40);
    let mut coloured = terminal(120, 40);
    for number in 0..10_000 {
        let line =
            format!("{number:5} | let update = terminal.update_since(generation); // what is new to it");
        plain.feed(format!("{line}\r\n").as_bytes());
        let words: Vec<String> = line
            .split(' ')
            .zip((16..232).cycle())
            .map(|(word, colour)| format!("\x1b[38;5;{colour}m{word}\x1b[0m"))
            .collect();
        coloured.feed(format!("{}\r\n", words.join(" ")).as_bytes());
    }
    let (plain, coloured) = (plain.history_bytes(), coloured.history_bytes());
    eprintln!("10,000 lines of 80 characters: {plain} bytes plain, {coloured} bytes with a colour per word");
    assert!(plain <= 1024 * 1024, "{plain}");
    assert!(coloured <= 2 * 1024 * 1024, "{coloured}");
}

#[test]
fn search_finds_across_soft_breaks_in_scrollback_and_screen() {
    let mut terminal = terminal(10, 3);
    for number in 0..200 {
        terminal.feed(format!("line {number} has a Needle here\r\n").as_bytes());
    }
    let found = terminal.search("needle", 3);
    assert_eq!((found.total, found.matches.len()), (200, 3));
    let rows = terminal.history_rows() + 3;
    let mut page = terminal.history_page(0, usize::MAX);
    page.extend(terminal.screen_rows());
    assert_eq!(page.len() as u64, rows);
    for one in &found.matches {
        let row = &page[one.row as usize];
        let text: String = row.cells[usize::from(one.column)..].iter().map(|cell| cell.character).collect();
        assert!("Needle here".starts_with(&text[..usize::from(one.columns)]), "{one:?}: {text}");
    }
    assert_eq!(terminal.search("neEdle", 3).total, 0);
    assert_eq!(terminal.search("", 3).total, 0);
}

fn steps() -> impl Strategy<Value = Vec<(usize, u16, u16)>> {
    proptest::collection::vec((1_usize..60, 2_u16..70, 1_u16..30), 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Lines of text survive any sequence of sizes: none is lost, doubled or torn.
    #[test]
    fn no_size_loses_a_line(steps in steps()) {
        let mut terminal = terminal(40, 10);
        let mut fed = 0;
        for (lines_more, columns, rows) in steps {
            for line in numbered(fed, fed + lines_more) {
                terminal.feed(format!("{line}\r\n").as_bytes());
            }
            fed += lines_more;
            terminal.resize(Size { columns, rows });
        }
        prop_assert_eq!(lines(&terminal), numbered(0, fed));
    }
}
