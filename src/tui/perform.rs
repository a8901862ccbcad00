//! Performing verbs: the one place where a verb becomes a change of view state or a request to the supervisor.

mod layers;
mod slots;

use super::app::{App, Asked, Kind, Region};
use super::board::drag::Order;
use super::board::select::Direction;
use super::board::subject::agents;
use super::board::verdict::Legality;
use super::board::{CardId, Filter};
use super::event::Command;
use super::findings::FindingList;
use super::inbox;
use super::layer::Layer;
use super::notice::Weight;
use super::page::explanation;
use super::panes::scroll::Scroll;
use super::panes::{Sharing, Typing};
use super::prompt::{Lines, Prompt};
use super::verb::{Plain, Verb};
use crate::engine::QuestionId;
use crate::engine::view::Card;
use crate::plan::runtime::RuntimeId;
use crate::supervisor::protocol::Request;

/// Rows that a turn of the wheel or a small scroll moves.
const SCROLL_ROWS: i64 = 3;

impl App {
    /// Does what a verb says.
    pub(crate) fn perform(&mut self, verb: Verb) -> Vec<Command> {
        if !self.layers.is_empty() {
            return self.perform_in_layer(verb);
        }
        match verb {
            Verb::FocusPane(number) => {
                if self.panes.focus_number(usize::from(number)) {
                    self.focus = Region::Panes;
                }
                Vec::new()
            }
            Verb::Choose(number) => match self.inbox.selected {
                Some(id) => self.choose(id, number),
                None => Vec::new(),
            },
            Verb::Plain(plain) => self.perform_plain(plain),
        }
    }

    pub(crate) fn perform_plain(&mut self, verb: Plain) -> Vec<Command> {
        match verb {
            Plain::AnswerNext => self.answer_next(),
            Plain::NextAttention => self.attend(false),
            Plain::PreviousAttention => self.attend(true),
            Plain::FocusNext => self.focus_beside(false),
            Plain::FocusPrevious => self.focus_beside(true),
            Plain::FocusBoard => self.go_to(Region::Board),
            Plain::FocusPanes => self.go_to(Region::Panes),
            Plain::FocusInbox => self.go_to(Region::Inbox),
            Plain::Up => self.go(Direction::Up),
            Plain::Down => self.go(Direction::Down),
            Plain::Left => self.go(Direction::Left),
            Plain::Right => self.go(Direction::Right),
            Plain::First => self.go(Direction::First),
            Plain::Last => self.go(Direction::Last),
            Plain::Open => return self.open(),
            Plain::Back => self.back(),
            Plain::PickUp => self.pick_up(),
            Plain::Drop => return self.drop_held(),
            Plain::PutBack => self.board.put_back(),
            Plain::DropAllTheSame => self.drop_all_the_same(),
            Plain::Mark => self.board.toggle_mark(),
            Plain::ToggleSubject => self.toggle_subject(),
            Plain::Plans => self.list_plans(),
            Plain::Drift => self.list_drift(),
            Plain::Balance => self.balance(),
            Plain::Reason => self.ask_for_reason(),
            Plain::ToggleLock => return self.toggle_lock(),
            Plain::SavePlan => self.save_plan(),
            // Words of the drift view alone.
            Plain::Accept | Plain::AcceptAll | Plain::WriteBack | Plain::WriteBackAll => {}
            Plain::Undo => return vec![self.request_by(|by| Request::Undo { by })],
            Plain::Redo => return vec![self.request_by(|by| Request::Redo { by })],
            Plain::Filter => self.filter(),
            Plain::ToggleWave => self.board.toggle_wave(),
            Plain::ToggleTrack => self.board.toggle_track(),
            Plain::ToggleDensity => self.board.toggle_density(),
            Plain::Explain => self.explain(),
            Plain::Findings => self.layers.push(Layer::Findings(FindingList::new())),
            Plain::NewWave => self.open_form(),
            // The form does these while it is on top.
            Plain::NextQuestion
            | Plain::PreviousQuestion
            | Plain::FormQuestions
            | Plain::FormPreview
            | Plain::FormFindings
            | Plain::DefaultAnswer
            | Plain::WriteWave
            | Plain::DiscardDraft => {}
            Plain::LaunchWave => self.launch_selected(None),
            Plain::LaunchWaveLocal => self.launch_selected(Some(RuntimeId("local".into()))),
            Plain::LaunchAll => self.launch_all(),
            Plain::Cancel => self.cancel(),
            Plain::Zoom => self.zoom(),
            Plain::Pin => self.pin(),
            Plain::MorePanes => self.resize_tiling(1),
            Plain::FewerPanes => self.resize_tiling(-1),
            Plain::PageUp => self.scroll_page(-1),
            Plain::PageDown => self.scroll_page(1),
            Plain::ScrollUp => self.scroll_focused(-SCROLL_ROWS),
            Plain::ScrollDown => self.scroll_focused(SCROLL_ROWS),
            Plain::LeavePane => self.panes.typing = Typing::Off,
            Plain::NextPane => self.panes.focus_beside(false),
            Plain::PreviousPane => self.panes.focus_beside(true),
            Plain::ClosePane => self.close_pane(),
            Plain::CopyPane => return self.copy_pane(),
            Plain::Send => return self.send_answer(),
            Plain::NewLine => {
                if let Some(draft) = self.inbox.draft() {
                    draft.break_line();
                }
            }
            Plain::Confirm => {
                if let Some(filter) = &mut self.board.filter {
                    filter.editing = false;
                }
            }
            Plain::Palette => self.layers.push(Layer::palette()),
            Plain::Help => self.layers.push(Layer::help()),
            Plain::Notices => self.show_notices(),
            Plain::NextTheme => self.next_theme(),
            Plain::Redraw => return vec![Command::Redraw],
            Plain::Quit => return vec![Command::Quit],
        }
        Vec::new()
    }

