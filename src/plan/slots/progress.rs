//! How far a plan has come, in numbers: for each track and for each wave.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::wave::WaveNumber;
use super::{Turn, Waves};
use crate::plan::backlog::{Status, TaskId};
use crate::plan::order::Graph;

/// How far everything has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// All tasks of the waves.
    pub all: Counts,
    /// By track, in the order of names; tasks of no track come last, as `None`.
    pub tracks: Vec<OfTrack>,
    /// By wave.
    pub waves: Vec<OfWave>,
    /// Open tasks of the backlog that a saved plan gives no slot.
    pub without_slot: usize,
}

/// How many tasks stand how. Cancelled and archived tasks are in no wave and are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Done.
    pub done: usize,
    /// Somebody works on them.
    pub running: usize,
    /// They may start now: all that they depend on is finished, and it is their wave's turn.
    pub ready: usize,
    /// The others.
    pub waiting: usize,
}

/// A track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfTrack {
    /// Its name; `None` for tasks of no track.
    pub track: Option<String>,
    /// How far it has come.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfWave {
    /// Its number.
    pub wave: WaveNumber,
    /// How far it has come.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Counts {
    /// How many there are.
    pub fn total(&self) -> usize {
        self.done + self.running + self.ready + self.waiting
    }

    fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Done => self.done += 1,
            Standing::Running => self.running += 1,
            Standing::Ready => self.ready += 1,
            Standing::Waiting => self.waiting += 1,
        }
    }
}

/// How one task stands.
#[derive(Debug, Clone, Copy)]
enum Standing {
    Done,
    Running,
    Ready,
    Waiting,
}

impl Progress {
    /// How far these waves have come.
    pub fn of(graph: &Graph<'_>, waves: Waves<'_>) -> Progress {
        let turn = match waves {
            Waves::Saved { plan, .. } => Turn::of(plan, graph),
            Waves::Computed(_) => Turn::default(),
        };
        let placed: Vec<(WaveNumber, TaskId)> = match waves {
            Waves::Saved { plan, .. } => plan.slots().map(|(wave, slot)| (wave, slot.task.clone())).collect(),
            Waves::Computed(scope) => {
                let levels = graph.levels(scope).waves.into_iter();
                levels.flat_map(|level| level.tasks.into_iter().map(move |id| (level.number, id))).collect()
            }
        };
        let mut progress = Progress::default();
        // Tracks by name; no track comes after every name.
        let mut tracks: BTreeMap<(bool, Option<&str>), Counts> = BTreeMap::new();
        let mut of_waves: BTreeMap<WaveNumber, Counts> = BTreeMap::new();
        for (wave, id) in &placed {
            let Some(standing) = standing(graph, &turn, id) else { continue };
            let track = graph.track(id);
            progress.all.add(standing);
            tracks.entry((track.is_none(), track)).or_default().add(standing);
            of_waves.entry(*wave).or_default().add(standing);
        }
        let tracks = tracks.into_iter();
        progress.tracks =
            tracks.map(|((_, track), counts)| OfTrack { track: track.map(str::to_owned), counts }).collect();
        progress.waves = of_waves.into_iter().map(|(wave, counts)| OfWave { wave, counts }).collect();
        if let Waves::Saved { .. } = waves {
            let open = graph.backlog().tasks().filter(|task| super::turn::is_open(task));
            progress.without_slot = open.filter(|task| turn.wave_of(&task.id).is_none()).count();
        }
        progress
    }
}

/// How a task stands; `None` for what is not in the backlog, is put away, or only holds others.
fn standing(graph: &Graph<'_>, turn: &Turn, id: &TaskId) -> Option<Standing> {
    let task = graph.backlog().get(id).filter(|task| task.is_work())?;
    Some(match task.status {
        Status::Done => Standing::Done,
        Status::Active => Standing::Running,
        Status::Pending if turn.holds_back(id).is_none() && graph.is_free(id) => Standing::Ready,
        Status::Proposed | Status::Pending | Status::Blocked | Status::Cancelled | Status::Archived => {
            Standing::Waiting
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Counts, Progress};
    use crate::plan::order::fixtures::backlog;
    use crate::plan::order::{Graph, Scope};
    use crate::plan::slots::{Plan, Waves};

    /// `done/running/ready/waiting`.
    fn shown(counts: &Counts) -> String {
        format!("{}/{}/{}/{}", counts.done, counts.running, counts.ready, counts.waiting)
    }

    fn check(waves: Waves<'_>, tracks: &str, of_waves: &str, without_slot: usize) {
        let backlog = backlog(&[
            "S1 @infra",
            "T1 in S1 done",
            "T2 < T1 in S1",
            "T3 < T2 in S1",
            "T4 @product active",
            "T5 @product",
            "T6",
            "T7 archived",
            "T8 blocked",
        ]);
        let progress = Progress::of(&Graph::of(&backlog), waves);
        let told = progress
            .tracks
            .iter()
            .map(|it| format!("{} {}", it.track.as_deref().unwrap_or("-"), shown(&it.counts)));
        assert_eq!(told.collect::<Vec<_>>().join(", "), tracks);
        let told = progress.waves.iter().map(|it| format!("{} {}", it.wave, shown(&it.counts)));
        assert_eq!(told.collect::<Vec<_>>().join(", "), of_waves);
        assert_eq!(progress.without_slot, without_slot);
        assert_eq!(progress.all.total(), progress.tracks.iter().map(|it| it.counts.total()).sum::<usize>());
    }

    #[test]
    fn tracks_and_waves_are_counted_by_one_rule() {
        check(
            Waves::Computed(&Scope::All),
            "infra 1/0/1/1, product 0/1/1/0, - 0/0/1/1",
            "1 1/1/2/1, 2 0/0/1/0, 3 0/0/0/1",
            0,
        );
        let plan = Plan::of([
            (1, vec!["T1".into(), "T4".into(), "T9".into(), "S1".into()]),
            (3, vec!["T2".into(), "T5".into(), "T7".into()]),
        ]);
        check(
            Waves::Saved { slug: "next", plan: &plan },
            "infra 1/0/0/1, product 0/1/0/1",
            "1 1/1/0/0, 3 0/0/0/2",
            3,
        );
    }
}
