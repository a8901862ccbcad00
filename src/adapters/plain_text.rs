//! From what a terminal got to what a person could read: escape sequences taken out, overwritten text gone.
//!
//! This is no terminal: there is no screen, so nothing wraps and nothing is lost when it scrolls away, which is what a
//! search for printed lines needs. Where a program moves about on the screen, what it wrote stays as lines of its own.

use std::collections::VecDeque;

use alacritty_terminal::vte::{Params, Parser, Perform};
use unicode_width::UnicodeWidthChar;

/// Lines above the cursor that a program can still rewrite by moving up.
const OPEN_LINES_MAX: usize = 100;

/// Columns that a cursor movement may reach; what a program prints may be longer.
const COLUMNS_MAX: usize = 4096;

/// Right half of a wide character.
const RIGHT_HALF: char = '\0';

/// The text of raw terminal output, each line without blanks at its end and ended by `\n`. What movements leave blank
/// is bounded by the size of the input, so no output can make a text that is much longer than itself.
pub fn plain_text(bytes: &[u8]) -> String {
    let mut text = PlainText { padding_left: bytes.len() + COLUMNS_MAX, ..PlainText::default() };
    Parser::new().advance(&mut text, bytes);
    text.close();
    text.done
}

#[derive(Default)]
struct PlainText {
    /// Lines that nothing can change any more.
    done: String,
    /// Lines that can still be rewritten, the oldest first.
    open: VecDeque<Vec<char>>,
    /// Index in `open` of the line that is written.
    row: usize,
    /// Where in it, in cells.
    column: usize,
    /// Blanks and empty lines that movements may still make.
    padding_left: usize,
}

impl PlainText {
    fn line(&mut self) -> &mut Vec<char> {
        while self.open.len() <= self.row {
            self.open.push_back(Vec::new());
        }
        &mut self.open[self.row]
    }

    fn put(&mut self, c: char, width: usize) {
        let short = self.column.saturating_sub(self.line().len());
        if short > self.padding_left {
            self.column = self.line().len();
        } else {
            self.padding_left -= short;
        }
        let column = self.column;
        let line = self.line();
        if width == 0 {
            // Combining marks follow their character and take no cell; text after them moves on, and only an overwrite
            // by column would see the difference.
            line.insert(column.min(line.len()), c);
            self.column = column + 1;
            return;
        }
        if line.len() < column {
            line.resize(column, ' ');
        }
        for (offset, c) in [c, RIGHT_HALF].into_iter().take(width).enumerate() {
            match line.get_mut(column + offset) {
                Some(cell) => *cell = c,
                None => line.push(c),
            }
        }
        self.column = column + width;
    }

    /// A column to the right, as far as movements reach.
    fn right_to(&self, column: usize) -> usize {
        column.min(COLUMNS_MAX.max(self.column))
    }

    fn next_line(&mut self) {
        self.line();
        self.row += 1;
        self.line();
        while self.open.len() > OPEN_LINES_MAX && self.row > 0 {
            self.finish_first();
            self.row -= 1;
        }
    }

    fn finish_first(&mut self) {
        let Some(line) = self.open.pop_front() else { return };
        let start = self.done.len();
        self.done.extend(line.into_iter().filter(|c| *c != RIGHT_HALF));
        self.done.truncate(start + self.done[start..].trim_end().len());
        self.done.push('\n');
    }

    /// Nothing written so far can be changed any more; writing goes on in a line of its own.
    fn close(&mut self) {
        while self.open.back().is_some_and(Vec::is_empty) {
            self.open.pop_back();
        }
        while !self.open.is_empty() {
            self.finish_first();
        }
        self.row = 0;
        self.column = 0;
    }

    fn erase_in_line(&mut self, how: u16) {
        let column = self.column;
        let line = self.line();
        match how {
            0 => line.truncate(column),
            1 => {
                let end = (column + 1).min(line.len());
                line[..end].fill(' ');
            }
            _ => line.clear(),
        }
    }
}

