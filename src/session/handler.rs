//! What the parser's calls do: most go to the core as they are; those that print go through `cluster`, those that scroll are
//! followed by a look at the history, and those that ask are answered here, in order.

use alacritty_terminal::Term;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::TermMode;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, CursorShape, CursorStyle, Handler, KeyboardModes,
    KeyboardModesApplyBehavior, LineClearMode, Mode, NamedMode, NamedPrivateMode, PrivateMode, Rgb,
    StandardCharset, TabulationClearMode,
};

use crate::session::core::{Side, after_scroll, drain, settle};
use crate::session::event::{TerminalEvent, clean};
use crate::session::{cluster, colours};

/// Deepest stack of window titles (XTWINOPS 22).
const TITLES_MAX: usize = 16;

/// Carries out one call at a time.
pub(crate) struct Performer<'a> {
    pub(crate) term: &'a mut Term<VoidListener>,
    pub(crate) side: &'a mut Side,
}

/// Modes that the library does not know and that are kept here.
mod mode {
    pub(super) const MOUSE_PRESSES: u16 = 9;
    pub(super) const ALTERNATE_SCREEN: u16 = 47;
    pub(super) const ALTERNATE_SCREEN_CLEARED: u16 = 1047;
    pub(super) const SAVED_CURSOR: u16 = 1048;
    pub(super) const CLUSTERS: u16 = 2027;
}

impl Performer<'_> {
    fn scrolled(&mut self) {
        after_scroll(self.term, self.side);
    }

    fn switch_screen(&mut self, to_alternate: bool) {
        if self.term.mode().contains(TermMode::ALT_SCREEN) == to_alternate {
            return;
        }
        if to_alternate {
            // Rows above the main screen cannot be reached while the other one is shown.
            drain(self.term, self.side, 0);
        }
        self.term.swap_alt();
        self.term.grid_mut().truncate();
        if !to_alternate {
            self.side.trimmed = false;
            settle(self.term, self.side);
        }
    }

    fn keyboard(&mut self) -> &mut crate::session::core::KeyboardFlags {
        let screen = usize::from(self.term.mode().contains(TermMode::ALT_SCREEN));
        &mut self.side.keyboard[screen]
    }

    fn set_title_to(&mut self, title: String) {
        if self.side.title != title {
            self.side.title.clone_from(&title);
            self.side.emit(TerminalEvent::Title(title));
        }
    }

    /// State of a private mode as DECRPM counts: 0 unknown, 1 set, 2 reset.
    fn private_mode_state(&self, private: PrivateMode) -> u8 {
        let modes = *self.term.mode();
        let on = match private {
            PrivateMode::Named(named) => match named {
                NamedPrivateMode::CursorKeys => modes.contains(TermMode::APP_CURSOR),
                NamedPrivateMode::Origin => modes.contains(TermMode::ORIGIN),
                NamedPrivateMode::LineWrap => modes.contains(TermMode::LINE_WRAP),
                NamedPrivateMode::BlinkingCursor => self.term.cursor_style().blinking,
                NamedPrivateMode::ShowCursor => modes.contains(TermMode::SHOW_CURSOR),
                NamedPrivateMode::ReportMouseClicks => modes.contains(TermMode::MOUSE_REPORT_CLICK),
                NamedPrivateMode::ReportCellMouseMotion => modes.contains(TermMode::MOUSE_DRAG),
                NamedPrivateMode::ReportAllMouseMotion => modes.contains(TermMode::MOUSE_MOTION),
                NamedPrivateMode::ReportFocusInOut => modes.contains(TermMode::FOCUS_IN_OUT),
                NamedPrivateMode::Utf8Mouse => modes.contains(TermMode::UTF8_MOUSE),
                NamedPrivateMode::SgrMouse => modes.contains(TermMode::SGR_MOUSE),
                NamedPrivateMode::AlternateScroll => modes.contains(TermMode::ALTERNATE_SCROLL),
                NamedPrivateMode::UrgencyHints => modes.contains(TermMode::URGENCY_HINTS),
                NamedPrivateMode::SwapScreenAndSetRestoreCursor => modes.contains(TermMode::ALT_SCREEN),
                NamedPrivateMode::BracketedPaste => modes.contains(TermMode::BRACKETED_PASTE),
                // A question inside an update is answered when the update has ended.
                NamedPrivateMode::SyncUpdate => false,
                NamedPrivateMode::ColumnMode => return 0,
            },
            PrivateMode::Unknown(mode::MOUSE_PRESSES) => self.side.mouse_presses_only,
            PrivateMode::Unknown(mode::ALTERNATE_SCREEN | mode::ALTERNATE_SCREEN_CLEARED) => {
                modes.contains(TermMode::ALT_SCREEN)
            }
            PrivateMode::Unknown(mode::CLUSTERS) => self.side.clusters,
            PrivateMode::Unknown(_) => return 0,
        };
        if on { 1 } else { 2 }
    }

    fn private_mode(&mut self, private: PrivateMode, on: bool) {
        match private {
            PrivateMode::Named(NamedPrivateMode::SwapScreenAndSetRestoreCursor)
            | PrivateMode::Unknown(mode::ALTERNATE_SCREEN | mode::ALTERNATE_SCREEN_CLEARED) => {
                self.switch_screen(on)
            }
            PrivateMode::Unknown(mode::MOUSE_PRESSES) => self.side.mouse_presses_only = on,
            PrivateMode::Unknown(mode::CLUSTERS) => self.side.clusters = on,
            PrivateMode::Unknown(mode::SAVED_CURSOR) if on => self.term.save_cursor_position(),
            PrivateMode::Unknown(mode::SAVED_CURSOR) => self.term.restore_cursor_position(),
            PrivateMode::Named(_) | PrivateMode::Unknown(_) if on => self.term.set_private_mode(private),
            PrivateMode::Named(_) | PrivateMode::Unknown(_) => self.term.unset_private_mode(private),
        }
    }
}

