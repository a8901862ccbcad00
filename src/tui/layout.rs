//! Where everything lies: one function from the size of the screen and the room's state to regions, which drawing and
//! the mouse both read. So what is under the pointer is what was drawn there.

use ratatui::layout::{Position, Rect};

use super::app::{App, Kind, Region};
use super::board::ColumnKey;
use super::board::arrange::{self as board, Grid};
use super::form::arrange::{self as form, Places, Spot};
use super::hint;
use super::inbox::arrange::{self as inbox, Listing};
use super::layer::{self, Layer, Sheet};
use super::panes::tile::{self, Tiling};
use super::panes::{Panes, Sharing};
use super::verb::Verb;
use crate::engine::QuestionId;
use crate::session::Size;

/// Columns from which board and panes stand side by side.
pub(crate) const WIDE: u16 = 160;
/// Columns from which board and panes stand one above the other.
pub(crate) const MEDIUM: u16 = 100;
/// Columns below which nothing can be shown.
pub(crate) const COLUMNS_MIN: u16 = 40;
/// Rows below which nothing can be shown.
pub(crate) const ROWS_MIN: u16 = 10;

/// How regions share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Side by side.
    Wide,
    /// One above the other.
    Medium,
    /// One at a time.
    Narrow,
    /// Nothing can be shown but that.
    TooSmall,
}

/// Regions of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Regions {
    /// How they share it.
    pub(crate) shape: Shape,
    /// All of it.
    pub(crate) area: Rect,
    /// The status line.
    pub(crate) status: Rect,
    /// The rule below it, where there is room.
    pub(crate) rule: Option<Rect>,
    /// Names of regions that are shown one at a time.
    pub(crate) tabs: Vec<(Region, Rect)>,
    /// The board.
    pub(crate) board: Option<(Rect, Grid)>,
    /// The panes.
    pub(crate) panes: Option<(Rect, Tiling)>,
    /// Terminals in their places, as the strip names them.
    pub(crate) order: Vec<String>,
    /// The inbox.
    pub(crate) inbox: Option<(Rect, Listing)>,
    /// The line of hints.
    pub(crate) hints: Rect,
    /// Hints that can be clicked.
    pub(crate) hinted: Vec<(Verb, Rect)>,
    /// The form of a new wave, which takes the place of everything between status and hints.
    pub(crate) form: Option<Places>,
    /// The layer on top.
    pub(crate) sheet: Option<Sheet>,
}

/// What is under the pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A card, by index.
    Card(usize),
    /// A column of the board.
    Column(ColumnKey),
    /// The title of a pane, or its name on the strip.
    PaneTitle(String),
    /// A cell of a pane.
    PaneCell {
        /// Its terminal.
        session: String,
        /// Column in the pane.
        column: u16,
        /// Row in the pane.
        row: u16,
    },
    /// A question.
    Question(QuestionId),
    /// An answer to choose.
    Option(QuestionId, u8),
    /// Where the answer is typed.
    Editor(QuestionId),
    /// The inbox, but no question of it.
    Inbox,
    /// The name of a region.
    Tab(Region),
    /// A part of the form.
    Form(Spot),
    /// A hint.
    Hint(Verb),
    /// A line of the layer on top.
    SheetRow(u16),
    /// Beside the layer on top.
    BesideSheet,
    /// Nothing that does anything.
    Nothing,
}

/// Lays the room out.
pub(crate) fn layout(area: Rect, app: &App) -> Regions {
    let shape = shape(area);
    let line = |y: u16| Rect {
        y: area.y + y.min(area.height.saturating_sub(1)),
        height: area.height.min(1),
        ..area
    };
    let mut regions = Regions {
        shape,
        area,
        status: line(0),
        rule: None,
        tabs: Vec::new(),
        board: None,
        panes: None,
        order: app.panes.order.clone(),
        inbox: None,
        hints: line(area.height.saturating_sub(1)),
        hinted: Vec::new(),
        form: None,
        sheet: None,
    };
    if shape == Shape::TooSmall {
        return regions;
    }
    let body = Rect { y: area.y + 1, height: area.height - 2, ..area };
    let zoomed = app.focus == Region::Panes && app.panes.sharing == Sharing::Alone;
    match (&app.settings.kind, shape) {
        (Kind::Shells, _) => panes(&mut regions, body, app, Sharing::Tiled),
        (Kind::Plan, Shape::Narrow) => narrow(&mut regions, body, app),
        (Kind::Plan, Shape::Medium) if !zoomed => medium(&mut regions, body, app),
        (Kind::Plan, Shape::Wide) if !zoomed => wide(&mut regions, body, app),
        (Kind::Plan, Shape::Medium | Shape::Wide | Shape::TooSmall) => {
            panes(&mut regions, body, app, Sharing::Alone);
        }
    }
    let form = app.form.as_ref().filter(|_| app.layers.iter().any(|layer| matches!(layer, Layer::Form)));
    regions.form = form.map(|form| {
        let rule = regions.rule.map_or(0, |rule| rule.height);
        form::arrange(Rect { y: body.y + rule, height: body.height - rule, ..body }, form)
    });
    let sheet = app.layers.last().filter(|top| !matches!(top, Layer::Form));
    regions.sheet = sheet.map(|top| layer::arrange(body, top));
    let mut hints = hint::places(app, regions.hints);
    if let (Some(sheet), Some(top)) = (&regions.sheet, sheet) {
        hints.extend(layer::offers(sheet, top, &app.settings.keymap));
    }
    regions.hinted = hints.into_iter().map(|hint| (hint.verb, hint.place)).collect();
    regions
}

