//! Writing a plan's change back into the document it came from: only the lines concerned, in the author's manner.
//!
//! Each change is made on the text, which is then read again: when it does not say what the plan says, and of every
//! other task what it said before, the change is refused. So a wrong guess about an author's manner costs a sentence
//! and never a document.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::edit::Refusal;
use super::super::finding::Position;
use super::super::text::{LineEnding, Lines};
use super::super::wave::WaveNumber;
use super::ids::{Ids, slice};
use super::label::Scheme;
use super::lines::{Line, LineKind, cells, lines_of};
use super::splice::{Splice, apply, entry_range, list_end, separator_before};
use super::{Mention, Purpose, Reading, Shape, read};
use crate::plan::backlog::TaskId;

/// The document with these tasks where the plan has them; `None` takes a task out. `titles` gives the title of a task
/// that the document does not have yet.
///
/// # Errors
/// When a change cannot be made without touching what the author wrote around it, with the line and what to do.
pub fn write(
    text: &str,
    ids: &Ids,
    changes: &BTreeMap<TaskId, Option<WaveNumber>>,
    titles: impl Fn(&TaskId) -> String,
) -> Result<String, Refusal> {
    let mut now = text.to_owned();
    for (task, wave) in changes {
        let reading = read(&now, ids);
        let mut expected = reading.placement();
        if expected.get(task) == wave.as_ref() {
            continue;
        }
        let title = titles(task);
        let change = Change { text: &now, ids, reading: &reading, task, title: &title };
        let after = change.make(*wave)?;
        match wave {
            Some(wave) => expected.insert(task.clone(), *wave),
            None => expected.remove(task),
        };
        if read(&after, ids).placement() != expected {
            let at = reading.slot(task).map_or(Position::START, |slot| slot.position);
            return refuse(
                at,
                format!("{task} cannot be put elsewhere without changing what the document says of others"),
            );
        }
        now = after;
    }
    Ok(now)
}

/// One change of one task.
struct Change<'c> {
    text: &'c str,
    ids: &'c Ids,
    reading: &'c Reading,
    task: &'c TaskId,
    title: &'c str,
}

/// A place in which a wave's tasks stand.
struct Spot<'c> {
    mention: &'c Mention,
    shape: Shape,
}

