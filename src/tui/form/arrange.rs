//! Where everything of the form lies: questions and the file side by side, or one part at a time where there is little
//! room. The answer is always given in the same place, below the questions, so no row moves while somebody answers.

use ratatui::layout::{Position, Rect};

use super::drafted::Row;
use super::editor::Editor;
use super::{Form, Part};
use crate::tui::text::{width, wrap};

/// Columns from which questions and file stand side by side.
const BOTH: u16 = 100;
/// Rows from which they do.
const BOTH_ROWS: u16 = 18;

/// Rows from which a row is left between what stands on top and what is below.
const ROOMY_ROWS: u16 = 30;

/// The form on the screen. A part that is not shown has no rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// What is drafted, and whether it can be written.
    pub(crate) title: Rect,
    /// Names of the parts, where they are shown one at a time.
    pub(crate) tabs: Vec<(Part, Rect)>,
    /// Rows of the questions.
    pub(crate) questions: Rect,
    /// Index of the first row that is shown.
    pub(crate) first_row: usize,
    /// The question in each row that is shown.
    pub(crate) asks: Vec<Option<usize>>,
    /// Columns of a question's label.
    pub(crate) label: u16,
    /// Where the question is named that is asked.
    pub(crate) asked: Rect,
    /// Where it is answered.
    pub(crate) answer: Rect,
    /// The words to choose from that are seen, by index.
    pub(crate) words: Vec<(usize, Rect)>,
    /// One less and one more, of a number.
    pub(crate) steps: Option<(Rect, Rect)>,
    /// What is to be said of the answer.
    pub(crate) note: Rect,
    /// Between the two columns.
    pub(crate) wall: Option<Rect>,
    /// Name of the file.
    pub(crate) file: Rect,
    /// Its text.
    pub(crate) preview: Rect,
    /// Its lines that are seen, folded: index of the line, whether it begins there, text.
    pub(crate) lines: Vec<(usize, bool, String)>,
    /// How many findings there are.
    pub(crate) found: Rect,
    /// The findings.
    pub(crate) findings: Rect,
    /// Index of the first one that is shown.
    pub(crate) first_finding: usize,
    /// How many there are.
    pub(crate) finding_count: usize,
    /// The selected one in full.
    pub(crate) finding: Rect,
}

/// What is under the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The name of a part.
    Part(Part),
    /// A question, by index.
    Question(usize),
    /// Among the questions, but on none.
    Questions,
    /// A word to choose, by index.
    Word(usize),
    /// One less (`true`) or more, of a number.
    Step {
        /// One less.
        backwards: bool,
    },
    /// Where text is typed.
    Answer,
    /// A line of the file, by index.
    Line(usize),
    /// The file, but no line of it.
    Preview,
    /// A finding, by index.
    Finding(usize),
    /// Nothing that does anything.
    Nothing,
}

/// Lays the form into an area.
pub(crate) fn arrange(area: Rect, form: &Form) -> Places {
    let mut places = Places { title: Rect { height: area.height.min(1), ..area }, ..Places::default() };
    let below = |rows: u16| Rect { y: area.y + rows, height: area.height - rows, ..area };
    if area.width >= BOTH && area.height >= BOTH_ROWS {
        let columns = (area.width * 23 / 50).min(96);
        let right = Rect { x: area.x + columns + 1, width: area.width - columns - 1, ..area };
        places.title.width = columns;
        places.wall = Some(Rect { x: area.x + columns, width: 1, ..area });
        let air = u16::from(area.height >= ROOMY_ROWS);
        places.questions(Rect { width: columns, ..below(1 + air) }, form);
        let rows = (right.height / 4).clamp(6, 14);
        places.preview(Rect { height: right.height - rows, ..right }, form);
        places.findings(Rect { y: right.bottom() - rows, height: rows, ..right }, form, 4);
        return places;
    }
    let mut x = area.x + 1;
    for (part, columns) in [(Part::Questions, 14), (Part::Preview, 9), (Part::Findings, 17)] {
        let columns = columns.min(area.right().saturating_sub(x));
        places.tabs.push((part, Rect { x, width: columns, ..places.title }));
        x += columns;
    }
    places.title = Rect { x, width: area.right().saturating_sub(x), ..places.title };
    match form.part {
        Part::Questions => places.questions(below(places.title.height), form),
        Part::Preview => places.preview(below(places.title.height), form),
        Part::Findings => places.findings(below(places.title.height), form, 5),
    }
    places
}