/// The size that a pane has, at its narrowest, when `count` of them share what this screen has for panes. `None` where
/// nothing can be shown.
pub(crate) fn opening_size(columns: u16, rows: u16, kind: Kind, count: usize) -> Option<Size> {
    let area = Rect::new(0, 0, columns, rows);
    let shape = shape(area);
    if shape == Shape::TooSmall {
        return None;
    }
    let body = Rect { y: 1, height: rows - 2, ..area };
    let (area, alone) = match (kind, shape) {
        (Kind::Shells, _) => (body, Sharing::Tiled),
        (Kind::Plan, Shape::Medium) => {
            let body = Rect { y: 2, height: body.height - 3, ..body };
            let rows = board_rows(body);
            (Rect { y: body.y + rows, height: body.height - rows, ..body }, Sharing::Tiled)
        }
        (Kind::Plan, Shape::Wide) => {
            let columns = board_columns(body);
            (Rect { width: body.width - columns, height: body.height - 1, ..body }, Sharing::Tiled)
        }
        (Kind::Plan, Shape::Narrow | Shape::TooSmall) => {
            (Rect { height: body.height - 1, ..body }, Sharing::Alone)
        }
    };
    let order: Vec<String> = (0..count).map(|index| index.to_string()).collect();
    let panes = Panes { running: count, order, ..Panes::default() };
    let tiling = tile::tile(area, &panes, alone, tile::most(kind == Kind::Shells));
    let columns = tiling.tiles.iter().map(|tile| tile.body.width).min()?;
    let rows = tiling.tiles.iter().map(|tile| tile.body.height).min()?;
    Some(Size { columns: columns.max(2), rows: rows.max(1) })
}

fn board_columns(body: Rect) -> u16 {
    (body.width * 9 / 20).clamp(72, 132)
}

fn board_rows(body: Rect) -> u16 {
    body.height * 9 / 20
}

fn shape(area: Rect) -> Shape {
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        Shape::TooSmall
    } else if area.width < MEDIUM || area.height < 24 {
        Shape::Narrow
    } else if area.width < WIDE {
        Shape::Medium
    } else {
        Shape::Wide
    }
}

fn wide(regions: &mut Regions, body: Rect, app: &App) {
    regions.rule = Some(Rect { height: 1, ..body });
    let body = Rect { y: body.y + 1, height: body.height - 1, ..body };
    let columns = if app.panes.order.is_empty() { body.width } else { board_columns(body) };
    let mut left = Rect { width: columns, ..body };
    if columns < body.width {
        let right = Rect { x: body.x + columns, width: body.width - columns, ..body };
        panes(regions, right, app, Sharing::Tiled);
    }
    if !app.inbox.order.is_empty() || app.focus == Region::Inbox {
        let most = if app.inbox.open { left.height * 2 / 3 } else { left.height / 3 };
        let height = inbox::desired(&app.told, &app.inbox, left.width).clamp(2, most.max(2));
        left.height -= height;
        listing(regions, Rect { y: left.bottom(), height, ..left }, app);
    }
    regions.board = Some((left, board::arrange(left, &app.board)));
}

fn medium(regions: &mut Regions, body: Rect, app: &App) {
    regions.rule = Some(Rect { height: 1, ..body });
    let mut body = Rect { y: body.y + 1, height: body.height - 1, ..body };
    let visited = app.focus == Region::Inbox;
    if !app.inbox.order.is_empty() && !visited {
        body.height -= 2;
        listing(regions, Rect { y: body.bottom(), height: 2, ..body }, app);
    }
    let alone = app.panes.order.is_empty() && !visited;
    let rows = if alone { body.height } else { board_rows(body) };
    let upper = Rect { height: rows, ..body };
    regions.board = Some((upper, board::arrange(upper, &app.board)));
    let lower = Rect { y: upper.bottom(), height: body.height - rows, ..body };
    // The inbox takes the panes' place for as long as the operator is in it: no child is resized for it.
    if visited {
        listing(regions, lower, app);
    } else if !alone {
        panes(regions, lower, app, Sharing::Tiled);
    }
}

