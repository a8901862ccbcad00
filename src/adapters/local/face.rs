//! How the simulator looks: lines that scroll by with a spinner below them, as most agents draw, or a box that takes the
//! whole screen. Both show the same: what is done, what is going on, what was typed.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use super::terminal::{Fill, Terminal, fitted, spoken};
use super::typed::{InputLine, Typed};

const SPINNER: [&str; 10] = [
    "\u{280b}", "\u{2819}", "\u{2839}", "\u{2838}", "\u{283c}", "\u{2834}", "\u{2826}", "\u{2827}",
    "\u{2807}", "\u{280f}",
];

const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const BORDER: &str = "\x1b[38;5;67m";

/// Lines that the box remembers.
const LOG_MAX: usize = 500;

/// Widest header box.
const HEADER_COLUMNS: usize = 64;

/// Rows from which on there is room for a header and for lines between the parts of the box.
const ROOMY_ROWS: usize = 16;

/// What a line is about; decides its bullet and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something was done.
    Done,
    /// Something was said.
    Said,
    /// Somebody is asked.
    Asked,
    /// Something went wrong.
    Wrong,
}

impl Tone {
    fn bullet(self) -> String {
        match self {
            Tone::Done => format!("{GREEN}\u{2022}{RESET}"),
            Tone::Said => format!("{DIM}\u{2022}{RESET}"),
            Tone::Asked => format!("{YELLOW}?{RESET}"),
            Tone::Wrong => format!("{RED}\u{2717}{RESET}"),
        }
    }
}

/// What the simulator draws on.
#[derive(Debug)]
pub(super) struct Face {
    terminal: Terminal,
    layout: Layout,
    /// `A1 Eviction bound`.
    name: String,
    /// Lines of the header.
    about: Vec<String>,
    started: Instant,
    status: Option<Status>,
    pictures: usize,
    input: InputLine,
    /// What was said, with the layout that it was said in.
    log: VecDeque<(Layout, String)>,
    click: Option<(u16, u16)>,
}

/// What is going on.
#[derive(Debug)]
struct Status {
    text: String,
    since: Instant,
    motion: Motion,
}

/// Whether a status moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    /// It works: the spinner turns and the time counts.
    Moving,
    /// It waits: nothing moves, so that nothing has to be drawn.
    Still,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Lines,
    Box,
}

impl Face {
    /// Shows who is at work.
    pub(super) fn open(terminal: Terminal, name: String, about: Vec<String>) -> io::Result<Face> {
        let mut face = Face {
            terminal,
            layout: Layout::Lines,
            name,
            about,
            started: Instant::now(),
            status: None,
            pictures: 0,
            input: InputLine::default(),
            log: VecDeque::new(),
            click: None,
        };
        let title = format!("\x1b]2;{}\x07", face.name);
        face.terminal.write(&title)?;
        let header = face.header();
        face.terminal.write(&header)?;
        Ok(face)
    }

    /// Goes on in the alternate screen.
    pub(super) fn take_whole_screen(&mut self) -> io::Result<()> {
        if self.layout == Layout::Box {
            return Ok(());
        }
        self.clear_status()?;
        self.layout = Layout::Box;
        self.terminal.enter_full_screen()?;
        self.draw()
    }

    /// A bullet with details below it.
    pub(super) fn line(&mut self, tone: Tone, text: &str, details: &[String]) -> io::Result<()> {
        let text = match tone {
            Tone::Done | Tone::Said => text.to_owned(),
            Tone::Asked => format!("{YELLOW}{BOLD}{text}{RESET}"),
            Tone::Wrong => format!("{RED}{text}{RESET}"),
        };
        let mut lines = vec![format!("{} {text}", tone.bullet())];
        for (index, detail) in details.iter().enumerate() {
            let corner = if index == 0 { "\u{2514}" } else { " " };
            lines.push(format!("  {DIM}{corner}{RESET} {detail}"));
        }
        self.lines(lines)
    }

