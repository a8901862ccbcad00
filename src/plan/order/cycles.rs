//! The order in which dependencies come before what needs them, and the circles in which there is none.
//!
//! A task is one node of this order. A saga or an epic is two: where it begins, which everything in it comes after, and
//! where it ends, which comes after everything in it. So a dependency on an epic is one on all that lies in it.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::lists::Lists;
use crate::plan::backlog::Task;

/// A node of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// A task, or the place where a saga or epic begins.
    Begin(usize),
    /// The place where a saga or epic ends.
    End(usize),
}

/// Every node, dependencies first.
#[derive(Debug)]
pub(super) struct Sequence {
    nodes: Vec<Node>,
    /// The circle that each record is in, or that the saga or epic around it waits for before it begins.
    circle_of: Vec<Option<usize>>,
    /// The records that hold each circle together, from the first one on, each before what it waits for.
    circles: Vec<Vec<usize>>,
}

impl Sequence {
    /// Orders records by their dependencies. What is put away neither waits nor is waited for.
    pub(super) fn of(tasks: &[&Task], needs: &Lists, container: &[Option<usize>]) -> Sequence {
        let counts = |index: usize| tasks.get(index).is_some_and(|task| !task.status.is_put_away());
        let (graph, nodes) = graph(tasks, needs, container);
        let mut sequence =
            Sequence { nodes: Vec::new(), circle_of: vec![None; tasks.len()], circles: Vec::new() };
        let mut never_begins: Vec<Option<usize>> = vec![None; tasks.len()];
        for component in kosaraju_scc(&graph) {
            let round = component.len() > 1
                || component.first().is_some_and(|only| graph.find_edge(*only, *only).is_some());
            let found = component.iter().filter_map(|node| nodes.get(node.index()).copied());
            if !round {
                sequence.nodes.extend(found);
                continue;
            }
            let number = sequence.circles.len();
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
                if let Some(place) = sequence.circle_of.get_mut(*member) {
                    *place = Some(number);
                }
            }
            let within = |index: usize| members.binary_search(&index).is_ok();
            let stated = |index: usize| {
                let needs = needs.of_index(index).iter().copied();
                needs.filter(move |need| counts(index) && counts(*need))
            };
            let mut holding: Vec<usize> = members
                .iter()
                .flat_map(|index| stated(*index).filter(|need| within(*need)).flat_map(|need| [*index, need]))
                .collect();
            holding.sort_unstable();
            holding.dedup();
            sequence.circles.push(walked(&holding, stated, container));
        }
        // What lies in something that never begins does not begin either.
        let waits_for_ever = |index: usize| {
            let mut around =
                std::iter::successors(Some(index), |index| container.get(*index).copied().flatten());
            around.find_map(|holder| never_begins.get(holder).copied().flatten())
        };
        for (index, circle) in sequence.circle_of.iter_mut().enumerate() {
            *circle = circle.or_else(|| waits_for_ever(index));
        }
        sequence.nodes.retain(|node| match node {
            Node::Begin(index) | Node::End(index) => waits_for_ever(*index).is_none(),
        });
        sequence
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

/// Edges go from what waits to what it waits for.
fn graph(tasks: &[&Task], needs: &Lists, container: &[Option<usize>]) -> (DiGraph<(), ()>, Vec<Node>) {
    let counts = |index: usize| tasks.get(index).is_some_and(|task| !task.status.is_put_away());
    let mut graph = DiGraph::with_capacity(tasks.len(), tasks.len() * 4);
    let mut nodes = Vec::with_capacity(tasks.len());
    for index in 0..tasks.len() {
        graph.add_node(());
        nodes.push(Node::Begin(index));
    }
    let mut ends = Vec::with_capacity(tasks.len());
    for (index, task) in tasks.iter().enumerate() {
        if task.kind.is_container() {
            let end = graph.add_node(());
            nodes.push(Node::End(index));
            graph.add_edge(end, NodeIndex::new(index), ());
            ends.push(end);
        } else {
            ends.push(NodeIndex::new(index));
        }
    }
    let end = |index: usize| ends.get(index).copied();
    for index in 0..tasks.len() {
        let begin = NodeIndex::new(index);
        for need in needs.of_index(index).iter().filter(|need| counts(index) && counts(**need)) {
            end(*need).map(|need| graph.add_edge(begin, need, ()));
        }
        if let Some(holder) = container.get(index).copied().flatten() {
            graph.add_edge(begin, NodeIndex::new(holder), ());
            end(holder).zip(end(index)).map(|(holder, member)| graph.add_edge(holder, member, ()));
        }
    }
    (graph, nodes)
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
