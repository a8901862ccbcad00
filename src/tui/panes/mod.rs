//! The panes: agents' terminals side by side. Their view state lives here: which are shown in which order, which has the
//! focus, who is typed into, how far each is scrolled back. What a terminal shows is told, not kept.

pub mod blit;
pub(crate) mod draw;
pub(crate) mod place;
pub(crate) mod scroll;
pub(crate) mod tile;

use std::collections::{BTreeMap, BTreeSet};

use self::scroll::Scroll;

/// Most panes that a room with a plan shows at once.
pub(crate) const VISIBLE_MAX: usize = 9;

/// Whether keys go to the child or to the room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Typing {
    /// To the room.
    #[default]
    Off,
    /// To the child, all but the keys that leave.
    On,
}

/// How panes share the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Side by side.
    #[default]
    Tiled,
    /// One at a time.
    Alone,
}

/// View state of the panes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Panes {
    /// Terminals in their places; the first ones are visible.
    pub(crate) order: Vec<String>,
    /// The one with the focus.
    pub(crate) focus: Option<String>,
    /// Whether keys go to it.
    pub(crate) typing: Typing,
    /// How they share the screen.
    pub(crate) sharing: Sharing,
    /// Those that keep their place.
    pub(crate) pinned: BTreeSet<String>,
    /// How many of them run.
    pub(crate) running: usize,
    /// How many are visible, where the operator said so.
    pub(crate) count: Option<usize>,
    /// Those that are scrolled back.
    pub(crate) scrolls: BTreeMap<String, Scroll>,
}

impl Panes {
    /// The terminal that keys go to.
    pub(crate) fn typed(&self) -> Option<&String> {
        self.focus.as_ref().filter(|_| self.typing == Typing::On)
    }

    /// Gives the focus to a terminal that has a place.
    pub(crate) fn focus_on(&mut self, session: &str) {
        if self.order.iter().any(|known| known == session) && self.focus.as_deref() != Some(session) {
            self.focus = Some(session.to_string());
            self.typing = Typing::Off;
        }
    }

    /// Gives the focus to the terminal in the place with this number, from 1.
    pub(crate) fn focus_number(&mut self, number: usize) -> bool {
        let Some(session) = number.checked_sub(1).and_then(|index| self.order.get(index)).cloned() else {
            return false;
        };
        let typing = self.typing;
        self.focus_on(&session);
        self.typing = typing;
        true
    }

    /// Gives the focus to the terminal in the place after (or before) the focused one.
    pub(crate) fn focus_beside(&mut self, backwards: bool) {
        let count = self.order.len();
        if count == 0 {
            return;
        }
        let at = self.order.iter().position(|known| Some(known) == self.focus.as_ref());
        let index = match (at, backwards) {
            (Some(at), false) => (at + 1) % count,
            (Some(at), true) => (at + count - 1) % count,
            (None, _) => 0,
        };
        self.focus_number(index + 1);
    }

    /// Shows one alone, or all again.
    pub(crate) fn toggle_alone(&mut self) {
        self.sharing = match self.sharing {
            Sharing::Tiled => Sharing::Alone,
            Sharing::Alone => Sharing::Tiled,
        };
    }
}
