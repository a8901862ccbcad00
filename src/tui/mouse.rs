//! The mouse: it selects, opens, drags, scrolls, and belongs to the child where the child asked for it (Shift takes it
//! back, as terminals do). What is under the pointer the layout says.

use ratatui::layout::Rect;

use super::app::{App, Region};
use super::board::Pressed;
use super::board::select::Direction;
use super::event::Command;
use super::findings;
use super::input::wheel_arrow;
use super::layer::{Layer, first_visible, found};
use super::layout::Target;
use super::notice::Weight;
use super::panes::Typing;
use super::verb::{Plain, Verb};
use crate::plan::WaveNumber;
use crate::session::keys::{MouseAction, MouseButton, TerminalInput, modifier};
use crate::supervisor::protocol::ClientMessage;

const WHEEL_ROWS: i64 = 3;

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
            MouseAction::Press(MouseButton::Left) => self.press(target),
            MouseAction::Drag(MouseButton::Left) => {
                self.drag(&target);
                Vec::new()
            }
            MouseAction::Release(MouseButton::Left) => self.release(&target),
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
                self.board.pressed = Some(Pressed { card, selected_before });
            }
            Target::Wave(_) => self.go_to(Region::Board),
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
        if let Some(Layer::Findings(list)) = self.layers.last_mut() {
            let index = first_visible(list.selected, findings::rows(body).height) + usize::from(row);
            if row < findings::rows(body).height && index < list.found(&self.told).len() {
                list.selected = index;
                return self.confirm_layer();
            }
        }
        Vec::new()
    }

    fn drag(&mut self, target: &Target) {
        let Some(pressed) = self.board.pressed.clone() else { return };
        let wave = self.wave_under(target);
        if self.board.held.is_none() {
            // A hand that shakes does not pick up: the card is held once the pointer leaves it.
            let still = matches!(target, Target::Card(index)
                if self.board.deck.cards.get(*index).is_some_and(|card| pressed.card == card.id));
            if still {
                return;
            }
            self.board.pick_up(pressed.card);
        }
        if let Some(wave) = wave {
            self.board.hold_above(&self.told, wave);
        }
    }

    fn release(&mut self, target: &Target) -> Vec<Command> {
        let Some(pressed) = self.board.pressed.take() else { return Vec::new() };
        if self.board.held.is_some() {
            return match self.wave_under(target) {
                Some(_) => self.drop_held(),
                None => {
                    let agent = self.board.held.take().map(|held| held.card.agent).unwrap_or_default();
                    let text = format!("{agent} was put back: it was let go beside the waves.");
                    self.notice(text, Weight::Plain);
                    Vec::new()
                }
            };
        }
        if pressed.selected_before { self.open() } else { Vec::new() }
    }

    fn wave_under(&self, target: &Target) -> Option<WaveNumber> {
        match target {
            Target::Card(index) => self.board.deck.cards.get(*index).map(|card| card.id.wave),
            Target::Wave(wave) => Some(*wave),
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
            Target::Card(_) | Target::Wave(_) => {
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
