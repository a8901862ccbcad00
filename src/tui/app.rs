//! The room as a value: what it was told, and the view state of each region. [`App::update`] takes one event and gives
//! back what it wants done; [`App::settle`] brings everything that follows from the new state in line and says which
//! terminals it wants to watch. Nothing here touches a terminal, a socket or a clock.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::board::{Board, CardId};
use super::event::{Command, Event};
use super::form::Form;
use super::glyph::Glyphs;
use super::inbox::Inbox;
use super::keymap::{Chord, Context, Keymap};
use super::layer::Layer;
use super::layout::{Regions, layout};
use super::notice::{Notices, Weight};
use super::panes::{Panes, Sharing, Typing};
use super::theme::Theme;
use super::told::{Link, Told};
use crate::engine::Time;
use crate::engine::view::Condition;
use crate::session::Size;
use crate::session::keys::{KeyKind, MouseAction, TerminalInput};
use crate::session::screen::CursorShape;
use crate::supervisor::protocol::{ClientMessage, Request, WatchedPane};

/// What kind of room it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With a plan: board, panes, inbox.
    Plan,
    /// Plain terminals alone.
    Shells,
}

/// What a room is opened with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What kind of room it is.
    pub kind: Kind,
    /// How it looks.
    pub theme: Theme,
    /// Its signs.
    pub glyphs: Glyphs,
    /// Its keys.
    pub keymap: Keymap,
    /// Who the operator is; stands in every fact that comes of what they do.
    pub operator: String,
}

/// A region of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Region {
    /// The board.
    Board,
    /// The panes.
    Panes,
    /// The inbox.
    Inbox,
}

/// What a request was for, so that its reply finds its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Something that is told to the operator when it is done.
    Told,
    /// The whole state, because a fact was missing.
    Snapshot,
    /// A drafted wave is written.
    Drafted {
        /// The card to look at then.
        card: CardId,
    },
    /// A page of scrollback.
    History {
        /// Of which terminal.
        session: String,
    },
}

/// Milliseconds after which the board goes on by another step under a card that is held at its edge.
const PUSH_MS: u64 = 90;

/// The room.
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) settings: Settings,
    pub(crate) told: Told,
    pub(crate) now: Time,
    pub(crate) area: Rect,
    pub(crate) focus: Region,
    pub(crate) board: Board,
    pub(crate) panes: Panes,
    pub(crate) inbox: Inbox,
    pub(crate) layers: Vec<Layer>,
    /// The draft of the next wave, be its form open or not.
    pub(crate) form: Option<Form>,
    /// The card to select as soon as it is there.
    pub(crate) awaited: Option<CardId>,
    pub(crate) notices: Notices,
    pub(crate) asked: BTreeMap<u64, Asked>,
    next_request: u64,
    pub(super) watched: Option<(Vec<WatchedPane>, Option<Size>)>,
    pub(super) window_focused: bool,
    pub(super) focus_told: Option<String>,
    first_pane_seen: bool,
    pub(crate) echo_due: Option<String>,
    pub(super) dirty: bool,
    urgent: bool,
}

impl App {
    /// A room that was told nothing yet.
    pub fn new(settings: Settings, columns: u16, rows: u16) -> App {
        let board = Board::of(settings.operator.clone());
        let focus = if settings.kind == Kind::Shells { Region::Panes } else { Region::Board };
        App {
            settings,
            told: Told::default(),
            now: Time::default(),
            area: Rect::new(0, 0, columns, rows),
            focus,
            board,
            panes: Panes::default(),
            inbox: Inbox::default(),
            layers: Vec::new(),
            form: None,
            awaited: None,
            notices: Notices::default(),
            asked: BTreeMap::new(),
            next_request: 1,
            watched: None,
            window_focused: true,
            focus_told: None,
            first_pane_seen: false,
            echo_due: None,
            dirty: true,
            urgent: true,
        }
    }

    /// Shows one pane at a time (`alone`), or all side by side.
    pub fn share(&mut self, alone: bool) {
        self.panes.sharing = if alone { Sharing::Alone } else { Sharing::Tiled };
    }