    fn request_by(&mut self, request: impl FnOnce(String) -> Request) -> Command {
        let by = self.settings.operator.clone();
        self.request(request(by), Asked::Told)
    }

    fn next_theme(&mut self) {
        self.settings.theme = self.settings.theme.next();
        let name = &self.settings.theme.name;
        let text =
            format!("Theme {name}. To keep it: `theme = \"{name}\"` under [room] in .wavedeck/config.toml.");
        self.notice(text, Weight::Plain);
    }

    // Moving about.

    pub(crate) fn go_to(&mut self, region: Region) {
        if self.settings.kind == Kind::Shells {
            self.focus = Region::Panes;
            return;
        }
        if self.focus == Region::Panes && region != Region::Panes {
            self.panes.sharing = Sharing::Tiled;
            self.panes.typing = Typing::Off;
        }
        self.inbox.editing = false;
        if self.focus != region {
            self.inbox.entered_from = Some(self.focus).filter(|_| region == Region::Inbox);
            self.inbox.answered = None;
        }
        self.focus = region;
    }

    /// Once the last question is answered from the inbox, the operator is where they came from, and sees the agent that
    /// they answered go on.
    pub(crate) fn leave_answered_inbox(&mut self) {
        if self.focus != Region::Inbox || !self.inbox.order.is_empty() {
            return;
        }
        if let Some(session) = self.inbox.answered.take() {
            self.go_to(self.inbox.entered_from.unwrap_or(Region::Board));
            self.panes.focus_on(&session);
        }
    }

    fn focus_beside(&mut self, backwards: bool) {
        let mut there = vec![Region::Board];
        if !self.panes.order.is_empty() {
            there.push(Region::Panes);
        }
        if !self.inbox.order.is_empty() {
            there.push(Region::Inbox);
        }
        if self.settings.kind == Kind::Shells {
            return self.panes.focus_beside(backwards);
        }
        let at = there.iter().position(|region| *region == self.focus).unwrap_or(0);
        let step = if backwards { there.len() - 1 } else { 1 };
        self.go_to(there[(at + step) % there.len()]);
    }

    fn go(&mut self, direction: Direction) {
        if self.board.held.is_some() {
            return match direction {
                Direction::Left => self.board.hold_beside(&self.told, true),
                Direction::Right => self.board.hold_beside(&self.told, false),
                Direction::Up => self.board.hold_along(&self.told, true),
                Direction::Down => self.board.hold_along(&self.told, false),
                Direction::First | Direction::Last => {}
            };
        }
        match (self.focus, direction) {
            (Region::Board, direction) => self.board.go(direction),
            (Region::Panes, Direction::Up | Direction::Left) => self.panes.focus_beside(true),
            (Region::Panes, Direction::Down | Direction::Right) => self.panes.focus_beside(false),
            (Region::Panes, Direction::First) => self.scroll_focused(i64::from(i32::MIN)),
            (Region::Panes, Direction::Last) => self.scroll_focused(i64::from(i32::MAX)),
            (Region::Inbox, Direction::Up | Direction::Left) => self.inbox.go(true),
            (Region::Inbox, Direction::Down | Direction::Right) => self.inbox.go(false),
            (Region::Inbox, Direction::First | Direction::Last) => {}
        }
    }

