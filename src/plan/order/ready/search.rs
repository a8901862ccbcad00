//! The search for the largest pick of tasks that are safe together.
//!
//! Tracks choose in turns, each its most urgent task that is safe with what was picked before. Where that leaves a track
//! short, earlier choices are tried otherwise, within a limit: the problem is hard in general (independent set), and
//! small wherever people ask for a few tasks.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::backlog::{Task, TaskId};
use crate::plan::order::Graph;
use crate::plan::order::overlap::Claims;

/// How many choices may be tried to find a larger pick than the first.
const MOST_CHOICES: u32 = 20_000;

/// Picks of more tasks than this are taken as they first come.
const MOST_PLACES: usize = 64;

/// Why two tasks are not safe together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clash {
    /// Both would touch these.
    Files(Vec<String>),
    /// One comes before the other, or lies in it.
    Order,
}

/// A task that could be picked, or that somebody works on.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) task: &'a Task,
    index: usize,
    claims: Claims,
}

/// Where a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Its track, by number.
    pub(super) track: usize,
    /// How many of the track are more urgent.
    pub(super) rank: usize,
}

/// Everything that could be picked.
#[derive(Debug)]
pub(super) struct Field<'a, 'g> {
    graph: &'g Graph<'a>,
    tracks: Vec<Vec<Candidate<'g>>>,
    active: Vec<Candidate<'g>>,
    per_track: usize,
    /// What comes before a record, by number, of those that were asked about.
    before: BTreeMap<usize, BTreeSet<usize>>,
}

/// How far the search has come.
#[derive(Debug)]
struct Progress {
    picked: Vec<Place>,
    largest: Vec<Place>,
    choices_left: u32,
}

impl<'g> Candidate<'g> {
    pub(super) fn of(graph: &Graph<'_>, task: &'g Task) -> Option<Candidate<'g>> {
        Some(Candidate { task, index: graph.index(&task.id)?, claims: Claims::of(task) })
    }
}

impl<'a, 'g> Field<'a, 'g> {
    /// Candidates by track, the most urgent first, and what somebody works on already.
    pub(super) fn of(
        graph: &'g Graph<'a>,
        tracks: Vec<Vec<Candidate<'g>>>,
        active: Vec<Candidate<'g>>,
        per_track: usize,
    ) -> Field<'a, 'g> {
        Field { graph, tracks, active, per_track, before: BTreeMap::new() }
    }

    pub(super) fn per_track(&self) -> usize {
        self.per_track
    }

    /// How many candidates a track has.
    pub(super) fn count(&self, track: usize) -> usize {
        self.tracks.get(track).map_or(0, Vec::len)
    }

    pub(super) fn at(&self, place: Place) -> Option<&Candidate<'g>> {
        self.tracks.get(place.track)?.get(place.rank)
    }

    /// The largest pick found, by track and then urgency. Nothing could be added to it.
    pub(super) fn largest_pick(&mut self) -> Vec<Place> {
        let first = self.filled(Vec::new());
        let wanted: usize = (0..self.tracks.len()).map(|track| self.count(track).min(self.per_track)).sum();
        let mut picked = first.clone();
        if first.len() < wanted && wanted <= MOST_PLACES {
            let mut progress = Progress { picked: Vec::new(), largest: first, choices_left: MOST_CHOICES };
            self.search(&mut progress, 0);
            picked = self.filled(progress.largest);
        }
        picked.sort_unstable();
        picked
    }

    /// Adds whatever fits, the tracks in turns.
    fn filled(&mut self, mut picked: Vec<Place>) -> Vec<Place> {
        let mut next = vec![0; self.tracks.len()];
        loop {
            let mut grew = false;
            for track in 0..self.tracks.len() {
                if picked.iter().filter(|place| place.track == track).count() >= self.per_track {
                    continue;
                }
                let from = next.get(track).copied().unwrap_or_default();
                let fits = (from..self.count(track))
                    .map(|rank| Place { track, rank })
                    .find(|place| !picked.contains(place) && self.clash(*place, &picked).is_none());
                if let Some(next) = next.get_mut(track) {
                    // What did not fit will not fit beside more.
                    *next = fits.map_or(usize::MAX, |place| place.rank + 1);
                }
                grew |= fits.is_some();
                picked.extend(fits);
            }
            if !grew {
                return picked;
            }
        }
    }

    /// Tries every choice for the place of this number, which is a track's turn, and for those after it; ends with
    /// `true` when there is nothing better to be found or the choices are used up.
    fn search(&mut self, progress: &mut Progress, number: usize) -> bool {
        let tracks = self.tracks.len();
        let left = |track: usize, last: Option<usize>, turns: usize| {
            self.count(track).saturating_sub(last.map_or(0, |rank| rank + 1)).min(turns)
        };
        let last = |track: usize| {
            progress.picked.iter().filter(|place| place.track == track).map(|place| place.rank).max()
        };
        let most: usize = (0..tracks)
            .map(|track| {
                let turns = self.per_track.saturating_sub(number.saturating_sub(track).div_ceil(tracks));
                left(track, last(track), turns)
            })
            .sum();
        if most == 0 || progress.picked.len() + most <= progress.largest.len() {
            return false;
        }
        let track = number % tracks;
        let from = last(track).map_or(0, |rank| rank + 1);
        for rank in from..self.count(track) {
            if progress.choices_left == 0 {
                return true;
            }
            progress.choices_left -= 1;
            let place = Place { track, rank };
            if self.clash(place, &progress.picked).is_some() {
                continue;
            }
            progress.picked.push(place);
            if progress.picked.len() > progress.largest.len() {
                progress.largest.clone_from(&progress.picked);
            }
            if self.search(progress, number + 1) {
                return true;
            }
            progress.picked.pop();
        }
        self.search(progress, number + 1)
    }

    /// The first of the picked and the active that a candidate is not safe beside, and why.
    pub(super) fn clash(&mut self, place: Place, picked: &[Place]) -> Option<(TaskId, Clash)> {
        let Field { graph, tracks, active, before, .. } = self;
        let at = |place: &Place| tracks.get(place.track)?.get(place.rank);
        let own = at(&place)?;
        let others = picked.iter().filter(|other| **other != place).filter_map(at).chain(active.iter());
        for other in others {
            let shared = own.claims.shared(&other.claims);
            if !shared.is_empty() {
                return Some((other.task.id.clone(), Clash::Files(shared)));
            }
            if graph.tree.holds(own.index, other.index) || graph.tree.holds(other.index, own.index) {
                return Some((other.task.id.clone(), Clash::Order));
            }
            let mut comes_before = |one: usize, another: usize| {
                before.entry(another).or_insert_with(|| graph.everything_before(another)).contains(&one)
            };
            if comes_before(own.index, other.index) || comes_before(other.index, own.index) {
                return Some((other.task.id.clone(), Clash::Order));
            }
        }
        None
    }
}
