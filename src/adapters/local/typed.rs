//! What is typed into the simulator, from the bytes that its terminal sends.

use alacritty_terminal::vte::{Params, Parser, Perform};

/// Longest line that somebody may type, in characters. What comes after it is dropped.
const INPUT_MAX: usize = 2_000;

/// One thing that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// A character, of a key or of a paste.
    Character(char),
    /// Enter.
    Enter,
    /// Backspace.
    Erase,
    /// Ctrl+C or Ctrl+D.
    Interrupt,
    /// A mouse button went down, at a cell from 1.
    Click {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
}

/// Reads bytes as they come; a sequence may be split anywhere.
#[derive(Default)]
pub(super) struct TypedReader {
    parser: Parser,
    /// Bytes of a character that is not complete: the parser loses the character after one that is split.
    held: Vec<u8>,
    found: Found,
}

#[derive(Default)]
struct Found {
    typed: Vec<Typed>,
    pasting: bool,
}

impl TypedReader {
    /// What these bytes complete.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Typed> {
        self.held.extend_from_slice(bytes);
        let complete = match std::str::from_utf8(&self.held) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Ok(_) | Err(_) => self.held.len(),
        };
        let rest = self.held.split_off(complete);
        self.parser.advance(&mut self.found, &self.held);
        self.held = rest;
        std::mem::take(&mut self.found.typed)
    }
}

impl Perform for Found {
    fn print(&mut self, c: char) {
        // Some terminals send DEL for backspace, and the parser prints it.
        let typed = if c == '\x7f' { Typed::Erase } else { Typed::Character(c) };
        self.typed.push(typed);
    }

    fn execute(&mut self, byte: u8) {
        let typed = match byte {
            b'\r' | b'\n' if self.pasting => Typed::Character(' '),
            b'\r' | b'\n' => Typed::Enter,
            0x08 | 0x7f => Typed::Erase,
            0x03 | 0x04 if !self.pasting => Typed::Interrupt,
            _ => return,
        };
        self.typed.push(typed);
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: char) {
        let mut numbers = params.iter().filter_map(|param| param.first().copied());
        match (intermediates, action) {
            ([], '~') => match numbers.next() {
                Some(200) => self.pasting = true,
                Some(201) => self.pasting = false,
                _ => {}
            },
            ([b'<'], 'M') => {
                if let (Some(button), Some(column), Some(row)) =
                    (numbers.next(), numbers.next(), numbers.next())
                    && button < 3
                {
                    self.typed.push(Typed::Click { column, row });
                }
            }
            _ => {}
        }
    }
}

/// The line that somebody types.
#[derive(Debug, Default)]
pub(super) struct InputLine {
    text: String,
}

impl InputLine {
    /// What stands there now.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes what was typed; gives the line when it was sent.
    pub(super) fn take(&mut self, typed: &Typed) -> Option<String> {
        match typed {
            Typed::Character(c) => {
                if self.text.chars().count() < INPUT_MAX {
                    self.text.push(*c);
                }
                None
            }
            Typed::Erase => {
                self.text.pop();
                None
            }
            Typed::Enter => Some(std::mem::take(&mut self.text)).filter(|line| !line.trim().is_empty()),
            Typed::Interrupt | Typed::Click { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{InputLine, Typed, TypedReader};

    #[test]
    fn keys_pastes_and_clicks_are_told_apart() {
        let mut reader = TypedReader::default();
        let typed = reader.read(
            "a\u{e9}\x7f\r\x1b[A\x1b[200~b\rc\x03\x1b[201~\x1b[<0;5;9M\x1b[<0;5;9m\x1b[<64;1;1M\x03"
                .as_bytes(),
        );
        assert_eq!(
            typed,
            [
                Typed::Character('a'),
                Typed::Character('\u{e9}'),
                Typed::Erase,
                Typed::Enter,
                Typed::Character('b'),
                Typed::Character(' '),
                Typed::Character('c'),
                Typed::Click { column: 5, row: 9 },
                Typed::Interrupt,
            ]
        );
    }

    #[test]
    fn bytes_may_be_split_anywhere() {
        let bytes = "x\u{4e2d}\u{1f600}y\x1b[<0;12;3M\x1b[200~z\x1b[201~".as_bytes();
        let whole = TypedReader::default().read(bytes);
        for cut in 0..bytes.len() {
            let mut reader = TypedReader::default();
            let mut typed = reader.read(&bytes[..cut]);
            typed.extend(reader.read(&bytes[cut..]));
            assert_eq!(typed, whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_is_sent_with_enter() {
        let mut line = InputLine::default();
        let mut reader = TypedReader::default();
        let sent: Vec<String> =
            reader.read(b"hx\x7fi\r\r ok").iter().filter_map(|typed| line.take(typed)).collect();
        assert_eq!((sent, line.text()), (vec!["hi".to_owned()], " ok"));
    }
}
