//! Verbs that start or end something: the room asks before it asks the supervisor.

use std::collections::BTreeMap;

use super::app::App;
use super::layer::{Confirm, Layer, Yes};
use super::notice::Weight;
use crate::engine::input::LaunchOptions;
use crate::engine::state::WaveStatus;
use crate::engine::view::{Card, Condition};
use crate::plan::WaveNumber;
use crate::plan::runtime::RuntimeId;
use crate::supervisor::protocol::Request;

impl App {
    /// Asks to run the selected wave; `executor` takes the place of every agent's own choice.
    pub(super) fn launch_selected(&mut self, executor: Option<RuntimeId>) {
        if let (Some(_), Some(card)) = (self.board.viewed(), &self.board.selected) {
            let text = format!(
                "A plan's tasks are not run from here: `wavedeck orchestrate spawn {}` gives the prompt of this one.",
                card.name
            );
            return self.notice(text, Weight::Plain);
        }
        if let Some(wave) = self.board.selected.as_ref().and_then(|id| id.wave()) {
            self.ask_to_launch(vec![wave], executor);
        }
    }

    pub(super) fn launch_all(&mut self) {
        let closed = |wave: &WaveNumber| {
            let mut states = self.told.state.waves.iter();
            states.any(|(key, state)| {
                key.number == *wave
                    && key.lane == self.told.project.lane
                    && state.status == WaveStatus::Closed
            })
        };
        let waves: Vec<WaveNumber> =
            self.told.project.waves.keys().copied().filter(|wave| !closed(wave)).collect();
        self.ask_to_launch(waves, None);
    }

    fn ask_to_launch(&mut self, waves: Vec<WaveNumber>, executor: Option<RuntimeId>) {
        if waves.is_empty() {
            return self.notice("Every wave is closed.", Weight::Plain);
        }
        let mut runtimes: BTreeMap<&str, usize> = BTreeMap::new();
        for card in self.told.cards.iter().filter(|card| waves.contains(&card.wave.number)) {
            *runtimes.entry(executor.as_ref().map_or(&card.runtime, |executor| &executor.0)).or_default() +=
                1;
        }
        let count: usize = runtimes.values().sum();
        let runtimes: Vec<String> =
            runtimes.iter().map(|(runtime, count)| format!("{count} on {runtime}")).collect();
        let numbers: Vec<String> = waves.iter().map(ToString::to_string).collect();
        let word = if waves.len() == 1 { "wave" } else { "waves" };
        let mut lines = vec![format!("{count} agents: {}.", runtimes.join(", "))];
        if waves.len() > 1 {
            lines.push("Waves run in order; those that are closed are left alone.".into());
        }
        let options = LaunchOptions { executor, ..LaunchOptions::default() };
        let request = Request::Launch { waves, options, command: None };
        self.layers.push(Layer::Confirm(Confirm {
            question: format!("Run {word} {}?", numbers.join(", ")),
            lines,
            yes: Yes::Ask(request),
        }));
    }

    pub(super) fn cancel(&mut self) {
        let running = |card: &&Card| {
            matches!(card.condition, Condition::Working | Condition::Waiting | Condition::RateLimited)
        };
        let Some(card) = self.selected_card().filter(running) else {
            return self.notice("Nothing runs there.", Weight::Plain);
        };
        let Some(attempt) = card.attempt.clone() else { return };
        let question = format!("End {}?", card.agent);
        let by = self.settings.operator.clone();
        self.layers.push(Layer::Confirm(Confirm {
            question,
            lines: vec![
                "Its process and everything it started is ended.".into(),
                "It is not tried again in this run; its log and its files stay.".into(),
            ],
            yes: Yes::Ask(Request::Cancel { attempt, by }),
        }));
    }

    pub(super) fn close_pane(&mut self) {
        let Some(session) = self.panes.focus.as_ref().and_then(|name| self.told.session(name)) else {
            return;
        };
        if session.attempt.is_some() {
            return self.notice("This is an agent's terminal: end the agent instead.", Weight::Plain);
        }
        let (question, name) = (format!("End {}?", session.label), session.session.clone());
        self.layers.push(Layer::Confirm(Confirm {
            question,
            lines: vec!["Its process and everything it started is ended.".into()],
            yes: Yes::Ask(Request::CloseShell { session: name }),
        }));
    }
}
