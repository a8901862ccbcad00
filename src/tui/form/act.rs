//! What the operator does in the form: answering, going from question to question, reading the file, writing it.

use super::arrange::{Places, Spot};
use super::editor::Editor;
use super::{Form, Part};
use crate::plan::WaveNumber;
use crate::session::keys::Key;
use crate::supervisor::protocol::Request;
use crate::tui::app::{App, Asked, Kind};
use crate::tui::board::select::Direction;
use crate::tui::board::subject::Subject;
use crate::tui::board::{CardId, ColumnKey};
use crate::tui::event::Command;
use crate::tui::keymap::Context;
use crate::tui::layer::{Confirm, Layer, Yes};
use crate::tui::notice::Weight;
use crate::tui::verb::{Plain, Verb};

/// Rows that a turn of the wheel moves.
const WHEEL_ROWS: i64 = 3;

impl App {
    /// Opens the form, or the draft that was left in it.
    pub(crate) fn open_form(&mut self) {
        if self.settings.kind == Kind::Shells || !self.told.complete {
            return self.notice("There is no plan here to add a wave to.", Weight::Plain);
        }
        if self.form.is_none() {
            match Form::new(&self.told) {
                Ok(form) => self.form = Some(form),
                Err(reason) => return self.notice(reason, Weight::Wrong),
            }
        }
        if !self.layers.iter().any(|layer| matches!(layer, Layer::Form)) {
            self.layers.push(Layer::Form);
        }
        self.settle_form();
        self.show_asked();
    }

    /// Lets the draft follow the files, but not while the supervisor writes it: the number that is taken then is its own.
    pub(crate) fn settle_form(&mut self) {
        if self.asked.values().any(|asked| matches!(asked, Asked::Drafted { .. })) {
            return;
        }
        let said = self.form.as_mut().and_then(|form| form.settle(&self.told));
        if let Some(text) = said {
            self.notice(text, Weight::Plain);
        }
    }

    /// Does what a verb says while the form is on top.
    pub(crate) fn perform_in_form(&mut self, verb: Verb) -> Vec<Command> {
        let Verb::Plain(plain) = verb else { return Vec::new() };
        match plain {
            Plain::Back => self.leave_form(),
            Plain::NewWave => {}
            Plain::NextQuestion => self.ask_beside(1),
            Plain::PreviousQuestion => self.ask_beside(-1),
            Plain::FormQuestions => self.turn_to(Part::Questions),
            Plain::FormPreview => self.turn_to(Part::Preview),
            Plain::FormFindings => self.turn_to(Part::Findings),
            Plain::Up => self.go_in_form(Direction::Up),
            Plain::Down => self.go_in_form(Direction::Down),
            Plain::Left => self.go_in_form(Direction::Left),
            Plain::Right => self.go_in_form(Direction::Right),
            Plain::First => self.go_in_form(Direction::First),
            Plain::Last => self.go_in_form(Direction::Last),
            Plain::PageUp => self.page_in_form(-1),
            Plain::PageDown => self.page_in_form(1),
            Plain::Confirm => self.confirm_in_form(),
            Plain::NewLine => self.edit(|editor| {
                if let Some(prompt) = editor.prompt() {
                    prompt.break_line();
                }
                true
            }),
            Plain::DefaultAnswer => self.take_default(),
            Plain::WriteWave => self.ask_to_write(),
            Plain::DiscardDraft => self.ask_to_discard(),
            Plain::Palette
            | Plain::Help
            | Plain::Notices
            | Plain::Findings
            | Plain::NextTheme
            | Plain::Redraw
            | Plain::Undo
            | Plain::Redo
            | Plain::Quit => return self.perform_plain(plain),
            // Everything else is done in the room; the draft stays.
            other => {
                self.leave_form();
                return self.perform_plain(other);
            }
        }
        Vec::new()
    }

    /// Takes a key that names no verb.
    pub(crate) fn type_into_form(&mut self, key: Key, modifiers: u8) {
        if self.form.as_ref().is_none_or(|form| form.part != Part::Questions) {
            return;
        }
        self.edit(|editor| match (editor.prompt(), key) {
            (Some(prompt), _) => prompt.type_key(key, modifiers),
            (None, Key::Char(letter)) if modifiers == 0 => editor.jump(letter),
            (None, _) => false,
        });
    }

    /// Takes a paste.
    pub(crate) fn paste_into_form(&mut self, text: &str) {
        self.turn_to(Part::Questions);
        self.edit(|editor| {
            let prompt = editor.prompt();
            prompt.map(|prompt| prompt.paste(text)).is_some()
        });
    }