impl Places {
    fn questions(&mut self, area: Rect, form: &Form) {
        let rows = match area.height {
            22.. => 9,
            14.. => 7,
            short => short.div_ceil(2),
        };
        let list = Rect { height: area.height - rows, ..area };
        self.questions = list;
        self.label = (list.width * 2 / 5).clamp(12, 28);
        let last = form.drafted.rows.len().saturating_sub(usize::from(list.height));
        self.first_row = form.first_row.min(last);
        self.asks =
            form.drafted.rows.iter().skip(self.first_row).take(usize::from(list.height)).map(asks).collect();
        let inner =
            |y: u16, height: u16| Rect { x: area.x + 2, y, width: area.width.saturating_sub(4), height };
        self.asked = Rect { y: list.bottom(), height: rows.min(1), ..area };
        let below = rows.saturating_sub(1);
        let note = if below > 4 { 3 } else { below.min(1) };
        self.answer = inner(self.asked.bottom(), below - note);
        self.note = inner(self.answer.bottom(), note);
        match &form.editor {
            Editor::Choice { options, chosen } => self.words = words(self.answer, options, *chosen),
            Editor::Count { prompt, .. } => {
                let columns =
                    width(&prompt.text()).saturating_add(1).min(self.answer.width.saturating_sub(4));
                let less = Rect { width: 2, height: self.answer.height.min(1), ..self.answer };
                let more = Rect { x: less.right() + columns, ..less };
                self.answer = Rect { x: less.right(), width: columns, ..less };
                self.steps = Some((less, more));
            }
            Editor::Text { .. } => {}
        }
    }

    fn preview(&mut self, area: Rect, form: &Form) {
        self.file = Rect { height: area.height.min(1), ..area };
        let head = self.file.height + u16::from(area.height >= ROOMY_ROWS * 3 / 4);
        self.preview = Rect {
            x: area.x + 2,
            y: area.y + head,
            width: area.width.saturating_sub(3),
            height: area.height - head,
        };
        let rows = usize::from(self.preview.height);
        let first = form.first_line.min(last_first(&form.drafted.lines, self.preview.width, rows));
        for (index, line) in form.drafted.lines.iter().enumerate().skip(first) {
            for (part, text) in folded(line, self.preview.width).into_iter().enumerate() {
                if self.lines.len() < rows {
                    self.lines.push((index, part == 0, text));
                }
            }
            if self.lines.len() >= rows {
                return;
            }
        }
    }

    fn findings(&mut self, area: Rect, form: &Form, detail: u16) {
        self.found = Rect { height: area.height.min(1), ..area };
        let below = area.height - self.found.height;
        let detail = if form.drafted.findings.is_empty() { 0 } else { detail.min(below / 2) };
        let inner =
            Rect { x: area.x + 2, y: self.found.bottom(), width: area.width.saturating_sub(3), height: 0 };
        self.findings = Rect { height: below - detail, ..inner };
        self.finding = Rect { y: self.findings.bottom(), height: detail, ..inner };
        let shown = usize::from(self.findings.height.max(1));
        self.finding_count = form.drafted.findings.len();
        self.first_finding = (form.finding + 1).saturating_sub(shown);
    }

    /// What is under the pointer.
    pub(crate) fn spot(&self, at: Position) -> Spot {
        if let Some((part, _)) = self.tabs.iter().find(|(_, rect)| rect.contains(at)) {
            return Spot::Part(*part);
        }
        if let Some((index, _)) = self.words.iter().find(|(_, rect)| rect.contains(at)) {
            return Spot::Word(*index);
        }
        if let Some((less, more)) = self.steps
            && (less.contains(at) || more.contains(at))
        {
            return Spot::Step { backwards: less.contains(at) };
        }
        let row = |area: Rect| usize::from(at.y - area.y);
        if self.questions.contains(at) {
            let index = self.asks.get(row(self.questions)).copied().flatten();
            return index.map_or(Spot::Questions, Spot::Question);
        }
        if self.answer.contains(at) || self.asked.contains(at) || self.note.contains(at) {
            return Spot::Answer;
        }
        if self.preview.contains(at) {
            return self.lines.get(row(self.preview)).map_or(Spot::Preview, |(line, ..)| Spot::Line(*line));
        }
        if self.file.contains(at) {
            return Spot::Preview;
        }
        if self.findings.contains(at) {
            let index = self.first_finding + row(self.findings);
            return if index < self.finding_count {
                Spot::Finding(index)
            } else {
                Spot::Part(Part::Findings)
            };
        }
        if self.found.contains(at) { Spot::Part(Part::Findings) } else { Spot::Nothing }
    }

