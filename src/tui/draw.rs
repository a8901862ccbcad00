//! Drawing the room: a pure function of its state. The same state and size give the same screen.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::app::{App, Kind, Region};
use super::form::draw as form;
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
    if let (Some(places), Some(form)) = (&regions.form, &app.form) {
        form::draw(&mut paint, places, form, &app.settings.keymap, regions.sheet.is_none());
    } else {
        tabs(&mut paint, &regions, app);
        views(&mut paint, &regions, app);
    }
    hints(&mut paint, regions.hints, app);
    if let (Some(sheet), Some(top)) = (&regions.sheet, app.layers.last()) {
        layer::draw(
            &mut paint,
            sheet,
            top,
            &app.settings.keymap,
            app.contexts_below(),
            &app.told,
            &app.board,
        );
        return None;
    }
    if regions.form.is_some() {
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
            board_top: board::arrange::waves(*area, &app.board).y,
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
    if let Some(notice) = app.notices.shown(app.now) {
        let role = match notice.weight {
            Weight::Plain => Role::Notice,
            Weight::Wrong => Role::Wrong,
        };
        paint.put(hint::line_of(area), &notice.text, role);
    }
    let dot = format!(" {} ", paint.glyphs.dot);
    for (index, hint) in hint::places(app, area).iter().enumerate() {
        if index > 0 {
            let before = Span { x: hint.place.x.saturating_sub(3), y: hint.place.y, width: 3 };
            paint.put(before, &dot, Role::Rule);
        }
        let pieces = [(hint.key.as_str(), Role::Key), (" ", Role::Hint), (hint.word, Role::Hint)];
        paint.pieces(Span::row(hint.place, 0), &pieces);
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
