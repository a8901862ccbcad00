//! When a client may have the next state of a pane. Pure: time is handed in.
//!
//! The first change after quiet goes out at once, what follows is paced, and a client never has more than one state that
//! it has not drawn yet. An echo of the operator's own key does not wait for the pace.

use std::time::{Duration, Instant};

/// Time between two states of one pane for one client.
pub(super) const FRAME: Duration = Duration::from_millis(16);

/// One pane that one client shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// Generation of the last state that was sent; 0 before the first.
    pub(super) sent_generation: u64,
    /// The terminal's change count when that state was taken.
    pub(super) seen_changes: u64,
    in_flight: bool,
    sent_at: Option<Instant>,
    expedited: bool,
}

/// What to do about a pane that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Send the state now.
    Now,
    /// Send it at that time.
    At(Instant),
    /// Send it when the client has drawn the last one.
    WhenDrawn,
}

impl Pace {
    /// What to do about a change.
    pub(super) fn turn(&self, now: Instant) -> Turn {
        if self.in_flight {
            return Turn::WhenDrawn;
        }
        match self.sent_at {
            Some(sent_at) if !self.expedited && now < sent_at + FRAME => Turn::At(sent_at + FRAME),
            _ => Turn::Now,
        }
    }

    /// The operator typed into this pane: what comes of it is shown at once.
    pub(super) fn expedite(&mut self) {
        self.expedited = true;
    }

    /// A state was sent.
    pub(super) fn sent(&mut self, generation: u64, changes: u64, now: Instant) {
        self.sent_generation = generation;
        self.seen_changes = changes;
        self.in_flight = true;
        self.sent_at = Some(now);
        self.expedited = false;
    }

    /// The client has drawn a state.
    pub(super) fn drawn(&mut self, generation: u64) {
        if generation >= self.sent_generation {
            self.in_flight = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{FRAME, Pace, Turn};

    #[test]
    fn first_at_once_then_paced_then_held_until_drawn() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.turn(start), Turn::Now);
        pace.sent(1, 1, start);
        assert_eq!(pace.turn(start + FRAME * 9), Turn::WhenDrawn);
        pace.drawn(1);
        assert_eq!(pace.turn(start + Duration::from_millis(3)), Turn::At(start + FRAME));
        assert_eq!(pace.turn(start + FRAME), Turn::Now);
    }

    #[test]
    fn an_echo_does_not_wait_for_the_pace_but_for_the_drawing() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.sent(4, 9, start);
        pace.expedite();
        assert_eq!(pace.turn(start), Turn::WhenDrawn);
        pace.drawn(3);
        assert_eq!(pace.turn(start), Turn::WhenDrawn, "an older state says nothing about the last one");
        pace.drawn(4);
        assert_eq!(pace.turn(start), Turn::Now);
        pace.sent(5, 10, start);
        pace.drawn(5);
        assert_eq!(pace.turn(start), Turn::At(start + FRAME), "only the first state after a key hurries");
    }
}
