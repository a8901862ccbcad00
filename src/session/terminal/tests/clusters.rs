//! Characters of several code points take the cells that programs count for them.

use super::terminal;

/// The text, and the columns that it must take.
const TABLE: [(&str, u16); 24] = [
    ("a", 1),
    ("é", 1),
    ("e\u{301}", 1),
    ("漢", 2),
    ("👩", 2),
    ("👩‍👩‍👧", 2),
    ("👨‍👩‍👧‍👦", 2),
    ("👍🏽", 2),
    ("👩🏽‍💻", 2),
    ("🧑🏻‍🤝‍🧑🏿", 2),
    ("☝🏽", 2),
    ("🇩🇪", 2),
    ("🇩🇪🇫🇷", 4),
    ("❤", 1),
    ("❤️", 2),
    ("❤️‍🔥", 2),
    ("⚠️", 2),
    ("🏳️‍🌈", 2),
    ("a🏽", 3),
    ("1️⃣", 2),
    ("✔", 1),
    ("✅", 2),
    ("⏺", 1),
    ("│─", 2),
];

#[test]
fn clusters_take_the_cells_that_programs_count() {
    for (cluster, columns) in TABLE {
        let mut terminal = terminal(40, 2);
        terminal.feed(format!("{cluster}|").as_bytes());
        assert_eq!(terminal.cursor().column, columns + 1, "{cluster:?}");
        assert_eq!(terminal.screen_text()[0], format!("{cluster}|"));
        let rows = terminal.screen_rows();
        let cells = &rows[0].cells;
        assert_eq!(cells.len(), usize::from(columns) + 1, "{cluster:?}");
        assert_eq!(cells.iter().map(|cell| usize::from(cell.width)).sum::<usize>(), cells.len(), "{cells:?}");
    }
}

#[test]
fn a_cluster_at_the_edge_goes_to_the_next_row_as_a_whole() {
    let one_cluster = |(cluster, columns): &&(&str, u16)| *columns == 2 && *cluster != "│─";
    for (cluster, columns) in TABLE.iter().filter(one_cluster) {
        let mut beyond = terminal(10, 3);
        beyond.feed(format!("123456789{cluster}|").as_bytes());
        assert_eq!(beyond.screen_text(), ["123456789", &format!("{cluster}|"), ""]);
        assert_eq!(beyond.cursor().column, columns + 1);
        // Exactly at the edge there is room.
        let mut within = terminal(10, 3);
        within.feed(format!("12345678{cluster}|").as_bytes());
        assert_eq!(within.screen_text(), [&format!("12345678{cluster}"), "|", ""]);
        // Without automatic wrapping nothing goes to the next row.
        let mut unwrapped = terminal(10, 3);
        unwrapped.feed(format!("\x1b[?7l123456789{cluster}").as_bytes());
        assert_eq!(unwrapped.screen_text()[1], "");
    }
}

#[test]
fn a_cluster_can_be_overwritten_and_inserted() {
    let mut terminal = terminal(10, 2);
    terminal.feed("🇩🇪x\r🇫🇷y".as_bytes());
    assert_eq!(terminal.screen_text()[0], "🇫🇷y");
    terminal.feed("\x1b[2;1Hab\x1b[2;1H\x1b[4h❤️\x1b[4l".as_bytes());
    assert_eq!(terminal.screen_text()[1], "❤️ab");
    terminal.feed("\x1b[2;2Hz".as_bytes());
    assert_eq!(terminal.screen_text()[1], " zab");
}

#[test]
fn marks_of_a_cell_are_bounded() {
    let mut terminal = terminal(10, 2);
    terminal.feed(format!("a{}b", "\u{301}".repeat(100_000)).as_bytes());
    assert_eq!(terminal.screen_text()[0].chars().count(), 2 + 15);
    terminal.feed(format!("\r{}", "👩\u{200d}".repeat(1000)).as_bytes());
    assert!(terminal.screen_text()[0].chars().count() < 40);
}
