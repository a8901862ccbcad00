//! Characters that belong to the one before them: joined emoji, skin tones, flags and emoji presentation take the two
//! cells that programs count for them (Unicode UAX #29 and UTS #51; the core counts each part on its own).

use alacritty_terminal::Term;
use alacritty_terminal::event::EventListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::Handler;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const JOINER: char = '\u{200d}';
const EMOJI_PRESENTATION: char = '\u{fe0f}';
/// Most marks that one cell takes; what comes after them is dropped, so no text can make a cell grow without bound.
const MARKS_MAX: usize = 15;
/// A wide character that no program prints by chance at this place; it only reserves two cells.
const RESERVE: char = '\u{3000}';

/// Prints `character`. `after_joiner` is kept between calls: whether the last character was a joiner.
#[inline]
pub(crate) fn input<T: EventListener>(term: &mut Term<T>, character: char, after_joiner: &mut bool) {
    if stands_alone(character) {
        *after_joiner = false;
        term.input(character);
    } else {
        input_other(term, character, after_joiner);
    }
}

/// Whether `character` belongs to no other one, whatever stands before it. Not every such character is named here: only those
/// that agents print most (Latin, box drawing, kana, ideographs, Hangul syllables), because the look at others takes time.
#[inline]
fn stands_alone(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{2ff}'
            | '\u{2500}'..='\u{259f}'
            | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
    )
}

fn input_other<T: EventListener>(term: &mut Term<T>, character: char, after_joiner: &mut bool) {
    let joined = std::mem::replace(after_joiner, character == JOINER);
    let width = character.width().unwrap_or(0);
    if width == 0 {
        if let Some(place) = Place::before_cursor(term, Edge::Clamped) {
            place.attach(term, character);
            if character == EMOJI_PRESENTATION && pair_width(place.first(term), character) == 2 {
                place.widen(term);
            }
        }
        return;
    }
    let belongs = match character {
        '\u{1f3fb}'..='\u{1f3ff}' | '\u{1f1e6}'..='\u{1f1ff}' => true,
        _ => joined && is_pictograph(character),
    };
    let place = if belongs { Place::before_cursor(term, Edge::None) } else { None };
    match place.filter(|place| place.takes(term, character)) {
        Some(place) => {
            place.attach(term, character);
            place.widen(term);
        }
        None => term.input(character),
    }
}

/// Columns of two characters that may be one emoji.
fn pair_width(first: char, second: char) -> usize {
    let mut text = [0; 8];
    let length = first.encode_utf8(&mut text).len();
    let length = length + second.encode_utf8(&mut text[length..]).len();
    std::str::from_utf8(&text[..length]).map_or(0, UnicodeWidthStr::width)
}

/// What may stand on either side of a joiner.
fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{203c}' | '\u{2049}' | '\u{2100}'..='\u{2bff}' | '\u{3030}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

fn is_regional_indicator(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

/// What to do where nothing stands before the cursor.
enum Edge {
    /// Nothing is found.
    None,
    /// The first cell of the row is taken, as the core does for combining marks.
    Clamped,
}

/// The cell of the character before the cursor.
#[derive(Clone, Copy)]
struct Place {
    line: Line,
    column: Column,
}

impl Place {
    fn before_cursor<T>(term: &Term<T>, edge: Edge) -> Option<Place> {
        let cursor = &term.grid().cursor;
        let line = cursor.point.line;
        let mut column = cursor.point.column.0;
        if !cursor.input_needs_wrap {
            column = match (column.checked_sub(1), edge) {
                (Some(column), _) => column,
                (None, Edge::Clamped) => 0,
                (None, Edge::None) => return None,
            };
        }
        if term.grid()[line][Column(column)].flags.contains(Flags::WIDE_CHAR_SPACER) {
            column = column.saturating_sub(1);
        }
        Some(Place { line, column: Column(column) })
    }

    fn first<T>(self, term: &Term<T>) -> char {
        term.grid()[self.line][self.column].c
    }

    /// Whether `character` makes one emoji with what stands here.
    fn takes<T>(self, term: &Term<T>, character: char) -> bool {
        let cell = &term.grid()[self.line][self.column];
        let marks = cell.zerowidth().unwrap_or_default();
        if is_regional_indicator(character) {
            // Two letters make a flag; a third begins the next one.
            return is_regional_indicator(cell.c) && !marks.iter().copied().any(is_regional_indicator);
        }
        if marks.last() == Some(&JOINER) {
            return is_pictograph(cell.c) && is_pictograph(character);
        }
        let last = marks.iter().rev().find(|mark| **mark != EMOJI_PRESENTATION).copied().unwrap_or(cell.c);
        matches!(character, '\u{1f3fb}'..='\u{1f3ff}') && pair_width(last, character) == 2
    }

    fn attach<T>(self, term: &mut Term<T>, character: char) {
        let cell = &mut term.grid_mut()[self.line][self.column];
        if cell.zerowidth().map_or(0, <[char]>::len) < MARKS_MAX {
            cell.push_zerowidth(character);
        }
    }

    /// Gives the character here two cells, as if it had been printed with that width.
    fn widen<T: EventListener>(self, term: &mut Term<T>) {
        let mut cell = term.grid()[self.line][self.column].clone();
        if cell.flags.contains(Flags::WIDE_CHAR) {
            return;
        }
        let cursor = &mut term.grid_mut().cursor;
        let needed_wrap = std::mem::replace(&mut cursor.input_needs_wrap, false);
        let column = std::mem::replace(&mut cursor.point.column, self.column);
        if term.mode().contains(TermMode::INSERT) {
            term.delete_chars(1);
        }
        term.input(RESERVE);

        let cursor = &term.grid().cursor;
        let line = cursor.point.line;
        let behind = if cursor.input_needs_wrap { 1 } else { 2 };
        let placed = cursor.point.column.0.checked_sub(behind).map(Column);
        let reserved = |column: &Column| {
            let cell = &term.grid()[line][*column];
            cell.c == RESERVE && cell.flags.contains(Flags::WIDE_CHAR)
        };
        if let Some(placed) = placed.filter(reserved) {
            let right = &mut term.grid_mut()[line][placed + 1];
            right.fg = cell.fg;
            right.bg = cell.bg;
            cell.flags.remove(Flags::WRAPLINE);
            cell.flags.insert(Flags::WIDE_CHAR);
            term.grid_mut()[line][placed] = cell;
        } else {
            // In the last column without automatic wrapping there is no second cell: it stays narrow.
            let last = term.columns() - 1;
            let cursor = &mut term.grid_mut().cursor;
            cursor.point.column = Column(column.0.min(last));
            cursor.input_needs_wrap = needed_wrap;
        }
    }
}
