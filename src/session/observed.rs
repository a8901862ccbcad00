//! What readers have seen: each row of the screen as bytes with the number of the state in which it last changed, so any
//! number of readers can ask at any pace for what is new to them.

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::{TermDamage, TermMode};
use alacritty_terminal::vte::ansi;

use crate::session::cells::{self, Purpose};
use crate::session::core::Core;
use crate::session::screen::{Cursor, CursorShape, Modes, ScreenUpdate};
use crate::session::wire;

/// A blank row as `wire` writes it.
const BLANK: &[u8] = &[0];

/// The state that readers can be brought to.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    generation: u64,
    /// The generation in which the size last changed; a reader from before it gets everything.
    sized: u64,
    rows: Vec<ObservedRow>,
    columns: u16,
    cursor: Cursor,
    modes: Modes,
    title: String,
    scrollback_rows: u64,
    scratch: Vec<u8>,
}

#[derive(Debug, Default)]
struct ObservedRow {
    changed: u64,
    encoded: Vec<u8>,
}

impl Observed {
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes in what has changed; a new generation begins only where something did.
    pub(crate) fn fold(&mut self, core: &mut Core, scrollback_rows: u64) {
        let next = self.generation + 1;
        let mut changed = false;
        let columns = u16::try_from(core.term.columns()).unwrap_or(u16::MAX);
        if self.rows.len() != core.term.screen_lines() || self.columns != columns {
            self.columns = columns;
            self.rows.clear();
            self.rows.resize_with(core.term.screen_lines(), || ObservedRow {
                changed: next,
                encoded: BLANK.to_vec(),
            });
            self.sized = next;
            changed = true;
        }

        // The library's damage says which rows may have changed; whether they have, their bytes say.
        let damaged: Option<Vec<usize>> = match core.term.damage() {
            TermDamage::Full => None,
            TermDamage::Partial(lines) => Some(lines.map(|bounds| bounds.line).collect()),
        };
        core.term.reset_damage();
        match damaged {
            None => (0..self.rows.len()).for_each(|index| changed |= self.fold_row(core, index, next)),
            Some(lines) => {
                for index in lines {
                    // Overwriting the wide character at a row's start changes the end of the row before, which the library does
                    // not count as damage.
                    if let Some(before) = index.checked_sub(1).filter(|before| self.is_wrapped(*before)) {
                        changed |= self.fold_row(core, before, next);
                    }
                    changed |= self.fold_row(core, index, next);
                }
            }
        }

        let (cursor, modes) = (cursor_of(core), modes_of(core));
        changed |= cursor != self.cursor || modes != self.modes || scrollback_rows != self.scrollback_rows;
        changed |= core.side.title != self.title;
        if changed {
            self.generation = next;
            self.cursor = cursor;
            self.modes = modes;
            self.scrollback_rows = scrollback_rows;
            self.title.clone_from(&core.side.title);
        }
    }

    fn is_wrapped(&self, index: usize) -> bool {
        self.rows.get(index).is_some_and(|row| wire::read::is_wrapped(&row.encoded))
    }

    fn fold_row(&mut self, core: &Core, index: usize, next: u64) -> bool {
        let Some(row) = self.rows.get_mut(index) else { return false };
        self.scratch.clear();
        let line = Line(i32::try_from(index).unwrap_or(i32::MAX));
        cells::put_row(&mut self.scratch, &core.term.grid()[line], core.term.colors(), Purpose::Screen);
        if row.encoded == self.scratch {
            return false;
        }
        row.encoded.clone_from(&self.scratch);
        row.changed = next;
        true
    }

    /// The update for a reader of `generation` without its rows, and the rows that it needs.
    fn since(&self, generation: u64) -> Option<(ScreenUpdate, impl Iterator<Item = (u16, &[u8])>)> {
        if generation == self.generation {
            return None;
        }
        let complete = generation < self.sized || generation > self.generation;
        let head = ScreenUpdate {
            session: String::new(),
            generation: self.generation,
            complete,
            size: (self.columns, u16::try_from(self.rows.len()).unwrap_or(u16::MAX)),
            rows: Vec::new(),
            cursor: self.cursor,
            modes: self.modes,
            title: self.title.clone(),
            scrollback_rows: self.scrollback_rows,
        };
        let rows = (0_u16..)
            .zip(&self.rows)
            .filter(move |(_, row)| if complete { row.encoded != BLANK } else { row.changed > generation });
        Some((head, rows.map(|(index, row)| (index, row.encoded.as_slice()))))
    }

    /// The update as a value.
    pub(crate) fn update_since(&self, generation: u64) -> Option<ScreenUpdate> {
        let (mut update, rows) = self.since(generation)?;
        // What was encoded here decodes; a row that would not is shown blank.
        update.rows =
            rows.map(|(index, bytes)| (index, wire::decode_row(bytes).unwrap_or_default())).collect();
        Some(update)
    }

    /// The same update as `wire::encode_update` would write it, without building the rows.
    pub(crate) fn encoded_since(&self, session: &str, generation: u64) -> Option<(u64, Vec<u8>)> {
        let (mut head, rows) = self.since(generation)?;
        session.clone_into(&mut head.session);
        let rows: Vec<(u16, &[u8])> = rows.collect();
        let bytes: usize = rows.iter().map(|(_, bytes)| bytes.len() + 3).sum();
        let mut out = Vec::with_capacity(bytes + head.session.len() + head.title.len() + 64);
        wire::put_update_head(&mut out, &head, rows.len());
        for (index, bytes) in rows {
            wire::put_row_index(&mut out, index);
            out.extend_from_slice(bytes);
        }
        Some((head.generation, out))
    }
}

/// The cursor as it is now.
pub(crate) fn cursor_of(core: &Core) -> Cursor {
    let point = core.term.grid().cursor.point;
    let (shape, shown) = match core.term.cursor_style().shape {
        ansi::CursorShape::Block | ansi::CursorShape::HollowBlock => (CursorShape::Block, true),
        ansi::CursorShape::Underline => (CursorShape::Underline, true),
        ansi::CursorShape::Beam => (CursorShape::Bar, true),
        ansi::CursorShape::Hidden => (CursorShape::Block, false),
    };
    Cursor {
        column: u16::try_from(point.column.0).unwrap_or(u16::MAX),
        row: u16::try_from(point.line.0).unwrap_or(0),
        visible: shown && core.term.mode().contains(TermMode::SHOW_CURSOR),
        shape,
    }
}

/// The modes as they are now.
pub(crate) fn modes_of(core: &Core) -> Modes {
    let modes = core.term.mode();
    Modes {
        alternate_screen: modes.contains(TermMode::ALT_SCREEN),
        mouse: modes.intersects(TermMode::MOUSE_MODE) || core.side.mouse_presses_only,
        bracketed_paste: modes.contains(TermMode::BRACKETED_PASTE),
    }
}
