//! Which terminal has which place. Places are stable: a retry takes the place of the attempt before it, a new agent takes
//! the place of one that ended, and nothing else moves. The focused and the pinned keep theirs in any case.

use super::{Panes, Typing};
use crate::engine::Time;
use crate::supervisor::protocol::SessionInfo;
use crate::tui::told::Told;

impl Panes {
    /// Gives places to terminals that came and takes them from those that went.
    pub(crate) fn settle(&mut self, told: &Told) {
        let mut sessions: Vec<&SessionInfo> =
            told.sessions.iter().filter(|session| !superseded(session, told)).collect();
        // In the order in which they came, so that a room that is opened again finds them where they were.
        sessions.sort_by_key(|session| came_at(session, told).unwrap_or(Time(u64::MAX)));
        for session in &sessions {
            if self.order.contains(&session.session) {
                continue;
            }
            let before = self
                .order
                .iter()
                .position(|known| told.session(known).is_some_and(|old| same_agent(old, session)));
            match before {
                Some(index) => {
                    let old = std::mem::replace(&mut self.order[index], session.session.clone());
                    if self.pinned.remove(&old) {
                        self.pinned.insert(session.session.clone());
                    }
                    if self.focus.as_ref() == Some(&old) {
                        self.focus = Some(session.session.clone());
                        self.typing = Typing::Off;
                    }
                }
                None => self.seat(session, told),
            }
            if self.focus.is_none() {
                self.focus = self.order.first().cloned();
            }
        }
        self.order.retain(|known| sessions.iter().any(|session| session.session == *known));
        self.running = sessions.iter().filter(|session| session.running).count();
        self.pinned.retain(|known| self.order.contains(known));
        self.scrolls.retain(|known, _| self.order.contains(known));
        if self.focus.as_ref().is_none_or(|focus| !self.order.contains(focus)) {
            self.focus = self.order.first().cloned();
            self.typing = Typing::Off;
        }
        let ended = |name: &String| told.session(name).is_none_or(|session| !session.running);
        if self.focus.as_ref().is_some_and(ended) {
            self.typing = Typing::Off;
        }
    }

    /// Seats a terminal: in the place of one that ended, which goes to the end, or at the end.
    fn seat(&mut self, session: &SessionInfo, told: &Told) {
        let free = self.order.iter().position(|known| {
            told.session(known).is_some_and(|old| !old.running)
                && !self.pinned.contains(known)
                && self.focus.as_ref() != Some(known)
        });
        match free.filter(|_| session.running) {
            Some(index) => {
                let old = std::mem::replace(&mut self.order[index], session.session.clone());
                self.order.push(old);
            }
            None => self.order.push(session.session.clone()),
        }
    }
}

/// When the first attempt of its agent was scheduled; a plain terminal comes after them, in the order of the list.
fn came_at(session: &SessionInfo, told: &Told) -> Option<Time> {
    let attempt = session.attempt.as_ref()?;
    let agent = told.state.waves.get(&attempt.wave)?.agents.get(&attempt.agent)?;
    Some(agent.attempts.first()?.scheduled_at)
}

fn same_agent(one: &SessionInfo, other: &SessionInfo) -> bool {
    match (&one.attempt, &other.attempt) {
        (Some(one), Some(other)) => one.wave == other.wave && one.agent == other.agent,
        _ => false,
    }
}

/// Whether a later attempt of the same agent has a terminal.
fn superseded(session: &SessionInfo, told: &Told) -> bool {
    let Some(attempt) = &session.attempt else { return false };
    told.sessions.iter().filter_map(|other| other.attempt.as_ref()).any(|other| {
        other.wave == attempt.wave && other.agent == attempt.agent && other.number > attempt.number
    })
}
