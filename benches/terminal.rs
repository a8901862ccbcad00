//! How fast a terminal takes in output, beside the bare terminal core in the same run: the difference is what scanning, clusters,
//! scrollback and answers cost.

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::Config;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::vte::ansi::Processor;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wavedeck::session::Size;
use wavedeck::session::terminal::{Terminal, TerminalOptions};

const COLUMNS: u16 = 200;
const ROWS: u16 = 50;
/// As much as one read from a pseudo-terminal gives.
const PIECE_BYTES: usize = 4096;
const BYTES: usize = 1 << 20;

const KINDS: [&str; 4] = ["plain", "sgr", "unicode", "repaint"];

fn main() {
    divan::main();
}

/// About a mebibyte of output of one kind.
fn output(kind: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES + PIECE_BYTES);
    let mut number = 0_usize;
    while bytes.len() < BYTES {
        number += 1;
        let line = match kind {
            "plain" => format!(
                "{number:6} the quick brown fox jumps over the lazy dog and the agent reads a file\r\n"
            ),
            "sgr" => format!(
                "\x1b[38;2;{};100;50m{number:6}\x1b[0m \x1b[1mquick\x1b[22m \x1b[32mbrown\x1b[39m fox \x1b[48;5;{}mjumps\x1b[49m over\x1b[0m\r\n",
                number % 256,
                number % 256
            ),
            "unicode" => format!("{number:6} 日本語のテキスト und größere Wörter │ ✓ é 👩‍💻 🇩🇪 ──────\r\n"),
            _ => format!(
                "\x1b[?2026h\x1b[{};1H\x1b[38;5;{}m● working on step {number}\x1b[K\x1b[48;2H\x1b[2mesc to interrupt\x1b[0m\x1b[?2026l",
                number % 40 + 1,
                number % 200
            ),
        };
        bytes.extend_from_slice(line.as_bytes());
    }
    bytes
}

fn terminal() -> Terminal {
    Terminal::new(Size { columns: COLUMNS, rows: ROWS }, TerminalOptions::default())
}

#[divan::bench(args = KINDS, sample_count = 30, sample_size = 1)]
fn bare_core(bencher: Bencher, kind: &str) {
    let bytes = output(kind);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .with_inputs(|| {
            let size = TermSize::new(usize::from(COLUMNS), usize::from(ROWS));
            let parser: Processor = Processor::new();
            (parser, Term::new(Config::default(), &size, VoidListener))
        })
        .bench_local_refs(|(parser, term)| {
            for piece in bytes.chunks(PIECE_BYTES) {
                parser.advance(term, black_box(piece));
            }
        });
}

#[divan::bench(args = KINDS, sample_count = 30, sample_size = 1)]
fn feed(bencher: Bencher, kind: &str) {
    let bytes = output(kind);
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(terminal).bench_local_refs(|terminal| {
        for piece in bytes.chunks(PIECE_BYTES) {
            terminal.feed(black_box(piece));
        }
    });
}

/// With an update for one reader after each 64 KiB, which is more often than the pace of 16 ms asks for.
#[divan::bench(args = KINDS, sample_count = 30, sample_size = 1)]
fn feed_and_update(bencher: Bencher, kind: &str) {
    let bytes = output(kind);
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(terminal).bench_local_refs(|terminal| {
        let mut generation = 0;
        for (number, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            terminal.feed(black_box(piece));
            let due = number % 16 == 0;
            if let Some((next, update)) =
                due.then(|| terminal.encoded_update_since("agent", generation)).flatten()
            {
                generation = next;
                black_box(update);
            }
        }
    });
}

/// One full screen for a reader that has nothing.
#[divan::bench(args = KINDS)]
fn whole_screen(bencher: Bencher, kind: &str) {
    let mut terminal = terminal();
    terminal.feed(&output(kind));
    bencher.bench_local(|| black_box(terminal.encoded_update_since("agent", 0)));
}

/// The number of rows of a full scrollback after its width has changed, as while a border is dragged.
#[divan::bench]
fn resize_with_full_scrollback(bencher: Bencher) {
    let mut terminal = terminal();
    for _ in 0..8 {
        terminal.feed(&output("plain"));
    }
    let mut columns = COLUMNS;
    bencher.bench_local(|| {
        columns = if columns == COLUMNS { COLUMNS - 1 } else { COLUMNS };
        terminal.resize(Size { columns, rows: ROWS });
        black_box(terminal.history_rows())
    });
}