impl Perform for PlainText {
    fn print(&mut self, c: char) {
        self.put(c, c.width().unwrap_or(0));
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            // Programs that write to a terminal send `\r\n`; a bare `\n` from a file means the same to a reader.
            b'\n' | 0x0b | 0x0c => {
                self.next_line();
                self.column = 0;
            }
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => self.column = self.right_to((self.column / 8 + 1) * 8),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        if !intermediates.is_empty() {
            // The alternate screen comes and goes: what was on the other one cannot be rewritten from here.
            let alternate = params.iter().any(|param| matches!(param.first(), Some(47 | 1047 | 1049)));
            if intermediates == b"?" && matches!(action, 'h' | 'l') && alternate {
                self.close();
            }
            return;
        }
        let given = params.iter().next().and_then(|param| param.first().copied()).unwrap_or(0);
        let count = usize::from(given.max(1));
        match action {
            'C' | 'a' => self.column = self.right_to(self.column + count),
            'D' => self.column = self.column.saturating_sub(count),
            'G' | '`' => self.column = (count - 1).min(COLUMNS_MAX),
            'A' => self.row = self.row.saturating_sub(count),
            'F' => {
                self.row = self.row.saturating_sub(count);
                self.column = 0;
            }
            'B' | 'E' | 'e' => {
                let count = count.min(OPEN_LINES_MAX).min(self.padding_left);
                self.padding_left -= count;
                (0..count).for_each(|_| self.next_line());
                if action == 'E' {
                    self.column = 0;
                }
            }
            'K' => self.erase_in_line(given),
            'J' if given == 0 => {
                self.erase_in_line(0);
                let row = self.row;
                self.open.truncate(row + 1);
            }
            // From here on the program thinks in rows of the screen, which nobody here knows.
            'H' | 'f' | 'd' | 'J' | 'S' | 'T' | 'L' | 'M' | 'r' => {
                let column = match action {
                    'H' | 'f' => params.iter().nth(1).and_then(|param| param.first().copied()).unwrap_or(1),
                    _ => 1,
                };
                self.close();
                self.column = usize::from(column.max(1) - 1).min(COLUMNS_MAX);
            }
            'P' => {
                let column = self.column;
                let line = self.line();
                let end = (column + count).min(line.len());
                line.drain(column.min(end)..end);
            }
            'X' => {
                let column = self.column;
                let line = self.line();
                let end = (column + count).min(line.len());
                line[column.min(end)..end].fill(' ');
            }
            '@' => {
                let count = count.min(COLUMNS_MAX).min(self.padding_left);
                self.padding_left -= count;
                let column = self.column;
                let line = self.line();
                if column < line.len() {
                    // What is pushed beyond the right edge is gone on a terminal; here it stays readable.
                    line.splice(column..column, std::iter::repeat_n(' ', count));
                }
            }
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        match (intermediates, byte) {
            // Full reset.
            ([], b'c') => self.close(),
            // Reverse index, index, next line.
            ([], b'M') => self.row = self.row.saturating_sub(1),
            ([], b'D') => self.next_line(),
            ([], b'E') => {
                self.next_line();
                self.column = 0;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain_text;

    #[test]
    fn colours_titles_and_overwrites_are_gone() {
        let far = format!("a{}b\n", " ".repeat(4095));
        let cases: [(&[u8], &str); 16] = [
            (b"plain\r\nlines\n", "plain\nlines\n"),
            (b"\x1b[1;38;5;208m[wave-proof]\x1b[0m state=met\r\n", "[wave-proof] state=met\n"),
            (b"\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ end", "link end\n"),
            (b"10%\r50%\r100%\r\n", "100%\n"),
            (b"long text\rab\x1b[K\r\n", "ab\n"),
            (b"ab\x08c\n", "ac\n"),
            (b"a\x1b[5Cb\n", "a     b\n"),
            (b"one\r\ntwo\r\n\x1b[2A\x1b[2Kuno\r\n\r\n", "uno\ntwo\n"),
            (b"kept\x1b[2J\x1b[Hnew\n", "kept\nnew\n"),
            (b"\x1b[?1049hinside\x1b[3;5Hthere\x1b[?1049lafter", "inside\n    there\nafter\n"),
            ("\u{4e2d}\u{6587}\r\u{4e2d}a".as_bytes(), "\u{4e2d}a\n"),
            (b"a\x1b[65535Cb", &far),
            (b"\xff\xfebad\n", "\u{fffd}\u{fffd}bad\n"),
            (b"abcdef\r\x1b[2C\x1b[2P\n", "abef\n"),
            (b"status\r\nbelow\x1b[1A\r\x1b[Jx", "x\n"),
            (b"", ""),
        ];
        for (bytes, text) in cases {
            assert_eq!(plain_text(bytes), *text, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_spinner_leaves_only_its_last_state() {
        let mut bytes = b"\xe2\x80\xa2 Ran cargo test\r\n".to_vec();
        for second in 0..500 {
            bytes.extend_from_slice(format!("\r\x1b[2K\x1b[36m* Working ({second}s)\x1b[0m").as_bytes());
        }
        bytes.extend_from_slice(b"\r\x1b[2Kdone\r\n");
        assert_eq!(plain_text(&bytes), "\u{2022} Ran cargo test\ndone\n");
    }

    /// A recording of a real agent program (claude 2.1.329, 100x30) that met a rate limit: it moves the cursor for every
    /// row, and its lines can be read all the same.
    #[test]
    fn the_lines_of_a_real_program_can_be_read() {
        let text = plain_text(include_bytes!("../../tests/fixtures/vt/claude-rate-limited-100x30.raw"));
        for line in [
            "\u{25cf} API Error: Request rejected (429) \u{b7} Rate limit reached for mock-model",
            "                     ? for shortcuts \u{b7} \u{2190} for agents",
            "  \u{23f8} manual mode on",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains(['\x1b', '\u{9b}', '\u{fffd}']), "{text}");
    }

    #[test]
    fn output_cannot_blow_up() {
        for unit in [&b"\x1b[4000Cx\r\n"[..], b"\x1b[9;4000Hx", b"x\x1b[99B", b"x\r\x1b[4000@", b"\t\tx\n"] {
            let bytes = unit.repeat(2_000);
            let text = plain_text(&bytes);
            assert!(text.len() < 3 * bytes.len() + 20_000, "{unit:?} gave {}", text.len());
        }
    }

    #[test]
    fn lines_far_above_stay_as_they_were() {
        let mut bytes = Vec::new();
        for line in 0..300 {
            bytes.extend_from_slice(format!("line {line}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\x1b[250A\x1b[2Kgone");
        let text = plain_text(&bytes);
        assert!(text.starts_with("line 0\nline 1\n"), "{text}");
        assert_eq!(text.matches("gone").count(), 1);
        assert_eq!(text.lines().count(), 300);
    }
}