/// Calls that go to the core as they are.
macro_rules! pass_on {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(
            #[inline]
            fn $name(&mut self, $($argument: $kind),*) {
                self.term.$name($($argument),*);
            }
        )*
    };
}

/// The same, and rows may have left the screen.
macro_rules! pass_on_scrolling {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {
        $(
            #[inline]
            fn $name(&mut self, $($argument: $kind),*) {
                self.term.$name($($argument),*);
                self.scrolled();
            }
        )*
    };
}

impl Handler for Performer<'_> {
    #[inline]
    fn input(&mut self, character: char) {
        cluster::input(self.term, character, &mut self.side.after_joiner);
        self.scrolled();
    }

    pass_on_scrolling! {
        linefeed();
        newline();
        put_tab(count: u16);
        scroll_up(lines: usize);
        delete_lines(lines: usize);
    }

    pass_on! {
        set_cursor_style(style: Option<CursorStyle>);
        set_cursor_shape(shape: CursorShape);
        goto(line: i32, column: usize);
        goto_line(line: i32);
        goto_col(column: usize);
        insert_blank(count: usize);
        move_up(rows: usize);
        move_down(rows: usize);
        move_forward(columns: usize);
        move_backward(columns: usize);
        move_down_and_cr(rows: usize);
        move_up_and_cr(rows: usize);
        backspace();
        carriage_return();
        substitute();
        set_horizontal_tabstop();
        scroll_down(lines: usize);
        insert_blank_lines(lines: usize);
        erase_chars(count: usize);
        delete_chars(count: usize);
        move_backward_tabs(count: u16);
        move_forward_tabs(count: u16);
        save_cursor_position();
        restore_cursor_position();
        clear_line(mode: LineClearMode);
        clear_tabs(mode: TabulationClearMode);
        set_tabs(interval: u16);
        reverse_index();
        terminal_attribute(attribute: Attr);
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        set_scrolling_region(top: usize, bottom: Option<usize>);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        set_active_charset(index: CharsetIndex);
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        set_color(index: usize, colour: Rgb);
        reset_color(index: usize);
        decaln();
    }

    fn clear_screen(&mut self, mode: ClearMode) {
        let alternate = self.term.mode().contains(TermMode::ALT_SCREEN);
        if matches!(mode, ClearMode::Saved) && !alternate {
            self.side.history.clear();
        }
        self.term.clear_screen(mode);
        self.scrolled();
    }

    fn reset_state(&mut self) {
        self.term.reset_state();
        self.side.reset();
        settle(self.term, self.side);
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        self.private_mode(mode, true);
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        self.private_mode(mode, false);
    }

    fn bell(&mut self) {
        self.side.emit(TerminalEvent::Bell);
    }

    fn set_title(&mut self, title: Option<String>) {
        self.set_title_to(clean(&title.unwrap_or_default()));
    }

    fn push_title(&mut self) {
        if self.side.saved_titles.len() >= TITLES_MAX {
            self.side.saved_titles.remove(0);
        }
        self.side.saved_titles.push(self.side.title.clone());
    }

    fn pop_title(&mut self) {
        if let Some(title) = self.side.saved_titles.pop() {
            self.set_title_to(title);
        }
    }

    fn identify_terminal(&mut self, intermediate: Option<char>) {
        match intermediate {
            // A VT220 with colours: what is meant by that is what programs test for.
            None => self.side.reply("\x1b[?62;22c"),
            Some('>') => self.side.reply("\x1b[>1;100;0c"),
            Some(_) => {}
        }
    }

    fn device_status(&mut self, what: usize) {
        match what {
            5 => self.side.reply("\x1b[0n"),
            6 => {
                let point = self.term.grid().cursor.point;
                self.side.reply(&format!("\x1b[{};{}R", point.line.0 + 1, point.column.0 + 1));
            }
            _ => {}
        }
    }

    fn report_mode(&mut self, mode: Mode) {
        let on = match mode {
            Mode::Named(NamedMode::Insert) => Some(TermMode::INSERT),
            Mode::Named(NamedMode::LineFeedNewLine) => Some(TermMode::LINE_FEED_NEW_LINE),
            Mode::Unknown(_) => None,
        };
        let state = on.map_or(0, |flag| if self.term.mode().contains(flag) { 1 } else { 2 });
        self.side.reply(&format!("\x1b[{};{state}$y", mode.raw()));
    }

    fn report_private_mode(&mut self, mode: PrivateMode) {
        let state = self.private_mode_state(mode);
        self.side.reply(&format!("\x1b[?{};{state}$y", mode.raw()));
    }

    fn report_keyboard_mode(&mut self) {
        let flags = self.keyboard().current;
        self.side.reply(&format!("\x1b[?{flags}u"));
    }

    fn push_keyboard_mode(&mut self, mode: KeyboardModes) {
        self.keyboard().push(mode.bits());
    }

    fn pop_keyboard_modes(&mut self, count: u16) {
        self.keyboard().pop(count);
    }

    fn set_keyboard_mode(&mut self, mode: KeyboardModes, behaviour: KeyboardModesApplyBehavior) {
        let flags = self.keyboard();
        flags.current = match behaviour {
            KeyboardModesApplyBehavior::Replace => mode.bits(),
            KeyboardModesApplyBehavior::Union => flags.current | mode.bits(),
            KeyboardModesApplyBehavior::Difference => flags.current & !mode.bits(),
        };
    }

    fn report_modify_other_keys(&mut self) {
        self.side.reply("\x1b[>4;0m");
    }

    fn dynamic_color_sequence(&mut self, prefix: String, index: usize, terminator: &str) {
        let (red, green, blue) = colours::answer(index, self.term.colors(), &self.side.colours);
        self.side.reply(&format!(
            "\x1b]{prefix};rgb:{red:02x}{red:02x}/{green:02x}{green:02x}/{blue:02x}{blue:02x}{terminator}"
        ));
    }

    fn text_area_size_chars(&mut self) {
        let (rows, columns) = (self.term.screen_lines(), self.term.columns());
        self.side.reply(&format!("\x1b[8;{rows};{columns}t"));
    }
}
