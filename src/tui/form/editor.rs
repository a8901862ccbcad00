//! Where one question is answered: a choice, a number or a text. Lists and sentences are typed one to a line, which is
//! easier to read than the separators between them.

use crate::plan::draft::field::{Field, FieldKind};
use crate::tui::prompt::{Lines, Prompt};

/// The editor of one answer.
#[derive(Debug, Clone)]
pub(crate) enum Editor {
    /// One of several words.
    Choice {
        /// The words.
        options: Vec<String>,
        /// Index of the chosen one; `None` while the answer is none of them.
        chosen: Option<usize>,
    },
    /// A whole number.
    Count {
        /// As it is typed.
        prompt: Prompt,
        /// The largest.
        most: u32,
    },
    /// A text.
    Text {
        /// As it is typed.
        prompt: Prompt,
        /// What stands between its lines in the answer.
        separator: &'static str,
    },
}

impl Editor {
    /// One for a form without questions.
    pub(crate) fn nothing() -> Editor {
        Editor::Choice { options: Vec::new(), chosen: None }
    }

    /// The editor of a question, with what holds for it. One line is selected, so that typing replaces it.
    pub(crate) fn of(field: &Field) -> Editor {
        let words = |options: Vec<String>| {
            let said = field.items().into_iter().next();
            let chosen = options.iter().position(|option| Some(option) == said.as_ref());
            Editor::Choice { options, chosen }
        };
        let line = || Prompt::selected(Lines::Folded, &field.items().join(""));
        match &field.kind {
            FieldKind::Choice(options) => words(options.clone()),
            FieldKind::Flag => words(vec!["yes".into(), "no".into()]),
            FieldKind::Count(most) => Editor::Count { prompt: line(), most: *most },
            FieldKind::Text | FieldKind::Optional | FieldKind::Identifier => {
                Editor::Text { prompt: line(), separator: "" }
            }
            FieldKind::List => Editor::lines(field, ", "),
            FieldKind::Sentences => Editor::lines(field, " | "),
        }
    }

    fn lines(field: &Field, separator: &'static str) -> Editor {
        let prompt = Prompt::filled(Lines::Many, &field.items().join("\n"));
        Editor::Text { prompt, separator }
    }

    /// Where text is typed.
    pub(crate) fn prompt(&mut self) -> Option<&mut Prompt> {
        match self {
            Editor::Choice { .. } => None,
            Editor::Count { prompt, .. } | Editor::Text { prompt, .. } => Some(prompt),
        }
    }

    /// Whether it has several lines, among which the keyboard moves.
    pub(crate) fn is_long(&self) -> bool {
        matches!(self, Editor::Text { separator, .. } if !separator.is_empty())
    }

    /// Takes the word or number beside the present one. `false` where there is none, and for texts.
    pub(crate) fn step(&mut self, backwards: bool) -> bool {
        match self {
            Editor::Choice { options, chosen } => {
                let next = match (*chosen, backwards) {
                    (None, _) => Some(0),
                    (Some(at), true) => at.checked_sub(1),
                    (Some(at), false) => Some(at + 1),
                };
                let next = next.filter(|next| *next < options.len());
                *chosen = next.or(*chosen);
                next.is_some()
            }
            Editor::Count { prompt, most } => {
                let now: u32 = prompt.text().trim().parse().unwrap_or(0);
                let next = if backwards { now.checked_sub(1) } else { Some(now + 1) };
                let Some(next) = next.filter(|next| next <= most) else { return false };
                *prompt = Prompt::selected(Lines::Folded, &next.to_string());
                true
            }
            Editor::Text { .. } => false,
        }
    }

    /// Takes the next word that begins with a letter, or the next one for a blank. `false` where there is none.
    pub(crate) fn jump(&mut self, letter: char) -> bool {
        let Editor::Choice { options, chosen } = self else { return false };
        let begins = |option: &String| letter == ' ' || option.starts_with(letter.to_ascii_lowercase());
        let from = chosen.map_or(0, |at| at + 1);
        let after = (from..options.len()).chain(0..from.min(options.len()));
        let found = after.into_iter().find(|index| options.get(*index).is_some_and(begins));
        *chosen = found.or(*chosen);
        found.is_some()
    }

