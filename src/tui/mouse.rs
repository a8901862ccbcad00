//! The mouse: it selects, opens, drags, scrolls, and belongs to the child where the child asked for it (Shift takes it
//! back, as terminals do). What is under the pointer the layout says.

use ratatui::layout::{Position, Rect};

use super::app::{App, Region};
use super::board::arrange::{self, Grid};
use super::board::drag::Spot;
use super::board::select::Direction;
use super::board::{ColumnKey, Pressed};
use super::drift;
use super::event::Command;
use super::findings;
use super::input::wheel_arrow;
use super::layer::{Layer, first_visible, found};
use super::layout::{Regions, Target};
use super::notice::Weight;
use super::panes::Typing;
use super::verb::{Plain, Verb};
use crate::session::keys::{MouseAction, MouseButton, TerminalInput, modifier};
use crate::supervisor::protocol::ClientMessage;

const WHEEL_ROWS: i64 = 3;
/// Lines by which the board goes on at a time under a card that is held at its edge.
const PUSH_LINES: u32 = 2;

impl App {
    /// Takes what the mouse does.
    pub(crate) fn take_mouse(
        &mut self,
        action: MouseAction,
        column: u16,
        row: u16,
        modifiers: u8,
    ) -> Vec<Command> {
        let target = self.regions().target(column, row);
        if let Target::PaneCell { session, column, row } = &target
            && self.board.pressed.is_none()
            && self.child_has_mouse(session, modifiers)
        {
            return self.pass_to_child(session.clone(), action, *column, *row, modifiers);
        }
        match action {
            MouseAction::Press(MouseButton::Left) if modifiers & modifier::CONTROL != 0 => {
                self.mark_under(&target);
                Vec::new()
            }
            MouseAction::Press(MouseButton::Left) => self.press(target),
            MouseAction::Drag(MouseButton::Left) => {
                self.drag(column, row);
                Vec::new()
            }
            MouseAction::Release(MouseButton::Left) => self.release(column, row),
            MouseAction::ScrollUp | MouseAction::ScrollDown => self.wheel(action, target),
            MouseAction::Press(MouseButton::Middle | MouseButton::Right)
            | MouseAction::Drag(MouseButton::Middle | MouseButton::Right)
            | MouseAction::Release(MouseButton::Middle | MouseButton::Right)
            | MouseAction::Move
            | MouseAction::ScrollLeft
            | MouseAction::ScrollRight => Vec::new(),
        }
    }

    fn child_has_mouse(&self, session: &str, modifiers: u8) -> bool {
        let asked = self.told.screens.get(session).is_some_and(|screen| screen.modes.mouse);
        asked && modifiers & modifier::SHIFT == 0 && !self.panes.scrolls.contains_key(session)
    }

    fn pass_to_child(
        &mut self,
        session: String,
        action: MouseAction,
        column: u16,
        row: u16,
        modifiers: u8,
    ) -> Vec<Command> {
        if let MouseAction::Press(_) = action {
            self.go_to(Region::Panes);
            self.panes.focus_on(&session);
            self.panes.typing = Typing::On;
        }
        let input = TerminalInput::Mouse { action, column, row, modifiers };
        vec![Command::Send(ClientMessage::Input { session, input })]
    }

    fn press(&mut self, target: Target) -> Vec<Command> {
        match target {
            Target::Card(index) => {
                let Some(card) = self.board.deck.cards.get(index).map(|card| card.id.clone()) else {
                    return Vec::new();
                };
                let selected_before =
                    self.focus == Region::Board && self.board.selected.as_ref() == Some(&card);
                self.go_to(Region::Board);
                self.board.selected = Some(card.clone());
                self.board.pressed = Some(Pressed { card, selected_before, pointer: (0, 0) });
            }
            Target::Column(_) => self.go_to(Region::Board),
            Target::PaneTitle(session) => {
                self.go_to(Region::Panes);
                self.panes.focus_on(&session);
            }
            Target::PaneCell { session, .. } => {
                self.go_to(Region::Panes);
                self.panes.focus_on(&session);
                self.type_into();
            }
            Target::Question(id) => self.open_question(id),
            Target::Option(id, number) => return self.choose(id, number),
            Target::Editor(id) => {
                self.go_to(Region::Inbox);
                self.inbox.selected = Some(id);
                self.inbox.edit();
            }
            Target::Inbox => self.go_to(Region::Inbox),
            Target::Tab(region) => self.go_to(region),
            Target::Form(spot) => self.press_form(spot),
            Target::Hint(verb) => return self.perform(verb),
            Target::SheetRow(row) => return self.press_sheet(row),
            Target::BesideSheet => {
                self.layers.pop();
            }
            Target::Nothing => {}
        }
        Vec::new()
    }

