//! Tests of the terminal by what it shows, answers and tells.

mod clusters;
mod scrollback;
mod soup;

use super::{SYNCHRONIZED_BYTES_MAX, Terminal, TerminalOptions};
use crate::session::colours::AnsweredColours;
use crate::session::event::{EVENTS_MAX, TerminalEvent};
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput};
use crate::session::screen::{Colour, CursorShape, ScreenUpdate, Size, attribute};
use crate::session::{Row, wire};

fn terminal(columns: u16, rows: u16) -> Terminal {
    Terminal::new(Size { columns, rows }, TerminalOptions::default())
}

/// A reader that only knows what updates tell it.
#[derive(Default)]
struct Reader {
    generation: u64,
    rows: Vec<Row>,
    last: ScreenUpdate,
}

impl Reader {
    fn read(&mut self, terminal: &mut Terminal) -> bool {
        let encoded = terminal.encoded_update_since("agent", self.generation);
        let Some(mut update) = terminal.update_since(self.generation) else {
            assert_eq!(encoded, None);
            return false;
        };
        let (generation, bytes) = encoded.unwrap();
        assert_eq!(generation, update.generation);
        update.session = "agent".to_owned();
        assert_eq!(wire::decode_update(&bytes).as_ref(), Ok(&update));

        if update.complete {
            self.rows.clear();
            self.rows.resize(usize::from(update.size.1), Row::default());
        }
        for (index, row) in &update.rows {
            self.rows[usize::from(*index)] = row.clone();
        }
        self.generation = update.generation;
        update.rows.clear();
        self.last = update;
        true
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_size_is_brought_into_bounds() {
    let size = |columns, rows| terminal(columns, rows).size();
    assert_eq!(size(0, 0), Size { columns: 2, rows: 1 });
    assert_eq!(size(1, 5), Size { columns: 2, rows: 5 });
    assert_eq!(size(u16::MAX, u16::MAX), Size { columns: 1000, rows: 1000 });
    let mut small = terminal(1, 1);
    small.feed("日本語 👩‍👩‍👧 \x1b[9999;9999H漢".as_bytes());
    small.resize(Size { columns: 0, rows: 0 });
    assert_eq!(small.size(), Size { columns: 2, rows: 1 });
    assert_eq!(small.screen_text(), ["漢"]);
}

#[test]
fn queries_are_answered_in_their_order() {
    let mut terminal = terminal(20, 4);
    terminal.feed(b"hello\r\n\x1b[>0q\x1b[c\x1b[6n\x1b]7501;?\x07\x1b[?u\x1b[>c\x1b[5n\x1b[18t\x1b[?6n\x1bP+q4d\x1b\\\x1b[>q");
    assert_eq!(terminal.screen_text(), ["hello", "", "", ""]);
    let version = format!("\x1bP>|wavedeck {}\x1b\\", env!("CARGO_PKG_VERSION"));
    let expected = format!(
        "{version}\x1b[?62;22c\x1b[2;1R\x1b]7501;?\x1b\\\x1b[?0u\x1b[>1;100;0c\x1b[0n\x1b[8;4;20t\x1b[?2;1;1R\x1bP0+r\x1b\\{version}"
    );
    assert_eq!(text(terminal.take_replies()), expected);
    assert_eq!(terminal.take_replies(), b"");
}

#[test]
fn the_order_of_answers_holds_inside_a_synchronized_update() {
    let mut terminal = terminal(20, 4);
    terminal.feed(b"\x1b[?2026hone\x1b[>q\x1b[c");
    assert_eq!(terminal.take_replies(), b"");
    terminal.feed(b"\x1b]9;done\x07\x1b[?2026l\x1b[5n");
    let answers = text(terminal.take_replies());
    assert!(answers.starts_with("\x1bP>|wavedeck "), "{answers:?}");
    assert!(answers.ends_with("\x1b\\\x1b[?62;22c\x1b[0n"), "{answers:?}");
    let body = "done".to_owned();
    assert_eq!(terminal.take_events(), [TerminalEvent::Notification { title: String::new(), body }]);
}

#[test]
fn modes_are_reported() {
    let mut terminal = terminal(20, 4);
    let mut report = |set: &str, mode: &str| {
        terminal.feed(format!("{set}\x1b[?{mode}$p").as_bytes());
        text(terminal.take_replies())
    };
    assert_eq!(report("", "2026"), "\x1b[?2026;2$y");
    assert_eq!(report("", "2027"), "\x1b[?2027;2$y");
    assert_eq!(report("\x1b[?2027h", "2027"), "\x1b[?2027;1$y");
    assert_eq!(report("\x1b[?2004h", "2004"), "\x1b[?2004;1$y");
    assert_eq!(report("\x1b[?1004h", "1004"), "\x1b[?1004;1$y");
    assert_eq!(report("\x1b[?1047h", "1049"), "\x1b[?1049;1$y");
    assert_eq!(report("", "1016"), "\x1b[?1016;0$y");
    assert_eq!(report("", "25"), "\x1b[?25;1$y");
    terminal.feed(b"\x1b[4$p\x1b[20h\x1b[20$p");
    assert_eq!(text(terminal.take_replies()), "\x1b[4;2$y\x1b[20;1$y");
}

#[test]
fn colours_are_answered_and_kept_by_number() {
    let colours =
        AnsweredColours { foreground: (1, 2, 3), background: (0xfa, 0xfb, 0xfc), ..Default::default() };
    let options = TerminalOptions { colours, ..TerminalOptions::default() };
    let mut terminal = Terminal::new(Size { columns: 20, rows: 2 }, options);
    terminal.feed(b"\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]4;1;?\x07\x1b]4;231;?\x07\x1b]4;255;?\x07\x1b]12;?\x07");
    assert_eq!(
        text(terminal.take_replies()),
        "\x1b]10;rgb:0101/0202/0303\x07\x1b]11;rgb:fafa/fbfb/fcfc\x1b\\\x1b]4;1;rgb:cdcd/0000/0000\x07\
         \x1b]4;231;rgb:ffff/ffff/ffff\x07\x1b]4;255;rgb:eeee/eeee/eeee\x07\x1b]12;rgb:0101/0202/0303\x07"
    );
    terminal.feed(b"\x1b[31ma\x1b]4;1;rgb:10/20/30\x07\x1b]11;#112233\x07\x1b]11;?\x07");
    assert_eq!(text(terminal.take_replies()), "\x1b]11;rgb:1111/2222/3333\x07");
    let style = terminal.screen_rows()[0].cells[0].style;
    assert_eq!(style.foreground, Colour::Rgb(0x10, 0x20, 0x30));
    assert_eq!(style.background, Colour::Default);
}

#[test]
fn styles_reach_the_rows() {
    let mut terminal = terminal(30, 1);
    terminal.feed(b"\x1b[1;2;3;4;7;8;9ma\x1b[0;38;5;200;48;2;1;2;3mb\x1b[0;4:3;58:2::9:8:7mc\x1b[0;91md\x1b[0m  \x1b[44m \x1b[0m  ");
    let row = &terminal.screen_rows()[0];
    let style = |index: usize| row.cells[index].style;
    assert_eq!(style(0).attributes, 0x7f);
    assert_eq!((style(1).foreground, style(1).background), (Colour::Indexed(200), Colour::Rgb(1, 2, 3)));
    assert_eq!((style(2).attributes, style(2).underline), (attribute::UNDERLINE, Colour::Rgb(9, 8, 7)));
    assert_eq!(style(3).foreground, Colour::Indexed(9));
    // Blanks at the end are left out up to the last that shows something.
    assert_eq!(row.cells.len(), 7);
    assert_eq!(terminal.screen_ansi()[0].matches("\x1b[0;48;5;4m \x1b[0m").count(), 1);
}

#[test]
fn events_are_told_once_and_in_order() {
    let mut terminal = terminal(20, 2);
    terminal.feed(b"\x1b]0;first\x07\x07\x07\x1b]2;second\x1b\\\x1b]777;notify;a;b\x07");
    terminal.feed(b"\x1b]7501;state=bl");
    terminal.feed(b"ocked\x1b\\\x1b]9;4;1;50\x1b\\");
    let events = terminal.take_events();
    assert_eq!(events.len(), 5, "{events:?}");
    assert_eq!(events[..2], [TerminalEvent::Bell, TerminalEvent::Title("second".to_owned())]);
    assert_eq!(events[3], TerminalEvent::ProgramStatus("state=blocked".to_owned()));
    assert_eq!(terminal.title(), "second");
    // The same title again is no news; a saved one comes back.
    terminal.feed(b"\x1b]2;second\x07\x1b[22t\x1b]2;third\x07\x1b[23t");
    assert_eq!(terminal.take_events(), [TerminalEvent::Title("second".to_owned())]);
}

#[test]
fn nobody_taking_events_or_answers_costs_no_memory() {
    let mut terminal = terminal(20, 2);
    for _ in 0..EVENTS_MAX + 10 {
        terminal.feed(b"\x1b]9;note\x07");
    }
    let events = terminal.take_events();
    assert_eq!(events.len(), EVENTS_MAX + 1);
    assert_eq!(events.last(), Some(&TerminalEvent::Dropped { count: 10 }));
    terminal.feed(&b"\x1b[c".repeat(100_000));
    assert!(terminal.take_replies().len() <= 64 * 1024);
}

#[test]
fn control_strings_are_bounded() {
    let mut terminal = terminal(20, 2);
    terminal.feed(b"\x1b]0;");
    for _ in 0..100 {
        terminal.feed(&[b'x'; 10_000]);
    }
    terminal.feed(b"\x07after");
    assert_eq!(terminal.title().len(), 1024);
    assert_eq!(terminal.screen_text()[0], "after");

    let mut clipboard = |length: usize| {
        terminal.feed(b"\x1b]52;c;");
        terminal.feed(&vec![b'A'; length]);
        terminal.feed(b"\x1b\\");
        terminal.take_events().pop()
    };
    assert_eq!(clipboard(40_000), Some(TerminalEvent::ClipboardStore("\0".repeat(30_000))));
    assert_eq!(clipboard(2 * 1024 * 1024), Some(TerminalEvent::ClipboardTooLong));
}

#[test]
fn a_synchronized_update_is_shown_as_a_whole() {
    let mut terminal = terminal(20, 2);
    terminal.feed(b"old");
    let before = terminal.generation();
    terminal.feed(b"\x1b[?2026h\x1b[2J\x1b[Hnew");
    assert!(terminal.synchronized_until().is_some());
    assert_eq!(terminal.screen_text()[0], "old");
    assert_eq!(terminal.generation(), before);
    terminal.feed(b"er\x1b[?2026");
    assert_eq!(terminal.screen_text()[0], "old");
    terminal.feed(b"l!");
    assert_eq!(terminal.screen_text()[0], "newer!");
    assert_eq!(terminal.synchronized_until(), None);

    terminal.feed(b"\x1b[?25;2026hx");
    let until = terminal.synchronized_until();
    terminal.feed(b"\x1b[?2026h");
    assert_eq!(terminal.synchronized_until(), until);
    terminal.end_synchronized();
    assert_eq!(terminal.screen_text()[0], "newer!x");
    assert_eq!(terminal.synchronized_until(), None);

    // A child that never ends its update is shown all the same.
    terminal.feed(b"\x1b[?2026h");
    terminal.feed(&vec![b'y'; SYNCHRONIZED_BYTES_MAX]);
    assert_eq!(terminal.synchronized_until(), None);
    assert_eq!(terminal.screen_text()[0], "y".repeat(20));

    terminal.feed(b"\x1b[?2026h\x1b[2J\x1b[Hz");
    terminal.resize(Size { columns: 30, rows: 2 });
    assert_eq!(terminal.screen_text()[0], "z");
}

#[test]
fn a_character_cut_by_a_read_loses_nothing() {
    let line = "aé日👩‍👧€bß".as_bytes();
    for cut in 0..line.len() {
        let mut terminal = terminal(30, 1);
        terminal.feed(&line[..cut]);
        terminal.feed(&line[cut..]);
        assert_eq!(terminal.screen_text()[0].as_bytes(), line, "cut at {cut}");
    }
}

#[test]
fn a_generation_is_new_only_when_something_shows() {
    let mut terminal = terminal(20, 3);
    let mut reader = Reader::default();
    assert!(reader.read(&mut terminal));
    assert!(reader.last.complete && !reader.read(&mut terminal));
    let first = terminal.generation();
    // The cursor leaves and comes back, the same text is drawn again, a colour is set, an unknown mode is asked for.
    terminal.feed(b"\x1b[2;3H\x1b[H\x1b[31m\x1b[0m\x1b[?9999h\x1b[K\x07");
    assert_eq!(terminal.generation(), first);
    terminal.feed(b"\x1b[?25l");
    assert!(reader.read(&mut terminal) && !reader.last.cursor.visible && !reader.last.complete);
    terminal.feed(b"\x1b[5 q\x1b[?25h\x1b[?1000h\x1b[?2004h\x1b]2;t\x07");
    assert!(reader.read(&mut terminal));
    assert_eq!(reader.last.cursor.shape, CursorShape::Bar);
    assert!(reader.last.modes.mouse && reader.last.modes.bracketed_paste && reader.last.title == "t");

    terminal.feed(b"abc");
    let second = terminal.generation();
    terminal.feed(b"\x1b[3;1Hdef");
    let update = terminal.update_since(second).unwrap();
    assert_eq!(update.rows.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [2]);
    assert_eq!(terminal.update_since(first).unwrap().rows.len(), 2);
    assert!(terminal.update_since(update.generation).is_none());
    // A number from another life of the session.
    assert!(terminal.update_since(update.generation + 7).unwrap().complete);
    terminal.resize(Size { columns: 21, rows: 3 });
    assert!(terminal.update_since(update.generation).unwrap().complete);
}

#[test]
fn a_core_that_panics_is_replaced() {
    let mut terminal = terminal(10, 2);
    terminal.feed(b"\x1b[?2004h\x1b[?1049h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b]2;name\x07text");
    let _ = terminal.take_events();
    // The library cannot do with one column, which `resize` never lets happen.
    let one = alacritty_terminal::term::test::TermSize::new(1, 1);
    terminal.core.term.resize(one);
    terminal.feed("日本\r\n漢字".as_bytes());
    let events = terminal.take_events();
    assert!(matches!(events.as_slice(), [TerminalEvent::CorePanicked { .. }]), "{events:?}");

    let modes = terminal.modes();
    assert!(modes.alternate_screen && modes.mouse && modes.bracketed_paste);
    assert_eq!((terminal.title(), terminal.cursor().visible), ("name", false));
    let mut reader = Reader::default();
    reader.read(&mut terminal);
    terminal.feed(b"again");
    reader.read(&mut terminal);
    assert_eq!(reader.rows, terminal.screen_rows());
    assert_eq!(terminal.screen_text(), ["again", ""]);
}

#[test]
fn keyboard_flags_nest_without_bound_and_belong_to_a_screen() {
    let mut terminal = terminal(10, 2);
    let mut flags = |bytes: &[u8]| {
        terminal.feed(bytes);
        terminal.feed(b"\x1b[?u");
        text(terminal.take_replies())
    };
    assert_eq!(flags(b"\x1b[>1u"), "\x1b[?1u");
    assert_eq!(flags(b"\x1b[=2;2u"), "\x1b[?3u");
    assert_eq!(flags(b"\x1b[=1;3u"), "\x1b[?2u");
    assert_eq!(flags(b"\x1b[?1049h"), "\x1b[?0u");
    assert_eq!(flags(b"\x1b[>7u"), "\x1b[?7u");
    assert_eq!(flags(b"\x1b[?1049l"), "\x1b[?2u");
    assert_eq!(flags(b"\x1b[<u"), "\x1b[?0u");
    // As many pushes make the library itself panic.
    assert_eq!(flags(&b"\x1b[>5u".repeat(10_000)), "\x1b[?5u");
    assert_eq!(flags(b"\x1b[<65535u"), "\x1b[?0u");
}

#[test]
fn input_follows_the_modes() {
    let mut terminal = terminal(10, 2);
    let key = |key| TerminalInput::Key { key, modifiers: 0, kind: KeyKind::Press };
    let press = TerminalInput::Mouse {
        action: MouseAction::Press(MouseButton::Left),
        column: 1,
        row: 1,
        modifiers: 0,
    };
    let wheel = TerminalInput::Mouse { action: MouseAction::ScrollUp, column: 1, row: 1, modifiers: 0 };
    let focus = TerminalInput::Focus { gained: true };
    assert_eq!(terminal.encode(&key(Key::Up)), b"\x1b[A");
    assert!(terminal.encode(&press).is_empty() && terminal.encode(&wheel).is_empty());
    assert!(terminal.encode(&focus).is_empty());
    terminal.feed(b"\x1b[?1h\x1b[?1049h");
    assert_eq!(terminal.encode(&key(Key::Up)), b"\x1bOA");
    assert_eq!(terminal.encode(&wheel), b"\x1bOA\x1bOA\x1bOA");
    terminal.feed(b"\x1b[?1007l");
    assert!(terminal.encode(&wheel).is_empty());
    terminal.feed(b"\x1b[?9h");
    assert_eq!(terminal.encode(&press), b"\x1b[M \"\"");
    terminal.feed(b"\x1b[?1000h\x1b[?1006h\x1b[?1004h\x1b[>1u");
    assert_eq!(terminal.encode(&press), b"\x1b[<0;2;2M");
    assert_eq!(terminal.encode(&focus), b"\x1b[I");
    assert_eq!(terminal.encode(&key(Key::Escape)), b"\x1b[27u");
    terminal.feed(b"\x1b[<u\x1b[20h");
    assert_eq!(terminal.encode(&key(Key::Enter)), b"\r\n");
}

#[test]
fn a_terminal_can_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Terminal>();
}
