//! Who waits for whom, as one order of nodes, and that order sorted.
//!
//! A task is one node. A saga or an epic is two: where it begins, which everything in it comes after, and where it ends,
//! which comes after everything in it. So a dependency on an epic is one on all that lies in it.

use super::Mark;
use super::lists::Lists;

/// A node of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// A task, or the place where a saga or epic begins.
    Begin(usize),
    /// The place where a saga or epic ends.
    End(usize),
}

/// What orders records, by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    /// How each record stands.
    pub(super) marks: &'a [Mark],
    /// What each depends on.
    pub(super) needs: &'a Lists,
    /// The same, the other way round.
    pub(super) needed_by: &'a Lists,
    /// The nearest saga or epic that each lies in.
    pub(super) container: &'a [Option<usize>],
    /// The same, the other way round.
    pub(super) members: &'a Lists,
}

impl Order<'_> {
    /// What is put away neither waits nor is waited for.
    pub(super) fn counts(&self, index: usize) -> bool {
        self.marks.get(index).is_some_and(|mark| !mark.status.is_put_away())
    }

    fn is_container(&self, index: usize) -> bool {
        self.marks.get(index).is_some_and(|mark| mark.kind.is_container())
    }

    fn holder(&self, index: usize) -> Option<usize> {
        self.container.get(index).copied().flatten()
    }

    fn end(&self, index: usize) -> Node {
        if self.is_container(index) { Node::End(index) } else { Node::Begin(index) }
    }

    /// What a node waits for directly.
    pub(super) fn waits_for(&self, node: Node, mut told: impl FnMut(Node)) {
        match node {
            Node::Begin(index) => {
                if self.counts(index) {
                    let needs = self.needs.of_index(index).iter().filter(|need| self.counts(**need));
                    needs.for_each(|need| told(self.end(*need)));
                }
                self.holder(index).into_iter().for_each(|holder| told(Node::Begin(holder)));
            }
            Node::End(index) => {
                told(Node::Begin(index));
                self.members.of_index(index).iter().for_each(|member| told(self.end(*member)));
            }
        }
    }

    /// What waits for a node directly.
    fn awaited_by(&self, node: Node, mut told: impl FnMut(Node)) {
        let (Node::Begin(index) | Node::End(index)) = node;
        if self.is_container(index) && node == Node::Begin(index) {
            told(Node::End(index));
            self.members.of_index(index).iter().for_each(|member| told(Node::Begin(*member)));
            return;
        }
        if self.counts(index) {
            let waiting = self.needed_by.of_index(index).iter().filter(|waiting| self.counts(**waiting));
            waiting.for_each(|waiting| told(Node::Begin(*waiting)));
        }
        self.holder(index).into_iter().for_each(|holder| told(Node::End(holder)));
    }

    /// Every node that comes after no circle, dependencies first, and the others: Kahn's algorithm.
    pub(super) fn sorted(&self) -> (Vec<Node>, Vec<Node>) {
        let count = self.marks.len();
        let containers: Vec<usize> = (0..count).filter(|index| self.is_container(*index)).collect();
        let all = || {
            let ends = containers.iter().map(|index| Node::End(*index));
            (0..count).map(Node::Begin).chain(ends)
        };
        // How many nodes each one still waits for.
        let mut left = [vec![0_u32; count], vec![0_u32; count]];
        let mut sorted: Vec<Node> = Vec::with_capacity(count + containers.len());
        for node in all() {
            let mut waits = 0;
            self.waits_for(node, |_| waits += 1);
            if let Some(place) = left_of(&mut left, node) {
                *place = waits;
            }
            if waits == 0 {
                sorted.push(node);
            }
        }
        let mut next = 0;
        while let Some(node) = sorted.get(next).copied() {
            next += 1;
            self.awaited_by(node, |waiting| {
                let Some(place) = left_of(&mut left, waiting) else { return };
                *place = place.saturating_sub(1);
                if *place == 0 {
                    sorted.push(waiting);
                }
            });
        }
        let remaining = match sorted.len() == count + containers.len() {
            true => Vec::new(),
            false => all().filter(|node| left_of(&mut left, *node).is_some_and(|left| *left > 0)).collect(),
        };
        (sorted, remaining)
    }
}

/// The place of a node: of all beginnings in one list, of all ends in another.
fn left_of(left: &mut [Vec<u32>; 2], node: Node) -> Option<&mut u32> {
    let [begins, ends] = left;
    match node {
        Node::Begin(index) => begins.get_mut(index),
        Node::End(index) => ends.get_mut(index),
    }
}