    fn press_sheet(&mut self, row: u16) -> Vec<Command> {
        let body = self.regions().sheet.map_or(Rect::ZERO, |sheet| sheet.body);
        let rows = body.height;
        if let Some(Layer::Palette { prompt, selected }) = self.layers.last_mut() {
            let index = first_visible(*selected, rows) + usize::from(row);
            if index < found(&prompt.text()).len() {
                *selected = index;
                return self.confirm_layer();
            }
        }
        if let Some(Layer::Plans(list)) = self.layers.last_mut() {
            let index = first_visible(list.selected, rows) + usize::from(row);
            if index < list.found(&self.told).len() {
                list.selected = index;
                return self.confirm_layer();
            }
        }
        if let Some(Layer::Drift(list)) = self.layers.last_mut() {
            let rows = drift::rows(body);
            let row = (body.y + row).checked_sub(rows.y).filter(|row| *row < rows.height);
            let index = row.map(|row| first_visible(list.selected, rows.height) + usize::from(row));
            if let Some(index) = index.filter(|index| *index < self.board.deck.drift.len()) {
                list.selected = index;
            }
        }
        if let Some(Layer::Findings(list)) = self.layers.last_mut() {
            let index = first_visible(list.selected, findings::rows(body).height) + usize::from(row);
            if row < findings::rows(body).height && index < list.found(&self.told).len() {
                list.selected = index;
                return self.confirm_layer();
            }
        }
        Vec::new()
    }

    /// Marks the card under the pointer, or unmarks it.
    fn mark_under(&mut self, target: &Target) {
        let Target::Card(index) = target else { return };
        let Some(card) = self.board.deck.cards.get(*index).map(|card| card.id.clone()) else { return };
        self.go_to(Region::Board);
        if self.board.viewed().is_some() && !self.board.marked.remove(&card.name) {
            self.board.marked.insert(card.name.clone());
        }
        self.board.selected = Some(card);
    }

    fn drag(&mut self, column: u16, row: u16) {
        let Some(pressed) = &mut self.board.pressed else { return };
        pressed.pointer = (column, row);
        let card = pressed.card.clone();
        let regions = self.regions();
        if self.board.held.is_none() {
            // A hand that shakes does not pick up: the card is held once the pointer leaves it.
            let still = matches!(regions.target(column, row), Target::Card(index)
                if self.board.deck.cards.get(index).is_some_and(|under| card == under.id));
            if still {
                return;
            }
            self.board.pick_up(&self.told, card);
        }
        self.board.pushed = regions
            .board
            .as_ref()
            .and_then(|(area, grid)| edge(arrange::waves(*area, &self.board), grid, column, row));
        if let Some((target, spot)) = self.place_under(&regions, column, row) {
            self.board.hold_above(&self.told, target, spot);
        }
    }

    /// Scrolls the board on while a hand holds a card at its edge.
    pub(super) fn push_board(&mut self) {
        let Some(direction) = self.board.pushed else { return };
        let Some(pointer) = self.board.pressed.as_ref().map(|pressed| pressed.pointer) else { return };
        let board = &mut self.board;
        match direction {
            Direction::Left => board.first_column = board.first_column.saturating_sub(1),
            Direction::Right => board.first_column += 1,
            Direction::Up => board.first_line = board.first_line.saturating_sub(PUSH_LINES),
            Direction::Down => board.first_line += PUSH_LINES,
            Direction::First | Direction::Last => {}
        }
        self.dirty = true;
        self.drag(pointer.0, pointer.1);
    }