    /// What was told.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// Takes one event and gives back what is to be done, in this order.
    pub fn update(&mut self, now: Time, event: Event) -> Vec<Command> {
        self.now = now;
        match event {
            Event::Input(input) => {
                self.told.refresh(now);
                // What the child makes of a key or a movement is drawn when it says so.
                let theirs = self.layers.is_empty() && self.panes.typed().is_some();
                let moved = matches!(input, TerminalInput::Mouse { action: MouseAction::Move, .. });
                let unseen = theirs && self.hands_on(&input);
                if !moved && !unseen {
                    self.dirty = true;
                    self.urgent = true;
                }
                self.take_input(input)
            }
            Event::Resize { columns, rows } => {
                self.area = Rect::new(0, 0, columns, rows);
                self.show_asked();
                self.dirty = true;
                self.urgent = true;
                Vec::new()
            }
            Event::Connected => {
                self.told.link = Link::Connected;
                self.watched = None;
                self.asked.clear();
                self.focus_told = None;
                self.dirty = true;
                Vec::new()
            }
            Event::Lost { reason } => {
                self.told.link = Link::Lost { reason };
                self.board.put_back();
                self.dirty = true;
                Vec::new()
            }
            Event::Message(message) => self.take_message(*message),
            Event::Screen(update) => {
                let session = update.session.clone();
                if self.told.show(*update).is_some() {
                    self.dirty = true;
                    if self.echo_due.as_ref() == Some(&session) {
                        self.echo_due = None;
                        self.urgent = true;
                    }
                }
                Vec::new()
            }
            Event::Tick => {
                self.push_board();
                self.told.age();
                self.dirty = true;
                Vec::new()
            }
            Event::Drawn => self.acknowledge(),
            Event::HungUp => vec![Command::Quit],
        }
    }

    /// Brings what follows from the state in line with it, once for any number of events.
    pub fn settle(&mut self) -> Vec<Command> {
        self.told.refresh(self.now);
        self.settle_form();
        let told = &self.told;
        if let Some(card) = self.awaited.take_if(|card| told.cards.iter().any(|there| card.names(there))) {
            self.go_to(Region::Board);
            self.board.selected = Some(card);
        }
        self.board.settle(&self.told);
        self.panes.settle(&self.told);
        self.inbox.settle(&self.told, self.focus == Region::Inbox);
        self.leave_answered_inbox();
        if self.focus == Region::Inbox && self.inbox.order.is_empty() && self.settings.kind == Kind::Plan {
            self.inbox.open = false;
        }
        if self.settings.kind == Kind::Shells && !self.first_pane_seen && self.panes.focus.is_some() {
            self.first_pane_seen = true;
            self.panes.typing = Typing::On;
        }
        let regions = self.regions();
        // Under a hand that drags with the mouse the board stays where it is.
        let dragged = self.board.pressed.is_some() && self.board.held.is_some();
        if let Some((area, _)) = regions.board.as_ref().filter(|_| !dragged) {
            (self.board.first_column, self.board.first_line) =
                super::board::arrange::scrolled(*area, &self.board);
        }
        let mut commands = Vec::new();
        self.watch(&regions, &mut commands);
        self.tell_focus(&mut commands);
        self.ask_for_history(&regions, &mut commands);
        commands
    }

    /// Whether something visible changed since this was asked last.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Whether what changed is what the operator waits for: then it is drawn at once.
    pub fn take_urgent(&mut self) -> bool {
        std::mem::take(&mut self.urgent)
    }

    /// When the room next wants [`Event::Tick`]: the next second while a running time is shown, the end of a notice, or
    /// never.
    pub fn next_tick(&self) -> Option<Time> {
        let running = |condition: Condition| matches!(condition, Condition::Working | Condition::Waiting);
        let clock = self
            .told
            .cards
            .iter()
            .any(|card| running(card.condition))
            .then(|| Time((self.now.0 / 1000 + 1) * 1000));
        let pushed = self.board.pushed.map(|_| self.now.plus_ms(PUSH_MS));
        [clock, pushed, self.notices.next_change(self.now)].into_iter().flatten().min()
    }

    /// Shape of the cursor in the pane that is typed into.
    pub(crate) fn cursor_shape(&self) -> CursorShape {
        let screen = self.panes.typed().and_then(|session| self.told.screens.get(session));
        screen.map(|screen| screen.cursor.shape).unwrap_or_default()
    }

    /// Where everything lies now.
    pub(crate) fn regions(&self) -> Regions {
        layout(self.area, self)
    }

    /// A request, numbered; its reply will be taken for what `asked` says.
    pub(crate) fn request(&mut self, request: Request, asked: Asked) -> Command {
        let id = self.next_request;
        self.next_request += 1;
        self.asked.insert(id, asked);
        Command::Send(ClientMessage::Request { id, request })
    }

    /// Tells the operator something.
    pub(crate) fn notice(&mut self, text: impl Into<String>, weight: Weight) {
        self.notices.add(text, weight, self.now);
        self.dirty = true;
    }

