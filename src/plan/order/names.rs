//! Ids by number: each id of a backlog is looked up once for every dependency and parent that names it, so that is made
//! cheap.

/// No record.
const EMPTY: u32 = u32::MAX;

/// The numbers of texts: a table with open addressing. The same texts make the same table; nothing in it is random, so
/// texts that somebody chose with care can make it slow, and never wrong.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// All texts in a row.
    texts: String,
    /// Where each text ends in `texts`.
    ends: Vec<u32>,
    /// Numbers by place; its length is a power of two, and at least half of it is empty.
    table: Vec<u32>,
}

impl Names {
    /// Numbers texts from 0 on, in the order in which they come. Each comes once; what lies past four gigabytes in all is
    /// not found again.
    pub(super) fn of<'a>(texts: impl ExactSizeIterator<Item = &'a str>) -> Names {
        let count = texts.len();
        let mut names = Names {
            texts: String::with_capacity(count * 8),
            ends: Vec::with_capacity(count),
            table: vec![EMPTY; (count * 2).next_power_of_two()],
        };
        for text in texts {
            let Ok(number) = u32::try_from(names.ends.len()) else { break };
            let Ok(end) = u32::try_from(names.texts.len() + text.len()) else { break };
            names.texts.push_str(text);
            names.ends.push(end);
            let free = names.places(text).find(|place| names.table.get(*place) == Some(&EMPTY));
            if let Some(place) = free.and_then(|place| names.table.get_mut(place)) {
                *place = number;
            }
        }
        names
    }

    /// The number of a text.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        for place in self.places(text) {
            let number = *self.table.get(place)?;
            if number == EMPTY {
                return None;
            }
            if self.text(number as usize) == Some(text) {
                return Some(number as usize);
            }
        }
        None
    }

    fn text(&self, number: usize) -> Option<&str> {
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.texts.get(start as usize..*self.ends.get(number)? as usize)
    }

    /// Where a text may stand, the likeliest place first: every place once.
    fn places(&self, text: &str) -> impl Iterator<Item = usize> + use<> {
        let count = self.table.len();
        let mask = count.wrapping_sub(1);
        let first = hash(text) as usize;
        (0..count).map(move |step| first.wrapping_add(step) & mask)
    }
}

/// FNV-1a with its upper half folded in, since the table looks at the lowest bits.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::Names;

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let none = Names::of([].into_iter());
        assert_eq!((none.find(""), none.find("T1")), (None, None));
        let empty = Names::of([""].into_iter());
        assert_eq!((empty.find(""), empty.find("T1")), (Some(0), None));
    }

    proptest! {
        #[test]
        fn every_text_has_its_number(texts in prop::collection::btree_set("[Tab1-3]{0,4}", 0..60), other in "[Tab1-3]{0,4}") {
            let names = Names::of(texts.iter().map(String::as_str).collect::<Vec<_>>().into_iter());
            for (number, text) in texts.iter().enumerate() {
                prop_assert_eq!(names.find(text), Some(number));
            }
            prop_assert_eq!(names.find(&other), texts.iter().position(|text| *text == other));
        }
    }
}