    fn release(&mut self, column: u16, row: u16) -> Vec<Command> {
        let Some(pressed) = self.board.pressed.take() else { return Vec::new() };
        self.board.pushed = None;
        if self.board.held.is_some() {
            return match self.place_under(&self.regions(), column, row) {
                Some(_) => self.drop_held(),
                None => {
                    let words = self.board.held.take().map(|held| held.words()).unwrap_or_default();
                    let text = format!("{words} was put back: it was let go beside the waves.");
                    self.notice(text, Weight::Plain);
                    Vec::new()
                }
            };
        }
        if pressed.selected_before { self.open() } else { Vec::new() }
    }

    /// The column under the pointer, and where in it a held card would go.
    fn place_under(&self, regions: &Regions, column: u16, row: u16) -> Option<(ColumnKey, Spot)> {
        let at = Position { x: column, y: row };
        let grid = regions.board.as_ref().map(|(_, grid)| grid);
        if let (Some(ghost), Some(held)) = (grid.and_then(|grid| grid.ghost), &self.board.held)
            && ghost.contains(at)
        {
            return Some((held.target, held.spot.clone()));
        }
        match regions.target(column, row) {
            Target::Card(index) => {
                let card = self.board.deck.cards.get(index)?;
                let slot = grid?.slots.iter().find(|slot| slot.card == index)?;
                let spot = if row > slot.rect.y {
                    self.board.spot_after(index)
                } else {
                    Spot::Before(card.id.clone())
                };
                let beside = self.board.held.as_ref().and_then(|held| self.board.deck.card(&held.card));
                let same_row = beside.is_some_and(|held| held.row == card.row);
                Some((card.id.column, if same_row { spot } else { Spot::Any }))
            }
            Target::Column(key) => Some((key, Spot::Any)),
            Target::PaneTitle(_)
            | Target::PaneCell { .. }
            | Target::Question(_)
            | Target::Option(..)
            | Target::Editor(_)
            | Target::Inbox
            | Target::Tab(_)
            | Target::Form(_)
            | Target::Hint(_)
            | Target::SheetRow(_)
            | Target::BesideSheet
            | Target::Nothing => None,
        }
    }

    fn wheel(&mut self, action: MouseAction, target: Target) -> Vec<Command> {
        let up = action == MouseAction::ScrollUp;
        let lines = if up { -WHEEL_ROWS } else { WHEEL_ROWS };
        match target {
            Target::PaneCell { session, .. } | Target::PaneTitle(session) => {
                let full =
                    self.told.screens.get(&session).is_some_and(|screen| screen.modes.alternate_screen);
                let arrow =
                    wheel_arrow(action).filter(|_| full && !self.panes.scrolls.contains_key(&session));
                match arrow {
                    Some(input) => {
                        let send = |_| {
                            Command::Send(ClientMessage::Input {
                                session: session.clone(),
                                input: input.clone(),
                            })
                        };
                        return (0..WHEEL_ROWS).map(send).collect();
                    }
                    None => self.scroll_pane(&session, lines),
                }
            }
            Target::Card(_) | Target::Column(_) => {
                self.board.go(if up { Direction::Up } else { Direction::Down });
            }
            Target::SheetRow(_) | Target::BesideSheet => {
                return self.perform(Verb::Plain(if up { Plain::Up } else { Plain::Down }));
            }
            Target::Question(_) | Target::Option(..) | Target::Editor(_) | Target::Inbox => self.inbox.go(up),
            Target::Form(spot) => self.wheel_in_form(spot, up),
            Target::Tab(_) | Target::Hint(_) | Target::Nothing => {}
        }
        Vec::new()
    }
}

/// Which way the board goes on while a card is held at this place of its waves; `None` away from their edges, and where
/// nothing lies beyond.
fn edge(waves: Rect, grid: &Grid, column: u16, row: u16) -> Option<Direction> {
    let (left, right) = grid.beyond;
    let (above, below) = grid.outside;
    if column <= waves.left() && left > 0 {
        Some(Direction::Left)
    } else if column + 1 >= waves.right() && right > 0 {
        Some(Direction::Right)
    } else if row <= waves.top() + arrange::heading_rows(waves.height) && above > 0 {
        Some(Direction::Up)
    } else if row + 2 >= waves.bottom() && below > 0 {
        Some(Direction::Down)
    } else {
        None
    }
}
