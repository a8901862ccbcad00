//! When a client may have the next state of a pane. Pure: time is handed in.
//!
//! The first change after quiet goes out at once, what follows is paced, and a client never has more than one state that
//! it has not drawn yet. The panes of one client keep one rhythm, so that it draws them together. An echo of the
//! operator's own key does not wait for it, and neither does the end of a burst: nothing newer is coming soon.

use std::time::{Duration, Instant};

/// Time between two states for one client.
pub(super) const FRAME: Duration = Duration::from_millis(16);

/// A pane that printed just now and has been silent for this long is taken to have come to the end of a burst.
const SILENCE: Duration = Duration::from_millis(2);

/// Least time between a state and the end of a burst.
const GAP: Duration = Duration::from_millis(4);

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
    /// Send the state now, and those of the client's other panes with it.
    Now,
    /// Send the state now, alone and outside of the rhythm.
    Hurried,
    /// Send it at that time.
    At(Instant),
    /// Send it when the client has drawn the last one.
    WhenDrawn,
}

impl Pace {
    /// What to do about a change. `beat` is when the client last had states in its rhythm, `silent_since` when the pane last
    /// printed, unless it has more to read.
    pub(super) fn turn(&self, now: Instant, beat: Option<Instant>, silent_since: Option<Instant>) -> Turn {
        if self.in_flight {
            return Turn::WhenDrawn;
        }
        if self.expedited {
            return Turn::Hurried;
        }
        let Some(beat) = beat else { return Turn::Now };
        let due = match (silent_since, self.sent_at) {
            (Some(since), Some(sent_at)) if since < sent_at + FRAME + FRAME => {
                (since + SILENCE).max(beat + GAP).min(beat + FRAME)
            }
            _ => beat + FRAME,
        };
        if due <= now { Turn::Now } else { Turn::At(due) }
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

    use super::{FRAME, GAP, Pace, SILENCE, Turn};

    #[test]
    fn first_at_once_then_paced_then_held_until_drawn() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.turn(start, None, None), Turn::Now);
        pace.sent(1, 1, start);
        let beat = Some(start);
        assert_eq!(pace.turn(start + FRAME * 9, beat, None), Turn::WhenDrawn);
        pace.drawn(1);
        assert_eq!(pace.turn(start + Duration::from_millis(3), beat, None), Turn::At(start + FRAME));
        assert_eq!(pace.turn(start + FRAME, beat, None), Turn::Now);
    }

    #[test]
    fn an_echo_does_not_wait_for_the_pace_but_for_the_drawing() {
        let start = Instant::now();
        let beat = Some(start);
        let mut pace = Pace::default();
        pace.sent(4, 9, start);
        pace.expedite();
        assert_eq!(pace.turn(start, beat, None), Turn::WhenDrawn);
        pace.drawn(3);
        assert_eq!(
            pace.turn(start, beat, None),
            Turn::WhenDrawn,
            "an older state says nothing about the last one"
        );
        pace.drawn(4);
        assert_eq!(pace.turn(start, beat, None), Turn::Hurried);
        pace.sent(5, 10, start);
        pace.drawn(5);
        assert_eq!(
            pace.turn(start, beat, None),
            Turn::At(start + FRAME),
            "only the first state after a key hurries"
        );
    }

    #[test]
    fn the_end_of_a_burst_comes_early_and_a_lone_change_keeps_the_rhythm() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut pace = Pace::default();
        pace.sent(1, 1, start);
        pace.drawn(1);
        let beat = Some(start);
        assert_eq!(pace.turn(after(2), beat, Some(after(2))), Turn::At(start + GAP));
        assert_eq!(
            pace.turn(after(6), beat, Some(after(5))),
            Turn::At(after(5) + SILENCE),
            "it may go on printing"
        );
        assert_eq!(pace.turn(after(8), beat, Some(after(5))), Turn::Now);
        assert_eq!(pace.turn(after(8), beat, None), Turn::At(start + FRAME), "there is more to read");
        let later = Some(after(100));
        assert_eq!(
            pace.turn(after(104), later, Some(after(101))),
            Turn::At(after(100) + FRAME),
            "it had been quiet before"
        );
    }
}