    /// Takes a press of the mouse.
    pub(crate) fn press_form(&mut self, spot: Spot) {
        match spot {
            Spot::Part(part) => self.turn_to(part),
            Spot::Question(index) => self.ask(index),
            Spot::Word(index) => {
                self.turn_to(Part::Questions);
                self.edit(|editor| {
                    editor.choose(index);
                    true
                });
            }
            Spot::Step { backwards } => {
                self.turn_to(Part::Questions);
                self.edit(|editor| editor.step(backwards));
            }
            Spot::Questions | Spot::Answer => self.turn_to(Part::Questions),
            Spot::Line(line) => {
                match self.form.as_ref().and_then(|form| form.drafted.origins.get(line).copied()) {
                    Some(Some(question)) => self.ask(question),
                    Some(None) | None => self.turn_to(Part::Preview),
                }
            }
            Spot::Preview => self.turn_to(Part::Preview),
            Spot::Finding(index) => {
                self.turn_to(Part::Findings);
                if let Some(form) = &mut self.form {
                    form.finding = index;
                }
                self.confirm_in_form();
            }
            Spot::Nothing => {}
        }
    }

    /// Takes a turn of the wheel: what lies under the pointer moves.
    pub(crate) fn wheel_in_form(&mut self, spot: Spot, up: bool) {
        let rows = if up { -WHEEL_ROWS } else { WHEEL_ROWS };
        let places = self.places();
        let Some(form) = &mut self.form else { return };
        match spot {
            Spot::Question(_) | Spot::Questions | Spot::Part(Part::Questions) => {
                form.first_row = moved(places.first_row, rows, form.drafted.rows.len());
            }
            Spot::Line(_) | Spot::Preview | Spot::Part(Part::Preview) => scroll(form, &places, rows),
            Spot::Finding(_) | Spot::Part(Part::Findings) => {
                form.finding = moved(form.finding, rows.signum(), form.drafted.findings.len());
            }
            Spot::Word(_) | Spot::Step { .. } => {
                self.edit(|editor| editor.step(up));
            }
            Spot::Answer | Spot::Nothing => {}
        }
    }

    /// The wave was written: the form is done, and the board shows it as soon as it is there.
    pub(crate) fn drafted(&mut self, card: CardId) {
        if self.board.viewed().is_some() {
            self.board.show(Subject::Waves);
        }
        self.discard_draft();
        let undo = self.settings.keymap.chord(&[Context::Global], Verb::Plain(Plain::Undo));
        let undo = undo.map(|chord| format!(" {chord} takes it back.")).unwrap_or_default();
        let wave = card.wave().map(|wave| wave.to_string()).unwrap_or_default();
        self.notice(format!("Wave {wave} is written.{undo}"), Weight::Plain);
        self.awaited = Some(card);
    }

    /// Throws the draft away.
    pub(crate) fn discard_draft(&mut self) {
        self.form = None;
        self.layers.retain(|layer| !matches!(layer, Layer::Form));
    }

    fn places(&self) -> Places {
        self.regions().form.unwrap_or_default()
    }

    fn leave_form(&mut self) {
        self.layers.retain(|layer| !matches!(layer, Layer::Form));
        let Some(form) = &self.form else { return };
        if form.answers.is_empty() {
            self.form = None;
            return;
        }
        let wave = form.drafted.wave;
        let key = self.settings.keymap.chord(self.contexts(), Verb::Plain(Plain::NewWave));
        let key = key.map(|chord| format!(" {chord} goes on with it.")).unwrap_or_default();
        self.notice(format!("The draft of wave {wave} is kept.{key}"), Weight::Plain);
    }

    fn turn_to(&mut self, part: Part) {
        if let Some(form) = &mut self.form {
            form.part = part;
        }
        self.show_asked();
    }

    fn ask(&mut self, index: usize) {
        if let Some(form) = &mut self.form {
            form.go_to(index);
        }
        self.show_asked();
    }

    fn ask_beside(&mut self, steps: i64) {
        if let Some(index) = self.form.as_ref().map(|form| form.beside(steps)) {
            self.ask(index);
        }
    }

    /// Brings the question that is asked into view, and where its answer goes in the file.
    pub(crate) fn show_asked(&mut self) {
        let Some(places) = self.regions().form else { return };
        let Some(form) = self.form.as_mut().filter(|form| form.part == Part::Questions) else { return };
        form.first_row = places.row_to_show(form);
        if let Some(first) = form.line().and_then(|line| places.line_to_show(line)) {
            form.first_line = first;
        }
    }

    /// Changes the answer by what `change` does to its editor; `false` says that it did nothing.
    fn edit(&mut self, change: impl FnOnce(&mut Editor) -> bool) {
        let Some(form) = &mut self.form else { return };
        if !change(&mut form.editor) {
            return;
        }
        let taken = form.take(&self.told);
        self.drafted_anew(taken);
    }

    fn take_default(&mut self) {
        let Some(form) = &mut self.form else { return };
        let taken = form.take_default(&self.told);
        self.drafted_anew(taken);
    }

    fn drafted_anew(&mut self, taken: Result<(), String>) {
        match taken {
            Ok(()) => self.show_asked(),
            Err(reason) => self.notice(reason, Weight::Wrong),
        }
    }

