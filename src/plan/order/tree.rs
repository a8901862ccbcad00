//! What lies in what, as a walk through the whole backlog: everything in a record is one stretch of it.

use super::lists::Lists;

/// The parents of records. Where parents go round in a circle, the circle is cut at its first record.
#[derive(Debug)]
pub(super) struct Tree {
    parents: Vec<Option<usize>>,
    /// Every record, each before what lies in it.
    walk: Vec<usize>,
    /// Where each record stands in `walk`, and where the stretch of what lies in it ends.
    stretch: Vec<(usize, usize)>,
    /// Records whose parents go round in a circle, a list for each circle.
    circles: Vec<Vec<usize>>,
}

impl Tree {
    /// The tree of these parents, by number.
    pub(super) fn of(mut parents: Vec<Option<usize>>) -> Tree {
        let circles = circles(&parents);
        for first in circles.iter().filter_map(|circle| circle.first()) {
            if let Some(parent) = parents.get_mut(*first) {
                *parent = None;
            }
        }
        let pairs = parents.iter().enumerate().filter_map(|(index, parent)| Some(((*parent)?, index)));
        let children = Lists::of(parents.len(), pairs);
        let mut walk = Vec::with_capacity(parents.len());
        let mut stretch = vec![(0, 0); parents.len()];
        let roots = (0..parents.len()).filter(|index| parents.get(*index) == Some(&None));
        for root in roots {
            // A record is met twice: before what lies in it, and after.
            let mut waiting = vec![(root, false)];
            while let Some((index, done)) = waiting.pop() {
                let Some(place) = stretch.get_mut(index) else { continue };
                if done {
                    place.1 = walk.len();
                    continue;
                }
                place.0 = walk.len();
                walk.push(index);
                waiting.push((index, true));
                waiting.extend(children.of_index(index).iter().rev().map(|child| (*child, false)));
            }
        }
        Tree { parents, walk, stretch, circles }
    }

    /// The record that this one lies in.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.parents.get(index).copied().flatten()
    }

    /// Every record, each before what lies in it.
    pub(super) fn parents_first(&self) -> &[usize] {
        &self.walk
    }

    /// A record and everything in it, at any depth.
    pub(super) fn within(&self, index: usize) -> &[usize] {
        let range = self.stretch.get(index).map_or(0..0, |(start, end)| *start..*end);
        self.walk.get(range).unwrap_or_default()
    }

    /// Whether `inner` lies in `outer`, at any depth, or is `outer`.
    pub(super) fn holds(&self, outer: usize, inner: usize) -> bool {
        match (self.stretch.get(outer), self.stretch.get(inner)) {
            (Some((start, end)), Some((place, _))) => (*start..*end).contains(place),
            (_, _) => false,
        }
    }

    /// Records whose parents go round in a circle, each circle once, from its first record on upwards.
    pub(super) fn circles(&self) -> &[Vec<usize>] {
        &self.circles
    }
}

/// The circles of a function from numbers to numbers, each from its smallest member on.
fn circles(next: &[Option<usize>]) -> Vec<Vec<usize>> {
    // The walk in which each was first met; 0 is none.
    let mut met = vec![0; next.len()];
    let mut found = Vec::new();
    for start in 0..next.len() {
        let mut at = Some(start);
        while let Some(index) = at {
            match met.get_mut(index) {
                Some(walk) if *walk == 0 => *walk = start + 1,
                Some(walk) if *walk == start + 1 => {
                    found.push(circle_of(next, index));
                    break;
                }
                Some(_) | None => break,
            }
            at = next.get(index).copied().flatten();
        }
    }
    found.sort();
    found
}

/// The circle that a member is in, from its smallest member on.
fn circle_of(next: &[Option<usize>], member: usize) -> Vec<usize> {
    let mut circle = vec![member];
    let mut at = next.get(member).copied().flatten();
    while let Some(index) = at.filter(|index| *index != member) {
        circle.push(index);
        at = next.get(index).copied().flatten();
    }
    let smallest = circle.iter().enumerate().min_by_key(|(_, index)| **index).map_or(0, |(place, _)| place);
    circle.rotate_left(smallest);
    circle
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn what_lies_in_a_record_is_one_stretch() {
        // 0 holds 1 and 3, 1 holds 2.
        let tree = Tree::of(vec![None, Some(0), Some(1), Some(0), None]);
        assert_eq!(tree.within(0), [0, 1, 2, 3]);
        assert_eq!(tree.within(1), [1, 2]);
        assert!(tree.holds(0, 2) && tree.holds(1, 2) && tree.holds(4, 4));
        assert!(!tree.holds(2, 0) && !tree.holds(3, 2) && !tree.holds(0, 4));
    }

    #[test]
    fn circles_are_cut_and_told() {
        // 2 lies in 1, 1 in 3, 3 in 1; 0 lies in itself; 4 lies in 2.
        let tree = Tree::of(vec![Some(0), Some(3), Some(1), Some(1), Some(2)]);
        assert_eq!(tree.circles(), [vec![0], vec![1, 3]]);
        assert_eq!(tree.within(1), [1, 2, 4, 3]);
        assert_eq!(tree.within(0), [0]);
        assert_eq!(tree.parents_first().len(), 5);
    }
}