    /// Lines as they are: no bullet, and nothing in front of a marker.
    pub(super) fn plain(&mut self, lines: &[String]) -> io::Result<()> {
        self.lines(lines.to_vec())
    }

    /// Bytes as they are, past everything.
    pub(super) fn pour(&mut self, text: &str) -> io::Result<()> {
        self.terminal.write(text)
    }

    fn lines(&mut self, lines: Vec<String>) -> io::Result<()> {
        if self.layout == Layout::Lines {
            self.clear_status()?;
            let mut text = lines.join("\n");
            text.push('\n');
            self.terminal.write(&text)?;
        }
        let layout = self.layout;
        self.log.extend(lines.into_iter().map(|line| (layout, line)));
        let over = self.log.len().saturating_sub(LOG_MAX);
        self.log.drain(..over);
        self.draw()
    }

    /// What goes on from here.
    pub(super) fn set_status(&mut self, text: &str, motion: Motion) -> io::Result<()> {
        self.status = Some(Status { text: text.to_owned(), since: Instant::now(), motion });
        self.draw()
    }

    /// Nothing goes on.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.clear_status()?;
        self.status = None;
        self.draw()
    }

    /// The next picture of the spinner.
    pub(super) fn next_picture(&mut self) -> io::Result<()> {
        self.pictures += 1;
        self.draw()
    }

    /// Shows what was typed; gives a line that was sent.
    pub(super) fn take(&mut self, typed: &Typed) -> io::Result<Option<String>> {
        if let Typed::Click { column, row } = typed {
            self.click = Some((*column, *row));
        }
        let sent = self.input.take(typed);
        self.draw()?;
        Ok(sent)
    }

    /// Draws again, in the size that the terminal has now.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        let picture = match self.layout {
            Layout::Lines => self.status_line(),
            Layout::Box => Some(self.whole_box()),
        };
        match picture {
            Some(picture) => self.terminal.write(&picture),
            None => Ok(()),
        }
    }

    /// Gives the screen back. What was said in the box is said again below it, so that it can be read afterwards.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.clear_status()?;
        self.status = None;
        self.terminal.close()?;
        if self.layout == Layout::Box {
            self.layout = Layout::Lines;
            let log = std::mem::take(&mut self.log);
            let unseen = log.into_iter().filter(|(layout, _)| *layout == Layout::Box);
            self.lines(unseen.map(|(_, line)| line).collect())?;
        }
        Ok(())
    }

    fn clear_status(&mut self) -> io::Result<()> {
        match (self.layout, &self.status) {
            (Layout::Lines, Some(_)) => self.terminal.write("\r\x1b[2K"),
            (Layout::Lines | Layout::Box, _) => Ok(()),
        }
    }

    fn header(&self) -> String {
        let (columns, rows) = self.terminal.size();
        if usize::from(rows) < ROOMY_ROWS {
            let line = format!("{BOLD}>_ {}{RESET} {DIM}{}{RESET}", self.name, self.about.join(" \u{b7} "));
            return format!("{}\n", fitted(&line, usize::from(columns), Fill::Nothing));
        }
        let inner = usize::from(columns).saturating_sub(4).min(HEADER_COLUMNS - 4);
        let mut header = format!("{DIM}\u{256d}{}\u{256e}{RESET}\n", "\u{2500}".repeat(inner + 2));
        for (index, line) in [&self.name].into_iter().chain(&self.about).enumerate() {
            let text =
                if index == 0 { format!("{BOLD}>_ {line}{RESET}") } else { format!("{DIM}{line}{RESET}") };
            let text = fitted(&text, inner, Fill::Blanks);
            header.push_str(&format!("{DIM}\u{2502}{RESET} {text} {DIM}\u{2502}{RESET}\n"));
        }
        header.push_str(&format!("{DIM}\u{2570}{}\u{256f}{RESET}\n\n", "\u{2500}".repeat(inner + 2)));
        header
    }

    /// Glyph, text and time of what is going on.
    fn status_text(&self) -> Option<String> {
        let Status { text, since, motion } = self.status.as_ref()?;
        Some(match motion {
            Motion::Moving => {
                let glyph = SPINNER[self.pictures % SPINNER.len()];
                format!("{CYAN}{glyph}{RESET} {text} {DIM}{}{RESET}", spoken(since.elapsed()))
            }
            Motion::Still => format!("{YELLOW}\u{25d0} {text}{RESET}"),
        })
    }

    /// One line that never wraps: it is written over in place.
    fn status_line(&self) -> Option<String> {
        let status = self.status_text()?;
        let (columns, _) = self.terminal.size();
        let typed = match self.input.text() {
            "" => format!("{DIM}\u{2022} type, Enter sends{RESET}"),
            text => format!("\u{203a} {text}"),
        };
        let line = format!("{status} {typed}");
        let line = fitted(&line, usize::from(columns).saturating_sub(1), Fill::Nothing);
        Some(format!("\r\x1b[2K{line}"))
    }

    /// The whole picture, as one synchronized update.
    fn whole_box(&self) -> String {
        let (columns, rows) = self.terminal.size();
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        let mut picture = String::from("\x1b[?2026h");
        let lines = self.box_rows(columns, rows);
        for (row, line) in lines.iter().enumerate() {
            picture.push_str(&format!("\x1b[{};1H{line}\x1b[K", row + 1));
        }
        picture.push_str("\x1b[J\x1b[?2026l");
        picture
    }

    fn box_rows(&self, columns: usize, rows: usize) -> Vec<String> {
        if columns < 20 || rows < 5 {
            return vec![fitted(&self.name, columns, Fill::Nothing)];
        }
        let inner = columns - 4;
        let edge = |left: &str, title: &str, right: &str| {
            let bar = "\u{2500}".repeat(columns.saturating_sub(4 + width_of(title)));
            let line = format!("{BORDER}{left}\u{2500}{RESET}{title}{BORDER}{bar}\u{2500}{right}{RESET}");
            fitted(&line, columns, Fill::Nothing)
        };
        let row = |text: &str| {
            let text = fitted(text, inner, Fill::Blanks);
            format!("{BORDER}\u{2502}{RESET} {text}{RESET} {BORDER}\u{2502}{RESET}")
        };
        let status = self.status_text().unwrap_or_else(|| format!("{DIM}idle{RESET}"));
        let mut lines = vec![edge("\u{256d}", &format!(" {BOLD}{}{RESET} ", self.name), "\u{256e}")];
        let rule = edge("\u{251c}", "", "\u{2524}");
        let roomy = rows >= ROOMY_ROWS;
        if roomy {
            lines.extend(self.about.iter().map(|line| row(&format!("{DIM}{line}{RESET}"))));
            lines.push(rule.clone());
        }
        let below = if roomy { 4 } else { 3 };
        let log_rows = rows.saturating_sub(lines.len() + below);
        let first = self.log.len().saturating_sub(log_rows);
        lines.extend(self.log.iter().skip(first).map(|(_, line)| row(line)));
        lines.extend((self.log.len().min(log_rows)..log_rows).map(|_| row("")));
        lines.push(row(&status));
        if roomy {
            lines.push(rule);
        }
        lines.push(row(&format!("\u{203a} {}\u{258f}", self.input.text())));
        let click =
            self.click.map_or(String::new(), |(column, row)| format!(" clicked {column},{row} \u{2022}"));
        let elapsed = spoken(self.started.elapsed());
        let foot =
            format!("{DIM}{click} {columns}x{rows} \u{2022} {elapsed} \u{2022} type, Enter sends {RESET}");
        lines.push(edge("\u{2570}", &foot, "\u{256f}"));
        lines
    }
}

/// Cells of a text, escape sequences not counted.
fn width_of(text: &str) -> usize {
    let mut in_sequence = false;
    let visible = text.chars().filter(|c| {
        if in_sequence || *c == '\x1b' {
            in_sequence = *c == '\x1b' || !c.is_ascii_alphabetic();
            return false;
        }
        true
    });
    visible.map(|c| unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)).sum()
}
