//! Drawing the room: a pure function of its state. The same state and size give the same screen.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::app::{App, Kind, Region};
use super::keymap::Context;
use super::layout::{COLUMNS_MIN, ROWS_MIN, Regions, Shape, layout};
use super::notice::Weight;
use super::paint::Paint;
use super::text::Span;
use super::theme::Role;
use super::verb::{Plain, Verb};
use super::{board, hint, inbox, layer, panes, status};

/// Draws the room into a frame and sets the cursor where the child that is typed into has it.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    if let Some(cursor) = draw_into(app, area, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// Draws the room into a buffer and gives back where the cursor is to be.
pub fn draw_into(app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let regions = layout(area, app);
    let mut paint = Paint { buffer, theme: &app.settings.theme, glyphs: &app.settings.glyphs };
    paint.clear(area, Role::Base);
    if regions.shape == Shape::TooSmall {
        too_small(&mut paint, area);
        return None;
    }
    match app.settings.kind {
        Kind::Plan => status::draw(&mut paint, regions.status, &app.told, app.now),
        Kind::Shells => status::draw_shells(&mut paint, regions.status, &app.told),
    }
    if let Some(rule) = regions.rule {
        paint.rule(rule, Role::Rule);
    }
    tabs(&mut paint, &regions, app);
    views(&mut paint, &regions, app);
    hints(&mut paint, regions.hints, app);
    if let (Some(sheet), Some(top)) = (&regions.sheet, app.layers.last()) {
        layer::draw(&mut paint, sheet, top, &app.settings.keymap, app.contexts_below(), &app.told);
        return None;
    }
    let (_, tiling) = regions.panes.as_ref()?;
    panes::draw::cursor(tiling, &app.told, &app.panes)
}

fn views(paint: &mut Paint<'_>, regions: &Regions, app: &App) {
    let focused = |region: Region| app.focus == region && app.layers.is_empty();
    if let Some((area, grid)) = &regions.board {
        let scene = board::draw::Scene {
            told: &app.told,
            board: &app.board,
            focused: focused(Region::Board),
            now: app.now,
        };
        board::draw::draw(paint, *area, grid, &scene);
    }
    if let Some((area, tiling)) = &regions.panes {
        let leave = app.settings.keymap.chord(app.typing_contexts(), Verb::Plain(Plain::LeavePane));
        let scene = panes::draw::Scene {
            told: &app.told,
            panes: &app.panes,
            focused: focused(Region::Panes),
            leave: leave.map(|chord| chord.to_string()).unwrap_or_default(),
            now: app.now,
        };
        panes::draw::draw(paint, *area, tiling, &scene);
    }
    if let Some((_, listing)) = &regions.inbox {
        let scene = inbox::draw::Scene {
            told: &app.told,
            inbox: &app.inbox,
            focused: focused(Region::Inbox),
            now: app.now,
        };
        inbox::draw::draw(paint, listing, &scene);
    }
}

fn tabs(paint: &mut Paint<'_>, regions: &Regions, app: &App) {
    for (region, rect) in &regions.tabs {
        let here = app.focus == *region;
        let (name, count) = match region {
            Region::Board => ("board", String::new()),
            Region::Panes => ("agents", counted(app.panes.order.len())),
            Region::Inbox => ("inbox", counted(app.inbox.order.len())),
        };
        let verb = match region {
            Region::Board => Plain::FocusBoard,
            Region::Panes => Plain::FocusPanes,
            Region::Inbox => Plain::FocusInbox,
        };
        let key = app.settings.keymap.chord(&[Context::Global], Verb::Plain(verb));
        let key = key.map(|chord| format!("{chord} ")).unwrap_or_default();
        let waiting = *region == Region::Inbox && !app.inbox.order.is_empty();
        let count_role = if waiting { Role::Waiting } else { Role::Muted };
        let role = if here { Role::Focus } else { Role::Muted };
        paint.pieces(
            Span::row(*rect, 0),
            &[
                (&key, if here { Role::Focus } else { Role::Key }),
                (name, role),
                (" ", role),
                (&count, count_role),
            ],
        );
    }
}

fn counted(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" {count} ") }
}

fn hints(paint: &mut Paint<'_>, area: Rect, app: &App) {
    let mut place = Span::row(area, 0).after(1).before_last(1);
    if let Some(notice) = app.notices.shown(app.now) {
        let role = match notice.weight {
            Weight::Plain => Role::Notice,
            Weight::Wrong => Role::Wrong,
        };
        let used = paint.put(place, &notice.text, role);
        place = place.after(used + 3);
    }
    let dot = format!(" {} ", paint.glyphs.dot);
    let applies = |verb: Verb| applies(app, verb);
    for (index, (key, word)) in hint::line(&app.settings.keymap, app.contexts(), applies).iter().enumerate() {
        let wide = super::text::width(key) + 1 + super::text::width(word) + if index > 0 { 3 } else { 0 };
        if wide > place.width {
            break;
        }
        let lead = if index > 0 { dot.as_str() } else { "" };
        let used = paint
            .pieces(place, &[(lead, Role::Rule), (key, Role::Key), (" ", Role::Hint), (word, Role::Hint)]);
        place = place.after(used);
    }
}

/// Whether a verb does anything now, where that does not follow from the place alone.
fn applies(app: &App, verb: Verb) -> bool {
    let terminal = || {
        let session = app.panes.focus.as_ref().and_then(|name| app.told.session(name));
        session.is_some_and(|session| session.running)
    };
    match (app.contexts().first(), verb) {
        (Some(Context::Inbox), Verb::Plain(Plain::Open | Plain::Down)) => !app.inbox.order.is_empty(),
        (Some(Context::Inbox), Verb::Choose(_)) => {
            let entry = app.inbox.selected.and_then(|id| inbox::entry(&app.told, id));
            entry.is_some_and(|entry| !entry.options.is_empty())
        }
        (Some(Context::Panes), Verb::Plain(Plain::Open)) => terminal(),
        (_, Verb::Plain(Plain::AnswerNext)) => !app.inbox.order.is_empty(),
        _ => true,
    }
}

fn too_small(paint: &mut Paint<'_>, area: Rect) {
    let lines = [
        format!("Too small: {}x{}.", area.width, area.height),
        format!("Needs {COLUMNS_MIN}x{ROWS_MIN}; agents go on."),
    ];
    let mut row = 0;
    for line in &lines {
        let below =
            Rect { y: area.y + row.min(area.height), height: area.height.saturating_sub(row), ..area };
        row += paint.paragraph(below, line, Role::Text);
    }
}
