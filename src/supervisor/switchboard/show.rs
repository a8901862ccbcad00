//! What clients get to see, and when: the states of the panes that they show, and the list of terminals.

use std::time::{Duration, Instant};

use super::pace::Turn;
use super::{RETRY, Switchboard};
use crate::supervisor::frame::{FrameKind, encode};
use crate::supervisor::protocol::{ServerMessage, SessionInfo};

/// Time between two lists of terminals while only their times of output change.
const SESSIONS_EVERY: Duration = Duration::from_secs(1);

impl Switchboard {
    /// Sends every client what it can take now. Gives the time at which there is more to do, if there is one.
    pub(super) fn show(&mut self, now: Instant) -> Option<Instant> {
        let mut wake_at: Option<Instant> = None;
        let mut wake = |at: Instant| wake_at = Some(wake_at.map_or(at, |earlier| earlier.min(at)));
        for line in self.lines.values_mut() {
            if let Some(until) = line.end_synchronized(now) {
                wake(until);
            }
        }
        let mut gone = Vec::new();
        for (id, guest) in &mut self.guests {
            let turns: Vec<Option<Turn>> = guest
                .watched
                .iter()
                .map(|watched| {
                    let line = self.lines.get(&watched.session)?;
                    (line.changes != watched.pace.seen_changes)
                        .then(|| watched.pace.turn(now, guest.beat, line.silent_since()))
                })
                .collect();
            let on_the_beat = turns.contains(&Some(Turn::Now));
            if on_the_beat {
                guest.beat = Some(now);
            }
            let mut frames = Vec::new();
            for (watched, turn) in guest.watched.iter_mut().zip(turns) {
                let (Some(turn), Some(line)) = (turn, self.lines.get_mut(&watched.session)) else { continue };
                match turn {
                    Turn::At(at) if !on_the_beat => {
                        wake(at);
                        continue;
                    }
                    Turn::WhenDrawn => continue,
                    Turn::Now | Turn::Hurried | Turn::At(_) => {}
                }
                let known = watched.pace.sent_generation;
                match line.terminal.encoded_update_since(&watched.session, known) {
                    Some((generation, update)) => {
                        watched.pace.sent(generation, line.changes, now);
                        frames.push(encode(FrameKind::Screen, &update));
                    }
                    None => watched.pace.seen_changes = line.changes,
                }
            }
            if frames.iter().any(|frame| guest.send(frame) == super::Reading::Gone) {
                gone.push(*id);
            }
        }
        for id in gone {
            self.part(id);
        }
        if let Some(at) = self.tell_sessions(now) {
            wake(at);
        }
        if !self.undelivered.is_empty() {
            wake(now + RETRY);
        }
        wake_at
    }

    fn tell_sessions(&mut self, now: Instant) -> Option<Instant> {
        if !self.sessions_changed {
            return None;
        }
        if let Some(at) = self.sessions_told_at.map(|told| told + SESSIONS_EVERY).filter(|at| *at > now) {
            return Some(at);
        }
        self.sessions_changed = false;
        self.sessions_told_at = Some(now);
        let sessions = self.session_list();
        self.tell_rooms(&ServerMessage::Sessions { sessions });
        None
    }

    /// Every terminal, in the order in which names count: `shell-2` comes before `shell-10`.
    pub(super) fn session_list(&self) -> Vec<SessionInfo> {
        let mut sessions: Vec<SessionInfo> = self.lines.values().map(super::line::Line::info).collect();
        sessions.sort_by(|one, other| numbered(&one.session).cmp(&numbered(&other.session)));
        sessions
    }
}

/// A name without the number at its end, and that number.
fn numbered(name: &str) -> (&str, u64) {
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (word, name.get(word.len()..).and_then(|digits| digits.parse().ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn names_are_counted_not_spelled() {
        let mut names = ["shell-10", "main-w1-a1-2", "shell-9", "shell-1", "shell"];
        names.sort_by_key(|name| numbered(name));
        assert_eq!(names, ["main-w1-a1-2", "shell", "shell-1", "shell-9", "shell-10"]);
    }
}