    /// The first row to show so that the question that is asked is seen, with the head of its section where it is near.
    pub(crate) fn row_to_show(&self, form: &Form) -> usize {
        let rows = usize::from(self.questions.height);
        let at = form.drafted.rows.iter().position(|row| *row == Row::Question(form.at)).unwrap_or(0);
        let head = at.saturating_sub(1);
        let is_head = matches!(form.drafted.rows.get(head), Some(Row::Head(_)));
        let top = if is_head { head } else { at };
        if top < self.first_row { top } else { self.first_row.max((at + 1).saturating_sub(rows)) }
    }

    /// The first line to show so that a line is seen.
    pub(crate) fn line_to_show(&self, line: usize) -> Option<usize> {
        let (first, last) = (self.lines.first()?.0, self.lines.last()?.0);
        Some(if line >= first && line + 3 <= last { first } else { line.saturating_sub(2) })
    }
}

/// The question in a row.
fn asks(row: &Row) -> Option<usize> {
    match row {
        Row::Question(index) => Some(*index),
        Row::Gap | Row::Head(_) => None,
    }
}

/// Places for words to choose from, in columns; the chosen one is always seen.
fn words(area: Rect, options: &[String], chosen: Option<usize>) -> Vec<(usize, Rect)> {
    let widest = options.iter().map(|option| width(option)).max().unwrap_or_default().saturating_add(4);
    let columns = (area.width / widest.max(1)).max(1);
    let per_row = usize::from(columns);
    let rows = usize::from(area.height);
    let row_of = |index: usize| index / per_row;
    let first = (row_of(chosen.unwrap_or_default()) + 1).saturating_sub(rows);
    (0..options.len())
        .filter(|index| (first..first + rows).contains(&row_of(*index)))
        .filter_map(|index| {
            let (column, row) = (index % per_row, row_of(index) - first);
            let x = area.x + u16::try_from(column).ok()? * widest;
            let y = area.y + u16::try_from(row).ok()?;
            Some((index, Rect { x, y, width: widest.min(area.right().saturating_sub(x)), height: 1 }))
        })
        .collect()
}

/// A line of the file as rows of at most `columns`; an empty line is one row, too.
fn folded(line: &str, columns: u16) -> Vec<String> {
    let rows = wrap(line, columns);
    if rows.is_empty() { vec![String::new()] } else { rows }
}

/// The line that the last page begins with.
fn last_first(lines: &[String], columns: u16, rows: usize) -> usize {
    let mut left = rows;
    for (index, line) in lines.iter().enumerate().rev() {
        let taken = folded(line, columns).len();
        if taken > left {
            return index + 1;
        }
        left -= taken;
    }
    0
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::{last_first, words};

    #[test]
    fn words_stand_in_columns_and_the_chosen_one_is_seen() {
        let options: Vec<String> = (0..10).map(|number| format!("word-{number}")).collect();
        let area = Rect::new(2, 5, 24, 2);
        let seen =
            |chosen| words(area, &options, Some(chosen)).iter().map(|(index, _)| *index).collect::<Vec<_>>();
        assert_eq!(seen(0), [0, 1, 2, 3]);
        assert_eq!(seen(9), [6, 7, 8, 9]);
        assert_eq!(words(area, &options, None)[3].1, Rect::new(12, 6, 10, 1));
        assert_eq!(words(Rect::ZERO, &options, None), []);
    }

    #[test]
    fn the_last_page_is_full() {
        let lines: Vec<String> = ["a", "", "long words here", "b"].map(str::to_string).to_vec();
        assert_eq!(last_first(&lines, 5, 2), 3);
        assert_eq!(last_first(&lines, 5, 4), 2);
        assert_eq!(last_first(&lines, 5, 90), 0);
    }
}
