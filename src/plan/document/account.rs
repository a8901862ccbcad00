//! The books of a reading: every id of the text gets one purpose, and a task one slot.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::finding::Position;
use super::super::text::Lines;
use super::super::wave::WaveNumber;
use super::entry::{Leading, plain};
use super::ids::{Found, Ids};
use super::{DocumentSlot, DocumentWave, Gate, Mention, Purpose, Reading, Shape, Unread};
use crate::plan::backlog::TaskId;

/// Collects what is read.
pub(super) struct Accounts<'t> {
    ids: &'t Ids,
    lines: Lines<'t>,
    reading: Reading,
    by_id: BTreeMap<TaskId, usize>,
}

/// The ids of one line, and what was said of them so far.
pub(super) struct LineIds {
    /// First byte of the line in the text.
    pub(super) start: usize,
    pub(super) found: Vec<Found>,
    purposes: Vec<Option<Purpose>>,
}

/// Where slots come from.
pub(super) struct Origin<'o> {
    pub(super) wave: WaveNumber,
    pub(super) shape: Shape,
    pub(super) track: Option<&'o str>,
    /// A checkbox, or a column, says that they are done.
    pub(super) ticked: bool,
}

impl LineIds {
    pub(super) fn of(start: usize, found: Vec<Found>) -> LineIds {
        let purposes = vec![None; found.len()];
        LineIds { start, found, purposes }
    }

    /// Says what an id is there for, unless that was said before.
    pub(super) fn say(&mut self, index: usize, purpose: Purpose) {
        if let Some(place) = self.purposes.get_mut(index) {
            place.get_or_insert(purpose);
        }
    }

    /// Whether something was said of an id.
    pub(super) fn is_open(&self, index: usize) -> bool {
        self.purposes.get(index).is_some_and(Option::is_none)
    }
}

