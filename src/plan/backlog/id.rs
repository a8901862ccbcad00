//! Ids of tasks: opaque text, ordered as people count.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Id of a saga, epic, task or subtask. Any text: CLEO makes `T` and digits, and real stores hold `E1`, `T932E` and
/// paths, too.
///
/// Ordered by the numbers in it: `T999` comes before `T1000`. Two ids are equal when their texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(String);

impl TaskId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TaskId {
    fn from(text: &str) -> TaskId {
        TaskId(text.to_owned())
    }
}

impl From<String> for TaskId {
    fn from(text: String) -> TaskId {
        TaskId(text)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl Ord for TaskId {
    fn cmp(&self, other: &TaskId) -> Ordering {
        by_number(self.0.as_bytes(), other.0.as_bytes()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for TaskId {
    fn partial_cmp(&self, other: &TaskId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares runs of digits as numbers of any length and everything else byte by byte. `T7` and `T007` are equal here.
fn by_number(mut one: &[u8], mut other: &[u8]) -> Ordering {
    loop {
        let (Some(first), Some(second)) = (one.first(), other.first()) else {
            return one.len().cmp(&other.len());
        };
        if first.is_ascii_digit() && second.is_ascii_digit() {
            let ((digits, rest), (other_digits, other_rest)) = (number(one), number(other));
            let order = digits.len().cmp(&other_digits.len()).then_with(|| digits.cmp(other_digits));
            if order.is_ne() {
                return order;
            }
            (one, other) = (rest, other_rest);
        } else if first != second {
            return first.cmp(second);
        } else {
            (one, other) = (one.get(1..).unwrap_or_default(), other.get(1..).unwrap_or_default());
        }
    }
}

/// The digits at the beginning without leading zeros, and what follows them.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(length);
    let zeros = digits.iter().position(|byte| *byte != b'0').unwrap_or(digits.len());
    (digits.get(zeros..).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::TaskId;

    fn check(one: &str, other: &str, expected: Ordering) {
        assert_eq!(TaskId::from(one).cmp(&TaskId::from(other)), expected, "{one} and {other}");
        assert_eq!(TaskId::from(other).cmp(&TaskId::from(one)), expected.reverse(), "{other} and {one}");
    }

    #[test]
    fn ids_are_ordered_as_people_count() {
        check("T999", "T1000", Ordering::Less);
        check("T999", "T999", Ordering::Equal);
        check("T7", "T07", Ordering::Greater);
        check("T07", "T8", Ordering::Less);
        check("T-W0-2", "T-W0-10", Ordering::Less);
        check("T932", "T932E", Ordering::Less);
        check("E9", "T1", Ordering::Less);
        check("", "T1", Ordering::Less);
        check("T99999999999999999999998", "T99999999999999999999999", Ordering::Less);
        check("Tä1", "Tä2", Ordering::Less);
    }
}
