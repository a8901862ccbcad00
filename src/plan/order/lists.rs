//! A list of numbers for each of many numbers, in two vectors.

/// For each number below a limit, a list of numbers.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Where the list of each number begins in `items`, and where the last one ends.
    starts: Vec<usize>,
    items: Vec<usize>,
}

impl Lists {
    /// Lists for the numbers below `count`, from pairs of number and item. Each list keeps the order of its pairs.
    pub(super) fn of(count: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Lists {
        let mut starts = vec![0; count + 1];
        for (from, _) in pairs.clone() {
            if let Some(next) = starts.get_mut(from + 1) {
                *next += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut items = vec![0; sum];
        let mut next = starts.clone();
        for (from, item) in pairs {
            let Some(place) = next.get_mut(from) else { continue };
            if let Some(slot) = items.get_mut(*place) {
                *slot = item;
            }
            *place += 1;
        }
        Lists { starts, items }
    }

    /// The list of a number; empty for one past the limit.
    pub(super) fn of_index(&self, index: usize) -> &[usize] {
        let range = self.starts.get(index).zip(self.starts.get(index + 1));
        range.and_then(|(start, end)| self.items.get(*start..*end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;

    #[test]
    fn every_list_keeps_its_order() {
        let lists = Lists::of(3, [(2, 7), (0, 1), (2, 5)].into_iter());
        let found: Vec<&[usize]> = (0..4).map(|index| lists.of_index(index)).collect();
        assert_eq!(found, [&[1][..], &[], &[7, 5], &[]]);
    }
}