    /// Takes the word with this index.
    pub(crate) fn choose(&mut self, index: usize) {
        if let Editor::Choice { options, chosen } = self
            && index < options.len()
        {
            *chosen = Some(index);
        }
    }

    /// The answer as it stands; `None` where it is what holds without one.
    pub(crate) fn answer(&self, field: &Field) -> Option<String> {
        let text = match self {
            Editor::Choice { options, chosen } => {
                chosen.and_then(|at| options.get(at).cloned()).unwrap_or_default()
            }
            Editor::Count { prompt, .. } => prompt.text().trim().to_string(),
            Editor::Text { prompt, separator } => {
                let text = prompt.text();
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.collect::<Vec<_>>().join(separator)
            }
        };
        let nothing = matches!(field.kind, FieldKind::Optional | FieldKind::List | FieldKind::Sentences);
        match text.is_empty() {
            true => (nothing && !field.default.is_empty()).then(|| "-".to_string()),
            false => Some(text).filter(|text| *text != field.default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Editor;
    use crate::plan::draft::field::{Field, FieldKind};

    fn field(kind: FieldKind, default: &str, answer: Option<&str>) -> Field {
        let answer = answer.map(str::to_string);
        Field { key: "k".into(), label: "K".into(), kind, default: default.into(), answer, error: None }
    }

    fn typed(kind: FieldKind, default: &str, text: &str) -> Option<String> {
        let field = field(kind, default, None);
        let mut editor = Editor::of(&field);
        editor.prompt().unwrap().replace(text);
        editor.answer(&field)
    }

    #[test]
    fn what_is_typed_becomes_an_answer_and_the_default_none() {
        let check = |kind: FieldKind, default: &str, text: &str, expected: Option<&str>| {
            assert_eq!(typed(kind.clone(), default, text).as_deref(), expected, "{kind:?} {text:?}");
        };
        check(FieldKind::Text, "Slice", "Cache", Some("Cache"));
        check(FieldKind::Text, "Slice", "Slice", None);
        check(FieldKind::Text, "Slice", "", None);
        check(FieldKind::Optional, "", "", None);
        check(FieldKind::Optional, "now", "", Some("-"));
        check(FieldKind::List, "a, b", "a\nb", None);
        check(FieldKind::List, "a, b", "a\n\n c ", Some("a, c"));
        check(FieldKind::List, "a", "", Some("-"));
        check(FieldKind::Sentences, "", "One, two.\nThree.", Some("One, two. | Three."));
        check(FieldKind::Count(3), "1", "2", Some("2"));
    }

    #[test]
    fn words_and_numbers_are_stepped_through_and_stop_at_the_ends() {
        let kind = FieldKind::Choice(["impl", "infra", "qa"].map(str::to_string).to_vec());
        let field_of_words = field(kind, "infra", None);
        let mut editor = Editor::of(&field_of_words);
        assert_eq!(editor.answer(&field_of_words), None);
        assert!(editor.step(false) && !editor.step(false));
        assert_eq!(editor.answer(&field_of_words).as_deref(), Some("qa"));
        assert!(editor.jump('i') && !editor.jump('x'));
        assert_eq!(editor.answer(&field_of_words).as_deref(), Some("impl"));
        assert!(editor.jump('i'));
        assert_eq!(editor.answer(&field_of_words), None);

        let number = field(FieldKind::Count(2), "1", Some("2"));
        let mut editor = Editor::of(&number);
        assert!(!editor.step(false) && editor.step(true) && editor.step(true) && !editor.step(true));
        assert_eq!(editor.answer(&number).as_deref(), Some("0"));
    }

    #[test]
    fn a_wrong_answer_stays_to_be_mended() {
        let number = field(FieldKind::Count(2), "1", Some("many"));
        let mut editor = Editor::of(&number);
        assert_eq!(editor.prompt().unwrap().text(), "many");
        assert_eq!(editor.answer(&number).as_deref(), Some("many"));
    }
}
