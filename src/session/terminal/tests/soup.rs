//! Whatever a child prints, in whatever pieces and at whatever sizes: nothing panics, pieces make no difference, and readers
//! see what is there.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

use super::{Reader, Terminal, terminal};
use crate::session::event::TerminalEvent;
use crate::session::screen::Size;

const CONTROLS: [&str; 7] = ["\r\n", "\n", "\r", "\t", "\x08", "\x0e", "\x0f"];
const PRIVATE_MODES: [u16; 11] = [1, 3, 6, 7, 25, 47, 1000, 1048, 1049, 2004, 2026];
const SEQUENCES: [&str; 20] = [
    "\x1bM",
    "\x1bD",
    "\x1bE",
    "\x1b7",
    "\x1b8",
    "\x1bc",
    "\x1b#8",
    "\x1b(0",
    "\x1b(B",
    "\x1b=",
    "\x1b[4h",
    "\x1b[4l",
    "\x1b[3J",
    "\x1b[c",
    "\x1b[>q",
    "\x1b[6n",
    "\x1bP$qm\x1b\\",
    "\x1b_Gi=1\x1b\\",
    "\x1b[?2026h",
    "\x1b[?2026l",
];

fn control_sequence((numbers, letter): (Vec<u32>, char)) -> Vec<u8> {
    // Repeating a character would be most of the time of these tests.
    let number = |number: &u32| if letter == 'b' { number % 500 } else { *number }.to_string();
    let numbers: Vec<String> = numbers.iter().map(number).collect();
    format!("\x1b[{}{letter}", numbers.join(";")).into_bytes()
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0_u32..12, Just(65_535_u32), 1_u32..300];
    let numbers = proptest::collection::vec(number, 0..4);
    let letters: Vec<char> = "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnqrstu".chars().collect();
    let bytes = |text: &'static str| text.as_bytes().to_vec();
    prop_oneof![
        4 => "[ -~]{1,30}".prop_map(String::into_bytes),
        2 => "[漢字äß│─█👩🇩🇪❤🏽\u{301}\u{200d}\u{fe0f}]{1,12}".prop_map(String::into_bytes),
        2 => select(CONTROLS.to_vec()).prop_map(bytes),
        4 => (numbers, select(letters)).prop_map(control_sequence),
        2 => (select(PRIVATE_MODES.to_vec()), select(vec!['h', 'l']))
            .prop_map(|(mode, letter)| format!("\x1b[?{mode}{letter}").into_bytes()),
        1 => select(SEQUENCES.to_vec()).prop_map(bytes),
        1 => ("(0|2|4;1|7|9|9;4|10|11|52;c|133|777;notify|7501|8;)", "[ -~é]{0,20}", "(\x07|\x1b\\\\|\x18|)")
            .prop_map(|(number, body, end)| format!("\x1b]{number};{body}{end}").into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 1..12),
    ]
}

#[derive(Debug, Clone)]
enum Happening {
    Output(Vec<u8>),
    Resize(u16, u16),
    Read,
    EndSynchronized,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let happening = prop_oneof![
        10 => fragments().prop_map(Happening::Output),
        1 => (0_u16..60, 0_u16..20).prop_map(|(columns, rows)| Happening::Resize(columns, rows)),
        3 => Just(Happening::Read),
        1 => Just(Happening::EndSynchronized),
    ];
    proptest::collection::vec(happening, 1..60)
}

fn happen(terminal: &mut Terminal, happening: &Happening) {
    match happening {
        Happening::Output(bytes) => terminal.feed(bytes),
        Happening::Resize(columns, rows) => terminal.resize(Size { columns: *columns, rows: *rows }),
        Happening::EndSynchronized => terminal.end_synchronized(),
        Happening::Read => {}
    }
}

/// All that can be seen of a terminal.
fn all_of(terminal: &mut Terminal) -> impl PartialEq + std::fmt::Debug + use<> {
    terminal.end_synchronized();
    (
        terminal.screen_rows(),
        terminal.history_page(0, usize::MAX),
        terminal.cursor(),
        terminal.modes(),
        terminal.title().to_owned(),
        terminal.take_replies(),
        terminal.take_events(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pieces_make_no_difference(
        fragments in proptest::collection::vec(fragments(), 1..40),
        sizes in proptest::collection::vec(1_usize..40, 1..10),
    ) {
        let bytes = fragments.concat();
        let mut whole = terminal(30, 8);
        whole.feed(&bytes);
        let mut pieces = terminal(30, 8);
        let mut rest = bytes.as_slice();
        for size in sizes.iter().cycle() {
            let (piece, more) = rest.split_at(rest.len().min(*size));
            pieces.feed(piece);
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(all_of(&mut pieces), all_of(&mut whole));
    }

    #[test]
    fn readers_at_any_pace_see_what_is_there(happenings in happenings()) {
        let mut terminal = terminal(30, 8);
        let mut eager = Reader::default();
        let mut lazy = Reader::default();
        for happening in &happenings {
            happen(&mut terminal, happening);
            if matches!(happening, Happening::Read) {
                lazy.read(&mut terminal);
            }
            eager.read(&mut terminal);
            prop_assert_eq!(&eager.rows, &terminal.screen_rows());
            let last = &eager.last;
            prop_assert_eq!((last.cursor, last.modes), (terminal.cursor(), terminal.modes()));
            prop_assert_eq!(last.scrollback_rows, terminal.history_rows());
            prop_assert_eq!(last.title.as_str(), terminal.title());
        }
        lazy.read(&mut terminal);
        prop_assert_eq!(&lazy.rows, &terminal.screen_rows());
        prop_assert_eq!(terminal.history_page(0, usize::MAX).len() as u64, terminal.history_rows());
        let is_panic = |event: &TerminalEvent| matches!(event, TerminalEvent::CorePanicked { .. });
        prop_assert!(!terminal.take_events().iter().any(is_panic));
    }

    #[test]
    fn rows_are_whole(happenings in happenings()) {
        let mut terminal = terminal(30, 8);
        happenings.iter().for_each(|happening| happen(&mut terminal, happening));
        let columns = usize::from(terminal.size().columns);
        for row in terminal.screen_rows().into_iter().chain(terminal.history_page(0, usize::MAX)) {
            prop_assert!(row.cells.len() <= columns);
            for (index, cell) in row.cells.iter().enumerate() {
                let right_half = row.cells.get(index + 1).is_some_and(|next| next.width == 0);
                prop_assert_eq!(cell.width == 2, right_half, "{:?}", &row);
                prop_assert!(!cell.character.is_control());
            }
        }
    }
}
