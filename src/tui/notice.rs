//! What the operator should know and need not answer: shown for a while in the line of hints, then found in the list of
//! notices. A notice never takes a key.

use std::collections::VecDeque;

use crate::engine::Time;

const KEPT: usize = 200;
const SHOWN_MS: u64 = 8_000;
const SHOWN_WRONG_MS: u64 = 20_000;

/// Whether something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// No.
    Plain,
    /// Yes.
    Wrong,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// A sentence.
    pub(crate) text: String,
    /// Whether it went wrong.
    pub(crate) weight: Weight,
    /// Since when.
    pub(crate) at: Time,
}

/// The newest notices; older ones than the last 200 are forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notices {
    kept: VecDeque<Notice>,
}

impl Notices {
    /// Adds one.
    pub(crate) fn add(&mut self, text: impl Into<String>, weight: Weight, at: Time) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Notice { text: text.into(), weight, at });
    }

    /// The newest one, while it is to be shown.
    pub(crate) fn shown(&self, now: Time) -> Option<&Notice> {
        self.kept.back().filter(|notice| now < until(notice))
    }

    /// When the shown one is to go.
    pub(crate) fn next_change(&self, now: Time) -> Option<Time> {
        self.shown(now).map(until)
    }

    /// All that are kept, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Notice> {
        self.kept.iter().rev()
    }
}

fn until(notice: &Notice) -> Time {
    notice.at.plus_ms(match notice.weight {
        Weight::Plain => SHOWN_MS,
        Weight::Wrong => SHOWN_WRONG_MS,
    })
}

#[cfg(test)]
mod tests {
    use super::{Notices, Weight};
    use crate::engine::Time;

    #[test]
    fn a_notice_goes_after_a_while_and_stays_in_the_list() {
        let mut notices = Notices::default();
        notices.add("Answered A2.", Weight::Plain, Time(1_000));
        assert!(notices.shown(Time(8_999)).is_some());
        assert_eq!(notices.next_change(Time(2_000)), Some(Time(9_000)));
        assert!(notices.shown(Time(9_000)).is_none());
        assert_eq!(notices.newest_first().count(), 1);
    }
}