impl Change<'_> {
    fn make(&self, wave: Option<WaveNumber>) -> Result<String, Refusal> {
        let own: Vec<Spot<'_>> = self.spots().filter(|spot| spot.mention.id == *self.task).collect();
        let mut splices = Vec::new();
        if own.is_empty() {
            let Some(wave) = wave else { return Ok(self.text.to_owned()) };
            splices.extend(self.added(wave)?);
        }
        for spot in &own {
            splices.extend(match wave {
                Some(wave) => self.moved(spot, wave)?,
                None => vec![self.removed(spot)?],
            });
        }
        apply(self.text, splices).ok_or_else(|| {
            let at = own.first().map_or(Position::START, |spot| spot.mention.position);
            Refusal { reason: self.at(at, "the places to change overlap".into()), hint: HINT.into() }
        })
    }

    /// Where tasks stand, in the order of the text.
    fn spots(&self) -> impl Iterator<Item = Spot<'_>> {
        self.reading.mentions.iter().filter_map(|mention| match mention.purpose {
            Purpose::Slot { shape, .. } => Some(Spot { mention, shape }),
            Purpose::Condition | Purpose::Prose | Purpose::NotUnderstood { .. } => None,
        })
    }

    /// Places of a wave's other tasks that are of the same kind, the nearest to `from` first.
    fn of_wave(&self, wave: WaveNumber, from: usize, like: impl Fn(Shape) -> bool) -> Vec<Spot<'_>> {
        let in_wave = |spot: &Spot<'_>| {
            matches!(spot.mention.purpose, Purpose::Slot { wave: other, .. } if other == wave)
                && spot.mention.id != *self.task
                && like(spot.shape)
        };
        let mut spots: Vec<Spot<'_>> = self.spots().filter(in_wave).collect();
        spots.sort_by_key(|spot| spot.mention.bytes.start.abs_diff(from));
        spots
    }

    fn moved(&self, spot: &Spot<'_>, wave: WaveNumber) -> Result<Vec<Splice>, Refusal> {
        match spot.shape {
            Shape::WaveCell { start, end } => {
                let scheme = self.scheme();
                let cell = slice(self.text, &(start..end));
                let renamed = scheme.cell(cell).and_then(|label| scheme.renamed(&label, wave));
                match renamed {
                    Some(name) => Ok(vec![Splice { range: start..end, text: name }]),
                    None => refuse(
                        spot.mention.position,
                        format!("wave {wave} cannot be said in place of `{cell}`"),
                    ),
                }
            }
            Shape::Inline => {
                let column = self.column(spot.mention);
                let spots = self.of_wave(wave, spot.mention.bytes.start, |shape| shape == Shape::Inline);
                let same_column = spots.iter().find(|other| self.column(other.mention) == column);
                let Some(target) =
                    same_column.or(spots.first()).filter(|_| column.is_none() || same_column.is_some())
                else {
                    return self.placed_in_empty(spot, wave);
                };
                Ok(vec![self.removed(spot)?, self.appended(target.mention)])
            }
            Shape::Item => {
                let spots = self.of_wave(wave, spot.mention.bytes.start, |shape| shape == Shape::Item);
                let block = self.block(spot.mention);
                let text = slice(self.text, &block).to_owned();
                let last = spots.iter().map(|other| self.block(other.mention)).max_by_key(|block| block.end);
                let at = match last {
                    Some(last) => last.end,
                    None => self.below_heading(wave, spot.mention.position)?,
                };
                Ok(vec![self.cut(block), self.lines_at(at, &text)])
            }
            Shape::Row => {
                let row = self.line(spot.mention).bytes.clone();
                let spots = self.of_wave(wave, row.start, |shape| shape == Shape::Row);
                let fits = |other: &&Spot<'_>| {
                    let line = self.line(other.mention);
                    cells(slice(self.text, &line.bytes)).len() == cells(slice(self.text, &row)).len()
                };
                let last = spots.iter().filter(fits).map(|other| self.line(other.mention).bytes.end).max();
                let Some(last) = last else {
                    return refuse(
                        spot.mention.position,
                        format!("wave {wave} has no table with these columns"),
                    );
                };
                let text = slice(self.text, &row).to_owned();
                Ok(vec![self.cut(row.clone()), self.lines_at(last, &text)])
            }
            Shape::Section => refuse(
                spot.mention.position,
                format!("{} has a text of its own below its line, which is not moved", self.task),
            ),
            Shape::Range => refuse(spot.mention.position, format!("{} is part of a range", self.task)),
        }
    }

    fn removed(&self, spot: &Spot<'_>) -> Result<Splice, Refusal> {
        match spot.shape {
            Shape::Inline => {
                let line = self.line(spot.mention);
                let bounds = self.bounds(spot.mention, line);
                Ok(Splice {
                    range: entry_range(self.text, &bounds, &spot.mention.bytes, self.ids),
                    text: String::new(),
                })
            }
            Shape::Item => Ok(self.cut(self.block(spot.mention))),
            Shape::WaveCell { .. } | Shape::Row => Ok(self.cut(self.line(spot.mention).bytes.clone())),
            Shape::Section => refuse(
                spot.mention.position,
                format!("{} has a text of its own below its line, which is not taken out", self.task),
            ),
            Shape::Range => refuse(spot.mention.position, format!("{} is part of a range", self.task)),
        }
    }

    /// A task that the document does not have, in the manner of the last one of its wave.
    fn added(&self, wave: WaveNumber) -> Result<Vec<Splice>, Refusal> {
        let like = |shape: Shape| !matches!(shape, Shape::Section | Shape::Range);
        let spots = self.of_wave(wave, 0, like);
        let Some(last) = spots.first() else {
            let named = self.reading.waves.iter().find(|known| known.number == wave);
            let Some(named) = named else { return self.no_wave(Position::START, wave) };
            let at = self.below_heading(wave, named.position)?;
            return Ok(vec![self.lines_at(at, &format!("- {}{}", self.task, self.dashed_title()))]);
        };
        match last.shape {
            Shape::Inline => Ok(vec![self.appended(last.mention)]),
            Shape::Item => {
                let spots = self.of_wave(wave, 0, |shape| shape == Shape::Item);
                let last = spots.iter().max_by_key(|spot| spot.mention.bytes.end).unwrap_or(last);
                let line = self.line(last.mention);
                let before = slice(self.text, &(line.bytes.start..last.mention.bytes.start));
                let before = before.replace("[x]", "[ ]").replace("[X]", "[ ]").replace("~~", "");
                let after = slice(self.text, &(last.mention.bytes.end..line.bytes.end));
                let closing: String = after.chars().take_while(|letter| "*`_".contains(*letter)).collect();
                let text = format!("{before}{}{closing}{}", self.task, self.dashed_title());
                Ok(vec![self.lines_at(self.block(last.mention).end, &text)])
            }
            Shape::WaveCell { .. } | Shape::Row => {
                let line = self.line(last.mention);
                let row = slice(self.text, &line.bytes);
                let wave_cell = match last.shape {
                    Shape::WaveCell { start, .. } => Some(start - line.bytes.start),
                    _ => None,
                };
                let id = last.mention.bytes.start - line.bytes.start;
                let cells = cells(row).into_iter().map(|cell| {
                    if cell.contains(&id) {
                        format!(" {} ", self.task)
                    } else if wave_cell.is_some_and(|start| cell.contains(&start)) {
                        slice(row, &cell).to_owned()
                    } else {
                        " ".to_owned()
                    }
                });
                let text = format!("|{}|", cells.collect::<Vec<_>>().join("|"));
                Ok(vec![self.lines_at(line.bytes.end, &text)])
            }
            Shape::Section | Shape::Range => self.no_wave(last.mention.position, wave),
        }
    }

    /// An id into a wave's cell or line that holds none.
    fn placed_in_empty(&self, spot: &Spot<'_>, wave: WaveNumber) -> Result<Vec<Splice>, Refusal> {
        let lines = lines_of(self.text);
        let scheme = self.scheme();
        let own = self.line(spot.mention);
        let column = self.column(spot.mention);
        let named = |line: &&Line| {
            let text = slice(self.text, &line.content);
            let label = match line.kind {
                LineKind::Row => cells(text).first().and_then(|cell| scheme.cell(slice(text, cell))),
                _ => scheme.label(text),
            };
            label.is_some_and(|label| scheme.meaning(&label) == super::label::Meaning::Wave(wave))
                && std::mem::discriminant(&line.kind) == std::mem::discriminant(&own.kind)
        };
        let Some(line) = lines.iter().find(named) else { return self.no_wave(spot.mention.position, wave) };
        let splice = match column {
            Some(column) => {
                let row = slice(self.text, &line.content);
                let cell = cells(row).get(column).cloned().filter(|cell| slice(row, cell).trim().is_empty());
                let Some(cell) = cell else { return self.no_wave(spot.mention.position, wave) };
                let range = line.content.start + cell.start..line.content.start + cell.end;
                Splice { range, text: format!(" {} ", self.task) }
            }
            None => {
                let end = slice(self.text, &line.bytes).trim_end().len() + line.bytes.start;
                let colon = slice(self.text, &line.bytes).trim_end().ends_with([':', '—', '–', '-']);
                let text = if colon { format!(" {}", self.task) } else { format!(": {}", self.task) };
                Splice { range: end..end, text }
            }
        };
        Ok(vec![self.removed(spot)?, splice])
    }

    /// The id behind the last one of a row of ids.
    fn appended(&self, last: &Mention) -> Splice {
        let bounds = self.bounds(last, self.line(last));
        let at = list_end(self.text, &bounds, &last.bytes, self.ids);
        let before = separator_before(self.text, &bounds, at, self.ids);
        Splice { range: at..at, text: format!("{before}{}", self.task) }
    }

    /// The index of a mention's cell, when it stands in a row.
    fn column(&self, mention: &Mention) -> Option<usize> {
        let line = self.line(mention);
        if line.kind != LineKind::Row {
            return None;
        }
        let at = mention.bytes.start - line.content.start;
        cells(slice(self.text, &line.content)).iter().position(|cell| cell.contains(&at))
    }

    /// The bytes in which a row of ids ends: its cell, or its line.
    fn bounds(&self, mention: &Mention, line: Line) -> Range<usize> {
        let cell =
            self.column(mention).and_then(|index| cells(slice(self.text, &line.content)).get(index).cloned());
        match cell {
            Some(cell) => line.content.start + cell.start..line.content.start + cell.end,
            None => line.content,
        }
    }

    fn line(&self, mention: &Mention) -> Line {
        let lines = lines_of(self.text);
        let index = lines.partition_point(|line| line.bytes.start <= mention.bytes.start).saturating_sub(1);
        lines.into_iter().nth(index).unwrap_or(Line { bytes: 0..0, kind: LineKind::Blank, content: 0..0 })
    }

    /// An item with everything below it that belongs to it, without blank lines at its end.
    fn block(&self, mention: &Mention) -> Range<usize> {
        let lines = lines_of(self.text);
        let first = lines.partition_point(|line| line.bytes.start <= mention.bytes.start).saturating_sub(1);
        let Some(Line { bytes, kind: LineKind::Item { indent, .. }, .. }) = lines.get(first) else {
            return self.line(mention).bytes;
        };
        let mut end = bytes.end;
        let mut after_blank = false;
        for line in lines.iter().skip(first + 1) {
            let depth = slice(self.text, &line.bytes);
            let depth = depth.len() - depth.trim_start().len();
            match line.kind {
                LineKind::Blank => {
                    after_blank = true;
                    continue;
                }
                LineKind::Text { .. } if !after_blank || depth > *indent => {}
                LineKind::Item { .. }
                | LineKind::Fence
                | LineKind::Code
                | LineKind::Row
                | LineKind::Delimiter
                    if depth > *indent => {}
                _ => break,
            }
            after_blank = false;
            end = line.bytes.end;
        }
        bytes.start..end
    }

    /// Where the first item of a wave goes: behind its heading, and behind the blank line below that.
    fn below_heading(&self, wave: WaveNumber, at: Position) -> Result<usize, Refusal> {
        let scheme = self.scheme();
        let lines = lines_of(self.text);
        let is_wave = |line: &Line| {
            let label = scheme.label(slice(self.text, &line.content));
            matches!(line.kind, LineKind::Heading(_) | LineKind::Text { .. })
                && label.is_some_and(|label| scheme.meaning(&label) == super::label::Meaning::Wave(wave))
        };
        let Some(index) = lines.iter().position(is_wave) else { return self.no_wave(at, wave) };
        let below = lines.get(index + 1).filter(|line| line.kind == LineKind::Blank);
        Ok(below.or(lines.get(index)).map_or(0, |line| line.bytes.end))
    }

    fn scheme(&self) -> Scheme {
        let lines = lines_of(self.text);
        let beginnings = lines.iter().filter(|line| line.kind != LineKind::Blank);
        Scheme::of(beginnings.map(|line| slice(self.text, &line.content)))
    }

    /// Takes whole lines out, with the break behind them. Of two blank lines that would meet, one goes, too.
    fn cut(&self, lines: Range<usize>) -> Splice {
        let after = slice(self.text, &(lines.end..self.text.len()));
        let mut end = lines.end + break_length(after);
        let before = slice(self.text, &(0..lines.start));
        let blank_before = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
        let rest = slice(self.text, &(end..self.text.len()));
        if blank_before && break_length(rest) > 0 {
            end += break_length(rest);
        }
        Splice { range: lines.start..end, text: String::new() }
    }

    /// Whole lines behind the line that ends at `at`; with a blank line between when the lines above have one.
    fn lines_at(&self, at: usize, text: &str) -> Splice {
        let ending = LineEnding::of(self.text).text();
        let lines = lines_of(self.text);
        let last = lines.iter().position(|line| line.bytes.end == at).unwrap_or(0);
        let item = lines.iter().take(last + 1).rposition(|line| matches!(line.kind, LineKind::Item { .. }));
        let spaced = item.is_some_and(|item| {
            let blank = |index: usize| lines.get(index).is_some_and(|line| line.kind == LineKind::Blank);
            let above = item.checked_sub(2).and_then(|index| lines.get(index));
            item > 0
                && blank(item - 1)
                && above.is_some_and(|line| !matches!(line.kind, LineKind::Heading(_) | LineKind::Blank))
                && matches!(
                    lines.get(last).map(|line| line.kind),
                    Some(LineKind::Item { .. } | LineKind::Text { .. })
                )
        });
        let gap = if spaced { ending } else { "" };
        Splice { range: at..at, text: format!("{ending}{gap}{text}") }
    }

    fn dashed_title(&self) -> String {
        if self.title.is_empty() { String::new() } else { format!(" — {}", self.title) }
    }

    fn at(&self, position: Position, reason: String) -> String {
        format!("line {}: {reason}", position.line)
    }

    fn no_wave<T>(&self, at: Position, wave: WaveNumber) -> Result<T, Refusal> {
        refuse(at, format!("the document has no place for {} in wave {wave}", self.task))
    }
}

const HINT: &str = "change the document by hand; it is read again at once";

fn refuse<T>(at: Position, reason: String) -> Result<T, Refusal> {
    Err(Refusal { reason: format!("line {}: {reason}", at.line), hint: HINT.into() })
}

fn break_length(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// The numbers, from 1, of the lines of `before` that `after` does not have in its place, for people: from the first
/// that differs to the last.
pub fn lines_changed(before: &str, after: &str) -> Option<(usize, usize)> {
    let (one, other) = (Lines::of(before), Lines::of(after));
    let text =
        |lines: &Lines<'_>, index: usize| lines.all().get(index).map(|line| lines.content(*line).to_owned());
    let (count, others) = (one.all().len(), other.all().len());
    let first = (0..count.max(others)).find(|index| text(&one, *index) != text(&other, *index))?;
    let same_end = (1..=count.min(others).saturating_sub(first))
        .take_while(|back| text(&one, count - back) == text(&other, others - back))
        .count();
    Some((first + 1, (count - same_end).max(first + 1)))
}
