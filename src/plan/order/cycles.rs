//! The order in which dependencies come before what needs them, and the circles in which there is none.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::sort::{Node, Order};

/// Every node, dependencies first.
#[derive(Debug)]
pub(super) struct Sequence {
    nodes: Vec<Node>,
    /// The circle that each record is in, or that the saga or epic around it waits for before it begins. Empty when there is
    /// no circle at all.
    circle_of: Vec<Option<usize>>,
    /// The records that hold each circle together, from the first one on, each before what it waits for.
    circles: Vec<Vec<usize>>,
}

impl Sequence {
    /// Orders records by their dependencies. Where there is no circle, that is one walk over them.
    pub(super) fn of(order: Order<'_>) -> Sequence {
        let (sorted, remaining) = order.sorted();
        let mut sequence = Sequence { nodes: sorted, circle_of: Vec::new(), circles: Vec::new() };
        if !remaining.is_empty() {
            sequence.find_circles(order, &remaining);
        }
        sequence
    }

    /// Finds the circles among nodes of which each is in one or comes after one, and appends those that are in none.
    fn find_circles(&mut self, order: Order<'_>, nodes: &[Node]) {
        let (needs, container) = (order.needs, order.container);
        let graph = graph(order, nodes);
        self.circle_of = vec![None; order.marks.len()];
        let mut never_begins: Vec<Option<usize>> = vec![None; order.marks.len()];
        for component in kosaraju_scc(&graph) {
            let round = component.len() > 1
                || component.first().is_some_and(|only| graph.find_edge(*only, *only).is_some());
            let found = component.iter().filter_map(|node| nodes.get(node.index()).copied());
            if !round {
                self.nodes.extend(found);
                continue;
            }
            let number = self.circles.len();
            for node in &component {
                if let Some(Node::Begin(index)) = nodes.get(node.index())
                    && let Some(place) = never_begins.get_mut(*index)
                {
                    *place = Some(number);
                }
            }
            let mut members: Vec<usize> = found
                .map(|node| match node {
                    Node::Begin(index) | Node::End(index) => index,
                })
                .collect();
            members.sort_unstable();
            members.dedup();
            for member in &members {
                if let Some(place) = self.circle_of.get_mut(*member) {
                    *place = Some(number);
                }
            }
            let within = |index: usize| members.binary_search(&index).is_ok();
            let stated = |index: usize| {
                let needs = needs.of_index(index).iter().copied();
                needs.filter(move |need| order.counts(index) && order.counts(*need))
            };
            let mut holding: Vec<usize> = members
                .iter()
                .flat_map(|index| stated(*index).filter(|need| within(*need)).flat_map(|need| [*index, need]))
                .collect();
            holding.sort_unstable();
            holding.dedup();
            self.circles.push(walked(&holding, stated, container));
        }
        // What lies in something that never begins does not begin either.
        let waits_for_ever = |index: usize| {
            let mut around =
                std::iter::successors(Some(index), |index| container.get(*index).copied().flatten());
            around.find_map(|holder| never_begins.get(holder).copied().flatten())
        };
        for (index, circle) in self.circle_of.iter_mut().enumerate() {
            *circle = circle.or_else(|| waits_for_ever(index));
        }
        self.nodes.retain(|node| match node {
            Node::Begin(index) | Node::End(index) => waits_for_ever(*index).is_none(),
        });
    }

    /// Every node that is in no circle, dependencies first.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether a record is in a circle.
    pub(super) fn goes_round(&self, index: usize) -> bool {
        self.circle_of(index).is_some()
    }

    /// The circle that a record is in, by number.
    pub(super) fn circle_of(&self, index: usize) -> Option<usize> {
        self.circle_of.get(index).copied().flatten()
    }

    /// The records that hold each circle together, by number of the circle: each waits for the next as far as one list
    /// can say that, the last for the first.
    pub(super) fn circles(&self) -> &[Vec<usize>] {
        &self.circles
    }
}

/// Edges go from what waits to what it waits for, among these nodes.
fn graph(order: Order<'_>, nodes: &[Node]) -> DiGraph<(), ()> {
    let mut graph = DiGraph::with_capacity(nodes.len(), nodes.len() * 4);
    let mut places = [vec![NodeIndex::end(); order.marks.len()], vec![NodeIndex::end(); order.marks.len()]];
    let place = |places: &[Vec<NodeIndex>; 2], node: Node| {
        let [begins, ends] = places;
        let place = match node {
            Node::Begin(index) => begins.get(index),
            Node::End(index) => ends.get(index),
        };
        place.copied().filter(|place| *place != NodeIndex::end())
    };
    for node in nodes {
        let [begins, ends] = &mut places;
        let (list, index) = match node {
            Node::Begin(index) => (begins, index),
            Node::End(index) => (ends, index),
        };
        if let Some(place) = list.get_mut(*index) {
            *place = graph.add_node(());
        }
    }
    for node in nodes {
        let Some(from) = place(&places, *node) else { continue };
        order.waits_for(*node, |waited| {
            if let Some(to) = place(&places, waited) {
                graph.add_edge(from, to, ());
            }
        });
    }
    graph
}

/// The members of a circle in an order in which each waits for the next where it can be: from the first member on, to
/// the first dependency (or the saga or epic around) that was not met yet.
fn walked<N: Iterator<Item = usize>>(
    members: &[usize],
    needs: impl Fn(usize) -> N,
    container: &[Option<usize>],
) -> Vec<usize> {
    let mut met = vec![false; members.len()];
    let mut walk = Vec::with_capacity(members.len());
    let place_of = |index: usize| members.binary_search(&index).ok();
    for first in 0..members.len() {
        let mut next = Some(first);
        while let Some(place) = next.filter(|place| met.get(*place) == Some(&false)) {
            let Some(index) = members.get(place).copied() else { break };
            if let Some(seen) = met.get_mut(place) {
                *seen = true;
            }
            walk.push(index);
            let around = std::iter::successors(container.get(index).copied().flatten(), |index| {
                container.get(*index).copied().flatten()
            });
            let unmet = |place: &usize| met.get(*place) == Some(&false);
            next = needs(index).chain(around).filter_map(place_of).find(unmet);
        }
    }
    walk
}
