//! What decides how long the whole takes.

use super::{Graph, Scope};
use crate::plan::backlog::TaskId;

impl Graph<'_> {
    /// The longest chain of unfinished tasks of a scope, each of which has to wait for the one before; of several the
    /// one that ends with the first id. Dependencies through sagas and epics count, circles do not.
    pub fn critical_path(&self, scope: &Scope) -> Vec<TaskId> {
        let members = self.members(scope);
        let longest = self.longest(&members, |mark| u32::from(mark.is_work() && !mark.status.is_finished()));
        let length = |index: &usize| longest.ends.get(*index).copied().unwrap_or(0);
        let mut end = None;
        for index in members.indices().filter(|index| length(index) > 0) {
            if end.is_none_or(|best| length(&best) < length(&index)) {
                end = Some(index);
            }
        }
        let end = end.and_then(|end| longest.last.get(end).copied().flatten());
        let way = std::iter::successors(end, |index| longest.before.get(*index).copied().flatten());
        let mut path: Vec<TaskId> =
            way.filter_map(|index| self.task(index)).map(|task| task.id.clone()).collect();
        path.reverse();
        path
    }
}