    fn go_in_form(&mut self, direction: Direction) {
        let places = self.places();
        let Some(form) = &mut self.form else { return };
        let backwards = matches!(direction, Direction::Up | Direction::Left | Direction::First);
        let far = if backwards { i64::from(i32::MIN) } else { i64::from(i32::MAX) };
        let one = if backwards { -1 } else { 1 };
        let steps = match direction {
            Direction::First | Direction::Last => far,
            Direction::Up | Direction::Down | Direction::Left | Direction::Right => one,
        };
        match form.part {
            Part::Preview => return scroll(form, &places, steps),
            Part::Findings => {
                form.finding = moved(form.finding, steps, form.drafted.findings.len());
                return;
            }
            Part::Questions => {}
        }
        let is_long = form.editor.is_long();
        match direction {
            Direction::Left | Direction::Right | Direction::First | Direction::Last => {
                let is_text = matches!(form.editor, Editor::Text { .. });
                match form.editor.prompt().filter(|_| is_text) {
                    Some(prompt) => {
                        prompt.go(direction);
                    }
                    None => self.edit(|editor| {
                        let mut changed = editor.step(backwards);
                        while changed && steps == far && editor.step(backwards) {}
                        changed |= steps == far;
                        changed
                    }),
                }
            }
            Direction::Up | Direction::Down => {
                let prompt = form.editor.prompt().filter(|_| is_long);
                if !prompt.is_some_and(|prompt| prompt.go(direction)) {
                    self.ask_beside(steps);
                }
            }
        }
    }

    /// A page of the file; of the questions where the file is not shown.
    fn page_in_form(&mut self, pages: i64) {
        let places = self.places();
        let Some(form) = &mut self.form else { return };
        let page = |rows: u16| pages * i64::from(rows.saturating_sub(1).max(1));
        match form.part {
            Part::Findings => {
                let rows = page(places.findings.height);
                form.finding = moved(form.finding, rows, form.drafted.findings.len());
            }
            Part::Questions if places.preview.height == 0 => self.ask_beside(page(places.questions.height)),
            Part::Questions | Part::Preview => scroll(form, &places, page(places.preview.height)),
        }
    }

    fn confirm_in_form(&mut self) {
        let Some(form) = &self.form else { return };
        match form.part {
            // After the last question it is written.
            Part::Questions if form.beside(1) == form.at => self.ask_to_write(),
            Part::Questions => self.ask_beside(1),
            Part::Preview => self.turn_to(Part::Questions),
            Part::Findings => match form.drafted.about.get(form.finding).copied() {
                Some(Some(question)) => self.ask(question),
                Some(None) => {
                    let text = "No question is asked about this one; it is mended in its file.";
                    self.notice(text, Weight::Plain);
                }
                None => self.turn_to(Part::Questions),
            },
        }
    }

    /// Asks before the wave is written; leads to what stands in the way instead.
    fn ask_to_write(&mut self) {
        let Some(form) = &self.form else { return };
        let drafted = &form.drafted;
        let wave = drafted.wave;
        if let Some(misfit) = drafted.misfit() {
            self.ask(misfit);
            return self.notice("This answer does not fit; nothing was written.", Weight::Wrong);
        }
        let (_, errors, _) = drafted.faults();
        if errors > 0 {
            self.turn_to(Part::Findings);
            let text = format!("Wave {wave} would not validate; nothing was written.");
            return self.notice(text, Weight::Wrong);
        }
        let lines: Vec<String> = drafted.files().map(str::to_string).collect();
        let question = format!("Write wave {wave}?");
        self.layers.push(Layer::Confirm(Confirm { question, lines, yes: Yes::WriteDraft }));
    }

    /// Has the supervisor write the draft.
    pub(crate) fn write_draft(&mut self) -> Vec<Command> {
        let Some(form) = &self.form else { return Vec::new() };
        let wave: WaveNumber = form.drafted.wave;
        match form.drafted.edit(&self.told, self.now.to_string()) {
            Ok((edit, agent)) => {
                let by = self.settings.operator.clone();
                let card = CardId { column: ColumnKey::Wave(wave), name: agent };
                vec![self.request(Request::EditPlan { edit, by }, Asked::Drafted { card })]
            }
            Err(reason) => {
                self.notice(reason, Weight::Wrong);
                Vec::new()
            }
        }
    }

    fn ask_to_discard(&mut self) {
        let Some(form) = &self.form else { return };
        if form.answers.is_empty() {
            return self.leave_form();
        }
        let question = format!("Throw the draft of wave {} away?", form.drafted.wave);
        let lines = vec!["What was answered is lost. No file is touched.".into()];
        self.layers.push(Layer::Confirm(Confirm { question, lines, yes: Yes::DiscardDraft }));
    }
}

/// An index moved by steps within `count` entries.
fn moved(at: usize, steps: i64, count: usize) -> usize {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or(i64::MAX);
    let at = i64::try_from(at).unwrap_or(0);
    usize::try_from(at.saturating_add(steps).clamp(0, last)).unwrap_or(0)
}

/// Scrolls the file from the line that is shown first.
fn scroll(form: &mut Form, places: &Places, lines: i64) {
    let shown = places.lines.first().map_or(form.first_line, |(line, ..)| *line);
    form.first_line = moved(shown, lines, form.drafted.lines.len());
}
