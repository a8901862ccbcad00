//! Tables on the walk: rows that say their wave, rows of a wave above, and columns that are waves.

use std::collections::BTreeSet;

use super::super::super::wave::WaveNumber;
use super::super::account::{LineIds, Origin};
use super::super::entry::{Manner, indices_in, leading};
use super::super::ids::slice;
use super::super::label::{Label, Meaning};
use super::super::lines::{Line, cells};
use super::super::table::{Columns, Row, track_name};
use super::super::{Purpose, Shape};
use super::{Context, Walk};

impl Walk<'_> {
    /// A table, from its header on.
    pub(super) fn table(&mut self, lines: &[Line]) {
        let row = |line: &Line| {
            let text = slice(self.text, &line.content);
            let found = self.accounts.scan(line.content.start, text).found;
            Row { start: line.content.start, text, cells: cells(text), found }
        };
        let Some(header) = lines.first().map(row) else { return };
        let body: Vec<Row<'_>> = lines.iter().skip(2).map(row).collect();
        let columns = Columns::of(&header, &body, self.scheme);
        let context = self.context();
        let detail = self.is_detail();
        self.accounts.close(LineIds::of(header.start, header.found.clone()), &Purpose::Prose);
        // With a row for each wave, a wave's tasks stand together; else each row says its own task's wave.
        let labels: Vec<Option<Label>> =
            body.iter().map(|row| columns.wave.and_then(|index| self.scheme.cell(row.cell(index)))).collect();
        let names = labels.iter().flatten().map(|label| label.text.as_str());
        let distinct: BTreeSet<&str> = names.clone().collect();
        let wave_by_row = distinct.len() == names.count();
        let mut last: Option<Label> = None;
        for (row, label) in body.iter().zip(labels) {
            let mut ids = LineIds::of(row.start, row.found.clone());
            let otherwise = if columns.wave.is_some() {
                let blank = columns.wave.is_some_and(|index| row.cell(index).trim().is_empty());
                let named = label.is_some();
                let label = if blank { last.clone() } else { label };
                last.clone_from(&label);
                let own = named && !wave_by_row;
                self.row_with_wave(row, &mut ids, &columns, label.as_ref(), own)
            } else if columns.waves.is_empty() {
                match context {
                    Some(Context::Wave(_)) if columns.tasks.is_empty() && !detail => {
                        Purpose::NotUnderstood { why: "no column of the table holds tasks".into() }
                    }
                    Some(Context::Wave(wave)) => {
                        self.row_of_wave(row, &mut ids, &columns, wave, Shape::Row);
                        Purpose::Prose
                    }
                    Some(Context::Gate) => Purpose::Condition,
                    None => Purpose::Prose,
                }
            } else {
                self.transposed_row(&header, row, &mut ids, &columns);
                Purpose::Prose
            };
            self.accounts.close(ids, &otherwise);
        }
    }

    /// A row that says which wave it is about. `own`: the cell is this task's own.
    fn row_with_wave(
        &mut self,
        row: &Row<'_>,
        ids: &mut LineIds,
        columns: &Columns,
        label: Option<&Label>,
        own: bool,
    ) -> Purpose {
        let Some(label) = label else {
            for (index, _) in &columns.tasks {
                let Some(cell) = row.cells.get(*index) else { continue };
                for index in indices_in(&row.found, cell) {
                    ids.say(index, Purpose::NotUnderstood { why: "the row does not say which wave".into() });
                }
            }
            return Purpose::Prose;
        };
        let cell = columns.wave.and_then(|index| row.cells.get(index)).map_or(0, |cell| cell.start);
        let start = row.start + cell + label.start;
        let Meaning::Wave(wave) = self.scheme.meaning(label) else {
            self.accounts.gate(None, row.text, row.start);
            return Purpose::Condition;
        };
        self.accounts.wave(wave, &label.text, "", start);
        let end = row.start + cell + label.end;
        let name = end - label.text.len();
        let shape = if own { Shape::WaveCell { start: name, end } } else { Shape::Inline };
        self.row_of_wave(row, ids, columns, wave, shape);
        Purpose::Prose
    }

    /// A row whose wave is known.
    fn row_of_wave(
        &mut self,
        row: &Row<'_>,
        ids: &mut LineIds,
        columns: &Columns,
        wave: WaveNumber,
        shape: Shape,
    ) {
        let done = row.says_done(columns.state);
        let of_row = columns.track.map(|index| track_name(row.cell(index)));
        let mut given = Vec::new();
        for (index, of_column) in &columns.tasks {
            let Some(cell) = row.cells.get(*index) else { continue };
            let read = leading(row.text, cell.clone(), &row.found, Manner::List);
            let shape = if read.ids.len() > 1 { Shape::Inline } else { shape };
            let track = of_column.as_deref().or(of_row.as_deref());
            given.extend(self.accounts.slots(ids, &read, &Origin { wave, shape, track, ticked: done }));
        }
        for index in columns.needs.iter().filter_map(|index| row.cells.get(*index)) {
            for index in indices_in(&row.found, index)
                .into_iter()
                .filter(|index| ids.is_open(*index))
                .collect::<Vec<_>>()
            {
                let need = row.found.get(index).map(|found| found.id.clone());
                given.iter().for_each(|task| self.accounts.needs(task, need.as_slice()));
                ids.say(index, Purpose::Condition);
            }
        }
    }

    /// A row of a table whose columns are waves.
    fn transposed_row(&mut self, header: &Row<'_>, row: &Row<'_>, ids: &mut LineIds, columns: &Columns) {
        let first = (0..header.cells.len()).find(|index| !columns.waves.contains(index));
        let track = first.map(|index| track_name(row.cell(index)));
        for index in &columns.waves {
            let Some(label) = self.scheme.label(header.cell(*index)) else { continue };
            let Meaning::Wave(wave) = self.scheme.meaning(&label) else { continue };
            let start = header.start + header.cells.get(*index).map_or(0, |cell| cell.start) + label.start;
            self.accounts.wave(wave, &label.text, "", start);
            let Some(cell) = row.cells.get(*index) else { continue };
            let read = leading(row.text, cell.clone(), &row.found, Manner::List);
            let origin = Origin { wave, shape: Shape::Inline, track: track.as_deref(), ticked: false };
            self.accounts.slots(ids, &read, &origin);
        }
    }
}