    fn attend(&mut self, backwards: bool) {
        if self.board.go_to_attention(backwards) {
            self.go_to(Region::Board);
            let session = self.selected_card().and_then(|card| card.session.clone());
            if let Some(session) = session {
                self.panes.focus_on(&session);
            }
        } else {
            self.notice("Nobody needs attention.", Weight::Plain);
        }
    }

    pub(crate) fn open(&mut self) -> Vec<Command> {
        match self.focus {
            Region::Board => self.open_card(),
            Region::Panes => self.type_into(),
            Region::Inbox => match self.inbox.selected {
                Some(id) if !self.inbox.open => self.inbox.open(&self.told, id),
                Some(_) => self.inbox.edit(),
                None => {}
            },
        }
        Vec::new()
    }

    fn open_card(&mut self) {
        let Some(card) = self.selected_card() else {
            // A task that nobody works on has a page only.
            return self.explain();
        };
        let (question, session) = (card.question, card.session.clone());
        if let Some(id) = question {
            return self.open_question(id);
        }
        match session.filter(|session| self.panes.order.contains(session)) {
            Some(session) => {
                self.go_to(Region::Panes);
                self.panes.focus_on(&session);
                self.type_into();
            }
            None => self.explain(),
        }
    }

    pub(crate) fn type_into(&mut self) {
        let running = |name: &String| self.told.session(name).is_some_and(|session| session.running);
        if self.panes.focus.as_ref().is_some_and(running) {
            self.panes.typing = Typing::On;
        } else if self.panes.focus.is_some() {
            self.notice("This terminal has ended; nobody reads there.", Weight::Plain);
        }
    }

    fn back(&mut self) {
        match self.focus {
            Region::Board if self.board.filter.is_none() => self.board.marked.clear(),
            Region::Board => self.board.filter = None,
            Region::Panes => {
                let scrolled = self.panes.focus.clone().and_then(|focus| self.panes.scrolls.remove(&focus));
                if scrolled.is_none() {
                    self.go_to(Region::Board);
                }
            }
            Region::Inbox if self.inbox.editing => self.inbox.editing = false,
            Region::Inbox if self.inbox.open => self.inbox.open = false,
            Region::Inbox => self.go_to(Region::Board),
        }
    }

    // The board.

    pub(crate) fn selected_card(&self) -> Option<&Card> {
        if self.focus == Region::Panes {
            let session = self.panes.focus.as_ref()?;
            return self.told.card_of(session);
        }
        let id = self.board.selected.as_ref()?;
        if self.board.viewed().is_some() {
            return agents(&self.told).get(id.name.as_str()).copied();
        }
        self.told.cards.iter().find(|card| id.names(card))
    }

    fn pick_up(&mut self) {
        if let Some(id) = self.board.selected.clone().filter(|_| self.focus == Region::Board) {
            self.board.pick_up(&self.told, id);
        }
    }

    pub(crate) fn drop_held(&mut self) -> Vec<Command> {
        let Some(held) = self.board.held.as_ref() else { return Vec::new() };
        let legality = held.verdict.as_ref().map(|verdict| verdict.legality);
        if legality == Some(Legality::WithReason) {
            self.board.pressed = None;
            self.board.pushed = None;
            self.drop_all_the_same();
            return Vec::new();
        }
        let order = held.order(&self.told);
        let Some(held) = self.board.held.take() else { return Vec::new() };
        self.board.put_back();
        match (legality, order) {
            (Some(Legality::Allowed), Some(order)) => {
                self.board.selected = Some(CardId { column: held.target, name: held.card.name });
                self.board.marked.clear();
                let command = match order {
                    Order::Agents(edit) => self.request_by(|by| Request::EditPlan { edit, by }),
                    Order::Slots { slug, edit, version } => self.change_plan(slug, version, edit),
                };
                vec![command]
            }
            (Some(Legality::Refused), _) => {
                let why = held.verdict.into_iter().flat_map(|verdict| verdict.lines).next();
                let why = why.map(|(line, _)| line).unwrap_or_default();
                self.notice(format!("{} was put back. {why}", held.card.name), Weight::Wrong);
                Vec::new()
            }
            (None | Some(Legality::Allowed | Legality::WithReason), _) => Vec::new(),
        }
    }

    fn filter(&mut self) {
        self.go_to(Region::Board);
        match &mut self.board.filter {
            Some(filter) => filter.editing = true,
            None => self.board.filter = Some(Filter { prompt: Prompt::new(Lines::One), editing: true }),
        }
    }