impl<'t> Accounts<'t> {
    pub(super) fn new(text: &'t str, ids: &'t Ids) -> Accounts<'t> {
        Accounts { ids, lines: Lines::of(text), reading: Reading::default(), by_id: BTreeMap::new() }
    }

    /// The reading, its slots and mentions in the order of the text.
    pub(super) fn finish(self) -> Reading {
        let mut reading = self.reading;
        reading.slots.sort_by_key(|slot| slot.position);
        reading.mentions.sort_by_key(|mention| mention.bytes.start);
        reading.unread.sort_by_key(|unread| unread.position);
        reading
    }

    pub(super) fn position(&self, offset: usize) -> Position {
        self.lines.position(offset)
    }

    /// The ids of a line that begins at `start`.
    pub(super) fn scan(&self, start: usize, line: &str) -> LineIds {
        LineIds::of(start, self.ids.scan(line))
    }

    /// Notes a wave; a second mention adds its title when the first had none.
    pub(super) fn wave(&mut self, number: WaveNumber, label: &str, title: &str, offset: usize) {
        let title = plain(title);
        match self.reading.waves.iter_mut().find(|wave| wave.number == number) {
            Some(wave) if wave.title.is_empty() => wave.title = title,
            Some(_) => {}
            None => {
                let position = self.position(offset);
                self.reading.waves.push(DocumentWave { number, label: label.to_owned(), title, position });
            }
        }
    }

    pub(super) fn has_waves(&self) -> bool {
        !self.reading.waves.is_empty()
    }

    pub(super) fn gate(&mut self, wave: Option<WaveNumber>, text: &str, offset: usize) {
        let position = self.position(offset);
        let text = plain(text);
        self.reading.gates.push(Gate { wave, text, position });
    }

    /// Reports a line of a plan that names no task.
    pub(super) fn unread_line(&mut self, offset: usize, why: &str) {
        let text = self.line_at(offset);
        let position = self.position(offset);
        self.reading.unread.push(Unread { text, id: None, why: why.to_owned(), position });
    }

    /// Gives slots to the ids with which something begins. Gives those that have one now.
    pub(super) fn slots(
        &mut self,
        line: &mut LineIds,
        leading: &Leading,
        origin: &Origin<'_>,
    ) -> Vec<TaskId> {
        let mut given = Vec::new();
        for (order, read) in leading.ids.iter().enumerate() {
            let Some(found) = line.found.get(read.index).cloned() else { continue };
            let offset = line.start + found.range.start;
            for index in &read.conditions {
                line.say(*index, Purpose::Condition);
            }
            if read.struck {
                line.say(read.index, Purpose::NotUnderstood { why: "it is struck out".into() });
                continue;
            }
            let begins_range = leading.ids.get(order + 1).is_some_and(|next| next.ends_range);
            let in_range = read.ends_range || begins_range;
            let shape = if in_range { Shape::Range } else { origin.shape };
            let origin = Origin { shape, ticked: origin.ticked || read.ticked, ..*origin };
            if read.ends_range {
                let before = order.checked_sub(1).and_then(|before| leading.ids.get(before));
                let from =
                    before.and_then(|before| line.found.get(before.index)).map(|found| found.id.clone());
                given.extend(
                    from.map(|from| self.interior(&from, &found.id, line, &found.range, &origin))
                        .into_iter()
                        .flatten(),
                );
            }
            let purpose = self.place(&found.id, offset, &origin);
            if matches!(purpose, Purpose::Slot { .. }) {
                given.push(found.id.clone());
                let needs = read.conditions.iter().filter_map(|index| line.found.get(*index));
                let needs: Vec<TaskId> = needs.map(|found| found.id.clone()).collect();
                self.needs(&found.id, &needs);
            }
            line.say(read.index, purpose);
        }
        given
    }

    /// What a range stands for between its ends. With a backlog, only ids that it has.
    fn interior(
        &mut self,
        from: &TaskId,
        to: &TaskId,
        line: &LineIds,
        range: &Range<usize>,
        origin: &Origin<'_>,
    ) -> Vec<TaskId> {
        let offset = line.start + range.start;
        let Some(between) = self.ids.between(from, to) else {
            self.unread_line(offset, "the range does not count up, or is longer than 200");
            return Vec::new();
        };
        let mut given = Vec::new();
        for id in between {
            let purpose = if self.ids.is_empty() || self.ids.knows(&id) {
                self.place(&id, offset, origin)
            } else {
                Purpose::NotUnderstood { why: "it is in the range, but not in the backlog".into() }
            };
            if matches!(purpose, Purpose::Slot { .. }) {
                given.push(id.clone());
            }
            self.mention(id, offset, line.start + range.end, purpose);
        }
        given
    }

    /// Gives a task its slot, or says why it has another.
    fn place(&mut self, id: &TaskId, offset: usize, origin: &Origin<'_>) -> Purpose {
        let position = self.position(offset);
        let known = self.by_id.get(id).and_then(|index| self.reading.slots.get_mut(*index));
        match known {
            Some(slot) if slot.wave != origin.wave => {
                let why = format!("it is in wave {} already, by line {}", slot.wave, slot.position.line);
                Purpose::NotUnderstood { why }
            }
            Some(slot) => {
                slot.ticked |= origin.ticked;
                if slot.track.is_none() {
                    slot.track = origin.track.map(str::to_owned);
                }
                Purpose::Slot { wave: origin.wave, shape: origin.shape }
            }
            None => {
                self.by_id.insert(id.clone(), self.reading.slots.len());
                self.reading.slots.push(DocumentSlot {
                    id: id.clone(),
                    wave: origin.wave,
                    track: origin.track.map(str::to_owned).filter(|track| !track.is_empty()),
                    ticked: origin.ticked,
                    needs: Vec::new(),
                    position,
                });
                Purpose::Slot { wave: origin.wave, shape: origin.shape }
            }
        }
    }

    /// Notes what a slot's task needs, by the document.
    pub(super) fn needs(&mut self, id: &TaskId, needs: &[TaskId]) {
        let slot = self.by_id.get(id).and_then(|index| self.reading.slots.get_mut(*index));
        let Some(slot) = slot else { return };
        for need in needs {
            if need != id && !slot.needs.contains(need) {
                slot.needs.push(need.clone());
            }
        }
    }

    /// Closes a line: ids of which nothing was said get `otherwise`.
    pub(super) fn close(&mut self, line: LineIds, otherwise: &Purpose) {
        for (found, purpose) in line.found.into_iter().zip(line.purposes) {
            let purpose = purpose.unwrap_or_else(|| otherwise.clone());
            self.mention(found.id, line.start + found.range.start, line.start + found.range.end, purpose);
        }
    }

    fn mention(&mut self, id: TaskId, start: usize, end: usize, purpose: Purpose) {
        let position = self.position(start);
        if let Purpose::NotUnderstood { why } = &purpose {
            let text = self.line_at(start);
            self.reading.unread.push(Unread { text, id: Some(id.clone()), why: why.clone(), position });
        }
        self.reading.mentions.push(Mention { id, position, bytes: start..end, purpose });
    }

    fn line_at(&self, offset: usize) -> String {
        let line = self.lines.all().get(self.lines.number_at(offset));
        line.map(|line| self.lines.content(*line).trim().to_owned()).unwrap_or_default()
    }
}
