//! As many tasks of each track as asked for, safe together.

use std::collections::BTreeSet;

use super::search::{Candidate, Clash, Field, Place};
use super::{Balance, IdleTrack, NotReady, Ready, Why, WhyKind};
use crate::plan::backlog::Task;
use crate::plan::order::{Conflict, Graph, Members};

impl Graph<'_> {
    /// Picks of what is ready; the rest becomes not ready and says why.
    pub(super) fn pick(&self, members: &Members, balance: &Balance, all: Ready) -> Ready {
        let names = match balance.tracks.as_slice() {
            [] => self.tracks_of(members),
            some => once_each(some),
        };
        let mut ready = Ready { not_ready: all.not_ready, ..Ready::default() };
        let mut tracks: Vec<Vec<Candidate<'_>>> = names.iter().map(|_| Vec::new()).collect();
        for task in all.ready.iter().filter_map(|id| self.backlog.get(id)) {
            let track = self.track(&task.id);
            let place = track.and_then(|track| names.iter().position(|name| name == track));
            match place.and_then(|place| tracks.get_mut(place)) {
                Some(track) => track.extend(Candidate::of(self, task)),
                None => ready.not_ready.push(not_asked_for(task, track)),
            }
        }
        let active = self.active().filter_map(|task| Candidate::of(self, task)).collect();
        let mut field = Field::of(self, tracks, active, balance.per_track);
        let picked = field.largest_pick();
        ready.ready =
            picked.iter().filter_map(|place| field.at(*place)).map(|it| it.task.id.clone()).collect();
        for (track, name) in names.iter().enumerate() {
            tell_track(&mut field, &picked, (track, name), &mut ready);
        }
        ready.conflicts.sort();
        ready.conflicts.dedup();
        ready.not_ready.sort_by(|one, other| one.id.cmp(&other.id));
        let idle =
            names.iter().enumerate().filter(|(track, _)| picked.iter().all(|place| place.track != *track));
        ready.idle_tracks = idle
            .map(|(_, name)| IdleTrack { track: name.clone(), why: self.why_idle(name, members, &ready) })
            .collect();
        ready
    }

    /// Every track of a scope, in the order of names.
    fn tracks_of(&self, members: &Members) -> Vec<String> {
        let tasks = members.indices().filter_map(|index| self.task(index)).filter(|task| task.is_work());
        let tracks: BTreeSet<&str> = tasks.filter_map(|task| self.track(&task.id)).collect();
        tracks.into_iter().map(str::to_owned).collect()
    }

    /// Why a track got no task: of its tasks that wait, what the most urgent waits for.
    fn why_idle(&self, name: &str, members: &Members, ready: &Ready) -> String {
        let tasks = members.indices().filter_map(|index| self.task(index)).filter(|task| task.is_work());
        let own: Vec<&Task> = tasks.filter(|task| self.track(&task.id) == Some(name)).collect();
        if own.is_empty() {
            return "no task of the scope is in this track".into();
        }
        let waiting: Vec<&NotReady> =
            ready.not_ready.iter().filter(|row| self.track(&row.id) == Some(name)).collect();
        let mut ids: Vec<_> = waiting.iter().map(|row| row.id.clone()).collect();
        self.sort(&mut ids);
        let first = waiting.iter().find(|row| Some(&row.id) == ids.first());
        match first.and_then(|row| Some((row, row.why.first()?))) {
            None => "every task of it is done".into(),
            Some((row, why)) if ids.len() == 1 => format!("{}, its only open task, {}", row.id, why.detail),
            Some((row, why)) => {
                format!("none of its {} open tasks can be picked: {} {}", ids.len(), row.id, why.detail)
            }
        }
    }
}

/// Says of every task of a track that was not picked what keeps it from being.
fn tell_track(
    field: &mut Field<'_, '_>,
    picked: &[Place],
    (track, name): (usize, &String),
    ready: &mut Ready,
) {
    let taken = picked.iter().filter(|place| place.track == track).count();
    for rank in 0..field.count(track) {
        let place = Place { track, rank };
        let Some(id) = field.at(place).map(|it| it.task.id.clone()).filter(|_| !picked.contains(&place))
        else {
            continue;
        };
        let clash = if taken < field.per_track() { field.clash(place, picked) } else { None };
        let why = match clash {
            None => {
                let detail = format!("is ready, but track {name} has its {taken} already");
                Why { kind: WhyKind::Full, id: None, detail }
            }
            Some((other, Clash::Order)) => {
                let detail =
                    format!("would run beside {other}, which comes before or after it or is a part of it");
                Why { kind: WhyKind::Order, id: Some(other), detail }
            }
            Some((other, Clash::Files(paths))) => {
                let detail = format!("would touch {} beside {other}", paths.join(", "));
                let (a, b) = if id < other { (&id, &other) } else { (&other, &id) };
                ready.conflicts.push(Conflict { a: a.clone(), b: b.clone(), paths });
                Why { kind: WhyKind::Files, id: Some(other), detail }
            }
        };
        ready.not_ready.push(NotReady { id, why: vec![why] });
    }
}

fn not_asked_for(task: &Task, track: Option<&str>) -> NotReady {
    let detail = match track {
        Some(track) => format!("is ready, but its track {track} was not asked for"),
        None => "is ready, but in no track".into(),
    };
    NotReady { id: task.id.clone(), why: vec![Why { kind: WhyKind::Track, id: None, detail }] }
}

fn once_each(names: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    once
}