    fn explain(&mut self) {
        let columns = self.area.width.saturating_sub(8).clamp(20, 88);
        if let (Region::Board, Some(page)) = (self.focus, self.board.page(columns)) {
            return self.layers.push(Layer::Page(page));
        }
        let Some(card) = self.selected_card() else { return };
        let page = explanation(&self.told, card, self.now, columns);
        self.layers.push(Layer::Page(page));
    }

    // Panes.

    fn zoom(&mut self) {
        if self.focus != Region::Panes {
            let session = self.selected_card().and_then(|card| card.session.clone());
            if let Some(session) = session {
                self.panes.focus_on(&session);
            }
            if self.panes.focus.is_none() {
                return self.notice("There is no terminal to zoom.", Weight::Plain);
            }
            self.focus = Region::Panes;
            self.panes.sharing = Sharing::Alone;
            return;
        }
        self.panes.toggle_alone();
    }

    fn pin(&mut self) {
        if let Some(session) = self.panes.focus.clone()
            && !self.panes.pinned.remove(&session)
        {
            self.panes.pinned.insert(session);
        }
    }

    fn resize_tiling(&mut self, by: isize) {
        let shown = self.regions().panes.map_or(1, |(_, tiling)| tiling.tiles.len());
        let count = shown.saturating_add_signed(by);
        self.panes.count = Some(count.clamp(1, self.panes.order.len().max(1)));
    }

    fn scroll_page(&mut self, pages: i64) {
        if self.focus != Region::Panes {
            return;
        }
        let Some(session) = self.panes.focus.clone() else { return };
        let rows = self.regions().tile(&session).map_or(1, |tile| tile.body.height);
        self.scroll_pane(&session, pages * i64::from(rows.saturating_sub(2).max(1)));
    }

    fn scroll_focused(&mut self, lines: i64) {
        if let Some(session) = self.panes.focus.clone().filter(|_| self.focus == Region::Panes) {
            self.scroll_pane(&session, lines);
        }
    }

    pub(crate) fn scroll_pane(&mut self, session: &str, lines: i64) {
        let Some(screen) = self.told.screens.get(session) else { return };
        let scroll = self
            .panes
            .scrolls
            .remove(session)
            .unwrap_or_else(|| Scroll { top: screen.scrollback_rows, ..Scroll::default() });
        if let Some(scroll) = scroll.moved(screen, lines) {
            self.panes.scrolls.insert(session.to_string(), scroll);
        }
    }

    fn copy_pane(&mut self) -> Vec<Command> {
        let Some(screen) = self.panes.focus.as_ref().and_then(|name| self.told.screens.get(name)) else {
            return Vec::new();
        };
        let lines: Vec<String> = screen.rows.iter().map(crate::session::Row::text).collect();
        let text = lines.join("\n").trim_end().to_string();
        self.notice("The pane's text is on the clipboard.", Weight::Plain);
        vec![Command::Copy(text)]
    }

    // The inbox.

    fn answer_next(&mut self) {
        match self.inbox.order.first().copied() {
            Some(id) => self.open_question(id),
            None => self.notice("Nobody waits for you.", Weight::Plain),
        }
    }

    pub(crate) fn open_question(&mut self, id: QuestionId) {
        self.go_to(Region::Inbox);
        self.inbox.open(&self.told, id);
    }

    pub(crate) fn choose(&mut self, id: QuestionId, number: u8) -> Vec<Command> {
        let entry = inbox::entry(&self.told, id);
        let option = entry.and_then(|entry| entry.options.into_iter().nth(usize::from(number) - 1));
        match option {
            Some(text) => self.answer(id, text),
            None => Vec::new(),
        }
    }

    fn send_answer(&mut self) -> Vec<Command> {
        let Some(id) = self.inbox.selected else { return Vec::new() };
        let text = self.inbox.draft().map(|draft| draft.text()).unwrap_or_default();
        if text.trim().is_empty() {
            self.notice("The answer is empty.", Weight::Plain);
            return Vec::new();
        }
        self.answer(id, text)
    }

    /// The draft stays until the question is closed, so a refused answer is not lost.
    fn answer(&mut self, question: QuestionId, text: String) -> Vec<Command> {
        self.inbox.editing = false;
        self.inbox.answered = inbox::entry(&self.told, question).and_then(|entry| entry.session);
        vec![self.request_by(|by| Request::Answer { question, text, by })]
    }
}