fn narrow(regions: &mut Regions, body: Rect, app: &App) {
    let mut x = body.x + 1;
    for (region, columns) in [(Region::Board, 9), (Region::Panes, 14), (Region::Inbox, 14)] {
        let width = columns.min((body.right()).saturating_sub(x));
        regions.tabs.push((region, Rect { x, y: body.y, width, height: 1 }));
        x += width;
    }
    let below = Rect { y: body.y + 1, height: body.height - 1, ..body };
    match app.focus {
        Region::Board => regions.board = Some((below, board::arrange(below, &app.board))),
        Region::Panes => panes(regions, below, app, Sharing::Alone),
        Region::Inbox => listing(regions, below, app),
    }
}

fn panes(regions: &mut Regions, area: Rect, app: &App, alone: Sharing) {
    let most = tile::most(app.settings.kind == Kind::Shells);
    let alone = if app.focus == Region::Panes && app.panes.sharing == Sharing::Alone {
        Sharing::Alone
    } else {
        alone
    };
    regions.panes = Some((area, tile::tile(area, &app.panes, alone, most)));
}

fn listing(regions: &mut Regions, area: Rect, app: &App) {
    regions.inbox = Some((area, inbox::arrange(area, &app.told, &app.inbox)));
}

impl Regions {
    /// What is under the pointer.
    pub(crate) fn target(&self, column: u16, row: u16) -> Target {
        let at = Position { x: column, y: row };
        if let Some((verb, _)) = self.hinted.iter().find(|(_, rect)| rect.contains(at)) {
            return Target::Hint(*verb);
        }
        if let Some(sheet) = &self.sheet {
            return match (sheet.body.contains(at), sheet.outer.contains(at)) {
                (true, _) => Target::SheetRow(row - sheet.body.y),
                (false, true) => Target::Nothing,
                (false, false) => Target::BesideSheet,
            };
        }
        if let Some(places) = &self.form {
            return Target::Form(places.spot(at));
        }
        if let Some((region, _)) = self.tabs.iter().find(|(_, rect)| rect.contains(at)) {
            return Target::Tab(*region);
        }
        if let Some((_, grid)) = self.board.as_ref().filter(|(area, _)| area.contains(at)) {
            return board_target(grid, at);
        }
        if let Some((_, tiling)) = self.panes.as_ref().filter(|(area, _)| area.contains(at)) {
            return panes_target(tiling, &self.order, at);
        }
        if let Some((_, listing)) = self.inbox.as_ref().filter(|(area, _)| area.contains(at)) {
            return inbox_target(listing, at);
        }
        Target::Nothing
    }

    /// The pane of a terminal, where it is visible.
    pub(crate) fn tile(&self, session: &str) -> Option<&tile::Tile> {
        self.panes.as_ref()?.1.tiles.iter().find(|tile| tile.session == session)
    }
}

fn board_target(grid: &Grid, at: Position) -> Target {
    if let Some(slot) = grid.slots.iter().find(|slot| slot.rect.contains(at)) {
        return Target::Card(slot.card);
    }
    // The line of the filter and the preview of a drop belong to the column above them: a drag may end there.
    grid.columns
        .iter()
        .find(|column| (column.rect.left()..column.rect.right()).contains(&at.x))
        .map_or(Target::Nothing, |column| Target::Column(column.key))
}

fn panes_target(tiling: &Tiling, order: &[String], at: Position) -> Target {
    if let Some((index, _)) = tiling.names.iter().find(|(_, rect)| rect.contains(at)) {
        return order.get(*index).map_or(Target::Nothing, |session| Target::PaneTitle(session.clone()));
    }
    for tile in &tiling.tiles {
        if tile.title.contains(at) || tile.edge.contains(at) {
            return Target::PaneTitle(tile.session.clone());
        }
        if tile.body.contains(at) {
            let (column, row) = (at.x - tile.body.x, at.y - tile.body.y);
            return Target::PaneCell { session: tile.session.clone(), column, row };
        }
    }
    Target::Nothing
}

fn inbox_target(listing: &Listing, at: Position) -> Target {
    if let Some((entry, _)) = listing.entries.iter().find(|(_, rect)| rect.contains(at)) {
        return Target::Question(entry.question);
    }
    let Some(detail) = &listing.detail else { return Target::Inbox };
    if let Some((number, _)) = detail.options.iter().find(|(_, rect)| rect.contains(at)) {
        return Target::Option(detail.entry.question, *number);
    }
    if detail.editor.contains(at) { Target::Editor(detail.entry.question) } else { Target::Inbox }
}
