//! What goes on outside the driver: sessions and clients in memory, under the traits that the product implements.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::driver::publish::{Notice, Publish};
use crate::driver::request::{Reply, ReplyTo};
use crate::driver::sessions::{Living, SessionSpec, Sessions};
use crate::engine::input::Exit;
use crate::engine::{Fact, QuestionId};
use crate::plan::Sources;

/// What goes on outside the driver. It stays when a driver goes.
#[derive(Default)]
pub(super) struct World {
    pub(super) sessions: BTreeMap<String, FakeSession>,
    /// Names of the sessions that were really started, in order.
    pub(super) started: Vec<String>,
    pub(super) forgotten: Vec<String>,
    pub(super) facts: Vec<(u64, Fact)>,
    pub(super) notices: Vec<Notice>,
    pub(super) replies: Vec<(ReplyTo, Reply)>,
    pub(super) sources_told: usize,
    /// Paths of wave files that alone changed, as told.
    pub(super) wave_files_told: Vec<String>,
    pub(super) now: u64,
    /// Why nobody can be asked what lives.
    pub(super) keeper_gone: Option<String>,
    pub(super) requests: u64,
}

pub(super) struct FakeSession {
    pub(super) spec: SessionSpec,
    pub(super) pid: u32,
    pub(super) exit: Option<Exit>,
    /// How far its agent got.
    pub(super) stage: Stage,
}

/// How far an agent got.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stage {
    Fresh,
    Asked(QuestionId),
    Answered,
    Submitted,
}

/// The world, and word of every change of it.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<(Mutex<World>, Condvar)>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap()
    }

    /// As [`Shared::lock`], for a change that others wait for.
    pub(super) fn change(&self) -> Changing<'_> {
        Changing { world: self.lock(), changed: &self.0.1 }
    }

    /// Waits until the world is so; `None` when that takes too long.
    pub(super) fn wait<T>(&self, mut is_so: impl FnMut(&World) -> Option<T>) -> Option<T> {
        let until = Instant::now() + Duration::from_secs(30);
        let mut world = self.lock();
        loop {
            if let Some(found) = is_so(&world) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            world = self.0.1.wait_timeout(world, left).unwrap().0;
        }
    }
}

/// A change of the world; told when it is made.
pub(super) struct Changing<'a> {
    world: MutexGuard<'a, World>,
    changed: &'a Condvar,
}

impl Deref for Changing<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.changed.notify_all();
    }
}

/// Sessions in memory.
pub(super) struct FakeSessions(pub(super) Shared);

impl Sessions for FakeSessions {
    fn open(&mut self, spec: &SessionSpec) -> Result<u32, String> {
        let mut world = self.0.change();
        if let Some(there) = world.sessions.get(&spec.name) {
            return Ok(there.pid);
        }
        world.started.push(spec.name.clone());
        let pid = 4_000_000 + u32::try_from(world.started.len()).unwrap();
        let session = FakeSession { spec: spec.clone(), pid, exit: None, stage: Stage::Fresh };
        world.sessions.insert(spec.name.clone(), session);
        Ok(pid)
    }

    fn end(&mut self, name: &str, _grace_ms: u64) {
        if let Some(session) = self.0.change().sessions.get_mut(name) {
            session.exit.get_or_insert(Exit::Signal { signal: 15 });
        }
    }

    fn forget(&mut self, name: &str) {
        let mut world = self.0.change();
        world.sessions.remove(name);
        world.forgotten.push(name.to_owned());
    }

    fn living(&mut self) -> Result<Vec<Living>, String> {
        let world = self.0.change();
        match &world.keeper_gone {
            Some(why) => Err(why.clone()),
            None => Ok(world
                .sessions
                .iter()
                .map(|(name, session)| Living {
                    name: name.clone(),
                    pid: session.pid,
                    exit: session.exit,
                    attempt: session.spec.attempt.clone(),
                })
                .collect()),
        }
    }
}

/// Everyone who listens.
pub(super) struct FakeClients(pub(super) Shared);

impl Publish for FakeClients {
    fn fact(&mut self, sequence: u64, fact: &Fact) {
        self.0.change().facts.push((sequence, fact.clone()));
    }

    fn wave_file(&mut self, path: &str, _text: Option<&str>) {
        self.0.change().wave_files_told.push(path.to_owned());
    }

    fn sources(&mut self, _sources: &Sources) {
        self.0.change().sources_told += 1;
    }

    fn notice(&mut self, notice: &Notice) {
        self.0.change().notices.push(notice.clone());
    }

    fn reply(&mut self, to: ReplyTo, reply: Reply) {
        self.0.change().replies.push((to, reply));
    }
}
