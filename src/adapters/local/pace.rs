//! The one place of the simulator that waits. Everything else says how long a thing takes, as a person would see it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::typed::Typed;

/// Time between two pictures of a spinner.
const FRAME: Duration = Duration::from_millis(120);

/// How many events may wait. Signals that find no place are dropped, since a picture asks for the size anyway; keys wait.
const EVENTS_MAX: usize = 64;

/// What can happen while the simulator waits.
#[derive(Debug)]
pub(super) enum Event {
    /// The terminal has another size.
    Resized,
    /// Somebody typed.
    Typed(Typed),
    /// A program that it started has ended: its output, or why it could not be run.
    Ended(std::io::Result<std::process::Output>),
}

/// What a wait came to.
#[derive(Debug)]
pub(super) enum Waited {
    /// Something happened.
    Event(Event),
    /// Time for the next picture.
    Frame,
    /// The time is over.
    Over,
}

/// The clock of the simulator.
#[derive(Debug)]
pub(super) struct Pace {
    /// Real milliseconds for a thousand that are said.
    per_thousand: u32,
    events: Receiver<Event>,
    sender: SyncSender<Event>,
    /// State of a small generator, so that agents do not move in step.
    rhythm: u64,
}

impl Pace {
    /// The pace of a demonstration, or that of tests. `seed` makes agents differ.
    pub(super) fn new(fast: bool, seed: &str) -> Pace {
        let (sender, events) = sync_channel(EVENTS_MAX);
        let rhythm = seed.bytes().fold(0x9e37_79b9_7f4a_7c15, |state: u64, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Pace { per_thousand: if fast { 10 } else { 1000 }, events, sender, rhythm: rhythm | 1 }
    }

    /// For those who tell what happens.
    pub(super) fn sender(&self) -> SyncSender<Event> {
        self.sender.clone()
    }

    /// Everything takes four times as long from here on.
    pub(super) fn slow_down(&mut self) {
        self.per_thousand = self.per_thousand.saturating_mul(4);
    }

    /// When something that takes so long will be over.
    pub(super) fn deadline(&self, duration: Duration) -> Instant {
        Instant::now() + self.scaled(duration)
    }

    /// A time around `duration`, from three quarters to five quarters of it, different each time and for each agent.
    pub(super) fn about(&mut self, duration: Duration) -> Duration {
        duration.mul_f64(0.75 + f64::from(self.number(500)) / 1000.0)
    }

    /// A number below `limit`, the same ones in the same order for the same agent.
    pub(super) fn number(&mut self, limit: u32) -> u32 {
        self.rhythm ^= self.rhythm << 13;
        self.rhythm ^= self.rhythm >> 7;
        self.rhythm ^= self.rhythm << 17;
        u32::try_from(self.rhythm >> 33).unwrap_or_default() % limit.max(1)
    }

    /// Waits for an event, the next picture or the end, whichever comes first.
    pub(super) fn wait(&self, deadline: Instant) -> Waited {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Waited::Over;
        }
        match self.events.recv_timeout(left.min(self.scaled(FRAME))) {
            Ok(event) => Waited::Event(event),
            // The sender that lies beside the receiver keeps the channel open.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Waited::Frame,
        }
    }

    /// Waits for an event, however long that takes.
    pub(super) fn wait_for_event(&self) -> Option<Event> {
        self.events.recv().ok()
    }

    fn scaled(&self, duration: Duration) -> Duration {
        (duration * self.per_thousand / 1000).max(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Event, Pace, Waited};

    #[test]
    fn tests_are_a_hundred_times_as_fast_and_slow_is_four_times_as_slow() {
        let second = Duration::from_secs(1);
        assert_eq!(Pace::new(false, "a").scaled(second), second);
        let mut pace = Pace::new(true, "a");
        assert_eq!(pace.scaled(second), Duration::from_millis(10));
        pace.slow_down();
        assert_eq!(pace.scaled(second), Duration::from_millis(40));
        assert_eq!(pace.scaled(Duration::ZERO), Duration::from_millis(1));
    }

    #[test]
    fn agents_differ_and_each_is_the_same_every_time() {
        let times = |seed: &str| {
            let mut pace = Pace::new(true, seed);
            (0..20).map(|_| pace.about(Duration::from_secs(1))).collect::<Vec<_>>()
        };
        assert_eq!(times("A1"), times("A1"));
        assert_ne!(times("A1"), times("A2"));
        let bounds = Duration::from_millis(750)..Duration::from_millis(1250);
        assert!(times("A1").iter().all(|time| bounds.contains(time)), "{:?}", times("A1"));
    }

    #[test]
    fn a_wait_ends_with_an_event_or_with_its_time() {
        let pace = Pace::new(true, "a");
        assert!(matches!(pace.wait(Instant::now()), Waited::Over));
        pace.sender().send(Event::Resized).expect("there is room");
        let far = Instant::now() + Duration::from_secs(60);
        assert!(matches!(pace.wait(far), Waited::Event(Event::Resized)));
        assert!(matches!(pace.wait(far), Waited::Frame));
    }
}
