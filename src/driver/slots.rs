//! Saved plans: changing them, and taking changes back.

use super::answer::Trouble;
use super::request::Reply;
use super::run::Driver;
use crate::engine::Input;
use crate::plan::slots::Change;

impl Driver {
    /// Changes a saved plan for somebody who has seen version `expected` of it.
    pub(super) fn change_slots(
        &mut self,
        change: Change,
        expected: Option<u64>,
        by: String,
    ) -> Result<Reply, Trouble> {
        let signed = change.clone().signed(&by, 0);
        let slug = match &change {
            Change::Rename { to, .. } => Some(to.clone()),
            other => other.slug().map(str::to_owned),
        };
        let followed = self.state.plans.documents();
        self.heard(Input::ChangeSlots { change, by, expected })?;
        self.follow_new_documents(&followed)?;
        let version = slug.as_deref().and_then(|slug| self.state.plans.get(slug)).map(|named| named.version);
        Ok(Reply::SlotsChanged { slug, version, message: signed.words() })
    }

    /// Takes a change of the saved plans back, or makes one again.
    pub(super) fn turn_slots(&mut self, input: Input, message: String) -> Result<Reply, Trouble> {
        let followed = self.state.plans.documents();
        self.heard(input)?;
        self.follow_new_documents(&followed)?;
        Ok(Reply::Done { message })
    }
}
