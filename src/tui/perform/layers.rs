//! Verbs while a layer lies over the room: moving in its list, taking what it offers, leaving it.

use crate::tui::app::{App, Asked, Region};
use crate::tui::board::subject::Subject;
use crate::tui::event::Command;
use crate::tui::findings::FindingList;
use crate::tui::layer::{Confirm, Layer, Line, Page, Yes, found, help_lines};
use crate::tui::notice::Weight;
use crate::tui::text::short;
use crate::tui::theme::Role;
use crate::tui::verb::{Plain, Verb};

impl App {
    /// Does what a verb says to the layer on top.
    pub(super) fn perform_in_layer(&mut self, verb: Verb) -> Vec<Command> {
        if let Some(Layer::Form) = self.layers.last() {
            return self.perform_in_form(verb);
        }
        let page = i64::from(self.regions().sheet.map_or(1, |sheet| sheet.body.height.max(1)));
        let steps = match verb {
            Verb::Plain(Plain::Back) => {
                self.layers.pop();
                return Vec::new();
            }
            Verb::Plain(Plain::Confirm) => return self.confirm_layer(),
            Verb::Plain(Plain::Accept) => return self.accept_drift(false),
            Verb::Plain(Plain::AcceptAll) => return self.accept_drift(true),
            Verb::Plain(Plain::WriteBack) => return self.write_drift(false),
            Verb::Plain(Plain::WriteBackAll) => return self.write_drift(true),
            Verb::Plain(Plain::Up) => -1,
            Verb::Plain(Plain::Down) => 1,
            Verb::Plain(Plain::PageUp) => -page,
            Verb::Plain(Plain::PageDown) => page,
            Verb::Plain(Plain::First) => i64::from(i32::MIN),
            Verb::Plain(Plain::Last) => i64::from(i32::MAX),
            Verb::Plain(_) | Verb::FocusPane(_) | Verb::Choose(_) => return Vec::new(),
        };
        let keymap = &self.settings.keymap;
        let visible = usize::try_from(page).unwrap_or(1);
        match self.layers.last_mut() {
            Some(Layer::Palette { prompt, selected }) => {
                *selected = stepped(*selected, steps, found(&prompt.text()).len());
            }
            Some(Layer::Findings(list)) => {
                list.selected = stepped(list.selected, steps, list.found(&self.told).len());
            }
            Some(Layer::Plans(list)) => {
                list.selected = stepped(list.selected, steps, list.found(&self.told).len());
            }
            Some(Layer::Drift(list)) => {
                list.selected = stepped(list.selected, steps, self.board.deck.drift.len());
            }
            Some(Layer::Help { prompt, first }) => {
                let lines = help_lines(keymap, &prompt.text()).len();
                *first = stepped(*first, steps, (lines + 1).saturating_sub(visible));
            }
            Some(Layer::Page(page)) => {
                page.first = stepped(page.first, steps, (page.lines.len() + 1).saturating_sub(visible));
            }
            Some(Layer::Form | Layer::Confirm(_) | Layer::Words(_)) | None => {}
        }
        Vec::new()
    }

    /// Does what the layer on top offers, and closes it.
    pub(crate) fn confirm_layer(&mut self) -> Vec<Command> {
        match self.layers.pop() {
            Some(Layer::Palette { prompt, selected }) => match found(&prompt.text()).get(selected).copied() {
                Some(verb) => self.perform(verb),
                None => Vec::new(),
            },
            Some(Layer::Findings(list)) => {
                self.go_to_finding(&list);
                Vec::new()
            }
            Some(Layer::Plans(list)) => {
                let found = list.found(&self.told);
                if let Some(viewed) = found.get(list.selected.min(found.len().saturating_sub(1))) {
                    self.go_to(Region::Board);
                    self.board.show(Subject::Plan(viewed.clone()));
                }
                Vec::new()
            }
            Some(Layer::Drift(list)) => {
                self.go_to_drift(&list);
                Vec::new()
            }
            Some(Layer::Words(words)) => self.take_words(words),
            Some(Layer::Confirm(Confirm { yes, .. })) => match yes {
                Yes::Ask(request) => vec![self.request(request, Asked::Told)],
                Yes::WriteDraft => self.write_draft(),
                Yes::DiscardDraft => {
                    self.discard_draft();
                    Vec::new()
                }
            },
            Some(Layer::Help { .. } | Layer::Form | Layer::Page(_)) | None => Vec::new(),
        }
    }

    /// Goes to the card that the selected finding speaks of, and explains it.
    fn go_to_finding(&mut self, list: &FindingList) {
        match list.card(&self.told) {
            Some(card) => {
                self.go_to(Region::Board);
                self.board.selected = Some(card);
                self.explain();
            }
            None if list.found(&self.told).is_empty() => {}
            None => self.notice("This finding belongs to no wave; it is mended in its file.", Weight::Plain),
        }
    }

    /// Opens the page of what was noticed lately.
    pub(super) fn show_notices(&mut self) {
        let now = self.now;
        let lines: Vec<Line> = self
            .notices
            .newest_first()
            .map(|notice| Line {
                head: format!("{} ago", short(now.since_ms(notice.at))),
                text: notice.text.clone(),
                role: if notice.weight == Weight::Wrong { Role::Wrong } else { Role::Text },
            })
            .collect();
        let lines =
            if lines.is_empty() { vec![Line::plain("Nothing was noticed.", Role::Muted)] } else { lines };
        self.layers.push(Layer::Page(Page { title: "notices".into(), lines, first: 0 }));
    }
}

/// A list position moved by steps within `count` entries.
fn stepped(at: usize, steps: i64, count: usize) -> usize {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or(i64::MAX);
    let at = i64::try_from(at).unwrap_or(0);
    usize::try_from((at + steps).clamp(0, last)).unwrap_or(0)
}
