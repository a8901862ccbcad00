//! Where everything in the inbox lies: a list of questions, or one question in full.

use ratatui::layout::Rect;

use super::{Entry, Inbox, entry};
use crate::engine::QuestionId;
use crate::tui::text::wrap;
use crate::tui::told::Told;

const QUESTION_ROWS_MAX: usize = 6;
const TAIL_ROWS: u16 = 6;

/// The inbox on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Its title.
    pub(crate) title: Rect,
    /// Entries of the list.
    pub(crate) entries: Vec<(Entry, Rect)>,
    /// The question in full.
    pub(crate) detail: Option<Detail>,
    /// Questions that there was no room for.
    pub(crate) unseen: usize,
}

/// A question in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    /// The question.
    pub(crate) entry: Entry,
    /// Its text.
    pub(crate) text: Rect,
    /// Answers to choose from, by number.
    pub(crate) options: Vec<(u8, Rect)>,
    /// The last lines of its pane.
    pub(crate) tail: Rect,
    /// The answer being typed.
    pub(crate) editor: Rect,
}

/// Rows that the inbox would like to have.
pub(crate) fn desired(told: &Told, inbox: &Inbox, width: u16) -> u16 {
    let selected = inbox.selected.filter(|_| inbox.open).and_then(|id| entry(told, id));
    let rows = match selected {
        Some(entry) => {
            let text = wrap(&entry.text, inner(width)).len().min(QUESTION_ROWS_MAX);
            2 + text + entry.options.len().min(9) + usize::from(TAIL_ROWS) + usize::from(editor_rows(inbox))
        }
        None => 1 + inbox.order.len() * 2,
    };
    u16::try_from(rows).unwrap_or(u16::MAX)
}

fn inner(width: u16) -> u16 {
    width.saturating_sub(4)
}

fn editor_rows(inbox: &Inbox) -> u16 {
    let draft = inbox.selected.and_then(|id| inbox.drafts.get(&id));
    draft.map_or(1, |draft| draft.line_count().clamp(1, 4))
}

/// Lays the inbox into an area.
pub(crate) fn arrange(area: Rect, told: &Told, inbox: &Inbox) -> Listing {
    let mut listing = Listing { title: Rect { height: area.height.min(1), ..area }, ..Listing::default() };
    let body = Rect { y: area.y + listing.title.height, height: area.height - listing.title.height, ..area };
    let selected: Option<QuestionId> = inbox.selected.filter(|_| inbox.open);
    if let Some(entry) = selected.and_then(|id| entry(told, id)) {
        listing.unseen = inbox.order.len().saturating_sub(1);
        listing.detail = Some(detail(body, entry, inbox));
        return listing;
    }
    let mut y = body.y;
    // The selected question is always seen: the list begins with it when it would end below the area.
    let at = inbox.selected.and_then(|id| inbox.order.iter().position(|known| *known == id)).unwrap_or(0);
    let room = usize::from(body.height / 2).max(1);
    let first = if at >= room { at + 1 - room } else { 0 };
    for id in inbox.order.iter().skip(first) {
        let Some(entry) = entry(told, *id) else { continue };
        let height = if entry.options.is_empty() { 1 } else { 2 }.min(body.bottom().saturating_sub(y));
        if height == 0 {
            break;
        }
        listing.entries.push((entry, Rect { y, height, ..body }));
        y += height;
    }
    listing.unseen = inbox.order.len() - listing.entries.len();
    listing
}

fn detail(body: Rect, entry: Entry, inbox: &Inbox) -> Detail {
    let bottom = body.bottom();
    let mut y = body.y;
    let mut take = |rows: u16| {
        let height = rows.min(bottom - y);
        let rect = Rect { x: body.x + 3, y, width: body.width.saturating_sub(4), height };
        y += height;
        rect
    };
    let editor_height = editor_rows(inbox).min(body.height);
    let text_rows = wrap(&entry.text, inner(body.width)).len().min(QUESTION_ROWS_MAX);
    let text = take(u16::try_from(text_rows).unwrap_or(1).min(body.height.saturating_sub(editor_height)));
    let mut options = Vec::new();
    for number in (1..=9u8).take(entry.options.len()) {
        let left = bottom - take(0).y;
        if left > editor_height {
            options.push((number, take(1)));
        }
    }
    let left = bottom - take(0).y;
    let editor = take(editor_height.min(left));
    let left = bottom - take(0).y;
    let tail = take(left);
    Detail { entry, text, options, tail, editor }
}
