//! When to draw. The first change after quiet is drawn at once, and so is what the operator waits for; between other
//! frames are 4 ms at least. The supervisor paces the states of panes at 16 ms and sends the newest when it sends: were
//! they held back here for as long again, they would be old when they are seen. A terminal that is slower than that (a
//! line, an ssh connection) gets a new frame only when it has, as far as can be told, taken the last one: so never more
//! than one frame is on its way, and it is always the newest state.
//!
//! How much a terminal still has to take cannot be asked for (the kernel answers 0 for a pseudo-terminal), so it is
//! reckoned: a write that blocked shows the rate, and what was written since drains at that rate.

use std::time::{Duration, Instant};

/// Least time between two frames.
pub(crate) const FRAME: Duration = Duration::from_millis(4);

/// A write is taken to have blocked when it waited for room for at least this long.
const BLOCKED: Duration = Duration::from_millis(3);

/// What may still be on its way when the next frame is written, as time.
const SLACK: Duration = Duration::from_millis(4);

/// Longest time that a frame is held back for a slow terminal.
const HELD_MAX: Duration = Duration::from_millis(250);

/// Decides when the next frame is due.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    last_frame: Option<Instant>,
    bytes_per_second: Option<f64>,
    drained_at: Option<Instant>,
}

/// Whether the operator waits for what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// It is the answer to a key, or the operator's own doing.
    Now,
    /// It can be paced.
    Paced,
}

impl Pace {
    /// When a frame may be written at the earliest, seen from `now`.
    pub(crate) fn due(&self, now: Instant, urgency: Urgency) -> Instant {
        let paced = match (urgency, self.last_frame) {
            (Urgency::Paced, Some(last)) => last + FRAME,
            (Urgency::Now, _) | (Urgency::Paced, None) => now,
        };
        let free = self.drained_at.and_then(|at| at.checked_sub(SLACK)).unwrap_or(now);
        paced.max(free.min(now + HELD_MAX)).max(now)
    }

    /// Takes note of a frame: its bytes, when its write began and ended, and for how long in between the terminal had no
    /// room. The rest of that time says nothing of the terminal: this process may have had to wait for a processor.
    pub(crate) fn wrote(&mut self, bytes: usize, began: Instant, ended: Instant, waited: Duration) {
        self.last_frame = Some(began);
        let took = ended.saturating_duration_since(began);
        if waited >= BLOCKED && bytes > 0 {
            let rate = bytes as f64 / took.as_secs_f64();
            let known = self.bytes_per_second.unwrap_or(rate);
            self.bytes_per_second = Some((known + rate) / 2.0);
        } else if let Some(rate) = &mut self.bytes_per_second {
            // Nothing blocked: the terminal may be faster than it was.
            *rate *= 1.02;
            if *rate > 50e6 {
                self.bytes_per_second = None;
            }
        }
        self.drained_at = self.bytes_per_second.map(|rate| {
            let start = self.drained_at.filter(|at| *at > ended).unwrap_or(ended);
            start + Duration::from_secs_f64((bytes as f64 / rate).min(1.0))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{FRAME, Pace, Urgency};

    #[test]
    fn the_first_change_after_quiet_is_drawn_at_once_and_the_next_one_is_paced() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.due(start, Urgency::Paced), start);
        pace.wrote(1000, start, start + Duration::from_micros(100), Duration::ZERO);
        let soon = start + Duration::from_millis(2);
        assert_eq!(pace.due(soon, Urgency::Paced), start + FRAME);
        assert_eq!(pace.due(soon, Urgency::Now), soon);
        let later = start + Duration::from_millis(40);
        assert_eq!(pace.due(later, Urgency::Paced), later);
    }

    #[test]
    fn a_slow_terminal_gets_the_next_frame_when_it_has_taken_the_last() {
        let start = Instant::now();
        let mut pace = Pace::default();
        // 100 kB in 100 ms: 1 MB a second.
        pace.wrote(100_000, start, start + Duration::from_millis(100), Duration::from_millis(90));
        let now = start + Duration::from_millis(100);
        assert!(pace.due(now, Urgency::Now) > now + Duration::from_millis(50));
        assert!(pace.due(now, Urgency::Now) <= now + Duration::from_millis(250));
        let drained = now + Duration::from_millis(120);
        assert_eq!(pace.due(drained, Urgency::Now), drained);
    }

    #[test]
    fn a_write_that_took_long_with_room_to_write_slows_nothing_down() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let ended = start + Duration::from_millis(20);
        pace.wrote(5_000, start, ended, Duration::ZERO);
        assert_eq!(pace.due(ended, Urgency::Now), ended);
    }
}
