//! What the room and the supervisor say to each other: messages and replies taken in, frames acknowledged, and what
//! follows from the room's state said once: which terminals it watches, who has the keyboard, which scrollback it needs.

use super::app::{App, Asked, Kind, Region};
use super::event::Command;
use super::inbox;
use super::layout::{Regions, opening_size};
use super::notice::Weight;
use super::panes::scroll::PAGE_ROWS;
use super::told::{Link, Outcome};
use crate::session::Size;
use crate::session::keys::TerminalInput;
use crate::supervisor::protocol::{ClientMessage, Reply, Request, ServerMessage, WatchedPane};

impl App {
    pub(super) fn take_message(&mut self, message: ServerMessage) -> Vec<Command> {
        self.dirty = true;
        match self.told.fold(message) {
            Outcome::Folded => Vec::new(),
            Outcome::Gap => {
                let asking = self.asked.values().any(|asked| *asked == Asked::Snapshot);
                if asking { Vec::new() } else { vec![self.request(Request::Snapshot, Asked::Snapshot)] }
            }
            Outcome::Unfolded(message) => {
                match *message {
                    ServerMessage::Reply { id, reply } => self.take_reply(id, reply),
                    ServerMessage::Notice { text, wrong } => {
                        self.notice(text, if wrong { Weight::Wrong } else { Weight::Plain });
                    }
                    ServerMessage::Focus { session } => {
                        self.go_to(Region::Panes);
                        let typing = self.panes.typing;
                        self.panes.settle(&self.told);
                        self.panes.focus_on(&session);
                        // A room of plain terminals is typed into from the start and stays so.
                        if self.settings.kind == Kind::Shells {
                            self.panes.typing = typing;
                        }
                    }
                    // Connecting again would start it again.
                    ServerMessage::Stopping { .. } => return vec![Command::Quit],
                    ServerMessage::Snapshot(_)
                    | ServerMessage::Fact { .. }
                    | ServerMessage::Sources(_)
                    | ServerMessage::WaveFile { .. }
                    | ServerMessage::Sessions { .. } => {}
                }
                Vec::new()
            }
        }
    }

    fn take_reply(&mut self, id: u64, reply: Reply) {
        let Some(asked) = self.asked.remove(&id) else { return };
        match (asked, reply) {
            (_, Reply::Refused(refused)) => {
                self.notice(format!("{} {}", refused.reason, refused.hint), Weight::Wrong);
            }
            (_, Reply::Failed { message }) => self.notice(message, Weight::Wrong),
            (Asked::Drafted { card }, Reply::Done { .. }) => self.drafted(card),
            (Asked::Told, Reply::Done { message } | Reply::SlotsChanged { message, .. }) => {
                self.notice(message, Weight::Plain);
            }
            (Asked::Told, Reply::Launched { run, notes }) => {
                let started = run.map_or("Nothing to start.".to_string(), |run| format!("{run} started."));
                self.notice(format!("{started} {}", notes.join(" ")).trim_end(), Weight::Plain);
            }
            (Asked::Snapshot, Reply::Snapshot(snapshot)) => self.told.begin(*snapshot),
            (Asked::History { session }, Reply::History { first, rows, .. }) => {
                if let Some(scroll) = self.panes.scrolls.get_mut(&session) {
                    scroll.take(first, super::panes::scroll::rows_of(&rows));
                }
            }
            (Asked::Told | Asked::Snapshot | Asked::Drafted { .. } | Asked::History { .. }, _) => {}
        }
    }

    pub(super) fn acknowledge(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        for (session, screen) in &mut self.told.screens {
            if screen.acknowledged != screen.generation {
                screen.acknowledged = screen.generation;
                commands.push(Command::Send(ClientMessage::Drawn {
                    session: session.clone(),
                    generation: screen.generation,
                }));
            }
        }
        commands
    }

    pub(super) fn watch(&mut self, regions: &Regions, commands: &mut Vec<Command>) {
        if self.told.link != Link::Connected {
            return;
        }
        let tiles = regions.panes.iter().flat_map(|(_, tiling)| &tiling.tiles);
        let mut wanted: Vec<WatchedPane> = tiles
            .map(|tile| WatchedPane {
                session: tile.session.clone(),
                size: Some(Size { columns: tile.body.width.max(2), rows: tile.body.height.max(1) }),
            })
            .collect();
        wanted.sort_by_key(|pane| self.panes.focus.as_ref() != Some(&pane.session));
        let asking = self.inbox.selected.filter(|_| self.inbox.open);
        let asking = asking.and_then(|id| inbox::entry(&self.told, id)).and_then(|entry| entry.session);
        if let Some(session) = asking.filter(|_| regions.inbox.is_some())
            && !wanted.iter().any(|pane| pane.session == session)
        {
            wanted.push(WatchedPane { session, size: None });
        }
        let opening =
            opening_size(self.area.width, self.area.height, self.settings.kind, self.panes_to_come());
        if self.watched.as_ref() == Some(&(wanted.clone(), opening)) {
            return;
        }
        self.told.screens.retain(|name, _| wanted.iter().any(|pane| pane.session == *name));
        self.watched = Some((wanted.clone(), opening));
        commands.push(Command::Send(ClientMessage::Watch { panes: wanted, opening }));
    }

    /// How many panes there will be beside a terminal that is opened next: what runs and one more, or those of the
    /// fullest wave, whose agents come all at once.
    fn panes_to_come(&self) -> usize {
        self.told.most_together().max(self.panes.running + 1)
    }

    /// A child is told when it gains and loses the keyboard, as a terminal tells it (DECSET 1004).
    pub(super) fn tell_focus(&mut self, commands: &mut Vec<Command>) {
        if self.told.link != Link::Connected {
            return;
        }
        let here = self.focus == Region::Panes && self.window_focused && self.layers.is_empty();
        let typed = self.panes.typed().filter(|_| here).cloned();
        if typed == self.focus_told {
            return;
        }
        for (session, gained) in [(self.focus_told.take(), false), (typed.clone(), true)] {
            if let Some(session) = session {
                let input = TerminalInput::Focus { gained };
                commands.push(Command::Send(ClientMessage::Input { session, input }));
            }
        }
        self.focus_told = typed;
    }

    pub(super) fn ask_for_history(&mut self, regions: &Regions, commands: &mut Vec<Command>) {
        let mut wanted = Vec::new();
        for (session, scroll) in &mut self.panes.scrolls {
            let (Some(screen), Some(tile)) = (self.told.screens.get(session), regions.tile(session)) else {
                continue;
            };
            if let Some(first) = scroll.wanted(screen, tile.body.height) {
                scroll.asked = Some(first);
                wanted.push((session.clone(), first));
            }
        }
        for (session, first) in wanted {
            let request = Request::History { session: session.clone(), first, count: PAGE_ROWS };
            commands.push(self.request(request, Asked::History { session }));
        }
    }
}
