//! The form in which the next wave is drafted: every question with what holds for it, the wave file that would come of it,
//! and what would be found in that file. Its view state lives here; questions and file are made in [`crate::plan::draft`],
//! and the supervisor writes them. A form that is closed stays as it is until it is written or thrown away.

pub(crate) mod act;
pub(crate) mod arrange;
pub(crate) mod drafted;
pub(crate) mod draw;
pub(crate) mod editor;
pub(crate) mod origin;

use self::drafted::Drafted;
use self::editor::Editor;
use super::told::Told;
use crate::plan::draft::field::{Answers, Field};

/// Parts of the form between which the keyboard goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The questions.
    Questions,
    /// The wave file to be.
    Preview,
    /// What is found in it.
    Findings,
}

/// The form.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// What was answered.
    pub(crate) answers: Answers,
    /// What comes of it.
    pub(crate) drafted: Drafted,
    /// Index of the question that is asked.
    pub(crate) at: usize,
    /// Where its answer is typed or chosen.
    pub(crate) editor: Editor,
    /// Where the keyboard is.
    pub(crate) part: Part,
    /// First visible row of the questions.
    pub(crate) first_row: usize,
    /// First visible line of the file.
    pub(crate) first_line: usize,
    /// Index of the selected finding.
    pub(crate) finding: usize,
    /// Which reading of the sources it was made of.
    made_of: u64,
}

impl Form {
    /// An empty form for the wave after the last.
    ///
    /// # Errors
    /// When the project profile cannot be read: its defaults would go into what is drafted. As a sentence.
    pub(crate) fn new(told: &Told) -> Result<Form, String> {
        let answers = Answers::default();
        let drafted = Drafted::new(told, &answers)?;
        let editor = drafted.fields.first().map_or_else(Editor::nothing, Editor::of);
        Ok(Form {
            answers,
            drafted,
            at: 0,
            editor,
            part: Part::Questions,
            first_row: 0,
            first_line: 0,
            finding: 0,
            made_of: told.readings,
        })
    }

    /// The question that is asked.
    pub(crate) fn field(&self) -> Option<&Field> {
        self.drafted.fields.get(self.at)
    }

    /// The line of the file that the answer to this question goes to first.
    pub(crate) fn line(&self) -> Option<usize> {
        origin::line_of(self.field()?, &self.drafted.fields, &self.drafted.origins)
    }

    /// Follows the files of the lane. Gives a sentence when the wave has another number now, or why it cannot be drafted.
    pub(crate) fn settle(&mut self, told: &Told) -> Option<String> {
        if self.made_of == told.readings {
            return None;
        }
        self.made_of = told.readings;
        let before = self.drafted.wave;
        if let Err(reason) = self.draft(told) {
            return Some(reason);
        }
        let now = self.drafted.wave;
        (now != before).then(|| format!("Wave {now} is the next one by now; the draft follows."))
    }

    /// Takes what was typed as the answer, and drafts anew.
    pub(crate) fn take(&mut self, told: &Told) -> Result<(), String> {
        let Some(field) = self.field() else { return Ok(()) };
        let key = field.key.clone();
        match self.editor.answer(field) {
            Some(answer) => self.answers.give(&key, &answer),
            None => self.answers.forget(&key),
        }
        self.draft(told)
    }

    /// Forgets the answer, so that the default holds again.
    pub(crate) fn take_default(&mut self, told: &Told) -> Result<(), String> {
        let Some(key) = self.field().map(|field| field.key.clone()) else { return Ok(()) };
        self.answers.forget(&key);
        self.draft(told)?;
        self.open_editor();
        Ok(())
    }

    /// Asks a question.
    pub(crate) fn go_to(&mut self, index: usize) {
        self.part = Part::Questions;
        self.at = index.min(self.drafted.fields.len().saturating_sub(1));
        self.open_editor();
    }

    /// The question `steps` after this one, or before it; it stops at both ends.
    pub(crate) fn beside(&self, steps: i64) -> usize {
        let last = i64::try_from(self.drafted.fields.len().saturating_sub(1)).unwrap_or(i64::MAX);
        let at = i64::try_from(self.at).unwrap_or(0).saturating_add(steps);
        usize::try_from(at.clamp(0, last)).unwrap_or(0)
    }

    fn open_editor(&mut self) {
        self.editor = self.field().map_or_else(Editor::nothing, Editor::of);
    }

    /// Drafts anew; the question that is asked stays, wherever it is now.
    fn draft(&mut self, told: &Told) -> Result<(), String> {
        let key = self.field().map(|field| field.key.clone());
        self.drafted = Drafted::new(told, &self.answers)?;
        let fields = &self.drafted.fields;
        match fields.iter().position(|field| Some(&field.key) == key.as_ref()) {
            Some(at) => self.at = at,
            None => self.go_to(self.at),
        }
        self.finding = self.finding.min(self.drafted.findings.len().saturating_sub(1));
        Ok(())
    }
}