    /// Contexts of the keyboard, innermost first.
    pub(crate) fn contexts(&self) -> &'static [Context] {
        match self.layers.last() {
            Some(layer) => reach(layer.context()),
            None => self.contexts_below(),
        }
    }

    /// The same beneath every layer.
    pub(crate) fn contexts_below(&self) -> &'static [Context] {
        if self.board.held.is_some() {
            return reach(Context::Held);
        }
        match self.focus {
            Region::Board if self.board.filter.as_ref().is_some_and(|filter| filter.editing) => {
                reach(Context::Filter)
            }
            Region::Board => reach(Context::Board),
            Region::Panes if self.panes.typed().is_some() => self.typing_contexts(),
            Region::Panes => reach(Context::Panes),
            Region::Inbox if self.inbox.editing => reach(Context::Answer),
            Region::Inbox => reach(Context::Inbox),
        }
    }

    /// Contexts while a pane is typed into.
    pub(crate) fn typing_contexts(&self) -> &'static [Context] {
        match self.settings.kind {
            Kind::Plan => reach(Context::Typing),
            Kind::Shells => reach(Context::TypingShells),
        }
    }

    /// Whether input goes to the child unseen: it names no verb and the pane is not scrolled back.
    fn hands_on(&self, input: &TerminalInput) -> bool {
        let scrolled = self.panes.typed().is_some_and(|session| self.panes.scrolls.contains_key(session));
        match input {
            TerminalInput::Key { key, modifiers, .. } => {
                !scrolled
                    && self.focus == Region::Panes
                    && self.settings.keymap.verb(self.contexts(), Chord::new(*key, *modifiers)).is_none()
            }
            TerminalInput::Paste { .. } | TerminalInput::Raw { .. } => {
                !scrolled && self.focus == Region::Panes
            }
            TerminalInput::Mouse { .. } | TerminalInput::Focus { .. } => false,
        }
    }

    fn take_input(&mut self, input: TerminalInput) -> Vec<Command> {
        match input {
            TerminalInput::Key { key, modifiers, kind } => {
                let bound = self.settings.keymap.verb(self.contexts(), Chord::new(key, modifiers));
                if let Some(verb) = bound {
                    return if kind == KeyKind::Release { Vec::new() } else { self.perform(verb) };
                }
                if self.layers.is_empty() && self.board.held.is_none() && self.focus == Region::Panes {
                    return self.type_into_pane(TerminalInput::Key { key, modifiers, kind });
                }
                if let Some(Layer::Form) = self.layers.last() {
                    if kind != KeyKind::Release {
                        self.type_into_form(key, modifiers);
                    }
                    return Vec::new();
                }
                if kind != KeyKind::Release
                    && let Some(prompt) = self.prompt()
                {
                    prompt.type_key(key, modifiers);
                }
                Vec::new()
            }
            TerminalInput::Paste { text } => {
                if let Some(Layer::Form) = self.layers.last() {
                    self.paste_into_form(&text);
                    return Vec::new();
                }
                if let Some(prompt) = self.prompt() {
                    prompt.paste(&text);
                    return Vec::new();
                }
                if self.layers.is_empty() && self.focus == Region::Panes {
                    return self.type_into_pane(TerminalInput::Paste { text });
                }
                Vec::new()
            }
            TerminalInput::Mouse { action, column, row, modifiers } => {
                self.take_mouse(action, column, row, modifiers)
            }
            TerminalInput::Focus { gained } => {
                self.window_focused = gained;
                Vec::new()
            }
            TerminalInput::Raw { .. } => Vec::new(),
        }
    }

    /// The text that is being typed into the room itself.
    fn prompt(&mut self) -> Option<&mut super::prompt::Prompt> {
        if let Some(layer) = self.layers.last_mut() {
            return layer.prompt();
        }
        match self.focus {
            Region::Board => {
                self.board.filter.as_mut().filter(|filter| filter.editing).map(|f| &mut f.prompt)
            }
            Region::Inbox => self.inbox.draft(),
            Region::Panes => None,
        }
    }

    /// Hands input to the child that is typed into; its pane follows the child again.
    pub(crate) fn type_into_pane(&mut self, input: TerminalInput) -> Vec<Command> {
        let Some(session) = self.panes.typed().cloned() else { return Vec::new() };
        self.panes.scrolls.remove(&session);
        self.echo_due = Some(session.clone());
        vec![Command::Send(ClientMessage::Input { session, input })]
    }
}

/// The contexts that a key goes through when it is first offered to `innermost`. Text is typed in some of them, and
/// there only their own keys count.
pub(crate) fn reach(innermost: Context) -> &'static [Context] {
    match innermost {
        Context::Global => &[Context::Global],
        Context::Board => &[Context::Board, Context::Global],
        Context::Held => &[Context::Held],
        Context::Filter => &[Context::Filter],
        Context::Panes => &[Context::Panes, Context::Global],
        Context::Typing => &[Context::Typing],
        Context::TypingShells => &[Context::TypingShells],
        Context::Inbox => &[Context::Inbox, Context::Global],
        Context::Answer => &[Context::Answer],
        Context::Palette => &[Context::Palette],
        Context::Findings => &[Context::Findings],
        Context::Form => &[Context::Form],
        Context::Plans => &[Context::Plans],
        Context::Drift => &[Context::Drift],
        Context::Words => &[Context::Words],
        Context::Help => &[Context::Help],
        Context::Page => &[Context::Page],
        Context::Confirm => &[Context::Confirm],
    }
}
