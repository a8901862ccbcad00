//! The operator's terminal: taken over when the room opens, given back when it closes, however it closes. A frame goes
//! out in one write between the marks of synchronised output (mode 2026).

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};

use super::app::App;
use super::draw::draw;
use super::pace::Pace;
use crate::session::screen::CursorShape;

/// Clicks, drags and the wheel in SGR form; no plain movement, which would be an event for every cell.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Why the terminal could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Standard output is none.
    #[error(
        "standard output is no terminal: the room needs one; `wavedeck status` and `wavedeck watch` do not"
    )]
    NotATerminal,
    /// It said no.
    #[error("the terminal cannot be used: {0}")]
    Io(#[from] io::Error),
}

/// Gathers a frame in memory; [`Output`] writes it whole.
#[derive(Clone, Default)]
struct Gathered(Rc<RefCell<Vec<u8>>>);

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Nothing: a frame is not torn at the library's own flushes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The operator's terminal while the room has it. Dropping it gives it back.
pub(crate) struct Output {
    terminal: Terminal<CrosstermBackend<Gathered>>,
    gathered: Gathered,
    file: File,
    shape: CursorShape,
}

impl Output {
    /// Takes the terminal over. A panic gives it back before it is reported.
    pub(crate) fn open() -> Result<Output, TerminalError> {
        if !io::stdout().is_terminal() {
            return Err(TerminalError::NotATerminal);
        }
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        enable_raw_mode()?;
        let file = own_file()?;
        let mut gathered = Gathered::default();
        queue!(
            gathered,
            EnterAlternateScreen,
            Print(MOUSE_ON),
            EnableBracketedPaste,
            EnableFocusChange,
            // Not asked for first: the question would block for two seconds where nobody answers it.
            PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
        )?;
        let terminal = Terminal::new(CrosstermBackend::new(gathered.clone()))?;
        let mut output = Output { terminal, gathered, file, shape: CursorShape::Block };
        output.emit()?;
        Ok(output)
    }

    /// Writes what was gathered. Gives the bytes, and for how long the terminal had no room for them.
    fn emit(&mut self) -> io::Result<(usize, Duration)> {
        let mut bytes = self.gathered.0.borrow_mut();
        let count = bytes.len();
        let mut waited = Duration::ZERO;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let began = Instant::now();
                    wait_for_room(&self.file)?;
                    waited += began.elapsed();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.clear();
        Ok((count, waited))
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws the room and writes what changed.
    pub(crate) fn draw(&mut self, app: &App, pace: &mut Pace) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| draw(app, frame))?;
        let shape = app.cursor_shape();
        if shape != self.shape {
            self.shape = shape;
            let style = match shape {
                CursorShape::Block => SetCursorStyle::SteadyBlock,
                CursorShape::Underline => SetCursorStyle::SteadyUnderScore,
                CursorShape::Bar => SetCursorStyle::SteadyBar,
            };
            queue!(self.terminal.backend_mut(), style)?;
        }
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        let began = Instant::now();
        let (bytes, waited) = self.emit()?;
        pace.wrote(bytes, began, Instant::now(), waited);
        Ok(())
    }

    /// Forgets what was drawn, so that the next frame is complete.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Puts a text on the clipboard (OSC 52).
    pub(crate) fn copy(&mut self, text: &str) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))?;
        self.emit().map(|_| ())
    }
}

/// The terminal opened anew and non-blocking, so that a write tells when there is no room. Standard output itself is shared
/// with whoever started the room, and is not to be changed; it is used where the terminal cannot be opened by its name.
fn own_file() -> io::Result<File> {
    let stdout = io::stdout();
    let opened = rustix::termios::ttyname(&stdout, Vec::new()).and_then(|name| {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::open(name, flags, Mode::empty())
    });
    match opened {
        Ok(own) => Ok(File::from(own)),
        Err(_) => Ok(File::from(stdout.as_fd().try_clone_to_owned()?)),
    }
}

fn wait_for_room(file: &File) -> io::Result<()> {
    match poll(&mut [PollFd::new(file, PollFlags::OUT)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back. Errors are of no use here: there is nobody left to tell.
fn give_back() {
    let _ = execute!(
        io::stdout(),
        PopKeyboardEnhancementFlags,
        DisableFocusChange,
        DisableBracketedPaste,
        Print(MOUSE_OFF),
        SetCursorStyle::DefaultUserShape,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}
